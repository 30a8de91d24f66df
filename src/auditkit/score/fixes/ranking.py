"""What each fix would gain, and in which order to make them."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from auditkit.errors import ScoreError
from auditkit.graph.schema import Graph
from auditkit.score._carried import Carried, Left
from auditkit.score._plain import plain
from auditkit.score._scene import Scene, Scored
from auditkit.score._table import table
from auditkit.score._ways import EdgeId, Ways, entries_of
from auditkit.score.changes import Change, changed_graph
from auditkit.score.compact import Compact
from auditkit.score.fixes.deriving import derive_fixes
from auditkit.score.fixes.model import Fix
from auditkit.score.weights import Weights, default_weights

__all__ = ["BY", "fixes", "portfolio"]

BY = ("attack", "transit")
"""What fixes can be ranked by: the exposure ``R``, or ``SU`` of data in transit. The two are never added."""

_LEAST = 1e-9
"""Gains below this are those of rounding."""

FIX_COLUMNS = {
    "fix": "str",
    "kind": "str",
    "title": "str",
    "node": "str",
    "label": "str",
    "effort": "int64",
    "dR_low": "float64",
    "dR_high": "float64",
    "R_left_low": "float64",
    "R_left_high": "float64",
    "stores": "int64",
    "dSU_low": "float64",
    "dSU_high": "float64",
    "paths": "int64",
    "removes": "int64",
    "improves": "int64",
    "caveat": "str",
    "console": "str",
    "template": "str",
    "terraform": "str",
    "reference": "str",
    "sources": "object",
}

PORTFOLIO_COLUMNS = {
    "step": "int64",
    "fix": "str",
    "title": "str",
    "effort": "int64",
    "effort_so_far": "int64",
    "gain": "float64",
    "R_low": "float64",
    "R_high": "float64",
    "SU_low": "float64",
    "SU_high": "float64",
    "together": "str",
}


def fixes(
    graph: Graph,
    *,
    weights: Weights | None = None,
    by: str = "attack",
    of: Iterable[Fix] | None = None,
) -> pd.DataFrame:
    """Return what can be done and what each fix alone would gain, the largest gain first.

    ``dR = R(G) - R(G with the fix)`` with ``R`` the sum of the exposures of all stores (``facts/scoring``); its low
    bound is what is gained even if other statements stand in for one that goes, as far as their conditions let them,
    and other ways to an administrator are left. ``dSU`` is the same for ``SU``, the highest ``S * U`` between two ends
    summed over the ends of the 2,000 riskiest paths of data in transit; its low bound is what is gained even if paths
    that were not looked at take the place of those that a fix parts. Where two ways lead to a store, to close one of
    them gains nothing: see :func:`portfolio` and :func:`auditkit.choke_points`.

    Parameters
    ----------
    graph
        A graph of the schema.
    weights
        Weights; those of the package by default.
    by
        ``"attack"`` or ``"transit"``: by which gain they are ranked.
    of
        Fixes; all that the graph suggests by default (:func:`derive_fixes`).

    Returns
    -------
    pandas.DataFrame
        Sorted by gain (high bound, then low; falling), then effort, then ``fix``.

        ========================  =======  ==================================================================
        fix                       str      id
        kind, title               str      statement, setting, authorizer or condition; what it is
        node, label               str      where it is made
        effort                    int64    work that it takes, 1 (a switch) to 8 (a new component)
        dR_low, dR_high           float64  by how much the sum of the exposures falls, at the least and at the most
        R_left_low, R_left_high   float64  what is left of it
        stores                    int64    stores whose exposure falls
        dSU_low, dSU_high         float64  by how much ``SU`` falls, at the least, and at its high bound at the most
        paths                     int64    of the riskiest paths, those with a hop that it changes
        removes, improves         int64    edges that are gone, edges and entries that become better
        caveat                    str      what to look at before
        console                   str      what to do in the console
        template, terraform       str      the same as a part of a CloudFormation template, and for Terraform
        reference                 str      AWS's documentation
        sources                   object   tuple of :class:`~auditkit.inventory.Source`: where the weakness was read
        ========================  =======  ==================================================================

        ``attrs``: ``reason``, ``R_low``, ``R_high``, ``SU_low``, ``SU_high`` (as it is now), ``weights``.

    Raises
    ------
    ScoreError
        If ``by`` is neither, a fix names what is not in the graph, or the graph is not of the schema.
    """
    weights, graph = weights or default_weights(), plain(graph)
    ledger = _Ledger(graph, weights, by)
    given = derive_fixes(graph) if of is None else tuple(of)
    for fix in given:
        fix.change.check(graph)
    rows = [ledger.row(fix) for fix in given]
    measure = "R" if by == "attack" else "SU"
    rows.sort(key=lambda row: (-row[f"d{measure}_high"], -row[f"d{measure}_low"], row["effort"], row["fix"]))
    reason = "The graph suggests no fix." if len(graph) else "The graph is empty."
    return table(rows, FIX_COLUMNS, reason=reason, **ledger.now, weights=weights.cited)


def portfolio(
    graph: Graph,
    *,
    k: int = 10,
    weights: Weights | None = None,
    by: str = "attack",
    of: Iterable[Fix] | None = None,
) -> pd.DataFrame:
    """Return which fixes to make one after the other: each the one that gains most after those before it.

    Where no single fix gains anything any more, those are taken together that close the cheapest minimum cut of a store
    (capacity: effort); such fixes stand in rows of the same ``together``.

    Parameters
    ----------
    graph, weights, by, of
        As of :func:`fixes`.
    k
        Most fixes, 1 upwards.

    Returns
    -------
    pandas.DataFrame
        In order. ``step`` (int64, from 1), ``fix``, ``title`` (str), ``effort``, ``effort_so_far`` (int64), ``gain``
        (float64: by how much the high bound of what it is ranked by falls), ``R_low``, ``R_high``, ``SU_low``,
        ``SU_high`` (float64: what is left), ``together`` (str: the store whose last ways they close, ``""``).
        ``attrs``: ``reason``, ``R_low``, ``R_high``, ``SU_low``, ``SU_high`` (as it is now), ``weights``.

    Raises
    ------
    ScoreError
        If k is below 1, or as of :func:`fixes`.

    Notes
    -----
    Greedy: the gain of a set of fixes has no law of diminishing returns where ways run side by side, so no guarantee is
    known for it; minimum cuts are what it looks at beside single fixes.
    """
    if k < 1:
        raise ScoreError(f"k is {k}, and must be at least 1")
    weights, graph = weights or default_weights(), plain(graph)
    ledger = _Ledger(graph, weights, by)
    left = {fix.id: fix for fix in (derive_fixes(graph) if of is None else of)}
    rows: list[dict[str, Any]] = []
    while len(rows) < k and left:
        chosen, store = ledger.best(list(left.values()))
        if not chosen or len(rows) + len(chosen) > k:
            break
        for fix in chosen:
            gain = ledger.take(fix)
            del left[fix.id]
            rows.append(
                {
                    "step": len(rows) + 1,
                    "fix": fix.id,
                    "title": fix.title,
                    "effort": fix.effort,
                    "effort_so_far": fix.effort + (rows[-1]["effort_so_far"] if rows else 0),
                    "gain": gain,
                    **ledger.left,
                    "together": store,
                }
            )
    reason = "No fix gains anything." if len(graph) else "The graph is empty."
    return table(rows, PORTFOLIO_COLUMNS, reason=reason, **ledger.now, weights=weights.cited)


class _Ledger:
    """The scores of a graph, with what has been done so far."""

    def __init__(self, graph: Graph, weights: Weights, by: str) -> None:
        if by not in BY:
            raise ScoreError(f"by is {by!r}, and must be one of {', '.join(map(repr, BY))}")
        self._graph, self._weights, self._by = graph, weights, by
        compact = Compact(graph, weights=weights)
        self._scene, self._carried = Scene(compact), Carried(compact)
        self._done: list[Change] = []
        self._scored = self._scene.scored()
        self._su = self._carried.left([])
        self.now = self.left

    @property
    def left(self) -> dict[str, float]:
        """Both measures, with what has been done."""
        (r_low, r_high), (su_low, su_high) = self._scored.total, self._su.bounds
        return {"R_low": r_low, "R_high": r_high, "SU_low": su_low, "SU_high": su_high}

    @property
    def _measure(self) -> float:
        return self._scored.total[1] if self._by == "attack" else self._su.high_most

    @cached_property
    def _tight(self) -> tuple[Scored, NDArray[np.bool_]]:
        """Steps on a cheapest way to anything, as it stands: without one of them nothing becomes dearer."""
        return self._scored, self._scene.is_tight(self._scored)

    def _after(self, change: Change) -> tuple[Scored, Left]:
        done = [*self._done, change]
        scored = self._scene.scored(done) if self._may_gain(change) else self._scored
        touches = bool(change.removes or change.levels)
        return scored, self._carried.left(done) if touches else self._su

    def _sure(self, fix: Fix, scored: Scored) -> Scored:
        """Return the exposures after what a fix does for certain, given those after all that it may do."""
        gains = scored.total[1] < self._scored.total[1]
        return self._scene.scored([*self._done, fix.certain]) if gains and fix.certain is not None else scored

    def _may_gain(self, change: Change) -> bool:
        """Return whether a change can make anything dearer to reach: it touches a cheapest way, or an entry."""
        if change.entries or change.compromised or change.sensitivities:
            return True
        index = self._scene.attack.nodes.index
        _, tight = self._tight
        keys = (*change.removes, *(edge for edge, _ in change.gates))
        steps = self._scene.attack.steps
        return any(tight[steps.of((index[tail], index[head], key))].any() for tail, head, key in keys)

    def gain(self, fix: Fix) -> float:
        """Return by how much the measure falls with a fix, beside what has been done."""
        scored, su = self._after(fix.change)
        left = scored.total[1] if self._by == "attack" else su.high_most
        gain = self._measure - left
        return gain if gain > _LEAST else 0.0

    def take(self, fix: Fix) -> float:
        """Make a fix, and return what it gains."""
        before = self._measure
        self._scored, self._su = self._after(fix.change)
        self._done.append(fix.change)
        self.__dict__.pop("_tight", None)
        return max(before - self._measure, 0.0)

    def best(self, given: Sequence[Fix]) -> tuple[list[Fix], str]:
        """Return the fix that gains most, or fixes that together do, and the store that these close."""
        ranked = sorted(given, key=lambda fix: (-self.gain(fix), fix.effort, fix.id))
        if ranked and self.gain(ranked[0]):
            return ranked[:1], ""
        return self._cut(given) if self._by == "attack" else ([], "")

    def _cut(self, given: Sequence[Fix]) -> tuple[list[Fix], str]:
        """Return the fixes of the cheapest minimum cut of an exposed store, the most exposed first."""
        graph = changed_graph(self._graph, self._done)
        attack = Compact(graph, weights=self._weights).attack
        ways = Ways(attack, entries_of(attack, self._weights.entries))
        index = attack.nodes.index
        cheapest: dict[EdgeId, Fix] = {}
        doors: dict[int, Fix] = {}
        for fix in sorted(given, key=lambda fix: (-fix.effort, fix.id), reverse=False):
            cheapest |= {(index[tail], index[head], key): fix for tail, head, key in fix.change.removes}
            doors |= {index[node]: fix for node, entry in fix.change.entries if entry is None}
        efforts = {edge: fix.effort for edge, fix in cheapest.items()}
        exposed = np.argsort(-self._scored.x[:, 1], kind="stable")
        for number in exposed[self._scored.x[exposed, 1] > 0].tolist():
            place = self._scene.ground.stores[number]
            cut = ways.cut(place, efforts, {node: fix.effort for node, fix in doors.items()})
            if cut.value:
                chosen = {cheapest[edge].id: cheapest[edge] for edge in cut.edges}
                chosen |= {doors[node].id: doors[node] for node in cut.entries}
                return [chosen[name] for name in sorted(chosen)], attack.nodes.ids[place]
        return [], ""

    def row(self, fix: Fix) -> dict[str, Any]:
        scored, su = self._after(fix.change)
        low, high = scored.total
        sure_low, sure_high = self._sure(fix, scored).total
        change = fix.change
        return {
            "fix": fix.id,
            "kind": str(fix.kind),
            "title": fix.title,
            "node": fix.node,
            "label": str(self._graph.nodes[fix.node]["label"]),
            "effort": fix.effort,
            "dR_low": _gain(self._scored.total[0] - sure_low),
            "dR_high": _gain(self._scored.total[1] - high),
            "R_left_low": low,
            "R_left_high": sure_high,
            "stores": int((self._scored.x[:, 1] - scored.x[:, 1] > _LEAST).sum()),
            "dSU_low": _gain(min(self._su.low - su.low_most, self._su.high - su.high_most)),
            "dSU_high": _gain(self._su.high - su.high),
            "paths": self._carried.paths_changed([change]),
            "removes": len(change.removes),
            "improves": len({*(edge for edge, _ in change.gates), *(each.edge for each in change.levels)})
            + len(change.entries),
            "caveat": fix.caveat,
            "console": fix.console,
            "template": fix.template,
            "terraform": fix.terraform,
            "reference": fix.reference,
            "sources": fix.sources,
        }


def _gain(difference: float) -> float:
    return difference if difference > _LEAST else 0.0
