"""Targets on which the same statements give a principal the same: what one grant node stands for."""

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.documents import Document
from auditkit.policy.relation.account import Account
from auditkit.policy.relation.asking import keys_of_condition
from auditkit.policy.relation.bearing import Bearing, Words
from auditkit.policy.relation.settling import Pairs, Settling

__all__ = ["Scopes", "numbered"]

Numbers = NDArray[np.int64]


class Scopes:
    """Sorts what a principal may do into scopes.

    Parameters
    ----------
    account, settling, bearing
        The compiled account, the answers from it, and which statements bear on what.
    """

    def __init__(self, account: Account, settling: Settling, bearing: Bearing) -> None:
        self._account, self._settling, self._bearing = account, settling, bearing
        numbers: dict[frozenset[str], int] = {}
        keys = [
            numbers.setdefault(_read_by(target.given.resource_policy), len(numbers))
            for target in account.points.targets
        ]
        self._keys_of = np.array(keys, dtype=np.int64)[account.points.target_of]

    def of(self, asker: int, pairs: Pairs) -> list[Numbers]:
        """Return the targets of a principal, alike ones together; the first of each stands for all.

        Alike are targets of one kind where the same statements of the principal's policies, boundary and control
        policies bear on the same actions to the same effect, as do the policies of the targets and their keys.

        Parameters
        ----------
        asker
            Number of the principal.
        pairs
            What it may do.
        """
        _, point, sure, maybe = pairs
        if not len(point):
            return []
        said = self._said(asker, point)
        columns = [self._account.points.block_of[point], sure.view(np.int64), maybe.view(np.int64), *said]
        key = self._account.points.key_of[point]
        in_use = (key >= 0) & ((maybe & self._account.read[point]) != 0)
        columns += [np.where(in_use, plane + 1, 0) for plane in self._said(asker, np.where(in_use, key, point))]
        kind = numbered(columns)
        return self._grouped(point, kind)

    def _said(self, asker: int, point: Numbers) -> list[Numbers]:
        """Return what tells points apart: the statements that bear on them, and what their targets' policies say."""
        account = self._account
        standing = account.standings[asker]
        columns = [
            self._statements(layer, point)
            for layer in (standing.identity, standing.boundary, *standing.scps, *standing.rcps)
            if layer >= 0
        ]
        crowd = account.crowd(standing.crowd)
        planes = self._settling.planes(crowd, np.full(len(point), asker, dtype=np.int64), point)
        speaks = np.bitwise_or.reduce(planes) != 0
        columns += [plane.view(np.int64) for plane in planes]
        columns += [np.where(speaks, self._keys_of[point] + 1, 0), crowd.same[point].astype(np.int64)]
        return columns

    def _statements(self, layer: int, point: Numbers) -> Numbers:
        """Return, for each point, a number for the statements of a layer that bear on it."""
        account = self._account
        first, last = account.segments.first[layer : layer + 2].tolist()
        starts, ends = account.segments.start[first:last], account.segments.end[first:last]
        if first == last:
            return np.zeros(len(point), dtype=np.int64)
        place = np.searchsorted(starts, point, "right") - 1
        inside = (place >= 0) & (point < ends[place])
        there, which = np.unique(np.where(inside, place, -1), return_inverse=True)
        words = self._bearing.of(layer).words
        numbers: dict[Words, int] = {(): 0}
        found = [0 if one < 0 else numbers.setdefault(words(int(starts[one])), len(numbers)) for one in there.tolist()]
        return np.array(found, dtype=np.int64)[which]

    def _grouped(self, point: Numbers, kind: Numbers) -> list[Numbers]:
        """Put targets together whose points are alike, in the order of the first target of each."""
        target = self._account.points.target_of[point]
        order = np.lexsort((self._account.point_rank[point], target))
        ordered, kind = target[order], kind[order] + 1
        first = np.flatnonzero(np.diff(ordered, prepend=-1))
        length = np.diff(first, append=len(ordered))
        sign = length.copy()
        kinds = int(kind.max()) + 1
        for step in range(int(length.max())):
            longer = length > step
            sign[longer] = sign[longer] * kinds + kind[first[longer] + step]
            _, sign = np.unique(sign, return_inverse=True)
        order = np.argsort(sign, kind="stable")
        groups = np.split(ordered[first][order], np.flatnonzero(np.diff(sign[order])) + 1)
        return sorted(groups, key=lambda one: int(one[0]))


def numbered(columns: list[Numbers]) -> Numbers:
    """Return a number for each row, the same for equal ones; neighbours, which are mostly equal, are looked at once."""
    new = np.ones(len(columns[0]), dtype=bool)
    new[1:] = False
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    heads = np.flatnonzero(new)
    number = np.zeros(len(heads), dtype=np.int64)
    for column in columns:
        values, which = np.unique(column[heads], return_inverse=True)
        if len(values) > 1:
            _, number = np.unique(number * len(values) + which, return_inverse=True)
    return np.repeat(number, np.diff(heads, append=len(new)))


def _read_by(policy: object) -> frozenset[str]:
    """Return the condition keys that a policy reads."""
    if not isinstance(policy, Document):
        return frozenset()
    return frozenset[str]().union(
        *(
            keys_of_condition(condition, variables=statement.variables)
            for statement in policy.statements
            for condition in statement.conditions
        )
    )
