"""Steps between states as arrays: sorted by tail, followed from some states, gathered by runs."""

import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct

__all__ = ["Flags", "Ints", "begins", "by_tail", "closed", "each_once", "slices", "spread", "tails_of"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_AT_ONCE = 2
"""Rounds in which all steps are looked at."""


def tails_of(start: Ints) -> Ints:
    """Return the tail of each step, given where the steps of each state begin."""
    return np.repeat(np.arange(len(start) - 1, dtype=np.int64), np.diff(start))


def closed(tail: Ints, head: Ints, marked: Flags) -> Flags:
    """Return which states are marked or reached from those that are.

    Most steps are soon known to lead nowhere new; the others are sorted.
    """
    marked = marked.copy()
    for _ in range(_AT_ONCE):
        new = marked[tail] & ~marked[head]
        if not new.any():
            return marked
        marked[head[new]] = True
        left = ~marked[head]
        tail, head = tail[left], head[left]
    return spread(*by_tail(tail, head, len(marked)), marked)


def by_tail(tail: Ints, head: Ints, states: int) -> tuple[Ints, Ints]:
    """Return where the steps of each state begin, and where they lead to, sorted by tail; those of one in any order."""
    return begins(tail, states), head[np.argsort(tail)]


def begins(ends: Ints, states: int) -> Ints:
    """Return where those of each state begin among steps that are sorted by one of their ends, and how many there are.

    The ends may be in any order.
    """
    return np.append(0, np.cumsum(np.bincount(ends, minlength=states)))


def spread(start: Ints, head: Ints, marked: Flags) -> Flags:
    """Return which states are marked or reached from those that are; steps as :func:`by_tail` gives them."""
    marked = marked.copy()
    fringe = np.flatnonzero(marked)
    while len(fringe):
        to = head[slices(start[fringe], start[fringe + 1])]
        fringe = each_once(to[~marked[to]], len(marked))
        marked[fringe] = True
    return marked


def each_once(states: Ints, size: int) -> Ints:
    """Return states without repetitions, in any order; all are below ``size``."""
    if len(states) > size // 8:
        flags = np.zeros(size, dtype=bool)
        flags[states] = True
        return np.flatnonzero(flags)
    return distinct(states)


def slices(start: Ints, stop: Ints) -> Ints:
    """Return the numbers from each start up to its stop, one after the other."""
    lengths = stop - start
    before = np.cumsum(lengths) - lengths
    return np.repeat(start - before, lengths) + np.arange(int(lengths.sum()))
