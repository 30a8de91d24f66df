"""Permissions on many targets as one node: a statement's scope, expanded where plain edges are wanted.

A role that may read 20,000 buckets is one edge to a *grant*, which all principals share that were given the same, and
one from there to the *scope*: the buckets. Scopes are made of other scopes where they have something in common
(:mod:`.scopes`).
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.graph._build import Builder
from auditkit.graph._edges import meaning_of
from auditkit.graph.grounds import Basis
from auditkit.graph.schema import Edge, EdgeKind, Evidence, Node, View
from auditkit.graph.scopes import Packed, put_together
from auditkit.inventory import Kind, Source

__all__ = ["Given", "Grants", "by_grounds"]

_DIGITS = 16
_FEW = 256
Numbers = NDArray[np.int64] | NDArray[np.int32]
Sources = tuple[Source, ...]
T = TypeVar("T", bound=Hashable)
Given = list[tuple[list[Sequence[int] | Numbers], T]]
"""Targets, in parts, with the grounds that they were given on."""


class _Told(NamedTuple):
    """What an edge says, but for its sources: as an edge, and in words."""

    edge: Edge
    text: str


class _Group(NamedTuple):
    """Targets that a principal was given the same on: what, what it rests on there, and the targets."""

    told: _Told
    basis: Basis
    targets: Sequence[int] | Numbers

    def has(self, other: "_Group") -> bool:
        """Return whether all that another group was given is given here as well, and this one is as strong at least."""
        mine, its = self.told.edge, other.told.edge
        return (
            meaning_of(mine) == meaning_of(its)
            and mine.cost <= its.cost
            and bool(mine.conditions) <= bool(its.conditions)
            and bool(mine.unknown) <= bool(its.unknown)
            and self.basis.has(other.basis)
        )


class _Scope(NamedTuple):
    """A scope that was made: id of its node, digest of its members, how many there are in words, the first of them."""

    node: str
    digest: str
    label: str
    first: str


class Grants:
    """Grants to be made: what they give, and to whom.

    Parameters
    ----------
    build
        Of the graph.
    """

    def __init__(self, build: Builder) -> None:
        self._build = build
        self._told: dict[tuple[object, ...], _Told] = {}
        self._sets = Packed[bytes]()
        self._holders: dict[tuple[tuple[str, ...], bytes], dict[str, Sources]] = {}
        self._edges: dict[str, Edge] = {}

    def numbers(self, nodes: Iterable[str]) -> Numbers:
        """Return the numbers of some nodes, by their ids."""
        return np.array([self._build.number(node) for node in nodes], dtype=np.int64)

    def give(self, principal: str, targets: Iterable[str], edges: Iterable[Edge]) -> None:
        """Say that a principal was given the same on each of some targets; all are ids of nodes."""
        told = {self._words(edge).text: edge for edge in edges}
        sources = tuple(sorted({source for edge in told.values() for source in edge.sources}))
        self._hold(principal, told, self._set(self.numbers(targets)), sources)

    def give_all(
        self, principal: str, given: Iterable[tuple[Sequence[int] | Numbers, Sequence[tuple[Edge, Basis]]]]
    ) -> None:
        """Say all that a principal was given: the numbers of targets, and the edges to each of them.

        What it was given by the same statements on few targets becomes plain edges. Where all is among it that a grant
        gives, the scope of the grant has these targets as well, so that it is the same for others who hold those
        statements; the plain edge says in full what is given there (:func:`auditkit.graph._edges.meaning_of`).
        """
        wide, few = self._sorted_out(given)
        origin = self._build.number(principal)
        for same in few:
            edge = msgspec.structs.replace(same[0].told.edge, sources=same[0].basis.sources)
            targets = [int(number) for group in same for number in group.targets]
            self._build.edges_between([origin] * len(targets), targets, edge)
        together: dict[tuple[bytes, Sources], list[str]] = {}
        for group, more in _with_more(wide, chain.from_iterable(few)):
            members = self._set(np.concatenate([np.asarray(one.targets, dtype=np.int64) for one in (group, *more)]))
            together.setdefault((members, group.basis.sources), []).append(group.told.text)
        for (members, sources), all_words in together.items():
            self._hold(principal, all_words, members, sources)

    def _sorted_out(
        self, given: Iterable[tuple[Sequence[int] | Numbers, Sequence[tuple[Edge, Basis]]]]
    ) -> tuple[list[_Group], list[list[_Group]]]:
        """Return what was given by the same statements on many targets; and on few, in parts of the same basis."""
        alike: dict[int, tuple[Sequence[tuple[Edge, Basis]], list[Sequence[int] | Numbers]]] = {}
        for targets, edges in given:
            alike.setdefault(id(edges), (edges, []))[1].append(targets)
        by_words: dict[int, tuple[_Told, Given[Basis]]] = {}
        for edges, parts in alike.values():
            for edge, basis in edges:
                words = self._words(edge)
                by_words.setdefault(id(words), (words, []))[1].append((parts, basis))
        wide, few = list[_Group](), list[list[_Group]]()
        for words, told in by_words.values():
            groups: dict[Sources, list[_Group]] = {}
            for some, basis in by_grounds(told):
                groups.setdefault(basis.sources, []).append(_Group(words, basis, some))
            for same in groups.values():
                if sum(len(group.targets) for group in same) > self._build.fan_out:
                    targets = np.concatenate([np.asarray(group.targets, dtype=np.int64) for group in same])
                    wide.append(same[0]._replace(targets=targets))
                else:
                    few.append(same)
        return wide, few

    def _words(self, edge: Edge) -> _Told:
        """Return what an edge says, but for its sources."""
        bare = msgspec.structs.replace(edge, sources=())
        key = msgspec.structs.astuple(bare)
        found = self._told.get(key)
        if found is None:
            found = self._told[key] = _Told(bare, repr(bare))
            self._edges[found.text] = bare
        return found

    def _hold(self, principal: str, words: Iterable[str], members: bytes, sources: Sources) -> None:
        """Keep that a principal holds a grant; by other statements as well, where it was given the same twice."""
        holders = self._holders.setdefault((tuple(sorted(words)), members), {})
        holders[principal] = tuple(sorted({*holders.get(principal, ()), *sources}))

    def _set(self, targets: Numbers) -> bytes:
        """Return what stands for a set of targets."""
        held = np.zeros(len(self._build.numbered), dtype=bool)
        held[targets] = True
        ordered = np.flatnonzero(held).astype(np.int32)
        key = sha256(ordered.tobytes()).digest()
        if key not in self._sets:
            self._sets[key] = ordered
        return key

    def make(self) -> None:
        """Make the nodes and edges of all grants."""
        scopes = self._make_scopes()
        for (all_words, members), holders in self._holders.items():
            what = tuple(self._edges[words] for words in all_words)
            scope = scopes[members]
            name = sha256(repr((all_words, scope.digest)).encode()).hexdigest()[:_DIGITS]
            node = self._build.node(f"grant:{name}", self._node(what, scope, min(holders)))
            for principal, own in holders.items():
                self._build.edge(principal, node, _trust(EdgeKind.PERMITS, own, label="grant"))
            for edge in what:
                self._build.edge(node, scope.node, msgspec.structs.replace(edge, sources=holders[min(holders)]))

    def _make_scopes(self) -> dict[bytes, _Scope]:
        """Make the scopes; return that of each set."""
        held = dict.fromkeys(members for _, members in self._holders)
        used = np.zeros(len(self._build.numbered), dtype=bool)
        for key in held:
            used[self._sets[key]] = True
        names = sorted(self._build.numbered[number] for number in np.flatnonzero(used).tolist())
        places = {name: number for number, name in enumerate(names)}
        place = np.zeros(len(used), dtype=np.int32)
        place[[self._build.number(name) for name in names]] = np.arange(len(names))
        sets = Packed[str]()
        scopes: dict[str, _Scope] = {}
        keys: dict[str, bytes] = {}
        for key in held:
            inside = np.sort(place[self._sets.pop(key)])
            digest = sha256("\n".join([names[one] for one in inside.tolist()]).encode()).hexdigest()
            sets[digest], keys[digest] = inside, key
            scopes[digest] = self._scope(digest, names[inside[0]], len(inside))
        parts = put_together(sets, names)
        members: dict[str, int] = {}
        for name in sorted(parts.keys() - sets.keys()):
            inner = _named(_members(name, parts, places, members), names)
            digest = sha256("\n".join((name, *inner)).encode()).hexdigest()
            scopes[name] = self._scope(digest, inner[0], len(inner))
        contained: dict[str, list[tuple[int, int]]] = {}
        number = self._build.number
        for name, of_it in parts.items():
            for part in of_it:
                scope = scopes.get(part)
                ends = number(scopes[name].node), number(scope.node if scope else part)
                contained.setdefault(scope.first if scope else part, []).append(ends)
        for first, pairs in contained.items():
            wholes, parts_of = zip(*pairs, strict=True)
            self._build.edges_between(wholes, parts_of, _trust(EdgeKind.CONTAINS, self._sources_of(first)))
        return {keys[digest]: scopes[digest] for digest in sets}

    def _sources_of(self, target: str) -> Sources:
        record = self._build.inventory.get(target)
        return record.sources[:1] if record is not None and record.sources else (Source(""),)

    def _node(self, what: tuple[Edge, ...], scope: _Scope, holder: str) -> Node:
        words = sorted({str(edge.access or edge.kind) for edge in what})
        account = self._build.account_of(holder)
        return Node(
            kind=Kind.GRANT,
            label=f"{', '.join(words)}: {scope.label}",
            account=account,
            boundary=self._build.boundary(account=account),
        )

    def _scope(self, digest: str, first: str, count: int) -> _Scope:
        """Make a scope, by its first member and how many there are."""
        found = self._build.reference(first)
        label = f"{count} of kind {found.kind}"
        boundary = self._build.boundary(account=found.account)
        node = Node(kind=Kind.SCOPE, label=label, account=found.account, boundary=boundary)
        return _Scope(self._build.node(f"scope:{digest[:_DIGITS]}", node), digest, label, first)


def _with_more(wide: Iterable[_Group], few: Iterable[_Group]) -> Iterator[tuple[_Group, list[_Group]]]:
    """Yield wide groups with the small ones that have all of them; each of these goes with the widest that it may."""
    found = [(group, list[_Group]()) for group in sorted(wide, key=lambda group: -len(group.targets))]
    for group in few:
        for one, more in found:
            if group.has(one):
                more.append(group)
                break
    yield from found


def by_grounds(told: Given[T], *, few: int = _FEW) -> Iterator[tuple[Sequence[int] | Numbers, T]]:
    """Yield targets by the grounds that they were given on; of a target that was given twice the last ones count.

    Parameters
    ----------
    told
        What was given, in order.
    few
        Up to how many targets are looked at one by one; more are sorted as arrays.
    """
    if sum(len(part) for parts, _ in told for part in parts) <= few:
        last = {int(target): grounds for parts, grounds in told for part in parts for target in part}
        found: dict[T, list[int]] = {}
        for target, grounds in last.items():
            found.setdefault(grounds, []).append(target)
        yield from ((targets, grounds) for grounds, targets in found.items())
        return
    numbers: dict[T, int] = {}
    which = [numbers.setdefault(grounds, len(numbers)) for _, grounds in told]
    parts_of = [np.concatenate([np.asarray(part, dtype=np.int64) for part in parts]) for parts, _ in told]
    targets = np.concatenate(parts_of)[::-1]
    of = np.repeat(which, [len(part) for part in parts_of])[::-1]
    targets, first = np.unique(targets, return_index=True)
    for grounds, number in numbers.items():
        some = targets[of[first] == number]
        if len(some):
            yield some, grounds


def _members(name: str, parts: Mapping[str, tuple[str, ...]], places: Mapping[str, int], known: dict[str, int]) -> int:
    """Return the members of a scope that sets share, as bits by their places; what is found is kept in ``known``."""
    if name not in known:
        found = 0
        for part in parts[name]:
            found |= _members(part, parts, places, known) if part in parts else 1 << places[part]
        known[name] = found
    return known[name]


def _named(bits: int, names: Sequence[str]) -> list[str]:
    """Return the names at the places of the bits that are set, in order."""
    flags = np.frombuffer(bits.to_bytes(len(names) // 8 + 1, "little"), dtype=np.uint8)
    return [names[place] for place in np.flatnonzero(np.unpackbits(flags, bitorder="little")).tolist()]


def _trust(kind: EdgeKind, sources: Sources, label: str = "") -> Edge:
    return Edge(kind=kind, view=View.TRUST, evidence=Evidence.PERMITTED, sources=sources, label=label, cost=0)
