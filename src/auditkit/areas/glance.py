"""At a glance: where each of the nine areas stands for this account, and why."""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

import pandas as pd

from auditkit.areas.model import Area, Finding, Group, Severity, Verdict

__all__ = ["GLANCE_COLUMNS", "Standing", "glance"]

GLANCE_COLUMNS = {
    "title": "area",
    "usual": "serverless makes it",
    "standing": "this account",
    "critical": "critical",
    "high": "high",
    "medium": "medium",
    "low": "low",
    "unknown": "not known",
    "passed": "passed",
    "reason": "why",
}
"""Columns for people, with their headings."""


class Standing(StrEnum):
    """How an area stands, held against servers that would do the same."""

    BETTER = "better"
    AS_BEFORE = "as before"
    WORSE = "worse"
    UNKNOWN = "unknown"


def glance(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return how each area stands.

    The promise of an area holds while nothing breaks it. An area that serverless makes better stands *better* without a
    failure of severity *high*, *as before* with one, *worse* with a critical one. One that it leaves stands *as
    before*, *worse* with a critical failure. One that it makes worse stands *as before* without a failure of severity
    *medium*, else *worse*. Where more answers are unknown than known, and what is known does not make it *worse*, it is
    *unknown*. What is waived counts like all else.

    Returns
    -------
    pandas.DataFrame
        Nine rows, in the order of the areas: ``area``, ``title``, ``usual`` (what serverless does to it), ``standing``,
        ``critical``, ``high``, ``medium``, ``low``, ``info`` (number of failures and warnings by severity),
        ``unknown``, ``passed``, ``waived`` (how many of the failures and warnings), ``checks`` (number of checks that
        gave an answer), ``reason``, ``worst`` (check of the worst failure).
    """
    by_area: dict[Area, list[Finding]] = {area: [] for area in Area}
    for finding in findings:
        by_area[finding.area].append(finding)
    return pd.DataFrame([_row(area, found) for area, found in by_area.items()])


def _row(area: Area, findings: Sequence[Finding]) -> dict[str, object]:
    verdicts = Counter(finding.verdict for finding in findings)
    bad = [finding for finding in findings if finding.severity is not None]
    severities = Counter(finding.severity for finding in bad)
    failures = [finding for finding in bad if finding.verdict is Verdict.FAIL]
    worst = max(failures, key=lambda finding: finding.severity or Severity.INFO, default=None)
    standing = _standing(area, worst, verdicts)
    return {
        "area": str(area),
        "title": area.heading,
        "usual": str(area.group),
        "standing": str(standing),
        **{str(severity): severities[severity] for severity in reversed(Severity)},
        "unknown": verdicts[Verdict.UNKNOWN],
        "passed": verdicts[Verdict.PASS],
        "waived": sum(not finding.is_open for finding in bad),
        "checks": len({finding.check for finding in findings}),
        "reason": _reason(standing, _at_best(area, worst), worst, verdicts, findings),
        "worst": worst.check if worst is not None else "",
    }


def _standing(area: Area, worst: Finding | None, verdicts: Counter[Verdict]) -> Standing:
    best = _at_best(area, worst)
    known = sum(
        count for verdict, count in verdicts.items() if verdict not in {Verdict.UNKNOWN, Verdict.NOT_APPLICABLE}
    )
    open_ = verdicts[Verdict.UNKNOWN] > known or not verdicts
    return Standing.UNKNOWN if open_ and best is not Standing.WORSE else best


def _at_best(area: Area, worst: Finding | None) -> Standing:
    """Return how an area stands if nothing more fails than is known."""
    severity = worst.severity if worst is not None and worst.severity is not None else Severity.INFO
    if severity is Severity.CRITICAL or (area.group is Group.WORSE and severity >= Severity.MEDIUM):
        return Standing.WORSE
    return Standing.BETTER if area.group is Group.BETTER and severity < Severity.HIGH else Standing.AS_BEFORE


def _reason(
    standing: Standing, best: Standing, worst: Finding | None, verdicts: Counter[Verdict], findings: Sequence[Finding]
) -> str:
    if not findings:
        return "no check of this area was asked"
    parts = []
    if worst is not None:
        parts.append(f"{verdicts[Verdict.FAIL]} failed; the worst ({worst.severity}): {worst.label}: {worst.reason}")
    elif verdicts[Verdict.WARN]:
        parts.append(f"nothing failed, {verdicts[Verdict.WARN]} to look at")
    elif verdicts[Verdict.PASS]:
        parts.append("nothing failed")
    else:
        parts.append("nothing was found to judge")
    waived = sum(not finding.is_open for finding in findings)
    if waived:
        parts.append(f"{waived} of these waived")
    if standing is Standing.UNKNOWN:
        parts.append(f"more is unknown than known: at best {best}")
    return "; ".join(parts)
