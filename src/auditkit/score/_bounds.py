"""How much ``U`` a path can still gain: exact on some walks, of which paths are some, so never too low for paths.

The walks do not turn straight back, and stay in a small circle of places for no more hops than it has other nodes.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from auditkit.score._flow import Flow

__all__ = ["NEVER", "Bounds", "Stations"]

NEVER = -(2**62)
"""Stands for *no such walk*."""

Ints = NDArray[np.int64]


_SMALL = 12
"""Most nodes of a circle in which hops are counted."""


class Stations:
    """Places to go on from, apart by how many more hops a path can stay in the same circle of nodes.

    A circle is a strongly connected component. A path meets a node once, so in a circle of ``n`` nodes it makes at
    most ``n - 1`` hops, and does not come back. Where there are more than a dozen nodes that is not counted.

    Parameters
    ----------
    flow
        Places and steps.
    hops
        Most hops of a walk.

    Attributes
    ----------
    room : list of int
        Hops that a path can make in the circle of each place; 0 where that is not counted.
    circle : list of int
        Number of the circle of each place; -1 where hops are not counted.
    """

    def __init__(self, flow: Flow, *, hops: int) -> None:
        self.node = np.array([place.node for place in flow.places], dtype=np.int64)
        self.going = np.array([number for number, step in enumerate(flow.steps) if not step.first], dtype=np.int64)
        tails, heads = (
            np.array([getattr(step, end) for step in flow.steps], dtype=np.int64) for end in ("tail", "head")
        )
        tails, heads = tails[self.going], heads[self.going]
        circle, size = _circles(self.node[tails], self.node[heads], len(flow.nodes))
        circle, size = circle[self.node], size[self.node]
        counted = (size > 1) & (size <= min(_SMALL, hops))
        room = np.where(counted, size - 1, 0)
        self.room: list[int] = room.tolist()
        self.circle: list[int] = np.where(counted, circle, -1).tolist()
        goes_on = np.zeros(len(flow.places), dtype=bool)
        goes_on[tails] = True
        width = np.where(goes_on, room + 1, 0)
        self.count = int(width.sum())
        self._first = np.where(goes_on, np.cumsum(width) - width, self.count)
        self._rooms = np.where(goes_on, room, 0)
        self._firsts: list[int] = self._first.tolist()
        self._goes_on: list[bool] = goes_on.tolist()
        self._expand(tails, heads, np.array(self.circle, dtype=np.int64))

    def _expand(self, tails: Ints, heads: Ints, circle: Ints) -> None:
        """Lay steps between stations, sorted by tail; ``step`` is the number of each among those that go on."""
        within = (circle[tails] >= 0) & (circle[tails] == circle[heads])
        width = np.where(within, self._rooms[tails], self._rooms[tails] + 1)
        step = np.repeat(np.arange(len(tails)), width)
        left = np.arange(len(step)) - np.repeat(np.cumsum(width) - width, width) + within[step]
        tail = self._first[tails[step]] + left
        first = self._first[heads[step]]
        head = np.where(within[step] & (first < self.count), first + left - 1, self.fresh(heads[step]))
        order = np.argsort(tail, kind="stable")
        self.step: Ints = step[order]
        self.tail: Ints = tail[order]
        self.head: Ints = head[order]

    def fresh(self, places: Ints) -> Ints:
        """Return the stations of places that a path comes to from elsewhere; :attr:`count` where it cannot go on."""
        return self._first[places] + self._rooms[places]

    def at(self, place: int, room: int) -> int:
        """Return the station of a place where a path can stay in the circle for so many hops more."""
        return self._firsts[place] + room if self._goes_on[place] else self.count

    def room_after(self, room: int, tail: int, head: int) -> int:
        """Return the hops that a path can stay in the circle of the head, having had so many at the tail."""
        circle = self.circle[head]
        return room - 1 if circle >= 0 and circle == self.circle[tail] else self.room[head]


def _circles(tails: Ints, heads: Ints, nodes: int) -> tuple[Ints, Ints]:
    """Return the number of the strongly connected component of each node, and how many nodes that has."""
    if not nodes:
        return np.zeros((2, 0), dtype=np.int64)[0], np.zeros(0, dtype=np.int64)
    steps = csr_array((np.ones(len(tails), dtype=np.int8), (tails, heads)), shape=(nodes, nodes))
    circle = connected_components(steps, connection="strong")[1].astype(np.int64)
    return circle, np.bincount(circle)[circle]


class Bounds:
    """The most that walks from a place can add to ``U``, by the hops left and by what they must still meet.

    What a walk must meet, its *aim*, is nothing (0), a place that brings the first, second, ... of :attr:`levels`, or
    no store at all (the last aim). A walk may also *owe* a step that is merely permitted. The layers are computed from
    few hops to many until nothing changes any more: ``O(hops * aims * steps)``.

    Parameters
    ----------
    flow, stations
        Places and steps, and where they are laid.
    u
        ``U`` of each step, in units of ``1 / UNIT``.
    levels
        Sensitivity that each place brings; negative where it brings none.
    hops
        Most hops of a walk.
    owing
        Whether steps that are merely permitted can be owed.
    """

    def __init__(
        self, flow: Flow, stations: Stations, u: Ints, levels: NDArray[np.float64], *, hops: int, owing: bool
    ) -> None:
        self.levels: list[float] = [float(level) for level in np.unique(levels) if level > 0]
        self.no_store = len(self.levels) + 1
        self._owing = owing
        self._stations = stations
        self._steps = _Going(flow, stations, u, levels)
        shape = (3, self.no_store + 1, 1 + owing, stations.count + 1)  # the last one for places where it ends
        layer = np.full(shape, NEVER, dtype=np.int64)
        self._layers = [layer]
        while len(self._layers) <= hops and len(self._steps.tails):
            layer = self._next(layer)
            if np.array_equal(layer, self._layers[-1]):
                break
            self._layers.append(layer)

    def most(self, left: int, aim: int, station: int, came_from: int, *, owes: bool = False) -> int:
        """Return the most ``U`` of walks of at most so many hops, not straight back; ``NEVER`` if there is none."""
        item = self._layers[min(left, len(self._layers) - 1)].item  # numbers one by one, without arrays in between
        turns_back = item((2, aim, int(owes), station)) == came_from
        most: int = item((int(turns_back), aim, int(owes), station))
        return max(most, 0) if not owes and aim in {0, self.no_store} else most

    def most_of(self, left: int, aim: int, places: Ints, came_from: Ints, *, owes: NDArray[np.bool_]) -> Ints:
        """Return :meth:`most` for many places that a path comes to from elsewhere, at once."""
        layer, stations = self._layers[min(left, len(self._layers) - 1)], self._stations.fresh(places)
        found = self._after(layer, aim, 0, stations, came_from)
        return np.where(owes, self._after(layer, aim, 1, stations, came_from), found) if self._owing else found

    def _after(self, layer: Ints, aim: int, owes: int, stations: Ints, came_from: Ints) -> Ints:
        best, second, towards = layer[:, aim, owes, stations]
        most: Ints = np.where(towards == came_from, second, best)
        return np.maximum(most, 0) if not owes and aim in {0, self.no_store} else most

    def _next(self, layer: Ints) -> Ints:
        new = np.full_like(layer, NEVER)
        for owes in range(1 + self._owing):
            for aim in range(self.no_store + 1):
                gain = self._then(layer, aim, owes)
                gain = np.where(gain == NEVER, NEVER, gain + self._steps.u)
                new[:, aim, owes, self._steps.stations] = self._steps.two_best(gain)
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

    def __init__(self, flow: Flow, stations: Stations, u: Ints, levels: NDArray[np.float64]) -> None:
        going = stations.going[stations.step]
        stores = np.array([place.store is not None for place in flow.places], dtype=bool)
        ends = [(flow.steps[number].tail, flow.steps[number].head) for number in stations.going.tolist()]
        tails, heads = np.array(ends, dtype=np.int64).reshape(-1, 2)[stations.step].T
        permitted = np.array([step.permitted for step in flow.steps], dtype=bool)
        self.tails, self.heads = stations.tail, stations.head
        self.permitted = permitted[going] if len(going) else np.zeros(0, dtype=bool)
        self.u = u[going] if len(going) else u[:0]
        self.tail_nodes, self._head_nodes = stations.node[tails], stations.node[heads]
        self.into_store = stores[heads]
        self.brings = levels[heads]
        self.stations, self._first, self._count = np.unique(self.tails, return_index=True, return_counts=True)

    def two_best(self, value: Ints) -> Ints:
        """Return for each tail its best value, the best towards another node than that, and the node of the best."""
        best = np.maximum.reduceat(value, self._first)
        place = np.where(value == np.repeat(best, self._count), np.arange(len(value)), len(value))
        towards = self._head_nodes[np.minimum.reduceat(place, self._first)]
        others = np.where(self._head_nodes == np.repeat(towards, self._count), NEVER, value)
        return np.stack([best, np.maximum.reduceat(others, self._first), towards])
