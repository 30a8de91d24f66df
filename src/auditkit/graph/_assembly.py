"""What edge modules have said, and how it becomes one graph: ids led together, nodes and edges merged."""

from collections.abc import Callable, Iterable

import msgspec
import networkx as nx

from auditkit.case import Case
from auditkit.graph._edges import add_edge
from auditkit.graph._merging import merged, observed, richness, unique
from auditkit.graph._refs import Reference, reference
from auditkit.graph.boundaries import Boundaries
from auditkit.graph.schema import Boundary, Edge, Graph, Node
from auditkit.graph.sensitivity import sensitivity_of
from auditkit.inventory import STORE_KINDS, UNSET, Inventory, Kind, Record, Source, UnsetType

__all__ = ["KEEPING", "Sayings"]

Place = tuple[str, str, str]
"""Where an edge is: its two ends, and its key."""
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
        What was said of each id, of each pair with a key, which other ids an id means, what a reference told, and
        where an edge was observed.
    """

    def __init__(self, inventory: Inventory, case: Case, boundaries: Boundaries) -> None:
        self._inventory = inventory
        self._case = case
        self._boundaries = boundaries
        self.nodes: dict[str, list[Node]] = {}
        self.edges: dict[Place, tuple[Edge, ...]] = {}
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

    def say(self, ends: Iterable[tuple[str, str]], key: str, edge: Edge) -> None:
        """Say that there is the same edge between each of some pairs of ids."""
        said = (edge,)
        for origin, target in ends:
            place = origin, target, key
            known = self.edges.get(place)
            self.edges[place] = said if known is None else (*known, edge)

    @property
    def graph(self) -> Graph:
        """The graph of all that has been said so far: nodes and edges sorted, attributes those of the schema."""
        return self._graph(self.edges.__getitem__)

    def finished(self) -> Graph:
        """Return the graph of all that has been said; edges are forgotten here as they come into it."""
        return self._graph(self.edges.pop)

    def _graph(self, take: Callable[[Place], tuple[Edge, ...]]) -> Graph:
        nodes = self._merged()
        places, led = self._led(nodes)
        graph: Graph = nx.MultiDiGraph()
        for node_id in sorted(nodes):
            graph.add_node(node_id, **msgspec.structs.asdict(nodes[node_id]))
        for place in sorted(places):
            edge = led[place] if place in led else take(place)[0]
            add_edge(graph, place, edge)
        return graph

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

    def _led(self, nodes: dict[str, Node]) -> tuple[list[Place], dict[Place, Edge]]:
        """Return the places of all edges, between canonical ids, and the edges that are not what was said there alone.

        The nodes that are missing are made.
        """
        ends: dict[str, str] = {}
        places: list[Place] = []
        moved: dict[Place, list[Edge]] = {}
        for place, edges in self.edges.items():
            for node_id in place[:2]:
                if node_id not in ends:
                    ends[node_id] = self._end(node_id, nodes)
            new = ends[place[0]], ends[place[1]], place[2]
            if new == place and len(edges) == 1:
                places.append(place)
            else:
                moved.setdefault(new, []).extend(edges)
        led: dict[Place, Edge] = {}
        for (origin, target, key), said in moved.items():
            every = unique([*said, *self.edges.get((origin, target, key), ())])
            for number, edge in enumerate(sorted(every, key=repr) if len(every) > 1 else every):
                led[origin, target, f"{key}#{number + 1}" if number else key] = edge
        for place, sources in self.observations.items():
            if place in led or place in self.edges:
                led[place] = observed(led[place] if place in led else self.edges[place][0], sources)
        return [*(place for place in places if place not in led), *led], led

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
