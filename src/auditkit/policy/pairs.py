"""Pairs of principals and targets, settled one by one by the evaluator.

Candidates come from statements (an action that nothing allows is never asked for), and each is settled by the
evaluator, so that this relation and the evaluator agree by construction.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.policy.conditions import Context
from auditkit.policy.decision import Block, Decision, Outcome
from auditkit.policy.documents import Document, Named, PolicyKind, Statement
from auditkit.policy.evaluator import evaluate
from auditkit.policy.logic import Truth
from auditkit.policy.matching import match_action, match_resource, parse_arn
from auditkit.policy.principals import Principal, PrincipalType, anyone_of, principal
from auditkit.policy.reading import parse
from auditkit.policy.request import PolicySet, Request
from auditkit.policy.resources import TrackedAction, actions_on, resource_kind, tracked_actions
from auditkit.policy.subjects import Grant, PrincipalPolicies, TargetPolicies, audit_context

__all__ = ["Account", "Asker", "Target"]

_FULL = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind=PolicyKind.IDENTITY)
_BELOW = {"s3:bucket": {"s3:object": "/-"}, "logs:log-group": {"logs:log-stream": ":log-stream:-"}}
_HTTP = ("es:ESHttp*",)
_ACCOUNT_DIGITS = 12
_EXAMPLE = str.maketrans({"*": "-", "?": "-"})


class Asker(NamedTuple):
    """Who asks: the name it goes by in grants, the principal, and its policies."""

    name: str
    who: Principal
    policies: PrincipalPolicies


class Target:
    """A target made ready: the actions on it, and what requests about it are about.

    Parameters
    ----------
    given
        The target with its policies.
    wanted
        Names of the actions to look at, in lower case; None for all.
    """

    def __init__(self, given: TargetPolicies, wanted: frozenset[str] | None = None) -> None:
        self.given = given
        self.arn = given.arn
        self.kind = resource_kind(given.arn)
        # a request about objects, log streams or paths is about something in the target
        below = {action: suffix for kind, suffix in _BELOW.get(self.kind, {}).items() for action in actions_on(kind)}
        found = {action: "/-" if match_action(_HTTP, action.name) else "" for action in actions_on(self.kind)} | below
        self.actions = {
            action: suffix
            for action, suffix in sorted(found.items())
            if wanted is None or action.name.lower() in wanted
        }
        self.resources = tuple(sorted({self.arn + suffix for suffix in ("", *found.values())}))
        self.policy = given.resource_policy

    def policy_for(self, action: str) -> Document | UnsetType | None:
        """Return the resource policy that bears on an action: a trust policy is about assuming the role alone."""
        return None if self.kind == "iam:role" and not action.lower().startswith("sts:") else self.policy

    def examples(self, statement: Statement) -> set[str]:
        """Return examples of what lies in the target and is named by a statement."""
        length = len(self.arn)
        patterns = (pattern for pattern in statement.resources or () if pattern.startswith(self.arn))
        return {pattern.translate(_EXAMPLE) for pattern in patterns if pattern[length : length + 1] in {"/", ":"}}

    def reached_by(self, statement: Statement) -> bool:
        """Whether a statement's resources may cover the target, or something in it."""
        if statement.resources is None:
            return True
        return any(
            match_resource(pattern, resource, variables=statement.variables, lookup=_unknown).truth is not Truth.NO
            for pattern in statement.resources
            for resource in self.resources
        ) or bool(self.examples(statement))


def _unknown(_: str) -> UnsetType:
    return UNSET


@cache
def _actions_of(actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None) -> frozenset[str]:
    """Return the tracked actions, in lower case, that a statement speaks of."""
    if actions is not None:
        return frozenset(name for name in tracked_actions() if match_action(actions, name))
    return frozenset(name for name in tracked_actions() if not match_action(not_actions or (), name))


class _Candidates(NamedTuple):
    """What some policies may allow on a target: actions in lower case, and examples of things in it."""

    actions: frozenset[str]
    examples: frozenset[str]


