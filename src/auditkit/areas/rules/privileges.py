"""Data at rest: whether a function may do more to a store than it does."""

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct
from auditkit.areas._held import Held, held_by_each
from auditkit.areas._labels import MOST_NAMED
from auditkit.areas._sides import Ints
from auditkit.areas.answers import Answer, Rule, failed, found_none, unknown
from auditkit.areas.model import Among, Severity
from auditkit.areas.rules.wildcards import every_action, gives_every_action, place_of
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.areas.versions import InUse, in_use, within
from auditkit.areas.waiving import waivers_of
from auditkit.case import Waiver
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Node, Sensitivity
from auditkit.inventory import Kind, Source, UnsetType
from auditkit.inventory.records.functions import Function
from auditkit.policy.documents import Document

__all__ = ["RULES", "used_by"]

_CHECK = "rest.least-privilege-store"
_NEAR = 2.0
_DESTROYS = frozenset({AccessLevel.DELETE, AccessLevel.ADMIN})

_MANY = 10
"""Stores from which on what is too much on each of them alike is told once."""


def least_privilege_store(scene: Scene) -> Iterator[Answer]:
    """Judge, function by function, whether it may do more to a store than it is seen to do."""
    every = [*in_use(scene, "role")]
    told = [_without_looking(scene, one) for one in every]
    left = [number for number, answers in enumerate(told) if not answers]
    roles = [(every[number].function.id, every[number].code.role or "") for number in left]
    excess = _Excess(scene)
    for place, held in held_by_each(scene, roles):
        one = every[left[place]]
        used = _places(scene, used_by(scene, one.function))
        told[left[place]] = [*excess.answers(one, held, used)] or [_unused(scene, one, held, used)]
    for answers in told:
        yield from answers


def _without_looking(scene: Scene, one: InUse) -> list[Answer]:
    """Return the answer that needs no look at what is held: the policies were not seen, or give everything."""
    role, at = one.code.role or "", one.code.source.at("Role")
    if not scene.permissions.knows(role):
        return [unknown(one.function, "iam:GetAccountAuthorizationDetails", at=at, place=one.place)]
    if role in scene.administrators:
        said = "its role is an administrator's: it may do anything to every store"
        return [failed(one.function, said, at=at, place=one.place)]
    return []


_WHOLLY, _ADMINS, _SURE = 0b011, 0b100, 3
"""Bits: destroys, by a statement of everything, changes policy or settings; and again, shifted, for what is sure."""


class _Everything:
    """Tells of edges what is asked of them: by what they say, and whether a statement gives every action of a service.

    Parameters
    ----------
    scene
        Its principals have the statements.
    """

    def __init__(self, scene: Scene) -> None:
        self._edges = scene.compact.reading.edges
        self._plain = np.array([_bits(edge) for edge in self._edges.spoken], dtype=np.int64)
        self._of = _statements_of_everything(scene)
        every = frozenset[Source]().union(*self._of.values())
        self._numbers: dict[Source, list[int]] = {}
        for number, source in enumerate(self._edges.grounds.sources):
            if source in every:
                self._numbers.setdefault(source, []).append(number)

    def bits(self, held: Held, role: str) -> Ints:
        """Return the bits of each store that a role gives; none where they would not matter."""
        everything, some = self._of.get(role, frozenset()), held.some
        plain = self._plain[self._edges.says[some.numbers]]
        alike = np.array([_bits(one.edge) for one in some.alike], dtype=np.int64)
        if not everything and not (np.append(plain, alike) & _ADMINS).any():
            return _NOTHING
        if everything:
            flags = np.zeros(len(self._edges.grounds.sources), dtype=bool)
            flags[[number for source in everything for number in self._numbers.get(source, ())]] = True
            by = [not everything.isdisjoint(one.edge.sources) for one in some.alike]
            plain = _by_statement(plain, self._edges.grounds.any_of(some.numbers, flags))
            alike = _by_statement(alike, np.array(by, dtype=bool))
        return held.said(plain & ~_GIVEN, alike & ~_GIVEN)


_NOTHING: Ints = np.zeros(0, dtype=np.int64)
_GIVEN = 1 << (2 * _SURE)
"""Bit: given for sure."""


def _bits(edge: Edge) -> int:
    found = int(edge.access in _DESTROYS) | int(edge.access is AccessLevel.ADMIN) << 2
    return found | found << _SURE | _GIVEN if is_given(edge) else found


def _by_statement(bits: Ints, by: NDArray[np.bool_]) -> Ints:
    """Return bits of edges, with those that tell that some come by a statement of everything."""
    found: Ints = bits | np.where(by, np.where(bits & _GIVEN, 0b10 | 0b10 << _SURE, 0b10), 0)
    return found


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
    for statement in document.those(gives_every_action):
        if statement.effect == "Allow" and not statement.unclear and every_action(statement):
            yield place_of(document, statement)


