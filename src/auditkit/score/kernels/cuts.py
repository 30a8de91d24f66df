"""Minimum cuts: the cheapest pipes that part a source from a sink.

By the theorem of Ford and Fulkerson (1956, doi:10.4153/CJM-1956-045-5) that is a maximum flow, which SciPy finds by
Dinic's algorithm (1970). Of all minimum cuts the one nearest to the source is given, which is the same whatever flow
was found. :func:`minimum_cut_plain` is the twin, by Edmonds and Karp (1972, doi:10.1145/321694.321699).
"""

from collections import deque

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

from auditkit.score.kernels.steps import Ints, closed

__all__ = ["minimum_cut", "minimum_cut_plain"]


def minimum_cut(tail: Ints, head: Ints, capacity: Ints, *, nodes: int, source: int, sink: int) -> tuple[int, Ints]:
    """Return the value of a minimum cut and the pipes in it.

    Parameters
    ----------
    tail, head, capacity : ndarray of int64, shape (pipes,)
        Ends of each pipe and what it takes to cut it, 1 upwards; the sum below 2**31.
    nodes
        Number of nodes.
    source, sink
        Nodes to be parted; not the same.

    Returns
    -------
    value : int
        Sum of the capacities of the cut.
    pipes : ndarray of int64
        Numbers of the pipes in it, rising.
    """
    network = csr_array((capacity.astype(np.int32), (tail, head)), shape=(nodes, nodes))
    found = maximum_flow(network, source, sink)
    left = coo_array(network - found.flow)
    is_open = left.data > 0
    marked = np.zeros(nodes, dtype=bool)
    marked[source] = True
    near = closed(left.row[is_open].astype(np.int64), left.col[is_open].astype(np.int64), marked)
    return int(found.flow_value), np.flatnonzero(near[tail] & ~near[head])


def minimum_cut_plain(
    tail: Ints, head: Ints, capacity: Ints, *, nodes: int, source: int, sink: int
) -> tuple[int, Ints]:
    """Return the same as :func:`minimum_cut`, path by path."""
    left: list[dict[int, int]] = [{} for _ in range(nodes)]
    for start, end, most in zip(tail.tolist(), head.tolist(), capacity.tolist(), strict=True):
        left[start][end] = left[start].get(end, 0) + most
        left[end].setdefault(start, 0)
    value = 0
    while sink in (came_from := _searched(left, source)):
        path, node = [], sink
        while node != source:
            path.append((came_from[node], node))
            node = came_from[node]
        most = min(left[start][end] for start, end in path)
        for start, end in path:
            left[start][end] -= most
            left[end][start] += most
        value += most
    ends = zip(tail.tolist(), head.tolist(), strict=True)
    cut = [number for number, (start, end) in enumerate(ends) if start in came_from and end not in came_from]
    return value, np.array(cut, dtype=np.int64)


def _searched(left: list[dict[int, int]], source: int) -> dict[int, int]:
    came_from, queue = {source: source}, deque([source])
    while queue:
        node = queue.popleft()
        for end, most in left[node].items():
            if most and end not in came_from:
                came_from[end] = node
                queue.append(end)
    return came_from
