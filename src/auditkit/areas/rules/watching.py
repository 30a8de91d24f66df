"""Explosion of functions: logs, trails, alarms and traces."""

from collections.abc import Iterable, Iterator

from auditkit.areas.answers import (
    Answer,
    Rule,
    failed,
    found_none,
    not_applicable,
    passed,
    some,
    unknown,
    warned,
)
from auditkit.areas.model import Severity, Verdict
from auditkit.areas.recording import LOGGED, covers, records_all
from auditkit.areas.rules._alarms import alarms
from auditkit.areas.rules._entry_logs import api_logging
from auditkit.areas.rules._holding import unless_restricted
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.graph.schema import AccessLevel, EdgeKind, Sensitivity
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.records.apis import RestApi, RestStage
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.logs import LogGroup
from auditkit.inventory.records.tables import Table
from auditkit.inventory.records.trails import Trail

__all__ = ["RULES"]

_DIRECT = 1.0
_LEAST_DAYS = 90


def logging(scene: Scene) -> Iterator[Answer]:
    """Judge whether every function logs, and whether the log is kept for a time."""
    groups = {(group.account, group.region, group.log_group_name): group for group in scene.inventory.of(LogGroup)}
    written: dict[str, LogGroup] = {}
    for function in scene.functions:
        config = function.logging_config
        name = (config.log_group if config is not None else None) or f"/aws/lambda/{function.function_name}"
        group = groups.get((function.account, function.region, name))
        at = function.source.at("LoggingConfig")
        if group is None and not scene.seen("logs.DescribeLogGroups", function):
            yield unknown(function, "logs:DescribeLogGroups", at=function.source)
        elif group is None:
            yield failed(function, f"there is no log group {name}: it never logged, or its log was deleted", at=at)
        else:
            yield _may_log(scene, function, group)
            written[group.id] = group
    yield from map(_kept, written.values())


def _may_log(scene: Scene, function: Function, group: LogGroup) -> Answer:
    role, at = function.role or "", function.source.at("Role")
    if not scene.permissions.knows(role):
        return unknown(function, "iam:GetAccountAuthorizationDetails", at=at)
    writes = {AccessLevel.WRITE, AccessLevel.ADMIN}
    permitted, place = scene.acting_alike(function.id, role, EdgeKind.PERMITS), scene.neighbours.place(group.id)
    ways = [one.edge for one in permitted if one.edge.access in writes and one.has(place)]
    if ways and not any(is_given(edge) for edge in ways):
        return unknown(function, not_decided(ways), at=(at, group.source))
    if ways:
        return passed(function, f"it logs to {group.log_group_name}", at=group.source)
    if parts := scene.unread.parts(scene.inventory.get(role), ()):
        return unknown(function, [f"{part.source}: {part.reason}" for part in parts], at=(at, group.source))
    return failed(function, f"its role may not write to {group.log_group_name}", at=(at, group.source))


def _kept(group: LogGroup) -> Answer:
    days, at = group.retention_in_days, group.source.at("retentionInDays")
    if isinstance(days, UnsetType):
        return unknown(group, "retentionInDays", at=at)
    if days is None:
        return warned(group, "its logs are kept for ever", at=at)
    if days < _LEAST_DAYS:
        return warned(group, f"its logs are kept for {days} days, less than three months", at=at)
    return passed(group, f"its logs are kept for {days} days", at=at)


# ------------------------------------------------------------------------ trails

_FUNCTIONS = "AWS::Lambda::Function"
_DESCRIBE, _STATUS = "cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors and GetTrailStatus"
_STORES: tuple[type[Bucket | Table], ...] = (Bucket, Table)
"""Stores whose use the audit trail is asked about: who reads an object or an item, only data events show."""


def invoke_trail(scene: Scene) -> Iterator[Answer]:
    """Judge whether invocations of functions that hold restricted data, and uses of such data itself, are recorded."""
    for function in scene.functions:
        besides = unless_restricted(scene, function)
        if besides is not None and besides.verdict is Verdict.NOT_APPLICABLE:
            yield besides
            continue
        trails = _trails(scene, function)
        recording = [trail for trail in trails if records_all(trail, function, _FUNCTIONS, asked="WriteOnly")]
        if recording:
            names = some(trail.name for trail in recording)
            yield passed(function, f"{names} records its invocations", at=[trail.source for trail in recording])
        else:
            said = "no trail records its invocations, and it holds restricted data"
            yield besides or _unseen(scene, function, trails) or failed(function, said, at=_of_trails(trails, function))
    for store in (store for kind in _STORES for store in scene.inventory.of(kind)):
        yield _uses(scene, store)


