"""Privilege escalation: which users and roles can become administrators, by which techniques, over which steps.

Techniques are data (``policy/data/techniques.toml``). :class:`Escalations` looks for them in an :class:`Estate`: users
and roles with their policies, groups, managed policies, and workloads, as far as they were seen.
"""

from auditkit.policy.escalation.results import Escalation, Escalations, EscalationStep
from auditkit.policy.escalation.subjects import (
    Estate,
    GroupPolicies,
    Identity,
    ManagedVersions,
    PolicyVersion,
    Workload,
)
from auditkit.policy.escalation.techniques import Techniques, techniques

__all__ = [
    "Escalation",
    "EscalationStep",
    "Escalations",
    "Estate",
    "GroupPolicies",
    "Identity",
    "ManagedVersions",
    "PolicyVersion",
    "Techniques",
    "Workload",
    "techniques",
]
