"""REST APIs of Amazon API Gateway: from resources and methods, and from OpenAPI definitions."""

import json
from collections import defaultdict

from auditkit.exports._answers import Node, Place, Tree
from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._openapi import (
    Operation,
    authorization_of,
    endpoints_of,
    models_of,
    named_authorizers,
    operations,
    request_models,
    required_parameters,
    validator_of,
    validators_of,
)
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of, several
from auditkit.exports.cloudformation.resources.guards import acl_of_stage

__all__ = ["schema_text", "tell"]

_X = "x-amazon-apigateway-"
_LONGEST = 60
_API = "AWS::ApiGateway::RestApi"
_PARTS = {
    "AWS::ApiGateway::Authorizer": ("GetAuthorizers", "items", "Authorizer", "id", {"ProviderARNs": "providerARNs"}),
    "AWS::ApiGateway::RequestValidator": ("GetRequestValidators", "items", "RequestValidator", "id", {}),
    "AWS::ApiGateway::Model": ("GetModels", "items", "Model", "name", {}),
}
_KINDS = {"token": "TOKEN", "request": "REQUEST", "cognito_user_pools": "COGNITO_USER_POOLS"}

_Parts = dict[tuple[Place, str, str, str], list[tuple[Resource, Tree]]]
"""Items by what they belong to: place, API, call, and key of the list."""


def tell(to: Telling) -> None:
    """Tell REST APIs, their methods and stages, and custom domain names."""
    found: _Parts = defaultdict(list)
    for api in to.of(_API):
        _api(to, api)
        body = api.node.at("Body")
        if body is not None and isinstance(body.value, dict):
            _of_body(to, api, body, found)
        elif api.get("BodyS3Location") is not None:
            to.note(api, "the definition of the API is kept elsewhere", "Properties", "BodyS3Location")
    _methods(to, found)
    for kind, (call, key, shape, identity, renames) in _PARTS.items():
        for part in to.of(kind):
            tree = to.tree(part, f"apigateway.{shape}", renames)
            tree.setdefault(identity, part.identity.name)
            found[place_of(part), part.text("RestApiId"), call, key].append((part, _with_schema(tree, part)))
    _stages(to, found)
    for (place, api_id, call, key), items in found.items():
        trees = [tree for _, tree in items]
        to.give(items[0][0], f"apigateway.{call}", {key: trees}, api_id, complete=False, place=place)
    _usage_plans(to)
    _domains(to)


def _api(to: Telling, api: Resource) -> None:
    body = api.node.at("Body")
    members: dict[str, object] = {
        "id": api.identity.name,
        "name": api.node.at("Name") or _titled(body) or api.identity.name,
        "policy": api.node.at("Policy") or (body.at(f"{_X}policy") if body is not None else None),
        "tags": api.node.at("Tags"),
    }
    tree = to.tree(api, "apigateway.RestApi", {"Policy": "", "Tags": "", "Name": ""}, members)
    endpoints = endpoints_of(body) if body is not None else None
    if endpoints is not None:
        tree.setdefault("endpointConfiguration", to.fitted(endpoints, "apigateway.EndpointConfiguration") or None)
        tree.setdefault("disableExecuteApiEndpoint", endpoints.at("disableExecuteApiEndpoint"))
    to.give(api, "apigateway.GetRestApis", {"items": [tree]}, complete=False)


def _titled(body: Node | None) -> Node | None:
    found = body.at("info", "title") if body is not None else None
    return found if found is not None and isinstance(found.value, str) else None


def _with_schema(tree: Tree, part: Resource) -> Tree:
    schema = part.node.at("Schema")
    if schema is not None and isinstance(schema.value, dict):
        tree["schema"] = schema_text(schema)
    return tree


def schema_text(schema: Node) -> Node:
    """Return a JSON schema as the text that the API gives."""
    return Node(json.dumps(schema.value), schema.source)


# ---------------------------------------------------------------- methods


