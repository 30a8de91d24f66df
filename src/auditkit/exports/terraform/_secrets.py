"""Secrets that Terraform keeps in clear: what is known to be one is removed wherever else it stands.

A state holds passwords, tokens and generated secrets as attributes of the resources that they belong to. None of these
attributes is read. But the same text may stand in an environment variable, a description or a definition of another
resource, which are.
"""

import re
from collections.abc import Iterator
from typing import Any

from auditkit.exports.terraform._raw import Raw

__all__ = ["REMOVED", "marked", "named_secret", "without_secrets"]

REMOVED = "[removed: sensitive in Terraform]"
_ATTRIBUTE = re.compile(
    r"(?:.*_)?(?:password|secret_string|secret_binary|auth_token|private_key(?:_pem)?|client_secret|ses_smtp_password_v4"
    r"|access_token|bearer_token|api_key_value|hec_token)(?:_wo)?"
)
_OF_TYPE = {
    "aws_api_gateway_api_key": ("value",),
    "aws_iam_access_key": ("secret", "encrypted_secret"),
    "random_password": ("result", "bcrypt_hash"),
}
_SHORTEST = 6
_WORD = 8
_MOST = 2000


def without_secrets(raws: list[Raw]) -> None:
    """Remove from the values of resources every text that one of them keeps as a secret."""
    found = sorted({text for raw in raws for text in _secrets(raw)}, key=lambda text: (-len(text), text))[:_MOST]
    if not found:
        return
    pattern = re.compile("|".join(re.escape(text) for text in found))
    for raw in raws:
        raw.node = raw.node._replace(value=_without(raw.node.value, pattern))


def named_secret(kind: Raw | str, name: str) -> bool:
    """Return whether an attribute of a resource, or of a type of resource, is one that holds a secret."""
    if isinstance(kind, Raw):
        if kind.type == "aws_ssm_parameter":
            return name in {"value", "value_wo"} and kind.node.value.get("type") == "SecureString"
        kind = kind.type
    return name in _OF_TYPE.get(kind, ()) or _ATTRIBUTE.fullmatch(name) is not None


def _secrets(raw: Raw) -> Iterator[str]:
    names = _OF_TYPE.get(raw.type, ())
    if raw.type == "aws_ssm_parameter" and raw.node.value.get("type") == "SecureString":
        names = ("value", "value_wo")
    marks = raw.sensitive.value if raw.sensitive is not None else None
    waiting: list[tuple[str, Any, Any]] = [(key, value, marked(marks, key)) for key, value in raw.node.value.items()]
    while waiting:
        key, value, mark = waiting.pop()
        if isinstance(value, dict):
            waiting += [(str(name), item, marked(mark, name)) for name, item in value.items()]
        elif isinstance(value, list):
            waiting += [(key, item, marked(mark, index)) for index, item in enumerate(value)]
        elif isinstance(value, str) and len(value) >= _SHORTEST and not value.startswith("arn:"):
            yield from [value] if key in names or _ATTRIBUTE.fullmatch(key) or _worth(value, mark) else []


def _worth(value: str, mark: object) -> bool:
    """Return whether a text that may be marked is one to look for elsewhere: no document, and no word as ``true``."""
    return mark is True and value.lstrip()[:1] not in {"{", "["} and len(value) >= _WORD


def marked(marks: object, step: str | int) -> object:
    """Return what Terraform marks as sensitive below a key or an index: ``True``, or marks of what is below."""
    if marks is True:
        return True
    if isinstance(marks, dict):
        return marks.get(step)
    if isinstance(marks, list) and isinstance(step, int) and step < len(marks):
        return marks[step]
    return None


def _without(value: Any, pattern: re.Pattern[str]) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, str):
        return pattern.sub(REMOVED, value)
    if isinstance(value, dict):
        return {key: _without(item, pattern) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, pattern) for item in value]
    return value
