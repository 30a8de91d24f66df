"""Which side input a file is, and the reading of all of them."""

import hashlib
import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from contextlib import closing
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote

from auditkit.errors import ExportError
from auditkit.exports._bytes import expanded
from auditkit.exports._json import JsonError
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.apijson import parse_content
from auditkit.exports.archive import ExportFile, Limits
from auditkit.exports.detect import Place
from auditkit.exports.secrets import reduced
from auditkit.exports.side import trails
from auditkit.exports.side.cyclonedx import read_bill
from auditkit.exports.side.last_access import LastAccesses
from auditkit.exports.side.metrics import Metrics
from auditkit.exports.side.sarif import read_runs
from auditkit.exports.side.traces import Traces
from auditkit.exports.side.trails import Trails
from auditkit.inventory import CoverageState, Source

__all__ = ["SideInputs"]

_HEAD = 1 << 14
_GZIP = b"\x1f\x8b"
_HUMP = re.compile(r"(?<!^)(?=[A-Z])")
_SUFFIX = re.compile(r"(?:\.sarif|\.cdx|\.bom)?\.(?:json|jsonl|ndjson|txt|sarif|gz)$", re.IGNORECASE)


class _Form(NamedTuple):
    """A kind of side input: its name, its reader, the call that gives it (if one does) and its top-level keys.

    A file whose name does not tell is looked at for the first of these keys, or for another one further down.
    """

    name: str
    read: Handler
    service: str
    operation: str
    keys: tuple[str, ...]
    further_down: str = ""

    def is_like(self, head: bytes) -> bool:
        """Return whether a file that begins so may be one."""
        return f'"{self.further_down or self.keys[0]}"'.encode() in head

    @property
    def call(self) -> str:
        return f"{self.service}-{_HUMP.sub('-', self.operation).lower()}" if self.service else ""


