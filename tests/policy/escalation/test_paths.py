"""Paths: who counts as an administrator, chains of steps, what is certain, and what is not there."""

from itertools import pairwise
from typing import Any

import pytest
from msgspec import UNSET

from auditkit.policy import Document, PolicyKind, parse
from auditkit.policy.escalation import Escalations
from tests.policy.cases import AWAY, FULL, HOME, allow, deny, doc
from tests.policy.escalation.building import (
    ADMIN,
    BOSS,
    START,
    arn,
    boss,
    estate,
    group,
    managed,
    role,
    route,
    told,
    trust,
    user,
    workload,
)

LAMBDA, EC2 = "lambda.amazonaws.com", "ec2.amazonaws.com"
MAKE = ["lambda:CreateFunction", "lambda:InvokeFunction"]
FUNCTION = f"arn:aws:lambda:eu-west-1:{HOME}:function:orders"
ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}


# ---------------------------------------------------------------- administrators


@pytest.mark.parametrize(
    ("policies", "more", "admin"),
    [
        ([FULL], {}, True),
        ([doc(allow(None, NotAction="aws-portal:*"))], {}, True),
        ([doc(allow("iam:*")), doc(allow(None, NotAction=["iam:*"]))], {}, True),
        ([doc(allow(), deny("s3:*"))], {}, True),
        ([doc(allow(), deny("iam:*", arn("role", "protected-*")))], {}, True),
        ([doc(allow(), deny(None, NotAction=["iam:*", "sts:*"], when=ELSEWHERE))], {}, True),
        ([FULL], {"scps": [[FULL], [doc(allow(), deny("organizations:*"))]]}, True),
        ([FULL], {"scps": UNSET}, True),
        ([doc(allow(), deny("iam:*"))], {}, False),
        ([FULL], {"boundary": doc(allow("s3:*"))}, False),
        ([FULL], {"boundary": FULL}, True),
        ([FULL], {"scps": [[doc(allow("s3:*"))]]}, False),
        ([FULL], {"scps": [[FULL], []]}, False),
        ([doc(allow("iam:*"))], {}, False),
        ([doc(allow(None, NotAction=["iam:*", "organizations:*", "account:*"]))], {}, False),
        ([doc(allow(when={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))], {}, False),
        ([], {}, False),
    ],
)
def test_an_administrator_governs_iam_and_acts_across_services(
    policies: list[dict[str, Any]], more: dict[str, Any], admin: bool
) -> None:
    found = told(estate(user(START, *policies, **more)))[START]
    assert found.admin is admin
    assert not (found.admin and found.escalates)


def test_an_administrator_under_conditions_can_make_itself_one() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert route(estate(user(START, doc(allow(when=mfa))))) == [("iam-007", START, True)]
    tagging = {"StringLike": {"aws:RequestTag/team": "*"}}
    assert route(estate(user(START, doc(allow(when=tagging))))) == [("iam-007", START, True)]
    on_the_way = estate(
        user(START, doc(allow("sts:AssumeRole"))), role("other", doc(allow(when=mfa)), trusts=trust(HOME))
    )
    assert route(on_the_way) == [("sts-001", "other", True)]


def test_an_unseen_policy_grants_nothing_but_may_deny() -> None:
    unseen = Document(kind=PolicyKind.IDENTITY, readable=False, name="arn:aws:iam::aws:policy/Unheard")
    one = user(START, doc(allow("iam:AttachUserPolicy")))
    policies = type(one.policies)(
        arn=one.arn,
        account=HOME,
        identity=(*one.policies.identity, unseen),
        scps=None,  # type: ignore[misc]
    )
    assert route(estate(type(one)(policies=policies))) == [("iam-008", START, True)]
    nothing = type(one.policies)(arn=one.arn, account=HOME, identity=(unseen,), scps=None)
    assert route(estate(type(one)(policies=nothing), boss(HOME))) == []


# ---------------------------------------------------------------- chains


def test_what_a_policy_allows_that_was_not_understood_is_not_in_the_answer() -> None:
    found = told(
        estate(user(START, doc(allow("*", "nowhere"))), user("other", doc(allow("s3:*"), deny("*", "nowhere"))))
    )
    assert (found[START].admin, found[START].path, found[START].unseen) == (False, (), ("identity",))
    assert found["other"].unseen == ()


def test_a_chain_is_told_step_by_step() -> None:
    found = estate(
        user(START, doc(allow("sts:AssumeRole", arn("role", "build")))),
        role("build", doc(allow("lambda:UpdateFunctionCode")), trusts=trust(HOME)),
        role(
            "function",
            doc(allow("iam:PutUserPolicy", arn("user", "ops")), allow("iam:CreateAccessKey")),
            trusts=trust(LAMBDA),
        ),
        user("ops"),
        workloads=(workload("function", FUNCTION, arn("role", "function")),),
        seen=frozenset({(HOME, "function")}),
    )
    assert route(found) == [("sts-001", "build", False), ("lambda-003", "function", False), ("iam-018", "ops", False)]
    path = told(found)[START].path
    assert path[0].origin == arn("user", START)
    assert all(one.target == other.origin for one, other in pairwise(path))
    assert path[2].permissions == ("iam:PutUserPolicy", "iam:CreateAccessKey")
    assert [ref.pointer for ref in path[2].statements] == ["/Statement/0", "/Statement/1"]


def test_the_shorter_certain_path_wins_over_a_conditional_one() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    found = estate(
        user(
            START,
            doc(allow("sts:AssumeRole", arn("role", "middle")), allow("sts:AssumeRole", arn("role", BOSS), when=mfa)),
        ),
        role("middle", doc(allow("sts:AssumeRole", arn("role", BOSS))), trusts=trust(HOME)),
        boss(HOME),
    )
    assert route(found) == [("sts-001", "middle", False), ("sts-001", BOSS, False)]


def test_two_who_are_in_the_same_hands_can_do_together_what_neither_can() -> None:
    far = arn("role", "far")

    def found(own: dict[str, Any], middle: dict[str, Any], **more: Any) -> list[tuple[str, str, str, bool]]:
        there = estate(
            user(START, own), role("middle", middle, trusts=trust(HOME)), role("far", trusts=trust(HOME), **more)
        )
        path = told(there)[START].path
        return [
            (step.origin.rpartition("/")[2], step.technique, step.target.rpartition("/")[2], step.conditional)
            for step in path
        ]

    to_middle = allow("sts:AssumeRole", arn("role", "middle"))
    to_far = allow("sts:AssumeRole", far)
    edit = allow("iam:PutRolePolicy", far)
    chain = [(START, "sts-001", "middle", False), ("middle", "sts-001", "far", False)]
    assert found(doc(to_middle, edit), doc(to_far)) == [*chain, (START, "iam-005", "far", False)]
    both = [(START, "sts-001", "middle", False), (START, "sts-001", "far", False)]
    assert found(doc(to_middle, to_far), doc(edit)) == [*both, ("middle", "iam-005", "far", False)]
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    unsure = found(doc(to_middle, allow("iam:PutRolePolicy", far, when=mfa)), doc(to_far))
    assert unsure == [*chain, (START, "iam-005", "far", True)]
    assert found(doc(to_middle, edit), doc(to_far), boundary=doc(allow("s3:*"))) == []
    assert found(doc(to_middle, edit), doc(to_far), boundary_arn="x") == [*chain, (START, "iam-005", "far", False)]
    assert found(doc(to_middle, edit), doc()) == []
    assert found(doc(edit), doc(to_far)) == []


def test_trust_in_a_circle_ends() -> None:
    loop = [
        role(f"r{place}", doc(allow("sts:AssumeRole")), trusts=trust(arn("role", f"r{(place - 1) % 5}")))
        for place in range(5)
    ]
    assert not any(one.escalates for one in told(estate(*loop)).values())


def test_a_step_to_somebody_who_is_no_administrator_is_a_step_and_no_escalation() -> None:
    found = estate(user(START, doc(allow("sts:AssumeRole"))), role("plain", trusts=trust(HOME)))
    assert route(found) == []
    assert [step.target for step in Escalations(found).steps(arn("user", START))] == [arn("role", "plain")]


def test_another_account_needs_both_sides() -> None:
    def found(trusted: str, policy: dict[str, Any]) -> list[tuple[str, str, bool]]:
        far = role(BOSS, FULL, trusts=trust(trusted), account=AWAY)
        return route(estate(user(START, policy), far))

    may = doc(allow("sts:AssumeRole", arn("role", BOSS, AWAY)))
    assert found(HOME, may) == [("sts-001", BOSS, False)]
    assert found(arn("user", START), may) == [("sts-001", BOSS, False)]
    assert found(arn("user", START), doc()) == []
    assert found(AWAY, may) == []


# ---------------------------------------------------------------- what is there already


@pytest.mark.parametrize(
    ("own", "named", "granted", "expected"),
    [
        ([], arn("user", START), ["lambda:UpdateFunctionCode"], [("lambda-003", BOSS, False)]),
        ([], arn("user", START), ["lambda:InvokeFunction"], []),
        ([], HOME, ["lambda:UpdateFunctionCode"], []),
        ([], arn("user", "other"), ["lambda:*"], []),
        (["lambda:InvokeFunction"], arn("user", START), ["lambda:Update*"], [("lambda-004", BOSS, False)]),
    ],
)
def test_the_policy_of_a_function_may_let_others_change_it(
    own: list[str], named: str, granted: list[str], expected: list[tuple[str, str, bool]]
) -> None:
    policy = parse(
        doc({"Effect": "Allow", "Action": granted, "Resource": FUNCTION, "Principal": {"AWS": named}}),
        kind=PolicyKind.RESOURCE,
    )
    found = estate(
        user(START, *([doc(allow(own))] if own else [])),
        boss(LAMBDA),
        workloads=(workload("function", FUNCTION, arn("role", BOSS), policy=policy),),
        seen=frozenset({(HOME, "function")}),
    )
    assert route(found) == expected


def test_a_function_of_another_account_needs_both_sides_to_be_changed() -> None:
    policy = parse(
        doc({"Effect": "Allow", "Action": "lambda:*", "Resource": FUNCTION, "Principal": {"AWS": AWAY}}),
        kind=PolicyKind.RESOURCE,
    )

    def found(*policies: dict[str, Any]) -> list[tuple[str, str, bool]]:
        there = workload("function", FUNCTION, arn("role", BOSS), policy=policy)
        return route(estate(user(START, *policies, account=AWAY), boss(LAMBDA), workloads=(there,)))

    assert found(doc(allow("lambda:Update*"))) == [("lambda-003", BOSS, False)]
    assert found() == []


def test_without_a_list_of_functions_any_role_of_theirs_may_be_behind_one() -> None:
    start = user(START, doc(allow("lambda:UpdateFunctionCode")))
    assert route(estate(start, boss(LAMBDA))) == [("lambda-003", BOSS, True)]
    assert route(estate(start, boss(EC2))) == []


def test_with_a_list_of_functions_it_is_exact() -> None:
    start = user(START, doc(allow("lambda:UpdateFunctionCode", FUNCTION)))
    seen = frozenset({(HOME, "function")})
    assert route(estate(start, boss(LAMBDA), seen=seen)) == []
    there = (workload("function", FUNCTION, arn("role", BOSS)),)
    assert route(estate(start, boss(LAMBDA), workloads=there, seen=seen)) == [("lambda-003", BOSS, False)]
    other = (workload("function", FUNCTION + "-other", arn("role", BOSS)),)
    assert route(estate(start, boss(LAMBDA), workloads=other, seen=seen)) == []
    unseen = (workload("function", FUNCTION, UNSET),)  # type: ignore[arg-type]
    assert route(estate(start, boss(LAMBDA), workloads=unseen, seen=seen)) == [("lambda-003", BOSS, True)]


# ---------------------------------------------------------------- users, groups, policies


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (["iam:AttachRolePolicy", "sts:AssumeRole"], "iam-014"),
        (["iam:PutRolePolicy", "sts:AssumeRole"], "iam-017"),
        (["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], "iam-019"),
        (["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"], "iam-021"),
        (["iam:AttachUserPolicy", "iam:CreateAccessKey"], "iam-015"),
        (["iam:PutUserPolicy", "iam:CreateAccessKey"], "iam-018"),
    ],
)
def test_changing_somebody_and_becoming_it_is_one_step(own: list[str], expected: str) -> None:
    on = [arn("role", "other"), arn("user", "other")]
    found = estate(user(START, doc(allow(own, on))), user("other"), role("other", trusts=trust(HOME)))
    assert route(found) == [(expected, "other", False)]


@pytest.mark.parametrize(
    ("become", "expected"), [("sts:AssumeRole", "iam-016"), ("iam:UpdateAssumeRolePolicy", "iam-020")]
)
def test_a_policy_of_a_role_can_be_rewritten(become: str, expected: str) -> None:
    own = managed("own", doc())
    found = estate(
        user(START, doc(allow("iam:CreatePolicyVersion", own.arn), allow(become, arn("role", "other")))),
        role("other", trusts=trust(HOME), managed=(own,)),
        policies=(own,),
    )
    assert route(found) == [(expected, "other", False)]


@pytest.mark.parametrize("become", ["sts:AssumeRole", "iam:UpdateAssumeRolePolicy"])
def test_another_version_of_a_policy_of_somebody_else_can_be_made_to_count(become: str) -> None:
    def found(*versions: dict[str, Any], wake: str = "*") -> list[tuple[str, str, bool]]:
        own = managed("own", *versions)
        start = user(START, doc(allow("iam:SetDefaultPolicyVersion", wake), allow(become, arn("role", "other"))))
        return route(estate(start, role("other", trusts=trust(HOME), managed=(own,)), policies=(own,)))

    (step,) = found(doc(), FULL)
    assert step[0].startswith("iam-set-default-policy-version+")
    assert step[1:] == ("other", False)
    assert found(doc(), doc(allow("s3:*"))) == []
    assert found(doc(), FULL, wake=arn("policy", "another")) == []


NOW = (allow("iam:PassRole", arn("role", "a")), deny("lambda:UpdateFunctionCode"))


@pytest.mark.parametrize(
    ("version", "is_step"),
    [
        (doc(), True),
        (doc(NOW[1]), False),
        (doc(*NOW[::-1], allow("sns:Publish")), False),
        (doc(NOW[0] | {"Sid": "Same"}, NOW[1]), False),
        (doc(*NOW, allow("iam:PassRole", arn("role", "b"))), True),
        (doc(NOW[0]), True),
    ],
)
def test_a_version_of_ones_own_policy_that_allows_no_more_is_no_step(version: dict[str, Any], *, is_step: bool) -> None:
    own = managed("own", doc(*NOW), version)
    start = user(START, doc(allow("iam:SetDefaultPolicyVersion")), managed=(own,))
    steps = Escalations(estate(start, policies=(own,))).steps(arn("user", START))
    assert [step.technique for step in steps] == ["iam-set-default-policy-version"] * is_step


def test_a_group_that_gives_a_way_is_a_step() -> None:
    helpers = group("helpers", doc(allow("sts:AssumeRole", arn("role", BOSS))))
    found = estate(user(START, doc(allow("iam:AddUserToGroup"))), boss(HOME), groups=(helpers,))
    assert route(found) == [("iam-013", "helpers", False), ("sts-001", BOSS, False)]


def test_another_user_can_be_put_into_a_group() -> None:
    own = doc(allow("iam:AddUserToGroup", arn("group", "bosses")), allow("iam:CreateAccessKey", arn("user", "other")))
    bosses = group("bosses", FULL)
    found = estate(role(START, own), user("other"), groups=(bosses,))
    assert [target for _, target, _ in route(found)] == ["other"]


def test_a_group_that_one_fills_oneself_can_be_joined() -> None:
    own = doc(allow(["iam:AddUserToGroup", "iam:AttachGroupPolicy"], arn("group", "empty")))
    assert route(estate(user(START, own), groups=(group("empty"),))) == [("iam-013+iam-010", START, False)]
    assert route(estate(role(START, own), groups=(group("empty"),))) == []


def test_another_user_can_be_put_into_a_group_that_one_fills_oneself() -> None:
    fills = allow(["iam:AddUserToGroup", "iam:AttachGroupPolicy"], arn("group", "empty"))
    own = doc(fills, allow("iam:CreateAccessKey", arn("user", "other")))
    there = {"groups": (group("empty"), group("another"))}
    steps = route(estate(role(START, own), user("other"), **there))
    assert steps == [("iam-013+iam-010+iam-002", "other", False)]
    assert route(estate(role(START, own), user("third"), **there)) == []
    apart = allow("iam:AddUserToGroup", arn("group", "empty")), allow("iam:AttachGroupPolicy", arn("group", "another"))
    keyed = doc(*apart, allow("iam:CreateAccessKey", arn("user", "other")))
    assert route(estate(role(START, keyed), user("other"), **there)) == []


def test_who_is_given_everything_within_a_boundary_may_lead_further() -> None:
    passing = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
    own = doc(allow(["iam:AttachUserPolicy", "iam:CreateAccessKey"], arn("user", "bound")))

    def found(within: list[str]) -> list[tuple[str, str, bool]]:
        bound = user("bound", boundary=doc(allow(within)))
        return route(estate(user(START, own), bound, boss("lambda.amazonaws.com")))

    assert [target for _, target, _ in found(passing)] == ["bound", BOSS]
    assert found(passing[1:]) == []


def test_who_is_reached_changes_another_who_is_reached_within_its_boundary() -> None:
    passing = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
    start = user(START, doc(allow("sts:AssumeRole", [arn("role", "giver"), arn("role", "bound")])))
    giver = role("giver", doc(allow("iam:PutRolePolicy", arn("role", "bound"))), trusts=trust(HOME))

    def found(within: list[str]) -> list[tuple[str, str, bool]]:
        bound = role("bound", trusts=trust(HOME), boundary=doc(allow(within)))
        return route(estate(start, giver, bound, boss("lambda.amazonaws.com")))

    assert found(passing)[-1][1] == BOSS
    assert found(passing[1:]) == []


def test_a_boundary_can_be_rewritten() -> None:
    bound = managed("bound", doc(allow("iam:CreatePolicyVersion")))
    found = estate(user(START, FULL, boundary=doc(allow("iam:CreatePolicyVersion"))), policies=(bound,))
    assert route(found) == [("iam-001", START, False)]


def test_what_is_attached_may_be_limited() -> None:
    def found(policy: str, *policies: Any) -> list[tuple[str, str, bool]]:
        when = {"ArnEquals": {"iam:PolicyARN": policy}}
        return route(estate(user(START, doc(allow("iam:AttachUserPolicy", when=when))), policies=policies))

    assert found("arn:aws:iam::aws:policy/ReadOnlyAccess") == []
    assert found(ADMIN) == [("iam-008", START, False)]
    assert found(arn("policy", "all"), managed("all", FULL)) == [("iam-008", START, False)]
    assert found(arn("policy", "all"), managed("all", doc(allow("s3:*")))) == []


def test_a_deny_of_one_strong_policy_leaves_others() -> None:
    iam_full = "arn:aws:iam::aws:policy/IAMFullAccess"

    def found(*kept: str) -> list[tuple[str, str, bool]]:
        denied = deny("iam:AttachUserPolicy", when={"ArnEquals": {"iam:PolicyARN": list(kept)}})
        return route(estate(user(START, doc(allow("iam:AttachUserPolicy"), denied))))

    assert found(ADMIN) == [("iam-008", START, False)]
    assert found(iam_full) == [("iam-008", START, False)]
    assert found(ADMIN, iam_full) == []
    assert found("arn:aws:iam::aws:policy/*") == []


@pytest.mark.parametrize(
    ("also", "attachable", "expected"),
    [
        ("iam:CreatePolicy", "policy/*", "iam-create-policy"),
        ("iam:CreatePolicy", "policy/team/*", "iam-create-policy"),
        ("iam:CreatePolicy", "policy/team-?", "iam-create-policy"),
        ("iam:CreatePolicyVersion", "policy/*", "iam-001+iam-008"),
        ("iam:CreatePolicyVersion", "policy/small", "iam-001+iam-008"),
        ("iam:CreatePolicyVersion", "policy/other", ""),
        ("iam:GetPolicy", "policy/*", ""),
    ],
)
def test_what_may_be_attached_can_be_written_before(also: str, attachable: str, expected: str) -> None:
    limit = {"ArnLike": {"iam:PolicyARN": f"arn:aws:iam::{HOME}:{attachable}"}}
    own = doc(allow("iam:AttachUserPolicy", when=limit), allow(also, f"arn:aws:iam::{HOME}:policy/*"))
    found = estate(user(START, own), policies=(managed("large", doc(allow("s3:*"))), managed("small", doc())))
    assert route(found) == ([(expected, START, False)] if expected else [])
    denied = deny(also, f"arn:aws:iam::{HOME}:{attachable}")
    assert route(estate(user(START, own, doc(denied)), policies=found.policies)) == []


def test_who_attaches_what_it_has_written_to_a_group_of_its_own() -> None:
    limit = {"StringLike": {"iam:PolicyARN": "arn:aws:iam::*:policy/*"}, "StringNotLike": {"iam:PolicyARN": "*::aws:*"}}
    own = doc(allow("iam:AttachGroupPolicy", when=limit), allow("iam:CreatePolicy"))
    mine = group("mine")
    assert route(estate(user(START, own, groups=(mine,)), groups=(mine,))) == [("iam-create-policy", START, False)]
    joining = doc(allow("iam:AddUserToGroup"))
    found = estate(user(START, own, joining), groups=(mine,))
    assert route(found) == [("iam-013+iam-create-policy", START, False)]


def test_a_new_user_must_be_free_of_a_boundary_that_binds() -> None:
    make = ["iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey"]
    policies = (managed("bound", doc(allow("s3:*"))), managed("loose", FULL))

    def found(bound: str) -> list[tuple[str, str, bool]]:
        when = {"StringEquals": {"iam:PermissionsBoundary": arn("policy", bound)}} if bound else None
        statement = allow(make, arn("user", "made-*"), **({"when": when} if when else {}))
        return route(estate(user(START, doc(statement)), policies=policies))

    assert found("") == [("iam-new-user", "new", False)]
    assert found("bound") == []
    assert found("loose") == [("iam-new-user", "new", False)]


@pytest.mark.parametrize(
    ("more", "on", "expected"),
    [
        ("iam:DeleteUserPermissionsBoundary", "user/made-*", [("iam-new-user", "new", False)]),
        ("iam:DeleteUserPermissionsBoundary", "user/other", []),
        ("iam:DeleteRolePermissionsBoundary", "user/made-*", []),
        ("iam:CreatePolicyVersion", "policy/bound", [("iam-new-user", "new", False)]),
        ("iam:CreatePolicyVersion", "policy/other", []),
        ("s3:GetObject", "x", []),
    ],
)
def test_the_boundary_of_a_new_user_may_be_taken_away_or_written_anew(more: str, on: str, expected: list[Any]) -> None:
    bound, other = managed("bound", doc(allow("s3:*"))), managed("other", doc(allow("s3:*")))
    within = {"StringEquals": {"iam:PermissionsBoundary": arn("policy", "bound")}}
    made = arn("user", "made-*")
    own = doc(
        allow("iam:CreateUser", made, when=within),
        allow(["iam:PutUserPolicy", "iam:CreateAccessKey"], made),
        allow(more, f"arn:aws:iam::{HOME}:{on}"),
    )
    assert route(estate(user(START, own), policies=(bound, other))) == expected
    if expected:
        (step,) = told(estate(user(START, own), policies=(bound, other)))[START].path
        assert more in step.permissions


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"StringEquals": {"aws:username": START}}, [False]),
        ({"StringEquals": {"aws:username": "other"}}, []),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, [False]),
        ({"StringEquals": {"aws:PrincipalTag/team": "blue"}}, []),
        ({"StringEquals": {"aws:PrincipalTag/none": "blue"}}, []),
        ({"StringEquals": {"iam:ResourceTag/team": "red"}}, [False]),
        ({"StringEquals": {"iam:ResourceTag/team": "blue"}}, []),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, [True]),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, []),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}, "StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, []),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, []),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, [False]),
        ({"DateLessThan": {"aws:CurrentTime": "2199-01-01T00:00:00Z"}}, [True]),
        ({"Bool": {"aws:SecureTransport": "true"}}, [False]),
        ({"Bool": {"aws:SecureTransport": "false"}}, []),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, [False]),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, []),
    ],
)
def test_conditions_are_met_or_not_or_undecided(when: dict[str, Any], expected: list[bool]) -> None:
    start = user(
        START, doc(allow("iam:AttachUserPolicy", arn("user", "${aws:username}"), when=when)), tags={"team": "red"}
    )
    assert [conditional for _, _, conditional in route(estate(start))] == expected


