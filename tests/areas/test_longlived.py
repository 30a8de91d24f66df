"""Long-lived compromise: failing, passing and unknown cases of each check."""

import json

import pytest

import auditkit as ak
from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, gaad, judged, role, verdicts

NO_ORGANIZATION = answer("organizations.DescribeOrganization", {}, region="global")
POINT = arn("elasticfilesystem", "access-point/fsap-1")
CONFIG = arn("lambda", "code-signing-config:csc-1")


def opened(name="f"):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction"}
    statement |= {"Resource": arn("lambda", f"function:{name}")}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return answer("lambda.GetPolicy", {"Policy": json.dumps(policy)}, name)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {}}}, "WARN"), ({}, "PASS")],
)
def test_managed_instances(settings, expected):
    assert verdicts("long.managed-instances", functions(function(**settings))) == {"f": expected}


COLD = answer("lambda.ListProvisionedConcurrencyConfigs", {}, "f")


@pytest.mark.parametrize(
    ("settings", "more", "expected"),
    [
        ({"EphemeralStorage": {"Size": 2048}}, [opened(), COLD], "WARN"),
        ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, [opened(), COLD], "WARN"),
        ({"EphemeralStorage": {"Size": 512}}, [opened(), COLD], "PASS"),
        ({"EphemeralStorage": {"Size": 2048}}, [COLD, gaad(role("f"))], "PASS"),
        ({"EphemeralStorage": {"Size": 2048}}, [COLD], "UNKNOWN"),
        ({"EphemeralStorage": {"Size": 2048}}, [opened()], "UNKNOWN"),
    ],
)
def test_warm_state(settings, more, expected):
    tagged = answer("lambda.GetFunction", {"Configuration": function(**settings), "Tags": {"team": "a"}}, "f")
    assert verdicts("long.warm-state", functions(function(**settings)), tagged, *more) == {"f": expected}


def test_tenants_share_no_environment():
    tagged = answer("lambda.GetFunction", {"Configuration": function(), "Tags": {"multi-tenant": "yes"}}, "f")
    assert verdicts("long.warm-state", functions(function()), tagged) == {"f": "FAIL"}


def mounted(*names, policy=None):
    system = {"FileSystemId": "fs-1", "FileSystemArn": arn("elasticfilesystem", "file-system/fs-1")}
    point = {"AccessPointId": "fsap-1", "AccessPointArn": POINT, "FileSystemId": "fs-1"}
    mounts = {"FileSystemConfigs": [{"Arn": POINT, "LocalMountPath": "/mnt"}]}
    found = [
        functions(*(function(name, **mounts) for name in names)),
        answer("efs.DescribeFileSystems", {"FileSystems": [system]}),
        answer("efs.DescribeAccessPoints", {"AccessPoints": [point]}),
    ]
    return [*found, answer("efs.DescribeFileSystemPolicy", policy, "fs-1")] if policy is not None else found


def mountable(*writers):
    """Return a policy of the file system: all may mount it, some may write."""
    everyone = {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("f", "g")]}
    statements = [{"Effect": "Allow", "Principal": everyone, "Action": "elasticfilesystem:ClientMount"}]
    for name in writers:
        who = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
        statements.append({"Effect": "Allow", "Principal": who, "Action": "elasticfilesystem:ClientWrite"})
    policy = {"Version": "2012-10-17", "Statement": [{**one, "Resource": "*"} for one in statements]}
    return {"FileSystemId": "fs-1", "Policy": json.dumps(policy)}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([*mounted("f", "g", policy={}), opened()], {"fs-1": "FAIL"}),
        ([*mounted("f", "g", policy={}), gaad(role("f"), role("g"))], {"fs-1": "PASS"}),
        (mounted("f", "g", policy={}), {"fs-1": "UNKNOWN"}),  # roles not seen
        ([*mounted("f", policy={}), opened()], {"fs-1": "PASS"}),
        ([*mounted("f", "g"), opened()], {"fs-1": "UNKNOWN"}),
        (mounted("f")[:2], {"f": "UNKNOWN"}),
        ([mounted("f")[0], mounted("f")[2]], {"f fs-1": "UNKNOWN"}),
        ([*mounted("f", "g", policy=mountable()), opened(), gaad(role("f"), role("g"))], {"fs-1": "PASS"}),
        ([*mounted("f", "g", policy=mountable("f")), opened(), gaad(role("f"), role("g"))], {"fs-1": "FAIL"}),
        ([*mounted("f", "g", policy=mountable("g")), opened(), gaad(role("f"), role("g"))], {"fs-1": "PASS"}),
        ([*mounted("f", "g", policy=mountable("g")), opened()], {"fs-1": "FAIL"}),  # roles not seen
    ],
)
def test_efs_persistence(account, expected):
    assert verdicts("long.efs-persistence", *account) == expected


