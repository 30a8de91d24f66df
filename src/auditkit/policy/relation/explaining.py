"""Why: the decision of the evaluator about one grant, by the statements that bear on it.

The compiled layers tell which statements bear on a point; only those are handed to the evaluator. What a principal's
own layers say is worked out once for all points on which the same statements bear, what a target's policies say once
for all principals that they do not tell apart, and what follows from the two once for all that say the same.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import msgspec
import numpy as np
from msgspec import UnsetType
from numpy.typing import NDArray

from auditkit.policy.decision import Decision
from auditkit.policy.documents import Document
from auditkit.policy.evaluator import Judgement, in_order, judge, layers_of_principal, statements_of
from auditkit.policy.principals import PrincipalType
from auditkit.policy.relation.account import FULL, Account
from auditkit.policy.relation.asking import Asker, reads_of
from auditkit.policy.relation.bearing import Bearing, Words
from auditkit.policy.relation.single import Known, request_of, with_key
from auditkit.policy.relation.speaking import At, Question, Said, Speaking, Told
from auditkit.policy.request import PolicySet, Request
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["Explaining"]

T = TypeVar("T")
Numbers = NDArray[np.int64]

_KEPT, _ASKED = 4_096, 64
_EVERY = (1 << 64) - 1

Chosen = tuple[tuple[int, int], ...]
"""Statements of a layer: place of the document, and of the statement in it."""
WordsAt = Callable[[int], Words]
"""Gives the statements of a layer that bear on a segment, by where it starts."""


class _Chosen(NamedTuple):
    """Statements of a principal's layers that bear on a request.

    Attributes
    ----------
    policies
        The principal's policies with nothing but these statements.
    alike
        Whether they say the same of all targets for which they stand, but for the values of condition keys.
    groups
        Number of the group of each target, as far as the condition keys that they read tell targets apart; None where
        they read none.
    """

    policies: PrincipalPolicies
    alike: bool
    groups: list[int] | None


class _Asked:
    """What was worked out about one principal."""

    def __init__(self, number: int, layers: tuple[int, ...], words: list[WordsAt]) -> None:
        self.number, self.layers, self.words = number, layers, words
        self.parts: dict[tuple[int, ...], list[tuple[int, tuple[Chosen, ...]]]] = {}
        self.chosen: dict[tuple[Chosen, ...], _Chosen] = {}
        self.own: dict[tuple[object, ...], Told] = {}
        self.decided: dict[tuple[int, int, int], Decision] = {}
        self.on_key: dict[int, Decision] = {}
        self.both: dict[tuple[_Same[Decision], _Same[Decision]], Decision] = {}


class Explaining:
    """Explains the grants of a compiled account.

    Parameters
    ----------
    account, bearing
        The account, and which statements bear on what.
    """

    def __init__(self, account: Account, bearing: Bearing) -> None:
        self._account, self._bearing = account, bearing
        self._speaking = Speaking(account)
        self._asked = lru_cache(maxsize=_ASKED)(self._make_asked)
        self._slim = lru_cache(maxsize=_KEPT)(_slim)
        self._known = lru_cache(maxsize=_KEPT)(self._make_known)
        self._judged: dict[tuple[object, ...], tuple[int, Judgement]] = {}

    # ------------------------------------------------------------ where

    def at(self, asker: int, point: Numbers) -> Iterator[At]:
        """Yield where each of some points lies in the layers of a principal."""
        account = self._account
        key = account.points.key_of[point]
        read = np.where(key >= 0, account.read[point], np.uint64(0))
        starts = zip(*(self._starts(layer, point) for layer in self._asked(asker).layers), strict=True)
        target = account.points.target_of[point]
        columns = point.tolist(), target.tolist(), starts, key.tolist(), read.tolist()
        return (At(*one) for one in zip(*columns, strict=True))

    def _starts(self, layer: int, point: Numbers) -> list[int]:
        segments = self._account.segments
        first, last = segments.first[layer : layer + 2].tolist() if layer >= 0 else (0, 0)
        if first == last:
            return [-1] * len(point)
        place = np.searchsorted(segments.start[first:last], point, "right") - 1 + first
        inside = (place >= first) & (point < segments.end[place])
        found: list[int] = np.where(inside, segments.start[place], -1).tolist()
        return found

    def _make_asked(self, asker: int) -> _Asked:
        standing = self._account.standings[asker]
        layers = standing.identity, standing.boundary, *standing.scps
        return _Asked(asker, layers, [self._bearing.of(layer).words if layer >= 0 else _nothing for layer in layers])

    # ------------------------------------------------------------ decisions

    def decide(self, asker: int, at: At, word: int) -> Iterator[tuple[int, Decision]]:
        """Yield the decisions about some actions at one point, each with the mask of the actions that it is about.

        Parameters
        ----------
        asker, at
            Number of the principal; where.
        word
            Mask of the actions.
        """
        asked = self._asked(asker)
        for mask, decision in self._by_statements(asked, at, word):
            if plain := mask & ~at.read:
                yield plain, decision
            if reading := mask & at.read:
                yield reading, self._with_key(asked, at.key, decision)

    def _with_key(self, asked: _Asked, key: int, decision: Decision) -> Decision:
        """Return a decision about reading what is encrypted together with the one about its key."""
        on_key = asked.on_key.get(key)
        if on_key is None:
            (at,) = self.at(asked.number, np.array([key]))
            ((_, on_key),) = self._by_statements(asked, at, 1)
            asked.on_key[key] = on_key
        pair = _Same(decision), _Same(on_key)
        if pair not in asked.both:
            asked.both[pair] = with_key(decision, on_key)
        return asked.both[pair]

    def _by_statements(self, asked: _Asked, at: At, word: int) -> Iterator[tuple[int, Decision]]:
        """Yield the decisions without regard to keys: one for all actions that hang on the same statements."""
        spoken = self._speaking.spoken(at.target)
        if at.starts not in asked.parts:
            asked.parts[at.starts] = _parts(asked.words, at.starts)
        for mask, chosen in asked.parts[at.starts]:
            for spoken_mask, said in spoken if word & mask else ():
                if about := word & mask & spoken_mask:
                    yield about, self._decide(asked, at, (about & -about).bit_length() - 1, chosen, said)

    def _decide(self, asked: _Asked, at: At, bit: int, chosen: tuple[Chosen, ...], said: Said) -> Decision:
        """Return the decision about one action: one for all requests that hang on the same."""
        action = self._account.points.targets[at.target].shape.actions[bit].name
        question = Question(asked.number, at, action, said)
        own = self._own(asked, question, chosen)
        told = self._speaking.layers(question, self._request)
        number, judgement = self._judge(question, own, told)
        key = own.serial, told.serial, number
        if key not in asked.decided:
            layers = in_order({**own.layers, **told.layers})
            asked.decided[key] = judgement.decision(statements_of(judgement, layers))
        return asked.decided[key]

    def _own(self, asked: _Asked, question: Question, chosen: tuple[Chosen, ...]) -> Told:
        """Return what the principal's own layers say."""
        at = question.at
        bearing = asked.chosen.get(chosen)
        if bearing is None:
            bearing = asked.chosen[chosen] = self._choose(asked.number, chosen)
        key: tuple[object, ...] = (chosen,)
        if not bearing.alike:
            key = chosen, at.point, question.action
        elif bearing.groups is not None:
            key = chosen, bearing.groups[at.target]
        if key not in asked.own:
            policies = bearing.policies
            boundary = (policies.boundary,) if isinstance(policies.boundary, Document) else policies.boundary
            scps = () if policies.scps is None else policies.scps
            held = PolicySet(identity=policies.identity, boundary=boundary, scp=scps)
            asked.own[key] = self._speaking.told(layers_of_principal(self._request(question), held))
        return asked.own[key]

    def _judge(self, question: Question, own: Told, told: Told) -> tuple[int, Judgement]:
        """Return what follows from the layers, with a number of its own."""
        account, (asker, at, action, said) = self._account, question
        same = bool(account.crowd(account.standings[asker].crowd).same[at.point])
        ruled = (action, at.point) if said[0] == action else None  # rules above policies are about the resource too
        key = own.sign, told.sign, account.askers[asker].who.type, same, ruled
        found = self._judged.get(key)
        if found is None:
            judgement = judge(self._request(question), {**own.layers, **told.layers})
            found = self._judged[key] = len(self._judged), judgement
        return found

    def _request(self, question: Question) -> Request:
        asker, at, action, _ = question
        return request_of(self._known(asker, at.target), action, self._account.points.texts[at.point])

    # ------------------------------------------------------------ a principal's statements

    def _choose(self, asker: int, chosen: tuple[Chosen, ...]) -> _Chosen:
        asking = self._account.askers[asker]
        policies = self._policies(asking, chosen[0], chosen[1], chosen[2:])
        reads = [reads_of(one) for document in _documents(policies) for one in document.statements]
        alike = asking.who.type is not PrincipalType.ROOT and not any(one.resources for one in reads)
        keys = frozenset(key for one in reads for _, keys in one.conditions for key in keys)
        return _Chosen(policies, alike, self._account.around.group_of(keys) if keys else None)

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
        places: dict[int, list[int]] = {}
        for number, place in chosen:
            places.setdefault(number, []).append(place)
        return tuple(
            self._slim(_Same(document), tuple(places.get(index, ()))) for index, document in enumerate(documents)
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


def _nothing(_: int) -> Words:
    return ()


def _parts(words: Sequence[WordsAt], starts: tuple[int, ...]) -> list[tuple[int, tuple[Chosen, ...]]]:
    """Return masks of actions on which the same statements of each layer bear, and the statements."""
    parts: list[tuple[int, list[tuple[int, tuple[int, int]]]]] = [(_EVERY, [])]
    for number, (words_at, start) in enumerate(zip(words, starts, strict=True)):
        for place, word in words_at(start) if start >= 0 else ():
            halves = [(mask & word, [*found, (number, place)]) for mask, found in parts]
            parts = [half for half in (*halves, *((mask & ~word, found) for mask, found in parts)) if half[0]]
    return [
        (mask, tuple(tuple(place for one, place in found if one == number) for number in range(len(starts))))
        for mask, found in parts
    ]


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
