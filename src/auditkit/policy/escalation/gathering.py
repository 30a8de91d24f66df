"""Principals held together: one changes what another may do, both being in the same hands.

Whoever can become X and can become P holds both. If X may change what P may do, though it could not become P itself,
and P is an administrator then, the two together are a way that no single principal has.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from auditkit.policy.escalation.arns import places
from auditkit.policy.escalation.moves import Leg, Move, shifted
from auditkit.policy.escalation.world import World
from auditkit.policy.logic import Truth

__all__ = ["Gathering"]

_MOST = 512
"""How many of those whom one can become are looked at, the nearest first, so that the time is bounded."""


class _Held(NamedTuple):
    """What one principal can become: nodes as bits, and the leg by which each was reached first."""

    bits: int
    by: Mapping[int, Leg]

    def way(self, node: int) -> tuple[Leg, ...]:
        """Return the legs to a node."""
        legs: list[Leg] = []
        while node in self.by:
            legs.append(self.by[node])
            node = self.by[node].origin
        return tuple(reversed(legs))


class Gathering:
    """Looks for what principals held together can do.

    Parameters
    ----------
    world
        The principals.
    moves
        All moves from each node.
    changes
        What each node may do to what others may do: flags that a node gets, and the move.
    """

    def __init__(
        self, world: World, moves: Mapping[int, list[Move]], changes: Mapping[int, list[tuple[int, Move]]]
    ) -> None:
        self._world, self._moves = world, moves
        self._changes = {node: found for node, found in changes.items() if found}
        self._worthwhile = self._before(sum(1 << node for node in self._changes))

    def _before(self, wanted: int) -> int:
        """Return the nodes from which some nodes can be reached, these among them, as bits."""
        found, last = wanted, wanted
        while last:
            fresh = 0
            for node, moves in self._moves.items():
                if not found >> node & 1 and any(move.possible & last for move in moves):
                    fresh |= 1 << node
            found |= fresh
            last = fresh
        return found

    def path(self, start: int, *, certain: bool) -> list[Leg]:
        """Return the shortest way to an administrator over principals held together; empty where there is none.

        Parameters
        ----------
        start
            The principal.
        certain
            Whether certain moves alone count.
        """
        if not self._worthwhile >> start & 1:
            return []
        held = self._held(start, certain=certain)
        best: list[Leg] = []
        for node in places(held.bits):
            for flags, change in self._changes.get(node, ()):
                for last in self._last(node, flags, change, held.bits, certain=certain):
                    legs = _joined(held, (node, last.target - flags * self._world.count), last)
                    if not best or len(legs) < len(best):
                        best = legs
        return best

    def _held(self, start: int, *, certain: bool) -> _Held:
        bits, by, waiting = 1 << start, dict[int, Leg](), [start]
        for node in waiting:
            if len(waiting) > _MOST:
                break
            for move in self._moves.get(node, ()):
                fresh = (move.sure if certain else move.possible) & ~bits
                bits |= fresh
                for target in places(fresh):
                    by[target] = Leg(node, target, move)
                    waiting.append(target)
        return _Held(bits, by)

    def _last(self, origin: int, flags: int, change: Move, held: int, *, certain: bool) -> Iterable[Leg]:
        """Yield the changes of one held principal by another that make an administrator of it."""
        plain = held & ((1 << self._world.count) - 1) & (change.sure if certain else change.possible)
        wanted = Truth.YES if certain else Truth.UNKNOWN
        shift = flags * self._world.count
        for place in places(plain):
            if self._world.admin(place + shift).truth >= wanted:
                yield Leg(origin, place + shift, shifted(change, 1 << place, shift))


def _joined(held: _Held, nodes: Iterable[int], last: Leg) -> list[Leg]:
    """Return the legs to some nodes, each once, and one more."""
    legs = {(leg.origin, leg.target): leg for node in nodes for leg in held.way(node)}
    return [*legs.values(), last]
