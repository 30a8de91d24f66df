"""Principals that policies let do the same once they are given everything: it is enough to go on from one of them."""

from collections.abc import Iterable

from msgspec import UnsetType

from auditkit.policy.documents import Document, Statement
from auditkit.policy.escalation.facts import facts_of
from auditkit.policy.escalation.judging import Judge

__all__ = ["adds", "kind_of"]

_ONES_OWN = ("aws:principalarn", "aws:userid", "aws:username")
"""Condition keys whose values no two principals have in common."""


def kind_of(judge: Judge, *, edited: bool) -> tuple[object, ...]:
    """Return what tells a principal from others by what it may do, as far as its own policies and its name go.

    Parameters
    ----------
    judge
        The principal, as it would be.
    edited
        Whether its policies allow everything then, so that only what they deny counts.
    """
    boundary = judge.boundary
    bounds = boundary.statements if isinstance(boundary, Document) else ()
    own = [one for document in judge.identity for one in document.statements if not edited or one.effect == "Deny"]
    controls = [one for level in judge.scps for document in level for one in document.statements]
    keys = facts_of((False, one) for one in (*bounds, *own, *controls)).keys
    tags = () if isinstance(judge.tags, UnsetType) else tuple(sorted(judge.tags.items()))
    return (
        judge.account,
        judge.is_role,
        judge.whole,
        type(boundary),
        _said(bounds),
        _said(own),
        tags if any(key.startswith("aws:principaltag/") for key in keys) else isinstance(judge.tags, UnsetType),
        judge.who.id if any(key in _ONES_OWN for key in keys) else "",
    )


def adds(judge: Judge, *, to: Judge) -> bool:
    """Whether a principal may allow itself anything by its own policies that another, the same but for these, may not.

    Statements that say the same count as one: so another version of a policy that says nothing new adds nothing.
    """
    (allowed, denied), (before, denied_before) = _stance(judge), _stance(to)
    return bool(allowed - before or denied_before - denied)


def _stance(judge: Judge) -> tuple[frozenset[object], frozenset[object]]:
    """Return what the policies of a principal allow, and what they deny."""
    said = _said(one for document in judge.identity for one in document.statements)
    denied = frozenset(one for one in said if one[0] == "Deny")
    return frozenset(said) - denied, denied


def _said(statements: Iterable[Statement]) -> tuple[tuple[object, ...], ...]:
    return tuple(
        (
            one.effect,
            one.actions,
            one.not_actions,
            one.resources,
            one.not_resources,
            one.conditions,
            one.variables,
            tuple(sorted(one.unclear)),
        )
        for one in statements
    )
