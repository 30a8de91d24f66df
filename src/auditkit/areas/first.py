"""What to do first: of the fixes of the checks that failed, those that each mend what the ones above them leave."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from auditkit.areas.answers import some
from auditkit.areas.catalogue import get_check
from auditkit.areas.gaining import GAIN_COLUMNS, Gain
from auditkit.areas.model import Finding, Severity, Verdict

__all__ = ["FIRST_COLUMNS", "top_fixes"]

FIRST_COLUMNS = {
    "severity": "severity",
    "failures": "failures",
    "question": "what failed",
    "fix": "what to do",
    **GAIN_COLUMNS,
    "examples": "where",
    "also": "mends as well",
}
"""Columns of :func:`top_fixes` that a person reads first, with their headings."""

_COLUMNS = [
    "check",
    "area",
    "question",
    "fix",
    "severity",
    "failures",
    "examples",
    "resources",
    "weight",
    "dR_high",
    "fixes",
    "also",
]
_WEIGHT = {severity: 4 ** int(severity) for severity in Severity}

Risk = Callable[[Sequence[str]], float]
"""The sum of the exposures of all stores (high bound) with some fixes made, by their ids."""


class _Step(NamedTuple):
    """What failed of a check, the fixes that mend it, and what else these mend."""

    check: str
    failed: Sequence[Finding]
    fixes: tuple[str, ...]
    besides: Sequence[Finding]

    @property
    def severity(self) -> Severity:
        """The gravest of its failures."""
        return max(_severity(finding) for finding in self.failed)

    @property
    def weight(self) -> int:
        """All its failures, the graver ones as many."""
        return sum(_WEIGHT[_severity(finding)] for finding in self.failed)


def top_fixes(
    findings: Iterable[Finding],
    count: int = 3,
    gains: Mapping[Finding, Gain] | None = None,
    risk: Risk | None = None,
) -> pd.DataFrame:
    """Return what to do first, one after the other: the fixes of the checks that failed, the gravest failure first.

    Each is told beside those above it: what these mend does not count any more, and what it gains is what is left to
    gain. Among checks whose gravest failures are alike, what their fixes gain together decides, and then the weight of
    their failures: one weighs 4 to the power of its severity (info 0 to critical 4), so that one of a step higher
    outweighs three. What is waived is left out.

    Parameters
    ----------
    findings
        Of :func:`auditkit.areas.judge`.
    count
        Most rows.
    gains
        Which fixes mend which finding; without them every check has a fix of its own.
    risk
        What is left with some fixes; without it nothing is known to be gained.

    Returns
    -------
    pandas.DataFrame
        ``check``, ``area``, ``question``, ``fix``, ``severity`` (the highest), ``failures``, ``examples`` (str: the
        first resources), ``resources`` (tuple of str: labels of all), ``weight``, ``dR_high`` (float64: by how much the
        sum of the exposures falls with all its fixes, after those above; missing where there are none), ``fixes``
        (object: tuple of str, ids of the graph's fixes), ``also`` (str: checks of which they mend findings as well, and
        how many).
    """
    known = gains or {}
    left: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.verdict is Verdict.FAIL and finding.is_open:
            left.setdefault(finding.check, []).append(finding)
    made: tuple[str, ...] = ()
    rows: list[dict[str, object]] = []
    while left and len(rows) < count:
        step, gain = _best(_steps(left, known), made, risk)
        rows.append(_row(step, gain))
        made = tuple(dict.fromkeys((*made, *step.fixes)))
        mended = {*step.failed, *step.besides}
        rest = {check: [one for one in failed if one not in mended] for check, failed in left.items()}
        left = {check: failed for check, failed in rest.items() if failed}
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"dR_high": "float64"})


def _steps(left: Mapping[str, Sequence[Finding]], gains: Mapping[Finding, Gain]) -> list[_Step]:
    """Return what can be done next: check by check, those with the gravest failures alone."""
    gravest = {check: max(map(_severity, failed)) for check, failed in left.items()}
    most = max(gravest.values())
    return [_step(check, left, gains) for check in left if gravest[check] is most]


def _step(check: str, left: Mapping[str, Sequence[Finding]], gains: Mapping[Finding, Gain]) -> _Step:
    own = {fix for finding in left[check] for fix in _fixes_of(finding, gains)}
    besides = [
        finding
        for other, failed in left.items()
        if other != check
        for finding in failed
        if not own.isdisjoint(_fixes_of(finding, gains))
    ]
    fixes = dict.fromkeys(fix for finding in (*left[check], *besides) for fix in _fixes_of(finding, gains))
    return _Step(check, left[check], tuple(fixes), besides)


def _fixes_of(finding: Finding, gains: Mapping[Finding, Gain]) -> tuple[str, ...]:
    gain = gains.get(finding)
    return gain.fixes if gain is not None else ()


def _severity(finding: Finding) -> Severity:
    return finding.severity or Severity.INFO


def _best(steps: Sequence[_Step], made: Sequence[str], risk: Risk | None) -> tuple[_Step, float | None]:
    """Return the step that gains most beside what has been done, and what it gains; ``None`` where it has no fix."""
    now = risk(made) if risk is not None else 0.0
    gain = {
        step.check: max(now - risk([*made, *step.fixes]), 0.0) if risk is not None and step.fixes else None
        for step in steps
    }
    best = min(steps, key=lambda step: (-(gain[step.check] or 0.0), -step.weight, step.check))
    return best, gain[best.check]


def _row(step: _Step, gain: float | None) -> dict[str, object]:
    check = get_check(step.check)
    also = Counter(finding.check for finding in step.besides)
    return {
        "check": step.check,
        "area": str(check.area),
        "question": check.question,
        "fix": check.fix,
        "severity": str(step.severity),
        "failures": len(step.failed),
        "examples": some(finding.label for finding in step.failed),
        "resources": tuple(dict.fromkeys(finding.label for finding in step.failed)),
        "weight": step.weight,
        "dR_high": gain,
        "fixes": step.fixes,
        "also": ", ".join(f"{name} ({number})" for name, number in sorted(also.items())),
    }
