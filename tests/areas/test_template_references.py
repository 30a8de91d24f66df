"""What resources of a template refer to by ``Ref``: it leads to what is meant, and is never told as missing."""

import pytest

import auditkit as ak
from tests.areas.scenes import LIMITED

MODEL = """
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: shop}}
  Order:
    Type: AWS::ApiGateway::Model
    Properties: {RestApiId: !Ref Api, NAME ContentType: application/json, Schema: SCHEMA}
  Checks:
    Type: AWS::ApiGateway::RequestValidator
    Properties: {RestApiId: !Ref Api, ValidateRequestBody: true, ValidateRequestParameters: true}
  Orders:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: orders}
  Post:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Orders
      HttpMethod: POST
      AuthorizationType: NONE
      RequestValidatorId: !Ref Checks
      RequestModels: {application/json: MEANT, $default: MEANT}
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'
  Live: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api, StageName: live}}
  F:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: a.b, Role: 'arn:aws:iam::111122223333:role/w', Code: {ZipFile: pass}}
  Called:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref F, Action: 'lambda:InvokeFunction', Principal: apigateway.amazonaws.com}
"""
STRICT = "{type: object, required: [id], additionalProperties: false}"


@pytest.mark.parametrize(
    ("name", "schema", "meant", "expected"),
    [
        ("Name: Order,", STRICT, "!Ref Order", "PASS"),
        ("", STRICT, "!Ref Order", "PASS"),
        ("Name: Order,", STRICT, "Order", "PASS"),
        ("Name: Order,", "{type: object}", "!Ref Order", "FAIL"),
        ("Name: Order,", STRICT, "Empty", "FAIL"),  # of every API
        ("Name: Order,", STRICT, "!ImportValue model", "UNKNOWN"),
    ],
)
def test_a_model_that_a_method_refers_to_is_the_one_that_bodies_are_checked_against(
    tmp_path, name, schema, meant, expected
):
    text = MODEL.replace("NAME", name).replace("SCHEMA", schema).replace("MEANT", meant)
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-01").findings
    about = ("appvuln.input-validation", "POST /orders")
    checked = [str(one.verdict) for one in found if (one.check, one.label) == about]
    assert checked == [expected]


def test_a_validator_that_was_not_seen_may_check(tmp_path):
    text = MODEL.replace("NAME", "").replace("SCHEMA", STRICT).replace("MEANT", "!Ref Order")
    text = text.replace("RequestValidatorId: !Ref Checks", "RequestValidatorId: !ImportValue checks")
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-01").findings
    about = ("appvuln.input-validation", "POST /orders")
    assert [str(one.verdict) for one in found if (one.check, one.label) == about] == ["UNKNOWN"]


GRAPH = f"\nResources:\n{LIMITED}"
BEFORE = """
  Before:
    Type: AWS::WAFv2::WebACLAssociation
    Properties: {WebACLArn: !GetAtt Acl.Arn, ResourceArn: !GetAtt Graph.Arn}
"""


UNTOLD = BEFORE.replace("!GetAtt Graph.Arn", "!ImportValue graph")


@pytest.mark.parametrize(("more", "expected"), [(BEFORE, "PASS"), ("", "FAIL"), (UNTOLD, "UNKNOWN")])
def test_a_web_acl_that_an_association_sets_before_a_graphql_api_stands_there(tmp_path, more, expected):
    (tmp_path / "template.yaml").write_text(GRAPH + more, encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-01").findings
    (one,) = [one for one in found if (one.check, one.label) == ("dos.waf-ratelimit", "graph")]
    assert str(one.verdict) == expected
    assert more != BEFORE or "/Resources/Before/Properties" in {source.pointer for source in one.sources}
