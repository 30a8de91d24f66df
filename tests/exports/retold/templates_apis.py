"""APIs, events and what is at the edge, in templates."""

from tests.exports.retold.account import HOME, document, only, pascal, tagged
from tests.exports.retold.templates_entries import agents, balancers, graphs, identities


def rest_apis(account, to):
    for region, _, api in account.each("apigateway-get-rest-apis", "items"):
        if region != to.region:
            continue
        identity = api["id"]
        said = {"Name": api["name"], "EndpointConfiguration": pascal(api["endpointConfiguration"])}
        said |= {"DisableExecuteApiEndpoint": api["disableExecuteApiEndpoint"], "Tags": tagged(api.get("tags"))}
        said |= {"ApiKeySourceType": api["apiKeySource"]}
        if api.get("policy"):
            said["Policy"] = document(api["policy"])
        logical = to.add("AWS::ApiGateway::RestApi", api["name"], said, physical=identity, ref=identity)
        to.by_id[api["rootResourceId"]] = {"Fn::GetAtt": [logical, "RootResourceId"]}
        _rest_parts(account, to, region, identity)
        _rest_resources(account, to, region, identity)
    for region, _, name in account.each("apigateway-get-domain-names", "items"):
        if region == to.region:
            said = {"DomainName": name["domainName"], "RegionalCertificateArn": name.get("regionalCertificateArn")}
            said |= {"EndpointConfiguration": pascal(name["endpointConfiguration"])}
            said |= {"SecurityPolicy": name["securityPolicy"], "Tags": tagged(name.get("tags"))}
            to.add("AWS::ApiGateway::DomainName", name["domainName"], said, physical=name["domainName"])
    for region, name, mapping in account.each("apigateway-get-base-path-mappings", "items"):
        if region == to.region:
            to.add("AWS::ApiGateway::BasePathMapping", name, {"DomainName": name, **pascal(mapping)})


def _rest_parts(account, to, region, api):
    of = {"RestApiId": api}
    for authorizer in account.one("apigateway-get-authorizers", region, api).get("items", []):
        said = {
            key[:1].upper() + key[1:]: value
            for key, value in authorizer.items()
            if key not in {"id", "providerARNs", "authType"}
        }
        if "providerARNs" in authorizer:
            said["ProviderARNs"] = authorizer["providerARNs"]
        to.add(
            "AWS::ApiGateway::Authorizer",
            authorizer["name"],
            {**of, **said},
            physical=authorizer["id"],
            ref=authorizer["id"],
        )
    for model in account.one("apigateway-get-models", region, api).get("items", []):
        said = {"Name": model["name"], "ContentType": model["contentType"], "Schema": document(model["schema"])}
        to.add("AWS::ApiGateway::Model", f"{api}-{model['name']}", {**of, **said}, physical=model["name"])
    for validator in account.one("apigateway-get-request-validators", region, api).get("items", []):
        said = only(pascal(validator), "Name", "ValidateRequestBody", "ValidateRequestParameters")
        to.add(
            "AWS::ApiGateway::RequestValidator",
            validator["name"],
            {**of, **said},
            physical=validator["id"],
            ref=validator["id"],
        )
    for stage in account.one("apigateway-get-stages", region, api)["item"]:
        deployment = to.add(
            "AWS::ApiGateway::Deployment", f"{api}-{stage['stageName']}", of, physical=stage["deploymentId"]
        )
        said = {"StageName": stage["stageName"], "DeploymentId": {"Ref": deployment}}
        said["MethodSettings"] = [_settings(path, item) for path, item in stage["methodSettings"].items()]
        if "accessLogSettings" in stage:
            said["AccessLogSetting"] = pascal(stage["accessLogSettings"])
        said |= {"Variables": stage["variables"], "TracingEnabled": stage.get("tracingEnabled", False)}
        said["Tags"] = tagged(stage.get("tags"))
        to.add("AWS::ApiGateway::Stage", f"{api}-{stage['stageName']}", {**of, **said}, physical=stage["stageName"])
        if stage.get("webAclArn"):
            arn = f"arn:aws:apigateway:{region}::/restapis/{api}/stages/{stage['stageName']}"
            said = {"ResourceArn": arn, "WebACLArn": stage["webAclArn"]}
            to.add("AWS::WAFv2::WebACLAssociation", api, said)


def _settings(path, item):
    resource, _, method = path.rpartition("/")
    said = pascal(
        {
            k: v
            for k, v in item.items()
            if k not in ("requireAuthorizationForCacheControl", "unauthorizedCacheControlHeaderStrategy")
        }
    )
    return {
        "ResourcePath": "/*" if resource == "*" else "/" + resource.replace("~1", "/"),
        "HttpMethod": method,
        **said,
    }


