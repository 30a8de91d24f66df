import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.graph.schema import EdgeKind, EntryKind, Evidence, Sensitivity, View
from auditkit.inventory import Kind
from auditkit.score import default_weights, transit
from auditkit.score._carried import Carried
from auditkit.score.changes import Change, changed_graph
from auditkit.score.compact import Compact
from tests.score.graphs import FACTOR_NAMES, Sketch
from tests.score.strategies import data_graphs

MANY = 10**9
WEIGHTS = default_weights()


def drawn_cut(graph, data, *, inside=False):
    edges = [
        (tail, head, str(key))
        for tail, head, key, edge in graph.edges(keys=True, data=True)
        if edge["view"] is View.DATA and edge["evidence"] is not Evidence.PERMITTED
        if not inside or (edge["kind"] is not EdgeKind.RETURNS and graph.nodes[tail]["boundary"].kind == "account")
    ]
    removes = data.draw(st.lists(st.sampled_from(edges), max_size=2, unique=True)) if edges else []
    return [Change(label="cut", removes=tuple(removes))]


@settings(max_examples=200, deadline=None)
@given(data_graphs(), st.integers(1, 3), st.data())
def test_what_is_left_is_between_bounds_however_few_paths_were_looked_at(graph, paths, data):
    changes = drawn_cut(graph, data)
    few, all_ = (
        Carried(Compact(graph, weights=WEIGHTS), paths=paths),
        Carried(Compact(graph, weights=WEIGHTS), paths=MANY),
    )
    before, after = few.each([]), few.each(changes)
    truth_before, truth = all_.each([]), all_.each(changes)
    for ends in before:
        for side in (0, 1):
            gain = truth_before[ends][side] - truth[ends][side]
            assert gain >= before[ends][side] - after[ends][side + 2]
        assert gain <= before[ends][1] - after[ends][1]
        assert after[ends][1] <= truth[ends][1] <= after[ends][3]
    assert [value[:2] for value in truth.values()] == [value[2:] for value in truth.values()]


@settings(max_examples=300, deadline=None)
@given(data_graphs(), st.data())
def test_what_is_left_after_a_cut_is_no_less_than_what_the_graph_without_it_carries(graph, data):
    # without an answer, or without what feeds an entry from outside, other nodes are what hands on
    changes = drawn_cut(graph, data, inside=True)
    left = Carried(Compact(graph, weights=WEIGHTS), paths=MANY).each(changes)
    truth = Carried(Compact(changed_graph(graph, changes), weights=WEIGHTS), paths=MANY).each([])
    for ends, value in truth.items():
        assert left.get(ends, (0, 0))[0] >= value[0] * (1 - 1e-9)
        assert left.get(ends, (0, 0))[1] >= value[1] * (1 - 1e-9)


def test_what_is_left_of_a_path_counts_where_another_leads_between_its_ends():
    sketch = Sketch()
    sketch.store("table", sensitivity=Sensitivity.PUBLIC)
    sketch.function("function")
    sketch.route("route")
    for tail, head in (("table", "function"), ("function", "route")):
        sketch.data(tail, head, **dict.fromkeys(FACTOR_NAMES, 0))
    sketch.data("table", "route", known=False)
    sketch.data("function", "table", EdgeKind.RETURNS, known=False)
    sketch.data("route", "function", known=False)
    (edge,) = [edge for edge in sketch.graph.edges(keys=True) if edge[:2] == ("route", "function")]
    cut = [Change(label="cut", removes=(edge,))]
    rest = Carried(Compact(changed_graph(sketch.graph, cut), weights=WEIGHTS))
    assert Carried(Compact(sketch.graph, weights=WEIGHTS)).left(cut).bounds == rest.total


def test_what_is_left_of_a_path_may_lead_through_an_answer():
    sketch = Sketch()
    for name in ("asked", "asking", "told"):
        sketch.function(name)
    sketch.route("route", None)
    sketch.data("asked", "route", EdgeKind.RETURNS, known=False)
    sketch.data("route", "asking", EdgeKind.RETURNS, known=False)
    sketch.data("asking", "told", known=False)
    (edge,) = [edge for edge in sketch.graph.edges(keys=True) if edge[1] == "told"]
    cut = [Change(label="cut", removes=(edge,))]
    rest = Carried(Compact(changed_graph(sketch.graph, cut), weights=WEIGHTS))
    assert Carried(Compact(sketch.graph, weights=WEIGHTS)).left(cut).bounds == rest.total
    assert rest.total[1] > 0


def test_what_is_left_of_a_path_begins_and_ends_anew():
    sketch = Sketch()
    for name in ("first", "second", "third", "fourth"):
        sketch.function(name)
    for tail, head in (("first", "second"), ("second", "third"), ("third", "fourth")):
        sketch.data(tail, head, EdgeKind.CALLS, encryption=1)
    (edge,) = [edge for edge in sketch.graph.edges(keys=True) if edge[:2] == ("second", "third")]
    cut = [Change(label="cut", removes=(edge,))]
    carried = Carried(Compact(sketch.graph, weights=WEIGHTS))
    ids = carried.flow.nodes.ids
    left = {(ids[tail], ids[head]): value[1] for (tail, head), value in carried.each(cut).items() if value[1]}
    whole = carried.total[1]
    assert sorted(left) == [("first", "second"), ("third", "fourth")]
    assert carried.left(cut).high == pytest.approx(whole * 2 / 3)
    rest = Carried(Compact(changed_graph(sketch.graph, cut), weights=WEIGHTS))
    assert carried.left(cut).high == pytest.approx(rest.total[1])


@settings(max_examples=100, deadline=None)
@given(data_graphs())
def test_nothing_changed_is_the_riskiest_path_between_each_two_ends(graph):
    table = transit(graph, k=MANY, contained=True, budget=MANY)
    carried = Carried(Compact(graph, weights=WEIGHTS), paths=MANY)
    most: dict[tuple[str, str], float] = {}
    for nodes, su in zip(table.nodes, table.SU_high, strict=True):
        most[nodes[0], nodes[-1]] = max(su, most.get((nodes[0], nodes[-1]), 0))
    listed = {(path.nodes[0], path.nodes[-1]) for path in transit(graph, k=MANY, budget=MANY).itertuples()}
    assert carried.total[1] == pytest.approx(sum(most[ends] for ends in listed), abs=1e-5)


def test_a_way_beside_the_one_that_is_parted_goes_on_carrying():
    sketch = Sketch()
    sketch.route("door", EntryKind.ANONYMOUS)
    sketch.store("orders", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.store("lake", Kind.BUCKET, Sensitivity.RESTRICTED)
    for name in ("first", "second"):
        sketch.function(name)
        sketch.data("door", name, EdgeKind.DELIVERS, authentication=1)
        sketch.data(name, "orders", EdgeKind.WRITES)
    sketch.data("orders", "lake", EdgeKind.REPLICATES)
    cut = [Change(label="cut", removes=(next(edge for edge in sketch.graph.edges(keys=True) if edge[1] == "first"),))]
    for paths in (1, MANY):
        carried = Carried(Compact(sketch.graph, weights=WEIGHTS), paths=paths)
        assert carried.left(cut).high_most == pytest.approx(carried.total[1])
    assert carried.left(cut).high == pytest.approx(carried.total[1])
