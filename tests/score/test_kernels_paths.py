import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.score.kernels import k_cheapest, k_cheapest_plain, minimum_cut, minimum_cut_plain
from tests.score.test_kernels import networks


@settings(max_examples=150, deadline=None)
@given(networks(most=8), st.integers(1, 30))
def test_the_cheapest_paths_are_those_of_exhaustive_enumeration(network, k):
    order = np.argsort(network["tail"], kind="stable")[:14]
    start = np.searchsorted(network["tail"][order], np.arange(network["states"] + 1))
    cost = np.where(network["cost"] == 9, math.inf, network["cost"].astype(float))[order]
    starts = {int(state): float(number) for number, state in enumerate(network["sources"])}
    arguments = (start, network["head"][order], cost, starts, set(network["columns"].tolist()))
    found, exhaustive = k_cheapest(*arguments, k=k)
    assert exhaustive
    assert found == k_cheapest_plain(*arguments, k=k)


def test_a_search_that_runs_out_says_so():
    size = 12
    tail, head = (ends.ravel() for ends in np.mgrid[:size, :size])
    apart = tail != head
    start = np.arange(0, size * size, size - 1)[: size + 1]
    _, exhaustive = k_cheapest(start, head[apart], np.ones(int(apart.sum())), {0: 0.0}, {1}, k=10_000, budget=50)
    assert not exhaustive


@settings(max_examples=150, deadline=None)
@given(networks(most=8), st.data())
def test_a_minimum_cut_and_its_twin_agree_and_it_parts_source_from_sink(network, data):
    nodes = network["states"] + 1
    source, sink = data.draw(st.integers(0, nodes - 2)), nodes - 1
    tail = np.append(network["tail"], 0)
    head = np.append(network["head"], sink)
    capacity = np.append(network["cost"] + 1, 3)
    arguments = {"nodes": nodes, "source": source, "sink": sink}
    value, pipes = minimum_cut(tail, head, capacity, **arguments)
    assert value == capacity[pipes].sum()
    plain_value, plain_pipes = minimum_cut_plain(tail, head, capacity, **arguments)
    assert (value, pipes.tolist()) == (plain_value, plain_pipes.tolist())
    rest = np.setdiff1d(np.arange(len(tail)), pipes)
    assert minimum_cut_plain(tail[rest], head[rest], capacity[rest], **arguments)[0] == 0
