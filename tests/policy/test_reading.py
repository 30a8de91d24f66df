"""The short way of reading documents and the long one."""

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditkit.policy import PolicyKind, parse
from auditkit.policy.documents import Document
from auditkit.policy.reading import thoroughly
from auditkit.policy.sound import Sound
from tests.policy.cases import allow, deny, doc
from tests.policy.strategies import documents

ODD = st.sampled_from(
    (None, 7, True, "", [], {}, [7], ["*", None], "x" * 600, "s3:Get*", ["arn:aws:s3:::lake"], "nonsense", "${", "é:ß",
     {"AWS": "*"}, {"AWS": []}, {"AWS": "nobody!"}, {"StringLike": {"k": "${aws:username}"}}, {"Bool": {"k": False}},
     {"StringAlmost": {"k": "v"}}, {"StringEquals": {"k": []}}, {"StringEquals": {"k": "v" * 5000}})
)  # fmt: skip
ELEMENTS = st.sampled_from(
    ("Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition", "Sid", "Why")
)


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a document in which up to two things are not as they should be."""
    body = draw(documents(who=draw(st.booleans())))
    statements = body["Statement"] if isinstance(body["Statement"], list) else [body["Statement"]]
    for _ in range(draw(st.integers(0, 2))):
        where = draw(st.sampled_from((body, *statements)))
        name = draw(st.sampled_from(("Version", "Id", "Statement", "Why")) if where is body else ELEMENTS)
        if draw(st.booleans()):
            where.pop(name, None)
        else:
            where[name] = draw(ODD)
    return body


@settings(max_examples=400)
@given(broken(), st.sampled_from(list(PolicyKind)))
@example(doc(allow([])), PolicyKind.IDENTITY)
@example(doc(allow("s3:*", ["*", ""])), PolicyKind.IDENTITY)
@example(doc({**deny("s3:*"), "NotPrincipal": {"AWS": "*"}}), PolicyKind.RESOURCE)
@example({"Version": "2012-10-17", "Statement": {}}, PolicyKind.SCP)
def test_both_ways_read_the_same(body, kind):
    wanted = thoroughly(body, kind, "where", "name")
    text = json.dumps(body)
    for form in (body, text, text.encode(), msgspec.Raw(text.encode()), text.replace("%", "%25").replace("{", "%7B")):
        for _ in range(2):  # what was read before is remembered
            assert parse(form, kind=kind, source="where", name="name") == wanted


def test_what_is_written_alike_is_one_object():
    first, second = (
        parse(json.dumps(doc(*statements)), kind=PolicyKind.IDENTITY).content
        for statements in ((allow("s3:*"), deny("sqs:*")), (deny("sqs:*"), allow("sqs:*")))
    )
    assert first.written[1] is second.written[0]
    assert first.statement(1) == msgspec.structs.replace(second.statement(0), index=1, pointer="/Statement/1")


@given(st.lists(broken(), min_size=2, max_size=4), st.sampled_from(list(PolicyKind)), st.integers(0, 300))
def test_whatever_is_forgotten_is_read_anew(bodies, kind, room):
    sound = Sound()
    for body in bodies * 2:
        sound._room = min(sound._room, room)
        found = sound.read(json.dumps(body), kind)
        if found is not None:
            assert Document(kind=kind, version=found[0], content=found[1]) == thoroughly(body, kind, None, "")


def test_a_date_is_no_text():
    body = doc({**allow("s3:*"), "Condition": {"DateLessThan": {"aws:CurrentTime": date(2026, 1, 2)}}})
    written = doc({**allow("s3:*"), "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-01-02"}}})
    assert not parse(written, kind=PolicyKind.IDENTITY).problems
    assert [problem.code for problem in parse(body, kind=PolicyKind.IDENTITY).problems] == ["not-a-string"]


@pytest.mark.parametrize("count", [500, 700])
def test_a_document_that_is_too_long_is_unreadable_in_every_form(count):
    body = doc(allow("s3:*", [f"arn:aws:s3:::{'b' * 430}{number:04}" for number in range(count)]))
    readable = count * 448 < 262_144
    assert parse(body, kind=PolicyKind.IDENTITY).readable is readable
    assert parse(json.dumps(body), kind=PolicyKind.IDENTITY).readable is readable


def test_nesting_without_end_is_an_answer_and_no_crash():
    deep: Any = "*"
    for _ in range(100_000):
        deep = [deep]
    assert parse(doc({**allow("s3:*"), "Condition": {"Bool": {"k": deep}}}), kind=PolicyKind.IDENTITY).problems
    assert parse(doc({**allow("s3:*"), "Condition": deep}), kind=PolicyKind.IDENTITY).problems


@settings(deadline=None)
@given(broken(), st.booleans())
def test_statements_are_picked_as_they_are_written(body, made):
    def allows(one):
        return one.effect == "Allow"

    document, every = (parse(json.dumps(body), kind=PolicyKind.IDENTITY) for _ in range(2))
    if made:
        assert document.statements == every.statements
    assert [*filter(allows, document.those(allows))] == [*filter(allows, every.statements)]
    assert made or not document.content or all(map(allows, document.those(allows)))
