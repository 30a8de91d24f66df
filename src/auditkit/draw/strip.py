"""One data-in-transit path as a strip: its nodes in a row, each hop with its weakness, the weakest marked."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from auditkit.draw._figure import INK, MUTED, axes_or_new, plain, save_figure
from auditkit.draw._style import SENSITIVITY_CHIP, chip, shorten, wrap
from auditkit.errors import DrawError
from auditkit.graph.schema import Graph, Sensitivity
from auditkit.inventory import Kind

__all__ = ["PathHop", "PathStop", "plot_path", "plot_stops", "plot_witness"]

_FACTOR_COLOURS = {
    "authentication": "#0072b2",
    "encryption": "#d55e00",
    "third_party": "#cc79a7",
    "peer": "#8a6d00",
    "validation": "#009e73",
    "network": "#56788c",
}
"""Okabe and Ito's colours, two of them darkened for white paper."""
_WEAKEST = "#c0202a"
_PER_ROW = 5
_STEP, _WIDTH, _ROW = 3.3, 1.95, 1.75


class PathStop(msgspec.Struct, frozen=True, kw_only=True):
    """A node on a path, as it is drawn: its name, kind, sensitivity, and the boundary it lies in."""

    label: str
    kind: Kind
    boundary: str = ""
    sensitivity: Sensitivity | None = None


class PathHop(msgspec.Struct, frozen=True, kw_only=True):
    """A hop of a path, as it is drawn.

    Attributes
    ----------
    label
        A few words on what moves.
    weakness
        W in [0, 1]; ``None`` where the hop is a step of an attacker and no weakness is drawn.
    shares
        Factor -> its share of the hop's weakness, in per cent.
    """

    label: str
    weakness: float | None = None
    shares: Mapping[str, float] = {}


