"""Targets whose policies say the same, each of itself: what one of them says to a principal, all do."""

from typing import NamedTuple

from auditkit.policy.documents import Condition, Document, Element, Special
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
    """All phrases of a policy, and its conditions, which may say different things of different targets."""

    key: tuple[object, ...]
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
        self._numbers: dict[tuple[object, ...], int] = {}
        self._of: dict[int, int | None] = {}
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
        if not isinstance(policy, Document):
            return None
        known = id(policy), given.arn
        if known not in self._speeches:
            self._speeches[known] = _speech(policy, given.arn)
        speech = self._speeches[known]
        if speech is None:
            return None
        groups = [
            self._hearings.groups(conditions, variables=speech.variables)[1][target] for conditions in speech.conditions
        ]
        return self._numbers.setdefault((*speech.key, *groups), len(self._numbers))


def _speech(policy: Document, arn: str) -> _Speech | None:
    """Return what a policy says of a target; None where it speaks of anything else."""
    content = policy.content
    if content is None or not _MARKS.isdisjoint(arn):
        return None
    phrases = []
    for place, line in enumerate(content.written):
        special = content.special.get(place, _PLAIN)
        resources, not_resources = _behind(line.resources, arn), _behind(line.not_resources, arn)
        if resources == () or not_resources == ():
            return None
        phrases.append(
            _Phrase(
                line.effect,
                id(line.actions),
                id(line.not_actions),
                id(special.principals),
                id(special.not_principals),
                id(special.conditions),
                resources,
                not_resources,
            )
        )
    conditions = [one.conditions for one in content.special.values() if one.conditions]
    return _Speech((policy.kind, content.variables, *phrases), conditions, content.variables)


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
