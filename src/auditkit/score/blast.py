"""Blast radius: what else falls if something is taken over."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Self

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from auditkit.errors import ScoreError
from auditkit.graph.schema import Graph
from auditkit.inventory import Kind
from auditkit.score._falls import Falls, Sums, sums
from auditkit.score._ground import LEVELS, Flags, Floats, Ground
from auditkit.score._input import find_node
from auditkit.score._table import table
from auditkit.score.arrays import Attack
from auditkit.score.attack import GATED
from auditkit.score.compact import Compact
from auditkit.score.reach import Reach, distances, reachable, witness_of
from auditkit.score.weights import Weights

__all__ = ["blast_radius", "blast_radius_detail", "matrix"]

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

DETAIL_COLUMNS = {
    "store": "str",
    "label": "str",
    "kind": "str",
    "account": "str",
    "sensitivity": "str",
    "s_low": "float64",
    "s_high": "float64",
    "contribution_low": "float64",
    "contribution_high": "float64",
    "share": "float64",
    "level": "str",
    "cost": "float64",
    "rho": "float64",
    "levels": "object",
    "lambdas": "object",
    "costs": "object",
    "rhos": "object",
    "direct": "bool",
    "undecided": "bool",
    "gated": "bool",
    "path": "object",
    "edges": "object",
    "steps": "object",
    "sources": "object",
}


class _Fall(msgspec.Struct, frozen=True):
    """What falls with a node: least costs, and of each store (rows) and access level, whether it is held directly."""

    reach: Reach
    cost: Floats
    direct: Flags
    decided: Flags


class _Falls(msgspec.Struct, frozen=True):
    """What falls with nodes: by all steps, by those that are direct, by those that are decided."""

    places: list[int]
    reach: Sums
    direct: Sums
    decided: Sums

    @classmethod
    def of(cls, ground: Ground, places: list[int]) -> Self:
        attack, states = ground.attack, _taken_over(ground.attack, places)
        nothing = np.zeros_like(attack.cost)
        reach = direct = decided = sums(ground, states)
        if np.any(attack.direct != (attack.cost == 0)):
            direct = sums(ground, states, steps=attack.direct, cost=nothing)
        if not attack.decided.all():
            decided = sums(ground, states, steps=attack.decided, cost=nothing)
        return cls(places, reach, direct, decided)

    def row(self, ground: Ground, number: int, if_open: Self) -> dict[str, Any]:
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
            "stores_undecided": int(reach.stores[number] - self.decided.stores[number]),
            "crown_jewels": int(reach.jewels[number]),
            "worst_store": jewel,
            "worst_store_label": nodes.at[ground.stores[worst]].label if jewel else "",
            "worst_share": 100 * int(reach.worst_part[number]) / total if total else 0.0,
            "missing": ground.attack.missing.get(place, ""),
        }


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
    places = _chosen(attack, of)
    if_open = None if compact.if_open is attack else _Falls.of(Ground(compact.if_open, compact.weights), places)
    falls = _Falls.of(ground, places)
    rows = [falls.row(ground, number, if_open or falls) for number in range(len(places))]
    rows.sort(key=lambda row: (-row["BR_high"], -row["BR_low"], -row["BRmax_high"], row["node"]))
    return table(rows, BLAST_COLUMNS, reason=_reason(attack, "function"), weights=compact.weights.cited)


def blast_radius_detail(
    graph: Graph | Compact,
    node: str,
    *,
    weights: Weights | None = None,
    undecided: str | None = None,
    most: int | None = None,
) -> pd.DataFrame:
    """Return what falls with one node: a row per store that is reached, with the path to it.

    Parameters
    ----------
    graph
        A graph of the schema, or a :class:`~auditkit.score.Compact` of it.
    node
        Id of the node that is taken over.
    weights
        Weights; those of the package by default.
    undecided
        As of :func:`blast_radius`.
    most
        Most rows, the first ones; all by default.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``contribution_high``, ``contribution_low`` (falling), ``cost``, ``store``.

        =====================  =======  ======================================================================
        store, label           str      id and label
        kind, account          str      of the store
        sensitivity            str      its classification
        s_low, s_high          float64  weight of the sensitivity
        contribution_low, ...  float64  what it adds to ``BR_low`` and ``BR_high``
        share                  float64  its part of ``BR_high`` in percent; 0 where that is 0
        level                  str      access with the highest ``lambda * rho``, to which ``path`` leads
        cost, rho              float64  cost and strength of that access
        levels                 object   tuple of str: all access levels reached
        lambdas, costs, rhos   object   tuples of float: weight, least cost and strength of each of them
        direct                 bool     some access is held at no cost
        undecided              bool     every path to it has a step that cannot be decided
        gated                  bool     ``path`` has a step of cost 4 or more: a condition, or something missing
        path                   object   tuple of str: ids along a cheapest path
        edges                  object   tuple of (from, to, key): edges of the graph along it
        steps                  object   tuple of str: what each step is
        sources                object   tuple of :class:`~auditkit.inventory.Source` of these edges
        =====================  =======  ======================================================================

        ``attrs``: ``reason`` (why it is empty), ``node``, ``missing``, ``left_out`` (stores that are not shown),
        ``weights``.

    Raises
    ------
    ScoreError
        If there is no such node (the message names those near it), most is below 1, or the graph is not of the schema.
    """
    if most is not None and most < 1:
        raise ScoreError(f"most is {most}, and must be at least 1")
    compact = Compact.of(graph, weights, undecided)
    ground = compact.ground
    place = find_node(ground.attack.nodes, node)
    fall = _fall(ground, place)
    parts = ground.contributions(np.exp2(-fall.cost))
    total = math.fsum(parts[:, 1])
    reached = _reached(fall)
    least = sorted(parts[reached, 1])[-most] if most is not None and most < len(reached) else -math.inf
    shown = [number for number in reached if parts[number, 1] >= least]
    rows = [_detail_row(ground, fall, number, parts[number], total) for number in shown]
    rows.sort(key=lambda row: (-row["contribution_high"], -row["contribution_low"], row["cost"], row["store"]))
    return table(
        rows[:most],
        DETAIL_COLUMNS,
        reason="It reaches no store." if ground.stores else "The graph has no store.",
        node=node,
        left_out=len(reached) - len(rows[:most]),
        missing=ground.attack.missing.get(place, ""),
        weights=compact.weights.cited,
    )


def matrix(
    graph: Graph | Compact,
    *,
    weights: Weights | None = None,
    bound: str = "high",
    undecided: str | None = None,
    most: int | None = None,
) -> pd.DataFrame:
    """Return what each store adds to the blast radius of each function.

    Parameters
    ----------
    graph
        A graph of the schema, or a :class:`~auditkit.score.Compact` of it.
    weights
        Weights; those of the package by default.
    bound
        ``"high"`` or ``"low"``: how stores count whose sensitivity is not known.
    undecided
        As of :func:`blast_radius`.
    most
        Most rows and most columns, those with the largest sums; all by default, which for thousands of functions takes
        8 bytes for each of them and each store.

    Returns
    -------
    pandas.DataFrame
        float64, in units of sensitivity; rows are all functions inside, columns the stores that one of them reaches,
        both sorted by id. A row sums to the function's ``BR``. ``attrs``: ``reason``, ``bound``, ``weights``, ``sums``
        (of rows and columns, those counted that are left out), ``left_out`` (how many rows and columns are).

    Raises
    ------
    ScoreError
        If there is no such bound, most is below 1, or the graph is not of the schema.
    """
    if bound not in {"low", "high"}:
        raise ScoreError(f"bound is {bound!r}, and must be 'low' or 'high'")
    if most is not None and most < 1:
        raise ScoreError(f"most is {most}, and must be at least 1")
    compact = Compact.of(graph, weights, undecided)
    ids, side = compact.attack.nodes.ids, ("low", "high").index(bound)
    everything = _Cells(compact.ground, _chosen(compact.attack, None), side)
    by_row, by_column, reached = everything.sums()
    functions, columns = _largest(by_row, most), reached[_largest(by_column[reached], most)]
    cells = _Cells(compact.ground.only(columns), [everything.functions[number] for number in functions.tolist()], side)
    frame = pd.DataFrame(
        cells.values(),
        index=pd.Index([ids[place] for place in cells.functions], dtype="str", name="function"),
        columns=pd.Index([ids[place] for place in cells.ground.stores], dtype="str", name="store"),
    )
    reason = (
        "" if by_row.size and reached.size else _reason(compact.attack, "reached store" if by_row.size else "function")
    )
    frame.attrs.update(
        reason=reason,
        bound=bound,
        weights=compact.weights.cited,
        sums=tuple(
            dict(zip(names, compact.ground.amount(found).tolist(), strict=True))
            for names, found in ((frame.index, by_row[functions]), (frame.columns, by_column[columns]))
        ),
        left_out=(len(by_row) - len(functions), len(reached) - len(columns)),
    )
    return frame


class _Cells:
    """What stores add to functions, at one end of all intervals."""

    def __init__(self, ground: Ground, functions: list[int], side: int) -> None:
        self.ground, self.functions, self._side = ground, functions, side
        self._falls = Falls(ground, _taken_over(ground.attack, functions))

    def sums(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the sums of rows and columns, in units, and the numbers of the stores that are reached."""
        rows = np.zeros(self._falls.rows, dtype=np.int64)
        columns = np.zeros(len(self.ground.stores), dtype=np.int64)
        reached = np.zeros(len(self.ground.stores), dtype=bool)
        alike = np.bincount(self._falls.row, minlength=self._falls.rows)
        for part in self._falls.parts():
            worth = part.worth[:, self._side][part.which]
            rows[part.rows] += worth @ part.count
            columns[part.first] += alike[part.rows] @ worth
            reached[part.first] |= (part.which > 0).any(axis=0)
        first = self._falls.first
        return rows[self._falls.row], columns[first], np.flatnonzero(reached[first])

    def values(self) -> Floats:
        """Return all cells, in units of sensitivity: float64, shape (functions, stores)."""
        found = np.zeros((len(self.functions), len(self.ground.stores)))
        for part in self._falls.parts():
            stores = np.flatnonzero(np.isin(self._falls.first, part.first))
            group = np.searchsorted(part.first, self._falls.first[stores])
            functions = np.flatnonzero(np.isin(self._falls.row, part.rows))
            row = np.searchsorted(part.rows, self._falls.row[functions])
            amount = self.ground.amount(part.worth[:, self._side])
            found[np.ix_(functions, stores)] = amount[part.which[np.ix_(row, group)]]
        return found


