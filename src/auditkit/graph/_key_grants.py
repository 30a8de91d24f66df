"""Grants on keys, as statements beside the key policy.

A grant lets its grantee do what it lists with the key, whatever the key policy and the grantee's own policies do not
say; a Deny still wins (AWS KMS developer guide, *Grants in AWS KMS*).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from auditkit.inventory import UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.keys import GrantConstraints, KeyGrant
from auditkit.policy import Document, PolicyKind, parse

__all__ = ["with_grants"]

_PRINCIPALS = frozenset({"iam", "sts"})
_CONTEXT = "kms:EncryptionContext:"


def with_grants(policy: Document, grants: tuple[KeyGrant, ...] | UnsetType | None) -> Document:
    """Return a key policy with the grants on the key as further statements.

    Parameters
    ----------
    policy
        The key policy.
    grants
        Grants on the key; those to services are left out, as services use keys on behalf of somebody.
    """
    given = [grant for grant in grants or () if _to_a_principal(grant) and grant.operations]
    if not given:
        return policy
    body = {"Version": "2012-10-17", "Statement": [_statement(grant) for grant in given]}
    made = parse(body, kind=PolicyKind.RESOURCE)
    numbered = enumerate(zip(made.statements, given, strict=False), len(policy.statements))
    statements = tuple(
        msgspec.structs.replace(statement, index=number, pointer="", source=grant.source)
        for number, (statement, grant) in numbered
    )
    return Document(
        kind=policy.kind,
        statements=(*policy.statements, *statements),
        version=policy.version,
        problems=policy.problems,
        readable=policy.readable,
        name=policy.name,
        source=policy.source,
    )


def _to_a_principal(grant: KeyGrant) -> bool:
    arn = parse_arn(grant.grantee_principal or "")
    return arn is not None and arn.service in _PRINCIPALS


def _statement(grant: KeyGrant) -> Mapping[str, Any]:
    made = {
        "Sid": grant.name or grant.grant_id,
        "Effect": "Allow",
        "Principal": {"AWS": grant.grantee_principal},
        "Action": [f"kms:{operation}" for operation in grant.operations],
        "Resource": "*",
    }
    conditions = _conditions(grant.constraints) if grant.constraints else {}
    return made | ({"Condition": conditions} if conditions else {})


def _conditions(constraints: GrantConstraints) -> dict[str, Any]:
    context = constraints.encryption_context_subset | constraints.encryption_context_equals
    found: dict[str, Any] = {}
    if context:
        found["StringEquals"] = {f"{_CONTEXT}{key}": value for key, value in sorted(context.items())}
    if constraints.source_arn:
        found["ArnLike"] = {"aws:SourceArn": constraints.source_arn}
    return found
