"""What the relation answers about a principal and a target: actions that are decided alike stand together."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditkit.policy.decision import Decision
from auditkit.policy.resources import TrackedAction
from auditkit.policy.subjects import Grant

__all__ = ["Answer", "grants_of_answers"]


class Answer(NamedTuple):
    """What is decided alike of a principal and a target.

    Attributes
    ----------
    actions
        The actions, sorted by name.
    resource
        What the requests were about: the target, or something in it.
    decision
        The decision; answers that hang on the same have the very same one.
    """

    actions: tuple[TrackedAction, ...]
    resource: str
    decision: Decision


def grants_of_answers(principal: str, target: str, answers: Iterable[Answer]) -> Iterator[Grant]:
    """Yield answers as grants, one for each action, sorted by action.

    Parameters
    ----------
    principal, target
        Whom and what they are about.
    answers
        The answers.
    """
    every = [(action, answer) for answer in answers for action in answer.actions]
    for action, answer in sorted(every, key=lambda one: one[0].name):
        yield Grant(
            principal=principal,
            target=target,
            resource=answer.resource,
            action=action.name,
            access=action.access,
            outcome=answer.decision.outcome,
            statements=answer.decision.statements,
            keys=answer.decision.keys,
            missing=answer.decision.missing,
        )
