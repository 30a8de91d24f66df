"""Moves: from one principal to others, by a technique."""

from collections.abc import Callable
from typing import NamedTuple

from auditkit.policy.escalation.rulings import Ruling, all_rulings
from auditkit.policy.escalation.techniques import techniques

__all__ = ["Move", "joint"]


class Move(NamedTuple):
    """A technique, and whom it leads to, as bits.

    Attributes
    ----------
    id, permissions
        Of the technique.
    sure, possible
        Those that are reached for certain, and all that may be.
    explain
        The ruling for one of them, by its place.
    """

    id: str
    permissions: tuple[str, ...]
    sure: int
    possible: int
    explain: Callable[[int], Ruling]


def joint(change: Move, move: Move) -> Move:
    """Return a change of somebody and the becoming it as one move."""
    return Move(
        techniques().combined(change.id, move.id),
        tuple(dict.fromkeys((*change.permissions, *move.permissions))),
        change.sure & move.sure,
        change.possible & move.possible,
        lambda place: all_rulings([change.explain(place), move.explain(place)]),
    )
