"""Privilege escalation: which users and roles can turn into others, or make themselves administrators.

An edge leads to the user or role that is reached, one for each pair, by the best technique (the first in the table that
is certain). Who gives itself every permission, or makes a new user that has them, reaches the *administrator* of the
account: a node of its own that may do anything to every store there. Where one becomes an administrator for certain,
what else one could become adds nothing and is left out.

Many roles that are reached alike are one grant, which whoever reaches the same ones shares
(:mod:`auditkit.graph.grants`).

To assume a role, and to change the code of a function or the definition of a state machine that the export shows, are
edges of their own kinds already. That something unknown may run in a role makes no edge, unless it is an
administrator's: an export without the workloads says nothing of what follows.

What hangs on which function asks (``lambda:SourceFunctionArn``) is certain for the functions that meet it: they have
edges of their own.

An edge costs 1 (one composite step), 2 where one has to wait for a trigger, and 4 where it is conditional or where
policies of the organization were not seen.
"""

from collections.abc import Mapping, Sequence

import msgspec

from auditkit._garbage import make_room
from auditkit.graph._build import Builder
from auditkit.graph.edges._met import functions_by_role
from auditkit.graph.escalation import escalations_of, escalations_where, workload_kinds_seen
from auditkit.graph.grants import Grants
from auditkit.graph.grounds import LAYERS, LIMITS, statement_sources
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, Node, View
from auditkit.inventory import STORE_KINDS, Kind, Record, Source
from auditkit.policy.escalation import Escalation, EscalationStep, techniques

__all__ = ["connect"]

_GATED, _WAITS, _DIRECT = 4, 2, 1
_MANY = 8
_EACH = 100  # things that are made to judge a principal, and more
_ASSUME = "sts-001"
_TIE = "lambda:sourcefunctionarn"
_Step = tuple[str, str]
_Reach = tuple[EscalationStep, tuple[str, ...]]
_OF_GRAPH = frozenset({"function", "state machine"})


def connect(build: Builder) -> None:
    """Say who can turn into whom."""
    found = escalations_of(build.inventory)
    seen = workload_kinds_seen(build.inventory)
    known = {account: _OF_GRAPH & kinds for account, kinds in seen.items()}
    grants = Grants(build)
    governed: set[str] = set()
    tied: dict[str, frozenset[_Step]] = {}
    for one in found.principals:
        record = build.inventory.get(one.principal)
        if one.admin or record is None:
            continue
        reach = list(found.reach(one.principal, but=_said_elsewhere(known.get(record.account, frozenset()))))
        governed |= _connect(build, grants, one, record, reach)
        if any(_TIE in map(str.lower, step.keys) for step in (*(step for step, _ in reach), *one.path)):
            tied[one.principal] = frozenset(_step(step) for step, _ in reach if not step.conditional)
    governed |= _connect_functions(build, grants, tied, known)
    for account in sorted(governed):
        _govern(build, grants, account)
    grants.make()
    found.rest()
    make_room(len(found.principals) * _EACH)


def _said_elsewhere(known: frozenset[str]) -> set[str]:
    """Return the techniques that are edges of their own kinds where some kinds of workloads are known."""
    return {_ASSUME, *(way.id for change in techniques().changes if change.kind in known for way in change.ways)}


def _step(step: EscalationStep) -> _Step:
    return step.technique, step.target


def _connect_functions(
    build: Builder, grants: Grants, tied: Mapping[str, frozenset[_Step]], known: Mapping[str, frozenset[str]]
) -> set[str]:
    """Connect functions with what their role can turn into on condition that it is they who ask.

    Parameters
    ----------
    build, grants
        Of the graph.
    tied
        Role -> what it can do without a condition.
    known
        Account -> kinds of workloads that are known.
    """
    governed: set[str] = set()
    runners = {role: functions for role, functions in functions_by_role(build).items() if role in tied}
    for turn in range(max(map(len, runners.values()), default=0)):
        asking = {role: functions[turn] for role, functions in runners.items() if len(functions) > turn}
        found = escalations_where(build.inventory, {role: {_TIE: one.id} for role, one in asking.items()})
        for one in found.principals:
            function = asking.get(one.principal)
            if function is None or one.admin:
                continue
            every = found.reach(one.principal, but=_said_elsewhere(known.get(function.account, frozenset())))
            reach = [
                (step, to) for step, to in every if not step.conditional and _step(step) not in tied[one.principal]
            ]
            if reach:
                governed |= _connect(build, grants, one, function, reach)
    return governed