def test_whether_the_outside_reaches_who_mounts_a_file_system_is_to_be_seen():
    found = judged("long.efs-persistence", *mounted("f", "g", policy={}), around=False)
    (system,) = [one for one in found if one.label == "fs-1"]
    assert str(system.verdict) == "UNKNOWN"
    assert "lambda:GetPolicy" in system.missing


FROM_OFFICE = {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}


def updates(resource):
    return {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": resource}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([updates("*")], "FAIL"),
        ([updates(arn("lambda", "function:g"))], "FAIL"),
        ([updates(arn("lambda", "function:f"))], "FAIL"),  # its own: what got in once stays
        ([updates("*") | FROM_OFFICE], "UNKNOWN"),
        ([updates("*"), updates("*") | FROM_OFFICE], "FAIL"),
        ([updates(arn("lambda", "function:h"))], "PASS"),
        ([{"Effect": "Allow", "Action": "lambda:CreateFunction", "Resource": "*"}], "PASS"),  # its name is taken
        ([], "PASS"),
    ],
)
def test_code_tamper(statements, expected):
    account = [functions(function(), function("g")), gaad(role("f", *statements), role("g")), NO_ORGANIZATION]
    policies = [answer("lambda.GetPolicy", {}, name) for name in ("f", "g")]
    assert verdicts("long.code-tamper", *account, *policies)["f"] == expected
    assert verdicts("long.code-tamper", account[0])["f"] == "UNKNOWN"


def test_control_policies_that_were_not_seen_do_not_make_it_safe():
    account = [functions(function(), function("g")), gaad(role("f", updates("*")), role("g"))]
    policies = [answer("lambda.GetPolicy", {}, name) for name in ("f", "g")]
    assert verdicts("long.code-tamper", *account, *policies)["f"] == "FAIL"


@pytest.mark.parametrize(
    ("who", "condition", "place", "expected"),
    [
        ({"AWS": "*"}, {}, "internet", "FAIL"),
        ({"AWS": "arn:aws:iam::999988887777:root"}, {}, "999988887777", "FAIL"),
        ({"AWS": "arn:aws:iam::999988887777:root"}, FROM_OFFICE, "999988887777", "UNKNOWN"),
    ],
)
def test_code_that_outsiders_may_replace(who, condition, place, expected):
    statement = {"Effect": "Allow", "Principal": who, "Action": "lambda:UpdateFunctionCode"}
    statement |= {"Resource": arn("lambda", "function:f")} | condition
    policy = answer(
        "lambda.GetPolicy", {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}, "f"
    )
    found = verdicts("long.code-tamper", functions(function()), gaad(role("f")), NO_ORGANIZATION, policy)
    assert found[f"f {place}"] == expected


def signed(policy):
    config = {"CodeSigningConfigArn": CONFIG, "CodeSigningConfigId": "csc-1"}
    config |= {"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": policy}}
    return [
        answer("lambda.GetFunctionCodeSigningConfig", {"CodeSigningConfigArn": CONFIG, "FunctionName": "f"}, "f"),
        answer("lambda.ListCodeSigningConfigs", {"CodeSigningConfigs": [config]}),
    ]


@pytest.mark.parametrize(
    ("settings", "more", "expected"),
    [
        ({}, signed("Enforce"), "PASS"),
        ({}, signed("Warn"), "WARN"),
        ({}, signed("Enforce")[:1], "UNKNOWN"),
        ({}, [answer("lambda.GetFunctionCodeSigningConfig", {}, "f")], "WARN"),
        ({}, [], "UNKNOWN"),
        ({"PackageType": "Image"}, [], "N/A"),
    ],
)
def test_code_signing(settings, more, expected):
    assert verdicts("long.code-signing", functions(function(**settings)), *more) == {"f": expected}


