r"""The graph as GraphML, for other programs.

The format is described at ``graphml.graphdrawing.org``. All attributes are text, number or truth value. XML 1.0 has
no way to write most control characters, and parsers change line ends, so these are written as ``\u001b``, and a
backslash as two.
"""

import io
import json
import math
import os
import re
from pathlib import Path
from typing import Any

import networkx as nx

from auditkit.facts import FACTORS
from auditkit.graph.schema import Factors, Graph
from auditkit.graph.views import sources_text

__all__ = ["graphml_bytes", "to_graphml"]

_UNFIT = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def to_graphml(graph: Graph, path: str | os.PathLike[str]) -> None:
    """Write a graph as GraphML.

    Parameters
    ----------
    graph
        A graph of :func:`auditkit.graph.connect`.
    path
        File to write; what is there is replaced.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    Path(path).write_bytes(graphml_bytes(graph))


def graphml_bytes(graph: Graph) -> bytes:
    """Return a graph as GraphML: the same bytes for the same graph.

    Returns
    -------
    bytes
        UTF-8. Nodes carry ``kind``, ``label``, ``account``, ``region``, ``boundary_kind``, ``boundary``, ``entry``,
        ``sensitivity``, ``exists``, ``tags`` (JSON) and ``sources``; edges carry the key they have in the graph as
        ``edge_key``, ``kind``, ``view``, ``evidence``, ``label``, ``cost`` (where it is finite), ``conditions``,
        ``unknown``, ``access``, ``enabled``, ``qualifier``, ``detail``, ``hop``, a lowest and a highest level per hop
        factor, and ``sources``.
    """
    plain: Graph = nx.MultiDiGraph(
        schema=int(graph.graph.get("schema", 0)),
        accounts=_fit(", ".join(graph.graph.get("accounts", ()))),
        regions=_fit(", ".join(graph.graph.get("regions", ()))),
    )
    for node_id in sorted(graph):
        plain.add_node(_fit(node_id), **_flat(_node(graph.nodes[node_id])))
    for number, (origin, target, key) in enumerate(sorted(graph.edges(keys=True))):
        flat = _flat({"edge_key": key, **_edge(graph.edges[origin, target, key])})
        plain.add_edge(_fit(origin), _fit(target), key=f"e{number}", **flat)
    out = io.BytesIO()
    # the writer by name: nx.write_graphml is another one, with other bytes, where lxml is installed
    nx.write_graphml_xml(plain, out, encoding="utf-8", prettyprint=True)
    return out.getvalue()


def _node(node: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": node["kind"],
        "label": node["label"],
        "account": node["account"],
        "region": node["region"],
        "boundary_kind": node["boundary"].kind,
        "boundary": node["boundary"].label,
        "entry": node["entry"] or "",
        "sensitivity": node["sensitivity"].value if node["sensitivity"] else "",
        "sensitivity_reason": node["sensitivity_reason"],
        "exists": node["exists"],
        "tags": json.dumps(node["tags"], sort_keys=True) if node["tags"] else "",
        "sources": sources_text(node["sources"]),
    }


def _edge(edge: dict[str, Any]) -> dict[str, Any]:
    factors: Factors | None = edge["factors"]
    found = {
        "kind": edge["kind"],
        "view": edge["view"],
        "evidence": edge["evidence"],
        "label": edge["label"],
        "conditions": ", ".join(edge["conditions"]),
        "unknown": edge["unknown"],
        "access": edge["access"] or "",
        "enabled": edge["enabled"],
        "qualifier": edge["qualifier"],
        "detail": edge["detail"],
        "hop": factors.hop if factors else "",
        "sources": sources_text(edge["sources"]),
    }
    if math.isfinite(edge["cost"]):
        found["cost"] = float(edge["cost"])
    if factors:
        for factor in FACTORS:
            level = getattr(factors, factor)
            found |= {f"{factor}_low": float(level.low), f"{factor}_high": float(level.high)}
    return found


def _flat(attributes: dict[str, Any]) -> dict[str, str | float | bool]:
    return {name: value if isinstance(value, float | bool) else _fit(str(value)) for name, value in attributes.items()}


def _fit(text: str) -> str:
    """Return a text as XML can carry it."""
    return _UNFIT.sub(lambda found: "\\\\" if found[0] == "\\" else f"\\u{ord(found[0]):04x}", text)
