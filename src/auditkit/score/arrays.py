"""The trust view as arrays: what an attacker can hold, and the steps from one to the next.

Node ids tie the arrays to the graph. A *state* is a node and a *hold* on it, numbered ``node * len(Hold) + hold``,
nodes in the order of their sorted ids. Steps are kept by their tail (compressed sparse rows), so that a run over them
touches memory in order; costs are plain numbers, so that a change of one is a change in one place.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import order_by
from auditkit.graph.schema import AccessLevel
from auditkit.inventory import Kind
from auditkit.score._input import Nodes
from auditkit.score._links import EdgeId, Joined, Link

__all__ = ["LEVEL_OF", "Attack", "AttackStep", "Gathered", "Hold", "Price", "Steps", "state_of", "states_of"]


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
Column = NDArray[np.int32]


class Columns(NamedTuple):
    """Steps: states that they lead from and to, what they cost, and places of their links; by number."""

    tail: Any
    head: Any
    price: Any
    place: Any


def state_of(node: int, hold: Hold) -> int:
    """Return the number of a state."""
    return node * _HOLDS + hold


def states_of(nodes: Column, hold: Hold | NDArray[np.int64]) -> Column:
    """Return the numbers of states: int32, shape (nodes,)."""
    return (nodes * _HOLDS + hold).astype(np.int32)


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


class Price(NamedTuple):
    """What a step costs, by the graph and by the weights, and what is missing of it, :attr:`AttackStep.undecided`."""

    steps: float
    cost: float
    undecided: str


class Gathered:
    """Steps as they are found, in columns; what they cost may be counted in several ways."""

    def __init__(self) -> None:
        self._prices: dict[tuple[Price, ...], int] = {}
        self._one_by_one = Columns(array("i"), array("i"), array("i"), array("i"))
        self._pieces: list[Columns] = []

    def add(self, counted: Sequence[AttackStep], place: int) -> None:
        """Add a step, as it is counted in each way; the place is that of its link among all, -1 where there is none."""
        columns = self._one_by_one
        columns.tail.append(counted[0].tail)
        columns.head.append(counted[0].head)
        columns.price.append(self.price([Price(step.steps, step.cost, step.undecided) for step in counted]))
        columns.place.append(place)

    def add_all(self, tail: Column, head: Column, price: int, place: Column) -> None:
        """Add steps that cost the same, as columns of the same length."""
        self._pieces.append(Columns(tail, head, price, place))

    def price(self, counted: Iterable[Price]) -> int:
        """Return the number of what steps cost, counted in each way."""
        return self._prices.setdefault(tuple(counted), len(self._prices))

    def prices(self, way: int) -> list[Price]:
        """Return costs of steps by their numbers, counted in one of the ways."""
        return [counted[way] for counted in self._prices]

    def columns(self) -> Columns:
        """Return all steps, sorted by their ends, those of equal ends by their places."""
        size = np.min_scalar_type(len(self._prices))
        alone = Columns(*(np.frombuffer(column, dtype=np.int32) for column in self._one_by_one))
        parts = [[*(getattr(piece, name) for piece in self._pieces), getattr(alone, name)] for name in _ENDS]
        prices = [np.full(len(piece.tail), piece.price, dtype=size) for piece in self._pieces]
        self._pieces = []
        parts.append([*prices, alone.price.astype(size)])
        del prices
        whole = []
        while parts:  # each column lets go of its parts before the next is put together
            whole.append(np.concatenate(parts.pop(0)))
        order = order_by(whole[0], whole[1], whole[2] + 1)
        for number, column in enumerate(whole):
            whole[number] = column[order]
        tail, head, place, price = whole
        return Columns(tail, head, price, place)


_ENDS = ("tail", "head", "place")


class Steps:
    """Steps in the order of their ends, each made when it is asked for.

    Parameters
    ----------
    columns
        Ends, numbers of costs, places.
    prices
        Costs by their numbers.
    links
        The edges of the graph that steps may be of.

    Attributes
    ----------
    links
        As given.
    tail, head : ndarray of int32, shape (steps,)
        States.
    price : ndarray of unsigned int, shape (steps,)
        Numbers of what they cost.
    place : ndarray of int32, shape (steps,)
        Places of their links among all; -1 where a step only says what a hold implies.
    prices : ndarray of float64, shape (prices,)
        :attr:`AttackStep.cost` by :attr:`price`.
    classes : ndarray of float64, shape (prices,)
        :attr:`AttackStep.steps` by :attr:`price`.
    settled : ndarray of bool, shape (prices,)
        Whether nothing is missing, by :attr:`price`.
    """

    def __init__(self, columns: Columns, prices: Sequence[Price], links: Joined) -> None:
        self.tail, self.head, self.price, self.place = columns
        self.links, self._prices = links, prices
        self.prices: NDArray[np.float64] = np.array([price.cost for price in prices], dtype=np.float64)
        self.classes: NDArray[np.float64] = np.array([price.steps for price in prices], dtype=np.float64)
        self.settled: NDArray[np.bool_] = np.array([not price.undecided for price in prices], dtype=bool)

    @property
    def linked(self) -> NDArray[np.bool_]:
        """Which steps are along an edge of the graph: bool, shape (steps,)."""
        found: NDArray[np.bool_] = self.place >= 0
        return found

    @cached_property
    def _by_place(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.place, kind="stable")
        return order, np.searchsorted(self.place[order], np.arange(len(self.links) + 1))

    def of(self, edge: EdgeId) -> NDArray[np.int64]:
        """Return the numbers of the steps along an edge of the graph."""
        place = self.links.find(edge)
        order, start = self._by_place
        return order[start[place] : start[place + 1]] if place >= 0 else order[:0]

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.tail)

    def __getitem__(self, number: int) -> AttackStep:
        """Return a step by its number."""
        place = int(self.place[number])
        link = None if place < 0 else self.links[place]
        return AttackStep(int(self.tail[number]), int(self.head[number]), *self._prices[int(self.price[number])], link)

    def undecided(self, number: int) -> str:
        """Return what is missing of a step, :attr:`AttackStep.undecided`, without making it."""
        return self._prices[int(self.price[number])].undecided

    def __iter__(self) -> Iterator[AttackStep]:
        """Yield the steps."""
        return map(self.__getitem__, range(len(self)))


class Attack:
    """Steps of an attacker in compressed sparse rows.

    Parameters
    ----------
    nodes
        Nodes of the graph.
    steps
        Steps.
    missing
        Nodes that run code with permissions that are not known, and what is missing.

    Attributes
    ----------
    nodes, steps, missing
        As given.
    start : ndarray of int64, shape (states + 1,)
        Where the steps of each state begin.
    head : ndarray of int32, shape (steps,)
        State that each step leads to.
    """

    def __init__(self, nodes: Nodes, steps: Steps, missing: dict[int, str]) -> None:
        self.nodes = nodes
        self.missing = missing
        self.steps = steps
        self.start: NDArray[np.int64] = np.searchsorted(steps.tail, np.arange(self.states + 1))
        self.head = steps.head

    @cached_property
    def cost(self) -> NDArray[np.float64]:
        """Cost of each step by the weights: float64, shape (steps,). :meth:`cost_of` takes no memory."""
        return self.cost_of(slice(None))

    def cost_of(self, steps: NDArray[np.int64] | slice) -> NDArray[np.float64]:
        """Return the cost of some steps by the weights: float64."""
        found: NDArray[np.float64] = self.steps.prices[self.steps.price[steps]]
        return found

    def within(self, cost: float) -> NDArray[np.int64]:
        """Return the numbers of the steps that cost no more."""
        return np.flatnonzero((self.steps.prices <= cost)[self.steps.price])

    @property
    def decided(self) -> NDArray[np.bool_]:
        """Whether each step is decided: bool, shape (steps,)."""
        found: NDArray[np.bool_] = self.steps.settled[self.steps.price]
        return found

    @property
    def direct(self) -> NDArray[np.bool_]:
        """Whether each step costs nothing whatever the weights say: bool, shape (steps,)."""
        found: NDArray[np.bool_] = (self.steps.classes == 0)[self.steps.price]
        return found

    @cached_property
    def views(self) -> tuple[Sequence[int], Sequence[int]]:
        """``start`` and ``head``, for code that takes them one by one: a tenth of the memory of lists."""
        return self.start.data, self.head.data

    @cached_property
    def first_holders(self) -> dict[int, Link]:
        """How the first holder of each grant has it, by the node of the grant."""
        is_grant = np.array([node.kind is Kind.GRANT for node in self.nodes.at], dtype=bool)
        numbers = np.flatnonzero(is_grant[self.head_nodes] & self.steps.linked)
        links, places = self.steps.links, self.steps.place[numbers]
        places = places[is_grant[links.head[places]]]
        grants, first = np.unique(links.head[places], return_index=True)  # steps are sorted by tail
        return {grant: links[place] for grant, place in zip(grants.tolist(), places[first].tolist(), strict=True)}

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.nodes) * _HOLDS

    @property
    def tail_nodes(self) -> Column:
        """Node that each step leads from: int32, shape (steps,)."""
        found: Column = self.steps.tail // _HOLDS
        return found

    @property
    def head_nodes(self) -> Column:
        """Node that each step leads to: int32, shape (steps,)."""
        found: Column = self.head // _HOLDS
        return found

    def node(self, state: int) -> int:
        """Return the node of a state."""
        return state // _HOLDS

    def hold(self, state: int) -> Hold:
        """Return the hold of a state."""
        return Hold(state % _HOLDS)

    def taken_over(self, node: int) -> int:
        """Return the state of an attacker who has taken a node over: of a store, every access."""
        return state_of(node, Hold.ADMIN if self.nodes.store[node] else Hold.ACTS)
