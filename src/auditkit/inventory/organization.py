"""Which policies of an organization bear on an account, level by level from the root."""

from typing import Literal

import msgspec

from auditkit.inventory.coverage import CoverageState
from auditkit.inventory.inventory import Inventory
from auditkit.inventory.record import UNSET, PolicyText, UnsetType
from auditkit.inventory.records.identities import (
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
)

__all__ = ["ControlPolicies", "PolicyType", "control_policies"]

PolicyType = Literal["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]

_DEEPEST = 12


class ControlPolicies(msgspec.Struct, frozen=True):
    """Policies of one type that bear on an account.

    Attributes
    ----------
    levels
        Root first, the account last; a level of resource control policies may be empty, one of service control policies
        never is (AWS Organizations User Guide, attaching policies: every root, unit and account has at least one).
        ``None`` where they do not apply: there is no organization, the account manages it, or this type is not switched
        on. :data:`UNSET` where the export does not tell.
    missing
        What the export lacks; ``""`` where nothing.
    """

    levels: tuple[tuple[PolicyText, ...], ...] | UnsetType | None
    missing: str = ""


def control_policies(inventory: Inventory, account: str, kind: PolicyType) -> ControlPolicies:
    """Return the service or resource control policies of an account.

    Parameters
    ----------
    inventory
        Holds the organization as far as it was exported.
    account
        Twelve digits.
    kind
        Which of the two.
    """
    organizations = inventory.of(Organization)
    if not organizations:
        described = inventory.coverage.find("organizations", "DescribeOrganization", account=account)
        if any(call.state is CoverageState.EMPTY and call.account == account for call in described):
            return ControlPolicies(None)
        return ControlPolicies(UNSET, "whether the account is in an organization")
    if any(organization.master_account_id == account for organization in organizations):
        return ControlPolicies(None)
    if all(organization.feature_set == "CONSOLIDATED_BILLING" for organization in organizations):
        return ControlPolicies(None)
    chain = _chain(inventory, account)
    if chain is None:
        return ControlPolicies(UNSET, "the organizational units above the account")
    return _levels(inventory, (*chain, account), kind)


def _levels(inventory: Inventory, chain: tuple[str, ...], kind: PolicyType) -> ControlPolicies:
    root = inventory.get(chain[0])
    types = {item.type: item.status for item in root.policy_types} if isinstance(root, OrganizationalUnit) else {}
    policies = [policy for policy in inventory.of(OrganizationPolicy) if policy.type == kind]
    if types and types.get(kind) != "ENABLED":
        return ControlPolicies(None)
    listed = inventory.coverage.state("organizations", "ListPolicies")
    if not policies and (kind != "SERVICE_CONTROL_POLICY" or listed is not CoverageState.PRESENT):
        return ControlPolicies(UNSET, "the list of these policies")
    levels = []
    for target in chain:
        level = []
        for policy in policies:
            if policy.targets is UNSET:
                return ControlPolicies(UNSET, f"what policy {policy.name} is attached to")
            if target not in policy.targets:
                continue
            if isinstance(policy.document, UnsetType):
                return ControlPolicies(UNSET, f"the document of policy {policy.name}")
            level.append(policy.document)
        if not level and kind == "SERVICE_CONTROL_POLICY":  # AWS takes the last one off from nowhere
            return ControlPolicies(UNSET, f"what is attached to {target}, where at least one policy has to be")
        levels.append(tuple(level))
    return ControlPolicies(tuple(levels))


def _chain(inventory: Inventory, account: str) -> tuple[str, ...] | None:
    """Return the ids of root and units above an account, root first; ``None`` where one is not known."""
    parent: str | UnsetType | None = UNSET
    for record in inventory.of(OrganizationAccount):
        if record.account_id == account:
            parent = record.parent
    chain: list[str] = []
    while isinstance(parent, str) and len(chain) < _DEEPEST:
        chain.append(parent)
        unit = inventory.get(parent)
        parent = unit.parent if isinstance(unit, OrganizationalUnit) else UNSET
    return tuple(reversed(chain)) if chain and parent is None else None
