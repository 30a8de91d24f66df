"""What the resource policy of a REST API says of a caller from outside.

What it is silent on is refused where nothing but the policy, or a token of a user pool, lets a caller in; the Allow of
an authorizer function is enough by itself (Amazon API Gateway developer guide, *How API Gateway resource policies
affect authorization workflow*, its first table).
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditkit.graph._disguises import STRANGER
from auditkit.graph._documents import place
from auditkit.graph.outsiders import Opening, openings_of_policy, openings_to_organizations
from auditkit.inventory import PolicyText, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.apis import (
    RestApi,
)
from auditkit.policy import (
    ANONYMOUS,
    Context,
    Decision,
    Document,
    Named,
    Outcome,
    PolicyKind,
    PolicySet,
    Request,
    Statement,
    evaluate,
    parse,
)

__all__ = ["Admission", "Admissions"]

_STRANGERS = ("1.1.1.1", "101.32.7.9", "200.200.200.200")  # addresses of nobody's allow list
_SPOOFABLE = frozenset({"aws:referer", "aws:useragent", "aws:vpcsourceip"})  # the last in a network of one's own
_INVOKE = "execute-api:Invoke"
_SHORT = "execute-api:/"
_NO_ACCOUNT = "999999999999"
_METHODS = ("GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_ANYHOW: dict[str, object] = {
    "aws:SourceArn": None,
    "aws:SourceAccount": None,
    "aws:PrincipalArn": None,
    "aws:PrincipalAccount": None,
    "aws:PrincipalOrgID": None,
    "aws:PrincipalOrgPaths": None,
    "aws:PrincipalIsAWSService": "false",
    "aws:ViaAWSService": "false",
    "aws:SecureTransport": "true",
}
"""What is known of any request without identity."""
_FROM_OUTSIDE: dict[str, object] = {"aws:SourceVpc": None, "aws:SourceVpce": None, "aws:VpcSourceIp": None}
_FROM_AN_ENDPOINT: dict[str, object] = {
    "aws:SourceVpc": "vpc-00000000000000000",
    "aws:SourceVpce": "vpce-00000000000000000",
    "aws:VpceAccount": STRANGER,
    "aws:VpceOrgID": "o-0000000000",
}
"""What is known of one through a stranger's own VPC endpoint, by which private APIs are reached."""
_ADDRESS = "aws:sourceip"
_ANY_ROUTE = re.compile(r"[*?/]*")


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


