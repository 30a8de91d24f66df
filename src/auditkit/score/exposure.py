"""Exposure: how far each store is open to the outside, and in how many ways."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from auditkit.errors import ScoreError
from auditkit.graph.schema import Graph
from auditkit.inventory import Kind
from auditkit.score._ground import LEVELS, Floats, Ground
from auditkit.score._input import Nodes, find_node
from auditkit.score._table import table
from auditkit.score._ways import Start
from auditkit.score.arrays import Attack
from auditkit.score.compact import Compact
from auditkit.score.reach import Reach, distances, reachable, witness_of
from auditkit.score.weights import EntryExponents, Weights

__all__ = ["exposure"]

ASSUMED_BREACH = "assumed breach"
"""Entry kind of an inside function that is taken over by whatever means."""

EXPOSURE_COLUMNS = {
    "store": "str",
    "label": "str",
    "kind": "str",
    "account": "str",
    "region": "str",
    "sensitivity": "str",
    "s_low": "float64",
    "s_high": "float64",
    "X_low": "float64",
    "X_high": "float64",
    "X_if_open": "float64",
    "entry": "str",
    "entry_label": "str",
    "entry_kind": "str",
    "level": "str",
    "q": "float64",
    "access_weight": "float64",
    "rho": "float64",
    "cost": "float64",
    "ways": "int64",
    "undecided": "bool",
    "path": "object",
    "edges": "object",
    "steps": "object",
    "sources": "object",
}


def exposure(
    graph: Graph | Compact,
    *,
    weights: Weights | None = None,
    of: Iterable[str] | None = None,
    undecided: str | None = None,
) -> pd.DataFrame:
    """Return how far each store is open to the outside.

    ``X = s * max over entries and access levels of q * lambda * rho`` with ``q = 2**-c`` by entry and ``rho = 2**-C``
    by the cheapest path from there (``facts/scoring``). Entries are the internet, every node by which the outside gets
    in, and, as an assumed breach, every function inside. ``ways`` is the largest number of ways from outside entries to
    the store that share no edge of the graph, whatever they cost, assumed breaches apart: at least so many edges must
    be closed to close the store.

    Parameters
    ----------
    graph
        A graph of the schema, or a :class:`~auditkit.score.Compact` of it.
    weights
        Weights; those of the package by default.
    of
        Ids of stores; all of them by default.
    undecided
        How steps count that cannot be decided (a policy layer is missing): ``"gated"`` (cost 4, ``facts/scoring``; the
        default), ``"open"`` or ``"closed"``.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``X_high``, ``X_low`` (falling), ``cost``, ``store``.

        =====================  =======  ======================================================================
        store, label           str      id and label
        kind, account, region  str      of the store
        sensitivity            str      its classification
        s_low, s_high          float64  weight of the sensitivity
        X_low, X_high          float64  exposure, in units of sensitivity; 0 where no entry leads to it
        X_if_open              float64  ``X_high`` if all that cannot be decided is open
        entry, entry_label     str      id and label of the entry that counts, ``""`` for none
        entry_kind             str      its kind, or ``assumed breach``
        level                  str      access level that counts
        q, access_weight, rho  float64  weights of entry, access and path; 0 where no entry leads to it
        cost                   float64  cost from that entry on, in steps; infinite where none leads to it
        ways                   int64    ways in from outside that share no edge
        undecided              bool     every path from any entry has a step that cannot be decided
        path                   object   tuple of str: ids along the path that counts
        edges                  object   tuple of (from, to, key): edges of the graph along it
        steps                  object   tuple of str: what each step is
        sources                object   tuple of :class:`~auditkit.inventory.Source` of these edges
        =====================  =======  ======================================================================

        ``attrs``: ``reason`` (why it is empty), ``R_low`` and ``R_high`` (the sum of ``X``), ``entries`` (number of
        outside entries), ``weights``.

    Raises
    ------
    ScoreError
        If there is no such store, ``undecided`` is none of the three, or the graph is not of the schema.

    Notes
    -----
    ``X`` of all stores is one shortest-path run from all entries at once; ``ways`` is a maximum flow with unit
    capacities for each store (Menger 1927), of which what stores have in common is found once
    (:mod:`auditkit.score.kernels.disjoint`).
    """
    compact = Compact.of(graph, weights, undecided)
    weights, ground, attack, entries = compact.weights, compact.ground, compact.attack, compact.entries
    starts = _breaches(attack, weights.entries) | entries
    reach = distances(attack, {state: start.exponent for state, start in starts.items()})
    all_decided = bool(attack.steps.settled.all())
    decided = np.isfinite(reach.cost) if all_decided else reachable(attack, starts, attack.decided)
    at_most = (
        reach
        if compact.if_open is attack
        else distances(compact.if_open, {state: start.exponent for state, start in starts.items()})
    )
    chosen = set(ground.stores) if of is None else _places(attack.nodes, of)
    ways = {place: compact.ways.to(place) for place in compact.ways.each(sorted(chosen))}
    rows = []
    for number, place in enumerate(ground.stores):
        if place in chosen:
            row = _row(ground, number, reach, starts)
            row["ways"] = ways[place]
            row["X_if_open"] = ground.s[number].high * _strongest(ground, at_most.cost[ground.states[number]])
            row["undecided"] = math.isfinite(row["cost"]) and not decided[ground.states[number]].any()
            rows.append(row)
    rows.sort(key=lambda row: (-row["X_high"], -row["X_low"], row["cost"], row["store"]))
    return table(
        rows,
        EXPOSURE_COLUMNS,
        reason="The graph has no store." if len(attack.nodes) else "The graph is empty.",
        R_low=math.fsum(row["X_low"] for row in rows),
        R_high=math.fsum(row["X_high"] for row in rows),
        entries=len(entries),
        weights=weights.cited,
    )


def _places(nodes: Nodes, of: Iterable[str]) -> set[int]:
    """Return the places of stores, by their ids."""
    chosen = {find_node(nodes, node_id) for node_id in of}
    other = [nodes.ids[place] for place in sorted(chosen) if not nodes.store[place]]
    if other:
        raise ScoreError(f"{other[0]!r} is no store")
    return chosen


def _breaches(attack: Attack, exponents: EntryExponents) -> dict[int, Start]:
    """Return the functions inside as starts: each may be taken over by whatever means."""
    nodes = attack.nodes
    inside = [place for place, node in enumerate(nodes.at) if node.kind is Kind.FUNCTION and not nodes.outside[place]]
    return {attack.taken_over(place): Start(place, ASSUMED_BREACH, exponents.assumed_breach) for place in inside}


def _strongest(ground: Ground, costs: Floats) -> float:
    """Return the highest ``lambda * rho`` of a store's access levels."""
    return float(np.max(ground.weight * np.exp2(-costs)))


