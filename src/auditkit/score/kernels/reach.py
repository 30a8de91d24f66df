"""Reach of many sources at once: least costs in whole steps, by closing sets of bits tier by tier.

A tier holds, for every state, what it reaches within so many steps, as one row of bits. Steps that cost nothing are
condensed to their strongly connected components (Pearce 2005, by SciPy), whose rows are closed in topological order; a
step of cost d takes over the row of its head from d tiers before (after Dial 1969, doi:10.1145/363269.363610, but for
all sources at once). Rows that are what they were a tier before have been taken over by then. Only what a source
reaches and what leads on to a column has a row. With V such components, E steps, B columns and C tiers that is
``O(C * (V + E) * B / 64)`` words, most of it in NumPy.

:func:`least_costs_plain` is the twin: one search per source, in plain Python. Tests hold the two together.
"""

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from auditkit._numbers import distinct
from auditkit.score.kernels.steps import Flags, Ints, closed, slices

__all__ = [
    "UNREACHED",
    "Tiers",
    "least_costs",
    "least_costs_plain",
]

UNREACHED = 2**16 - 1
"""Stands for no way at all."""

_BYTES, _BITS = 8, 64
"""Of a word."""

_CHUNK = 1 << 15
"""Words that are gathered at a time, in one place: as many as stay near the processor."""

Bits = NDArray[np.uint64]
Costs = NDArray[np.uint16]
Codes = NDArray[np.uint8] | NDArray[np.uint16]


def least_costs(
    tail: Ints, head: Ints, cost: Ints, *, states: int, sources: Ints, columns: Ints, most: int = UNREACHED - 1
) -> Costs:
    """Return the least cost from each source to each column.

    Parameters
    ----------
    tail, head : ndarray of int64, shape (steps,)
        States that each step leads from and to.
    cost : ndarray of int, shape (steps,)
        Its cost, 0 upwards.
    states
        Number of states.
    sources, columns : ndarray of int64
        States that are asked for; a column occurs once.
    most
        What costs more counts as much, 0 to 65534.

    Returns
    -------
    ndarray of uint16, shape (sources, columns)
        Least cost, :data:`UNREACHED` where there is no way.
    """
    return Tiers(tail, head, cost, states=states, sources=sources, columns=columns).costs(columns, most)


def least_costs_plain(
    tail: Ints, head: Ints, cost: Ints, *, states: int, sources: Ints, columns: Ints, most: int = UNREACHED - 1
) -> Costs:
    """Return the same as :func:`least_costs`, source by source (Dial 1969: one queue for each total cost)."""
    after: list[list[tuple[int, int]]] = [[] for _ in range(states)]
    for start, end, price in zip(tail.tolist(), head.tolist(), cost.tolist(), strict=True):
        after[start].append((end, price))
    found = np.full((len(sources), len(columns)), UNREACHED, dtype=np.uint16)
    for row, source in enumerate(sources.tolist()):
        reached = _search(after, source)
        for column, state in enumerate(columns.tolist()):
            if state in reached:
                found[row, column] = min(reached[state], most)
    return found


def _search(after: Sequence[Sequence[tuple[int, int]]], source: int) -> dict[int, int]:
    queues: dict[int, deque[int]] = {0: deque([source])}
    done: dict[int, int] = {}
    while queues:
        total = min(queues)
        queue = queues.pop(total)
        while queue:
            state = queue.popleft()
            if state in done:
                continue
            done[state] = total
            for end, price in after[state]:
                if end not in done:
                    (queue if not price else queues.setdefault(total + price, deque())).append(end)
    return done


