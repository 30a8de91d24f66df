"""Templates as text: YAML 1.1 as CloudFormation reads it, with its short forms, and JSON.

Nothing but plain values is made, whatever tags a file has. What YAML 1.1 makes of scalars is undone where it hurts:
dates and numbers with a leading zero (account ids) stay text, keys are always text (``On``, ``Yes``, ``012``), numbers
with a point stay text (``1.10``). Built from the parser's events, without recursion, so that neither deep nesting nor
aliases that expand to a multiple of themselves can exhaust anything.
"""

import re
from contextlib import suppress
from typing import Any

import msgspec
import yaml

from auditkit.exports._json import JsonError, as_utf8, parse_json
from auditkit.exports.cloudformation._placeholders import without_placeholders, without_tabs

__all__ = ["Document", "TemplateError", "load"]

MAX_DEPTH = 100
"""Deepest nesting read; real templates stay below 40."""
MAX_NODES = 1_000_000
"""Most values in a file, aliases expanded."""
MAX_BYTES = 64 << 20
"""Largest file read; CloudFormation itself takes a mebibyte."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {
    text: meaning
    for meaning, words in ((True, ("yes", "true", "on")), (False, ("no", "false", "off")))
    for word in words
    for text in (word, word.capitalize(), word.upper())
}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_LITERAL_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:binary", "tag:yaml.org,2002:timestamp", "!"}
_NOT_FUNCTIONS = {"Ref": "Ref", "Condition": "Condition"}


class TemplateError(ValueError):
    """A text is no YAML and no JSON, or goes beyond bounds; the message names the place and nothing of the text."""


class Document(msgspec.Struct):
    """Content of a file.

    Attributes
    ----------
    content
        Objects, lists and scalars; short forms in their long form (``{"Fn::Sub": ...}``).
    lines
        Line (from 1) of each object and list, by ``id()``; empty for JSON.
    notes
        Pointer and words for what was dropped: keys named twice, keys that are no text.
    """

    content: Any
    lines: dict[int, int] = {}
    notes: list[tuple[str, str]] = []

    def line(self, pointer: str) -> int | None:
        """Return the line of the innermost object or list on the way to a pointer, ``None`` where none is known."""
        value, found = self.content, self.lines.get(id(self.content))
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                break
            found = self.lines.get(id(value), found)
        return found


def load(data: bytes) -> Document:
    """Return the content of a template.

    Raises
    ------
    TemplateError
        It is neither YAML nor JSON, or it is too large, too deep, or expands too far.
    """
    if len(data) > MAX_BYTES:
        raise TemplateError(f"larger than {MAX_BYTES:,} bytes")
    try:
        data = as_utf8(data)
    except JsonError as error:
        raise TemplateError(str(error)) from None
    if not data.lstrip().startswith((b"{", b"[")):
        return _yaml(data)
    try:
        content = parse_json(data)
    except JsonError as error:
        try:  # YAML takes comments, trailing commas and keys named twice, of which a note is made
            return _yaml(data)
        except TemplateError:
            raise TemplateError(str(error)) from None
    _bounded(content)
    return Document(content)


def _bounded(content: object) -> None:
    count, depth, level = 0, 0, [content]
    while level:
        depth += 1
        count += len(level)
        if count > MAX_NODES:
            raise TemplateError(f"more than {MAX_NODES:,} values")
        if depth > MAX_DEPTH:
            raise TemplateError(f"nested deeper than {MAX_DEPTH} levels")
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]


def _yaml(data: bytes) -> Document:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise TemplateError(f"not valid UTF-8 at byte {error.start}") from None
    try:
        return _parsed(text)
    except TemplateError:
        for repaired, note in (
            (without_tabs(text), "has tabs in front of lines, which are read as two spaces each"),
            (without_placeholders(text), "has placeholders, which are read as plain words"),
        ):
            if repaired == text:
                continue
            with suppress(TemplateError):
                document = _parsed(repaired)
                document.notes.append(("", note))
                return document
        raise


def _parsed(text: str) -> Document:
    builder = _Builder()
    loader = None
    try:
        loader = _LOADER(text)
        while loader.check_event():
            builder.take(loader.get_event())
    except yaml.YAMLError as error:
        raise TemplateError(_reason(error)) from None
    except TemplateError:
        raise
    except (ValueError, OverflowError):  # a directive with a version number of many digits
        raise TemplateError("not readable as YAML") from None
    finally:
        if loader is not None:
            loader.dispose()
    return Document(builder.content, builder.lines, builder.notes)


def _reason(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = re.sub(r"\s+", " ", str(getattr(error, "problem", "") or "malformed"))
    words = re.sub(r"'[^']*'|\"[^\"]*\"", "…", problem)[:120]
    return f"{words} at line {mark.line + 1} column {mark.column + 1}" if mark else words


class _Open(msgspec.Struct):
    """A list or object that is not complete yet."""

    value: Any
    tag: str
    anchor: str | None
    pointer: str
    size: int = 1
    key: str | None = None
    waits: bool = False  # an object's key was read, its value follows
    skip: bool = False
    merged: list[Any] = []


class _Builder:
    """Puts values together from the events of the parser."""

    def __init__(self) -> None:
        self.content: Any = None
        self.lines: dict[int, int] = {}
        self.notes: list[tuple[str, str]] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0
        self._documents = 0
        self._kept: list[Any] = []  # keeps every object alive, so that no id() is used twice

    def take(self, event: Any) -> None:  # noqa: ANN401 -- the types of PyYAML's events say little
        """Take the next event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self.notes.append(("", f"a second document from line {_line(event)} on"))
        elif self._documents > 1:
            return
        elif isinstance(event, yaml.ScalarEvent):
            self._value(_tagged(event.tag, _scalar(event)), event.anchor, 1, event)
        elif isinstance(event, yaml.AliasEvent):
            value, size = self._alias(event)
            self._value(value, None, size, event)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._start(event)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            done = self._open.pop()
            self._merge(done)
            self._value(_tagged(done.tag, done.value), done.anchor, done.size, event)

    def _alias(self, event: Any) -> tuple[Any, int]:  # noqa: ANN401
        if event.anchor not in self._anchors:
            raise TemplateError(f"an alias without its anchor at line {_line(event)}")
        return self._anchors[event.anchor]

    def _start(self, event: Any) -> None:  # noqa: ANN401
        if len(self._open) >= MAX_DEPTH:
            raise TemplateError(f"nested deeper than {MAX_DEPTH} levels at line {_line(event)}")
        value: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self.lines[id(value)] = _line(event)
        self._kept.append(value)
        self._open.append(_Open(value, event.tag or "", event.anchor, self._pointer()))
        if event.anchor:
            self._anchors.pop(event.anchor, None)

    def _pointer(self) -> str:
        if not self._open:
            return ""
        above = self._open[-1]
        step = len(above.value) if isinstance(above.value, list) else above.key
        return f"{above.pointer}/{str(step).replace('~', '~0').replace('/', '~1')}"

    def _value(self, value: Any, anchor: str | None, size: int, event: Any) -> None:  # noqa: ANN401
        self._count += size
        if self._count > MAX_NODES:
            raise TemplateError(f"more than {MAX_NODES:,} values, aliases expanded")
        if anchor:
            self._anchors[anchor] = (value, size)
        if not self._open:
            self.content = value
            return
        above = self._open[-1]
        above.size += size
        if isinstance(above.value, list):
            above.value.append(value)
        elif not above.waits:
            self._key(above, value, event)
        else:
            self._member(above, value)

    def _key(self, above: _Open, value: Any, event: Any) -> None:  # noqa: ANN401
        above.waits = True
        plain = isinstance(event, yaml.ScalarEvent)
        line = _line(event)
        if not plain and not isinstance(value, str):
            self.notes.append((above.pointer, f"a key that is no text at line {line}"))
            above.skip = True
            return
        above.key = event.value if plain else value
        if above.key in above.value and above.key != "<<":
            place = f"{above.pointer}/{str(above.key).replace('~', '~0').replace('/', '~1')}"
            self.notes.append((place, f"named twice; what is at line {line} counts"))

    def _member(self, above: _Open, value: Any) -> None:  # noqa: ANN401
        if above.skip:
            above.skip = False
        elif above.key == "<<" and isinstance(value, dict | list):
            above.merged = [*above.merged, *(value if isinstance(value, list) else [value])]
        else:
            assert above.key is not None
            above.value[above.key] = value
        above.waits, above.key = False, None

    def _merge(self, done: _Open) -> None:
        for source in done.merged:
            if isinstance(source, dict):
                for key, value in source.items():
                    done.value.setdefault(key, value)


def _line(event: Any) -> int:  # noqa: ANN401 -- the types of PyYAML's events say little
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Any:  # noqa: ANN401
    text: str = event.value
    if not event.implicit[0] or event.tag in _LITERAL_TAGS:
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    return int(text) if _INT.fullmatch(text) else text


def _tagged(tag: str | None, value: Any) -> Any:  # noqa: ANN401
    """Return a value in the long form of its short form; other tags say nothing."""
    if not tag or not tag.startswith("!") or tag == "!":
        return value
    name = tag[1:]
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {_NOT_FUNCTIONS.get(name, f"Fn::{name}"): value}
