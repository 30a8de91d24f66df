"""One side of the nodes of a graph: what leads to them, or what they lead to."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit.graph.schema import Edge, EdgeKind
from auditkit.score._links import Edges
from auditkit.score.kernels import slices

__all__ = ["Ends", "Ints", "Made", "Side", "Told"]

Ints = NDArray[np.int64]

Told = tuple[str, Edge]
"""The other end of an edge, and the edge."""


class Ends(NamedTuple):
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

    plain: list[Told]
    by_kind: dict[EdgeKind, list[Told]]
    grants: tuple[str, ...]


class Made:
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


class Side:
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
        made: Made,
    ) -> None:
        self._ids, self._between, self._made, self._other = ids, between, made, other
        self.numbers = numbers[np.argsort(own[numbers], kind="stable")]
        self._first = np.searchsorted(own[self.numbers], np.arange(len(ids) + 1))
        self._found: dict[int, Ends] = {}

    def numbers_of(self, place: int) -> NDArray[np.int64]:
        """Return the numbers of the edges on this side of a node."""
        return self.numbers[self._first[place] : self._first[place + 1]]

    def numbers_of_all(self, places: NDArray[Any]) -> NDArray[np.int64]:
        """Return the numbers of the edges on this side of some nodes, node by node."""
        return self.numbers[slices(self._first[places], self._first[places + 1])]

    def ends(self, place: int | None) -> Ends:
        """Return what is on this side of a node."""
        if place is None:
            return _NOTHING
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = self._parted(self.numbers_of(place))
        return found

    def _parted(self, numbers: NDArray[np.int64]) -> Ends:
        if not len(numbers):
            return _NOTHING
        ids, between = self._ids, self._between
        ends = self._other[numbers].tolist()
        grants = {ids[other] for other in ends if between[other]}
        plain = [
            (ids[other], edge) for other, edge in zip(ends, self._made(numbers), strict=True) if not between[other]
        ]
        by_kind: dict[EdgeKind, list[Told]] = {}
        for told in plain:
            by_kind.setdefault(told[1].kind, []).append(told)
        return Ends(plain, by_kind, tuple(sorted(grants)))


_NOTHING = Ends([], {}, ())
