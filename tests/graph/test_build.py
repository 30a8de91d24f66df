import itertools
import pickle
from copy import deepcopy

import msgspec
import networkx as nx
import pytest

from auditkit.errors import GraphError
from auditkit.graph._build import Builder
from auditkit.graph._hosts import host_reference
from auditkit.graph._refs import reference
from auditkit.graph.connect import connect, validate
from auditkit.graph.factors import factors_of
from auditkit.graph.schema import Edge, EdgeKind, EntryKind, Evidence, Interval, Sensitivity, View
from auditkit.inventory import Inventory, Kind, Source
from auditkit.inventory.records.functions import Function

FN = "arn:aws:lambda:eu-west-1:111122223333:function:orders"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
WHERE = Source("111122223333/eu-west-1/lambda-list-functions.json", "/Functions/0")


def function(**fields):
    return Function(
        id=FN, account="111122223333", region="eu-west-1", name="orders", sources=(WHERE,),
        function_name="orders", function_arn=FN, **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "node_id", "kind", "label", "qualifier"),
    [
        (FN, FN, Kind.FUNCTION, "orders", ""),
        (f"{FN}:live", FN, Kind.FUNCTION, "orders", "live"),
        (f"{FN}:$LATEST", FN, Kind.FUNCTION, "orders", "$LATEST"),
        (
            f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FN}:7/invocations",
            FN, Kind.FUNCTION, "orders", "7",
        ),
        ("arn:aws:s3:::uploads/in/*", "arn:aws:s3:::uploads", Kind.BUCKET, "uploads", ""),
        (
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t", Kind.TABLE, "t", "",
        ),
        (
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/2026-01-01T00:00:00.000",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/2026-01-01T00:00:00.000",
            Kind.TABLE_STREAM, "t", "",
        ),
        (
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/x:*",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/x", Kind.LOG_GROUP, "/aws/lambda/x", "",
        ),
        ("https://sqs.eu-west-1.amazonaws.com/111122223333/orders", QUEUE, Kind.QUEUE, "orders", ""),
        ("https://eu-west-1.queue.amazonaws.com/111122223333/orders", QUEUE, Kind.QUEUE, "orders", ""),
        ("444455556666", "arn:aws:iam::444455556666:root", Kind.ACCOUNT, "444455556666", ""),
        ("*", "internet", Kind.INTERNET, "internet", ""),
        ("events.amazonaws.com", "service:events.amazonaws.com", Kind.SERVICE, "events.amazonaws.com", ""),
        (
            "arn:aws:states:eu-west-1:111122223333:stateMachine:m:PROD",
            "arn:aws:states:eu-west-1:111122223333:stateMachine:m", Kind.STATE_MACHINE, "m", "PROD",
        ),
        (
            "arn:aws:sts::111122223333:assumed-role/worker/session",
            "arn:aws:iam::111122223333:role/worker", Kind.ROLE, "worker", "",
        ),
        (
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf:password::",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf", Kind.SECRET, "db-AbCdEf", "",
        ),
        (
            "arn:aws:kafka:eu-west-1:111122223333:topic/k/abc-1/orders",
            "arn:aws:kafka:eu-west-1:111122223333:cluster/k/abc-1", Kind.KAFKA_CLUSTER, "k", "",
        ),
        ("no such thing", "no such thing", Kind.RESOURCE, "no such thing", ""),
        ("arn:aws:x", "arn:aws:x", Kind.RESOURCE, "arn:aws:x", ""),
    ],
)  # fmt: skip
def test_reference_leads_to_one_id_per_thing(text, node_id, kind, label, qualifier):
    found = reference(text)
    assert (found.id, found.kind, found.label, found.qualifier) == (node_id, kind, label, qualifier)
    assert reference(found.id).id == found.id


