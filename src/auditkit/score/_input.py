"""What the scores read of a graph: attributes of the schema, checked, in an order that the content alone decides."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from auditkit.errors import ScoreError
from auditkit.facts import FACTORS
from auditkit.graph._edges import shared_edge
from auditkit.graph._kept import table_of
from auditkit.graph.schema import Edge, Graph, Interval, Node, Sensitivity, View
from auditkit.inventory import STORE_KINDS, Kind
from auditkit.score._links import Edges, Link, Links, factor_levels
from auditkit.score.weights import SensitivityWeights

__all__ = [
    "RUNS_CODE",
    "Link",
    "Nodes",
    "Reading",
    "factor_levels",
    "find_node",
    "is_outside",
    "is_store",
    "read_links",
    "read_nodes",
]

S = TypeVar("S", Node, Edge)

_OUTSIDE_BOUNDARIES = frozenset({"internet", "third party", "partner"})
_OUTSIDE_KINDS = frozenset({Kind.INTERNET, Kind.THIRD_PARTY, Kind.API_DESTINATION})
RUNS_CODE = frozenset(
    {
        Kind.FUNCTION,
        Kind.FUNCTION_VERSION,
        Kind.FUNCTION_ALIAS,
        Kind.CONTAINER_SERVICE,
        Kind.INSTANCE,
        Kind.JOB,
        Kind.STATE_MACHINE,
        Kind.AGENT,
    },
)
"""Kinds that act on what reaches them, and take in the answers to what they call."""


class Nodes:
    """Nodes of a graph, sorted by id.

    Attributes
    ----------
    ids : list of str
        Sorted.
    index : dict of str to int
        Place of each id.
    at : list of Node
        Attributes, in the order of the ids.
    store, outside : list of bool
        Whether the node keeps data, and whether it lies outside (internet, third party, an account that is not ours).
    """

    def __init__(self, graph: Graph) -> None:
        given: list[Any] = list(graph)
        strange = [node_id for node_id in given if not isinstance(node_id, str)]
        if strange:
            raise ScoreError(f"the id of a node is no string: {strange[0]!r}")
        self.ids: list[str] = sorted(given)
        self.index = {node_id: place for place, node_id in enumerate(self.ids)}
        self.at = [_struct(Node, graph.nodes[node_id], node_id) for node_id in self.ids]
        self.store = [is_store(node) for node in self.at]
        self.outside = [is_outside(node) for node in self.at]

    def __len__(self) -> int:
        """Return the number of nodes."""
        return len(self.ids)

    def sensitivity(self, place: int, weights: SensitivityWeights) -> Interval:
        """Return the weight of a store's sensitivity; that of *unknown* where it has none."""
        return weights.of(self.at[place].sensitivity or Sensitivity.UNKNOWN)


def is_store(node: Node) -> bool:
    """Return whether a node keeps data: by its kind, or because it was classified."""
    return node.kind in STORE_KINDS or node.sensitivity is not None


def is_outside(node: Node) -> bool:
    """Return whether a node lies outside: on the internet, at a third party, in an account that is not ours."""
    return node.boundary.kind in _OUTSIDE_BOUNDARIES or node.kind in _OUTSIDE_KINDS


def read_nodes(graph: Graph) -> Nodes:
    """Return the nodes of a graph.

    Raises
    ------
    ScoreError
        If an id is no string, or a node lacks an attribute of the schema.
    """
    return Nodes(graph)


class Reading:
    """A graph read once: nodes, and edges as they stand in it.

    Parameters
    ----------
    graph
        A graph of the schema; do not change it afterwards.

    Attributes
    ----------
    nodes : Nodes
        Its nodes.
    edges : Edges
        Its edges, in the order of the graph.

    Raises
    ------
    ScoreError
        If an id is no string, an attribute of the schema is lacking, an edge's cost is negative or not a number, or a
        factor's level is outside 0 to 1. The message names the node or edge.
    """

    def __init__(self, graph: Graph) -> None:
        self.nodes = Nodes(graph)
        self.edges = _edges(graph, self.nodes, None)

    @cached_property
    def views(self) -> dict[View, Links]:
        """Edges of each view, sorted by ends and then by content, so that their order in the graph has no effect."""
        return {view: self.edges.links(view) for view in View}


def read_links(graph: Graph, nodes: Nodes, view: View) -> Links:
    """Return the edges of one view, sorted by ends and then by content.

    Raises
    ------
    ScoreError
        As :class:`Reading` does, for edges of that view.
    """
    return _edges(graph, nodes, view).links(view)


def _edges(graph: Graph, nodes: Nodes, view: View | None) -> Edges:
    """Return the edges of a graph; those of a view at least."""
    table = table_of(graph)
    if table is None:
        return Edges.of_links(_links(graph, nodes, view))
    edges = Edges.of_table(table)
    first = np.full(len(edges.spoken), -1)
    first[edges.says[::-1]] = np.arange(len(edges))[::-1]
    for edge, number in zip(edges.spoken, first.tolist(), strict=True):
        if number >= 0 and (edge.factors is not None or not edge.cost >= 0) and view in {None, edge.view}:
            link = edges.link(number)
            _check(edge, nodes.ids[link.tail], nodes.ids[link.head], link.key)
    return edges


def _links(graph: Graph, nodes: Nodes, view: View | None) -> Iterator[tuple[int, int, object, Edge]]:
    """Yield the edges of one view or of both: places of the ends, keys, attributes."""
    index = nodes.index
    for tail, ends in graph.adjacency():
        at = index[tail]
        for head, parallel in ends.items():
            for key, attributes in parallel.items():
                if view is None or attributes.get("view", view) == view:
                    edge = shared_edge(attributes) or _struct(Edge, attributes, tail, head, key)
                    if edge.factors is not None or not edge.cost >= 0:
                        _check(edge, tail, head, key)
                    yield at, index[head], key, edge


def find_node(nodes: Nodes, node_id: str) -> int:
    """Return the place of a node.

    Raises
    ------
    ScoreError
        If there is none of this id; the message names those whose id or label comes near.
    """
    place = nodes.index.get(node_id)
    if place is not None:
        return place
    by_label: dict[str, str] = {}
    for other, node in zip(nodes.ids, nodes.at, strict=True):
        by_label.setdefault(node.label, other)
    near = [by_label[label] for label in get_close_matches(str(node_id), by_label, n=3)]
    near += [other for other in get_close_matches(str(node_id), nodes.ids, n=3) if other not in near]
    hint = f"; near it: {', '.join(map(repr, near))}" if near else ""
    raise ScoreError(f"there is no node {node_id!r} in the graph{hint}")


def _struct(cls: type[S], attributes: Mapping[str, Any], *where: object) -> S:
    try:
        return cls(**attributes)
    except TypeError:
        known: dict[str, Any] = {name: attributes[name] for name in cls.__struct_fields__ if name in attributes}
    try:
        return cls(**known)
    except TypeError as error:
        raise ScoreError(f"{_place(*where)}: {error}") from error


def _check(edge: Edge, *where: object) -> None:
    if not edge.cost >= 0:  # which NaN is not either
        raise ScoreError(f"{_place(*where)}: its cost is {edge.cost}")
    if edge.factors is None:
        return
    for name in FACTORS:
        level: Interval = getattr(edge.factors, name)
        if not 0 <= level.low <= level.high <= 1:
            what = f"the level of {name} is {level.low} to {level.high}, outside 0 to 1"
            raise ScoreError(f"{_place(*where)}: {what}")


def _place(node: object, head: object = None, key: object = None) -> str:
    return f"node {node!r}" if head is None else f"edge {node!r} -> {head!r} ({key})"
