import json

import boto3
import pytest
from moto import mock_aws

from auditkit.exports._reading import Reading
from auditkit.exports._statemachines import state_calls
from auditkit.exports.secrets import reduced
from auditkit.exports.services import HANDLERS
from auditkit.inventory import UNSET, Source
from auditkit.inventory.records.events import ApiDestination, Archive, Connection, EventBus, Rule
from auditkit.inventory.records.schedules import Pipe, Schedule
from auditkit.inventory.records.statemachines import StateMachine
from tests.exports.feeding import ACCOUNT, REGION, answer, exported, feed

EVENTS = f"arn:aws:events:{REGION}:{ACCOUNT}"
FN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:charge"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:orders"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/states"


def rule(name="paid", bus="default", **fields):
    path = name if bus == "default" else f"{bus}/{name}"
    return {"Name": name, "Arn": f"{EVENTS}:rule/{path}", "State": "ENABLED", "EventBusName": bus, **fields}


def test_a_rule_gets_its_targets_from_a_file_of_their_own_in_any_order():
    responses = [
        answer("events.ListRules", {"Rules": [rule(bus="shop", EventPattern='{"source": ["shop"]}')]}, "shop"),
        answer(
            "events.ListTargetsByRule",
            {
                "Targets": [
                    {"Id": "1", "Arn": FN, "Input": '{"password": "x"}'},
                    {"Id": "2", "Arn": FN, "InputPath": "$"},
                ]
            },
            "shop",
            "paid",
        ),
    ]
    for order in (responses, responses[::-1]):
        found = feed(*order).of(Rule)[0]
        assert found.event_pattern == {"source": ["shop"]}
        assert [target.shape for target in found.targets] == ["constant", "path"]
        assert found.targets[1].source.pointer == "/Targets/1"
        assert "password" not in repr(found)


def test_targets_that_were_not_seen_are_unset_and_none_are_none():
    assert feed(answer("events.ListRules", {"Rules": [rule()]})).of(Rule)[0].targets is UNSET
    none = answer("events.ListTargetsByRule", {}, "default", "paid")
    inventory = feed(answer("events.ListRules", {"Rules": [rule()]}), none)
    assert inventory.of(Rule)[0].targets == ()


def test_a_pattern_that_is_no_json_is_not_read():
    inventory = feed(answer("events.ListRules", {"Rules": [rule(EventPattern="{"), rule("other")]}))
    by_name = {found.name: found for found in inventory.of(Rule)}
    assert by_name["paid"].event_pattern is UNSET
    assert by_name["other"].event_pattern is None
    assert inventory.not_read[0].source.pointer == "/Rules/0/EventPattern"


def test_of_an_endpoint_only_the_origin_is_kept_and_of_a_connection_no_secret():
    inventory = feed(
        answer(
            "events.ListApiDestinations",
            {
                "ApiDestinations": [
                    {
                        "ApiDestinationArn": f"{EVENTS}:api-destination/crm/0a",
                        "Name": "crm",
                        "ConnectionArn": f"{EVENTS}:connection/crm/0b",
                        "InvocationEndpoint": "https://user:pw@hooks.crm.example/services/T0KEN?sig=abc",
                    }
                ]
            },
        ),
        answer(
            "events.DescribeConnection",
            {
                "ConnectionArn": f"{EVENTS}:connection/crm/0b",
                "Name": "crm",
                "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
                "SecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:events!connection/crm-AbCdEf",
                "AuthParameters": {
                    "OAuthParameters": {
                        "ClientParameters": {"ClientID": "client"},
                        "AuthorizationEndpoint": "https://login.crm.example/token?tenant=t0ken",
                    },
                    "InvocationHttpParameters": {"HeaderParameters": [{"Key": "x-key", "Value": "s3cret"}]},
                },
            },
            "crm",
        ),
    )
    destination, connection = inventory.of(ApiDestination)[0], inventory.of(Connection)[0]
    assert destination.invocation_endpoint == "https://hooks.crm.example"
    assert connection.authorization_endpoint == "https://login.crm.example"
    assert connection.secret_arn.endswith("AbCdEf")
    kept = repr(destination) + repr(connection)
    assert not any(secret in kept for secret in ("T0KEN", "pw@", "t0ken", "s3cret"))


HIDDEN = "s3cret-value"


