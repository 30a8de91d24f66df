"""The simulator's lines."""

import json

import pytest

from auditkit.policy import simulate_lines
from tests.policy.cases import ALLOW, FULL, HOME, IMPLICIT, OBJECT, USER

GOOD = {
    "id": "a",
    "request": {"principal": USER, "action": "s3:GetObject", "resource": OBJECT, "resource_account": HOME},
    "policies": {"identity": [FULL]},
}


def lines(*entries):
    return [json.loads(answer) for answer in simulate_lines(entries)]


def test_the_answer_is_one_line_of_the_documented_form():
    (answer,) = simulate_lines([json.dumps(GOOD)])
    assert "\n" not in answer
    assert json.loads(answer) == {
        "id": "a",
        "decision": ALLOW,
        "blocked_by": [],
        "statements": [{"policy": "identity", "index": 0, "statement": 0, "sid": None, "effect": "Allow"}],
    }


def test_order_is_kept_and_a_bad_line_is_reported_in_its_place():
    deep = "[" * 100_000
    entries = [
        json.dumps(GOOD),
        "{broken",
        json.dumps(GOOD | {"id": 2}).encode(),
        "",
        b"\xff\xfe",
        deep,
        json.dumps([]),
        "7",
    ]
    answers = lines(*entries)
    assert [answer["id"] for answer in answers] == ["a", None, 2, None, None, None, None]
    assert [answer.get("decision") for answer in answers] == [ALLOW, None, ALLOW, None, None, None, None]
    assert [answer["error"].split(":")[0] for answer in answers if "error" in answer] == [
        "line 2", "line 5", "line 6", "line 7", "line 8",
    ]  # fmt: skip
    assert answers[1]["error"].startswith("line 2: not JSON")


def test_lines_may_end_in_line_breaks():
    assert [answer["decision"] for answer in lines(json.dumps(GOOD) + "\r\n", "\n")] == [ALLOW]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"request": None}, "request: expected an object"),
        ({"request": {}}, "request.action"),
        ({"request": GOOD["request"] | {"action": "GetObject"}}, "request.action"),
        ({"request": GOOD["request"] | {"action": 7}}, "request.action"),
        ({"request": GOOD["request"] | {"resource": None}}, "request.resource"),
        ({"request": GOOD["request"] | {"resource_account": 7}}, "request.resource_account"),
        ({"request": GOOD["request"] | {"principal": None}}, "request.principal"),
        ({"request": GOOD["request"] | {"principal": "nobody"}}, "principal"),
        ({"request": GOOD["request"] | {"principal": {"type": "Alien"}}}, "principal"),
        ({"request": GOOD["request"] | {"context": []}}, "request.context"),
        ({"request": GOOD["request"] | {"context": {"k": {"deep": 1}}}}, "context key"),
        ({"request": GOOD["request"] | {"wildcard_only_action": "yes"}}, "request.wildcard_only_action"),
        ({"policies": []}, "policies"),
        ({"policies": {"trust": FULL}}, "policies: no layer"),
        ({"policies": {"scp": FULL}}, "policies.scp"),
        ({"policies": {"scp": [FULL]}}, "policies.scp"),
        ({"policies": {"rcp": "x"}}, "policies.rcp"),
        ({"policies": {"resource": [FULL, FULL]}}, "policies.resource"),
    ],
)
def test_errors_say_where(change, error):
    (answer,) = lines(json.dumps(GOOD | change))
    assert answer["id"] == "a"
    assert answer["error"].startswith(f"line 1: {error}")


def test_a_file_may_begin_with_a_byte_order_mark():
    text = json.dumps(GOOD)
    assert [answer["id"] for answer in lines("\ufeff" + text, text)] == ["a", "a"]
    assert [answer["id"] for answer in lines(b"\xef\xbb\xbf" + text.encode(), text)] == ["a", "a"]


def test_nothing_among_the_values_of_a_key_is_no_value():
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": "team"}, "Null": {"aws:TagKeys": "true"}}
    policy = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}}
    asked = {"request": GOOD["request"] | {"context": {"aws:TagKeys": [None]}}, "policies": {"identity": [policy]}}
    assert lines(json.dumps(GOOD | asked))[0]["decision"] == ALLOW


def test_layers_that_are_not_there():
    bare = {
        "identity": [FULL],
        "boundary": None,
        "session": None,
        "resource": None,
        "scp": [],
        "rcp": [],
        "endpoint": None,
    }
    assert lines(json.dumps(GOOD | {"policies": bare}))[0]["decision"] == ALLOW
    assert lines(json.dumps(GOOD | {"policies": {"identity": FULL}}))[0]["decision"] == ALLOW
    assert lines(json.dumps(GOOD | {"policies": None}))[0]["decision"] == IMPLICIT
    assert lines(json.dumps({"id": "a", "request": GOOD["request"]}))[0]["decision"] == IMPLICIT


def test_problems_are_named_with_their_place():
    policies = {"identity": [FULL, {"Statement": [{"Effect": "Deny", "Action": "sqs:*", "Resource": "nowhere"}]}]}
    (answer,) = lines(json.dumps(GOOD | {"policies": policies}))
    assert answer["decision"] == ALLOW
    assert [problem["pointer"] for problem in answer["problems"]] == ["/policies/identity/1/Statement/0/Resource"]
