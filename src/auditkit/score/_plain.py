"""Graphs in which what one role was given can be taken from it alone."""

from auditkit.graph import expand
from auditkit.graph.schema import Graph
from auditkit.inventory import Kind

__all__ = ["plain"]

_MOST_EDGES = 200_000


def plain(graph: Graph) -> Graph:
    """Return a graph with plain edges in the place of grants, unless that would be too many.

    A grant is shared by all roles that were given the same. To take something from one of them its grants have to be
    edges of its own; on a very large account they stay as they are, and what all holders have is taken from all.
    """
    grants = [node for node, data in graph.nodes(data=True) if data["kind"] is Kind.GRANT]
    edges = graph.number_of_edges() + sum(graph.in_degree(grant) * graph.out_degree(grant) for grant in grants)
    return expand(graph) if grants and edges <= _MOST_EDGES else graph
