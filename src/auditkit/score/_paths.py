"""The k riskiest simple paths: best-first search under bounds that are never too low.

Riskiest means *longest*, as ``U`` adds up over hops and is never negative. The longest simple path is NP-hard to find
where there are cycles, so the number of hops is capped, and the search stops after a budget of extensions and says so.

Partial paths are taken up in the order of the most that any continuation of theirs can reach (A*: Hart, Nilsson and
Raphael 1968, doi:10.1109/TSSC.1968.300136, for a maximum). The bounds (:mod:`auditkit.score._bounds`) are exact on
walks that do not turn straight back and stay in small circles no longer than a path can. Walks include paths, so paths
come out in falling order, ties included, and the first k are the k riskiest. Where there are no cycles but those
between two neighbours the bounds are tight, and about ``k * hops`` partial paths are looked at; in general their number
is exponential in the hops, which is what the budget is for.
"""

import heapq
from collections.abc import Collection, Iterator, Sequence

import msgspec
import numpy as np

from auditkit.graph.schema import Interval
from auditkit.score._bounds import NEVER, Bounds, Stations
from auditkit.score._flow import Flow

__all__ = ["Found", "Outlook", "Search", "begins_at", "is_stuck", "only_leads_up", "search_paths"]


class Found(msgspec.Struct, frozen=True):
    """A path.

    Attributes
    ----------
    places, steps
        Places, and the steps between them.
    s
        Sensitivity carried.
    u_low, u_high
        Bounds of ``U``, in units of ``1 / UNIT``.
    proven
        False if the search ended before it was sure that nothing riskier was missed.
    """

    places: tuple[int, ...]
    steps: tuple[int, ...]
    s: Interval
    u_low: int
    u_high: int
    proven: bool = True


class Search(msgspec.Struct, frozen=True):
    """What a search found.

    Attributes
    ----------
    paths
        The riskiest first.
    exhaustive
        False if the budget ran out.
    most_unseen
        The highest ``S * U`` (in units of ``1 / UNIT``) that a path not looked at may have; 0 if there is none.
    """

    paths: list[Found]
    exhaustive: bool
    most_unseen: float


class _Partial(msgspec.Struct, frozen=True):
    """A path that may go on.

    ``s`` is the highest sensitivity of a store so far, low and high; ``open`` whether unclassified data came in after
    the last store; ``owes`` whether a merely permitted step is still due; ``room`` how many hops it can stay in the
    circle of nodes where it is.
    """

    places: tuple[int, ...]
    nodes: tuple[int, ...]
    steps: tuple[int, ...]
    u: tuple[int, int]
    s: tuple[float, float]
    open: bool
    owes: bool
    room: int


_Item = tuple[float, float, int, tuple[int, ...], bool, _Partial]
"""Heap item: falling score (high, low), falling number of hops, places, whether the path is whole, the path."""


def search_paths(
    flow: Flow,
    unknown: Interval,
    *,
    k: int,
    max_hops: int,
    budget: int,
    permitted: bool = False,
    contained: bool = False,
    per_ends: int | None = None,
    outlook: "Outlook | None" = None,
) -> Search:
    """Return the k riskiest paths, by ``S * U`` high, then ``S * U`` low, then hops (falling), then places.

    Parameters
    ----------
    flow
        Places and steps.
    unknown
        Sensitivity of data that is in no store.
    k, max_hops, budget
        Most paths, most hops of one, most extensions tried.
    permitted
        Whether a path must have a step that is merely permitted.
    contained
        Whether a path is listed that is a part of one at least as risky.
    per_ends
        Most paths that are listed of those with the same two ends; as many as there are by default.
    outlook
        Bounds of the same flow, kept from an earlier search with the same ``unknown``, ``max_hops`` and ``permitted``.
    """
    finder = _Finder(flow, outlook or Outlook(flow, unknown, max_hops=max_hops, permitted=permitted))
    listing = _Listing(flow, unknown, contained=contained, per_ends=per_ends)
    exhaustive = True
    for whole in finder.falling(budget):
        if whole is None:
            exhaustive = False
        elif listing.take(whole, finder.most_unseen) and len(listing.paths) == k:
            break
    return Search(listing.paths, exhaustive, finder.most_unseen)


class _Listing:
    """Paths that were taken into the list, which come in falling order."""

    def __init__(self, flow: Flow, unknown: Interval, *, contained: bool, per_ends: int | None) -> None:
        self.paths: list[Found] = []
        self._flow = flow
        self._unknown = unknown
        self._contained = contained
        self._per_ends = per_ends
        self._parts: set[tuple[int, ...]] = set()
        self._ends: dict[tuple[int, int], int] = {}

    def take(self, path: _Partial, most_unseen: float) -> bool:
        """Take a path in, unless it is part of one that came before, or its ends have had their share."""
        if path.places in self._parts:
            return False
        if not self._contained:
            size = len(path.places)
            self._parts.update(path.places[i:j] for i in range(size - 1) for j in range(i + 2, size + 1))
        ends = path.nodes[0], path.nodes[-1]
        self._ends[ends] = self._ends.get(ends, 0) + 1
        if self._per_ends is not None and self._ends[ends] > self._per_ends:
            return False
        s = carried(path.s, self._unknown, unclassified=path.open)
        proven = s.high * path.u[1] >= most_unseen
        self.paths.append(Found(path.places, path.steps, s, *path.u, proven))
        return True


