"""The data view as steps between places: what paths of data in transit are made of.

A *place* is a node. What hands a call on (a route, a function URL) and hands its answer back has a second place, where
the answer has arrived: from there data goes on by ``RETURNS`` only, not to whatever else the route leads to. A *step*
is a pair of places with the worst of the edges between them, so that a path is a sequence of places, not of parallel
edges.
"""

import copy
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

import msgspec
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from auditkit.graph.schema import EdgeKind, Evidence, Interval, View
from auditkit.inventory import STORE_KINDS, Kind
from auditkit.score._input import RUNS_CODE, Link, Nodes, Reading
from auditkit.score.hops import HopScore, score_hop
from auditkit.score.weights import Weights

__all__ = ["CONDUIT_KINDS", "Flow", "Place", "Step", "read_flow"]

CONDUIT_KINDS = frozenset(
    {
        Kind.QUEUE,
        Kind.TOPIC,
        Kind.STREAM,
        Kind.TABLE_STREAM,
        Kind.DELIVERY_STREAM,
        Kind.EVENT_BUS,
        Kind.KAFKA_CLUSTER,
        Kind.BROKER,
    }
)
"""Stores that data passes through; in the others it comes to rest."""


class Place(msgspec.Struct, frozen=True):
    """Where a path can be.

    Attributes
    ----------
    node
        Place of the node among the sorted ids.
    store
        Weight of the store's sensitivity; ``None`` for what is no store.
    opens
        Whether unclassified data comes in here: an entry that is no store and not outside.
    begins, ends
        Whether a path may start, or end, here without more ado.
    candidate
        Whether a path may start here at all: it begins here, or nothing leads in but from its own cycle.
    hands_on
        Whether it only hands on what reaches it (an API, a route, a rule).
    fed
        Whether it is such an entry, and outside leads into it.
    """

    node: int
    store: Interval | None
    opens: bool
    begins: bool
    ends: bool
    candidate: bool
    hands_on: bool
    fed: bool


class Step(msgspec.Struct, frozen=True):
    """One hop of a path.

    Attributes
    ----------
    tail, head
        Places.
    u_low, u_high
        Bounds of ``U``: the highest of any edge between the two, in units of ``1 / UNIT``.
    first
        Whether it can only be the first hop of a path.
    permitted
        Whether nothing but a permission speaks for it.
    link, score
        The edge of the highest ``U``, and its weakness.
    links
        All edges that count between the two.
    """

    tail: int
    head: int
    u_low: int
    u_high: int
    first: bool
    permitted: bool
    link: Link
    score: HopScore
    links: tuple[Link, ...]


