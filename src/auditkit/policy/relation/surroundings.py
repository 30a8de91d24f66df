"""What is known of targets, and groups of points that condition keys cannot tell apart."""

from collections.abc import Iterable
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
        self.keys = frozenset[str]().union(*self.of)
        self._groups: dict[frozenset[str], list[Group]] = {}

    def groups(self, keys: Iterable[str]) -> list[Group]:
        """Return the groups of points that some keys tell apart."""
        wanted = frozenset(keys) & self.keys
        if wanted not in self._groups:
            self._groups[wanted] = self._grouped(sorted(wanted))
        return self._groups[wanted]

    def _grouped(self, keys: list[str]) -> list[Group]:
        numbers: dict[str, int] = {}
        known: list[dict[str, Any]] = []
        by_target = []
        for context in self.of:
            values = {key: context[key] for key in keys if key in context}
            number = numbers.setdefault(repr(values), len(numbers))
            if number == len(known):
                known.append(values)
            by_target.append(number)
        by_point = np.array(by_target, dtype=np.int64)[self._points.target_of]
        return [Group(by_point == number, values) for number, values in enumerate(known)]
