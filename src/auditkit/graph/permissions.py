"""Permissions of an inventory: its policies handed to the policy engine, and the grants that come back."""

from collections.abc import Iterator
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from auditkit.graph.schema import AccessLevel
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
from auditkit.inventory.records.keys import Key
from auditkit.policy import (
    Document,
    Grant,
    Levels,
    Outcome,
    PolicyKind,
    PrincipalPolicies,
    Relation,
    StatementRef,
    TargetPolicies,
    parse,
    relation,
    tracked_actions,
)

__all__ = [
    "ACCESS",
    "ACCOUNT_BLOCK",
    "LAYERS",
    "Permissions",
    "Scope",
    "is_only_limited",
    "permissions_of",
    "statement_sources",
    "what_is_missing",
]

ACCESS: dict[str, AccessLevel] = {
    "read": AccessLevel.READ,
    "write": AccessLevel.WRITE,
    "delete": AccessLevel.DELETE,
    "permissions": AccessLevel.ADMIN,
    "list": AccessLevel.METADATA,
    "tag": AccessLevel.METADATA,
    "metadata": AccessLevel.METADATA,
}
"""Access of an action on a store -> level. Who may change a store's policy may do anything with it."""

LAYERS = {
    "scp": "service control policies",
    "rcp": "resource control policies",
    "identity": "a policy of the principal",
    "boundary": "the permissions boundary",
    "resource": "the resource policy",
}
DENIALS = "denials of the resource policy"
"""What an unseen resource policy may hold where the identity's policy is enough."""
ACCOUNT_BLOCK = "the public-access block of the account"
_ORGANIZATION = frozenset({"scp", "rcp"})
_DELEGATING = frozenset({"kms", "iam"})  # services whose resource policy must allow, besides the identity's
_TARGETS = STORE_KINDS | {Kind.FUNCTION, Kind.STATE_MACHINE, Kind.DATABASE_PROXY}

_QUALIFIED = frozenset({Kind.FUNCTION_VERSION, Kind.FUNCTION_ALIAS})

_KEYS = ("kms_key_arn", "kms_key_id", "kms_key_identifier", "key_id")
_KEY_HOLDERS = ("attributes", "sse_description", "delivery_stream_encryption_configuration", "encryption_configuration")
_NESTED_KEYS = ("kms_master_key_id", "kms_master_key_arn", "key_arn", "kms_key")


Scope = tuple[str, tuple[str, ...], tuple[Grant, ...]]
"""A principal, targets that it may do the same to, and the grants on the first of them."""


