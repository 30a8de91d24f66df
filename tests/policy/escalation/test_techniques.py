"""Every technique of the table: it works, and stops working where a permission is cut off."""

import csv
from pathlib import Path
from typing import Any

import pytest

from auditkit.policy.escalation import Estate, GroupPolicies, Identity, techniques
from auditkit.policy.escalation.techniques import Become, Change, Modify, Pass, Technique, Way
from tests.policy.cases import FULL, HOME, allow, deny, doc
from tests.policy.escalation.building import (
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
    workload,
)

FACTS = Path(__file__).parents[4] / "shared" / "facts" / "escalation_paths.csv"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OTHERWISE = doc(allow(None, NotAction="iam:*Boundary"))

CASES = [
    pytest.param(technique, way, id=f"{way.id}-{place}")
    for technique in techniques()
    for place, way in enumerate(technique.ways)
]


def needs(technique: Technique, way: Way) -> list[str]:
    return [*(["iam:PassRole"] if isinstance(technique, Pass) else []), *way.permissions]


def grant(technique: Technique, actions: list[str], **more: Any) -> dict[str, Any]:
    """Return a statement that allows actions; on what is newly made, not on oneself."""
    made = getattr(technique, "effect", "") == "fresh" and not technique.outside  # type: ignore[attr-defined]
    return allow(actions, [arn("user", "made-*"), arn("role", "made-*")] if made else "*", **more)


def world(technique: Technique, way: Way, *policies: dict[str, Any], **more: Any) -> Estate:
    """Return an account in which one principal can do just one thing to become an administrator."""
    if isinstance(technique, Modify):
        return _modified(technique, way, *policies, **more)
    workloads, seen = [], {(HOME, way.exists)}
    if way.exists:
        workloads.append(workload(way.exists, f"arn:aws:x:eu-west-1:{HOME}:there", None))
    if isinstance(technique, Change):
        workloads.append(workload(technique.kind, _place(technique), arn("role", "boss")))
        seen.add((HOME, technique.kind))
    return estate(user(START, *policies, **more), _target(technique), workloads=tuple(workloads), seen=frozenset(seen))


def _place(technique: Change) -> str:
    """Return the ARN of a workload that the technique changes."""
    template = next(iter(techniques().templates[technique.ways[0].permissions[0].lower()].values()))
    return template.format(partition="aws", region="eu-west-1", account=HOME, name="there")


def _target(technique: Technique) -> Identity:
    """Return an administrator whom the technique leads to."""
    match technique:
        case Pass(federated=True):
            trusts = trust(f"federated:{technique.services[0]}", action="sts:AssumeRoleWithWebIdentity")
            return role("boss", FULL, trusts=trusts)
        case Pass() | Change():
            return boss(technique.services[0])
        case Become(target="user"):
            return user("boss", FULL)
    return boss("ec2.amazonaws.com" if getattr(technique, "trust", "") else HOME)


def _modified(technique: Modify, way: Way, *policies: dict[str, Any], **more: Any) -> Estate:
    made = role if technique.target == "role" else user
    if technique.effect == "unbound":
        bound = {"boundary": doc(allow(way.permissions[0]))}
        return estate(made(START, *policies, OTHERWISE, **(bound | more)))
    if technique.effect == "freed":
        return _denied(technique, way, *policies, **more)
    if technique.effect == "tagged":
        red = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
        rest = doc(allow(None, NotAction=list(way.permissions), when=red))
        return estate(made(START, *policies, rest, tags={"team": "blue"}, **more))
    if technique.effect == "join":
        return estate(user(START, *policies, **more), groups=(group("boss", FULL),))
    if technique.effect == "made":
        limit = {"ArnLike": {"iam:PolicyARN": arn("policy", "*")}}
        return estate(user(START, *policies, doc(allow("iam:AttachUserPolicy", when=limit)), **more))
    if technique.target == "group":
        own = (group("own"),)
        return estate(user(START, *policies, groups=own, **more), groups=own)
    if technique.target == "policy":
        held = (managed("own", doc(), FULL),)
        return estate(user(START, *policies, managed=held, **more), policies=held)
    return estate(made(START, *policies, **more))


