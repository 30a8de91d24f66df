"""What the fix of a finding would gain: the risk that is gone when it is made."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

import pandas as pd

from auditkit.areas.catalogue import get_check
from auditkit.areas.model import Finding
from auditkit.inventory import Source
from auditkit.score.fixes import Fix

__all__ = ["GAIN_COLUMNS", "Gain", "gains", "with_gains"]

GAIN_COLUMNS = {"dR_high": "risk removed"}
"""Columns of :func:`with_gains` for people, with their headings."""

_NO_EDGE = "no score depends on what it is about: its fix changes no edge of the graph"
_NO_FIX = "the graph suggests no fix at this place"


class Gain(NamedTuple):
    """What can be done about a finding, and what that gains.

    Attributes
    ----------
    fixes
        Ids of the fixes that mend it (:func:`auditkit.derive_fixes`), the one that gains most first.
    low, high
        By how much the sum of the exposures of all stores falls with the first of them alone; ``None`` where there is
        none.
    reason
        Why there is none, ``""`` otherwise.
    """

    fixes: tuple[str, ...]
    low: float | None
    high: float | None
    reason: str


def gains(findings: Iterable[Finding], fixes: Iterable[Fix], ranked: pd.DataFrame) -> dict[Finding, Gain]:
    """Return for each FAIL and WARN what its fix would gain.

    A fix mends a finding if its rule is one that the check names (``closed_by``) and it is made at the finding's
    resource, or because of the same place in the export.

    Parameters
    ----------
    findings
        Of :func:`auditkit.areas.judge`.
    fixes, ranked
        What the graph suggests, and what each gains alone (:func:`auditkit.fixes`).
    """
    columns = (ranked["fix"], ranked["dR_low"], ranked["dR_high"])
    worth = {str(name): (float(low), float(high)) for name, low, high in zip(*columns, strict=True)}
    index = _Index(fix for fix in fixes if fix.id in worth)
    found: dict[Finding, Gain] = {}
    for finding in findings:
        if finding.severity is None:
            continue
        rules = get_check(finding.check).closed_by
        mending = sorted(index.at(finding, rules), key=lambda name: (-worth[name][1], -worth[name][0], name))
        low, high = worth[mending[0]] if mending else (None, None)
        found[finding] = Gain(tuple(mending), low, high, "" if mending else _NO_FIX if rules else _NO_EDGE)
    return found


class _Index:
    """Fixes by where they are made, and by why."""

    def __init__(self, fixes: Iterable[Fix]) -> None:
        self._at: dict[str | Source, list[str]] = {}
        for fix in fixes:
            places: tuple[str | Source, ...] = (fix.node, *fix.sources)
            for place in places:
                self._at.setdefault(place, []).append(fix.id)

    def at(self, finding: Finding, rules: tuple[str, ...]) -> set[str]:
        """Return the ids of the fixes of some rules at the place of a finding."""
        places: tuple[str | Source, ...] = (finding.resource, *finding.sources)
        near = {name for place in places for name in self._at.get(place, ())}
        return {name for name in near if any(fnmatchcase(name.rpartition("-")[0], rule) for rule in rules)}


def with_gains(frame: pd.DataFrame, findings: Iterable[Finding], found: Mapping[Finding, Gain]) -> pd.DataFrame:
    """Return a table of findings with what their fixes would gain.

    Parameters
    ----------
    frame, findings
        The table (:func:`auditkit.areas.findings_frame`), and the findings that its rows are.
    found
        Of :func:`gains`.

    Returns
    -------
    pandas.DataFrame
        With ``dR_low``, ``dR_high`` (float64; missing where there is none), ``dR_fixes`` (object: tuple of str) and
        ``dR_reason`` (str: why there is none).
    """
    none = Gain((), None, None, "")
    rows = [found.get(finding, none) for finding in findings]
    return frame.assign(
        dR_low=pd.Series([row.low for row in rows], index=frame.index, dtype="float64"),
        dR_high=pd.Series([row.high for row in rows], index=frame.index, dtype="float64"),
        dR_fixes=pd.Series([row.fixes for row in rows], index=frame.index, dtype="object"),
        dR_reason=pd.Series([row.reason for row in rows], index=frame.index, dtype="str"),
    )
