"""Policy documents: what a document, a statement and a condition are once they have been read."""

from enum import StrEnum
from typing import Any, Literal

import msgspec

from auditkit.policy.operators import Operator

__all__ = ["Condition", "Document", "Effect", "Named", "Part", "PolicyKind", "Problem", "Statement"]


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


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A policy document.

    Attributes
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
    """

    kind: PolicyKind
    statements: tuple[Statement, ...] = ()
    version: str | None = None
    problems: tuple[Problem, ...] = ()
    readable: bool = True
    name: str = ""
    source: Any = None
