"""What the policies of targets say to principals, statement by statement: worked out once for all that are alike.

A principal is told apart by what the policies of a target name or read: its ARN where they name it, and the values of
the condition keys that they read.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, count
from typing import NamedTuple

from auditkit.policy.decision import Block
from auditkit.policy.documents import Document, Statement
from auditkit.policy.evaluator import bounded_by, layers_of_resource
from auditkit.policy.layers import Hit, Layer
from auditkit.policy.logic import Truth
from auditkit.policy.matching import match_action
from auditkit.policy.principals import PrincipalType
from auditkit.policy.relation.account import Account
from auditkit.policy.relation.asking import Asker, reads_of
from auditkit.policy.relation.shapes import Shape
from auditkit.policy.request import PolicySet, Request
from auditkit.policy.rules import rcp_bears_on

__all__ = ["At", "Question", "Said", "Speaking", "Spoken", "Told", "first_of"]

_KEPT, _VALUES = 1 << 15, 1 << 12
_RULED = frozenset({"iam", "kms", "sts"})
"""Services whose actions are not all alike to the evaluator."""
_PLAIN = frozenset({PrincipalType.USER, PrincipalType.ROLE})

Said = tuple[object, ...]
"""The service of an action (its name where not all of a service are alike), and statements that may be about it."""
Spoken = list[tuple[int, Said]]
"""Masks of actions of which a target's own policies, and rules, say the same, and what says it."""


class At(NamedTuple):
    """Where something is asked.

    Attributes
    ----------
    point, target
        Numbers of the point and of its target.
    starts
        Where the point's segment in each layer of the principal begins; -1 for none.
    key, read
        Point at which the target's key is in use, -1 for none; mask of the actions that need it.
    """

    point: int
    target: int
    starts: tuple[int, ...]
    key: int
    read: int


class Question(NamedTuple):
    """What is asked: by which principal (its number), where, which action (its bit), and what may be said of it.

    The last is a place in :meth:`Speaking.spoken` of the target.
    """

    asker: int
    at: At
    bit: int
    said: int


class Told(NamedTuple):
    """What some layers say to a request.

    Attributes
    ----------
    serial
        Its own number.
    sign
        The same for layers that say the same, but for which statements say it.
    layers
        The layers.
    """

    serial: int
    sign: int
    layers: Mapping[Block, Layer]


_Heard = list[Told | None]


class _Policies(NamedTuple):
    """What the policies of a target read of principals.

    Attributes
    ----------
    names
        Principals that they name.
    keys
        Condition keys that they read, in lower case.
    """

    names: frozenset[str]
    keys: frozenset[str]


