"""JSON as exports hold it: any Unicode encoding, and errors that name the place instead of a traceback."""

import codecs
import json
import re
from typing import Any

import msgspec
import numpy as np

__all__ = [
    "JsonError",
    "as_utf8",
    "check_depth",
    "depth_of",
    "is_shallow",
    "located",
    "parse_json",
    "parse_json_lines",
    "parse_shallow_json",
    "sketch",
    "type_name",
    "word_for",
]

MAX_DEPTH = 200
"""Deepest nesting read; AWS's own responses stay below 30."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SMALL = 1 << 20
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BYTE = re.compile(r"\(byte (\d+)\)")
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1


class JsonError(ValueError):
    """A text is not JSON; the message names the place and holds nothing of the text."""


def as_utf8(data: bytes) -> bytes:
    """Return the bytes as UTF-8 without a byte order mark.

    Windows PowerShell writes UTF-16 when the output of a command is redirected with ``>``; such a file is read too.

    Raises
    ------
    JsonError
        The bytes are not what their byte order mark promises.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _recoded(data[len(mark) :], encoding)
    head = data[:4]
    if len(head) > 1 and head[1] == 0 and head[0] != 0:
        return _recoded(data, "utf-16-le")
    if len(head) > 1 and head[0] == 0 and head[1] != 0:
        return _recoded(data, "utf-16-be")
    return data


def _recoded(data: bytes, encoding: str) -> bytes:
    if encoding == "utf-8":
        return data
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError as error:
        raise JsonError(f"not valid {encoding.upper()} at byte {error.start}") from None


def parse_json(data: bytes) -> Any:  # noqa: ANN401 -- JSON may hold anything
    """Return the content of a JSON text.

    Raises
    ------
    JsonError
        The text is empty, truncated, malformed, nested deeper than :data:`MAX_DEPTH`, holds a number that JSON has not
        (``NaN``, ``Infinity``), or names a key twice in one object.
    """
    data = as_utf8(data)
    if not data or data.isspace():
        raise JsonError("empty")
    check_depth(data)
    return parse_shallow_json(data)


def parse_shallow_json(data: bytes) -> Any:  # noqa: ANN401 -- JSON may hold anything
    """Return the content of a text in UTF-8 that is known to be shallow; else as :func:`parse_json`."""
    try:
        content = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JsonError(located(data, error)) from None
    _check_keys(data, content)
    return content


def sketch(data: bytes) -> dict[str, Any]:
    """Return what tells one response from another: its keys, and of lists the first item alone.

    Of several pages, in a list or one after the other, the first is looked at. Costs little, however large the text.

    Raises
    ------
    JsonError
        The text is not JSON, or holds no object.
    """
    data = as_utf8(data)
    if not data or data.isspace():
        raise JsonError("empty")
    check_depth(data)
    try:
        if data.lstrip()[:1] == b"[":
            pages = msgspec.json.decode(data, type=list[msgspec.Raw])
            raw = bytes(pages[0]) if pages else b""
        else:
            raw = data
        page = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        return {key: _first(value) for key, value in page.items()}
    except msgspec.ValidationError:
        raise JsonError("no object") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if "trailing characters" in str(error) and b"\n" in data.strip():
            return sketch(data.strip().partition(b"\n")[0])
        raise JsonError(located(data, error)) from None


def _first(raw: msgspec.Raw) -> Any:  # noqa: ANN401 -- JSON may hold anything
    if bytes(memoryview(raw)[:1]) != b"[":  # without a copy of the rest, which may be nearly all of the text
        return msgspec.json.decode(raw) if len(raw) < _SMALL else {}
    items = msgspec.json.decode(raw, type=list[msgspec.Raw])
    return [msgspec.json.decode(items[0])] if items else []


