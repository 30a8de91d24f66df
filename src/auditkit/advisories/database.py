"""A folder with OSV's published archives (``PyPI/all.zip``, ``npm.zip`` ...) or their unpacked files, read and indexed.

The archives are those of OSV.dev's data export, one per ecosystem. They are as little trusted as an export: nothing is
extracted, bounds hold, and an advisory that cannot be read is a note.
"""

import io
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from auditkit.advisories.matching import Hit, hits
from auditkit.advisories.names import PackageName, ecosystem_type, name_of_purl
from auditkit.advisories.osv import Advisory, AdvisoryError, Reader
from auditkit.errors import ExportError
from auditkit.exports.archive import ExportFile, Limits, open_export, open_zip
from auditkit.inventory import NotRead, Source
from auditkit.inventory.evidence.packages import Package

__all__ = ["Advisories", "read_advisories"]

_LIMITS = Limits(files=3_000_000)
_LARGEST = 16 << 20
"""Of one advisory, in bytes."""
_STEP = 2000

Progress = Callable[[str, int, int], None]


class Advisories:
    """Advisories by package.

    Parameters
    ----------
    found
        The advisories.
    types
        Types of package URLs that the database holds advisories of.
    latest
        When the newest of them was last modified, ISO 8601.
    not_read
        What could not be read.
    broken
        Number of advisories that could not be read, by type of package URL; under ``""`` those of which not even the
        ecosystem is known.
    """

    def __init__(
        self,
        found: Iterable[Advisory] = (),
        *,
        types: Iterable[str] = (),
        latest: str = "",
        not_read: Iterable[NotRead] = (),
        broken: dict[str, int] | None = None,
    ) -> None:
        self._by_name: dict[PackageName, list[Advisory]] = {}
        for advisory in sorted(found, key=lambda one: (one.id, one.source)):
            for name in dict.fromkeys(item.name for item in advisory.affected):
                self._by_name.setdefault(name, []).append(advisory)
        self.types = frozenset(types)
        self.latest = latest
        self.not_read = tuple(sorted(not_read))
        self._broken = dict(broken or {})
        self._hits: dict[str, tuple[Hit, ...]] = {}

    def __len__(self) -> int:
        """Return the number of advisories."""
        return len({(one.id, one.source) for found in self._by_name.values() for one in found})

    def of(self, package: Package) -> tuple[Hit, ...]:
        """Return the vulnerabilities of a package; none for one whose version is not known."""
        if package.purl not in self._hits:
            name = name_of_purl(package.purl)
            known = self._by_name.get(name, ()) if name is not None and package.version else ()
            self._hits[package.purl] = hits(known, name, package.version) if name is not None and known else ()
        return self._hits[package.purl]

    def lacks(self, package: Package) -> str:
        """Return why nothing certain can be said of a package, ``""`` where it can."""
        name = name_of_purl(package.purl)
        if name is None or name.type not in self.types:
            return f"advisories of the ecosystem {name.type if name is not None else '?'}"
        broken = self._broken.get(name.type, 0) + self._broken.get("", 0)
        if broken:
            return f"{broken} advisories that could not be read"
        return "" if package.version else "the versions of packages that are only declared"


def read_advisories(
    path: str | os.PathLike[str], *, wanted: Iterable[str] | None = None, progress: Progress | None = None
) -> Advisories:
    """Read an offline OSV database.

    Parameters
    ----------
    path
        A folder with archives (``PyPI/all.zip``, ``PyPI.zip``) or unpacked advisories (``PyPI/GHSA-....json``); or one
        archive or file.
    wanted
        Package URLs: advisories about others are not kept, which saves memory. All are kept by default.
    progress
        Called with what is done, and how many files are.

    Raises
    ------
    ExportError
        There is nothing at `path`, or it cannot be opened.
    """
    names = None if wanted is None else frozenset(name for purl in wanted if (name := name_of_purl(purl)) is not None)
    reading = _Reading(names, progress)
    folder = Path(path)
    with open_export(folder, reading.refuse, limits=_LIMITS) as files:
        for file in files:
            reading.take(file, PurePosixPath(folder.name) / file.path)
    return reading.done()


def _type_of(path: PurePosixPath) -> str:
    """Return the type of package URLs that a file is about, by its folder or else its name; ``""`` for unknown."""
    return ecosystem_type(path.parent.name.removesuffix(".zip")) or ecosystem_type(path.name.removesuffix(".zip"))


class _Reading:
    """Reading of one database."""

    def __init__(self, names: frozenset[PackageName] | None, progress: Progress | None) -> None:
        self._names = names
        self._progress = progress
        self._reader = Reader()
        self._found: list[Advisory] = []
        self._notes: list[NotRead] = []
        self._broken: Counter[str] = Counter()
        self._types: set[str] = set()
        self._count = 0

    def refuse(self, path: str, reason: str) -> None:
        """Note that a file is not read."""
        self._note(Source(path), reason, _type_of(PurePosixPath(path)))

    def take(self, file: ExportFile, path: PurePosixPath) -> None:
        """Read an archive or an advisory; what is neither is left alone."""
        if path.suffix.lower() == ".zip":
            self._archive(file, Source(path.as_posix()), _type_of(path))
        elif path.suffix.lower() == ".json":
            self._advisory(file, Source(path.as_posix()), _type_of(path))

    def _archive(self, file: ExportFile, source: Source, kind: str) -> None:
        def refuse(path: str, reason: str) -> None:
            self._note(source.at(path), reason, kind)

        try:
            with open_zip(io.BytesIO(file.read()), refuse, limits=_LIMITS) as members:
                for member in members:
                    if member.path.lower().endswith(".json"):
                        self._advisory(member, source.at(member.path), kind)
        except ExportError as error:
            self._note(source, str(error), kind)

    def _advisory(self, file: ExportFile, source: Source, kind: str) -> None:
        self._count += 1
        if self._progress is not None and self._count % _STEP == 0:
            self._progress("advisories", self._count, 0)
        if file.size > _LARGEST:
            self._note(source, f"larger than {_LARGEST >> 20} MiB, which no advisory is", kind)
            return
        try:
            advisory, types = self._reader.read(file.read(), source, self._names)
        except (ExportError, AdvisoryError) as error:
            self._note(source, str(error), kind)
            return
        self._types |= {kind} if kind else types
        if advisory is not None:
            self._found.append(advisory)

    def _note(self, source: Source, reason: str, kind: str) -> None:
        self._notes.append(NotRead(source, reason))
        self._broken[kind] += 1

    def done(self) -> Advisories:
        """Return what was read."""
        return Advisories(
            self._found, types=self._types, latest=self._reader.latest, not_read=self._notes, broken=self._broken
        )
