"""Data at rest: failing, passing and unknown cases of each check, and what other tools get wrong."""

import json

import pytest

from auditkit.areas import findings_frame, to_sarif
from auditkit.case import Case, Waiver
from tests.areas.scenes import ACCOUNT, answer, arn, function, functions, gaad, judged, role, verdicts

OTHER = "999988887777"
NO_ORGANIZATION = answer("organizations.DescribeOrganization", {}, region="global")
BUCKET = "arn:aws:s3:::b"
TABLE = arn("dynamodb", "table/t")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", who=None, condition=None):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Principal": who} if who else {}) | ({"Condition": condition} if condition else {})


def without(found, word):
    """Return responses without those of a service."""
    kept = [one for one in found if word not in str(one)]
    assert len(kept) < len(found)
    return kept


def bucket(*, statement=None, blocked=None, tags="restricted", acl=(), **more):
    """Return a bucket: its policy, its public-access block (None leaves it out), its tag."""
    found = [
        answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global"),
        answer("s3.GetBucketTagging", {"TagSet": [{"Key": "data-class", "Value": tags}]}, "b", region="global"),
        answer("s3.GetBucketPolicy", {"Policy": policy(statement)} if statement else {}, "b", region="global"),
        answer("s3.GetBucketAcl", {"Grants": list(acl)}, "b", region="global"),
    ]
    if blocked is not None:
        block = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": blocked, "IgnorePublicAcls": blocked}}
        found.append(answer("s3.GetPublicAccessBlock", block, "b", region="global"))
        found.append(answer("s3control.GetPublicAccessBlock", {}, ACCOUNT, region="global"))
    return found + [answer(f"s3.{call}", payload, "b", region="global") for call, payload in more.items()]


ENDPOINT = {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}
REFERER = {"Condition": {"StringLike": {"aws:Referer": "x*"}}}
ANYONE = allow("s3:GetObject", f"{BUCKET}/*", "*")
EVERYBODY = {
    "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
    "Permission": "READ",
}
OWNED = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (bucket(statement=ANYONE, blocked=False), "FAIL"),
        (bucket(statement=ANYONE, blocked=True), "PASS"),
        (bucket(statement=ANYONE), "UNKNOWN"),
        (bucket(statement=ANYONE | REFERER, blocked=False), "FAIL"),
        (
            bucket(statement=ANYONE | ENDPOINT, blocked=False),
            "PASS",
        ),
        (bucket(acl=[EVERYBODY], blocked=False, GetBucketOwnershipControls={}), "FAIL"),
        (bucket(acl=[EVERYBODY], blocked=False, GetBucketOwnershipControls=OWNED), "PASS"),
        (without(bucket(acl=[EVERYBODY], blocked=False, GetBucketOwnershipControls={}), "s3control"), "FAIL"),
        (bucket(blocked=False), "PASS"),
        (bucket(blocked=False)[:1], "UNKNOWN"),
    ],
)
def test_public_store(account, expected):
    assert verdicts("rest.public-store", *account) == {"b": expected}


def test_what_anyone_may_do_is_told_level_by_level():
    policy = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}
    queue = answer("sqs.GetQueueAttributes", {"Attributes": {"Policy": json.dumps(policy)}}, f"https://sqs/{ACCOUNT}/q")
    (found,) = (item for item in judged("rest.public-store", queue) if item.kind)
    levels = found.reason.removeprefix("anyone may ").split("; ")
    assert [text.split(", ")[0] for text in levels][:2] == ["ReceiveMessage", "ChangeMessageVisibility"]
    assert len(levels) == 5


@pytest.mark.parametrize(("tag", "severity"), [("restricted", "critical"), ("public", "info")])
def test_what_is_public_weighs_by_its_class(tag, severity):
    (found,) = [
        item for item in judged("rest.public-store", *bucket(statement=ANYONE, blocked=False, tags=tag)) if item.kind
    ]
    assert str(found.severity) == severity


def database(**settings):
    instance = {"DBInstanceIdentifier": "d", "DBInstanceArn": arn("rds", "db:d"), "Engine": "mysql"} | settings
    return [answer("rds.DescribeDBInstances", {"DBInstances": [instance]})]


def wall(cidr):
    rule = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "IpRanges": [{"CidrIp": cidr}]}
    return answer("ec2.DescribeSecurityGroups", {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [rule]}]})


GROUPS = {"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}]}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (database(PubliclyAccessible=False), "PASS"),
        ([*database(PubliclyAccessible=True, **GROUPS), wall("0.0.0.0/0")], "FAIL"),
        ([*database(PubliclyAccessible=True, **GROUPS), wall("203.0.113.0/24")], "WARN"),
        (database(PubliclyAccessible=True, **GROUPS), "UNKNOWN"),
        (database(), "UNKNOWN"),
    ],
)
def test_public_database(account, expected):
    assert verdicts("rest.public-store", *account) == {"d": expected}


@pytest.mark.parametrize(
    ("entries", "expected"), [(["0.0.0.0/0"], "FAIL"), (["203.0.113.0/24"], "WARN"), ([], "WARN"), (None, "UNKNOWN")]
)
def test_prefix_lists_before_a_database(entries, expected):
    rule = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "PrefixListIds": [{"PrefixListId": "pl-1"}]}
    group = answer("ec2.DescribeSecurityGroups", {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [rule]}]})
    item = {"PrefixListId": "pl-1", "PrefixListName": "ours", "OwnerId": ACCOUNT}
    account = [*database(PubliclyAccessible=True, **GROUPS), group]
    account.append(answer("ec2.DescribeManagedPrefixLists", {"PrefixLists": [item]}))
    if entries is not None:
        shown = {"Entries": [{"Cidr": cidr} for cidr in entries]}
        account.append(answer("ec2.GetManagedPrefixListEntries", shown, "pl-1"))
    assert verdicts("rest.public-store", *account) == {"d": expected}


