"""Who takes away what denies: its own policies, those of its groups, and what its tags say."""

from typing import Any

import pytest

from auditkit.policy.escalation import GroupPolicies, Identity, techniques
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
    route,
    trust,
    user,
)

SELF = arn("user", "${aws:username}")


def but(*actions: str) -> dict[str, Any]:
    """Return a policy that denies everything but some actions."""
    return doc(deny(None, NotAction=list(actions)))


@pytest.mark.parametrize(
    ("own", "path"),
    [
        ((FULL, but("iam:DeleteUserPolicy")), [("iam-delete-user-policy", START, False)]),
        ((FULL, but("iam:PutUserPolicy")), [("iam-007", START, False)]),
        ((doc(allow("iam:PutUserPolicy")), but("iam:PutUserPolicy")), [("iam-007", START, False)]),
        ((FULL, but("iam:DetachUserPolicy")), []),  # it is no managed one
        ((FULL, but("s3:*")), []),
        ((FULL, but("iam:DeleteUserPolicy"), but("iam:DeleteUserPolicy")), [("iam-delete-user-policy", START, False)]),
        (
            (doc(allow(["iam:DeleteUserPolicy", "iam:PutUserPolicy"])), doc(deny("iam:PutUserPolicy"))),
            [("iam-delete-user-policy", START, False), ("iam-007", START, False)],
        ),
        ((doc(allow("iam:DeleteUserPolicy")), doc(deny("iam:PutUserPolicy"))), []),
        (
            (FULL, doc(deny(None, NotAction="iam:DeleteUserPolicy"), allow("s3:*"))),
            [("iam-delete-user-policy", START, False)],
        ),
        ((doc(allow(), deny(None, NotAction="iam:DeleteUserPolicy")),), []),  # what allows it goes with it
        (
            (
                FULL,
                doc(
                    deny("*", when={"Bool": {"aws:ViaAWSService": "false"}}),
                    deny(None, NotAction="iam:DeleteUserPolicy"),
                ),
            ),
            [("iam-delete-user-policy", START, True)],
        ),
    ],
)
def test_a_user_takes_away_its_own_policy_that_denies(own: tuple[Any, ...], path: list[Any]) -> None:
    assert route(estate(user(START, *own))) == path


def test_a_role_takes_away_its_own_policy_that_denies() -> None:
    assert route(estate(role(START, FULL, but("iam:DeleteRolePolicy")))) == [("iam-delete-role-policy", START, False)]
    assert route(estate(role(START, FULL, but("iam:PutRolePolicy")))) == [("iam-005", START, False)]
    assert route(estate(role(START, FULL, but("iam:DeleteUserPolicy")))) == []


@pytest.mark.parametrize(
    ("action", "path"),
    [
        ("iam:DetachUserPolicy", [("iam-detach-user-policy", START, False)]),
        ("iam:CreatePolicyVersion", [("iam-001", START, False)]),
        ("iam:DeleteUserPolicy", []),
        ("iam:PutUserPolicy", []),  # another policy than the one that denies
    ],
)
def test_a_managed_policy_that_denies_is_detached_or_written_anew(action: str, path: list[Any]) -> None:
    denies = managed("denies", but(action))
    assert route(estate(user(START, FULL, managed=(denies,)), policies=(denies,))) == path


def test_what_may_be_detached_may_be_limited() -> None:
    denies = managed("denies", but("iam:DetachUserPolicy"))
    for name, path in (("denies", [("iam-detach-user-policy", START, False)]), ("other", [])):
        may = doc(allow("iam:DetachUserPolicy", when={"ArnEquals": {"iam:PolicyARN": arn("policy", name)}}))
        everything = doc(allow(None, NotAction="iam:DetachUserPolicy"))
        found = estate(user(START, everything, may, managed=(denies,)), policies=(denies,))
        assert route(found) == path


@pytest.mark.parametrize(
    ("action", "path"),
    [
        ("iam:RemoveUserFromGroup", [("iam-remove-user-from-group", START, False)]),
        ("iam:DeleteGroupPolicy", [("iam-delete-group-policy", START, False)]),
        ("iam:PutGroupPolicy", [("iam-011", START, False)]),
        ("iam:DetachGroupPolicy", []),
        ("iam:DeleteUserPolicy", []),
    ],
)
def test_a_group_that_denies_is_left_or_changed(action: str, path: list[Any]) -> None:
    quarantine = group("quarantine", but(action))
    assert route(estate(user(START, FULL, groups=(quarantine,)), groups=(quarantine,))) == path


def test_who_leaves_a_group_loses_what_it_allows() -> None:
    all_of_it = group("all", FULL, but("iam:RemoveUserFromGroup"))
    assert route(estate(user(START, groups=(all_of_it,)), groups=(all_of_it,))) == []


def test_a_managed_policy_of_a_group_is_detached_from_it() -> None:
    denies = managed("denies", but("iam:DetachGroupPolicy"))
    given = GroupPolicies(arn=arn("group", "g"), documents=(denies.versions[0].document,), attached=(denies.arn,))
    who = user(START, FULL, groups=(given,))
    assert route(estate(who, groups=(given,), policies=(denies,))) == [("iam-detach-group-policy", START, False)]
    both = user(START, FULL, groups=(given,), managed=(denies,))  # as the user has it besides
    assert route(estate(both, groups=(given,), policies=(denies,))) == []


def test_who_has_taken_a_deny_away_goes_on() -> None:
    start = user(START, doc(allow(["sts:AssumeRole", "iam:DeleteUserPolicy"])), doc(deny("sts:AssumeRole")))
    path = [("iam-delete-user-policy", START, False), ("sts-001", BOSS, False)]
    assert route(estate(start, boss(HOME))) == path
    within = user(START, FULL, but("iam:DeleteUserPolicy"), boundary=doc(allow("s3:*")))
    assert route(estate(within)) == []


