"""Resource patterns against many texts at once: each pattern becomes intervals over sorted texts.

A literal is looked up, ``prefix*`` is two bisections. A pattern with wildcards in front (``arn:aws:sqs:*:*:orders-*``)
is held against each head that occurs (partition, service, region, account) and is then, nearly always, a literal or a
prefix as well; what is left is matched text by text, by the same matcher that the evaluator uses.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from auditkit.policy.wildcards import Glob, Segments, Variable, Wild, joined, split_colons, tokens

__all__ = ["Intervals", "Patterns", "Tokens", "plain_tokens"]

Tokens = Sequence[str | Wild]
Intervals = tuple[tuple[int, int], ...]
"""Half-open intervals, in order, without overlap."""

_HEAD = 5
_PARTITION, _SERVICE = 1, 2
_LAST = chr(0x10FFFF)


def plain_tokens(text: str) -> tuple[str | Wild, ...]:
    """Cut a pattern without policy variables."""
    return tuple(token for token in tokens(text, variables=False) if not isinstance(token, Variable))


class _Heads(NamedTuple):
    """Texts of one block that begin with the same five segments."""

    segments: tuple[str, ...]
    start: int
    end: int
    places: dict[str, int]
    """Word between colons -> last segment it occurs in."""
    longest: int


class _Block:
    """Sorted texts of one service."""

    __slots__ = ("_heads", "first", "service", "texts")

    def __init__(self, service: str, texts: list[str], first: int) -> None:
        self.service, self.texts, self.first = service, texts, first
        self._heads: list[_Heads] | None = None

    @property
    def heads(self) -> list[_Heads]:
        if self._heads is None:
            found: list[_Heads] = []
            for place, text in enumerate(self.texts):
                parts = text.split(":")
                head = tuple(parts[:_HEAD])
                if not found or found[-1].segments != head:
                    found.append(_Heads(head, place, place, {}, 0))
                last = found[-1]
                for index, word in enumerate(parts):
                    last.places[word] = max(index, last.places.get(word, 0))
                found[-1] = last._replace(end=place + 1, longest=max(last.longest, len(parts)))
            self._heads = found
        return self._heads

    def prefix(self, text: str, lo: int = 0, hi: int | None = None) -> tuple[int, int]:
        """Return where texts with a prefix stand."""
        hi = len(self.texts) if hi is None else hi
        start = bisect_left(self.texts, text, lo, hi)
        if start == hi or not self.texts[start].startswith(text):
            return start, start
        end = start + 1
        if end < hi and self.texts[end].startswith(text):
            end = bisect_left(self.texts, text + _LAST, end, hi)
            while end < hi and self.texts[end].startswith(text):
                end += 1  # texts that go on with the last character there is
        return start, end


class Patterns:
    """Sorted texts, made ready for patterns.

    Parameters
    ----------
    blocks
        Service and sorted texts, one block after the other; places are counted over all of them.
    """

    def __init__(self, blocks: Iterable[tuple[str, list[str]]]) -> None:
        self._blocks: list[_Block] = []
        self._places: dict[str, list[int]] = {}
        first = 0
        for service, texts in blocks:
            self._blocks.append(_Block(service, texts, first))
            for place, text in enumerate(texts, first):
                self._places.setdefault(text, []).append(place)
            first += len(texts)
        self.size = first
        self._by_service: dict[str, list[_Block]] = {}
        for block in self._blocks:
            self._by_service.setdefault(block.service, []).append(block)
        self.whole: Intervals = tuple((block.first, block.first + len(block.texts)) for block in self._blocks)

    def places(self, text: str) -> Sequence[int]:
        """Return where a text stands."""
        return self._places.get(text, ())

    def literal(self, text: str) -> Intervals:
        """Return where a text stands, as intervals."""
        return tuple((place, place + 1) for place in self._places.get(text, ()))

    def covered(self, text: str) -> Intervals:
        """Return where the texts stand that a resource pattern without policy variables covers."""
        if "?" not in text:
            star = text.find("*")
            if star < 0:
                return self.literal(text)
            if star == len(text) - 1 and text.count(":") > _SERVICE:
                return self._begin_with(text[:-1])
        return self.match(plain_tokens(text))

    def _begin_with(self, prefix: str) -> Intervals:
        found: list[tuple[int, int]] = []
        for block in self._by_service.get(prefix.split(":", _SERVICE + 1)[_SERVICE], ()):
            start, end = block.prefix(prefix)
            if start < end:
                found.append((start + block.first, end + block.first))
        return tuple(found)

    def match(self, pattern: Tokens) -> Intervals:
        """Return where the texts stand that a resource pattern covers.

        Parameters
        ----------
        pattern
            The pattern, cut at its wildcards; policy variables were resolved.
        """
        whole = joined(pattern)
        if whole and all(token is Wild.MANY for token in whole):
            return self.whole
        if all(isinstance(token, str) for token in whole):
            return self.literal("".join(str(token) for token in whole))
        parts = split_colons(whole)
        matcher = Segments(whole)
        wild = None if matcher.prefix is not None else _Wild(whole, parts, matcher)
        found: list[tuple[int, int]] = []
        for block in self._candidates(parts):
            ranges = [block.prefix(matcher.prefix or "")] if wild is None else _match(block, wild)
            found += [(start + block.first, end + block.first) for start, end in ranges if start < end]
        return tuple(found)

    def glob(self, pattern: Tokens) -> Intervals:
        """Return where the texts stand that a pattern covers whose wildcards cross colons."""
        whole = joined(pattern)
        matcher = Glob(whole)
        if matcher.everything:
            return self.whole
        found: list[tuple[int, int]] = []
        for block in self._candidates(split_colons(whole)):
            ranges = _scan(block, *block.prefix(_literal(whole)), matcher)
            found += [(start + block.first, end + block.first) for start, end in ranges]
        return tuple(found)

    def _candidates(self, parts: list[list[str | Wild]]) -> list[_Block]:
        fixed = all(len(part) == 1 and isinstance(part[0], str) for part in parts[_PARTITION : _SERVICE + 1])
        if fixed and len(parts) > _SERVICE + 1:
            return self._by_service.get(str(parts[_SERVICE][0]), [])
        return self._blocks


def _literal(pattern: Tokens) -> str:
    return pattern[0] if pattern and isinstance(pattern[0], str) else ""


def _scan(block: _Block, start: int, end: int, matcher: Glob | Segments) -> list[tuple[int, int]]:
    """Match text by text."""
    found: list[tuple[int, int]] = []
    for place in range(start, end):
        if matcher.match(block.texts[place]):
            if found and found[-1][1] == place:
                found[-1] = (found[-1][0], place + 1)
            else:
                found.append((place, place + 1))
    return found


class _Wild:
    """A pattern with wildcards, taken apart: a matcher for each of its first five segments, and what follows them."""

    __slots__ = ("head", "matcher", "parts", "prefix", "pure", "rest", "starts")

    def __init__(self, whole: Tokens, parts: list[list[str | Wild]], matcher: Segments) -> None:
        self.parts, self.matcher = parts, matcher
        self.prefix = _literal(whole)
        self.head = [_segment(part) for part in parts[:_HEAD]]
        self.rest = _after_head(whole)
        self.starts = _literal(self.rest)
        self.pure = self.rest[-1:] == [Wild.MANY] and len(self.rest) == 1 + isinstance(self.rest[0], str)

    def fits(self, segments: tuple[str, ...]) -> bool:
        """Whether the first five segments match, each the one in its place."""
        for wanted, segment in zip(self.head, segments, strict=False):
            if wanted is not None and not (wanted == segment if isinstance(wanted, str) else wanted.match(segment)):
                return False
        return True


def _segment(part: list[str | Wild]) -> str | Glob | None:
    """Return what matches a segment: a text, a glob, or None for what matches any."""
    if not part or (len(part) == 1 and isinstance(part[0], str)):
        return str(part[0]) if part else ""
    return None if part == [Wild.MANY] else Glob(part)


def _match(block: _Block, pattern: _Wild) -> list[tuple[int, int]]:
    if pattern.prefix.count(":") >= _HEAD or len(pattern.parts) <= _HEAD:
        return _scan(block, *block.prefix(pattern.prefix), pattern.matcher)
    found: list[tuple[int, int]] = []
    for head in block.heads:
        if not _stands_still(head, pattern.parts):
            start, end = block.prefix(pattern.prefix, head.start, head.end)
            found += _scan(block, start, end, pattern.matcher)
        elif pattern.fits(head.segments):
            start, end = block.prefix(":".join(head.segments) + ":" + pattern.starts, head.start, head.end)
            found += [(start, end)] if pattern.pure else _scan(block, start, end, pattern.matcher)
    return found


def _stands_still(head: _Heads, parts: list[list[str | Wild]]) -> bool:
    """Whether each of a pattern's first segments can only match the segment in the same place.

    A ``*`` at the end of a segment may go on over further ones. It cannot where the texts have no segments to spare,
    or where a literal segment behind it occurs in no later place.
    """
    if head.longest <= len(parts):
        return True
    loose = [place for place in range(_PARTITION, _HEAD) if parts[place][-1:] == [Wild.MANY]]
    if not loose:
        return True
    for place in range(loose[-1] + 1, len(parts)):
        part = parts[place]
        if len(part) == 1 and isinstance(part[0], str) and head.places.get(part[0], -1) <= place:
            return True
    return False


def _after_head(pattern: Tokens) -> list[str | Wild]:
    """Return what follows the fifth colon."""
    left = _HEAD
    for index, token in enumerate(pattern):
        if isinstance(token, str):
            if token.count(":") >= left:
                rest = token.split(":", left)[left]
                return [*([rest] if rest else []), *pattern[index + 1 :]]
            left -= token.count(":")
    return []