@pytest.mark.parametrize(
    ("engine", "expected"), [("mysql", "FAIL"), ("aurora-mysql", "FAIL"), ("postgres", "WARN"), ("other", "FAIL")]
)
def test_a_database_that_says_no_port_has_that_of_its_engine(engine, expected):
    account = database(PubliclyAccessible=True, Engine=engine, **GROUPS)
    assert verdicts("rest.public-store", *account, wall("0.0.0.0/0")) == {"d": expected}


def cluster(*instances, **settings):
    found = {"DBClusterIdentifier": "c", "DBClusterArn": arn("rds", "cluster:c"), "Engine": "aurora-mysql"} | settings
    members = [{"DBInstanceIdentifier": name} for name in instances]
    return answer("rds.DescribeDBClusters", {"DBClusters": [found | {"DBClusterMembers": members}]})


MEMBER = database(DBClusterIdentifier="c", PubliclyAccessible=True, **GROUPS)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([cluster(PubliclyAccessible=False)], {"c": "PASS"}),
        ([cluster(Engine="docdb")], {"c": "PASS"}),
        ([cluster()], {"c": "UNKNOWN"}),
        ([cluster("d", "e"), *MEMBER, wall("0.0.0.0/0")], {"c": "UNKNOWN", "d": "FAIL"}),
        ([cluster("d"), *MEMBER, wall("0.0.0.0/0")], {"c": "N/A", "d": "FAIL"}),
    ],
)
def test_public_cluster(account, expected):
    assert verdicts("rest.public-store", *account) == expected


@pytest.mark.parametrize(("port", "expected"), [(3306, "FAIL"), (22, "WARN"), (None, "FAIL")])
def test_what_a_security_group_lets_in_elsewhere_does_not_open_a_database(port, expected):
    endpoint = {"Endpoint": {"Address": "d", "Port": port}} if port else {}
    account = database(PubliclyAccessible=True, **GROUPS, **endpoint)
    assert verdicts("rest.public-store", *account, wall("0.0.0.0/0")) == {"d": expected}


def snapshot(*, of="", shared=None, gone=False, **settings):
    """Return a snapshot of an instance, or of a cluster, and whom it is shared with where that was asked."""
    word, kind = ("DBCluster", "cluster-snapshot") if of == "cluster" else ("DB", "snapshot")
    item = {f"{word}SnapshotIdentifier": "s", f"{word}SnapshotArn": arn("rds", f"{kind}:s"), "SnapshotType": "manual"}
    item |= {"DBClusterIdentifier": "c"} if of else {"DBInstanceIdentifier": "d"}
    found = [answer(f"rds.Describe{word}Snapshots", {f"{word}Snapshots": [item | settings]})]
    found += [] if gone else [cluster(PubliclyAccessible=False)] if of else database(PubliclyAccessible=False)
    if shared is None:
        return found
    values = [{"AttributeName": "restore", "AttributeValues": shared}]
    told = {f"{word}SnapshotIdentifier": "s", f"{word}SnapshotAttributes": values}
    result = {f"{word}SnapshotAttributesResult": told}
    return [*found, answer(f"rds.Describe{word}SnapshotAttributes", result, "s")]


@pytest.mark.parametrize("of", ["", "cluster"])
@pytest.mark.parametrize(
    ("settings", "shared", "expected"),
    [
        ({}, ["all"], ["FAIL"]),
        ({}, ["all", "444455556666"], ["FAIL"]),
        ({}, ["444455556666"], ["PASS"]),
        ({}, [], ["PASS"]),
        ({}, None, ["UNKNOWN"]),
        ({"encrypted": False}, None, ["UNKNOWN"]),
        ({"encrypted": True}, None, ["PASS"]),
        ({"SnapshotType": "automated"}, None, []),
        ({"SnapshotType": "awsbackup"}, None, ["UNKNOWN"]),
    ],
)
def test_public_snapshot(of, settings, shared, expected):
    names = {"encrypted": "StorageEncrypted" if of else "Encrypted"}
    told = {names.get(key, key): value for key, value in settings.items()}
    account = snapshot(of=of, shared=shared, **told)
    found = [str(one.verdict) for one in judged("rest.public-store", *account) if one.kind == "database snapshot"]
    assert found == expected


def test_a_snapshot_is_as_grave_as_what_its_database_holds():
    tag = {"TagList": [{"Key": "data-classification", "Value": "restricted"}]}
    kept = snapshot(shared=["all"], gone=True)
    for account, expected in ((kept, "high"), ([*kept, *database(PubliclyAccessible=False, **tag)], "critical")):
        (found,) = [one for one in judged("rest.public-store", *account) if one.kind == "database snapshot"]
        assert str(found.severity) == expected