def carried(s: tuple[float, float], unknown: Interval, *, unclassified: bool) -> Interval:
    """Return the sensitivity that a path carries: of its stores, and unknown where its last data is in no store."""
    return Interval(max(s[0], unknown.low), max(s[1], unknown.high)) if unclassified else Interval(*s)


def only_leads_up(flow: Flow, places: Sequence[int]) -> bool:
    """Return whether a path is what stands before an entry (its API, its listener), where no data comes in."""
    return not flow.places[places[0]].begins and all(flow.places[place].hands_on for place in places)


def begins_at(flow: Flow, start: int, nodes: Collection[int]) -> bool:
    """Return whether a path by some nodes may start at a place: nothing leads in but from its own nodes, or past them.

    None starts where an answer has arrived.
    """
    return flow.places[start].begins or (start < len(flow.before) and not flow.leads_in(start, nodes))


def is_stuck(flow: Flow, end: int, nodes: Collection[int]) -> bool:
    """Return whether a path by some nodes that has come to a place cannot go on."""
    steps = (flow.steps[number] for number in flow.out[end])
    return all(step.first or flow.places[step.head].node in nodes for step in steps)


class Outlook:
    """What partial paths of a flow can still reach: all that a search needs to know beforehand.

    Parameters
    ----------
    flow, unknown, max_hops, permitted
        As of :func:`search_paths`.
    """

    def __init__(self, flow: Flow, unknown: Interval, *, max_hops: int, permitted: bool = False) -> None:
        self.max_hops = max_hops
        self.permitted = permitted
        self.stations = stations = Stations(flow, hops=max_hops)
        self.high = _Side(flow, stations, unknown, max_hops=max_hops, permitted=permitted, high=True)
        self.low = _Side(flow, stations, unknown, max_hops=max_hops, permitted=permitted, high=False)
        ones, nothing = np.ones(len(flow.steps), dtype=np.int64), np.full(len(flow.places), -1.0)
        self.hops = Bounds(flow, stations, ones, nothing, hops=max_hops, owing=permitted)
        self.starts = self.high.starts()


class _Finder:
    """Yields whole paths in falling order."""

    def __init__(self, flow: Flow, outlook: Outlook) -> None:
        self._flow = flow
        self._max_hops = outlook.max_hops
        self._permitted = outlook.permitted
        self._stations = outlook.stations
        self._high, self._low, self._hops = outlook.high, outlook.low, outlook.hops
        self._heap: list[_Item] = []
        self._waiting = list(outlook.starts)
        self._tried = 0

    def falling(self, budget: int) -> Iterator[_Partial | None]:
        """Yield whole paths, the riskiest first; ``None`` when the budget has run out, then what was found by then."""
        while self._tried <= budget:
            while self._waiting and (not self._heap or self._waiting[-1][0] >= -self._heap[0][0]):
                self._start(self._waiting.pop()[1])
            if not self._heap:
                return
            *_, whole, path = heapq.heappop(self._heap)
            if whole:
                yield path
            else:
                self._extend(path)
        yield None
        whole_ones = sorted(item for item in self._heap if item[-2])
        self._heap = [item for item in self._heap if not item[-2]]
        heapq.heapify(self._heap)
        for item in whole_ones:
            yield item[-1]

    @property
    def most_unseen(self) -> float:
        """The highest score that a path may have that has not been yielded; 0 if there is none."""
        return max([-item[0] for item in self._heap[:1]] + [score for score, _ in self._waiting[-1:]], default=0.0)

    def _start(self, number: int) -> None:
        tail = self._flow.steps[number].tail
        place = self._flow.places[tail]
        s = (place.store.low, place.store.high) if place.store is not None else (0.0, 0.0)
        opening = place.store is None
        empty = _Partial(
            (place.node,), (place.node,), (), (0, 0), s, opening, self._permitted, self._stations.room[tail]
        )
        self._step(empty, number)

    def _extend(self, path: _Partial) -> None:
        for number in self._flow.out[path.places[-1]]:
            step = self._flow.steps[number]
            if not step.first and self._flow.places[step.head].node not in path.nodes:
                self._step(path, number)

    def _step(self, path: _Partial, number: int) -> None:
        """Put a path that is one step longer on the heap: as one that goes on, and as a whole one if it is."""
        self._tried += 1
        step = self._flow.steps[number]
        place = self._flow.places[step.head]
        if place.fed and only_leads_up(self._flow, path.places):
            return
        s = path.s if place.store is None else (max(path.s[0], place.store.low), max(path.s[1], place.store.high))
        longer = _Partial(
            places=(*path.places, step.head),
            nodes=(*path.nodes, place.node),
            steps=(*path.steps, number),
            u=(path.u[0] + step.u_low, path.u[1] + step.u_high),
            s=s,
            open=place.store is None and (path.open or place.opens),
            owes=path.owes and not step.permitted,
            room=self._stations.room_after(path.room, step.tail, step.head),
        )
        hops = len(longer.steps)
        stuck = hops == self._max_hops or is_stuck(self._flow, longer.places[-1], longer.nodes)
        if (stuck or place.ends) and not longer.owes and self._may_begin(longer):
            self._push(longer, self._high.score(longer), self._low.score(longer), hops, whole=True)
        if not stuck:
            left = self._max_hops - hops
            high = self._high.most(longer, left)
            if high >= 0:
                station = self._stations.at(step.head, longer.room)
                more = self._hops.most(left, 0, station, path.nodes[-1], owes=longer.owes)
                self._push(longer, high, self._low.most(longer, left), hops + more, whole=False)

    def _push(self, path: _Partial, high: float, low: float, hops: int, *, whole: bool) -> None:
        heapq.heappush(self._heap, (-high, -low, -hops, path.places, whole, path))

    def _may_begin(self, path: _Partial) -> bool:
        """Return whether a path may start where it does: cycles that nothing leads into are cut where hops run out."""
        return len(path.steps) == self._max_hops or begins_at(self._flow, path.places[0], path.nodes)


