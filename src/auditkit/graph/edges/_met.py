"""What a function may do because it is that function: conditions of its role that its own requests meet.

A permission on condition of ``lambda:SourceFunctionArn``, or of the VPC or endpoint that requests come through, is of
little use to one who steals the role's credentials, so that the edge from the role costs 4. To one who runs code *in
the function that meets the condition* nothing stands in the way. So that function has edges of its own, beside those of
its role: what its role may do, asked again with what is known of its requests.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from auditkit.graph._build import Builder
from auditkit.graph._refs import reference
from auditkit.graph._strangers import CHOSEN
from auditkit.graph.edges.versions import in_use
from auditkit.graph.network_paths import endpoints_to_service, lets_everything_pass
from auditkit.graph.permissions import Permissions, Scope
from auditkit.inventory import UNSET, PolicyText, UnsetType
from auditkit.inventory.arn import arn_of, parse_arn
from auditkit.inventory.records.functions import Function, FunctionConfiguration, FunctionVersion
from auditkit.inventory.records.network import VpcEndpoint
from auditkit.policy import (
    Answer,
    Decision,
    Document,
    Grant,
    Outcome,
    PolicyKind,
    TargetPolicies,
    TrackedAction,
    can,
    parse,
)

__all__ = ["Met", "functions_by_role"]

_FUNCTION = "lambda:SourceFunctionArn"
_VPC, _VPC_ARN, _ENDPOINT = "aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce"
_ENDPOINT_ACCOUNT, _ENDPOINT_ORGANIZATION = "aws:VpceAccount", "aws:VpceOrgID"
_KEYS = frozenset(
    key.lower() for key in (_FUNCTION, _VPC, _VPC_ARN, _ENDPOINT, _ENDPOINT_ACCOUNT, _ENDPOINT_ORGANIZATION)
)
"""Condition keys that tell which function asks, and through what."""


class _Way(NamedTuple):
    """A way that requests of a function can take.

    Attributes
    ----------
    context
        What is known of such requests.
    passes
        Policy of the endpoint; None where everything passes, UNSET where it is not known.
    """

    context: Mapping[str, Any]
    passes: tuple[Document, ...] | UnsetType | None = None

    def tells(self, decided: "_Decided") -> bool:
        """Return whether something hangs on what is known of these requests."""
        return not {key.lower() for key in self.context}.isdisjoint(key.lower() for key in decided.keys)


class Met:
    """Asks again, for functions, what hangs on which function asks.

    Parameters
    ----------
    build, permissions
        Of the graph.
    """

    def __init__(self, build: Builder, permissions: Permissions) -> None:
        self._build, self._permissions = build, permissions
        self._principals = {one.arn: one for one in permissions.principals}
        self._targets = {one.arn: one for one in permissions.targets}
        self._runners = _by_role(build)

    def __contains__(self, role: object) -> bool:
        return role in self._runners and role in self._principals

    def of(self, role: str, scopes: Iterable[Scope]) -> Iterator[tuple[str, list[Scope]]]:
        """Yield the functions that may do what their role may not do from everywhere, each with what.

        Parameters
        ----------
        role
            That functions run as.
        scopes
            What the role may do.
        """
        hanging = [scope for scope in scopes if any(_hangs(answer.decision) for answer in scope.answers)]
        if not hanging:
            return
        found: dict[str, list[Scope]] = {}
        for function, code in self._runners[role]:
            found.setdefault(function.id, []).extend(self._asked(role, function, code, hanging))
        yield from ((function, more) for function, more in found.items() if more)

    def _asked(
        self, role: str, function: Function, code: FunctionConfiguration, scopes: Iterable[Scope]
    ) -> Iterator[Scope]:
        """Yield what of some scopes requests of a function may do."""
        known: dict[tuple[object, ...], Decision | None] = {}
        ways: dict[str, list[_Way]] = {}
        for scope in scopes:
            arn = parse_arn(scope.target)
            service = arn.service if arn is not None else ""
            if service not in ways:
                ways[service] = [*self._ways(function, code, service)]
            for some in self._alike(scope, ways[service]):
                told = [one for answer in some.answers for one in self._again(role, some, answer, ways[service], known)]
                if told:
                    yield some._replace(principal=function.id, answers=tuple(told))

    def _alike(self, scope: Scope, ways: list[_Way]) -> Iterator[Scope]:
        """Yield a scope in parts that are decided alike: one by one where an endpoint's policy may tell them apart."""
        if len(scope.targets) == 1 or not any(way.passes for way in ways):
            yield scope
            return
        yield from self._permissions.each(scope)

    def _again(
        self,
        role: str,
        scope: Scope,
        answer: Answer,
        ways: list[_Way],
        known: dict[tuple[object, ...], Decision | None],
    ) -> Iterator[Answer]:
        """Yield the answers that become certain, or as good as, for requests that take one of some ways."""
        if not _hangs(answer.decision):
            return
        by_name = any(way.passes for way in ways)  # what an endpoint lets pass is told by action and resource
        alike: dict[int, tuple[Decision, list[TrackedAction]]] = {}
        for action in answer.actions:
            key = (id(answer.decision), id(ways), *((answer.resource, action.name) if by_name else ()))
            if key not in known:
                telling = [way for way in ways if way.tells(answer.decision)]
                known[key] = self._best(role, self._targets[scope.target], action.name, answer.resource, telling)
            decision = known[key]
            if decision is not None:
                alike.setdefault(id(decision), (decision, []))[1].append(action)
        for decision, actions in alike.values():
            yield answer._replace(actions=tuple(actions), decision=decision)

    def grants(self, grant: Grant, target: TargetPolicies) -> Iterator[tuple[str, Decision]]:
        """Yield the functions for which a grant of their role becomes certain, or as good as, each with the decision.

        Parameters
        ----------
        grant
            What a role may do.
        target
            Its target, which need be none of the inventory's.
        """
        arn = parse_arn(grant.resource)
        if arn is None or grant.principal not in self or not _hangs(grant):
            return
        found: dict[str, list[Decision]] = {}
        for function, code in self._runners[grant.principal]:
            ways = [way for way in self._ways(function, code, arn.service) if way.tells(grant)]
            decision = self._best(grant.principal, target, grant.action, grant.resource, ways)
            if decision is not None:
                found.setdefault(function.id, []).append(decision)
        yield from ((function, min(every, key=_doubt)) for function, every in found.items())

    def _best(
        self, role: str, target: TargetPolicies, action: str, resource: str, ways: Iterable[_Way]
    ) -> Decision | None:
        """Return what is decided about requests that take the best of some ways; None where they meet nothing."""
        who, key = self._principals[role], self._targets.get(target.key_arn or "")
        decisions = (
            can(
                msgspec.structs.replace(who, context={**who.context, **way.context}),
                target, action, resource=resource, key=key, endpoint=way.passes,
            )
            for way in ways
        )  # fmt: skip
        return min((one for one in decisions if not _open(one) and not one.denied), key=_doubt, default=None)

    def _ways(self, function: Function, code: FunctionConfiguration, service: str) -> Iterator[_Way]:
        """Yield the ways that requests of a function to a service can take."""
        who = {_FUNCTION: function.id}
        yield _Way(who)
        vpc = (code.vpc_config.vpc_id or "") if code.vpc_config is not None else ""
        if code.vpc_config is None or not vpc:
            return
        resource = f"vpc/{vpc}"
        inside = who | {
            _VPC: vpc,
            _VPC_ARN: arn_of("ec2", resource, account=function.account, region=function.region),
        }
        endpoints = endpoints_to_service(self._build, vpc=vpc, subnets=code.vpc_config.subnet_ids, service=service)
        if endpoints is None:
            yield _Way(inside, UNSET)
        for endpoint in endpoints or ():
            yield _Way(inside | self._through(endpoint), _passes(endpoint))

    def _through(self, endpoint: VpcEndpoint) -> dict[str, Any]:
        known = {_ENDPOINT: endpoint.vpc_endpoint_id, _ENDPOINT_ACCOUNT: endpoint.owner_id or endpoint.account}
        organization = self._permissions.organization
        return known if isinstance(organization, UnsetType) else known | {_ENDPOINT_ORGANIZATION: organization}


