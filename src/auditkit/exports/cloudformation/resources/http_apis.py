"""HTTP and WebSocket APIs of Amazon API Gateway: from routes and integrations, and from OpenAPI definitions."""

from collections import defaultdict

from auditkit.exports._answers import Node, Place, Tree
from auditkit.exports.cloudformation._openapi import (
    Operation,
    authorization_of,
    endpoints_of,
    named_authorizers,
    operations,
)
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of
from auditkit.exports.cloudformation.resources.rest_apis import schema_text

__all__ = ["tell"]

_X = "x-amazon-apigateway-"
_API = "AWS::ApiGatewayV2::Api"
_PARTS = {
    "AWS::ApiGatewayV2::Route": ("GetRoutes", "Route", "RouteId"),
    "AWS::ApiGatewayV2::Integration": ("GetIntegrations", "Integration", "IntegrationId"),
    "AWS::ApiGatewayV2::Authorizer": ("GetAuthorizers", "Authorizer", "AuthorizerId"),
    "AWS::ApiGatewayV2::Stage": ("GetStages", "Stage", "StageName"),
    "AWS::ApiGatewayV2::Model": ("GetModels", "Model", "ModelId"),
}

_Parts = dict[tuple[Place, str, str], list[tuple[Resource, Tree]]]
"""Items by what they belong to: place, API and call."""


def tell(to: Telling) -> None:
    """Tell HTTP and WebSocket APIs with their routes, integrations and stages, and custom domain names."""
    found: _Parts = defaultdict(list)
    for api in to.of(_API):
        _api(to, api, found)
    for kind, (call, shape, identity) in _PARTS.items():
        for part in to.of(kind):
            tree = to.tree(part, f"apigatewayv2.{shape}", members={identity: part.identity.name})
            schema = part.node.at("Schema")
            if schema is not None and isinstance(schema.value, dict):
                tree["Schema"] = schema_text(schema)
            found[place_of(part), part.text("ApiId"), call].append((part, tree))
    _named_only(to, found)
    for (place, api_id, call), items in found.items():
        trees = [tree for _, tree in items]
        to.give(items[0][0], f"apigatewayv2.{call}", {"Items": trees}, api_id, complete=False, place=place)
    for link in to.of("AWS::ApiGatewayV2::VpcLink"):
        tree = to.tree(link, "apigatewayv2.VpcLink", members={"VpcLinkId": link.identity.name})
        to.give(link, "apigatewayv2.GetVpcLinks", {"Items": [tree]}, complete=False)
    _domains(to)


def _api(to: Telling, api: Resource, found: _Parts) -> None:
    body = api.node.at("Body")
    body = body if body is not None and isinstance(body.value, dict) else None
    name = api.node.at("Name") or (body.at("info", "title") if body is not None else None) or api.identity.name
    members = {
        "ApiId": api.identity.name,
        "Name": name,
        "ApiEndpoint": api.identity.attributes["ApiEndpoint"],
        "ProtocolType": api.node.at("ProtocolType") or "HTTP",
    }
    tree = to.tree(api, "apigatewayv2.Api", {"Name": ""}, members)
    if "CorsConfiguration" not in tree and body is not None:
        tree["CorsConfiguration"] = to.fitted(body.at(f"{_X}cors"), "apigatewayv2.Cors") or None
    endpoints = endpoints_of(body) if body is not None else None
    if endpoints is not None:
        tree.setdefault("DisableExecuteApiEndpoint", endpoints.at("disableExecuteApiEndpoint"))
    to.give(api, "apigatewayv2.GetApis", {"Items": [tree]}, complete=False)
    if body is not None:
        _of_body(to, api, body, found)
    elif api.get("BodyS3Location") is not None:
        to.note(api, "the definition of the API is kept elsewhere", "Properties", "BodyS3Location")
    if api.get("Target") is not None:
        _quick(api, found)


