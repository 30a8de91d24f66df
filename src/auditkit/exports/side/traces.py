"""X-Ray: the service graph, summaries of traces, and traces themselves.

The graph says who calls whom, and not what for; a trace says the operation too. Names are kept as X-Ray gives them, and
made ARNs where kind, account and region are told. Of web addresses scheme and host are kept, of users nothing.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._reading import Reading, Response
from auditkit.exports.side._queues import is_queue
from auditkit.inventory import Source
from auditkit.inventory.arguments import service_of
from auditkit.inventory.arn import arn_of, parse_arn
from auditkit.inventory.evidence.observed import ObservedCall, Observer, Party
from auditkit.inventory.moments import Moment, utc_second
from auditkit.inventory.origins import origin

__all__ = ["Traces"]

_DEPTH = 16
_NAME = 512
_MOST_OPERANDS = 100
_RESOURCES = {  # type -> service and resource of the ARN
    "AWS::Lambda": ("lambda", "function:{}"),
    "AWS::Lambda::Function": ("lambda", "function:{}"),
    "AWS::DynamoDB::Table": ("dynamodb", "table/{}"),
    "AWS::SQS::Queue": ("sqs", "{}"),
    "AWS::SNS": ("sns", "{}"),
    "AWS::SNS::Topic": ("sns", "{}"),
    "AWS::S3::Bucket": ("s3", "{}"),
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:{}"),
    "AWS::Kinesis::Stream": ("kinesis", "stream/{}"),
}
_OPERANDS = (  # field of a call to AWS -> type of what it names
    ("table_name", "AWS::DynamoDB::Table"),
    ("table_names", "AWS::DynamoDB::Table"),
    ("queue_url", "AWS::SQS::Queue"),
    ("topic_arn", "AWS::SNS::Topic"),
    ("bucket_name", "AWS::S3::Bucket"),
    ("function_name", "AWS::Lambda::Function"),
    ("stream_name", "AWS::Kinesis::Stream"),
    ("state_machine_arn", "AWS::StepFunctions::StateMachine"),
    ("secret_id", "AWS::SecretsManager::Secret"),
)
_NAMESPACES = {"eventbridge": "events", "cloudwatch": "cloudwatch", "stepfunctions": "states"}


class _Statistics(msgspec.Struct, rename="pascal"):
    """API shape ``EdgeStatistics``."""

    ok_count: int = 0
    total_count: int = 0


class _Edge(msgspec.Struct, rename="pascal"):
    """API shape ``Edge``."""

    reference_id: int
    start_time: Moment = None
    end_time: Moment = None
    summary_statistics: _Statistics | None = None


class _Service(msgspec.Struct, rename="pascal"):
    """API shape ``Service``."""

    name: str = ""
    names: tuple[str, ...] = ()
    reference_id: int = -1
    account_id: str = ""
    type: str = ""


class _Resource(msgspec.Struct, rename="pascal"):
    """API shape ``ResourceARNDetail``."""

    arn: str = msgspec.field(name="ARN", default="")


class _Summary(msgspec.Struct, rename="pascal"):
    """API shape ``TraceSummary``."""

    id: str = ""
    start_time: Moment = None
    resource_arns: tuple[_Resource, ...] = msgspec.field(name="ResourceARNs", default=())


class _Key(NamedTuple):
    caller: Party
    target: Party
    action: str
    error: str
    account: str
    region: str


class _Seen(msgspec.Struct):
    count: int
    first: str
    last: str
    source: Source


class Traces:
    """Adds up what graphs and traces show."""

    def __init__(self) -> None:
        self._seen: dict[_Key, _Seen] = {}

    # ------------------------------------------------------------ graph

    def read_graph(self, response: Response, reading: Reading) -> None:
        """Read what ``xray get-service-graph`` gives."""
        services: dict[int, Party] = {}
        edges: list[tuple[Party, _Edge, Source, str]] = []
        for index, item, source in reading.items(response, "Services"):
            service = reading.decode(_Service, item, source)
            if service is None:
                continue
            account = service.account_id or response.account
            party = services[service.reference_id] = _party(service.name, service.type, account, response.region)
            for _, link, place in reading.items(response, "Services", index, "Edges"):
                edge = reading.decode(_Edge, link, place)
                if edge is not None:
                    edges.append((party, edge, place, account))
        for caller, edge, source, account in edges:
            target = services.get(edge.reference_id)
            if target is None:
                reading.not_read(source, "it leads to a service that is not in the graph")
                continue
            counts = edge.summary_statistics or _Statistics(ok_count=1, total_count=1)
            times = (utc_second(edge.start_time), utc_second(edge.end_time))
            for error, count in (("", counts.ok_count), ("fault", counts.total_count - counts.ok_count)):
                if count > 0:
                    self._add(_Key(caller, target, "", error, account, response.region), times, source, count)

    # ------------------------------------------------------------ traces

    def read_summaries(self, response: Response, reading: Reading) -> None:
        """Read what ``xray get-trace-summaries`` gives: which resources took part in traces, and when."""
        for _, item, source in reading.items(response, "TraceSummaries"):
            summary = reading.decode(_Summary, item, source)
            if summary is None:
                continue
            time = utc_second(summary.start_time) or _time_of(summary.id)
            for resource in summary.resource_arns:
                arn = parse_arn(resource.arn)
                if arn is not None:
                    target = Party(arn=resource.arn)
                    key = _Key(Party(), target, "", "", arn.account or response.account, arn.region or response.region)
                    self._add(key, (time, time), source)

    def read_traces(self, response: Response, reading: Reading) -> None:
        """Read what ``xray batch-get-traces`` gives."""
        for index, _, _ in reading.items(response, "Traces"):
            segments: list[_Segment] = []
            for _, item, source in reading.items(response, "Traces", index, "Segments"):
                document = _document(item.get("Document"))
                if document is None:
                    reading.not_read(source.at("Document"), "no segment as JSON")
                else:
                    segments.append(_Segment(document, source, response))
            self._take(segments)

    def _take(self, segments: "list[_Segment]") -> None:
        owners = {identity: segment for segment in segments for identity in segment.identities}
        for segment in segments:
            for call in segment.calls:
                self._add(call, (segment.time, segment.time), segment.source)
            parent = owners.get(_text(segment.document, "parent_id"))
            if parent is not None and parent is not segment and parent.party != segment.party:
                places = (segment.account, segment.region)
                key = _Key(parent.party, segment.party, "", _error(segment.document), *places)
                self._add(key, (segment.time, segment.time), segment.source)

    def _add(self, key: _Key, times: tuple[str, str], source: Source, count: int = 1) -> None:
        if not key.target.known:
            return
        found = self._seen.get(key)
        if found is None:
            self._seen[key] = _Seen(count, *times, source)
            return
        found.count += count
        found.first = min(found.first or times[0], times[0] or found.first)
        found.last = max(found.last, times[1])
        found.source = min(found.source, source)

    # ------------------------------------------------------------ records

    def finish(self, reading: Reading) -> None:
        """Hand the records over."""
        found, self._seen = self._seen, {}
        for key, seen in found.items():
            digest = sha256(msgspec.json.encode(key)).hexdigest()[:24]
            reading.add(
                ObservedCall(
                    id=f"observed:{digest}",
                    account=key.account,
                    region=key.region,
                    name=key.action or key.target.name or key.target.host or key.target.arn.rpartition(":")[2],
                    sources=(seen.source,),
                    observer=Observer.TRACE,
                    caller=key.caller,
                    target=key.target,
                    action=key.action,
                    error=key.error,
                    count=seen.count,
                    first=seen.first,
                    last=seen.last,
                )
            )


class _Segment:
    """A segment of a trace: the work of one resource."""

    def __init__(self, document: dict[str, Any], source: Source, response: Response) -> None:
        self.document = document
        self.source = source
        aws = _object(document, "aws")
        arn = parse_arn(_text(document, "resource_arn")) or parse_arn(_text(aws, "function_arn"))
        self.account = (arn.account if arn else "") or _text(aws, "account_id") or response.account
        self.region = (arn.region if arn else "") or _text(aws, "region") or response.region
        kind = _text(document, "origin")
        plain = _party(_text(document, "name"), kind, self.account, self.region)
        self.party = msgspec.structs.replace(plain, arn=str(arn)) if arn is not None else plain
        self.time = utc_second(document.get("start_time"))

    @property
    def identities(self) -> Iterator[str]:
        """Ids of the segment and its subsegments."""
        yield _text(self.document, "id")
        for part in _below(self.document):
            yield _text(part, "id")

    @property
    def calls(self) -> Iterator[_Key]:
        """Calls that the segment made."""
        for part in _below(self.document):
            space = _text(part, "namespace")
            if space == "aws":
                yield from self._calls_of_aws(part)
            elif space == "remote":
                address = origin(_text(_object(_object(part, "http"), "request"), "url")) or origin(_text(part, "name"))
                if address:
                    target = Party(type="remote", host=address)
                    yield _Key(self.party, target, "", _error(part), self.account, self.region)

    def _calls_of_aws(self, part: dict[str, Any]) -> Iterator[_Key]:
        aws = _object(part, "aws")
        service = service_of(_text(part, "name"))
        service = _NAMESPACES.get(service, service)
        operation = _text(aws, "operation")
        place = (_text(aws, "account_id") or self.account, _text(aws, "region") or self.region)
        action = {"lambda:Invoke": "lambda:InvokeFunction"}.get(f"{service}:{operation}", f"{service}:{operation}")
        targets = [_party(name, kind, *place) for name, kind in _operands(aws)]
        for target in targets or [Party(name=service, type="AWS::Service")]:
            yield _Key(self.party, target, action if operation else "", _error(part), *place)


def _operands(aws: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and type of what a call to AWS names: of one kind, several of a call on a batch."""
    for field, kind in _OPERANDS:
        value = aws.get(field)
        names = [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str) and name]
        if names:
            yield from ((name, kind) for name in names[:_MOST_OPERANDS])
            return


