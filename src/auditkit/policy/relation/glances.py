"""Of whom the policy of a target speaks, told at a glance."""

from typing import NamedTuple

from msgspec import UnsetType

from auditkit.policy.documents import Condition, Document, Named, Special
from auditkit.policy.principals import accounts_let_in

__all__ = ["Glance", "Glances"]


class Glance(NamedTuple):
    """Of whom a policy speaks.

    Attributes
    ----------
    names
        Those that it names, or whose account it lets in, some more than once.
    to_accounts
        Whether it may say anything to principals of accounts, and not to services and federations alone.
    excepts
        Whether it has a ``NotPrincipal``.
    """

    names: tuple[Named, ...]
    to_accounts: bool
    excepts: bool


_NOTHING, _ANYTHING = Glance((), to_accounts=False, excepts=False), Glance((), to_accounts=True, excepts=False)


class Glances:
    """Looks at the policies of targets; elements that are one object are looked at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, int], Glance] = {}
        self._glances: dict[int, Glance] = {}
        self._open: dict[int, bool] = {}

    def at(self, policy: Document | UnsetType | None) -> Glance:
        """Return of whom a policy speaks."""
        if policy is None:
            return _NOTHING
        if isinstance(policy, UnsetType) or not policy.readable:
            return _ANYTHING
        content = policy.content
        if content is None:
            return _together(
                [
                    _ANYTHING._replace(excepts=one.not_principals is not None)
                    if one.unclear
                    else _glance(one.effect, one.principals, one.not_principals, one.conditions)
                    for one in policy.statements
                ]
            )
        found = self._glances.get(id(content))
        if found is None:
            every = [self._line(line.effect, line.special) for line in content.written if line.special]
            found = self._glances[id(content)] = every[0] if len(every) == 1 else _together(every)
        return found

    def _line(self, effect: str, special: Special) -> Glance:
        """Return of whom a statement speaks; its conditions say more of that only where it names everyone."""
        principals = special.principals
        if id(principals) not in self._open:
            self._open[id(principals)] = any(named.type == "*" for named in principals or ())
        conditions = special.conditions if self._open[id(principals)] else ()
        key = effect, id(principals), id(special.not_principals), id(conditions)
        if key not in self._known:
            self._known[key] = _glance(effect, principals, special.not_principals, conditions)
        return self._known[key]


def _together(glances: list[Glance]) -> Glance:
    return Glance(
        tuple(named for one in glances for named in one.names),
        to_accounts=any(one.to_accounts for one in glances),
        excepts=any(one.excepts for one in glances),
    )


def _glance(
    effect: str,
    principals: tuple[Named, ...] | None,
    not_principals: tuple[Named, ...] | None,
    conditions: tuple[Condition, ...],
) -> Glance:
    # whom a Deny excepts may be the only one that an Allow for everyone is left for
    names = [*(principals or ()), *(not_principals or ())]
    if effect == "Allow":
        names += [Named("AWS", account) for account in accounts_let_in(principals or (), conditions)]
    excepts = not_principals is not None
    to_accounts = excepts or any(named.type in {"AWS", "*"} for named in principals or ())
    return Glance(tuple(names), to_accounts=to_accounts, excepts=excepts)
