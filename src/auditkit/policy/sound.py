"""The short way of reading policy documents: those with which nothing is wrong, as nearly all are.

The text of a document is cut into that of its statements. A statement that is written like one that was read before is
that very one; any other is decoded, and its elements are looked up, so that equal ones become one object and are
checked once. Whatever is out of the ordinary (a value of another type, an element that does not belong where it stands,
anything with a fault) is left to the long way, which tells what is wrong with it.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Any, Literal
from urllib.parse import unquote

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.policy.documents import Condition, Content, Element, Named, PolicyKind, Special, Written
from auditkit.policy.elements import MAX_DOCUMENT, SHORT, WITH_PRINCIPAL, Reader, action_fault
from auditkit.policy.matching import has_variables, resource_fault
from auditkit.policy.operators import operator_from_text, value_fault

__all__ = ["Sound"]

_ROOM = 1 << 25
"""Characters that are remembered at most; then all is forgotten."""
_MAX_PART = 4096
"""Longest ``Principal`` or ``Condition`` that goes the short way (characters)."""
_SHORT_DOCUMENT = 1024
"""Longest document that is remembered as a whole (characters)."""
_VERSIONS = ("2008-10-17", "2012-10-17")
_TOO_LONG = " " * (_MAX_PART + 1)
_NONE = msgspec.Raw()
_PARTS, _SERVICE = 6, 2

Strings = tuple[str, ...]
Texts = str | Strings
Memory = dict[Element, Strings]
Read = tuple[str | None, Content]


class _Elements(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A statement as it is decoded, apart from ``Principal`` and ``Condition``."""

    effect: Literal["Allow", "Deny"] = msgspec.field(name="Effect")
    actions: Element = msgspec.field(name="Action", default=UNSET)
    not_actions: Element = msgspec.field(name="NotAction", default=UNSET)
    resources: Element = msgspec.field(name="Resource", default=UNSET)
    not_resources: Element = msgspec.field(name="NotResource", default=UNSET)
    sid: str | UnsetType = msgspec.field(name="Sid", default=UNSET)


class _Line(_Elements):
    """A statement of JSON text; what is seldom there stays text until it is looked at."""

    principal: msgspec.Raw = msgspec.field(name="Principal", default=_NONE)
    not_principal: msgspec.Raw = msgspec.field(name="NotPrincipal", default=_NONE)
    condition: msgspec.Raw = msgspec.field(name="Condition", default=_NONE)


class _Entry(_Elements):
    """A statement of a document that comes as an object."""

    principal: Any = msgspec.field(name="Principal", default=_NONE)
    not_principal: Any = msgspec.field(name="NotPrincipal", default=_NONE)
    condition: Any = msgspec.field(name="Condition", default=_NONE)


