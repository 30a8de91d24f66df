"""Tags of resources whose own responses of the API hold none: they are told as the tagging API would."""

from auditkit.exports._answers import Tree
from auditkit.exports.cloudformation._telling import Telling, pairs_of

__all__ = ["tell"]

_CALL = "resourcegroupstaggingapi.GetResources"
_TYPES = (
    "AWS::Bedrock::Agent",
    "AWS::CloudFront::Distribution",
    "AWS::DAX::Cluster",
    "AWS::ECR::Repository",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Elasticsearch::Domain",
    "AWS::IoT::TopicRule",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Logs::LogGroup",
    "AWS::MemoryDB::Cluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBProxy",
    "AWS::RedshiftServerless::Workgroup",
    "AWS::SSM::Parameter",
)


def tell(to: Telling) -> None:
    """Tell tags, where a template sets some."""
    for resource in to.of(*_TYPES):
        node = resource.node.at("Tags")
        if node is not None and node.value:
            item = Tree(resource.node.source, {"ResourceARN": resource.identity.arn, "Tags": pairs_of(node)})
            to.give(resource, _CALL, {"ResourceTagMappingList": [item]}, complete=False)
