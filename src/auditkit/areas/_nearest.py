"""Of many nodes at once, the store of the highest rank that each reaches, and how many of no rank."""

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit.score.arrays import Attack
from auditkit.score.kernels import Tiers

__all__ = ["Goals", "Nearest", "Search"]

Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]

_COLUMNS, _WORD = 2048, 64
"""Stores that are looked at together, and bits of a word."""
_UNRANKED = -1


class Goals(NamedTuple):
    """Stores that are looked for.

    Attributes
    ----------
    nodes : ndarray of int64, shape (stores,)
        Node of each.
    ranks : ndarray of int64, shape (stores,)
        Rank of each, 0 upwards; -1 for one that has none.
    states, of : ndarray of int64, shape (states,)
        States that are an access to one, and the number of the store.
    """

    nodes: Ints
    ranks: Ints
    states: Ints
    of: Ints


class Nearest(NamedTuple):
    """What each of some sources reaches, apart from itself.

    Attributes
    ----------
    store : ndarray of int64, shape (sources,)
        Number of the store of the highest rank, of those the one that costs least, of those the first; -1 for none.
    unranked : ndarray of int64, shape (sources,)
        How many stores of no rank are reached.
    """

    store: Ints
    unranked: Ints


class Search:
    """Finds what nodes reach, by whole parts of a step (:class:`~auditkit.score.kernels.Tiers`).

    Parameters
    ----------
    attack
        Steps of an attacker.
    sources
        Nodes that are taken over.
    goals
        What they may reach.
    steps
        Numbers of the steps that lead there, at the highest cost that will be asked for or less.
    parts
        In how many parts of a step all costs that are finite can be counted.
    """

    def __init__(self, attack: Attack, sources: Sequence[int], goals: Goals, steps: Ints, *, parts: int) -> None:
        self._goals, self._parts = goals, parts
        self._apart = attack.states + np.arange(len(goals.nodes))  # a state for each store: every access leads to it
        self._tiers = Tiers(
            np.append(attack.steps.tail[steps], goals.states).astype(np.int64),
            np.append(attack.head[steps], self._apart[goals.of]).astype(np.int64),
            np.append((attack.cost_of(steps) * parts).astype(np.int64), np.zeros_like(goals.of)),
            states=attack.states + len(goals.nodes),
            sources=np.array([attack.taken_over(node) for node in sources], dtype=np.int64),
            columns=self._apart,
        )
        number_of = np.full(len(attack.nodes), -1)
        number_of[goals.nodes] = np.arange(len(goals.nodes))
        self._own: Ints = number_of[np.array(sources, dtype=np.int64)]

    def within(self, cost: float) -> Nearest:
        """Return what the sources reach at a cost, in steps."""
        most = int(cost * self._parts)
        return Nearest(self._best(most), self._unranked(most))

    def _best(self, most: int) -> Ints:
        found = np.full(len(self._own), -1, dtype=np.int64)
        for rank in sorted(set(self._goals.ranks.tolist()) - {_UNRANKED}, reverse=True):
            cost, store = np.where(found < 0, most + 1, -1), np.full_like(found, -1)
            for batch in self._batches(rank):
                for tier, reached in enumerate(self._tiers_of(batch, most)):
                    at = np.flatnonzero((cost > tier) & reached.any(axis=1))
                    if len(at):
                        cost[at], store[at] = tier, batch.first[_first_bit(reached[at])]
            found = np.where(found >= 0, found, store)
        return found

    def _unranked(self, most: int) -> Ints:
        found = np.zeros(len(self._own), dtype=np.int64)
        for batch in self._batches(_UNRANKED):
            *_, reached = self._tiers_of(batch, most)  # the last tier is all that is reached
            for power in range(int(batch.sizes.max()).bit_length()):
                counts = reached & _packed(batch.sizes >> power & 1, reached.shape[1])
                found += np.bitwise_count(counts).sum(axis=1, dtype=np.int64) << power
        return found

    def _batches(self, rank: int) -> Iterator["_Batch"]:
        """Yield the stores of a rank in their order; those that are reached alike together, but for sources."""
        numbers = np.flatnonzero(self._goals.ranks == rank)
        numbers = numbers[self._tiers.is_led_to(self._apart[numbers])]
        if not len(numbers):
            return
        _, which = self._tiers.classes(self._apart[numbers])
        which = np.where(np.isin(numbers, self._own), which.max() + 1 + np.arange(len(numbers)), which)
        _, first, count = np.unique(which, return_index=True, return_counts=True)
        order = np.argsort(first)
        firsts, counts = numbers[first[order]], count[order]
        for begin in range(0, len(firsts), _COLUMNS):
            chosen = firsts[begin : begin + _COLUMNS]
            yield _Batch(self._apart[chosen], chosen, counts[begin : begin + _COLUMNS])

    def _tiers_of(self, batch: "_Batch", most: int) -> Iterator[Bits]:
        """Yield what sources reach but for themselves, tier by tier: a row of bits for each source."""
        place = np.full(len(self._apart) + 1, -1)
        place[batch.first] = np.arange(len(batch.first))
        own = place[self._own]
        at = np.flatnonzero(own >= 0)
        byte, bit = own[at] >> 3, (128 >> (own[at] & 7)).astype(np.uint8)
        for tier in itertools.islice(self._tiers.bits(batch.columns), most + 1):
            reached = tier[self._tiers.rows]
            reached.view(np.uint8)[at, byte] &= ~bit
            yield reached


class _Batch(NamedTuple):
    """Stores that are looked at together: a column for each that stands for some, the first of them, and how many."""

    columns: Ints
    first: Ints
    sizes: Ints


def _packed(flags: Ints, words: int) -> Bits:
    """Return flags as a row of bits, as tiers have them."""
    packed = np.zeros(words * _WORD // 8, dtype=np.uint8)
    bits = np.packbits(flags.astype(bool))
    packed[: len(bits)] = bits
    return packed.view(np.uint64)


def _first_bit(rows: Bits) -> Ints:
    """Return the place of the first bit of each row that has any."""
    word = (rows != 0).argmax(axis=1)
    bits = np.unpackbits(rows[np.arange(len(rows)), word].view(np.uint8).reshape(len(rows), -1), axis=1)
    place: Ints = word * _WORD + bits.argmax(axis=1)
    return place
