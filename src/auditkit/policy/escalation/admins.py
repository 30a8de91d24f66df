"""Who is an administrator.

An administrator *governs IAM*: it may hand out permissions to users or roles whom no policy names; and it may act
*across services*: on three quarters at least of the probes, on resources that no policy names. So neither a Deny on one
service nor one that protects some resources makes less of an administrator, while a boundary, an organization's policy
or a Deny that takes IAM away does. Regions can be chosen, so that it is enough to be one in some region.

What was not seen (an organization's policies, a policy of the principal) is not in the way here: it is safer to take
somebody for an administrator. What hangs on conditions is not certain.
"""

from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.rulings import Ruling
from auditkit.policy.escalation.slimming import ADMIN_PROBES, IAM_PROBES
from auditkit.policy.logic import Truth

__all__ = ["administers"]

_ENOUGH = len(ADMIN_PROBES) * 3 // 4


def administers(judge: Judge) -> Ruling:
    """Return whether a principal is an administrator, and what that hangs on."""
    asked = [(action, kind) for action, kind in IAM_PROBES if judge.holds(action)]
    rulings = [judge.rule_any(action, f"arn:{{partition}}:iam::{{account}}:{kind}/{{name}}") for action, kind in asked]
    governs = max((_seen(ruling) for ruling in rulings), key=lambda ruling: ruling.truth, default=Ruling(Truth.NO))
    if governs.truth is Truth.NO:
        return governs
    probes = [_seen(judge.rule_any(action, template)) for action, template in ADMIN_PROBES.items()]
    probes.sort(key=lambda ruling: -ruling.truth)
    last = probes[_ENOUGH - 1]
    return last if last.truth < governs.truth else governs


def _seen(ruling: Ruling) -> Ruling:
    """Return a ruling as it stands without the policies that were not seen."""
    if ruling.truth is Truth.UNKNOWN and ruling.missing == ("identity",) and not ruling.keys:
        return ruling._replace(truth=Truth.YES)
    return ruling
