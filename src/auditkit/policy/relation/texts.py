"""Sorted texts of one service, searched by pattern."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from itertools import pairwise

from auditkit.policy.wildcards import Glob, Segments, Wild, split_colons, tokens

__all__ = ["Texts"]

_HEAD = 5
_PARTITION = 1
_LAST = chr(0x10FFFF)
_FEW = 8
"""How many words are sought in texts before these are cut into segments."""

Parts = list[list[str | Wild]]
Range = tuple[int, int]


class _Head:
    """Texts that begin with the same five segments."""

    def __init__(self, texts: list[str], start: int, end: int, stem: str) -> None:
        self._texts, self.start, self.end, self.stem = texts, start, end, stem
        self.segments = tuple(stem.split(":"))
        self.longest = 1 + max(texts[place].count(":") for place in range(start, end))
        self._known: dict[str, int] = {}

    def last_place(self, word: str) -> int:
        """Return the last segment of any text in which a word stands, -1 if it stands in none."""
        if word in self._known:
            return self._known[word]
        if len(self._known) >= _FEW:
            return self._places.get(word, -1)
        found = self._known[word] = self._sought(word)
        return found

    def _sought(self, word: str) -> int:
        """Return the same without cutting all texts into segments, where the word stands in their beginning alone."""
        if word and "\n" not in word and self._joined.count(word) == self.stem.count(word) * (self.end - self.start):
            return max((place for place, segment in enumerate(self.segments) if segment == word), default=-1)
        return self._places.get(word, -1)

    @cached_property
    def _joined(self) -> str:
        return "\n".join(self._texts[self.start : self.end])

    @cached_property
    def _places(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for text in self._texts[self.start : self.end]:
            for place, word in enumerate(text.split(":")):
                found[word] = max(place, found.get(word, 0))
        return found

    def stands_still(self, parts: Parts) -> bool:
        """Whether each of a pattern's first segments can only match the segment in the same place.

        A ``*`` at the end of a segment may go on over further ones. It cannot where the texts have no segments to
        spare, or where a literal segment behind it occurs in no later place.
        """
        if self.longest <= len(parts):
            return True
        loose = [place for place in range(_PARTITION, _HEAD) if parts[place][-1:] == [Wild.MANY]]
        if not loose:
            return True
        for place in range(loose[-1] + 1, len(parts)):
            part = parts[place]
            if len(part) == 1 and isinstance(part[0], str) and self.last_place(part[0]) <= place:
                return True
        return False


class Texts:
    """Sorted texts of one service.

    Parameters
    ----------
    texts
        The texts, sorted.
    """

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._fitting: dict[tuple[str, int], list[tuple[_Head, bool, bool]]] = {}

    def prefix(self, text: str, lo: int = 0, hi: int | None = None) -> Range:
        """Return where texts with a prefix stand."""
        texts = self._texts
        hi = len(texts) if hi is None else hi
        start = bisect_left(texts, text, lo, hi)
        if start == hi or not texts[start].startswith(text):
            return start, start
        end = start + 1
        return start, self._after(text, end, hi) if end < hi and texts[end].startswith(text) else end

    def _after(self, text: str, lo: int, hi: int | None = None) -> int:
        """Return where texts with a prefix end, of which one stands at a place."""
        texts = self._texts
        hi = len(texts) if hi is None else hi
        end = bisect_left(texts, text + _LAST, lo, hi)
        while end < hi and texts[end].startswith(text):
            end += 1  # texts that go on with the last character there is
        return end

    def prefixes(self, wanted: list[tuple[str, int]], owners: list[int], starts: list[int], ends: list[int]) -> None:
        """Add where texts with prefixes stand, each with the owner of its prefix."""
        texts, size, after = self._texts, len(self._texts), self._after
        for text, owner in wanted:
            start = bisect_left(texts, text)
            if start < size and texts[start].startswith(text):
                end = start + 1
                owners.append(owner)
                starts.append(start)
                ends.append(after(text, end) if end < size and texts[end].startswith(text) else end)

    def around(self, before: str, behind: str) -> list[Range]:
        """Return where texts stand that have any characters between two others: no colon, unless one comes next."""
        start, end = self.prefix(before)
        least, free, head, tail = len(before) + len(behind), behind[0] == ":", len(before), len(behind)
        return [
            (place, place + 1)
            for place, text in enumerate(self._texts[start:end], start)
            if len(text) >= least and text.endswith(behind) and (free or ":" not in text[head : len(text) - tail])
        ]

    # ------------------------------------------------------------ patterns as text

    def matching(self, pattern: str, parts: Sequence[str]) -> Iterator[Range]:
        """Yield where the texts stand that a pattern with wildcards covers.

        Parameters
        ----------
        pattern
            The pattern.
        parts
            Its six parts; partition and service have no wildcards.
        """
        rest = parts[_HEAD]
        head = pattern[: len(pattern) - len(rest) - 1]
        first = _first_wild(rest)
        literal = rest[:first]
        if "*" not in head and "?" not in head:
            start, end = self.prefix(f"{head}:{literal}")
            if start < end:
                yield from self._ending(rest, first, (start, end), len(head) + 1)
            return
        whole: list[str | Wild] = []
        parts_of_whole: Parts = []
        for one, fits, still in self._heads_of(head, rest.count(":")):
            if fits and rest == "*":
                yield one.start, one.end
            elif not still:
                if not whole:
                    whole = _tokens(pattern)
                    parts_of_whole = split_colons(whole)
                yield from self._aligned(one, whole, parts_of_whole, partial(Segments, whole))
            else:
                start, end = self.prefix(f"{one.stem}:{literal}", one.start, one.end)
                if start < end:
                    yield from self._ending(rest, first, (start, end), len(one.stem) + 1)

    def stems(self, head: str, colons: int) -> list[str] | None:
        """Return the first five segments that a pattern's head covers; None where it may cover others otherwise.

        Parameters
        ----------
        head
            The first five segments of the pattern.
        colons
            How many colons there are in the rest of it.
        """
        if "*" not in head and "?" not in head:
            return [head]
        heads = self._heads_of(head, colons)
        return [one.stem for one, _, still in heads if still] if all(still for _, _, still in heads) else None

    def _heads_of(self, head: str, colons: int) -> list[tuple[_Head, bool, bool]]:
        """Return heads, whether a pattern's head covers each, and whether it can in no other way than part by part."""
        key = head, colons
        if key not in self._fitting:
            parts = split_colons(_tokens(head))
            unknown: Parts = [[Wild.ONE] for _ in range(colons + 1)]
            every = [(one, _fits(parts, one.segments), one.stands_still([*parts, *unknown])) for one in self._heads]
            self._fitting[key] = [one for one in every if one[1] or not one[2]]
        return self._fitting[key]

    def _ending(self, rest: str, first: int, among: Range, offset: int) -> Iterator[Range]:
        """Yield where texts stand, of those among a range, whose end, from an offset, is covered."""
        if first == len(rest) - 1 and rest[-1] == "*":
            yield among
            return
        match, start = _matcher_of(rest), among[0]
        for place, text in enumerate(self._texts[start : among[1]], start):
            if match(text[offset:]):
                yield place, place + 1

    # ------------------------------------------------------------ patterns as tokens

    def segments(self, whole: Sequence[str | Wild], parts: Parts, matcher: Segments) -> Iterator[Range]:
        """Yield where the texts stand that a pattern covers, cut into tokens and parts."""
        if matcher.prefix is not None:
            yield self.prefix(matcher.prefix)
        elif _literal(whole).count(":") >= _HEAD or len(parts) <= _HEAD:
            yield from self.scan(whole, matcher)
        else:
            for head in self._heads:
                yield from self._aligned(head, whole, parts, lambda: matcher)

    def _aligned(
        self, head: _Head, whole: Sequence[str | Wild], parts: Parts, matcher: Callable[[], Segments]
    ) -> Iterator[Range]:
        if not head.stands_still(parts):
            yield from self._scan(*self.prefix(_literal(whole), head.start, head.end), matcher())
        elif _fits(parts, head.segments):
            rest = _after_head(whole)
            start, end = self.prefix(f"{head.stem}:{_literal(rest)}", head.start, head.end)
            pure = rest[-1:] == [Wild.MANY] and len(rest) == 1 + isinstance(rest[0], str)
            if start < end:
                yield from [(start, end)] if pure else self._scan(start, end, matcher())

    def scan(self, whole: Sequence[str | Wild], matcher: Glob | Segments) -> Iterator[Range]:
        """Yield where texts stand that match; those that begin as the pattern does are looked at."""
        yield from self._scan(*self.prefix(_literal(whole)), matcher)

    def _scan(self, start: int, end: int, matcher: Glob | Segments) -> Iterator[Range]:
        for place in range(start, end):
            if matcher.match(self._texts[place]):
                yield place, place + 1

    @cached_property
    def _heads(self) -> list[_Head]:
        """The heads; texts with fewer segments have none, and no pattern of six parts covers them."""
        found: list[_Head] = []
        place = 0
        while place < len(self._texts):
            segments = self._texts[place].split(":", _HEAD)
            if len(segments) <= _HEAD:
                place += 1
                continue
            stem = ":".join(segments[:_HEAD])
            end = self.prefix(f"{stem}:", place)[1]
            found.append(_Head(self._texts, place, end, stem))
            place = end
        return found


