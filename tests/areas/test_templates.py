"""A template alone: what it shows is found, and what it cannot show is not reported as a failure."""

import json

import pytest

import auditkit as ak
from auditkit.areas import Verdict
from auditkit.exports.cloudformation import load

TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  Notes:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: uploads
      AccessControl: PublicRead
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
      PublicAccessBlockConfiguration: {BlockPublicAcls: false, IgnorePublicAcls: false, RestrictPublicBuckets: false}
  Admin:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: admin
      Runtime: nodejs14.x
      Handler: index.handler
      CodeUri: ./src
      Policies: [AdministratorAccess]
      Environment: {Variables: {DB_PASSWORD: n0t-a-real-0ne-77}}
      Events:
        Post: {Type: Api, Properties: {Path: /admin, Method: post}}
  Convert:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: convert
      Runtime: python3.13
      Handler: index.handler
      CodeUri: ./src
      Policies:
        - Statement: [{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}]
      Environment: {Variables: {TABLE: !Ref Notes}}
      FunctionUrlConfig: {AuthType: NONE}
  Pool:
    Type: AWS::Cognito::IdentityPool
    Properties: {IdentityPoolName: visitors, AllowUnauthenticatedIdentities: true}
  Guest:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Federated: cognito-identity.amazonaws.com}
            Action: sts:AssumeRoleWithWebIdentity
            Condition: {StringEquals: {'cognito-identity.amazonaws.com:aud': !Ref Pool}}
      Policies:
        - PolicyName: read
          PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:Scan', Resource: !GetAtt Notes.Arn}]}
  Attachment:
    Type: AWS::Cognito::IdentityPoolRoleAttachment
    Properties: {IdentityPoolId: !Ref Pool, Roles: {unauthenticated: !GetAtt Guest.Arn}}
  Files:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: files
      Runtime: python3.13
      Handler: index.handler
      CodeUri: ./src
      Policies: [AmazonS3FullAccess]
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    (folder / "template.yaml").write_text(TEMPLATE)
    return ak.Audit(ak.read(folder), date="2026-11-01").findings


@pytest.mark.parametrize(
    ("check", "label"),
    [
        ("patch.runtime-deprecated", "admin"),
        ("appvuln.secrets-env", "admin"),
        ("long.code-tamper", "admin"),
        ("perim.route-auth", "POST /admin"),
        ("perim.function-url", "convert"),
        ("perim.guest-identity", "visitors"),
        ("perim.lateral-invoke", "admin"),
        ("rest.least-privilege-store", "convert"),
        ("rest.least-privilege-store", "files"),
        ("rest.public-store", "uploads"),
    ],
)
def test_what_it_shows_is_found(found, check, label):
    assert (check, label, Verdict.FAIL) in {(one.check, one.label, one.verdict) for one in found}


@pytest.mark.parametrize("check", ["sprawl.owner", "long.runtime-detection", "sprawl.invoke-trail", "dos.cost-alarm"])
def test_what_it_cannot_show_is_no_failure(found, check):
    assert not [one for one in found if one.check == check and one.verdict in {Verdict.FAIL, Verdict.WARN}]


def test_what_the_outside_reaches_is_not_made_light_of(found):
    (route,) = [one for one in found if one.check == "perim.route-auth" and one.verdict is Verdict.FAIL]
    assert route.severity >= route.base
    assert "service control policies" in route.weighed or "unknown sensitivity" in route.weighed


def test_no_secret_comes_along(found):
    assert "n0t-a-real" not in str(found)


DEFAULTS = """
Resources:
  Own: {Type: AWS::S3::Bucket, Properties: {BucketName: own}}
  Site: {Type: AWS::S3::Bucket, Properties: {BucketName: site}}
  Everyone:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Site
      PolicyDocument:
        Statement: {Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::site/*"}
  Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
  Ledger:
    Type: AWS::RDS::DBInstance
    Properties: {DBInstanceIdentifier: ledger, Engine: mysql, DBInstanceClass: db.t4g.micro, MasterUsername: root}
"""


