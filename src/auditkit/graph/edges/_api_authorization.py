"""What a route asks of its callers, and what it checks of their requests."""

from typing import NamedTuple

from auditkit.graph._build import Builder
from auditkit.graph.factors import Level
from auditkit.graph.schema import EntryKind, Interval
from auditkit.inventory import CoverageState, Source
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.apis import (
    RestApi,
    RestAuthorizer,
    RestIntegration,
    RestMethod,
)
from auditkit.inventory.records.apis_v2 import (
    ApiRoute,
    ApiV2,
    Authorizer,
    HttpApi,
    WebSocketApi,
)
from auditkit.inventory.records.cognito import UserPool

__all__ = [
    "Authorization",
    "authorization_of_method",
    "authorization_of_route",
    "validation_of_method",
    "validation_of_route",
]

CODE = Interval(0, 0.5)
"""A function decides: at best it verifies a token, at worst it compares a shared secret. What it does its code says."""

_BY_AUTHORIZER = frozenset({"COGNITO_USER_POOLS", "CUSTOM", "JWT"})
_ANY = "$default"
_EMPTY = "Empty"
"""The model of every API that demands nothing."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "ANY"})


class Authorization(NamedTuple):
    """What is asked of a caller.

    Attributes
    ----------
    authentication
        Level of the factor, with its reason.
    entry
        How the outside gets in, if it gets to the route at all; ``None`` where only principals of AWS do.
    unknown
        What is missing.
    authorizer
        Authorizer that decides, where there is one and it was seen.
    allows
        Whether its own Allow is enough where the resource policy is silent, as that of a function's code is and that
        of a user pool is not; or where it is not known which of them decides.
    """

    authentication: Level
    entry: EntryKind | None
    unknown: str = ""
    authorizer: RestAuthorizer | Authorizer | None = None
    allows: bool = False

    @property
    def signed(self) -> bool:
        """Whether requests are signed by principals of AWS."""
        return self.entry is None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Record of the authorizer."""
        return self.authorizer.sources[:1] if self.authorizer else ()


def authorization_of_method(build: Builder, method: RestMethod) -> Authorization:
    """Return what a method of a REST API asks."""
    kind = method.authorization_type
    if kind is None or isinstance(kind, UnsetType):
        reason = "The authorization type was not exported (GetResources was made without embed=methods)."
        return Authorization((Interval(0, 1), reason), EntryKind.AUTHENTICATED, "authorization type", allows=True)
    if kind == "NONE":
        return _open(key=method.api_key_required, setting="authorizationType")
    if kind == "AWS_IAM":
        return _signed("authorizationType")
    if kind not in _BY_AUTHORIZER:
        return _untold(kind)
    found, missing = _authorizer(
        build, "apigateway", method.api, method.authorizer_id, account=method.account, region=method.region
    )
    if kind == "COGNITO_USER_POOLS":
        if missing:
            return missing
        pools = found.provider_arns if isinstance(found, RestAuthorizer) else ()
        return Authorization(
            (0, f"A token of a user pool is verified{_closed(build, pools)}."),
            EntryKind.AUTHENTICATED,
            authorizer=found,
        )
    return (missing or _by_code(found))._replace(allows=True)


def _by_code(found: RestAuthorizer | Authorizer | None) -> Authorization:
    reason = "The code of an authorizer function decides; it is not seen."
    return Authorization((CODE, reason), EntryKind.AUTHENTICATED, authorizer=found)


def authorization_of_route(build: Builder, route: ApiRoute) -> Authorization:
    """Return what a route of an HTTP or WebSocket API asks; of a WebSocket API give the route ``$connect``."""
    kind = route.authorization_type or "NONE"
    if kind == "NONE":
        return _open(key=route.api_key_required and _knows_keys(build, route), setting="AuthorizationType")
    if kind == "AWS_IAM":
        return _signed("AuthorizationType")
    if kind not in _BY_AUTHORIZER:
        return _untold(kind)
    found, missing = _authorizer(
        build, "apigatewayv2", route.api, route.authorizer_id, account=route.account, region=route.region
    )
    if missing:
        return missing
    if kind == "JWT" and isinstance(found, Authorizer):
        config = found.jwt_configuration
        issuer = (config.issuer if config else None) or "an issuer that is not named"
        if config is None or not config.audience:
            reason = (
                f"A token of {issuer} is verified, but its audience is not: one made for another application will do."
            )
            return Authorization((0.25, reason), EntryKind.AUTHENTICATED, authorizer=found)
        return Authorization((0, f"A token of {issuer} is verified."), EntryKind.AUTHENTICATED, authorizer=found)
    return _by_code(found)


def _knows_keys(build: Builder, route: ApiRoute) -> bool:
    """Return whether a route's API asks for keys: HTTP APIs have the setting, and do not heed it."""
    return not isinstance(build.inventory.get(route.api), HttpApi)


def _open(*, key: bool, setting: str) -> Authorization:
    if key:
        reason = "An API key alone is a shared secret (apiKeyRequired); nobody is authenticated."
        return Authorization((0.5, reason), EntryKind.ANONYMOUS)
    return Authorization((1, f"{setting} is NONE: anyone may call."), EntryKind.ANONYMOUS)


def _untold(kind: str) -> Authorization:
    reason = f"The authorization type is {kind}, which is none of those that are known."
    return Authorization((Interval(0, 1), reason), EntryKind.AUTHENTICATED, "authorization type", allows=True)


def _signed(setting: str) -> Authorization:
    return Authorization((0, f"{setting} is AWS_IAM: requests are signed, and IAM decides."), None)


