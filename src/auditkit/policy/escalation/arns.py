"""Sorted ARNs, and which of them a pattern covers: sets as the bits of an integer."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator

from msgspec import UNSET, UnsetType

from auditkit.policy.escalation.subjects import Tags
from auditkit.policy.matching import Lookup, covers_everything, match_resource, resolved
from auditkit.policy.wildcards import Glob, Segments, joined, tokens

__all__ = ["Arns", "places"]

_LAST = "\U0010ffff"
_KEPT = 512


def places(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set, ascending."""
    digits = bin(bits)[:1:-1]  # without the "0b", lowest first
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


def _tail(arn: str) -> str:
    """Return what stands behind the last slash or colon."""
    return arn[max(arn.rfind("/"), arn.rfind(":")) + 1 :]


class Arns:
    """ARNs in order, each of which has a bit.

    Parameters
    ----------
    arns
        The ARNs; sorted here, and each taken once.
    tags
        Gives the tags of what an ARN names; without it nobody knows them.
    """

    def __init__(self, arns: Iterable[str], tags: Callable[[str], Tags | UnsetType] = lambda _: UNSET) -> None:
        self.tags = tags
        self.list = sorted(set(arns))
        self.place = {arn: place for place, arn in enumerate(self.list)}
        self.all = (1 << len(self.list)) - 1
        self._tails: dict[str, list[int]] = {}
        for place, arn in enumerate(self.list):
            self._tails.setdefault(_tail(arn), []).append(place)
        self._covered: dict[str, int] = {}
        self._alike: dict[Hashable, list[int]] = {}

    def bits(self, arns: Iterable[str]) -> int:
        """Return the set of those ARNs that are here."""
        digits = bytearray(b"0") * len(self.list)
        for arn in arns:
            place = self.place.get(arn)
            if place is not None:
                digits[-1 - place] = 49  # "1"
        return int(digits or b"0", 2)

    def of(self, bits: int) -> Iterator[str]:
        """Yield the ARNs of a set, in order."""
        return (self.list[place] for place in places(bits))

    def alike(self, keys: Hashable, mark: Callable[[str], Hashable]) -> list[int]:
        """Return the sets of ARNs that have the same mark, worked out once for what the marks are made of."""
        if keys not in self._alike:
            found: dict[Hashable, list[str]] = {}
            for arn in self.list:
                found.setdefault(mark(arn), []).append(arn)
            self._alike[keys] = [self.bits(members) for members in found.values()]
        return self._alike[keys]

    def covered(self, pattern: str, *, variables: bool, lookup: Lookup) -> int:
        """Return which ARNs a pattern of a ``Resource`` element covers; a variable nobody knows covers anything."""
        if covers_everything(pattern):
            return self.all
        if variables and "${" in pattern:
            return self._resolved(pattern, lookup)
        found = self._covered.get(pattern)
        if found is None:
            parts = tokens(pattern, variables=False)
            known: Lookup = _nothing
            found = self._scan(
                parts, lambda arn: bool(match_resource(pattern, arn, variables=False, lookup=known).truth)
            )
            if len(pattern) <= _KEPT:
                self._covered[pattern] = found
        return found

    def _resolved(self, pattern: str, lookup: Lookup) -> int:
        found = resolved(pattern, lookup)
        if found is None:
            return 0
        whole = joined(found.tokens)
        matcher = Glob(whole) if found.keys else Segments(whole)
        return self._scan(whole, matcher.match)

    def _scan(self, parts: Iterable[object], match: Callable[[str], bool]) -> int:
        """Match only those that begin, or end, as the pattern does."""
        whole = list(parts)
        if not whole:
            return 0
        head = whole[0] if isinstance(whole[0], str) else ""
        if len(whole) == 1 and head:
            place = self.place.get(head)
            return 0 if place is None else 1 << place
        low, high = bisect_left(self.list, head), bisect_left(self.list, head + _LAST)
        candidates: Iterable[int] = range(low, high)
        last = whole[-1] if isinstance(whole[-1], str) else ""
        if "/" in last or ":" in last:
            ends = self._tails.get(_tail(last), [])
            if len(ends) < high - low:
                candidates = ends
        digits = bytearray(b"0") * len(self.list)
        for place in candidates:
            if match(self.list[place]):
                digits[-1 - place] = 49
        return int(digits or b"0", 2)


def _nothing(_: str) -> None:
    return None
