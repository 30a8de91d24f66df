"""Origins that a REST API of a template allows."""

import json

import pytest

from auditkit.areas import Scene, judge
from auditkit.exports import read
from auditkit.graph import connect
from tests.exports.cloudformation.writing import inventory_of
from tests.exports.terraform.rendering import plan_of, state_of

SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Cors: {origin}
      Auth: {{DefaultAuthorizer: AWS_IAM, AddDefaultAuthorizerToCorsPreflight: false}}
  Code:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      InlineCode: x
      Events: {{Post: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: /a, Method: post}}}}}}
"""
PLAIN = """\
Resources:
  Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{Name: shop}}}}
  Options:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: OPTIONS
      AuthorizationType: NONE
      Integration:
        Type: MOCK
        IntegrationResponses:
          - StatusCode: 200
            ResponseParameters: {{method.response.header.Access-Control-Allow-Origin: {origin}}}
  Post:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: POST
      AuthorizationType: AWS_IAM
      Integration: {{Type: HTTP, IntegrationHttpMethod: POST, Uri: 'https://example.org'}}
"""


def verdicts(inventory):
    scene = Scene(inventory, connect(inventory), date="2026-11-01")
    return [str(one.verdict) for one in judge(scene, checks=["appvuln.cors"]) if one.kind == "route"]


@pytest.mark.parametrize("template", [SAM, PLAIN])
@pytest.mark.parametrize(("origin", "expected"), [("\"'*'\"", "WARN"), ("\"'https://shop.example'\"", "PASS")])
def test_what_a_template_answers_browsers(tmp_path, template, origin, expected):
    inventory = inventory_of(tmp_path, shop__yaml=template.format(origin=origin))
    assert verdicts(inventory) == [expected]
    assert not inventory.not_read


def of_resources(origin):
    here = {"rest_api_id": "${aws_api_gateway_rest_api.a.id}", "resource_id": "r"}
    answered = {"method.response.header.Access-Control-Allow-Origin": origin}
    return {
        "aws_api_gateway_rest_api.a": {"name": "shop"},
        "aws_api_gateway_method.o": {**here, "http_method": "OPTIONS", "authorization": "NONE"},
        "aws_api_gateway_integration.o": {**here, "http_method": "OPTIONS", "type": "MOCK"},
        "aws_api_gateway_integration_response.o": {
            **here,
            "http_method": "OPTIONS",
            "status_code": "200",
            "response_parameters": answered,
        },
        "aws_api_gateway_method.p": {**here, "http_method": "POST", "authorization": "AWS_IAM"},
    }


def of_body(origin):
    answered = {"responseParameters": {"method.response.header.Access-Control-Allow-Origin": origin}}
    mock = {"type": "mock", "responses": {"default": {"statusCode": "200", **answered}}}
    signed = {"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}
    methods = {"options": {"x-amazon-apigateway-integration": mock}, "post": signed}
    return {"aws_api_gateway_rest_api.a": {"name": "shop", "body": {"openapi": "3.0.1", "paths": {"/a": methods}}}}


@pytest.mark.parametrize("form", [state_of, plan_of])
@pytest.mark.parametrize("told", [of_resources, of_body])
@pytest.mark.parametrize(("origin", "expected"), [("'*'", "WARN"), ("'https://shop.example'", "PASS")])
def test_what_terraform_answers_browsers(tmp_path, form, told, origin, expected):
    (tmp_path / "tf.json").write_text(json.dumps(form(told(origin))))
    assert verdicts(read(tmp_path / "tf.json")) == [expected]
