"""What is beside a node of a graph: edges by kind, what grants give among them, and the hops of data."""

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from auditkit.score._links import Edges

__all__ = ["Hop", "Neighbours"]

_GRANTS = frozenset({Kind.GRANT, Kind.SCOPE})
_PASSES_ON = frozenset({EdgeKind.WRITES, EdgeKind.CALLS, EdgeKind.DELIVERS, EdgeKind.REPLICATES})
_KEPT = frozenset({Kind.SECRET, Kind.PARAMETER, Kind.KEY})
"""Kinds that a write sets nothing off from; a secret's rotation has a schedule."""
_WITHIN = frozenset({"account", "VPC", "AWS"})
"""Boundaries within which principals and stores are those of the export, or AWS's own."""
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


class _Made:
    """Edges by their numbers; those that are the same but for their ends are made once."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._made: dict[int, Edge] = {}

    def __call__(self, numbers: NDArray[np.int64]) -> Iterator[Edge]:
        made = self._made
        for number, whole in zip(numbers.tolist(), self._edges.whole[numbers].tolist(), strict=True):
            edge = made.get(whole)
            if edge is None:
                edge = made[whole] = self._edges.edge(number)
            yield edge


class _Side:
    """What leads to nodes, or what they lead to, each node looked up once.

    Parameters
    ----------
    ids, between
        Ids of the nodes, and which of them are grants and parts of grants.
    own, other
        Places of both ends of the edges that count.
    numbers
        Their numbers, in order.
    made
        What makes edges.
    """

    def __init__(
        self,
        ids: Sequence[str],
        between: Sequence[bool],
        *,
        own: NDArray[np.int32],
        other: NDArray[np.int32],
        numbers: NDArray[np.int64],
        made: _Made,
    ) -> None:
        self._ids, self._between, self._made, self._other = ids, between, made, other
        self.numbers = numbers[np.argsort(own[numbers], kind="stable")]
        self._first = np.searchsorted(own[self.numbers], np.arange(len(ids) + 1))
        self._found: dict[int, _Ends] = {}

    def numbers_of(self, place: int) -> NDArray[np.int64]:
        """Return the numbers of the edges on this side of a node."""
        return self.numbers[self._first[place] : self._first[place + 1]]

    def ends(self, place: int | None) -> _Ends:
        """Return what is on this side of a node."""
        if place is None:
            return _NOTHING
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = self._parted(self.numbers_of(place))
        return found

    def _parted(self, numbers: NDArray[np.int64]) -> _Ends:
        if not len(numbers):
            return _NOTHING
        ids, between = self._ids, self._between
        ends = self._other[numbers].tolist()
        grants = {ids[other] for other in ends if between[other]}
        plain = [
            (ids[other], edge) for other, edge in zip(ends, self._made(numbers), strict=True) if not between[other]
        ]
        by_kind: dict[EdgeKind, list[_Told]] = {}
        for told in plain:
            by_kind.setdefault(told[1].kind, []).append(told)
        return _Ends(plain, by_kind, tuple(sorted(grants)))


_NOTHING = _Ends([], {}, ())


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
        self._made = _Made(reading.edges)
        self._granted: dict[tuple[str, tuple[EdgeKind, ...]], list[_Told]] = {}
        self._room = _KEPT_GRANTED

    @cached_property
    def _into(self) -> _Side:
        return self._side(np.arange(len(self._reading.edges)), back=True)

    @cached_property
    def _out_of(self) -> _Side:
        return self._side(np.arange(len(self._reading.edges)), back=False)

    @cached_property
    def _more_into(self) -> _Side:
        return self._side(self._more, back=True)

    @cached_property
    def _more_out_of(self) -> _Side:
        return self._side(self._more, back=False)

    @cached_property
    def _more(self) -> NDArray[np.int64]:
        """Numbers of the edges that are more than permitted: no grant is among them."""
        edges = self._reading.edges
        more = np.array([edge.evidence is not Evidence.PERMITTED for edge in edges.spoken], dtype=bool)
        return np.flatnonzero(more[edges.says]) if len(edges) else np.arange(0)

    def _side(self, numbers: NDArray[np.int64], *, back: bool) -> _Side:
        edges, between = self._reading.edges, [kind in _GRANTS for kind in self._kinds]
        own, other = (edges.head, edges.tail) if back else (edges.tail, edges.head)
        return _Side(self._ids, between, own=own, other=other, numbers=numbers, made=self._made)

    def into(self, node_id: str, *kinds: EdgeKind, permitted: bool = True) -> Iterator[_Told]:
        """Yield what leads to a node, of some kinds (of all by default): the other end and the edge, in order.

        What a grant gives is told as the plain edge of each principal that holds it; what is merely permitted is left
        out where it is not asked for, which is far less to look at.
        """
        place = self._index.get(node_id)
        if not permitted:
            return _plain(self._more_into.ends(place), kinds)
        ends = self._into.ends(place)
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

    def out_of(self, node_id: str, *kinds: EdgeKind, permitted: bool = True) -> Iterator[_Told]:
        """Yield what a node leads to, of some kinds (of all by default): the other end and the edge, in order.

        What a grant gives is told as the plain edge to each target of it; what is merely permitted is left out where
        it is not asked for.
        """
        place = self._index.get(node_id)
        if not permitted:
            return _plain(self._more_out_of.ends(place), kinds)
        ends = self._out_of.ends(place)
        if ends.grants and self._may_be_given(kinds):
            grants = [other for other in ends.grants if self._kinds[self._index[other]] is Kind.GRANT]
            more = (found for grant in grants for found in given(self._graph, grant, node_id))
            return iter(_ordered(_plain(ends, kinds), more, kinds))
        return _plain(ends, kinds)

    def from_outside(self, node_id: str, *kinds: EdgeKind) -> Iterator[_Told]:
        """Yield what leads to a node from outside the accounts of the export, as :meth:`into` does."""
        found = self._from_outside.get(node_id, ())
        return (told for told in found if not kinds or told[1].kind in kinds)

    @cached_property
    def _from_outside(self) -> dict[str, list[_Told]]:
        found: dict[str, list[_Told]] = {}
        for origin, node in zip(self._ids, self._reading.nodes.at, strict=True):
            if node.boundary.kind not in _WITHIN and node.kind not in _GRANTS:
                for target, edge in self.out_of(origin):
                    found.setdefault(target, []).append((origin, edge))
        return found

    def addressing(self, node_id: str, *kinds: EdgeKind) -> Iterator[_Told]:
        """Yield what leads to a version or alias of a function, of some kinds, as :meth:`into` does."""
        return (told for told in self._addressing.get(node_id, ()) if told[1].kind in kinds)

    @cached_property
    def _addressing(self) -> dict[str, list[_Told]]:
        edges, found = self._reading.edges, dict[str, list[_Told]]()
        named = np.array([bool(edge.qualifier) for edge in edges.spoken], dtype=bool)
        numbers = np.flatnonzero(named[edges.says]) if len(edges) else np.arange(0)
        grants = set()
        for tail, head, edge in zip(edges.tail[numbers], edges.head[numbers], self._made(numbers), strict=True):
            if self._kinds[tail] is Kind.GRANT:
                grants.add(self._ids[tail])
            elif self._kinds[tail] is not Kind.SCOPE:
                found.setdefault(self._ids[head], []).append((self._ids[tail], edge))
        for grant in grants:
            for holder in self._graph.predecessors(grant):
                for target, edge in given(self._graph, grant, holder):
                    if edge.qualifier:
                        found.setdefault(target, []).append((holder, edge))
        return {target: _ordered(told, (), ()) for target, told in found.items()}

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
        numbers = self._more_out_of.numbers
        wanted = np.array([told(edge) for edge in edges.spoken], dtype=bool)
        chosen = numbers[wanted[edges.says[numbers]]] if len(numbers) else numbers
        ends = zip(edges.tail[chosen].tolist(), edges.head[chosen].tolist(), self._made(chosen), strict=True)
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
        said = {number for place in grants for number in edges.says[self._out_of.numbers_of(place)].tolist()}
        return frozenset(edges.spoken[number].kind for number in said)

    def _may_be_given(self, kinds: tuple[EdgeKind, ...]) -> bool:
        return not kinds or not self._given_kinds.isdisjoint(kinds)


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
