"""Parts of a record that were read in calls of their own, and know where."""

from typing import TypeVar

import msgspec

from auditkit.inventory.record import Source

__all__ = ["Sourced", "with_source"]

T = TypeVar("T")


class Sourced(msgspec.Struct, frozen=True, kw_only=True):
    """A part that carries its source; the reader sets it."""

    source: Source = msgspec.field(default=Source(""), name="__source")


def with_source(part: T, source: Source) -> T:
    """Return a part with its source, if it is one that carries it."""
    return msgspec.structs.replace(part, source=source) if isinstance(part, Sourced) else part
