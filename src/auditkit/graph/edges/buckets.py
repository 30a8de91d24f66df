"""Amazon S3: notifications and replication."""

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._deliveries import deliver
from auditkit.graph.schema import EdgeKind, Node
from auditkit.inventory import Kind, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.buckets import (
    Bucket,
    BucketNotification,
    BucketReplication,
    FunctionNotification,
    QueueNotification,
    ReplicationRule,
    TopicNotification,
)

__all__ = ["connect"]

_SERVICE = "s3.amazonaws.com"


def connect(build: Builder) -> None:
    """Say what the records of buckets say."""
    for bucket in build.inventory.of(Bucket):
        build.add(bucket)
        if isinstance(bucket.notification, BucketNotification):
            _notifications(build, bucket, bucket.notification)
        if isinstance(bucket.replication, BucketReplication):
            for index, rule in enumerate(bucket.replication.rules):
                _replicates(build, bucket, rule, bucket.replication.source.at("Rules", index))


def _notifications(build: Builder, bucket: Bucket, notification: BucketNotification) -> None:
    source = notification.source
    for index, function in enumerate(notification.lambda_function_configurations):
        place = source.at("LambdaFunctionConfigurations", index)
        _notify(build, bucket, function.lambda_function_arn, function, place)
    for index, queue in enumerate(notification.queue_configurations):
        _notify(build, bucket, queue.queue_arn, queue, source.at("QueueConfigurations", index))
    for index, topic in enumerate(notification.topic_configurations):
        _notify(build, bucket, topic.topic_arn, topic, source.at("TopicConfigurations", index))
    if notification.event_bridge_configuration is not None and bucket.region:
        bus = arn_of("events", "event-bus/default", account=bucket.account, region=bucket.region)
        build.triggers(
            bucket.id,
            build.ref(bus),
            hop="s3->target",
            sources=(source.at("EventBridgeConfiguration"),),
            cost=0,
            label="all events",
            authentication=(0, "S3 sends the events of a bucket to the default bus of its own account."),
        )


def _notify(
    build: Builder,
    bucket: Bucket,
    arn: str,
    setting: FunctionNotification | QueueNotification | TopicNotification,
    source: Source,
) -> None:
    narrows = setting.filter is not None and setting.filter.narrows
    said: Said = {"label": ", ".join(sorted(setting.events)), "detail": "filter" if narrows else ""}
    function = build.reference(arn).kind is Kind.FUNCTION
    if function:
        reason = "A filter on the object key." if narrows else "Every object of these events is handed on."
        said["validation"] = (0.5 if narrows else 1, reason)
    deliver(
        build,
        bucket.id,
        arn,
        hop="s3->lambda" if function else "s3->target",
        sources=(source,),
        service=_SERVICE,
        account=bucket.account,
        **said,
    )


def _replicates(build: Builder, bucket: Bucket, rule: ReplicationRule, source: Source) -> None:
    target = build.ref(rule.destination.bucket)
    account = rule.destination.account or ""
    if account and build.inventory.get(target) is None:
        place = build.boundary(account=account)
        label = build.reference(target).label
        build.node(target, Node(kind=Kind.BUCKET, label=label, account=account, boundary=place, exists=False))
    said: Said = {
        "label": "replication",
        "enabled": rule.status == "Enabled",
        "detail": "filter" if rule.prefix or (rule.filter is not None and rule.filter.narrows) else "",
    }
    if account:
        said["third_party"] = build.boundaries.party(build.boundary(account=account), account=bucket.account)
    build.triggers(bucket.id, target, hop="s3->s3", sources=(source,), kind=EdgeKind.REPLICATES, cost=0, **said)
