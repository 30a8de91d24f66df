"""Parts of a record: structs that stand in a list of a response, each with its own source."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from auditkit.exports._reading import Reading, Response
from auditkit.inventory import Source
from auditkit.inventory.record import UNSET, UnsetType

__all__ = ["parts"]

P = TypeVar("P", bound=msgspec.Struct)
Extra = Callable[[dict[str, Any], Source], dict[str, object]]


def parts(
    response: Response, reading: Reading, cls: type[P], key: str, *, extra: Extra | None = None
) -> tuple[P, ...] | UnsetType:
    """Return the items of a list as structs with a field ``source``; UNSET where one of them could not be read.

    Parameters
    ----------
    response, key
        Where the list stands.
    reading
        Takes a note of what could not be read.
    cls
        Struct of an item.
    extra
        Gives further fields, by attribute name, from the raw item and its source.
    """
    value = response.payload.get(key)
    if value is not None and reading.value(list, response, key) is None:
        return UNSET
    found: list[P] = []
    for _, item, source in reading.items(response, key):
        part = reading.decode(cls, item, source)
        if part is not None:
            further = extra(item, source) if extra is not None else {}
            found.append(msgspec.structs.replace(part, source=source, **further))
    return tuple(found) if len(found) == len(value or []) else UNSET
