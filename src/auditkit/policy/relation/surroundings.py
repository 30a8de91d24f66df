"""What is known of targets, and groups of points that condition keys cannot tell apart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.relation.asking import target_context
from auditkit.policy.relation.points import Points, Target
from auditkit.policy.subjects import known_of_place

__all__ = ["Group", "Surroundings"]


class Group(NamedTuple):
    """Points whose targets share the values of some keys: where they are, and the values that are known."""

    points: NDArray[np.bool_]
    known: dict[str, Any]


class _Missing:
    """What a key is that nothing is known of."""


_MISSING = _Missing()


class Surroundings:
    """The contexts of targets.

    Attributes
    ----------
    keys
        Condition keys that are known of any target, in lower case.
    """

    def __init__(self, points: Points) -> None:
        self._points = points
        self._follows: list[Mapping[str, Any]] = _following(points.targets)
        """What follows from where each target is; one object for all targets of a place."""
        self._contexts = [one.given.context for one in points.targets]
        self._names: list[Mapping[str, str]] = _names(self._contexts)
        """The keys that were given of each target, by themselves in lower case."""
        every = {id(one): one for one in chain(self._follows, self._names)}
        self.keys = frozenset[str]().union(*every.values())
        self._numbers: dict[frozenset[str], tuple[list[int], list[dict[str, Any]]]] = {}
        self._groups: dict[frozenset[str], list[Group]] = {}

    def of(self, target: int) -> dict[str, Any]:
        """Return what is known of a target, keys in lower case."""
        one = self._points.targets[target]
        return target_context(one.given.arn, one.owner, one.given.context)

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
            columns = [_comparable(self.known(key, otherwise=_MISSING)) for key in keys]
            numbers, firsts = _numbered(columns, len(self._points.targets))
            known = [{key: value for key, value in self.of(place).items() if key in wanted} for place in firsts]
            self._numbers[wanted] = numbers, known
        return self._numbers[wanted]

    def known(self, key: str, *, otherwise: object = None) -> list[Any]:
        """Return what is known of one key, in lower case, for each target; something else where nothing is."""
        return [
            context[names[key]] if key in names else follows.get(key, otherwise)
            for context, names, follows in zip(self._contexts, self._names, self._follows, strict=True)
        ]


def _following(targets: Iterable[Target]) -> list[Mapping[str, Any]]:
    known: dict[tuple[str, str], Mapping[str, Any]] = {}
    found = []
    for one in targets:
        place = one.region, one.owner
        if place not in known:
            known[place] = {key.lower(): value for key, value in known_of_place(*place).items()}
        found.append(known[place])
    return found


def _numbered(columns: Sequence[Sequence[object]], size: int) -> tuple[list[int], list[int]]:
    """Return numbers of rows, the same for equal ones, as they come; and the first row of each number."""
    if not columns:
        return [0] * size, [0][:size]
    rows = columns[0] if len(columns) == 1 else zip(*columns, strict=True)
    numbers = list(map(defaultdict[object, int](count().__next__).__getitem__, rows))
    return numbers, np.unique(numbers, return_index=True)[1].tolist()


def _names(contexts: Iterable[Mapping[str, Any]]) -> list[Mapping[str, str]]:
    known: dict[tuple[str, ...], Mapping[str, str]] = {}
    found = []
    for context in contexts:
        keys = tuple(context)
        if keys not in known:
            known[keys] = {key.lower(): key for key in keys}
        found.append(known[keys])
    return found


def _comparable(values: list[object]) -> list[object]:
    """Return values that are equal only where they say the same: ``1`` and ``True`` do not."""
    if set(map(type, values)) <= {str, type(None), _Missing}:
        return values
    return [value if isinstance(value, _Missing) else repr(value) for value in values]
