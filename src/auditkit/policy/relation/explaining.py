"""Why: the decision of the evaluator about one grant, by the statements that bear on it.

The compiled layers tell which statements bear on a point; only those are handed to the evaluator. One decision serves
all requests that hang on the same statements and on nothing of the target.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np
from msgspec import UnsetType

from auditkit.policy.decision import Decision
from auditkit.policy.documents import Document
from auditkit.policy.principals import PrincipalType
from auditkit.policy.relation.account import FULL, Account
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.layers import Hit
from auditkit.policy.relation.single import Known, settle, with_key
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["Explaining"]

_KEPT = 65_536
Chosen = tuple[tuple[int, int], ...]
"""Statements of a layer: place of the document, and of the statement in it."""


class Explaining:
    """Explains the grants of a compiled account.

    Parameters
    ----------
    account
        The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._hits = lru_cache(maxsize=_KEPT)(account.compiled.hits)
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
        account = self._account
        standing, asking = account.standings[asker], account.askers[asker]
        identity = self._chosen(standing.identity, point, bit)
        boundary = self._chosen(standing.boundary, point, bit)
        scps = tuple(self._chosen(layer, point, bit) for layer in standing.scps)
        policies = self._policies(asking, identity, boundary, scps)
        number = int(account.points.target_of[point])
        action = account.points.blocks[int(account.points.block_of[point])].shape.actions[bit].name
        about = self._about(asker, point, action) if _plain(policies) else None
        if about is None:
            return settle(self._known(asker, number), policies, action, account.points.texts[point])
        key = standing, identity, boundary, scps, about, bit
        if key not in self._decided:
            known = self._known(asker, number)
            self._decided[key] = settle(known, policies, action, account.points.texts[point])
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
        return policy is None, rcps is None, bool(crowd.same[point]), int(account.points.block_of[point])

    def _chosen(self, layer: int, point: int, bit: int) -> Chosen:
        if layer < 0:
            return ()
        account = self._account
        place = int(np.searchsorted(account.starts, layer * account.stride + point, "right")) - 1
        if place < 0 or account.segments.layer[place] != layer or account.segments.end[place] <= point:
            return ()
        hits: tuple[Hit, ...] = self._hits(layer, int(account.segments.start[place]))
        return tuple(sorted({(hit.document, hit.place) for hit in hits if hit.word >> bit & 1}))

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


def _plain(policies: PrincipalPolicies) -> bool:
    """Whether no statement reads the context."""
    documents = [*(policies.identity if isinstance(policies.identity, tuple) else ())]
    if isinstance(policies.boundary, Document):
        documents.append(policies.boundary)
    if isinstance(policies.scps, tuple):
        documents += [document for level in policies.scps for document in level]
    return not any(
        statement.conditions or (statement.variables and _with_variables(statement.resources, statement.not_resources))
        for document in documents
        for statement in document.statements
    )


def _with_variables(*elements: tuple[str, ...] | None) -> bool:
    return any("${" in pattern for element in elements for pattern in element or ())
