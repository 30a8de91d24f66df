"""Graphs in which what one role was given can be taken from it alone."""

from auditkit.graph.expanding import expand, members
from auditkit.graph.schema import Graph
from auditkit.inventory import Kind

__all__ = ["plain"]

_MOST_EDGES = 200_000


def plain(graph: Graph) -> Graph:
    """Return a graph with plain edges in the place of grants, unless that would be too many.

    A grant is shared by all roles that were given the same. To take something from one of them its grants have to be
    edges of its own; on a very large account they stay as they are, and a role keeps a grant or loses it as a whole.
    """
    grants = [node for node, data in graph.nodes(data=True) if data["kind"] is Kind.GRANT]
    edges = graph.number_of_edges()
    sizes: dict[str, int] = {}
    for grant in grants:
        for scope in graph.successors(grant):
            if scope not in sizes:
                sizes[scope] = sum(1 for _ in members(graph, scope))
            edges += graph.in_degree(grant) * sizes[scope] * graph.number_of_edges(grant, scope)
        if edges > _MOST_EDGES:
            return graph
    return expand(graph) if grants else graph
