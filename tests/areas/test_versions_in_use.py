"""What a version in use is set to counts, whatever ``$LATEST`` is set to: an alias leads callers to the version."""

import json

import pytest

from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, judged, role, verdicts
from tests.areas.scenes import gaad as policies

F = arn("lambda", "function:f")
LAYER = arn("lambda", "layer:common")
THEIRS = arn("lambda", "layer:theirs:4", account="999988887777")
IMAGE = {"Runtime": None, "PackageType": "Image"}
URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop"
NEW, OLD = "a" * 64, "b" * 64


def published(latest, *, live="1", **settings):
    """Return a function with a version 1 of other settings, and an alias that leads to one of the two."""
    version = function(Version="1", FunctionArn=arn("lambda", "function:f:1"), **settings)
    alias = {"AliasArn": arn("lambda", "function:f:live"), "Name": "live", "FunctionVersion": live}
    return [
        functions(latest),
        answer("lambda.ListVersionsByFunction", {"Versions": [latest, version]}, "f"),
        answer("lambda.ListAliases", {"Aliases": [alias]}, "f"),
    ]


def variables(**found):
    return {"Environment": {"Variables": found}}


CLEAN, DIRTY = variables(TABLE="orders"), variables(DB_PASSWORD="hunter2hunter2")


@pytest.mark.parametrize(
    ("check", "clean", "dirty", "place", "verdict"),
    [
        ("appvuln.secrets-env", CLEAN, DIRTY, "version 1", "FAIL"),
        ("transit.env-urls", CLEAN, variables(TAX="http://tax.example/"), "version 1, TAX", "FAIL"),
        ("long.exec-wrapper", CLEAN, variables(AWS_LAMBDA_EXEC_WRAPPER="/opt/w"), "version 1", "WARN"),
        ("long.cred-lifetime", CLEAN, variables(KEY="AKIAIOSFODNN7EXAMPLQ"), "version 1", "FAIL"),
        ("rest.env-kms", {}, CLEAN, "version 1", "WARN"),
    ],
)
def test_the_environment_of_a_version_in_use_is_judged(check, clean, dirty, place, verdict):
    roles = policies(role())
    found = verdicts(check, *published(function(**clean), **dirty), roles)
    assert found.pop("f") in {"PASS", "N/A"}
    assert found == {f"f {place}": verdict}
    unused = verdicts(check, *published(function(**clean), live="$LATEST", **dirty), roles)
    assert set(unused) == {"f"}
    same = verdicts(check, *published(function(**dirty), **dirty), roles)
    assert not any("version" in place for place in same)


