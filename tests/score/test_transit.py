import math
from itertools import pairwise

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.errors import ScoreError
from auditkit.graph.schema import (
    INTERNET,
    EdgeKind,
    EntryKind,
    Evidence,
    Factors,
    Interval,
    Sensitivity,
    View,
)
from auditkit.inventory import STORE_KINDS, Kind
from auditkit.score import default_weights, transit
from tests.score.graphs import FACTOR_NAMES, Sketch, parallel_ways, queue_cycle, shop
from tests.score.strategies import data_graphs, relabelled

ALL = 10**9
A = (0.70, 0.60, 0.40, 0.35, 0.30, 0.20)
S = {
    Sensitivity.PUBLIC: (0, 0),
    Sensitivity.INTERNAL: (1, 1),
    Sensitivity.CONFIDENTIAL: (3, 3),
    Sensitivity.RESTRICTED: (9, 9),
    Sensitivity.UNKNOWN: (0, 3),
    None: (0, 3),
}
PASSED_THROUGH = {
    Kind.QUEUE,
    Kind.TOPIC,
    Kind.STREAM,
    Kind.TABLE_STREAM,
    Kind.DELIVERY_STREAM,
    Kind.EVENT_BUS,
    Kind.KAFKA_CLUSTER,
    Kind.BROKER,
}
CALLERS = {
    Kind.FUNCTION,
    Kind.FUNCTION_VERSION,
    Kind.FUNCTION_ALIAS,
    Kind.STATE_MACHINE,
    Kind.CONTAINER_SERVICE,
    Kind.INSTANCE,
    Kind.JOB,
    Kind.AGENT,
}


