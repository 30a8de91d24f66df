"""Techniques whose calls are made by several principals, all of them in the same hands."""

from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from auditkit.policy.escalation import Estate, techniques
from auditkit.policy.escalation.techniques import Change, Pass, Technique, Way
from auditkit.policy.escalation.together import Together
from tests.policy.cases import FULL, HOME, allow, deny, doc
from tests.policy.escalation.building import (
    BOSS,
    START,
    arn,
    boss,
    estate,
    group,
    managed,
    role,
    told,
    trust,
    user,
    workload,
)
from tests.policy.escalation.test_techniques import MFA, grant, needs, unsure, world

ONE, TWO = "one", "two"
Statement = dict[str, Any]


def alone(technique: Technique, way: Way) -> bool:
    """Whether one of two who share a way needs nobody to do another, though it must wait then."""
    shares = set(way.first), set(way.others)
    return any(
        set(other.permissions) <= share and other.exists in {"", way.exists}
        for other in technique.ways
        for share in shares
    )


SPLIT = [
    pytest.param(technique, way, id=f"{way.id}-{place}")
    for technique in techniques()
    if isinstance(technique, Pass | Change) or getattr(technique, "effect", "") == "fresh"
    for place, way in enumerate(technique.ways)
    if way.others and not alone(technique, way)
]


def held(
    there: Estate, one: list[Statement], two: list[Statement], own: tuple[Statement, ...] = (), kind: Any = user
) -> Estate:
    """Return an account in which who starts can become two roles, with what else is there."""
    start = kind(START, doc(allow("sts:AssumeRole", [arn("role", ONE), arn("role", TWO)]), *own))
    roles = role(ONE, doc(*one), trusts=trust(HOME)), role(TWO, doc(*two), trusts=trust(HOME))
    others = (each for each in there.identities if not each.policies.arn.endswith(f"/{START}"))
    return Estate(
        identities=(start, *roles, *others),
        groups=there.groups,
        policies=there.policies,
        workloads=there.workloads,
        seen=there.seen,
    )


def path(found: Estate) -> list[tuple[str, str, str, bool]]:
    return [
        (step.origin.rpartition("/")[2], step.technique, step.target.rpartition("/")[2], step.conditional)
        for step in told(found)[START].path
    ]


def parts(technique: Technique, way: Way) -> tuple[list[str], list[str]]:
    """Return what one principal needs, and what another may do."""
    passing = ["iam:PassRole"] if isinstance(technique, Pass) else []
    return [*passing, *way.first], list(way.others)


@pytest.mark.parametrize(("technique", "way"), SPLIT)
def test_one_begins_and_another_finishes(technique: Technique, way: Way) -> None:
    first, others = parts(technique, way)
    there = held(world(technique, way), [grant(technique, first)], [grant(technique, others)])
    found = path(there)
    assert [step.besides for step in told(there)[START].path] == [(), (), (arn("role", TWO),)]
    assert [step[:2] for step in found] == [(START, "sts-001"), (START, "sts-001"), (ONE, way.id)]
    assert [step[3] for step in found] == [False, False, unsure(technique)]
    assert told(held(world(technique, way), [], []))[START].path == ()


@pytest.mark.parametrize(("technique", "way"), SPLIT)
def test_a_call_that_neither_may_make_is_not_made(technique: Technique, way: Way) -> None:
    first, others = parts(technique, way)
    for left_out in (*first, *others):
        left = [deny(left_out)]
        one, two = [grant(technique, first), *left], [grant(technique, others), *left]
        assert way.id not in [step[1] for step in path(held(world(technique, way), one, two))]


@pytest.mark.parametrize(("technique", "way"), SPLIT)
def test_what_one_call_needs_is_not_shared(technique: Technique, way: Way) -> None:
    first, _ = parts(technique, way)
    if len(first) > 1:
        every = needs(technique, way)
        for lent in first:
            rest = [action for action in every if action != lent]
            found = path(held(world(technique, way), [grant(technique, [lent])], [grant(technique, rest)]))
            assert way.id not in [step[1] for step in found]


@pytest.mark.parametrize(("technique", "way"), SPLIT)
def test_a_condition_on_what_another_does_makes_it_conditional(technique: Technique, way: Way) -> None:
    first, others = parts(technique, way)
    found = path(held(world(technique, way), [grant(technique, first)], [grant(technique, others, when=MFA)]))
    assert found[-1][3]


MAKE = ["iam:PassRole", "lambda:CreateFunction"]


