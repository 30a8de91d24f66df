import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.errors import ScoreError
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Evidence, Sensitivity, View
from auditkit.inventory import STORE_KINDS, Kind
from auditkit.score import attack_edges, blast_radius, blast_radius_detail, default_weights, matrix
from tests.score.graphs import Sketch, queue_cycle, shop
from tests.score.strategies import relabelled, trust_graphs

S = {
    Sensitivity.PUBLIC: (0, 0),
    Sensitivity.INTERNAL: (1, 1),
    Sensitivity.CONFIDENTIAL: (3, 3),
    Sensitivity.RESTRICTED: (9, 9),
    Sensitivity.UNKNOWN: (0, 3),
    None: (0, 3),
}
LAMBDA = {"metadata": 0.1, "delete": 0.4, "read": 0.6, "write": 0.6, "admin": 1.0}
NUMBERS = ("BR0_low", "BR0_high", "BR_low", "BR_high", "BRmax_low", "BRmax_high")
C = {EntryKind.ANONYMOUS: 0, EntryKind.OTHER_ACCOUNT: 2}


class Plain:
    """The attacker's rules, written down a second time, and followed until nothing changes."""

    def __init__(self, graph):
        self.graph = graph
        self.steps = []
        code = {
            node for node, each in graph.nodes(data=True) if each["kind"] is Kind.FUNCTION and not self.outside(node)
        }
        known = {
            tail
            for tail, head, edge in graph.edges(data=True)
            if edge["kind"] is EdgeKind.RUNS_AS and graph.nodes[head]["exists"] and not edge["unknown"]
        }
        unsure = {
            tail
            for tail, head, edge in graph.edges(data=True)
            if edge["kind"] is EdgeKind.RUNS_AS and (edge["unknown"] or not graph.nodes[head]["exists"])
        }
        self.missing = (code - known) | (code & unsure)
        for node in graph:
            if self.store(node):
                for level, then in (("write", "acts"), ("admin", "acts"), ("read", "opens"), ("admin", "opens")):
                    self.steps.append(((node, level), (node, then), 0, True))
        for tail, head, edge in graph.edges(data=True):
            if edge["view"] is View.TRUST:
                self._trust(tail, head, edge)
            else:
                self._flow(tail, head, edge)

    def store(self, node):
        return self.graph.nodes[node]["kind"] in STORE_KINDS or self.graph.nodes[node]["sensitivity"] is not None

    def outside(self, node):
        return self.graph.nodes[node]["boundary"].kind in {"internet", "third party", "partner"}

    def _trust(self, tail, head, edge):
        kind, cost, decided = edge["kind"], edge["cost"], not edge["unknown"]
        if kind is EdgeKind.PERMITS and self.store(head) and edge["access"] is None:
            decided = False
        if (not decided or edge["conditions"]) and kind is not EdgeKind.RUNS_AS:
            cost = max(cost, 4)
        door = edge["kind"] is EdgeKind.CONTAINS and self.graph.nodes[tail]["kind"] is not Kind.FUNCTION
        if kind is EdgeKind.CONTAINS and self.graph.nodes[tail]["kind"] is Kind.FUNCTION:
            tail, head = head, tail
        if (tail == INTERNET or door) and self.graph.nodes[head]["entry"]:
            cost += C.get(self.graph.nodes[head]["entry"], 1)
        level = edge["access"].value if edge["access"] else None
        gains = ["acts"]
        if kind is EdgeKind.PERMITS:
            gains = [level or "admin"] if self.store(head) else []
        elif kind is EdgeKind.HOLDS and self.store(head):
            gains = ["read"]
        elif kind is EdgeKind.OPENS and self.store(head):
            gains = [level] if level else ["read", "write"]
        elif kind is EdgeKind.OPENS and self.outside(head):
            gains = []
        leaves = "opens" if kind is EdgeKind.OPENS and self.store(tail) else "acts"
        if math.isfinite(cost) and head != INTERNET:
            self.steps += [((tail, leaves), (head, gain), cost, decided) for gain in gains]

    def _flow(self, tail, head, edge):
        called = edge["kind"] is EdgeKind.CALLS and self.graph.nodes[head]["kind"] is Kind.THIRD_PARTY
        if called and edge["evidence"] is not Evidence.PERMITTED and self.graph.nodes[tail]["kind"] is Kind.FUNCTION:
            waits = edge["unknown"] or edge["conditions"] or not edge["enabled"]
            self.steps.append(((head, "acts"), (tail, "acts"), 4 if waits else 3, not edge["unknown"]))
        for kind, code, store, level in (
            (EdgeKind.READS, head, tail, "read"),
            (EdgeKind.WRITES, tail, head, "write"),
        ):
            if edge["kind"] is not kind or edge["evidence"] is Evidence.PERMITTED:
                continue
            if code in self.missing and self.store(store):
                sure = edge["evidence"] is not Evidence.REFERENCED
                self.steps.append(((code, "acts"), (store, level), 0 if sure else 4, sure))

    def costs(self, starts, steps=None):
        cost = dict(starts)
        changed = True
        while changed:
            changed = False
            for tail, head, price, _ in self.steps if steps is None else steps:
                if tail in cost and cost[tail] + price < cost.get(head, math.inf):
                    cost[head] = cost[tail] + price
                    changed = True
        return cost

    def numbers(self, node):
        start = {(node, "admin" if self.store(node) else "acts"): 0}
        cost = self.costs(start)
        direct = self.costs(start, [step for step in self.steps if step[2] == 0])
        decided = self.costs(start, [step for step in self.steps if step[3]])
        found = dict.fromkeys(NUMBERS, 0.0)
        reached = {other for other, hold in cost if hold in LAMBDA}
        for store in reached:
            levels = {level: cost[store, level] for level in LAMBDA if (store, level) in cost}
            for bound, s in zip(("low", "high"), S[self.graph.nodes[store]["sensitivity"]], strict=True):
                found[f"BR0_{bound}"] += s * (1 - math.prod(1 - LAMBDA[a] for a in levels if (store, a) in direct))
                found[f"BR_{bound}"] += s * (1 - math.prod(1 - LAMBDA[a] * 2**-c for a, c in levels.items()))
                found[f"BRmax_{bound}"] += s * (1 - math.prod(1 - LAMBDA[a] for a in levels))
        found["stores"] = len(reached)
        found["stores_direct"] = len({other for other, hold in direct if hold in LAMBDA})
        found["stores_undecided"] = len(reached - {other for other, hold in decided if hold in LAMBDA})
        return found


