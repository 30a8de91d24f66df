"""API JSON: one file per API call, or per call and resource.

The layout is ``<account>/<region>/<service>-<operation>.json`` and ``.../<service>-<operation>/<quoted id>.json``; a
flat folder is read too, account and region then come from the ARNs in the content.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from auditkit.exports._coverage import CoverageBook, resource_name
from auditkit.exports._json import JsonError, as_utf8, parse_json, parse_json_lines
from auditkit.exports._reading import Reading, Response
from auditkit.exports.calls import ApiCall
from auditkit.exports.detect import Place, is_region
from auditkit.exports.gaad import Details, read_details
from auditkit.exports.outcome import outcome
from auditkit.exports.secrets import reduced
from auditkit.exports.services import HANDLERS
from auditkit.inventory import Call, CoverageState, Source

__all__ = ["ApiJson", "Content", "parse_content"]

_GLOBAL = "global"
_PLACED_ARN = re.compile(rb"arn:aws[a-z-]*:([a-z0-9-]+):([a-z0-9-]*):(\d{12}):(layer:)?")
_QUEUE_URL = re.compile(rb"sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(\d{12})/")
_ACCOUNT_FIELD = re.compile(rb'"(?:Account|AccountId|OwnerId|AWSAccountId)"\s*:\s*"(\d{12})"')
_NAMESPACE = {
    "stepfunctions": "states",
    "elbv2": "elasticloadbalancing",
    "efs": "elasticfilesystem",
    "opensearch": "es",
}
_CLI_ERROR = re.compile(r"An error occurred \((?P<code>[\w.]+)\) when calling the (?P<operation>\w+) operation")
_TOKENS = frozenset(
    {
        "NextToken",
        "nextToken",
        "NextMarker",
        "nextMarker",
        "NextContinuationToken",
        "ContinuationToken",
        "LastEvaluatedTableName",
        "PaginationToken",
        "position",
        "nextPageToken",
    }
)
_MORE = frozenset({"IsTruncated", "Truncated", "HasMoreStreams", "HasMoreDeliveryStreams", "HasMoreTags"})
_IGNORED = frozenset({"ResponseMetadata", "$metadata"})


class Content(msgspec.Struct):
    """Content of a file: one response, put together from its pages where there are several.

    Attributes
    ----------
    payload
        The response.
    pages
        As of :class:`~auditkit.exports._reading.Response`.
    complete
        False where the last page names a next one.
    """

    payload: dict[str, Any]
    pages: dict[str, tuple[tuple[int, str], ...]] = {}
    complete: bool = True


def parse_content(data: bytes, results: tuple[str, ...] = ()) -> Content:
    """Return the content of a file.

    Parameters
    ----------
    data
        A response as JSON, a list of pages, or pages one after the other; of a listing also its bare items, as
        ``--query`` leaves them; also the message that the command line of AWS prints for a refused call.
    results
        Keys of the call's results, where the call is known.

    Raises
    ------
    JsonError
        It is none of these.
    """
    error = _cli_error(data)
    if error is not None:
        return Content({"Error": error})
    try:
        value = parse_json(data)
    except JsonError as failure:
        if "trailing characters" not in str(failure):
            raise
        value = parse_json_lines(data)
    if isinstance(value, list):
        return _joined(value, results)
    if not isinstance(value, dict):
        raise JsonError("neither an object nor a list")
    return Content(value, complete=not _names_more(value))


def _cli_error(data: bytes) -> dict[str, str] | None:
    head = data[:2000]
    if b"An error occurred (" not in head and b"A\x00n\x00 \x00e\x00" not in head:
        return None
    text = as_utf8(data).decode("utf-8", "replace")
    match = _CLI_ERROR.search(text) if not text.lstrip().startswith(("{", "[")) else None
    return {"Code": match["code"], "Message": ""} if match else None


def _joined(values: list[Any], results: tuple[str, ...]) -> Content:
    """Put pages together, or take a list of items for the one list that the call gives."""
    if not all(isinstance(value, dict) for value in values) or not any(value.keys() & set(results) for value in values):
        if len(results) == 1 and values:
            return Content({results[0]: values}, {results[0]: ((0, ""),)})
        raise JsonError("a list that is neither pages of a response nor its items")
    payload: dict[str, Any] = {}
    pages: dict[str, list[tuple[int, str]]] = {}
    for number, page in enumerate(values):
        for key, value in page.items():
            if isinstance(value, list) and isinstance(payload.get(key, []), list):
                items = payload.setdefault(key, [])
                pages.setdefault(key, []).append((len(items), f"/{number}/{key.replace('~', '~0').replace('/', '~1')}"))
                items.extend(value)
            else:
                payload.setdefault(key, value)
    complete = not _names_more(values[-1])
    for mark in _TOKENS | _MORE:
        payload.pop(mark, None)
    return Content(payload, {key: tuple(starts) for key, starts in pages.items()}, complete)


def _names_more(payload: Mapping[str, Any]) -> bool:
    if any(payload.get(token) for token in _TOKENS) or any(payload.get(flag) is True for flag in _MORE):
        return True
    return any(isinstance(value, dict) and any(value.get(flag) is True for flag in _MORE) for value in payload.values())


class _Waiting(msgspec.Struct):
    """A response whose account, region or argument shows only when the rest of the export has been read."""

    file: str
    place: Place
    call: ApiCall
    content: Content


class ApiJson:
    """Reads the files of one export.

    Parameters
    ----------
    reading, book
        Take what the files say.
    """

    def __init__(self, reading: Reading, book: CoverageBook) -> None:
        self._reading = reading
        self._book = book
        self._waiting: list[_Waiting] = []
        self._details: list[tuple[str, ApiCall, Details]] = []
        self._places: Counter[tuple[str, str]] = Counter()

    def read(self, file: str, place: Place, call: ApiCall, data: bytes) -> None:
        """Read a file that answers a call."""
        if (call.service, call.operation) == ("iam", "GetAccountAuthorizationDetails"):
            self._read_details(file, place, call, data)
            return
        try:
            content = parse_content(data, call.results)
        except JsonError as error:
            self.failed(file, place, call, f"not JSON: {error}")
            return
        account, region = self._located(place, call, data)
        place = msgspec.structs.replace(place, account=account, region=region)
        self._mention(data)
        if account:
            self._places[account, region] += 1
        cut = bool(place.arguments) and re.search(r"=[0-9a-f]{16}$", place.arguments[-1]) is not None
        if not account or not region or cut:
            self._waiting.append(_Waiting(file, place, call, content))
        else:
            self._take(file, place, call, content)

    def failed(self, file: str, place: Place, call: ApiCall, reason: str) -> None:
        """Note that the file of a known call could not be read."""
        source = Source(file)
        self._reading.not_read(source, reason)
        region = _GLOBAL if call.everywhere else place.region
        self._book.see(
            Call(
                place.account,
                region,
                call.service,
                call.operation,
                resource_name(place.arguments),
                complete=False,
                detail="its file could not be read",
                source=source,
            )
        )

    def finish(self) -> None:
        """Read what had to wait: files whose account or region only the others show, and cut names."""
        accounts = {account for account, _ in self._places}
        regions = {region for _, region in self._places if region not in {"", _GLOBAL}}
        account = accounts.pop() if len(accounts) == 1 else ""
        region = regions.pop() if len(regions) == 1 else ""
        for file, call, details in self._details:
            self._cover(file, call, details, details.account or account)
        self._details.clear()
        waiting = sorted(self._waiting, key=lambda item: (bool(item.place.arguments), item.file))
        self._waiting.clear()
        for item in waiting:
            place = msgspec.structs.replace(
                item.place, account=item.place.account or account, region=item.place.region or region
            )
            if place.arguments and "=" in place.arguments[-1]:
                name = ",".join(place.arguments)
                whole = self._book.shortened(place.account, place.region, item.call, name)
                place = msgspec.structs.replace(place, arguments=whole or place.arguments)
            self._take(item.file, place, item.call, item.content)

    def _located(self, place: Place, call: ApiCall, data: bytes) -> tuple[str, str]:
        """Return account and region: of the path, else of the ARNs in the content as far as they agree."""
        region = _GLOBAL if call.everywhere else place.region
        if place.account and region:
            return place.account, region
        text = as_utf8(data)
        namespace = _NAMESPACE.get(call.service, call.service).encode()
        found = {(match[1], match[2], match[3]) for match in _PLACED_ARN.finditer(text) if not match[4]}
        found |= {(b"sqs", match[1], match[2]) for match in _QUEUE_URL.finditer(text)}
        own = {item for item in found if item[0] == namespace} or found
        accounts = {item[2] for item in own} or {match[1] for match in _ACCOUNT_FIELD.finditer(text)}
        regions = {item[1] for item in own if item[1]}
        account = accounts.pop().decode() if len(accounts) == 1 else ""
        return place.account or account, region or (regions.pop().decode() if len(regions) == 1 else "")

    def _mention(self, data: bytes) -> None:
        for _, region, account, _ in set(_PLACED_ARN.findall(as_utf8(data))):
            if is_region(region.decode()):
                self._book.mention(account.decode(), region.decode())

    def _read_details(self, file: str, place: Place, call: ApiCall, data: bytes) -> None:
        try:
            error = _cli_error(data)
            found = read_details(data, Source(file), place.account, self._reading) if error is None else None
        except JsonError as failure:
            self.failed(file, place, call, f"not JSON: {failure}")
            return
        if found is None:
            self._take(file, place, call, Content({"Error": error}))
            return
        if found.account:
            self._places[found.account, _GLOBAL] += 1
        self._details.append((file, call, found))

    def _cover(self, file: str, call: ApiCall, details: Details, account: str) -> None:
        self._book.respond(account, _GLOBAL, call, (), details.names)
        self._book.see(
            Call(
                account,
                _GLOBAL,
                call.service,
                call.operation,
                state=CoverageState.PRESENT if details.names else CoverageState.EMPTY,
                complete=not details.incomplete,
                detail=details.incomplete,
                source=Source(file),
            )
        )

    def _take(self, file: str, place: Place, call: ApiCall, content: Content) -> None:
        source = Source(file)
        region = _GLOBAL if call.everywhere else place.region
        payload = {key: value for key, value in content.payload.items() if key not in _IGNORED}
        state, detail = outcome(payload, call)
        complete = content.complete
        if not complete:
            detail = "a next page is named and missing"
            self._reading.not_read(source, detail)
        if "Error" in payload and state is not CoverageState.EMPTY:
            complete = True
        elif "Error" in payload:
            payload = {}
        if state in {CoverageState.PRESENT, CoverageState.EMPTY}:
            cleaned = reduced(call.service, call.operation, payload)
            response = Response(
                service=call.service,
                operation=call.operation,
                account=place.account,
                region=region,
                arguments=place.arguments,
                payload=cleaned,
                source=source,
                pages=content.pages,
            )
            self._book.respond(place.account, region, call, place.arguments, payload)
            handler = HANDLERS.get((call.service, call.operation))
            if handler is not None:
                handler(response, self._reading)
        self._book.see(
            Call(
                place.account,
                region,
                call.service,
                call.operation,
                resource_name(place.arguments),
                state,
                complete,
                detail,
                source,
            )
        )
