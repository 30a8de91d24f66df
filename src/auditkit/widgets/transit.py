"""Data in transit, to be asked: from which entry, to which store, by which weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import ipywidgets
import numpy as np

from auditkit import draw, tables
from auditkit.facts import FACTORS
from auditkit.graph import INTERNET
from auditkit.score import default_weights
from auditkit.widgets._panel import LAYOUT, STYLE, Panel, choices, picture, slider, sliders, table

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["explore_transit"]

_PATHS = 1000
_ANY = ("any", "")


def explore_transit(audit: Audit) -> Panel:
    """Return a panel on data-in-transit paths: pick where they start and end, and move the weights of the factors.

    Parameters
    ----------
    audit
        An audit; it stays as it is.
    """
    return _Transit(audit)


class _Transit(Panel):
    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._trial = audit.what_if()
        weights = (audit.weights or default_weights()).factors
        listed = audit.paths(k=_PATHS)
        labels = audit.labels
        starts = {node for nodes in listed["nodes"] for node in _doors(nodes)}
        self._start = choices("from", [_ANY, *sorted((labels[node], node) for node in starts)])
        self._end = choices("to", [_ANY, *sorted((labels[node], node) for node in set(listed["end"]))])
        self._permitted = ipywidgets.Checkbox(description="over what is only permitted", style=STYLE, layout=LAYOUT)
        self._rank = ipywidgets.BoundedIntText(value=1, min=1, max=_PATHS, description="path drawn", style=STYLE)
        self._factors = {
            name: slider(name.replace("_", " "), getattr(weights, name), most=1, step=0.05) for name in FACTORS
        }
        factors = sliders("Weights of the factors", list(self._factors.values()))
        super().__init__([self._start, self._end, self._permitted, self._rank, factors], ["path", "paths"])
        self.refresh()

    def compute(self) -> Mapping[str, str]:
        trial = self._trial.reset()
        trial.reweigh(factors={name: control.value for name, control in self._factors.items()})
        paths = trial.transit(k=_PATHS, permitted=self._permitted.value, per_ends=2)
        chosen = [self._start.value in {"", *_doors(nodes)} for nodes in paths["nodes"]]
        ending = [self._end.value in {"", end} for end in paths["end"]]
        shown = paths[np.array(chosen, dtype=bool) & np.array(ending, dtype=bool)].reset_index(drop=True)
        shown.attrs["reason"] = paths.attrs["reason"] or "None of the riskiest paths goes from there to there."
        shown["rank"] = range(1, len(shown) + 1)
        listing = table(tables.with_routes(shown, trial.graph), "paths", heading="Riskiest paths", most=10)
        if shown.empty:
            return {"path": "", "paths": listing}
        row = shown.iloc[min(self._rank.value, len(shown)) - 1]
        figure, _ = draw.plot_path(trial.graph, row, trial.hops())
        text = f"Path {row['rank']}: from {row['start_label']} to {row['end_label']}, hop by hop"
        return {"path": picture(figure, text), "paths": listing}


def _doors(nodes: tuple[str, ...]) -> tuple[str, ...]:
    """Return where a path starts: its first node, and the entry that it comes in by where that is the internet."""
    return nodes[:2] if nodes[0] == INTERNET else nodes[:1]
