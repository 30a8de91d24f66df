"""What is asked beside the configuration, where it is wanted: use, code, what else runs functions, and the like.

But for the last two, which have tables of their own, these calls follow from times and from answers rather than from a
table, and their files are those that :mod:`auditkit.exports.side` and :mod:`auditkit.exports.packages` read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import quote

from auditkit.collect.asking import GLOBAL, Asker, Made, Order
from auditkit.collect.code import fetched
from auditkit.collect.files import file_of
from auditkit.collect.requests import ask
from auditkit.exports.calls import ApiCall, setting_calls, trigger_calls

__all__ = ["CALLS", "Extra", "Question", "put", "questions"]


class Extra(StrEnum):
    """What can be asked beside the configuration."""

    USAGE = "usage"
    LAST_ACCESSED = "last-accessed"
    CODE = "code"
    TRIGGERS = "triggers"
    SETTINGS = "settings"


def _call(service: str, operation: str, result: str, *, everywhere: bool = False) -> ApiCall:
    return ApiCall(service, operation, everywhere, (), {}, (result,), frozenset())


_GRAPH = _call("xray", "GetServiceGraph", "Services")
_METRICS = _call("cloudwatch", "GetMetricData", "MetricDataResults")
_JOB = _call("iam", "GenerateServiceLastAccessedDetails", "JobId", everywhere=True)
_ACCESS = _call("iam", "GetServiceLastAccessedDetails", "ServicesLastAccessed", everywhere=True)
_FUNCTION = _call("lambda", "GetFunction", "Configuration")
_LAYER = _call("lambda", "GetLayerVersion", "Content")

CALLS: Mapping[Extra, tuple[ApiCall, ...]] = {
    Extra.USAGE: (_GRAPH, _METRICS),
    Extra.LAST_ACCESSED: (_JOB, _ACCESS),
    Extra.CODE: (_FUNCTION, _LAYER),
    Extra.TRIGGERS: trigger_calls(),
    Extra.SETTINGS: setting_calls(),
}

_GRAPH_DAYS = 30  # X-Ray keeps no more
_GRAPH_HOURS = 6  # a graph covers no more
_COUNTS = ("Invocations", "Errors", "Throttles")
_FUNCTIONS_AT_ONCE = 160  # three queries each, of 500 in one request
_DAY = 86_400
_POLLS = 60
_POLL_SECONDS = 2.0


class Question(NamedTuple):
    """A call beside the table.

    Attributes
    ----------
    call, region, arguments
        What is asked; the arguments name the file.
    ask
        Makes the call.
    package
        File that a package of code is written to, instead of the answer; ``None`` for an answer.
    digest
        SHA-256 of the package as Lambda gives it.
    """

    call: ApiCall
    region: str
    arguments: dict[str, Any]
    ask: Callable[[], dict[str, Any]]
    package: PurePosixPath | None = None
    digest: str = ""


def questions(
    asker: Asker, extras: Iterable[Extra], regions: Iterable[str], *, end: datetime, days: int
) -> Iterator[Question]:
    """Yield what is to be asked, by what the account has answered already.

    Parameters
    ----------
    asker
        Asks the account; its folder holds the answers of the configuration.
    extras
        What is wanted.
    regions
        Regions that were asked.
    end, days
        Use is asked for so many days before this time.
    """
    wanted = set(extras)
    for region in regions:
        functions = _answer(asker, region, "lambda", "ListFunctions").get("Functions") or []
        if functions and Extra.USAGE in wanted:
            yield from _graphs(asker, region, end, min(days, _GRAPH_DAYS))
            yield from _metrics(asker, region, [function["FunctionName"] for function in functions], end, days)
        if Extra.CODE in wanted:
            yield from _code(asker, region, functions)
    if Extra.LAST_ACCESSED in wanted:
        details = _answer(asker, GLOBAL, "iam", "GetAccountAuthorizationDetails")
        for kind in ("RoleDetailList", "UserDetailList"):
            for principal in details.get(kind) or []:
                yield _last_access(asker, principal["Arn"])


def put(asker: Asker, order: Order, question: Question) -> Made:
    """Ask a question and write what it gives."""
    call, region = question.call, question.region
    if question.package is not None:
        return asker.package(order, call, region, question.package, digest=question.digest, ask=question.ask)
    made, _ = asker.answer(order, call, region, question.arguments, question.ask)
    return made


def _answer(asker: Asker, region: str, service: str, operation: str, **arguments: str) -> dict[str, Any]:
    return asker.folder.read(file_of(asker.account, region, service, operation, arguments)) or {}


def _graphs(asker: Asker, region: str, end: datetime, days: int) -> Iterator[Question]:
    for number in range(days * 24 // _GRAPH_HOURS):
        until = end - timedelta(hours=_GRAPH_HOURS * number)
        given = {"StartTime": until - timedelta(hours=_GRAPH_HOURS), "EndTime": until}
        yield Question(
            _GRAPH, region, {"StartTime": f"{given['StartTime']:%Y%m%dT%H%M}"}, _asked(asker, _GRAPH, region, given)
        )


def _metrics(asker: Asker, region: str, names: list[str], end: datetime, days: int) -> Iterator[Question]:
    for start in range(0, len(names), _FUNCTIONS_AT_ONCE):
        chosen = names[start : start + _FUNCTIONS_AT_ONCE]
        queries = [
            _query(f"q{number}n{place}", name, count)
            for number, name in enumerate(chosen)
            for place, count in enumerate(_COUNTS)
        ]
        given = {"MetricDataQueries": queries, "StartTime": end - timedelta(days=days), "EndTime": end}
        yield Question(_METRICS, region, {"from": str(start)}, _asked(asker, _METRICS, region, given))


def _query(identifier: str, function: str, metric: str) -> dict[str, Any]:
    dimensions = [{"Name": "FunctionName", "Value": function}]
    named = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions}
    return {
        "Id": identifier,
        "Label": f"{function} {metric}",
        "MetricStat": {"Metric": named, "Period": _DAY, "Stat": "Sum"},
    }


def _asked(asker: Asker, call: ApiCall, region: str, given: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    return lambda: ask(asker.client(call.service, region), call.operation, given, asker.patience)


def _last_access(asker: Asker, arn: str) -> Question:
    def run() -> dict[str, Any]:
        client = asker.client("iam", GLOBAL)
        job = ask(client, _JOB.operation, {"Arn": arn, "Granularity": "ACTION_LEVEL"}, asker.patience)
        if "Error" in job:
            return job
        told: dict[str, Any] = {}
        for _ in range(_POLLS):
            told = ask(client, _ACCESS.operation, {"JobId": job["JobId"]}, asker.patience)
            if told.get("JobStatus") != "IN_PROGRESS":
                return told
            asker.patience.wait(_POLL_SECONDS)
        return {"Error": {"Code": "JobNotFinished", "Message": f"after {_POLLS} times"}}

    return Question(_ACCESS, GLOBAL, {"Arn": arn}, run)


def _code(asker: Asker, region: str, functions: Iterable[dict[str, Any]]) -> Iterator[Question]:
    layers: set[str] = set()
    for function in functions:
        layers.update(layer["Arn"] for layer in function.get("Layers") or ())
        if function.get("PackageType", "Zip") != "Zip":
            continue
        name = function["FunctionName"]
        told = _answer(asker, region, "lambda", "ListVersionsByFunction", FunctionName=name).get("Versions") or [
            function
        ]
        seen: set[str] = set()
        for version in told:
            if version.get("CodeSha256") in seen:
                continue
            seen.add(version.get("CodeSha256"))
            qualifier = version.get("Version", "$LATEST")
            file = name if qualifier == "$LATEST" else f"{name},{qualifier}"
            given = {"FunctionName": name, "Qualifier": qualifier}
            yield _package(
                asker,
                _FUNCTION,
                region,
                given,
                file=f"lambda-code/{quote(file, safe=',')}",
                part="Code",
                digest=str(version.get("CodeSha256", "")),
            )
    for arn in sorted(layers):
        name, _, number = arn.rpartition(":")
        given = {"LayerName": name, "VersionNumber": int(number)}
        yield _package(asker, _LAYER, region, given, file=f"layer-code/{quote(arn, safe='')}", part="Content")


def _package(
    asker: Asker, call: ApiCall, region: str, given: dict[str, Any], *, file: str, part: str, digest: str = ""
) -> Question:
    def run() -> dict[str, Any]:
        told = ask(asker.client("lambda", region), call.operation, given, asker.patience)
        if "Error" in told:
            return told
        expected = digest or str(told.get("Content", {}).get("CodeSha256", ""))
        return fetched(str(told.get(part, {}).get("Location", "")), expected, asker.patience)

    path = PurePosixPath(asker.account, region, f"{file}.zip")
    return Question(call, region, given, run, path, digest)
