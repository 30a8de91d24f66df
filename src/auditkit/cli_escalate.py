"""The command about privilege escalation: who can become an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from auditkit._commands import format_option, with_exports

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.inventory import Inventory

__all__ = ["COMMANDS"]

_COLUMNS = {
    "principal": "user or role",
    "stands": "stands",
    "how": "how",
    "hangs_on": "hangs on",
}
_STEPS = {
    "to": "to",
    "technique": "technique",
    "title": "what",
    "permissions": "permissions",
    "hangs_on": "hangs on",
}
_LINE = ["principal", "admin", "escalates", "path"]


@click.command()
@with_exports
@click.option(
    "--of",
    "principal",
    default="",
    metavar="ARN",
    help="Every step that one user or role, by ARN or name, can take at once.",
)
@format_option
def escalate(inventory: Inventory, *, principal: str, form: str) -> None:
    """Tell which users and roles are administrators, and which can become one: the shortest way, step by step.

    A step is conditional where it hangs on a condition that an export cannot decide, on a policy that was not seen, or
    on something whose existence is not known. The table leaves out those who are no administrators and cannot become
    one; the other formats have a line for everybody.

    \b
    Examples:
      auditkit escalate client-export/
      auditkit escalate iam-get-account-authorization-details.json --format jsonl
      auditkit escalate client-export/ --of arn:aws:iam::111122223333:role/deploy
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit import escalation_steps, escalations
    from auditkit._asked import find_principal
    from auditkit._output import Format, note, print_table
    from auditkit.graph.permissions import permissions_of

    if principal:
        arn = find_principal(permissions_of(inventory), principal).arn
        print_table(escalation_steps(inventory, arn), Format(form), columns=_STEPS)
        return
    found = escalations(inventory)
    for line in _not_seen(found):
        note(line)
    if form == Format.TABLE:
        print_table(_for_people(found), Format.TABLE, columns=_COLUMNS)
    else:
        print_table(found[_LINE] if form == Format.JSONL else found, Format(form))


def _not_seen(found: pd.DataFrame) -> list[str]:
    lacking: dict[str, int] = {}
    for layers in found["not_seen"]:
        for layer in layers:
            lacking[layer] = lacking.get(layer, 0) + 1
    return [
        f"not seen: {layer}, of {number} users and roles; what it denies or gives is not in the answer"
        for layer, number in sorted(lacking.items())
    ]


def _for_people(found: pd.DataFrame) -> pd.DataFrame:
    """Return those who matter: who can become an administrator for certain, who under conditions, who is one."""
    shown = found[found["admin"] | found["escalates"]]
    rank = shown["admin"] * 2 + shown["conditional"]
    words = {0: "can become an administrator", 1: "may become one, under conditions", 2: "is an administrator"}
    shown = shown.assign(stands=rank.map(words), rank=rank)
    ranked = shown.sort_values(["rank", "principal"], kind="stable")
    ranked.attrs["reason"] = found.attrs["reason"] or "Nobody is an administrator or can become one, by what was seen."
    return ranked


COMMANDS = (escalate,)