def _rest_resources(account, to, region, api):
    resources = account.one("apigateway-get-resources", region, api)["items"]
    for resource in resources:
        if "parentId" in resource:
            said = {"RestApiId": api, "ParentId": resource["parentId"], "PathPart": resource["pathPart"]}
            to.add(
                "AWS::ApiGateway::Resource",
                f"{api}-{resource['path']}",
                said,
                physical=resource["id"],
                ref=resource["id"],
            )
        for verb, method in resource.get("resourceMethods", {}).items():
            said = {"RestApiId": api, "ResourceId": resource["id"], "HttpMethod": verb}
            said |= only(
                pascal({k: v for k, v in method.items() if k not in ("requestModels", "requestParameters")}),
                *("AuthorizationType", "AuthorizerId", "AuthorizationScopes", "ApiKeyRequired"),
            )
            said["RequestModels"] = method.get("requestModels", {})
            said["RequestParameters"] = method.get("requestParameters", {})
            if "requestValidatorId" in method:
                said["RequestValidatorId"] = method["requestValidatorId"]
            integration = method.get("methodIntegration")
            if integration:
                ours = only(pascal(integration), "Type", "Uri", "Credentials", "TimeoutInMillis", "ConnectionType")
                ours["IntegrationHttpMethod"] = integration["httpMethod"]
                said["Integration"] = ours
            to.add("AWS::ApiGateway::Method", f"{api}-{resource['path']}-{verb}", said)


def http_apis(account, to):
    for region, _, api in account.each("apigatewayv2-get-apis", "Items"):
        if region != to.region:
            continue
        said = only(api, "Name", "ProtocolType", "RouteSelectionExpression", "CorsConfiguration", "Tags")
        said["DisableExecuteApiEndpoint"] = api["DisableExecuteApiEndpoint"]
        identity = api["ApiId"]
        to.add("AWS::ApiGatewayV2::Api", api["Name"], said, physical=identity, ref=identity)
        for call, kind, key, own in (
            ("authorizers", "Authorizer", "AuthorizerId", ()),
            ("integrations", "Integration", "IntegrationId", ("IntegrationResponseSelectionExpression",)),
        ):
            for item in account.one(f"apigatewayv2-get-{call}", region, identity)["Items"]:
                said = {k: v for k, v in item.items() if k not in {key, *own, "ApiGatewayManaged"}}
                to.add(
                    f"AWS::ApiGatewayV2::{kind}",
                    f"{identity}-{item[key]}",
                    {"ApiId": identity, **said},
                    physical=item[key],
                    ref=item[key],
                )
        for route in account.one("apigatewayv2-get-routes", region, identity)["Items"]:
            said = only(route, "RouteKey", "AuthorizationType", "AuthorizerId", "AuthorizationScopes", "ApiKeyRequired")
            said["Target"] = route["Target"]
            to.add(
                "AWS::ApiGatewayV2::Route",
                f"{identity}-{route['RouteKey']}",
                {"ApiId": identity, **said},
                physical=route["RouteId"],
            )
        for stage in account.one("apigatewayv2-get-stages", region, identity)["Items"]:
            said = only(stage, "StageName", "AutoDeploy", "DefaultRouteSettings", "RouteSettings", "StageVariables")
            said |= only(stage, "Tags")
            if "AccessLogSettings" in stage:
                said["AccessLogSettings"] = stage["AccessLogSettings"]
            to.add(
                "AWS::ApiGatewayV2::Stage",
                f"{identity}-{stage['StageName']}",
                {"ApiId": identity, **said},
                physical=stage["StageName"],
            )


def events(account, to):
    for region, _, bus in account.each("events-list-event-buses", "EventBuses"):
        if region != to.region:
            continue
        if bus["Name"] != "default":
            to.add("AWS::Events::EventBus", bus["Name"], {"Name": bus["Name"]}, physical=bus["Name"], arn=bus["Arn"])
        described = account.one("events-describe-event-bus", region, bus["Name"])
        for statement in document(described["Policy"])["Statement"] if "Policy" in described else []:
            said = {"EventBusName": bus["Name"], "StatementId": statement["Sid"], "Statement": statement}
            to.add("AWS::Events::EventBusPolicy", statement["Sid"], said)


def rules(account, to):
    for region, bus, rule in account.each("events-list-rules", "Rules"):
        if region == to.region and "ManagedBy" not in rule and not rule["Name"].startswith("Events-Archive-"):
            said = only(rule, "Name", "State", "ScheduleExpression", "EventBusName", "Description")
            if "EventPattern" in rule:
                said["EventPattern"] = document(rule["EventPattern"])
            said["Targets"] = account.one("events-list-targets-by-rule", region, f"{bus},{rule['Name']}")["Targets"]
            physical = rule["Name"] if bus == "default" else f"{bus}|{rule['Name']}"
            to.add("AWS::Events::Rule", rule["Name"], said, physical=physical, arn=rule["Arn"])


