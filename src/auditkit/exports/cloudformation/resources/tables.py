"""Amazon DynamoDB."""

from auditkit.exports._answers import Node, Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, is_told, several
from auditkit.inventory.arn import UNKNOWN_REGION

__all__ = ["tell"]


def tell(to: Telling) -> None:
    """Tell tables."""
    for table in to.of("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        _table(to, table)


def _table(to: Telling, table: Resource) -> None:
    name, arn, node = table.identity.name, table.identity.arn, table.node
    replica = _own_replica(table)
    stream = node.at("StreamSpecification")
    members: dict[str, object] = {
        "TableName": name,
        "TableArn": arn,
        "TableStatus": "ACTIVE",
        "SSEDescription": _encryption(table, replica),
        "StreamSpecification": _stream(to, stream),
        "LatestStreamArn": table.identity.attributes["StreamArn"] if stream is not None else None,
        "Replicas": [
            Tree(item.source, {"RegionName": item.at("Region") or UNKNOWN_REGION, "ReplicaStatus": "ACTIVE"})
            for item in several(node.at("Replicas"))
            if item.text("Region") != table.stack.region
        ],
    }
    tree = to.tree(table, "dynamodb.TableDescription", {"StreamSpecification": "", "Replicas": ""}, members)
    unseen = () if is_told(node.at("SSESpecification", "SSEEnabled")) else ("sse_description",)
    to.give(table, "dynamodb.DescribeTable", {"Table": tree}, name, unseen=unseen)
    _settings(to, table, name, replica or node)
    policy = node.at("ResourcePolicy", "PolicyDocument") or (replica or node).at("ResourcePolicy", "PolicyDocument")
    to.policy(table, "dynamodb.GetResourcePolicy", {"Policy": policy}, arn, apart=False)
    to.give(table, "dynamodb.ListTagsOfResource", {"Tags": (replica or node).at("Tags")}, arn)


def _own_replica(table: Resource) -> Node | None:
    """Return the replica of a global table that is in the stack's region."""
    replicas = list(several(table.node.at("Replicas")))
    own = [replica for replica in replicas if replica.text("Region") == table.stack.region]
    return own[0] if own else None


def _stream(to: Telling, stream: Node | None) -> Tree | None:
    if stream is None:
        return None
    return to.fitted(stream, "dynamodb.StreamSpecification", members={"StreamEnabled": True})


def _encryption(table: Resource, replica: Node | None) -> Tree | None:
    given = table.node.at("SSESpecification")
    enabled = given.at("SSEEnabled") if given is not None else None
    if given is None or enabled is None or str(enabled.value).lower() != "true":
        return None
    own = replica.at("SSESpecification", "KMSMasterKeyId") if replica is not None else None
    members = {
        "Status": "ENABLED",
        "SSEType": given.at("SSEType") or "KMS",
        "KMSMasterKeyArn": given.at("KMSMasterKeyId") or own,
    }
    return Tree(given.source, members)


def _settings(to: Telling, table: Resource, name: str, node: Node) -> None:
    recovery = node.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
    status = "ENABLED" if recovery is not None and str(recovery.value).lower() == "true" else "DISABLED"
    tree = {
        "ContinuousBackupsDescription": Tree(
            node.source.at("PointInTimeRecoverySpecification"),
            {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status},
            },
        )
    }
    if is_told(recovery):
        to.give(table, "dynamodb.DescribeContinuousBackups", tree, name)
    expiry = table.node.at("TimeToLiveSpecification")
    on = expiry is not None and str((expiry.at("Enabled") or expiry).value).lower() == "true"
    described = {
        "TimeToLiveStatus": "ENABLED" if on else "DISABLED",
        "AttributeName": expiry.at("AttributeName") if expiry is not None else None,
    }
    to.give(table, "dynamodb.DescribeTimeToLive", {"TimeToLiveDescription": described}, name)
    stream = node.at("KinesisStreamSpecification")
    if stream is not None:
        destination = Tree(stream.source, {"StreamArn": stream.at("StreamArn"), "DestinationStatus": "ACTIVE"})
        found = {"KinesisDataStreamDestinations": [destination]}
        to.give(table, "dynamodb.DescribeKinesisStreamingDestination", found, name)
