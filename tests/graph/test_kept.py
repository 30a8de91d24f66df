"""A graph over a table of edges is, for all that networkx can tell, the graph that it would be without the table."""

import pickle
from copy import deepcopy
from itertools import product

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.graph._build import Builder
from auditkit.graph._kept import table_of
from auditkit.graph._merging import edge_key
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory import Inventory, Source

NODES = [f"arn:aws:sqs:eu-west-1:123456789012:{name}" for name in "abcd"]
LABELS = ["", "x", "x||", "y"]
SOURCES = [(), (Source("f", "/0"),), (Source("f", "/1"), Source("f", "/0")), (Source("f", "/0"), Source("f", "/1"))]

edges = st.builds(
    lambda label, sources, cost: Edge(
        kind=EdgeKind.PERMITS, view=View.TRUST, evidence=Evidence.PERMITTED, sources=sources, label=label, cost=cost
    ),
    st.sampled_from(LABELS),
    st.sampled_from(SOURCES),
    st.sampled_from([1, 2]),
)
said = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), edges), max_size=12)


def of(saying):
    """Return the graph of what was said, and the same in dictionaries."""
    build = Builder(Inventory())
    for node in NODES:
        build.ref(node)
    for origin, target, edge in saying:
        build.edge(origin, target, edge)
    graph = build.finished()
    plain = nx.MultiDiGraph()
    plain.add_nodes_from((node, dict(data)) for node, data in graph.nodes(data=True))
    plain.add_edges_from((*place, dict(data)) for *place, data in graph.edges(keys=True, data=True))
    return graph, plain


def whole(graph):
    """Return all that a graph holds, in its order."""
    return (
        [(node, dict(data)) for node, data in graph.nodes(data=True)],
        [(*place, dict(data)) for *place, data in graph.edges(keys=True, data=True)],
        [(*place, dict(data)) for node in graph for *place, data in graph.in_edges(node, keys=True, data=True)],
        [(graph.out_degree(node), graph.in_degree(node), list(graph.predecessors(node))) for node in graph],
        graph.number_of_edges(),
    )


@given(said)
def test_edges_are_sorted_by_ends_and_key_and_each_is_there_once(saying):
    graph, _ = of(saying)
    wanted = {}
    for origin, target, edge in saying:
        known = wanted.setdefault((origin, target, edge_key(edge)), [])
        if edge not in known:
            known.append(edge)
    numbered = {
        (origin, target, f"{key}#{number}" if number > 1 else key): edge
        for (origin, target, key), found in wanted.items()
        for number, edge in enumerate(sorted(found, key=repr), 1)
    }
    got = [((origin, target, key), data.edge) for origin, target, key, data in graph.edges(keys=True, data=True)]
    assert dict(got) == numbered
    assert sorted(place[:2] for place, _ in got) == [place[:2] for place, _ in got]
    if not any("#" in place[2].rpartition("/")[2] for place in numbered):
        assert [place for place, _ in got] == sorted(numbered)


CHANGES = {
    "add": lambda graph, u, v: graph.add_edge(u, v, "k", cost=9, more=1),
    "add to what is there": lambda graph, *_: [graph.add_edge(*edge, cost=8) for edge in list(graph.edges)[:2]],
    "new node": lambda graph, u, _: graph.add_edge(u, "another", "k", cost=7),
    "remove": lambda graph, u, _: graph.remove_edges_from(list(graph.edges(u, keys=True))[:1]),
    "remove all": lambda graph, _, v: graph.remove_edges_from(list(graph.in_edges(v, keys=True))),
    "remove node": lambda graph, _, v: graph.remove_nodes_from([v]),
    "set": lambda graph, u, _: [data.update(cost=6) for _, _, data in graph.edges(u, data=True)],
    "delete": lambda graph, _, v: [data.pop("cost", None) for _, _, data in graph.in_edges(v, data=True)],
}


@given(said, st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), *[st.sampled_from(NODES)] * 2)))
def test_what_is_changed_becomes_what_it_does_in_dictionaries(saying, changes):
    graph, plain = of(saying)
    before, kept = whole(graph), graph.copy()
    for name, *ends in changes:
        copied = graph.copy()
        for one in (graph, plain):
            CHANGES[name](one, *ends)
        assert whole(graph) == whole(plain)
        for same in (graph.copy(), deepcopy(graph), pickle.loads(pickle.dumps(graph))):
            assert whole(same) == whole(plain)
        CHANGES[name](copied, *ends)
        assert whole(copied) == whole(plain)
    assert whole(kept) == before


@given(said)
def test_questions_about_edges_are_answered_alike(saying):
    graph, plain = of(saying)
    assert nx.utils.graphs_equal(graph, plain)
    assert str(graph) == str(nx.MultiDiGraph(plain))
    for origin, target in product([*NODES, "nobody"], repeat=2):
        assert graph.has_edge(origin, target) == plain.has_edge(origin, target)
        assert graph.number_of_edges(origin, target) == plain.number_of_edges(origin, target)
        assert (graph.get_edge_data(origin, target) or {}) == (plain.get_edge_data(origin, target) or {})
        assert not graph.has_edge(origin, target, "no key")
    assert whole(nx.MultiDiGraph(graph)) == whole(plain)
    assert whole(graph.reverse()) == whole(plain.reverse())
    assert whole(graph.subgraph(NODES[:2])) == whole(plain.subgraph(NODES[:2]))
    assert whole(graph.subgraph(NODES[:2]).copy()) == whole(plain.subgraph(NODES[:2]))


def test_a_graph_has_its_table_until_an_edge_is_changed():
    edge = Edge(kind=EdgeKind.PERMITS, view=View.TRUST, evidence=Evidence.PERMITTED, sources=SOURCES[1], cost=1)
    graph, plain = of([(NODES[0], NODES[1], edge), (NODES[1], NODES[0], edge)])
    assert len(table_of(graph)) == len(plain.edges)
    assert table_of(plain) is None
    graph.nodes[NODES[0]]["label"] = "another"
    assert table_of(graph) is table_of(graph.copy()) is not None
    for name, change in CHANGES.items():
        changed = graph.copy()
        change(changed, NODES[0], NODES[1])
        assert table_of(changed) is None, name


def test_what_is_gone_is_no_longer_changed():
    edge = Edge(kind=EdgeKind.PERMITS, view=View.TRUST, evidence=Evidence.PERMITTED, sources=SOURCES[1], cost=1)
    graph, _ = of([(NODES[0], NODES[1], edge)])
    (place,) = graph.edges(keys=True)
    attributes = graph.edges[place]
    graph.remove_edge(*place)
    attributes["cost"] = 5
    assert not graph.has_edge(*place[:2])
    with pytest.raises(KeyError):
        graph.edges[place]
    with pytest.raises(nx.NetworkXError):
        graph.remove_edge(*place)
