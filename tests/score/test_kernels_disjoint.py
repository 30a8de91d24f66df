import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.score.kernels import Disjoint, disjoint_plain

_FIRST = 100
"""Number of the first edge in the place of others."""


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
        ways = list(kernel.told(taken))
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


@st.composite
def shared(draw, *, plain: int = 6):
    """Networks in which edges lead through states between: gates, that others hold, and scopes, in one another."""
    gates, scopes = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    gate, scope, states = plain, plain + gates, plain + gates + scopes
    ends = st.integers(0, plain - 1)
    holds = st.tuples(ends, st.one_of(ends, st.integers(gate, scope - 1)))
    leaves = st.tuples(st.integers(gate, scope - 1), st.integers(scope, states - 1))
    pairs = draw(st.lists(holds, min_size=2, max_size=12)) + draw(st.lists(leaves, min_size=1, max_size=4))
    steps = [(tail, head, number) for number, (tail, head) in enumerate(pairs)]
    for one in range(scope, states):
        parts = st.one_of(ends, st.integers(one + 1, states - 1)) if one + 1 < states else ends
        steps += [(one, part, -1) for part in sorted(draw(st.sets(parts, min_size=1)))]
    tail, head, edge = (np.array(column, dtype=np.int64) for column in zip(*steps, strict=True))
    entries = draw(st.dictionaries(ends, st.booleans(), min_size=1, max_size=3))
    targets = draw(st.lists(st.lists(ends, min_size=1, max_size=2, unique=True), min_size=1, max_size=5))
    network = {"tail": tail, "head": head, "edge": edge, "states": states, "entries": entries}
    says = draw(st.lists(st.integers(-1, 1), min_size=len(pairs), max_size=len(pairs)))
    return network, range(gate, states), np.array(says), targets


def expanded(network, through, says):
    """The same with an edge in the place of each that leads through states between; and what these stand for.

    Where an edge says the same between the same two, there is no other.
    """
    steps = list(zip(*(network[name].tolist() for name in ("tail", "head", "edge")), strict=True))
    plain = [step for step in steps if not {step[0], step[1]} & set(through)]
    inside = {one: {one} for one in range(network["states"])}
    for _ in through:
        for tail, head, edge in steps:
            if edge < 0:
                inside[tail] |= inside[head]
    names = {}
    told = {(tail, head, says[edge]) for tail, head, edge in plain if says[edge] >= 0}
    for tail, gate, entering in steps:
        for start, scope, leaving in steps:
            if gate in through and gate == start and tail not in through:
                for state in sorted(inside[scope] - set(through)):
                    if (tail, state, says[leaving]) in told:
                        continue
                    names[_FIRST + len(names)] = entering, leaving, state
                    plain.append((tail, state, _FIRST - 1 + len(names)))
    tail, head, edge = (
        (np.array(column, dtype=np.int64) for column in zip(*plain, strict=True))
        if plain
        else [np.zeros(0, np.int64)] * 3
    )
    return {**network, "tail": tail, "head": head, "edge": edge}, names


@settings(max_examples=400, deadline=None)
@given(shared())
def test_edges_through_states_between_count_as_edges_of_their_own(drawn):
    network, through, says, all_targets = drawn
    states, (other, names) = network["states"], expanded(network, through, says)
    kernel = Disjoint(**network, through=through, says=says)
    all_targets = [targets for targets in all_targets if not is_endless(other, set(targets))]
    seen = []
    for number, taken in kernel.each(all_targets):
        count, cut, doors = disjoint_plain(**other, targets=all_targets[number])
        edges, found = kernel.cut(taken)
        real = [kernel.stands_for.get(edge + states) for edge in edges]
        told = [
            edge if one is None else (one[0] - states, one[1] - states, one[2])
            for edge, one in zip(edges, real, strict=True)
        ]
        assert (taken.count, found) == (count, doors)
        assert sorted(told, key=str) == sorted((names.get(edge, edge) for edge in cut), key=str)
        ways = list(kernel.told(taken))
        assert len(ways) == count
        used = [node for way in ways for node in way if node >= states]
        assert len(used) == len(set(used))
        assert {way[-1] for way in ways} <= set(all_targets[number])
        seen.append(number)
    assert sorted(seen) == list(range(len(all_targets)))
    assert min(kernel.stands_for, default=states + 100) > states + max(network["edge"])


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
