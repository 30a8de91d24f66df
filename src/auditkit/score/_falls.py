"""What falls with many nodes at once: sums over stores, part by part, so that no matrix of all of them is kept.

Stores that are reached alike, and weigh alike, are one *group*. Of what sort a group is, its *kind*, is told by which
access levels are reached together and by the sensitivity: within a kind a contribution hangs on a few costs alone, so
that all contributions there are can be looked up in a table.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct
from auditkit.score._ground import LEVELS, Flags, Floats, Ground
from auditkit.score.kernels import Tiers, cheapest

__all__ = ["Falls", "Part", "Sums", "parts_of_a_step", "strength", "sums"]

Ints = NDArray[np.int64]
Codes = NDArray[np.uint8] | NDArray[np.uint16]

_FINEST = 16
"""Parts of a step that costs are counted in at most; where that is not enough, each source is searched by itself."""

_GROUPS = 2048
_PAIRS = 1 << 16
"""Groups, and pairs of source and group, that are looked at together."""

_COUNTED = 4
"""So many times more worths than groups are counted one by one; with more of them it is quicker to look each one up."""

_MOST = 64
"""Steps from which a strength is too small to count (see :attr:`Ground.unit`); it is still not 0."""


_VALUES, _REACHED = 8, 6
"""Of :attr:`Part.worth`: number of columns, and the one that says whether a store is reached."""


class Part(msgspec.Struct, frozen=True):
    """What some stores add to what falls with some sources: low and high, in units of :attr:`Ground.unit`.

    Attributes
    ----------
    rows : ndarray of int64, shape (rows,)
        Sources, by :attr:`Falls.row`.
    first, count : ndarray of int64, shape (groups,)
        First store of each group, and how many stores it has; first stores are rising. All stores are crown jewels, or
        none is.
    worth : ndarray of int64, shape (worths, 8)
        What a store can add: low and high, the same if all cost nothing, the same of what costs nothing alone, whether
        it is reached, and whether for nothing. Rising by high and then low bound; the first one is not reached.
    which : ndarray of int64, shape (rows, groups)
        What each store of a group adds to a row.
    """

    rows: Ints
    first: Ints
    count: Ints
    worth: Ints
    which: Ints


class Sums(msgspec.Struct, frozen=True):
    """What falls with each source.

    Attributes
    ----------
    radius, at_all, held : ndarray of int64, shape (sources, 2)
        ``BR``, ``BRmax`` and what costs nothing, low and high, in units of :attr:`Ground.unit`.
    stores, stores_held, jewels : ndarray of int64, shape (sources,)
        Stores reached, those of them that cost nothing, and crown jewels reached.
    worst : ndarray of int64, shape (sources,)
        Store that adds most; -1 for none.
    worst_part : ndarray of int64, shape (sources,)
        What it adds to the high bound, in units.
    """

    radius: Ints
    at_all: Ints
    held: Ints
    stores: Ints
    stores_held: Ints
    jewels: Ints
    worst: Ints
    worst_part: Ints


def sums(
    ground: Ground,
    sources: Ints,
    *,
    steps: Flags | None = None,
    cost: Floats | None = None,
    prices: Floats | None = None,
) -> Sums:
    """Return what falls with each source; parameters as of :class:`Falls`."""
    falls = Falls(ground, sources, steps=steps, cost=cost, prices=prices)
    total = np.zeros((falls.rows, _VALUES), dtype=np.int64)
    jewels = np.zeros(falls.rows, dtype=np.int64)
    worst, best = np.full(falls.rows, -1, dtype=np.int64), np.full((falls.rows, 2), -1, dtype=np.int64)
    is_jewel = ground.jewels
    for part in falls.parts():
        rows, added = part.rows, _totals(part)
        total[rows] += added
        if is_jewel[part.first[0]]:  # and so are all of the part
            jewels[rows] += added[:, _REACHED]
        at = _order(part)[part.which].argmax(axis=1)
        top = part.which[np.arange(len(rows)), at]
        value, store = part.worth[top, :2], part.first[at]
        better = (top > 0) & _above(value, store, best[rows], worst[rows])
        best[rows[better]], worst[rows[better]] = value[better], store[better]
    total = total[falls.row]
    return Sums(
        radius=total[:, 0:2],
        at_all=total[:, 2:4],
        held=total[:, 4:6],
        stores=total[:, _REACHED],
        stores_held=total[:, _REACHED + 1],
        jewels=jewels[falls.row],
        worst=worst[falls.row],
        worst_part=np.maximum(best[falls.row, 1], 0),
    )


def _totals(part: Part) -> Ints:
    """Return the sum of each row: shape (rows, 8)."""
    worths = len(part.worth)
    if worths > _COUNTED * len(part.first):
        return np.column_stack([value[part.which] @ part.count for value in part.worth.T])
    size = len(part.rows)
    place = part.which + worths * np.arange(size)[:, np.newaxis]
    alone = bool(np.all(part.count == 1))
    weight = None if alone else np.broadcast_to(part.count, place.shape).ravel()
    counted: Ints = np.bincount(place.ravel(), weights=weight, minlength=size * worths).astype(np.int64)
    return counted.reshape(size, worths) @ part.worth


def _order(part: Part) -> Ints:
    """Return numbers that rise with what a store can add, the same for the same; the first is not reached."""
    rises = np.any(np.diff(part.worth[:, :2], axis=0) != 0, axis=1)
    rises[:1] = True
    return np.append(0, np.cumsum(rises))


def _above(part: Ints, store: Ints, best: Ints, worst: Ints) -> Flags:
    """Return where a store adds more than the worst so far: by high, then low bound, then the first of the stores."""
    high, low = part[:, 1] - best[:, 1], part[:, 0] - best[:, 0]
    above: Flags = (high > 0) | ((high == 0) & ((low > 0) | ((low == 0) & (store < worst))))
    return above


class Falls:
    """What falls with sources.

    Parameters
    ----------
    ground
        Stores and steps.
    sources : ndarray of int64
        States that are taken over.
    steps : ndarray of bool
        Steps that are open, all of them by default.
    cost : ndarray of float64, shape (steps,)
        Costs in place of those of the steps; infinite where they are closed.
    prices : ndarray of float64, shape (prices,)
        The same by :attr:`Steps.price`, where no ``cost`` is given.

    Attributes
    ----------
    row : ndarray of int64, shape (sources,)
        Number of each source among those that differ in what falls with them.
    rows
        How many these are.
    first : ndarray of int64, shape (stores,)
        First store of the group of each store.
    """

    def __init__(
        self,
        ground: Ground,
        sources: Ints,
        *,
        steps: Flags | None = None,
        cost: Floats | None = None,
        prices: Floats | None = None,
    ) -> None:
        self._ground, self._sources = ground, sources
        of_each: slice | NDArray[Any] = slice(None)
        if cost is None:
            cost, of_each = ground.attack.steps.prices if prices is None else prices, ground.attack.steps.price
        self._prices, self._price = cost, of_each
        self._open: Flags = np.isfinite(cost)[of_each]
        if steps is not None:
            self._open &= steps
        self._parts = parts_of_a_step(cost[np.isfinite(cost)])
        row = np.arange(len(sources)) if self._tiers is None else self._tiers.number
        self.row: Ints = row
        self.rows = int(row.max(initial=-1)) + 1

    @property
    def first(self) -> Ints:
        return np.arange(len(self._ground.stores)) if self._groups is None else self._groups.first_of

    @cached_property
    def _groups(self) -> "_Groups | None":
        return None if self._tiers is None else _Groups(self._ground, self._tiers)

    def parts(self) -> Iterator[Part]:
        """Yield what falls, each pair of a row and a store once, unless it is not reached."""
        if not self.rows or not len(self._ground.stores):
            return
        if self._tiers is not None and self._groups is not None:
            yield from self._by_tiers(self._tiers, self._groups)
        else:
            yield from self._one_by_one()

    @cached_property
    def _tiers(self) -> Tiers | None:
        attack, is_open = self._ground.attack, self._open
        if not self._parts:
            return None
        units = np.where(np.isfinite(self._prices), self._prices * self._parts, 0)
        units = units.astype(np.uint8 if units.max(initial=0) <= np.iinfo(np.uint8).max else np.int64)  # of millions
        return Tiers(
            attack.steps.tail[is_open],
            attack.head[is_open],
            units[self._price][is_open],
            states=attack.states,
            sources=self._sources,
            columns=self._ground.states.ravel(),
        )

    def _by_tiers(self, tiers: Tiers, groups: "_Groups") -> Iterator[Part]:
        for begin in range(0, len(groups.first), _GROUPS):
            batch = slice(begin, begin + _GROUPS)
            columns, place = np.unique(groups.columns[batch], return_inverse=True)
            place = place.reshape(-1, len(LEVELS))
            codes, codes_known = tiers.codes(columns[columns >= 0], _MOST * self._parts)
            for at in np.split(np.arange(len(place)), np.flatnonzero(np.diff(groups.kind[batch])) + 1):
                first, count = groups.first[batch][at], groups.count[batch][at]
                kind = _Kind(self._ground, int(first[0]), groups.shape[batch][at[0]], codes_known, self._parts)
                of_kind = [place[at, level] - int(columns[0] < 0) for level in kind.levels]
                at_a_time = max(1, _PAIRS // len(at))
                for row in range(0, self.rows, at_a_time):
                    rows = np.arange(row, min(row + at_a_time, self.rows))
                    some = codes[row : row + at_a_time]
                    worth, which = kind.worths([some.take(where, axis=1) for where in of_kind])
                    yield Part(rows, first, count, worth, which)

    def _one_by_one(self) -> Iterator[Part]:
        ground = self._ground
        attack, is_jewel = ground.attack, ground.jewels
        cost = np.where(self._open, self._prices[self._price], np.inf)
        for number, source in enumerate(self._sources.tolist()):
            costs = cheapest(attack.start, attack.head, cost, {source: 0.0})[ground.states]
            reached = np.isfinite(costs).any(axis=1)
            for store in (np.flatnonzero(reached & ~is_jewel), np.flatnonzero(reached & is_jewel)):
                worth, which = _ranked(ground, store, strength(costs[store]))
                if len(store):
                    yield Part(np.array([number]), store, np.ones_like(store), worth, which[np.newaxis])


def strength(cost: Floats) -> Floats:
    """Return ``rho`` of costs: not 0 unless they are infinite."""
    found: Floats = np.exp2(-np.minimum(cost, _MOST)) * np.isfinite(cost)
    return found


def parts_of_a_step(cost: Floats) -> int:
    """Return in how many parts of a step all costs can be counted; 0 if they are too fine for that."""
    cost = distinct(cost)
    return next((parts for parts in (1, 2, 4, 8, _FINEST) if np.all(cost * parts == np.floor(cost * parts))), 0)


class _Groups:
    """Stores that are reached alike and weigh alike, sorted by kind, then by their first store.

    Attributes
    ----------
    first, count, kind : ndarray of int64, shape (groups,)
        First store of each, number of stores, and kind.
    columns : ndarray of int64, shape (groups, levels)
        A state that is reached like each access to it; -1 for access that nothing leads to.
    first_of : ndarray of int64, shape (stores,)
        First store of the group of each store.
    shape : ndarray of int64, shape (groups, levels)
        Number of the level that each level is reached like, the first of them; -1 for what nothing leads to.
    """

    def __init__(self, ground: Ground, tiers: Tiers) -> None:
        stand_ins, which = tiers.classes(ground.states.ravel())
        column = np.where(tiers.is_led_to(stand_ins), stand_ins, -1)[which].reshape(ground.states.shape)
        _, weight = np.unique(ground.bounds, axis=0, return_inverse=True)
        alike = np.column_stack([column, weight.reshape(-1), ground.jewels])
        alike, first, which, count = np.unique(
            alike, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        self.first_of: Ints = first[which.reshape(-1)]
        columns = alike[:, : len(LEVELS)]
        same = columns[:, :, np.newaxis] == columns[:, np.newaxis, :]
        shape = np.where(columns < 0, -1, same.argmax(axis=2))
        _, kind = np.unique(np.column_stack([shape, alike[:, len(LEVELS) :]]), axis=0, return_inverse=True)
        order = np.lexsort((first, kind.reshape(-1)))
        order = order[(columns[order] >= 0).any(axis=1)]
        self.first: Ints = first[order]
        self.count: Ints = count[order]
        self.kind: Ints = kind.reshape(-1)[order]
        self.columns: Ints = columns[order]
        self.shape: Ints = shape[order]


class _Kind:
    """Stores of one kind: what they can add, by what they are reached at.

    Parameters
    ----------
    ground, store
        Stores, and one of the kind.
    shape
        As of :class:`_Groups`.
    size
        Number of codes: costs from 0, in parts of a step; the last one stands for what is not reached.
    parts
        Parts of a step.
    """

    def __init__(self, ground: Ground, store: int, shape: Ints, size: int, parts: int) -> None:
        self._ground, self._store, self._shape, self._size = ground, store, shape, size
        self.levels: list[int] = np.unique(shape[shape >= 0]).tolist()
        self._strength = np.append(np.exp2(-np.arange(size - 1) / parts), 0.0)

    def worths(self, codes: list[Codes]) -> tuple[Ints, Ints]:
        """Return what stores can add, and which of these each does; codes by :attr:`levels`."""
        number = codes[-1].astype(np.int64)
        for code in codes[-2::-1]:
            number = number * self._size + code
        known = self._size ** len(codes)
        if known <= max(number.size, self._size):
            worth, rank = self._all
            return worth, rank[number]
        there, which = np.unique(number, return_inverse=True)
        worth, rank = self._ranked(there)
        return worth, rank[which.reshape(number.shape)]

    @cached_property
    def _all(self) -> tuple[Ints, Ints]:
        return self._ranked(np.arange(self._size ** len(self.levels)))

    def _ranked(self, numbers: Ints) -> tuple[Ints, Ints]:
        rho = np.zeros((len(numbers), len(LEVELS)))
        for place, level in enumerate(self.levels):
            code = numbers // self._size**place % self._size
            rho[:, self._shape == level] = self._strength[code][:, np.newaxis]
        return _ranked(self._ground, np.full(len(numbers), self._store), rho)


def _ranked(ground: Ground, stores: Ints, rho: Floats) -> tuple[Ints, Ints]:
    """Return what can be added, as :attr:`Part.worth`, and which of these each of some stores adds."""
    reached, held = rho > 0, rho == 1
    units = [ground.units(stores, each.astype(np.float64)) for each in (rho, reached, held)]
    rows = np.column_stack([reached.any(axis=1), units[0][:, ::-1], *units[1:], held.any(axis=1)]).astype(np.int64)
    none = np.zeros((1, _VALUES), dtype=np.int64)
    worth, which = np.unique(np.vstack([none, rows]), axis=0, return_inverse=True)
    return worth[:, [2, 1, 3, 4, 5, 6, 0, 7]], which.reshape(-1)[1:]