class Exhaustive:
    """The definition of a path, written down a second time and followed without any cleverness."""

    def __init__(self, graph, *, permitted=False, disabled=False, through_rest=False, max_hops=16):
        self.graph, self.permitted, self.max_hops = graph, permitted, max_hops
        self.moves = {}
        edges = [
            (tail, head, edge)
            for tail, head, edge in graph.edges(data=True)
            if edge["view"] is View.DATA
            and tail != head
            and (edge["enabled"] or disabled)
            and (edge["evidence"] is not Evidence.PERMITTED or permitted)
        ]
        answers = nx.DiGraph((tail, head) for tail, head, edge in edges if edge["kind"] is EdgeKind.RETURNS)
        answered = {
            node
            for node in answers
            if self.hands_on(node)
            and any(
                not self.hands_on(path[0]) and all(map(self.hands_on, path[1:]))
                for other in answers
                for path in nx.all_simple_paths(answers, other, node)
            )
        }
        for tail, head, edge in edges:
            back = edge["kind"] is EdgeKind.RETURNS and self.hands_on(head)
            if edge["kind"] is not EdgeKind.RETURNS or tail not in answered:
                self.moves.setdefault(((tail, False), (head, back)), []).append(edge)
            if edge["kind"] is EdgeKind.RETURNS and self.hands_on(tail):
                self.moves.setdefault(((tail, True), (head, back)), []).append(edge)
        for ends, edges in self.moves.items():
            evident = [edge for edge in edges if edge["evidence"] is not Evidence.PERMITTED]
            self.moves[ends] = evident or edges
        self.through_rest = through_rest

    def node(self, name):
        return self.graph.nodes[name]

    def is_store(self, name):
        return self.node(name)["kind"] in STORE_KINDS or self.node(name)["sensitivity"] is not None

    def is_outside(self, name):
        return self.node(name)["boundary"].kind in {"internet", "third party", "partner"}

    def hands_on(self, name):
        return not (self.is_outside(name) or self.node(name)["kind"] in STORE_KINDS | CALLERS)

    def follows(self, ends):
        """Whether a hop can follow on another."""
        tail = ends[0][0]
        rests = self.is_store(tail) and self.node(tail)["kind"] not in PASSED_THROUGH and not self.through_rest
        merely_read = all(edge["kind"] is EdgeKind.READS for edge in self.moves[ends])
        return not self.is_outside(tail) and not (rests and merely_read)

    def paths(self):
        found = []
        for ends in self.moves:
            if not ends[0][1]:
                self._grow([*ends], found)
        return found

    def _grow(self, places, found):
        names = [name for name, _ in places]
        if self._leads_up_to_an_entry(places):
            return
        onward = [
            ends for ends in self.moves if ends[0] == places[-1] and ends[1][0] not in names and self.follows(ends)
        ]
        stuck = not onward or len(places) == self.max_hops + 1
        cut = len(places) == self.max_hops + 1 and self._own_cycle(names[0])
        if (cut or self._begins(names)) and (stuck or self._ends(places[-1])):
            found.append(tuple(places))
        if not stuck:
            for ends in onward:
                self._grow([*places, ends[1]], found)

    def _begins(self, names):
        first = names[0]
        if self.is_store(first) or self.is_outside(first) or self.node(first)["entry"] is not None:
            return True
        return self._before(first, set(names)) <= set(names)

    def _before(self, name, nodes):
        """What leads to a node, without answers that had to pass by one of some nodes on their way to it."""
        tails = {tail for tail, head in self.moves if head == (name, False)}
        return {tail[0] for tail in tails if self._comes(tail, nodes - {tail[0]})}

    def _comes(self, place, without):
        if not place[1]:
            return True
        tails = {tail for tail, head in self.moves if head == place and tail[0] not in without}
        return any(self._comes(tail, without | {place[0]}) for tail in tails)

    def _leads_up_to_an_entry(self, places):
        *names, (last, back) = [places[0][0], *(name for name, _ in places[1:-1]), places[-1]]
        first = names[0]
        begins = self.is_store(first) or self.is_outside(first) or self.node(first)["entry"] is not None
        fed = any(self.is_outside(tail[0]) for tail, head in self.moves if head == (last, False))
        entry = self.node(last)["entry"] is not None and not back and not self._ends((last, back))
        return entry and fed and not begins and all(map(self.hands_on, names))

    def _own_cycle(self, first):
        graph = nx.DiGraph((tail[0], head[0]) for tail, head in self.moves)
        return all(nx.has_path(graph, first, before) for before in self._before(first, {first}))

    def _ends(self, place):
        name, back = place
        return self.is_store(name) or self.is_outside(name) or (back and self.node(name)["entry"] is not None)

    def scores(self, places):
        u, s = [0.0, 0.0], [0, 0]
        open_ = not self.is_store(places[0][0])
        for number, (name, back) in enumerate(places):
            if self.is_store(name):
                open_ = False
                s = [max(a, b) for a, b in zip(s, S[self.node(name)["sensitivity"]], strict=True)]
            elif self.node(name)["entry"] is not None and not back and not self.is_outside(name):
                open_ = True
            if number:
                edges = self.moves[places[number - 1], places[number]]
                u = [u[0] + max(hop(edge)[0] for edge in edges), u[1] + max(hop(edge)[1] for edge in edges)]
        if open_:
            s = [max(s[0], 0), max(s[1], 3)]
        return s[1] * u[1], s[0] * u[0], len(places) - 1

    def ranked(self):
        """Scores and nodes of the paths that are no part of another one as risky, the riskiest first."""
        paths = [path for path in self.paths() if not self.permitted or self._needs_permission(path)]
        score = {path: tuple(round(value, 9) for value in self.scores(path)) for path in paths}
        whole = [
            path
            for path in paths
            if not any(path in parts_of(other) and score[other] > score[path] for other in paths if other != path)
        ]
        return sorted((self.scores(path) for path in whole), reverse=True), whole

    def _needs_permission(self, path):
        return any(all(edge["evidence"] is Evidence.PERMITTED for edge in self.moves[ends]) for ends in pairwise(path))


def parts_of(path):
    return {path[i:j] for i in range(len(path)) for j in range(i + 2, len(path) + 1)}


def places_of(graph, row):
    """The places of a row: nodes, and whether an answer has arrived there."""
    reader = Exhaustive(graph)
    kinds = [graph.edges[edge]["kind"] for edge in row.edges]
    back = [kind is EdgeKind.RETURNS and reader.hands_on(edge[1]) for kind, edge in zip(kinds, row.edges, strict=True)]
    return tuple(zip(row.nodes, [False, *back], strict=True))


