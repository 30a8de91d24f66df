"""MemoryDB, DAX and Redshift are judged as other caches and databases are; users of caches by how they sign in."""

import pytest

from tests.areas.scenes import ACCOUNT, answer, arn, function, functions, gaad, judged, role, verdicts
from tests.exports.stores_by_hand import access_list, dax, memorydb, redshift, ssl, user, user_group, workgroup

KEY = arn("kms", "key/k")
OURS = [
    answer("kms.ListKeys", {"Keys": [{"KeyId": "k", "KeyArn": KEY}]}),
    answer("kms.DescribeKey", {"KeyMetadata": {"KeyId": "k", "Arn": KEY, "KeyManager": "CUSTOMER"}}, "k"),
]


def tagged(*arns, sensitivity="restricted"):
    tags = [{"Key": "data-class", "Value": sensitivity}]
    found = [{"ResourceARN": one, "Tags": tags} for one in arns]
    return answer("resourcegroupstaggingapi.GetResources", {"ResourceTagMappingList": found})


RESTRICTED = tagged(arn("memorydb", "cluster/m"), arn("dax", "cache/d"), arn("redshift-serverless", "workgroup/1-2"))
CLASSED = [{"Key": "data-class", "Value": "restricted"}]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([memorydb(), RESTRICTED], {"m": "WARN"}),
        ([memorydb(KmsKeyId=KEY), RESTRICTED, *OURS], {"m": "PASS"}),
        ([memorydb(KmsKeyId=KEY), RESTRICTED], {"m": "UNKNOWN"}),
        ([dax(SSEDescription={"Status": "ENABLED"})], {"d": "PASS"}),
        ([dax(SSEDescription={"Status": "DISABLED"})], {"d": "FAIL"}),
        ([dax()], {"d": "UNKNOWN"}),
        ([redshift(Encrypted=True, KmsKeyId=KEY, Tags=CLASSED), *OURS], {"r": "PASS"}),
        ([redshift(Encrypted=True, Tags=CLASSED)], {"r": "WARN"}),
        ([redshift(Encrypted=False)], {"r": "FAIL"}),
        ([redshift()], {"r": "UNKNOWN"}),
        ([*workgroup({"kmsKeyId": KEY}), RESTRICTED, *OURS], {"w": "PASS"}),
        ([*workgroup({"kmsKeyId": "AWS_OWNED_KMS_KEY"}), RESTRICTED], {"w": "WARN"}),
        ([*workgroup(), RESTRICTED], {"w": "UNKNOWN"}),
    ],
)
def test_encrypted(account, expected):
    assert verdicts("rest.encrypted", *account) == expected


def wall(cidr):
    rule = {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "IpRanges": [{"CidrIp": cidr}]}
    return answer("ec2.DescribeSecurityGroups", {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [rule]}]})


END = {"Address": "r.example.amazonaws.com", "Port": 5439}


@pytest.mark.parametrize(
    ("public", "more", "expected"),
    [
        (False, [], "PASS"),
        (True, [wall("0.0.0.0/0")], "FAIL"),
        (True, [wall("203.0.113.0/24")], "WARN"),
        (True, [], "UNKNOWN"),
        (None, [], "UNKNOWN"),
    ],
)
def test_public_warehouses(public, more, expected):
    said = {} if public is None else {"PubliclyAccessible": public}
    assert verdicts("rest.public-store", redshift(Endpoint=END, **said), *more) == {"r": expected}
    said = {} if public is None else {"publiclyAccessible": public}
    end = {"address": "w.example.amazonaws.com", "port": 5439}
    assert verdicts("rest.public-store", *workgroup(endpoint=end, **said), *more) == {"w": expected}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([memorydb(TLSEnabled=True)], {"m": "PASS"}),
        ([memorydb(TLSEnabled=False)], {"m": "FAIL"}),
        ([memorydb()], {"m": "UNKNOWN"}),
        ([dax(ClusterEndpointEncryptionType="TLS")], {"d": "PASS"}),
        ([dax(ClusterEndpointEncryptionType="NONE")], {"d": "FAIL"}),
        ([dax()], {"d": "UNKNOWN"}),
        ([redshift(), ssl("true")], {"r": "PASS"}),
        ([redshift(), ssl("false")], {"r": "FAIL"}),
        ([redshift()], {"r": "UNKNOWN"}),
        (workgroup(configParameters=[{"parameterKey": "require_ssl", "parameterValue": "true"}]), {"w": "PASS"}),
        (workgroup(configParameters=[{"parameterKey": "require_ssl", "parameterValue": "false"}]), {"w": "FAIL"}),
        (workgroup(), {"w": "UNKNOWN"}),
    ],
)
def test_tls(account, expected):
    assert verdicts("transit.db-tls", *account) == expected


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([memorydb(SnapshotRetentionLimit=5)], {"m": "PASS"}),
        ([memorydb(SnapshotRetentionLimit=0)], {"m": "FAIL"}),
        ([memorydb()], {"m": "UNKNOWN"}),
        ([redshift(AutomatedSnapshotRetentionPeriod=7)], {"r": "PASS"}),
        ([redshift(AutomatedSnapshotRetentionPeriod=0)], {"r": "FAIL"}),
        ([redshift()], {"r": "UNKNOWN"}),
        (workgroup(), {"w": "WARN"}),
    ],
)
def test_snapshots(account, expected):
    assert verdicts("rest.backup-integrity", *account) == expected


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([memorydb(AutoMinorVersionUpgrade=True)], {"m": "PASS"}),
        ([memorydb(AutoMinorVersionUpgrade=False)], {"m": "WARN"}),
        ([memorydb()], {"m": "UNKNOWN"}),
        ([redshift(AllowVersionUpgrade=True)], {"r": "PASS"}),
        ([redshift(AllowVersionUpgrade=False)], {"r": "WARN"}),
    ],
)
def test_upgrades(account, expected):
    assert verdicts("patch.residual-servers", *account) == expected


