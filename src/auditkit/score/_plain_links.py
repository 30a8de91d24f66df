"""Steps through grants as the plain edges that they stand for."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from auditkit.graph._merging import edge_key
from auditkit.inventory import Kind, Source
from auditkit.score._input import Nodes
from auditkit.score._links import Link
from auditkit.score.arrays import AttackStep

__all__ = ["Stretch", "collapsed", "is_between", "plain_link", "stretches"]

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


class Stretch(NamedTuple):
    """Steps of a path that are one by plain edges, as numbers in its order.

    Attributes
    ----------
    first, last
        The first and the last of them.
    says
        The one that says what may be done.
    held
        The one by which a grant is held; the same as ``says`` where the path begins at the grant.
    by_grant
        Whether they lead through a grant.
    """

    first: int
    last: int
    says: int
    held: int
    by_grant: bool


def stretches(nodes: Nodes, ends: Iterable[tuple[int, int]]) -> Iterator[Stretch]:
    """Yield what a path is by plain edges: one stretch in the place of the steps that lead through a grant.

    Parameters
    ----------
    nodes
        Nodes of the graph.
    ends
        The ends of the edges along a path, in order.
    """
    first = held = says = -1
    for number, (tail, head) in enumerate(ends):
        between = is_between(nodes, head)
        if first < 0 and not between:
            yield Stretch(number, number, number, number, by_grant=False)
            continue
        if nodes.at[head].kind is Kind.GRANT:
            first, held = (number if one < 0 else one for one in (first, held))
        elif nodes.at[tail].kind is Kind.GRANT:
            first, says = (number if first < 0 else first), number
        if not between and says >= 0:
            yield Stretch(first, number, says, says if held < 0 else held, by_grant=True)
            first = held = says = -1


def collapsed(nodes: Nodes, path: Sequence[tuple[AttackStep, Link]], first: dict[int, Link]) -> tuple[AttackStep, ...]:
    """Return the steps of a path with one in the place of those that lead through a grant.

    Parameters
    ----------
    nodes
        Nodes of the graph.
    path
        Steps along edges of the graph, in order, and the edges.
    first
        How the first holder of each grant has it.
    """
    found: list[AttackStep] = []
    for one in stretches(nodes, [(link.tail, link.head) for _, link in path]):
        (begun, _), (said, what), (end, to), (_, held) = (path[n] for n in (one.first, one.says, one.last, one.held))
        if not one.by_grant:
            found.append(said)
            continue
        shown = first[what.tail].edge.sources if what.tail in first else ()
        plain = plain_link(held, what, to.head, shown)
        found.append(msgspec.structs.replace(said, tail=begun.tail, head=end.head, link=plain))
    return tuple(found)
