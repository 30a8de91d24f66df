"""An account compiled: its principals, its points, and the layers of policies between them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
from msgspec import UnsetType
from numpy.typing import NDArray

from auditkit.policy.documents import Document, PolicyKind
from auditkit.policy.logic import Truth
from auditkit.policy.principals import PrincipalType
from auditkit.policy.reading import parse
from auditkit.policy.relation.above import delegated_and_forbidden
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.compiled import Compiled
from auditkit.policy.relation.hearing import DENIED, DIRECT, PLANES, ROLE, SESSION
from auditkit.policy.relation.kernel import Plane, Segments, numbered, ranges
from auditkit.policy.relation.layers import Layers
from auditkit.policy.relation.lines import Lines
from auditkit.policy.relation.masks import Masks, Words, mask_of_blocks
from auditkit.policy.relation.points import Points, Target
from auditkit.policy.relation.resource_side import ResourceSide, Said
from auditkit.policy.relation.shapes import KEY_USE
from auditkit.policy.relation.statements import Statements
from auditkit.policy.relation.surroundings import Surroundings
from auditkit.policy.request import Levels
from auditkit.policy.rules import rcp_bears_on

__all__ = ["FULL", "Account", "Cap", "Crowd", "Standing", "policies_of"]

Numbers = NDArray[np.int64]

FULL = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind=PolicyKind.IDENTITY)
"""What a principal of another account may be allowed by its own policies, which nobody has seen."""

_EVERY = np.uint64((1 << 64) - 1)


def policies_of(askers: Iterable[Asker], targets: Iterable[Target]) -> Iterator[Document]:
    """Yield the policies that bear on principals, apart from those of targets; some more than once."""
    yield FULL
    for asker in askers:
        given = asker.given
        yield from () if isinstance(given.identity, UnsetType) else given.identity
        if isinstance(given.boundary, Document):
            yield given.boundary
    controls = [asker.given.scps for asker in askers] + [target.given.rcps for target in targets]
    for levels in {id(one): one for one in controls}.values():
        if isinstance(levels, tuple):
            yield from chain.from_iterable(levels)


def _together(levels: Levels | UnsetType | None) -> tuple[Document, ...] | UnsetType | None:
    """Return all resource control policies together: they only ever deny."""
    return tuple(chain.from_iterable(levels)) or None if isinstance(levels, tuple) else levels


class Standing(NamedTuple):
    """The layers of a principal, by number; -1 where one does not apply.

    Attributes
    ----------
    identity, boundary, scps, rcps
        Its layers: service control policies by level, resource control policies by the place of their levels in a list.
    crowd
        Number of its crowd.
    """

    identity: int
    boundary: int
    scps: tuple[int, ...]
    rcps: tuple[int, ...]
    crowd: int


class Cap(NamedTuple):
    """What caps principals, over the points: masks of what boundary and control policies allow and deny."""

    boundary: Words
    boundary_maybe: Words
    controls: Words
    controls_maybe: Words
    deny: Words
    deny_maybe: Words


class Crowd(NamedTuple):
    """Principals to whom the policies of targets say the same, but for exceptions.

    Attributes
    ----------
    of_an_account
        Whether identity policies bear on them.
    same
        Points that belong to their account.
    kinds, which
        What the policies say to most, and which of it at each point: as of :class:`~.resource_side.Said`.
    granted
        Points at which they may be allowed something whatever their own policies say.
    key, exceptions
        Pairs (``principal * (points + 1) + point``, sorted) for which other planes hold, and these planes.
    voice
        A number for each of the kinds, then for each of the exceptions: equal where all planes are.
    speaks
        Whether anything is said, by voice.
    """

    of_an_account: bool
    same: NDArray[np.bool_]
    kinds: Words
    which: NDArray[np.int32]
    granted: Numbers
    key: Numbers
    exceptions: Words
    voice: Numbers
    speaks: NDArray[np.bool_]


class Account:
    """Principals and points, compiled.

    Parameters
    ----------
    points
        The points.
    askers
        The principals.
    lines
        The statements of all policies that bear on principals, as :func:`policies_of` gives these.
    """

    def __init__(self, points: Points, askers: Sequence[Asker], lines: Lines) -> None:
        self.points, self.askers = points, askers
        self.stride = len(points.texts) + 1
        self.around = around = Surroundings(points)
        masks = Masks(points)
        self._layers = Layers(points, masks, Statements(points, masks, around, lines, askers))
        self.side = ResourceSide(points, masks, around, askers)
        rcps = {id(target.given.rcps): target.given.rcps for target in points.targets}
        self._rcps = [_together(levels) for levels in rcps.values()]
        self._alone: dict[int, tuple[Document, ...]] = {}
        self._crowds: dict[tuple[str, Truth, str], int] = {}
        self.standings = [self._standing(asker) for asker in askers]
        self.identity = np.array([one.identity for one in self.standings], dtype=np.int64)
        self._lay_out(list(rcps))
        self.delegated, self.forbidden = delegated_and_forbidden(points, around)
        self._bounded = [bounded for _, bounded, _ in self._crowds]
        self._members: list[list[int]] = [[] for _ in self._crowds]
        for number, standing in enumerate(self.standings):
            self._members[standing.crowd].append(number)
        owners = np.array([target.owner for target in points.targets], dtype=object)
        self._owner = owners[points.target_of]
        self._heard: dict[int, Crowd] = {}
        for number, members in enumerate(self._members):
            if askers[members[0]].only is None:
                self.crowd(number)
        self.compiled: Compiled = self._layers.compile()
        self.segments: Segments = self.compiled.segments()
        self.starts = self.segments.layer.astype(np.int64) * self.stride + self.segments.start

    def _standing(self, asker: Asker) -> Standing:
        given, who, number = asker.given, asker.who, self._layers.number
        boundary, bounded = -1, Truth.NO
        shared = self._layers.number_of_shared
        of_its_own = who.of_an_account and who.type is not PrincipalType.ROOT
        if of_its_own and given.boundary is not None:
            bounded = Truth.YES if isinstance(given.boundary, Document) else Truth.UNKNOWN
            bounds = given.boundary if isinstance(given.boundary, UnsetType) else self._one(given.boundary)
            boundary = shared(bounds, asker)
        scps: tuple[int, ...] = ()
        rcps = (-1,) * len(self._rcps)
        if not who.service_linked:
            rcps = tuple([-1 if levels is None else shared(levels, asker) for levels in self._rcps])
            if who.of_an_account and isinstance(given.scps, UnsetType):
                scps = (shared(given.scps, asker),)
            elif who.of_an_account:
                scps = tuple([shared(level, asker) for level in given.scps or ()])
        crowd = (who.account, bounded if self.side.excepting else Truth.NO, "" if asker.alike else given.arn)
        return Standing(
            number(given.identity if of_its_own else (FULL,), asker),
            boundary,
            scps,
            rcps,
            self._crowds.setdefault(crowd, len(self._crowds)),
        )

    def _one(self, document: Document) -> tuple[Document, ...]:
        """Return a document by itself, the same tuple each time."""
        return self._alone.setdefault(id(document), (document,))

    def _lay_out(self, rcps: list[int]) -> None:
        """Lay out over the points what depends on no principal."""
        points = self.points
        places = {one: place for place, one in enumerate(rcps)}
        by_target = np.array([places[id(one.given.rcps)] for one in points.targets], dtype=np.int64)
        self._rcps_at = by_target[points.target_of]
        self._rcp_bits = mask_of_blocks(points, rcp_bears_on)[points.block_of]
        read = np.array([block.shape.read & block.mask for block in points.blocks], dtype=np.uint64)
        self.read = read[points.block_of]
        self.asked = np.array([block.kind != KEY_USE for block in points.blocks], dtype=bool)[points.block_of]

    @cached_property
    def point_rank(self) -> Numbers:
        """Order of the points of a target: the target, the usual places in it, then examples."""
        points = self.points
        examples = np.array([block.example for block in points.blocks], dtype=np.int64)[points.block_of]
        rank = np.empty(len(points.texts), dtype=np.int64)
        rank[np.array(sorted(range(len(rank)), key=points.texts.__getitem__), dtype=np.int64)] = np.arange(len(rank))
        ordered: Numbers = examples * len(rank) + rank
        return ordered

    @cached_property
    def place_rank(self) -> Numbers:
        """Order of all points: by target, and as :attr:`point_rank` has it."""
        rank = np.empty(len(self.points.texts), dtype=np.int64)
        rank[np.lexsort((self.point_rank, self.points.target_of))] = np.arange(len(rank))
        return rank

    def crowd(self, number: int) -> Crowd:
        """Return a crowd by its number; what policies say to those that were not given is worked out when asked for."""
        if number not in self._heard:
            members, bounded = self._members[number], self._bounded[number]
            only = self.askers[members[0]].only
            if only is not None:
                keys = {int(self.points.key_of[point]) for target in only for point in self.points.points_of(target)}
                only |= {int(self.points.target_of[key]) for key in keys - {-1}}
            self._heard[number] = self._crowd(members, self.side.said(members, bounded, only))
        return self._heard[number]

    def _crowd(self, members: list[int], said: Said) -> Crowd:
        who = self.askers[members[0]].who
        pairs = [
            (number * self.stride + point, planes)
            for (number, target), found in said.exceptions.items()
            for point, planes in zip(self.points.points_of(target), found, strict=True)
        ]
        pairs.sort()
        kinds, which = said.kinds, said.which
        if who.type is PrincipalType.ROOT:  # a root user cannot assume a role
            never = mask_of_blocks(self.points, lambda name: name == "sts:assumerole")[self.points.block_of]
            kinds, which = _denied(kinds, which, never)
        granting = kinds[DIRECT + 1] | kinds[ROLE + 1] | kinds[SESSION + 1]
        exceptions = np.array([planes for _, planes in pairs], dtype=np.uint64).reshape(-1, PLANES).T
        every = np.concatenate((kinds, exceptions), axis=1)
        voice = numbered([plane.view(np.int64) for plane in every])
        speaks = np.zeros(len(voice), dtype=bool)
        speaks[voice] = np.bitwise_or.reduce(every) != 0
        return Crowd(
            of_an_account=who.of_an_account,
            same=(self._owner == who.account) | (self._owner == ""),
            kinds=kinds,
            which=which,
            granted=np.flatnonzero(granting[which]),
            key=np.array([key for key, _ in pairs], dtype=np.int64),
            exceptions=exceptions,
            voice=voice,
            speaks=speaks,
        )

    # ------------------------------------------------------------ caps

    def cap(self, standing: Standing) -> Cap:
        """Return what boundary and control policies say, laid out over the points."""
        size = len(self.points.texts)
        every, nothing = np.full(size, _EVERY), np.zeros(size, dtype=np.uint64)
        boundary, boundary_maybe, deny, deny_maybe = every, every, nothing, nothing
        controls, controls_maybe = every, every
        if standing.boundary >= 0:
            boundary, boundary_maybe, deny, deny_maybe = self._dense(standing.boundary)
        for layer in standing.scps:
            allow, allow_maybe, denied, denied_maybe = self._dense(layer)
            controls, controls_maybe = controls & allow, controls_maybe & allow_maybe
            deny, deny_maybe = deny | denied, deny_maybe | denied_maybe
        for place, layer in enumerate(standing.rcps):
            if layer >= 0:
                there = np.where(self._rcps_at == place, self._rcp_bits, np.uint64(0))
                _, _, denied, denied_maybe = self._dense(layer)
                deny, deny_maybe = deny | denied & there, deny_maybe | denied_maybe & there
        return Cap(boundary, boundary_maybe, controls, controls_maybe, deny, deny_maybe)

    def _dense(self, layer: int) -> tuple[Words, Words, Words, Words]:
        """Return the masks of a layer at every point."""
        chosen = slice(*self.segments.first[layer : layer + 2].tolist())
        start, end = self.segments.start[chosen], self.segments.end[chosen]
        places = ranges(start, end - start)

        def spread(plane: Plane) -> Words:
            found = np.zeros(len(self.points.texts), dtype=np.uint64)
            found[places] = np.repeat(plane[chosen], end - start)
            return found

        segments = self.segments
        return spread(segments.allow), spread(segments.allow_maybe), spread(segments.deny), spread(segments.deny_maybe)


def _denied(kinds: Words, which: NDArray[np.int32], never: Words) -> tuple[Words, NDArray[np.int32]]:
    """Return what is said with more denied at each point."""
    words, more = np.unique(never, return_inverse=True)
    pairs, found = np.unique(which.astype(np.int64) * len(words) + more, return_inverse=True)
    kinds = kinds[:, pairs // len(words)]
    for plane in (DENIED, DENIED + 1):
        kinds[plane] |= words[pairs % len(words)]
    return kinds, found.astype(np.int32)
