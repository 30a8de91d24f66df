"""What many nodes reach first, all at once: the same as one search from each."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.areas.reach import Reaching
from auditkit.graph.schema import EdgeKind, Sensitivity
from auditkit.inventory import Kind
from auditkit.score import Compact
from tests.score.graphs import Sketch
from tests.score.strategies import trust_graphs


@settings(max_examples=150, deadline=None)
@given(trust_graphs(), st.data())
def test_all_at_once_is_one_by_one(graph, data):
    for _, attributes in graph.nodes(data=True):
        if attributes["sensitivity"] is not None:
            attributes["sensitivity"] = data.draw(st.sampled_from(Sensitivity))
    reaching = Reaching(Compact(graph))
    reaching._is_close = lambda *_: False
    for place in range(len(graph)):
        for within in (0.0, 1.0, 2.0):
            assert reaching._reached_first(place, within) == reaching._searched(place, within)


@pytest.mark.parametrize("stores", [1, 70, 2100])
def test_stores_that_are_reached_alike_are_counted_each(stores):
    sketch = Sketch()
    sketch.role("role")
    sketch.node("grant", Kind.GRANT)
    sketch.node("scope", Kind.SCOPE)
    sketch.permits("role", "grant", access=None)
    sketch.permits("grant", "scope")
    for number in range(stores):
        sensitivity = Sensitivity.RESTRICTED if number == stores - 1 else Sensitivity.UNKNOWN
        sketch.store(f"store-{number:04}", Kind.TABLE, sensitivity)
        sketch.trust("scope", f"store-{number:04}", EdgeKind.CONTAINS, 0)
    loot = Reaching(Compact(sketch.graph)).loot("role")
    assert (loot.store, loot.sensitivity, loot.unknown) == (
        f"store-{stores - 1:04}",
        Sensitivity.RESTRICTED,
        stores - 1,
    )
    assert loot.path == ("role", loot.store)


def test_a_node_does_not_reach_itself():
    sketch = Sketch()
    for name in ("first", "second"):
        sketch.store(name, Kind.QUEUE, Sensitivity.RESTRICTED)
        sketch.function(f"reads-{name}", role="role")
        sketch.trust(name, f"reads-{name}", EdgeKind.INVOKES, 0)
    sketch.role("role")
    sketch.permits("role", "first")
    sketch.permits("role", "second")
    reaching = Reaching(Compact(sketch.graph))
    assert (reaching.loot("first").store, reaching.loot("second").store) == ("second", "first")
    assert reaching.loot("role").store == "first"
