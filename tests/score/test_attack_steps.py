"""Steps of an attacker: found for all edges that are alike at once, they are those of each edge by itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.graph._kept import graph_of
from auditkit.graph._table import Said, Table
from auditkit.graph.schema import INTERNET, Edge, EntryKind, Node, View
from auditkit.inventory import Source
from auditkit.score import default_weights
from auditkit.score._input import Reading
from auditkit.score.attack import UNDECIDED, read_attack, read_both, trust_steps
from tests.score.graphs import Sketch, shop
from tests.score.strategies import trust_graphs
from tests.score.test_grants import accounts


def kept(graph):
    """Return a graph that keeps its edges in columns; as many as can be say the same."""
    said, ids = Said(), sorted(graph)
    for name in ids:
        said.number(name)
    for tail, head, attributes in graph.edges(data=True):
        edge = Edge(**{**attributes, "sources": (Source("edges.json"),)})
        said.say([said.number(tail)], [said.number(head)], edge)
    nodes = {name: Node(**graph.nodes[name]) for name in ids}
    return graph_of(nodes, Table(ids, said.columns(), said.words))


def steps_of(graph, undecided):
    """Return the steps along trust edges, as read for all edges and as told by each edge."""
    reading, weights = Reading(kept(graph)), default_weights()
    attack, trust = read_attack(reading, weights, undecided), reading.views[View.TRUST]
    read = [
        (place, step.tail, step.head, step.steps, step.cost, step.undecided)
        for place, step in zip(attack.steps.place.tolist(), attack.steps, strict=True)
        if 0 <= place < len(trust)
    ]
    told = [
        (place, step.tail, step.head, step.steps, step.cost, step.undecided)
        for place, link in enumerate(trust)
        for step in trust_steps(reading.nodes, link, weights, undecided)
    ]
    return sorted(read), sorted(told)


@settings(max_examples=80, deadline=None)
@given(st.one_of(trust_graphs(), accounts()), st.sampled_from(UNDECIDED))
def test_all_edges_at_once_give_the_steps_of_each(graph, undecided):
    read, told = steps_of(graph, undecided)
    assert read == told


@settings(max_examples=80, deadline=None)
@given(st.one_of(trust_graphs(), accounts()))
def test_gated_and_open_are_the_same_whether_read_together_or_apart(graph):
    reading, weights = Reading(kept(graph)), default_weights()
    together = read_both(reading, weights)
    apart = [read_attack(reading, weights, undecided) for undecided in ("gated", "open")]
    assert [[*attack.steps] for attack in together] == [[*attack.steps] for attack in apart]
    assert [attack.cost.tolist() for attack in together] == [attack.cost.tolist() for attack in apart]
    assert [attack.missing for attack in together] == [attack.missing for attack in apart]


@pytest.mark.parametrize("undecided", UNDECIDED)
def test_the_shop_gives_the_steps_of_each(undecided):
    read, told = steps_of(shop(), undecided)
    assert read == told
    assert len(told) > 10


def test_ends_that_differ_in_what_they_ask_for_are_told_apart():
    sketch = Sketch()
    sketch.internet()
    for entry in (None, *EntryKind):
        sketch.route(f"route {entry}", entry)
        sketch.invokes(INTERNET, f"route {entry}", 0)
    read, told = steps_of(sketch.graph, "gated")
    assert read == told
    assert len({cost for *_, cost, _ in told}) > 2
