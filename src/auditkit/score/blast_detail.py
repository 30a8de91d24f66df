"""Blast radius of one node, store by store, each with its witness path."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from auditkit.errors import ScoreError
from auditkit.graph.schema import Graph
from auditkit.score._ground import LEVELS, Flags, Floats, Ground
from auditkit.score._input import find_node
from auditkit.score._table import table
from auditkit.score.attack import GATED
from auditkit.score.compact import Compact
from auditkit.score.reach import Reach, distances, reachable, witness_of
from auditkit.score.weights import Weights

__all__ = ["blast_radius_detail"]

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


def _fall(ground: Ground, place: int) -> _Fall:
    attack, start = ground.attack, ground.attack.taken_over(place)
    reach = distances(attack, {start: 0.0})
    direct = reachable(attack, [start], attack.direct)
    all_decided = bool(attack.steps.settled.all())
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
