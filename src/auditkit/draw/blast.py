"""The blast radius of one function as rings: what falls at once is inside, what takes more steps further out."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import msgspec
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from auditkit.draw._figure import INK, MUTED, axes_or_new, plain, save_figure
from auditkit.draw._style import SENSITIVITY_CHIP, chip, shorten
from auditkit.errors import DrawError
from auditkit.graph.schema import Graph, Sensitivity
from auditkit.inventory import Kind

__all__ = ["Reached", "plot_blast_radius", "plot_reached"]

_MAX_COST = 4
_MARKERS = {
    Sensitivity.RESTRICTED: "D",
    Sensitivity.CONFIDENTIAL: "s",
    Sensitivity.INTERNAL: "o",
    Sensitivity.PUBLIC: "^",
    Sensitivity.UNKNOWN: "X",
}
_RINGS = ("held", "1 step", "2 steps", "3 steps", "4 and more")


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """A store that a blast radius covers, as it is drawn.

    Attributes
    ----------
    store, label, kind
        Node id, name and kind of the store.
    sensitivity
        Its classification.
    cost
        Steps to it, 0 and up.
    contribution
        What it adds to the blast radius.
    levels
        Access levels gained, for the label.
    """

    store: str
    label: str
    kind: Kind
    sensitivity: Sensitivity
    cost: float
    contribution: float
    levels: tuple[str, ...] = ()


def plot_blast_radius(
    graph: Graph,
    node: str,
    detail: pd.DataFrame,
    *,
    limit: int = 26,
    ax: Axes | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> tuple[Figure, Axes]:
    """Draw what falls with a node.

    Parameters
    ----------
    graph
        The graph that the node is in.
    node
        Id of the node.
    detail
        :func:`auditkit.score.blast_radius_detail` of it.
    limit
        At most so many stores are drawn, those that contribute most; the rest are counted in the picture.
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
        The node is not in the graph.
    """
    if node not in graph:
        raise DrawError(f"{node!r} is not a node of the graph")
    reached = [
        Reached(
            store=row["store"],
            label=row["label"],
            kind=Kind(row["kind"]),
            sensitivity=Sensitivity(row["sensitivity"]),
            cost=min(row["costs"]),
            contribution=row["contribution_high"],
            levels=tuple(row["levels"]),
        )
        for row in detail.to_dict("records")
    ]
    low, high = detail["contribution_low"].sum(), detail["contribution_high"].sum()
    score = f"BR {high:.2f}" if low == high else f"BR {low:.2f} to {high:.2f}"
    label = str(graph.nodes[node]["label"] or node)
    return plot_reached(label, reached, score=score, limit=limit, ax=ax, filepath=filepath)


def plot_reached(
    name: str,
    reached: Sequence[Reached],
    *,
    score: str = "",
    limit: int = 26,
    ax: Axes | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> tuple[Figure, Axes]:
    """Draw stores on rings around a name.

    Parameters
    ----------
    name
        Name of the function, drawn in the middle.
    reached
        The stores it reaches.
    score
        The blast radius in words, drawn below the name (``"BR 14.2 (9.0 to 21.5)"``).
    limit
        At most so many stores are drawn, those that contribute most; the rest are counted in the picture.
    ax
        Axes to draw on; a new figure by default.
    filepath
        Where to save; the suffix gives the format (.svg, .png, .pdf).

    Returns
    -------
    tuple of Figure and Axes
    """
    drawn = sorted(reached, key=lambda item: (-item.contribution, item.cost, item.store))[:limit]
    drawn = sorted(drawn, key=lambda item: (str(item.kind), item.cost, item.store))
    height = max(5.2, 0.36 * (len(drawn) / 2 + 2))
    figure, axes = axes_or_new(ax, size=(9.2, height))
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_xlim(-2.85, 2.85)
    axes.set_ylim(-1.45, 1.5)
    _draw_rings(axes)
    places = _places(drawn)
    for item, (angle, label_y) in zip(drawn, places, strict=True):
        _draw_store(axes, item, angle, label_y)
    _draw_centre(axes, name)
    left_out = len(reached) - len(drawn)
    count = f"{len(reached)} {'store' if len(reached) == 1 else 'stores'}"
    if left_out:
        count += f", {left_out} that add least are not drawn"
    axes.set_title(
        f"Blast radius of {plain(shorten(name, 40))}\n", loc="left", fontsize=12, fontweight="bold", color=INK, x=0.0
    )
    axes.text(-2.85, 1.5, "  ·  ".join(part for part in (score, count) if part), fontsize=8.5, color=MUTED, va="bottom")
    _draw_legend(axes, drawn)
    if filepath is not None:
        save_figure(figure, filepath)
    return figure, axes


def _radius(cost: float) -> float:
    return 0.52 + 0.15 * min(max(cost, 0), _MAX_COST)


def _draw_rings(axes: Axes) -> None:
    from matplotlib.patches import Circle  # noqa: PLC0415 -- keeps the import of auditkit.draw light

    for cost in range(_MAX_COST, -1, -1):
        shade = 0.99 - 0.018 * (_MAX_COST - cost)
        radius = _radius(cost) + 0.08
        axes.add_patch(
            Circle((0, 0), radius, facecolor=(shade, shade, 1 - (1 - shade) * 0.6), edgecolor="#c3ccd3", lw=0.8)
        )
        axes.text(0, radius - 0.02, _RINGS[cost], fontsize=5.5, color=MUTED, ha="center", va="top")


def _draw_centre(axes: Axes, name: str) -> None:
    box = {"boxstyle": "round,pad=0.35", "facecolor": chip(Kind.FUNCTION).colour, "edgecolor": "none"}
    axes.text(0, 0, plain(shorten(name, 24)), color="white", fontsize=8.5, ha="center", va="center", bbox=box, zorder=5)


def _places(drawn: Sequence[Reached]) -> list[tuple[float, float]]:
    """Return an angle for each store and a height for its label: the right half from the top, then the left upwards."""
    half = math.ceil(len(drawn) / 2)
    places: list[tuple[float, float]] = []
    for index in range(len(drawn)):
        right = index < half
        row = index if right else index - half
        rows = half if right else len(drawn) - half
        share = (row + 0.5) / rows
        angle = math.pi / 2 - share * math.pi if right else -math.pi / 2 - share * math.pi
        spread = 1.28 if rows > 1 else 0.0
        height = spread - 2 * spread * share if right else -spread + 2 * spread * share
        places.append((angle, height))
    return places


def _draw_store(axes: Axes, item: Reached, angle: float, label_y: float) -> None:
    radius = _radius(item.cost)
    x, y = radius * math.cos(angle), radius * math.sin(angle)
    side = 1 if math.cos(angle) >= 0 else -1
    colour = SENSITIVITY_CHIP[item.sensitivity].colour
    axes.plot([0, x], [0, y], color="#b9c4cc", lw=0.7, zorder=1)
    axes.plot([x, side * 1.33, side * 1.41], [y, label_y, label_y], color="#c9d1d7", lw=0.6, zorder=1)
    size = 24 + 110 * math.sqrt(max(item.contribution, 0) / 9)
    axes.scatter([x], [y], s=size, marker=_MARKERS[item.sensitivity], color=colour, edgecolor="white", lw=0.8, zorder=3)
    levels = f"  {', '.join(item.levels)}" if item.levels else ""
    axes.text(
        side * 1.44, label_y, plain(shorten(item.label, 34)), fontsize=7.5, color=INK, va="bottom",
        ha="left" if side > 0 else "right",
    )  # fmt: skip
    axes.text(
        side * 1.44, label_y, f"{item.kind}{levels}  +{item.contribution:.2f}", fontsize=6, color=MUTED, va="top",
        ha="left" if side > 0 else "right",
    )  # fmt: skip


def _draw_legend(axes: Axes, drawn: Sequence[Reached]) -> None:
    levels = {item.sensitivity for item in drawn}
    handles = [
        Line2D([], [], ls="", marker=_MARKERS[level], color=sign.colour, label=sign.meaning)
        for level, sign in SENSITIVITY_CHIP.items()
        if level in levels
    ]
    if handles:
        axes.legend(
            handles=handles, loc="lower center", bbox_to_anchor=(0.5, -0.04), ncols=len(handles), frameon=False,
            fontsize=7.5, labelcolor=MUTED,
        )  # fmt: skip
