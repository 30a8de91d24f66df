"""The commands about evidence: what is used, and which packages functions bring along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from auditkit._commands import format_option, with_exports

if TYPE_CHECKING:
    from auditkit.inventory import Inventory

__all__ = ["COMMANDS"]

_USE = {
    "name": "name",
    "last_used": "last used",
    "invocations": "invocations",
    "calls": "calls",
    "seen_by": "seen by",
}
_PACKAGES = {"name": "function", "package": "package", "version": "version", "found": "known as", "layer": "layer"}


@click.command()
@with_exports
@format_option
def use(inventory: Inventory, *, form: str) -> None:
    """Tell when functions, principals and stores were last used, by logs, traces, metrics and IAM.

    Of what is not listed nothing in the export tells; that does not mean that it is unused.

    \b
    Examples:
      auditkit use client-export/ cloudtrail-logs/
      auditkit use client-export/ --format csv
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit._output import Format, note, print_table
    from auditkit.graph.use import use_frame

    found = use_frame(inventory)
    if found.empty:
        note("the exports hold no log, trace, metric or last-accessed data")
    print_table(found, Format(form), columns=_USE)


@click.command()
@with_exports
@click.option("--function", "name", default="", metavar="NAME", help="Of one function alone: its name or ARN.")
@format_option
def packages(inventory: Inventory, *, name: str, form: str) -> None:
    """List the packages that each function runs with: of its own code, and of its layers.

    They are found in code packages (zips in the export) and in bills of materials (CycloneDX).

    \b
    Examples:
      auditkit packages client-export/
      auditkit packages client-export/ --function orders-create --format jsonl
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit._output import Format, note, print_table

    found = inventory.packages.frame()
    if found.empty:
        note("the exports hold no code package and no bill of materials of a function")
    if name:
        found = found[(found["name"] == name) | (found["function"] == name)]
    print_table(found.reset_index(drop=True), Format(form), columns=_PACKAGES)


COMMANDS = (use, packages)
