"""Wildcards and ARNs: patterns for actions, resources, and strings, in bounded time whatever the pattern.

No regular expression is ever built from a policy. A pattern is cut at its ``*`` into pieces that are found from left to
right, so that its cost is at most the product of pattern and text, and nearly always their sum.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from msgspec import UnsetType

from auditkit.policy.logic import NO, YES, Truth, Verdict, any_of, unknown

__all__ = [
    "ANY_ARN",
    "MAX_PATTERN",
    "Arn",
    "Lookup",
    "covers_everything",
    "has_variables",
    "match_action",
    "match_arn",
    "match_equal",
    "match_like",
    "match_resource",
    "parse_arn",
    "resource_fault",
]

MAX_PATTERN = 32_768
"""Longest single string of a policy that is looked at (characters): the largest policy AWS stores is a key policy of 32 KB."""

ANY_ARN = "*"
_ARN_PARTS = 6
_SERVICE = 2
_VARIABLE = re.compile(r"\$\{([^},]{0,256})(?:,\s{0,16}'([^']{0,1024})'\s{0,16})?\}")
_SHORT_API = "execute-api:/"

Lookup = Callable[[str], str | None | UnsetType]
"""Value of a condition key for a policy variable: a string, ``None`` where it is absent, ``UNSET`` where nobody knows."""


class Arn(NamedTuple):
    """The parts of an ARN; ``resource`` is all after the fifth colon."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parse_arn(text: str) -> Arn | None:
    """Return the parts of an ARN, or None where the text is none."""
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn":
        return None
    return Arn(*parts[1:])


class _Wild(Enum):
    ONE = "?"
    MANY = "*"


class _Variable(NamedTuple):
    key: str
    default: str | None


_Token = str | _Wild | _Variable


def _tokens(text: str, *, variables: bool) -> list[_Token]:
    """Cut a pattern into literal text, wildcards and policy variables."""
    found: list[_Token] = []
    literal: list[str] = []
    position = 0
    while position < len(text):
        char = text[position]
        width = 1
        special: _Token | None = None
        if char == "*":
            special = _Wild.MANY
        elif char == "?":
            special = _Wild.ONE
        elif variables and char == "$" and (match := _VARIABLE.match(text, position)):
            width = match.end() - position
            name, default = match.group(1).strip(), match.group(2)
            if name in {"*", "?", "$"} and default is None:
                char = name
            else:
                special = _Variable(name, default)
        if special is None:
            literal.append(char)
        else:
            if literal:
                found.append("".join(literal))
                literal.clear()
            if not (special is _Wild.MANY and found and found[-1] is _Wild.MANY):
                found.append(special)
        position += width
    if literal:
        found.append("".join(literal))
    return found


def has_variables(text: str) -> bool:
    """Whether a policy of version 2012-10-17 has a policy variable in this text."""
    return "${" in text and any(isinstance(token, _Variable) for token in _tokens(text, variables=True))


class _Piece:
    """A stretch of a pattern without ``*``; ``holes`` are the places of its ``?``."""

    __slots__ = ("holes", "masks", "text")

    def __init__(self, tokens: Sequence[str | _Wild]) -> None:
        self.text = "".join(token if isinstance(token, str) else "\0" for token in tokens)
        holes, length = [], 0
        for token in tokens:
            if isinstance(token, _Wild):
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
        """Return the first place of the piece in ``text[start:end]``, -1 if there is none (bit-parallel *shift-and*)."""
        if not self.holes:
            return text.find(self.text, start, end)
        last, state, blank = 1 << (len(self.text) - 1), 0, self.masks["any"]
        for place in range(start, end):
            state = (state << 1 | 1) & self.masks.get(text[place], blank)
            if state & last:
                return place - len(self.text) + 1
        return -1


class _Glob:
    """A pattern of literal text, ``?`` and ``*``, against a whole text."""

    __slots__ = ("literal", "pieces", "shortest")

    def __init__(self, tokens: Iterable[str | _Wild]) -> None:
        groups: list[list[str | _Wild]] = [[]]
        for token in tokens:
            if token is _Wild.MANY:
                groups.append([])
            else:
                groups[-1].append(token)
        pieces = [_Piece(group) for group in groups]
        self.pieces = [pieces[0], *(piece for piece in pieces[1:-1] if piece.text), *pieces[1:][-1:]]
        self.shortest = sum(len(piece.text) for piece in self.pieces)
        self.literal = self.pieces[0].text if len(self.pieces) == 1 and not self.pieces[0].holes else None

    @property
    def everything(self) -> bool:
        return len(self.pieces) > 1 and not self.shortest

    def match(self, text: str) -> bool:
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


