"""What spares questions: signs of resources, assignments that tell the most, and whether anybody can be certain."""

from math import prod
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.policy import PolicyKind, parse
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.satisfying import Value, refined
from auditkit.policy.logic import Truth
from tests.policy.cases import FULL, HOME, allow, deny, doc
from tests.policy.escalation.building import arn, boss, estate, role, told, trust, user
from tests.policy.escalation.test_laws import plans, with_controls

UPDATE = "lambda:UpdateFunctionCode"


def functions(*names: str, region: str = "eu-west-1") -> list[str]:
    return [f"arn:aws:lambda:{region}:{HOME}:function:{name}" for name in names]


ASKED = [*functions("a-one", "a-two", "b-one"), *functions("a-one", region="us-east-1")]
PATTERNS = (
    "*",
    *functions("a-*", "*-one", "a-one"),
    *functions("*", region="us-east-1"),
    *functions("${aws:username}"),
)
CONDITIONS = (
    {},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"StringEquals": {"aws:ResourceTag/team": "red"}},
)


def said(effect: str, element: str, pattern: str, when: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": effect, "Action": UPDATE, element: pattern} | ({"Condition": when} if when else {})


spoken = st.builds(
    said,
    st.sampled_from(("Allow", "Allow", "Deny")),
    st.sampled_from(("Resource", "Resource", "NotResource")),
    st.sampled_from(PATTERNS),
    st.sampled_from(CONDITIONS),
)
policies = st.lists(spoken, min_size=1, max_size=4)


@given(own=policies, bound=st.none() | policies)
@settings(max_examples=200)
def test_of_resources_of_one_sign_the_same_is_decided(own: list[Any], bound: list[Any] | None) -> None:
    boundary = doc(*bound) if bound is not None else None
    made = user("ann", doc(*own), boundary=boundary)

    def judge() -> Judge:
        return Judge(made.policies, made.tags)

    found: dict[object, set[object]] = {}
    for one in ASKED:
        ruling = judge().rule(UPDATE, one)
        found.setdefault(judge().sign(UPDATE, one), set()).add((ruling.truth, ruling.keys))
    assert all(len(same) == 1 for same in found.values())


def test_alike_statements_about_different_resources_leave_no_sign() -> None:
    made = user("ann", doc(*(allow(UPDATE, one) for one in functions("a-one", "a-two"))))
    judge = Judge(made.policies, made.tags)
    one, two, other = (judge.sign(UPDATE, name) for name in functions("a-one", "a-two", "b-one"))
    assert one == two != other


TESTS = st.sampled_from(
    (
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
        ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"),
        ("StringNotEquals", "aws:SourceVpc", "vpc-1"),
        ("StringEquals", "aws:SourceVpc", "vpc-1"),
        ("Bool", "aws:ViaAWSService", "False"),
        ("Null", "aws:ViaAWSService", "true"),
        ("DateGreaterThan", "aws:CurrentTime", "2040-01-01T00:00:00Z"),
        ("NumericLessThan", "s3:max-keys", "10"),
    )
)
Table = Any


@given(
    tests=st.lists(TESTS, min_size=1, max_size=3, unique_by=lambda one: one[1]),
    table=st.functions(like=lambda _: ..., returns=st.sampled_from(Truth), pure=True),
    often=st.sampled_from(Truth),
)
@settings(max_examples=150)
def test_what_is_left_of_an_answer_is_what_all_assignments_have_in_common(
    tests: list[tuple[str, str, str]], table: Table, often: Truth
) -> None:
    statement = allow("s3:GetObject") | {"Condition": {operator: {key: value} for operator, key, value in tests}}
    conditions = parse(doc(statement), kind=PolicyKind.IDENTITY).statements[0].conditions
    tried: list[tuple[tuple[str, Value], ...]] = []

    def settle(values: Any) -> Truth:
        tried.append(tuple(sorted(values.items(), key=str)))
        return often

    keys = [key for _, key, _ in tests]
    assert refined(settle, conditions, keys, action="s3:GetObject") is often
    if often is Truth.UNKNOWN:
        return
    values = [{dict(one)[key.lower()] for one in tried} for key in keys]
    assert min(map(len, values)) > 1
    assert len(set(tried)) == prod(map(len, values))
    answers = {table(one) for one in tried}
    expected = answers.pop() if len(answers) == 1 else Truth.UNKNOWN
    found = refined(
        lambda values: table(tuple(sorted(values.items(), key=str))), conditions, keys, action="s3:GetObject"
    )
    assert found is expected


NETWORK = {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringNotEquals": {"aws:SourceVpc": "vpc-1"}}
guards = st.builds(
    deny,
    st.sampled_from(("*", "iam:*", "lambda:*", "s3:*")),
    when=st.sampled_from(
        (
            NETWORK,
            NETWORK | {"ArnNotLike": {"aws:PrincipalArn": arn("role", "ops")}},
            {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
        )
    ),
)


@given(plan=plans(), guard=guards)
@settings(max_examples=60)
def test_where_nobody_can_be_certain_nothing_is_lost(plan: dict[str, Any], guard: dict[str, Any]) -> None:
    found = with_controls(plan, FULL, doc(guard))
    wanted = told(found)
    with mock.patch("auditkit.policy.escalation.world.World.certain", new=True):
        assert told(found) == wanted


@pytest.mark.parametrize("boundary", [None, doc(allow("s3:*"))])
def test_a_path_goes_on_to_who_is_certain_of_it(boundary: Any) -> None:
    services = [f"{service}:*" for service in ("cloudformation", "dynamodb", "ec2", "lambda", "s3", "ssm")]
    spared = {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "ArnNotLike": {"aws:PrincipalArn": arn("role", "boss")}}
    controls = ((FULL, doc(deny(services, when=spared))),)
    start = user("start", doc(allow(["iam:PutRolePolicy", "sts:AssumeRole"], arn("role", "other"))), scps=controls)
    other = role("other", trusts=trust(HOME), scps=controls)
    found = told(estate(start, boss(HOME, scps=controls, boundary=boundary), other))
    assert found["boss"].admin is (boundary is None)
    assert [step.target for step in found["start"].path] == [arn("role", "other"), arn("role", "boss")]
    assert not found["start"].conditional
