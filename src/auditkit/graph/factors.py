"""Hop factors: the defaults of the hop's kind, overridden by what the settings say."""

from typing import TypedDict, Unpack

from auditkit.errors import GraphError
from auditkit.facts import FACTORS, HopFact, get_hop
from auditkit.graph.schema import Factors, Interval

__all__ = ["Level", "Levels", "factors_of"]

Level = float | Interval | tuple[float | Interval, str]
"""A level, or bounds of one, and the reason for it."""


class Levels(TypedDict, total=False):
    """Hop factors by name, each a :data:`Level`."""

    authentication: Level
    encryption: Level
    third_party: Level
    peer: Level
    validation: Level
    network: Level


_WORDS = {
    "third_party": "Stays with this account.",
    "peer": "AWS verifies the peer.",
    "validation": "Nothing is acted upon at the receiving end.",
    "network": "Stays inside the service.",
}
_OPEN = {
    "third_party": "Whose the other end is is not known.",
    "peer": "Whether the peer is verified is not seen.",
    "validation": "What is checked at the receiving end is not seen.",
    "network": "Which way it takes is not seen.",
}
_WORSE = {
    "third_party": "Goes to a third party.",
    "peer": "The peer is not verified.",
    "validation": "Nothing checks what is sent.",
    "network": "Leaves the service over the network.",
}


def factors_of(hop: str, **levels: Unpack[Levels]) -> Factors:
    """Return the factors of a hop.

    Parameters
    ----------
    hop
        Kind of hop, a row of the table ``hops``. One that is in no table has every factor between 0 and 1.
    **levels
        What the settings of this very hop say: a level in [0, 1], an :class:`Interval`, or either with its reason.

    Returns
    -------
    Factors
        Levels and a reason for each. Where nothing was said of a factor, the table's bounds stand.

    Raises
    ------
    GraphError
        If a level lies outside [0, 1] or its bounds are crossed, or a factor is unknown.
    """
    unknown = set(levels) - set(FACTORS)
    if unknown:
        raise GraphError(f"no such hop factor: {', '.join(sorted(unknown))}")
    fact = get_hop(hop)
    found: dict[str, Interval] = {}
    reasons: dict[str, str] = {}
    for factor in FACTORS:
        given = levels.get(factor)
        if given is None:
            found[factor], reasons[factor] = _default(fact, factor)
        else:
            level, reason = given if isinstance(given, tuple) else (given, "")
            found[factor] = _checked(level, factor)
            reasons[factor] = reason or "Set for this hop."
    return Factors(**found, reasons=reasons, hop=fact.hop if fact else "")


def _default(fact: HopFact | None, factor: str) -> tuple[Interval, str]:
    if fact is None:
        return Interval(0, 1), "This kind of hop is in no table."
    level = Interval(*fact.levels[factor])
    sentence = {"authentication": fact.authentication, "encryption": fact.encryption}.get(factor)
    if sentence is None:
        sentence = (_WORDS if level.high == 0 else _WORSE if level.known else _OPEN)[factor]
    return level, sentence if level.known or not fact.setting else f"{sentence} Not seen: {fact.setting}."


def _checked(level: float | Interval, factor: str) -> Interval:
    bounds = level if isinstance(level, Interval) else Interval(float(level), float(level))
    if not 0 <= bounds.low <= bounds.high <= 1:
        raise GraphError(f"the level of {factor} is outside 0 to 1: {bounds.low} to {bounds.high}")
    return bounds
