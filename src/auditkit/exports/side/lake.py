"""Results of queries of CloudTrail Lake: from its API, and as CSV from the bucket that it saves them to.

Needed are the columns ``eventTime``, ``eventSource`` and ``eventName``, or ``eventJson``; used are those of the same
names as an event's fields, ``userIdentity`` as a whole or its parts. Case does not count.
"""

import csv
import re
from collections.abc import Iterator, Mapping

import msgspec

from auditkit.exports._bytes import Readable
from auditkit.exports._json import JsonError
from auditkit.exports.side._events import Identity, TrailEvent

__all__ = ["csv_events", "decoded", "event_of", "is_table"]

_PIECE = 1 << 20
_LONGEST = 8 << 20
_STRUCTURE = re.compile(r"(?:^|[{, ])(arn|accountId|accountid|invokedBy|invokedby)=([^,{}\s]+)")


def is_table(head: bytes) -> bool:
    """Return whether a file that begins so is a table of events."""
    line = head.partition(b"\n")[0].lower()
    columns = {column.strip(b'" \r\t\xef\xbb\xbf').rpartition(b".")[2] for column in line.split(b",")}
    return columns >= {b"eventtime", b"eventsource", b"eventname"} or b"eventjson" in columns


def csv_events(stream: Readable) -> Iterator[TrailEvent | None]:
    """Yield the event of each row of a table, ``None`` for one that does not tell a call.

    Raises
    ------
    JsonError
        It is no table.
    """
    try:
        for row in csv.DictReader(_lines(stream)):
            yield event_of({name: value for name, value in row.items() if isinstance(name, str)})
    except csv.Error:
        raise JsonError("no table of comma-separated values") from None


def _lines(stream: Readable) -> Iterator[str]:
    rest = b""
    while piece := stream.read(_PIECE):
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > _LONGEST:
            raise JsonError(f"a line is longer than {_LONGEST:,} bytes")
        yield from (line.decode("utf-8-sig", "replace").replace("\x00", "") + "\n" for line in lines)
    if rest:
        yield rest.decode("utf-8-sig", "replace").replace("\x00", "")


def decoded(text: object) -> TrailEvent | None:
    """Return an event from its text, ``None`` for what is none."""
    try:
        return msgspec.json.decode(text, type=TrailEvent) if isinstance(text, str) else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def event_of(row: Mapping[str, object]) -> TrailEvent | None:
    """Return the event of a row, ``None`` where its columns do not tell a call."""
    columns = {
        name.rpartition(".")[2].lower(): value for name, value in row.items() if isinstance(value, str) and value
    }
    if "eventjson" in columns:
        return decoded(columns["eventjson"])
    if not {"eventtime", "eventsource", "eventname"} <= columns.keys():
        return None
    said = {name.lower(): value for name, value in _STRUCTURE.findall(columns.get("useridentity", ""))}
    said |= columns
    day, _, time = columns["eventtime"].partition(" ")  # "2026-03-01 12:30:00.000"
    return TrailEvent(
        event_time=f"{day}T{time[:8]}Z" if time else day,
        event_source=columns["eventsource"],
        event_name=columns["eventname"],
        aws_region=columns.get("awsregion"),
        recipient_account_id=columns.get("recipientaccountid"),
        error_code=columns.get("errorcode"),
        event_category=columns.get("eventcategory"),
        user_identity=Identity(arn=said.get("arn"), account_id=said.get("accountid"), invoked_by=said.get("invokedby")),
    )
