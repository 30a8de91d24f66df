"""What AWS services cost: list prices by region, each with its source and date."""

from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from auditkit.facts._table import rows_of

__all__ = ["DEFAULT_REGION", "Price", "Prices", "get_prices"]

DEFAULT_REGION = "us-east-1"
"""Region whose price stands in for that of a region that is not in the table."""


class Price(msgspec.Struct, frozen=True, order=True):
    """One price.

    Attributes
    ----------
    item, region
        What is bought, and where.
    usd
        US dollars for one unit.
    unit
        The unit.
    note
        What else to know.
    as_of
        Date that the price was stated or checked, ISO 8601.
    source, confidence
        Where it comes from; ``verified`` or ``partly verified``.
    """

    item: str
    region: str
    usd: float
    unit: str
    note: str = ""
    as_of: str = ""
    source: str = ""
    confidence: str = ""


class Prices:
    """Prices by item and region.

    Parameters
    ----------
    prices
        The prices; one for each item and region.
    default_region
        Region whose price stands in where an item has none for a region.
    """

    def __init__(self, prices: Iterable[Price], *, default_region: str = DEFAULT_REGION) -> None:
        self._prices = {(price.item, price.region): price for price in sorted(prices)}
        self.default_region = default_region

    def __iter__(self) -> Iterator[Price]:
        """Iterate over the prices by item and region."""
        return iter(self._prices.values())

    def of(self, item: str, region: str) -> Price | None:
        """Return the price of an item in a region, else that of the default region; ``None`` where neither is known.

        Whether the price is of another region is told by its ``region``.
        """
        return self._prices.get((item, region)) or self._prices.get((item, self.default_region))


@cache
def get_prices() -> Prices:
    """Return the price table of the package (table ``prices``): list prices, free tiers and discounts left out."""
    return Prices(
        Price(
            item=row["item"],
            region=row["region"],
            usd=float(row["usd"]),
            unit=row["unit"],
            note=row["note"],
            as_of=row["as_of"],
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in rows_of("prices")
    )
