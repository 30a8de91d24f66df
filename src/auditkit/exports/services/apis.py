"""Responses of Amazon API Gateway: REST APIs (``apigateway``), HTTP and WebSocket APIs (``apigatewayv2``)."""

from contextlib import suppress
from typing import Any

import msgspec

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._environment import variables
from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich
from auditkit.exports.services._parts import parts
from auditkit.inventory import Record, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.record import UNSET, PolicyText, UnsetType
from auditkit.inventory.records.apis import (
    ApiMapping,
    DomainName,
    Model,
    RequestValidator,
    RestApi,
    RestAuthorizer,
    RestMethod,
    RestStage,
    RestVpcLink,
    UsagePlan,
)
from auditkit.inventory.records.apis_v2 import (
    ApiIntegration,
    ApiModel,
    ApiRoute,
    ApiStage,
    ApiVpcLink,
    Authorizer,
    HttpApi,
    WebSocketApi,
)
from auditkit.inventory.records.functions import EnvironmentValue

__all__ = ["HANDLERS"]

_PLAIN_MODEL_KEYS = frozenset(
    {"$schema", "$id", "id", "title", "description", "type", "default", "example", "examples"}
)


def _id(response: Response, path: str) -> str:
    """Return the ARN of a resource of API Gateway; such ARNs name no account."""
    return arn_of("apigateway", path, region=response.region)


def _route_id(response: Response, api: str, key: str) -> str:
    return f"route:{response.account}:{response.region}:{api}/{key}"


# ---------------------------------------------------------------- REST


def _get_rest_apis(response: Response, reading: Reading) -> None:
    for api, item, source in reading.each(response, RestApi, "items"):
        api.id, api.name = _id(response, f"/restapis/{api.api_id}"), str(item.get("name") or api.api_id)
        api.policy = _policy(item.get("policy"), source.at("policy"), reading)
        api.tags = tags_of(item.get("tags"), source.at("tags"), reading)
        reading.add(api)


def _policy(value: object, source: Source, reading: Reading) -> PolicyText | UnsetType | None:
    r"""Return a resource policy; the service escapes its quotation marks once more (``{\"Version\": ...}``)."""
    if isinstance(value, str) and value.lstrip().startswith('{\\"'):
        with suppress(JsonError):  # whatever it is, policy_text says what is wrong with it
            value = parse_json(f'"{value}"'.encode("utf-8", "surrogatepass"))
    return policy_text(value, source, reading)


def _get_resources(response: Response, reading: Reading) -> None:
    for index, item, source in reading.items(response, "items"):
        methods = reading.value(dict, response, "items", index, "resourceMethods") or {}
        for name, method in sorted(methods.items()):
            place = source.at("resourceMethods", name)
            route = _method(response, reading, name, method, place, path=str(item.get("path") or ""))
            if route is not None:
                route.account, route.region, route.sources = response.account, response.region, (place,)
                route.name = f"{name} {route.path}"
                route.id = _route_id(response, response.argument(), route.name)
                reading.add(route)


def _method(
    response: Response, reading: Reading, name: str, method: object, source: Source, *, path: str
) -> RestMethod | None:
    if not isinstance(method, dict):
        reading.not_read(source, "wrong shape: expected an object")
        return None
    if not method:
        reading.not_read(source, "the method is named only: the export was made without embed=methods")
    ours = {"__api": _id(response, f"/restapis/{response.argument()}"), "__path": path}
    seen: dict[str, object] = {"methodIntegration": None} if method else {}
    return reading.decode(RestMethod, {**seen, "httpMethod": name, **method, **ours}, source)


def _get_stages(response: Response, reading: Reading) -> None:
    def extra(item: dict[str, Any], source: Source) -> dict[str, object]:
        return {
            "variables": _variables(item, source, reading, "variables"),
            "canary_variables": _variables(item, source, reading, "canarySettings", "stageVariableOverrides"),
        }

    stages = parts(response, reading, RestStage, "item", extra=extra)
    _enrich_rest(response, reading, "item", stages=stages, staged=bool(response.payload.get("item")) or UNSET)


def _variables(item: dict[str, Any], source: Source, reading: Reading, *pointer: str) -> dict[str, EnvironmentValue]:
    values: object = item
    for step in pointer:
        values = values.get(step) if isinstance(values, dict) else None
    if values is not None and not isinstance(values, dict):
        reading.not_read(source.at(*pointer), "wrong shape: expected an object")
    return variables(values, source.at(*pointer), reading) if isinstance(values, dict) else {}


def _enrich_rest(response: Response, reading: Reading, pointer: str, **fields: object) -> None:
    enrich(response, reading, RestApi, pointer, key=_id(response, f"/restapis/{response.argument()}"), **fields)


def _get_request_validators(response: Response, reading: Reading) -> None:
    found = parts(response, reading, RequestValidator, "items")
    _enrich_rest(response, reading, "items", request_validators=found)


def _get_models(response: Response, reading: Reading) -> None:
    found = parts(response, reading, Model, "items", extra=lambda item, _: {"demands": _demands(item.get("schema"))})
    _enrich_rest(response, reading, "items", models=found)


