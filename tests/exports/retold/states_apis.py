"""APIs, events and the edge as resources of Terraform's provider."""

import json

from tests.exports.retold.account import ACCOUNT
from tests.exports.retold.states_shapes import plain, snake


def rest_api(to, physical, arn, said):
    (api,) = [one for _, _, one in to.account.each("apigateway-get-rest-apis", "items") if one["id"] == physical]
    values = snake(said, ApiKeySourceType="api_key_source", Policy="")
    values |= {
        "disable_execute_api_endpoint": said["DisableExecuteApiEndpoint"],
        "root_resource_id": api["rootResourceId"],
    }
    values |= {"arn": f"arn:aws:apigateway:{to.region}::/restapis/{physical}"}
    values["execution_arn"] = f"arn:aws:execute-api:{to.region}:{ACCOUNT}:{physical}"
    if "Policy" in said:
        values["policy"] = json.dumps(said["Policy"])
    to.add("aws_api_gateway_rest_api", physical, values)


def resource(to, physical, arn, said):
    listed = to.account.one("apigateway-get-resources", to.region, said["RestApiId"])["items"]
    (path,) = [one["path"] for one in listed if one["id"] == physical]
    to.add("aws_api_gateway_resource", physical, snake(said, RestApiId="rest_api_id") | {"path": path})


def method(to, physical, arn, said):
    values = snake(said, AuthorizationType="authorization", Integration="")
    values["api_key_required"] = said.get("ApiKeyRequired", False)
    to.add("aws_api_gateway_method", physical, values)
    if "Integration" in said:
        of = {"rest_api_id": said["RestApiId"], "resource_id": said["ResourceId"], "http_method": said["HttpMethod"]}
        to.add(
            "aws_api_gateway_integration",
            physical,
            of | snake(said["Integration"], TimeoutInMillis="timeout_milliseconds"),
        )


def stage(to, physical, arn, said):
    api = said["RestApiId"]
    values = snake(
        said,
        AccessLogSetting="access_log_settings",
        MethodSettings="",
        TracingEnabled="xray_tracing_enabled",
        DeploymentId="",
    )
    values |= {
        "arn": f"arn:aws:apigateway:{to.region}::/restapis/{api}/stages/{said['StageName']}",
        "deployment_id": "d",
    }
    to.add("aws_api_gateway_stage", f"ags-{api}-{physical}", values)
    for settings in said["MethodSettings"]:
        path = f"{settings['ResourcePath'].strip('/')}/{settings['HttpMethod']}"
        shown = snake(
            {k: v for k, v in settings.items() if k not in ("ResourcePath", "HttpMethod")},
            CachingEnabled="caching_enabled",
        )
        to.add(
            "aws_api_gateway_method_settings",
            f"{api}-{physical}-{path}",
            {"rest_api_id": api, "stage_name": physical, "method_path": path, "settings": [shown]},
        )


def authorizer(to, physical, arn, said):
    values = snake(said, ProviderARNs="provider_arns")
    to.add("aws_api_gateway_authorizer", physical, values)


def domain_name(to, physical, arn, said):
    values = snake(said) | {"arn": f"arn:aws:apigateway:{to.region}::/domainnames/{physical}"}
    to.add("aws_api_gateway_domain_name", physical, values)


def http_api(to, physical, arn, said):
    values = snake(said) | {"arn": f"arn:aws:apigateway:{to.region}::/apis/{physical}"}
    values |= {"execution_arn": f"arn:aws:execute-api:{to.region}:{ACCOUNT}:{physical}"}
    scheme = "wss" if said["ProtocolType"] == "WEBSOCKET" else "https"
    values["api_endpoint"] = f"{scheme}://{physical}.execute-api.{to.region}.amazonaws.com"
    values["disable_execute_api_endpoint"] = said["DisableExecuteApiEndpoint"]
    to.add("aws_apigatewayv2_api", physical, values)


def http_authorizer(to, physical, arn, said):
    to.add("aws_apigatewayv2_authorizer", physical, snake(said, IdentitySource="identity_sources"))


def http_integration(to, physical, arn, said):
    to.add("aws_apigatewayv2_integration", physical, snake(said, TimeoutInMillis="timeout_milliseconds"))


def http_stage(to, physical, arn, said):
    values = snake(said, StageName="name")
    values["arn"] = f"arn:aws:apigateway:{to.region}::/apis/{said['ApiId']}/stages/{said['StageName']}"
    to.add("aws_apigatewayv2_stage", physical, values)


