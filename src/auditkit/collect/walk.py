"""The walk through the table of calls: each one is made for what the answers before it named."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import boto3

from auditkit.collect.arguments import requests_of
from auditkit.collect.asking import GLOBAL, Asker, Made, Order
from auditkit.collect.clients import Clients
from auditkit.collect.folder import Folder
from auditkit.collect.lanes import Lanes
from auditkit.collect.requests import ask, together
from auditkit.exports.calls import Answer, ApiCall, api_calls, arguments_from

__all__ = ["PER_LANE", "Walk", "collect"]

PER_LANE = 4
"""Requests at once to one service in one region: below what the slowest control planes bear (a few per second)."""


def collect(
    session: boto3.session.Session,
    out: Path,
    *,
    account: str,
    regions: Sequence[str],
    calls: Iterable[ApiCall] | None = None,
) -> tuple[Path, ...]:
    """Ask an account everything that auditkit reads, one call after the other, and write an API JSON export.

    Only calls that read are made. A refused or failed call is written as ``{"Error": {"Code": ..., "Message": ...}}``;
    what hangs on it is not asked. Values that may be secrets are replaced before anything is written
    (:func:`auditkit.exports.secrets.reduced`).

    Parameters
    ----------
    session
        A boto3 session with the right to read.
    out
        Folder to write to; files of the same names are replaced.
    account
        Twelve digits: the account that the session speaks for.
    regions
        Regions to ask; calls that are made once per account go through the first.
    calls
        Calls to make, a call after the one that gives its argument; by default all of
        :func:`~auditkit.exports.calls.api_calls`.

    Returns
    -------
    tuple of Path
        The files written, in the order of the calls.

    Raises
    ------
    CollectError
        The credentials have expired, or a file cannot be written.
    """
    folder = Folder(out)
    lanes = Lanes(workers=1, per_lane=1, stop=Event())
    asker = Asker(Clients(session, home=regions[0]), folder, account)
    walk = Walk(asker, lanes, regions=regions, table=tuple(api_calls() if calls is None else calls))
    walk.start()
    lanes.run()
    folder.close()
    return tuple(out / made.path for made in sorted(walk.made))


class Walk:
    """The calls of one account.

    Parameters
    ----------
    asker
        Asks the account.
    lanes
        Run the calls.
    regions, table
        As of :func:`collect`.
    told
        Called after each call with how many are done and how many are known so far.
    """

    def __init__(
        self,
        asker: Asker,
        lanes: Lanes,
        *,
        regions: Sequence[str],
        table: Sequence[ApiCall],
        told: Callable[[int, int], None] = lambda _done, _known: None,
    ) -> None:
        self._asker = asker
        self._lanes = lanes
        self._places = {region: number for number, region in enumerate((GLOBAL, *regions))}
        self._table = table
        self._told = told
        self._dependents: dict[tuple[str, str], list[int]] = {}
        for number, call in enumerate(table):
            for origin in dict.fromkeys((argument.service, argument.operation) for argument in call.arguments):
                self._dependents.setdefault(origin, []).append(number)
        self._everywhere = {(call.service, call.operation): call.everywhere for call in table}
        self._answers: dict[tuple[str, str, str], dict[int, Answer]] = {}
        self._open: dict[tuple[int, str], int] = {}
        self._finished: set[tuple[str, str, str]] = set()
        self._begun: set[tuple[int, str]] = set()
        self._known = 0
        self.made: list[Made] = []

    def start(self) -> None:
        """Queue the calls that need no other one's answer; the others follow as answers come in."""
        for number, call in enumerate(self._table):
            if not call.arguments:
                for region in self._regions_of(call):
                    self._begin(number, region)
        for number, call in enumerate(self._table):
            for region in self._regions_of(call):
                self._begin_if_told(number, region)

    def _regions_of(self, call: ApiCall) -> list[str]:
        return [region for region in self._places if (region == GLOBAL) == call.everywhere]

    def _begin_if_told(self, number: int, region: str) -> None:
        """Begin a call whose origins have all answered; what is not in the table need not."""
        origins = {(argument.service, argument.operation) for argument in self._table[number].arguments}
        told = all(
            origin not in self._everywhere
            or (*origin, GLOBAL if self._everywhere[origin] else region) in self._finished
            for origin in origins
        )
        if told and (number, region) not in self._begun:
            self._begin(number, region)

    def _begin(self, number: int, region: str) -> None:
        self._begun.add((number, region))
        call = self._table[number]
        asked = self._arguments(call, region)
        self._open[number, region] = len(asked)
        self._known += len(asked)
        for place, arguments in enumerate(asked):
            order = (number, self._places[region], place)
            work = partial(self._make, order, call, region, arguments)
            lane = f"{call.service} {region}"
            self._lanes.add(order, lane, work, partial(self._take, order, region, arguments))
        if not asked:
            self._finish(number, region)

    def _arguments(self, call: ApiCall, region: str) -> list[dict[str, Any]]:
        if not call.arguments:
            return [{}]
        found: list[dict[str, Any]] = []
        for argument in call.arguments:
            origin = (argument.service, argument.operation)
            told = self._answers.get((*origin, region)) or self._answers.get((*origin, GLOBAL), {})
            found += arguments_from(argument, [told[place] for place in sorted(told)])
        return found

    def _make(self, order: Order, call: ApiCall, region: str, arguments: dict[str, Any]) -> tuple[Made, dict[str, Any]]:
        """Return the answer to a call; this is what runs in threads."""
        return self._asker.answer(order, call, region, arguments, partial(self._ask, call, region, arguments))

    def _ask(self, call: ApiCall, region: str, arguments: dict[str, Any]) -> dict[str, Any]:
        client = self._asker.client(call.service, region)
        model = client.meta.service_model.operation_model(call.operation)
        requests = requests_of(call, arguments, model, region)
        return together(ask(client, call.operation, request, self._asker.patience) for request in requests)

    def _take(self, order: Order, region: str, arguments: dict[str, Any], told: tuple[Made, dict[str, Any]]) -> None:
        made, response = told
        number, _, place = order
        call = self._table[number]
        if (call.service, call.operation) in self._dependents:
            self._answers.setdefault((call.service, call.operation, region), {})[place] = (arguments, response)
        self.made.append(made)
        self._told(len(self.made), self._known)
        self._open[number, region] -= 1
        if not self._open[number, region]:
            self._finish(number, region)

    def _finish(self, number: int, region: str) -> None:
        """Begin what has waited for the answers to a call."""
        call = self._table[number]
        self._finished.add((call.service, call.operation, region))
        for dependent in self._dependents.get((call.service, call.operation), ()):
            places = self._regions_of(self._table[dependent])
            for place in places if call.everywhere else [region] if region in places else []:
                self._begin_if_told(dependent, place)
