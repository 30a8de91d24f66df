"""What falls with many nodes at once: sums over stores, block by block, so that no matrix of all of them is kept."""

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.score._ground import LEVELS, Flags, Floats, Ground
from auditkit.score.kernels import UNREACHED, Tiers, cheapest, tails_of

__all__ = ["Block", "Sums", "blocks", "sums"]

Ints = NDArray[np.int64]

_FINEST = 16
"""Parts of a step that costs are counted in at most; where that is not enough, each source is searched by itself."""

_STORES = 400
_PAIRS = 1 << 19
"""Stores, and pairs of source and store, that are looked at together."""

_MOST = 64
"""Steps from which a strength is too small to count (see :attr:`Ground.unit`); it is still not 0."""


class Block(msgspec.Struct, frozen=True):
    """Pairs of source and store of which the source reaches some access.

    Attributes
    ----------
    source, store : ndarray of int64, shape (pairs,)
        Numbers of both, sorted by source.
    rho : ndarray of float64, shape (pairs, levels)
        Strength of each access; 0 where there is none.
    """

    source: Ints
    store: Ints
    rho: Floats


class Sums(msgspec.Struct, frozen=True):
    """What falls with each source.

    Attributes
    ----------
    radius, at_all : ndarray of int64, shape (sources, 2)
        ``BR`` and ``BRmax``, low and high, in units of :attr:`Ground.unit`.
    stores, jewels : ndarray of int64, shape (sources,)
        Stores and crown jewels reached.
    worst : ndarray of int64, shape (sources,)
        Store that adds most; -1 for none.
    worst_part : ndarray of int64, shape (sources,)
        What it adds to the high bound, in units.
    """

    radius: Ints
    at_all: Ints
    stores: Ints
    jewels: Ints
    worst: Ints
    worst_part: Ints


def sums(ground: Ground, sources: Ints, *, steps: Flags | None = None, cost: Floats | None = None) -> Sums:
    """Return what falls with each source.

    Parameters
    ----------
    ground
        Stores and steps.
    sources : ndarray of int64
        States that are taken over.
    steps : ndarray of bool
        Steps that are open, all of them by default.
    cost : ndarray of float64
        Costs in place of those of the steps.
    """
    count = len(sources)
    radius, at_all = np.zeros((2, count, 2), dtype=np.int64)
    stores, jewels = np.zeros((2, count), dtype=np.int64)
    worst, best = np.full(count, -1, dtype=np.int64), np.full((count, 2), -1, dtype=np.int64)
    is_jewel = np.array([ground.is_jewel(place) for place in ground.stores], dtype=bool)
    for block in blocks(ground, sources, steps=steps, cost=cost):
        parts = ground.units(block.store, block.rho)
        at, first = np.unique(block.source, return_index=True)
        radius[at] += np.add.reduceat(parts, first, axis=0)
        at_all[at] += np.add.reduceat(ground.units(block.store, (block.rho > 0).astype(np.float64)), first, axis=0)
        stores[at] += np.add.reduceat(np.ones(len(parts), dtype=np.int64), first)
        jewels[at] += np.add.reduceat(is_jewel[block.store].astype(np.int64), first)
        top, store = _worst_of(parts, block.store, first)
        better = _above(top, store, best[at], worst[at])
        best[at[better]], worst[at[better]] = top[better], store[better]
    return Sums(radius, at_all, stores, jewels, worst, np.maximum(best[:, 1], 0))


def _worst_of(parts: Ints, stores: Ints, first: Ints) -> tuple[Ints, Ints]:
    """Return of each group of pairs the largest part, by high and then low bound, and the first store that adds it."""
    sizes = np.diff(np.append(first, len(stores)))
    high = np.maximum.reduceat(parts[:, 1], first)
    low = np.maximum.reduceat(np.where(parts[:, 1] == np.repeat(high, sizes), parts[:, 0], -1), first)
    among = (parts[:, 1] == np.repeat(high, sizes)) & (parts[:, 0] == np.repeat(low, sizes))
    store = np.minimum.reduceat(np.where(among, stores, np.iinfo(np.int64).max), first)
    return np.stack([high, low], axis=1), store


def _above(part: Ints, store: Ints, best: Ints, worst: Ints) -> Flags:
    """Return where a store adds more than the worst so far: by high, then low bound, then the first of the stores."""
    high, low = part[:, 1] - best[:, 1], part[:, 0] - best[:, 0]
    above: Flags = (high > 0) | ((high == 0) & ((low > 0) | ((low == 0) & (store < worst))))
    return above


def blocks(ground: Ground, sources: Ints, *, steps: Flags | None = None, cost: Floats | None = None) -> Iterator[Block]:
    """Yield all pairs of source and store of which something is reached; parameters as of :func:`sums`."""
    cost = ground.attack.cost if cost is None else cost
    cost = cost if steps is None else np.where(steps, cost, np.inf)
    if not len(sources) or not len(ground.stores):
        return
    parts = _parts_of_a_step(cost[np.isfinite(cost)])
    yield from _by_tiers(ground, sources, cost, parts) if parts else _one_by_one(ground, sources, cost)


def _parts_of_a_step(cost: Floats) -> int:
    """Return in how many parts of a step all costs can be counted; 0 if they are too fine for that."""
    return next((parts for parts in (1, 2, 4, 8, _FINEST) if np.all(cost * parts == np.floor(cost * parts))), 0)


def _by_tiers(ground: Ground, sources: Ints, cost: Floats, parts: int) -> Iterator[Block]:
    attack, levels = ground.attack, len(LEVELS)
    is_open = np.isfinite(cost)
    tiers = Tiers(
        tails_of(attack.start)[is_open],
        attack.head[is_open],
        (cost[is_open] * parts).astype(np.int64),
        states=attack.states,
        sources=sources,
        columns=ground.states.ravel(),
    )
    strength = np.zeros(UNREACHED + 1)
    strength[:UNREACHED] = np.exp2(-np.arange(UNREACHED) / parts)
    for begin in range(0, len(ground.stores), _STORES):
        states = ground.states[begin : begin + _STORES]
        found = tiers.costs(states.ravel(), _MOST * parts).reshape(len(sources), len(states), levels)
        at_a_time = max(1, _PAIRS // len(states))
        for row in range(0, len(sources), at_a_time):
            costs = found[row : row + at_a_time]
            source, store = np.nonzero((costs != UNREACHED).any(axis=2))
            if len(source):
                yield Block(source + row, store + begin, strength[costs[source, store]])


def _one_by_one(ground: Ground, sources: Ints, cost: Floats) -> Iterator[Block]:
    attack = ground.attack
    for number, source in enumerate(sources.tolist()):
        costs = cheapest(attack.start, attack.head, cost, {source: 0.0})[ground.states]
        store = np.flatnonzero(np.isfinite(costs).any(axis=1))
        if len(store):
            yield Block(np.full(len(store), number), store, np.exp2(-np.minimum(costs[store], _MOST)))
