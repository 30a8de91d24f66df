"""Commands about owning functions: what each costs its owner, and what could be deleted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit._commands import audit_of, case_option, date_option, format_option, osv_option, print_found, with_exports

if TYPE_CHECKING:
    from auditkit.inventory import Inventory

__all__ = ["COMMANDS"]


@click.command()
@with_exports
@format_option
@date_option
@osv_option
@case_option
def ownership(inventory: Inventory, *, form: str, date: str, osv: Path | None, case: Path | None) -> None:
    """Rank functions by what owning them costs time and again, an index from 0 to 100.

    By runtime, vulnerabilities, packages, privileges, triggers, owner, age, duplicates and environments; for programs
    with the points of each. What is not known gives two ends.

    \b
    Example:
      auditkit ownership client-export/ --date 2026-01-31
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit.areas import OWNERSHIP_COLUMNS

    frame = audit_of(inventory, date, osv=osv, case=case).ownership
    print_found(inventory, frame, form, columns=OWNERSHIP_COLUMNS)


@click.command()
@with_exports
@click.option("--all", "everything", is_flag=True, help="Also what nothing speaks for deleting.")
@format_option
@date_option
@case_option
def deletable(inventory: Inventory, *, everything: bool, form: str, date: str, case: Path | None) -> None:
    """List functions, stores, roles and APIs that could be deleted, and who would notice.

    Yes only where use was looked at and there is none; unknown names what would show it. Add metrics, logs and
    last-accessed data to the export (docs/side-inputs.md) to decide more.

    \b
    Example:
      auditkit deletable client-export/ --date 2026-01-31
    """  # noqa: D301
    from auditkit.areas import DELETABLE_COLUMNS, deletable_frame

    audit = audit_of(inventory, date, case=case)
    frame = deletable_frame(audit.scene, everything=everything)
    print_found(inventory, frame, form, columns=DELETABLE_COLUMNS)


COMMANDS = (deletable, ownership)
