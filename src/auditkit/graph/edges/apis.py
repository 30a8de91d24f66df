"""Amazon API Gateway: routes of REST, HTTP and WebSocket APIs, who gets in at them, and what they hand requests to.

Every method of a REST API and every route of the others is a node. It is an entry where the API is deployed to a stage,
a door is open to the internet, and its authorization is one that outsiders can pass. What is read are an API's
*current* resources; what is deployed may lag behind.
"""

from typing import NamedTuple

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._api_authorization import (
    Authorization,
    authorization_of_method,
    authorization_of_route,
    validation_of_method,
    validation_of_route,
)
from auditkit.graph.edges._api_callers import call_function
from auditkit.graph.edges._api_doors import Doors, doors_of
from auditkit.graph.edges._api_integrations import Integration, RouteNode, connect_integration
from auditkit.graph.edges._api_policies import Admission, Admissions
from auditkit.graph.edges._inside import COMES_IN, leads_to
from auditkit.graph.edges._variables import Vocabulary
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.apis import (
    DomainName,
    RestApi,
    RestAuthorizer,
    RestIntegration,
    RestMethod,
)
from auditkit.inventory.records.apis_v2 import (
    ApiRoute,
    Authorizer,
    HttpApi,
    WebSocketApi,
)

__all__ = ["connect"]

Api = RestApi | HttpApi | WebSocketApi


class _Known(NamedTuple):
    """An API with its doors; the API is ``None`` where only its routes were exported."""

    api: Api | None
    doors: Doors


_UNSEEN = _Known(None, Doors("", "the API", (0, "HTTPS only."), certificate=False))


class _Gate(NamedTuple):
    """What stands between the internet and a route."""

    known: _Known
    asked: Authorization
    judged: Admission
    hop: str


def connect(build: Builder) -> None:
    """Say what the records of API Gateway say."""
    vocabulary, admissions = Vocabulary(build.inventory), Admissions()
    known: dict[str, _Known] = {}
    apis: list[Api] = [*build.inventory.of(RestApi), *build.inventory.of(HttpApi), *build.inventory.of(WebSocketApi)]
    for api in apis:
        build.add(api)
        build.alias_host(_host(api), api.id)
        known[api.id] = _Known(api, doors_of(build, api))
    for domain in build.inventory.of(DomainName):
        _domain(build, domain)
    for method in build.inventory.of(RestMethod):
        _method(build, method, known.get(method.api, _UNSEEN), vocabulary, admissions)
    routes = build.inventory.of(ApiRoute)
    connects = {route.api: route for route in routes if route.route_key == "$connect"}
    for route in routes:
        _route(build, route, known.get(route.api, _UNSEEN), connects, vocabulary)


def _host(api: Api) -> str:
    suffix = "amazonaws.com.cn" if api.region.startswith("cn-") else "amazonaws.com"
    return f"{api.api_id}.execute-api.{api.region}.{suffix}"


def _domain(build: Builder, domain: DomainName) -> None:
    build.add(domain)
    for host in (domain.domain_name, domain.regional_domain_name, domain.distribution_domain_name):
        if host:
            build.alias_host(host, domain.id)
    if isinstance(domain.mappings, UnsetType):
        return
    for mapping in domain.mappings:
        kind = "restapis" if build.inventory.get(_arn(domain, "restapis", mapping.api_id)) else "apis"
        leads_to(
            build,
            domain.id,
            build.ref(_arn(domain, kind, mapping.api_id)),
            sources=(mapping.source,),
            label=f"/{mapping.key}".rstrip("/") or "/",
        )


def _arn(domain: DomainName, kind: str, api: str) -> str:
    return f"{domain.id.partition('/domainnames/')[0]}/{kind}/{api}"


# ---------------------------------------------------------------- routes


def _method(build: Builder, method: RestMethod, known: _Known, vocabulary: Vocabulary, admissions: Admissions) -> None:
    found = method.method_integration
    if method.http_method == "OPTIONS" and isinstance(found, RestIntegration) and found.type == "MOCK":
        return  # the answer to a browser's question whether it may ask; it leads nowhere
    api = known.api if isinstance(known.api, RestApi) else None
    asked = authorization_of_method(build, method)
    judged = _unseen(asked)
    if api is not None:
        judged = admissions.of(api, method.http_method, method.path, signed=asked.signed)
    node = RouteNode(
        id=method.id,
        label=method.name,
        account=method.account,
        region=method.region,
        api=method.api.rpartition("/")[2],
        method=method.http_method,
        path=method.path,
        stages=api.stages if api and isinstance(api.stages, tuple) else (),
        validation=validation_of_method(api, method),
        conditions=(),
        unknown="",
        sources=method.sources,
    )
    node = _entry(build, method, node, _Gate(known, asked, judged, "client->apigw-rest"))
    if api is not None and asked.signed:
        for account, source in admissions.foreign_accounts(api):
            signed: Said = {"authentication": asked.authentication, "validation": node.validation}
            build.triggers(build.ref(account), method.id, hop="client->apigw-rest", sources=(source,), cost=1, **signed)
    if isinstance(found, RestIntegration):
        integration = Integration.of_rest(found, method.source.at("methodIntegration"))
        connect_integration(build, node, integration, vocabulary)


