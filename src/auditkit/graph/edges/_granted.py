"""The edges for what one principal may do to one target: one for each meaning and access level.

Answers of the policy engine that hang on the same share one decision, and targets with a policy of their own have many
decisions that differ by nothing but their statements. So what is said of a decision is worked out once for each.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from auditkit.graph._build import Builder
from auditkit.graph._refs import reference
from auditkit.graph._strangers import CHOSEN
from auditkit.graph.grounds import Basis, Bearing, Lacking, Places, is_grounded, lacking, within_account
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, View
from auditkit.inventory import STORE_KINDS, Kind, Source
from auditkit.policy import Access, Answer, Decision, Grant, Outcome, TrackedAction, tracked_actions

__all__ = ["INVOKES", "Granted", "edges_of_grants"]

ACCESS: dict[str, AccessLevel] = {
    "read": AccessLevel.READ,
    "write": AccessLevel.WRITE,
    "delete": AccessLevel.DELETE,
    "permissions": AccessLevel.ADMIN,
    "list": AccessLevel.METADATA,
    "tag": AccessLevel.METADATA,
    "metadata": AccessLevel.METADATA,
}
"""Access of an action on a store -> level. Who may change a store's policy may do anything with it."""

INVOKES = {
    Kind.FUNCTION: frozenset({"lambda:InvokeFunction", "lambda:InvokeAsync", "lambda:AddPermission"}),
    Kind.STATE_MACHINE: frozenset({"states:StartExecution", "states:StartSyncExecution", "states:RedriveExecution"}),
}
"""Kinds of what runs -> actions that make it run; who may add to a function's policy may let itself invoke it."""

_GATED = 4
_LABELLED = 3
_ASSUMES = "sts:Assume"
_MAKES = frozenset({"lambda:CreateFunction", "states:CreateStateMachine"})
"""What brings code into being, and is refused where something of that name is there: it changes nothing that runs."""
_SOURCE_KEYS = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner"})

_SETTINGS = frozenset({"s3:PutBucketLogging", "s3:PutBucketNotification"})
"""Writing that changes no data: it tells others of objects, or of requests."""

_Meaning = tuple[EdgeKind, AccessLevel | None]
_Actions = tuple[TrackedAction, ...]


class _Facts(NamedTuple):
    """What is said of a decision about one principal and one target.

    Attributes
    ----------
    grounded
        Whether something that was seen allows it, or a policy of the principal's own was not seen. A resource policy
        that was not seen might let anybody in; that is said by the coverage, not by an edge from each principal to each
        resource.
    doubt
        How doubtful it is, for sorting: undecided by its policies, then by what the export lacks at all.
    keys
        The condition keys that it hangs on, without those whose value the caller chooses.
    lacking
        What of the policies is missing.
    """

    grounded: bool
    doubt: tuple[bool, bool]
    keys: tuple[str, ...]
    lacking: Lacking


