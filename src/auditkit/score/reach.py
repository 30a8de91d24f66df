"""Reach of an attacker: least costs and witness paths, one source or many at once."""

import heapq
import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct
from auditkit.graph.schema import EdgeKind
from auditkit.score._input import Link
from auditkit.score._plain_links import collapsed, is_between, stretches
from auditkit.score.arrays import Attack, AttackStep
from auditkit.score.kernels import begins, closed, slices, spread

__all__ = [
    "Back",
    "Course",
    "Nearby",
    "Reach",
    "Vicinity",
    "Witness",
    "course_of",
    "distances",
    "reachable",
    "witness_of",
]

_NONE = -1


class Reach(msgspec.Struct, frozen=True):
    """Least costs from a set of starts.

    Attributes
    ----------
    cost : ndarray of float64, shape (states,)
        Least cost of each state; infinite where it is not reached.
    parent : ndarray of int64, shape (states,)
        Last step of the cheapest path, of the fewest steps among equals; -1 for starts and what is not reached.
    """

    cost: NDArray[np.float64]
    parent: NDArray[np.int64]

    def last_step(self, state: int) -> int:
        """Return the last step of the cheapest path to a state; -1 for a start."""
        return int(self.parent[state])


class Nearby(msgspec.Struct, frozen=True):
    """Least costs from a set of starts, of the states within some cost alone.

    Attributes
    ----------
    found : dict of int to tuple of float, int and int
        Of each state that is within, the least cost, the steps of the cheapest path, and its last step as in
        :class:`Reach`; -1 for starts.
    """

    found: dict[int, tuple[float, int, int]]

    def last_step(self, state: int) -> int:
        """Return the last step of the cheapest path to a state; -1 for a start."""
        return self.found[state][2]


class Witness(msgspec.Struct, frozen=True):
    """A cheapest path to a state.

    Attributes
    ----------
    start
        State that it starts at.
    steps
        Steps along edges of the graph, in order; what merely follows from a hold is left out.
    """

    start: int
    steps: tuple[AttackStep, ...]

    def columns(self, attack: Attack) -> dict[str, object]:
        """Return the path as tables show it: ids, edges of the graph, what each step is, where each was read."""
        ids = attack.nodes.ids
        links = [step.link for step in self.steps if step.link is not None]
        sources = dict.fromkeys(source for link in links for source in link.edge.sources)
        return {
            "path": (ids[attack.node(self.start)], *(ids[attack.node(step.head)] for step in self.steps)),
            "edges": tuple((ids[link.tail], ids[link.head], link.key) for link in links),
            "steps": tuple(f"{_done(link)}: {link.edge.label}".removesuffix(": ") for link in links),
            "sources": tuple(sources),
        }


def _done(link: Link) -> str:
    """Return what is done along an edge; a call is an attacker's from the other end, who answers it."""
    return "answers" if link.edge.kind is EdgeKind.CALLS else str(link.edge.kind)


class Course(NamedTuple):
    """Where a cheapest path leads, without its edges.

    Attributes
    ----------
    start
        State that it starts at.
    nodes
        Nodes that it comes to, in order.
    undecided
        What is missing of its steps, sorted.
    """

    start: int
    nodes: tuple[int, ...]
    undecided: tuple[str, ...]


