"""The text of a case as a tree of values that know their places.

Every scalar is the text that was written (``On``, ``1.10``, ``012``), so that none of YAML's guesses can change what
was meant; only ``null`` and nothing are nothing. Built from the parser's events: no tag makes anything, aliases are
refused, and depth and size are bounded.
"""

import re
from typing import Any

import msgspec
import yaml

from auditkit.errors import CaseError, CaseProblem

__all__ = ["MAX_BYTES", "Member", "Node", "Path", "as_text", "parse", "pointer_of", "told"]

MAX_BYTES = 1 << 20
"""Largest file."""
MAX_DEPTH = 16
"""Deepest nesting; the form needs five."""
MAX_NODES = 50_000
_SHOWN = 60

Path = tuple[str | int, ...]
"""Keys and indices that lead to a value."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_LOST_ZERO = re.compile(r"0[0-9_]+")
_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]|\r(?!\n)")


class Node(msgspec.Struct, kw_only=True):
    """A value with its place.

    Attributes
    ----------
    line, column
        Where it begins, from 1.
    start, end
        The same as offsets into the text; the end of what has content, without what follows it.
    text
        Of a scalar; ``None`` of nothing, and of what is no scalar.
    members
        Of a mapping, by key; else ``None``.
    items
        Of a list; else ``None``.
    flow
        Whether it is written with brackets.
    """

    line: int
    column: int
    start: int
    end: int = 0
    text: str | None = None
    members: "dict[str, Member] | None" = None
    items: "list[Node] | None" = None
    flow: bool = False

    def value(self) -> Any:  # noqa: ANN401 -- objects, lists, text and None
        """Return the plain value: objects, lists, text, ``None``."""
        if self.members is not None:
            return {key: member.node.value() for key, member in self.members.items()}
        if self.items is not None:
            return [item.value() for item in self.items]
        return self.text

    def at(self, path: Path) -> "Node":
        """Return the value that keys and indices lead to; where they lead nowhere, the last on the way."""
        node = self
        for step in path:
            if node.members is not None and step in node.members:
                node = node.members[str(step)].node
            elif node.items is not None and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                break
        return node


class Member(msgspec.Struct, frozen=True):
    """A key of a mapping and its value."""

    key: Node
    node: Node


def pointer_of(path: Path) -> str:
    """Return keys and indices as people read them: ``waivers[0].expires``."""
    said = ""
    for step in path:
        if isinstance(step, int):
            said += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z_]+", step):
            said += f".{step}" if said else step
        else:
            said += f"[{told(step)}]"
    return said


def told(text: str) -> str:
    """Return a word of the file as a message quotes it: printable, and not too long."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def as_text(data: bytes, file: str) -> str:
    """Return the text of a file.

    Raises
    ------
    CaseError
        It is too large, not UTF-8, or holds characters that no editor shows.
    """
    if len(data) > MAX_BYTES:
        raise _error(file, f"is larger than {MAX_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _error(file, f"is not UTF-8 text (byte {error.start})") from None
    return checked(text, file)


def checked(text: str, file: str) -> str:
    """Return a text of which every character shows; see :func:`as_text`."""
    strange = _STRANGE.search(text)
    if strange:
        before = text[: strange.start()]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        code = f"U+{ord(strange.group()):04X}"
        raise _error(file, f"the character {code} is not read here; take it out", line=line, column=column)
    return text


def _error(file: str, message: str, *, line: int = 0, column: int = 0) -> CaseError:
    return CaseError([CaseProblem(file=file, line=line, column=column, message=message)])


def parse(text: str, file: str) -> tuple[Node | None, list[CaseProblem]]:
    """Return the tree of a text, ``None`` for an empty one, and what in it cannot be meant.

    Raises
    ------
    CaseError
        It is no YAML, or goes beyond bounds.
    """
    builder = _Builder(text, file)
    loader = None
    try:
        loader = _LOADER(text)
        while loader.check_event():
            builder.take(loader.get_event())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        words = re.sub(r"\s+", " ", str(getattr(error, "problem", "") or "malformed"))
        said = f"is not YAML: {ascii(words[:120])[1:-1]}"
        place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {}
        raise _error(file, said, **place) from None
    except (ValueError, OverflowError):  # a directive with a version number of many digits
        raise _error(file, "is not readable as YAML") from None
    finally:
        if loader is not None:
            loader.dispose()
    return builder.root, builder.problems


class _Builder:
    """Puts the tree together from the events of the parser."""

    def __init__(self, text: str, file: str) -> None:
        self.root: Node | None = None
        self.problems: list[CaseProblem] = []
        self._file = file
        self._text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._open: list[tuple[Node, list[Node]]] = []  # a list or mapping, and the keys that wait for their values
        self._count = 0
        self._documents = 0

    def take(self, event: Any) -> None:  # noqa: ANN401 -- the types of PyYAML's events say little
        """Take the next event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._stop(event, "a second document begins here; a case is one document")
        elif isinstance(event, yaml.AliasEvent):
            raise self._stop(event, f"aliases (here of {told(str(event.anchor))}) are not read in a case; write it out")
        elif isinstance(event, yaml.ScalarEvent):
            self._no_tag(event)
            self._put(self._scalar(event))
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._no_tag(event)
            if len(self._open) >= MAX_DEPTH:
                raise self._stop(event, f"nested deeper than {MAX_DEPTH} levels")
            node = self._node(event)
            node.flow = bool(event.flow_style)
            if isinstance(event, yaml.MappingStartEvent):
                node.members = {}
            else:
                node.items = []
            self._open.append((node, []))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            node, _ = self._open.pop()
            if node.flow:
                node.end = self._offset(event.end_mark)
            self._put(node)

    def _offset(self, mark: Any) -> int:  # noqa: ANN401
        if mark.line >= len(self._lines):
            return len(self._text)
        return min(self._lines[int(mark.line)] + int(mark.column), len(self._text))

    def _node(self, event: Any) -> Node:  # noqa: ANN401
        self._count += 1
        if self._count > MAX_NODES:
            raise self._stop(event, f"more than {MAX_NODES:,} values")
        mark = event.start_mark
        offset = self._offset(mark)
        return Node(line=mark.line + 1, column=mark.column + 1, start=offset, end=offset)

    def _scalar(self, event: Any) -> Node:  # noqa: ANN401
        node = self._node(event)
        node.end = self._offset(event.end_mark)
        plain = not event.style
        if plain:
            node.end = node.start + len(self._text[node.start : node.end].rstrip())
        node.text = None if plain and event.value in _NULL else event.value
        if plain and _LOST_ZERO.fullmatch(event.value):
            self._tell(
                node,
                f"{told(event.value)} needs quotes: other readers of YAML take it for a number and lose the zero in "
                f'front; write "{event.value[:_SHOWN]}"',
            )
        return node

    def _put(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        above, waiting = self._open[-1]
        if above.items is not None:
            above.items.append(node)
        elif not waiting:
            waiting.append(node)
            return
        else:
            key = waiting.pop()
            self._member(above, key, node)
        if not above.flow:
            above.end = max(above.end, node.end)

    def _member(self, above: Node, key: Node, node: Node) -> None:
        assert above.members is not None
        if key.members is not None or key.items is not None:
            self._tell(key, "a key must be one word, not a list or a mapping")
            return
        name = key.text if key.text is not None else ""
        if name in above.members:
            first = above.members[name].key.line
            self._tell(key, f"{told(name)} stands here a second time (first in line {first}); keep one of them")
            return
        above.members[name] = Member(key, node)
        if not above.flow:
            above.end = max(above.end, key.end)

    def _no_tag(self, event: Any) -> None:  # noqa: ANN401
        if event.tag and event.tag not in {"!", "tag:yaml.org,2002:str"}:
            raise self._stop(event, f"the tag {told(event.tag)} is not read in a case; write the value alone")

    def _tell(self, node: Node, message: str) -> None:
        self.problems.append(CaseProblem(file=self._file, line=node.line, column=node.column, message=message))

    def _stop(self, event: Any, message: str) -> CaseError:  # noqa: ANN401
        mark = event.start_mark
        return _error(self._file, message, line=mark.line + 1, column=mark.column + 1)
