"""The points of an account: all that requests are about, sorted, so that patterns become intervals over them.

A point is a target, a place in it that some action is about (``bucket/-``), or an example of what a statement names in
it (``bucket/reports/-``). Points of one kind stand together in a block, sorted by their text; all points of a block
share the actions that are asked there, as bits of a mask.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.policy.matching import parse_arn
from auditkit.policy.relation.examples import Examples
from auditkit.policy.relation.glances import Glance, Glances
from auditkit.policy.relation.patterns import Patterns, Tokens
from auditkit.policy.relation.shapes import KEY_USE, Shape, shape_of
from auditkit.policy.resources import kind_of, resource_kind
from auditkit.policy.rules import rcp_reaches
from auditkit.policy.subjects import TargetPolicies

__all__ = ["Block", "Points", "Target", "made_targets"]


class Target(NamedTuple):
    """A target with its kind, the region and the account it belongs to, what is asked about it, and its policy's names.

    ``use`` tells one use of a key from another; it is None where reading needs no key.
    """

    given: TargetPolicies
    kind: str
    region: str
    owner: str
    shape: Shape
    use: str | None
    glance: Glance


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
    make = _Maker(wanted).make
    found = [make(given[arn]) for arn in sorted(given)]
    keys: dict[str, Target] = {}
    shape, at = shape_of(KEY_USE), {target.given.arn: target for target in found if target.kind == "kms:key"}
    for target in found:
        if target.use is None or target.use in keys:
            continue
        key_arn = target.given.key_arn or ""
        key = at.get(key_arn) or make(TargetPolicies(arn=key_arn, rcps=target.given.rcps))
        via = _via(target.given.arn)
        context = {**key.given.context, "kms:ViaService": via} if via else key.given.context
        used = msgspec.structs.replace(key.given, context=context, key_arn=None)
        keys[target.use] = Target(used, KEY_USE, key.region, key.owner, shape, None, key.glance)
    return [*found, *(keys[use] for use in sorted(keys))]


class _Maker:
    """Makes targets.

    Parameters
    ----------
    wanted
        Names of the actions to look at, in lower case; None for all.
    """

    def __init__(self, wanted: frozenset[str] | None) -> None:
        self._wanted = wanted
        self._shapes: dict[str, Shape] = {}
        self._glance = Glances().at

    def make(self, given: TargetPolicies) -> Target:
        """Return a target, without control policies where none reach it."""
        if given.rcps is not None and not rcp_reaches(given.arn):
            given = msgspec.structs.replace(given, rcps=None)
        glance, arn = self._glance(given.resource_policy), parse_arn(given.arn)
        if arn is None:
            return Target(given, "", "", given.account, shape_of("", self._wanted), None, glance)
        kind = kind_of(arn)
        shape = self._shapes.get(kind)
        if shape is None:
            shape = self._shapes[kind] = shape_of(kind, self._wanted)
        use = None
        if given.key_arn is not None and given.key_arn != given.arn and shape.read:
            use = f"{given.key_arn} {_via(given.arn)} {id(given.rcps)}"
        return Target(given, kind, arn.region, given.account or arn.account, shape, use, glance)


def _via(text: str) -> str:
    arn = parse_arn(text)
    return f"{arn.service}.{arn.region}.amazonaws.com" if arn and arn.region else ""


class Points:
    """All points.

    Parameters
    ----------
    targets
        As :func:`made_targets` gives them.
    named, resolved
        Patterns of statements that allow: what they name in a target becomes a point. Those with policy variables come
        once more with the values put in, as tokens.

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

    def __init__(self, targets: Sequence[Target], named: Iterable[str] = (), resolved: Iterable[Tokens] = ()) -> None:
        self.targets = targets
        groups: dict[tuple[str, str], list[tuple[str, int]]] = {}
        masks: dict[tuple[str, str], tuple[Shape, int]] = {}
        kinds: dict[str, list[int]] = {}
        for place, target in enumerate(targets):
            kinds.setdefault(target.kind, []).append(place)
        for kind, places in kinds.items():
            shape = targets[places[0]].shape
            for suffix, mask in shape.suffixes.items():
                masks[kind, suffix] = shape, mask
                groups[kind, suffix] = [(targets[place].given.arn + suffix, place) for place in places]
        examples = Examples([(one.given.arn, one.kind if one.kind != KEY_USE else "") for one in targets])
        acting: dict[tuple[str, str], int] = {}
        for place, rest in examples.of(named, resolved):
            target = targets[place]
            if rest in target.shape.suffixes:
                continue
            text = target.given.arn + rest
            kind = resource_kind(text)
            about = target.kind, kind
            if about not in acting:
                acting[about] = target.shape.acting_on(kind)
            if mask := acting[about]:
                key = target.kind, f" {kind}"
                masks[key] = target.shape, mask
                groups.setdefault(key, []).append((text, place))
        self.left_out = examples.left_out
        self._lay_out(groups, masks)

    def _lay_out(
        self,
        groups: Mapping[tuple[str, str], list[tuple[str, int]]],
        masks: Mapping[tuple[str, str], tuple[Shape, int]],
    ) -> None:
        self.blocks: list[Block] = []
        self.texts: list[str] = []
        owners: list[int] = []
        for key in sorted(groups):
            start = len(self.texts)
            pairs = sorted(groups[key])
            self.texts += [text for text, _ in pairs]
            owners += [place for _, place in pairs]
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

    def points_of(self, target: int) -> list[int]:
        """Return the points of a target."""
        order, first = self._by_target
        return order[first[target] : first[target + 1]]

    @cached_property
    def _by_target(self) -> tuple[list[int], list[int]]:
        """The points sorted by target, and where those of each begin."""
        order = np.argsort(self.target_of, kind="stable")
        first = np.searchsorted(self.target_of[order], np.arange(len(self.targets) + 1))
        return order.tolist(), first.tolist()

    def _keys(self) -> NDArray[np.int64]:
        uses = [target.use for target in self.targets]
        first = sum(target.kind != KEY_USE for target in self.targets)
        point_of = np.full(len(self.targets), -1, dtype=np.int64)
        point_of[self.target_of] = np.arange(len(self.target_of))
        in_use = sorted({use for use in uses if use is not None})
        points = {use: point_of[first + number] for number, use in enumerate(in_use)}
        by_target = np.array([-1 if use is None else points[use] for use in uses], dtype=np.int64)
        return by_target[self.target_of]
