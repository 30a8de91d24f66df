"""Random small graphs of the schema, for laws."""

import networkx as nx
from hypothesis import strategies as st

from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Evidence, Sensitivity, View
from auditkit.inventory import Kind
from tests.score.graphs import FACTOR_NAMES, Sketch

LEVELS = st.sampled_from([0, 0.25, 0.5, 0.6, 1])
DATA_KINDS = (EdgeKind.DELIVERS, EdgeKind.READS, EdgeKind.WRITES, EdgeKind.CALLS, EdgeKind.RETURNS, EdgeKind.REPLICATES)
KINDS = ("function", "function", "function", "table", "queue", "route", "rule", "third party", "internet", "foreign")


def draw_nodes(draw, sketch: Sketch, most: int, kinds=KINDS) -> list[str]:
    """Draw up to so many nodes and return their ids."""
    ids = []
    for number in range(draw(st.integers(0, most))):
        kind, name = draw(st.sampled_from(kinds)), f"n{number}"
        if kind == "internet" and INTERNET in sketch.graph:
            continue
        if kind == "internet":
            name = sketch.internet()
        elif kind == "third party":
            sketch.third_party(name, entry=draw(st.sampled_from([None, EntryKind.THIRD_PARTY])))
        elif kind == "foreign":
            sketch.foreign(name, Kind.QUEUE, sensitivity=Sensitivity.UNKNOWN)
        elif kind == "route":
            sketch.route(name, draw(st.sampled_from([None, *EntryKind])))
        elif kind in {"table", "queue", "secret", "bucket"}:
            sketch.store(name, Kind(kind), draw(st.sampled_from([*Sensitivity, None])))
        else:
            sketch.node(name, Kind(kind))
        ids.append(name)
    return ids


@st.composite
def data_graphs(draw, *, nodes: int = 7, edges: int = 12) -> nx.MultiDiGraph:
    """Graphs with a data view: cycles, parallel edges, edges to oneself, permitted and switched-off ones, unknowns."""
    sketch = Sketch()
    ids = draw_nodes(draw, sketch, nodes)
    for _ in range(draw(st.integers(0, edges if ids else 0))):
        levels = draw(st.dictionaries(st.sampled_from(FACTOR_NAMES), LEVELS, max_size=2))
        name = draw(st.sampled_from([None, None, None, *FACTOR_NAMES]))
        if name:
            levels[name] = draw(st.sampled_from([(0, 1), (0.25, 0.5), (0, 0.6)]))
        sketch.data(
            draw(st.sampled_from(ids)),
            draw(st.sampled_from(ids)),
            draw(st.sampled_from(DATA_KINDS)),
            known=draw(st.integers(0, 9)) > 0,
            evidence=draw(st.sampled_from([*Evidence, Evidence.CONFIGURED, Evidence.CONFIGURED])),
            enabled=draw(st.integers(0, 5)) > 0,
            **levels,
        )
    return sketch.graph


@st.composite
def trust_graphs(draw, *, nodes: int = 8, edges: int = 16) -> nx.MultiDiGraph:
    """Graphs with a trust view: every kind of node and of edge, in any place, and some data edges."""
    sketch = Sketch()
    kinds = ("function", "function", "role", "role", "table", "queue", "secret", "route", "internet", "third party")
    ids = draw_nodes(draw, sketch, nodes, kinds)
    trust = [kind for kind in EdgeKind if kind not in DATA_KINDS]
    for _ in range(draw(st.integers(0, edges if ids else 0))):
        origin, target = draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
        kind = draw(st.sampled_from([*trust, *[EdgeKind.PERMITS] * 4, *[EdgeKind.RUNS_AS] * 2]))
        access = draw(st.sampled_from([*AccessLevel, None])) if kind is EdgeKind.PERMITS else None
        cost = draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4, float("inf")]))
        unknown = draw(st.sampled_from(["", "", "", "service control policies"]))
        sketch.edge(origin, target, kind, View.TRUST, cost=cost, access=access, unknown=unknown)
    for _ in range(draw(st.integers(0, 3 if ids else 0))):
        origin, target = draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
        evidence = draw(st.sampled_from(list(Evidence)))
        sketch.data(origin, target, draw(st.sampled_from(DATA_KINDS)), evidence=evidence)
    return sketch.graph


def relabelled(graph: nx.MultiDiGraph, order) -> tuple[nx.MultiDiGraph, dict[str, str]]:
    """Return a copy with other ids (the internet keeps its own), drawn in another order; and old id -> new id."""
    ids = list(graph)
    names = {node: node if node == INTERNET else f"x{order.index(node):03}" for node in ids}
    copy = nx.MultiDiGraph()
    for node in order:
        copy.add_node(names[node], **graph.nodes[node])
    edges = sorted(graph.edges(keys=True, data=True), key=lambda edge: (order.index(edge[1]), edge[2]), reverse=True)
    for tail, head, key, attributes in edges:
        copy.add_edge(names[tail], names[head], key=key, **attributes)
    return copy, names
