"""Privilege escalation in an inventory: what there is of it handed to the policy engine, once, and told as tables."""

from collections.abc import Iterable, Iterator, Mapping
from weakref import WeakKeyDictionary

import msgspec
import pandas as pd

from auditkit.errors import GraphError
from auditkit.graph._unseen_roles import beyond, partly_listed
from auditkit.graph.grounds import LAYERS, statement_sources
from auditkit.graph.permissions import permissions_of
from auditkit.inventory import UNSET, CoverageState, Inventory, PolicyText, Record, Source, UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.agents import AgentRuntime
from auditkit.inventory.records.cognito import IdentityPool
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import AttachedPolicy, Group, InlinePolicy, ManagedPolicy, Role, User
from auditkit.inventory.records.statemachines import StateMachine
from auditkit.inventory.records.workloads import (
    BuildProject,
    Cluster,
    EtlJob,
    Instance,
    NotebookInstance,
    Stack,
    TaskDefinition,
)
from auditkit.policy import Document, PolicyKind, PrincipalPolicies, parse
from auditkit.policy.escalation import (
    Escalation,
    Escalations,
    EscalationStep,
    Estate,
    GroupPolicies,
    Identity,
    ManagedVersions,
    PolicyVersion,
    Workload,
)

__all__ = [
    "escalation_steps",
    "escalations",
    "escalations_of",
    "escalations_where",
    "estate_of",
    "led_beyond",
    "what_hangs",
    "workload_kinds_seen",
]

_CURRENT = "current"
_CENTER = "IAM Identity Center"
_RESERVED = ":role/aws-reserved/sso.amazonaws.com/"
_WORKLOADS: tuple[tuple[str, type[Record], str, str], ...] = (
    ("Glue job", EtlJob, "glue", "GetJobs"),
    ("agent runtime", AgentRuntime, "bedrock-agentcore-control", "ListAgentRuntimes"),
    ("build project", BuildProject, "codebuild", "ListProjects"),
    ("cluster", Cluster, "ecs", "ListClusters"),
    ("function", Function, "lambda", "ListFunctions"),
    ("identity pool", IdentityPool, "cognito-identity", "ListIdentityPools"),
    ("instance", Instance, "ec2", "DescribeInstances"),
    ("notebook", NotebookInstance, "sagemaker", "ListNotebookInstances"),
    ("stack", Stack, "cloudformation", "DescribeStacks"),
    ("state machine", StateMachine, "stepfunctions", "ListStateMachines"),
    ("task definition", TaskDefinition, "ecs", "ListTaskDefinitionFamilies"),
)
"""Kind of a workload as the techniques name it, its record, and the call that lists all of them."""

_NOBODY = "The export holds no user or role: who is or can become an administrator is not known."
_COLUMNS = [
    "principal",
    "admin",
    "escalates",
    "conditional",
    "steps",
    "path",
    "how",
    "attack",
    "hangs_on",
    "not_seen",
    "sources",
]
_KNOWN: WeakKeyDictionary[Inventory, Escalations] = WeakKeyDictionary()
_BEYOND: WeakKeyDictionary[Inventory, dict[str, tuple[str, ...]]] = WeakKeyDictionary()
_OTHERS = "roles of the account that the export does not hold"
_FURTHER = "the ways by which others are changed or held together, which are too many to look at all"


def escalations_of(inventory: Inventory) -> Escalations:
    """Return how the users and roles of an inventory can become others, worked out once."""
    if inventory not in _KNOWN:
        _KNOWN[inventory] = Escalations(estate_of(inventory))
    return _KNOWN[inventory]


def escalations_where(inventory: Inventory, known: Mapping[str, Mapping[str, str]]) -> Escalations:
    """Return how users and roles can become others where more is known of the requests of some.

    Parameters
    ----------
    inventory
        As for :func:`escalations`.
    known
        ARN of a user or role -> condition keys that its requests have, with their values.
    """
    estate = estate_of(inventory)
    identities = tuple(
        msgspec.structs.replace(one, policies=_knowing(one.policies, known[one.arn])) if one.arn in known else one
        for one in estate.identities
    )
    return Escalations(msgspec.structs.replace(estate, identities=identities))


def _knowing(policies: PrincipalPolicies, more: Mapping[str, str]) -> PrincipalPolicies:
    return msgspec.structs.replace(policies, context={**policies.context, **more})


