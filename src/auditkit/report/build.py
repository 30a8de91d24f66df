"""From tables to a report: which ones, in which order, with which words."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING

import pandas as pd

from auditkit import draw, tables
from auditkit.columns import EDGE_COLUMNS, EXPOSURE_COLUMNS, FUNCTION_COLUMNS, HOP_COLUMNS, NODE_COLUMNS, PATH_COLUMNS
from auditkit.errors import DrawError
from auditkit.graph import graphml_bytes
from auditkit.graph.permissions import permissions_of
from auditkit.inventory import STORE_KINDS, Kind
from auditkit.inventory.arn import UNKNOWN_REGION, is_stand_in
from auditkit.report.blast import blast_section
from auditkit.report.case import case_section, scope_in_report
from auditkit.report.dependencies import dependencies_section
from auditkit.report.findings import findings_section, glance_parts
from auditkit.report.model import Figure, Report, Section, Table
from auditkit.report.ownership import ownership_section
from auditkit.report.perimeters import perimeters_section
from auditkit.report.pictures import diagram_figure, path_figure
from auditkit.report.wallet import wallet_section

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["report_from_audit"]

Progress = Callable[[str, int, int], None]

PATHS = 100
"""Paths in the report's table."""
_STRIPS = 3
_GROUPS = 40
_FOCUS = "What is near a function or a store is drawn by: auditkit graph EXPORT --out FILE.svg --focus NAME."


def report_from_audit(audit: Audit, *, title: str = "", progress: Progress | None = None) -> Report:
    """Return the report of an audit.

    Parameters
    ----------
    audit
        Inventory, graph and scores.
    title
        Heading; by default that of the case, else the accounts.
    progress
        Called with what is being done, how many parts are done, and how many there are.

    Returns
    -------
    Report
        Glance, coverage, case, findings, perimeters, dependencies, denial of wallet, ownership, pictures, data in
        transit, blast radius, exposure, inventory and sources, in this order.
    """
    parts: list[tuple[str, Callable[[Audit], Section]]] = [
        ("glance", _glance),
        ("coverage", _coverage),
        ("case", case_section),
        ("findings", findings_section),
        ("perimeters", perimeters_section),
        ("dependencies", dependencies_section),
        ("denial of wallet", wallet_section),
        ("ownership", ownership_section),
        ("data flows", _pictures),
        ("data in transit", _transit),
        ("blast radius", blast_section),
        ("exposure", _exposure),
        ("inventory", _inventory),
        ("sources", _sources),
    ]
    sections = []
    for done, (name, make) in enumerate(parts):
        if progress is not None:
            progress(f"report: {name}", done, len(parts))
        sections.append(make(audit))
    accounts = ", ".join(_account(one) for one in audit.graph.graph["accounts"]) or "no account"
    return Report(
        title=title or _named(audit) or f"Serverless audit of {accounts}",
        date=audit.date,
        facts=_facts(audit),
        sections=sections,
        attachments={"graph.graphml": graphml_bytes(audit.graph)},
    )


def _account(account: str) -> str:
    return "an account that the export does not name" if is_stand_in(account) else account


def _stood_for(account: str, words: str) -> str:
    return f"{account} (stands for {words})" if words != account else account


def _region(region: str) -> str:
    return f"{region} (the export does not name it)" if region == UNKNOWN_REGION else region


def _named(audit: Audit) -> str:
    return audit.case.title if audit.case is not None else ""


def _facts(audit: Audit) -> dict[str, str]:
    weights = audit.hops.attrs["weights"]
    case = audit.case
    told = "none" if case is None else f"{case.file}, SHA-256 {case.digest[:12]}" if case.digest else "made by hand"
    return {
        "Audit date": audit.date or "not given",
        "Accounts": ", ".join(_stood_for(one, _account(one)) for one in audit.graph.graph["accounts"]) or "none",
        "Regions": ", ".join(_region(one) for one in audit.graph.graph["regions"]) or "none",
        "Files read": str(len(audit.inventory.digests)),
        "Not read": str(len(audit.inventory.not_read)),
        "Case": told,
        "auditkit": version("auditkit"),
        "Weights": f"version {weights[0]} of {weights[1]}, SHA-256 {weights[2][:12]}",
    }


def _glance(audit: Audit) -> Section:
    kinds = pd.Series([data["kind"] for _, data in audit.graph.nodes(data=True)], dtype=object)
    entries = [data for _, data in audit.graph.nodes(data=True) if data["entry"] is not None]
    counted = {
        "functions": int((kinds == Kind.FUNCTION).sum()),
        "entries": len(entries),
        "entries without authentication": sum(data["entry"].value == "anonymous" for data in entries),
        "stores": int(kinds.isin(list(STORE_KINDS)).sum()),
        "third parties": int((kinds == Kind.THIRD_PARTY).sum()),
        "hops of data": len(audit.hops),
        "hops with W of 0.5 and more": int((audit.hops["W_high"] >= draw.WEAK).sum()),
    }
    frame = pd.DataFrame({"what": list(counted), "number": list(counted.values())})
    return Section(
        id="glance",
        title="At a glance",
        paragraphs=[
            (
                "Serverless makes three things better, leaves three as they were and makes three worse. How each "
                "stands in this account, held against servers that would do the same, and why:"
            ),
            (
                "Scores are indices, never probabilities: they rank what to look at first. Where the export leaves "
                "something open, a score is an interval, and its high bound is what ranks."
            ),
        ],
        parts=[*glance_parts(audit), Table(name="numbers", title="What the export shows, in numbers", frame=frame)],
    )


