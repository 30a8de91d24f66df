"""What policies of its role give a function of data, by store; edges are made where they are looked at."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from auditkit._numbers import distinct, united
from auditkit.areas._documents import NO_DOCUMENTS
from auditkit.areas._grants import Some
from auditkit.graph._merging import edge_key
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Node
from auditkit.inventory import STORE_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditkit.areas._sides import Ints
    from auditkit.areas.scene import Scene

__all__ = ["USES", "Held", "held_by", "held_by_each"]

USES = frozenset({AccessLevel.READ, AccessLevel.WRITE, AccessLevel.DELETE, AccessLevel.ADMIN})
"""Access to what a store keeps."""


class Held:
    """What the policies of a role give a function of data.

    Parameters
    ----------
    scene
        Its graph has the edges.
    some
        Edges, all of them to stores.

    Attributes
    ----------
    some
        As given.
    """

    def __init__(self, scene: Scene, some: Some) -> None:
        self.some, self._all = some, scene.neighbours
        self._heads = scene.compact.reading.edges.head[some.numbers]
        self._count = len(scene.nodes)

    @cached_property
    def places(self) -> Ints:
        """Places of all stores, sorted: ndarray of int64."""
        return united([self._heads, *(one.places for one in self.some.alike)], self._count)

    def on(self, place: int) -> list[Edge]:
        """Return what is given on a store, in the order of what it says."""
        plain = self.some.numbers[self._heads == place]
        places, of = self._given
        begin, end = places.searchsorted([place, place + 1]).tolist()
        given = (self.some.alike[number].edge for number in of[begin:end].tolist())
        return sorted((*self._all.each_once(plain), *given), key=edge_key)

    @cached_property
    def _given(self) -> tuple[Ints, Ints]:
        """What grants give: the places, sorted, and which of those that say the same is given there."""
        places = np.concatenate([self._heads[:0], *(one.places for one in self.some.alike)])
        order = np.argsort(places, kind="stable")
        of = np.repeat(np.arange(len(self.some.alike)), [len(one.places) for one in self.some.alike])
        return places[order], of[order]

    def said(self, plain: Ints, alike: Ints) -> Ints:
        """Return of each store the bits that any edge has there, from those of the edges in :attr:`some`."""
        bits = np.empty(self._count, dtype=np.int64)
        bits[self.places] = 0
        for value in distinct(plain).tolist():
            bits[self._heads[plain == value]] |= value
        for one, value in zip(self.some.alike, alike.tolist(), strict=True):
            bits[one.places] |= value
        return bits[self.places]


def held_by(scene: Scene, function: str, role: str) -> Held:
    """Return what the policies of a role give a function of data, by store."""
    found = scene.acting_on(function, role, EdgeKind.PERMITS, holds=_is_use, is_one=_is_store)
    own = scene.documents_of.get(role, NO_DOCUMENTS)
    numbers, alike = found.numbers, [one for one in found.alike if own.hold(one.edge.sources)]
    if len(numbers):
        numbers = numbers[scene.standing.any_of(numbers, own)]
    return Held(scene, Some(numbers, alike))


def held_by_each(scene: Scene, roles: Sequence[tuple[str, str]]) -> Iterator[tuple[int, Held]]:
    """Yield what :func:`held_by` returns for functions and their roles, by number, those of one role together.

    What a role gives is found once for all functions that act in it and may do nothing apart from that.
    """
    known, last = None, ""
    for number in sorted(range(len(roles)), key=lambda one: roles[one][1]):
        function, role = roles[number]
        if scene.acts_apart(function, EdgeKind.PERMITS):
            yield number, held_by(scene, function, role)
            continue
        if known is None or role != last:
            known, last = held_by(scene, function, role), role
        yield number, known


def _is_use(edge: Edge) -> bool:
    return edge.access in USES


def _is_store(node: Node) -> bool:
    return node.kind in STORE_KINDS