class _Segments:
    """A resource pattern: one glob for each segment between colons.

    A wildcard stays within its segment, save a ``*`` that is the segment's last character: it goes on over any number of
    whole segments. Bit ``j`` of ``reach`` says that the pattern so far ends where segment ``j`` of the text begins.
    """

    __slots__ = ("parts",)

    def __init__(self, tokens: Iterable[str | _Wild]) -> None:
        self.parts = [(_Glob(part), bool(part) and part[-1] is _Wild.MANY) for part in _split_colons(tokens)]

    def match(self, text: str) -> bool:
        segments = text.split(":")
        if len(segments) < len(self.parts):
            return False
        whole = (1 << len(segments)) - 1
        known: dict[str, int] = {}
        reach = 1
        for glob, open_ended in self.parts:
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


def _split_colons(tokens: Iterable[str | _Wild]) -> list[list[str | _Wild]]:
    parts: list[list[str | _Wild]] = [[]]
    for token in tokens:
        if isinstance(token, str):
            head, *rest = token.split(":")
            if head:
                parts[-1].append(head)
            parts.extend([more] if more else [] for more in rest)
        else:
            parts[-1].append(token)
    return parts


class _SixParts:
    """A pattern of the ARN operators: six globs, the last over all that follows the fifth colon."""

    __slots__ = ("globs",)

    def __init__(self, tokens: Iterable[str | _Wild]) -> None:
        parts = _split_colons(tokens)
        self.globs: list[_Glob] | None = None
        if len(parts) == 1 and parts[0] == [_Wild.MANY]:
            self.globs = [_Glob(parts[0])] * _ARN_PARTS
        elif len(parts) >= _ARN_PARTS:
            rest = list(parts[_ARN_PARTS - 1])
            for more in parts[_ARN_PARTS:]:
                rest += [":", *more]
            self.globs = [_Glob(part) for part in [*parts[: _ARN_PARTS - 1], _joined(rest)]]

    def match(self, text: str) -> bool:
        parts = text.split(":", _ARN_PARTS - 1)
        return (
            self.globs is not None
            and len(parts) == _ARN_PARTS
            and all(glob.match(part) for glob, part in zip(self.globs, parts, strict=True))
        )


def _joined(tokens: list[str | _Wild]) -> list[str | _Wild]:
    """Put neighbouring literals together, so that ``**`` does not arise and pieces stay whole."""
    out: list[str | _Wild] = []
    for token in tokens:
        if isinstance(token, str) and out and isinstance(out[-1], str):
            out[-1] += token
        else:
            out.append(token)
    return out


_Matcher = _Glob | _Segments | _SixParts
_Maker = Callable[[Iterable[str | _Wild]], _Matcher]


@lru_cache(maxsize=65_536)
def _compiled(maker: _Maker, text: str, variables: bool) -> _Matcher | None:  # noqa: FBT001 -- an lru_cache key
    """Return the matcher of a pattern, None where it has policy variables and must be resolved first."""
    fixed: list[str | _Wild] = []
    for token in _tokens(text, variables=variables):
        if isinstance(token, _Variable):
            return None
        fixed.append(token)
    return maker(fixed)


def _match(maker: _Maker, pattern: str, text: str, variables: bool, lookup: Lookup) -> Verdict:  # noqa: FBT001
    matcher = _compiled(maker, pattern, variables and "${" in pattern)
    if matcher is None:
        return _match_resolved(maker, pattern, text, lookup)
    return YES if matcher.match(text) else NO


def _match_resolved(maker: _Maker, pattern: str, text: str, lookup: Lookup) -> Verdict:
    """Match a pattern with policy variables; their values are literal text, and one that is absent matches nothing."""
    fixed: list[str | _Wild] = []
    keys: list[str] = []
    for token in _tokens(pattern, variables=True):
        if not isinstance(token, _Variable):
            fixed.append(token)
            continue
        value = lookup(token.key)
        if isinstance(value, UnsetType):
            keys.append(token.key)
            fixed.append(_Wild.MANY)
        elif value is None and token.default is None:
            return NO
        else:
            fixed.append(value if value is not None else token.default or "")
    if not keys:
        return YES if maker(_joined(fixed)).match(text) else NO
    # whatever the unknown values are, no match is possible where a wildcard in their place has none
    return unknown(*keys) if _Glob(_joined(fixed)).match(text) else NO