def broker(**settings):
    found = {"BrokerId": "b-1", "BrokerArn": arn("mq", "broker:m:b-1"), "BrokerName": "m"} | settings
    return answer("mq.DescribeBroker", found, "b-1")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"PubliclyAccessible": False, "EngineType": "RABBITMQ"}, "PASS"),
        ({"PubliclyAccessible": True, "EngineType": "RABBITMQ"}, "FAIL"),
        ({"PubliclyAccessible": True, "EngineType": "ACTIVEMQ", "SecurityGroups": ["sg-1"]}, "FAIL"),
        ({"PubliclyAccessible": True, "EngineType": "ACTIVEMQ", "SecurityGroups": ["sg-2"]}, "UNKNOWN"),
        ({"EngineType": "ACTIVEMQ"}, "UNKNOWN"),
    ],
)
def test_public_broker(settings, expected):
    assert set(verdicts("rest.public-store", broker(**settings), wall("0.0.0.0/0")).values()) == {expected}


def file_system(*statements, seen=True):
    listed = {"FileSystemId": "fs-1", "FileSystemArn": arn("elasticfilesystem", "file-system/fs-1"), "OwnerId": ACCOUNT}
    found = [answer("efs.DescribeFileSystems", {"FileSystems": [listed]})]
    if not seen:
        return found
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return [*found, answer("efs.DescribeFileSystemPolicy", {"FileSystemId": "fs-1", "Policy": text}, "fs-1")]


MOUNTING = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:ClientMount"}
BY_TARGET = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
OURS = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (file_system(MOUNTING), "FAIL"),
        (file_system(MOUNTING | {"Condition": BY_TARGET}), "PASS"),
        (file_system(MOUNTING | {"Condition": OURS}), "PASS"),
        (file_system(MOUNTING | {"Condition": BY_TARGET}, MOUNTING), "FAIL"),
        (file_system(MOUNTING | {"Condition": {"Misread": {"a": "b"}}}), "UNKNOWN"),
        (file_system(seen=False), "UNKNOWN"),
    ],
)
def test_public_file_system(account, expected):
    assert set(verdicts("rest.public-store", *account).values()) == {expected}


def kafka(**group):
    found = {"ClusterName": "k", "ClusterArn": arn("kafka", "cluster/k/1"), "State": "ACTIVE"}
    found["Provisioned"] = {"BrokerNodeGroupInfo": {"ClientSubnets": [], "SecurityGroups": ["sg-1"]} | group}
    return answer("kafka.ListClustersV2", {"ClusterInfoList": [found]})


@pytest.mark.parametrize(
    ("access", "expected"),
    [({}, "PASS"), ({"Type": "DISABLED"}, "PASS"), ({"Type": "SERVICE_PROVIDED_EIPS"}, "FAIL")],
)
def test_public_kafka_cluster(access, expected):
    account = kafka(ConnectivityInfo={"PublicAccess": access}), wall("0.0.0.0/0")
    (found,) = [one for one in judged("rest.public-store", *account) if one.place == "address"]
    assert found.verdict == expected