@pytest.mark.parametrize(
    ("call", "payload"),
    [
        (
            "events.DescribeConnection",
            {
                "AuthParameters": {
                    "InvocationHttpParameters": {
                        "HeaderParameters": [{"Key": "k", "Value": HIDDEN}],
                        "BodyParameters": [{"Key": "k", "Value": HIDDEN}],
                    },
                    "OAuthParameters": {
                        "AuthorizationEndpoint": f"https://login.example/{HIDDEN}",
                        "OAuthHttpParameters": {"QueryStringParameters": [{"Key": "k", "Value": HIDDEN}]},
                    },
                }
            },
        ),
        (
            "events.ListApiDestinations",
            {"ApiDestinations": [{"InvocationEndpoint": f"https://hooks.example/{HIDDEN}"}]},
        ),
        (
            "events.ListTargetsByRule",
            {"Targets": [{"Input": HIDDEN, "HttpParameters": {"HeaderParameters": {"x": HIDDEN}}}]},
        ),
        (
            "pipes.DescribePipe",
            {
                "EnrichmentParameters": {"HttpParameters": {"HeaderParameters": {"x": HIDDEN}}},
                "TargetParameters": {
                    "HttpParameters": {"QueryStringParameters": {"x": HIDDEN}},
                    "EcsTaskParameters": {
                        "Overrides": {"ContainerOverrides": [{"Environment": [{"Name": "n", "Value": HIDDEN}]}]}
                    },
                },
            },
        ),
    ],
)
def test_the_collector_writes_no_secret_of_an_event(call, payload):
    assert HIDDEN in json.dumps(payload)
    assert HIDDEN not in json.dumps(reduced(*call.split("."), payload))


def test_what_only_the_list_shows_of_a_connection_leaves_the_rest_unseen():
    item = {"ConnectionArn": f"{EVENTS}:connection/crm/0b", "Name": "crm", "AuthorizationType": "API_KEY"}
    connection = feed(answer("events.ListConnections", {"Connections": [item]})).of(Connection)[0]
    assert (connection.secret_arn, connection.authorization_endpoint) == (UNSET, UNSET)


def test_an_archive_gets_an_arn_in_the_place_of_its_bus():
    item = {"ArchiveName": "all", "EventSourceArn": f"{EVENTS}:event-bus/shop", "State": "ENABLED"}
    inventory = feed(answer("events.ListArchives", {"Archives": [item, {"ArchiveName": "x", "EventSourceArn": "y"}]}))
    assert [archive.id for archive in inventory.of(Archive)] == [f"{EVENTS}:archive/all"]
    assert len(inventory.not_read) == 1


def test_a_universal_target_keeps_what_its_input_names():
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
        "RoleArn": ROLE,
        "Input": json.dumps({"QueueUrl": QUEUE_URL, "MessageBody": "s3cret"}),
    }
    item = {"Arn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/tick", "Name": "tick", "Target": target}
    schedule = feed(answer("scheduler.GetSchedule", item, "default", "tick")).of(Schedule)[0]
    assert schedule.target.references == {"QueueUrl": (QUEUE_URL,)}
    assert "s3cret" not in repr(schedule)


def test_a_schedule_that_was_only_listed_has_its_target_by_name_alone():
    item = {"Arn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/tick", "Name": "tick", "Target": {"Arn": FN}}
    schedule = feed(answer("scheduler.ListSchedules", {"Schedules": [item]})).of(Schedule)[0]
    assert schedule.target_arn == FN
    assert schedule.target is UNSET


def test_a_pipe_is_described():
    item = {
        "Arn": f"arn:aws:pipes:{REGION}:{ACCOUNT}:pipe/p",
        "Name": "p",
        "DesiredState": "RUNNING",
        "Source": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q",
        "SourceParameters": {
            "FilterCriteria": {"Filters": [{"Pattern": "{}"}]},
            "ManagedStreamingKafkaParameters": {"Credentials": {"SaslScram512Auth": "arn:aws:secretsmanager:x"}},
        },
        "Enrichment": FN,
        "Target": MACHINE,
        "TargetParameters": {
            "InputTemplate": "{}",
            "StepFunctionStateMachineParameters": {"InvocationType": "FIRE_AND_FORGET"},
        },
        "RoleArn": ROLE,
        "Tags": {"team": "orders"},
    }
    pipe = feed(answer("pipes.DescribePipe", item, "p")).of(Pipe)[0]
    assert (pipe.reads.filters, pipe.reads.credentials) == (1, {"SaslScram512Auth": "arn:aws:secretsmanager:x"})
    assert (pipe.hands_on.transforms, pipe.hands_on.invocation_type) == (True, "FIRE_AND_FORGET")
    assert pipe.tags == {"team": "orders"}