def row_of(graph, node, **options):
    return blast_radius(graph, of=node, **options).iloc[0]


# ---------------------------------------------------------------- against the definition


@settings(max_examples=300, deadline=None)
@given(trust_graphs())
def test_every_number_agrees_with_the_definition(graph):
    plain = Plain(graph)
    table = blast_radius(graph, of=list(graph)) if len(graph) else blast_radius(graph)
    for row in table.itertuples():
        for name, value in plain.numbers(row.node).items():
            assert getattr(row, name) == pytest.approx(value, abs=1e-9), name
    assert set(table.query("missing != ''").node) == plain.missing


@settings(max_examples=150, deadline=None)
@given(trust_graphs())
def test_the_three_numbers_are_in_order_and_nothing_is_missing(graph):
    if not len(graph):
        return
    table = blast_radius(graph, of=list(graph))
    for bound in ("low", "high"):
        assert (table[f"BR0_{bound}"] <= table[f"BR_{bound}"]).all()
        assert (table[f"BR_{bound}"] <= table[f"BRmax_{bound}"]).all()
    for name in ("BR0", "BR", "BRmax"):
        assert (table[f"{name}_low"] <= table[f"{name}_high"]).all()
    assert not table.isna().any(axis=None)


@settings(max_examples=150, deadline=None)
@given(trust_graphs(), st.data())
def test_one_more_edge_never_lowers_a_number(graph, data):
    if not len(graph):
        return
    nodes = sorted(graph)
    before = blast_radius(graph, of=nodes).set_index("node")
    kind = data.draw(st.sampled_from([EdgeKind.PERMITS, EdgeKind.ASSUMES, EdgeKind.INVOKES, EdgeKind.OPENS]))
    access = data.draw(st.sampled_from(list(AccessLevel))) if kind is EdgeKind.PERMITS else None
    sketch = Sketch()
    sketch.graph = graph
    cost = data.draw(st.integers(0, 4))
    tail, head = data.draw(st.sampled_from(nodes)), data.draw(st.sampled_from(nodes))
    sketch.trust(tail, head, kind, cost, access=access, key="new")
    after = blast_radius(graph, of=nodes).set_index("node").loc[before.index]
    for name in (*NUMBERS, "stores", "stores_direct", "crown_jewels"):
        assert (after[name] >= before[name]).all(), name


