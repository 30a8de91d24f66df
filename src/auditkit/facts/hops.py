"""Facts of hops: what a movement of data of each kind looks like where no setting says otherwise."""

from functools import cache

import msgspec

from auditkit.facts._table import rows_of

__all__ = ["FACTORS", "HopFact", "get_hop", "get_hops"]

FACTORS = ("authentication", "encryption", "third_party", "peer", "validation", "network")
"""Hop factors, in the order of their weight."""


class HopFact(msgspec.Struct, frozen=True):
    """One kind of hop.

    Attributes
    ----------
    hop
        Its name: ``"sqs->lambda"``.
    origin, target
        From what to what.
    levels
        Factor -> lowest and highest weakness level, in [0, 1], that is possible while the deciding setting is not
        known; both the same where no setting can change it.
    authentication, encryption
        How the caller shows who it is; what protects the bytes. One sentence each.
    setting
        Field of the API that decides: ``service.Operation:path``, or ``""``.
    source, confidence
        Where the fact comes from; ``verified`` against it, ``known`` or ``partly verified`` otherwise.
    """

    hop: str
    origin: str
    target: str
    levels: dict[str, tuple[float, float]]
    authentication: str
    encryption: str
    setting: str
    source: str
    confidence: str


def _level(text: str) -> tuple[float, float]:
    low, _, high = text.partition("..")
    return float(low), float(high or low)


@cache
def get_hops() -> dict[str, HopFact]:
    """Return all kinds of hop by name, sorted (table ``hops``)."""
    facts = [
        HopFact(
            hop=row["hop"],
            origin=row["from"],
            target=row["to"],
            levels={factor: _level(row[factor]) for factor in FACTORS},
            authentication=row["authentication_reason"],
            encryption=row["encryption_reason"],
            setting=row["setting"],
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in rows_of("hops")
    ]
    return {fact.hop: fact for fact in sorted(facts, key=lambda fact: fact.hop)}


def get_hop(name: str) -> HopFact | None:
    """Return the kind of hop of this name, or ``None`` where it is in no table."""
    return get_hops().get(name)
