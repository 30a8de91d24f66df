"""Why: the decision of the evaluator about one grant, by the statements that bear on it.

The compiled layers tell which statements bear on a point; only those are handed to the evaluator. What a principal's
own layers say is worked out once for all points on which the same statements bear, what a target's policies say once
for all principals that they do not tell apart, and what follows from the two once for all that say the same.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.decision import Decision
from auditkit.policy.evaluator import Judgement, in_order, judge, statements_of
from auditkit.policy.relation.account import Account
from auditkit.policy.relation.bearing import Bearing, Words
from auditkit.policy.relation.holding import Chosen, Holding
from auditkit.policy.relation.single import Known, request_of, with_key
from auditkit.policy.relation.speaking import At, Question, Said, Speaking, Told, first_of
from auditkit.policy.request import Request

__all__ = ["Explaining"]

T = TypeVar("T")
Numbers = NDArray[np.int64]

_KEPT, _ASKED = 256, 16
_EVERY = (1 << 64) - 1
_ALIASES = "kms:resourcealiases"

Parts = tuple[tuple[int, tuple[Chosen, ...]], ...]
"""Masks of actions on which the same statements of each layer bear, and the statements."""
WordsAt = Callable[[int], Words]
"""Gives the statements of a layer that bear on a segment, by where it starts."""


class _Chosen(NamedTuple):
    """Statements of a principal's layers that bear on a request.

    Attributes
    ----------
    alike
        Whether they say the same of all targets for which they stand, but for the values of condition keys.
    groups
        Number of the group of each target, as far as the condition keys that they read tell targets apart; None where
        they read none.
    """

    alike: bool
    groups: list[int] | None


class _Asked:
    """What was worked out about one principal."""

    def __init__(self, number: int, layers: tuple[int, ...], words: Sequence[WordsAt], holding: Holding) -> None:
        self.number, self.layers, self.words, self.holding = number, layers, words, holding
        self.parts: dict[tuple[int, ...], Parts] = {}
        self.alike: dict[tuple[Words, ...], Parts] = {}
        self.chosen: dict[tuple[Chosen, ...], _Chosen] = {}
        self.own: dict[tuple[object, ...], Told] = {}
        self.told: dict[tuple[object, ...], Told] = {}
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
        words = [self._bearing.of(layer).words if layer >= 0 else _nothing for layer in layers]
        return _Asked(asker, layers, words, Holding(self._account.askers[asker]))

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
        (on_key,) = self.on_keys(asked.number, np.array([key]))
        pair = _Same(decision), _Same(on_key)
        if pair not in asked.both:
            asked.both[pair] = with_key(decision, on_key)
        return asked.both[pair]

    def on_keys(self, asker: int, keys: Numbers) -> list[Decision]:
        """Return the decisions about some keys, by the points at which they are in use."""
        asked = self._asked(asker)
        new = [key for key in keys.tolist() if key not in asked.on_key]
        for key, at in zip(new, self.at(asker, np.array(new, dtype=np.int64)), strict=True):
            ((_, asked.on_key[key]),) = self._by_statements(asked, at, 1)
        return [asked.on_key[key] for key in keys.tolist()]

    # ------------------------------------------------------------ what decisions hang on

    def hangs(self, asker: int, at: At, word: int) -> list[list[int]] | None:
        """Return by which groups of targets a principal's own statements tell these apart; None where each is alone.

        Parameters
        ----------
        asker, at, word
            As of :meth:`decide`: the same is returned wherever the same statements bear.
        """
        asked = self._asked(asker)
        bearing = [self._bearing_of(asked, chosen) for mask, chosen in self._parts(asked, at.starts) if word & mask]
        groups = [one.groups for one in bearing if one.groups is not None]
        return groups if all(one.alike for one in bearing) else None

    def serials(self, asker: int, at: At, word: int) -> tuple[int, ...]:
        """Return numbers of what the policies of a target say: equal where the same statements say the same.

        Parameters
        ----------
        asker, at, word
            As of :meth:`decide`.
        """
        return self._speaking.serials(asker, at, word, self._request)

    def spoken(self, target: int) -> int:
        """Return a number for the actions of which a target's policies may say the same."""
        return id(self._speaking.spoken(target))

    def _by_statements(self, asked: _Asked, at: At, word: int) -> Iterator[tuple[int, Decision]]:
        """Yield the decisions without regard to keys: one for all actions that hang on the same statements."""
        spoken = self._speaking.spoken(at.target)
        for mask, chosen in self._parts(asked, at.starts):
            for place, (spoken_mask, said) in enumerate(spoken) if word & mask else ():
                if about := word & mask & spoken_mask:
                    question = Question(asked.number, at, first_of(about), place)
                    yield about, self._decide(asked, question, chosen, said)

    @staticmethod
    def _parts(asked: _Asked, starts: tuple[int, ...]) -> Parts:
        """Return what bears on a place, the very same where the same does."""
        found = asked.parts.get(starts)
        if found is None:
            words = tuple([at(start) if start >= 0 else () for at, start in zip(asked.words, starts, strict=True)])
            if words not in asked.alike:
                asked.alike[words] = _parts(words)
            found = asked.parts[starts] = asked.alike[words]
        return found

    def _decide(self, asked: _Asked, question: Question, chosen: tuple[Chosen, ...], said: Said) -> Decision:
        """Return the decision about one action: one for all requests that hang on the same."""
        own = self._own(asked, question, chosen)
        told = self._speaking.layers(question, self._request)
        number, judgement = self._judge(question, own, told, self._ruled(question, said))
        key = own.serial, told.serial, number
        if key not in asked.decided:
            layers = in_order({**own.layers, **told.layers})
            asked.decided[key] = judgement.decision(statements_of(judgement, layers))
        return asked.decided[key]

    def _own(self, asked: _Asked, question: Question, chosen: tuple[Chosen, ...]) -> Told:
        """Return what the principal's own layers say."""
        at = question.at
        bearing = self._bearing_of(asked, chosen)
        key: tuple[object, ...] = (chosen,)
        if not bearing.alike:
            key = chosen, at.point, question.bit
        elif bearing.groups is not None:
            key = chosen, bearing.groups[at.target]
        if key not in asked.own:
            layers = asked.holding.layers(chosen, lambda: self._request(question))
            asked.own[key] = self._speaking.told(layers, asked.told)
        return asked.own[key]

    def _bearing_of(self, asked: _Asked, chosen: tuple[Chosen, ...]) -> _Chosen:
        bearing = asked.chosen.get(chosen)
        if bearing is None:
            alike, keys = asked.holding.hanging(chosen)
            groups = self._account.around.group_of(keys) if keys else None
            bearing = asked.chosen[chosen] = _Chosen(alike, groups)
        return bearing

    def _judge(self, question: Question, own: Told, told: Told, ruled: object) -> tuple[int, Judgement]:
        """Return what follows from the layers, with a number of its own."""
        account, asker, point = self._account, question.asker, question.at.point
        same = bool(account.crowd(account.standings[asker].crowd).same[point])
        key = own.sign, told.sign, account.askers[asker].who.type, same, ruled
        found = self._judged.get(key)
        if found is None:
            judgement = judge(self._request(question), {**own.layers, **told.layers})
            found = self._judged[key] = len(self._judged), judgement
        return found

    def _ruled(self, question: Question, said: Said) -> object:
        """Return what the rules above policies hang on: the action, and the kind and the aliases of the resource."""
        account, (asker, at, bit, _) = self._account, question
        action = self._speaking.action(question)
        if said[0] != action:
            return None
        if _ALIASES in account.askers[asker].own:
            return action, at.point
        needed, never = (int(one[at.point]) >> bit & 1 for one in (account.delegated, account.forbidden))
        return action, int(account.points.block_of[at.point]), needed, never

    def _request(self, question: Question) -> Request:
        asker, at, *_ = question
        text = self._account.points.texts[at.point]
        return request_of(self._known(asker, at.target), self._speaking.action(question), text)

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


def _parts(layers: Sequence[Words]) -> Parts:
    """Return masks of actions on which the same statements of each layer bear, and the statements."""
    parts: list[tuple[int, list[tuple[int, tuple[int, int]]]]] = [(_EVERY, [])]
    for number, words in enumerate(layers):
        for place, word in words:
            halves = [(mask & word, [*found, (number, place)]) for mask, found in parts]
            parts = [half for half in (*halves, *((mask & ~word, found) for mask, found in parts)) if half[0]]
    numbers = range(len(layers))
    return tuple(
        (mask, tuple(tuple(place for one, place in found if one == number) for number in numbers))
        for mask, found in parts
    )
