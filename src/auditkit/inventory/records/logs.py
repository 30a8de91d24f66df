"""Amazon CloudWatch Logs: log groups, their subscription filters, resource policies."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record
from auditkit.inventory.sourced import Sourced

__all__ = ["LogGroup", "LogResourcePolicy", "SubscriptionFilter"]


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
