"""Fixes to tick, and the risk that is left."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets
import pandas as pd

from auditkit import score
from auditkit.cells import cell_text
from auditkit.names import told_apart
from auditkit.score import default_weights
from auditkit.widgets._panel import Panel, choices, slider, sliders, table

if TYPE_CHECKING:
    from auditkit.audit import Audit
    from auditkit.score.fixes import Fix

__all__ = ["explore_fixes"]

_FIXES = 15
_STORES = 12
_WIDTH = 220


def explore_fixes(audit: Audit) -> Panel:
    """Return a panel on what to fix: tick fixes, take a function for lost, move weights; what is left follows.

    Parameters
    ----------
    audit
        An audit; it stays as it is.
    """
    return _Fixes(audit)


class _Fixes(Panel):
    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._trial = audit.what_if()
        weights = audit.weights or default_weights()
        best = pd.concat([audit.fixes.head(_FIXES), _by_transit(audit.fixes).head(_FIXES // 2)])
        best = best[(best["dR_high"] > 0) | (best["dSU_high"] > 0)].drop_duplicates("fix")
        titles = told_apart(best["node"], best["title"])
        self._ticks = {
            fix: ipywidgets.Checkbox(description=title, indent=False, layout={"width": "100%"})
            for fix, title in zip(best["fix"], titles, strict=True)
        }
        functions = sorted((audit.labels[node], node) for node in audit.blast["node"])
        self._lost = choices("taken over", [("no function", ""), *functions])
        self._restricted = slider("restricted", weights.sensitivity.restricted, most=27, step=1)
        self._call = slider("one call costs", weights.costs.call, most=2, step=0.25)
        controls = [
            ipywidgets.VBox(list(self._ticks.values())),
            self._lost,
            sliders("Weights", [self._restricted, self._call]),
        ]
        super().__init__(controls, ["scores", "stores", "next", "todo"])
        self.refresh()

    def compute(self) -> Mapping[str, str]:
        given = self._audit.weights or default_weights()
        weights = given.changed(sensitivity={"restricted": self._restricted.value}, costs={"call": self._call.value})
        if self._trial.weights != weights:
            self._trial = score.whatif(self._audit.graph, weights=weights)
        chosen = [fix for fix, tick in self._ticks.items() if tick.value]
        trial = self._trial.reset().apply(*chosen)
        if self._lost.value:
            trial.compromise(self._lost.value)
        gains = trial.gains()
        return {
            "scores": table(trial.scores(), "scores", heading="Risk before and after"),
            "stores": _bars(trial.compare("exposure"), self._audit.labels),
            "next": table(gains[gains["dR_high"] > 0], "fixes", heading="What would gain most next", most=8),
            "todo": "".join(_to_do(trial.fix(fix)) for fix in chosen),
        }


def _by_transit(fixes: pd.DataFrame) -> pd.DataFrame:
    return fixes.sort_values(["dSU_high", "effort", "fix"], ascending=[False, True, True], kind="stable")


def _bars(compared: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Return the most exposed stores as bars: what it was behind what is left."""
    shown = compared.sort_values(["before_high", "node"], ascending=[False, True]).head(_STORES)
    most = max([*shown["before_high"], *shown["after_high"]], default=0.0)
    if not most:
        return "<p>No store is exposed.</p>"
    rows = "".join(_bar(row, names, most) for row in shown.to_dict("records"))
    return f"<h4>Most exposed stores: before (outline) and after (filled)</h4><table>{rows}</table>"


def _bar(row: Mapping[Hashable, Any], names: Mapping[str, str], most: float) -> str:
    before, after = (round(_WIDTH * row[name] / most) for name in ("before_high", "after_high"))
    label = escape(f"{cell_text(names[row['node']])} ({row['kind']})", quote=True)
    return (
        f"<tr><td>{label}</td><td><svg width='{_WIDTH + 4}' height='16' role='img' aria-label='exposure of {label}'>"
        f"<rect x='1' y='2' width='{before}' height='12' fill='none' stroke='#5a6670'/>"
        f"<rect x='1' y='4' width='{after}' height='8' fill='#1f6f8b'/></svg></td>"
        f"<td>{row['before_high']:.3g} → {row['after_high']:.3g}</td></tr>"
    )


def _to_do(fix: Fix) -> str:
    """Return what is to be done for a fix: in the console, and as a template."""
    return (
        f"<details><summary>{escape(fix.title)}</summary><p>{escape(fix.console)}</p><p>{escape(fix.caveat)}</p>"
        f"<pre>{escape(fix.template)}</pre><pre>{escape(fix.terraform)}</pre></details>"
    )
