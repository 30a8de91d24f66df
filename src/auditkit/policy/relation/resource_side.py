"""What the policies of targets say: to most principals of an account alike, and to some by themselves.

Nearly every principal of an account is *anyone of it* to a resource policy. Only those that a statement names, or whose
own condition keys it reads, are asked for one by one; what they get instead are the exceptions.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import UnsetType
from numpy.typing import NDArray

from auditkit.policy.documents import Condition, Document
from auditkit.policy.logic import Truth
from auditkit.policy.matching import match_arn, match_like
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.crowds import PRINCIPAL_ARN, Members
from auditkit.policy.relation.hearing import PLANES, Hearings
from auditkit.policy.relation.masks import Masks, Words
from auditkit.policy.relation.points import Points
from auditkit.policy.relation.surroundings import Surroundings
from auditkit.policy.relation.telling import Places, Planes, Telling
from auditkit.policy.relation.voices import Voices

__all__ = ["ResourceSide", "Said"]

_ARN_FAMILIES = frozenset({"arn", "like", "string"})


class Said(NamedTuple):
    """What all policies of targets say to the principals of one account.

    Attributes
    ----------
    kinds : ndarray of uint64, shape (planes, kinds)
        What is said to most of them, each different thing once.
    which : ndarray of int32, shape (points,)
        Which of these is said at each point.
    exceptions
        To some: principal and target -> planes of the target's points.
    """

    kinds: Words
    which: NDArray[np.int32]
    exceptions: dict[tuple[int, int], Planes]


class _Listeners(NamedTuple):
    """Those to whom a policy may say different things.

    Attributes
    ----------
    groups
        Numbers of principals that it does not tell apart, but for the special ones, after the first who is not special.
    special
        Numbers of those that are asked for one by one.
    """

    groups: list[tuple[int, list[int]]]
    special: set[int]


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
        self._points, self._askers = points, askers
        self._arns = {asker.given.arn: number for number, asker in enumerate(askers)}
        self._hearings = Hearings(masks, surroundings)
        self._voices = Voices(points, self._hearings)
        self._telling = Telling(points, self._hearings, self._voices)
        self._scanned: dict[tuple[str, str], frozenset[int]] = {}
        self._to_accounts = [number for number, target in enumerate(points.targets) if target.glance.to_accounts]
        self.excepting = any(target.glance.excepts for target in points.targets)

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
        crowd = Members(self._askers, members)
        listeners: dict[int, _Listeners] = {}
        alike: dict[tuple[int, Places], tuple[Planes | None, dict[int, Planes]]] = {}
        told: dict[Planes, list[int]] = {}
        exceptions: dict[tuple[int, int], Planes] = {}
        for target in self._to_accounts if only is None else sorted(only):
            policy = self._points.targets[target].given.resource_policy
            if policy is None:
                continue
            voice = self._voices.of(target)
            if voice is None:
                found = self._told(self._listeners(policy, crowd), target, bounded)
            else:
                like = voice, self._telling.places(target)
                if like not in alike:
                    if voice not in listeners:
                        listeners[voice] = self._listeners(policy, crowd)
                    alike[like] = self._told(listeners[voice], target, bounded)
                found = alike[like]
            usual, unusual = found
            if usual is not None:
                told.setdefault(usual, []).append(target)
            for number, planes in unusual.items():
                exceptions[number, target] = planes
        return Said(*self._laid_out(told), exceptions)

    def _laid_out(self, told: Mapping[Planes, list[int]]) -> tuple[Words, NDArray[np.int32]]:
        """Lay out over the points what is said there, by target."""
        numbers: dict[tuple[int, ...], int] = {(0,) * PLANES: 0}
        which = np.zeros(len(self._points.texts), dtype=np.int32)
        for planes, targets in told.items():
            points = np.array([self._points.points_of(target) for target in targets], dtype=np.int64)
            for column, words in zip(points.T, planes, strict=True):
                which[column] = numbers.setdefault(words, len(numbers))
        return np.ascontiguousarray(np.array(list(numbers), dtype=np.uint64).T), which

    def _listeners(self, policy: Document | UnsetType, crowd: Members) -> _Listeners:
        """Return whom a policy may say different things to."""
        special, reads = self._singled_out(policy, crowd) if isinstance(policy, Document) else (set(), [])
        firsts = ((next((one for one in group if one not in special), None), group) for group in crowd.groups(reads))
        return _Listeners([(first, group) for first, group in firsts if first is not None], special)

    def _told(self, listeners: _Listeners, target: int, bounded: Truth) -> tuple[Planes | None, dict[int, Planes]]:
        """Return what a target's policy says to most of a crowd, and to whom it says something else."""
        usual: Planes | None = None
        unusual: dict[int, Planes] = {}
        for first, group in listeners.groups:
            said = self._telling.says(self._askers[first], target, bounded)
            if usual is None:
                usual = said
            elif said != usual:
                unusual |= {number: said for number in group if number not in listeners.special}
        for number in listeners.special:
            said = self._telling.says(self._askers[number], target, bounded)
            if said != usual:
                unusual[number] = said
        return usual, unusual

    def _singled_out(self, policy: Document, crowd: Members) -> tuple[set[int], list[str]]:
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
            reads = self._hearings.reads(statement)
            read = set(reads.resources)
            for condition, about in reads.conditions:
                by_arn = about == {PRINCIPAL_ARN} and condition.operator.family in _ARN_FAMILIES
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
