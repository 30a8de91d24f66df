"""The report's section on denial of wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditkit import draw
from auditkit.areas import WALLET_ACCOUNT_COLUMNS, WALLET_COLUMNS, WALLET_FUNCTION_COLUMNS
from auditkit.report.model import Section, Table
from auditkit.report.pictures import chart_figure

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["wallet_section"]

_PRICE_COLUMNS = {
    "item": "item",
    "region": "region",
    "price": "USD",
    "unit": "for a",
    "as_of": "as of",
    "source": "source",
}


def wallet_section(audit: Audit) -> Section:
    """Return the section: what flooding each entry can cost, by entry, account and function, and the prices."""
    wallet = audit.wallet
    chart, _ = draw.plot_wallet(wallet.entries)
    return Section(
        id="denial-of-wallet",
        title="Denial of wallet",
        paragraphs=[
            (
                "What can whoever floods an entry make the account pay in an hour? An upper bound, by the throttles, "
                "the concurrency, the timeouts and the memory that are set, along triggers and writes, at list prices. "
                "What the export does not tell, such as how large events are, gives it two ends: low and high."
            ),
            " ".join(wallet.entries.attrs["assumptions"]),
        ],
        parts=[
            chart_figure("wallet", "What a flood can cost an hour", chart),
            Table(
                name="wallet",
                title="Entries, dearest first",
                frame=wallet.entries,
                columns=WALLET_COLUMNS,
                note="An infinite end: no limit is known. What is named under 'not counted' comes on top.",
            ),
            Table(
                name="wallet-accounts",
                title="All entries together, in US dollars an hour",
                frame=wallet.accounts,
                columns=WALLET_ACCOUNT_COLUMNS,
            ),
            Table(
                name="wallet-functions",
                title="Functions that run as often as they may",
                frame=wallet.functions,
                columns=WALLET_FUNCTION_COLUMNS,
            ),
            Table(name="wallet-prices", title="Prices", frame=wallet.prices, columns=_PRICE_COLUMNS),
        ],
    )
