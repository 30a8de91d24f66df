"""The points of an account: all that requests are about, sorted, so that patterns become intervals over them.

A point is a target, a place in it that some action is about (``bucket/-``), or an example of what a statement names in
it (``bucket/reports/-``). Points of one kind stand together in a block, sorted by their text; all points of a block
share the actions that are asked there, as bits of a mask.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.policy.matching import parse_arn
from auditkit.policy.relation.patterns import Patterns, Tokens
from auditkit.policy.relation.shapes import KEY_USE, Shape, shape_of
from auditkit.policy.resources import resource_kind
from auditkit.policy.subjects import TargetPolicies
from auditkit.policy.wildcards import Wild

__all__ = ["Block", "Points", "Target", "made_targets"]

MAX_EXAMPLES = 200_000
"""Most examples that are made for patterns with wildcards in the target's own name."""

_DASHED = {"s3:bucket": "/", "dynamodb:table": "/", "es:domain": "/", "kinesis:stream": "/",
           "lambda:function": ":", "logs:log-group": ":", "states:stateMachine": ":"}  # fmt: skip
"""Kind of target -> what stands between its name and what lies in it, where the name itself cannot have that."""

_USUAL = {"dynamodb:table": "/index/-", "lambda:function": ":-", "logs:log-group": ":-"}
"""Kind of target -> what statements usually name in it: made for all of them, once any pattern does so."""

_COLONS = 5
_SEPARATOR = re.compile("[/:]")


class Target(NamedTuple):
    """A target with its kind, the account it belongs to, and what is asked about it."""

    given: TargetPolicies
    kind: str
    owner: str
    shape: Shape


class Block(NamedTuple):
    """Points of one kind: they stand from ``start`` to ``end``, and ``mask`` is what is asked there.

    ``example`` says whether they are examples of what statements name.
    """

    kind: str
    shape: Shape
    mask: int
    start: int
    end: int
    example: bool


def made_targets(targets: Iterable[TargetPolicies], wanted: frozenset[str] | None) -> list[Target]:
    """Return the targets by ARN, followed by the keys that their data is encrypted with.

    A key in use stands for ``kms:Decrypt`` through the service whose data it encrypts.
    """
    given = {target.arn: target for target in targets}
    found = [_target(target, resource_kind(arn), wanted) for arn, target in sorted(given.items())]
    keys: dict[str, Target] = {}
    for target in found:
        if (use := key_use(target)) is None or use in keys:
            continue
        key_arn = target.given.key_arn or ""
        key = given.get(key_arn)
        if key is None or resource_kind(key_arn) != "kms:key":
            key = TargetPolicies(arn=key_arn, rcps=target.given.rcps)
        via = {"kms:ViaService": _via(target)} if _via(target) else {}
        key = msgspec.structs.replace(key, context={**key.context, **via}, key_arn=None)
        keys[use] = Target(key, KEY_USE, key.owner, shape_of(KEY_USE))
    return [*found, *(keys[use] for use in sorted(keys))]


def _target(given: TargetPolicies, kind: str, wanted: frozenset[str] | None) -> Target:
    return Target(given, kind, given.owner, shape_of(kind, wanted))


def _via(target: Target) -> str:
    arn = parse_arn(target.given.arn)
    return f"{arn.service}.{arn.region}.amazonaws.com" if arn and arn.region else ""


def key_use(target: Target) -> str | None:
    """Return what tells one use of a key from another; None where reading needs no key."""
    given = target.given
    if given.key_arn in {None, given.arn} or not target.shape.read:
        return None
    return f"{given.key_arn} {_via(target)} {id(given.rcps)}"


