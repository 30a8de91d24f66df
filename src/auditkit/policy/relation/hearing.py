"""What one statement of a target's policy says to one principal, worked out once for all that are alike."""

from collections.abc import Callable
from typing import NamedTuple

from msgspec import UnsetType

from auditkit.policy.conditions import Context, evaluate_conditions
from auditkit.policy.documents import Condition, PolicyKind, Statement
from auditkit.policy.layers import EVERY_WAY, match_principal, match_resources
from auditkit.policy.logic import UNCLEAR, YES, Truth, Verdict
from auditkit.policy.principals import NamedAs
from auditkit.policy.relation.asking import Asker, Reads, keys_of_condition, reads_of
from auditkit.policy.relation.masks import EVERY_ACTION, Masks
from auditkit.policy.relation.surroundings import Surroundings

__all__ = ["ALL", "BY_ACCOUNT", "DENIED", "DIRECT", "PLANES", "ROLE", "SESSION", "Hearing", "Hearings"]

_NOTHING = Context(complete=False)
BY_ACCOUNT, ROLE, DIRECT, SESSION, ALL, DENIED = range(0, 12, 2)
"""Planes: allowed by naming the account, the role, the user or anyone, the session, in any way; denied. The plane after
each is the same, *at least perhaps*."""
PLANES = 12

_WAYS = (
    (BY_ACCOUNT, NamedAs.ACCOUNT | NamedAs.ROOT),
    (ROLE, NamedAs.ROLE),
    (DIRECT, NamedAs.USER | NamedAs.ANYONE),
    (SESSION, NamedAs.SESSION),
    (ALL, NamedAs(255)),
)
Lookup = Callable[[str], str | UnsetType | None]


class Hearing(NamedTuple):
    """What a statement says to a principal, but for the resource.

    Attributes
    ----------
    truth
        Whether it is about the principal and its conditions hold; never *no*.
    planes
        Where that is to be written down.
    words
        Mask of its actions for each block of points.
    lookup
        Values of condition keys, for policy variables.
    """

    truth: Truth
    planes: list[int]
    words: list[int]
    lookup: Lookup

    def at(self, statement: Statement, text: str) -> Truth:
        """Return whether the statement applies to a resource."""
        if statement.unclear & {"resource", "statement"}:
            return self.truth
        patterns = statement.resources
        if patterns is not None and "${" not in text and text in patterns:  # every pattern covers itself
            return self.truth
        return min(self.truth, match_resources(statement, text, self.lookup).truth)


class Hearings:
    """What statements say, remembered.

    Parameters
    ----------
    masks, surroundings
        What they are about.
    """

    def __init__(self, masks: Masks, surroundings: Surroundings) -> None:
        self._masks, self._around = masks, surroundings
        self._reads: dict[tuple[int, bool], tuple[tuple[Condition, ...], Reads]] = {}
        self._named: dict[tuple[object, ...], tuple[object, Verdict, NamedAs]] = {}
        self._ways: dict[NamedAs, list[int]] = {}
        self._grouped: dict[tuple[int, bool], tuple[object, frozenset[str], list[int]]] = {}
        self._held: dict[tuple[object, ...], tuple[object, Truth]] = {}

    def reads(self, statement: Statement) -> Reads:
        """Return what a statement reads."""
        patterns = (*(statement.resources or ()), *(statement.not_resources or ()))
        if statement.unclear or (statement.variables and any("${" in pattern for pattern in patterns)):
            return reads_of(statement)
        key = id(statement.conditions), statement.variables
        if key not in self._reads:
            self._reads[key] = statement.conditions, reads_of(statement)
        return self._reads[key][1]

    def about(
        self, statement: Statement, kind: PolicyKind, asker: Asker, target: int, bounded: Truth
    ) -> Hearing | None:
        """Return what a statement says to a principal about a target, but for the resource; None for nothing.

        Parameters
        ----------
        statement, kind
            The statement, and what kind of policy it stands in.
        asker, target
            The principal, and the number of the target.
        bounded
            Whether the principal has a permissions boundary.
        """
        unclear = statement.unclear
        if unclear and statement.effect == "Allow":
            return None
        verdict, named = YES, EVERY_WAY
        if not unclear & {"principal", "statement"}:
            verdict, named = self._naming(statement, kind, asker, bounded)
        if verdict.truth is Truth.NO:
            return None
        reads = self.reads(statement)
        held = self._holding(statement, asker, target) if reads.conditions else Truth.YES
        if held is Truth.NO:
            return None
        context = asker.beside(self._around.of(target), reads.keys) if reads.resources else _NOTHING
        everything = bool(unclear & {"statement", "action"})
        number = EVERY_ACTION if everything else self._masks.number(statement.actions, statement.not_actions)
        truth = min(verdict.truth, held, UNCLEAR.truth if unclear else Truth.YES)
        planes = self._planes(named) if statement.effect == "Allow" else [DENIED]
        return Hearing(truth, planes, self._masks.listed(number), context.variable)

    def _planes(self, named: NamedAs) -> list[int]:
        """Return the planes that a way of naming the principal belongs to."""
        if named not in self._ways:
            self._ways[named] = [plane for plane, ways in _WAYS if named & ways]
        return self._ways[named]

    def _naming(self, statement: Statement, kind: PolicyKind, asker: Asker, bounded: Truth) -> tuple[Verdict, NamedAs]:
        held = statement.principals, statement.not_principals
        key = id(held[0]), id(held[1]), kind, bounded, id(asker)
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = (held, *match_principal(statement, asker.who, kind, bounded))
        return found[1], found[2]

    def _holding(self, statement: Statement, asker: Asker, target: int) -> Truth:
        """Return whether the conditions of a statement hold."""
        keys, groups = self.groups(statement.conditions, variables=statement.variables)
        by_asker = 0 if keys.isdisjoint(asker.known) else id(asker)
        key = id(statement.conditions), statement.variables, by_asker, groups[target]
        found = self._held.get(key)
        if found is None:
            context = asker.beside(self._around.of(target), keys)
            truth = evaluate_conditions(statement.conditions, context, variables=statement.variables).truth
            found = self._held[key] = statement.conditions, truth
        return found[1]

    def groups(self, conditions: tuple[Condition, ...], *, variables: bool) -> tuple[frozenset[str], list[int]]:
        """Return the keys that conditions read, and the groups of targets by these."""
        key = id(conditions), variables
        if key not in self._grouped:
            keys = frozenset[str]().union(*(keys_of_condition(one, variables=variables) for one in conditions))
            self._grouped[key] = conditions, keys, self._around.group_of(keys)
        return self._grouped[key][1:]
