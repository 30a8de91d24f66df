"""Commands about dependencies: who runs a package, and bills of materials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit._commands import audit_of, format_option, with_exports

if TYPE_CHECKING:
    from auditkit.inventory import Inventory

__all__ = ["COMMANDS"]


@click.command(name="who-uses")
@click.argument("package", metavar="PACKAGE[@VERSION]")
@with_exports
@format_option
def who_uses(inventory: Inventory, *, package: str, form: str) -> None:
    """Tell which functions run a package: versions, aliases, layers, entries and stores that a disclosure touches.

    PACKAGE is a name as its ecosystem writes it, a package URL, or the ARN of a layer. What is not listed is only known
    not to run it where its packages are known; how many are not is said on standard error.

    \b
    Examples:
      auditkit who-uses requests client-export/
      auditkit who-uses @scope/name@1.2.3 client-export/ sbom/
      auditkit who-uses pkg:maven/org.example/thing@2.1 client-export/ --format csv
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit._output import Format, note, print_table
    from auditkit.areas import WHO_USES_COLUMNS

    found = audit_of(inventory).who_uses(package)
    lacking = found.attrs["without_list"]
    if lacking:
        note(f"the packages of {len(lacking)} of {found.attrs['asked']} codes that run are not all known")
    print_table(found, Format(form), columns=WHO_USES_COLUMNS)


@click.command()
@with_exports
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
def sbom(inventory: Inventory, *, out: Path) -> None:
    """Write a bill of materials (CycloneDX 1.6, JSON) for every function whose packages are known.

    The files may be read again together with an export, in place of the code.

    \b
    Example:
      auditkit sbom client-export/ --out sbom/
    """  # noqa: D301
    from auditkit._output import note
    from auditkit.bills import bills_of, write_bills
    from auditkit.inventory.records.functions import Function

    written = write_bills(bills_of(inventory), out)
    without = sum(not any(inventory.packages.code_of(one.id).values()) for one in inventory.of(Function))
    note(f"wrote {len(written)} files; of {without} functions no package is known")


COMMANDS = (who_uses, sbom)
