"""Those that the policies of targets name and that were not given: anyone, accounts, services, federations."""

from collections.abc import Container, Iterator, Sequence

from msgspec import UNSET

from auditkit.policy.documents import Condition, Document, Named
from auditkit.policy.matching import parse_arn
from auditkit.policy.principals import Principal, PrincipalType, accounts_let_in, anyone_of, principal
from auditkit.policy.relation.account import FULL
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.points import Target
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["outsiders"]

_ACCOUNT_DIGITS = 12


def outsiders(targets: Sequence[Target], given: Container[str]) -> list[Asker]:
    """Return those that the policies of targets name, each to be asked about these targets alone, sorted by name.

    Parameters
    ----------
    targets
        The targets.
    given
        Names of the principals that were given.
    """
    found: dict[tuple[str, bool], tuple[Principal, set[int]]] = {}
    known: dict[tuple[Named, str], tuple[str, Principal] | None] = {}
    names = _Names()
    for number, target in enumerate(targets):
        policy, owner = target.given.resource_policy, target.owner
        if not isinstance(policy, Document):
            continue
        for named in names.of(policy):
            if (named, owner) not in known:
                known[named, owner] = _outsider(named, owner)
            entry = known[named, owner]
            if entry is not None and entry[0] not in given:
                name, who = entry
                found.setdefault((name, bool(owner) and who.account == owner), (who, set()))[1].add(number)
    return [_asker(name, who, frozenset(only), at_home=at_home) for (name, at_home), (who, only) in sorted(
        found.items(), key=lambda item: item[0])]  # fmt: skip


class _Names:
    """Whom policies name; elements that are one object are looked at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, int], list[Named]] = {}

    def of(self, policy: Document) -> Iterator[Named]:
        """Yield whom a policy names, some more than once."""
        content = policy.content
        if content is None:
            for statement in policy.statements:
                if not statement.unclear:
                    yield from _named(
                        statement.effect, statement.principals, statement.not_principals, statement.conditions
                    )
            return
        for place, special in content.special.items():
            effect = content.written[place].effect
            key = effect, id(special.principals), id(special.not_principals), id(special.conditions)
            if key not in self._known:
                self._known[key] = list(_named(effect, *special))
            yield from self._known[key]


def _named(
    effect: str,
    principals: tuple[Named, ...] | None,
    not_principals: tuple[Named, ...] | None,
    conditions: tuple[Condition, ...],
) -> Iterator[Named]:
    # whom a Deny excepts may be the only one that an Allow for everyone is left for
    yield from (*(principals or ()), *(not_principals or ()))
    if effect == "Allow":
        yield from (Named("AWS", account) for account in accounts_let_in(principals or (), conditions))


def _asker(name: str, who: Principal, only: frozenset[int], *, at_home: bool) -> Asker:
    policies = PrincipalPolicies(arn=name, account=who.account, identity=(FULL,), scps=None)
    if at_home:  # it has policies that nobody has seen
        policies = PrincipalPolicies(arn=name, account=who.account, identity=UNSET, boundary=UNSET)
    return Asker(policies, who, only)


def _outsider(named: Named, owner: str) -> tuple[str, Principal] | None:
    """Return the name and the principal that an entry of a resource policy stands for; None where it is no grant."""
    match named.type:
        case "*":
            return "*", principal("*")
        case "Service":
            return named.value, principal({"Service": named.value})
        case "Federated":
            return named.value, principal({"Federated": named.value})
        case "CanonicalUser":
            return f"canonical user {named.value}", principal({"CanonicalUser": named.value})
    is_account = len(named.value) == _ACCOUNT_DIGITS and named.value.isdecimal()
    if not (is_account or parse_arn(named.value)):
        return None  # the unique id of a principal that was deleted
    who = principal(named.value)
    if who.type is not PrincipalType.ROOT:
        return named.value, who
    # naming one's own account delegates to it, which is no grant
    return None if who.account == owner else (who.account, anyone_of(who.account))
