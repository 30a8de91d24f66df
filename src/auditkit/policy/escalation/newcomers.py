"""Users and roles with every permission: those that can be made, and those there as they could be."""

from collections.abc import Iterable, Iterator

import msgspec

from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.slimming import FULL
from auditkit.policy.escalation.subjects import Identity
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["mightiest", "newcomer"]

_KINDS = ("user", "role")


def newcomer(like: Judge, kind: str) -> PrincipalPolicies:
    """Return a new user or role with every permission, in the account of another principal."""
    return PrincipalPolicies(
        arn=f"arn:{like.who.partition or 'aws'}:iam::{like.account}:{kind}/new",
        account=like.account,
        identity=(FULL,),
        scps=like.policies.scps,
    )


def mightiest(identities: Iterable[Identity]) -> Iterator[Judge]:
    """Yield each principal with every permission, no boundary and nothing denied, and those new in each account."""
    seen: set[tuple[str, str]] = set()
    for one in identities:
        policies = msgspec.structs.replace(one.policies, identity=(FULL,), boundary=None)
        judge = Judge(policies, one.tags)
        yield judge
        for kind in _KINDS if (where := (judge.account, judge.who.partition)) not in seen else ():
            seen.add(where)
            yield Judge(newcomer(judge, kind))
