"""What identity policies of the export name elsewhere: stores, functions and roles that no account of it holds.

A policy that names the bucket of another company is meant to be used, and what it lets out leaves the organization.
What a wildcard covers besides names nothing in particular and tells nothing of where data goes.
"""

from collections.abc import Iterator

from auditkit.graph._refs import reference
from auditkit.graph.permissions import Permissions
from auditkit.inventory import STORE_KINDS, Inventory, Kind
from auditkit.policy import (
    Document,
    Grant,
    PolicyKind,
    StatementRef,
    TargetPolicies,
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
        no account; one that the inventory does not hold belongs to somebody else, or to nobody.

    Returns
    -------
    dict
        Grants by principal and target (its id in the graph). What the other side's policy says is not known.
    """
    actions = [action.name for action in tracked_actions().values()]
    found: dict[tuple[str, str], tuple[Grant, ...]] = {}
    known: dict[int, frozenset[str]] = {}
    for principal in permissions.principals:
        documents = principal.identity if isinstance(principal.identity, tuple) else ()
        for document in documents:
            if id(document) not in known:
                known[id(document)] = frozenset(_named(document, inventory, own))
        names = sorted(frozenset().union(*(known[id(document)] for document in documents)))
        targets = [TargetPolicies(arn=name, account=reference(name).account) for name in names]
        for grant in relation([principal], targets, actions=actions) if targets else ():
            if grant.target in names and any(_by_itself(statement) for statement in grant.statements):
                pair = (grant.principal, reference(grant.target).id)
                found[pair] = (*found.get(pair, ()), grant)
    return dict(sorted(found.items()))


def _named(document: Document, inventory: Inventory, own: frozenset[str]) -> Iterator[str]:
    """Yield what a policy allows by name and the inventory does not hold; of objects in it, an example."""
    for statement in document.statements:
        for text in (statement.resources or ()) if statement.effect == "Allow" else ():
            target = reference(text)
            if target.kind not in _KINDS or target.account in own or _OPEN & set(target.id):
                continue
            if inventory.get(target.id) is None:
                yield text.translate(_EXAMPLE)


def _by_itself(statement: StatementRef) -> bool:
    return statement.policy is PolicyKind.IDENTITY and statement.effect == "Allow"
