"""The code packages of an export: which function or layer each is of, and the reading of them.

A zip is taken for code where its SHA-256 is the one that Lambda gives for a function or version (``CodeSha256``), or
where its name says so: ``lambda-code/<function>.zip``, ``lambda-code/<function>,<version>.zip`` and
``layer-code/<layer>,<version>.zip``, below ``<account>/<region>``, or with the ARN, quoted, as the name. So are the
assets, zips and folders, that templates of the AWS CDK name as the code of a function or a layer.
"""

import base64
import hashlib
import io
from collections.abc import Iterable
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote

from auditkit.errors import ExportError
from auditkit.exports._reading import Reading
from auditkit.exports.archive import ExportFile
from auditkit.exports.detect import Place
from auditkit.exports.packages.assets import Claims, Folder, Folders
from auditkit.exports.packages.zips import Contents, read_members, read_zip
from auditkit.inventory import STORE_KINDS, Kind, Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.evidence.packages import CodePackage
from auditkit.inventory.record import Record
from auditkit.inventory.records.functions import Function, FunctionVersion, LayerVersion

__all__ = ["CodePackages"]

_LARGEST = 300 << 20
_TOO_LARGE = f"larger than {_LARGEST >> 20} MiB, which no function's code is"
_FOLDERS = {"lambda-code": Kind.FUNCTION, "layer-code": Kind.LAYER}
_NAMED = STORE_KINDS | {Kind.FUNCTION, Kind.STATE_MACHINE}
_SHORTEST = 4


class _Zip(NamedTuple):
    """A zip of an export, or a folder of code."""

    path: str
    source: Source
    place: Place
    file: ExportFile | None = None
    label: str = ""


class _Code(NamedTuple):
    """Code that one or more zips hold, the functions that Lambda gives its digest for, and what templates say."""

    contents: Contents
    owners: frozenset[str]
    zips: list[_Zip]
    declared: set[tuple[str, str]]
    """Resources whose code it is: file of the template, and logical id."""