def destinations(account, to):
    for region, _, connection in account.each("events-describe-connection"):
        if region == to.region:
            said = only(connection, "Name", "AuthorizationType", "Description")
            said["AuthParameters"] = {
                "ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": "{{resolve:ssm-secure:crm}}"}
            }
            to.add("AWS::Events::Connection", connection["Name"], said, arn=connection["ConnectionArn"])
    for region, _, destination in account.each("events-list-api-destinations", "ApiDestinations"):
        if region == to.region:
            said = only(destination, "Name", "ConnectionArn", "HttpMethod", "InvocationEndpoint")
            arn = destination["ApiDestinationArn"]
            to.add("AWS::Events::ApiDestination", destination["Name"], said, arn=arn)
    for region, _, archive in account.each("events-list-archives", "Archives"):
        if region == to.region:
            said = {
                "ArchiveName": archive["ArchiveName"],
                "SourceArn": archive["EventSourceArn"],
                **only(archive, "RetentionDays"),
            }
            to.add("AWS::Events::Archive", archive["ArchiveName"], said, physical=archive["ArchiveName"])


def schedules(account, to):
    for region, _, schedule in account.each("scheduler-get-schedule"):
        if region == to.region:
            said = only(schedule, "Name", "GroupName", "ScheduleExpression", "State", "FlexibleTimeWindow", "Target")
            to.add("AWS::Scheduler::Schedule", schedule["Name"], said, physical=schedule["Name"])
    for region, name, pipe in account.each("pipes-describe-pipe"):
        if region == to.region:
            said = only(
                pipe,
                "Name",
                "RoleArn",
                "Source",
                "SourceParameters",
                "Target",
                "TargetParameters",
                "Tags",
                "DesiredState",
            )
            to.add("AWS::Pipes::Pipe", name, said, physical=name)
    for region, arn, machine in account.each("stepfunctions-describe-state-machine"):
        if region == to.region:
            said = {
                "StateMachineName": machine["name"],
                "StateMachineType": machine["type"],
                "RoleArn": machine["roleArn"],
                "DefinitionString": machine["definition"],
                "TracingConfiguration": pascal(machine["tracingConfiguration"]),
                "LoggingConfiguration": {"Level": machine["loggingConfiguration"]["level"]},
            }
            tags = account.one("stepfunctions-list-tags-for-resource", region, arn).get("tags", [])
            said["Tags"] = pascal(tags)
            to.add("AWS::StepFunctions::StateMachine", machine["name"], said, physical=arn, arn=arn)


def edge(account, to):
    if to.region == HOME:
        for _, identity, answer in account.each("cloudfront-get-distribution-config"):
            config = {k: v for k, v in bare(answer["DistributionConfig"]).items() if k != "CallerReference"}
            config["Logging"] = only(config["Logging"], "Bucket", "Prefix", "IncludeCookies")
            to.add("AWS::CloudFront::Distribution", "www", {"DistributionConfig": config}, physical=identity)
        for _, _, answer in account.each("cloudfront-list-origin-access-controls"):
            for control in answer["OriginAccessControlList"]["Items"]:
                said = {k: v for k, v in control.items() if k != "Id"}
                to.add(
                    "AWS::CloudFront::OriginAccessControl",
                    control["Name"],
                    {"OriginAccessControlConfig": said},
                    physical=control["Id"],
                    ref=control["Id"],
                )
    for region, arn, answer in account.each("wafv2-get-web-acl"):
        if region == to.region:
            acl = answer["WebACL"]
            said = only(acl, "Name", "DefaultAction", "Rules", "VisibilityConfig") | {"Scope": "CLOUDFRONT"}
            to.add("AWS::WAFv2::WebACL", acl["Name"], said, physical=f"{acl['Name']}|{acl['Id']}|CLOUDFRONT", arn=arn)


def bare(value):
    """Return an object of CloudFront without the counts beside its lists, as templates have it."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() <= {"Quantity", "Items"}:
        return [bare(item) for item in value.get("Items", [])]
    renamed = {"CustomHeaders": "OriginCustomHeaders", "OriginSslProtocols": "OriginSSLProtocols"}
    found = {}
    for key, item in value.items():
        if key == "AllowedMethods" and isinstance(item, dict):
            found["AllowedMethods"], found["CachedMethods"] = item["Items"], item["CachedMethods"]["Items"]
        elif key in {"TrustedKeyGroups", "TrustedSigners", "OriginGroups"} or item == "":
            continue
        elif key not in {"CertificateSource", "Certificate"}:
            found[renamed.get(key, key)] = bare(item)
    if "ACMCertificateArn" in found:
        found = only(found, "MinimumProtocolVersion") | {
            "AcmCertificateArn": found["ACMCertificateArn"],
            "SslSupportMethod": "sni-only",
        }
    return found


PARTS = (http_apis, rest_apis, events, rules, destinations, schedules, identities, graphs, agents, balancers, edge)
