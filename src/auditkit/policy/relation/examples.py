"""Examples of what patterns name inside targets: ``bucket/reports/-`` for ``bucket/reports/*``."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from auditkit.policy.relation.patterns import Patterns, Tokens
from auditkit.policy.wildcards import Wild

__all__ = ["Examples"]

MAX_EXAMPLES = 200_000
"""Most examples that are made for patterns with wildcards in the target's own name."""

_DASHED = {"s3:bucket": "/", "dynamodb:table": "/", "es:domain": "/", "kinesis:stream": "/",
           "lambda:function": ":", "logs:log-group": ":", "states:stateMachine": ":"}  # fmt: skip
"""Kind of target -> what stands between its name and what lies in it, where the name itself cannot have that."""

_USUAL = {"dynamodb:table": "/index/-", "lambda:function": ":-", "logs:log-group": ":-"}
"""Kind of target -> what statements usually name in it: made for all of them, once any pattern does so."""

_COLONS = 5
_ENDS = ("/", ":")
"""What the name of a target may be followed by."""
_SEPARATOR = re.compile("[/:]")
_SERVICE = 2


class Examples:
    """Finds the targets that patterns name something in.

    Parameters
    ----------
    targets
        ARN and kind of each, sorted by ARN; those without a kind are left out.

    Attributes
    ----------
    left_out
        How many patterns were too many to look for what they name in targets whose name they give with wildcards.
    """

    def __init__(self, targets: Sequence[tuple[str, str]]) -> None:
        self.left_out = 0
        kept = [place for place, (arn, kind) in enumerate(targets) if kind and _may_hold_something(arn)]
        self._arns = [targets[place][0] for place in kept]
        self._place = kept
        self._within = _within(self._arns)
        self._alone = {
            arn
            for arn, outer in zip(self._arns, self._within, strict=True)
            if outer < 0 and "*" not in arn and "?" not in arn
        }
        self._wild = _WildHeads(targets)

    def of(self, named: Iterable[str], resolved: Iterable[Tokens]) -> Iterator[tuple[int, str]]:
        """Yield the places of targets, and what stands behind their ARN in an example; no example comes twice.

        Parameters
        ----------
        named
            Patterns.
        resolved
            Patterns as tokens.
        """
        return iter(dict.fromkeys(self._all(named, resolved)))

    def _all(self, named: Iterable[str], resolved: Iterable[Tokens]) -> Iterator[tuple[int, str]]:
        alone = self._alone
        for text in named:
            if text in alone or ("/" not in text and text.count(":") <= _COLONS):
                continue  # a target itself, and in no other one; or nothing that could be in one
            fixed, hole = text.find("*"), text.find("?")
            if fixed < 0 or 0 <= hole < fixed:
                fixed = hole
            if fixed < 0:
                yield from self._before(text, text)
                continue
            example = text.replace("*", "-").replace("?", "-")
            yield from self._before(example, text[:fixed])
            if text.find("/", fixed) >= 0 or text.find(":", fixed) >= 0:
                yield from self._behind(example, fixed, partial(_text_upto, text))
        for tokens in dict.fromkeys(tuple(pattern) for pattern in resolved):
            example = "".join(token if isinstance(token, str) else "-" for token in tokens)
            head = tokens[0] if tokens and isinstance(tokens[0], str) else ""
            yield from self._before(example, head)
            yield from self._behind(example, len(head), partial(_upto, tokens))

    def _before(self, example: str, head: str) -> list[tuple[int, str]]:
        """Return the targets whose ARN an example begins with, as far as it has no wildcards: its head."""
        found = []
        number = bisect_right(self._arns, head) - 1
        while number >= 0:
            arn = self._arns[number]
            if head.startswith(arn) and example.startswith(_ENDS, len(arn)):
                found.append((self._place[number], example[len(arn) :]))
            number = self._within[number]
        return found

    def _behind(self, example: str, fixed: int, head: Callable[[int], str | Tokens]) -> Iterator[tuple[int, str]]:
        """Yield the targets whose ARN a pattern covers up to a place behind the first wildcard."""
        kinds = self._wild.kinds(example)
        for cut in _cuts(example) if kinds else ():
            if cut <= fixed:
                continue
            if len(self._wild.made) >= MAX_EXAMPLES:
                self.left_out += 1
                continue
            rest = example[cut:]
            for kind in kinds:
                if _DASHED[kind] == rest[0]:
                    yield from self._wild.examples(kind, head(cut), rest)


