"""Whoever may change what acts in a role takes the role over."""

from auditkit.graph._build import Builder
from auditkit.graph.schema import Edge, EdgeKind, Evidence, Graph, View
from auditkit.inventory import Kind

__all__ = ["add_changes"]

_DEFINED = frozenset({Kind.STATE_MACHINE, Kind.PIPE, Kind.RULE, Kind.SCHEDULE})
"""What does with its role only what its definition says."""


def add_changes(build: Builder, graph: Graph) -> None:
    """Lead from who may change a definition to the role that it acts in: one composite step.

    To *run* a state machine is not to hold its role, so the edge from the machine to its role is dear; to *write* its
    definition is. Functions need no such edge: their code runs in the role, so changing the code is to be there.
    """
    for origin, target, change in graph.edges(data=True):
        if change["kind"] is not EdgeKind.CHANGES_CODE or graph.nodes[target]["kind"] not in _DEFINED:
            continue
        for _, role, runs in graph.out_edges(target, data=True):
            if runs["kind"] is EdgeKind.RUNS_AS and role != origin:
                edge = Edge(
                    kind=EdgeKind.ESCALATES,
                    view=View.TRUST,
                    evidence=Evidence.PERMITTED,
                    sources=(*change["sources"], *runs["sources"]),
                    label=f"changes {graph.nodes[target]['label']}",
                    cost=change["cost"],
                    conditions=change["conditions"],
                    unknown=change["unknown"],
                )
                build.edge(origin, role, edge)