def _uses(scene: Scene, store: Bucket | Table) -> Answer:
    """Return whether reads and writes of a store of restricted data are recorded."""
    sensitivity = scene.graph.nodes[store.id]["sensitivity"]
    if sensitivity not in {Sensitivity.RESTRICTED, Sensitivity.UNKNOWN}:
        return not_applicable(store, f"its data is {sensitivity.value}, not restricted", at=store.source)
    trails, kind = _trails(scene, store), LOGGED[store.kind][1]
    reads = [trail for trail in trails if records_all(trail, store, kind, asked="ReadOnly")]
    writes = [trail for trail in trails if records_all(trail, store, kind, asked="WriteOnly")]
    if reads and writes:
        said = f"{some(trail.name for trail in (*reads, *writes))} records who reads it and who writes to it"
        return passed(store, said, at=[trail.source for trail in (*reads, *writes)])
    if sensitivity is Sensitivity.UNKNOWN:
        return unknown(store, "its sensitivity (tags, case)", at=store.source)
    if besides := _unseen(scene, store, trails):
        return besides
    severity, why = Severity.MEDIUM, "the data is restricted"
    at = _of_trails(trails, store)
    if reads or writes:
        lacks = "who writes to it" if reads else "who reads it"
        said = f"no trail records {lacks}, and its data is restricted"
    else:
        said = "no trail records who uses it, and its data is restricted"
    return failed(store, said, at=at, severity=severity, weighed=why)


def _trails(scene: Scene, record: Record) -> list[Trail]:
    """Return the trails that would record what happens to a record, but for those that are switched off."""
    return [one for one in scene.inventory.of(Trail) if one.is_logging is not False and covers(one, record)]


def _of_trails(trails: Iterable[Trail], record: Record) -> list[Source]:
    return [trail.source for trail in trails] or [record.source]


def _unseen(scene: Scene, record: Record, trails: list[Trail]) -> Answer | None:
    """Return UNKNOWN where a trail that was not seen whole may record what happens to a record."""
    unseen = [one for one in trails if isinstance(one.selectors, UnsetType) or isinstance(one.is_logging, UnsetType)]
    if unseen:
        lacks = f"{_STATUS} of {some(one.name for one in unseen)}"
        return unknown(record, lacks, at=[trail.source for trail in unseen])
    if isinstance(record, Bucket) and not record.region and not scene.seen_in("s3.GetBucketLocation", record.account):
        return unknown(record, "s3:GetBucketLocation", at=record.source)
    seen = scene.seen("cloudtrail.DescribeTrails", record)
    return None if seen else unknown(record, _DESCRIBE, at=_of_trails(trails, record))


# ------------------------------------------------------------------------ traces


def tracing(scene: Scene) -> Iterator[Answer]:
    """Judge whether a request can be followed."""
    for function in scene.functions:
        mode, at = function.tracing_config, function.source.at("TracingConfig", "Mode")
        if mode is None or mode.mode not in {"Active", "PassThrough"}:
            yield unknown(function, "TracingConfig", at=function.source)
        elif mode.mode == "Active":
            yield passed(function, "its calls are traced", at=at)
        elif not any(True for _ in scene.out_of(function.id, EdgeKind.CALLS, EdgeKind.WRITES)):
            yield found_none(function, "it hands nothing on", at=at)
        else:
            yield warned(function, "its calls are traced only where the caller asks for it (PassThrough)", at=at)
    for api in scene.inventory.of(RestApi):
        if isinstance(api.stages, UnsetType):
            yield unknown(api, "the stages (GetStages)", at=api.source)
        for stage in api.stages if isinstance(api.stages, tuple) else ():
            yield _stage(api, stage, stage.source.at("tracingEnabled"))


def _stage(api: RestApi, stage: RestStage, at: Source) -> Answer:
    place = f"stage {stage.stage_name}"
    if stage.tracing_enabled:
        return passed(api, "its calls are traced", at=at, place=place)
    return warned(api, "its calls are not traced", at=at, place=place)


RULES: dict[str, Rule] = {
    "sprawl.logging": logging,
    "sprawl.api-logging": api_logging,
    "sprawl.invoke-trail": invoke_trail,
    "sprawl.alarms": alarms,
    "sprawl.tracing": tracing,
}
