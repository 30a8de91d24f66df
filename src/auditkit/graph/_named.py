"""What a resource policy says to one account, without what it says to others.

A policy may name thousands of accounts, each of which is asked about: with all of them in it, that takes the square.
"""

import msgspec

from auditkit.policy import Document, Named, Statement, parse_arn

__all__ = ["ByAccount"]

_MANY = 64
_DIGITS = 12


class ByAccount:
    """A resource policy, account by account.

    Parameters
    ----------
    document
        The policy.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._many = sum(len(one.principals or ()) for one in document.statements) > _MANY
        self._for_all: dict[int, list[Named] | None] = {}
        self._for: dict[str, dict[int, list[Named]]] = {}
        for place, statement in enumerate(document.statements if self._many else ()):
            self._sort(place, statement)

    def _sort(self, place: int, statement: Statement) -> None:
        if statement.principals is None:
            self._for_all[place] = None
            return
        if statement.unclear:
            self._for_all[place] = []
        for named in statement.principals:
            account = _account(named)
            if account:
                self._for.setdefault(account, {}).setdefault(place, []).append(named)
            else:
                found = self._for_all.setdefault(place, [])
                assert found is not None
                found.append(named)

    def said_to(self, account: str) -> Document:
        """Return the policy with the statements, and the names in them, that may be about an account."""
        if not self._many:
            return self._document
        own = self._for.get(account, {})
        kept = []
        for place in sorted({*self._for_all, *own}):
            statement, named = self._document.statements[place], self._for_all.get(place, [])
            if named is not None:
                statement = msgspec.structs.replace(statement, principals=(*named, *own.get(place, ())))
            kept.append(statement)
        return self._document.with_statements(tuple(kept))


def _account(named: Named) -> str:
    """Return the account that an entry is about, ``""`` where it may be about any."""
    if named.type != "AWS":
        return ""
    arn = parse_arn(named.value)
    account = arn.account if arn is not None else named.value
    return account if len(account) == _DIGITS and account.isdecimal() else ""
