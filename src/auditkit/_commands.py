"""What the commands of the command line have in common: exports in, an audit date, a format."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.advisories import Advisories
    from auditkit.audit import Audit
    from auditkit.inventory import Inventory, NotRead

__all__ = [
    "audit_of",
    "case_option",
    "date_option",
    "format_option",
    "osv_option",
    "print_found",
    "read_exports",
    "scan_option",
    "with_exports",
]

F = TypeVar("F", bound=Callable[..., Any])

_NOT_READ_SHOWN = 10
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def with_exports(command: F) -> F:
    """Give a command the inventory of the exports that it is called with, and ``--strict``."""

    @click.argument("exports", nargs=-1, required=True, metavar="EXPORT...", type=click.Path(path_type=Path))
    @click.option("--strict", is_flag=True, help="Exit with 3 where something of the export could not be read.")
    @wraps(command)
    def wrapped(exports: tuple[Path, ...], *, strict: bool, scan_code: bool = False, **options: Any) -> None:  # noqa: ANN401
        from auditkit._output import busy

        inventory = read_exports(exports)
        if scan_code:
            inventory = _scanned(inventory, exports)
        with busy("working it out"):
            command(inventory, **options)
        if strict and inventory.not_read:
            sys.exit(3)

    return wrapped  # type: ignore[return-value]


format_option = click.option(
    "--format", "form", type=click.Choice(["table", "jsonl", "csv"]), default="table", show_default=True,
    help="For people, or for programs.",
)  # fmt: skip
"""``--format``, handed on as ``form``."""


def print_found(
    inventory: Inventory, frame: pd.DataFrame, form: str, *, columns: Mapping[str, str], title: str = "", most: int = 0
) -> None:
    """Print a table of what was found, and say on standard error what it does not hold.

    That is what is behind the first `most` rows, where that is not 0; and where there are no rows at all, what the
    export does not show: nothing was seen, which is not the same as that there is nothing.
    """
    from auditkit._output import Format, note, print_table
    from auditkit.inventory import CoverageState

    print_table(frame.head(most) if most else frame, Format(form), columns=columns, title=title)
    if most and len(frame) > most:
        note(f"the first {most} of {len(frame)}; -k {len(frame)} lists all")
    if frame.empty:
        states = [call.state if call.complete else CoverageState.MISSING for call in inventory.coverage]
        unseen = sum(state in {CoverageState.MISSING, CoverageState.DENIED} for state in states)
        if unseen:
            note(f"not seen: {unseen} of {len(states)} calls; `auditkit coverage` lists what to ask the client for")


def read_exports(exports: tuple[Path, ...]) -> Inventory:
    """Read exports as one inventory, and say on standard error what of them could not be read."""
    from auditkit import read
    from auditkit._output import progress

    with progress() as report:
        inventory = read(*exports, progress=report)
    _tell("not read", inventory.not_read, "; `auditkit inventory EXPORT --not-read` lists all")
    return inventory


def _scanned(inventory: Inventory, exports: tuple[Path, ...]) -> Inventory:
    """Return the inventory with what scans of its code found, and say what was not looked at."""
    from auditkit import scan_code
    from auditkit._output import note, progress
    from auditkit.inventory.evidence.weaknesses import CodeScan

    with progress() as report:
        found = scan_code(inventory, *exports, progress=report)
    scans = found.of(CodeScan)
    if not scans:
        note("code scans: the export holds no code packages (lambda-code/, layer-code/)")
    gaps = [scan for scan in scans if scan.incomplete]
    for scan in gaps[:_NOT_READ_SHOWN]:
        note(f"code scans: {scan.source}: {scan.tool}: {scan.incomplete}")
    if len(gaps) > _NOT_READ_SHOWN:
        note(f"code scans: {len(gaps) - _NOT_READ_SHOWN} more were not whole")
    return found


def audit_of(inventory: Inventory, date: str = "", *, osv: Path | None = None, case: Path | None = None) -> Audit:
    """Return the audit of an inventory, with its case, and what an offline OSV database says of its packages."""
    from auditkit.audit import Audit
    from auditkit.case import open_case

    opened = open_case(case) if case is not None else None
    advisories = _advisories(inventory, osv) if osv is not None else None
    return Audit(inventory, date=date, case=opened, advisories=advisories)


def _advisories(inventory: Inventory, path: Path) -> Advisories:
    from auditkit import read_advisories
    from auditkit._output import progress

    with progress() as report:
        found = read_advisories(path, wanted={used.package.purl for used in inventory.packages}, progress=report)
    _tell("advisories not read", found.not_read, "")
    return found


def _tell(what: str, entries: Sequence[NotRead], rest: str) -> None:
    """Say on standard error what was not read: the first of it, and how much more there is."""
    from auditkit._output import note

    for entry in entries[:_NOT_READ_SHOWN]:
        note(f"{what}: {entry.source}: {entry.reason}")
    more = len(entries) - _NOT_READ_SHOWN
    if more > 0:
        note(f"{what}: {more} more{rest}")


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

case_option = click.option(
    "--case",
    "case",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The audit's decisions, case.yaml: scope, trust, classification, waivers.",
)
"""``--case``; ``None`` where it is not given."""

scan_option = click.option(
    "--scan-code",
    is_flag=True,
    help="Scan the code packages in the exports (bandit, detect-secrets, dlint); nothing of them is executed.",
)
"""``--scan-code``, which :func:`with_exports` sees to."""

osv_option = click.option(
    "--osv",
    type=click.Path(path_type=Path),
    help="Offline OSV database: a folder with the published archives (PyPI/all.zip, npm/all.zip ...), or unpacked.",
)
"""``--osv``; ``None`` where it is not given."""
