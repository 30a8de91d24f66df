"""Which roles and users may call an entry that asks for signed requests."""

from collections.abc import Sequence

from auditkit.graph._build import Builder
from auditkit.graph.grounds import statement_sources, what_is_missing
from auditkit.graph.permissions import permissions_of
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory.records.identities import Role, User
from auditkit.policy import Grant, TargetPolicies, relation

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
    found: dict[tuple[str, str], list[Grant]] = {}
    for grant in relation(permissions_of(build.inventory).principals, policies.values(), actions=[action]):
        if isinstance(build.inventory.get(grant.principal), Role | User):
            for node in nodes[grant.target]:
                found.setdefault((grant.principal, node), []).append(grant)
    for (principal, node), grants in sorted(found.items()):
        grant = min(grants, key=lambda one: (bool(what_is_missing(one).words), bool(one.keys), one.target))
        record = build.inventory.get(principal)
        missing = what_is_missing(grant)
        build.edge(
            principal,
            node,
            Edge(
                kind=EdgeKind.INVOKES,
                view=View.TRUST,
                evidence=Evidence.PERMITTED,
                sources=statement_sources(grant.statements) or (record.sources if record else ()),
                label=action.partition(":")[2],
                cost=_GATED if grant.keys or missing.words else 1,
                conditions=tuple(sorted(grant.keys)),
                unknown=missing.words,
                limits=missing.limits,
            ),
        )
