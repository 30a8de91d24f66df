"""The policies of an inventory, handed to the policy engine: whose they are, and what they bear on."""

from collections.abc import Iterator
from functools import cached_property

from auditkit._garbage import no_collection
from auditkit.graph._key_grants import with_grants
from auditkit.inventory import STORE_KINDS, UNSET, Inventory, Kind, PolicyText, Record, Source, UnsetType
from auditkit.inventory.arn import arn_of, parse_arn
from auditkit.inventory.organization import PolicyType, control_policies
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import (
    AttachedPolicy,
    Group,
    InlinePolicy,
    ManagedPolicy,
    Organization,
    PermissionsBoundary,
    Role,
    User,
)
from auditkit.inventory.records.keys import Key, KeyMetadata, Secret
from auditkit.policy import Document, Levels, PolicyKind, PrincipalPolicies, TargetPolicies, parse

__all__ = ["QUALIFIED", "Policies"]

_TARGETS = STORE_KINDS | {Kind.FUNCTION, Kind.STATE_MACHINE, Kind.DATABASE_PROXY}
QUALIFIED = frozenset({Kind.FUNCTION_VERSION, Kind.FUNCTION_ALIAS})
"""Kinds that are versions or aliases of another."""

_OF_INSTANCES = (
    "ec2:RoleDelivery",
    "ec2:SourceInstanceARN",
    "aws:Ec2InstanceSourceVpc",
    "aws:Ec2InstanceSourcePrivateIPv4",
)
"""Condition keys that requests with the credentials of an EC2 instance have, and no others."""

_KEYS = ("kms_key_arn", "kms_key_id", "kms_key_identifier", "key_id")
_KEY_HOLDERS = ("attributes", "sse_description", "delivery_stream_encryption_configuration", "encryption_configuration")
_NESTED_KEYS = ("kms_master_key_id", "kms_master_key_arn", "key_arn", "kms_key")


