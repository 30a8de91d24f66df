"""Load balancers, CloudFront and AWS AppSync in Terraform."""

from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.terraform._out import Out, block
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]


def translate(estate: Estate, out: Out) -> None:
    """Hand over what stands between the outside and the functions, besides API Gateway."""
    for balancer in estate.of("aws_lb", "aws_alb"):
        _balancer(balancer, out)
    for listener in estate.of("aws_lb_listener", "aws_alb_listener"):
        _listener(listener, out)
    for (_, listener_arn), rules in estate.groups(
        "listener_arn", "aws_lb_listener_rule", "aws_alb_listener_rule"
    ).items():
        trees = [_rule(rule) for rule in rules]
        out.give(rules[0], "elbv2.DescribeRules", {"Rules": trees}, listener_arn, complete=False)
    for group in estate.of("aws_lb_target_group", "aws_alb_target_group"):
        _target_group(group, out)
    attachments = ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
    for (_, group_arn), targets in estate.groups("target_group_arn", *attachments).items():
        shown = [
            Tree(
                target.source,
                {"Target": {"Id": target.text("target_id"), "Port": target.either("port")}},
            )
            for target in targets
        ]
        out.give(
            targets[0], "elbv2.DescribeTargetHealth", {"TargetHealthDescriptions": shown}, group_arn, complete=False
        )
    for distribution in estate.of("aws_cloudfront_distribution"):
        _distribution(distribution, out)
    for control in estate.of("aws_cloudfront_origin_access_control"):
        tree = control.fit("cloudfront", "OriginAccessControlSummary", origin_access_control_origin_type="")
        kind = control.either("origin_access_control_origin_type")
        listed = {"Items": [{**tree, "Id": control.id, "OriginAccessControlOriginType": kind}]}
        out.give(control, "cloudfront.ListOriginAccessControls", {"OriginAccessControlList": listed}, complete=False)
    _logs(estate, out)
    _appsync(estate, out)


def _logs(estate: Estate, out: Out) -> None:
    """Hand over how calls of distributions and load balancers are logged by what stands apart from them."""
    for log in estate.of("aws_cloudfront_realtime_log_config"):
        tree = log.fit("cloudfront", "RealtimeLogConfig", arn="ARN", endpoint="")
        out.give(log, "cloudfront.ListRealtimeLogConfigs", {"RealtimeLogConfigs": {"Items": [tree]}}, complete=False)
    for source in estate.of("aws_cloudwatch_log_delivery_source"):
        tree = source.fit("logs", "DeliverySource", resource_arn="", tags="")
        tree["resourceArns"] = [source.at("resource_arn")]
        out.give(source, "logs.DescribeDeliverySources", {"deliverySources": [tree]}, complete=False)
    for delivery in estate.of("aws_cloudwatch_log_delivery"):
        tree = delivery.fit("logs", "Delivery", tags="")
        out.give(delivery, "logs.DescribeDeliveries", {"deliveries": [tree]}, complete=False)
    estate.of("aws_cloudwatch_log_delivery_destination", "aws_cloudwatch_log_delivery_destination_policy")


# ---------------------------------------------------------------- load balancers


def _balancer(balancer: Resource, out: Out) -> None:
    tree = balancer.fit(
        "elbv2",
        "LoadBalancer",
        arn="LoadBalancerArn",
        name="LoadBalancerName",
        load_balancer_type="Type",
        zone_id="",
        subnets="",
        subnet_mapping="",
    )
    tree["Scheme"] = "internal" if balancer.flag("internal") else "internet-facing"
    tree.setdefault("Type", "application")
    subnets = balancer.at("subnets")
    mapped = [node.text("subnet_id") for node in balancer.node.each("subnet_mapping")]
    listed = subnets.value if subnets is not None and isinstance(subnets.value, list) else mapped
    tree["AvailabilityZones"] = [{"SubnetId": subnet} for subnet in listed if isinstance(subnet, str)]
    out.give(balancer, "elbv2.DescribeLoadBalancers", {"LoadBalancers": [tree]}, complete=False)
    logs = balancer.first("access_logs")
    attributes = {
        "access_logs.s3.enabled": balancer.flag("access_logs", 0, "enabled") if logs is not None else None,
        "deletion_protection.enabled": balancer.flag("enable_deletion_protection"),
        "routing.http.drop_invalid_header_fields.enabled": balancer.flag("drop_invalid_header_fields"),
    }
    shown = [{"Key": key, "Value": str(value).lower()} for key, value in attributes.items() if value is not None]
    bucket = logs.text("bucket") if logs is not None else ""
    shown += [{"Key": "access_logs.s3.bucket", "Value": bucket}] if bucket else []
    if shown:
        out.give(balancer, "elbv2.DescribeLoadBalancerAttributes", {"Attributes": shown}, balancer.arn)


