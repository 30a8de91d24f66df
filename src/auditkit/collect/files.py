"""The files of an API JSON export: their names and their bytes."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from botocore import xform_name

__all__ = ["encoded", "file_of"]

_LONGEST_NAME = 200


def file_of(account: str, region: str, service: str, operation: str, arguments: Mapping[str, Any]) -> PurePosixPath:
    """Return the path of a response below the export.

    Parameters
    ----------
    account, region
        Where the call was made; ``"global"`` for a call made once per account.
    service, operation
        By botocore's names; the operation is written in kebab case, as the command line of AWS spells it.
    arguments
        What the call was made for. Values are percent-quoted and joined by commas. A name above 200 characters is cut
        and ends on ``=`` (a character that quoting never leaves) and 16 hexadecimal digits of its SHA-256.
    """
    call = f"{service}-{xform_name(operation, '-')}"
    if not arguments:
        return PurePosixPath(account, region, f"{call}.json")
    name = ",".join(quote(str(value), safe="") for value in arguments.values())
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}={hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return PurePosixPath(account, region, call, f"{name}.json")


def encoded(response: Mapping[str, Any]) -> bytes:
    """Return a response as JSON: sorted keys, two spaces, a final newline, dates in ISO 8601, bytes in base 64."""
    text = json.dumps(response, indent=2, sort_keys=True, ensure_ascii=False, default=_plain)
    return f"{text}\n".encode("utf-8", "surrogatepass")


def _plain(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()  # botocore gives some times in the machine's own time zone
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    if hasattr(value, "read"):  # a streamed body
        return _plain(value.read())
    raise TypeError(f"a response holds a {type(value).__name__}, which has no form in JSON")