def _candidates(documents: Iterable[Document] | UnsetType, target: Target) -> _Candidates:
    if isinstance(documents, UnsetType):
        return _Candidates(frozenset(tracked_actions()), frozenset())
    actions: set[str] = set()
    examples: set[str] = set()
    for document in documents:
        if not document.readable:  # it may say anything
            actions |= tracked_actions().keys()
        for statement in document.statements:
            if statement.effect == "Allow" and target.reached_by(statement):
                actions |= _actions_of(statement.actions, statement.not_actions)
                examples |= target.examples(statement)
    return _Candidates(frozenset(actions), frozenset(examples))


_RANK = {Outcome.ALLOW: 2, Outcome.CONDITIONAL: 1, Outcome.UNKNOWN: 1}


class Account:
    """The principals and targets of one question, made ready.

    Parameters
    ----------
    principals, targets
        With their policies.
    wanted
        Names of the actions to look at, in lower case; None for all.
    """

    def __init__(
        self,
        principals: Iterable[PrincipalPolicies],
        targets: Iterable[TargetPolicies],
        wanted: frozenset[str] | None = None,
    ) -> None:
        self.askers = {given.arn: Asker(given.arn, principal(given.arn), given) for given in principals}
        given_targets = {given.arn: given for given in targets}
        for asker in self.askers.values():
            given = asker.policies
            if given.trust is not None and given.arn not in given_targets:
                rcps = None if given.scps is None else UNSET
                made = TargetPolicies(arn=given.arn, account=given.account, resource_policy=given.trust, rcps=rcps)
                given_targets[given.arn] = made
        self.targets = {arn: Target(given, wanted) for arn, given in sorted(given_targets.items())}

    def settle(
        self, asker: Asker, target: Target, action: str, resource: str, context: Context | None = None
    ) -> Decision:
        """Decide one request; the context is made where it is not given."""
        given, mine = target.given, asker.policies
        policies = PolicySet(
            identity=mine.identity,
            boundary=(mine.boundary,) if isinstance(mine.boundary, Document) else mine.boundary,
            resource=target.policy_for(action),
            scp=() if mine.scps is None else mine.scps,
            rcp=() if given.rcps is None else given.rcps,
        )
        request = Request(
            principal=asker.who,
            action=action,
            resource=resource,
            resource_account=given.owner or None,
            context=context or _context(asker, target, resource),
        )
        return evaluate(request, policies)

    def best(
        self, asker: Asker, target: Target, action: str, resources: Mapping[str, Context]
    ) -> tuple[Decision, str] | None:
        """Return the most permissive decision over the resources, None where all are denied."""
        found: tuple[Decision, str] | None = None
        for resource, context in resources.items():
            decision = self.settle(asker, target, action, resource, context)
            rank = _RANK.get(decision.outcome, 0)
            if rank and (found is None or rank > _RANK[found[0].outcome]):
                found = decision, resource
                if decision.allowed:
                    break
        return found

    def with_key(self, asker: Asker, target: Target, action: str, decision: Decision) -> Decision:
        """Add what reading encrypted data needs of its key."""
        key_arn, tracked = target.given.key_arn, tracked_actions().get(action.lower())
        if decision.denied or key_arn in {None, target.arn} or tracked is None or tracked.access != "read":
            return decision
        assert key_arn is not None
        key = self.targets.get(key_arn)
        if key is None or key.kind != "kms:key":
            key = Target(TargetPolicies(arn=key_arn, rcps=target.given.rcps))
        arn = parse_arn(target.arn)
        via = {"kms:ViaService": f"{arn.service}.{arn.region}.amazonaws.com"} if arn and arn.region else {}
        policies = msgspec.structs.replace(asker.policies, context={**via, **asker.policies.context})
        on_key = self.settle(asker._replace(policies=policies), key, "kms:Decrypt", key_arn)
        if on_key.denied:
            return msgspec.structs.replace(on_key, blocks=tuple(Block(f"key {block.layer}") for block in on_key.blocks))
        statements = decision.statements + on_key.statements
        if decision.allowed and on_key.allowed:
            return msgspec.structs.replace(decision, statements=statements)
        outcome = Outcome.UNKNOWN if Outcome.UNKNOWN in {decision.outcome, on_key.outcome} else Outcome.CONDITIONAL
        return Decision(
            outcome=outcome,
            statements=statements,
            keys=tuple(sorted({*decision.keys, *on_key.keys})),
            missing=tuple(sorted({*decision.missing, *(f"key {layer}" for layer in on_key.missing)})),
        )

    def grants(self, asker: Asker, target: Target, candidates: _Candidates) -> Iterator[Grant]:
        """Yield what one asker may do to one target."""
        contexts: dict[str, Context] = {}
        for action, suffix in target.actions.items():
            if action.name.lower() not in candidates.actions:
                continue
            inside = [one for one in sorted(candidates.examples) if resource_kind(one) in action.resources]
            resources = (target.arn + suffix, *inside)
            contexts |= {one: _context(asker, target, one) for one in resources if one not in contexts}
            found = self.best(asker, target, action.name, {one: contexts[one] for one in resources})
            if found is None:
                continue
            decision = self.with_key(asker, target, action.name, found[0])
            if not decision.denied:
                yield _grant(asker, target, action, found[1], decision)

    def of_principals(self) -> Iterator[Grant]:
        """Yield the grants of the principals that were given."""
        by_target = {
            arn: _candidates([target.policy] if isinstance(target.policy, Document) else [], target)
            for arn, target in self.targets.items()
        }
        for _, asker in sorted(self.askers.items()):
            for arn, target in self.targets.items():
                mine, its = _candidates(asker.policies.identity, target), by_target[arn]
                yield from self.grants(asker, target, _Candidates(mine[0] | its[0], mine[1] | its[1]))

    def of_outsiders(self) -> Iterator[Grant]:
        """Yield what resource policies grant to those that were not given: anyone, accounts, services, federations."""
        for target in self.targets.values():
            if not isinstance(target.policy, Document):
                continue
            candidates = _candidates([target.policy], target)
            for name, who in sorted(self._outsiders(target.policy, target.given.owner).items()):
                policies = PrincipalPolicies(arn=name, account=who.account, identity=(_FULL,), scps=None)
                if who.account and who.account == target.given.owner:
                    policies = PrincipalPolicies(arn=name, account=who.account, identity=UNSET, boundary=UNSET)
                yield from self.grants(Asker(name, who, policies), target, candidates)

    def _outsiders(self, policy: Document, owner: str) -> dict[str, Principal]:
        found: dict[str, Principal] = {}
        for statement in policy.statements:
            # whom a Deny excepts may be the only one that an Allow for everyone is left for
            entries = (*(statement.principals or ()), *(statement.not_principals or ()))
            for named in () if statement.unclear else entries:
                entry = _outsider(named, owner)
                if entry is not None and entry[0] not in self.askers:
                    found[entry[0]] = entry[1]
        return found


