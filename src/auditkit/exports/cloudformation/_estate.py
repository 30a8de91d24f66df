"""All stacks of an export, and what they share: exports, stored parameters, names."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from auditkit.exports.cloudformation._values import NOTHING, Symbols
from auditkit.inventory import Source

if TYPE_CHECKING:
    from auditkit.exports.cloudformation._resource import Resource
    from auditkit.exports.cloudformation._stacks import Stack

__all__ = ["MARK", "Estate"]

MARK = "\x01"
"""Begins the file of a source that names a place in a stack's resolved template: the stack's number follows."""


class _Note(Protocol):
    def __call__(self, source: Source, reason: str, *, whether: bool = False) -> None: ...


class Estate:
    """All stacks of an export, and what they share.

    Parameters
    ----------
    note
        Takes the source of what could not be resolved, why, and whether what is not known is if it is there at all.
    """

    def __init__(self, note: _Note) -> None:
        self.note = note
        self.symbols = Symbols()
        self.stacks: list[Stack] = []
        self.depth = 0
        self.streams: dict[str, str] = {}
        """ARNs of the streams of tables that other files describe, by the table."""
        self._slugs: dict[str, tuple[str, str]] = {}
        self._exports: dict[str, Callable[[], Any]] | None = None
        self._stored: dict[str, Resource] | None = None
        self._named: dict[str, Resource] = {}

    def slug(self, stack: str, logical: str) -> str:
        """Return an id of small letters and digits for a resource, which no other has."""
        base = re.sub(r"[^a-z0-9]", "", f"{stack}{logical}".lower()) or "unnamed"
        for number in range(1, len(self._slugs) + 2):
            slug = base if number == 1 else f"{base}x{number}"
            if self._slugs.setdefault(slug, (stack, logical)) == (stack, logical):
                return slug
        return base

    def exported(self, name: str) -> Any:  # noqa: ANN401
        """Return what a stack exports under a name, :data:`NOTHING` where none does."""
        if self._exports is None:
            self._exports = {}
            for stack in self.stacks:
                for exported, value in stack.exports():
                    self._exports.setdefault(exported, value)
        found = self._exports.get(name)
        return NOTHING if found is None else found()

    def stored(self, name: str) -> Any:  # noqa: ANN401
        """Return what a stack stores in Parameter Store under a name, :data:`NOTHING` where none does."""
        if self._stored is None:
            self._stored = {}  # while names are looked at, none is known: no parameter names itself
            found = [
                (resource.identity.name, resource)
                for stack in self.stacks
                for resource in stack.resources
                if resource.type == "AWS::SSM::Parameter"
            ]
            self._stored = dict(reversed(found))
        resource = self._stored.get(name)
        value = resource.get("Value") if resource is not None else None
        return NOTHING if value is None else value

    @property
    def resources(self) -> "Iterator[Resource]":
        """All resources that exist, as far as conditions tell, stack by stack."""
        for stack in self.stacks:
            yield from stack.resources

    def named(self, text: str) -> "Resource | None":
        """Return the resource that an ARN, or what ``Ref`` gives, means; ``None`` where no template has it."""
        if not self._named:
            for resource in self.resources:
                self._named.setdefault(resource.identity.arn, resource)
                self._named.setdefault(resource.identity.ref, resource)
        return self._named.get(text)

    def located(self, source: Source) -> Source:
        """Return the place in a file that a source names which stacks made."""
        if not source.file.startswith(MARK):
            return source
        found = self.stacks[int(source.file[len(MARK) :])].places.of_resolved(source.pointer)
        return Source(found.file, found.pointer, leaf=True) if source.leaf else found