def functions(*names: str) -> list[str]:
    return [f"arn:aws:lambda:*:{HOME}:function:{name}" for name in names]


def test_who_starts_may_make_a_call_itself() -> None:
    there = estate(boss("lambda.amazonaws.com"))
    found = held(there, [allow(MAKE, "*")], [], own=(allow("lambda:InvokeFunction", "*"),))
    assert path(found) == [(START, "sts-001", ONE, False), (ONE, "lambda-001", BOSS, False)]


@pytest.mark.parametrize(("made", "run", "expected"), [("a-*", "a-*", True), ("a-*", "*", True), ("a-*", "b-*", False)])
def test_all_calls_are_about_the_same_resource(made: str, run: str, *, expected: bool) -> None:
    one = [allow("iam:PassRole", "*"), allow("lambda:CreateFunction", functions(made))]
    found = held(estate(boss("lambda.amazonaws.com")), one, [allow("lambda:InvokeFunction", functions(run))])
    assert bool(path(found)) is expected


def test_only_who_makes_the_call_passes_the_role() -> None:
    one = [allow(MAKE, [arn("role", "weak"), *functions("*")])]
    two = [allow(["iam:PassRole", "lambda:InvokeFunction"], [arn("role", BOSS), *functions("*")])]
    weak = role("weak", trusts=trust("lambda.amazonaws.com"))
    assert path(held(estate(boss("lambda.amazonaws.com"), weak), one, two)) == []


def test_what_is_reached_together_is_gone_on_from() -> None:
    weak = role("weak", doc(allow("sts:AssumeRole", arn("role", BOSS))), trusts=trust("lambda.amazonaws.com"))
    found = held(estate(boss(HOME), weak), [allow(MAKE, "*")], [allow("lambda:InvokeFunction", "*")])
    assert path(found)[2:] == [(ONE, "lambda-001", "weak", False), ("weak", "sts-001", BOSS, False)]


def test_calls_may_be_shared_by_more_than_two() -> None:
    made = [arn("user", "made-*")]
    own = (allow("iam:CreateAccessKey", made),)
    found = held(estate(), [allow("iam:CreateUser", made)], [allow("iam:PutUserPolicy", made)], own=own)
    assert path(found)[-1] == (ONE, "iam-new-user", "new", False)
    lacking = held(estate(), [allow("iam:CreateUser", made)], [allow("iam:PutUserPolicy", made)])
    assert path(lacking) == []


def test_a_trust_policy_is_written_for_another() -> None:
    rewrite = [allow("iam:UpdateAssumeRolePolicy", arn("role", BOSS)), deny("sts:AssumeRole")]
    there = estate(boss("ec2.amazonaws.com"))
    steps = [(START, "sts-001", ONE, False), (ONE, "iam-012", BOSS, False)]
    assert path(held(there, rewrite, [])) == steps
    forbidden = (deny("sts:AssumeRole", arn("role", BOSS)),)
    other = [(START, "sts-001", ONE, False), (START, "sts-001", TWO, False), (ONE, "iam-012", BOSS, False)]
    assert path(held(there, rewrite, [], own=forbidden)) == other
    assert path(held(there, rewrite, [deny("sts:AssumeRole")], own=forbidden)) == []


def test_another_is_put_into_a_group() -> None:
    there = estate(user("worker"), groups=(group("chiefs", FULL),))
    become, join = allow("iam:CreateAccessKey", arn("user", "worker")), allow("iam:AddUserToGroup", "*")
    assert path(held(there, [become], [join], kind=role)) == [
        (START, "sts-001", TWO, False),
        (START, "sts-001", ONE, False),
        (ONE, "iam-002", "worker", False),
        (TWO, "iam-013", "worker", False),
    ]
    assert path(held(there, [become], [], kind=role)) == []


FILL = allow("iam:PutGroupPolicy", arn("group", "empty"))
JOIN = allow("iam:AddUserToGroup", arn("group", "empty"))
KEY = allow("iam:CreateAccessKey", arn("user", "worker"))


@pytest.mark.parametrize(
    ("one", "two", "own", "expected"),
    [
        ([FILL], [], [JOIN], [(START, "sts-001", ONE), (START, "iam-013+iam-011", START)]),
        ([JOIN], [FILL], [], [(START, "sts-001", ONE), (START, "sts-001", TWO), (ONE, "iam-013+iam-011", START)]),
        ([JOIN], [FILL, deny("iam:PutGroupPolicy")], [], []),
        ([JOIN], [allow("iam:PutGroupPolicy", arn("group", "another"))], [], []),
    ],
)
def test_one_fills_a_group_and_another_puts_a_user_into_it(one: Any, two: Any, own: Any, expected: Any) -> None:
    there = estate(groups=(group("empty"), group("another")))
    found = path(held(there, one, two, own=tuple(own)))
    assert [step[:3] for step in found] == expected
    assert not any(conditional for *_, conditional in found)


