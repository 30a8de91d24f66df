"""What escalation is looked for in: users and roles with their policies, groups, managed policies, and workloads."""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.policy.documents import Document
from auditkit.policy.request import Levels
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["Estate", "GroupPolicies", "Identity", "ManagedVersions", "PolicyVersion", "Workload"]

Tags = Mapping[str, str]


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A user or a role; ``UNSET`` is *not seen*.

    Attributes
    ----------
    policies
        Its policies, those of its groups among them; the trust policy of a role.
    attached
        ARNs of the managed policies attached to it, not by way of a group.
    groups
        ARNs of the groups it is in.
    boundary_arn
        ARN of the managed policy that bounds it, ``""`` without one.
    profiles
        ARNs of the instance profiles that a role is in.
    tags
        Its tags, which are keys of conditions on it as a principal and as a resource.
    rcps
        Resource control policies of its account, level by level; None where there are none.
    """

    policies: PrincipalPolicies
    attached: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    boundary_arn: str = ""
    profiles: tuple[str, ...] | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    rcps: Levels | UnsetType | None = None

    @property
    def arn(self) -> str:
        """ARN of the user or role."""
        return self.policies.arn


class GroupPolicies(msgspec.Struct, frozen=True, kw_only=True):
    """A group: its inline and managed policies, and the ARNs of the managed ones."""

    arn: str
    documents: tuple[Document, ...] = ()
    attached: tuple[str, ...] = ()


class PolicyVersion(msgspec.Struct, frozen=True):
    """One version of a managed policy."""

    id: str
    document: Document


class ManagedVersions(msgspec.Struct, frozen=True, kw_only=True):
    """A customer-managed policy.

    Attributes
    ----------
    arn
        Its ARN; documents of principals that came from it bear it as their ``name``.
    default
        Id of the version that counts, None where it is not known.
    versions
        All of them, as far as they were seen.
    tags
        Tags of the policy.
    """

    arn: str
    default: str | None = None
    versions: tuple[PolicyVersion, ...] = ()
    tags: Tags | UnsetType = UNSET


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """Something that runs in a role: a function, a stack, an instance.

    Attributes
    ----------
    arn, account
        Its ARN, and the account it is in.
    kind
        As the techniques name it: ``"function"``, ``"build project"``, ``"stack"`` ...
    role_arn
        The role, None where it has none, UNSET where that was not seen.
    tags
        Tags of the resource.
    policy
        Policy of the resource, which may let others change it; None without one.
    """

    arn: str
    kind: str
    account: str
    role_arn: str | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    policy: Document | UnsetType | None = None


class Estate(msgspec.Struct, frozen=True, kw_only=True):
    """One or more accounts.

    Attributes
    ----------
    identities, groups, policies, workloads
        What there is.
    seen
        Account and kind of what was listed in full; of the kinds that are not here there may be more.
    """

    identities: tuple[Identity, ...] = ()
    groups: tuple[GroupPolicies, ...] = ()
    policies: tuple[ManagedVersions, ...] = ()
    workloads: tuple[Workload, ...] = ()
    seen: frozenset[tuple[str, str]] = frozenset()
