"""Least costs and the last steps of cheapest paths: as one state after the other gives them."""

import heapq
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.score import Compact
from auditkit.score.reach import distances
from tests.score.strategies import trust_graphs


def one_by_one(attack, starts):
    """Return costs and last steps: the cheapest path, of the fewest steps, then by the state and the step."""
    cost, hops, parent = [math.inf] * attack.states, [0] * attack.states, [-1] * attack.states
    queue = []
    for state, initial in sorted(starts.items()):
        cost[state] = initial
        heapq.heappush(queue, (initial, 0, state))
    (start, head), price = attack.views, attack.cost
    while queue:
        so_far, count, state = heapq.heappop(queue)
        if (so_far, count) != (cost[state], hops[state]):
            continue
        for step in range(start[state], start[state + 1]):
            to, total = head[step], so_far + price[step]
            if (total, count + 1) < (cost[to], hops[to]):
                cost[to], hops[to], parent[to] = total, count + 1, step
                heapq.heappush(queue, (total, count + 1, to))
    return cost, parent


@settings(max_examples=150, deadline=None)
@given(trust_graphs(), st.data())
def test_states_of_one_cost_are_looked_at_together(graph, data):
    attack = Compact(graph).opened
    if not attack.states:
        return
    states = st.integers(0, attack.states - 1)
    starts = data.draw(st.dictionaries(states, st.sampled_from([0.0, 0.5, 1.0, 3.0]), max_size=4))
    found = distances(attack, starts)
    assert (found.cost.tolist(), found.parent.tolist()) == one_by_one(attack, starts)
