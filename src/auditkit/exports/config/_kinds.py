"""Resource types of AWS Config, and the response of the API that describes each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from auditkit.exports._answers import Node, Tree
from auditkit.exports._out import Out
from auditkit.exports._shapes import shape_of
from auditkit.exports.config._items import Item

__all__ = ["pairs", "policy_of", "tell_tags", "told"]


class _Kind(NamedTuple):
    """How a type of resource is told.

    Attributes
    ----------
    call
        The call whose response describes it.
    key
        Where it stands in the response; ``""`` for the response itself.
    shape
        ``service:Structure`` of the API's model that its configuration is brought into.
    names
        Member -> what it is where the configuration calls it otherwise: ``arn``, ``id`` or ``name`` of the item, or
        the configuration's own word for it.
    argument
        What the call was made for: ``arn``, ``id`` or ``name``; ``""`` for a listing.
    listing
        For a call made per resource: the listing that it hangs on.
    unseen
        Attributes of the record that Config says nothing of.
    """

    call: str
    key: str
    shape: str
    names: Mapping[str, str] = MappingProxyType({})
    argument: str = ""
    listing: str = ""
    unseen: tuple[str, ...] = ()


_KINDS: dict[str, _Kind] = {
    "AWS::AmazonMQ::Broker": _Kind(
        "mq.DescribeBroker",
        "",
        "mq:DescribeBrokerResponse",
        {"BrokerArn": "arn", "BrokerId": "id", "BrokerName": "BrokerName"},
        "id",
        "mq.ListBrokers",
    ),
    "AWS::ApiGateway::RestApi": _Kind(
        "apigateway.GetRestApis", "items[]", "apigateway:RestApi", {"id": "rest"}, unseen=("policy",)
    ),
    "AWS::ApiGatewayV2::Api": _Kind("apigatewayv2.GetApis", "Items[]", "apigatewayv2:Api", {"ApiId": "last"}),
    "AWS::AppSync::GraphQLApi": _Kind(
        "appsync.ListGraphqlApis", "graphqlApis[]", "appsync:GraphqlApi", {"arn": "arn", "apiId": "last"}
    ),
    "AWS::CloudTrail::Trail": _Kind(
        "cloudtrail.DescribeTrails", "trailList[]", "cloudtrail:Trail", {"TrailARN": "arn", "Name": "name"}
    ),
    "AWS::CloudWatch::Alarm": _Kind(
        "cloudwatch.DescribeAlarms",
        "MetricAlarms[]",
        "cloudwatch:MetricAlarm",
        {"AlarmArn": "arn", "AlarmName": "name"},
    ),
    "AWS::CodeBuild::Project": _Kind(
        "codebuild.BatchGetProjects", "projects[]", "codebuild:Project", {"arn": "arn", "name": "name"}
    ),
    "AWS::Cognito::IdentityPool": _Kind(
        "cognito-identity.DescribeIdentityPool",
        "",
        "cognito-identity:IdentityPool",
        {"IdentityPoolId": "id"},
        "id",
        "cognito-identity.ListIdentityPools",
    ),
    "AWS::Cognito::UserPool": _Kind(
        "cognito-idp.DescribeUserPool",
        "UserPool",
        "cognito-idp:UserPoolType",
        {"Id": "id", "Arn": "arn", "Name": "UserPoolName"},
        "id",
        "cognito-idp.ListUserPools",
    ),
    "AWS::DynamoDB::Table": _Kind(
        "dynamodb.DescribeTable",
        "Table",
        "dynamodb:TableDescription",
        {"TableArn": "arn", "TableName": "name"},
        "name",
        "dynamodb.ListTables",
    ),
    "AWS::EC2::NatGateway": _Kind("ec2.DescribeNatGateways", "NatGateways[]", "ec2:NatGateway", {"NatGatewayId": "id"}),
    "AWS::EC2::RouteTable": _Kind("ec2.DescribeRouteTables", "RouteTables[]", "ec2:RouteTable", {"RouteTableId": "id"}),
    "AWS::EC2::Subnet": _Kind("ec2.DescribeSubnets", "Subnets[]", "ec2:Subnet", {"SubnetId": "id"}),
    "AWS::EC2::VPC": _Kind("ec2.DescribeVpcs", "Vpcs[]", "ec2:Vpc", {"VpcId": "id"}),
    "AWS::EC2::VPCEndpoint": _Kind(
        "ec2.DescribeVpcEndpoints", "VpcEndpoints[]", "ec2:VpcEndpoint", {"VpcEndpointId": "id"}
    ),
    "AWS::ECR::Repository": _Kind(
        "ecr.DescribeRepositories",
        "repositories[]",
        "ecr:Repository",
        {"repositoryArn": "arn", "repositoryName": "name"},
    ),
    "AWS::EFS::AccessPoint": _Kind(
        "efs.DescribeAccessPoints",
        "AccessPoints[]",
        "efs:AccessPointDescription",
        {"AccessPointArn": "arn", "AccessPointId": "last"},
    ),
    "AWS::EFS::FileSystem": _Kind(
        "efs.DescribeFileSystems",
        "FileSystems[]",
        "efs:FileSystemDescription",
        {"FileSystemArn": "arn", "FileSystemId": "last"},
    ),
    "AWS::ElastiCache::CacheCluster": _Kind(
        "elasticache.DescribeCacheClusters",
        "CacheClusters[]",
        "elasticache:CacheCluster",
        {"ARN": "arn", "CacheClusterId": "name"},
    ),
    "AWS::ElastiCache::ReplicationGroup": _Kind(
        "elasticache.DescribeReplicationGroups",
        "ReplicationGroups[]",
        "elasticache:ReplicationGroup",
        {"ARN": "arn", "ReplicationGroupId": "name"},
    ),
    "AWS::ElasticLoadBalancingV2::Listener": _Kind(
        "elbv2.DescribeListeners", "Listeners[]", "elbv2:Listener", {"ListenerArn": "arn"}
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _Kind(
        "elbv2.DescribeLoadBalancers", "LoadBalancers[]", "elbv2:LoadBalancer", {"LoadBalancerArn": "arn"}
    ),
    "AWS::Events::ApiDestination": _Kind(
        "events.ListApiDestinations",
        "ApiDestinations[]",
        "events:ApiDestination",
        {"ApiDestinationArn": "arn", "Name": "name"},
    ),
    "AWS::Events::Archive": _Kind(
        "events.ListArchives", "Archives[]", "events:Archive", {"ArchiveName": "name", "EventSourceArn": "SourceArn"}
    ),
    "AWS::Events::Connection": _Kind(
        "events.DescribeConnection",
        "",
        "events:DescribeConnectionResponse",
        {"ConnectionArn": "arn", "Name": "name"},
        "name",
        "events.ListConnections",
    ),
    "AWS::IoT::TopicRule": _Kind("iot.ListTopicRules", "rules[]", "iot:TopicRuleListItem", {"ruleName": "name"}),
    "AWS::Kinesis::Stream": _Kind(
        "kinesis.DescribeStreamSummary",
        "StreamDescriptionSummary",
        "kinesis:StreamDescriptionSummary",
        {"StreamARN": "arn", "StreamName": "Name", "OpenShardCount": "ShardCount"},
        "name",
        "kinesis.ListStreams",
    ),
    "AWS::Logs::LogGroup": _Kind(
        "logs.DescribeLogGroups", "logGroups[]", "logs:LogGroup", {"logGroupName": "name", "logGroupArn": "arn"}
    ),
    "AWS::MSK::Cluster": _Kind(
        "kafka.ListClustersV2", "ClusterInfoList[]", "kafka:Cluster", {"ClusterArn": "arn", "ClusterName": "name"}
    ),
    "AWS::RDS::DBCluster": _Kind(
        "rds.DescribeDBClusters",
        "DBClusters[]",
        "rds:DBCluster",
        {"DBClusterArn": "arn", "DBClusterIdentifier": "dBClusterIdentifier"},
    ),
    "AWS::RDS::DBInstance": _Kind(
        "rds.DescribeDBInstances",
        "DBInstances[]",
        "rds:DBInstance",
        {"DBInstanceArn": "arn", "DBInstanceIdentifier": "dBInstanceIdentifier"},
    ),
    "AWS::Redshift::Cluster": _Kind(
        "redshift.DescribeClusters", "Clusters[]", "redshift:Cluster", {"ClusterIdentifier": "name"}
    ),
    "AWS::SecretsManager::Secret": _Kind(
        "secretsmanager.ListSecrets", "SecretList[]", "secretsmanager:SecretListEntry", {"ARN": "arn", "Name": "name"}
    ),
    "AWS::SSM::Parameter": _Kind(
        "ssm.DescribeParameters", "Parameters[]", "ssm:ParameterMetadata", {"ARN": "arn", "Name": "name"}
    ),
    "AWS::StepFunctions::StateMachine": _Kind(
        "stepfunctions.DescribeStateMachine",
        "",
        "stepfunctions:DescribeStateMachineOutput",
        {"stateMachineArn": "arn", "name": "StateMachineName", "type": "StateMachineType"},
        "arn",
        "stepfunctions.ListStateMachines",
        ("calls",),
    ),
}
_DOMAIN = _Kind(
    "opensearch.DescribeDomain",
    "DomainStatus",
    "opensearch:DomainStatus",
    {"ARN": "arn", "DomainName": "name"},
    "name",
    "opensearch.ListDomainNames",
)
_KINDS |= {"AWS::OpenSearch::Domain": _DOMAIN, "AWS::Elasticsearch::Domain": _DOMAIN}


def _of_item(item: Item, word: str) -> str:
    if word in {"arn", "id", "name"}:
        return str(getattr(item, word)) or (item.id if word == "name" else "")
    if word in {"last", "rest"}:  # of an ARN such as .../restapis/a1b2c3, or an id that is one
        return (item.arn or item.id).rpartition("/")[2] or item.id
    return ""


def _described(item: Item, kind: _Kind) -> dict[str, Any]:
    """Return an item as a structure of the API."""
    service, _, shape = kind.shape.partition(":")
    members = shape_of(service, shape).members
    words = {word: member for member, word in kind.names.items() if not _of_item(item, word)}
    dropped = {name: "" for name in ("arn", "Arn", "id", "Id") if name not in members and name not in words}
    tree = item.fit(service, shape, {**dropped, **words})
    for member, word in kind.names.items():
        if member not in tree and _of_item(item, word):
            tree[member] = _of_item(item, word)
    return tree


def pairs(tags: Mapping[str, Any] | None, key: str = "Key", value: str = "Value") -> list[dict[str, Any]] | None:
    """Return tags as a list of keys and values."""
    return None if tags is None else [{key: name, value: content} for name, content in tags.items()]


_UNTAGGED = {"ecr", "elasticache", "elbv2", "iot", "logs", "opensearch", "ssm"}
"""Services whose responses hold no tags, which are told as the tagging API would."""
_TAGS: dict[str, Callable[[Item], tuple[str, Any]]] = {
    "apigateway": lambda item: ("tags", item.tags),
    "apigatewayv2": lambda item: ("Tags", item.tags),
    "appsync": lambda item: ("tags", item.tags),
    "cognito-identity": lambda item: ("IdentityPoolTags", item.tags),
    "cognito-idp": lambda item: ("UserPoolTags", item.tags),
    "ec2": lambda item: ("Tags", pairs(item.tags)),
    "efs": lambda item: ("Tags", pairs(item.tags)),
    "kafka": lambda item: ("Tags", item.tags),
    "mq": lambda item: ("Tags", item.tags),
    "rds": lambda item: ("TagList", pairs(item.tags)),
    "redshift": lambda item: ("Tags", pairs(item.tags)),
    "secretsmanager": lambda item: ("Tags", pairs(item.tags)),
}


def tell_tags(item: Item, out: Out) -> None:
    """Hand over tags as the tagging API has them: a response of the resource's own service holds none."""
    if item.tags:
        shown = Tree(item.source, {"ResourceARN": item.arn, "Tags": pairs(item.tags)})
        out.give(item, "resourcegroupstaggingapi.GetResources", {"ResourceTagMappingList": [shown]}, complete=False)


