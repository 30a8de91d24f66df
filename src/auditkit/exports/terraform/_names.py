"""What a Terraform resource is called by AWS: its name, id and ARN, and what else others refer to it by.

A state knows all of these. A plan does not, for what is yet to be made: there they are put together as AWS will, from
the names that are known, and with a *symbol* (the resource's address in parentheses) for what AWS or a random generator
will choose. A symbol is always the same for the same resource and never equals anything that is known. Forms are those
of the *Service Authorization Reference* and of the attribute references of the AWS provider's documentation.
"""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["Naming", "naming_of", "symbol"]

_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")
_INDEX = re.compile(r"\[\"?([^\[\]\"]*)\"?\]")


def symbol(address: str) -> str:
    """Return the text that stands for what is not known of a resource."""
    plain = _INDEX.sub(r".\1", address)
    fit = _UNFIT.sub("-", plain)
    mark = "" if fit == plain else "-" + hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"({fit}{mark})"


class Naming(NamedTuple):
    """How a type of resource is named.

    Attributes
    ----------
    name
        Attribute that holds the name; ``""`` where AWS chooses it.
    arn
        Form of the ARN after ``arn:<partition>:``; ``""`` for what has none.
    id
        Form of the attribute ``id``.
    others
        Attribute -> form, of further attributes that others refer to.
    """

    name: str = ""
    arn: str = ""
    id: str = "{name}"
    others: Mapping[str, str] = MappingProxyType({})


def _n(name: str, arn: str, identity: str = "{name}", **others: str) -> Naming:
    return Naming(name, arn, identity, others)