class _Side:
    """Scores of paths at one end of all intervals, high or low, and bounds of what they can still reach."""

    def __init__(
        self, flow: Flow, stations: Stations, unknown: Interval, *, max_hops: int, permitted: bool, high: bool
    ) -> None:
        self._flow, self._stations = flow, stations
        self._end = int(high)
        self._left = max_hops - 1
        self._permitted = permitted
        self._unknown = (unknown.low, unknown.high)[self._end]
        stores = [(place.store.low, place.store.high)[self._end] if place.store else -1.0 for place in flow.places]
        self._stores = np.array(stores, dtype=np.float64)
        self._opens = np.array([place.opens for place in flow.places], dtype=bool)
        levels = np.where(self._opens, self._unknown, self._stores)
        self._u = np.array([(step.u_low, step.u_high)[self._end] for step in flow.steps], dtype=np.int64)
        self._bounds = Bounds(flow, stations, self._u, levels, hops=max_hops, owing=permitted)

    def score(self, path: _Partial) -> float:
        """Return ``S * U`` of a whole path, in units of ``1 / UNIT``."""
        s = path.s[self._end]
        return (max(s, self._unknown) if path.open else s) * path.u[self._end]

    def most(self, path: _Partial, left: int) -> float:
        """Return the highest ``S * U`` of any continuation by at most so many hops; negative if there is none."""
        bounds, came_from = self._bounds, path.nodes[-2]
        station = self._stations.at(path.places[-1], path.room)
        u, s = path.u[self._end], path.s[self._end]
        aims = [(0, s)] + [(aim, level) for aim, level in enumerate(bounds.levels, start=1) if level > s]
        if path.open:
            aims.append((bounds.no_store, max(s, self._unknown)))
        gains = [(bounds.most(left, aim, station, came_from, owes=path.owes), level) for aim, level in aims]
        return max((level * (u + gain) for gain, level in gains if gain != NEVER), default=-1.0)

    def starts(self) -> list[tuple[float, int]]:
        """Return the first steps of all paths with the highest ``S * U`` of any continuation, rising."""
        flow, bounds = self._flow, self._bounds
        numbers = np.array([i for i, step in enumerate(flow.steps) if flow.places[step.tail].candidate], dtype=np.int64)
        if not len(numbers):
            return []
        tails = np.array([flow.steps[i].tail for i in numbers], dtype=np.int64)
        heads = np.array([flow.steps[i].head for i in numbers], dtype=np.int64)
        owes = np.array([self._permitted and not flow.steps[i].permitted for i in numbers], dtype=bool)
        s = np.maximum(np.maximum(self._stores[tails], self._stores[heads]), 0.0)
        is_open = (self._stores[heads] < 0) & ((self._stores[tails] < 0) | self._opens[heads])
        most = np.full(len(numbers), -1.0)
        aims = [(0, s), *((aim, np.maximum(s, level)) for aim, level in enumerate(bounds.levels, start=1))]
        aims.append((bounds.no_store, np.where(is_open, np.maximum(s, self._unknown), 0.0)))
        for aim, level in aims:
            gain = bounds.most_of(self._left, aim, heads, tails, owes=owes)
            most = np.maximum(most, np.where(gain == NEVER, -1.0, level * (self._u[numbers] + gain)))
        order = np.lexsort((-numbers, most))
        return [(float(most[i]), int(numbers[i])) for i in order if most[i] >= 0]