def _context(asker: Asker, target: Target, resource: str) -> Context:
    return audit_context(asker.who, resource, target.given.owner, target.given.context, asker.policies.context)


def _grant(asker: Asker, target: Target, action: TrackedAction, resource: str, decision: Decision) -> Grant:
    return Grant(
        principal=asker.name,
        target=target.arn,
        resource=resource,
        action=action.name,
        access=action.access,
        outcome=decision.outcome,
        statements=decision.statements,
        keys=decision.keys,
        missing=decision.missing,
    )


def _outsider(named: Named, owner: str) -> tuple[str, Principal] | None:
    """Return the name and the principal that an entry of a resource policy stands for; None where it is no grant."""
    match named.type:
        case "*":
            return "*", principal("*")
        case "Service":
            return named.value, principal({"Service": named.value})
        case "Federated":
            return named.value, principal({"Federated": named.value})
        case "CanonicalUser":
            return f"canonical user {named.value}", principal({"CanonicalUser": named.value})
    is_account = len(named.value) == _ACCOUNT_DIGITS and named.value.isdecimal()
    if not (is_account or parse_arn(named.value)):
        return None  # the unique id of a principal that was deleted
    who = principal(named.value)
    if who.type is not PrincipalType.ROOT:
        return named.value, who
    # naming one's own account delegates to it, which is no grant
    return None if who.account == owner else (who.account, anyone_of(who.account))
