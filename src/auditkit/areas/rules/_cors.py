"""Pages of which origins may call, and with a user's credentials."""

from collections.abc import Iterable, Iterator

from auditkit.areas.answers import Answer, failed, passed, unknown, warned
from auditkit.areas.model import Verdict
from auditkit.areas.scene import Scene, unqualified
from auditkit.inventory import Source
from auditkit.inventory.records.apis import RestIntegration, RestMethod
from auditkit.inventory.records.apis_v2 import HttpApi
from auditkit.inventory.records.functions import Cors, FunctionUrl

__all__ = ["cors"]


def cors(scene: Scene) -> Iterator[Answer]:
    """Judge which web pages may call with a user's credentials."""
    for url in scene.inventory.of(FunctionUrl):
        config: Cors | None = url.cors
        if config is not None:
            origins, at = config.allow_origins or (), url.source.at("Cors")
            signed = url.auth_type != "NONE"
            yield _origins(
                unqualified(url.function_arn), origins, at, credentials=config.allow_credentials, signed=signed
            )
    for api in scene.inventory.of(HttpApi):
        settings = api.cors_configuration
        if settings is not None:
            signed = any((route.authorization_type or "NONE") != "NONE" for route in scene.routes.get(api.id, ()))
            at = api.source.at("CorsConfiguration")
            seen = scene.seen("apigatewayv2.GetRoutes", api, resource=api.api_id)
            found = _origins(api.id, settings.allow_origins, at, credentials=settings.allow_credentials, signed=signed)
            if not seen and not signed and found.verdict is Verdict.PASS and _takes_all(settings.allow_origins):
                found = unknown(api, "apigatewayv2:GetRoutes: whether it has users", at=at)
            yield found
    for method in scene.inventory.of(RestMethod):
        if isinstance(method.method_integration, RestIntegration) and method.method_integration.allowed_origins:
            yield _of_method(scene, method, method.method_integration.allowed_origins)


def _of_method(scene: Scene, method: RestMethod, said: tuple[str, ...]) -> Answer:
    """Judge what a method of a REST API answers itself; browsers send no credentials where that is any origin."""
    at = method.source.at("methodIntegration")
    literal = [one.strip("'") for one in said if one.startswith("'")]
    signed = any(
        other.authorization_type not in {"NONE", None}
        for other in scene.routes.get(method.api, ())
        if isinstance(other, RestMethod) and other.path == method.path
    )
    if len(literal) < len(said) and not _takes_all(literal):
        return unknown(method, "the origin that its backend answers with", at=at)
    return _origins(method.id, tuple(literal), at, credentials=False, signed=signed)


def _takes_all(origins: Iterable[str]) -> bool:
    return any(origin in {"*", "http://*", "https://*"} for origin in origins)


def _origins(resource: str, origins: tuple[str, ...], at: Source, *, credentials: bool, signed: bool) -> Answer:
    if not _takes_all(origins):
        return passed(resource, "only pages of named origins may call it", at=at)
    if credentials:
        return failed(resource, "a page of any origin may call it with the user's credentials", at=at)
    if signed:
        return warned(resource, "a page of any origin may call it, and it has users", at=at)
    return passed(resource, "a page of any origin may call it, as anyone may", at=at)