@pytest.mark.parametrize(
    ("host", "node_id"),
    [
        ("API.Stripe.com:443", "thirdparty:api.stripe.com"),
        ("sqs.eu-west-1.amazonaws.com", "service:sqs.amazonaws.com"),
        ("uploads.s3.eu-west-1.amazonaws.com", "arn:aws:s3:::uploads"),
        ("uploads.s3.unknown-region.amazonaws.com", "arn:aws:s3:::uploads"),  # of a template without a region
        ("uploads.s3-website-unknown-region.amazonaws.com", "arn:aws:s3:::uploads"),
        ("sqs.unknown-region.amazonaws.com", "service:sqs.amazonaws.com"),
        ("db1.abc.eu-west-1.rds.amazonaws.com", "host:db1.abc.eu-west-1.rds.amazonaws.com"),
        ("a1b2.execute-api.eu-west-1.amazonaws.com", "host:a1b2.execute-api.eu-west-1.amazonaws.com"),
        ("10.0.0.7", "host:10.0.0.7"),
        ("[fd00::1]:5432", "host:fd00::1"),
        ("ledger.corp", "host:ledger.corp"),
        ("evilamazonaws.com", "thirdparty:evilamazonaws.com"),
        ("amazonaws.com.evil.example", "thirdparty:amazonaws.com.evil.example"),
    ],
)
def test_hosts_are_told_apart(host, node_id):
    assert host_reference(host).id == node_id


def test_a_reference_becomes_a_node_that_does_not_exist():
    build = Builder(Inventory([function()]))
    build.triggers(build.ref(QUEUE), build.add(function()), hop="sqs->lambda", sources=[WHERE])
    graph = build.graph
    assert graph.nodes[QUEUE]["exists"] is False
    assert graph.nodes[QUEUE]["sensitivity"] is Sensitivity.UNKNOWN
    assert graph.nodes[FN]["exists"] is True
    validate(graph)


def test_a_trigger_is_a_data_edge_and_a_trust_edge():
    build = Builder(Inventory([function()]))
    build.triggers(QUEUE, FN, hop="sqs->lambda", sources=[WHERE], validation=(0.5, "filter"))
    edges = {edge["view"]: edge for _, _, edge in build.graph.edges(data=True)}
    assert (edges[View.DATA]["kind"], edges[View.TRUST]["kind"]) == (EdgeKind.DELIVERS, EdgeKind.INVOKES)
    assert edges[View.TRUST]["cost"] == 2
    assert edges[View.DATA]["factors"].validation == Interval(0.5, 0.5)


def test_a_trigger_that_is_off_moves_nobody():
    build = Builder(Inventory([function()]))
    build.triggers(QUEUE, FN, hop="sqs->lambda", sources=[WHERE], enabled=False)
    assert [edge["view"] for _, _, edge in build.graph.edges(data=True)] == [View.DATA]


def test_richer_node_wins_in_any_order():
    graphs = []
    record = function(tags={"team": "orders"})

    def said(build, what):
        if what == "reference":
            build.ref(f"{FN}:live")
            build.triggers(QUEUE, FN, hop="sqs->lambda", sources=[WHERE])
        elif what == "record":
            build.add(record)
        else:
            build.add(record, entry=EntryKind.ANONYMOUS, vpc="vpc-1")

    for order in itertools.permutations(["reference", "record", "entry"]):
        build = Builder(Inventory([record]))
        for what in order:
            said(build, what)
        graphs.append(build.graph)
    first = graphs[0]
    assert first.nodes[FN]["entry"] is EntryKind.ANONYMOUS
    assert first.nodes[FN]["boundary"].kind == "VPC"
    for graph in graphs[1:]:
        assert list(graph.nodes(data=True)) == list(first.nodes(data=True))
        assert list(graph.edges(keys=True, data=True)) == list(first.edges(keys=True, data=True))


def test_aliases_lead_edges_to_the_node():
    build = Builder(Inventory([function()]))
    host = build.third_party("shop.example.com")
    build.flow(FN, host, kind=EdgeKind.CALLS, hop="function->third-party-url", sources=[WHERE])
    build.alias_host("shop.example.com", "arn:aws:apigateway:eu-west-1::/restapis/a1")
    assert list(build.graph.edges()) == [(FN, "arn:aws:apigateway:eu-west-1::/restapis/a1")]