def queue(**attributes):
    found = {"QueueArn": arn("sqs", "q"), "VisibilityTimeout": "30"} | attributes
    return [answer("sqs.GetQueueAttributes", {"Attributes": found}, f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q")]


def topic(**attributes):
    found = {"TopicArn": arn("sns", "t"), "Owner": ACCOUNT} | attributes
    return [answer("sns.GetTopicAttributes", {"Attributes": found}, arn("sns", "t"))]


def stream(**settings):
    found = {"StreamName": "s", "StreamARN": arn("kinesis", "stream/s"), "StreamStatus": "ACTIVE"} | settings
    return [answer("kinesis.DescribeStreamSummary", {"StreamDescriptionSummary": found}, "s")]


def table(*more, **settings):
    found = {"TableName": "t", "TableArn": TABLE} | settings
    return [answer("dynamodb.DescribeTable", {"Table": found}, "t"), *more]


def default(**settings):
    return {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": settings}]}}


KEY = arn("kms", "key/k")
THEIRS = arn("kms", "key/k", account=OTHER)
OWN = default(SSEAlgorithm="aws:kms", KMSMasterKeyID=KEY)
AWS = default(SSEAlgorithm="AES256")


def described(manager):
    return [
        answer("kms.ListKeys", {"Keys": [{"KeyId": "k", "KeyArn": KEY}]}),
        answer("kms.DescribeKey", {"KeyMetadata": {"KeyId": "k", "Arn": KEY, "KeyManager": manager}}, "k"),
        answer("kms.ListAliases", {"Aliases": [{"AliasName": "alias/mine", "TargetKeyId": "k"}]}),
    ]


def secret(**settings):
    tags = [{"Key": "data-class", "Value": "restricted"}]
    found = {"Name": "s", "ARN": arn("secretsmanager", "secret:s-AbCdEf"), "Tags": tags} | settings
    return [answer("secretsmanager.ListSecrets", {"SecretList": [found]})]


LISTED = [answer("sqs.ListQueues", {"QueueUrls": [f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q"]})]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (database(StorageEncrypted=False), "FAIL"),
        (database(StorageEncrypted=True, KmsKeyId=arn("kms", "key/k")), "PASS"),
        (database(), "UNKNOWN"),
        (queue(SqsManagedSseEnabled="false"), "FAIL"),
        (queue(), "UNKNOWN"),
        (queue(SqsManagedSseEnabled="true"), "PASS"),
        (LISTED, "UNKNOWN"),
        (topic(), "FAIL"),
        (topic(KmsMasterKeyId="alias/aws/sns"), "PASS"),
        (stream(EncryptionType="NONE"), "FAIL"),
        (stream(EncryptionType="KMS", KeyId="alias/aws/kinesis"), "PASS"),
        ([*bucket(GetBucketEncryption=OWN), *described("CUSTOMER")], "PASS"),
        ([*bucket(GetBucketEncryption=OWN), *described("AWS")], "WARN"),
        (bucket(GetBucketEncryption=OWN), "UNKNOWN"),
        (bucket(GetBucketEncryption=default(SSEAlgorithm="aws:kms", KMSMasterKeyID=THEIRS)), "PASS"),
        ([*secret(KmsKeyId="alias/mine"), *described("CUSTOMER")], "PASS"),
        ([*secret(KmsKeyId="alias/mine"), *described("AWS")], "WARN"),
        (secret(), "WARN"),
        (bucket(GetBucketEncryption=AWS), "WARN"),
        (bucket(GetBucketEncryption=AWS, tags="internal"), "PASS"),
        (bucket(), "UNKNOWN"),
        (table(), "PASS"),
    ],
)
def test_encrypted(account, expected):
    assert list(verdicts("rest.encrypted", *account).values()) == [expected]


def test_the_alias_of_a_key_tells_that_aws_manages_it():
    listed = answer("kms.ListKeys", {"Keys": [{"KeyId": "k", "KeyArn": KEY}]})
    aliases = answer("kms.ListAliases", {"Aliases": [{"AliasName": "alias/aws/s3", "TargetKeyId": "k"}]})
    account = [*bucket(GetBucketEncryption=OWN), listed, aliases]
    assert verdicts("rest.encrypted", *account) == {"b": "WARN"}


@pytest.mark.parametrize(
    ("attributes", "tag", "expected"),
    [
        ({"SqsManagedSseEnabled": "false"}, "confidential", "FAIL"),
        ({"SqsManagedSseEnabled": "true"}, "confidential", "PASS"),
        ({"SqsManagedSseEnabled": "false"}, "internal", "PASS"),
        ({"SqsManagedSseEnabled": "false"}, None, "UNKNOWN"),
    ],
)
def test_transient_state(attributes, tag, expected):
    tags = answer(
        "sqs.ListQueueTags",
        {"Tags": {"data-class": tag} if tag else {}},
        f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q",
    )
    assert verdicts("rest.transient-state", *queue(**attributes), tags) == {"q": expected}


# ---------------------------------------------------------------------- keys


def key(*statements, grants=(), manager="CUSTOMER", seen=True):
    found = [
        answer("kms.ListKeys", {"Keys": [{"KeyId": "k", "KeyArn": KEY}]}),
        answer("kms.DescribeKey", {"KeyMetadata": {"KeyId": "k", "Arn": KEY, "KeyManager": manager}}, "k"),
        answer("kms.ListGrants", {"Grants": list(grants)}, "k"),
    ]
    return [*found, answer("kms.GetKeyPolicy", {"Policy": policy(*statements)}, "k")] if seen else found


OURS = {"StringEquals": {"kms:CallerAccount": ACCOUNT}}
OWNER = allow("kms:*", who={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
GRANT = {"GrantId": "g", "GranteePrincipal": f"arn:aws:iam::{OTHER}:role/x", "Operations": ["Decrypt"], "KeyId": KEY}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (key(OWNER), {"PASS"}),
        (key(OWNER, allow("kms:Decrypt", who="*")), {"FAIL"}),
        (
            key(OWNER, allow("kms:Decrypt", who="*", condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})),
            {"PASS"},
        ),
        (key(OWNER, allow("kms:Decrypt", who={"AWS": f"arn:aws:iam::{OTHER}:root"})), {"WARN"}),
        (key(OWNER, grants=[GRANT]), {"WARN"}),
        (key(OWNER, allow("kms:Decrypt", who="*"), manager="AWS"), {"N/A"}),
        (key(seen=False), {"UNKNOWN"}),
    ],
)
def test_key_policy(account, expected):
    assert set(verdicts("rest.key-policy", *account).values()) == expected


def test_what_one_outsider_may_do_with_a_key_is_one_finding():
    open_ = allow(["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], who="*")
    (found,) = [one for one in judged("rest.key-policy", *key(OWNER, open_)) if one.verdict == "FAIL"]
    assert found.reason == "anyone with an AWS account may Decrypt, GenerateDataKey"


def test_a_trusted_account_may_use_a_key():
    account = key(OWNER, allow("kms:Decrypt", who={"AWS": f"arn:aws:iam::{OTHER}:root"}), grants=[GRANT])
    assert set(verdicts("rest.key-policy", *account, case=Case(accounts={OTHER: "archive"})).values()) == {"PASS"}


# ------------------------------------------------------------------- privileges

NO_POLICY = answer("dynamodb.GetResourcePolicy", {}, TABLE)


def account_of(*statements, variables=None, seen=True):
    found = [
        functions(function(Environment={"Variables": variables or {}})),
        NO_ORGANIZATION,
        *table(NO_POLICY, answer("dynamodb.ListTagsOfResource", {"Tags": []}, TABLE)),
    ]
    return [*found, gaad(role("f", *statements))] if seen else found


NAMED = {"TABLE": "t"}
FROM_OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
SETS_POLICY = ["dynamodb:GetItem", "dynamodb:PutResourcePolicy"]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (account_of(allow("dynamodb:GetItem", TABLE), variables=NAMED), {"f": "PASS"}),
        (account_of(allow("dynamodb:GetItem", TABLE)), {"f": "UNKNOWN"}),
        (account_of(allow("dynamodb:*", TABLE), variables=NAMED), {"f t": "FAIL"}),
        (
            account_of(allow(["dynamodb:GetItem", "dynamodb:PutResourcePolicy"], TABLE), variables=NAMED),
            {"f t": "FAIL"},
        ),
        (without(account_of(allow("dynamodb:*", TABLE), variables=NAMED), "organizations"), {"f t": "FAIL"}),
        (account_of(allow("dynamodb:*", TABLE, condition=FROM_OFFICE), variables=NAMED), {"f t": "UNKNOWN"}),
        (account_of(allow(SETS_POLICY, TABLE, condition=FROM_OFFICE), variables=NAMED), {"f t": "UNKNOWN"}),
        (
            account_of(allow(SETS_POLICY, TABLE, condition=FROM_OFFICE), allow(SETS_POLICY, TABLE), variables=NAMED),
            {"f t": "FAIL"},
        ),
        (account_of(allow("*")), {"f": "FAIL"}),
        (account_of(seen=False), {"f": "UNKNOWN"}),
    ],
)
def test_least_privilege_store(account, expected):
    assert verdicts("rest.least-privilege-store", *account) == expected


def many_tables(count, action="dynamodb:*", condition=None):
    names = [f"t-{number:02}" for number in range(count)]
    arns = [arn("dynamodb", f"table/{name}") for name in names]
    found = [functions(function(Environment={"Variables": {"TABLE": "t-00"}})), NO_ORGANIZATION]
    found.append(answer("dynamodb.ListTables", {"TableNames": names}))
    for name, one in zip(names, arns, strict=True):
        described = {"TableName": name, "TableArn": one, "TableStatus": "ACTIVE"}
        found.append(answer("dynamodb.DescribeTable", {"Table": described}, name))
        found.append(answer("dynamodb.GetResourcePolicy", {}, one))
        found.append(answer("dynamodb.ListTagsOfResource", {"Tags": []}, one))
    return [*found, gaad(role("f", allow(action, arn("dynamodb", "table/*"), condition=condition)))]


@pytest.mark.parametrize(("count", "told"), [(1, 1), (10, 10), (11, 1), (40, 1)])
def test_what_is_too_much_on_many_stores_is_told_once(count, told):
    found = judged("rest.least-privilege-store", *many_tables(count))
    assert [str(one.verdict) for one in found] == ["FAIL"] * told
    more = f", t-01, t-02 and {count - 3} more" if told < count else ""
    assert found[0].reason == f"its role may do whatever there is to do to t-00{more}"
    assert found[0].place == ("t-00" if told == count else f"t-00 and {count - 1} more")
    assert found[0].sources


def waive(place, resource="f", expires="2026-12-31"):
    return Waiver(
        check="rest.least-privilege-store", resource=resource, place=place, reason="known", owner="Ann", expires=expires
    )


@pytest.mark.parametrize(
    ("places", "waived", "told"),
    [
        (["t-01"], [["t-01"]], "t-00 and 18 more"),
        ([arn("dynamodb", "table/t-01")], [["t-01"]], "t-00 and 18 more"),
        (["t-00", "t-07"], [["t-00"], ["t-07"]], "t-01 and 17 more"),
        (["t-1*"], [["t-10", "t-11", "t-12", "t-13", "t-14", "t-15", "t-16", "t-17", "t-18", "t-19"]], "t-00"),
        (["gone"], [], "t-00 and 19 more"),
    ],
)
def test_stores_that_are_waived_are_told_apart_from_the_others(places, waived, told):
    found = judged("rest.least-privilege-store", *many_tables(20), case=Case(waivers=tuple(map(waive, places))))
    apart = [one for one in found if not one.is_open]
    names = sorted(label for one in apart for label in one.among.labels)
    assert names == sorted(name for some in waived for name in some)
    open_ = [one for one in found if one.is_open]
    assert open_[0].place == told
    assert sorted([*names, *(label for one in open_ for label in one.among.labels)]) == [f"t-{n:02}" for n in range(20)]


def test_all_of_many_stores_are_waived_by_what_the_finding_says_of_them():
    waivers = (waive("t-00 and 19 more"),)
    (found,) = judged("rest.least-privilege-store", *many_tables(20), case=Case(waivers=waivers))
    assert not found.is_open


def test_many_stores_that_one_waiver_is_about_are_one_waived_finding():
    found = judged("rest.least-privilege-store", *many_tables(40), case=Case(waivers=(waive("t-1*"), waive("t-2*"))))
    assert [(one.place, len(one.among.ids)) for one in found if one.is_open] == [("t-00 and 19 more", 20)]
    assert sum(not one.is_open for one in found) == 20
    many = judged("rest.least-privilege-store", *many_tables(40), case=Case(waivers=(waive("t-[a]*"), waive("t-?*"))))
    assert [(one.place, one.is_open) for one in many] == [("t-00 and 39 more", False)]


def test_a_finding_of_many_stores_names_them_all():
    (found,) = judged("rest.least-privilege-store", *many_tables(20))
    every = tuple(arn("dynamodb", f"table/t-{number:02}") for number in range(20))
    assert found.among.ids == every
    assert findings_frame([found])["among"].tolist() == [every]
    (result,) = json.loads(to_sarif([found], version="1"))["runs"][0]["results"]
    assert result["properties"]["among"] == list(every)


def test_what_may_be_too_much_on_many_stores_is_told_once():
    (found,) = judged("rest.least-privilege-store", *many_tables(20, condition=FROM_OFFICE))
    assert (str(found.verdict), found.place) == ("UNKNOWN", "t-00 and 19 more")


def test_settings_are_judged_where_a_store_is_used_only():
    found = judged("rest.least-privilege-store", *many_tables(20, action=SETS_POLICY))
    assert [(str(one.verdict), one.place) for one in found] == [("FAIL", "t-00")]


def shared(*owners):
    names = ("f", "g")
    tagged = [
        answer("lambda.GetFunction", {"Configuration": writer(name), "Tags": {"owner": owner} if owner else {}}, name)
        for name, owner in zip(names, owners, strict=True)
    ]
    grants = gaad(role("f", allow("dynamodb:PutItem", TABLE)), role("g", allow("dynamodb:GetItem", TABLE)))
    open_ = allow("lambda:InvokeFunction", arn("lambda", "function:f"), "*")
    opened = answer("lambda.GetPolicy", {"Policy": policy(open_)}, "f")
    return [functions(*map(writer, names)), *tagged, grants, NO_ORGANIZATION, *table(NO_POLICY), opened]


def writer(name):
    return function(name, Environment={"Variables": NAMED})


@pytest.mark.parametrize(
    ("owners", "expected"),
    [(("orders", "shop"), "FAIL"), (("orders", "orders"), "PASS"), (("orders", ""), "UNKNOWN")],
)
def test_multi_writer(owners, expected):
    assert verdicts("rest.multi-writer", *shared(*owners)) == {"t": expected}


def test_classification():
    assert verdicts("rest.classification", *bucket()) == {"b": "PASS"}
    assert verdicts("rest.classification", *bucket(tags="blue")) == {"b": "WARN"}
    case = Case(classification={"b": "internal"})
    assert verdicts("rest.classification", *bucket(tags="blue"), case=case) == {"b": "PASS"}


# --------------------------------------------------------------------- settings


def logs(**settings):
    group = {"logGroupName": "l", "arn": arn("logs", "log-group:l:*")} | settings
    return [answer("logs.DescribeLogGroups", {"logGroups": [group]})]


def cache(**settings):
    found = {"ReplicationGroupId": "c", "ARN": arn("elasticache", "replicationgroup:c")} | settings
    return [answer("elasticache.DescribeReplicationGroups", {"ReplicationGroups": [found]})]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"AuthTokenEnabled": False}, "FAIL"),
        ({"AuthTokenEnabled": True}, "WARN"),
        ({"UserGroupIds": ["users"]}, "UNKNOWN"),
        ({}, "UNKNOWN"),
    ],
)
def test_cache_auth(settings, expected):
    assert verdicts("rest.cache-auth", *cache(**settings)) == {"c": expected}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (queue(MessageRetentionPeriod="1209600"), "WARN"),
        (queue(MessageRetentionPeriod="345600"), "PASS"),
        (queue(), "UNKNOWN"),
        (stream(RetentionPeriodHours=720), "WARN"),
        (stream(RetentionPeriodHours=24), "PASS"),
        (
            [
                answer(
                    "logs.DescribeLogGroups",
                    {"logGroups": [{"logGroupName": "l", "arn": arn("logs", "log-group:l:*")}]},
                )
            ],
            "WARN",
        ),
        (
            [
                answer(
                    "logs.DescribeLogGroups",
                    {"logGroups": [{"logGroupName": "l", "arn": arn("logs", "log-group:l:*"), "retentionInDays": 90}]},
                )
            ],
            "PASS",
        ),
    ],
)
def test_retention(account, expected):
    assert list(verdicts("rest.retention", *account).values()) == [expected]


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("/shop/db/password", {"Type": "String"}, "FAIL"),
        ("/shop/api-key", {"Type": "StringList"}, "FAIL"),
        ("/shop/db/password", {"Type": "SecureString", "KeyId": "alias/aws/ssm"}, "PASS"),
        ("/shop/db/password", {"Type": "SecureString", "KeyId": "alias/shop"}, "PASS"),
        ("/shop/table", {"Type": "String"}, None),
        ("/shop/db/password", {}, None),
    ],
)
def test_a_credential_in_a_plain_parameter_is_not_encrypted(name, settings, expected):
    found = {"Name": name, "ARN": arn("ssm", f"parameter{name}")} | settings
    account = answer("ssm.DescribeParameters", {"Parameters": [found]})
    assert list(verdicts("rest.encrypted", account).values()) == ([expected] if expected else [])


