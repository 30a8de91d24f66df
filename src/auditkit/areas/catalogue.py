"""The checks as data: one dated file per area."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from auditkit.areas.model import Area, Check

__all__ = ["as_of", "get_check", "get_checks"]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    as_of: str
    check: tuple[dict[str, Any], ...] = ()


@cache
def _file(area: Area) -> _File:
    text = files("auditkit.areas").joinpath("data", f"{area}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _File)


def as_of(area: Area) -> str:
    """Return the date of an area's checks, ISO 8601."""
    return _file(area).as_of


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    """Return calls that are asked for together, by the name of the group."""
    groups = tomllib.loads(files("auditkit.areas").joinpath("data", "calls.toml").read_text("utf-8"))
    del groups["as_of"]
    return msgspec.convert(groups, dict[str, tuple[str, ...]])


def _with_groups(row: dict[str, Any]) -> dict[str, Any]:
    """Return a check's row with the calls of the groups that its ``absence`` names (``"@chain"``)."""
    named: dict[str, None] = {}
    for call in row.get("absence", ()):
        named |= dict.fromkeys(_groups()[call[1:]] if call.startswith("@") else (call,))
    return {**row, "absence": tuple(named)}


@cache
def get_checks() -> dict[str, Check]:
    """Return all checks by id, in the order of the areas and of their files."""
    checks = [msgspec.convert({"area": area, **_with_groups(row)}, Check) for area in Area for row in _file(area).check]
    return {check.id: check for check in checks}


def get_check(name: str) -> Check:
    """Return the check of this id.

    Raises
    ------
    KeyError
        If there is no such check.
    """
    return get_checks()[name]
