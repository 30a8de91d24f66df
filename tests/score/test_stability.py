import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.errors import ScoreError
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, Sensitivity
from auditkit.inventory import Kind
from auditkit.score import blast_radius, default_weights, exposure, stability, transit
from auditkit.score.stability import RANKINGS, variations
from tests.score.graphs import Sketch, parallel_ways, shop
from tests.score.strategies import data_graphs, trust_graphs

WEIGHTS = default_weights()


def other_weights(draw):
    number = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])
    s = sorted(draw(st.lists(st.integers(0, 20), min_size=4, max_size=4)))
    return WEIGHTS.changed(
        sensitivity=dict(zip(("public", "internal", "confidential", "restricted"), s, strict=True)),
        access={name: draw(number) for name in ("metadata", "delete", "read", "write", "admin")},
        factors={name: draw(number) for name in ("authentication", "encryption", "validation", "network")},
    )


@settings(max_examples=25, deadline=None)
@given(trust_graphs(), st.data())
def test_dominance_holds_under_any_weights_of_sensitivity_and_access(graph, data):
    weights = other_weights(data.draw)
    radius = blast_radius(graph, weights=weights).set_index("node").BR_high
    found = stability(graph, "blast")
    for first, second in zip(found.node, found.node[1:], strict=False):
        if found.set_index("node").dominates_next[first]:
            assert radius[first] >= radius[second] - 1e-9
    # of stores the sensitivities are compared by their weights, so these stay as they are
    x = exposure(graph, weights=WEIGHTS.changed(access={"read": 0.1, "write": 0.9})).set_index("store").X_high
    found = stability(graph, "exposure")
    for first, second in zip(found.node, found.node[1:], strict=False):
        if found.set_index("node").dominates_next[first]:
            assert x[first] >= x[second] - 1e-9


@settings(max_examples=20, deadline=None)
@given(trust_graphs(), st.sampled_from(["blast", "exposure"]))
def test_it_has_the_order_and_the_values_of_the_ranking(graph, ranking):
    table = blast_radius(graph) if ranking == "blast" else exposure(graph)
    found = stability(graph, ranking)
    value = "BR_high" if ranking == "blast" else "X_high"
    assert found.value_high.tolist() == pytest.approx(table[value].tolist()[: len(found)])
    assert found.attrs["stable"] == bool(found.order_stable.all())
    _check_places(found)


def _check_places(found):
    """Check that places are about the rank, and that a row that changes places with none stays in its own."""
    assert (found.rank_first <= found["rank"]).all()
    assert (found["rank"] <= found.rank_last).all()
    assert set(found.rank_first) | set(found.rank_last) <= set(range(1, len(found) + 1))
    distinct = ~found.value_high.duplicated(keep=False)
    moves = (found.rank_first < found["rank"]) | (found["rank"] < found.rank_last)
    assert not (found.order_stable & moves)[distinct].any()


@settings(max_examples=20, deadline=None)
@given(data_graphs(nodes=5, edges=8))
def test_paths_come_in_the_order_of_their_ranking(graph):
    found, paths = stability(graph, "transit"), transit(graph, k=50, per_ends=2)
    assert found.value_high.tolist() == pytest.approx(paths.SU_high.tolist())
    assert not found.isna().any().any()
    _check_places(found)


@pytest.mark.parametrize("ranking", RANKINGS)
def test_without_any_leeway_every_order_holds(ranking):
    assert stability(shop(), ranking, within=0).attrs["stable"]


def test_two_that_are_close_by_different_weights_turn():
    sketch = Sketch()
    for name, sensitivity, access in (("a", "internal", "admin"), ("b", "confidential", "delete")):
        sketch.function(name, role=f"{name}-role")
        sketch.store(f"{name}-store", Kind.TABLE, Sensitivity(sensitivity))
        sketch.permits(f"{name}-role", f"{name}-store", AccessLevel(access))
    found = stability(sketch.graph, "blast")
    assert found.node.tolist() == ["b", "a"]
    assert not found.order_stable.any()
    assert "access.delete -20%" in found.turned_by[0]
    assert not found.dominates_next.any()


def test_one_hop_more_of_the_same_dominates():
    sketch = Sketch()
    sketch.internet()
    for name, more in (("a", 1), ("b", 0)):
        sketch.store(name, Kind.TABLE, Sensitivity.RESTRICTED)
        sketch.function(f"f-{name}")
        sketch.data(INTERNET, f"f-{name}", authentication=1, validation=more)
        sketch.data(f"f-{name}", name, EdgeKind.WRITES, encryption=0.25)
    found = stability(sketch.graph, "transit")
    assert found.label.tolist() == ["internet → a", "internet → b"]
    assert found.dominates_next.tolist() == [True, False]
    assert found.attrs["stable"]


def test_every_number_is_moved_both_ways_and_stays_in_its_range():
    tried = dict(variations(WEIGHTS, ("factors", "costs"), 0.5))
    assert {"factors.network +50%", "factors.network -50%", "factors +50%", "costs -50%", "all weights +50%"} <= set(
        tried
    )
    assert tried["factors.authentication +50%"].factors.authentication == 1
    assert "costs.gated -50%" not in tried  # a condition would be cheaper than a bug


@pytest.mark.parametrize("options", [{"ranking": "weather"}, {"within": 2}, {"within": -0.1}, {"most": 0}])
def test_what_cannot_be_looked_at_is_refused(options):
    with pytest.raises(ScoreError):
        stability(shop(), **options)


@pytest.mark.parametrize("ranking", RANKINGS)
@pytest.mark.parametrize("graph", [nx.MultiDiGraph(), parallel_ways(0)])
def test_nothing_gives_an_empty_table_with_the_reason(graph, ranking):
    found = stability(graph, ranking)
    assert len(found) or found.attrs["reason"]
    assert found.dtypes.to_dict() == stability(shop(), ranking).dtypes.to_dict()


def test_places_tell_how_far_a_row_may_move():
    sketch = Sketch()
    for name, level, access in (
        ("a", Sensitivity.RESTRICTED, AccessLevel.DELETE),
        ("b", Sensitivity.CONFIDENTIAL, AccessLevel.ADMIN),
    ):
        sketch.function(f"f-{name}", role=f"r-{name}")
        sketch.store(name, Kind.TABLE, level)
        sketch.permits(f"r-{name}", name, access)
    found = stability(sketch.graph, "blast", within=0.2)  # 9 * .4 = 3.6 before 3; 9 * .32 and 7.2 * .4 are 2.88
    assert found[["rank", "rank_first", "rank_last"]].to_numpy().tolist() == [[1, 1, 2], [2, 1, 2]]
