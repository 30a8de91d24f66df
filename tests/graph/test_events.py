import itertools
import json

import pytest

from auditkit.graph._build import Builder
from auditkit.graph.connect import connect, validate
from auditkit.graph.edges import events, pipes, schedules, statemachines
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Interval, View
from auditkit.inventory import Inventory, Kind
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

PARTNER = "444455556666"
EVENTS = f"arn:aws:events:{REGION}:{ACCOUNT}"
BUS = f"{EVENTS}:event-bus/shop"
RULE = f"{EVENTS}:rule/shop/paid"
FN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:charge"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/states"
SCHEDULE = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/tick"
PIPE = f"arn:aws:pipes:{REGION}:{ACCOUNT}:pipe/p"


def bus(policy=None, name="shop"):
    item = {"Name": name, "Arn": f"{EVENTS}:event-bus/{name}"}
    if policy:
        item["Policy"] = json.dumps({"Version": "2012-10-17", "Statement": policy})
    return answer("events.ListEventBuses", {"EventBuses": [item]})


def rule(*targets, pattern='{"source": ["shop"]}', state="ENABLED", **fields):
    item = {"Name": "paid", "Arn": RULE, "State": state, "EventBusName": "shop", **fields}
    if pattern:
        item["EventPattern"] = pattern
    listed = [{"Id": str(number), **target} for number, target in enumerate(targets)]
    return (
        answer("events.ListRules", {"Rules": [item]}, "shop"),
        answer("events.ListTargetsByRule", {"Targets": listed}, "shop", "paid"),
    )


def function(*statements):
    config = {"FunctionName": "charge", "FunctionArn": FN, "Role": f"arn:aws:iam::{ACCOUNT}:role/charge"}
    policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})} if statements else {}
    return answer("lambda.ListFunctions", {"Functions": [config]}), answer("lambda.GetPolicy", policy, "charge")


def allow(condition=None):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FN,
    }
    return {**statement, "Condition": condition} if condition else statement


def machine(states, **fields):
    item = {
        "stateMachineArn": MACHINE,
        "name": "orders",
        "type": "STANDARD",
        "roleArn": ROLE,
        "definition": json.dumps({"StartAt": "S", "States": states}),
        **fields,
    }
    return answer("stepfunctions.DescribeStateMachine", item, MACHINE)


def graph_of(*responses):
    """Return the graph of the events family alone."""
    build = Builder(feed(*responses))
    for module in (events, pipes, schedules, statemachines):
        module.connect(build)
    graph = build.graph
    validate(graph)
    return graph


def edges(graph, origin, target, view=None):
    return [
        edge
        for _, to, edge in graph.out_edges(origin, data=True)
        if to == target and (view is None or edge["view"] is view)
    ]


def data(graph, origin, target):
    (edge,) = edges(graph, origin, target, View.DATA)
    return edge


def trust(graph, origin, target):
    (edge,) = edges(graph, origin, target, View.TRUST)
    return edge


def test_a_rule_stands_between_bus_and_target():
    graph = graph_of(bus(), *rule({"Arn": FN}), *function(allow({"ArnLike": {"aws:SourceArn": RULE}})))
    assert trust(graph, BUS, RULE)["kind"] is EdgeKind.INVOKES
    assert trust(graph, BUS, RULE)["cost"] == 2
    assert trust(graph, RULE, FN)["cost"] == 0
    factors = data(graph, RULE, FN)["factors"]
    assert factors.hop == "eventbridge->lambda"
    assert factors.authentication == Interval(0, 0)
    assert {source.file for source in data(graph, RULE, FN)["sources"]} == {
        f"{ACCOUNT}/{REGION}/events.ListTargetsByRule/shop/paid.json",
        f"{ACCOUNT}/{REGION}/lambda.GetPolicy/charge.json",
    }


@pytest.mark.parametrize(
    ("statements", "level", "cost"),
    [
        ((allow(),), Interval(0.5, 0.5), 0),
        ((), Interval(0, 0.5), 4),
        ((allow({"Bool": {"aws:X": "true"}}),), Interval(0, 0.5), 0),
    ],
)
def test_the_policy_of_the_function_decides_the_authentication(statements, level, cost):
    graph = graph_of(bus(), *rule({"Arn": FN}), *function(*statements))
    assert data(graph, RULE, FN)["factors"].authentication == level
    assert trust(graph, RULE, FN)["cost"] == cost


