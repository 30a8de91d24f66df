"""Principals held together: one changes what another may do, or both share the calls of a technique.

Whoever can become X and can become P holds both. If X may change what P may do, though it could not become P itself,
and P is an administrator then, the two together are a way that no single principal has. So they are where X may make
one call of a technique and P another (:mod:`.together`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from auditkit.policy.escalation.arns import places
from auditkit.policy.escalation.moves import Leg, Move, shifted
from auditkit.policy.escalation.rulings import Ruling, all_rulings
from auditkit.policy.escalation.steps import steps_of
from auditkit.policy.escalation.together import Together
from auditkit.policy.escalation.world import FLAGS, World
from auditkit.policy.logic import Truth

__all__ = ["Gathering"]

_MOST = 512
"""How many of those whom one can become are looked at, the nearest first, so that the time is bounded."""


class _Reached(NamedTuple):
    """How a node was reached first: the leg, and who had to be held besides its origin."""

    leg: Leg
    besides: tuple[int, ...] = ()


class _Held:
    """What one principal can become.

    Parameters
    ----------
    start
        The principal.

    Attributes
    ----------
    bits, nodes
        Nodes as bits, and in the order in which they were reached.
    followed
        How many of them were gone on from.
    whole
        Whether nothing was cut off.
    """

    def __init__(self, start: int) -> None:
        self.bits, self.nodes, self.followed, self.whole = 1 << start, [start], 0, True
        self._by: dict[int, _Reached] = {}

    def add(self, bits: int, origin: int, move: Move) -> None:
        """Add those of some nodes that are new, by a move of one."""
        fresh = bits & ~self.bits
        self.bits |= fresh
        for target in places(fresh):
            self._by[target] = _Reached(Leg(origin, target, move))
            self.nodes.append(target)

    def add_shared(self, bits: int, origin: int, move: Move) -> None:
        """Add the same by a move that one begins and others take part in."""
        for target in places(bits & ~self.bits):
            besides = tuple(one for one in move.explain(target).by if one != origin)
            self.add(1 << target, origin, move)
            self._by[target] = _Reached(Leg(origin, target, move), besides)

    def way(self, *nodes: int) -> list[Leg]:
        """Return the legs to some nodes, each once."""
        legs: dict[int, Leg] = {}
        waiting = [(node, False) for node in reversed(nodes)]
        while waiting:
            node, ready = waiting.pop()
            if node in legs or node not in self._by:
                continue
            leg, besides = self._by[node]
            if ready:
                legs[node] = leg
            else:
                waiting.append((node, True))
                waiting += [(one, False) for one in (*reversed(besides), leg.origin)]
        return list(legs.values())


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
        self._world, self._moves = world, dict(moves)
        self._changes = {node: found for node, found in changes.items() if found}
        self._together = Together(world, moves)
        self._barren: dict[tuple[int, bool], bool] = {}
        """Nodes that lead nowhere, held together, over certain moves or all: whether all was looked at."""
        self._worthwhile = self._before(sum(1 << node for node in self._changes) | self._together.beginners)
        self._cut = self._before(world.cut)

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
        held = _Held(start)
        self._follow(held, certain=certain)
        alone, before = len(held.nodes), 0
        while before < len(held.nodes):
            before = len(held.nodes)
            if (held.bits, certain) in self._barren:
                held.whole = held.whole and self._barren[held.bits, certain]
                break
            legs = self._ends(held, held.nodes[alone:], certain=certain)
            if legs:
                return legs
            shared = self._together.moves(held.nodes[:_MOST])
            for node, move in (*shared, *self._changed(held, certain=certain)):
                held.add_shared(move.sure if certain else move.possible, node, move)
            held.whole = held.whole and self._together.whole
            self._follow(held, certain=certain)
        self._barren[held.bits, certain] = held.whole
        self._cut |= 0 if held.whole else 1 << start
        return []

    def cut(self, start: int) -> bool:
        """Whether something of what a principal can do was not looked at, because it is too much."""
        return bool(self._cut >> start & 1)

    def _follow(self, held: _Held, *, certain: bool) -> None:
        """Go on from those nodes that were not gone on from."""
        while held.followed < len(held.nodes) <= _MOST:
            node = held.nodes[held.followed]
            held.followed += 1
            if node not in self._moves:
                self._find(node)
            for move in self._moves[node]:
                held.add(move.sure if certain else move.possible, node, move)
        held.whole = held.whole and held.followed == len(held.nodes)

    def _find(self, node: int) -> None:
        """Find what one may do who was not there before: others have made it."""
        self._moves[node] = []
        if not self._world.admin(node).sure:
            self._moves[node], changes = steps_of(self._world, node)
            if changes:
                self._changes[node] = changes

    def _ends(self, held: _Held, nodes: Iterable[int], *, certain: bool) -> list[Leg]:
        """Return the shortest way to some nodes that are administrators, or to one that is made one by another."""
        found = [held.way(node) for node in nodes if self._governs(node, certain=certain)]
        found.append(self._by_change(held, certain=certain))
        return min(filter(None, found), key=len, default=[])

    def _governs(self, node: int, *, certain: bool) -> bool:
        return self._world.admin(node).truth >= (Truth.YES if certain else Truth.UNKNOWN)

    def _by_change(self, held: _Held, *, certain: bool) -> list[Leg]:
        """Return the shortest way by which one that is held changes another; empty where there is none."""
        best: list[Leg] = []
        for node, flags, change in self._all_changes(held.bits):
            for changed, last in self._last(node, flags, change, held.bits, certain=certain):
                legs = [*held.way(node, changed), last]
                if not best or len(legs) < len(best):
                    best = legs
        return best

    def _changed(self, held: _Held, *, certain: bool) -> Iterator[tuple[int, Move]]:
        """Yield what some who are held make of others who are held, and are no administrators then: who, and how."""
        count, found = self._world.count, held.bits
        for node, flags, change in self._all_changes(found):
            for have in _flagged(flags):
                members = found >> have * count & (change.sure if certain else change.possible)
                made = have | flags
                few, whole = self._world.few(members & ~(found >> made * count), made)
                held.whole = held.whole and whole
                for place in places(few):
                    yield node, _of_held(shifted(change, 1 << place, made * count), have * count + place)

    def _all_changes(self, held: int) -> Iterator[tuple[int, int, Move]]:
        """Yield what those who are held may change: who, the flags that the changed get, and the move."""
        for node in places(held):
            for flags, change in self._changes.get(node, ()):
                yield node, flags, change

    def _last(self, origin: int, flags: int, change: Move, held: int, *, certain: bool) -> Iterable[tuple[int, Leg]]:
        """Yield the changes of one held principal by another that make an administrator of it: who it was, and how."""
        count = self._world.count
        for have in _flagged(flags):
            shift = (have | flags) * count
            for place in places(held >> have * count & (change.sure if certain else change.possible)):
                if self._governs(place + shift, certain=certain):
                    yield have * count + place, Leg(origin, place + shift, shifted(change, 1 << place, shift))


def _flagged(flags: int) -> Iterator[int]:
    """Yield the flags of nodes that flags add something to."""
    return (have for have in range(FLAGS) if have | flags != have)


def _of_held(move: Move, place: int) -> Move:
    """Return the change of a principal that is held, which takes part in it."""
    explain = move.explain
    return move._replace(explain=lambda node: all_rulings([explain(node), Ruling(Truth.YES, by=(place,))]))
