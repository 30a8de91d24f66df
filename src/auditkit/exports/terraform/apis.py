"""Amazon API Gateway in Terraform: REST, HTTP and WebSocket APIs."""

from collections import defaultdict
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports.cloudformation._loading import TemplateError
from auditkit.exports.terraform._openapi import definition, http_parts, rest_parts
from auditkit.exports.terraform._out import Out, block
from auditkit.exports.terraform._resources import Estate, Resource
from auditkit.exports.terraform.guards import acls_of_stages
from auditkit.inventory.arn import parse_arn

__all__ = ["translate"]

_REST = ("aws_api_gateway_rest_api",)
_HTTP = ("aws_apigatewayv2_api",)
_DEEPEST = 64


def translate(estate: Estate, out: Out) -> None:
    """Hand over APIs."""
    for api in estate.of(*_REST):
        _rest_api(api, out)
    _methods(estate, out)
    _rest_lists(estate, out)
    for api in estate.of(*_HTTP):
        _http_api(api, out)
    _http_lists(estate, out)
    _domains(estate, out)


def _body(api: Resource, out: Out) -> Node | None:
    """Return the OpenAPI definition of an API."""
    found = api.either("body")
    if found is None:
        if api.unknown("body") and api.estate.configured(api, "body"):
            out.unread(api, "body will be known only when the plan is applied")
        return None
    try:
        return definition(found)
    except TemplateError as error:
        out.unread(api, f"body is neither JSON nor YAML: {error}")
        return None


# ---------------------------------------------------------------- REST


def _rest_api(api: Resource, out: Out) -> None:
    policy = api.estate.named(api.id, ("aws_api_gateway_rest_api_policy",), ("rest_api_id",)) or api
    tree = api.fit("apigateway", "RestApi", arn="", tags="")
    tree |= {"id": api.id, "policy": policy.either("policy"), "tags": api.tags}
    unknown = policy.unknown("policy") and (policy is not api or api.estate.configured(api, "policy"))
    if unknown:
        out.unread(policy, "policy will be known only when the plan is applied")
    unseen = ("policy",) if unknown else ()
    out.give(api, "apigateway.GetRestApis", {"items": [tree]}, complete=False, unseen=unseen)
    body = _body(api, out)
    if body is not None:
        for call, items in rest_parts(body).items():
            if items or call == "GetResources":
                out.give(api, f"apigateway.{call}", {"items": items}, api.id, complete=False)


def _methods(estate: Estate, out: Out) -> None:
    integrations = {
        (one.text("rest_api_id"), one.text("resource_id"), one.text("http_method").upper()): one
        for one in estate.of("aws_api_gateway_integration")
    }
    answers: dict[tuple[str, str, str], list[Tree]] = defaultdict(list)
    for one in estate.of("aws_api_gateway_integration_response"):
        key = (one.text("rest_api_id"), one.text("resource_id"), one.text("http_method").upper())
        answers[key].append(Tree(one.source, {"responseParameters": one.either("response_parameters")}))
    for (_, api), methods in estate.groups("rest_api_id", "aws_api_gateway_method").items():
        resources: dict[str, Tree] = {}
        for method in methods:
            at = method.text("resource_id")
            verb = method.text("http_method").upper()
            path = _path(estate, at)
            if path not in resources:
                resources[path] = Tree(method.source, {"id": at, "path": path, "resourceMethods": {}})
            integration = integrations.get((api, at, verb))
            tree = method.fit("apigateway", "Method", authorization="authorizationType", id="")
            if integration is not None:
                tree["methodIntegration"] = _integration(integration, answers[api, at, verb])
            tree["authorizationType"] = method.text("authorization") or "NONE"
            resources[path]["resourceMethods"][verb] = Tree(method.source, tree)
        listed = [resources[path] for path in sorted(resources)]
        out.give(methods[0], "apigateway.GetResources", {"items": listed}, api, complete=False)


