"""The k cheapest paths: best first, under bounds that are exact without the ban on meeting a state twice.

Partial paths are taken up in the order of their cost and the least cost from there on, known from one run backwards
(A*: Hart, Nilsson and Raphael 1968, doi:10.1109/TSSC.1968.300136; the k best: Yen 1971, doi:10.1287/mnsc.17.11.712).
:func:`k_cheapest_plain` is the twin: it lists all paths and sorts them.
"""

import heapq
import math
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from auditkit.score.kernels.single import Floats, cheapest
from auditkit.score.kernels.steps import Ints, tails_of

__all__ = ["Network", "k_cheapest", "k_cheapest_plain"]

Path = tuple[float, tuple[int, ...], tuple[int, ...]]
"""Cost, states, steps."""


class Network:
    """Steps to look for cheapest paths in, kept as they are needed.

    Parameters
    ----------
    start, head, cost
        As of :func:`~auditkit.score.kernels.single.cheapest`.
    """

    def __init__(self, start: Ints, head: Ints, cost: Floats) -> None:
        order: NDArray[np.int64] = np.argsort(head, kind="stable")
        self._back = np.searchsorted(head[order], np.arange(len(start))), tails_of(start)[order], cost[order]
        self._steps = start.tolist(), head.tolist(), cost.tolist()

    def k_cheapest(
        self, starts: Mapping[int, float], targets: Collection[int], *, k: int, budget: int = 200_000
    ) -> tuple[list[Path], bool]:
        """Return the k cheapest paths, as :func:`k_cheapest` does."""
        onward = cheapest(*self._back, dict.fromkeys(targets, 0.0))
        begin, to, price = self._steps
        ends = frozenset(targets)
        heap: list[tuple[float, int, tuple[int, ...], tuple[int, ...], float]] = [
            (initial + float(onward[state]), 0, (state,), (), float(initial))
            for state, initial in starts.items()
            if initial + onward[state] < math.inf
        ]
        heapq.heapify(heap)
        found: list[Path] = []
        while heap and len(found) < k:
            if budget == 0:
                return found, False
            budget -= 1
            _, count, states, steps, so_far = heapq.heappop(heap)
            last = states[-1]
            if last in ends:
                found.append((so_far, states, steps))
                continue
            for step in range(begin[last], begin[last + 1]):
                state, total = to[step], so_far + price[step]
                bound = total + float(onward[state])
                if bound < math.inf and state not in states:
                    heapq.heappush(heap, (bound, count + 1, (*states, state), (*steps, step), total))
        return found, True


def k_cheapest(
    start: Ints,
    head: Ints,
    cost: Floats,
    starts: Mapping[int, float],
    targets: Collection[int],
    *,
    k: int,
    budget: int = 200_000,
) -> tuple[list[Path], bool]:
    """Return the k cheapest paths that meet no state twice, by cost, then number of steps, then states and steps.

    Parameters
    ----------
    start, head, cost
        As of :func:`~auditkit.score.kernels.single.cheapest`.
    starts
        States that paths begin at, with the cost that they start at.
    targets
        States that they end at.
    k, budget
        Most paths, and most partial paths that are taken up.

    Returns
    -------
    paths
        Cost, states and steps of each.
    exhaustive
        False if the budget ran out.
    """
    return Network(start, head, cost).k_cheapest(starts, targets, k=k, budget=budget)


def k_cheapest_plain(
    start: Ints, head: Ints, cost: Floats, starts: Mapping[int, float], targets: Collection[int], *, k: int
) -> list[Path]:
    """Return the paths of :func:`k_cheapest` by listing all there are."""
    found: list[Path] = []
    partial = [(float(initial), (state,), ()) for state, initial in starts.items() if initial < math.inf]
    while partial:
        so_far, states, steps = partial.pop()
        if states[-1] in targets:
            found.append((so_far, states, steps))
            continue
        for step in range(int(start[states[-1]]), int(start[states[-1] + 1])):
            state = int(head[step])
            if state not in states and cost[step] < math.inf:
                partial.append((so_far + float(cost[step]), (*states, state), (*steps, step)))  # type: ignore[arg-type]
    return sorted(found, key=lambda path: (path[0], len(path[2]), path[1], path[2]))[:k]