class Speaking:
    """What the policies of targets say.

    Parameters
    ----------
    account
        The compiled account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._serial = count()
        self._signs: dict[object, int] = {}
        self._spoken: dict[tuple[object, ...], Spoken] = {}
        self._of_target: dict[int, Spoken] = {}
        self._masks: dict[tuple[object, ...], int] = {}
        self._policies: dict[tuple[int, int], _Policies] = {}
        self._heard: dict[tuple[int, ...], _Heard] = {}
        self._crowds: dict[tuple[object, ...], int] = {}
        self._alike: dict[tuple[object, ...], Told] = {}
        self._values = lru_cache(maxsize=_VALUES)(self._make_values)
        self._speaks = [
            isinstance(one.given.resource_policy, Document) or isinstance(one.given.rcps, tuple)
            for one in account.points.targets
        ]
        self._plain = {
            number: (who.type, who.account, who.partition, who.service_linked, _bounded(asker))
            for number, (asker, who) in enumerate((asker, asker.who) for asker in account.askers)
            if who.type in _PLAIN
        }

    def told(self, layers: Mapping[Block, Layer], known: dict[tuple[object, ...], Told]) -> Told:
        """Return layers with a sign of what they say; what was known before, where the same statements say the same."""
        sign = tuple(
            (block, layer.missing, tuple(map(_bare, layer.allows)), tuple(map(_bare, layer.denies)))
            for block, layer in layers.items()
        )
        number = self._signs.setdefault(sign, len(self._signs))
        said_by = (_place(hit) for layer in layers.values() for hit in chain(layer.allows, layer.denies))
        key = number, *chain.from_iterable(said_by)
        found = known.get(key)
        if found is None:
            found = known[key] = Told(next(self._serial), number, layers)
        return found

    # ------------------------------------------------------------ which statements may be about an action

    def spoken(self, target: int) -> Spoken:
        """Return masks of actions of which a target's own policies, and rules, say the same, and what says it."""
        found = self._of_target.get(target)
        if found is None:
            shape = self._account.points.targets[target].shape
            masks = tuple(
                tuple((one.index, self._mask(shape, one)) for one in document.statements)
                for document in self._documents(target)
            )
            key = id(shape), masks
            if key not in self._spoken:
                self._spoken[key] = _spoken(shape, masks)
            found = self._of_target[target] = self._spoken[key]
        return found

    def _documents(self, target: int) -> list[Document]:
        given = self._account.points.targets[target].given
        found = [given.resource_policy] if isinstance(given.resource_policy, Document) else []
        if isinstance(given.rcps, tuple):
            found += [document for level in given.rcps for document in level]
        return found

    def _mask(self, shape: Shape, statement: Statement) -> int:
        """Return the mask of the actions that a statement may be about."""
        anything = bool(statement.unclear & {"statement", "action"})
        key = id(shape), anything, statement.actions, statement.not_actions
        if key not in self._masks:
            self._masks[key] = sum(
                1 << bit for bit, action in enumerate(shape.actions) if anything or _speaks(statement, action.name)
            )
        return self._masks[key]

    # ------------------------------------------------------------ what they say

    def layers(self, question: Question, request: Callable[[Question], Request]) -> Told:
        """Return what a target's policies say.

        Parameters
        ----------
        question
            What is asked.
        request
            Gives the request that asks it.
        """
        return self._told(self._heard_at(question.asker, question.at), question, request)

    def serials(self, asker: int, at: At, word: int, request: Callable[[Question], Request]) -> tuple[int, ...]:
        """Return the serial numbers of what a target's policies say about some actions.

        Parameters
        ----------
        asker, at, word
            Number of the principal; where; mask of the actions.
        request
            As of :meth:`layers`.
        """
        heard = self._heard_at(asker, at)
        found: list[int] = []
        for place, (mask, _) in enumerate(self.spoken(at.target)):
            if some := mask & word:
                told = heard[place] or self._told(heard, Question(asker, at, first_of(some), place), request)
                found.append(told.serial)
        return tuple(found)

    def _told(self, heard: _Heard, question: Question, request: Callable[[Question], Request]) -> Told:
        found = heard[question.said]
        if found is None:
            of, action = self._account.points.targets[question.at.target], self.action(question)
            policy, rcps = of.given.resource_policy, of.given.rcps
            if of.kind == "iam:role" and not action.lower().startswith("sts:"):
                policy = None
            policies = PolicySet(resource=policy, rcp=() if rcps is None or not rcp_bears_on(action) else rcps)
            bounded = _bounded(self._account.askers[question.asker])
            layers = layers_of_resource(request(question), policies, bounded)
            found = heard[question.said] = self.told(layers, self._alike)
        return found

    def _heard_at(self, asker: int, at: At) -> _Heard:
        """Return what a target's policies say at a point, by the place of what is said among :meth:`spoken`.

        It is the same for all principals that they do not tell apart. What nobody asked for yet is None.
        """
        spoken, who = self.spoken(at.target), self._asking(asker, at.target)
        key: tuple[int, ...] = at.point, self._crowds.setdefault(who, len(self._crowds))
        if not self._speaks[at.target]:
            given = self._account.points.targets[at.target].given
            key = id(spoken), -1 - key[1], given.resource_policy is None, given.rcps is None
        found = self._heard.get(key)
        if found is None:
            if len(self._heard) >= _KEPT:
                self._heard.clear()
                self._alike.clear()
            found = self._heard[key] = [None] * len(spoken)
        return found

    def action(self, question: Question) -> str:
        """Return the name of the action that is asked about."""
        return self._account.points.targets[question.at.target].shape.actions[question.bit].name

    def _asking(self, asker: int, target: int) -> tuple[object, ...]:
        """Return what the policies of a target tell a principal apart by."""
        given = self._account.points.targets[target].given
        key = id(given.resource_policy), id(given.rcps)
        if key not in self._policies:
            self._policies[key] = _policies(self._documents(target))
        policies = self._policies[key]
        plain = self._plain.get(asker)
        if plain is None:
            return (asker,)
        name = self._account.askers[asker].who.id
        return name if name in policies.names else "", plain, self._values(asker, policies.keys)

    def _make_values(self, asker: int, keys: frozenset[str]) -> tuple[object, ...]:
        """Return what is known of some condition keys of a principal without a target."""
        who = self._account.askers[asker]
        return tuple(who.value(key) for key in sorted(keys & who.known))


def _bounded(asker: Asker) -> Truth:
    boundary = asker.given.boundary
    return bounded_by(asker.who, (boundary,) if isinstance(boundary, Document) else boundary)


def _bare(hit: Hit) -> tuple[object, ...]:
    return hit.ref.policy, hit.verdict, hit.named


def _place(hit: Hit) -> tuple[object, ...]:
    """Return what tells a statement from others; what its source says takes long to compare."""
    ref = hit.ref
    return id(ref.source), ref.policy, ref.level, ref.index, ref.statement, ref.name, ref.sid, ref.pointer


def first_of(word: int) -> int:
    """Return the lowest bit of a mask, by its place."""
    return (word & -word).bit_length() - 1


def _policies(documents: Sequence[Document]) -> _Policies:
    statements = [statement for document in documents for statement in document.statements]
    named = (named for one in statements for named in (*(one.principals or ()), *(one.not_principals or ())))
    keys = frozenset[str]().union(*(reads_of(statement).keys for statement in statements))
    return _Policies(frozenset(one.value for one in named), keys)


def _spoken(shape: Shape, masks: tuple[tuple[tuple[int, int], ...], ...]) -> Spoken:
    found: dict[Said, int] = {}
    for bit, action in enumerate(shape.actions):
        service = action.name.partition(":")[0].lower()
        spoken = (tuple(index for index, mask in document if mask >> bit & 1) for document in masks)
        said = action.name if service in _RULED else service, *spoken
        found[said] = found.get(said, 0) | 1 << bit
    return [(mask, said) for said, mask in found.items()]


def _speaks(statement: Statement, action: str) -> bool:
    """Whether a statement may be about an action."""
    if statement.actions is not None:
        return match_action(statement.actions, action)
    return statement.not_actions is None or not match_action(statement.not_actions, action)