def told(item: Item, out: Out) -> bool:
    """Hand over an item of a type that one response describes; return whether its type is one."""
    kind = _KINDS.get(item.type)
    if kind is None:
        return False
    tree = Tree(item.source, _described(item, kind))
    service = kind.call.partition(".")[0]
    unseen = [*kind.unseen]
    if service in _TAGS:
        key, value = _TAGS[service](item)
        tree[key] = value
        unseen += ["tags"] if value is None else []
    elif service in _UNTAGGED:
        tell_tags(item, out)
    if kind.listing:
        out.partly(item, kind.listing)
    whole: Any = [tree] if kind.key.endswith("[]") else tree
    shown = {kind.key.removesuffix("[]"): whole} if kind.key else tree
    arguments = (_of_item(item, kind.argument),) if kind.argument else ()
    out.give(item, kind.call, shown, *arguments, complete=bool(kind.argument), unseen=unseen)
    return True


def policy_of(node: Node | None) -> Node | None:
    """Return a policy that may stand in an object: ``{"policyText": "..."}``."""
    if node is not None and isinstance(node.value, dict) and "Statement" not in node.value:
        for name in ("policyText", "policy", "Policy"):
            if node.at(name) is not None:
                return node.at(name)
        return None
    return node if node is not None and node.value not in ("", [], "{}") else None