def _tokens(pattern: str) -> list[str | Wild]:
    return [token for token in tokens(pattern, variables=False) if isinstance(token, str | Wild)]


def _literal(pattern: Sequence[str | Wild]) -> str:
    return pattern[0] if pattern and isinstance(pattern[0], str) else ""


def _first_wild(text: str) -> int:
    """Return the place of the first wildcard, the length where there is none."""
    places = [place for place in (text.find("*"), text.find("?")) if place >= 0]
    return min(places, default=len(text))


def _fits(parts: Parts, segments: Sequence[str]) -> bool:
    """Whether the first five parts match segments, each the one in its place."""
    for part, segment in zip(parts[:_HEAD], segments, strict=True):
        if part != [Wild.MANY] and not (part == [segment] or (not part and not segment) or Glob(part).match(segment)):
            return False
    return True


def _matcher_of(rest: str) -> Callable[[str], bool]:
    """Return what matches the end of a text, behind its head; by the short way where one leads there."""
    if "?" in rest and "*" not in rest:
        return _holes(rest, [place for place, char in enumerate(rest) if char == "?"])
    short: Callable[[str], bool]
    if "?" in rest:
        short = Glob(_tokens(rest)).match
    else:
        pieces = rest.split("*")
        if len(pieces) == 1:
            return rest.__eq__
        if len(pieces) == 2:  # noqa: PLR2004 -- one star
            return _one_star(*pieces)
        short = _stars(pieces)
        if all(not piece or piece[0] == ":" for piece in pieces[1:]):  # each star may go on over colons
            return short
    segments = Segments(_tokens(rest))
    return lambda text: segments.match(text) if ":" in text else short(text)


