"""The report's section on blast radius."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from auditkit import draw
from auditkit.columns import BLAST_COLUMNS, BLAST_DETAIL_COLUMNS, THIRD_PARTY_COLUMNS
from auditkit.inventory import Kind
from auditkit.report.model import Figure, Section, Table
from auditkit.report.pictures import chart_figure

if TYPE_CHECKING:
    from auditkit.audit import Audit

__all__ = ["blast_section"]

_RINGS = 3
_DETAILS, _STORES = 25, 500
"""Functions whose stores are listed, and stores of each."""


def blast_section(audit: Audit) -> Section:
    """Return the section: all functions, rings of the widest ones, what falls with them, and the heat map."""
    widest = [str(node) for node in audit.blast.loc[audit.blast["stores"] > 0, "node"]]
    details = {node: audit.blast_detail(node, most=_STORES) for node in widest[:_DETAILS]}
    left_out = any(detail.attrs["left_out"] for detail in details.values())
    rings: list[Table | Figure] = []
    for number, node in enumerate(widest[:_RINGS], start=1):
        chart, _ = draw.plot_blast_radius(audit.graph, node, audit.blast_detail(node))
        title = f"Blast radius of {audit.graph.nodes[node]['label']}"
        caption = "Rings are steps an attacker takes; markers grow with what a store adds to the blast radius."
        rings.append(chart_figure(f"blast-{number}", title, chart, caption=caption))
    heat, _ = draw.plot_matrix(audit.matrix, labels=audit.labels)
    return Section(
        id="blast-radius",
        title="Blast radius",
        paragraphs=[
            (
                "If this function is taken over, what else falls? BR₀ counts what it holds at once, BR discounts each "
                "further step by half, BR max counts anything reachable."
            )
        ],
        parts=[
            Table(name="blast", title="Functions, widest first", frame=audit.blast, columns=BLAST_COLUMNS),
            *rings,
            chart_figure("matrix", "Functions and the stores that fall with them", heat),
            Table(
                name="blast-stores",
                title=f"Stores that fall with the {len(details)} widest functions"
                + (f" (of each, the {_STORES} that add most)" if left_out else ""),
                frame=_all_details(audit, details),
                columns={"function": "function", **BLAST_DETAIL_COLUMNS},
            ),
            Table(
                name="blast-third-parties",
                title="Third parties, widest first",
                frame=audit.blast_of(Kind.THIRD_PARTY),
                columns=THIRD_PARTY_COLUMNS,
                note="Whoever has taken one over answers the functions that call it, which takes a bug in their code.",
            ),
        ],
    )


def _all_details(audit: Audit, details: dict[str, pd.DataFrame]) -> pd.DataFrame:
    frames = [
        frame.assign(function=str(audit.graph.nodes[node]["label"]), function_id=node)
        for node, frame in details.items()
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["function", "store"])
