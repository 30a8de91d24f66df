"""What one principal changes about another, which it becomes then, beyond giving it everything.

It attaches policies that make no administrator by themselves, and takes away those that deny.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from auditkit.policy.escalation.arns import places
from auditkit.policy.escalation.attaching import ATTACHED
from auditkit.policy.escalation.freeing import Freeing
from auditkit.policy.escalation.kinds import adds
from auditkit.policy.escalation.moves import Move, single
from auditkit.policy.escalation.rulings import Ruling, all_rulings
from auditkit.policy.escalation.techniques import Way, techniques
from auditkit.policy.logic import Truth

if TYPE_CHECKING:
    from auditkit.policy.escalation.steps import Steps

__all__ = ["free_others", "lesser_of_others"]


def lesser_of_others(steps: "Steps", lateral: list[Move]) -> Iterator[Move]:
    """Yield the steps of attaching to others what makes no administrator by itself, and becoming them.

    Parameters
    ----------
    steps
        The steps of a node.
    lateral
        Its moves to others.
    """
    world = steps.world
    for technique, way in steps.ways("edit"):
        lesser = world.lesser.get(steps.judge.account, ()) if technique.attaches else ()
        if not lesser or not steps.attaching.limited(way.permissions[0]):
            continue
        decide = steps.deciding(technique, way.permissions[0])
        changes = [(steps.led(technique, way, decide(arn)), arn, document) for arn, document in lesser]
        possible = reduce(or_, (change.possible for change, _, _ in changes), 0)
        for move in lateral:
            for place in _few(steps, move.possible & possible):
                chosen = [one for one in changes if one[0].possible >> place & 1][:ATTACHED]
                before = world.judge(place)
                judge = before.with_policies(*(document for _, _, document in chosen))
                if adds(judge, to=before):
                    key = (place, "lesser", *(arn for _, arn, _ in chosen))
                    node = world.make(key, judge, world.name(place), place)
                    yield _then(way, node, (change.explain(place) for change, _, _ in chosen), move, place)


def free_others(steps: "Steps", lateral: list[Move]) -> Iterator[Move]:
    """Yield the steps that take away what denies something to others, and become them.

    Parameters
    ----------
    steps
        The steps of a node.
    lateral
        Its moves to others.
    """
    changing = [*steps.ways("freed"), *(one for one in steps.ways("edit") if not one[0].attaches)]
    for move in lateral if changing else ():
        for place in _few(steps, move.possible & steps.world.denied & steps.own):
            for change in Freeing(steps, place).freed():
                node = next(places(change.possible))
                way = Way(id=change.id, permissions=change.permissions)
                yield _then(way, node, [change.explain(node)], move, place)


def _few(steps: "Steps", bits: int) -> Iterator[int]:
    """Yield the places of one of each kind of some others; that there are more kinds than are looked at is noted."""
    found, whole = steps.world.few(bits & ~steps.me, 0)
    steps.world.cut |= 0 if whole else 1 << steps.node
    return places(found)


def _then(way: Way, node: int, rulings: Iterable[Ruling], move: Move, place: int) -> Move:
    """Return the step that changes somebody by a way and becomes it by a move."""
    both = all_rulings([*rulings, move.explain(place)])
    both = both if move.sure >> place & 1 or not both.sure else both._replace(truth=Truth.UNKNOWN)
    return single(techniques().combined(way.id, move.id), (*way.permissions, *move.permissions), node, both)
