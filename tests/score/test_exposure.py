import math
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.errors import ScoreError
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Sensitivity
from auditkit.inventory import Kind
from auditkit.score import default_weights, exposure
from tests.score.graphs import Sketch, parallel_ways, shop
from tests.score.strategies import relabelled, trust_graphs
from tests.score.test_blast import LAMBDA, Plain, S

Q = {EntryKind.ANONYMOUS: 0, EntryKind.OTHER_ACCOUNT: 2}


def starts_of(graph, plain, *, breaches):
    starts = {}
    entered = {head[0] for tail, head, _, _ in plain.steps if tail[0] != head[0] and plain.outside(tail[0])}
    for node, attributes in graph.nodes(data=True):
        entry = EntryKind.ANONYMOUS if node == INTERNET else attributes["entry"]
        if entry is not None and not (plain.store(node) and node in entered):
            starts[node, "read" if plain.store(node) else "acts"] = Q.get(entry, 1)
        elif breaches and attributes["kind"] is Kind.FUNCTION:
            starts[node, "acts"] = 3
    return starts


def plain_exposure(graph):
    plain = Plain(graph)
    cost = plain.costs(starts_of(graph, plain, breaches=True))
    found = {}
    for node in filter(plain.store, graph):
        strength = max(
            (LAMBDA[level] * 2 ** -cost[node, level] for level in LAMBDA if (node, level) in cost), default=0
        )
        found[node] = tuple(s * strength for s in S[graph.nodes[node]["sensitivity"]])
    return found


def is_open(graph, store):
    plain = Plain(graph)
    return any(node == store and hold in LAMBDA for node, hold in plain.costs(starts_of(graph, plain, breaches=False)))


def fewest_closed(graph, store):
    """The fewest edges whose removal closes a store, found by trying."""
    edges = [(tail, head, key) for tail, head, key in graph.edges(keys=True)]
    for count in range(len(edges) + 1):
        for chosen in combinations(edges, count):
            rest = graph.copy()
            rest.remove_edges_from(chosen)
            if not is_open(rest, store):
                return count
    raise AssertionError


@settings(max_examples=200, deadline=None)
@given(trust_graphs())
def test_exposure_agrees_with_the_definition(graph):
    table = exposure(graph).set_index("store")
    expected = plain_exposure(graph)
    assert set(table.index) == set(expected)
    for store, (low, high) in expected.items():
        assert table.loc[store, "X_low"] == pytest.approx(low)
        assert table.loc[store, "X_high"] == pytest.approx(high)
    assert table.attrs["R_high"] == pytest.approx(sum(high for _, high in expected.values()))
    assert not table.isna().any(axis=None)


@settings(max_examples=150, deadline=None)
@given(trust_graphs(nodes=6, edges=8))
def test_the_number_of_ways_is_the_fewest_edges_that_close_the_store(graph):
    for row in exposure(graph).itertuples():
        if graph.nodes[row.store]["entry"] is None:
            assert row.ways == fewest_closed(graph, row.store), row.store


@settings(max_examples=100, deadline=None)
@given(trust_graphs())
def test_the_witness_costs_what_the_row_says(graph):
    for row in exposure(graph).itertuples():
        if math.isinf(row.cost):
            assert (row.X_high, row.ways, row.entry, row.path) == (0, 0, "", ())
            continue
        assert row.path[0] == row.entry
        assert row.path[-1] == row.store
        assert all(graph.has_edge(*edge) for edge in row.edges)
        assert row.X_high == pytest.approx(row.s_high * row.q * row.access_weight * row.rho)
        assert row.rho == 2**-row.cost


@settings(max_examples=100, deadline=None)
@given(trust_graphs(), st.randoms(use_true_random=False))
def test_names_and_the_order_of_edges_have_no_effect(graph, random):
    order = list(graph)
    random.shuffle(order)
    other, names = relabelled(graph, order)
    before, after = exposure(graph).set_index("store"), exposure(other).set_index("store")
    for store in before.index:
        for column in ("X_low", "X_high", "ways", "undecided", "access_weight"):
            assert before.loc[store, column] == after.loc[names[store], column]


@settings(max_examples=100, deadline=None)
@given(trust_graphs(), st.data())
def test_a_removed_edge_never_raises_an_exposure_and_put_back_restores_it(graph, data):
    if not graph.number_of_edges():
        return
    before = exposure(graph)
    edge = data.draw(st.sampled_from(sorted(graph.edges(keys=True))))
    attributes = graph.edges[edge]
    kept = dict(attributes)
    graph.remove_edge(*edge)
    after = exposure(graph).set_index("store")
    # a function that loses its role has unknown permissions, and then its flows speak for it
    if kept["kind"] != "runs as":
        for row in before.itertuples():
            assert after.loc[row.store, "X_high"] <= row.X_high
            assert after.loc[row.store, "ways"] <= row.ways
    graph.add_edge(*edge, **kept)
    assert exposure(graph).equals(before)


