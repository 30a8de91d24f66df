"""Functions and stores as a heat map: which function's fall costs which store."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from auditkit.draw._figure import INK, MUTED, axes_or_new, plain, save_figure
from auditkit.draw._style import shorten

__all__ = ["plot_matrix"]

_BLUES = LinearSegmentedColormap.from_list("blues", colormaps["Blues"](np.linspace(0.2, 1, 128)))
"""Blues from where they can be told from an empty cell."""


def plot_matrix(
    matrix: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    limit: int = 40,
    title: str = "Functions and the stores that fall with them",
    ax: Axes | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> tuple[Figure, Axes]:
    """Draw the contributions of stores to the blast radii of functions.

    Parameters
    ----------
    matrix
        float64, one row per function, one column per store, as :func:`auditkit.score.matrix` gives it.
    labels
        What to print for a row or column; its own name by default.
    limit
        At most so many rows and columns, those with the largest sums.
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
    by_row, by_column = matrix.attrs.get("sums") or (dict(matrix.sum(axis=1)), dict(matrix.sum(axis=0)))
    rows, columns = _largest(by_row, limit), _largest(by_column, limit)
    shown = matrix.loc[rows, columns].copy()
    size = (max(4.5, 0.24 * len(columns) + 3.4), max(2.6, 0.2 * len(rows) + 2.4))
    figure, axes = axes_or_new(ax, size=size)
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK, pad=12)
    if shown.empty:
        axes.set_axis_off()
        axes.text(0, 0.5, "No function reaches a store.", color=MUTED, transform=axes.transAxes)
    else:
        names = labels or {}
        shown.index = [names.get(str(name), str(name)) for name in shown.index]
        shown.columns = [names.get(str(name), str(name)) for name in shown.columns]
        _draw_cells(figure, axes, shown)
    before = matrix.attrs.get("left_out", (0, 0))
    left_out = before[0] + len(matrix.index) - len(rows), before[1] + len(matrix.columns) - len(columns)
    if any(left_out):
        note = f"{left_out[0]} functions and {left_out[1]} stores with smaller sums are not drawn."
        axes.set_xlabel(note, loc="left", fontsize=7.5, color=MUTED, labelpad=8)
    if filepath is not None:
        save_figure(figure, filepath)
    return figure, axes


def _largest(sums: Mapping[Hashable, float], limit: int) -> list[str]:
    positive = [(-float(value), str(name)) for name, value in sums.items() if value > 0]
    return [name for _, name in sorted(positive)[:limit]]


def _draw_cells(figure: Figure, axes: Axes, shown: pd.DataFrame) -> None:
    values = shown.to_numpy(dtype=np.float64)
    axes.set_facecolor("#f4f6f8")
    image = axes.pcolormesh(np.ma.masked_equal(values, 0), cmap=_BLUES, vmin=0, edgecolors="white", linewidth=0.5)
    axes.invert_yaxis()
    axes.set_xticks(
        np.arange(values.shape[1]) + 0.5, [plain(shorten(str(name), 30)) for name in shown.columns], rotation=90
    )
    axes.set_yticks(np.arange(values.shape[0]) + 0.5, [plain(shorten(str(name), 34)) for name in shown.index])
    axes.tick_params(length=0, labelsize=7, colors=INK)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, fraction=0.03, pad=0.02)
    bar.set_label("added to the blast radius", fontsize=7.5, color=MUTED)
    bar.ax.tick_params(labelsize=7, colors=MUTED)
    bar.outline.set_visible(False)
