"""Privilege escalation in an inventory: what there is of it handed to the policy engine, once."""

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from auditkit.graph.permissions import permissions_of
from auditkit.inventory import UNSET, CoverageState, Inventory, PolicyText, UnsetType
from auditkit.inventory.records.agents import AgentRuntime
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import AttachedPolicy, Group, InlinePolicy, ManagedPolicy, Role, User
from auditkit.inventory.records.statemachines import StateMachine
from auditkit.policy import Document, PolicyKind, parse
from auditkit.policy.escalation import (
    Escalations,
    Estate,
    GroupPolicies,
    Identity,
    ManagedVersions,
    PolicyVersion,
    Workload,
)

__all__ = ["escalations_of", "estate_of"]

_CURRENT = "current"
_WORKLOADS: tuple[tuple[str, type[Function | StateMachine | AgentRuntime], str, str], ...] = (
    ("agent runtime", AgentRuntime, "bedrock-agentcore-control", "ListAgentRuntimes"),
    ("function", Function, "lambda", "ListFunctions"),
    ("state machine", StateMachine, "stepfunctions", "ListStateMachines"),
)
"""Kind of a workload as the techniques name it, its record, and the call that lists all of them."""

_KNOWN: WeakKeyDictionary[Inventory, Escalations] = WeakKeyDictionary()


def escalations_of(inventory: Inventory) -> Escalations:
    """Return how the users and roles of an inventory can become others, worked out once."""
    if inventory not in _KNOWN:
        _KNOWN[inventory] = Escalations(estate_of(inventory))
    return _KNOWN[inventory]


def estate_of(inventory: Inventory) -> Estate:
    """Return what escalation is looked for in."""
    return Estate(
        identities=tuple(_identities(inventory)),
        groups=tuple(_group(inventory, group) for group in inventory.of(Group) if group.arn),
        policies=tuple(_managed(policy) for policy in inventory.of(ManagedPolicy) if policy.account != "aws"),
        workloads=tuple(_workloads(inventory)),
        seen=frozenset(_seen(inventory)),
    )


def _identities(inventory: Inventory) -> Iterator[Identity]:
    groups = {(group.account, group.name): group.arn for group in inventory.of(Group)}
    for policies in permissions_of(inventory).principals:
        record = inventory.get(policies.arn)
        if not isinstance(record, Role | User):
            continue
        named = record.groups if isinstance(record, User) and not isinstance(record.groups, UnsetType) else ()
        boundary = record.permissions_boundary
        yield Identity(
            policies=policies,
            attached=_attached(record.attached_policies),
            groups=tuple(groups[record.account, name] for name in named if (record.account, name) in groups),
            boundary_arn=boundary.permissions_boundary_arn if boundary else "",
            profiles=record.instance_profiles if isinstance(record, Role) else UNSET,
            tags=record.tags,
        )


def _attached(policies: tuple[AttachedPolicy, ...] | UnsetType) -> tuple[str, ...]:
    return () if isinstance(policies, UnsetType) else tuple(policy.policy_arn for policy in policies)


def _group(inventory: Inventory, group: Group) -> GroupPolicies:
    inline: tuple[InlinePolicy, ...] = () if isinstance(group.inline_policies, UnsetType) else group.inline_policies
    documents = [_document(policy.document, policy.name) for policy in inline]
    for arn in _attached(group.attached_policies):
        managed = inventory.get(arn)
        text = managed.document if isinstance(managed, ManagedPolicy) else UNSET
        documents.append(_document(text, arn))
    return GroupPolicies(arn=group.arn, documents=tuple(documents), attached=_attached(group.attached_policies))


def _managed(policy: ManagedPolicy) -> ManagedVersions:
    others = ((version.id, version.document) for version in policy.versions)
    texts = ((policy.default_version_id or _CURRENT, policy.document), *others)
    return ManagedVersions(
        arn=policy.arn,
        default=policy.default_version_id or _CURRENT,
        versions=tuple(PolicyVersion(name, _document(text, policy.arn)) for name, text in texts),
        tags=policy.tags,
    )


def _document(text: PolicyText | UnsetType, name: str) -> Document:
    if isinstance(text, UnsetType):
        return Document(kind=PolicyKind.IDENTITY, readable=False, name=name)
    return parse(text.document, kind=PolicyKind.IDENTITY, source=text.source, name=text.name or name)


def _workloads(inventory: Inventory) -> Iterator[Workload]:
    for kind, cls, _, _ in _WORKLOADS:
        for record in inventory.of(cls):
            role = record.role if isinstance(record, Function) else record.role_arn
            yield Workload(arn=record.id, kind=kind, account=record.account, role_arn=role, tags=record.tags)


def _seen(inventory: Inventory) -> Iterator[tuple[str, str]]:
    """Yield account and kind of the workloads of which the export holds every list that there is to be had."""
    full = {CoverageState.PRESENT, CoverageState.EMPTY}
    for kind, _, service, operation in _WORKLOADS:
        for account in inventory.accounts:
            if inventory.coverage.state(service, operation, account=account) in full:
                yield account, kind
