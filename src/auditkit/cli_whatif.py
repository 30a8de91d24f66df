"""Commands about what to do: fixes with their gains, choke points, and what would become of the scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from auditkit._commands import audit_of, case_option, format_option, print_found, with_exports

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from auditkit.audit import Audit
    from auditkit.inventory import Inventory
    from auditkit.score import Weights, WhatIf

__all__ = ["COMMANDS"]

F = TypeVar("F", bound="Callable[..., Any]")

_GROUPS = "factors, sensitivity, access, entries, costs"

_weights_option = click.option(
    "--weights",
    "weights_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON file with weights in place of the package's own.",
)


def _audit(inventory: Inventory, weights_file: Path | None, case: Path | None) -> Audit:
    audit = audit_of(inventory, case=case)
    if weights_file is not None:
        audit.weights = _weights(weights_file)
    return audit


def _weights(path: Path) -> Weights:
    from auditkit.errors import ScoreError
    from auditkit.score import weights_from_json

    try:
        return weights_from_json(path.read_bytes())
    except ScoreError as error:
        raise ScoreError(f"{path}: {error}") from None


@click.command()
@with_exports
@click.option("-k", "--count", type=click.IntRange(1), default=20, show_default=True, help="How many, best first.")
@click.option(
    "--by",
    type=click.Choice(["attack", "transit"]),
    default="attack",
    show_default=True,
    help="Rank by exposure of stores, or by data in transit.",
)
@click.option("--portfolio", is_flag=True, help="Fixes one after the other, with the risk that is left after each.")
@click.option("--show", metavar="FIX", help="One fix in full: console, templates, caveat, sources.")
@_weights_option
@case_option
@format_option
def fixes(
    inventory: Inventory,
    *,
    count: int,
    by: str,
    portfolio: bool,
    show: str | None,
    weights_file: Path | None,
    case: Path | None,
    form: str,
) -> None:
    """Rank what can be done by the risk that it removes.

    \b
    Examples:
      auditkit fixes client-export/
      auditkit fixes client-export/ --portfolio -k 10
      auditkit fixes client-export/ --show url-iam-486816
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit import score
    from auditkit._output import Format, print_table
    from auditkit.columns import FIX_COLUMNS, PORTFOLIO_COLUMNS

    audit = _audit(inventory, weights_file, case)
    if show:
        trial = audit.what_if()
        frame = score.fixes(audit.graph, weights=audit.weights, by=by, of=[trial.fix(show)])
        if Format(form) is Format.TABLE:
            _in_full(frame.iloc[0].to_dict())
            return
        print_table(frame, Format(form))
    elif portfolio:
        frame = score.portfolio(audit.graph, k=count, weights=audit.weights, by=by)
        print_found(inventory, frame, form, columns=PORTFOLIO_COLUMNS)
    else:
        frame = score.fixes(audit.graph, weights=audit.weights, by=by)
        print_found(inventory, frame, form, columns=FIX_COLUMNS, most=count)


def _in_full(fix: Mapping[Hashable, Any]) -> None:
    from auditkit._output import quiet
    from auditkit.cells import cell_text

    quiet()
    click.echo(f"{cell_text(fix['fix'])}: {cell_text(fix['title'])}")
    click.echo(f"  effort: {cell_text(fix['effort'])}")
    for heading, name in (("exposure falls by", "dR"), ("data in transit falls by", "dSU")):
        click.echo(f"  {heading}: {cell_text(fix[f'{name}_low'])} to {cell_text(fix[f'{name}_high'])}")
    for heading, name in (
        ("look at before", "caveat"),
        ("console", "console"),
        ("read at", "sources"),
        ("documentation", "reference"),
    ):
        click.echo(f"  {heading}: {cell_text(fix[name])}")
    for heading, name in (("CloudFormation", "template"), ("Terraform", "terraform")):
        click.echo(f"  {heading}:")
        for line in str(fix[name]).splitlines():
            click.echo(f"    {cell_text(line)}")


