"""Who gets in at a route: whether it is deployed, which doors lead to it, and what is asked of a caller.

An API is reached at its own host (unless that is switched off) and at the domain names that are mapped to it. A route
is an entry if the API is deployed to a stage and one of these doors is open to the internet; the weakest door counts.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from auditkit.graph._build import Builder
from auditkit.graph._documents import place
from auditkit.graph.factors import Level
from auditkit.graph.schema import Interval
from auditkit.inventory import CoverageState, PolicyText, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.apis import ApiV2, DomainName, RestApi
from auditkit.policy import (
    ANONYMOUS,
    Context,
    Decision,
    Document,
    PolicyKind,
    PolicySet,
    Principal,
    Request,
    evaluate,
    parse,
    principal,
)

__all__ = ["Admission", "Doors", "admission", "doors_of", "foreign_accounts"]

_STRANGERS = ("1.1.1.1", "101.32.7.9", "200.200.200.200")  # addresses of nobody's allow list
_SPOOFABLE = frozenset({"aws:referer", "aws:useragent"})
_OLD_TLS = "TLS_1_0"
_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:(?:iam|sts)::)?(?P<account>\d{12})(?::.*)?\Z")
_SHORT = "execute-api:/"
_ANYONE_SIGNED = "arn:aws:iam::000000000000:role/stranger"
_NO_ACCOUNT = "999999999999"
_METHODS = ("GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_EVERYTHING = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind=PolicyKind.IDENTITY)
_FROM_OUTSIDE: dict[str, object] = {
    "aws:SourceVpc": None,
    "aws:SourceVpce": None,
    "aws:VpcSourceIp": None,
    "aws:SourceArn": None,
    "aws:SourceAccount": None,
    "aws:PrincipalOrgID": None,
    "aws:PrincipalOrgPaths": None,
    "aws:PrincipalIsAWSService": "false",
    "aws:ViaAWSService": "false",
    "aws:SecureTransport": "true",
}
_NOBODY: dict[str, object] = {"aws:PrincipalArn": None, "aws:PrincipalAccount": None}


class Doors(NamedTuple):
    """The doors of an API.

    Attributes
    ----------
    reason
        Why nobody gets in from the internet; ``""`` where somebody may.
    unknown
        What is missing to know it for certain.
    encryption
        Level of the factor, of the weakest door.
    certificate
        Whether every door asks for a client certificate.
    sources
        Records of the domain names.
    """

    reason: str
    unknown: str
    encryption: Level
    certificate: bool
    sources: tuple[Source, ...] = ()


def doors_of(build: Builder, api: RestApi | ApiV2) -> Doors:
    """Return the doors of an API."""
    domains = tuple(_domains(build, api))
    sources = tuple(domain.source for domain in domains)
    if isinstance(api, RestApi) and api.private:
        return Doors("The API is private: only VPC endpoints lead to it.", "", 0, certificate=False)
    if not isinstance(api.stages, UnsetType) and not api.stages:
        return Doors("The API is deployed to no stage.", "", 0, certificate=False)
    unknown = "stages" if isinstance(api.stages, UnsetType) else ""
    named = _names_seen(build, api)
    if api.disable_execute_api_endpoint and not domains:
        if named:
            return Doors(
                "The API's own host is switched off, and no domain name leads to it.", "", 0, certificate=False
            )
        unknown = "domain names"
    certificate = api.disable_execute_api_endpoint and all(domain.mutual_tls_authentication for domain in domains)
    return Doors("", unknown, _encryption(api, domains, named=named), bool(domains) and certificate, sources)


def _domains(build: Builder, api: RestApi | ApiV2) -> Iterator[DomainName]:
    for domain in build.inventory.of(DomainName):
        if domain.region == api.region and domain.account == api.account:
            mappings = domain.mappings
            if isinstance(mappings, tuple) and any(mapping.api_id == api.api_id for mapping in mappings):
                yield domain


def _names_seen(build: Builder, api: RestApi | ApiV2) -> bool:
    """Return whether domain names and all their mappings were seen."""
    services = ("apigateway", "apigatewayv2") if isinstance(api, RestApi) else ("apigatewayv2",)
    known = {CoverageState.PRESENT, CoverageState.EMPTY}
    listed = any(
        build.inventory.coverage.state(service, "GetDomainNames", account=api.account, region=api.region) in known
        for service in services
    )
    return listed and not any(
        isinstance(domain.mappings, UnsetType)
        for domain in build.inventory.of(DomainName)
        if domain.region == api.region and domain.account == api.account
    )


def _encryption(api: RestApi | ApiV2, domains: tuple[DomainName, ...], *, named: bool) -> Level:
    weak = sorted(domain.name for domain in domains if domain.security_policy == _OLD_TLS)
    if weak:
        return 0.25, f"The domain name {weak[0]} still accepts TLS 1.0 (securityPolicy)."
    own = api.security_policy if isinstance(api, RestApi) else None
    if own == _OLD_TLS and not api.disable_execute_api_endpoint:
        return 0.25, "The API's own host still accepts TLS 1.0 (securityPolicy)."
    if not named:
        return Interval(0, 0.25), "HTTPS only; whether a domain name accepts TLS 1.0 was not seen (GetDomainNames)."
    return 0, "HTTPS only, and no domain name accepts TLS 1.0."


# ---------------------------------------------------------------- resource policies


class Admission(NamedTuple):
    """What a REST API's resource policy says of a caller from the internet.

    Attributes
    ----------
    allowed
        ``None`` where it hangs on what is not known.
    conditions
        Condition keys that it hangs on.
    unknown
        What is missing.
    reason
        One sentence.
    sources
        Statements that decide.
    """

    allowed: bool | None
    conditions: tuple[str, ...] = ()
    unknown: str = ""
    reason: str = ""
    sources: tuple[Source, ...] = ()


def admission(api: RestApi, method: str, path: str, *, signed: bool) -> Admission:
    """Judge what the resource policy says of anyone: of a caller without identity, or of any AWS principal.

    Parameters
    ----------
    api
        The API.
    method, path
        Of the route: ``"ANY"``, ``"/orders/{id}"``.
    signed
        Whether requests are signed by a principal of AWS (authorization type AWS_IAM). Without a policy such a caller
        must be of the API's own account.
    """
    if isinstance(api.policy, UnsetType):
        unseen = Admission(None, unknown="resource policy of the API", reason="The API's resource policy was not seen.")
        return unseen._replace(allowed=False) if signed else unseen
    if api.policy is None:
        return Admission(allowed=not signed, reason="The API has no resource policy.")
    document = _document(api, api.policy)
    asked = _Question(api, document, principal(_ANYONE_SIGNED) if signed else ANONYMOUS)
    resources = _resources(api, document, method, path)
    tried = [asked.best(resources, {"aws:SourceIp": address}) for address in _STRANGERS]
    first = next((decision for decision in tried if not decision.allowed), tried[0])
    if first.allowed:
        reason = "The API's resource policy lets anyone in."
        return Admission(allowed=True, reason=reason, sources=_sources(api.policy, first))
    second = asked.best(resources, {}) if first.denied else first
    sources = _sources(api.policy, second)
    if second.denied:
        return Admission(allowed=False, reason="The API's resource policy lets no stranger in.", sources=sources)
    keys = tuple(sorted(second.keys))
    if not keys:
        reason = "The API's resource policy could not be understood."
        return Admission(None, unknown="resource policy of the API", reason=reason, sources=sources)
    spoofable = {key.lower() for key in keys} <= _SPOOFABLE
    reason = f"The API's resource policy decides by {', '.join(keys)}" + (
        ", which a caller sets." if spoofable else "."
    )
    if spoofable:
        return Admission(allowed=True, reason=reason, sources=sources)
    return Admission(None, keys, reason=reason, sources=sources)


class _Question(NamedTuple):
    api: RestApi
    document: Document
    who: Principal

    def best(self, resources: tuple[str, ...], known: dict[str, object]) -> Decision:
        """Return the decision on the resource that the policy likes best."""
        context = Context({**_FROM_OUTSIDE, **({} if self.who is not ANONYMOUS else _NOBODY), **known}, complete=False)
        decisions = [
            evaluate(
                Request(
                    principal=self.who,
                    action="execute-api:Invoke",
                    resource=resource,
                    resource_account=self.api.account or _NO_ACCOUNT,
                    context=context,
                ),
                PolicySet(identity=(_EVERYTHING,), resource=self.document),
            )
            for resource in resources
        ]
        return min(decisions, key=lambda decision: 0 if decision.allowed else 2 if decision.denied else 1)


def _resources(api: RestApi, document: Document, method: str, path: str) -> tuple[str, ...]:
    """Return ARNs that a request for a route may have; for an open path or method also those that the policy names."""
    methods = _METHODS if method == "ANY" else (method,)
    stages = [stage.stage_name for stage in api.stages] if isinstance(api.stages, tuple) else []
    prefix = arn_of("execute-api", f"{api.api_id}/", account=api.account, region=api.region)
    found = {f"{prefix}{stage}/{name}{path}" for stage in stages or ["stage"] for name in methods}
    if "{" in path or method == "ANY":
        open_path = re.sub(r"\\\{[^{}]*\\\+\\\}", ".+", re.escape(path))
        open_path = re.sub(r"\\\{[^{}]*\\\}", "[^/]+", open_path)
        form = re.compile(rf"{re.escape(prefix)}[^/]+/(?:{'|'.join(methods)}){open_path}\Z")
        named = (
            pattern.replace("*", "GET").replace("?", "x")
            for statement in document.statements
            for pattern in statement.resources or ()
        )
        found |= {resource for resource in named if form.match(resource)}
    return tuple(sorted(found))


def _document(api: RestApi, policy: PolicyText) -> Document:
    """Return the policy with its short resources (``execute-api:/stage/GET/path``) written out."""
    prefix = arn_of("execute-api", f"{api.api_id}/", account=api.account, region=api.region)

    def written(value: object, *, inside: bool = False) -> object:
        if isinstance(value, str):
            return prefix + value.removeprefix(_SHORT) if inside and value.startswith(_SHORT) else value
        if isinstance(value, list):
            return [written(item, inside=inside) for item in value]
        if isinstance(value, dict):
            return {key: written(item, inside=key in {"Resource", "NotResource"}) for key, item in value.items()}
        return value

    return parse(written(policy.document), kind=PolicyKind.RESOURCE)


def _sources(policy: PolicyText, decision: Decision) -> tuple[Source, ...]:
    return tuple(sorted({place(policy, reference.pointer) for reference in decision.statements})) or (policy.source,)


def foreign_accounts(api: RestApi) -> tuple[tuple[str, Source], ...]:
    """Return accounts other than the API's own that an Allow of the resource policy names, with the statement."""
    if not isinstance(api.policy, PolicyText):
        return ()
    found: dict[str, Source] = {}
    for statement in _document(api, api.policy).statements:
        if statement.effect == "Allow":
            for named in statement.principals or ():
                match = _ACCOUNT.match(named.value)
                if match and match["account"] != api.account:
                    found.setdefault(match["account"], place(api.policy, statement.pointer))
    return tuple(sorted(found.items()))