def distances(attack: Attack, starts: Mapping[int, float]) -> Reach:
    """Return the least cost of every state (Dijkstra 1959, doi:10.1007/BF01386390): states of one cost together.

    All states that are as dear and as many steps away are looked at at once (Dial 1969, doi:10.1145/363269.363610).

    Parameters
    ----------
    attack
        Steps of an attacker.
    starts
        States that are held from the beginning, with the cost that they start at.
    """
    cost, hops = np.full(attack.states, math.inf), np.zeros(attack.states, dtype=np.int64)
    parent = np.full(attack.states, _NONE)
    waiting: dict[tuple[float, int], list[NDArray[np.int64]]] = {}
    for state, initial in starts.items():
        cost[state] = initial
        waiting.setdefault((float(initial), 0), []).append(np.array([state]))
    queue = sorted(waiting)
    while queue:
        so_far, count = heapq.heappop(queue)
        states = distinct(np.concatenate(waiting.pop((so_far, count))))
        states = states[(cost[states] == so_far) & (hops[states] == count)]
        steps = slices(attack.start[states], attack.start[states + 1])
        total = so_far + attack.cost_of(steps)
        for dearer in np.unique(total).tolist():
            some = steps[total == dearer]
            to = attack.head[some]
            nearer = (dearer < cost[to]) | ((dearer == cost[to]) & (count + 1 < hops[to]))
            some, to = some[nearer], to[nearer]
            if len(to):
                cost[to], hops[to] = dearer, count + 1
                parent[to[::-1]] = some[::-1]  # of several, the first
                if (dearer, count + 1) not in waiting:
                    heapq.heappush(queue, (dearer, count + 1))
                waiting.setdefault((dearer, count + 1), []).append(to.astype(np.int64))
    return Reach(cost, parent)


class Vicinity:
    """What :func:`distances` gives, of what leads to some states alone and within a cost, from one start or another.

    What leads to none of them is left out beforehand, and nothing is waited for that leads no further.

    Parameters
    ----------
    attack
        Steps of an attacker.
    goals
        States that are asked for.
    within
        Highest cost.
    back
        The way back along steps within that cost, for one goal after another of the same attack and cost.

    Attributes
    ----------
    steps : ndarray of int64
        Numbers of the steps that lead to any goal, sorted.
    """

    def __init__(self, attack: Attack, goals: Iterable[int], within: float, back: "Back | None" = None) -> None:
        self._attack, self._within = attack, within
        leads = np.zeros(attack.states, dtype=bool)
        leads[[*goals]] = True
        if back is None:
            near = attack.within(within)
            leads = closed(attack.head[near], attack.steps.tail[near], leads)
            self.steps = near[leads[attack.head[near]]]
        else:
            states = np.flatnonzero(spread(back.start, back.tail, leads))
            self.steps = np.sort(back.step[slices(back.start[states], back.start[states + 1])])
        self._leads_on = np.zeros(attack.states, dtype=bool)
        self._leads_on[attack.steps.tail[self.steps]] = True
        self._out: dict[int, list[tuple[int, float, int, bool]]] = {}

    def near(self, starts: Iterable[int]) -> Nearby:
        """Return what is within the cost of some states: ``O(E log V)`` of the part that is searched."""
        found = self.near_at_most(starts, self._attack.states)
        assert found is not None
        return found

    def near_at_most(self, starts: Iterable[int], most: int) -> Nearby | None:
        """Return the same, ``None`` where it is more than so many states."""
        found = dict.fromkeys(sorted(starts), (0.0, 0, _NONE))
        queue = [(0.0, 0, state) for state in found]
        within = self._within
        while queue:
            if len(found) > most:
                return None
            so_far, count, state = heapq.heappop(queue)
            known = found[state]
            if so_far != known[0] or count != known[1]:
                continue
            count += 1
            for to, price, step, leads_on in self._out.get(state) or self._steps_from(state):
                total = so_far + price
                if total > within:
                    continue
                before = found.get(to)
                if before is None or total < before[0] or (total == before[0] and count < before[1]):
                    found[to] = (total, count, step)
                    if leads_on:
                        heapq.heappush(queue, (total, count, to))
        return Nearby(found)

    def held(self, starts: Iterable[int]) -> NDArray[np.bool_]:
        """Return which states are within the cost of some, at once: bool, shape (states,); ``O(E)`` for each rise.

        Beside :meth:`near` it tells no way there; where much is around it takes a fraction of the time.
        """
        attack, steps = self._attack, self.steps
        cost = np.full(attack.states, math.inf)
        fringe = distinct(np.array([*starts], dtype=np.int64))
        cost[fringe] = 0
        while len(fringe):
            begin, end = (steps.searchsorted(attack.start[fringe + more]) for more in (0, 1))
            out = steps[slices(begin, end)]
            total, heads = np.repeat(cost[fringe], end - begin) + attack.cost_of(out), attack.head[out]
            nearer = (total <= self._within) & (total < cost[heads])
            np.minimum.at(cost, heads[nearer], total[nearer])
            fringe = distinct(heads[nearer]).astype(np.int64)
        found: NDArray[np.bool_] = np.isfinite(cost)
        return found

    def _steps_from(self, state: int) -> list[tuple[int, float, int, bool]]:
        """Return the steps from a state: where to, at which cost, the number, and whether others follow."""
        attack = self._attack
        begin, end = np.searchsorted(self.steps, attack.start[state : state + 2]).tolist()
        steps = self.steps[begin:end]
        heads = attack.head[steps]
        columns = heads.tolist(), attack.cost_of(steps).tolist(), steps.tolist(), self._leads_on[heads].tolist()
        found = self._out[state] = list(zip(*columns, strict=True))
        return found