class SideInputs:
    """Reads the side inputs of one or more exports.

    Parameters
    ----------
    reading
        Takes what they say.
    limits
        Bounds on what is expanded.
    """

    def __init__(self, reading: Reading, limits: Limits) -> None:
        self._reading = reading
        self._limits = limits
        self._trails = Trails(reading)
        self._traces = Traces()
        self._metrics = Metrics()
        accesses = LastAccesses()
        self._forms = (
            _Form("CloudTrail", self._trails.read_lookup, "cloudtrail", "LookupEvents", ("Events",), "CloudTrailEvent"),
            _Form("CloudTrail", self._trails.read_query, "cloudtrail", "GetQueryResults", ("QueryResultRows",)),
            _Form("X-Ray", self._traces.read_graph, "xray", "GetServiceGraph", ("Services", "StartTime")),
            _Form("X-Ray", self._traces.read_summaries, "xray", "GetTraceSummaries", ("TraceSummaries",)),
            _Form("X-Ray", self._traces.read_traces, "xray", "BatchGetTraces", ("Traces",)),
            _Form("IAM last accessed", accesses.read_job, "iam", "GenerateServiceLastAccessedDetails", ("JobId",)),
            _Form(
                "IAM last accessed", accesses.read, "iam", "GetServiceLastAccessedDetails", ("ServicesLastAccessed",)
            ),
            _Form("CloudWatch metrics", self._metrics.read_data, "cloudwatch", "GetMetricData", ("MetricDataResults",)),
            _Form(
                "CloudWatch metrics",
                self._metrics.read_statistics,
                "cloudwatch",
                "GetMetricStatistics",
                ("Datapoints", "Label"),
            ),
            _Form("CycloneDX bills of materials", read_bill, "", "", ("bomFormat", "specVersion")),
            _Form("SARIF results", read_runs, "", "", ("runs", "version")),
        )

    def read(self, file: ExportFile, name: str, place: Place) -> bool:
        """Read a file if it is a side input, and return whether it is one.

        Parameters
        ----------
        file
            The file; none of which the name says that it answers a call of ``calls.csv``.
        name
            Its name in sources.
        place
            Account and region by its path.
        """
        source = Source(name)
        try:
            packed, head = self._opening(file)
        except ExportError:
            return False  # whoever reads it as a whole will say so
        if trails.is_digest(file.path):
            self._reading.not_read(source, "a digest of CloudTrail for its own log files; nothing in it is needed")
            return True
        if trails.is_log(file.path, head):
            self._read_log(file, source, packed=packed)
            return True
        return not packed and self._read_form(file, source, place, head)

    def finish(self) -> None:
        """Hand over what is known only when all files have been read."""
        self._trails.finish()
        self._traces.finish(self._reading)
        self._metrics.finish(self._reading)

    def _opening(self, file: ExportFile) -> tuple[bool, bytes]:
        """Return whether a file is packed, and how its content begins."""
        with closing(file.open()) as stream:
            head = stream.read(_HEAD)
        if not head.startswith(_GZIP):
            return False, head
        with closing(file.open()) as stream:
            return True, expanded(stream, self._limits.ratio).read(_HEAD)

    def _read_log(self, file: ExportFile, source: Source, *, packed: bool) -> None:
        digest = ""
        self._reading.side_input("CloudTrail", source)
        try:
            with closing(file.open()) as stream:
                self._trails.read(expanded(stream, self._limits.ratio) if packed else stream, source)
                digest = stream.sha256()
                self._reading.digest(source.file, digest)
        except (ExportError, JsonError) as error:
            self._reading.not_read(source, f"the rest of this log was not read: {error}")
        self._trails.settle(digest or source.file)

    def _read_form(self, file: ExportFile, source: Source, place: Place, head: bytes) -> bool:
        plain = head.replace(b"\x00", b"")  # of UTF-16, as far as it matters here
        named = next(
            ((one, said) for one in self._forms if (said := _arguments(one.call, file.path)) is not None), None
        )
        marked = [form for form in self._forms if form.is_like(plain)]
        if named is None and not marked:
            return False
        try:
            data = file.read()
            content = parse_content(data, named[0].keys[:1] if named is not None else ())
        except (ExportError, JsonError, RecursionError):
            return False  # whoever reads what is no side input says why it cannot be read
        form, arguments = self._decided(named, marked, content.payload.keys())
        if form is None:
            return False
        self._reading.digest(source.file, hashlib.sha256(data).hexdigest())
        if "Error" in content.payload:
            self._reading.side_input(form.name, source, CoverageState.DENIED)
            self._reading.not_read(source, "the call was refused or failed, so that there is nothing in it")
            return True
        payload = reduced(form.service, form.operation, content.payload)
        if not content.complete:
            payload["IsTruncated"] = True
            self._reading.not_read(source, "a next page is named and missing")
        where = (place.account, place.region, arguments)
        found = CoverageState.PRESENT if payload.get(form.keys[0]) else CoverageState.EMPTY
        self._reading.side_input(form.name, source, found)
        form.read(Response(form.service, form.operation, *where, payload, source, content.pages), self._reading)
        return True

    @staticmethod
    def _decided(
        named: tuple[_Form, tuple[str, ...]] | None, marked: Iterable[_Form], keys: AbstractSet[str]
    ) -> tuple[_Form | None, tuple[str, ...]]:
        """Return the form that a file has: the one it is named for, if its keys agree, else the one it looks like."""
        if named is not None and keys & {*named[0].keys, "Error"}:
            return named
        return next((form for form in marked if keys >= set(form.keys)), None), ()


def _arguments(call: str, path: str) -> tuple[str, ...] | None:
    """Return the arguments that a path names for a call; ``None`` where it does not name the call.

    Understood are ``<call>.json``, ``<call>/<argument>.json`` and ``<call>-<argument>.json``; commas part arguments.
    """
    if not call:
        return None
    parts = PurePosixPath(path).parts
    stem = _SUFFIX.sub("", parts[-1])
    parent = parts[-2].lower().replace("_", "-").removeprefix("aws-") if len(parts) > 1 else ""
    if parent == call:
        return tuple(unquote(part) for part in stem.split(","))
    plain = stem.lower().replace("_", "-")
    start = plain.find(call)
    if start not in {0, 4} or (start and not plain.startswith("aws-")):
        return None
    rest = stem[start + len(call) :]
    if not rest:
        return ()
    return (unquote(rest[1:]),) if rest[0] in "-.,=@ _" else None
