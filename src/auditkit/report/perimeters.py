"""The report's section on perimeters: a row for each function, and a sheet for the most open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditkit.areas import LINE_COLUMNS, SUMMARY_COLUMNS
from auditkit.report.model import Section, Table

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["perimeter_links", "perimeters_section"]

_SHEETS = 30
_BEHIND = {name: LINE_COLUMNS[name] for name in ("part", "what", "answer", "detail", "missing", "source")}


def perimeter_links(audit: Audit) -> dict[str, str]:
    """Return the names of the sheets' tables by the ARN of their function: of the most open functions."""
    functions = audit.perimeters.summary()["function"].head(_SHEETS)
    return {str(function): f"perimeter-{number}" for number, function in enumerate(functions, start=1)}


def perimeters_section(audit: Audit) -> Section:
    """Return the section: how open each function is, the sheets of the most open ones, and all lines of all sheets."""
    sheets, links = audit.perimeters, perimeter_links(audit)
    summary = sheets.summary()
    return Section(
        id="perimeters",
        title="Perimeters",
        paragraphs=[
            (
                "Without a network around them, every function is its own perimeter. A sheet for each of the "
                f"{len(links)} most open ones of {len(summary)}: every way in with what is asked there, and what "
                "stands behind it. Answers are yes, no, or unknown with what is missing."
            )
        ],
        parts=[
            Table(
                name="perimeters",
                title="Functions, most open first",
                frame=summary.rename(columns={"function": "resource"}),
                columns=SUMMARY_COLUMNS,
                links=links,
            ),
            *(
                Table(name=name, title=f"Perimeter of {sheets[function].label}", frame=sheets[function].frame(),
                      columns=_BEHIND, note=function)
                for function, name in links.items()
            ),
            Table(
                name="perimeter-lines",
                title="Every line of every sheet",
                frame=sheets.frame(),
                columns={"label": "function", **_BEHIND},
            ),
        ],
    )  # fmt: skip
