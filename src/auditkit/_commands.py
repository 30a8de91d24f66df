"""What the commands of the command line have in common: exports in, an audit date, a format."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from auditkit.audit import Audit
    from auditkit.inventory import Inventory

__all__ = ["audit_of", "date_option", "format_option", "read_exports", "with_exports"]

F = TypeVar("F", bound=Callable[..., Any])

_NOT_READ_SHOWN = 10
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def with_exports(command: F) -> F:
    """Give a command the inventory of the exports that it is called with, and ``--strict``."""

    @click.argument("exports", nargs=-1, required=True, metavar="EXPORT...", type=click.Path(path_type=Path))
    @click.option("--strict", is_flag=True, help="Exit with 3 where something of the export could not be read.")
    @wraps(command)
    def wrapped(exports: tuple[Path, ...], *, strict: bool, **options: Any) -> None:  # noqa: ANN401
        inventory = read_exports(exports)
        command(inventory, **options)
        if strict and inventory.not_read:
            sys.exit(3)

    return wrapped  # type: ignore[return-value]


format_option = click.option(
    "--format", "form", type=click.Choice(["table", "jsonl", "csv"]), default="table", show_default=True,
    help="For people, or for programs.",
)  # fmt: skip
"""``--format``, handed on as ``form``."""


def read_exports(exports: tuple[Path, ...]) -> Inventory:
    """Read exports as one inventory, and say on standard error what of them could not be read."""
    from auditkit import read
    from auditkit._output import note, progress

    with progress() as report:
        inventory = read(*exports, progress=report)
    for entry in inventory.not_read[:_NOT_READ_SHOWN]:
        note(f"not read: {entry.source}: {entry.reason}")
    more = len(inventory.not_read) - _NOT_READ_SHOWN
    if more > 0:
        note(f"not read: {more} more; `auditkit inventory EXPORT --not-read` lists all")
    return inventory


def audit_of(inventory: Inventory, date: str = "") -> Audit:
    """Return the audit of an inventory."""
    from auditkit.audit import Audit

    return Audit(inventory, date=date)


def _check_date(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str:
    from datetime import date

    if not value:
        return ""
    try:
        date.fromisoformat(value if _DATE.fullmatch(value) else "")
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date like 2026-01-31") from None
    return value


date_option = click.option(
    "--date", callback=_check_date, metavar="YYYY-MM-DD", help="Audit date, printed and used for ages."
)
"""``--date``, checked; ``""`` where it is not given."""