@settings(max_examples=100, deadline=None)
@given(trust_graphs(), st.data())
def test_a_cheaper_edge_or_a_more_sensitive_store_never_lowers_a_number(graph, data):
    edges = [
        (tail, head, key) for tail, head, key, edge in graph.edges(keys=True, data=True) if edge["view"] is View.TRUST
    ]
    if not edges:
        return
    nodes = sorted(graph)
    before = blast_radius(graph, of=nodes).set_index("node")
    edge = graph.edges[data.draw(st.sampled_from(edges))]
    edge["cost"] = min(edge["cost"], data.draw(st.integers(0, 4)))
    node = graph.nodes[data.draw(st.sampled_from(nodes))]
    if node["sensitivity"] not in {None, Sensitivity.UNKNOWN}:
        node["sensitivity"] = Sensitivity.RESTRICTED
    after = blast_radius(graph, of=nodes).set_index("node").loc[before.index]
    for name in NUMBERS:
        assert (after[name] >= before[name]).all(), name


@settings(max_examples=100, deadline=None)
@given(trust_graphs(), st.randoms(use_true_random=False))
def test_names_and_the_order_of_edges_have_no_effect(graph, random):
    if not len(graph):
        return
    order = list(graph)
    random.shuffle(order)
    other, names = relabelled(graph, order)
    before = blast_radius(graph, of=list(graph)).set_index("node")
    after = blast_radius(other, of=list(other)).set_index("node")
    for node, name in names.items():
        for column in (*NUMBERS, "stores", "stores_direct", "stores_undecided", "crown_jewels", "missing"):
            assert before.loc[node, column] == after.loc[name, column]


@settings(max_examples=100, deadline=None)
@given(trust_graphs())
def test_the_bounds_depend_on_no_cost(graph):
    if not len(graph):
        return
    dearer = default_weights().changed(costs={"call": 3, "wait": 5, "bug": 6, "gated": 9})
    finer = default_weights().changed(costs={"call": 1.1, "wait": 2.3, "bug": 3.7, "gated": 4.9})
    before, *others = (
        blast_radius(graph, of=list(graph), weights=weights).set_index("node").sort_index()
        for weights in (None, dearer, finer)
    )
    for after in others:
        for name in ("BR0_low", "BR0_high", "BRmax_low", "BRmax_high"):
            assert (before[name] == after[name]).all()
        assert (after.BR_high <= before.BR_high).all()


@settings(max_examples=100, deadline=None)
@given(trust_graphs())
def test_the_detail_adds_up_and_its_paths_are_in_the_graph(graph):
    for node in sorted(graph):
        row, detail = row_of(graph, node), blast_radius_detail(graph, node)
        assert math.fsum(detail.contribution_low) == pytest.approx(row.BR_low, abs=1e-7)
        assert math.fsum(detail.contribution_high) == pytest.approx(row.BR_high, abs=1e-7)
        assert len(detail) == row.stores
        if row.stores:
            most = detail[["contribution_high", "contribution_low"]].iloc[0]
            worst = detail[(detail[most.index] == most).all(axis=1)].sort_values("store").iloc[0]
            assert (row.worst_store, row.worst_share) == (worst.store, pytest.approx(worst.share))
        else:
            assert (row.worst_store, row.worst_share) == ("", 0)
        assert detail.direct.sum() == row.stores_direct
        assert detail.undecided.sum() == row.stores_undecided
        assert detail.share.sum() == pytest.approx(100 if row.BR_high else 0)
        costs = attack_edges(graph).set_index(["from", "to", "key"]).cost
        for each in detail.itertuples():
            assert each.path[0] == node
            assert each.path[-1] == each.store
            assert len(each.path) == len(each.edges) + 1 == len(each.steps) + 1
            assert all(graph.has_edge(*edge) for edge in each.edges)
            hops = zip(each.path, each.path[1:], (key for _, _, key in each.edges), strict=False)
            assert sum(costs.loc[[hop]].iloc[0] for hop in hops) == each.cost
            assert not detail.isna().any(axis=None)


@settings(max_examples=50, deadline=None)
@given(trust_graphs())
def test_rows_of_the_matrix_sum_to_the_blast_radius(graph):
    table = blast_radius(graph).set_index("node")
    for bound in ("low", "high"):
        sums = matrix(graph, bound=bound).sum(axis=1)
        assert sorted(sums.index) == sorted(table.index)
        for node, value in sums.items():
            assert value == pytest.approx(table.loc[node, f"BR_{bound}"])


# ---------------------------------------------------------------- by hand


