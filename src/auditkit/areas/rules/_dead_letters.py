"""Queues that take what others failed with, whatever hands it to them."""

from collections.abc import Iterator

from auditkit.areas.scene import Scene
from auditkit.inventory.records.events import DeadLetterConfig, EventBus, Rule
from auditkit.inventory.records.functions import FunctionVersion
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.messaging import (
    Queue,
    QueueAttributes,
    RedriveAllowPolicy,
    RedrivePolicy,
    Subscription,
    SubscriptionAttributes,
)
from auditkit.inventory.records.schedules import Pipe, PipeSource, Schedule, ScheduleTarget

__all__ = ["dead_letter_queues"]


def dead_letter_queues(scene: Scene) -> frozenset[str]:
    """Return the ARNs of what takes what failed elsewhere: in queues, functions, topics, rules, schedules, pipes."""
    return frozenset({*_of_queues(scene), *_of_functions(scene), *_of_events(scene)} - {""})


def _of_queues(scene: Scene) -> Iterator[str]:
    for queue in scene.inventory.of(Queue):
        attributes = queue.attributes
        if not isinstance(attributes, QueueAttributes):
            continue
        if isinstance(attributes.redrive_policy, RedrivePolicy):
            yield attributes.redrive_policy.dead_letter_target_arn
        allowed = attributes.redrive_allow_policy
        if isinstance(allowed, RedriveAllowPolicy) and allowed.redrive_permission == "byQueue":
            yield queue.id
    for subscription in scene.inventory.of(Subscription):
        told = subscription.attributes
        if isinstance(told, SubscriptionAttributes) and isinstance(told.redrive_policy, RedrivePolicy):
            yield told.redrive_policy.dead_letter_target_arn


def _of_functions(scene: Scene) -> Iterator[str]:
    for code in (*scene.functions, *scene.inventory.of(FunctionVersion)):
        if code.dead_letter_config is not None:
            yield code.dead_letter_config.target_arn or ""
    for function in scene.functions:
        for config in function.event_invoke_configs if isinstance(function.event_invoke_configs, tuple) else ():
            yield config.destination_config.failure if config.destination_config is not None else ""
    for mapping in scene.inventory.of(EventSourceMapping):
        yield mapping.destination_config.failure if mapping.destination_config is not None else ""


def _of_events(scene: Scene) -> Iterator[str]:
    configs: list[object] = [bus.dead_letter_config for bus in scene.inventory.of(EventBus)]
    for rule in scene.inventory.of(Rule):
        configs += [one.dead_letter_config for one in (rule.targets if isinstance(rule.targets, tuple) else ())]
    targets = (schedule.target for schedule in scene.inventory.of(Schedule))
    configs += [target.dead_letter_config for target in targets if isinstance(target, ScheduleTarget)]
    for config in configs:
        if isinstance(config, DeadLetterConfig):
            yield config.arn or ""
    for pipe in scene.inventory.of(Pipe):
        if isinstance(pipe.reads, PipeSource):
            yield pipe.reads.dead_letter_arn or ""
