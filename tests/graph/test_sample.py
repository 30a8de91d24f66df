"""Laws of the graph of the sample account, whoever has drawn which edge."""

import json
from collections import Counter
from functools import cache
from random import Random

import networkx as nx
import pytest

from auditkit import samples
from auditkit.exports import read
from auditkit.facts import FACTORS, get_hops
from auditkit.graph import View, connect, edges_frame, graphml_bytes, nodes_frame, validate
from auditkit.inventory import STORE_KINDS, Inventory

SAMPLE = samples.path("retailer")


@pytest.fixture(scope="module")
def inventory():
    return read(SAMPLE)


@pytest.fixture(scope="module")
def graph(inventory):
    return connect(inventory)


@cache
def document(file):
    return json.loads((SAMPLE / file).read_text(encoding="utf-8"))


def resolve(source):
    value = document(source.file)
    for step in source.pointer.split("/")[1:]:
        if isinstance(value, str):  # a document written as text
            value = json.loads(value)
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def test_every_source_of_a_node_and_of_an_edge_resolves_in_the_export(graph):
    sources = {source for _, node in graph.nodes(data=True) for source in node["sources"]}
    sources |= {source for *_, edge in graph.edges(data=True) for source in edge["sources"]}
    assert sources
    lost = []
    for source in sorted(sources):
        try:
            resolve(source)
        except (KeyError, IndexError, ValueError, TypeError, OSError) as error:
            lost.append(f"{source}: {error!r}")
    assert lost == []


def test_every_hop_is_of_a_known_kind_and_gives_its_reasons(graph):
    unknown = Counter()
    for origin, target, edge in graph.edges(data=True):
        if edge["view"] is View.DATA:
            if edge["factors"].hop not in get_hops():
                unknown[graph.nodes[origin]["kind"], graph.nodes[target]["kind"]] += 1
            assert all(edge["factors"].reasons[factor] for factor in FACTORS)
    assert unknown == Counter()


def test_stores_have_a_sensitivity_with_its_reason(graph):
    for node_id, node in graph.nodes(data=True):
        if node["kind"] in STORE_KINDS:
            assert node["sensitivity"] is not None, node_id
            assert node["sensitivity_reason"], node_id


def test_the_order_of_records_does_not_matter(inventory, graph):
    records = list(inventory)
    Random(7).shuffle(records)
    again = connect(
        Inventory(
            records,
            coverage=inventory.coverage,
            not_read=inventory.not_read,
            contradictions=inventory.contradictions,
            digests=inventory.digests,
        )
    )
    assert nodes_frame(again).equals(nodes_frame(graph))
    assert edges_frame(again).equals(edges_frame(graph))
    assert graphml_bytes(again) == graphml_bytes(graph)
    assert again.graph == graph.graph


def test_graphml_of_the_sample_comes_back(graph, tmp_path):
    path = tmp_path / "graph.graphml"
    path.write_bytes(graphml_bytes(graph))
    back = nx.read_graphml(path)
    assert len(back) == len(graph)
    assert back.number_of_edges() == graph.number_of_edges()


def test_the_graph_is_of_the_schema(graph):
    validate(graph)
    assert graph.graph["accounts"] == ("111122223333",)
    assert set(graph.graph["regions"]) >= {"eu-west-1", "us-east-1"}
    assert graph.graph["digests"]
