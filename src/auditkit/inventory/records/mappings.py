"""AWS Lambda: event source mappings."""

from typing import ClassVar

import msgspec
from msgspec import UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record
from auditkit.inventory.records.functions import Destinations

__all__ = ["EventSourceMapping", "SourceAccess"]


class Filter(msgspec.Struct, rename="pascal", frozen=True):
    """One event pattern."""

    pattern: str | None = None


class FilterCriteria(msgspec.Struct, rename="pascal", frozen=True):
    """Patterns of which an event must match one."""

    filters: tuple[Filter, ...] = ()


class ScalingConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Most concurrent invocations from one queue."""

    maximum_concurrency: int | None = None


class SourceAccess(msgspec.Struct, rename="pascal", frozen=True):
    """How a mapping reaches and authenticates to its source.

    Attributes
    ----------
    type
        ``"BASIC_AUTH"``, ``"SASL_SCRAM_512_AUTH"``, ``"CLIENT_CERTIFICATE_TLS_AUTH"``,
        ``"SERVER_ROOT_CA_CERTIFICATE"``, ``"VPC_SUBNET"``, ``"VPC_SECURITY_GROUP"``, ``"VIRTUAL_HOST"`` ...
    uri
        ARN of a secret, or ``subnet:...``, ``security_group:...``.
    """

    type: str | None = None
    uri: str | None = msgspec.field(default=None, name="URI")


class SelfManagedEventSource(msgspec.Struct, rename="pascal", frozen=True):
    """Brokers of a source that AWS does not run: ``{"KAFKA_BOOTSTRAP_SERVERS": [host:port, ...]}``."""

    endpoints: dict[str, tuple[str, ...]] = {}


class DocumentDbSource(msgspec.Struct, rename="pascal", frozen=True):
    """Database and collection of a DocumentDB change stream."""

    database_name: str | None = None
    collection_name: str | None = None


class ProvisionedPollers(msgspec.Struct, rename="pascal", frozen=True):
    """Pollers that are always there."""

    minimum_pollers: int | None = None
    maximum_pollers: int | None = None


class EventSourceMapping(Record, kw_only=True, rename="pascal"):
    """An event source mapping (``lambda.ListEventSourceMappings``): Lambda polls the source with the function's role.

    Attributes
    ----------
    function_arn
        Of the function, or of a version or alias.
    event_source_arn
        Queue, stream, table stream, cluster or broker; ``None`` for a self-managed source.
    state
        ``"Enabled"``, ``"Disabled"``, or on the way to one of them.
    """

    kind: ClassVar[Kind] = Kind.EVENT_SOURCE_MAPPING

    uuid: str = msgspec.field(name="UUID")
    function_arn: str
    event_source_arn: str | None = None
    event_source_mapping_arn: str | None = None
    state: str | None = None
    state_transition_reason: str | None = None
    last_processing_result: str | None = None
    last_modified: str | float | None = None
    batch_size: int | None = None
    maximum_batching_window_in_seconds: int | None = None
    parallelization_factor: int | None = None
    starting_position: str | None = None
    maximum_record_age_in_seconds: int | UnsetType | None = None
    maximum_retry_attempts: int | UnsetType | None = None
    bisect_batch_on_function_error: bool | None = None
    tumbling_window_in_seconds: int | None = None
    function_response_types: tuple[str, ...] = ()
    filter_criteria: FilterCriteria | None = None
    kms_key_arn: str | None = msgspec.field(default=None, name="KMSKeyArn")
    scaling_config: ScalingConfig | None = None
    provisioned_poller_config: ProvisionedPollers | None = None
    destination_config: Destinations | None = None
    topics: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    source_access_configurations: tuple[SourceAccess, ...] = ()
    self_managed_event_source: SelfManagedEventSource | None = None
    document_db_event_source_config: DocumentDbSource | None = msgspec.field(
        default=None, name="DocumentDBEventSourceConfig"
    )
    filter_unreadable: bool = msgspec.field(default=False, name="__filter_unreadable")

    @property
    def enabled(self) -> bool:
        """Whether events are, or will be, delivered: true unless it is disabled or on the way there."""
        return self.state not in {"Disabled", "Disabling", "Deleting"}
