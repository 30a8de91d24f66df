"""The trust view as arrays: what an attacker can hold, and the steps from one to the next.

Node ids tie the arrays to the graph. A *state* is a node and a *hold* on it, numbered ``node * len(Hold) + hold``,
nodes in the order of their sorted ids. Steps are kept by their tail (compressed sparse rows), so that a run over them
touches memory in order; costs are plain numbers, so that a change of one is a change in one place.
"""

from collections.abc import Sequence
from enum import IntEnum
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.graph.schema import AccessLevel
from auditkit.inventory import Kind
from auditkit.score._input import Link, Nodes

__all__ = ["LEVEL_OF", "Attack", "AttackStep", "Hold", "state_of"]


class Hold(IntEnum):
    """What an attacker has of a node.

    ``ACTS``: stands on it, or makes it act (of a store: filled it, so that what it triggers runs). ``OPENS``: knows it,
    so that what it opens is open. The others are access to a store at one level.
    """

    ACTS = 0
    OPENS = 1
    METADATA = 2
    DELETE = 3
    READ = 4
    WRITE = 5
    ADMIN = 6


LEVEL_OF: dict[AccessLevel, Hold] = {level: Hold[level.name] for level in AccessLevel}
"""Hold of each access level."""


_HOLDS = len(Hold)


def state_of(node: int, hold: Hold) -> int:
    """Return the number of a state."""
    return node * _HOLDS + hold


class AttackStep(msgspec.Struct, frozen=True, gc=False):
    """One step of an attacker.

    Attributes
    ----------
    tail, head
        States.
    steps
        Cost as the graph and the rules say: a class of ``facts/scoring`` (0 to 4), or a sum.
    cost
        The same by the weights.
    undecided
        What is missing where it cannot be decided whether the step is open; ``""`` where it is decided.
    link
        Edge of the graph; ``None`` where the step only says what a hold implies.
    """

    tail: int
    head: int
    steps: float
    cost: float
    undecided: str
    link: Link | None


class Attack:
    """Steps of an attacker in compressed sparse rows.

    Parameters
    ----------
    nodes
        Nodes of the graph.
    steps
        Steps in any order; those of equal ends keep theirs.
    missing
        Nodes that run code with permissions that are not known, and what is missing.

    Attributes
    ----------
    nodes, missing
        As given.
    steps : list of AttackStep
        Sorted by tail and head.
    start : ndarray of int64, shape (states + 1,)
        Where the steps of each state begin.
    head : ndarray of int64, shape (steps,)
        State that each step leads to.
    classes, cost : ndarray of float64, shape (steps,)
        Cost of each step as the graph and the rules say, and by the weights.
    direct, decided : ndarray of bool, shape (steps,)
        Whether a step costs nothing whatever the weights say, and whether it is decided.
    """

    def __init__(self, nodes: Nodes, steps: list[AttackStep], missing: dict[int, str]) -> None:
        self.nodes = nodes
        self.missing = missing
        self.steps = sorted(steps, key=lambda step: (step.tail, step.head))
        tails = np.array([step.tail for step in self.steps], dtype=np.int64)
        self.start: NDArray[np.int64] = np.searchsorted(tails, np.arange(self.states + 1))
        self.head = np.array([step.head for step in self.steps], dtype=np.int64)
        self.cost = np.array([step.cost for step in self.steps], dtype=np.float64)
        self.classes = np.array([step.steps for step in self.steps], dtype=np.float64)
        self.direct = np.array([step.steps == 0 for step in self.steps], dtype=bool)
        self.decided = np.array([not step.undecided for step in self.steps], dtype=bool)

    @cached_property
    def views(self) -> tuple[Sequence[int], Sequence[int], Sequence[float]]:
        """``start``, ``head`` and ``cost``, for code that takes them one by one: a tenth of the memory of lists."""
        return self.start.data, self.head.data, self.cost.data

    @cached_property
    def first_holders(self) -> dict[int, Link]:
        """How the first holder of each grant has it, by the node of the grant."""
        found: dict[int, Link] = {}
        for step in self.steps:
            if step.link is not None and self.nodes.at[step.link.head].kind is Kind.GRANT:
                found.setdefault(step.link.head, step.link)  # steps are sorted by tail
        return found

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.nodes) * _HOLDS

    def node(self, state: int) -> int:
        """Return the node of a state."""
        return state // _HOLDS

    def hold(self, state: int) -> Hold:
        """Return the hold of a state."""
        return Hold(state % _HOLDS)

    def taken_over(self, node: int) -> int:
        """Return the state of an attacker who has taken a node over: of a store, every access."""
        return state_of(node, Hold.ADMIN if self.nodes.store[node] else Hold.ACTS)
