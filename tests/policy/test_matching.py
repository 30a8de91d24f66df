"""Wildcards against a naive reference, and patterns made to take forever."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.policy import match_action, parse_arn
from auditkit.policy.logic import NO, YES, Truth
from auditkit.policy.matching import match_arn, match_equal, match_like, match_resource
from tests.policy.cases import ALLOW, IMPLICIT, OBJECT, USER, allow, ask, decision, deny, doc, when


def reference(pattern: str, text: str, *, segments: bool) -> bool:
    """Match character by character; with segments, only a star that ends its segment goes beyond a colon."""

    @cache
    def match(i: int, j: int) -> bool:
        if i == len(pattern):
            return j == len(text)
        if pattern[i] == "*":
            beyond = not segments or i + 1 == len(pattern) or pattern[i + 1] == ":"
            may_eat = j < len(text) and (beyond or text[j] != ":")
            return match(i + 1, j) or (may_eat and match(i, j + 1))
        if j == len(text):
            return False
        if pattern[i] == "?":
            return (not segments or text[j] != ":") and match(i + 1, j + 1)
        return pattern[i] == text[j] and match(i + 1, j + 1)

    return match(0, 0)


def no_variables(_: str) -> None:
    return None


patterns = st.text(alphabet="ab:/*?", max_size=12)
subjects = st.text(alphabet="ab:/", max_size=12)


@given(patterns, subjects)
def test_text_patterns(pattern, text):
    found = match_like(pattern, text, variables=False, lookup=no_variables)
    assert (found.truth is Truth.YES) == reference(pattern, text, segments=False)


@given(patterns, subjects)
def test_resource_patterns(pattern, text):
    pattern = pattern.replace("**", "*")
    expected = bool(pattern) and (set(pattern) == {"*"} or reference(pattern, text, segments=True))
    found = match_resource(pattern, text, variables=False, lookup=no_variables)
    assert (found.truth is Truth.YES) == (expected if pattern else text == "")


@given(st.lists(patterns.map(lambda p: p.replace(":", "")), min_size=5, max_size=5), patterns, subjects)
def test_arn_patterns(parts, last, resource):
    pattern = ":".join([*parts, last])
    text = ":".join([*(part.replace("*", "b").replace("?", "a") for part in parts), resource])
    found = match_arn(pattern, text, variables=False, lookup=no_variables)
    pieces = zip(pattern.split(":", 5), text.split(":", 5), strict=True)
    assert (found.truth is Truth.YES) == all(reference(one, other, segments=False) for one, other in pieces)


@given(st.text(alphabet="aB:*?", max_size=10), st.text(alphabet="Ab:", max_size=10))
def test_action_patterns(pattern, action):
    assert match_action([pattern], action) == reference(pattern.lower(), action.lower(), segments=False)


@given(st.text(alphabet="ab", max_size=6), st.text(alphabet="ab*?", max_size=8))
def test_the_value_of_a_variable_is_literal(value, text):
    found = match_like("x${v}y*", f"x{text}yz", variables=True, lookup=lambda _: value)
    assert (found.truth is Truth.YES) == f"x{text}yz".startswith(f"x{value}y")


@pytest.mark.parametrize("text", ["", "arn", "arn:aws:s3::", "ARN:aws:s3:::b", "x:aws:s3:::b"])
def test_what_is_no_arn(text):
    assert parse_arn(text) is None


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "pattern",
    [
        "*" * MEGABYTE,
        "?*" * (MEGABYTE // 2),
        "a*" * (MEGABYTE // 2),
        "arn:aws:s3:::" + "*a" * (MEGABYTE // 2),
        "arn:aws:s3:::lake/" + "?" * MEGABYTE,
        ":" * MEGABYTE,
        "${" * (MEGABYTE // 2),
    ],
)
def test_a_megabyte_of_wildcards_allows_nothing(pattern):
    answer = ask(identity=[doc(allow("*", pattern))])
    assert answer["decision"] == IMPLICIT
    assert "too-long" in [problem["code"] for problem in answer["problems"]]
    assert decision(identity=[doc(allow(pattern))]) == IMPLICIT
    assert decision(context={"k": "a"}, identity=[doc(allow(when={"StringLike": {"k": pattern}}))]) == IMPLICIT


def test_a_megabyte_of_values_allows_nothing():
    answer = ask(identity=[doc(allow("*", ["*"] * MEGABYTE))])
    assert answer["decision"] == IMPLICIT
    assert [problem["code"] for problem in answer["problems"]] == ["unreadable"]


LONG = 16_000


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a*" * 10_000 + "b", False),
        ("*a" * 10_000 + "*", True),
        ("?*" * 10_000, True),
        ("*" + "?" * 8_000 + "b", False),
        ("*" + "?a" * 4_000 + "c*", False),
        ("*" + "a" * 8_000 + "?b*", False),
    ],
)
def test_patterns_that_make_backtracking_explode(pattern, expected):
    assert when({"StringLike": {"k": pattern}}, {"k": "a" * LONG}) is expected


def test_segments_that_make_backtracking_explode():
    resource = "arn:aws:s3:::lake/" + "a:" * 2_000
    for tail in ("a*:" * 1_000 + "b", "*:" * 1_900 + "b", "?*a:*" * 500 + "b"):
        policy = doc(allow("*", "arn:aws:s3:::lake/" + tail))
        assert decision(USER, "s3:GetObject", resource, identity=[policy]) == IMPLICIT
    assert (
        decision(USER, "s3:GetObject", resource, identity=[doc(allow("*", "arn:aws:s3:::lake/" + "*:" * 1_999 + "*"))])
        == ALLOW
    )


@pytest.mark.parametrize("match", [match_resource, match_like, match_arn, match_equal])
@pytest.mark.parametrize("pattern", ["${k}" * 4_000, "*${k}?" * 4_000, "${x, 'aaaa'}" * 2_000])
def test_long_values_of_many_variables_are_not_put_together(match, pattern):
    asked = []

    def lookup(key):
        asked.append(key)
        return "a" * 4_000 if key == "k" else None

    text = "arn:aws:s3:::lake/" + "a" * 6_000
    assert match(pattern, text, variables=True, lookup=lookup) == NO
    assert len(asked) <= len(text) // 4 + 1


def test_values_of_variables_may_be_as_long_as_the_text():
    value = "İ" * 500  # two characters each in lower case
    for match in (match_like, match_equal):
        assert match("${k}", value, variables=True, lookup=lambda _: value) == YES
        assert match("${k}-", value, variables=True, lookup=lambda _: value) == NO
    assert match_equal("${k}", value.lower(), variables=True, lookup=lambda _: value, ignore_case=True) == YES
    assert match_equal("${k}", value, variables=True, lookup=lambda _: value.lower(), ignore_case=True) == YES


def test_an_absurd_request_is_an_error():
    assert "error" in ask(USER, "s3:GetObject", "arn:aws:s3:::" + "a" * MEGABYTE)
    assert "error" in ask(USER, "s3:" + "G" * MEGABYTE)
    assert "error" in ask("arn:aws:iam::" + "1" * MEGABYTE)
    assert "error" in ask(context={"k": "a" * MEGABYTE})


def test_many_statements_are_only_many():
    policy = doc(*[allow("s3:GetObject", f"arn:aws:s3:::b{number}/*") for number in range(3_000)])
    assert decision(identity=[policy]) == IMPLICIT
    assert decision(identity=[policy, doc(deny("sqs:*")), doc(allow("*", OBJECT))]) == ALLOW
