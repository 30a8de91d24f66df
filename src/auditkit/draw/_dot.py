"""Graphviz, in this process: escaping, chips as small tables, clusters, and clean SVG.

The wheels of pygraphviz 2 carry the Graphviz libraries; no program and no system package is used. Text is set in
matplotlib's own DejaVu fonts, so that a picture is the same where no fonts are installed.
"""

import os
import re
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

import matplotlib as mpl
import pygraphviz

from auditkit.cells import plain_text
from auditkit.draw._figure import picture_html
from auditkit.draw._style import FONT, Chip
from auditkit.errors import DrawError

__all__ = ["MAX_NODES", "Picture", "arrow_label", "box", "new_graph", "text", "tip"]

MAX_NODES = 300
"""Nodes that one layout may have: ``dot`` takes minutes above a few hundred and never finishes at two thousand."""

_DOT = " · "
_NOTE = 30
"""Characters of a note that stand on one line."""
_TWO = 2
_FORMATS = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
_DATE = re.compile(rb"\(D:\d{14}[^)]*\)")
_CLUTTER = re.compile(r"<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*", re.DOTALL)


@cache
def _fonts() -> str:
    """Point fontconfig at matplotlib's fonts, once per process; returns the folder used."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    if "FONTCONFIG_FILE" not in os.environ:
        cache_folder = Path(tempfile.gettempdir()) / "auditkit-fonts"
        cache_folder.mkdir(exist_ok=True)
        config = cache_folder / "fonts.conf"
        content = (
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
            f"<dir>{escape(str(folder))}</dir><cachedir>{escape(str(cache_folder))}</cachedir></fontconfig>"
        )
        if not config.exists() or config.read_text(encoding="utf-8") != content:
            config.write_text(content, encoding="utf-8")
        os.environ["FONTCONFIG_FILE"] = str(config)
    _warm_up()
    return str(folder)


def _warm_up() -> None:
    """Draw one letter with standard error closed: fontconfig complains once about system files it does not use."""
    graph = pygraphviz.AGraph(string=f'digraph {{ a [fontname="{FONT}"] }}')
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        graph.draw(format="svg", prog="dot")
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def text(value: str) -> str:
    """Return text safe inside an HTML-like label: escaped, control characters replaced."""
    return escape(plain_text(value), quote=True)


def tip(value: str) -> str:
    """Return text as a tooltip that says what it is: no entity, no escape of Graphviz's own, no control character."""
    return plain_text(value).replace("&", "&amp;").replace("\\", "\\\\")


def _cell(chip: Chip, *, port: str = "") -> str:
    place = f' PORT="{port}"' if port else ""
    return (
        f'<TD BGCOLOR="{chip.colour}" BORDER="0" CELLPADDING="3"{place}>'
        f'<FONT COLOR="#ffffff" POINT-SIZE="8">{text(chip.text)}</FONT></TD>'
    )


def box(lines: list[str], left: Chip, *, right: Chip | None = None, note: str = "", border: float = 1.0) -> str:
    """Return the HTML-like label of a node: chip of the kind, name, chip of the severity or sensitivity.

    Parameters
    ----------
    lines
        The name, broken into lines.
    left, right
        Chips before and after it.
    note
        Smaller, below it: on two lines where it is long and has a middle dot to break at.
    border
        Width of the frame in points.
    """
    name = "<BR/>".join(text(line) for line in lines)
    small = f'<BR/><FONT POINT-SIZE="7" COLOR="#5a6670">{_two_lines(note)}</FONT>' if note else ""
    frame = right.colour if right is not None and border > 1 else left.colour
    cells = _cell(left) + f'<TD BORDER="0" CELLPADDING="3">{name}{small}</TD>' + (_cell(right) if right else "")
    return (
        f'<<TABLE BORDER="{border:g}" CELLBORDER="0" CELLSPACING="2" CELLPADDING="2" STYLE="ROUNDED" '
        f'COLOR="{frame}" BGCOLOR="#ffffff"><TR>{cells}</TR></TABLE>>'
    )


def _two_lines(note: str) -> str:
    """Return a note as text of a label, broken near its middle where it is long."""
    parts = note.split(_DOT)
    if len(note) <= _NOTE or len(parts) < _TWO:
        return text(note)
    half = min(range(1, len(parts)), key=lambda at: abs(len(_DOT.join(parts[:at])) - len(note) / 2))
    return f"{text(_DOT.join(parts[:half]))}<BR/>{text(_DOT.join(parts[half:]))}"


def arrow_label(lines: list[str], colour: str) -> str:
    """Return the HTML-like label of an edge: small, on white, so that lines that pass behind it do not cross it out."""
    words = "<BR/>".join(text(line) for line in lines)
    return (
        '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1" BGCOLOR="#ffffff"><TR><TD>'
        f'<FONT COLOR="{colour}">{words}</FONT></TD></TR></TABLE>>'
    )