def parse_json_lines(data: bytes) -> list[Any]:
    """Return the values of a text that holds one JSON value after the other, on lines of their own or not.

    Raises
    ------
    JsonError
        As :func:`parse_json`, for the first value that cannot be read.
    """
    data = as_utf8(data)
    if not data or data.isspace():
        raise JsonError("empty")
    check_depth(data)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise JsonError(located(data, error)) from None
    decoder = json.JSONDecoder(parse_int=len, parse_float=len)
    values: list[Any] = []
    position = _skip_space(text, 0)
    while position < len(text):
        try:
            _, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise JsonError(f"{error.msg} at line {error.lineno} column {error.colno}") from None
        try:
            values.append(parse_json(text[position:end].encode()))
        except JsonError as error:
            line = text.count("\n", 0, position)
            raise JsonError(f"{error}, counted from line {line + 1}") from None
        position = _skip_space(text, end)
    return values


def depth_of(value: object, limit: int) -> int:
    """Return how deep lists and objects are nested in a value; counting stops one above `limit`."""
    depth = 0
    level = [value] if isinstance(value, dict | list) else []
    while level and depth <= limit:
        depth += 1
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
    return depth


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def check_depth(data: bytes) -> None:
    if is_shallow(data, MAX_DEPTH):
        return
    if _depth(_STRINGS.sub(b"", data)) > MAX_DEPTH:
        raise JsonError(f"nested deeper than {MAX_DEPTH} levels")


def _depth(data: bytes, block: int = 1 << 19) -> int:
    """Return how deep brackets are nested; those within text count, so that it may be too much."""
    depth = deepest = 0
    for start in range(0, len(data), block):
        brackets = data[start : start + block].translate(None, delete=_OTHERS)
        if brackets:
            steps = np.cumsum(_STEPS[np.frombuffer(brackets, dtype=np.uint8)], dtype=np.int32)
            deepest = max(deepest, depth + int(steps.max()))
            depth += int(steps[-1])
    return deepest


def is_shallow(data: bytes, limit: int) -> bool:
    """Return whether a text is surely nested no deeper than a limit: brackets within text make it look deeper."""
    small = len(data) < _SMALL and data.count(b"[") + data.count(b"{") <= limit
    return small or _depth(data) <= limit


def _check_keys(data: bytes, content: object) -> None:
    """Refuse an object that names a key twice: which of the two counts would be the reader's guess.

    A key that was dropped is missing when the content is written again. The count of keys is that of ``":``, but for
    quotes within text; where whitespace or a backslash could hide one, the text is read again, slowly.
    """
    written = msgspec.json.encode(content)
    if written == data:
        return
    hidden = any(mark in data for mark in (b" :", b"\t:", b"\n:", b"\r:", b'\\\\":'))
    if not hidden and _key_count(data) == _key_count(written):
        return
    try:
        json.loads(data, object_pairs_hook=_unique, parse_int=len, parse_float=len)
    except _DuplicateError as error:
        raise JsonError(f"an object names the key {error.args[0]!a} twice") from None


def _key_count(text: bytes) -> int:
    return text.count(b'":') - text.count(b'\\":')


class _DuplicateError(Exception):
    """An object names a key twice."""


def _unique(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _DuplicateError(key[:60])
        seen.add(key)


def located(data: bytes, error: Exception) -> str:
    """Return an error of the decoder with line and column instead of a byte offset."""
    if isinstance(error, UnicodeDecodeError):
        return f"not valid UTF-8 at {_place(data, _first_invalid(data))}"
    message = str(error).removeprefix("JSON is malformed: ")
    match = _BYTE.search(message)
    if match is None:
        return f"truncated at {_place(data, len(data))}" if "truncated" in message else message
    return f"{_BYTE.sub('', message).strip()} at {_place(data, int(match.group(1)))}"


def _first_invalid(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _place(data: bytes, offset: int) -> str:
    line = data.count(b"\n", 0, offset) + 1
    column = offset - data.rfind(b"\n", 0, offset)
    return f"line {line} column {column} (byte {offset})"


_WORDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "a truth value",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def word_for(cls: type) -> str:
    """Return what a type is called in JSON, in words."""
    return _WORDS.get(cls, cls.__name__)


def type_name(value: object) -> str:
    """Return what the type of a value is called in JSON, in words."""
    return word_for(type(value))
