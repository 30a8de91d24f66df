"""Tables that people print: of an inventory, of a graph, and which columns of the scores to show."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from auditkit.areas import (
    DECISION_COLUMNS,
    DELETABLE_COLUMNS,
    FINDING_COLUMNS,
    FIRST_COLUMNS,
    GLANCE_COLUMNS,
    LEFT_OUT_COLUMNS,
    LINE_COLUMNS,
    OWNERSHIP_COLUMNS,
    PATCHING_COLUMNS,
    SUMMARY_COLUMNS,
    WAIVER_COLUMNS,
    WALLET_ACCOUNT_COLUMNS,
    WALLET_COLUMNS,
    WALLET_FUNCTION_COLUMNS,
    WHO_USES_COLUMNS,
    finding_columns,
)
from auditkit.cells import cell_text
from auditkit.errors import AuditkitError
from auditkit.graph import Graph, edges_frame, nodes_frame
from auditkit.inventory import CoverageState, Inventory, Kind
from auditkit.shown import Shown

__all__ = [
    "BLAST_COLUMNS",
    "BLAST_DETAIL_COLUMNS",
    "CHOKE_COLUMNS",
    "COMPARED_COLUMNS",
    "EDGE_COLUMNS",
    "EXPOSURE_COLUMNS",
    "FIX_COLUMNS",
    "FUNCTION_COLUMNS",
    "HOP_COLUMNS",
    "NODE_COLUMNS",
    "PACKAGE_COLUMNS",
    "PATH_COLUMNS",
    "PORTFOLIO_COLUMNS",
    "SCORE_COLUMNS",
    "STABILITY_COLUMNS",
    "VULNERABILITY_COLUMNS",
    "WAYS_COLUMNS",
    "contradictions",
    "counts",
    "coverage",
    "coverage_summary",
    "edges",
    "nodes",
    "not_read",
    "records",
    "show",
    "side_inputs",
    "with_routes",
]

NODE_COLUMNS = {
    "kind": "kind",
    "label": "name",
    "account": "account",
    "region": "region",
    "boundary": "boundary",
    "entry": "entry",
    "sensitivity": "sensitivity",
}
EDGE_COLUMNS = {
    "view": "view",
    "origin_label": "from",
    "kind": "edge",
    "target_label": "to",
    "label": "what",
    "evidence": "evidence",
    "cost": "cost",
    "conditions": "conditions",
}
HOP_COLUMNS = {
    "from_label": "from",
    "to_label": "to",
    "label": "what",
    "evidence": "evidence",
    "W_low": "W low",
    "W_high": "W high",
    "weakest_factor": "mend first",
    "reasons": "why",
}
PATH_COLUMNS = {
    "rank": "rank",
    "start_label": "from",
    "end_label": "to",
    "route": "path",
    "hops": "hops",
    "S_high": "S",
    "U_high": "U",
    "T_high": "T",
    "SU_high": "S·U",
    "weakest": "weakest hop",
    "weakest_hop_W": "its W",
    "weakest_factor": "mend first",
    "unencrypted": "unencrypted",
    "leaves_organization": "leaves",
}
BLAST_COLUMNS = {
    "label": "function",
    "region": "region",
    "BR0_high": "BR₀",
    "BR_low": "BR low",
    "BR_high": "BR",
    "BRmax_high": "BR max",
    "stores": "stores",
    "stores_direct": "held directly",
    "crown_jewels": "crown jewels",
    "worst_store_label": "worst store",
    "worst_share": "its share %",
    "missing": "not known",
}
BLAST_DETAIL_COLUMNS = {
    "label": "store",
    "kind": "kind",
    "sensitivity": "sensitivity",
    "levels": "access",
    "cost": "cost",
    "contribution_low": "adds, low",
    "contribution_high": "adds",
    "undecided": "undecided",
    "steps": "how",
}
EXPOSURE_COLUMNS = {
    "label": "store",
    "kind": "kind",
    "sensitivity": "sensitivity",
    "X_low": "X low",
    "X_high": "X",
    "entry_label": "from",
    "ways": "ways in",
    "steps": "how",
}
FUNCTION_COLUMNS = {
    "name": "function",
    "region": "region",
    "runtime": "runtime",
    "package_type": "package",
    "role": "role",
    "timeout": "timeout s",
    "memory_size": "memory MB",
    "last_modified": "last modified",
    "tags": "tags",
    "source": "source",
}
CHOKE_COLUMNS = {
    "label": "store",
    "kind": "kind",
    "cost": "cost from outside",
    "ways": "ways in",
    "node_labels": "every way goes through",
    "cut_labels": "fewest edges that close it",
}
COMPARED_COLUMNS = {
    "label": "name",
    "kind": "kind",
    "before_high": "before",
    "after_high": "after",
    "change": "change",
}
FIX_COLUMNS = {
    "fix": "fix",
    "title": "what to do",
    "effort": "effort",
    "dR_low": "ΔR low",
    "dR_high": "ΔR",
    "stores": "stores",
    "dSU_low": "ΔSU low",
    "dSU_high": "ΔSU",
    "caveat": "look at before",
}
PORTFOLIO_COLUMNS = {
    "step": "step",
    "fix": "fix",
    "title": "what to do",
    "effort_so_far": "effort so far",
    "gain": "gain",
    "R_low": "R left, low",
    "R_high": "R left",
    "SU_high": "SU left",
}
STABILITY_COLUMNS = {
    "rank": "rank",
    "label": "name",
    "value_low": "low",
    "value_high": "high",
    "order_stable": "order stable",
    "turned_by": "turned by",
    "dominates_next": "worse than the next in all",
}
WAYS_COLUMNS = {
    "rank": "rank",
    "entry_kind": "entry",
    "cost": "cost",
    "level": "access",
    "route": "way",
    "steps": "how",
}
SCORE_COLUMNS = {"score": "score", "meaning": "what it is", "before": "before", "after": "after", "change": "change"}


PACKAGE_COLUMNS = {
    "package": "package",
    "version": "version",
    "functions": "functions",
    "names": "which",
}

VULNERABILITY_COLUMNS = {
    "severity": "severity",
    "verdict": "verdict",
    "label": "function",
    "place": "what",
    "reason": "why",
    "weighed": "weighed",
}

_COLUMNS = {
    "blast": BLAST_COLUMNS,
    "blast detail": BLAST_DETAIL_COLUMNS,
    "choke points": CHOKE_COLUMNS,
    "compared": COMPARED_COLUMNS,
    "decisions": DECISION_COLUMNS,
    "deletable": DELETABLE_COLUMNS,
    "edges": EDGE_COLUMNS,
    "exposure": EXPOSURE_COLUMNS,
    "findings": FINDING_COLUMNS,
    "first": FIRST_COLUMNS,
    "fixes": FIX_COLUMNS,
    "functions": FUNCTION_COLUMNS,
    "glance": GLANCE_COLUMNS,
    "hops": HOP_COLUMNS,
    "left out": LEFT_OUT_COLUMNS,
    "nodes": NODE_COLUMNS,
    "ownership": OWNERSHIP_COLUMNS,
    "packages": PACKAGE_COLUMNS,
    "patching": PATCHING_COLUMNS,
    "paths": PATH_COLUMNS,
    "perimeter": LINE_COLUMNS,
    "perimeters": SUMMARY_COLUMNS,
    "portfolio": PORTFOLIO_COLUMNS,
    "scores": SCORE_COLUMNS,
    "stability": STABILITY_COLUMNS,
    "vulnerabilities": VULNERABILITY_COLUMNS,
    "wallet": WALLET_COLUMNS,
    "wallet accounts": WALLET_ACCOUNT_COLUMNS,
    "wallet functions": WALLET_FUNCTION_COLUMNS,
    "waivers": WAIVER_COLUMNS,
    "ways": WAYS_COLUMNS,
    "who uses": WHO_USES_COLUMNS,
}


def show(frame: pd.DataFrame, columns: str = "") -> Shown:
    """Return a table with the columns that a person reads first, under their short headings, and lists as text.

    A notebook shows it with its texts in full, and says why where it has no rows.

    Parameters
    ----------
    frame
        A table of the scores, of the graph or of the functions.
    columns
        Which: ``"blast"``, ``"blast detail"``, ``"choke points"``, ``"compared"``, ``"decisions"``, ``"deletable"``,
        ``"edges"``, ``"exposure"``, ``"findings"``, ``"first"``, ``"fixes"``, ``"functions"``, ``"glance"``,
        ``"hops"``, ``"left out"``, ``"nodes"``, ``"ownership"``, ``"packages"``, ``"patching"``, ``"paths"``,
        ``"perimeter"``, ``"perimeters"``, ``"portfolio"``, ``"scores"``, ``"stability"``, ``"vulnerabilities"``,
        ``"waivers"``, ``"wallet"``, ``"wallet accounts"``, ``"wallet functions"``, ``"ways"`` or ``"who uses"``; all
        that there are by default.

    Raises
    ------
    AuditkitError
        There is no such set of columns.
    """
    if columns and columns not in _COLUMNS:
        raise AuditkitError(f"there are no columns {columns!r}; there are: {', '.join(_COLUMNS)}")
    wanted = finding_columns(frame) if columns == "findings" else _COLUMNS.get(columns) or _named(frame)
    chosen = {name: heading for name, heading in wanted.items() if name in frame.columns}
    texts = frame[list(chosen)].map(lambda value: cell_text(value) if isinstance(value, tuple) else value)
    shown = Shown(texts.rename(columns=chosen))
    shown.attrs = dict(frame.attrs)
    return shown


def _named(frame: pd.DataFrame) -> dict[str, str]:
    return {name: name.replace("_", " ") for name in frame.columns}


def counts(inventory: Inventory) -> pd.DataFrame:
    """Return how many records there are of each kind: ``kind`` (str), ``records`` (int64), by kind."""
    rows = sorted(inventory.counts.items())
    return pd.DataFrame({"kind": [kind for kind, _ in rows], "records": [number for _, number in rows]})


def records(inventory: Inventory, kind: str) -> pd.DataFrame:
    """Return the records of one kind (:meth:`auditkit.inventory.Inventory.frame`).

    Raises
    ------
    AuditkitError
        There is no such kind; the message lists those of the inventory.
    """
    try:
        wanted = Kind(kind)
    except ValueError:
        there = ", ".join(inventory.kinds)
        raise AuditkitError(f"there is no kind {kind!r}; this inventory has: {there}") from None
    return inventory.frame(wanted)


def coverage(inventory: Inventory) -> pd.DataFrame:
    """Return every call with its state (:meth:`auditkit.inventory.Coverage.frame`)."""
    return inventory.coverage.frame()


def coverage_summary(inventory: Inventory) -> pd.DataFrame:
    """Return how many calls of each service and region are present, empty, denied or missing.

    Returns
    -------
    pandas.DataFrame
        ``account``, ``region``, ``service`` (str), then one int64 column per state, and ``incomplete`` (int64):
        responses that were cut off.
    """
    states = list(CoverageState)
    tally: dict[tuple[str, str, str], Counter[str]] = {}
    for call in inventory.coverage:
        line = tally.setdefault((call.account, call.region, call.service), Counter())
        line[call.state] += 1
        line["incomplete"] += not call.complete
    rows = [
        {"account": account, "region": region, "service": service}
        | {str(state): line[state] for state in states}
        | {"incomplete": line["incomplete"]}
        for (account, region, service), line in sorted(tally.items())
    ]
    return pd.DataFrame(rows, columns=["account", "region", "service", *map(str, states), "incomplete"])


def side_inputs(inventory: Inventory) -> pd.DataFrame:
    """Return which evidence was handed over beside the configuration (:meth:`auditkit.inventory.SideInputs.frame`)."""
    return inventory.side_inputs.frame()


def not_read(inventory: Inventory) -> pd.DataFrame:
    """Return what could not be read: ``file``, ``pointer``, ``reason`` (str)."""
    rows = [(entry.source.file, entry.source.pointer, entry.reason) for entry in inventory.not_read]
    return pd.DataFrame(rows, columns=["file", "pointer", "reason"], dtype=str)


def contradictions(inventory: Inventory) -> pd.DataFrame:
    """Return what sources disagree on: ``record``, ``field``, ``kept``, ``read in``, ``dropped``, ``also in`` (str)."""
    rows = [
        (entry.id, entry.field, entry.kept, str(entry.kept_source), entry.dropped, str(entry.dropped_source))
        for entry in inventory.contradictions
    ]
    return pd.DataFrame(rows, columns=["record", "field", "kept", "read in", "dropped", "also in"], dtype=str)


def nodes(graph: Graph) -> pd.DataFrame:
    """Return the nodes of a graph, one row each (:func:`auditkit.graph.nodes_frame`)."""
    return nodes_frame(graph)


def edges(graph: Graph, *, view: str | None = None) -> pd.DataFrame:
    """Return the edges of a graph, one row each; of one view, or of both, with the labels of their ends."""
    label = {node: str(data["label"] or node) for node, data in graph.nodes(data=True)}
    frame = edges_frame(graph)
    frame = frame.assign(origin_label=frame["origin"].map(label), target_label=frame["target"].map(label))
    return frame if view is None else frame[frame["view"] == view].reset_index(drop=True)


def with_routes(frame: pd.DataFrame, graph: Graph) -> pd.DataFrame:
    """Return paths with two columns that people read: ``route`` and ``weakest`` (str), by the nodes' labels.

    Parameters
    ----------
    frame
        As :func:`auditkit.score.transit` gives it.
    graph
        The graph it was computed on.
    """
    label = {node: str(data["label"] or node) for node, data in graph.nodes(data=True)}
    routes = [" → ".join(label[node] for node in nodes) for nodes in frame["nodes"]]
    ends = zip(frame["nodes"], frame["weakest_hop"], strict=True)
    weakest = [f"{label[nodes[place]]} → {label[nodes[place + 1]]}" for nodes, place in ends]
    return frame.assign(route=pd.Series(routes, dtype="str"), weakest=pd.Series(weakest, dtype="str"))