def test_an_unknown_hop_has_bounds_and_says_so():
    factors = factors_of("pigeon->post", encryption=(1, "open card"))
    assert factors.hop == ""
    assert factors.peer == Interval(0, 1)
    assert factors.encryption == Interval(1, 1)
    assert "no table" in factors.reasons["peer"]


@pytest.mark.parametrize("level", [-0.1, 1.1, Interval(0.6, 0.2), float("nan")])
def test_levels_outside_their_range_are_refused(level):
    with pytest.raises(GraphError, match="encryption"):
        factors_of("sqs->lambda", encryption=level)


def test_an_empty_inventory_gives_an_empty_graph():
    graph = connect(Inventory())
    assert len(graph) == 0
    assert graph.graph["accounts"] == ()


def test_foreign_account_is_a_partner_and_raises_the_factor():
    build = Builder(Inventory([function()]))
    other = build.ref("arn:aws:sqs:eu-west-1:999988887777:theirs")
    build.triggers(FN, other, hop="function->sqs", sources=[WHERE])
    graph = build.graph
    assert graph.nodes[other]["boundary"].kind == "partner"
    data = next(edge for _, _, edge in graph.edges(data=True) if edge["view"] is View.DATA)
    assert data["factors"].third_party == Interval(1, 1)


def test_edges_have_the_fields_of_what_was_said_in_order_each_for_itself():
    build = Builder(Inventory([function()]))
    edge = Edge(kind=EdgeKind.PERMITS, view=View.TRUST, evidence=Evidence.PERMITTED, sources=(WHERE,), cost=1)
    build.edges([(FN, QUEUE), (FN, f"{QUEUE}-2")], edge)
    build.edge(FN, QUEUE, edge)  # said twice, it is one edge
    for graph in (build.graph, build.finished()):
        one, other = (data for _, _, data in graph.edges(FN, data=True))
        assert list(one.items()) == list(other.items()) == list(msgspec.structs.asdict(edge).items())
        one["cost"] = 4
        assert other["cost"] == 1
        other["more"] = "a key of its own"
        assert "more" not in one


def test_what_is_said_of_an_alias_is_said_of_the_node():
    build = Builder(Inventory([function()]))
    edges = [
        Edge(kind=EdgeKind.PERMITS, view=View.TRUST, evidence=Evidence.PERMITTED, sources=(WHERE,), cost=cost)
        for cost in (1, 2)
    ]
    build.alias("other", QUEUE)
    build.edge(FN, QUEUE, edges[0])
    build.edge(FN, "other", edges[0])
    build.edge(FN, "other", edges[1])
    found = build.finished()
    assert [data["cost"] for _, _, data in found.edges(FN, data=True)] == [1, 2]
    assert "other" not in found


def test_attributes_of_edges_are_as_a_dictionary_holds_them():
    edge = Edge(kind=EdgeKind.PERMITS, view=View.TRUST, evidence=Evidence.PERMITTED, sources=(WHERE,), cost=1)
    wanted = msgspec.structs.asdict(edge)
    build = Builder(Inventory([function()]))
    build.edges([(FN, QUEUE), (FN, f"{QUEUE}-2")], edge)
    graph = build.finished()
    one, other = (data for _, _, data in graph.edges(FN, data=True))
    assert one == other == wanted == dict(**one)
    assert repr(one) == repr(wanted)
    assert one | {"cost": 2} == wanted | {"cost": 2}
    assert len(one) == len(wanted)
    assert "cost" in one
    assert "price" not in one
    assert one.get("price") is None
    with pytest.raises(KeyError, match="__class__"):
        one["__class__"]
    assert pickle.loads(pickle.dumps(graph)).edges == graph.edges
    for same in (graph.copy(), nx.MultiDiGraph(graph), deepcopy(graph), graph.reverse(copy=False).reverse(copy=False)):
        assert dict(same.edges) == dict(graph.edges)
    del one["cost"]
    assert "cost" not in one
    assert set(wanted) - set(one) == {"cost"}
    assert one != other == wanted
    nx.set_edge_attributes(graph, 7, "cost")
    assert one["cost"] == other["cost"] == 7
    assert edge.cost == 1
