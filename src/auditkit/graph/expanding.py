"""What grants give to whom: read through a graph, and as plain edges in their place."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import networkx as nx

from auditkit.graph._edges import add_edge, edge_of, meaning_of
from auditkit.graph._merging import edge_key
from auditkit.graph.schema import Edge, Graph
from auditkit.inventory import Kind, Source

__all__ = ["expand", "given", "members"]


def members(graph: Graph, node: str) -> Iterator[str]:
    """Yield the targets of a scope, each once, in no order; of any other node, the node itself."""
    waiting, seen = [node], {node}
    while waiting:
        one = waiting.pop()
        if graph.nodes[one]["kind"] is not Kind.SCOPE:
            yield one
            continue
        for part in graph.successors(one):
            if part not in seen:
                seen.add(part)
                waiting.append(part)


def given(graph: Graph, grant: str, holder: str) -> Iterator[tuple[str, Edge]]:
    """Yield what a grant gives to a holder: each target, and the plain edge to it that the grant stands for.

    What a plain edge says in full is left out: that the holder was given the same, or more, by other statements too.
    """
    for held in graph[holder][grant].values():
        for _, scope, what in graph.out_edges(grant, data=True):
            edge = _plain(graph, grant, what, held)
            for target in members(graph, scope):
                if target != holder and not _is_told(graph, holder, target, edge):
                    yield target, edge


def expand(graph: Graph, *grants: str) -> Graph:
    """Return a graph with plain edges in the place of grants.

    Parameters
    ----------
    graph
        A graph of :func:`auditkit.connect`; it stays as it is.
    *grants
        Ids of the grants to expand; all of them where none is given.

    Returns
    -------
    networkx.MultiDiGraph
        With an edge from each principal to each target of its grants, which has the statements of that principal as
        its sources. Scopes that no grant leads to any more are gone. The same graph where there is nothing to expand.
    """
    chosen = {
        node for node, data in graph.nodes(data=True) if data["kind"] is Kind.GRANT and (not grants or node in grants)
    }
    if not chosen:
        return graph
    gone = chosen | _unused(graph, chosen)
    edges = {
        (tail, head, key): edge_of(data)
        for tail, head, key, data in graph.edges(keys=True, data=True)
        if tail not in gone and head not in gone
    }
    for grant in sorted(chosen):
        for holder in graph.predecessors(grant):
            for target, edge in given(graph, grant, holder):
                key = _free(edges, holder, target, edge_key(edge))
                edges[holder, target, key] = edge
    found: Graph = nx.MultiDiGraph(**graph.graph)
    found.add_nodes_from((node, data) for node, data in graph.nodes(data=True) if node not in gone)
    for place, edge in sorted(edges.items(), key=lambda item: item[0]):
        add_edge(found, place, edge)
    return found


def _unused(graph: Graph, without: set[str]) -> set[str]:
    """Return the scopes that no grant leads to but some."""
    scopes = {node for node, data in graph.nodes(data=True) if data["kind"] is Kind.SCOPE}
    waiting = [head for tail, head in graph.edges() if head in scopes and tail not in scopes and tail not in without]
    while waiting:
        scope = waiting.pop()
        if scope in scopes:
            scopes.discard(scope)
            waiting += graph.successors(scope)
    return scopes


def _plain(graph: Graph, grant: str, what: Mapping[str, Any], held: Mapping[str, Any]) -> Edge:
    """Return the edge from a holder of a grant to a target: what the grant says, by the holder's own statements.

    The edge of the grant shows the statements of its first holder; what it shows besides is true of all.
    """
    return _held(edge_of(what), held, _of_all(graph, grant, what))


def _of_all(graph: Graph, grant: str, what: Mapping[str, Any]) -> tuple[Source, ...]:
    """Return the sources of what a grant says that are not statements by which it is held."""
    besides = _besides(what["sources"], graph[min(graph.predecessors(grant))][grant].values())
    return _besides(besides, (edge for *_, edge in graph.in_edges(grant, data=True))) if besides else ()


def _held(said: Edge, held: Mapping[str, Any], besides: tuple[Source, ...]) -> Edge:
    """Return what a grant says, by the statements of one holder."""
    return msgspec.structs.replace(said, sources=tuple(dict.fromkeys((*held["sources"], *besides))))


def _is_told(graph: Graph, holder: str, target: str, edge: Edge) -> bool:
    """Return whether a plain edge says in full what a grant gives."""
    what = meaning_of(edge)
    return (
        what is not None
        and graph.has_edge(holder, target)
        and any(meaning_of(edge_of(plain)) == what for plain in graph[holder][target].values())
    )


def _besides(sources: tuple[Source, ...], held: Iterable[Mapping[str, Any]]) -> tuple[Source, ...]:
    """Return the sources that are not among the statements by which a grant is held."""
    shown = {source for edge in held for source in edge["sources"]}
    return tuple(source for source in sources if source not in shown)


def _free(edges: Mapping[tuple[str, str, str], object], tail: str, head: str, key: str) -> str:
    """Return a key that no edge between two nodes has."""
    found, number = key, 1
    while (tail, head, found) in edges:
        number += 1
        found = f"{key}#{number}"
    return found
