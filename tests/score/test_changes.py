import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.errors import ScoreError
from auditkit.graph.schema import EdgeKind, EntryKind, Sensitivity, View
from auditkit.inventory import Kind
from auditkit.score import Compact, default_weights, exposure
from auditkit.score._scene import Scene
from auditkit.score.changes import Change, FactorLevel, changed_graph
from tests.score.graphs import FACTOR_NAMES, parallel_ways, shop
from tests.score.strategies import trust_graphs

WEIGHTS = default_weights()


@st.composite
def changes(draw, graph) -> Change:
    """One change of a graph, of any sort."""
    edges, nodes = sorted(graph.edges(keys=True)), sorted(graph)
    some = st.sampled_from(edges) if edges else st.nothing()
    trust = [edge for edge in edges if graph.edges[edge]["view"] is View.TRUST]
    what = draw(st.sampled_from(["remove", "gate", "level", "entry", "sensitivity", "compromise"]))
    if not nodes or (what in {"remove", "level"} and not edges) or (what == "gate" and not trust):
        return Change(label="nothing")
    match what:
        case "remove":
            return Change(label="cut", removes=(draw(some),))
        case "gate":
            return Change(label="gate", gates=((draw(st.sampled_from(trust)), "aws:SourceArn"),))
        case "level":
            return Change(label="level", levels=(FactorLevel(draw(some), draw(st.sampled_from(FACTOR_NAMES)), 0.25),))
        case "entry":
            return Change(
                label="entry", entries=((draw(st.sampled_from(nodes)), draw(st.sampled_from([None, *EntryKind]))),)
            )
        case "sensitivity":
            stores = [node for node in nodes if graph.nodes[node]["sensitivity"] is not None]
            node = draw(st.sampled_from(stores)) if stores else None
            return Change(
                label="class", sensitivities=((node, draw(st.sampled_from(list(Sensitivity)))),) if node else ()
            )
        case _:
            return Change(label="lost", compromised=(draw(st.sampled_from(nodes)),))


def x_of(graph, weights=WEIGHTS):
    return exposure(graph, weights=weights).sort_values("store")[["X_low", "X_high"]].to_numpy()


@settings(max_examples=150, deadline=None)
@given(trust_graphs(), st.data())
def test_arrays_after_changes_agree_with_the_changed_graph(graph, data):
    made = [data.draw(changes(graph)) for _ in range(data.draw(st.integers(1, 3)))]
    weights = data.draw(
        st.sampled_from([WEIGHTS, WEIGHTS.changed(costs={"call": 1.5, "wait": 2.25}, entries={"other_account": 1})])
    )
    assert np.allclose(
        Scene(Compact(graph, weights=WEIGHTS)).scored(made, weights).x, x_of(changed_graph(graph, made), weights)
    )


@settings(max_examples=50, deadline=None)
@given(trust_graphs(), st.data())
def test_a_change_that_is_undone_restores_every_score_exactly(graph, data):
    scene = Scene(Compact(graph, weights=WEIGHTS))
    before = scene.scored()
    scene.scored([data.draw(changes(graph))])
    after = scene.scored()
    assert np.array_equal(before.x, after.x)
    assert np.array_equal(before.x, x_of(graph))


@settings(max_examples=50, deadline=None)
@given(trust_graphs(), st.data())
def test_the_graph_itself_stays_as_it_is(graph, data):
    before = nx.MultiDiGraph(graph)
    changed_graph(graph, [data.draw(changes(graph))])
    assert sorted(before.edges(keys=True, data=True)) == sorted(graph.edges(keys=True, data=True))
    assert dict(before.nodes(data=True)) == dict(graph.nodes(data=True))


def test_a_role_that_is_cut_off_does_not_make_its_permissions_unknown():
    graph = shop()
    role = next(edge for edge in graph.edges(keys=True) if edge[:2] == ("export", "export-role"))
    after = changed_graph(graph, [Change(label="cut", removes=(role,))])
    assert exposure(after, of=["customers"]).X_high.iloc[0] < exposure(graph, of=["customers"]).X_high.iloc[0]


def test_what_is_declared_lost_is_reached_from_the_internet_at_once():
    graph = parallel_ways(0)
    graph.add_node("f", **shop().nodes["create"])
    after = changed_graph(graph, [Change(label="lost", compromised=("f", "jewel"))])
    assert after.edges["internet", "jewel", "declared compromised"]["kind"] is EdgeKind.PERMITS
    assert exposure(after, of=["jewel"]).X_high.iloc[0] == pytest.approx(9)
    assert after.nodes["internet"]["kind"] is Kind.INTERNET


@pytest.mark.parametrize(
    "change",
    [
        {"removes": (("a", "b", "c"),)},
        {"gates": ((("a", "b", "c"), "aws:SourceArn"),)},
        {"levels": (FactorLevel(("a", "b", "c"), "encryption", 0),)},
        {"entries": (("nobody", None),)},
        {"sensitivities": (("nobody", Sensitivity.PUBLIC),)},
        {"compromised": ("nobody",)},
    ],
)
def test_what_is_not_there_cannot_be_changed(change):
    with pytest.raises(ScoreError, match="try: there is no"):
        changed_graph(shop(), [Change(label="try", **change)])


def test_a_factor_that_there_is_not_is_refused():
    edge = next(iter(shop().edges(keys=True)))
    with pytest.raises(ScoreError, match="weather"):
        changed_graph(shop(), [Change(label="try", levels=(FactorLevel(edge, "weather", 0),))])
