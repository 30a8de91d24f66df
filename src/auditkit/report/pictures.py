"""Pictures of a report: drawn from tables, computed elsewhere."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Chart

from auditkit import draw
from auditkit.graph.schema import Graph
from auditkit.report.model import Figure

__all__ = ["chart_figure", "diagram_figure", "path_figure"]


def diagram_figure(name: str, title: str, picture: draw.Picture) -> Figure:
    """Return a diagram as a figure of a report, with its PNG and SVG files."""
    files = {f".{form}": picture.render(form) for form in ("png", "svg")}
    return Figure(name=name, title=title, svg=picture.svg, caption=picture.caption, files=files)


def chart_figure(name: str, title: str, chart: Chart, *, caption: str = "") -> Figure:
    """Return a chart as a figure of a report, with its PNG and SVG files."""
    svg = draw.figure_svg(chart)
    png = BytesIO()
    draw.save_figure(chart, png, form="png")
    return Figure(
        name=name, title=title, svg=svg, caption=caption, files={".png": png.getvalue(), ".svg": svg.encode()}
    )


def path_figure(name: str, graph: Graph, path: pd.Series[Any], hops: pd.DataFrame) -> Figure:
    """Return one data-in-transit path as a figure (:func:`auditkit.draw.plot_path`)."""
    chart, _ = draw.plot_path(graph, path, hops)
    title = f"Path {path['rank']}: {path['start_label']} to {path['end_label']}"
    return chart_figure(name, title, chart, caption="The bar under a hop is as long as its W, coloured by factor.")
