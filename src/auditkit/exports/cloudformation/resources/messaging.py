"""Amazon SQS and Amazon SNS."""

from collections import defaultdict

from auditkit.exports._answers import Node, Place, Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of, policy_of, several

__all__ = ["tell"]

_QUEUE_ATTRIBUTES = (
    "DelaySeconds",
    "FifoQueue",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
)
_SUBSCRIPTION_ATTRIBUTES = (
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
)


def tell(to: Telling) -> None:
    """Tell queues, topics and subscriptions."""
    policies = _policies(to, "AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy", key="Queues", one="Queue")
    for queue in to.of("AWS::SQS::Queue"):
        _queue(to, queue, policies.get((place_of(queue), queue.identity.ref), []))
    policies = _policies(to, "AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy", key="Topics", one="TopicArn")
    for topic in to.of("AWS::SNS::Topic"):
        _topic(to, topic, policies.get((place_of(topic), topic.identity.arn), []))
    for subscription in to.of("AWS::SNS::Subscription"):
        _subscription(to, subscription, subscription.node, subscription.identity.arn)


def _policies(to: Telling, *types: str, key: str, one: str) -> dict[tuple[Place, str], list[Node]]:
    """Return the documents of policies that are resources of their own, by the resources that they are for."""
    found: dict[tuple[Place, str], list[Node]] = defaultdict(list)
    for policy in to.of(*types):
        document = policy.node.at("PolicyDocument")
        for item in several(policy.node.at(key) or policy.node.at(one)):
            if document is not None and isinstance(item.value, str):
                found[place_of(policy), item.value].append(document)
    return found


def _or(given: Node | None, default: int) -> Node | int:
    """Return what a template says, or what CloudFormation takes where it says nothing."""
    return default if given is None else given


def _queue(to: Telling, queue: Resource, policies: list[Node]) -> None:
    attributes = Tree(queue.node.source, {key: queue.node.at(key) for key in _QUEUE_ATTRIBUTES})
    attributes["QueueArn"] = queue.identity.arn
    attributes["VisibilityTimeout"] = _or(queue.node.at("VisibilityTimeout"), 30)
    attributes["MessageRetentionPeriod"] = _or(queue.node.at("MessageRetentionPeriod"), 345_600)
    attributes["Policy"] = policy_of(policies)
    if attributes["KmsMasterKeyId"] is None and attributes["SqsManagedSseEnabled"] is None:
        attributes["SqsManagedSseEnabled"] = True  # what a queue has that says nothing of encryption
    tree = {"Attributes": attributes}
    to.give(queue, "sqs.GetQueueAttributes", tree, queue.identity.ref, unseen=() if policies else ("policy",))
    to.give(queue, "sqs.ListQueueTags", {"Tags": queue.node.at("Tags")}, queue.identity.ref)


def _topic(to: Telling, topic: Resource, policies: list[Node]) -> None:
    arn = topic.identity.arn
    attributes = Tree(
        topic.node.source,
        {
            "TopicArn": arn,
            "Owner": topic.stack.account,
            "KmsMasterKeyId": topic.node.at("KmsMasterKeyId"),
            "FifoTopic": topic.node.at("FifoTopic"),
            "SignatureVersion": topic.node.at("SignatureVersion"),
            "Policy": policy_of(policies),
        },
    )
    to.give(topic, "sns.GetTopicAttributes", {"Attributes": attributes}, arn, unseen=() if policies else ("policy",))
    to.give(topic, "sns.ListTagsForResource", {"Tags": topic.node.at("Tags")}, arn)
    for index, node in enumerate(several(topic.node.at("Subscription"))):
        _subscription(to, topic, node, f"{arn}:subscription-{index}", Node(arn, topic.source))


def _subscription(to: Telling, resource: Resource, node: Node, arn: str, topic: Node | None = None) -> None:
    tree = Tree(
        node.source,
        {
            "SubscriptionArn": arn,
            "TopicArn": to.typed(resource, "sns", topic or node.at("TopicArn")) or "unknown",
            "Protocol": node.at("Protocol") or "unknown",
            "Endpoint": node.at("Endpoint"),
            "Owner": resource.stack.account,
        },
    )
    to.give(resource, "sns.ListSubscriptions", {"Subscriptions": [tree]}, complete=False)
    attributes = Tree(node.source, {key: node.at(key) for key in _SUBSCRIPTION_ATTRIBUTES})
    to.give(resource, "sns.GetSubscriptionAttributes", {"Attributes": attributes}, arn)
