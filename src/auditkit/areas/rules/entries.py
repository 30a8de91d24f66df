"""Every function a perimeter: who gets in at routes, URLs, resource policies and triggers."""

from collections.abc import Iterator

from auditkit.areas.answers import (
    Answer,
    Rule,
    failed,
    found_none,
    not_applicable,
    not_found,
    passed,
    unknown,
    warned,
)
from auditkit.areas.model import Severity
from auditkit.areas.rules._guests import guest_identity
from auditkit.areas.rules._walls import missing_of_policy
from auditkit.areas.scene import Api, Scene, unqualified
from auditkit.graph.schema import INTERNET, Edge, EdgeKind, EntryKind, View
from auditkit.inventory import Kind, Source, UnsetType
from auditkit.inventory.records.apis import RestApi, RestAuthorizer, RestMethod
from auditkit.inventory.records.apis_v2 import ApiRoute, Authorizer
from auditkit.inventory.records.functions import FunctionUrl

__all__ = ["RULES"]

_SHARED_SECRET = 0.5
"""Level of the factor *authentication* of an API key."""


def _way_in(scene: Scene, node_id: str) -> Edge | None:
    """Return the hop from the internet to an entry."""
    hops = (edge for origin, edge in scene.from_outside(node_id) if origin == INTERNET and edge.view is View.DATA)
    return next(hops, None)


# ------------------------------------------------------------------- routes


def route_auth(scene: Scene) -> Iterator[Answer]:
    """Judge every route by itself: of APIs, of GraphQL APIs, of listeners."""
    for kind in (RestMethod, ApiRoute):
        for route in scene.inventory.of(kind):
            if route.id in scene.nodes:
                yield _route(scene, route.id, route.id, "")
    for node_id, node in scene.nodes.items():
        if node.kind is Kind.GRAPHQL_API:
            yield _route(scene, node_id, node_id, "")
        elif node.kind is Kind.LISTENER:
            yield from _listener(scene, node_id)


def _listener(scene: Scene, listener: str) -> Iterator[Answer]:
    for rule, edge in scene.out_of(listener):
        node = scene.node(rule)
        if edge.view is View.TRUST and node is not None and node.kind is Kind.ROUTE and _leads_on(scene, rule):
            yield _route(scene, rule, listener, node.label)


def _leads_on(scene: Scene, node_id: str) -> bool:
    return any(True for _ in scene.out_of(node_id, EdgeKind.DELIVERS))


def _route(scene: Scene, node_id: str, resource: str, place: str) -> Answer:
    node = scene.node(node_id)
    assert node is not None
    hop = _way_in(scene, node_id)
    said = (
        hop.factors.reasons.get("authentication", "") if hop is not None and hop.factors is not None else ""
    ).strip()
    at = hop.sources if hop is not None else node.sources
    if node.entry is None:
        return passed(resource, _not_an_entry(scene, node_id), at=at, place=place)
    if node.entry is not EntryKind.ANONYMOUS:
        if hop is not None and _is_private_and_asks_nothing(scene, node_id):
            return _by_endpoint(resource, hop, place)
        return _signs_in(resource, said, hop, at, place)
    if hop is not None and hop.unknown:
        return unknown(resource, hop.unknown, at=at, place=place)
    if hop is not None and hop.conditions:
        keys = ", ".join(hop.conditions)
        return passed(resource, f"nobody is authenticated, but only who meets {keys} gets in", at=at, place=place)
    if _is_preflight(scene, node_id):
        said = "anyone may call it, as preflights carry no credentials: what runs must do nothing else on OPTIONS"
        weighed = "browsers ask so before each call"
        return warned(resource, said, at=at, place=place, about=node_id, severity=Severity.LOW, weighed=weighed)
    level = hop.factors.authentication if hop is not None and hop.factors is not None else None
    if level is not None and level.known and level.low == _SHARED_SECRET:
        return failed(resource, said or "an API key is no authentication", at=at, place=place, about=node_id)
    return failed(resource, said or "anyone may call it", at=at, place=place, about=node_id)


def _is_private_and_asks_nothing(scene: Scene, node_id: str) -> bool:
    """Return whether a route is of a private API, and the policy of the API is all that decides who calls it."""
    route = scene.inventory.get(node_id)
    if not isinstance(route, RestMethod) or route.authorization_type != "NONE":
        return False
    api = scene.inventory.get(route.api)
    return isinstance(api, RestApi) and api.private


def _by_endpoint(resource: str, hop: Edge, place: str) -> Answer:
    if hop.unknown:
        return unknown(resource, hop.unknown, at=hop.sources, place=place)
    if hop.conditions:
        said = f"nobody is authenticated, but only who meets {', '.join(hop.conditions)} gets in"
        return passed(resource, said, at=hop.sources, place=place)
    said = "nobody is authenticated, and the policy of the private API lets the VPC endpoints of any account in"
    return warned(resource, said, at=hop.sources, place=place)


