"""Whom one principal reaches by giving others the tags that its own permissions ask of them.

What conditions say of the tags of a user or role does not keep out who may tag it. Which tags it gives is up to it, and
what else stands in the conditions is not worked out: so this leads to somebody under conditions alone.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from auditkit.policy.escalation.facts import RESOURCE_TAGS
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.moves import Move, joint, shifted
from auditkit.policy.escalation.rulings import bits_of, ruling_at
from auditkit.policy.escalation.techniques import techniques
from auditkit.policy.escalation.world import EDITED

if TYPE_CHECKING:
    from auditkit.policy.escalation.steps import Steps

__all__ = ["retagging"]


class _Blind(Judge):
    """The same principal where the tags of others are not known."""

    sees_tags = False


def retagging(steps: "Steps", lateral: Iterable[Move]) -> Iterator[Move]:
    """Yield the steps that tag somebody, and then become it or change it and become it, as far as tags hinder that.

    Parameters
    ----------
    steps
        The steps of a node.
    lateral
        Its moves to others as they are tagged.
    """
    judge, world = steps.judge, steps.world
    tagging = [*_tagging(steps)] if _speaks_of_tags(judge) else []
    if not tagging:
        return
    blind = type(steps)(world, steps.node, _Blind(judge.policies, judge.tags))
    becoming, edits = [*blind.becoming()], [*blind.edits()]
    known: dict[str, int] = {}
    for move in lateral:
        known[move.id] = known.get(move.id, 0) | move.possible
    for tag in tagging:
        for move in becoming:
            bits = move.possible & tag.possible & ~known.get(move.id, 0)
            if bits:
                yield shifted(joint(tag, move), bits, 0)
            for edit in edits:
                both = move.possible & edit.possible & tag.possible
                worth = world.worthwhile(steps.node, both, EDITED) if both else 0
                if worth:
                    yield shifted(joint(tag, joint(edit, move)), worth, EDITED * world.count)


def _speaks_of_tags(judge: Judge) -> bool:
    """Return whether conditions on changing others, or becoming them, are about their tags."""
    changes = (one for one in techniques().modifies if one.effect == "edit")
    actions = {way.permissions[0] for one in (*techniques().becomes, *changes) for way in one.ways}
    return any(judge.speaks_of_any(action, RESOURCE_TAGS) for action in sorted(actions))


def _tagging(steps: "Steps") -> Iterator[Move]:
    """Yield the moves by which users and roles other than oneself are tagged."""
    for technique in techniques().modifies:
        for way in technique.ways if technique.effect == "tagged" else ():
            if steps.judge.holds(*way.permissions):
                kind = steps.world.users if technique.target == "user" else steps.world.roles
                classes = steps.judge.rule_many(
                    way.permissions[0], steps.world.arns, steps.own & kind & ~steps.me, values_of=steps.world.bound
                )
                sure, possible = bits_of(classes)
                if possible:
                    yield Move(way.id, way.permissions, sure, possible, lambda at, of=classes: ruling_at(of, at))  # type: ignore[misc]
