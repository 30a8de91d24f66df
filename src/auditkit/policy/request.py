"""What the evaluator is asked: a request, and the policies that bear on it."""

import msgspec
from msgspec import UnsetType

from auditkit.policy.conditions import Context
from auditkit.policy.documents import Document
from auditkit.policy.matching import parse_arn
from auditkit.policy.principals import Principal

__all__ = ["Levels", "PolicySet", "Request"]

Levels = tuple[tuple[Document, ...], ...]
"""Policies of an organization by level, root first; ``()`` is no organization, an empty level denies."""

_AWS_OWNED = "aws"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request.

    Attributes
    ----------
    principal
        Who asks.
    action
        ``"service:Action"``; case does not matter.
    resource
        ARN of the resource, or ``"*"`` for an action that knows no resources.
    resource_account
        Account that owns the resource; None takes it from the ARN, and else from the principal.
    context
        Condition keys, complete or open.
    wildcard_only
        Whether the action knows no resources, so that only a ``Resource`` of ``*`` covers it.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str | None = None
    context: Context = msgspec.field(default_factory=Context)
    wildcard_only: bool = False

    @property
    def service(self) -> str:
        """Service of the action, in lower case."""
        return self.action.partition(":")[0].lower()

    @property
    def target(self) -> str:
        """What ``Resource`` elements are matched with: ``"*"`` for an action that knows no resources."""
        return "*" if self.wildcard_only else self.resource

    @property
    def owner(self) -> str:
        """Account of the resource; what AWS itself owns (managed policies) counts as the principal's own."""
        if self.resource_account:
            return self.resource_account
        arn = parse_arn(self.resource)
        if arn is None or arn.account in {"", "*", _AWS_OWNED}:
            return self.principal.account
        return arn.account

    @property
    def same_account(self) -> bool:
        """Whether principal and resource belong to one account."""
        return self.principal.account == self.owner


class PolicySet(msgspec.Struct, frozen=True, kw_only=True):
    """The policies that bear on a request; ``UNSET`` says that a layer was not available.

    Attributes
    ----------
    identity
        Policies of the principal, groups' and managed ones included.
    boundary
        Permissions boundary; None where there is none, ``()`` where there is one that allows nothing.
    session
        Session policy, None where none was passed.
    resource
        Policy of the resource: bucket, queue, topic, key, function ... policy, or a role's trust policy; None where
        there is none.
    scp
        Service control policies of the principal's account.
    rcp
        Resource control policies of the resource's account, without the implied ``RCPFullAWSAccess``.
    endpoint
        Policy of the VPC endpoint the request came through, None where it came through none.
    """

    identity: tuple[Document, ...] | UnsetType = ()
    boundary: tuple[Document, ...] | UnsetType | None = None
    session: tuple[Document, ...] | UnsetType | None = None
    resource: Document | UnsetType | None = None
    scp: Levels | UnsetType = ()
    rcp: Levels | UnsetType = ()
    endpoint: tuple[Document, ...] | UnsetType | None = None