def cache(**settings):
    found = {"ReplicationGroupId": "c", "ARN": arn("elasticache", "replicationgroup:c")} | settings
    return answer("elasticache.DescribeReplicationGroups", {"ReplicationGroups": [found]})


USED, LISTED = cache(UserGroupIds=["g"]), memorydb(ACLName="g")


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([USED, user_group("a"), user("a")], {"c": "PASS"}),
        ([USED, user_group("a", "b"), user("a"), user("b", "iam")], {"c": "PASS"}),
        ([USED, user_group("a", "b"), user("a"), user("b", "no-password")], {"c": "FAIL"}),
        ([USED, user_group("a", "b"), user("a"), user("b", "no-password", "off -@all")], {"c": "PASS"}),
        ([USED, user_group("a", "b"), user("a")], {"c": "UNKNOWN"}),
        ([USED, user_group("a", "b"), user("b", "no-password")], {"c": "FAIL"}),
        ([USED, user_group("a"), user("a", None)], {"c": "UNKNOWN"}),
        ([USED, user_group("a")], {"c": "UNKNOWN"}),
        ([USED], {"c": "UNKNOWN"}),
        ([memorydb(ACLName="open-access")], {"m": "FAIL"}),
        ([LISTED, access_list("a"), user("a", service="memorydb")], {"m": "PASS"}),
        ([LISTED, access_list("a"), user("a", "no-password", service="memorydb")], {"m": "FAIL"}),
        ([LISTED, access_list("a"), user("a")], {"m": "UNKNOWN"}),  # a user of ElastiCache is another one
        ([LISTED], {"m": "UNKNOWN"}),
        ([memorydb()], {"m": "UNKNOWN"}),
        ([dax()], {"d": "PASS"}),
    ],
)
def test_who_signs_in_to_a_cache(account, expected):
    assert verdicts("rest.cache-auth", *account) == expected


def test_who_signs_in_without_a_password_is_told():
    account = [USED, user_group("a", "b"), user("a"), user("b", "no-password")]
    (found,) = (one for one in judged("rest.cache-auth", *account) if one.kind)
    assert found.reason == "b of g signs in without a password: whoever reaches the port is that user"
    assert {source.file.rpartition("/")[2] for source in found.sources} >= {"users-b"}


@pytest.mark.parametrize(
    ("status", "expected"), [("ENABLED", {"d": "PASS"}), ("DISABLED", {"d": "FAIL"}), (None, {"d": "UNKNOWN"})]
)
def test_what_passes_through_a_cache(status, expected):
    said = {"SSEDescription": {"Status": status}} if status else {}
    assert verdicts("rest.transient-state", dax(**said), RESTRICTED) == expected


def test_who_asks_dax_gets_what_its_role_reads():
    reads = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": arn("dynamodb", "table/t")}
    host = "d.example.dax-clusters.eu-west-1.amazonaws.com"
    account = [
        functions(function(Environment={"Variables": {"DAX": f"dax://{host}"}})),
        dax(IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/dax", ClusterDiscoveryEndpoint={"Address": host, "Port": 8111}),
        gaad(role("f", {"Effect": "Allow", "Action": "dax:*", "Resource": "*"}), role("dax", reads)),
        answer("organizations.DescribeOrganization", {}, region="global"),
        answer("lambda.GetFunction", {"Configuration": function(), "Tags": {"env": "test"}}, "f"),
        answer("dynamodb.DescribeTable", {"Table": {"TableName": "t", "TableArn": arn("dynamodb", "table/t")}}, "t"),
        answer("dynamodb.GetResourcePolicy", {}, arn("dynamodb", "table/t")),
        answer("dynamodb.ListTagsOfResource", {"Tags": [{"Key": "env", "Value": "prod"}]}, arn("dynamodb", "table/t")),
    ]
    assert verdicts("sprawl.env-mix", *account) == {"f": "FAIL"}


@pytest.mark.parametrize("call", ["memorydb.DescribeClusters", "dax.DescribeClusters", "redshift.DescribeClusters"])
def test_stores_that_were_not_listed_may_hold_restricted_data(call):
    calm = [gaad(role()), answer("organizations.DescribeOrganization", {}, region="global"), functions(function())]
    assert verdicts("perim.least-network", *calm) == {"f": "N/A"}
    around = judged("perim.least-network", *calm, around=False)
    assert [call.replace(".", ":") in one.missing for one in around if one.kind] == [True]