def _demands(schema: object) -> bool | None:
    """Return whether a JSON schema refuses any object; see :class:`Model`."""
    if not isinstance(schema, str) or not schema.strip():
        return None
    try:
        document: object = parse_json(schema.encode("utf-8", "surrogatepass"))
    except JsonError:
        return None
    if not isinstance(document, dict):
        return document is False
    if document.get("type") not in {None, "object"}:
        return True
    empty = ("properties", "required", "definitions", "additionalProperties")
    rest = {
        key
        for key in document
        if key not in _PLAIN_MODEL_KEYS and not (key in empty and document[key] in ({}, [], True))
    }
    return bool(rest - {"definitions"})


def _get_authorizers(response: Response, reading: Reading) -> None:
    api = response.argument()
    for index, item, _ in reading.items(response, "items"):
        fields = {
            **item,
            "__api": _id(response, f"/restapis/{api}"),
            "__validates_identity": bool(item.get("identityValidationExpression")),
        }
        authorizer = reading.convert(response, RestAuthorizer, fields, "items", index)
        if authorizer is not None:
            authorizer.id = f"{authorizer.api}/authorizers/{authorizer.authorizer_id}"
            authorizer.name = authorizer.authorizer_name or authorizer.authorizer_id
            reading.add(authorizer)


def _get_vpc_links(response: Response, reading: Reading) -> None:
    for link, item, source in reading.each(response, RestVpcLink, "items"):
        link.id, link.name = _id(response, f"/vpclinks/{link.link_id}"), str(item.get("name") or link.link_id)
        link.tags = tags_of(item.get("tags"), source.at("tags"), reading)
        reading.add(link)


def _get_usage_plans(response: Response, reading: Reading) -> None:
    plans = parts(response, reading, UsagePlan, "items")
    if isinstance(plans, UnsetType):
        return

    def hand_out(reading: Reading) -> None:
        for api in reading.find(RestApi, account=response.account, region=response.region):
            own = tuple(
                msgspec.structs.replace(plan, api_stages=stages)
                for plan in plans
                if (stages := tuple(stage for stage in plan.api_stages if stage.api_id == api.api_id))
            )
            enrich(response, reading, RestApi, "items", key=api.id, usage_plans=own)

    reading.later(hand_out)


# ---------------------------------------------------------------- domain names of both


def _get_domain_names(response: Response, reading: Reading) -> None:
    for domain, item, source in reading.each(response, DomainName, "items"):
        _add_domain(response, reading, domain, tags_of(item.get("tags"), source.at("tags"), reading))


def _get_domain_names_v2(response: Response, reading: Reading) -> None:
    for index, item, source in reading.items(response, "Items"):
        domain = reading.convert(response, DomainName, _as_rest_domain(item), "Items", index)
        if domain is not None:
            _add_domain(response, reading, domain, tags_of(item.get("Tags"), source.at("Tags"), reading))


def _add_domain(response: Response, reading: Reading, domain: DomainName, tags: dict[str, str] | UnsetType) -> None:
    domain.id, domain.name, domain.tags = _id(response, f"/domainnames/{domain.domain_name}"), domain.domain_name, tags
    reading.add(domain)


def _as_rest_domain(item: dict[str, Any]) -> dict[str, Any]:
    """Return a domain name as ``apigateway`` would show it; of several configurations the weakest policy counts."""
    listed = item.get("DomainNameConfigurations")
    found = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    first: dict[str, Any] = found[0] if found else {}
    edge = first.get("EndpointType") == "EDGE"
    policies = [entry["SecurityPolicy"] for entry in found if entry.get("SecurityPolicy")]
    mutual = item.get("MutualTlsAuthentication")
    return {
        "domainName": item.get("DomainName"),
        "domainNameArn": item.get("DomainNameArn"),
        ("distributionDomainName" if edge else "regionalDomainName"): first.get("ApiGatewayDomainName"),
        "endpointConfiguration": {"types": [first["EndpointType"]]} if first.get("EndpointType") else None,
        "securityPolicy": min(policies, key=str, default=None),
        "mutualTlsAuthentication": {"truststoreUri": mutual.get("TruststoreUri")} if isinstance(mutual, dict) else None,
        "routingMode": str(item["RoutingMode"]).replace("API_MAPPING", "BASE_PATH_MAPPING")
        if item.get("RoutingMode")
        else None,
    }


class _BasePathMapping(msgspec.Struct, rename="camel"):
    rest_api_id: str
    base_path: str = ""
    stage: str | None = None


class _ApiMapping(msgspec.Struct, rename="pascal"):
    api_id: str
    api_mapping_key: str = ""
    stage: str | None = None


def _get_base_path_mappings(response: Response, reading: Reading) -> None:
    found = [
        ApiMapping(
            api_id=mapping.rest_api_id,
            stage=mapping.stage,
            key="" if mapping.base_path == "(none)" else mapping.base_path,
            source=source,
        )
        for _, item, source in reading.items(response, "items")
        if (mapping := reading.decode(_BasePathMapping, item, source)) is not None
    ]
    key = _id(response, f"/domainnames/{response.argument()}")
    enrich(response, reading, DomainName, "items", key=key, base_path_mappings=tuple(found))


