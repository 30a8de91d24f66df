"""Accounts for the tests of escalation, in a few words."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from auditkit.policy import PolicyKind, PrincipalPolicies, parse
from auditkit.policy.escalation import (
    Escalation,
    Escalations,
    Estate,
    GroupPolicies,
    Identity,
    ManagedVersions,
    PolicyVersion,
    Workload,
)
from tests.policy.cases import FULL, HOME, doc

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
START, BOSS = "start", "boss"


def arn(kind: str, name: str, account: str = HOME) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def trust(*who: str, action: str = "sts:AssumeRole", when: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a trust policy: ARNs and account numbers, or names of services; ``federated:`` before a provider's."""
    statements = []
    for one in who:
        kind = "Federated" if one.startswith("federated:") else "Service" if one.endswith(".amazonaws.com") else "AWS"
        named = {"Effect": "Allow", "Action": action, "Principal": {kind: one.removeprefix("federated:")}}
        statements.append(named | ({"Condition": dict(when)} if when else {}))
    return doc(*statements)


def _made(
    kind: str,
    name: str,
    policies: tuple[dict[str, Any], ...] = (),
    *,
    trusts: dict[str, Any] | None = None,
    boundary: dict[str, Any] | None = None,
    boundary_arn: str = "",
    scps: Any = None,
    groups: tuple[GroupPolicies, ...] = (),
    managed: tuple[ManagedVersions, ...] = (),
    profile: bool | UnsetType = True,
    tags: Mapping[str, str] | None = None,
    account: str = HOME,
) -> Identity:
    documents = [
        parse(policy, kind=PolicyKind.IDENTITY, name=f"inline-{place}") for place, policy in enumerate(policies)
    ]
    documents += [document for group in groups for document in group.documents]
    documents += [version.document for policy in managed for version in policy.versions if version.id == policy.default]
    bound = parse(boundary, kind=PolicyKind.BOUNDARY) if boundary is not None else None
    if scps is not None and scps is not UNSET:
        scps = tuple(tuple(parse(policy, kind=PolicyKind.SCP) for policy in level) for level in scps)
    return Identity(
        policies=PrincipalPolicies(
            arn=arn(kind, name, account),
            account=account,
            identity=tuple(documents),
            boundary=bound,
            scps=scps,
            trust=parse(trusts, kind=PolicyKind.RESOURCE) if trusts is not None else None,
        ),
        attached=tuple(policy.arn for policy in managed),
        groups=tuple(group.arn for group in groups),
        boundary_arn=boundary_arn or (arn("policy", "bound") if bound else ""),
        profiles=profile
        if isinstance(profile, UnsetType)
        else (arn("instance-profile", name),)
        if kind == "role" and profile
        else (),
        tags={} if tags is None else tags,
    )


def user(name: str, *policies: dict[str, Any], **more: Any) -> Identity:
    return _made("user", name, policies, **more)


def role(name: str, *policies: dict[str, Any], trusts: dict[str, Any] | None = None, **more: Any) -> Identity:
    return _made("role", name, policies, trusts=trusts if trusts is not None else trust("ec2.amazonaws.com"), **more)


def group(name: str, *policies: dict[str, Any]) -> GroupPolicies:
    documents = tuple(parse(policy, kind=PolicyKind.IDENTITY, name=name) for policy in policies)
    return GroupPolicies(arn=arn("group", name), documents=documents)


def managed(name: str, *versions: dict[str, Any]) -> ManagedVersions:
    """Return a managed policy whose first version counts."""
    where = arn("policy", name)
    made = tuple(
        PolicyVersion(f"v{place}", parse(version, kind=PolicyKind.IDENTITY, name=where))
        for place, version in enumerate(versions, 1)
    )
    return ManagedVersions(arn=where, default="v1", versions=made, tags={})


def workload(kind: str, where: str, runs_as: str | UnsetType | None, **more: Any) -> Workload:
    return Workload(arn=where, kind=kind, account=HOME, role_arn=runs_as, tags={}, **more)


def boss(*trusted: str, **more: Any) -> Identity:
    """Return a role that is an administrator."""
    return role(BOSS, FULL, trusts=trust(*trusted) if trusted else None, **more)


def estate(*identities: Identity, **more: Any) -> Estate:
    return Estate(identities=identities, **more)


def told(found: Estate) -> dict[str, Escalation]:
    """Return what is found, by the name of the principal."""
    return {one.principal.rpartition("/")[2]: one for one in Escalations(found).principals}


def route(found: Estate, name: str = START) -> list[tuple[str, str, bool]]:
    """Return the path of one principal: technique, whom it leads to, and whether it is conditional."""
    path = told(found)[name].path
    return [(step.technique, step.target.rpartition("/")[2], step.conditional) for step in path]
