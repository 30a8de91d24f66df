"""Targets on which the same statements give a principal the same: what one grant node stands for."""

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.documents import Document
from auditkit.policy.relation.account import Account
from auditkit.policy.relation.alike import by_target
from auditkit.policy.relation.asking import keys_of_condition
from auditkit.policy.relation.bearing import Bearing
from auditkit.policy.relation.kernel import numbered
from auditkit.policy.relation.settling import Pairs, Settling

__all__ = ["Scopes"]

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
        return by_target(self._account, point, kind)

    def _said(self, asker: int, point: Numbers) -> list[Numbers]:
        """Return what tells points apart: the statements that bear on them, and what their targets' policies say."""
        account = self._account
        standing = account.standings[asker]
        columns = [
            self._bearing.numbers(layer, point)
            for layer in (standing.identity, standing.boundary, *standing.scps, *standing.rcps)
            if layer >= 0
        ]
        crowd = account.crowd(standing.crowd)
        voice = self._settling.voices(crowd, np.full(len(point), asker, dtype=np.int64), point)
        speaks = crowd.speaks[voice]
        columns += [voice, np.where(speaks, self._keys_of[point] + 1, 0), crowd.same[point].astype(np.int64)]
        return columns


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
