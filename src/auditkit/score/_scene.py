"""Exposure on arrays, re-scored after changes without the graph being read again.

What a change touches is worked out anew from its edges, by the same rules as for the whole graph
(:mod:`auditkit.score.attack`); all else keeps its numbers. So undoing a change gives back the very same numbers.
"""

import copy
import math
from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.graph.schema import INTERNET, EntryKind, Sensitivity, View
from auditkit.inventory import Kind
from auditkit.score._falls import strength, sums
from auditkit.score._ground import LEVELS, Floats, Ground
from auditkit.score._input import Nodes, find_node
from auditkit.score._links import Link
from auditkit.score._ways import EdgeId
from auditkit.score.arrays import Hold, state_of
from auditkit.score.attack import is_gate, may_be_door, trust_steps
from auditkit.score.changes import Change, EdgeKey, changed_edge
from auditkit.score.compact import Compact
from auditkit.score.kernels import by_tail, cheapest, spread, tails_of
from auditkit.score.weights import Weights

__all__ = ["Scene", "Scored"]

_SENSITIVITIES = tuple(Sensitivity)


class Scored(msgspec.Struct, frozen=True):
    """Exposure of all stores.

    Attributes
    ----------
    cost : ndarray of float64, shape (steps,)
        Cost of each step; infinite for one that is closed.
    least : ndarray of float64, shape (states,)
        Least cost of each state from any entry, its exponent included.
    x : ndarray of float64, shape (stores, 2)
        ``X``, low and high, in units of sensitivity.
    """

    cost: Floats
    least: Floats
    x: Floats

    @property
    def total(self) -> tuple[float, float]:
        """``R``, low and high."""
        return math.fsum(self.x[:, 0]), math.fsum(self.x[:, 1])