def led_beyond(inventory: Inventory) -> Mapping[str, tuple[str, ...]]:
    """Return who could become an administrator by a role that the export does not hold: ARN -> titles of the steps.

    Nobody where the roles of every account were listed in full.
    """
    if inventory not in _BEYOND:
        certain = {one.principal for one in escalations_of(inventory).principals if one.admin or one.escalates}
        accounts = partly_listed(inventory)
        found = beyond(accounts, estate_of(inventory)) if accounts else {}
        _BEYOND[inventory] = {arn: steps for arn, steps in found.items() if arn not in certain}
    return _BEYOND[inventory]


def escalations(inventory: Inventory) -> pd.DataFrame:
    """Return who is an administrator, and who can become one and how.

    Parameters
    ----------
    inventory
        With users, roles and their policies; the more of what runs in roles it shows, the more is certain.

    Returns
    -------
    pandas.DataFrame
        One row for each user and role, by ARN.

        ============  ======  ===========================================================================
        principal     str     ARN
        admin         bool    whether it is an administrator as it stands
        escalates     bool    whether it can become one, and is none
        conditional   bool    whether a step of the path is conditional
        steps         int64   length of the path, in steps
        path          object  list of dicts: ``from``, ``to``, ``technique``, ``permissions``, ``conditional``
        how           str     the path in words
        attack        object  tuple of str: techniques of MITRE ATT&CK
        hangs_on      object  tuple of str: condition keys, and what was not seen, that the path hangs on
        not_seen      object  tuple of str: what was not seen, and is not in the answer: policies that may deny, and
                              roles of the account where one of them could make it an administrator; and ways that are
                              too many to be looked at
        sources       object  tuple of :class:`~auditkit.inventory.Source`: statements that allow the path
        ============  ======  ===========================================================================

        A path is the shortest, a certain one before a conditional one; the same input gives the same path. A step
        starts from the last target, or from an earlier one where two principals in the same hands do it together.
    """
    further = led_beyond(inventory)
    rows = [_row(one, further) for one in escalations_of(inventory).principals]
    found = pd.DataFrame(rows, columns=_COLUMNS).astype(
        {"admin": bool, "escalates": bool, "conditional": bool, "steps": "int64"}
    )
    found.attrs["reason"] = "" if rows else _NOBODY
    return found


def escalation_steps(inventory: Inventory, principal: str) -> pd.DataFrame:
    """Return every step that a user or role can take at once, whether it leads to an administrator or not.

    Parameters
    ----------
    inventory
        As for :func:`escalations`.
    principal
        ARN of the user or role.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``to`` and ``technique``; none for an administrator. ``from``, ``to``, ``technique``, ``title`` (str),
        ``permissions`` (tuple of str), ``conditional`` (bool), ``hangs_on`` (tuple of str), ``sources`` (tuple).

    Raises
    ------
    GraphError
        There is no such user or role.
    """
    if not isinstance(inventory.get(principal), Role | User):
        raise GraphError(f"there is no user or role {principal!r}")
    rows = [
        {**_plain(step), "title": step.title, "hangs_on": what_hangs(step), "sources": _sources([step])}
        for step in escalations_of(inventory).steps(principal)
    ]
    columns = ["from", "to", "technique", "title", "permissions", "conditional", "hangs_on", "sources"]
    return pd.DataFrame(rows, columns=columns)


