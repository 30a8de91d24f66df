"""Values of an export with the places where they stand."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from auditkit.inventory import Source

__all__ = ["Node"]


class Node(NamedTuple):
    """A value of an export, and where it stands."""

    value: Any
    source: Source

    def at(self, *steps: str | int) -> "Node | None":
        """Return what stands below, or ``None`` where there is nothing (``null`` counts as nothing)."""
        value: Any = self.value
        for step in steps:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return None if value is None else Node(value, self.source.at(*steps))

    def text(self, *steps: str | int) -> str:
        """Return the text that stands below; ``""`` where there is none."""
        found = self.at(*steps)
        return found.value if found is not None and isinstance(found.value, str) else ""

    def each(self, *steps: str | int) -> "Iterator[Node]":
        """Yield the items of the list that stands below; an object counts as a list of one."""
        found = self.at(*steps)
        if found is not None and isinstance(found.value, list):
            for index, item in enumerate(found.value):
                if item is not None:
                    yield Node(item, found.source.at(index))
        elif found is not None and isinstance(found.value, dict):
            yield found

    def first(self, *steps: str | int) -> "Node | None":
        """Return the first item of the list that stands below: Terraform writes a block that way."""
        return next(self.each(*steps), None)
