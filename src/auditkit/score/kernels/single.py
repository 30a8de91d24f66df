"""Least costs from one set of starts, whatever the costs are: by falling into line, cheapest total first.

All states of one total are taken up at once, so that a run is a few dozen passes of NumPy where costs are whole steps
(Dial 1969, doi:10.1145/363269.363610). :func:`cheapest_plain` is the twin, with a heap (Dijkstra 1959).
"""

import heapq
import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from auditkit.score.kernels.steps import Ints, each_once, slices

__all__ = ["cheapest", "cheapest_plain"]

Floats = NDArray[np.float64]


def cheapest(start: Ints, head: Ints, cost: Floats, starts: Mapping[int, float]) -> Floats:
    """Return the least cost of every state: ``O(E)`` for each total that occurs, at most.

    Parameters
    ----------
    start : ndarray of int64, shape (states + 1,)
        Where the steps of each state begin.
    head : ndarray of int64, shape (steps,)
        State that each step leads to.
    cost : ndarray of float64, shape (steps,)
        Its cost, 0 upwards; infinite for a step that is closed.
    starts
        States that are held from the beginning, with the cost that they start at.

    Returns
    -------
    ndarray of float64, shape (states,)
        Infinite where there is no way.
    """
    least = np.full(len(start) - 1, math.inf)
    states = np.fromiter(starts.keys(), dtype=np.int64, count=len(starts))
    initial = np.fromiter(starts.values(), dtype=np.float64, count=len(starts))
    waiting = {float(total): [states[initial == total]] for total in np.unique(initial[np.isfinite(initial)])}
    while waiting:
        total = min(waiting)
        fringe = each_once(np.concatenate(waiting.pop(total)), len(least))
        while len(fringe := fringe[least[fringe] > total]):
            least[fringe] = total
            steps = slices(start[fringe], start[fringe + 1])
            to, price = head[steps], cost[steps]
            better = total + price < least[to]
            to, price = to[better], price[better]
            fringe = each_once(to[price == 0], len(least))
            dear = price > 0
            for more in set(price[dear].tolist()):
                waiting.setdefault(total + more, []).append(to[price == more])
    return least


def cheapest_plain(start: Ints, head: Ints, cost: Floats, starts: Mapping[int, float]) -> Floats:
    """Return the same as :func:`cheapest`, state by state."""
    begin, to, price = start.tolist(), head.tolist(), cost.tolist()
    least = [math.inf] * (len(begin) - 1)
    queue = [(float(initial), state) for state, initial in starts.items() if initial < math.inf]
    heapq.heapify(queue)
    while queue:
        total, state = heapq.heappop(queue)
        if least[state] <= total:
            continue
        least[state] = total
        for step in range(begin[state], begin[state + 1]):
            if total + price[step] < least[to[step]]:
                heapq.heappush(queue, (total + price[step], to[step]))
    return np.array(least, dtype=np.float64)
