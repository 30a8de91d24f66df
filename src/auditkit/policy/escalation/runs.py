"""Moves to roles that something runs in: by passing the role to something new, or by changing what is there.

Where an export does not show whether a workload exists, the move is possible, and not certain.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from auditkit.policy.escalation.arns import places
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.moves import Move
from auditkit.policy.escalation.rulings import DENIED, Classes, Ruling, all_rulings, bits_of, ruling_at, the_same
from auditkit.policy.escalation.techniques import Change, Pass, Way, techniques
from auditkit.policy.escalation.trusts import Admitted
from auditkit.policy.escalation.world import World
from auditkit.policy.logic import Truth

__all__ = ["Runs"]

_PASS = "iam:PassRole"  # noqa: S105 -- an action, not a secret
_PROFILES = ("iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile")


class _Handed(NamedTuple):
    """Roles that may be handed to a service: by policies of the principal, and by their trust policies."""

    classes: Classes
    admitted: Admitted

    @property
    def sure(self) -> int:
        return bits_of(self.classes)[0] & self.admitted.sure

    @property
    def possible(self) -> int:
        return bits_of(self.classes)[1] & self.admitted.possible

    def ruling(self, place: int) -> Ruling:
        return all_rulings([ruling_at(self.classes, place), self.admitted.rulings.get(place, DENIED)])


class Runs:
    """The moves of one principal to roles that something runs in.

    Parameters
    ----------
    world
        All principals.
    judge
        The principal.
    fellows
        Principals of its account, as bits.
    passed
        What is known already of passing roles, by service.
    """

    def __init__(self, world: World, judge: Judge, fellows: int, passed: dict[str, Classes] | None = None) -> None:
        self.world, self.judge = world, judge
        self.roles = fellows & world.roles
        self._passed: dict[str, Classes] = {} if passed is None else passed

    def moves(self) -> Iterator[Move]:
        """Yield all of them."""
        if self.judge.holds(_PASS):
            for technique in techniques().passes:
                handed = list(self._handed(technique))
                for way in technique.ways if handed else ():
                    if self.judge.holds(*way.permissions):
                        yield from self._passing(technique, way, handed)
        for change in techniques().changes:
            for way in change.ways:
                if self.judge.holds(*way.permissions):
                    yield from self._changing(change, way)
                if change.kind in self.world.handed_out:
                    yield from self._handed_out(change, way)

    def by(self, technique: Pass | Change, way: Way) -> Iterator[Move]:
        """Yield the moves by one way, whose permissions the principal has."""
        if isinstance(technique, Change):
            yield from self._changing(technique, way)
        elif handed := list(self._handed(technique)):
            yield from self._passing(technique, way, handed)

    def most(self, technique: Pass | Change, way: Way) -> int:
        """Return the roles that moves by one way lead to at most, as bits: what is quick to tell, and never too few."""
        if isinstance(technique, Pass):
            return _united(one.possible for one in self._handed(technique))
        found, all_seen = 0, (self.judge.account, technique.kind) in self.world.estate.seen
        arns = self.world.workloads.get((self.judge.account, technique.kind))
        if arns is not None:
            members = arns.all
            for action in self._asked(way, self._kind(technique, way)):
                members &= self.judge.reached(action, arns)
            found, whole = self.world.roles_of(arns, members)
            all_seen = all_seen and whole
        return found & self.roles if all_seen else found & self.roles | self._candidates(technique)

    # ------------------------------------------------------------ passing

    def _passing(self, technique: Pass, way: Way, handed: list[_Handed]) -> Iterator[Move]:
        needed = self._needed(technique, way, {})
        if needed.truth is Truth.NO:
            return
        sure = possible = 0
        for one in handed:
            sure |= one.sure
            possible |= one.possible
        needed_for = self._needed_for(technique, way, possible)
        for place, ruling in needed_for.items():
            possible &= ~(0 if ruling.truth else 1 << place)
        lacking = possible & ~self.world.profiled if technique.profile else 0
        profile = self._profile() if lacking else Ruling(Truth.YES)
        if not profile.truth:
            if not self.world.made_by_others(self.judge.who.id, self.judge.account, _PROFILES):
                possible &= ~(lacking & self.world.bare)
            lacking &= possible  # of these it is not known
            profile = Ruling(Truth.UNKNOWN, missing=("an instance profile with the role",))
        sure = sure & possible if profile.sure else sure & possible & ~lacking
        if needed_for:
            sure &= sum(1 << place for place, ruling in needed_for.items() if ruling.sure)
        elif not needed.sure:
            sure = 0

        def explain(place: int) -> Ruling:
            best = max((one.ruling(place) for one in handed), key=lambda ruling: ruling.truth, default=DENIED)
            return all_rulings([needed_for.get(place, needed), best, *([profile] if lacking >> place & 1 else [])])

        if possible:
            yield Move(way.id, (_PASS, *way.permissions), sure, possible, explain)

    def _needed(self, technique: Pass, way: Way, values: Mapping[str, str]) -> Ruling:
        """Decide about all that a way needs but passing the role; ``values`` are keys that tell which role it is."""
        needed = self.judge.rule_way(way.permissions, values=values)
        needed = self.world.existing(self.judge.account, way.exists, needed)
        if technique.closed and needed.truth:
            missing = (*needed.missing, f"open to projects of before {technique.closed}")
            needed = needed._replace(truth=Truth.UNKNOWN, missing=missing)
        return needed

    def _needed_for(self, technique: Pass, way: Way, roles: int) -> dict[int, Ruling]:
        """Decide the same for each role, where conditions tell one role from another; nothing where none do."""
        tells = [
            tell
            for action in way.permissions
            for tell in techniques().told.get(action.lower(), ())
            if self.judge.speaks_of(action, tell.key.lower())
        ]
        found = {}
        for place in places(roles) if tells else ():
            role = self.world.identity(self.world.arns.list[place])
            named = {"role": (role.arn,), "profile": role.profiles or ()}
            choices = [[(tell.key.lower(), arn) for arn in named[tell.value]] for tell in tells]
            rulings = (self._needed(technique, way, dict(one)) for one in product(*filter(None, choices)))
            found[place] = max(rulings, key=lambda ruling: ruling.truth)
        return found

    def _handed(self, technique: Pass) -> Iterator[_Handed]:
        for service in technique.services:
            admitted = self.world.trusts.admitted(service, federated=technique.federated)
            for passed_to in technique.passed_to or (service,) if admitted.possible & self.roles else ():
                yield _Handed(self._passable(passed_to), admitted)

    def _passable(self, passed_to: str) -> Classes:
        """Decide about passing roles to a service."""
        if passed_to not in self._passed:
            values = {"iam:passedtoservice": passed_to, "iam:permissionsboundary": None}  # no key of this action
            self._passed[passed_to] = self.judge.rule_many(_PASS, self.world.arns, self.roles, values=values)
        return self._passed[passed_to]

    def _profile(self) -> Ruling:
        """Return whether the principal may put a role into an instance profile."""
        return self.judge.rule_way(_PROFILES) if self.judge.holds(*_PROFILES) else DENIED

    # ------------------------------------------------------------ changing

    def _changing(self, change: Change, way: Way) -> Iterator[Move]:
        kind = self._kind(change, way)
        others = self.judge.rule_way(way.permissions, but=kind)
        others = self.world.existing(self.judge.account, way.exists, others)
        if others.truth is Truth.NO:
            return
        known = self._known(change, way, kind)
        unknown, candidates = DENIED, 0
        if (self.judge.account, change.kind) not in self.world.estate.seen:
            candidates = self._candidates(change)
            unseen = Ruling(Truth.UNKNOWN, missing=(f"whether any {change.kind} runs in the role",))
            unknown = all_rulings([self.judge.rule_way(way.permissions), unseen]) if candidates else DENIED
        sure, possible = bits_of(known)
        possible |= candidates if unknown.truth else 0

        def explain(place: int) -> Ruling:
            found = ruling_at(known, place)
            if found.truth is Truth.NO:
                admitted = (self.world.trusts.admitted(one).rulings.get(place, DENIED) for one in change.services)
                found = all_rulings([unknown, max(admitted, key=lambda ruling: ruling.truth)])
            return all_rulings([found, others])

        if possible:
            yield Move(way.id, way.permissions, sure if others.sure else 0, possible, explain)

    def _handed_out(self, change: Change, way: Way) -> Iterator[Move]:
        """Yield the move to the roles of workloads that their own policies let the principal change."""
        if any(kind != self._kind(change, way) for kind, _, _ in techniques().groups(way.permissions)):
            return
        found: Classes = []
        for one in self.world.handed_out[change.kind]:
            ruling = all_rulings(
                self.judge.rule(action, one.arn, owner=one.account, tags=one.tags, resource_policy=one.policy)
                for action in way.permissions
            )
            roles = self.world.runs_as[one.arn]
            if ruling.truth and roles:
                found.append((ruling, roles))
        found.sort(key=lambda each: not each[0].sure)
        sure, possible = bits_of(found)
        if possible:
            yield Move(way.id, way.permissions, sure, possible, lambda place: ruling_at(found, place))

    def _kind(self, change: Change, way: Way) -> str:
        """Return the kind of resource, as ARNs name it, that the technique changes."""
        first = change.ways[0].permissions[0] if way.exists else way.permissions[0]
        return next(kind for kind, _, _ in techniques().groups((first,)))

    def _known(self, change: Change, way: Way, kind: str) -> Classes:
        """Return the roles of the workloads that are known, by the rulings on these."""
        arns = self.world.workloads.get((self.judge.account, change.kind))
        if arns is None:
            return []
        classes: Classes = [(Ruling(Truth.YES), arns.all)]
        for action in self._asked(way, kind):
            more = self.judge.rule_many(action, arns, arns.all)
            classes = [
                (all_rulings([one, other]), members & fellows)
                for one, members in classes
                for other, fellows in more
                if members & fellows
            ]
        found: Classes = []
        for ruling, members in classes:
            roles, all_seen = self.world.roles_of(arns, members)
            found.append((ruling, the_same(roles & self.roles)))
            if not all_seen:
                unseen = Ruling(Truth.UNKNOWN, missing=(f"the role of a {change.kind}",))
                found.append((all_rulings([ruling, unseen]), the_same(self._candidates(change))))
        return sorted(found, key=lambda one: not one[0].sure)

    @staticmethod
    def _asked(way: Way, kind: str) -> tuple[str, ...]:
        """Return the actions of a way on what it changes, of a kind."""
        return next((of for name, _, of in techniques().groups(way.permissions) if name == kind), ())

    def _candidates(self, change: Change) -> int:
        return _united(self.world.trusts.admitted(service).possible for service in change.services) & self.roles


def _united(bits: Iterable[int]) -> int:
    found = 0
    for one in bits:
        found |= one
    return found
