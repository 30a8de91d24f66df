"""Amazon CloudWatch Logs: log groups, their subscription filters, resource policies, deliveries of other services."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record
from auditkit.inventory.sourced import Sourced

__all__ = ["LogDelivery", "LogGroup", "LogResourcePolicy", "LogSource", "SubscriptionFilter"]


class SubscriptionFilter(Sourced, rename="camel", frozen=True, kw_only=True):
    """Subscription filter of a log group (``logs.DescribeSubscriptionFilters``)."""

    filter_name: str
    destination_arn: str
    filter_pattern: str = ""
    role_arn: str | None = None


class LogGroup(Record, kw_only=True, rename="camel"):
    """A log group (``logs.DescribeLogGroups``, ``logs.DescribeSubscriptionFilters``).

    ``retention_in_days`` is None where logs are kept for ever, UNSET where it could not be read.
    """

    kind: ClassVar[Kind] = Kind.LOG_GROUP

    log_group_name: str
    arn: str | None = None
    log_group_arn: str | None = None
    retention_in_days: int | UnsetType | None = None
    kms_key_id: str | None = None
    stored_bytes: int | None = None
    data_protection_status: str | None = None
    log_group_class: str | None = None
    deletion_protection_enabled: bool | None = None
    subscription_filters: tuple[SubscriptionFilter, ...] | UnsetType | None = msgspec.field(
        default=UNSET, name="__subscription_filters"
    )


class LogResourcePolicy(Record, kw_only=True, rename="camel"):
    """A resource policy of the service: of an account's region, or of one log group.

    (``logs.DescribeResourcePolicies``.) Its id is ``settings:logs:<account>:<region>:<name>``.
    """

    kind: ClassVar[Kind] = Kind.RESOURCE_POLICY

    policy_name: str | None = None
    policy_scope: str | None = None
    resource_arn: str | None = None
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class LogSource(Record, kw_only=True, rename="camel"):
    """A resource of another service whose logs may be delivered (``logs.DescribeDeliverySources``).

    It logs nothing by itself: a delivery takes its logs somewhere.

    Attributes
    ----------
    status
        ``INACTIVE`` where its resource is gone; not told of every type of log.
    delivery_source_configuration
        Settings of the service, such as ``samplingRate`` in percent.
    """

    kind: ClassVar[Kind] = Kind.LOG_SOURCE

    source_name: str = msgspec.field(name="name")
    arn: str
    resource_arns: tuple[str, ...]
    log_type: str
    status: str | None = None
    delivery_source_configuration: dict[str, str] | UnsetType | None = None


class LogDelivery(Record, kw_only=True, rename="camel"):
    """Where the logs of a log source go (``logs.DescribeDeliveries``)."""

    kind: ClassVar[Kind] = Kind.LOG_DELIVERY

    delivery_id: str = msgspec.field(name="id")
    arn: str
    delivery_source_name: str
    delivery_destination_arn: str