class Scene:
    """A graph as arrays, to be scored as it is and after changes.

    Parameters
    ----------
    compact
        The graph as it is.
    """

    def __init__(self, compact: Compact) -> None:
        self.attack, self.ground = compact.attack, compact.ground
        self.weights = compact.weights
        self._undecided = compact.undecided
        self._number = {place: number for number, place in enumerate(self.ground.stores)}
        nodes = self.attack.nodes
        self._breaches = [
            self.attack.taken_over(place)
            for place, node in enumerate(nodes.at)
            if node.kind is Kind.FUNCTION and not nodes.outside[place]
        ]
        self._entries = [
            place for place, node in enumerate(nodes.at) if node.entry is not None or nodes.ids[place] == INTERNET
        ]

    @cached_property
    def _gates(self) -> dict[int, list[EdgeId]]:
        """Edges by which each node is entered, from outside or by a door before it."""
        nodes, steps = self.attack.nodes, self.attack.steps
        before = [node_id == INTERNET or may_be_door(nodes.at[place]) for node_id, place in nodes.index.items()]
        likely = np.append(np.array(before, dtype=bool)[steps.links.tail], np.zeros(1, dtype=bool))[steps.place]
        found: dict[int, list[EdgeId]] = {}
        for place in np.unique(steps.place[likely]).tolist():
            link = steps.links[place]
            if is_gate(nodes, link):
                found.setdefault(link.head, []).append((link.tail, link.head, link.key))
        return found

    @cached_property
    def _from_outside(self) -> dict[int, NDArray[np.int64]]:
        """Steps from outside to each store that is an entry, or may become one."""
        attack, outside = self.attack, np.array(self.attack.nodes.outside, dtype=bool)
        numbers = np.flatnonzero(attack.steps.linked & outside[attack.tail_nodes])
        heads = attack.head_nodes[numbers]
        return {place: numbers[heads == place] for place in np.unique(heads).tolist()}

    def scored(self, changes: Sequence[Change] = (), weights: Weights | None = None) -> Scored:
        """Return the exposure after changes, by other weights if any are given."""
        weights = weights or self.weights
        nodes = self._nodes(changes)
        cost = self._cost(nodes, changes, weights)
        least = cheapest(self.attack.start, self.attack.head, cost, self._starts(nodes, cost, changes, weights))
        access = np.array([weights.access.of(level) for level in LEVELS])
        strongest = np.max(access * np.exp2(-least[self.ground.states]), axis=1, initial=0.0)
        return Scored(cost, least, self.sensitivities(changes, weights) * strongest[:, np.newaxis])

    @cached_property
    def _radii(self) -> NDArray[np.int64]:
        return sums(self.ground, self._functions).radius

    @property
    def _functions(self) -> NDArray[np.int64]:
        return np.array(self._breaches, dtype=np.int64)

    @property
    def functions(self) -> list[int]:
        """Nodes of the functions inside."""
        return [self.attack.node(state) for state in self._breaches]

    def radii(self, changes: Sequence[Change] = (), weights: Weights | None = None) -> Floats:
        """Return the blast radius of each function after changes; only those that a change reaches are worked out anew.

        Returns
        -------
        ndarray of float64, shape (functions, 2)
            ``BR``, low and high, in units of sensitivity, in the order of :attr:`functions`.
        """
        if weights is not None and weights is not self.weights:
            ground = self._ground(changes, weights)
            cost = self._cost(self._nodes(changes), changes, weights)
            return ground.amount(sums(ground, self._functions, cost=cost).radius)
        found = self._radii.copy()
        cost = self._cost(self._nodes(changes), changes, self.weights)
        functions, stores = self._affected(changes, cost)
        if len(functions) and len(stores):
            states = self._functions[functions]
            before, after = self.ground.only(stores), self._ground(changes, self.weights).only(stores)
            between = self._between(states, before.states.ravel())
            found[functions] -= sums(before, states, steps=between).radius
            found[functions] += sums(after, states, steps=between, cost=cost).radius
        return self.ground.amount(found)

    @cached_property
    def _backward(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return by_tail(self.attack.head, tails_of(self.attack.start), self.attack.states)

    def _affected(self, changes: Sequence[Change], cost: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the numbers of the functions that may reach what has changed, and of the stores behind that."""
        attack = self.attack
        before, behind = np.zeros((2, attack.states), dtype=bool)
        changed = cost != attack.cost
        before[tails_of(attack.start)[changed]] = True
        behind[attack.head[changed]] = True
        for node in {node for change in changes for node, _ in change.sensitivities}:
            states = [state_of(find_node(attack.nodes, node), hold) for hold in Hold]
            before[states] = behind[states] = True
        functions = np.flatnonzero(spread(*self._backward, before)[self._functions])
        stores = np.flatnonzero(spread(attack.start, attack.head, behind)[self.ground.states].any(axis=1))
        return functions, stores

    def _between(self, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return the steps on the ways from one to the other, whatever they cost."""
        ahead, back = np.zeros((2, self.attack.states), dtype=bool)
        ahead[sources] = back[targets] = True
        ahead = spread(self.attack.start, self.attack.head, ahead)
        on_way: NDArray[np.bool_] = ahead[tails_of(self.attack.start)] & spread(*self._backward, back)[self.attack.head]
        return on_way

    def costs_of(self, functions: Sequence[int], weights: Weights) -> Floats:
        """Return the least costs of all access from some functions: shape (functions, stores, levels)."""
        cost, attack = self._cost(self._nodes(()), (), weights), self.attack
        starts = [{self._breaches[number]: 0.0} for number in functions]
        found = [cheapest(attack.start, attack.head, cost, start)[self.ground.states] for start in starts]
        return np.array(found).reshape(len(functions), *self.ground.states.shape)

    def radii_at(self, costs: Floats, weights: Weights) -> Floats:
        """Return blast radii by costs of :meth:`costs_of`: float64, shape (functions, 2), in units of sensitivity."""
        ground, stores = self._ground((), weights), np.arange(len(self.ground.stores))
        sums = [ground.units(stores, strength(each)).sum(axis=0) for each in costs]
        return ground.amount(np.array(sums, dtype=np.int64).reshape(len(costs), 2))

    def _ground(self, changes: Sequence[Change], weights: Weights) -> Ground:
        ground = self.ground if weights is self.weights else Ground(self.attack, weights)
        return ground.with_sensitivities(self.sensitivities(changes, weights))

    def is_tight(self, scored: Scored) -> NDArray[np.bool_]:
        """Return which steps lie on a cheapest way to where they lead."""
        tails = tails_of(self.attack.start)
        ends = scored.least[self.attack.head]
        tight: NDArray[np.bool_] = np.isfinite(ends) & (scored.least[tails] + scored.cost == ends)
        return tight

    def sensitivities(self, changes: Sequence[Change], weights: Weights) -> Floats:
        """Return the weight of each store's sensitivity, low and high: float64, shape (stores, 2)."""
        bounds = [weights.sensitivity.of(level) for level in Sensitivity]
        levels = self._levels.copy()
        for node, sensitivity in (pair for change in changes for pair in change.sensitivities):
            place = find_node(self.attack.nodes, node)
            if place in self._number:
                levels[self._number[place]] = _SENSITIVITIES.index(sensitivity)
        return np.array([(each.low, each.high) for each in bounds], dtype=np.float64)[levels]

    @cached_property
    def _levels(self) -> NDArray[np.int64]:
        """Sensitivity of each store, by its number among all."""
        nodes = self.attack.nodes
        levels = [nodes.at[place].sensitivity or Sensitivity.UNKNOWN for place in self.ground.stores]
        return np.array([_SENSITIVITIES.index(level) for level in levels], dtype=np.int64)

    def _nodes(self, changes: Sequence[Change]) -> Nodes:
        """Return the nodes with the entries that they have after the changes."""
        nodes = copy.copy(self.attack.nodes)
        nodes.at = list(nodes.at)
        for change in changes:
            for node, entry in change.entries:
                place = find_node(nodes, node)
                nodes.at[place] = msgspec.structs.replace(nodes.at[place], entry=entry)
        return nodes

    def _cost(self, nodes: Nodes, changes: Sequence[Change], weights: Weights) -> Floats:
        cost = self.attack.cost.copy() if weights is self.weights else self._reweighed(weights)
        anew = {self._edge(key) for change in changes for key, _ in change.gates}
        for place in {find_node(nodes, node) for change in changes for node, _ in change.entries}:
            anew |= set(self._gates.get(place, ()))
        if weights is not self.weights:
            anew |= {edge for edges in self._gates.values() for edge in edges}
        for edge in anew:
            self._step_anew(cost, nodes, edge, changes, weights)
        for edge in {self._edge(key) for change in changes for key in change.removes}:
            cost[self.attack.steps.of(edge)] = math.inf
        return cost

    def _step_anew(self, cost: Floats, nodes: Nodes, edge: EdgeId, changes: Iterable[Change], weights: Weights) -> None:
        steps = self.attack.steps.of(edge).tolist()
        link = self.attack.steps[steps[0]].link if steps else None
        if link is None or link.edge.view is View.DATA:
            return
        key = (nodes.ids[edge[0]], nodes.ids[edge[1]], str(edge[2]))
        attributes = link.edge
        for change in changes:
            attributes = changed_edge(attributes, key, change)
        link = Link(link.tail, link.head, link.key, attributes)
        new = {(step.tail, step.head): step.cost for step in trust_steps(nodes, link, weights, self._undecided)}
        for number in steps:
            step = self.attack.steps[number]
            cost[number] = new.get((step.tail, step.head), math.inf)

    def _reweighed(self, weights: Weights) -> Floats:
        """Return the costs of all steps by other weights; those of entries are to be worked out anew."""
        steps = self.attack.steps
        costs = np.array([weights.costs.of(float(each)) for each in steps.classes])
        found: Floats = costs[steps.price]
        return found

    def _starts(self, nodes: Nodes, cost: Floats, changes: Sequence[Change], weights: Weights) -> dict[int, float]:
        starts = dict.fromkeys(self._breaches, weights.entries.assumed_breach)
        changed = {find_node(nodes, node) for change in changes for node, _ in change.entries}
        for place in sorted({*self._entries, *changed}):
            entry = EntryKind.ANONYMOUS if nodes.ids[place] == INTERNET else nodes.at[place].entry
            ways_in = self._from_outside.get(place)
            led_to = nodes.store[place] and ways_in is not None and bool(np.isfinite(cost[ways_in]).any())
            if entry is not None and not led_to:
                starts[state_of(place, Hold.READ if nodes.store[place] else Hold.ACTS)] = weights.entries.of(entry)
        for change in changes:
            starts |= {self.attack.taken_over(find_node(nodes, node)): 0.0 for node in change.compromised}
        return starts

    def _edge(self, key: EdgeKey) -> EdgeId:
        index = self.attack.nodes.index
        return index[key[0]], index[key[1]], key[2]
