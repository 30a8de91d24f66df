"""Accounts whose owner is publicly documented: publishers of layers, AWS's own, vendors that ask for a role."""

from functools import cache

import msgspec

from auditkit.facts._table import rows_of

__all__ = ["KnownAccount", "get_known_account"]


class KnownAccount(msgspec.Struct, frozen=True):
    """An account whose owner is documented.

    Attributes
    ----------
    account, owner
        Twelve digits, and whose it is.
    aws
        Whether it is AWS's own.
    what
        What it is known for: layers, roles.
    source
        Where its owner documents it.
    """

    account: str
    owner: str
    aws: bool
    what: str
    source: str


@cache
def _accounts() -> dict[str, KnownAccount]:
    return {
        row["account"]: KnownAccount(row["account"], row["owner"], row["aws"] == "yes", row["what"], row["source"])
        for row in rows_of("accounts")
    }


def get_known_account(account: str) -> KnownAccount | None:
    """Return what is documented of an account, or ``None`` (table ``accounts``)."""
    return _accounts().get(account)
