"""Amazon DynamoDB: tables and their streams."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record
from auditkit.inventory.sourced import Sourced

__all__ = [
    "BillingMode",
    "ContinuousBackups",
    "KinesisDestination",
    "OnDemandThroughput",
    "Replica",
    "SSEDescription",
    "SecondaryIndex",
    "StreamSpecification",
    "Table",
    "TableStream",
    "TimeToLive",
]


class StreamSpecification(msgspec.Struct, rename="pascal", frozen=True):
    """Whether a table has a stream, and what it carries."""

    stream_enabled: bool = False
    stream_view_type: str | None = None


class Replica(msgspec.Struct, rename="pascal", frozen=True):
    """Replica of a global table in another region (or, with ``replica_arn``, in another account)."""

    region_name: str
    replica_status: str | None = None
    replica_arn: str | None = None
    kms_master_key_id: str | None = msgspec.field(default=None, name="KMSMasterKeyId")


class SSEDescription(msgspec.Struct, rename="pascal", frozen=True):
    """Encryption at rest; absent where the key is owned by AWS."""

    status: str | None = None
    sse_type: str | None = msgspec.field(default=None, name="SSEType")
    kms_master_key_arn: str | None = msgspec.field(default=None, name="KMSMasterKeyArn")


class PointInTimeRecovery(msgspec.Struct, rename="pascal", frozen=True):
    """Point-in-time recovery."""

    point_in_time_recovery_status: str
    recovery_period_in_days: int | None = None


class ContinuousBackups(msgspec.Struct, rename="pascal", frozen=True):
    """Continuous backups (``dynamodb.DescribeContinuousBackups``)."""

    continuous_backups_status: str
    point_in_time_recovery_description: PointInTimeRecovery | None = None


class TimeToLive(msgspec.Struct, rename="pascal", frozen=True):
    """Expiry of items (``dynamodb.DescribeTimeToLive``)."""

    time_to_live_status: str
    attribute_name: str | None = None


class KinesisDestination(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Kinesis stream that receives the changes of a table (``dynamodb.DescribeKinesisStreamingDestination``)."""

    stream_arn: str
    destination_status: str | None = None


class SecondaryIndex(msgspec.Struct, rename="pascal", frozen=True):
    """Secondary index of a table."""

    index_name: str


class BillingMode(msgspec.Struct, rename="pascal", frozen=True):
    """How reads and writes are paid for: ``"PAY_PER_REQUEST"`` or ``"PROVISIONED"``."""

    billing_mode: str | None = None


class OnDemandThroughput(msgspec.Struct, rename="pascal", frozen=True):
    """Most request units per second of a table on demand; ``-1`` for no maximum of its own."""

    max_read_request_units: int | None = None
    max_write_request_units: int | None = None


class Table(Record, kw_only=True, rename="pascal"):
    """A table (``dynamodb.DescribeTable`` and the calls per table)."""

    kind: ClassVar[Kind] = Kind.TABLE

    table_name: str
    table_arn: str
    table_status: str | None = None
    item_count: int | None = None
    table_size_bytes: int | None = None
    billing_mode_summary: BillingMode | None = None
    on_demand_throughput: OnDemandThroughput | None = None
    stream_specification: StreamSpecification | None = None
    latest_stream_arn: str | None = None
    global_table_version: str | None = None
    global_secondary_indexes: tuple[SecondaryIndex, ...] = ()
    local_secondary_indexes: tuple[SecondaryIndex, ...] = ()
    replicas: tuple[Replica, ...] = ()
    sse_description: SSEDescription | UnsetType | None = msgspec.field(default=None, name="SSEDescription")
    deletion_protection_enabled: bool | UnsetType | None = None
    # from calls of their own
    continuous_backups: ContinuousBackups | UnsetType | None = msgspec.field(default=UNSET, name="__continuous_backups")
    time_to_live: TimeToLive | UnsetType | None = msgspec.field(default=UNSET, name="__time_to_live")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")
    kinesis_destinations: tuple[KinesisDestination, ...] | UnsetType | None = msgspec.field(
        default=UNSET, name="__kinesis_destinations"
    )

    @property
    def described(self) -> bool:
        """Whether more than the name was seen."""
        return self.table_status is not None


class TableStream(Record, kw_only=True, rename="pascal"):
    """The enabled stream of a table, as the description of the table shows it (``dynamodb.DescribeTable``)."""

    kind: ClassVar[Kind] = Kind.TABLE_STREAM

    latest_stream_arn: str
    table_arn: str
    stream_specification: StreamSpecification
