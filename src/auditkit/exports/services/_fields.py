"""What handlers of several services share: fields read in calls of their own, and documents written as text.

Every function keeps the three states apart: a value; ``None``, *seen and absent*; ``UNSET``, there and not readable,
which counts as not seen (the reading holds a note of it).
"""

from typing import TypeVar

import msgspec

from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._reading import Reading, Response
from auditkit.inventory import Source
from auditkit.inventory.record import UNSET, Record, UnsetType
from auditkit.inventory.sourced import with_source

__all__ = ["attributes_of", "document", "enrich", "listed", "names_of", "one", "placed"]

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)


def placed(response: Response) -> bool:
    """Return whether account and region of a response are known, so that a name makes an ARN."""
    return bool(response.account) and response.region not in {"", "global"}


def names_of(response: Response, reading: Reading, key: str) -> list[tuple[str, Source]]:
    """Return the texts of a list, each with its source; what is no text is noted as not read."""
    found: list[tuple[str, Source]] = []
    for index, item in enumerate(reading.value(list, response, key) or []):
        source = response.at(key, index)
        if isinstance(item, str) and item:
            found.append((item, source))
        else:
            reading.not_read(source, "wrong shape: expected text")
    return found


def one(response: Response, reading: Reading, cls: type[T], *pointer: str | int) -> T | UnsetType | None:
    """Return what stands at a place of a response as a type; the whole response without a place."""
    value: object = response.payload
    for step in pointer:
        if not isinstance(value, dict):
            break
        value = value.get(step)
    if value is None:
        return None
    found = reading.decode(cls, value, response.at(*pointer))
    return UNSET if found is None else with_source(found, response.at(*pointer))


def listed(response: Response, reading: Reading, cls: type[T], key: str) -> tuple[T, ...] | UnsetType:
    """Return the items of a list as a type; UNSET where one of them could not be read, as half a list is no list."""
    value = response.payload.get(key)
    if value is not None and reading.value(list, response, key) is None:
        return UNSET
    found: list[T] = []
    for index, item in enumerate(value or []):
        source = response.at(key, index)
        part = reading.decode(cls, item, source)
        if part is None:
            return UNSET
        found.append(with_source(part, source))
    return tuple(found)


def document(value: object, cls: type[T], source: Source, reading: Reading) -> T | UnsetType | None:
    """Return a document that stands in a field as JSON text (or as an object) as a type."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = parse_json(value.encode("utf-8", "surrogatepass"))
        except JsonError as error:
            reading.not_read(source, f"attribute is not JSON: {error}")
            return UNSET
    found = reading.decode(cls, value, source)
    return UNSET if found is None else found


def attributes_of(
    response: Response, reading: Reading, cls: type[S], key: str = "Attributes", **documents: type
) -> S | UnsetType:
    """Return a map of attributes, all of them text, as a struct; each attribute is read for itself.

    Parameters
    ----------
    response, key
        Where the map stands.
    reading
        Takes a note, with its place, of an attribute that cannot be read.
    cls
        Struct whose fields are the attributes.
    **documents
        Fields (by attribute name of the struct) whose text is JSON, with the type of the document.
    """
    raw = reading.value(dict, response, key)
    if raw is None:
        return UNSET
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(cls):
        value, source = raw.get(field.encode_name), response.at(key, field.encode_name)
        if value is None or value == "":
            continue
        if field.name in documents:
            values[field.name] = document(value, documents[field.name], source, reading)
        else:
            found = reading.decode(field.type, value, source)
            values[field.name] = UNSET if found is None else found
    return with_source(cls(**values), response.at(key))


def enrich(
    response: Response, reading: Reading, cls: type[Record], *pointer: str | int, key: str = "", **fields: object
) -> None:
    """Set fields of the record that a call was made for, named by its first argument unless a key is given.

    The source is the place in the response, or the response where it does not have that place: it says *there is none*.
    """
    present = not pointer or pointer[0] in response.payload
    reading.enrich(
        cls,
        key or response.argument(),
        response.at(*pointer) if present else response.source,
        account=response.account,
        region=response.region,
        **fields,
    )