def functions_by_role(build: Builder) -> dict[str, list[Function]]:
    """Return the functions that run as each role, those of which only a version in use does among them."""
    return {
        role: [*{function.id: function for function, _ in runners}.values()]
        for role, runners in _by_role(build).items()
    }


def _by_role(build: Builder) -> dict[str, list[tuple[Function, FunctionConfiguration]]]:
    found: dict[str, list[tuple[Function, FunctionConfiguration]]] = {}
    for function, code in _configurations(build):
        if code.role:
            found.setdefault(code.role, []).append((function, code))
    return found


def _configurations(build: Builder) -> Iterator[tuple[Function, FunctionConfiguration]]:
    """Yield functions as they are set, and as versions in use are set that differ in role or network."""
    for function in build.inventory.of(Function):
        yield function, function
    others = []
    for version in build.inventory.of(FunctionVersion):
        of = build.inventory.get(reference(version.id).id)
        if isinstance(of, Function) and (version.role, version.vpc_config) != (of.role, of.vpc_config):
            others.append((of, version))
    used = in_use(build) if others else set()
    yield from ((of, version) for of, version in others if version.id in used)


def _passes(endpoint: VpcEndpoint) -> tuple[Document, ...] | UnsetType | None:
    """Return the policy of an endpoint; None where everything passes."""
    if not isinstance(endpoint.policy, PolicyText):
        return endpoint.policy
    document = parse(
        endpoint.policy.document, kind=PolicyKind.ENDPOINT, source=endpoint.policy, name=endpoint.vpc_endpoint_id
    )
    return None if lets_everything_pass(document) else (document,)


class _Decided(Protocol):
    """A decision, or a grant, as far as it matters here."""

    @property
    def outcome(self) -> Outcome:
        """The answer."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Condition keys that it hangs on."""


def _open(decided: _Decided) -> set[str]:
    """Return the condition keys that something hangs on, but for those whose value the caller chooses."""
    keys = {key.lower() for key in decided.keys} if decided.outcome is not Outcome.ALLOW else set()
    return keys - CHOSEN


def _hangs(decided: _Decided) -> bool:
    """Return whether something hangs on which function asks, or through what."""
    return bool(_open(decided) & _KEYS)


def _doubt(decision: Decision) -> tuple[bool, tuple[str, ...]]:
    return not decision.allowed, decision.missing
