"""Which points are decided alike for a principal, told for all points at once.

Most policies of targets say nothing to most principals. What follows from that is asked once for all targets of which
the same would be asked, so that only those are asked one by one whose policies do say something.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import count

import numpy as np
from msgspec import UnsetType
from numpy.typing import NDArray

from auditkit._numbers import ranked
from auditkit.policy.documents import Document, Statement
from auditkit.policy.relation.account import Account
from auditkit.policy.relation.bearing import Bearing
from auditkit.policy.relation.explaining import Explaining
from auditkit.policy.relation.hearing import ALL, DENIED
from auditkit.policy.relation.kernel import numbered
from auditkit.policy.relation.points import Target
from auditkit.policy.relation.settling import Pairs, Settling
from auditkit.policy.relation.speaking import At
from auditkit.policy.request import Levels
from auditkit.policy.rules import rcp_reaches

__all__ = ["Alike", "by_target"]

Numbers = NDArray[np.int64]
Words = NDArray[np.uint64]

_ALIASES = "kms:resourcealiases"


class Alike:
    """Tells which points are decided alike.

    Parameters
    ----------
    account, settling, bearing, explaining
        The compiled account, the answers from it, which statements bear on what, and why something is allowed.
    """

    def __init__(self, account: Account, settling: Settling, bearing: Bearing, explaining: Explaining) -> None:
        self._account, self._settling, self._bearing, self._explaining = account, settling, bearing, explaining
        points = account.points
        self._behind = _numbers_of(
            text[len(points.targets[target].given.arn) :]
            for text, target in zip(points.texts, points.target_of.tolist(), strict=True)
        )
        targets = list(enumerate(points.targets))
        self._asked = _numbers_of(self._what_is_asked(number, one) for number, one in targets)
        self._quiet = np.array([_is_quiet(one.given.rcps) for _, one in targets], dtype=bool)
        self._speaks = np.array([isinstance(one.given.resource_policy, Document) for _, one in targets], dtype=bool)

    def numbers(self, asker: int, pairs: Pairs) -> Numbers:
        """Return a number for each of some points of one principal, the same where the same is decided.

        Of points with the same number the very same is decided, by the very same statements, about the actions that are
        allowed there at least perhaps, and about some of them.

        Parameters
        ----------
        asker
            Number of the principal.
        pairs
            The points, each with what is allowed to the principal there.
        """
        _, point, sure, maybe = pairs
        if not len(point):
            return point
        account = self._account
        own = maybe & self._settling.given(pairs.asker, point)
        columns = [*(word.view(np.int64) for word in (sure, own, maybe)), self._behind[point]]
        columns += [
            account.points.block_of[point],
            account.crowd(account.standings[asker].crowd).same[point].astype(np.int64),
        ]
        columns += [(mask[point] & maybe).view(np.int64) for mask in (account.delegated, account.forbidden)]
        if _ALIASES in account.askers[asker].own:
            columns.append(point)
        columns += self._by_own(asker, point, maybe)
        columns += [self._by_key(asker, point, maybe), self._by_target(asker, point, maybe)]
        return numbered(columns)

    def _by_own(self, asker: int, point: Numbers, maybe: Words) -> list[Numbers]:
        """Return what the principal's own layers tell points apart by: the statements, and values of condition keys."""
        standing = self._account.standings[asker]
        layers = [layer for layer in (standing.identity, standing.boundary, *standing.scps) if layer >= 0]
        columns = [self._bearing.numbers(layer, point) for layer in layers]
        values: list[Numbers] = []
        targets = self._account.points.target_of[point]
        for same, at in self._each(asker, point, [*columns, maybe.view(np.int64)]):
            groups = self._explaining.hangs(asker, at, int(maybe[same[0]]))
            some = targets[same].tolist()
            apart = [point[same]] if groups is None else [np.array([one[each] for each in some]) for one in groups]
            for place, found in enumerate(apart):
                if place == len(values):
                    values.append(np.zeros(len(point), dtype=np.int64))
                values[place][same] = found
        return [*columns, *values]

    def _by_key(self, asker: int, point: Numbers, maybe: Words) -> Numbers:
        """Return a number for what is decided about the key of each point, 0 where none is needed."""
        account = self._account
        key = account.points.key_of[point]
        reading = (key >= 0) & ((maybe & account.read[point]) != 0)
        keys, which = ranked(key[reading])
        found = np.zeros(len(point), dtype=np.int64)
        found[reading] = 1 + _numbers_of(map(id, self._explaining.on_keys(asker, keys)))[which]
        return found

    def _by_target(self, asker: int, point: Numbers, maybe: Words) -> Numbers:
        """Return a number for what the policies of the targets say."""
        account, target = self._account, self._account.points.target_of[point]
        crowd = account.crowd(account.standings[asker].crowd)
        allowed, denied = self._settling.planes(crowd, np.full_like(point, asker), point, (ALL + 1, DENIED + 1))
        speaks = self._speaks[target] & (((allowed | denied) & maybe) != 0) | ~self._quiet[target]
        numbers: dict[tuple[int, ...], int] = {}
        found = np.zeros(len(point), dtype=np.int64)
        asked = np.where(speaks, -1 - point, self._asked[target])
        for same, at in self._each(asker, point, [asked, maybe.view(np.int64)]):
            serials = self._explaining.serials(asker, at, int(maybe[same[0]]))
            found[same] = numbers.setdefault(serials, len(numbers))
        return found

    def _each(self, asker: int, point: Numbers, columns: list[Numbers]) -> Iterator[tuple[Numbers, At]]:
        """Yield the places of points that are equal in some columns, and where the first of them lies."""
        number = numbered(columns)
        order = np.argsort(number, kind="stable")
        heads = np.flatnonzero(np.diff(number[order], prepend=-1))
        yield from zip(np.split(order, heads[1:]), self._explaining.at(asker, point[order[heads]]), strict=True)

    def _what_is_asked(self, number: int, target: Target) -> tuple[object, ...]:
        """Return what the answers of a target's policies hang on while these say nothing."""
        policy, rcps = target.given.resource_policy, target.given.rcps
        seen = "policy" if isinstance(policy, Document) else policy
        return self._explaining.spoken(number), target.kind, seen, id(rcps), rcp_reaches(target.given.arn)