@pytest.mark.parametrize(
    ("check", "label", "verdict"),
    [
        ("rest.public-store", "own", "UNKNOWN"),  # another stack may have put a policy on it
        ("rest.public-store", "site", "FAIL"),  # a block that S3 switches on by itself would have refused the policy
        ("rest.retention", "orders", "PASS"),  # four days
        ("rest.encrypted", "orders", "PASS"),  # by SQS
        ("rest.encrypted", "ledger", "FAIL"),
        ("patch.residual-servers", "ledger", "PASS"),  # minor versions come by themselves
    ],
)
def test_what_a_template_leaves_out_is_what_cloudformation_takes(tmp_path, check, label, verdict):
    (tmp_path / "template.yaml").write_text(DEFAULTS, encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-01").findings
    assert [one.verdict for one in found if (one.check, one.label) == (check, label)] == [verdict]


def test_what_cloudformation_takes_gives_way_to_what_was_read(tmp_path):
    (tmp_path / "template.yaml").write_text(DEFAULTS, encoding="utf-8")
    folder = tmp_path / "111122223333" / "global"
    (folder / "s3-get-public-access-block").mkdir(parents=True)
    block = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)
    (folder / "s3-list-buckets.json").write_text('{"Buckets": [{"Name": "site"}]}', encoding="utf-8")
    answer = json.dumps({"PublicAccessBlockConfiguration": block})
    (folder / "s3-get-public-access-block" / "site.json").write_text(answer, encoding="utf-8")
    inventory = ak.read(tmp_path)
    found = ak.Audit(inventory, date="2026-11-01").findings
    assert [one.verdict for one in found if (one.check, one.label) == ("rest.public-store", "site")] == ["PASS"]
    assert not inventory.contradictions


def statement(action, resource="*"):
    return {"Effect": "Allow", "Action": action, "Resource": resource}


MAKING = statement(["lambda:CreateFunction", "lambda:InvokeFunction"])


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([MAKING, statement("iam:PassRole")], "UNKNOWN"),
        ([MAKING, statement("iam:PassRole", "arn:aws:iam::*:role/deploy")], "UNKNOWN"),
        ([MAKING], "PASS"),
        ([statement("iam:PassRole")], "PASS"),
        ([statement("sts:AssumeRole", "arn:aws:iam::000000000001:role/admin-*")], "UNKNOWN"),
        ([statement("dynamodb:GetItem")], "PASS"),
        ([statement("*")], "FAIL"),
    ],
)
def test_a_template_does_not_show_every_role_that_a_function_may_turn_into(tmp_path, statements, expected):
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    made = {"RoleName": "f", "AssumeRolePolicyDocument": {"Statement": [trust]}, "Policies": [policy]}
    runs = {"Handler": "a.b", "Runtime": "python3.13", "Role": {"Fn::GetAtt": ["R", "Arn"]}, "Code": {"ZipFile": "x"}}
    resources = {
        "R": {"Type": "AWS::IAM::Role", "Properties": made},
        "F": {"Type": "AWS::Lambda::Function", "Properties": runs},
    }
    (tmp_path / "template.json").write_text(json.dumps({"Resources": resources}))
    found = ak.Audit(ak.read(tmp_path), date="2026-11-26").findings
    assert [str(one.verdict) for one in found if (one.check, one.label) == ("perim.role-admin", "f")] == [expected]


OPEN = """
Parameters: {Bucket: {Type: String}, Feed: {Type: String}}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      RoleName: f
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: p
          PolicyDocument: {Statement: [STATEMENT]}
  F:
    Type: AWS::Lambda::Function
    Properties: {Handler: a.b, Runtime: python3.13, Role: !GetAtt R.Arn, Code: {ZipFile: x}}
"""