def covers_everything(pattern: str) -> bool:
    """Whether a pattern is nothing but ``*``."""
    return bool(pattern) and not pattern.strip("*")


@lru_cache(maxsize=65_536)
def _action_glob(pattern: str) -> _Glob:
    return _Glob(token for token in _tokens(pattern.lower(), variables=False) if not isinstance(token, _Variable))


def match_action(patterns: Iterable[str], action: str) -> bool:
    """Whether any of the patterns covers an action; case is ignored.

    Parameters
    ----------
    patterns
        Patterns such as ``"s3:Get*"`` or ``"*"``.
    action
        ``"service:Action"``.
    """
    action = action.lower()
    return any(_action_glob(pattern).match(action) for pattern in patterns)


def match_resource(pattern: str, resource: str, *, variables: bool, lookup: Lookup) -> Verdict:
    """Match one pattern of a ``Resource`` element; case counts.

    Parameters
    ----------
    pattern
        ``"*"`` or an ARN pattern.
    resource
        ARN of the request, or ``"*"``.
    variables
        Whether the policy's version knows policy variables.
    lookup
        Value of a condition key.
    """
    if covers_everything(pattern):
        return YES
    if pattern.startswith(_SHORT_API):
        pattern = f"arn:*:execute-api:*:*:*/{pattern.removeprefix(_SHORT_API)}"
    return _match(_Segments, pattern, resource, variables, lookup)


def match_arn(pattern: str, text: str, *, variables: bool, lookup: Lookup) -> Verdict:
    """Match a value of an ARN operator: the six parts each for itself; a text that is no ARN never matches."""
    return _match(_SixParts, pattern, text, variables, lookup)


def match_like(pattern: str, text: str, *, variables: bool, lookup: Lookup) -> Verdict:
    """Match a value of ``StringLike``: wildcards cover anything."""
    return _match(_Glob, pattern, text, variables, lookup)


def match_equal(value: str, text: str, *, variables: bool, lookup: Lookup, ignore_case: bool = False) -> Verdict:
    """Match a value of ``StringEquals``: wildcards are literal, policy variables are resolved."""
    if not (variables and "${" in value):
        return YES if (value.lower() == text.lower() if ignore_case else value == text) else NO
    fixed: list[str | _Wild] = []
    keys: list[str] = []
    for token in _tokens(value, variables=True):
        if isinstance(token, str):
            fixed.append(token)
        elif isinstance(token, _Wild):
            fixed.append(token.value)
        else:
            found = lookup(token.key)
            if isinstance(found, UnsetType):
                keys.append(token.key)
                fixed.append(_Wild.MANY)
            elif found is None and token.default is None:
                return NO
            else:
                fixed.append(found if found is not None else token.default or "")
    if ignore_case:
        fixed = [token.lower() if isinstance(token, str) else token for token in fixed]
        text = text.lower()
    if not _Glob(_joined(fixed)).match(text):
        return NO
    return unknown(*keys) if keys else YES


def resolvable(value: str, lookup: Lookup) -> Verdict:
    """Whether every policy variable of a value has a value: *no* where one is absent and has no default."""
    found = []
    for token in _tokens(value, variables=True):
        if isinstance(token, _Variable) and token.default is None:
            answer = lookup(token.key)
            if answer is None:
                return NO
            found.append(unknown(token.key) if isinstance(answer, UnsetType) else YES)
    return YES if all(verdict.truth is Truth.YES for verdict in found) else any_of(v for v in found if v.keys)


def resource_fault(pattern: str) -> str | None:
    """Say what is wrong with a pattern of a ``Resource`` element, None where nothing is."""
    if covers_everything(pattern) or pattern.startswith(_SHORT_API):
        return None
    if not pattern.startswith("arn:"):
        return "is neither * nor an ARN"
    tokens = [_Wild.MANY if isinstance(token, _Variable) else token for token in _tokens(pattern, variables=True)]
    parts = _split_colons(tokens)
    open_ended = len(parts) > _SERVICE + 1 and parts[-1][-1:] == [_Wild.MANY]
    if len(parts) < _ARN_PARTS and not open_ended:
        return "has fewer than the six parts of an ARN"
    if any(isinstance(token, _Wild) for token in parts[_SERVICE]):
        return "has a wildcard in the service segment"
    return None
