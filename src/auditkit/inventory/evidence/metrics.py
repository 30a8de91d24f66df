"""Metrics of functions: how often each ran, and when last."""

from typing import ClassVar

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["FunctionMetric"]


class FunctionMetric(Record, kw_only=True):
    """A metric of a function, of the namespace ``AWS/Lambda``; its id is ``metric:``, the function and the metric.

    Attributes
    ----------
    function
        ARN of the function; its name alone where the export does not describe it.
    metric
        ``"Invocations"``, ``"Errors"`` or ``"Throttles"``.
    total
        Sum over the time from `first` to `last`, in calls.
    first, last
        Times of the first and the last data point; ``""`` where there is none: CloudWatch has no points for times in
        which a function did not run.
    since, until
        Times of the first and the last data point of any metric in the same files, which were asked for together: so
        long the function is known not to have run where it has no points. ``""`` where there is none in them.
    last_used
        Time of the last data point above zero, ``""`` where there is none.
    """

    kind: ClassVar[Kind] = Kind.METRIC

    function: str
    metric: str
    total: float = 0
    first: str = ""
    last: str = ""
    last_used: str = ""
    since: str = ""
    until: str = ""

    @property
    def covers(self) -> tuple[str, str]:
        """First and last time that the metric is known to cover, ``""`` where nothing tells."""
        return self.since or self.first, self.until or self.last