def _row(ground: Ground, number: int, reach: Reach, starts: dict[int, Start]) -> dict[str, Any]:
    attack, place, s = ground.attack, ground.stores[number], ground.s[number]
    nodes = attack.nodes
    node = nodes.at[place]
    totals = reach.cost[ground.states[number]]
    row: dict[str, Any] = {
        "store": nodes.ids[place],
        "label": node.label,
        "kind": str(node.kind),
        "account": node.account,
        "region": node.region,
        "sensitivity": node.sensitivity.value if node.sensitivity else "unknown",
        "s_low": s.low,
        "s_high": s.high,
        **_UNREACHED,
    }
    best = max(range(len(LEVELS)), key=lambda level: (ground.weight[level] * 2.0 ** -totals[level], -totals[level]))
    if math.isinf(totals[best]):
        return row
    witness = witness_of(attack, reach, int(ground.states[number, best]))
    start = starts[witness.start]
    cost = float(totals[best]) - start.exponent
    strength = float(ground.weight[best]) * 2.0 ** -float(totals[best])
    return row | {
        "X_low": s.low * strength,
        "X_high": s.high * strength,
        "entry": nodes.ids[start.node],
        "entry_label": nodes.at[start.node].label,
        "entry_kind": start.kind,
        "level": LEVELS[best].value,
        "q": 2.0**-start.exponent,
        "access_weight": float(ground.weight[best]),
        "rho": 2.0**-cost,
        "cost": cost,
        **witness.columns(attack),
    }


_UNREACHED: dict[str, Any] = {
    "X_low": 0.0,
    "X_high": 0.0,
    "entry": "",
    "entry_label": "",
    "entry_kind": "",
    "level": "",
    "q": 0.0,
    "access_weight": 0.0,
    "rho": 0.0,
    "cost": math.inf,
    "path": (),
    "edges": (),
    "steps": (),
    "sources": (),
}
