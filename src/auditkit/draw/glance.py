"""The nine areas at a glance, as a picture: how each stands, and how much was found in it."""

from __future__ import annotations

import os

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from auditkit.draw._figure import INK, MUTED, axes_or_new, plain, save_figure

__all__ = ["plot_glance"]

_SEVERITIES = {"critical": "#7b1e3a", "high": "#c8553d", "medium": "#e3a857", "low": "#b9c4cc", "info": "#dfe5e9"}
"""Colours that differ in lightness as well, so that they can be told apart without colour."""
_STANDINGS = {"better": "#2f6f9f", "as before": "#5a6670", "worse": "#a63a2b", "unknown": "#8a8f94"}
_MARKS = {"better": "▲", "as before": "■", "worse": "▼", "unknown": "?"}


def plot_glance(
    glance: pd.DataFrame,
    *,
    title: str = "The nine areas at a glance",
    ax: Axes | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> tuple[Figure, Axes]:
    """Draw how the nine areas stand.

    Parameters
    ----------
    glance
        One row per area, as :func:`auditkit.areas.glance` gives it.
    title
        Heading.
    ax
        Axes to draw on; a new figure by default.
    filepath
        Where to save; the suffix gives the format (.svg, .png, .pdf).

    Returns
    -------
    tuple of Figure and Axes
    """
    figure, axes = axes_or_new(ax, size=(8.6, 0.5 * max(len(glance), 1) + 1.5))
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK, pad=22, x=-0.66)
    places = list(range(len(glance)))
    left = [0.0] * len(glance)
    for severity, colour in _SEVERITIES.items():
        counts = [float(count) for count in glance[severity]] if severity in glance else [0.0] * len(glance)
        axes.barh(places, counts, left=left, height=0.56, color=colour, edgecolor="white", label=severity)
        left = [start + count for start, count in zip(left, counts, strict=True)]
    furthest = max([*left, 1.0])
    for place, row in zip(places, glance.to_dict("records"), strict=True):
        _row(axes, place, {str(key): value for key, value in row.items()}, left[place], furthest)
    axes.set_yticks(places, [""] * len(glance))
    axes.set_xlim(0, furthest * 1.3)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(len(glance) - 0.4, -0.6)
    axes.set_xlabel("failures and warnings by severity", fontsize=8, color=MUTED, loc="left")
    axes.tick_params(length=0, labelsize=8, colors=MUTED)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#c9d0d6")
    legend = axes.legend(ncols=5, loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=8, handlelength=1)
    for text in legend.get_texts():
        text.set_color(INK)
    figure.subplots_adjust(left=0.41, right=0.97, top=0.82, bottom=0.12)
    if filepath is not None:
        save_figure(figure, filepath)
    return figure, axes


def _row(axes: Axes, place: int, row: dict[str, object], end: float, furthest: float) -> None:
    standing = str(row["standing"])
    colour = _STANDINGS.get(standing, MUTED)
    across = axes.get_yaxis_transform()
    axes.text(-0.66, place, plain(str(row["title"])), transform=across, va="center", fontsize=9, color=INK)
    mark = f"{_MARKS.get(standing, '')} {standing}"
    axes.text(-0.02, place, mark, transform=across, va="center", ha="right", fontsize=9, color=colour, weight="bold")
    unknown = f"{row['unknown']} not known" if row["unknown"] else ""
    axes.text(end + furthest * 0.015, place, unknown, va="center", fontsize=7.5, color=MUTED)
