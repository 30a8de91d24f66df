"""Small graphs for tests: a sketch with one short call per node and per edge, and a few accounts drawn with it.

The ids are short words instead of ARNs. Nodes and edges carry all attributes of the schema and a source, so whatever
reads graphs can be tested on them::

    sketch = Sketch()
    sketch.internet()
    sketch.route("POST /orders")
    sketch.function("create", role="create-role")
    sketch.store("orders", Kind.TABLE, Sensitivity.CONFIDENTIAL)
    sketch.data("internet", "POST /orders")
    sketch.data("POST /orders", "create", validation=1)
    sketch.data("create", "orders", EdgeKind.WRITES, encryption=0.25)
    sketch.invokes("POST /orders", "create")
    sketch.permits("create-role", "orders", AccessLevel.WRITE)
    sketch.graph
"""

import math

import networkx as nx

from auditkit.graph.schema import (
    INTERNET,
    AccessLevel,
    Boundary,
    Edge,
    EdgeKind,
    EntryKind,
    Evidence,
    Factors,
    Interval,
    Node,
    Sensitivity,
    View,
)
from auditkit.inventory import Kind, Source

__all__ = ["ACCOUNT", "PARTNER", "Sketch", "factors", "parallel_ways", "queue_cycle", "shop"]

ACCOUNT = "111122223333"
PARTNER = "444455556666"

FACTOR_NAMES = ("authentication", "encryption", "third_party", "peer", "validation", "network")


def factors(hop: str = "", **levels: float | tuple[float, float]) -> Factors:
    """Return hop factors; what is not named is 0, a pair is an interval."""
    bounds = {name: levels.pop(name, 0) for name in FACTOR_NAMES}
    if levels:
        raise TypeError(f"no such factor: {', '.join(levels)}")
    return Factors(
        **{
            name: Interval(*level) if isinstance(level, tuple) else Interval.exactly(level)
            for name, level in bounds.items()
        },
        reasons={name: f"{name} is {level}" for name, level in bounds.items()},
        hop=hop,
    )


class Sketch:
    """Draws a graph of the schema; every method returns the id of the node, or the key of the edge."""

    def __init__(self) -> None:
        self.graph = nx.MultiDiGraph()
        self._count = 0

    # nodes

    def node(self, node_id: str, kind: Kind, *, boundary: Boundary | None = None, **attributes) -> str:
        home = boundary or Boundary("account", ACCOUNT, f"Account {ACCOUNT}")
        account = home.id if home.kind in {"account", "partner"} else home.parent
        node = Node(
            **{
                "kind": kind,
                "label": node_id,
                "account": account,
                "region": "eu-west-1" if account else "",
                "boundary": home,
                "sources": (Source("nodes.json").at(node_id),),
                **attributes,
            }
        )
        self.graph.add_node(node_id, **{name: getattr(node, name) for name in Node.__struct_fields__})
        return node_id

    def internet(self) -> str:
        return self.node(INTERNET, Kind.INTERNET, boundary=Boundary("internet", "", "Internet"))

    def third_party(self, host: str, *, entry: EntryKind | None = None) -> str:
        return self.node(host, Kind.THIRD_PARTY, boundary=Boundary("third party", host, host), entry=entry)

    def foreign(self, node_id: str, kind: Kind = Kind.ROLE, *, account: str = PARTNER, **attributes) -> str:
        return self.node(node_id, kind, boundary=Boundary("partner", account, f"Account {account}"), **attributes)

    def route(self, node_id: str, entry: EntryKind | None = EntryKind.ANONYMOUS) -> str:
        return self.node(node_id, Kind.ROUTE, entry=entry)

    def function(self, node_id: str, *, role: str = "", **attributes) -> str:
        self.node(node_id, Kind.FUNCTION, **attributes)
        if role:
            if role not in self.graph:
                self.role(role)
            self.runs_as(node_id, role)
        return node_id

    def role(self, node_id: str, **attributes) -> str:
        return self.node(node_id, Kind.ROLE, **attributes)

    def store(
        self,
        node_id: str,
        kind: Kind = Kind.TABLE,
        sensitivity: Sensitivity | None = Sensitivity.UNKNOWN,
        **attributes,
    ) -> str:
        return self.node(node_id, kind, sensitivity=sensitivity, sensitivity_reason="sketched", **attributes)

    # edges

    def edge(self, origin: str, target: str, kind: EdgeKind, view: View, *, key: str = "", **attributes) -> str:
        self._count += 1
        for end in (origin, target):
            if end not in self.graph:
                raise KeyError(f"draw the node {end!r} first")
        key = key or f"{kind}|{attributes.get('access') or attributes.get('label', '')}|{self._count}"
        edge = Edge(
            **{
                "kind": kind,
                "view": view,
                "evidence": Evidence.CONFIGURED,
                "sources": (Source("edges.json").at(origin, target, str(kind)),),
                **attributes,
            }
        )
        self.graph.add_edge(origin, target, key=key, **{name: getattr(edge, name) for name in Edge.__struct_fields__})
        return key

    def data(
        self,
        origin: str,
        target: str,
        kind: EdgeKind = EdgeKind.DELIVERS,
        *,
        known: bool = True,
        hop: str = "",
        evidence: Evidence = Evidence.CONFIGURED,
        label: str = "",
        enabled: bool = True,
        key: str = "",
        **levels: float | tuple[float, float],
    ) -> str:
        """Draw a hop; ``known=False`` leaves the factors away."""
        return self.edge(
            origin,
            target,
            kind,
            View.DATA,
            key=key,
            label=label,
            evidence=evidence,
            enabled=enabled,
            factors=factors(hop, **levels) if known else None,
        )

    def trust(self, origin: str, target: str, kind: EdgeKind, cost: float, **attributes) -> str:
        return self.edge(origin, target, kind, View.TRUST, cost=cost, **attributes)

    def runs_as(self, function: str, role: str) -> str:
        return self.trust(function, role, EdgeKind.RUNS_AS, 0)

    def permits(
        self, principal: str, store: str, access: AccessLevel = AccessLevel.READ, cost: float = 0, **more
    ) -> str:
        attributes = {"evidence": Evidence.PERMITTED, "label": str(access), "access": access, **more}
        return self.trust(principal, store, EdgeKind.PERMITS, cost, **attributes)

    def invokes(self, origin: str, target: str, cost: float = 1, **more) -> str:
        return self.trust(origin, target, EdgeKind.INVOKES, cost, **more)

    def assumes(self, principal: str, role: str, cost: float = 1, **more) -> str:
        return self.trust(principal, role, EdgeKind.ASSUMES, cost, **more)

    def denied(self, origin: str, target: str, kind: EdgeKind = EdgeKind.ASSUMES, **more) -> str:
        return self.trust(origin, target, kind, math.inf, **more)


