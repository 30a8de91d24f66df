"""What is checked of requests before code runs: by an API, or by the function behind, as the case attests.

HTTP APIs, function URLs and load balancers check no bodies.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditkit.areas.answers import Answer, failed, not_applicable, not_found, passed, some, unknown, warned
from auditkit.areas.rules._walls import missing_of_policy
from auditkit.areas.scene import Scene, unqualified
from auditkit.graph.edges._api_authorization import validation_of_method, validation_of_route
from auditkit.graph.factors import Level
from auditkit.graph.schema import EdgeKind, Interval, View
from auditkit.inventory import Kind, Record, Source, UnsetType
from auditkit.inventory.records.apis import RestApi, RestIntegration, RestMethod
from auditkit.inventory.records.apis_v2 import ApiRoute, WebSocketApi
from auditkit.inventory.records.functions import FunctionUrl
from auditkit.inventory.records.loadbalancers import TargetGroup

__all__ = ["empty_model", "input_validation"]


def input_validation(scene: Scene) -> Iterator[Answer]:
    """Judge what is checked of requests, route by route."""
    routes: list[RestMethod | ApiRoute] = [*scene.inventory.of(RestMethod), *scene.inventory.of(ApiRoute)]
    for route in routes:
        node, api = scene.node(route.id), scene.inventory.get(route.api)
        if _is_mock(route):
            yield not_applicable(route, "API Gateway answers it itself (a mock integration)", at=route.source)
        elif node is None or node.entry is None or not _runs_code(scene, route.id):
            yield not_found(route, "it is no entry, or no function is behind it", at=route.source)
        elif isinstance(route, RestMethod):
            yield _validated(route, validation_of_method(api if isinstance(api, RestApi) else None, route))
        elif isinstance(api, WebSocketApi):
            yield _validated(route, validation_of_route(api, route))
        else:
            behind = [target for target, _ in scene.out_of(route.id, EdgeKind.DELIVERS)]
            yield _attested(scene, _Unchecked(route, "", "HTTP APIs check no bodies", route.sources[:1]), behind)
    yield from (_of_url(scene, url) for url in scene.inventory.of(FunctionUrl))
    for node_id, node in scene.nodes.items():
        if node.kind is Kind.LISTENER:
            yield from _of_listener(scene, node_id)


class _Unchecked(NamedTuple):
    """An entry that checks nothing of a request: only the function behind it can."""

    what: Record | str
    place: str
    why: str
    at: tuple[Source, ...]


def _attested(scene: Scene, entry: _Unchecked, behind: Sequence[str]) -> Answer:
    """Return PASS where the case attests that all functions behind an entry check their input, else UNKNOWN."""
    patterns = [scene.validated(target) for target in behind]
    known = [pattern for pattern in patterns if pattern is not None]
    if not known or len(known) < len(patterns):
        lacks = f"a word in the case that the function checks its input ({entry.why})"
        return unknown(entry.what, lacks, at=entry.at, place=entry.place)
    said = "; ".join(dict.fromkeys(scene.case.validated[pattern] for pattern in known))
    at = [*entry.at, *(scene.case.source("validated", pattern) for pattern in known)]
    return passed(entry.what, f"its function checks its input, as the case attests: {said}", at=at, place=entry.place)


def _of_url(scene: Scene, url: FunctionUrl) -> Answer:
    function = unqualified(url.function_arn)
    place = f"URL {url.function_arn.removeprefix(function).lstrip(':')}".strip()
    node = scene.node(url.id)
    if lacks := missing_of_policy(scene, url):
        return unknown(function, lacks, at=url.source, place=place)
    if node is None or node.entry is None:
        return not_applicable(function, "its URL is no entry", at=url.source, place=place)
    behind = [target for target, _ in scene.out_of(url.id, EdgeKind.DELIVERS)]
    return _attested(scene, _Unchecked(function, place, "function URLs check nothing", url.sources[:1]), behind)


def _of_listener(scene: Scene, listener: str) -> Iterator[Answer]:
    """Judge the rules of a listener behind which functions are: a load balancer checks nothing of a request."""
    for rule, edge in scene.out_of(listener):
        node = scene.node(rule)
        if edge.view is not View.TRUST or node is None or node.kind is not Kind.ROUTE or node.entry is None:
            continue
        groups = [target for target, _ in scene.out_of(rule, EdgeKind.DELIVERS)]
        behind = [target for group in groups for target, _ in scene.out_of(group, EdgeKind.DELIVERS)]
        functions = [target for target in behind if scene.nodes[target].kind is Kind.FUNCTION]
        lacks = [missing for group in groups for missing in _missing_of_group(scene, group)]
        if lacks:
            yield unknown(listener, dict.fromkeys(lacks), at=node.sources, place=node.label)
        elif functions:
            entry = _Unchecked(listener, node.label, "load balancers check nothing", node.sources)
            yield _attested(scene, entry, functions)


def _missing_of_group(scene: Scene, arn: str) -> Iterator[str]:
    """Yield what is missing to tell whether functions are in a target group, and which."""
    group = scene.inventory.get(arn)
    if not isinstance(group, TargetGroup):
        yield f"elbv2:DescribeTargetGroups of {arn}"
    elif isinstance(group.targets, UnsetType) and group.target_type in {"lambda", None}:
        yield f"elbv2:DescribeTargetHealth of {group.name}"


def _is_mock(route: RestMethod | ApiRoute) -> bool:
    integration = route.method_integration if isinstance(route, RestMethod) else None
    return isinstance(integration, RestIntegration) and integration.type == "MOCK"


def _runs_code(scene: Scene, node_id: str) -> bool:
    kinds = {Kind.FUNCTION, Kind.STATE_MACHINE}
    return any(scene.nodes[target].kind in kinds for target, _ in scene.out_of(node_id, EdgeKind.DELIVERS))


def _validated(route: RestMethod | ApiRoute, found: Level) -> Answer:
    value, said = found if isinstance(found, tuple) else (found, "")
    level = value if isinstance(value, Interval) else Interval.exactly(value)
    at = route.source.at("requestValidatorId" if isinstance(route, RestMethod) else "RequestModels")
    if not level.known:
        return unknown(route, said, at=at)
    if level.low >= 1:
        return failed(route, said, at=at)
    return warned(route, said, at=at) if level.low > 0 else passed(route, said, at=at)


def empty_model(scene: Scene) -> Iterator[Answer]:
    """Judge the models that a method's body is held to."""
    for method in scene.inventory.of(RestMethod):
        api = scene.inventory.get(method.api)
        if not method.request_models or not isinstance(api, RestApi):
            continue
        if isinstance(api.models, UnsetType):
            yield unknown(method, "apigateway:GetModels", at=method.source.at("requestModels"))
            continue
        models = {model.name: model for model in api.models}
        named = [models[name] for name in method.request_models.values() if name in models]
        empty = [model for model in named if model.demands is False]
        at = [method.source.at("requestModels"), *(model.source for model in empty or named)]
        if empty:
            yield warned(method, f"the model {some(model.name for model in empty)} refuses nothing", at=at)
        elif lost := sorted(set(method.request_models.values()) - models.keys()):
            yield unknown(method, f"apigateway:GetModels of {some(lost)}", at=at)
        elif any(model.demands is None for model in named):
            yield unknown(method, "the schema of its model, which is not JSON", at=at)
        else:
            yield passed(method, "its models refuse something", at=at)