FOREIGN = {"Layers": [{"Arn": arn("lambda", "layer:theirs:1", account="999988887777")}]}
UNTOLD = {"Layers": [{"Arn": "(shop.SharedLayer)"}]}
"""A layer that a parameter of a template names, which has no value."""


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/w"}}}, "WARN"),
        ({"Environment": {"Variables": {"NODE_OPTIONS": "--require /opt/x"}}} | FOREIGN, "FAIL"),
        ({"Environment": {"Variables": {"NODE_OPTIONS": "--enable-source-maps"}}}, "PASS"),
        ({"Environment": {"Variables": {"NODE_OPTIONS": "--enable-source-maps -r /opt/x"}}}, "WARN"),
        ({"Environment": {"Variables": {"NODE_OPTIONS": "--enable-source-maps"}}} | FOREIGN, "WARN"),
        ({"Environment": {"Variables": {"NODE_OPTIONS": ""}}}, "PASS"),
        ({"Environment": {"Variables": {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}}}, "PASS"),
        ({"Environment": {"Variables": {"JAVA_TOOL_OPTIONS": "-javaagent:/opt/a.jar"}}}, "WARN"),
        ({"Environment": {"Variables": {"TABLE": "t"}}} | FOREIGN, "WARN"),
        ({"Environment": {"Variables": {"TABLE": "t"}}}, "PASS"),
        ({"Environment": {"Variables": {"NODE_OPTIONS": "--require /opt/x"}}} | UNTOLD, "WARN"),
        ({"Environment": {"Variables": {"TABLE": "t"}}} | UNTOLD, "UNKNOWN"),
    ],
)
def test_exec_wrapper(settings, expected):
    assert verdicts("long.exec-wrapper", functions(function(**settings))) == {"f": expected}


def reads(condition=None):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    return gaad(role("f", statement | ({"Condition": condition} if condition else {})))


BUCKET = [
    answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global"),
    answer("s3.GetBucketTagging", {"TagSet": [{"Key": "data-class", "Value": "restricted"}]}, "b", region="global"),
    answer("s3.GetBucketPolicy", {}, "b", region="global"),
    NO_ORGANIZATION,
]
OWN = {"ArnEquals": {"lambda:SourceFunctionArn": arn("lambda", "function:f")}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, "PASS"),
        ({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, "WARN"),
        ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, "WARN"),  # from elsewhere it does not
        ({"Null": {"aws:SourceVpc": "true"}}, "WARN"),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "PASS"),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}, "WARN"),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "WARN"),
        ({"ArnLike": {"lambda:SourceFunctionArn": "*"}}, "WARN"),
        ({"Null": {"lambda:SourceFunctionArn": "false"}}, "PASS"),
        ({"Bool": {"aws:ViaAWSService": "false"}}, "WARN"),
        ({"Bool": {"aws:ViaAWSService": "true"}}, "PASS"),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}, "PASS"),
    ],
)
def test_conditions_that_hold_elsewhere_tie_no_credentials(condition, expected):
    account = functions(function(Environment={"Variables": {}}))
    assert verdicts("long.cred-lifetime", account, reads(condition), *BUCKET) == {"f": expected}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
        {"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"}, "BoolIfExists": {"aws:ViaAWSService": "false"}},
        {"ArnNotEquals": {"lambda:SourceFunctionArn": arn("lambda", "function:f")}},
    ],
)
def test_a_deny_elsewhere_ties_credentials(condition):
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    account = functions(function(Environment={"Variables": {}}))
    assert verdicts("long.cred-lifetime", account, gaad(role("f", allow, deny)), *BUCKET) == {"f": "PASS"}


@pytest.mark.parametrize(
    ("variables", "grants", "expected"),
    [
        ({"KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, reads(), "FAIL"),
        ({}, reads(), "WARN"),
        ({}, reads(OWN), "PASS"),
    ],
)
def test_cred_lifetime(variables, grants, expected):
    account = functions(function(Environment={"Variables": variables}))
    assert verdicts("long.cred-lifetime", account, grants, *BUCKET) == {"f": expected}


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/f"}, "WARN"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/g"}, "PASS"),
        ("*", "PASS"),
    ],
)
def test_credentials_open_what_a_policy_of_the_data_gives_them(named, expected):
    statement = {"Effect": "Allow", "Principal": named, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    data = [*BUCKET[:2], answer("s3.GetBucketPolicy", {"Policy": policy}, "b", region="global"), NO_ORGANIZATION]
    account = functions(function(Environment={"Variables": {}}))
    assert verdicts("long.cred-lifetime", account, gaad(role("f")), *data) == {"f": expected}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [([], "UNKNOWN"), ([{"Key": "data-class", "Value": "internal"}], "PASS")],
)
def test_cred_lifetime_hangs_on_what_the_data_is(tags, expected):
    account = functions(function(Environment={"Variables": {}}))
    tagging = answer("s3.GetBucketTagging", {"TagSet": tags}, "b", region="global")
    assert verdicts("long.cred-lifetime", account, reads(), BUCKET[0], tagging, *BUCKET[2:]) == {"f": expected}