@pytest.mark.parametrize(
    ("statement", "admin", "wide"),
    [
        ("{Effect: Allow, Action: '*', Resource: [!Ref Bucket, '*']}", "FAIL", "FAIL"),
        ("{Effect: Allow, Action: 'sqs:*', Resource: [!ImportValue queue, '*']}", "UNKNOWN", "FAIL"),
        ("{Effect: Allow, Action: 's3:*', Resource: [!Ref Bucket, !Sub '${Bucket}/*']}", "UNKNOWN", "FAIL"),
        ("{Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Bucket}/*'}", "UNKNOWN", "UNKNOWN"),
        ("{Effect: Allow, Action: 's3:GetObject', Resource: !Sub 'arn:aws:s3:::${Bucket}/*'}", "PASS", "PASS"),
        ("{Effect: Allow, Action: 's3:GetObject', NotResource: !Ref Feed}", "UNKNOWN", "FAIL"),
    ],
)
def test_a_resource_that_a_parameter_tells_hides_nothing_else(tmp_path, statement, admin, wide):
    (tmp_path / "template.yaml").write_text(OPEN.replace("STATEMENT", statement), encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-26").findings
    said = {(one.check, str(one.verdict)) for one in found if one.label == "f"}
    assert {verdict for check, verdict in said if check == "perim.role-admin"} == {admin}
    assert wide in {verdict for check, verdict in said if check == "perim.role-wildcards"}


def test_what_a_queue_lets_anyone_do_with_what_a_parameter_tells_is_not_known(tmp_path):
    policy = "{Statement: {Effect: Allow, Principal: '*', Action: 'sqs:*', Resource: !Ref Feed}}"
    queue = "  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}\n"
    queue += f"  P: {{Type: AWS::SQS::QueuePolicy, Properties: {{Queues: [!Ref Q], PolicyDocument: {policy}}}}}\n"
    (tmp_path / "template.yaml").write_text(OPEN.replace("STATEMENT", "") + queue, encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-26").findings
    assert [str(one.verdict) for one in found if (one.check, one.label) == ("rest.public-store", "q")] == ["UNKNOWN"]


SERVED = """
Resources:
  Photos:
    Type: AWS::S3::Bucket
    Properties: {BucketName: photos, TAGS}
  Rules:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Photos
      PolicyDocument:
        Statement:
          Effect: Allow
          Principal: {Service: cloudfront.amazonaws.com}
          Action: s3:GetObject
          Resource: !Sub '${Photos.Arn}/*'
          Condition: {StringEquals: {'aws:SourceArn': !Sub 'arn:aws:cloudfront::${AWS::AccountId}:distribution/${Cdn}'}}
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - {Id: o, DomainName: !GetAtt Photos.RegionalDomainName, OriginAccessControlId: E1, S3OriginConfig: {}}
        DefaultCacheBehavior: {TargetOriginId: o, ViewerProtocolPolicy: https-only, ASKS}
"""
SIGNED = "TrustedKeyGroups: [k]"
FUNCTION = (
    "FunctionAssociations: [{EventType: viewer-request, FunctionARN: 'arn:aws:cloudfront::111122223333:function/a'}]"
)


@pytest.mark.parametrize(
    ("sensitivity", "asks", "expected"),
    [
        ("restricted", "", "FAIL"),
        ("internal", "", "FAIL"),
        ("public", "", "PASS"),
        ("", "", "UNKNOWN"),
        ("restricted", FUNCTION, "UNKNOWN"),
        ("restricted", SIGNED, "PASS"),
    ],
)
def test_a_bucket_that_a_distribution_hands_out_to_anyone_is_open_to_anyone(tmp_path, sensitivity, asks, expected):
    tags = f"Tags: [{{Key: data-class, Value: {sensitivity}}}]" if sensitivity else "Tags: []"
    (tmp_path / "template.yaml").write_text(SERVED.replace("TAGS", tags).replace("ASKS", asks or "Compress: true"))
    found = ak.Audit(ak.read(tmp_path), date="2026-11-26").findings
    (one,) = [one for one in found if (one.check, one.label) == ("rest.public-store", "photos")]
    assert str(one.verdict) == expected


ABSENT = """
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  Data: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, DBInstanceClass: db.t4g.micro}}
  Site: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Suspended}}}
  Work:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: a.b, Role: 'arn:aws:iam::111122223333:role/w', Code: {ZipFile: pass}}
  Map:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Work}
"""


@pytest.mark.parametrize("text", [TEMPLATE, ABSENT])
def test_evidence_of_settings_that_are_absent_leads_to_the_resource(text, tmp_path):
    (tmp_path / "template.yaml").write_text(text)
    content = load(text.encode()).content
    for finding in ak.Audit(ak.read(tmp_path), date="2026-11-01").findings:
        for source in (one for one in finding.sources if one.file == "template.yaml"):
            value = content
            for step in source.pointer.split("/")[1:]:
                value = value[int(step) if isinstance(value, list) else step.replace("~1", "/").replace("~0", "~")]
                if isinstance(value, str):  # a definition is a text, and sources lead on into it
                    break


def test_a_version_that_an_alias_of_a_template_leads_to_is_judged(tmp_path):
    text = """
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties: {FunctionName: f, Runtime: nodejs18.x, Handler: a.b, Role: r, Code: {ZipFile: x}}
      FVersion9aB: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref F}}
      Live:
        Type: AWS::Lambda::Alias
        Properties: {FunctionName: !Ref F, FunctionVersion: !GetAtt FVersion9aB.Version, Name: live}
    """
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-01").findings
    of_versions = {one.verdict for one in found if one.check == "patch.runtime-live-version" and one.label == "f"}
    assert of_versions == {Verdict.FAIL, Verdict.UNKNOWN}  # older ones may be in use, too


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", Verdict.UNKNOWN),  # another stack may set it up
        (
            """
      Fate:
        Type: AWS::Lambda::EventInvokeConfig
        Properties:
          FunctionName: !Ref F
          Qualifier: $LATEST
          DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}
      Dead: {Type: AWS::SQS::Queue}""",
            Verdict.PASS,
        ),
    ],
)
def test_what_becomes_of_events_that_fail(tmp_path, more, expected):
    text = """
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties: {FunctionName: f, Runtime: python3.13, Handler: a.b, Role: r, Code: {ZipFile: x}}
      Drops:
        Type: AWS::S3::Bucket
        Properties:
          NotificationConfiguration:
            LambdaConfigurations: [{Event: 's3:ObjectCreated:*', Function: !GetAtt F.Arn}]
    """
    (tmp_path / "template.yaml").write_text(text.rstrip() + more, encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-01").findings
    assert [one.verdict for one in found if (one.check, one.label) == ("dos.poison-message", "f")] == [expected]


UNDECIDED = """
Parameters: {{Stage: {{Type: String}}}}
Conditions: {{IsProd: !Equals [!Ref Stage, prod]}}
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: f
      Runtime: {runtime}
      Handler: a.b
      Role: r
      Code: {{ZipFile: x}}
      Environment: {{Variables: {{SETTING: {setting}}}}}
  Called:
    Type: AWS::Lambda::Permission
    Properties: {{FunctionName: !Ref F, Action: 'lambda:InvokeFunction', Principal: 'arn:aws:iam::111122223333:role/r'}}
  Url: {{Type: AWS::Lambda::Url, Properties: {{TargetFunctionArn: !Ref F, AuthType: {auth}}}}}
  Api: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Name: api, ProtocolType: HTTP}}}}
  Code:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {{ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {{ApiId: !Ref Api, RouteKey: GET /x, AuthorizationType: {auth}, Target: !Sub 'integrations/${{Code}}'}}
  Stage: {{Type: AWS::ApiGatewayV2::Stage, Properties: {{ApiId: !Ref Api, StageName: $default, AutoDeploy: true}}}}
  Site:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: site, PublicAccessBlockConfiguration: {block}}}
  Everyone:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Site
      PolicyDocument:
        Statement: {{Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::site/*"}}
"""
BLOCK = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
SAFE = {
    "runtime": "python3.13",
    "setting": "'1'",
    "auth": "AWS_IAM",
    "block": json.dumps(dict.fromkeys(BLOCK, True)),
}
LAX = {
    "runtime": "python3.8",
    "setting": "AKIAIOSFODNN7EXAMPLE",
    "auth": "NONE",
    "block": json.dumps(dict.fromkeys(BLOCK, False)),
}
HANGS = {
    "patch.runtime-deprecated": "f",
    "appvuln.secrets-env": "f",
    "perim.function-url": "f",
    "dos.url-uncapped": "f",
    "perim.route-auth": "GET /x",
    "rest.public-store": "site",
}


def verdicts_of(folder, text):
    (folder / "template.yaml").write_text(text, encoding="utf-8")
    found = ak.Audit(ak.read(folder), date="2026-11-01").findings
    return {one.check: one.verdict for one in found if HANGS.get(one.check) == one.label}


def test_what_is_safe_whatever_the_stage_passes(tmp_path):
    alike = {name: f"!If [IsProd, {value}, {value}]" for name, value in SAFE.items()}
    assert verdicts_of(tmp_path, UNDECIDED.format(**alike)) == dict.fromkeys(HANGS, Verdict.PASS)


def test_nothing_passes_on_a_branch_that_a_parameter_without_a_value_decides(tmp_path):
    undecided = {name: f"!If [IsProd, {SAFE[name]}, {LAX[name]}]" for name in SAFE}
    assert verdicts_of(tmp_path, UNDECIDED.format(**undecided)) == dict.fromkeys(HANGS, Verdict.UNKNOWN)


def test_who_is_asked_for_is_not_known_where_a_parameter_without_a_value_tells(tmp_path):
    found = verdicts_of(tmp_path, UNDECIDED.format(**SAFE | {"auth": "!Ref Stage"}))
    assert {check for check, verdict in found.items() if verdict is Verdict.UNKNOWN} == {
        "perim.function-url",
        "dos.url-uncapped",
        "perim.route-auth",
    }


@pytest.mark.parametrize(("auth", "expected"), [("AWS_IAM", Verdict.PASS), ("NONE", Verdict.UNKNOWN)])
def test_a_branch_that_is_not_decided_in_a_serverless_function(tmp_path, auth, expected):
    text = f"""
    Transform: AWS::Serverless-2016-10-31
    Parameters: {{Stage: {{Type: String}}}}
    Conditions: {{IsProd: !Equals [!Ref Stage, prod]}}
    Resources:
      F:
        Type: AWS::Serverless::Function
        Properties:
          FunctionName: f
          Runtime: python3.13
          Handler: a.b
          InlineCode: x
          FunctionUrlConfig: {{AuthType: !If [IsProd, AWS_IAM, {auth}]}}
    """
    assert verdicts_of(tmp_path, text)["dos.url-uncapped"] is expected
