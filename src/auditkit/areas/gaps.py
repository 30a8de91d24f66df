"""What an export leaves open: calls that checks need and that were not seen, and what to ask the client for."""

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from auditkit.areas.catalogue import get_checks
from auditkit.areas.model import Check
from auditkit.areas.scoping import Scoping
from auditkit.inventory import Call, Coverage, CoverageState

__all__ = ["ASK_COLUMNS", "GAP_COLUMNS", "gaps_frame", "gaps_in_scope", "is_answered", "to_ask"]

GAP_COLUMNS = {
    "check": "check",
    "area": "area",
    "need": "need",
    "call": "call",
    "state": "state",
    "account": "account",
    "region": "region",
    "answers": "answers that lack",
}
"""Columns of :func:`gaps_frame`, with their headings for people."""

ASK_COLUMNS = {
    "call": "call",
    "state": "state",
    "account": "account",
    "regions": "regions",
    "checks": "checks that need it",
    "unanswered": "not answered without it",
}
"""Columns of :func:`to_ask`, with their headings for people."""

_LISTS, _DECIDES, _INCOMPLETE = "lists", "decides", "incomplete"
_SEEN = frozenset({CoverageState.PRESENT, CoverageState.EMPTY})


def gaps_frame(coverage: Coverage) -> pd.DataFrame:
    """Return the calls that a check needs and that an export does not show, or not whole.

    Parameters
    ----------
    coverage
        What the export shows.

    Returns
    -------
    pandas.DataFrame
        One row per check, call, account, region and state, sorted so, checks by their order in the catalogue::

            check    str
            area     str   heading of the area
            need     str   "lists": without it the check cannot be answered; "decides": it may be, in part
            call     str   "lambda:GetPolicy"
            state    str   "missing", "denied" or "incomplete"
            account  str
            region   str   "global" where the call has none
            answers  int   how many answers lack, one per resource where the call is made per resource
    """
    rows = []
    for check in get_checks().values():
        for need, calls in ((_LISTS, check.judges), (_DECIDES, check.calls)):
            for name in dict.fromkeys(calls):
                rows += _of_call(check, need, name, coverage)
    frame = pd.DataFrame(rows, columns=list(GAP_COLUMNS))
    frame.attrs["reason"] = "" if rows else "The export shows everything that the checks ask for."
    return frame


def gaps_in_scope(gaps: pd.DataFrame, scoping: Scoping) -> pd.DataFrame:
    """Return the gaps (:func:`gaps_frame`) of accounts and regions that are in scope."""
    places = zip(gaps["account"], gaps["region"], strict=True)
    inside = [not scoping.why_out(f"{account}:{region}" if region else account) for account, region in places]
    kept = gaps.loc[pd.Series(inside, dtype=bool)].reset_index(drop=True)
    kept.attrs["reason"] = "The export shows everything that the checks ask for in scope." if kept.empty else ""
    return kept


def is_answered(check: Check, coverage: Coverage) -> bool:
    """Return whether an export answers a check at all: it shows some of what is judged, or that there is none.

    A template shows some of what its account has, and a check is answered for that.
    """
    listed = (name.partition(".") for name in check.judges)
    return any(call.state in _SEEN for service, _, operation in listed for call in coverage.find(service, operation))


def to_ask(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the calls to ask the client for, those first that most checks wait for.

    Parameters
    ----------
    gaps
        As of :func:`gaps_frame`.

    Returns
    -------
    pandas.DataFrame
        One row per call, state and account::

            call        str    "lambda:GetPolicy"
            state       str
            account     str
            regions     object tuple of str
            checks      object tuple of str: ids of the checks that need it
            unanswered  int    how many of these cannot be answered without it, not even in part
    """
    rows = []
    for (call, state, account), part in gaps.groupby(["call", "state", "account"], sort=True):
        lists = part.loc[(part["need"] == _LISTS) & (part["state"] != _INCOMPLETE), "check"]
        regions, checks = (tuple(sorted(set(part[column]))) for column in ("region", "check"))
        rows.append((call, state, account, regions, checks, int(lists.nunique())))
    rows.sort(key=lambda row: (-row[-1], -len(row[-2]), row[:3]))
    frame = pd.DataFrame(rows, columns=list(ASK_COLUMNS))
    frame.attrs["reason"] = "" if rows else str(gaps.attrs.get("reason", ""))
    return frame


def _of_call(check: Check, need: str, name: str, coverage: Coverage) -> list[tuple[object, ...]]:
    service, _, operation = name.partition(".")
    counts = _lacking(coverage.find(service, operation))
    return [
        (check.id, check.area.heading, need, f"{service}:{operation}", state, account, region, count)
        for (account, region, state), count in sorted(counts.items())
    ]


def _lacking(calls: Iterable[Call]) -> Counter[tuple[str, str, str]]:
    """Count the answers that lack by account, region and state; a call that left no trace at all is missing."""
    counts: Counter[tuple[str, str, str]] = Counter()
    seen = False
    for call in calls:
        seen = True
        if call.state in {CoverageState.MISSING, CoverageState.DENIED}:
            counts[call.account, call.region, str(call.state)] += 1
        elif not call.complete:
            counts[call.account, call.region, _INCOMPLETE] += 1
    if not seen:
        counts["", "", str(CoverageState.MISSING)] += 1
    return counts
