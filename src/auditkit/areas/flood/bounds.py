"""What is known of a limit: bounds, what is missing, what is assumed, and where it was read."""

import math
from enum import Enum

import msgspec

from auditkit.facts import get_quota
from auditkit.inventory import Source

__all__ = ["UNLIMITED", "Bound", "Side", "assumed", "exactly", "times"]


class Side(Enum):
    """Which end of every bound is taken."""

    LOW = 0
    HIGH = 1


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A number that a limit sets, as far as it is known.

    Attributes
    ----------
    low, high
        Both the same where it is known; infinite where nothing limits.
    says
        The limit, in words; ``""`` where there is none.
    missing
        What the export lacks to know it better.
    sizes
        What no export tells: sizes and numbers that the code or the caller decides.
    assumed
        Quotas that stand in for what an export does not hold.
    sources
        Where it was read.
    """

    low: float
    high: float
    says: str = ""
    missing: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    def at(self, side: Side) -> float:
        """Return one end."""
        return self.low if side is Side.LOW else self.high

    def least(self, other: "Bound") -> "Bound":
        """Return the tighter of two limits; what is said is of the one that is tighter at the high end."""
        first, second = (self, other) if self.high <= other.high else (other, self)
        return Bound(
            low=min(first.low, second.low),
            high=first.high,
            says=first.says,
            missing=first.missing + (second.missing if second.low < first.low else ()),
            sizes=first.sizes + (second.sizes if second.low < first.low else ()),
            assumed=first.assumed,
            sources=first.sources,
        )


def exactly(number: float, says: str = "", *sources: Source) -> Bound:
    """Return a number that is known; one below zero, which no limit is, counts as zero."""
    number = max(number, 0.0)
    return Bound(low=number, high=number, says=says, sources=sources)


def assumed(name: str, says: str, scale: float = 1.0) -> Bound:
    """Return the default of a quota, as what it is: assumed."""
    quota = get_quota(name)
    said = f"{says}: {quota.value:g} {quota.unit}, AWS's default"
    return Bound(low=quota.value * scale, high=quota.value * scale, says=said, assumed=(said,))


UNLIMITED = Bound(low=math.inf, high=math.inf)
"""Nothing limits it."""


def times(number: float, factor: float) -> float:
    """Return a product in which nothing, however often, stays nothing."""
    return 0.0 if number == 0 or factor == 0 else number * factor
