"""The policy engine: what a principal may do to a resource, and why.

It works on policy documents alone and knows nothing of exports, graphs or AWS clients.

- :func:`parse` reads a policy document in whatever shape it comes; :func:`evaluate` decides one
  :class:`Request` against a :class:`PolicySet` and explains the :class:`Decision`.
- :func:`simulate` and :func:`simulate_lines` do the same for requests written down as JSON.
- :func:`relation` and :func:`can` answer for the principals and resources of an account.
"""

from auditkit.policy.access import Relation, can, relation
from auditkit.policy.conditions import Context
from auditkit.policy.decision import Block, Decision, Outcome, StatementRef
from auditkit.policy.documents import Condition, Document, Named, PolicyKind, Problem, Statement
from auditkit.policy.evaluator import evaluate
from auditkit.policy.logic import Truth, Verdict
from auditkit.policy.matching import Arn, match_action, parse_arn
from auditkit.policy.principals import (
    ANONYMOUS,
    NamedAs,
    Principal,
    PrincipalType,
    accounts_let_in,
    anyone_of,
    principal,
)
from auditkit.policy.reading import parse
from auditkit.policy.relation.answers import Answer, grants_of_answers
from auditkit.policy.request import Levels, PolicySet, Request
from auditkit.policy.resources import Access, TrackedAction, actions_on, resource_kind, tracked_actions
from auditkit.policy.sifting import allowed_actions, allows_action
from auditkit.policy.simulator import simulate, simulate_lines
from auditkit.policy.subjects import Grant, PrincipalPolicies, TargetPolicies, audit_context, place_context

__all__ = [
    "ANONYMOUS",
    "Access",
    "Answer",
    "Arn",
    "Block",
    "Condition",
    "Context",
    "Decision",
    "Document",
    "Grant",
    "Levels",
    "Named",
    "NamedAs",
    "Outcome",
    "PolicyKind",
    "PolicySet",
    "Principal",
    "PrincipalPolicies",
    "PrincipalType",
    "Problem",
    "Relation",
    "Request",
    "Statement",
    "StatementRef",
    "TargetPolicies",
    "TrackedAction",
    "Truth",
    "Verdict",
    "accounts_let_in",
    "actions_on",
    "allowed_actions",
    "allows_action",
    "anyone_of",
    "audit_context",
    "can",
    "evaluate",
    "grants_of_answers",
    "match_action",
    "parse",
    "parse_arn",
    "place_context",
    "principal",
    "relation",
    "resource_kind",
    "simulate",
    "simulate_lines",
    "tracked_actions",
]
