"""Edges as scores read them: in columns, and each made into a link when it is asked for."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import order_by
from auditkit.facts import FACTORS
from auditkit.graph._table import Table
from auditkit.graph.schema import Edge, EdgeKind, Evidence, Interval, View
from auditkit.inventory import Source
from auditkit.score.kernels import slices

__all__ = ["EdgeId", "Edges", "Grounds", "Joined", "Link", "Links", "factor_levels"]

Column = NDArray[np.int32]
EdgeId = tuple[int, int, Any]
"""Places of the ends of an edge, and its key in the graph."""
_UNKNOWN = Interval(0.0, 1.0)
_NOTHING = Edge(kind=EdgeKind.CONTAINS, view=View.TRUST, evidence=Evidence.PERMITTED)
"""Said by no edge."""


class Link(msgspec.Struct, frozen=True, gc=False):
    """An edge of one view: places of its ends, its key, its attributes."""

    tail: int
    head: int
    key: object
    edge: Edge


class Grounds(NamedTuple):
    """Where edges were read: many were read in the same places.

    Attributes
    ----------
    sources : sequence of Source
        All places; the same perhaps more than once.
    start : ndarray of int32, shape (grounds + 1,)
        Where those of each ground begin.
    numbers : ndarray of int32
        Numbers of the sources, ground by ground.
    of : ndarray of int32, shape (edges,)
        The ground of each edge.
    """

    sources: Sequence[Source]
    start: Column
    numbers: Column
    of: Column

    def any_of(self, edges: NDArray[np.int64], flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return of some edges whether any of their sources is flagged: bool, shape (edges,)."""
        of = self.of[edges]
        begin, end = self.start[of].astype(np.int64), self.start[of + 1].astype(np.int64)
        before = np.append(0, np.cumsum(flags[self.numbers[slices(begin, end)]]))
        last = np.cumsum(end - begin)
        found: NDArray[np.bool_] = before[last] > before[last - (end - begin)]
        return found


class Edges:
    """The edges of a graph in its order, those from one node to another together.

    Parameters
    ----------
    tail, head
        Places of the ends.
    says, spoken
        What each edge says, but perhaps for its sources, as a place in a list of all that is said.
    edge, key
        Return an edge in full, and its key, by its number.
    whole
        Numbers that are the same where edges say the same and have the same sources; they tell no more.
    grounds
        Returns where the edges were read.

    Attributes
    ----------
    tail, head, says : ndarray of int32, shape (edges,)
        As given.
    whole : ndarray of int64, shape (edges,)
        As given.
    spoken, edge, key
        As given.
    """

    def __init__(
        self,
        ends: tuple[Column, Column],
        says: Column,
        spoken: Sequence[Edge],
        *,
        edge: Callable[[int], Edge],
        key: Callable[[int], object],
        whole: NDArray[np.int64],
        grounds: Callable[[], Grounds],
    ) -> None:
        self.tail, self.head = ends
        self.whole = whole
        self.says, self.spoken = says, spoken
        self.edge, self.key, self._grounds = edge, key, grounds

    @cached_property
    def grounds(self) -> Grounds:
        """Where the edges were read."""
        return self._grounds()

    @classmethod
    def of_table(cls, table: Table) -> "Edges":
        """Return the edges of a table."""
        count = np.diff(np.frombuffer(table.first, dtype=np.int32)).astype(np.int64)
        tail, head = (np.repeat(np.frombuffer(ends, dtype=np.int32), count) for ends in (table.tails, table.heads))
        says, ground = (np.frombuffer(column, dtype=np.int32) for column in (table.bare, table.ground))
        whole = ground.astype(np.int64) * len(table.words.bare) + says
        return cls(
            (tail, head), says, table.words.bare, edge=table.edge, key=table.key, whole=whole,
            grounds=lambda: Grounds(*table.words.grounds(), ground),
        )  # fmt: skip

    @classmethod
    def of_links(cls, links: Iterable[tuple[int, int, object, Edge]]) -> "Edges":
        """Return edges by the places of their ends, their keys and attributes."""
        tail, head, says = array("i"), array("i"), array("i")
        keys: list[object] = []
        spoken: list[Edge] = []
        known: dict[int, int] = {}
        for origin, target, key, edge in links:
            number = known.setdefault(id(edge), len(spoken))
            if number == len(spoken):
                spoken.append(edge)
            tail.append(origin)
            head.append(target)
            says.append(number)
            keys.append(key)
        ends, told = (np.array(tail, dtype=np.int32), np.array(head, dtype=np.int32)), np.array(says, dtype=np.int32)
        whole = told.astype(np.int64)
        return cls(
            ends, told, spoken, edge=lambda number: spoken[says[number]], key=keys.__getitem__, whole=whole,
            grounds=lambda: _grounds_of(spoken, told),
        )  # fmt: skip

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.tail)

    def link(self, number: int) -> Link:
        """Return an edge as a link."""
        return Link(int(self.tail[number]), int(self.head[number]), self.key(number), self.edge(number))

    def links(self, view: View) -> "Links":
        """Return the edges of a view, sorted by ends and then by content, so that their order here has no effect."""
        of_view = np.array([edge.view == view for edge in self.spoken], dtype=bool)
        chosen = np.flatnonzero(of_view[self.says]) if len(self.spoken) else np.zeros(0, dtype=np.int64)
        rank = _ranks([_first(edge) for edge in self.spoken])
        tail, head, first = self.tail[chosen], self.head[chosen], rank[self.says[chosen]]
        order = order_by(tail, head, first)
        alike = np.ones(max(len(order) - 1, 0), dtype=bool)
        for column in (tail, head, first):
            alike &= np.diff(column[order]) == 0
        found: Column = chosen[order].astype(np.int32)
        self._settle(found, np.flatnonzero(alike).tolist())
        return Links(self, found)

    def _settle(self, chosen: Column, alike: Iterable[int]) -> None:
        """Sort those by all that they say that are alike, in place: ``alike`` are the places of each but the last."""
        runs: list[list[int]] = []
        for place in alike:
            if runs and runs[-1][-1] == place:
                runs[-1].append(place + 1)
            else:
                runs.append([place, place + 1])
        for run in runs:
            numbers = chosen[run].tolist()
            chosen[run] = sorted(numbers, key=lambda number: _order(self.edge(number), self.key(number)))