@pytest.mark.parametrize("check", ["appvuln.secrets-env", "transit.env-urls", "long.exec-wrapper", "rest.env-kms"])
def test_a_version_of_which_the_environment_was_not_seen_is_unknown(check):
    hidden = {"Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "no"}}}
    assert verdicts(check, *published(function(**CLEAN), **hidden))["f version 1"] == "UNKNOWN"


def test_the_source_is_that_of_the_version():
    found = judged("appvuln.secrets-env", *published(function(**CLEAN), **DIRTY))
    (bad,) = [item for item in found if item.verdict == "FAIL"]
    assert [source.pointer for source in bad.sources] == ["/Versions/1/Environment/Variables/DB_PASSWORD"]
    assert "hunter2" not in str(found)


def test_layers_of_a_version_in_use_are_judged():
    listed = [
        {"LayerVersionArn": f"{LAYER}:{n}", "Version": n, "CreatedDate": "2020-01-01T00:00:00Z"} for n in (3, 2, 1)
    ]
    known = answer("lambda.ListLayerVersions", {"LayerVersions": listed}, "common")
    account = published(function(Layers=[{"Arn": f"{LAYER}:3"}]), Layers=[{"Arn": f"{LAYER}:1"}])
    found = verdicts("patch.layer-age", *account, known)
    assert found == {"f layer common": "PASS", "f version 1, layer common": "WARN"}


READS = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
UPDATES = {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": "*"}
CALM = [
    answer("organizations.DescribeOrganization", {}, region="global"),
    answer("lambda.GetPolicy", {}, "f"),
    answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global"),
]


@pytest.mark.parametrize(
    ("check", "statement", "expected"),
    [
        ("perim.role-admin", {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"f": "PASS", "old": "FAIL"}),
        ("perim.role-wildcards", READS, {"f": "PASS", "old": "FAIL"}),
        ("perim.role-shared", READS, {"f": "PASS", "old": "PASS"}),
        ("long.code-tamper", UPDATES, {"f": "PASS", "f version 1": "FAIL"}),
        ("perim.lateral-invoke", UPDATES, {"f": "PASS", "f version 1": "FAIL"}),
        ("rest.least-privilege-store", READS, {"f": "PASS", "f version 1, b": "FAIL"}),
    ],
)
def test_the_role_of_a_version_in_use_is_judged(check, statement, expected):
    account = published(function(), Role=f"arn:aws:iam::{ACCOUNT}:role/old")
    account += [functions(function("g")), answer("lambda.GetPolicy", {}, "g")]
    found = verdicts(check, *account, policies(role(), role("old", statement), role("g")), *CALM)
    told = {place.partition(" /RoleDetailList")[0]: verdict for place, verdict in found.items()}
    assert told.pop("g") == "PASS"
    assert told == expected


INSIDE = {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}


def around(egress="10.0.0.0/8"):
    """Return a VPC with a NAT gateway and no endpoint, and a bucket of restricted data that a function reads."""
    subnet = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": ACCOUNT}
    route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
    table = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"Main": True}], "Routes": [route]}
    rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": egress}]}
    group = {"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": [rule]}
    return [
        answer("ec2.DescribeSubnets", {"Subnets": [subnet]}),
        answer("ec2.DescribeRouteTables", {"RouteTables": [table]}),
        answer("ec2.DescribeVpcEndpoints", {"VpcEndpoints": []}),
        answer("ec2.DescribeSecurityGroups", {"SecurityGroups": [group]}),
        policies(role("f", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"})),
        answer("s3.GetBucketTagging", {"TagSet": [{"Key": "data-class", "Value": "restricted"}]}, "b", region="global"),
        answer("s3.GetBucketPolicy", {}, "b", region="global"),
        CALM[0],
        CALM[2],
    ]


@pytest.mark.parametrize(
    ("check", "latest", "live", "expected"),
    [
        ("transit.network-path", {}, INSIDE, {"f": "N/A", "f version 1, s3": "WARN"}),
        ("transit.network-path", INSIDE, {}, {"f s3": "WARN", "f version 1": "N/A"}),
        ("perim.least-network", {}, INSIDE, {"f": "WARN", "f version 1": "PASS"}),
        ("perim.least-network", INSIDE, {}, {"f": "PASS", "f version 1": "WARN"}),
    ],
)
def test_the_network_of_a_version_in_use_is_judged(check, latest, live, expected):
    reads = variables(BUCKET="b")
    found = verdicts(check, *published(function(**reads, **latest), **reads, **live), *around())
    assert found == expected
    unused = verdicts(check, *published(function(**reads, **latest), live="$LATEST", **reads, **live), *around())
    assert unused == {place: verdict for place, verdict in expected.items() if "version" not in place}


def test_where_a_version_in_use_may_send_unknown_data():
    places = [one for one in around("0.0.0.0/0") if one.operation != "GetBucketTagging"]
    assert verdicts("perim.least-network", *published(function(), **INSIDE), *places)["f version 1"] == "UNKNOWN"


def opened():
    statement = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": F}
    return [
        answer("lambda.GetPolicy", {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}, "f"),
        answer("lambda.GetFunction", {"Configuration": function(), "Tags": {"team": "a"}}, "f"),
        policies(role()),
    ]


def warm(qualifier=""):
    """Return for which version or alias environments are kept warm; for none by default."""
    one = {"FunctionArn": f"{F}:{qualifier}", "RequestedProvisionedConcurrentExecutions": 2}
    found = {"ProvisionedConcurrencyConfigs": [one] if qualifier else []}
    return answer("lambda.ListProvisionedConcurrencyConfigs", found, "f")


LARGE, USUAL = {"EphemeralStorage": {"Size": 2048}}, {"EphemeralStorage": {"Size": 512}}


@pytest.mark.parametrize(
    ("latest", "live", "kept", "expected"),
    [
        ({}, LARGE, warm(), {"f": "PASS", "f version 1": "WARN"}),
        ({}, {"SnapStart": {"ApplyOn": "PublishedVersions"}}, warm(), {"f": "PASS", "f version 1": "WARN"}),
        (LARGE, USUAL, warm(), {"f": "WARN", "f version 1": "PASS"}),
        ({}, USUAL, warm("live"), {"f": "WARN", "f version 1": "WARN"}),
        ({}, USUAL, warm("2"), {"f": "WARN", "f version 1": "PASS"}),
        ({}, USUAL, warm("gone"), {"f": "WARN", "f version 1": "WARN"}),
    ],
)
def test_state_that_survives_in_a_version_in_use_is_judged(latest, live, kept, expected):
    listing, versions, alias = published(function(**latest), **live)
    versions.payload["Versions"].append(function(Version="2", FunctionArn=f"{F}:2"))
    assert verdicts("long.warm-state", listing, versions, alias, *opened(), kept) == expected


def test_tenants_of_a_version_in_use_share_no_environment():
    alone = {"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}
    tagged = answer("lambda.GetFunction", {"Configuration": function(**alone), "Tags": {"multi-tenant": "yes"}}, "f")
    found = verdicts("long.warm-state", *published(function(**alone)), tagged, warm(), policies(role()))
    assert found == {"f": "PASS", "f version 1": "FAIL"}


def image(digest, pushed):
    summary = {"findingSeverityCounts": {}}
    return {
        "repositoryName": "shop",
        "registryId": ACCOUNT,
        "imageDigest": f"sha256:{digest}",
        "imagePushedAt": pushed,
        "imageScanFindingsSummary": summary,
    }


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([image(NEW, "2026-10-20T00:00:00Z"), image(OLD, "2026-01-20T00:00:00Z")], "FAIL"),
        ([image(NEW, "2026-10-20T00:00:00Z"), image(OLD, "2026-10-20T00:00:00Z")], "PASS"),
        ([image(NEW, "2026-10-20T00:00:00Z")], "UNKNOWN"),
    ],
)
def test_the_image_of_a_version_in_use_is_judged(images, expected):
    latest = function(CodeSha256=NEW, **IMAGE)
    code = {"ImageUri": f"{URI}:latest", "ResolvedImageUri": f"{URI}@sha256:{NEW}"}
    found = verdicts(
        "patch.image-base",
        *published(latest, CodeSha256=OLD, **IMAGE),
        answer("lambda.GetFunction", {"Configuration": latest, "Code": code}, "f"),
        answer("ecr.DescribeImages", {"imageDetails": images}, "shop"),
    )
    assert found == {"f": "PASS", "f version 1": expected}


def test_a_version_in_use_on_an_os_only_runtime_has_somebody_to_patch_it():
    latest = function(Runtime="python3.13")
    tags = answer("lambda.GetFunction", {"Configuration": latest, "Tags": {"color": "red"}}, "f")
    found = verdicts("patch.os-only-runtime-owner", *published(latest, Runtime="provided.al2023"), tags)
    assert found == {"f": "N/A", "f version 1": "FAIL"}