def calls(definition):
    reading = Reading()
    text = definition if isinstance(definition, str) else json.dumps(definition)
    found = state_calls(text, Source("f", "/definition"), reading)
    return found, reading.build().not_read


def task(resource, **fields):
    return {"Type": "Task", "Resource": resource, **fields}


@pytest.mark.parametrize(
    ("state", "integration", "pattern", "references"),
    [
        (task(FN), "lambda:invoke", "", {"FunctionName": (FN,)}),
        (
            task("arn:aws:states:::lambda:invoke.waitForTaskToken", Parameters={"FunctionName": "charge"}),
            "lambda:invoke", "waitForTaskToken", {"FunctionName": ("charge",)},
        ),
        (
            task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName.$": "$.fn"}),
            "lambda:invoke", "", {"FunctionName": ("(computed)",)},
        ),
        (
            task("arn:aws:states:::lambda:invoke", Arguments={"FunctionName": "{% $fn %}"}),
            "lambda:invoke", "", {"FunctionName": ("(computed)",)},
        ),
        (
            task("arn:aws:states:::sqs:sendMessage", Arguments="{% $all %}"),
            "sqs:sendMessage", "", {"Arguments": ("(computed)",)},
        ),
        (
            task(
                "arn:aws:states:::events:putEvents",
                Parameters={"Entries": [{"EventBusName": "shop"}, {"Detail.$": "$"}]},
            ),
            "events:putEvents", "", {"EventBusName": ("shop",)},
        ),
        (
            task("arn:aws:states:::aws-sdk:dynamodb:batchGetItem", Parameters={"RequestItems": {"a": {}, "b": {}}}),
            "aws-sdk:dynamodb:batchGetItem", "", {"RequestItems": ("a", "b")},
        ),
        (
            task("arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": MACHINE}),
            "states:startExecution", "sync:2", {"StateMachineArn": (MACHINE,)},
        ),
        (
            task(
                "arn:aws:states:::http:invoke",
                Parameters={
                    "ApiEndpoint": "https://api.bank.example/pay?token=s3cret",
                    "Authentication": {"ConnectionArn": f"{EVENTS}:connection/bank/1"},
                    "Headers": {"x-key": "s3cret"},
                },
            ),
            "http:invoke", "",
            {"ApiEndpoint": ("https://api.bank.example",), "ConnectionArn": (f"{EVENTS}:connection/bank/1",)},
        ),
        (
            task("arn:aws:states:::aws-sdk:s3:copyObject", Parameters={"Bucket": "to", "CopySource": "from/key"}),
            "aws-sdk:s3:copyObject", "", {"Bucket": ("to",), "CopySource": ("from",)},
        ),
        (task("${ChargeFunctionArn}"), "", "", {}),
    ],
)  # fmt: skip
def test_states_that_call_are_told_apart(state, integration, pattern, references):
    (call,), not_read = calls({"StartAt": "S", "States": {"S": state}})
    assert (call.integration, call.pattern, call.references) == (integration, pattern, references)
    assert call.source == Source("f", "/definition/States/S")
    assert not_read == ()
    assert "s3cret" not in repr(call)


def test_states_inside_map_and_parallel_are_found_with_their_place():
    inner = {"States": {"Inner": task(FN)}}
    deep = {"States": {"Deep": {"Type": "Map", "Iterator": inner}}}
    found, not_read = calls(
        {
            "States": {
                "Each": {
                    "Type": "Map",
                    "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "in"}},
                    "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **inner},
                    "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "out"}},
                },
                "Old": {"Type": "Map", "Iterator": inner},
                "Both": {"Type": "Parallel", "Branches": [inner, deep]},
                "Stop": {"Type": "Succeed"},
            }
        }
    )
    assert not_read == ()
    assert [(call.state, call.part, call.source.pointer) for call in found] == [
        ("Both/0/Inner", "task", "/definition/States/Both/Branches/0/States/Inner"),
        ("Both/1/Deep/Inner", "task", "/definition/States/Both/Branches/1/States/Deep/Iterator/States/Inner"),
        ("Each", "reader", "/definition/States/Each/ItemReader"),
        ("Each", "writer", "/definition/States/Each/ResultWriter"),
        ("Each/Inner", "task", "/definition/States/Each/ItemProcessor/States/Inner"),
        ("Old/Inner", "task", "/definition/States/Old/Iterator/States/Inner"),
    ]


