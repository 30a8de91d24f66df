"""What the checks said of a thing, as an answer of a sheet: yes, no, or unknown with what is missing."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from auditkit.areas.model import Finding, Severity, Verdict
from auditkit.graph.schema import Interval
from auditkit.inventory import Source

__all__ = ["NO", "UNKNOWN", "YES", "Answered", "Line", "by_level", "line_of"]

YES, NO, UNKNOWN = "yes", "no", "unknown"
_SURE = 0.25
"""Level of a hop factor up to which an answer is *yes* (``facts/scoring``: a pinned source, an account's service)."""
_ANSWERS = {Verdict.PASS: YES, Verdict.FAIL: NO, Verdict.WARN: NO, Verdict.UNKNOWN: UNKNOWN}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a sheet.

    Attributes
    ----------
    part
        Heading it stands under: ``"role"``, ``"network"`` ...
    what
        What is told or asked.
    answer
        ``"yes"``, ``"no"`` or ``"unknown"``; ``""`` where nothing is asked.
    detail
        What else there is to say.
    missing
        What the export lacks, where the answer is unknown.
    sources
        Where it was read.
    """

    part: str
    what: str
    answer: str = ""
    detail: str = ""
    missing: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


class Answered:
    """Findings by what they are about.

    Parameters
    ----------
    findings
        Of :func:`auditkit.areas.judge`.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._by_check: dict[tuple[str, str], list[Finding]] = defaultdict(list)
        self._bad: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            self._by_check[finding.check, finding.resource].append(finding)
            if finding.verdict in {Verdict.FAIL, Verdict.WARN}:
                self._bad[finding.resource].append(finding)

    def of(self, check: str, resource: str) -> list[Finding]:
        """Return what a check says of a resource, place by place."""
        return self._by_check.get((check, resource), [])

    def bad(self, resources: Iterable[str]) -> list[Finding]:
        """Return failures and warnings on some resources, gravest first."""
        found = [finding for resource in dict.fromkeys(resources) for finding in self._bad.get(resource, ())]
        return sorted(found, key=lambda one: (-(one.severity or Severity.INFO), one.verdict, one.check, one.place))


def line_of(part: str, what: str, finding: Finding, *, turned: bool = False) -> Line:
    """Return a line that answers as a check did.

    Parameters
    ----------
    part, what
        Heading, and what is asked.
    finding
        The check's answer.
    turned
        Whether the question asks for the fault: a PASS is then *no*.
    """
    answer = _ANSWERS.get(finding.verdict, "")
    if turned and answer != UNKNOWN:
        answer = {YES: NO, NO: YES}.get(answer, "")
    place = f" ({finding.place})" if finding.place else ""
    return Line(
        part=part, what=what + place, answer=answer, detail=finding.reason, missing=finding.missing,
        sources=finding.sources,
    )  # fmt: skip


def by_level(level: Interval) -> str:
    """Return whether a hop factor is good enough to say yes."""
    if level.high <= _SURE:
        return YES
    return NO if level.low > _SURE else UNKNOWN
