"""Code that stands in a template itself, instead of a package: what of it is kept, and how it is found again."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from auditkit.exports._reading import Reading
from auditkit.exports.packages.mentions import mentions_in
from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.evidence.packages import CodePackage

__all__ = ["InlineCode", "digest_of", "member_of", "text_at", "text_of"]

_TAKEN = "taken_from_elsewhere"
"""Stands in code for what a template takes from elsewhere: a name, so that the code can still be parsed."""


def text_of(value: object) -> str:
    """Return the code that a value of a template is: a text, or one put together; ``""`` for any other."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        return ""
    ((name, argument),) = value.items()
    if name == "Fn::Sub":
        return text_of(argument[0] if isinstance(argument, list) and argument else argument)
    if name == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:  # noqa: PLR2004 -- separator, parts
        split, parts = argument
        if isinstance(split, str) and isinstance(parts, list):
            return split.join(part if isinstance(part, str) else _TAKEN for part in parts)
    return ""


def text_at(document: object, pointer: str) -> str:
    """Return the code that stands at a place of a template, ``""`` where there is none."""
    value = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return text_of(value)


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text, as digests of packages are written."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()).decode("ascii")


def member_of(runtime: str) -> str:
    """Return the name that Lambda gives the file of inline code, by the runtime.

    AWS CloudFormation, ``AWS::Lambda::Function Code``: "CloudFormation places it in a file named index".
    """
    return "index.js" if runtime.startswith("nodejs") else "index.py"


class InlineCode:
    """Takes the inline code of functions, and makes one record of all that is alike in a file."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], dict[str, Any]] = {}

    def take(self, value: object, at: Source, function: str, runtime: str) -> None:
        """Take the code of a function, if a value is code."""
        text = text_of(value)
        if not text.strip():
            return
        digest, name = digest_of(text), member_of(runtime)
        found = self._found.setdefault((at.file, digest), {"sources": [], "used_by": [], "name": name, "text": text})
        found["sources"].append(at)
        found["used_by"].append(function)

    def tell(self, reading: Reading) -> None:
        """Add the records."""
        for (file, digest), found in sorted(self._found.items()):
            place = parse_arn(found["used_by"][0])
            first: Source = found["sources"][0]
            mentions = mentions_in(found["text"].encode("utf-8", "surrogatepass"), first, {})
            reading.add(
                CodePackage(
                    id=f"code:{file}:{digest}",
                    account=place.account if place is not None else "",
                    region=place.region if place is not None else "",
                    name=found["name"],
                    sources=tuple(found["sources"]),
                    digest=digest,
                    inline=True,
                    used_by=tuple(sorted(set(found["used_by"]))),
                    mentions=tuple(sorted(mentions)),
                )
            )
