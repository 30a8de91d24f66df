"""At a glance: where each of the nine areas stands for this account, and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import pandas as pd

from auditkit.areas.answers import some
from auditkit.areas.catalogue import get_check
from auditkit.areas.gaining import GAIN_COLUMNS, Gain
from auditkit.areas.model import Area, Finding, Group, Severity, Verdict

__all__ = ["FIRST_COLUMNS", "GLANCE_COLUMNS", "Standing", "glance", "top_fixes"]

FIRST_COLUMNS = {
    "severity": "severity",
    "failures": "failures",
    "question": "what failed",
    "fix": "what to do",
    **GAIN_COLUMNS,
    "examples": "where",
}
"""Columns of :func:`top_fixes` that a person reads first, with their headings."""

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

_WEIGHT = {severity: 4 ** int(severity) for severity in Severity}


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


def top_fixes(findings: Iterable[Finding], count: int = 3, gains: Mapping[Finding, Gain] | None = None) -> pd.DataFrame:
    """Return what to do first: the fixes of the checks that failed, those with the gravest failure first.

    Among checks whose gravest failures are alike, what the best of their fixes gains decides, where `gains` are given,
    and then the weight of all their failures. A failure weighs 4 to the power of its severity (info 0 to critical 4):
    one of a step higher outweighs three. What is waived is left out.

    Returns
    -------
    pandas.DataFrame
        ``check``, ``area``, ``question``, ``fix``, ``severity`` (the highest), ``failures``, ``examples`` (str: the
        first resources), ``resources`` (tuple of str: labels of all), ``weight``, ``dR_high`` (float64: what the best
        of their fixes gains alone; missing where there is none).
    """
    by_check: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.verdict is Verdict.FAIL and finding.is_open:
            by_check.setdefault(finding.check, []).append(finding)
    rows = [_fix(check, failed, gains or {}) for check, failed in by_check.items()]
    rows.sort(key=_first)
    columns = ["check", "area", "question", "fix", "severity", "failures", "examples", "resources", "weight", "dR_high"]
    return pd.DataFrame(rows[:count], columns=columns).astype({"dR_high": "float64"})


def _first(row: Mapping[str, object]) -> tuple[object, ...]:
    gain = row["dR_high"] or 0.0
    assert isinstance(gain, float)
    return -Severity[str(row["severity"]).upper()], -gain, -int(str(row["weight"])), str(row["check"])


def _fix(check: str, failed: Sequence[Finding], gains: Mapping[Finding, Gain]) -> dict[str, object]:
    severities = [finding.severity or Severity.INFO for finding in failed]
    return {
        "check": check,
        "area": str(failed[0].area),
        "question": get_check(check).question,
        "fix": get_check(check).fix,
        "severity": str(max(severities)),
        "failures": len(failed),
        "examples": some(finding.label for finding in failed),
        "resources": tuple(dict.fromkeys(finding.label for finding in failed)),
        "weight": sum(_WEIGHT[severity] for severity in severities),
        "dR_high": max(
            (gain.high for one in failed if (gain := gains.get(one)) and gain.high is not None), default=None
        ),
    }
