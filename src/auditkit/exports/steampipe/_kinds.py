"""Tables of Steampipe's AWS plugin that one response of the API describes, row by row."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from auditkit.exports._answers import Tree
from auditkit.exports._out import Out as _Out
from auditkit.exports.steampipe._rows import Row

__all__ = ["KINDS", "Kind", "Out", "pairs", "tell"]


class Out(_Out):
    """Hands over answers for rows."""

    def column(self, row: Row, column: str, call: str, key: str, *arguments: str) -> None:
        """Hand over what a column holds as the one key of a response; a column that was not selected says nothing."""
        if row.has(column):
            found = row.at(column)
            self.give(row, call, {key: found} if found is not None else {}, *arguments)

    def whole(self, row: Row, column: str, call: str, *arguments: str) -> None:
        """Hand over what a column holds as a response."""
        if row.has(column):
            found = row.at(column)
            tree = Tree(found.source, found.value) if found is not None and isinstance(found.value, dict) else {}
            self.give(row, call, tree, *arguments)


class Kind(NamedTuple):
    """How a table is told.

    Attributes
    ----------
    call
        The call whose response describes a row.
    key
        Where it stands in the response, with ``[]`` behind it for a list; ``""`` for the response itself.
    shape
        ``service:Structure`` of the API's model.
    names
        Column -> member that it is, or ``""`` for one that is none.
    argument
        Column of what the call was made for; ``""`` for a listing.
    listing
        For a call made per resource: the listing that it hangs on.
    tags
        Member that holds the tags, and how they stand there; ``""`` for none.
    """

    call: str
    key: str
    shape: str
    names: Mapping[str, str] = MappingProxyType({})
    argument: str = ""
    listing: str = ""
    tags: str = ""


def _named(**names: str) -> Mapping[str, str]:
    return {"tags": "", "tags_src": "", "title": "", "akas": "", "region": "", "account_id": "", **names}


KINDS: dict[str, Kind] = {
    "aws_api_gateway_rest_api": Kind(
        "apigateway.GetRestApis", "items[]", "apigateway:RestApi", _named(api_id="id"), tags="tags{}"
    ),
    "aws_api_gatewayv2_api": Kind("apigatewayv2.GetApis", "Items[]", "apigatewayv2:Api", _named(), tags="Tags{}"),
    "aws_cognito_identity_pool": Kind(
        "cognito-identity.DescribeIdentityPool",
        "",
        "cognito-identity:IdentityPool",
        _named(),
        "identity_pool_id",
        "cognito-identity.ListIdentityPools",
        "IdentityPoolTags{}",
    ),
    "aws_cognito_user_pool": Kind(
        "cognito-idp.DescribeUserPool",
        "UserPool",
        "cognito-idp:UserPoolType",
        _named(),
        "id",
        "cognito-idp.ListUserPools",
        "UserPoolTags{}",
    ),
    "aws_dax_cluster": Kind("dax.DescribeClusters", "Clusters[]", "dax:Cluster", _named(arn="ClusterArn")),
    "aws_dynamodb_table": Kind(
        "dynamodb.DescribeTable",
        "Table",
        "dynamodb:TableDescription",
        _named(arn="TableArn", name="TableName"),
        "name",
        "dynamodb.ListTables",
    ),
    "aws_ec2_load_balancer_listener": Kind(
        "elbv2.DescribeListeners", "Listeners[]", "elbv2:Listener", _named(arn="ListenerArn")
    ),
    "aws_ec2_target_group": Kind(
        "elbv2.DescribeTargetGroups", "TargetGroups[]", "elbv2:TargetGroup", _named(target_group_arn="TargetGroupArn")
    ),
    "aws_ecr_repository": Kind(
        "ecr.DescribeRepositories", "repositories[]", "ecr:Repository", _named(arn="repositoryArn")
    ),
    "aws_efs_access_point": Kind("efs.DescribeAccessPoints", "AccessPoints[]", "efs:AccessPointDescription", _named()),
    "aws_efs_file_system": Kind(
        "efs.DescribeFileSystems",
        "FileSystems[]",
        "efs:FileSystemDescription",
        _named(arn="FileSystemArn"),
        tags="Tags[]",
    ),
    "aws_elasticache_cluster": Kind(
        "elasticache.DescribeCacheClusters", "CacheClusters[]", "elasticache:CacheCluster", _named()
    ),
    "aws_elasticache_replication_group": Kind(
        "elasticache.DescribeReplicationGroups", "ReplicationGroups[]", "elasticache:ReplicationGroup", _named()
    ),
    "aws_eventbridge_bus": Kind(
        "events.DescribeEventBus", "", "events:DescribeEventBusResponse", _named(), "name", "events.ListEventBuses"
    ),
    "aws_kinesis_stream": Kind(
        "kinesis.DescribeStreamSummary",
        "StreamDescriptionSummary",
        "kinesis:StreamDescriptionSummary",
        _named(),
        "stream_name",
        "kinesis.ListStreams",
    ),
    "aws_lambda_event_source_mapping": Kind(
        "lambda.ListEventSourceMappings",
        "EventSourceMappings[]",
        "lambda:EventSourceMappingConfiguration",
        _named(arn="EventSourceArn"),
    ),
    "aws_cloudwatch_log_group": Kind(
        "logs.DescribeLogGroups", "logGroups[]", "logs:LogGroup", _named(name="logGroupName")
    ),
    "aws_memorydb_cluster": Kind("memorydb.DescribeClusters", "Clusters[]", "memorydb:Cluster", _named()),
    "aws_opensearch_domain": Kind(
        "opensearch.DescribeDomain",
        "DomainStatus",
        "opensearch:DomainStatus",
        _named(),
        "domain_name",
        "opensearch.ListDomainNames",
    ),
    "aws_pipes_pipe": Kind("pipes.DescribePipe", "", "pipes:DescribePipeResponse", _named(), "name", "pipes.ListPipes"),
    "aws_rds_db_cluster": Kind(
        "rds.DescribeDBClusters",
        "DBClusters[]",
        "rds:DBCluster",
        _named(arn="DBClusterArn"),
        tags="TagList[]",
    ),
    "aws_rds_db_instance": Kind(
        "rds.DescribeDBInstances",
        "DBInstances[]",
        "rds:DBInstance",
        _named(arn="DBInstanceArn"),
        tags="TagList[]",
    ),
    "aws_redshift_cluster": Kind(
        "redshift.DescribeClusters", "Clusters[]", "redshift:Cluster", _named(arn=""), tags="Tags[]"
    ),
    "aws_redshiftserverless_workgroup": Kind(
        "redshift-serverless.ListWorkgroups", "workgroups[]", "redshift-serverless:Workgroup", _named()
    ),
    "aws_secretsmanager_secret": Kind(
        "secretsmanager.ListSecrets", "SecretList[]", "secretsmanager:SecretListEntry", _named(), tags="Tags[]"
    ),
    "aws_sfn_state_machine": Kind(
        "stepfunctions.DescribeStateMachine",
        "",
        "stepfunctions:DescribeStateMachineOutput",
        _named(arn="stateMachineArn"),
        "arn",
        "stepfunctions.ListStateMachines",
    ),
    "aws_ssm_parameter": Kind("ssm.DescribeParameters", "Parameters[]", "ssm:ParameterMetadata", _named(value="")),
    "aws_vpc": Kind("ec2.DescribeVpcs", "Vpcs[]", "ec2:Vpc", _named(), tags="Tags[]"),
    "aws_vpc_endpoint": Kind("ec2.DescribeVpcEndpoints", "VpcEndpoints[]", "ec2:VpcEndpoint", _named(), tags="Tags[]"),
    "aws_vpc_security_group": Kind(
        "ec2.DescribeSecurityGroups", "SecurityGroups[]", "ec2:SecurityGroup", _named(), tags="Tags[]"
    ),
    "aws_vpc_subnet": Kind("ec2.DescribeSubnets", "Subnets[]", "ec2:Subnet", _named(), tags="Tags[]"),
}


def pairs(tags: Mapping[str, Any] | None, key: str = "Key", value: str = "Value") -> list[dict[str, Any]] | None:
    """Return tags as a list of keys and values."""
    return None if tags is None else [{key: name, value: content} for name, content in tags.items()]


def tell(row: Row, kind: Kind, out: Out, more: Callable[[Row], dict[str, Any]] | None = None) -> None:
    """Hand over a row as the response that describes it."""
    tree = row.fit(kind.shape, kind.names)
    unseen: tuple[str, ...] = ()
    if kind.tags:
        member = kind.tags[:-2]
        tree[member] = row.tags if kind.tags.endswith("{}") else pairs(row.tags)
        unseen = () if row.tags is not None else ("tags",)
    if not row.has("policy"):
        unseen += ("policy",)
    tree |= more(row) if more is not None else {}
    whole: Any = Tree(row.source, tree)
    if kind.key.endswith("[]"):
        whole = {kind.key[:-2]: [whole]}
    elif kind.key:
        whole = {kind.key: whole}
    if kind.listing:
        out.partly(row, kind.listing)
    arguments = (row.text(kind.argument),) if kind.argument else ()
    out.give(row, kind.call, whole, *arguments, unseen=unseen, complete=bool(kind.argument))
