"""Scripts and texts of several lines in settings: what they assign to names, and what base64 hides."""

import base64
import binascii
import re
from collections.abc import Iterator

__all__ = ["assignments", "decoded"]

_ASSIGNED = (
    re.compile(
        r"""(?P<key>[A-Za-z_][\w-]{1,60})["']?\s*(?::|=>?|,)\s*(?P<quote>["'])(?P<value>[^"'\n$(){}<>]{4,})(?P=quote)"""
    ),
    re.compile(
        r"^[^\S\n]*(?:export\s+|setx?\s+|-?-?)?(?P<key>[A-Za-z_][\w-]{1,60})=(?P<value>[^\s\"'$(){}<>;&|]{4,})",
        re.MULTILINE,
    ),
    re.compile(
        r"(?:^|\s)--?(?P<key>pass(?:word|wd)?|token|secret|api-?key)[=\s](?P<value>[^\s\"'$(){}<>;&|-][^\s\"'$(){}<>;&|]{3,})"
    ),
)
_BASE64 = re.compile(r"[A-Za-z0-9+/\r\n]{40,}={0,2}\s*")


def assignments(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a text assigns: a name and a value, as shells, programs and settings write it."""
    for form in _ASSIGNED:
        for found in form.finditer(text):
            yield found["key"], found["value"]


def decoded(text: str) -> str:
    """Return the text that base64 stands for, ``""`` where it is none."""
    if not _BASE64.fullmatch(text):
        return ""
    try:
        return base64.b64decode(text, validate=False).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