def _party(name: str, kind: str, account: str, region: str) -> Party:
    """Return one end of a call: by ARN where one can be put together."""
    name = name[:_NAME]
    if kind == "client":
        return Party()
    if parse_arn(name) is not None:
        return Party(arn=name)
    if is_queue(name):
        return Party(arn=name, type=kind)
    if kind in {"remote", ""} or "://" in name:
        return Party(type=kind, host=origin(name))
    service, form = _RESOURCES.get(kind, ("", ""))
    if service == "s3":
        return Party(arn=arn_of("s3", name), name=name, type=kind)
    known = bool(service) and account.isdigit() and bool(region) and region != "global"
    arn = arn_of(service, form.format(name), account=account, region=region) if known else ""
    return Party(arn=arn if parse_arn(arn) is not None else "", name=name, type=kind)


def _document(text: object) -> dict[str, Any] | None:
    try:
        found = parse_json(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else text
    except (JsonError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _below(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the subsegments of a segment, to some depth."""
    level: list[Mapping[str, Any]] = [document]
    for _ in range(_DEPTH):
        parts = [part for one in level if isinstance(one.get("subsegments"), list) for part in one["subsegments"]]
        level = [part for part in parts if isinstance(part, dict)]
        yield from level  # type: ignore[misc]  # each of them is a dict


def _object(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _error(part: Mapping[str, Any]) -> str:
    return next((word for word in ("throttle", "fault", "error") if part.get(word) is True), "")


def _time_of(trace: str) -> str:
    """Return the time at which a trace began, which its id holds: ``1-5759e988-bd862e3fe1be46a994272793``."""
    parts = trace.split("-")
    try:
        return utc_second(int(parts[1], 16))
    except (IndexError, ValueError):
        return ""
