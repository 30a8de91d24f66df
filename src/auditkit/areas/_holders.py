"""To whom grants give something, found for all nodes of a kind at once."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct
from auditkit.areas._sides import Ints
from auditkit.inventory import Kind
from auditkit.score._links import Edges
from auditkit.score.kernels import Tiers

__all__ = ["Holders", "of_kind"]

Flags = NDArray[np.bool_]
Bits = NDArray[np.uint8]


def of_kind(kinds: Sequence[Kind], kind: Kind) -> Flags:
    """Return which nodes are of a kind, by the kinds of all."""
    return np.array([one is kind for one in kinds], dtype=bool)


class _Given(NamedTuple):
    """What some edges of grants that mean the same give.

    Attributes
    ----------
    meaning
        Its number.
    row : ndarray of int64, shape (nodes,)
        Row of each node; -1 where it was not asked for.
    rows : ndarray of uint8
        Who is given it on a node, as a row of bits: one for each holder.
    """

    meaning: int
    row: Ints
    rows: Bits


class Holders:
    """Tells who holds what grants give on a node.

    Parameters
    ----------
    kinds
        Kinds of the nodes, by place.
    edges
        Edges of the graph.
    meanings : ndarray of int64
        Number of what each edge that is spoken means.
    """

    def __init__(self, kinds: Sequence[Kind], edges: Edges, meanings: Ints) -> None:
        self._kinds, self._edges, self._meanings = kinds, edges, meanings
        self._is_grant, self._is_scope = of_kind(kinds, Kind.GRANT), of_kind(kinds, Kind.SCOPE)
        self._held = np.flatnonzero(self._is_grant[edges.head]) if len(edges) else np.zeros(0, dtype=np.int64)
        self._places: Ints = distinct(edges.tail[self._held]).astype(np.int64)
        self._known: dict[tuple[Kind, bytes], list[_Given]] = {}

    def given(self, target: int, holds: Flags) -> Iterator[tuple[int, Bits]]:
        """Yield who is given something on a target, as bits, by what it means.

        Parameters
        ----------
        target
            Its place.
        holds : ndarray of bool
            Of which of the edges that are spoken it is asked.
        """
        key = self._kinds[target], holds.tobytes()
        if key not in self._known:
            self._known[key] = [*self._found(key[0], holds)]
        for one in self._known[key]:
            yield one.meaning, one.rows[one.row[target]]

    def bits(self, places: NDArray[Any]) -> Bits:
        """Return nodes as bits, those of them that hold any grant."""
        count = len(self._places)
        flags = np.zeros(count + -count % 64, dtype=bool)
        if count and len(places):
            at = np.minimum(self._places.searchsorted(places), count - 1)
            flags[at[self._places[at] == places]] = True
        return np.packbits(flags)

    def places(self, bits: Bits) -> Ints:
        """Return the places of holders, sorted."""
        found: Ints = self._places[np.flatnonzero(np.unpackbits(bits)[: len(self._places)])]
        return found

    def _found(self, kind: Kind, holds: Flags) -> Iterator[_Given]:
        """Yield what grants give on the nodes of a kind: from these up to scopes, to grants, to who holds them."""
        edges, asked, count = self._edges, of_kind(self._kinds, kind), len(self._kinds)
        said = np.flatnonzero(self._is_grant[edges.tail] & holds[edges.says])
        inside = np.flatnonzero(self._is_scope[edges.tail] & (self._is_scope | asked)[edges.head])
        meanings, sources = self._meanings[edges.says[said]], np.flatnonzero(asked)
        columns = count + np.arange(len(self._places))
        held = columns[self._places.searchsorted(edges.tail[self._held])]
        for meaning in distinct(meanings).tolist():
            ways = np.append(inside, said[meanings == meaning])
            tail = np.append(edges.head[ways], edges.head[self._held]).astype(np.int64)
            head = np.append(edges.tail[ways].astype(np.int64), held)
            nothing = np.zeros_like(tail)
            tiers = Tiers(tail, head, nothing, states=count + len(columns), sources=sources, columns=columns)
            row = np.full(count, -1)
            row[sources] = tiers.rows
            yield _Given(meaning, row, next(tiers.bits(columns)).view(np.uint8))
