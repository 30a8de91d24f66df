"""Which statements of a layer bear on which of its segments, worked out for all segments of a layer at once."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import ranked
from auditkit.policy.relation.compiled import Compiled
from auditkit.policy.relation.kernel import Segments, ranges

__all__ = ["Bearing", "LayerHits", "Words"]

Numbers = NDArray[np.int64]

Words = tuple[tuple[tuple[int, int], int], ...]
"""Statements (place of the document in the layer, and of the statement in it), sorted, each with a mask of actions."""

_KEPT = 16


class LayerHits:
    """The statements that bear on the segments of one layer.

    Parameters
    ----------
    start
        Where its segments start, sorted.
    first
        Of each segment, the first of its rows; and how many there are.
    rows
        Place of the document, place of the statement, mask of actions: a column each, the rows of a segment sorted.
    """

    def __init__(
        self, start: NDArray[np.int32], first: Numbers, rows: tuple[Numbers, Numbers, NDArray[np.uint64]]
    ) -> None:
        self._number = {one: number for number, one in enumerate(start.tolist())}
        self._first = first
        self._rows = rows
        self._words: dict[int, Words] = {}
        self._same: dict[Words, Words] = {}

    def words(self, start: int) -> Words:
        """Return the statements that bear on a segment, by where it starts; the very same where the same ones do."""
        found = self._words.get(start)
        if found is None:
            number = self._number[start]
            mine = slice(int(self._first[number]), int(self._first[number + 1]))
            document, place, word = (column[mine].tolist() for column in self._rows)
            words: dict[tuple[int, int], int] = {}
            for statement, mask in zip(zip(document, place, strict=True), word, strict=True):
                words[statement] = words.get(statement, 0) | mask
            every = tuple(words.items())
            found = self._words[start] = self._same.setdefault(every, every)
        return found


class Bearing:
    """Tells which statements of a layer bear on a point.

    Parameters
    ----------
    compiled, segments
        The layers of an account.
    """

    def __init__(self, compiled: Compiled, segments: Segments) -> None:
        self._compiled, self._segments = compiled, segments
        self.of = lru_cache(maxsize=_KEPT)(self._of)

    def numbers(self, layer: int, point: Numbers) -> Numbers:
        """Return, for each of some points, a number for the statements of a layer that bear on it; 0 for none."""
        first, last = self._segments.first[layer : layer + 2].tolist()
        starts, ends = self._segments.start[first:last], self._segments.end[first:last]
        if first == last:
            return np.zeros(len(point), dtype=np.int64)
        place = np.searchsorted(starts, point, "right") - 1
        inside = (place >= 0) & (point < ends[place])
        there, which = ranked(np.where(inside, place, -1))
        words = self.of(layer).words
        numbers: dict[Words, int] = {(): 0}
        found = [0 if one < 0 else numbers.setdefault(words(int(starts[one])), len(numbers)) for one in there.tolist()]
        return np.array(found, dtype=np.int64)[which]

    def _of(self, layer: int) -> LayerHits:
        """Return the statements of a layer."""
        chosen = slice(*self._segments.first[layer : layer + 2].tolist())
        start = self._segments.start[chosen]
        rows = self._compiled.rows_of(layer)
        begin = np.searchsorted(start, rows.start, "left")
        count = np.searchsorted(start, rows.end, "left") - begin
        segment, row = ranges(begin, count), np.repeat(np.arange(len(begin)), count)
        order = np.lexsort((rows.place[row], rows.document[row], segment))
        row = row[order]
        first = np.searchsorted(segment[order], np.arange(len(start) + 1))
        return LayerHits(start, first, (rows.document[row], rows.place[row], rows.word[row]))
