"""Whether CloudTrail would have shown any use of a store, and for how many days its log was read."""

from datetime import date

from auditkit.areas.scene import Scene
from auditkit.inventory import Kind, Record
from auditkit.inventory.evidence.observed import ActivityLog
from auditkit.inventory.records.guards import AdvancedEventSelector, EventSelector, EventSelectors, Trail

__all__ = ["LOGGED", "days_between", "days_watched"]

LOGGED = {
    Kind.BUCKET: ("s3.amazonaws.com", "AWS::S3::Object"),
    Kind.TABLE: ("dynamodb.amazonaws.com", "AWS::DynamoDB::Table"),
    Kind.QUEUE: ("sqs.amazonaws.com", "AWS::SQS::Queue"),
    Kind.TOPIC: ("sns.amazonaws.com", "AWS::SNS::Topic"),
    Kind.STREAM: ("kinesis.amazonaws.com", "AWS::Kinesis::Stream"),
}
"""Stores whose use CloudTrail's data events show: source and type of the events."""

_RECENT = 90
_NARROWS_NOTHING = frozenset({"eventCategory", "resources.type", "resources.ARN"})


def days_between(first: str, last: str) -> int | None:
    """Return the days from one moment to another, both counted; ``None`` where one is none (ISO 8601)."""
    try:
        return (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days + 1
    except ValueError:
        return None


def days_watched(scene: Scene, record: Record) -> int | None:
    """Return for how many days up to the audit all use of a store would be in the logs that were read.

    That asks for a trail that is known to log and to record all data events of the store, and for events of its
    service in a log of its account and region that ends at most 90 days before the audit. ``None`` otherwise.
    """
    service, kind = LOGGED.get(record.kind, ("", ""))
    if not any(_records(trail, record, kind) for trail in scene.inventory.of(Trail)):
        return None
    days = []
    for log in scene.inventory.of(ActivityLog):
        ended = scene.age(log.last)
        here = log.account == record.account and record.region in {log.region, "", "global"}
        if here and service in log.data_services and ended is not None and ended <= _RECENT:
            days.append(days_between(log.first, log.last))
    return max((one for one in days if one is not None), default=None)


def _records(trail: Trail, record: Record, kind: str) -> bool:
    """Return whether a trail surely records all data events of a store."""
    here = trail.is_multi_region_trail or record.region == (trail.home_region or trail.region)
    ours = trail.account == record.account or trail.is_organization_trail
    if not (kind and here and ours and trail.is_logging is True and isinstance(trail.selectors, EventSelectors)):
        return False
    return any(_plain(one, record, kind) for one in trail.selectors.event_selectors) or any(
        _advanced(one, record, kind) for one in trail.selectors.advanced_event_selectors
    )


def _plain(selector: EventSelector, record: Record, kind: str) -> bool:
    if selector.read_write_type not in {None, "All"}:
        return False
    found = (value for data in selector.data_resources if data.type == kind for value in data.values)
    return any(_whole(record, value) for value in found)


def _advanced(selector: AdvancedEventSelector, record: Record, kind: str) -> bool:
    fields = {one.field: one for one in selector.field_selectors}
    typed, arn = fields.get("resources.type"), fields.get("resources.ARN")
    if typed is None or kind not in typed.equals or not fields.keys() <= _NARROWS_NOTHING:
        return False
    if arn is None:
        return True
    if arn.not_equals or arn.not_starts_with:
        return False
    return record.id in arn.equals or any(_whole(record, start) for start in arn.starts_with)


def _whole(record: Record, start: str) -> bool:
    """Return whether the beginning of an ARN takes in a store with all that is in it.

    The name itself takes in that store alone, whatever begins with it (``table/orders`` is not ``table/orders-2``);
    what is shorter names a service, an account, or all buckets.
    """
    if start.rstrip("/") == record.id:
        return True
    name = record.id.rpartition("/" if record.kind is Kind.TABLE else ":")[0]
    return bool(start) and name.startswith(start.rstrip(":/"))
