"""The command about perimeters: every way into a function, and what stands behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit._commands import audit_of, case_option, date_option, format_option, print_found, with_exports

if TYPE_CHECKING:
    from auditkit.areas import Perimeter
    from auditkit.inventory import Inventory

__all__ = ["COMMANDS"]


@click.command()
@with_exports
@click.option("--of", "function", default="", metavar="FUNCTION", help="The whole sheet of one function (ARN or name).")
@format_option
@date_option
@case_option
def perimeter(inventory: Inventory, *, function: str, form: str, date: str, case: Path | None) -> None:
    """Show every way into functions, what is asked there, and what stands behind.

    For people a row for each function, or the sheet of one. For programs every line of every sheet, or of one. Answers
    are yes, no, or unknown with what is missing.

    \b
    Examples:
      auditkit perimeter client-export/ --date 2026-01-31
      auditkit perimeter client-export/ --of create-order
      auditkit perimeter client-export/ --format csv > perimeters.csv
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit._output import Format, print_table
    from auditkit.areas import SUMMARY_COLUMNS

    sheets = audit_of(inventory, date, case=case).perimeters
    if function and form == "table":
        _print_sheet(sheets[function])
    elif function:
        print_table(sheets[function].frame(), Format(form))
    else:
        frame = sheets.summary() if form == "table" else sheets.frame()
        print_found(inventory, frame, form, columns=SUMMARY_COLUMNS)


def _print_sheet(sheet: Perimeter) -> None:
    from auditkit._output import Format, note, print_table
    from auditkit.areas import FINDING_COLUMNS, LINE_COLUMNS, MAY_COLUMNS, WAY_COLUMNS

    lines = sheet.frame()
    lines = lines[~lines["part"].isin(["ways in", "findings"])]
    print_table(sheet.ways_frame(), Format.TABLE, columns=WAY_COLUMNS, title=f"Ways into {sheet.label}")
    print_table(lines, Format.TABLE, columns=LINE_COLUMNS, title="Behind it")
    print_table(sheet.may_frame(), Format.TABLE, columns=MAY_COLUMNS, title="What its role may do to data")
    print_table(sheet.findings_frame(), Format.TABLE, columns=FINDING_COLUMNS, title="Findings")
    for text in sheet.unknown:
        note(f"not known: {text}")


COMMANDS = (perimeter,)