def _grounds_of(spoken: Sequence[Edge], said: Column) -> Grounds:
    """Return where edges were read, by what each says."""
    start = np.append(0, np.cumsum([len(edge.sources) for edge in spoken], dtype=np.int32)).astype(np.int32)
    sources = [source for edge in spoken for source in edge.sources]
    return Grounds(sources, start, np.arange(len(sources), dtype=np.int32), said)


class Links(Sequence[Link]):
    """Some edges, in an order.

    Attributes
    ----------
    edges
        All edges.
    numbers : ndarray of int32, shape (links,)
        Which of them.
    """

    def __init__(self, edges: Edges, numbers: Column) -> None:
        self.edges, self.numbers = edges, numbers

    @property
    def tail(self) -> Column:
        """Places of the tails."""
        return self.edges.tail[self.numbers]

    @property
    def head(self) -> Column:
        """Places of the heads."""
        return self.edges.head[self.numbers]

    @property
    def says(self) -> Column:
        """What each says, as a place in :attr:`Edges.spoken`."""
        return self.edges.says[self.numbers]

    def where(self, holds: Callable[[Edge], bool]) -> "Links":
        """Return those of which something holds that they say; of sources nothing is known there."""
        return Links(self.edges, self.numbers[self.told(holds).astype(bool)])

    def bare(self) -> Iterator[Link]:
        """Yield links without keys that say what edges say, but perhaps for their sources: sooner than in full."""
        columns = (column.tolist() for column in (self.tail, self.head, self.says))
        for tail, head, said in zip(*columns, strict=True):
            yield Link(tail, head, None, self.edges.spoken[said])

    def told(self, tell: Callable[[Edge], float]) -> NDArray[Any]:
        """Return what is told of each by what it says; of sources nothing is known there."""
        return np.array([tell(edge) for edge in (*self.edges.spoken, _NOTHING)])[self.says]

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> Link: ...
    @overload
    def __getitem__(self, place: slice) -> "Links": ...
    def __getitem__(self, place: int | slice) -> "Link | Links":
        if isinstance(place, slice):
            return Links(self.edges, self.numbers[place])
        return self.edges.link(int(self.numbers[place]))

    def __iter__(self) -> Iterator[Link]:
        return map(self.edges.link, self.numbers.tolist())


class Joined(Sequence[Link]):
    """Links of two views, the one after the other; *places* are those in both together."""

    def __init__(self, first: Links, second: Links) -> None:
        self._parts = first, second

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @overload
    def __getitem__(self, place: int) -> Link: ...
    @overload
    def __getitem__(self, place: slice) -> list[Link]: ...
    def __getitem__(self, place: int | slice) -> Link | list[Link]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        behind = place - len(self._parts[0])
        return self._parts[0][place] if behind < 0 else self._parts[1][behind]

    @cached_property
    def tail(self) -> Column:
        """Places of the tails."""
        return np.concatenate([part.tail for part in self._parts])

    @cached_property
    def head(self) -> Column:
        """Places of the heads."""
        return np.concatenate([part.head for part in self._parts])

    def told(self, tell: Callable[[Edge], float]) -> NDArray[Any]:
        """Return what is told of each by what it says; of sources nothing is known there."""
        return np.concatenate([part.told(tell) for part in self._parts])

    def find(self, edge: EdgeId) -> int:
        """Return the place of an edge, -1 where there is none."""
        begin = 0
        for part in self._parts:
            end = begin + len(part)
            first, last = begin + np.searchsorted(self.tail[begin:end], [edge[0], edge[0] + 1])
            first, last = first + np.searchsorted(self.head[first:last], [edge[1], edge[1] + 1])
            for place in range(int(first), int(last)):
                if self[place].key == edge[2]:
                    return place
            begin = end
        return -1


def factor_levels(edge: Edge) -> tuple[Interval, ...]:
    """Return the level of each hop factor, in the order of :data:`FACTORS`; 0 to 1 where an edge has no factors."""
    if edge.factors is None:
        return (_UNKNOWN,) * len(FACTORS)
    return tuple(getattr(edge.factors, name) for name in FACTORS)


def _ranks(marks: Sequence[tuple[str, ...]]) -> Column:
    """Return numbers that rise with some marks, the same for the same."""
    rank = {mark: number for number, mark in enumerate(sorted(set(marks)))}
    return np.array([rank[mark] for mark in marks], dtype=np.int32)


def _first(edge: Edge) -> tuple[str, str, str, str]:
    """Return the first things that an edge says, which tell most parallel edges apart."""
    return edge.kind, edge.evidence, edge.label, edge.access or ""


def _order(edge: Edge, key: object) -> tuple[object, ...]:
    levels: Iterable[Interval] = factor_levels(edge)
    return (
        *_first(edge),
        edge.cost,
        edge.conditions,
        edge.unknown,
        edge.enabled,
        edge.factors is None,
        tuple(levels),
        tuple(map(str, edge.sources)),
        str(key),
    )