@pytest.mark.parametrize(
    ("pattern", "level", "cost"),
    [
        ('{"source": ["shop"]}', 1, 2),
        ('{"source": ["shop"], "detail-type": ["paid"]}', 1, 2),
        ('{"source": ["shop"], "detail": {"total": [{"numeric": [">", 0]}]}}', 0.5, 2),
        ('{"source": ["aws.s3"]}', 0.5, 3),
        ('{"source": ["aws.s3", "shop"]}', 1, 2),
        ('{"source": [{"prefix": "aws."}]}', 1, 2),
        ('{"source": []}', 1, 2),
        ("{", 1, 2),
    ],
)
def test_a_pattern_validates_what_the_sender_cannot_choose(pattern, level, cost):
    graph = graph_of(bus(), *rule({"Arn": FN}, pattern=pattern))
    assert data(graph, BUS, RULE)["factors"].validation == Interval.exactly(level)
    assert trust(graph, BUS, RULE)["cost"] == cost


def test_a_rule_that_is_off_moves_data_in_no_trust_edge():
    graph = graph_of(bus(), *rule({"Arn": FN}, state="DISABLED"))
    assert data(graph, BUS, RULE)["enabled"] is False
    assert data(graph, RULE, FN)["enabled"] is False
    assert edges(graph, BUS, RULE, View.TRUST) == edges(graph, RULE, FN, View.TRUST) == []


def test_a_schedule_alone_has_no_bus_before_it():
    graph = graph_of(bus(), *rule({"Arn": FN}, pattern="", ScheduleExpression="rate(1 day)"))
    assert not graph.has_edge(BUS, RULE)
    assert data(graph, RULE, FN)["detail"] == "rate(1 day)"


def test_targets_of_every_kind():
    other = f"arn:aws:events:{REGION}:{PARTNER}:event-bus/theirs"
    targets = {
        QUEUE: (Kind.QUEUE, "eventbridge->target"),
        f"arn:aws:sns:{REGION}:{ACCOUNT}:news": (Kind.TOPIC, "eventbridge->target"),
        MACHINE: (Kind.STATE_MACHINE, "eventbridge->target"),
        f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s": (Kind.STREAM, "eventbridge->target"),
        f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/d": (Kind.DELIVERY_STREAM, "eventbridge->target"),
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/events/x": (Kind.LOG_GROUP, "eventbridge->target"),
        f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/b": (Kind.JOB, "eventbridge->target"),
        other: (Kind.EVENT_BUS, "bus->foreign-bus"),
    }
    graph = graph_of(bus(), *rule(*({"Arn": arn, "RoleArn": ROLE} for arn in targets)))
    for arn, (kind, hop) in targets.items():
        assert graph.nodes[arn]["kind"] is kind
        assert data(graph, RULE, arn)["factors"].hop == hop
    assert graph.nodes[other]["boundary"].kind == "partner"
    assert data(graph, RULE, other)["factors"].third_party == Interval(1, 1)
    assert trust(graph, RULE, QUEUE)["kind"] is EdgeKind.PERMITS
    assert trust(graph, RULE, QUEUE)["access"] is AccessLevel.WRITE
    assert {edge["kind"] for edge in edges(graph, RULE, ROLE, View.TRUST)} == {EdgeKind.RUNS_AS}


def test_an_ecs_target_is_its_task_and_the_archive_rule_has_no_target():
    task = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/etl:3"
    cluster = {"Arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/c", "EcsParameters": {"TaskDefinitionArn": task}}
    graph = graph_of(bus(), *rule(cluster, {"Arn": f"arn:aws:events:{REGION}:::"}))
    assert list(graph.successors(RULE)) == [task]


def test_an_api_destination_leads_to_its_third_party_with_the_credentials_of_its_connection():
    destination, connection = f"{EVENTS}:api-destination/crm/1", f"{EVENTS}:connection/crm/2"
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:events!connection/crm/2-AbCdEf"
    graph = graph_of(
        bus(),
        *rule({"Arn": destination, "RoleArn": ROLE}),
        answer(
            "events.ListApiDestinations",
            {
                "ApiDestinations": [
                    {
                        "ApiDestinationArn": destination,
                        "Name": "crm",
                        "ConnectionArn": connection,
                        "InvocationEndpoint": "https://crm.example/hook",
                    }
                ]
            },
        ),
        answer(
            "events.DescribeConnection",
            {"ConnectionArn": connection, "Name": "crm", "AuthorizationType": "API_KEY", "SecretArn": secret},
            "crm",
        ),
    )
    factors = data(graph, destination, "thirdparty:crm.example")["factors"]
    assert (factors.authentication, factors.third_party) == (Interval(0.5, 0.5), Interval(1, 1))
    assert graph.nodes["thirdparty:crm.example"]["kind"] is Kind.THIRD_PARTY
    assert trust(graph, secret, "thirdparty:crm.example")["kind"] is EdgeKind.OPENS
    assert data(graph, RULE, destination)["factors"].network == Interval(0, 0)


