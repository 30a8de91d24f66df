"""What decisions say of themselves, and the three values."""

import pytest
from msgspec import UNSET

from auditkit.errors import PolicyError
from auditkit.policy import (
    ANONYMOUS,
    Context,
    Outcome,
    PolicyKind,
    PolicySet,
    PrincipalType,
    Request,
    evaluate,
    parse,
    principal,
)
from tests.policy.cases import FEDERATED, HOME, OBJECT, ROLE, ROOT, SESSION, USER, allow, deny, doc

ALLOW = parse(doc(allow(Sid="All")), kind=PolicyKind.IDENTITY, name="Admin", source="roles.json#/0")
ON_MFA = parse(doc(allow("s3:*", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}})), kind=PolicyKind.IDENTITY)
UNLESS_OFFICE = parse(
    doc(allow(), deny(when={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, Sid="Office")),
    kind=PolicyKind.IDENTITY,
)


def decide(context=None, *, complete=False, who=USER, **policies):
    request = Request(
        principal=principal(who),
        action="s3:GetObject",
        resource=OBJECT,
        resource_account=HOME,
        context=Context(context or {}, complete=complete),
    )
    return evaluate(request, PolicySet(**policies))


def test_a_condition_on_an_unknown_key_is_conditional():
    decision = decide(identity=(ON_MFA,))
    assert (decision.outcome, decision.keys) == (Outcome.CONDITIONAL, ("aws:MultiFactorAuthPresent",))
    assert not decision.allowed
    assert not decision.denied
    assert decide({"aws:MultiFactorAuthPresent": "true"}, identity=(ON_MFA,)).allowed
    assert decide({"aws:MultiFactorAuthPresent": None}, identity=(ON_MFA,)).denied


def test_a_conditional_deny_does_not_remove_an_allow():
    decision = decide(identity=(UNLESS_OFFICE,))
    assert (decision.outcome, decision.keys) == (Outcome.CONDITIONAL, ("aws:SourceIp",))
    assert [ref.sid for ref in decision.statements] == [None, "Office"]
    assert decide({"aws:SourceIp": "10.0.0.1"}, identity=(UNLESS_OFFICE,)).outcome is Outcome.EXPLICIT_DENY


def test_what_is_the_same_either_way_is_certain():
    assert decide(identity=(ON_MFA, ALLOW)).allowed
    assert decide(identity=(ON_MFA,), scp=((),)).outcome is Outcome.IMPLICIT_DENY
    assert decide(identity=(), boundary=UNSET, resource=None).outcome is Outcome.IMPLICIT_DENY
    denied = parse(doc(deny()), kind=PolicyKind.IDENTITY)
    assert decide(identity=(denied,), scp=UNSET, resource=UNSET).outcome is Outcome.EXPLICIT_DENY


@pytest.mark.parametrize("layer", [kind.value for kind in PolicyKind])
def test_a_missing_layer_is_named(layer):
    policies = {"identity": (ALLOW,)} | {layer: UNSET}
    decision = decide(**policies)
    assert (decision.outcome, decision.missing) == (Outcome.UNKNOWN, (layer,))


def test_a_missing_layer_and_an_unknown_key_are_both_named():
    decision = decide(identity=(ON_MFA,), scp=UNSET)
    assert (decision.outcome, decision.missing) == (Outcome.UNKNOWN, ("scp",))
    assert decision.keys == ("aws:MultiFactorAuthPresent",)


def test_a_boundary_that_was_not_seen_and_not_principal():
    policy = parse(doc(deny(unless={"AWS": [USER, ROOT]})), kind=PolicyKind.RESOURCE)
    assert decide(identity=(ALLOW,), resource=policy).allowed
    assert decide(identity=(ALLOW,), resource=policy, boundary=UNSET).outcome is Outcome.UNKNOWN


def test_variables_of_unknown_keys():
    home = parse(doc(allow("s3:*", "arn:aws:s3:::lake/${aws:PrincipalTag/area}/*")), kind=PolicyKind.IDENTITY)
    decision = decide(identity=(home,))
    assert (decision.outcome, decision.keys) == (Outcome.CONDITIONAL, ("aws:PrincipalTag/area",))
    other = parse(doc(allow("s3:*", "arn:aws:s3:::pond/${aws:PrincipalTag/area}/*")), kind=PolicyKind.IDENTITY)
    assert decide(identity=(other,)).outcome is Outcome.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("operator", "outcome"),
    [
        ("StringEquals", Outcome.IMPLICIT_DENY),
        ("StringLike", Outcome.IMPLICIT_DENY),
        ("ForAnyValue:StringEquals", Outcome.IMPLICIT_DENY),
        ("ForAllValues:StringEquals", Outcome.CONDITIONAL),
        ("StringEqualsIfExists", Outcome.CONDITIONAL),
        ("StringNotEquals", Outcome.CONDITIONAL),
    ],
)
def test_an_unknown_key_equals_no_variable_without_a_value(operator, outcome):
    def holds(value):
        condition = {operator: {"aws:RequestTag/team": value}}
        policy = parse(doc(allow("s3:*", when=condition)), kind=PolicyKind.IDENTITY)
        return decide({"aws:PrincipalTag/team": None}, identity=(policy,)).outcome

    assert holds("${aws:PrincipalTag/team}") is outcome
    assert holds(["${aws:PrincipalTag/team}", "red"]) is Outcome.CONDITIONAL
    assert holds("${aws:PrincipalTag/team, 'red'}") is Outcome.CONDITIONAL
    assert holds("${aws:PrincipalTag/stage}") is Outcome.CONDITIONAL


