"""Points in time, as the tools that export them write them."""

from datetime import UTC, date, datetime

__all__ = ["Moment", "days_between", "iso_moment", "utc_second"]

Moment = str | float | None
"""A point in time: ISO 8601 text, seconds since 1970 (older command lines write those), or absent."""


def iso_moment(moment: Moment) -> str | None:
    """Return a point in time as ISO 8601 text in UTC; text is left as it is, and what is no date is absent."""
    if not isinstance(moment, float | int):
        return moment
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        return None


def utc_second(moment: object) -> str:
    """Return a point in time to the second, ``"2026-03-01T10:00:00Z"``, so that times sort; ``""`` for what is none."""
    text = iso_moment(moment) if isinstance(moment, str | int | float) and not isinstance(moment, bool) else None
    try:
        found = datetime.fromisoformat(text or "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return ""


def days_between(first: str, last: str) -> int | None:
    """Return the days from one moment to another, both counted; ``None`` where one is none (ISO 8601)."""
    try:
        return (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days + 1
    except ValueError:
        return None