class Tiers:
    """What many sources reach, tier by tier, asked for by columns.

    Parameters
    ----------
    tail, head, cost, states, sources, columns
        As of :func:`least_costs`; ``columns`` are all that will be asked for.

    Attributes
    ----------
    count
        Number of rows of a tier.
    rows : ndarray of int64, shape (sources,)
        Row of each source.
    """

    def __init__(self, tail: Ints, head: Ints, cost: Ints, *, states: int, sources: Ints, columns: Ints) -> None:
        self._states = states
        asked, held = np.zeros((2, states), dtype=bool)
        asked[columns], held[sources] = True, True
        kept = closed(tail, head, held)[tail] & closed(head, tail, asked)[head]
        tail, head, cost = tail[kept], head[kept], cost[kept]
        nothing = np.broadcast_to(np.zeros((), dtype=cost.dtype), cost.shape)
        self._for_nothing = partial(Tiers, tail, head, nothing, states=states, sources=sources, columns=columns)
        leads_on = held
        leads_on[tail] = True
        inner = leads_on[head]
        part, count = _components(tail[inner], head[inner], cost[inner], leads_on)
        edges = _each_edge_once(part[tail[inner]], part[head[inner]], cost[inner])
        fixed = np.zeros(count, dtype=bool)
        fixed[part[leads_on & asked]] = True
        fixed[part[tail[~inner]]] = True
        row, self.count, edges = _merged(edges, fixed)
        self._row = np.append(row, -1)[part]
        self.rows: Ints = self._row[sources]
        by_cost = {int(price): edges[edges[:, 2] == price, :2] for price in np.unique(edges[:, 2])}
        self._layers = [_Takeover(pairs) for pairs in _layers(by_cost.pop(0, edges[:0, :2]), self.count)]
        self._takeovers = {price: _Takeover(pairs) for price, pairs in by_cost.items()}
        ends = head[~inner], self._row[tail[~inner]], cost[~inner]
        self._end_head, self._end_tail, self._end_cost = _sorted_once(*ends).T

    def classes(self, columns: Ints) -> tuple[Ints, Ints]:
        """Return which of the columns stand for all, and which of those stands for each: they are reached alike."""
        first = np.searchsorted(self._end_head, columns, side="left")
        stop = np.searchsorted(self._end_head, columns, side="right")
        ways = np.stack([self._end_tail, self._end_cost], axis=1)
        known: dict[tuple[int, bytes], int] = {}
        kinds = zip(self._row[columns].tolist(), first.tolist(), stop.tolist(), strict=True)
        which = [known.setdefault((row, ways[at:to].tobytes()), len(known)) for row, at, to in kinds]
        _, stand_in = np.unique(which, return_index=True)
        return columns[stand_in], np.array(which, dtype=np.int64)

    def _reached(self, sources: Ints, columns: Ints, most: int) -> Iterator[Bits]:
        """Yield the rows of some sources tier by tier; what is reached at all stands for the last and all after it."""
        tiers = self.bits(columns)
        for tier in itertools.islice(tiers, most):
            yield tier[self.rows[sources]]
        if next(tiers, None) is not None:
            closure = self._for_nothing()
            yield next(closure.bits(columns))[closure.rows[sources]]

    def bits(self, columns: Ints) -> Iterator[Bits]:
        """Yield the tiers for some of the columns: rows of bits, the first column in the highest bit of a byte.

        The last tier is the closure: what is reached at all.
        """
        words = -(-len(columns) // _BITS)
        place = np.full(self._states, -1, dtype=np.int64)
        place[columns] = np.arange(len(columns))
        own = columns[self._row[columns] >= 0]
        among = place[self._end_head] >= 0
        ends = {
            int(price): _bits(self.count, words, self._end_tail[at], place[self._end_head[at]])
            for price in np.unique(self._end_cost[among])
            if len(at := np.flatnonzero(among & (self._end_cost == price)))
        }
        dearest = max([*self._takeovers, *ends], default=0)
        last: deque[tuple[Bits, Flags]] = deque(maxlen=dearest or 1)  # tiers, and which of their rows are new
        unchanged = number = 0
        while unchanged <= dearest:
            before = last[-1][0] if last else np.zeros((self.count, words), dtype=np.uint64)
            tier = before.copy() if last else _bits(self.count, words, self._row[own], place[own])
            if number in ends:
                tier |= ends[number]
            for price, takeover in self._takeovers.items():
                if price <= len(last):
                    takeover.into(tier, *last[-price])
            new = (tier != before).any(axis=1)
            for layer in self._layers:
                new[layer.into(tier, tier, new)] = True
            unchanged = 0 if new.any() or not last else unchanged + 1
            last.append((tier, new))
            number += 1
            yield tier

    def is_led_to(self, columns: Ints) -> Flags:
        """Return which of some columns anything leads to, or are held by a source."""
        led_to: Flags = (self._row[columns] >= 0) | np.isin(columns, self._end_head)
        return led_to

    @cached_property
    def _distinct(self) -> tuple[Ints, Ints]:
        """Sources, one for each row that there is, and the number of the row of each source among these."""
        _, first, which = np.unique(self.rows, return_index=True, return_inverse=True)
        return first, which.astype(np.int64)

    @property
    def number(self) -> Ints:
        """Number of each source among those that reach other things than those before it: int64, shape (sources,)."""
        return self._distinct[1]

    def codes(self, columns: Ints, most: int = UNREACHED - 1) -> tuple[Codes, int]:
        """Return the least costs to some columns, one row for each :attr:`number`.

        Returns
        -------
        codes : ndarray of uint8 or uint16, shape (rows, columns)
            Least costs; one that no cost comes up to stands for no way.
        count
            One more than that.
        """
        first = self._distinct[0]
        size = np.uint8 if most < np.iinfo(np.uint8).max - 1 else np.uint16
        found = np.full((len(first), -(-len(columns) // _BITS), _BITS), np.iinfo(size).max, dtype=size)
        before: Bits = np.zeros(found.shape[:2], dtype=np.uint64)
        number = -1
        for number, reached in enumerate(self._reached(first, columns, most)):
            new = reached & ~before
            row, word = np.nonzero(new)
            bits = np.unpackbits(new[row, word].view(np.uint8).reshape(-1, _BYTES), axis=1).astype(bool)
            found[row, word] = np.where(bits, size(number), found[row, word])
            before = reached
        codes = np.minimum(found, size(number + 1)).reshape(len(first), -1)[:, : len(columns)]
        return codes, number + 2

    def costs(self, columns: Ints, most: int = UNREACHED - 1) -> Costs:
        """Return the least cost from each source to some of the columns, as :func:`least_costs` does."""
        if not len(self.rows) or not len(columns):
            return np.full((len(self.rows), len(columns)), UNREACHED, dtype=np.uint16)
        columns, which_column = self.classes(columns)
        codes, count = self.codes(columns, most)
        costs: Costs = np.where(codes < count - 1, codes.astype(np.uint16), np.uint16(UNREACHED))[
            np.ix_(self.number, which_column)
        ]
        return costs


def _components(tail: Ints, head: Ints, cost: Ints, leads_on: Flags) -> tuple[Ints, int]:
    """Return the strongly connected component of each state that leads on, by steps that cost nothing, and how many."""
    number = np.cumsum(leads_on) - 1
    size = int(leads_on.sum())
    if not size:
        return np.full(len(leads_on), -1, dtype=np.int64), 0
    free = cost == 0
    ends = number[tail[free]], number[head[free]]
    zero = csr_array((np.ones(int(free.sum()), np.int8), ends), shape=(size, size))
    count, part = connected_components(zero, connection="strong")
    return np.where(leads_on, part.astype(np.int64)[np.maximum(number, 0)], -1), int(count)


def _merged(edges: Ints, fixed: Flags) -> tuple[Ints, int, Ints]:
    """Merge what only leads on to one other, for nothing, with that: its row is the same.

    Parameters
    ----------
    edges : ndarray of int64, shape (edges, 3)
        Tail, head and cost of components, no two alike; those without cost make no circle.
    fixed
        Components that have something of their own.

    Returns
    -------
    tuple
        Row of each component, number of rows, and the edges between rows, no two alike.
    """
    count = len(fixed)
    onward = np.arange(count)
    alone = (np.bincount(edges[:, 0], minlength=count) == 1) & ~fixed
    merging = alone[edges[:, 0]] & (edges[:, 2] == 0)
    onward[edges[merging, 0]] = edges[merging, 1]
    while np.any(onward[onward] != onward):
        onward = onward[onward]
    kept, row = np.unique(onward, return_inverse=True)
    edges = edges[~merging]
    return row, len(kept), _each_edge_once(row[edges[:, 0]], row[edges[:, 1]], edges[:, 2])


def _each_edge_once(tail: Ints, head: Ints, cost: Ints) -> Ints:
    """Return edges sorted, no two alike, without those that lead back for nothing: int64, shape (edges, 3)."""
    kept = (tail != head) | (cost != 0)
    return _sorted_once(tail[kept], head[kept], cost[kept])


def _sorted_once(tail: Ints, head: Ints, cost: Ints) -> Ints:
    """Return rows of three numbers sorted, no two alike: int64, shape (rows, 3); none is below 0."""
    dear, size = int(cost.max(initial=0)) + 1, int(head.max(initial=0)) + 1
    if (int(tail.max(initial=0)) + 1) * size * dear > np.iinfo(np.int64).max:
        return np.unique(np.stack([tail, head, cost], axis=1).astype(np.int64), axis=0)
    numbers = distinct((tail.astype(np.int64) * size + head) * dear + cost)
    return np.stack([numbers // (size * dear), numbers // dear % size, numbers % dear], axis=1)


def _bits(count: int, words: int, rows: Ints, columns: Ints) -> Bits:
    """Return rows in which these columns are set."""
    bits = np.zeros((count, words * _BYTES), dtype=np.uint8)
    place = distinct(rows * words * _BITS + columns)
    byte, bit = place >> 3, (128 >> (place & 7)).astype(np.uint8)
    if len(place):
        where, first = np.unique(byte, return_index=True)
        bits.reshape(-1)[where] = np.bitwise_or.reduceat(bit, first)
    return bits.view(np.uint64)


class _Takeover:
    """Rows that take over those of others: pairs of components, sorted by the one that takes."""

    def __init__(self, pairs: Ints) -> None:
        self.tail, self.head = pairs[:, 0], pairs[:, 1]

    def into(self, rows: Bits, of: Bits, new: Flags) -> Ints:
        """Add to the row of each taker the rows of what it takes over that are new; return who takes any."""
        chosen = np.flatnonzero(new[self.head])
        if not len(chosen):
            return chosen
        tail, head = self.tail[chosen], self.head[chosen]
        first = np.flatnonzero(np.diff(tail, prepend=-1))
        takers, ends = tail[first], np.append(first[1:], len(tail))
        at_a_time = min(max(1, _CHUNK // rows.shape[1]), len(tail))
        place = np.empty((at_a_time, rows.shape[1]), dtype=np.uint64)
        start = 0
        while start < len(takers):
            begin, end = int(first[start]), int(ends[start])
            if end - begin > at_a_time:
                for some in range(begin, end, at_a_time):
                    heads = _gathered(of, head[some : min(some + at_a_time, end)], place)
                    rows[takers[start]] |= np.bitwise_or.reduce(heads, axis=0)
                start += 1
                continue
            stop = int(np.searchsorted(ends, begin + at_a_time, side="right"))
            heads = _gathered(of, head[begin : int(ends[stop - 1])], place)
            rows[takers[start:stop]] |= np.bitwise_or.reduceat(heads, first[start:stop] - begin, axis=0)
            start = stop
        return takers


def _gathered(of: Bits, some: Ints, place: Bits) -> Bits:
    return of.take(some, axis=0, out=place[: len(some)], mode="clip")


def _layers(free: Ints, count: int) -> list[Ints]:
    """Return the pairs of an acyclic graph in layers: heads of one layer take over only in layers before it."""
    open_ends = np.bincount(free[:, 0], minlength=count)
    by_head = np.argsort(free[:, 1], kind="stable")
    tails, heads = free[by_head, 0], free[by_head, 1]
    ready = np.flatnonzero(open_ends == 0)
    depth = np.zeros(count, dtype=np.int64)
    number = 0
    while len(ready):
        depth[ready] = number
        chosen = slices(np.searchsorted(heads, ready, side="left"), np.searchsorted(heads, ready, side="right"))
        takers = tails[chosen]
        np.subtract.at(open_ends, takers, 1)
        candidates = distinct(takers)
        ready = candidates[open_ends[candidates] == 0]
        number += 1
    of_layer = depth[free[:, 0]]
    return [free[of_layer == layer] for layer in range(1, number)]