def shop() -> nx.MultiDiGraph:
    """Return a small web shop: two routes, a queue, a third party, a partner, three crown jewels."""
    sketch = Sketch()
    sketch.internet()
    sketch.route("GET /export")
    sketch.route("POST /orders", EntryKind.AUTHENTICATED)
    for name in ("export", "create", "charge", "notify", "nightly", "index"):
        sketch.function(name, role=f"{name}-role")
    sketch.node("nightly-rule", Kind.RULE)
    sketch.role("admin-role")
    sketch.store("customers", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.store("orders", Kind.TABLE, Sensitivity.CONFIDENTIAL)
    sketch.store("orders-stream", Kind.TABLE_STREAM, Sensitivity.CONFIDENTIAL)
    sketch.store("payments", Kind.QUEUE, Sensitivity.CONFIDENTIAL)
    sketch.store("events", Kind.TOPIC, Sensitivity.INTERNAL)
    sketch.store("ledger", Kind.DATABASE, Sensitivity.RESTRICTED)
    sketch.store("ledger-password", Kind.SECRET, Sensitivity.RESTRICTED)
    sketch.store("search", Kind.SEARCH_DOMAIN, Sensitivity.INTERNAL)
    sketch.store("uploads", Kind.BUCKET, Sensitivity.UNKNOWN)
    sketch.store("leaflets", Kind.BUCKET, Sensitivity.PUBLIC)
    sketch.third_party("api.psp.example")
    sketch.foreign("partner-queue", Kind.QUEUE, sensitivity=Sensitivity.UNKNOWN)
    _shop_data(sketch)
    _shop_trust(sketch)
    return sketch.graph


def _shop_data(sketch: Sketch) -> None:
    deliver, read, write = EdgeKind.DELIVERS, EdgeKind.READS, EdgeKind.WRITES
    sketch.data(INTERNET, "GET /export", authentication=1, network=0.5, hop="client->apigw-rest")
    sketch.data(INTERNET, "POST /orders", network=0.5, hop="client->apigw-rest")
    sketch.data("GET /export", "export", deliver, validation=1)
    sketch.data("POST /orders", "create", deliver, validation=0)
    sketch.data("customers", "export", read, encryption=0.25, network=0.25)
    sketch.data("export", "uploads", write, known=False)
    sketch.data("create", "orders", write, encryption=0.25, network=0.25)
    sketch.data("create", "payments", write, encryption=0.25, network=0.25)
    sketch.data("orders", "orders-stream", EdgeKind.REPLICATES)
    sketch.data("orders-stream", "index", deliver, validation=0.5)
    sketch.data("index", "search", write, encryption=0.6, authentication=(0, 1))
    sketch.data("payments", "charge", deliver, validation=1, authentication=0.5)
    sketch.data("charge", "api.psp.example", EdgeKind.CALLS, third_party=1, network=0.5, authentication=0.5)
    sketch.data("charge", "ledger", write, encryption=0.6)
    sketch.data("charge", "events", write, encryption=0.25)
    sketch.data("events", "notify", deliver, validation=1)
    sketch.data("events", "partner-queue", deliver, third_party=1)
    sketch.data("nightly-rule", "nightly", deliver)
    sketch.data("ledger", "nightly", read, encryption=0.6)
    sketch.data("nightly", "leaflets", write, encryption=1)
    sketch.data("payments", "nightly", deliver, enabled=False)
    sketch.data("customers", "notify", read, evidence=Evidence.PERMITTED, encryption=0.25)


def _shop_trust(sketch: Sketch) -> None:
    read, write, admin = AccessLevel.READ, AccessLevel.WRITE, AccessLevel.ADMIN
    sketch.invokes(INTERNET, "GET /export", 0)
    sketch.invokes(INTERNET, "POST /orders", 0)
    sketch.invokes("GET /export", "export", 0)
    sketch.invokes("POST /orders", "create", 0)
    sketch.permits("export-role", "customers", read)
    sketch.permits("export-role", "uploads", write)
    sketch.permits("create-role", "orders", write)
    sketch.permits("create-role", "payments", write)
    sketch.trust("payments", "charge", EdgeKind.INVOKES, 2)
    sketch.permits("orders", "orders-stream", write, 2)
    sketch.trust("orders-stream", "index", EdgeKind.INVOKES, 3)
    sketch.permits("charge-role", "ledger-password", read)
    sketch.trust("ledger-password", "ledger", EdgeKind.OPENS, 1)
    sketch.permits("charge-role", "events", write)
    sketch.trust("events", "notify", EdgeKind.INVOKES, 2)
    sketch.permits("notify-role", "customers", read)
    sketch.permits("index-role", "search", write)
    sketch.trust("nightly", "ledger-password", EdgeKind.HOLDS, 0)
    sketch.permits("nightly-role", "leaflets", write)
    sketch.assumes("nightly-role", "admin-role", 4, conditions=("aws:MultiFactorAuthPresent",))
    sketch.permits("admin-role", "customers", admin)
    sketch.permits("admin-role", "orders", read, 4, unknown="service control policies")
    sketch.denied("notify-role", "admin-role")


def parallel_ways(ways: int = 2) -> nx.MultiDiGraph:
    """Return a crown jewel that the internet reaches over this many functions that share nothing."""
    sketch = Sketch()
    sketch.internet()
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    for number in range(ways):
        route, function = sketch.route(f"route-{number}"), sketch.function(f"function-{number}", role=f"role-{number}")
        sketch.data(INTERNET, route)
        sketch.data(route, function)
        sketch.data(function, "jewel", EdgeKind.WRITES, encryption=0.25)
        sketch.invokes(INTERNET, route, 0)
        sketch.invokes(route, function, 0)
        sketch.permits(f"role-{number}", "jewel")
    return sketch.graph


def queue_cycle(length: int = 3) -> nx.MultiDiGraph:
    """Return queues and functions that feed one another in a circle, with nothing leading in or out."""
    sketch = Sketch()
    for number in range(length):
        sketch.store(f"queue-{number}", Kind.QUEUE, Sensitivity.INTERNAL)
        sketch.function(f"worker-{number}", role=f"worker-role-{number}")
    for number in range(length):
        after = f"queue-{(number + 1) % length}"
        sketch.data(f"queue-{number}", f"worker-{number}", validation=1)
        sketch.data(f"worker-{number}", after, EdgeKind.WRITES, encryption=0.25)
        sketch.trust(f"queue-{number}", f"worker-{number}", EdgeKind.INVOKES, 2)
        sketch.permits(f"worker-role-{number}", after, AccessLevel.WRITE)
    return sketch.graph
