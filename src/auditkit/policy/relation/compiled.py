"""Layers as arrays: which statement speaks of which actions over which points."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.relation.kernel import Rows, Segments, combine, ranges
from auditkit.policy.relation.masks import Masks
from auditkit.policy.relation.points import Points
from auditkit.policy.relation.statements import ALLOW, DENY, Statements

__all__ = ["Bearings", "Compiled"]

Numbers = NDArray[np.int64]
Words = NDArray[np.uint64]
Places = NDArray[np.bool_]


class Bearings(NamedTuple):
    """Statements of a layer that bear on intervals of points, in no order.

    Attributes
    ----------
    document, place
        Place of the statement's document in the layer, and of the statement in it.
    start, end, word
        The interval, and a mask of actions.
    """

    document: Numbers
    place: Numbers
    start: Numbers
    end: Numbers
    word: Words


class _Table(NamedTuple):
    """Rows of statements, sorted by part."""

    part: Numbers
    action: Numbers
    region: Numbers
    filter: Numbers
    code: Numbers
    place: Numbers


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
        self.size = len(points.texts)
        table = _table(statements, masks)
        self._code, self._place = table.code.astype(np.int8), table.place
        self._ends = np.append(0, np.cumsum(np.bincount(table.part, minlength=statements.size)))
        self._lay_out(statements.parts, layers)
        regions, region = np.unique(table.region, return_inverse=True)
        filters = len(statements.filters)
        kinds, pair = np.unique((table.action * len(regions) + region) * filters + table.filter, return_inverse=True)
        self._pair = pair.astype(np.int64)
        rest, pair_filter = np.divmod(kinds, filters)
        pair_action, pair_region = np.divmod(rest, max(len(regions), 1))
        starts, ends, counts = _intervals(statements, points, regions)
        firsts = np.cumsum(counts) - counts
        place = ranges(firsts[pair_region], counts[pair_region])
        owner = np.repeat(np.arange(len(kinds)), counts[pair_region])
        start, end, owner = _filtered(starts[place], ends[place], owner, pair_filter[owner], statements.filters)
        word = masks.table[pair_action[owner], points.block_of[start]]
        kept = word != 0
        self._start, self._end, self._word = start[kept], end[kept], word[kept]
        self._counts = np.bincount(owner[kept], minlength=len(kinds)).astype(np.int64)
        self._firsts = np.cumsum(self._counts) - self._counts

    def _lay_out(self, parts: Sequence[tuple[int, ...]], layers: list[tuple[int, ...]]) -> None:
        """Lay out the parts of the documents of each layer, with the place of the document in it."""
        lengths = np.array([len(one) for one in layers], dtype=np.int64)
        documents = np.fromiter(chain.from_iterable(layers), dtype=np.int64, count=int(lengths.sum()))
        places = np.arange(len(documents)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        flat = np.fromiter(chain.from_iterable(parts), dtype=np.int64)
        counts = np.array([len(one) for one in parts], dtype=np.int64)
        chosen = ranges((np.cumsum(counts) - counts)[documents], counts[documents])
        self._part = flat[chosen]
        self._document = np.repeat(places, counts[documents])
        self._layer = np.repeat(np.repeat(np.arange(len(layers)), lengths), counts[documents])
        self.layers = len(layers)

    def segments(self) -> Segments:
        """Put the rows of all layers together: the kernel."""
        rows, layer = self._rows(self._part, self._layer)
        interval, source = self._intervals(rows)
        made = Rows(
            layer[source], self._start[interval], self._end[interval], self._word[interval], self._code[rows[source]]
        )
        return combine(made, self.layers, self.size)

    def _rows(self, parts: Numbers, owners: Numbers) -> tuple[Numbers, Numbers]:
        """Return the rows of some parts, each with the owner of its part."""
        first, last = self._ends[parts], self._ends[parts + 1]
        return ranges(first, last - first), np.repeat(owners, last - first)

    def _intervals(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Return the intervals of some rows, each with the place of its row among them."""
        pairs = self._pair[rows]
        counts = self._counts[pairs]
        return ranges(self._firsts[pairs], counts), np.repeat(np.arange(len(rows)), counts)

    def rows_of(self, layer: int) -> Bearings:
        """Return which statements of a layer bear on which points."""
        mine = slice(*np.searchsorted(self._layer, (layer, layer + 1)).tolist())
        rows, owner = self._rows(self._part[mine], self._document[mine])
        interval, source = self._intervals(rows)
        return Bearings(
            owner[source],
            self._place[rows[source]],
            self._start[interval],
            self._end[interval],
            self._word[interval],
        )