def test_a_policy_that_cannot_be_understood_is_unknown():
    bad = parse(doc(deny(when={"Perhaps": {"k": "v"}})), kind=PolicyKind.IDENTITY)
    decision = decide(identity=(ALLOW, bad))
    assert (decision.outcome, decision.missing) == (Outcome.UNKNOWN, ("identity",))


def test_explaining():
    decision = decide(identity=(ALLOW,))
    assert decision.explain() == (
        "ALLOW: Allowed.\n  statements:\n    - Allow statement 0 (All) of identity Admin in roles.json#/0"
    )
    blocked = decide(identity=(ALLOW,), scp=((ALLOW,), ()))
    assert [str(block) for block in blocked.blocks] == ["scp (level 1)"]
    assert "scp (level 1)" in blocked.explain()


def test_showing_is_safe():
    nasty = parse(doc(allow(Sid="<script>\x1b[31m")), kind=PolicyKind.IDENTITY, name="</dd><img>")
    decision = decide(identity=(nasty,))
    assert "<script>" not in decision._repr_html_()
    assert "<img>" not in decision._repr_html_()
    assert "\x1b" not in decision.explain()
    assert "\x1b" not in decision._repr_html_()


@pytest.mark.parametrize(
    ("value", "kind", "account", "name"),
    [
        (USER, PrincipalType.USER, HOME, "alice"),
        (ROLE, PrincipalType.ROLE, HOME, "worker"),
        (SESSION, PrincipalType.SESSION, HOME, "worker"),
        (FEDERATED, PrincipalType.FEDERATED_USER, HOME, "carol"),
        (ROOT, PrincipalType.ROOT, HOME, "root"),
        (HOME, PrincipalType.ROOT, HOME, "root"),
        ({"AWS": USER}, PrincipalType.USER, HOME, "alice"),
        ({"type": "AWS", "arn": USER}, PrincipalType.USER, HOME, "alice"),
        ("lambda.amazonaws.com", PrincipalType.SERVICE, "", ""),
        ({"Service": "lambda.amazonaws.com"}, PrincipalType.SERVICE, "", ""),
        ({"type": "Service", "service": "lambda.amazonaws.com"}, PrincipalType.SERVICE, "", ""),
        ({"Federated": "accounts.google.com"}, PrincipalType.FEDERATION, "", ""),
        ({"CanonicalUser": "79a59d"}, PrincipalType.CANONICAL_USER, "", ""),
        ({"type": "Anonymous"}, PrincipalType.ANONYMOUS, "", ""),
        ("*", PrincipalType.ANONYMOUS, "", ""),
    ],
)
def test_principals_of_requests(value, kind, account, name):
    made = principal(value)
    assert (made.type, made.account, made.name) == (kind, account, name)


@pytest.mark.parametrize("value", ["", "nobody", "x" * 5000, {}, {"type": "Alien"}, {"AWS": 7}, {"a": "b", "c": "d"}])
def test_what_is_no_principal(value):
    with pytest.raises(PolicyError):
        principal(value)


def test_the_anonymous_are_one():
    assert principal({"type": "anonymous"}) is ANONYMOUS


@pytest.mark.parametrize("value", [{"a": 1}, [["b"]], b"c", 2**5000])
def test_values_that_a_context_cannot_hold(value):
    with pytest.raises(PolicyError, match="key"):
        Context({"key": value})
