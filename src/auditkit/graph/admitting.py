"""Whom a rule of a security group lets in, or where it lets go: by ranges of addresses, and by prefix lists.

The list of CloudFront's addresses (``com.amazonaws.global.cloudfront.origin-facing``) is no wall: whoever makes a
distribution of their own comes from the same addresses (Amazon CloudFront developer guide, *Restrict access to
Application Load Balancers*, asks for a secret header besides).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from auditkit.inventory import Inventory, UnsetType
from auditkit.inventory.records.network import IpPermission, ManagedPrefixList, is_everywhere

__all__ = ["Admitted", "admitted", "prefix_lists"]

_CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"
_AWS = "AWS"


class Admitted(NamedTuple):
    """Whom rules let in, or where they let go.

    Attributes
    ----------
    anyone
        Whether they name all addresses.
    distributions
        Whether they name those of CloudFront, behind which anyone is.
    missing
        What is missing to tell more.
    """

    anyone: bool = False
    distributions: bool = False
    missing: tuple[str, ...] = ()


def prefix_lists(inventory: Inventory) -> Mapping[str, ManagedPrefixList]:
    """Return the prefix lists of an inventory by their id."""
    return {one.prefix_list_id: one for one in inventory.of(ManagedPrefixList)}


def admitted(rules: Iterable[IpPermission], lists: Mapping[str, ManagedPrefixList]) -> Admitted:
    """Return whom rules let in, or where they let go.

    Parameters
    ----------
    rules
        Rules of one side of security groups.
    lists
        As :func:`prefix_lists` gives them.
    """
    known = [*rules]
    named = {one.prefix_list_id: None for rule in known for one in rule.prefix_list_ids}
    found = [_of_list(name, lists.get(name)) for name in named]
    return Admitted(
        any(rule.anywhere for rule in known) or any(one.anyone for one in found),
        any(one.distributions for one in found),
        tuple(dict.fromkeys(missing for one in found for missing in one.missing)),
    )


def _of_list(name: str, found: ManagedPrefixList | None) -> Admitted:
    if found is None:
        return Admitted(missing=(f"ec2:DescribeManagedPrefixLists ({name})",))
    if found.prefix_list_name == _CLOUDFRONT:
        return Admitted(distributions=True)
    if found.owner_id == _AWS:
        return Admitted()
    if isinstance(found.entries, UnsetType):
        return Admitted(missing=(f"ec2:GetManagedPrefixListEntries of {name}",))
    return Admitted(any(is_everywhere(entry.cidr) for entry in found.entries))