@pytest.mark.parametrize(
    ("made", "run", "expected"),
    [
        (
            "arn:aws:lambda:*:*:function:team-*",
            f"arn:aws:lambda:us-west-2:{HOME}:function:*",
            [("lambda-001", BOSS, False)],
        ),
        (f"arn:aws:lambda:us-west-2:{HOME}:*", "arn:aws:lambda:*:*:function:team-*", [("lambda-001", BOSS, False)]),
        (f"arn:aws:lambda:us-west-2:{HOME}:*", f"arn:aws:lambda:eu-west-3:{HOME}:*", []),
    ],
)
def test_one_statement_may_tell_the_region_and_another_the_name(made: str, run: str, expected: list[Any]) -> None:
    own = doc(allow("iam:PassRole"), allow("lambda:CreateFunction", made), allow("lambda:InvokeFunction", run))
    assert route(estate(user(START, own), boss("lambda.amazonaws.com"))) == expected


@pytest.mark.parametrize(("region", "expected"), [("us-east-1", True), ("eu-west-1", False)])
def test_iam_is_called_in_the_one_region_of_its_endpoint(region: str, *, expected: bool) -> None:
    here = {"StringEquals": {"aws:RequestedRegion": region}}
    for found in (
        user(START, doc(allow("iam:PutUserPolicy", when=here))),
        user(START, doc(allow("iam:PutUserPolicy"), deny("*", when={"StringNotEquals": here["StringEquals"]}))),
    ):
        assert route(estate(found)) == ([("iam-007", START, False)] if expected else [])
    passing = doc(allow(["iam:PassRole", *MAKE], when=here))  # the role is passed where the function is made
    assert route(estate(user(START, passing), boss(LAMBDA))) == [("lambda-001", BOSS, False)]


