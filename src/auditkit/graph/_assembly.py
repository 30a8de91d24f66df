"""What edge modules have said, and how it becomes one graph: ids led together, nodes and edges merged."""

from collections.abc import Callable

import msgspec
import numpy as np

from auditkit.case import Case
from auditkit.graph._kept import graph_of
from auditkit.graph._merging import merged, richness
from auditkit.graph._refs import Reference, reference
from auditkit.graph._table import Place, Said, Table
from auditkit.graph.boundaries import Boundaries
from auditkit.graph.schema import Boundary, Edge, Graph, Node
from auditkit.graph.sensitivity import sensitivity_of
from auditkit.inventory import STORE_KINDS, UNSET, Inventory, Kind, Record, Source, UnsetType

__all__ = ["KEEPING", "Sayings"]

KEEPING = STORE_KINDS | {Kind.STATE_MACHINE}
"""Kinds that keep data: stores, and state machines, as the history of their executions holds their data."""


class Sayings:
    """Nodes, edges, references and aliases as they were said, in any order.

    Parameters
    ----------
    inventory, case, boundaries
        As of :class:`~auditkit.graph._build.Builder`.

    Attributes
    ----------
    nodes, edges, aliases, references, observations
        What was said of each id, the edges that were said, which other ids an id means, what a reference told, and
        where an edge was observed.
    """

    def __init__(self, inventory: Inventory, case: Case, boundaries: Boundaries) -> None:
        self._inventory = inventory
        self._case = case
        self._boundaries = boundaries
        self.nodes: dict[str, list[Node]] = {}
        self.edges = Said()
        self.aliases: dict[str, set[str]] = {}
        self.references: dict[str, Reference] = {}
        self.observations: dict[Place, set[Source]] = {}

    def _known(self, node_id: str) -> Record | None:
        return self._inventory.get(node_id)

    def kind(self, node_id: str) -> Kind:
        """Return the kind of a node, by its record or by what refers to it."""
        record = self._known(node_id)
        if record is not None:
            return record.kind
        found = self.references.get(node_id)
        return found.kind if found else reference(node_id).kind

    def boundary(self, node_id: str) -> Boundary:
        """Return the boundary of a node, by its record, by what was said of it, or by what refers to it."""
        record = self._known(node_id)
        if record is not None:
            return self._boundaries.of_account(record.account)
        if node_id in self.nodes and node_id not in self.references:  # a node that is no record: a cache behaviour
            return min(self.nodes[node_id], key=richness).boundary
        found = self.references.get(node_id)
        return self._boundaries.of_reference(found or reference(node_id))

    def say(self, origin: str, target: str, edge: Edge) -> None:
        """Say that there is an edge between two ids."""
        self.edges.say([self.edges.number(origin)], [self.edges.number(target)], edge)

    @property
    def graph(self) -> Graph:
        """The graph of all that has been said so far: nodes and edges sorted, attributes those of the schema."""
        return self._graph(lambda: None)

    def finished(self) -> Graph:
        """Return the graph of all that has been said; its edges are forgotten here."""
        graph = self._graph(self.edges.clear)
        self.edges.words.rest()
        return graph

    def _graph(self, done: Callable[[], None]) -> Graph:
        nodes = self._merged()
        tail, head, bare, ground = self.edges.columns()
        used = np.unique(np.concatenate([tail, head])).tolist()
        ends = [self._end(self.edges.nodes[number], nodes) for number in used]
        ids = sorted(nodes)
        index = {node_id: place for place, node_id in enumerate(ids)}
        place = np.zeros(len(self.edges.nodes), dtype=np.int32)
        place[used] = [index[end] for end in ends]
        table = Table(ids, (place[tail], place[head], bare, ground), self.edges.words)
        del tail, head, bare, ground
        done()
        table.observe(self.observations)
        return graph_of(nodes, table)

    def canonical(self, node_id: str) -> str:
        """Return the id of the node that an id means, by the aliases that are known so far."""
        seen = {node_id}
        while node_id in self.aliases:
            node_id = min(self.aliases[node_id])
            if node_id in seen:
                return min(seen)
            seen.add(node_id)
        return node_id

    def _merged(self) -> dict[str, Node]:
        said: dict[str, list[Node]] = {}
        for node_id, nodes in self.nodes.items():
            said.setdefault(self.canonical(node_id), []).extend(nodes)
        return {node_id: self._judged(node_id, merged(nodes)) for node_id, nodes in said.items()}

    def _judged(self, node_id: str, node: Node) -> Node:
        """Return a node of a store with its sensitivity, where nobody has said it."""
        if node.sensitivity is not None or node.kind not in STORE_KINDS:
            return node
        sensitivity, reason = sensitivity_of(node_id, node.label, node.tags or UNSET, self._case)
        return msgspec.structs.replace(node, sensitivity=sensitivity, sensitivity_reason=reason)

    def _end(self, node_id: str, nodes: dict[str, Node]) -> str:
        node_id = self.canonical(node_id)
        if node_id in nodes:
            return node_id
        found = self.references.get(node_id) or reference(node_id)
        end = self.canonical(found.id)
        if end not in nodes:
            nodes[end] = self._from_reference(self.references.get(end) or reference(end))
        return end

    def _from_reference(self, found: Reference) -> Node:
        record = self._known(found.id)
        account, region = (record.account, record.region) if record else (found.account, found.region)
        sensitivity, reason = None, ""
        if found.kind in KEEPING:
            tags = record.tags if record else UNSET
            sensitivity, reason = sensitivity_of(found.id, found.label, tags, self._case)
        return Node(
            kind=found.kind,
            label=(record.name if record else "") or found.label,
            account=account,
            region=region,
            boundary=self._boundaries.of_account(account) if record else self._boundaries.of_reference(found),
            sources=record.sources if record else (),
            sensitivity=sensitivity,
            sensitivity_reason=reason,
            tags=dict(record.tags) if record and not isinstance(record.tags, UnsetType) else {},
            exists=record is not None or found.kind in {Kind.INTERNET, Kind.SERVICE, Kind.THIRD_PARTY},
        )
