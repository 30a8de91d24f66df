"""What is attached to resources of every service, in all of AWS's ways to write it: policy documents and tags."""

from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from auditkit.exports._json import JsonError, depth_of, parse_json, type_name
from auditkit.exports._reading import Reading
from auditkit.inventory import PolicyText, Source
from auditkit.inventory.record import UNSET, Tags, UnsetType

__all__ = ["POLICY_DEPTH", "policy_text", "tags_of"]

_PAIR = {"Key", "Value"}
POLICY_DEPTH = 64
"""Deepest nesting of a policy document (levels); a real one has about six."""


def policy_text(
    value: object, source: Source, reading: Reading, *, name: str = "", raw: msgspec.Raw | None = None
) -> PolicyText | UnsetType | None:
    """Return a policy document as an object, whichever way it was written.

    Parameters
    ----------
    value
        An object, JSON text, URL-encoded JSON text, or text that was encoded more than once.
    source
        Where it stands.
    reading
        Takes a note where the document cannot be read.
    name
        Name or ARN of the policy.
    raw
        The JSON that the value was decoded from, if it is sound and nested no deeper than :data:`POLICY_DEPTH`: it is
        kept in the place of an object.

    Returns
    -------
    PolicyText, UNSET or None
        ``None`` where there is no document (absent or empty text); :data:`UNSET` where it is there and cannot be read,
        so that it counts as not seen.
    """
    if value is None or value == "":
        return None
    document = value
    for _ in range(4):
        if not isinstance(document, str):
            break
        text = document.strip()
        if text[:1] not in {"{", "[", '"'} and "%" in text:
            text = unquote(text).strip()
        try:
            document = parse_json(text.encode("utf-8", "surrogatepass"))
        except JsonError as error:
            reading.not_read(source, f"policy document is not JSON: {error}")
            return UNSET
    if not isinstance(document, dict):
        reading.not_read(source, f"policy document is no object but {type_name(document)}")
        return UNSET
    if raw is not None and document is value:
        return PolicyText.of_text(raw, source, name)
    if depth_of(document, POLICY_DEPTH) > POLICY_DEPTH:
        reading.not_read(source, f"policy document is nested deeper than {POLICY_DEPTH} levels")
        return UNSET
    return PolicyText(document, source, name)


def tags_of(value: object, source: Source, reading: Reading) -> Tags | UnsetType:
    """Return tags from any of AWS's ways to write them; no tags for ``None``.

    Understands an object (key -> value), and lists of ``{"Key", "Value"}``, ``{"key", "value"}`` or
    ``{"TagKey", "TagValue"}``. What is neither is noted as not read and gives :data:`UNSET`.
    """
    if value is None:
        return {}
    pairs: list[tuple[object, object]] = []
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
        if all(item.keys() == _PAIR for item in value):
            pairs = [(item["Key"], item["Value"]) for item in value]
            value = ()
        for item in value:
            lower = {str(key).lower().removeprefix("tag"): content for key, content in item.items()}
            pairs.append((lower.get("key"), lower.get("value", "")))
    else:
        reading.not_read(source, f"tags are neither an object nor a list of objects but {type_name(value)}")
        return UNSET
    if not all(isinstance(key, str) and isinstance(content, str | int | float | None) for key, content in pairs):
        reading.not_read(source, "a tag's key or value is not text")
        return UNSET
    if len(pairs) > 1:
        pairs.sort(key=str)
    return {str(key): "" if content is None else str(content) for key, content in pairs}