def _authorizer(
    build: Builder, service: str, api: str, authorizer: str | None, *, account: str, region: str
) -> tuple[RestAuthorizer | Authorizer | None, Authorization | None]:
    """Return the authorizer of a route, or what follows where it is not there."""
    found = build.inventory.get(f"{api}/authorizers/{authorizer}")
    if isinstance(found, RestAuthorizer | Authorizer):
        return found, None
    state = build.inventory.coverage.state(
        service, "GetAuthorizers", account=account, region=region, resource=api.rpartition("/")[2]
    )
    named = f"authorizer {authorizer}" if authorizer else "an authorizer without saying which"
    if state in {CoverageState.PRESENT, CoverageState.EMPTY}:
        reason = f"The route names {named}, which does not exist."
        return None, Authorization((Interval(0, 1), reason), EntryKind.AUTHENTICATED)
    reason = f"The route names {named}, which is not in the export ({service} GetAuthorizers: {state})."
    return None, Authorization((CODE, reason), EntryKind.AUTHENTICATED, "authorizer")


def _closed(build: Builder, pools: tuple[str, ...]) -> str:
    """Return what is known of who may sign up, as the end of a sentence."""
    found = [record for pool in pools if isinstance(record := build.inventory.get(pool), UserPool)]
    if found and len(found) == len(pools) and all(pool.self_sign_up is False for pool in found):
        return "; only administrators create its users"
    if any(pool.self_sign_up for pool in found):
        return "; anyone may sign up"
    return ""


# ---------------------------------------------------------------- validation


def validation_of_method(api: RestApi | None, method: RestMethod) -> Level:
    """Return the level of the factor *validation* of a method of a REST API."""
    if isinstance(method.authorization_type, UnsetType):
        return Interval(0, 1), "The method was exported without its settings."
    if not method.request_validator_id:
        return 1, "The method has no request validator."
    if api is None or isinstance(api.request_validators, UnsetType):
        return Interval(0, 1), "The method has a request validator that was not seen (GetRequestValidators)."
    validator = next((found for found in api.request_validators if found.id == method.request_validator_id), None)
    if validator is None:
        named = method.request_validator_id
        if named.startswith("("):  # a template or a plan does not tell which
            return Interval(0, 1), "Which request validator the method names is not told (requestValidatorId)."
        return 1, f"The method names request validator {named}, which does not exist."
    parameters = validator.validate_request_parameters and any(method.request_parameters.values())
    if method.http_method not in _WITH_BODY:
        return (
            (0, "Required parameters are checked.")
            if parameters
            else (0.5, "The validator has no required parameter to check.")
        )
    if not validator.validate_request_body:
        return (0.5, "Parameters are checked, the body is not.") if parameters else (1, "The validator checks no body.")
    return _validation_of_body(api, method, parameters=parameters, names=validator.validate_request_parameters)


def _validation_of_body(api: RestApi, method: RestMethod, *, parameters: bool, names: bool) -> Level:
    """Return the level where a body is checked; ``names``: parameters are too, ``parameters``: one is required."""
    demands = _demands(api, method)
    if demands is False:
        return (
            (0.5, "Parameters are checked; the body's model demands nothing.")
            if parameters
            else (1, "The body's model demands nothing.")
        )
    if demands is None:
        return Interval(0, 0.5), "The body is checked against a model that was not seen (GetModels)."
    if _passes_unmatched(method):
        types = ", ".join(sorted(method.request_models))
        return 0.5, f"The body is checked where a caller says that it is {types}; of any other type it is passed on."
    if "{" in method.path and not names:
        return 0.5, "The body is checked against a model, parameters are not."
    return 0, "The body is checked against a model that demands something."


def _passes_unmatched(method: RestMethod) -> bool:
    """Return whether a body of a type that no model is for gets through: a proxy integration passes on whatever comes.

    Validation is not performed where no model matches the type, unless one is for ``$default`` (Amazon API Gateway
    developer guide, *Request validation for REST APIs*).
    """
    found = method.method_integration
    return (
        isinstance(found, RestIntegration)
        and (found.type or "").endswith("_PROXY")
        and _ANY not in method.request_models
    )


def _demands(api: RestApi, method: RestMethod) -> bool | None:
    """Return whether all models of a method's body demand something; ``None`` where that was not seen."""
    if not method.request_models:
        return False
    if isinstance(api.models, UnsetType):
        return None
    demands = {_EMPTY: False} | {model.name: model.demands for model in api.models}
    answers = [demands.get(name) for name in method.request_models.values()]
    return False if False in answers else None if None in answers else True


def validation_of_route(api: ApiV2 | None, route: ApiRoute) -> Level:
    """Return the level of the factor *validation* of a route of an HTTP or WebSocket API.

    A message that selects none of a route's models is refused (Amazon API Gateway developer guide, *Request validation*
    of WebSocket APIs).
    """
    if not isinstance(api, WebSocketApi):
        return 1, "HTTP APIs check no bodies."
    if not route.request_models or not route.model_selection_expression:
        return 1, "The route has no request model."
    if isinstance(api.models, UnsetType):
        return Interval(0, 1), "Messages are checked against a model that was not seen (GetModels)."
    demands = {model.name: model.demands for model in api.models}
    found = [demands.get(name) for name in route.request_models.values()]
    if not any(found):
        return 1, "The route's models demand nothing."
    if not all(found):
        return 0.5, "A message may select a model that demands nothing."
    return 0, "Messages are checked against models that demand something, and others are refused."
