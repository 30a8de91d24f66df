"""IAM last-accessed data: which services, and which of their actions, a principal has used.

IAM remembers 400 days, and of a service or action only what it tracks (IAM user guide, *Refine permissions in AWS using
last accessed information*). An attempt counts whether it was allowed or not; a service that is not listed is one that
no policy of the principal allows.
"""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["TRACKING_DAYS", "ActionAccess", "LastAccess", "ServiceAccess"]

TRACKING_DAYS = 400
"""How far back IAM remembers, in days."""


class ActionAccess(msgspec.Struct, frozen=True):
    """When an action was last used.

    Attributes
    ----------
    action
        Its full name: ``"s3:GetObject"``.
    last_used
        ``None`` where it was not used in the tracking period.
    region
        Where the last attempt was made, ``""`` where that is not said.
    """

    action: str
    last_used: str | None
    region: str = ""


class ServiceAccess(msgspec.Struct, frozen=True):
    """When a service was last used.

    Attributes
    ----------
    service
        Its namespace in policies: ``"s3"``.
    last_used
        ``None`` where it was not used in the tracking period.
    region
        Where the last attempt was made.
    actions
        The actions that IAM tracks, sorted; :data:`~msgspec.UNSET` where they were not asked for, or none is tracked.
    """

    service: str
    last_used: str | None
    region: str = ""
    actions: tuple[ActionAccess, ...] | UnsetType = UNSET


class LastAccess(Record, kw_only=True):
    """What one principal has used (``iam:GetServiceLastAccessedDetails``); its id is ``last-access:`` and its ARN.

    Attributes
    ----------
    principal
        ARN of the role, user, group or managed policy.
    services
        Every service that its policies allow, sorted by namespace.
    as_of
        When IAM made the list.
    complete
        False where a next page is missing: a service that is not listed may have been used.
    """

    kind: ClassVar[Kind] = Kind.LAST_ACCESS

    principal: str
    services: tuple[ServiceAccess, ...] = ()
    as_of: str | None = None
    complete: bool = True

    def service(self, namespace: str) -> ServiceAccess | None:
        """Return what is said of a service, ``None`` where it is not listed."""
        return next((found for found in self.services if found.service == namespace), None)
