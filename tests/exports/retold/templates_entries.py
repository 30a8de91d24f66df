"""User pools, AppSync, IoT, agents and load balancers in templates."""

from tests.exports.retold.account import only, pascal, tagged


def identities(account, to):
    for region, pool, answer in account.each("cognito-idp-describe-user-pool"):
        if region != to.region:
            continue
        described = answer["UserPool"]
        said = only(
            described, "LambdaConfig", "MfaConfiguration", "AutoVerifiedAttributes", "AdminCreateUserConfig", "Policies"
        )
        said |= {"UserPoolName": described["Name"], "UserPoolTags": described.get("UserPoolTags", {})}
        to.add("AWS::Cognito::UserPool", described["Name"], said, physical=pool, arn=described["Arn"], ref=pool)
        for client in account.one("cognito-idp-list-user-pool-clients", region, pool)["UserPoolClients"]:
            said = {"UserPoolId": pool, "ClientName": client["ClientName"]}
            to.add(
                "AWS::Cognito::UserPoolClient",
                client["ClientName"],
                said,
                physical=client["ClientId"],
                ref=client["ClientId"],
            )
        for group in account.one("cognito-idp-list-groups", region, pool)["Groups"]:
            said = only(group, "GroupName", "Description", "Precedence", "RoleArn", "UserPoolId")
            to.add("AWS::Cognito::UserPoolGroup", group["GroupName"], said)
    for region, pool, answer in account.each("cognito-identity-describe-identity-pool"):
        if region == to.region:
            said = only(
                answer,
                "AllowClassicFlow",
                "AllowUnauthenticatedIdentities",
                "CognitoIdentityProviders",
                "IdentityPoolName",
                "IdentityPoolTags",
            )
            to.add("AWS::Cognito::IdentityPool", "mobile", said, physical=pool, ref=pool)
            roles = account.one("cognito-identity-get-identity-pool-roles", region, pool)["Roles"]
            to.add("AWS::Cognito::IdentityPoolRoleAttachment", "mobile", {"IdentityPoolId": pool, "Roles": roles})


def graphs(account, to):
    for region, _, api in account.each("appsync-list-graphql-apis", "graphqlApis"):
        if region != to.region:
            continue
        identity = api["apiId"]
        said = {"Name": api["name"], "AuthenticationType": api["authenticationType"], "XrayEnabled": api["xrayEnabled"]}
        said["Tags"] = tagged(api["tags"])
        logical = to.add("AWS::AppSync::GraphQLApi", api["name"], said, physical=api["arn"])
        to.by_id[identity] = {"Fn::GetAtt": [logical, "ApiId"]}
        for source in account.one("appsync-list-data-sources", region, identity)["dataSources"]:
            said = {
                "ApiId": identity,
                "Name": source["name"],
                "Type": source["type"],
                "ServiceRoleArn": source["serviceRoleArn"],
            }
            said["LambdaConfig"] = {"LambdaFunctionArn": source["lambdaConfig"]["lambdaFunctionArn"]}
            to.add("AWS::AppSync::DataSource", source["name"], said, physical=source["dataSourceArn"])
        for place, argument, resolver in account.each("appsync-list-resolvers", "resolvers"):
            if place == region and argument.startswith(identity):
                said = only(pascal(resolver), "DataSourceName", "FieldName", "Kind", "TypeName")
                to.add(
                    "AWS::AppSync::Resolver",
                    resolver["fieldName"],
                    {"ApiId": identity, **said},
                    physical=resolver["resolverArn"],
                )
    for region, name, answer in account.each("iot-get-topic-rule"):
        if region == to.region:
            rule = answer["rule"]
            said = {"Sql": rule["sql"], "Actions": pascal(rule["actions"]), "RuleDisabled": rule["ruleDisabled"]}
            said["AwsIotSqlVersion"] = rule["awsIotSqlVersion"]
            to.add("AWS::IoT::TopicRule", name, {"RuleName": name, "TopicRulePayload": said}, physical=name)


def agents(account, to):
    for region, identity, answer in account.each("bedrock-agent-get-agent"):
        if region != to.region:
            continue
        agent = answer["agent"]
        groups = []
        for _, argument, one in account.each("bedrock-agent-get-agent-action-group"):
            group = one["agentActionGroup"]
            if argument.startswith(f"{identity},DRAFT,"):
                said = {"ActionGroupName": group["actionGroupName"], "ActionGroupState": group["actionGroupState"]}
                said["ActionGroupExecutor"] = {"Lambda": group["actionGroupExecutor"]["lambda"]}
                said["FunctionSchema"] = {
                    "Functions": [{"Name": f["name"]} for f in group["functionSchema"]["functions"]]
                }
                groups.append(said)
        said = {"AgentName": agent["agentName"], "AgentResourceRoleArn": agent["agentResourceRoleArn"]}
        said |= {"FoundationModel": agent["foundationModel"], "ActionGroups": groups}
        to.add("AWS::Bedrock::Agent", agent["agentName"], said, physical=identity, ref=identity)
        for alias in account.one("bedrock-agent-list-agent-aliases", region, identity)["agentAliasSummaries"]:
            said = {"AgentId": identity, "AgentAliasName": alias["agentAliasName"]}
            said["RoutingConfiguration"] = pascal(alias["routingConfiguration"])
            to.add(
                "AWS::Bedrock::AgentAlias",
                alias["agentAliasName"],
                said,
                physical=f"{identity}|{alias['agentAliasId']}",
            )


def balancers(account, to):
    for region, _, balancer in account.each("elbv2-describe-load-balancers", "LoadBalancers"):
        if region == to.region:
            arn = balancer["LoadBalancerArn"]
            said = {
                "Name": balancer["LoadBalancerName"],
                **only(balancer, "Scheme", "SecurityGroups", "Type", "IpAddressType"),
            }
            said["Subnets"] = [zone["SubnetId"] for zone in balancer["AvailabilityZones"]]
            said["LoadBalancerAttributes"] = account.one("elbv2-describe-load-balancer-attributes", region, arn)[
                "Attributes"
            ]
            to.add(
                "AWS::ElasticLoadBalancingV2::LoadBalancer", balancer["LoadBalancerName"], said, physical=arn, arn=arn
            )
    for region, _, group in account.each("elbv2-describe-target-groups", "TargetGroups"):
        if region == to.region:
            arn = group["TargetGroupArn"]
            health = account.one("elbv2-describe-target-health", region, arn)["TargetHealthDescriptions"]
            said = {"Name": group["TargetGroupName"], **only(group, "TargetType", "Port", "Protocol", "VpcId")}
            said["Targets"] = [one["Target"] for one in health]
            to.add("AWS::ElasticLoadBalancingV2::TargetGroup", group["TargetGroupName"], said, physical=arn, arn=arn)
    for region, _, listener in account.each("elbv2-describe-listeners", "Listeners"):
        if region == to.region:
            arn = listener["ListenerArn"]
            said = only(listener, "LoadBalancerArn", "Port", "Protocol", "SslPolicy", "Certificates")
            rules = account.one("elbv2-describe-rules", region, arn)["Rules"]
            (default,) = [rule for rule in rules if rule["IsDefault"]]
            said["DefaultActions"] = default["Actions"]
            to.add("AWS::ElasticLoadBalancingV2::Listener", arn.rpartition("/")[2], said, physical=arn)
            assert len(rules) == 1