def _connect(build: Builder, grants: Grants, one: Escalation, record: Record, reach: list[_Reach]) -> set[str]:
    """Connect one principal; return the accounts of which it makes itself an administrator."""
    governed = set()
    enough = any(step.admin and step.certain and not step.conditional for step, _ in reach)
    raising = [step for step, _ in reach if step.made and step.admin]
    if raising:
        governed.add(_raise(build, record, one, [raising[0]]))  # those that are certain come first
    for step, targets in reach:
        if step.made or not (step.admin or not (enough or _guessed(step))):
            continue
        edge = _edge(record, one, [step])
        if len(targets) > 1:
            grants.give(record.id, targets, [edge])
        else:
            build.edge(record.id, targets[0], edge)
    if one.path and one.path[0].made and not one.path[0].admin:  # by way of a group, or without a boundary
        if one.path[-1].made:
            governed.add(_raise(build, record, one, one.path))
        elif one.path[-1].target != record.id:
            build.edge(record.id, one.path[-1].target, _edge(record, one, one.path))
    return governed


def _guessed(step: EscalationStep) -> bool:
    """Whether a step hangs on nothing but whether something exists."""
    return step.conditional and not step.keys and not LAYERS.keys() & set(step.missing)


def _raise(build: Builder, record: Record, one: Escalation, steps: Sequence[EscalationStep]) -> str:
    """Connect a principal with the administrator that it makes itself, or makes anew; return the account."""
    made = f"administrator:{record.account}"
    node = Node(
        kind=Kind.ROLE,
        label="an administrator of its own making",
        account=record.account,
        boundary=build.boundary(account=record.account),
        sources=_sources(record, steps),
        exists=False,
    )
    build.edge(record.id, build.node(made, node), _edge(record, one, steps))
    return record.account


def _govern(build: Builder, grants: Grants, account: str) -> None:
    """Say that the administrator that somebody makes may do anything to every store of the account."""
    stores = [record for record in build.inventory if record.kind in STORE_KINDS and record.account == account]
    permits = Edge(
        kind=EdgeKind.PERMITS,
        view=View.TRUST,
        evidence=Evidence.PERMITTED,
        label="anything",
        cost=0,
        access=AccessLevel.ADMIN,
    )
    made = f"administrator:{account}"
    if len(stores) > _MANY:
        sources = tuple(sorted({source for store in stores[:1] for source in store.sources}))
        grants.give(made, [store.id for store in stores], [msgspec.structs.replace(permits, sources=sources)])
        return
    for store in stores:
        build.edge(made, store.id, msgspec.structs.replace(permits, sources=store.sources))


def _edge(record: Record, one: Escalation, steps: Sequence[EscalationStep]) -> Edge:
    conditional = any(step.conditional for step in steps)
    lacking = {thing for step in steps for thing in step.missing} | {*one.unseen}
    missing = {LAYERS.get(thing, thing) for thing in lacking}
    cost = sum(_WAITS if step.waits else _DIRECT for step in steps)
    return Edge(
        kind=EdgeKind.ESCALATES,
        view=View.TRUST,
        evidence=Evidence.PERMITTED,
        sources=_sources(record, steps),
        label="; ".join(step.title for step in steps),
        cost=max(cost, _GATED) if conditional or missing else cost,
        conditions=tuple(sorted({key for step in steps for key in step.keys})),
        unknown=", ".join(sorted(missing)),
        limits=tuple(sorted(LIMITS[thing] for thing in lacking)) if lacking <= LIMITS.keys() else (),
        detail="; ".join(f"{step.technique}: {', '.join(step.permissions)}" for step in steps),
    )


def _sources(record: Record, steps: Sequence[EscalationStep]) -> tuple[Source, ...]:
    found = {source for step in steps for source in statement_sources(step.statements)}
    return tuple(sorted(found)) or record.sources