@click.command(name="choke-points")
@with_exports
@click.option("--of", "stores", multiple=True, metavar="STORE", help="Only this store (id or label); may be repeated.")
@_weights_option
@case_option
@format_option
def choke_points(
    inventory: Inventory, *, stores: tuple[str, ...], weights_file: Path | None, case: Path | None, form: str
) -> None:
    """Show what every way from outside to a crown jewel goes through, and the fewest edges that close it.

    \b
    Example:
      auditkit choke-points client-export/ --of orders
    """  # noqa: D301
    from auditkit import score
    from auditkit.columns import CHOKE_COLUMNS

    audit = _audit(inventory, weights_file, case)
    of = [_store(audit, name) for name in stores] or None
    frame = score.choke_points(audit.graph, weights=audit.weights, of=of)
    print_found(inventory, frame, form, columns=CHOKE_COLUMNS)


@click.command(name="whatif")
@with_exports
@click.option("--apply", "fixes", multiple=True, metavar="FIX", help="Make a fix of `auditkit fixes`.")
@click.option(
    "--cut", "cuts", multiple=True, nargs=2, metavar="FROM TO", help="Cut the edges from one node to another."
)
@click.option(
    "--compromise", "lost", multiple=True, metavar="NODE", help="Take a function, or anything else, for lost."
)
@click.option("--classify", "classes", multiple=True, nargs=2, metavar="STORE LEVEL", help="public ... restricted.")
@click.option(
    "--weight", "numbers", multiple=True, metavar="GROUP.NAME=NUMBER", help=f"Another weight; groups: {_GROUPS}."
)
@click.option(
    "--show",
    type=click.Choice(["scores", "exposure", "blast", "paths", "fixes"]),
    default="scores",
    show_default=True,
    help="What to show: sums, or one by one before and after; paths and fixes as they are after.",
)
@_weights_option
@case_option
@format_option
def whatif_command(
    inventory: Inventory,
    *,
    fixes: tuple[str, ...],
    cuts: tuple[tuple[str, str], ...],
    lost: tuple[str, ...],
    classes: tuple[tuple[str, str], ...],
    numbers: tuple[str, ...],
    show: str,
    weights_file: Path | None,
    case: Path | None,
    form: str,
) -> None:
    """Show what would become of the scores: with fixes made, edges cut, functions lost, other weights.

    \b
    Examples:
      auditkit whatif client-export/ --apply url-iam-486816 --show exposure
      auditkit whatif client-export/ --cut create-order create-order-role
      auditkit whatif client-export/ --compromise create-order --weight costs.call=2
    """  # noqa: D301
    audit = _audit(inventory, weights_file, case)
    trial = audit.what_if().apply(*fixes)
    for origin, target in cuts:
        trial.cut(audit.node(origin), audit.node(target))
    for name in lost:
        trial.compromise(audit.node(name))
    for store, level in classes:
        trial.classify(_store(audit, store), level)
    for number in numbers:
        trial.reweigh(trial.weights.changed(**_group(number)))
    _print(trial, show, form)


def _print(trial: WhatIf, show: str, form: str) -> None:
    from auditkit import tables
    from auditkit._output import Format, print_table
    from auditkit.columns import COMPARED_COLUMNS, FIX_COLUMNS, PATH_COLUMNS, SCORE_COLUMNS

    match show:
        case "scores":
            frame, columns = trial.scores(), SCORE_COLUMNS
        case "paths":
            frame, columns = tables.with_routes(trial.transit(k=20, per_ends=2), trial.graph), PATH_COLUMNS
        case "fixes":
            frame, columns = trial.what_next(), FIX_COLUMNS
        case _:
            frame, columns = trial.compare(show), COMPARED_COLUMNS
    print_table(frame, Format(form), columns=columns, title="; ".join(trial.history))


def _group(number: str) -> dict[str, dict[str, float]]:
    name, equals, value = number.partition("=")
    group, dot, weight = name.partition(".")
    try:
        if equals and dot:
            return {group: {weight: float(value)}}
    except ValueError:
        pass
    raise click.BadParameter(
        f"{number!r} is not of the form GROUP.NAME=NUMBER, like costs.call=2", param_hint="--weight"
    )


def _store(audit: Audit, name: str) -> str:
    """Return the id of a store: of several nodes with a label, the one that is a store counts."""
    graph = audit.graph
    stores = [
        node for node, data in graph.nodes(data=True) if data["label"] == name and data["sensitivity"] is not None
    ]
    return stores[0] if len(stores) == 1 and name not in graph else audit.node(name)


COMMANDS = (fixes, choke_points, whatif_command)
