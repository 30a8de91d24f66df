"""A network read backwards, from where ways end to where they begin, with edges that others lead through.

An edge that leads through states between (from one that holds a grant to what the grant is on) is one of very many: a
search asks once for each end of such edges, and only edges that a way takes are made.
"""

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from auditkit.score.kernels.steps import Ints, by_tail, slices

__all__ = ["Backwards", "Crossing", "Search"]

Crossing = tuple[int, int, int]
"""An edge through states between: the edge that leads in, the edge that leads out, and what is reached."""

Onward = Mapping[int, Mapping[int, int]]
"""How many ways lead from each node to the next."""


class Backwards:
    """What leads to each state, nearest to the entries last. Parameters as of :class:`.Disjoint`.

    Attributes
    ----------
    states
        Number of states.
    entries
        States where ways begin, and whether only one way can begin there.
    far : ndarray of int64, shape (states,)
        How many steps each state is from an entry; -1 where none leads to it.
    tail_of : array of int
        State that each edge leads from; a state itself.
    far_of : array of int
        How many steps that is from an entry.
    made, stands_for : dict
        Nodes of the edges through states between that were made, and the other way round.
    """

    def __init__(
        self, tail: Ints, head: Ints, edge: Ints, *, states: int, entries: Mapping[int, bool],
        through: Collection[int], says: Ints,
    ) -> None:  # fmt: skip
        self.states, self.entries = states, dict(entries)
        self._through = frozenset(through)
        self.far = _distances(tail, head, states, sorted(entries))
        nodes = states + int(edge.max(initial=-1)) + 1
        far_of, tail_of = np.full(nodes, -1, dtype=np.int64), np.arange(nodes, dtype=np.int64)
        known = np.flatnonzero(self.far[tail] >= 0)
        tail, head, edge = tail[known], head[known], edge[known]
        before = np.where(edge < 0, tail, edge + states)
        far_of[:states] = self.far
        far_of[before], tail_of[before] = self.far[tail], tail
        self.far_of, self.tail_of = _numbers(far_of), _numbers(tail_of)
        order = np.lexsort((before, -self.far[tail], head))
        is_between = np.zeros(states, dtype=bool)
        is_between[list(self._through)] = True
        from_between = is_between[tail[order]]
        self._plain, self._between = (
            _Rows(head[order[kept]], before[order[kept]], states) for kept in (~from_between, from_between)
        )
        self.stands_for: dict[int, Crossing] = {}
        self.made: dict[Crossing, int] = {}
        self._says = _numbers(says)
        self._apart: dict[tuple[int, int], frozenset[int]] = {}
        self._left: dict[int, tuple[int, ...]] = {}
        self._holds: dict[int, list[int]] = {}

    def new(self) -> int:
        """Return the number of a node that nothing else is."""
        self.far_of.append(0)
        self.tail_of.append(len(self.tail_of))
        return len(self.tail_of) - 1

    def crossing(self, across: Crossing) -> int:
        """Return the node of an edge through states between, made when it is first asked for."""
        if across not in self.made:
            self.made[across] = number = self.new()
            self.stands_for[number] = across
            self.far_of[number], self.tail_of[number] = self.far_of[across[0]], self.tail_of[across[0]]
        return self.made[across]

    def into(self, state: int) -> Sequence[int]:
        """Return what leads to a state, but for edges through states between: edges, and states without an edge."""
        return self._plain.of(state)

    def leaving(self, state: int) -> tuple[int, ...]:
        """Return the edges by which a state is reached from states between, sorted."""
        if state in self._left:
            return self._left[state]
        found = self._between.of(state)
        if not found:
            return ()
        parts = [self._last(node) for node in found if node < self.states]
        edges = [node for node in found if node >= self.states]
        self._left[state] = parts[0] if len(parts) == 1 and not edges else tuple(sorted({*edges}.union(*parts)))
        return self._left[state]

    def _last(self, scope: int) -> tuple[int, ...]:
        """Return the edges by which a state between is reached from others, one after the other."""
        if scope not in self._left:
            seen, waiting, edges = {scope}, [scope], set()
            while waiting:
                for node in self._between.of(waiting.pop()):
                    if node >= self.states:
                        edges.add(node)
                    elif node not in seen:
                        seen.add(node)
                        waiting.append(node)
            self._left[scope] = tuple(sorted(edges))
        return self._left[scope]

    def apart(self, edge: int, state: int) -> frozenset[int]:
        """Return the states from which an edge of its own leads to a state and says what one from states between does.

        Parameters
        ----------
        edge, state
            An edge by which the state is reached from states between.
        """
        what = self._says[edge - self.states]
        if (edge, state) not in self._apart:
            own = [node - self.states for node in self._plain.of(state) if node >= self.states]
            tails = {self.tail_of[one + self.states] for one in own if self._says[one] == what} if what >= 0 else set()
            held = self.held(self.tail_of[edge]) if tails else ()
            self._apart[edge, state] = frozenset(tails.intersection(self.tail_of[end] for end in held))
        return self._apart[edge, state]

    def held(self, gate: int) -> list[int]:
        """Return the edges that lead to a state between, from where ways come: the ends of edges through it."""
        if gate not in self._holds:
            seen, waiting, found = {gate}, [gate], dict[int, None]()
            while waiting:
                one = waiting.pop()
                found |= dict.fromkeys(self._plain.of(one))
                new = {self.tail_of[node] for node in self._between.of(one)} - seen
                seen |= new
                waiting += sorted(new)
            self._holds[gate] = sorted(found, key=lambda node: (-self.far_of[node], node))
        return self._holds[gate]