class Admissions:
    """Answers, per API and route, who is let in by resource policies; what is the same for all routes is asked once."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._answers: dict[tuple[str, bool, str, str], Admission] = {}
        self._outsiders: dict[tuple[str, str, str], tuple[Opening, ...]] = {}

    def of(self, api: RestApi, method: str, path: str, *, signed: bool, allows: bool = False) -> Admission:
        """Judge what a resource policy says of anyone: of a caller without identity, or of any AWS principal.

        Parameters
        ----------
        api
            The API. Where it is private anyone comes through a VPC endpoint of their own.
        method, path
            Of the route: ``"ANY"``, ``"/orders/{id}"``.
        signed
            Whether requests are signed by a principal of AWS (authorization type AWS_IAM). Without a policy such a
            caller must be of the API's own account.
        allows
            Whether something else allows what the policy is silent on: an authorizer function.
        """
        if isinstance(api.policy, UnsetType):
            reason = "The API's resource policy was not seen."
            return Admission(False if signed else None, unknown="resource policy of the API", reason=reason)
        if api.policy is None:
            return Admission(allowed=not signed and not api.private, reason="The API has no resource policy.")
        if signed:
            return _of_anyone(one for one in self.outsiders(api, method, path) if one.outsider == "*")
        document = self._written(api, api.policy)
        if _same_for_all(api, document):
            method, path = "GET", "/"
        key = (api.id, allows, method, path)
        if key not in self._answers:
            written = len(document.statements)
            if allows:
                document = _with_allow(document)
            asked = _Question(api, document, written)
            self._answers[key] = _judged(asked, api.policy, _resources(api, document, method, path))
        return self._answers[key]

    def outsiders(self, api: RestApi, method: str, path: str) -> tuple[Opening, ...]:
        """Return who outside may call a route by signed requests: anyone (``"*"``), who is named, organizations."""
        if not isinstance(api.policy, PolicyText):
            return ()
        document = self._written(api, api.policy)
        if _same_for_all(api, document):
            method, path = "GET", "/"
        key = (api.id, method, path)
        if key not in self._outsiders:
            found: dict[str, Opening] = {}
            for resource in _resources(api, document, method, path):
                for one in _openings(api, api.policy, resource):
                    if one.outsider not in found or _doubt(one) < _doubt(found[one.outsider]):
                        found[one.outsider] = one
            self._outsiders[key] = tuple(one for _, one in sorted(found.items()))
        return self._outsiders[key]

    def document(self, api: RestApi) -> Document | UnsetType | None:
        """Return the resource policy of an API for the policy engine; UNSET where it was not seen."""
        return self._written(api, api.policy) if isinstance(api.policy, PolicyText) else api.policy

    def _written(self, api: RestApi, policy: PolicyText) -> Document:
        if api.id not in self._documents:
            self._documents[api.id] = _written_out(api, policy)
        return self._documents[api.id]


def _openings(api: RestApi, policy: PolicyText, resource: str) -> Iterator[Opening]:
    """Yield what a policy lets outsiders call by signed requests."""
    owner = api.account or _NO_ACCOUNT
    yield from (
        one
        for one in openings_of_policy(
            policy, resource=resource, owner=owner, unsigned=False, known=frozenset(), services=False
        )
        if _INVOKE in one.actions
    )
    for one in openings_to_organizations(policy, resource=resource, owner=owner):
        if _INVOKE in one.actions:
            yield one._replace(outsider=f"organization:{one.outsider}")


def _doubt(opening: Opening) -> tuple[bool, int]:
    return bool(opening.unknown), len(opening.conditions)


def _of_anyone(openings: Iterable[Opening]) -> Admission:
    """Return what is said of any principal of AWS."""
    for one in openings:
        if one.unknown:
            reason = "The API's resource policy could not be understood."
            return Admission(None, unknown="resource policy of the API", reason=reason, sources=one.sources)
        if one.conditions:
            reason = f"The API's resource policy decides by {', '.join(one.conditions)}."
            return Admission(None, one.conditions, reason=reason, sources=one.sources)
        return Admission(allowed=True, reason="The API's resource policy lets anyone in.", sources=one.sources)
    return Admission(allowed=False, reason="The API's resource policy lets no stranger in.")


def _with_allow(document: Document) -> Document:
    """Return a policy with what an authorizer function says in its own, as its last statement."""
    said = Statement(
        index=len(document.statements),
        effect="Allow",
        principals=(Named("*", "*"),),
        actions=(_INVOKE,),
        resources=("*",),
    )
    return Document(
        kind=document.kind,
        statements=(*document.statements, said),
        version=document.version,
        readable=document.readable,
    )


def _same_for_all(api: RestApi, document: Document) -> bool:
    """Return whether every statement is about all of the API, so that all routes are judged alike."""
    prefix = arn_of("execute-api", f"{api.api_id}/", account=api.account, region=api.region)
    return all(
        statement.not_resources is None
        and all(
            pattern == "*" or (pattern.startswith(prefix) and _ANY_ROUTE.fullmatch(pattern[len(prefix) :]))
            for pattern in statement.resources or ()
        )
        for statement in document.statements
    )


def _judged(asked: "_Question", policy: PolicyText, resources: tuple[str, ...]) -> Admission:
    decision = asked.best(resources, {})
    if decision.outcome is Outcome.CONDITIONAL and _ADDRESS in _lower(decision):
        tried = [asked.best(resources, {"aws:SourceIp": address}) for address in _STRANGERS]
        if not any(one.denied for one in tried):  # the addresses that it names are everybody's
            decision = next((one for one in tried if not one.allowed), tried[0])
    written = (found.pointer for found in decision.statements if found.statement < asked.written)
    sources = tuple(sorted({place(policy, pointer) for pointer in written})) or (policy.source,)
    if decision.allowed:
        return Admission(allowed=True, reason="The API's resource policy lets anyone in.", sources=sources)
    not_understood = any(one.unclear and one.effect != "Deny" for one in asked.document.statements)
    if decision.denied and not (not_understood and decision.outcome is Outcome.IMPLICIT_DENY):
        return Admission(allowed=False, reason="The API's resource policy lets no stranger in.", sources=sources)
    if not decision.keys:
        reason = "The API's resource policy could not be understood."
        return Admission(None, unknown="resource policy of the API", reason=reason, sources=sources)
    reason = f"The API's resource policy decides by {', '.join(decision.keys)}"
    if _lower(decision) <= _SPOOFABLE:
        return Admission(allowed=True, reason=f"{reason}, which a caller sets.", sources=sources)
    return Admission(None, tuple(sorted(decision.keys)), reason=f"{reason}.", sources=sources)


def _lower(decision: Decision) -> frozenset[str]:
    return frozenset(key.lower() for key in decision.keys)


class _Question(NamedTuple):
    api: RestApi
    document: Document
    written: int

    def best(self, resources: tuple[str, ...], known: dict[str, object]) -> Decision:
        """Return the decision on the resource that the policy likes best."""
        way = _FROM_AN_ENDPOINT if self.api.private else _FROM_OUTSIDE
        context = Context({**_ANYHOW, **way, **known}, complete=False)
        best: Decision | None = None
        for resource in resources:
            request = Request(
                principal=ANONYMOUS,
                action=_INVOKE,
                resource=resource,
                resource_account=self.api.account or _NO_ACCOUNT,
                context=context,
            )
            decision = evaluate(request, PolicySet(resource=self.document))
            if decision.allowed:
                return decision
            if best is None or (best.denied and not decision.denied):
                best = decision
        assert best is not None
        return best


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


def _written_out(api: RestApi, policy: PolicyText) -> Document:
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
