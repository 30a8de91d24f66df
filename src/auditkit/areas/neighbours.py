"""What is beside a node of a graph: edges by kind, what grants give among them, and the hops of data."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import networkx as nx

from auditkit.graph._merging import edge_key
from auditkit.graph.expanding import given, holders
from auditkit.graph.schema import Edge, EdgeKind, Evidence, Graph, View
from auditkit.inventory import Kind

__all__ = ["Hop", "Neighbours"]

_GRANTS = frozenset({Kind.GRANT, Kind.SCOPE})
_PASSES_ON = frozenset({EdgeKind.WRITES, EdgeKind.CALLS, EdgeKind.DELIVERS, EdgeKind.REPLICATES})
_KEPT = frozenset({Kind.SECRET, Kind.PARAMETER, Kind.KEY})
"""Kinds that a write sets nothing off from; a secret's rotation has a schedule."""

_Data = Mapping[str, Any]


class Hop(NamedTuple):
    """A hop that is more than permitted and not switched off: the ids of its ends, and the edge."""

    origin: str
    target: str
    edge: Edge


class _Ends(NamedTuple):
    """One side of a node.

    Attributes
    ----------
    plain
        Place in order, other end and attributes of each edge by its kind, but those to grants and parts of them.
    grants
        Grants and their parts among the other ends, sorted.
    """

    plain: dict[EdgeKind, list[tuple[int, str, _Data]]]
    grants: tuple[str, ...]


class Neighbours:
    """What leads to nodes and what they lead to, each looked up once.

    Parameters
    ----------
    graph
        A graph of the schema; do not change it afterwards.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._kinds: dict[str, Kind] = {node: data["kind"] for node, data in graph.nodes(data=True)}
        self._edges: dict[int, Edge] = {}
        self._into: dict[str, _Ends] = {}
        self._out_of: dict[str, _Ends] = {}

    def into(self, node_id: str, *kinds: EdgeKind) -> Iterator[tuple[str, Edge]]:
        """Yield what leads to a node, of some kinds (of all by default): the other end and the edge, in order.

        What a grant gives is told as the plain edge of each principal that holds it.
        """
        ends = self._into.get(node_id)
        if ends is None:
            found = self._graph.in_edges(node_id, data=True) if node_id in self._kinds else ()
            ends = self._into[node_id] = self._parted((origin, data) for origin, _, data in found)
        if ends.grants and self._may_be_given(kinds):
            return _ordered(self._plain(ends, kinds), holders(self._graph, node_id), kinds)
        return self._plain(ends, kinds)

    def out_of(self, node_id: str, *kinds: EdgeKind) -> Iterator[tuple[str, Edge]]:
        """Yield what a node leads to, of some kinds (of all by default): the other end and the edge, in order.

        What a grant gives is told as the plain edge to each target of it.
        """
        ends = self._out_of.get(node_id)
        if ends is None:
            found = self._graph.out_edges(node_id, data=True) if node_id in self._kinds else ()
            ends = self._out_of[node_id] = self._parted((target, data) for _, target, data in found)
        grants = [other for other in ends.grants if self._kinds[other] is Kind.GRANT]
        if grants and self._may_be_given(kinds):
            more = (found for grant in grants for found in given(self._graph, grant, node_id))
            return _ordered(self._plain(ends, kinds), more, kinds)
        return self._plain(ends, kinds)

    @cached_property
    def hops(self) -> tuple[Hop, ...]:
        """Hops that are more than permitted and not switched off, by origin."""
        return tuple(
            Hop(origin, target, self._edge(data))
            for origin in sorted(self._kinds)
            for _, target, data in self._graph.out_edges(origin, data=True)
            if data["view"] is View.DATA and data["enabled"] and data["evidence"] is not Evidence.PERMITTED
        )

    @cached_property
    def events(self) -> "nx.DiGraph[str]":
        """What hands events on to what."""
        found: nx.DiGraph[str] = nx.DiGraph()
        found.add_edges_from(
            (hop.origin, hop.target)
            for hop in self.hops
            if hop.edge.kind in _PASSES_ON and self._kinds[hop.origin] not in _KEPT
        )
        return found

    @cached_property
    def _given_kinds(self) -> frozenset[EdgeKind]:
        """Kinds of the edges that grants stand for."""
        grants = [node for node, kind in self._kinds.items() if kind is Kind.GRANT]
        return frozenset(data["kind"] for _, _, data in self._graph.out_edges(grants, data=True))

    def _may_be_given(self, kinds: tuple[EdgeKind, ...]) -> bool:
        return not kinds or not self._given_kinds.isdisjoint(kinds)

    def _parted(self, found: Iterable[tuple[str, _Data]]) -> _Ends:
        plain: dict[EdgeKind, list[tuple[int, str, _Data]]] = {}
        grants: set[str] = set()
        for place, (other, data) in enumerate(found):
            if self._kinds[other] in _GRANTS:
                grants.add(other)
            else:
                plain.setdefault(data["kind"], []).append((place, other, data))
        return _Ends(plain, tuple(sorted(grants)))

    def _plain(self, ends: _Ends, kinds: tuple[EdgeKind, ...]) -> Iterator[tuple[str, Edge]]:
        chosen = [ends.plain[kind] for kind in dict.fromkeys(kinds or ends.plain) if kind in ends.plain]
        found = chosen[0] if len(chosen) == 1 else sorted(one for several in chosen for one in several)
        return ((other, self._edge(data)) for _, other, data in found)

    def _edge(self, data: _Data) -> Edge:
        """Return the edge of attributes, the same one each time: the graph keeps the attributes."""
        edge = self._edges.get(id(data))
        if edge is None:
            edge = self._edges[id(data)] = Edge(**{field: data[field] for field in Edge.__struct_fields__})
        return edge


def _ordered(
    plain: Iterable[tuple[str, Edge]], granted: Iterable[tuple[str, Edge]], kinds: tuple[EdgeKind, ...]
) -> Iterator[tuple[str, Edge]]:
    """Return plain edges with what grants give among them, in order."""
    found = [*plain, *(one for one in granted if not kinds or one[1].kind in kinds)]
    return iter(sorted(found, key=lambda one: (one[0], edge_key(one[1]))))