@pytest.mark.parametrize(
    ("definition", "found", "where"),
    [
        ("{", UNSET, "/definition"),
        ("[]", UNSET, "/definition"),
        ('{"States": []}', UNSET, "/definition"),
        ('{"States":' * 300 + "{}" + "}" * 300, UNSET, "/definition"),
        ('{"States": {"A": 1}}', (), "/definition/States/A"),
        ('{"States": {"A": {"Type": "Task"}}}', (), "/definition/States/A"),
        ('{"States": {"A": {"Type": "Map", "Iterator": {}}}}', (), "/definition/States/A/Iterator"),
        ('{"States": {"A": {"Type": "Parallel", "Branches": [1]}}}', (), "/definition/States/A/Branches/0"),
    ],
)
def test_a_broken_definition_is_not_read_and_nothing_else_is_lost(definition, found, where):
    calls_found, not_read = calls(definition)
    assert calls_found == found or (calls_found is UNSET and found is UNSET)
    assert [note.source.pointer for note in not_read] == [where]


def test_a_machine_that_was_only_listed_has_no_calls_seen():
    machine = {"stateMachineArn": MACHINE, "name": "orders", "type": "STANDARD"}
    record = feed(answer("stepfunctions.ListStateMachines", {"stateMachines": [machine]})).of(StateMachine)[0]
    assert (record.calls, record.role_arn) == (UNSET, UNSET)


@pytest.mark.parametrize("call", sorted(HANDLERS), ids=".".join)
@pytest.mark.parametrize("payload", [{}, {"Rules": 1}, {"Target": "x", "Arn": "y"}, {"definition": {"a": 1}}])
def test_no_handler_of_ours_falls_over(call, payload):
    if call[0] not in {"events", "pipes", "scheduler", "stepfunctions"}:
        return
    feed(answer(".".join(call), payload, "a", "b"))


@mock_aws
def test_what_moto_answers_is_read(tmp_path):
    events, states = boto3.client("events", region_name=REGION), boto3.client("stepfunctions", region_name=REGION)
    iam = boto3.client("iam", region_name=REGION)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = iam.create_role(RoleName="states", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    events.create_event_bus(Name="shop", Tags=[{"Key": "sensitivity", "Value": "confidential"}])
    events.put_permission(
        EventBusName="shop", Action="events:PutEvents", Principal="444455556666", StatementId="partner"
    )
    events.put_rule(Name="paid", EventBusName="shop", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="paid", EventBusName="shop", Targets=[{"Id": "1", "Arn": FN}])
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)", State="DISABLED")
    events.create_archive(ArchiveName="all", EventSourceArn=f"{EVENTS}:event-bus/shop")
    connection = events.create_connection(
        Name="crm",
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "s3cret"}},
    )["ConnectionArn"]
    events.create_api_destination(
        Name="crm", ConnectionArn=connection, InvocationEndpoint="https://crm.example/hook", HttpMethod="POST"
    )
    states.create_state_machine(
        name="orders", roleArn=role, definition=json.dumps({"StartAt": "S", "States": {"S": {**task(FN), "End": True}}})
    )
    boto3.client("scheduler", region_name=REGION).create_schedule(
        Name="tick",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": FN, "RoleArn": role, "Input": "{}"},
    )
    boto3.client("pipes", region_name=REGION).create_pipe(
        Name="p", RoleArn=role, Source=f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", Target=FN
    )
    inventory = exported(tmp_path, "events", "stepfunctions", "scheduler", "pipes")
    rules = {found.name: found for found in inventory.of(Rule)}
    assert rules["paid"].targets[0].arn == FN
    assert rules["nightly"].enabled is False
    shop = next(bus for bus in inventory.of(EventBus) if bus.name == "shop")
    assert shop.policy.document["Statement"][0]["Sid"] == "partner"
    assert shop.tags == {"sensitivity": "confidential"}
    assert inventory.of(Archive)[0].event_source_arn == shop.arn
    assert inventory.of(ApiDestination)[0].invocation_endpoint == "https://crm.example"
    assert inventory.of(Connection)[0].authorization_type == "API_KEY"
    assert inventory.of(StateMachine)[0].calls[0].references == {"FunctionName": (FN,)}
    assert inventory.of(Schedule)[0].target.role_arn == role
    assert inventory.of(Pipe)[0].target == FN
    assert inventory.not_read == ()
    assert "s3cret" not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))