class CodePackages:
    """Takes down the zips of an export, and reads those that are code.

    Parameters
    ----------
    reading
        Takes the records.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._zips: list[_Zip] = []
        self.folders = Folders(reading)
        """Takes the files of the CDK's assets."""

    def take(self, file: ExportFile, name: str, place: Place, label: str) -> bool:
        """Note a file if it is a zip, and return whether its place says that it is code."""
        self._zips.append(_Zip(file.path, Source(name), place, file, label))
        return _folder(file.path) is not None

    def finish(self, claims: Claims) -> None:
        """Read what is code; to be called while the exports are still open.

        Parameters
        ----------
        claims
            What templates say of assets.
        """
        zips, self._zips = self._zips, []
        folders = list(self.folders.claimed(claims))
        if not zips and not folders:
            return
        digests = self._digests()
        names = self._names()
        read: dict[str, _Code] = {}
        for item in zips:
            try:
                self._read(item, digests, names, read, claims.get((item.label, item.path), ()))
            except ExportError as error:
                self._reading.not_read(item.source, str(error))
        for folder in folders:
            self._read_folder(folder, names, read)
        for digest, code in read.items():
            self._reading.later(partial(_settle, digest, code))

    def _read(
        self,
        item: _Zip,
        digests: dict[str, set[str]],
        names: dict[str, tuple[str, ...]],
        read: dict[str, _Code],
        declared: Iterable[tuple[str, str]],
    ) -> None:
        if item.file is None:
            return
        if item.file.size > _LARGEST:
            raise ExportError(_TOO_LARGE)
        data = item.file.read()
        sha256 = hashlib.sha256(data)
        self._reading.digest(item.source.file, sha256.hexdigest())
        digest = base64.b64encode(sha256.digest()).decode("ascii")
        owners = frozenset(digests.get(digest, ()))
        if not owners and not declared and _folder(item.path) is None:
            raise ExportError("an archive inside an export is not opened, unless it is the code of a function")
        if digest not in read:
            read[digest] = _Code(read_zip(io.BytesIO(data), item.source, names), owners, [], set())
        read[digest].zips.append(item)
        read[digest].declared.update(declared)

    def _read_folder(self, folder: Folder, names: dict[str, tuple[str, ...]], read: dict[str, _Code]) -> None:
        if folder.size > _LARGEST:
            self._reading.not_read(folder.source, _TOO_LARGE)
            return
        if folder.digest not in read:
            contents = read_members(folder.members, folder.source, names)
            read[folder.digest] = _Code(contents, frozenset(), [], set())
        read[folder.digest].zips.append(_Zip(folder.path, folder.source, Place(None)))
        read[folder.digest].declared.update(folder.owners)

    def _digests(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for record in (*self._reading.find(Function), *self._reading.find(FunctionVersion)):
            if record.code_sha256:
                found.setdefault(record.code_sha256, set()).add(record.id)
        return found

    def _names(self) -> dict[str, tuple[str, ...]]:
        """Return the ids of stores, functions and state machines by name."""
        found: dict[str, set[str]] = {}
        for record in self._reading.records():
            if record.kind in _NAMED and len(record.name) >= _SHORTEST:
                found.setdefault(record.name, set()).add(record.id)
        return {name: tuple(sorted(ids)) for name, ids in found.items()}


def _settle(digest: str, code: _Code, reading: Reading) -> None:
    """Add the record of some code, when all functions and layers are known."""
    named = {record.id: record for item in code.zips for record in _named(item, reading)}
    declared = _declared(code.declared, reading)
    left = [f"{why} ({count})" if count > 1 else why for why, count in sorted(code.contents.left_out.items())]
    for record in named.values():
        current = getattr(record, "code_sha256", None)
        if current and current != digest:
            left.append(f"{record.name} runs other code now: its digest is another")
    first = code.zips[0]
    place = (first.place.account, first.place.region)
    if not place[0]:
        place = next(((one.account, one.region) for one in declared), place)
    for item in code.zips:
        reading.side_input("code packages", item.source)
    reading.add(
        CodePackage(
            id=f"code:{digest}",
            account=place[0],
            region=place[1],
            name=PurePosixPath(first.path).name,
            sources=tuple(item.source for item in code.zips),
            digest=digest,
            used_by=tuple(sorted(code.owners | named.keys() | {one.id for one in declared})),
            packages=tuple(sorted(code.contents.packages)),
            mentions=tuple(sorted(code.contents.mentions)),
            incomplete="; ".join(left),
        )
    )


def _declared(declared: set[tuple[str, str]], reading: Reading) -> tuple[Record, ...]:
    """Return the functions and layers that resources of templates became, by where they were read."""
    records: tuple[Record, ...] = (*reading.find(Function), *reading.find(LayerVersion)) if declared else ()
    return tuple(
        record
        for record in records
        if any((source.file, _logical(source.pointer)) in declared for source in record.sources)
    )


def _logical(pointer: str) -> str:
    steps = pointer.split("/")
    return steps[2].replace("~1", "/").replace("~0", "~") if steps[1:2] == ["Resources"] and len(steps) > 2 else ""  # noqa: PLR2004


def _folder(path: str) -> Kind | None:
    parent = PurePosixPath(path).parent.name.lower().replace("_", "-")
    return _FOLDERS.get(parent)


def _named(item: _Zip, reading: Reading) -> tuple[Record, ...]:
    """Return the record that the name of a zip says."""
    kind = _folder(item.path)
    stem = unquote(PurePosixPath(item.path).stem)
    if parse_arn(stem) is not None:
        return (*reading.find(Function, stem), *reading.find(FunctionVersion, stem), *reading.find(LayerVersion, stem))
    name, comma, version = stem.partition(",")
    place = {"account": item.place.account, "region": item.place.region}
    found: tuple[Record, ...] = ()
    if kind is Kind.LAYER:
        layers = reading.find(LayerVersion, name, **place)
        found = tuple(layer for layer in layers if not comma or str(layer.version) == version)
    elif kind is Kind.FUNCTION and comma:
        versions = reading.find(FunctionVersion, **place)
        found = tuple(one for one in versions if one.id.endswith(f":function:{name}:{version}"))
    elif kind is Kind.FUNCTION:
        found = reading.find(Function, name, **place)
    return found if len(found) == 1 else ()
