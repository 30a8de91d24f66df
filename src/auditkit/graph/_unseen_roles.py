"""Escalation to roles that an export does not hold: a template shows the roles of a stack, not those of its account."""

import re
from collections.abc import Iterator

import msgspec

from auditkit.inventory import UNSET, CoverageState, Inventory, UnsetType
from auditkit.policy.escalation import Escalations, Estate, Identity
from auditkit.policy.escalation.slimming import FULL
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["beyond", "partly_listed"]

_FULL = {CoverageState.PRESENT, CoverageState.EMPTY}
_ROLE = re.compile(r"arn:(?P<partition>[a-z-]+):iam::(?P<account>[0-9]{12}|\*):role/(?P<name>[^:$]{1,500})")
_NAME = "not-in-the-export"


def partly_listed(inventory: Inventory) -> set[str]:
    """Return the accounts whose roles were not listed in full."""
    return {
        account
        for account in inventory.accounts
        if inventory.coverage.state("iam", "GetAccountAuthorizationDetails", account=account) not in _FULL
    }


def beyond(accounts: set[str], estate: Estate) -> dict[str, tuple[str, ...]]:
    """Return who could become an administrator if the account held one that the export does not show.

    An administrator's role, trusting whoever may assume it or run something in it, is thought into each account whose
    roles were not listed in full: one with a name that nobody has thought of, and one for each role that policies name
    and the export does not hold.

    Parameters
    ----------
    accounts
        Those whose roles were not listed in full.
    estate
        What there is.

    Returns
    -------
    dict of str to tuple of str
        ARN of the principal -> titles of the steps.
    """
    thought = {one.arn: one for one in _administrators(estate, accounts)}
    if not thought:
        return {}
    more = Escalations(msgspec.structs.replace(estate, identities=(*estate.identities, *thought.values())))
    return {
        one.principal: tuple(step.title for step in one.path)
        for one in more.principals
        if one.path and one.principal not in thought
    }


def _administrators(estate: Estate, accounts: set[str]) -> Iterator[Identity]:
    known = {one.arn for one in estate.identities}
    for account in sorted({one.policies.account for one in estate.identities} & accounts):
        partitions = sorted({one.arn.split(":")[1] for one in estate.identities if one.policies.account == account})
        named = {f"arn:{partitions[0]}:iam::{account}:role/{_NAME}", *_named(estate, account)}
        for arn in sorted(named - known):
            policies = PrincipalPolicies(arn=arn, account=account, identity=(FULL,), scps=None, trust=UNSET, context={})
            yield Identity(policies=policies)


def _named(estate: Estate, account: str) -> Iterator[str]:
    """Yield the roles of an account that policies of its principals name, wildcards filled in."""
    for one in estate.identities:
        documents = one.policies.identity
        for document in () if isinstance(documents, UnsetType) else documents:
            for resource in (name for statement in document.statements for name in statement.resources or ()):
                found = _ROLE.fullmatch(resource)
                if found and found["account"] in {account, "*"}:
                    name = found["name"].replace("*", "x").replace("?", "x")
                    yield f"arn:{found['partition']}:iam::{account}:role/{name}"
