"""Alarms: what they watch, and the alarms that they stand above."""

import re
from typing import ClassVar, NamedTuple

import msgspec

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["Alarm", "Dimension"]


class Dimension(msgspec.Struct, rename="pascal", frozen=True):
    """A dimension of a metric."""

    name: str
    value: str


class Metric(msgspec.Struct, rename="pascal", frozen=True):
    """A metric of one resource, or of all without dimensions."""

    namespace: str | None = None
    metric_name: str | None = None
    dimensions: tuple[Dimension, ...] = ()


class MetricStat(msgspec.Struct, rename="pascal", frozen=True):
    """A statistic of a metric."""

    metric: Metric


class MetricQuery(msgspec.Struct, rename="pascal", frozen=True):
    """A part of what an alarm computes: a metric, or an expression over the others."""

    metric_stat: MetricStat | None = None
    expression: str | None = None

    @property
    def survey(self) -> "Survey | None":
        """What an expression of Metrics Insights looks at; ``None`` where it is none."""
        found = _SELECT.match(self.expression or "")
        if found is None:
            return None
        namespace = found["schema"] or found["namespace"] or found["plain"]
        return Survey(namespace.strip(), found["metric"], (found["where"] or "").strip())


class Survey(NamedTuple):
    """A metric of all resources of a namespace, or of those that a condition names.

    Attributes
    ----------
    namespace, metric_name
        The metric.
    where
        The condition, ``""`` for none.
    """

    namespace: str
    metric_name: str
    where: str

    def covers(self, dimension: str, value: str) -> bool | None:
        """Return whether it looks at the resource of a dimension; ``None`` where its condition is not understood."""
        if not self.where:
            return True
        parts = [_EQUALS.fullmatch(part.strip()) for part in re.split(r"\bAND\b", self.where, flags=re.IGNORECASE)]
        ours = [part["value"] == value for part in parts if part is not None and part["name"] == dimension]
        if not all(ours):
            return False
        return True if ours and len(ours) == len(parts) else None


_SELECT = re.compile(
    r"""\s*SELECT\s+\w+\s*\(\s*"?(?P<metric>\w+)"?\s*\)\s+FROM\s+
    (?:SCHEMA\s*\(\s*(?:"(?P<schema>[^"]+)"|(?P<plain>[\w/]+))[^)]*\)|"(?P<namespace>[^"]+)")\s*
    (?:WHERE\s+(?P<where>.+?)\s*)?(?:(?:GROUP\s+BY|ORDER\s+BY|LIMIT)\b.*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
"""A query (Amazon CloudWatch user guide, *Metrics Insights query components and syntax*)."""
_EQUALS = re.compile(r"""\s*"?(?P<name>[\w.]+)"?\s*=\s*'(?P<value>[^']*)'\s*""")


class Alarm(Record, kw_only=True, rename="pascal"):
    """An alarm on a metric, on several, or on other alarms (``cloudwatch.DescribeAlarms``).

    Attributes
    ----------
    metrics
        What it computes with, where that is more than one metric as it is.
    alarm_rule
        Of an alarm on other alarms, the states of theirs in which it goes off.
    """

    kind: ClassVar[Kind] = Kind.ALARM

    alarm_name: str
    alarm_arn: str
    actions_enabled: bool | None = None
    alarm_actions: tuple[str, ...] = ()
    comparison_operator: str | None = None
    metric_name: str | None = None
    namespace: str | None = None
    dimensions: tuple[Dimension, ...] = ()
    metrics: tuple[MetricQuery, ...] = ()
    alarm_rule: str | None = None

    @property
    def acts(self) -> bool:
        """Whether it does anything when it goes off."""
        return self.actions_enabled is not False and bool(self.alarm_actions)

    @property
    def rises(self) -> bool:
        """Whether it goes off when there is much of what it measures, not only when there is little."""
        return self.comparison_operator is None or "Greater" in self.comparison_operator

    @property
    def measured(self) -> tuple[Metric, ...]:
        """The metrics that it looks at."""
        own = [Metric(self.namespace, self.metric_name, self.dimensions)] if self.metric_name else []
        return (*own, *(query.metric_stat.metric for query in self.metrics if query.metric_stat is not None))

    @property
    def surveys(self) -> tuple[Survey, ...]:
        """What it looks at by queries of Metrics Insights."""
        return tuple(found for query in self.metrics if (found := query.survey) is not None)

    @property
    def any_of(self) -> frozenset[str]:
        """Names or ARNs of the other alarms any one of which sets it off; none where it takes several at once."""
        rule = self.alarm_rule or ""
        parts = [_STATE.fullmatch(part.strip()) for part in re.split(r"\bOR\b", rule)]
        return frozenset(part["quoted"] or part["name"] for part in parts if part) if all(parts) else frozenset()


_STATE = re.compile(r'\(*\s*ALARM\s*\(\s*(?:"(?P<quoted>[^"]+)"|(?P<name>[^"()\s]+))\s*\)[\s)]*')
