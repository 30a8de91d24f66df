"""Findings as a table, and the choice among them."""

from collections.abc import Iterable

import pandas as pd

from auditkit.areas.catalogue import get_check
from auditkit.areas.gaining import GAIN_COLUMNS
from auditkit.areas.model import Area, Finding, Severity, Verdict
from auditkit.case import Waiver

__all__ = ["FINDING_COLUMNS", "chosen", "finding_columns", "findings_frame"]

FINDING_COLUMNS = {
    "severity": "severity",
    "verdict": "verdict",
    "waived": "waived",
    "check": "check",
    "label": "resource",
    "place": "where",
    "reason": "why",
    "weighed": "severity because",
    "source": "source",
}
"""Columns for people, with their headings."""

_TEXT = ("check", "area", "verdict", "resource", "label", "kind", "account", "region", "place", "reason")
_MORE = (
    *("base", "severity", "weighed", "missing", "source", "sources", "path", "fix", "snippet", "mappings"),
    *("waived", "waiver", "among"),
)
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
        waived                          str      ``"in force"``, ``"expired"``, ``"no audit date"``; ``""`` for none
        waiver                          str      who answers for it until when, why, and where that stands
        among                           object   tuple of str: ids of all stores that it is about together
        ==============================  =======  ================================================================
    """
    rows = [_row(finding) for finding in findings]
    frame = pd.DataFrame(rows, columns=[*_TEXT, *_MORE])
    frame.attrs["reason"] = "" if rows else "There is no such finding."
    return frame


def finding_columns(frame: pd.DataFrame) -> dict[str, str]:
    """Return the columns of findings that a person reads first, with their headings.

    Those of waivers, and of what fixes would gain, are among them only where there is any.
    """
    waived = "waived" in frame and bool((frame["waived"] != "").any())
    gained = "dR_high" in frame and bool(frame["dR_high"].notna().any())
    columns = {name: heading for name, heading in FINDING_COLUMNS.items() if name != "waived" or waived}
    return columns | (GAIN_COLUMNS if gained else {})


def _waiver(waiver: Waiver) -> str:
    return f"{waiver.owner}, until {waiver.expires}: {waiver.reason} ({waiver.source})"


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
        "waived": "" if finding.waived is None else str(finding.waived),
        "waiver": "" if finding.waiver is None else _waiver(finding.waiver),
        "among": finding.among.ids,
    }
