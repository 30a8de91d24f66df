"""What is known of targets, and groups of points that condition keys cannot tell apart."""

from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.relation.asking import target_context
from auditkit.policy.relation.points import Points

__all__ = ["Group", "Surroundings"]


class Group(NamedTuple):
    """Points whose targets share the values of some keys: where they are, and the values that are known."""

    points: NDArray[np.bool_]
    known: dict[str, Any]


class Surroundings:
    """The contexts of targets.

    Attributes
    ----------
    keys
        Condition keys that are known of any target, in lower case.
    of
        What is known of each target.
    """

    def __init__(self, points: Points) -> None:
        self._points = points
        self.of = [target_context(one.given.arn, one.owner, one.given.context) for one in points.targets]
        self.keys = frozenset(chain.from_iterable({tuple(context) for context in self.of}))
        self._numbers: dict[frozenset[str], tuple[list[int], list[dict[str, Any]]]] = {}
        self._groups: dict[frozenset[str], list[Group]] = {}

    def groups(self, keys: Iterable[str]) -> list[Group]:
        """Return the groups of points that some keys tell apart."""
        wanted = frozenset(keys) & self.keys
        if wanted not in self._groups:
            by_target, known = self._grouped(wanted)
            by_point = np.array(by_target, dtype=np.int64)[self._points.target_of]
            self._groups[wanted] = [Group(by_point == number, values) for number, values in enumerate(known)]
        return self._groups[wanted]

    def group_of(self, keys: frozenset[str]) -> list[int]:
        """Return the number of the group of each target."""
        return self._grouped(keys & self.keys)[0]

    def _grouped(self, wanted: frozenset[str]) -> tuple[list[int], list[dict[str, Any]]]:
        """Return the group of each target, and what is known of each group."""
        if wanted not in self._numbers:
            keys = sorted(wanted)
            columns = [_comparable([context.get(key, _MISSING) for context in self.of]) for key in keys]
            rows = list(zip(*columns, strict=True)) if keys else [()] * len(self.of)
            first = {row: place for place, row in reversed(list(enumerate(rows)))}
            order = sorted(first.values())
            numbers = {rows[place]: number for number, place in enumerate(order)}
            known = [{key: self.of[place][key] for key in keys if key in self.of[place]} for place in order]
            self._numbers[wanted] = [numbers[row] for row in rows], known
        return self._numbers[wanted]


class _Missing:
    """What a key is that nothing is known of."""


_MISSING = _Missing()


def _comparable(values: list[object]) -> list[object]:
    """Return values that are equal only where they say the same: ``1`` and ``True`` do not."""
    if set(map(type, values)) <= {str, type(None), _Missing}:
        return values
    return [value if isinstance(value, _Missing) else repr(value) for value in values]
