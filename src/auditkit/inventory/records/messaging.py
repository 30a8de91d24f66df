"""Amazon SQS and Amazon SNS: queues, topics and subscriptions.

Both services give attributes as a map of strings; the reader turns each into what it says (numbers, booleans, documents).
"""

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.origins import endpoint_kept
from auditkit.inventory.record import PolicyText, Record

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


class QueueAttributes(msgspec.Struct, rename="pascal", frozen=True):
    """Attributes of a queue (``sqs.GetQueueAttributes``); times in seconds.

    ``redrive_policy`` and ``redrive_allow_policy`` are UNSET where the text of the attribute could not be read.
    """

    visibility_timeout: int | None = None
    message_retention_period: int | None = None
    maximum_message_size: int | None = None
    delay_seconds: int | None = None
    kms_master_key_id: str | None = None
    kms_data_key_reuse_period_seconds: int | None = None
    sqs_managed_sse_enabled: bool | None = None
    fifo_queue: bool = False
    redrive_policy: RedrivePolicy | UnsetType | None = None
    redrive_allow_policy: RedriveAllowPolicy | UnsetType | None = None


class Queue(Record, kw_only=True, rename="pascal"):
    """A queue (``sqs.ListQueues`` and the calls per queue)."""

    kind: ClassVar[Kind] = Kind.QUEUE

    queue_url: str
    attributes: QueueAttributes | UnsetType | None = msgspec.field(default=UNSET, name="__attributes")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class TopicAttributes(msgspec.Struct, rename="pascal", frozen=True):
    """Attributes of a topic (``sns.GetTopicAttributes``)."""

    owner: str | None = None
    kms_master_key_id: str | None = None
    fifo_topic: bool = False
    signature_version: str | None = None
    subscriptions_confirmed: int | None = None
    subscriptions_pending: int | None = None


class Topic(Record, kw_only=True, rename="pascal"):
    """A topic (``sns.ListTopics`` and the calls per topic)."""

    kind: ClassVar[Kind] = Kind.TOPIC

    topic_arn: str
    attributes: TopicAttributes | UnsetType | None = msgspec.field(default=UNSET, name="__attributes")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class SubscriptionAttributes(msgspec.Struct, rename="pascal", frozen=True):
    """Attributes of a subscription (``sns.GetSubscriptionAttributes``).

    ``filter_policy`` and ``redrive_policy`` are UNSET where the text of the attribute could not be read.
    """

    raw_message_delivery: bool = False
    filter_policy: dict[str, Any] | UnsetType | None = None
    filter_policy_scope: str | None = None
    redrive_policy: RedrivePolicy | UnsetType | None = None
    pending_confirmation: bool = False
    confirmation_was_authenticated: bool = False
    subscription_role_arn: str | None = None


class Subscription(Record, kw_only=True, rename="pascal"):
    """A subscription to a topic (``sns.ListSubscriptions``, ``sns.GetSubscriptionAttributes``).

    ``subscription_arn`` is ``"PendingConfirmation"`` or ``"Deleted"`` where there is no subscription (yet, any more). Of the
    endpoint only what is no personal data and no password is kept: see :func:`auditkit.inventory.origins.endpoint_kept`.
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
        pending = isinstance(self.attributes, SubscriptionAttributes) and self.attributes.pending_confirmation
        return self.subscription_arn.startswith("arn:") and not pending
