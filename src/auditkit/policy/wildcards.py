"""Wildcard patterns, matched in bounded time whatever the pattern.

No regular expression is ever built from a policy. A pattern is cut at its ``*`` into pieces that are found from left to
right, so that its cost is at most the product of pattern and text, and nearly always their sum.
"""

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

__all__ = ["Glob", "Segments", "SixParts", "Token", "Variable", "Wild", "joined", "split_colons", "tokens"]

_ARN_PARTS = 6
_VARIABLE = re.compile(r"\$\{([^},]{0,256})(?:,\s{0,16}'([^']{0,1024})'\s{0,16})?\}")


class Wild(Enum):
    """A wildcard: one character, or any number of them."""

    ONE = "?"
    MANY = "*"


_WILD = re.compile("([*?])")
_WILDS: dict[str, Wild] = {"*": Wild.MANY, "?": Wild.ONE}


class Variable(NamedTuple):
    """A policy variable: a condition key, and the value to take where the key is absent (None for none)."""

    key: str
    default: str | None


Token = str | Wild | Variable


def tokens(text: str, *, variables: bool) -> list[Token]:
    """Cut a pattern into literal text, wildcards and policy variables."""
    if not (variables and "$" in text):
        return [_WILDS.get(piece, piece) for piece in _WILD.split(text) if piece]
    found: list[Token] = []
    literal: list[str] = []
    position = 0
    while position < len(text):
        char = text[position]
        width = 1
        special: Token | None = None
        if char == "*":
            special = Wild.MANY
        elif char == "?":
            special = Wild.ONE
        elif char == "$" and (match := _VARIABLE.match(text, position)):
            width = match.end() - position
            name, default = match.group(1).strip(), match.group(2)
            if name in {"*", "?", "$"} and default is None:
                char = name
            else:
                special = Variable(name, default)
        if special is None:
            literal.append(char)
        else:
            if literal:
                found.append("".join(literal))
                literal.clear()
            found.append(special)
        position += width
    if literal:
        found.append("".join(literal))
    return found


class _Piece:
    """A stretch of a pattern without ``*``; ``holes`` are the places of its ``?``."""

    __slots__ = ("holes", "masks", "text")

    def __init__(self, tokens: Sequence[str | Wild]) -> None:
        self.text = "".join(token if isinstance(token, str) else "\0" for token in tokens)
        holes, length = [], 0
        for token in tokens:
            if isinstance(token, Wild):
                holes.append(length)
            length += len(token) if isinstance(token, str) else 1
        self.holes = frozenset(holes)
        self.masks: dict[str, int] = {}
        if holes:
            blank = sum(1 << hole for hole in holes)
            for place, char in enumerate(self.text):
                if place not in self.holes:
                    self.masks[char] = self.masks.get(char, blank) | 1 << place
            self.masks["any"] = blank

    def at(self, text: str, start: int) -> bool:
        """Whether the piece stands at ``start`` in the text."""
        if not self.holes:
            return text.startswith(self.text, start)
        window = text[start : start + len(self.text)]
        return len(window) == len(self.text) and all(
            place in self.holes or char == self.text[place] for place, char in enumerate(window)
        )

    def find(self, text: str, start: int, end: int) -> int:
        """Return the first place of the piece in ``text[start:end]``, -1 if there is none (*shift-and* on bits)."""
        if not self.holes:
            return text.find(self.text, start, end)
        last, state, blank = 1 << (len(self.text) - 1), 0, self.masks["any"]
        for place in range(start, end):
            state = (state << 1 | 1) & self.masks.get(text[place], blank)
            if state & last:
                return place - len(self.text) + 1
        return -1


class Glob:
    """A pattern of literal text, ``?`` and ``*``, against a whole text."""

    __slots__ = ("literal", "pieces", "shortest")

    def __init__(self, tokens: Iterable[str | Wild]) -> None:
        groups: list[list[str | Wild]] = [[]]
        for token in tokens:
            if token is Wild.MANY:
                groups.append([])
            else:
                groups[-1].append(token)
        pieces = [_Piece(group) for group in groups]
        self.pieces = [pieces[0], *(piece for piece in pieces[1:-1] if piece.text), *pieces[1:][-1:]]
        self.shortest = sum(len(piece.text) for piece in self.pieces)
        self.literal = self.pieces[0].text if len(self.pieces) == 1 and not self.pieces[0].holes else None

    @property
    def everything(self) -> bool:
        """Whether it matches every text."""
        return len(self.pieces) > 1 and not self.shortest

    def match(self, text: str) -> bool:
        """Whether the whole text matches."""
        if self.literal is not None:
            return text == self.literal
        first = self.pieces[0]
        if len(self.pieces) == 1:
            return len(text) == len(first.text) and first.at(text, 0)
        if len(text) < self.shortest or not first.at(text, 0):
            return False
        tail = self.pieces[-1]
        end = len(text) - len(tail.text)
        if not tail.at(text, end):
            return False
        place = len(first.text)
        for piece in self.pieces[1:-1]:
            found = piece.find(text, place, end)
            if found < 0:
                return False
            place = found + len(piece.text)
        return place <= end


