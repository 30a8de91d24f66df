"""Alarms on functions: by name, or by a query over all functions of a region."""

from collections.abc import Iterable, Iterator

from auditkit.areas.answers import Answer, failed, not_found, passed, some, unknown
from auditkit.areas.scene import Scene
from auditkit.inventory import UnsetType
from auditkit.inventory.records.alarms import Alarm
from auditkit.inventory.records.functions import Function

__all__ = ["alarms"]

_DIRECT = 1.0
_WATCHED = ("Errors", "Throttles")
_LAMBDA, _NAME = "AWS/Lambda", "FunctionName"
_Place = tuple[str, str, str]


def alarms(scene: Scene) -> Iterator[Answer]:
    """Judge whether functions that matter have alarms."""
    named, surveying = _by_function(scene), [alarm for alarm in scene.inventory.of(Alarm) if alarm.surveys]
    for function in scene.functions:
        if not scene.is_critical(function) and scene.reach.access(function.id).cost > _DIRECT:
            if isinstance(function.tags, UnsetType):
                yield unknown(function, "its tags: whether it is critical", at=function.source)
                continue
            why = f"it is not {scene.critical_words}, and the outside does not set it off"
            yield not_found(function, why, at=function.source)
            continue
        place = function.account, function.region, function.function_name
        surveyed = [(metric, alarm, sure) for metric, alarm, sure in _surveyed(surveying, function)]
        mine = [*named.get(place, []), *((metric, alarm) for metric, alarm, sure in surveyed if sure)]
        open_ = [(metric, alarm) for metric, alarm, sure in surveyed if sure is None]
        yield _watched(scene, function, mine, open_)


def _watched(scene: Scene, function: Function, mine: list[tuple[str, Alarm]], open_: list[tuple[str, Alarm]]) -> Answer:
    """Judge a function by the alarms that look at it, and those of which that is not known."""

    def told(found: Iterable[tuple[str, Alarm]]) -> set[str]:
        return {metric for metric, alarm in found if alarm.rises and alarm.id in scene.telling}

    lacks = [metric for metric in _WATCHED if metric not in told(mine)]
    at = [alarm.source for _, alarm in mine]
    if not lacks:
        return passed(function, "alarms on errors and throttles tell somebody", at=at)
    if not scene.seen("cloudwatch.DescribeAlarms", function):
        return unknown(function, "cloudwatch:DescribeAlarms", at=function.source)
    if told(open_).issuperset(lacks):
        names = some(alarm.name for _, alarm in open_)
        return unknown(function, f"whether the query of {names} looks at it", at=[one.source for _, one in open_])
    return failed(function, f"no alarm on {some(lacks)} tells anybody", at=at or [function.source])


def _by_function(scene: Scene) -> dict[_Place, list[tuple[str, Alarm]]]:
    """Return the metrics that alarms look at, with the alarms, by account, region and name of their function."""
    found: dict[_Place, list[tuple[str, Alarm]]] = {}
    for alarm in scene.inventory.of(Alarm):
        for metric in alarm.measured:
            for dimension in metric.dimensions if metric.namespace in {None, _LAMBDA} else ():
                if dimension.name == _NAME:
                    place = alarm.account, alarm.region, dimension.value
                    found.setdefault(place, []).append((metric.metric_name or "", alarm))
    return found


def _surveyed(surveying: list[Alarm], function: Function) -> Iterator[tuple[str, Alarm, bool | None]]:
    """Yield the metrics that queries look at, with their alarms, and whether a function is among what they look at."""
    for alarm in surveying:
        if (alarm.account, alarm.region) == (function.account, function.region):
            for survey in alarm.surveys:
                if survey.namespace == _LAMBDA:
                    yield survey.metric_name, alarm, survey.covers(_NAME, function.function_name)