_HERE = "{region}:{account}"
_INVOKE = "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
_SNAPSHOT = f"arn:{{partition}}:rds:{_HERE}"
_EC2 = f"ec2:{_HERE}:"
_NAMINGS: dict[str, Naming] = {
    "aws_api_gateway_api_key": _n("", "apigateway:{region}::/apikeys/{id}"),
    "aws_api_gateway_authorizer": _n("", ""),
    "aws_api_gateway_deployment": _n("", ""),
    "aws_api_gateway_domain_name": _n("domain_name", "apigateway:{region}::/domainnames/{name}"),
    "aws_api_gateway_resource": _n("", ""),
    "aws_api_gateway_rest_api": _n(
        "",
        "apigateway:{region}::/restapis/{id}",
        execution_arn=f"arn:{{partition}}:execute-api:{_HERE}:{{id}}",
        root_resource_id="{id}",
    ),
    "aws_api_gateway_vpc_link": _n("", "apigateway:{region}::/vpclinks/{id}"),
    "aws_apigatewayv2_api": _n(
        "",
        "apigateway:{region}::/apis/{id}",
        execution_arn=f"arn:{{partition}}:execute-api:{_HERE}:{{id}}",
        api_endpoint="https://{id}.execute-api.{region}.amazonaws.com",
    ),
    "aws_apigatewayv2_domain_name": _n("domain_name", "apigateway:{region}::/domainnames/{name}"),
    "aws_appsync_api": _n(
        "", "", "{symbol}", api_id="{symbol}", api_arn=f"arn:{{partition}}:appsync:{_HERE}:apis/{{symbol}}"
    ),
    "aws_appsync_graphql_api": _n("", f"appsync:{_HERE}:apis/{{id}}"),
    "aws_bedrockagent_agent": _n(
        "", "", "{symbol}", agent_id="{id}", agent_arn=f"arn:{{partition}}:bedrock:{_HERE}:agent/{{id}}"
    ),
    "aws_bedrockagent_agent_action_group": _n("", "", action_group_id="{symbol}"),
    "aws_bedrockagent_agent_alias": _n(
        "",
        "",
        agent_alias_id="{symbol}",
        agent_alias_arn=f"arn:{{partition}}:bedrock:{_HERE}:agent-alias/{{agent_id}}/{{symbol}}",
    ),
    "aws_bedrockagentcore_agent_runtime": _n(
        "",
        "",
        agent_runtime_id="{symbol}",
        agent_runtime_arn=f"arn:{{partition}}:bedrock-agentcore:{_HERE}:runtime/{{symbol}}",
    ),
    "aws_bedrockagentcore_gateway": _n(
        "",
        "",
        gateway_id="{symbol}",
        gateway_arn=f"arn:{{partition}}:bedrock-agentcore:{_HERE}:gateway/{{symbol}}",
        gateway_url="https://{symbol}.gateway.bedrock-agentcore.{region}.amazonaws.com/mcp",
    ),
    "aws_bedrockagentcore_gateway_target": _n("", "", target_id="{symbol}"),
    "aws_budgets_budget": _n("name", "budgets::{account}:budget/{name}"),
    "aws_ce_anomaly_monitor": _n("name", "ce::{account}:anomalymonitor/{symbol}", "{arn}"),
    "aws_cloudfront_distribution": _n("", "cloudfront::{account}:distribution/{id}", domain_name="{id}.cloudfront.net"),
    "aws_cloudfront_origin_access_control": _n("", "cloudfront::{account}:origin-access-control/{id}"),
    "aws_cloudtrail": _n("name", f"cloudtrail:{_HERE}:trail/{{name}}", "{arn}"),
    "aws_cloudfront_realtime_log_config": _n("name", "cloudfront::{account}:realtime-log-config/{name}"),
    "aws_cloudwatch_composite_alarm": _n("alarm_name", f"cloudwatch:{_HERE}:alarm:{{name}}", "{name}"),
    "aws_cloudwatch_event_api_destination": _n("name", f"events:{_HERE}:api-destination/{{name}}/{{symbol}}"),
    "aws_cloudwatch_event_archive": _n("name", f"events:{_HERE}:archive/{{name}}"),
    "aws_cloudwatch_event_bus": _n("name", f"events:{_HERE}:event-bus/{{name}}"),
    "aws_cloudwatch_event_connection": _n("name", f"events:{_HERE}:connection/{{name}}/{{symbol}}"),
    "aws_cloudwatch_event_rule": _n("name", f"events:{_HERE}:rule/{{bus}}{{name}}"),
    "aws_cloudwatch_log_delivery": _n("", f"logs:{_HERE}:delivery:{{id}}"),
    "aws_cloudwatch_log_delivery_destination": _n("name", f"logs:{_HERE}:delivery-destination:{{name}}", "{name}"),
    "aws_cloudwatch_log_delivery_source": _n("name", f"logs:{_HERE}:delivery-source:{{name}}", "{name}"),
    "aws_cloudwatch_log_group": _n("name", f"logs:{_HERE}:log-group:{{name}}"),
    "aws_cloudwatch_metric_alarm": _n("alarm_name", f"cloudwatch:{_HERE}:alarm:{{name}}", "{name}"),
    "aws_codebuild_project": _n("name", f"codebuild:{_HERE}:project/{{name}}", "{arn}"),
    "aws_cognito_identity_pool": _n("", f"cognito-identity:{_HERE}:identitypool/{{id}}", "{region}:{symbol}"),
    "aws_cognito_user_pool": _n(
        "",
        f"cognito-idp:{_HERE}:userpool/{{id}}",
        "{region}_{symbol}",
        endpoint="cognito-idp.{region}.amazonaws.com/{id}",
    ),
    "aws_db_instance": _n("identifier", f"rds:{_HERE}:db:{{name}}", "{symbol}", address="{name}.{symbol}.rds.internal"),
    "aws_db_proxy": _n("name", f"rds:{_HERE}:db-proxy:{{name}}", endpoint="{name}.{symbol}.rds.internal"),
    "aws_db_snapshot": _n("db_snapshot_identifier", "", db_snapshot_arn=f"{_SNAPSHOT}:snapshot:{{name}}"),
    "aws_db_snapshot_copy": _n("target_db_snapshot_identifier", "", db_snapshot_arn=f"{_SNAPSHOT}:snapshot:{{name}}"),
    "aws_db_cluster_snapshot": _n(
        "db_cluster_snapshot_identifier", "", db_cluster_snapshot_arn=f"{_SNAPSHOT}:cluster-snapshot:{{name}}"
    ),
    "aws_rds_cluster_snapshot_copy": _n(
        "target_db_cluster_snapshot_identifier", "", db_cluster_snapshot_arn=f"{_SNAPSHOT}:cluster-snapshot:{{name}}"
    ),
    "aws_dynamodb_table": _n("name", f"dynamodb:{_HERE}:table/{{name}}", stream_arn="{arn}/stream/{symbol}"),
    "aws_ec2_managed_prefix_list": _n("name", f"{_EC2}prefix-list/{{id}}", "{symbol}"),
    "aws_ecr_repository": _n(
        "name", f"ecr:{_HERE}:repository/{{name}}", repository_url="{account}.dkr.ecr.{region}.amazonaws.com/{name}"
    ),
    "aws_ecs_cluster": _n("name", f"ecs:{_HERE}:cluster/{{name}}", "{arn}"),
    "aws_ecs_task_definition": _n("family", f"ecs:{_HERE}:task-definition/{{name}}", "{name}"),
    "aws_efs_access_point": _n("", f"elasticfilesystem:{_HERE}:access-point/{{id}}"),
    "aws_efs_file_system": _n("", f"elasticfilesystem:{_HERE}:file-system/{{id}}"),
    "aws_elasticache_cluster": _n("cluster_id", f"elasticache:{_HERE}:cluster:{{name}}"),
    "aws_elasticache_replication_group": _n("replication_group_id", f"elasticache:{_HERE}:replicationgroup:{{name}}"),
    "aws_elasticache_serverless_cache": _n("name", f"elasticache:{_HERE}:serverlesscache:{{name}}"),
    "aws_elasticache_user": _n("user_id", f"elasticache:{_HERE}:user:{{name}}"),
    "aws_elasticache_user_group": _n("user_group_id", f"elasticache:{_HERE}:usergroup:{{name}}"),
    "aws_memorydb_acl": _n("name", f"memorydb:{_HERE}:acl/{{name}}"),
    "aws_memorydb_cluster": _n("name", f"memorydb:{_HERE}:cluster/{{name}}"),
    "aws_memorydb_user": _n("user_name", f"memorydb:{_HERE}:user/{{name}}"),
    "aws_dax_cluster": _n("cluster_name", f"dax:{_HERE}:cache/{{name}}"),
    "aws_redshift_cluster": _n("cluster_identifier", f"redshift:{_HERE}:cluster:{{name}}"),
    "aws_redshift_parameter_group": _n("name", f"redshift:{_HERE}:parametergroup:{{name}}"),
    "aws_redshiftserverless_namespace": _n("namespace_name", f"redshift-serverless:{_HERE}:namespace/{{id}}"),
    "aws_redshiftserverless_workgroup": _n("workgroup_name", f"redshift-serverless:{_HERE}:workgroup/{{id}}"),
    "aws_elasticsearch_domain": _n("domain_name", f"es:{_HERE}:domain/{{name}}", "{arn}"),
    "aws_guardduty_detector": _n("", f"guardduty:{_HERE}:detector/{{id}}"),
    "aws_iam_group": _n("name", "iam::{account}:group{path}{name}"),
    "aws_iam_instance_profile": _n("name", "iam::{account}:instance-profile{path}{name}"),
    "aws_iam_openid_connect_provider": _n("url", "iam::{account}:oidc-provider/{issuer}", "{arn}"),
    "aws_iam_policy": _n("name", "iam::{account}:policy{path}{name}", "{arn}"),
    "aws_iam_role": _n("name", "iam::{account}:role{path}{name}"),
    "aws_iam_saml_provider": _n("name", "iam::{account}:saml-provider/{name}", "{arn}"),
    "aws_iam_user": _n("name", "iam::{account}:user{path}{name}"),
    "aws_instance": _n("", f"ec2:{_HERE}:instance/{{id}}"),
    "aws_glue_job": _n("name", f"glue:{_HERE}:job/{{name}}"),
    "aws_iot_policy": _n("name", f"iot:{_HERE}:policy/{{name}}"),
    "aws_iot_topic_rule": _n("name", f"iot:{_HERE}:rule/{{name}}"),
    "aws_kinesis_firehose_delivery_stream": _n("name", f"firehose:{_HERE}:deliverystream/{{name}}", "{arn}"),
    "aws_kinesis_stream": _n("name", f"kinesis:{_HERE}:stream/{{name}}", "{arn}"),
    "aws_kinesis_stream_consumer": _n("name", f"kinesis:{_HERE}:{{stream}}/consumer/{{name}}:{{symbol}}", "{arn}"),
    "aws_kms_alias": _n("name", f"kms:{_HERE}:{{name}}"),
    "aws_kms_key": _n("", f"kms:{_HERE}:key/{{id}}", key_id="{id}"),
    "aws_lambda_alias": _n("name", f"lambda:{_HERE}:function:{{function}}:{{name}}", "{arn}", invoke_arn=_INVOKE),
    "aws_lambda_event_source_mapping": _n("", "", uuid="{id}"),
    "aws_lambda_function": _n(
        "function_name",
        f"lambda:{_HERE}:function:{{name}}",
        invoke_arn=_INVOKE,
        qualified_arn="{arn}:{version}",
        version="$LATEST",
    ),
    "aws_lambda_function_url": _n("", "", function_url="https://{symbol}.lambda-url.{region}.on.aws/"),
    "aws_lambda_layer_version": _n(
        "layer_name",
        f"lambda:{_HERE}:layer:{{name}}:{{symbol}}",
        "{arn}",
        layer_arn="arn:{partition}:lambda:{region}:{account}:layer:{name}",
    ),
    "aws_lb": _n("name", f"elasticloadbalancing:{_HERE}:loadbalancer/{{lb}}/{{name}}/{{symbol}}", "{arn}"),
    "aws_lb_listener": _n("", f"elasticloadbalancing:{_HERE}:listener/{{balancer}}/{{symbol}}", "{arn}"),
    "aws_lb_listener_rule": _n("", f"elasticloadbalancing:{_HERE}:listener-rule/{{listener}}/{{symbol}}", "{arn}"),
    "aws_lb_target_group": _n("name", f"elasticloadbalancing:{_HERE}:targetgroup/{{name}}/{{symbol}}", "{arn}"),
    "aws_mq_broker": _n("broker_name", f"mq:{_HERE}:broker:{{name}}:{{id}}", "{symbol}"),
    "aws_msk_cluster": _n("cluster_name", f"kafka:{_HERE}:cluster/{{name}}/{{symbol}}", "{arn}"),
    "aws_msk_serverless_cluster": _n("cluster_name", f"kafka:{_HERE}:cluster/{{name}}/{{symbol}}", "{arn}"),
    "aws_nat_gateway": _n("", f"{_EC2}natgateway/{{id}}"),
    "aws_opensearch_domain": _n(
        "domain_name", f"es:{_HERE}:domain/{{name}}", "{arn}", endpoint="search-{name}-{symbol}.{region}.es.internal"
    ),
    "aws_pipes_pipe": _n("name", f"pipes:{_HERE}:pipe/{{name}}"),
    "aws_rds_cluster": _n(
        "cluster_identifier", f"rds:{_HERE}:cluster:{{name}}", endpoint="{name}.{symbol}.rds.internal"
    ),
    "aws_route_table": _n("", f"{_EC2}route-table/{{id}}"),
    "aws_s3_bucket": _n(
        "bucket",
        "s3:::{name}",
        bucket_domain_name="{name}.s3.amazonaws.com",
        bucket_regional_domain_name="{name}.s3.{region}.amazonaws.com",
    ),
    "aws_sagemaker_notebook_instance": _n("name", f"sagemaker:{_HERE}:notebook-instance/{{name}}", "{name}"),
    "aws_scheduler_schedule": _n("name", f"scheduler:{_HERE}:schedule/{{group}}/{{name}}", "{group}/{name}"),
    "aws_scheduler_schedule_group": _n("name", f"scheduler:{_HERE}:schedule-group/{{name}}"),
    "aws_secretsmanager_secret": _n("name", f"secretsmanager:{_HERE}:secret:{{name}}-{{symbol}}", "{arn}"),
    "aws_security_group": _n("", f"{_EC2}security-group/{{id}}"),
    "aws_sfn_state_machine": _n("name", f"states:{_HERE}:stateMachine:{{name}}", "{arn}"),
    "aws_sns_topic": _n("name", f"sns:{_HERE}:{{name}}", "{arn}"),
    "aws_sns_topic_subscription": _n("", f"sns:{_HERE}:{{topic}}:{{symbol}}", "{arn}"),
    "aws_sqs_queue": _n(
        "name", f"sqs:{_HERE}:{{name}}", "{url}", url="https://sqs.{region}.amazonaws.com/{account}/{name}"
    ),
    "aws_ssm_parameter": _n("name", f"ssm:{_HERE}:parameter/{{bare}}"),
    "aws_subnet": _n("", f"{_EC2}subnet/{{id}}"),
    "aws_vpc": _n("", f"{_EC2}vpc/{{id}}"),
    "aws_wafv2_web_acl": _n("name", f"wafv2:{_HERE}:regional/webacl/{{name}}/{{symbol}}", "{symbol}"),
    "aws_vpc_endpoint": _n("", f"{_EC2}vpc-endpoint/{{id}}"),
}
_SAME = {
    "aws_alb": "aws_lb",
    "aws_alb_listener": "aws_lb_listener",
    "aws_alb_listener_rule": "aws_lb_listener_rule",
    "aws_alb_target_group": "aws_lb_target_group",
    "aws_default_security_group": "aws_security_group",
    "aws_default_subnet": "aws_subnet",
    "aws_default_vpc": "aws_vpc",
    "aws_default_route_table": "aws_route_table",
    "aws_rds_cluster_instance": "aws_db_instance",
}
_NAMELESS = Naming()


def naming_of(kind: str) -> Naming:
    """Return how a type of resource is named; what is not in the table has an id that AWS chooses, and no ARN."""
    return _NAMINGS.get(_SAME.get(kind, kind), _NAMELESS)
