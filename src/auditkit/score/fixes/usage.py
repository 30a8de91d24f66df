"""What of the permissions is used, as far as the graph shows: by flows that are observed, configured or referenced."""

import math

from auditkit.graph.expanding import members
from auditkit.graph.schema import AccessLevel, EdgeKind, Evidence, Graph, View
from auditkit.inventory import Kind

__all__ = ["Usage"]

_TO_RUNNER = frozenset({EdgeKind.READS, EdgeKind.DELIVERS})
_FROM_RUNNER = frozenset({EdgeKind.WRITES, EdgeKind.CALLS, EdgeKind.DELIVERS, EdgeKind.REPLICATES})


class Usage:
    """Who runs as which role, and which way data moves between a runner and anything else.

    Parameters
    ----------
    graph
        A graph of the schema.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._runners: dict[str, list[str]] = {}
        self._flows: set[tuple[str, str]] = set()
        self._opened: dict[str, list[str]] = {}
        for tail, head, edge in graph.edges(data=True):
            if edge["kind"] is EdgeKind.RUNS_AS and edge["cost"] < math.inf:
                self._runners.setdefault(head, []).append(tail)
            elif edge["kind"] is EdgeKind.OPENS:
                self._opened.setdefault(tail, []).append(head)
            elif edge["view"] is View.DATA and edge["evidence"] is not Evidence.PERMITTED:
                self._flows.add((tail, head))

    def runners(self, principal: str) -> list[str]:
        """Return what acts in a role; a function acts as itself."""
        if self._graph.nodes[principal]["kind"] is Kind.FUNCTION:
            return [principal]
        return sorted(set(self._runners.get(principal, [])))

    def is_used(self, runners: list[str], target: str, kind: EdgeKind, access: AccessLevel | None) -> bool:
        """Return whether one of the runners is seen, or set up, to use a permission on a target.

        To read or to write shows in which way data moves. What has data deleted or looks at its settings is granted to
        whoever writes, or moves data at all. To change policies or code shows in no flow. Of a grant that stands for
        very many permissions, any of them counts.
        """
        if self._graph.nodes[target]["kind"] is Kind.GRANT:
            return any(
                self.is_used(runners, member, what["kind"], what["access"])
                for _, scope, what in self._graph.out_edges(target, data=True)
                for member in members(self._graph, scope)
            )
        return any(self._uses(runner, target, kind, access) for runner in runners)

    def _uses(self, runner: str, target: str, kind: EdgeKind, access: AccessLevel | None) -> bool:
        reads, writes = (target, runner) in self._flows, (runner, target) in self._flows
        if kind is EdgeKind.INVOKES:
            return writes
        if kind is not EdgeKind.PERMITS:
            return False
        if self._graph.nodes[target]["kind"] is Kind.KEY and access is not AccessLevel.ADMIN:
            opened = self._opened.get(target, ())
            return any((store, runner) in self._flows or (runner, store) in self._flows for store in opened)
        match access:
            case AccessLevel.READ:
                return reads
            case AccessLevel.WRITE:
                return writes
            case AccessLevel.DELETE:
                return writes or (reads and self._graph.nodes[target]["kind"] is Kind.QUEUE)
            case AccessLevel.ADMIN:
                return False
            case _:
                return reads or writes
