"""One layer of policies against one request: which statements match, and how."""

from collections.abc import Iterable
from typing import NamedTuple

from auditkit.policy.conditions import evaluate_conditions
from auditkit.policy.decision import StatementRef
from auditkit.policy.documents import Document, PolicyKind, Statement
from auditkit.policy.logic import NO, UNCLEAR, YES, Truth, Verdict, all_of, any_of, negate, unknown
from auditkit.policy.matching import Lookup, covers_everything, match_resource
from auditkit.policy.principals import NamedAs, Principal, PrincipalType, is_excepted, named_as, names_within
from auditkit.policy.request import Request
from auditkit.policy.sifting import about_action

__all__ = [
    "BY_PRINCIPAL",
    "EVERY_WAY",
    "Hit",
    "Layer",
    "evaluate_documents",
    "match_principal",
    "match_resources",
    "match_statement",
    "reference_to",
]

EVERY_WAY = NamedAs(255)
BY_PRINCIPAL = frozenset({PolicyKind.RESOURCE, PolicyKind.ENDPOINT, PolicyKind.RCP})
"""Kinds of policies whose statements are about the principals that they name."""


class Hit(NamedTuple):
    """A statement that matches, or may match, a request, and how it names the principal."""

    ref: StatementRef
    verdict: Verdict
    named: NamedAs


class Layer(NamedTuple):
    """What one layer (one level of it) says to a request.

    Attributes
    ----------
    allows, denies
        Statements that match or may match.
    missing
        Whether the layer was not available, or a document in it could not be read: then it may say anything more.
    """

    allows: tuple[Hit, ...] = ()
    denies: tuple[Hit, ...] = ()
    missing: bool = False

    def allow(self, unseen: Verdict, *, ways: NamedAs = EVERY_WAY) -> Verdict:
        """Whether the layer allows, naming the principal in one of the ways.

        Parameters
        ----------
        unseen
            What to take for the part that was not available.
        ways
            Ways of naming the principal that count.
        """
        found = NO
        if self.allows:
            found = any_of(
                [hit.verdict for hit in self.allows if hit.named and (ways is EVERY_WAY or hit.named & ways)]
            )
        return any_of([found, unseen]) if self.missing else found

    def deny(self, unseen: Verdict) -> Verdict:
        """Whether the layer denies; ``unseen`` is what to take for *allows* in the part that was not available."""
        found = any_of([hit.verdict for hit in self.denies]) if self.denies else NO
        return any_of([found, negate(unseen)]) if self.missing else found


def match_resources(statement: Statement, target: str, lookup: Lookup) -> Verdict:
    """Match the resources of a statement with one, or with ``"*"`` for an action that knows none.

    Parameters
    ----------
    statement
        The statement.
    target
        ARN, or ``"*"``.
    lookup
        Value of a condition key.
    """
    if statement.resources is not None:
        return _any_pattern(statement.resources, target, lookup, variables=statement.variables)
    if statement.not_resources is not None:
        return negate(_any_pattern(statement.not_resources, target, lookup, variables=statement.variables))
    return YES


def _any_pattern(patterns: tuple[str, ...], target: str, lookup: Lookup, *, variables: bool) -> Verdict:
    if target == "*":
        return YES if any(covers_everything(pattern) for pattern in patterns) else NO
    return any_of(match_resource(pattern, target, variables=variables, lookup=lookup) for pattern in patterns)


def match_principal(statement: Statement, who: Principal, kind: PolicyKind, bounded: Truth) -> tuple[Verdict, NamedAs]:
    """Whether a statement is about the principal, and how it names it.

    ``bounded`` says whether the principal has a permissions boundary: a Deny with ``NotPrincipal`` then always applies.
    """
    if kind not in BY_PRINCIPAL:
        return YES, EVERY_WAY
    if statement.principals is not None:
        ways = named_as(who, statement.principals)
        return (YES if ways else NO), ways
    if statement.not_principals is not None:
        if who.type is PrincipalType.ACCOUNT and names_within(who.account, statement.not_principals):
            return unknown("aws:PrincipalArn"), NamedAs.ANYONE
        if not is_excepted(who, statement.not_principals) or bounded is Truth.YES:
            return YES, NamedAs.ANYONE
        return (UNCLEAR if bounded is Truth.UNKNOWN else NO), NamedAs.ANYONE
    # a resource control policy is about everyone, and says so with Principal *
    return (YES, NamedAs.ANYONE) if kind is PolicyKind.RCP else (NO, NamedAs.NOT)


def match_statement(
    statement: Statement, request: Request, kind: PolicyKind, bounded: Truth
) -> tuple[Verdict, NamedAs]:
    """Match one statement, the cheap parts first; a part that was not understood may match."""
    unclear = statement.unclear
    if unclear and statement.effect == "Allow":
        return NO, NamedAs.NOT
    if "statement" in unclear:
        return UNCLEAR, EVERY_WAY
    if "action" not in unclear and not about_action(statement.actions, statement.not_actions, request.action):
        return NO, NamedAs.NOT
    named = EVERY_WAY
    verdicts = [UNCLEAR] if unclear else []
    if "principal" not in unclear:
        verdict, named = match_principal(statement, request.principal, kind, bounded)
        verdicts.append(verdict)
    if verdicts and verdicts[-1].truth is Truth.NO:
        return NO, NamedAs.NOT
    if "resource" not in unclear:
        verdicts.append(match_resources(statement, request.target, request.context.variable))
    if verdicts and verdicts[-1].truth is Truth.NO:
        return NO, NamedAs.NOT
    if "condition" not in unclear and statement.conditions:
        verdicts.append(evaluate_conditions(statement.conditions, request.context, variables=statement.variables))
    return all_of(verdicts), named


def evaluate_documents(
    documents: Iterable[Document], request: Request, *, bounded: Truth = Truth.NO, level: int | None = None
) -> Layer:
    """Match all statements of a layer with a request.

    Parameters
    ----------
    documents
        The layer's policies.
    request
        The request.
    bounded
        Whether the principal has a permissions boundary.
    level
        Level in an organization, from the root.
    """
    allows: list[Hit] = []
    denies: list[Hit] = []
    missing = False
    for index, document in enumerate(documents):
        missing = missing or not document.readable
        for statement in document.statements:
            verdict, named = match_statement(statement, request, document.kind, bounded)
            if verdict.truth is Truth.NO:
                continue
            ref = reference_to(document, statement, index=index, level=level)
            (allows if statement.effect == "Allow" else denies).append(Hit(ref, verdict, named))
    return Layer(tuple(allows), tuple(denies), missing)


def reference_to(document: Document, statement: Statement, *, index: int, level: int | None) -> StatementRef:
    """Return what decisions name of a statement: of the document at a place in its layer, or in a level of it."""
    return StatementRef(
        policy=document.kind,
        level=level,
        index=index,
        statement=statement.index,
        sid=statement.sid,
        effect=statement.effect,
        name=document.name,
        source=document.source if statement.source is None else statement.source,
        pointer=statement.pointer,
    )
