"""What severities ask of a graph: who outside reaches a node, and what the node reaches."""

import math
from collections.abc import Sequence
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct
from auditkit.areas._nearest import Goals, Nearest, Search
from auditkit.graph.schema import INTERNET, Sensitivity
from auditkit.inventory import Kind
from auditkit.score._falls import parts_of_a_step
from auditkit.score._ground import Ground
from auditkit.score._ways import Start, entries_of
from auditkit.score.arrays import Hold, state_of
from auditkit.score.compact import Compact
from auditkit.score.reach import Back, Nearby, Reach, Vicinity, course_of, distances

__all__ = ["RANK", "Access", "Loot", "Reaching"]

_TAKES_IN = frozenset(
    {Kind.QUEUE, Kind.TOPIC, Kind.STREAM, Kind.DELIVERY_STREAM, Kind.EVENT_BUS, Kind.LOG_GROUP, Kind.ARCHIVE}
)
_NEAR = 2.0
"""Searches go as far, or farther where more is asked for: what is nearer is among what they find."""
_NO_DATA = frozenset({Kind.KEY, Kind.REPOSITORY})  # what a key opens counts where it is kept
_PARTS = frozenset({Kind.GRANT, Kind.SCOPE})
_CLOSE = 400
"""States up to which it is quicker to search all around a node than to find out what leads to one store."""
_TRIES = 64
"""Nodes with much around them, beyond those with little, after which the others are no longer looked at."""
_AROUND = 64
"""Stores whose surroundings are kept: many nodes have one in common."""
_HOLDS = len(Hold)
_LEVELS = tuple(hold for hold in Hold if hold > Hold.METADATA)

RANK = {
    Sensitivity.PUBLIC: 0,
    Sensitivity.INTERNAL: 1,
    Sensitivity.CONFIDENTIAL: 2,
    Sensitivity.RESTRICTED: 3,
}
"""Order of the sensitivities that are known."""


class Access(msgspec.Struct, frozen=True, gc=False):
    """The cheapest way in from outside.

    Attributes
    ----------
    cost
        Steps, the entry's own exponent included; infinite where there is no way.
    entry, kind
        Node that it starts at, and the kind of entry; ``""`` for none.
    path
        Ids of the nodes along it, the node itself last.
    undecided
        What was not seen and might bar that way, in words.
    """

    cost: float
    entry: str = ""
    kind: str = ""
    path: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


class Loot(msgspec.Struct, frozen=True, gc=False):
    """The most sensitive store that a node reaches.

    Attributes
    ----------
    sensitivity
        The highest among the stores of known sensitivity; ``None`` where none is reached.
    store
        The store.
    unknown
        Number of stores reached whose sensitivity is not known.
    path
        Ids of the nodes along the cheapest way there.
    undecided
        What was not seen and might bar that way, in words.
    """

    sensitivity: Sensitivity | None
    store: str = ""
    unknown: int = 0
    path: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


