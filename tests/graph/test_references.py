"""What the environment of a function refers to, and when that moves data."""

import json

import pytest

from auditkit.graph.connect import connect, validate
from auditkit.graph.schema import AccessLevel, EdgeKind, Evidence, Interval, View
from auditkit.inventory import Kind
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

FN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
TAX = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:tax"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ledger-AbCdEf"
LEDGER = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:ledger"
HOST = f"ledger.abc.{REGION}.rds.amazonaws.com"

STORES = (
    answer(
        "dynamodb.DescribeTable",
        {"Table": {"TableName": "orders", "TableArn": TABLE, "TableStatus": "ACTIVE"}},
        "orders",
    ),
    answer("dynamodb.GetResourcePolicy", {}, TABLE),
    answer("sqs.GetQueueAttributes", {"Attributes": {"QueueArn": QUEUE}}, QUEUE_URL),
    answer("s3.ListBuckets", {"Buckets": [{"Name": "uploads-1"}]}),
    answer("s3.GetBucketPolicy", {}, "uploads-1"),
    answer("secretsmanager.ListSecrets", {"SecretList": [{"ARN": SECRET, "Name": "ledger"}]}),
    answer("secretsmanager.GetResourcePolicy", {}, SECRET),
    answer(
        "ssm.DescribeParameters",
        {"Parameters": [{"Name": "/shop/rate", "ARN": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/rate"}]},
    ),
    answer(
        "rds.DescribeDBInstances",
        {
            "DBInstances": [
                {
                    "DBInstanceIdentifier": "ledger",
                    "DBInstanceArn": LEDGER,
                    "Engine": "postgres",
                    "Endpoint": {"Address": HOST, "Port": 5432},
                }
            ]
        },
    ),
    answer("organizations.DescribeOrganization", {}),
)


def functions(**variables):
    environment = {"Environment": {"Variables": variables}} if variables else {}
    items = [
        {"FunctionName": "orders", "FunctionArn": FN, "Role": ROLE, **environment},
        {"FunctionName": "tax", "FunctionArn": TAX, "Role": ROLE},
    ]
    return answer("lambda.ListFunctions", {"Functions": items}), answer("lambda.GetPolicy", {}, "tax")


def permissions(*actions):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    item = {"Arn": ROLE, "RolePolicyList": [policy] if actions else [], "AttachedManagedPolicies": []}
    return answer("iam.GetAccountAuthorizationDetails", {"RoleDetailList": [item]})


ALL = permissions("*")


def graph_of(*responses):
    graph = connect(feed(*STORES, *responses))
    validate(graph)
    return graph


def moves(graph, target):
    """Return the data edges between the function and a target: kind -> edge."""
    found = {}
    for ends in ((FN, target), (target, FN)):
        for edge in (graph.get_edge_data(*ends) or {}).values():
            if edge["view"] is View.DATA:
                found[edge["kind"]] = edge
    return found


@pytest.mark.parametrize(
    ("key", "value", "target"),
    [
        ("TABLE", "orders", TABLE),
        ("ANYTHING", TABLE, TABLE),
        ("JOBS", "jobs", QUEUE),
        ("JOBS_URL", QUEUE_URL, QUEUE),
        ("JOBS_ARN", QUEUE, QUEUE),
        ("UPLOADS", "uploads-1", "arn:aws:s3:::uploads-1"),
        ("UPLOADS", "s3://uploads-1/", "arn:aws:s3:::uploads-1"),
        ("UPLOADS", "s3://uploads-1/daily/report.csv", "arn:aws:s3:::uploads-1"),
        ("UPLOADS", "s3a://uploads-1/daily", "arn:aws:s3:::uploads-1"),
        ("UPLOADS", f"https://uploads-1.s3.{REGION}.amazonaws.com/x", "arn:aws:s3:::uploads-1"),
        ("LEDGER_SECRET", "ledger", SECRET),
        ("LEDGER_SECRET", SECRET, SECRET),
        ("LEDGER_SECRET", SECRET.rpartition("-")[0], SECRET),
        ("RATE", "/shop/rate", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/rate"),
    ],
)
def test_a_store_is_recognised_by_name_arn_and_address(key, value, target):
    graph = graph_of(*functions(**{key: value}), ALL)
    found = moves(graph, target)
    assert found
    assert {edge["evidence"] for edge in found.values()} == {Evidence.REFERENCED}
    (edge, *_) = found.values()
    assert edge["sources"][0].pointer == f"/Functions/0/Environment/Variables/{key}"


@pytest.mark.parametrize(
    "value", ["s3://models.example.com/v1", "s3://models/v1", "ssm://app/key", "file://conf/a.yaml"]
)
def test_an_address_that_is_none_of_a_network_leads_to_no_host(value):
    graph = graph_of(*functions(MODEL=value), ALL)
    kinds = {data["kind"] for _, data in graph.nodes(data=True)}
    assert not kinds & {Kind.HOST, Kind.THIRD_PARTY}


@pytest.mark.parametrize(
    ("actions", "kinds"),
    [
        (["dynamodb:GetItem"], {EdgeKind.READS}),
        (["dynamodb:PutItem"], {EdgeKind.WRITES}),
        (["dynamodb:PutItem", "dynamodb:Query"], {EdgeKind.READS, EdgeKind.WRITES}),
        (["dynamodb:UpdateTable", "dynamodb:DescribeTable"], set()),
        (["s3:*"], set()),
    ],
)
def test_a_reference_moves_data_the_way_the_role_permits(actions, kinds):
    graph = graph_of(*functions(TABLE="orders"), permissions(*actions))
    assert set(moves(graph, TABLE)) == kinds


def test_a_permission_alone_moves_nothing():
    graph = graph_of(*functions(), ALL)
    assert moves(graph, TABLE) == {}
    assert any(edge["kind"] is EdgeKind.PERMITS for edge in graph.get_edge_data(ROLE, TABLE).values())


def test_where_permissions_are_not_known_both_directions_are_drawn_and_say_so():
    found = moves(graph_of(*functions(TABLE="orders")), TABLE)
    assert set(found) == {EdgeKind.READS, EdgeKind.WRITES}
    assert {edge["unknown"] for edge in found.values()} == {"the permissions of the role"}


def test_a_function_that_is_referred_to_is_called_where_that_is_permitted():
    assert set(moves(graph_of(*functions(TAX_FUNCTION="tax"), permissions("lambda:InvokeFunction")), TAX)) == {
        EdgeKind.CALLS
    }
    assert moves(graph_of(*functions(TAX_FUNCTION="tax"), permissions("s3:*")), TAX) == {}
    assert moves(graph_of(*functions(TAX_FUNCTION="tax")), TAX)[EdgeKind.CALLS]["unknown"]


@pytest.mark.parametrize(
    ("key", "value"), [("MODE", "prod"), ("NAME", "ord"), ("QUEUE_NAME", "payments"), ("PORT", "80")]
)
def test_a_word_that_names_nothing_refers_to_nothing(key, value):
    graph = graph_of(*functions(**{key: value}), ALL)
    assert [edge for *_, edge in graph.edges(data=True) if edge["evidence"] is Evidence.REFERENCED] == []


def test_a_name_that_several_have_is_told_apart_by_its_variable():
    described = {"Table": {"TableName": "jobs", "TableArn": TABLE.replace("orders", "jobs"), "TableStatus": "ACTIVE"}}
    jobs = answer("dynamodb.DescribeTable", described, "jobs")
    graph = graph_of(jobs, *functions(JOBS_QUEUE="jobs"), ALL)
    assert moves(graph, QUEUE)
    assert not moves(graph, TABLE.replace("orders", "jobs"))


# ---------------------------------------------------------------- databases


def test_a_database_is_reached_with_the_password_in_the_environment():
    graph = graph_of(*functions(DB=f"postgres://app:hunter22@{HOST}:5432/shop?sslmode=disable"), permissions())
    found = moves(graph, LEDGER)
    assert set(found) == {EdgeKind.READS, EdgeKind.WRITES}
    factors = found[EdgeKind.WRITES]["factors"]
    assert (factors.hop, factors.encryption) == ("function->rds-postgres", Interval(1, 1))
    trust = [edge for edge in graph.get_edge_data(FN, LEDGER).values() if edge["view"] is View.TRUST]
    assert {(edge["access"], edge["cost"]) for edge in trust} == {(AccessLevel.READ, 0), (AccessLevel.WRITE, 0)}
    assert "hunter22" not in json.dumps([str(item) for item in graph.edges(data=True)])


def test_a_database_without_a_password_costs_a_step_and_its_secret_opens_it():
    graph = graph_of(*functions(LEDGER_HOST=HOST, LEDGER_SECRET=SECRET), ALL)
    trust = [edge for edge in graph.get_edge_data(FN, LEDGER).values() if edge["view"] is View.TRUST]
    assert {edge["cost"] for edge in trust} == {1}
    assert [edge["kind"] for edge in graph.get_edge_data(SECRET, LEDGER).values()] == [EdgeKind.OPENS]


def test_a_secret_of_something_else_opens_no_database():
    variables = {"LEDGER_HOST": HOST, "BANK_SECRET": SECRET, "BANK_URL": "https://api.bank.example"}
    assert graph_of(*functions(**variables), ALL).get_edge_data(SECRET, LEDGER) is None


# ---------------------------------------------------------------- outside


@pytest.mark.parametrize(
    ("variables", "encryption", "peer"),
    [
        ({"API": "https://api.example.com/v1"}, Interval(0, 0), Interval(0, 0)),
        ({"API": "http://api.example.com/v1"}, Interval(1, 1), None),
        ({"API": "https://api.example.com", "NODE_TLS_REJECT_UNAUTHORIZED": "0"}, Interval(0, 0), Interval(1, 1)),
        ({"API_HOST": "api.example.com"}, None, None),
    ],
)
def test_a_host_outside_is_a_third_party(variables, encryption, peer):
    found = moves(graph_of(*functions(**variables), permissions()), "thirdparty:api.example.com")
    assert set(found) == {EdgeKind.CALLS}
    factors = found[EdgeKind.CALLS]["factors"]
    assert factors.hop == "function->third-party-url"
    assert encryption is None or factors.encryption == encryption
    assert peer is None or factors.peer == peer
    assert factors.third_party == Interval(1, 1)


def test_endpoints_of_aws_itself_and_of_the_machine_are_no_third_parties():
    variables = {"A": f"https://sqs.{REGION}.amazonaws.com", "B": "http://localhost:8080", "C_HOST": "127.0.0.1"}
    graph = graph_of(*functions(**variables), permissions())
    assert not [node for node in graph if node.startswith(("thirdparty:", "host:"))]
