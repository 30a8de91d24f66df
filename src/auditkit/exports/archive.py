"""Opening what a client handed over: a folder, a zip or a single file, none of which is trusted.

Nothing is extracted to disk and nothing outside the export is opened: symbolic links, devices, names with ``..``,
absolute names and drive letters are refused, and so is what expands beyond bounds. Each refusal is one note, and the
rest is read.
"""

import io
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from auditkit.errors import ExportError
from auditkit.exports._bytes import BROKEN, RATIO_COUNTS_FROM, Stream, reason_of

__all__ = ["ExportFile", "Limits", "open_export", "open_zip", "printable"]

_IGNORED = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar")
_STREAMED = re.compile(r"cloudtrail.*\.(?:json|jsonl|ndjson|gz)$", re.IGNORECASE)
_END = (1 << 16) + 22  # most bytes of the record at the end of a zip
_LARGEST_DIRECTORY = 64 << 20


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on what one export may hold.

    Attributes
    ----------
    file_bytes
        Largest file, in bytes after expansion.
    total_bytes
        All files together, in bytes after expansion.
    files
        Number of files.
    ratio
        Largest expansion of one entry of a zip above one mebibyte: bytes after it divided by bytes before it. JSON of
        real accounts stays below 50.
    streamed_bytes
        Logs of CloudTrail, which are never held as a whole: all of them together, in bytes before expansion. They do
        not count among the others.
    """

    file_bytes: int = 2 << 30
    total_bytes: int = 16 << 30
    files: int = 1_000_000
    ratio: float = 200.0
    streamed_bytes: int = 256 << 30


class ExportFile(msgspec.Struct, frozen=True):
    """A file of an export.

    Attributes
    ----------
    path
        Path below the root of the export, with forward slashes.
    size
        Size in bytes, as announced.
    read
        Returns the content; raises :class:`~auditkit.errors.ExportError` where that is impossible.
    open
        Returns the content as a stream; raises the same. The caller closes it.
    """

    path: str
    size: int
    read: Callable[[], bytes]
    open: Callable[[], Stream]


Refuse = Callable[[str, str], None]
"""Takes the path of something that is not read, and why."""


def printable(text: str) -> str:
    """Return a name fit for messages: control characters, and those that turn the direction of text, are escaped."""
    return "".join(
        character
        if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


@contextmanager
def open_export(path: Path, refuse: Refuse, *, limits: Limits | None = None) -> Iterator[tuple[ExportFile, ...]]:
    """Open an export and give its files, sorted by path; they can be read while the context is open.

    Parameters
    ----------
    path
        A folder, a zip, or a single file.
    refuse
        Called for everything that is not given.
    limits
        Bounds; the defaults of :class:`Limits` where not given.

    Raises
    ------
    ExportError
        There is nothing at `path`, it cannot be opened, or it is neither a folder nor a regular file.
    """
    bounds = limits if limits is not None else Limits()
    with _opened(path) as archive:
        if archive is not None:
            found = _entries(archive, refuse, bounds)
        elif path.is_dir():
            found = _folder(path, refuse)
        else:
            found = iter([_plain_file(path, PurePosixPath(path.name))])
        yield tuple(_bounded(found, refuse, bounds))


@contextmanager
def open_zip(file: IO[bytes], refuse: Refuse, *, limits: Limits) -> Iterator[tuple[ExportFile, ...]]:
    """Open a zip that lies inside an export and give its files; as :func:`open_export`, archives within included.

    Parameters
    ----------
    file
        The zip; it must be seekable.
    refuse, limits
        As of :func:`open_export`.

    Raises
    ------
    ExportError
        It is no zip, or its list of files is too large to be read.
    """
    try:
        if _directory_bytes(file) > _LARGEST_DIRECTORY:
            raise ExportError("a zip of too many files")
        archive = zipfile.ZipFile(file)
    except BROKEN as error:
        raise ExportError("not a readable zip") from error
    with archive:
        yield tuple(_bounded(_entries(archive, refuse, limits), refuse, limits))


def _directory_bytes(file: IO[bytes]) -> int:
    """Return how many bytes the list of files of a zip takes, as it says at its end."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END))
    tail = file.read(_END)
    file.seek(0)
    start = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[start + 12 : start + 16], "little") if start >= 0 else 0


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile | None]:
    """Give the archive at a path, or ``None`` where a folder or another regular file is there."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
            raise ExportError(f"{printable(str(path))}: neither a folder nor a regular file")
        archive = zipfile.ZipFile(path) if stat.S_ISREG(mode) and _is_zip(path) else None
    except OSError as error:
        raise ExportError(f"{printable(str(path))}: {error.strerror}") from error
    except BROKEN as error:
        raise ExportError(f"{printable(str(path))}: not a readable zip") from error
    if archive is None:
        yield None
        return
    with archive:
        yield archive


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


def _bounded(files: Iterator[ExportFile], refuse: Refuse, limits: Limits) -> Iterator[ExportFile]:
    total = streamed = 0
    for count, file in enumerate(files, start=1):
        if count > limits.files:
            refuse("", f"more than {limits.files:,} files; the rest was not read")
            return
        if _STREAMED.search(file.path):
            streamed += file.size
            if streamed > limits.streamed_bytes:
                refuse(file.path, f"the logs are larger than {limits.streamed_bytes:,} bytes")
            else:
                yield file
            continue
        if file.size > limits.file_bytes:
            refuse(file.path, f"larger than {limits.file_bytes:,} bytes")
            continue
        if total + file.size > limits.total_bytes:
            refuse(file.path, f"the export is larger than {limits.total_bytes:,} bytes")
            continue
        total += file.size
        yield file


# ---------------------------------------------------------------- folders


def _folder(root: Path, refuse: Refuse) -> Iterator[ExportFile]:
    found: list[ExportFile] = []
    waiting = [(root, PurePosixPath())]
    while waiting:
        folder, place = waiting.pop()
        try:
            children = sorted(folder.iterdir(), key=lambda child: child.name)
        except OSError as error:
            refuse(_text(place), f"folder cannot be opened: {error.strerror}")
            continue
        for child in children:
            below = place / child.name
            try:
                mode = child.lstat().st_mode
            except OSError as error:
                refuse(_text(below), f"cannot be opened: {error.strerror}")
                continue
            if stat.S_ISLNK(mode) or _is_junction(child):
                refuse(_text(below), "a symbolic link; links are not followed")
            elif stat.S_ISDIR(mode):
                waiting.append((child, below))
            elif not stat.S_ISREG(mode):
                refuse(_text(below), "neither a folder nor a regular file")
            elif child.name not in _IGNORED and not _is_archive(below, refuse):
                found.append(_plain_file(child, below))
    yield from sorted(found, key=lambda file: file.path)


def _is_junction(path: Path) -> bool:
    """Return whether a path is a junction of Windows, which is no symbolic link and leads elsewhere all the same."""
    reparse = getattr(path.lstat(), "st_reparse_tag", 0)
    return bool(reparse) and reparse == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def _is_archive(place: PurePosixPath, refuse: Refuse) -> bool:
    if place.name.lower().endswith(_ARCHIVES):
        refuse(_text(place), "an archive inside an export is not opened")
        return True
    return False


def _plain_file(path: Path, place: PurePosixPath) -> ExportFile:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise ExportError(f"cannot be opened: {error.strerror}") from error

    size = path.lstat().st_size

    def stream() -> Stream:
        try:
            return Stream(path.open("rb"), size)
        except OSError as error:
            raise ExportError(f"cannot be opened: {error.strerror}") from error

    return ExportFile(_text(place), size, read, stream)


def _text(place: PurePosixPath) -> str:
    return place.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")


# ---------------------------------------------------------------- zips


def _entries(archive: zipfile.ZipFile, refuse: Refuse, limits: Limits) -> Iterator[ExportFile]:
    seen: set[str] = set()
    files: list[ExportFile] = []
    for info in archive.infolist():
        if not info.filename:
            refuse("", "an entry of the archive without a name")
            continue
        if info.is_dir():
            continue
        name = info.filename.replace("\\", "/")
        if name.startswith("__MACOSX/") or PurePosixPath(name).name in _IGNORED:
            continue
        reason = _why_unsafe(name, info, limits)
        place = PurePosixPath(name)
        if not reason and _text(place) in seen:
            reason = "named twice in the archive; the first is read"
        if reason:
            refuse(name, reason)
        elif not _is_archive(place, refuse):
            seen.add(_text(place))
            files.append(_entry(archive, info, _text(place)))
    yield from sorted(files, key=lambda file: file.path)


def _why_unsafe(name: str, info: zipfile.ZipInfo, limits: Limits) -> str:
    """Return why an entry is not read, ``""`` where it may be."""
    parts = name.split("/")
    if name.startswith("/") or (len(parts[0]) > 1 and parts[0][1] == ":"):
        return "an absolute path"
    if ".." in parts:
        return "its path leads out of the archive"
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a symbolic link; links are not followed"
    if kind not in {0, stat.S_IFREG}:
        return "neither a folder nor a regular file"
    if info.flag_bits & 0x1:
        return "encrypted"
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "packed in a way that is neither plain nor deflated"
    if info.file_size > RATIO_COUNTS_FROM and info.file_size > limits.ratio * max(info.compress_size, 1):
        return f"expands more than {limits.ratio:g} times"
    return ""


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> ExportFile:
    def read() -> bytes:
        try:
            with archive.open(info) as entry:
                content = entry.read(info.file_size + 1)
        except BROKEN as error:
            raise ExportError(f"cannot be unpacked: {reason_of(error)}") from error
        if len(content) > info.file_size:
            raise ExportError("larger than the archive says")
        return content

    def stream() -> Stream:
        try:
            return Stream(archive.open(info), info.file_size)
        except BROKEN as error:
            raise ExportError(f"cannot be unpacked: {reason_of(error)}") from error

    return ExportFile(path, info.file_size, read, stream)
