"""The report's part on the case: what is in scope, what was taken on trust, and what is waived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from auditkit.areas import (
    DECISION_COLUMNS,
    FINDING_COLUMNS,
    LEFT_OUT_COLUMNS,
    WAIVER_COLUMNS,
    findings_frame,
)
from auditkit.report.model import Section, Table

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["case_section", "scope_in_report"]

_SHOWN = ("severity", "verdict", "waived", "check", "label", "place", "reason")
_WAIVED_COLUMNS = {name: FINDING_COLUMNS[name] for name in _SHOWN} | {"waiver": "who, until when, why"}
_NONE = (
    "No case was given: nothing was taken on trust, all that the export holds is in scope, and nothing is waived. "
    "auditkit case new writes one to start from."
)


def case_section(audit: Audit) -> Section:
    """Return scope, trust, classification and waivers, each with where it stands in the file of the case."""
    if audit.case is None:
        return Section(id="case", title="The case", paragraphs=[_NONE])
    waived = findings_frame(finding for finding in audit.findings if finding.waiver is not None)
    return Section(
        id="case",
        title="The case",
        paragraphs=[_whose(audit), scope_in_report(audit), _waivers(audit)],
        parts=[
            Table(
                name="case-decisions",
                title="What was taken on trust, and what was decided",
                frame=audit.decisions,
                columns=DECISION_COLUMNS,
                note="The report relies on these; the export does not show them.",
            ),
            Table(name="case-waivers", title="Waivers", frame=audit.waivers, columns=WAIVER_COLUMNS),
            Table(
                name="case-waived",
                title="Findings with a waiver",
                frame=waived,
                columns=_WAIVED_COLUMNS,
                note="They stand among the findings, too: a waiver changes neither verdict nor severity nor score.",
            ),
            Table(
                name="case-left-out",
                title="Out of scope",
                frame=audit.left_out,
                columns=LEFT_OUT_COLUMNS,
                note="In the graph, because ways through them are real; not judged, and not passed.",
            ),
        ],
    )


def _whose(audit: Audit) -> str:
    assert audit.case is not None
    title = f"{audit.case.title}: " if audit.case.title else ""
    named = f"{audit.case.file} (SHA-256 {audit.case.digest})" if audit.case.digest else "made by hand"
    weights = f" Scores are weighed by {audit.case.weights_file}." if audit.case.weights_file else ""
    return f"{title}the decisions of this audit, {named}.{weights}"


def scope_in_report(audit: Audit) -> str:
    """Return what is in scope and how much is not, in words."""
    left = audit.left_out
    if audit.case is None or not audit.case.scope:
        return "All that the export holds is in scope."
    kinds = left["kind"].value_counts().sort_index()
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"Out of scope, and not judged: {len(left)} resources" + (f" ({told})." if told else ".")


def _waivers(audit: Audit) -> str:
    states = audit.waivers["state"]
    if not len(states):
        return "Nothing is waived."
    counted = pd.Series(states).value_counts().sort_index()
    told = ", ".join(f"{count} {state}" for state, count in counted.items())
    return f"Waivers: {told}. Only those in force count, and what they are about stays a finding."
