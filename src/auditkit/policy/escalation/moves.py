"""Moves: from one principal to others, by a technique; and the legs of paths over them."""

from collections.abc import Callable
from typing import NamedTuple

from auditkit.policy.escalation.rulings import Ruling, all_rulings, the_same
from auditkit.policy.escalation.techniques import techniques

__all__ = ["Leg", "Move", "alike", "joint", "shifted", "single"]


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


class Leg(NamedTuple):
    """One step of a path: from a node to a node, by a move that leads there."""

    origin: int
    target: int
    move: Move

    @property
    def sure(self) -> bool:
        """Whether the move leads there for certain."""
        return bool(self.move.sure >> self.target & 1)


def shifted(move: Move, bits: int, shift: int) -> Move:
    """Return the move to some of those that it leads to, at other places."""
    explain = move.explain
    return Move(
        move.id,
        move.permissions,
        the_same((move.sure & bits) << shift),
        the_same((move.possible & bits) << shift),
        lambda node: explain(node - shift),
    )


def joint(change: Move, move: Move) -> Move:
    """Return a change of somebody and the becoming it as one move."""
    return Move(
        techniques().combined(change.id, move.id),
        tuple(dict.fromkeys((*change.permissions, *move.permissions))),
        the_same(change.sure & move.sure),
        the_same(change.possible & move.possible),
        lambda place: all_rulings([change.explain(place), move.explain(place)]),
    )


def single(name: str, permissions: tuple[str, ...], node: int, ruling: Ruling) -> Move:
    """Return a move to one node."""
    return alike(name, permissions, 1 << node, ruling)


def alike(name: str, permissions: tuple[str, ...], bits: int, ruling: Ruling) -> Move:
    """Return a move to several about which the same is decided."""
    return Move(name, permissions, bits if ruling.sure else 0, bits, lambda _: ruling)
