"""One code package: its manifests, lock files and text, read within bounds.

Members are read one by one and only those that say something; nothing is unpacked to disk and nothing is executed.
Archives within (jars) are opened a few levels deep.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import PurePosixPath
from typing import IO

from auditkit.errors import ExportError
from auditkit.exports._json import JsonError
from auditkit.exports.archive import ExportFile, Limits, open_zip
from auditkit.exports.packages import compiled, npm, pypi
from auditkit.exports.packages._found import Declared
from auditkit.exports.packages.mentions import mentions_in
from auditkit.exports.packages.purls import purl_of
from auditkit.inventory import Source
from auditkit.inventory.evidence.packages import Mention, Package

__all__ = ["Contents", "read_members", "read_zip"]

_Parser = Callable[[str, bytes], Iterator[Declared]]

_MANIFEST = 16 << 20
_PROGRAM = 128 << 20
_JAR = 64 << 20
_TEXT = 8 << 20
_ALL_BYTES = 768 << 20
_ALL_PACKAGES = 50_000
_ALL_MENTIONS = 2_000
_DEPTH = 3
_ENTRIES = Limits(file_bytes=4 << 30, total_bytes=8 << 30, files=200_000, ratio=200)

_BY_NAME: dict[str, _Parser] = {
    "package.json": npm.package_json,
    "package-lock.json": npm.npm_lock,
    ".package-lock.json": npm.npm_lock,
    "npm-shrinkwrap.json": npm.npm_lock,
    "yarn.lock": npm.yarn_lock,
    "pnpm-lock.yaml": npm.pnpm_lock,
    "requirements.txt": pypi.requirements,
    "Pipfile.lock": pypi.pipfile_lock,
    "poetry.lock": pypi.toml_lock,
    "uv.lock": pypi.toml_lock,
    "pom.properties": compiled.pom_properties,
    "go.mod": compiled.go_mod,
    "Gemfile.lock": compiled.gemfile_lock,
    "packages.lock.json": compiled.nuget_lock,
}
_BY_PATTERN: tuple[tuple[re.Pattern[str], _Parser], ...] = (
    (re.compile(r"(?:.*/)?[^/]+\.dist-info/METADATA"), pypi.metadata),
    (re.compile(r"(?:.*/)?[^/]+\.egg-info/PKG-INFO"), pypi.metadata),
    (re.compile(r"(?:.*/)?[^/]+\.deps\.json"), compiled.deps_json),
    (re.compile(r"(?:.*/)?specifications/[^/]+\.gemspec"), compiled.gemspec),
)
_READABLE = re.compile(
    r".+\.(?:py|js|mjs|cjs|ts|rb|php|sh|json|ya?ml|env|toml|ini|cfg|conf|properties)|(?:.*/)?\.env", re.IGNORECASE
)
_FOREIGN = re.compile(r"(?:^|.*/)(?:node_modules|site-packages|dist-packages|vendor/bundle|META-INF|[^/]+\.dist-info)/")
_ARCHIVE = re.compile(r".+\.(?:jar|war|zip)", re.IGNORECASE)
_VERSION = re.compile(r"[A-Za-z0-9.+_~!-]{0,100}", re.ASCII)
_RANGE = re.compile(r"[A-Za-z0-9.*^~<>=!|, ()\[\]+-]{0,200}", re.ASCII)
_ELF = b"\x7fELF"


class Contents:
    """What a code package holds.

    Attributes
    ----------
    packages, mentions
        What was found.
    left_out
        What was not read, in words, with a number where there is more than one of a kind.
    """

    def __init__(self) -> None:
        self.packages: set[Package] = set()
        self.mentions: set[Mention] = set()
        self.left_out: dict[str, int] = {}
        self._bytes = 0

    def leave_out(self, reason: str) -> None:
        """Note that something was not read."""
        self.left_out[reason] = self.left_out.get(reason, 0) + 1

    def read(self, file: ExportFile, limit: int) -> bytes | None:
        """Return the content of a member, ``None`` with a note where that is impossible or too much."""
        if file.size > limit:
            self.leave_out(f"larger than {limit >> 20} MiB")
        elif self._bytes + file.size > _ALL_BYTES:
            self.leave_out(f"beyond the first {_ALL_BYTES >> 20} MiB")
        else:
            self._bytes += file.size
            try:
                return file.read()
            except ExportError as error:
                self.leave_out(str(error))
        return None

    def add(self, found: Declared, source: Source) -> None:
        """Keep a package."""
        version = found.version if _VERSION.fullmatch(found.version) else ""  # else an address, with what opens it
        purl = purl_of(found.ecosystem, found.name, version)
        if not purl:
            self.leave_out("a name that is none of its ecosystem")
        elif len(self.packages) >= _ALL_PACKAGES:
            self.leave_out(f"beyond the first {_ALL_PACKAGES:,} packages")
        else:
            wanted = found.requirement if _RANGE.fullmatch(found.requirement) else ""
            self.packages.add(Package(purl, found.found, source, wanted))


def read_zip(file: IO[bytes], source: Source, names: Mapping[str, tuple[str, ...]]) -> Contents:
    """Read a code package.

    Parameters
    ----------
    file
        The zip; it must be seekable.
    source
        The zip in the export; members are pointers into it.
    names
        Ids of the records that a name in the code may mean.

    Raises
    ------
    ExportError
        It is no zip, or a broken one.
    """
    contents = Contents()
    _read(file, source, names, contents, 0)
    return contents


def read_members(members: tuple[ExportFile, ...], source: Source, names: Mapping[str, tuple[str, ...]]) -> Contents:
    """Read a folder of code as :func:`read_zip` reads a package.

    Parameters
    ----------
    members
        Its files, with their paths in it.
    source, names
        As of :func:`read_zip`.
    """
    contents = Contents()
    _read_all(members, source, names, contents, 0)
    return contents


def _read(
    file: IO[bytes], source: Source, names: Mapping[str, tuple[str, ...]], contents: Contents, depth: int
) -> None:
    refuse = lambda _, reason: contents.leave_out(reason)  # noqa: E731 -- shorter than a function
    with open_zip(file, refuse, limits=_ENTRIES) as members:
        _read_all(members, source, names, contents, depth)


def _read_all(
    members: tuple[ExportFile, ...],
    source: Source,
    names: Mapping[str, tuple[str, ...]],
    contents: Contents,
    depth: int,
) -> None:
    foreign = _installed(members, contents)
    for member in members:
        place = source.at(member.path)
        if _ARCHIVE.fullmatch(member.path):
            _read_inner(member, place, names, contents, depth)
            continue
        parser = _parser(member)
        if parser is not None:
            _parse(parser, member, place, contents)
        elif _READABLE.fullmatch(member.path) and member.path not in foreign and not _FOREIGN.match(member.path):
            text = contents.read(member, _TEXT)
            for mention in mentions_in(text or b"", place, names):
                if len(contents.mentions) < _ALL_MENTIONS:
                    contents.mentions.add(mention)


def _read_inner(
    member: ExportFile, place: Source, names: Mapping[str, tuple[str, ...]], contents: Contents, depth: int
) -> None:
    if depth >= _DEPTH:
        contents.leave_out(f"archives more than {_DEPTH} levels deep")
        return
    data = contents.read(member, _JAR)
    if data is None:
        return
    before = len(contents.packages)
    try:
        _read(io.BytesIO(data), place, names, contents, depth + 1)
    except ExportError as error:
        contents.leave_out(str(error))
    if len(contents.packages) == before and member.path.lower().endswith(".jar"):
        contents.leave_out("jars without the coordinates of Maven")


def _parser(member: ExportFile) -> _Parser | None:
    path = PurePosixPath(member.path)
    if path.name in _BY_NAME:
        return _BY_NAME[path.name]
    found = next((parser for pattern, parser in _BY_PATTERN if pattern.fullmatch(member.path)), None)
    return found or (compiled.go_binary if not path.suffix and _is_program(member) else None)


def _is_program(member: ExportFile) -> bool:
    """Return whether a member without suffix is a program for Linux."""
    if member.size < 1 << 16:
        return False
    try:
        with closing(member.open()) as stream:
            return stream.read(4) == _ELF
    except ExportError:
        return False


def _parse(parser: _Parser, member: ExportFile, place: Source, contents: Contents) -> None:
    data = contents.read(member, _PROGRAM if parser is compiled.go_binary else _MANIFEST)
    if data is None:
        return
    try:
        for found in parser(member.path, data):
            contents.add(found, place)
    except (JsonError, RecursionError):
        contents.leave_out(f"{PurePosixPath(member.path).name}: not what it should be")


def _installed(members: tuple[ExportFile, ...], contents: Contents) -> frozenset[str]:
    """Return the paths of files that belong to installed Python distributions, by their records."""
    found: set[str] = set()
    for member in members:
        if member.path.endswith(".dist-info/RECORD"):
            root = PurePosixPath(member.path).parent.parent
            data = contents.read(member, _MANIFEST)
            try:
                rows = list(csv.reader(io.StringIO((data or b"").decode("utf-8", "replace"))))
            except csv.Error:
                contents.leave_out("RECORD: not what it should be")
                continue
            found.update((root / row[0]).as_posix() for row in rows if row and row[0])
    return frozenset(found)