def _coverage(audit: Audit) -> Section:
    inventory = audit.inventory
    calls = inventory.coverage.frame()
    unseen = calls[calls["state"].isin(["missing", "denied"])] if len(calls) else calls
    return Section(
        id="coverage",
        title="What was seen, and what was not",
        paragraphs=[
            (
                "A call that is missing from the export, or was denied, leaves its answer unknown: nothing in this "
                "report takes it for an empty one."
            ),
            scope_in_report(audit),
            *_beyond_count(audit),
        ],
        parts=[
            Table(name="coverage", title="Calls by service", frame=tables.coverage_summary(inventory)),
            Table(
                name="side-inputs",
                title="Evidence beside the configuration",
                frame=tables.side_inputs(inventory),
                note="Without it the answers that it would give stay open; docs/side-inputs.md says how each is made.",
            ),
            Table(
                name="not-read",
                title="Not read",
                frame=tables.not_read(inventory),
                note="Files and places that could not be understood; the rest of each file was read.",
            ),
            Table(name="not-seen", title="Calls that are missing or denied", frame=unseen),
            Table(name="contradictions", title="Sources that disagree", frame=tables.contradictions(inventory)),
        ],
    )


def _beyond_count(audit: Audit) -> list[str]:
    left_out = permissions_of(audit.inventory).relation.left_out
    if not left_out:
        return []
    return [
        (
            f"Policies name more than was looked for: what {left_out} patterns of resources give inside them may be "
            "missing here; what they give on a resource as a whole is not."
        )
    ]


def _pictures(audit: Audit) -> Section:
    sketch = draw.sketch_from_graph(audit.graph, weakness=audit.weakness)
    groups = draw.groups_from_graph(audit.graph)
    parts: list[Table | Figure] = []
    left: list[str] = []
    try:
        overview = draw.plot_overview(audit.graph, groups=groups, sketch=sketch)
        parts.append(diagram_figure("overview", "Overview by groups", overview))
    except DrawError as error:
        left.append(f"the overview ({error})")
    largest = sorted(groups, key=lambda name: (-len(groups[name]), name))[:_GROUPS]
    for number, name in enumerate(sorted(largest), start=1):
        title = f"Data flows of {name}"
        try:
            picture = draw.plot_dataflow(audit.graph, focus=groups[name], hops=1, title=title, sketch=sketch)
        except DrawError:
            left.append(name)
            continue
        if picture.ids:
            parts.append(diagram_figure(f"dataflow-{number:02d}", title, picture))
    paragraphs = []
    if left:
        paragraphs.append(f"Too large to draw: {', '.join(left)}. {_FOCUS}")
    if len(groups) > _GROUPS:
        paragraphs.append(f"Drawn are the {_GROUPS} largest of {len(groups)} groups. {_FOCUS}")
    return Section(id="data-flows", title="Data flows and trust boundaries", paragraphs=paragraphs, parts=parts)


def _transit(audit: Audit) -> Section:
    paths = audit.paths(k=PATHS)
    permitted = audit.paths(k=PATHS, permitted=True)
    strips = [
        path_figure(f"path-{number}", audit.graph, path, audit.hops)
        for number, (_, path) in enumerate(paths.head(_STRIPS).iterrows(), start=1)
    ]
    return Section(
        id="data-in-transit",
        title="Data in transit",
        paragraphs=[
            (
                "A path is as weak as all its hops together: any hop may leak, so a longer path is never safer. U adds "
                "up the weakness of its hops, T = 1 - exp(-U), and paths are ranked by S·U, with S the highest "
                "sensitivity carried."
            )
        ],
        parts=[
            Table(name="paths", title="Riskiest paths", frame=paths, columns=PATH_COLUMNS),
            *strips,
            Table(
                name="hops",
                title="Hops, weakest first",
                frame=audit.hops,
                columns=HOP_COLUMNS,
                note="W is the weakness of a hop, 0 to 1; 'mend first' is the factor with the largest share of it.",
            ),
            Table(
                name="paths-permitted",
                title="Paths that are only permitted",
                frame=permitted,
                columns=PATH_COLUMNS,
                note="Nothing configured uses at least one hop of these, but a permission allows it.",
            ),
        ],
    )


def _exposure(audit: Audit) -> Section:
    return Section(
        id="exposure",
        title="Exposure of stores",
        paragraphs=["How easily the outside gets to each store, and over how many ways that share no edge."],
        parts=[
            Table(
                name="exposure",
                title="Stores, most exposed first",
                frame=audit.exposure,
                columns=EXPOSURE_COLUMNS,
            )
        ],
    )


def _inventory(audit: Audit) -> Section:
    nodes = tables.nodes(audit.graph)
    functions = audit.inventory.frame(Kind.FUNCTION)
    return Section(
        id="inventory",
        title="Inventory and graph",
        parts=[
            Table(name="records", title="Records by kind", frame=tables.counts(audit.inventory)),
            Table(name="functions", title="Functions", frame=functions, columns=FUNCTION_COLUMNS),
            Table(name="nodes", title="Nodes of the graph", frame=nodes, columns=NODE_COLUMNS),
            Table(name="edges", title="Edges of the graph", frame=tables.edges(audit.graph), columns=EDGE_COLUMNS),
        ],
    )


def _sources(audit: Audit) -> Section:
    digests = dict(audit.inventory.digests)
    if audit.case is not None and audit.case.digest:
        digests[audit.case.file] = audit.case.digest
    frame = pd.DataFrame({"file": list(digests), "sha256": list(digests.values())}, dtype=str)
    return Section(
        id="sources",
        title="Sources",
        paragraphs=[
            "Every record, edge and score above was read from these files; their SHA-256 digests identify them."
        ],
        parts=[Table(name="sources", title="Files read", frame=frame)],
    )
