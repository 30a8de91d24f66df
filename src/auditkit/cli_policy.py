"""Commands about permissions: who may do what to what, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from auditkit._commands import format_option, with_exports

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.inventory import Inventory

__all__ = ["COMMANDS"]

_COLUMNS = {
    "principal": "principal",
    "target": "target",
    "access": "access",
    "actions": "actions",
    "outcome": "outcome",
    "conditions": "hangs on",
    "missing": "missing",
}
_TRIED = {
    "change": "change",
    "principal": "principal",
    "target": "target",
    "access": "access",
    "actions": "actions",
    "now": "now",
    "then": "then",
    "conditions": "hangs on",
    "missing": "missing",
}
_action = click.option("--action", required=True, metavar="SERVICE:ACTION", help="The action, like s3:GetObject.")
_principal = click.option("--principal", required=True, metavar="ARN", help="Role or user, by ARN or name.")


@click.command("can")
@with_exports
@_principal
@_action
@click.option(
    "--resource", required=True, metavar="ARN", help="What it is about, by ARN; of an object of a bucket, too."
)
@format_option
def can_command(inventory: Inventory, *, principal: str, action: str, resource: str, form: str) -> None:
    """Tell whether a principal may do something to a resource, and why: statements, layers, conditions.

    \b
    Example:
      auditkit can client-export/ --principal create-order --action s3:GetObject --resource arn:aws:s3:::invoices/x.pdf
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit import can
    from auditkit._output import Format, note, print_table, quiet

    found = can(inventory, principal, action, resource)
    if found.attrs["note"]:
        note(found.attrs["note"])
    if form == Format.TABLE:
        quiet()
        click.echo(found["explanation"].iloc[0])
    else:
        print_table(found, Format(form))


@click.command("who-can")
@with_exports
@click.option("--action", default="*", show_default=True, metavar="SERVICE:ACTION", help="The action; * for all.")
@click.option("--resource", required=True, metavar="ARN", help="The resource, by ARN or name.")
@format_option
def who_can_command(inventory: Inventory, *, action: str, resource: str, form: str) -> None:
    """List who may do something to a resource, outsiders that its policy names among them.

    \b
    Example:
      auditkit who-can client-export/ --action s3:GetObject --resource arn:aws:s3:::invoices
    """  # noqa: D301
    from auditkit import who_can

    _print(who_can(inventory, action, resource), form)


@click.command("what-can")
@with_exports
@_principal
@format_option
def what_can_command(inventory: Inventory, *, principal: str, form: str) -> None:
    """List what a principal may do; an account, a service or * (anyone) that a policy names is one too.

    \b
    Example:
      auditkit what-can client-export/ --principal create-order
    """  # noqa: D301
    from auditkit import what_can

    _print(what_can(inventory, principal), form)


@click.command("public")
@with_exports
@format_option
def public_command(inventory: Inventory, *, form: str) -> None:
    """List what people outside may reach: anyone, whoever signs up, other accounts.

    \b
    Example:
      auditkit public client-export/
    """  # noqa: D301
    from auditkit import public

    names = ("who", "name", "kind", "access", "actions", "cost", "conditions", "missing", "target")
    _print(public(inventory), form, dict(zip(names, names, strict=True)))


@click.command("cross-account")
@with_exports
@format_option
def cross_account_command(inventory: Inventory, *, form: str) -> None:
    """List what principals of one account may do in another.

    \b
    Example:
      auditkit cross-account client-export/ --format csv
    """  # noqa: D301
    from auditkit import cross_account

    _print(cross_account(inventory), form)


@click.command("unused")
@with_exports
@format_option
def unused_command(inventory: Inventory, *, form: str) -> None:
    """List what roles and users may do and have not done, by IAM's last-accessed data.

    \b
    Example:
      auditkit unused client-export/
    """  # noqa: D301
    from auditkit import unused

    names = ("principal", "service", "actions", "targets", "state", "last_used", "missing")
    _print(unused(inventory), form, {name: name.replace("_", " ") for name in names})


@click.command("try-policy")
@with_exports
@click.option(
    "--on", required=True, metavar="ARN", help="Role or user whose own policies it replaces, or resource; ARN or name."
)
@click.option("--policy", required=True, type=click.File("rb"), help="The document, as JSON; '-' is standard input.")
@click.option("--all", "everything", is_flag=True, help="Also what stays as it is.")
@format_option
def try_policy_command(inventory: Inventory, *, on: str, policy: BinaryIO, everything: bool, form: str) -> None:
    """Show what a policy would change before it is written: who may do what then, and may no more.

    It stands in place of the inline and managed policies of a role or user, or of the policy of a resource.

    \b
    Examples:
      auditkit try-policy client-export/ --on create-order --policy narrower.json
      auditkit try-policy client-export/ --on arn:aws:s3:::invoices --policy bucket-policy.json --all
    """  # noqa: D301
    from auditkit import try_policy
    from auditkit._output import Format, note, print_table

    found = try_policy(inventory, on, policy.read())
    for problem in found.attrs["problems"]:
        note(f"policy: {problem}")
    shown = found if everything or found.empty else found[found["change"] != "as before"]
    if len(found) and shown.empty:
        shown.attrs["reason"] = "Nothing changes: what may be done stays as it is."
    print_table(shown, Format(form), columns=_TRIED)


def _print(found: pd.DataFrame, form: str, columns: dict[str, str] | None = None) -> None:
    from auditkit._output import Format, note, print_table

    print_table(found, Format(form), columns=columns or _COLUMNS)
    for policies in found.attrs.get("not_seen", ()):
        note(f"not seen: {policies}")
    if left_out := found.attrs.get("left_out", 0):
        note(f"{left_out} resource patterns were too many: what they give inside resources may be missing here")


COMMANDS = (
    can_command,
    who_can_command,
    what_can_command,
    public_command,
    cross_account_command,
    unused_command,
    try_policy_command,
)
