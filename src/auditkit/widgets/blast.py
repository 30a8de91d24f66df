"""Blast radius, to be asked: which function, which store, at which costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditkit import draw, score, tables
from auditkit.inventory import Kind
from auditkit.score import default_weights
from auditkit.widgets._panel import Panel, choices, picture, slider, sliders, table

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["explore_blast"]

_COSTS = {"call": "one call", "wait": "wait for a trigger", "bug": "a bug in code", "gated": "a condition"}


def explore_blast(audit: Audit) -> Panel:
    """Return a panel on blast radii: pick a function and a store, and move the costs of an attacker's steps.

    Parameters
    ----------
    audit
        An audit; it stays as it is.
    """
    return _Blast(audit)


class _Blast(Panel):
    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._trial = audit.what_if()
        costs = (audit.weights or default_weights()).costs
        labels = audit.labels
        nodes = audit.graph.nodes(data=True)
        widest = [str(node) for node in audit.blast["node"]]
        exposed = zip(audit.exposure["kind"], audit.exposure["store"], strict=True)
        stores = [(f"{labels[store]} ({kind})", store) for kind, store in exposed]
        self._function = choices("function", [(labels[node], node) for node in widest] or [("none", "")])
        self._store = choices("store", stores or [("none", "")])
        functions = sorted((labels[node], node) for node, data in nodes if data["kind"] is Kind.FUNCTION)
        self._lost = choices("taken over", [("no function", ""), *functions])
        self._costs = {name: slider(text, getattr(costs, name), most=8, step=0.25) for name, text in _COSTS.items()}
        steps = sliders("Costs of an attacker's steps", list(self._costs.values()))
        controls = [self._function, self._store, self._lost, steps]
        super().__init__(controls, ["blast", "ring", "detail", "exposure", "ways"])
        self.refresh()

    def compute(self) -> Mapping[str, str]:
        trial = self._trial.reset()
        trial.reweigh(costs={name: control.value for name, control in self._costs.items()})
        if self._lost.value:
            trial.compromise(self._lost.value)
        parts = {"blast": table(trial.blast_radius(), "blast", heading="Widest functions", most=10)}
        if self._function.value:
            parts |= self._one_function()
        if self._store.value:
            parts |= self._one_store()
        return parts

    def _one_function(self) -> dict[str, str]:
        trial, node = self._trial, self._function.value
        detail = score.blast_radius_detail(trial.compact, node)
        figure, _ = draw.plot_blast_radius(trial.graph, node, detail)
        name = self._audit.labels[node]
        detail = tables.with_ways(detail, trial.graph)
        return {
            "ring": picture(figure, f"Stores that {name} reaches, by the steps that it takes"),
            "detail": table(detail, "blast detail", heading=f"What falls with {name}"),
        }

    def _one_store(self) -> dict[str, str]:
        trial, store = self._trial, self._store.value
        name = self._audit.labels[store]
        ways = score.ways_in(trial.compact, store, k=8)
        return {
            "exposure": table(
                tables.with_ways(trial.exposure(of=[store]), trial.graph), "exposure", heading=f"How exposed {name} is"
            ),
            "ways": table(ways, "ways", heading=f"Cheapest ways to {name} from outside"),
        }
