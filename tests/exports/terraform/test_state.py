"""States: secrets stay out, what a state cannot say stays unknown, and it merges with other formats."""

import json

import pytest

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.inventory import CoverageState, UnsetType
from auditkit.inventory.records.apis_v2 import HttpApi
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.events import EventBus
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.messaging import Queue
from auditkit.inventory.records.tables import Table
from tests.exports.terraform.rendering import ACCOUNT, REGION, item, modules, state_of

SECRET = "Tr0ub4dor&3-of-old"
FUNCTION = {
    "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f",
    "function_name": "f",
    "role": f"arn:aws:iam::{ACCOUNT}:role/f",
}


def inventory_of(tmp_path, *items):
    document = {"format_version": "0.1", "terraform_version": "0.13.7", "values": {"root_module": modules(items)}}
    (tmp_path / "state.json").write_text(json.dumps(document))
    return read(tmp_path)


@pytest.mark.parametrize(
    "holder",
    [
        item("random_password.p", {"result": SECRET}),
        item("aws_db_instance.d", {"identifier": "d", "engine": "x", "password": SECRET}),
        item("aws_secretsmanager_secret_version.v", {"secret_string": SECRET}),
        item("aws_ssm_parameter.p", {"name": "p", "type": "SecureString", "value": SECRET}),
        item("aws_elasticache_replication_group.r", {"replication_group_id": "r", "auth_token": SECRET}),
        {**item("aws_mq_broker.b", {"broker_name": "b", "user": [{"password": SECRET}]})},
        {**item("aws_ssm_parameter.p", {"name": "p", "value": SECRET}), "sensitive_values": {"value": True}},
    ],
)
def test_a_secret_is_nowhere_whatever_it_stands_in(holder, tmp_path):
    function = {**FUNCTION, "description": f"with {SECRET}", "environment": [{"variables": {"A": f"x{SECRET}"}}]}
    inventory = inventory_of(tmp_path, holder, item("aws_lambda_function.f", function))
    assert SECRET not in "".join(map(repr, (*inventory, *inventory.not_read)))
    assert inventory.of(Function)[0].environment["A"].secret


def test_variables_that_terraform_marks_are_secrets(tmp_path):
    shown = item("aws_lambda_function.f", {**FUNCTION, "environment": [{"variables": {"A": "plain", "B": "text"}}]})
    marks = {"environment": [{"variables": {"A": True}}]}
    (function,) = inventory_of(tmp_path, {**shown, "sensitive_values": marks}).of(Function)
    assert {name: value.secret for name, value in function.environment.items()} == {"A": True, "B": False}
    assert function.environment["A"].sha256 == ""


def test_a_state_file_marks_by_the_way_to_a_value(tmp_path):
    way = [{"type": "get_attr", "value": "environment"}, {"type": "index", "value": {"value": 0, "type": "number"}}]
    way.append({"type": "get_attr", "value": "variables"})
    attributes = {**FUNCTION, "environment": [{"variables": {"A": "plain"}}]}
    instance = {"attributes": attributes, "sensitive_attributes": [way, "odd", [3]]}
    resource = {"mode": "managed", "type": "aws_lambda_function", "name": "f", "instances": [instance]}
    document = {"version": 4, "terraform_version": "1.9.5", "lineage": "x", "serial": 1, "resources": [resource]}
    (tmp_path / "terraform.tfstate.json").write_text(json.dumps(document))
    (function,) = read(tmp_path).of(Function)
    assert function.environment["A"].secret


