"""Which roles and users may call an entry that asks for signed requests."""

from collections.abc import Sequence

import msgspec

from auditkit.graph._build import Builder
from auditkit.graph.edges._met import Met
from auditkit.graph.grounds import statement_sources, what_is_missing
from auditkit.graph.permissions import permissions_of
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory.records.identities import Role, User
from auditkit.policy import Decision, Grant, TargetPolicies, relation

__all__ = ["permitted"]

_GATED = 4


def permitted(build: Builder, targets: Sequence[tuple[TargetPolicies, str]], *, action: str) -> None:
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
    for grant in relation(permissions.principals, policies.values(), actions=[action]):
        if isinstance(build.inventory.get(grant.principal), Role | User):
            every = [grant]
            for function, decision in met.grants(grant, policies[grant.target]):
                every.append(_granted_to(function, grant, decision))
            for one in every:
                for node in nodes[grant.target]:
                    found.setdefault((one.principal, node), []).append(one)
    for (principal, node), grants in sorted(found.items()):
        grant = min(grants, key=lambda one: (bool(what_is_missing(one).words), bool(one.keys), one.target))
        build.edge(principal, node, _edge(build, grant))


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
