"""The trust view as arrays: what an attacker can hold, and the steps from one to the next.

Node ids tie the arrays to the graph. A *state* is a node and a *hold* on it, numbered ``node * len(Hold) + hold``,
nodes in the order of their sorted ids. Steps are kept by their tail (compressed sparse rows), so that a run over them
touches memory in order; costs are plain numbers, so that a change of one is a change in one place.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.graph.schema import AccessLevel
from auditkit.inventory import Kind
from auditkit.score._input import Link, Nodes

__all__ = ["LEVEL_OF", "Attack", "AttackStep", "Hold", "Steps", "state_of"]

_AT_ONCE = 4096


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


class Steps:
    """Steps in the order of their ends, each made when it is asked for: in a third of the room of a list.

    Parameters
    ----------
    steps
        In any order; those of equal ends keep theirs.

    Attributes
    ----------
    tail, head : ndarray of int64, shape (steps,)
        States.
    classes, cost : ndarray of float64, shape (steps,)
        :attr:`AttackStep.steps` and :attr:`AttackStep.cost`.
    decided : ndarray of bool, shape (steps,)
        Whether nothing is missing.
    """

    def __init__(self, steps: Iterable[AttackStep]) -> None:
        tail, head, place, word = array("q"), array("q"), array("q"), array("q")
        classes, cost = array("d"), array("d")
        self._links: list[Link | None] = [None]
        words: dict[str, int] = {"": 0}
        for step in steps:
            tail.append(step.tail)
            head.append(step.head)
            classes.append(step.steps)
            cost.append(step.cost)
            word.append(words.setdefault(step.undecided, len(words)))
            if step.link is not None and step.link is not self._links[-1]:  # the steps of a link come together
                self._links.append(step.link)
            place.append(0 if step.link is None else len(self._links) - 1)
        order = np.lexsort((np.array(head), np.array(tail)))
        self.tail, self.head = np.array(tail, dtype=np.int64)[order], np.array(head, dtype=np.int64)[order]
        self.classes, self.cost = np.array(classes)[order], np.array(cost)[order]
        self._word = np.array(word, dtype=np.int32)[order]
        self._place = np.array(place, dtype=np.int32)[order]
        self._words = list(words)
        self.decided: NDArray[np.bool_] = self._word == 0

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.tail)

    def __getitem__(self, number: int) -> AttackStep:
        """Return a step by its number."""
        return AttackStep(
            int(self.tail[number]),
            int(self.head[number]),
            float(self.classes[number]),
            float(self.cost[number]),
            self._words[self._word[number]],
            self._links[self._place[number]],
        )

    def __iter__(self) -> Iterator[AttackStep]:
        """Yield the steps."""
        columns = (self.tail, self.head, self.classes, self.cost, self._word, self._place)
        for begin in range(0, len(self), _AT_ONCE):
            some = (column[begin : begin + _AT_ONCE].tolist() for column in columns)
            for tail, head, steps, cost, word, place in zip(*some, strict=True):
                yield AttackStep(tail, head, steps, cost, self._words[word], self._links[place])


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
    steps : Steps
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

    def __init__(self, nodes: Nodes, steps: Iterable[AttackStep], missing: dict[int, str]) -> None:
        self.nodes = nodes
        self.missing = missing
        self.steps = Steps(steps)
        self.start: NDArray[np.int64] = np.searchsorted(self.steps.tail, np.arange(self.states + 1))
        self.head, self.cost, self.classes = self.steps.head, self.steps.cost, self.steps.classes
        self.direct, self.decided = self.classes == 0, self.steps.decided

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