@pytest.mark.parametrize("name", ["f", f"{ACCOUNT}:function:f", "function:f", FUNCTION["arn"]])
def test_a_function_is_named_in_any_of_lambdas_ways(name, tmp_path):
    permission = {
        "function_name": name,
        "action": "lambda:InvokeFunction",
        "principal": "444455556666",
        "statement_id": "s",
    }
    inventory = inventory_of(
        tmp_path, item("aws_lambda_function.f", FUNCTION), item("aws_lambda_permission.p", permission)
    )
    (function,) = inventory.of(Function)
    (statement,) = function.policy.document["Statement"]
    assert statement["Resource"] == FUNCTION["arn"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::444455556666:root"}
    assert function.policy.at("Statement", "0").pointer == "/values/root_module/resources/1/values"


def test_permissions_of_a_bus_make_up_its_policy(tmp_path):
    bus = item("aws_cloudwatch_event_bus.b", {"name": "b", "arn": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/b"})
    one = {"event_bus_name": "b", "principal": "444455556666", "statement_id": "one", "action": "events:PutEvents"}
    two = {"principal": "*", "statement_id": "two", "condition": [{"key": "k", "type": "StringEquals", "value": "v"}]}
    inventory = inventory_of(
        tmp_path, bus, item("aws_cloudwatch_event_permission.p", one), item("aws_cloudwatch_event_permission.q", two)
    )
    found = {record.name: record.policy.document["Statement"] for record in inventory.of(EventBus)}
    assert [statement["Sid"] for statement in found["b"]] == ["one"]
    assert found["default"][0]["Condition"] == {"StringEquals": {"k": "v"}}


YAML = """
openapi: 3.0.1
paths:
  /orders:
    get:
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: arn:aws:x}
"""


@pytest.mark.parametrize("kind", ["aws_api_gateway_rest_api", "aws_apigatewayv2_api"])
def test_a_definition_in_yaml_is_read(kind, tmp_path):
    arn = f"arn:aws:apigateway:{REGION}::/restapis/a"
    api = {"id": "a", "arn": arn, "name": "a", "body": YAML, "protocol_type": "HTTP"}
    inventory = inventory_of(tmp_path, item(f"{kind}.a", api))
    assert [record.name for record in inventory if record.kind == "route"] == ["GET /orders"]


def test_a_definition_that_is_none_is_noted(tmp_path):
    inventory = inventory_of(tmp_path, item("aws_api_gateway_rest_api.a", {"id": "a", "name": "a", "body": "{]"}))
    assert len(inventory.not_read) == 1


@pytest.mark.parametrize(("limit", "expected"), [(0, None), (20, 20)])
def test_a_throttle_of_nothing_is_none(limit, expected, tmp_path):
    settings = {"throttling_burst_limit": limit, "throttling_rate_limit": limit, "detailed_metrics_enabled": False}
    stage = {
        "api_id": "a1",
        "name": "$default",
        "default_route_settings": [settings],
        "route_settings": [settings | {"route_key": "GET /orders"}],
    }
    api = item("aws_apigatewayv2_api.a", {"id": "a1", "name": "a", "protocol_type": "HTTP"})
    (found,) = inventory_of(tmp_path, api, item("aws_apigatewayv2_stage.s", stage)).of(HttpApi)
    (shown,) = found.stages
    assert shown.default_route_settings.throttling_rate_limit == expected
    assert shown.route_settings["GET /orders"].throttling_rate_limit == expected


def test_indexes_and_modules_are_kept_apart(tmp_path):
    names = ['module.a["x"].aws_sqs_queue.q[0]', 'module.a["x"].module.b.aws_sqs_queue.q[1]', "aws_sqs_queue.q"]
    items = [
        item(
            name,
            {"arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{number}", "name": f"{number}", "visibility_timeout_seconds": 1},
        )
        for number, name in enumerate(names)
    ]
    assert len(inventory_of(tmp_path, *items).of(Queue)) == len(names)


def test_what_terraform_does_not_manage_may_exist(tmp_path):
    inventory = inventory_of(tmp_path, item("aws_lambda_function.f", FUNCTION))
    rows = {(call.service, call.operation): call for call in inventory.coverage if not call.resource}
    assert not rows["lambda", "ListFunctions"].complete
    assert rows["lambda", "ListEventSourceMappings"].state is CoverageState.MISSING


def test_a_bucket_policy_of_its_own_counts_and_one_that_was_not_read_back_is_unseen(tmp_path):
    bucket = {"bucket": "b", "id": "b", "arn": "arn:aws:s3:::b", "region": REGION, "policy": ""}
    policy = {"bucket": "b", "policy": '{"Version": "2012-10-17", "Statement": []}'}
    inventory = inventory_of(tmp_path, item("aws_s3_bucket.b", bucket), item("aws_s3_bucket_policy.p", policy))
    assert inventory.of(Bucket)[0].policy.source.pointer == "/values/root_module/resources/1/values/policy"
    assert inventory_of(tmp_path, item("aws_s3_bucket.b", bucket)).of(Bucket)[0].policy is None
    del bucket["policy"]
    assert isinstance(inventory_of(tmp_path, item("aws_s3_bucket.b", bucket)).of(Bucket)[0].policy, UnsetType)


REAL = {
    "acl": None,
    "arn": "arn:aws:s3:::b",
    "bucket": "b",
    "grant": [
        {"id": "0a", "permissions": ["FULL_CONTROL"], "type": "CanonicalUser", "uri": ""},
        {
            "id": "",
            "permissions": ["READ", "READ_ACP"],
            "type": "Group",
            "uri": "http://acs.amazonaws.com/groups/global/AllUsers",
        },
    ],
    "id": "b",
    "lifecycle_rule": [],
    "logging": [],
    "policy": "",
    "region": REGION,
    "replication_configuration": [],
    "server_side_encryption_configuration": [
        {
            "rule": [
                {
                    "apply_server_side_encryption_by_default": [{"kms_master_key_id": "", "sse_algorithm": "AES256"}],
                    "bucket_key_enabled": False,
                }
            ]
        }
    ],
    "versioning": [{"enabled": True, "mfa_delete": False}],
    "website": [],
}


def test_a_bucket_has_what_its_own_attributes_say_unless_a_resource_sets_it(tmp_path):
    policy = item("aws_s3_bucket_policy.p", {"bucket": "b", "policy": '{"Statement": []}'})
    (bucket,) = inventory_of(tmp_path, item("aws_s3_bucket.b", REAL), policy).of(Bucket)
    assert [(grant.permission, grant.grantee.type) for grant in bucket.acl.grants] == [
        ("FULL_CONTROL", "CanonicalUser"),
        ("READ", "Group"),
        ("READ_ACP", "Group"),
    ]
    assert bucket.encryption.rules[0].apply_server_side_encryption_by_default.sse_algorithm == "AES256"
    assert bucket.versioning.status == "Enabled"
    settled = item("aws_s3_bucket_versioning.v", {"bucket": "b", "versioning_configuration": [{"status": "Suspended"}]})
    (bucket,) = inventory_of(tmp_path, item("aws_s3_bucket.b", REAL), settled).of(Bucket)
    assert bucket.versioning.status == "Suspended"


def test_indexes_of_a_table_and_where_failures_of_a_mapping_go(tmp_path):
    index = {"name": "by-day", "hash_key": "day", "projection_type": "ALL"}
    table = {"name": "t", "arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t", "global_secondary_index": [index]}
    failing = [{"on_failure": [{"destination_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"}]}]
    mapping = {"uuid": "u", "function_arn": FUNCTION["arn"], "destination_config": failing}
    inventory = inventory_of(
        tmp_path, item("aws_dynamodb_table.t", table), item("aws_lambda_event_source_mapping.m", mapping)
    )
    assert [found.index_name for found in inventory.of(Table)[0].global_secondary_indexes] == ["by-day"]
    assert inventory.of(EventSourceMapping)[0].destination_config.failure.endswith(":dead")
    assert not inventory.not_read


def test_a_state_and_api_answers_merge(tmp_path):
    folder = tmp_path / ACCOUNT / REGION
    folder.mkdir(parents=True)
    shown = {"FunctionName": "f", "FunctionArn": FUNCTION["arn"], "Runtime": "python3.9", "Handler": "a.b"}
    (folder / "lambda-list-functions.json").write_text(json.dumps({"Functions": [shown]}))
    inventory = inventory_of(tmp_path, item("aws_lambda_function.f", {**FUNCTION, "runtime": "python3.13"}))
    (function,) = inventory.of(Function)
    assert {source.file for source in function.sources} == {
        f"{ACCOUNT}/{REGION}/lambda-list-functions.json",
        "state.json",
    }
    assert [found.field for found in inventory.contradictions] == ["runtime"]


@pytest.mark.parametrize(
    "text", ['{"format_version": "1.0", "values": {"root', '{"format_version": "1.0"}', "{}", "[]"]
)
def test_what_is_no_terraform_is_refused(text, tmp_path):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ExportError):
        read(tmp_path)


def test_a_state_without_resources_is_an_empty_inventory(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps({"format_version": "1.0", "terraform_version": "1.9.0"}))
    assert len(read(tmp_path)) == 0


def test_the_same_state_gives_the_same_inventory(tmp_path):
    (tmp_path / "x.json").write_text(
        json.dumps(state_of({"aws_sqs_queue.q": {"name": "q"}, "aws_sns_topic.t": {"name": "t"}}))
    )
    assert list(read(tmp_path)) == list(read(tmp_path))


def test_types_that_are_not_read_are_noted_once_each(tmp_path):
    boxes = [item(f"aws_lightsail_instance.i[{number}]", {"name": f"i{number}"}) for number in range(3)]
    held = item("aws_secretsmanager_secret_version.v", {"secret_string": SECRET})
    inventory = inventory_of(tmp_path, item("aws_lambda_function.f", FUNCTION), *boxes, held)
    (note,) = inventory.not_read
    assert note.reason == "resources of type aws_lightsail_instance are not read (3 here)"
    assert note.source.pointer == "/values/root_module/resources/1"
