"""Amazon SQS and Amazon SNS: redrive, and subscriptions of every protocol."""

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._deliveries import deliver
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import Kind, Source
from auditkit.inventory.records.messaging import (
    Queue,
    QueueAttributes,
    RedrivePolicy,
    Subscription,
    SubscriptionAttributes,
    Topic,
)

__all__ = ["connect"]

_SERVICE = "sns.amazonaws.com"
_FAILING = 2
"""Cost of the way to a dead-letter queue: a message gets there by failing, which takes waiting."""

_PUSH = {
    "ADM": "Amazon Device Messaging",
    "APNS": "Apple Push Notification service",
    "APNS_SANDBOX": "Apple Push Notification service",
    "APNS_VOIP": "Apple Push Notification service",
    "APNS_VOIP_SANDBOX": "Apple Push Notification service",
    "BAIDU": "Baidu Cloud Push",
    "GCM": "Firebase Cloud Messaging",
    "MACOS": "Apple Push Notification service",
    "MACOS_SANDBOX": "Apple Push Notification service",
    "MPNS": "Microsoft Push Notification Service",
    "WNS": "Windows Push Notification Services",
}


def connect(build: Builder) -> None:
    """Say what the records of queues, topics and subscriptions say."""
    for queue in build.inventory.of(Queue):
        build.add(queue)
        if isinstance(queue.attributes, QueueAttributes) and isinstance(queue.attributes.redrive_policy, RedrivePolicy):
            _redrive(build, queue, queue.attributes.redrive_policy, queue.attributes.source)
    for topic in build.inventory.of(Topic):
        build.add(topic)
    persons: dict[tuple[str, str, str], list[Subscription]] = {}
    for subscription in build.inventory.of(Subscription):
        if not subscription.confirmed:
            continue
        if subscription.protocol in {"email", "email-json", "sms"}:
            key = (subscription.topic_arn, subscription.protocol, subscription.endpoint)
            persons.setdefault(key, []).append(subscription)
        else:
            _subscribe(build, subscription)
    for (topic_arn, protocol, endpoint), subscriptions in sorted(persons.items()):
        _tell_persons(build, topic_arn, protocol, endpoint, subscriptions)


def _redrive(build: Builder, queue: Queue, policy: RedrivePolicy, source: Source) -> None:
    build.triggers(
        queue.id,
        build.ref(policy.dead_letter_target_arn),
        hop="sqs->dlq",
        sources=(source.at("RedrivePolicy"),),
        kind=EdgeKind.REPLICATES,
        cost=_FAILING,
        label="dead letters",
        detail=f"after {policy.max_receive_count} receives" if policy.max_receive_count else "",
    )


def _subscribe(build: Builder, subscription: Subscription) -> None:
    topic = build.reference(subscription.topic_arn)
    said: Said = {"detail": _detail(subscription), "label": subscription.protocol}
    sources = [subscription.source]
    if isinstance(subscription.attributes, SubscriptionAttributes):
        sources.append(subscription.attributes.source)
    match subscription.protocol:
        case "http" | "https":
            host = subscription.endpoint.partition("://")[2]
            if host:
                target = build.third_party(host)
                hop = f"sns->{subscription.protocol}"
                build.flow(topic.id, target, kind=EdgeKind.DELIVERS, hop=hop, sources=sources, **said)
        case "application":
            name = (subscription.endpoint.partition(":endpoint/")[2]).partition("/")[0]
            target = build.ref(f"thirdparty:{_PUSH.get(name, 'mobile push service')}")
            said["label"] = name
            build.flow(topic.id, target, kind=EdgeKind.DELIVERS, hop="sns->push", sources=sources, **said)
        case _ if subscription.endpoint.startswith("arn:"):
            _to_resource(build, subscription, sources, said)
    _dead_letters(build, subscription, topic.id)


def _to_resource(build: Builder, subscription: Subscription, sources: list[Source], said: Said) -> None:
    topic = build.reference(subscription.topic_arn)
    target = build.reference(subscription.endpoint)
    hop = {Kind.FUNCTION: "sns->lambda", Kind.QUEUE: "sns->sqs", Kind.DELIVERY_STREAM: "sns->firehose"}.get(
        target.kind, ""
    )
    if target.kind is Kind.FUNCTION and isinstance(subscription.attributes, SubscriptionAttributes):
        narrows = isinstance(subscription.attributes.filter_policy, dict) and bool(
            subscription.attributes.filter_policy
        )
        if narrows:
            said["validation"] = (0.5, "A filter policy on the subscription.")
        elif subscription.attributes.filter_policy is None:
            said["validation"] = (1, "No filter policy on the subscription.")
    deliver(
        build,
        topic.id,
        subscription.endpoint,
        hop=hop,
        sources=sources,
        service="" if target.kind is Kind.DELIVERY_STREAM else _SERVICE,
        account=topic.account,
        **said,
    )


def _detail(subscription: Subscription) -> str:
    attributes = subscription.attributes
    if not isinstance(attributes, SubscriptionAttributes):
        return ""
    told = ["filter"] if isinstance(attributes.filter_policy, dict) and attributes.filter_policy else []
    told += ["raw"] if attributes.raw_message_delivery is True else []
    return ", ".join(told)


def _dead_letters(build: Builder, subscription: Subscription, topic: str) -> None:
    attributes = subscription.attributes
    if isinstance(attributes, SubscriptionAttributes) and isinstance(attributes.redrive_policy, RedrivePolicy):
        deliver(
            build,
            topic,
            attributes.redrive_policy.dead_letter_target_arn,
            hop="sns->sqs",
            sources=(attributes.source.at("RedrivePolicy"),),
            service=_SERVICE,
            account=build.reference(topic).account,
            kind=EdgeKind.REPLICATES,
            wait=_FAILING,
            label="dead letters",
        )


def _tell_persons(
    build: Builder, topic_arn: str, protocol: str, endpoint: str, subscriptions: list[Subscription]
) -> None:
    """Connect a topic with the mail domain, or the telephones, of those who subscribed: no address is known here."""
    domain = endpoint.removeprefix("@")
    target = build.ref(f"thirdparty:{domain or ('telephones' if protocol == 'sms' else 'mail recipients')}")
    count = len(subscriptions)
    build.flow(
        build.ref(topic_arn),
        target,
        kind=EdgeKind.DELIVERS,
        hop="sns->email/sms",
        sources=tuple(subscription.source for subscription in subscriptions),
        label=protocol,
        detail=f"{count} subscriptions" if count > 1 else "1 subscription",
    )
