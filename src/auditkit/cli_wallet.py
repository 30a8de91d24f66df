"""The command about denial of wallet: what floods can cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit._commands import audit_of, case_option, format_option, print_found, with_exports

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.inventory import Inventory

__all__ = ["COMMANDS"]


@click.command()
@with_exports
@click.option(
    "--by",
    type=click.Choice(["entry", "function", "account"]),
    default="entry",
    show_default=True,
    help="What a row stands for.",
)
@click.option(
    "--handed-on",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Events that an invocation hands on along each edge; the code decides, an export does not tell.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Draw to .svg, .png or .pdf instead.")
@format_option
@case_option
def wallet(inventory: Inventory, *, by: str, handed_on: float, out: Path | None, form: str, case: Path | None) -> None:
    """Estimate what floods can cost: an upper bound in US dollars an hour.

    By throttles, concurrency, timeouts and memory, along triggers and writes, at dated list prices. What an export does
    not tell gives two ends: the upper bound lies between them. An infinite end means that no limit is known.

    \b
    Examples:
      auditkit wallet client-export/
      auditkit wallet client-export/ --by function --format csv > functions.csv
      auditkit wallet client-export/ --out wallet.svg
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit import areas
    from auditkit._output import note

    audit = audit_of(inventory, case=case)
    found = areas.Wallet(audit.scene, handed_on=handed_on)
    if by == "entry":
        frame, columns = found.entries, areas.WALLET_COLUMNS
    elif by == "function":
        frame, columns = found.functions, areas.WALLET_FUNCTION_COLUMNS
    else:
        frame, columns = found.accounts, areas.WALLET_ACCOUNT_COLUMNS
    if out is not None:
        _draw(frame, by, out)
        return
    print_found(inventory, frame, form, columns=columns)
    if form == "table":
        for line in frame.attrs["assumptions"]:
            note(line)


def _draw(frame: pd.DataFrame, by: str, out: Path) -> None:
    from auditkit._output import note
    from auditkit.draw import plot_wallet

    if by == "account":
        raise click.UsageError("--out draws entries or functions")
    plot_wallet(frame, filepath=out)
    note(f"wrote {out}")


COMMANDS = (wallet,)
