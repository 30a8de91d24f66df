"""Data-flow diagrams with trust boundaries."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

import pygraphviz

from auditkit.draw._dot import MAX_NODES, Picture, arrow_label, box, new_graph, text, tip
from auditkit.draw._sketch import QUIET, EdgeId, Sketch, SketchEdge, SketchNode, sketch_from_graph
from auditkit.draw._style import LANES, SENSITIVITY_CHIP, Chip, Family, chip, family, wrap
from auditkit.errors import DrawError
from auditkit.graph.schema import INTERNET, Boundary, EntryKind, Evidence, Graph, Sensitivity
from auditkit.inventory import Kind

__all__ = ["plot_dataflow"]

WEAK = 0.5
"""Hop weakness from which an arrow is drawn as weak."""

_WEAK_COLOUR = "#c0202a"
_MAYBE_COLOUR = "#a06a00"
_FOREIGN_COLOUR = "#5e3c99"
_LANE_ORDER = tuple(LANES)
_NAMED = 5
"""Nodes in the middle of a picture that its caption names."""


def plot_dataflow(
    graph: Graph,
    *,
    focus: str | Iterable[str] | None = None,
    hops: int = 2,
    weakness: Mapping[EdgeId, tuple[float, float]] | None = None,
    chips: Mapping[str, Chip] | None = None,
    permitted: bool = False,
    show: Iterable[Kind] = (),
    title: str = "Data flows and trust boundaries",
    sketch: Sketch | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> Picture:
    """Draw which way data moves, through which trust boundaries.

    Parameters
    ----------
    graph
        Graph with the attributes of :mod:`auditkit.graph.schema`.
    focus
        Node id or ids: only what is at most ``hops`` arrows away is drawn.
    hops
        Radius of the neighbourhood around ``focus``.
    weakness
        Low and high bound of the hop weakness W in [0, 1] by (source, target, key). An arrow is drawn as weak where the
        low bound is 0.5 or more, and as one that may be weak where only the high one is.
    chips
        Node id -> chip drawn after its name (a severity, say); stores have their sensitivity by default.
    permitted
        Also draw what is only permitted (over-permission), dotted.
    show
        Kinds to draw although they are folded or left out by default.
    title
        Heading inside the picture, ``""`` for none.
    sketch
        What :func:`sketch_from_graph` made of the graph, where several pictures are drawn of it; then ``weakness``,
        ``permitted`` and ``show`` are those that the sketch was made with.
    filepath
        Where to save; the suffix gives the format (.svg, .png, .pdf).

    Returns
    -------
    Picture
        Shows itself in a notebook; its ``caption`` says what is left out.

    Raises
    ------
    DrawError
        ``focus`` is not in the graph, or there is more to draw than can be laid out.
    """
    centre = [] if focus is None else [focus] if isinstance(focus, str) else sorted(focus)
    if strange := [node for node in centre if node not in graph]:
        raise DrawError(f"{strange[0]!r} is not a node of the graph")
    if sketch is None:
        kinds = {graph.nodes[node]["kind"] for node in centre} & QUIET
        sketch = sketch_from_graph(graph, weakness=weakness, permitted=permitted, show={*show, *kinds})
    caption = "Arrows point the way data moves."
    if focus is not None:
        drawn, alone = _drawn(sketch, graph, centre)
        sketch = sketch.keep(sketch.around(drawn, hops))
        for node in alone:
            sketch.add(node, graph.nodes[node])
        caption += _around(sketch, drawn, alone, hops)
    if len(sketch.nodes) > MAX_NODES:
        raise DrawError(f"{len(sketch.nodes)} nodes are too many for one diagram; give focus=, or use plot_overview")
    picture = picture_from_sketch(sketch, title=title, chips=chips or {}, caption=caption + _left_out(sketch))
    if filepath is not None:
        picture.save(filepath)
    return picture


def _drawn(sketch: Sketch, graph: Graph, wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the drawn nodes that the wanted ones are part of, and some that are part of none and stand alone.

    Functions stand alone; whatever else was wanted does so where the picture would be empty without it.
    """
    holder = {member: node_id for node_id, node in sketch.nodes.items() for member in node.members}
    drawn = sorted({holder[node] for node in wanted if node in holder})
    outside = [node for node in wanted if node not in holder]
    functions = [node for node in outside if graph.nodes[node]["kind"] is Kind.FUNCTION]
    return drawn, (functions if functions or drawn else outside)[:_NAMED]


