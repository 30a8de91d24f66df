"""What owning a function costs time and again: the parts of an index, with their points."""

from functools import cache

import msgspec

from auditkit.facts._table import rows_of

__all__ = ["OwnershipPart", "get_ownership_parts"]


class OwnershipPart(msgspec.Struct, frozen=True):
    """One part of the index.

    Attributes
    ----------
    part
        Its name.
    points
        Points that it gives at most; those of all parts are 100.
    measure, full
        What is measured, and from which value on it gives all its points.
    why
        Why it costs an owner time.
    """

    part: str
    points: float
    measure: str
    full: float
    why: str


@cache
def get_ownership_parts() -> dict[str, OwnershipPart]:
    """Return the parts by name, in the order of the table ``ownership``."""
    return {
        row["part"]: OwnershipPart(
            part=row["part"],
            points=float(row["points"]),
            measure=row["measure"],
            full=float(row["full"]),
            why=row["why"],
        )
        for row in rows_of("ownership")
    }
