"""What the riskiest paths carry, re-scored after changes: the highest ``S * U`` between two ends, summed over all ends.

Between the same two ends one path counts, so that variants of one long path do not weigh more than a path without any.
Parts of paths that are paths themselves count as well where another leads between the same ends. What was not looked at
is below what was: a path that takes the place of one that is parted is as risky as the riskiest of these at the most.
What is left of a path that is parted is a path of its own where nothing else leads in, or on.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from auditkit.graph.schema import Edge, Sensitivity
from auditkit.score._flow import Flow, Step
from auditkit.score._paths import Found, begins_at, is_stuck, only_leads_up, search_paths
from auditkit.score.changes import Change, EdgeKey, changed_edge
from auditkit.score.compact import Compact
from auditkit.score.hops import UNIT, score_hop

__all__ = ["PATHS", "Carried", "Left"]

PATHS = 2000
"""Paths that are looked at, the riskiest of the graph as it is."""

_HOPS, _BUDGET = 16, 200_000

Ends = tuple[int, int]
_NewU = Mapping[int, tuple[int, int] | None]
"""Bounds of ``U`` of steps after changes; ``None`` for those that are gone."""


class Left(msgspec.Struct, frozen=True):
    """``S * U`` after changes.

    Attributes
    ----------
    low, high
        Of the paths that were looked at, with all intervals at their low and their high end.
    low_most, high_most
        The same if others take the place of those that were parted, as risky as they may be.
    """

    low: float
    high: float
    low_most: float
    high_most: float

    @property
    def bounds(self) -> tuple[float, float]:
        """Between what and what it is."""
        return self.low, self.high_most


class _Way(msgspec.Struct, frozen=True):
    """Steps from one end to the other, and the sensitivity carried, low and high."""

    steps: tuple[int, ...]
    s: tuple[float, float]


class _Rest(NamedTuple):
    """What is left of a path: ``alone`` where nothing leads in or on that did not before."""

    steps: tuple[int, ...]
    places: tuple[int, ...]
    nodes: tuple[int, ...]
    alone: bool


class Carried:
    """The riskiest paths of a graph, to be scored as they are and after changes.

    Parameters
    ----------
    compact
        The graph.
    paths
        Most paths that are looked at.
    """

    def __init__(self, compact: Compact, *, paths: int = PATHS) -> None:
        self._weights = weights = compact.weights
        self.flow: Flow = compact.flow()
        self._unknown = weights.sensitivity.of(Sensitivity.UNKNOWN)
        search = search_paths(self.flow, self._unknown, k=paths, max_hops=_HOPS, budget=_BUDGET)
        self.paths: list[Found] = search.paths
        self._unseen = search.most_unseen
        self._through: dict[int, list[int]] = {}
        for number, path in enumerate(self.paths):
            for step in path.steps:
                self._through.setdefault(step, []).append(number)
        self._ways = self._between()
        self._touched: dict[int, set[Ends]] = {}
        for ends, ways in self._ways.items():
            for step in {step for way in ways for step in way.steps}:
                self._touched.setdefault(step, set()).add(ends)
        ids = self.flow.nodes.ids
        self._step_of: dict[EdgeKey, list[int]] = {}
        for step in sorted(self._touched):
            for link in self.flow.steps[step].links:
                self._step_of.setdefault((ids[link.tail], ids[link.head], str(link.key)), []).append(step)
        self._now = {ends: self._most(ways, {}) * 2 for ends, ways in self._ways.items()}
        self._parted: dict[frozenset[EdgeKey], dict[Ends, list[_Way]]] = {}
        self.total = self.left([]).bounds
        """``S * U`` as it is, low and high."""

    def _between(self) -> dict[Ends, list[_Way]]:
        """Return all ways that were looked at between two ends of a path, by their nodes."""
        towards: dict[int, set[int]] = {}
        nodes = [[self.flow.places[place].node for place in path.places] for path in self.paths]
        for some in nodes:
            towards.setdefault(some[0], set()).add(some[-1])
        found: dict[Ends, dict[_Way, None]] = {}
        for path, some in zip(self.paths, nodes, strict=True):
            for begin, end in _parts(some, towards):
                whole = end - begin == len(path.steps)
                places = path.places[begin : end + 1]
                if whole or _is_path(self.flow, places):
                    way = _Way(path.steps[begin:end], self._carries(places))
                    found.setdefault((some[begin], some[end]), {})[way] = None
        return {ends: list(ways) for ends, ways in found.items()}

    def _carries(self, places: Sequence[int]) -> tuple[float, float]:
        """Return the sensitivity that a path carries, low and high."""
        at = [self.flow.places[place] for place in places]
        stores = [place.store for place in at if place.store is not None]
        last = max((number for number, place in enumerate(at) if place.store is not None), default=-1)
        unclassified = last < 0 or any(place.opens for place in at[last + 1 :])
        if unclassified:
            stores.append(self._unknown)
        return max(store.low for store in stores), max(store.high for store in stores)

    def left(self, changes: Sequence[Change]) -> Left:
        """Return the same after changes of hops, which make none worse."""
        each = self.each(changes).values()
        return Left(*(math.fsum(value[side] for value in each) / UNIT for side in range(4)))

    def each(self, changes: Sequence[Change]) -> dict[Ends, tuple[float, float, float, float]]:
        """Return the same for each two ends, in units of ``1 / UNIT``: as the fields of :class:`Left`."""
        steps = self._steps_of(changes)
        u = {step: self._u(self.flow.steps[step], changes) for step in steps}
        found = dict(self._now)
        for ends in sorted({ends for step in steps for ends in self._touched[step]}):
            low, high = self._most(self._ways[ends], u)
            old = self._now[ends]
            found[ends] = low, high, max(low, min(old[0], self._unseen)), max(high, min(old[1], self._unseen))
        gone = frozenset(step for step in steps if u[step] is None)
        removed = frozenset(key for change in changes for key in change.removes)
        for ends, ways in self._left_over(gone, removed).items() if gone else ():
            made = self._most(ways, u) * 2
            before = found.get(ends, made)
            found[ends] = (
                max(before[0], made[0]), max(before[1], made[1]), max(before[2], made[2]), max(before[3], made[3])
            )  # fmt: skip
        return found

    def _left_over(self, gone: frozenset[int], removed: frozenset[EdgeKey]) -> Mapping[Ends, list[_Way]]:
        """Return what is left of paths without some steps: what is one by itself, or leads where another leads."""
        if removed not in self._parted:
            flow = self.flow.without(removed)
            paths = [self.paths[number] for number in sorted({path for step in gone for path in self._through[step]})]
            rests = [rest for path in paths for rest in self._rests_of(path, gone, flow)]
            ends = {*self._ways, *((rest.nodes[0], rest.nodes[-1]) for rest in rests if rest.alone)}
            found: dict[Ends, dict[_Way, None]] = {}
            for rest in rests:
                between = rest.nodes[0], rest.nodes[-1]
                if rest.alone or (between in ends and _is_path(flow, rest.places)):
                    found.setdefault(between, {})[_Way(rest.steps, self._carries(rest.places))] = None
            self._parted[removed] = {between: list(ways) for between, ways in found.items()}
        return self._parted[removed]

    def _rests_of(self, path: Found, gone: frozenset[int], flow: Flow) -> Iterator[_Rest]:
        """Yield what is left of a path."""
        led_in, led_on = _goes_on(self.flow, path.places, self._nodes_of(path.places))
        for begin, end in _rests(path.steps, gone):
            places = path.places[begin : end + 1]
            nodes = self._nodes_of(places)
            if places[0] != nodes[0] or (places[-1] != nodes[-1] and end < len(path.steps)):
                continue  # an answer that has arrived begins nothing, and ends nothing where it went on
            if _leads_up(flow, [one for one in places if one < len(flow.nodes)]):
                continue
            only_first = self.flow.steps[path.steps[begin]].first
            leads_in = not only_first and flow.leads_in(nodes[0], nodes) and not (begin == 0 and led_in)
            on = places[-1] == nodes[-1] and not is_stuck(flow, nodes[-1], nodes)
            leads_on = on and not (end == len(path.steps) and led_on)
            yield _Rest(path.steps[begin:end], places, nodes, not leads_in and not leads_on)

    def _nodes_of(self, places: Sequence[int]) -> tuple[int, ...]:
        return tuple(self.flow.places[place].node for place in places)

    def paths_changed(self, changes: Sequence[Change]) -> int:
        """Return how many of the paths a change of their hops touches."""
        return len({path for step in self._steps_of(changes) for path in self._through[step]})

    def _steps_of(self, changes: Sequence[Change]) -> list[int]:
        edges = {key for change in changes for key in (*change.removes, *(level.edge for level in change.levels))}
        return sorted({step for key in edges for step in self._step_of.get(key, ())})

    def _u(self, step: Step, changes: Sequence[Change]) -> tuple[int, int] | None:
        """Return the bounds of a step's ``U`` after changes; ``None`` where all its edges are gone."""
        removed = {key for change in changes for key in change.removes}
        ids = self.flow.nodes.ids
        scores = []
        for link in step.links:
            key = (ids[link.tail], ids[link.head], str(link.key))
            if key not in removed:
                edge: Edge = link.edge
                for change in changes:
                    edge = changed_edge(edge, key, change)
                scores.append(score_hop(edge, self._weights.factors))
        if not scores:
            return None
        return max(score.u_low for score in scores), max(score.u_high for score in scores)

    def _most(self, ways: Iterable[_Way], u: _NewU) -> tuple[float, float]:
        """Return the highest ``S * U`` of any of some ways, low and high, in units of ``1 / UNIT``."""
        steps = self.flow.steps
        low = high = 0.0
        for way in ways:
            hops = [u.get(step, (steps[step].u_low, steps[step].u_high)) for step in way.steps]
            known = [hop for hop in hops if hop is not None]
            if len(known) == len(hops):
                low = max(low, way.s[0] * sum(hop[0] for hop in known))
                high = max(high, way.s[1] * sum(hop[1] for hop in known))
        return low, high