def plot_path(
    graph: Graph,
    path: Mapping[str, Any] | pd.Series[Any],
    hops: pd.DataFrame,
    *,
    ax: Axes | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> tuple[Figure, Axes]:
    """Draw one data-in-transit path with its weakest hop.

    Parameters
    ----------
    graph
        The graph that the path is in.
    path
        A row of :func:`auditkit.score.transit`.
    hops
        :func:`auditkit.score.hops` of the same graph: the shares of the factors.
    ax
        Axes to draw on; a new figure by default.
    filepath
        Where to save; the suffix gives the format (.svg, .png, .pdf).

    Returns
    -------
    tuple of Figure and Axes

    Raises
    ------
    DrawError
        A hop of the path is not in ``hops``.
    """
    ends = zip(hops["from"], hops["to"], hops["key"], strict=True)
    rows = {edge: place for place, edge in enumerate(ends)}
    steps = []
    for edge, weakness in zip(path["edges"], path["hop_W"], strict=True):
        if tuple(edge) not in rows:
            raise DrawError(f"the hop {edge[0]} -> {edge[1]} is not in the table of hops: computed on another graph?")
        row = hops.iloc[rows[tuple(edge)]]
        shares = {name.removesuffix("_share"): float(row[name]) for name in hops.columns if name.endswith("_share")}
        steps.append(PathHop(label=str(row["label"] or row["kind"]), weakness=float(weakness), shares=shares))
    subtitle = (
        f"S {path['S_high']:g}  ·  U {path['U_high']:.2f}  ·  T {path['T_high']:.2f}  ·  "
        f"S·U {path['SU_high']:.2f}  ·  {path['hops']} {'hop' if path['hops'] == 1 else 'hops'}"
    )
    title = f"Path {path['rank']}: {path['start_label']} to {path['end_label']}"
    stops = [_stop(graph, node) for node in path["nodes"]]
    return plot_stops(stops, steps, title=title, subtitle=subtitle, ax=ax, filepath=filepath)


def plot_witness(
    graph: Graph,
    nodes: Sequence[str],
    *,
    title: str = "Witness path",
    subtitle: str = "",
    ax: Axes | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> tuple[Figure, Axes]:
    """Draw a witness path of a finding: how one gets from node to node.

    Parameters
    ----------
    graph
        The graph that the path is in.
    nodes
        Ids of its nodes, in order; at least one.
    title, subtitle
        Headings.
    ax
        Axes to draw on; a new figure by default.
    filepath
        Where to save; the suffix gives the format (.svg, .png, .pdf).

    Returns
    -------
    tuple of Figure and Axes

    Raises
    ------
    DrawError
        There is no node, or one is not in the graph.
    """
    strange = [node for node in nodes if node not in graph]
    if strange or not nodes:
        raise DrawError(f"not in the graph: {', '.join(map(plain, strange))}" if strange else "a path without a node")
    steps = [PathHop(label=_step(graph, *pair)) for pair in itertools.pairwise(nodes)]
    stops = [_stop(graph, node) for node in nodes]
    return plot_stops(stops, steps, title=title, subtitle=subtitle, ax=ax, filepath=filepath)


def _step(graph: Graph, origin: str, target: str) -> str:
    """Return in a word how one gets from a node to the next: the kind of the cheapest edge between them."""
    edges = graph.get_edge_data(origin, target) or {}
    best = min(edges.items(), key=lambda edge: (edge[1]["cost"], str(edge[0])), default=None)
    return "" if best is None else str(best[1]["kind"])


def _stop(graph: Graph, node: str) -> PathStop:
    data = graph.nodes[node]
    boundary = data["boundary"]
    outside = boundary.kind in {"internet", "third party"}
    place = "" if outside else " ".join(part for part in (boundary.id or boundary.label, data["region"]) if part)
    return PathStop(
        label=str(data["label"] or node), kind=data["kind"], boundary=place, sensitivity=data["sensitivity"]
    )


def plot_stops(
    stops: Sequence[PathStop],
    hops: Sequence[PathHop],
    *,
    title: str = "Data-in-transit path",
    subtitle: str = "",
    ax: Axes | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> tuple[Figure, Axes]:
    """Draw a chain of stops with the weakest hop between them marked.

    Parameters
    ----------
    stops
        Nodes of the path, in order; at least one.
    hops
        Hops between them, one fewer.
    title, subtitle
        Headings (``subtitle``: sensitivity, U, T).
    ax
        Axes to draw on; a new figure by default.
    filepath
        Where to save; the suffix gives the format (.svg, .png, .pdf).

    Returns
    -------
    tuple of Figure and Axes

    Raises
    ------
    DrawError
        The number of hops does not fit the number of stops.
    """
    if len(hops) != len(stops) - 1:
        raise DrawError(f"a path of {len(stops)} nodes has {len(stops) - 1} hops, not {len(hops)}")
    rows = -(-len(stops) // _PER_ROW)
    columns = min(len(stops), _PER_ROW)
    width = max(columns * _STEP - (0 if rows > 1 else _STEP - _WIDTH), 6.5)
    figure, axes = axes_or_new(ax, size=(width * 0.72 + 0.6, (rows * _ROW + 1.1) * 0.78))
    axes.set_axis_off()
    axes.set_xlim(-0.4 if rows > 1 else -0.15, width + 0.15)
    axes.set_ylim(-(rows - 1) * _ROW - 1.05, 1.15)
    axes.text(0, 1.0, plain(title), fontsize=12, fontweight="bold", color=INK, va="bottom")
    axes.text(0, 0.92, plain(subtitle), fontsize=8.5, color=MUTED, va="top")
    weakest = max(range(len(hops)), key=lambda index: (hops[index].weakness or 0.0, -index)) if hops else -1
    for index, stop in enumerate(stops):
        _draw_stop(axes, stop, *_place(index))
    for index, hop in enumerate(hops):
        _draw_hop(axes, hop, index, weakest=index == weakest and (hop.weakness or 0.0) > 0)
    _draw_legend(axes, hops, -(rows - 1) * _ROW - 1.0)
    if filepath is not None:
        save_figure(figure, filepath)
    return figure, axes


def _place(index: int) -> tuple[float, float]:
    """Return the left edge and the middle of the box of the node at an index: row by row, left to right."""
    return (index % _PER_ROW) * _STEP, -(index // _PER_ROW) * _ROW


def _draw_stop(axes: Axes, stop: PathStop, x: float, y: float) -> None:
    sign = chip(stop.kind)
    frame = FancyBboxPatch(
        (x, y - 0.36),
        _WIDTH,
        0.72,
        boxstyle="round,pad=0,rounding_size=0.09",
        facecolor="white",
        edgecolor=sign.colour,
        lw=1.2,
    )
    axes.add_patch(frame)
    axes.text(
        x + 0.05, y + 0.36, sign.text, fontsize=6.5, color="white", va="center", zorder=4,
        bbox={"boxstyle": "round,pad=0.22", "facecolor": sign.colour, "edgecolor": "none"},
    )  # fmt: skip
    if stop.sensitivity is not None:
        level = SENSITIVITY_CHIP[stop.sensitivity]
        axes.text(
            x + _WIDTH - 0.05, y + 0.36, level.meaning, fontsize=6, color="white", va="center", ha="right", zorder=4,
            bbox={"boxstyle": "round,pad=0.22", "facecolor": level.colour, "edgecolor": "none"},
        )  # fmt: skip
    axes.text(
        x + _WIDTH / 2,
        y - 0.02,
        plain("\n".join(wrap(stop.label, 17, 3))),
        fontsize=7.5,
        color=INK,
        ha="center",
        va="center",
    )
    axes.text(
        x + _WIDTH / 2, y - 0.42, plain(shorten(stop.boundary, 30)), fontsize=5.5, color=MUTED, ha="center", va="top"
    )


def _draw_hop(axes: Axes, hop: PathHop, index: int, *, weakest: bool) -> None:
    x, y = _place(index)
    after_x, after_y = _place(index + 1)
    colour = _WEAKEST if weakest else "#7d8b95"
    arrow = {"arrowstyle": "-|>", "color": colour, "lw": 2.2 if weakest else 1.2, "shrinkA": 0, "shrinkB": 0}
    start, end = x + _WIDTH + 0.04, after_x - 0.04
    middle = (start + x + _STEP - 0.04) / 2
    if after_y == y:
        axes.annotate("", (end, y), (start, y), arrowprops=arrow)
    else:
        corner = x + _STEP + 0.02
        turn = y - _ROW / 2 - 0.02
        axes.plot(
            [start, corner, corner, -0.35, -0.35],
            [y, y, turn, turn, after_y],
            color=colour,
            lw=arrow["lw"],
            clip_on=False,
        )
        axes.annotate("", (end, after_y), (-0.35, after_y), arrowprops=arrow)
    axes.text(
        middle,
        y + 0.1,
        plain("\n".join(wrap(hop.label, 11, 2))),
        fontsize=6.5,
        color=MUTED,
        ha="center",
        va="bottom",
        linespacing=0.95,
    )
    if hop.weakness is not None:
        _draw_weakness(axes, hop.weakness, hop.shares, middle, y, colour=colour if weakest else INK, weakest=weakest)


def _draw_weakness(
    axes: Axes, weakness: float, shares: Mapping[str, float], x: float, y: float, *, colour: str, weakest: bool
) -> None:
    weight = "bold" if weakest else "normal"
    axes.text(x, y - 0.09, f"W {weakness:.2f}", fontsize=8, color=colour, ha="center", va="top", fontweight=weight)
    _draw_shares(axes, weakness, shares, x, y - 0.36)
    if weakest:
        axes.text(x, y - 0.5, "weakest hop", fontsize=7, color=_WEAKEST, ha="center", va="top", fontweight="bold")


def _draw_shares(axes: Axes, weakness: float, shares: Mapping[str, float], middle: float, y: float) -> None:
    """Draw the factors' shares as a bar whose length is the hop's weakness."""
    whole = (_STEP - _WIDTH - 0.25) * weakness
    x = middle - (_STEP - _WIDTH - 0.25) / 2
    axes.add_patch(Rectangle((x, y), _STEP - _WIDTH - 0.25, 0.09, facecolor="#e8edf0", edgecolor="none"))
    for factor, colour in _FACTOR_COLOURS.items():
        part = whole * shares.get(factor, 0.0) / 100
        axes.add_patch(Rectangle((x, y), part, 0.09, facecolor=colour, edgecolor="none"))
        x += part


def _draw_legend(axes: Axes, hops: Sequence[PathHop], y: float) -> None:
    used = [factor for factor in _FACTOR_COLOURS if any(hop.shares.get(factor, 0) > 0 for hop in hops)]
    x = 0.0
    for factor in used:
        axes.add_patch(Rectangle((x, y), 0.12, 0.12, facecolor=_FACTOR_COLOURS[factor], edgecolor="none"))
        axes.text(x + 0.18, y + 0.06, factor.replace("_", " "), fontsize=7, color=MUTED, va="center")
        x += 0.45 + 0.095 * len(factor)
