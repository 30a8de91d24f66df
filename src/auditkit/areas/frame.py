"""Findings as a table, and the choice among them."""

from collections.abc import Iterable

import pandas as pd

from auditkit.areas.catalogue import get_check
from auditkit.areas.model import Area, Finding, Severity, Verdict

__all__ = ["FINDING_COLUMNS", "chosen", "findings_frame"]

FINDING_COLUMNS = {
    "severity": "severity",
    "verdict": "verdict",
    "check": "check",
    "label": "resource",
    "place": "where",
    "reason": "why",
    "weighed": "severity because",
    "source": "source",
}
"""Columns for people, with their headings."""

_TEXT = ("check", "area", "verdict", "resource", "label", "kind", "account", "region", "place", "reason")
_MORE = ("base", "severity", "weighed", "missing", "source", "sources", "path", "fix", "snippet", "mappings")
_SHOWN = frozenset({Verdict.FAIL, Verdict.WARN})


def chosen(
    findings: Iterable[Finding],
    *,
    areas: Iterable[Area] = (),
    verdicts: Iterable[Verdict] = _SHOWN,
    least: Severity = Severity.INFO,
    resource: str = "",
    mapping: str = "",
) -> tuple[Finding, ...]:
    """Return the findings that are asked for, in their order.

    Parameters
    ----------
    findings
        Of :func:`auditkit.areas.judge`.
    areas
        Areas; all of them by default.
    verdicts
        Verdicts; FAIL and WARN by default.
    least
        Least severity; what has none (UNKNOWN, PASS, N/A) is always there.
    resource
        Part of the id or the label of a resource.
    mapping
        Id of a control of another catalogue: ``"Lambda.2"``, ``"CWE-306"``.
    """
    wanted_areas, wanted_verdicts = frozenset(areas) or frozenset(Area), frozenset(verdicts)
    return tuple(
        finding
        for finding in findings
        if finding.area in wanted_areas
        and finding.verdict in wanted_verdicts
        and (finding.severity is None or finding.severity >= least)
        and (not resource or resource in finding.resource or resource in finding.label)
        and (not mapping or any(mapping in ids for ids in get_check(finding.check).mappings.values()))
    )


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table.

    Returns
    -------
    pandas.DataFrame
        One row per finding, in their order.

        ==============================  =======  ================================================================
        check, area, verdict            str      which check says what
        resource, label, kind, account, str      of the resource
        region, place
        reason                          str      why
        base, severity                  str      before and after the graph was asked; ``""`` where there is none
        weighed                         str      why it was raised, lowered or left
        missing                         object   tuple of str: what the export lacks
        source                          str      where the deciding setting stands, ``file#pointer``
        sources                         object   tuple of :class:`~auditkit.inventory.Source`
        path                            object   tuple of str: ids along the witness path
        fix, snippet                    str      what to do
        mappings                        object   dict of str to tuple of str
        ==============================  =======  ================================================================
    """
    rows = [_row(finding) for finding in findings]
    columns = [
        *_TEXT,
        "base",
        "severity",
        "weighed",
        "missing",
        "source",
        "sources",
        "path",
        "fix",
        "snippet",
        "mappings",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame.attrs["reason"] = "" if rows else "There is no such finding."
    return frame


def _row(finding: Finding) -> dict[str, object]:
    row: dict[str, object] = {name: str(getattr(finding, name)) for name in _TEXT}
    return row | {
        "base": "" if finding.base is None else str(finding.base),
        "severity": "" if finding.severity is None else str(finding.severity),
        "weighed": finding.weighed,
        "missing": finding.missing,
        "source": str(finding.sources[0]) if finding.sources else "",
        "sources": finding.sources,
        "path": finding.path,
        "fix": finding.fix,
        "snippet": finding.snippet,
        "mappings": get_check(finding.check).mappings,
    }