def _methods(to: Telling, found: _Parts) -> None:
    paths = _Paths(to)
    grouped: dict[tuple[Place, str, str], list[tuple[Resource, Tree]]] = defaultdict(list)
    for method in to.of("AWS::ApiGateway::Method"):
        path = paths.of(method.text("ResourceId"))
        grouped[place_of(method), method.text("RestApiId"), path].append((method, _method(to, method)))
    for (place, api_id, path), methods in grouped.items():
        trees = {tree["httpMethod"]: tree for _, tree in methods}
        item = Tree(methods[0][0].node.source, {"id": path, "path": path, "resourceMethods": trees})
        found[place, api_id, "GetResources", "items"].append((methods[0][0], item))


class _Paths:
    """Paths of resources, put together from their parts."""

    def __init__(self, to: Telling) -> None:
        self._by_id = {resource.identity.name: resource for resource in to.of("AWS::ApiGateway::Resource")}

    def of(self, identity: str) -> str:
        """Return the path of a resource; what is above a resource that no template has counts as the root."""
        parts: list[str] = []
        seen: set[str] = set()
        while identity in self._by_id and identity not in seen and len(parts) < _LONGEST:
            seen.add(identity)
            resource = self._by_id[identity]
            parts.append(resource.text("PathPart"))
            identity = resource.text("ParentId")
        return "/" + "/".join(reversed(parts))


def _method(to: Telling, method: Resource) -> Tree:
    integration = method.node.at("Integration")
    members: dict[str, object] = {
        "httpMethod": method.text("HttpMethod").upper() or "ANY",
        "authorizationType": method.node.at("AuthorizationType") or "NONE",
        "requestParameters": _flags(method.node.at("RequestParameters")),
    }
    if integration is not None:
        members["methodIntegration"] = to.fitted(integration, "apigateway.Integration", _INTEGRATION)
    return to.tree(method, "apigateway.Method", {"Integration": "", "RequestParameters": ""}, members)


_INTEGRATION = {"IntegrationHttpMethod": "httpMethod"}


def _flags(node: Node | None) -> dict[str, object] | None:
    """Return which parameters must be there; newer templates write an object for a truth value."""
    if node is None or not isinstance(node.value, dict):
        return None
    return {key: node.at(key, "Required") or node.at(key) or False for key in node.value}


def _of_body(to: Telling, api: Resource, body: Node, found: _Parts) -> None:
    here = (place_of(api), api.identity.name)
    by_path: dict[str, dict[str, Tree]] = defaultdict(dict)
    for operation in operations(body):
        by_path[operation.path][operation.method] = _operation(to, body, operation)
    for path, methods in by_path.items():
        tree = Tree(body.source.at("paths", path), {"id": path, "path": path, "resourceMethods": methods})
        found[(*here, "GetResources", "items")].append((api, tree))
    for identity, scheme in named_authorizers(body):
        found[(*here, "GetAuthorizers", "items")].append((api, _authorizer(to, identity, scheme)))
    for name, validator in validators_of(body):
        tree = to.fitted(validator, "apigateway.RequestValidator")
        tree.update({"id": name, "name": name})
        found[(*here, "GetRequestValidators", "items")].append((api, tree))
    for name, schema in models_of(body):
        tree = Tree(schema.source, {"name": name, "schema": schema_text(schema), "contentType": "application/json"})
        found[(*here, "GetModels", "items")].append((api, tree))


def _operation(to: Telling, body: Node, operation: Operation) -> Tree:
    node = operation.node
    authorization = authorization_of(body, node)
    tree = Tree(
        node.source,
        {
            "httpMethod": operation.method,
            "authorizationType": authorization.type,
            "authorizerId": authorization.authorizer,
            "authorizationScopes": list(authorization.scopes),
            "apiKeyRequired": authorization.api_key,
            "requestValidatorId": validator_of(body, node),
            "requestParameters": required_parameters(node),
            "requestModels": request_models(node),
        },
    )
    integration = node.at(f"{_X}integration")
    if integration is not None:
        inner = to.fitted(integration, "apigateway.Integration", {"responses": "integrationResponses"})
        inner["type"] = integration.text("type").upper() or None
        tree["methodIntegration"] = inner
    return tree


