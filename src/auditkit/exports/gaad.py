"""IAM account authorization details, from a file of any size: one item is decoded at a time.

Only an item of the wrong shape is lost, with a note that names it; the bytes of the file are all that is held besides.
"""

from typing import Any

import msgspec

from auditkit.exports._json import JsonError, as_utf8, check_depth, located, parse_json
from auditkit.exports._reading import Reading
from auditkit.exports.services.identities import DETAIL_SECTIONS, add_detail
from auditkit.inventory import Source
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
    if not data.strip():
        raise JsonError("empty")
    check_depth(data)
    details = Details(account, {}, "")
    pages = _pages(data)
    present: set[str] = set()
    owners: set[str] = set()
    for pointer, page in pages:
        for section in DETAIL_SECTIONS:
            items = getattr(page, section)
            if items is None:
                continue
            present.add(section)
            names = details.names.setdefault(section, [])
            for index, raw in enumerate(items):
                place = Source(source.file, pointer).at(section, index)
                try:
                    item = parse_json(bytes(raw))
                except JsonError as error:
                    reading.not_read(place, f"not JSON: {error}")
                    continue
                record = add_detail(section, item, place, account, reading)
                if isinstance(record, Role | User | Group):
                    owners.add(record.account)
                if record is not None:
                    names.append({key: value for key, value in item.items() if key.endswith(("Name", "Arn"))})
    details.names = {section: names for section, names in details.names.items() if names}
    details.account = account or (owners.pop() if len(owners) == 1 else "")
    details.incomplete = _incomplete(pages[-1][1], present)
    if details.incomplete:
        reading.not_read(source, details.incomplete)
    return details


def _pages(data: bytes) -> list[tuple[str, _Envelope]]:
    """Return the pages of a file with their pointers."""
    try:
        if data.lstrip()[:1] == b"[":
            found = msgspec.json.decode(data, type=list[_Envelope], strict=False)
            pages = [(f"/{number}", page) for number, page in enumerate(found)]
        else:
            pages = [("", msgspec.json.decode(data, type=_Envelope, strict=False))]
    except msgspec.ValidationError as error:
        raise JsonError(f"wrong shape: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JsonError(located(data, error)) from None
    if any(data.count(f'"{section}"'.encode()) > len(pages) for section in DETAIL_SECTIONS):
        raise JsonError("a section is named twice")
    if not any(getattr(page, section) is not None for _, page in pages for section in DETAIL_SECTIONS):
        raise JsonError(f"none of the keys {', '.join(sorted(DETAIL_SECTIONS))}")
    return pages


def _incomplete(last: _Envelope, present: set[str]) -> str:
    missing = sorted(DETAIL_SECTIONS.keys() - present)
    if last.IsTruncated or last.Marker:
        return "a next page is named and missing"
    return f"without {', '.join(missing)}: taken with a filter?" if missing else ""
