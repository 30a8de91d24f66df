"""How several sayings of one node become one, and what tells edges between the same nodes apart."""

from collections.abc import Iterable

import msgspec

from auditkit.graph.schema import Edge, Evidence, Node, Sensitivity
from auditkit.inventory import Source

__all__ = ["beginning_of_key", "edge_key", "merged", "observed", "richness", "unique"]

_OBSERVATIONS = 3


def edge_key(edge: Edge) -> str:
    """Return the key of an edge: from what it says, not from when it was said."""
    return beginning_of_key(edge) + (str(edge.sources[0]) if edge.sources else "")


def beginning_of_key(edge: Edge) -> str:
    """Return the key of an edge up to its first source, with which it ends."""
    return "|".join((edge.kind, edge.label, edge.access or "", edge.qualifier, ""))


def unique(edges: Iterable[Edge]) -> list[Edge]:
    """Return edges, each once, in order."""
    found: list[Edge] = []
    found.extend(edge for edge in edges if edge not in found)
    return found


def richness(node: Node) -> tuple[bool, int, str]:
    """Return how much a saying of a node tells, for sorting."""
    filled = sum(bool(getattr(node, name)) for name in ("account", "region", "sources", "entry", "tags", "sensitivity"))
    return node.exists, filled + (node.boundary.kind == "VPC"), repr(node)


def merged(nodes: list[Node]) -> Node:
    """Return one node of several that were said: the richest, its gaps filled from the others, whatever their order."""
    if len(nodes) == 1:
        return nodes[0]
    ranked = sorted(nodes, key=richness, reverse=True)
    best = ranked[0]
    entries = [node.entry for node in ranked if node.entry is not None]
    sensitivities = [node for node in ranked if node.sensitivity not in {None, Sensitivity.UNKNOWN}] or [
        node for node in ranked if node.sensitivity is not None
    ]
    rest = {source for node in ranked for source in node.sources} - set(best.sources)
    return msgspec.structs.replace(
        best,
        account=best.account or next((node.account for node in ranked if node.account), ""),
        region=best.region or next((node.region for node in ranked if node.region), ""),
        boundary=next((node.boundary for node in ranked if node.boundary.kind == "VPC"), best.boundary),
        sources=(*best.sources, *sorted(rest)),
        entry=min(entries, key=lambda entry: (entry.cost, entry)) if entries else None,
        sensitivity=sensitivities[0].sensitivity if sensitivities else None,
        sensitivity_reason=sensitivities[0].sensitivity_reason if sensitivities else "",
        tags=dict(sorted((pair for node in reversed(ranked) for pair in node.tags.items()), key=lambda pair: pair[0])),
    )


def observed(edge: Edge, sources: Iterable[Source]) -> Edge:
    """Return an edge as one that was observed; the first few sources of that are told."""
    more = sorted(set(sources) - set(edge.sources))[:_OBSERVATIONS]
    return msgspec.structs.replace(edge, evidence=Evidence.OBSERVED, sources=(*edge.sources, *more))
