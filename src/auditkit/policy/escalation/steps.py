"""The steps that one principal can take: whom it can turn into, and by which technique.

A step leads to many principals at once, as bits over nodes (:mod:`.world`): ``sure`` are those it reaches for certain,
``possible`` all. What it needs for one of them is worked out when a path is told.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from auditkit.policy.escalation.arns import places
from auditkit.policy.escalation.attaching import ATTACHED, BOUNDARY, POLICY, Attaching, Decide, of_account
from auditkit.policy.escalation.freeing import Freeing
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.kinds import adds
from auditkit.policy.escalation.making import Making
from auditkit.policy.escalation.moves import Move, alike, joint, shifted, single
from auditkit.policy.escalation.others import free_others, lesser_of_others
from auditkit.policy.escalation.retagging import retagging
from auditkit.policy.escalation.rulings import DENIED, Classes, Ruling, all_rulings, bits_of, ruling_at, the_same
from auditkit.policy.escalation.runs import Runs
from auditkit.policy.escalation.techniques import Become, Modify, Way, techniques
from auditkit.policy.escalation.world import EDITED, UNBOUND, World
from auditkit.policy.logic import Truth

__all__ = ["Steps", "steps_of"]

_KEEPERS = ("iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary")


def steps_of(world: World, node: int) -> tuple[list[Move], list[tuple[int, Move]]]:
    """Return the steps from a node, and how it may change what others may do: flags that they get, and the move.

    Steps are sorted by the place of their technique in the table.
    """
    found, order = Steps(world, node), techniques().order
    steps = sorted(
        found.all(), key=lambda move: ([order.get(part, 0) for part in techniques().parts(move.id)], move.id)
    )
    return steps, found.changes


class Steps:
    """The steps of one node.

    Parameters
    ----------
    world, node
        All principals, and the node.
    judge
        Who is asked; the principal of the node if it is not given.
    """

    def __init__(self, world: World, node: int, judge: Judge | None = None) -> None:
        self.world, self.node = world, node
        self.judge: Judge = judge or world.judge(node)
        self.attaching = Attaching(world, self.judge)
        self.making = Making(world, self.judge, self.attaching)
        self.place, self.flags = world.place(node), world.flags(node)
        self.own = world.by_account.get(self.judge.account, 0)
        self.me = 1 << self.place if self.place >= 0 else 0
        self.changes: list[tuple[int, Move]] = []

    @cached_property
    def _groups(self) -> int:
        """Groups of the account, as bits."""
        return of_account(self.world.groups, self.judge)

    def all(self) -> Iterator[Move]:
        """Yield all of them; what others may do then is in :attr:`changes`."""
        lateral = [*self.becoming(), *Runs(self.world, self.judge, self.own).moves()]
        yield from lateral
        edits, unbinds = list(self.edits()), list(self._unbinds())
        yield from self._of_myself(edits, unbinds)
        yield from Freeing(self).moves(edits, unbinds)
        yield from self._of_others(lateral, edits, unbinds)
        yield from retagging(self, lateral)
        yield from self.joining(lateral)
        yield from self.versions(lateral)
        yield from self._lesser()
        yield from lesser_of_others(self, lateral)
        yield from free_others(self, lateral)
        for technique, way in self.ways("fresh"):
            yield from self.making.fresh(technique, way)

    # ------------------------------------------------------------ becoming somebody

    def becoming(self) -> Iterator[Move]:
        """Yield the moves to those who are become as they stand."""
        for technique in techniques().becomes:
            for way in technique.ways:
                move = self._becoming_by(technique, way)
                if move is not None and move.possible:
                    yield move

    def _becoming_by(self, technique: Become, way: Way) -> Move | None:
        world = self.world
        if way.permissions == ("sts:AssumeRole",):
            return self._assuming(way)
        if not self.judge.holds(*way.permissions):
            return None
        targets = self.own & ~self.me & (world.users if technique.target == "user" else world.roles)
        classes = [self._on_principals(action, targets) for action in way.permissions]
        sure, possible = self.own, self.own
        for each in classes:
            certain, maybe = bits_of(each)
            sure, possible = sure & certain, possible & maybe
        rulings: dict[int, Ruling] = {}
        if technique.trust == "rewritten":
            rulings = self._rewritten(possible, self.judge)
            sure &= sum(1 << place for place, ruling in rulings.items() if ruling.sure)
            possible &= sum(1 << place for place in rulings)

        def explain(place: int) -> Ruling:
            more = [rulings[place]] if place in rulings else []
            return all_rulings([*(ruling_at(each, place) for each in classes), *more])

        return Move(way.id, way.permissions, sure, possible, explain)

    def _assuming(self, way: Way) -> Move:
        world, judge = self.world, self.judge
        held = judge.reached("sts:AssumeRole", world.arns)
        open_to = world.trusts.naming(judge) & (held | world.trusts.granting(judge)) & ~self.me
        sure = possible = 0
        if open_to:
            for members in judge.classes("sts:AssumeRole", world.arns, open_to):
                for alike in world.trusts.alike(members):
                    ruling = world.trusts.assume(judge, (alike & -alike).bit_length() - 1)
                    possible |= alike if ruling.truth else 0
                    sure |= alike if ruling.sure else 0
        return Move(way.id, way.permissions, sure, possible, lambda place: world.trusts.assume(judge, place))

    def rewriting(self, way: Way, other: int) -> Iterator[Move]:
        """Yield the step that writes trust policies by which another node may assume the roles."""
        classes = self._on_principals(way.permissions[0], self.own & ~self.me & self.world.roles)
        sure, possible = bits_of(classes)
        rulings = self._rewritten(possible, self.world.judge(other))

        def explain(place: int) -> Ruling:
            return all_rulings([ruling_at(classes, place), rulings[place]._replace(by=(other,))])

        if rulings:
            sure &= sum(1 << place for place, ruling in rulings.items() if ruling.sure)
            yield Move(way.id, way.permissions, sure, sum(1 << place for place in rulings), explain)

    def _rewritten(self, bits: int, judge: Judge) -> dict[int, Ruling]:
        """Return whether a principal may assume roles once their trust policies name it."""
        world = self.world
        found: dict[int, Ruling] = {}
        for members in judge.classes("sts:AssumeRole", world.arns, bits) if bits else ():
            ruling = world.trusts.assume(judge, (members & -members).bit_length() - 1, rewritten=True)
            if ruling.truth:
                found.update((world.arns.place[arn], ruling) for arn in world.arns.of(members))
        return found

    def _on_principals(self, action: str, bits: int, policy: str = "") -> Classes:
        """Decide about an action of IAM on users or roles; ``policy`` is what is attached to them."""
        values: dict[str, str | None] = {POLICY: policy} if policy else {}
        if action in _KEEPERS:
            values[BOUNDARY] = self.attaching.strongest[0]
        return self.judge.rule_many(
            action, self.world.arns, bits, values=values, values_of=None if action in _KEEPERS else self.world.bound
        )

    # ------------------------------------------------------------ changing what somebody may do

    def edits(self) -> Iterator[Move]:
        """Yield the moves to those who can be given everything."""
        for technique, way in self.ways("edit"):
            if technique.target == "policy":
                moves: Iterable[Move] = (self._by_policy(way, self.world.holders),)
            else:
                moves = (self.led(technique, *one) for one in self._editing(technique, way))
            yield from (move for move in moves if move.possible)
        yield from self.filling(self)

    def filling(self, filler: "Steps") -> Iterator[Move]:
        """Yield the moves to all users of the account, by a group they are put into that a filler gives everything."""
        users = self.own & self.world.users
        for _, join in self.ways("join") if users else ():
            joined = self.judge.rule_many(join.permissions[0], self.world.groups, self._groups)
            for edit, classes in filler.fills() if joined else ():
                both = (all_rulings([one, other]) for one, those in joined for other, these in classes if those & these)
                best = max(both, key=lambda ruling: ruling.truth, default=DENIED)
                if best.truth:
                    yield alike(f"{join.id}+{edit.id}", (*join.permissions, *edit.permissions), users, best)

    def fills(self) -> Iterator[tuple[Way, Classes]]:
        """Yield the ways of giving groups everything, with what is decided about each of these."""
        for technique, way in self.ways("edit"):
            if technique.target == "group":
                yield from self._editing(technique, way)

    def writing(self) -> Iterator[Move]:
        """Yield the moves by attaching policies that are written first, where conditions limit what may be attached."""
        for technique, way in self.ways("edit"):
            if technique.attaches:
                decide = self.deciding(technique, way.permissions[0])
                moves = (self.led(technique, *one) for one in self.attaching.written(way, decide))
                yield from (move for move in moves if move.possible)

    def _editing(self, technique: Modify, way: Way) -> Iterator[tuple[Way, Classes]]:
        """Yield the ways of changing users, roles or groups, with what is decided about each of these."""
        decide = self.deciding(technique, way.permissions[0])
        if technique.attaches:
            yield way, self.attaching.as_they_stand(way.permissions[0], decide)
            yield from self.attaching.written(way, decide)
        else:
            yield way, decide("")

    def deciding(self, technique: Modify, action: str) -> Decide:
        """Return what decides about changing users, roles or groups; given what is attached, ``""`` for nothing."""
        if technique.target == "group":
            groups = self.world.groups
            return lambda policy: self.judge.rule_many(
                action, groups, self._groups, values={POLICY: policy} if policy else {}
            )
        bits = self.own & (self.world.users if technique.target == "user" else self.world.roles)
        return lambda policy: self._on_principals(action, bits, policy)

    def led(self, technique: Modify, way: Way, classes: Classes) -> Move:
        """Return the move to those who are changed, or whose group is."""
        if technique.target == "group":
            return self._through(way, classes, self.world.groups.list, self.world.members)
        sure, possible = bits_of(classes)
        return Move(way.id, way.permissions, sure, possible, lambda place: ruling_at(classes, place))

    def ways(self, effect: str) -> Iterator[tuple[Modify, Way]]:
        """Yield the techniques of an effect with the ways that the principal holds the permissions of."""
        for technique in techniques().modifies:
            for way in technique.ways if technique.effect == effect else ():
                if self.judge.holds(*way.permissions) or effect == "fresh":
                    yield technique, way

    def _by_policy(self, way: Way, held: dict[str, int]) -> Move:
        policies = self.world.policies
        classes = self.judge.rule_many(way.permissions[0], policies, of_account(policies, self.judge))
        return self._through(way, classes, policies.list, held)

    def _through(self, way: Way, classes: Classes, names: list[str], held: dict[str, int]) -> Move:
        """Return the move to those who have a group or a policy, by what may be done to the group or the policy."""
        found: Classes = []
        for ruling, members in sorted(classes, key=lambda one: not one[0].sure):
            bits = 0
            for place in places(members):
                bits |= held.get(names[place], 0)
            found.append((ruling, the_same(bits & self.own)))
        sure, possible = bits_of(found)
        return Move(way.id, way.permissions, sure, possible, lambda place: ruling_at(found, place))

    def _unbinds(self) -> Iterator[Move]:
        bounded = self.own & self.world.bounded
        for technique, way in self.ways("unbound") if bounded else ():
            bits = bounded & (self.world.users if technique.target == "user" else self.world.roles)
            classes = self._on_principals(way.permissions[0], bits)
            sure, possible = bits_of(classes)
            if possible:
                yield Move(way.id, way.permissions, sure, possible, lambda place, of=classes: ruling_at(of, place))  # type: ignore[misc]
        for technique, way in self.ways("edit") if bounded else ():
            if technique.target == "policy":
                move = self._by_policy(way, self.world.bounds)
                if move.possible & bounded:
                    yield move._replace(sure=move.sure & bounded, possible=move.possible & bounded)

    def _of_myself(self, edits: list[Move], unbinds: list[Move]) -> Iterator[Move]:
        for flag, moves in ((EDITED, edits), (UNBOUND, unbinds)):
            for move in moves:
                if move.possible & self.me and not self.flags & flag:
                    yield self._to(move, self.me, self.flags | flag)

    def _to(self, move: Move, bits: int, flags: int) -> Move:
        return shifted(move, bits, flags * self.world.count)

    def _of_others(self, lateral: list[Move], edits: list[Move], unbinds: list[Move]) -> Iterator[Move]:
        """Yield the steps that change somebody and become it: to administrators first of all, and to those unbound."""
        both = [joint(edit, unbind) for edit in edits for unbind in unbinds]
        kinds = ((EDITED, edits), (UNBOUND, unbinds), (EDITED | UNBOUND, both))
        self.changes = [(flags, change) for flags, moves in kinds for change in moves if change.possible & ~self.me]
        for flags, change in self.changes:
            for move in lateral:
                bits = change.possible & move.possible & ~self.me
                if bits and flags & EDITED:
                    bits = self.world.worthwhile(self.node, bits, flags)
                if bits:
                    yield self._to(joint(change, move), bits, flags)

    # ------------------------------------------------------------ groups, versions

    def joining(self, lateral: list[Move]) -> Iterator[Move]:
        """Yield the steps that put somebody into a group, and become it by a move."""
        for _, way in self.ways("join"):
            groups = self.world.groups
            for ruling, members in self.judge.rule_many(way.permissions[0], groups, self._groups):
                for arn in groups.of(members):
                    yield from self._joining_one(arn, ruling, way, lateral)

    def _joining_one(self, group: str, ruling: Ruling, way: Way, lateral: list[Move]) -> Iterator[Move]:
        world, docs = self.world, self.world.documents[group]
        joined = world.members.get(group, 0)
        if self.me & world.users & ~joined and not self.flags & EDITED:
            key = (self.place, self.flags, group)
            node = world.make(key, self.judge.with_policies(*docs), group, self.place)
            yield single(way.id, way.permissions, node, ruling)
        if group not in self.world.powerful:
            return
        for move in lateral:
            for arn in world.arns.of(move.possible & world.users & ~joined):
                place = world.arns.place[arn]
                judge = world.judge(place).with_policies(*docs)
                yield from self._as_made((place, 0, group), judge, ruling, (way, move))

    def _lesser(self) -> Iterator[Move]:
        """Yield the steps of attaching to oneself what makes no administrator by itself, and may lead to one.

        All such policies are attached at once, as far as AWS lets so many be.
        """
        for technique, way in self.ways("edit") if self.me and self.node < self.world.count else ():
            if technique.attaches and self.attaching.limited(way.permissions[0]):
                decide = self.deciding(technique, way.permissions[0])
                found = [
                    (move.explain(self.place), document)
                    for arn, document in self.world.lesser.get(self.judge.account, ())
                    if (move := self.led(technique, way, decide(arn))).possible & self.me
                ]
                certain = [one for one in found if one[0].sure]
                for chosen in (certain[:ATTACHED], found[:ATTACHED] if certain != found else []):
                    judge = self.judge.with_policies(*(document for _, document in chosen))
                    if chosen and adds(judge, to=self.judge):
                        key = (self.place, way.id, *(ruling.sure for ruling, _ in chosen))
                        node = self.world.make(key, judge, self.world.name(self.node), self.place)
                        yield single(way.id, way.permissions, node, all_rulings(ruling for ruling, _ in chosen))

    def versions(self, lateral: list[Move]) -> Iterator[Move]:
        """Yield the steps that make another version of a policy count, and become who has it by a move."""
        policies = self.world.policies
        for _, way in self.ways("version"):
            classes = self.judge.rule_many(way.permissions[0], policies, of_account(policies, self.judge))
            for ruling, members in classes:
                for arn in policies.of(members):
                    yield from self._my_versions(arn, ruling, way)
                    yield from self._versions_of_others(arn, ruling, way, lateral)

    def _my_versions(self, arn: str, ruling: Ruling, way: Way) -> Iterator[Move]:
        if self.place < 0 or self.flags & EDITED or not self.world.holders.get(arn, 0) & self.me:
            return
        policy = next(one for one in self.world.estate.policies if one.arn == arn)
        for version in policy.versions:
            judge = self.judge.with_version(arn, version.document)
            if version.id != policy.default and judge is not None and adds(judge, to=self.judge):
                key = (self.place, self.flags, arn, version.id)
                yield single(
                    way.id, way.permissions, self.world.make(key, judge, self.world.name(self.node), self.place), ruling
                )

    def _versions_of_others(self, arn: str, ruling: Ruling, way: Way, lateral: list[Move]) -> Iterator[Move]:
        """Yield the steps that wake a version of a policy which makes an administrator, and become who has it."""
        world = self.world
        for version in world.dormant.get(arn, ()):
            for move in lateral:
                for one in world.arns.of(move.possible & world.holders.get(arn, 0) & self.own & ~self.me):
                    place = world.arns.place[one]
                    judge = world.judge(place).with_version(arn, version.document)
                    if judge is not None:
                        yield from self._as_made((place, 0, arn, version.id), judge, ruling, (way, move))

    def _as_made(self, key: tuple[Any, ...], judge: Judge, ruling: Ruling, by: tuple[Way, Move]) -> Iterator[Move]:
        """Yield the step that changes somebody by a way and becomes it by a move, where it is an administrator then."""
        (way, move), place = by, int(key[0])
        node = self.world.make(key, judge, self.world.name(place), place)
        if self.world.admin(node).truth:
            both = all_rulings([ruling, move.explain(place)])
            both = both if move.sure >> place & 1 else both._replace(truth=Truth.UNKNOWN)
            name = techniques().combined(way.id, move.id) if move.id else way.id
            yield single(name, (*way.permissions, *move.permissions), node, both)