def test_a_user_who_is_become_is_put_into_a_group_that_another_fills() -> None:
    there = estate(user("worker"), groups=(group("empty"),))
    steps = path(held(there, [JOIN, KEY], [FILL], kind=role))
    assert [step[1:3] for step in steps[-2:]] == [("iam-002", "worker"), ("iam-013+iam-011", "worker")]
    assert path(held(there, [JOIN], [FILL], kind=role)) == []


def test_another_version_is_woken_for_another() -> None:
    asleep = managed("own", doc(), FULL)
    there = estate(role("worker", trusts=trust(arn("role", ONE)), managed=(asleep,)), policies=(asleep,))
    found = held(there, [], [allow("iam:SetDefaultPolicyVersion", arn("policy", "own"))])
    assert path(found)[-1] == (TWO, "iam-set-default-policy-version", "worker", False)


def test_a_call_of_another_account_is_not_shared() -> None:
    far = role("far", doc(allow("lambda:InvokeFunction", "*")), trusts=trust(HOME), account="444455556666")
    to_far = (allow("sts:AssumeRole", arn("role", "far", "444455556666")),)
    assert path(held(estate(boss("lambda.amazonaws.com"), far), [allow(MAKE, "*")], [], own=to_far)) == []


def test_workloads_are_changed_by_one_and_run_by_another() -> None:
    where = f"arn:aws:states:eu-west-1:{HOME}:stateMachine:there"
    seen = frozenset({(HOME, "state machine")})
    there = estate(
        boss("states.amazonaws.com"), workloads=(workload("state machine", where, arn("role", BOSS)),), seen=seen
    )
    change, run = allow("states:UpdateStateMachine", where), allow("states:StartExecution", where)
    assert path(held(there, [change], [run]))[-1] == (ONE, "states-update-machine", BOSS, False)
    other = where.replace(":there", ":other")
    assert path(held(there, [change], [allow("states:StartExecution", other)])) == []


OWN = {"ArnLike": {"iam:PolicyARN": arn("policy", "app-*")}}
ATTACH = allow("iam:AttachUserPolicy", arn("user", START), when=OWN)
ANOTHER = allow("iam:AttachRolePolicy", arn("role", TWO), when=OWN)
WRITE = allow("iam:CreatePolicy", arn("policy", "app-*"))
REWRITE = allow("iam:CreatePolicyVersion", arn("policy", "app-1"))


@pytest.mark.parametrize(
    ("one", "two", "own", "expected"),
    [
        ([WRITE], [], [ATTACH], [(START, "sts-001", ONE), (START, "iam-create-policy", START)]),
        ([ATTACH], [WRITE], [], [(START, "sts-001", ONE), (START, "sts-001", TWO), (ONE, "iam-create-policy", START)]),
        ([WRITE, ANOTHER], [], [], [(START, "sts-001", ONE), (START, "sts-001", TWO), (ONE, "iam-create-policy", TWO)]),
        ([ANOTHER], [WRITE], [], [(START, "sts-001", ONE), (START, "sts-001", TWO), (ONE, "iam-create-policy", TWO)]),
        ([REWRITE], [], [ATTACH], [(START, "sts-001", ONE), (START, "iam-001+iam-008", START)]),
        ([allow("iam:CreatePolicy", arn("policy", "other-*"))], [], [ATTACH], []),
        ([allow("iam:CreatePolicyVersion", arn("policy", "other"))], [], [ATTACH], []),
        ([WRITE, deny("iam:CreatePolicy")], [], [ATTACH], []),
        ([WRITE], [], [ATTACH, deny("iam:AttachUserPolicy", when=OWN)], []),
        ([WRITE], [], [allow("iam:AttachUserPolicy", arn("user", "worker"), when=OWN)], []),
    ],
)
def test_a_policy_is_written_by_one_and_attached_by_another(one: Any, two: Any, own: Any, expected: Any) -> None:
    there = estate(user("worker"), policies=(managed("app-1", doc()), managed("other", doc())))
    found = path(held(there, one, two, own=tuple(own)))
    assert [step[1:3] for step in found[-1:]] == [step[1:3] for step in expected[-1:]]
    assert {step[:3] for step in found} == set(expected)
    assert not any(conditional for *_, conditional in found)


