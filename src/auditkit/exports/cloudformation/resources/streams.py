"""Amazon Kinesis and Amazon Data Firehose."""

from auditkit.exports._answers import Node, Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of

__all__ = ["tell"]

_SOURCES = {
    "KinesisStreamSourceConfiguration": "KinesisStreamSourceDescription",
    "MSKSourceConfiguration": "MSKSourceDescription",
    "DatabaseSourceConfiguration": "DatabaseSourceDescription",
}
_ENDING = "DestinationConfiguration"


def tell(to: Telling) -> None:
    """Tell streams, their consumers, and delivery streams."""
    for stream in to.of("AWS::Kinesis::Stream"):
        _stream(to, stream)
    for (place, arn), consumers in to.by("StreamARN", of=["AWS::Kinesis::StreamConsumer"]).items():
        trees = [
            to.tree(
                one, "kinesis.Consumer", members={"ConsumerARN": one.identity.arn, "ConsumerName": one.identity.name}
            )
            for one in consumers
        ]
        to.give(consumers[0], "kinesis.ListStreamConsumers", {"Consumers": trees}, arn, place=place, complete=False)
    policies = to.by("ResourceArn", of=["AWS::Kinesis::ResourcePolicy"])
    for stream in to.of("AWS::Kinesis::Stream"):
        own = policies.get((place_of(stream), stream.identity.arn))
        document = {"Policy": own[0].node.at("ResourcePolicy") if own else None}
        to.policy(stream, "kinesis.GetResourcePolicy", document, stream.identity.arn)
    for stream in to.of("AWS::KinesisFirehose::DeliveryStream"):
        _delivery(to, stream)


def _stream(to: Telling, stream: Resource) -> None:
    name = stream.identity.name
    members: dict[str, object] = {
        "StreamName": name,
        "StreamARN": stream.identity.arn,
        "StreamStatus": "ACTIVE",
        "EncryptionType": stream.node.at("StreamEncryption", "EncryptionType") or "NONE",
        "KeyId": stream.node.at("StreamEncryption", "KeyId"),
        "OpenShardCount": stream.node.at("ShardCount"),
        "RetentionPeriodHours": stream.node.at("RetentionPeriodHours") or 24,
    }
    tree = to.tree(stream, "kinesis.StreamDescriptionSummary", members=members)
    to.give(stream, "kinesis.DescribeStreamSummary", {"StreamDescriptionSummary": tree}, name)
    to.give(stream, "kinesis.ListTagsForStream", {"Tags": stream.node.at("Tags")}, name)


def _delivery(to: Telling, stream: Resource) -> None:
    name, node = stream.identity.name, stream.node
    source = {
        told: to.fitted(given, "firehose." + told)
        for key, told in _SOURCES.items()
        if (given := node.at(key)) is not None
    }
    members: dict[str, object] = {
        "DeliveryStreamName": name,
        "DeliveryStreamARN": stream.identity.arn,
        "DeliveryStreamStatus": "ACTIVE",
        "Source": source or None,
        "Destinations": [_destination(to, node)],
    }
    encryption = node.at("DeliveryStreamEncryptionConfigurationInput")
    if encryption is not None:
        shape = "firehose.DeliveryStreamEncryptionConfiguration"
        members["DeliveryStreamEncryptionConfiguration"] = to.fitted(encryption, shape, members={"Status": "ENABLED"})
    tree = to.tree(stream, "firehose.DeliveryStreamDescription", members=members)
    to.give(stream, "firehose.DescribeDeliveryStream", {"DeliveryStreamDescription": tree}, name)


def _destination(to: Telling, node: Node) -> Tree:
    found = Tree(node.source, {"DestinationId": "destination"})
    for key in node.value if isinstance(node.value, dict) else ():
        given = node.at(key)
        if key.endswith(_ENDING) and given is not None:
            told = key.removesuffix("Configuration") + "Description"
            renamed = Node(_described(given.value), given.source)
            found.update(to.fitted(Node({told: renamed.value}, given.source), "firehose.DestinationDescription"))
    return found


def _described(value: object) -> object:
    """Return a configuration with its inner destinations called as the API's answer does."""
    if isinstance(value, dict):
        return {
            (key.removesuffix("Configuration") + "Description" if key in _INNER else key): _described(item)
            for key, item in value.items()
        }
    return value


_INNER = {"S3Configuration", "S3BackupConfiguration", "VpcConfiguration"}
