"""Actions of statements as masks: which bits of each block of points a statement speaks of."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.matching import match_action
from auditkit.policy.relation.points import Points
from auditkit.policy.resources import tracked_actions

__all__ = ["EVERY_ACTION", "Masks", "Words", "mask_of_blocks"]

Words = NDArray[np.uint64]
EVERY_ACTION = 0
"""Number of the set of all actions."""


@cache
def _numbers() -> dict[str, int]:
    return {name: number for number, name in enumerate(tracked_actions())}


@cache
def _by_service() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in tracked_actions():
        found.setdefault(name.partition(":")[0], []).append(name)
    return found


def _covered(pattern: str) -> int:
    """Return the tracked actions that one pattern covers, as bits by their number."""
    service = pattern.lower().partition(":")[0]
    wild = "*" in service or "?" in service
    names = tracked_actions() if wild else _by_service().get(service, ())
    return sum(1 << _numbers()[name] for name in names if match_action((pattern,), name))


class Masks:
    """Sets of actions, numbered, each as a mask for every block.

    Parameters
    ----------
    points
        With the blocks.
    """

    def __init__(self, points: Points) -> None:
        self._blocks = points.blocks
        self._numbers: dict[tuple[tuple[str, ...] | None, tuple[str, ...] | None], int] = {}
        self._covered: dict[str, int] = {}
        self._rows: list[Words] = []
        self._lists: dict[int, list[int]] = {}
        every = (1 << len(tracked_actions())) - 1
        bits = [
            (block_number, bit, _numbers()[action.name.lower()])
            for block_number, block in enumerate(self._blocks)
            for bit, action in enumerate(block.shape.actions)
            if block.mask >> bit & 1
        ]
        self._block = np.array([one[0] for one in bits], dtype=np.int64)
        self._word = np.array([1 << one[1] for one in bits], dtype=np.uint64)
        self._action = [one[2] for one in bits]
        assert self._add(every) == EVERY_ACTION

    def number(self, actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None) -> int:
        """Return the number of the set of actions that a statement speaks of."""
        key = actions, not_actions
        found = self._numbers.get(key)
        if found is None:
            covered = 0
            for pattern in actions if actions is not None else not_actions or ():
                if pattern not in self._covered:
                    self._covered[pattern] = _covered(pattern)
                covered |= self._covered[pattern]
            if actions is None:
                covered = ((1 << len(tracked_actions())) - 1) & ~covered
            found = self._numbers[key] = self._add(covered)
        return found

    def _add(self, covered: int) -> int:
        row = np.zeros(len(self._blocks), dtype=np.uint64)
        chosen = np.array([covered >> action & 1 for action in self._action], dtype=bool)
        np.add.at(row, self._block[chosen], self._word[chosen])
        self._rows.append(row)
        return len(self._rows) - 1

    def listed(self, number: int) -> list[int]:
        """Return the mask of a set for each block."""
        if number not in self._lists:
            self._lists[number] = self._rows[number].tolist()
        return self._lists[number]

    @property
    def table(self) -> Words:
        """Masks by set and block."""
        return np.stack(self._rows)


def mask_of_blocks(points: Points, wanted: Callable[[str], bool]) -> Words:
    """Return, for each block, the mask of the actions whose name (in lower case) is wanted."""
    return np.array(
        [
            sum(1 << bit for bit, action in enumerate(block.shape.actions) if wanted(action.name.lower())) & block.mask
            for block in points.blocks
        ],
        dtype=np.uint64,
    )
