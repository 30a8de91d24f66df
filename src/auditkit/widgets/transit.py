"""Data in transit, to be asked: from which entry, to which store, by which weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import ipywidgets
import numpy as np
import pandas as pd

from auditkit import draw, tables
from auditkit.facts import FACTORS
from auditkit.score import default_weights
from auditkit.widgets._panel import Panel, choices, picture, slider, sliders, table

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["explore_transit"]

_PATHS = 200
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
        self._start = choices("from", [_ANY, *_ends(listed, "start")])
        self._end = choices("to", [_ANY, *_ends(listed, "end")])
        self._permitted = ipywidgets.Checkbox(description="over what is only permitted")
        self._rank = ipywidgets.BoundedIntText(value=1, min=1, max=_PATHS, description="draw path number")
        self._factors = {
            name: slider(name.replace("_", " "), getattr(weights, name), most=1, step=0.05) for name in FACTORS
        }
        factors = sliders("Weights of the factors", list(self._factors.values()))
        super().__init__([self._start, self._end, self._permitted, self._rank, factors], ["paths", "path"])
        self.refresh()

    def compute(self) -> Mapping[str, str]:
        trial = self._trial.reset()
        trial.reweigh(factors={name: control.value for name, control in self._factors.items()})
        paths = trial.transit(k=_PATHS, permitted=self._permitted.value, per_ends=2)
        chosen = [self._start.value in {"", start} for start in paths["start"]]
        ending = [self._end.value in {"", end} for end in paths["end"]]
        shown = paths[np.array(chosen, dtype=bool) & np.array(ending, dtype=bool)].reset_index(drop=True)
        shown.attrs["reason"] = paths.attrs["reason"] or "None of the riskiest paths goes from there to there."
        shown["rank"] = range(1, len(shown) + 1)
        listing = table(tables.with_routes(shown, trial.graph), "paths", heading="Riskiest paths")
        if shown.empty:
            return {"paths": listing, "path": ""}
        row = shown.iloc[min(self._rank.value, len(shown)) - 1]
        figure, _ = draw.plot_path(trial.graph, row, trial.hops())
        text = f"Path {row['rank']}: from {row['start_label']} to {row['end_label']}, hop by hop"
        return {"paths": listing, "path": picture(figure, text)}


def _ends(paths: pd.DataFrame, which: str) -> list[tuple[str, str]]:
    return sorted(set(zip(paths[f"{which}_label"], paths[which], strict=True)))