def bus_policy(to, physical, arn, said):
    policy = {"Version": "2012-10-17", "Statement": [said["Statement"]]}
    to.add(
        "aws_cloudwatch_event_bus_policy",
        said["EventBusName"],
        {"event_bus_name": said["EventBusName"], "policy": json.dumps(policy)},
    )


def rule(to, physical, arn, said):
    values = snake(said, Targets="", EventPattern="") | {"arn": arn}
    if "EventPattern" in said:
        values["event_pattern"] = json.dumps(said["EventPattern"])
    to.add("aws_cloudwatch_event_rule", physical, values)
    for target in said["Targets"]:
        shown = snake(target, Id="target_id", InputTransformer="")
        if "InputTransformer" in target:
            transformer = target["InputTransformer"]
            shown["input_transformer"] = [
                {"input_paths": transformer["InputPathsMap"], "input_template": transformer["InputTemplate"]}
            ]
        to.add(
            "aws_cloudwatch_event_target",
            target["Id"],
            {"rule": said["Name"], "event_bus_name": said["EventBusName"], **shown},
        )


def connection(to, physical, arn, said):
    (one,) = [one for _, _, one in to.account.each("events-describe-connection") if one["Name"] == physical]
    values = snake(said, AuthParameters="") | {"arn": arn, "secret_arn": one["SecretArn"]}
    values["auth_parameters"] = [{"api_key": [{"key": "x-api-key", "value": "Qm7tKz4vXw9c"}]}]
    to.add("aws_cloudwatch_event_connection", physical, values)


def archive(to, physical, arn, said):
    values = snake(said, ArchiveName="name", SourceArn="event_source_arn")
    to.add(
        "aws_cloudwatch_event_archive",
        physical,
        values | {"arn": f"arn:aws:events:{to.region}:{ACCOUNT}:archive/{physical}"},
    )


def schedule(to, physical, arn, said):
    values = snake(said) | {
        "arn": f"arn:aws:scheduler:{to.region}:{ACCOUNT}:schedule/{said['GroupName']}/{said['Name']}"
    }
    to.add("aws_scheduler_schedule", f"{said['GroupName']}/{said['Name']}", values)


def pipe(to, physical, arn, said):
    values = snake(said, SourceParameters="", TargetParameters="", Tags="") | {
        "tags": said["Tags"],
        "tags_all": said["Tags"],
    }
    source = said["SourceParameters"]
    values["source_parameters"] = [
        {
            "dynamodb_stream_parameters": [snake(source["DynamoDBStreamParameters"])],
            "filter_criteria": [{"filter": [snake(one) for one in source["FilterCriteria"]["Filters"]]}],
        }
    ]
    target = said["TargetParameters"]
    values["target_parameters"] = [
        {"eventbridge_event_bus_parameters": [snake(target["EventBridgeEventBusParameters"])]}
    ]
    to.add("aws_pipes_pipe", physical, values | {"arn": f"arn:aws:pipes:{to.region}:{ACCOUNT}:pipe/{physical}"})


def machine(to, physical, arn, said):
    renames = {"StateMachineName": "name", "StateMachineType": "type", "DefinitionString": "definition"}
    to.add("aws_sfn_state_machine", arn, snake(said, **renames) | {"arn": arn, "status": "ACTIVE"})


def user_pool(to, physical, arn, said):
    values = snake(said, UserPoolName="name", UserPoolTags="tags", Policies="") | {"arn": arn}
    values["password_policy"] = [snake(said["Policies"]["PasswordPolicy"])] if said.get("Policies") else []
    values["endpoint"] = f"cognito-idp.{to.region}.amazonaws.com/{physical}"
    to.add("aws_cognito_user_pool", physical, values)


def identity_pool(to, physical, arn, said):
    values = snake(said, IdentityPoolTags="tags") | {
        "arn": f"arn:aws:cognito-identity:{to.region}:{ACCOUNT}:identitypool/{physical}"
    }
    values |= {
        "allow_unauthenticated_identities": said["AllowUnauthenticatedIdentities"],
        "allow_classic_flow": said["AllowClassicFlow"],
    }
    to.add("aws_cognito_identity_pool", physical, values)


def graph(to, physical, arn, said):
    identity = physical.rpartition("/")[2]
    (api,) = [
        one for _, _, one in to.account.each("appsync-list-graphql-apis", "graphqlApis") if one["apiId"] == identity
    ]
    to.add("aws_appsync_graphql_api", identity, snake(said) | {"arn": physical, "uris": api["uris"]})


