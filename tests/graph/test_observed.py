"""What logs and traces saw raises edges and adds those that are missing, and grants nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.exports import read
from auditkit.graph import EdgeKind, Evidence, View, connect, data_view
from auditkit.inventory import Inventory, Source
from auditkit.inventory.evidence.observed import ObservedCall, Observer, Party
from tests.exports.feeding import answer, feed
from tests.smallexport import ACCOUNT, REGION, arn, function, write_export

CREATE, SHIP, IDLE = (arn("lambda", f"function:{name}") for name in ("orders-create", "orders-ship", "idle"))
ORDERS, AUDIT, PAID = arn("dynamodb", "table/orders"), arn("dynamodb", "table/audit"), arn("sqs", "paid")
CARRIER = "thirdparty:carrier.example"
EVE = f"arn:aws:iam::{ACCOUNT}:user/eve"
SEEN = Source("log.json", "/Records/0")


def role(name):
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def session(name, session=""):
    return Party(arn=role(name), session=session or name)


def trace(kind, name):
    return Party(name=name, type=kind)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return read(write_export(tmp_path_factory.mktemp("export")))


@pytest.fixture(scope="module")
def before(bare):
    return connect(bare)


def call(caller, action, target, **fields):
    target = target if isinstance(target, Party) else Party(arn=target)
    said = {"observer": Observer.TRAIL, "account": ACCOUNT, "region": REGION, "count": 1, "sources": (SEEN,), **fields}
    return ObservedCall(id=f"observed:{caller}{action}{target}", caller=caller, target=target, action=action, **said)


def graph_of(bare, *calls):
    return connect(Inventory([*bare, *calls], coverage=bare.coverage))


def hops(graph):
    return {
        (origin, target, edge["kind"]): edge
        for origin, target, edge in graph.edges(data=True)
        if edge["view"] is View.DATA and edge["evidence"] is Evidence.OBSERVED
    }


FUNCTION = "AWS::Lambda::Function"


@pytest.mark.parametrize(
    ("caller", "action", "target", "hop"),
    [
        (session("orders-create"), "dynamodb:PutItem", ORDERS, (CREATE, ORDERS, EdgeKind.WRITES)),
        (session("orders-ship"), "dynamodb:Query", ORDERS, (ORDERS, SHIP, EdgeKind.READS)),
        (session("orders-ship", "awslambda_17"), "sqs:ReceiveMessage", PAID, (PAID, SHIP, EdgeKind.DELIVERS)),
        (
            trace(FUNCTION, "orders-create"),
            "",
            trace("AWS::DynamoDB::Table", "orders"),
            (CREATE, ORDERS, EdgeKind.WRITES),
        ),
        (Party(arn=SHIP), "", Party(host="http://carrier.example"), (SHIP, CARRIER, EdgeKind.CALLS)),
    ],
    ids=["writes", "reads", "polls", "trace", "trace to a host"],
)
def test_an_edge_that_is_seen_is_raised(bare, before, caller, action, target, hop):
    after = graph_of(bare, call(caller, action, target))
    assert hop not in hops(before)
    assert hops(after)[hop]["sources"][-1] == SEEN
    assert hops(after)[hop]["factors"] is not None
    assert set(after.edges(keys=True)) == set(before.edges(keys=True)), "nothing is added where there is an edge"
    assert data_view(before).number_of_edges() == data_view(after).number_of_edges()


@pytest.mark.parametrize(
    ("caller", "action", "target", "hop"),
    [
        (session("idle"), "dynamodb:PutItem", AUDIT, (IDLE, AUDIT, EdgeKind.WRITES)),
        (session("idle", "someone"), "dynamodb:GetItem", AUDIT, (AUDIT, role("idle"), EdgeKind.READS)),
        (Party(arn=EVE), "s3:GetObject", "arn:aws:s3:::media", ("arn:aws:s3:::media", EVE, EdgeKind.READS)),
        (
            Party(arn="arn:aws:iam::444455556666:root"),
            "sqs:SendMessage",
            f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/paid",
            ("arn:aws:iam::444455556666:root", PAID, EdgeKind.WRITES),
        ),
        (session("orders-create"), "lambda:InvokeFunction", f"{IDLE}:live", (CREATE, IDLE, EdgeKind.CALLS)),
        (
            trace(FUNCTION, "idle"),
            "",
            Party(host="https://new.example"),
            (IDLE, "thirdparty:new.example", EdgeKind.CALLS),
        ),
    ],
    ids=["function", "another session", "user", "another account", "function calls function", "host"],
)
def test_a_call_without_an_edge_becomes_one(bare, before, caller, action, target, hop):
    after = graph_of(bare, call(caller, action, target))
    edge = hops(after)[hop]
    assert (edge["sources"], edge["label"]) == ((SEEN,), action.partition(":")[2] or "seen in traces")
    assert edge["factors"].encryption.known == (hop[1].startswith("thirdparty") or edge["factors"].encryption.known)
    assert len(set(after.edges(keys=True)) - set(before.edges(keys=True))) == 1


def test_a_trace_to_a_store_does_not_tell_which_way(bare):
    after = graph_of(bare, call(Party(arn=IDLE), "", Party(arn=AUDIT)))
    both = [(IDLE, AUDIT, EdgeKind.WRITES), (AUDIT, IDLE, EdgeKind.READS)]
    assert [hops(after)[hop]["unknown"] for hop in both] == ["which way the data moves"] * 2


@pytest.mark.parametrize(
    "seen",
    [
        call(session("idle"), "dynamodb:PutItem", AUDIT, error="AccessDeniedException"),
        call(session("idle"), "dynamodb:DescribeTable", AUDIT),
        call(session("idle"), "dynamodb:DeleteItem", AUDIT),
        call(Party(service="sns.amazonaws.com"), "lambda:InvokeFunction", IDLE),
        call(Party(arn=EVE), "lambda:InvokeFunction", IDLE),
        call(trace(FUNCTION, "unheard-of"), "", ORDERS),
        call(Party(), "", CREATE),
        call(session("idle"), "dynamodb:PutItem", Party()),
    ],
    ids=["refused", "manages", "deletes", "service", "person calls", "unknown caller", "nobody", "nothing"],
)
def test_calls_that_move_nothing_change_nothing(bare, before, seen):
    after = graph_of(bare, seen)
    assert set(after.edges(keys=True)) == set(before.edges(keys=True))
    assert not hops(after)


def topics(*names):
    subscriptions = [
        {
            "SubscriptionArn": f"{arn('sns', name)}:1",
            "TopicArn": arn("sns", name),
            "Protocol": "lambda",
            "Endpoint": IDLE,
        }
        for name in names
    ]
    place = {"account": ACCOUNT, "region": REGION}
    return feed(
        answer("sns.ListTopics", {"Topics": [{"TopicArn": arn("sns", name)} for name in names]}, **place),
        answer("sns.ListSubscriptions", {"Subscriptions": subscriptions}, **place),
        answer("lambda.ListFunctions", {"Functions": [function("idle")]}, **place),
    )


@pytest.mark.parametrize(("names", "raised"), [(["a"], 1), (["a", "b"], 0)], ids=["only one", "two"])
def test_a_trigger_is_raised_where_there_is_only_one_of_the_service(names, raised):
    seen = call(Party(service="sns.amazonaws.com"), "lambda:InvokeFunction", IDLE)
    assert len(hops(graph_of(topics(*names), seen))) == raised


parties = st.builds(
    Party,
    arn=st.sampled_from(["", CREATE, ORDERS, AUDIT, EVE, role("idle"), role("gone"), "arn:aws:s3:::b", "arn:x", "*"]),
    name=st.sampled_from(["", "orders", "orders-create", "\x00"]),
    type=st.sampled_from(["", FUNCTION, "AWS::DynamoDB::Table", "AWS::ApiGateway::Stage", "?"]),
    session=st.sampled_from(["", "idle", "orders-create", "awslambda_1"]),
    service=st.sampled_from(["", "lambda.amazonaws.com", "sns.amazonaws.com", "."]),
    host=st.sampled_from(["", "https://x.example", "http://10.0.0.1", "https://b.s3.amazonaws.com", "?"]),
)
actions = st.sampled_from(["", "dynamodb:PutItem", "s3:GetObject", "lambda:InvokeFunction", "sts:AssumeRole", ":"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(parties, actions, parties), max_size=4))
def test_no_observation_grants_anything(bare, before, seen):
    def trust(graph):
        return {
            (*edge[:3], str(edge[3])) for edge in graph.edges(keys=True, data=True) if edge[3]["view"] is View.TRUST
        }

    calls = [call(caller, action, target) for caller, action, target in seen]
    assert trust(graph_of(bare, *calls)) == trust(before)
