"""Amazon EventBridge Scheduler and Pipes.

Input of a target is not kept, only the resources that it names; nor are header, query and path parameters.
"""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record
from auditkit.inventory.records.events import DeadLetterConfig, EcsParameters

__all__ = ["Pipe", "PipeSource", "PipeTarget", "Schedule", "ScheduleTarget"]


class ScheduleTarget(msgspec.Struct, rename="pascal", frozen=True):
    """Target of a schedule.

    Attributes
    ----------
    arn
        ARN of a resource, or of a universal target: ``arn:aws:scheduler:::aws-sdk:<service>:<action>``.
    references
        Resources that the input of a universal target names, see :func:`auditkit.inventory.arguments.named_in`; UNSET
        where the input is no JSON.
    has_input
        Whether there is a constant input.
    """

    arn: str
    role_arn: str | None = None
    dead_letter_config: DeadLetterConfig | None = None
    ecs_parameters: EcsParameters | None = None
    references: dict[str, tuple[str, ...]] | UnsetType = msgspec.field(default_factory=dict, name="__references")
    has_input: bool = msgspec.field(default=False, name="__has_input")


class Schedule(Record, kw_only=True, rename="pascal"):
    """A schedule (``scheduler.ListSchedules``, ``scheduler.GetSchedule``).

    Attributes
    ----------
    target
        UNSET where only the list was seen, which tells the target's ARN alone.
    """

    kind: ClassVar[Kind] = Kind.SCHEDULE

    arn: str
    group_name: str | None = None
    state: str | None = None
    schedule_expression: str | UnsetType | None = UNSET
    kms_key_arn: str | UnsetType | None = UNSET
    target_arn: str = msgspec.field(default="", name="__target_arn")
    target: ScheduleTarget | UnsetType | None = msgspec.field(default=UNSET, name="__target")

    @property
    def enabled(self) -> bool:
        """Whether it is switched on."""
        return self.state != "DISABLED"


class PipeSource(msgspec.Struct, frozen=True):
    """What a pipe reads, beside its source's ARN.

    Attributes
    ----------
    filters
        Number of filter patterns.
    dead_letter_arn
        Queue or topic for what could not be processed.
    credentials
        Kinds of credentials and the secrets that hold them: ``"BasicAuth"`` -> ARN.
    maximum_retry_attempts, maximum_record_age_in_seconds
        Of a stream: how often, and until which age of its records, a batch is tried; -1 and ``None`` are for ever.
    """

    filters: int = 0
    dead_letter_arn: str | None = None
    credentials: dict[str, str] = {}
    maximum_retry_attempts: int | UnsetType | None = None
    maximum_record_age_in_seconds: int | UnsetType | None = None


class PipeTarget(msgspec.Struct, frozen=True):
    """How a pipe hands on.

    Attributes
    ----------
    transforms
        Whether an input template changes what is handed on.
    task_definition_arn
        Task that an ECS target runs.
    invocation_type
        ``"REQUEST_RESPONSE"`` or ``"FIRE_AND_FORGET"``.
    """

    transforms: bool = False
    task_definition_arn: str | None = None
    invocation_type: str | None = None


class Pipe(Record, kw_only=True, rename="pascal"):
    """A pipe (``pipes.ListPipes``, ``pipes.DescribePipe``); source and target in full only where it was described."""

    kind: ClassVar[Kind] = Kind.PIPE

    arn: str
    desired_state: str | None = None
    current_state: str | None = None
    source_arn: str = msgspec.field(default="", name="Source")
    target: str = ""
    enrichment: str | None = None
    role_arn: str | UnsetType | None = UNSET
    kms_key_identifier: str | UnsetType | None = UNSET
    reads: PipeSource | UnsetType = msgspec.field(default=UNSET, name="__reads")
    hands_on: PipeTarget | UnsetType = msgspec.field(default=UNSET, name="__hands_on")
    log_groups: tuple[str, ...] | UnsetType = msgspec.field(default=UNSET, name="__log_groups")

    @property
    def enabled(self) -> bool:
        """Whether it is switched on."""
        return self.desired_state not in {"STOPPED", "DELETED"}
