"""CloudTrail: events by the million, added up as they pass.

Read are the files that CloudTrail delivers (``{"Records": [...]}``, packed or not), the same as an array or one event
per line, what ``lookup-events`` gives, and results of CloudTrail Lake. Kept is, for each principal, action, resource,
region and error, how many calls there were, and when the first and the last was made: never their parameters, which may
hold secrets, nor the keys of objects.
"""

import re
from collections.abc import Iterator
from hashlib import sha256

from auditkit.exports._bytes import Readable
from auditkit.exports._reading import Reading, Response
from auditkit.exports.side import lake
from auditkit.exports.side._events import TrailEvent
from auditkit.exports.side._queues import is_queue
from auditkit.exports.side._streams import Batch, array_batches, line_batches
from auditkit.exports.side._tally import MOST_KEYS, Key, Seen, Tally, store_of
from auditkit.exports.side.lake import decoded, event_of
from auditkit.inventory import Source
from auditkit.inventory.arguments import resource_named
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.evidence.observed import ActivityLog, ObservedCall, Observer, Party

__all__ = ["Trails", "is_digest", "is_log"]

_FIELDS = (
    b"additionalEventData|apiVersion|awsRegion|errorCode|errorMessage|event(?:Version|Time|Source|Name|ID|Type|Category)|"
    b"managementEvent|readOnly|recipientAccountId|requestParameters|requestID|resources|responseElements|"
    b"sharedEventID|sourceIPAddress|tlsDetails|userAgent|userIdentity"
)
_LOG = re.compile(rb'\s*(?:\{\s*"Records"\s*:\s*)?(?:\[\s*)?\{\s*"(?:' + _FIELDS + rb')"\s*:')
_EVENT = re.compile(rb'"eventSource"\s*:\s*"[a-z0-9.-]+\.amazonaws\.com"')
_EMPTY = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[\s*\]\s*\}\s*')
_NAMED = re.compile(r"cloudtrail", re.IGNORECASE)
_ARRAY = re.compile(rb'\s*(?:\{\s*"Records"\s*:\s*)?\[')
_BETWEEN = b'},{"eventVersion":'
_HEAD = 1 << 16
_MOST_FAULTS = 100
_ACTION_SERVICES = {  # event source -> prefix in policies, where they differ
    "monitoring": "cloudwatch",
    "email": "ses",
}


def is_log(path: str, head: bytes) -> bool:
    """Return whether a file is a log of CloudTrail, by its path and the beginning of its content."""
    if lake.is_table(head):
        return True
    if _LOG.match(head):
        return _EVENT.search(head) is not None  # a function's event from S3 or DynamoDB has records too
    return _NAMED.search(path) is not None and _EMPTY.fullmatch(head) is not None


class _Behind:
    """A stream of which the head was read already."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        head, self._head = self._head, b""
        return head or self._rest.read(size)


def is_digest(path: str) -> bool:
    """Return whether a file is one by which CloudTrail's own log files can be verified."""
    return "/CloudTrail-Digest/" in path or "_CloudTrail-Digest_" in path


