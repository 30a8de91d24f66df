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
