"""How much ``U`` a path can still gain: exact on walks that do not turn straight back, so never too low for paths."""

import numpy as np
from numpy.typing import NDArray

from auditkit.score._flow import Flow

__all__ = ["NEVER", "Bounds"]

NEVER = -(2**62)
"""Stands for *no such walk*."""

Ints = NDArray[np.int64]


class Bounds:
    """The most that walks from a place can add to ``U``, by the hops left and by what they must still meet.

    What a walk must meet, its *aim*, is nothing (0), a place that brings the first, second, ... of :attr:`levels`, or
    no store at all (the last aim). A walk may also *owe* a step that is merely permitted. The layers are computed from
    few hops to many until nothing changes any more: ``O(hops * aims * steps)``.

    Parameters
    ----------
    flow
        Places and steps.
    u
        ``U`` of each step, in units of ``1 / UNIT``.
    levels
        Sensitivity that each place brings; negative where it brings none.
    hops
        Most hops of a walk.
    owing
        Whether steps that are merely permitted can be owed.
    """

    def __init__(self, flow: Flow, u: Ints, levels: NDArray[np.float64], *, hops: int, owing: bool) -> None:
        self.levels: list[float] = [float(level) for level in np.unique(levels) if level > 0]
        self.no_store = len(self.levels) + 1
        self._owing = owing
        self._steps = _Going(flow, u, levels)
        shape = (3, self.no_store + 1, 1 + owing, len(flow.places))
        layer = np.full(shape, NEVER, dtype=np.int64)
        self._layers = [layer]
        while len(self._layers) <= hops and len(self._steps.tails):
            layer = self._next(layer)
            if np.array_equal(layer, self._layers[-1]):
                break
            self._layers.append(layer)

    def most(self, left: int, aim: int, place: int, came_from: int, *, owes: bool = False) -> int:
        """Return the most ``U`` of walks of at most so many hops, not straight back; ``NEVER`` if there is none."""
        item = self._layers[min(left, len(self._layers) - 1)].item  # numbers one by one, without arrays in between
        turns_back = item((2, aim, int(owes), place)) == came_from
        most: int = item((int(turns_back), aim, int(owes), place))
        return max(most, 0) if not owes and aim in {0, self.no_store} else most

    def most_of(self, left: int, aim: int, places: Ints, came_from: Ints, *, owes: NDArray[np.bool_]) -> Ints:
        """Return :meth:`most` for many places at once."""
        layer = self._layers[min(left, len(self._layers) - 1)]
        found = self._after(layer, aim, 0, places, came_from)
        return np.where(owes, self._after(layer, aim, 1, places, came_from), found) if self._owing else found

    def _after(self, layer: Ints, aim: int, owes: int, places: Ints, came_from: Ints) -> Ints:
        best, second, towards = layer[:, aim, owes, places]
        most: Ints = np.where(towards == came_from, second, best)
        return np.maximum(most, 0) if not owes and aim in {0, self.no_store} else most

    def _next(self, layer: Ints) -> Ints:
        new = np.full_like(layer, NEVER)
        for owes in range(1 + self._owing):
            for aim in range(self.no_store + 1):
                gain = self._then(layer, aim, owes)
                gain = np.where(gain == NEVER, NEVER, gain + self._steps.u)
                new[:, aim, owes, self._steps.places] = self._steps.two_best(gain)
        return new

    def _then(self, layer: Ints, aim: int, owes: int) -> Ints:
        """Return what follows each step, given what must be met and is owed before it."""
        steps = self._steps
        gain = self._after(layer, aim, owes, steps.heads, steps.tail_nodes)
        if owes:
            paid = self._after(layer, aim, 0, steps.heads, steps.tail_nodes)
            gain = np.where(steps.permitted, paid, gain)
        if aim == self.no_store:
            return np.where(steps.into_store, NEVER, gain)
        if aim:
            return np.where(steps.brings >= self.levels[aim - 1], self._then(layer, 0, owes), gain)
        return gain


class _Going:
    """Steps on which a path can go on, as arrays sorted by tail."""

    def __init__(self, flow: Flow, u: Ints, levels: NDArray[np.float64]) -> None:
        going = np.array([number for number, step in enumerate(flow.steps) if not step.first], dtype=np.int64)
        nodes = np.array([place.node for place in flow.places], dtype=np.int64)
        stores = np.array([place.store is not None for place in flow.places], dtype=bool)
        self.tails = np.array([flow.steps[number].tail for number in going], dtype=np.int64)
        self.heads = np.array([flow.steps[number].head for number in going], dtype=np.int64)
        self.permitted = np.array([flow.steps[number].permitted for number in going], dtype=bool)
        self.u = u[going]
        self.tail_nodes, self._head_nodes = nodes[self.tails], nodes[self.heads]
        self.into_store = stores[self.heads]
        self.brings = levels[self.heads]
        self.places, self._first, self._count = np.unique(self.tails, return_index=True, return_counts=True)

    def two_best(self, value: Ints) -> Ints:
        """Return for each tail its best value, the best towards another node than that, and the node of the best."""
        best = np.maximum.reduceat(value, self._first)
        place = np.where(value == np.repeat(best, self._count), np.arange(len(value)), len(value))
        towards = self._head_nodes[np.minimum.reduceat(place, self._first)]
        others = np.where(self._head_nodes == np.repeat(towards, self._count), NEVER, value)
        return np.stack([best, np.maximum.reduceat(others, self._first), towards])
