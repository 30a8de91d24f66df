"""What the riskiest paths carry, re-scored after changes: the highest ``S * U`` between two ends, summed over all ends.

Between the same two ends one path counts, so that variants of one long path do not weigh more than a path without any.
"""

import math
from collections.abc import Mapping, Sequence

from auditkit.graph.schema import Edge, Graph, Sensitivity
from auditkit.score._flow import Flow, Step, read_flow
from auditkit.score._paths import Found, search_paths
from auditkit.score.changes import Change, EdgeKey, changed_edge
from auditkit.score.hops import UNIT, score_hop
from auditkit.score.weights import Weights

__all__ = ["PATHS", "Carried"]

PATHS = 500
"""Paths that are looked at, the riskiest of the graph as it is."""

_HOPS, _BUDGET = 16, 200_000


class Carried:
    """The riskiest paths of a graph, to be scored as they are and after changes.

    Parameters
    ----------
    graph, weights
        Graph of the schema, and weights.
    """

    def __init__(self, graph: Graph, weights: Weights) -> None:
        self._weights = weights
        self.flow: Flow = read_flow(graph, weights, permitted=False, disabled=False, through_rest=False)
        unknown = weights.sensitivity.of(Sensitivity.UNKNOWN)
        search = search_paths(self.flow, unknown, k=PATHS, max_hops=_HOPS, budget=_BUDGET)
        self.paths: list[Found] = search.paths
        self._through: dict[int, list[int]] = {}
        for number, path in enumerate(self.paths):
            for step in path.steps:
                self._through.setdefault(step, []).append(number)
        ids = self.flow.nodes.ids
        self._step_of: dict[EdgeKey, list[int]] = {}
        for step in sorted(self._through):
            for link in self.flow.steps[step].links:
                self._step_of.setdefault((ids[link.tail], ids[link.head], str(link.key)), []).append(step)
        self.total = self._sum({})
        """``S * U`` as it is, low and high."""

    def after(self, changes: Sequence[Change]) -> tuple[float, float]:
        """Return the same after changes of hops, over the same paths; one that is parted carries nothing."""
        edges = {key for change in changes for key in (*change.removes, *(level.edge for level in change.levels))}
        steps = {step for key in edges for step in self._step_of.get(key, ())}
        return self._sum({step: self._u(self.flow.steps[step], changes) for step in steps})

    def paths_changed(self, changes: Sequence[Change]) -> int:
        """Return how many of the paths a change of their hops touches."""
        edges = {key for change in changes for key in (*change.removes, *(level.edge for level in change.levels))}
        steps = {step for key in edges for step in self._step_of.get(key, ())}
        return len({path for step in steps for path in self._through[step]})

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

    def _sum(self, u: Mapping[int, tuple[int, int] | None]) -> tuple[float, float]:
        low: dict[tuple[int, int], float] = {}
        high: dict[tuple[int, int], float] = {}
        for path in self.paths:
            hops = [u.get(step, (self.flow.steps[step].u_low, self.flow.steps[step].u_high)) for step in path.steps]
            known = [hop for hop in hops if hop is not None]
            if len(known) < len(hops):
                continue
            ends = self.flow.places[path.places[0]].node, self.flow.places[path.places[-1]].node
            low[ends] = max(low.get(ends, 0.0), path.s.low * sum(u[0] for u in known))
            high[ends] = max(high.get(ends, 0.0), path.s.high * sum(u[1] for u in known))
        return math.fsum(low.values()) / UNIT, math.fsum(high.values()) / UNIT
