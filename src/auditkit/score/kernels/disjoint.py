"""Ways that share no edge: how many there are to one target after the other, and the cut nearest to where they begin.

By Menger's theorem (1927) they are a maximum flow with capacity 1 on every edge. Ways are found one by one, backwards
and with those taken back that stand in the way (Ford and Fulkerson 1956, doi:10.4153/CJM-1956-045-5), nearest states
first. What a search has met that fails is shut: no more way comes from there, whatever ways are added (so each search
looks at what is new to it, as in the algorithm of Dinic 1970).

Targets that are reached by the same edges through states between have most of their ways in common. So targets are
taken in an order in which neighbours share as many of these edges as can be, ways by shared edges are found once, and
only what is a target's own is added and then taken back. :func:`disjoint_plain` is the twin, a minimum cut for each
target.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise, takewhile

import numpy as np

from auditkit.score.kernels.backwards import Backwards, Crossing, Search
from auditkit.score.kernels.cuts import minimum_cut_plain
from auditkit.score.kernels.steps import Ints

__all__ = ["Disjoint", "Taken", "disjoint_plain"]

Part = tuple[int, int, tuple[int, ...]]
"""An edge that leaves states between, which of the states of a target it leads to, and from where it does not."""


class Taken:
    """Ways that share no edge, the last of which can be taken back.

    Attributes
    ----------
    count
        Number of ways.
    targets
        States that they end at.
    onward : dict of int to dict of int to int
        Ways from each node to the next.
    begun : Counter
        Ways that begin at each state.
    shut : set of int
        Nodes where no more way comes to.
    """

    def __init__(self, goal: int) -> None:
        self._goal = goal
        self.count = 0
        self.targets: Sequence[int] = ()
        self.onward: dict[int, dict[int, int]] = {}
        self.begun: Counter[int] = Counter()
        self.shut = {goal}
        self._ended: Counter[int] = Counter()
        self._all: list[tuple[list[int], list[bool]]] = []
        self._closed: list[Collection[int]] = []

    def take(self, way: list[int]) -> None:
        """Add a way; where it goes along another backwards, that is taken back."""
        back = [node in self.onward.get(after, ()) for node, after in pairwise(way)]
        for (node, after), against in zip(pairwise(way), back, strict=True):
            self._more(after, node, -1) if against else self._more(node, after, 1)
        self.count += 1
        self.begun[way[0]] += 1
        self._ended[way[-1]] += 1
        self._all.append((way, back))

    def close(self, met: Collection[int]) -> None:
        """Shut what a search has met that failed."""
        self.shut.update(met)
        self._closed.append(met)

    @property
    def mark(self) -> tuple[int, int]:
        """Where it can be brought back to."""
        return len(self._all), len(self._closed)

    def back_to(self, mark: tuple[int, int]) -> None:
        """Take back what was done since."""
        while len(self._all) > mark[0]:
            way, back = self._all.pop()
            for (node, after), against in zip(pairwise(way), back, strict=True):
                self._more(after, node, 1) if against else self._more(node, after, -1)
            self.count -= 1
            self.begun[way[0]] -= 1
            self._ended[way[-1]] -= 1
        while len(self._closed) > mark[1]:
            self.shut.difference_update(self._closed.pop())

    def _more(self, node: int, after: int, number: int) -> None:
        onward = self.onward.setdefault(node, {})
        onward[after] = onward.get(after, 0) + number
        if not onward[after]:
            del onward[after]
            if not onward:
                del self.onward[node]

    def ways(self) -> Iterator[list[int]]:
        """Yield the nodes of each way."""
        onward = {node: dict(after) for node, after in self.onward.items()}
        ended = Counter(self._ended)
        for node in self.begun.elements():
            way = [node]
            while not ended[way[-1]]:
                left = onward[way[-1]]
                after = next(iter(left))
                left[after] -= 1
                if not left[after]:
                    del left[after]
                way.append(after)
            ended[way[-1]] -= 1
            yield way


class Disjoint:
    """States, edges between them, and entries, to be asked for ways to targets.

    Nodes are numbered: states first, then edges. An edge leads from one state to one or several.

    Parameters
    ----------
    tail, head : ndarray of int64, shape (steps,)
        States that each step leads from and to.
    edge : ndarray of int64, shape (steps,)
        Edge that each step is part of, -1 for none: such a step can be taken by any number of ways. The steps of an
        edge have one tail.
    states
        Number of states.
    entries
        States where ways begin, and whether only one way can begin there.
    through
        States that stand between ends of many edges at once: from each edge that leads to one of them there is an edge
        of its own to each state after it, for each edge by which that is left. What is reached between two of these
        states, or from them by a step without an edge, is reached by the same edge.
    says : ndarray of int64
        What each edge says, -1 for nothing of the kind; -1 for all by default. Where an edge leads from a state to
        another and says what one through states between does, there is no other one through these.

    Attributes
    ----------
    stands_for : dict of int to tuple of int
        Edges that lead through such states, made when they are met, by the nodes of ways: the edge that leads in, the
        edge that leads out, and the state that is reached.
    """

    def __init__(
        self,
        tail: Ints,
        head: Ints,
        edge: Ints,
        *,
        states: int,
        entries: Mapping[int, bool],
        through: Collection[int] = (),
        says: Ints | None = None,
    ) -> None:
        if says is None:
            says = np.full(int(edge.max(initial=-1)) + 1, -1, dtype=np.int64)
        self._net = Backwards(tail, head, edge, states=states, entries=entries, through=through, says=says)
        self.far = self._net.far
        self.stands_for: Mapping[int, Crossing] = self._net.stands_for
        self._goal = self._net.new()

    def ways(self, targets: Sequence[int]) -> Taken:
        """Return as many ways as there are that share no edge, each from an entry to one of the targets.

        Raises
        ------
        ValueError
            If there are any number of them: a way takes no edge, from an entry where any number begin.
        """
        return next(taken for _, taken in self.each([targets]))

    def each(self, all_targets: Sequence[Sequence[int]]) -> Iterator[tuple[int, Taken]]:
        """Yield for each of some targets its number, and as many ways as there are, good until the next is asked for.

        Raises
        ------
        ValueError
            As of :meth:`ways`.
        """
        taken = Taken(self._goal)
        stands: list[tuple[Part, tuple[int, int]]] = []
        for number, parts in self._in_order(all_targets):
            targets = all_targets[number]
            same = sum(1 for _ in takewhile(lambda pair: pair[0][0] == pair[1], zip(stands, parts, strict=False)))
            if same < len(stands):
                taken.back_to(stands[same][1])
                del stands[same:]
            for part in parts[same:]:
                stands.append((part, taken.mark))
                self._add_part(taken, part)
            here = self._apart(taken, targets, parts) if any(map(taken.onward.get, targets)) else taken
            mark = here.mark
            here.targets = targets
            self._add_own(here)
            yield number, here
            here.back_to(mark)

    def _in_order(self, all_targets: Sequence[Sequence[int]]) -> list[tuple[int, list[Part]]]:
        """Return targets and the edges that lead to them through states between, those first that most have."""
        alike: dict[tuple[Part, ...], list[int]] = {}
        for number, targets in enumerate(all_targets):
            alike.setdefault(self._parts(targets), []).append(number)
        often = Counter({part: 0 for parts in alike for part in parts})
        for parts, numbers in alike.items():
            often.update(dict.fromkeys(parts, len(numbers)))
        all_parts = {key: sorted(key, key=lambda part: (-often[part], part)) for key in alike}
        ordered = sorted(alike, key=lambda key: [(-often[part], part) for part in all_parts[key]])
        return [(number, all_parts[key]) for key in ordered for number in alike[key]]

    def _parts(self, targets: Sequence[int]) -> tuple[Part, ...]:
        """Return the edges that lead to a target through states between."""
        net = self._net
        return tuple(
            (edge, slot, tuple(sorted(net.apart(edge, target))))
            for slot, target in enumerate(targets)
            for edge in net.leaving(target)
        )

    def _add_part(self, taken: Taken, part: Part) -> None:
        """Add the ways that end with an edge through states between, for a target that is not said."""
        edge, slot, apart = part
        for end in reversed(self._net.held(self._net.tail_of[edge])):
            before = self._net.tail_of[end]
            unit = end, edge, -1 - slot
            if before in apart or before in taken.shut or taken.onward.get(self._net.made.get(unit, -1)):
                continue
            search = Search(self._net, taken.onward, taken.begun, shut=taken.shut)
            if way := search.to([before]):
                taken.take([*way, self._net.crossing(unit), self._goal])
            else:
                taken.close(search.met)

    def _apart(self, taken: Taken, targets: Sequence[int], parts: Sequence[Part]) -> Taken:
        """Return the ways for a target that some of them come by: these end there, and others have to be found."""
        found = Taken(self._goal)
        for way in taken.ways():
            place = next((place for place, node in enumerate(way) if node in targets), len(way) - 1)
            way, last = way[: place + 1], way[place - 1] if place else -1  # noqa: PLW2901 -- the part of it
            if way[-1] != self._goal and last in self.stands_for:
                end, edge, state = self.stands_for[last]
                way[-2:] = [self._net.crossing((end, edge, -1 - targets.index(state))), self._goal]
            if way[-1] != self._goal or not found.onward.get(way[-2]):
                found.take(way)
        found.shut.update(targets)
        for part in parts:
            self._add_part(found, part)
        found.shut.difference_update(targets)
        return found

    def _add_own(self, taken: Taken) -> None:
        """Add the ways to a target that end with plain edges."""
        net, targets = self._net, taken.targets
        most = len(net.tail_of) + len(net.entries)
        while way := (search := Search(net, taken.onward, taken.begun, shut=taken.shut, bare=targets)).to(targets):
            taken.take(way)
            if taken.count > most:
                raise ValueError("any number of ways lead to a target")
        taken.close(search.met)

    def told(self, taken: Taken) -> Iterator[list[int]]:
        """Yield the nodes of each way to a target, from an entry to one of its states."""
        for way in taken.ways():
            if way[-1] == self._goal:
                way[-1] = taken.targets[-1 - self.stands_for[way[-2]][2]]
                way[-2] = self.real(way[-2], taken)
            yield way

    def on_all(self, taken: Taken, part: int) -> tuple[list[int], list[int]]:
        """Return what all of the ways have in common, sorted: runs of so many states, by their numbers, and edges."""
        states = self._net.states
        ways = ({node if node >= states else -1 - node // part for node in way} for way in taken.ways())
        common = next(ways, set()) - {self._goal}
        while common and (way := next(ways, None)) is not None:
            common &= way
        edges = sorted(self.real(node, taken) for node in common if node >= 0)
        return sorted(-1 - node for node in common if node < 0), edges

    def real(self, node: int, taken: Taken) -> int:
        """Return a node; of an edge that leads to a target that is not said, the one to the target of some ways."""
        end, edge, state = self.stands_for.get(node, (0, 0, 0))
        return node if state >= 0 else self._net.crossing((end, edge, taken.targets[-1 - state]))

    def parted(self, targets: Collection[int], without: Collection[int]) -> bool:
        """Return whether every way to a target meets one of some nodes."""
        return not Search(self._net, {}, {}, shut=frozenset(without)).to(targets)

    def cut(self, taken: Taken) -> tuple[list[int], list[int]]:
        """Return the edges and the entries of the minimum cut nearest to the entries, given all ways.

        Each way leaves the side of the entries once: where no more way comes to.
        """
        near: set[int] = set()
        over = [self._leaves(way, taken, near) for way in list(taken.ways())]
        edges = [self.real(node, taken) - self._net.states for node in over if node >= self._net.states]
        return sorted(edges), sorted(node for node in over if node < self._net.states)

    def _leaves(self, way: Sequence[int], taken: Taken, near: set[int]) -> int:
        """Return the first node of a way where no more way comes to: looked for from its end, where most is shut."""
        node = way[-1]
        for before in reversed(way[:-1]):
            if self._near(before, taken, near):
                break
            node = before
        return node

    def _near(self, node: int, taken: Taken, near: set[int]) -> bool:
        """Return whether one more way leads from an entry to a node; what comes out on the way is kept."""
        if node not in near and node not in taken.shut:
            search = Search(self._net, taken.onward, taken.begun, shut=taken.shut, near=near)
            if way := search.to([node]):
                near.update(way)
            else:
                taken.close(search.met)
        return node in near


def disjoint_plain(
    tail: Ints, head: Ints, edge: Ints, *, states: int, entries: Mapping[int, bool], targets: Collection[int]
) -> tuple[int, list[int], list[int]]:
    """Return the number of ways to targets that share no edge, and the edges and entries of the nearest minimum cut."""
    edges = int(edge.max(initial=-1)) + 1
    source, sink = states + edges, states + edges + 1
    wide = edges + len(entries) + 1
    pipes = {(source, state): 1 if single else wide for state, single in entries.items()}
    pipes |= dict.fromkeys(((target, sink) for target in targets), wide)
    for start, end, number in zip(tail.tolist(), head.tolist(), edge.tolist(), strict=True):
        if number < 0:
            pipes[start, end] = wide
        else:
            pipes |= {(start, states + number): 1, (states + number, end): wide}
    ends = np.array(list(pipes), dtype=np.int64).reshape(-1, 2)
    capacity = np.array(list(pipes.values()), dtype=np.int64)
    value, cut = minimum_cut_plain(ends[:, 0], ends[:, 1], capacity, nodes=sink + 1, source=source, sink=sink)
    pairs = ends[cut].tolist()
    return (
        value,
        sorted(end - states for start, end in pairs if start != source),
        sorted(end for start, end in pairs if start == source),
    )