def test_the_shop_by_hand():
    table = blast_radius(shop()).set_index("node")
    export = table.loc["export"]
    assert (export.BR0_low, export.BR0_high) == pytest.approx((9 * 0.6, 9 * 0.6 + 3 * 0.6))
    assert export.BR_high == export.BRmax_high == export.BR0_high
    assert (export.stores, export.crown_jewels, export.worst_store) == (2, 1, "customers")
    create = table.loc["create"]
    charge = 0.25
    expected = 3 * 0.6 + 3 * 0.6  # orders and payments, written directly
    expected += 3 * 0.6 / 4 + 1 * 0.6 / 4 / 8  # the orders' stream, and search by a function that validates
    expected += 1 * 0.6 * charge + 9 * 0.6 * charge  # events and the password, by way of charge
    expected += 9 * (1 - (1 - 0.6 * charge / 2) ** 2)  # the ledger that the password opens
    expected += 9 * 0.6 * charge / 4  # customers, which notify may read
    assert create.BR_high == pytest.approx(expected)


def test_a_fresh_writer_makes_the_consumer_run_and_a_reader_does_not():
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.function("consumer", role="consumer-role")
    sketch.store("queue", Kind.QUEUE, Sensitivity.PUBLIC)
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.trust("queue", "consumer", EdgeKind.INVOKES, 2)
    sketch.permits("consumer-role", "jewel")
    sketch.permits("r", "queue", AccessLevel.READ)
    assert row_of(sketch.graph, "f").crown_jewels == 0
    sketch.permits("r", "queue", AccessLevel.WRITE)
    assert row_of(sketch.graph, "f").BR_high == pytest.approx(9 * 0.6 / 4)


def test_a_secret_opens_to_its_reader_and_not_to_its_writer():
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.store("secret", Kind.SECRET, Sensitivity.PUBLIC)
    sketch.store("database", Kind.DATABASE, Sensitivity.RESTRICTED)
    sketch.trust("secret", "database", EdgeKind.OPENS, 1, access=AccessLevel.READ)
    sketch.permits("r", "secret", AccessLevel.WRITE)
    assert row_of(sketch.graph, "f").crown_jewels == 0
    sketch.permits("r", "secret", AccessLevel.READ)
    assert row_of(sketch.graph, "f").BR_high == pytest.approx(9 * 0.6 / 2)


def test_what_is_denied_is_no_way_and_what_is_gated_costs_four():
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.role("other")
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("other", "jewel", AccessLevel.ADMIN)
    sketch.denied("r", "other")
    assert row_of(sketch.graph, "f").BRmax_high == 0
    sketch.assumes("r", "other", 1, conditions=("aws:MultiFactorAuthPresent",))
    row = row_of(sketch.graph, "f")
    assert (row.BR_high, row.BRmax_high, row.stores_undecided) == (9 / 16, 9, 0)


def test_what_cannot_be_decided_is_counted_and_said():
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("r", "jewel", AccessLevel.ADMIN, unknown="service control policies")
    row = row_of(sketch.graph, "f")
    assert (row.BR0_high, row.BR_high, row.stores_undecided) == (0, 9 / 16, 1)
    detail = blast_radius_detail(sketch.graph, "f").iloc[0]
    assert detail.undecided
    assert detail.gated
    assert set(attack_edges(sketch.graph).undecided) == {"", "service control policies"}


def test_what_cannot_be_decided_can_count_as_open_or_as_closed():
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.role("other")
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("other", "jewel", AccessLevel.ADMIN, 4, unknown="service control policies")
    sketch.assumes("r", "other", 4, unknown="service control policies")
    gated, opened, closed = (row_of(sketch.graph, "f", undecided=how) for how in ("gated", "open", "closed"))
    assert (gated.BR0_high, gated.BR_high, gated.BRmax_high) == (0, 9 / 2**8, 9)
    assert (opened.BR0_high, opened.BR_high, opened.BRmax_high) == (0, 9 / 2, 9)
    assert (closed.BR0_high, closed.BR_high, closed.BRmax_high) == (0, 0, 0)
    for row in (gated, opened, closed):
        assert (row.BR0_if_open, row.BR_if_open) == (0, 9 / 2)
    sketch.permits("r", "jewel", AccessLevel.READ, 4, unknown="service control policies")
    assert row_of(sketch.graph, "f").BR0_if_open == pytest.approx(9 * 0.6)
    sketch.graph.remove_edge("r", "other")
    sketch.assumes("r", "other", 4, unknown="service control policies", conditions=("aws:SourceIp",))
    assert row_of(sketch.graph, "f", undecided="open").BR_high == pytest.approx(9 * (1 - 0.4 * (1 - 1 / 16)))
    assert blast_radius_detail(sketch.graph, "f", undecided="open").cost[0] == 0
    assert matrix(sketch.graph, undecided="closed").shape == (1, 0)
    with pytest.raises(ScoreError, match="perhaps"):
        blast_radius(sketch.graph, undecided="perhaps")


