"""What grants give, many at once: edges that say the same are one, with all their ends."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct
from auditkit.areas._holders import Holders, of_kind
from auditkit.areas._sides import Made, Side
from auditkit.graph._edges import meaning_of
from auditkit.graph.schema import Edge, EdgeKind
from auditkit.inventory import Kind, Source
from auditkit.score._links import Edges

__all__ = ["Alike", "Grants", "Some"]

Ints = NDArray[np.int64]
_KEPT = 512
"""Answers that are kept: targets that are alike follow one another."""
_NOBODY: Ints = np.zeros(0, dtype=np.int64)


class Alike(NamedTuple):
    """Edges of a node that say the same.

    Attributes
    ----------
    edge
        What they say.
    places : ndarray of int
        Places of their other ends, sorted; at least one.
    """

    edge: Edge
    places: NDArray[Any]

    def has(self, place: int) -> bool:
        """Return whether a node is among the other ends."""
        if len(self.places) == 1:
            return bool(self.places[0] == place)
        at = int(self.places.searchsorted(place))
        return at < len(self.places) and bool(self.places[at] == place)


class Some(NamedTuple):
    """Some edges of a node.

    Attributes
    ----------
    numbers : ndarray of int
        Numbers of plain edges.
    alike
        What it is given, those that say the same as one.
    """

    numbers: Ints
    alike: list[Alike]


class Grants:
    """The grants of a graph: to whom, and on what.

    Parameters
    ----------
    kinds
        Kinds of the nodes, by place.
    edges, made
        Edges of the graph, and what makes them.
    into, out_of
        Both sides of the nodes.
    """

    def __init__(self, kinds: Sequence[Kind], edges: Edges, made: Made, *, into: Side, out_of: Side) -> None:
        self._kinds, self._edges, self._made = kinds, edges, made
        self._into, self._out_of = into, out_of
        self._members: dict[int, NDArray[Any]] = {}
        self._through: dict[bytes, Ints] = {}
        self._besides: dict[int, tuple[Source, ...]] = {}
        self._held: dict[tuple[int, int], Edge] = {}

    @cached_property
    def edge_kinds(self) -> frozenset[EdgeKind]:
        """Kinds of the edges that grants stand for."""
        grants = [place for place, kind in enumerate(self._kinds) if kind is Kind.GRANT]
        said = {number for grant in grants for number in self._edges.says[self._out_of.numbers_of(grant)].tolist()}
        return frozenset(self._edges.spoken[number].kind for number in said)

    # ------------------------------------------------------------ what they give

    def given(
        self, holder: int, wanted: NDArray[np.bool_] | None = None, among: NDArray[np.bool_] | None = None
    ) -> Iterator[Alike]:
        """Yield what grants give to a holder, as plain edges would say it.

        Parameters
        ----------
        holder
            Its place.
        wanted, among : ndarray of bool
            Which of the edges that are spoken are asked for, and on which nodes; all by default.
        """
        told, ways = None, self._out_of.numbers_of(holder)
        for held in ways[self._is_grant[self._edges.head[ways]]].tolist():
            grant = int(self._edges.head[held])
            for number in self._chosen(self._out_of.numbers_of(grant), wanted).tolist():
                places = self.members(int(self._edges.head[number]))
                if among is not None:
                    places = places[among[places]]
                if len(places):
                    told = told if told is not None else self._told(holder, self._out_of, self._edges.head)
                    places = told.without(places, self._means(number), holder)
                if len(places):
                    yield Alike(self.held(number, held), places)

    def _chosen(self, numbers: Ints, wanted: NDArray[np.bool_] | None) -> Ints:
        return numbers if wanted is None else numbers[wanted[self._edges.says[numbers]]]

    def members(self, place: int) -> NDArray[Any]:
        """Return the targets of a scope, sorted; of any other node, the node itself."""
        found = self._members.get(place)
        if found is None:
            if self._kinds[place] is not Kind.SCOPE:
                return np.array([place])
            found = self._members[place] = self._targets(place)
        return found

    def _targets(self, scope: int) -> NDArray[Any]:
        found, seen = np.zeros((2, len(self._kinds)), dtype=bool)
        scopes = np.array([scope])
        while len(scopes):
            seen[scopes] = True
            heads = self._edges.head[self._out_of.numbers_of_all(scopes)]
            found[heads] = True
            scopes = distinct(heads[self._is_scope[heads] & ~seen[heads]])
        return np.flatnonzero(found & ~self._is_scope).astype(np.int32)

    def held(self, number: int, held: int) -> Edge:
        """Return the plain edge for an edge of a grant and the edge by which it is held: statements of that holder."""
        whole = int(self._edges.whole[number]), int(self._edges.whole[held])
        found = self._held.get(whole)
        if found is None:
            sources = (*self._edge(held).sources, *self._of_all(number))
            found = msgspec.structs.replace(self._edge(number), sources=tuple(dict.fromkeys(sources)))
            self._held[whole] = found
        return found

    def _of_all(self, number: int) -> tuple[Source, ...]:
        """Return the sources of an edge of a grant that are not statements by which it is held."""
        found = self._besides.get(number)
        if found is None:
            ways = self._into.numbers_of(int(self._edges.tail[number]))
            first = ways[self._edges.tail[ways] == self._edges.tail[ways].min()]
            found = self._edge(number).sources
            for some in (first, ways):
                if found:
                    shown = {source for way in some.tolist() for source in self._edge(way).sources}
                    found = tuple(source for source in found if source not in shown)
            self._besides[number] = found
        return found

    # ------------------------------------------------------------ to whom

    def who(self, target: int, holds: NDArray[np.bool_]) -> Ints:
        """Return who is given something on a target, sorted.

        Parameters
        ----------
        target
            Its place.
        holds : ndarray of bool
            Of which of the edges that are spoken it is asked.
        """
        found, told = self._holders.bits(_NOBODY), self._told(target, self._into, self._edges.tail)
        for meaning, given in self._holders.given(target, holds):
            known = told.others(meaning)
            found |= given & ~self._holders.bits(known) if len(known) else given
        places = self._holders.places(found)
        others: Ints = places[places != target]
        return others

    @cached_property
    def _holders(self) -> Holders:
        return Holders(self._kinds, self._edges, self._meanings)

    @cached_property
    def _is_grant(self) -> NDArray[np.bool_]:
        return of_kind(self._kinds, Kind.GRANT)

    @cached_property
    def _is_scope(self) -> NDArray[np.bool_]:
        return of_kind(self._kinds, Kind.SCOPE)

    def each_holder(self, target: int, wanted: NDArray[np.bool_] | None = None) -> Iterator[tuple[int, Edge]]:
        """Yield who is given something on a target, and the plain edge for it; asked as :meth:`given` is."""
        for number, ways in self._ways(target, wanted):
            for way in ways.tolist():
                yield int(self._edges.tail[way]), self.held(number, way)

    def _ways(self, target: int, wanted: NDArray[np.bool_] | None) -> Iterator[tuple[int, Ints]]:
        """Yield the edges of grants that give something on a target, each with the edges by which it is held."""
        told = None
        for number in self._chosen(self._giving(target), wanted).tolist():
            told = told if told is not None else self._told(target, self._into, self._edges.tail)
            ways = self._into.numbers_of(int(self._edges.tail[number]))
            tails = self._edges.tail[ways]
            left = tails != target
            if len(known := told.others(self._means(number))):
                left &= ~np.isin(tails, known)
            if left.any():
                yield number, ways[left]

    def _giving(self, target: int) -> Ints:
        """Return the edges of grants that give something on a target, by number."""
        direct = self._into.numbers_of(target)
        tails = self._edges.tail[direct]
        scopes, own = tails[self._is_scope[tails]], direct[self._is_grant[tails]]
        through = self._through.get(key := scopes.tobytes())
        if through is None:
            if len(self._through) >= _KEPT:
                self._through.clear()
            through = self._through[key] = self._above(distinct(scopes))
        return distinct(np.concatenate([own, through])) if len(own) else through

    def _above(self, scopes: NDArray[Any]) -> Ints:
        """Return the edges from grants to some scopes, and to those that these are part of."""
        seen, numbers = np.zeros(len(self._kinds), dtype=bool), [_NOBODY]
        while len(scopes):
            seen[scopes] = True
            ways = self._into.numbers_of_all(scopes)
            tails = self._edges.tail[ways]
            numbers.append(ways[self._is_grant[tails]])
            scopes = distinct(tails[self._is_scope[tails] & ~seen[tails]])
        return np.sort(np.concatenate(numbers))

    # ------------------------------------------------------------ what plain edges say already

    def _told(self, place: int, side: Side, other: NDArray[np.int32]) -> "_Told":
        """Return what plain edges of a node say in full."""
        numbers = side.numbers_of(place)
        return _Told(self._meanings[self._edges.says[numbers]], other[numbers])

    @cached_property
    def _meanings(self) -> Ints:
        """Number of what each edge that is spoken means, the same for the same; -1 where it means nothing of it."""
        numbers: dict[object, int] = {None: -1}
        return np.array([numbers.setdefault(meaning_of(one), len(numbers) - 1) for one in self._edges.spoken])

    def _means(self, number: int) -> int:
        return int(self._meanings[self._edges.says[number]])

    def _edge(self, number: int) -> Edge:
        return next(self._made(np.array([number])))


class _Told:
    """What plain edges of a node say in full: what grants say of the same is left out.

    Parameters
    ----------
    meanings, others
        What each means, by number, and its other end.
    """

    def __init__(self, meanings: Ints, others: NDArray[np.int32]) -> None:
        self._meanings, self._others = meanings, others

    def others(self, meaning: int) -> NDArray[np.int32]:
        """Return the other ends of edges that mean something; none where that is nothing that could be told."""
        return self._others[self._meanings == meaning] if meaning >= 0 else self._others[:0]

    def without(self, places: NDArray[Any], meaning: int, own: int) -> NDArray[Any]:
        """Return sorted places without the node itself, and without those of which plain edges say the same."""
        gone = np.append(self.others(meaning), own)
        at = places.searchsorted(gone)
        there = at < len(places)
        at = at[there][places[at[there]] == gone[there]]
        return np.delete(places, at) if len(at) else places
