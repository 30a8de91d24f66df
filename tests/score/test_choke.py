import networkx as nx
import pytest
from hypothesis import given, settings

from auditkit.errors import ScoreError
from auditkit.graph.schema import AccessLevel, EntryKind, Sensitivity
from auditkit.inventory import Kind
from auditkit.score import choke_points, exposure
from tests.score.graphs import Sketch, parallel_ways, queue_cycle, shop
from tests.score.strategies import trust_graphs


def stores(graph):
    return sorted(exposure(graph).store)


def without(graph, *, nodes=(), edges=(), entries=()):
    copy = graph.copy()
    copy.remove_edges_from(edges)
    for node in entries:
        copy.nodes[node]["entry"] = None
    copy.remove_nodes_from(nodes)
    return copy


def ways(graph, store):
    return int(exposure(graph, of=[store]).ways.iloc[0]) if store in graph else 0


@settings(max_examples=40, deadline=None)
@given(trust_graphs(nodes=7, edges=10))
def test_what_every_way_takes_closes_the_store_and_so_does_the_cut(graph):
    for _, row in choke_points(graph, of=stores(graph)).iterrows():
        assert len(row.cut) + len(row.cut_entries) == row.ways == ways(graph, row.store)
        assert ways(without(graph, edges=row.cut, entries=row.cut_entries), row.store) == 0
        for edge in row.edges:
            assert ways(without(graph, edges=[edge]), row.store) == 0
        for node in set(row.nodes) - {row.store}:
            assert ways(without(graph, nodes=[node]), row.store) == 0


@settings(max_examples=20, deadline=None)
@given(trust_graphs(nodes=6, edges=9))
def test_no_other_node_is_on_every_way(graph):
    for _, row in choke_points(graph, of=stores(graph)).iterrows():
        for node in set(graph) - {row.store, *row.nodes}:
            left = without(graph, nodes=[node])
            assert ways(left, row.store) > 0 or graph.nodes[row.store]["entry"] is not None


def test_one_role_before_a_jewel_is_a_choke_point():
    sketch = Sketch()
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    for name in ("a", "b"):
        sketch.route(f"route-{name}")
        sketch.function(name, role="shared")
        sketch.invokes(f"route-{name}", name, 0)
    sketch.permits("shared", "jewel", AccessLevel.READ)
    row = choke_points(sketch.graph).iloc[0]
    assert row.nodes == ("shared",)
    assert row.edge_labels == ("shared → jewel (permits: read)",)
    assert (row.ways, row.cut) == (1, row.edges)


def test_parallel_ways_have_no_choke_point_and_a_cut_of_as_many_edges():
    row = choke_points(parallel_ways(3)).iloc[0]
    assert (row.nodes, row.edges, row.ways, len(row.cut)) == ((), (), 3, 3)


def test_a_public_store_is_a_way_in_itself():
    sketch = Sketch()
    sketch.store("leak", Kind.BUCKET, Sensitivity.RESTRICTED, entry=EntryKind.ANONYMOUS)
    row = choke_points(sketch.graph).iloc[0]
    assert (row.ways, row.cut, row.cut_entries) == (1, (), ("leak",))


def test_the_shop_names_nodes_in_the_order_of_the_way():
    table = choke_points(shop()).set_index("store")
    assert table.loc["ledger", "node_labels"] == (
        "POST /orders", "create", "create-role", "payments", "charge", "charge-role", "ledger-password",
    )  # fmt: skip


@pytest.mark.parametrize("graph", [nx.MultiDiGraph(), queue_cycle(), parallel_ways(0)])
def test_without_a_way_the_table_is_empty_and_says_why(graph):
    table = choke_points(graph)
    assert len(table) == 0
    assert table.attrs["reason"]


def test_a_store_that_there_is_not_is_named():
    with pytest.raises(ScoreError, match="jewe"):
        choke_points(parallel_ways(), of=["jewe"])
