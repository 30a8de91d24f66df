"""What a relation is between: principals and targets with their policies, what is known of requests, and grants."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.policy.conditions import Context
from auditkit.policy.decision import Outcome, StatementRef
from auditkit.policy.documents import Document
from auditkit.policy.matching import parse_arn
from auditkit.policy.principals import Principal, PrincipalType
from auditkit.policy.request import Levels
from auditkit.policy.resources import Access

__all__ = [
    "Grant",
    "PrincipalPolicies",
    "TargetPolicies",
    "audit_context",
    "known_of_place",
    "known_of_principal",
    "known_of_resource",
    "place_context",
]


class PrincipalPolicies(msgspec.Struct, frozen=True, kw_only=True):
    """A principal with the policies that bear on it; ``UNSET`` is *not seen*, ``None`` is *there is none*.

    Attributes
    ----------
    arn, account
        Of the user or role (or a role session).
    identity
        Inline and managed policies, of the groups as well.
    boundary
        Permissions boundary.
    scps
        Service control policies by level, root first; None for no organization, or its management account.
    trust
        Trust policy of a role; the role is then a target too.
    context
        Condition keys known of it: ``{"aws:PrincipalTag/team": "orders", "aws:PrincipalOrgID": "o-..."}``.
    """

    arn: str
    account: str = ""
    identity: tuple[Document, ...] | UnsetType = ()
    boundary: Document | UnsetType | None = None
    scps: Levels | UnsetType | None = UNSET
    trust: Document | UnsetType | None = None
    context: Mapping[str, Any] = {}


class TargetPolicies(msgspec.Struct, frozen=True, kw_only=True):
    """A resource with the policies that bear on it; ``UNSET`` is *not seen*, ``None`` is *there is none*.

    Attributes
    ----------
    arn, account
        Of the resource; the account where the ARN has none (buckets).
    resource_policy
        Its own policy; a role's is its trust policy, a key's its key policy.
    key_arn
        Customer-managed key that its data is encrypted with: reading then needs ``kms:Decrypt`` on it as well. None
        where there is none, or where AWS manages it.
    rcps
        Resource control policies of its account by level, root first; None for no organization, or its management
        account.
    context
        Condition keys known of it: ``{"aws:ResourceTag/team": "orders"}``.
    """

    arn: str
    account: str = ""
    resource_policy: Document | UnsetType | None = UNSET
    key_arn: str | None = None
    rcps: Levels | UnsetType | None = UNSET
    context: Mapping[str, Any] = {}

    @property
    def owner(self) -> str:
        """Account of the resource, ``""`` where it is not known."""
        if self.account:
            return self.account
        arn = parse_arn(self.arn)
        return arn.account if arn else ""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a principal may do, or may be able to do, to a resource.

    Attributes
    ----------
    principal
        ARN of a principal that was given; or, from a resource policy alone: ``"*"`` (anyone), an account's number, the
        ARN of a foreign principal, the name of a service, a federation.
    target
        ARN of the resource as it was given.
    resource
        What the request was about: the target, or something in it (an object of a bucket, an alias of a function).
    action, access
        The action, and what it lets one do.
    outcome
        ``ALLOW``, ``CONDITIONAL`` or ``UNKNOWN``.
    statements
        The statements that allow it, or that it hangs on.
    keys, missing
        Condition keys and layers that it hangs on.
    """

    principal: str
    target: str
    resource: str
    action: str
    access: Access
    outcome: Outcome
    statements: tuple[StatementRef, ...] = ()
    keys: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


_TYPES = {
    PrincipalType.USER: "User",
    PrincipalType.ROLE: "AssumedRole",
    PrincipalType.SESSION: "AssumedRole",
    PrincipalType.ROOT: "Account",
    PrincipalType.FEDERATED_USER: "FederatedUser",
}
_OF_SERVICES = (
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
)
_OF_IDENTITIES = (
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:username",
)


def known_of_principal(who: Principal) -> dict[str, Any]:
    """Return the condition keys that follow from who asks; None is absent."""
    if who.type is PrincipalType.SERVICE:
        known = {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": who.id}
        return dict.fromkeys(_OF_IDENTITIES) | known
    if not who.of_an_account:
        return {}
    known = {
        "aws:PrincipalAccount": who.account,
        "kms:CallerAccount": who.account,
        "aws:PrincipalIsAWSService": "false",
    }
    if who.type in _TYPES:
        known["aws:PrincipalType"] = _TYPES[who.type]
        if who.type is not PrincipalType.SESSION:  # there it is the role's ARN, whose path a session does not tell
            known["aws:PrincipalArn"] = who.id
    keys: dict[str, Any] = dict.fromkeys(_OF_SERVICES) | known
    if who.type is not PrincipalType.ACCOUNT:
        keys["aws:username"] = who.name if who.type is PrincipalType.USER else None
    return keys


def known_of_resource(resource: str, owner: str) -> dict[str, Any]:
    """Return the condition keys that follow from the ARN and the account of a resource."""
    arn = parse_arn(resource)
    return known_of_place("" if arn is None else arn.region, owner)


def known_of_place(region: str, owner: str) -> dict[str, Any]:
    """Return the condition keys that follow from where a resource is: region and account, ``""`` where not known."""
    keys = {"aws:ResourceAccount": owner} if owner else {}
    if region:
        keys["aws:RequestedRegion"] = region
    return keys


def audit_context(who: Principal, resource: str, owner: str, *extra: Mapping[str, Any]) -> Context:
    """Return what an audit knows of a request's condition keys; all others are unknown.

    Keys of the source (``aws:SourceArn`` and the like) are set where a service calls for somebody, and for it alone.

    Parameters
    ----------
    who
        The principal; the anonymous one stands for anyone, of whom nothing is known.
    resource, owner
        ARN and account of the resource; ``""`` where the account is not known.
    *extra
        Further keys; they win over the derived ones, the last over the others.
    """
    arn = parse_arn(resource)
    return place_context(who, "" if arn is None else arn.region, owner, *extra)


def place_context(who: Principal, region: str, owner: str, *extra: Mapping[str, Any]) -> Context:
    """Return :func:`audit_context` of a request about something in a region, ``""`` where that is not known."""
    keys = known_of_principal(who) | known_of_place(region, owner)
    for more in extra:
        keys.update(more)
    return Context(keys, complete=False)
