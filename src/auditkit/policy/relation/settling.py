"""Reading the compiled account: what is allowed to which principal at which point."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct, ranked
from auditkit.policy.relation.account import Account, Crowd, Standing
from auditkit.policy.relation.hearing import ALL, BY_ACCOUNT, DENIED, DIRECT, PLANES, ROLE, SESSION
from auditkit.policy.relation.kernel import Plane, ranges

__all__ = ["Pairs", "Settling", "joined"]

Numbers = NDArray[np.int64]
Words = NDArray[np.uint64]

_AT_ONCE = 1 << 20
_ZERO = np.uint64(0)


class Pairs(NamedTuple):
    """Principals and points, with masks of what is allowed for certain, and at least perhaps."""

    asker: Numbers
    point: Numbers
    sure: Words
    maybe: Words

    def where(self, kept: NDArray[np.bool_]) -> "Pairs":
        """Return some of the pairs."""
        return Pairs(self.asker[kept], self.point[kept], self.sure[kept], self.maybe[kept])


def joined(pieces: Iterable[Pairs]) -> Pairs:
    """Return pairs that came in pieces as one."""
    none = np.zeros(0, dtype=np.int64)
    found = [Pairs(none, none, none.astype(np.uint64), none.astype(np.uint64)), *pieces]
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


class Settling:
    """Answers from a compiled account.

    Parameters
    ----------
    account
        The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._cap = lru_cache(maxsize=4)(account.cap)

    def pairs(self, askers: Iterable[int] | None = None) -> Iterable[Pairs]:
        """Yield what principals may do, in pieces; pairs with nothing are left out.

        Parameters
        ----------
        askers
            Numbers of principals; None for all.
        """
        account = self._account
        alike: dict[Standing, list[int]] = {}
        for number in range(len(account.askers)) if askers is None else askers:
            alike.setdefault(account.standings[number]._replace(identity=-1), []).append(number)
        for standing, members in alike.items():
            for chunk in self._chunks(np.array(members, dtype=np.int64)):
                asker, point, segment = self._candidates(chunk, account.crowd(standing.crowd))
                yield self._nonzero(self._with_key(standing, asker, point, segment))

    def at(self, askers: Iterable[int], points: Iterable[int]) -> Pairs:
        """Return what each of some principals may do at each of some points, in no order."""
        account = self._account
        places = np.array(sorted(points), dtype=np.int64)
        alike: dict[Standing, list[int]] = {}
        for number in askers:
            only = account.askers[number].only
            if only is None or any(int(account.points.target_of[point]) in only for point in places):
                alike.setdefault(account.standings[number]._replace(identity=-1), []).append(number)
        found = []
        for standing, members in alike.items():
            asker = np.repeat(np.array(members, dtype=np.int64), len(places))
            point = np.tile(places, len(members))
            found.append(self._nonzero(self._with_key(standing, asker, point, self._segment(asker, point))))
        return joined(found)

    def given(self, asker: Numbers, point: Numbers) -> Words:
        """Return masks of what identity policies of the principals allow at least perhaps."""
        return self._of(self._account.segments.allow_maybe, self._segment(asker, point))

    # ------------------------------------------------------------ which pairs to look at

    def _chunks(self, members: Numbers) -> Iterable[Numbers]:
        """Cut principals into pieces that fit into memory."""
        segments = self._account.segments
        layers = self._account.identity[members]
        first = segments.first[layers]
        counts = segments.first[layers + 1] - first
        chosen = ranges(first, counts)
        lengths = np.append(0, np.cumsum(segments.end[chosen] - segments.start[chosen]))
        sizes = np.diff(lengths[np.append(0, np.cumsum(counts))])
        return np.split(members, np.flatnonzero(np.diff(np.cumsum(sizes) // _AT_ONCE)) + 1)

    def _candidates(self, members: Numbers, crowd: Crowd) -> tuple[Numbers, Numbers, Numbers]:
        """Return the pairs of which something may be allowed, each with its segment (-1 for none)."""
        account, segments = self._account, self._account.segments
        only = account.askers[int(members[0])].only
        if only is not None:
            places = [point for target in sorted(only) for point in account.points.points_of(target)]
            asker, point = np.repeat(members, len(places)), np.array(places * len(members), dtype=np.int64)
            return asker, point, self._segment(asker, point)
        layers = account.identity[members]
        first = segments.first[layers]
        counts = segments.first[layers + 1] - first
        chosen, who = ranges(first, counts), np.repeat(members, counts)
        kept = segments.allow_maybe[chosen] != 0
        chosen, who = chosen[kept], who[kept]
        lengths = segments.end[chosen] - segments.start[chosen]
        more_asker, more_point = self._granted(members, crowd)
        more = self._segment(more_asker, more_point)
        fresh = ~((more >= 0) & (self._of(segments.allow_maybe, more) != 0))
        return (
            np.concatenate((np.repeat(who, lengths), more_asker[fresh])),
            np.concatenate((ranges(segments.start[chosen], lengths), more_point[fresh])),
            np.concatenate((np.repeat(chosen, lengths), more[fresh])),
        )

    def _granted(self, members: Numbers, crowd: Crowd) -> tuple[Numbers, Numbers]:
        """Return the pairs that policies of targets may grant by themselves."""
        stride = self._account.stride
        usual = np.repeat(members, len(crowd.granted)) * stride + np.tile(crowd.granted, len(members))
        low = np.searchsorted(crowd.key, members * stride)
        high = np.searchsorted(crowd.key, (members + 1) * stride)
        unusual = crowd.key[ranges(low, high - low)]
        asker, point = np.divmod(distinct(np.concatenate((usual, unusual))), stride)
        return asker, point

    def _segment(self, asker: Numbers, point: Numbers) -> Numbers:
        """Return the segment of identity policies at each pair, -1 where there is none."""
        segments = self._account.segments
        if not len(segments.start):
            return np.full(len(asker), -1, dtype=np.int64)
        layer = self._account.identity[asker]
        place = np.searchsorted(self._account.starts, layer * self._account.stride + point, "right") - 1
        inside = (place >= 0) & (segments.layer[place] == layer) & (point < segments.end[place])
        return np.where(inside, place, -1)

    @staticmethod
    def _of(plane: Plane, segment: Numbers) -> Words:
        if not len(plane):
            return np.zeros(len(segment), dtype=np.uint64)
        return np.where(segment < 0, _ZERO, plane[segment])

    # ------------------------------------------------------------ what is allowed to them

    def _settle(self, standing: Standing, asker: Numbers, point: Numbers, segment: Numbers) -> tuple[Words, Words]:
        """Return masks of what is allowed for certain, and at least perhaps, without regard to keys."""
        account, segments = self._account, self._account.segments
        cap, crowd = self._cap(standing), account.crowd(standing.crowd)
        planes = self.planes(crowd, asker, point)
        if not crowd.of_an_account:
            sure, maybe = planes[ALL], planes[ALL + 1]
        else:
            own = self._of(segments.allow, segment), self._of(segments.allow_maybe, segment)
            bound = cap.boundary[point], cap.boundary_maybe[point]
            sure = self._grant(planes[0::2], own[0], bound[0], crowd, point)
            maybe = self._grant(planes[1::2], own[1], bound[1], crowd, point)
            sure, maybe = sure & cap.controls[point], maybe & cap.controls_maybe[point]
        denied = cap.deny[point] | planes[DENIED] | account.forbidden[point]
        denied_maybe = cap.deny_maybe[point] | planes[DENIED + 1] | account.forbidden[point]
        if crowd.of_an_account:
            denied |= self._of(segments.deny, segment)
            denied_maybe |= self._of(segments.deny_maybe, segment)
        return sure & ~denied_maybe, maybe & ~denied

    def _grant(self, planes: list[Words], own: Words, bound: Words, crowd: Crowd, point: Numbers) -> Words:
        """Return what identity policies and the target's policy grant together, by one of the two truths."""
        by_account, role, direct, session, anyhow = (
            planes[one // 2] for one in (BY_ACCOUNT, ROLE, DIRECT, SESSION, ALL)
        )
        within = own & (by_account | ~self._account.delegated[point]) & bound | role & bound | direct | session
        return np.where(crowd.same[point], within, own & bound & anyhow)

    def planes(
        self, crowd: Crowd, asker: Numbers, point: Numbers, chosen: Sequence[int] = range(PLANES)
    ) -> list[Words]:
        """Return what the policies of targets say to pairs: some planes of it."""
        which = crowd.which[point]
        found = [crowd.kinds[plane][which] for plane in chosen]
        there, place = self._excepted(crowd, asker, point)
        for plane, number in zip(found, chosen, strict=True):
            plane[there] = crowd.exceptions[number][place]
        return found

    def voices(self, crowd: Crowd, asker: Numbers, point: Numbers) -> Numbers:
        """Return numbers of what the policies of targets say to pairs: equal where all planes are."""
        found = crowd.voice[crowd.which[point]]
        there, place = self._excepted(crowd, asker, point)
        found[there] = crowd.voice[crowd.kinds.shape[1] + place]
        return found

    def _excepted(self, crowd: Crowd, asker: Numbers, point: Numbers) -> tuple[Numbers, Numbers]:
        """Return which of some pairs other planes hold for, and the places of these."""
        if not len(crowd.key):
            return crowd.key, crowd.key
        key = asker * self._account.stride + point
        place = np.minimum(np.searchsorted(crowd.key, key), len(crowd.key) - 1)
        there = np.flatnonzero(crowd.key[place] == key)
        return there, place[there]

    def _with_key(self, standing: Standing, asker: Numbers, point: Numbers, segment: Numbers) -> Pairs:
        """Settle pairs; reading what is encrypted needs the key as well."""
        account = self._account
        sure, maybe = self._settle(standing, asker, point, segment)
        key, read = account.points.key_of[point], account.read[point]
        needed = np.flatnonzero((key >= 0) & ((maybe & read) != 0))
        if len(needed):
            uses, which = ranked(asker[needed] * account.stride + key[needed])
            who, where = np.divmod(uses, account.stride)
            may, may_maybe = self._settle(standing, who, where, self._segment(who, where))
            sure[needed] &= np.where(may[which] != 0, ~_ZERO, ~read[needed])
            maybe[needed] &= np.where(may_maybe[which] != 0, ~_ZERO, ~read[needed])
        if len(asker) and account.askers[int(asker[0])].only is not None:
            # of those that were not given, only what a policy of the target grants them is of interest
            (named,) = self.planes(account.crowd(standing.crowd), asker, point, (ALL + 1,))
            sure, maybe = sure & named, maybe & named
        return Pairs(asker, point, sure, maybe)

    def _nonzero(self, pairs: Pairs) -> Pairs:
        kept = (pairs.maybe != 0) & self._account.asked[pairs.point]
        return pairs.where(kept)
