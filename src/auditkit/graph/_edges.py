"""Edges put into a graph: a large one has a million, so that their attributes take as little room as may be."""

from typing import Any

from auditkit.graph.schema import Edge, Graph

__all__ = ["add_edge"]


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
