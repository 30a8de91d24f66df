"""Ways in from outside: where an attacker can start, and how many ways to a store share no edge."""

from collections.abc import Mapping

import msgspec
import numpy as np

from auditkit.graph.schema import INTERNET, EntryKind
from auditkit.score.arrays import Attack, Hold, state_of
from auditkit.score.kernels import closed, minimum_cut
from auditkit.score.reach import reachable
from auditkit.score.weights import EntryExponents

__all__ = ["Cut", "EdgeId", "Start", "Ways", "entries_of"]

EdgeId = tuple[int, int, object]
"""An edge of the graph: nodes of its ends, and its key."""

_End = int | str | EdgeId
"""End of a pipe: a state, an edge of the graph, the source or the sink."""

_Pipes = dict[tuple[_End, _End], int | None]
"""Capacity between two ends; ``None`` is one that never binds."""

_ACCESS = (Hold.METADATA, Hold.DELETE, Hold.READ, Hold.WRITE, Hold.ADMIN)


class Start(msgspec.Struct, frozen=True):
    """A way in: the node where an attacker starts, the kind of entry, and its exponent."""

    node: int
    kind: str
    exponent: float


def entries_of(attack: Attack, exponents: EntryExponents) -> dict[int, Start]:
    """Return where the outside gets in, by state.

    These are the internet itself and every node that is an entry. A store that is an entry is entered along the trust
    edges that lead to it from outside, which say at which level; where there are none, it is taken to be readable.
    """
    nodes = attack.nodes
    entered = {attack.node(step.head) for step in attack.steps if step.link and nodes.outside[attack.node(step.tail)]}
    found = {}
    for place, node in enumerate(nodes.at):
        entry = EntryKind.ANONYMOUS if nodes.ids[place] == INTERNET else node.entry
        if entry is None or (nodes.store[place] and place in entered):
            continue
        state = state_of(place, Hold.READ if nodes.store[place] else Hold.ACTS)
        found[state] = Start(place, str(entry), exponents.of(entry))
    return found


class Cut(msgspec.Struct, frozen=True):
    """What parts a store from outside.

    Attributes
    ----------
    value
        Sum of the capacities; ``None`` where nothing that can be cut parts it.
    edges
        Edges of the graph to be closed, as (tail, head, key), sorted.
    entries
        Nodes that are themselves a way in and must cease to be one, sorted.
    """

    value: int | None
    edges: tuple[EdgeId, ...] = ()
    entries: tuple[int, ...] = ()


class Ways:
    """Ways from outside entries to stores, and what cuts them.

    By Menger's theorem the number of ways that share no edge of the graph is a maximum flow with capacity 1 on every
    edge, and so the fewest edges that part the store from outside.

    Parameters
    ----------
    attack
        Steps of an attacker.
    entries
        Where the outside gets in.
    """

    def __init__(self, attack: Attack, entries: Mapping[int, Start]) -> None:
        self._attack = attack
        self._entries = sorted(entries)
        self._seen = reachable(attack, self._entries)
        self._into: dict[int, list[int]] = {}
        for number, step in enumerate(attack.steps):
            if self._seen[step.tail]:
                self._into.setdefault(step.head, []).append(number)

    def to(self, store: int) -> int:
        """Return the number of ways to a store that share no edge; 0 where none leads to it."""
        return self.cut(store).value or 0

    def cut(
        self,
        store: int,
        capacity: Mapping[EdgeId, int] | None = None,
        doors: Mapping[int, int] | None = None,
    ) -> Cut:
        """Return what parts a store from outside at the least.

        Parameters
        ----------
        store
            Node of the store.
        capacity
            What it takes to close an edge, 1 upwards; edges that are not named cannot be closed. Without it each counts
            1.
        doors
            What it takes that a node is no entry any more; nodes that are not named stay one. Without it stores count 1
            and others stay.
        """
        targets = [state for hold in _ACCESS if self._seen[state := state_of(store, hold)]]
        if not targets:
            return Cut(0)
        states, steps = self._between(targets)
        pipes: _Pipes = {(target, "sink"): None for target in targets}
        for state in self._entries:
            if state in states:
                node = self._attack.node(state)
                of_store = 1 if self._attack.nodes.store[node] else None
                pipes["source", state] = of_store if doors is None else doors.get(node)
        for step in steps:
            self._add(pipes, step, capacity)
        value, cut = _minimum_cut(pipes)
        if value is None:
            return Cut(None)
        edges = sorted({end for ends in cut for end in ends if isinstance(end, tuple)}, key=str)
        entries = {self._attack.node(head) for tail, head in cut if tail == "source" and isinstance(head, int)}
        return Cut(value, tuple(edges), tuple(sorted(entries)))

    def between(self, store: int) -> tuple[set[int], list[int]]:
        """Return the states and steps by which a store is reached from outside."""
        return self._between([state for hold in _ACCESS if self._seen[state := state_of(store, hold)]])

    def _add(self, pipes: _Pipes, number: int, capacity: Mapping[EdgeId, int] | None) -> None:
        """Add a step; steps along one edge of the graph share its capacity, so they meet before they part."""
        step = self._attack.steps[number]
        if step.link is None:
            pipes[step.tail, step.head] = None
            return
        edge = (step.link.tail, step.link.head, step.link.key)
        pipes[step.tail, edge] = 1 if capacity is None else capacity.get(edge)
        pipes[edge, step.head] = None

    def _between(self, targets: list[int]) -> tuple[set[int], list[int]]:
        states, steps, fringe = set(targets), set(), list(targets)
        while fringe:
            for step in self._into.get(fringe.pop(), ()):
                steps.add(step)
                tail = self._attack.steps[step].tail
                if tail not in states:
                    states.add(tail)
                    fringe.append(tail)
        return states, sorted(steps)


def _minimum_cut(pipes: _Pipes) -> tuple[int | None, list[tuple[_End, _End]]]:
    """Return the value of a minimum cut between ``"source"`` and ``"sink"``, and the pipes in it."""
    number: dict[_End, int] = {"source": 0, "sink": 1}
    for ends in pipes:
        for end in ends:
            number.setdefault(end, len(number))
    wide = sum(most for most in pipes.values() if most is not None) + 1
    capacity = np.array([wide if most is None else most for most in pipes.values()], dtype=np.int64)
    tails = np.array([number[tail] for tail, _ in pipes], dtype=np.int64)
    heads = np.array([number[head] for _, head in pipes], dtype=np.int64)
    open_ends = np.zeros(len(number), dtype=bool)
    open_ends[0] = True
    if closed(tails[capacity == wide], heads[capacity == wide], open_ends)[1]:
        return None, []
    value, cut = minimum_cut(tails, heads, capacity, nodes=len(number), source=0, sink=1)
    every = list(pipes)
    return value, [every[pipe] for pipe in cut]
