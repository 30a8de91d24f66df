"""Whoever may change what acts in a role takes the role over."""

from collections.abc import Mapping
from typing import Any

from auditkit.graph._build import Builder
from auditkit.graph.expanding import members
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
    for origin, scope, change in graph.edges(data=True):
        if change["kind"] is not EdgeKind.CHANGES_CODE:
            continue
        for target in members(graph, scope):
            if graph.nodes[target]["kind"] in _DEFINED:
                _take_over(build, graph, (origin, target), change)


def _take_over(build: Builder, graph: Graph, ends: tuple[str, str], change: Mapping[str, Any]) -> None:
    """Lead from who may change one definition, or from the grant that lets many do so, to its role."""
    origin, target = ends
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
                limits=change["limits"],
            )
            build.edge(origin, role, edge)
