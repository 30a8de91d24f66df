"""What identity policies of the export name elsewhere: stores, functions and roles that no account of it holds.

A policy that names the bucket of another company is meant to be used, and what it lets out leaves the organization.
What a wildcard covers besides names nothing in particular and tells nothing of where data goes.
"""

from collections.abc import Iterator

from auditkit.graph._refs import reference
from auditkit.graph.permissions import Permissions
from auditkit.inventory import STORE_KINDS, CoverageState, Inventory, Kind
from auditkit.policy import (
    Document,
    Grant,
    PolicyKind,
    PrincipalPolicies,
    TargetPolicies,
    match_action,
    relation,
    tracked_actions,
)

__all__ = ["foreign_grants"]

_KINDS = STORE_KINDS | {Kind.FUNCTION, Kind.STATE_MACHINE, Kind.ROLE}
_OPEN = frozenset("*?$")
"""What makes a text more than one name: wildcards, and variables of policies."""
_EXAMPLE = str.maketrans("*?$", "---")


def foreign_grants(
    permissions: Permissions, inventory: Inventory, own: frozenset[str]
) -> dict[tuple[str, str], tuple[Grant, ...]]:
    """Return what principals may do to resources elsewhere that their own policies name.

    Parameters
    ----------
    permissions
        Of the inventory.
    inventory
        What is in it is not elsewhere.
    own
        Accounts of the export: what is named there and is not in the inventory does not exist. A bucket's name tells
        no account; one that the inventory does not hold belongs to somebody else, or to nobody, if all buckets of the
        accounts were listed. If they were not, it may be one of them, and is left out.

    Returns
    -------
    dict
        Grants by principal and target (its id in the graph). What the other side's policy says is not known.
    """
    elsewhere = _Elsewhere(inventory, own)
    names = {principal.arn: elsewhere.named_by(principal) for principal in permissions.principals}
    principals = [principal for principal in permissions.principals if names[principal.arn]]
    targets = sorted({name for principal in principals for name in names[principal.arn]})
    if not targets:
        return {}
    all_grants = relation(
        principals,
        [TargetPolicies(arn=name, account=reference(name).account) for name in targets],
        actions=elsewhere.actions,
    )
    numbers = {name: number for number, name in enumerate(all_grants.targets)}
    found: dict[tuple[str, str], tuple[Grant, ...]] = {}
    for number, principal in enumerate(all_grants.principals):
        for name in sorted(names.get(principal, ())):
            grants = (grant for grant in all_grants.grants_of(number, numbers[name]) if _by_itself(grant))
            pair = principal, reference(name).id
            found[pair] = (*found.get(pair, ()), *grants)
    return {pair: grants for pair, grants in sorted(found.items()) if grants}


class _Elsewhere:
    """What the statements of an inventory's policies name that is not in it."""

    def __init__(self, inventory: Inventory, own: frozenset[str]) -> None:
        self._inventory = inventory
        self._own = own
        self._known: dict[int, frozenset[str]] = {}
        states = {inventory.coverage.state("s3", "ListBuckets", account=account) for account in own}
        self._buckets = bool(states) and states <= {CoverageState.PRESENT, CoverageState.EMPTY}
        self.actions: set[str] = set()
        """Names of the actions that those statements allow."""

    def named_by(self, principal: PrincipalPolicies) -> frozenset[str]:
        """Return what a principal's own policies allow something on by name; of objects in it, an example."""
        found: frozenset[str] = frozenset()
        for document in principal.identity if isinstance(principal.identity, tuple) else ():
            if id(document) not in self._known:
                self._known[id(document)] = frozenset(self._named(document))
            found |= self._known[id(document)]
        return found

    def _named(self, document: Document) -> Iterator[str]:
        for statement in document.statements:
            names = [text for text in statement.resources or () if self._is_elsewhere(text)]
            if names and statement.effect == "Allow":
                self.actions |= {name for name in tracked_actions() if match_action(statement.actions or ("*",), name)}
                yield from (name.translate(_EXAMPLE) for name in names)

    def _is_elsewhere(self, text: str) -> bool:
        target = reference(text)
        if target.kind not in _KINDS or target.account in self._own or _OPEN & set(target.id):
            return False
        return (bool(target.account) or self._buckets) and self._inventory.get(target.id) is None


def _by_itself(grant: Grant) -> bool:
    """Return whether the principal's own policies allow it, and not only what is not seen may."""
    return any(
        one.policy is PolicyKind.IDENTITY and one.effect == "Allow" and not one.of_key for one in grant.statements
    )
