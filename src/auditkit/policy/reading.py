"""Reading policy documents from whatever shape they arrive in, and saying plainly what cannot be understood.

AWS hands out policies as objects, as JSON text, URL-encoded, and as text within text; an element may be a value or a
list of values, a document one statement or a list. All of these become one :class:`Document`. What cannot be understood
is reported with a JSON pointer and remembered with the statement: such a statement never allows, and where it might
deny, the answer is unknown.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

import msgspec

from auditkit.policy.documents import Document, PolicyKind, Problem, Statement
from auditkit.policy.elements import MAX_DOCUMENT, Reader, escape
from auditkit.policy.sound import Sound

__all__ = ["parse", "thoroughly"]

_LAYERS_OF_TEXT = 5
_VERSIONS = ("2008-10-17", "2012-10-17")
_SOUND = Sound()


def _unwrap(value: object) -> object:
    """Take a document out of the text it is in: bytes, JSON, URL-encoding, and these within one another."""
    for _ in range(_LAYERS_OF_TEXT):
        if isinstance(value, bytes | bytearray | memoryview):
            value = bytes(value).decode()  # UnicodeDecodeError is a ValueError
        if not isinstance(value, str):
            return value
        text = value.strip()
        if not text:
            raise ValueError("is empty")
        if len(text) > 4 * MAX_DOCUMENT:
            raise ValueError(f"has {len(text)} characters")
        if text[0] in '{["':
            value = msgspec.json.decode(text)
        elif "%" in text:
            value = unquote(text, errors="strict")
        else:
            raise ValueError("is neither JSON nor URL-encoded JSON")
    return value


def parse(value: object, *, kind: PolicyKind, source: object = None, name: str = "") -> Document:
    """Read a policy document.

    Parameters
    ----------
    value
        The document: an object, JSON text (``str``, ``bytes`` or ``msgspec.Raw``), URL-encoded JSON text, or text
        within text. Of text, statements that are written like one that was read before are that very one.
    kind
        What kind of policy it is; decides which elements it may have.
    source
        Any object; decisions name it.
    name
        Name or ARN of the policy.

    Returns
    -------
    Document
        Always: what is wrong with the document is in its ``problems``, and an unreadable one is not ``readable``.
    """
    value = bytes(value) if isinstance(value, msgspec.Raw) else value
    found = _SOUND.read(value, kind)
    if found is not None:
        version, content = found
        return Document(kind=kind, version=version, name=name, source=source, content=content)
    return thoroughly(value, kind, source, name)


def thoroughly(value: object, kind: PolicyKind, source: object, name: str) -> Document:
    """Read a document element by element, and tell what is wrong with it."""

    def unreadable(message: str, code: str = "unreadable", pointer: str = "") -> Document:
        problem = Problem(code, message, pointer)
        return Document(kind=kind, problems=(problem,), readable=False, name=name, source=source)

    try:
        body = _unwrap(value)
    except (ValueError, RecursionError, msgspec.DecodeError) as error:
        return unreadable(f"The document cannot be decoded: {str(error)[:200]}.")
    if not isinstance(body, Mapping):
        return unreadable("A policy document is an object.")
    if "Statement" not in body:
        return unreadable("The document has no Statement.")
    reader = Reader(kind)
    for name_ in body:
        if name_ not in {"Version", "Id", "Statement"}:
            reader.note("unknown-element", f"No element is called {str(name_)[:60]!r}.", f"/{escape(name_)}")
    version = None if body.get("Version") is None else str(body["Version"])[:32]
    if version is not None and version not in _VERSIONS:
        message = f"{version!r} is no version of the policy language, and AWS takes no such document."
        return unreadable(message, "unknown-version", "/Version")
    variables = version == _VERSIONS[1]
    statements = tuple(_statements(reader, body["Statement"], variables=variables))
    if reader.text > MAX_DOCUMENT:
        return unreadable(f"The document has more than {MAX_DOCUMENT} characters of text; AWS stores none that large.")
    if not statements:
        reader.note("empty", "The document has no statements.", "/Statement")
    return Document(
        kind=kind,
        statements=statements,
        version=version,
        problems=tuple(reader.problems),
        name=name,
        source=source,
    )


def _statements(reader: Reader, value: object, *, variables: bool) -> Iterable[Statement]:
    if not isinstance(value, list | tuple):
        yield reader.statement(value, 0, "/Statement", variables=variables)
        return
    for index, body in enumerate(value):
        yield reader.statement(body, index, f"/Statement/{index}", variables=variables)
        if reader.text > MAX_DOCUMENT:
            return
