"""What escalation finds: for each principal, whether it is an administrator, or how it becomes one."""

from collections.abc import Callable, Container, Iterator
from functools import cached_property

import msgspec
from msgspec import UnsetType

from auditkit.policy.decision import StatementRef
from auditkit.policy.escalation.arns import places
from auditkit.policy.escalation.moves import Leg, Move
from auditkit.policy.escalation.rulings import Ruling
from auditkit.policy.escalation.search import Search
from auditkit.policy.escalation.subjects import Estate
from auditkit.policy.escalation.techniques import techniques
from auditkit.policy.escalation.world import World
from auditkit.policy.logic import Truth

__all__ = ["Escalation", "EscalationStep", "Escalations"]

_MANY = 8
"""Targets of one step from which on they are told together."""


class EscalationStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a path.

    Attributes
    ----------
    origin, target
        ARNs: of the principal, and of the user, role or group that it acts as then; the same where it raises its own
        permissions. What is newly made has the name ``new``.
    technique
        Id in the table of techniques; see :attr:`title`.
    permissions
        Actions that are used, sorted as the table has them.
    conditional
        Whether it hangs on condition keys, on a policy that was not seen, or on something whose existence is not known.
        The last step of a path hangs on what it hangs on that its target is an administrator, too.
    keys, missing
        What it hangs on: condition keys; layers of policies, and what else was not seen.
    statements
        The statements that allow it.
    admin
        Whether the target is an administrator then, or may be.
    certain
        Whether it is known that it is one, or that it is none.
    made
        Whether the step makes the target what it is then: it changes its permissions, or makes it anew.
    besides
        ARNs of others in the same hands who make calls that the origin may not make.
    """

    origin: str
    target: str
    technique: str
    permissions: tuple[str, ...]
    conditional: bool = False
    keys: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    statements: tuple[StatementRef, ...] = ()
    admin: bool = False
    certain: bool = True
    made: bool = False
    besides: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether one must wait for something else to happen."""
        return techniques().waits(self.technique)

    @property
    def title(self) -> str:
        """The technique in words."""
        return techniques().title(self.technique)

    @property
    def attack(self) -> tuple[str, ...]:
        """Techniques of MITRE ATT&CK."""
        return techniques().attack(self.technique)


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """What one principal can become.

    Attributes
    ----------
    principal
        ARN of the user or role.
    admin
        Whether it is an administrator as it stands (:mod:`auditkit.policy.escalation.admins`).
    path
        The shortest way to an administrator, a certain one before a conditional one; empty where there is none, and for
        an administrator. A step starts from the last target or, where principals are held together, from an earlier.
    unseen
        What of its policies was not seen or not understood, and is therefore not in the answer: ``"scp"`` ...
    cut
        Whether there is no path as far as was looked, and there was too much to look at all of it.
    """

    principal: str
    admin: bool
    path: tuple[EscalationStep, ...] = ()
    unseen: tuple[str, ...] = ()
    cut: bool = False

    @property
    def escalates(self) -> bool:
        """Whether it can become an administrator, and is none."""
        return bool(self.path)

    @property
    def conditional(self) -> bool:
        """Whether a step of the path is conditional."""
        return any(step.conditional for step in self.path)


class _Legs:
    """Legs in words, each told once: many paths end alike."""

    def __init__(self, tell: Callable[[Leg, bool], EscalationStep]) -> None:
        self._tell = tell
        self._told: dict[tuple[int, int, int, bool], tuple[Leg, EscalationStep]] = {}

    def path(self, legs: list[Leg]) -> tuple[EscalationStep, ...]:
        """Return the steps that the legs of a path are; it is for the last to reach an administrator."""
        return tuple(self._step(leg, leg is legs[-1]) for leg in legs)

    def _step(self, leg: Leg, ends: bool) -> EscalationStep:  # noqa: FBT001 -- as it is told
        key = leg.origin, leg.target, id(leg.move), ends
        if key not in self._told:
            self._told[key] = leg, self._tell(leg, ends)
        return self._told[key][1]


