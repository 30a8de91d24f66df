"""What trails record: whether every use of a store, or every invocation of a function, would be in a log."""

from auditkit.inventory import Kind, Record
from auditkit.inventory.records.guards import AdvancedEventSelector, EventSelector, EventSelectors, Trail

__all__ = ["covers", "records_all"]

_NARROWS_NOTHING = frozenset({"eventCategory", "resources.type", "resources.ARN"})


def covers(trail: Trail, record: Record) -> bool:
    """Return whether a trail is one of the account and region of a record, or of its whole organization."""
    here = trail.is_multi_region_trail or record.region == (trail.home_region or trail.region)
    ours = trail.account == record.account or trail.is_organization_trail
    return bool(here and ours)


def records_all(trail: Trail, record: Record, kind: str, *, written: bool = False) -> bool:
    """Return whether a trail surely records all data events about a record.

    Parameters
    ----------
    trail, record
        The trail, and the store or function.
    kind
        Type of its resources in data events: ``"AWS::S3::Object"``; nothing is recorded of ``""``.
    written
        Whether all its data events write, as invocations do: then a trail that records nothing else will do.
    """
    if not (
        kind and covers(trail, record) and trail.is_logging is True and isinstance(trail.selectors, EventSelectors)
    ):
        return False
    return any(_plain(one, record, kind, written=written) for one in trail.selectors.event_selectors) or any(
        _advanced(one, record, kind, written=written) for one in trail.selectors.advanced_event_selectors
    )


def _plain(selector: EventSelector, record: Record, kind: str, *, written: bool) -> bool:
    if selector.read_write_type not in {None, "All", *(("WriteOnly",) if written else ())}:
        return False
    found = (value for data in selector.data_resources if data.type == kind for value in data.values)
    return any(_whole(record, value) for value in found)


def _advanced(selector: AdvancedEventSelector, record: Record, kind: str, *, written: bool) -> bool:
    fields = {one.field: one for one in selector.field_selectors}
    if written and "readOnly" in fields and fields["readOnly"].equals == ("false",):
        del fields["readOnly"]
    typed, arn = fields.get("resources.type"), fields.get("resources.ARN")
    if typed is None or kind not in typed.equals or not fields.keys() <= _NARROWS_NOTHING:
        return False
    if arn is None:
        return True
    if arn.not_equals or arn.not_starts_with:
        return False
    return record.id in arn.equals or any(_whole(record, start) for start in arn.starts_with)


def _whole(record: Record, start: str) -> bool:
    """Return whether the beginning of an ARN takes in a store with all that is in it, or a function.

    The name itself takes in that store alone, whatever begins with it (``table/orders`` is not ``table/orders-2``);
    what is shorter names a service, an account, or all buckets.
    """
    if start.rstrip("/") == record.id:
        return True
    name = record.id.rpartition("/" if record.kind is Kind.TABLE else ":")[0]
    return bool(start) and name.startswith(start.rstrip(":/"))
