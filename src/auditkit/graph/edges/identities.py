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

import numpy as np
from numpy.typing import NDArray

from auditkit.graph._build import Builder
from auditkit.graph._disguises import disguises, of_services
from auditkit.graph._hosts import host_reference
from auditkit.graph._refs import reference
from auditkit.graph.edges._granted import INVOKES, Granted
from auditkit.graph.edges._met import Met
from auditkit.graph.grants import Grants
from auditkit.graph.grounds import Basis
from auditkit.graph.outsiders import Call, openings_of_policy
from auditkit.graph.permissions import Permissions, Scope, permissions_of
from auditkit.graph.schema import INTERNET, AccessLevel, Edge, EdgeKind, EntryKind, Evidence, View
from auditkit.inventory import STORE_KINDS, Kind, PolicyText, Record, Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import FederationProvider, OrganizationAccount, Role, User
from auditkit.policy import Document, Grant, Outcome, PolicyKind, Statement, parse

__all__ = ["connect"]

_DIGITS = 12
_LABELLED = 3
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
    given, met = _Given(build, permissions, together), Met(build, permissions)
    for name, scopes in groupby(permissions.scopes(build.fan_out), key=itemgetter(0)):
        if name not in met:
            together.give_all(_principal(build, name), given.of(scopes, known=permissions.knows(name)))
            continue
        every = [*scopes]
        together.give_all(_principal(build, name), given.of(every, known=True))
        for function, more in met.of(name, every):
            together.give_all(build.ref(function), given.of(more, known=True))
    together.make()
    _foreign_sources(build)


def _left_to_others(principal: str, target: str) -> bool:
    """Return whether another module says what somebody outside may do to a target."""
    kind = reference(target).kind
    return kind is Kind.EVENT_BUS or (principal == "*" and kind in STORE_KINDS)


class _Given:
    """What principals were given: numbers of nodes, and the edges to each of them with what they rest on."""

    def __init__(self, build: Builder, permissions: Permissions, grants: Grants) -> None:
        self._build, self._grants = build, grants
        self._granted = Granted(build)
        self._nodes = grants.numbers(build.reference(target).id for target in permissions.targets_of_scopes)

    def of(
        self, scopes: Iterable[Scope], *, known: bool
    ) -> Iterator[tuple[NDArray[np.int64], list[tuple[Edge, Basis]]]]:
        """Yield what one principal was given.

        Parameters
        ----------
        scopes
            What it may do.
        known
            Whether it is one whose own policies decide, of the export, and not somebody outside.
        """
        alike: dict[tuple[object, ...], tuple[Scope, list[tuple[Edge, Basis]]]] = {}
        for scope in scopes:
            if not known:
                _entry(self._build, scope.principal, scope.target, scope.grants)
            if not known and _left_to_others(scope.principal, scope.target):
                continue
            key = _sort(scope) if known else (scope.target,)
            if key not in alike:
                alike[key] = scope, self._granted.edges(scope.principal, scope.target, scope.answers)
            edges = alike[key][1]
            if edges:
                (origin,) = self._grants.numbers([_principal(self._build, scope.principal)])
                nodes = self._nodes[np.asarray(scope.targets)]
                yield nodes[nodes != origin], edges


def _sort(scope: Scope) -> tuple[object, ...]:
    """Return what the edges of a principal to a target hang on: equal for two targets, the same edges."""
    arn = parse_arn(scope.target)
    found = [
        (id(actions), reference(resource).qualifier, id(decision)) for actions, resource, decision in scope.answers
    ]
    return (arn and arn.service, arn and arn.account, reference(scope.target).kind, *found)


def _principal(build: Builder, name: str) -> str:
    """Return the node of who was granted something, as the policy engine names it."""
    if name == "*":
        return build.ref(INTERNET)
    if name.startswith("arn:") or name.isdecimal() or name.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return build.ref(name)
    return build.third_party(name) if host_reference(name).kind is Kind.THIRD_PARTY else build.ref(name)


# ---------------------------------------------------------------- sources in other accounts


def _foreign_sources(build: Builder) -> None:
    """Connect what resource policies let in for a source, or an account, that is not in the export."""
    for record in build.inventory:
        policy = getattr(record, "policy", None)
        kind = reference(record.id).kind
        if not isinstance(policy, PolicyText) or (kind not in INVOKES and kind not in STORE_KINDS):
            continue
        document = parse(policy.written, kind=PolicyKind.RESOURCE, source=policy.source)
        for statement in document.statements:
            for source in sorted(_sources(statement)):
                origin = build.reference(source)
                if origin.account and origin.account not in build.boundaries.own:
                    place = policy.source.at(*statement.pointer.split("/")[1:])
                    build.edge(origin.id, reference(record.id).id, _let_in(statement, kind, place))
        if kind in INVOKES and _may_be_anyones(document):
            _for_anyone(build, record, policy)


def _may_be_anyones(document: Document) -> bool:
    """Return whether whoever has an account of AWS might meet what conditions of a policy say of who asks."""
    allows = [statement for statement in document.statements if statement.effect == "Allow"]
    named = {named for statement in allows if statement.conditions for named in statement.principals or ()}
    if any(one.type == "*" for one in named) and disguises(document):
        return True
    services = {one.value for one in named if one.type == "Service"}
    if any(of_services(document, service) for service in services):
        return True
    return bool(services) and any(
        condition.key.lower() in _SOURCE_KEYS and (condition.operator.negated or "*" in condition.values)
        for statement in allows
        for condition in statement.conditions
    )


def _for_anyone(build: Builder, record: Record, policy: PolicyText) -> None:
    """Connect a function with whoever may invoke it though a condition says something of who asks, or for whom."""
    function = build.inventory.get(reference(record.id).id)
    if not isinstance(function, Function):
        return
    call = Call("lambda:InvokeFunction", {"lambda:InvokedViaFunctionUrl": None})
    for one in openings_of_policy(
        policy, resource=record.id, owner=record.account, unsigned=False, known=frozenset(), call=call
    ):
        if one.certain and (one.of_service or one.outsider == "*"):
            _function_entry(build, one.outsider, function)
            invokes = Edge(
                kind=EdgeKind.INVOKES,
                view=View.TRUST,
                evidence=Evidence.PERMITTED,
                sources=one.sources,
                label="InvokeFunction",
                cost=1,
            )
            build.edge(_principal(build, one.outsider), function.id, invokes)


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
    runs = kind in INVOKES
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
