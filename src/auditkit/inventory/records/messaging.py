"""Amazon SQS and Amazon SNS: queues, topics and subscriptions.

Both services give attributes as a map of strings; the reader turns each into what it says: number, truth value or
document.
"""

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.origins import endpoint_kept
from auditkit.inventory.record import PolicyText, Record
from auditkit.inventory.sourced import Sourced

__all__ = [
    "Queue",
    "QueueAttributes",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "Subscription",
    "SubscriptionAttributes",
    "Topic",
    "TopicAttributes",
]


class RedrivePolicy(msgspec.Struct, rename="camel", frozen=True):
    """Where messages go that could not be processed or delivered."""

    dead_letter_target_arn: str
    max_receive_count: int | None = None


class RedriveAllowPolicy(msgspec.Struct, rename="camel", frozen=True):
    """Which queues may use this one as their dead-letter queue."""

    redrive_permission: str
    source_queue_arns: tuple[str, ...] = ()


class QueueAttributes(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Attributes of a queue (``sqs.GetQueueAttributes``); times in seconds.

    An attribute whose text could not be read is UNSET.
    """

    visibility_timeout: int | UnsetType | None = None
    message_retention_period: int | UnsetType | None = None
    maximum_message_size: int | UnsetType | None = None
    delay_seconds: int | UnsetType | None = None
    kms_master_key_id: str | UnsetType | None = None
    kms_data_key_reuse_period_seconds: int | UnsetType | None = None
    sqs_managed_sse_enabled: bool | UnsetType | None = None
    fifo_queue: bool | UnsetType | None = None
    redrive_policy: RedrivePolicy | UnsetType | None = None
    redrive_allow_policy: RedriveAllowPolicy | UnsetType | None = None


class Queue(Record, kw_only=True, rename="pascal"):
    """A queue (``sqs.ListQueues`` and the calls per queue)."""

    kind: ClassVar[Kind] = Kind.QUEUE

    queue_url: str = msgspec.field(default="", name="__queue_url")
    attributes: QueueAttributes | UnsetType | None = msgspec.field(default=UNSET, name="__attributes")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class TopicAttributes(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Attributes of a topic (``sns.GetTopicAttributes``). An attribute whose text could not be read is UNSET."""

    owner: str | UnsetType | None = None
    kms_master_key_id: str | UnsetType | None = None
    fifo_topic: bool | UnsetType | None = None
    signature_version: str | UnsetType | None = None


class Topic(Record, kw_only=True, rename="pascal"):
    """A topic (``sns.ListTopics`` and the calls per topic)."""

    kind: ClassVar[Kind] = Kind.TOPIC

    topic_arn: str
    attributes: TopicAttributes | UnsetType | None = msgspec.field(default=UNSET, name="__attributes")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class SubscriptionAttributes(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Attributes of a subscription (``sns.GetSubscriptionAttributes``).

    An attribute whose text could not be read is UNSET.
    """

    raw_message_delivery: bool | UnsetType | None = None
    filter_policy: dict[str, Any] | UnsetType | None = None
    filter_policy_scope: str | UnsetType | None = None
    redrive_policy: RedrivePolicy | UnsetType | None = None
    pending_confirmation: bool | UnsetType | None = None
    confirmation_was_authenticated: bool | UnsetType | None = None
    subscription_role_arn: str | UnsetType | None = None


class Subscription(Record, kw_only=True, rename="pascal"):
    """A subscription to a topic (``sns.ListSubscriptions``, ``sns.GetSubscriptionAttributes``).

    ``subscription_arn`` is ``"PendingConfirmation"`` or ``"Deleted"`` where there is no subscription (yet, any more).
    Of the endpoint only what is no personal data and no password is kept:
    see :func:`auditkit.inventory.origins.endpoint_kept`.
    """

    kind: ClassVar[Kind] = Kind.SUBSCRIPTION

    subscription_arn: str
    topic_arn: str
    protocol: str
    endpoint: str = ""
    owner: str | None = None
    attributes: SubscriptionAttributes | UnsetType | None = msgspec.field(default=UNSET, name="__attributes")

    def __post_init__(self) -> None:
        """Keep of the endpoint what may be kept."""
        self.endpoint = endpoint_kept(self.protocol, self.endpoint)

    @property
    def confirmed(self) -> bool:
        """Whether messages are delivered: an ARN was given and no confirmation is pending."""
        pending = isinstance(self.attributes, SubscriptionAttributes) and self.attributes.pending_confirmation is True
        return self.subscription_arn.startswith("arn:") and not pending