class Reaching:
    """Reach in a graph, each part worked out when it is first asked for.

    What the export leaves undecided counts as open, at its cost if it were: the high bound is what ranks. The answers
    tell what that hangs on.

    Parameters
    ----------
    compact
        The graph.
    """

    def __init__(self, compact: Compact) -> None:
        self._weights = compact.weights
        self._attack = compact.opened
        self._ground = Ground(self._attack, self._weights)
        self._access: dict[str, Access] = {}
        self._loot: dict[tuple[str, float], Loot] = {}
        self._paths: dict[str, tuple[str, ...]] = {}
        self._from: dict[tuple[int, float], Nearby] = {}
        self._far: set[tuple[int, float]] = set()
        self._vicinities: dict[float, Vicinity] = {}
        self._searches: dict[float, Search] = {}
        self._nearest: dict[float, Nearest] = {}
        self._around: dict[tuple[int, float], Vicinity] = {}
        self._backs: dict[float, Back] = {}

    @cached_property
    def _entries(self) -> dict[int, Start]:
        return entries_of(self._attack, self._weights.entries)

    @cached_property
    def _outside(self) -> Reach:
        return distances(self._attack, {state: start.exponent for state, start in self._entries.items()})

    @cached_property
    def _outside_costs(self) -> Sequence[float]:
        costs: Sequence[float] = self._outside.cost.tolist()
        return costs

    def access(self, node: str) -> Access:
        """Return the cheapest way from outside to a node; of a store, at any level of access."""
        if node not in self._access:
            self._access[node] = self._find_access(node)
        return self._access[node]

    def _find_access(self, node: str) -> Access:
        place = self._attack.nodes.index.get(node)
        if place is None:
            return Access(math.inf)
        first = state_of(place, Hold.ACTS)
        costs = self._outside_costs[first : first + _HOLDS]
        cost = min(costs)
        state = first + costs.index(cost)
        if math.isinf(cost):
            return Access(math.inf)
        course = course_of(self._attack, self._outside, state)
        ids = self._attack.nodes.ids
        start = self._entries[course.start]
        path = tuple(dict.fromkeys((ids[start.node], *(ids[node] for node in course.nodes))))
        return Access(cost, ids[start.node], start.kind, path, course.undecided)

    def loot(self, node: str, within: float = _NEAR) -> Loot:
        """Return the most sensitive store that whoever holds a node reaches at a cost.

        Parameters
        ----------
        node
            Id; one that is not in the graph reaches nothing.
        within
            Highest cost, in steps.
        """
        key = (node, within)
        if key not in self._loot:
            place = self._attack.nodes.index.get(node)
            store, unknown = (-1, 0) if place is None else self._reached_first(place, within)
            self._loot[key] = (
                Loot(None, unknown=unknown)
                if place is None or store < 0
                else self._found(place, store, unknown, within)
            )
        return self._loot[key]

    def path(self, node: str) -> tuple[str, ...]:
        """Return the ids of the nodes along the cheapest way from outside to a node, and on to the :meth:`loot`."""
        if node not in self._paths:
            self._paths[node] = tuple(dict.fromkeys((*self.access(node).path, *self.loot(node).path)))
        return self._paths[node]

    def reached(self, *nodes: str, within: float = _NEAR) -> tuple[str, ...]:
        """Return the ids of the stores whose data whoever holds some nodes reaches at a cost.

        That is every access but to metadata. Who may only send to a queue, a topic, a stream, a bus or a log does not
        reach what is in it; and what anyone outside reaches by itself is nobody's to guard.
        """
        places = [place for node in nodes if (place := self._attack.nodes.index.get(node)) is not None]
        if not places:
            return ()
        held = self._shared(within).held(map(self._attack.taken_over, places))
        numbers = distinct(self._goals.of[held[self._goals.states]]).tolist()
        return tuple(self._attack.nodes.ids[self._ground.stores[number]] for number in numbers)

    def _nearby(self, place: int, within: float) -> Nearby:
        key = (place, max(within, _NEAR))
        if key not in self._from:
            self._from[key] = self._shared(key[1]).near([self._attack.taken_over(place)])
        return self._from[key]

    def _shared(self, within: float) -> Vicinity:
        """Return what leads to any store."""
        if within not in self._vicinities:
            self._vicinities[within] = Vicinity(self._attack, self._store_of, within)
        return self._vicinities[within]

    def _near(self, place: int, within: float) -> dict[int, tuple[float, int]]:
        """Return by the number of each store whose data is within a cost, that cost and the state."""
        store_of = self._store_of
        found: dict[int, tuple[float, int]] = {}
        for state, (price, _, _) in self._nearby(place, within).found.items():
            number = store_of.get(state)
            if number is not None and price <= within:
                known = found.get(number)
                if known is None or (price, state) < known:
                    found[number] = (price, state)
        return found

    @cached_property
    def _store_of(self) -> dict[int, int]:
        """Number of the store by each state that is an access to its data."""
        return {
            int(state): number
            for number, states in enumerate(self._states)
            if not self._open[number]
            for state in states[~self._barred[number]]
        }

    @cached_property
    def _states(self) -> NDArray[np.int64]:
        """State of each access to each store, shape (stores, levels)."""
        states = [[state_of(store, hold) for hold in _LEVELS] for store in self._ground.stores]
        return np.array(states, dtype=np.int64).reshape(len(states), len(_LEVELS))

    @cached_property
    def _open(self) -> NDArray[np.bool_]:
        """Stores that count for nobody: open to anyone by themselves, or keeping no data: shape (stores,)."""
        kinds = self._attack.nodes.at
        entries = {start.node for start in self._entries.values() if start.exponent <= 1}
        entries |= {store for store in self._ground.stores if kinds[store].kind in _NO_DATA}
        attack = self._attack
        free = attack.steps.linked & (attack.tail_nodes == attack.nodes.index.get(INTERNET, -1))
        free &= (attack.steps.prices <= 0)[attack.steps.price]
        entries |= set(attack.head_nodes[free].tolist())
        return np.array([store in entries for store in self._ground.stores], dtype=bool)

    @cached_property
    def _barred(self) -> NDArray[np.bool_]:
        """Accesses that do not lead to the data, shape (stores, levels)."""
        kinds = [self._attack.nodes.at[store].kind for store in self._ground.stores]
        sends = [[hold is Hold.WRITE and kind in _TAKES_IN for hold in _LEVELS] for kind in kinds]
        return np.array(sends, dtype=bool).reshape(len(kinds), len(_LEVELS))

    def _reached_first(self, place: int, within: float) -> tuple[int, int]:
        """Return the number of the store to name, -1 for none, and how many of unknown sensitivity are reached."""
        number = self._source_of.get(place)
        if number is None or not self._parts:
            return self._searched(place, within)
        if within not in self._nearest:
            if self._is_close(place, within):
                return self._searched(place, within)
            self._nearest[within] = self._search(max(within, _NEAR)).within(within)
        found = self._nearest[within]
        return int(found.store[number]), int(found.unranked[number])

    def _is_close(self, place: int, within: float) -> bool:
        """Return whether there is little around a node; what was found is kept.

        Where most of those that were asked for had much around them, the others count as such.
        """
        key = (place, max(within, _NEAR))
        if key not in self._from and key not in self._far and len(self._far) <= len(self._from) + _TRIES:
            near = self._shared(key[1]).near_at_most([self._attack.taken_over(place)], _CLOSE)
            if near is None:
                self._far.add(key)
            else:
                self._from[key] = near
        return key in self._from

    def _search(self, within: float) -> Search:
        if within not in self._searches:
            sources, steps = [*self._source_of], self._shared(within).steps
            self._searches[within] = Search(self._attack, sources, self._goals, steps, parts=self._parts)
        return self._searches[within]

    def _searched(self, place: int, within: float) -> tuple[int, int]:
        """Return the same by a search from one node."""
        near = self._near(place, within)
        ranks, stores = self._goals.ranks, self._ground.stores
        known = [(int(ranks[number]), -cost, -number) for number, (cost, _) in near.items() if stores[number] != place]
        best = max((one for one in known if one[0] >= 0), default=None)
        return -1 if best is None else -best[2], sum(one[0] < 0 for one in known)

    @cached_property
    def _parts(self) -> int:
        return parts_of_a_step(self._attack.steps.prices)

    @cached_property
    def _source_of(self) -> dict[int, int]:
        """Number of each node that is looked at with the others: all that lead on, but for grants."""
        attack = self._attack
        leads_on = np.zeros(len(attack.nodes), dtype=bool)
        leads_on[attack.tail_nodes[attack.tail_nodes != attack.head_nodes]] = True
        chosen = [place for place in np.flatnonzero(leads_on).tolist() if attack.nodes.at[place].kind not in _PARTS]
        return {place: number for number, place in enumerate(chosen)}

    @cached_property
    def _goals(self) -> Goals:
        kept = (self._attack.nodes.at[store].sensitivity for store in self._ground.stores)
        ranks = [RANK.get(sensitivity or Sensitivity.UNKNOWN, -1) for sensitivity in kept]
        return Goals(
            nodes=np.array(self._ground.stores, dtype=np.int64),
            ranks=np.array(ranks, dtype=np.int64),
            states=np.array([*self._store_of], dtype=np.int64),
            of=np.array([*self._store_of.values()], dtype=np.int64),
        )

    def _found(self, place: int, number: int, unknown: int, within: float) -> Loot:
        """Return a store that a node reaches, with the way there: what leads to it alone is searched."""
        nodes, store = self._attack.nodes, self._ground.stores[number]
        states = self._states[number][~self._barred[number]].tolist()
        if self._is_close(place, within):
            near = self._from[place, max(within, _NEAR)]
        else:
            around = self._around.get((number, within))
            if around is None:
                around = Vicinity(self._attack, states, within, self._back(within))
                self._around = dict([*self._around.items()][-_AROUND:]) | {(number, within): around}
            near = around.near([self._attack.taken_over(place)])
        _, state = min((near.found[state][0], state) for state in states if state in near.found)
        course = course_of(self._attack, near, state)
        path = tuple(dict.fromkeys((nodes.ids[place], *(nodes.ids[node] for node in course.nodes))))
        return Loot(nodes.at[store].sensitivity, nodes.ids[store], unknown, path, course.undecided)

    def _back(self, within: float) -> Back:
        if within not in self._backs:
            self._backs[within] = Back.of(self._attack, within)
        return self._backs[within]
