"""A small order platform as a graph, for tests of pictures: a few dozen nodes over every kind of boundary."""

import msgspec
import networkx as nx

from auditkit.graph.schema import (
    INTERNET,
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

ACCOUNT = "111122223333"
HOME = Boundary("account", ACCOUNT, f"Account {ACCOUNT}")
VPC = Boundary("VPC", "vpc-1", "VPC vpc-1", ACCOUNT)
NET = Boundary("internet", "", "Internet")
THIRD = Boundary("third party", "", "Third parties")
PARTNER = Boundary("partner", "444455556666", "Partner account 444455556666")

S = Sensitivity
NODES = [
    (INTERNET, Kind.INTERNET, "Internet", NET, None, None),
    ("cdn", Kind.DISTRIBUTION, "shop.example.com", HOME, None, EntryKind.ANONYMOUS),
    ("api", Kind.HTTP_API, "orders-api", HOME, None, None),
    ("route:api/POST /orders", Kind.ROUTE, "POST /orders", HOME, None, EntryKind.AUTHENTICATED),
    ("route:api/GET /orders", Kind.ROUTE, "GET /orders", HOME, None, EntryKind.AUTHENTICATED),
    ("route:api/GET /admin/export", Kind.ROUTE, "GET /admin/export", HOME, None, EntryKind.ANONYMOUS),
    ("url", Kind.FUNCTION_URL, "psp-webhook URL", HOME, None, EntryKind.ANONYMOUS),
    ("pool", Kind.USER_POOL, "customers", HOME, S.CONFIDENTIAL, EntryKind.AUTHENTICATED),
    ("authorizer", Kind.FUNCTION, "authorizer", HOME, None, None),
    ("get-order", Kind.FUNCTION, "get-order", HOME, None, None),
    ("create-order", Kind.FUNCTION, "create-order", VPC, None, None),
    ("admin-export", Kind.FUNCTION, "admin-export", HOME, None, None),
    ("psp-webhook", Kind.FUNCTION, "psp-webhook", HOME, None, None),
    ("charge-card", Kind.FUNCTION, "charge-card", VPC, None, None),
    ("ship-order", Kind.FUNCTION, "ship-order", HOME, None, None),
    ("notify", Kind.FUNCTION, "notify", HOME, None, None),
    ("index-orders", Kind.FUNCTION, "index-orders", HOME, None, None),
    ("image-resize", Kind.FUNCTION, "image-resize", HOME, None, None),
    ("nightly-report", Kind.FUNCTION, "nightly-report", HOME, None, None),
    ("fulfilment", Kind.STATE_MACHINE, "fulfilment", HOME, None, None),
    ("orders-queue", Kind.QUEUE, "orders-queue", HOME, S.CONFIDENTIAL, None),
    ("orders-dlq", Kind.QUEUE, "orders-dlq", HOME, S.CONFIDENTIAL, None),
    ("bus", Kind.EVENT_BUS, "default", HOME, S.INTERNAL, None),
    ("rule", Kind.RULE, "nightly", HOME, None, None),
    ("topic", Kind.TOPIC, "order-events", HOME, S.INTERNAL, None),
    ("orders", Kind.TABLE, "orders", HOME, S.CONFIDENTIAL, None),
    ("customers", Kind.TABLE, "customers", HOME, S.RESTRICTED, None),
    ("sessions", Kind.CACHE, "sessions-redis", VPC, S.CONFIDENTIAL, None),
    ("ledger", Kind.DATABASE, "ledger-aurora", VPC, S.RESTRICTED, None),
    ("secret", Kind.SECRET, "psp-api-key", HOME, S.RESTRICTED, None),
    ("search", Kind.SEARCH_DOMAIN, "orders-search", HOME, S.CONFIDENTIAL, None),
    ("uploads", Kind.BUCKET, "uploads", HOME, S.UNKNOWN, None),
    ("reports", Kind.BUCKET, "reports", HOME, S.RESTRICTED, None),
    ("logs", Kind.LOG_GROUP, "/aws/lambda/notify", HOME, S.UNKNOWN, None),
    ("thirdparty:api.psp.example", Kind.THIRD_PARTY, "api.psp.example", THIRD, None, None),
    ("thirdparty:mail.example", Kind.THIRD_PARTY, "mail.example", THIRD, None, None),
    ("partner-bus", Kind.EVENT_BUS, "partner-bus", PARTNER, None, None),
    ("partner-role", Kind.ROLE, "partner-ingest", PARTNER, None, EntryKind.OTHER_ACCOUNT),
]  # fmt: skip

D, R, W, C = EdgeKind.DELIVERS, EdgeKind.READS, EdgeKind.WRITES, EdgeKind.CALLS
FLOWS = [
    (INTERNET, "cdn", D, "HTTPS", 0),
    (INTERNET, "route:api/POST /orders", D, "POST /orders", 0),
    (INTERNET, "route:api/GET /orders", D, "GET /orders", 0),
    (INTERNET, "route:api/GET /admin/export", D, "GET /admin/export", 1),
    (INTERNET, "url", D, "HTTPS", 1),
    (INTERNET, "pool", D, "sign-in", 0),
    ("cdn", "uploads", D, "OAC", 0),
    ("route:api/POST /orders", "create-order", D, "POST /orders", 0),
    ("route:api/GET /orders", "get-order", D, "GET /orders", 0),
    ("route:api/GET /orders", "authorizer", D, "token", 0),
    ("route:api/GET /admin/export", "admin-export", D, "GET /admin/export", 1),
    ("url", "psp-webhook", D, "", 1),
    ("create-order", "orders", W, "PutItem", 0),
    ("create-order", "orders-queue", W, "SendMessage", 0),
    ("create-order", "sessions", W, "TCP 6379", 1),
    ("customers", "create-order", R, "GetItem", 0),
    ("orders", "get-order", R, "Query", 0),
    ("orders", "admin-export", R, "Scan", 0),
    ("admin-export", "reports", W, "PutObject", 0),
    ("psp-webhook", "orders-queue", W, "SendMessage", 0),
    ("secret", "psp-webhook", R, "GetSecretValue", 0),
    ("orders-queue", "charge-card", D, "batch of 10", 0),
    ("orders-queue", "orders-dlq", EdgeKind.REPLICATES, "after 5 receives", 0),
    ("charge-card", "ledger", W, "TCP 3306", 1),
    ("charge-card", "thirdparty:api.psp.example", C, "HTTPS", 0),
    ("secret", "charge-card", R, "GetSecretValue", 0),
    ("charge-card", "fulfilment", C, "StartExecution", 0),
    ("fulfilment", "ship-order", C, "Ship", 0),
    ("fulfilment", "notify", C, "Notify", 0),
    ("ship-order", "bus", W, "PutEvents", 0),
    ("ship-order", "topic", W, "Publish", 0),
    ("topic", "notify", D, "subscription", 0),
    ("notify", "thirdparty:mail.example", C, "SMTP", 1),
    ("notify", "logs", W, "logs", 0),
    ("bus", "rule", D, "nightly", 0),
    ("rule", "nightly-report", D, "nightly", 0),
    ("orders", "nightly-report", R, "Scan", 0),
    ("nightly-report", "reports", W, "PutObject", 0),
    ("bus", "partner-bus", D, "shipments", 0),
    ("orders", "index-orders", D, "stream", 0),
    ("index-orders", "search", W, "index", 0),
    ("uploads", "image-resize", D, "ObjectCreated", 0),
    ("image-resize", "uploads", W, "PutObject", 0),
    ("reports", "partner-role", R, "GetObject", 0),
]  # fmt: skip


def platform() -> nx.MultiDiGraph:
    """Return the order platform."""
    graph = nx.MultiDiGraph()
    for node_id, kind, label, boundary, sensitivity, entry in NODES:
        node = Node(
            kind=kind,
            label=label,
            account=boundary.id,
            boundary=boundary,
            entry=entry,
            sensitivity=sensitivity,
            sources=(Source("lambda-list-functions.json", "/Functions/0"),),
        )
        graph.add_node(node_id, **msgspec.structs.asdict(node))
    for route in [name for name in graph if name.startswith("route:")]:
        graph.add_edge("api", route, key="contains", **_edge(EdgeKind.CONTAINS, View.TRUST, "", 0))
    for source, target, kind, label, weak in FLOWS:
        graph.add_edge(source, target, key=f"{kind}:{label}", **_edge(kind, View.DATA, label, weak))
    return graph


def weakness(graph: nx.MultiDiGraph) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Return a weakness for each edge: .7 where the platform marks it weak, .2 elsewhere."""
    weak = {(source, target, f"{kind}:{label}") for source, target, kind, label, flag in FLOWS if flag}
    return {edge: (0.7, 0.7) if edge in weak else (0.1, 0.2) for edge in graph.edges(keys=True)}


def _edge(kind: EdgeKind, view: View, label: str, weak: int) -> dict[str, object]:
    level = Interval.exactly(float(weak))
    zero = Interval.exactly(0.0)
    factors = Factors(
        authentication=level, encryption=level, third_party=zero, peer=zero, validation=zero, network=zero
    )
    edge = Edge(kind=kind, view=view, evidence=Evidence.CONFIGURED, label=label, factors=factors, cost=1.0)
    return msgspec.structs.asdict(edge)
