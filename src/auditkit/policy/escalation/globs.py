"""Patterns with wildcards that meet: what two of them cover in common, written as one pattern.

Here a wildcard is a character of its own, so that a pattern is a text that can be cut like any other, and a literal
``*`` in it stays one.
"""

from collections.abc import Iterable
from functools import lru_cache

from auditkit.policy.wildcards import Wild

__all__ = ["LONGEST", "MANY", "ONE", "glob", "meet"]

MANY, ONE = "\0", "\1"
"""What stands for ``*``, and for ``?``."""

_COLONS = 5
_KEPT = 65_536
LONGEST = 512
"""Characters of a pattern, above which it is not looked at what it has in common with others."""
_WILDS = {Wild.MANY: MANY, Wild.ONE: ONE}


def glob(pieces: Iterable[str | Wild]) -> str:
    """Return the text of a pattern that is cut into literal text and wildcards."""
    return "".join(_WILDS[piece] if isinstance(piece, Wild) else piece for piece in pieces)


@lru_cache(maxsize=_KEPT)
def meet(one: str, other: str) -> str | None:
    """Return a pattern of ARNs that two patterns cover, part by part between colons; None where there are none.

    Parameters
    ----------
    one, other
        Patterns, as :func:`glob` writes them.

    Returns
    -------
    str or None
        All that it covers is covered by both; there may be more that both cover. None of one above :data:`LONGEST`.
    """
    if max(len(one), len(other)) > LONGEST:
        return None
    parts, others = one.split(":", _COLONS), other.split(":", _COLONS)
    if len(parts) != len(others):
        return None
    found = []
    for part, another in zip(parts, others, strict=True):
        both = _common(part, another)
        if both is None:
            return None
        found.append(both)
    return ":".join(found)


def _common(one: str, other: str) -> str | None:
    if one == other:
        return one
    if MANY not in one and MANY not in other:
        return _unified(one, other) if len(one) == len(other) else None
    if MANY not in one:
        return _within(one, other)
    if MANY not in other:
        return _within(other, one)
    first, *inner, last = one.split(MANY)
    begin, *further, end = other.split(MANY)
    head, tail = _head(first, begin), _head(last[::-1], end[::-1])
    if head is None or tail is None:
        return None
    return MANY.join((head, *filter(None, (*inner, *further)), tail[::-1]))


def _unified(one: str, other: str) -> str | None:
    """Return what two texts of one length have in common; None where they contradict each other."""
    if one == other or (ONE not in one and ONE not in other):
        return one if one == other else None
    found = []
    for char, another in zip(one, other, strict=True):
        if char not in {another, ONE} and another != ONE:
            return None
        found.append(another if char == ONE else char)
    return "".join(found)


def _head(one: str, other: str) -> str | None:
    """Return what begins like both of two texts; None where nothing does."""
    length = min(len(one), len(other))
    begin = _unified(one[:length], other[:length])
    return None if begin is None else begin + one[length:] + other[length:]


def _within(text: str, pattern: str) -> str | None:
    """Return what a text without ``*`` has in common with a pattern."""
    first, *inner, last = pattern.split(MANY)
    if len(first) + len(last) > len(text):
        return None
    found, place = [_unified(text[: len(first)], first)], len(first)
    end = len(text) - len(last)
    for piece in filter(None, inner):
        starts = range(place, end - len(piece) + 1)
        start = next((at for at in starts if _unified(text[at : at + len(piece)], piece) is not None), None)
        if start is None:
            return None
        found += [text[place:start], _unified(text[start : start + len(piece)], piece)]
        place = start + len(piece)
    found += [text[place:end], _unified(text[end:], last)]
    return None if None in found else "".join(piece for piece in found if piece is not None)