def _route(
    build: Builder, route: ApiRoute, known: _Known, connects: dict[str, ApiRoute], vocabulary: Vocabulary
) -> None:
    socket = isinstance(known.api, WebSocketApi) or route.route_key in {"$connect", "$disconnect"}
    api = known.api if isinstance(known.api, HttpApi | WebSocketApi) else None
    asked = authorization_of_route(build, connects.get(route.api, route) if socket else route)
    method, _, path = route.route_key.partition(" ") if " " in route.route_key else ("", "", route.route_key)
    node = RouteNode(
        id=route.id,
        label=route.name,
        account=route.account,
        region=route.region,
        api=route.api.rpartition("/")[2],
        method=method,
        path=path,
        stages=api.stages if api and isinstance(api.stages, tuple) else (),
        validation=validation_of_route(api, route),
        conditions=(),
        unknown="",
        sources=route.sources,
    )
    judged = Admission(allowed=not asked.signed) if api else _unseen(asked)
    hop = "client->apigw-ws" if socket else "client->apigw-http"
    node = _entry(build, route, node, _Gate(known, asked, judged, hop))
    integrations = api.integrations if api else ()
    if not route.target or isinstance(integrations, UnsetType):
        return
    for found in integrations:
        if route.target == f"integrations/{found.integration_id}":
            connect_integration(build, node, Integration.of_route(found), vocabulary)


def _unseen(asked: Authorization) -> Admission:
    """Return what is known of who is let in where the API was not exported: nothing, but IAM keeps strangers out."""
    return Admission(False if asked.signed else None, unknown="the API")


def _entry(build: Builder, record: RestMethod | ApiRoute, node: RouteNode, gate: _Gate) -> RouteNode:
    """Make the node of a route and the way in to it; return it with what that hangs on."""
    (api, doors), asked, judged, hop = gate
    entry = None if doors.reason or judged.allowed is False else asked.entry or EntryKind.AUTHENTICATED
    authentication = asked.authentication
    if doors.certificate and entry is EntryKind.ANONYMOUS:
        entry, authentication = EntryKind.AUTHENTICATED, (0, "Every door asks for a client certificate (mutual TLS).")
    missing = ", ".join(dict.fromkeys(text for text in (doors.unknown, judged.unknown, asked.unknown) if text))
    node = node._replace(conditions=judged.conditions, unknown=missing)
    build.add(record, entry=entry)
    if entry is not None:
        build.flow(
            INTERNET,
            record.id,
            kind=EdgeKind.DELIVERS,
            hop=hop,
            sources=(*record.sources, *doors.sources, *judged.sources, *asked.sources),
            label=node.label,
            conditions=judged.conditions,
            unknown=missing,
            authentication=authentication,
            encryption=doors.encryption,
            validation=node.validation,
            third_party=COMES_IN,
        )
    if api is not None:
        leads_to(
            build,
            api.id,
            record.id,
            sources=record.sources,
            label=node.label,
            authentication=authentication,
            validation=node.validation,
        )
    _authorizer(build, node, asked)
    return node


def _authorizer(build: Builder, node: RouteNode, asked: Authorization) -> None:
    """Connect a route with the function that decides on its callers; every token passes through it."""
    authorizer = asked.authorizer
    if isinstance(authorizer, RestAuthorizer):
        uri, role, checked = authorizer.authorizer_uri, authorizer.authorizer_credentials, authorizer.validates_identity
    elif isinstance(authorizer, Authorizer):
        uri, role, checked = authorizer.authorizer_uri, authorizer.authorizer_credentials_arn, False
    else:
        return
    if not uri:
        return
    call_function(
        build,
        node.id,
        uri,
        hop="apigw->authorizer",
        service="apigateway.amazonaws.com",
        origins=(f"{node.origins[0].partition('/')[0]}/authorizers/{authorizer.authorizer_id}", *node.origins),
        account=node.account,
        sources=authorizer.sources,
        role=role,
        label=f"authorizer {authorizer.name}",
        conditions=node.conditions,
        unknown=node.unknown,
        validation=(0.5, "The token must match a pattern.") if checked else (1, "Nothing checks the token before."),
    )
