"""A hop to a store, and the levels that its modules have in common."""

from typing import NamedTuple

from auditkit.graph.factors import Level, Levels
from auditkit.graph.schema import Interval
from auditkit.graph.transport import Refusal

__all__ = ["ACCEPTED", "INTERNET_LEVEL", "PUBLIC_LEVEL", "SDK_CLEAR", "SHARED", "StoreHop", "clear_text"]

SDK_CLEAR = 0.25
"""Encryption: plain text is possible, and the SDK uses TLS by default."""

ACCEPTED = 0.6
"""Encryption: plain text is accepted."""

SHARED = 0.5
"""Authentication: a shared secret."""

PUBLIC_LEVEL = 0.25
"""Network: the public endpoint of a service."""

INTERNET_LEVEL = 0.5
"""Network: the internet."""


class StoreHop(NamedTuple):
    """A hop to a store.

    Attributes
    ----------
    hop
        Row of the hop facts.
    levels
        What the store's settings say, by factor, each with its reason; a factor that is missing is the row's.
    """

    hop: str
    levels: Levels


def clear_text(refusal: Refusal, call: str) -> Level:
    """Return the level of the factor *encryption* of a service that takes clear text unless its resource refuses it.

    Parameters
    ----------
    refusal
        What the resource policy says.
    call
        The API call that gives the policy, to name it where it is missing.
    """
    if refusal.refused:
        return 0, refusal.reason
    if refusal.refused is None:
        return Interval(0, SDK_CLEAR), f"{refusal.reason} Decided by {call}."
    return SDK_CLEAR, f"{refusal.reason} The SDK uses HTTPS by default."