def _denied(technique: Modify, way: Way, *policies: dict[str, Any], **more: Any) -> Estate:
    """Return an account in which somebody could do everything, but for a policy that it can take away."""
    rest, denies = doc(allow(None, NotAction=list(way.permissions))), doc(deny(None, NotAction=list(way.permissions)))
    held = (managed("denies", denies),) if technique.attaches else ()
    if technique.target != "group":
        made = role if technique.target == "role" else user
        inline = () if technique.attaches else (denies,)
        return estate(made(START, *policies, rest, *inline, managed=held, **more), policies=held)
    own = GroupPolicies(
        arn=arn("group", "own"),
        documents=tuple(one.versions[0].document for one in held) or group("own", denies).documents,
        attached=tuple(one.arn for one in held),
    )
    return estate(user(START, *policies, rest, groups=(own,), **more), groups=(own,), policies=held)


def unsure(technique: Technique) -> bool:
    """Whether a technique is conditional by its nature: it hangs on what an account does not show."""
    return bool(getattr(technique, "closed", "") or getattr(technique, "outside", False))


@pytest.mark.parametrize(("technique", "way"), CASES)
def test_who_has_the_permissions_becomes_an_administrator(technique: Technique, way: Way) -> None:
    path = route(world(technique, way, doc(grant(technique, needs(technique, way)))))
    assert [(name, doubt) for name, _, doubt in path] == [(way.id, unsure(technique))]


@pytest.mark.parametrize(("technique", "way"), CASES)
def test_without_one_of_the_permissions_there_is_no_such_path(technique: Technique, way: Way) -> None:
    for lacking in needs(technique, way):
        others = [action for action in needs(technique, way) if action != lacking]
        path = route(
            world(technique, way, doc(*([grant(technique, others)] if others else []), deny("iam:CreateUser", "*")))
        )
        assert way.id not in {name for name, _, _ in path} or _again(technique, way, others)


def _again(technique: Technique, way: Way, left: list[str]) -> bool:
    """Whether another set of permissions by the same name is left."""
    return any(other.id == way.id and set(needs(technique, other)) <= set(left) for other in technique.ways)


@pytest.mark.parametrize(("technique", "way"), CASES)
def test_a_deny_cuts_the_path(technique: Technique, way: Way) -> None:
    for action in needs(technique, way):
        found = world(technique, way, doc(grant(technique, needs(technique, way)), deny(action)))
        assert way.id not in {name for name, _, _ in route(found)}


@pytest.mark.parametrize(("technique", "way"), CASES)
def test_a_boundary_and_an_organization_cut_the_path(technique: Technique, way: Way) -> None:
    permissions = doc(grant(technique, needs(technique, way)))
    but = doc(allow(), deny(needs(technique, way)[0]))
    assert way.id not in {name for name, _, _ in route(world(technique, way, permissions, boundary=but))}
    assert way.id not in {name for name, _, _ in route(world(technique, way, permissions, scps=[[but]]))}


@pytest.mark.parametrize(("technique", "way"), CASES)
def test_a_condition_makes_it_conditional(technique: Technique, way: Way) -> None:
    path = route(world(technique, way, doc(grant(technique, needs(technique, way), when=MFA))))
    assert [(name, doubt) for name, _, doubt in path] == [(way.id, True)]


@pytest.mark.parametrize(("technique", "way"), CASES)
def test_a_condition_that_cannot_be_met_cuts_the_path(technique: Technique, way: Way) -> None:
    never = {"StringEquals": {"aws:PrincipalAccount": "999988887777"}}
    path = route(world(technique, way, doc(grant(technique, needs(technique, way), when=never))))
    assert path == []


def test_the_table_stands_for_every_row_of_the_catalogues() -> None:
    if not FACTS.exists():
        pytest.skip("the facts are not here")
    rows = {row["id"] for row in csv.DictReader(FACTS.read_text(encoding="utf-8").splitlines())}
    assert rows <= {row for covered in techniques().covers.values() for row in covered}