class _Rows:
    """What leads to each state, in little memory."""

    def __init__(self, head: Ints, before: Ints, states: int) -> None:
        self._start = _numbers(np.searchsorted(head, np.arange(states + 1)))
        self._before = _numbers(before)

    def of(self, state: int) -> Sequence[int]:
        return self._before[self._start[state] : self._start[state + 1]]


class Search:
    """One more way to any of some nodes, looked for backwards, what is nearest to the entries first.

    Parameters
    ----------
    net
        What is searched.
    onward, begun
        Ways that there are, with which it shares no edge: how many lead from each node to the next, and begin at each
        state. Where it goes along one of them backwards, that is taken back.
    shut
        Nodes that it does not come by.
    bare
        States that it does not come to by edges through states between.
    near
        Nodes where it may begin besides.

    Attributes
    ----------
    met : dict of int to int
        Nodes that were met, and what comes next; -1 for nothing.
    """

    def __init__(
        self, net: Backwards, onward: Onward, begun: Mapping[int, int], *, shut: Collection[int],
        bare: Collection[int] = (), near: Collection[int] = (),
    ) -> None:  # fmt: skip
        self._net, self._onward, self._begun = net, onward, begun
        self._shut, self._bare, self._near = shut, bare, near
        self.met: dict[int, int] = {}
        self._across: dict[int, Crossing] = {}
        self._fringe: list[tuple[int, int, int, int]] = []
        self._order = 0
        self._waiting: dict[int, list[int]] = {}
        self._used: dict[int, list[int]] = {}

    def to(self, ends: Iterable[int]) -> list[int]:
        """Return the nodes of a way to one of some nodes; none if there is no more."""
        net, onward, entries = self._net, self._onward, self._net.entries
        for node in ends:
            self._meet(node, -1)
        while (node := self._next()) >= 0:
            if node in self._near or (node in entries and not (entries[node] and self._begun.get(node))):
                return self._way(node)
            after = onward.get(node) or ()
            is_state = node < net.states
            for other in (*after, *(net.into(node) if is_state else (net.tail_of[node],) * (not after))):
                self._meet(other, node)
            for edge in net.leaving(node) if is_state and node not in self._bare else ():
                self._await(edge, node)
        return []

    def _meet(self, node: int, after: int) -> None:
        """Note that a node leads to another, unless it was met before."""
        if node not in self.met and node not in self._shut:
            self.met[node] = after
            self._push(self._net.far_of[node], node, -1)

    def _await(self, edge: int, node: int) -> None:
        """Note that edges through states between lead to a node: they are asked for one after the other.

        A search asks once for each end of such edges, however many states are reached through the same one, unless an
        edge from there has been taken by another way.
        """
        gate = self._net.tail_of[edge]
        if gate not in self._waiting:
            self._waiting[gate], self._used[gate] = list(self._net.held(gate)), []
        if ends := self._waiting[gate] or self._used[gate]:
            self._push(self._net.far_of[ends[-1]], node, edge)

    def _push(self, far: int, node: int, edge: int) -> None:
        self._order -= 1
        heappush(self._fringe, (far, self._order, node, edge))

    def _next(self) -> int:
        """Return the next node to look at, -1 for none."""
        while self._fringe:
            _, _, node, edge = heappop(self._fringe)
            if edge >= 0:
                node = self._before(edge, node)
            if node >= 0:
                return node
        return -1

    def _before(self, edge: int, node: int) -> int:
        """Return where the next edge begins that leads through states between to a node, -1 for none."""
        gate = self._net.tail_of[edge]
        waiting, used = self._waiting[gate], self._used[gate]
        while waiting:
            end = waiting.pop()
            if not self._is_new(end):
                continue
            if self._is_taken(end, edge, node):
                used.append(end)
            else:
                return self._cross(end, edge, node)
        for end in used:
            if self._is_new(end) and not self._is_taken(end, edge, node):
                return self._cross(end, edge, node)
        return -1

    def _is_new(self, end: int) -> bool:
        before = self._net.tail_of[end]
        return before not in self.met and before not in self._shut

    def _is_taken(self, end: int, edge: int, node: int) -> bool:
        if self._net.tail_of[end] in self._net.apart(edge, node):
            return True
        number = self._net.made.get((end, edge, node), -1)
        return number >= 0 and (bool(self._onward.get(number)) or number in self._shut)

    def _cross(self, end: int, edge: int, node: int) -> int:
        """Note that an edge through states between leads from one of its ends to a node; return where from."""
        before = self._net.tail_of[end]
        self.met[before], self._across[before] = node, (end, edge, node)
        self._await(edge, node)
        return before

    def _way(self, begin: int) -> list[int]:
        """Return the nodes of a way, with the edges that were not made before."""
        way = [begin]
        while (after := self.met[way[-1]]) >= 0:
            if way[-1] in self._across:
                way.append(self._net.crossing(self._across[way[-1]]))
            way.append(after)
        return way


def _numbers(values: Ints) -> "array[int]":
    """Return numbers in an eighth of the memory of a list."""
    found = array("q")
    found.frombytes(values.astype(np.int64).tobytes())
    return found


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
