"""The checks as data: one dated file per area."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from auditkit.areas.model import Area, Check

__all__ = ["as_of", "get_check", "get_checks"]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    as_of: str
    check: tuple[dict[str, object], ...] = ()


@cache
def _file(area: Area) -> _File:
    text = files("auditkit.areas").joinpath("data", f"{area}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _File)


def as_of(area: Area) -> str:
    """Return the date of an area's checks, ISO 8601."""
    return _file(area).as_of


@cache
def get_checks() -> dict[str, Check]:
    """Return all checks by id, in the order of the areas and of their files."""
    checks = [msgspec.convert({"area": area, **row}, Check) for area in Area for row in _file(area).check]
    return {check.id: check for check in checks}


def get_check(name: str) -> Check:
    """Return the check of this id.

    Raises
    ------
    KeyError
        If there is no such check.
    """
    return get_checks()[name]
