"""What of the calls of an export was seen: every PASS hangs on that."""

from functools import cached_property

from auditkit.inventory import Call, CoverageState, Inventory, Record

__all__ = ["Seeing"]

_SEEN = frozenset({CoverageState.PRESENT, CoverageState.EMPTY})


class Seeing:
    """Tells what was seen of an account.

    Parameters
    ----------
    inventory
        With its coverage.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._unseen: dict[tuple[tuple[str, ...], str, str], tuple[str, ...]] = {}

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Accounts and regions of the export, and ``"global"`` for each account.

        Where an export shows an account and no region of it, its region is ``""``: it has one, whichever it is.
        """
        regions: dict[str, set[str]] = {}
        for call in self.inventory.coverage:
            regions.setdefault(call.account, set()).add(call.region)
        regions = regions or {"": set()}
        return tuple(
            (account, region)
            for account in sorted(regions)
            for region in sorted((regions[account] - {"", "global"} or {""}) | {"global"})
        )

    def state(self, call: str, record: Record | None = None, *, resource: str = "") -> CoverageState:
        """Return whether a call was seen where a record is.

        Parameters
        ----------
        call
            ``"lambda.ListAliases"``.
        record
            Gives account and region; without it, the weakest state anywhere counts.
        resource
            Argument of a call that is made per resource.
        """
        service, _, operation = call.partition(".")
        account, region = (record.account, record.region) if record is not None else ("", "")
        return self.inventory.coverage.state(service, operation, account=account, region=region, resource=resource)

    def seen(self, call: str, record: Record | None = None, *, resource: str = "") -> bool:
        """Return whether a call was seen where a record is: present or empty, and complete."""
        return self.state(call, record, resource=resource) in _SEEN

    def calls(self, call: str, account: str) -> tuple[Call, ...]:
        """Return a call as the export shows it for an account, in all regions."""
        service, _, operation = call.partition(".")
        return self.inventory.coverage.find(service, operation, account=account)

    def seen_in(self, call: str, account: str) -> bool:
        """Return whether a call was seen in an account, wherever it was made."""
        service, _, operation = call.partition(".")
        return self.inventory.coverage.state(service, operation, account=account) in _SEEN

    def unseen(self, calls: tuple[str, ...], account: str, region: str) -> tuple[str, ...]:
        """Return which of some calls were not seen whole in an account and region."""
        key = (calls, account, region)
        if key not in self._unseen:
            states = ((call, self._state_in(call, account, region)) for call in calls)
            self._unseen[key] = tuple(call.replace(".", ":") for call, state in states if state not in _SEEN)
        return self._unseen[key]

    def _state_in(self, call: str, account: str, region: str) -> CoverageState:
        service, _, operation = call.partition(".")
        where = "" if region == "global" else region
        return self.inventory.coverage.state(service, operation, account=account, region=where)