class Flow:
    """Places and steps of a graph's data view.

    Parameters
    ----------
    nodes, links, weights
        Nodes, edges of the data view that count, and weights. An edge from a node to itself is on no path.
    rests
        Nodes where data comes to rest: a path does not go on where it is merely read from there.

    Attributes
    ----------
    nodes : Nodes
        Nodes of the graph.
    places : list of Place
        The nodes in their order, then the second places.
    steps : list of Step
        Sorted by tail and head.
    out : list of list of int
        Steps that leave each place, sorted.
    before : list of set of int
        Nodes from which a step leads to each place that is a node; without those that only hand its own answers back.
    tails : dict of int to list of int
        Places from which a step leads to each place.
    """

    def __init__(self, nodes: Nodes, links: Iterable[Link], weights: Weights, *, rests: frozenset[int]) -> None:
        self.nodes = nodes
        parallel: dict[tuple[tuple[bool, int], tuple[bool, int]], list[tuple[Link, HopScore]]] = {}
        moving = [link for link in links if link.tail != link.head]
        answered = _answered(nodes, moving)
        for link in moving:
            score = score_hop(link.edge, weights.factors)
            for ends in _ends(nodes, link, answered):
                parallel.setdefault(ends, []).append((link, score))
        answers = sorted({end for ends in parallel for end in ends if end[0]})
        place = {(False, node): node for node in range(len(nodes))}
        place |= {end: len(nodes) + number for number, end in enumerate(answers)}
        self.steps = sorted(
            (_step(nodes, place[tail], place[head], edges, rests) for (tail, head), edges in parallel.items()),
            key=lambda step: (step.tail, step.head),
        )
        at = [*range(len(nodes)), *(node for _, node in answers)]
        self.tails: dict[int, list[int]] = {}
        for step in self.steps:
            self.tails.setdefault(step.head, []).append(step.tail)
        self._at = at
        self.before = [self.feeders(node) for node in range(len(nodes))]
        cycle = _cycles([(at[step.tail], at[step.head]) for step in self.steps], len(nodes))
        self.places = self._places(weights, cycle) + [self._answer(node) for _, node in answers]
        self.out: list[list[int]] = [[] for _ in self.places]
        for number, step in enumerate(self.steps):
            self.out[step.tail].append(number)

    def without(self, edges: Collection[tuple[str, str, str]]) -> "Flow":
        """Return the same without some edges, to ask what leads in and what is left out of it; numbers stay.

        Who hands on answers stays as it is, and so do bounds of steps.
        """
        by_edge, ids = self._by_edge, self.nodes.ids
        touched = {number for key in edges for number in by_edge.get(key, ())}
        gone = {
            number
            for number in touched
            if all((ids[link.tail], ids[link.head], str(link.key)) in edges for link in self.steps[number].links)
        }
        flow = copy.copy(self)
        flow.tails, flow.out = dict(self.tails), list(self.out)
        flow.before, flow.places = list(self.before), list(self.places)
        for number in gone:
            step = self.steps[number]
            flow.tails[step.head] = [tail for tail in flow.tails[step.head] if tail != step.tail]
            flow.out[step.tail] = [other for other in flow.out[step.tail] if other != number]
        for head in {self.steps[number].head for number in gone} & set(range(len(self.nodes))):
            before = flow.feeders(head)
            fed = self.places[head].opens and any(self.nodes.outside[other] for other in before)
            flow.before[head], flow.places[head] = before, msgspec.structs.replace(self.places[head], fed=fed)
        return flow

    @cached_property
    def _by_edge(self) -> dict[tuple[str, str, str], list[int]]:
        """Steps by the edges that they are made of."""
        found: dict[tuple[str, str, str], list[int]] = {}
        ids = self.nodes.ids
        for number, step in enumerate(self.steps):
            for link in step.links:
                found.setdefault((ids[link.tail], ids[link.head], str(link.key)), []).append(number)
        return found

    def feeders(self, node: int) -> set[int]:
        """Return the nodes from which a step leads to a node, without those that only hand its own answers back."""
        return {self._at[tail] for tail in self.tails.get(node, ()) if self._comes(tail, {node})}

    def leads_in(self, start: int, nodes: Collection[int]) -> bool:
        """Return whether data comes to a node from elsewhere than some nodes, itself among them.

        Answers that have passed through one of them before do not count: no path by these nodes can have come that way.
        """
        other = self.before[start].difference(nodes)
        return bool(other) and any(
            self._at[tail] in other and self._comes(tail, nodes) for tail in self.tails.get(start, ())
        )

    def _comes(self, place: int, without: Collection[int]) -> bool:
        """Return whether data comes to a place from what hands on no answer there, past none of some nodes."""
        if place < len(self.nodes):
            return True
        seen, waiting = {place}, [place]
        while waiting:
            new = {tail for tail in self.tails.get(waiting.pop(), ()) if self._at[tail] not in without} - seen
            if any(tail < len(self.nodes) for tail in new):
                return True
            seen |= new
            waiting += sorted(new)
        return False

    def _places(self, weights: Weights, cycle: list[int]) -> list[Place]:
        places = []
        for node, attributes in enumerate(self.nodes.at):
            store = self.nodes.sensitivity(node, weights.sensitivity) if self.nodes.store[node] else None
            ends = store is not None or self.nodes.outside[node]
            begins = ends or attributes.entry is not None
            opens = begins and not ends
            places.append(
                Place(
                    node=node,
                    store=store,
                    opens=opens,
                    begins=begins,
                    ends=ends,
                    candidate=begins or all(cycle[other] == cycle[node] for other in self.before[node]),
                    hands_on=_hands_on(self.nodes, node),
                    fed=opens and any(self.nodes.outside[other] for other in self.before[node]),
                ),
            )
        return places

    def _answer(self, node: int) -> Place:
        entry = self.nodes.at[node].entry is not None
        return Place(
            node=node,
            store=None,
            opens=False,
            begins=False,
            ends=entry,
            candidate=False,
            hands_on=True,
            fed=False,
        )


