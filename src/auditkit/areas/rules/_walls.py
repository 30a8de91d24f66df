"""Web ACLs: what they can stand before, and what takes none."""

from collections.abc import Iterator, Mapping

from auditkit.areas.answers import Answer, failed, not_applicable, some, unknown
from auditkit.areas.rules._secret_headers import let_in_by_header
from auditkit.areas.scene import Api, Scene, unqualified
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.records.apis import RestApi
from auditkit.inventory.records.apis_v2 import HttpApi, WebSocketApi
from auditkit.inventory.records.appsync import GraphqlApi
from auditkit.inventory.records.cloudfront import Distribution
from auditkit.inventory.records.functions import FunctionUrl
from auditkit.inventory.records.loadbalancers import LoadBalancer
from auditkit.inventory.records.webacls import WebAcl, WebAclUse

__all__ = ["acl_before", "groups_of", "missing_of_policy", "public_entries", "unwalled"]


def public_entries(scene: Scene) -> Iterator[tuple[Record, str, str | None, Source]]:
    """Yield what a web ACL can stand before and strangers get to: record, place, ARN of the ACL, and where that stands.

    The ARN is ``""`` where none stands there, and ``None`` where that was not seen.
    """
    uses = {use.resource: use for use in scene.inventory.of(WebAclUse)}
    anywhere = {(use.account, use.region) for use in uses.values() if not use.resource.startswith("arn:")}
    for record, place, arn, at in _entries(scene, uses):
        unseen = not arn and not isinstance(record, Distribution) and (record.account, record.region) in anywhere
        yield record, place, None if unseen else arn, at


def _entries(scene: Scene, uses: Mapping[str, WebAclUse]) -> Iterator[tuple[Record, str, str | None, Source]]:
    for api in scene.inventory.of(RestApi):
        if any(_is_entry(scene, route) for route in scene.routes.get(api.id, ())):
            yield from _stages_of(api, uses)
    for distribution in scene.inventory.of(Distribution):
        if distribution.enabled is not False:
            yield distribution, "", distribution.web_acl_id or "", distribution.source.at("WebACLId")
    for graph_api in scene.inventory.of(GraphqlApi):
        node = scene.node(graph_api.id)
        if node is not None and node.entry is not None:
            own, use = graph_api.waf_web_acl_arn or "", uses.get(graph_api.id)
            yield graph_api, "", *((own, graph_api.source.at("wafWebAclArn")) if use is None else (use.acl, use.source))
    for balancer in scene.inventory.of(LoadBalancer):
        if balancer.type == "application" and balancer.scheme == "internet-facing":
            use = uses.get(balancer.id)
            if not (use is not None and use.acl) and let_in_by_header(scene, balancer):
                continue  # told by unwalled()
            yield balancer, "", None if use is None else use.acl, balancer.source if use is None else use.source


def _stages_of(api: RestApi, uses: Mapping[str, WebAclUse]) -> Iterator[tuple[Record, str, str | None, Source]]:
    if isinstance(api.stages, UnsetType):
        yield api, "", None, api.source
    for stage in api.stages if isinstance(api.stages, tuple) else ():
        own, use = stage.web_acl_arn or "", uses.get(f"{api.id}/stages/{stage.stage_name}")
        where = (own, stage.source.at("webAclArn")) if use is None else (own or use.acl, use.source)
        yield api, f"stage {stage.stage_name}", *where


def _is_entry(scene: Scene, route: Record) -> bool:
    node = scene.node(route.id)
    return node is not None and node.entry is not None


def unwalled(scene: Scene) -> Iterator[Answer]:
    """Judge HTTP and WebSocket APIs and function URLs: they take no web ACL, only a distribution before them does.

    So are load balancers told that need none, since a distribution before them adds a header without which they answer
    nobody.
    """
    uses = {use.resource: use.acl for use in scene.inventory.of(WebAclUse)}
    for balancer in scene.inventory.of(LoadBalancer):
        fronts = let_in_by_header(scene, balancer) if not uses.get(balancer.id) else []
        if fronts:
            said = (
                f"it asks for a header that {some(one.name for one in fronts)} adds, which is judged by its own web ACL"
            )
            yield not_applicable(balancer, said, at=[balancer.source, *(one.source for one in fronts)])
    apis: list[Api] = [*scene.inventory.of(HttpApi), *scene.inventory.of(WebSocketApi)]
    for api in apis:
        routes = scene.routes.get(api.id, ())
        if any(_is_entry(scene, route) for route in routes):
            yield _unwalled(scene, api, "", api)
        elif not routes and (missing := scene.unseen(("apigatewayv2.GetRoutes",), api.account, api.region)):
            yield unknown(api, missing, at=api.source)
    for url in scene.inventory.of(FunctionUrl):
        function = unqualified(url.function_arn)
        if lacks := missing_of_policy(scene, url):
            yield unknown(function, lacks, at=url.source, place="URL")
        elif _is_entry(scene, url):
            yield _unwalled(scene, function, "URL", url)


def missing_of_policy(scene: Scene, url: FunctionUrl) -> list[str]:
    """Return what is missing to tell whom the policies of a function let in at its URL."""
    missing = sorted({edge.unknown for _, edge in scene.out_of(url.id, EdgeKind.INVOKES)} - {""})
    return [what if what.startswith("whether ") else f"{what} (lambda:GetPolicy)" for what in missing]


def _unwalled(scene: Scene, what: Record | str, place: str, entry: Record) -> Answer:
    behind = [origin for origin, _ in scene.into(entry.id, permitted=False) if scene.is_of_distribution(origin)]
    if behind:
        said = "it takes no web ACL itself; the distribution before it is judged by its own"
        return not_applicable(what, said, at=entry.source, place=place)
    if not scene.seen_in("cloudfront.ListDistributions", entry.account):
        return unknown(what, "cloudfront:ListDistributions", at=entry.source, place=place)
    said = "it takes no web ACL, and no distribution stands before it that could have one"
    return failed(what, said, at=entry.source, place=place)


def acl_before(scene: Scene, arn: str) -> WebAcl | None:
    """Return a web ACL of the export, ``None`` where the export lacks it."""
    found = scene.inventory.get(arn)
    return found if isinstance(found, WebAcl) else None


def groups_of(acl: WebAcl) -> list[str]:
    """Return the rule groups that are not managed and do more than count; what is in them is not read."""
    return sorted({rule.group for rule in acl.rules if rule.group and not rule.counts_only})
