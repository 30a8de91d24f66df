"""Limits of AWS services that matter to an audit."""

from functools import cache

import msgspec

from auditkit.facts._table import rows_of

__all__ = ["Quota", "get_quota", "get_quotas"]


class Quota(msgspec.Struct, frozen=True):
    """One limit.

    Attributes
    ----------
    quota, value, unit
        Its name; the default, in the unit.
    raisable
        Whether AWS raises it on request.
    note
        What else to know.
    source, confidence
        Where it comes from; ``verified``, ``partly verified`` or ``known``.
    """

    quota: str
    value: float
    unit: str
    raisable: bool
    note: str
    source: str
    confidence: str


@cache
def get_quotas() -> dict[str, Quota]:
    """Return all limits by name (table ``quotas``)."""
    return {
        row["quota"]: Quota(
            quota=row["quota"],
            value=float(row["value"]),
            unit=row["unit"],
            raisable=row["raisable"] == "yes",
            note=row["note"],
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in rows_of("quotas")
    }


def get_quota(name: str) -> Quota:
    """Return the limit of this name.

    Raises
    ------
    KeyError
        If there is no such limit.
    """
    return get_quotas()[name]
