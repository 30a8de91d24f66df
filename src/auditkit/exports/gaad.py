"""IAM account authorization details, from a file of any size: one item is decoded at a time.

Only an item of the wrong shape is lost, with a note that names it. Policy documents, which are nearly all of such a
file, stay as they stand in it, and are decoded when somebody asks for them.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from auditkit._garbage import no_collection
from auditkit.exports._attached import POLICY_DEPTH
from auditkit.exports._json import JsonError, as_utf8, is_shallow, located, parse_json, parse_shallow_json
from auditkit.exports._reading import Reading
from auditkit.exports.services.identities import DETAIL_SECTIONS, RawDocuments, add_detail
from auditkit.inventory import Record, Source
from auditkit.inventory.records.identities import Group, Role, User

__all__ = ["Details", "read_details"]


class Details(msgspec.Struct):
    """What was read.

    Attributes
    ----------
    account
        Account of the roles, users and groups; the one given where there are none.
    names
        Items by section, with their names only: what calls per role or user would be made for.
    incomplete
        What is missing, ``""`` where nothing is.
    """

    account: str
    names: dict[str, list[dict[str, Any]]]
    incomplete: str


class _Envelope(msgspec.Struct):
    """The file, its items not yet decoded."""

    RoleDetailList: list[msgspec.Raw] | None = None
    UserDetailList: list[msgspec.Raw] | None = None
    GroupDetailList: list[msgspec.Raw] | None = None
    Policies: list[msgspec.Raw] | None = None
    IsTruncated: bool = False
    Marker: str | None = None


_HEAD = 1 << 12


def read_details(data: bytes, source: Source, account: str, reading: Reading) -> Details:
    """Read account authorization details, as one document or as a list of pages.

    Parameters
    ----------
    data
        Content of the file.
    source
        The file.
    account
        Account by the path of the file, ``""`` where that does not say.
    reading
        Takes the records.

    Raises
    ------
    JsonError
        The file is not JSON, or nothing like authorization details.
    """
    data = as_utf8(data)
    if not data or data.isspace():
        raise JsonError("empty")
    details = Details(account, {}, "")
    pages = _pages(data)
    present: set[str] = set()
    owners: set[str] = set()
    shallow = is_shallow(data, POLICY_DEPTH)
    with no_collection():
        for pointer, page in pages:
            for section in DETAIL_SECTIONS:
                items = getattr(page, section)
                if items is not None:
                    present.add(section)
                    place = Source(source.file, pointer).at(section)
                    names = details.names.setdefault(section, [])
                    for record, item in _records(section, items, place, account, reading, shallow=shallow):
                        names.append({key: value for key, value in item.items() if key.endswith(("Name", "Arn"))})
                        if isinstance(record, Role | User | Group):
                            owners.add(record.account)
    details.names = {section: names for section, names in details.names.items() if names}
    details.account = account or (owners.pop() if len(owners) == 1 else "")
    details.incomplete = _incomplete(pages[-1][1], present)
    if details.incomplete:
        reading.not_read(source, details.incomplete)
    return details


def _records(
    section: str, items: list[msgspec.Raw], place: Source, account: str, reading: Reading, *, shallow: bool
) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Add the items of a section, and yield record and item; what cannot be read is noted."""
    for index, raw in enumerate(items):
        text, at = bytes(raw), place.at(index)
        flat = shallow or is_shallow(text, POLICY_DEPTH)
        try:
            item = parse_shallow_json(text) if flat else parse_json(text)
        except JsonError as error:
            reading.not_read(at, f"not JSON: {error}")
            continue
        record = add_detail(section, item, at, account, reading, raw=_documents(raw) if flat else None)
        if record is not None:
            yield record, item


def _documents(raw: msgspec.Raw) -> RawDocuments | None:
    """Return the documents of an item as they stand there; ``None`` where the item is not of the usual shape."""
    try:
        return msgspec.json.decode(raw, type=RawDocuments)
    except msgspec.MsgspecError:
        return None


def _pages(data: bytes) -> list[tuple[str, _Envelope]]:
    """Return the pages of a file with their pointers."""
    try:
        if data[:_HEAD].lstrip()[:1] == b"[":
            found = msgspec.json.decode(data, type=list[_Envelope], strict=False)
            pages = [(f"/{number}", page) for number, page in enumerate(found)]
        else:
            pages = [("", msgspec.json.decode(data, type=_Envelope, strict=False))]
    except msgspec.ValidationError as error:
        raise JsonError(f"wrong shape: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JsonError(located(data, error)) from None
    except RecursionError:
        raise JsonError("nested too deeply") from None
    parse_json(_rest(data, [page for _, page in pages]))
    if not any(getattr(page, section) is not None for _, page in pages for section in DETAIL_SECTIONS):
        raise JsonError(f"none of the keys {', '.join(sorted(DETAIL_SECTIONS))}")
    return pages


def _rest(data: bytes, pages: list[_Envelope]) -> bytes:
    """Return a file without the items that were found in it, so that what was passed over stands out."""
    whole = _address(data)
    lists = [items for page in pages for section in DETAIL_SECTIONS if (items := getattr(page, section))]
    spans = [(_address(items[0]) - whole, _address(items[-1]) - whole + len(items[-1])) for items in lists]
    parts, end = [], 0
    for first, last in sorted(spans):
        parts.append(data[end:first])
        end = last
    return b"".join([*parts, data[end:]])


def _address(part: bytes | msgspec.Raw) -> int:
    """Return where bytes stand in memory; the items of a file are views of it."""
    return int(np.frombuffer(part, dtype=np.uint8).__array_interface__["data"][0])


def _incomplete(last: _Envelope, present: set[str]) -> str:
    missing = sorted(DETAIL_SECTIONS.keys() - present)
    if last.IsTruncated or last.Marker:
        return "a next page is named and missing"
    return f"without {', '.join(missing)}: taken with a filter?" if missing else ""