def _heading(title: str, legend: Sequence[tuple[str, str, str]]) -> str:
    key = "&#160;&#160;&#160;&#160;".join(
        f'<FONT COLOR="{colour}"><B>{text(sign)}</B></FONT>&#160;{text(meaning)}' for sign, colour, meaning in legend
    )
    rows = [f'<FONT POINT-SIZE="14"><B>{text(title)}</B></FONT>'] if title else []
    rows += [f'<FONT POINT-SIZE="8" COLOR="#43525e">{key}</FONT>'] if key else []
    if not rows:
        return ""
    cells = "".join(f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{cells}</TABLE>>'


def new_graph(title: str, *, legend: Sequence[tuple[str, str, str]] = (), rankdir: str = "TB") -> pygraphviz.AGraph:
    """Return an empty directed multigraph with the house's defaults.

    Parameters
    ----------
    title
        Heading; ``""`` for none.
    legend
        Sign, its colour and what it means, in the order shown.
    rankdir
        Direction of the ranks, by Graphviz.
    """
    _fonts()
    graph = pygraphviz.AGraph(directed=True, strict=False, name="auditkit")
    graph.graph_attr.update(
        rankdir=rankdir,
        newrank="true",
        compound="true",
        fontname=FONT,
        fontsize="13",
        labelloc="t",
        labeljust="l",
        label=_heading(title, legend),
        bgcolor="white",
        nodesep="0.15",
        ranksep="0.4",
        pad="0.25",
        splines="true",
        outputorder="edgesfirst",
    )
    graph.node_attr.update(shape="plain", fontname=FONT, fontsize="9.5")
    graph.edge_attr.update(
        fontname=FONT, fontsize="7.5", fontcolor="#43525e", color="#7d8b95", arrowsize="0.55", penwidth="1"
    )
    return graph


class Picture:
    """A diagram laid out by Graphviz.

    Shows itself in a notebook; :meth:`save` writes PNG, SVG or PDF by the file's suffix.

    Attributes
    ----------
    caption
        What the picture shows and what it leaves out; to stand below it.
    ids
        Element id in the SVG -> node id in the graph (for nodes), so that a page can answer clicks.
    """

    def __init__(self, graph: pygraphviz.AGraph, *, caption: str = "", ids: dict[str, str] | None = None) -> None:
        if graph.number_of_nodes() > MAX_NODES:
            raise DrawError(
                f"a diagram of {graph.number_of_nodes()} nodes cannot be laid out (at most {MAX_NODES}): "
                "give focus= a node, or collapse groups"
            )
        self.caption = caption
        self.ids = dict(ids or {})
        self._dot: str = graph.to_string()
        self._cache: dict[str, bytes] = {}

    @property
    def dot(self) -> str:
        """Source in the DOT language."""
        return self._dot

    def render(self, form: str, *, dpi: int = 144) -> bytes:
        """Return the picture as bytes of the format ``"svg"``, ``"png"`` or ``"pdf"``; ``dpi`` is of PNG only."""
        if form not in _FORMATS.values():
            raise DrawError(f"cannot draw as {form!r}: svg, png or pdf")
        key = f"{form}{dpi if form == 'png' else ''}"
        if key not in self._cache:
            _fonts()
            graph = pygraphviz.AGraph(string=self._dot)
            if form == "png":
                graph.graph_attr["dpi"] = str(dpi)
            data: bytes = graph.draw(format=form, prog="dot")
            self._cache[key] = _CLEAN.get(form, bytes)(data)
        return self._cache[key]

    @property
    def svg(self) -> str:
        """The picture as SVG text, with text as text."""
        return self.render("svg").decode("utf-8")

    def save(self, filepath: str | os.PathLike[str], *, dpi: int = 144) -> Path:
        """Write the picture; the suffix gives the format.

        Raises
        ------
        DrawError
            The suffix is none of .svg, .png, .pdf.
        """
        path = Path(filepath)
        form = _FORMATS.get(path.suffix.lower())
        if form is None:
            raise DrawError(f"cannot draw as {path.suffix!r}: .svg, .png or .pdf")
        path.write_bytes(self.render(form, dpi=dpi))
        return path

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return picture_html(self.svg, caption=self.caption)


def _clean_pdf(data: bytes) -> bytes:
    """Replace the time of day by a constant of the same length, so that offsets stay right and bytes do not change."""
    return _DATE.sub(lambda date: b"(D:" + b"20000101000000Z".ljust(len(date[0]) - 4, b"Z") + b")", data)


def _clean_svg(data: bytes) -> bytes:
    """Drop what differs between versions and has no place inside a page: comments, document type, generator."""
    svg = _CLUTTER.sub("", data.decode("utf-8")).replace("&#45;", "-")
    svg = svg.replace('<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n', "")
    svg = svg.replace("<svg ", f'<svg role="img" font-family="{FONT}, Verdana, sans-serif" ', 1)
    return svg.encode("utf-8")


_CLEAN = {"svg": _clean_svg, "pdf": _clean_pdf}