def _is_preflight(scene: Scene, node_id: str) -> bool:
    """Return whether a route is for OPTIONS alone, which browsers ask without credentials before they call."""
    route = scene.inventory.get(node_id)
    if isinstance(route, RestMethod):
        return route.http_method == "OPTIONS"
    return isinstance(route, ApiRoute) and route.route_key.startswith("OPTIONS ")


def _signs_in(resource: str, said: str, hop: Edge | None, at: tuple[Source, ...], place: str) -> Answer:
    level = hop.factors.authentication if hop is not None and hop.factors is not None else None
    if level is not None and level.high == 1:
        return unknown(resource, said or "the authorizer", at=at, place=place)
    return passed(resource, said or "callers are authenticated", at=at, place=place)


def _not_an_entry(scene: Scene, node_id: str) -> str:
    record = scene.inventory.get(node_id)
    kind = getattr(record, "authorization_type", None)
    if kind == "AWS_IAM":
        return "requests are signed (AWS_IAM), and IAM decides"
    return "nobody gets in from the internet: it is private, switched off, not deployed, or forbidden by its policy"


# ----------------------------------------------------------- function URLs


def function_url(scene: Scene) -> Iterator[Answer]:
    """Judge every function URL by its authentication and by the policy that opens it."""
    for url in scene.inventory.of(FunctionUrl):
        yield _url(scene, url)


def _url(scene: Scene, url: FunctionUrl) -> Answer:
    function = unqualified(url.function_arn)
    place = url.function_arn.removeprefix(function).lstrip(":")
    at = url.source.at("AuthType")
    node = scene.node(url.id)
    opened = [edge for _, edge in scene.out_of(url.id, EdgeKind.INVOKES)]
    if missing := missing_of_policy(scene, url):
        return unknown(function, missing, at=at, place=place)
    entry = node.entry if node is not None else None
    sources = (at, *(source for edge in opened for source in edge.sources))
    if url.auth_type not in {"NONE", "AWS_IAM"}:
        return unknown(function, f"AuthType ({url.auth_type})", at=at, place=place)
    if url.auth_type != "NONE":
        if entry is EntryKind.AUTHENTICATED:
            said = "requests are signed, but its policy lets any AWS account in"
            return warned(function, said, at=sources, place=place)
        return passed(function, "requests to its URL are signed (AWS_IAM)", at=at, place=place)
    if entry is None:
        said = "AuthType is NONE, but no policy lets anyone in: the URL answers 403"
        return passed(function, said, at=at, place=place)
    keys = sorted({key for edge in opened for key in edge.conditions})
    if keys:
        said = f"its URL asks for no authentication; only {', '.join(keys)} narrows who gets in"
        return warned(function, said, at=sources, place=place)
    said = "its URL asks for no authentication, and its policy lets anyone in"
    return failed(function, said, at=sources, place=place)


# ----------------------------------------------------------- front doors


def bypass(scene: Scene) -> Iterator[Answer]:
    """Judge whether what stands before an API or a function URL can be walked round."""
    for api in scene.apis:
        yield _api_bypass(scene, api)
    for url in scene.inventory.of(FunctionUrl):
        fronts = _fronts(scene, url.id)
        node = scene.node(url.id)
        function = unqualified(url.function_arn)
        if not fronts:
            yield not_found(function, "nothing stands before its URL", at=url.source)
        elif node is not None and node.entry is EntryKind.ANONYMOUS:
            said = f"{fronts} stands before its URL, which answers anyone who calls it directly"
            yield failed(function, said, at=url.source.at("AuthType"))
        else:
            yield passed(function, f"its URL answers signed requests only, as {fronts} sends them", at=url.source)


def _api_bypass(scene: Scene, api: Api) -> Answer:
    fronts = _fronts(scene, api.id)
    at = api.source.at("disableExecuteApiEndpoint" if isinstance(api, RestApi) else "DisableExecuteApiEndpoint")
    if isinstance(api, RestApi) and api.private:
        return not_applicable(api, "the API is private", at=api.source)
    if not fronts:
        return not_found(api, "neither a domain name nor a distribution stands before it", at=api.source)
    if isinstance(api.disable_execute_api_endpoint, UnsetType):
        return unknown(api, "DisableExecuteApiEndpoint", at=at)
    if api.disable_execute_api_endpoint:
        return passed(api, f"only {fronts} leads to it: its own endpoint is switched off", at=at)
    if isinstance(api, RestApi) and isinstance(api.policy, UnsetType):
        return unknown(api, "the resource policy of the API", at=at)
    if not _open_directly(scene, api.id):
        return found_none(api, f"its own endpoint answers, but lets no more in than {fronts} does", at=at)
    return failed(api, f"{fronts} stands before it, and its own endpoint answers all the same", at=at)


