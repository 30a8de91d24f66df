"""APIs that a resource defines by an OpenAPI document: the responses of API Gateway that would describe them."""

import json
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports.cloudformation._loading import load
from auditkit.exports.cloudformation._openapi import (
    authorization_of,
    models_of,
    named_authorizers,
    operations,
    request_models,
    required_parameters,
    validator_of,
    validators_of,
)

__all__ = ["definition", "http_parts", "rest_parts"]

_X = "x-amazon-apigateway-"
_INTEGRATION = (
    "httpMethod",
    "uri",
    "connectionType",
    "connectionId",
    "credentials",
    "requestParameters",
    "requestTemplates",
    "timeoutInMillis",
    "tlsConfig",
)
_AUTHORIZER = (
    "providerARNs",
    "authorizerUri",
    "authorizerCredentials",
    "identitySource",
    "identityValidationExpression",
    "authorizerResultTtlInSeconds",
)


_VALIDATOR = ("validateRequestBody", "validateRequestParameters")


def definition(found: Node) -> Node:
    """Return a definition, JSON or YAML text or an object, as an object.

    Raises
    ------
    TemplateError
        It is neither.
    """
    if not isinstance(found.value, str):
        return found
    return Node(load(found.value.encode("utf-8", "surrogatepass")).content, found.source)


def _plain(tree: Any) -> Any:  # noqa: ANN401 -- a tree
    """Return a tree without places: all of it stands where the text does."""
    if isinstance(tree, Node):
        return _plain(tree.value)
    if isinstance(tree, dict):
        return {key: _plain(item) for key, item in tree.items() if item is not None}
    return [_plain(item) for item in tree] if isinstance(tree, list) else tree


def _placed(body: Node, items: list[dict[str, Any]]) -> list[Tree]:
    return [Tree(body.source, _plain(item)) for item in items]


def rest_parts(body: Node) -> dict[str, list[Tree]]:
    """Return by the call that would list them what a REST API has: resources with methods, authorizers and the like."""
    resources: dict[str, dict[str, Any]] = {}
    for path, method, node in operations(body):
        resource = resources.setdefault(path, {"id": path, "path": path, "resourceMethods": {}})
        guard = authorization_of(body, node)
        integration = node.at(f"{_X}integration")
        resource["resourceMethods"][method] = {
            "httpMethod": method,
            "authorizationType": guard.type,
            "authorizerId": guard.authorizer,
            "authorizationScopes": list(guard.scopes),
            "apiKeyRequired": guard.api_key,
            "requestValidatorId": validator_of(body, node),
            "requestParameters": required_parameters(node),
            "requestModels": request_models(node),
            "methodIntegration": {
                "type": integration.text("type").upper() or None,
                **{name: integration.at(name) for name in _INTEGRATION},
                "integrationResponses": integration.at("responses"),
            }
            if integration is not None
            else None,
        }
    authorizers = []
    for name, scheme in named_authorizers(body):
        guarding = scheme.at(f"{_X}authorizer")
        if guarding is not None:
            kind = guarding.text("type").upper() or None
            members = {member: guarding.at(member) for member in _AUTHORIZER}
            authorizers.append({"id": name, "name": name, "type": kind, **members})
    found = {
        "GetResources": [resources[path] for path in sorted(resources)],
        "GetAuthorizers": authorizers,
        "GetRequestValidators": [
            {"id": name, "name": name, **{member: validator.at(member) for member in _VALIDATOR}}
            for name, validator in validators_of(body)
        ],
        "GetModels": [
            {"name": name, "contentType": "application/json", "schema": json.dumps(schema.value)}
            for name, schema in models_of(body)
        ],
    }
    return {call: _placed(body, items) for call, items in found.items()}


def http_parts(body: Node) -> tuple[list[Tree], list[Tree], list[Tree]]:
    """Return routes, integrations and authorizers of an HTTP API."""
    routes, integrations = [], []
    for path, method, node in operations(body):
        key = "$default" if path.endswith("$default") else f"{method} {path}"
        integration, guard = node.at(f"{_X}integration"), authorization_of(body, node)
        if integration is not None:
            integrations.append(
                {
                    "IntegrationId": key,
                    "IntegrationType": integration.text("type").upper() or None,
                    "IntegrationUri": integration.at("uri"),
                    "IntegrationSubtype": integration.at("integrationSubtype"),
                    "IntegrationMethod": integration.at("httpMethod"),
                    "ConnectionType": integration.at("connectionType"),
                    "ConnectionId": integration.at("connectionId"),
                    "CredentialsArn": integration.at("credentials"),
                    "RequestParameters": integration.at("requestParameters"),
                }
            )
        routes.append(
            {
                "RouteId": key,
                "RouteKey": key,
                "Target": f"integrations/{key}" if integration is not None else None,
                "AuthorizationType": guard.type,
                "AuthorizerId": guard.authorizer,
                "AuthorizationScopes": list(guard.scopes),
            }
        )
    return _placed(body, routes), _placed(body, integrations), _placed(body, _http_authorizers(body))


def _http_authorizers(body: Node) -> list[dict[str, Any]]:
    found = []
    for name, scheme in named_authorizers(body):
        node = scheme.at(f"{_X}authorizer")
        if node is None:
            continue
        source, jwt = node.at("identitySource"), node.at("jwtConfiguration")
        text = source.value if source is not None else None
        found.append(
            {
                "AuthorizerId": name,
                "Name": name,
                "AuthorizerType": node.text("type").upper() or None,
                "AuthorizerUri": node.at("authorizerUri"),
                "AuthorizerCredentialsArn": node.at("authorizerCredentials"),
                "IdentitySource": text.split(",") if isinstance(text, str) else source,
                "JwtConfiguration": {"Issuer": jwt.at("issuer"), "Audience": jwt.at("audience")} if jwt else None,
            }
        )
    return found
