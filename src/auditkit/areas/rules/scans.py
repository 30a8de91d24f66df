"""Application vulnerabilities: whether code is scanned, and what scans found."""

from collections.abc import Iterator, Mapping

from auditkit.areas.answers import Answer, Rule, failed, passed, some, unknown
from auditkit.areas.model import Severity
from auditkit.areas.scene import Scene, unqualified
from auditkit.areas.vulnerable import running
from auditkit.areas.weighing import by_reach
from auditkit.inventory.evidence.weaknesses import CodeScan, Rating, ScanResult
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.guards import ScanCoverage

__all__ = ["RULES"]

_ANY_LANGUAGE = ("python",)
"""Runtimes for whose language there is a scanner of weaknesses among those that auditkit runs itself."""


class _Scans:
    """What scanned which code."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.results: dict[str, list[ScanResult]] = {}
        for result in scene.inventory.of(ScanResult):
            for function in dict.fromkeys(unqualified(resource) for resource in result.resources):
                self.results.setdefault(function, []).append(result)
        self.own: dict[str, list[CodeScan]] = {}
        for scan in scene.inventory.of(CodeScan):
            for resource in scan.resources:
                self.own.setdefault(resource, []).append(scan)
        covered = (one for one in scene.inventory.of(ScanCoverage) if one.scan_type == "CODE")
        self.covered: Mapping[str, ScanCoverage] = {unqualified(one.resource_id): one for one in covered}
        self._tools = {scan.tool for scan in scene.inventory.of(CodeScan)}

    def handed_in(self, function: str) -> list[ScanResult]:
        """Return the results for a function that others came to (SARIF, Inspector)."""
        return [result for result in self.results.get(function, ()) if result.tool not in self._tools]

    def is_watched(self, function: Function) -> bool:
        """Return whether Inspector scans the code of a function, and all that it found was seen."""
        scan = self.covered.get(function.id)
        active = scan is not None and scan.scan_status is not None and scan.scan_status.status_code == "ACTIVE"
        return active and self._scene.seen("inspector2.ListFindings", function)

    def gaps(self, function: Function) -> tuple[str, ...]:
        """Return what the scans of the code packages did not look at of what runs; all of it where none was made."""
        found: dict[str, None] = {}
        for one in running(function, self._scene):
            parts = {one.code.id: f"the code{f' of {one.place}' if one.place else ''}"}
            parts |= {layer.arn: f"the code of the layer {layer.arn}" for layer in one.code.layers}
            for part, words in parts.items():
                scans = self.own.get(part, ())
                if not scans:
                    found[words] = None
                for scan in scans:
                    if scan.incomplete:
                        found[f"what {scan.tool} did not look at in {words} ({scan.incomplete})"] = None
            if not (one.code.runtime or "").startswith(_ANY_LANGUAGE):
                found[f"a scanner for code of {one.code.runtime or 'an image'} (SARIF)"] = None
        return tuple(found)


def code_scan(scene: Scene) -> Iterator[Answer]:
    """Judge whether the code of every function is scanned."""
    scans = _Scans(scene)
    for function in scene.functions:
        one, handed_in = scans.covered.get(function.id), scans.handed_in(function.id)
        own = scans.own.get(function.id, ())
        if handed_in:
            said = f"{some(dict.fromkeys(result.tool for result in handed_in))} scanned it"
            yield passed(function, said, at=[result.source for result in handed_in[:3]])
        elif one is not None and one.scan_status is not None and one.scan_status.status_code == "ACTIVE":
            yield passed(function, "Inspector scans its code", at=one.source)
        elif own and not scans.gaps(function):
            said = f"{some(scan.tool for scan in own)} looked through its code in this audit"
            yield passed(function, said, at=own[0].source)
        elif own:
            yield unknown(function, scans.gaps(function), at=own[0].source)
        elif not scene.seen("inspector2.ListCoverage", function):
            yield unknown(function, "inspector2:ListCoverage, or results of a scanner (SARIF)", at=function.source)
        else:
            at = one.source if one is not None else function.source
            why = one.scan_status.reason if one is not None and one.scan_status is not None else ""
            yield failed(function, f"nothing scans its code{f' ({why})' if why else ''}", at=at)


_OF_RATING = {
    Rating.CRITICAL: Severity.CRITICAL,
    Rating.HIGH: Severity.HIGH,
    Rating.MEDIUM: Severity.MEDIUM,
    Rating.LOW: Severity.LOW,
    Rating.NONE: Severity.INFO,
}


def code_findings(scene: Scene) -> Iterator[Answer]:
    """Tell what scans of code found, function by function."""
    scans = _Scans(scene)
    for function in scene.functions:
        results = scans.results.get(function.id, ())
        open_ = [result for result in results if not result.suppressed]
        for result in open_:
            yield _open(scene, function, result)
        if open_:
            continue
        if scans.is_watched(function) or scans.handed_in(function.id):
            yield passed(function, "scans of its code left nothing open", at=function.source)
        elif function.id not in scans.own:
            yield unknown(function, "results of a scanner (inspector2:ListFindings, SARIF)", at=function.source)
        elif gaps := scans.gaps(function):
            yield unknown(function, gaps, at=scans.own[function.id][0].source)
        else:
            yield passed(function, "scans of its code found nothing", at=scans.own[function.id][0].source)


def _open(scene: Scene, function: Function, result: ScanResult) -> Answer:
    where = result.places[0] if result.places else None
    place = f"{result.rule}{f' at {where.path}:{where.line}' if where is not None else ''}"
    said = f"{result.tool}: {result.message or result.rule}"
    rated = _OF_RATING.get(result.rating)
    if rated is None:
        return failed(function, said, at=result.source, place=place)
    severity, why = by_reach(rated, f"{rated} by the scanner", function.id, scene)
    return failed(function, said, at=result.source, place=place, severity=severity, weighed=why)


RULES: dict[str, Rule] = {"appvuln.code-scan": code_scan, "appvuln.code-findings": code_findings}
