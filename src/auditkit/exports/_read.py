"""From what the client handed over to an inventory."""

import hashlib
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

from auditkit.errors import ExportError
from auditkit.exports._bytes import expanded
from auditkit.exports._coverage import CoverageBook
from auditkit.exports._foreign import ForeignFolders
from auditkit.exports._formats import OtherFormats
from auditkit.exports._json import JsonError, sketch
from auditkit.exports._managed import add_managed_policies
from auditkit.exports._reading import Reading
from auditkit.exports._unbuilt import what_to_run
from auditkit.exports.apijson import ApiJson
from auditkit.exports.archive import ExportFile, Limits, open_export, printable
from auditkit.exports.calls import ApiCall
from auditkit.exports.cloudformation import TemplateError, Templates
from auditkit.exports.detect import calls_by_content, place_of
from auditkit.exports.labels import labels_of, named
from auditkit.exports.packages import CodePackages
from auditkit.exports.side import SideInputs
from auditkit.inventory import Inventory, Source

__all__ = ["Progress", "read"]

Progress = Callable[[str, int, int], None]
"""Takes what is being done, how many files are done, and how many there are."""

_SHOWN = 5
_CASE = "case.yaml"
_PIECE = 1 << 20
_LOOKED_FOR = (
    "API JSON (<account>/<region>/<service>-<operation>.json, or flat), "
    "IAM account authorization details (RoleDetailList), CloudFormation and SAM templates, Terraform (show -json), "
    "AWS Config, iam-collect, tables of Steampipe, CloudTrail, X-Ray and other side inputs"
)


def read(*paths: str | Path, progress: Progress | None = None, limits: Limits | None = None) -> Inventory:
    """Read one or more exports into one inventory.

    Parameters
    ----------
    *paths
        Folders, zip files or single files. Exports of one account are merged, several accounts stand side by side. With
        more than one, sources name their export: ``label:path``, the label being the folder's or file's name.
    progress
        Called after each file.
    limits
        Bounds on size and expansion; the defaults of :class:`~auditkit.exports.archive.Limits` where not given.

    Returns
    -------
    Inventory
        What could not be read is listed in ``not_read``, what sources disagree on in ``contradictions``.

    Raises
    ------
    ExportError
        A path cannot be opened, or holds no file of a known format.
    """
    if not paths:
        raise ExportError("no export was given")
    reading, book = Reading(), CoverageBook()
    bounds = limits if limits is not None else Limits()
    side = SideInputs(reading, bounds)
    code = CodePackages(reading)
    templates = Templates(reading, book)
    labels = labels_of([Path(path) for path in paths])
    with ExitStack() as stack:
        exports = []
        for label, path in labels:
            refuse = _refusal(reading, label)
            exports.append((label, path, stack.enter_context(open_export(path, refuse, limits=bounds))))
        total = sum(len(files) for _, _, files in exports)
        done = 0
        for label, path, files in exports:
            code.folders.expect(label, files)
            export = _Export(reading, book, label, (side, code, templates), bounds)
            for file in files:
                export.read(file)
                done += 1
                if progress is not None:
                    progress("reading", done, total)
            export.finish(path, len(files))
        side.finish()
        code.finish(templates.code_assets())
    templates.finish(reading.places())
    for call in book.calls():
        reading.call(call)
    reading.later(add_managed_policies)
    return reading.build()


def _refusal(reading: Reading, label: str) -> Callable[[str, str], None]:
    return lambda path, reason: reading.not_read(Source(named(label, path)), reason)


