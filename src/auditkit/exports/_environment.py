"""Environment variables as exports hold them: in clear, or as a collector left them. Values in clear go no further."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from auditkit.exports._reading import Reading
from auditkit.exports.secrets import environment_value
from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.record import UNSET, UnsetType
from auditkit.inventory.records.functions import EnvironmentValue

__all__ = ["environment", "variables"]

_DIGITS = 16
_NAME = re.compile(r"[\w.+:-]{0,253}")
_WORDS = re.compile(r"[\w ;:,'()=.-]{0,160}")


class _Collected(msgspec.Struct):
    """What a collector left of a value."""

    length: int
    sha256: str = ""
    scheme: str = ""
    host: str = ""
    port: int | None = None
    arn: str = ""
    secret: bool = False
    reason: str = ""


class _Environment(msgspec.Struct, rename="pascal"):
    """API shape ``EnvironmentResponse``."""

    variables: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


def environment(value: object, source: Source, reading: Reading) -> dict[str, EnvironmentValue] | UnsetType | None:
    """Return the variables of a function's ``Environment``.

    Returns
    -------
    dict, UNSET or None
        ``None`` for a function without variables; :data:`UNSET` where Lambda could not decrypt them, or where the shape
        is not understood (noted as not read).
    """
    if value is None:
        return None
    block = reading.decode(_Environment, value, source)
    if block is None:
        return UNSET
    if block.error is not None:
        reading.not_read(source.at("Error"), "environment variables were not readable for whoever made the export")
        return UNSET
    if not block.variables:
        return None
    return variables(block.variables, source.at("Variables"), reading)


def variables(values: Mapping[str, object], source: Source, reading: Reading) -> dict[str, EnvironmentValue]:
    """Return what is kept of variables, of a function or of whatever else has some, by name in order."""
    kept: dict[str, EnvironmentValue] = {}
    for key, content in sorted(values.items()):
        plain = _plain(content)
        found = environment_value(plain, key=key) if plain is not None else _collected(content, source.at(key), reading)
        if found is not None:
            kept[key] = found
    return kept


def _plain(content: object) -> str | None:
    """Return a value as the text a function would see, ``None`` for what is no plain value."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if content is None:
        return ""
    return str(content) if isinstance(content, str | int | float) else None


def _collected(content: object, source: Source, reading: Reading) -> EnvironmentValue | None:
    """Return what a collector left, cut down to what may be kept: the object may have been written by hand."""
    value = reading.decode(_Collected, content, source)
    if value is None:
        return None
    return EnvironmentValue(
        length=value.length,
        sha256="" if value.secret else "".join(re.findall(r"[0-9a-f]", value.sha256.lower()))[:_DIGITS],
        scheme=value.scheme.lower() if _NAME.fullmatch(value.scheme) else "",
        host=value.host.lower() if _NAME.fullmatch(value.host) else "",
        port=value.port,
        arn=value.arn if parse_arn(value.arn) else "",
        secret=value.secret,
        reason=value.reason if _WORDS.fullmatch(value.reason) else "",
    )
