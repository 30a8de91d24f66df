"""The command line.

Exit codes: 0 done; 1 stopped by an error that a message names; 2 the command was called wrongly; 3 done, but something
of the export could not be read and ``--strict`` was given; 4 done, and something was found that is at least as severe
as ``--fail-on`` says.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditkit import (
    cli_case,
    cli_collect,
    cli_dependencies,
    cli_escalate,
    cli_evidence,
    cli_exposure,
    cli_findings,
    cli_ownership,
    cli_perimeter,
    cli_policy,
    cli_wallet,
    cli_whatif,
)
from auditkit._commands import (
    audit_of,
    case_option,
    date_option,
    format_option,
    osv_option,
    print_found,
    scan_option,
    with_exports,
)
from auditkit.errors import AuditkitError, CaseError

if TYPE_CHECKING:
    from auditkit.inventory import Inventory

__all__ = ["main"]

_EXIT_CODES = (
    "Exit codes: 0 done; 1 an error; 2 called wrongly; 3 done, but not all was read (with --strict); "
    "4 done, and something is at least as severe as --fail-on says."
)


class _Group(click.Group):
    """A group whose commands turn errors into one line and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 -- click's own signature
        from auditkit._output import note

        try:
            return super().invoke(ctx)
        except CaseError as error:
            for line in error.lines():
                note(f"auditkit: {line}")
            ctx.exit(1)
        except AuditkitError as error:
            note(f"auditkit: {error}")
            ctx.exit(1)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            note(f"auditkit: {place}{error.strerror or error}")
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXIT_CODES)
@click.version_option(package_name="auditkit")
def main() -> None:
    """Threat modelling and audit of AWS serverless accounts from their exports.

    EXPORT is a folder, a zip or a file that a client handed over. Several are read as one.
    """


