"""Commands about the case of an audit: check it, start one, and its schema for editors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit._commands import audit_of, date_option, format_option, read_exports

if TYPE_CHECKING:
    from auditkit.case import CaseFile

__all__ = ["COMMANDS"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def case() -> None:
    """Check and start the case of an audit: scope, trust, classification, critical functions, waivers.

    \b
    Examples:
      auditkit case new case.yaml client-export/
      auditkit case check case.yaml client-export/ --date 2026-01-31
      auditkit findings client-export/ --case case.yaml --date 2026-01-31
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped


@case.command()
@click.argument("file", type=_FILE)
@click.argument("exports", nargs=-1, metavar="[EXPORT]...", type=click.Path(path_type=Path))
@date_option
@format_option
def check(file: Path, exports: tuple[Path, ...], *, date: str, form: str) -> None:
    """Say what is wrong with a case, with line and column, and what it decides.

    With exports, list each decision, how much of them it is about, and what it says where that is nothing.

    \b
    Examples:
      auditkit case check case.yaml
      auditkit case check case.yaml client-export/ --date 2026-01-31
    """  # noqa: D301
    from auditkit._output import Format, print_table
    from auditkit.areas import DECISION_COLUMNS, WAIVER_COLUMNS, decisions_frame, waivers_frame
    from auditkit.case import open_case

    opened = open_case(file)
    if not exports:
        click.echo(str(opened))
        return
    audit = audit_of(read_exports(exports), date, case=file)
    print_table(decisions_frame(audit.scene), Format(form), columns=DECISION_COLUMNS, title=file.name)
    if form == "table":
        waivers = waivers_frame(audit.findings, audit.case, date)
        print_table(waivers, Format.TABLE, columns=WAIVER_COLUMNS, title="Waivers")


@case.command()
@click.argument("file", type=_FILE)
@click.argument("exports", nargs=-1, metavar="[EXPORT]...", type=click.Path(path_type=Path))
def new(file: Path, exports: tuple[Path, ...]) -> None:
    """Write a case to start from. It decides nothing until you do; a file that is there is not written over.

    With exports, the accounts and third parties that they mention, and the stores whose sensitivity is not known, are
    listed in it as comments.

    \b
    Example:
      auditkit case new case.yaml client-export/
    """  # noqa: D301
    from auditkit._output import note
    from auditkit.cases import new_case

    made: CaseFile = new_case(read_exports(exports) if exports else None)
    made.save(file)
    note(f"wrote {file}")


@case.command()
def schema() -> None:
    """Print the JSON schema of case.yaml, for editors.

    \b
    Example:
      auditkit case schema > case.schema.json
    """  # noqa: D301
    from auditkit.case import get_case_schema

    sys.stdout.write(json.dumps(get_case_schema(), indent=2) + "\n")


COMMANDS = (case,)
