"""The rules above policies, for each point: what AWS never allows, and where the resource's policy must allow too."""

import numpy as np

from auditkit.policy.conditions import Context
from auditkit.policy.matching import parse_arn
from auditkit.policy.principals import ANONYMOUS
from auditkit.policy.relation.masks import Words
from auditkit.policy.relation.points import Points
from auditkit.policy.relation.surroundings import Surroundings
from auditkit.policy.request import Request
from auditkit.policy.rules import needs_resource_policy, never_allowed

__all__ = ["delegated_and_forbidden"]

_BEGINNINGS = ("key/", "alias/aws/", "policy/", "role/aws-reserved/", "role/")
_ALIASES = "kms:resourcealiases"


def delegated_and_forbidden(points: Points, surroundings: Surroundings) -> tuple[Words, Words]:
    """Return two masks for each point: where a resource's policy must allow as well, and what is never allowed.

    Parameters
    ----------
    points, surroundings
        The points, and what is known of their targets.
    """
    delegated = np.zeros(len(points.texts), dtype=np.uint64)
    forbidden = delegated.copy()
    answers: dict[tuple[object, ...], tuple[int, int]] = {}
    known, target_of = surroundings.known(_ALIASES), points.target_of.tolist()
    for number, block in enumerate(points.blocks):
        if block.kind.rpartition(" ")[2].partition(":")[0] not in {"kms", "iam"}:
            continue
        for point in range(block.start, block.end):
            text = points.texts[point]
            arn = parse_arn(text)
            alike = arn and (arn.service, arn.account == "aws", *map(arn.resource.startswith, _BEGINNINGS))
            aliases = known[target_of[point]]
            key = number, alike, None if aliases is None else repr(aliases)
            if key not in answers:
                answers[key] = _ask(points, point, Context({_ALIASES: aliases}, complete=False))
            delegated[point], forbidden[point] = answers[key]
    return delegated, forbidden


def _ask(points: Points, point: int, context: Context) -> tuple[int, int]:
    block = points.blocks[points.block_of[point]]
    delegated = forbidden = 0
    for bit, action in enumerate(block.shape.actions):
        request = Request(principal=ANONYMOUS, action=action.name, resource=points.texts[point], context=context)
        delegated |= needs_resource_policy(request) << bit
        forbidden |= bool(never_allowed(request)) << bit
    return delegated & block.mask, forbidden & block.mask
