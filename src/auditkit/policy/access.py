"""Who may do what to which resource in an account."""

from collections.abc import Iterable

from msgspec import UnsetType

from auditkit._garbage import no_collection
from auditkit.policy.decision import Decision
from auditkit.policy.documents import Document
from auditkit.policy.relation import Relation, compile_relation
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.points import made_targets
from auditkit.policy.relation.shapes import KEY_USE
from auditkit.policy.relation.single import Known, settle, with_key
from auditkit.policy.resources import tracked_actions
from auditkit.policy.subjects import PrincipalPolicies, TargetPolicies

__all__ = ["Relation", "can", "relation"]


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
        Of everything that is not denied for certain: by the principals that were given, and by outsiders that a
        resource policy names.
    """
    wanted = None if actions is None else frozenset(action.lower() for action in actions)
    with no_collection():
        return compile_relation(principals, targets, wanted)


def can(
    identity: PrincipalPolicies,
    target: TargetPolicies,
    action: str,
    *,
    resource: str | None = None,
    key: TargetPolicies | None = None,
    endpoint: tuple[Document, ...] | UnsetType | None = None,
) -> Decision:
    """Return whether a principal may do one thing to a target, with the explanation; reading needs its key as well.

    Parameters
    ----------
    identity, target
        The principal and the resource with their policies.
    action
        ``"service:Action"``, tracked or not.
    resource
        What the request is about, where that is something in the target (an object of a bucket); None for the target.
    key
        The key that the target's data is encrypted with, with its policy; None where it was not seen.
    endpoint
        Policy of the VPC endpoint that the request comes through, None where it comes through none.
    """
    asker = Asker(identity)
    decision = settle(Known.of(asker, target), identity, action, resource or target.arn, endpoint)
    tracked = tracked_actions().get(action.lower())
    if tracked is None or tracked.access != "read":
        return decision
    made = made_targets([target, *([] if key is None else [key])], None)
    used = [one.given for one in made if one.kind == KEY_USE and one.given.arn == target.key_arn]
    if not used or target.key_arn == target.arn:
        return decision
    return with_key(decision, settle(Known.of(asker, used[0]), identity, "kms:Decrypt", used[0].arn))