class Segments:
    """A resource pattern: one glob for each segment between colons.

    A wildcard stays within its segment, save a ``*`` that is the segment's last character: it goes on over any number
    of whole segments. Bit ``j`` of ``reach`` says that the pattern so far ends where segment ``j`` of the text begins.
    """

    __slots__ = ("fixed", "literal", "parts", "prefix")

    def __init__(self, tokens: Iterable[str | Wild]) -> None:
        whole = joined(tokens)
        head = whole[0] if whole else ""
        self.literal = head if isinstance(head, str) and len(whole) <= 1 else None
        self.prefix = head if isinstance(head, str) and whole[1:] == [Wild.MANY] else None
        if self.literal is not None or self.prefix is not None:
            return
        self.parts = [(Glob(part), part[-1:] == [Wild.MANY]) for part in split_colons(whole)]
        self.fixed = next((i for i, (_, open_ended) in enumerate(self.parts) if open_ended), len(self.parts))

    def match(self, text: str) -> bool:
        """Whether the whole text matches."""
        if self.literal is not None:
            return text == self.literal
        if self.prefix is not None:
            return text.startswith(self.prefix)
        segments = text.split(":")
        if len(segments) < len(self.parts):
            return False
        # up to the first open end, each part has its own segment
        if not all(self.parts[i][0].match(segments[i]) for i in range(self.fixed)):
            return False
        return self._match_rest(segments)

    def _match_rest(self, segments: list[str]) -> bool:
        whole = (1 << len(segments)) - 1
        known: dict[str, int] = {}
        reach = 1 << self.fixed
        for glob, open_ended in self.parts[self.fixed :]:
            hits = reach & whole
            if not glob.everything:
                if glob.literal is not None:
                    if glob.literal not in known:
                        known[glob.literal] = sum(1 << j for j, part in enumerate(segments) if part == glob.literal)
                    hits &= known[glob.literal]
                else:
                    hits = sum(1 << j for j, part in enumerate(segments) if hits >> j & 1 and glob.match(part))
            if not hits:
                return False
            # after an open end, every later boundary can be reached from the first hit
            reach = (whole << 1 | 1) & -((hits & -hits) << 1) if open_ended else hits << 1
        return bool(reach >> len(segments) & 1)


def split_colons(tokens: Iterable[str | Wild]) -> list[list[str | Wild]]:
    """Cut tokens into the segments between the colons of their literal text."""
    parts: list[list[str | Wild]] = [[]]
    for token in tokens:
        if isinstance(token, str):
            head, *rest = token.split(":")
            if head:
                parts[-1].append(head)
            parts.extend([more] if more else [] for more in rest)
        else:
            parts[-1].append(token)
    return parts


class SixParts:
    """A pattern of the ARN operators: six globs, the last over all that follows the fifth colon."""

    __slots__ = ("globs",)

    def __init__(self, tokens: Iterable[str | Wild]) -> None:
        parts = split_colons(tokens)
        self.globs: list[Glob] | None = None
        if len(parts) == 1 and set(parts[0]) == {Wild.MANY}:
            self.globs = [Glob(parts[0])] * _ARN_PARTS
        elif len(parts) >= _ARN_PARTS:
            rest = list(parts[_ARN_PARTS - 1])
            for more in parts[_ARN_PARTS:]:
                rest += [":", *more]
            self.globs = [Glob(part) for part in [*parts[: _ARN_PARTS - 1], joined(rest)]]

    def match(self, text: str) -> bool:
        """Whether the whole text matches."""
        parts = text.split(":", _ARN_PARTS - 1)
        return (
            self.globs is not None
            and len(parts) == _ARN_PARTS
            and all(glob.match(part) for glob, part in zip(self.globs, parts, strict=True))
        )


def joined(tokens: Iterable[str | Wild]) -> list[str | Wild]:
    """Put neighbouring literals together."""
    out: list[str | Wild] = []
    for token in tokens:
        if isinstance(token, str) and out and isinstance(out[-1], str):
            out[-1] += token
        else:
            out.append(token)
    return out
