"""The outside: the internet before every entry, and entries that are outside themselves."""

from auditkit.graph._build import Builder
from auditkit.graph.boundaries import INTERNET_BOUNDARY
from auditkit.graph.factors import Levels
from auditkit.graph.schema import INTERNET, Edge, EdgeKind, EntryKind, Evidence, Graph, Node, View
from auditkit.inventory import STORE_KINDS, Kind

__all__ = ["add_entries"]

_HOPS = {
    Kind.ROUTE: "client->apigw-rest",
    Kind.REST_API: "client->apigw-rest",
    Kind.HTTP_API: "client->apigw-http",
    Kind.WEBSOCKET_API: "client->apigw-ws",
    Kind.GRAPHQL_API: "client->appsync",
    Kind.FUNCTION_URL: "client->function-url",
    Kind.FUNCTION: "client->lambda-invoke-api",
    Kind.DISTRIBUTION: "client->cloudfront",
    Kind.LISTENER: "client->alb",
    Kind.LOAD_BALANCER: "client->alb",
    Kind.USER_POOL: "client->cognito",
    Kind.BUCKET: "client->s3-public",
    Kind.AGENT: "client->agent",
    Kind.AGENT_GATEWAY: "client->agent-gateway",
    Kind.IOT_RULE: "iot-device->iot-core",
    Kind.QUEUE: "function->sqs",
    Kind.TOPIC: "function->sns",
    Kind.EVENT_BUS: "putevents->bus",
}
_OUTSIDE = frozenset({"internet", "partner", "third party"})


def add_entries(build: Builder, graph: Graph) -> None:
    """Put the internet before every entry that has no way in from outside yet, and mark outside nodes that lead inside.

    A module that knows how an entry is protected draws the hop from :data:`INTERNET` itself; for the others the hop's
    default stands, with no authentication where the entry is anonymous. The trust edge costs nothing: what an entry
    itself costs (:attr:`EntryKind.cost`) is counted where exposure is. A store that is an entry gets a trust edge
    only from its own module, which knows at which access level it is open.
    """
    for node_id, attributes in graph.nodes(data=True):
        if attributes["boundary"].kind in _OUTSIDE:
            _mark_outside(build, graph, node_id)
        elif attributes["entry"] is not None:
            _open(build, graph, node_id)


def _mark_outside(build: Builder, graph: Graph, node_id: str) -> None:
    attributes = graph.nodes[node_id]
    kind = attributes["boundary"].kind
    if kind == "internet" or attributes["entry"] is not None or attributes["kind"] is Kind.GRANT:
        return  # a grant is what somebody holds: who holds it may be an entry, and what it takes from there on is told
    if any(graph.nodes[to]["boundary"].kind not in {*_OUTSIDE, "AWS"} for to in graph.successors(node_id)):
        entry = EntryKind.OTHER_ACCOUNT if kind == "partner" else EntryKind.THIRD_PARTY
        build.node(node_id, Node(**{**attributes, "entry": entry}))


def _open(build: Builder, graph: Graph, node_id: str) -> None:
    attributes = graph.nodes[node_id]
    entry: EntryKind = attributes["entry"]
    views = {
        edge["view"]
        for origin, _, edge in graph.in_edges(node_id, data=True)
        if graph.nodes[origin]["boundary"].kind in _OUTSIDE
    }
    if attributes["kind"] in STORE_KINDS and graph.has_edge(node_id, INTERNET):
        views.add(View.DATA)  # a store that can only be read takes nothing in
    build.node(INTERNET, Node(kind=Kind.INTERNET, label="internet", boundary=INTERNET_BOUNDARY))
    if View.TRUST not in views and attributes["kind"] not in STORE_KINDS:
        build.edge(
            INTERNET,
            node_id,
            Edge(
                kind=EdgeKind.INVOKES,
                view=View.TRUST,
                evidence=Evidence.CONFIGURED,
                sources=attributes["sources"],
                label=entry,
                cost=0,
            ),
        )
    if View.DATA not in views:
        levels: Levels = {"third_party": (0, "The data comes in; it is not given to a third party.")}
        if entry is EntryKind.ANONYMOUS:
            levels["authentication"] = (1, "Anyone may call it.")
        build.flow(
            INTERNET,
            node_id,
            kind=EdgeKind.DELIVERS,
            hop=_HOPS.get(attributes["kind"], ""),
            sources=attributes["sources"],
            label=entry,
            **levels,
        )
