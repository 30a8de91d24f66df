"""Findings that somebody answers for, by the waivers of the case: they stay what they are, and are told as waived."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import pandas as pd

from auditkit.areas.model import Finding, Verdict
from auditkit.case import Case, Waiver, WaiverState, matches
from auditkit.inventory import Kind

__all__ = ["NO_MATCH", "WAIVER_COLUMNS", "waived", "waivers_frame", "waivers_of"]

WAIVER_COLUMNS = {
    "state": "state",
    "check": "check",
    "resource": "resource",
    "place": "where",
    "findings": "findings",
    "owner": "owner",
    "expires": "until",
    "reason": "reason",
    "note": "note",
    "source": "source",
}
"""Columns of :func:`waivers_frame` that a person reads first, with their headings."""

NO_MATCH = "matches nothing"
"""State of a waiver that no failure and no warning is waived by."""
_WAIVABLE = frozenset({Verdict.FAIL, Verdict.WARN})
_FIRST = list(WaiverState)


def waived(findings: Iterable[Finding], case: Case | None, date: str) -> tuple[Finding, ...]:
    """Return findings with the waivers that are about them; none is taken away, and no verdict or severity changes.

    Parameters
    ----------
    findings
        Of the checks; only FAIL and WARN can be waived.
    case
        Its waivers. Of several that are about the same finding one that is in force counts, else the first.
    date
        Audit date, ``YYYY-MM-DD``; ``""`` where none is given, and no waiver is known to be in force.
    """
    by_check = _by_check(case)
    if not by_check:
        return tuple(findings)
    return tuple(_with_waiver(finding, by_check.get(finding.check, ()), date) for finding in findings)


def waivers_of(case: Case | None, check: str, *names: str) -> tuple[Waiver, ...]:
    """Return the waivers about places in a resource, given by its id and label: what is told together may not be so."""
    found = case.waivers if case is not None else ()
    return tuple(one for one in found if one.check == check and one.place and matches(one.resource, *names))


def _by_check(case: Case | None) -> dict[str, list[Waiver]]:
    found: dict[str, list[Waiver]] = {}
    for waiver in case.waivers if case is not None else ():
        found.setdefault(waiver.check, []).append(waiver)
    return found


def _with_waiver(finding: Finding, waivers: Sequence[Waiver], date: str) -> Finding:
    about = [one for one in waivers if finding.verdict in _WAIVABLE and _is_about(one, finding)]
    if not about:
        return finding
    waiver = min(about, key=lambda one: _FIRST.index(one.state(date)))
    return msgspec.structs.replace(finding, waiver=waiver, waived=waiver.state(date))


def _is_about(waiver: Waiver, finding: Finding) -> bool:
    return waiver.covers(finding.check, _names(finding), finding.place, zip(*finding.among, strict=True))


def _names(finding: Finding) -> tuple[str, ...]:
    """Return what a waiver may call the resource of a finding; a mapping by its number as well."""
    number = (finding.resource.rpartition(":")[2],) if finding.kind == Kind.EVENT_SOURCE_MAPPING else ()
    return (finding.resource, finding.label, *number)


def waivers_frame(findings: Iterable[Finding], case: Case | None, date: str) -> pd.DataFrame:
    """Return every waiver of a case, and what has become of it: expired ones first, then those that match nothing.

    Parameters
    ----------
    findings
        All answers of all checks.
    case
        Its waivers.
    date
        Audit date, ``YYYY-MM-DD``, or ``""``.

    Returns
    -------
    pandas.DataFrame
        One row per waiver: ``state`` (str: ``"in force"``, ``"expired"``, ``"no audit date"``, or ``"matches
        nothing"``), ``check``, ``resource``, ``place``, ``reason``, ``owner``, ``expires`` (str, as the case has them),
        ``findings`` (int64: failures and warnings that it is about), ``note`` (str: what to do about it), ``source``
        (str) and ``line`` (int64).
    """
    by_check = _by_check(case)
    answers: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.check in by_check:
            answers.setdefault(finding.check, []).append(finding)
    rows = [_row(one, answers.get(one.check, []), date) for one in (case.waivers if case is not None else ())]
    order = [str(WaiverState.EXPIRED), NO_MATCH, str(WaiverState.UNDATED), str(WaiverState.IN_FORCE)]
    rows.sort(key=lambda row: (order.index(str(row["state"])), int(str(row["line"]))))
    columns = [*WAIVER_COLUMNS, "line"]
    frame = pd.DataFrame(rows, columns=columns).astype({"findings": "int64", "line": "int64"})
    frame.attrs["reason"] = "" if rows else "The case waives nothing."
    return frame


def _row(waiver: Waiver, answers: Sequence[Finding], date: str) -> dict[str, object]:
    about = [one for one in answers if _is_about(waiver, one)]
    bad = sum(one.verdict in _WAIVABLE for one in about)
    state = waiver.state(date)
    shown = NO_MATCH if not bad and state is not WaiverState.EXPIRED else str(state)
    fields = {name: getattr(waiver, name) for name in ("check", "resource", "place", "owner", "expires", "reason")}
    note = "; ".join(_notes(waiver, state, about, answers, bad=bad))
    return {"state": shown, **fields, "findings": bad, "note": note, "source": str(waiver.source), "line": waiver.line}


def _notes(
    waiver: Waiver, state: WaiverState, about: Sequence[Finding], answers: Sequence[Finding], *, bad: int
) -> Iterator[str]:
    if state is WaiverState.EXPIRED:
        yield "no longer in force: decide anew, or mend it"
    elif state is WaiverState.UNDATED:
        yield "without an audit date it is not known whether it is in force, and it does not count"
    if bad:
        return
    if about:
        counts = Counter(str(one.verdict) for one in about)
        said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        yield f"nothing that it is about failed ({said}): it can go"
    elif any(matches(waiver.resource, *_names(one)) for one in answers):
        yield "the check has no such place in this resource"
    else:
        yield "the check judges no such resource: it is gone, out of scope, or another was meant"
