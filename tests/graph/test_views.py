import io

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.errors import GraphError
from auditkit.graph import (
    INTERNET,
    Edge,
    EdgeKind,
    EntryKind,
    Evidence,
    Limit,
    Node,
    View,
    connect,
    data_view,
    edges_frame,
    graphml_bytes,
    nodes_frame,
    summary,
    to_graphml,
    trust_view,
    validate,
)
from auditkit.graph._build import Builder
from auditkit.graph.boundaries import INTERNET_BOUNDARY
from auditkit.graph.entries import add_entries
from auditkit.graph.graphml import _fit
from auditkit.inventory import Inventory, Kind, Source
from auditkit.inventory.records.functions import Function

FN = "arn:aws:lambda:eu-west-1:111122223333:function:orders"
BUCKET = "arn:aws:s3:::uploads"
HOSTILE = "a\x1b[31m<script>&\"'=cmd|'\x00\r\n\\ \ufffe"
WHERE = Source("lambda-list-functions.json", "/Functions/0")


def record(name="orders"):
    return Function(
        id=FN, account="111122223333", region="eu-west-1", name=name, sources=(WHERE,), tags={"note": name},
        function_name="orders", function_arn=FN,
    )  # fmt: skip


@pytest.fixture
def graph():
    build = Builder(Inventory([record()]))
    build.add(record(HOSTILE), entry=EntryKind.ANONYMOUS)
    build.triggers(BUCKET, FN, hop="s3->lambda", sources=[WHERE], label=HOSTILE)
    build.flow(FN, "thirdparty:x.example", kind=EdgeKind.CALLS, hop="function->third-party-url", sources=[WHERE])
    build.flow(FN, BUCKET, kind=EdgeKind.WRITES, hop="function->s3", sources=[WHERE], evidence=Evidence.PERMITTED)
    build.acts_in(FN, "arn:aws:iam::111122223333:role/orders", sources=[WHERE], cost=0)
    return build.graph


def test_each_edge_is_in_one_view(graph):
    assert {edge["view"] for *_, edge in trust_view(graph).edges(data=True)} == {View.TRUST}
    both = trust_view(graph).number_of_edges() + data_view(graph, permitted=True).number_of_edges()
    assert both == graph.number_of_edges()
    assert set(trust_view(graph)) == set(data_view(graph)) == set(graph)


def test_what_is_only_permitted_is_shown_apart(graph):
    assert not data_view(graph).has_edge(FN, BUCKET)
    assert data_view(graph, permitted=True).has_edge(FN, BUCKET)


def test_a_view_follows_the_graph_and_cannot_be_changed(graph):
    view = data_view(graph)
    edges = view.number_of_edges()
    (key,) = [key for key in graph[BUCKET][FN] if graph.edges[BUCKET, FN, key]["view"] is View.DATA]
    graph.remove_edge(BUCKET, FN, key)
    assert view.number_of_edges() == edges - 1
    with pytest.raises(nx.NetworkXError):
        view.remove_node(FN)


def test_tables_hold_every_node_and_edge(graph):
    nodes, edges = nodes_frame(graph), edges_frame(graph)
    assert list(nodes["id"]) == sorted(graph)
    assert len(edges) == graph.number_of_edges()
    assert edges[["origin", "target"]].apply(tuple, axis=1).is_monotonic_increasing
    row = nodes.set_index("id").loc[FN]
    assert (row["kind"], row["entry"], row["exists"]) == ("function", "anonymous", "yes")
    assert row["source"] == "lambda-list-functions.json#/Functions/0"
    hop = edges[edges["hop"] == "s3->lambda"].iloc[0]
    assert (hop["authentication"], hop["validation"], hop["enabled"]) == ("0..0.5", "1", "yes")
    assert edges["source"].str.len().min() > 0
    assert {str(kind) for kind in nodes.dtypes} == {"str"}
    assert str(edges["cost"].dtype) == "float64"


def test_tables_of_an_empty_graph_have_their_columns(graph):
    empty = connect(Inventory())
    assert list(nodes_frame(empty).columns) == list(nodes_frame(graph).columns)
    assert list(edges_frame(empty).columns) == list(edges_frame(graph).columns)
    assert len(summary(empty)) == 0
    assert list(summary(empty).columns) == ["part", "kind", "evidence", "count"]