class Policies:
    """The policies of an inventory.

    Parameters
    ----------
    inventory
        With the policies as far as they were exported.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._documents: dict[tuple[int, PolicyKind], Document] = {}
        self._controls: dict[tuple[str, PolicyType], Levels | UnsetType | None] = {}
        self._organization = _organization_id(inventory)
        self._managed = {policy.arn: policy for policy in inventory.of(ManagedPolicy)}
        self._groups = {(group.account, group.name): group for group in inventory.of(Group)}

    # ------------------------------------------------------------ principals

    @cached_property
    def principals(self) -> tuple[PrincipalPolicies, ...]:
        """Roles and users with their policies."""
        records: tuple[Role | User, ...] = (*self._inventory.of(Role), *self._inventory.of(User))
        with no_collection():
            return tuple(self._principal(record) for record in records if _is_identity(record.id))

    def _principal(self, record: Role | User) -> PrincipalPolicies:
        trust = record.trust_policy if isinstance(record, Role) else None
        return PrincipalPolicies(
            arn=record.id,
            account=record.account,
            identity=self._identity(record),
            boundary=self._boundary(record.permissions_boundary, record.source),
            scps=self._control(record.account, "SERVICE_CONTROL_POLICY"),
            trust=self._document(trust, PolicyKind.RESOURCE) if isinstance(trust, PolicyText) else trust,
            context=self._context(record),
        )

    def _identity(self, record: Role | User) -> tuple[Document, ...] | UnsetType:
        holders: list[Role | User | Group] = [record]
        found: list[Document] = []
        if isinstance(record, User):
            if isinstance(record.groups, UnsetType):
                return UNSET
            for name in record.groups:
                group = self._groups.get((record.account, name))
                if group is None:
                    found.append(_unreadable(f"group {name}", record.source))
                else:
                    holders.append(group)
        for holder in holders:
            if isinstance(holder.inline_policies, UnsetType) or isinstance(holder.attached_policies, UnsetType):
                return UNSET
            found += [self._inline(policy, holder.source) for policy in holder.inline_policies]
            found += [self._attached(policy, holder.source) for policy in holder.attached_policies]
        return tuple(found)

    def _inline(self, policy: InlinePolicy, source: Source) -> Document:
        if isinstance(policy.document, UnsetType):
            return _unreadable(policy.name, source)
        return self._document(policy.document, PolicyKind.IDENTITY)

    def _attached(self, policy: AttachedPolicy, source: Source) -> Document:
        managed = self._managed.get(policy.policy_arn)
        if managed is None or isinstance(managed.document, UnsetType):
            return _unreadable(policy.policy_arn, source)
        return self._document(managed.document, PolicyKind.IDENTITY)

    def _boundary(self, boundary: PermissionsBoundary | None, source: Source) -> Document | None:
        if boundary is None:
            return None
        managed = self._managed.get(boundary.permissions_boundary_arn)
        if managed is None or isinstance(managed.document, UnsetType):
            return _unreadable(boundary.permissions_boundary_arn, source, PolicyKind.BOUNDARY)
        return self._document(managed.document, PolicyKind.BOUNDARY)

    def _context(self, record: Record) -> dict[str, str | None]:
        context: dict[str, str | None] = {"aws:SourceOwner": None}  # set for calls of services, as aws:SourceAccount is
        if not isinstance(self._organization, UnsetType):
            context["aws:PrincipalOrgID"] = self._organization
        if not isinstance(record, Role) or not self._is_of_instances(record):
            context |= dict.fromkeys(_OF_INSTANCES)
        if not isinstance(record.tags, UnsetType):
            context |= {f"aws:PrincipalTag/{key}": value for key, value in record.tags.items()}
        return context

    def _is_of_instances(self, role: Role) -> bool:
        """Return whether an EC2 instance may run as a role, as far as its trust policy was read and understood."""
        if not isinstance(role.trust_policy, PolicyText):
            return True
        return any(
            statement.unclear
            or statement.principals is None
            or any(name.value == "*" or name.value.lower().startswith("ec2.") for name in statement.principals)
            for statement in self._document(role.trust_policy, PolicyKind.RESOURCE).statements
            if statement.effect != "Deny"
        )

    # --------------------------------------------------------------- targets

    @cached_property
    def targets(self) -> tuple[TargetPolicies, ...]:
        """Stores, functions and state machines with their policies; versions and aliases with one of their own."""
        return tuple(self._targets())

    def _targets(self) -> Iterator[TargetPolicies]:
        for role in self._inventory.of(Role):
            if not _is_identity(role.id):
                continue
            trust = role.trust_policy
            yield TargetPolicies(
                arn=role.id,
                account=role.account,
                resource_policy=self._document(trust, PolicyKind.RESOURCE) if isinstance(trust, PolicyText) else trust,
                rcps=self._control(role.account, "RESOURCE_CONTROL_POLICY"),
                context=self._whose(),
            )
        for record in self._inventory:
            qualified = record.kind in QUALIFIED
            if parse_arn(record.id) is None or (record.kind not in _TARGETS and not qualified):
                continue
            policy = self.resource_policy(record)
            if qualified and not isinstance(policy, Document):
                continue
            yield TargetPolicies(
                arn=record.id,
                account=record.account,
                resource_policy=policy,
                key_arn=self._key_of(record),
                rcps=self._controls_on(record),
                context=_target_context(record) | self._whose(),
            )

    def _controls_on(self, record: Record) -> Levels | UnsetType | None:
        """Return the resource control policies on a record; none reach a key that AWS manages."""
        if (
            isinstance(record, Key)
            and isinstance(record.metadata, KeyMetadata)
            and record.metadata.key_manager == "AWS"
        ):
            return None
        return self._control(record.account, "RESOURCE_CONTROL_POLICY")

    def _whose(self) -> dict[str, str | None]:
        return {} if isinstance(self._organization, UnsetType) else {"aws:ResourceOrgID": self._organization}

    def _key_of(self, record: Record) -> str | None:
        """Return the ARN of the key that the data of a store is encrypted with, ``None`` where AWS manages it."""
        if record.kind is Kind.KEY:
            return None
        for text in _key_texts(record):
            if "alias/aws/" in text:
                return None
            return self._key_arn(text, record)
        return None

    def _key_arn(self, text: str, record: Record) -> str:
        alias = text.partition("alias/")[2]
        if alias and (record.account, record.region, alias) in self._aliases:
            return self._aliases[record.account, record.region, alias]
        if text.startswith("arn:"):
            return text
        resource = text if "/" in text else f"key/{text}"
        return arn_of("kms", resource, account=record.account, region=record.region)

    @cached_property
    def _aliases(self) -> dict[tuple[str, str, str], str]:
        """Ids of keys by account, region and alias."""
        return {
            (key.account, key.region, alias.rpartition("alias/")[2]): key.id
            for key in self._inventory.of(Key)
            if isinstance(key.aliases, tuple)
            for alias in key.aliases
        }

    # --------------------------------------------------------------- helpers

    def _document(self, policy: PolicyText, kind: PolicyKind) -> Document:
        key = (id(policy), kind)
        if key not in self._documents:
            self._documents[key] = parse(policy.written, kind=kind, source=policy, name=policy.name)
        return self._documents[key]

    @property
    def organization(self) -> str | UnsetType | None:
        """Id of the organization of the accounts; None where there is none, UNSET where the export does not tell."""
        return self._organization

    def resource_policy(self, record: Record) -> Document | UnsetType | None:
        """Return the policy of a resource; None without one, UNSET where it was not seen."""
        policy: PolicyText | UnsetType | None = getattr(record, "policy", None)
        if not isinstance(policy, PolicyText):
            return policy
        document = self._document(policy, PolicyKind.RESOURCE)
        return with_grants(document, record.grants) if isinstance(record, Key) else document

    def resource_controls(self, account: str) -> Levels | UnsetType | None:
        """Return the resource control policies on an account; None without any, UNSET where they were not seen."""
        return self._control(account, "RESOURCE_CONTROL_POLICY")

    def _control(self, account: str, kind: PolicyType) -> Levels | UnsetType | None:
        if (account, kind) not in self._controls:
            layer = PolicyKind.SCP if kind == "SERVICE_CONTROL_POLICY" else PolicyKind.RCP
            levels = control_policies(self._inventory, account, kind).levels
            self._controls[account, kind] = (
                levels
                if levels is None or isinstance(levels, UnsetType)
                else tuple(tuple(self._document(policy, layer) for policy in level) for level in levels)
            )
        return self._controls[account, kind]


def _is_identity(text: str) -> bool:
    """Return whether a text is the ARN of a role or user; a broken export may hold anything there."""
    arn = parse_arn(text)
    return arn is not None and arn.service == "iam" and arn.resource.startswith(("role/", "user/"))


def _organization_id(inventory: Inventory) -> str | UnsetType | None:
    """Return the id of the organization, ``None`` where there is none, :data:`UNSET` where the export does not tell."""
    ids = {organization.name for organization in inventory.of(Organization)}
    if len(ids) == 1:
        return ids.pop()
    levels = [control_policies(inventory, account, "SERVICE_CONTROL_POLICY").levels for account in inventory.accounts]
    return None if not ids and levels and all(level is None for level in levels) else UNSET


def _unreadable(name: str, source: Source, kind: PolicyKind = PolicyKind.IDENTITY) -> Document:
    """Return a document that stands for one that is not in the export: it may say anything."""
    return Document(kind=kind, readable=False, name=name, source=source)


def _target_context(record: Record) -> dict[str, str | None]:
    context: dict[str, str | None] = {"aws:SecureTransport": "true"}  # whoever wants to get in can use TLS
    if record.region not in {"", "global"}:
        context["aws:RequestedRegion"] = record.region  # the ARN of a bucket does not tell it
    if not isinstance(record.tags, UnsetType):
        context |= {f"aws:ResourceTag/{key}": value for key, value in record.tags.items()}
    if record.kind is Kind.BUCKET and record.account:
        context["s3:ResourceAccount"] = record.account
    if isinstance(record, Secret) and record.rotation_lambda_arn:  # not every format tells of rotation
        context["secretsmanager:resource/AllowRotationLambdaArn"] = record.rotation_lambda_arn
    if isinstance(record, Function) or record.kind in {Kind.FUNCTION_ALIAS, Kind.FUNCTION_VERSION}:
        # invoked by the API; calls by way of a function URL are judged where the URL is
        context |= {"lambda:InvokedViaFunctionUrl": None, "lambda:FunctionUrlAuthType": None}
    return context


def _key_texts(record: Record) -> Iterator[str]:
    """Yield what a record says of its key: an ARN, an id or an alias."""
    if record.kind is Kind.FUNCTION:
        return
    for name in _KEYS:
        value = getattr(record, name, None)
        if isinstance(value, str) and value:
            yield value
    for holder in _KEY_HOLDERS:
        part = getattr(record, holder, None)
        for name in _NESTED_KEYS:
            value = getattr(part, name, None)
            if isinstance(value, str) and value:
                yield value
    encryption = getattr(record, "encryption", None)
    for rule in getattr(encryption, "rules", ()):
        default = rule.apply_server_side_encryption_by_default
        if default is not None and default.kms_master_key_id:
            yield default.kms_master_key_id
