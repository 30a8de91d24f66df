"""Edges put into a graph: a large one has a million, so that their attributes take as little room as may be."""

from typing import Any

from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, Graph

__all__ = ["add_edge", "meaning_of"]


class _Attributes:
    """Attributes of an edge.

    The dictionaries of many objects with the same attributes share one table of their keys (PEP 412), so that each
    takes half the room of a dictionary of its own.
    """

    def __init__(self, edge: Edge) -> None:
        for name in Edge.__struct_fields__:
            setattr(self, name, getattr(edge, name))


def add_edge(graph: Graph, place: tuple[str, str, str], edge: Edge) -> None:
    """Add an edge to a graph.

    Parameters
    ----------
    graph
        Has both nodes.
    place
        Origin, target and key.
    edge
        Its fields become attributes, in their order.
    """
    origin, target, key = place
    graph.add_edge(origin, target, key=key)
    attributes: dict[str, Any] = vars(_Attributes(edge))
    graph.get_edge_data(origin, target)[key] = attributes


def meaning_of(edge: Edge) -> tuple[EdgeKind, AccessLevel | None, str] | None:
    """Return what an edge says that policies give: one principal has one edge for it on one target; None for others.

    So where a grant gives the same on that target, the plain edge says it in full, and nothing follows from the grant.
    """
    of_policies = edge.evidence in {Evidence.PERMITTED, Evidence.OBSERVED} and edge.kind is not EdgeKind.ESCALATES
    return (edge.kind, edge.access, edge.qualifier) if of_policies else None
