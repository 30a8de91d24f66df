"""The command about exposure: how far each store is open to the outside, and by which ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit._commands import audit_of, case_option, format_option, print_found, with_exports

if TYPE_CHECKING:
    from auditkit.inventory import Inventory

__all__ = ["COMMANDS"]


@click.command()
@with_exports
@click.option("--store", default="", metavar="NAME", help="The ways in to one store, by id or name, cheapest first.")
@click.option(
    "-k", "--count", default=10, show_default=True, type=click.IntRange(1), help="How many ways in to the one store."
)
@click.option("--kind", default="", help="Rank the stores of one kind: 'bucket', 'table', 'secret', 'database' ...")
@case_option
@format_option
def exposure(inventory: Inventory, *, store: str, count: int, kind: str, case: Path | None, form: str) -> None:
    """Rank stores by exposure: how far each is open to the outside, and in how many ways.

    Ways in are counted that share no edge: at least so many edges must be closed to close the store. A function that is
    taken over by whatever means counts for the exposure, and is no way in.

    \b
    Examples:
      auditkit exposure client-export/
      auditkit exposure client-export/ --kind table
      auditkit exposure client-export/ --store orders
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit import tables
    from auditkit._output import Format, print_table
    from auditkit.columns import EXPOSURE_COLUMNS, WAYS_COLUMNS

    audit = audit_of(inventory, case=case)
    if store and kind:
        raise click.UsageError("--store and --kind do not go together")
    if store:
        found = audit.store(store)
        title = tables.exposure_title(audit.exposure_of(found).iloc[0].to_dict())
        print_table(audit.ways_in(found, k=count), Format(form), columns=WAYS_COLUMNS, title=title)
        return
    frame = audit.exposure_of(audit.kind(kind)) if kind else audit.exposure
    apart = {"account": "account"} if len(set(frame["account"]) - {""}) > 1 else {}
    first = {"label": kind or "store", **apart}
    print_found(inventory, frame, form, columns={**first, **EXPOSURE_COLUMNS, **first})


COMMANDS = (exposure,)
