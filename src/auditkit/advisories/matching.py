"""Advisories against a package: is its version affected, and which version is not."""

from collections.abc import Iterable

import msgspec

from auditkit.advisories.names import PackageName
from auditkit.advisories.osv import Advisory, Affected
from auditkit.advisories.versions import affected, before, fixed_after, same_version
from auditkit.inventory import Source
from auditkit.inventory.evidence.weaknesses import Rating

__all__ = ["Hit", "hits"]


class Hit(msgspec.Struct, frozen=True):
    """A vulnerability that a package has; several advisories of the same one are one hit.

    Attributes
    ----------
    ids
        Its identifiers: CVE first, then the others, sorted.
    title
        What it is.
    rating, score
        The gravest rating and score that an advisory gives.
    fixed
        Lowest version above that is without it, ``""`` where none is known.
    certain
        False where the version cannot be compared, or lies beyond the last that is known to be affected.
    sources
        The advisories.
    """

    ids: tuple[str, ...]
    title: str = ""
    rating: Rating = Rating.UNKNOWN
    score: float | None = None
    fixed: str = ""
    certain: bool = True
    sources: tuple[Source, ...] = ()

    @property
    def id(self) -> str:
        """The identifier that most people know it by."""
        return self.ids[0]


def hits(advisories: Iterable[Advisory], name: PackageName, version: str) -> tuple[Hit, ...]:
    """Return the vulnerabilities of a version of a package, by identifier.

    Parameters
    ----------
    advisories
        Those about the package.
    name, version
        The package.
    """
    found: list[Hit] = []
    for advisory in advisories:
        told = [_verdict(item, version) for item in advisory.affected if item.name == name]
        if any(verdict is not False for verdict in told):
            events = [event for item in advisory.affected if item.name == name for one in item.ranges for event in one]
            found.append(
                Hit(
                    ids=_ordered({advisory.id, *advisory.aliases}),
                    title=advisory.title,
                    rating=advisory.rating,
                    score=advisory.score,
                    fixed=fixed_after(name.type, version, events),
                    certain=True in told,
                    sources=(advisory.source,),
                )
            )
    return _merged(found, name.type)


def _verdict(item: Affected, version: str) -> bool | None:
    """Return whether a version is affected; ``None`` where that cannot be told."""
    kind = item.name.type
    if any(same_version(kind, version, listed) for listed in item.versions):
        return True
    told = [affected(kind, version, events) for events in item.ranges]
    if True in told:
        return True if not item.last_known or _within(kind, version, item.last_known) else None
    return None if None in told else False


def _within(kind: str, version: str, last_known: str) -> bool:
    """Return whether a version is within what is known to be affected: ``"<= 1.2"`` or ``"< 1.3"``."""
    bound = last_known.lstrip("<=v ")
    below = before(kind, version, bound)
    return bool(below) or (last_known.startswith("<=") and same_version(kind, version, bound))


def _ordered(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids), key=lambda one: (not one.startswith("CVE-"), one)))


def _merged(found: list[Hit], kind: str) -> tuple[Hit, ...]:
    """Return hits of which no two have an identifier in common."""
    by_id: dict[str, Hit] = {}
    for hit in sorted(found, key=lambda one: one.ids):
        for other in {by_id[one] for one in hit.ids if one in by_id}:
            hit = _joined(hit, other, kind)  # noqa: PLW2901 -- grows by what it has in common
        by_id |= dict.fromkeys(hit.ids, hit)
    return tuple(sorted(set(by_id.values()), key=lambda one: one.ids))


def _joined(one: Hit, other: Hit, kind: str) -> Hit:
    ratings = list(Rating)
    scores = [score for score in (one.score, other.score) if score is not None]
    later = other.fixed if before(kind, one.fixed, other.fixed) else one.fixed
    return Hit(
        ids=_ordered((*one.ids, *other.ids)),
        title=one.title or other.title,
        rating=min(one.rating, other.rating, key=ratings.index),
        score=max(scores, default=None),
        fixed=later or other.fixed,
        certain=one.certain or other.certain,
        sources=tuple(sorted({*one.sources, *other.sources})),
    )
