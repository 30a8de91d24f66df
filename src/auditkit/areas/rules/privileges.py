"""Data at rest: whether a function may do more to a store than it does."""

from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.areas._documents import NO_DOCUMENTS
from auditkit.areas._grants import Alike
from auditkit.areas._labels import MOST_NAMED
from auditkit.areas._sides import Ints
from auditkit.areas.answers import Answer, Rule, failed, found_none, unknown
from auditkit.areas.model import Among, Severity
from auditkit.areas.rules.wildcards import every_action, place_of
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.areas.versions import InUse, in_use, within
from auditkit.areas.waiving import waivers_of
from auditkit.case import Waiver
from auditkit.graph._merging import edge_key
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Node, Sensitivity
from auditkit.inventory import STORE_KINDS, Kind, Source, UnsetType
from auditkit.inventory.records.functions import Function
from auditkit.policy.documents import Document

__all__ = ["RULES", "USES", "held_by", "used_by"]

_CHECK = "rest.least-privilege-store"
_KNOWN: WeakKeyDictionary[Scene, dict[bytes, Among]] = WeakKeyDictionary()
_NEAR = 2.0
USES = frozenset({AccessLevel.READ, AccessLevel.WRITE, AccessLevel.DELETE, AccessLevel.ADMIN})
"""Access to what a store keeps."""

_DESTROYS = frozenset({AccessLevel.DELETE, AccessLevel.ADMIN})

_MANY = 10
"""Stores from which on what is too much on each of them alike is told once."""


class Held:
    """What the policies of a role give a function of data.

    Parameters
    ----------
    alike
        Edges that say the same, with the places of the stores.

    Attributes
    ----------
    places : ndarray of int64
        Places of all stores, sorted.
    edges
        What is given on some of them.
    """

    def __init__(self, alike: list[Alike]) -> None:
        self.edges = [one.edge for one in alike]
        pairs = np.concatenate([_NOWHERE, *(one.places for one in alike)])
        order = np.argsort(pairs, kind="stable")
        self._of = np.repeat(np.arange(len(alike)), [len(one.places) for one in alike])[order]
        pairs = pairs[order]
        self._first = np.flatnonzero(np.diff(pairs, prepend=-1))
        self.places: Ints = pairs[self._first]

    def on(self, place: int) -> list[Edge]:
        """Return what is given on a store, in the order of what it says."""
        at = int(self.places.searchsorted(place))
        if at == len(self.places) or self.places[at] != place:
            return []
        stop = self._first[at + 1] if at + 1 < len(self._first) else len(self._of)
        return sorted((self.edges[number] for number in self._of[self._first[at] : stop].tolist()), key=edge_key)

    def said(self, bits: Ints) -> Ints:
        """Return of each store the bits that any of :attr:`edges` has there."""
        return np.bitwise_or.reduceat(bits[self._of], self._first) if len(self._of) else bits[:0]


_NOWHERE: Ints = np.zeros(0, dtype=np.int64)


def least_privilege_store(scene: Scene) -> Iterator[Answer]:
    """Judge, function by function, whether it may do more to a store than it is seen to do."""
    everything = _statements_of_everything(scene)
    for one in in_use(scene, "role"):
        function, (role, at) = one.function, (one.code.role or "", one.code.source.at("Role"))
        if not scene.permissions.knows(role):
            yield unknown(function, "iam:GetAccountAuthorizationDetails", at=at, place=one.place)
        elif role in scene.administrators:
            said = "its role is an administrator's: it may do anything to every store"
            yield failed(function, said, at=at, place=one.place)
        else:
            held, used = held_by(scene, function.id, role), used_by(scene, function)
            answers = [*_too_much(scene, one, held, everything.get(role, frozenset()), used)]
            yield from answers or [_unused(scene, one, held, used)]


def _statements_of_everything(scene: Scene) -> dict[str, frozenset[Source]]:
    """Return the statements that give every action of a service, by principal; many have documents in common."""
    known: dict[int, frozenset[Source]] = {}
    found = dict[str, frozenset[Source]]()
    for one in scene.permissions.principals:
        if isinstance(one.identity, UnsetType):
            continue
        for document in one.identity:
            if id(document) not in known:
                known[id(document)] = frozenset(_of_everything(document))
        found[one.arn] = frozenset[Source]().union(*(known[id(document)] for document in one.identity))
    return found


def _of_everything(document: Document) -> Iterator[Source]:
    for statement in document.statements:
        if statement.effect == "Allow" and not statement.unclear and every_action(statement):
            yield place_of(document, statement)


def held_by(scene: Scene, function: str, role: str) -> Held:
    """Return what the policies of a role give a function of data, by store."""
    found = scene.acting_on(function, role, EdgeKind.PERMITS, holds=_is_use, is_one=_is_store)
    own = scene.documents_of.get(role, NO_DOCUMENTS)
    return Held([one for one in found if own.hold(one.edge.sources)])


def _is_use(edge: Edge) -> bool:
    return edge.access in USES


def _is_store(node: Node) -> bool:
    return node.kind in STORE_KINDS