@settings(max_examples=100, deadline=None)
@given(trust_graphs())
def test_closed_is_never_above_gated_and_gated_never_above_open(graph):
    if not len(graph):
        return
    closed, gated, opened = (
        blast_radius(graph, of=list(graph), undecided=how).set_index("node").sort_index()
        for how in ("closed", "gated", "open")
    )
    for name in NUMBERS:
        assert (closed[name] <= gated[name]).all()
        assert (gated[name] <= opened[name]).all()
    assert (gated.BR_if_open == opened.BR_high).all()
    assert (gated.BR0_if_open == opened.BR0_high).all()


def test_a_permission_without_a_level_is_not_taken_for_harmless():
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("r", "jewel", None)
    row = row_of(sketch.graph, "f")
    assert (row.BR_high, row.stores_undecided) == (9 / 16, 1)


@pytest.mark.parametrize(("role_known", "role"), [(False, True), (True, False)])
def test_a_function_whose_permissions_are_not_known_is_not_taken_for_safe(role_known, role):
    sketch = Sketch()
    sketch.function("f")
    if role:
        sketch.role("r", exists=role_known)
        sketch.runs_as("f", "r")
    sketch.store("seen", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.store("named", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.data("seen", "f", EdgeKind.READS)
    sketch.data("f", "named", EdgeKind.WRITES, evidence=Evidence.REFERENCED)
    row = row_of(sketch.graph, "f")
    assert row.missing == ("permissions of the role" if role else "no role is seen")
    assert row.BR_high == pytest.approx(9 * 0.6 + 9 * 0.6 / 16)
    assert (row.BR0_high, row.stores_undecided) == (pytest.approx(9 * 0.6), 1)


def test_a_layer_falls_on_the_functions_that_contain_it():
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.node("layer", Kind.LAYER)
    sketch.trust("f", "layer", EdgeKind.CONTAINS, 0)
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("r", "jewel")
    assert row_of(sketch.graph, "layer").BR_high == pytest.approx(9 * 0.6)
    assert blast_radius_detail(sketch.graph, "layer").path[0] == ("layer", "f", "r", "jewel")


def test_a_grant_stands_between_a_role_and_its_stores():
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.node("grant", Kind.GRANT)
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("r", "grant", None)
    sketch.permits("grant", "jewel", AccessLevel.READ)
    row = row_of(sketch.graph, "f")
    assert (row.BR0_high, row.stores_undecided) == (pytest.approx(9 * 0.6), 0)


def test_anything_can_be_asked_for():
    graph = shop()
    assert list(blast_radius(graph, of=Kind.SECRET).node) == ["ledger-password"]
    assert blast_radius(graph, of="ledger-password").BR_high[0] == pytest.approx(9 + 9 * (1 - 0.7**2))
    assert sorted(blast_radius(graph, of=["create", "admin-role", "create"]).node) == ["admin-role", "create"]
    assert blast_radius(graph, of=INTERNET).BR_high[0] > 5.4
    assert len(blast_radius(graph, of=Kind.AGENT)) == 0


def test_a_node_that_there_is_not_is_named_with_those_near_it():
    with pytest.raises(ScoreError, match=r"'creat'.*'create'"):
        blast_radius(shop(), of="creat")
    with pytest.raises(ScoreError, match="'zzz'"):
        blast_radius_detail(shop(), "zzz")


def test_the_fewest_steps_and_their_sources_are_the_witness():
    detail = blast_radius_detail(shop(), "export").set_index("store")
    row = detail.loc["customers"]
    assert row.path == ("export", "export-role", "customers")
    assert row.steps == ("runs as", "permits: read")
    assert [str(source) for source in row.sources] == [
        "edges.json#/export/export-role/runs as",
        "edges.json#/export-role/customers/permits",
    ]
    assert (row["levels"], row.costs, row.rhos, row.lambdas) == (("read",), (0.0,), (1.0,), (0.6,))


def test_a_circle_ends():
    table = blast_radius(queue_cycle(3))
    assert set(table.stores) == {3}


EMPTY = nx.MultiDiGraph()


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        (blast_radius, "The graph is empty."),
        (matrix, "The graph is empty."),
        (attack_edges, "The graph is empty."),
    ],
)
def test_an_empty_graph_gives_an_empty_table_with_the_reason(score, reason):
    table = score(EMPTY)
    assert len(table) == 0
    assert table.attrs["reason"] == reason
    full = score(shop())
    assert full.attrs["reason"] == ""
    if list(table.columns):
        assert table.dtypes.to_dict() == full.dtypes.to_dict()


