"""Where cheapest paths lead: the same with the edges and without them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.graph.schema import EdgeKind
from auditkit.inventory import Kind
from auditkit.score import Compact
from auditkit.score.reach import Vicinity, course_of, distances, witness_of
from tests.score.graphs import Sketch
from tests.score.strategies import trust_graphs


def check_courses(attack, reach, states):
    """Check what is told of the paths to some states that are reached; return how many there are."""
    for state in states:
        course, witness = course_of(attack, reach, state), witness_of(attack, reach, state)
        assert course.start == witness.start
        assert course.nodes == tuple(attack.node(step.head) for step in witness.steps)
        assert course.undecided == tuple(sorted({step.undecided for step in witness.steps} - {""}))
    return len(states)


@settings(max_examples=80, deadline=None)
@given(trust_graphs())
def test_a_course_is_that_of_the_witness(graph):
    attack = Compact(graph).opened
    for node in range(len(attack.nodes)):
        start = attack.taken_over(node)
        far = distances(attack, {start: 0.0})
        check_courses(attack, far, [state for state in range(attack.states) if far.cost[state] < float("inf")])
        near = Vicinity(attack, range(attack.states), 2.0).near([start])
        check_courses(attack, near, list(near.found))


@settings(max_examples=80, deadline=None)
@given(trust_graphs(), st.data())
def test_what_is_held_at_once_is_what_a_search_finds(graph, data):
    attack = Compact(graph).opened
    states = range(attack.states)
    goals = data.draw(st.sets(st.sampled_from(states)) if states else st.just(set[int]()))
    starts = data.draw(st.sets(st.sampled_from(states), max_size=3) if states else st.just(set[int]()))
    vicinity = Vicinity(attack, goals, data.draw(st.sampled_from([0.0, 1.0, 2.0, 4.0])))
    assert np.flatnonzero(vicinity.held(starts)).tolist() == sorted(vicinity.near(starts).found)


def test_a_grant_on_the_way_is_not_told():
    sketch = Sketch()
    sketch.store("orders", Kind.TABLE)
    sketch.role("role")
    sketch.function("read", role="role")
    sketch.node("grant", Kind.GRANT)
    sketch.node("scope", Kind.SCOPE)
    sketch.permits("role", "grant", access=None)
    sketch.permits("grant", "scope")
    sketch.trust("scope", "orders", EdgeKind.CONTAINS, 0)
    attack = Compact(sketch.graph).opened
    near = Vicinity(attack, range(attack.states), 2.0).near([attack.taken_over(attack.nodes.index["read"])])
    assert check_courses(attack, near, list(near.found)) > 3
    ends = [course_of(attack, near, state).nodes for state in near.found]
    assert max(ends, key=len) == tuple(attack.nodes.index[name] for name in ("role", "orders"))
