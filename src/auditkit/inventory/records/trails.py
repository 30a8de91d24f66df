"""Trails: where calls of APIs are recorded."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record, Source

__all__ = ["AdvancedEventSelector", "EventSelector", "EventSelectors", "Trail"]


class DataResource(msgspec.Struct, rename="pascal", frozen=True):
    """Data events of one type that are recorded."""

    type: str
    values: tuple[str, ...] = ()


class EventSelector(msgspec.Struct, rename="pascal", frozen=True):
    """What a trail records, in the older form: ``ReadOnly``, ``WriteOnly`` or ``All``."""

    read_write_type: str | None = None
    include_management_events: bool | None = None
    data_resources: tuple[DataResource, ...] = ()


class FieldSelector(msgspec.Struct, rename="pascal", frozen=True):
    """A condition on a field of events."""

    field: str
    equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()


class AdvancedEventSelector(msgspec.Struct, rename="pascal", frozen=True):
    """What a trail records, in the newer form: all conditions must hold."""

    field_selectors: tuple[FieldSelector, ...] = ()


class EventSelectors(msgspec.Struct, rename="pascal", frozen=True, kw_only=True):
    """What a trail records (``cloudtrail.GetEventSelectors``)."""

    event_selectors: tuple[EventSelector, ...] = ()
    advanced_event_selectors: tuple[AdvancedEventSelector, ...] = ()
    source: Source = msgspec.field(default=Source(""), name="__source")


class Trail(Record, kw_only=True, rename="pascal"):
    """A trail (``cloudtrail.DescribeTrails``, ``cloudtrail.GetTrailStatus``, ``cloudtrail.GetEventSelectors``)."""

    kind: ClassVar[Kind] = Kind.TRAIL

    trail_name: str = msgspec.field(default="", name="Name")
    trail_arn: str = msgspec.field(name="TrailARN")
    s3_bucket_name: str | None = None
    is_multi_region_trail: bool | None = None
    is_organization_trail: bool | None = None
    home_region: str | None = None
    log_file_validation_enabled: bool | None = None
    is_logging: bool | UnsetType | None = msgspec.field(default=UNSET, name="__is_logging")
    selectors: EventSelectors | UnsetType | None = msgspec.field(default=UNSET, name="__selectors")
