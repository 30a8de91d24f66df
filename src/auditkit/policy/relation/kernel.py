"""The inner part of the relation, on arrays: overlapping rows of each layer put together.

A row says that a layer (all policies of one kind that bear on a principal) allows or denies some actions over an
interval of points. Cut at all ends, the rows of a layer become segments that do not overlap, each with four masks.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import ranked

__all__ = ["Plane", "Rows", "Segments", "combine", "numbered", "ranges"]

Numbers = NDArray[np.int64]
Places = NDArray[np.int32]
Words = NDArray[np.uint64]

ALLOW, ALLOW_MAYBE, DENY, DENY_MAYBE = range(4)
_AT_ONCE = 1 << 14
"""How many rows are put together at once: so many that what is worked on stays in the caches of a processor."""


class Rows(NamedTuple):
    """Rows, sorted by layer: interval, mask of actions, and code (0 allow, 1 perhaps, 2 deny, 3 perhaps)."""

    layer: Numbers
    start: Numbers
    end: Numbers
    word: Words
    code: NDArray[np.int8]


class Plane:
    """A mask for each segment; few are different.

    Parameters
    ----------
    words, which
        The masks, each different one once or more often, and the place of each segment's among them.
    """

    def __init__(self, words: Words, which: Places) -> None:
        self._words, self._which = words, which

    def __len__(self) -> int:
        """Return how many segments there are."""
        return len(self._which)

    def __getitem__(self, chosen: slice | Numbers) -> Words:
        """Return the masks of some segments."""
        found: Words = self._words[self._which[chosen]]
        return found


class Segments(NamedTuple):
    """Segments of all layers, sorted by layer and start; those with nothing in them are left out.

    Attributes
    ----------
    layer, start, end
        Where: from ``start`` up to ``end``.
    allow, allow_maybe, deny, deny_maybe
        Masks of the actions that are allowed for certain, allowed at least perhaps, denied for certain ...
    first
        First segment of each layer, and the number of all at the end.
    """

    layer: Places
    start: Places
    end: Places
    allow: Plane
    allow_maybe: Plane
    deny: Plane
    deny_maybe: Plane
    first: Numbers


def ranges(starts: Numbers | Places, counts: Numbers | Places) -> Numbers:
    """Return ``starts[i], starts[i] + 1, ...`` (``counts[i]`` of them) for each i, one after the other."""
    ends: Numbers = np.cumsum(counts, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    found: Numbers = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - counts), counts)
    return found


def numbered(columns: list[Numbers]) -> Numbers:
    """Return a number for each row, the same for equal ones; neighbours, which are mostly equal, are looked at once."""
    new = np.zeros(len(columns[0]), dtype=bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    heads = np.flatnonzero(new)
    number = np.zeros(len(heads), dtype=np.int64)
    for column in columns:
        some = column[heads]
        if (some != some[:1]).any():
            values, which = ranked(some)
            number = ranked(number * len(values) + which)[1]
    return np.repeat(number, np.diff(heads, append=len(new)))


def combine(rows: Rows, layers: int, points: int) -> Segments:
    """Put the rows of each layer together.

    Parameters
    ----------
    rows
        All rows.
    layers, points
        How many there are.
    """
    parts: list[tuple[Places, Places, Places, Places]] = []
    kinds: dict[tuple[int, ...], int] = {}
    cuts = np.searchsorted(rows.layer, np.arange(layers + 1))
    begin = 0
    while begin < layers:
        end = int(np.searchsorted(cuts, cuts[begin] + _AT_ONCE, "right")) - 1
        end = min(max(end, begin + 1), layers)
        chosen = slice(int(cuts[begin]), int(cuts[end]))
        layer, start, finish, word, code = rows
        some = Rows(layer[chosen], start[chosen], finish[chosen], word[chosen], code[chosen])
        parts.append(_packed(_combine(some, points + 1), kinds))
        begin = end
    if not parts:
        parts = [_packed(_combine(rows, points + 1), kinds)]
    where, begins, ends, which = (np.concatenate(column) for column in zip(*parts, strict=True))
    planes = np.array([*kinds] or [(0, 0, 0, 0)], dtype=np.uint64).T
    allow, allow_maybe, deny, deny_maybe = (Plane(np.ascontiguousarray(plane), which) for plane in planes)
    first = np.searchsorted(where, np.arange(layers + 1))
    return Segments(where, begins, ends, allow, allow_maybe, deny, deny_maybe, first)


def _packed(
    part: tuple[Numbers, Numbers, Numbers, Words, Words, Words, Words], kinds: dict[tuple[int, ...], int]
) -> tuple[Places, Places, Places, Places]:
    """Return layer, start and end of segments, and the number of their four masks."""
    layer, start, end, *planes = part
    allow, allow_maybe, deny, deny_maybe = planes
    _, which = ranked(allow)
    for plane in (allow_maybe ^ allow, deny, deny_maybe ^ deny):
        if plane.any():  # column by column: rows as a whole are compared far more slowly
            values, rank = ranked(plane)
            which = ranked(which * len(values) + rank)[1]
    one_of = np.empty(int(which.max(initial=-1)) + 1, dtype=np.int64)
    one_of[which] = np.arange(len(which))
    rows = zip(*(plane[one_of].tolist() for plane in planes), strict=True)
    numbers = [kinds.setdefault(row, len(kinds)) for row in rows]
    found = np.array(numbers, dtype=np.int32)[which]
    return layer.astype(np.int32), start.astype(np.int32), end.astype(np.int32), found


def _combine(rows: Rows, stride: int) -> tuple[Numbers, Numbers, Numbers, Words, Words, Words, Words]:
    size = len(rows.layer)
    base = rows.layer * stride
    bounds, rank = ranked(np.concatenate((base + rows.start, base + rows.end)))
    begin = rank[:size]
    counts = rank[size:] - begin
    pieces = ranges(begin, counts)
    order = np.argsort(pieces)  # in no order within a piece: whatever stands there is put together
    source = np.repeat(np.arange(size), counts)[order]
    pieces = pieces[order]
    heads = np.flatnonzero(np.diff(pieces, prepend=-1))
    words, codes = rows.word[source], rows.code[source]
    there = np.bincount(rows.code, minlength=DENY_MAYBE + 1)

    def plane(code: int) -> Words:
        if not there[code]:
            return np.zeros(len(heads), dtype=np.uint64)
        chosen = np.where(codes == code, words, np.uint64(0))
        return np.bitwise_or.reduceat(chosen, heads) if len(heads) else chosen

    allow, deny = plane(ALLOW), plane(DENY)
    allow_maybe, deny_maybe = plane(ALLOW_MAYBE) | allow, plane(DENY_MAYBE) | deny
    found = pieces[heads]
    start, end = bounds[found], bounds[found + 1] if len(found) else bounds[found]
    layer = start // stride
    return layer, start - layer * stride, end - layer * stride, allow, allow_maybe, deny, deny_maybe
