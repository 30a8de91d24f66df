"""The command that asks AWS itself."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from auditkit.collect import Extra
    from auditkit.exports.manifest import Manifest

__all__ = ["COMMANDS"]

_FORMATS = ["table", "jsonl", "csv", "policy"]
_ACCOUNT = re.compile(r"\d{12}")
_SHOWN = 10
_INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def _accounts(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _ACCOUNT.fullmatch(value):
            raise click.BadParameter(f"{value!r} is no account of twelve digits")
    return tuple(dict.fromkeys(values))


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write to: new, or unfinished.")
@click.option("--profile", default="", help="Profile of the AWS configuration.")
@click.option("--role-arn", default="", metavar="ARN", help="Role to assume.")
@click.option("--external-id", default="", metavar="ID", help="That the role, or the roles, ask for.")
@click.option(
    "--account", "accounts", multiple=True, metavar="ID", callback=_accounts,
    help="Account to ask through --role-name; may be repeated.",
)  # fmt: skip
@click.option("--role-name", default="", help="Role to assume in each --account.")
@click.option(
    "--region", "regions", multiple=True, help="Region to ask; may be repeated. All that are enabled by default."
)
@click.option(
    "--with-usage", is_flag=True, help="Also what was called: X-Ray's graph, CloudWatch's counts of functions."
)
@click.option("--with-last-accessed", is_flag=True, help="Also which services each role and user has used.")
@click.option("--with-code", is_flag=True, help="Also the code of functions and layers.")
@click.option(
    "--with-triggers", is_flag=True, help="Also rarer services that run functions: mail, telephony, pipelines ..."
)
@click.option(
    "--with-settings", is_flag=True, help="Also what servers start with: user data of instances, containers of tasks."
)
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 455), help="Of use.")
@click.option("--workers", default=8, show_default=True, type=click.IntRange(1, 64), help="Requests at once.")
@click.option("--ask-again", is_flag=True, help="Ask again what was refused to an earlier run.")
@click.option("--endpoint-url", default="", metavar="URL", help="Address to ask instead of AWS (LocalStack, moto).")
@click.option("--plan", "planned", is_flag=True, help="Print the calls and the policy that they need; ask nothing.")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="table", show_default=True,
    help="Of the plan; 'policy' is the IAM policy alone.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit with 3 where something was refused or failed.")
def collect(
    *,
    out: Path | None,
    profile: str,
    role_arn: str,
    external_id: str,
    accounts: tuple[str, ...],
    role_name: str,
    regions: tuple[str, ...],
    with_usage: bool,
    with_last_accessed: bool,
    with_code: bool,
    with_triggers: bool,
    with_settings: bool,
    days: int,
    workers: int,
    ask_again: bool,
    endpoint_url: str,
    planned: bool,
    form: str,
    strict: bool,
) -> None:
    """Ask AWS accounts for everything that auditkit reads; write an export.

    Nothing is asked but what the plan lists, nothing of it changes anything, and no content of a store and no secret
    is asked for or written. After an interrupt the same command goes on where it stopped. docs/exports.md says more.

    \b
    Examples:
      auditkit collect --plan
      auditkit collect --plan --format policy > policy.json
      auditkit collect --profile client --out export/
      auditkit collect --role-arn arn:aws:iam::111122223333:role/audit --external-id 4711 --out export/
      auditkit collect --account 111122223333 --account 444455556666 --role-name audit --out export/
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit.collect import Access, Collection, Extra, collect_accounts

    wanted = {
        Extra.USAGE: with_usage,
        Extra.LAST_ACCESSED: with_last_accessed,
        Extra.CODE: with_code,
        Extra.TRIGGERS: with_triggers,
        Extra.SETTINGS: with_settings,
    }
    extras = tuple(extra for extra, chosen in wanted.items() if chosen)
    if planned:
        _print_plan(form, extras)
        return
    if out is None:
        raise click.UsageError("--out FOLDER is needed (or --plan)")
    if bool(accounts) != bool(role_name):
        raise click.UsageError("--account and --role-name go together")
    from auditkit._output import note, progress

    access = Access(
        profile=profile,
        role_arn=role_arn,
        external_id=external_id,
        accounts=accounts,
        role_name=role_name,
        endpoint_url=endpoint_url,
    )
    asked = Collection(
        access=access,
        regions=tuple(dict.fromkeys(regions)),
        extras=extras,
        days=days,
        workers=workers,
        again=ask_again,
    )
    try:
        with progress() as report:
            manifest = collect_accounts(asked, out, now=_now, progress=report)
    except KeyboardInterrupt:
        note(f"interrupted; what was answered is in {out}, and the same command goes on")
        sys.exit(_INTERRUPTED)
    _print_summary(manifest, out)
    if strict and (manifest.not_answered or any(asked.refused for asked in manifest.accounts)):
        sys.exit(3)


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="seconds")


def _print_plan(form: str, extras: tuple[Extra, ...]) -> None:
    import pandas as pd

    from auditkit._output import Format, print_table
    from auditkit.collect import CALLS, plan, policy
    from auditkit.exports.calls import api_calls

    calls = (*api_calls(), *(call for extra in extras for call in CALLS[extra]))
    document = json.dumps(policy(calls), indent=2)
    if form == "policy":
        click.echo(document)
        return
    rows = [
        {
            "service": call.service,
            "operation": call.operation,
            "scope": call.scope,
            "made_for": call.made_for,
            "actions": " ".join(call.actions),
        }
        for call in plan(calls)
    ]
    headings = {
        "service": "service",
        "operation": "operation",
        "scope": "once per",
        "made_for": "for each of",
        "actions": "needs",
    }
    print_table(pd.DataFrame(rows), Format(form), columns=headings)
    if form == "table":
        click.echo(f"\nThe least policy that these calls need:\n\n{document}")


def _print_summary(manifest: Manifest, out: Path) -> None:
    from auditkit._output import note

    answered = sum(call.answered for call in manifest.calls)
    accounts = len(manifest.accounts)
    note(f"{answered} answers of {accounts} account{'' if accounts == 1 else 's'} in {out}")
    for asked in manifest.accounts:
        if asked.refused:
            note(f"account {asked.account}: nobody let in ({asked.refused})")
        if not asked.regions_known:
            note(f"account {asked.account}: it is not known which other regions are enabled")
        if asked.not_asked:
            note(f"account {asked.account}: enabled and not asked: {', '.join(asked.not_asked)}")
    _print_unanswered("refused", Counter(_repeated(manifest, "refused")))
    _print_unanswered("failed", Counter(_repeated(manifest, "failed")))
    if manifest.complete:
        note(f"next: auditkit report {out} --out report/")
    else:
        note("some calls failed; the same command asks them again")


def _repeated(manifest: Manifest, field: str) -> Iterator[str]:
    """Yield the name of a call as often as that became of it."""
    for call in manifest.calls:
        yield from [f"{call.service}.{call.operation}"] * getattr(call, field)


def _print_unanswered(word: str, counts: Counter[str]) -> None:
    from auditkit._output import note

    for name, count in sorted(counts.items())[:_SHOWN]:
        note(f"{word}: {name} ({count})")
    if len(counts) > _SHOWN:
        note(f"{word}: {len(counts) - _SHOWN} other calls; the manifest lists all")


COMMANDS = (collect,)