class _Export:
    """One export while it is read."""

    def __init__(
        self,
        reading: Reading,
        book: CoverageBook,
        label: str,
        shared: tuple[SideInputs, CodePackages, Templates],
        limits: Limits,
    ) -> None:
        self._reading = reading
        self._side, self._code, self._templates = shared
        self._label = label
        self._limits = limits
        self._apijson = ApiJson(reading, book)
        self._others = OtherFormats(reading, book)
        self._foreign = ForeignFolders()
        self._known = 0
        self._unknown: list[str] = []

    def read(self, file: ExportFile) -> None:
        """Read a file; what goes wrong is noted, with its name."""
        name = named(self._label, file.path)
        if self._code.folders.take(self._label, file, name) or self._foreign.take(file.path):
            return
        place = place_of(file.path)
        if place.call is None and self._side.read(file, name, place):
            self._known += 1
            return
        if file.path.lower().endswith((".zip", ".jar")):
            self._known += self._code.take(file, name, place, self._label)
            return
        packed = file.path.lower().endswith(".json.gz")
        if file.path.lower().endswith(".gz") and not packed:
            self._reading.not_read(Source(name), "an archive inside an export is not opened")
            return
        try:
            data, digest = self._unpacked(file) if packed else _whole(file)
        except ExportError as error:
            self._failed(file, name, str(error))
            return
        self._reading.digest(name, digest)
        call = place.call
        if call is None:
            sketched = _sketched(data)
            if self._others.read(file.path, name, data, sketched.keys):
                self._known += 1
                return
            call = self._call_of(file, name, data, sketched)
            if call is None:
                return
        self._known += 1
        try:
            self._apijson.read(name, place, call, data)
        except RecursionError:
            self._apijson.failed(name, place, call, "nested too deeply")

    def _unpacked(self, file: ExportFile) -> tuple[bytes, str]:
        """Return what a packed file holds, as AWS Config delivers its snapshots, and the SHA-256 of the file."""
        with closing(file.open()) as stream:
            content, pieces, count = expanded(stream, self._limits.ratio), [], 0
            while piece := content.read(_PIECE):
                pieces.append(piece)
                count += len(piece)
                if count > self._limits.file_bytes:
                    raise ExportError(f"expands to more than {self._limits.file_bytes:,} bytes")
            return b"".join(pieces), stream.sha256()

    def _call_of(self, file: ExportFile, name: str, data: bytes, sketched: "_Sketched") -> ApiCall | None:
        """Return the call that a file answers by its content, ``None`` for a template and for no known format."""
        place = place_of(file.path)
        try:
            at = place.account, place.region
            if self._templates.take(name, file.path, self._label, data, at, keys=sketched.keys):
                self._known += 1
                return None
            call, reason = _by_content(sketched)
            if call is None and file.path == _CASE:
                reason = "the case of an audit is no part of the export: keep it beside, and give it with --case"
        except TemplateError as error:
            call, reason = None, f"a template that cannot be read: {error}"
        if call is None:
            unbuilt = what_to_run(file.path)
            reason = unbuilt or reason
            told = "template" in reason or (unbuilt and not any(unbuilt in other for other in self._unknown))
            self._unknown.append(f"{file.path} ({reason})" if told else file.path)
            self._templates.leave(name, file.path, self._label, data, reason)
        return call

    def _failed(self, file: ExportFile, name: str, reason: str) -> None:
        place = place_of(file.path)
        if place.call is None:
            self._unknown.append(file.path)
            self._reading.not_read(Source(name), reason)
        else:
            self._known += 1
            self._apijson.failed(name, place, place.call, reason)

    def finish(self, path: Path, count: int) -> None:
        """Read what had to wait, and refuse an export in which nothing was recognised."""
        self._apijson.finish()
        self._others.finish()
        self._foreign.tell(_refusal(self._reading, self._label))
        if self._known:
            return
        where = printable(str(path))
        if not count:
            raise ExportError(f"{where}: no file in it can be read; looked for {_LOOKED_FOR}")
        shown = ", ".join(printable(name) for name in self._unknown[:_SHOWN])
        more = f" and {len(self._unknown) - _SHOWN} more" if len(self._unknown) > _SHOWN else ""
        raise ExportError(f"{where}: no file of a known format; looked for {_LOOKED_FOR}; found {shown}{more}")


def _whole(file: ExportFile) -> tuple[bytes, str]:
    data = file.read()
    return data, hashlib.sha256(data).hexdigest()


class _Sketched(NamedTuple):
    """What tells a file from others, ``None`` for one that is no JSON, and why it is none."""

    keys: dict[str, Any] | None
    error: str = ""


def _sketched(data: bytes) -> _Sketched:
    try:
        return _Sketched(sketch(data))
    except JsonError as error:
        return _Sketched(None, str(error))


def _by_content(sketched: _Sketched) -> tuple[ApiCall | None, str]:
    """Return the call that a file answers by its content, or ``None`` and why it is none."""
    payload = sketched.keys
    if payload is None:
        return None, f"no known format: {sketched.error}"
    calls = calls_by_content(payload)
    if len(calls) == 1:
        return calls[0], ""
    if not calls:
        keys = ", ".join(printable(key[:40]) for key in sorted(payload)[:_SHOWN])
        return None, f"no known format: its keys ({keys}) belong to no call that is read"
    names = ", ".join(f"{call.service}.{call.operation}" for call in calls[:_SHOWN])
    return None, f"its name does not say which call it answers; its keys fit {names}"