def _row(one: Escalation, further: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    return {
        "principal": one.principal,
        "admin": one.admin,
        "escalates": one.escalates,
        "conditional": one.conditional,
        "steps": len(one.path),
        "path": [_plain(step) for step in one.path],
        "how": "; ".join(_words(step) for step in one.path),
        "attack": tuple(sorted({name for step in one.path for name in step.attack})),
        "hangs_on": tuple(sorted({thing for step in one.path for thing in what_hangs(step)})),
        "not_seen": (
            *(LAYERS[layer] for layer in one.unseen),
            *((_OTHERS,) if one.principal in further else ()),
            *((_FURTHER,) if one.cut else ()),
        ),
        "sources": _sources(one.path),
    }


def what_hangs(step: EscalationStep) -> tuple[str, ...]:
    """Return what a step hangs on, in words: condition keys, and what was not seen."""
    return tuple(sorted({*step.keys, *(LAYERS.get(layer, layer) for layer in step.missing)}))


def _plain(step: EscalationStep) -> dict[str, object]:
    return {
        "from": step.origin,
        "to": step.target,
        "technique": step.technique,
        "permissions": list(step.permissions),
        "conditional": step.conditional,
    }


def _words(step: EscalationStep) -> str:
    who = "itself" if step.target == step.origin else step.target.rpartition(":")[2]
    others = [one.rpartition(":")[2] for one in step.besides]
    return f"{step.title} ({who}{', with ' if others else ''}{', '.join(others)})"


def _sources(steps: Iterable[EscalationStep]) -> tuple[Source, ...]:
    return tuple(sorted({source for step in steps for source in statement_sources(step.statements)}))


def estate_of(inventory: Inventory) -> Estate:
    """Return what escalation is looked for in."""
    return Estate(
        identities=tuple(_identities(inventory)),
        groups=tuple(_group(inventory, group) for group in inventory.of(Group) if parse_arn(group.arn)),
        policies=tuple(_managed(policy) for policy in inventory.of(ManagedPolicy) if _own(policy)),
        workloads=(*_workloads(inventory), *_identity_center(inventory)),
        seen=frozenset((*_seen(inventory), *((account, _CENTER) for account in inventory.accounts))),
    )


def _identities(inventory: Inventory) -> Iterator[Identity]:
    groups = {(group.account, group.name): group.arn for group in inventory.of(Group)}
    permissions = permissions_of(inventory)
    for policies in permissions.principals:
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
            rcps=permissions.resource_controls(record.account),
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


def _own(policy: ManagedPolicy) -> bool:
    """Return whether a policy is the customer's own; a broken export may hold anything for an ARN."""
    return policy.account != "aws" and parse_arn(policy.arn) is not None


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
    return parse(text.written, kind=PolicyKind.IDENTITY, source=text, name=text.name or name)


def _workloads(inventory: Inventory) -> Iterator[Workload]:
    permissions = permissions_of(inventory)
    profiles = {
        profile: role.arn
        for role in inventory.of(Role)
        if not isinstance(role.instance_profiles, UnsetType)
        for profile in role.instance_profiles
    }
    for kind, cls, _, _ in _WORKLOADS:
        for record in inventory.of(cls):
            role = _role_of(record, profiles)
            yield Workload(
                arn=record.id,
                kind=kind,
                account=record.account,
                role_arn=role,
                tags=record.tags,
                policy=permissions.resource_policy(record),
            )


def _role_of(record: Record, profiles: Mapping[str, str]) -> str | UnsetType | None:
    """Return the role that something runs in, ``None`` without one; UNSET where that was not seen."""
    if isinstance(record, Function):
        return record.role
    if isinstance(record, BuildProject):
        return record.service_role
    if isinstance(record, EtlJob):
        return record.role
    if isinstance(record, Instance):
        profile = record.iam_instance_profile
        return None if profile is None else profiles.get(profile.arn, UNSET)
    if isinstance(record, AgentRuntime | NotebookInstance | Stack | StateMachine):
        return record.role_arn
    return None


def _identity_center(inventory: Inventory) -> Iterator[Workload]:
    """Yield what stands for IAM Identity Center in each account where it has made roles."""
    accounts = {role.account for role in inventory.of(Role) if _RESERVED in role.arn}
    for account in sorted(accounts):
        yield Workload(arn="arn:aws:sso:::instance/unknown", kind=_CENTER, account=account, role_arn=None)


def workload_kinds_seen(inventory: Inventory) -> dict[str, frozenset[str]]:
    """Return the kinds of workloads that an export lists in full, by account."""
    found: dict[str, set[str]] = {}
    for account, kind in _seen(inventory):
        found.setdefault(account, set()).add(kind)
    return {account: frozenset(kinds) for account, kinds in found.items()}


def _seen(inventory: Inventory) -> Iterator[tuple[str, str]]:
    """Yield account and kind of the workloads of which the export holds every list that there is to be had."""
    full = {CoverageState.PRESENT, CoverageState.EMPTY}
    for kind, _, service, operation in _WORKLOADS:
        for account in inventory.accounts:
            if inventory.coverage.state(service, operation, account=account) in full:
                yield account, kind
