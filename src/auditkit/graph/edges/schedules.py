"""Edges of Amazon EventBridge Scheduler."""

from auditkit.graph._build import Builder
from auditkit.graph.edges._calls import ApiCall, connect_call
from auditkit.graph.edges._targets import dead_letter, hand_on
from auditkit.inventory import UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.schedules import Schedule, ScheduleTarget

__all__ = ["connect"]

_HOP = "scheduler/pipes->target"
_SERVICE = "scheduler.amazonaws.com"


def connect(build: Builder) -> None:
    """Connect schedules with their targets, their role and their dead-letter queue.

    A universal target (``arn:aws:scheduler:::aws-sdk:<service>:<action>``) is connected with what its input names.
    """
    for schedule in build.inventory.of(Schedule):
        build.add(schedule)
        if isinstance(schedule.target, ScheduleTarget):
            _connect_target(build, schedule, schedule.target)
        elif schedule.target_arn and not schedule.target_arn.startswith("arn:aws:scheduler:::"):
            hand_on(
                build,
                schedule.id,
                schedule.target_arn,
                hop=_HOP,
                sources=(schedule.source.at("Target", "Arn"),),
                service="",
                role=None,
                enabled=schedule.enabled,
            )


def _connect_target(build: Builder, schedule: Schedule, target: ScheduleTarget) -> None:
    where = next((source for source in schedule.sources if "/Schedules/" not in source.pointer), schedule.source)
    sources = (where.at("Target"),)
    expression = "" if isinstance(schedule.schedule_expression, UnsetType) else schedule.schedule_expression or ""
    detail = ", ".join(text for text in (expression, "constant input" if target.has_input else "") if text)
    if target.role_arn:
        build.acts_in(schedule.id, target.role_arn, sources=sources)
    universal = parse_arn(target.arn)
    if universal is not None and universal.service == "scheduler":
        references = {} if isinstance(target.references, UnsetType) else target.references
        call = ApiCall(
            integration=universal.resource,
            references=references,
            label=universal.resource.removeprefix("aws-sdk:"),
            sources=sources,
            place={"account": schedule.account, "region": schedule.region},
            detail=detail,
        )
        connect_call(build, schedule.id, call, hop=_HOP, enabled=schedule.enabled)
    else:
        task = target.ecs_parameters
        hand_on(
            build,
            schedule.id,
            task.task_definition_arn if task else target.arn,
            hop=_HOP,
            sources=sources,
            service=_SERVICE,
            role=target.role_arn,
            detail=detail,
            enabled=schedule.enabled,
            validation=(0, "The input is part of the schedule."),
        )
    letters = target.dead_letter_config
    dead_letter(
        build,
        schedule.id,
        letters.arn if letters else None,
        hop=_HOP,
        sources=sources,
        service=_SERVICE,
        enabled=schedule.enabled,
    )
