"""From the graph to what a diagram shows: fewer nodes, each standing for the members it was made of.

A diagram of everything is read by nobody. Routes are shown as their API, rules and subscriptions as the arrow they are,
log groups and keys only when asked for. What was folded stays findable: every drawn node and edge lists its members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from auditkit.draw._style import Chip
from auditkit.graph.schema import INTERNET, Boundary, EdgeKind, EntryKind, Evidence, Graph, Sensitivity, View
from auditkit.inventory import Kind

__all__ = ["QUIET", "EdgeId", "Sketch", "SketchEdge", "SketchNode", "sketch_from_graph"]

EdgeId = tuple[str, str, Any]
"""Source, target and key of an edge of the graph."""

_ARROWS = frozenset(
    {Kind.RULE, Kind.SUBSCRIPTION, Kind.EVENT_SOURCE_MAPPING, Kind.TABLE_STREAM, Kind.TARGET_GROUP, Kind.LISTENER}
)
QUIET = frozenset({Kind.LOG_GROUP, Kind.KEY, Kind.REPOSITORY})
"""Kinds that are drawn only where they are asked for."""
_STRENGTH = {evidence: rank for rank, evidence in enumerate(Evidence)}


class SketchNode(msgspec.Struct, kw_only=True):
    """A drawn node: one node of the graph, or several folded into one."""

    id: str
    label: str
    kind: Kind
    boundary: Boundary
    members: list[str]
    entry: EntryKind | None = None
    sensitivity: Sensitivity | None = None
    exists: bool = True
    note: str = ""
    chip: Chip | None = None


class SketchEdge(msgspec.Struct, kw_only=True):
    """A drawn edge: all edges of the graph that it stands for."""

    labels: list[str]
    members: list[EdgeId]
    evidence: Evidence
    weakness: tuple[float, float] = (0.0, 0.0)
    enabled: bool = True
    kind: EdgeKind = EdgeKind.DELIVERS


class Sketch:
    """Nodes and edges to draw.

    Attributes
    ----------
    nodes
        Drawn nodes by id.
    edges
        Drawn edges by (source, target).
    hidden
        Kind -> number of nodes left out, for the caption.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, SketchNode] = {}
        self.edges: dict[tuple[str, str], SketchEdge] = {}
        self.hidden: dict[Kind, int] = {}

    def add(self, node_id: str, data: Mapping[str, Any]) -> None:
        """Add a node with the attributes that it has in the graph."""
        self.nodes[node_id] = SketchNode(
            id=node_id,
            label=data["label"] or node_id,
            kind=data["kind"],
            boundary=data["boundary"],
            members=[node_id],
            entry=data["entry"],
            sensitivity=data["sensitivity"],
            exists=data["exists"],
        )

    def connect(self, source: str, target: str, edge: SketchEdge) -> None:
        """Add an edge, or fold it into the one that is there."""
        if source == target:
            return
        old = self.edges.get((source, target))
        if old is None:
            self.edges[(source, target)] = edge
            return
        old.labels.extend(label for label in edge.labels if label not in old.labels)
        old.members.extend(member for member in edge.members if member not in old.members)
        old.evidence = min(old.evidence, edge.evidence, key=_STRENGTH.__getitem__)
        old.weakness = _weakest(old.weakness, edge.weakness)
        old.enabled = old.enabled or edge.enabled

    def neighbours(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Return the predecessors and the successors of each node that has some."""
        before: dict[str, set[str]] = {}
        after: dict[str, set[str]] = {}
        for source, target in self.edges:
            before.setdefault(target, set()).add(source)
            after.setdefault(source, set()).add(target)
        return before, after

    def fold(self, groups: Mapping[str, SketchNode]) -> Sketch:
        """Return a sketch in which nodes are replaced by the group they belong to (``groups``: node id -> group)."""
        out = Sketch()
        out.hidden = dict(self.hidden)
        for node_id, node in self.nodes.items():
            group = groups.get(node_id)
            if group is None:
                out.nodes[node_id] = node
                continue
            there = out.nodes.setdefault(group.id, msgspec.structs.replace(group, members=[]))
            there.members.extend(node.members)
            there.sensitivity = _highest(there.sensitivity, node.sensitivity)
            there.entry = there.entry or node.entry
        for (source, target), edge in self.edges.items():
            ends = [groups[end].id if end in groups else end for end in (source, target)]
            copy = msgspec.structs.replace(edge, labels=list(edge.labels), members=list(edge.members))
            out.connect(ends[0], ends[1], copy)
        return out

    def keep(self, nodes: Iterable[str]) -> Sketch:
        """Return the sketch of these nodes and the edges between them."""
        wanted = set(nodes)
        out = Sketch()
        out.hidden = dict(self.hidden)
        out.nodes = {node_id: node for node_id, node in self.nodes.items() if node_id in wanted}
        out.edges = {ends: edge for ends, edge in self.edges.items() if wanted.issuperset(ends)}
        return out

    def around(self, centre: Iterable[str], hops: int) -> set[str]:
        """Return the nodes at most ``hops`` edges from ``centre``, whichever way the edges point."""
        before, after = self.neighbours()
        seen = {node for node in centre if node in self.nodes}
        fringe = set(seen)
        for _ in range(hops):
            on = fringe - {INTERNET}
            fringe = {near for node in on for near in (*before.get(node, ()), *after.get(node, ()))} - seen
            seen |= fringe
        return seen


def _weakest(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return max(one[0], other[0]), max(one[1], other[1])


def _highest(one: Sensitivity | None, other: Sensitivity | None) -> Sensitivity | None:
    order = [None, *Sensitivity]
    known = [None, Sensitivity.UNKNOWN, *[level for level in order[1:] if level is not Sensitivity.UNKNOWN]]
    return max(one, other, key=known.index)


def sketch_from_graph(
    graph: Graph,
    *,
    weakness: Mapping[EdgeId, tuple[float, float]] | None = None,
    permitted: bool = False,
    show: Iterable[Kind] = (),
) -> Sketch:
    """Return what a data-flow diagram of a graph shows.

    Parameters
    ----------
    graph
        Graph with the attributes of :mod:`auditkit.graph.schema`.
    weakness
        Low and high bound of the hop weakness W in [0, 1] of data-view edges, as :func:`auditkit.score.hops` gives it.
    permitted
        Also draw what is only permitted, apart.
    show
        Kinds to draw although they are left out by default (log groups, keys, repositories), or to draw as nodes
        although they are drawn as arrows by default (rules, subscriptions, streams of tables).
    """
    shown = frozenset(show)
    weights = weakness or {}
    sketch = Sketch()
    flows = [
        (source, target, key, data)
        for source, target, key, data in graph.edges(keys=True, data=True)
        if data["view"] is View.DATA and (permitted or data["evidence"] is not Evidence.PERMITTED)
    ]
    touched = {end for source, target, _, _ in flows for end in (source, target)}
    for node_id in sorted(touched):
        sketch.add(node_id, graph.nodes[node_id])
    for source, target, key, data in sorted(flows, key=lambda flow: (flow[0], flow[1], str(flow[2]))):
        member = (source, target, key)
        edge = SketchEdge(
            labels=[data["label"]] if data["label"] else [],
            members=[member],
            evidence=data["evidence"],
            weakness=weights.get(member, (0.0, 0.0)),
            enabled=data["enabled"],
            kind=data["kind"],
        )
        sketch.connect(source, target, edge)
    sketch = sketch.fold(_parents(graph, sketch))
    _drop(sketch, lambda node: node.kind in QUIET - shown)
    _straighten(sketch, _ARROWS - shown)
    return sketch


def _parents(graph: Graph, sketch: Sketch) -> dict[str, SketchNode]:
    """Return, for each route or the like, the API or other node that contains it."""
    groups: dict[str, SketchNode] = {}
    for source, target, data in graph.edges(data=True):
        if data["kind"] is EdgeKind.CONTAINS and target in sketch.nodes and graph.nodes[target]["kind"] is Kind.ROUTE:
            parent = Sketch()
            parent.add(source, graph.nodes[source])
            groups[target] = parent.nodes[source]
    return groups


def _drop(sketch: Sketch, unwanted: Callable[[SketchNode], bool]) -> None:
    gone = {node_id for node_id, node in sketch.nodes.items() if unwanted(node)}
    for node_id in gone:
        kind = sketch.nodes.pop(node_id).kind
        sketch.hidden[kind] = sketch.hidden.get(kind, 0) + 1
    sketch.edges = {ends: edge for ends, edge in sketch.edges.items() if gone.isdisjoint(ends)}


def _straighten(sketch: Sketch, arrows: frozenset[Kind]) -> None:
    """Replace nodes that are really arrows (rules, subscriptions) by edges from what feeds them to what they feed."""
    before, after = sketch.neighbours()
    for node_id in sorted(node_id for node_id, node in sketch.nodes.items() if node.kind in arrows):
        sources, targets = sorted(before.get(node_id, ())), sorted(after.get(node_id, ()))
        if not sources or not targets:
            continue
        node = sketch.nodes.pop(node_id)
        first = {source: sketch.edges.pop((source, node_id)) for source in sources}
        second = {target: sketch.edges.pop((node_id, target)) for target in targets}
        for source in sources:
            after[source].discard(node_id)
            for target in targets:
                before[target].discard(node_id)
                sketch.connect(source, target, _through(node, first[source], second[target]))
                if source != target:
                    after[source].add(target)
                    before[target].add(source)


def _through(node: SketchNode, first: SketchEdge, second: SketchEdge) -> SketchEdge:
    """Return the edge that stands for a node that is really an arrow, and for the edges that meet there."""
    return SketchEdge(
        labels=[node.label],
        members=[*first.members, *second.members],
        evidence=max(first.evidence, second.evidence, key=_STRENGTH.__getitem__),
        weakness=_weakest(first.weakness, second.weakness),
        enabled=first.enabled and second.enabled,
        kind=second.kind,
    )
