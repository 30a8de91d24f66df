"""Trust boundaries: whose a node is, and how far the other end of a hop is from home."""

from auditkit.case import Case, matches
from auditkit.facts import get_known_account
from auditkit.graph._hosts import is_private
from auditkit.graph._refs import Reference
from auditkit.graph.schema import Boundary, Interval
from auditkit.inventory import EVIDENCE_KINDS, CoverageState, Inventory, Kind

__all__ = ["INTERNET_BOUNDARY", "Boundaries"]

INTERNET_BOUNDARY = Boundary("internet", "", "Internet")
AWS_BOUNDARY = Boundary("AWS", "", "AWS")
PRIVATE = "private"
"""Id of the boundary around private hosts: which network they are in is not known."""
UNKNOWN_BOUNDARY = Boundary("partner", "unknown", "owner unknown")

_DIGITS = 12
_OF_ORGANIZATION = frozenset({Kind.ACCOUNT, Kind.ORGANIZATION, Kind.ORGANIZATIONAL_UNIT, Kind.ORGANIZATION_POLICY})
_UNTOLD = _OF_ORGANIZATION | EVIDENCE_KINDS  # which do not show that an account is ours


class Boundaries:
    """Which accounts are ours, which are of the organization, which are trusted by the case.

    Parameters
    ----------
    inventory
        Its covered accounts are ours; accounts listed by Organizations are of the organization.
    case
        Names trusted accounts and attested third parties.
    """

    def __init__(self, inventory: Inventory, case: Case) -> None:
        covered = {call.account for call in inventory.coverage if call.state is not CoverageState.MISSING}
        described = {record.account for record in inventory if record.kind not in _UNTOLD}
        self.own = frozenset((covered - {""}) or (described - {""}))
        listed = {record.id[-_DIGITS:] for record in inventory if record.kind is Kind.ACCOUNT}
        self.organization = frozenset(number for number in listed if number.isdigit()) | self.own
        self._case = case

    def of_account(self, account: str) -> Boundary:
        """Return the boundary of an account; of an unknown owner where it is empty."""
        if not account:
            return UNKNOWN_BOUNDARY
        if account in self.own:
            return Boundary("account", account, f"Account {account}")
        if account == "aws":
            return AWS_BOUNDARY
        known = get_known_account(account)
        name = self._case.accounts.get(account) or (known.owner if known else "")
        return Boundary("partner", account, f"{name} ({account})" if name else f"Account {account}")

    def of_vpc(self, vpc: str, account: str) -> Boundary:
        """Return the boundary of a VPC inside its account."""
        return Boundary("VPC", vpc, vpc, parent=account)

    def of_reference(self, target: Reference) -> Boundary:
        """Return the boundary of what only a reference tells of."""
        if target.kind is Kind.INTERNET:
            return INTERNET_BOUNDARY
        if target.kind is Kind.THIRD_PARTY:
            return Boundary("third party", target.label, target.label)
        if target.kind is Kind.SERVICE:
            return AWS_BOUNDARY
        if target.kind is Kind.HOST and is_private(target.label):
            return Boundary("VPC", PRIVATE, "Private network", parent=min(self.own) if len(self.own) == 1 else "")
        return self.of_account(target.account)

    def party(self, target: Boundary, *, account: str) -> tuple[Interval, str]:
        """Return the level of the factor *third party* for data that goes from an account to a boundary.

        Parameters
        ----------
        target
            Boundary of the other end.
        account
            Account that the data comes from.

        Returns
        -------
        tuple of Interval and str
            0 the same account or AWS itself, 0.25 the organization, 0.5 attested in the case, 1 a third party; 0 to 1
            where the owner is not known (``facts/weights.json``).
        """
        if target.kind == "VPC" and target.id == PRIVATE:
            return Interval(0, 0.25), "Goes to a host of the private network, of this account or behind it."
        owner = target.parent if target.kind == "VPC" else target.id
        if target.kind == "AWS" or (owner and owner == account):
            return Interval.exactly(0), "Stays with this account."
        if target.kind in {"third party", "internet"}:
            attested = self._attestation(owner)
            if attested:
                return Interval.exactly(0.5), f"Goes to {owner or 'the internet'}, attested in the case: {attested}"
            return Interval.exactly(
                1
            ), f"Goes to {owner or 'the internet'}, a third party that the case does not attest."
        if target == UNKNOWN_BOUNDARY or not owner:
            return Interval(0, 1), "Whose account it is is not known."
        if owner in self.organization:
            return Interval.exactly(0.25), f"Goes to account {owner} of this organization."
        named = (self._case.accounts.get(owner, ""), self._case.attestations.get(owner, ""))
        trusted = ": ".join(filter(None, named)) or self._attestation(owner)
        if trusted:
            return Interval.exactly(0.5), f"Goes to account {owner}, trusted by the case: {trusted}"
        known = get_known_account(owner)
        if known:
            return Interval.exactly(1), f"Goes to account {owner} of {known.owner}, which the case does not attest."
        return Interval.exactly(1), f"Goes to account {owner}, which is neither in the export nor in the organization."

    def _attestation(self, owner: str) -> str:
        parties = self._case.third_parties
        if owner in parties:
            return parties[owner]
        matching = [pattern for pattern in parties if matches(pattern, owner)]
        return parties[max(matching, key=lambda pattern: (len(pattern), pattern))] if matching else ""
