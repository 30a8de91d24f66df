"""What the charts share: axes given or made, vector text, and files that do not differ from run to run."""

from __future__ import annotations

import os
import re
import warnings
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auditkit.cells import plain_text
from auditkit.draw._style import FONT
from auditkit.errors import DrawError
from auditkit.shown import NO_MATH

__all__ = ["INK", "MUTED", "axes_or_new", "figure_svg", "picture_html", "plain", "save_figure"]

INK = "#1f2a33"
MUTED = "#5a6670"

_SETTINGS: dict[str, Any] = {
    "font.family": FONT,
    "svg.fonttype": "none",
    "svg.hashsalt": "auditkit",
    "pdf.fonttype": 42,
}
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "png": {"Software": None},
}


_COUNTED = re.compile(r' id="[A-Za-z0-9.]+_[0-9]+"')
"""Ids that matplotlib counts from one in each picture; nothing refers to them, and on a page no two may be the same."""
_STYLE = """<style>
div.auditkit-picture { overflow-x: auto; }
div.auditkit-picture svg { max-width: 100%; height: auto; }
div.auditkit-picture:focus svg { max-width: none; }
</style>"""


class Chart(Figure):
    """A figure that shows itself in a notebook as SVG, whether or not pyplot is in use there."""

    def _repr_svg_(self) -> str:
        return figure_svg(self)

    def _repr_html_(self) -> str:
        return picture_html(figure_svg(self))


def picture_html(svg: str, *, caption: str = "", text: str = "") -> str:
    """Return a picture to stand on a page: as wide as there is room, and in full size while it is clicked on.

    Parameters
    ----------
    svg
        The picture as SVG text made by auditkit.
    caption
        What stands below it.
    text
        What it shows, in words, for those who do not see it.
    """
    label = f' role="img" aria-label="{escape(text, quote=True)}"' if text else ""
    below = f"<p class='{NO_MATH}'>{escape(plain_text(caption))}</p>" if caption else ""
    return f'{_STYLE}<div class="auditkit-picture {NO_MATH}" tabindex="0"{label}>{svg}</div>{below}'


def plain(text: str) -> str:
    """Return text that matplotlib sets as it stands: a dollar sign in a name begins no formula."""
    return text.replace("$", r"\$")


def axes_or_new(ax: Axes | None, *, size: tuple[float, float]) -> tuple[Figure, Axes]:
    """Return the figure and axes to draw on; a new figure of ``size`` inches where none are given.

    The figure is not registered with pyplot, so it neither leaks nor shows twice in a notebook.
    """
    if ax is not None:
        figure = ax.get_figure(root=True)
        assert figure is not None
        return figure, ax
    figure = Chart(figsize=size, facecolor="white")
    return figure, figure.add_subplot()


def save_figure(figure: Figure, filepath: str | os.PathLike[str] | BinaryIO, *, form: str = "", dpi: int = 144) -> None:
    """Write a figure, the same bytes each time.

    A letter that the font of all pictures lacks is a box in PNG and PDF, so that these are the same on every machine;
    SVG holds it as text, which the reader's own fonts show.

    Parameters
    ----------
    figure
        What to write.
    filepath
        Where to; an open binary file needs ``form``.
    form
        ``"svg"``, ``"png"`` or ``"pdf"``; by the suffix where it is not given.
    dpi
        Dots per inch, of PNG.

    Raises
    ------
    DrawError
        The format is none of these.
    """
    if isinstance(filepath, (str, os.PathLike)):
        form = form or Path(filepath).suffix.lower().removeprefix(".")
    if form not in _METADATA:
        raise DrawError(f"cannot draw as {form!r}: svg, png or pdf")
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", r"Glyph \d+", UserWarning)  # letters that the font lacks
        figure.savefig(filepath, format=form, dpi=dpi, bbox_inches="tight", metadata=_METADATA[form])


def figure_svg(figure: Figure) -> str:
    """Return a figure as SVG text to put inside a page."""
    out = BytesIO()
    save_figure(figure, out, form="svg")
    text = out.getvalue().decode("utf-8")
    return _COUNTED.sub("", text[text.index("<svg") :])
