"""Findings in the Static Analysis Results Interchange Format (SARIF 2.1.0, OASIS)."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from auditkit.areas.catalogue import get_check
from auditkit.areas.model import Check, Finding, Severity, Verdict
from auditkit.case import Waiver

__all__ = ["to_sarif"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
    Severity.INFO: "0.0",
}
"""Middles of the bands in which code hosts show ``security-severity``."""
_KINDS = {Verdict.FAIL: "fail", Verdict.WARN: "fail", Verdict.UNKNOWN: "open", Verdict.PASS: "pass"}


def to_sarif(findings: Iterable[Finding], *, version: str) -> str:
    """Return findings as a SARIF log, with what could not be decided as open results.

    Parameters
    ----------
    findings
        Of :func:`auditkit.areas.judge`; N/A is left out.
    version
        Version of auditkit, which the log names.
    """
    told = [finding for finding in findings if finding.verdict in _KINDS]
    suppressing = any(finding.waiver is not None for finding in told)
    checks = sorted({finding.check for finding in told})
    place = {check: number for number, check in enumerate(checks)}
    driver = {
        "name": "auditkit",
        "version": version,
        "rules": [_rule(get_check(check)) for check in checks],
    }
    results = [_result(finding, place[finding.check], suppressing=suppressing) for finding in told]
    run = {"tool": {"driver": driver}, "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _rule(check: Check) -> dict[str, Any]:
    mapped = (f"{catalogue}:{name}" for catalogue, names in sorted(check.mappings.items()) for name in names)
    return {
        "id": check.id,
        "shortDescription": {"text": check.question},
        "fullDescription": {"text": check.rule},
        "help": {"text": f"{check.fix}\n\n{check.snippet}"},
        "defaultConfiguration": {"level": _LEVELS[check.base]},
        "properties": {"tags": [str(check.area), *mapped], "security-severity": _SCORES[check.base]},
    }


def _result(finding: Finding, rule: int, *, suppressing: bool) -> dict[str, Any]:
    what = f"{finding.label} ({finding.place})" if finding.place else finding.label
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "kind": _KINDS[finding.verdict],
        "level": "none" if finding.severity is None else _LEVELS[finding.severity],
        "message": {"text": f"{what}: {finding.reason}"},
        "locations": [_location(finding, number) for number in range(len(finding.sources))] or [_location(finding, -1)],
        "partialFingerprints": {"resource/v1": f"{finding.check}|{finding.resource}|{finding.place}"},
        "properties": {"verdict": str(finding.verdict), "weighed": finding.weighed, "path": list(finding.path)},
    }
    if finding.among.ids:
        result["properties"]["among"] = list(finding.among.ids)
    if finding.severity is not None:
        result["properties"]["security-severity"] = _SCORES[finding.severity]
    if suppressing:  # for all results of a run or for none
        waiver = finding.waiver
        result["suppressions"] = [] if waiver is None or finding.is_open else [_suppression(waiver)]
        if waiver is not None:
            result["properties"]["waiver"] = {
                "state": str(finding.waived),
                "owner": waiver.owner,
                "expires": waiver.expires,
                "reason": waiver.reason,
            }
    return result


def _suppression(waiver: Waiver) -> dict[str, Any]:
    """Return what takes a result out of the count; some readers take any for that, so none for what is expired."""
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(waiver.source.file)}}
    if waiver.line:
        place["region"] = {"startLine": waiver.line}
    return {
        "kind": "external",
        "status": "accepted",
        "justification": waiver.reason,
        "location": {"physicalLocation": place},
    }


def _location(finding: Finding, number: int) -> dict[str, Any]:
    logical = {"fullyQualifiedName": finding.resource, "kind": "resource"}
    if number < 0:
        return {"logicalLocations": [logical]}
    source = finding.sources[number]
    return {
        "physicalLocation": {"artifactLocation": {"uri": _uri(source.file)}},
        "logicalLocations": [logical, {"fullyQualifiedName": source.pointer or "/", "kind": "json pointer"}],
    }


def _uri(file: str) -> str:
    return quote(file)
