"""Sets as scopes: nothing is lost, nothing is added, and what sets share is kept once."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.graph import scopes

MANY = [f"t{number:04d}" for number in range(2000)]


def put_together(sets):
    """Put sets of names together."""
    names = sorted({one for some in sets.values() for one in some})
    place = {one: number for number, one in enumerate(names)}
    return scopes.put_together({name: np.array([place[one] for one in some]) for name, some in sets.items()}, names)


def members(parts, name):
    return {one for part in parts[name] for one in (members(parts, part) if part in parts else (part,))}


def size(parts):
    return sum(len(some) for some in parts.values())


@given(st.sets(st.frozensets(st.integers(0, 40), min_size=1), min_size=1, max_size=12))
def test_a_set_has_the_members_that_it_was_given(sets):
    named = {
        f"set {number}": tuple(sorted(f"t{one:02d}" for one in some)) for number, some in enumerate(map(sorted, sets))
    }
    parts = put_together(named)
    assert {name: tuple(sorted(members(parts, name))) for name in named} == named
    assert put_together(dict(reversed(named.items()))) == parts
    assert all(len(set(some)) == len(some) for some in parts.values())


def test_no_sets_are_no_scopes():
    assert put_together({}) == {}


def test_what_nests_is_put_together_from_what_is_inside():
    ends = [200, 600, 1000, 2000]
    parts = put_together({f"up to {end}": tuple(MANY[:end]) for end in ends})
    assert size(parts) == len(MANY) + 2 * (len(ends) - 1)  # a smaller one and what is new, for each
    assert all(f"up to {one}" in parts[f"up to {next_}"] for one, next_ in pairwise(ends))


@pytest.mark.parametrize(
    "sets",
    [
        {f"but {number}": tuple(one for one in MANY if one != MANY[number]) for number in range(0, 2000, 20)},
        {f"from {number}": tuple(MANY[number : number + 700]) for number in range(0, 1300, 13)},
        {f"and {number}": tuple(sorted({*MANY[::2], MANY[number]})) for number in range(1, 2000, 20)},
    ],
    ids=["all but one", "intervals", "the same and one more"],
)
def test_sets_that_share_most_of_their_members_are_few_edges(sets):
    parts = put_together(sets)
    assert all(members(parts, name) == set(some) for name, some in sets.items())
    assert size(parts) < 2 * len(MANY) + 24 * len(sets)
    assert sum(map(len, sets.values())) > 12 * size(parts)


@given(st.dictionaries(st.text(max_size=2), st.sets(st.integers(0, 300))))
def test_sets_that_are_kept_as_bits_are_the_sets_that_were_given(sets):
    packed = scopes.Packed()
    for name, numbers in sets.items():
        packed[name] = np.array(sorted(numbers), dtype=np.int32)
    assert {name: set(numbers.tolist()) for name, numbers in packed.items()} == sets
    assert [numbers.tolist() for numbers in packed.values()] == [sorted(numbers) for numbers in sets.values()]
    for name in sets:
        assert packed.pop(name).tolist() == sorted(sets[name])
        assert name not in packed
    assert not packed
