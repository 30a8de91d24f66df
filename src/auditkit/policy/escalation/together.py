"""Techniques split over principals in the same hands: each call is made by one of them who may make it.

A technique mostly takes several calls: a function is made by one, and run by another. Whoever holds two principals can
do with both what neither can do alone. What one call needs, one principal needs: who passes a role makes the call that
takes it (:attr:`.Way.call`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from auditkit.policy.escalation.arns import places
from auditkit.policy.escalation.attaching import POLICY
from auditkit.policy.escalation.moves import Move, shifted
from auditkit.policy.escalation.rulings import Classes, Ruling, all_rulings, the_same
from auditkit.policy.escalation.runs import Runs
from auditkit.policy.escalation.steps import Steps
from auditkit.policy.escalation.team import Team
from auditkit.policy.escalation.techniques import Change, Modify, Pass, Way, techniques
from auditkit.policy.escalation.world import EDITED, World
from auditkit.policy.logic import Truth

__all__ = ["Together"]

_PASS = "iam:passrole"  # noqa: S105 -- an action, not a secret
_MOST = 64
"""How many others are asked to make a call, so that the time is bounded."""
_REWRITE, _JOIN, _VERSION = "iam:updateassumerolepolicy", "iam:addusertogroup", "iam:setdefaultpolicyversion"


class _Split(NamedTuple):
    """A way whose calls several principals can make: what one of them needs, and what others may do, in lower case."""

    technique: Pass | Change | Modify
    way: Way
    first: tuple[str, ...]
    others: tuple[str, ...]


class Together:
    """Finds what principals in the same hands can do together.

    Parameters
    ----------
    world
        The principals.
    nodes
        All that there are, as they stand or can be made.
    """

    def __init__(self, world: World, nodes: Iterable[int]) -> None:
        self._world = world
        self._splits = list(_splits())
        relevant = {action for one in self._splits for action in (*one.first, *one.others)}
        fills = _changing(lambda one: (one.target, one.effect) == ("group", "edit"))
        attaches = _changing(lambda one: one.attaches)
        self._writes = _changing(lambda one: one.target == "policy" and one.effect in {"edit", "made"})
        relevant |= {_REWRITE, _JOIN, _VERSION, *fills, *attaches, *self._writes}
        self._holders = dict.fromkeys(relevant, 0)
        self._by_account: dict[str, int] = {}
        for node in nodes:
            judge = world.judge(node)
            self._by_account[judge.account] = self._by_account.get(judge.account, 0) | 1 << node
            for action in relevant & judge.granted:
                self._holders[action] |= 1 << node
        self._fillers = _united(self._holders[action] for action in fills)
        self._writers = _united(self._holders[action] for action in self._writes)
        self._attachers = self._limited(attaches) if self._writers else 0
        self._passed: dict[int, dict[str, Classes]] = {}
        self._known: dict[tuple[object, ...], list[Move]] = {}
        self._mosts: dict[tuple[object, ...], int] = {}
        self._roles: dict[int, int] = {}
        self.whole = True
        """Whether all others were asked, the last time."""
        self.beginners = self._begin()
        """Nodes that can begin what others finish, as bits."""

    def _begin(self) -> int:
        found = self._attachers | _united(self._holders[action] for action in (_REWRITE, _JOIN, _VERSION))
        for split in self._splits:
            if all(self._holders[action] for action in split.others):
                found |= self._all_of(split.first, -1)
        return found

    def _limited(self, attaches: Iterable[str]) -> int:
        """Return the nodes that may attach policies, but not every one, as bits."""
        found = 0
        for action in attaches:
            limited = (
                node for node in places(self._holders[action]) if self._world.judge(node).speaks_of(action, POLICY)
            )
            found |= sum(1 << node for node in limited)
        return found

    def _all_of(self, actions: Iterable[str], bits: int) -> int:
        """Return which of some nodes hold all of some actions."""
        for action in actions:
            bits &= self._holders[action]
        return bits

    def moves(self, held: Sequence[int]) -> Iterator[tuple[int, Move]]:
        """Yield what some nodes, the nearest first, can do together: who begins, and the move.

        Rulings of the moves say who takes part besides.
        """
        bits = sum(1 << node for node in held)
        self.whole = True
        for split in self._splits:
            every = [self._holders[action] & bits for action in split.others]
            for node in places(self._all_of(split.first, bits)) if all(every) else ():
                able = _united(every) & self._near(node)
                self.whole = self.whole and able.bit_count() <= _MOST
                others = tuple(islice(places(able), _MOST))
                moves = self._split(split, node, others) if self._most(split, node, others) & ~bits else []
                if any(move.possible & ~bits for move in moves):  # who takes part is to be told by who is nearest
                    moves = self._split(split, node, tuple(sorted(others, key=held.index)))
                for move in moves:
                    yield node, move
        yield from self._by_iam(held, bits)

    def _by_iam(self, held: Sequence[int], bits: int) -> Iterator[tuple[int, Move]]:
        """Yield what one makes of others: by trust policies, groups and versions of policies."""
        for node in places(bits & self._holders[_REWRITE]):
            if self._writable(node) & ~bits:
                others = tuple(one for one in held if self._near(node) >> one & 1)
                yield from ((node, move) for move in self._written(node, others))
        for node in places(bits & self._holders[_JOIN]) if bits & self._fillers else ():
            yield from ((node, move) for move in self._filled(node, bits))
        for node in places(bits & self._attachers) if bits & self._writers else ():
            yield from ((node, move) for move in self._attached(node, bits))
        changing = self._holders[_JOIN] | self._holders[_VERSION]
        for node in places(bits & changing) if self._world.powerful or self._world.dormant else ():
            yield from ((node, move) for move in self._changed(node, bits & self._near(node)))

    def _near(self, node: int) -> int:
        """Return the other nodes of the same account."""
        return self._by_account[self._world.judge(node).account] & ~(1 << node)

    def _split(self, split: _Split, node: int, others: tuple[int, ...]) -> list[Move]:
        """Return the moves by a way that one begins and others finish."""

        def make() -> Iterator[Move]:
            team = self._team(split, node, others)
            if isinstance(split.technique, Modify):
                return Steps(self._world, node, team).making.fresh(split.technique, split.way)
            return self._runs(node, team).by(split.technique, split.way)

        return self._once((id(split.way), node, others), make)

    def _most(self, split: _Split, node: int, others: tuple[int, ...]) -> int:
        """Return whom the moves by a way that one begins and others finish lead to at most, as bits; -1 for anybody."""
        if not others:
            return 0
        if isinstance(split.technique, Modify):
            return Steps(self._world, node).making.new(split.way) or -1
        key = id(split.way), node, others
        if key not in self._mosts:
            team = self._team(split, node, others)
            self._mosts[key] = the_same(self._runs(node, team).most(split.technique, split.way))
        return self._mosts[key]

    def _team(self, split: _Split, node: int, others: Iterable[int]) -> Team:
        players = [(one, self._world.judge(one)) for one in (node, *others)]
        willing = {action: [one for one in players if one[1].holds(action)] for action in split.others}
        return Team(players[0], willing)

    def _runs(self, node: int, team: Team) -> Runs:
        fellows = self._world.by_account.get(team.account, 0)
        return Runs(self._world, team, fellows, self._passed.setdefault(node, {}))

    def _written(self, node: int, others: Iterable[int]) -> Iterator[Move]:
        """Yield what one can do for others by writing trust policies."""
        for other in others:
            yield from self._once(("write", node, other), partial(self._rewriting, node, other))

    def _changed(self, node: int, others: int) -> Iterable[Move]:
        """Return what one can do for others by putting them into groups, or by making other versions of policies count.

        What it may do to their own policies is looked at elsewhere (:mod:`.gathering`).
        """
        plain = others & ((1 << self._world.count) - 1)
        return self._once(("change", node, plain), partial(self._changing, node, plain))

    def _filled(self, node: int, bits: int) -> Iterator[Move]:
        """Yield what becomes of users when one puts them into a group that another gives everything."""
        plain = bits & self._world.users & ~(bits >> EDITED * self._world.count)
        for other in places(bits & self._fillers & self._near(node)) if plain else ():
            for move in self._once(("fill", node, other), partial(self._filling, node, other)):
                yield shifted(move, plain, EDITED * self._world.count)

    def _filling(self, node: int, other: int) -> Iterator[Move]:
        for move in Steps(self._world, node).filling(Steps(self._world, other)):
            yield move._replace(explain=partial(_taking_part, move.explain, other))

    def _attached(self, node: int, bits: int) -> Iterator[Move]:
        """Yield what becomes of principals when one attaches policies to them that another writes."""
        count = self._world.count
        plain = bits & ((1 << count) - 1) & ~(bits >> EDITED * count)
        writers = bits & self._writers & self._near(node) if plain else 0
        self.whole = self.whole and writers.bit_count() <= _MOST
        for other in islice(places(writers), _MOST):
            for move in self._once(("attach", node, other), partial(self._attaching, node, other)):
                yield shifted(move, plain, EDITED * count)

    def _attaching(self, node: int, other: int) -> Iterator[Move]:
        writer = [(other, self._world.judge(other))]
        team = Team((node, self._world.judge(node)), dict.fromkeys(self._writes, writer))
        for move in Steps(self._world, node, team).writing():
            yield move._replace(explain=partial(_taking_part, move.explain, other))

    def _writable(self, node: int) -> int:
        """Return the roles whose trust policy one may be able to write."""
        if node not in self._roles:
            judge = self._world.judge(node)
            roles = self._world.by_account.get(judge.account, 0) & self._world.roles
            self._roles[node] = judge.reached(_REWRITE, self._world.arns) & roles
        return self._roles[node]

    def _once(self, key: tuple[object, ...], make: Callable[[], Iterable[Move]]) -> list[Move]:
        if key not in self._known:
            self._known[key] = list(make())
        return self._known[key]

    def _rewriting(self, node: int, other: int) -> Iterator[Move]:
        for technique in techniques().becomes:
            if technique.trust == "rewritten":
                for way in technique.ways:
                    yield from Steps(self._world, node).rewriting(way, other)

    def _changing(self, node: int, plain: int) -> Iterator[Move]:
        held = [Move("", (), plain, plain, lambda place: Ruling(Truth.YES, by=(place,)))]
        steps = Steps(self._world, node)
        yield from steps.joining(held)
        yield from steps.versions(held)


def _taking_part(explain: Callable[[int], Ruling], other: int, place: int) -> Ruling:
    return all_rulings([explain(place), Ruling(Truth.YES, by=(other, place))])


def _changing(which: Callable[[Modify], bool]) -> frozenset[str]:
    """Return what some ways of changing what a principal may do need, in lower case."""
    chosen = (way for one in techniques().modifies if which(one) for way in one.ways)
    return frozenset(action.lower() for way in chosen for action in way.permissions)


def _united(every: Iterable[int]) -> int:
    found = 0
    for bits in every:
        found |= bits
    return found


def _splits() -> Iterator[_Split]:
    table = techniques()
    fresh = (one for one in table.modifies if one.effect == "fresh")
    every: tuple[Pass | Change | Modify, ...] = (*table.passes, *table.changes, *fresh)
    for technique in every:
        for way in technique.ways:
            passing = (_PASS,) if isinstance(technique, Pass) else ()
            first = (*passing, *(action.lower() for action in way.first))
            others = tuple(action.lower() for action in way.others)
            if others:
                yield _Split(technique, way, first, others)
