"""IAM and Organizations: who may act, and the policies that say so."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record

__all__ = [
    "AttachedPolicy",
    "FederationProvider",
    "Group",
    "InlinePolicy",
    "ManagedPolicy",
    "ManagedVersion",
    "Organization",
    "OrganizationAccount",
    "OrganizationPolicy",
    "OrganizationalUnit",
    "PermissionsBoundary",
    "Role",
    "RoleLastUsed",
    "User",
]


class InlinePolicy(msgspec.Struct, frozen=True):
    """A policy embedded in a role, user or group; :data:`UNSET` as its document where that could not be read."""

    name: str
    document: PolicyText | UnsetType = UNSET


class AttachedPolicy(msgspec.Struct, rename="pascal", frozen=True):
    """Reference to a managed policy; the inventory may or may not hold the policy itself."""

    policy_arn: str
    policy_name: str = ""


class PermissionsBoundary(msgspec.Struct, rename="pascal", frozen=True):
    """Reference to the managed policy that bounds a role or user."""

    permissions_boundary_arn: str


class RoleLastUsed(msgspec.Struct, rename="pascal", frozen=True):
    """When (ISO 8601) and from which region a role was last used; empty where not within the tracking period."""

    last_used_date: str | None = None
    region: str | None = None


class Role(Record, kw_only=True, rename="pascal"):
    """A role (``iam.GetAccountAuthorizationDetails``).

    Attributes
    ----------
    trust_policy
        Who may assume it; :data:`UNSET` where the document could not be read.
    inline_policies, attached_policies
        :data:`UNSET` where the export does not show them.
    permissions_boundary
        ``None`` without one.
    """

    kind: ClassVar[Kind] = Kind.ROLE

    arn: str
    role_name: str = ""
    role_id: str | None = None
    path: str | None = None
    create_date: str | None = None
    permissions_boundary: PermissionsBoundary | None = None
    role_last_used: RoleLastUsed | None = None
    trust_policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__trust_policy")
    inline_policies: tuple[InlinePolicy, ...] | UnsetType = msgspec.field(default=UNSET, name="__inline_policies")
    attached_policies: tuple[AttachedPolicy, ...] | UnsetType = msgspec.field(default=UNSET, name="__attached_policies")
    instance_profiles: tuple[str, ...] | UnsetType = msgspec.field(default=UNSET, name="__instance_profiles")


class User(Record, kw_only=True, rename="pascal"):
    """A user (``iam.GetAccountAuthorizationDetails``); ``groups`` are names."""

    kind: ClassVar[Kind] = Kind.USER

    arn: str
    user_name: str = ""
    user_id: str | None = None
    path: str | None = None
    create_date: str | None = None
    permissions_boundary: PermissionsBoundary | None = None
    inline_policies: tuple[InlinePolicy, ...] | UnsetType = msgspec.field(default=UNSET, name="__inline_policies")
    attached_policies: tuple[AttachedPolicy, ...] | UnsetType = msgspec.field(default=UNSET, name="__attached_policies")
    groups: tuple[str, ...] | UnsetType = msgspec.field(default=UNSET, name="__groups")


class Group(Record, kw_only=True, rename="pascal"):
    """A group (``iam.GetAccountAuthorizationDetails``)."""

    kind: ClassVar[Kind] = Kind.GROUP

    arn: str
    group_name: str = ""
    group_id: str | None = None
    path: str | None = None
    create_date: str | None = None
    inline_policies: tuple[InlinePolicy, ...] | UnsetType = msgspec.field(default=UNSET, name="__inline_policies")
    attached_policies: tuple[AttachedPolicy, ...] | UnsetType = msgspec.field(default=UNSET, name="__attached_policies")


class ManagedVersion(msgspec.Struct, frozen=True):
    """A version of a managed policy; :data:`UNSET` as its document where that could not be read."""

    id: str
    document: PolicyText | UnsetType = UNSET


class ManagedPolicy(Record, kw_only=True, rename="pascal"):
    """A managed policy, the client's or AWS's (``iam.GetAccountAuthorizationDetails``).

    Attributes
    ----------
    document
        Of the default version; :data:`UNSET` where it was not shown or could not be read.
    versions
        The other versions, which do not count as long as nobody makes one of them the default.
    """

    kind: ClassVar[Kind] = Kind.MANAGED_POLICY

    arn: str
    policy_name: str = ""
    policy_id: str | None = None
    path: str | None = None
    default_version_id: str | None = None
    attachment_count: int | None = None
    permissions_boundary_usage_count: int | None = None
    is_attachable: bool | None = None
    description: str | None = None
    create_date: str | None = None
    update_date: str | None = None
    document: PolicyText | UnsetType = msgspec.field(default=UNSET, name="__document")
    versions: tuple[ManagedVersion, ...] = msgspec.field(default=(), name="__versions")


class FederationProvider(Record, kw_only=True, rename="pascal"):
    """An identity provider (``iam.ListOpenIDConnectProviders``, ``iam.ListSAMLProviders``).

    Its name is what stands behind ``oidc-provider/`` or ``saml-provider/`` in its ARN.
    """

    kind: ClassVar[Kind] = Kind.FEDERATION

    arn: str


class PolicyType(msgspec.Struct, rename="pascal", frozen=True):
    """A type of policy and whether a root has it switched on (``"ENABLED"``)."""

    type: str | None = None
    status: str | None = None


class Organization(Record, kw_only=True, rename="pascal"):
    """The organization (``organizations.DescribeOrganization``).

    Attributes
    ----------
    feature_set
        ``"ALL"``, or ``"CONSOLIDATED_BILLING"``, which has no policies.
    """

    kind: ClassVar[Kind] = Kind.ORGANIZATION

    arn: str
    feature_set: str | None = None
    master_account_id: str | None = None


class OrganizationAccount(Record, kw_only=True, rename="pascal"):
    """An account of the organization (``organizations.ListAccounts``).

    Attributes
    ----------
    parent
        Id of the unit or root it hangs on (``organizations.ListParents``, or the account's path).
    paths
        Ids from the organization down to the account, where the listing shows them.
    """

    kind: ClassVar[Kind] = Kind.ACCOUNT

    arn: str
    status: str | None = None
    paths: tuple[str, ...] = ()
    account_id: str = msgspec.field(default="", name="Id")
    parent: str | UnsetType = msgspec.field(default=UNSET, name="__parent")


class OrganizationalUnit(Record, kw_only=True, rename="pascal"):
    """A unit or a root of the organization (``organizations.ListRoots``).

    Also (``organizations.ListOrganizationalUnitsForParent``, ``organizations.ListParents``), and the accounts' paths.

    Its id is the service's own: ``"ou-..."`` or ``"r-..."``.

    Attributes
    ----------
    parent
        Id of the unit or root above; ``None`` for a root.
    policy_types
        Of a root: which policies are switched on.
    """

    kind: ClassVar[Kind] = Kind.ORGANIZATIONAL_UNIT

    arn: str | None = None
    policy_types: tuple[PolicyType, ...] = ()
    parent: str | UnsetType | None = msgspec.field(default=UNSET, name="__parent")


class OrganizationPolicy(Record, kw_only=True, rename="pascal"):
    """A policy of the organization (``organizations.ListPolicies``, ``organizations.DescribePolicy``).

    Attributes
    ----------
    type
        ``"SERVICE_CONTROL_POLICY"``, ``"RESOURCE_CONTROL_POLICY"`` or another.
    document
        :data:`UNSET` where it was not shown or could not be read.
    targets
        Ids of accounts, units and roots it is attached to (``organizations.ListTargetsForPolicy``).
    """

    kind: ClassVar[Kind] = Kind.ORGANIZATION_POLICY

    arn: str
    type: str | None = None
    aws_managed: bool | None = None
    description: str | None = None
    policy_id: str = msgspec.field(default="", name="Id")
    document: PolicyText | UnsetType = msgspec.field(default=UNSET, name="__document")
    targets: tuple[str, ...] | UnsetType = msgspec.field(default=UNSET, name="__targets")
