"""Ways in from outside: where an attacker can start, and how many ways to a store share no edge."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.graph._edges import meaning_of
from auditkit.graph.schema import INTERNET, EntryKind
from auditkit.inventory import Kind
from auditkit.score._input import Link
from auditkit.score._plain_links import is_between, plain_link
from auditkit.score.arrays import Attack, Hold, state_of
from auditkit.score.kernels import Disjoint, Taken, by_tail, closed, minimum_cut, spread, tails_of
from auditkit.score.weights import EntryExponents

__all__ = ["Cut", "EdgeId", "Start", "Ways", "entries_of"]

EdgeId = tuple[int, int, object]
"""An edge of the graph: nodes of its ends, and its key."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

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
    from_outside = attack.steps.linked & np.array(nodes.outside, dtype=bool)[attack.tail_nodes]
    entered = set(attack.head_nodes[from_outside].tolist())
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

    An edge that a grant stands for counts as one of its own: from each holder to each target, for each thing that it
    gives and that no plain edge says. So the ways are the same as of the expanded graph.

    By Menger's theorem the number of ways that share no edge of the graph is a maximum flow with capacity 1 on every
    edge, and so the fewest edges that part the store from outside.

    Parameters
    ----------
    attack
        Steps of an attacker.
    entries
        Where the outside gets in.

    Attributes
    ----------
    stands_for
        The edges that grants stand for, as far as they were told.
    """

    def __init__(self, attack: Attack, entries: Mapping[int, Start]) -> None:
        self.attack = attack
        self._entries = sorted(entries)
        self._tail = tails_of(attack.start)
        self._edge_of, self._places = self._numbered()
        single = {state: attack.nodes.store[attack.node(state)] for state in self._entries}
        states = attack.states
        nodes = attack.nodes
        between = [state_of(place, hold) for place in range(len(nodes)) if is_between(nodes, place) for hold in Hold]
        meanings: dict[Hashable, int] = {None: -1}
        told = attack.steps.links.told(lambda edge: meanings.setdefault(meaning_of(edge), len(meanings) - 1))
        says = told[self._places]
        self._disjoint = Disjoint(
            self._tail,
            attack.head,
            self._edge_of,
            states=states,
            entries=single,
            through=between,
            says=says,
        )
        self.stands_for: dict[EdgeId, Link] = {}
        self._seen: Flags = self._disjoint.far >= 0
        self._last: tuple[int, Taken] | None = None

    @cached_property
    def _back(self) -> tuple[Ints, Ints]:
        """Steps that are reached from outside, backwards."""
        known = np.flatnonzero(self._seen[self._tail])
        return by_tail(self.attack.head[known], self._tail[known], self.attack.states)

    def _numbered(self) -> tuple[Ints, Ints]:
        """Return the number of the edge of each step, -1 where it has none, and the place of each such edge."""
        steps, nodes = self.attack.steps, self.attack.nodes
        is_scope = np.array([node.kind is Kind.SCOPE for node in nodes.at], dtype=bool)
        number = np.full(len(steps), -1, dtype=np.int64)
        along = np.flatnonzero(steps.linked)
        along = along[~is_scope[steps.links.tail[steps.place[along]]]]
        places, first, which = np.unique(steps.place[along], return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        number[along] = rank[which]
        return number, places[order]

    def to(self, store: int) -> int:
        """Return the number of ways to a store that share no edge; 0 where none leads to it."""
        return self._ways(store).count

    def each(self, stores: Sequence[int]) -> Iterator[int]:
        """Yield stores in an order in which what is asked of one, before the next, is worked out soonest."""
        for number, taken in self._disjoint.each([_access(store) for store in stores]):
            self._last = stores[number], taken
            yield stores[number]
        self._last = None

    def on_all(self, store: int) -> tuple[list[int], list[EdgeId]]:
        """Return the other nodes and the edges that every way to a store meets, sorted; none where no way leads."""
        attack, targets = self.attack, _access(store)
        nodes, edges = self._disjoint.on_all(self._ways(store), len(Hold))
        parting = [
            node
            for node in nodes
            if node != store and self._disjoint.parted(targets, [state_of(node, hold) for hold in Hold])
        ]
        over = [edge for edge in edges if self._disjoint.parted(targets, [edge])]
        return parting, [self._edge(edge - attack.states) for edge in over]

    def _link(self, number: int) -> Link:
        return self.attack.steps.links[int(self._places[number])]

    def _edge(self, number: int) -> EdgeId:
        """Return an edge by its number; of one that a grant stands for, the plain one."""
        if number < len(self._places):
            link = self._link(number)
            return link.tail, link.head, link.key
        states = self.attack.states
        entering, leaving, state = self._disjoint.stands_for[number + states]
        held, what = self._link(entering - states), self._link(leaving - states)
        shown = self.attack.first_holders[what.tail].edge.sources
        link = plain_link(held, what, self.attack.node(state), shown)
        edge = link.tail, link.head, link.key
        self.stands_for[edge] = link
        return edge

    def _ways(self, store: int) -> Taken:
        if self._last is None or self._last[0] != store:
            self._last = store, self._disjoint.ways(_access(store))
        return self._last[1]

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
        targets = self._targets(store)
        if not len(targets):
            return Cut(0)
        if capacity is None and doors is None:
            return self._fewest(store)
        states, steps = self._between(targets)
        entries = np.array([state for state in self._entries if states[state]], dtype=np.int64)
        net = _Net(self.attack.states, len(self._places))
        net.add(targets, np.full(len(targets), net.sink), None)
        net.add(np.full(len(entries), net.source), entries, self._door_costs(entries, doors))
        edges = self._edge_of[steps]
        linked = edges >= 0
        net.add(self._tail[steps[~linked]], self.attack.head[steps[~linked]], None)
        whole, first = np.unique(edges[linked], return_index=True)
        costs = [1 if capacity is None else capacity.get(self._edge(edge), 0) for edge in whole.tolist()]
        net.add(self._tail[steps[linked][first]], net.edge(whole), costs)
        net.add(net.edge(edges[linked]), self.attack.head[steps[linked]], None)
        value, cut_edges, cut_states = net.cut()
        if value is None:
            return Cut(None)
        cut = sorted((self._edge(edge) for edge in cut_edges), key=str)
        return Cut(value, tuple(cut), tuple(sorted({self.attack.node(state) for state in cut_states})))

    def _fewest(self, store: int) -> Cut:
        """Return the fewest edges and entries that part a store from outside, nearest to the outside."""
        ways = self._ways(store)
        edges, doors = self._disjoint.cut(ways)
        cut = sorted((self._edge(edge) for edge in edges), key=str)
        return Cut(ways.count, tuple(cut), tuple(sorted({self.attack.node(state) for state in doors})))

    def _door_costs(self, entries: Ints, doors: Mapping[int, int] | None) -> list[int]:
        nodes = [self.attack.node(state) for state in entries.tolist()]
        if doors is not None:
            return [doors.get(node, 0) for node in nodes]
        return [int(self.attack.nodes.store[node]) for node in nodes]

    def _targets(self, store: int) -> Ints:
        states = np.array(_access(store), dtype=np.int64)
        return states[self._seen[states]]

    def _between(self, targets: Ints) -> tuple[Flags, Ints]:
        """Return which states lead from an entry to a target, and the steps on the ways."""
        marked = np.zeros(self.attack.states, dtype=bool)
        marked[targets] = True
        states = spread(*self._back, marked)
        return states, np.flatnonzero(self._seen[self._tail] & states[self.attack.head])


def _access(store: int) -> list[int]:
    return [state_of(store, hold) for hold in _ACCESS]


class _Net:
    """Pipes between states, edges of the graph (numbered after the states), a source and a sink."""

    def __init__(self, states: int, edges: int) -> None:
        self._states = states
        self.source, self.sink = states + edges, states + edges + 1
        self._pipes: list[tuple[Ints, Ints, Ints]] = []

    def edge(self, numbers: Ints) -> Ints:
        """Return the nodes of edges."""
        return numbers + self._states

    def add(self, tail: Ints, head: Ints, cost: Sequence[int] | None) -> None:
        """Add pipes with what it takes to cut each; 0, or ``None`` for all, where it cannot be cut."""
        self._pipes.append((tail, head, np.zeros(len(tail), np.int64) if cost is None else np.array(cost, np.int64)))

    def cut(self) -> tuple[int | None, list[int], list[int]]:
        """Return the value of a minimum cut, the edges in it, and the states that are cut off from the source."""
        tail, head, cost = (np.concatenate(parts) for parts in zip(*self._pipes, strict=True))
        wide = int(cost.sum()) + 1
        ends, which = np.unique(np.concatenate([tail, head, [self.source, self.sink]]), return_inverse=True)
        tails, heads = which[: len(tail)], which[len(tail) : -2]
        source, sink = int(which[-2]), int(which[-1])
        open_ends = np.zeros(len(ends), dtype=bool)
        open_ends[source] = True
        if closed(tails[cost == 0], heads[cost == 0], open_ends)[sink]:
            return None, [], []
        capacity = np.where(cost == 0, wide, cost)
        value, cut = minimum_cut(tails, heads, capacity, nodes=len(ends), source=source, sink=sink)
        edges = [int(end) - self._states for end in head[cut] if self._states <= end < self.source]
        states = [int(end) for start, end in zip(tail[cut], head[cut], strict=True) if start == self.source]
        return value, edges, states
