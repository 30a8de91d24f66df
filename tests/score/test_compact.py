import math

import networkx as nx
import pytest
from hypothesis import given, settings

from auditkit import score
from auditkit.errors import ScoreError
from auditkit.score import Compact, default_weights
from tests.score.graphs import shop
from tests.score.strategies import trust_graphs

SCORES = (score.blast_radius, score.choke_points, score.exposure, score.matrix, score.transit)


def same(one, other):
    assert one.equals(other)
    assert one.attrs == other.attrs


@settings(max_examples=60, deadline=None)
@given(trust_graphs())
def test_a_graph_that_was_read_gives_the_same_scores_in_any_order(graph):
    compact = Compact(graph)
    for each in (*SCORES, *reversed(SCORES)):
        same(each(compact), each(graph))
    for node in sorted(graph):
        same(score.blast_radius_detail(compact, node), score.blast_radius_detail(graph, node))
    for store in score.exposure(compact).store:
        same(score.ways_in(compact, store), score.ways_in(graph, store))


@pytest.mark.parametrize("undecided", ["gated", "open", "closed"])
def test_what_it_was_read_with_counts(undecided):
    weights = default_weights().changed(costs={"call": 2})
    compact = Compact(shop(), weights=weights, undecided=undecided)
    for each in (score.blast_radius, score.choke_points, score.exposure, score.matrix):
        same(each(compact), each(shop(), weights=weights, undecided=undecided))
        same(each(compact), each(compact, weights=weights, undecided=undecided))
    same(score.transit(compact, permitted=True), score.transit(shop(), weights=weights, permitted=True))


def test_what_has_been_read_is_not_read_again():
    graph = shop()
    compact = Compact(graph)
    before = score.exposure(compact)
    graph.remove_node("customers")
    same(score.exposure(compact), before)


def test_other_weights_than_it_was_read_with_are_refused():
    compact = Compact(shop())
    with pytest.raises(ScoreError, match="other weights"):
        score.exposure(compact, weights=default_weights().changed(costs={"call": 2}))
    with pytest.raises(ScoreError, match="'gated', not 'open'"):
        score.blast_radius(compact, undecided="open")
    with pytest.raises(ScoreError, match="must be one of"):
        Compact(shop(), undecided="perhaps")


@pytest.mark.parametrize("cost", [-1, math.nan])
def test_what_is_wrong_with_a_graph_is_said_when_it_is_read(cost):
    graph = shop()
    next(iter(graph.edges.values()))["cost"] = cost
    with pytest.raises(ScoreError, match="cost"):
        score.blast_radius(Compact(graph))


def test_an_empty_graph_gives_empty_tables():
    compact = Compact(nx.MultiDiGraph())
    for each in SCORES:
        assert each(compact).empty