def _named_only(to: Telling, found: _Parts) -> None:
    """Tell the APIs that no template has and that have routes or integrations in one."""
    known = {(place_of(api), api.identity.name) for api in to.of(_API)}
    for (place, api_id, call), items in sorted(found.items(), key=lambda item: item[0]):
        if (place, api_id) in known or call not in {"GetRoutes", "GetIntegrations"} or not api_id:
            continue
        known.add((place, api_id))
        keys = [part.text("RouteKey") for part, _ in found.get((place, api_id, "GetRoutes"), ())]
        web = all(key == "$default" or " " in key for key in keys)
        tree = {"ApiId": api_id, "Name": api_id, "ProtocolType": "HTTP" if web else "WEBSOCKET"}
        shown = {"Items": [Tree(items[0][0].node.source, tree)]}
        to.give(items[0][0], "apigatewayv2.GetApis", shown, complete=False, place=place)


def _quick(api: Resource, found: _Parts) -> None:
    """Add what *quick create* makes of a target: one route, one integration, and a stage."""
    here = (place_of(api), api.identity.name)
    target, source = api.node.at("Target"), api.node.source
    proxied = not api.text("Target").startswith("http")
    integration = {
        "IntegrationId": "quick",
        "IntegrationType": "AWS_PROXY" if proxied else "HTTP_PROXY",
        "IntegrationUri": target,
        "CredentialsArn": api.node.at("CredentialsArn"),
    }
    route = {"RouteId": "quick", "RouteKey": api.node.at("RouteKey") or "$default", "Target": "integrations/quick"}
    stage = {"StageName": "$default", "AutoDeploy": True}
    for call, tree in (("GetIntegrations", integration), ("GetRoutes", route), ("GetStages", stage)):
        found[(*here, call)].append((api, Tree(source, tree)))


def _of_body(to: Telling, api: Resource, body: Node, found: _Parts) -> None:
    here = (place_of(api), api.identity.name)
    for number, operation in enumerate(operations(body), 1):
        identity = f"body{number}"
        key = "$default" if operation.path in {"$default", "/$default"} else f"{operation.method} {operation.path}"
        found[(*here, "GetRoutes")].append((api, _route(body, operation, key, identity)))
        integration = operation.node.at(f"{_X}integration")
        if integration is not None:
            found[(*here, "GetIntegrations")].append((api, _integration(to, integration, identity)))
    for identity, scheme in named_authorizers(body):
        found[(*here, "GetAuthorizers")].append((api, _authorizer(to, identity, scheme)))


def _route(body: Node, operation: Operation, key: str, identity: str) -> Tree:
    authorization = authorization_of(body, operation.node)
    kind = "JWT" if authorization.type == "COGNITO_USER_POOLS" else authorization.type
    return Tree(
        operation.node.source,
        {
            "RouteId": identity,
            "RouteKey": key,
            "AuthorizationType": kind,
            "AuthorizerId": authorization.authorizer,
            "AuthorizationScopes": list(authorization.scopes),
            "ApiKeyRequired": authorization.api_key,
            "Target": f"integrations/{identity}",
        },
    )


_INTEGRATION = {
    "type": "IntegrationType",
    "uri": "IntegrationUri",
    "httpMethod": "IntegrationMethod",
    "credentials": "CredentialsArn",
}


def _integration(to: Telling, node: Node, identity: str) -> Tree:
    tree = to.fitted(node, "apigatewayv2.Integration", _INTEGRATION)
    tree.update({"IntegrationId": identity, "IntegrationType": node.text("type").upper() or None})
    return tree


def _authorizer(to: Telling, identity: str, scheme: Node) -> Tree:
    node = scheme.at(f"{_X}authorizer")
    kind = "JWT" if node is not None and node.text("type").lower() == "jwt" else "REQUEST"
    renames = {"type": "", "authorizerCredentials": "AuthorizerCredentialsArn"}
    members = {"AuthorizerId": identity, "Name": identity, "AuthorizerType": kind}
    return to.fitted(node, "apigatewayv2.Authorizer", renames, members)


def _domains(to: Telling) -> None:
    for domain in to.of("AWS::ApiGatewayV2::DomainName"):
        tree = to.tree(domain, "apigatewayv2.DomainName", members={"DomainName": domain.identity.name})
        to.give(domain, "apigatewayv2.GetDomainNames", {"Items": [tree]}, complete=False)
    for (place, name), mappings in to.by("DomainName", of=["AWS::ApiGatewayV2::ApiMapping"]).items():
        trees = [to.tree(mapping, "apigatewayv2.ApiMapping") for mapping in mappings]
        to.give(mappings[0], "apigatewayv2.GetApiMappings", {"Items": trees}, name, complete=False, place=place)
