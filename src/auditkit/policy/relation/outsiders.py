"""Those that the policies of targets name and that were not given: anyone, accounts, services, federations."""

from collections.abc import Container, Sequence

from msgspec import UNSET

from auditkit.policy.documents import Named
from auditkit.policy.matching import parse_arn
from auditkit.policy.principals import Principal, PrincipalType, anyone_of, principal
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
    known: dict[tuple[int, str], list[set[int]]] = {}
    for number, target in enumerate(targets):
        owner, names = target.owner, target.glance.names
        if not names:
            continue
        key = id(names), owner
        if key not in known:
            every = (_outsider(named, owner) for named in names)
            known[key] = [
                found.setdefault((name, bool(owner) and who.account == owner), (who, set()))[1]
                for name, who in filter(None, every)
                if name not in given
            ]
        for numbers in known[key]:
            numbers.add(number)
    return [_asker(name, who, frozenset(only), at_home=at_home) for (name, at_home), (who, only) in sorted(
        found.items(), key=lambda item: item[0])]  # fmt: skip


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
