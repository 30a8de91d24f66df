"""Permissions on many targets as one node: a statement's scope, expanded where plain edges are wanted.

A role that may read 20,000 buckets is one edge to a *grant* and the grant's edges to the buckets, which all principals
share that were given the same.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec
import networkx as nx

from auditkit.graph._build import Builder
from auditkit.graph._merging import edge_key
from auditkit.graph.schema import Edge, EdgeKind, Evidence, Graph, Node, View
from auditkit.inventory import Kind, Source

__all__ = ["Grants", "expand"]

_DIGITS = 16


class Grants:
    """Grants to be made: what they give, and to whom.

    Parameters
    ----------
    build
        Of the graph.
    """

    def __init__(self, build: Builder) -> None:
        self._build = build
        self._what: dict[str, tuple[Edge, ...]] = {}
        self._holders: dict[tuple[str, tuple[str, ...]], dict[str, tuple[Source, ...]]] = {}

    def give(self, principal: str, targets: Iterable[str], edges: Iterable[Edge]) -> None:
        """Say that a principal was given the same on each of some targets; all are ids of nodes."""
        told = list(edges)
        what = tuple(sorted((msgspec.structs.replace(edge, sources=()) for edge in told), key=repr))
        sources = tuple(sorted({source for edge in told for source in edge.sources}))
        words = repr(what)
        self._what[words] = what
        self._holders.setdefault((words, tuple(sorted(targets))), {})[principal] = sources

    def make(self) -> None:
        """Make the nodes and edges of all grants."""
        for (words, targets), holders in self._holders.items():
            what = self._what[words]
            digest = sha256(repr((words, targets)).encode()).hexdigest()[:_DIGITS]
            sources = tuple(sorted({source for one in holders.values() for source in one}))
            node = self._build.node(f"grant:{digest}", self._node(what, targets, sources))
            for principal, own in holders.items():
                self._build.edge(principal, node, _holding(own or sources))
            for edge in what:
                for target in targets:
                    self._build.edge(node, target, msgspec.structs.replace(edge, sources=sources))

    def _node(self, what: tuple[Edge, ...], targets: tuple[str, ...], sources: tuple[Source, ...]) -> Node:
        first = self._build.reference(targets[0])
        words = sorted({str(edge.access or edge.kind) for edge in what})
        return Node(
            kind=Kind.GRANT,
            label=f"{', '.join(words)}: {len(targets)} of kind {first.kind}",
            account=first.account,
            boundary=self._build.boundary(account=first.account),
            sources=sources,
        )


def _holding(sources: tuple[Source, ...]) -> Edge:
    return Edge(
        kind=EdgeKind.PERMITS,
        view=View.TRUST,
        evidence=Evidence.PERMITTED,
        sources=sources,
        label="grant",
        cost=0,
    )


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
        its sources. The same graph where there is nothing to expand.
    """
    chosen = {
        node for node, data in graph.nodes(data=True) if data["kind"] is Kind.GRANT and (not grants or node in grants)
    }
    if not chosen:
        return graph
    nodes = [(node, data) for node, data in graph.nodes(data=True) if node not in chosen]
    edges: dict[tuple[str, str, str], Mapping[str, Any]] = {
        (tail, head, key): data
        for tail, head, key, data in graph.edges(keys=True, data=True)
        if tail not in chosen and head not in chosen
    }
    for grant in sorted(chosen):
        for holder, _, held in graph.in_edges(grant, data=True):
            for _, target, given in graph.out_edges(grant, data=True):
                if holder != target:
                    edge = msgspec.structs.replace(Edge(**given), sources=held["sources"])
                    key = _free(edges, holder, target, edge_key(edge))
                    edges[holder, target, key] = msgspec.structs.asdict(edge)
    found: Graph = nx.MultiDiGraph(**graph.graph)
    found.add_nodes_from(nodes)
    for (tail, head, key), data in sorted(edges.items(), key=lambda item: item[0]):
        found.add_edge(tail, head, key=key, **data)
    return found


def _free(edges: Mapping[tuple[str, str, str], object], tail: str, head: str, key: str) -> str:
    """Return a key that no edge between two nodes has."""
    found, number = key, 1
    while (tail, head, found) in edges:
        number += 1
        found = f"{key}#{number}"
    return found
