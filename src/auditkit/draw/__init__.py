"""Pictures: data-flow diagrams, blast radius, paths and matrices; legible on paper, safe for the colour-blind."""

from auditkit.draw._dot import MAX_NODES, Picture
from auditkit.draw._figure import figure_svg, picture_html, save_figure
from auditkit.draw._sketch import Sketch, sketch_from_graph
from auditkit.draw._style import Chip
from auditkit.draw.blast import Reached, plot_blast_radius, plot_reached
from auditkit.draw.dataflow import WEAK, plot_dataflow
from auditkit.draw.glance import plot_glance
from auditkit.draw.heat import plot_matrix
from auditkit.draw.overview import groups_from_graph, plot_overview
from auditkit.draw.strip import PathHop, PathStop, plot_path, plot_stops, plot_witness
from auditkit.draw.wallet import plot_wallet

__all__ = [
    "MAX_NODES",
    "WEAK",
    "Chip",
    "PathHop",
    "PathStop",
    "Picture",
    "Reached",
    "Sketch",
    "figure_svg",
    "groups_from_graph",
    "picture_html",
    "plot_blast_radius",
    "plot_dataflow",
    "plot_glance",
    "plot_matrix",
    "plot_overview",
    "plot_path",
    "plot_reached",
    "plot_stops",
    "plot_wallet",
    "plot_witness",
    "save_figure",
    "sketch_from_graph",
]