def _get_api_mappings(response: Response, reading: Reading) -> None:
    found = [
        ApiMapping(api_id=mapping.api_id, stage=mapping.stage, key=mapping.api_mapping_key, source=source)
        for _, item, source in reading.items(response, "Items")
        if (mapping := reading.decode(_ApiMapping, item, source)) is not None
    ]
    key = _id(response, f"/domainnames/{response.argument()}")
    enrich(response, reading, DomainName, "Items", key=key, api_mappings=tuple(found))


# ---------------------------------------------------------------- HTTP and WebSocket


def _get_apis(response: Response, reading: Reading) -> None:
    for index, item, source in reading.items(response, "Items"):
        cls = WebSocketApi if item.get("ProtocolType") == "WEBSOCKET" else HttpApi
        api = reading.convert(response, cls, item, "Items", index)
        if api is not None:
            api.id, api.name = _id(response, f"/apis/{api.api_id}"), str(item.get("Name") or api.api_id)
            api.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
            reading.add(api)


def _get_routes(response: Response, reading: Reading) -> None:
    api = response.argument()
    for index, item, _ in reading.items(response, "Items"):
        fields = {**item, "__api": _id(response, f"/apis/{api}")}
        route = reading.convert(response, ApiRoute, fields, "Items", index)
        if route is not None:
            route.id, route.name = _route_id(response, api, route.route_key), route.route_key
            reading.add(route)


def _get_integrations(response: Response, reading: Reading) -> None:
    found = parts(response, reading, ApiIntegration, "Items")
    _enrich_v2(response, reading, integrations=found)


def _get_models_v2(response: Response, reading: Reading) -> None:
    found = parts(response, reading, ApiModel, "Items", extra=lambda item, _: {"demands": _demands(item.get("Schema"))})
    _enrich_v2(response, reading, models=found)


def _get_stages_v2(response: Response, reading: Reading) -> None:
    def extra(item: dict[str, Any], source: Source) -> dict[str, object]:
        return {"variables": _variables(item, source, reading, "StageVariables")}

    stages = parts(response, reading, ApiStage, "Items", extra=extra)
    _enrich_v2(response, reading, stages=stages, staged=bool(response.payload.get("Items")) or UNSET)


def _enrich_v2(response: Response, reading: Reading, **fields: object) -> None:
    """Set fields of an API whose protocol only the list of APIs says."""
    key = _id(response, f"/apis/{response.argument()}")

    def settle(reading: Reading) -> None:
        cls: type[Record] = WebSocketApi if reading.find(WebSocketApi, key) else HttpApi
        enrich(response, reading, cls, "Items", key=key, **fields)

    reading.later(settle)


def _get_authorizers_v2(response: Response, reading: Reading) -> None:
    api = response.argument()
    for index, item, _ in reading.items(response, "Items"):
        fields = {**item, "__api": _id(response, f"/apis/{api}")}
        authorizer = reading.convert(response, Authorizer, fields, "Items", index)
        if authorizer is not None:
            authorizer.id = f"{authorizer.api}/authorizers/{authorizer.authorizer_id}"
            authorizer.name = str(item.get("Name") or authorizer.authorizer_id)
            reading.add(authorizer)


def _get_vpc_links_v2(response: Response, reading: Reading) -> None:
    for link, item, source in reading.each(response, ApiVpcLink, "Items"):
        link.id, link.name = _id(response, f"/vpclinks/{link.vpc_link_id}"), str(item.get("Name") or link.vpc_link_id)
        link.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        reading.add(link)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("apigateway", "GetAuthorizers"): _get_authorizers,
    ("apigateway", "GetBasePathMappings"): _get_base_path_mappings,
    ("apigateway", "GetDomainNames"): _get_domain_names,
    ("apigateway", "GetModels"): _get_models,
    ("apigateway", "GetRequestValidators"): _get_request_validators,
    ("apigateway", "GetResources"): _get_resources,
    ("apigateway", "GetRestApis"): _get_rest_apis,
    ("apigateway", "GetStages"): _get_stages,
    ("apigateway", "GetUsagePlans"): _get_usage_plans,
    ("apigateway", "GetVpcLinks"): _get_vpc_links,
    ("apigatewayv2", "GetApiMappings"): _get_api_mappings,
    ("apigatewayv2", "GetApis"): _get_apis,
    ("apigatewayv2", "GetAuthorizers"): _get_authorizers_v2,
    ("apigatewayv2", "GetDomainNames"): _get_domain_names_v2,
    ("apigatewayv2", "GetIntegrations"): _get_integrations,
    ("apigatewayv2", "GetModels"): _get_models_v2,
    ("apigatewayv2", "GetRoutes"): _get_routes,
    ("apigatewayv2", "GetStages"): _get_stages_v2,
    ("apigatewayv2", "GetVpcLinks"): _get_vpc_links_v2,
}
