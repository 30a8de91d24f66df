"""Which calls an export shows, and which it should: what was seen is held against ``calls.csv``.

A call per resource is expected once for every resource that the call before it named. A listing that is incomplete,
refused or missing leaves its dependents *missing* as a whole: nobody knows for what they should have been made. Calls
of ``triggers.csv`` and ``settings.csv`` are expected of nobody: those that are there, and what follows from them, are
shown. A region that resources of the export refer to, and from which nothing was exported, is missing with all its
calls.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from auditkit.exports.calls import ApiCall, Argument, arguments_from, known_calls, setting_calls, trigger_calls
from auditkit.inventory import Call, CoverageState, Source

__all__ = ["CoverageBook", "resource_name"]

_GLOBAL = "global"
_BEST_FIRST = (CoverageState.PRESENT, CoverageState.EMPTY, CoverageState.DENIED, CoverageState.MISSING)

_GAPS = {CoverageState.MISSING: "is missing or incomplete", CoverageState.DENIED: "was denied"}

_Key = tuple[str, str, str, str]  # account, region, service, operation


def resource_name(arguments: Iterable[str]) -> str:
    """Return the arguments of a call as coverage names them."""
    return ",".join(arguments)


class CoverageBook:
    """Takes down what was seen, and completes it."""

    def __init__(self) -> None:
        self._seen: dict[_Key, dict[str, Call]] = {}
        self._expected: dict[_Key, dict[tuple[str, ...], None]] = {}
        self._regions: dict[str, set[str]] = {}
        self._mentioned: dict[str, set[str]] = {}
        self._dependents: dict[tuple[str, str], list[tuple[ApiCall, Argument]]] = {}
        for call in known_calls():
            for argument in call.arguments:
                self._dependents.setdefault((argument.service, argument.operation), []).append((call, argument))

    def place(self, account: str, region: str) -> None:
        """Note an account, and a region in which it has resources or was looked at."""
        regions = self._regions.setdefault(account, set())
        if region not in {"", _GLOBAL}:
            regions.add(region)

    def mention(self, account: str, region: str) -> None:
        """Note that something refers to a region of an account; it is expected if the account is in the export."""
        self._mentioned.setdefault(account, set()).add(region)

    def see(self, call: Call) -> None:
        """Note the state of a call; of two for the same thing the better one counts."""
        self.place(call.account, call.region)
        calls = self._seen.setdefault((call.account, call.region, call.service, call.operation), {})
        known = calls.get(call.resource)
        calls[call.resource] = call if known is None else min(known, call, key=_rank)

    def respond(
        self, account: str, region: str, call: ApiCall, arguments: tuple[str, ...], payload: Mapping[str, Any]
    ) -> None:
        """Note what a response says that other calls should have been made for."""
        given = dict(zip(call.names, arguments, strict=False))
        for dependent, argument in self._dependents.get((call.service, call.operation), ()):
            if "$" in argument.path and len(given) < len(call.names):
                continue  # the name of the file did not say what the call was made for
            place = _GLOBAL if dependent.everywhere else region
            expected = self._expected.setdefault((account, place, dependent.service, dependent.operation), {})
            for found in arguments_from(argument, [(given, payload)]):
                if all(isinstance(value, str | int) for value in found.values()):
                    expected[tuple(str(value) for value in found.values())] = None

    def shortened(self, account: str, region: str, call: ApiCall, name: str) -> tuple[str, ...] | None:
        """Return the arguments that a file name too long for a file system was cut from, as the collector cuts it."""
        for arguments in self._expected.get((account, region, call.service, call.operation), {}):
            whole = ",".join(quote(argument, safe="") for argument in arguments)
            if name.endswith("=" + hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]):
                return arguments
        return None

    def calls(self) -> Iterator[Call]:
        """Yield everything that was seen, and everything that should have been and was not."""
        for account in sorted(self._regions):
            states: dict[tuple[str, str, str], CoverageState] = {}
            on_wish = {(call.service, call.operation) for call in (*trigger_calls(), *setting_calls())}
            for call in known_calls():
                known = self._regions[account] | self._mentioned.get(account, set())
                regions = [_GLOBAL] if call.everywhere else sorted(known) or [""]
                for region in regions:
                    key = (account, region, call.service, call.operation)
                    if key[2:] in on_wish and not self._seen.get(key) and not self._expected.get(key):
                        continue
                    rows = list(self._rows(key, call, states))
                    states[region, call.service, call.operation] = _weakest(rows)
                    yield from rows

    def _rows(self, key: _Key, call: ApiCall, states: Mapping[tuple[str, str, str], CoverageState]) -> Iterator[Call]:
        """Yield the rows of one call in one region; `states` holds those of the calls before it."""
        seen = self._seen.get(key, {})
        yield from (seen[resource] for resource in sorted(seen))
        if not call.arguments:
            if not seen:
                yield Call(*key)
            return
        expected = self._expected.get(key, {})
        told = _origins(key[1], call, states)
        gaps = [f"{name} {_GAPS[state]}" for name, state in told.items() if state in _GAPS]
        if gaps:
            yield Call(*key, detail="; ".join(gaps))
        elif not expected and not seen:
            yield Call(*key, state=CoverageState.EMPTY, detail=f"{', '.join(told)} names none")
        spellings = {_last(resource) for resource in seen}
        for arguments in sorted(expected):
            resource = resource_name(arguments)
            others = spellings if len(arguments) == 1 else seen  # "orders:live" is what "orders,live" is
            if resource not in seen and _last(":".join(arguments)) not in others:
                yield Call(*key, resource=resource)


def _origins(
    region: str, call: ApiCall, states: Mapping[tuple[str, str, str], CoverageState]
) -> dict[str, CoverageState]:
    """Return the calls that give the arguments of a call, and how completely each was seen."""
    told = {}
    for argument in call.arguments:
        origin = (argument.service, argument.operation)
        before = states.get((region, *origin)) or states.get((_GLOBAL, *origin), CoverageState.MISSING)
        told[".".join(origin)] = before
    return told


def _weakest(calls: Iterable[Call]) -> CoverageState:
    """Return the weakest state; an incomplete call counts as *missing*, since what it does not show may exist."""
    states = {CoverageState.MISSING if not call.complete else call.state for call in calls}
    for state in (CoverageState.MISSING, CoverageState.DENIED, CoverageState.PRESENT):
        if state in states:
            return state
    return CoverageState.EMPTY


def _rank(call: Call) -> tuple[int, bool, str, Source]:
    return _BEST_FIRST.index(call.state), not call.complete, call.detail, call.source or Source("")


def _last(resource: str) -> str:
    """Return the name at the end of an ARN: a call may be made with either."""
    return resource.rpartition(":")[2].rpartition("/")[2] if resource.startswith("arn:") else resource
