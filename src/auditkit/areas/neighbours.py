"""What is beside a node of a graph: edges by kind, what grants give among them, and the hops of data."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from auditkit.graph._merging import edge_key
from auditkit.graph.expanding import given, holders
from auditkit.graph.schema import Edge, EdgeKind, Evidence, Graph, View
from auditkit.inventory import Kind
from auditkit.score._input import Reading

__all__ = ["Hop", "Neighbours"]

_GRANTS = frozenset({Kind.GRANT, Kind.SCOPE})
_PASSES_ON = frozenset({EdgeKind.WRITES, EdgeKind.CALLS, EdgeKind.DELIVERS, EdgeKind.REPLICATES})
_KEPT = frozenset({Kind.SECRET, Kind.PARAMETER, Kind.KEY})
"""Kinds that a write sets nothing off from; a secret's rotation has a schedule."""
_KEPT_GRANTED = 200_000
"""Edges by grants that are kept, of all nodes."""


class Hop(NamedTuple):
    """A hop of data, or a step from what runs to its role: the ids of its ends, and the edge."""

    origin: str
    target: str
    edge: Edge


_Told = tuple[str, Edge]
"""The other end of an edge, and the edge."""


class _Ends(NamedTuple):
    """One side of a node.

    Attributes
    ----------
    plain
        Edges in order, but those to grants and parts of them.
    by_kind
        The same by their kind.
    grants
        Grants and their parts among the other ends, sorted.
    """

    plain: list[_Told]
    by_kind: dict[EdgeKind, list[_Told]]
    grants: tuple[str, ...]


