import json

import pytest

from auditkit.graph.edges.iot import connect
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Interval
from tests.exports.feeding import ACCOUNT, REGION, answer
from tests.graph.entering import data, graph_of, only, trust

RULE = f"arn:aws:iot:{REGION}:{ACCOUNT}:rule/telemetry"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:telemetry"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/iot"


def rule(*actions, sql="SELECT * FROM 'devices/+/telemetry'", **fields):
    item = {"ruleName": "telemetry", "sql": sql, "actions": list(actions), **fields}
    return answer("iot.GetTopicRule", {"ruleArn": RULE, "rule": item}, "telemetry")


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def test_devices_get_to_a_function():
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "iot.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
        "Condition": {"ArnLike": {"aws:SourceArn": RULE}},
    }
    graph = graph_of(
        connect,
        rule({"lambda": {"functionArn": FUNCTION}}),
        answer("lambda.ListFunctions", {"Functions": [{"FunctionName": "telemetry", "FunctionArn": FUNCTION}]}),
        answer("lambda.GetPolicy", {"Policy": json.dumps({"Statement": [statement]})}, "telemetry"),
    )
    assert graph.nodes[RULE]["entry"] is EntryKind.AUTHENTICATED
    assert only(data(graph, INTERNET, RULE))["factors"].hop == "iot-device->iot-core"
    hop = only(data(graph, RULE, FUNCTION))
    assert (hop["factors"].authentication, hop["factors"].hop) == (Interval.exactly(0), "iot-rule->lambda")
    assert hop["sources"][0].pointer == "/rule/actions/0/lambda/functionArn"
    assert only(trust(graph, RULE, FUNCTION))["kind"] is EdgeKind.INVOKES


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ({"sqs": {"queueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q", "roleArn": ROLE}}, arn("sqs", "q")),
        ({"sns": {"targetArn": arn("sns", "t"), "roleArn": ROLE}}, arn("sns", "t")),
        (
            {"dynamoDB": {"tableName": "t", "roleArn": ROLE, "hashKeyField": "k", "hashKeyValue": "v"}},
            arn("dynamodb", "table/t"),
        ),
        ({"dynamoDBv2": {"putItem": {"tableName": "t"}, "roleArn": ROLE}}, arn("dynamodb", "table/t")),
        ({"kinesis": {"streamName": "s", "roleArn": ROLE}}, arn("kinesis", "stream/s")),
        ({"firehose": {"deliveryStreamName": "f", "roleArn": ROLE}}, arn("firehose", "deliverystream/f")),
        ({"s3": {"bucketName": "b", "key": "k", "roleArn": ROLE}}, "arn:aws:s3:::b"),
        ({"cloudwatchLogs": {"logGroupName": "/iot", "roleArn": ROLE}}, arn("logs", "log-group:/iot")),
    ],
)
def test_messages_are_written_to_stores_in_a_role(action, target):
    graph = graph_of(connect, rule(action))
    assert only(data(graph, RULE, target))["kind"] is EdgeKind.DELIVERS
    assert only(trust(graph, RULE, target))["access"] is AccessLevel.WRITE
    assert only(trust(graph, RULE, ROLE))["kind"] is EdgeKind.RUNS_AS


@pytest.mark.parametrize(
    ("action", "target", "kind"),
    [
        (
            {"stepFunctions": {"stateMachineName": "m", "roleArn": ROLE}},
            arn("states", "stateMachine:m"),
            EdgeKind.DELIVERS,
        ),
        ({"republish": {"topic": "other", "roleArn": ROLE}}, arn("iot", "topic/other"), EdgeKind.DELIVERS),
        ({"http": {"url": "https://hooks.partner.example/x"}}, "thirdparty:hooks.partner.example", EdgeKind.CALLS),
        (
            {"salesforce": {"token": "t", "url": "https://in.sfdc.example/s"}},
            "thirdparty:in.sfdc.example",
            EdgeKind.CALLS,
        ),
        (
            {"timestream": {"databaseName": "d", "tableName": "t"}},
            arn("timestream", "database/d/table/t"),
            EdgeKind.DELIVERS,
        ),
    ],
)
def test_other_actions_lead_where_they_say(action, target, kind):
    assert only(data(graph_of(connect, rule(action)), RULE, target))["kind"] is kind


def test_an_action_of_an_unknown_kind_has_an_end_that_says_so():
    graph = graph_of(connect, rule({"quantumLink": {"target": "x"}}))
    (end,) = graph.successors(RULE)
    assert graph.nodes[end]["label"] == "action of an unknown kind"


def test_the_error_action_is_an_edge_of_its_own():
    queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/dead"
    graph = graph_of(connect, rule(errorAction={"sqs": {"queueUrl": queue}}))
    assert only(data(graph, RULE, arn("sqs", "dead")))["label"] == "error"


def test_a_rule_that_is_switched_off_is_no_entry():
    graph = graph_of(connect, rule({"lambda": {"functionArn": FUNCTION}}, ruleDisabled=True))
    assert graph.nodes[RULE]["entry"] is None
    assert only(data(graph, RULE, FUNCTION))["enabled"] is False
    assert trust(graph, RULE, FUNCTION) == []


@pytest.mark.parametrize(
    ("sql", "level"),
    [
        ("SELECT * FROM 'a/b'", Interval.exactly(1)),
        ("SELECT * FROM 'a/b' WHERE temperature > 50", Interval.exactly(0.5)),
        ("SELECT * FROM 'where/b'", Interval.exactly(1)),
        (None, Interval(0.5, 1)),
    ],
)
def test_a_filter_is_half_a_validation(sql, level):
    assert only(data(graph_of(connect, rule(sql=sql)), INTERNET, RULE))["factors"].validation == level


def test_the_statement_itself_calls_and_looks_up():
    sql = (
        f"SELECT aws_lambda(\"{FUNCTION}\", {{'id': id}}).x AS x, "
        f'get_dynamodb("devices", "id", id, "{ROLE}").owner AS owner FROM \'a\''
    )
    graph = graph_of(connect, rule(sql=sql))
    assert only(data(graph, RULE, FUNCTION))["label"] == "statement"
    assert only(data(graph, arn("dynamodb", "table/devices"), RULE))["kind"] is EdgeKind.READS