def data_source(to, physical, arn, said):
    values = snake(said, LambdaConfig="") | {
        "arn": physical,
        "lambda_config": [{"function_arn": said["LambdaConfig"]["LambdaFunctionArn"]}],
    }
    to.add("aws_appsync_datasource", physical, values)


def resolver(to, physical, arn, said):
    to.add(
        "aws_appsync_resolver",
        physical,
        snake(said, FieldName="field", TypeName="type", DataSourceName="data_source") | {"arn": physical},
    )


def topic_rule(to, physical, arn, said):
    payload = said["TopicRulePayload"]
    values = {
        "name": physical,
        "enabled": not payload["RuleDisabled"],
        "sql": payload["Sql"],
        "sql_version": payload["AwsIotSqlVersion"],
    }
    for action in payload["Actions"]:
        for kind, block in action.items():
            values.setdefault(kind.lower(), []).append(snake(block))
    to.add("aws_iot_topic_rule", physical, values | {"arn": f"arn:aws:iot:{to.region}:{ACCOUNT}:rule/{physical}"})


def agent(to, physical, arn, said):
    values = snake(said, ActionGroups="") | {"agent_id": physical, "agent_version": "DRAFT"}
    values["agent_arn"] = f"arn:aws:bedrock:{to.region}:{ACCOUNT}:agent/{physical}"
    to.add("aws_bedrockagent_agent", physical, values)
    for group in said["ActionGroups"]:
        shown = snake(group, FunctionSchema="") | {"agent_id": physical, "agent_version": "DRAFT"}
        shown["action_group_executor"] = [{"lambda": group["ActionGroupExecutor"]["Lambda"]}]
        shown["function_schema"] = [
            {"member_functions": [{"functions": [snake(one) for one in group["FunctionSchema"]["Functions"]]}]}
        ]
        to.add("aws_bedrockagent_agent_action_group", group["ActionGroupName"], shown)


def alias(to, physical, arn, said):
    values = snake(said) | {"agent_alias_id": physical.partition("|")[2]}
    to.add("aws_bedrockagent_agent_alias", physical, values)


def balancer(to, physical, arn, said):
    (one,) = [
        b
        for _, _, b in to.account.each("elbv2-describe-load-balancers", "LoadBalancers")
        if b["LoadBalancerArn"] == arn
    ]
    values = snake(said, Scheme="", LoadBalancerAttributes="", Type="load_balancer_type") | {"arn": arn}
    values |= {"internal": said["Scheme"] == "internal", "dns_name": one["DNSName"], "vpc_id": one["VpcId"]}
    known = {pair["Key"]: pair["Value"] for pair in said["LoadBalancerAttributes"]}
    values["access_logs"] = [
        {"bucket": known.get("access_logs.s3.bucket", ""), "enabled": known.get("access_logs.s3.enabled") == "true"}
    ]
    values["drop_invalid_header_fields"] = known.get("routing.http.drop_invalid_header_fields.enabled") == "true"
    to.add("aws_lb", arn, values)


def target_group(to, physical, arn, said):
    to.add("aws_lb_target_group", arn, snake(said, Targets="") | {"arn": arn})
    for target in said["Targets"]:
        to.add(
            "aws_lb_target_group_attachment",
            f"{arn}-{target['Id']}",
            {"target_group_arn": arn, "target_id": target["Id"]},
        )


def listener(to, physical, arn, said):
    certificates = said.get("Certificates", [])
    values = snake(said, Certificates="", DefaultActions="") | {"arn": physical}
    values["certificate_arn"] = certificates[0]["CertificateArn"] if certificates else None
    values["default_action"] = [
        snake(action, RedirectConfig="redirect", AuthenticateCognitoConfig="authenticate_cognito")
        for action in said["DefaultActions"]
    ]
    to.add("aws_lb_listener", physical, values)


def distribution(to, physical, arn, said):
    config = said["DistributionConfig"]
    renames = {"WebACLId": "web_acl_id", "IPV6Enabled": "is_ipv6_enabled", "IsIPV6Enabled": "is_ipv6_enabled"}
    renames |= {"Origins": "", "CacheBehaviors": "", "DefaultCacheBehavior": "", "ViewerCertificate": "", "Logging": ""}
    values = snake(config, Restrictions="", CustomErrorResponses="", **renames)
    values["origin"] = [_origin(one) for one in config["Origins"]]
    values["default_cache_behavior"] = [_behaviour(config["DefaultCacheBehavior"])]
    values["ordered_cache_behavior"] = [_behaviour(one) for one in config["CacheBehaviors"]]
    values["viewer_certificate"] = [
        {
            "acm_certificate_arn": config["ViewerCertificate"]["AcmCertificateArn"],
            "minimum_protocol_version": config["ViewerCertificate"]["MinimumProtocolVersion"],
        }
    ]
    values["logging_config"] = [snake(config["Logging"])]
    (known,) = [one for _, _, one in to.account.each("cloudfront-list-distributions")]
    values["domain_name"] = known["DistributionList"]["Items"][0]["DomainName"]
    values["arn"] = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{physical}"
    to.add("aws_cloudfront_distribution", physical, values)


