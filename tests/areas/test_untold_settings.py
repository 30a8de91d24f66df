"""A setting that hangs on what a template does not tell is neither there nor absent."""

import pytest

import auditkit as ak

HEAD = """
Parameters:
  Untold: {Type: Number}
Resources:
"""
LOGS = "  L: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: %s, RetentionInDays: %s}}\n"
MAIL = """
  R:
    Type: AWS::SES::ReceiptRule
    Properties: {RuleSetName: s, Rule: {Actions: [{S3Action: {BucketName: inbox}}], TlsPolicy: %s}}
"""
STAGED = """
  Rest: {Type: AWS::ApiGateway::RestApi, Properties: {Name: rest}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Rest
      ResourceId: !GetAtt Rest.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub %s}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Rest}}
  Prod:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Rest
      DeploymentId: !Ref Deployment
      StageName: prod
      MethodSettings: [{ResourcePath: /*, HttpMethod: '*', ThrottlingRateLimit: %s}]
  Http: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: http, ProtocolType: HTTP}}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Http, StageName: $default, DefaultRouteSettings: {ThrottlingRateLimit: %s}}
  Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Http, RouteKey: GET /, Target: !Sub %s}}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Http, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}
  F:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: a.b, Role: 'arn:aws:iam::111122223333:role/f', Code: {ZipFile: ''}}
"""
URI = "'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'"


def found_by(tmp_path, check, resources):
    (tmp_path / "t.yaml").write_text(HEAD + resources, encoding="utf-8")
    audit = ak.Audit(ak.read(tmp_path), date="2026-11-01")
    return {
        f"{one.label} {one.place}".strip(): str(one.verdict)
        for one in audit.findings
        if one.check == check and one.kind
    }


@pytest.mark.parametrize(
    ("days", "verdict"), [("30", "PASS"), ("!Ref AWS::NoValue", "WARN"), ("!Ref Untold", "UNKNOWN")]
)
@pytest.mark.parametrize("check", ["rest.retention", "sprawl.logging"])
def test_how_long_logs_are_kept_may_not_be_told(tmp_path, check, days, verdict):
    name = "/aws/lambda/f"
    function = "  F: {Type: AWS::Lambda::Function, Properties: {FunctionName: f, Runtime: python3.13}}\n"
    found = found_by(tmp_path, check, LOGS % (name, days) + function)
    assert found[name] == ("WARN" if (check, days) == ("sprawl.logging", "30") else verdict)


@pytest.mark.parametrize(("rate", "throttled"), [("5", "PASS"), ("!Ref Untold", "UNKNOWN")])
def test_a_route_of_a_stage_of_which_a_setting_is_not_told_is_deployed(tmp_path, rate, throttled):
    body = STAGED % (URI, rate, rate, "'integrations/${Integration}'")
    assert set(found_by(tmp_path, "perim.route-auth", body).values()) == {"FAIL"}
    assert {value for key, value in found_by(tmp_path, "dos.no-throttle", body).items()} == {throttled}


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [("Require", "PASS"), ("Optional", "FAIL"), ("!Ref AWS::NoValue", "FAIL"), ("!Ref Untold", "UNKNOWN")],
)
def test_mail_without_tls(tmp_path, policy, verdict):
    found = found_by(tmp_path, "transit.hop-encryption", MAIL % policy)
    assert {value for place, value in found.items() if "internet to" in place} == {verdict}


DATABASE = """
  D:
    Type: AWS::RDS::DBInstance
    Properties: {DBInstanceIdentifier: d, Engine: postgres, DBInstanceClass: db.t4g.micro, %s}
"""


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ("EngineVersion: '14.7'", "FAIL"),
        ("EngineVersion: 16", "PASS"),
        ("EngineVersion: !Ref Untold", "UNKNOWN"),
        ("StorageEncrypted: true", "UNKNOWN"),
        ("EngineVersion: '14.7', DBParameterGroupName: mine", "UNKNOWN"),
    ],
)
def test_the_default_parameter_group_follows_from_the_version(tmp_path, settings, verdict):
    assert found_by(tmp_path, "transit.db-tls", DATABASE % settings)["d"] == verdict


TABLE = """
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: t
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      DeletionProtectionEnabled: %s
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: %s}
      SSESpecification: {SSEEnabled: %s, KMSMasterKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/k'}
      Tags: [{Key: classification, Value: restricted}]
  F:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: f, Runtime: python3.13, Handler: a.b, Role: !GetAtt R.Arn, Code: {ZipFile: ''}}
  R:
    Type: AWS::IAM::Role
    Properties:
      RoleName: r
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
      Policies:
        - PolicyName: p
          PolicyDocument: {Statement: {Effect: Allow, Action: 'dynamodb:DeleteItem', Resource: !GetAtt T.Arn}}
"""


@pytest.mark.parametrize(
    ("check", "settings", "verdict"),
    [
        ("rest.backup-integrity", ("true", "true", "true"), "PASS"),
        ("rest.backup-integrity", ("true", "false", "true"), "FAIL"),
        ("rest.backup-integrity", ("true", "!Ref Untold", "true"), "UNKNOWN"),
        ("rest.backup-integrity", ("false", "true", "true"), "WARN"),
        ("rest.backup-integrity", ("!Ref Untold", "true", "true"), "UNKNOWN"),
        ("rest.backup-integrity", ("!Ref Untold", "false", "true"), "FAIL"),
        ("rest.encrypted", ("true", "true", "true"), "PASS"),
        ("rest.encrypted", ("true", "true", "false"), "WARN"),
        ("rest.encrypted", ("true", "true", "!Ref Untold"), "UNKNOWN"),
    ],
)
def test_a_table(tmp_path, check, settings, verdict):
    assert found_by(tmp_path, check, TABLE % settings)["t"] == verdict


