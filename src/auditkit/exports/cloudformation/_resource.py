"""A resource of a stack, as tellers see it."""

from typing import TYPE_CHECKING, Any

import msgspec

from auditkit.exports._answers import Node
from auditkit.exports.cloudformation._identity import Identity, spelled
from auditkit.exports.cloudformation._values import NOTHING, escaped
from auditkit.inventory import Source

if TYPE_CHECKING:
    from auditkit.exports.cloudformation._stacks import Stack

__all__ = ["Lazily", "Resource"]


class Resource(msgspec.Struct):
    """A resource of a stack.

    Attributes
    ----------
    stack
        The stack.
    logical, type
        Logical id, and type (``"AWS::S3::Bucket"``).
    pointer
        Where it stands in the template.
    raw
        As the template has it.
    """

    stack: "Stack"
    logical: str
    type: str
    pointer: str
    raw: dict[str, Any]

    @property
    def properties(self) -> dict[str, Any]:
        """Its properties, resolved."""
        return self.stack.properties(self.logical)

    @property
    def identity(self) -> Identity:
        """Its name, ARN and return values."""
        return self.stack.identity(self.logical)

    @property
    def source(self) -> Source:
        """Where it stands, in the stack's resolved template."""
        return Source(self.stack.mark, self.pointer)

    @property
    def node(self) -> Node:
        """Its properties, resolved, and where they stand."""
        return Node(self.properties, self.source.at("Properties"))

    def get(self, *steps: str) -> Any:  # noqa: ANN401 -- properties may be anything
        """Return a property, or a part of one; ``None`` where there is none."""
        value: Any = self.properties
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def text(self, *steps: str) -> str:
        """Return a property as text; ``""`` for what is none."""
        return spelled(self.get(*steps))


class Lazily(dict[str, Any]):
    """Properties of a resource, each resolved when it is asked for: a name must not wait for what refers to it."""

    def __init__(self, stack: "Stack", resource: Resource) -> None:
        super().__init__()
        raw = resource.raw.get("Properties")
        self._raw = raw if isinstance(raw, dict) else {}
        self._stack = stack
        self._pointer = f"{resource.pointer}/Properties"

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 -- as dict has it
        """Return a property, resolved."""
        if key not in self._raw:
            return default
        value = self._stack.resolve(self._raw[key], f"{self._pointer}/{escaped(key)}")
        return default if value is NOTHING else value
