"""Permissions on many targets as one node, and as plain edges again."""

from pathlib import Path

import msgspec
import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import auditkit as ak
from auditkit.areas.scene import Scene
from auditkit.graph import EdgeKind, expand, validate
from auditkit.graph.expanding import given as given_by
from auditkit.graph.expanding import members
from auditkit.graph.grants import by_grounds
from auditkit.inventory import Kind, Source
from auditkit.score import blast_radius, choke_points, exposure, matrix
from tests.areas.scenes import ACCOUNT, answer, function, functions, gaad, role
from tests.exports.feeding import feed

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "retailer"
WITNESS = ["entry", "entry_label", "ways", "path", "edges", "steps", "sources"]
"""Columns that show one of several ways of the same cost, which lead through grants where there are any."""


@pytest.fixture(scope="module")
def inventory():
    return ak.read(SAMPLE)


@pytest.fixture(scope="module")
def plain(inventory):
    return ak.connect(inventory)


@pytest.fixture(scope="module")
def granted(inventory):
    return ak.connect(inventory, fan_out=3)


def _grants(graph: nx.MultiDiGraph) -> set[str]:
    return {node for node, data in graph.nodes(data=True) if data["kind"] is Kind.GRANT}


def test_a_small_fan_is_plain_edges(plain):
    assert not _grants(plain)
    assert expand(plain) is plain


def test_grants_say_the_same_in_fewer_edges(plain, granted):
    grants = _grants(granted)
    assert grants
    assert granted.number_of_edges() < plain.number_of_edges() / 2
    for grant in grants:
        assert granted.in_degree(grant)
        assert all(edge["kind"] is EdgeKind.PERMITS for _, _, edge in granted.in_edges(grant, data=True))
        assert all(granted.nodes[scope]["kind"] is Kind.SCOPE for _, scope in granted.out_edges(grant))


def test_what_an_administrator_of_its_own_making_may_is_no_way_in_from_another_account():
    raises = {"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*"}
    tables = answer("dynamodb.ListTables", {"TableNames": [f"t{number:02}" for number in range(20)]})
    inventory = feed(gaad(role("deploy", raises)), functions(function("f", Role=role("deploy")["Arn"])), tables)
    graph = ak.connect(inventory, fan_out=3)
    made = f"administrator:{ACCOUNT}"
    grants = [node for node in graph.successors(made) if graph.nodes[node]["kind"] is Kind.GRANT]
    assert grants
    assert {graph.nodes[grant]["account"] for grant in grants} == {ACCOUNT}
    assert not [node for node in _grants(graph) if graph.nodes[node]["entry"] is not None]
    assert set(exposure(graph)["entry_kind"]) == set(exposure(expand(graph))["entry_kind"])


def test_expanded_grants_are_the_plain_edges_with_all_that_they_say(plain, granted):
    expanded = expand(granted)
    validate(expanded)
    assert dict(expanded.nodes(data=True)) == dict(plain.nodes(data=True))
    assert dict(expanded.edges) == dict(plain.edges)  # keys, conditions, what is missing, and the statements


def test_scopes_have_what_other_statements_give_besides_and_plain_edges_say_that_in_full(granted):
    found = 0
    for grant in _grants(granted):
        for holder in granted.predecessors(grant):
            told = {
                (target, *_meaning(msgspec.structs.asdict(edge))) for target, edge in given_by(granted, grant, holder)
            }
            for _, scope, what in granted.out_edges(grant, data=True):
                for target in set(members(granted, scope)) - {holder}:
                    plain = [_meaning(edge) for edge in granted.get_edge_data(holder, target, default={}).values()]
                    assert ((target, *_meaning(what)) in told) != (_meaning(what) in plain)
                    found += _meaning(what) in plain
    assert found


def _meaning(edge):
    return edge["kind"], edge["access"], edge["qualifier"]


def test_what_is_read_through_grants_is_what_plain_edges_say(inventory, plain, granted):
    one, other = (Scene(inventory, graph) for graph in (granted, plain))
    for node in plain:
        assert list(one.out_of(node)) == list(other.out_of(node))
        assert list(one.into(node)) == list(other.into(node))


def test_one_grant_can_be_expanded_alone(granted):
    first, *others = sorted(_grants(granted))
    found = expand(granted, first)
    assert _grants(found) == set(others)
    assert all(found.in_degree(node) for node, data in found.nodes(data=True) if data["kind"] is Kind.SCOPE)


@pytest.mark.parametrize("score", [blast_radius, exposure, matrix])
def test_scores_are_the_same(plain, granted, score):
    one, other = (score(graph).drop(columns=WITNESS, errors="ignore") for graph in (granted, plain))
    assert one.equals(other)


def test_ways_are_the_same(plain, granted):
    one, other = (choke_points(graph)[["store", "cost", "ways"]] for graph in (granted, plain))
    assert len(one)
    assert one.equals(other)


@given(st.lists(st.tuples(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.sampled_from("abc")), max_size=6))
def test_targets_are_sorted_by_grounds_alike_whether_they_are_few_or_many(told):
    """What was said last of a target counts; many targets are sorted as arrays."""
    given_ = [([some[:2], np.array(some[2:], dtype=np.int64)], (Source(name),)) for some, name in told]
    wanted = {target: (Source(name),) for some, name in told for target in some}
    for few in (0, 1000):
        found = {}
        for targets, sources in by_grounds(given_, few=few):
            assert sources not in found
            found[sources] = sorted(int(target) for target in targets)
        assert found == {
            sources: sorted(target for target, of in wanted.items() if of == sources) for sources in wanted.values()
        }