def test_the_shop_by_hand():
    table = exposure(shop()).set_index("store")
    customers = table.loc["customers"]
    assert (customers.X_low, customers.X_high) == pytest.approx((5.4, 5.4))
    assert (customers.entry, customers.entry_kind, customers.level) == ("GET /export", "anonymous", "read")
    assert customers.path == ("GET /export", "export", "export-role", "customers")
    orders = table.loc["orders"]
    assert (orders.q, orders.access_weight, orders.rho) == (0.5, 0.6, 1)
    assert orders.X_high == pytest.approx(3 * 0.5 * 0.6)
    ledger = table.loc["ledger"]
    assert ledger.entry_kind == "assumed breach"
    assert ledger.X_high == pytest.approx(9 * 0.6 / 8 / 2)
    assert table.loc["partner-queue"].X_high == 0
    assert table.attrs["entries"] == 3


@pytest.mark.parametrize("ways", [1, 2, 5])
def test_ways_that_share_nothing_are_counted(ways):
    assert exposure(parallel_ways(ways)).ways.tolist() == [ways]


def test_ways_through_one_role_are_as_many_as_its_permissions():
    sketch = Sketch()
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    for number in range(3):
        sketch.route(f"route-{number}")
        sketch.function(f"function-{number}", role="role")
        sketch.invokes(f"route-{number}", f"function-{number}", 0)
    sketch.permits("role", "jewel", AccessLevel.READ)
    assert exposure(sketch.graph).ways.tolist() == [1]
    sketch.permits("role", "jewel", AccessLevel.WRITE)
    assert exposure(sketch.graph).ways.tolist() == [2]


@pytest.mark.parametrize(
    ("entry", "exponent"),
    [
        (EntryKind.ANONYMOUS, 0),
        (EntryKind.AUTHENTICATED, 1),
        (EntryKind.AGENT, 1),
        (EntryKind.THIRD_PARTY, 1),
        (EntryKind.OTHER_ACCOUNT, 2),
    ],
)
def test_the_internet_does_not_get_round_what_an_entry_asks(entry, exponent):
    sketch = Sketch()
    sketch.internet()
    sketch.route("route", entry)
    sketch.function("f", role="r")
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.invokes(INTERNET, "route", 0)
    sketch.invokes("route", "f", 0)
    sketch.permits("r", "jewel")
    row = exposure(sketch.graph).iloc[0]
    assert row.X_high == pytest.approx(9 * 0.6 * 2**-exponent)
    assert row.entry_kind == str(entry)


def test_a_public_bucket_is_entered_at_the_level_that_its_edge_says():
    sketch = Sketch()
    sketch.internet()
    sketch.store("bucket", Kind.BUCKET, Sensitivity.RESTRICTED, entry=EntryKind.ANONYMOUS)
    assert exposure(sketch.graph).iloc[0][["X_high", "level", "ways"]].tolist() == [9 * 0.6, "read", 1]
    sketch.permits(INTERNET, "bucket", AccessLevel.METADATA)
    assert exposure(sketch.graph).iloc[0][["X_high", "level", "ways"]].tolist() == [9 * 0.1, "metadata", 1]


def test_a_store_that_nothing_reaches_is_a_row_of_zeros():
    sketch = Sketch()
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    table = exposure(sketch.graph)
    assert (table.X_high[0], table.cost[0], table.ways[0], table.attrs["entries"]) == (0, math.inf, 0, 0)


@settings(max_examples=50, deadline=None)
@given(trust_graphs())
def test_closed_is_never_above_gated_and_gated_never_above_open(graph):
    closed, gated, opened = (
        exposure(graph, undecided=how).set_index("store").sort_index() for how in ("closed", "gated", "open")
    )
    assert (closed.X_high <= gated.X_high).all()
    assert (gated.X_high <= opened.X_high).all()
    assert (gated.X_if_open == opened.X_high).all()


def test_stores_can_be_chosen():
    assert list(exposure(shop(), of=["ledger", "orders"]).store) == ["orders", "ledger"]
    with pytest.raises(ScoreError, match=r"'ordres'.*'orders'"):
        exposure(shop(), of=["ordres"])
    function = next(node for node, data in shop().nodes(data=True) if data["kind"] == "function")
    with pytest.raises(ScoreError, match="is no store"):
        exposure(shop(), of=[function])


def test_exponents_are_weights():
    never = default_weights().changed(entries={"anonymous": 10, "authenticated_public": 10, "assumed_breach": 10})
    assert exposure(shop(), weights=never).X_high.max() < 0.01


def test_nothing_gives_an_empty_table_with_the_reason():
    empty, full = exposure(nx.MultiDiGraph()), exposure(shop())
    assert empty.attrs["reason"] == "The graph is empty."
    assert (empty.attrs["R_low"], empty.attrs["R_high"]) == (0, 0)
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    sketch = Sketch()
    sketch.function("f")
    assert exposure(sketch.graph).attrs["reason"] == "The graph has no store."


def test_a_door_before_an_entry_does_not_get_round_what_the_entry_asks():
    sketch = Sketch()
    sketch.internet()
    sketch.route("distribution", EntryKind.ANONYMOUS)
    sketch.node("api", Kind.HTTP_API)
    sketch.route("GET /orders", EntryKind.AUTHENTICATED)
    sketch.function("get", role="role")
    sketch.store("orders", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.invokes("internet", "distribution", 0)
    sketch.invokes("distribution", "api", 0)
    sketch.trust("api", "GET /orders", EdgeKind.CONTAINS, 0)
    sketch.invokes("GET /orders", "get", 0)
    sketch.permits("role", "orders", AccessLevel.READ)
    assert exposure(sketch.graph).X_high.tolist() == [pytest.approx(9 * 0.6 / 2)]