def _table(statements: Statements, masks: Masks) -> _Table:
    """Return the rows of all statements: those that are plain, but for conditions perhaps, and those that are not."""
    lines = statements.lines
    numbers = np.array(
        [masks.number(one, None) if isinstance(one, tuple) else 0 for one in lines.actions], dtype=np.int64
    )
    zero = np.zeros((np.count_nonzero(lines.plain), 3), dtype=np.int64)
    zero[:, 0] = np.flatnonzero(lines.plain)
    every, filters, maybe = np.concatenate((zero, statements.conditional)).T
    order, counts = np.argsort(every), np.bincount(every, minlength=len(lines.statements))
    totals = counts[lines.statement]
    which = order[ranges((np.cumsum(counts) - counts)[lines.statement], totals)]
    line, one = np.repeat(np.arange(len(totals)), totals), every[which]
    part = lines.document[line]
    code = np.where(lines.allows[one], ALLOW, DENY) | maybe[which]
    ordinary = _Table(part, numbers[lines.action[one]], one, filters[which], code, line - lines.first[part])
    special = [(number, *row, place) for number, rows in statements.rows.items() for row, place in rows]
    other = np.array(special, dtype=np.int64).reshape(-1, len(_Table._fields)).T
    columns = [np.concatenate(pair) for pair in zip(ordinary, other, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return _Table(*(column[order] for column in columns))


def _intervals(statements: Statements, points: Points, regions: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the intervals of regions, one region after the other, and how many each has."""
    lines = statements.lines
    own = regions[regions < len(lines.resources)]
    every, (patterns, first) = lines.patterns, lines.patterns_of
    lengths = first[own + 1] - first[own]
    pattern = patterns[ranges(first[own], lengths)]
    used, pattern = np.unique(pattern, return_inverse=True)
    starts, ends, counts = points.patterns.covered_all([every[number] for number in used.tolist()])
    firsts = np.cumsum(counts) - counts
    chosen = ranges(firsts[pattern], counts[pattern])
    totals = np.append(0, np.cumsum(counts[pattern]))
    bounds = np.append(0, np.cumsum(lengths))
    more = [statements.regions[number - len(lines.resources)] for number in regions[len(own) :].tolist()]
    flat = np.array([bound for one in more for pair in one for bound in pair], dtype=np.int64)
    return (
        np.concatenate((starts[chosen], flat[::2])),
        np.concatenate((ends[chosen], flat[1::2])),
        np.append(totals[bounds[1:]] - totals[bounds[:-1]], np.array([len(one) for one in more], dtype=np.int64)),
    )


def _filtered(
    starts: Numbers, ends: Numbers, owners: Numbers, filters: Numbers, places: Sequence[Places]
) -> tuple[Numbers, Numbers, Numbers]:
    """Return intervals as far as their filters let them through, with their owners, sorted by these."""
    free = filters == 0
    columns = [(starts[free], ends[free], owners[free])]
    for number in np.unique(filters[~free]).tolist():
        chosen = filters == number
        edges = np.flatnonzero(np.diff(places[number].astype(np.int8), prepend=0, append=0))
        begins, finishes = edges[::2], edges[1::2]
        low = np.searchsorted(finishes, starts[chosen], "right")
        counts = np.searchsorted(begins, ends[chosen], "left") - low
        run, source = ranges(low, counts), np.repeat(np.flatnonzero(chosen), counts)
        columns.append(
            (np.maximum(begins[run], starts[source]), np.minimum(finishes[run], ends[source]), owners[source])
        )
    start, end, owner = (np.concatenate(column) for column in zip(*columns, strict=True))
    order = np.argsort(owner, kind="stable")
    return start[order], end[order], owner[order]