def test_a_dead_letter_queue_keeps_what_failed_as_long_as_it_can():
    orders = queue(
        MessageRetentionPeriod="345600",
        RedrivePolicy=json.dumps({"deadLetterTargetArn": arn("sqs", "d"), "maxReceiveCount": 3}),
    )
    where = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/d"
    found = {"QueueArn": arn("sqs", "d"), "VisibilityTimeout": "30", "MessageRetentionPeriod": "1209600"}
    dead = answer("sqs.GetQueueAttributes", {"Attributes": found}, where)
    assert verdicts("rest.retention", dead) == {"d": "WARN"}
    assert verdicts("rest.retention", dead, *orders) == {"d": "PASS", "q": "PASS"}


def failing_to(kind, dead):
    """Return something of a kind that hands what fails to a queue."""
    failure = {"DestinationConfig": {"OnFailure": {"Destination": dead}}}
    if kind == "events of a function":
        config = {"FunctionArn": f"{arn('lambda', 'function:f')}:$LATEST"} | failure
        found = answer("lambda.ListFunctionEventInvokeConfigs", {"FunctionEventInvokeConfigs": [config]}, "f")
        return [functions(function()), found]
    if kind == "a mapping":
        item = {"UUID": "u", "FunctionArn": arn("lambda", "function:f"), "EventSourceArn": arn("kinesis", "stream/s")}
        return [answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [item | failure]})]
    if kind == "a subscription":
        of = {"SubscriptionArn": arn("sns", "t:1"), "TopicArn": arn("sns", "t"), "Protocol": "sqs"}
        listed = answer("sns.ListSubscriptions", {"Subscriptions": [of | {"Endpoint": arn("sqs", "x")}]})
        told = {"Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})}}
        return [listed, answer("sns.GetSubscriptionAttributes", told, of["SubscriptionArn"])]
    rule = {"Name": "r", "Arn": arn("events", "rule/r"), "State": "ENABLED"}
    target = {"Id": "1", "Arn": arn("lambda", "function:f"), "DeadLetterConfig": {"Arn": dead}}
    return [
        answer("events.ListRules", {"Rules": [rule]}),
        answer("events.ListTargetsByRule", {"Targets": [target]}, "default", "r"),
    ]


@pytest.mark.parametrize("kind", ["events of a function", "a mapping", "a subscription", "a rule"])
def test_whatever_fails_into_a_queue_makes_it_one_of_dead_letters(kind):
    account = failing_to(kind, arn("sqs", "q"))
    assert verdicts("rest.retention", *queue(MessageRetentionPeriod="1209600"), *account)["q"] == "PASS"
    other = failing_to(kind, arn("sqs", "other"))
    assert verdicts("rest.retention", *queue(MessageRetentionPeriod="1209600"), *other)["q"] == "WARN"


def test_a_queue_that_names_whose_failures_it_takes_is_one_of_dead_letters():
    allowed = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn("sqs", "x")]})
    dead = queue(MessageRetentionPeriod="1209600", RedriveAllowPolicy=allowed)
    assert verdicts("rest.retention", *dead) == {"q": "PASS"}


