"""What if: a graph with fixes made, edges cut, functions lost, other weights; scored before and after, and undone."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cached_property, update_wrapper
from typing import Any, Concatenate, ParamSpec, Self

import pandas as pd

from auditkit.errors import ScoreError
from auditkit.graph.schema import EdgeKind, Graph, Sensitivity
from auditkit.score._before_after import COMPARED_COLUMNS, GAIN_COLUMNS, SCORE_COLUMNS, gains_of, one_by_one, sums
from auditkit.score._carried import Carried
from auditkit.score._input import find_node, is_store
from auditkit.score._plain import plain
from auditkit.score._scene import Scene, Scored
from auditkit.score._table import table
from auditkit.score.blast import blast_radius
from auditkit.score.changes import Change, changed_graph
from auditkit.score.choke import choke_points
from auditkit.score.compact import Compact
from auditkit.score.exposure import exposure
from auditkit.score.fixes import Fix, derive_fixes, fixes
from auditkit.score.hops import hops
from auditkit.score.transit import transit
from auditkit.score.weights import Weights, default_weights

__all__ = ["WhatIf", "whatif"]

P = ParamSpec("P")

_NEAR = 5
"""Fixes that are named where one is not known."""


def whatif(graph: Graph, *, weights: Weights | None = None) -> "WhatIf":
    """Return a graph to try changes on.

    Parameters
    ----------
    graph
        A graph of the schema; it stays as it is.
    weights
        Weights; those of the package by default.

    Examples
    --------
    >>> trial = whatif(graph).apply("url-iam-486816").cut("create", "create-role")  # doctest: +SKIP
    >>> trial.scores()  # doctest: +SKIP
    """
    return WhatIf(graph, weights=weights)


def _noted(method: Callable[Concatenate["WhatIf", P], Change]) -> Callable[Concatenate["WhatIf", P], "WhatIf"]:
    """Make a method that returns a change one that makes it, and returns the trial."""

    def noted(self: "WhatIf", /, *args: P.args, **kwargs: P.kwargs) -> "WhatIf":
        change = method(self, *args, **kwargs)
        change.check(self.before)
        return self._make((*self.changes, change), self.weights, change.label)

    update_wrapper(noted, method)
    return noted


class WhatIf:
    """A graph with changes that are made and undone at will.

    Every method that changes something returns the trial itself, so that calls can be strung together. All tables and
    pictures take :attr:`graph` and :attr:`weights`.

    Attributes
    ----------
    before
        The graph as it is; grants that roles share are expanded (:func:`auditkit.graph.expand`), unless too many.
    changes
        What has been changed, in order.
    weights
        Weights as they are now.
    history
        What was done, in words, the last one last.
    """

    def __init__(self, graph: Graph, *, weights: Weights | None = None) -> None:
        self.before = graph = plain(graph)
        self.changes: tuple[Change, ...] = ()
        self.weights = self._given = weights or default_weights()
        self.history: tuple[str, ...] = ()
        self._undo: list[tuple[tuple[Change, ...], Weights, tuple[str, ...]]] = []
        self._as_it_was = Compact(graph, weights=self.weights)
        self._scene = Scene(self._as_it_was)

    # ---------------------------------------------------------------- changing

    def apply(self, *chosen: str | Fix) -> Self:
        """Make fixes, given by id or as they are.

        Raises
        ------
        ScoreError
            If the graph suggests no fix of such an id, or a fix names what is not in the graph.
        """
        found = [fix if isinstance(fix, Fix) else self.fix(fix) for fix in chosen]
        for fix in found:
            fix.change.check(self.before)
        made = [fix for fix in found if fix.change not in self.changes]
        if made:
            changes = (*self.changes, *(fix.change for fix in made))
            self._make(changes, self.weights, "; ".join(fix.title for fix in made))
        return self

    def withdraw(self, *chosen: str | Fix) -> Self:
        """Take back fixes that were made, whatever has been done since."""
        gone = {(fix if isinstance(fix, Fix) else self.fix(fix)).change for fix in chosen}
        kept = tuple(change for change in self.changes if change not in gone)
        if kept != self.changes:
            self._make(kept, self.weights, "not: " + "; ".join(sorted(change.label for change in gone)))
        return self

    @_noted
    def cut(self, origin: str, target: str, *, kind: EdgeKind | str | None = None, key: str | None = None) -> Change:
        """Cut the edges from one node to another: all of them, those of one kind, or the one of a key.

        Raises
        ------
        ScoreError
            If there is no such node or edge.
        """
        for node in (origin, target):
            self._known(node)
        edges = self.before.get_edge_data(origin, target) or {}
        chosen = [
            (origin, target, str(name))
            for name, edge in sorted(edges.items(), key=str)
            if (key is None or name == key) and (kind is None or edge["kind"] == kind)
        ]
        if not chosen:
            what = f" of kind {str(kind)!r}" if kind else f" of key {key!r}" if key else ""
            raise ScoreError(f"there is no edge{what} from {origin!r} to {target!r}")
        return Change(label=f"cut {self._label(origin)} → {self._label(target)}", removes=tuple(chosen))

    @_noted
    def classify(self, store: str, sensitivity: Sensitivity | str) -> Change:
        """Give a store another sensitivity.

        Raises
        ------
        ScoreError
            If there is no such store or no such sensitivity.
        """
        self._known(store)
        if not is_store(self._scene.attack.nodes.at[self._scene.attack.nodes.index[store]]):
            raise ScoreError(f"{store!r} is no store, so it has no sensitivity")
        try:
            chosen = Sensitivity(sensitivity)
        except ValueError:
            words = ", ".join(str(each.value) for each in Sensitivity)
            raise ScoreError(f"there is no sensitivity {sensitivity!r}, only {words}") from None
        return Change(label=f"{self._label(store)} is {chosen.value}", sensitivities=((store, chosen),))

    @_noted
    def compromise(self, *nodes: str) -> Change:
        """Declare functions, or anything else, taken over: an attacker has them from the start.

        Raises
        ------
        ScoreError
            If there is no such node.
        """
        for node in nodes:
            self._known(node)
        return Change(label=f"{', '.join(map(self._label, nodes))} taken over", compromised=tuple(nodes))

    def reweigh(self, weights: Weights | None = None, **groups: Mapping[str, float]) -> Self:
        """Use other weights, or change some (:meth:`auditkit.score.Weights.changed`).

        Raises
        ------
        ScoreError
            If there is no such weight, or a number is outside its range.
        """
        return self._make(self.changes, (weights or self.weights).changed(**groups), "other weights")

    def undo(self, steps: int = 1) -> Self:
        """Undo the last changes; fewer where there are not so many."""
        for _ in range(min(steps, len(self._undo))):
            changes, weights, history = self._undo.pop()
            self._now(changes, weights, history)
        return self

    def reset(self) -> Self:
        """Undo everything."""
        return self.undo(len(self._undo))

    def _make(self, changes: tuple[Change, ...], weights: Weights, what: str) -> Self:
        self._undo.append((self.changes, self.weights, self.history))
        self._now(changes, weights, (*self.history, what))
        return self

    def _now(self, changes: tuple[Change, ...], weights: Weights, history: tuple[str, ...]) -> None:
        self.changes, self.weights, self.history = changes, weights, history
        for name in ("graph", "compact", "_scored", "_carries"):
            self.__dict__.pop(name, None)

    # ---------------------------------------------------------------- what there is

    @cached_property
    def fixes(self) -> dict[str, Fix]:
        """Fixes that the graph as it is suggests, by id."""
        return {fix.id: fix for fix in derive_fixes(self.before)}

    def fix(self, name: str) -> Fix:
        """Return the fix of an id.

        Raises
        ------
        ScoreError
            If there is none; the message names those near it.
        """
        if name not in self.fixes:
            near = [other for other in self.fixes if other.rpartition("-")[0] == name.rpartition("-")[0]]
            near = near or get_close_matches(name, self.fixes, n=_NEAR) or [*self.fixes][:_NEAR]
            shown = f"; there are {len(self.fixes)}, like {', '.join(near[:_NEAR])}" if near else ""
            raise ScoreError(f"there is no fix {name!r}{shown}")
        return self.fixes[name]

    @cached_property
    def graph(self) -> Graph:
        """The graph after the changes."""
        return changed_graph(self.before, self.changes)

    @cached_property
    def compact(self) -> Compact:
        """The graph after the changes, and the weights, read for scores."""
        return Compact(self.graph, weights=self.weights)

    # ---------------------------------------------------------------- scores

    @cached_property
    def _scored(self) -> Scored:
        return self._scene.scored(self.changes, self.weights)

    @cached_property
    def _scored_before(self) -> Scored:
        return self._scene.scored()

    @cached_property
    def _carried(self) -> Carried:
        return Carried(self._as_it_was)

    @cached_property
    def _carries(self) -> tuple[float, float]:
        if self.weights is self._given and not any(change.sensitivities for change in self.changes):
            return self._carried.left(self.changes).bounds
        return Carried(self.compact).total

    @property
    def risk(self) -> tuple[float, float]:
        """``R``, the sum of the exposures of all stores, low and high."""
        return self._scored.total

    def scores(self) -> pd.DataFrame:
        """Return the sums before and after.

        Returns
        -------
        pandas.DataFrame
            ``score``, ``meaning`` (str), ``before``, ``after``, ``change`` (float64); ``R`` is the sum of the exposures
            of all stores, ``SU`` the highest ``S * U`` between two ends summed over the ends of the riskiest paths.
            ``attrs``: ``history``, ``weights``.
        """
        carried = self._carried.total, self._carries
        rows = sums(self._scene, self._scored_before, self._scored, carried)
        return table(rows, SCORE_COLUMNS, history=self.history, weights=self.weights.cited)

    def compare(self, what: str = "exposure") -> pd.DataFrame:
        """Return scores before and after one by one.

        Parameters
        ----------
        what
            ``"exposure"``: ``X`` of every store; ``"blast"``: ``BR`` of every function.

        Returns
        -------
        pandas.DataFrame
            Sorted by how much it falls or rises (the largest first), then ``node``: ``node``, ``label``, ``kind``
            (str), ``before_low``, ``before_high``, ``after_low``, ``after_high``, ``change`` (float64, of the high
            bound). ``attrs``: ``reason``, ``history``, ``weights``.

        Raises
        ------
        ScoreError
            If there is no such score.
        """
        if what not in {"exposure", "blast"}:
            raise ScoreError(f"there is nothing to compare called {what!r}, only 'exposure' and 'blast'")
        if what == "exposure":
            places, before, after = self._scene.ground.stores, self._scored_before.x, self._scored.x
        else:
            places, before = self._scene.functions, self._scene.radii()
            after = self._scene.radii(self.changes, self.weights)
        rows = one_by_one(self._scene.attack.nodes, places, before, after)
        reason = f"The graph has no {'store' if what == 'exposure' else 'function'}."
        return table(rows, COMPARED_COLUMNS, reason=reason, history=self.history, weights=self.weights.cited)

    def gains(self) -> pd.DataFrame:
        """Return what each fix that has not been made would gain beside those that have.

        Returns
        -------
        pandas.DataFrame
            Sorted by ``dR_high``, ``dR_low`` (falling), ``effort``, ``fix``: ``fix``, ``title`` (str), ``effort``
            (int64), ``dR_low``, ``dR_high`` (float64: by how much ``R`` falls), ``caveat`` (str). ``attrs``:
            ``reason``, ``weights``.
        """
        left = [
            (fix, self._scene.scored((*self.changes, fix.change), self.weights).total)
            for fix in self.fixes.values()
            if fix.change not in self.changes
        ]
        rows = gains_of(self._scored.total, left)
        reason = "No fix is left." if self.fixes else "The graph suggests no fix."
        return table(rows, GAIN_COLUMNS, reason=reason, weights=self.weights.cited)

    def exposure(self, **options: Any) -> pd.DataFrame:  # noqa: ANN401 -- those of the score
        """Return the exposure of all stores after the changes (:func:`auditkit.score.exposure`)."""
        return exposure(self._read(**options), **options)

    def blast_radius(self, **options: Any) -> pd.DataFrame:  # noqa: ANN401
        """Return blast radii after the changes (:func:`auditkit.score.blast_radius`)."""
        return blast_radius(self._read(**options), **options)

    def transit(self, **options: Any) -> pd.DataFrame:  # noqa: ANN401
        """Return the riskiest paths after the changes (:func:`auditkit.score.transit`)."""
        return transit(self.compact, **options)

    def hops(self) -> pd.DataFrame:
        """Return all hops after the changes (:func:`auditkit.score.hops`)."""
        return hops(self.graph, weights=self.weights)

    def choke_points(self, **options: Any) -> pd.DataFrame:  # noqa: ANN401
        """Return the choke points after the changes (:func:`auditkit.score.choke_points`)."""
        return choke_points(self._read(**options), **options)

    def what_next(self, **options: Any) -> pd.DataFrame:  # noqa: ANN401
        """Return the fixes that are left after the changes (:func:`auditkit.score.fixes`)."""
        return fixes(self.graph, weights=self.weights, **options)

    def _read(self, *, undecided: str | None = None, **_options: Any) -> Compact:  # noqa: ANN401
        same = undecided in {None, self.compact.undecided}
        return self.compact if same else Compact(self.graph, weights=self.weights, undecided=str(undecided))

    def _known(self, node: str) -> None:
        find_node(self._scene.attack.nodes, node)

    def _label(self, node: str) -> str:
        return str(self.before.nodes[node]["label"] or node)
