"""What the edge modules build with: nodes and edges are collected in any order and assembled in one.

An edge module is ``auditkit/graph/edges/<family>.py`` with one public function ``connect(build: Builder) -> None``.
It reads records from ``build.inventory`` and says what it found; it never asks what others have said, so modules may
run in any order.

- ``build.add(record)`` makes the node of a record that is itself a node, and returns its id.
- ``build.ref(text)`` gives the id of whatever a setting refers to; the node is made if nobody adds a better one.
- ``build.alias(other, id)`` says that another spelling means the same node (a host name, an alias of a key).
- ``build.triggers(u, v, hop=...)`` for a trigger or delivery: the data edge and the trust edge beside it.
- ``build.flow(u, v, kind=..., hop=...)`` for a data edge alone; ``build.edge(u, v, Edge(...))`` for anything else.
"""

from collections.abc import Iterable, Sequence
from typing import Unpack

import msgspec

from auditkit.case import Case
from auditkit.facts import FACTORS
from auditkit.graph._assembly import KEEPING, Sayings
from auditkit.graph._hosts import host_reference
from auditkit.graph._refs import Reference, reference
from auditkit.graph.boundaries import Boundaries
from auditkit.graph.factors import Level, Levels, factors_of
from auditkit.graph.schema import (
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
from auditkit.graph.sensitivity import sensitivity_of
from auditkit.inventory import STORE_KINDS, Inventory, Kind, Record, Source, UnsetType

__all__ = ["FAN_OUT", "Builder", "Said"]


class Said(Levels, total=False):
    """What a module may say of a hop: attributes of its edge beside the levels of its factors."""

    label: str
    evidence: Evidence
    enabled: bool
    conditions: Iterable[str]
    unknown: str
    qualifier: str
    detail: str


FAN_OUT = 100
"""Most targets that one principal is given the same on before a grant stands for them."""

_OUTSIDE = frozenset({Kind.THIRD_PARTY, Kind.API_DESTINATION, Kind.INTERNET})


class Builder:
    """Collects nodes and edges, and assembles the graph.

    Parameters
    ----------
    inventory
        What is connected.
    case
        Decisions of the audit; none by default.
    fan_out
        Most targets that one principal is given the same on before a grant stands for them.

    Attributes
    ----------
    inventory, case, fan_out, boundaries
        As given, and whose account is whose.
    """

    def __init__(self, inventory: Inventory, *, case: Case | None = None, fan_out: int = FAN_OUT) -> None:
        self.inventory = inventory
        self.fan_out = fan_out
        self.case = case if case is not None else Case()
        self.boundaries = Boundaries(inventory, self.case)
        self._said = Sayings(inventory, self.case, self.boundaries)

    # ------------------------------------------------------------------ nodes

    def node(self, node_id: str, node: Node) -> str:
        """Say that there is a node; said twice, the richer one wins and the sources add up. Return its id."""
        self._said.nodes.setdefault(node_id, []).append(node)
        return node_id

    def add(
        self,
        record: Record,
        *,
        kind: Kind | None = None,
        label: str = "",
        entry: EntryKind | None = None,
        vpc: str = "",
        keeps: bool | None = None,
    ) -> str:
        """Make the node of a record and return its id.

        Parameters
        ----------
        record
            The record; its id is the node's.
        kind, label
            Where they differ from the record's own kind and name.
        entry
            How the outside gets in here.
        vpc
            Id of the VPC it lies in.
        keeps
            Whether it keeps data, so that it has a sensitivity; by its kind where this is not given.
        """
        what = kind if kind is not None else record.kind
        keeps = what in KEEPING if keeps is None else keeps
        sensitivity, reason = self.sensitivity(record) if keeps else (None, "")
        return self.node(
            record.id,
            Node(
                kind=what,
                label=label or record.name or reference(record.id).label,
                account=record.account,
                region=record.region,
                boundary=self.boundary(account=record.account, vpc=vpc),
                sources=record.sources,
                entry=entry,
                sensitivity=sensitivity,
                sensitivity_reason=reason,
                tags={} if isinstance(record.tags, UnsetType) else dict(record.tags),
            ),
        )

    def reference(self, text: str) -> Reference:
        """Return what a setting refers to, with kind and qualifier; a node is made if nobody adds a better one."""
        found = reference(text)
        self._said.references[found.id] = found
        return found

    def account_of(self, node_id: str) -> str:
        """Return the account of a node: as it was said, or else as its id tells."""
        said = (node.account for node in self._said.nodes.get(node_id, ()) if node.account)
        return next(said, "") or self.reference(node_id).account

    def ref(self, text: str) -> str:
        """Return the id of what a setting refers to: :meth:`reference` without the rest."""
        return self.reference(text).id

    def third_party(self, host: str) -> str:
        """Return the id of a host: ``thirdparty:<host>``, or an AWS service's, a bucket's, or ``host:<host>``.

        The last is for private hosts and for hosts of AWS resources (databases, APIs, distributions). A module that
        knows whose host it is says so with :meth:`alias_host`.
        """
        found = host_reference(host)
        self._said.references[found.id] = found
        return found.id

    def alias(self, other: str, node_id: str) -> None:
        """Say that another id means this node; edges to it are led here."""
        if other != node_id:
            self._said.aliases.setdefault(other, set()).add(node_id)

    def alias_host(self, host: str, node_id: str) -> None:
        """Say that a host name is this node's: a database's endpoint, an API's custom domain."""
        found = host_reference(host)
        if found.kind in {Kind.HOST, Kind.THIRD_PARTY}:
            self.alias(found.id, node_id)

    # ------------------------------------------------------------------ edges

    def edge(self, origin: str, target: str, edge: Edge) -> None:
        """Say that there is an edge; endpoints are ids, those that nobody adds become nodes by :meth:`reference`."""
        self._said.say(origin, target, edge)

    def edges(self, ends: Iterable[tuple[str, str]], edge: Edge) -> None:
        """Say that there is the same edge between each of some pairs of ids: origin and target."""
        pairs = [(self.number(origin), self.number(target)) for origin, target in ends]
        self.edges_between([origin for origin, _ in pairs], [target for _, target in pairs], edge)

    def edges_between(self, origins: Sequence[int], targets: Sequence[int], edge: Edge) -> None:
        """Say that there is the same edge between each of some pairs of nodes, by their :meth:`number`."""
        self._said.edges.say(origins, targets, edge)

    def number(self, node_id: str) -> int:
        """Return the number of an id; numbers are given as they are asked for."""
        return self._said.edges.number(node_id)

    @property
    def numbered(self) -> Sequence[str]:
        """Ids by their :meth:`number`."""
        return self._said.edges.nodes

    def addressed(self, *kinds: EdgeKind) -> set[tuple[str, str]]:
        """Return what edges of some kinds that were said so far address: ids of targets, each with a qualifier.

        Edges that are switched off, or that have no qualifier, are left out.
        """
        return {
            (target, edge.qualifier)
            for target, edge in self._said.edges.into(
                lambda edge: bool(edge.qualifier) and edge.kind in kinds and edge.enabled
            )
        }

    @property
    def edge_count(self) -> int:
        """Number of edges that were said so far."""
        return len(self._said.edges)

    def observe(self, origin: str, target: str, key: str, source: Source) -> None:
        """Say that an edge of the graph, by its ends and key in :attr:`graph`, was observed, and where."""
        self._said.observations.setdefault((origin, target, key), set()).add(source)

    def flow(
        self,
        origin: str,
        target: str,
        *,
        kind: EdgeKind,
        hop: str,
        sources: Iterable[Source],
        **said: Unpack[Said],
    ) -> Edge:
        """Say that data moves along a hop, and return the edge.

        Parameters
        ----------
        origin, target
            Ids, in the direction in which the data moves.
        kind
            A kind of the data view.
        hop
            Row of the hop facts.
        sources
            The records or settings that say so.
        **said
            What else is known: attributes of the edge, and the levels of its factors. The factor *third party* is found
            from the two ends where it is not given.
        """
        levels: dict[str, Level] = {factor: said[factor] for factor in FACTORS if factor in said}  # type: ignore[literal-required]
        levels.setdefault("third_party", self.party(origin, target))
        edge = Edge(
            kind=kind,
            view=View.DATA,
            evidence=said.get("evidence", Evidence.CONFIGURED),
            sources=tuple(sources),
            label=said.get("label", ""),
            conditions=tuple(sorted(said.get("conditions", ()))),
            unknown=said.get("unknown", ""),
            factors=factors_of(hop, **levels),
            enabled=said.get("enabled", True),
            qualifier=said.get("qualifier", ""),
            detail=said.get("detail", ""),
        )
        self.edge(origin, target, edge)
        return edge

    def triggers(
        self,
        origin: str,
        target: str,
        *,
        hop: str,
        sources: Iterable[Source],
        kind: EdgeKind = EdgeKind.DELIVERS,
        cost: float | None = None,
        **said: Unpack[Said],
    ) -> None:
        """Say that data is handed on, and that whoever controls the one end reaches the other.

        Beside the data edge (:meth:`flow`) this makes ``INVOKES`` to what runs, or ``PERMITS`` at *write* to what
        stores; nothing to what is outside. A trigger that is switched off makes the data edge alone.

        Parameters
        ----------
        origin, target, hop, sources, kind, **said
            As of :meth:`flow`.
        cost
            Of the trust edge. By default 2 where the origin is a store (an attacker writes to it and waits, or injects
            into a consumer), 3 if the factor *validation* is 0 besides, and 0 from what hands on by itself (a rule, a
            pipe, a route). At least 4 where the edge is conditional or undecided.
        """
        data = self.flow(origin, target, kind=kind, hop=hop, sources=sources, **said)
        to = self._said.kind(target)
        if not data.enabled or to in _OUTSIDE:
            return
        if cost is None:
            validates = data.factors is not None and data.factors.validation == Interval.exactly(0)
            cost = 0 if self._said.kind(origin) not in STORE_KINDS else 3 if validates else 2
        stores = to in STORE_KINDS
        trust = msgspec.structs.replace(
            data,
            kind=EdgeKind.PERMITS if stores else EdgeKind.INVOKES,
            view=View.TRUST,
            cost=max(cost, 4) if data.conditions or data.unknown else cost,
            access=AccessLevel.WRITE if stores else None,
            factors=None,
        )
        self.edge(origin, target, trust)

    def acts_in(self, origin: str, role: str, *, sources: Iterable[Source], cost: float = 3, label: str = "") -> str:
        """Say that something acts in a role, and return the role's id.

        Parameters
        ----------
        origin, role
            Id of what acts; ARN of the role.
        sources, label
            As of :class:`Edge`.
        cost
            What it takes to use the role once the origin is reached. 0 where code runs in it (a function); by default
            3: a rule, a pipe or a state machine does with its role only what its definition says, so that more takes
            a flaw in the definition. Who may *change* the definition takes the role over by an escalation, not along
            this edge.
        """
        target = self.ref(role)
        edge = Edge(
            kind=EdgeKind.RUNS_AS,
            view=View.TRUST,
            evidence=Evidence.CONFIGURED,
            sources=tuple(sources),
            label=label,
            cost=cost,
        )
        self.edge(origin, target, edge)
        return target

    # ------------------------------------------------------- what nodes and edges say

    def boundary(self, *, account: str, vpc: str = "") -> Boundary:
        """Return the boundary of an account, or of a VPC in it."""
        return self.boundaries.of_vpc(vpc, account) if vpc else self.boundaries.of_account(account)

    def sensitivity(self, record: Record) -> tuple[Sensitivity, str]:
        """Return the sensitivity of a store and the reason, by the case and by its tags."""
        return sensitivity_of(record.id, record.name, record.tags, self.case)

    def factors(self, hop: str, **levels: Unpack[Levels]) -> Factors:
        """Return the factors of a hop: :func:`auditkit.graph.factors.factors_of`."""
        return factors_of(hop, **levels)

    def party(self, origin: str, target: str) -> tuple[Interval, str]:
        """Return the level of the factor *third party* between two nodes, and the reason."""
        home, other = self._said.boundary(origin), self._said.boundary(target)
        if home.kind in {"internet", "third party"} or (home.kind == "partner" and other.kind == "account"):
            home, other = other, home
        return self.boundaries.party(other, account=home.parent if home.kind == "VPC" else home.id)

    # --------------------------------------------------------------- assembly

    @property
    def graph(self) -> Graph:
        """The graph of all that has been said so far: nodes and edges sorted, attributes those of the schema."""
        return self._said.graph

    def finished(self) -> Graph:
        """Return the graph of all that has been said; nothing can be said after it."""
        return self._said.finished()

    def canonical(self, node_id: str) -> str:
        """Return the id of the node that an id means, by the aliases that are known so far."""
        return self._said.canonical(node_id)
