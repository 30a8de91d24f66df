"""Responses of Amazon Kinesis and Amazon Data Firehose."""

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich, listed, names_of, placed
from auditkit.inventory.records.streams import DeliveryStream, Stream, StreamConsumer

__all__ = ["HANDLERS"]


def _list_streams(response: Response, reading: Reading) -> None:
    for name, source in names_of(response, reading, "StreamNames"):
        if placed(response):
            arn = response.arn("kinesis", f"stream/{name}")
            reading.add(Stream(id=arn, name=name, stream_name=name, stream_arn=arn, sources=(source,)))


def _describe_stream(response: Response, reading: Reading) -> None:
    key = "StreamDescriptionSummary"
    item = reading.value(dict, response, key)
    stream = reading.convert(response, Stream, item, key) if item else None
    if stream is not None:
        stream.id, stream.name = stream.stream_arn, stream.stream_name
        reading.add(stream)


def _list_consumers(response: Response, reading: Reading) -> None:
    consumers = listed(response, reading, StreamConsumer, "Consumers")
    enrich(response, reading, Stream, "Consumers", consumers=consumers)


def _get_stream_policy(response: Response, reading: Reading) -> None:
    if "/consumer/" in response.argument():  # a policy of a consumer says nothing of the stream
        return
    policy = policy_text(_unless_empty(response.payload.get("Policy")), response.at("Policy"), reading)
    enrich(response, reading, Stream, "Policy", policy=policy)


def _unless_empty(policy: object) -> object:
    """Return a policy; Kinesis answers ``{}`` for a stream without one."""
    return None if policy in ("{}", {}) else policy


def _list_stream_tags(response: Response, reading: Reading) -> None:
    enrich(response, reading, Stream, "Tags", tags=tags_of(response.payload.get("Tags"), response.at("Tags"), reading))


def _list_delivery_streams(response: Response, reading: Reading) -> None:
    for name, source in names_of(response, reading, "DeliveryStreamNames"):
        if placed(response):
            arn = response.arn("firehose", f"deliverystream/{name}")
            reading.add(
                DeliveryStream(id=arn, name=name, delivery_stream_name=name, delivery_stream_arn=arn, sources=(source,))
            )


def _describe_delivery_stream(response: Response, reading: Reading) -> None:
    key = "DeliveryStreamDescription"
    item = reading.value(dict, response, key)
    stream = reading.convert(response, DeliveryStream, item, key) if item else None
    if stream is not None:
        stream.id, stream.name = stream.delivery_stream_arn, stream.delivery_stream_name
        reading.add(stream)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("firehose", "DescribeDeliveryStream"): _describe_delivery_stream,
    ("firehose", "ListDeliveryStreams"): _list_delivery_streams,
    ("kinesis", "DescribeStreamSummary"): _describe_stream,
    ("kinesis", "GetResourcePolicy"): _get_stream_policy,
    ("kinesis", "ListStreamConsumers"): _list_consumers,
    ("kinesis", "ListStreams"): _list_streams,
    ("kinesis", "ListTagsForStream"): _list_stream_tags,
}
