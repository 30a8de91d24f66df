"""Responses of Amazon SQS and Amazon SNS."""

from typing import Any
from urllib.parse import urlsplit

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import attributes_of, enrich, names_of
from auditkit.inventory.arn import arn_of, parse_arn
from auditkit.inventory.records.messaging import (
    Queue,
    QueueAttributes,
    RedriveAllowPolicy,
    RedrivePolicy,
    Subscription,
    SubscriptionAttributes,
    Topic,
    TopicAttributes,
)

__all__ = ["HANDLERS"]

_ACCOUNT_DIGITS = 12


def _queue_arn(url: str, response: Response) -> str:
    """Return the ARN of a queue from its address ``https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`` or an older form."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    *_, account, name = ["", "", *parts.path.split("/")]
    if len(account) != _ACCOUNT_DIGITS or not account.isdigit():
        account = response.account
    labels = host.split(".")
    region = response.region
    if labels[0] == "sqs" and "-" in "".join(labels[1:2]):
        region = labels[1]
    elif labels[1:2] == ["queue"]:
        region = labels[0]
    if not (account and name and region not in {"", "global"}):
        return ""
    return arn_of("sqs", name, account=account, region=region)


def _list_queues(response: Response, reading: Reading) -> None:
    for url, source in names_of(response, reading, "QueueUrls"):
        arn = _queue_arn(url, response)
        if arn:
            name = arn.rpartition(":")[2]
            reading.add(Queue(id=arn, name=name, queue_url=url, sources=(source,)))
        else:
            reading.not_read(source, "an address of a queue without account, region and name")


def _get_queue_attributes(response: Response, reading: Reading) -> None:
    raw = reading.value(dict, response, "Attributes")
    if raw is None:
        return
    named = parse_arn(raw.get("QueueArn"))
    arn = str(named) if named else _queue_arn(response.argument(), response)
    if not arn:
        reading.not_read(response.source, "attributes of a queue that neither QueueArn nor the file name tells")
        return
    queue = Queue(
        id=arn,
        name=arn.rpartition(":")[2],
        account=response.account,
        region=response.region,
        sources=(response.at("Attributes"),),
        queue_url=response.argument(),
        attributes=attributes_of(
            response,
            reading,
            QueueAttributes,
            redrive_policy=RedrivePolicy,
            redrive_allow_policy=RedriveAllowPolicy,
        ),
    )
    if "VisibilityTimeout" in raw or "Policy" in raw:  # all attributes were asked for, or this one
        queue.policy = policy_text(raw.get("Policy"), response.at("Attributes", "Policy"), reading)
    reading.add(queue)


def _list_queue_tags(response: Response, reading: Reading) -> None:
    key = _queue_arn(response.argument(), response) or response.argument().rpartition("/")[2]
    tags = tags_of(response.payload.get("Tags"), response.at("Tags"), reading)
    enrich(response, reading, Queue, "Tags", key=key, tags=tags)


def _list_topics(response: Response, reading: Reading) -> None:
    for topic, _, _ in reading.each(response, Topic, "Topics"):
        topic.id, topic.name = topic.topic_arn, topic.topic_arn.rpartition(":")[2]
        reading.add(topic)


def _get_topic_attributes(response: Response, reading: Reading) -> None:
    raw = reading.value(dict, response, "Attributes")
    if raw is None:
        return
    named = parse_arn(raw.get("TopicArn")) or parse_arn(response.argument())
    if named is None:
        reading.not_read(response.source, "attributes of a topic that neither TopicArn nor the file name tells")
        return
    topic = Topic(
        id=str(named),
        name=named.resource,
        account=response.account,
        region=response.region,
        sources=(response.at("Attributes"),),
        topic_arn=str(named),
        attributes=attributes_of(response, reading, TopicAttributes),
        policy=policy_text(raw.get("Policy"), response.at("Attributes", "Policy"), reading),
    )
    reading.add(topic)


def _list_topic_tags(response: Response, reading: Reading) -> None:
    enrich(response, reading, Topic, "Tags", tags=tags_of(response.payload.get("Tags"), response.at("Tags"), reading))


def _list_subscriptions(response: Response, reading: Reading) -> None:
    for subscription, _, source in reading.each(response, Subscription, "Subscriptions"):
        arn, topic = subscription.subscription_arn, subscription.topic_arn
        if arn.startswith("arn:"):
            subscription.id, subscription.name = arn, arn.rpartition(":")[2]
        else:  # numbered, not named by its endpoint: that may be the address of a person
            number = source.pointer.rpartition("/")[2]
            subscription.id, subscription.name = f"subscription:{topic}:{arn}:{number}", arn
            owner = parse_arn(topic)
            if owner is not None:
                subscription.account, subscription.region = owner.account, owner.region
        reading.add(subscription)


def _get_subscription_attributes(response: Response, reading: Reading) -> None:
    found = attributes_of(
        response,
        reading,
        SubscriptionAttributes,
        filter_policy=dict[str, Any],
        redrive_policy=RedrivePolicy,
    )
    enrich(response, reading, Subscription, "Attributes", attributes=found)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("sns", "GetSubscriptionAttributes"): _get_subscription_attributes,
    ("sns", "GetTopicAttributes"): _get_topic_attributes,
    ("sns", "ListSubscriptions"): _list_subscriptions,
    ("sns", "ListTagsForResource"): _list_topic_tags,
    ("sns", "ListTopics"): _list_topics,
    ("sqs", "GetQueueAttributes"): _get_queue_attributes,
    ("sqs", "ListQueueTags"): _list_queue_tags,
    ("sqs", "ListQueues"): _list_queues,
}
