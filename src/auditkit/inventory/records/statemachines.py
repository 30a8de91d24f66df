"""AWS Step Functions: state machines, their definitions narrowed to the states that call something."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.evidence.plain_secrets import PlantedSecret
from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record, Source

__all__ = ["StateCall", "StateMachine"]


class StateCall(msgspec.Struct, frozen=True, kw_only=True):
    """A state that calls something.

    Attributes
    ----------
    state
        Name of the state, after those of the Map and Parallel states around it: ``"Each order/Charge"``.
    part
        What of the state calls: ``"task"``, or the ``"reader"`` or ``"writer"`` of a Distributed Map.
    resource
        The resource as it stands: an ARN of a function, an activity, or a service integration.
    integration
        ``"<service>:<action>"`` of a service integration, ``"aws-sdk:<service>:<action>"`` of one by SDK;
        ``"lambda:invoke"`` for a function's ARN, ``"activity"`` for an activity; ``""`` for what is none of these.
    pattern
        ``""``, ``"sync"``, ``"sync:2"`` or ``"waitForTaskToken"``.
    references
        Resources that the arguments name, see :func:`auditkit.inventory.arguments.named_in`.
    assumes
        Role of ``Credentials``, where it is another than the machine's; ``"(computed)"`` where it is computed.
    source
        The state's place in the definition.
    """

    state: str
    part: str = "task"
    resource: str
    integration: str
    pattern: str = ""
    references: dict[str, tuple[str, ...]] = {}
    assumes: str = ""
    source: Source = Source("")


class LogGroup(msgspec.Struct, rename="camel", frozen=True):
    """Log group of a destination."""

    log_group_arn: str | None = None


class LogDestination(msgspec.Struct, rename="camel", frozen=True):
    """Where an execution is logged."""

    cloud_watch_logs_log_group: LogGroup | None = None


class LoggingConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """What of an execution is logged, and whether with its data."""

    level: str | None = None
    include_execution_data: bool | None = None
    destinations: tuple[LogDestination, ...] = ()


class EncryptionConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """Key of definition and execution history."""

    kms_key_id: str | None = None
    type: str | None = None


class StateMachine(Record, kw_only=True, rename="camel"):
    """A state machine (``stepfunctions.ListStateMachines``, ``stepfunctions.DescribeStateMachine``).

    The history of its executions holds input and output of every state: data at rest.

    Attributes
    ----------
    calls
        States that call something; UNSET where the definition was not seen or is none.
    secrets
        Where the definition holds a secret; UNSET as above.
    """

    kind: ClassVar[Kind] = Kind.STATE_MACHINE

    state_machine_arn: str
    type: str | None = None
    status: str | UnsetType | None = UNSET
    role_arn: str | UnsetType | None = UNSET
    logging_configuration: LoggingConfiguration | UnsetType | None = UNSET
    encryption_configuration: EncryptionConfiguration | UnsetType | None = UNSET
    calls: tuple[StateCall, ...] | UnsetType = msgspec.field(default=UNSET, name="__calls")
    secrets: tuple[PlantedSecret, ...] | UnsetType = msgspec.field(default=UNSET, name="__secrets")
