"""What of a code package is looked at, put into a temporary folder under names of our own."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from auditkit.errors import ExportError
from auditkit.exports.archive import ExportFile, Limits, open_zip
from auditkit.scanning.running import CodeLimits

__all__ = ["Unpacked", "unpack"]

_ENTRIES = Limits(file_bytes=4 << 30, total_bytes=8 << 30, files=200_000, ratio=200)
_TEXT = re.compile(
    r".+\.(?:py|js|mjs|cjs|jsx|ts|tsx|rb|php|sh|go|java|cs|json|ya?ml|env|toml|ini|cfg|conf|properties|xml|pem|key|txt)"
    r"|(?:.*/)?(?:\.env|\.npmrc|\.pypirc|\.netrc|credentials)",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"(?:^|.*/)(?:node_modules|site-packages|dist-packages|vendor/bundle|[^/]+\.(?:dist|egg)-info)/"
    r"|(?:^|.*/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|Pipfile\.lock|poetry\.lock|uv\.lock)$"
    r"|(?:^|.*/)(?:packages\.lock\.json|Gemfile\.lock|[^/]+\.deps\.json)$"
)
"""Code of others, which advisories tell of, and lock files, whose digests look like secrets."""


_SUFFIX = re.compile(r"\.[a-z]{1,10}")


class Unpacked(NamedTuple):
    """What was unpacked of a package: member by file, and what was left out, in words."""

    members: dict[str, str]
    left_out: tuple[str, ...]


def unpack(data: bytes, folder: Path, name: str, limits: CodeLimits) -> Unpacked:
    """Write the texts of a package's own code into a folder.

    Parameters
    ----------
    data
        The zip.
    folder
        Where to; what is written is named `name`, a number, and the suffix of the member.
    name
        Begins the names of its files.
    limits
        Bounds.

    Raises
    ------
    ExportError
        It is no zip.
    """
    left: dict[str, int] = {}

    def leave(reason: str) -> None:
        left[reason] = left.get(reason, 0) + 1

    members: dict[str, str] = {}
    total = 0
    with open_zip(io.BytesIO(data), lambda _, reason: leave(reason), limits=_ENTRIES) as files:
        installed = _installed(files)
        for file in files:
            if not _TEXT.fullmatch(file.path) or _OTHERS.match(file.path) or file.path in installed:
                continue
            total += file.size
            if file.size > limits.file_bytes or total > limits.package_bytes or len(members) >= limits.files:
                leave("more, or larger, than is scanned")
                continue
            _write(file, folder, f"{name}-{len(members):04d}", members, leave)
    return Unpacked(members, tuple(f"{why} ({count})" if count > 1 else why for why, count in sorted(left.items())))


def _write(file: ExportFile, folder: Path, stem: str, members: dict[str, str], leave: Callable[[str], None]) -> None:
    suffix = PurePosixPath(file.path).suffix.lower()
    written = stem + (suffix if _SUFFIX.fullmatch(suffix) else ".txt")
    try:
        (folder / written).write_bytes(file.read())
    except ExportError as error:
        leave(str(error))
    else:
        members[written] = file.path


def _installed(files: tuple[ExportFile, ...]) -> frozenset[str]:
    """Return the files of installed Python distributions, by their records."""
    found: set[str] = set()
    for file in files:
        if file.path.endswith(".dist-info/RECORD") and file.size <= 16 << 20:
            root = PurePosixPath(file.path).parent.parent
            try:
                rows = list(csv.reader(io.StringIO(file.read().decode("utf-8", "replace"))))
            except (ExportError, csv.Error):
                continue
            found.update((root / row[0]).as_posix() for row in rows if row and row[0])
    return frozenset(found)
