"""Every score on graphs that have nothing to say, fall apart, or go round in circles: tables or reasons, never NaN."""

import networkx as nx
import pandas as pd
import pytest

from auditkit import score
from auditkit.errors import ScoreError
from auditkit.graph.schema import AccessLevel, EntryKind, Sensitivity
from auditkit.inventory import Kind
from tests.score.graphs import Sketch, queue_cycle, shop


def without_entries():
    graph = shop()
    graph.remove_node("internet")
    for _, node in graph.nodes(data=True):
        node["entry"] = None
    return graph


def without_stores():
    sketch = Sketch()
    sketch.internet()
    sketch.route("GET /")
    sketch.function("f", role="r")
    sketch.invokes("internet", "GET /", 0)
    sketch.invokes("GET /", "f", 0)
    sketch.data("internet", "GET /")
    sketch.data("GET /", "f")
    return sketch.graph


def lone_nodes():
    sketch = Sketch()
    sketch.function("f")
    sketch.store("s", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.route("r", EntryKind.ANONYMOUS)
    return sketch.graph


def in_circles():
    """Queues that feed one another, entered from outside, and functions that call themselves."""
    graph = queue_cycle(4)
    sketch = Sketch()
    sketch.graph = graph
    sketch.route("in")
    sketch.invokes("in", "worker-0", 0)
    sketch.data("in", "worker-0")
    sketch.invokes("worker-1", "worker-1", 0)
    sketch.data("worker-1", "worker-1")
    sketch.permits("worker-role-2", "queue-2", AccessLevel.ADMIN)
    return graph


GRAPHS = {
    "empty": nx.MultiDiGraph(),
    "without entries": without_entries(),
    "without stores": without_stores(),
    "lone nodes": lone_nodes(),
    "in circles": in_circles(),
    "a circle that nothing leads to": queue_cycle(),
}
SCORES = {
    "attack edges": score.attack_edges,
    "blast radius": score.blast_radius,
    "choke points": score.choke_points,
    "exposure": score.exposure,
    "fixes": score.fixes,
    "hops": score.hops,
    "matrix": score.matrix,
    "portfolio": score.portfolio,
    "transit": score.transit,
    "permitted transit": lambda graph: score.transit(graph, permitted=True),
    **{f"stability of {name}": lambda graph, name=name: score.stability(graph, name) for name in
       ("blast", "exposure", "transit")},
    "what-if": lambda graph: score.whatif(graph).scores(),
}  # fmt: skip


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
@pytest.mark.parametrize("made", SCORES.values(), ids=SCORES)
def test_a_table_has_no_gaps_or_says_why_it_is_empty(made, graph):
    table = made(graph)
    assert not table.isna().any(axis=None)
    assert table.empty == bool(table.attrs["reason"])


@pytest.mark.parametrize("name", ["blast radius", "choke points", "exposure", "matrix", "hops"])
def test_parts_that_hang_together_in_no_way_are_scored_as_if_alone(name):
    one, other = shop(), nx.relabel_nodes(shop(), lambda node: f"other {node}" if node != "internet" else node)
    for node in list(other):
        if other.nodes[node]["label"] != "internet":
            other.nodes[node]["label"] = str(node)
    made, both = SCORES[name], nx.compose(one, other)
    key = {"blast radius": "node", "choke points": "store", "exposure": "store"}.get(name)
    alone, together = made(one), made(both)
    if name == "matrix":
        assert together.loc[alone.index, alone.columns].equals(alone)
        rest = together.drop(columns=alone.columns).loc[alone.index]
        assert (rest == 0).all(axis=None)
    elif name == "hops":
        kept = together[~(together["from"].str.startswith("other") | together["to"].str.startswith("other"))]
        assert kept.reset_index(drop=True).equals(alone)
    else:
        kept = together[together[key].isin(alone[key])].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, alone)


@pytest.mark.parametrize("made", [score.blast_radius_detail, score.ways_in], ids=["detail", "ways in"])
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_a_node_that_there_is_not_is_refused_in_any_graph(made, graph):
    with pytest.raises(ScoreError, match="there is no node 'nobody'"):
        made(graph, "nobody")