def _is_path(flow: Flow, places: Sequence[int]) -> bool:
    """Return whether a part of a path is one by itself."""
    nodes = [flow.places[place].node for place in places]
    ends = flow.places[places[-1]].ends or is_stuck(flow, places[-1], nodes)
    return ends and begins_at(flow, places[0], nodes) and not _leads_up(flow, places)


def _goes_on(flow: Flow, places: Sequence[int], nodes: Sequence[int]) -> tuple[bool, bool]:
    """Return whether more leads into a path than its own nodes, and whether it leads on."""
    first, last = places[0], places[-1]
    return flow.leads_in(first, nodes), not is_stuck(flow, last, nodes)


def _leads_up(flow: Flow, places: Sequence[int]) -> bool:
    """Return whether a path begins with what stands before an entry that is reached from outside."""
    return any(
        flow.places[place].fed and only_leads_up(flow, places[:number]) for number, place in enumerate(places) if number
    )


def _rests(steps: Sequence[int], gone: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield where what is left of a path begins and ends, by its places."""
    begin = 0
    for number, step in enumerate(steps):
        if step in gone:
            if number > begin:
                yield begin, number
            begin = number + 1
    if len(steps) > begin > 0:
        yield begin, len(steps)


def _parts(nodes: Sequence[int], towards: Mapping[int, set[int]]) -> Iterator[tuple[int, int]]:
    """Yield where parts of a path begin and end that lead from where a path begins to where one from there ends."""
    for begin, first in enumerate(nodes):
        if first in towards:
            yield from ((begin, end) for end in range(begin + 1, len(nodes)) if nodes[end] in towards[first])