def test_what_hangs_on_a_condition_says_on_which() -> None:
    when = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    (step,) = told(estate(user(START, doc(allow("iam:AttachUserPolicy", when=when)))))[START].path
    assert (step.keys, step.missing) == (("aws:SourceIp",), ())


def test_a_deny_with_a_condition_leaves_it_open() -> None:
    mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    found = estate(user(START, doc(allow("iam:AttachUserPolicy"), deny(when=mfa))))
    assert route(found) == [("iam-008", START, True)]


# ---------------------------------------------------------------- bad input


def test_a_megabyte_of_wildcards_is_judged_in_bounded_time() -> None:
    statements = [allow("lambda:*", f"arn:aws:lambda:*:*:function:{'*a' * 40}{place}*") for place in range(400)]
    noise = [allow("iam:PassRole", f"arn:aws:iam::{HOME}:role/{'?*' * 60}{place}") for place in range(400)]
    found = estate(user(START, doc(*statements, *noise)), boss(LAMBDA), seen=frozenset({(HOME, "function")}))
    assert route(found) == []


def test_names_and_policies_of_no_sense_are_no_error() -> None:
    odd = doc(
        {
            "Effect": "Allow",
            "Action": ["iam", "", 5, "iam:*:*"],
            "Resource": ["arn:aws", "not an arn", "arn:aws:iam::x"],
        },
        {"Effect": "Maybe", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Unheard": {"a": "b"}}},
    )
    start = user(START, odd, tags={"x": "y" * 20_000})
    strange = role("<b>x", trusts=trust("arn:aws:iam::1:role/*", "not an arn", "${aws:username}", ""))
    assert route(estate(start, strange, boss("*"))) == [("sts-001", BOSS, True)]  # what is no Allow may be a Deny