def test_who_writes_the_policy_under_a_condition_does_it_conditionally() -> None:
    there = estate(user("worker"))
    assert path(held(there, [WRITE | {"Condition": MFA}], [], own=(ATTACH,)))[-1][3]


ACTIONS = (
    "iam:AddUserToGroup",
    "iam:CreateAccessKey",
    "iam:CreatePolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "lambda:CreateFunction",
    "lambda:InvokeFunction",
    "sts:AssumeRole",
)
RESOURCES = ("*", arn("user", "*"), arn("role", "*"), arn("role", BOSS), *functions("*", "a-*"))
statements = st.one_of(
    st.builds(allow, st.sampled_from(ACTIONS), st.sampled_from(RESOURCES)), st.sampled_from((ATTACH, ANOTHER))
)
policies = st.lists(statements, max_size=3)


@given(own=policies, one=policies, two=policies, trusted=st.sampled_from((HOME, "lambda.amazonaws.com")))
@settings(max_examples=150)
def test_what_several_can_do_together_one_can_do_who_may_do_all(
    own: list[Statement], one: list[Statement], two: list[Statement], trusted: str
) -> None:
    asleep = managed("own", doc(), FULL)
    there = estate(
        boss(trusted),
        user("worker", managed=(asleep,)),
        groups=(group("chiefs", FULL),),
        policies=(asleep,),
        seen=frozenset({(HOME, "function")}),
    )
    together = told(held(there, one, two, own=tuple(own)))[START]
    by_itself = told(held(there, [], [], own=(*own, *one, *two)))[START]
    assert together.escalates <= by_itself.escalates or by_itself.admin


PASSED = ("*", arn("role", BOSS), arn("role", "clerk"))
CALLED = ("*", *functions("*", "a"))
MACHINE = f"arn:aws:states:eu-west-1:{HOME}:stateMachine:there"
MACHINES = ("*", MACHINE, MACHINE.replace("there", "other"))
calls = st.lists(
    st.one_of(
        st.builds(allow, st.just("iam:PassRole"), st.sampled_from(PASSED)),
        st.builds(allow, st.sampled_from(["lambda:CreateFunction", "lambda:InvokeFunction"]), st.sampled_from(CALLED)),
        st.builds(allow, st.sampled_from(["states:Update*", "states:StartExecution"]), st.sampled_from(MACHINES)),
    ),
    min_size=1,
    max_size=3,
)
runs = st.sampled_from((arn("role", BOSS), arn("role", "clerk"), arn("role", ONE), None, UNSET))


@given(
    own=calls,
    one=calls,
    two=calls,
    trusted=st.sampled_from(("states.amazonaws.com", "lambda.amazonaws.com")),
    ran=runs,
    seen=...,
)
@settings(max_examples=150)
def test_what_leads_to_nobody_new_is_left_out_rightly(
    own: list[Statement], one: list[Statement], two: list[Statement], trusted: str, ran: Any, seen: bool
) -> None:
    there = estate(
        boss(trusted),
        role("clerk", doc(*own), trusts=trust("lambda.amazonaws.com")),
        workloads=(workload("state machine", MACHINE, ran),),
        seen=frozenset({(HOME, "state machine")} if seen else ()),
    )
    found = held(there, one, two, own=tuple(own))
    wanted = told(found)
    with mock.patch.object(Together, "_most", return_value=-1):
        assert told(found) == wanted


BOUND = doc(allow("s3:*"))


def bounded(*trusted: str) -> Any:
    return role("bounded", trusts=trust(*trusted), boundary=BOUND)


def test_one_takes_a_boundary_away_and_another_gives_everything() -> None:
    there = estate(bounded(HOME))
    become = (allow("sts:AssumeRole", arn("role", "bounded")),)
    unbind = [allow("iam:DeleteRolePermissionsBoundary", arn("role", "bounded"))]
    edit = [allow("iam:PutRolePolicy", arn("role", "bounded"))]
    assert path(held(there, edit, [], own=become)) == []
    assert path(held(there, unbind, [], own=become)) == []
    for one, two in ((unbind, edit), (edit, unbind)):
        found = path(held(there, one, two, own=become))
        assert {step[1] for step in found} == {"sts-001", "iam-005", "iam-delete-role-boundary"}
        assert {step[2] for step in found[-2:]} == {"bounded"}
        assert not any(conditional for *_, conditional in found)