def _authorizer(to: Telling, identity: str, scheme: Node) -> Tree:
    node = scheme.at(f"{_X}authorizer")
    tree = to.fitted(node, "apigateway.Authorizer", {"providerARNs": "providerARNs"})
    named = scheme.text("name")
    header = f"method.request.header.{named}" if scheme.text("in") == "header" and named else None
    kind = node.text("type").lower() if node is not None else ""
    tree.update({"id": identity, "name": identity, "type": _KINDS.get(kind, kind.upper()), "authType": None})
    tree.setdefault("identitySource", header)
    return tree


# ---------------------------------------------------------------- stages, plans, names


def _stages(to: Telling, found: _Parts) -> None:
    acls = acl_of_stage(to)
    for stage in to.of("AWS::ApiGateway::Stage"):
        renames = {"CanarySetting": "canarySettings", "AccessLogSetting": "accessLogSettings", "MethodSettings": ""}
        members: dict[str, object] = {"stageName": stage.identity.name}
        members["methodSettings"] = _method_settings(to, stage.node)
        acl = acls.get((place_of(stage).region, f"{stage.text('RestApiId')}/stages/{stage.identity.name}"))
        members |= {"webAclArn": acl} if acl is not None else {}
        tree = to.tree(stage, "apigateway.Stage", renames, members)
        found[place_of(stage), stage.text("RestApiId"), "GetStages", "item"].append((stage, tree))
    for deployment in to.of("AWS::ApiGateway::Deployment"):
        name = deployment.text("StageName")
        if not name:
            continue
        key = (place_of(deployment), deployment.text("RestApiId"), "GetStages", "item")
        if any(_text(tree.get("stageName")) == name for _, tree in found.get(key, ())):
            continue
        described = deployment.node.at("StageDescription")
        renames = {"AccessLogSetting": "accessLogSettings", "CanarySetting": "canarySettings", "MethodSettings": ""}
        tree = to.fitted(described, "apigateway.Stage", renames)
        tree.source = deployment.node.source
        settings = _method_settings(to, described) if described is not None else None
        tree.update({"stageName": name, "methodSettings": settings})
        found[key].append((deployment, tree))


def _text(value: object) -> str:
    return spelled(value.value if isinstance(value, Node) else value)


def _method_settings(to: Telling, node: Node) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    for setting in several(node.at("MethodSettings")):
        path = setting.text("ResourcePath") or "/*"
        path = "*" if path == "/*" else path.removeprefix("/").replace("/", "~1")
        found[f"{path}/{setting.text('HttpMethod') or '*'}"] = to.fitted(setting, "apigateway.MethodSetting")
    return found


def _usage_plans(to: Telling) -> None:
    for plan in to.of("AWS::ApiGateway::UsagePlan"):
        members = {"id": plan.identity.name, "name": plan.node.at("UsagePlanName")}
        tree = to.tree(plan, "apigateway.UsagePlan", {"UsagePlanName": "", "Tags": ""}, members)
        to.give(plan, "apigateway.GetUsagePlans", {"items": [tree]}, complete=False)
    for link in to.of("AWS::ApiGateway::VpcLink"):
        tree = to.tree(link, "apigateway.VpcLink", members={"id": link.identity.name})
        to.give(link, "apigateway.GetVpcLinks", {"items": [tree]}, complete=False)


def _domains(to: Telling) -> None:
    for domain in to.of("AWS::ApiGateway::DomainName"):
        tree = to.tree(domain, "apigateway.DomainName", members={"domainName": domain.identity.name})
        to.give(domain, "apigateway.GetDomainNames", {"items": [tree]}, complete=False)
    for (place, name), mappings in to.by("DomainName", of=["AWS::ApiGateway::BasePathMapping"]).items():
        trees = [to.tree(mapping, "apigateway.BasePathMapping") for mapping in mappings]
        to.give(mappings[0], "apigateway.GetBasePathMappings", {"items": trees}, name, complete=False, place=place)