def _path(estate: Estate, identity: str) -> str:
    """Return the path of a resource of an API; put together from its parts where Terraform does not know it yet."""
    parts: list[str] = []
    for _ in range(_DEEPEST):
        resource = estate.named(identity, ("aws_api_gateway_resource",), ("id",))
        if resource is None:
            break
        if not parts and resource.text("path"):
            return resource.text("path")
        parts.append(resource.text("path_part") or resource.symbol)
        identity = resource.text("parent_id")
    return "/" + "/".join(reversed(parts))


def _integration(integration: Resource, answers: list[Tree]) -> Tree:
    tree = integration.fit(
        "apigateway",
        "Integration",
        http_method="",
        integration_http_method="httpMethod",
        timeout_milliseconds="timeoutInMillis",
        id="",
        uri="",
    )
    tree |= {"uri": _uri(integration, "uri"), "integrationResponses": answers}
    return Tree(integration.source, tree)


def _uri(resource: Resource, attribute: str) -> Node | str | None:
    """Return the address of a backend; in a plan it may be no more than the function it is made of."""
    found = resource.either(attribute)
    arn = parse_arn(found.value) if found is not None else None
    if arn is None or arn.service != "lambda" or resource.type.startswith("aws_apigatewayv2"):
        return found
    return f"arn:{arn.partition}:apigateway:{arn.region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def _rest_lists(estate: Estate, out: Out) -> None:
    for (_, api), found in estate.groups("rest_api_id", "aws_api_gateway_authorizer").items():
        trees = []
        for one in found:
            tree = one.fit("apigateway", "Authorizer", provider_arns="providerARNs", authorizer_uri="")
            tree |= {"authorizerUri": _uri(one, "authorizer_uri"), "id": one.id}
            tree.setdefault("type", "TOKEN")
            trees.append(Tree(one.source, tree))
        out.give(found[0], "apigateway.GetAuthorizers", {"items": trees}, api, complete=False)
    for kind, call, shape in (
        ("aws_api_gateway_request_validator", "GetRequestValidators", "RequestValidator"),
        ("aws_api_gateway_model", "GetModels", "Model"),
    ):
        for (_, api), found in estate.groups("rest_api_id", kind).items():
            trees = [Tree(one.source, {**one.fit("apigateway", shape), "id": one.id}) for one in found]
            out.give(found[0], f"apigateway.{call}", {"items": trees}, api, complete=False)
    _stages(estate, out)
    for link in estate.of("aws_api_gateway_vpc_link"):
        tree = link.fit("apigateway", "VpcLink", arn="", tags="")
        out.give(
            link, "apigateway.GetVpcLinks", {"items": [{**tree, "id": link.id, "tags": link.tags}]}, complete=False
        )
    plans = estate.of("aws_api_gateway_usage_plan")
    for place in sorted({plan.place for plan in plans}):
        own = [plan for plan in plans if plan.place == place]
        trees = []
        for plan in own:
            tree = plan.fit(
                "apigateway", "UsagePlan", throttle_settings="throttle", quota_settings="quota", api_stages=""
            )
            stages = [block(node, apiId="api_id", stage="stage") for node in plan.node.each("api_stages")]
            trees.append(Tree(plan.source, {**tree, "id": plan.id, "apiStages": stages}))
        out.give(own[0], "apigateway.GetUsagePlans", {"items": trees}, complete=False)


