"""The report's section on ownership: what functions cost their owners, and what could be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditkit.areas import DELETABLE_COLUMNS, OWNERSHIP_COLUMNS
from auditkit.report.model import Section, Table
from auditkit.report.perimeters import perimeter_links

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["ownership_section"]


def ownership_section(audit: Audit) -> Section:
    """Return the section: the cost-of-ownership index, and what could be deleted with who would notice."""
    return Section(
        id="ownership",
        title="Ownership",
        paragraphs=[
            (
                "Functions multiply, and each costs its owner time again and again. The index adds up, from 0 to 100, "
                "what has to be done for one that nobody changes; what is not known gives it two ends. It is "
                "judgement, and no amount of money."
            ),
            (
                "Something could be deleted only where it was looked at whether it is used, and it is not. Beside it "
                "stands who would notice."
            ),
        ],
        parts=[
            Table(
                name="ownership",
                title="What functions cost their owners, dearest first",
                frame=audit.ownership.rename(columns={"function": "resource"}),
                columns=OWNERSHIP_COLUMNS,
                links=perimeter_links(audit),
            ),
            Table(
                name="deletable",
                title="What could be deleted, and who would notice",
                frame=audit.deletable,
                columns=DELETABLE_COLUMNS,
                note="What nothing speaks for deleting is left out; auditkit deletable --all lists it.",
            ),
        ],
    )