class Granted:
    """Makes the edges for what principals may do.

    Parameters
    ----------
    build
        Of the graph.
    """

    def __init__(self, build: Builder) -> None:
        self._build = build
        self._meanings: dict[tuple[int, Kind], tuple[_Actions, dict[_Meaning, tuple[str, ...]]]] = {}
        self._order: dict[tuple[object, ...], str] = {}
        self._places = Places()
        self._principal = ""
        self._known: dict[tuple[int, bool], tuple[Decision, _Facts]] = {}
        self._told: dict[tuple[int, ...], tuple[tuple[Decision, ...], tuple[Source, ...]]] = {}
        self._bearings: dict[tuple[int, bool, tuple[str, ...]], Bearing] = {}

    def edges(self, principal: str, target: str, answers: Iterable[Answer]) -> list[tuple[Edge, Basis]]:
        """Return the edges for what one principal may do to one target, with what each rests on.

        There are none for what is pinned to a source.
        """
        if principal != self._principal:
            self._principal = principal
            self._places = Places()  # a large account has a hundred thousand statements
            self._known.clear()
            self._told.clear()
            self._bearings.clear()
        kind = reference(target).kind
        sorted_out: dict[tuple[EdgeKind, AccessLevel | None, str], list[tuple[tuple[str, ...], Decision]]] = {}
        for answer in answers:
            if _pinned(principal, answer.decision.keys):
                continue
            for what, actions in self._meaning(answer.actions, kind).items():
                meaning = (*what, reference(answer.resource).qualifier)
                sorted_out.setdefault(meaning, []).append((actions, answer.decision))
        return [
            edge
            for meaning in sorted(sorted_out, key=self._rank)
            if (edge := self._edge(principal, target, meaning, sorted_out[meaning])) is not None
        ]

    def _rank(self, meaning: tuple[EdgeKind, AccessLevel | None, str]) -> str:
        if meaning not in self._order:
            self._order[meaning] = str(meaning)
        return self._order[meaning]

    def _meaning(self, actions: _Actions, kind: Kind) -> dict[_Meaning, tuple[str, ...]]:
        """Return which edges some actions make on a target of a kind, each with the names of its actions."""
        key = id(actions), kind
        if key not in self._meanings:
            found: dict[_Meaning, tuple[str, ...]] = {}
            for action in actions:
                what = _meaning(action.name, action.access, kind)
                if what is not None:
                    found[what] = (*found.get(what, ()), action.name)
            self._meanings[key] = actions, found
        return self._meanings[key][1]

    def _edge(
        self,
        principal: str,
        target: str,
        meaning: tuple[EdgeKind, AccessLevel | None, str],
        found: list[tuple[tuple[str, ...], Decision]],
    ) -> tuple[Edge, Basis] | None:
        """Return one edge for what has the same meaning, None where nothing grounds it: the least doubtful decides."""
        near = within_account(principal, target)
        judged = [(self._facts(decision, near), actions, decision) for actions, decision in found]
        best = min((facts.doubt for facts, _, _ in judged if facts.grounded), default=None)
        deciding = [one for one in judged if one[0].grounded and one[0].doubt == best]
        if not deciding:
            return None
        keys = min(deciding, key=lambda one: one[1][0])[0].keys
        missing = min((facts.lacking for facts, _, _ in deciding if facts.lacking.words), default=None)
        names = sorted({name.partition(":")[2] for _, actions, _ in deciding for name in actions})
        more = f" and {len(names) - _LABELLED} more" if len(names) > _LABELLED else ""
        kind, access, qualifier = meaning
        sources = self._sources(tuple(decision for _, _, decision in deciding)) or self._fallback(principal, target)
        edge = Edge(
            kind=kind,
            view=View.TRUST,
            evidence=Evidence.PERMITTED,
            sources=sources,
            label=", ".join(names[:_LABELLED]) + more,
            cost=_GATED if keys or missing else 0 if kind is EdgeKind.PERMITS else 1,
            conditions=keys,
            unknown=missing.words if missing else "",
            limits=missing.limits if missing else (),
            access=access,
            qualifier=qualifier,
            detail=", ".join(names) if more else "",
        )
        besides = [one for one in judged if one[0].grounded and one[0].doubt != best]
        by, rest = (tuple(self._bearing(near, *one) for one in some) for some in (deciding, besides))
        return edge, Basis(sources, by, rest)

    def _bearing(self, near: bool, facts: _Facts, actions: tuple[str, ...], decision: Decision) -> Bearing:  # noqa: FBT001
        """Return what some statements give."""
        key = id(decision), near, actions
        if key not in self._bearings:
            names = frozenset(name.partition(":")[2] for name in actions)
            of_key = tuple(one for one in decision.statements if one.of_key)
            own = frozenset(self._places.of(one for one in decision.statements if not one.of_key))
            self._bearings[key] = Bearing(names, own, (facts.keys, facts.lacking, self._places.of(of_key)))
        return self._bearings[key]

    def _facts(self, decision: Decision, near: bool) -> _Facts:  # noqa: FBT001 -- a key
        key = id(decision), near
        if key not in self._known:
            self._known[key] = decision, _facts(decision, near=near)
        return self._known[key][1]

    def _sources(self, decisions: tuple[Decision, ...]) -> tuple[Source, ...]:
        """Return where the statements of some decisions stand, sorted."""
        key = tuple(map(id, decisions))
        if key not in self._told:
            statements = tuple(one for decision in decisions for one in decision.statements)
            self._told[key] = decisions, self._places.of(statements)
        return self._told[key][1]

    def _fallback(self, principal: str, target: str) -> tuple[Source, ...]:
        """Return where a grant without a statement comes from: the principal's record, else the target's."""
        for identity in (principal, target):
            record = self._build.inventory.get(identity)
            if record is not None:
                return (record.source,)
        return (Source(""),)


def edges_of_grants(build: Builder, grants: Iterable[Grant]) -> Iterator[Edge]:
    """Yield the edges for what one principal may do to one target."""
    granted = Granted(build)
    for (principal, target), some in groupby(grants, key=attrgetter("principal", "target")):
        answers = [
            Answer((tracked_actions()[grant.action.lower()],), grant.resource, _decision(grant)) for grant in some
        ]
        yield from (edge for edge, _ in granted.edges(principal, target, answers))


def _decision(grant: Grant) -> Decision:
    return Decision(outcome=grant.outcome, statements=grant.statements, keys=grant.keys, missing=grant.missing)


def _pinned(principal: str, keys: tuple[str, ...]) -> bool:
    """Return whether something is granted to a service, or to anyone, for a source that the statement names."""
    outside = principal == "*" or not (principal.startswith("arn:") or principal.isdecimal())
    return outside and bool(_SOURCE_KEYS & {key.lower() for key in keys})


def _meaning(action: str, access: Access, kind: Kind) -> _Meaning | None:
    """Return which edge an action makes on a target of a kind, ``None`` for one that makes none."""
    if kind is Kind.ROLE:
        return (EdgeKind.ASSUMES, None) if action.startswith(_ASSUMES) else None
    if kind in INVOKES:
        if action in INVOKES[kind]:
            return EdgeKind.INVOKES, None
        return (EdgeKind.CHANGES_CODE, None) if access == "change-code" and action not in _MAKES else None
    level = AccessLevel.METADATA if action in _SETTINGS else ACCESS.get(access)
    return (EdgeKind.PERMITS, level) if level is not None and kind in STORE_KINDS else None


def _facts(decision: Decision, *, near: bool) -> _Facts:
    keys: tuple[str, ...] = ()
    if decision.outcome is not Outcome.ALLOW:
        keys = tuple(key for key in decision.keys if key.lower() not in CHOSEN)
    missing = lacking(decision, near=near)
    return _Facts(
        grounded=is_grounded(decision),
        doubt=(missing.doubtful or bool(keys), bool(missing.words)),
        keys=keys,
        lacking=missing,
    )