def _stages(estate: Estate, out: Out) -> None:
    settings: dict[tuple[str, str], dict[str, Any]] = {}
    for one in estate.of("aws_api_gateway_method_settings"):
        path = one.text("method_path").removeprefix("/")
        throttling = block(
            one.first("settings"),
            loggingLevel="logging_level",
            dataTraceEnabled="data_trace_enabled",
            throttlingBurstLimit="throttling_burst_limit",
            throttlingRateLimit="throttling_rate_limit",
            cachingEnabled="caching_enabled",
            cacheDataEncrypted="cache_data_encrypted",
        )
        settings.setdefault((one.text("rest_api_id"), one.text("stage_name")), {})[path] = throttling
    acls = acls_of_stages(estate)
    for (_, api), found in estate.groups("rest_api_id", "aws_api_gateway_stage", "aws_api_gateway_deployment").items():
        trees: dict[str, Tree] = {}
        for stage in found:
            name = stage.text("stage_name")
            if not name or name in trees:
                continue
            tree = stage.fit(
                "apigateway",
                "Stage",
                xray_tracing_enabled="tracingEnabled",
                arn="",
                access_log_settings="",
                id="",
                tags="",
            )
            log = stage.first("access_log_settings")
            tree["accessLogSettings"] = block(log, destinationArn="destination_arn", format="format")
            tree["methodSettings"] = settings.get((api, name))
            tree.setdefault("webAclArn", acls.get(f"{api}/stages/{name}"))
            trees[name] = Tree(stage.source, tree)
        if trees:
            out.give(found[0], "apigateway.GetStages", {"item": list(trees.values())}, api, complete=False)


# ---------------------------------------------------------------- HTTP and WebSocket


def _http_api(api: Resource, out: Out) -> None:
    tree = api.fit("apigatewayv2", "Api", id="ApiId", arn="", tags="", body="")
    tree |= {"ApiId": api.id, "Tags": api.tags}
    tree.setdefault("ProtocolType", "HTTP")
    out.give(api, "apigatewayv2.GetApis", {"Items": [tree]}, complete=False)
    body = _body(api, out)
    routes, integrations, authorizers = http_parts(body) if body is not None else ([], [], [])
    if api.text("target"):  # quick create: one route to one backend
        key = api.text("route_key") or "$default"
        kind = "AWS_PROXY" if api.text("target").startswith("arn:") else "HTTP_PROXY"
        integration = {"IntegrationId": "quick", "IntegrationType": kind, "IntegrationUri": api.either("target")}
        integrations.append(Tree(api.source, {**integration, "CredentialsArn": api.either("credentials_arn")}))
        route = {"RouteId": "quick", "RouteKey": key, "Target": "integrations/quick", "AuthorizationType": "NONE"}
        routes.append(Tree(api.source, route))
    own = api.estate.groups("api_id", "aws_apigatewayv2_integration").get((api.place, api.id), [])
    integrations += [_http_integration(one) for one in own]
    if integrations:
        out.give(api, "apigatewayv2.GetIntegrations", {"Items": integrations}, api.id, complete=False)
    if routes:
        out.give(api, "apigatewayv2.GetRoutes", {"Items": routes}, api.id, complete=False)
    if authorizers:
        out.give(api, "apigatewayv2.GetAuthorizers", {"Items": authorizers}, api.id, complete=False)


def _http_integration(one: Resource) -> Tree:
    tree = one.fit(
        "apigatewayv2", "Integration", id="IntegrationId", timeout_milliseconds="TimeoutInMillis", integration_uri=""
    )
    return Tree(one.source, {**tree, "IntegrationId": one.id, "IntegrationUri": _uri(one, "integration_uri")})


