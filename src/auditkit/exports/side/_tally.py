"""Events of CloudTrail added up."""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from auditkit.exports.side._events import Identity, RequestParameters, TrailEvent
from auditkit.inventory import Source

__all__ = ["MOST_KEYS", "Key", "Seen", "Tally", "store_of"]

MOST_KEYS = 500_000
"""Most kinds of calls that are told apart; above it sessions and resources are added up."""

_MOST_PLACES = 10_000
_SKIPPED = frozenset({"Insight"})
_CATEGORIES = frozenset({"Management", "Data", "NetworkActivity"})
_PARAMETERS = {  # request parameter -> the name that the table of arguments has for it
    "bucket_name": "Bucket",
    "delivery_stream_name": "DeliveryStreamName",
    "event_bus_name": "EventBusName",
    "function_name": "FunctionName",
    "key_id": "KeyId",
    "log_group_name": "LogGroupName",
    "name": "Name",
    "queue_url": "QueueUrl",
    "repository_name": "RepositoryName",
    "role_arn": "RoleArn",
    "secret_id": "SecretId",
    "state_machine_arn": "StateMachineArn",
    "stream_arn": "StreamARN",
    "stream_name": "StreamName",
    "table_name": "TableName",
    "topic_arn": "TopicArn",
}


_NOBODY = Identity()
Key = tuple[str, str, str, str, str, str, str, str, str]
# identity's ARN or account, issuer's ARN, invoked by, event source, event name, region, account, error, resource


class Seen(msgspec.Struct):
    """Calls of one key, and one of them: its index in the list at a place."""

    count: int
    first: str
    last: str
    place: Source
    index: int

    @property
    def source(self) -> Source:
        """Where one of the calls stands."""
        return self.place.at(self.index)

    def add(self, other: "Seen") -> None:
        self.count += other.count
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.place, self.index = min((self.place, self.index), (other.place, other.index))


class _Log(msgspec.Struct):
    """What was seen of the log of an account's region."""

    first: str
    last: str
    events: dict[str, int]
    data_services: set[str]
    source: Source

    def add(self, other: "_Log") -> None:
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        for category, count in other.events.items():
            self.events[category] = self.events.get(category, 0) + count
        self.data_services |= other.data_services
        self.source = min(self.source, other.source)


class Tally:
    """Events added up."""

    def __init__(self) -> None:
        self.seen: dict[Key, Seen] = {}
        self.logs: dict[tuple[str, str], _Log] = {}
        self.crowded = False

    def take(self, events: Iterable[TrailEvent | None], source: Source, first: int) -> None:
        """Count events, the first of which has this index."""
        seen = self.seen
        for index, event in enumerate(events, first):
            if event is None or event.event_category in _SKIPPED:
                continue
            who = event.user_identity or _NOBODY
            context = who.session_context
            issuer = context.session_issuer if context is not None else None
            time = event.event_time
            for resource in _resources_of(event):
                key = (
                    who.arn or who.account_id or "",
                    (issuer.arn or "") if issuer is not None else "",
                    who.invoked_by or "",
                    event.event_source,
                    event.event_name,
                    event.aws_region or "",
                    event.recipient_account_id or "",
                    event.error_code or "",
                    resource,
                )
                found = seen.get(key)
                if found is None:
                    self._put(key, Seen(1, time, time, source, index))
                    continue
                found.count += 1
                if time < found.first:
                    found.first = time
                elif time > found.last:
                    found.last = time
            self._log(event, time, source)

    def add(self, other: "Tally") -> None:
        """Count what another one has counted."""
        for key, seen in other.seen.items():
            found = self.seen.get(key)
            if found is None:
                self._put(key, seen)
            else:
                found.add(seen)
        for place, log in other.logs.items():
            known = self.logs.get(place)
            if known is None:
                self.logs[place] = log
            else:
                known.add(log)
        self.crowded = self.crowded or other.crowded

    def _put(self, key: Key, seen: Seen) -> None:
        """Keep a key that is new; where there are too many only its coarse form is told apart."""
        if len(self.seen) < MOST_KEYS:
            self.seen[key] = seen
            return
        self.crowded = True
        for rough in (_coarse(key), ("", "", "", *key[3:5], "", "", "", "")):
            if rough in self.seen:
                self.seen[rough].add(seen)
                return
            if len(self.seen) < 2 * MOST_KEYS:
                self.seen[rough] = seen
                return

    def _log(self, event: TrailEvent, time: str, source: Source) -> None:
        place = (event.recipient_account_id or "", event.aws_region or "")
        log = self.logs.get(place)
        if log is None:
            if len(self.logs) >= _MOST_PLACES:
                return
            log = self.logs[place] = _Log(time, time, {}, set(), source)
        if time < log.first:
            log.first = time
        elif time > log.last:
            log.last = time
        category = event.event_category or ("Data" if event.management_event is False else "Management")
        if category not in _CATEGORIES:
            category = "other"
        log.events[category] = log.events.get(category, 0) + 1
        if category == "Data" and len(log.data_services) < _MOST_PLACES:
            log.data_services.add(event.event_source)


def _coarse(key: Key) -> Key:
    """Return a key without session and resource."""
    who = key[0].rpartition("/")[0] if ":assumed-role/" in key[0] else key[0]
    return (who, *key[1:8], "")


@lru_cache(maxsize=1 << 16)
def store_of(arn: str) -> str:
    """Return the ARN of what a resource lies in: of the bucket for an object."""
    return arn.partition("/")[0] if arn.startswith("arn:") and ":s3:::" in arn[:24] else arn


def _resources_of(event: TrailEvent) -> Iterable[str]:
    """Return the ARNs, names or addresses of what an event was done to; one empty text where it does not say."""
    resources = event.resources
    if resources:
        if len(resources) == 1:
            arn = resources[0].arn
            return (store_of(arn),) if arn else ("",)
        found = {store_of(resource.arn) for resource in resources if resource.arn}
        return found or ("",)
    parameters = event.request_parameters
    if not isinstance(parameters, RequestParameters):
        return ("",)
    for name, argument in _PARAMETERS.items():
        value = getattr(parameters, name)
        if isinstance(value, str):
            return (f"{argument}={value}",)
    return ("",)
