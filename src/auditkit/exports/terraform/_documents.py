"""Policy documents as Terraform's data source ``aws_iam_policy_document`` writes them."""

import json
from collections.abc import Iterator
from typing import Any

from auditkit.exports._answers import Node

__all__ = ["document_of", "with_below"]

_BELOW = {  # service -> what statements usually name below a resource of it
    "dynamodb": ("/*",),
    "logs": (":*",),
    "s3": ("/*",),
}


def document_of(node: Node) -> str | None:
    """Return the document that a data source with these values renders; ``None`` where it has no statement."""
    statements = [_statement(block) for block in node.each("statement")]
    documents = [*_given(node, "source_policy_documents", "source_json")]
    overriding = [*_given(node, "override_policy_documents", "override_json")]
    statements = [one for document in documents for one in _statements(document)] + statements
    statements += [one for document in overriding for one in _statements(document)]
    if not statements:
        return None
    return json.dumps({"Version": node.text("version") or "2012-10-17", "Statement": statements})


def _given(node: Node, *names: str) -> Iterator[Any]:
    for name in names:
        found = node.at(name)
        texts = found.value if found is not None else None
        for text in texts if isinstance(texts, list) else [texts]:
            if isinstance(text, str) and text.strip():
                try:
                    yield json.loads(text)
                except (ValueError, RecursionError):
                    continue


def _statements(document: object) -> list[Any]:
    listed = document.get("Statement") if isinstance(document, dict) else None
    return listed if isinstance(listed, list) else [listed] if isinstance(listed, dict) else []


def _statement(block: Node) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": block.text("effect") or "Allow"}
    if block.text("sid"):
        statement["Sid"] = block.text("sid")
    for name, key in (
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ):
        found = _texts(block, name)
        if found:
            statement[key] = found
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        found_principals = _principals(block, name)
        if found_principals:
            statement[key] = found_principals
    conditions: dict[str, dict[str, Any]] = {}
    for condition in block.each("condition"):
        operator, variable = condition.text("test"), condition.text("variable")
        if operator and variable:
            conditions.setdefault(operator, {})[variable] = _texts(condition, "values")
    if conditions:
        statement["Condition"] = conditions
    return statement


def _texts(block: Node, name: str) -> list[str]:
    found = block.at(name)
    return [item for item in found.value if isinstance(item, str)] if found and isinstance(found.value, list) else []


def _principals(block: Node, name: str) -> Any:  # noqa: ANN401 -- as policies have it
    found: dict[str, list[str]] = {}
    for principal in block.each(name):
        found.setdefault(principal.text("type"), []).extend(_texts(principal, "identifiers"))
    return "*" if set(found) == {"*"} else found


def with_below(arn: object) -> list[object]:
    """Return an ARN, and patterns for what is below it.

    Of a resource that is known by a reference alone, the text around the reference is not: ``"${bucket.arn}/*"`` and
    ``bucket.arn`` look the same. A statement counts for the resource and for what is below it.
    """
    parts = arn.split(":") if isinstance(arn, str) else []
    return [arn, *(f"{arn}{below}" for below in _BELOW.get(parts[2], ()))] if len(parts) > 5 else [arn]  # noqa: PLR2004
