"""What the definition of a REST API in Terraform says of the requests it checks."""

import json

import pytest

from auditkit.areas import Scene, judge
from auditkit.exports import read
from auditkit.graph import connect
from tests.exports.terraform.rendering import plan_of, state_of

F = "arn:aws:lambda:eu-west-1:111122223333:function:f"
URI = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{F}/invocations"


CHECKS = {"validateRequestBody": True, "validateRequestParameters": True}


def api(checked, *, of_all=False, strict=True):
    schema = {"type": "object", "required": ["id"]} if strict else {"type": "object"}
    operation = {
        "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": URI},
        "parameters": [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/Order"}}],
    }
    named = {"x-amazon-apigateway-request-validator": "v"} if checked else {}
    body = {
        "swagger": "2.0",
        "paths": {"/a": {"post": operation | ({} if of_all else named)}},
        "definitions": {"Order": schema},
        "x-amazon-apigateway-request-validators": {
            "v": {"validateRequestBody": True, "validateRequestParameters": True}
        },
    }
    return {
        "aws_api_gateway_rest_api.a": {"name": "shop", "body": body | (named if of_all else {})},
        "aws_api_gateway_stage.s": {
            "rest_api_id": "${aws_api_gateway_rest_api.a.id}",
            "stage_name": "live",
            "deployment_id": "d",
        },
        "aws_lambda_function.f": {"function_name": "f", "role": "r", "arn": F},
    }


@pytest.mark.parametrize("form", [state_of, plan_of])
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (api(checked=True), "WARN"),  # bodies of other types pass unchecked
        (api(checked=True, of_all=True), "WARN"),
        (api(checked=False), "FAIL"),
        (api(checked=True, strict=False), "FAIL"),
    ],
)
def test_what_a_definition_checks(tmp_path, form, told, expected):
    (tmp_path / "tf.json").write_text(json.dumps(form(told)))
    inventory = read(tmp_path / "tf.json")
    scene = Scene(inventory, connect(inventory), date="2026-11-01")
    (found,) = [one for one in judge(scene, checks=["appvuln.input-validation"]) if one.kind == "route"]
    assert str(found.verdict) == expected
