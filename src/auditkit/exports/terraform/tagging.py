"""Tags of resources whose own responses of the API hold none: they are told as the tagging API would."""

from auditkit.exports._answers import Tree
from auditkit.exports.terraform._out import Out, pairs_of
from auditkit.exports.terraform._resources import Estate

__all__ = ["translate"]

_TYPES = (
    "aws_alb",
    "aws_alb_target_group",
    "aws_bedrockagent_agent",
    "aws_cloudfront_distribution",
    "aws_cloudwatch_log_group",
    "aws_dax_cluster",
    "aws_db_proxy",
    "aws_ecr_repository",
    "aws_elasticache_cluster",
    "aws_elasticache_replication_group",
    "aws_elasticache_serverless_cache",
    "aws_elasticsearch_domain",
    "aws_iot_topic_rule",
    "aws_kinesis_firehose_delivery_stream",
    "aws_lb",
    "aws_lb_target_group",
    "aws_memorydb_cluster",
    "aws_opensearch_domain",
    "aws_redshiftserverless_workgroup",
    "aws_ssm_parameter",
)


def translate(estate: Estate, out: Out) -> None:
    """Hand over tags, where there are some."""
    for resource in estate.of(*_TYPES):
        arn = resource.arn or resource.text("agent_arn")
        if arn and resource.tags is not None:
            item = Tree(resource.source, {"ResourceARN": arn, "Tags": pairs_of(resource)})
            tree = {"ResourceTagMappingList": [item]}
            out.give(resource, "resourcegroupstaggingapi.GetResources", tree, complete=False)
