import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit import score
from auditkit.errors import ScoreError
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Sensitivity
from auditkit.inventory import Kind, Source
from auditkit.score import WhatIf, blast_radius, exposure, hops, matrix, transit, whatif
from auditkit.score.fixes import derive_fixes
from tests.score.graphs import Sketch, parallel_ways, queue_cycle, shop
from tests.score.strategies import trust_graphs
from tests.score.test_changes import changes as some_change


def tables(trial: WhatIf):
    return [trial.scores(), trial.compare("exposure"), trial.compare("blast")]


def same(first, second) -> bool:
    return all(one.drop(columns=[]).equals(two) for one, two in zip(first, second, strict=True))


@settings(max_examples=50, deadline=None)
@given(trust_graphs(nodes=6, edges=10), st.data())
def test_what_is_done_and_undone_leaves_every_score_exactly_as_it_was(graph, data):
    trial = whatif(graph)
    before = tables(trial)
    edges = sorted(graph.edges(keys=True))
    for _ in range(data.draw(st.integers(1, 3))):
        if edges and data.draw(st.booleans()):
            trial.cut(*data.draw(st.sampled_from(edges))[:2])
        elif len(graph):
            trial.compromise(data.draw(st.sampled_from(sorted(graph))))
        tables(trial)
    trial.reset()
    assert trial.changes == ()
    assert same(before, tables(trial))


@settings(max_examples=50, deadline=None)
@given(trust_graphs(), st.data())
def test_comparisons_agree_with_the_tables_of_the_changed_graph(graph, data):
    trial = whatif(graph)
    for _ in range(data.draw(st.integers(1, 2))):
        trial._make((*trial.changes, data.draw(some_change(graph))), trial.weights, "")
    if data.draw(st.booleans()):
        trial.reweigh(costs={"call": 1.5}, sensitivity={"restricted": 12}, access={"read": 0.5})
    x = exposure(trial.graph, weights=trial.weights).set_index("store")
    found = trial.compare("exposure").set_index("node")
    assert np.allclose(found[["after_low", "after_high"]], x.loc[found.index, ["X_low", "X_high"]])
    assert trial.risk == pytest.approx((x.X_low.sum(), x.X_high.sum()))
    radius = blast_radius(trial.graph, weights=trial.weights).set_index("node")
    found = trial.compare("blast").set_index("node")
    assert np.allclose(found[["after_low", "after_high"]], radius.loc[found.index, ["BR_low", "BR_high"]])
    assert not found.isna().any().any()


@settings(max_examples=30, deadline=None)
@given(trust_graphs(nodes=6, edges=10), st.data())
def test_a_cut_never_raises_and_a_loss_never_lowers_anything(graph, data):
    edges = sorted(graph.edges(keys=True))
    if edges:
        trial = whatif(graph).cut(*data.draw(st.sampled_from(edges))[:2])
        assert (trial.compare("exposure").change <= 0).all()
        assert (trial.compare("blast").change <= 0).all()
    if len(graph):
        trial = whatif(graph).compromise(data.draw(st.sampled_from(sorted(graph))))
        assert (trial.compare("exposure").change >= 0).all()


def test_every_table_works_on_the_result():
    trial = whatif(shop()).cut("GET /export", "export").compromise("nightly").classify("uploads", "restricted")
    assert trial.exposure().X_high.sum() == pytest.approx(trial.risk[1])
    assert trial.blast_radius().node.tolist()
    assert trial.transit().equals(transit(trial.graph))
    assert trial.hops().equals(hops(trial.graph))
    assert len(matrix(trial.graph)) == len(matrix(shop()))
    assert trial.what_next() is not None
    assert trial.choke_points().store.tolist()
    assert trial.history == ("cut GET /export → export", "nightly taken over", "uploads is restricted")


def test_what_is_lost_is_no_loss_of_a_function_that_can_go_out_to_the_internet():
    sketch = Sketch()
    sketch.internet()
    for name in ("going out", "lost"):
        sketch.function(name, role=f"{name}-role")
        sketch.store(f"store of {name}", Kind.TABLE, Sensitivity.INTERNAL)
        sketch.permits(f"{name}-role", f"store of {name}")
    sketch.invokes("going out", INTERNET, 0)
    trial = whatif(sketch.graph).compromise("lost")
    assert trial.compare("blast").change.tolist() == [0, 0]
    assert trial.blast_radius().BR_high.tolist() == [0.6, 0.6]


