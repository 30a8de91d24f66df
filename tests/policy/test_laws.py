"""Laws that hold for every policy and every request."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from auditkit.policy import (
    Context,
    Document,
    Outcome,
    PolicyKind,
    PolicySet,
    Request,
    evaluate,
    parse,
    principal,
    simulate,
    simulate_lines,
)
from tests.policy.cases import ALLOW, EXPLICIT, HOME
from tests.policy.strategies import VALUES, contexts, policies, requests, statements

WITH_PRINCIPAL = {"resource", "rcp", "endpoint"}


def decide(request: dict[str, Any], layers: dict[str, Any]) -> str:
    (answer,) = simulate([{"id": 1, "request": request, "policies": layers}])
    assert "error" not in answer
    return answer["decision"]


def every_document(layers: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return all documents of the layers, with their layer."""
    found: list[tuple[str, dict[str, Any]]] = []

    def walk(name: str, value: Any) -> None:
        if isinstance(value, list):
            for one in value:
                walk(name, one)
        elif isinstance(value, dict):
            found.append((name, value))

    for name, value in layers.items():
        walk(name, value)
    return found


def halves(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """Split a statement in two that say the same together."""
    for element in ("Action", "Resource"):
        values = statement.get(element)
        if isinstance(values, list) and len(values) > 1:
            return [statement | {element: values[:1]}, statement | {element: values[1:]}]
    return [statement]


@given(requests, policies, st.randoms(use_true_random=False))
def test_what_says_the_same_decides_the_same(request, layers, random):
    before = decide(request, layers)
    changed = copy.deepcopy(layers)
    for _, document in every_document(changed):
        body = [half for statement in document["Statement"] for half in halves(statement)]
        body += [copy.deepcopy(random.choice(body))]
        random.shuffle(body)
        for number, statement in enumerate(body):
            statement["Sid"] = f"Renamed{number}"
        document["Statement"] = body
    assert decide(request, changed) == before


@given(requests, policies, st.data())
def test_adding_a_deny_never_allows(request, layers, data):
    before = decide(request, layers)
    changed = copy.deepcopy(layers)
    found = every_document(changed)
    if found:
        name, document = data.draw(st.sampled_from(found))
        document["Statement"].append(data.draw(statements(who=name in WITH_PRINCIPAL, effect="Deny")))
    after = decide(request, changed)
    assert after == before or after != ALLOW
    assert before != EXPLICIT or after == EXPLICIT


@given(requests, policies, st.data())
def test_adding_an_allow_never_denies(request, layers, data):
    before = decide(request, layers)
    changed = copy.deepcopy(layers)
    found = every_document(changed)
    if found:
        name, document = data.draw(st.sampled_from(found))
        document["Statement"].append(data.draw(statements(who=name in WITH_PRINCIPAL, effect="Allow")))
    after = decide(request, changed)
    assert before != ALLOW or after == ALLOW
    assert (before == EXPLICIT) == (after == EXPLICIT)


@given(requests, policies)
def test_the_answer_names_what_decided(request, layers):
    (answer,) = simulate([{"id": 1, "request": request, "policies": layers}])
    effects = {ref["effect"] for ref in answer["statements"]}
    if answer["decision"] == ALLOW:
        assert answer["blocked_by"] == []
        assert effects <= {"Allow"}
    elif answer["decision"] == EXPLICIT:
        assert answer["blocked_by"]
        assert effects == {"Deny"}
        assert {ref["policy"] for ref in answer["statements"]} == set(answer["blocked_by"])
    else:
        assert answer["blocked_by"]


def documents(value: Any, kind: PolicyKind) -> tuple[Document, ...] | None:
    if value is None:
        return None
    return tuple(parse(one, kind=kind) for one in (value if isinstance(value, list) else [value]))


def policy_set(layers: dict[str, Any], missing: frozenset[str] = frozenset()) -> PolicySet:
    made: dict[str, Any] = dict.fromkeys(missing, UNSET)
    for name, value in layers.items():
        kind = PolicyKind(name)
        if name in missing:
            continue
        if name in {"scp", "rcp"}:
            made[name] = tuple(documents(level, kind) or () for level in value)
        elif name == "resource":
            made[name] = None if value is None else parse(value, kind=kind)
        else:
            made[name] = documents(value, kind)
    return PolicySet(**made)


def answer(request: dict[str, Any], policies_: PolicySet, context: Context) -> Outcome:
    made = Request(
        principal=principal(request["principal"]),
        action=request["action"],
        resource=request["resource"],
        resource_account=HOME,
        context=context,
    )
    return evaluate(made, policies_).outcome


@given(requests, policies, contexts)
def test_an_open_context_is_right_whatever_the_unknown_keys_are(request, layers, rest):
    layered = policy_set(layers)
    seen = request["context"]
    undecided = answer(request, layered, Context(seen, complete=False))
    completed = answer(request, layered, Context(rest | seen))
    assert undecided is not Outcome.UNKNOWN
    if undecided is Outcome.ALLOW:
        assert completed is Outcome.ALLOW
    elif undecided is Outcome.EXPLICIT_DENY:
        assert completed is Outcome.EXPLICIT_DENY
    elif undecided is Outcome.IMPLICIT_DENY:
        assert completed in {Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY}


@given(requests, policies, st.sets(st.sampled_from([kind.value for kind in PolicyKind]), min_size=1, max_size=2))
def test_a_missing_layer_is_never_a_plain_answer_that_it_could_change(request, layers, missing):
    context = Context(request["context"])
    undecided = answer(request, policy_set(layers, frozenset(missing)), context)
    seen = answer(request, policy_set(layers), context)
    assert undecided is not Outcome.CONDITIONAL
    if undecided is Outcome.ALLOW:
        assert seen is Outcome.ALLOW
    elif undecided is Outcome.EXPLICIT_DENY:
        assert seen is Outcome.EXPLICIT_DENY
    elif undecided is Outcome.IMPLICIT_DENY:
        assert seen in {Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY}


@given(requests, policies)
def test_open_and_complete_agree_where_every_key_is_given(request, layers):
    given_keys = dict.fromkeys(VALUES) | request["context"]
    layered = policy_set(layers)
    assert answer(request, layered, Context(given_keys, complete=False)) is answer(
        request, layered, Context(request["context"])
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
elements = st.sampled_from(
    [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "AWS",
        "Service",
        "StringLike",
        "ForAllValues:ArnLikeIfExists",
        "Null",
        "aws:SourceArn",
    ]
)
texts = st.sampled_from(
    ["*", "?", "Allow", "Deny", "arn:aws:s3:::b", "${", "${a}", "%7B", "{", "2012-10-17", "::::::", ""]
)
nearly = st.recursive(
    texts | st.text(max_size=4) | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(elements, inner, max_size=5),
    max_leaves=20,
)


@given(
    json_values | nearly.map(lambda body: {"Version": "2012-10-17", "Statement": body}) | st.text() | st.binary(),
    st.sampled_from(PolicyKind),
)
def test_reading_never_fails(value, kind):
    document = parse(value, kind=kind, source="here", name="n")
    assert (document.kind, document.source, document.name) == (kind, "here", "n")
    assert document.readable or document.problems
    for statement in document.statements:
        assert statement.unclear == frozenset() or document.problems


@given(
    st.dictionaries(
        st.sampled_from(["principal", "action", "resource", "context", "resource_account", "wildcard_only_action"]),
        json_values | st.sampled_from(["s3:GetObject", "*", f"arn:aws:iam::{HOME}:root", "a.b"]),
    )
    | json_values,
    st.dictionaries(
        st.sampled_from([kind.value for kind in PolicyKind]),
        json_values | nearly.map(lambda body: {"Statement": body}) | nearly.map(lambda body: [[{"Statement": body}]]),
    )
    | json_values,
)
def test_simulating_never_fails_and_never_allows_by_accident(request, layers):
    (answer_,) = simulate([{"id": 1, "request": request, "policies": layers}])
    assert answer_["id"] == 1
    assert ("error" in answer_) != ("decision" in answer_)


@given(st.lists(st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode()), max_size=5))
def test_lines_are_answered_in_place(lines):
    lines = [line.replace(b"\n", b" ") for line in lines]
    answers = list(simulate_lines(lines))
    assert len(answers) == sum(bool(line.strip()) for line in lines)
    assert all("error" in json.loads(answer_) for answer_ in answers)
