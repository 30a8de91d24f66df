"""The report's part on the nine areas: how each stands, what to do first, and every finding with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditkit import draw
from auditkit.areas import (
    FIRST_COLUMNS,
    GAIN_COLUMNS,
    GLANCE_COLUMNS,
    Area,
    Verdict,
    chosen,
    finding_columns,
    findings_frame,
    glance,
    with_gains,
)
from auditkit.report.model import Figure, Section, Table
from auditkit.report.perimeters import perimeter_links
from auditkit.report.pictures import chart_figure

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["findings_section", "glance_parts"]

_STANDING = {name: GLANCE_COLUMNS[name] for name in ("title", "usual", "standing", "unknown", "reason")}
_UNKNOWN_COLUMNS = {"check": "check", "label": "resource", "place": "where", "reason": "why", "source": "source"}


def glance_parts(audit: Audit) -> list[Table | Figure]:
    """Return the nine areas as a picture and a table, and what to do first."""
    frame = glance(audit.findings)
    chart, _ = draw.plot_glance(frame)
    caption = "Beside each area: how it stands. Bars count failures and warnings; what is not known is beside them."
    return [
        chart_figure("glance", "The nine areas", chart, caption=caption),
        Table(name="glance", title="How each area stands, and why", frame=frame, columns=_STANDING),
        Table(
            name="first",
            title="What to do first",
            frame=audit.first(),
            columns=FIRST_COLUMNS,
            note="The checks with the gravest failures; among equals, those whose fixes remove more risk, then those "
            "with the more failures. Each row stands after the ones above it: what these mend is not counted again.",
        ),
    ]


def findings_section(audit: Audit) -> Section:
    """Return the findings, area by area, what could not be decided, and all answers as one table."""
    found, links = audit.findings, perimeter_links(audit)
    parts = [_of_area(audit, area, links) for area in Area]
    answers = with_gains(findings_frame(found), found, audit.gains)
    unknown = findings_frame(chosen(found, verdicts=[Verdict.UNKNOWN]))
    return Section(
        id="findings",
        title="Findings by area",
        paragraphs=[
            (
                "A FAIL breaks its check's rule, a WARN is worth a look. The severity starts from the check's base "
                "and is raised or lowered by what the graph says: who outside reaches the function, and what it "
                "reaches. The source of each finding is the file and the place where the deciding setting stands. Risk "
                "removed is by how much the exposures of all stores fall, summed, when the fix of the finding alone is "
                "made; it is empty where no score depends on what the check is about."
            )
        ],
        parts=[
            *parts,
            Table(
                name="findings-unknown",
                title="What could not be decided",
                frame=unknown,
                columns=_UNKNOWN_COLUMNS,
                note="Nothing here counts as passed. The export lacks what is named.",
            ),
            Table(
                name="findings",
                title="Every answer of every check",
                frame=answers,
                columns={"verdict": "verdict", **finding_columns(answers), **GAIN_COLUMNS},
                links=links,
            ),
        ],
    )


def _of_area(audit: Audit, area: Area, links: Mapping[str, str]) -> Table:
    found = chosen(audit.findings, areas=[area])
    frame = with_gains(findings_frame(found), found, audit.gains)
    unknown = len(chosen(audit.findings, areas=[area], verdicts=[Verdict.UNKNOWN]))
    if not found and unknown:
        frame.attrs["reason"] = f"Nothing failed of what was seen. Not known: {unknown} (What could not be decided)."
    return Table(name=f"findings-{area}", title=area.heading, frame=frame, columns=finding_columns(frame), links=links)
