"""The short way of reading policy documents: those with which nothing is wrong, as nearly all are.

A document is decoded straight into statements. Elements that were read before are looked up, so that equal ones become
one object and are checked once. Whatever is out of the ordinary (a value of another type, an element that does not
belong where it stands, anything with a fault) is left to the long way, which tells what is wrong with it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.policy.documents import Condition, Content, Element, Named, PolicyKind, Special, Written
from auditkit.policy.elements import MAX_DOCUMENT, SHORT, WITH_PRINCIPAL, Reader, action_fault
from auditkit.policy.matching import resource_fault

__all__ = ["Sound"]

_ROOM = 1 << 24
"""Characters that are remembered at most; then all is forgotten."""
_MAX_PART = 4096
"""Longest ``Principal`` or ``Condition`` that goes the short way (characters)."""
_VERSIONS = ("2008-10-17", "2012-10-17")
_TOO_LONG = " " * (_MAX_PART + 1)
_NONE = msgspec.Raw()
_ORDINARY = re.compile(r"arn:[^:$]*:[^:*?$]*:[^:$]*:[^:$]*:[^$]*|\*").fullmatch
"""Resource patterns without policy variables that nothing is wrong with, as far as a glance tells."""
_PLAIN = Special()

Strings = tuple[str, ...]
Memory = dict[Element, Strings]


class _Line(Written):
    """A statement of JSON text; what is seldom there stays text until it is looked at."""

    principal: msgspec.Raw = msgspec.field(name="Principal", default=_NONE)
    not_principal: msgspec.Raw = msgspec.field(name="NotPrincipal", default=_NONE)
    condition: msgspec.Raw = msgspec.field(name="Condition", default=_NONE)


class _Entry(Written):
    """A statement of a document that comes as an object."""

    principal: Any = msgspec.field(name="Principal", default=_NONE)
    not_principal: Any = msgspec.field(name="NotPrincipal", default=_NONE)
    condition: Any = msgspec.field(name="Condition", default=_NONE)


class _Text(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    statement: _Line | list[_Line] = msgspec.field(name="Statement")
    version: str | UnsetType = msgspec.field(name="Version", default=UNSET)
    id: str | UnsetType = msgspec.field(name="Id", default=UNSET)


class _Object(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    statement: _Entry | list[_Entry] = msgspec.field(name="Statement")
    version: str | UnsetType = msgspec.field(name="Version", default=UNSET)
    id: str | UnsetType = msgspec.field(name="Id", default=UNSET)


_DECODER = msgspec.json.Decoder(_Text)


class Sound:
    """Reads documents with which nothing is wrong, and remembers their elements."""

    def __init__(self) -> None:
        self._room = _ROOM
        self._actions: Memory = {}
        self._resources: Memory = {}
        self._variable: Memory = {}
        """Resources with policy variables."""
        self._principals: dict[bytes | str, tuple[Named, ...]] = {}
        self._conditions: dict[tuple[bytes | str, bool], tuple[Condition, ...]] = {}

    def read(self, value: object, kind: PolicyKind) -> tuple[str | None, Content] | None:
        """Return the version and the statements of a document; None where anything about it is out of the ordinary.

        Parameters
        ----------
        value
            An object, or JSON text, URL-encoded or not.
        kind
            What kind of policy it is.
        """
        body = _decoded(value)
        if body is None:
            return None
        version = None if body.version is UNSET else body.version
        if version is not None and version not in _VERSIONS:
            return None
        listed = isinstance(body.statement, list)
        lines: Sequence[_Line | _Entry] = body.statement if isinstance(body.statement, list) else [body.statement]
        variables = version == _VERSIONS[1]
        special = self._understood(lines, kind, variables=variables)
        if special is None or not lines or (isinstance(body, _Object) and _may_be_too_long(lines, special.values())):
            return None
        return version, Content(lines, special, variables, listed)

    def _understood(
        self, lines: Sequence[_Line | _Entry], kind: PolicyKind, *, variables: bool
    ) -> dict[int, Special] | None:
        """Put what is known in the place of what was read; return what is special, None where anything is wrong."""
        special: dict[int, Special] = {}
        actions, resources = self._actions, self._resources
        by_principal = kind in WITH_PRINCIPAL
        for index, line in enumerate(lines):
            action, resource = actions.get(line.actions), resources.get(line.resources)
            if resource is None and line.resources is not UNSET:
                resource = self._learn(line.resources)
            if action is not None and resource is not None and line.not_actions is line.not_resources is UNSET:
                line.actions, line.resources = action, resource
                if line.principal is line.not_principal is _NONE and not by_principal:
                    if line.condition is _NONE:
                        continue
                    conditions = self._conditional(line.condition, kind, variables=variables)
                    if conditions:
                        line.condition = _NONE
                        special[index] = Special(None, None, conditions)
                        continue
            found = self._unusual(line, kind, variables=variables)
            if found is None:
                return None
            if found is not _PLAIN:
                special[index] = found
        return special

    def _learn(self, element: Element) -> Strings | None:
        """Remember the patterns of an ordinary ``Resource`` element; None where it is anything else."""
        texts = (element,) if isinstance(element, str) else element
        if isinstance(texts, UnsetType) or not texts:
            return None
        size = 0
        for text in texts:
            size += len(text)
            if len(text) > SHORT or not _ORDINARY(text):
                return None
        self._take(size)
        known = self._resources.setdefault(texts, texts)
        if element is not texts:
            self._resources[element] = known
        return known

    def _unusual(self, line: _Line | _Entry, kind: PolicyKind, *, variables: bool) -> Special | None:
        """Look at a statement with anything new or special in it; None where anything is wrong."""
        line.actions = self._known(self._actions, line.actions, action_fault)
        line.not_actions = self._known(self._actions, line.not_actions, action_fault)
        with_variables = self._resource(line)
        none = line.resources is UNSET and line.not_resources is UNSET
        if (line.actions is UNSET) == (line.not_actions is UNSET) or () in (line.actions, line.not_actions):
            return None
        if not (none and kind is PolicyKind.RESOURCE) and (line.resources is UNSET) == (line.not_resources is UNSET):
            return None
        if () in (line.resources, line.not_resources):
            return None
        principals = self._named(line.principal, kind)
        not_principals = self._named(line.not_principal, kind)
        if not _go_together(principals, not_principals, line, kind):
            return None
        conditions = self._conditional(line.condition, kind, variables=variables)
        if conditions is None:
            return None
        line.principal = line.not_principal = line.condition = _NONE
        plain = principals is None and not_principals is None and not conditions and not with_variables
        if plain and line.actions is not UNSET and line.resources is not UNSET:
            return _PLAIN
        return Special(principals, not_principals, conditions)

    def _resource(self, line: Written) -> bool:
        """Look at the resources of a statement; return whether there are policy variables in them."""
        found = False
        for name in ("resources", "not_resources"):
            element = getattr(line, name)
            if element is not UNSET:
                texts = (element,) if isinstance(element, str) else element
                with_variables = any("${" in text for text in texts)
                memory = self._variable if with_variables else self._resources
                setattr(line, name, self._known(memory, element, resource_fault))
                found = found or with_variables
        return found

    def _known(self, memory: Memory, element: Element, fault: Callable[[str], str | None]) -> Element:
        """Return an element as a tuple that is the same for equal ones; an empty one where anything is wrong."""
        if isinstance(element, UnsetType):
            return UNSET
        known = memory.get(element)
        if known is None:
            texts = (element,) if isinstance(element, str) else element
            if not texts or any(len(text) > SHORT or fault(text) for text in texts):
                return ()
            self._take(sum(map(len, texts)))
            known = memory.setdefault(texts, texts)
            memory[element] = known
        return known

    def _take(self, characters: int) -> None:
        self._room -= characters
        if self._room < 0:
            self._room = _ROOM
            for memory in (self._actions, self._resources, self._variable, self._principals, self._conditions):
                memory.clear()

    def _named(self, value: object, kind: PolicyKind) -> tuple[Named, ...] | None:
        """Return the principals of an element; None where there is none, nothing where anything is wrong."""
        if value is _NONE:
            return None
        key = _key(value)
        known = self._principals.get(key)
        if known is None:
            reader = Reader(kind)
            known = reader.principals(_plain_value(value), "") if len(key) <= _MAX_PART else ()
            if not known or reader.problems:
                return ()
            self._take(len(key))
            self._principals[key] = known
        return known

    def _conditional(self, value: object, kind: PolicyKind, *, variables: bool) -> tuple[Condition, ...] | None:
        """Return the conditions of an element; None where anything is wrong."""
        if value is _NONE:
            return ()
        key = _key(value), variables
        known = self._conditions.get(key)
        if known is None:
            if len(key[0]) > _MAX_PART:
                return None
            reader = Reader(kind)
            known = reader.conditions(_plain_value(value), "", variables=variables)
            if reader.problems:
                return None
            self._take(len(key[0]))
            self._conditions[key] = known
        return known


def _decoded(value: object) -> _Text | _Object | None:
    """Decode a document; None where it does not look as it should."""
    try:
        if isinstance(value, str) and value[:3] in {"%7B", "%7b"}:
            value = unquote(value, errors="strict")
        if isinstance(value, str | bytes):
            return _DECODER.decode(value) if len(value) <= MAX_DOCUMENT else None
        return msgspec.convert(value, _Object) if type(value) is dict else None
    except (ValueError, RecursionError, msgspec.DecodeError):
        return None


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
    named: tuple[Named, ...] | None, excepted: tuple[Named, ...] | None, line: Written, kind: PolicyKind
) -> bool:
    """Whether principals stand where they may, and nothing is wrong with them."""
    if kind not in WITH_PRINCIPAL:
        return named is None and excepted is None
    if () in (named, excepted) or (named is None) == (excepted is None):
        return False
    return excepted is None or line.effect == "Deny"


def _may_be_too_long(lines: Iterable[Written], special: Iterable[Special]) -> bool:
    """Whether there may be more text in a document than AWS stores."""
    texts = 0
    for line in lines:
        for element in (line.actions, line.not_actions, line.resources, line.not_resources):
            texts += len(element) if isinstance(element, tuple) else 0
    parts = sum(bool(part) for one in special for part in one)
    return texts * SHORT + parts * _MAX_PART > MAX_DOCUMENT