def _too_much(
    scene: Scene, one: InUse, held: Held, everything: frozenset[Source], used: frozenset[str]
) -> Iterator[Answer]:
    function, names = one.function, scene.neighbours.labels
    waivers = waivers_of(scene.case, _CHECK, function.id, function.name)
    for said, places in _alike(scene, held, everything, used, waivers):
        sensitivity = scene.neighbours.at(int(places[0])).sensitivity
        among = _among(scene, places)
        place = within(one.place, names.first(places))
        edges = [edge for store in places[:MOST_NAMED].tolist() for edge in held.on(store)]
        if isinstance(said, tuple):
            at = [source for edge in edges for source in edge.sources]
            yield msgspec.structs.replace(unknown(function, said, at=at, place=place), among=among)
            continue
        at = [source for edge in edges if is_given(edge) for source in edge.sources]
        near = scene.reach.access(function.id).cost <= _NEAR
        worst = Severity.CRITICAL if near and sensitivity is Sensitivity.RESTRICTED else None
        why, words = "the outside reaches it, and the data is restricted", said.format(names.some(places))
        answer = failed(function, words, at=at, place=place, carries=sensitivity, severity=worst, weighed=why)
        yield msgspec.structs.replace(answer, among=among)


_WHOLE = "its role may do whatever there is to do to {}"
_SETTINGS = "it may change the policy or settings of {}, and is seen only to use it"


def _among(scene: Scene, places: Ints) -> Among:
    """Return ids and labels of stores, the same object for the same stores: many functions may do the same."""
    known = _KNOWN.setdefault(scene, {})
    key = places.tobytes()
    if key not in known:
        nodes = scene.neighbours
        labels = tuple(str(nodes.at(place).label) for place in places.tolist())
        known[key] = Among(tuple(nodes.ids(places.tolist())), labels)
    return known[key]


def _alike(
    scene: Scene, held: Held, everything: frozenset[Source], used: frozenset[str], waivers: tuple[Waiver, ...]
) -> Iterator[tuple[str | tuple[str, ...], Ints]]:
    """Yield what is too much, or what is missing to tell, and on which stores: one by one, or many that are alike.

    Those that a waiver names are no others' like.
    """
    if not everything and not any(edge.access is AccessLevel.ADMIN for edge in held.edges):
        return
    stores = held.places
    given = held.said(np.array([_bits(edge, everything) for edge in held.edges], dtype=np.int64))
    seen, log = _places(scene, used)[stores], scene.neighbours.where(_is_log)[stores]
    whole, whole_for_sure = (((given & both) == both) & ~log for both in (_WHOLLY, _WHOLLY << _SURE))
    settings, settings_for_sure = (((given & one) == one) & seen for one in (_ADMINS, _ADMINS << _SURE))
    perhaps = whole | settings
    groups: dict[tuple[str | tuple[str, ...], Sensitivity | None, tuple[Waiver, ...]], list[int]] = {}
    for number in np.flatnonzero(perhaps).tolist():
        place, said = int(stores[number]), ""
        if whole_for_sure[number]:
            said = _WHOLE
        elif settings_for_sure[number]:
            said = _SETTINGS
        node = scene.neighbours.at(place)
        named = tuple(one for one in waivers if one.covers_all(zip(*_among(scene, stores[[number]]), strict=True)))
        groups.setdefault((said or not_decided(held.on(place)), node.sensitivity, named), []).append(place)
    for (words, *_), places in groups.items():
        for some in [places] if len(places) > _MANY else [[place] for place in places]:
            yield words, np.array(some)


_WHOLLY, _ADMINS, _SURE = 0b011, 0b100, 3
"""Bits: destroys, by a statement of everything, changes policy or settings; and again, shifted, for what is sure."""


def _bits(edge: Edge, everything: frozenset[Source]) -> int:
    found = int(edge.access in _DESTROYS)
    found |= int(not everything.isdisjoint(edge.sources)) << 1
    found |= int(edge.access is AccessLevel.ADMIN) << 2
    return found | found << _SURE if is_given(edge) else found


def _is_log(node: Node) -> bool:
    return node.kind is Kind.LOG_GROUP


def _places(scene: Scene, nodes: Iterable[str]) -> NDArray[np.bool_]:
    """Return flags by place, set for some nodes."""
    flags = np.zeros(len(scene.nodes), dtype=bool)
    flags[[place for node in nodes if (place := scene.neighbours.place(node)) >= 0]] = True
    return flags


def used_by(scene: Scene, function: Function) -> frozenset[str]:
    """Return what a function is seen, set up or named to use, the stores among it."""
    reads = scene.into(function.id, EdgeKind.READS, EdgeKind.DELIVERS, permitted=False)
    return frozenset(other for other, _ in (*reads, *scene.out_of(function.id, EdgeKind.WRITES, permitted=False)))


def _unused(scene: Scene, one: InUse, held: Held, used: frozenset[str]) -> Answer:
    function, place, at = one.function, one.place, one.code.source.at("Role")
    idle = held.places
    idle = idle[~_places(scene, used)[idle] & ~scene.neighbours.where(_is_log_or_key)[idle]]
    if not len(idle):
        return found_none(function, "it is seen to use every store that it may use", at=at, place=place)
    usage = "iam:GetServiceLastAccessedDetails, or CloudTrail data events"
    return unknown(
        function, f"whether it uses {scene.neighbours.labels.some_sorted(idle)} ({usage})", at=at, place=place
    )


def _is_log_or_key(node: Node) -> bool:
    return node.kind in {Kind.LOG_GROUP, Kind.KEY}


RULES: dict[str, Rule] = {_CHECK: least_privilege_store}