@pytest.mark.parametrize(
    ("may", "path"),
    [
        (allow("iam:DetachRolePolicy"), [("iam-detach-role-policy+sts-001", "worker", False)]),
        (allow("iam:DetachRolePolicy", arn("role", "other")), []),
        (allow("iam:CreatePolicyVersion"), [("iam-016", "worker", False)]),
        (allow("iam:DeleteRolePolicy"), []),
        (allow("iam:PutRolePolicy"), []),
    ],
)
def test_what_denies_something_to_another_is_taken_away(may: dict[str, Any], path: list[Any]) -> None:
    denies = managed("denies", but("s3:*"))
    worker = role("worker", FULL, managed=(denies,), trusts=trust(HOME))
    assert route(estate(user(START, doc(may, allow("sts:AssumeRole"))), worker, policies=(denies,))) == path
    assert route(estate(user(START, doc(may)), worker, policies=(denies,))) == []


def test_another_is_freed_and_goes_on() -> None:
    start = user(START, doc(allow(["iam:DeleteRolePolicy", "sts:AssumeRole"], arn("role", "worker"))))
    worker = role("worker", doc(allow("sts:AssumeRole")), doc(deny("sts:AssumeRole")), trusts=trust(HOME))
    path = [("iam-delete-role-policy+sts-001", "worker", False), ("sts-001", BOSS, False)]
    assert route(estate(start, worker, boss(arn("role", "worker")))) == path


# ---------------------------------------------------------------- tags


def tagged(name: str, *policies: dict[str, Any], **tags: str) -> Identity:
    return user(name, *policies, tags=tags)


RED = {"StringEquals": {"aws:PrincipalTag/team": "red"}}


@pytest.mark.parametrize(
    ("own", "path"),
    [
        ((doc(allow(when=RED)), doc(allow("iam:TagUser", SELF))), [("iam-tag-user", START, False)]),
        ((doc(allow(when=RED)),), []),
        ((doc(allow(when=RED)), doc(allow("iam:TagUser", arn("user", "other")))), []),
        ((doc(allow(when=RED)), doc(allow("iam:TagRole"))), []),
        (
            (doc(allow(when=RED)), doc(allow("iam:TagUser", when={"StringEquals": {"aws:RequestTag/team": "blue"}}))),
            [],
        ),
        (
            (doc(allow(when=RED)), doc(allow("iam:TagUser", when={"StringEquals": {"aws:RequestTag/team": "red"}}))),
            [("iam-tag-user", START, False)],
        ),
        (
            (
                doc(allow(when=RED)),
                doc(allow("iam:TagUser", when={"ForAllValues:StringEquals": {"aws:TagKeys": ["cost"]}})),
            ),
            [],
        ),
        (
            (doc(allow(when={"StringLike": {"aws:PrincipalTag/team": "re*"}})), doc(allow("iam:TagUser"))),
            [("iam-tag-user", START, False)],
        ),
        (
            (FULL, doc(deny(None, NotAction="iam:TagUser", when={"StringNotEquals": RED["StringEquals"]}))),
            [("iam-tag-user", START, False)],
        ),
    ],
)
def test_a_user_that_tags_itself_is_who_its_policies_are_made_for(own: tuple[Any, ...], path: list[Any]) -> None:
    assert route(estate(tagged(START, *own, team="blue"))) == path


def test_a_role_that_trusts_a_tag_is_assumed_by_who_gives_itself_the_tag() -> None:
    trusting = role(BOSS, FULL, trusts=trust(HOME, when=RED))
    may = doc(allow(["sts:AssumeRole", "iam:TagUser"]))
    path = [("iam-tag-user", START, False), ("sts-001", BOSS, False)]
    assert route(estate(tagged(START, may, team="blue"), trusting)) == path
    assert route(estate(tagged(START, may, team="red"), trusting)) == [("sts-001", BOSS, False)]
    assert route(estate(tagged(START, doc(allow("sts:AssumeRole")), team="blue"), trusting)) == []


SAME = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ([], []),
        ([allow("iam:TagRole")], [("iam-tag-role+sts-001", BOSS, True)]),
        ([allow("iam:TagRole", arn("role", "other"))], []),
        ([allow("iam:TagUser", arn("user", "other"))], []),
        ([allow("iam:TagUser", SELF)], [("iam-tag-user", START, False), ("sts-001", BOSS, False)]),
    ],
)
def test_tags_that_are_asked_of_a_role_are_given_to_it_or_taken_on(more: list[Any], path: list[Any]) -> None:
    own = doc(allow("sts:AssumeRole", when=SAME), *more)
    found = estate(tagged(START, own, team="blue"), role(BOSS, FULL, trusts=trust(HOME), tags={"team": "red"}))
    assert route(found) == path


def test_a_role_that_is_changed_by_its_tag_is_tagged_before() -> None:
    red = {"StringEquals": {"iam:ResourceTag/team": "red"}}
    may = [allow("iam:PutRolePolicy", when=red), allow("sts:AssumeRole")]
    worker = role("worker", trusts=trust(HOME), tags={})
    assert route(estate(user(START, doc(*may)), worker)) == []
    assert route(estate(user(START, doc(*may, allow("iam:TagRole"))), worker)) == [
        ("iam-tag-role+iam-017", "worker", True)
    ]


def test_what_is_done_in_one_step_is_told_in_words() -> None:
    table = techniques()
    assert table.parts("iam-tag-role+iam-017") == ("iam-tag-role", "iam-005", "sts-001")
    assert table.title("iam-tag-role+iam-017").startswith("Give the role the tags that policies want; write an inline")