@pytest.mark.parametrize("undecided", ["gated", "open", "closed"])
def test_what_is_not_decided_counts_after_changes_as_it_is_asked(undecided):
    trial = whatif(shop()).cut("export-role", "customers")
    for name in ("blast_radius", "choke_points", "exposure"):
        told = getattr(trial, name)(undecided=undecided)
        assert told.equals(getattr(score, name)(trial.graph, undecided=undecided))


def test_fixes_are_made_and_taken_back_whatever_was_done_since():
    sketch = Sketch()
    sketch.internet()
    sketch.node("url", Kind.FUNCTION_URL, entry=EntryKind.ANONYMOUS)
    sketch.function("f", role="r")
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.invokes(INTERNET, "url", 0)
    sketch.invokes("url", "f", 0)
    statement = Source("gaad.json", "/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0")
    sketch.permits("r", "jewel", AccessLevel.READ, sources=(statement,))
    narrow, url = sorted(fix.id for fix in derive_fixes(sketch.graph))
    trial = whatif(sketch.graph)
    at_first = trial.risk
    assert trial.apply(narrow, url).apply(narrow).risk == (0, 0)
    assert len(trial.changes) == 2
    trial.compromise("f").withdraw(narrow)
    assert trial.risk[1] == pytest.approx(9 * 0.6)
    trial.undo(2)
    assert trial.risk == (0, 0)
    assert trial.withdraw(narrow, url).risk == at_first
    assert trial.withdraw(narrow) is trial


def test_a_cut_can_be_of_one_kind_or_one_key():
    graph = shop()
    both = list(graph["GET /export"]["export"])
    assert len(both) == 2
    assert len(whatif(graph).cut("GET /export", "export").changes[0].removes) == 2
    trial = whatif(graph).cut("GET /export", "export", kind=EdgeKind.INVOKES)
    assert [key for *_, key in trial.changes[0].removes] == [key for key in both if key.startswith("invokes")]
    assert len(whatif(graph).cut("GET /export", "export", key=both[0]).changes[0].removes) == 1


def test_undoing_more_than_was_done_undoes_all_of_it():
    trial = whatif(shop()).compromise("index")
    assert trial.undo(99).changes == ()


def test_other_weights_are_used_by_everything_and_undone():
    trial = whatif(shop())
    before = trial.risk
    trial.reweigh(sensitivity={"restricted": 90})
    assert trial.risk[1] > before[1]
    assert trial.scores().attrs["weights"] == trial.weights.cited
    assert trial.undo().risk == before


@pytest.mark.parametrize(
    "change",
    [
        lambda trial: trial.cut("export", "nobody"),
        lambda trial: trial.cut("export", "ledger"),
        lambda trial: trial.cut("GET /export", "export", kind="opens"),
        lambda trial: trial.cut("GET /export", "export", key="strange"),
        lambda trial: trial.classify("export", "public"),
        lambda trial: trial.classify("ledger", "secret"),
        lambda trial: trial.classify("nobody", "public"),
        lambda trial: trial.compromise("nobody"),
        lambda trial: trial.apply("url-iam-000000"),
        lambda trial: trial.reweigh(factors={"network": 2}),
        lambda trial: trial.reweigh(costs={"call": -1}),
        lambda trial: trial.reweigh(weather={"rain": 1}),
        lambda trial: trial.compare("weather"),
    ],
)
def test_what_cannot_be_done_is_named_and_nothing_changes(change):
    trial = whatif(shop())
    with pytest.raises(ScoreError, match=r".{10}"):
        change(trial)
    assert (trial.changes, trial.history) == ((), ())


@pytest.mark.parametrize("graph", [nx.MultiDiGraph(), parallel_ways(0), queue_cycle()])
def test_a_graph_without_entries_or_stores_or_anything_gives_zeros_and_reasons(graph):
    trial = whatif(graph)
    assert not trial.scores().isna().any().any()
    for what in ("exposure", "blast"):
        assert len(trial.compare(what)) or trial.compare(what).attrs["reason"]


def test_a_fix_that_there_is_not_is_answered_with_a_few_like_it():
    trial = whatif(shop())
    name = next(iter(trial.fixes))
    with pytest.raises(ScoreError, match=rf"there is no fix '{name}x'; there are {len(trial.fixes)}, like .*{name}"):
        trial.apply(f"{name}x")
    with pytest.raises(ScoreError, match="like ") as told:
        trial.apply("nothing")
    assert str(told.value).count(",") <= 5
