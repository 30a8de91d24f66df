"""A report as one HTML page: everything inside it, nothing fetched, nothing executed that a client wrote."""

from __future__ import annotations

import re
from importlib.resources import files

import jinja2
from markupsafe import Markup

from auditkit.cells import plain_text
from auditkit.names import with_names
from auditkit.report.model import Figure, Report, Table
from auditkit.shown import cell_html, column_kind

__all__ = ["html_from_report"]

ROWS = 200
"""Rows of a table that the page shows; the CSV file beside it holds all."""


def html_from_report(report: Report, *, rows: int = ROWS) -> str:
    """Return a report as an HTML page.

    Parameters
    ----------
    report
        The report.
    rows
        At most so many rows of each table are on the page.

    Notes
    -----
    All text is escaped by Jinja2's autoescape, and control characters in it are replaced; pictures are SVG made by
    auditkit, in which names were escaped when drawn.
    A content security policy in the page forbids every fetch.
    """
    environment = jinja2.Environment(
        loader=jinja2.BaseLoader(),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_readable,
    )
    environment.filters["cell"] = cell_html
    folder = files("auditkit.report") / "page"
    template = environment.from_string((folder / "report.html").read_text(encoding="utf-8"))
    return template.render(
        report=report,
        rows=rows,
        style=Markup((folder / "report.css").read_text(encoding="utf-8")),  # noqa: S704 -- our own file
        script=Markup((folder / "report.js").read_text(encoding="utf-8")),  # noqa: S704 -- our own file
        svg=_svg,
        is_table=lambda part: isinstance(part, Table),
        is_figure=lambda part: isinstance(part, Figure),
        head=_head,
        body=lambda table: _body(table, rows),
        kinds_of=lambda table: _kinds(table, rows),
    )


def _readable(value: object) -> object:
    """Replace what a page would act on in the texts of a client; what is markup is auditkit's own."""
    return plain_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_ID = re.compile(r'(?<= id=")(?=[^"]+")|(?<= xlink:href="#)(?=[^"]+")|(?<=url\(#)(?=[^)]+\))')


def _svg(figure: Figure) -> Markup:
    """Return a picture whose ids are no other picture's of the page, what refers to them included."""
    return Markup(_ID.sub(f"{figure.name}-", figure.svg))  # noqa: S704 -- drawn by auditkit, names escaped


def _kinds(table: Table, rows: int) -> list[str]:
    """Return how each column is set: as numbers, wide, or neither."""
    shown = table.frame.head(rows)
    return [column_kind(shown[column]) for column in _columns(table)]


def _columns(table: Table) -> list[str]:
    chosen = [column for column in table.columns if column in table.frame.columns]
    return chosen or list(table.frame.columns)


def _head(table: Table) -> list[str]:
    return [table.columns.get(column, column.replace("_", " ")) for column in _columns(table)]


def _body(table: Table, rows: int) -> list[list[object]]:
    columns = _columns(table)
    shown = with_names(table.frame, dict.fromkeys(columns, "")).head(rows)
    body: list[list[object]] = shown[columns].to_numpy(dtype=object).tolist()
    if table.links and "resource" in shown.columns and "label" in columns:
        place = columns.index("label")
        for row, resource in zip(body, shown["resource"], strict=True):
            row[place] = _linked(row[place], table.links.get(str(resource), ""))
    return body


def _linked(value: object, target: str) -> object:
    """Return a cell that leads to a table of the page; what a client wrote is escaped."""
    return Markup('<a href="#table-{}">{}</a>').format(target, cell_html(value)) if target else value
