"""Tables that people print: of an inventory, of a graph, and of the scores, as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from auditkit.areas import finding_columns
from auditkit.cells import cell_text
from auditkit.columns import COLUMNS
from auditkit.errors import AuditkitError
from auditkit.graph import Graph, edges_frame, nodes_frame
from auditkit.inventory import CoverageState, Inventory, Kind
from auditkit.names import names_of, with_names
from auditkit.shown import Shown

__all__ = [
    "blast_title",
    "contradictions",
    "counts",
    "coverage",
    "coverage_summary",
    "edges",
    "exposure_title",
    "nodes",
    "not_read",
    "records",
    "show",
    "side_inputs",
    "with_routes",
    "with_ways",
]


def show(frame: pd.DataFrame, columns: str = "", *, most: int | None = None, empty: str = "") -> Shown:
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
        ``"perimeter"``, ``"perimeters"``, ``"portfolio"``, ``"scores"``, ``"stability"``, ``"third parties"``,
        ``"vulnerabilities"``, ``"waivers"``, ``"wallet"``, ``"wallet accounts"``, ``"wallet functions"``, ``"ways"`` or
        ``"who uses"``; all that there are by default.
    most
        At most so many rows are shown, and how many there are; by default as pandas' ``display.max_rows`` says.

    empty
        What stands in place of a table without rows; by default its own reason.

    Raises
    ------
    AuditkitError
        There is no such set of columns.
    """
    if columns and columns not in COLUMNS:
        raise AuditkitError(f"there are no columns {columns!r}; there are: {', '.join(COLUMNS)}")
    wanted = finding_columns(frame) if columns == "findings" else COLUMNS.get(columns) or _named(frame)
    chosen = {name: heading for name, heading in wanted.items() if name in frame.columns}
    texts = with_names(frame, chosen)[list(chosen)].map(
        lambda value: cell_text(value) if isinstance(value, tuple) else value
    )
    shown = Shown(texts.rename(columns=chosen))
    shown.attrs = dict(frame.attrs) | ({} if most is None else {"most": most}) | ({"reason": empty} if empty else {})
    return shown


def _named(frame: pd.DataFrame) -> dict[str, str]:
    return {name: name.replace("_", " ") for name in frame.columns}


def counts(inventory: Inventory) -> pd.DataFrame:
    """Return how many records there are of each kind: ``kind`` (str), ``records`` (int64), by kind."""
    rows = inventory.counts.items()
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
    names = names_of(graph)
    frame = edges_frame(graph)
    frame = frame.assign(origin_label=frame["origin"].map(names), target_label=frame["target"].map(names))
    return frame if view is None else frame[frame["view"] == view].reset_index(drop=True)


def blast_title(row: Mapping[Hashable, Any]) -> str:
    """Return a row of :func:`auditkit.score.blast_radius` as a heading: its three numbers, low to high."""
    numbers = (
        f"{name} {cell_text(row[f'{column}_low'])} to {cell_text(row[f'{column}_high'])}"
        if row[f"{column}_low"] != row[f"{column}_high"]
        else f"{name} {cell_text(row[f'{column}_high'])}"
        for column, name in (("BR0", "BR₀"), ("BR", "BR"), ("BRmax", "BR max"))
    )
    missing = f"; not known: {cell_text(row['missing'])}" if row["missing"] else ""
    return f"{cell_text(row['label'])} ({cell_text(row['kind'])}): {', '.join(numbers)}{missing}"


def exposure_title(row: Mapping[Hashable, Any]) -> str:
    """Return a row of :func:`auditkit.score.exposure` as a heading: its numbers, and how many ways in there are."""
    low, high = cell_text(row["X_low"]), cell_text(row["X_high"])
    said = f"X {high}" if low == high else f"X {low} to {high}"
    if row["X_if_open"] != row["X_high"]:
        said = f"{said}, {cell_text(row['X_if_open'])} if all that is not known is open"
    what = f"{cell_text(row['label'])} ({cell_text(row['kind'])}, {cell_text(row['sensitivity'])})"
    ways = "1 way" if row["ways"] == 1 else f"{row['ways']} ways"
    return f"{what}: {said}; {ways} in from outside that share no edge"


def with_routes(frame: pd.DataFrame, graph: Graph) -> pd.DataFrame:
    """Return paths with two columns that people read: ``route`` and ``weakest`` (str), by the nodes' names.

    Parameters
    ----------
    frame
        As :func:`auditkit.score.transit` gives it.
    graph
        The graph it was computed on.
    """
    names = names_of(graph)
    routes = [" → ".join(names[node] for node in nodes) for nodes in frame["nodes"]]
    ends = zip(frame["nodes"], frame["weakest_hop"], strict=True)
    weakest = [f"{names[nodes[place]]} → {names[nodes[place + 1]]}" for nodes, place in ends]
    return frame.assign(route=pd.Series(routes, dtype="str"), weakest=pd.Series(weakest, dtype="str"))


def with_ways(frame: pd.DataFrame, graph: Graph) -> pd.DataFrame:
    """Return stores with a column that people read: ``way`` (str), node by node and what each step is.

    Parameters
    ----------
    frame
        With the columns ``path`` and ``steps``, as :func:`auditkit.score.blast_radius_detail` and
        :func:`auditkit.score.exposure` give it.
    graph
        The graph it was computed on.
    """
    names = names_of(graph)
    ways = [
        "".join(
            [
                *(f"{names[node]} → [{step}] → " for node, step in zip(path, steps, strict=False)),
                *(names[node] for node in path[-1:]),
            ]
        )
        for path, steps in zip(frame["path"], frame["steps"], strict=True)
    ]
    out = frame.assign(way=pd.Series(ways, index=frame.index, dtype="str"))
    out.attrs = dict(frame.attrs)
    return out
