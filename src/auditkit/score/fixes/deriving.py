"""All fixes that a graph suggests."""

from auditkit.graph.schema import Graph, View
from auditkit.score._input import read_links, read_nodes
from auditkit.score._plain import plain
from auditkit.score.fixes.doors import door_fixes, pin_fixes, trust_fixes
from auditkit.score.fixes.model import Fix
from auditkit.score.fixes.settings import setting_fixes
from auditkit.score.fixes.statements import Statements, resource_fixes, role_fixes
from auditkit.score.fixes.usage import Usage

__all__ = ["derive_fixes"]


def derive_fixes(graph: Graph) -> tuple[Fix, ...]:
    """Return what can be done against the weaknesses of a graph.

    Four sorts of fixes are derived from its edges and entries: a *statement* that allows more than the code of a role
    is seen, or set up, to do; a *setting* that makes hops weak, or lets anyone in; an *authorizer* before an entry that
    asks for nothing; a *condition* in the policy of a resource. A fix says what it would take away and whom it may
    disturb; whether it is wanted is for people to decide. Grants that roles share are expanded first
    (:func:`auditkit.graph.expand`), unless they are too many.

    Parameters
    ----------
    graph
        A graph of the schema.

    Returns
    -------
    tuple of Fix
        By id. The same graph gives the same fixes with the same ids.

    Raises
    ------
    ScoreError
        If the graph is not of the schema.
    """
    graph = plain(graph)
    nodes = read_nodes(graph)
    for view in View:
        read_links(graph, nodes, view)
    usage, statements = Usage(graph), Statements(graph)
    found = [
        *role_fixes(graph, usage, statements),
        *resource_fixes(graph, usage, statements),
        *door_fixes(graph),
        *trust_fixes(graph),
        *pin_fixes(graph),
        *setting_fixes(graph),
    ]
    return tuple(sorted(found, key=lambda fix: fix.id))