class Neighbours:
    """What leads to nodes and what they lead to, each looked up once.

    Parameters
    ----------
    graph
        A graph of the schema; do not change it afterwards.
    reading
        The same graph as it was read for scores.
    """

    def __init__(self, graph: Graph, reading: Reading) -> None:
        self._graph, self._reading = graph, reading
        self._ids, self._index = reading.nodes.ids, reading.nodes.index
        self._kinds = [node.kind for node in reading.nodes.at]
        self._between = [kind in _GRANTS for kind in self._kinds]
        edges, places = reading.edges, np.arange(len(self._ids) + 1)
        self._by_tail, self._by_head = (np.argsort(ends, kind="stable") for ends in (edges.tail, edges.head))
        self._first_out = np.searchsorted(edges.tail[self._by_tail], places)
        self._first_in = np.searchsorted(edges.head[self._by_head], places)
        self._made: dict[int, Edge] = {}
        self._into: dict[str, _Ends] = {}
        self._out_of: dict[str, _Ends] = {}
        self._granted: dict[tuple[str, tuple[EdgeKind, ...]], list[_Told]] = {}
        self._room = _KEPT_GRANTED

    def into(self, node_id: str, *kinds: EdgeKind) -> Iterator[_Told]:
        """Yield what leads to a node, of some kinds (of all by default): the other end and the edge, in order.

        What a grant gives is told as the plain edge of each principal that holds it.
        """
        ends = self._into.get(node_id)
        if ends is None:
            place = self._index.get(node_id)
            numbers = self._numbers_into(place) if place is not None else self._by_head[:0]
            ends = self._into[node_id] = self._parted(self._reading.edges.tail[numbers], numbers)
        if ends.grants and self._may_be_given(kinds):
            return iter(self._with_granted(ends, node_id, kinds))
        return _plain(ends, kinds)

    def _with_granted(self, ends: _Ends, node_id: str, kinds: tuple[EdgeKind, ...]) -> list[_Told]:
        """Return what leads to a node, by grants too; kept as far as there is room, as many checks ask the same."""
        key = node_id, kinds
        found = self._granted.get(key)
        if found is None:
            found = _ordered(_plain(ends, kinds), holders(self._graph, node_id, kinds), kinds)
            if len(found) <= self._room:
                self._room -= len(found)
                self._granted[key] = found
        return found

    def out_of(self, node_id: str, *kinds: EdgeKind) -> Iterator[_Told]:
        """Yield what a node leads to, of some kinds (of all by default): the other end and the edge, in order.

        What a grant gives is told as the plain edge to each target of it.
        """
        ends = self._out_of.get(node_id)
        if ends is None:
            place = self._index.get(node_id)
            numbers = self._numbers_out_of(place) if place is not None else self._by_tail[:0]
            ends = self._out_of[node_id] = self._parted(self._reading.edges.head[numbers], numbers)
        if ends.grants and self._may_be_given(kinds):
            grants = [other for other in ends.grants if self._kinds[self._index[other]] is Kind.GRANT]
            more = (found for grant in grants for found in given(self._graph, grant, node_id))
            return iter(_ordered(_plain(ends, kinds), more, kinds))
        return _plain(ends, kinds)

    @cached_property
    def hops(self) -> tuple[Hop, ...]:
        """Hops that are more than permitted and not switched off, by origin."""
        return self._that(_moves)

    @cached_property
    def runs(self) -> tuple[Hop, ...]:
        """What acts in which role, by what acts: functions, state machines, pipes, schedules, streams and others."""
        return self._that(lambda edge: edge.kind is EdgeKind.RUNS_AS)

    def _that(self, told: Callable[[Edge], bool]) -> tuple[Hop, ...]:
        """Return the edges of which something is told, by origin."""
        edges = self._reading.edges
        wanted = np.array([told(edge) for edge in edges.spoken], dtype=bool)
        chosen = self._by_tail[wanted[edges.says[self._by_tail]]] if len(edges) else self._by_tail
        ends = zip(edges.tail[chosen].tolist(), edges.head[chosen].tolist(), self._edges(chosen), strict=True)
        return tuple(Hop(self._ids[tail], self._ids[head], edge) for tail, head, edge in ends)

    @cached_property
    def events(self) -> "nx.DiGraph[str]":
        """What hands events on to what."""
        found: nx.DiGraph[str] = nx.DiGraph()
        found.add_edges_from(
            (hop.origin, hop.target)
            for hop in self.hops
            if hop.edge.kind in _PASSES_ON and self._kinds[self._index[hop.origin]] not in _KEPT
        )
        return found

    @cached_property
    def circles(self) -> tuple[frozenset[str], ...]:
        """What hands events on to each other, round and round; every node of :attr:`events` is in one."""
        return tuple(map(frozenset, nx.strongly_connected_components(self.events)))

    @cached_property
    def _given_kinds(self) -> frozenset[EdgeKind]:
        """Kinds of the edges that grants stand for."""
        edges = self._reading.edges
        grants = [place for place, kind in enumerate(self._kinds) if kind is Kind.GRANT]
        said = {number for place in grants for number in edges.says[self._numbers_out_of(place)].tolist()}
        return frozenset(edges.spoken[number].kind for number in said)

    def _numbers_out_of(self, place: int) -> NDArray[np.int64]:
        return self._by_tail[self._first_out[place] : self._first_out[place + 1]]

    def _numbers_into(self, place: int) -> NDArray[np.int64]:
        return self._by_head[self._first_in[place] : self._first_in[place + 1]]

    def _edges(self, numbers: NDArray[np.int64]) -> Iterator[Edge]:
        """Yield edges by their numbers; those that are the same but for their ends are made once."""
        made = self._made
        for number, whole in zip(numbers.tolist(), self._reading.edges.whole[numbers].tolist(), strict=True):
            edge = made.get(whole)
            if edge is None:
                edge = made[whole] = self._reading.edges.edge(number)
            yield edge

    def _may_be_given(self, kinds: tuple[EdgeKind, ...]) -> bool:
        return not kinds or not self._given_kinds.isdisjoint(kinds)

    def _parted(self, others: NDArray[np.int32], numbers: NDArray[np.int64]) -> _Ends:
        ids, between = self._ids, self._between
        ends = others.tolist()
        grants = {ids[other] for other in ends if between[other]}
        found = zip(ends, self._edges(numbers), strict=True)
        plain = [(ids[other], edge) for other, edge in found if not between[other]]
        by_kind: dict[EdgeKind, list[_Told]] = {}
        for told in plain:
            by_kind.setdefault(told[1].kind, []).append(told)
        return _Ends(plain, by_kind, tuple(sorted(grants)))


def _moves(edge: Edge) -> bool:
    """Return whether an edge is a hop that is more than permitted and not switched off."""
    return edge.view is View.DATA and edge.enabled and edge.evidence is not Evidence.PERMITTED


def _plain(ends: _Ends, kinds: tuple[EdgeKind, ...]) -> Iterator[_Told]:
    if not kinds:
        return iter(ends.plain)
    if len(kinds) == 1:
        return iter(ends.by_kind.get(kinds[0], ()))
    chosen = [kind for kind in kinds if kind in ends.by_kind]
    if len(chosen) <= 1:
        return iter(ends.by_kind[chosen[0]] if chosen else ())
    return (told for told in ends.plain if told[1].kind in chosen)


def _ordered(
    plain: Iterable[tuple[str, Edge]], granted: Iterable[tuple[str, Edge]], kinds: tuple[EdgeKind, ...]
) -> list[tuple[str, Edge]]:
    """Return plain edges with what grants give among them, in order."""
    found = [*plain, *(one for one in granted if not kinds or one[1].kind in kinds)]
    return sorted(found, key=lambda one: (one[0], edge_key(one[1])))