def _largest(sums: NDArray[np.int64], most: int | None) -> NDArray[np.int64]:
    """Return the places of the largest sums, the first of those that are alike, in their order."""
    return np.sort(np.argsort(-sums, kind="stable")[:most])


def _chosen(attack: Attack, of: str | Kind | Iterable[str] | None) -> list[int]:
    nodes = attack.nodes
    if of is None or isinstance(of, Kind):
        kind = Kind.FUNCTION if of is None else of
        return [place for place, node in enumerate(nodes.at) if node.kind is kind and (of or not nodes.outside[place])]
    ids = [of] if isinstance(of, str) else sorted(set(of))
    return [find_node(nodes, node_id) for node_id in ids]


def _taken_over(attack: Attack, places: list[int]) -> NDArray[np.int64]:
    return np.array([attack.taken_over(place) for place in places], dtype=np.int64)


def _fall(ground: Ground, place: int) -> _Fall:
    attack, start = ground.attack, ground.attack.taken_over(place)
    reach = distances(attack, {start: 0.0})
    direct = reachable(attack, [start], attack.direct)
    all_decided = bool(attack.decided.all())
    decided = np.isfinite(reach.cost) if all_decided else reachable(attack, [start], attack.decided)
    return _Fall(reach, reach.cost[ground.states], direct[ground.states], decided[ground.states])


