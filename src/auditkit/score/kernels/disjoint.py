"""Ways that share no edge: how many there are to one target after the other, and the cut nearest to where they begin.

By Menger's theorem (1927) they are a maximum flow with capacity 1 on every edge. For each target, ways are found one by
one, backwards and with those taken back that stand in the way (Ford and Fulkerson 1956, doi:10.4153/CJM-1956-045-5),
nearest states first. What targets have in common is kept: how far each state is from an entry, and, of each search
that fails, what it met: everything in there has no more ways in than the flow that it proved to be the most. So a
search is as large as what lies between a target and the edges that are its bottleneck, and a bottleneck that many
targets share is proved once. :func:`disjoint_plain` is the twin, a minimum cut for each target.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from auditkit.score.kernels.cuts import minimum_cut_plain
from auditkit.score.kernels.reach import Ints, by_tail, slices

__all__ = ["Disjoint", "Taken", "disjoint_plain"]


class Taken:
    """Ways to some targets that share no edge.

    Attributes
    ----------
    targets
        States that they end at.
    count
        Number of ways.
    onward : dict of int to Counter
        Ways from each node to the next.
    begun : Counter
        Ways that begin at each state.
    """

    def __init__(self, targets: Collection[int]) -> None:
        self.targets = frozenset(targets)
        self.count = 0
        self.onward: dict[int, Counter[int]] = {}
        self.begun: Counter[int] = Counter()
        self._ended: Counter[int] = Counter()

    def take(self, begin: int, towards: Mapping[int, int]) -> None:
        """Add a way that begins at a state, given where each node leads to; where it goes back, that is taken back."""
        self.count += 1
        self.begun[begin] += 1
        node = begin
        while (after := towards[node]) >= 0:
            back = self.onward.get(after)
            if back and back[node]:
                back[node] -= 1
                if not back[node]:
                    del back[node]
            else:
                self.onward.setdefault(node, Counter())[after] += 1
            node = after
        self._ended[node] += 1

    def ways(self) -> Iterator[list[int]]:
        """Yield the nodes of each way."""
        onward = {node: Counter(after) for node, after in self.onward.items()}
        ended = Counter(self._ended)
        for node in self.begun.elements():
            way = [node]
            while not ended[way[-1]]:
                after = next(iter(+onward[way[-1]]))
                onward[way[-1]][after] -= 1
                way.append(after)
            ended[way[-1]] -= 1
            yield way


class Disjoint:
    """States, edges between them, and entries, to be asked for ways to targets.

    Nodes are numbered: states first, then edges. An edge leads from one state to one or several.

    Parameters
    ----------
    tail, head : ndarray of int64, shape (steps,)
        States that each step leads from and to.
    edge : ndarray of int64, shape (steps,)
        Edge that each step is part of, -1 for none: such a step can be taken by any number of ways. The steps of an
        edge have one tail.
    states
        Number of states.
    entries
        States where ways begin, and whether only one way can begin there.
    through
        States that stand between ends of many edges at once: from each edge that leads to one of them there is an edge
        of its own to each state after it, for each edge by which that is left. What is reached between two of these
        states, or from them by a step without an edge, is reached by the same edge.

    Attributes
    ----------
    stands_for : dict of int to tuple of int
        Edges that lead through such states, made when they are met, by the nodes of ways: the edge that leads in, the
        edge that leads out, and the state that is reached.
    """

    def __init__(
        self,
        tail: Ints,
        head: Ints,
        edge: Ints,
        *,
        states: int,
        entries: Mapping[int, bool],
        through: Collection[int] = (),
    ) -> None:
        self._states, self._entries = states, dict(entries)
        self._through = frozenset(through)
        self.stands_for: dict[int, tuple[int, int, int]] = {}
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._reached: dict[int, tuple[list[int], list[int]]] = {}
        self._holds: dict[int, list[int]] = {}
        self._next = states + int(edge.max(initial=-1)) + 1
        self.far = _distances(tail, head, states, sorted(entries))
        known = np.flatnonzero(self.far[tail] >= 0)
        tail, head, edge = tail[known], head[known], edge[known]
        before = np.where(edge < 0, tail, edge + states)
        order = np.lexsort((before, -self.far[tail], head))
        self._start: list[int] = np.searchsorted(head[order], np.arange(states + 1)).tolist()
        self._before: list[int] = before[order].tolist()
        of_edge = np.flatnonzero(edge >= 0)
        self._tail_of: dict[int, int] = dict(zip(before[of_edge].tolist(), tail[of_edge].tolist(), strict=True))
        self._shut: dict[int, tuple[int, int]] = {}
        self._searches = 0

    def ways(self, targets: Collection[int]) -> Taken:
        """Return as many ways as there are that share no edge, each from an entry to one of the targets.

        Raises
        ------
        ValueError
            If there are any number of them: a way takes no edge, from an entry where any number begin.
        """
        taken = Taken(targets)
        most = self._at_most(taken.targets)
        while taken.count < most:
            begin, towards = self._search(taken.targets, taken)
            if begin < 0:
                self._note(towards, taken.count)
                break
            taken.take(begin, towards)
            if taken.count > len(self._tail_of) + len(self._entries):
                raise ValueError("any number of ways lead to a target")
        return taken

    def _note(self, met: Collection[int], count: int) -> None:
        """Keep that what a failed search has met has so many ways in, all together."""
        self._searches += 1
        here = count, self._searches
        for node in met:
            if node < self._states and self._shut.get(node, here) >= here:
                self._shut[node] = here

    def _at_most(self, targets: Collection[int]) -> float:
        """Return a number that ways to the targets never exceed: edges that end there, or what is kept of them."""
        last: set[int] = set()
        through = 0
        for target in targets:
            plain, leaving = self._into(target)
            last.update(plain)
            through += sum(len(self._held(self._tail_of[edge])) for edge in leaving)
        doors = sum(1 if self._entries[target] else math.inf for target in targets if target in self._entries)
        ending = math.inf if any(node < self._states for node in last) else len(last) + through + doors
        shut = [self._shut.get(target) for target in targets]
        return min(ending, math.inf if None in shut else sum(count for count, _ in {one for one in shut if one}))

    def _search(
        self, targets: Collection[int], taken: Taken, without: Collection[int] = ()
    ) -> tuple[int, dict[int, int]]:
        """Return an entry from where one more way leads to a target, -1 for none, and where each node leads to."""
        towards = dict.fromkeys(sorted(targets), -1)
        fringe = list(towards)
        onward, begun, entries, states = taken.onward, taken.begun, self._entries, self._states
        tail_of = self._tail_of
        waiting: dict[int, list[int]] = {}
        across: dict[int, tuple[int, int, int]] = {}
        while fringe:
            node = fringe.pop()
            if node in entries and not (entries[node] and begun[node]):
                return node, self._with_edges(node, towards, across)
            after = onward.get(node) or ()
            plain, leaving = self._into(node) if node < states else ((tail_of[node],) * (not after), ())
            for other in (*after, *plain):
                if other not in towards and other not in without:
                    towards[other] = node
                    fringe.append(other)
            for edge in leaving:
                gate, left = tail_of[edge], []
                for end in waiting.get(gate, self._held(gate)):
                    before = tail_of[end]
                    if before in towards or before in without:
                        continue
                    number = self._numbers.get((end, edge, node), -1)
                    if number >= 0 and (onward.get(number) or number in without):
                        left.append(end)
                    else:
                        towards[before], across[before] = node, (end, edge, node)
                        fringe.append(before)
                waiting[gate] = left
        return -1, towards

    def _with_edges(
        self, begin: int, towards: dict[int, int], across: Mapping[int, tuple[int, int, int]]
    ) -> dict[int, int]:
        """Put the edges into a way that a search has left out between two states with others between them.

        A search asks once for each end of such edges, however many states are reached through the same one, and makes
        those alone that its way takes: all of them would be as many as the ends times what is reached.
        """
        node = begin
        while (after := towards[node]) >= 0:
            if node in across:
                number = self._number(*across[node])
                towards[node], towards[number] = number, after
            node = after
        return towards

    def _number(self, entering: int, leaving: int, state: int) -> int:
        """Return the node of the edge that stands for two edges through a state, made when it is first met."""
        key = entering, leaving, state
        if key not in self._numbers:
            self._numbers[key] = self._next
            self.stands_for[self._next] = key
            self._tail_of[self._next] = self._tail_of[entering]
            self._next += 1
        return self._numbers[key]

    def _into(self, state: int) -> tuple[Sequence[int], Sequence[int]]:
        """Return what leads to a state: edges, and states without an edge; and edges that leave what it is behind."""
        found = self._before[self._start[state] : self._start[state + 1]]
        if not self._through:
            return found, ()
        if state not in self._reached:
            if any(self._tail_of.get(node, node) in self._through for node in found):
                plain = [node for node in found if self._tail_of.get(node, node) not in self._through]
                self._reached[state] = plain, self._leaving(state)
            else:
                self._reached[state] = found, []
        return self._reached[state]

    def _leaving(self, state: int) -> list[int]:
        """Return the edges by which a state is reached from those that others lead through."""
        seen, waiting, last = {state}, [state], dict[int, None]()
        while waiting:
            one = waiting.pop()
            for node in self._before[self._start[one] : self._start[one + 1]]:
                if node >= self._states and self._tail_of[node] in self._through:
                    last[node] = None
                elif node in self._through and node not in seen:
                    seen.add(node)
                    waiting.append(node)
        return list(last)

    def _held(self, state: int) -> list[int]:
        """Return the edges that lead to a state that others lead through, from where ways come."""
        if state not in self._holds:
            seen, waiting, found = {state}, [state], dict[int, None]()
            while waiting:
                one = waiting.pop()
                for node in self._before[self._start[one] : self._start[one + 1]]:
                    before = self._tail_of.get(node, node)
                    if before not in self._through:
                        found[node] = None
                    elif before not in seen:
                        seen.add(before)
                        waiting.append(before)
            far, tail_of = self.far, self._tail_of
            self._holds[state] = sorted(found, key=lambda node: (-far[tail_of.get(node, node)], node))
        return self._holds[state]

    def parted(self, targets: Collection[int], without: Collection[int]) -> bool:
        """Return whether every way to a target meets one of some nodes."""
        without = frozenset(without)
        left = [target for target in targets if target not in without]
        return self._search(left, Taken(left), without)[0] < 0

    def cut(self, taken: Taken) -> tuple[list[int], list[int]]:
        """Return the edges and the entries of the minimum cut nearest to the entries, given all ways."""
        near: dict[int, bool] = {}
        used = [node for node, after in taken.onward.items() if node >= self._states and after]
        edges = [
            node - self._states
            for node in used
            if self._near(self._tail_of[node], taken, near) and not self._near(node, taken, near)
        ]
        doors = [state for state in taken.begun if not self._near(state, taken, near)]
        return sorted(edges), sorted(doors)

    def _near(self, node: int, taken: Taken, near: dict[int, bool]) -> bool:
        """Return whether one more way leads from an entry to a node; what comes out on the way is kept in ``near``."""
        if node not in near:
            begin, towards = self._search((node,), taken)
            if begin < 0:
                near.update(dict.fromkeys(towards, False))
            while begin >= 0:
                near[begin] = True
                begin = towards[begin]
        return near[node]


def _distances(tail: Ints, head: Ints, states: int, begins: list[int]) -> NDArray[np.int64]:
    """Return how many steps each state is from where ways begin; -1 where it is not reached."""
    start, to = by_tail(tail, head, states)
    far = np.full(states, -1, dtype=np.int64)
    fringe, number = np.array(begins, dtype=np.int64), 0
    while len(fringe):
        far[fringe] = number
        fringe = to[slices(start[fringe], start[fringe + 1])]
        fringe = np.unique(fringe[far[fringe] < 0])
        number += 1
    return far


def disjoint_plain(
    tail: Ints, head: Ints, edge: Ints, *, states: int, entries: Mapping[int, bool], targets: Collection[int]
) -> tuple[int, list[int], list[int]]:
    """Return the number of ways to targets that share no edge, and the edges and entries of the nearest minimum cut."""
    edges = int(edge.max(initial=-1)) + 1
    source, sink = states + edges, states + edges + 1
    wide = edges + len(entries) + 1
    pipes = {(source, state): 1 if single else wide for state, single in entries.items()}
    pipes |= dict.fromkeys(((target, sink) for target in targets), wide)
    for start, end, number in zip(tail.tolist(), head.tolist(), edge.tolist(), strict=True):
        if number < 0:
            pipes[start, end] = wide
        else:
            pipes |= {(start, states + number): 1, (states + number, end): wide}
    ends = np.array(list(pipes), dtype=np.int64).reshape(-1, 2)
    capacity = np.array(list(pipes.values()), dtype=np.int64)
    value, cut = minimum_cut_plain(ends[:, 0], ends[:, 1], capacity, nodes=sink + 1, source=source, sink=sink)
    pairs = ends[cut].tolist()
    return (
        value,
        sorted(end - states for start, end in pairs if start != source),
        sorted(end for start, end in pairs if start == source),
    )