def read_flow(
    reading: Reading,
    weights: Weights,
    *,
    permitted: bool,
    disabled: bool,
    through_rest: bool,
) -> Flow:
    """Return the flow of a graph.

    Parameters
    ----------
    reading, weights
        A graph as it was read, and weights.
    permitted
        Whether movements count for which nothing but a permission speaks.
    disabled
        Whether triggers count that are switched off.
    through_rest
        Whether a path goes on where data at rest is read.
    """
    nodes = reading.nodes
    links = list(
        reading.views[View.DATA].where(
            lambda edge: (permitted or edge.evidence is not Evidence.PERMITTED) and (disabled or edge.enabled)
        )
    )
    rests = {place for place, node in enumerate(nodes.at) if nodes.store[place] and node.kind not in CONDUIT_KINDS}
    return Flow(nodes, links, weights, rests=frozenset() if through_rest else frozenset(rests))


def _answered(nodes: Nodes, links: Iterable[Link]) -> set[int]:
    """Return what hands answers on: answers come to it from what acts, directly or by others of its sort."""
    answers = [link for link in links if link.edge.kind is EdgeKind.RETURNS and _hands_on(nodes, link.head)]
    by_tail: dict[int, list[int]] = {}
    for link in answers:
        by_tail.setdefault(link.tail, []).append(link.head)
    found: set[int] = set()
    fringe = [link.head for link in answers if not _hands_on(nodes, link.tail)]
    while fringe:
        node = fringe.pop()
        if node not in found:
            found.add(node)
            fringe += by_tail.get(node, [])
    return found


def _ends(nodes: Nodes, link: Link, answered: set[int]) -> Iterator[tuple[tuple[bool, int], tuple[bool, int]]]:
    """Yield the ends of a link's steps; an end is whether it is a second place, and its node."""
    answers = link.edge.kind is EdgeKind.RETURNS
    head = (answers and _hands_on(nodes, link.head), link.head)
    if not (answers and link.tail in answered):
        yield (False, link.tail), head
    if answers and _hands_on(nodes, link.tail):
        yield (True, link.tail), head


def _hands_on(nodes: Nodes, node: int) -> bool:
    kind = nodes.at[node].kind
    return kind not in RUNS_CODE and kind not in STORE_KINDS and not nodes.outside[node]


def _step(nodes: Nodes, tail: int, head: int, edges: list[tuple[Link, HopScore]], rests: frozenset[int]) -> Step:
    evident = [pair for pair in edges if pair[0].edge.evidence is not Evidence.PERMITTED]
    counted = evident or edges
    link, score = max(counted, key=lambda pair: (pair[1].u_high, pair[1].u_low))
    merely_read = link.tail in rests and all(other.edge.kind is EdgeKind.READS for other, _ in counted)
    return Step(
        tail=tail,
        head=head,
        u_low=max(other.u_low for _, other in counted),
        u_high=score.u_high,
        first=nodes.outside[link.tail] or merely_read,
        permitted=not evident,
        link=link,
        score=score,
        links=tuple(other for other, _ in counted),
    )


def _cycles(pairs: list[tuple[int, int]], size: int) -> list[int]:
    """Return the number of the strongly connected component of each node."""
    if not size:
        return []
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    adjacency = csr_array((np.ones(len(pairs), dtype=np.int8), (ends[0], ends[1])), shape=(size, size))
    return [int(label) for label in connected_components(adjacency, connection="strong")[1]]
