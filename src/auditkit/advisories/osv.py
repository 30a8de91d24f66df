"""The OSV format (https://ossf.github.io/osv-schema/): an advisory, narrowed to what matching needs.

Ranges of commits (``GIT``) are not read: packages have versions, not commits.
"""

from collections.abc import Iterator

import msgspec

from auditkit.advisories.cvss import base_score
from auditkit.advisories.names import PackageName, ecosystem_type, name_in
from auditkit.advisories.versions import Event
from auditkit.inventory import Source
from auditkit.inventory.evidence.weaknesses import Rating

__all__ = ["Advisory", "AdvisoryError", "Affected", "Reader"]

_TITLE, _LONGEST = 300, 128
_MOST = 20_000
"""Events of a range, and versions of a package, in one advisory: more is no advisory."""
_WORDS = {
    "CRITICAL": Rating.CRITICAL,
    "HIGH": Rating.HIGH,
    "MODERATE": Rating.MEDIUM,
    "MEDIUM": Rating.MEDIUM,
    "LOW": Rating.LOW,
    "NONE": Rating.NONE,
}
_SCALE = ((9.0, Rating.CRITICAL), (7.0, Rating.HIGH), (4.0, Rating.MEDIUM), (0.1, Rating.LOW), (0.0, Rating.NONE))
_OPENS = frozenset({"introduced", "limit"})


class AdvisoryError(ValueError):
    """Something is no advisory."""


class _Severity(msgspec.Struct):
    type: str = ""
    score: str = ""


class _Package(msgspec.Struct):
    ecosystem: str = ""
    name: str = ""


class _Range(msgspec.Struct):
    type: str = ""
    events: list[dict[str, str]] = []


class _Specific(msgspec.Struct):
    severity: object = None
    last_known_affected_version_range: object = None


class _Affected(msgspec.Struct):
    package: _Package | None = None
    ranges: list[_Range] | None = None
    versions: list[str] | None = None
    severity: list[_Severity] | None = None
    database_specific: _Specific | None = None


class _Document(msgspec.Struct):
    id: str
    modified: str = ""
    withdrawn: str | None = None
    aliases: list[str] | None = None
    summary: str | None = None
    severity: list[_Severity] | None = None
    affected: list[_Affected] | None = None
    database_specific: _Specific | None = None


class Affected(msgspec.Struct, frozen=True):
    """What an advisory says of one package.

    Attributes
    ----------
    name
        The package.
    ranges
        Ranges of versions, each as its events.
    versions
        Versions that are affected, one by one.
    last_known
        The last version that its database knows to be affected, of a range without end: ``"<= 1.2"``; ``""`` else.
    """

    name: PackageName
    ranges: tuple[tuple[Event, ...], ...] = ()
    versions: tuple[str, ...] = ()
    last_known: str = ""


class Advisory(msgspec.Struct, frozen=True):
    """An advisory.

    Attributes
    ----------
    id, aliases
        Its identifier, and others of the same vulnerability, sorted.
    title
        Summary, shortened.
    rating, score
        How grave it is; CVSS base score in [0, 10], ``None`` where not said.
    affected
        The packages.
    source
        Where it was read.
    """

    id: str
    aliases: tuple[str, ...]
    title: str
    rating: Rating
    score: float | None
    affected: tuple[Affected, ...]
    source: Source


class Reader:
    """Decodes advisories.

    Attributes
    ----------
    latest
        When the newest advisory that was read was last modified, ISO 8601.
    """

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(_Document)
        self.latest = ""

    def read(
        self, data: bytes, source: Source, wanted: frozenset[PackageName] | None
    ) -> tuple[Advisory | None, frozenset[str]]:
        """Read an advisory.

        Returns
        -------
        advisory
            ``None`` for one that is withdrawn, or about no package that is wanted.
        types
            Types of package URLs that it is about.

        Raises
        ------
        AdvisoryError
            It is none.
        """
        try:
            document = self._decoder.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise AdvisoryError(f"no advisory: {error}") from None
        if not _is_name(document.id):
            raise AdvisoryError("no advisory: its identifier is none")
        self.latest = max(self.latest, document.modified)
        found = [(name, item) for item in document.affected or () if (name := _named(item)) is not None]
        types = frozenset(name.type for name, _ in found)
        chosen = [(name, item) for name, item in found if wanted is None or name in wanted]
        if document.withdrawn or not chosen:
            return None, types
        return _advisory(document, chosen, source), types


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text.isascii() and text.isprintable()


def _named(item: _Affected) -> PackageName | None:
    package = item.package
    kind = ecosystem_type(package.ecosystem) if package is not None else ""
    return name_in(kind, package.name) if package is not None and kind and package.name.strip() else None


def _affected(name: PackageName, item: _Affected) -> Affected:
    ranges = tuple(tuple(_events(one)) for one in item.ranges or () if one.type.upper() != "GIT")
    versions = tuple(item.versions or ())
    if len(versions) > _MOST or any(len(events) > _MOST for events in ranges):
        raise AdvisoryError(f"more than {_MOST:,} versions of one package")
    known = item.database_specific.last_known_affected_version_range if item.database_specific is not None else None
    open_ = bool(ranges) and all(kind in _OPENS for events in ranges for kind, _ in events)
    return Affected(name, ranges, versions, known if isinstance(known, str) and open_ else "")


def _events(one: _Range) -> Iterator[Event]:
    for event in one.events:
        yield from ((kind, version.strip()) for kind, version in sorted(event.items()))


def _advisory(document: _Document, chosen: list[tuple[PackageName, _Affected]], source: Source) -> Advisory:
    said = [one for _, item in chosen for one in item.severity or ()] or document.severity or []
    scores = [score for one in said if (score := base_score(one.score)) is not None]
    score = max(scores, default=None)
    word = document.database_specific.severity if document.database_specific is not None else None
    rating = _WORDS.get(word.upper(), Rating.UNKNOWN) if isinstance(word, str) else Rating.UNKNOWN
    if score is not None:
        rating = next(rating for least, rating in _SCALE if score >= least)
    if document.id.startswith("MAL-"):
        rating = Rating.CRITICAL  # the package itself is malicious, and no score is ever given
    aliases = tuple(sorted({one for one in document.aliases or () if _is_name(one)} - {document.id}))
    affected = tuple(_affected(name, item) for name, item in chosen)
    return Advisory(document.id, aliases, (document.summary or "")[:_TITLE], rating, score, affected, source)