def _fronts(scene: Scene, node_id: str) -> str:
    """Return what leads to an API or a URL from before it, in words."""
    found = []
    for origin, _ in scene.into(node_id, permitted=False):
        node = scene.node(origin)
        if node is None or origin == INTERNET:
            continue
        if node.kind is Kind.DOMAIN_NAME or (node.kind is Kind.ROUTE and scene.is_of_distribution(origin)):
            found.append(f"{'the domain name' if node.kind is Kind.DOMAIN_NAME else 'the distribution'} {node.label}")
    return " and ".join(sorted(dict.fromkeys(found)))


def _open_directly(scene: Scene, api: str) -> bool:
    """Return whether some route of an API is an entry that no condition narrows."""
    for route, _ in scene.out_of(api):
        node = scene.node(route)
        hop = _way_in(scene, route)
        if node is not None and node.kind is Kind.ROUTE and node.entry is not None and not (hop and hop.conditions):
            return True
    return False


# ------------------------------------------------------------- authorizers


def authorizer_quality(scene: Scene) -> Iterator[Answer]:
    """Judge the authorizers themselves."""
    for found in scene.inventory.of(Authorizer):
        if (unused := _unused(scene, found, "apigatewayv2.GetRoutes")) is not None:
            yield unused
        elif found.authorizer_type == "JWT":
            yield _jwt(found)
        else:
            ttl, at = found.authorizer_result_ttl_in_seconds, found.source.at("AuthorizerResultTtlInSeconds")
            yield _cached(found, ttl or 0, " ".join(found.identity_source), at)
    for authorizer in scene.inventory.of(RestAuthorizer):
        if authorizer.type == "COGNITO_USER_POOLS":
            yield _scopes(scene, authorizer)
        elif (unused := _unused(scene, authorizer, "apigateway.GetResources")) is not None:
            yield unused
        else:
            ttl, at = authorizer.authorizer_result_ttl_in_seconds, authorizer.source.at("authorizerResultTtlInSeconds")
            yield _cached(authorizer, _TTL if ttl is None else ttl, authorizer.identity_source or "", at)


def _unused(scene: Scene, found: Authorizer | RestAuthorizer, call: str) -> Answer | None:
    """Return an answer where no route that was seen uses an authorizer, ``None`` where one does or none was seen."""
    routes = scene.routes.get(found.api, ())
    if not routes or any(route.authorizer_id == found.authorizer_id for route in routes):
        return None
    if scene.seen(call, found):
        return not_applicable(found, "no route uses it", at=found.source)
    return unknown(found, f"a route that uses it ({call.replace('.', ':')})", at=found.source)


def _jwt(found: Authorizer) -> Answer:
    config = found.jwt_configuration
    at = found.source.at("JwtConfiguration", "Audience")
    if config is None or not config.audience:
        return failed(found, "no audience is asked for: a token made for any application of the issuer is taken", at=at)
    return passed(found, "issuer and audience of the token are checked", at=at)


_TTL = 300
"""Seconds that an answer is cached where a REST API's authorizer does not say."""
_OF_PATH, _METHOD, _ROUTE = ("path", "resourcepath", "resourceid"), "httpmethod", "routekey"


def _cached(found: RestAuthorizer | Authorizer, ttl: int, identity: str, at: Source) -> Answer:
    if not ttl:
        return passed(found, "its answers are not cached", at=at)
    named = {part for part in (*_OF_PATH, _METHOD, _ROUTE) if f"context.{part}" in identity.lower()}
    if _ROUTE in named or (_METHOD in named and len(named) > 1):
        return passed(found, "its answers are cached by route", at=at)
    said = f"its answer for one route is cached for {ttl} s and counts for every route that the token is used on"
    return warned(found, f"{said}, unless its code returns a policy for all of them", at=at)


def _scopes(scene: Scene, authorizer: RestAuthorizer) -> Answer:
    used = [
        method
        for method in scene.routes.get(authorizer.api, ())
        if isinstance(method, RestMethod) and method.authorizer_id == authorizer.authorizer_id
    ]
    if not used:
        return not_found(authorizer, "no method uses it", at=authorizer.source)
    bare = [method for method in used if "admin" in method.path.lower() and not method.authorization_scopes]
    if bare:
        names = ", ".join(method.name for method in bare)
        at = [method.source.at("authorizationScopes") for method in bare]
        return warned(authorizer, f"{names}: any user of the pool is let in, no scope is asked for", at=at)
    return passed(authorizer, "tokens of the pool are verified", at=authorizer.source)


RULES: dict[str, Rule] = {
    "perim.route-auth": route_auth,
    "perim.function-url": function_url,
    "perim.bypass": bypass,
    "perim.authorizer-quality": authorizer_quality,
    "perim.guest-identity": guest_identity,
}
