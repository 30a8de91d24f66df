"""Principals: who may assume which role, and what each may do to stores, functions and state machines.

Every grant of the policy engine becomes an edge, one for each principal, target and access level, with the statements
as its sources. A grant that hangs on condition keys, or on a policy that the export lacks, costs 4.

What anyone may do to a store, and who may put events on a bus, is left to the modules of stores and events.

A statement that lets a service in for one source (``aws:SourceArn``) is no edge from the service: who is behind it is
the source, and the setting of the source itself makes that edge. A source in an account that is not in the export has
no such setting, so its edge is made here.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from auditkit.graph._build import Builder
from auditkit.graph._hosts import host_reference
from auditkit.graph._refs import reference
from auditkit.graph.grants import Grants
from auditkit.graph.outsiders import CHOSEN
from auditkit.graph.permissions import ACCESS, Permissions, Scope, permissions_of, statement_sources, what_is_missing
from auditkit.graph.schema import INTERNET, AccessLevel, Edge, EdgeKind, EntryKind, Evidence, View
from auditkit.inventory import STORE_KINDS, Kind, PolicyText, Record, Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import FederationProvider, OrganizationAccount, Role, User
from auditkit.policy import Grant, Outcome, PolicyKind, Statement, parse

__all__ = ["connect", "edges_of_grants"]

_GATED = 4
_LABELLED = 3
_DIGITS = 12
_INVOKES = {
    Kind.FUNCTION: frozenset({"lambda:InvokeFunction", "lambda:InvokeAsync"}),
    Kind.STATE_MACHINE: frozenset({"states:StartExecution", "states:StartSyncExecution", "states:RedriveExecution"}),
}
_ASSUMES = "sts:Assume"
_GRANTING = frozenset({PolicyKind.IDENTITY, PolicyKind.RESOURCE})
_SOURCE_KEYS = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner"})


def connect(build: Builder) -> None:
    """Say what the records of IAM say."""
    permissions = permissions_of(build.inventory)
    for cls in (Role, User, FederationProvider):
        for record in build.inventory.of(cls):
            build.add(record)
    for account in build.inventory.of(OrganizationAccount):
        build.alias(account.arn, build.ref(account.account_id))
    together = Grants(build)
    for name, scopes in groupby(permissions.scopes(build.fan_out), key=itemgetter(0)):
        together.give_all(_principal(build, name), list(_given(build, permissions, scopes)))
    together.make()
    _foreign_sources(build)


def _left_to_others(build: Builder, principal: str, target: str) -> bool:
    kind = reference(target).kind
    if kind is Kind.EVENT_BUS:
        return not isinstance(build.inventory.get(principal), Role | User)
    return principal == "*" and kind in STORE_KINDS


def _pinned(grant: Grant) -> bool:
    """Return whether a grant is to a service, or to anyone, for a source that the statement names."""
    outside = grant.principal == "*" or not (grant.principal.startswith("arn:") or grant.principal.isdecimal())
    return outside and bool(_SOURCE_KEYS & {key.lower() for key in grant.keys})


def _given(build: Builder, permissions: Permissions, scopes: Iterable[Scope]) -> Iterator[tuple[list[str], list[Edge]]]:
    """Yield what a principal was given: nodes, and the edges to each of them."""
    alike: dict[tuple[object, ...], tuple[Scope, list[Edge]]] = {}
    for scope in scopes:
        principal, target = scope.principal, scope.targets[0]
        known = permissions.knows(principal)
        if not known:
            _entry(build, principal, target, scope.grants)
        if _left_to_others(build, principal, target):
            continue
        key = _sort(scope) if known else (target,)
        if key not in alike:
            grants = [grant for grant in scope.grants if not _pinned(grant)]
            alike[key] = scope, list(edges_of_grants(build, grants))
        edges = alike[key][1]
        if edges:
            origin = _principal(build, principal)
            yield [node for node in (build.reference(target).id for target in scope.targets) if node != origin], edges


def _sort(scope: Scope) -> tuple[object, ...]:
    """Return what the edges of a principal to a target hang on: equal for two targets, the same edges."""
    arn = parse_arn(scope.targets[0])
    found = [
        (id(actions), reference(resource).qualifier, id(decision)) for actions, resource, decision in scope.answers
    ]
    return (arn and arn.service, arn and arn.account, reference(scope.targets[0]).kind, *found)


def _principal(build: Builder, name: str) -> str:
    """Return the node of who was granted something, as the policy engine names it."""
    if name == "*":
        return build.ref(INTERNET)
    if name.startswith("arn:") or name.isdecimal() or name.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return build.ref(name)
    return build.third_party(name) if host_reference(name).kind is Kind.THIRD_PARTY else build.ref(name)


_MAKES = frozenset({"lambda:CreateFunction", "states:CreateStateMachine"})
"""What brings code into being, and is refused where something of that name is there: it changes nothing that runs."""


def edges_of_grants(build: Builder, grants: Iterable[Grant]) -> Iterator[Edge]:
    """Yield the edges for what one principal may do to one target."""
    sorted_out: dict[tuple[EdgeKind, AccessLevel | None, str], list[Grant]] = {}
    for grant in grants:
        what = _meaning(grant)
        if what is not None and _has_ground(grant):
            sorted_out.setdefault((*what, reference(grant.resource).qualifier), []).append(grant)
    for (kind, access, qualifier), found in sorted(sorted_out.items(), key=lambda item: str(item[0])):
        yield _edge(build, kind, access, qualifier, found)


def _meaning(grant: Grant) -> tuple[EdgeKind, AccessLevel | None] | None:
    """Return which edge a grant makes, ``None`` for one that makes none."""
    kind = reference(grant.target).kind
    if kind is Kind.ROLE:
        return (EdgeKind.ASSUMES, None) if grant.action.startswith(_ASSUMES) else None
    if kind in _INVOKES:
        if grant.action in _INVOKES[kind]:
            return EdgeKind.INVOKES, None
        changes = grant.access == "change-code" and grant.action not in _MAKES
        return (EdgeKind.CHANGES_CODE, None) if changes else None
    level = ACCESS.get(grant.access)
    return (EdgeKind.PERMITS, level) if level is not None and kind in STORE_KINDS else None


def _has_ground(grant: Grant) -> bool:
    """Return whether something that was seen allows it, or a policy of the principal's own was not seen.

    A resource policy that was not seen might let anybody in; that is said by the coverage, not by an edge from each
    principal to each resource.
    """
    seen = {reference.policy for reference in grant.statements if reference.effect == "Allow"}
    return grant.outcome is not Outcome.UNKNOWN or "identity" in grant.missing or bool(seen & _GRANTING)


def _edge(build: Builder, kind: EdgeKind, access: AccessLevel | None, qualifier: str, grants: list[Grant]) -> Edge:
    """Return one edge for grants of the same meaning: the least doubtful of them decides."""
    ranked = sorted(grants, key=_doubt)
    best = _doubt(ranked[0])[:2]
    deciding = [grant for grant in ranked if _doubt(grant)[:2] == best]
    missing = min((lacking for lacking in map(what_is_missing, deciding) if lacking.words), default=None)
    keys = _hangs_on(deciding[0])
    sources = sorted({source for grant in deciding for source in statement_sources(grant.statements)})
    actions = sorted({grant.action.partition(":")[2] for grant in deciding})
    more = f" and {len(actions) - _LABELLED} more" if len(actions) > _LABELLED else ""
    direct = 0 if kind is EdgeKind.PERMITS else 1
    return Edge(
        kind=kind,
        view=View.TRUST,
        evidence=Evidence.PERMITTED,
        sources=tuple(sources) or _fallback(build, deciding[0]),
        label=", ".join(actions[:_LABELLED]) + more,
        cost=_GATED if keys or missing else direct,
        conditions=tuple(keys),
        unknown=missing.words if missing else "",
        limits=missing.limits if missing else (),
        access=access,
        qualifier=qualifier,
        detail=", ".join(actions) if more else "",
    )


def _doubt(grant: Grant) -> tuple[bool, bool, str]:
    """Return how doubtful a grant is, for sorting: undecided by its policies, then by what the export lacks at all."""
    missing = what_is_missing(grant)
    return missing.doubtful or bool(_hangs_on(grant)), bool(missing.words), grant.action


def _hangs_on(grant: Grant) -> tuple[str, ...]:
    """Return the condition keys that a grant hangs on, without those whose value the caller chooses."""
    if grant.outcome is Outcome.ALLOW:
        return ()
    return tuple(key for key in grant.keys if key.lower() not in CHOSEN)


def _fallback(build: Builder, grant: Grant) -> tuple[Source, ...]:
    """Return where a grant without a statement comes from: the principal's record, else the target's."""
    for identity in (grant.principal, grant.target):
        record = build.inventory.get(identity)
        if record is not None:
            return (record.source,)
    return (Source(""),)


# ---------------------------------------------------------------- sources in other accounts


def _foreign_sources(build: Builder) -> None:
    """Connect what resource policies let in for a source, or an account, that is not in the export."""
    for record in build.inventory:
        policy = getattr(record, "policy", None)
        kind = reference(record.id).kind
        if not isinstance(policy, PolicyText) or (kind not in _INVOKES and kind not in STORE_KINDS):
            continue
        document = parse(policy.document, kind=PolicyKind.RESOURCE, source=policy.source)
        for statement in document.statements:
            for source in sorted(_sources(statement)):
                origin = build.reference(source)
                if origin.account and origin.account not in build.boundaries.own:
                    place = policy.source.at(*statement.pointer.split("/")[1:])
                    build.edge(origin.id, reference(record.id).id, _let_in(statement, kind, place))


def _sources(statement: Statement) -> set[str]:
    """Return the sources and accounts that a statement names in its conditions."""
    outside = [named for named in statement.principals or () if named.type in {"*", "Service"} or named.value == "*"]
    if statement.effect != "Allow" or statement.unclear or not outside:
        return set()
    return {
        value
        for condition in statement.conditions
        if condition.key.lower() in _SOURCE_KEYS and not condition.operator.negated
        for value in condition.values
        if parse_arn(value) or (value.isdecimal() and len(value) == _DIGITS)
    }


def _let_in(statement: Statement, kind: Kind, place: Source) -> Edge:
    runs = kind in _INVOKES
    return Edge(
        kind=EdgeKind.INVOKES if runs else EdgeKind.PERMITS,
        view=View.TRUST,
        evidence=Evidence.PERMITTED,
        sources=(place,),
        label=", ".join(action.partition(":")[2] for action in (statement.actions or ())[:_LABELLED]),
        cost=1,
        access=None if runs else AccessLevel.WRITE,
    )


# ---------------------------------------------------------------- entries


def _entry(build: Builder, principal: str, target: str, grants: Iterable[Grant]) -> None:
    """Mark what the outside reaches by a policy alone, without a condition."""
    certain = [grant for grant in grants if grant.outcome is Outcome.ALLOW]
    record = build.inventory.get(reference(target).id)  # of an alias or a version, the function
    if not certain or record is None:
        return
    if isinstance(record, Function) and any(grant.action == "lambda:InvokeFunction" for grant in certain):
        _function_entry(build, principal, record)
    elif isinstance(record, Role):
        _role_entry(build, principal)


def _function_entry(build: Builder, principal: str, function: Function) -> None:
    if principal == "*":  # the Lambda API asks for a signature, which anyone with an account can make
        build.add(function, vpc=_vpc(function), entry=EntryKind.AUTHENTICATED)
    elif principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        # a service without a source acts for whoever asks it to: any account's bucket, topic or rule
        build.add(function, vpc=_vpc(function), entry=EntryKind.OTHER_ACCOUNT)


def _vpc(function: Function) -> str:
    return (function.vpc_config.vpc_id or "") if function.vpc_config else ""


def _role_entry(build: Builder, principal: str) -> None:
    provider = build.inventory.get(principal)
    arn = parse_arn(principal)
    if isinstance(provider, Record) and arn is not None and arn.resource.startswith("oidc-provider/"):
        build.add(provider, entry=EntryKind.THIRD_PARTY)
