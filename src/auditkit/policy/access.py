"""Who may do what to which resource in an account."""

from collections.abc import Iterable, Iterator

from auditkit.policy.decision import Decision
from auditkit.policy.pairs import Account
from auditkit.policy.subjects import Grant, PrincipalPolicies, TargetPolicies

__all__ = ["Relation", "can", "relation"]


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
    account = Account(principals, targets, wanted)
    return Relation([*account.of_principals(), *account.of_outsiders()])


def can(identity: PrincipalPolicies, target: TargetPolicies, action: str, *, resource: str | None = None) -> Decision:
    """Return whether a principal may do one thing to a target, with the explanation; reading needs its key as well.

    Parameters
    ----------
    identity, target
        The principal and the resource with their policies.
    action
        ``"service:Action"``, tracked or not.
    resource
        What the request is about, where that is something in the target (an object of a bucket); None for the target.
    """
    account = Account([identity], [target])
    asker, made = account.askers[identity.arn], account.targets[target.arn]
    return account.with_key(asker, made, action, account.settle(asker, made, action, resource or target.arn))
