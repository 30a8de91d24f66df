"""Paths to an administrator: shortest first, certain before conditional, ties by the order of the table and of ARNs."""

from typing import NamedTuple

from auditkit.policy.escalation.arns import places
from auditkit.policy.escalation.gathering import Gathering
from auditkit.policy.escalation.moves import Leg, Move
from auditkit.policy.escalation.rulings import the_same
from auditkit.policy.escalation.steps import steps_of
from auditkit.policy.escalation.world import World
from auditkit.policy.logic import Truth

__all__ = ["Search"]


class _Found(NamedTuple):
    length: int
    doubts: int
    leg: Leg | None


class Search:
    """All moves between the nodes of a world, and the paths over them.

    Parameters
    ----------
    world
        The principals.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.moves: dict[int, list[Move]] = {}
        self._changes: dict[int, list[tuple[int, Move]]] = {}
        self._explore()
        self._gathering = Gathering(world, self.moves, self._changes)
        self._sure = self._paths(certain=True)
        self._all = self._paths(certain=False)

    def _explore(self) -> None:
        """Find the moves of all principals, and of whatever they can be made into.

        Who is made an administrator under conditions is where a path ends, if nobody can be one for certain.
        """
        waiting, seen = list(range(self.world.count)), (1 << self.world.count) - 1
        while waiting:
            node = waiting.pop()
            admin = self.world.admin(node)
            if admin.sure or (admin.truth and node >= self.world.count and not self.world.certain):
                self.moves[node] = []
                continue
            steps, self._changes[node] = steps_of(self.world, node)
            self.moves[node] = _lean(steps)
            fresh = 0
            for move in self.moves[node]:
                fresh |= move.possible & ~seen
            seen |= fresh
            waiting += places(fresh)

    def _paths(self, *, certain: bool) -> dict[int, _Found]:
        """Return the best path from each node; over certain moves alone, or over all."""
        wanted = Truth.YES if certain else Truth.UNKNOWN
        found = {
            node: _Found(0, 0 if self.world.admin(node).sure else 1, None)
            for node in self.moves
            if self.world.admin(node).truth >= wanted
        }
        last = sorted(found)
        while last:
            length = found[last[0]].length + 1
            layers: dict[int, int] = {}
            for node in last:
                layers[found[node].doubts] = layers.get(found[node].doubts, 0) | 1 << node
            best = {}
            for node, moves in self.moves.items():
                if node not in found:
                    reached = _best(node, moves, layers, length, certain=certain)
                    if reached is not None:
                        best[node] = reached
            found |= best
            last = sorted(best)
        return found

    def path(self, place: int) -> list[Leg]:
        """Return the path of a principal as it stands to an administrator; empty where there is none."""
        for certain, paths in ((True, self._sure), (False, self._all)):
            legs = self._along(place, paths)
            if not legs and (self.world.certain or not certain):
                legs = self._gathering.path(place, certain=certain)
            if legs:
                return legs
        return []

    def cut(self, place: int) -> bool:
        """Whether something of what a principal without a path can do was not looked at, because it is too much."""
        return self._gathering.cut(place)

    def _along(self, place: int, paths: dict[int, _Found]) -> list[Leg]:
        found = paths.get(place)
        if found is None:
            return []
        first = found.leg or self._out_of_doubt(place)
        legs = [first] if first is not None else []
        while legs and (following := paths[legs[-1].target].leg) is not None:
            legs.append(following)
        return legs

    def _out_of_doubt(self, place: int) -> Leg | None:
        """Return the first step of one who may be an administrator already, under conditions."""
        layers: dict[int, dict[int, int]] = {}
        for node, found in self._all.items():
            if node != place:
                layer = layers.setdefault(found.length, {})
                layer[found.doubts] = layer.get(found.doubts, 0) | 1 << node
        for length, layer in sorted(layers.items()):
            best = _best(place, self.moves[place], layer, length + 1, certain=False)
            if best is not None:
                return best.leg
        return None


def _lean(moves: list[Move]) -> list[Move]:
    """Return moves that have whom they lead to in common where it is the same."""
    return [move._replace(sure=the_same(move.sure), possible=the_same(move.possible)) for move in moves]


def _best(node: int, moves: list[Move], layers: dict[int, int], length: int, *, certain: bool) -> _Found | None:
    """Return the move from a node into the layers of those found last that leaves the fewest doubts."""
    found: _Found | None = None
    for move in moves:
        for doubts, layer in layers.items():
            for bits, more in ((move.sure, 0), (0 if certain else move.possible & ~move.sure, 1)):
                hit = bits & layer
                if hit and (found is None or doubts + more < found.doubts):
                    target = (hit & -hit).bit_length() - 1
                    found = _Found(length, doubts + more, Leg(node, target, move))
    return found
