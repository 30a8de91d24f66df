"""Patterns that meet: there is something that both cover just where trying everything finds it."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.policy.escalation.globs import MANY, ONE, glob, meet
from auditkit.policy.wildcards import Glob, Wild, tokens

WORDS = ["".join(word) for length in range(6) for word in product("ab", repeat=length)]
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:"
patterns = st.text("ab*?", max_size=4)


def written(pattern: str) -> str:
    return glob(token for token in tokens(pattern, variables=False) if isinstance(token, str | Wild))


def covered(pattern: str) -> set[str]:
    found = Glob(tokens(pattern, variables=False))  # type: ignore[arg-type]
    return {word for word in WORDS if found.match(word)}


@given(one=patterns, other=patterns)
@settings(max_examples=400)
def test_two_patterns_meet_just_where_something_is_covered_by_both(one: str, other: str) -> None:
    both = meet(f"{ARN}{written(one)}", f"{ARN}{written(other)}")
    assert (both is None) == (meet(f"{ARN}{written(other)}", f"{ARN}{written(one)}") is None)
    common = covered(one) & covered(other)
    if both is None:
        assert not common
    else:
        found = covered(both.removeprefix(ARN).replace(MANY, "*").replace(ONE, "?"))
        assert found <= common
        assert found or len(both) - len(ARN) > len(WORDS[-1])  # what is longer than all that is tried


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("a*", "*b", "a*b"),
        ("a*", "ab*", "ab*"),
        ("a*c*", "*b", "a*c*b"),
        ("a?", "*b", "ab"),
        ("a*", "b*", None),
        ("*a", "*b", None),
        ("", "a*", None),
        ("orders*", "*:live", "orders*:live"),
    ],
)
def test_what_they_cover_in_common_is_a_pattern(one: str, other: str, both: str | None) -> None:
    expected = None if both is None else f"{ARN}{written(both)}"
    assert meet(f"{ARN}{written(one)}", f"{ARN}{written(other)}") == expected
    assert meet(f"{ARN}{written(other)}", f"{ARN}{written(one)}") == expected


def test_parts_of_arns_meet_each_for_itself() -> None:
    one, other = written("arn:aws:lambda:eu-*:*:function:a*"), written("arn:*:lambda:*-1:111122223333:function:*b")
    assert meet(one, other) == written("arn:aws:lambda:eu-*-1:111122223333:function:a*b")
    assert meet(one, written("arn:aws:s3:::a*")) is None
    assert meet(one, written("*")) is None
