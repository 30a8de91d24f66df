"""Hops of data and other edges that are more than permitted."""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from auditkit.areas._sides import Made, Side
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory import Kind
from auditkit.score._input import Reading

__all__ = ["BETWEEN", "Hop", "Hops"]

BETWEEN = frozenset({Kind.GRANT, Kind.SCOPE})
"""Kinds that stand between principals and what they were given."""
_PASSES_ON = frozenset({EdgeKind.WRITES, EdgeKind.CALLS, EdgeKind.DELIVERS, EdgeKind.REPLICATES})
_KEPT = frozenset({Kind.SECRET, Kind.PARAMETER, Kind.KEY})
"""Kinds that a write sets nothing off from; a secret's rotation has a schedule."""


class Hop(NamedTuple):
    """A hop of data, or a step from what runs to its role: the ids of its ends, and the edge."""

    origin: str
    target: str
    edge: Edge


class Hops:
    """The edges of a graph that are more than permitted, and hops among them.

    Parameters
    ----------
    reading
        A graph of the schema as it was read for scores; do not change it afterwards.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._ids, self._index = reading.nodes.ids, reading.nodes.index
        self._kinds = [node.kind for node in reading.nodes.at]
        self._made = Made(reading.edges)

    @cached_property
    def _more_into(self) -> Side:
        return self._side(self._more, back=True)

    @cached_property
    def _more_out_of(self) -> Side:
        return self._side(self._more, back=False)

    @cached_property
    def _more(self) -> NDArray[np.int64]:
        """Numbers of the edges that are more than permitted: no grant is among them."""
        edges = self._reading.edges
        more = np.array([edge.evidence is not Evidence.PERMITTED for edge in edges.spoken], dtype=bool)
        return np.flatnonzero(more[edges.says]) if len(edges) else np.arange(0)

    def _side(self, numbers: NDArray[np.int64], *, back: bool) -> Side:
        edges, between = self._reading.edges, [kind in BETWEEN for kind in self._kinds]
        own, other = (edges.head, edges.tail) if back else (edges.tail, edges.head)
        return Side(self._ids, between, own=own, other=other, numbers=numbers, made=self._made)

    @cached_property
    def hops(self) -> tuple[Hop, ...]:
        """Hops that are more than permitted and not switched off, by origin."""
        return self._that(_moves)

    @cached_property
    def runs(self) -> tuple[Hop, ...]:
        """What acts in which role, by what acts: functions, state machines, pipes, schedules, streams and others."""
        return self._that(lambda edge: edge.kind is EdgeKind.RUNS_AS)

    def _that(self, told: Callable[[Edge], bool]) -> tuple[Hop, ...]:
        """Return the edges of which something is told, by origin."""
        edges = self._reading.edges
        numbers = self._more_out_of.numbers
        wanted = np.array([told(edge) for edge in edges.spoken], dtype=bool)
        chosen = numbers[wanted[edges.says[numbers]]] if len(numbers) else numbers
        ends = zip(edges.tail[chosen].tolist(), edges.head[chosen].tolist(), self._made(chosen), strict=True)
        return tuple(Hop(self._ids[tail], self._ids[head], edge) for tail, head, edge in ends)

    @cached_property
    def events(self) -> "nx.DiGraph[str]":
        """What hands events on to what."""
        found: nx.DiGraph[str] = nx.DiGraph()
        found.add_edges_from(
            (hop.origin, hop.target)
            for hop in self.hops
            if hop.edge.kind in _PASSES_ON and self._kinds[self._index[hop.origin]] not in _KEPT
        )
        return found

    @cached_property
    def circles(self) -> tuple[frozenset[str], ...]:
        """What hands events on to each other, round and round; every node of :attr:`events` is in one."""
        return tuple(map(frozenset, nx.strongly_connected_components(self.events)))


def _moves(edge: Edge) -> bool:
    """Return whether an edge is a hop that is more than permitted and not switched off."""
    return edge.view is View.DATA and edge.enabled and edge.evidence is not Evidence.PERMITTED
