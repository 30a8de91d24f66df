"""Policy documents: what a document, a statement and a condition are once they have been read."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.policy.operators import Operator

__all__ = [
    "Condition",
    "Content",
    "Document",
    "Effect",
    "Element",
    "Named",
    "Part",
    "PolicyKind",
    "Problem",
    "Special",
    "Statement",
    "Written",
    "strings",
]

_MAX_SID = 256


class PolicyKind(StrEnum):
    """Kind of a policy: the layer of a decision it speaks in."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    ENDPOINT = "endpoint"


Effect = Literal["Allow", "Deny", ""]
"""Effect of a statement; ``""`` where it is missing or neither."""

Element = str | tuple[str, ...] | UnsetType
"""A value or a list of values."""

Part = Literal["statement", "effect", "principal", "action", "resource", "condition"]


class Problem(msgspec.Struct, frozen=True):
    """Something in a policy document that AWS would refuse, or that does not do what it seems to.

    Attributes
    ----------
    code
        Short name: ``"unknown-operator"``, ``"invalid-arn"``, ``"notprincipal-allow"`` ...
    message
        One sentence.
    pointer
        JSON pointer (RFC 6901) into the document.
    """

    code: str
    message: str
    pointer: str


class Named(msgspec.Struct, frozen=True, gc=False):
    """One principal named by a resource policy: its type (``"AWS"`` ..., ``"*"`` for anyone) and value."""

    type: str
    value: str


class Condition(msgspec.Struct, frozen=True, gc=False):
    """One line of a ``Condition`` element: an operator, a condition key as written, and the policy's values."""

    operator: Operator
    key: str
    values: tuple[str, ...]


