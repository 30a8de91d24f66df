"""Whether CloudTrail would have shown any use of a store, and for how many days its log was read."""

from auditkit.areas.recording import LOGGED, records_all
from auditkit.areas.scene import Scene
from auditkit.inventory import Record
from auditkit.inventory.evidence.observed import ActivityLog
from auditkit.inventory.moments import days_between
from auditkit.inventory.records.trails import Trail

__all__ = ["days_watched"]

_RECENT = 90


def days_watched(scene: Scene, record: Record) -> int | None:
    """Return for how many days up to the audit all use of a store would be in the logs that were read.

    That asks for a trail that is known to log and to record all data events of the store, and for events of its
    service in a log of its account and region that ends at most 90 days before the audit. ``None`` otherwise.
    """
    service, kind = LOGGED.get(record.kind, ("", ""))
    if not any(records_all(trail, record, kind) for trail in scene.inventory.of(Trail)):
        return None
    days = []
    for log in scene.inventory.of(ActivityLog):
        ended = scene.age(log.last)
        here = log.account == record.account and record.region in {log.region, "", "global"}
        if here and service in log.data_services and ended is not None and ended <= _RECENT:
            days.append(days_between(log.first, log.last))
    return max((one for one in days if one is not None), default=None)
