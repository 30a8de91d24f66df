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
from auditkit.graph.edges._api_permitted import permitted
from auditkit.graph.edges._api_policies import Admission, Admissions
from auditkit.graph.edges._inside import COMES_IN, leads_to
from auditkit.graph.edges._senders import organization_node
from auditkit.graph.edges._variables import Vocabulary
from auditkit.graph.factors import Level
from auditkit.graph.outsiders import Opening
from auditkit.graph.permissions import permissions_of
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind
from auditkit.inventory.record import UNSET, UnsetType
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
from auditkit.policy import Document, TargetPolicies, principal

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
    known: dict[str, _Known] = {}
    apis: list[Api] = [*build.inventory.of(RestApi), *build.inventory.of(HttpApi), *build.inventory.of(WebSocketApi)]
    for api in apis:
        build.add(api)
        build.alias_host(_host(api), api.id)
        known[api.id] = _Known(api, doors_of(build, api))
    for domain in build.inventory.of(DomainName):
        _domain(build, domain)
    routes = _Routes(build, known)
    for method in build.inventory.of(RestMethod):
        routes.add_method(method)
    records = build.inventory.of(ApiRoute)
    connects = {route.api: route for route in records if route.route_key == "$connect"}
    for route in records:
        routes.add_route(route, connects.get(route.api))
    permitted(build, routes.signed, action="execute-api:Invoke")


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


class _Routes:
    """Makes the nodes of routes, and gathers those that ask for signed requests, as policies name them."""

    def __init__(self, build: Builder, known: dict[str, _Known]) -> None:
        self._build = build
        self._known = known
        self._vocabulary = Vocabulary(build.inventory)
        self._admissions = Admissions()
        self.signed: list[tuple[TargetPolicies, str]] = []

    def add_method(self, method: RestMethod) -> None:
        """Make the node of a method of a REST API, and connect it."""
        found = method.method_integration
        if method.http_method == "OPTIONS" and isinstance(found, RestIntegration) and found.type == "MOCK":
            return  # the answer to a browser's question whether it may ask; it leads nowhere
        known = self._known.get(method.api, _UNSEEN)
        api = known.api if isinstance(known.api, RestApi) else None
        asked = authorization_of_method(self._build, method)
        judged = _unseen(asked)
        if api is not None:
            judged = self._admissions.of(api, method.http_method, method.path, signed=asked.signed, allows=asked.allows)
        where = _Where(method, known, method.http_method, method.path, validation_of_method(api, method))
        node = _entry(self._build, method, where.node, _Gate(known, asked, judged, "client->apigw-rest"))
        _authorizer(self._build, node, asked)
        if asked.signed and _deployed(api):
            self._called_by(node, node, UNSET if api is None else self._admissions.document(api))
            for one in self._admissions.outsiders(api, method.http_method, method.path) if api is not None else ():
                self._from_outside(one, node, asked)
        if isinstance(found, RestIntegration):
            integration = Integration.of_rest(found, method.source.at("methodIntegration"))
            connect_integration(self._build, node, integration, self._vocabulary)

    def add_route(self, route: ApiRoute, connects: ApiRoute | None) -> None:
        """Make the node of a route of an HTTP or WebSocket API, and connect it; authorization is that of `connects`."""
        known = self._known.get(route.api, _UNSEEN)
        socket = isinstance(known.api, WebSocketApi) or route.route_key in {"$connect", "$disconnect"}
        api = known.api if isinstance(known.api, HttpApi | WebSocketApi) else None
        first = connects if socket and connects is not None else route
        asked = authorization_of_route(self._build, first)
        method, _, path = route.route_key.partition(" ") if " " in route.route_key else ("", "", route.route_key)
        where = _Where(route, known, method, path, validation_of_route(api, route))
        judged = Admission(allowed=not asked.signed) if api else _unseen(asked)
        hop = "client->apigw-ws" if socket else "client->apigw-http"
        node = _entry(self._build, route, where.node, _Gate(known, asked, judged, hop))
        if first is route:
            _authorizer(self._build, node, asked)
        if asked.signed and _deployed(api):
            self._called_by(node, node._replace(path=first.route_key) if socket else node, None)
        integrations = api.integrations if api else ()
        for found in integrations if isinstance(integrations, tuple) else ():
            if route.target == f"integrations/{found.integration_id}":
                connect_integration(self._build, node, Integration.of_route(found), self._vocabulary)

    def _from_outside(self, opening: Opening, node: RouteNode, asked: Authorization) -> None:
        """Connect a route that asks for signed requests with one that its policy names, outside the account."""
        own = permissions_of(self._build.inventory).organization
        named, unknown = opening.outsider.removeprefix("organization:"), opening.unknown
        if opening.outsider == "*" or named == own:
            return
        if named == opening.outsider:
            origin = self._build.ref(principal(named).account)
        else:
            origin = organization_node(self._build, named)
            unknown = unknown or (f"whose organization {named} is" if isinstance(own, UnsetType) else "")
        said: Said = {"authentication": asked.authentication, "validation": node.validation}
        said |= {"conditions": opening.conditions, "unknown": unknown}
        self._build.triggers(origin, node.id, hop="client->apigw-rest", sources=opening.sources, cost=1, **said)

    def _called_by(self, node: RouteNode, asked: RouteNode, policy: Document | UnsetType | None) -> None:
        """Remember by which names a policy may let principals call a route."""
        for arn in asked.names:
            self.signed.append((TargetPolicies(arn=arn, account=node.account, resource_policy=policy), node.id))


def _deployed(api: Api | None) -> bool:
    """Return whether an API has a stage, or may have one: its stages, or the API, were not exported."""
    return api is None or isinstance(api.stages, UnsetType) or bool(api.stages)


class _Where(NamedTuple):
    """A route's record with what its API and its key say."""

    record: RestMethod | ApiRoute
    known: _Known
    method: str
    path: str
    validation: Level

    @property
    def node(self) -> RouteNode:
        """The route as its integration needs to know it."""
        stages = self.known.api.stages if self.known.api is not None else ()
        return RouteNode(
            id=self.record.id,
            label=self.record.name,
            account=self.record.account,
            region=self.record.region,
            api=self.record.api.rpartition("/")[2],
            method=self.method,
            path=self.path,
            stages=stages if isinstance(stages, tuple) else (),
            validation=self.validation,
            conditions=(),
            unknown="",
            sources=self.record.sources,
        )


def _unseen(asked: Authorization) -> Admission:
    """Return what is known of who is let in where the API was not exported: nothing, but IAM keeps strangers out."""
    return Admission(False if asked.signed else None, unknown="the API")


def _entry(build: Builder, record: RestMethod | ApiRoute, node: RouteNode, gate: _Gate) -> RouteNode:
    """Make the node of a route and the way in to it; return it with what that hangs on."""
    (api, doors), asked, judged, hop = gate
    entry = None if doors.reason or judged.allowed is False else asked.entry or EntryKind.AUTHENTICATED
    authentication = asked.authentication
    if doors.private and entry is EntryKind.ANONYMOUS:
        entry, authentication = (
            EntryKind.AUTHENTICATED,
            (0.5, "Anyone with an account of AWS, by an endpoint of theirs."),
        )
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
    return node


def _authorizer(build: Builder, node: RouteNode, asked: Authorization) -> None:
    """Connect a route with the function that decides on its callers; every token passes through it.

    Of a WebSocket API that is the route ``$connect`` alone: messages come over the connection that it let in.
    """
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