@main.command()
@with_exports
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
@date_option
@osv_option
@case_option
@scan_option
@click.option("--title", default="", help="Heading of the report.")
def report(inventory: Inventory, *, out: Path, date: str, osv: Path | None, case: Path | None, title: str) -> None:
    """Write the report: HTML page, pictures, tables as CSV, the graph as GraphML.

    \b
    Example:
      auditkit report client-export/ --out report/ --date 2026-01-31
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit._output import note, progress
    from auditkit.report import report_from_audit, write_report

    audit = audit_of(inventory, date, osv=osv, case=case)
    with progress() as step:
        written = write_report(report_from_audit(audit, title=title, progress=step), out)
    note(f"wrote {len(written)} files; open {out / 'report.html'}")


@main.command(name="inventory")
@with_exports
@click.option("--kind", default="", help="List the records of one kind ('function', 'bucket', ...).")
@click.option("--coverage", is_flag=True, help="List the calls: present, empty, denied, missing.")
@click.option("--not-read", is_flag=True, help="List what could not be read, with file and place.")
@format_option
def inventory_command(inventory: Inventory, *, kind: str, coverage: bool, not_read: bool, form: str) -> None:
    """Show what an export holds.

    \b
    Examples:
      auditkit inventory client-export.zip
      auditkit inventory client-export.zip --kind function --format csv > functions.csv
    """  # noqa: D301
    from auditkit import tables
    from auditkit._output import Format, print_table

    if kind:
        frame, columns = tables.records(inventory, kind), None
    elif coverage:
        frame, columns = tables.coverage(inventory), None
    elif not_read:
        frame, columns = tables.not_read(inventory), None
    else:
        frame, columns = tables.counts(inventory), None
    print_table(frame, Format(form), columns=columns)


@main.command()
@with_exports
@click.option("--nodes", is_flag=True, help="List the nodes, not the edges.")
@click.option("--view", type=click.Choice(["data", "trust"]), help="Only the edges of one view.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to .graphml, .svg, .png or .pdf.")
@click.option("--focus", multiple=True, metavar="NODE", help="Draw only what is near this node (id or label).")
@case_option
@format_option
def graph(
    inventory: Inventory,
    *,
    nodes: bool,
    view: str | None,
    out: Path | None,
    focus: tuple[str, ...],
    case: Path | None,
    form: str,
) -> None:
    """Show the graph of functions, triggers, stores and trust, or write it to a file.

    \b
    Examples:
      auditkit graph client-export/ --view data
      auditkit graph client-export/ --out graph.graphml
      auditkit graph client-export/ --out orders.svg --focus create-order
    """  # noqa: D301
    from auditkit import tables
    from auditkit._output import Format, note, print_table
    from auditkit.columns import EDGE_COLUMNS, NODE_COLUMNS

    audit = audit_of(inventory, case=case)
    if out is not None:
        audit.save_graph(out, focus=focus)
        note(f"wrote {out}")
        return
    frame = tables.nodes(audit.graph) if nodes else tables.edges(audit.graph, view=view)
    print_table(frame, Format(form), columns=NODE_COLUMNS if nodes else EDGE_COLUMNS)


_PATH_FILTERS = ("crosses-account", "leaves-organization", "unencrypted", "carries-restricted")
_SIFTED = 2000


@main.command()
@with_exports
@click.option(
    "-k", "--count", default=20, show_default=True, type=click.IntRange(1), help="How many paths, riskiest first."
)
@click.option("--permitted", is_flag=True, help="Paths over what is only permitted, instead.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(_PATH_FILTERS),
    help=f"Of the {_SIFTED:,} riskiest those alone of which this is true, or not known; may be repeated.",
)
@case_option
@format_option
def paths(
    inventory: Inventory, *, count: int, permitted: bool, only: tuple[str, ...], case: Path | None, form: str
) -> None:
    """Rank data-in-transit paths: which way sensitive data takes, and its weakest hop.

    \b
    Examples:
      auditkit paths client-export/ -k 10
      auditkit paths client-export/ --only leaves-organization --only carries-restricted
    """  # noqa: D301
    from auditkit.columns import PATH_COLUMNS

    frame = audit_of(inventory, case=case).paths(k=max(count, _SIFTED) if only else count, permitted=permitted)
    columns = dict(PATH_COLUMNS)
    for name in only:
        column = name.replace("-", "_")
        frame = frame[~frame[column].isin(["no", False])]
        columns[column] = name.replace("-", " ")
        frame.attrs["reason"] = frame.attrs["reason"] or f"Of no path that was looked at it is true: {name}."
    print_found(inventory, frame.head(count), form, columns=columns)


@main.command()
@with_exports
@click.option(
    "--of",
    "node",
    default="",
    metavar="NODE",
    help="What falls with one function, role, key, layer, secret, third party or entry, by id or name: the stores, "
    "and the way to each.",
)
@click.option("--kind", default="", help="Rank what is of another kind: 'role', 'key', 'layer', 'secret', 'route' ...")
@case_option
@format_option
def blast(inventory: Inventory, *, node: str, kind: str, case: Path | None, form: str) -> None:
    """Rank functions by blast radius: what else falls with each of them.

    \b
    Examples:
      auditkit blast client-export/
      auditkit blast client-export/ --kind role
      auditkit blast client-export/ --of create-order
    """  # noqa: D301
    from auditkit import tables
    from auditkit._output import Format, print_table
    from auditkit.columns import BLAST_COLUMNS, BLAST_DETAIL_COLUMNS

    audit = audit_of(inventory, case=case)
    if node and kind:
        raise click.UsageError("--of and --kind do not go together")
    if node:
        found = audit.node(node)
        numbers = audit.blast_of(found).iloc[0].to_dict()
        title = tables.blast_title(numbers)
        print_table(audit.blast_detail(found), Format(form), columns=BLAST_DETAIL_COLUMNS, title=title)
        return
    frame = audit.blast_of(audit.kind(kind)) if kind else audit.blast
    apart = {"account": "account"} if len(set(frame["account"]) - {""}) > 1 else {}
    first = {"label": kind or "function", **apart}
    print_found(inventory, frame, form, columns={**first, **BLAST_COLUMNS, **first})


@main.command()
@click.argument("requests", type=click.File("rb"))
def simulate(requests: Any) -> None:  # noqa: ANN401 -- click's file
    """Decide requests against policies: JSON Lines in, JSON Lines out ('-' is standard input).

    \b
    Example:
      auditkit simulate requests.jsonl > decisions.jsonl
    """  # noqa: D301
    from auditkit.policy import simulate_lines

    for line in simulate_lines(requests):
        sys.stdout.write(line + "\n")


_FAMILIES = (
    cli_case,
    cli_collect,
    cli_dependencies,
    cli_escalate,
    cli_evidence,
    cli_exposure,
    cli_findings,
    cli_ownership,
    cli_perimeter,
    cli_policy,
    cli_wallet,
    cli_whatif,
)

for family in _FAMILIES:
    for command in family.COMMANDS:
        main.add_command(command)