def by_places(graph, **options):
    return {places_of(graph, row): row for row in transit(graph, k=ALL, **options).itertuples()}


def hop(edge):
    factors = edge["factors"]
    levels = [getattr(factors, name) if factors else Interval(0, 1) for name in FACTOR_NAMES]
    return [
        -sum(math.log(1 - a * (level.low, level.high)[end]) for a, level in zip(A, levels, strict=True))
        for end in (0, 1)
    ]


def scores_of(table):
    return [(row.SU_high, row.SU_low, row.hops) for row in table.itertuples()]


def assert_same_scores(got, expected):
    assert len(got) == len(expected)
    for mine, other in zip(got, expected, strict=True):
        assert mine == pytest.approx(other, abs=1e-6)


# ---------------------------------------------------------------- against the definition


@settings(max_examples=300, deadline=None)
@given(data_graphs(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([1, 2, 3, 16]))
def test_paths_agree_with_exhaustive_enumeration(graph, permitted, disabled, through_rest, max_hops):
    options = {"permitted": permitted, "disabled": disabled, "through_rest": through_rest, "max_hops": max_hops}
    table = transit(graph, k=ALL, **options)
    expected, paths = Exhaustive(graph, **options).ranked()
    assert sorted(table.nodes) == sorted(tuple(name for name, _ in path) for path in paths)
    got = [(round(high, 6), round(low, 6), count) for high, low, count in scores_of(table)]
    assert_same_scores(got, [(round(high, 6), round(low, 6), count) for high, low, count in expected])
    assert table.attrs["exhaustive"]
    assert table.proven.all()


def test_a_part_that_is_riskier_than_the_whole_is_listed_beside_it():
    sketch = Sketch()
    sketch.function("quote")
    sketch.route("GET /price")
    sketch.store("price-list", Kind.TABLE, Sensitivity.PUBLIC)
    sketch.data("quote", "GET /price", EdgeKind.RETURNS, encryption=0.5)
    sketch.data("GET /price", "price-list", EdgeKind.RETURNS, encryption=0.5)
    table = transit(sketch.graph, k=ALL)
    assert list(table.nodes) == [("quote", "GET /price"), ("quote", "GET /price", "price-list")]
    assert table.SU_high[0] > table.SU_high[1] == 0


@settings(max_examples=100, deadline=None)
@given(data_graphs(), st.integers(1, 6))
def test_the_first_k_are_the_same_for_every_k(graph, k):
    few, all_ = transit(graph, k=k), transit(graph, k=ALL)
    pd.testing.assert_frame_equal(few, all_.head(k), check_like=False)
    assert few.attrs["SU_unseen"] >= max(all_.SU_high[k:], default=0) - 1e-9


@settings(max_examples=300, deadline=None)
@given(data_graphs(nodes=5))
def test_every_hop_is_on_a_path_unless_it_leads_up_to_an_entry_or_answers_who_answered(graph):
    table = transit(graph, k=ALL, disabled=True)
    covered = {ends for nodes in table.nodes for ends in pairwise(nodes)}
    hops = {
        (tail, head)
        for tail, head, edge in graph.edges(data=True)
        if edge["evidence"] is not Evidence.PERMITTED and tail != head
    }
    assert covered <= hops
    reader = Exhaustive(graph)
    for tail, head in hops - covered:
        assert reader.hands_on(tail)
        parallel = graph[tail][head].values()
        kinds = {edge["kind"] for edge in parallel if edge["evidence"] is not Evidence.PERMITTED}
        assert kinds == {EdgeKind.RETURNS} or reader.hands_on(head)


def test_a_third_party_that_is_an_entry_is_an_end_whoever_else_sends_to_it():
    sketch = Sketch()
    sketch.third_party("crm", entry=EntryKind.THIRD_PARTY)
    sketch.third_party("mail")
    sketch.node("rule", Kind.RULE)
    sketch.data("rule", "crm", EdgeKind.DELIVERS)
    sketch.data("mail", "crm", EdgeKind.CALLS)
    assert sorted(transit(sketch.graph).nodes) == [("mail", "crm"), ("rule", "crm")]


def test_a_function_may_begin_where_nothing_comes_to_it_but_answers_to_its_own_calls():
    sketch = Sketch()
    sketch.function("worker")
    sketch.store("queue", Kind.QUEUE, Sensitivity.INTERNAL)
    sketch.route("route", None)
    sketch.data("queue", "worker", EdgeKind.READS)
    sketch.data("worker", "queue", EdgeKind.WRITES)
    sketch.data("worker", "route", EdgeKind.CALLS)
    sketch.data("worker", "route", EdgeKind.RETURNS)
    sketch.data("route", "worker", EdgeKind.RETURNS)
    assert ("worker", "queue") in set(transit(sketch.graph).nodes)


def test_a_function_may_begin_where_all_answers_to_it_come_by_what_it_calls():
    sketch = Sketch()
    sketch.function("caller")
    sketch.function("called")
    sketch.data("caller", "called", EdgeKind.CALLS)
    for rule in ("one", "other"):
        sketch.node(rule, Kind.RULE)
        sketch.data("called", rule, EdgeKind.RETURNS)
        sketch.data(rule, "caller", EdgeKind.RETURNS)
    assert sorted(transit(sketch.graph).nodes) == [
        ("called", "one", "caller"),
        ("called", "other", "caller"),
        ("caller", "called", "one"),
        ("caller", "called", "other"),
    ]


@settings(max_examples=100, deadline=None)
@given(data_graphs(), st.randoms(use_true_random=False))
def test_names_and_the_order_of_edges_have_no_effect(graph, random):
    order = list(graph)
    random.shuffle(order)
    other, names = relabelled(graph, order)
    before, after = transit(graph, k=ALL), transit(other, k=ALL)
    assert scores_of(before) == scores_of(after)
    assert sorted(tuple(names[node] for node in nodes) for nodes in before.nodes) == sorted(after.nodes)


@settings(max_examples=100, deadline=None)
@given(data_graphs())
def test_the_order_of_edges_alone_changes_nothing_at_all(graph):
    other = nx.MultiDiGraph()
    for node in reversed(list(graph)):
        other.add_node(node, **graph.nodes[node])
    for tail, head, key, attributes in reversed(list(graph.edges(keys=True, data=True))):
        other.add_edge(tail, head, key=key, **attributes)
    pd.testing.assert_frame_equal(transit(graph), transit(other))


# ---------------------------------------------------------------- laws


@settings(max_examples=100, deadline=None)
@given(data_graphs(), st.data())
def test_a_worse_factor_never_lowers_a_score(graph, data):
    edges = [(t, h, k) for t, h, k, edge in graph.edges(keys=True, data=True) if edge["factors"] is not None]
    if not edges:
        return
    tail, head, key = data.draw(st.sampled_from(edges))
    name = data.draw(st.sampled_from(FACTOR_NAMES))
    before = by_places(graph, contained=True)
    old = graph.edges[tail, head, key]["factors"]
    level = getattr(old, name)
    levels = {other: getattr(old, other) for other in FACTOR_NAMES} | {name: Interval((level.low + 1) / 2, 1)}
    graph.edges[tail, head, key]["factors"] = Factors(**levels)
    after = by_places(graph, contained=True)
    assert before.keys() == after.keys()
    for places, row in before.items():
        for column in ("U_low", "U_high", "T_low", "T_high", "risk_low", "risk_high", "SU_low", "SU_high"):
            assert getattr(after[places], column) >= getattr(row, column)


@settings(max_examples=100, deadline=None)
@given(data_graphs(), st.data())
def test_a_more_sensitive_store_never_lowers_a_score(graph, data):
    stores = [node for node, each in graph.nodes(data=True) if each["sensitivity"] not in {None, Sensitivity.UNKNOWN}]
    if not stores:
        return
    before = by_places(graph, contained=True)
    graph.nodes[data.draw(st.sampled_from(stores))]["sensitivity"] = Sensitivity.RESTRICTED
    after = by_places(graph, contained=True)
    for places, row in before.items():
        assert after[places].SU_low >= row.SU_low
        assert after[places].SU_high >= row.SU_high


@settings(max_examples=100, deadline=None)
@given(data_graphs(nodes=6))
def test_a_path_is_never_safer_than_a_part_of_it(graph):
    rows = by_places(graph, contained=True)
    for places, row in rows.items():
        for part, other in rows.items():
            if part in parts_of(places):
                assert row.U_low >= other.U_low
                assert row.U_high >= other.U_high
                assert row.S_low >= other.S_low
                assert row.S_high >= other.S_high
                assert row.carries_restricted >= other.carries_restricted


@settings(max_examples=100, deadline=None)
@given(data_graphs(nodes=6), st.data())
def test_one_more_hop_never_lowers_the_highest_certain_score(graph, data):
    if not len(graph):
        return
    nodes = sorted(graph)
    before = transit(graph, k=1).SU_low.max() if len(transit(graph, k=1)) else 0
    lows = transit(graph, k=ALL).SU_low
    graph.add_edge(
        data.draw(st.sampled_from(nodes)),
        data.draw(st.sampled_from(nodes)),
        key="new",
        **one_edge(),
    )
    after = transit(graph, k=ALL).SU_low
    assert max(after, default=0) >= max(lows, default=0) >= before


def one_edge():
    sketch = Sketch()
    sketch.function("a")
    sketch.function("b")
    sketch.data("a", "b", EdgeKind.CALLS, validation=1)
    return next(iter(sketch.graph.edges(data=True)))[2]


@settings(max_examples=100, deadline=None)
@given(data_graphs())
def test_no_cell_is_missing_and_shares_sum_to_100(graph):
    table = transit(graph, k=ALL)
    assert not table.isna().any(axis=None)
    for row in table.itertuples():
        total = sum(getattr(row, f"{name}_share") for name in FACTOR_NAMES)
        assert total == pytest.approx(100 if row.U_high else 0)
        assert row.hops == len(row.nodes) - 1 == len(row.edges) == len(row.hop_W)
        assert len(set(row.nodes)) == len(row.nodes)
        assert [(tail, head) for tail, head, _ in row.edges] == list(pairwise(row.nodes))
        assert all(graph.has_edge(*edge) for edge in row.edges)
        assert row.weakest_hop_W == row.hop_W[row.weakest_hop] == pytest.approx(max(row.hop_W))
    ranks = [(-row.SU_high, -row.SU_low, -row.hops) for row in table.itertuples()]
    assert ranks == sorted(ranks)


# ---------------------------------------------------------------- by hand


def test_the_shop_by_hand():
    table = transit(shop()).set_index("nodes")
    path = table.loc[[(INTERNET, "POST /orders", "create", "payments", "charge", "ledger")]].iloc[0]
    u = -sum(map(math.log, (1 - 0.1, 1 - 0.15, 1 - 0.05, 1 - 0.35, 1 - 0.3, 1 - 0.36)))
    assert path.U_low == path.U_high == pytest.approx(u)
    assert path.T_high == pytest.approx(1 - math.exp(-u))
    assert (path.S_low, path.S_high) == (9, 9)
    assert path.risk_high == pytest.approx(9 * (1 - math.exp(-u)))
    assert path.SU_high == pytest.approx(9 * u)
    assert (path.starts, path.ends, path.entry) == ("outside", "store", "authenticated public")
    assert path.weakest_hop == 3
    assert path.weakest_hop_W == pytest.approx(1 - 0.65 * 0.7)
    assert path.weakest_factor == "encryption"
    assert (path.crosses_account, path.leaves_organization, path.unencrypted) == ("no", "no", "yes")
    assert path.carries_restricted


def test_flows_and_mere_permissions_are_listed_apart():
    configured, permitted = transit(shop()), transit(shop(), permitted=True)
    assert list(permitted.nodes) == [("customers", "notify")]
    assert set(permitted.evidence) == {"permitted"}
    assert "permitted" not in set(configured.evidence)


def test_a_permission_beside_a_flow_is_no_flow_of_its_own():
    sketch = Sketch()
    sketch.store("queue", Kind.QUEUE, Sensitivity.INTERNAL)
    sketch.function("f")
    sketch.data("queue", "f")
    sketch.data("queue", "f", EdgeKind.READS, evidence=Evidence.PERMITTED, encryption=1)
    assert len(transit(sketch.graph, permitted=True)) == 0
    assert transit(sketch.graph).U_high.tolist() == [0]


def test_a_trigger_that_is_switched_off_moves_nothing():
    off, on = transit(shop()), transit(shop(), disabled=True)
    assert not any(("payments", "nightly") in set(pairwise(nodes)) for nodes in off.nodes)
    assert any(("payments", "nightly") in set(pairwise(nodes)) for nodes in on.nodes)


def test_data_at_rest_begins_a_new_path_unless_it_is_pushed_on():
    sketch = Sketch()
    for name in ("in", "read", "pushed"):
        sketch.function(name)
    sketch.store("bucket", Kind.BUCKET, Sensitivity.CONFIDENTIAL)
    sketch.data("in", "bucket", EdgeKind.WRITES)
    sketch.data("bucket", "read", EdgeKind.READS)
    sketch.data("bucket", "pushed")
    sketch.data("bucket", "pushed", EdgeKind.READS, encryption=0.25)
    assert sorted(transit(sketch.graph).nodes) == [("bucket", "read"), ("in", "bucket", "pushed")]
    through = transit(sketch.graph, through_rest=True)
    assert sorted(through.nodes) == [("in", "bucket", "pushed"), ("in", "bucket", "read")]
    assert through.iloc[0].U_high == pytest.approx(-math.log(0.85))


def test_an_answer_goes_back_to_its_caller_and_not_on_to_what_the_route_leads_to():
    sketch = Sketch()
    sketch.internet()
    sketch.route("GET /orders")
    sketch.function("get")
    sketch.function("authorizer")
    sketch.store("orders", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.data(INTERNET, "GET /orders")
    sketch.data("GET /orders", "get")
    sketch.data("GET /orders", "authorizer")
    sketch.data("orders", "get", EdgeKind.READS)
    sketch.data("get", "GET /orders", EdgeKind.RETURNS)
    sketch.data("GET /orders", INTERNET, EdgeKind.RETURNS)
    table = transit(sketch.graph)
    assert sorted(table.nodes) == [
        (INTERNET, "GET /orders", "authorizer"),
        (INTERNET, "GET /orders", "get"),
        ("orders", "get", "GET /orders", INTERNET),
    ]
    sketch.graph.remove_edge("GET /orders", INTERNET)
    answer = transit(sketch.graph).query("start == 'orders'").iloc[0]
    assert (answer.nodes, answer.ends) == (("orders", "get", "GET /orders"), "entry")


def test_what_stands_before_an_entry_is_no_start():
    sketch = Sketch()
    sketch.node("api", Kind.REST_API)
    sketch.route("GET /")
    sketch.function("f")
    sketch.data("api", "GET /", authentication=1)
    sketch.data("GET /", "f")
    assert list(transit(sketch.graph).nodes) == [("api", "GET /", "f")]
    sketch.internet()
    sketch.data(INTERNET, "GET /", authentication=1)
    assert list(transit(sketch.graph).nodes) == [(INTERNET, "GET /", "f")]


def test_unclassified_data_counts_as_unknown_until_it_is_in_a_store():
    sketch = Sketch()
    sketch.route("POST /")
    sketch.function("f")
    sketch.third_party("api.example.com", entry=EntryKind.THIRD_PARTY)
    sketch.store("leaflets", Kind.BUCKET, Sensitivity.PUBLIC)
    sketch.data("POST /", "f", validation=1)
    sketch.data("f", "api.example.com", EdgeKind.CALLS)
    sketch.data("f", "leaflets", EdgeKind.WRITES)
    table = transit(sketch.graph).set_index("end")
    assert tuple(table.loc["api.example.com", ["S_low", "S_high"]]) == (0, 3)
    assert tuple(table.loc["leaflets", ["S_low", "S_high"]]) == (0, 0)


def test_the_worst_of_parallel_hops_counts_and_each_of_them_for_plaintext():
    sketch = Sketch()
    sketch.store("cache", Kind.CACHE, Sensitivity.INTERNAL)
    sketch.function("f")
    sketch.data("f", "cache", EdgeKind.WRITES, key="plain", encryption=1)
    worst = sketch.data("f", "cache", EdgeKind.WRITES, key="open", authentication=1)
    row = transit(sketch.graph).iloc[0]
    assert row.edges == (("f", "cache", worst),)
    assert row.U_high == pytest.approx(-math.log(0.3))
    assert row.unencrypted == "yes"


@pytest.mark.parametrize(
    ("level", "leaves"), [(0.25, "no"), (0.5, "yes"), (1, "yes"), ((0, 1), "unknown"), ((0.5, 1), "yes")]
)
def test_whether_a_path_leaves_the_organization(level, leaves):
    sketch = Sketch()
    sketch.store("topic", Kind.TOPIC, Sensitivity.INTERNAL)
    sketch.foreign("queue", Kind.QUEUE, sensitivity=Sensitivity.UNKNOWN)
    sketch.data("topic", "queue", third_party=level)
    row = transit(sketch.graph).iloc[0]
    assert row.leaves_organization == leaves
    assert row.crosses_account == "yes"


def test_an_account_that_is_not_known_is_not_taken_for_ours():
    sketch = Sketch()
    sketch.function("f")
    sketch.foreign("bucket", Kind.BUCKET, account="unknown", sensitivity=Sensitivity.UNKNOWN)
    sketch.graph.nodes["bucket"]["account"] = ""
    sketch.data("f", "bucket", EdgeKind.WRITES, known=False)
    row = transit(sketch.graph).iloc[0]
    assert (row.crosses_account, row.leaves_organization, row.unencrypted) == ("unknown", "unknown", "unknown")


def test_parallel_ways_are_a_path_each_and_can_be_limited():
    assert len(transit(parallel_ways(5))) == 5
    assert len(transit(parallel_ways(5), per_ends=2)) == 2


def test_a_circle_of_queues_ends():
    table = transit(queue_cycle(3))
    assert len(table) == 6
    assert set(table.hops) == {5}
    assert set(transit(queue_cycle(3), max_hops=2).hops) == {2}


def complete(size):
    sketch = Sketch()
    names = [sketch.function(f"f{number:02}") for number in range(size)]
    sketch.store("store", Kind.TABLE, Sensitivity.INTERNAL)
    for tail in names:
        sketch.data(tail, "store", EdgeKind.WRITES, encryption=0.25)
        for head in names:
            if tail != head:
                sketch.data(tail, head, EdgeKind.CALLS, validation=1)
    return sketch.graph


def test_a_search_that_runs_out_says_so_and_what_it_proved():
    exact, cut = transit(complete(6), k=5), transit(complete(6), k=5, budget=50)
    assert exact.attrs["exhaustive"]
    assert not cut.attrs["exhaustive"]
    assert cut.attrs["SU_unseen"] >= exact.SU_high.max() - 1e-9
    assert not cut.proven.all()
    large = transit(complete(30), k=5, budget=2_000)
    assert not large.attrs["exhaustive"]
    assert len(large) == 5


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (nx.MultiDiGraph(), "The graph is empty."),
        (parallel_ways(0), "No data moves in this graph."),
    ],
)
def test_nothing_gives_an_empty_table_with_the_reason(graph, reason):
    table = transit(graph)
    assert len(table) == 0
    assert table.attrs["reason"] == reason
    assert table.dtypes.to_dict() == transit(shop()).dtypes.to_dict()


@pytest.mark.parametrize("option", ["k", "max_hops", "budget", "per_ends"])
def test_limits_below_one_are_refused(option):
    with pytest.raises(ScoreError, match=option):
        transit(shop(), **{option: 0})


def test_other_weights_give_other_scores():
    heavier = default_weights().changed(sensitivity={"restricted": 90})
    assert transit(shop(), weights=heavier).SU_high.max() == pytest.approx(10 * transit(shop()).SU_high.max())
    assert transit(shop(), weights=heavier).attrs["weights"] == heavier.cited
