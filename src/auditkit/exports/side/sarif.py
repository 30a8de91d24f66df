"""SARIF 2.1: results of static and dynamic scans.

Which function a result is about is said by an ARN in the run's or the result's properties or logical locations, or by
the name of the file (see :mod:`._owners`). Snippets of code are not kept.
"""

import re
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec

from auditkit.exports._reading import Reading, Response
from auditkit.exports.side._owners import arns_in, owners
from auditkit.inventory import Source
from auditkit.inventory.evidence.weaknesses import Place, Rating, ScanResult
from auditkit.inventory.origins import origin

__all__ = ["rating_of", "read_runs"]

_MESSAGE = 500
_LEVELS = {"error": Rating.HIGH, "warning": Rating.MEDIUM, "note": Rating.LOW, "none": Rating.NONE}
_CWE = re.compile(r"(?i)\bCWE-0*(\d{1,5})\b")
_PASSED = frozenset({"pass", "notApplicable", "informational"})


class _Rule(msgspec.Struct, rename="camel"):
    """A ``reportingDescriptor``."""

    id: str = ""
    properties: dict[str, Any] = {}
    default_configuration: dict[str, Any] = {}
    relationships: Any = None


def read_runs(response: Response, reading: Reading) -> None:
    """Read the runs of a file."""
    for number, run, _ in reading.items(response, "runs"):
        driver = _at(run, "tool", "driver")
        tool = _text(driver, "name") or "unknown scanner"
        rules = _rules(driver, response, number, reading)
        said = arns_in(*_strings(_at(run, "properties")), _text(_at(run, "automationDetails"), "id"))
        for _, item, source in reading.items(response, "runs", number, "results"):
            if item.get("kind") in _PASSED:
                continue
            record = _result(tool, item, rules, source)
            record.account, record.region = response.account, response.region
            record.resources = _about(item) or said
            reading.later(partial(_settle, record))


def _settle(record: ScanResult, reading: Reading) -> None:
    """Add a result, when the function that its file is named after can be found."""
    if not record.resources:
        record.resources = owners(record.source.file, record.account, record.region, reading)
    reading.add(record)


def _rules(driver: dict[str, Any], response: Response, number: int, reading: Reading) -> list[_Rule]:
    rules: list[_Rule] = []
    items = driver.get("rules")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        place = response.at("runs", number, "tool", "driver", "rules", index)
        rules.append(reading.decode(_Rule, item, place) or _Rule())
    return rules


def _result(tool: str, item: dict[str, Any], rules: list[_Rule], source: Source) -> ScanResult:
    rule = _rule(item, rules)
    name = _text(item, "ruleId") or _text(_at(item, "rule"), "id") or rule.id
    score = _number(rule.properties.get("security-severity"))
    level = _text(item, "level") or _text(rule.default_configuration, "level") or "warning"
    tags = rule.properties.get("tags")
    texts = [*(tags if isinstance(tags, list) else ()), *_strings(rule.properties.get("cwe")), name]
    message = _at(item, "message")
    return ScanResult(
        id="scan:" + sha256(str(source).encode("utf-8", "surrogatepass")).hexdigest()[:24],
        name=name,
        sources=(source,),
        tool=tool,
        rule=name,
        message=(_text(message, "text") or _text(message, "markdown"))[:_MESSAGE],
        rating=rating_of(score) if score is not None else _LEVELS.get(level, Rating.UNKNOWN),
        score=score,
        weaknesses=tuple(sorted({f"CWE-{one}" for text in texts for one in _CWE.findall(str(text))})),
        places=tuple(sorted(_places(item))),
        suppressed=bool(item.get("suppressions")),
    )


def rating_of(score: float) -> Rating:
    """Return the rating of a CVSS score, by the specification's qualitative scale."""
    for least, rating in ((9.0, Rating.CRITICAL), (7.0, Rating.HIGH), (4.0, Rating.MEDIUM)):
        if score >= least:
            return rating
    return Rating.LOW if score > 0 else Rating.NONE


def _rule(item: dict[str, Any], rules: list[_Rule]) -> _Rule:
    index = item.get("ruleIndex", _at(item, "rule").get("index"))
    if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(rules):
        return rules[index]
    name = _text(item, "ruleId")
    return next((rule for rule in rules if rule.id and rule.id == name), _Rule())


def _places(item: dict[str, Any]) -> set[Place]:
    found: set[Place] = set()
    for location in _objects(item, "locations"):
        physical = _at(location, "physicalLocation")
        uri = _text(_at(physical, "artifactLocation"), "uri")
        line = _at(physical, "region").get("startLine")
        if uri:
            found.add(Place(_path(uri), line if isinstance(line, int) and line > 0 else 0))
    target = origin(_text(_at(item, "webRequest"), "target"))
    return found | ({Place(target)} if target else set())


def _path(uri: str) -> str:
    return origin(uri) if uri.startswith(("http://", "https://")) else uri[:1024]


def _about(item: dict[str, Any]) -> tuple[str, ...]:
    logical = [
        text
        for location in _objects(item, "locations")
        for one in _objects(location, "logicalLocations")
        for text in (one.get("fullyQualifiedName"), one.get("name"))
    ]
    return arns_in(*logical, *_strings(item.get("properties")))


def _strings(value: object) -> list[str]:
    """Return the texts of an object or a list, not those further down."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


def _at(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        found = value.get(key)
        value = found if isinstance(found, dict) else {}
    return value


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _objects(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = value.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number <= 10 else None  # noqa: PLR2004 -- the scale of CVSS
