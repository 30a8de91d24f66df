"""Where the resources of statements are covered, once policy variables have their values: regions, numbered."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.conditions import Context
from auditkit.policy.logic import Truth
from auditkit.policy.matching import SHORT_API, long_api, resolved
from auditkit.policy.relation.patterns import Intervals
from auditkit.policy.relation.points import Points

__all__ = ["Covering", "Places", "Resources"]

Places = NDArray[np.bool_]
Resources = tuple[tuple[str, ...] | None, tuple[str, ...] | None, bool]
"""``Resource`` and ``NotResource`` of a statement, and whether there are policy variables."""

_KEPT = 64
"""How many sets of patterns are remembered with what they cover."""


class Covering:
    """Finds what resources cover.

    Parameters
    ----------
    points
        The points.
    first
        Number of the first region.

    Attributes
    ----------
    regions
        The regions, in the order of their numbers.
    """

    def __init__(self, points: Points, first: int) -> None:
        self._points, self._first = points, first
        self.regions: list[Intervals] = []
        self._dense: dict[bytes, int] = {}
        self._steady = lru_cache(maxsize=_KEPT)(self._any_without_variables)

    def region(self, intervals: Intervals) -> int:
        """Return the number of a new region."""
        self.regions.append(intervals)
        return self._first + len(self.regions) - 1

    def dense(self, places: Places) -> int:
        """Return the number of a region by its points."""
        key = np.packbits(places).tobytes()
        if key not in self._dense:
            edge = np.zeros(len(places) + 1, dtype=bool)
            edge[1:-1] = places[1:] != places[:-1]
            edge[[block.start for block in self._points.blocks]] = True
            edge[-1] = True
            starts = np.flatnonzero(edge[:-1])
            ends = np.flatnonzero(edge[1:]) + 1
            kept = places[starts]
            pairs = zip(starts[kept].tolist(), ends[kept].tolist(), strict=True)
            self._dense[key] = self.region(tuple(pairs))
        return self._dense[key]

    def one(self, pattern: str, context: Context, *, variables: bool) -> tuple[int, int]:
        """Return the regions that one pattern covers for certain, and perhaps."""
        intervals, truth = self._resolved(pattern, context, variables=variables)
        found, nothing = self.region(intervals), self.region(())
        return (found, nothing) if truth is Truth.YES else (nothing, found)

    def resources(self, resources: Resources, context: Context) -> tuple[Places, Places]:
        """Return where a statement's resources are covered for certain, and at least perhaps."""
        patterns, excepted, variables = resources
        everywhere = np.ones(len(self._points.texts), dtype=bool)
        if patterns is not None:
            return self._any(patterns, context, variables=variables)
        if excepted is None:
            return everywhere, everywhere
        yes, maybe = self._any(excepted, context, variables=variables)
        return ~maybe, ~yes

    def _any(self, patterns: tuple[str, ...], context: Context, *, variables: bool) -> tuple[Places, Places]:
        if not variables or not any("${" in pattern for pattern in patterns):
            found = self._steady(patterns)
            return found, found
        yes = np.zeros(len(self._points.texts), dtype=bool)
        maybe = yes.copy()
        for pattern in patterns:
            intervals, truth = self._resolved(pattern, context, variables=variables)
            for start, end in intervals:
                maybe[start:end] = True
                if truth is Truth.YES:
                    yes[start:end] = True
        return yes, maybe

    def _any_without_variables(self, patterns: tuple[str, ...]) -> Places:
        found = np.zeros(len(self._points.texts), dtype=bool)
        for pattern in patterns:
            for start, end in self._points.patterns.covered(pattern):
                found[start:end] = True
        found.flags.writeable = False
        return found

    def _resolved(self, pattern: str, context: Context, *, variables: bool) -> tuple[Intervals, Truth]:
        """Return what a pattern covers once its variables have their values."""
        if pattern.startswith(SHORT_API):
            each = [
                self._resolved(long_api(pattern, api), context, variables=variables)
                for api in self._points.patterns.apis
            ]
            intervals = tuple(sorted(one for found, _ in each for one in found))
            return intervals, each[0][1] if each else Truth.NO
        if not (variables and "${" in pattern):
            return self._points.patterns.covered(pattern), Truth.YES
        tokens = resolved(pattern, context.variable)
        if tokens is None:
            return (), Truth.NO
        if tokens.keys:
            return self._points.patterns.glob(tokens.tokens), Truth.UNKNOWN
        return self._points.patterns.match(tokens.tokens), Truth.YES
