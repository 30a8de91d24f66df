"""Permissions on many targets as one node: a statement's scope, expanded where plain edges are wanted.

A role that may read 20,000 buckets is one edge to a *grant*, which all principals share that were given the same, and
one from there to the *scope*: the buckets. Scopes are made of other scopes where they have something in common
(:mod:`.scopes`).
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from hashlib import sha256

import msgspec

from auditkit.graph._build import Builder
from auditkit.graph.schema import Edge, EdgeKind, Evidence, Node, View
from auditkit.graph.scopes import put_together
from auditkit.inventory import Kind, Source

__all__ = ["Grants"]

_DIGITS = 16
Sources = tuple[Source, ...]


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
        self._sets: dict[str, tuple[str, ...]] = {}
        self._holders: dict[tuple[tuple[str, ...], str], dict[str, Sources]] = {}

    def give(self, principal: str, targets: Iterable[str], edges: Iterable[Edge]) -> None:
        """Say that a principal was given the same on each of some targets; all are ids of nodes."""
        told = {self._told(edge): edge for edge in edges}
        sources = tuple(sorted({source for edge in told.values() for source in edge.sources}))
        self._hold(principal, told, targets, sources)

    def give_all(self, principal: str, given: Iterable[tuple[Sequence[str], Sequence[Edge]]]) -> None:
        """Say all that a principal was given: targets, and the edges to each of them; all are ids of nodes.

        What it was given by the same statements on few targets becomes plain edges.
        """
        alike: dict[Hashable, tuple[Sequence[Edge], list[str]]] = {}
        for targets, edges in given:
            alike.setdefault(id(edges), (edges, []))[1].extend(targets)
        by_words: dict[str, dict[str, Sources]] = {}
        for edges, all_targets in alike.values():
            for edge in edges:
                by_words.setdefault(self._told(edge), {}).update(dict.fromkeys(all_targets, edge.sources))
        found: dict[tuple[str, Sources], list[str]] = {}
        for words, told in by_words.items():
            for target, sources in told.items():
                found.setdefault((words, sources), []).append(target)
        together: dict[tuple[str, Sources], list[str]] = {}
        for (words, sources), some in found.items():
            if len(some) > self._build.fan_out:
                together.setdefault((self._set(some), sources), []).append(words)
                continue
            edge = msgspec.structs.replace(self._edges[words], sources=sources)
            for target in some:
                self._build.edge(principal, target, edge)
        for (digest, sources), all_words in together.items():
            self._hold(principal, all_words, self._sets[digest], sources)

    def _told(self, edge: Edge) -> str:
        """Return what an edge says, but for its sources, in words."""
        bare = msgspec.structs.replace(edge, sources=())
        words = repr(bare)
        self._edges.setdefault(words, bare)
        return words

    def _hold(self, principal: str, words: Iterable[str], targets: Iterable[str], sources: Sources) -> None:
        """Keep that a principal holds a grant; by other statements as well, where it was given the same twice."""
        holders = self._holders.setdefault((tuple(sorted(words)), self._set(targets)), {})
        holders[principal] = tuple(sorted({*holders.get(principal, ()), *sources}))

    def _set(self, targets: Iterable[str]) -> str:
        """Return what stands for a set of targets."""
        ordered = tuple(sorted(targets))
        digest = sha256("\n".join(ordered).encode()).hexdigest()
        self._sets.setdefault(digest, ordered)
        return digest

    def make(self) -> None:
        """Make the nodes and edges of all grants."""
        scopes = self._make_scopes()
        for (all_words, digest), holders in self._holders.items():
            what = tuple(self._edges[words] for words in all_words)
            name = sha256(repr((all_words, digest)).encode()).hexdigest()[:_DIGITS]
            node = self._build.node(f"grant:{name}", self._node(what, self._sets[digest], min(holders)))
            for principal, own in holders.items():
                self._build.edge(principal, node, _trust(EdgeKind.PERMITS, own, label="grant"))
            for edge in what:
                self._build.edge(node, scopes[digest], msgspec.structs.replace(edge, sources=holders[min(holders)]))

    def _make_scopes(self) -> dict[str, str]:
        """Make the scopes; return the node of each set."""
        sets = {digest: self._sets[digest] for _, digest in self._holders}
        parts = put_together(sets)
        members = dict(sets)
        nodes: dict[str, str] = {}
        for name in sorted(parts):
            inside = _members(name, parts, members)
            digest = name if name in sets else sha256("\n".join((name, *inside)).encode()).hexdigest()
            nodes[name] = self._build.node(f"scope:{digest[:_DIGITS]}", self._scope(inside))
        for name, own in parts.items():
            for part in own:
                first = members[part][0] if part in parts else part
                edge = _trust(EdgeKind.CONTAINS, self._sources_of(first))
                self._build.edge(nodes[name], nodes.get(part, part), edge)
        return nodes

    def _sources_of(self, target: str) -> Sources:
        record = self._build.inventory.get(target)
        return record.sources[:1] if record is not None and record.sources else (Source(""),)

    def _node(self, what: tuple[Edge, ...], targets: tuple[str, ...], holder: str) -> Node:
        words = sorted({str(edge.access or edge.kind) for edge in what})
        account = self._build.reference(holder).account
        return Node(
            kind=Kind.GRANT,
            label=f"{', '.join(words)}: {self._many(targets)}",
            account=account,
            boundary=self._build.boundary(account=account),
        )

    def _scope(self, targets: tuple[str, ...]) -> Node:
        account = self._build.reference(targets[0]).account
        boundary = self._build.boundary(account=account)
        return Node(kind=Kind.SCOPE, label=self._many(targets), account=account, boundary=boundary)

    def _many(self, targets: tuple[str, ...]) -> str:
        return f"{len(targets)} of kind {self._build.reference(targets[0]).kind}"


def _members(name: str, parts: Mapping[str, tuple[str, ...]], known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the members of a scope, sorted; what is found out is kept in ``known``."""
    if name not in known:
        inside = {one for part in parts[name] for one in (_members(part, parts, known) if part in parts else (part,))}
        known[name] = tuple(sorted(inside))
    return known[name]


def _trust(kind: EdgeKind, sources: Sources, label: str = "") -> Edge:
    return Edge(kind=kind, view=View.TRUST, evidence=Evidence.PERMITTED, sources=sources, label=label, cost=0)
