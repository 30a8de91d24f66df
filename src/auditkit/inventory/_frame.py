"""A record as a row for people: nested settings flattened, lists joined, policies counted, no values of variables."""

from enum import Enum

import msgspec

from auditkit.inventory.record import UNSET, PolicyText, Record, Source

__all__ = ["row_of"]

NOT_SEEN = "not seen"
_FIRST = ("id", "name", "account", "region")
_SHOWN = 300
_NAMES_ALONE = frozenset({"environment"})


def row_of(record: Record) -> dict[str, object]:
    """Return the row of a record: column -> text, number, truth value or ``None``."""
    row: dict[str, object] = {name: getattr(record, name) for name in _FIRST}
    for name in record.__struct_fields__:
        if name not in {*_FIRST, "sources", "tags"}:
            _put(row, name, getattr(record, name))
    row["tags"] = NOT_SEEN if record.tags is UNSET else _text(record.tags)
    row["source"] = str(record.source)
    return row


def _put(row: dict[str, object], name: str, value: object) -> None:
    if isinstance(value, msgspec.Struct) and not isinstance(value, PolicyText | Source):
        for field in value.__struct_fields__:
            _put(row, f"{name}.{field}", getattr(value, field))
    elif name in _NAMES_ALONE and isinstance(value, dict):
        row[name] = ", ".join(sorted(value))
    elif value is None or isinstance(value, bool | int | float):
        row[name] = value
    else:
        row[name] = NOT_SEEN if value is UNSET else _text(value)


def _text(value: object) -> str:
    """Return a value as short text."""
    if isinstance(value, PolicyText):
        return _policy(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, msgspec.Struct):
        parts = (f"{field}={_text(item)}" for field in value.__struct_fields__ if _says(item := getattr(value, field)))
        return _cut(" ".join(parts))
    if isinstance(value, dict):
        return _cut(", ".join(f"{_text(key)}={_text(item)}" for key, item in value.items()))
    if isinstance(value, tuple | list | set | frozenset):
        return _cut(", ".join(_text(item) for item in value))
    return _cut("not seen" if value is UNSET else str(value))


def _policy(policy: PolicyText) -> str:
    statements = policy.document.get("Statement")
    count = len(statements) if isinstance(statements, list) else int(statements is not None)
    named = f"{policy.name}: " if policy.name else ""
    return f"{named}{count} statement{'' if count == 1 else 's'}"


def _says(value: object) -> bool:
    return value is not None and value is not UNSET and value not in ("", (), [])


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
