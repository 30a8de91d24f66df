"""One question to an account: asked, reduced, written and noted; or answered by what an earlier run wrote."""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from auditkit.collect.clients import Clients
from auditkit.collect.code import digest_of
from auditkit.collect.files import file_of
from auditkit.collect.folder import Folder
from auditkit.collect.patience import Patience
from auditkit.exports.calls import ApiCall
from auditkit.exports.outcome import NOT_AVAILABLE, outcome
from auditkit.exports.secrets import reduced
from auditkit.inventory import CoverageState

__all__ = ["GLOBAL", "Asker", "Made", "Order"]

GLOBAL = "global"
Order = tuple[int, int, int]


class Made(msgspec.Struct, frozen=True, order=True):
    """A call that was made, or whose answer an earlier run left.

    Attributes
    ----------
    order
        Its place: of the call in the table, of the region, of the argument.
    region, service, operation
        What was asked, and where.
    path
        File of the answer, below the export.
    state, code
        As of :func:`auditkit.exports.outcome.outcome`.
    """

    order: Order
    region: str
    service: str
    operation: str
    path: str
    state: CoverageState
    code: str


class Asker:
    """Asks one account; may be used by several threads.

    Parameters
    ----------
    clients
        Clients of the account.
    folder
        Takes the answers.
    account
        Twelve digits.
    patience
        Of each request.
    again
        Whether a refusal that an earlier run met is asked again. What failed otherwise always is.
    """

    def __init__(
        self, clients: Clients, folder: Folder, account: str, *, patience: Patience | None = None, again: bool = False
    ) -> None:
        self.clients = clients
        self.folder = folder
        self.account = account
        self.patience = patience or Patience()
        self._again = again

    def answer(
        self,
        order: Order,
        call: ApiCall,
        region: str,
        arguments: Mapping[str, Any],
        ask: Callable[[], dict[str, Any]],
    ) -> tuple[Made, dict[str, Any]]:
        """Return what became of a call, and its answer; `ask` makes it where no earlier run has."""
        path = file_of(self.account, region, call.service, call.operation, arguments)
        response = self.folder.kept(path)
        if response is None or not self._holds(response, call):
            response = reduced(call.service, call.operation, self._available(call, region) or ask())
            self.folder.write_response(path, response)
        state, code = outcome(response, call)
        return Made(order, region, call.service, call.operation, str(path), state, code), response

    def package(
        self,
        order: Order,
        call: ApiCall,
        region: str,
        path: PurePosixPath,
        *,
        digest: str,
        ask: Callable[[], dict[str, Any]],
    ) -> Made:
        """Return what became of a package: `ask` gives it as ``Package``, where no earlier run has fetched it."""
        content = self.folder.kept_bytes(path)
        state, code = CoverageState.PRESENT, ""
        if content is None or (digest and digest_of(content) != digest):
            told = ask()
            if "Error" in told:
                state, code = outcome(told, call)
            else:
                self.folder.write(path, told["Package"])
        return Made(order, region, call.service, call.operation, str(path), state, code)

    def _holds(self, response: Mapping[str, Any], call: ApiCall) -> bool:
        """Return whether an answer stands: a failure never does."""
        state, code = outcome(response, call)
        return not code or state is CoverageState.EMPTY or (state is CoverageState.DENIED and not self._again)

    def _available(self, call: ApiCall, region: str) -> dict[str, Any] | None:
        if region == GLOBAL or self.clients.available(call.service, region):
            return None
        return {"Error": {"Code": NOT_AVAILABLE, "Message": f"{call.service} has no endpoint in {region}"}}

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 -- boto3 has no types
        """Return the client of a service in a region, or for the whole account."""
        return self.clients.of(service, None if region == GLOBAL else region)
