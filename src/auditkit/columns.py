"""Columns of tables that people read: which there are to each table, and their short headings."""

from __future__ import annotations

from collections.abc import Mapping

from auditkit.areas import (
    DECISION_COLUMNS,
    DELETABLE_COLUMNS,
    FINDING_COLUMNS,
    FIRST_COLUMNS,
    GLANCE_COLUMNS,
    LEFT_OUT_COLUMNS,
    LINE_COLUMNS,
    OWNERSHIP_COLUMNS,
    PATCHING_COLUMNS,
    SUMMARY_COLUMNS,
    WAIVER_COLUMNS,
    WALLET_ACCOUNT_COLUMNS,
    WALLET_COLUMNS,
    WALLET_FUNCTION_COLUMNS,
    WHO_USES_COLUMNS,
)

__all__ = [
    "BLAST_COLUMNS",
    "BLAST_DETAIL_COLUMNS",
    "CHOKE_COLUMNS",
    "COLUMNS",
    "COMPARED_COLUMNS",
    "EDGE_COLUMNS",
    "EXPOSURE_COLUMNS",
    "FIX_COLUMNS",
    "FUNCTION_COLUMNS",
    "HOP_COLUMNS",
    "NODE_COLUMNS",
    "PACKAGE_COLUMNS",
    "PATH_COLUMNS",
    "PORTFOLIO_COLUMNS",
    "SCORE_COLUMNS",
    "STABILITY_COLUMNS",
    "THIRD_PARTY_COLUMNS",
    "VULNERABILITY_COLUMNS",
    "WAYS_COLUMNS",
]

