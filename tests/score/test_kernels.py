import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.score.kernels import UNREACHED, Tiers, cheapest, cheapest_plain, least_costs, least_costs_plain


@st.composite
def networks(draw, *, most: int = 12):
    states = draw(st.integers(1, most))
    ends = st.integers(0, states - 1)
    costs = st.sampled_from([0, 0, 0, 1, 2, 4, 9])
    steps = draw(st.lists(st.tuples(ends, ends, costs), max_size=30))
    tail, head, cost = np.array(steps, dtype=np.int64).reshape(-1, 3).T
    sources = np.array(draw(st.lists(ends, max_size=5)), dtype=np.int64)
    columns = np.array(draw(st.lists(ends, max_size=states, unique=True)), dtype=np.int64)
    return {"tail": tail, "head": head, "cost": cost, "states": states, "sources": sources, "columns": columns}


@settings(max_examples=250, deadline=None)
@given(networks())
def test_the_kernel_and_its_twin_agree(network):
    assert np.array_equal(least_costs(**network), least_costs_plain(**network))


def test_more_than_one_word_of_columns():
    states = 200
    chain = np.arange(states - 1)
    network = {
        "tail": chain,
        "head": chain + 1,
        "cost": chain % 2,
        "states": states,
        "sources": np.array([0, 50, 199]),
        "columns": np.arange(states)[::-1].copy(),
    }
    found = least_costs(**network)
    assert np.array_equal(found, least_costs_plain(**network))
    assert found[0, 0] == 99
    assert found[2].tolist() == [0] + [UNREACHED] * 199


@settings(max_examples=150, deadline=None)
@given(networks(), st.integers(0, 6))
def test_what_costs_more_than_the_most_counts_as_much(network, most):
    assert np.array_equal(least_costs(**network, most=most), least_costs_plain(**network, most=most))


def test_nothing_asked_is_nothing_found():
    none = np.array([], dtype=np.int64)
    assert least_costs(none, none, none, states=3, sources=none, columns=np.array([1])).shape == (0, 1)
    assert least_costs(none, none, none, states=3, sources=np.array([1]), columns=none).shape == (1, 0)
    assert least_costs(none, none, none, states=3, sources=np.array([1, 2]), columns=np.array([1])).tolist() == [
        [0],
        [UNREACHED],
    ]


@settings(max_examples=150, deadline=None)
@given(networks())
def test_columns_that_stand_for_others_are_reached_alike(network):
    columns = network["columns"]
    stand_ins, which = Tiers(**network).classes(columns)
    costs = least_costs_plain(**{**network, "columns": stand_ins})
    assert np.array_equal(costs[:, which], least_costs_plain(**network))


@settings(max_examples=150, deadline=None)
@given(networks(), st.dictionaries(st.integers(0, 11), st.sampled_from([0.0, 0.5, 1.0, 3.0]), max_size=3))
def test_one_run_and_its_twin_agree(network, starts):
    order = np.argsort(network["tail"], kind="stable")
    start = np.searchsorted(network["tail"][order], np.arange(network["states"] + 1))
    price = np.where(network["cost"] == 9, np.inf, network["cost"] / 10)[order]
    seeds = {state: cost for state, cost in starts.items() if state < network["states"]}
    arguments = (start, network["head"][order], price, seeds)
    assert np.array_equal(cheapest(*arguments), cheapest_plain(*arguments))
