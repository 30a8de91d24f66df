"""Why: the decision of the evaluator about one grant, by the statements that bear on it.

The compiled layers tell which statements bear on a point; only those are handed to the evaluator. One decision serves
all requests that hang on the same statements and on nothing of the target.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import UnsetType

from auditkit.policy.decision import Decision
from auditkit.policy.documents import Document, Statement
from auditkit.policy.matching import match_action
from auditkit.policy.principals import PrincipalType
from auditkit.policy.relation.account import FULL, Account
from auditkit.policy.relation.asking import Asker, reads_of, values_of
from auditkit.policy.relation.layers import Hit
from auditkit.policy.relation.single import Known, settle, with_key
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["Explaining"]

_KEPT = 65_536
_BITS = 64
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
        self._by_bit = lru_cache(maxsize=_KEPT)(self._make_by_bit)
        self._bearing = lru_cache(maxsize=_KEPT)(self._make_bearing)
        self._spoken = lru_cache(maxsize=_KEPT)(self._make_spoken)
        self._slim = lru_cache(maxsize=_KEPT)(_slim)
        self._known = lru_cache(maxsize=_KEPT)(self._make_known)
        self._decided: dict[tuple[object, ...], Decision] = {}

    def decide(self, asker: int, point: int, bit: int) -> Decision:
        """Return the decision about one action at one point, keys regarded."""
        decision = self._decide(asker, point, bit)
        key = int(self._account.points.key_of[point])
        if key < 0 or not int(self._account.read[point]) >> bit & 1:
            return decision
        return with_key(decision, self._decide(asker, key, 0))

    def _decide(self, asker: int, point: int, bit: int) -> Decision:
        """Return the decision without regard to keys: one for all requests that hang on the same."""
        standing = self._account.standings[asker]
        layers = standing.identity, standing.boundary, *standing.scps
        chosen = tuple(self._chosen(layer, point, bit) for layer in layers)
        bearing = self._bearing(asker, chosen)
        number = int(self._account.points.target_of[point])
        block = int(self._account.points.block_of[point])
        action = self._account.points.blocks[block].shape.actions[bit].name
        key: tuple[object, ...] = standing, chosen, self._spoken(number, action)
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
            self._decided[key] = settle(known, bearing.policies, action, self._account.points.texts[point])
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

    def _make_spoken(self, target: int, action: str) -> tuple[object, ...]:
        """Return which statements of a target's own policies speak of an action, and what rules go by."""
        given, service = self._account.points.targets[target].given, action.partition(":")[0].lower()
        documents = [given.resource_policy] if isinstance(given.resource_policy, Document) else []
        if isinstance(given.rcps, tuple):
            documents += [document for level in given.rcps for document in level]
        spoken = [[one.index for one in document.statements if _speaks(one, action)] for document in documents]
        return action if service in _RULED else service, *map(tuple, spoken)

    def _chosen(self, layer: int, point: int, bit: int) -> Chosen:
        if layer < 0:
            return ()
        account = self._account
        place = int(np.searchsorted(account.starts, layer * account.stride + point, "right")) - 1
        if place < 0 or account.segments.layer[place] != layer or account.segments.end[place] <= point:
            return ()
        return self._by_bit(layer, int(account.segments.start[place]))[bit]

    def _make_by_bit(self, layer: int, point: int) -> tuple[Chosen, ...]:
        """Return the statements of a layer that bear on a point, for each action."""
        hits: tuple[Hit, ...] = self._account.compiled.hits(layer, point)
        return tuple(
            tuple(sorted({(hit.document, hit.place) for hit in hits if hit.word >> bit & 1})) for bit in range(_BITS)
        )

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


class _Same:
    """A document that is the same only as itself, for use as a key."""

    __slots__ = ("document",)

    def __init__(self, document: Document) -> None:
        self.document = document

    def __hash__(self) -> int:
        return id(self.document)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.document is self.document


def _slim(same: _Same, places: tuple[int, ...]) -> Document:
    document = same.document
    if document is FULL or not document.readable or len(places) == len(document.statements):
        return document
    kept = tuple(one for one in document.statements if one.index in places)
    return msgspec.structs.replace(document, statements=kept)


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