_WHOLE = "its role may do whatever there is to do to {}"
_SETTINGS = "it may change the policy or settings of {}, and is seen only to use it"
_Words = str | tuple[str, ...]
"""What is too much, or what is missing to tell."""


class _Excess:
    """Tells what functions may do to stores that is too much.

    Parameters
    ----------
    scene
        Its graph has what they may do.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._everything = _Everything(scene)
        self._among: dict[bytes, Among] = {}
        order = {sensitivity: number for number, sensitivity in enumerate([None, *Sensitivity])}
        kept = [order[node.sensitivity] for node in scene.compact.reading.nodes.at]
        self._sensitivities = np.array(kept, dtype=np.int64)

    def answers(self, one: InUse, held: Held, used: NDArray[np.bool_]) -> Iterator[Answer]:
        """Yield what is too much of what is held, and what is not decided; stores that are used are told by place."""
        scene, function, names = self._scene, one.function, self._scene.neighbours.labels
        bits = self._everything.bits(held, one.code.role or "")
        waivers = waivers_of(scene.case, _CHECK, function.id, function.name)
        for said, places in self._alike(held, bits, used, waivers) if len(bits) else ():
            sensitivity = scene.neighbours.at(int(places[0])).sensitivity
            among = self._named(places)
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

    def _alike(
        self, held: Held, bits: Ints, used: NDArray[np.bool_], waivers: tuple[Waiver, ...]
    ) -> Iterator[tuple[_Words, Ints]]:
        """Yield what is too much, or what is missing to tell, and on which stores: one by one, or many that are alike.

        Those that a waiver names are no others' like.
        """
        groups: dict[tuple[_Words, int, tuple[Waiver, ...]], list[Ints]] = {}
        for words, stores in self._told(held, bits, used):
            for key, some in self._parted(stores, waivers):
                groups.setdefault((words, *key), []).append(some)
        found = [(words, np.sort(np.concatenate(some))) for (words, *_), some in groups.items()]
        for words, stores in sorted(found, key=lambda one: int(one[1][0])):
            for places in [stores] if len(stores) > _MANY else stores[:, np.newaxis]:
                yield words, places

    def _told(self, held: Held, bits: Ints, used: NDArray[np.bool_]) -> Iterator[tuple[_Words, Ints]]:
        """Yield stores with what is too much there, or what is missing to tell; the same words may come again."""
        stores = held.places
        log = self._scene.neighbours.where(_is_log)[stores]
        whole, whole_for_sure = (((bits & both) == both) & ~log for both in (_WHOLLY, _WHOLLY << _SURE))
        settings, settings_for_sure = (((bits & one) == one) & used[stores] for one in (_ADMINS, _ADMINS << _SURE))
        yield _WHOLE, stores[whole_for_sure]
        yield _SETTINGS, stores[settings_for_sure & ~whole_for_sure]
        for place in stores[(whole | settings) & ~whole_for_sure & ~settings_for_sure].tolist():
            yield not_decided(held.on(place)), np.array([place])

    def _parted(
        self, stores: Ints, waivers: tuple[Waiver, ...]
    ) -> Iterator[tuple[tuple[int, tuple[Waiver, ...]], Ints]]:
        """Yield stores by their sensitivity and the waivers that name them."""
        kept = self._sensitivities[stores]
        if not waivers:
            yield from (((one, ()), stores[kept == one]) for one in distinct(kept).tolist())
            return
        for number, sensitivity in enumerate(kept.tolist()):
            some = stores[[number]]
            named = tuple(one for one in waivers if one.covers_all(zip(*self._named(some), strict=True)))
            yield (sensitivity, named), some

    def _named(self, places: Ints) -> Among:
        """Return ids and labels of stores, the same object for the same stores: many functions may do the same."""
        key = places.tobytes()
        if key not in self._among:
            nodes = self._scene.neighbours
            labels = tuple(str(nodes.at(place).label) for place in places.tolist())
            self._among[key] = Among(tuple(nodes.ids(places.tolist())), labels)
        return self._among[key]


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


def _unused(scene: Scene, one: InUse, held: Held, used: NDArray[np.bool_]) -> Answer:
    function, place, at = one.function, one.place, one.code.source.at("Role")
    idle = held.places
    idle = idle[~used[idle] & ~scene.neighbours.where(_is_log_or_key)[idle]]
    if not len(idle):
        return found_none(function, "it is seen to use every store that it may use", at=at, place=place)
    usage = "iam:GetServiceLastAccessedDetails, or CloudTrail data events"
    return unknown(
        function, f"whether it uses {scene.neighbours.labels.some_sorted(idle)} ({usage})", at=at, place=place
    )


def _is_log_or_key(node: Node) -> bool:
    return node.kind in {Kind.LOG_GROUP, Kind.KEY}


RULES: dict[str, Rule] = {_CHECK: least_privilege_store}
