"""Where there is too much to look at: what is alike is looked at once, and what is left out is told."""

from typing import Any
from unittest import mock

import pytest

from auditkit.policy.escalation import gathering, together
from tests.policy.cases import HOME, allow, doc
from tests.policy.escalation.building import BOSS, START, arn, boss, estate, role, told, trust, user

MANY = 40


def bounded(number: int, *more: dict[str, Any]) -> Any:
    """Return a role that who starts may change and become; its boundary lets it be nothing much."""
    bound = doc(allow("s3:*", f"arn:aws:s3:::{number}/*"), *more)
    return role(f"bounded-{number:02}", boundary=bound, trusts=trust(arn("user", START)))


def changing(*roles: Any) -> Any:
    own = doc(allow("iam:PutRolePolicy", arn("role", "bounded-*")))
    return estate(user(START, own), boss(arn("role", "bounded-39")), *roles)


ASSUME = allow("sts:AssumeRole", arn("role", BOSS))


def test_all_who_may_do_the_same_once_changed_are_looked_at_as_one() -> None:
    same = doc(allow("s3:*"))
    alike = [role(f"bounded-{number:02}", boundary=same, trusts=trust(arn("user", START))) for number in range(MANY)]
    found = told(changing(*alike[:-1], bounded(39, ASSUME)))[START]
    assert [step.target.rpartition("/")[2] for step in found.path] == ["bounded-39", BOSS]
    assert not found.cut


def test_more_kinds_than_are_looked_at_are_told() -> None:
    found = told(changing(*(bounded(number) for number in range(MANY))))
    assert (found[START].path, found[START].cut) == ((), True)
    assert not found["bounded-01"].cut  # it can change nobody
    few = told(changing(*(bounded(number) for number in range(3))))
    assert (few[START].path, few[START].cut) == ((), False)


def test_who_leads_to_one_who_is_cut_off_is_cut_off_too() -> None:
    before = user("before", doc(allow("iam:CreateAccessKey", arn("user", START))))
    there = changing(*(bounded(number) for number in range(MANY)))
    found = told(estate(before, user("other"), *there.identities))
    assert {name for name, one in found.items() if one.cut} == {START, "before"}


def held(count: int) -> Any:
    """Return an account in which who starts can become many roles, of which two could do something together."""
    one = doc(allow(["iam:PassRole", "lambda:CreateFunction"], "*"))
    roles = [role(f"r{number:03}", trusts=trust(HOME)) for number in range(count)]
    makes, runs = (
        role("a", one, trusts=trust(HOME)),
        role("z", doc(allow("lambda:InvokeFunction", "*")), trusts=trust(HOME)),
    )
    return estate(
        user(START, doc(allow("sts:AssumeRole", "*"))), boss("lambda.amazonaws.com"), makes, *roles, runs,
        seen=frozenset({(HOME, "function")}),
    )  # fmt: skip


@pytest.mark.parametrize(("most", "cut"), [(100, False), (5, True)])
def test_more_who_are_held_than_are_looked_at_are_told(most: int, *, cut: bool) -> None:
    with mock.patch.object(gathering, "_MOST", most):
        found = told(held(20))[START]
    assert (bool(found.path), found.cut) == (not cut, cut)


@pytest.mark.parametrize(("most", "cut"), [(100, False), (5, True)])
def test_more_helpers_than_are_asked_are_told(most: int, *, cut: bool) -> None:
    elsewhere = doc(allow("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{HOME}:function:old-*"))
    helpers = [role(f"r{number}", elsewhere, trusts=trust(HOME)) for number in range(9)]
    makes = doc(allow("iam:PassRole", "*"), allow("lambda:CreateFunction", f"arn:aws:lambda:*:{HOME}:function:new-*"))
    start = user(START, doc(allow("sts:AssumeRole", "*")))
    there = estate(start, boss("lambda.amazonaws.com"), role("a", makes, trusts=trust(HOME)), *helpers)
    with mock.patch.object(together, "_MOST", most):
        found = told(estate(*there.identities, seen=frozenset({(HOME, "function")})))[START]
    assert (found.path, found.cut) == ((), cut)