def _http_lists(estate: Estate, out: Out) -> None:
    for route in estate.of("aws_apigatewayv2_route"):
        tree = route.fit("apigatewayv2", "Route", id="RouteId", target="")
        target = route.text("target")
        prefixed = target if target.startswith("integrations/") else f"integrations/{target}"
        tree |= {"RouteId": route.id, "Target": prefixed if target else None}
        tree.setdefault("AuthorizationType", "NONE")
        out.give(route, "apigatewayv2.GetRoutes", {"Items": [tree]}, route.text("api_id"), complete=False)
    for one in estate.of("aws_apigatewayv2_authorizer"):
        tree = one.fit(
            "apigatewayv2", "Authorizer", id="AuthorizerId", identity_sources="IdentitySource", authorizer_uri=""
        )
        tree |= {"AuthorizerId": one.id, "AuthorizerUri": _uri(one, "authorizer_uri")}
        out.give(one, "apigatewayv2.GetAuthorizers", {"Items": [tree]}, one.text("api_id"), complete=False)
    for (_, api), found in estate.groups("api_id", "aws_apigatewayv2_stage").items():
        trees = []
        for stage in found:
            tree = stage.fit(
                "apigatewayv2", "Stage", id="", name="StageName", arn="", route_settings="", default_route_settings=""
            )
            tree["DefaultRouteSettings"] = _route_settings(stage.first("default_route_settings"))
            tree["RouteSettings"] = {
                node.text("route_key"): _route_settings(node) for node in stage.node.each("route_settings")
            }
            trees.append(Tree(stage.source, tree))
        out.give(found[0], "apigatewayv2.GetStages", {"Items": trees}, api, complete=False)
    for (_, api), found in estate.groups("api_id", "aws_apigatewayv2_model").items():
        trees = [Tree(one.source, one.fit("apigatewayv2", "Model", id="ModelId")) for one in found]
        out.give(found[0], "apigatewayv2.GetModels", {"Items": trees}, api, complete=False)
    for link in estate.of("aws_apigatewayv2_vpc_link"):
        tree = link.fit("apigatewayv2", "VpcLink", id="VpcLinkId", arn="", tags="")
        listed = {"Items": [{**tree, "VpcLinkId": link.id, "Tags": link.tags}]}
        out.give(link, "apigatewayv2.GetVpcLinks", listed, complete=False)


def _route_settings(node: Node | None) -> dict[str, Any] | None:
    """Return settings of routes; a state has 0 for a throttle that is not set."""
    settings = block(
        node,
        DataTraceEnabled="data_trace_enabled",
        LoggingLevel="logging_level",
        ThrottlingBurstLimit="throttling_burst_limit",
        ThrottlingRateLimit="throttling_rate_limit",
    )
    limits = ("ThrottlingBurstLimit", "ThrottlingRateLimit")
    return settings and {key: one for key, one in settings.items() if one.value != 0 or key not in limits}


# ---------------------------------------------------------------- domain names


def _domains(estate: Estate, out: Out) -> None:
    for domain in estate.of("aws_api_gateway_domain_name"):
        tree = domain.fit("apigateway", "DomainName", arn="", tags="", mutual_tls_authentication="", policy="")
        mutual = domain.first("mutual_tls_authentication")
        tree |= {"mutualTlsAuthentication": block(mutual, truststoreUri="truststore_uri"), "tags": domain.tags}
        out.give(domain, "apigateway.GetDomainNames", {"items": [tree]}, complete=False)
    for domain in estate.of("aws_apigatewayv2_domain_name"):
        settings = [
            {
                "EndpointType": node.text("endpoint_type"),
                "SecurityPolicy": node.text("security_policy") or None,
                "ApiGatewayDomainName": node.text("target_domain_name") or None,
            }
            for node in domain.node.each("domain_name_configuration")
        ]
        mutual = domain.first("mutual_tls_authentication")
        item = {
            "DomainName": domain.text("domain_name"),
            "DomainNameConfigurations": settings,
            "MutualTlsAuthentication": block(mutual, TruststoreUri="truststore_uri"),
            "Tags": domain.tags,
        }
        out.give(domain, "apigatewayv2.GetDomainNames", {"Items": [item]}, complete=False)
    for (_, name), found in estate.groups("domain_name", "aws_api_gateway_base_path_mapping").items():
        mappings = [
            Tree(one.source, block(one.node, restApiId="api_id", basePath="base_path", stage="stage_name"))
            for one in found
        ]
        out.give(found[0], "apigateway.GetBasePathMappings", {"items": mappings}, name, complete=False)
    for (_, name), found in estate.groups("domain_name", "aws_apigatewayv2_api_mapping").items():
        mappings = [
            Tree(one.source, block(one.node, ApiId="api_id", ApiMappingKey="api_mapping_key", Stage="stage"))
            for one in found
        ]
        out.give(found[0], "apigatewayv2.GetApiMappings", {"Items": mappings}, name, complete=False)
