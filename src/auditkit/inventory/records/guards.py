"""What guards an account and its bill: detectors, the coverage of scans, budgets, monitors of anomalies."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["AnomalyMonitor", "AnomalySubscription", "Budget", "BudgetNotifications", "Detector", "ScanCoverage"]


class DetectorFeature(msgspec.Struct, rename="pascal", frozen=True):
    """A feature of a detector: ``ENABLED`` or ``DISABLED``."""

    name: str
    status: str | None = None


class Detector(Record, kw_only=True, rename="pascal"):
    """A detector of GuardDuty in a region (``guardduty.GetDetector``).

    Its id is ``settings:guardduty:<account>:<region>``.
    """

    kind: ClassVar[Kind] = Kind.DETECTOR

    status: str | None = None
    features: tuple[DetectorFeature, ...] = ()


class Budget(Record, kw_only=True, rename="pascal"):
    """A budget (``budgets.DescribeBudgets``), and what is known of whom it tells.

    Attributes
    ----------
    cost_filters
        What of the account it looks at: values by dimension, such as ``Service``; ``None`` for all.
    notifications
        How many notifications it has (``DescribeBudgetNotificationsForAccount``).
    """

    kind: ClassVar[Kind] = Kind.BUDGET

    budget_name: str
    budget_type: str | None = None
    cost_filters: dict[str, tuple[str, ...]] | None = None
    notifications: int | UnsetType = msgspec.field(default=UNSET, name="__notifications")


class BudgetNotifications(msgspec.Struct, rename="pascal", frozen=True):
    """What a budget tells, each a threshold with its subscribers."""

    budget_name: str
    notifications: tuple[object, ...] = ()


class AnomalySubscriber(msgspec.Struct, rename="pascal", frozen=True):
    """Who is told of anomalies: ``CONFIRMED`` or ``DECLINED``."""

    status: str | None = None


class AnomalySubscription(msgspec.Struct, rename="pascal", frozen=True):
    """Of which monitors whom is told."""

    monitor_arn_list: tuple[str, ...] = ()
    subscribers: tuple[AnomalySubscriber, ...] = ()


class AnomalyMonitor(Record, kw_only=True, rename="pascal"):
    """A monitor of cost anomalies (``ce.GetAnomalyMonitors``).

    Attributes
    ----------
    subscribed
        Whether somebody is told of what it finds (``ce.GetAnomalySubscriptions``).
    """

    kind: ClassVar[Kind] = Kind.ANOMALY_MONITOR

    monitor_arn: str
    monitor_name: str
    monitor_type: str | None = None
    subscribed: bool | UnsetType = msgspec.field(default=UNSET, name="__subscribed")


class ScanStatus(msgspec.Struct, rename="camel", frozen=True):
    """Whether a resource is scanned: ``ACTIVE`` or ``INACTIVE``, and why."""

    status_code: str
    reason: str | None = None


class ScanCoverage(Record, kw_only=True, rename="camel"):
    """What Inspector scans (``inspector2.ListCoverage``).

    Its id is ``scan:<PACKAGE or CODE>:<id of the resource>``.
    """

    kind: ClassVar[Kind] = Kind.SCAN_COVERAGE

    resource_type: str
    resource_id: str
    scan_type: str
    scan_status: ScanStatus | None = None
