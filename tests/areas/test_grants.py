"""What is beside a node is the same with grants, told one by one or in groups, and with plain edges in their place."""

from hypothesis import given, settings

from auditkit.areas.neighbours import Neighbours
from auditkit.graph import expand
from auditkit.graph._merging import edge_key
from auditkit.graph.schema import AccessLevel, EdgeKind, Evidence
from auditkit.inventory import Kind
from auditkit.score import Compact
from tests.score.graphs import Sketch
from tests.score.test_grants import accounts

WANTED = [None, EdgeKind.PERMITS, EdgeKind.ASSUMES, EdgeKind.CHANGES_CODE]


def neighbours_of(graph):
    return Neighbours(Compact(graph).reading)


def told(ways):
    return sorted(ways, key=lambda way: (way[0], edge_key(way[1])))


def permits(edge):
    return edge.kind is EdgeKind.PERMITS


def reads(edge):
    return edge.access is AccessLevel.READ and edge.evidence is Evidence.PERMITTED


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_grants_are_told_as_plain_edges(graph):
    kept, plain = neighbours_of(graph), neighbours_of(expand(graph))
    for node, attributes in expand(graph).nodes(data=True):
        if attributes["kind"] is Kind.SCOPE:
            continue
        for kinds in ([one] if one else [] for one in WANTED):
            assert told(kept.into(node, *kinds)) == told(plain.into(node, *kinds))
            assert told(kept.out_of(node, *kinds)) == told(plain.out_of(node, *kinds))
        for holds in (permits, reads):
            who = {other for other, edge in plain.into(node) if holds(edge)}
            assert kept.ids(kept.who(node, holds).tolist()) == sorted(who)


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_what_is_alike_is_told_in_groups(graph):
    kept = neighbours_of(graph)
    for node, attributes in graph.nodes(data=True):
        if attributes["kind"] in {Kind.GRANT, Kind.SCOPE}:
            continue
        for kinds in ([one] if one else [] for one in WANTED):
            groups = kept.out_alike(node, *kinds)
            assert all(list(one.places) == sorted(set(one.places.tolist())) for one in groups)
            single = [*kept.out_of(node, *kinds)]
            assert told(in_pairs(kept, groups)) == told(single)
            for holds in (permits, reads):
                assert kept.leads_out(node, holds, *kinds) == any(holds(edge) for _, edge in single)
            for kind in kinds:
                assert {other for other in graph if kept.leads_to(node, other, kind)} == {other for other, _ in single}
        for holds in (permits, reads):
            some = [(other, edge) for other, edge in kept.out_of(node) if holds(edge) and is_table(graph.nodes[other])]
            assert told(in_pairs(kept, kept.alike_on(node, holds=holds, is_one=is_table))) == told(some)


def in_pairs(kept, groups):
    return [(other, one.edge) for one in groups for other in kept.ids(one.places.tolist())]


def is_table(node):
    return (node["kind"] if isinstance(node, dict) else node.kind) is Kind.TABLE


def test_what_is_permitted_is_left_out_where_it_is_not_asked_for():
    sketch = Sketch()
    sketch.function("reader", role="role")
    sketch.store("orders", Kind.TABLE)
    sketch.data("orders", "reader", EdgeKind.READS)
    sketch.permits("role", "orders")
    kept = neighbours_of(sketch.graph)
    assert [other for other, _ in kept.into("orders")] == ["role"]
    assert [*kept.into("orders", permitted=False)] == []
    assert [other for other, _ in kept.into("reader", permitted=False)] == ["orders"]
    assert [other for other, _ in kept.out_of("orders", permitted=False)] == ["reader"]
    assert [*kept.into("nothing")] == [*kept.from_outside("nothing")] == kept.out_alike("nothing") == []


def test_what_comes_from_outside_is_told_apart():
    sketch = Sketch()
    sketch.internet()
    sketch.store("orders", Kind.BUCKET)
    sketch.role("role")
    for who in ("internet", "role"):
        sketch.permits(who, "orders", AccessLevel.READ)
    kept = neighbours_of(sketch.graph)
    assert [other for other, _ in kept.from_outside("orders", EdgeKind.PERMITS)] == ["internet"]
    assert [*kept.from_outside("orders", EdgeKind.INVOKES)] == []
