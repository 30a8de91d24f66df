"""What can be done against a weakness: in the words of the console, as infrastructure, and how much work it is."""

import tomllib
from functools import cache

import msgspec

from auditkit.facts._table import text_of

__all__ = ["FixRule", "get_fix_rules"]


class FixRule(msgspec.Struct, frozen=True, kw_only=True):
    """One sort of fix.

    Attributes
    ----------
    id
        Short name, the beginning of the ids of such fixes.
    group
        ``"door"``, ``"policy"`` or ``"setting"``.
    kind
        Of a setting: ``"setting"`` or ``"condition"``.
    title, console, caveat, template, terraform
        Text with places to be filled in; the template is a part of a CloudFormation template.
    effort
        Work that it takes, 1 (a switch) to 8 (a new component).
    source
        Documentation that it rests on.
    behind
        Of a door: kinds of nodes that the entry belongs to, or is.
    hops, along
        Of a setting: hops that are judged, and other hops at the same node that become better with them.
    at
        Of a setting: kinds of nodes that it is made at.
    factor, worse_than, becomes
        Of a setting: hop factor, level above which it is wanted, level afterwards.
    by
        ``"door"`` for what is set at the door before the node.
    """

    id: str
    group: str = ""
    kind: str = "setting"
    title: str
    console: str
    template: str
    terraform: str
    effort: int
    source: str
    caveat: str = ""
    behind: tuple[str, ...] = ()
    hops: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    factor: str = ""
    worse_than: float = 0.0
    becomes: float = 0.0
    by: str = ""


@cache
def get_fix_rules() -> dict[str, FixRule]:
    """Return all sorts of fixes by id (table ``fixes``)."""
    data = tomllib.loads(text_of("fixes"))
    rules = [
        msgspec.convert({**rule, "group": group}, FixRule)
        for group in ("door", "policy", "setting")
        for rule in data[group]
    ]
    return {rule.id: rule for rule in rules}
