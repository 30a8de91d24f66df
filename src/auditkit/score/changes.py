"""Changes of a graph for the sake of argument: what is closed, gated, improved, reclassified or given up for lost."""

import math
from collections.abc import Sequence

import msgspec

from auditkit.errors import ScoreError
from auditkit.facts import FACTORS
from auditkit.graph._edges import edge_of
from auditkit.graph.schema import (
    INTERNET,
    AccessLevel,
    Boundary,
    Edge,
    EdgeKind,
    EntryKind,
    Evidence,
    Factors,
    Graph,
    Interval,
    Node,
    Sensitivity,
    View,
)
from auditkit.inventory import Kind
from auditkit.score._input import is_store

__all__ = ["COMPROMISED", "Change", "EdgeKey", "FactorLevel", "changed_edge", "changed_graph"]

EdgeKey = tuple[str, str, str]
"""An edge of a graph: ids of its ends, and its key."""

COMPROMISED = "declared compromised"
"""Label, and key, of the edge from the internet to what is declared compromised."""

_GATED = 4.0
"""Least cost of what hangs on a condition (``facts/scoring``)."""


class FactorLevel(msgspec.Struct, frozen=True, order=True):
    """What a hop factor of an edge becomes: no worse than this level."""

    edge: EdgeKey
    factor: str
    level: float


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is changed in a graph, all at once.

    Attributes
    ----------
    label
        What it is, in words.
    removes
        Edges that are gone.
    gates
        Edges that hang on a condition from now on, and its key.
    levels
        Hop factors that become better.
    entries
        Nodes whose kind of entry becomes another one; ``None`` for no entry.
    sensitivities
        Stores whose sensitivity becomes another one.
    compromised
        Nodes that are taken for lost: an attacker has them from the start.
    """

    label: str
    removes: tuple[EdgeKey, ...] = ()
    gates: tuple[tuple[EdgeKey, str], ...] = ()
    levels: tuple[FactorLevel, ...] = ()
    entries: tuple[tuple[str, EntryKind | None], ...] = ()
    sensitivities: tuple[tuple[str, Sensitivity], ...] = ()
    compromised: tuple[str, ...] = ()

    def check(self, graph: Graph) -> None:
        """Check that everything that is named is in the graph.

        Raises
        ------
        ScoreError
            If a node, an edge or a factor is not there; the message names it.
        """
        nodes = [node for node, _ in (*self.entries, *self.sensitivities)]
        for node in (*nodes, *self.compromised):
            if node not in graph:
                raise ScoreError(f"{self.label}: there is no node {node!r} in the graph")
        for edge in (*self.removes, *(edge for edge, _ in self.gates), *(level.edge for level in self.levels)):
            if not graph.has_edge(*edge):
                raise ScoreError(f"{self.label}: there is no edge {edge[0]!r} -> {edge[1]!r} ({edge[2]}) in the graph")
        for level in self.levels:
            if level.factor not in FACTORS or not 0 <= level.level <= 1:
                raise ScoreError(f"{self.label}: a factor cannot become {level.factor} {level.level}")


def changed_graph(graph: Graph, changes: Sequence[Change]) -> Graph:
    """Return a copy of a graph after these changes, in their order; the graph itself stays as it is.

    What an earlier change has removed, a later one does not bring back, and what is lost stays lost.

    Raises
    ------
    ScoreError
        If a change names what is not there.
    """
    copy: Graph = graph.copy()
    for change in changes:
        change.check(graph)
        for tail, head, key in change.removes:
            if copy.has_edge(tail, head, key):
                _remove(copy, tail, head, key)
        for touched in sorted({*(edge for edge, _ in change.gates), *(level.edge for level in change.levels)}):
            if copy.has_edge(*touched):
                attributes = copy.edges[touched]
                edge = changed_edge(edge_of(attributes), touched, change)
                attributes.update({name: getattr(edge, name) for name in Edge.__struct_fields__})
        for node, entry in change.entries:
            copy.nodes[node]["entry"] = entry
        for node, sensitivity in change.sensitivities:
            copy.nodes[node].update(sensitivity=sensitivity, sensitivity_reason=change.label)
    for node in sorted({node for change in changes for node in change.compromised}):
        _compromise(copy, node)
    return copy


def _remove(graph: Graph, tail: str, head: str, key: str) -> None:
    """Remove an edge. That something runs as a role is denied instead: without it its permissions were not known."""
    if graph.edges[tail, head, key]["kind"] is EdgeKind.RUNS_AS:
        graph.edges[tail, head, key]["cost"] = math.inf
    else:
        graph.remove_edge(tail, head, key)


def changed_edge(edge: Edge, key: EdgeKey, change: Change) -> Edge:
    """Return an edge as a change leaves it that does not remove it."""
    conditions = sorted({condition for gated, condition in change.gates if gated == key} - set(edge.conditions))
    factors = edge.factors
    for level in change.levels:
        if level.edge == key and factors is not None:
            factors = _improved(factors, level, change.label)
    cost = max(edge.cost, _GATED) if conditions else edge.cost
    return msgspec.structs.replace(edge, conditions=(*edge.conditions, *conditions), cost=cost, factors=factors)


def _improved(factors: Factors, level: FactorLevel, why: str) -> Factors:
    old: Interval = getattr(factors, level.factor)
    new = Interval(min(old.low, level.level), min(old.high, level.level))
    if new == old:
        return factors
    reasons = {**factors.reasons, level.factor: why}
    return msgspec.structs.replace(factors, reasons=reasons, **{level.factor: new})


def _compromise(graph: Graph, node: str) -> None:
    """Lead from the internet straight to a node; whatever entry it was, anyone has it now."""
    attributes = graph.nodes[node]
    if node == INTERNET:
        return
    if INTERNET not in graph:
        internet = Node(kind=Kind.INTERNET, label="Internet", boundary=Boundary("internet", "", "Internet"))
        graph.add_node(INTERNET, **{name: getattr(internet, name) for name in Node.__struct_fields__})
    if attributes["entry"] is not None:
        attributes["entry"] = EntryKind.ANONYMOUS
    store = is_store(Node(**{name: attributes[name] for name in Node.__struct_fields__ if name in attributes}))
    edge = Edge(
        kind=EdgeKind.PERMITS if store else EdgeKind.INVOKES,
        view=View.TRUST,
        evidence=Evidence.OBSERVED,
        label=COMPROMISED,
        cost=0.0,
        access=AccessLevel.ADMIN if store else None,
    )
    graph.add_edge(INTERNET, node, key=COMPROMISED, **{name: getattr(edge, name) for name in Edge.__struct_fields__})