_ACTION_NAMES = {"forward": "ForwardConfig", "redirect": "RedirectConfig", "fixed_response": "FixedResponseConfig"}
_ACTION_BLOCKS = {
    "authenticate_cognito": "AuthenticateCognitoConfig",
    "authenticate_oidc": "AuthenticateOidcConfig",
    "jwt_validation": "JwtValidationConfig",
}


def _actions(resource: Resource, name: str) -> list[Any]:
    found = []
    shape = shape_of("elbv2", "Action")
    for node in resource.node.each(name):
        tree = fitted(node, shape, {**_ACTION_NAMES, **_ACTION_BLOCKS, "client_secret": ""})
        forward = node.first("forward")
        if forward is not None and isinstance(tree, dict):
            groups = [block(group, TargetGroupArn="arn", Weight="weight") for group in forward.each("target_group")]
            tree["ForwardConfig"] = {"TargetGroups": groups}
        if isinstance(tree, dict) and isinstance(tree.get("AuthenticateOidcConfig"), dict):
            tree["AuthenticateOidcConfig"].pop("ClientSecret", None)
        found.append(tree)
    return found


def _listener(listener: Resource, out: Out) -> None:
    tree = listener.fit("elbv2", "Listener", arn="ListenerArn", default_action="", certificate_arn="", id="")
    tree["DefaultActions"] = _actions(listener, "default_action")
    out.give(
        listener, "elbv2.DescribeListeners", {"Listeners": [tree]}, listener.text("load_balancer_arn"), complete=False
    )


def _rule(rule: Resource) -> Tree:
    conditions = []
    for node in rule.node.each("condition"):
        for name, field, config in (
            ("host_header", "host-header", "HostHeaderConfig"),
            ("path_pattern", "path-pattern", "PathPatternConfig"),
            ("http_request_method", "http-request-method", "HttpRequestMethodConfig"),
            ("source_ip", "source-ip", "SourceIpConfig"),
        ):
            found = node.first(name)
            if found is not None:
                conditions.append({"Field": field, config: {"Values": found.at("values")}})
        header = node.first("http_header")
        if header is not None:
            shown = {"HttpHeaderName": header.text("http_header_name")}
            conditions.append({"Field": "http-header", "HttpHeaderConfig": shown})
        if node.first("query_string") is not None:
            conditions.append({"Field": "query-string"})
    return Tree(
        rule.source,
        {
            "RuleArn": rule.arn,
            "Priority": rule.text("priority") or None,
            "IsDefault": False,
            "Conditions": conditions,
            "Actions": _actions(rule, "action"),
        },
    )


def _target_group(group: Resource, out: Out) -> None:
    tree = group.fit("elbv2", "TargetGroup", arn="TargetGroupArn", name="TargetGroupName", id="")
    out.give(group, "elbv2.DescribeTargetGroups", {"TargetGroups": [tree]}, complete=False)


# ---------------------------------------------------------------- CloudFront


_BEHAVIOR = {
    "lambda_function_association": "LambdaFunctionAssociations",
    "function_association": "FunctionAssociations",
    "trusted_signers": "",
    "trusted_key_groups": "",
    "forwarded_values": "",
    "grpc_config": "",
}


def _behavior(node: Node | None, shape: str) -> Any:  # noqa: ANN401 -- a tree
    if node is None:
        return None
    tree = fitted(node, shape_of("cloudfront", shape), {**_BEHAVIOR, "allowed_methods": "", "cached_methods": ""})
    tree = tree if isinstance(tree, dict) else {}
    tree["AllowedMethods"] = {"Items": node.at("allowed_methods")}
    edge = [
        block(one, LambdaFunctionARN="lambda_arn", EventType="event_type", IncludeBody="include_body")
        for one in node.each("lambda_function_association")
    ]
    small = [
        block(one, FunctionARN="function_arn", EventType="event_type") for one in node.each("function_association")
    ]
    tree["LambdaFunctionAssociations"] = {"Items": edge}
    tree["FunctionAssociations"] = {"Items": small}
    for name, key in (("trusted_signers", "TrustedSigners"), ("trusted_key_groups", "TrustedKeyGroups")):
        found = node.at(name)
        tree[key] = {"Enabled": bool(found is not None and found.value)}
    return tree


def _origin(node: Node) -> dict[str, Any]:
    custom, s3, vpc = (node.first(f"{kind}_origin_config") for kind in ("custom", "s3", "vpc"))
    protocols = custom.at("origin_ssl_protocols") if custom is not None else None
    return {
        "Id": node.text("origin_id"),
        "DomainName": node.text("domain_name"),
        "OriginPath": node.text("origin_path"),
        "OriginAccessControlId": node.text("origin_access_control_id") or None,
        "CustomHeaders": {
            "Items": [
                {"HeaderName": header.text("name"), "HeaderValue": header.text("value")}
                for header in node.each("custom_header")
            ]
        },
        "CustomOriginConfig": {
            **(
                block(
                    custom,
                    HTTPPort="http_port",
                    HTTPSPort="https_port",
                    OriginProtocolPolicy="origin_protocol_policy",
                )
                or {}
            ),
            "OriginSslProtocols": {"Items": protocols} if protocols is not None else None,
        }
        if custom is not None
        else None,
        "S3OriginConfig": block(s3, OriginAccessIdentity="origin_access_identity"),
        "VpcOriginConfig": block(vpc, VpcOriginId="vpc_origin_id"),
    }