def by_target(account: Account, point: Numbers, kind: Numbers) -> list[Numbers]:
    """Put targets together whose points are of the same kinds, in the order of the first target of each.

    Parameters
    ----------
    account
        The compiled account.
    point, kind
        Points, and a number for each.
    """
    if not len(point):
        return []
    target = account.points.target_of[point]
    order = np.argsort(account.place_rank[point])
    ordered, kind = target[order], kind[order] + 1
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    length = np.diff(first, append=len(ordered))
    sign = length.copy()
    kinds = int(kind.max()) + 1
    for step in range(int(length.max())):
        longer = np.flatnonzero(length > step)  # of most targets few points: the others keep what they have
        _, rank = ranked(sign[longer] * kinds + kind[first[longer] + step])
        sign[longer] = rank + int(sign.max()) + 1
    order = np.argsort(sign, kind="stable")
    groups = np.split(ordered[first][order], np.flatnonzero(np.diff(sign[order])) + 1)
    return sorted(groups, key=lambda one: int(one[0]))


def _numbers_of(values: Iterable[Hashable]) -> Numbers:
    """Return a number for each value, the same for equal ones."""
    known = defaultdict[Hashable, int](count().__next__)
    return np.fromiter(map(known.__getitem__, values), dtype=np.int64)


def _is_quiet(rcps: Levels | UnsetType | None) -> bool:
    """Whether resource control policies say the same of all targets: there are none, or they allow everything."""
    if not isinstance(rcps, tuple):
        return True
    documents = [document for level in rcps for document in level]
    return all(one.readable and all(map(_allows_everything, one.statements)) for one in documents)


def _allows_everything(statement: Statement) -> bool:
    plain = statement.effect == "Allow" and not statement.unclear and not statement.conditions
    return plain and statement.resources == ("*",)