def test_a_dead_letter_queue_gets_what_could_not_be_delivered():
    graph = graph_of(bus(), *rule({"Arn": FN, "DeadLetterConfig": {"Arn": QUEUE}}))
    assert data(graph, RULE, QUEUE)["label"] == "dead letter"


def put_events(principal, **fields):
    return {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "events:PutEvents",
        "Resource": BUS,
        **fields,
    }


def test_a_bus_that_lets_another_account_put_events_has_it_as_an_entry():
    graph = connect(feed(bus([put_events({"AWS": f"arn:aws:iam::{PARTNER}:root"})]), *rule({"Arn": FN})))
    account = f"arn:aws:iam::{PARTNER}:root"
    assert graph.nodes[account]["entry"] is EntryKind.OTHER_ACCOUNT
    assert graph.nodes[account]["boundary"].kind == "partner"
    assert any(
        edge["kind"] is EdgeKind.PERMITS and edge["cost"] == 0 for edge in edges(graph, account, BUS, View.TRUST)
    )
    assert data(graph, account, BUS)["sources"][0].pointer == "/EventBuses/0/Policy/Statement/0"


def test_a_bus_open_to_anyone_is_itself_an_entry():
    graph = graph_of(bus([put_events("*")]))
    assert graph.nodes[BUS]["entry"] is EntryKind.AUTHENTICATED
    assert data(graph, INTERNET, BUS)["factors"].hop == "putevents->bus"


@pytest.mark.parametrize(
    "statements",
    [
        [{"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2"}}}],
        [{"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2"}}, "Action": "events:PutRule"}],
        [{"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2"}}}, {"Effect": "Deny"}],
    ],
)
def test_an_organization_that_may_put_no_events_by_the_whole_policy_is_not_told(statements):
    graph = graph_of(bus([put_events("*") | more for more in statements]))
    assert "organization:o-a1b2" not in graph


def test_a_bus_open_to_an_organization_is_no_open_bus():
    graph = graph_of(bus([put_events("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2"}})]))
    assert graph.nodes[BUS]["entry"] is None
    assert not graph.has_node(INTERNET)
    assert graph.nodes["organization:o-a1b2"]["boundary"].kind == "partner"
    assert trust(graph, "organization:o-a1b2", BUS)["cost"] == 0


def test_events_of_a_partner_come_from_a_third_party():
    name = "aws.partner/example.com/123/x"
    graph = graph_of(bus(name=name))
    (edge,) = edges(graph, "thirdparty:example.com", f"{EVENTS}:event-bus/{name}", View.DATA)
    assert edge["factors"].hop == "partner->bus"


def test_an_archive_keeps_what_passes_the_bus():
    item = {"ArchiveName": "all", "EventSourceArn": BUS, "State": "ENABLED"}
    graph = graph_of(bus(), answer("events.ListArchives", {"Archives": [item]}))
    assert data(graph, BUS, f"{EVENTS}:archive/all")["kind"] is EdgeKind.REPLICATES
    assert graph.nodes[f"{EVENTS}:archive/all"]["sensitivity"] is not None


def test_a_schedule_acts_in_its_role():
    target = {"Arn": f"{FN}:live", "RoleArn": ROLE, "Input": "{}"}
    item = {"Arn": SCHEDULE, "Name": "tick", "ScheduleExpression": "rate(1 hour)", "Target": target}
    graph = graph_of(answer("scheduler.GetSchedule", item, "default", "tick"))
    edge = data(graph, SCHEDULE, FN)
    assert (edge["qualifier"], edge["detail"]) == ("live", "rate(1 hour), constant input")
    assert edge["factors"].authentication == Interval(0, 0)
    assert trust(graph, SCHEDULE, ROLE)["cost"] == 3


def test_a_universal_target_is_what_its_input_names():
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
        "RoleArn": ROLE,
        "Input": json.dumps({"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders"}),
    }
    item = {"Arn": SCHEDULE, "Name": "tick", "State": "DISABLED", "Target": target}
    graph = graph_of(answer("scheduler.GetSchedule", item, "default", "tick"))
    assert data(graph, SCHEDULE, QUEUE)["kind"] is EdgeKind.WRITES
    assert data(graph, SCHEDULE, QUEUE)["enabled"] is False


