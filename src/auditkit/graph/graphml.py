r"""The graph as GraphML, for other programs.

The format is described at ``graphml.graphdrawing.org``. All attributes are text, number or truth value. XML 1.0 has no
way to write most control characters, and parsers change line ends, so these are written as ``\u001b``, and a backslash
as two.

Written line by line: networkx's own writer builds the whole document as a tree and takes about thirty times as long,
which are minutes for a large account.
"""

import json
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from auditkit.facts import FACTORS
from auditkit.graph.schema import Factors, Graph
from auditkit.graph.views import sources_text

__all__ = ["graphml_bytes", "to_graphml"]

_UNFIT = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_QUOTE = {'"': "&quot;"}

_GRAPH = {"schema": "long", "accounts": "string", "regions": "string"}
_NODE = {
    "kind": "string",
    "label": "string",
    "account": "string",
    "region": "string",
    "boundary_kind": "string",
    "boundary": "string",
    "entry": "string",
    "sensitivity": "string",
    "sensitivity_reason": "string",
    "exists": "boolean",
    "tags": "string",
    "sources": "string",
}
_EDGE = {
    "edge_key": "string",
    "kind": "string",
    "view": "string",
    "evidence": "string",
    "label": "string",
    "cost": "double",
    "conditions": "string",
    "unknown": "string",
    "limits": "string",
    "access": "string",
    "enabled": "boolean",
    "qualifier": "string",
    "detail": "string",
    "hop": "string",
    **{f"{factor}_{bound}": "double" for factor in FACTORS for bound in ("low", "high")},
    "sources": "string",
}
_KEYS = {
    (part, name): f"d{number}"
    for number, (part, name) in enumerate(
        (part, name) for part, types in (("graph", _GRAPH), ("node", _NODE), ("edge", _EDGE)) for name in types
    )
}


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
        ``sensitivity``, ``sensitivity_reason``, ``exists``, ``tags`` (JSON) and ``sources``. Edges carry the key they
        have in the graph as ``edge_key``, and ``kind``, ``view``, ``evidence``, ``label``, ``cost`` (where it is
        finite), ``conditions``, ``unknown``, ``limits``, ``access``, ``enabled``, ``qualifier``, ``detail``, ``hop``,
        a lowest and a highest level per hop factor (``encryption_low``), and ``sources``. What is empty is left out.
    """
    return "\n".join(_lines(graph)).encode() + b"\n"


def _lines(graph: Graph) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for part, types in (("graph", _GRAPH), ("node", _NODE), ("edge", _EDGE)):
        for name, kind in types.items():
            yield f'  <key id="{_KEYS[part, name]}" for="{part}" attr.name="{name}" attr.type="{kind}"/>'
    yield '  <graph edgedefault="directed">'
    about = graph.graph
    whole = {name: ", ".join(about.get(name, ())) for name in ("accounts", "regions")}
    yield from _data("graph", {"schema": int(about.get("schema", 0)), **whole}, "    ")
    for node_id in sorted(graph):
        yield f'    <node id="{_attribute(node_id)}">'
        yield from _data("node", _node(graph.nodes[node_id]), "      ")
        yield "    </node>"
    for number, (origin, target, key) in enumerate(sorted(graph.edges(keys=True))):
        yield f'    <edge id="e{number}" source="{_attribute(origin)}" target="{_attribute(target)}">'
        yield from _data("edge", {"edge_key": key, **_edge(graph.edges[origin, target, key])}, "      ")
        yield "    </edge>"
    yield "  </graph>"
    yield "</graphml>"


def _data(part: str, attributes: dict[str, Any], indent: str) -> Iterator[str]:
    for name, value in attributes.items():
        if value == "" or value is None:
            continue
        text = str(value).lower() if isinstance(value, bool) else escape(_fit(str(value)))
        yield f'{indent}<data key="{_KEYS[part, name]}">{text}</data>'


def _node(node: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": node["kind"],
        "label": node["label"],
        "account": node["account"],
        "region": node["region"],
        "boundary_kind": node["boundary"].kind,
        "boundary": node["boundary"].label,
        "entry": node["entry"],
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
        "cost": float(edge["cost"]) if math.isfinite(edge["cost"]) else None,
        "conditions": ", ".join(edge["conditions"]),
        "unknown": edge["unknown"],
        "limits": ", ".join(edge["limits"]),
        "access": edge["access"],
        "enabled": edge["enabled"],
        "qualifier": edge["qualifier"],
        "detail": edge["detail"],
        "hop": factors.hop if factors else "",
    }
    if factors:
        for factor in FACTORS:
            level = getattr(factors, factor)
            found |= {f"{factor}_low": float(level.low), f"{factor}_high": float(level.high)}
    return {**found, "sources": sources_text(edge["sources"])}


def _attribute(text: str) -> str:
    return escape(_fit(text), _QUOTE)


def _fit(text: str) -> str:
    """Return a text as XML can carry it."""
    return _UNFIT.sub(lambda found: "\\\\" if found[0] == "\\" else f"\\u{ord(found[0]):04x}", text)