def recovery(status, *, protected=True, condition=None):
    point = {"ContinuousBackupsStatus": "ENABLED"}
    point |= {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status}}
    backups = answer("dynamodb.DescribeContinuousBackups", {"ContinuousBackupsDescription": point}, "t")
    writes = gaad(role("f", allow("dynamodb:DeleteItem", TABLE) | ({"Condition": condition} if condition else {})))
    return [
        functions(function()),
        writes,
        NO_ORGANIZATION,
        *table(backups, NO_POLICY, DeletionProtectionEnabled=protected),
    ]


@pytest.mark.parametrize(
    ("action", "expected"), [("s3:PutBucketNotification", "PASS"), ("s3:PutBucketLogging", "PASS"), ("s3:Put*", "FAIL")]
)
def test_whom_a_bucket_tells_of_its_objects_changes_none_of_them(action, expected):
    found = verdicts("rest.backup-integrity", *bucket(GetBucketVersioning={}), *deletes(action), NO_ORGANIZATION)
    assert found == {"b": expected}


def deletes(action):
    return [functions(function()), gaad(role("f", {"Effect": "Allow", "Action": action, "Resource": "*"}))]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (recovery("DISABLED"), "FAIL"),
        (recovery("ENABLED"), "PASS"),
        (recovery("ENABLED", protected=False), "WARN"),
        (recovery("DISABLED", condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}), "UNKNOWN"),
        ([gaad(), *recovery("DISABLED")[2:]], "PASS"),  # nobody may change it
        (recovery("DISABLED")[2:], "UNKNOWN"),
        (table(), "UNKNOWN"),
        (database(BackupRetentionPeriod=0, DeletionProtection=True), "FAIL"),
        (database(BackupRetentionPeriod=7, DeletionProtection=True), "PASS"),
        (bucket(GetBucketVersioning={"Status": "Enabled"}), "UNKNOWN"),  # who may delete versions was not seen
        ([*bucket(GetBucketVersioning={"Status": "Enabled"}), gaad()], "PASS"),
        ([*bucket(GetBucketVersioning={"Status": "Enabled"}), *deletes("s3:DeleteObject")], "PASS"),
        ([*bucket(GetBucketVersioning={"Status": "Enabled"}), *deletes("s3:DeleteObject*")], "WARN"),
        ([*bucket(GetBucketVersioning={"Status": "Suspended"}), *deletes("s3:DeleteObject")], "FAIL"),
        (bucket(), "UNKNOWN"),
    ],
)
def test_backup_integrity(account, expected):
    assert list(verdicts("rest.backup-integrity", *account).values()) == [expected]


