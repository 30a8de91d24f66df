import pytest
from hypothesis import given, settings

from auditkit.errors import ScoreError
from auditkit.graph.schema import EntryKind
from auditkit.score import exposure, ways_in
from tests.score.graphs import parallel_ways, queue_cycle, shop
from tests.score.strategies import trust_graphs


@settings(max_examples=40, deadline=None)
@given(trust_graphs(nodes=6, edges=9))
def test_ways_are_in_the_graph_and_the_first_is_the_cheapest(graph):
    for _, row in exposure(graph).iterrows():
        ways = ways_in(graph, row.store, k=50)
        assert ways.cost.is_monotonic_increasing
        assert len({(way.path, way.edges, way.level) for _, way in ways.iterrows()}) == len(ways)
        assert all(graph.has_edge(*edge) for way in ways.edges for edge in way)
        assert all(path[-1] == row.store for path in ways.path)
        assert bool(len(ways)) == bool(row.ways)


def test_the_shop_by_hand():
    first = ways_in(shop(), "ledger").iloc[0]
    assert (
        first.route
        == "POST /orders → create → create-role → payments → charge → charge-role → ledger-password → ledger"
    )
    assert first.cost == EntryKind.AUTHENTICATED.cost + 0 + 2 + 1
    assert ways_in(parallel_ways(3), "jewel").entry_label.tolist() == ["route-0", "route-1", "route-2"]


@pytest.mark.parametrize("options", [{"k": 0}, {"budget": 0}])
def test_limits_below_one_are_refused(options):
    with pytest.raises(ScoreError):
        ways_in(shop(), "ledger", **options)


def test_a_store_that_nothing_reaches_has_none_and_says_so():
    ways = ways_in(queue_cycle(), "queue-0")
    assert ways.empty
    assert ways.attrs["reason"] == "No way leads to it from outside."


@pytest.mark.parametrize("node", ["nobody", "create"])
def test_what_is_no_store_is_named(node):
    with pytest.raises(ScoreError, match=node):
        ways_in(shop(), node)