class Permissions:
    """What principals may do to targets, by an inventory.

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

    @cached_property
    def relation(self) -> Relation:
        """Who may do what to which target, by all tracked actions."""
        return relation(self.principals, self.targets)

    @cached_property
    def _without_iam(self) -> Relation:
        """The same, of roles only that of assuming them."""
        actions = [action.name for action in tracked_actions().values() if not action.name.startswith("iam:")]
        return relation(self.principals, self.targets, actions=actions)

    @cached_property
    def _qualified(self) -> frozenset[int]:
        """Numbers of the targets that are versions or aliases of another: edges to that one say so, each for itself."""
        records = ((number, self._inventory.get(arn)) for number, arn in enumerate(self._without_iam.targets))
        return frozenset(number for number, record in records if record is not None and record.kind in _QUALIFIED)

    @cached_property
    def _by_pair(self) -> dict[tuple[str, str], tuple[Grant, ...]]:
        return {}

    def of(self, principal: str, target: str) -> tuple[Grant, ...]:
        """Return what a principal may do to a target; of roles only whether it may assume them."""
        pair = principal, target
        if pair not in self._by_pair:
            self._by_pair[pair] = self._without_iam.between(principal, target)
        return self._by_pair[pair]

    def scopes(self, fan_out: int) -> Iterator[Scope]:
        """Yield what principals may do: the principal, targets that it may do the same to, and the grants on the first.

        Parameters
        ----------
        fan_out
            Most targets that stand alone; of those that it may do the same to, more than these stand together.
        """
        found = self._without_iam
        by_principal = found.pairs()
        counts = np.bincount(by_principal.principal, minlength=len(found.principals))
        for number, name in enumerate(found.principals):
            wide: list[tuple[int, ...]] = []
            if counts[number] > fan_out and self.knows(name):
                alone = [tuple(one for one in scope if one not in self._qualified) for scope in found.scopes(number)]
                wide = [scope for scope in alone if len(scope) > fan_out]
            together = {target for scope in wide for target in scope}
            for target, grants in found.by_target(number, without=together):
                self._by_pair[name, target] = grants
                yield name, (target,), grants
            for scope in wide:
                targets = tuple(found.targets[target] for target in scope)
                yield name, targets, found.grants_of(number, scope[0])

    def knows(self, principal: str) -> bool:
        """Return whether the policies of a principal were exported, as far as they are its own."""
        record = self._inventory.get(principal)
        return isinstance(record, Role | User)

    # ------------------------------------------------------------ principals

    @property
    def principals(self) -> tuple[PrincipalPolicies, ...]:
        """Roles and users with their policies."""
        records: tuple[Role | User, ...] = (*self._inventory.of(Role), *self._inventory.of(User))
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
        if not isinstance(record.tags, UnsetType):
            context |= {f"aws:PrincipalTag/{key}": value for key, value in record.tags.items()}
        return context

    # --------------------------------------------------------------- targets

    @property
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
            )
        for record in self._inventory:
            qualified = record.kind in _QUALIFIED
            if parse_arn(record.id) is None or (record.kind not in _TARGETS and not qualified):
                continue
            policy = getattr(record, "policy", None)
            if qualified and not isinstance(policy, PolicyText):
                continue
            yield TargetPolicies(
                arn=record.id,
                account=record.account,
                resource_policy=self._document(policy, PolicyKind.RESOURCE)
                if isinstance(policy, PolicyText)
                else policy,
                key_arn=self._key_of(record),
                rcps=self._control(record.account, "RESOURCE_CONTROL_POLICY"),
                context=_target_context(record),
            )

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
            self._documents[key] = parse(policy.document, kind=kind, source=policy, name=policy.name)
        return self._documents[key]

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


_KNOWN: WeakKeyDictionary[Inventory, Permissions] = WeakKeyDictionary()


def permissions_of(inventory: Inventory) -> Permissions:
    """Return the permissions of an inventory, worked out once."""
    if inventory not in _KNOWN:
        _KNOWN[inventory] = Permissions(inventory)
    return _KNOWN[inventory]


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


# ------------------------------------------------------------------ what a grant says


def statement_sources(references: tuple[StatementRef, ...]) -> tuple[Source, ...]:
    """Return where the statements stand, sorted."""
    found = set()
    for reference in references:
        if isinstance(reference.source, Source | PolicyText):
            steps = [step.replace("~1", "/").replace("~0", "~") for step in reference.pointer.split("/")[1:]]
            found.add(reference.source.at(*steps))
    return tuple(sorted(found))


def is_only_limited(unknown: str) -> bool:
    """Return whether all that is missing for an edge can but take away.

    That is policies of the organization, a resource policy of the same account where the identity's is enough, and
    the account's public-access block of a bucket whose own is off.

    Parameters
    ----------
    unknown
        What is missing, in the words of :func:`what_is_missing`.
    """
    limits = {f"{LAYERS[name]}{of}" for name in _ORGANIZATION for of in ("", " of the key")}
    limits |= {ACCOUNT_BLOCK, DENIALS}
    return bool(unknown) and set(unknown.split(", ")) <= limits


def what_is_missing(grant: Grant) -> tuple[str, bool]:
    """Return what of the policies is missing for a grant, in words, and whether something that could *grant* is.

    Policies of the organization, and the resource policy within one account, can only take away from what an identity
    policy of the principal allows. Without them a grant is not certain, but what the principal was given shows its
    purpose. Where a policy that could grant is missing nothing does.
    """
    if grant.outcome is not Outcome.UNKNOWN:
        return "", False
    own = {reference.effect for reference in grant.statements if reference.policy is PolicyKind.IDENTITY}
    harmless = {name for name in grant.missing if name.removeprefix("key ") in _ORGANIZATION}
    arn, who = parse_arn(grant.target), parse_arn(grant.principal)
    same = arn is not None and who is not None and arn.account in {"", who.account} and arn.service not in _DELEGATING
    if "Allow" in own and same:
        harmless |= {"resource"} & set(grant.missing)
    granted = any(reference.effect == "Allow" for reference in grant.statements)
    words = [
        DENIALS
        if name == "resource" and name in harmless
        else f"{LAYERS.get(name.removeprefix('key '), name)}{' of the key' if name.startswith('key ') else ''}"
        for name in grant.missing
    ]
    return ", ".join(words) or "a policy", not (granted and harmless == set(grant.missing))