class Escalations:
    """How the users and roles of an estate can become others.

    Parameters
    ----------
    estate
        What there is.

    Raises
    ------
    PolicyError
        An ARN of a user or role is none.
    """

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._aside = sorted({one.arn for one in estate.identities} - set(self._world.arns.list))

    @cached_property
    def _world(self) -> World:
        return World(self._estate)

    @cached_property
    def _search(self) -> Search:
        return Search(self._world)

    def rest(self) -> None:
        """Forget what was worked out, but for :attr:`principals`; it is worked out anew when more is asked for."""
        for name in ("_world", "_search"):
            self.__dict__.pop(name, None)
        for one in self._estate.identities:
            given = one.policies.identity
            for document in () if isinstance(given, UnsetType) else given:
                document.rest()
        for version in (version for policy in self._estate.policies for version in policy.versions):
            version.document.rest()

    @cached_property
    def principals(self) -> tuple[Escalation, ...]:
        """Every user and role, by ARN; service-linked roles are nobody's to use, and no administrators."""
        legs = _Legs(self._step)
        told = [self._of(place, legs) for place in range(self._world.count)]
        told += [Escalation(principal=arn, admin=False) for arn in self._aside]
        return tuple(sorted(told, key=lambda one: one.principal))

    def _of(self, place: int, told: "_Legs") -> Escalation:
        admin = self._world.admin(place).sure
        policies = self._world.judge(place).policies
        unseen = []
        if isinstance(policies.scps, UnsetType):
            unseen.append("scp")
        if not self._world.judge(place).understood:
            unseen.append("identity")
        legs = [] if admin else self._search.path(place)
        return Escalation(
            principal=self._world.name(place),
            admin=admin,
            path=told.path(legs),
            unseen=tuple(sorted(unseen)),
            cut=not admin and not legs and self._search.cut(place),
        )

    def steps(self, principal: str) -> tuple[EscalationStep, ...]:
        """Return every step that a principal can take at once, by target and technique; none for an administrator."""
        place = self._world.arns.place.get(principal)
        moves = () if place is None else self._search.moves[place]
        legs = (Leg(place or 0, node, move) for move in moves for node in places(move.possible) if node != place)
        told = [self._alone(leg) for leg in legs]
        return tuple(sorted(told, key=lambda step: (step.target, step.technique, step.permissions)))

    def reach(self, principal: str, *, but: Container[str] = ()) -> Iterator[tuple[EscalationStep, tuple[str, ...]]]:
        """Yield the best steps of a principal to each target that it can reach at once, alike ones as one.

        Parameters
        ----------
        principal
            ARN of a user or role.
        but
            Techniques that do not count.

        Yields
        ------
        EscalationStep
            The step to the first of the targets.
        tuple of str
            ARNs of all targets to which it is the same but for what their trust policies say; the principal itself may
            be among many.
        """
        place = self._world.arns.place.get(principal)
        moves = [] if place is None else [move for move in self._search.moves[place] if move.id not in but]
        covered, plain = 0, (1 << self._world.count) - 1
        for certain in (True, False):
            for move in moves:
                bits = (move.sure if certain else move.possible) & ~covered
                covered |= bits
                for node in places(bits & ~plain):
                    yield self._alone(Leg(place or 0, node, move)), (self._world.name(node),)
                yield from self._alike(place or 0, move, bits & plain, certain=certain)

    def _alike(
        self, place: int, move: Move, bits: int, *, certain: bool
    ) -> Iterator[tuple[EscalationStep, tuple[str, ...]]]:
        """Yield the steps of one move to principals as they stand, those together that hang on the same."""
        alike: dict[object, list[int]] = {}
        for node in places(bits):
            admin = self._world.admin(node).truth
            ruling = None if certain else move.explain(node)
            key = (admin, ruling.keys, ruling.missing) if ruling else (admin,)
            alike.setdefault(key, []).append(node)
        for nodes in alike.values():
            if len(nodes) > _MANY:
                yield self._alone(Leg(place, nodes[0], move)), tuple(map(self._world.name, nodes))
            else:
                for node in nodes:
                    if node != place:
                        yield self._alone(Leg(place, node, move)), (self._world.name(node),)

    def _alone(self, leg: Leg) -> EscalationStep:
        """Return a leg by itself: somebody who is there is reached whatever it may do, not whom the step makes."""
        return self._step(leg, leg.target >= self._world.count)

    def _step(self, leg: Leg, ends: bool) -> EscalationStep:  # noqa: FBT001 -- as legs are told
        """Return a leg in words; ``ends`` says whether it hangs on whether an administrator is reached."""
        ruling = leg.move.explain(leg.target)
        admin = self._world.admin(leg.target)
        others = {self._world.name(node) for node in ruling.by if node != leg.origin}
        if admin.truth is Truth.UNKNOWN and ends:
            ruling = Ruling(
                Truth.UNKNOWN,
                tuple(sorted({*ruling.keys, *admin.keys})),
                tuple(sorted({*ruling.missing, *admin.missing})),
                ruling.statements,
            )
        return EscalationStep(
            origin=self._world.name(leg.origin),
            target=self._world.name(leg.target),
            technique=leg.move.id,
            permissions=leg.move.permissions,
            conditional=not (leg.sure and ruling.sure),
            keys=ruling.keys,
            missing=ruling.missing,
            statements=ruling.statements,
            admin=admin.truth is not Truth.NO,
            certain=admin.truth is not Truth.UNKNOWN,
            made=leg.target >= self._world.count,
            besides=tuple(sorted(others - {self._world.name(leg.target)})),
        )