def test_the_summary_counts_everything(graph):
    counted = summary(graph)
    assert counted[counted["part"] == "node"]["count"].sum() == len(graph)
    assert counted[counted["part"] != "node"]["count"].sum() == graph.number_of_edges()


def test_graphml_comes_back_with_everything(graph, tmp_path):
    to_graphml(graph, tmp_path / "graph.graphml")
    back = nx.read_graphml(tmp_path / "graph.graphml")
    assert back.number_of_edges() == graph.number_of_edges()
    assert set(back) == {_fit(node) for node in graph}
    for node, attributes in graph.nodes(data=True):
        assert back.nodes[_fit(node)]["label"] == _fit(attributes["label"])
        assert back.nodes[_fit(node)]["kind"] == attributes["kind"]
        assert back.nodes[_fit(node)]["exists"] is attributes["exists"]
    keys = sorted(edge["edge_key"] for *_, edge in back.edges(data=True))
    assert keys == sorted(_fit(key) for *_, key in graph.edges(keys=True))
    costs = {edge["kind"]: edge.get("cost") for *_, edge in back.edges(data=True)}
    assert costs["runs as"] == 0
    assert costs["calls"] is None


def test_graphml_tells_what_could_only_take_away():
    build = Builder(Inventory())
    limits = (Limit.DENIALS, Limit.SERVICE_CONTROL)
    lacking = Edge(
        kind=EdgeKind.ASSUMES,
        view=View.TRUST,
        evidence=Evidence.PERMITTED,
        sources=(WHERE,),
        cost=4,
        unknown=", ".join(limits),
        limits=limits,
    )
    for node in ("a", "b"):
        build.node(node, Node(kind=Kind.ROLE, label=node, boundary=INTERNET_BOUNDARY))
    for _ in range(2):  # what is said twice is one edge
        build.edge("a", "b", lacking)
    assert [edge["limits"] for *_, edge in build.graph.edges(data=True)] == [limits]
    ((_, _, edge),) = nx.read_graphml(io.BytesIO(graphml_bytes(build.graph))).edges(data=True)
    assert edge["limits"] == edge["unknown"] == "denials of the resource policy, service control policies"


def test_graphml_is_the_same_every_time(graph):
    assert graphml_bytes(graph) == graphml_bytes(graph.copy())


@given(st.text(), st.text())
def test_any_name_survives_in_xml(name, label):
    build = Builder(Inventory())
    build.node(name, Node(kind=Kind.RESOURCE, label=label, boundary=INTERNET_BOUNDARY))
    build.flow(name, name, kind=EdgeKind.CALLS, hop="", sources=[WHERE], label=label)
    back = nx.read_graphml(io.BytesIO(graphml_bytes(build.graph)))
    assert list(back.nodes(data="label", default="")) == [(_fit(name), _fit(label))]
    assert [edge.get("label", "") for *_, edge in back.edges(data=True)] == [_fit(label)]


@given(st.text(), st.text())
def test_two_names_stay_two(one, other):
    assert (_fit(one) == _fit(other)) is (one == other)


def test_an_entry_gets_the_internet_before_it():
    build = Builder(Inventory([record()]))
    build.add(record(), entry=EntryKind.ANONYMOUS)
    add_entries(build, build.graph)
    graph = build.graph
    validate(graph)
    views = {edge["view"]: edge for *_, edge in graph.out_edges(INTERNET, data=True)}
    assert views[View.TRUST]["cost"] == 0
    assert views[View.DATA]["factors"].authentication.low == 1
    assert graph.nodes[INTERNET]["kind"] is Kind.INTERNET


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda graph: graph.add_node("x"), "node 'x'.*kind"),
        (lambda graph: graph.nodes[FN].update(kind="function "), "kind"),
        (lambda graph: graph.add_edge(FN, BUCKET, key="k"), "edge"),
        (lambda graph: next(iter(graph.edges(data=True)))[2].update(view=None), "view"),
        (lambda graph: next(iter(graph.edges(data=True)))[2].update(sources=()), "source"),
        (lambda graph: [edge.update(factors=None) for *_, edge in graph.edges(data=True)], "factors"),
        (lambda graph: [edge.update(cost=-1) for *_, edge in graph.edges(data=True)], "cost"),
    ],
)
def test_a_graph_that_is_not_of_the_schema_is_refused(graph, spoil, message):
    validate(graph)
    spoil(graph)
    with pytest.raises(GraphError, match=message):
        validate(graph)
