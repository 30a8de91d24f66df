import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.score.kernels import Disjoint, disjoint_plain


@st.composite
def networks(draw, *, most: int = 9):
    states = draw(st.integers(2, most))
    ends = st.integers(0, states - 1)
    tail, head, edge = [], [], []
    for number in range(draw(st.integers(0, 16))):
        start = draw(ends)
        for end in sorted(draw(st.sets(ends, min_size=1, max_size=2))):
            tail.append(start)
            head.append(end)
            edge.append(number)
    for _ in range(draw(st.integers(0, 3))):
        tail.append(draw(ends))
        head.append(draw(ends))
        edge.append(-1)
    entries = draw(st.dictionaries(ends, st.booleans(), max_size=3))
    targets = draw(st.lists(st.sets(ends, min_size=1, max_size=2), min_size=1, max_size=5))
    steps = {name: np.array(value, dtype=np.int64) for name, value in (("tail", tail), ("head", head), ("edge", edge))}
    return {**steps, "states": states, "entries": entries}, targets


def is_endless(network, targets):
    """Whether a way takes no edge."""
    wide = {state for state, single in network["entries"].items() if not single}
    free = [(t, h) for t, h, e in zip(network["tail"], network["head"], network["edge"], strict=True) if e < 0]
    for _ in range(network["states"]):
        wide |= {head for tail, head in free if tail in wide}
    return bool(wide & targets)


@settings(max_examples=400, deadline=None)
@given(networks())
def test_the_kernel_and_its_twin_agree_for_one_target_after_the_other(drawn):
    network, all_targets = drawn
    kernel = Disjoint(**network)
    for targets in all_targets:
        if is_endless(network, targets):
            with pytest.raises(ValueError, match="any number"):
                kernel.ways(targets)
            continue
        taken = kernel.ways(targets)
        assert (taken.count, *kernel.cut(taken)) == disjoint_plain(**network, targets=targets)


@settings(max_examples=200, deadline=None)
@given(networks())
def test_ways_lead_from_entries_to_targets_and_share_no_edge(drawn):
    network, all_targets = drawn
    states, kernel = network["states"], Disjoint(**network)
    steps = set(zip(network["tail"].tolist(), network["head"].tolist(), network["edge"].tolist(), strict=True))
    for targets in all_targets:
        if is_endless(network, targets):
            continue
        taken = kernel.ways(targets)
        ways = list(taken.ways())
        assert len(ways) == taken.count
        used = [node for way in ways for node in way if node >= states]
        assert len(used) == len(set(used))
        single = [way[0] for way in ways if network["entries"][way[0]]]
        assert len(single) == len(set(single))
        for way in ways:
            assert way[-1] in targets
            at, over = way[0], -1
            for node in way[1:]:
                if node >= states:
                    over = node - states
                else:
                    assert (at, node, over) in steps
                    at, over = node, -1


@settings(max_examples=200, deadline=None)
@given(networks(), st.data())
def test_what_every_way_meets_parts_and_nothing_else_does(drawn, data):
    network, (targets, *_) = drawn
    without = data.draw(st.sets(st.integers(0, network["states"] - 1), max_size=2))
    kept = [number for number, pair in enumerate(zip(network["tail"].tolist(), network["head"].tolist(), strict=True))
            if not without & set(pair)]  # fmt: skip
    rest = {name: network[name][kept] for name in ("tail", "head", "edge")}
    entries = {state: single for state, single in network["entries"].items() if state not in without}
    other = {**rest, "states": network["states"], "entries": entries}
    left = targets - without
    expected = not is_endless(other, left) and disjoint_plain(**other, targets=left)[0] == 0
    assert Disjoint(**network).parted(targets, without) == expected
