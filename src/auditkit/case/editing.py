"""Changing the text of a case in place: all that is not concerned stays as it was, comments and order included.

Values are put in by their place in the text, and what comes out is read again: where it does not say exactly what was
meant, nothing is changed.
"""

import re
from typing import Any

from auditkit.case.tree import Node, Path, parse, pointer_of
from auditkit.errors import CaseError, CaseProblem

__all__ = ["flow", "put", "put_last"]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_GUESSED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def put(text: str, path: Path, value: Any, *, file: str) -> str:  # noqa: ANN401 -- objects, lists and text
    """Return a text with a value at a place, in place of what is there; of an object, member by member.

    Parameters
    ----------
    text
        Of a case.
    path
        Keys and indices that lead there; keys that are not there are made.
    value
        Objects, lists and text. Members of an object that are there and are not given stay.
    file
        Name of the file, for messages.

    Raises
    ------
    CaseError
        It cannot be put in without changing something else.
    """
    root = _root(text, file)
    meant = _with(root.value(), path, value)
    changed = text
    if isinstance(value, dict) and root.at(path).members and _is_there(root, path):
        for key, member in value.items():
            changed = put(changed, (*path, key), member, file=file)
    elif root.value() != meant:
        changed = _put(text, root, path, value)
    return _as_meant(changed, meant, path, root, file)


def put_last(text: str, path: Path, value: Any, *, file: str) -> str:  # noqa: ANN401
    """Return a text with one more item at the end of a list, which is made where it is not there; see :func:`put`."""
    root = _root(text, file)
    there = root.at(path) if _is_there(root, path) else None
    if there is None or not there.items:
        return put(text, path, [value], file=file)
    meant = _with(root.value(), path, [*there.value(), value])
    if _in_flow(root, path) or there.flow:
        changed = _into_brackets(text, there, flow(value))
    else:
        changed = _after(text, there.end, _block([value], there.column - 1))
    return _as_meant(changed, meant, path, root, file)


def _root(text: str, file: str) -> Node:
    root, problems = parse(text, file)
    assert root is not None
    assert not problems
    return root


def _is_there(root: Node, path: Path) -> bool:
    """Return whether a place is in the tree."""
    node = root
    for step in path:
        below = node.at((step,))
        if below is node:
            return False
        node = below
    return True


def _in_flow(root: Node, path: Path) -> bool:
    """Return whether a place lies within brackets."""
    return any(root.at(path[:end]).flow for end in range(len(path)))


def _with(plain: Any, path: Path, value: Any) -> Any:  # noqa: ANN401
    """Return a plain value with another at a place in it."""
    if not path:
        return plain | value if isinstance(plain, dict) and isinstance(value, dict) else value
    if isinstance(path[0], int):
        return [_with(one, path[1:], value) if number == path[0] else one for number, one in enumerate(plain)]
    members = plain or {}
    return {**members, path[0]: _with(members.get(path[0]), path[1:], value)}


def _put(text: str, root: Node, path: Path, value: Any) -> str:  # noqa: ANN401
    known = next(end for end in range(len(path), -1, -1) if _is_there(root, path[:end]))
    node = root.at(path[:known])
    for step in reversed(path[known + 1 :]):
        value = {step: value}
    if known < len(path):
        value = {path[known]: value}
    empty = node.members is None and node.items is None and node.text is None
    if node.members and known < len(path):  # one more member
        if node.flow:
            return _into_brackets(text, node, flow(value)[1:-1])
        return _after(text, node.end, _block(value, node.column - 1))
    if isinstance(value, str) or _in_flow(root, path[:known]):
        said = flow(value)
        if empty and text[node.start - 1 : node.start] not in {"", " "}:
            said = f" {said}"
        end = len(text[: node.end].rstrip()) if text[: node.end].endswith("\n") else node.end
        return text[: node.start] + said + text[max(end, node.start) :]
    return _opened(text, root, path[:known], node, value)


def _opened(text: str, root: Node, path: Path, node: Node, value: Any) -> str:  # noqa: ANN401
    """Return a text with a block in place of nothing or of empty brackets."""
    above = root.at(path[:-1])
    assert above.members is not None
    key = above.members[str(path[-1])].key
    without = text[: node.start].rstrip(" ") + text[node.end :]
    return _after(without, len(text[: node.start].rstrip(" ")), _block(value, key.column + 1))


def _after(text: str, end: int, lines: list[str]) -> str:
    """Return a text with lines after that in which a place lies."""
    newline = "\r\n" if "\r\n" in text else "\n"
    place = text.find("\n", len(text[:end].rstrip()))
    if place < 0:
        text, place = text + newline, len(text + newline) - 1
    return text[: place + 1] + "".join(line + newline for line in lines) + text[place + 1 :]


def _into_brackets(text: str, node: Node, said: str) -> str:
    """Return a text with something more before the closing bracket of a list or an object that has something."""
    last = node.end - 1
    content = text[node.start + 1 : last].rstrip()
    place = node.start + 1 + len(content)
    return text[:place] + (" " if content.endswith(",") else ", ") + said + text[place:]


def _as_meant(text: str, meant: Any, path: Path, root: Node, file: str) -> str:  # noqa: ANN401
    try:
        found, problems = parse(text, file)
    except CaseError:
        found, problems = None, []
    if found is None or problems or found.value() != meant:
        node = root.at(path)
        message = "cannot be changed here without changing more than that; write it by hand"
        place = CaseProblem(file=file, line=node.line, column=node.column, path=pointer_of(path), message=message)
        raise CaseError([place])
    return text


# ---------------------------------------------------------------- writing values


def _block(value: Any, indent: int) -> list[str]:  # noqa: ANN401
    """Return an object or a list as lines, indented."""
    space = " " * indent
    lines = []
    if isinstance(value, dict):
        for key, member in value.items():
            if isinstance(member, dict | list) and member:
                lines += [f"{space}{flow(key)}:", *_block(member, indent + 2)]
            else:
                lines.append(f"{space}{flow(key)}: {flow(member)}")
    else:
        for item in value:
            if isinstance(item, dict) and item:
                first, *rest = _block(item, indent + 2)
                lines += [f"{space}- {first.lstrip()}", *rest]
            else:
                lines.append(f"{space}- {flow(item)}")
    return lines


def flow(value: Any) -> str:  # noqa: ANN401
    """Return a value on one line, as any reader of YAML understands it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if _PLAIN.fullmatch(value) and value.lower() not in _GUESSED:
        return str(value)
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    return f"\\U{ord(character):08x}"
