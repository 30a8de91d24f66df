"""What a route hands requests to: functions, AWS services, HTTP backends, and what lies behind a VPC link."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qsl

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._api_callers import call_function
from auditkit.graph.edges._variables import Stage, Vocabulary, resolutions
from auditkit.graph.factors import Level
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, Interval, Node, View
from auditkit.inventory import STORE_KINDS, Kind, Source
from auditkit.inventory.arguments import resource_named
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.apis import (
    RestIntegration,
    RestVpcLink,
)
from auditkit.inventory.records.apis_v2 import (
    ApiIntegration,
)

__all__ = ["Integration", "RouteNode", "connect_integration"]

_SERVICE = "apigateway.amazonaws.com"
_AWS = re.compile(
    r"arn:[^:]+:apigateway:(?P<region>[^:]*):(?:[^:]*\.)?(?P<service>[^:.]+):(?P<form>action|path)/(?P<rest>.*)",
    re.DOTALL,
)
_HTTP = re.compile(r"(?P<scheme>https?)://(?P<host>[^/]+)")
_SUBTYPES = {"EventBridge": "events", "StepFunctions": "states"}
_READS = re.compile(r"get|batchget|transactget|query|scan|select|receive|head")
_DELETES = re.compile(r"delete|purge")
_RUNS = frozenset({"startexecution", "startsyncexecution", "invoke"})
_OBJECTS = {"GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
_LIKELY_STAGES = ("prod", "$default", "dev", "live", "stage", "test", "v1")  # where the stages were not exported
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class RouteNode(NamedTuple):
    """A route as its integration needs to know it.

    Attributes
    ----------
    id, label, account, region
        Of its node.
    api
        Id of the API: ten characters.
    method, path
        ``"ANY"``, ``"/orders/{id}"``; for a WebSocket API ``""`` and the route key.
    stages
        Stages of the API, empty where they were not seen.
    validation
        Level of the factor.
    conditions, unknown
        What getting to the route hangs on.
    sources
        The route's record.
    """

    id: str
    label: str
    account: str
    region: str
    api: str
    method: str
    path: str
    stages: tuple[Stage, ...]
    validation: Level
    conditions: tuple[str, ...]
    unknown: str
    sources: tuple[Source, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """ARNs that policies have for the route: one per stage, and per method where it takes any."""
        return self._named(self.path)

    @property
    def origins(self) -> tuple[str, ...]:
        """ARNs that API Gateway may name as the source of a call for this route."""
        return tuple(dict.fromkeys((*self.names, *self._named(re.sub(r"\{[^{}]*\}", "*", self.path)))))

    def _named(self, path: str) -> tuple[str, ...]:
        methods = _METHODS if self.method in {"ANY", "*"} else (self.method,)
        stages = tuple(stage.stage_name for stage in self.stages) or _LIKELY_STAGES
        return tuple(
            arn_of("execute-api", f"{self.api}/{stage}/{method}{path}", account=self.account, region=self.region)
            for stage in stages
            for method in methods
        )


class Integration(NamedTuple):
    """An integration of either generation of API Gateway; ``private`` is one through a VPC link."""

    type: str
    uri: str
    subtype: str
    method: str
    private: bool
    connection: str
    target: str
    role: str
    references: dict[str, str]
    parameters: dict[str, str]
    peer: Level
    tls: bool
    source: Source

    @classmethod
    def of_rest(cls, integration: RestIntegration, source: Source) -> "Integration":
        """Return the integration of a method."""
        skips = integration.tls_config is not None and integration.tls_config.insecure_skip_verification
        peer: Level = (
            (1, "insecureSkipVerification: any certificate will do.") if skips else (0, "The certificate is verified.")
        )
        return cls(
            integration.type or "",
            integration.uri or "",
            "",
            integration.http_method or "",
            integration.connection_type == "VPC_LINK",
            integration.connection_id or "",
            integration.integration_target or "",
            integration.credentials or "",
            integration.references,
            integration.request_parameters,
            peer,
            (integration.uri or "").startswith("https://"),
            source,
        )

    @classmethod
    def of_route(cls, integration: ApiIntegration) -> "Integration":
        """Return an integration of an HTTP or WebSocket API."""
        private = integration.connection_type == "VPC_LINK"
        named = bool(integration.tls_config and integration.tls_config.server_name_to_verify)
        peer: Level = (
            (0, "The certificate is verified (TlsConfig).")
            if named or not private
            else (1, "There is no certificate to verify.")
        )
        return cls(
            integration.integration_type or "",
            integration.integration_uri or "",
            integration.integration_subtype or "",
            integration.integration_method or "",
            private,
            integration.connection_id or "",
            "",
            integration.credentials_arn or "",
            integration.references,
            integration.request_parameters,
            peer,
            named if private else (integration.integration_uri or "").startswith("https://"),
            integration.source,
        )


def connect_integration(build: Builder, route: RouteNode, integration: Integration, vocabulary: Vocabulary) -> None:
    """Connect a route with what its integration names; a mock integration names nothing."""
    if integration.type == "MOCK":
        return
    if integration.role.startswith("arn:") and "*" not in integration.role:
        build.acts_in(route.id, integration.role, sources=_sources(route, integration), label=route.label)
    for uri in resolutions(integration.uri, route.stages, vocabulary):
        if ":function:" in uri or ":lambda:path/" in uri:
            _function(build, route, integration, uri)
        elif integration.subtype or _AWS.match(uri):
            _service(build, route, integration, uri, vocabulary)
        elif integration.private:
            _private(build, route, integration, uri, vocabulary)
        elif _HTTP.match(uri) and "${" not in uri:
            _backend(build, route, integration, uri)
        else:
            _handed_on(
                build,
                route,
                integration,
                _computed(build, route, integration, "backend"),
                "",
                hop="apigw->http-backend",
            )


def _sources(route: RouteNode, integration: Integration) -> tuple[Source, ...]:
    return tuple(dict.fromkeys((integration.source, *route.sources)))


def _said(route: RouteNode) -> Said:
    return {
        "label": route.label,
        "conditions": route.conditions,
        "unknown": route.unknown,
        "validation": route.validation,
    }


def _function(build: Builder, route: RouteNode, integration: Integration, uri: str) -> None:
    call_function(
        build,
        route.id,
        uri,
        hop="apigw->lambda",
        service=_SERVICE,
        origins=route.origins,
        account=route.account,
        sources=_sources(route, integration),
        role=integration.role or None,
        **_said(route),
    )


def _computed(build: Builder, route: RouteNode, integration: Integration, what: str) -> str:
    """Make the node of an end that is known only when the call is made."""
    node = Node(
        kind=Kind.RESOURCE,
        label=f"computed at run time ({what})",
        account=route.account,
        region=route.region,
        boundary=build.boundary(account=route.account),
        sources=_sources(route, integration),
        exists=False,
    )
    return build.node(f"computed:{route.id}#{what}", node)


# ---------------------------------------------------------------- services of AWS


def _service(build: Builder, route: RouteNode, integration: Integration, uri: str, vocabulary: Vocabulary) -> None:
    service, action, references, region = _call(integration, uri)
    targets = []
    for name, texts in sorted(references.items()):
        for text in texts.split():
            for value in resolutions(_known(text, vocabulary), route.stages, vocabulary):
                place = {"account": route.account, "region": region or route.region}
                found = "" if "$" in value else resource_named(service, name, value, place)
                targets += [found] if found else []
    if service == "events" and not targets and "EventBusName" not in references:
        targets = [
            resource_named("events", "EventBusName", "default", {"account": route.account, "region": route.region})
        ]
    ids = [build.ref(target) for target in targets] or [_computed(build, route, integration, f"{service}:{action}")]
    for target in ids:
        _handed_on(build, route, integration, target, action, hop="apigw->aws-service")


def _known(text: str, vocabulary: Vocabulary) -> str:
    return vocabulary[text.removeprefix("sha256:")] or "$unknown" if text.startswith("sha256:") else text


def _call(integration: Integration, uri: str) -> tuple[str, str, dict[str, str], str]:
    """Return service, action, references and region of a call of an AWS service."""
    references = {name: text for name, text in integration.references.items() if name != "Action"}
    if integration.subtype:
        service, _, action = integration.subtype.partition("-")
        return _SUBTYPES.get(service, service.lower()), action.partition(":")[0], references, ""
    match = _AWS.match(uri)
    assert match is not None
    service, rest = match["service"], match["rest"]
    action = integration.references.get("Action", "").partition(" ")[0]
    if match["form"] == "action":
        action, _, query = re.sub("[?&]", "?", rest, count=1).partition("?")
        references |= {name: value for name, value in parse_qsl(query) if name[:1].isupper() and name != "Message"}
    elif service == "sqs":
        account, _, queue = rest.strip("/").partition("/")
        references |= {"QueueUrl": arn_of("sqs", queue.partition("?")[0], account=account, region=match["region"])}
        action = action or "SendMessage"
    elif service == "s3":
        bucket = rest.strip("/").partition("/")[0]
        named = re.fullmatch(r"\{(\w+)\}", bucket)
        value = references.get(f"path.{named[1]}", "") if named else bucket
        references = {"Bucket": value} if value else {}
        action = _OBJECTS.get(integration.method, "PutObject")
    return service, action, {name: value for name, value in references.items() if "." not in name}, match["region"]


def _handed_on(
    build: Builder, route: RouteNode, integration: Integration, target: str, action: str, *, hop: str
) -> None:
    """Connect a route with what it writes to, reads from, deletes in or runs."""
    name, sources, said = action.lower(), _sources(route, integration), _said(route)
    said["detail"] = action
    kind = build.reference(target).kind if not target.startswith("computed:") else Kind.RESOURCE
    if kind in STORE_KINDS and _READS.match(name):
        build.flow(target, route.id, kind=EdgeKind.READS, hop=hop, sources=sources, **said)
        _permits(build, route, target, AccessLevel.READ, sources)
    elif kind in STORE_KINDS and _DELETES.match(name):
        _permits(build, route, target, AccessLevel.DELETE, sources)
    else:
        build.triggers(route.id, target, hop=hop, sources=sources, **said)


def _permits(build: Builder, route: RouteNode, target: str, access: AccessLevel, sources: tuple[Source, ...]) -> None:
    build.edge(
        route.id,
        target,
        Edge(
            kind=EdgeKind.PERMITS,
            view=View.TRUST,
            evidence=Evidence.CONFIGURED,
            sources=sources,
            label=route.label,
            cost=4 if route.conditions or route.unknown else 0,
            conditions=route.conditions,
            unknown=route.unknown,
            access=access,
        ),
    )


# ---------------------------------------------------------------- backends


def _authentication(route: RouteNode, integration: Integration) -> Level:
    certificates = [stage.client_certificate_id for stage in route.stages]
    if certificates and all(certificates):
        return 0, "API Gateway shows the backend a client certificate (clientCertificateId)."
    if any("authorization" in name.lower() or "key" in name.lower() for name in integration.parameters):
        return Interval(0.5, 1), "A header may carry a credential; its value is not read."
    return 1, "Nothing shows the backend who calls: no client certificate is set."


def _backend(build: Builder, route: RouteNode, integration: Integration, uri: str) -> None:
    match = _HTTP.match(uri)
    assert match is not None
    target = build.third_party(match["host"])
    said = _said(route)
    said["authentication"] = _authentication(route, integration)
    said["encryption"] = _encryption(integration, match["scheme"])
    said["peer"] = integration.peer if match["scheme"] == "https" else (1, "There is no certificate to verify.")
    kind = EdgeKind.CALLS if build.reference(target).kind is Kind.THIRD_PARTY else EdgeKind.DELIVERS
    build.triggers(route.id, target, kind=kind, hop="apigw->http-backend", sources=_sources(route, integration), **said)


def _encryption(integration: Integration, scheme: str) -> Level:
    return (
        (0, "The address is https://.")
        if scheme == "https" or integration.tls
        else (1, "The address is http://: plain text.")
    )


def _private(build: Builder, route: RouteNode, integration: Integration, uri: str, vocabulary: Vocabulary) -> None:
    said = _said(route)
    said["authentication"] = _authentication(route, integration)
    said["peer"] = integration.peer if integration.tls else (1, "There is no certificate to verify.")
    said["encryption"] = (
        (0, "TLS to what lies behind the VPC link.")
        if integration.tls
        else (
            1,
            "Plain HTTP to what lies behind the VPC link.",
        )
    )
    for target, sources in _behind(build, route, integration, uri, vocabulary):
        build.triggers(
            route.id, target, hop="apigwv2->vpclink", sources=(*_sources(route, integration), *sources), **said
        )


def _behind(
    build: Builder, route: RouteNode, integration: Integration, uri: str, vocabulary: Vocabulary
) -> Iterator[tuple[str, tuple[Source, ...]]]:
    """Yield the ids of what lies behind a VPC link, with the sources of the link."""
    if integration.target:
        yield build.ref(integration.target), ()
        return
    if uri.startswith("arn:"):
        yield build.ref(uri), ()
        return
    for connection in resolutions(integration.connection, route.stages, vocabulary):
        link_id = (
            connection
            if connection.startswith("arn:")
            else arn_of("apigateway", f"/vpclinks/{connection}", region=route.region)
        )
        link = build.inventory.get(link_id)
        if isinstance(link, RestVpcLink) and link.target_arns:
            for target in link.target_arns:
                yield build.ref(target), link.sources[:1]
        else:
            yield build.ref(link_id), ()