NODE_COLUMNS = {
    "kind": "kind",
    "label": "name",
    "account": "account",
    "region": "region",
    "boundary": "boundary",
    "entry": "entry",
    "sensitivity": "sensitivity",
}
EDGE_COLUMNS = {
    "view": "view",
    "origin_label": "from",
    "kind": "edge",
    "target_label": "to",
    "label": "what",
    "evidence": "evidence",
    "cost": "cost",
    "conditions": "conditions",
}
HOP_COLUMNS = {
    "from_label": "from",
    "to_label": "to",
    "label": "what",
    "evidence": "evidence",
    "W_low": "W low",
    "W_high": "W high",
    "weakest_factor": "mend first",
    "reasons": "why",
}
PATH_COLUMNS = {
    "rank": "rank",
    "start_label": "from",
    "end_label": "to",
    "route": "path",
    "hops": "hops",
    "S_high": "S",
    "U_high": "U",
    "T_high": "T",
    "SU_high": "S·U",
    "weakest": "weakest hop",
    "weakest_hop_W": "its W",
    "weakest_factor": "mend first",
    "unencrypted": "unencrypted",
    "leaves_organization": "leaves",
}
BLAST_COLUMNS = {
    "label": "function",
    "region": "region",
    "BR0_high": "BR₀",
    "BR_low": "BR low",
    "BR_high": "BR",
    "BRmax_high": "BR max",
    "stores": "stores",
    "stores_direct": "held directly",
    "crown_jewels": "crown jewels",
    "worst_store_label": "worst store",
    "worst_share": "its share %",
    "missing": "not known",
}
THIRD_PARTY_COLUMNS = {
    name: "third party" if name == "label" else title for name, title in BLAST_COLUMNS.items() if name != "region"
}
BLAST_DETAIL_COLUMNS = {
    "label": "store",
    "kind": "kind",
    "sensitivity": "sensitivity",
    "levels": "access",
    "cost": "cost",
    "contribution_low": "adds, low",
    "contribution_high": "adds",
    "undecided": "undecided",
    "way": "way",
}
EXPOSURE_COLUMNS = {
    "label": "store",
    "kind": "kind",
    "sensitivity": "sensitivity",
    "X_low": "X low",
    "X_high": "X",
    "entry_label": "from",
    "ways": "ways in",
    "way": "cheapest way",
}
FUNCTION_COLUMNS = {
    "name": "function",
    "region": "region",
    "runtime": "runtime",
    "package_type": "package",
    "role": "role",
    "timeout": "timeout s",
    "memory_size": "memory MB",
    "last_modified": "last modified",
    "tags": "tags",
    "source": "source",
}
CHOKE_COLUMNS = {
    "label": "store",
    "kind": "kind",
    "cost": "cost from outside",
    "ways": "ways in",
    "node_labels": "every way goes through",
    "cut_labels": "fewest edges that close it",
}
COMPARED_COLUMNS = {
    "label": "name",
    "kind": "kind",
    "before_high": "before",
    "after_high": "after",
    "change": "change",
}
FIX_COLUMNS = {
    "fix": "fix",
    "title": "what to do",
    "effort": "effort",
    "dR_low": "ΔR low",
    "dR_high": "ΔR",
    "stores": "stores",
    "dSU_low": "ΔSU low",
    "dSU_high": "ΔSU",
    "caveat": "look at before",
}
PORTFOLIO_COLUMNS = {
    "step": "step",
    "fix": "fix",
    "title": "what to do",
    "effort_so_far": "effort so far",
    "gain": "gain",
    "R_low": "R left, low",
    "R_high": "R left",
    "SU_high": "SU left",
}
STABILITY_COLUMNS = {
    "rank": "rank",
    "rank_first": "first place",
    "rank_last": "last place",
    "label": "name",
    "value_low": "low",
    "value_high": "high",
    "order_stable": "order stable",
    "turned_by": "turned by",
    "dominates_next": "worse than the next in all",
}
WAYS_COLUMNS = {
    "rank": "rank",
    "entry_kind": "entry",
    "cost": "cost",
    "level": "access",
    "route": "way",
    "steps": "how",
}
SCORE_COLUMNS = {"score": "score", "meaning": "what it is", "before": "before", "after": "after", "change": "change"}
PACKAGE_COLUMNS = {
    "package": "package",
    "version": "version",
    "functions": "functions",
    "names": "which",
}
VULNERABILITY_COLUMNS = {
    "severity": "severity",
    "verdict": "verdict",
    "label": "function",
    "place": "what",
    "reason": "why",
    "weighed": "weighed",
}

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "blast": BLAST_COLUMNS,
    "blast detail": BLAST_DETAIL_COLUMNS,
    "choke points": CHOKE_COLUMNS,
    "compared": COMPARED_COLUMNS,
    "decisions": DECISION_COLUMNS,
    "deletable": DELETABLE_COLUMNS,
    "edges": EDGE_COLUMNS,
    "exposure": EXPOSURE_COLUMNS,
    "findings": FINDING_COLUMNS,
    "first": FIRST_COLUMNS,
    "fixes": FIX_COLUMNS,
    "functions": FUNCTION_COLUMNS,
    "glance": GLANCE_COLUMNS,
    "hops": HOP_COLUMNS,
    "left out": LEFT_OUT_COLUMNS,
    "nodes": NODE_COLUMNS,
    "ownership": OWNERSHIP_COLUMNS,
    "packages": PACKAGE_COLUMNS,
    "patching": PATCHING_COLUMNS,
    "paths": PATH_COLUMNS,
    "perimeter": LINE_COLUMNS,
    "perimeters": SUMMARY_COLUMNS,
    "portfolio": PORTFOLIO_COLUMNS,
    "scores": SCORE_COLUMNS,
    "stability": STABILITY_COLUMNS,
    "third parties": THIRD_PARTY_COLUMNS,
    "vulnerabilities": VULNERABILITY_COLUMNS,
    "wallet": WALLET_COLUMNS,
    "wallet accounts": WALLET_ACCOUNT_COLUMNS,
    "wallet functions": WALLET_FUNCTION_COLUMNS,
    "waivers": WAIVER_COLUMNS,
    "ways": WAYS_COLUMNS,
    "who uses": WHO_USES_COLUMNS,
}
"""Name of a table, as :func:`auditkit.show` takes it -> its columns."""