def _around(sketch: Sketch, drawn: Iterable[str], alone: Iterable[str], hops: int) -> str:
    """Return what a caption says of nodes in the middle: how far around them is drawn, and which stand alone."""
    told = ""
    if names := _names(sketch, drawn):
        told += f" Only what is at most {hops} arrow{'s' if hops > 1 else ''} from {names} is drawn."
    if names := _names(sketch, alone):
        told += f" No data is seen to move to or from {names}."
    return told


def _names(sketch: Sketch, nodes: Iterable[str]) -> str:
    names = list(dict.fromkeys(sketch.nodes[node].label for node in nodes))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _left_out(sketch: Sketch) -> str:
    if not sketch.hidden:
        return ""
    parts = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in sorted(sketch.hidden.items()))
    return f" Not drawn: {parts}."


def picture_from_sketch(
    sketch: Sketch, *, title: str, chips: Mapping[str, Chip], caption: str, lanes: bool = True
) -> Picture:
    """Lay a sketch out: one cluster per trust boundary, with ``lanes`` inside our own accounts."""
    dot = new_graph(title, legend=_legend(sketch))
    ids: dict[str, str] = {}
    for node_id in sorted(sketch.nodes):
        node = sketch.nodes[node_id]
        element = "n" + sha256(node_id.encode()).hexdigest()[:12]
        ids[element] = node_id
        _draw_node(dot, element, node, chips.get(node_id))
    names = {node_id: element for element, node_id in ids.items()}
    _draw_clusters(dot, sketch, names, lanes=lanes)
    for source, target in sorted(sketch.edges):
        edge = sketch.edges[(source, target)]
        foreign = _foreign(sketch.nodes[source]) != _foreign(sketch.nodes[target])
        back = sketch.edges.get((target, source)) if target < source else None
        said = back is not None and sorted(back.labels) == sorted(edge.labels)  # there and back: one label for both
        _draw_edge(dot, names[source], names[target], edge, foreign=foreign, said=said)
    return Picture(dot, caption=caption, ids=ids)


def _legend(sketch: Sketch) -> list[tuple[str, str, str]]:
    """Return the signs that this picture uses."""
    edges = sketch.edges.values()
    signs: list[tuple[str, str, str]] = []
    if any(edge.weakness[0] >= WEAK for edge in edges):
        signs.append(("- - ▸", _WEAK_COLOUR, f"weak hop (W ≥ {WEAK:g})"))
    if any(edge.weakness[0] < WEAK <= edge.weakness[1] for edge in edges):
        signs.append(("- - ▸", _MAYBE_COLOUR, "may be weak: the export leaves it open"))
    if len({_foreign(node) for node in sketch.nodes.values()}) > 1:
        signs.append(("── ▸", _FOREIGN_COLOUR, "crosses the account's boundary"))
    if any(edge.evidence is Evidence.PERMITTED for edge in edges):
        signs.append(("· · ▸", "#7d8b95", "permitted only"))
    if not all(edge.enabled for edge in edges):
        signs.append(("· · ▸", "#b5bcc1", "switched off"))
    levels = {node.sensitivity for node in sketch.nodes.values()}
    chips = [chip for level, chip in SENSITIVITY_CHIP.items() if level in levels and level is not Sensitivity.UNKNOWN]
    signs.extend((sign.text, sign.colour, sign.meaning) for sign in chips)
    return signs


def _draw_node(dot: pygraphviz.AGraph, element: str, node: SketchNode, given: Chip | None) -> None:
    right = given
    if right is None and node.sensitivity not in {None, Sensitivity.UNKNOWN}:
        assert node.sensitivity is not None
        right = SENSITIVITY_CHIP[node.sensitivity]
    if right is None and node.entry is EntryKind.ANONYMOUS and node.id != INTERNET:
        right = Chip("anon.", "#a50f15", "reached without authentication")
    strong = given is not None or node.sensitivity is Sensitivity.RESTRICTED or node.entry is EntryKind.ANONYMOUS
    note = node.note or ("" if node.exists else "not in the export")
    label = box(
        wrap(node.label, 18), node.chip or chip(node.kind), right=right, note=note, border=2 if strong and right else 1
    )
    kind = "".join(part.capitalize() for part in node.kind.value.split())
    dot.add_node(element, label=label, id=element, tooltip=tip(node.id), **{"class": f"node {kind}"})


