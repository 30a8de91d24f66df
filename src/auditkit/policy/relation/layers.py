"""Layers of an account: the policies of one kind that bear on a principal, as segments over the points."""

from typing import NamedTuple

import numpy as np
from msgspec import UnsetType
from numpy.typing import NDArray

from auditkit.policy.documents import Document
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.kernel import Rows, Segments, combine, ranges
from auditkit.policy.relation.masks import Masks
from auditkit.policy.relation.points import Points
from auditkit.policy.relation.statements import Statements
from auditkit.policy.relation.surroundings import Surroundings

__all__ = ["Hit", "Layers"]

Numbers = NDArray[np.int64]


class Hit(NamedTuple):
    """A statement that bears on a point: place of its document in the layer, its place there, and a mask of actions."""

    document: int
    place: int
    word: int


class Layers:
    """The layers of an account.

    Parameters
    ----------
    points, surroundings
        What they are about.
    """

    def __init__(self, points: Points, surroundings: Surroundings) -> None:
        self.points = points
        self.masks = Masks(points)
        self.statements = Statements(points, self.masks, surroundings)
        self._numbers: dict[tuple[int, ...], int] = {}
        self._compiled: Compiled | None = None

    def number(self, documents: tuple[Document, ...] | UnsetType, asker: Asker) -> int:
        """Return the number of the layer that some documents make for a principal."""
        if isinstance(documents, UnsetType):
            key: tuple[int, ...] = (self.statements.unseen(),)
        else:
            key = tuple(
                self.statements.document(one, asker) if one.readable else self.statements.unseen() for one in documents
            )
        return self._numbers.setdefault(key, len(self._numbers))

    def compile(self) -> "Compiled":
        """Return all layers that have a number, as arrays."""
        if self._compiled is None:
            self._compiled = Compiled(self.statements, self.masks, self.points, list(self._numbers))
        return self._compiled


class Compiled:
    """Layers as arrays.

    Parameters
    ----------
    statements, masks, points
        The compiled statements, their sets of actions, and the points.
    layers
        The documents of each layer.
    """

    def __init__(self, statements: Statements, masks: Masks, points: Points, layers: list[tuple[int, ...]]) -> None:
        self.layers, self.size = layers, len(points.texts)
        action = np.array(statements.action, dtype=np.int64)
        region = np.array(statements.region, dtype=np.int64)
        self._code = np.array(statements.code, dtype=np.int8)
        self._place = np.array(statements.place, dtype=np.int64)
        self._ends = np.array([0, *statements.ends], dtype=np.int64)
        lengths = np.array([len(one) for one in statements.regions], dtype=np.int64)
        flat = np.array([bound for one in statements.regions for pair in one for bound in pair], dtype=np.int64)
        starts, ends = flat[::2], flat[1::2]
        kinds, pair_of_row = np.unique(action * max(len(lengths), 1) + region, return_inverse=True)
        self._pair = pair_of_row.astype(np.int64)
        pair_action, pair_region = np.divmod(kinds, max(len(lengths), 1))
        firsts = np.cumsum(lengths) - lengths
        place = ranges(firsts[pair_region], lengths[pair_region])
        owner = np.repeat(np.arange(len(kinds)), lengths[pair_region])
        word = masks.table[pair_action[owner], points.block_of[starts[place]]]
        kept = word != 0
        self._start, self._end, self._word = starts[place[kept]], ends[place[kept]], word[kept]
        self._counts = np.bincount(owner[kept], minlength=len(kinds)).astype(np.int64)
        self._firsts = np.cumsum(self._counts) - self._counts

    def segments(self) -> Segments:
        """Put the rows of all layers together: the kernel."""
        counts = np.array([len(one) for one in self.layers], dtype=np.int64)
        documents = np.array([number for one in self.layers for number in one], dtype=np.int64)
        rows, layer = self._rows(documents, np.repeat(np.arange(len(counts)), counts))
        interval, source = self._intervals(rows)
        made = Rows(
            layer[source], self._start[interval], self._end[interval], self._word[interval], self._code[rows[source]]
        )
        return combine(made, len(self.layers), self.size)

    def _rows(self, documents: Numbers, owners: Numbers) -> tuple[Numbers, Numbers]:
        """Return the rows of some documents, each with the owner of its document."""
        first, last = self._ends[documents], self._ends[documents + 1]
        return ranges(first, last - first), np.repeat(owners, last - first)

    def _intervals(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Return the intervals of some rows, each with the place of its row among them."""
        pairs = self._pair[rows]
        counts = self._counts[pairs]
        return ranges(self._firsts[pairs], counts), np.repeat(np.arange(len(rows)), counts)

    def hits(self, layer: int, point: int) -> tuple[Hit, ...]:
        """Return the statements of a layer that bear on a point."""
        documents = np.array(self.layers[layer], dtype=np.int64)
        rows, owner = self._rows(documents, np.arange(len(documents)))
        interval, source = self._intervals(rows)
        there = np.flatnonzero((self._start[interval] <= point) & (point < self._end[interval]))
        chosen = source[there]
        columns = owner[chosen], self._place[rows[chosen]], self._word[interval[there]]
        return tuple(Hit(*one) for one in zip(*(column.tolist() for column in columns), strict=True))
