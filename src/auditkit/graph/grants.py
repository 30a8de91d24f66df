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
        self._edges: dict[str, Edge] = {}
        self._targets: dict[str, tuple[str, ...]] = {}
        self._holders: dict[tuple[tuple[str, ...], str], dict[str, tuple[Source, ...]]] = {}

    def give(self, principal: str, targets: Iterable[str], edges: Iterable[Edge]) -> None:
        """Say that a principal was given the same on each of some targets; all are ids of nodes."""
        told = {repr(msgspec.structs.replace(edge, sources=())): edge for edge in edges}
        self._edges |= {words: msgspec.structs.replace(edge, sources=()) for words, edge in told.items()}
        sources = tuple(sorted({source for edge in told.values() for source in edge.sources}))
        self._holders.setdefault((tuple(sorted(told)), self._set(targets)), {})[principal] = sources

    def give_all(self, principal: str, given: Iterable[tuple[Iterable[str], Iterable[Edge]]]) -> None:
        """Say all that a principal was given: targets, and the edges to each of them; all are ids of nodes.

        What it was given alike on few targets becomes plain edges.
        """
        found: dict[str, dict[str, tuple[Source, ...]]] = {}
        for targets, edges in given:
            for edge in edges:
                words = repr(msgspec.structs.replace(edge, sources=()))
                self._edges.setdefault(words, msgspec.structs.replace(edge, sources=()))
                found.setdefault(words, {}).update(dict.fromkeys(targets, edge.sources))
        alike: dict[str, list[str]] = {}
        for words, sources in found.items():
            if len(sources) > self._build.fan_out:
                alike.setdefault(self._set(sources), []).append(words)
                continue
            for target, own in sources.items():
                self._build.edge(principal, target, msgspec.structs.replace(self._edges[words], sources=own))
        for digest, all_words in alike.items():
            own = tuple(sorted({one for words in all_words for some in set(found[words].values()) for one in some}))
            self._holders.setdefault((tuple(sorted(all_words)), digest), {})[principal] = own

    def _set(self, targets: Iterable[str]) -> str:
        """Return what stands for a set of targets."""
        ordered = tuple(sorted(targets))
        digest = sha256("\n".join(ordered).encode()).hexdigest()
        self._targets.setdefault(digest, ordered)
        return digest

    def make(self) -> None:
        """Make the nodes and edges of all grants."""
        for (all_words, digest), holders in self._holders.items():
            targets = self._targets[digest]
            what = tuple(self._edges[words] for words in all_words)
            name = sha256(repr((all_words, digest)).encode()).hexdigest()[:_DIGITS]
            sources = tuple(sorted({source for one in holders.values() for source in one}))
            node = self._build.node(f"grant:{name}", self._node(what, targets, min(holders), sources))
            for principal, own in holders.items():
                self._build.edge(principal, node, _holding(own))
            for edge in what:
                for target in targets:
                    self._build.edge(node, target, msgspec.structs.replace(edge, sources=sources))

    def _node(self, what: tuple[Edge, ...], targets: tuple[str, ...], holder: str, sources: tuple[Source, ...]) -> Node:
        words = sorted({str(edge.access or edge.kind) for edge in what})
        account = self._build.reference(holder).account
        return Node(
            kind=Kind.GRANT,
            label=f"{', '.join(words)}: {len(targets)} of kind {self._build.reference(targets[0]).kind}",
            account=account,
            boundary=self._build.boundary(account=account),
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
