"""Hop weakness: how easily data leaks while it moves from one node to the next."""

import math
from functools import lru_cache
from typing import Any

import msgspec
import pandas as pd

from auditkit.facts import FACTORS
from auditkit.graph.schema import Edge, Graph, Interval, View
from auditkit.score._input import Nodes, factor_levels, read_links, read_nodes
from auditkit.score._links import Link
from auditkit.score._table import table_of_columns
from auditkit.score.weights import FactorWeights, Weights, default_weights

__all__ = ["UNIT", "HopScore", "hops", "leak_of", "score_hop", "shares_of", "weakest_of"]

UNIT = 2**40
"""``U`` is added up in whole multiples of ``1 / UNIT``, so that a sum does not depend on the order of its parts."""

_LEAST = 1 / UNIT
"""Least that ``1 - a*x`` counts in a logarithm: with a weight of 1, ``U`` of one factor is 27.7 and not infinite."""

HOP_COLUMNS = {
    "from": "str",
    "to": "str",
    "key": "object",
    "from_label": "str",
    "to_label": "str",
    "kind": "str",
    "label": "str",
    "evidence": "str",
    "enabled": "bool",
    "hop": "str",
    "W_low": "float64",
    "W_high": "float64",
    "U_low": "float64",
    "U_high": "float64",
    **{f"{name}_{bound}": "float64" for name in FACTORS for bound in ("low", "high")},
    **{f"{name}_share": "float64" for name in FACTORS},
    "weakest_factor": "str",
    "reasons": "object",
    "sources": "object",
}


class HopScore(msgspec.Struct, frozen=True):
    """Weakness of one hop.

    Attributes
    ----------
    u_low, u_high
        ``U`` in whole multiples of ``1 / UNIT``.
    w_low, w_high
        ``W``, 0 to 1.
    parts
        High bound of each factor's part of ``U``, in the order of :data:`FACTORS`, in multiples of ``1 / UNIT``.
    """

    u_low: int
    u_high: int
    w_low: float
    w_high: float
    parts: tuple[int, ...]


def score_hop(edge: Edge, weights: FactorWeights) -> HopScore:
    """Return the weakness of a data-view edge (``facts/scoring``: hop weakness)."""
    return _of_levels(factor_levels(edge), weights)


@lru_cache(maxsize=1 << 12)
def _of_levels(levels: tuple[Interval, ...], weights: FactorWeights) -> HopScore:
    """Return the weakness of a hop; most hops of a graph share their levels with others."""
    factors = [getattr(weights, name) for name in FACTORS]
    low = [a * level.low for a, level in zip(factors, levels, strict=True)]
    high = [a * level.high for a, level in zip(factors, levels, strict=True)]
    parts = tuple(map(_part, high))
    return HopScore(
        u_low=sum(map(_part, low)),
        u_high=sum(parts),
        w_low=1 - math.prod(1 - x for x in low),
        w_high=1 - math.prod(1 - x for x in high),
        parts=parts,
    )


def weakest_of(parts: tuple[int, ...]) -> str:
    """Return the factor with the largest share, the first of :data:`FACTORS` on a tie; ``""`` where nothing is weak."""
    most = max(parts)
    return FACTORS[parts.index(most)] if most else ""


def shares_of(parts: tuple[int, ...]) -> dict[str, float]:
    """Return the share of each factor in percent; they sum to 100, or are all 0 where nothing is weak."""
    total = sum(parts)
    return {f"{name}_share": 100 * part / total if total else 0.0 for name, part in zip(FACTORS, parts, strict=True)}


def hops(graph: Graph, *, weights: Weights | None = None) -> pd.DataFrame:
    """Return the weakness of every hop: one row per edge of the data view, the weakest first.

    Parameters
    ----------
    graph
        A graph of the schema.
    weights
        Weights; those of the package by default.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``U_high``, ``U_low`` (falling), then ``from``, ``to`` and the content of the edge.

        ==========================  =======  =================================================================
        from, to                    str      ids of the two ends
        key                         object   key of the edge in the graph
        from_label, to_label        str      labels of the two ends
        kind, label, evidence       str      of the edge
        enabled                     bool     False for a trigger that is switched off
        hop                         str      row of the hop facts, ``""`` where it is in no table
        W_low, W_high               float64  weakness ``1 - prod(1 - a*x)``, 0 to 1
        U_low, U_high               float64  ``-ln(1 - W)``, in nats
        <factor>_low, <factor>_high float64  level of the factor, 0 to 1
        <factor>_share              float64  its part of ``U_high`` in percent; 0 throughout where ``U_high`` is 0
        weakest_factor              str      factor of the largest share, ``""`` where ``U_high`` is 0
        reasons                     object   tuple of str, ``"<factor>: <sentence>"``
        sources                     object   tuple of :class:`~auditkit.inventory.Source`
        ==========================  =======  =================================================================

        An edge without factors has every level between 0 and 1. ``attrs``: ``reason`` (why the table is empty),
        ``weights`` (version, date, SHA-256).

    Raises
    ------
    ScoreError
        If a node or edge lacks an attribute, or a level is outside 0 to 1.
    """
    weights = weights or default_weights()
    nodes = read_nodes(graph)
    scored = [(link, score_hop(link.edge, weights.factors)) for link in read_links(graph, nodes, View.DATA)]
    scored.sort(key=lambda pair: (-pair[1].u_high, -pair[1].u_low))
    kept: dict[str, list[Any]] = {name: [] for name in HOP_COLUMNS}
    for link, score in scored:  # row by row into columns: rows of their own take several times the memory
        for name, value in _row(nodes, link, score).items():
            kept[name].append(value)
    return table_of_columns(
        kept,
        HOP_COLUMNS,
        reason="No data moves in this graph." if nodes else "The graph is empty.",
        weights=weights.cited,
    )


def _row(nodes: Nodes, link: Link, score: HopScore) -> dict[str, object]:
    edge = link.edge
    row: dict[str, object] = {
        "from": nodes.ids[link.tail],
        "to": nodes.ids[link.head],
        "key": link.key,
        "from_label": nodes.at[link.tail].label,
        "to_label": nodes.at[link.head].label,
        "kind": str(edge.kind),
        "label": edge.label,
        "evidence": str(edge.evidence),
        "enabled": edge.enabled,
        "hop": edge.factors.hop if edge.factors else "",
        "W_low": score.w_low,
        "W_high": score.w_high,
        "U_low": score.u_low / UNIT,
        "U_high": score.u_high / UNIT,
        "weakest_factor": weakest_of(score.parts),
        "reasons": _reasons(edge),
        "sources": edge.sources,
        **shares_of(score.parts),
    }
    for name, level in zip(FACTORS, factor_levels(edge), strict=True):
        row[f"{name}_low"], row[f"{name}_high"] = level.low, level.high
    return row


def _reasons(edge: Edge) -> tuple[str, ...]:
    if edge.factors is None:
        return ("This hop was not classified.",)
    reasons = edge.factors.reasons
    return tuple(f"{name.replace('_', ' ')}: {reasons[name]}" for name in FACTORS if reasons.get(name))


def _part(product: float) -> int:
    return round(-math.log(max(1 - product, _LEAST)) * UNIT)


def leak_of(u: float) -> float:
    """Return ``T = 1 - exp(-U)``."""
    return -math.expm1(-u)
