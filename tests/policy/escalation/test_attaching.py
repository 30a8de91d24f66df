"""Policies that make no administrator by themselves, and are attached because they lead to one."""

from typing import Any

import pytest

from tests.policy.cases import HOME, allow, deny, doc
from tests.policy.escalation.building import BOSS, START, arn, boss, estate, group, managed, role, route, trust, user
from tests.policy.escalation.test_techniques import MFA

OWN = {"ArnLike": {"iam:PolicyARN": arn("policy", "*")}}
MEDIUM = allow("iam:AttachUserPolicy", arn("user", START), when=OWN)
ASSUME = allow("sts:AssumeRole")
OTHERS = {"ArnLike": {"iam:PolicyARN": arn("policy", "x*")}}
MAKE, RUN = ["iam:PassRole", "lambda:CreateFunction"], ["lambda:InvokeFunction"]


@pytest.mark.parametrize(
    ("statement", "policies", "expected"),
    [
        (MEDIUM, (ASSUME,), [("iam-008", START, False), ("sts-001", BOSS, False)]),
        (MEDIUM, (allow("iam:PutUserPolicy"),), [("iam-008", START, False), ("iam-007", START, False)]),
        (MEDIUM, (allow(MAKE), allow(RUN)), [("iam-008", START, False), ("lambda-001", BOSS, False)]),
        (
            MEDIUM | {"Condition": OWN | MFA},
            (ASSUME,),
            [("iam-008", START, True), ("sts-001", BOSS, False)],
        ),
        (MEDIUM, (allow(MAKE), deny("*")), []),
        (MEDIUM, (allow("s3:*"),), []),
        (MEDIUM, (allow("sts:AssumeRole", arn("role", "other")),), []),
        (MEDIUM | {"Resource": arn("user", "other")}, (ASSUME,), []),
        (
            allow("iam:AttachUserPolicy", when=OTHERS),
            (ASSUME,),
            [],
        ),
    ],
)
def test_a_policy_that_makes_no_administrator_by_itself_is_attached_where_it_leads_to_one(
    statement: dict[str, Any], policies: Any, expected: Any
) -> None:
    made = tuple(managed(f"own-{place}", doc(one)) for place, one in enumerate(policies))
    found = estate(user(START, doc(statement)), user("other"), boss(HOME, "lambda.amazonaws.com"), policies=made)
    assert route(found) == expected


def test_a_group_one_is_in_is_given_a_policy_that_leads_further() -> None:
    attach = allow("iam:AttachGroupPolicy", arn("group", "mine"), when=OWN)
    there = {"groups": (group("mine"), group("other")), "policies": (managed("own", doc(ASSUME)),)}
    member = user(START, doc(attach), groups=(group("mine"),))
    assert route(estate(member, boss(HOME), **there)) == [("iam-010", START, False), ("sts-001", BOSS, False)]
    assert route(estate(user(START, doc(attach)), boss(HOME), **there)) == []


@pytest.mark.parametrize(
    ("attached", "become", "expected"),
    [
        ("role/worker", "role/worker", [("iam-014", "worker", False), ("sts-001", BOSS, False)]),
        ("role/other", "role/worker", []),
        ("role/worker", "role/other", []),
    ],
)
def test_a_policy_that_leads_further_is_attached_to_another(attached: str, become: str, expected: Any) -> None:
    attach = allow("iam:AttachRolePolicy", f"arn:aws:iam::{HOME}:{attached}", when=OWN)
    start = user(START, doc(attach, allow("sts:AssumeRole", f"arn:aws:iam::{HOME}:{become}")))
    worker = role("worker", trusts=trust(HOME))
    own = managed("own", doc(ASSUME))
    assert route(estate(start, worker, role("other"), boss(HOME), policies=(own,))) == expected
    limited = role("worker", trusts=trust(HOME), boundary=doc(allow("s3:*")))
    assert route(estate(start, limited, role("other"), boss(HOME), policies=(own,))) == []
