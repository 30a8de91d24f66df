"""Which managed policies make an administrator of whoever has them, where conditions limit what may be attached.

Those are AWS's own, the customer's that allow everything, and any that one may write oneself.
"""

from collections.abc import Callable, Iterator

import msgspec

from auditkit.policy.escalation.arns import Arns, places
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.rulings import Classes, Ruling, all_rulings, bits_of
from auditkit.policy.escalation.techniques import Modify, Way, techniques
from auditkit.policy.escalation.world import World

__all__ = ["ATTACHED", "BOUNDARY", "POLICY", "Attaching", "Decide", "of_account"]

POLICY, BOUNDARY = "iam:policyarn", "iam:permissionsboundary"
ATTACHED = 10
"""How many managed policies AWS lets a principal or a group have by default (IAM User Guide, Quotas)."""
_POLICIES = "arn:{partition}:iam::{account}:policy/{name}"
_STRONGEST = ("AdministratorAccess", "IAMFullAccess")  # who has the second gives itself the rest by an inline policy
Decide = Callable[[str], Classes]
"""Decides about attaching a policy to principals or groups."""


def of_account(arns: Arns, judge: Judge) -> int:
    """Return those groups or policies that are in a principal's account, as bits."""
    prefix = f"arn:{judge.who.partition or 'aws'}:iam::{judge.account}:"
    return arns.bits(arn for arn in arns.list if arn.startswith(prefix))


class Attaching:
    """What one principal may attach.

    Parameters
    ----------
    world, judge
        All principals, and the one.
    """

    def __init__(self, world: World, judge: Judge) -> None:
        self._world, self._judge = world, judge

    @property
    def strongest(self) -> tuple[str, ...]:
        """ARNs of policies of AWS's own that make an administrator, the one that allows everything first."""
        partition = self._judge.who.partition or "aws"
        return tuple(f"arn:{partition}:iam::aws:policy/{name}" for name in _STRONGEST)

    @property
    def strong(self) -> tuple[str, ...]:
        """ARNs of all managed policies that make an administrator, as they stand."""
        return *self.strongest, *self._world.attachable.get(self._judge.account, ())

    def limited(self, action: str) -> bool:
        """Whether policies limit what may be attached."""
        return self._judge.speaks_of(action, POLICY)

    def as_they_stand(self, action: str, decide: Decide) -> Classes:
        """Decide about attaching any of the managed policies that make an administrator."""
        if not self.limited(action):
            return decide(self.strongest[0])
        found: Classes = []
        covered = 0
        for policy in self.strong:
            fresh = [(ruling, members & ~covered) for ruling, members in decide(policy) if members & ~covered]
            found += fresh
            covered |= bits_of([one for one in fresh if one[0].sure])[1]
        return sorted(found, key=lambda one: not one[0].sure)

    def written(self, way: Way, decide: Decide) -> Iterator[tuple[Way, Classes]]:
        """Decide about attaching, by a way, policies that the principal writes itself; yield the way of doing both."""
        action = way.permissions[0]
        writing = (one for one in techniques().modifies if one.target == "policy" and self.limited(action))
        for technique in writing:
            for made in (one for one in technique.ways if self._judge.holds(*one.permissions)):
                name = made.id if technique.effect == "made" else f"{made.id}+{way.id}"
                both = msgspec.structs.replace(way, id=name, permissions=(*made.permissions, *way.permissions))
                for policy, ruling in self._writable(technique, made.permissions[0], action):
                    yield both, [(all_rulings([ruling, one]), members) for one, members in decide(policy)]

    def _writable(self, technique: Modify, writes: str, action: str) -> Iterator[tuple[str, Ruling]]:
        """Yield policies that can be written by an action, one of each that is told apart by what may be attached."""
        if technique.effect == "made":
            found = (
                (arn, self._judge.rule(writes, arn))
                for arn in self._judge.named((writes, action), _POLICIES, POLICY).arns
            )
            yield from (one for one in found if one[1].truth)
        elif technique.effect == "edit":
            policies = self._world.policies
            for ruling, members in self._judge.rule_many(writes, policies, of_account(policies, self._judge)):
                for alike in self._told_apart(action, members):
                    yield policies.list[next(places(alike))], ruling

    def _told_apart(self, action: str, members: int) -> list[int]:
        classes = [members]
        for value in self._judge.values_named(action, POLICY):
            covered = self._world.policies.covered(value, variables=True, lookup=self._judge.lookup)
            classes = [part for alike in classes for part in (alike & covered, alike & ~covered) if part]
        return classes