def _may_hold_something(arn: str) -> bool:
    parts = arn.split(":", _COLONS)
    return len(parts) > _COLONS and bool(parts[_COLONS])


def _within(arns: Sequence[str]) -> list[int]:
    """Return, for each of sorted ARNs, the place of the longest other one that it begins with; -1 for none."""
    found: list[int] = []
    open_ones: list[int] = []
    for place, arn in enumerate(arns):
        while open_ones and not arn.startswith(arns[open_ones[-1]]):
            open_ones.pop()
        found.append(open_ones[-1] if open_ones else -1)
        open_ones.append(place)
    return found


def _cuts(text: str) -> Iterator[int]:
    """Yield where the name of a target may end and what lies in it begin."""
    place = -1
    for _ in range(_COLONS):
        place = text.find(":", place + 1)
        if place < 0:
            return
    yield from (match.start() for match in _SEPARATOR.finditer(text, place + 2))


class _WildHeads:
    """Finds targets by a pattern of their name, for the kinds that something lies in."""

    def __init__(self, targets: Sequence[tuple[str, str]]) -> None:
        self._targets = targets
        self._blocks: dict[str, list[int]] = {}
        for place, (_, kind) in enumerate(targets):
            if kind in _DASHED:
                self._blocks.setdefault(kind, []).append(place)
        self._kinds: dict[str, list[str]] = {}
        for kind in _DASHED:
            if kind in self._blocks:
                self._kinds.setdefault(kind.partition(":")[0], []).append(kind)
        self._every = [kind for kinds in self._kinds.values() for kind in kinds]
        self._patterns: dict[str, Patterns] = {}
        self._matched: dict[tuple[str, str | Tokens], list[int]] = {}
        self.made: set[tuple[int, str]] = set()

    def kinds(self, example: str) -> Sequence[str]:
        """Return the kinds that a pattern may be about, by its example: where its service is no wildcard, by that."""
        parts = example.split(":", _SERVICE + 1)
        service = parts[_SERVICE] if len(parts) > _SERVICE else ""
        return self._every if "-" in service else self._kinds.get(service, ())

    def examples(self, kind: str, head: str | Tokens, rest: str) -> Iterator[tuple[int, str]]:
        """Yield the targets of a kind whose ARN a pattern covers, each with the rest behind it."""
        usual = _USUAL.get(kind) == rest
        if usual and (self._blocks[kind][0], rest) in self.made:
            return
        for place in self._blocks[kind] if usual else self._match(kind, head):
            if (place, rest) not in self.made:
                self.made.add((place, rest))
                yield place, rest

    def _match(self, kind: str, head: str | Tokens) -> list[int]:
        if (kind, head) not in self._matched:
            places = self._blocks[kind]
            if kind not in self._patterns:
                texts = [self._targets[place][0] for place in places]
                self._patterns[kind] = Patterns([(kind.partition(":")[0], texts)])
            patterns = self._patterns[kind]
            found = patterns.covered(head) if isinstance(head, str) else patterns.match(head)
            self._matched[kind, head] = [places[i] for start, end in found for i in range(start, end)]
        return self._matched[kind, head]


def _text_upto(pattern: str, cut: int) -> str:
    return pattern[:cut]


def _upto(pattern: Tokens, cut: int) -> Tokens:
    """Return a pattern's beginning; a wildcard counts as one character."""
    found: list[str | Wild] = []
    for token in pattern:
        if cut <= 0:
            break
        found.append(token[:cut] if isinstance(token, str) else token)
        cut -= len(token) if isinstance(token, str) else 1
    return tuple(found)