def _draw_edge(
    dot: pygraphviz.AGraph, source: str, target: str, edge: SketchEdge, *, foreign: bool, said: bool
) -> None:
    style = {"color": "#7d8b95", "penwidth": "1", "style": "solid"}
    if edge.evidence is Evidence.PERMITTED:
        style.update(style="dotted", color="#9aa5ad")
    if foreign:
        style.update(color=_FOREIGN_COLOUR, penwidth="1.4")
    if edge.weakness[0] >= WEAK:
        style.update(color=_WEAK_COLOUR, penwidth="1.8", style="dashed")
    elif edge.weakness[1] >= WEAK:
        style.update(color=_MAYBE_COLOUR, penwidth="1.2", style="dashed")
    if not edge.enabled:
        style.update(color="#b5bcc1", style="dotted")
    names = sorted(edge.labels)
    shown = names[0] if names else ""
    if len(names) > 1:
        shown += f" +{len(names) - 1}"
    colour = style["color"] if edge.weakness[0] >= WEAK else "#43525e"
    words = tip(", ".join(names) or str(edge.kind))
    dot.add_edge(source, target, label=arrow_label(wrap(shown, 14), colour) if shown and not said else "",
                 edgetooltip=words, labeltooltip=words, id=f"e{source[1:]}-{target[1:]}", **style)  # fmt: skip


def _foreign(node: SketchNode) -> bool:
    return node.boundary.kind not in {"account", "VPC"}


_CLUSTER_STYLE = {
    "internet": {"color": "#a50f15", "bgcolor": "#fbf3f3"},
    "third party": {"color": "#4f5b66", "bgcolor": "#f4f5f6"},
    "partner": {"color": "#5e3c99", "bgcolor": "#f6f3fa"},
    "account": {"color": "#3b5568", "bgcolor": "#f7f9fb"},
    "VPC": {"color": "#00694e", "bgcolor": "#eef6f2"},
}
_BOUNDARY_ORDER = {kind: rank for rank, kind in enumerate(("internet", "third party", "account", "VPC", "partner"))}


def _draw_clusters(dot: pygraphviz.AGraph, sketch: Sketch, names: Mapping[str, str], *, lanes: bool) -> None:
    members: dict[Boundary, list[str]] = {}
    for node_id, node in sketch.nodes.items():
        members.setdefault(_drawn_boundary(node.boundary), []).append(node_id)
    homes: dict[str, pygraphviz.AGraph] = {}
    for boundary in sorted(members, key=lambda b: (_BOUNDARY_ORDER.get(b.kind, 9), b.id)):
        parent = homes.get(boundary.parent, dot) if boundary.parent else dot
        cluster = _cluster(parent, boundary)
        homes[boundary.id] = cluster
        inside = sorted(members[boundary])
        if boundary.kind != "account" or not lanes:
            cluster.add_nodes_from([names[node_id] for node_id in inside])
            continue
        cluster.add_nodes_from([names[i] for i in inside if family(sketch.nodes[i].kind) not in LANES])
        for lane in _LANE_ORDER:
            _lane(cluster, boundary, lane, [names[i] for i in inside if family(sketch.nodes[i].kind) is lane])


def _drawn_boundary(boundary: Boundary) -> Boundary:
    """Return the boundary to draw: all third parties stand in one cluster, each with its own name in it."""
    return Boundary("third party", "", "Third parties") if boundary.kind == "third party" else boundary


def _cluster(parent: pygraphviz.AGraph, boundary: Boundary) -> pygraphviz.AGraph:
    style = _CLUSTER_STYLE.get(boundary.kind, _CLUSTER_STYLE["account"])
    name = "cluster_" + sha256(f"{boundary.kind}/{boundary.parent}/{boundary.id}".encode()).hexdigest()[:10]
    return parent.add_subgraph(
        name=name, label=f"<<B>{text(boundary.label)}</B>>", style="rounded,dashed", penwidth="1.3", fontsize="10",
        labeljust="l", margin="10", tooltip=tip(boundary.label), **style,
    )  # fmt: skip


def _lane(cluster: pygraphviz.AGraph, boundary: Boundary, lane: Family, elements: list[str]) -> None:
    if not elements:
        return
    name = "cluster_" + sha256(f"{boundary.id}/{lane}".encode()).hexdigest()[:10]
    sub = cluster.add_subgraph(
        name=name, label=f"<<B>{LANES[lane]}</B>>", style="rounded,dashed", color="#9fb0bb", bgcolor="#f2f5f8",
        fontsize="9", fontcolor="#43525e", labeljust="l", margin="8", tooltip=LANES[lane],
    )  # fmt: skip
    sub.add_nodes_from(elements)
