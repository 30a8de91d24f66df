"""The walk through the table of calls: each one is made for what the answers before it named."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import boto3

from auditkit.collect.arguments import parameters
from auditkit.collect.files import encoded, file_of
from auditkit.collect.requests import ask
from auditkit.exports.calls import Answer, ApiCall, api_calls, arguments_from
from auditkit.exports.secrets import reduced

__all__ = ["collect"]

GLOBAL = "global"


def collect(
    session: boto3.session.Session,
    out: Path,
    *,
    account: str,
    regions: Sequence[str],
    calls: Iterable[ApiCall] | None = None,
) -> tuple[Path, ...]:
    """Ask an account everything that auditkit reads, and write the answers as an API JSON export.

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
    """
    table = tuple(api_calls() if calls is None else calls)
    walk = _Walk(session, out, account=account, regions=regions, table=table)
    for call in table:
        for region in (GLOBAL,) if call.everywhere else regions:
            walk.make(call, region)
    return tuple(walk.written)


class _Walk:
    """What a walk carries: its clients, and the answers that later calls take their arguments from."""

    def __init__(
        self,
        session: boto3.session.Session,
        out: Path,
        *,
        account: str,
        regions: Sequence[str],
        table: Iterable[ApiCall],
    ) -> None:
        self._session: Any = session  # typed per service where stubs are installed; here the service is data
        self._made: dict[tuple[str, str], Any] = {}
        self._out = out
        self._account = account
        self._regions = regions
        self._origins = {(call.argument.service, call.argument.operation) for call in table if call.argument}
        self._answers: dict[tuple[str, str, str], list[Answer]] = {}
        self.written: list[Path] = []

    def make(self, call: ApiCall, region: str) -> None:
        """Make a call for all its arguments and write what came back."""
        client = self._client(call.service, region)
        model = client.meta.service_model.operation_model(call.operation)
        for arguments in self._arguments(call, region):
            response = ask(client, call.operation, parameters(call, arguments, model))
            if (call.service, call.operation) in self._origins:
                self._answers.setdefault((call.service, call.operation, region), []).append((arguments, response))
            path = self._out / file_of(self._account, region, call.service, call.operation, arguments)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(reduced(call.service, call.operation, response)))
            self.written.append(path)

    def _arguments(self, call: ApiCall, region: str) -> list[dict[str, Any]]:
        if call.argument is None:
            return [{}]
        origin = (call.argument.service, call.argument.operation)
        answers = self._answers.get((*origin, region)) or self._answers.get((*origin, GLOBAL), [])
        return arguments_from(call.argument, answers)

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 -- boto3 has no types
        where = self._regions[0] if region == GLOBAL else region
        if (service, where) not in self._made:
            self._made[service, where] = self._session.client(service, region_name=where)
        return self._made[service, where]
