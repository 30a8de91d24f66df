"""Who may do what to which resource in an account: the evaluator asked for every pair that a statement could allow.

Candidates come from statements (an action nobody allows is never asked for), and each is settled by the evaluator, so that
this relation and the evaluator agree by construction.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.policy.conditions import Context
from auditkit.policy.decision import Decision, Outcome, StatementRef
from auditkit.policy.documents import Document, Named, PolicyKind, parse
from auditkit.policy.evaluator import evaluate
from auditkit.policy.matching import match_action, parse_arn
from auditkit.policy.principals import Principal, PrincipalType, principal
from auditkit.policy.request import Levels, PolicySet, Request
from auditkit.policy.resources import Access, TrackedAction, actions_on, resource_kind, tracked_actions

__all__ = ["Grant", "PrincipalPolicies", "Relation", "TargetPolicies", "audit_context", "can", "relation"]


class PrincipalPolicies(msgspec.Struct, frozen=True, kw_only=True):
    """A principal with the policies that bear on it; ``UNSET`` is *not seen*, ``None`` is *there is none*.

    Attributes
    ----------
    arn, account
        Of the user or role (or a role session).
    identity
        Inline and managed policies, of the groups as well.
    boundary
        Permissions boundary.
    scps
        Service control policies by level, root first; None for no organization, or its management account.
    trust
        Trust policy of a role; the role is then a target too.
    context
        Condition keys known of it: ``{"aws:PrincipalTag/team": "orders", "aws:PrincipalOrgID": "o-..."}``.
    """

    arn: str
    account: str = ""
    identity: tuple[Document, ...] | UnsetType = ()
    boundary: Document | UnsetType | None = None
    scps: Levels | UnsetType | None = UNSET
    trust: Document | UnsetType | None = None
    context: Mapping[str, Any] = {}


class TargetPolicies(msgspec.Struct, frozen=True, kw_only=True):
    """A resource with the policies that bear on it; ``UNSET`` is *not seen*, ``None`` is *there is none*.

    Attributes
    ----------
    arn, account
        Of the resource; the account where the ARN has none (buckets).
    resource_policy
        Its own policy; a role's is its trust policy, a key's its key policy.
    key_arn
        Customer-managed key that its data is encrypted with: reading then needs ``kms:Decrypt`` on it as well. None where
        there is none, or where AWS manages it.
    rcps
        Resource control policies of its account by level, root first; None for no organization, or its management account.
    context
        Condition keys known of it: ``{"aws:ResourceTag/team": "orders"}``.
    """

    arn: str
    account: str = ""
    resource_policy: Document | UnsetType | None = UNSET
    key_arn: str | None = None
    rcps: Levels | UnsetType | None = UNSET
    context: Mapping[str, Any] = {}

    @property
    def owner(self) -> str:
        """Account of the resource, ``""`` where it is not known."""
        arn = parse_arn(self.arn)
        return self.account or (arn.account if arn else "")


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a principal may do, or may be able to do, to a resource.

    Attributes
    ----------
    principal
        ARN of a principal that was given; or, from a resource policy alone: ``"*"`` (anyone), an account's number, the ARN
        of a foreign principal, the name of a service, a federation.
    target
        ARN of the resource as it was given.
    resource
        What the request was about: the target, or something in it (an object of a bucket, an alias of a function).
    action, access
        The action, and what it lets one do.
    outcome
        ``ALLOW``, ``CONDITIONAL`` or ``UNKNOWN``.
    statements
        The statements that allow it, or that it hangs on.
    keys, missing
        Condition keys and layers that it hangs on.
    """

    principal: str
    target: str
    resource: str
    action: str
    access: Access
    outcome: Outcome
    statements: tuple[StatementRef, ...] = ()
    keys: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Relation:
    """All grants between principals and targets, in a fixed order: target, principal, action."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._grants = tuple(sorted(grants, key=lambda grant: (grant.target, grant.principal, grant.action)))

    def __iter__(self) -> Iterator[Grant]:
        """Yield the grants in order."""
        return iter(self._grants)

    def __len__(self) -> int:
        """Return the number of grants."""
        return len(self._grants)

    def of(self, principal_: str) -> tuple[Grant, ...]:
        """Return what a principal may do."""
        return tuple(grant for grant in self if grant.principal == principal_)

    def on(self, target: str) -> tuple[Grant, ...]:
        """Return who may do something to a target."""
        return tuple(grant for grant in self if grant.target == target)


_USER_TYPES = {PrincipalType.USER: "User", PrincipalType.ROOT: "Account", PrincipalType.FEDERATED_USER: "FederatedUser"}


def audit_context(who: Principal, resource: str, owner: str, *extra: Mapping[str, Any]) -> Context:
    """Return what an audit knows of a request's condition keys; all others are unknown.

    Parameters
    ----------
    who
        The principal; ``"*"`` stands for anyone, of whom nothing is known.
    resource, owner
        ARN and account of the resource.
    *extra
        Further keys; they win over the derived ones, the last over the others.
    """
    keys: dict[str, Any] = {"aws:ResourceAccount": owner or None}
    if not owner:
        del keys["aws:ResourceAccount"]
    if who.of_an_account:
        role = who.type in {PrincipalType.ROLE, PrincipalType.SESSION}
        # source keys are set for calls of a service on somebody's behalf, and for them alone
        absent = (
            "aws:SourceArn",
            "aws:SourceAccount",
            "aws:SourceOrgID",
            "aws:SourceOrgPaths",
            "aws:PrincipalServiceName",
        )
        keys |= dict.fromkeys(absent)
        keys["aws:PrincipalAccount"] = keys["kms:CallerAccount"] = who.account
        keys["aws:PrincipalIsAWSService"] = "false"
        keys["aws:PrincipalType"] = "AssumedRole" if role else _USER_TYPES.get(who.type, "User")
        keys["aws:username"] = who.name if who.type is PrincipalType.USER else None
        if who.type is PrincipalType.SESSION:
            # aws:PrincipalArn is the role's ARN, whose path a session does not tell
            keys.pop("aws:PrincipalArn", None)
        else:
            keys["aws:PrincipalArn"] = who.id
    elif who.type is PrincipalType.SERVICE:
        keys |= {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": who.id}
        keys |= dict.fromkeys(("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:username"))
    for more in extra:
        keys.update(more)
    return Context(keys, complete=False)


_FULL = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind=PolicyKind.IDENTITY)
_BELOW = {"s3:bucket": {"s3:object": "/-"}, "logs:log-group": {"logs:log-stream": ":log-stream:-"}}
_SUBRESOURCE = {"es:domain": "/-"}
_EXAMPLE = str.maketrans({"*": "-", "?": "-"})


class _Target:
    """A target made ready: the actions on it, and what requests about it are about."""

    def __init__(self, given: TargetPolicies, wanted: frozenset[str] | None) -> None:
        self.given = given
        self.arn = given.arn
        self.kind = resource_kind(given.arn)
        below = _BELOW.get(self.kind, {})
        found = {action.name: (action, "") for action in actions_on(self.kind)}
        for kind, suffix in below.items():
            found |= {action.name: (action, suffix) for action in actions_on(kind)}
        for name, (action, _) in list(found.items()):
            if name.startswith("es:ESHttp"):
                found[name] = (action, _SUBRESOURCE[self.kind])
        self.actions: tuple[tuple[TrackedAction, str], ...] = tuple(
            entry for name, entry in sorted(found.items()) if wanted is None or name.lower() in wanted
        )
        self.policy = given.resource_policy
        self.is_role = self.kind == "iam:role"

    def policy_for(self, action: TrackedAction) -> Document | UnsetType | None:
        """Return the resource policy that bears on an action: a trust policy is about assuming the role alone."""
        return None if self.is_role and not action.name.startswith("sts:") else self.policy

    def named_in(self, documents: Iterable[Document]) -> frozenset[str]:
        """Return examples of what lies in the target and is named by a statement that allows."""
        found = set()
        for document in documents:
            for statement in document.statements:
                for pattern in statement.resources or () if statement.effect == "Allow" else ():
                    if pattern[: len(self.arn)] == self.arn and pattern[len(self.arn) :][:1] in {"/", ":"}:
                        found.add(pattern.translate(_EXAMPLE))
        return frozenset(found)


def _covered(documents: Iterable[Document]) -> frozenset[str]:
    """Return the tracked actions, in lower case, that any Allow statement speaks of."""
    covered: set[str] = set()
    for document in documents:
        for statement in document.statements:
            if statement.effect == "Allow":
                covered |= _covered_by(statement.actions, statement.not_actions)
    return frozenset(covered)


@cache
def _covered_by(actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None) -> frozenset[str]:
    if actions is not None:
        return frozenset(name for name in tracked_actions() if match_action(actions, name))
    return frozenset(name for name in tracked_actions() if not match_action(not_actions or (), name))


_RANK = {Outcome.ALLOW: 2, Outcome.CONDITIONAL: 1, Outcome.UNKNOWN: 1}


class _Account:
    """The principals and targets of one call, made ready."""

    def __init__(
        self, principals: Iterable[PrincipalPolicies], targets: Iterable[TargetPolicies], wanted: frozenset[str] | None
    ) -> None:
        self.principals = {given.arn: given for given in principals}
        given_targets = {given.arn: given for given in targets}
        for given in self.principals.values():
            if given.trust is not None and given.arn not in given_targets:
                rcps = None if given.scps is None else UNSET
                made = TargetPolicies(arn=given.arn, account=given.account, resource_policy=given.trust, rcps=rcps)
                given_targets[given.arn] = made
        self.targets = {arn: _Target(given, wanted) for arn, given in sorted(given_targets.items())}
        self.keys = {arn: target for arn, target in self.targets.items() if target.kind == "kms:key"}

    def settle(
        self, who: Principal, identity: PrincipalPolicies, target: _Target, action: TrackedAction, resource: str
    ) -> Decision:
        """Decide one request."""
        given = target.given
        boundary = identity.boundary
        policies = PolicySet(
            identity=identity.identity,
            boundary=(boundary,) if isinstance(boundary, Document) else boundary,
            resource=target.policy_for(action),
            scp=() if identity.scps is None else identity.scps,
            rcp=() if given.rcps is None else given.rcps,
        )
        context = audit_context(who, resource, given.owner, given.context, identity.context)
        request = Request(
            principal=who, action=action.name, resource=resource, resource_account=given.owner or None, context=context
        )
        return evaluate(request, policies)

    def best(
        self,
        who: Principal,
        identity: PrincipalPolicies,
        target: _Target,
        action: TrackedAction,
        resources: Iterable[str],
    ) -> tuple[Decision, str] | None:
        """Return the most permissive decision over the resources, None where all are denied."""
        found: tuple[Decision, str] | None = None
        for resource in resources:
            decision = self.settle(who, identity, target, action, resource)
            rank = _RANK.get(decision.outcome, 0)
            if rank and (found is None or rank > _RANK[found[0].outcome]):
                found = decision, resource
                if decision.allowed:
                    break
        return found

    def with_key(
        self, who: Principal, identity: PrincipalPolicies, target: _Target, decision: Decision
    ) -> Decision | None:
        """Add what reading encrypted data needs of its key; None where the key is denied."""
        key_arn = target.given.key_arn
        if key_arn is None or key_arn == target.arn:
            return decision
        key = self.keys.get(key_arn)
        if key is None:
            key = _Target(TargetPolicies(arn=key_arn, rcps=target.given.rcps), None)
        arn = parse_arn(target.arn)
        if arn is not None:
            via = {"kms:ViaService": f"{arn.service}.{arn.region}.amazonaws.com"} if arn.region else {}
            identity = msgspec.structs.replace(identity, context={**via, **identity.context})
        on_key = self.settle(who, identity, key, tracked_actions()["kms:decrypt"], key_arn)
        if on_key.denied:
            return None
        if decision.allowed and on_key.allowed:
            return msgspec.structs.replace(decision, statements=decision.statements + on_key.statements)
        outcome = Outcome.UNKNOWN if Outcome.UNKNOWN in {decision.outcome, on_key.outcome} else Outcome.CONDITIONAL
        return Decision(
            outcome=outcome,
            statements=decision.statements + on_key.statements,
            keys=tuple(sorted({*decision.keys, *on_key.keys})),
            missing=tuple(sorted({*decision.missing, *(f"key {layer}" for layer in on_key.missing)})),
        )

    def grants(
        self,
        name: str,
        who: Principal,
        identity: PrincipalPolicies,
        target: _Target,
        covered: frozenset[str],
        inside: frozenset[str],
    ) -> Iterator[Grant]:
        """Yield what one principal may do to one target, of the actions covered by some statement."""
        for action, suffix in target.actions:
            if action.name.lower() not in covered:
                continue
            examples = [example for example in sorted(inside) if resource_kind(example) in action.resources]
            found = self.best(who, identity, target, action, [target.arn + suffix, *examples])
            if found is None:
                continue
            decision: Decision | None = found[0]
            if action.access == "read":
                decision = self.with_key(who, identity, target, found[0])
            if decision is not None:
                yield Grant(
                    principal=name,
                    target=target.arn,
                    resource=found[1],
                    action=action.name,
                    access=action.access,
                    outcome=decision.outcome,
                    statements=decision.statements,
                    keys=decision.keys,
                    missing=decision.missing,
                )

    def of_principals(self) -> Iterator[Grant]:
        """Yield the grants of the principals that were given."""
        readable = {arn: target.policy for arn, target in self.targets.items() if isinstance(target.policy, Document)}
        by_target = {arn: _covered([policy]) for arn, policy in readable.items()}
        for arn, given in sorted(self.principals.items()):
            who = principal(arn)
            documents = () if isinstance(given.identity, UnsetType) else given.identity
            unseen = isinstance(given.identity, UnsetType)
            by_identity = frozenset(tracked_actions()) if unseen else _covered(documents)
            for target in self.targets.values():
                own = (readable[target.arn],) if target.arn in readable else ()
                inside = target.named_in([*documents, *own])
                covered = by_identity | by_target.get(target.arn, frozenset())
                yield from self.grants(arn, who, given, target, covered, inside)

    def of_outsiders(self) -> Iterator[Grant]:
        """Yield what resource policies grant to those that were not given: anyone, accounts, services, federations."""
        for target in self.targets.values():
            if not isinstance(target.policy, Document):
                continue
            covered, inside = _covered([target.policy]), target.named_in([target.policy])
            for name, who in sorted(self._outsiders(target.policy, target.given.owner).items()):
                identity = PrincipalPolicies(arn=name, account=who.account, identity=(_FULL,), scps=None)
                if who.account and who.account == target.given.owner:
                    identity = PrincipalPolicies(arn=name, account=who.account, identity=UNSET, boundary=UNSET)
                yield from self.grants(name, who, identity, target, covered, inside)

    def _outsiders(self, policy: Document, owner: str) -> dict[str, Principal]:
        found: dict[str, Principal] = {}
        for statement in policy.statements:
            for named in statement.principals or () if statement.effect == "Allow" else ():
                entry = _outsider(named, owner)
                if entry is not None and entry[0] not in self.principals:
                    found[entry[0]] = entry[1]
        return found


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
    if not (named.value.isdecimal() or parse_arn(named.value)):
        return None  # the unique id of a principal that was deleted
    who = principal(named.value)
    if who.type is not PrincipalType.ROOT:
        return named.value, who
    # naming one's own account delegates to it, which is no grant
    return None if who.account == owner else (who.account, who)


def relation(
    principals: Iterable[PrincipalPolicies],
    targets: Iterable[TargetPolicies],
    *,
    actions: Iterable[str] | None = None,
) -> Relation:
    """Return who may do what to which target.

    Parameters
    ----------
    principals
        Users and roles with their policies; a role with a trust policy is a target as well.
    targets
        Resources with their policies.
    actions
        Names of tracked actions to look at; None looks at all of :func:`auditkit.policy.tracked_actions`.

    Returns
    -------
    Relation
        Of everything that is not denied for certain: by the principals that were given, and by outsiders that a resource
        policy names.
    """
    wanted = None if actions is None else frozenset(action.lower() for action in actions)
    account = _Account(principals, targets, wanted)
    return Relation([*account.of_principals(), *account.of_outsiders()])


def can(identity: PrincipalPolicies, target: TargetPolicies, action: str, *, resource: str | None = None) -> Decision:
    """Return whether a principal may do one thing to a target, with the explanation.

    Parameters
    ----------
    identity, target
        The principal and the resource with their policies.
    action
        ``"service:Action"``, tracked or not.
    resource
        What the request is about, where that is something in the target (an object of a bucket); None for the target.
    """
    made = _Target(target, None)
    tracked = tracked_actions().get(action.lower(), TrackedAction(action, "metadata", frozenset()))
    account = _Account([identity], [target], None)
    return account.settle(principal(identity.arn), identity, made, tracked, resource or target.arn)
