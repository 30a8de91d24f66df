"""Graphs of single families of entries, from API responses."""

from auditkit.graph._build import Builder
from auditkit.graph.connect import validate
from auditkit.graph.entries import add_entries
from auditkit.graph.schema import View
from tests.exports.feeding import feed

__all__ = ["data", "graph_of", "only", "trust"]


def graph_of(family, *responses):
    """Return the graph that one family's edges and the entries make of some responses."""
    build = Builder(feed(*responses))
    family(build)
    add_entries(build, build.graph)
    graph = build.graph
    validate(graph)
    return graph


def _edges(graph, origin, target, view):
    found = graph.get_edge_data(origin, target) or {}
    return [edge for _, edge in sorted(found.items()) if edge["view"] is view]


def data(graph, origin, target):
    """Return the data edges between two nodes."""
    return _edges(graph, origin, target, View.DATA)


def trust(graph, origin, target):
    """Return the trust edges between two nodes."""
    return _edges(graph, origin, target, View.TRUST)


def only(edges):
    """Return the one edge of a list."""
    (edge,) = edges
    return edge
