"""Tables as people read them in a notebook: text to the left and in full, numbers to the right, reasons for nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup, escape

from auditkit.cells import cell_text

__all__ = ["NO_MATH", "Shown", "cell_html", "column_kind", "table_html"]

NO_MATH = "tex2jax_ignore mathjax_ignore"
"""Class of what a notebook must not take for mathematics: names and policies have dollar signs."""
_BREAK = Markup("<wbr>")
_WHOLE = re.compile(r"\S{1,14}")
"""What stays on one line: dates, regions, short names."""
_LONG = re.compile(r"[^\s<>]{13,}")
_PIECE = re.compile(r"[^/._:#,@=-]{1,18}[/._:#,@=-]*|[/._:#,@=-]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_WIDE = 60
"""Characters from which on a column's text gets room of its own."""
_STYLE = """<style>
div.auditkit-table { overflow-x: auto; line-height: 1.35; }
div.auditkit-table table.auditkit { border-collapse: collapse; font-size: 0.92em; margin: 0; }
div.auditkit-table table.auditkit th, div.auditkit-table table.auditkit td {
  text-align: left; vertical-align: top; padding: 3px 8px; min-width: 3em; max-width: 30em;
  white-space: normal; overflow-wrap: break-word;
}
div.auditkit-table table.auditkit th { vertical-align: bottom; border-bottom: 1px solid #8895a0; }
div.auditkit-table table.auditkit .number {
  text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums;
}
div.auditkit-table table.auditkit th.number { white-space: normal; }
div.auditkit-table table.auditkit .wide { min-width: 15em; }
div.auditkit-table table.auditkit .whole { white-space: nowrap; }
</style>"""


class Shown(pd.DataFrame):
    """A table that a notebook shows as people read it; in all else it is the DataFrame that it is.

    As many rows are shown as ``attrs["most"]`` says, or else ``pandas.options.display.max_rows``; ``attrs["reason"]``
    stands in place of a table without rows.
    """

    @property
    def _constructor(self) -> type[Shown]:
        return Shown

    def _repr_html_(self) -> str:
        return table_html(self, most=self.attrs.get("most", pd.get_option("display.max_rows")))


def table_html(frame: pd.DataFrame, *, most: int | None = None) -> str:
    """Return a table as HTML, whatever a client's names hold.

    Parameters
    ----------
    frame
        The table, its columns named as people read them; ``attrs["reason"]`` says why it has no rows.
    most
        At most so many rows; all by default. How many more there are stands below.
    """
    if frame.empty:
        return f"<p>{escape(cell_text(frame.attrs.get('reason', '')) or 'None.')}</p>"
    shown = frame if most is None else frame.head(most)
    names = [cell_text(name).replace("_", " ") for name in shown.columns]
    columns = [shown.iloc[:, place] for place in range(len(names))]
    kinds = [f' class="{kind}"' if (kind := column_kind(column)) else "" for column in columns]
    head = "".join(f"<th{kind}>{cell_html(name)}</th>" for name, kind in zip(names, kinds, strict=True))
    rows = "".join(
        "<tr>" + "".join(f"<td{kind}>{_lines(value)}</td>" for value, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in zip(*columns, strict=True)
    )
    more = f"<p>The first {len(shown)} of {len(frame)} rows.</p>" if len(shown) < len(frame) else ""
    table = f'<table class="auditkit"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'{_STYLE}<div class="auditkit-table {NO_MATH}">{table}{more}</div>'


def column_kind(column: pd.Series) -> str:
    """Return how a column is set: ``"number"``, ``"wide"`` (its text is long), or ``""``."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return "number"
    return "wide" if max((len(cell_text(value)) for value in column), default=0) > _WIDE else ""


def _lines(value: object) -> Markup:
    """Return a cell, each entry of a mapping on a line of its own."""
    if not isinstance(value, Mapping):
        return cell_html(value)
    return Markup("<br>").join(cell_html(f"{cell_text(key)}: {cell_text(item)}") for key, item in value.items())


def cell_html(value: object) -> Markup:
    """Return a cell's text, with places in its long words where a line may end: after a separator, before a capital.

    A place to break is an element without text, so what is copied from the page or filtered in it has none.
    """
    if isinstance(value, Markup):
        return value
    parts, end = [], 0
    text = cell_text(value)
    if "-" in text and _WHOLE.fullmatch(text):
        return Markup('<span class="whole">{}</span>').format(text)
    for word in _LONG.finditer(text):
        parts += [escape(text[end : word.start()]), _BREAK.join(_pieces(word.group()))]
        end = word.end()
    return Markup("").join([*parts, escape(text[end:])])


def _pieces(word: str) -> list[str]:
    return [piece for part in _HUMP.split(word) for piece in _PIECE.findall(part)]