def pipe(**fields):
    item = {"Arn": PIPE, "Name": "p", "DesiredState": "RUNNING", "Source": QUEUE, "Target": MACHINE, "RoleArn": ROLE}
    return answer("pipes.DescribePipe", {**item, **fields}, "p")


def test_a_pipe_leads_from_source_by_enrichment_to_target():
    filters = {"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}
    graph = graph_of(pipe(Enrichment=FN, SourceParameters=filters))
    assert trust(graph, QUEUE, PIPE)["cost"] == 2
    assert data(graph, QUEUE, PIPE)["factors"].validation == Interval(0.5, 0.5)
    assert data(graph, PIPE, FN)["label"] == "enrichment"
    assert data(graph, FN, PIPE)["kind"] is EdgeKind.RETURNS
    assert trust(graph, PIPE, MACHINE)["kind"] is EdgeKind.INVOKES
    assert trust(graph, PIPE, ROLE)["kind"] is EdgeKind.RUNS_AS


def test_a_pipe_reads_the_secret_of_its_source_and_a_stopped_one_moves_nobody():
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:kafka-AbCdEf"
    kafka = {"SelfManagedKafkaParameters": {"Credentials": {"SaslScram512Auth": secret}}}
    graph = graph_of(pipe(Source="smk://kafka.example.com:9092", SourceParameters=kafka, DesiredState="STOPPED"))
    assert data(graph, "thirdparty:kafka.example.com", PIPE)["enabled"] is False
    assert data(graph, secret, PIPE)["kind"] is EdgeKind.READS
    assert edges(graph, "thirdparty:kafka.example.com", PIPE, View.TRUST) == []


def task(resource, **fields):
    return {"S": {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", **fields}}


@pytest.mark.parametrize(
    ("state", "target", "reads", "writes"),
    [
        (task("sqs:sendMessage", Parameters={"QueueUrl": QUEUE}), QUEUE, None, EdgeKind.WRITES),
        (task("dynamodb:getItem", Parameters={"TableName": "orders"}), TABLE, EdgeKind.READS, None),
        (task("dynamodb:putItem", Arguments={"TableName": TABLE}), TABLE, None, EdgeKind.WRITES),
        (
            task("aws-sdk:dynamodb:executeStatement", Parameters={"TableName": "orders"}),
            TABLE, EdgeKind.READS, EdgeKind.WRITES,
        ),
        (task("aws-sdk:s3:getObject", Parameters={"Bucket": "in"}), "arn:aws:s3:::in", EdgeKind.READS, None),
        (task("events:putEvents", Parameters={"Entries": []}), f"{EVENTS}:event-bus/default", None, EdgeKind.WRITES),
        (task("lambda:invoke", Parameters={"FunctionName": f"{FN}:live"}), FN, EdgeKind.RETURNS, EdgeKind.CALLS),
        (task("lambda:invoke.waitForTaskToken", Parameters={"FunctionName": "charge"}), FN, None, EdgeKind.CALLS),
        (
            task("states:startExecution", Parameters={"StateMachineArn": f"{MACHINE}-2"}),
            f"{MACHINE}-2", None, EdgeKind.CALLS,
        ),
        (
            task("glue:startJobRun.sync", Parameters={"JobName": "etl"}),
            f"arn:aws:glue:{REGION}:{ACCOUNT}:job/etl", None, EdgeKind.CALLS,
        ),
        (task("aws-sdk:textract:analyzeDocument"), "service:textract.amazonaws.com", None, EdgeKind.CALLS),
        (
            task("aws-sdk:secretsmanager:getSecretValue", Parameters={"SecretId": "db"}),
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db", EdgeKind.READS, None,
        ),
    ],
)  # fmt: skip
def test_states_read_write_and_call(state, target, reads, writes):
    graph = graph_of(machine(state))
    assert [edge["kind"] for edge in edges(graph, target, MACHINE, View.DATA)] == ([reads] if reads else [])
    assert [edge["kind"] for edge in edges(graph, MACHINE, target, View.DATA)] == ([writes] if writes else [])
    found = edges(graph, target, MACHINE, View.DATA) + edges(graph, MACHINE, target, View.DATA)
    assert {(edge["label"], edge["sources"][0].pointer) for edge in found} == {("S", "/definition/States/S")}


def test_asking_for_names_moves_no_data():
    graph = graph_of(machine(task("aws-sdk:dynamodb:describeTable", Parameters={"TableName": "orders"})))
    assert list(graph.successors(MACHINE)) == [ROLE]


def test_a_distributed_map_reads_and_writes_its_buckets():
    graph = graph_of(
        machine(
            {
                "Each": {
                    "Type": "Map",
                    "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "in"}},
                    "ItemProcessor": {"States": task("lambda:invoke", Parameters={"FunctionName": FN})},
                    "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out"}},
                }
            }
        )
    )
    assert data(graph, "arn:aws:s3:::in", MACHINE)["kind"] is EdgeKind.READS
    assert data(graph, MACHINE, "arn:aws:s3:::out")["kind"] is EdgeKind.WRITES
    assert data(graph, MACHINE, FN)["label"] == "Each/S"


def test_what_is_computed_at_run_time_is_a_node_that_says_so():
    graph = graph_of(machine(task("lambda:invoke", Parameters={"FunctionName.$": "$.fn"})))
    (computed,) = [node for node in graph if node.startswith("computed:")]
    assert graph.nodes[computed]["exists"] is False
    assert "lambda:invoke" in graph.nodes[computed]["label"]
    assert data(graph, MACHINE, computed)["kind"] is EdgeKind.CALLS


def test_an_http_task_calls_a_third_party():
    connection = f"{EVENTS}:connection/bank/1"
    authentication = {"ConnectionArn": connection}
    parameters = {"ApiEndpoint": "https://bank.example/pay", "Authentication": authentication}
    state = task("http:invoke", Parameters=parameters)
    graph = graph_of(machine(state))
    edge = data(graph, MACHINE, "thirdparty:bank.example")
    assert (edge["kind"], edge["factors"].hop) == (EdgeKind.CALLS, "sfn->http-task")
    assert edge["factors"].authentication == Interval(0.25, 0.5)


def test_a_task_in_another_role_looks_names_up_in_the_account_of_that_role():
    role = f"arn:aws:iam::{PARTNER}:role/far"
    state = task("dynamodb:putItem", Parameters={"TableName": "orders"}, Credentials={"RoleArn": role})
    graph = graph_of(machine(state))
    far = f"arn:aws:dynamodb:{REGION}:{PARTNER}:table/orders"
    assert data(graph, MACHINE, far)["factors"].third_party == Interval(1, 1)
    assert trust(graph, MACHINE, role)["kind"] is EdgeKind.ASSUMES


def test_a_standard_machine_keeps_data_and_an_express_one_does_not():
    assert graph_of(machine({})).nodes[MACHINE]["sensitivity"] is not None
    assert graph_of(machine({}, type="EXPRESS")).nodes[MACHINE]["sensitivity"] is None


def test_executions_are_logged_with_their_data():
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/sfn"
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{group}:*"}}]
    logging = {"level": "ALL", "includeExecutionData": True, "destinations": destinations}
    assert data(graph_of(machine({}, loggingConfiguration=logging)), MACHINE, group)["kind"] is EdgeKind.WRITES
    silent = {**logging, "includeExecutionData": False}
    assert not graph_of(machine({}, loggingConfiguration=silent)).has_node(group)


def everything():
    return [
        bus([put_events({"AWS": f"arn:aws:iam::{PARTNER}:root"})]),
        *rule({"Arn": FN}, {"Arn": QUEUE}, {"Arn": MACHINE, "RoleArn": ROLE}),
        *function(allow()),
        machine(task("sqs:sendMessage", Parameters={"QueueUrl": QUEUE})),
        pipe(Enrichment=FN),
    ]


def shown(graph):
    return list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))


def test_neither_the_order_of_records_nor_that_of_modules_changes_the_graph():
    records = list(feed(*everything()))
    first = shown(connect(Inventory(records)))
    for order in itertools.islice(itertools.permutations(records), 0, 720, 60):
        assert shown(connect(Inventory(order))) == first
    modules = [events, pipes, schedules, statemachines]
    graphs = []
    for chosen in itertools.permutations(modules):
        build = Builder(Inventory(records))
        for module in chosen:
            module.connect(build)
        graphs.append(shown(build.graph))
    assert all(graph == graphs[0] for graph in graphs)


def resolve(responses, source):
    (value,) = [response.payload for response in responses if response.source.file == source.file]
    for step in source.pointer.split("/")[1:]:
        if isinstance(value, str):  # a document written as text
            value = json.loads(value)
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def test_every_edge_has_a_source_that_resolves():
    responses = everything()
    graph = connect(feed(*responses))
    for _, _, edge in graph.edges(data=True):
        assert edge["sources"]
        for source in edge["sources"]:
            assert resolve(responses, source) is not None
