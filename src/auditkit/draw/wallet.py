"""What floods can cost, as a picture: a bar for each entry, as far as limits hold and as far as is not known."""

from __future__ import annotations

import math
import os

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from auditkit.draw._figure import INK, MUTED, axes_or_new, plain, save_figure

__all__ = ["plot_wallet"]

_SURE, _OPEN = "#2f6f9f", "#b9c4cc"
_LEAST = 0.01
"""US dollars an hour at which the axis begins."""
_LONG = 44


def plot_wallet(
    wallet: pd.DataFrame,
    *,
    count: int = 20,
    title: str = "What a flood can cost an hour",
    ax: Axes | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> tuple[Figure, Axes]:
    """Draw what flooding entries can cost, from the low to the high end of the upper bound.

    Parameters
    ----------
    wallet
        One row per entry, as :func:`auditkit.wallet` gives it; those by function can be drawn as well.
    count
        At most so many, the first ones.
    title
        Heading.
    ax
        Axes to draw on; a new figure by default.
    filepath
        Where to save; the suffix gives the format (.svg, .png, .pdf).

    Returns
    -------
    tuple of Figure and Axes
        The axis is logarithmic, in US dollars an hour. An arrow stands where nothing that was seen limits the cost.
    """
    shown = wallet.head(count)
    figure, axes = axes_or_new(ax, size=(9.4, 0.34 * max(len(shown), 1) + 1.5))
    rows = shown.to_dict("records")
    finite = [float(row[end]) for row in rows for end in ("low", "high") if math.isfinite(float(row[end]))]
    furthest = max([*finite, 10.0]) * 6
    for place, row in enumerate(rows):
        _bar(axes, place, float(row["low"]), float(row["high"]), furthest)
    axes.set_xscale("log")
    axes.set_xlim(_LEAST, furthest * 1.1)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [_name(row) for row in rows])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda usd, _: f"{usd:,.2f}" if usd < 1 else f"{usd:,.0f}"))
    axes.set_xlabel(
        "US dollars an hour (logarithmic); an arrow: no limit is known", fontsize=8, color=MUTED, loc="left"
    )
    axes.tick_params(length=0, labelsize=8, colors=INK)
    axes.grid(axis="x", color="#e6eaed", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#c9d0d6")
    _explain(axes)
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK, pad=24)
    if filepath is not None:
        save_figure(figure, filepath)
    return figure, axes


def _bar(axes: Axes, place: int, low: float, high: float, furthest: float) -> None:
    start, end = max(low, _LEAST), max(high, _LEAST)
    axes.plot([_LEAST, min(start, furthest)], [place, place], color=_SURE, linewidth=7, solid_capstyle="butt")
    axes.plot([min(start, furthest), min(end, furthest)], [place] * 2, color=_OPEN, linewidth=7, solid_capstyle="butt")
    if math.isinf(high):
        axes.plot([furthest], [place], marker=">", color=_SURE if math.isinf(low) else "#8a8f94", markersize=8)


def _name(row: dict[object, object]) -> str:
    name = str(row["label"])
    text = name if len(name) <= _LONG else name[: _LONG - 1] + "…"
    return plain(f"{text} ({row['entry']})" if "entry" in row else text)


def _explain(axes: Axes) -> None:
    for colour, label in ((_SURE, "at the low end of what is not known"), (_OPEN, "up to the high end")):
        axes.plot([], [], color=colour, linewidth=7, label=label)
    legend = axes.legend(ncols=2, loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=8, handlelength=1)
    for text in legend.get_texts():
        text.set_color(INK)