def test_a_graph_without_functions_or_stores_says_so():
    sketch = Sketch()
    sketch.role("r")
    assert blast_radius(sketch.graph).attrs["reason"] == "The graph has no function."
    sketch.function("f")
    assert blast_radius(sketch.graph).loc[0, list(NUMBERS)].tolist() == [0] * 6
    detail = blast_radius_detail(sketch.graph, "f")
    assert detail.attrs["reason"] == "The graph has no store."
    assert detail.dtypes.to_dict() == blast_radius_detail(shop(), "create").dtypes.to_dict()
    assert matrix(sketch.graph).shape == (1, 0)
    sketch.store("t")
    assert blast_radius_detail(sketch.graph, "f").attrs["reason"] == "It reaches no store."


@settings(max_examples=100, deadline=None)
@given(trust_graphs(), st.integers(1, 3))
def test_of_a_large_matrix_the_largest_sums_are_kept_and_what_is_left_out_is_counted(graph, most):
    whole, part = matrix(graph), matrix(graph, most=most)
    assert part.equals(whole.loc[part.index, part.columns])
    for axis, names, sums, left_out in zip(
        (1, 0), (part.index, part.columns), part.attrs["sums"], part.attrs["left_out"], strict=True
    ):
        totals = whole.sum(axis=axis)
        assert sums == pytest.approx(totals[names].to_dict())
        assert left_out == len(totals) - len(names)
        assert len(names) == min(most, len(totals))
        assert not left_out or totals.drop(names).max() <= min(sums.values()) + 1e-9


@pytest.mark.parametrize("most", [0, -1])
def test_a_table_of_nothing_is_refused(most):
    with pytest.raises(ScoreError, match="most"):
        matrix(shop(), most=most)
    with pytest.raises(ScoreError, match="most"):
        blast_radius_detail(shop(), "create", most=most)


@settings(max_examples=50, deadline=None)
@given(trust_graphs(), st.integers(1, 3))
def test_the_first_rows_of_a_detail_are_those_of_all_of_it(graph, most):
    for node in sorted(graph):
        whole, part = blast_radius_detail(graph, node), blast_radius_detail(graph, node, most=most)
        assert part.equals(whole.head(most))
        assert part.attrs["left_out"] == len(whole) - len(part)


def test_the_matrix_has_no_other_bound():
    with pytest.raises(ScoreError, match="middle"):
        matrix(shop(), bound="middle")


@pytest.mark.parametrize("cost", [-1, math.nan])
def test_a_cost_that_is_no_cost_names_the_edge(cost):
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.role("other")
    sketch.assumes("r", "other", cost)
    with pytest.raises(ScoreError, match=r"'r' -> 'other'.*cost"):
        blast_radius(sketch.graph)


def test_two_runs_give_the_same():
    pd.testing.assert_frame_equal(blast_radius(shop()), blast_radius(shop()))
    assert np.array_equal(matrix(shop()), matrix(shop()))


def test_a_third_party_that_is_taken_over_answers_the_code_that_calls_it():
    sketch = Sketch()
    sketch.function("f", role="r")
    sketch.function("g", role="r")
    sketch.third_party("api.example")
    sketch.third_party("named.example")
    sketch.store("t", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("r", "t", AccessLevel.READ)
    sketch.data("f", "api.example", EdgeKind.CALLS)
    sketch.data("g", "named.example", EdgeKind.CALLS, evidence=Evidence.PERMITTED)
    found = blast_radius(sketch.graph, of=["api.example", "f", "named.example"]).set_index("node")["BR_high"]
    assert found["api.example"] == pytest.approx(9 * (1 - (1 - 0.6 / 8)))  # a bug: 2**-3
    assert found["named.example"] == 0  # it may be called, which nothing shows
    way = blast_radius_detail(sketch.graph, "api.example")
    assert way["path"].iloc[0] == ("api.example", "f", "r", "t")
    assert way["steps"].iloc[0][0].startswith("answers")
