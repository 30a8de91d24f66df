"""Several principals in the same hands, asked as one: each call is made by one of them who may make it."""

from collections.abc import Hashable, Mapping, Sequence

from msgspec import UNSET, UnsetType

from auditkit.policy.documents import Document
from auditkit.policy.escalation.arns import Arns
from auditkit.policy.escalation.examples import Sample
from auditkit.policy.escalation.judging import Judge, ValuesOf
from auditkit.policy.escalation.rulings import DENIED, Classes, Ruling
from auditkit.policy.escalation.satisfying import Value
from auditkit.policy.escalation.subjects import Tags
from auditkit.policy.principals import Principal
from auditkit.policy.request import Levels

__all__ = ["Player", "Team"]

Player = tuple[int, Judge]
"""A node, and the principal that it is."""


class Team(Judge):
    """A principal, and others of its account who do some actions in its place.

    Rulings say by whom (:attr:`.Ruling.by`): by the first who may do it for certain.

    Parameters
    ----------
    first
        The principal, who does all other actions.
    others
        Who may do an action, in lower case: the first among them, if it may.
    """

    def __init__(self, first: Player, others: Mapping[str, Sequence[Player]]) -> None:
        super().__init__(first[1].policies, first[1].tags)
        self._first, self._others = [first], others

    def _of(self, action: str) -> Sequence[Player]:
        return self._others.get(action.lower(), self._first)

    def holds(self, *actions: str) -> bool:
        """Whether policies grant all of these actions, each to one of the team on something."""
        return all(any(judge.holds(action) for _, judge in self._of(action)) for action in actions)

    def covers(self, action: str, resource: str) -> bool:
        """Whether any policy of one of the team that allows an action may cover a resource."""
        return any(judge.covers(action, resource) for _, judge in self._of(action))

    def reached(self, action: str, arns: Arns) -> int:
        """Return which resources statements of any of the team that allow an action may cover."""
        found = 0
        for _, judge in self._of(action):
            found |= judge.reached(action, arns)
        return found

    def sign(self, action: str, resource: str) -> Hashable:
        """Return what is the same for resources about which policies of all of the team say the same of an action."""
        return tuple([judge.sign(action, resource) for _, judge in self._of(action)])

    def speaks_of(self, action: str, key: str) -> bool:
        """Whether policies name a condition key (in lower case) about an action."""
        return any(judge.speaks_of(action, key) for _, judge in self._of(action))

    def rule(
        self,
        action: str,
        resource: str,
        *,
        owner: str = "",
        values: Mapping[str, Value] | None = None,
        tags: Tags | UnsetType = UNSET,
        resource_policy: Document | UnsetType | None = None,
        rcps: Levels = (),
        session: Principal | None = None,
    ) -> Ruling:
        """Decide one request: the best that any of the team gets."""
        best = DENIED
        for node, judge in self._of(action):
            if resource_policy is None and not judge.covers(action, resource):
                continue
            ruling = judge.rule(
                action,
                resource,
                owner=owner,
                values=values,
                tags=tags,
                resource_policy=resource_policy,
                rcps=rcps,
                session=session,
            )
            if ruling.truth > best.truth:
                best = ruling._replace(by=(node,))
            if best.sure:
                break
        return best

    def rule_many(
        self,
        action: str,
        arns: Arns,
        bits: int,
        *,
        values: Mapping[str, Value] | None = None,
        values_of: ValuesOf | None = None,
    ) -> Classes:
        """Decide about many resources: about each the best that any of the team gets."""
        found: Classes = []
        sure = possible = 0
        for node, judge in self._of(action):
            for ruling, members in judge.rule_many(action, arns, bits & ~sure, values=values, values_of=values_of):
                fresh = members & ~(sure if ruling.sure else possible)
                if fresh:
                    found.append((ruling._replace(by=(node,)), fresh))
                possible |= fresh
                sure |= fresh if ruling.sure else 0
        return sorted(found, key=lambda one: not one[0].sure)

    def named(self, actions: tuple[str, ...], template: str, key: str = "") -> Sample:
        """Return ARNs of a template's kind, such that between them they meet what the policies of two of them say."""
        first = self._first[0][1]
        team = dict(player for action in actions for player in self._of(action))
        own = first.spoken(actions)
        others = [judge.spoken(actions) for judge in team.values() if judge is not first]
        samples = [self._sample((*own, *other), template, key) for other in others or ((),)]
        every = dict.fromkeys(arn for sample in samples for arn in sample.arns)
        mine = [action for action in actions if action.lower() not in self._others and not key]
        arns = tuple(arn for arn in every if all(first.covers(action, arn) for action in mine))
        return Sample(arns, whole=all(sample.whole for sample in samples))
