"""CloudWatch metrics of functions: what ``get-metric-data`` and ``get-metric-statistics`` give.

Neither response says which function it is about. ``cloudwatch-get-metric-statistics/<function>.json`` does by its name
(``<function>,<metric>.json`` for others than *Invocations*). Of ``get-metric-data`` the label does, which CloudWatch
itself puts together from what tells the queries apart (``"orders-create Invocations"``, ``"orders-create"``); or the
queries, kept in the same file under their own key (``MetricDataQueries``).
"""

import msgspec

from auditkit.exports._reading import Reading, Response
from auditkit.inventory import Source
from auditkit.inventory.evidence.metrics import FunctionMetric
from auditkit.inventory.moments import Moment, utc_second
from auditkit.inventory.records.functions import Function

__all__ = ["Metrics"]

_COUNTS = ("Invocations", "Errors", "Throttles")


class _Result(msgspec.Struct, rename="pascal"):
    """API shape ``MetricDataResult``."""

    id: str = ""
    label: str = ""
    timestamps: tuple[Moment, ...] = ()
    values: tuple[float, ...] = ()


class _Point(msgspec.Struct, rename="pascal"):
    """API shape ``Datapoint``."""

    timestamp: Moment
    sum: float | None = None
    sample_count: float | None = None


class _Dimension(msgspec.Struct, rename="pascal"):
    """API shape ``Dimension``."""

    name: str
    value: str


class _Metric(msgspec.Struct, rename="pascal"):
    """API shape ``Metric``."""

    metric_name: str = ""
    dimensions: tuple[_Dimension, ...] = ()


class _Stat(msgspec.Struct, rename="pascal"):
    """API shape ``MetricStat``."""

    metric: _Metric


class _Query(msgspec.Struct, rename="pascal"):
    """API shape ``MetricDataQuery``."""

    id: str
    metric_stat: _Stat | None = None


class _Series(msgspec.Struct):
    """Points of one metric of one function, by time."""

    source: Source
    account: str
    region: str
    points: dict[str, float]


class Metrics:
    """Reads metrics, and adds up those of one function from several files."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, str, str], list[_Series]] = {}

    def read_data(self, response: Response, reading: Reading) -> None:
        """Read what ``get-metric-data`` gives."""
        queries = _queries(response, reading)
        for _, item, source in reading.items(response, "MetricDataResults"):
            found = reading.decode(_Result, item, source)
            if found is not None:
                name, metric = queries.get(found.id) or _of_label(found.label, response.argument())
                pairs = zip(found.timestamps, found.values, strict=False)
                self._keep(name, metric, response, source, {utc_second(time): value for time, value in pairs})

    def read_statistics(self, response: Response, reading: Reading) -> None:
        """Read what ``get-metric-statistics`` gives."""
        points: dict[str, float] = {}
        for _, item, source in reading.items(response, "Datapoints"):
            found = reading.decode(_Point, item, source)
            if found is not None:
                value = found.sum if found.sum is not None else found.sample_count
                points[utc_second(found.timestamp)] = value or 0.0
        label = response.payload.get("Label")
        metric = label if isinstance(label, str) else "Invocations"
        self._keep(response.argument(), metric, response, response.source, points)

    def _keep(self, name: str, metric: str, response: Response, source: Source, points: dict[str, float]) -> None:
        points.pop("", None)
        key = (response.account, response.region, name, metric)
        self._series.setdefault(key, []).append(_Series(source, response.account, response.region, points))

    def finish(self, reading: Reading) -> None:
        """Hand the records over when all functions are known."""
        found, self._series = self._series, {}
        reading.later(lambda reading: _settle(found, reading))


def _settle(found: dict[tuple[str, str, str, str], list[_Series]], reading: Reading) -> None:
    settled: dict[tuple[str, str], list[_Series]] = {}
    times: dict[str, list[str]] = {}
    for one in (one for series in found.values() for one in series):
        times.setdefault(one.source.file, []).extend(one.points)
    for (account, region, name, metric), series in sorted(found.items(), key=lambda item: item[0]):
        if metric not in _COUNTS:
            for one in series:
                reading.not_read(one.source, "a metric that tells nothing of use")
            continue
        functions = reading.find(Function, name, account=account, region=region) if name else ()
        function = functions[0].id if len(functions) == 1 else name
        if not function:
            for one in series:
                reading.not_read(one.source, "nothing says of which function this metric is")
            continue
        settled.setdefault((function, metric), []).extend(series)
    for (function, metric), series in settled.items():
        together = [time for file in sorted({one.source.file for one in series}) for time in times[file]]
        reading.add(_record(function, metric, series, together))


def _record(function: str, metric: str, series: list[_Series], together: list[str]) -> FunctionMetric:
    points: dict[str, float] = {}
    for one in series:
        points |= one.points
    times = sorted(points)
    used = [time for time in times if points[time] > 0]
    return FunctionMetric(
        id=f"metric:{function}:{metric}",
        account=series[0].account,
        region=series[0].region,
        name=f"{function.rpartition(':')[2]} {metric}",
        sources=tuple(sorted({one.source for one in series})),
        function=function,
        metric=metric,
        total=sum(points.values()),
        first=times[0] if times else "",
        last=times[-1] if times else "",
        last_used=used[-1] if used else "",
        since=min(together, default=""),
        until=max(together, default=""),
    )


def _queries(response: Response, reading: Reading) -> dict[str, tuple[str, str]]:
    """Return function and metric by the id of the query, where the file holds the queries."""
    named: dict[str, tuple[str, str]] = {}
    for _, item, source in reading.items(response, "MetricDataQueries"):
        found = reading.decode(_Query, item, source)
        if found is not None and found.metric_stat is not None:
            metric = found.metric_stat.metric
            names = [one.value for one in metric.dimensions if one.name == "FunctionName"]
            if names:
                named[found.id] = (names[0], metric.metric_name)
    return named


def _of_label(label: str, argument: str) -> tuple[str, str]:
    """Return function and metric of a label; what it leaves out is the argument, and *Invocations*."""
    words = label.split()
    metrics = [word for word in words if word in _COUNTS]
    names = [word for word in words if word not in {*_COUNTS, "AWS/Lambda", "Lambda"}]
    return (names[0] if len(names) == 1 else argument), (metrics[0] if metrics else "Invocations")
