"""Data at rest: whether transient data and logs are kept without an end."""

from collections.abc import Iterator

from auditkit.areas.answers import Answer, passed, unknown, warned
from auditkit.areas.rules._dead_letters import dead_letter_queues
from auditkit.areas.scene import Scene
from auditkit.inventory import UnsetType
from auditkit.inventory.records.logs import LogGroup
from auditkit.inventory.records.messaging import Queue, QueueAttributes
from auditkit.inventory.records.streams import Stream
from auditkit.inventory.records.tables import Table, TimeToLive

__all__ = ["retention"]

_MOST_SECONDS, _MOST_HOURS = 14 * 24 * 3600, 168


def retention(scene: Scene) -> Iterator[Answer]:
    """Judge whether transient data and logs are kept without an end."""
    last = dead_letter_queues(scene)
    for queue in scene.inventory.of(Queue):
        yield _queue(queue, dead_letters=queue.id in last)
    for stream in scene.inventory.of(Stream):
        hours, at = stream.retention_period_hours, stream.source.at("RetentionPeriodHours")
        if hours is None:
            yield unknown(stream, "RetentionPeriodHours", at=stream.source)
        elif hours > _MOST_HOURS:
            yield warned(stream, f"records are kept for {hours} hours", at=at)
        else:
            yield passed(stream, f"records are kept for {hours} hours", at=at)
    for group in scene.inventory.of(LogGroup):
        at = group.source.at("retentionInDays")
        if isinstance(group.retention_in_days, UnsetType):
            yield unknown(group, "retentionInDays", at=at)
        elif group.retention_in_days is None:
            yield warned(group, "its logs are kept for ever", at=at)
        else:
            yield passed(group, f"its logs are kept for {group.retention_in_days} days", at=at)
    for table in scene.inventory.of(Table):
        if "session" in table.table_name.lower():
            yield _expiry(table)


def _queue(queue: Queue, *, dead_letters: bool) -> Answer:
    attributes = queue.attributes
    if not isinstance(attributes, QueueAttributes) or not isinstance(attributes.message_retention_period, int):
        return unknown(queue, "MessageRetentionPeriod", at=queue.source)
    days, at = attributes.message_retention_period / 86400, attributes.source.at("MessageRetentionPeriod")
    if attributes.message_retention_period >= _MOST_SECONDS and dead_letters:
        return passed(queue, f"what failed elsewhere is kept for {days:g} days, to be looked at", at=at)
    if attributes.message_retention_period >= _MOST_SECONDS:
        return warned(queue, f"messages are kept for {days:g} days, the most there is", at=at)
    return passed(queue, f"messages are kept for {days:g} days", at=at)


def _expiry(table: Table) -> Answer:
    ttl = table.time_to_live
    if not isinstance(ttl, TimeToLive):
        missing = isinstance(ttl, UnsetType)
        at = table.source
        return (
            unknown(table, "dynamodb:DescribeTimeToLive", at=at)
            if missing
            else warned(table, "sessions never expire", at=at)
        )
    if ttl.time_to_live_status in {"ENABLED", "ENABLING"}:
        return passed(table, "sessions expire", at=table.sources)
    return warned(table, "sessions never expire: time to live is off", at=table.sources)
