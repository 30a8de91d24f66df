"""What is beside a node of a graph: edges by kind, what grants give among them, and the hops of data."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import united
from auditkit.areas._grants import Alike, Grants, Some
from auditkit.areas._hops import BETWEEN, Hop, Hops
from auditkit.areas._labels import Labels
from auditkit.areas._sides import Ends, Ints, Side, Told
from auditkit.graph._merging import edge_key
from auditkit.graph.schema import Edge, EdgeKind, Node
from auditkit.inventory import Kind
from auditkit.score._input import Reading

__all__ = ["Hop", "Neighbours"]

_WITHIN = frozenset({"account", "VPC", "AWS"})
"""Boundaries within which principals and stores are those of the export, or AWS's own."""
_FEW = 48
"""Groups of edges that are kept of a node: several checks ask the same of it."""
_KEPT_GRANTED = 200_000
"""Edges by grants that are kept, of all nodes."""


class Neighbours(Hops):
    """What leads to nodes and what they lead to, each looked up once.

    Parameters
    ----------
    reading
        A graph of the schema as it was read for scores; do not change it afterwards.
    """

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._granted: dict[tuple[str, tuple[EdgeKind, ...]], list[Told]] = {}
        self._room = _KEPT_GRANTED
        self._alike: dict[tuple[int, tuple[EdgeKind, ...]], list[Alike]] = {}
        self._kinds_of: dict[tuple[EdgeKind, ...], NDArray[np.bool_]] = {}
        self._of_nodes: dict[Callable[[Node], bool], NDArray[np.bool_]] = {}
        self._leads_out: dict[tuple[Callable[[Edge], bool], tuple[EdgeKind, ...]], dict[int, bool]] = {}
        self._holds: dict[Callable[[Edge], bool], NDArray[np.bool_]] = {}

    @cached_property
    def _into(self) -> Side:
        return self._side(np.arange(len(self._reading.edges)), back=True)

    @cached_property
    def _out_of(self) -> Side:
        return self._side(np.arange(len(self._reading.edges)), back=False)

    def into(self, node_id: str, *kinds: EdgeKind, permitted: bool = True) -> Iterator[Told]:
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

    def _with_granted(self, ends: Ends, node_id: str, kinds: tuple[EdgeKind, ...]) -> list[Told]:
        """Return what leads to a node, by grants too; kept as far as there is room, as many checks ask the same."""
        key = node_id, kinds
        found = self._granted.get(key)
        if found is None:
            ways = self._grants.each_holder(self._index[node_id], self._of_kinds(kinds))
            found = _ordered(_plain(ends, kinds), ((self._ids[place], edge) for place, edge in ways))
            if len(found) <= self._room:
                self._room -= len(found)
                self._granted[key] = found
        return found

    def out_of(self, node_id: str, *kinds: EdgeKind, permitted: bool = True) -> Iterator[Told]:
        """Yield what a node leads to, of some kinds (of all by default): the other end and the edge, in order.

        What a grant gives is told as the plain edge to each target of it; what is merely permitted is left out where
        it is not asked for.
        """
        place = self._index.get(node_id)
        if not permitted:
            return _plain(self._more_out_of.ends(place), kinds)
        ends = self._out_of.ends(place)
        if ends.grants and self._may_be_given(kinds):
            ways = self._grants.given(self._index[node_id], self._of_kinds(kinds))
            more = ((self._ids[place], alike.edge) for alike in ways for place in alike.places.tolist())
            return iter(_ordered(_plain(ends, kinds), more))
        return _plain(ends, kinds)

    def from_outside(self, node_id: str, *kinds: EdgeKind) -> Iterator[Told]:
        """Yield what leads to a node from outside the accounts of the export, as :meth:`into` does."""
        found = self._from_outside.get(node_id, ())
        return (told for told in found if not kinds or told[1].kind in kinds)

    @cached_property
    def _from_outside(self) -> dict[str, list[Told]]:
        found: dict[str, list[Told]] = {}
        for origin, node in zip(self._ids, self._reading.nodes.at, strict=True):
            if node.boundary.kind not in _WITHIN and node.kind not in BETWEEN:
                for target, edge in self.out_of(origin):
                    found.setdefault(target, []).append((origin, edge))
        return found

    def out_alike(self, node_id: str, *kinds: EdgeKind) -> list[Alike]:
        """Return what :meth:`out_of` does, with edges that say the same as one, by their first end and what they say.

        A role may have permissions on ten thousand stores by three statements.
        """
        place = self._index.get(node_id)
        if place is None:
            return []
        key = place, kinds
        found = self._alike.get(key)
        if found is None:
            found = self._find_alike(place, kinds)
            if len(found) <= _FEW:
                self._alike[key] = found
        return found

    def _find_alike(self, place: int, kinds: tuple[EdgeKind, ...]) -> list[Alike]:
        found = self._some_alike(place, kinds, self._of_kinds(kinds), None)
        return sorted(found, key=lambda one: (int(one.places[0]), edge_key(one.edge)))

    def _some_alike(
        self,
        place: int,
        kinds: tuple[EdgeKind, ...],
        wanted: NDArray[np.bool_] | None,
        among: NDArray[np.bool_] | None,
    ) -> list[Alike]:
        some = self._some(place, kinds, wanted, among)
        return [*self._grouped(some.numbers), *some.alike]

    def _some(
        self,
        place: int,
        kinds: tuple[EdgeKind, ...],
        wanted: NDArray[np.bool_] | None,
        among: NDArray[np.bool_] | None,
    ) -> Some:
        plain = self._plainly(place, wanted)
        plain = plain if among is None else plain[among[self._reading.edges.head[plain]]]
        return Some(plain, [*self._grants.given(place, wanted, among)] if self._may_be_given(kinds) else [])

    def _plainly(self, place: int, wanted: NDArray[np.bool_] | None) -> Ints:
        """Return the numbers of the edges out of a node that are wanted and not to grants."""
        edges, numbers = self._reading.edges, self._out_of.numbers_of(place)
        plain = ~self._is_between[edges.head[numbers]]
        return numbers[plain if wanted is None else plain & wanted[edges.says[numbers]]]

    def alike_on(
        self, node_id: str, *kinds: EdgeKind, holds: Callable[[Edge], bool], is_one: Callable[[Node], bool]
    ) -> list[Alike]:
        """Return what :meth:`out_alike` does, in no order: edges of which something holds, on nodes of which it does.

        Parameters
        ----------
        node_id
            A node.
        *kinds
            Kinds of edges that are asked for, all by default.
        holds, is_one
            Are asked of each edge and node that there is once, as by :meth:`who` and :meth:`where`.
        """
        some = self.some_on(node_id, *kinds, holds=holds, is_one=is_one)
        return [*self._grouped(some.numbers), *some.alike]

    def some_on(
        self, node_id: str, *kinds: EdgeKind, holds: Callable[[Edge], bool], is_one: Callable[[Node], bool]
    ) -> Some:
        """Return what :meth:`alike_on` does, without making the plain edges."""
        place = self._index.get(node_id)
        if place is None:
            return Some(np.zeros(0, dtype=np.int64), [])
        return self._some(place, kinds, self._wanted(holds, kinds), self.where(is_one))

    def each_once(self, numbers: Ints) -> list[Edge]:
        """Return plain edges by their numbers; of those that are the same but for their ends, one."""
        _, first = np.unique(self._reading.edges.whole[numbers], return_index=True)
        return [*self._made(numbers[first])]

    def leads_out(self, node_id: str, holds: Callable[[Edge], bool], *kinds: EdgeKind) -> bool:
        """Return whether an edge of some kinds of which something holds leads out of a node, or it is given one.

        Of plain edges it is found for all nodes at once.
        """
        place, key = self._index.get(node_id), (holds, kinds)
        if place is None:
            return False
        if key not in self._leads_out:
            edges, wanted = self._reading.edges, self._wanted(holds, kinds)
            plainly = np.zeros(len(self._ids), dtype=bool)
            plainly[edges.tail[wanted[edges.says] & ~self._is_between[edges.head]]] = True
            self._leads_out[key] = dict.fromkeys(np.flatnonzero(plainly).tolist(), True)
        found = self._leads_out[key]
        if place not in found:
            found[place] = next(self._grants.given(place, self._wanted(holds, kinds)), None) is not None
        return found[place]

    def leads_to(self, node_id: str, target: str, kind: EdgeKind) -> bool:
        """Return whether a node leads to another by an edge of a kind, or is given it."""
        place, end = self._index.get(node_id), self._index.get(target)
        if place is None or end is None:
            return False
        wanted = self._of_kinds((kind,))
        if bool((self._reading.edges.head[self._plainly(place, wanted)] == end).any()):
            return True
        return self._may_be_given((kind,)) and any(one.has(end) for one in self._grants.given(place, wanted))

    def _grouped(self, numbers: Ints) -> Iterator[Alike]:
        """Yield edges that lead out of a node, those that say the same as one."""
        if not len(numbers):
            return
        edges = self._reading.edges
        numbers = numbers[np.argsort(edges.whole[numbers], kind="stable")]
        heads = edges.head[numbers]
        begins = np.append(0, np.flatnonzero(np.diff(edges.whole[numbers])) + 1)
        ends = [*begins[1:].tolist(), len(numbers)]
        for edge, begin, end in zip(self._made(numbers[begins]), begins.tolist(), ends, strict=True):
            yield Alike(edge, heads[begin:end])

    def _of_kinds(self, kinds: tuple[EdgeKind, ...]) -> NDArray[np.bool_] | None:
        """Return which of the edges that are spoken are of some kinds, ``None`` for all."""
        if not kinds:
            return None
        if kinds not in self._kinds_of:
            self._kinds_of[kinds] = np.array([edge.kind in kinds for edge in self._reading.edges.spoken], dtype=bool)
        return self._kinds_of[kinds]

    def place(self, node_id: str) -> int:
        """Return the place of a node among the sorted ids; -1 where there is no such node."""
        return self._index.get(node_id, -1)

    def at(self, place: int) -> Node:
        """Return the attributes of a node by its place."""
        return self._reading.nodes.at[place]

    def ids(self, places: Iterable[int]) -> list[str]:
        """Return the ids of nodes by their places."""
        return [self._ids[place] for place in places]

    def where(self, holds: Callable[[Node], bool]) -> NDArray[np.bool_]:
        """Return of which nodes, by place, something holds; it is asked of each node once."""
        if holds not in self._of_nodes:
            self._of_nodes[holds] = np.array([holds(node) for node in self._reading.nodes.at], dtype=bool)
        return self._of_nodes[holds]

    @cached_property
    def labels(self) -> Labels:
        """What a person calls the nodes."""
        nodes = self._reading.nodes
        return Labels([str(node.label or name) for name, node in zip(nodes.ids, nodes.at, strict=True)])

    def who(self, node_id: str, holds: Callable[[Edge], bool]) -> Ints:
        """Return the places of all from whom edges lead to a node of which something holds, sorted.

        Parameters
        ----------
        node_id
            A node.
        holds
            Is asked of each edge that there is once; the sources of edges are not told to it.
        """
        place = self._index.get(node_id)
        if place is None:
            return np.zeros(0, dtype=np.int64)
        edges, flags = self._reading.edges, self._flags(holds)
        numbers = self._into.numbers_of(place)
        tails = edges.tail[numbers[flags[edges.says[numbers]]]]
        return united([tails[~self._is_between[tails]], self._grants.who(place, flags)], len(self._ids))

    def _wanted(self, holds: Callable[[Edge], bool], kinds: tuple[EdgeKind, ...]) -> NDArray[np.bool_]:
        flags, of_kinds = self._flags(holds), self._of_kinds(kinds)
        return flags if of_kinds is None else flags & of_kinds

    def _flags(self, holds: Callable[[Edge], bool]) -> NDArray[np.bool_]:
        """Return of which of the edges that are spoken something holds."""
        if holds not in self._holds:
            self._holds[holds] = np.array([holds(edge) for edge in self._reading.edges.spoken], dtype=bool)
        return self._holds[holds]

    @cached_property
    def _is_between(self) -> NDArray[np.bool_]:
        return np.array([kind in BETWEEN for kind in self._kinds], dtype=bool)

    @cached_property
    def _grants(self) -> Grants:
        return Grants(self._kinds, self._reading.edges, self._made, into=self._into, out_of=self._out_of)

    def addressing(self, node_id: str, *kinds: EdgeKind) -> Iterator[Told]:
        """Yield what leads to a version or alias of a function, of some kinds, as :meth:`into` does."""
        return (told for told in self._addressing.get(node_id, ()) if told[1].kind in kinds)

    @cached_property
    def _addressing(self) -> dict[str, list[Told]]:
        edges, found = self._reading.edges, dict[str, list[Told]]()
        named = np.array([bool(edge.qualifier) for edge in edges.spoken], dtype=bool)
        numbers = np.flatnonzero(named[edges.says]) if len(edges) else np.arange(0)
        holders = set[int]()
        for number, edge in zip(numbers.tolist(), self._made(numbers), strict=True):
            tail, head = int(edges.tail[number]), int(edges.head[number])
            if self._kinds[tail] is Kind.GRANT:
                holders.update(edges.tail[self._into.numbers_of(tail)].tolist())
            elif self._kinds[tail] is not Kind.SCOPE:
                found.setdefault(self._ids[head], []).append((self._ids[tail], edge))
        for holder in holders:
            for alike in self._grants.given(holder):
                for place in alike.places.tolist() if alike.edge.qualifier else ():
                    found.setdefault(self._ids[place], []).append((self._ids[holder], alike.edge))
        return {target: _ordered(told, ()) for target, told in found.items()}

    def _may_be_given(self, kinds: tuple[EdgeKind, ...]) -> bool:
        return not kinds or not self._grants.edge_kinds.isdisjoint(kinds)


def _plain(ends: Ends, kinds: tuple[EdgeKind, ...]) -> Iterator[Told]:
    if not kinds:
        return iter(ends.plain)
    if len(kinds) == 1:
        return iter(ends.by_kind.get(kinds[0], ()))
    chosen = [kind for kind in kinds if kind in ends.by_kind]
    if len(chosen) <= 1:
        return iter(ends.by_kind[chosen[0]] if chosen else ())
    return (told for told in ends.plain if told[1].kind in chosen)


def _ordered(plain: Iterable[Told], granted: Iterable[Told]) -> list[Told]:
    """Return plain edges with what grants give among them, in order."""
    return sorted((*plain, *granted), key=lambda one: (one[0], edge_key(one[1])))
