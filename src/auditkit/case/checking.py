"""A case held against its schema: what is wrong, where, and what to write instead.

The schema is the one that editors take (``schema.json``, JSON Schema draft 2020-12). It is followed here over the tree
of the text, so that every problem has its line; of the draft, what the schema uses is known and nothing else.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from auditkit.case.tree import Node, Path, pointer_of, told
from auditkit.errors import CaseProblem

__all__ = ["get_case_schema", "problems_of"]

Schema = dict[str, Any]
_Found = Iterator[tuple[Path, Node, str]]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHORT = re.compile(r"[0-9]{9,11}")
_LISTED = 10
_KINDS = {"object": "a mapping", "array": "a list"}


@cache
def _schema_text() -> str:
    return files("auditkit").joinpath("case/schema.json").read_text("utf-8")


def get_case_schema() -> Schema:
    """Return the JSON schema of ``case.yaml`` (draft 2020-12), as editors take it."""
    schema: Schema = json.loads(_schema_text())
    return schema


@cache
def _schema() -> Schema:
    return get_case_schema()


def problems_of(root: Node, file: str, *, most: int) -> list[CaseProblem]:
    """Return what in a case is not as the schema asks: the first problems, no more than asked for."""
    return [
        CaseProblem(file=file, line=node.line, column=node.column, path=pointer_of(path), message=message)
        for path, node, message in islice(_held(root, _schema(), ()), most)
    ]


def _resolved(schema: Schema) -> Schema:
    """Return a schema with what it refers to; what stands beside the reference goes before."""
    if "$ref" not in schema:
        return schema
    target: Schema = _schema()["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return _resolved(target) | {key: value for key, value in schema.items() if key != "$ref"}


def _held(node: Node, schema: Schema, path: Path) -> _Found:
    """Yield what of a value, and of what lies in it, is not as a schema asks."""
    wanted = _resolved(schema)
    kind = _kind(node)
    types = wanted.get("type", "string")
    allowed = [types] if isinstance(types, str) else types
    if kind == "null" and kind not in allowed:
        yield path, node, f"is empty; write {_title(wanted)}, or take the key out"
    elif kind not in allowed:
        what = _KINDS.get(kind) or told(node.text or "")
        yield path, node, f"is {what}; it must be {_title(wanted)}"
    elif node.members is not None:
        yield from _members(node, wanted, path)
    elif node.items is not None:
        for number, item in enumerate(node.items):
            yield from _held(item, wanted["items"], (*path, number))
    elif node.text is not None:
        message = _wrong(node.text, wanted)
        if message:
            yield path, node, message


def _kind(node: Node) -> str:
    if node.members is not None:
        return "object"
    if node.items is not None:
        return "array"
    return "null" if node.text is None else "string"


def _members(node: Node, schema: Schema, path: Path) -> _Found:
    """Yield what of a mapping is wrong: unknown keys, keys that lack, values."""
    assert node.members is not None
    known = schema.get("properties", {})
    others = schema["additionalProperties"]
    for key, member in node.members.items():
        here = (*path, key)
        if key in known:
            yield from _held(member.node, known[key], here)
        elif others is False:
            yield here, member.key, f"there is no key {told(key)} here{_near(key, list(known))}"
        else:
            message = _wrong(key, _resolved(schema["propertyNames"]))
            if message:
                yield here, member.key, message
            yield from _held(member.node, others, here)
    lacking = [name for name in schema.get("required", []) if name not in node.members]
    if lacking:
        yield path, node, f"lacks {', '.join(lacking)}; it must be {_title(schema)}"


def _wrong(text: str, schema: Schema) -> str:
    """Return what is wrong with a text, ``""`` for nothing."""
    said = f"{told(text)} is not {_title(schema)}"
    if len(text) < schema.get("minLength", 0):
        return f"is empty; write {_title(schema)}"
    if len(text) > schema.get("maxLength", len(text)):
        return f"is longer than {schema['maxLength']} characters"
    if "enum" in schema and text not in schema["enum"]:
        return said + _near(text, [word for word in schema["enum"] if isinstance(word, str)])
    if "pattern" in schema and re.fullmatch(schema["pattern"], text) is None:
        lost = "twelve digits" in _title(schema) and _SHORT.fullmatch(text)
        return said + ("; a 0 in front may have been lost" if lost else "")
    if schema.get("format") == "date" and not _is_date(text):
        return said
    return ""


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        return False
    return True


def _title(schema: Schema) -> str:
    return str(schema["title"])


def _near(word: str, known: list[str]) -> str:
    """Return what may have been meant; of few words all of them."""
    close = get_close_matches(word[:100], known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are: {', '.join(known)}" if 0 < len(known) <= _LISTED else ""