def test_cred_lifetime_is_not_known_without_the_role():
    account = functions(function(Environment={"Variables": {}}))
    assert verdicts("long.cred-lifetime", account, *BUCKET) == {"f": "UNKNOWN"}


def detector(status):
    feature = {"Name": "LAMBDA_NETWORK_LOGS", "Status": status}
    return [answer("guardduty.GetDetector", {"Status": "ENABLED", "Features": [feature]}, "d")]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (detector("ENABLED"), "PASS"),
        (detector("DISABLED"), "FAIL"),
        ([answer("guardduty.GetDetector", {"Status": "ENABLED"}, "d")], "UNKNOWN"),
        ([answer("guardduty.GetDetector", {"Status": "DISABLED"}, "d")], "FAIL"),
        ([], "UNKNOWN"),
    ],
)
def test_runtime_detection(more, expected):
    found = judged("long.runtime-detection", functions(function()), *more)
    assert [str(item.verdict) for item in found if item.resource == f"{ACCOUNT}:{REGION}"] == [expected]


DEPLOYED = """
Resources:
  Code: {Type: AWS::S3::Bucket, Properties: {BucketName: code}}
  Images: {Type: AWS::ECR::Repository, Properties: {RepositoryName: images}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: own
          PolicyDocument: {Statement: {Effect: Allow, Action: ["s3:PutObject", "ecr:*"], Resource: %s}}
  Zip:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: zip
      Role: !GetAtt Role.Arn
      Runtime: python3.13
      Handler: i.h
      Code: {S3Bucket: !Ref Code, S3Key: live/zip.zip%s}
  Image:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: image
      Role: !GetAtt Role.Arn
      PackageType: Image
      Code: {ImageUri: !Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/images%s"}
"""


@pytest.mark.parametrize(
    ("resource", "version", "tag", "expected"),
    [
        ('"*"', "", "@sha256:" + "0" * 64, "FAIL"),
        ('"*"', ", S3ObjectVersion: abc", ":live", "FAIL"),
        ('"arn:aws:s3:::code/live/*"', "", ":live", "FAIL"),
        ('"arn:aws:s3:::code/uploads/*"', "", ":live", "PASS"),
        ('"*"', ", S3ObjectVersion: abc", "@sha256:" + "0" * 64, "PASS"),
    ],
)
def test_what_a_function_is_deployed_from(tmp_path, resource, version, tag, expected):
    (tmp_path / "t.yaml").write_text(DEPLOYED % (resource, version, tag), encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-01").findings
    assert {one.verdict for one in found if one.check == "long.code-tamper" and one.kind} == {expected}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ('"arn:aws:s3:::*/*"', "UNKNOWN"),
        ('"arn:aws:s3:::elsewhere/live/*"', "UNKNOWN"),
        ('"arn:aws:s3:::other/*"', "PASS"),
    ],
)
def test_a_store_of_code_that_the_export_does_not_hold_is_not_known_to_be_safe(tmp_path, resource, expected):
    template = DEPLOYED % (resource, "", "@sha256:" + "0" * 64)
    (tmp_path / "t.yaml").write_text(template.replace("S3Bucket: !Ref Code", "S3Bucket: elsewhere"), encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-01").findings
    assert {one.verdict for one in found if one.check == "long.code-tamper" and one.kind} == {expected}


@pytest.mark.parametrize(
    ("check", "place"),
    [("long.code-tamper", "f"), ("perim.lateral-invoke", "f"), ("rest.least-privilege-store", "f b")],
)
@pytest.mark.parametrize(("who", "expected"), [("f", "FAIL"), ("g", "UNKNOWN")])
def test_conditions_that_the_function_itself_meets(check, place, who, expected):
    tied = {"Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arn("lambda", f"function:{who}")}}}
    everything = {"Effect": "Allow", "Action": ["lambda:*", "s3:*"], "Resource": "*"} | tied
    account = functions(function("f"), function("g"))
    policies = gaad(role("f", everything), role("g"))
    policies_of = [answer("lambda.GetPolicy", {}, name) for name in ("f", "g")]
    found = verdicts(check, account, policies, *policies_of, *BUCKET)
    assert found[place] == expected
