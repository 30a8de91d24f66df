"""What an export shows and what it does not: one line per call, region and account."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec
import pandas as pd

from auditkit.inventory.record import Source

__all__ = ["Call", "Coverage", "CoverageState"]


class CoverageState(StrEnum):
    """State of one call of an export."""

    PRESENT = "present"
    EMPTY = "empty"
    DENIED = "denied"
    MISSING = "missing"


class Call(msgspec.Struct, frozen=True, order=True, gc=False):
    """One API call as an export shows it.

    Attributes
    ----------
    account, region, service, operation
        Where and what: ``service`` by botocore's name, ``operation`` in CamelCase.
    resource
        Argument of a call per resource, ``""`` for a call without one.
    state
        Present, empty, denied or missing.
    complete
        False where the response still holds a token for a next page, or only a part of it was read.
    detail
        Error code of a denied or failed call, or what is incomplete.
    source
        File of the response, ``None`` where it is missing.
    """

    account: str
    region: str
    service: str
    operation: str
    resource: str = ""
    state: CoverageState = CoverageState.MISSING
    complete: bool = True
    detail: str = ""
    source: Source | None = None


class Coverage:
    """All calls of an inventory, sorted, with the question *was it seen?* answered by :meth:`state`."""

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        self._calls = tuple(sorted(calls, key=lambda call: (call.account, call.region, *_key(call))))
        self._index: dict[tuple[str, str], list[Call]] = {}
        self._of_account: dict[tuple[str, str, str], list[Call]] = {}
        self._of_resource: dict[tuple[str, str], dict[str, tuple[Call, ...]]] = {}
        self._states: dict[tuple[str, str, str, str], CoverageState] = {}
        for call in self._calls:
            name = call.service, call.operation
            self._index.setdefault(name, []).append(call)
            self._of_account.setdefault((*name, call.account), []).append(call)
            if call.resource:
                same = self._of_resource.setdefault(name, {})
                same[call.resource] = (*same.get(call.resource, ()), call)

    def __iter__(self) -> Iterator[Call]:
        """Iterate over the calls in order."""
        return iter(self._calls)

    def __len__(self) -> int:
        """Return the number of calls."""
        return len(self._calls)

    def find(
        self, service: str, operation: str, *, account: str = "", region: str = "", resource: str = ""
    ) -> tuple[Call, ...]:
        """Return the calls of an operation; an argument left empty matches all."""
        return tuple(
            call
            for call in self._near(service, operation, account, resource)
            if (not account or not call.account or call.account == account)
            and (not region or call.region in {region, "global", ""})
            and (not resource or call.resource == resource)
        )

    def _near(self, service: str, operation: str, account: str, resource: str) -> Iterator[Call]:
        """Yield the calls of an operation, in order, of which those sought are some: few of many accounts."""
        if resource:
            yield from self._of_resource.get((service, operation), {}).get(resource, ())
        elif account:
            yield from self._of_account.get((service, operation, ""), ())  # sorted before all others
            yield from self._of_account.get((service, operation, account), ())
        else:
            yield from self._index.get((service, operation), ())

    def state(
        self, service: str, operation: str, *, account: str = "", region: str = "", resource: str = ""
    ) -> CoverageState:
        """Return the weakest state among the matching calls; *missing* where there is none.

        An incomplete call counts as *missing*: what it does not show may exist.
        """
        if resource:
            return _weakest(self.find(service, operation, account=account, region=region, resource=resource))
        asked = (service, operation, account, region)
        state = self._states.get(asked)
        if state is None:
            state = self._states[asked] = _weakest(self.find(service, operation, account=account, region=region))
        return state

    def frame(self) -> pd.DataFrame:
        """Return the coverage as a table, one row per call; all columns are strings, ``complete`` is bool."""
        columns = [*Call.__struct_fields__]
        rows = [
            [str(value) if isinstance(value, Source) else value for value in msgspec.structs.astuple(call)]
            for call in self._calls
        ]
        return pd.DataFrame(rows, columns=columns)


def _key(call: Call) -> tuple[str, str, str]:
    return call.service, call.operation, call.resource


def _weakest(calls: Iterable[Call]) -> CoverageState:
    states = {call.state if call.complete else CoverageState.MISSING for call in calls} or {CoverageState.MISSING}
    weak = (CoverageState.MISSING, CoverageState.DENIED, CoverageState.PRESENT)
    return next((state for state in weak if state in states), CoverageState.EMPTY)
