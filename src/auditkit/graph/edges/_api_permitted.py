"""Which roles and users may call an entry that asks for signed requests."""

from collections.abc import Sequence

import msgspec

from auditkit.graph._build import Builder
from auditkit.graph.edges._met import Met
from auditkit.graph.grounds import statement_sources, what_is_missing
from auditkit.graph.permissions import permissions_of
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory.records.identities import Role, User
from auditkit.policy import Decision, Grant, Outcome, TargetPolicies, relation

__all__ = ["permitted"]

_GATED = 4


def permitted(build: Builder, targets: Sequence[tuple[TargetPolicies, str]], *, action: str, besides: str = "") -> None:
    """Connect roles and users with what they may call: an ``INVOKES`` edge each, with the statements as its sources.

    Parameters
    ----------
    build
        Of the graph.
    targets
        What can be called, as policies name it, with the id of its node. Several may mean one node (the methods of an
        open route), and one may mean several (the connection of a WebSocket API).
    action
        ``"execute-api:Invoke"``.
    besides
        Another action that the call needs as well; ``""`` for none.
    """
    if not targets:
        return
    nodes: dict[str, dict[str, None]] = {}
    for target, node in targets:
        nodes.setdefault(target.arn, {})[node] = None
    policies = {target.arn: target for target, _ in targets}
    permissions = permissions_of(build.inventory)
    met = Met(build, permissions)
    found: dict[tuple[str, str], list[Grant]] = {}
    needed = None
    if besides:
        also = relation(permissions.principals, policies.values(), actions=[besides])
        needed = {(grant.principal, grant.target): grant for grant in also}
    for alone in relation(permissions.principals, policies.values(), actions=[action]):
        grant = alone if needed is None else _both(alone, needed.get((alone.principal, alone.target)))
        if grant is not None and isinstance(build.inventory.get(grant.principal), Role | User):
            every = [grant]
            for function, decision in met.grants(grant, policies[grant.target]):
                every.append(_granted_to(function, grant, decision))
            for one in every:
                for node in nodes[grant.target]:
                    found.setdefault((one.principal, node), []).append(one)
    for (principal, node), grants in sorted(found.items()):
        grant = min(grants, key=lambda one: (bool(what_is_missing(one).words), bool(one.keys), one.target))
        build.edge(principal, node, _edge(build, grant))


def _both(grant: Grant, other: Grant | None) -> Grant | None:
    """Return a grant as far as another goes that the call needs as well; None where there is no other."""
    if other is None:
        return None
    weaker = max(grant, other, key=lambda one: (one.outcome is Outcome.CONDITIONAL, one.outcome is Outcome.UNKNOWN))
    return msgspec.structs.replace(
        grant,
        outcome=weaker.outcome,
        statements=tuple(dict.fromkeys((*grant.statements, *other.statements))),
        keys=tuple(sorted({*grant.keys, *other.keys})),
        missing=tuple(dict.fromkeys((*grant.missing, *other.missing))),
    )


def _granted_to(function: str, grant: Grant, decision: Decision) -> Grant:
    """Return a grant of a role as it is for a function that meets its conditions."""
    return msgspec.structs.replace(
        grant,
        principal=function,
        outcome=decision.outcome,
        statements=decision.statements,
        keys=decision.keys,
        missing=decision.missing,
    )


def _edge(build: Builder, grant: Grant) -> Edge:
    record, missing = build.inventory.get(grant.principal), what_is_missing(grant)
    return Edge(
        kind=EdgeKind.INVOKES,
        view=View.TRUST,
        evidence=Evidence.PERMITTED,
        sources=statement_sources(grant.statements) or (record.sources if record else ()),
        label=grant.action.partition(":")[2],
        cost=_GATED if grant.keys or missing.words else 1,
        conditions=tuple(sorted(grant.keys)),
        unknown=missing.words,
        limits=missing.limits,
    )
