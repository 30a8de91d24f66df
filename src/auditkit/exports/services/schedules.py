"""Responses of Amazon EventBridge Scheduler and Amazon EventBridge Pipes."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from auditkit.exports._attached import tags_of
from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.inventory import UNSET, Source, UnsetType
from auditkit.inventory.arguments import named_in, service_of
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.events import DeadLetterConfig, EcsParameters
from auditkit.inventory.records.schedules import Pipe, PipeSource, PipeTarget, Schedule, ScheduleTarget

__all__ = ["HANDLERS"]


class _Arn(msgspec.Struct, rename="pascal"):
    arn: str | None = None


def _list_schedules(response: Response, reading: Reading) -> None:
    for schedule, item, source in reading.each(response, Schedule, "Schedules"):
        target = reading.decode(_Arn, item.get("Target") or {}, source.at("Target"))
        schedule.target_arn = (target.arn if target else None) or ""
        _add_schedule(schedule, item, reading)


def _get_schedule(response: Response, reading: Reading) -> None:
    item = response.payload
    if not item:
        return
    schedule = reading.convert(response, Schedule, item)
    if schedule is None:
        return
    if schedule.kms_key_arn is UNSET:
        schedule.kms_key_arn = None
    source = response.at("Target")
    raw = reading.value(dict, response, "Target")
    target = reading.decode(ScheduleTarget, raw, source) if raw else None
    if raw and target is not None:
        schedule.target_arn = target.arn
        schedule.target = msgspec.structs.replace(
            target,
            has_input=raw.get("Input") is not None,
            references=_references(target.arn, raw.get("Input"), source.at("Input"), reading),
        )
    _add_schedule(schedule, item, reading)


def _add_schedule(schedule: Schedule, item: dict[str, Any], reading: Reading) -> None:
    schedule.id, schedule.name = schedule.arn, str(item.get("Name") or schedule.arn.rpartition("/")[2])
    reading.add(schedule)


def _references(arn: str, text: object, source: Source, reading: Reading) -> dict[str, tuple[str, ...]] | UnsetType:
    """Return what the input of a universal target names; an input of another target is for its code alone."""
    parsed = parse_arn(arn)
    if parsed is None or parsed.service != "scheduler" or not parsed.resource.startswith("aws-sdk:"):
        return {}
    if text is None:
        return {}
    if isinstance(text, str):
        try:
            text = parse_json(text.encode("utf-8", "surrogatepass"))
        except JsonError as error:
            reading.not_read(source, f"input of a universal target is not JSON: {error}")
            return UNSET
    return named_in(service_of(parsed.resource.split(":")[1]), text)


class _Filters(msgspec.Struct, rename="pascal"):
    filters: tuple[dict[str, Any], ...] = ()


class _SourceKind(msgspec.Struct, rename="pascal"):
    """Parameters of any kind of source."""

    dead_letter_config: DeadLetterConfig | None = None
    credentials: dict[str, str] | None = None
    maximum_retry_attempts: int | str | None = None
    maximum_record_age_in_seconds: int | str | None = None


class _SourceParameters(msgspec.Struct, rename="pascal"):
    filter_criteria: _Filters | None = None
    kinesis_stream_parameters: _SourceKind | None = None
    dynamo_db_stream_parameters: _SourceKind | None = msgspec.field(default=None, name="DynamoDBStreamParameters")
    active_mq_broker_parameters: _SourceKind | None = msgspec.field(default=None, name="ActiveMQBrokerParameters")
    rabbit_mq_broker_parameters: _SourceKind | None = msgspec.field(default=None, name="RabbitMQBrokerParameters")
    managed_streaming_kafka_parameters: _SourceKind | None = None
    self_managed_kafka_parameters: _SourceKind | None = None


class _Invocation(msgspec.Struct, rename="pascal"):
    invocation_type: str | None = None


class _TargetParameters(msgspec.Struct, rename="pascal"):
    input_template: str | None = None
    ecs_task_parameters: EcsParameters | None = None
    lambda_function_parameters: _Invocation | None = None
    step_function_state_machine_parameters: _Invocation | None = None


class _LogGroup(msgspec.Struct, rename="pascal"):
    log_group_arn: str | None = None


class _LogConfiguration(msgspec.Struct, rename="pascal"):
    cloudwatch_logs_log_destination: _LogGroup | None = None


def _list_pipes(response: Response, reading: Reading) -> None:
    for pipe, item, _ in reading.each(response, Pipe, "Pipes"):
        pipe.id, pipe.name = pipe.arn, str(item.get("Name") or pipe.arn.rpartition("/")[2])
        reading.add(pipe)


def _describe_pipe(response: Response, reading: Reading) -> None:
    item = response.payload
    if not item:
        return
    pipe = reading.convert(response, Pipe, item)
    if pipe is None:
        return
    pipe.id, pipe.name = pipe.arn, str(item.get("Name") or pipe.arn.rpartition("/")[2])
    pipe.tags = tags_of(item.get("Tags"), response.at("Tags"), reading)
    if pipe.kms_key_identifier is UNSET:
        pipe.kms_key_identifier = None
    pipe.reads = _reads(item, response, reading)
    pipe.hands_on = _hands_on(item, response, reading)
    logs = reading.decode(_LogConfiguration, item.get("LogConfiguration") or {}, response.at("LogConfiguration"))
    group = logs.cloudwatch_logs_log_destination if logs else None
    pipe.log_groups = (group.log_group_arn,) if group and group.log_group_arn else () if logs else UNSET
    reading.add(pipe)


def _reads(item: dict[str, Any], response: Response, reading: Reading) -> PipeSource | UnsetType:
    source = response.at("SourceParameters")
    found = reading.decode(_SourceParameters, item.get("SourceParameters") or {}, source)
    if found is None:
        return UNSET
    kinds = [value for value in msgspec.structs.astuple(found) if isinstance(value, _SourceKind)]
    letters = [kind.dead_letter_config.arn for kind in kinds if kind.dead_letter_config]
    return PipeSource(
        filters=len(found.filter_criteria.filters) if found.filter_criteria else 0,
        dead_letter_arn=next((arn for arn in letters if arn), None),
        credentials=dict(sorted(pair for kind in kinds for pair in (kind.credentials or {}).items())),
        maximum_retry_attempts=_limit(kind.maximum_retry_attempts for kind in kinds),
        maximum_record_age_in_seconds=_limit(kind.maximum_record_age_in_seconds for kind in kinds),
    )


def _limit(values: Iterable[int | str | None]) -> int | UnsetType | None:
    """Return the limit that one source has; UNSET where it is no number, as templates have parameters."""
    value = next(iter(values), None)
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"-?\d{1,9}", value) else UNSET
    return value


def _hands_on(item: dict[str, Any], response: Response, reading: Reading) -> PipeTarget | UnsetType:
    source = response.at("TargetParameters")
    found = reading.decode(_TargetParameters, item.get("TargetParameters") or {}, source)
    if found is None:
        return UNSET
    invocation = found.lambda_function_parameters or found.step_function_state_machine_parameters
    return PipeTarget(
        transforms=bool(found.input_template),
        task_definition_arn=found.ecs_task_parameters.task_definition_arn if found.ecs_task_parameters else None,
        invocation_type=invocation.invocation_type if invocation else None,
    )


HANDLERS: dict[tuple[str, str], Handler] = {
    ("pipes", "DescribePipe"): _describe_pipe,
    ("pipes", "ListPipes"): _list_pipes,
    ("scheduler", "GetSchedule"): _get_schedule,
    ("scheduler", "ListSchedules"): _list_schedules,
}