def _distribution(distribution: Resource, out: Out) -> None:
    groups = [
        {
            "Id": node.text("origin_id"),
            "Members": {"Items": [{"OriginId": member.text("origin_id")} for member in node.each("member")]},
        }
        for node in distribution.node.each("origin_group")
    ]
    certificate = distribution.first("viewer_certificate")
    tree = {
        "Id": distribution.id,
        "ARN": distribution.arn,
        "DomainName": distribution.text("domain_name"),
        "Enabled": distribution.at("enabled"),
        "Staging": distribution.at("staging"),
        "Aliases": {"Items": distribution.at("aliases")},
        "Origins": {"Items": [_origin(node) for node in distribution.node.each("origin")]},
        "OriginGroups": {"Items": groups},
        "DefaultCacheBehavior": _behavior(distribution.first("default_cache_behavior"), "DefaultCacheBehavior"),
        "CacheBehaviors": {
            "Items": [_behavior(node, "CacheBehavior") for node in distribution.node.each("ordered_cache_behavior")]
        },
        "ViewerCertificate": block(
            certificate,
            CloudFrontDefaultCertificate="cloudfront_default_certificate",
            ACMCertificateArn="acm_certificate_arn",
            MinimumProtocolVersion="minimum_protocol_version",
        ),
        "WebACLId": distribution.text("web_acl_id"),
    }
    out.give(distribution, "cloudfront.ListDistributions", {"DistributionList": {"Items": [tree]}}, complete=False)
    logging = distribution.first("logging_config")
    shown = {"Enabled": logging is not None, "Bucket": logging.text("bucket") if logging is not None else ""}
    config = {"DistributionConfig": {"Logging": shown}}
    out.give(distribution, "cloudfront.GetDistributionConfig", config, distribution.id)


# ---------------------------------------------------------------- AppSync


def _appsync(estate: Estate, out: Out) -> None:
    _graphql_apis(estate, out)
    of_events = {api.text("api_id") for api in estate.of("aws_appsync_api")}
    for (_, api_id), found in estate.groups("api_id", "aws_appsync_datasource").items():
        if api_id in of_events:
            continue
        trees = [_data_source(one) for one in found]
        out.give(found[0], "appsync.ListDataSources", {"dataSources": trees}, api_id, complete=False)
    for (_, api_id), found in estate.groups("api_id", "aws_appsync_function").items():
        trees = []
        for one in found:
            tree = one.fit("appsync", "FunctionConfiguration", data_source="dataSourceName", code="")
            trees.append(Tree(one.source, {**tree, "functionId": one.text("function_id") or one.symbol}))
        out.give(found[0], "appsync.ListFunctions", {"functions": trees}, api_id, complete=False)
    names = {
        "type": "typeName",
        "field": "fieldName",
        "data_source": "dataSourceName",
        "arn": "resolverArn",
        "code": "",
    }
    for resolver in estate.of("aws_appsync_resolver"):
        told = {"resolvers": [resolver.fit("appsync", "Resolver", **names)]}
        place = resolver.text("api_id"), resolver.text("type")
        out.give(resolver, "appsync.ListResolvers", told, *place, complete=False)


def _graphql_apis(estate: Estate, out: Out) -> None:
    for api in estate.of("aws_appsync_graphql_api"):
        tree = api.fit(
            "appsync",
            "GraphqlApi",
            id="apiId",
            openid_connect_config="openIDConnectConfig",
            additional_authentication_provider="",
            schema="",
            tags="",
        )
        providers = [
            fitted(
                node,
                shape_of("appsync", "AdditionalAuthenticationProvider"),
                {"openid_connect_config": "openIDConnectConfig"},
            )
            for node in api.node.each("additional_authentication_provider")
        ]
        tree |= {"apiId": api.id, "additionalAuthenticationProviders": providers, "tags": api.tags}
        out.give(api, "appsync.ListGraphqlApis", {"graphqlApis": [tree]}, complete=False)


def _data_source(source: Resource) -> Tree:
    tree = source.fit("appsync", "DataSource", arn="dataSourceArn", lambda_config="", dynamodb_config="")
    function, table = source.first("lambda_config"), source.first("dynamodb_config")
    tree["lambdaConfig"] = block(function, lambdaFunctionArn="function_arn")
    tree["dynamodbConfig"] = block(
        table, tableName="table_name", awsRegion="region", useCallerCredentials="use_caller_credentials"
    )
    return Tree(source.source, tree)
