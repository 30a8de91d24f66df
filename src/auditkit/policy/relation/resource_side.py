"""What the policies of targets say: to most principals of an account alike, and to some by themselves.

Nearly every principal of an account is *anyone of it* to a resource policy. Only those that a statement names, or whose
own condition keys it reads, are asked for one by one; what they get instead are the exceptions.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import UnsetType

from auditkit.policy.documents import Condition, Document, Named, Statement
from auditkit.policy.logic import Truth
from auditkit.policy.matching import match_arn, match_like
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.hearing import PLANES, Hearing, Hearings
from auditkit.policy.relation.masks import Masks, Words, mask_of_blocks
from auditkit.policy.relation.points import Points
from auditkit.policy.relation.surroundings import Surroundings

__all__ = ["ResourceSide", "Said"]

_ARN = "aws:principalarn"
_ARN_FAMILIES = frozenset({"arn", "like", "string"})

Planes = tuple[tuple[int, ...], ...]
"""For each point of a target, a mask for each plane."""


class Said(NamedTuple):
    """What all policies of targets say to the principals of one account.

    Attributes
    ----------
    planes
        To most of them, for each plane and point.
    exceptions
        To some: principal and target -> planes of the target's points.
    """

    planes: list[Words]
    exceptions: dict[tuple[int, int], Planes]


class ResourceSide:
    """The policies of targets.

    Parameters
    ----------
    points, masks, surroundings
        What they are about.
    askers
        The principals; numbers of principals count them.
    """

    def __init__(self, points: Points, masks: Masks, surroundings: Surroundings, askers: Sequence[Asker]) -> None:
        self._points = points
        self._askers = askers
        self._arns = {asker.given.arn: number for number, asker in enumerate(askers)}
        self._sts: list[int] = mask_of_blocks(points, lambda name: name.startswith("sts:")).tolist()
        self._masks_of_blocks = [block.mask for block in points.blocks]
        self._block_of: list[int] = points.block_of.tolist()
        self._heard = Hearings(masks, surroundings)
        order = np.argsort(points.target_of, kind="stable")
        self._order: list[int] = order.tolist()
        first = np.searchsorted(points.target_of[order], np.arange(len(points.targets) + 1))
        self._first: list[int] = first.tolist()
        self._scanned: dict[tuple[str, str], frozenset[int]] = {}
        self._with_policy = [
            number for number, one in enumerate(points.targets) if one.given.resource_policy is not None
        ]
        self._to_accounts = frozenset(
            number for number in self._with_policy if _speaks_to_accounts(points.targets[number].given.resource_policy)
        )
        self.excepting = any(_excepts_any(points.targets[number].given.resource_policy) for number in self._with_policy)

    def points_of(self, target: int) -> list[int]:
        """Return the points of a target."""
        return self._order[self._first[target] : self._first[target + 1]]

    def mask(self, target: int, point: int) -> int:
        """Return the mask of the actions at a point that the target's policy bears on."""
        number = self._block_of[point]
        is_role = self._points.targets[target].kind == "iam:role"
        return self._masks_of_blocks[number] & self._sts[number] if is_role else self._masks_of_blocks[number]

    # ------------------------------------------------------------ one principal, one target

    def says(self, asker: Asker, target: int, bounded: Truth = Truth.NO) -> Planes:
        """Return what a target's policy says to a principal, for each point of the target."""
        given = self._points.targets[target].given
        policy = given.resource_policy
        places = self.points_of(target)
        found = [[0] * PLANES for _ in places]
        if policy is None:
            return tuple(map(tuple, found))
        if isinstance(policy, UnsetType) or not policy.readable:
            for planes, point in zip(found, places, strict=True):
                planes[1::2] = [self.mask(target, point)] * (PLANES // 2)
        for statement in policy.statements if isinstance(policy, Document) else ():
            assert isinstance(policy, Document)
            hearing = self._heard.about(statement, policy.kind, asker, target, bounded)
            if hearing is not None:
                for planes, point in zip(found, places, strict=True):
                    self._hear(planes, statement, hearing, target, point)
        return tuple(map(tuple, found))

    def _hear(self, planes: list[int], statement: Statement, hearing: Hearing, target: int, point: int) -> None:
        """Add what one statement says at one point."""
        word = hearing.words[self._block_of[point]] & self.mask(target, point)
        if not word:
            return
        truth = hearing.at(statement, self._points.texts[point])
        if truth is Truth.NO:
            return
        for plane in hearing.planes:
            planes[plane + 1] |= word
            if truth is Truth.YES:
                planes[plane] |= word

    # ------------------------------------------------------------ all principals of an account

    def said(self, members: Sequence[int], bounded: Truth, only: frozenset[int] | None = None) -> Said:
        """Return what the policies of all targets say to some principals of one account.

        Parameters
        ----------
        members
            The principals, at least one.
        bounded
            Whether they have a permissions boundary.
        only
            The targets to look at; None for all.
        """
        crowd = _Crowd(self._askers, members)
        planes = np.zeros((PLANES, len(self._points.texts)), dtype=np.uint64)
        told: list[tuple[int, int, int]] = []
        exceptions: dict[tuple[int, int], Planes] = {}
        for target in sorted(self._to_accounts if only is None else only):
            policy = self._points.targets[target].given.resource_policy
            if policy is None:
                continue
            usual, unusual = self._told(policy, target, crowd, bounded)
            exceptions |= unusual
            for point, one in zip(self.points_of(target), usual or (), strict=False):
                told += [(plane, point, word) for plane, word in enumerate(one) if word]
        if told:
            numbers, points, words = zip(*told, strict=True)
            planes[list(numbers), list(points)] = np.array(words, dtype=np.uint64)
        return Said(list(planes), exceptions)

    def _told(
        self, policy: Document | UnsetType, target: int, crowd: "_Crowd", bounded: Truth
    ) -> tuple[Planes | None, dict[tuple[int, int], Planes]]:
        """Return what a policy says to most of a crowd, and to whom it says something else."""
        special, reads = self._singled_out(policy, crowd) if isinstance(policy, Document) else (set(), [])
        usual: Planes | None = None
        unusual: dict[tuple[int, int], Planes] = {}
        for group in crowd.groups(reads):
            other = next((number for number in group if number not in special), None)
            if other is None:
                continue
            said = self.says(self._askers[other], target, bounded)
            if usual is None:
                usual = said
            elif said != usual:
                unusual |= {(number, target): said for number in group if number not in special}
        for number in special:
            said = self.says(self._askers[number], target, bounded)
            if said != usual:
                unusual[number, target] = said
        return usual, unusual

    def _singled_out(self, policy: Document, crowd: "_Crowd") -> tuple[set[int], list[str]]:
        """Return the principals that a policy names, and the keys by which it tells the others apart."""
        special: set[int] = set()
        keys: set[str] = set()
        for statement in policy.statements:
            for named in (*(statement.principals or ()), *(statement.not_principals or ())):
                number = self._arns.get(named.value)
                if number is not None and number in crowd.members:
                    special.add(number)
            if statement.principals is None and statement.not_principals is None and not statement.unclear:
                continue
            reads = self._heard.reads(statement)
            read = set(reads.resources)
            for condition, about in reads.conditions:
                by_arn = about == {_ARN} and condition.operator.family in _ARN_FAMILIES
                if by_arn and not (crowd.renamed or _with_variables(condition)):
                    special |= self._matching(condition) & crowd.members
                else:
                    read |= about
            keys |= {key for key in read if crowd.differ(key)}
        return special, sorted(keys)

    def _matching(self, condition: Condition) -> set[int]:
        """Return the principals whose ARN any value of a condition matches."""
        found: set[int] = set()
        for value in condition.values:
            if "*" not in value and "?" not in value and not condition.operator.ignore_case:
                found |= {self._arns[value]} if value in self._arns else set()
                continue
            key = condition.operator.family, value
            if key not in self._scanned:
                self._scanned[key] = frozenset(
                    number for arn, number in self._arns.items() if _covers(condition, value, arn)
                )
            found |= self._scanned[key]
        return found


def _covers(condition: Condition, value: str, arn: str) -> bool:
    if condition.operator.family == "string":
        return value.lower() == arn.lower()
    match = match_arn if condition.operator.family == "arn" else match_like
    return match(value, arn, variables=False, lookup=lambda _: None).truth is Truth.YES


def _with_variables(condition: Condition) -> bool:
    return any("${" in value for value in condition.values)


def _speaks_to_accounts(policy: Document | UnsetType | None) -> bool:
    """Whether a policy may say anything to principals of accounts, and not to services and federations alone."""
    if not isinstance(policy, Document) or not policy.readable:
        return True
    if policy.content:  # all is understood
        said = policy.content.special.values()
        return any(one.not_principals is not None or _names_accounts(one.principals) for one in said)
    return any(
        statement.unclear or statement.not_principals is not None or _names_accounts(statement.principals)
        for statement in policy.statements
    )


def _names_accounts(principals: Iterable[Named] | None) -> bool:
    return any(named.type in {"AWS", "*"} for named in principals or ())


def _excepts_any(policy: Document | UnsetType | None) -> bool:
    """Whether a policy has a ``NotPrincipal``."""
    if not isinstance(policy, Document):
        return False
    if policy.content:
        return any(one.not_principals is not None for one in policy.content.special.values())
    return any(statement.not_principals is not None for statement in policy.statements)


class _Crowd:
    """Some principals, and how the values of condition keys part them."""

    def __init__(self, askers: Sequence[Asker], members: Sequence[int]) -> None:
        self._askers = askers
        self._list = list(members)
        self.members = frozenset(members)
        self.renamed = any(_ARN in askers[number].own for number in members)
        self._values: dict[str, list[str]] = {}
        self._differ: dict[str, bool] = {}
        self._groups: dict[tuple[str, ...], list[list[int]]] = {}

    def _of(self, key: str) -> list[str]:
        if key not in self._values:
            self._values[key] = [
                repr(_known(self._askers[number].own, self._askers[number].derived, key)) for number in self._list
            ]
        return self._values[key]

    def differ(self, key: str) -> bool:
        """Whether any two have different values."""
        if key not in self._differ:
            self._differ[key] = len(set(self._of(key))) > 1
        return self._differ[key]

    def groups(self, keys: Iterable[str]) -> list[list[int]]:
        """Return those that share the values of all keys, the largest group first."""
        wanted = tuple(keys)
        if wanted not in self._groups:
            found: dict[tuple[str, ...], list[int]] = {}
            for place, number in enumerate(self._list):
                found.setdefault(tuple(self._of(key)[place] for key in wanted), []).append(number)
            self._groups[wanted] = sorted(found.values(), key=len, reverse=True)
        return self._groups[wanted]


def _known(own: Mapping[str, object], derived: Mapping[str, object], key: str) -> tuple[object, ...]:
    """Return what tells a principal from others by a key: what was given, and what follows."""
    return (own[key], True) if key in own else (derived[key], False) if key in derived else ()
