"""OpenAPI definitions of APIs with the extensions of Amazon API Gateway: their operations, and how each is authorized.

The extensions (``x-amazon-apigateway-...``) are described in the Amazon API Gateway developer guide, under *OpenAPI
extensions for API Gateway*.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from auditkit.exports._answers import Node
from auditkit.exports.cloudformation._telling import several

__all__ = [
    "Authorization",
    "Operation",
    "authorization_of",
    "endpoints_of",
    "models_of",
    "named_authorizers",
    "operations",
    "request_models",
    "required_parameters",
    "validator_of",
    "validators_of",
]

_X = "x-amazon-apigateway-"
_METHODS = {name: name.upper() for name in ("get", "put", "post", "delete", "options", "head", "patch", "trace")} | {
    f"{_X}any-method": "ANY"
}
_POOLS = "COGNITO_USER_POOLS"
_UNFIT = re.compile(r"[^A-Za-z0-9]+")


class Operation(NamedTuple):
    """An operation of a definition: method and path, and where it stands."""

    path: str
    method: str
    node: Node


class Authorization(NamedTuple):
    """How an operation is authorized.

    Attributes
    ----------
    type
        ``NONE``, ``AWS_IAM``, ``CUSTOM``, ``COGNITO_USER_POOLS`` or ``JWT``.
    authorizer
        Id of the authorizer.
    scopes
        Scopes that a token must have.
    api_key
        Whether an API key is required.
    """

    type: str = "NONE"
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    api_key: bool = False


def operations(body: Node) -> Iterator[Operation]:
    """Yield the operations of a definition, in its order."""
    paths = body.at("paths")
    if paths is None or not isinstance(paths.value, dict):
        return
    for path in paths.value:
        item = paths.at(path)
        if item is None or not isinstance(item.value, dict):
            continue
        for key in item.value:
            method = _METHODS.get(key.lower())
            operation = item.at(key)
            if method and operation is not None and isinstance(operation.value, dict):
                yield Operation(path, method, operation)


def endpoints_of(body: Node) -> Node | None:
    """Return the settings of an API's endpoint: beside the paths in Swagger 2.0, of a server in OpenAPI 3."""
    key = f"{_X}endpoint-configuration"
    servers = (server.at(key) for server in several(body.at("servers")))
    return next((found for found in (body.at(key), *servers) if found is not None), None)


def _schemes(body: Node) -> Iterator[tuple[str, Node]]:
    """Yield names and definitions of security schemes, of Swagger 2.0 and of OpenAPI 3."""
    for place in (("securityDefinitions",), ("components", "securitySchemes")):
        schemes = body.at(*place)
        if schemes is not None and isinstance(schemes.value, dict):
            for name in schemes.value:
                scheme = schemes.at(name)
                if scheme is not None:
                    yield name, scheme


def named_authorizers(body: Node) -> Iterator[tuple[str, Node]]:
    """Yield id and security scheme of each authorizer that a definition has."""
    for name, scheme in _schemes(body):
        if scheme.at(f"{_X}authorizer") is not None:
            yield _id_of(name), scheme


def _id_of(name: str) -> str:
    return _UNFIT.sub("-", name).strip("-") or "authorizer"


def authorization_of(body: Node, operation: Node) -> Authorization:
    """Return how an operation of a definition is authorized."""
    stated = operation.text(f"{_X}auth", "type").upper()
    schemes = dict(_schemes(body))
    security = operation.at("security")
    found = Authorization()
    for requirement in several(security if security is not None else body.at("security")):
        if isinstance(requirement.value, dict):
            for name in requirement.value:
                scheme = schemes.get(name)
                if scheme is not None:
                    found = _with_scheme(found, name, scheme, requirement)
    return found._replace(type=stated) if stated in {"NONE", "AWS_IAM"} else found


def _with_scheme(found: Authorization, name: str, scheme: Node, requirement: Node) -> Authorization:
    authorizer = scheme.at(f"{_X}authorizer")
    scopes = tuple(item.value for item in several(requirement.at(name)) if isinstance(item.value, str))
    if authorizer is not None:
        kind = authorizer.text("type").lower()
        named = {"cognito_user_pools": _POOLS, "jwt": "JWT"}.get(kind, "CUSTOM")
        if scheme.text(f"{_X}authtype").lower() == "cognito_user_pools":
            named = _POOLS
        return found._replace(type=named, authorizer=_id_of(name), scopes=scopes)
    if scheme.text(f"{_X}authtype").lower() == "awssigv4":
        return found._replace(type="AWS_IAM")
    if scheme.text("type").lower() == "apikey" and scheme.text("name").lower() == "x-api-key":
        return found._replace(api_key=True)
    return found


def models_of(body: Node) -> Iterator[tuple[str, Node]]:
    """Yield names and schemas of the models that a definition has."""
    for place in (("definitions",), ("components", "schemas")):
        schemas = body.at(*place)
        for name in schemas.value if schemas is not None and isinstance(schemas.value, dict) else ():
            schema = schemas.at(name) if schemas is not None else None
            if schema is not None and isinstance(schema.value, dict):
                yield name, schema


def required_parameters(operation: Node) -> dict[str, bool]:
    """Return the parameters of an operation, as a method has them, and whether each must be there."""
    found: dict[str, bool] = {}
    for parameter in several(operation.at("parameters")):
        place = {"query": "querystring", "header": "header", "path": "path"}.get(parameter.text("in"))
        name = parameter.text("name")
        if place and name:
            required = parameter.at("required")
            found[f"method.request.{place}.{name}"] = required is not None and required.value is True
    return found


def request_models(operation: Node) -> dict[str, str]:
    """Return the models of an operation's body by its content type."""
    found: dict[str, str] = {}
    for parameter in several(operation.at("parameters")):
        reference = parameter.text("schema", "$ref")
        if parameter.text("in") == "body" and reference:
            found["application/json"] = reference.rpartition("/")[2]
    content = operation.at("requestBody", "content")
    for kind in content.value if content is not None and isinstance(content.value, dict) else ():
        reference = content.text(kind, "schema", "$ref") if content is not None else ""
        if reference:
            found[kind] = reference.rpartition("/")[2]
    return found


def validators_of(body: Node) -> Iterator[tuple[str, Node]]:
    """Yield names and settings of the validators that a definition has."""
    validators = body.at(f"{_X}request-validators")
    for name in validators.value if validators is not None and isinstance(validators.value, dict) else ():
        validator = validators.at(name) if validators is not None else None
        if validator is not None:
            yield name, validator


def validator_of(body: Node, operation: Node) -> Node | None:
    """Return the name of the validator of an operation: its own, or that of all."""
    return operation.at(f"{_X}request-validator") or body.at(f"{_X}request-validator")
