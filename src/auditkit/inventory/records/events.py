"""Amazon EventBridge: event buses, rules with their targets, archives, API destinations and connections.

Constant input of a target is not kept, nor the values of header, query and path parameters; of URLs only scheme, host
and port.
"""

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.origins import origin
from auditkit.inventory.record import PolicyText, Record, Source

__all__ = [
    "ApiDestination",
    "Archive",
    "Connection",
    "DeadLetterConfig",
    "EventBus",
    "Rule",
    "RuleTarget",
]


class DeadLetterConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Queue for what could not be delivered."""

    arn: str | None = None


class EventBus(Record, kw_only=True, rename="pascal"):
    """An event bus (``events.ListEventBuses``, ``events.DescribeEventBus``)."""

    kind: ClassVar[Kind] = Kind.EVENT_BUS

    arn: str
    managed_by: str | None = None
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")
    kms_key_identifier: str | UnsetType | None = msgspec.field(default=UNSET, name="KmsKeyIdentifier")
    dead_letter_config: DeadLetterConfig | UnsetType | None = msgspec.field(default=UNSET, name="DeadLetterConfig")


class EcsParameters(msgspec.Struct, rename="pascal", frozen=True):
    """Task that a target runs."""

    task_definition_arn: str


class RedshiftDataParameters(msgspec.Struct, rename="pascal", frozen=True):
    """Statement that a target runs in a warehouse; the statement itself is not kept."""

    database: str | None = None
    secret_manager_arn: str | None = None


class RuleTarget(msgspec.Struct, rename="pascal", frozen=True):
    """A target of a rule (``events.ListTargetsByRule``).

    Attributes
    ----------
    shape
        What of the event it gets: ``"event"``, ``"constant"``, ``"path"`` or ``"transformer"``.
    headers
        Names of header parameters.
    source
        Where it stands.
    """

    id: str
    arn: str
    role_arn: str | None = None
    ecs_parameters: EcsParameters | None = None
    redshift_data_parameters: RedshiftDataParameters | None = None
    dead_letter_config: DeadLetterConfig | None = None
    shape: str = msgspec.field(default="event", name="__shape")
    headers: tuple[str, ...] = msgspec.field(default=(), name="__headers")
    source: Source = msgspec.field(default=Source(""), name="__source")


class Rule(Record, kw_only=True, rename="pascal"):
    """A rule (``events.ListRules``) with its targets (``events.ListTargetsByRule``).

    Attributes
    ----------
    event_pattern
        The pattern; ``None`` where the rule has only a schedule, UNSET where it is no JSON object.
    targets
        UNSET where they were not seen.
    """

    kind: ClassVar[Kind] = Kind.RULE

    arn: str
    state: str | None = None
    schedule_expression: str | None = None
    role_arn: str | None = None
    managed_by: str | None = None
    event_bus_name: str | None = None
    event_pattern: dict[str, Any] | UnsetType | None = msgspec.field(default=None, name="__event_pattern")
    targets: tuple[RuleTarget, ...] | UnsetType | None = msgspec.field(default=UNSET, name="__targets")

    @property
    def enabled(self) -> bool:
        """Whether it is switched on."""
        return self.state != "DISABLED"


class Archive(Record, kw_only=True, rename="pascal"):
    """An archive of a bus (``events.ListArchives``)."""

    kind: ClassVar[Kind] = Kind.ARCHIVE

    archive_name: str
    event_source_arn: str
    state: str | None = None
    retention_days: int | None = None


class ApiDestination(Record, kw_only=True, rename="pascal"):
    """An API destination (``events.ListApiDestinations``); of the endpoint only scheme, host and port are kept."""

    kind: ClassVar[Kind] = Kind.API_DESTINATION

    api_destination_arn: str
    api_destination_state: str | None = None
    connection_arn: str | None = None
    invocation_endpoint: str = ""
    http_method: str | None = None

    def __post_init__(self) -> None:
        """Keep of the endpoint what may be kept."""
        self.invocation_endpoint = origin(self.invocation_endpoint)


class ResourceParameters(msgspec.Struct, rename="pascal", frozen=True):
    """Resource configuration of VPC Lattice through which a private host is reached."""

    resource_configuration_arn: str | None = None


class ConnectivityParameters(msgspec.Struct, rename="pascal", frozen=True):
    """Way to a private host."""

    resource_parameters: ResourceParameters | None = None


class Connection(Record, kw_only=True, rename="pascal"):
    """A connection: how an API destination shows who it is (``events.ListConnections``, ``events.DescribeConnection``).

    Attributes
    ----------
    secret_arn
        Secret in which EventBridge keeps the credentials; UNSET where only the list was seen.
    authorization_endpoint
        Scheme, host and port of the OAuth token endpoint.
    """

    kind: ClassVar[Kind] = Kind.CONNECTION

    connection_arn: str
    connection_state: str | None = None
    authorization_type: str | None = None
    secret_arn: str | UnsetType | None = UNSET
    kms_key_identifier: str | UnsetType | None = UNSET
    invocation_connectivity_parameters: ConnectivityParameters | UnsetType | None = UNSET
    authorization_endpoint: str | UnsetType | None = msgspec.field(default=UNSET, name="__authorization_endpoint")
