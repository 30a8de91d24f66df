"""Steps of an attacker: what follows from each trust edge, and what it costs. The one place where that is decided.

Rules, beside those of :mod:`auditkit.graph.schema`:

- An edge costs what the graph says (``facts/scoring``); an infinite cost is a denial, and no step.
- A condition or a switch that is off makes it 4 at least.
- So does something missing (``undecided="gated"``); what is missing is carried along. On demand, what is undecided
  counts as decided for the attacker (``"open"``), at the cost of its kind, or against (``"closed"``). *Runs as* stays
  as it is: whose role it is is certain, even where the role's permissions are not known.
- *Permits* leads to a store at its level; without a level, to every access, as undecided. From a grant it goes on to
  all that its scope contains.
- *Holds* is to read the secret; *opens* leads to a store at its level, without one to read and to write.
- What a function contains (a layer, a version) reaches the function; of anything else, the whole reaches the part.
- The internet is nothing to gain: whoever stands there needs no function for it.
- From the internet, an entry's own exponent is added, and so it is where another door leads to it (a distribution to a
  route of an API, which asks for its token all the same).
- Whoever writes to a store or administers it makes it act; whoever reads it or administers it knows it.
- Who has taken over a third party answers the code that calls it, which takes a bug in that code (3).
- Where the permissions of what runs code are not known, its flows speak for them: what it is seen or configured to read
  or to write, it can; what it merely refers to is undecided.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from auditkit.errors import ScoreError
from auditkit.graph.schema import INTERNET, Edge, EdgeKind, Evidence, Graph, Node, View
from auditkit.inventory import PRINCIPAL_KINDS, STORE_KINDS, Kind
from auditkit.score._input import RUNS_CODE, Nodes, Reading
from auditkit.score._links import Joined, Link, Links
from auditkit.score._table import table
from auditkit.score.arrays import LEVEL_OF, Attack, AttackStep, Gathered, Hold, Price, Steps, state_of, states_of
from auditkit.score.weights import Weights, default_weights

__all__ = ["GATED", "UNDECIDED", "attack_edges", "is_gate", "may_be_door", "read_attack", "read_both", "trust_steps"]

GATED = 4.0
"""Least cost of a step that hangs on a condition or that is not decided."""

_BUG = 3.0
"""Cost of a step that takes a bug in code."""

UNDECIDED = ("gated", "open", "closed")
"""How steps can count that are not decided."""

_OPEN = {
    EdgeKind.RUNS_AS: 0.0,
    EdgeKind.HOLDS: 0.0,
    EdgeKind.CONTAINS: 0.0,
    EdgeKind.PERMITS: 0.0,
}
"""Cost of an edge by its kind where nothing stands in the way; 1 for the others."""

_NO_DOORS = RUNS_CODE | {Kind.SCOPE}
_NO_ROLE = "no role is seen"
_NO_LEVEL = "access level"
_NO_PERMISSIONS = "permissions of the role"
_FLOWS = {EdgeKind.READS: Hold.READ, EdgeKind.WRITES: Hold.WRITE}
_CODE = RUNS_CODE - {Kind.STATE_MACHINE}

ATTACK_COLUMNS = {
    "from": "str",
    "to": "str",
    "key": "object",
    "kind": "str",
    "label": "str",
    "gains": "str",
    "cost": "float64",
    "conditions": "object",
    "undecided": "str",
    "sources": "object",
}


def attack_edges(graph: Graph, *, weights: Weights | None = None, undecided: str = "gated") -> pd.DataFrame:
    """Return the steps that an attacker can take: one row per edge of the graph and hold that it gives.

    Parameters
    ----------
    graph
        A graph of the schema.
    weights
        Weights; those of the package by default.
    undecided
        How steps count that cannot be decided: ``"gated"`` (cost 4), ``"open"`` or ``"closed"``.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``from``, ``to`` and the content of the edge. Of *contains* and *calls*, too, the ends are in the
        attacker's direction.

        ===========  =======  =============================================================================
        from, to     str      ids
        key          object   key of the edge in the graph
        kind, label  str      of the edge
        gains        str      what the attacker then has of ``to``: ``acts``, ``opens`` or an access level
        cost         float64  in steps, finite
        conditions   object   tuple of str: condition keys that it hangs on
        undecided    str      what is missing where it cannot be decided
        sources      object   tuple of :class:`~auditkit.inventory.Source`
        ===========  =======  =============================================================================

        ``attrs``: ``reason``, ``weights``.

    Raises
    ------
    ScoreError
        If the graph is not of the schema, or a cost is negative or not a number.
    """
    weights = weights or default_weights()
    attack = read_attack(Reading(graph), weights, undecided)
    ids = attack.nodes.ids
    rows = [
        {
            "from": ids[attack.node(step.tail)],
            "to": ids[attack.node(step.head)],
            "key": step.link.key,
            "kind": str(step.link.edge.kind),
            "label": step.link.edge.label,
            "gains": attack.hold(step.head).name.lower(),
            "cost": step.cost,
            "conditions": step.link.edge.conditions,
            "undecided": step.undecided,
            "sources": step.link.edge.sources,
        }
        for step in attack.steps
        if step.link is not None
    ]
    reason = "Nobody can act on anything in this graph." if len(attack.nodes) else "The graph is empty."
    return table(rows, ATTACK_COLUMNS, reason=reason, weights=weights.cited)


def read_attack(reading: Reading, weights: Weights, undecided: str = "gated") -> Attack:
    """Return the attacker's steps through a graph as arrays.

    Raises
    ------
    ScoreError
        If ``undecided`` is none of :data:`UNDECIDED`, or the graph is not of the schema.
    """
    if undecided not in UNDECIDED:
        raise ScoreError(f"undecided is {undecided!r}, and must be one of {', '.join(map(repr, UNDECIDED))}")
    return _read(reading, weights, (undecided,))[0]


def read_both(reading: Reading, weights: Weights) -> tuple[Attack, Attack]:
    """Return the attacker's steps with what is not decided gated, and open: the same steps but for what they cost.

    Raises
    ------
    ScoreError
        If the graph is not of the schema.
    """
    gated, is_open = _read(reading, weights, ("gated", "open"))
    return gated, is_open


def _read(reading: Reading, weights: Weights, counts: Sequence[str]) -> list[Attack]:
    nodes, views = reading.nodes, reading.views
    trust = views[View.TRUST]
    data = views[View.DATA].where(lambda edge: edge.evidence is not Evidence.PERMITTED)
    missing = _missing_permissions(nodes, trust.where(lambda edge: edge.kind is EdgeKind.RUNS_AS).bare())
    found = Gathered()
    _add_implied(found, nodes, len(counts))
    _add_trust(found, nodes, trust, weights, counts)
    for place, link in enumerate(data.bare(), len(trust)):
        for counted in _counted(counts, partial(_flow_steps, nodes, link, weights, missing)):
            found.add(counted, place)
    columns, links = found.columns(), Joined(trust, data)
    return [Attack(nodes, Steps(columns, found.prices(way), links), missing) for way in range(len(counts))]


def _counted(counts: Sequence[str], steps: Callable[[str], Iterator[AttackStep]]) -> Iterator[tuple[AttackStep, ...]]:
    """Yield steps as they are counted in each way; which there are must not hang on it."""
    return zip(*map(steps, counts), strict=True)


def _add_trust(found: Gathered, nodes: Nodes, trust: Links, weights: Weights, counts: Sequence[str]) -> None:
    """Add what :func:`trust_steps` gives for all edges: asked once for those that say the same between ends alike."""
    tail, head, sorts = trust.tail, trust.head, _sorts(nodes)
    case = trust.says.astype(np.int64)
    for column, count in ((sorts[tail], len(nodes)), (sorts[head], len(nodes)), (tail == head, 2)):
        case = case * count + column
    _, first, which = np.unique(case, return_index=True, return_inverse=True)
    places = np.argsort(which, kind="stable").astype(np.int32)
    of_each = np.split(places, np.cumsum(np.bincount(which, minlength=len(first)))[:-1])
    for link, some in zip(Links(trust.edges, trust.numbers[first]).bare(), of_each, strict=False):
        ends = {link.tail: tail[some], link.head: head[some]}
        for counted in _counted(counts, partial(trust_steps, nodes, link, weights)):
            step = counted[0]
            if len(some) == 1:
                found.add(counted, int(some[0]))
                continue
            (start, leaves), (end, gains) = divmod(step.tail, len(Hold)), divmod(step.head, len(Hold))
            price = found.price(Price(one.steps, one.cost, one.undecided) for one in counted)
            found.add_all(states_of(ends[start], Hold(leaves)), states_of(ends[end], Hold(gains)), price, some)


def _sorts(nodes: Nodes) -> NDArray[np.int64]:
    """Return numbers that are the same for nodes of which :func:`trust_steps` sees the same."""
    seen = (
        (node.kind, node.entry, store, outside, name == INTERNET)
        for node, store, outside, name in zip(nodes.at, nodes.store, nodes.outside, nodes.ids, strict=True)
    )
    known: dict[object, int] = {}
    return np.array([known.setdefault(one, len(known)) for one in seen], dtype=np.int64)


def _missing_permissions(nodes: Nodes, runs: Iterable[Link]) -> dict[int, str]:
    """Return the nodes that run code with permissions that the graph does not tell, and what is missing."""
    roles: dict[int, set[str]] = {
        place: set() for place, node in enumerate(nodes.at) if node.kind in _CODE and not nodes.outside[place]
    }
    for link in runs:
        if link.tail in roles:
            roles[link.tail].add(link.edge.unknown or ("" if nodes.at[link.head].exists else _NO_PERMISSIONS))
    missing = {place: "; ".join(sorted(said - {""})) if said else _NO_ROLE for place, said in roles.items()}
    return {place: what for place, what in missing.items() if what}


def _add_implied(found: Gathered, nodes: Nodes, counts: int) -> None:
    """Add what access to a store implies."""
    stores = np.flatnonzero(np.array(nodes.store, dtype=bool)).astype(np.int32)
    price, no_link = found.price([Price(0.0, 0.0, "")] * counts), np.full(len(stores), -1, dtype=np.int32)
    for level, hold in (
        (Hold.WRITE, Hold.ACTS),
        (Hold.ADMIN, Hold.ACTS),
        (Hold.READ, Hold.OPENS),
        (Hold.ADMIN, Hold.OPENS),
    ):
        found.add_all(states_of(stores, level), states_of(stores, hold), price, no_link)


def trust_steps(nodes: Nodes, link: Link, weights: Weights, counts: str) -> Iterator[AttackStep]:
    """Yield the steps that an edge of the trust view gives, no two with the same ends."""
    edge, tail, head = link.edge, link.tail, link.head
    undecided = edge.unknown
    if edge.kind is EdgeKind.CONTAINS and nodes.at[tail].kind is Kind.SCOPE:
        for hold in _handed_down(nodes, head):
            yield AttackStep(state_of(tail, hold), state_of(head, hold), 0.0, 0.0, "", link)
        return
    takes_levels = nodes.store[head] or nodes.at[head].kind is Kind.SCOPE
    if edge.kind is EdgeKind.PERMITS and takes_levels and edge.access is None:
        undecided = undecided or _NO_LEVEL
    steps = edge.cost
    if edge.kind is not EdgeKind.RUNS_AS:
        steps = _gated(edge, undecided, counts, open_at=min(steps, _usual(nodes, tail, edge.kind)))
    if math.isinf(steps):
        return
    if edge.kind is EdgeKind.CONTAINS and nodes.at[tail].kind in RUNS_CODE:
        tail, head = head, tail
    extra = 0.0
    entry = nodes.at[head].entry
    if entry is not None and is_gate(nodes, link):
        extra = weights.entries.of(entry)
    leaves = Hold.OPENS if edge.kind is EdgeKind.OPENS and nodes.store[tail] else Hold.ACTS
    for hold in _gains(nodes, edge, head):
        yield AttackStep(
            tail=state_of(tail, leaves),
            head=state_of(head, hold),
            steps=steps + extra,
            cost=weights.costs.of(steps) + extra,
            undecided=undecided,
            link=link,
        )


def _usual(nodes: Nodes, tail: int, kind: EdgeKind) -> float:
    """Return the cost of an edge where nothing stands in the way: what hands on what comes does so by itself."""
    if nodes.store[tail]:
        return 2.0  # one must wait
    if kind is EdgeKind.INVOKES and nodes.at[tail].kind not in PRINCIPAL_KINDS:
        return 0.0
    return _OPEN.get(kind, 1.0)


def _handed_down(nodes: Nodes, part: int) -> tuple[Hold, ...]:
    """Return what one has of a part of a scope if one has it of the scope: whatever it is."""
    kind = nodes.at[part].kind
    if kind is not Kind.SCOPE and not nodes.store[part]:
        return (Hold.ACTS,)
    return tuple(LEVEL_OF.values()) if kind in STORE_KINDS else (Hold.ACTS, *LEVEL_OF.values())


def is_gate(nodes: Nodes, link: Link) -> bool:
    """Return whether an edge leads to an entry from outside, or from a door that stands before it."""
    door = link.edge.kind is EdgeKind.CONTAINS and may_be_door(nodes.at[link.tail])
    return door or nodes.ids[link.tail] == INTERNET


def may_be_door(node: Node) -> bool:
    """Return whether what a node contains may be an entry that it stands before."""
    return node.kind not in _NO_DOORS


def _gated(edge: Edge, undecided: str, counts: str, *, open_at: float) -> float:
    """Return the cost of an edge with all that stands in the way; infinite where it is closed."""
    cost = edge.cost if edge.view is View.TRUST else open_at
    if math.isinf(cost) or (undecided and counts == "closed"):
        return math.inf
    if undecided and counts == "open":
        cost = open_at
    waits = edge.conditions or not edge.enabled or (undecided and counts == "gated")
    return max(cost, GATED) if waits else cost


def _gains(nodes: Nodes, edge: Edge, head: int) -> tuple[Hold, ...]:
    """Return what an attacker has of the head of a trust edge."""
    store = nodes.store[head]
    match edge.kind:
        case _ if nodes.ids[head] == INTERNET:
            return ()
        case EdgeKind.PERMITS if store or nodes.at[head].kind is Kind.SCOPE:
            return (LEVEL_OF[edge.access] if edge.access is not None else Hold.ADMIN,)
        case EdgeKind.PERMITS:
            return (Hold.ACTS,) if nodes.at[head].kind is Kind.GRANT else ()
        case EdgeKind.HOLDS if store:
            return (Hold.READ,)
        case EdgeKind.OPENS if store:
            return (LEVEL_OF[edge.access],) if edge.access is not None else (Hold.READ, Hold.WRITE)
        case EdgeKind.OPENS if nodes.outside[head]:
            return ()
        case _:
            return (Hold.ACTS,)


def _flow_steps(
    nodes: Nodes, link: Link, weights: Weights, missing: dict[int, str], counts: str
) -> Iterator[AttackStep]:
    """Yield what follows from a hop that is more than permitted."""
    edge = link.edge
    if edge.kind is EdgeKind.CALLS and nodes.at[link.head].kind is Kind.THIRD_PARTY:
        yield from _answers(nodes, link, weights, counts)
    hold = _FLOWS.get(edge.kind)
    if hold is None:
        return
    code, store = (link.head, link.tail) if edge.kind is EdgeKind.READS else (link.tail, link.head)
    if code not in missing or not nodes.store[store]:
        return
    undecided = missing[code] if edge.evidence is Evidence.REFERENCED else edge.unknown
    steps = _gated(edge, undecided, counts, open_at=0.0)
    if math.isinf(steps):
        return
    yield AttackStep(
        tail=state_of(code, Hold.ACTS),
        head=state_of(store, hold),
        steps=steps,
        cost=weights.costs.of(steps),
        undecided=undecided,
        link=link,
    )


def _answers(nodes: Nodes, link: Link, weights: Weights, counts: str) -> Iterator[AttackStep]:
    """Yield what a third party that is taken over can do to the code that calls it: answer what it does not expect."""
    steps = _gated(link.edge, link.edge.unknown, counts, open_at=_BUG)
    if nodes.at[link.tail].kind not in _CODE or math.isinf(steps):
        return
    yield AttackStep(
        tail=state_of(link.head, Hold.ACTS),
        head=state_of(link.tail, Hold.ACTS),
        steps=steps,
        cost=weights.costs.of(steps),
        undecided=link.edge.unknown,
        link=link,
    )