class Points:
    """All points.

    Parameters
    ----------
    targets
        As :func:`made_targets` gives them.
    named
        Patterns of statements that allow: what they name in a target becomes a point.

    Attributes
    ----------
    blocks
        The blocks, in order.
    texts
        ARN of each point.
    target_of, block_of
        Place of each point's target in ``targets``, and of its block.
    key_of
        Point at which each point's key is in use, -1 where there is none.
    left_out
        How many examples were too many to be made.
    """

    def __init__(self, targets: Sequence[Target], named: Iterable[Tokens] = ()) -> None:
        self.targets = targets
        self.left_out = 0
        groups: dict[tuple[str, str], dict[str, list[int]]] = {}
        masks: dict[tuple[str, str], tuple[Shape, int]] = {}
        for place, target in enumerate(targets):
            for suffix, mask in target.shape.suffixes.items():
                key = target.kind, suffix
                masks[key] = target.shape, mask
                groups.setdefault(key, {}).setdefault(target.given.arn + suffix, []).append(place)
        acting: dict[tuple[str, str], int] = {}
        for place, text in self._examples(named):
            target = targets[place]
            if any(text == target.given.arn + suffix for suffix in target.shape.suffixes):
                continue
            kind = resource_kind(text)
            about = target.kind, kind
            if about not in acting:
                acting[about] = target.shape.acting_on(kind)
            if mask := acting[about]:
                key = target.kind, f" {kind}"
                masks[key] = target.shape, mask
                groups.setdefault(key, {}).setdefault(text, []).append(place)
        self._lay_out(groups, masks)

    def _lay_out(
        self, groups: Mapping[tuple[str, str], dict[str, list[int]]], masks: Mapping[tuple[str, str], tuple[Shape, int]]
    ) -> None:
        self.blocks: list[Block] = []
        self.texts: list[str] = []
        owners: list[int] = []
        for key in sorted(groups):
            start = len(self.texts)
            for text, places in sorted(groups[key].items()):
                self.texts += [text] * len(places)
                owners += places
            shape, mask = masks[key]
            self.blocks.append(Block(key[0], shape, mask, start, len(self.texts), key[1].startswith(" ")))
        self.target_of = np.array(owners, dtype=np.int64)
        lengths = [block.end - block.start for block in self.blocks]
        self.block_of = np.repeat(np.arange(len(self.blocks)), lengths)
        services = [block.kind.rpartition(" ")[2].partition(":")[0] for block in self.blocks]
        self.patterns = Patterns(
            (service, self.texts[block.start : block.end]) for service, block in zip(services, self.blocks, strict=True)
        )
        self.key_of = self._keys()

    def _keys(self) -> NDArray[np.int64]:
        uses = [key_use(target) for target in self.targets]
        first = sum(target.kind != KEY_USE for target in self.targets)
        point_of = np.full(len(self.targets), -1, dtype=np.int64)
        point_of[self.target_of] = np.arange(len(self.target_of))
        in_use = sorted({use for use in uses if use is not None})
        points = {use: point_of[first + number] for number, use in enumerate(in_use)}
        by_target = np.array([-1 if use is None else points[use] for use in uses], dtype=np.int64)
        return by_target[self.target_of]

    def _examples(self, named: Iterable[Tokens]) -> Iterator[tuple[int, str]]:
        """Yield what patterns name in targets: the target's place, and an example of it."""
        real = [place for place, target in enumerate(self.targets) if target.kind != KEY_USE]
        places = {self.targets[place].given.arn: place for place in real}
        wild = _WildHeads(self.targets, real)
        for tokens_ in dict.fromkeys(tuple(pattern) for pattern in named):
            example = "".join(token if isinstance(token, str) else "-" for token in tokens_)
            fixed = len(tokens_[0]) if tokens_ and isinstance(tokens_[0], str) else 0
            for cut in _cuts(example):
                if cut <= fixed:
                    if example[:cut] in places:
                        yield places[example[:cut]], example
                elif len(wild.made) < MAX_EXAMPLES:
                    yield from wild.examples(tokens_, cut, example[cut:])
                else:
                    self.left_out += 1


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

    def __init__(self, targets: Sequence[Target], real: Sequence[int]) -> None:
        self._targets = targets
        self._blocks: dict[str, list[int]] = {}
        for place in real:
            if targets[place].kind in _DASHED:
                self._blocks.setdefault(targets[place].kind, []).append(place)
        self._patterns: dict[str, Patterns] = {}
        self._matched: dict[tuple[str, Tokens], list[int]] = {}
        self.made: set[tuple[int, str]] = set()

    def examples(self, pattern: Tokens, cut: int, rest: str) -> Iterator[tuple[int, str]]:
        """Yield the targets whose name the pattern covers up to a cut, each with the rest behind its ARN."""
        for kind, separator in _DASHED.items():
            if rest[0] != separator or kind not in self._blocks:
                continue
            usual = _USUAL.get(kind) == rest
            if usual and (self._blocks[kind][0], rest) in self.made:
                continue
            for place in self._blocks[kind] if usual else self._match(kind, _upto(pattern, cut)):
                if (place, rest) not in self.made:
                    self.made.add((place, rest))
                    yield place, self._targets[place].given.arn + rest

    def _match(self, kind: str, head: Tokens) -> list[int]:
        if (kind, head) not in self._matched:
            places = self._blocks[kind]
            if kind not in self._patterns:
                texts = [self._targets[place].given.arn for place in places]
                self._patterns[kind] = Patterns([(kind.partition(":")[0], texts)])
            found = self._patterns[kind].match(head)
            self._matched[kind, head] = [places[i] for start, end in found for i in range(start, end)]
        return self._matched[kind, head]


def _upto(pattern: Tokens, cut: int) -> Tokens:
    """Return a pattern's beginning; a wildcard counts as one character."""
    found: list[str | Wild] = []
    for token in pattern:
        if cut <= 0:
            break
        found.append(token[:cut] if isinstance(token, str) else token)
        cut -= len(token) if isinstance(token, str) else 1
    return tuple(found)
