import math

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.errors import ScoreError
from auditkit.graph.schema import EdgeKind, Factors, Interval
from auditkit.inventory import Kind
from auditkit.score import default_weights, hops
from tests.score.graphs import FACTOR_NAMES, Sketch, shop

LEVELS = st.sampled_from([0, 0.25, 0.5, 0.6, 1])
WEIGHTS = dict(zip(FACTOR_NAMES, (0.70, 0.60, 0.40, 0.35, 0.30, 0.20), strict=True))


def one_hop(**levels):
    sketch = Sketch()
    sketch.function("f")
    sketch.store("t")
    sketch.data("f", "t", EdgeKind.WRITES, **levels)
    return hops(sketch.graph).iloc[0]


def test_the_weakness_of_a_hop_by_hand():
    row = one_hop(authentication=0.5, encryption=0.6, network=0.25)
    assert row.W_low == row.W_high == pytest.approx(1 - 0.65 * 0.64 * 0.95)
    assert row.U_high == pytest.approx(-math.log(0.65 * 0.64 * 0.95))
    total = math.log(0.65) + math.log(0.64) + math.log(0.95)
    assert row.authentication_share == pytest.approx(100 * math.log(0.65) / total)
    assert row.encryption_share == pytest.approx(100 * math.log(0.64) / total)
    assert row.validation_share == 0
    assert row.weakest_factor == "encryption"


def test_a_hop_without_factors_lies_between_nothing_and_everything():
    row = one_hop(known=False)
    assert (row.W_low, row.U_low) == (0, 0)
    assert row.W_high == pytest.approx(1 - math.prod(1 - a for a in WEIGHTS.values()))
    assert row.reasons == ("This hop was not classified.",)
    assert row.weakest_factor == "authentication"


def test_a_hop_with_nothing_weak_has_no_weakest_factor():
    row = one_hop()
    assert (row.W_high, row.U_high, row.weakest_factor) == (0, 0, "")
    assert sum(row[f"{name}_share"] for name in FACTOR_NAMES) == 0


def test_a_weight_of_one_stays_finite():
    sketch = Sketch()
    sketch.function("f")
    sketch.store("t")
    sketch.data("f", "t", EdgeKind.WRITES, encryption=1, network=1)
    row = hops(sketch.graph, weights=default_weights().changed(factors={"encryption": 1})).iloc[0]
    assert row.W_high == 1
    assert 25 < row.U_high < 30
    assert row.weakest_factor == "encryption"
    assert sum(row[f"{name}_share"] for name in FACTOR_NAMES) == pytest.approx(100)


def test_every_edge_of_the_data_view_is_a_row_with_its_source():
    graph = shop()
    table = hops(graph)
    keys = {(row["from"], row.to, row.key) for _, row in table.iterrows()}
    assert keys == {
        (tail, head, key)
        for tail, head, key, edge in graph.edges(keys=True, data=True)
        if edge["view"] == "data"
    }  # fmt: skip
    assert all(row.sources for row in table.itertuples())
    assert list(table.U_high) == sorted(table.U_high, reverse=True)
    assert table.query("not enabled").to.tolist() == ["nightly"]


@pytest.mark.parametrize("graph", [nx.MultiDiGraph(), Sketch().graph])
def test_an_empty_graph_gives_an_empty_table_with_the_same_columns_and_types(graph):
    empty, full = hops(graph), hops(shop())
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert empty.attrs["reason"] == "The graph is empty."
    assert full.attrs["reason"] == ""


def test_a_graph_in_which_nothing_moves_says_so():
    sketch = Sketch()
    sketch.function("f", role="r")
    assert hops(sketch.graph).attrs["reason"] == "No data moves in this graph."


@pytest.mark.parametrize("level", [Interval(0.5, 0.4), Interval(-0.1, 0), Interval(0, 1.1), Interval(math.nan, 1)])
def test_a_level_outside_its_range_names_the_edge(level):
    sketch = Sketch()
    sketch.function("f")
    sketch.store("t")
    key = sketch.data("f", "t", EdgeKind.WRITES)
    zero = Interval.exactly(0)
    sketch.graph["f"]["t"][key]["factors"] = Factors(zero, zero, zero, level, zero, zero)
    with pytest.raises(ScoreError, match=r"'f' -> 't'.*peer"):
        hops(sketch.graph)


def test_a_node_without_the_attributes_of_the_schema_is_named():
    sketch = Sketch()
    sketch.function("f")
    sketch.graph.add_node("bare")
    with pytest.raises(ScoreError, match="'bare'"):
        hops(sketch.graph)
    graph = nx.MultiDiGraph()
    graph.add_node(7, kind=Kind.FUNCTION)
    with pytest.raises(ScoreError, match="no string: 7"):
        hops(graph)


@given(st.fixed_dictionaries(dict.fromkeys(FACTOR_NAMES, LEVELS)))
def test_shares_sum_to_100(levels):
    row = one_hop(**levels)
    assert sum(row[f"{name}_share"] for name in FACTOR_NAMES) == pytest.approx(100 if any(levels.values()) else 0)


@given(st.fixed_dictionaries(dict.fromkeys(FACTOR_NAMES, LEVELS)), st.sampled_from(FACTOR_NAMES), LEVELS)
def test_a_worse_factor_never_lowers_the_weakness(levels, name, level):
    before, after = one_hop(**levels), one_hop(**levels | {name: max(level, levels[name])})
    assert after.W_high >= before.W_high
    assert after.U_high >= before.U_high
