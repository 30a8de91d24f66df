"""Blast radius: what else falls if something is taken over."""

from collections.abc import Iterable
from typing import Any, Self

import msgspec
import numpy as np
import pandas as pd

from auditkit.graph.schema import Graph
from auditkit.inventory import Kind
from auditkit.score._chosen import chosen, reason, taken_over
from auditkit.score._falls import Sums, sums
from auditkit.score._ground import Floats, Ground
from auditkit.score._table import table
from auditkit.score.compact import Compact
from auditkit.score.weights import Weights

__all__ = ["blast_radius"]

BLAST_COLUMNS = {
    "node": "str",
    "label": "str",
    "kind": "str",
    "account": "str",
    "region": "str",
    "BR0_low": "float64",
    "BR0_high": "float64",
    "BR_low": "float64",
    "BR_high": "float64",
    "BRmax_low": "float64",
    "BRmax_high": "float64",
    "BR0_if_open": "float64",
    "BR_if_open": "float64",
    "stores": "int64",
    "stores_direct": "int64",
    "stores_undecided": "int64",
    "crown_jewels": "int64",
    "worst_store": "str",
    "worst_store_label": "str",
    "worst_share": "float64",
    "missing": "str",
}


class _Falls(msgspec.Struct, frozen=True):
    """What falls with nodes: by all steps, by those that are direct."""

    places: list[int]
    reach: Sums
    direct: Sums

    @classmethod
    def of(cls, ground: Ground, places: list[int]) -> Self:
        steps, states = ground.attack.steps, taken_over(ground.attack, places)
        reach = direct = sums(ground, states)
        if np.any((steps.classes == 0) != (steps.prices == 0)):
            direct = sums(ground, states, prices=np.where(steps.classes == 0, 0.0, np.inf))
        return cls(places, reach, direct)

    def row(self, ground: Ground, number: int, if_open: Self, decided: Sums) -> dict[str, Any]:
        nodes, place, reach = ground.attack.nodes, self.places[number], self.reach
        node, worst = nodes.at[place], int(reach.worst[number])
        jewel = "" if worst < 0 else nodes.ids[ground.stores[worst]]
        total = int(reach.radius[number, 1])
        return {
            "node": nodes.ids[place],
            "label": node.label,
            "kind": str(node.kind),
            "account": node.account,
            "region": node.region,
            **_bounds("BR0", ground.amount(self.direct.held[number])),
            **_bounds("BR", ground.amount(reach.radius[number])),
            **_bounds("BRmax", ground.amount(reach.at_all[number])),
            "BR0_if_open": float(ground.amount(if_open.direct.held[number, 1])),
            "BR_if_open": float(ground.amount(if_open.reach.radius[number, 1])),
            "stores": int(reach.stores[number]),
            "stores_direct": int(self.direct.stores_held[number]),
            "stores_undecided": int(reach.stores[number] - decided.stores[number]),
            "crown_jewels": int(reach.jewels[number]),
            "worst_store": jewel,
            "worst_store_label": nodes.at[ground.stores[worst]].label if jewel else "",
            "worst_share": 100 * int(reach.worst_part[number]) / total if total else 0.0,
            "missing": ground.attack.missing.get(place, ""),
        }


def _decided(ground: Ground, places: list[int]) -> Sums | None:
    """Return what falls by the steps that are decided; ``None`` where all are."""
    steps = ground.attack.steps
    if steps.settled.all():
        return None
    return sums(ground, taken_over(ground.attack, places), prices=np.where(steps.settled, 0.0, np.inf))


def _bounds(name: str, amounts: Floats) -> dict[str, float]:
    return {f"{name}_low": float(amounts[0]), f"{name}_high": float(amounts[1])}


def blast_radius(
    graph: Graph | Compact,
    *,
    weights: Weights | None = None,
    of: str | Kind | Iterable[str] | None = None,
    undecided: str | None = None,
) -> pd.DataFrame:
    """Return the blast radius of functions, or of whatever else: three numbers each.

    ``BR = sum over stores of s * (1 - prod over access levels of (1 - lambda * rho))`` with ``rho = 2**-C`` and ``C``
    the least cost at which that access is reached (``facts/scoring``; for the steps of an attacker see
    :mod:`auditkit.score.attack`). ``BR0`` counts only what is held directly (``C = 0``), ``BRmax`` anything that is
    reached, as if it cost nothing: ``BR0 <= BR <= BRmax``, and these two depend on no cost. Low and high differ by the
    stores whose sensitivity is not known.

    Parameters
    ----------
    graph
        A graph of the schema, or a :class:`~auditkit.score.Compact` of it.
    weights
        Weights; those of the package by default.
    of
        Id of a node (function, role, key, layer, secret, third party, entry, store), several ids, or a kind; all
        functions inside by default. A store that is taken over counts itself.
    undecided
        How steps count that cannot be decided (a policy layer is missing): ``"gated"`` (cost 4, ``facts/scoring``; the
        default), ``"open"`` or ``"closed"``.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``BR_high``, ``BR_low``, ``BRmax_high`` (falling), then ``node``.

        =====================  =======  ======================================================================
        node, label            str      id and label
        kind, account, region  str      of the node
        BR0_low, BR0_high      float64  direct, in units of sensitivity
        BR_low, BR_high        float64  discounted
        BRmax_low, BRmax_high  float64  anything reachable
        BR0_if_open            float64  ``BR0_high`` if all that cannot be decided is open
        BR_if_open             float64  ``BR_high`` if all that cannot be decided is open
        stores                 int64    stores reached at all
        stores_direct          int64    stores held directly
        stores_undecided       int64    stores reached only over a step that cannot be decided
        crown_jewels           int64    restricted stores reached at all
        worst_store            str      the store with the largest part of ``BR_high``; ``""`` for none
        worst_store_label      str      its label
        worst_share            float64  its part of ``BR_high`` in percent; 0 where ``BR_high`` is 0
        missing                str      what is not known of its own permissions, so that it may reach more; ``""``
        =====================  =======  ======================================================================

        ``attrs``: ``reason`` (why it is empty), ``weights``.

    Raises
    ------
    ScoreError
        If there is no such node, ``undecided`` is none of the three, or the graph is not of the schema.
    """
    compact = Compact.of(graph, weights, undecided)
    attack, ground = compact.attack, compact.ground
    places = chosen(attack, of)
    if_open = None if compact.if_open is attack else _Falls.of(Ground(compact.if_open, compact.weights), places)
    falls = _Falls.of(ground, places)
    decided = _decided(ground, places) or falls.reach
    rows = [falls.row(ground, number, if_open or falls, decided) for number in range(len(places))]
    rows.sort(key=lambda row: (-row["BR_high"], -row["BR_low"], -row["BRmax_high"], row["node"]))
    return table(
        rows,
        BLAST_COLUMNS,
        reason=reason(attack, str(of) if isinstance(of, Kind) else "function"),
        weights=compact.weights.cited,
    )