class Back(NamedTuple):
    """Steps within a cost by the state that they lead to.

    Attributes
    ----------
    start : ndarray of int64, shape (states + 1,)
        Where those of each state begin.
    step, tail : ndarray of int, shape (steps,)
        Their numbers, and where they come from.
    """

    start: NDArray[np.int64]
    step: NDArray[np.int64]
    tail: NDArray[np.int64]

    @classmethod
    def of(cls, attack: Attack, within: float) -> "Back":
        """Return those of an attack; those to one state in any order."""
        near = attack.within(within)
        head = attack.head[near]
        step = near[np.argsort(head)]
        return cls(begins(head, attack.states), step, attack.steps.tail[step].astype(np.int64))


def reachable(attack: Attack, starts: Iterable[int], open_steps: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    """Return which states are reached at all, along the steps that are open (all of them by default): ``O(V + E)``."""
    start, head = attack.views
    seen = np.zeros(attack.states, dtype=bool)
    fringe = sorted(starts)
    seen[fringe] = True
    while fringe:
        state = fringe.pop()
        for step in range(start[state], start[state + 1]):
            to = head[step]
            if not seen[to] and (open_steps is None or open_steps[step]):
                seen[to] = True
                fringe.append(to)
    return seen


def course_of(attack: Attack, reach: Reach | Nearby, state: int) -> Course:
    """Return what :func:`witness_of` tells of a path, without its edges."""
    numbers, heads, start, steps = list[int](), list[int](), state, attack.steps
    by_grant = False
    while (number := reach.last_step(start)) != _NONE:
        tail = int(steps.tail[number])
        if steps.place[number] >= 0:
            numbers.append(number)
            heads.append(attack.node(start))
            by_grant = by_grant or is_between(attack.nodes, attack.node(tail)) or is_between(attack.nodes, heads[-1])
        start = tail
    numbers.reverse()
    heads.reverse()
    if by_grant:
        tails, ends = (column[steps.place[numbers]].tolist() for column in (steps.links.tail, steps.links.head))
        kept = [*stretches(attack.nodes, zip(tails, ends, strict=True))]
        heads, numbers = [heads[one.last] for one in kept], [numbers[one.says] for one in kept]
    return Course(start, tuple(heads), _missing(map(steps.undecided, numbers)))


def _missing(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*words} - {""}))


def witness_of(attack: Attack, reach: Reach | Nearby, state: int) -> Witness:
    """Return the cheapest path to a state that is reached."""
    path: list[tuple[AttackStep, Link]] = []
    while (number := reach.last_step(state)) != _NONE:
        step = attack.steps[number]
        if step.link is not None:
            path.append((step, step.link))
        state = step.tail
    return Witness(state, collapsed(attack.nodes, path[::-1], attack.first_holders))
