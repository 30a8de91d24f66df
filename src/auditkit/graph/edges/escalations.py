"""Privilege escalation: which users and roles can turn into others, or make themselves administrators.

An edge leads to the user or role that is reached, one for each pair, by the best technique (the first in the table that
is certain). Who gives itself every permission, or makes a new user that has them, reaches the *administrator* of the
account: a node of its own that may do anything to every store there. Where one becomes an administrator for certain,
what else one could become adds nothing and is left out.

To assume a role, and to change the code of a function or the definition of a state machine that the export shows, are
edges of their own kinds already. That something unknown may run in a role makes no edge, unless it is an
administrator's: an export without the workloads says nothing of what follows.

An edge costs 1 (one composite step), 2 where one has to wait for a trigger, and 4 where it is conditional or where
policies of the organization were not seen.
"""

from collections.abc import Iterable

from auditkit.graph._build import Builder
from auditkit.graph.escalation import escalations_of, workload_kinds_seen
from auditkit.graph.permissions import LAYERS, statement_sources
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, Node, View
from auditkit.inventory import STORE_KINDS, Kind, Record, Source
from auditkit.policy.escalation import Escalation, EscalationStep, techniques

__all__ = ["connect"]

_GATED, _WAITS, _DIRECT = 4, 2, 1
_ASSUME = "sts-001"
_OF_GRAPH = frozenset({"function", "state machine"})


def connect(build: Builder) -> None:
    """Say who can turn into whom."""
    found = escalations_of(build.inventory)
    seen = workload_kinds_seen(build.inventory)
    for one in found.principals:
        record = build.inventory.get(one.principal)
        if one.admin or record is None:
            continue
        known = _OF_GRAPH & seen.get(record.account, frozenset())
        but = {_ASSUME, *(way.id for change in techniques().changes if change.kind in known for way in change.ways)}
        _connect(build, one, record, list(found.reach(one.principal, but=but)))


def _connect(build: Builder, one: Escalation, record: Record, steps: list[EscalationStep]) -> None:
    enough = any(step.admin and not step.conditional for step in steps)
    raised = False
    for step in steps:
        if step.made and step.admin:
            if not raised or not step.conditional:
                raised = raised or _raise(build, record, one, [step])
        elif not step.made and (step.admin or not (enough or _guessed(step))):
            _edge(build, record.id, step.target, one, [step])
    if one.path and one.path[0].made and not one.path[0].admin:  # by way of a group, or without a boundary
        last = one.path[-1]
        if last.made:
            _raise(build, record, one, one.path)
        elif last.target != record.id:
            _edge(build, record.id, last.target, one, one.path)


def _guessed(step: EscalationStep) -> bool:
    """Whether a step hangs on nothing but whether something exists."""
    return step.conditional and not step.keys and not LAYERS.keys() & set(step.missing)


def _raise(build: Builder, record: Record, one: Escalation, steps: Iterable[EscalationStep]) -> bool:
    """Connect a principal with the administrator that it makes itself, or makes anew."""
    node = f"administrator:{record.account}"
    steps = list(steps)
    sources = _sources(record, steps)
    build.node(
        node,
        Node(
            kind=Kind.ROLE,
            label="administrator, made",
            account=record.account,
            boundary=build.boundary(account=record.account),
            sources=sources,
            exists=False,
        ),
    )
    for store in build.inventory:
        if store.kind in STORE_KINDS and store.account == record.account:
            permits = Edge(
                kind=EdgeKind.PERMITS,
                view=View.TRUST,
                evidence=Evidence.PERMITTED,
                sources=store.sources,
                label="anything",
                cost=0,
                access=AccessLevel.ADMIN,
            )
            build.edge(node, store.id, permits)
    _edge(build, record.id, node, one, steps)
    return True


def _edge(build: Builder, origin: str, target: str, one: Escalation, steps: Iterable[EscalationStep]) -> None:
    steps = list(steps)
    record = build.inventory.get(origin)
    conditional = any(step.conditional for step in steps)
    missing = {LAYERS.get(thing, thing) for step in steps for thing in step.missing}
    missing |= {LAYERS[layer] for layer in one.unseen}
    cost = sum(_WAITS if step.waits else _DIRECT for step in steps)
    edge = Edge(
        kind=EdgeKind.ESCALATES,
        view=View.TRUST,
        evidence=Evidence.PERMITTED,
        sources=_sources(record, steps),
        label="; ".join(step.title for step in steps),
        cost=max(cost, _GATED) if conditional or missing else cost,
        conditions=tuple(sorted({key for step in steps for key in step.keys})),
        unknown=", ".join(sorted(missing)),
        detail="; ".join(f"{step.technique}: {', '.join(step.permissions)}" for step in steps),
    )
    build.edge(origin, target, edge)


def _sources(record: Record | None, steps: Iterable[EscalationStep]) -> tuple[Source, ...]:
    found = {source for step in steps for source in statement_sources(step.statements)}
    return tuple(sorted(found)) or (record.sources if record is not None else ())