def _stars(pieces: Sequence[str]) -> Callable[[str], bool]:
    """Return what matches a text that has pieces in it one after the other, from its beginning to its end."""
    first, *middle, last = pieces
    least = sum(map(len, pieces))

    def match(text: str) -> bool:
        if len(text) < least or not text.startswith(first) or not text.endswith(last):
            return False
        place, end = len(first), len(text) - len(last)
        for piece in middle:
            found = text.find(piece, place, end)
            if found < 0:
                return False
            place = found + len(piece)
        return True

    return match


def _one_star(first: str, last: str) -> Callable[[str], bool]:
    """Return what matches ``first*last``: the star stays within its segment unless it is the last of it."""
    least, free = len(first) + len(last), last[:1] in {"", ":"}

    def match(text: str) -> bool:
        return (
            len(text) >= least
            and text.startswith(first)
            and text.endswith(last)
            and (free or ":" not in text[len(first) : len(text) - len(last)])
        )

    return match


def _holes(rest: str, holes: Sequence[int]) -> Callable[[str], bool]:
    """Return what matches a text that may only differ in some places, and has no colon there."""
    ends = [-1, *holes, len(rest)]
    pieces = [(start + 1, rest[start + 1 : end]) for start, end in pairwise(ends)]

    def match(text: str) -> bool:
        return (
            len(text) == len(rest)
            and all(text.startswith(piece, start) for start, piece in pieces)
            and all(text[place] != ":" for place in holes)
        )

    return match


def _after_head(pattern: Sequence[str | Wild]) -> list[str | Wild]:
    """Return what follows the fifth colon."""
    left = _HEAD
    for index, token in enumerate(pattern):
        if isinstance(token, str):
            if token.count(":") >= left:
                rest = token.split(":", left)[left]
                return [*([rest] if rest else []), *pattern[index + 1 :]]
            left -= token.count(":")
    return []
