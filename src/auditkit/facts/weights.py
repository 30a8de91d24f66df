"""Weights of the scores: data that a report cites by digest, and that an auditor may replace."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec

from auditkit.errors import ScoreError
from auditkit.facts._table import text_of
from auditkit.facts.hops import FACTORS

__all__ = ["FactorWeight", "Weights", "get_weights", "weights_from"]

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Amount = Annotated[float, msgspec.Meta(ge=0)]


class FactorWeight(msgspec.Struct, frozen=True):
    """Weight of a hop factor in [0, 1], and what its levels mean (level as text -> words)."""

    weight: Share
    levels: dict[str, str] = {}


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Weights of all scores; every one is dimensionless.

    Attributes
    ----------
    version, as_of, source
        Cited by reports.
    factors
        Hop factor -> weight and levels.
    sensitivity
        Sensitivity -> weight, as lowest and highest (they differ for ``"unknown"``).
    access
        Access level -> weight in [0, 1].
    costs
        Cost of a step, as text -> what it means.
    entries
        Kind of entry -> exponent of its weight in an exposure.
    sha256
        SHA-256 of the file they were read from, hexadecimal.
    """

    version: str
    as_of: str
    source: str = ""
    factors: dict[str, FactorWeight]
    sensitivity: dict[str, tuple[Amount, Amount]]
    access: dict[str, Share]
    costs: dict[str, str] = {}
    entries: dict[str, Amount]
    sha256: str = ""


_NAMES = {
    "factors": frozenset(FACTORS),
    "sensitivity": frozenset({"public", "internal", "confidential", "restricted", "unknown"}),
    "access": frozenset({"metadata", "delete", "read", "write", "admin"}),
    "entries": frozenset(
        {"anonymous", "authenticated public", "third party", "AI agent", "other account", "assumed breach"}
    ),
}


def weights_from(path: Path | str) -> Weights:
    """Return weights from a file of the same form as the package's ``weights.json``.

    Parameters
    ----------
    path
        A JSON file.

    Raises
    ------
    ScoreError
        If it cannot be read or is not of the form, a weight lies outside [0, 1], a cost is negative, a bound is
        crossed, or a name is missing or unknown.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ScoreError(f"{path}: cannot be read: {error.strerror}") from None
    return _parsed(data, str(path))


@cache
def get_weights() -> Weights:
    """Return the package's own weights (table ``weights``)."""
    return _parsed(text_of("weights").encode(), "weights.json")


def _parsed(data: bytes, name: str) -> Weights:
    try:
        weights = msgspec.json.decode(data, type=Weights)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ScoreError(f"{name}: {error}") from None
    for field, expected in _NAMES.items():
        found = set(getattr(weights, field))
        if found != expected:
            names, wrong = ", ".join(sorted(expected)), ", ".join(sorted(found ^ expected))
            raise ScoreError(f"{name}: {field} must name exactly {names}; missing or unknown: {wrong}")
    for word, (low, high) in weights.sensitivity.items():
        if low > high:
            raise ScoreError(f"{name}: the bounds of sensitivity {word} are crossed")
    return msgspec.structs.replace(weights, sha256=hashlib.sha256(data).hexdigest())