class Trails:
    """Adds up the events of all files.

    Parameters
    ----------
    reading
        Takes notes, and in the end the records.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._tally = Tally()
        self._total = Tally()
        self._digests: set[str] = set()

    # ------------------------------------------------------------ files

    def read(self, stream: Readable, source: Source) -> None:
        """Read a file of events; :meth:`settle` adds it up.

        Raises
        ------
        JsonError
            It is not what it should be; the events before that were taken.
        """
        head = stream.read(_HEAD)
        if lake.is_table(head):
            self._read_table(_Behind(head, stream), source)
            return
        opening = _ARRAY.match(head)
        batches: Iterator[Batch[TrailEvent]]
        if opening:
            place = source.at("Records") if b"{" in opening.group() else source
            batches = array_batches(stream, head[opening.end() :], TrailEvent, _BETWEEN)
        else:
            place = source
            batches = line_batches(stream, head, TrailEvent)
        faults = 0
        for batch in batches:
            self._tally.take(batch.items, place, batch.first)
            for index, fault in batch.faults.items():
                faults += 1
                if faults <= _MOST_FAULTS:
                    self._reading.not_read(place.at(index), fault)
        if faults > _MOST_FAULTS:
            self._reading.not_read(source, f"{faults:,} events could not be read; the first {_MOST_FAULTS} are listed")

    def _read_table(self, stream: Readable, source: Source) -> None:
        bad = 0
        for index, event in enumerate(lake.csv_events(stream), 1):
            bad += event is None
            self._tally.take([event], source, index)
        if bad:
            self._reading.not_read(source, f"{bad:,} rows do not tell a call")

    def settle(self, digest: str) -> None:
        """Add up what was read since; a file that was read before, by its digest, does not count again."""
        if digest not in self._digests:
            self._digests.add(digest)
            self._total.add(self._tally)
        self._tally = Tally()

    def read_lookup(self, response: Response, reading: Reading) -> None:
        """Read what ``cloudtrail lookup-events`` gives."""
        for index, item, source in reading.items(response, "Events"):
            event = decoded(item.get("CloudTrailEvent"))
            if event is None:
                reading.not_read(source, "wrong shape: no event of CloudTrail")
            else:
                self._tally.take([event], response.at("Events"), index)
        self.settle(response.source.file)

    def read_query(self, response: Response, reading: Reading) -> None:
        """Read what ``cloudtrail get-query-results`` gives."""
        for index, cells in enumerate(reading.value(list, response, "QueryResultRows") or []):
            columns = [cell for cell in (cells if isinstance(cells, list) else ()) if isinstance(cell, dict)]
            event = event_of({name: value for cell in columns for name, value in cell.items()})
            if event is None:
                reading.not_read(response.at("QueryResultRows", index), "its columns do not tell a call")
            else:
                self._tally.take([event], response.at("QueryResultRows"), index)
        self.settle(response.source.file)

    # ------------------------------------------------------------ records

    def finish(self) -> None:
        """Hand the records over."""
        total, self._total = self._total, Tally()
        if total.crowded:
            place = Source(min(log.source for log in total.logs.values()).file)
            reason = f"more than {MOST_KEYS:,} kinds of calls: sessions and resources of the rest are added up"
            self._reading.not_read(place, reason)
        for key, seen in total.seen.items():
            self._reading.add(_record(key, seen))
        for (account, region), log in total.logs.items():
            self._reading.add(
                ActivityLog(
                    id=f"activity-log:{account}:{region}",
                    account=account,
                    region=region,
                    name=f"CloudTrail {region}",
                    sources=(log.source,),
                    first=log.first,
                    last=log.last,
                    events=dict(sorted(log.events.items())),
                    data_services=tuple(sorted(log.data_services)),
                )
            )


def _record(key: Key, seen: Seen) -> ObservedCall:
    who, issuer, invoked_by, event_source, name, region, account, error, resource = key
    service = event_source.removesuffix(".amazonaws.com").removesuffix(".amazonaws.com.cn")
    prefix = _ACTION_SERVICES.get(service, service)
    return ObservedCall(
        id="observed:" + sha256("\x00".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:24],
        account=account,
        region=region,
        name=f"{prefix}:{name}",
        sources=(seen.source,),
        observer=Observer.TRAIL,
        caller=_caller(who, issuer, invoked_by),
        target=Party(arn=_target(prefix, resource, account, region)),
        action=f"{prefix}:{_api_name(prefix, name)}",
        error=error,
        count=seen.count,
        first=seen.first,
        last=seen.last,
    )


def _api_name(service: str, name: str) -> str:
    """Return the name of an action as policies have it: Lambda's events carry the version of its API."""
    bare = re.sub(r"20\d{6}(?:v\d)?$", "", name) if service == "lambda" else name
    return "InvokeFunction" if service == "lambda" and bare in {"Invoke", "InvokeExecution"} else bare


def _caller(who: str, issuer: str, invoked_by: str) -> Party:
    arn = parse_arn(who)
    if arn is None:
        return Party(arn=f"arn:aws:iam::{who}:root" if who.isdigit() else "", service=invoked_by)
    kind, _, rest = arn.resource.partition("/")
    if arn.service == "sts" and kind == "assumed-role":
        role, _, session = rest.partition("/")
        own = issuer if issuer.rpartition("/")[2] == role else str(arn._replace(service="iam", resource=f"role/{role}"))
        return Party(arn=own, session=session, service=invoked_by)
    return Party(arn=issuer if kind == "federated-user" and issuer else who, service=invoked_by)


def _target(service: str, resource: str, account: str, region: str) -> str:
    """Return the ARN of what a call was made for, or the address of a queue; ``""`` for any other text."""
    argument, _, value = resource.partition("=")
    found = resource
    if parse_arn(resource) is None and argument != "RoleArn":
        found = store_of(resource_named(service, argument, value, {"account": account, "region": region}))
    elif argument == "RoleArn":
        found = value
    return found if parse_arn(found) is not None or is_queue(found) else ""
