"""Permissions on many targets as one node, and as plain edges again."""

from pathlib import Path

import networkx as nx
import pytest

import auditkit as ak
from auditkit.graph import EdgeKind, expand, validate
from auditkit.inventory import Kind
from auditkit.score import blast_radius, exposure, matrix

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "retailer"
WITNESS = ["entry", "entry_label", "ways", "path", "edges", "steps", "sources"]
"""Columns that show one of several ways of the same cost, which lead through grants where there are any."""
WITHOUT_KEYS = ("kind", "view", "evidence", "cost", "conditions", "unknown", "access", "qualifier", "label", "detail")


@pytest.fixture(scope="module")
def inventory():
    return ak.read(SAMPLE)


@pytest.fixture(scope="module")
def plain(inventory):
    return ak.connect(inventory)


@pytest.fixture(scope="module")
def granted(inventory):
    return ak.connect(inventory, fan_out=3)


def _grants(graph: nx.MultiDiGraph) -> set[str]:
    return {node for node, data in graph.nodes(data=True) if data["kind"] is Kind.GRANT}


def _said(graph: nx.MultiDiGraph) -> set[tuple[object, ...]]:
    return {(tail, head, *(edge[name] for name in WITHOUT_KEYS)) for tail, head, edge in graph.edges(data=True)}


def test_a_small_fan_is_plain_edges(plain):
    assert not _grants(plain)
    assert expand(plain) is plain


def test_grants_say_the_same_in_fewer_edges(plain, granted):
    grants = _grants(granted)
    assert grants
    assert granted.number_of_edges() < plain.number_of_edges()
    for grant in grants:
        assert granted.in_degree(grant)
        assert granted.out_degree(grant)
        assert all(edge["kind"] is EdgeKind.PERMITS for _, _, edge in granted.in_edges(grant, data=True))
    expanded = expand(granted)
    validate(expanded)
    assert not _grants(expanded)
    assert _said(expanded) == _said(plain)
    assert set(expanded) == set(plain)


def test_one_grant_can_be_expanded_alone(granted):
    first, *others = sorted(_grants(granted))
    assert _grants(expand(granted, first)) == set(others)


@pytest.mark.parametrize("score", [blast_radius, exposure, matrix])
def test_scores_are_the_same(plain, granted, score):
    one, other = (score(graph).drop(columns=WITNESS, errors="ignore") for graph in (granted, plain))
    assert one.equals(other)
