"""OpenAPI definitions with API Gateway's extensions, told as the routes, integrations and authorizers they make.

The keys are those of *OpenAPI extensions for API Gateway* in the API Gateway developer guide, for OpenAPI 3 and 2.
"""

from collections.abc import Iterator
from typing import Any

from auditkit.exports._answers import Node

__all__ = ["http_routes", "rest_authorizers", "rest_resources"]

_METHODS = {
    **{name: name.upper() for name in ("get", "put", "post", "delete", "options", "head", "patch", "trace")},
    "x-amazon-apigateway-any-method": "ANY",
}
_INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_AUTHTYPE = "x-amazon-apigateway-authtype"


def _operations(body: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield path, method and operation."""
    paths = body.at("paths")
    for path in paths.value if paths is not None and isinstance(paths.value, dict) else ():
        item = paths.at(path) if paths is not None else None
        for key in item.value if item is not None and isinstance(item.value, dict) else ():
            operation = item.at(key) if item is not None else None
            if key in _METHODS and operation is not None and isinstance(operation.value, dict):
                yield path, _METHODS[key], operation


def _schemes(body: Node) -> dict[str, Node]:
    """Return security schemes by name."""
    holder = body.at("components", "securitySchemes") or body.at("securityDefinitions")
    if holder is None or not isinstance(holder.value, dict):
        return {}
    found = {name: holder.at(name) for name in holder.value}
    return {name: scheme for name, scheme in found.items() if scheme is not None}


def _security(body: Node, operation: Node) -> list[str]:
    """Return the names of the security schemes that an operation asks for."""
    asked = operation.at("security")
    asked = body.at("security") if asked is None else asked
    listed = asked.value if asked is not None and isinstance(asked.value, list) else []
    return [name for item in listed if isinstance(item, dict) for name in item if isinstance(name, str)]


def _is_api_key(scheme: Node) -> bool:
    return scheme.text("name").lower() == "x-api-key" and scheme.at(_AUTHORIZER) is None and not scheme.text(_AUTHTYPE)


def _authorization(body: Node, operation: Node, schemes: dict[str, Node]) -> dict[str, Any]:
    """Return authorization of an operation in the words of the REST API."""
    asked = _security(body, operation)
    found: dict[str, Any] = {"authorizationType": "NONE", "apiKeyRequired": False}
    auth = operation.at("x-amazon-apigateway-auth")
    if auth is not None and auth.text("type"):
        found["authorizationType"] = auth.text("type").upper()
    for name in asked:
        scheme = schemes.get(name)
        if scheme is None:
            continue
        kind = scheme.text(_AUTHTYPE)
        if _is_api_key(scheme):
            found["apiKeyRequired"] = True
        elif kind == "awsSigv4" or name == "sigv4":
            found["authorizationType"] = "AWS_IAM"
        elif scheme.at(_AUTHORIZER) is not None or kind:
            pools = kind == "cognito_user_pools"
            found |= {"authorizationType": "COGNITO_USER_POOLS" if pools else "CUSTOM", "authorizerId": name}
    return found


def _integration(operation: Node) -> dict[str, Any] | None:
    node = operation.at(_INTEGRATION)
    if node is None or not isinstance(node.value, dict):
        return None
    kept = {
        key: node.at(key)
        for key in (
            "httpMethod",
            "uri",
            "connectionType",
            "connectionId",
            "credentials",
            "requestParameters",
            "requestTemplates",
            "timeoutInMillis",
            "tlsConfig",
            "integrationSubtype",
        )
    }
    return {"type": node.text("type").upper() or None, **kept}


def rest_resources(body: Node) -> list[dict[str, Any]]:
    """Return the resources of a REST API, as ``apigateway.GetResources`` shows them."""
    schemes = _schemes(body)
    resources: dict[str, dict[str, Any]] = {}
    for path, method, operation in _operations(body):
        resource = resources.setdefault(path, {"id": path, "path": path, "resourceMethods": {}})
        resource["resourceMethods"][method] = {
            "httpMethod": method,
            **_authorization(body, operation, schemes),
            "requestValidatorId": operation.at("x-amazon-apigateway-request-validator"),
            "methodIntegration": _integration(operation),
        }
    return [resources[path] for path in sorted(resources)]


def rest_authorizers(body: Node) -> list[dict[str, Any]]:
    """Return the authorizers of a REST API, as ``apigateway.GetAuthorizers`` shows them; their ids are their names."""
    found = []
    for name, scheme in sorted(_schemes(body).items()):
        node = scheme.at(_AUTHORIZER)
        if node is None:
            continue
        kind = node.text("type").upper()
        found.append(
            {
                "id": name,
                "name": name,
                "type": "COGNITO_USER_POOLS" if kind == "COGNITO_USER_POOLS" else kind or None,
                "providerARNs": node.at("providerARNs"),
                "authorizerUri": node.at("authorizerUri"),
                "authorizerCredentials": node.at("authorizerCredentials"),
                "identitySource": node.at("identitySource"),
                "identityValidationExpression": node.at("identityValidationExpression"),
                "authorizerResultTtlInSeconds": node.at("authorizerResultTtlInSeconds"),
            }
        )
    return found


def http_routes(body: Node) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return routes, integrations and authorizers of an HTTP API, as ``apigatewayv2`` shows them."""
    schemes = _schemes(body)
    routes, integrations = [], []
    for path, method, operation in _operations(body):
        key = "$default" if path in {"/$default", "$default"} else f"{method} {path}"
        node = operation.at(_INTEGRATION)
        target = None
        if node is not None and isinstance(node.value, dict):
            target = f"integrations/{key}"
            integrations.append(
                {
                    "IntegrationId": key,
                    "IntegrationType": node.text("type").upper() or None,
                    "IntegrationUri": node.at("uri"),
                    "IntegrationSubtype": node.at("integrationSubtype"),
                    "IntegrationMethod": node.at("httpMethod"),
                    "ConnectionType": node.at("connectionType"),
                    "ConnectionId": node.at("connectionId"),
                    "CredentialsArn": node.at("credentials"),
                    "RequestParameters": node.at("requestParameters"),
                }
            )
        routes.append({"RouteId": key, "RouteKey": key, "Target": target, **_guard(body, operation, schemes)})
    return routes, integrations, _guards(schemes)


def _guard(body: Node, operation: Node, schemes: dict[str, Node]) -> dict[str, Any]:
    for name in _security(body, operation):
        node = schemes[name].at(_AUTHORIZER) if name in schemes else None
        if node is not None:
            jwt = node.text("type").lower() == "jwt"
            return {"AuthorizationType": "JWT" if jwt else "CUSTOM", "AuthorizerId": name}
        if name in schemes and schemes[name].text(_AUTHTYPE) == "awsSigv4":
            return {"AuthorizationType": "AWS_IAM"}
    return {"AuthorizationType": "NONE"}


def _guards(schemes: dict[str, Node]) -> list[dict[str, Any]]:
    found = []
    for name, scheme in sorted(schemes.items()):
        node = scheme.at(_AUTHORIZER)
        if node is None:
            continue
        jwt = node.at("jwtConfiguration")
        source = node.at("identitySource")
        text = source.value if source is not None else None
        found.append(
            {
                "AuthorizerId": name,
                "Name": name,
                "AuthorizerType": node.text("type").upper() or None,
                "AuthorizerUri": node.at("authorizerUri"),
                "AuthorizerCredentialsArn": node.at("authorizerCredentials"),
                "IdentitySource": text.split(",") if isinstance(text, str) else source,
                "JwtConfiguration": {"Issuer": jwt.at("issuer"), "Audience": jwt.at("audience")}
                if jwt is not None
                else None,
            }
        )
    return found
