"""The two views of a graph, and what a graph holds as tables."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import networkx as nx
import pandas as pd

from auditkit.facts import FACTORS
from auditkit.graph.schema import Evidence, Factors, Graph, Interval, View
from auditkit.inventory import Source

__all__ = ["data_view", "edges_frame", "nodes_frame", "summary", "trust_view"]


def trust_view(graph: Graph) -> Graph:
    """Return the trust view: who can act on what.

    Returns
    -------
    networkx.MultiDiGraph
        A read-only view with all nodes and the edges of the trust view; it follows the graph when that changes.
    """
    return _view(graph, {View.TRUST}, set(Evidence))


def data_view(graph: Graph, *, permitted: bool = False) -> Graph:
    """Return the data view: which way data moves.

    Parameters
    ----------
    graph
        A graph of :func:`auditkit.graph.connect`.
    permitted
        Whether flows are shown that are only permitted: neither configured, referenced nor observed.

    Returns
    -------
    networkx.MultiDiGraph
        A read-only view with all nodes and the edges of the data view; it follows the graph when that changes.
    """
    return _view(graph, {View.DATA}, set(Evidence) if permitted else set(Evidence) - {Evidence.PERMITTED})


def _view(graph: Graph, views: set[View], evidence: set[Evidence]) -> Graph:
    def belongs(origin: str, target: str, key: str) -> bool:
        edge = graph.edges[origin, target, key]
        return edge["view"] in views and edge["evidence"] in evidence

    view: Graph = nx.subgraph_view(graph, filter_edge=belongs)  # type: ignore[arg-type]  # its stub knows int keys only
    return view


def summary(graph: Graph) -> pd.DataFrame:
    """Return how many nodes and edges of which kind there are.

    Returns
    -------
    pandas.DataFrame
        Columns ``part`` (``"node"``, or the view of an edge), ``kind``, ``evidence`` (``""`` for nodes; str) and
        ``count`` (int64), sorted by the first three.
    """
    tally: Counter[tuple[str, str, str]] = Counter()
    for _, node in graph.nodes(data=True):
        tally["node", node["kind"], ""] += 1
    for _, _, edge in graph.edges(data=True):
        tally[edge["view"], edge["kind"], edge["evidence"]] += 1
    rows = [(*map(str, key), count) for key, count in sorted(tally.items())]
    frame = pd.DataFrame(rows, columns=["part", "kind", "evidence", "count"])
    return frame.astype({"part": "str", "kind": "str", "evidence": "str", "count": "int64"})


def nodes_frame(graph: Graph) -> pd.DataFrame:
    """Return the nodes as a table, one row each, sorted by id.

    Returns
    -------
    pandas.DataFrame
        ``id``, ``kind``, ``label``, ``account``, ``region``, ``boundary`` (kind and id, ``"account 111122223333"``),
        ``entry``, ``sensitivity``, ``sensitivity_reason``, ``exists`` (``"yes"`` or ``"no"``), ``tags`` (JSON) and
        ``source`` (all sources, separated by ``"; "``); all str, ``""`` where there is none.
    """
    nodes = ((node_id, graph.nodes[node_id]) for node_id in sorted(graph))
    rows = [
        {
            "id": node_id,
            "kind": node["kind"],
            "label": node["label"],
            "account": node["account"],
            "region": node["region"],
            "boundary": f"{node['boundary'].kind} {node['boundary'].id}".strip(),
            "entry": node["entry"] or "",
            "sensitivity": node["sensitivity"].value if node["sensitivity"] else "",
            "sensitivity_reason": node["sensitivity_reason"],
            "exists": _word(node["exists"]),
            "tags": json.dumps(node["tags"], sort_keys=True, ensure_ascii=False) if node["tags"] else "",
            "source": sources_text(node["sources"]),
        }
        for node_id, node in nodes
    ]
    return _texts(rows, _NODE_COLUMNS)


def edges_frame(graph: Graph) -> pd.DataFrame:
    """Return the edges as a table, one row each, sorted by origin, target and key.

    Returns
    -------
    pandas.DataFrame
        ``origin``, ``target`` (ids), ``kind``, ``view``, ``evidence``, ``label``, ``access``, ``conditions``
        (separated by ``", "``), ``unknown``, ``enabled`` (``"yes"`` or ``"no"``), ``qualifier``, ``detail``, ``hop``,
        one column per hop factor (a level, or ``"0..0.5"`` for bounds), ``source`` (all str, ``""`` where there is
        none), and ``cost`` (float64, infinite where it is no step of an attacker).
    """
    rows = [
        _edge_row(origin, target, graph.edges[origin, target, key])
        for origin, target, key in sorted(graph.edges(keys=True))
    ]
    costs = [row.pop("cost") for row in rows]
    frame = _texts(rows, _EDGE_COLUMNS)
    frame.insert(_EDGE_COLUMNS.index("access"), "cost", pd.Series(costs, dtype="float64"))
    return frame


_NODE_COLUMNS = (
    *("id", "kind", "label", "account", "region", "boundary", "entry", "sensitivity", "sensitivity_reason"),
    *("exists", "tags", "source"),
)
_EDGE_COLUMNS = (
    *("origin", "target", "kind", "view", "evidence", "label", "access", "conditions", "unknown", "enabled"),
    *("qualifier", "detail", "hop", *FACTORS, "source"),
)


def _edge_row(origin: str, target: str, edge: dict[str, Any]) -> dict[str, Any]:
    factors: Factors | None = edge["factors"]
    return {
        "origin": origin,
        "target": target,
        "kind": edge["kind"],
        "view": edge["view"],
        "evidence": edge["evidence"],
        "label": edge["label"],
        "cost": edge["cost"],
        "access": edge["access"] or "",
        "conditions": ", ".join(edge["conditions"]),
        "unknown": edge["unknown"],
        "enabled": _word(edge["enabled"]),
        "qualifier": edge["qualifier"],
        "detail": edge["detail"],
        "hop": factors.hop if factors else "",
        **{factor: level_text(getattr(factors, factor)) if factors else "" for factor in FACTORS},
        "source": sources_text(edge["sources"]),
    }


def level_text(level: Interval) -> str:
    """Return a level as text: ``"0.5"``, or ``"0..0.5"`` for bounds."""
    return f"{level.low:g}" if level.known else f"{level.low:g}..{level.high:g}"


def sources_text(sources: Iterable[Source]) -> str:
    """Return sources as text, separated by ``"; "``."""
    return "; ".join(map(str, sources))


def _word(truth: bool) -> str:  # noqa: FBT001 -- it is what the function is about
    return "yes" if truth else "no"


def _texts(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame([[str(row[column]) for column in columns] for row in rows], columns=list(columns))
    return frame.astype("str")
