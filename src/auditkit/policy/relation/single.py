"""One request of one principal about one target, by the evaluator."""

import msgspec
from msgspec import UnsetType

from auditkit.policy.conditions import Context
from auditkit.policy.decision import Block, Decision, Outcome
from auditkit.policy.documents import Document
from auditkit.policy.evaluator import evaluate
from auditkit.policy.principals import Principal
from auditkit.policy.relation.asking import Asker, target_context
from auditkit.policy.request import PolicySet, Request
from auditkit.policy.resources import resource_kind
from auditkit.policy.subjects import PrincipalPolicies, TargetPolicies

__all__ = ["Known", "request_of", "settle", "with_key"]


class Known(msgspec.Struct, frozen=True):
    """A principal and a target, with what is known of them together."""

    who: Principal
    target: TargetPolicies
    context: Context

    @classmethod
    def of(cls, asker: Asker, target: TargetPolicies) -> "Known":
        """Return what is known of a principal and a target."""
        return cls(asker.who, target, asker.beside(target_context(target.arn, target.owner, target.context)))

    def policy_for(self, action: str) -> Document | UnsetType | None:
        """Return the resource policy that bears on an action: a trust policy is about assuming the role alone."""
        is_role = resource_kind(self.target.arn) == "iam:role"
        return None if is_role and not action.lower().startswith("sts:") else self.target.resource_policy


def settle(
    known: Known,
    policies: PrincipalPolicies,
    action: str,
    resource: str,
    endpoint: tuple[Document, ...] | UnsetType | None = None,
) -> Decision:
    """Decide one request.

    Parameters
    ----------
    known
        The principal and the target.
    policies
        The principal's policies, or those statements of them that bear on the request.
    action, resource
        What the request is about.
    endpoint
        Policy of the VPC endpoint that it comes through, None where it comes through none.
    """
    boundary, target = policies.boundary, known.target
    found = PolicySet(
        identity=policies.identity,
        boundary=(boundary,) if isinstance(boundary, Document) else boundary,
        resource=known.policy_for(action),
        scp=() if policies.scps is None else policies.scps,
        rcp=() if target.rcps is None else target.rcps,
        endpoint=endpoint,
    )
    return evaluate(request_of(known, action, resource), found)


def request_of(known: Known, action: str, resource: str) -> Request:
    """Return the request of a principal about a target, or something in it."""
    return Request(
        principal=known.who,
        action=action,
        resource=resource,
        resource_account=known.target.owner or None,
        context=known.context,
    )


def with_key(decision: Decision, on_key: Decision) -> Decision:
    """Add to a decision about reading what is encrypted the one about decrypting with its key."""
    if decision.denied:
        return decision
    if on_key.denied:
        return msgspec.structs.replace(on_key, blocks=tuple(Block(f"key {block.layer}") for block in on_key.blocks))
    of_key = (msgspec.structs.replace(statement, of_key=True) for statement in on_key.statements)
    statements = (*decision.statements, *of_key)
    if decision.allowed and on_key.allowed:
        return msgspec.structs.replace(decision, statements=statements)
    outcome = Outcome.UNKNOWN if Outcome.UNKNOWN in {decision.outcome, on_key.outcome} else Outcome.CONDITIONAL
    return Decision(
        outcome=outcome,
        statements=statements,
        keys=tuple(sorted({*decision.keys, *on_key.keys})),
        missing=tuple(sorted({*decision.missing, *(f"key {layer}" for layer in on_key.missing)})),
    )