class _Body(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    version: str | None = msgspec.field(name="Version", default=None)
    id: str | UnsetType = msgspec.field(name="Id", default=UNSET)


class _Listed(_Body, kw_only=True):
    statement: list[msgspec.Raw] = msgspec.field(name="Statement")


class _Single(_Body, kw_only=True):
    statement: msgspec.Raw = msgspec.field(name="Statement")


class _Object(_Body, kw_only=True):
    statement: _Entry | list[_Entry] = msgspec.field(name="Statement")


_LISTED, _SINGLE = msgspec.json.Decoder(_Listed), msgspec.json.Decoder(_Single)
_LINE, _CONDITION = msgspec.json.Decoder(_Line), msgspec.json.Decoder(dict[str, dict[str, Texts]])


class _FaultError(ValueError):
    """Something in a statement is out of the ordinary."""


_DIGEST = 16
"""Bytes that stand for the text of a statement: texts would take more room than what is known of them."""


class _Statements:
    """Statements by their text, as documents of one kind have them."""

    def __init__(self, learn: Callable[[bytes], Written]) -> None:
        self._learn = learn
        self._known: dict[bytes, Written] = {}

    def of(self, text: bytes) -> Written:
        """Return the statement that a text is."""
        key = blake2b(text, digest_size=_DIGEST).digest() if len(text) > _DIGEST else text
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._learn(text)
        return found


class Sound:
    """Reads documents with which nothing is wrong, and remembers their elements."""

    def __init__(self) -> None:
        self._room = _ROOM
        self._actions: Memory = {}
        self._resources: Memory = {}
        self._principals: dict[bytes | str, tuple[Named, ...]] = {}
        self._conditions: dict[tuple[bytes | str, bool], tuple[Condition, ...]] = {}
        self._statements: dict[tuple[PolicyKind, bool], _Statements] = {}
        self._documents: dict[tuple[bytes | str, PolicyKind], Read] = {}

    def read(self, value: object, kind: PolicyKind) -> Read | None:
        """Return the version and the statements of a document; None where anything about it is out of the ordinary.

        Parameters
        ----------
        value
            An object, or JSON text, URL-encoded or not.
        kind
            What kind of policy it is.
        """
        try:
            if isinstance(value, str) and value[:3] in {"%7B", "%7b"}:
                value = unquote(value, errors="strict")
            if isinstance(value, str | bytes):
                if len(value) <= _SHORT_DOCUMENT:
                    return self._short(value, kind)
                return self._text(value, kind) if len(value) <= MAX_DOCUMENT else None
            return self._object(value, kind) if type(value) is dict else None
        except (ValueError, RecursionError, msgspec.DecodeError):
            return None

    def _short(self, value: str | bytes, kind: PolicyKind) -> Read:
        """Return the statements of a short document: the same ones for the same text."""
        found = self._documents.get((value, kind))
        if found is None:
            found = self._text(value, kind)
            self._take(len(value))
            self._documents[value, kind] = found
        return found

    def _text(self, value: str | bytes, kind: PolicyKind) -> Read:
        body: _Listed | _Single
        try:
            body = _LISTED.decode(value)
            texts = body.statement
        except msgspec.ValidationError:
            body = _SINGLE.decode(value)
            texts = [body.statement]
        version = body.version
        variables = _has_variables(version)
        known = self._statements.get((kind, variables))
        if known is None:
            known = self._statements[kind, variables] = self._of_kind(kind, variables=variables)
        lines = [known.of(bytes(text)) for text in texts]
        if not lines:
            raise _FaultError
        return version, Content(lines, variables, isinstance(body, _Listed))

    def _of_kind(self, kind: PolicyKind, *, variables: bool) -> _Statements:
        """Return the memory of the statements of one kind of documents."""

        def learn(text: bytes) -> Written:
            self._take(len(text))
            return self._understood(_LINE.decode(text), kind, variables=variables)

        return _Statements(learn)

    def _object(self, value: object, kind: PolicyKind) -> Read:
        body = msgspec.convert(value, _Object)
        variables = _has_variables(body.version)
        listed = isinstance(body.statement, list)
        entries = body.statement if isinstance(body.statement, list) else [body.statement]
        lines = [self._understood(one, kind, variables=variables) for one in entries]
        if not lines or _may_be_too_long(lines):
            raise _FaultError
        return body.version, Content(lines, variables, listed)

    def _understood(self, line: _Line | _Entry, kind: PolicyKind, *, variables: bool) -> Written:
        """Return a statement, with what is known in the place of what was read."""
        action, resources = self._actions.get(line.actions), _ordinary(line.resources)
        if (
            action is None
            or resources is None
            or kind in WITH_PRINCIPAL
            or not line.principal is line.not_principal is _NONE
            or not line.not_actions is line.not_resources is UNSET
        ):
            return self._unusual(line, kind, variables=variables)
        special: Special | None = None
        if line.condition is not _NONE:
            conditions = self._conditional(line.condition, kind, variables=variables)
            special = Special(None, None, conditions, variables) if conditions else None
        return Written(line.effect, action, UNSET, resources, UNSET, line.sid, special)

    def _unusual(self, line: _Line | _Entry, kind: PolicyKind, *, variables: bool) -> Written:
        """Look at a statement with anything new or special in it."""
        line.actions = self._known(self._actions, line.actions, action_fault)
        line.not_actions = self._known(self._actions, line.not_actions, action_fault)
        with_variables = _with_variables(line.resources) or _with_variables(line.not_resources)
        line.resources = self._known(self._resources, line.resources, _resource_fault)
        line.not_resources = self._known(self._resources, line.not_resources, _resource_fault)
        none = line.resources is UNSET and line.not_resources is UNSET
        if (line.actions is UNSET) == (line.not_actions is UNSET):
            raise _FaultError
        if not (none and kind is PolicyKind.RESOURCE) and (line.resources is UNSET) == (line.not_resources is UNSET):
            raise _FaultError
        principals = self._named(line.principal, kind)
        not_principals = self._named(line.not_principal, kind)
        if not _go_together(principals, not_principals, line.effect, kind):
            raise _FaultError
        conditions = self._conditional(line.condition, kind, variables=variables)
        plain = principals is None and not_principals is None and not conditions and not with_variables
        plain = plain and line.actions is not UNSET and line.resources is not UNSET
        return Written(
            line.effect,
            line.actions,
            line.not_actions,
            line.resources,
            line.not_resources,
            line.sid,
            None if plain else Special(principals, not_principals, conditions, variables),
        )

    def _known(self, memory: Memory, element: Element, fault: Callable[[str], str | None]) -> Element:
        """Return an element as a tuple that is the same for equal ones."""
        if isinstance(element, UnsetType):
            return UNSET
        known = memory.get(element)
        if known is None:
            texts = (element,) if isinstance(element, str) else element
            if not texts:
                raise _FaultError
            for text in texts:
                if len(text) > SHORT or fault(text):
                    raise _FaultError
                self._take(len(text))
            known = memory.setdefault(texts, texts)
            memory[element] = known
        return known

    def _take(self, characters: int) -> None:
        self._room -= characters
        if self._room < 0:
            self._room = _ROOM
            for memory in (self._actions, self._resources, self._principals, self._conditions):
                memory.clear()
            self._statements.clear()
            self._documents.clear()

    def _named(self, value: object, kind: PolicyKind) -> tuple[Named, ...] | None:
        """Return the principals of an element; None where there is none."""
        if value is _NONE:
            return None
        key = _key(value)
        known = self._principals.get(key)
        if known is None:
            reader = Reader(kind)
            known = reader.principals(_plain_value(value), "") if len(key) <= _MAX_PART else ()
            if not known or reader.problems:
                raise _FaultError
            self._take(len(key))
            self._principals[key] = known
        return known

    def _conditional(self, value: object, kind: PolicyKind, *, variables: bool) -> tuple[Condition, ...]:
        """Return the conditions of an element."""
        if value is _NONE:
            return ()
        key = _key(value), variables
        known = self._conditions.get(key)
        if known is None:
            if len(key[0]) > _MAX_PART:
                raise _FaultError
            known = _conditions(value, kind, variables=variables)
            self._take(len(key[0]))
            self._conditions[key] = known
        return known


def _conditions(value: object, kind: PolicyKind, *, variables: bool) -> tuple[Condition, ...]:
    """Return the conditions of an element, if nothing is wrong with them."""
    if isinstance(value, msgspec.Raw):
        try:
            return tuple(_of_texts(_CONDITION.decode(value), variables=variables))
        except msgspec.ValidationError:
            pass  # values that are numbers, say
    reader = Reader(kind)
    found = reader.conditions(_plain_value(value), "", variables=variables)
    if reader.problems:
        raise _FaultError
    return found


def _of_texts(value: dict[str, dict[str, Texts]], *, variables: bool) -> Iterator[Condition]:
    for name, block in value.items():
        operator = operator_from_text(name)
        if operator is None:
            raise _FaultError
        for key, element in block.items():
            texts = (element,) if isinstance(element, str) else element
            for text in texts:
                if value_fault(operator, text, variables=variables and has_variables(text)):
                    raise _FaultError
            yield Condition(operator, key, texts)


def _ordinary(element: Element) -> Strings | None:
    """Return the patterns of an ordinary ``Resource`` element; None where it is anything else.

    Nothing is wrong with these, and there are no policy variables in them, as far as a glance tells.
    """
    texts = (element,) if isinstance(element, str) else element
    if isinstance(texts, UnsetType) or not texts:
        return None
    for text in texts:
        if text == "*":
            continue
        parts = text.split(":", _PARTS - 1)
        if len(parts) != _PARTS or parts[0] != "arn" or "$" in text or len(text) > SHORT:
            return None
        service = parts[_SERVICE]
        if "*" in service or "?" in service:
            return None
    return texts


def _resource_fault(text: str) -> str | None:
    return None if _ordinary(text) else resource_fault(text)


def _with_variables(element: Element) -> bool:
    return not isinstance(element, UnsetType) and "${" in (element if isinstance(element, str) else "\n".join(element))


def _has_variables(version: str | None) -> bool:
    """Whether ``${...}`` is a policy variable in documents of a version."""
    if version is not None and version not in _VERSIONS:
        raise _FaultError
    return version == _VERSIONS[1]


def _key(value: object) -> bytes | str:
    """Return what tells an element from others; of objects ``repr`` does, which keeps ``1`` apart from ``"1"``."""
    if isinstance(value, msgspec.Raw):
        return bytes(value)
    try:
        return repr(value)
    except RecursionError:
        return _TOO_LONG


def _plain_value(value: object) -> object:
    return msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value


def _go_together(
    named: tuple[Named, ...] | None, excepted: tuple[Named, ...] | None, effect: str, kind: PolicyKind
) -> bool:
    """Whether principals stand where they may."""
    if kind not in WITH_PRINCIPAL:
        return named is None and excepted is None
    return (named is None) != (excepted is None) and (excepted is None or effect == "Deny")


def _may_be_too_long(lines: Iterable[Written]) -> bool:
    """Whether there may be more text in a document than AWS stores."""
    texts = parts = 0
    for line in lines:
        for element in (line.actions, line.not_actions, line.resources, line.not_resources):
            texts += len(element) if isinstance(element, tuple) else 0
        special = line.special
        parts += sum(map(bool, (special.principals, special.not_principals, special.conditions))) if special else 0
    return texts * SHORT + parts * _MAX_PART > MAX_DOCUMENT
