"""Permissions of an inventory: its policies handed to the policy engine, and the grants that come back."""

from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from auditkit.graph._key_grants import with_grants
from auditkit.graph.schema import AccessLevel, Limit
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
    Answer,
    Document,
    Grant,
    Levels,
    Outcome,
    PolicyKind,
    PrincipalPolicies,
    Relation,
    StatementRef,
    TargetPolicies,
    grants_of_answers,
    parse,
    relation,
    tracked_actions,
)

__all__ = [
    "ACCESS",
    "LAYERS",
    "LIMITS",
    "Lacking",
    "Permissions",
    "Scope",
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
LIMITS = {
    "scp": Limit.SERVICE_CONTROL,
    "rcp": Limit.RESOURCE_CONTROL,
    "key scp": Limit.SERVICE_CONTROL_OF_KEY,
    "key rcp": Limit.RESOURCE_CONTROL_OF_KEY,
}
"""Layers that can only take away, as the policy engine names them."""
_DELEGATING = frozenset({"kms", "iam"})  # services whose resource policy must allow, besides the identity's
_TARGETS = STORE_KINDS | {Kind.FUNCTION, Kind.STATE_MACHINE, Kind.DATABASE_PROXY}

_QUALIFIED = frozenset({Kind.FUNCTION_VERSION, Kind.FUNCTION_ALIAS})

_KEYS = ("kms_key_arn", "kms_key_id", "kms_key_identifier", "key_id")
_KEY_HOLDERS = ("attributes", "sse_description", "delivery_stream_encryption_configuration", "encryption_configuration")
_PAIRS = 1 << 16
_NESTED_KEYS = ("kms_master_key_id", "kms_master_key_arn", "key_arn", "kms_key")


class Scope(NamedTuple):
    """Targets that a principal may do the same to.

    Attributes
    ----------
    principal
        Who may.
    targets
        The targets.
    answers
        What it may do to the first of them, for the same reasons as to all.
    """

    principal: str
    targets: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The answers as grants on the first target."""
        return tuple(grants_of_answers(self.principal, self.targets[0], self.answers))


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

    def of(self, principal: str, target: str) -> tuple[Grant, ...]:
        """Return what a principal may do to a target; of roles only whether it may assume them."""
        return self._of(principal, target)

    @cached_property
    def _of(self) -> Callable[[str, str], tuple[Grant, ...]]:
        return lru_cache(maxsize=_PAIRS)(self._without_iam.between)

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
            for target, answers in found.answers(number, without=together):
                yield Scope(name, (found.targets[target],), answers)
            for scope in wide:
                targets = tuple(found.targets[target] for target in scope)
                yield Scope(name, targets, found.answers_on(number, scope[0]))

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
            policy = self.resource_policy(record)
            if qualified and not isinstance(policy, Document):
                continue
            yield TargetPolicies(
                arn=record.id,
                account=record.account,
                resource_policy=policy,
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


class Lacking(NamedTuple):
    """What of the policies is missing for a grant.

    Attributes
    ----------
    words
        In words; ``""`` where nothing is.
    doubtful
        Whether something that could *grant* is missing.
    limits
        What is missing, where all of it can only take away; empty otherwise.
    """

    words: str
    doubtful: bool
    limits: tuple[Limit, ...]


def what_is_missing(grant: Grant) -> Lacking:
    """Return what of the policies is missing for a grant.

    Policies of the organization, and the resource policy within one account, can only take away from what an identity
    policy of the principal allows. Without them a grant is not certain, but what the principal was given shows its
    purpose. Where a policy that could grant is missing nothing does.
    """
    if grant.outcome is not Outcome.UNKNOWN:
        return Lacking("", doubtful=False, limits=())
    own = {reference.effect for reference in grant.statements if reference.policy is PolicyKind.IDENTITY}
    arn, who = parse_arn(grant.target), parse_arn(grant.principal)
    same = arn is not None and who is not None and arn.account in {"", who.account} and arn.service not in _DELEGATING
    limits = [
        Limit.DENIALS if name == "resource" and "Allow" in own and same else LIMITS.get(name) for name in grant.missing
    ]
    granted = any(reference.effect == "Allow" for reference in grant.statements)
    words = [
        limit or f"{LAYERS.get(name.removeprefix('key '), name)}{' of the key' if name.startswith('key ') else ''}"
        for name, limit in zip(grant.missing, limits, strict=True)
    ]
    known = tuple(limit for limit in limits if limit)
    harmless = len(known) == len(limits)
    return Lacking(", ".join(words) or "a policy", not (granted and harmless), known if harmless else ())
