"""Steps through grants as the plain edges that they stand for."""

from collections.abc import Iterable

import msgspec

from auditkit.graph._merging import edge_key
from auditkit.inventory import Kind, Source
from auditkit.score._input import Nodes
from auditkit.score._links import Link
from auditkit.score.arrays import AttackStep

__all__ = ["collapsed", "is_between", "plain_link"]

_BETWEEN = frozenset({Kind.GRANT, Kind.SCOPE})


def is_between(nodes: Nodes, place: int) -> bool:
    """Return whether a node stands between principals and what they were given: a grant, or a scope."""
    return nodes.at[place].kind in _BETWEEN


def plain_link(held: Link, what: Link, head: int, shown: Iterable[Source]) -> Link:
    """Return the edge that a grant stands for.

    Parameters
    ----------
    held, what
        How the grant is held, and what it says.
    head
        Node of the target.
    shown
        Statements by which the first holder has the grant: what it says shows them as an example.
    """
    besides = [source for source in what.edge.sources if source not in set(shown)]
    sources = tuple(dict.fromkeys((*held.edge.sources, *besides)))
    edge = msgspec.structs.replace(what.edge, sources=sources)
    return Link(held.tail, head, edge_key(edge), edge)


def collapsed(nodes: Nodes, steps: Iterable[AttackStep], first: dict[int, Link]) -> tuple[AttackStep, ...]:
    """Return the steps of a path with one in the place of those that lead through a grant.

    Parameters
    ----------
    nodes
        Nodes of the graph.
    steps
        Steps along edges of the graph, in order.
    first
        How the first holder of each grant has it.
    """
    found: list[AttackStep] = []
    held = what = None
    begun: AttackStep | None = None
    for step in steps:
        link = step.link
        if link is None:
            found.append(step)
            continue
        if begun is None and not is_between(nodes, link.head):
            found.append(step)
            continue
        if nodes.at[link.head].kind is Kind.GRANT:
            begun = begun or step
            held = held or link
        elif nodes.at[link.tail].kind is Kind.GRANT:
            begun, what = begun or step, step
        if not is_between(nodes, link.head) and begun is not None and what is not None and what.link is not None:
            shown = first[what.link.tail].edge.sources if what.link.tail in first else ()
            plain = plain_link(held or what.link, what.link, link.head, shown)
            found.append(msgspec.structs.replace(what, tail=begun.tail, head=step.head, link=plain))
            held, what, begun = None, None, None
    return tuple(found)