class Statement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One statement.

    Attributes
    ----------
    index
        Position in the document, from 0.
    sid, effect
        As written; ``sid`` is None where there is none.
    actions, not_actions, resources, not_resources, principals, not_principals
        The elements; None where the statement does not have them.
    conditions
        All must hold.
    variables
        Whether ``${...}`` is a policy variable here (version 2012-10-17) or literal text.
    unclear
        The parts that could not be understood.
    pointer
        JSON pointer of the statement in its document.
    source
        What decisions name as its source; None for that of the document.
    """

    index: int
    sid: str | None = None
    effect: Effect = ""
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    principals: tuple[Named, ...] | None = None
    not_principals: tuple[Named, ...] | None = None
    conditions: tuple[Condition, ...] = ()
    variables: bool = False
    unclear: frozenset[Part] = frozenset()
    pointer: str = ""
    source: Any = None


class Special(NamedTuple):
    """What makes a written statement mean different things to different requests.

    Attributes
    ----------
    principals, not_principals, conditions
        As a :class:`Statement` has them.
    variables
        Whether ``${...}`` is a policy variable.
    """

    principals: tuple[Named, ...] | None = None
    not_principals: tuple[Named, ...] | None = None
    conditions: tuple[Condition, ...] = ()
    variables: bool = False


class Written(msgspec.Struct, gc=False):
    """A statement as its document has it; those that are written alike are one object.

    Attributes
    ----------
    effect
        ``"Allow"`` or ``"Deny"``.
    actions, not_actions, resources, not_resources
        The elements, ``UNSET`` where the statement does not have them; equal ones are one object.
    sid
        As written.
    special
        Given where the statement has principals, conditions, policy variables in its resources, or does not have both
        ``Action`` and ``Resource``. All others are allowed or denied to whoever has the policy.
    """

    effect: Effect
    actions: Element
    not_actions: Element
    resources: Element
    not_resources: Element
    sid: str | UnsetType
    special: Special | None


class Content(NamedTuple):
    """What stands in a document with which nothing is wrong.

    Attributes
    ----------
    written
        Its statements.
    variables
        Whether ``${...}`` is a policy variable.
    listed
        Whether the statements stand in a list.
    """

    written: Sequence[Written]
    variables: bool
    listed: bool

    def statement(self, index: int) -> Statement:
        """Return a statement in full."""
        written = self.written[index]
        special = written.special or _PLAIN
        return Statement(
            index=index,
            sid=None if written.sid is UNSET else written.sid[:_MAX_SID],
            effect=written.effect,
            actions=strings(written.actions),
            not_actions=strings(written.not_actions),
            resources=strings(written.resources),
            not_resources=strings(written.not_resources),
            principals=special.principals,
            not_principals=special.not_principals,
            conditions=special.conditions,
            variables=self.variables,
            pointer=_pointer(index) if self.listed else "/Statement",
        )


_PLAIN = Special()


@lru_cache(maxsize=256)
def _pointer(index: int) -> str:
    """Return the pointer of a statement in a list, the same text each time."""
    return f"/Statement/{index}"


def strings(element: Element) -> tuple[str, ...] | None:
    """Return the values of an element of a written statement; None where it does not have it."""
    return element if isinstance(element, tuple) else None


class Document:
    """A policy document; it does not change.

    Parameters
    ----------
    kind
        What kind of policy it is.
    statements
        Its statements, in order, those that were not understood among them.
    version
        ``Version`` as written, None where absent.
    problems
        What is wrong with it.
    readable
        False where nothing of it could be read: then it may say anything.
    name, source
        Name or ARN of the policy, and whatever the caller wants to find in decisions again (a file and a pointer, say).
    content
        Its statements as they were decoded, in place of ``statements``.
    """

    __slots__ = ("_statements", "content", "kind", "name", "problems", "readable", "source", "version")

    def __init__(
        self,
        *,
        kind: PolicyKind,
        statements: tuple[Statement, ...] = (),
        version: str | None = None,
        problems: tuple[Problem, ...] = (),
        readable: bool = True,
        name: str = "",
        source: Any = None,  # noqa: ANN401 -- whatever the caller has
        content: Content | None = None,
    ) -> None:
        self.kind, self.version, self.problems, self.readable = kind, version, problems, readable
        self.name, self.source, self.content = name, source, content
        self._statements = None if content else statements

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Its statements, in order, those that were not understood among them."""
        if self._statements is None:
            content = self.content
            self._statements = tuple(map(content.statement, range(len(content.written)))) if content else ()
        return self._statements

    def statement(self, index: int) -> Statement:
        """Return a statement by its place."""
        if self._statements is None and self.content:
            return self.content.statement(index)
        return self.statements[index]

    def those(self, holds: Callable[[Written], bool]) -> Iterator[Statement]:
        """Yield the statements of which something holds as they are written; all of them where they were made before.

        Most statements of an account need not be made for one question.
        """
        if self._statements is not None or not self.content:
            yield from self.statements
            return
        for index, written in enumerate(self.content.written):
            if holds(written):
                yield self.content.statement(index)

    def rest(self) -> None:
        """Forget the statements that were made of what stands in the document; they are made anew when asked for."""
        if self.content:
            self._statements = None

    def with_statements(self, statements: tuple[Statement, ...]) -> "Document":
        """Return the same document with other statements."""
        return Document(
            kind=self.kind,
            statements=statements,
            version=self.version,
            problems=self.problems,
            readable=self.readable,
            name=self.name,
            source=self.source,
        )

    def _all(self) -> tuple[object, ...]:
        return self.kind, self.statements, self.version, self.problems, self.readable, self.name, self.source

    def __eq__(self, other: object) -> bool:
        """Whether all is the same."""
        return isinstance(other, Document) and self._all() == other._all()

    def __hash__(self) -> int:
        """Return a number that is equal for equal documents."""
        return hash((self.kind, self.name, self.statements))

    def __repr__(self) -> str:
        """Return the document with its statements."""
        return f"Document(kind={self.kind!r}, name={self.name!r}, statements={self.statements!r})"
