"""Templates that are not finished: text with the placeholders of a generator, which is no YAML as it stands."""

import re

__all__ = ["without_placeholders", "without_tabs"]

_LONGEST = 1 << 20
"""Longest text that is looked at; a template is no longer."""
_BLOCK = re.compile(r"\{%[^\n]{0,200}?%\}|\{#[^\n]{0,200}?#\}")
_VARIABLE = re.compile(r"\{\{(?!resolve:)\s*([^{}\n]{0,200}?)\s*\}\}")
_BEFORE = r"^\s*(?:-\s+)?[^\s#'\"][^\n:#'\"]{0,200}:[ \t]+|^\s*-\s+|[{,][ \t]*[\w-]+:[ \t]+"
_RESERVED = re.compile(rf"(?m)({_BEFORE})([@%`][^\n#,}}\]]*)")
_TABS = re.compile(r"(?m)^[ \t]*\t[ \t]*")
_UNFIT = re.compile(r"[^A-Za-z0-9]+")


def without_placeholders(text: str) -> str:
    """Return a text with plain words for placeholders, line by line where it was.

    Replaced are variables and blocks of Jinja and the like (``{{ name }}``, ``{% if %}``), values that begin with a
    sign that YAML reserves (``@NAME@``, ``%NAME%``), and tabs in front of a line.
    """
    if len(text) > _LONGEST:
        return text
    text = _BLOCK.sub("", text)
    text = _VARIABLE.sub(lambda found: _UNFIT.sub("", found[1]) or "x", text)
    text = _RESERVED.sub(lambda found: f"{found[1]}'{found[2].rstrip().replace(chr(39), chr(39) * 2)}'", text)
    return without_tabs(text)


def without_tabs(text: str) -> str:
    """Return a text with two spaces for each tab in front of a line, where YAML takes none."""
    return _TABS.sub(lambda found: found[0].replace("\t", "  "), text) if len(text) <= _LONGEST else text