def _reached(fall: _Fall) -> list[int]:
    return [int(number) for number in np.flatnonzero(np.isfinite(fall.cost).any(axis=1))]


def _detail_row(ground: Ground, fall: _Fall, number: int, part: Sequence[float], total: float) -> dict[str, Any]:
    attack, place, costs = ground.attack, ground.stores[number], fall.cost[number]
    node = attack.nodes.at[place]
    levels = [level for level in range(len(LEVELS)) if math.isfinite(costs[level])]
    best = max(levels, key=lambda level: (ground.weight[level] * 2.0 ** -costs[level], -costs[level], -level))
    witness = witness_of(attack, fall.reach, int(ground.states[number, best]))
    return {
        "store": attack.nodes.ids[place],
        "label": node.label,
        "kind": str(node.kind),
        "account": node.account,
        "sensitivity": node.sensitivity.value if node.sensitivity else "unknown",
        "s_low": ground.s[number].low,
        "s_high": ground.s[number].high,
        "contribution_low": float(part[0]),
        "contribution_high": float(part[1]),
        "share": 100 * float(part[1]) / total if total else 0.0,
        "level": LEVELS[best].value,
        "cost": float(costs[best]),
        "rho": 2.0 ** -float(costs[best]),
        "levels": tuple(LEVELS[level].value for level in levels),
        "lambdas": tuple(float(ground.weight[level]) for level in levels),
        "costs": tuple(float(costs[level]) for level in levels),
        "rhos": tuple(2.0 ** -float(costs[level]) for level in levels),
        "direct": bool(fall.direct[number].any()),
        "undecided": not fall.decided[number].any(),
        "gated": any(step.steps >= GATED for step in witness.steps),
        **witness.columns(attack),
    }


def _reason(attack: Attack, what: str) -> str:
    return f"The graph has no {what}." if len(attack.nodes) else "The graph is empty."
