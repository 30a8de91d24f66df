"""An account exported as a careful person would with boto3 and no tool: call after call, written down as they come.

It shares nothing with the collector, so that what the two say of one account can be compared.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]

PASSING = {"ResponseMetadata", "NextToken", "nextToken", "PaginationToken", "Marker", "NextMarker", "IsTruncated"}

# Calls that need nothing but a region (or nothing at all).
LISTS = {
    "lambda": [
        "list_functions",
        "list_event_source_mappings",
        "list_code_signing_configs",
        "list_layers",
        "get_account_settings",
        "list_capacity_providers",
    ],
    "apigateway": ["get_rest_apis", "get_domain_names", "get_vpc_links", "get_usage_plans"],
    "apigatewayv2": ["get_apis", "get_domain_names", "get_vpc_links"],
    "appsync": ["list_graphql_apis"],
    "dynamodb": ["list_tables"],
    "sqs": ["list_queues"],
    "sns": ["list_topics", "list_subscriptions"],
    "events": ["list_event_buses", "list_api_destinations", "list_connections", "list_archives"],
    "scheduler": ["list_schedules"],
    "pipes": ["list_pipes"],
    "stepfunctions": ["list_state_machines"],
    "kinesis": ["list_streams"],
    "firehose": ["list_delivery_streams"],
    "kms": ["list_keys", "list_aliases"],
    "secretsmanager": ["list_secrets"],
    "ssm": ["describe_parameters"],
    "rds": [
        "describe_db_instances",
        "describe_db_clusters",
        "describe_db_proxies",
        "describe_db_snapshots",
        "describe_db_cluster_snapshots",
    ],
    "elasticache": [
        "describe_replication_groups",
        "describe_cache_clusters",
        "describe_serverless_caches",
        "describe_user_groups",
        "describe_users",
    ],
    "memorydb": ["describe_clusters", "describe_acls", "describe_users"],
    "dax": ["describe_clusters"],
    "redshift": ["describe_clusters"],
    "redshift-serverless": ["list_workgroups", "list_namespaces"],
    "backup": ["list_backup_vaults", "list_protected_resources"],
    "opensearch": ["list_domain_names"],
    "efs": ["describe_file_systems", "describe_access_points"],
    "logs": ["describe_log_groups", "describe_resource_policies", "describe_delivery_sources", "describe_deliveries"],
    "ecr": ["describe_repositories"],
    "kafka": ["list_clusters_v2"],
    "mq": ["list_brokers"],
    "iot": ["list_topic_rules", "list_policies"],
    "elbv2": ["describe_load_balancers", "describe_target_groups"],
    "ec2": [
        "describe_vpcs",
        "describe_subnets",
        "describe_security_groups",
        "describe_route_tables",
        "describe_vpc_endpoints",
        "describe_nat_gateways",
        "describe_managed_prefix_lists",
        "describe_instances",
    ],
    "cloudformation": ["describe_stacks"],
    "codebuild": ["list_projects"],
    "glue": ["get_jobs"],
    "ecs": ["list_clusters", "list_task_definition_families"],
    "sagemaker": ["list_notebook_instances"],
    "bedrock-agent": ["list_agents"],
    "bedrock-agentcore-control": ["list_gateways", "list_agent_runtimes"],
    "resourcegroupstaggingapi": ["get_resources"],
    "cloudtrail": ["describe_trails"],
    "cloudwatch": ["describe_alarms"],
    "guardduty": ["list_detectors"],
    "inspector2": ["list_coverage", "list_findings"],
}


class ByHand:
    """One account, one folder."""

    def __init__(self, session: Any, out: Path, account: str) -> None:
        self.session = session
        self.out = out
        self.account = account

    def keep(self, region: str, service: str, method: str, *ids: Any, **arguments: Any) -> dict[str, Any]:
        """Make a call with all its pages, write the answer, and return it."""
        client = self.session.client(service, region_name="eu-west-1" if region == "global" else region)
        try:
            answer = self._pages(client, method, arguments)
        except ClientError as error:
            answer = {"Error": {key: error.response["Error"].get(key) for key in ("Code", "Message")}}
        name = f"{service}-{method.replace('_', '-')}"
        folder = self.out / self.account / region
        file = (
            folder / name / (",".join(quote(str(part), safe="") for part in ids) + ".json")
            if ids
            else folder / f"{name}.json"
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(answer, default=lambda value: value.isoformat()), encoding="utf-8")
        return answer

    @staticmethod
    def _pages(client: Any, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if not client.can_paginate(method):
            return {key: value for key, value in getattr(client, method)(**arguments).items() if key not in PASSING}
        answer: dict[str, Any] = {}
        for page in client.get_paginator(method).paginate(**arguments):
            for key, value in page.items():
                if key not in PASSING:
                    answer[key] = answer[key] + value if isinstance(value, list) and key in answer else value
        return answer

    def region(self, region: str) -> None:
        """Export a region."""
        found: dict[str, dict[str, Any]] = {}
        for service, methods in LISTS.items():
            for method in methods:
                found[f"{service} {method}"] = self.keep(region, service, method)

        def listed(call: str, key: str) -> Iterable[Any]:
            return found[call].get(key, ())

        self._functions(region, listed("lambda list_functions", "Functions"), listed("lambda list_layers", "Layers"))
        self._apis(region, listed("apigateway get_rest_apis", "items"), listed("apigatewayv2 get_apis", "Items"))
        for domain in listed("apigateway get_domain_names", "items"):
            self.keep(
                region, "apigateway", "get_base_path_mappings", domain["domainName"], domainName=domain["domainName"]
            )
        for api in listed("appsync list_graphql_apis", "graphqlApis"):
            number = api["apiId"]
            self.keep(region, "appsync", "list_data_sources", number, apiId=number)
            self.keep(region, "appsync", "list_functions", number, apiId=number)
            for kind in self.keep(region, "appsync", "list_types", number, apiId=number, format="SDL").get("types", ()):
                self.keep(
                    region, "appsync", "list_resolvers", number, kind["name"], apiId=number, typeName=kind["name"]
                )
        for table in listed("dynamodb list_tables", "TableNames"):
            arn = self.keep(region, "dynamodb", "describe_table", table, TableName=table)["Table"]["TableArn"]
            for method in (
                "describe_continuous_backups",
                "describe_time_to_live",
                "describe_kinesis_streaming_destination",
            ):
                self.keep(region, "dynamodb", method, table, TableName=table)
            self.keep(region, "dynamodb", "get_resource_policy", arn, ResourceArn=arn)
            self.keep(region, "dynamodb", "list_tags_of_resource", arn, ResourceArn=arn)
        self._messages(region, found)
        self._streams(region, found)
        self._keys(region, found)
        self._databases(region, found)
        self._people(region)
        scope = "CLOUDFRONT" if region == "us-east-1" else "REGIONAL"
        for acl in self.keep(region, "wafv2", "list_web_acls", Scope=scope)["WebACLs"]:
            self.keep(region, "wafv2", "get_web_acl", acl["ARN"], ARN=acl["ARN"])
        self._balancers(region, found)
        self._agents(region, listed("bedrock-agent list_agents", "agentSummaries"))

    def _functions(self, region: str, functions: Iterable[Any], layers: Iterable[Any]) -> None:
        for function in functions:
            name = function["FunctionName"]
            for method in (
                "get_function",
                "list_versions_by_function",
                "list_aliases",
                "get_policy",
                "list_function_url_configs",
                "get_function_concurrency",
                "list_provisioned_concurrency_configs",
                "get_function_code_signing_config",
                "get_runtime_management_config",
                "list_function_event_invoke_configs",
                "get_function_recursion_config",
            ):
                answer = self.keep(region, "lambda", method, name, FunctionName=name)
                marks = [alias["Name"] for alias in answer.get("Aliases", ())]
                marks += [version["Version"] for version in answer.get("Versions", ())]
                for mark in marks:
                    if mark != "$LATEST":
                        self.keep(region, "lambda", "get_policy", name, mark, FunctionName=name, Qualifier=mark)
        for layer in layers:
            name = layer["LayerName"]
            for version in self.keep(region, "lambda", "list_layer_versions", name, LayerName=name)["LayerVersions"]:
                number = version["Version"]
                self.keep(
                    region, "lambda", "get_layer_version_policy", name, number, LayerName=name, VersionNumber=number
                )

    def _apis(self, region: str, rest: Iterable[Any], newer: Iterable[Any]) -> None:
        for api in rest:
            number = api["id"]
            self.keep(region, "apigateway", "get_resources", number, restApiId=number, embed=["methods"])
            for method in ("get_stages", "get_authorizers", "get_request_validators", "get_models"):
                self.keep(region, "apigateway", method, number, restApiId=number)
        for api in newer:
            number = api["ApiId"]
            for method in ("get_routes", "get_integrations", "get_authorizers", "get_stages", "get_models"):
                self.keep(region, "apigatewayv2", method, number, ApiId=number)

    def _messages(self, region: str, found: Mapping[str, Any]) -> None:
        for url in found["sqs list_queues"].get("QueueUrls", ()):
            self.keep(region, "sqs", "get_queue_attributes", url, QueueUrl=url, AttributeNames=["All"])
            self.keep(region, "sqs", "list_queue_tags", url, QueueUrl=url)
        for topic in found["sns list_topics"]["Topics"]:
            arn = topic["TopicArn"]
            self.keep(region, "sns", "get_topic_attributes", arn, TopicArn=arn)
            self.keep(region, "sns", "list_tags_for_resource", arn, ResourceArn=arn)
        for subscription in found["sns list_subscriptions"]["Subscriptions"]:
            arn = subscription["SubscriptionArn"]
            self.keep(region, "sns", "get_subscription_attributes", arn, SubscriptionArn=arn)
        for bus in found["events list_event_buses"]["EventBuses"]:
            name = bus["Name"]
            self.keep(region, "events", "describe_event_bus", name, Name=name)
            self.keep(region, "events", "list_tags_for_resource", bus["Arn"], ResourceARN=bus["Arn"])
            for rule in self.keep(region, "events", "list_rules", name, EventBusName=name)["Rules"]:
                given = {"EventBusName": name, "Rule": rule["Name"]}
                self.keep(region, "events", "list_targets_by_rule", *given.values(), **given)
        for connection in found["events list_connections"]["Connections"]:
            self.keep(region, "events", "describe_connection", connection["Name"], Name=connection["Name"])
        for schedule in found["scheduler list_schedules"]["Schedules"]:
            given = {"GroupName": schedule["GroupName"], "Name": schedule["Name"]}
            self.keep(region, "scheduler", "get_schedule", *given.values(), **given)
        for pipe in found["pipes list_pipes"]["Pipes"]:
            self.keep(region, "pipes", "describe_pipe", pipe["Name"], Name=pipe["Name"])
        for machine in found["stepfunctions list_state_machines"]["stateMachines"]:
            arn = machine["stateMachineArn"]
            self.keep(region, "stepfunctions", "describe_state_machine", arn, stateMachineArn=arn)
            self.keep(region, "stepfunctions", "list_tags_for_resource", arn, resourceArn=arn)

    def _streams(self, region: str, found: Mapping[str, Any]) -> None:
        for name in found["kinesis list_streams"]["StreamNames"]:
            told = self.keep(region, "kinesis", "describe_stream_summary", name, StreamName=name)
            arn = told["StreamDescriptionSummary"]["StreamARN"]
            self.keep(region, "kinesis", "list_stream_consumers", arn, StreamARN=arn)
            self.keep(region, "kinesis", "get_resource_policy", arn, ResourceARN=arn)
            self.keep(region, "kinesis", "list_tags_for_stream", name, StreamName=name)
        for name in found["firehose list_delivery_streams"]["DeliveryStreamNames"]:
            self.keep(region, "firehose", "describe_delivery_stream", name, DeliveryStreamName=name)
        for group in found["logs describe_log_groups"]["logGroups"]:
            name = group["logGroupName"]
            self.keep(region, "logs", "describe_subscription_filters", name, logGroupName=name)
        for rule in found["iot list_topic_rules"]["rules"]:
            self.keep(region, "iot", "get_topic_rule", rule["ruleName"], ruleName=rule["ruleName"])
        for policy in found["iot list_policies"]["policies"]:
            self.keep(region, "iot", "get_policy", policy["policyName"], policyName=policy["policyName"])

    def _keys(self, region: str, found: Mapping[str, Any]) -> None:
        for key in found["kms list_keys"]["Keys"]:
            number = key["KeyId"]
            for method in ("describe_key", "list_grants", "get_key_rotation_status", "list_resource_tags"):
                self.keep(region, "kms", method, number, KeyId=number)
            self.keep(region, "kms", "get_key_policy", number, KeyId=number, PolicyName="default")
        for secret in found["secretsmanager list_secrets"]["SecretList"]:
            self.keep(region, "secretsmanager", "get_resource_policy", secret["ARN"], SecretId=secret["ARN"])

    def _databases(self, region: str, found: Mapping[str, Any]) -> None:
        groups = {
            group["DBParameterGroupName"]
            for instance in found["rds describe_db_instances"]["DBInstances"]
            for group in instance["DBParameterGroups"]
        }
        for group in sorted(groups):
            self.keep(region, "rds", "describe_db_parameters", group, DBParameterGroupName=group)
        for cluster in found["rds describe_db_clusters"]["DBClusters"]:
            group = cluster["DBClusterParameterGroup"]
            self.keep(region, "rds", "describe_db_cluster_parameters", group, DBClusterParameterGroupName=group)
        for domain in found["opensearch list_domain_names"]["DomainNames"]:
            self.keep(region, "opensearch", "describe_domain", domain["DomainName"], DomainName=domain["DomainName"])
        for system in found["efs describe_file_systems"]["FileSystems"]:
            number = system["FileSystemId"]
            self.keep(region, "efs", "describe_file_system_policy", number, FileSystemId=number)
            self.keep(region, "efs", "describe_mount_targets", number, FileSystemId=number)
        for repository in found["ecr describe_repositories"]["repositories"]:
            name = repository["repositoryName"]
            for method in ("describe_images", "get_repository_policy"):
                self.keep(region, "ecr", method, name, repositoryName=name)
        for broker in found["mq list_brokers"]["BrokerSummaries"]:
            self.keep(region, "mq", "describe_broker", broker["BrokerId"], BrokerId=broker["BrokerId"])

    def _people(self, region: str) -> None:
        for pool in self.keep(region, "cognito-idp", "list_user_pools", MaxResults=60)["UserPools"]:
            for method in ("describe_user_pool", "list_user_pool_clients", "list_groups"):
                told = self.keep(region, "cognito-idp", method, pool["Id"], UserPoolId=pool["Id"])
                if method == "describe_user_pool":
                    arn = told["UserPool"]["Arn"]
                    self.keep(region, "wafv2", "get_web_acl_for_resource", arn, ResourceArn=arn)
        for pool in self.keep(region, "cognito-identity", "list_identity_pools", MaxResults=60)["IdentityPools"]:
            number = pool["IdentityPoolId"]
            for method in ("describe_identity_pool", "get_identity_pool_roles"):
                self.keep(region, "cognito-identity", method, number, IdentityPoolId=number)

    def _balancers(self, region: str, found: Mapping[str, Any]) -> None:
        for balancer in found["elbv2 describe_load_balancers"]["LoadBalancers"]:
            arn = balancer["LoadBalancerArn"]
            self.keep(region, "elbv2", "describe_load_balancer_attributes", arn, LoadBalancerArn=arn)
            if balancer["Type"] == "application":
                self.keep(region, "wafv2", "get_web_acl_for_resource", arn, ResourceArn=arn)
            for listener in self.keep(region, "elbv2", "describe_listeners", arn, LoadBalancerArn=arn)["Listeners"]:
                self.keep(
                    region, "elbv2", "describe_rules", listener["ListenerArn"], ListenerArn=listener["ListenerArn"]
                )
        for group in found["elbv2 describe_target_groups"]["TargetGroups"]:
            arn = group["TargetGroupArn"]
            self.keep(region, "elbv2", "describe_target_health", arn, TargetGroupArn=arn)

    def _agents(self, region: str, agents: Iterable[Any]) -> None:
        for agent in agents:
            number = agent["agentId"]
            self.keep(region, "bedrock-agent", "get_agent", number, agentId=number)
            self.keep(region, "bedrock-agent", "list_agent_aliases", number, agentId=number)
            versions = self.keep(region, "bedrock-agent", "list_agent_versions", number, agentId=number)
            for summary in versions["agentVersionSummaries"]:
                given = {"agentId": number, "agentVersion": summary["agentVersion"]}
                groups = self.keep(region, "bedrock-agent", "list_agent_action_groups", *given.values(), **given)
                for group in groups["actionGroupSummaries"]:
                    more = {**given, "actionGroupId": group["actionGroupId"]}
                    self.keep(region, "bedrock-agent", "get_agent_action_group", *more.values(), **more)

    def everywhere(self) -> None:
        """Export what an account has once."""
        self.keep("global", "sts", "get_caller_identity")
        self.keep("global", "iam", "get_account_authorization_details")
        self.keep("global", "iam", "list_open_id_connect_providers")
        self.keep("global", "iam", "list_saml_providers")
        self._organization()
        for bucket in self.keep("global", "s3", "list_buckets")["Buckets"]:
            for part in (
                "location",
                "notification_configuration",
                "policy",
                "policy_status",
                "encryption",
                "acl",
                "versioning",
                "tagging",
                "replication",
                "ownership_controls",
                "website",
                "lifecycle_configuration",
            ):
                self.keep("global", "s3", f"get_bucket_{part}", bucket["Name"], Bucket=bucket["Name"])
            for method in ("get_public_access_block", "get_object_lock_configuration"):
                self.keep("global", "s3", method, bucket["Name"], Bucket=bucket["Name"])
        self.keep("global", "s3control", "get_public_access_block", self.account, AccountId=self.account)
        for distribution in self.keep("global", "cloudfront", "list_distributions")["DistributionList"].get(
            "Items", ()
        ):
            self.keep("global", "cloudfront", "get_distribution_config", distribution["Id"], Id=distribution["Id"])
        self.keep("global", "cloudfront", "list_origin_access_controls")
        self.keep("global", "cloudfront", "list_realtime_log_configs")

    def _organization(self) -> None:
        self.keep("global", "organizations", "describe_organization")
        for root in self.keep("global", "organizations", "list_roots")["Roots"]:
            number = root["Id"]
            method = "list_organizational_units_for_parent"
            self.keep("global", "organizations", method, number, ParentId=number)
        for member in self.keep("global", "organizations", "list_accounts")["Accounts"]:
            self.keep("global", "organizations", "list_parents", member["Id"], ChildId=member["Id"])
        self.keep("global", "budgets", "describe_budgets", self.account, AccountId=self.account)
        self.keep(
            "global", "budgets", "describe_budget_notifications_for_account", self.account, AccountId=self.account
        )
        self.keep("global", "ce", "get_anomaly_monitors")
        self.keep("global", "ce", "get_anomaly_subscriptions")
        policies = self.keep("global", "organizations", "list_policies", Filter="SERVICE_CONTROL_POLICY")["Policies"]
        for policy in policies:
            for method in ("describe_policy", "list_targets_for_policy"):
                self.keep("global", "organizations", method, policy["Id"], PolicyId=policy["Id"])


def export_by_hand(session: Any, out: Path, account: str, regions: Iterable[str]) -> None:
    """Export an account with plain boto3 calls.

    Parameters
    ----------
    session
        Has ``client(service, region_name=...)``.
    out
        Folder to write to.
    account, regions
        Of the account.
    """
    by_hand = ByHand(session, out, account)
    by_hand.everywhere()
    for region in regions:
        by_hand.region(region)


def main() -> None:
    """Build the sample in a moto server and export it by hand to the folder that the command line names."""
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    from data.samples.generator.account import ACCOUNT, HOME, STATES  # noqa: PLC0415
    from data.samples.generator.code import write_packages  # noqa: PLC0415
    from data.samples.generator.export import served  # noqa: PLC0415

    with served() as session:
        export_by_hand(session, Path(sys.argv[1]), ACCOUNT, [HOME, STATES])
        write_packages(session.gaps.packages, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