def _origin(said):
    values = {"origin_id": said["Id"], "domain_name": said["DomainName"], "custom_header": []}
    for header in said.get("OriginCustomHeaders", []):
        values["custom_header"].append({"name": header["HeaderName"], "value": header["HeaderValue"]})
    custom = said.get("CustomOriginConfig")
    if custom:
        values["custom_origin_config"] = [
            {
                "http_port": custom["HTTPPort"],
                "https_port": custom["HTTPSPort"],
                "origin_protocol_policy": custom["OriginProtocolPolicy"],
                "origin_ssl_protocols": custom["OriginSSLProtocols"],
            }
        ]
    return values


def _behaviour(said):
    values = {"target_origin_id": said["TargetOriginId"], "viewer_protocol_policy": said["ViewerProtocolPolicy"]}
    values |= {"allowed_methods": said["AllowedMethods"], "cached_methods": said["CachedMethods"]}
    values["cache_policy_id"] = said["CachePolicyId"]
    return values | ({"path_pattern": said["PathPattern"]} if "PathPattern" in said else {})


KINDS = {
    "AWS::ApiGateway::Authorizer": authorizer,
    "AWS::ApiGateway::BasePathMapping": plain(
        "aws_api_gateway_base_path_mapping", RestApiId="api_id", Stage="stage_name"
    ),
    "AWS::ApiGateway::Deployment": plain("aws_api_gateway_deployment"),
    "AWS::ApiGateway::DomainName": domain_name,
    "AWS::ApiGateway::Method": method,
    "AWS::ApiGateway::Model": plain("aws_api_gateway_model", "schema"),
    "AWS::ApiGateway::RequestValidator": plain("aws_api_gateway_request_validator"),
    "AWS::ApiGateway::Resource": resource,
    "AWS::ApiGateway::RestApi": rest_api,
    "AWS::ApiGateway::Stage": stage,
    "AWS::ApiGatewayV2::Api": http_api,
    "AWS::ApiGatewayV2::Authorizer": http_authorizer,
    "AWS::ApiGatewayV2::Integration": http_integration,
    "AWS::ApiGatewayV2::Route": plain("aws_apigatewayv2_route"),
    "AWS::ApiGatewayV2::Stage": http_stage,
    "AWS::AppSync::DataSource": data_source,
    "AWS::AppSync::GraphQLApi": graph,
    "AWS::AppSync::Resolver": resolver,
    "AWS::Bedrock::Agent": agent,
    "AWS::Bedrock::AgentAlias": alias,
    "AWS::CloudFront::Distribution": distribution,
    "AWS::CloudFront::OriginAccessControl": None,  # what it is called says nothing that the distribution does not
    "AWS::Cognito::IdentityPool": identity_pool,
    "AWS::Cognito::IdentityPoolRoleAttachment": plain("aws_cognito_identity_pool_roles_attachment"),
    "AWS::Cognito::UserPool": user_pool,
    "AWS::Cognito::UserPoolClient": plain("aws_cognito_user_pool_client", ClientName="name"),
    "AWS::Cognito::UserPoolGroup": plain("aws_cognito_user_group", GroupName="name"),
    "AWS::ElasticLoadBalancingV2::Listener": listener,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": target_group,
    "AWS::Events::ApiDestination": plain("aws_cloudwatch_event_api_destination"),
    "AWS::Events::Archive": archive,
    "AWS::Events::Connection": connection,
    "AWS::Events::EventBus": plain("aws_cloudwatch_event_bus"),
    "AWS::Events::EventBusPolicy": bus_policy,
    "AWS::Events::Rule": rule,
    "AWS::IoT::TopicRule": topic_rule,
    "AWS::Pipes::Pipe": pipe,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::StepFunctions::StateMachine": machine,
    "AWS::WAFv2::WebACL": plain("aws_wafv2_web_acl"),
}