@pytest.mark.parametrize(("protected", "verdict"), [("true", "PASS"), ("false", "WARN"), ("!Ref Untold", "UNKNOWN")])
def test_a_database_that_may_be_deleted_whole(tmp_path, protected, verdict):
    settings = f"BackupRetentionPeriod: 7, DeletionProtection: {protected}"
    assert found_by(tmp_path, "rest.backup-integrity", DATABASE % settings)["d"] == verdict


SET = """
  F:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: f
      Runtime: python3.13
      Handler: a.b
      Role: 'arn:aws:iam::111122223333:role/f'
      Code: {S3Bucket: b, S3Key: k}
      TracingConfig: {Mode: %s}
      CodeSigningConfigArn: !Ref Signed
      Environment: {Variables: {API: 'https://partner.example.com'}}
  Signed:
    Type: AWS::Lambda::CodeSigningConfig
    Properties:
      AllowedPublishers: {SigningProfileVersionArns: []}
      CodeSigningPolicies: {UntrustedArtifactOnDeployment: %s}
"""


@pytest.mark.parametrize(
    ("check", "settings", "verdict"),
    [
        ("sprawl.tracing", ("Active", "Warn"), "PASS"),
        ("sprawl.tracing", ("PassThrough", "Warn"), "WARN"),
        ("sprawl.tracing", ("!Ref Untold", "Warn"), "UNKNOWN"),
        ("long.code-signing", ("Active", "Enforce"), "PASS"),
        ("long.code-signing", ("Active", "Warn"), "WARN"),
        ("long.code-signing", ("Active", "!Ref AWS::NoValue"), "WARN"),
        ("long.code-signing", ("Active", "!Ref Untold"), "UNKNOWN"),
    ],
)
def test_a_function(tmp_path, check, settings, verdict):
    assert found_by(tmp_path, check, SET % settings)["f"] == verdict


STREAMED = """
  T: {Type: AWS::Kinesis::Stream, Properties: {Name: t}}
  F:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: f, Runtime: python3.13, Handler: a.b, Role: 'arn:aws:iam::111122223333:role/f'}
  D: {Type: AWS::SQS::Queue}
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref F
      EventSourceArn: !GetAtt T.Arn
      StartingPosition: LATEST
      MaximumRetryAttempts: %s
      MaximumRecordAgeInSeconds: %s
      DestinationConfig: %s
"""
TOLD = "{OnFailure: {Destination: !GetAtt D.Arn}}"
NO = "!Ref AWS::NoValue"


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        (("3", NO, TOLD), "PASS"),
        ((NO, NO, TOLD), "WARN"),
        ((NO, NO, NO), "FAIL"),
        (("!Ref Untold", NO, TOLD), "UNKNOWN"),
        ((NO, "!Ref Untold", TOLD), "UNKNOWN"),
        (("!Ref Untold", NO, NO), "UNKNOWN"),
        (("3", "!Ref Untold", NO), "WARN"),
    ],
)
def test_a_record_that_always_fails(tmp_path, settings, verdict):
    assert found_by(tmp_path, "dos.poison-message", STREAMED % settings)["t to f"] == verdict


NAMED = """
  Http: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: http, ProtocolType: HTTP, DisableExecuteApiEndpoint: %s}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Http, StageName: $default}}
  Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Http, RouteKey: GET /, Target: !Sub %s}}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Http, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}
  F:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: a.b, Role: 'arn:aws:iam::111122223333:role/f', Code: {ZipFile: ''}}
  Domain: {Type: AWS::ApiGatewayV2::DomainName, Properties: {DomainName: api.example.com}}
  Mapping:
    Type: AWS::ApiGatewayV2::ApiMapping
    Properties: {ApiId: !Ref Http, DomainName: !Ref Domain, Stage: !Ref Stage}
"""


@pytest.mark.parametrize(("off", "verdict"), [("true", "PASS"), ("false", "FAIL"), ("!Ref Untold", "UNKNOWN")])
def test_an_endpoint_that_may_be_switched_off(tmp_path, off, verdict):
    found = found_by(tmp_path, "perim.bypass", NAMED % (off, "'integrations/${Integration}'"))
    assert found["http"] == verdict


LOGGING = """
  R:
    Type: AWS::IAM::Role
    Properties:
      RoleName: r
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
      Policies:
        - PolicyName: p
          PolicyDocument: {Statement: {Effect: Allow, Action: ['logs:PutLogEvents'], Resource: %s}}
  L: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /aws/lambda/f, RetentionInDays: 90}}
  F:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: f, Runtime: python3.13, Handler: a.b, Role: !GetAtt R.Arn, Code: {ZipFile: ''}}
"""


@pytest.mark.parametrize(
    ("resource", "verdict"), [("!GetAtt L.Arn", "PASS"), ("'arn:aws:s3:::b'", "FAIL"), ("!Ref Untold", "UNKNOWN")]
)
def test_where_a_function_may_log(tmp_path, resource, verdict):
    assert found_by(tmp_path, "sprawl.logging", LOGGING % resource)["f"] == verdict
