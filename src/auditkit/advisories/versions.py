"""Versions of packages, compared as their ecosystem does, and the ranges of advisories."""

from collections.abc import Iterable
from functools import cmp_to_key, lru_cache
from typing import Any

from univers import versions
from univers.nuget import InvalidNuGetVersion

__all__ = ["affected", "before", "fixed_after", "same_version"]

_LONGEST = 128
_SCHEMES: dict[str, type[versions.Version]] = {
    "cargo": versions.SemverVersion,
    "composer": versions.ComposerVersion,
    "gem": versions.RubygemsVersion,
    "golang": versions.SemverVersion,
    "hex": versions.SemverVersion,
    "maven": versions.MavenVersion,
    "npm": versions.SemverVersion,
    "nuget": versions.NugetVersion,
    "pub": versions.SemverVersion,
    "pypi": versions.PypiVersion,
}
_BUILDS = frozenset({"cargo", "composer", "golang", "hex", "npm", "nuget", "pub"})
"""Ecosystems in which what follows a ``+`` counts for nothing (Semantic Versioning 2.0, 10)."""

Event = tuple[str, str]
"""``"introduced"``, ``"fixed"``, ``"last_affected"`` or ``"limit"``, and the version."""


@lru_cache(maxsize=1 << 16)
def _parsed(purl_type: str, text: str) -> Any:  # noqa: ANN401 -- each scheme has a class of its own
    """Return a version that can be compared with others of its type, ``None`` for what is none."""
    scheme = _SCHEMES.get(purl_type)
    if scheme is None or not 0 < len(text) <= _LONGEST or not text.isascii() or not text.isprintable():
        return None
    plain = text.partition("+")[0] if purl_type in _BUILDS else text
    try:
        return scheme(plain)
    except (ValueError, TypeError, AttributeError, IndexError, InvalidNuGetVersion):
        return None


def before(purl_type: str, first: str, second: str) -> bool | None:
    """Return whether one version comes before another; ``None`` where they cannot be compared."""
    one, two = _parsed(purl_type, first), _parsed(purl_type, second)
    if one is None or two is None:
        return None
    try:
        return bool(one < two)
    except (ValueError, TypeError, AttributeError, IndexError):
        return None


def same_version(purl_type: str, first: str, second: str) -> bool:
    """Return whether two texts are the same version (``"1.0"`` and ``"1.0.0"`` of PyPI are)."""
    return first == second or (before(purl_type, first, second), before(purl_type, second, first)) == (False, False)


def affected(purl_type: str, version: str, events: Iterable[Event]) -> bool | None:
    """Return whether a version lies in a range, by the algorithm of the OSV schema (*Evaluation*).

    Parameters
    ----------
    purl_type, version
        Type of the package URL, and version of the package.
    events
        In any order. A range without ``introduced`` holds nothing.

    Returns
    -------
    bool or None
        ``None`` where the version, or one of the range, cannot be compared.
    """
    listed = list(events)
    if _parsed(purl_type, version) is None:
        return None
    limits = [limit for kind, limit in listed if kind == "limit"]
    within = [True if limit == "*" else before(purl_type, version, limit) for limit in limits]
    if limits and not any(within):
        return None if None in within else False
    state = False
    for kind, bound in _sorted(purl_type, [event for event in listed if event[0] != "limit"]):
        below = False if (kind, bound) == ("introduced", "0") else before(purl_type, version, bound)
        if below is None:
            return None
        if kind == "introduced" and not below:
            state = True
        elif (kind == "fixed" and not below) or (kind == "last_affected" and before(purl_type, bound, version)):
            state = False
    return state


def _sorted(purl_type: str, events: list[Event]) -> list[Event]:
    """Return events by version; at the same version what closes comes before what opens, but for ``last_affected``."""

    def compare(one: Event, other: Event) -> int:
        starts = [event == ("introduced", "0") for event in (one, other)]
        if any(starts):
            return starts[1] - starts[0]
        return int(before(purl_type, other[1], one[1]) is True) - int(before(purl_type, one[1], other[1]) is True)

    order = {"fixed": 0, "introduced": 1, "last_affected": 2}
    return sorted(sorted(events, key=lambda event: order.get(event[0], len(order))), key=cmp_to_key(compare))


def fixed_after(purl_type: str, version: str, events: Iterable[Event]) -> str:
    """Return the lowest version of a range that is without the vulnerability again, ``""`` where none is known."""
    best = ""
    for kind, bound in events:
        above = kind == "fixed" and before(purl_type, version, bound)
        if above and (not best or before(purl_type, bound, best)):
            best = bound
    return best