VERSIONED = {"GetBucketVersioning": {"Status": "Enabled"}}


def locked(mode=None, **time):
    """Return an Object Lock, with a default retention where a mode is given."""
    rule = {"Rule": {"DefaultRetention": {"Mode": mode} | time}} if mode else {}
    return {"GetObjectLockConfiguration": {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"} | rule}}


@pytest.mark.parametrize(
    ("lock", "may", "expected", "said"),
    [
        ({}, "s3:DeleteObject*", "WARN", "not seen"),
        ({"GetObjectLockConfiguration": {}}, "s3:DeleteObject*", "WARN", "no Object Lock bars it"),
        (locked(), "s3:DeleteObject*", "WARN", "without a default retention"),
        (locked("COMPLIANCE", Days=30), "s3:*", "PASS", "for 30 days"),
        (locked("COMPLIANCE", Years=7), "s3:*", "PASS", "for 7 years"),
        (locked("GOVERNANCE", Days=30), "s3:DeleteObject*", "PASS", "for 30 days"),
        (locked("GOVERNANCE", Days=30), "s3:*", "WARN", "f may bypass the Object Lock"),
        (locked("GOVERNANCE", Days=30), "s3:DeleteObject", "PASS", "can be got back"),
    ],
)
def test_object_lock(lock, may, expected, said):
    account = [*bucket(**VERSIONED, **lock), *deletes(may), NO_ORGANIZATION]
    (found,) = (one for one in judged("rest.backup-integrity", *account) if one.kind)
    assert (str(found.verdict), said in found.reason) == (expected, True)


def test_versions_that_may_be_deleted_under_a_condition_are_not_known_to_stay():
    statement = {"Effect": "Allow", "Action": "s3:Delete*", "Resource": "*"}
    statement |= {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    account = [functions(function()), gaad(role("f", statement)), NO_ORGANIZATION]
    assert verdicts("rest.backup-integrity", *bucket(**VERSIONED), *account) == {"b": "UNKNOWN"}
    kept = bucket(**VERSIONED, **locked("COMPLIANCE", Days=1))
    assert verdicts("rest.backup-integrity", *kept, *account) == {"b": "PASS"}


def test_an_object_lock_keeps_versioning_on():
    account = [*bucket(**locked("COMPLIANCE", Days=1)), *deletes("s3:*"), NO_ORGANIZATION]
    assert verdicts("rest.backup-integrity", *account) == {"b": "PASS"}


VAULT = arn("backup", "backup-vault:safe")


def copied(resource, when="2026-10-30T00:00:00Z", **vault):
    """Return a copy that AWS Backup has, and its vault where anything is said of it."""
    copy = {"ResourceArn": resource, "LastBackupTime": when, "LastBackupVaultArn": VAULT}
    found = [answer("backup.ListProtectedResources", {"Results": [copy]})]
    if vault:
        listed = {"BackupVaultName": "safe", "BackupVaultArn": VAULT} | vault
        found.append(answer("backup.ListBackupVaults", {"BackupVaultList": [listed]}))
    return found


SAFE = {"Locked": True, "LockDate": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("copy", "expected", "said"),
    [
        ([], "FAIL", "whether AWS Backup has a copy was not seen"),
        ([answer("backup.ListProtectedResources", {"Results": []})], "FAIL", "there is no point-in-time recovery"),
        (copied(TABLE, **SAFE), "PASS", "a copy on 2026-10-30, in safe, which is locked"),
        (copied(TABLE, "2026-09-01T00:00:00Z", **SAFE), "FAIL", "no point-in-time recovery"),  # too old
        (copied(arn("dynamodb", "table/other"), **SAFE), "FAIL", "no point-in-time recovery"),
        (copied(TABLE, Locked=False), "WARN", "which is not locked"),
        (copied(TABLE, Locked=True), "WARN", "governance mode"),
        (copied(TABLE, Locked=True, LockDate="2026-11-05T00:00:00Z"), "WARN", "until 2026-11-05"),
        (copied(TABLE), "WARN", "not seen whether it is locked"),
        (copied(TABLE, None, **SAFE), "WARN", "on a day that is not known"),
    ],
)
def test_copies_of_aws_backup(copy, expected, said):
    account = [*recovery("DISABLED"), *copy]
    (found,) = (one for one in judged("rest.backup-integrity", *account) if one.kind)
    assert (str(found.verdict), said in found.reason) == (expected, True)


@pytest.mark.parametrize(("vault", "expected"), [(SAFE, "PASS"), ({"Locked": False}, "WARN")])
def test_copies_of_what_can_be_deleted_whole_and_of_deletable_versions(vault, expected):
    table = [*recovery("ENABLED", protected=False), *copied(TABLE, **vault)]
    assert verdicts("rest.backup-integrity", *table) == {"t": expected}
    versions = [*bucket(**VERSIONED), *deletes("s3:*"), NO_ORGANIZATION, *copied("arn:aws:s3:::b", **vault)]
    assert verdicts("rest.backup-integrity", *versions) == {"b": expected}


def test_the_age_of_a_copy_needs_a_date():
    account = [*recovery("DISABLED"), *copied(TABLE, **SAFE)]
    assert verdicts("rest.backup-integrity", *account, date="") == {"t": "WARN"}


@pytest.mark.parametrize(
    ("settings", "expected", "severity"),
    [
        ({"Environment": {"Variables": {"A": "b"}}}, "WARN", "low"),
        ({"Environment": {"Variables": {"DB_PASSWORD": "hunter2hunter2"}}}, "WARN", "high"),
        ({"Environment": {"Variables": {"A": "b"}}, "KMSKeyArn": KEY}, "PASS", "None"),
        ({}, "N/A", "None"),
    ],
)
def test_env_kms(settings, expected, severity):
    found = judged("rest.env-kms", functions(function(**settings)))
    assert [(str(item.verdict), str(item.severity)) for item in found] == [(expected, severity)]
