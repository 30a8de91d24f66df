"""Why: the decision of the evaluator about one grant, by the statements that bear on it.

The compiled layers tell which statements bear on a point; only those are handed to the evaluator. One decision serves
all requests that hang on the same statements and on nothing of the target.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import msgspec
import numpy as np
from msgspec import UnsetType
from numpy.typing import NDArray

from auditkit.policy.decision import Decision
from auditkit.policy.documents import Document, Statement
from auditkit.policy.matching import match_action
from auditkit.policy.principals import PrincipalType
from auditkit.policy.relation.account import FULL, Account
from auditkit.policy.relation.asking import Asker, reads_of, values_of
from auditkit.policy.relation.single import Known, settle, with_key
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["Explaining"]

T = TypeVar("T")
Numbers = NDArray[np.int64]

_KEPT = 4_096
_EVERY = (1 << 64) - 1
_RULED = frozenset({"iam", "kms", "sts"})
"""Services whose actions are not all alike to the evaluator."""

Chosen = tuple[tuple[int, int], ...]
"""Statements of a layer: place of the document, and of the statement in it."""


class _Bearing(NamedTuple):
    """Statements of a principal's policies that bear on a request.

    Attributes
    ----------
    policies
        The principal's policies with nothing but these statements.
    alike
        Whether they say the same of all targets for which they stand, but for the values of condition keys.
    keys
        The condition keys that they read.
    """

    policies: PrincipalPolicies
    alike: bool
    keys: frozenset[str]


class Explaining:
    """Explains the grants of a compiled account.

    Parameters
    ----------
    account
        The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._words = lru_cache(maxsize=_KEPT)(self._make_words)
        self._chosen = lru_cache(maxsize=_KEPT)(self._make_chosen)
        self._both = lru_cache(maxsize=_KEPT)(lambda one, key: with_key(one.held, key.held))
        self._bearing = lru_cache(maxsize=_KEPT)(self._make_bearing)
        self._spoken = lru_cache(maxsize=_KEPT)(self._make_spoken)
        self._slim = lru_cache(maxsize=_KEPT)(_slim)
        self._known = lru_cache(maxsize=_KEPT)(self._make_known)
        self._decided: dict[tuple[object, ...], Decision] = {}

    def starts(self, asker: int, point: Numbers) -> list[tuple[int, ...]]:
        """Return, for each point, where its segment in each layer of a principal begins; -1 for none."""
        return list(zip(*(self._starts(layer, point) for layer in self._layers(asker)), strict=True))

    def _layers(self, asker: int) -> tuple[int, ...]:
        standing = self._account.standings[asker]
        return standing.identity, standing.boundary, *standing.scps

    def _starts(self, layer: int, point: Numbers) -> list[int]:
        segments = self._account.segments
        first, last = segments.first[layer : layer + 2].tolist() if layer >= 0 else (0, 0)
        if first == last:
            return [-1] * len(point)
        place = np.searchsorted(segments.start[first:last], point, "right") - 1 + first
        inside = (place >= first) & (point < segments.end[place])
        found: list[int] = np.where(inside, segments.start[place], -1).tolist()
        return found

    def decide(self, asker: int, point: int, word: int, starts: tuple[int, ...]) -> Iterator[tuple[int, Decision]]:
        """Yield the decisions about some actions at one point, each with the mask of the actions that it is about.

        Parameters
        ----------
        asker, point
            Numbers of the principal and the point.
        word
            Mask of the actions.
        starts
            Where the point lies in the principal's layers: :meth:`starts`.
        """
        account = self._account
        key = int(account.points.key_of[point])
        read = int(account.read[point]) if key >= 0 else 0
        for mask, decision in self._by_statements(asker, point, word, starts):
            if plain := mask & ~read:
                yield plain, decision
            if reading := mask & read:
                ((_, on_key),) = self._by_statements(asker, key, 1, self.starts(asker, np.array([key]))[0])
                yield reading, self._both(_Same(decision), _Same(on_key))

    def _by_statements(
        self, asker: int, point: int, word: int, starts: tuple[int, ...]
    ) -> Iterator[tuple[int, Decision]]:
        """Yield the decisions without regard to keys: one for all actions that hang on the same statements."""
        spoken = self._spoken(int(self._account.points.target_of[point]))
        for mask, chosen in self._chosen(self._layers(asker), starts):
            for spoken_mask, said in spoken if word & mask else ():
                if about := word & mask & spoken_mask:
                    yield about, self._decide(asker, point, (about & -about).bit_length() - 1, chosen, said)

    def _decide(
        self, asker: int, point: int, bit: int, chosen: tuple[Chosen, ...], said: tuple[object, ...]
    ) -> Decision:
        """Return the decision about one action: one for all requests that hang on the same."""
        points = self._account.points
        bearing = self._bearing(asker, chosen)
        number, block = int(points.target_of[point]), int(points.block_of[point])
        action = points.blocks[block].shape.actions[bit].name
        key: tuple[object, ...] = self._account.standings[asker], chosen, said
        about = self._about(asker, point, action)
        if about is None or not bearing.alike:
            key += (asker, point)
        elif bearing.keys:
            key += (block, *about, values_of(self._known(asker, number).context, bearing.keys))
        else:
            key += (block, *about)
        if key not in self._decided:
            if len(self._decided) >= _KEPT:
                self._decided.clear()
            known = self._known(asker, number)
            self._decided[key] = settle(known, bearing.policies, action, points.texts[point])
        return self._decided[key]

    def _about(self, asker: int, point: int, action: str) -> tuple[object, ...] | None:
        """Return what a decision hangs on besides statements; None where it hangs on the target itself."""
        account = self._account
        target = account.points.targets[int(account.points.target_of[point])]
        policy, rcps = target.given.resource_policy, target.given.rcps
        if target.kind == "iam:role" and not action.lower().startswith("sts:"):
            policy = None
        if isinstance(policy, Document) or (rcps is not None and rcps != () and not isinstance(rcps, UnsetType)):
            return None
        crowd = account.crowd(account.standings[asker].crowd)
        return policy is None, rcps is None, bool(crowd.same[point])

    def _make_spoken(self, target: int) -> list[tuple[int, tuple[object, ...]]]:
        """Return masks of actions of which the target's own policies, and rules, say the same, and what says it."""
        shape, given = self._account.points.targets[target].shape, self._account.points.targets[target].given
        documents = [given.resource_policy] if isinstance(given.resource_policy, Document) else []
        if isinstance(given.rcps, tuple):
            documents += [document for level in given.rcps for document in level]
        found: dict[tuple[object, ...], int] = {}
        for bit, action in enumerate(shape.actions):
            service = action.name.partition(":")[0].lower()
            spoken = [
                tuple(one.index for one in document.statements if _speaks(one, action.name)) for document in documents
            ]
            said = action.name if service in _RULED else service, *spoken
            found[said] = found.get(said, 0) | 1 << bit
        return [(mask, said) for said, mask in found.items()]

    def _make_chosen(self, layers: tuple[int, ...], starts: tuple[int, ...]) -> list[tuple[int, tuple[Chosen, ...]]]:
        """Return masks of actions on which the same statements of each layer bear, and the statements."""
        parts: list[tuple[int, list[tuple[int, tuple[int, int]]]]] = [(_EVERY, [])]
        for number, (layer, start) in enumerate(zip(layers, starts, strict=True)):
            for place, word in self._words(layer, start) if layer >= 0 and start >= 0 else ():
                halves = [(mask & word, [*found, (number, place)]) for mask, found in parts]
                parts = [half for half in (*halves, *((mask & ~word, found) for mask, found in parts)) if half[0]]
        return [
            (mask, tuple(tuple(place for one, place in found if one == number) for number in range(len(layers))))
            for mask, found in parts
        ]

    def _make_words(self, layer: int, point: int) -> tuple[tuple[tuple[int, int], int], ...]:
        """Return the statements of a layer that bear on a point, sorted, each with the mask of its actions."""
        words: dict[tuple[int, int], int] = {}
        for hit in self._account.compiled.hits(layer, point):
            words[hit.document, hit.place] = words.get((hit.document, hit.place), 0) | hit.word
        return tuple(sorted(words.items()))

    def _make_bearing(self, asker: int, chosen: tuple[Chosen, ...]) -> "_Bearing":
        asking = self._account.askers[asker]
        policies = self._policies(asking, chosen[0], chosen[1], chosen[2:])
        reads = [reads_of(one) for document in _documents(policies) for one in document.statements]
        alike = asking.who.type is not PrincipalType.ROOT and not any(one.resources for one in reads)
        return _Bearing(policies, alike, frozenset(key for one in reads for _, keys in one.conditions for key in keys))

    def _policies(self, asker: Asker, identity: Chosen, boundary: Chosen, scps: Sequence[Chosen]) -> PrincipalPolicies:
        """Return a principal's policies with nothing but the chosen statements."""
        given = asker.given
        own, bound, levels = given.identity, given.boundary, given.scps
        if asker.who.type is PrincipalType.ROOT:
            return given
        return msgspec.structs.replace(
            given,
            identity=own if isinstance(own, UnsetType) else self._slimmed(own, identity),
            boundary=self._slimmed((bound,), boundary)[0] if isinstance(bound, Document) else bound,
            scps=tuple(self._slimmed(level, chosen) for level, chosen in zip(levels, scps, strict=False))
            if isinstance(levels, tuple)
            else levels,
        )

    def _slimmed(self, documents: Sequence[Document], chosen: Chosen) -> tuple[Document, ...]:
        return tuple(
            self._slim(_Same(document), tuple(place for number, place in chosen if number == index))
            for index, document in enumerate(documents)
        )

    def _make_known(self, asker: int, target: int) -> Known:
        return Known.of(self._account.askers[asker], self._account.points.targets[target].given)


class _Same(Generic[T]):
    """What is the same only as itself, for use as a key."""

    __slots__ = ("held",)

    def __init__(self, held: T) -> None:
        self.held = held

    def __hash__(self) -> int:
        return id(self.held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.held is self.held


def _slim(same: _Same[Document], places: tuple[int, ...]) -> Document:
    document = same.held
    if document is FULL or not document.readable:
        return document
    return document.with_statements(tuple(map(document.statement, places)))


def _documents(policies: PrincipalPolicies) -> list[Document]:
    """Return the documents of a principal's identity, boundary and service control policies."""
    found = [*(policies.identity if isinstance(policies.identity, tuple) else ())]
    if isinstance(policies.boundary, Document):
        found.append(policies.boundary)
    if isinstance(policies.scps, tuple):
        found += [document for level in policies.scps for document in level]
    return found


def _speaks(statement: Statement, action: str) -> bool:
    """Whether a statement may be about an action."""
    if statement.unclear & {"statement", "action"}:
        return True
    if statement.actions is not None:
        return match_action(statement.actions, action)
    return statement.not_actions is None or not match_action(statement.not_actions, action)
