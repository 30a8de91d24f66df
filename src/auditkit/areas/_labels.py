"""Names of many nodes, as a person reads them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct

__all__ = ["MOST_NAMED", "Labels"]

MOST_NAMED = 3
"""Names that are listed; of the others it is told how many there are."""

_AT_FIRST = 16
"""Nodes that are looked at first for that many names."""


class Labels:
    """Labels of nodes, by place; different nodes may have the same."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = labels

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(set(self._labels))

    @cached_property
    def _rank(self) -> NDArray[np.int64]:
        rank = {label: number for number, label in enumerate(self._sorted)}
        return np.array([rank[label] for label in self._labels], dtype=np.int64)

    def some(self, places: NDArray[Any]) -> str:
        """Return what :func:`auditkit.areas.answers.some` does of the labels of nodes, in the order of their places."""
        names = dict.fromkeys(map(self._labels.__getitem__, places[:_AT_FIRST].tolist()))
        if len(names) < MOST_NAMED:
            names = dict.fromkeys(map(self._labels.__getitem__, places.tolist()))
        return _listed([*names][:MOST_NAMED], len(distinct(self._rank[places])))

    def first(self, places: NDArray[Any]) -> str:
        """Return the label of the first of some nodes, and how many more there are."""
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        return self._labels[int(places[0])] + more

    def some_sorted(self, places: NDArray[Any]) -> str:
        """Return the same with the labels sorted."""
        ranks = distinct(self._rank[places])
        return _listed([self._sorted[rank] for rank in ranks[:MOST_NAMED].tolist()], len(ranks))


def _listed(named: list[str], count: int) -> str:
    more = f" and {count - MOST_NAMED} more" if count > MOST_NAMED else ""
    return ", ".join(named) + more
