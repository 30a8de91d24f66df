"""Targets whose policies say the same, each of itself: what one of them says to a principal, all do."""

from typing import NamedTuple

from msgspec import UNSET

from auditkit.policy.documents import Condition, Content, Document, Element, PolicyKind, Special, Written
from auditkit.policy.relation.hearing import Hearings
from auditkit.policy.relation.points import Points

__all__ = ["Voices"]

_PLAIN = Special()
_MARKS = frozenset("*?$")


class _Phrase(NamedTuple):
    """A statement; resources are what stands behind the target's own ARN, None for everything.

    The other elements are told apart by their identity: those that were read together are one object where they are
    equal, and what is equal but not the same only makes one voice two.
    """

    effect: str
    actions: int
    not_actions: int
    principals: int
    not_principals: int
    conditions: int
    resources: tuple[str | None, ...] | None
    not_resources: tuple[str | None, ...] | None


class _Speech(NamedTuple):
    """What a policy says of a target.

    Attributes
    ----------
    number
        The same for policies that say the same.
    conditions, variables
        Its conditions, which may say different things of different targets, and whether there are policy variables.
    """

    number: int
    conditions: list[tuple[Condition, ...]]
    variables: bool


class Voices:
    """Numbers targets by what their policies say.

    Parameters
    ----------
    points, hearings
        The points, and what their targets' policies say.
    """

    def __init__(self, points: Points, hearings: Hearings) -> None:
        self._targets = points.targets
        self._hearings = hearings
        self._numbers: dict[tuple[int, ...], int] = {}
        self._of: dict[int, int | None] = {}
        self._phrases: dict[tuple[object, ...], int] = {}
        self._speeches: dict[tuple[int, str], _Speech | None] = {}

    def of(self, target: int) -> int | None:
        """Return the voice of a target; None where its policy speaks of anything but the target, or is not understood.

        Targets of one voice have policies that are equal but for the target's own ARN, and nothing that these read of
        a target tells them apart. A resource pattern that begins with the target's ARN, and has no wildcard in it,
        covers a place in the target by what stands behind the ARN alone.
        """
        if target not in self._of:
            self._of[target] = self._number(target)
        return self._of[target]

    def _number(self, target: int) -> int | None:
        given = self._targets[target].given
        policy = given.resource_policy
        if not isinstance(policy, Document) or policy.content is None or not _MARKS.isdisjoint(given.arn):
            return None
        speech = self._speech(policy.kind, policy.content, given.arn)
        if speech is None:
            return None
        groups = [
            self._hearings.groups(conditions, variables=speech.variables)[1][target] for conditions in speech.conditions
        ]
        return self._numbers.setdefault((speech.number, *groups), len(self._numbers))

    def _speech(self, kind: PolicyKind, content: Content, arn: str) -> _Speech | None:
        """Return what a policy says of a target; None where it speaks of anything else."""
        known = id(content), arn if _names_anything(content) else ""
        if known not in self._speeches:
            phrases = [_phrase(line, arn) for line in content.written]
            key = kind, content.variables, *phrases
            number = -1 if None in phrases else self._phrases.setdefault(key, len(self._phrases))
            special = [line.special for line in content.written if line.special]
            conditions = [one.conditions for one in special if one.conditions]
            self._speeches[known] = None if number < 0 else _Speech(number, conditions, content.variables)
        return self._speeches[known]


def _names_anything(content: Content) -> bool:
    """Whether the statements of a policy have resources."""
    return any(line.resources is not UNSET or line.not_resources is not UNSET for line in content.written)


def _phrase(line: Written, arn: str) -> _Phrase | None:
    """Return what a statement says of a target; None where it speaks of anything else."""
    resources, not_resources = _behind(line.resources, arn), _behind(line.not_resources, arn)
    if resources == () or not_resources == ():
        return None
    special = line.special or _PLAIN
    return _Phrase(
        line.effect,
        id(line.actions),
        id(line.not_actions),
        id(special.principals),
        id(special.not_principals),
        id(special.conditions),
        resources,
        not_resources,
    )


def _behind(element: Element, arn: str) -> tuple[str | None, ...] | None:
    """Return what stands behind an ARN in patterns, None for no patterns; nothing where any begins otherwise."""
    if not isinstance(element, tuple):
        return None
    found: list[str | None] = []
    for pattern in element:
        if pattern == "*":
            found.append(None)
        elif pattern.startswith(arn) and "$" not in pattern:
            found.append(pattern[len(arn) :])
        else:
            return ()
    return tuple(found)
