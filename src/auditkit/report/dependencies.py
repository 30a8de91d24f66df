"""The report's section on dependencies: who patches what, which packages run, and which are known to be vulnerable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from auditkit.areas import PATCHING_COLUMNS, chosen, findings_frame
from auditkit.columns import PACKAGE_COLUMNS, VULNERABILITY_COLUMNS
from auditkit.report.model import Section, Table
from auditkit.report.perimeters import perimeter_links

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["dependencies_section"]


def dependencies_section(audit: Audit) -> Section:
    """Return the section: runtimes with who patches them, packages, layers, and vulnerabilities that are known."""
    disclosure = audit.disclosure
    vulnerable = [one for one in chosen(audit.findings) if one.check == "deps.known-vuln"]
    lacking = pd.DataFrame({"function": disclosure.without_list}, dtype=str)
    lacking.attrs["reason"] = "The packages of all code that runs are known."
    return Section(
        id="dependencies",
        title="Dependencies",
        paragraphs=[
            (
                "AWS patches the servers, and most runtimes until a day that is known; images, languages on OS-only "
                "runtimes, and every package that the code brings along are the customer's to patch."
            ),
            f"{_whence(audit)} {_unlisted(audit)}",
        ],
        parts=[
            Table(
                name="patching",
                title="Who patches what functions run on",
                frame=audit.patching,
                columns=PATCHING_COLUMNS,
                note=_dated(audit),
            ),
            Table(
                name="vulnerabilities",
                title="Packages that are known to be vulnerable",
                frame=findings_frame(vulnerable),
                columns=VULNERABILITY_COLUMNS,
                links=perimeter_links(audit),
            ),
            Table(
                name="packages",
                title="Packages, those that most functions run first",
                frame=disclosure.packages(),
                columns=PACKAGE_COLUMNS,
                note="Those of a layer count for every function that has it. auditkit who-uses PACKAGE tells what a "
                "disclosure would touch.",
            ),
            Table(name="layers", title="Layers", frame=disclosure.layers(), columns=PACKAGE_COLUMNS),
            Table(name="unlisted", title="Code whose packages are not all known", frame=lacking),
        ],
    )


def _whence(audit: Audit) -> str:
    found = audit.advisories
    if found is None:
        return "No database of advisories was given (--osv): what scanners in the export found is all that is known."
    kinds = ", ".join(sorted(found.types)) or "no ecosystem"
    return (
        f"Packages were matched against {len(found)} advisories ({kinds}; the newest of {found.latest or 'no date'})."
    )


def _unlisted(audit: Audit) -> str:
    asked, lacking = audit.disclosure.asked, len(audit.disclosure.without_list)
    return (
        f"Of {lacking} of {asked} codes that run not all packages are known: whether these are vulnerable stays open."
    )


def _dated(audit: Audit) -> str:
    told = audit.patching.attrs
    days = told["age"]
    age = "" if days is None else f", {abs(days)} days {'before' if days >= 0 else 'after'} the audit date"
    return f"Dates as of {told['as_of']}{age}: {told['source']}."
