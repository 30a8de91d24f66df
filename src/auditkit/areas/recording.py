"""What trails record: whether every use of a store, or every invocation of a function, would be in a log.

What the fields of selectors mean: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
and .../API_AdvancedFieldSelector.html; the readOnly of the advanced form is the ReadWriteType of the older one.
"""

from typing import Literal

from auditkit.inventory import Kind, Record
from auditkit.inventory.records.trails import AdvancedEventSelector, EventSelector, EventSelectors, Trail

__all__ = ["LOGGED", "covers", "records_all"]

LOGGED = {
    Kind.BUCKET: ("s3.amazonaws.com", "AWS::S3::Object"),
    Kind.TABLE: ("dynamodb.amazonaws.com", "AWS::DynamoDB::Table"),
    Kind.QUEUE: ("sqs.amazonaws.com", "AWS::SQS::Queue"),
    Kind.TOPIC: ("sns.amazonaws.com", "AWS::SNS::Topic"),
    Kind.STREAM: ("kinesis.amazonaws.com", "AWS::Kinesis::Stream"),
}
"""Stores whose use CloudTrail's data events show: source and type of the events."""

Asked = Literal["All", "ReadOnly", "WriteOnly"]
"""Which data events are asked for."""
_READ_ONLY: dict[Asked, tuple[str, ...]] = {"ReadOnly": ("true",), "WriteOnly": ("false",)}
_NARROWS_NOTHING = frozenset({"eventCategory", "resources.type", "resources.ARN"})


def covers(trail: Trail, record: Record) -> bool:
    """Return whether a trail is one of the account and region of a record, or of its whole organization."""
    here = trail.is_multi_region_trail or record.region == (trail.home_region or trail.region)
    ours = trail.account == record.account or trail.is_organization_trail
    return bool(here and ours)


def records_all(trail: Trail, record: Record, kind: str, *, asked: Asked = "All") -> bool:
    """Return whether a trail surely records all data events about a record, or all of those that are asked for.

    Parameters
    ----------
    trail, record
        The trail, and the store or function.
    kind
        Type of its resources in data events: ``"AWS::S3::Object"``; nothing is recorded of ``""``.
    asked
        Which of them count, in the words of selectors: ``"WriteOnly"`` of what has no others, as invocations are.
    """
    if not (
        kind and covers(trail, record) and trail.is_logging is True and isinstance(trail.selectors, EventSelectors)
    ):
        return False
    return any(_plain(one, record, kind, asked) for one in trail.selectors.event_selectors) or any(
        _advanced(one, record, kind, asked) for one in trail.selectors.advanced_event_selectors
    )


def _plain(selector: EventSelector, record: Record, kind: str, asked: Asked) -> bool:
    if selector.read_write_type not in {None, "All", asked}:
        return False
    found = (value for data in selector.data_resources if data.type == kind for value in data.values)
    return any(_whole(record, value) for value in found)


def _advanced(selector: AdvancedEventSelector, record: Record, kind: str, asked: Asked) -> bool:
    fields = {one.field: one for one in selector.field_selectors}
    if "readOnly" in fields and fields["readOnly"].equals == _READ_ONLY.get(asked):
        del fields["readOnly"]
    typed, arn = fields.get("resources.type"), fields.get("resources.ARN")
    if typed is None or kind not in typed.equals or not fields.keys() <= _NARROWS_NOTHING:
        return False
    if arn is None:
        return True
    if arn.not_equals or arn.not_starts_with:
        return False
    itself = record.kind is not Kind.BUCKET and record.id in arn.equals  # events of objects bear the objects' ARNs
    return itself or any(_whole(record, start) or record.id.startswith(start) for start in arn.starts_with if start)


def _whole(record: Record, start: str) -> bool:
    """Return whether the beginning of an ARN takes in a store with all that is in it, or a function.

    The name itself takes in that store alone, whatever begins with it (``table/orders`` is not ``table/orders-2``);
    what is shorter names a service, an account, or all buckets.
    """
    if start.rstrip("/") == record.id:
        return True
    name = record.id.rpartition("/" if record.kind is Kind.TABLE else ":")[0]
    return bool(start) and name.startswith(start.rstrip(":/"))
