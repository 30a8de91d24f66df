"""Policies cut down to what techniques ask for."""

from functools import cache, lru_cache

from auditkit.policy.documents import Document, PolicyKind, Statement, strings
from auditkit.policy.escalation.techniques import techniques
from auditkit.policy.matching import match_action
from auditkit.policy.reading import parse

__all__ = ["ADMIN_PROBES", "FULL", "IAM_PROBES", "actions_of", "slim"]

IAM_PROBES = (
    ("iam:AttachUserPolicy", "user"),
    ("iam:PutUserPolicy", "user"),
    ("iam:AttachRolePolicy", "role"),
    ("iam:PutRolePolicy", "role"),
)
"""Actions on users and roles that hand out permissions; one who may do one of them to anybody governs IAM."""

ADMIN_PROBES = {
    "cloudformation:CreateStack": "arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{name}",
    "dynamodb:PutItem": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    "ec2:RunInstances": "arn:{partition}:ec2:{region}:{account}:instance/{name}",
    "iam:PassRole": "arn:{partition}:iam::{account}:role/{name}",
    "lambda:UpdateFunctionCode": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "s3:GetObject": "arn:{partition}:s3:::{name}/{name}",
    "secretsmanager:GetSecretValue": "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}",
    "ssm:SendCommand": "arn:{partition}:ec2:{region}:{account}:instance/{name}",
}
"""Actions across services, each with the ARN of a resource that nobody has named in a policy."""

FULL = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind=PolicyKind.IDENTITY)
"""The document of ``AdministratorAccess``."""


@cache
def _relevant() -> frozenset[str]:
    """Return the actions that are ever asked for, in lower case."""
    probes = (*ADMIN_PROBES, *(action for action, _ in IAM_PROBES))
    return techniques().actions | {action.lower() for action in probes}


@lru_cache(maxsize=65_536)
def _covered(actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None) -> frozenset[str]:
    if actions is not None:
        return frozenset(name for name in _relevant() if match_action(actions, name))
    return frozenset(name for name in _relevant() if not match_action(not_actions or (), name))


def actions_of(statement: Statement) -> frozenset[str]:
    """Return the relevant actions that a statement speaks of; all of them where that is not understood."""
    if statement.unclear & {"statement", "action"}:
        return _relevant()
    return _covered(statement.actions, statement.not_actions)


def slim(document: Document) -> Document:
    """Return a document without the statements that speak of nothing relevant."""
    content = document.content
    if content is not None:  # all others need not be made
        said = enumerate(content.written)
        chosen = [place for place, line in said if _covered(strings(line.actions), strings(line.not_actions))]
        return document.with_statements(tuple(map(content.statement, chosen)))
    kept = tuple(statement for statement in document.statements if actions_of(statement))
    return document if len(kept) == len(document.statements) else document.with_statements(kept)
