"""Ways in from outside: where an attacker can start, and how many ways to a store share no edge."""

from collections.abc import Mapping

import msgspec
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from auditkit.graph.schema import INTERNET, EntryKind
from auditkit.score.arrays import Attack, Hold, state_of
from auditkit.score.reach import reachable
from auditkit.score.weights import EntryExponents

__all__ = ["Start", "Ways", "entries_of"]

_End = int | str | tuple[int, int, object]
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


class Ways:
    """Counts ways from outside entries to stores that share no edge of the graph.

    By Menger's theorem that is a maximum flow with capacity 1 on every edge, found by Dinic's algorithm.

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
        """Return the number of ways to a store; 0 where none leads to it."""
        targets = [state for hold in _ACCESS if self._seen[state := state_of(store, hold)]]
        if not targets:
            return 0
        states, steps = self._between(targets)
        pipes: _Pipes = {(target, "sink"): None for target in targets}
        for state in self._entries:
            if state in states:
                pipes["source", state] = 1 if self._attack.nodes.store[self._attack.node(state)] else None
        for step in steps:
            self._add(pipes, step)
        return _maximum_flow(pipes)

    def _add(self, pipes: _Pipes, number: int) -> None:
        """Add a step; steps along one edge of the graph share its capacity, so they meet before they part."""
        step = self._attack.steps[number]
        if step.link is None:
            pipes[step.tail, step.head] = None
            return
        edge = (step.link.tail, step.link.head, step.link.key)
        pipes[step.tail, edge] = 1
        pipes[edge, step.head] = None

    def _between(self, targets: list[int]) -> tuple[set[int], list[int]]:
        """Return the states and steps that lead from an entry to a target."""
        states, steps, fringe = set(targets), set(), list(targets)
        while fringe:
            for step in self._into.get(fringe.pop(), ()):
                steps.add(step)
                tail = self._attack.steps[step].tail
                if tail not in states:
                    states.add(tail)
                    fringe.append(tail)
        return states, sorted(steps)


def _maximum_flow(pipes: _Pipes) -> int:
    """Return the flow from ``"source"`` to ``"sink"``."""
    number: dict[_End, int] = {"source": 0, "sink": 1}
    for ends in pipes:
        for end in ends:
            number.setdefault(end, len(number))
    tails = [number[tail] for tail, _ in pipes]
    heads = [number[head] for _, head in pipes]
    wide = len(pipes) + 1
    capacity = np.array([wide if most is None else most for most in pipes.values()], dtype=np.int32)
    network = csr_array((capacity, (tails, heads)), shape=(len(number), len(number)))
    return int(maximum_flow(network, 0, 1).flow_value)
