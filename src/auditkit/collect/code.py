"""Fetching a package of code from the address that Lambda gives for ten minutes."""

import base64
import hashlib
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any

from auditkit.collect.patience import Patience

__all__ = ["digest_of", "fetched"]

_LARGEST = 300 << 20
"""Bytes: above what Lambda takes (250 MiB unzipped)."""
_SECONDS = 60


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a package as Lambda writes it, in base 64."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode("ascii")


def fetched(address: str, digest: str, patience: Patience) -> dict[str, Any]:
    """Return the package at an address as ``{"Package": bytes}``, or an error as API calls have it.

    The address holds a signature, so it is in no message.

    Parameters
    ----------
    address
        Of the package.
    digest
        Its SHA-256 in base 64; what differs from it is refused. ``""`` where it is not known.
    patience
        Between attempts.
    """
    if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        return _error("NoAddress", "Lambda gives no address that can be fetched")
    problem = ""
    for attempt in range(3):
        if attempt:
            patience.wait(1.0)
        try:
            with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 -- the scheme was looked at
                content = answer.read(_LARGEST + 1)
        except (OSError, HTTPException) as error:
            problem = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else type(error).__name__
            continue
        if len(content) > _LARGEST:
            return _error("TooLarge", f"more than {_LARGEST:,} bytes")
        if not digest or digest_of(content) == digest:
            return {"Package": content}
        problem = "its digest is not the one that Lambda gives"
    return _error("NotFetched", problem)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}}
