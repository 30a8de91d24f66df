"""Steps of an attacker: what follows from each trust edge, and what it costs. The one place where that is decided.

Rules, beside those of :mod:`auditkit.graph.schema`:

- An edge costs what the graph says (``facts/scoring``); an infinite cost is a denial, and no step.
- A condition, a switch that is off or something missing makes it 4 at least; what is missing is carried along. Only
  *runs as* stays as it is: whose role it is is certain, even where the role's permissions are not known.
- *Permits* leads to a store at its level; without a level, to every access, as undecided. From a grant it goes on.
- *Holds* is to read the secret; *opens* leads to a store at its level, without one to read and to write.
- What a function contains (a layer, a version) reaches the function; of anything else, the whole reaches the part.
- From the internet, an entry's own exponent is added.
- Whoever writes to a store or administers it makes it act; whoever reads it or administers it knows it.
- Where the permissions of what runs code are not known, its flows speak for them: what it is seen or configured to read
  or to write, it can; what it merely refers to is undecided.
"""

import math
from collections.abc import Iterator

import pandas as pd

from auditkit.graph.schema import INTERNET, Edge, EdgeKind, Evidence, Graph, View
from auditkit.inventory import Kind
from auditkit.score._input import RUNS_CODE, Link, Nodes, read_links, read_nodes
from auditkit.score._table import table
from auditkit.score.arrays import LEVEL_OF, Attack, AttackStep, Hold, state_of
from auditkit.score.weights import Weights, default_weights

__all__ = ["GATED", "attack_edges", "read_attack"]

GATED = 4.0
"""Least cost of a step that hangs on a condition or that is not decided."""

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


def attack_edges(graph: Graph, *, weights: Weights | None = None) -> pd.DataFrame:
    """Return the steps that an attacker can take: one row per edge of the graph and hold that it gives.

    Parameters
    ----------
    graph
        A graph of the schema.
    weights
        Weights; those of the package by default.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``from``, ``to`` and the content of the edge. For *contains* the ends are in the attacker's direction.

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
    attack = read_attack(graph, weights)
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


def read_attack(graph: Graph, weights: Weights) -> Attack:
    """Return the attacker's steps through a graph as arrays."""
    nodes = read_nodes(graph)
    trust = read_links(graph, nodes, View.TRUST)
    missing = _missing_permissions(nodes, trust)
    steps = list(_implied(nodes))
    for link in trust:
        steps += _trust_steps(nodes, link, weights)
    for link in read_links(graph, nodes, View.DATA):
        steps += _flow_steps(nodes, link, weights, missing)
    return Attack(nodes, steps, missing)


def _missing_permissions(nodes: Nodes, trust: list[Link]) -> dict[int, str]:
    """Return the nodes that run code with permissions that the graph does not tell, and what is missing."""
    roles: dict[int, set[str]] = {
        place: set() for place, node in enumerate(nodes.at) if node.kind in _CODE and not nodes.outside[place]
    }
    for link in trust:
        if link.edge.kind is EdgeKind.RUNS_AS and link.tail in roles:
            roles[link.tail].add(link.edge.unknown or ("" if nodes.at[link.head].exists else _NO_PERMISSIONS))
    missing = {place: "; ".join(sorted(said - {""})) if said else _NO_ROLE for place, said in roles.items()}
    return {place: what for place, what in missing.items() if what}


def _implied(nodes: Nodes) -> Iterator[AttackStep]:
    """Yield what access to a store implies."""
    for place, store in enumerate(nodes.store):
        if store:
            for level, hold in (
                (Hold.WRITE, Hold.ACTS),
                (Hold.ADMIN, Hold.ACTS),
                (Hold.READ, Hold.OPENS),
                (Hold.ADMIN, Hold.OPENS),
            ):
                yield AttackStep(state_of(place, level), state_of(place, hold), 0.0, 0.0, "", None)


def _trust_steps(nodes: Nodes, link: Link, weights: Weights) -> Iterator[AttackStep]:
    edge, tail, head = link.edge, link.tail, link.head
    undecided = edge.unknown
    if edge.kind is EdgeKind.PERMITS and nodes.store[head] and edge.access is None:
        undecided = undecided or _NO_LEVEL
    steps = _cost(edge, undecided)
    if math.isinf(steps):
        return
    if edge.kind is EdgeKind.CONTAINS and nodes.at[tail].kind in RUNS_CODE:
        tail, head = head, tail
    extra = 0.0
    entry = nodes.at[head].entry
    if nodes.ids[tail] == INTERNET and entry is not None:
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


def _cost(edge: Edge, undecided: str) -> float:
    gated = bool(edge.conditions or undecided or not edge.enabled) and edge.kind is not EdgeKind.RUNS_AS
    return max(edge.cost, GATED) if gated else edge.cost


def _gains(nodes: Nodes, edge: Edge, head: int) -> tuple[Hold, ...]:
    """Return what an attacker has of the head of a trust edge."""
    store = nodes.store[head]
    match edge.kind:
        case EdgeKind.PERMITS if store:
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


def _flow_steps(nodes: Nodes, link: Link, weights: Weights, missing: dict[int, str]) -> Iterator[AttackStep]:
    edge = link.edge
    hold = _FLOWS.get(edge.kind)
    if hold is None or edge.evidence is Evidence.PERMITTED:
        return
    code, store = (link.head, link.tail) if edge.kind is EdgeKind.READS else (link.tail, link.head)
    if code not in missing or not nodes.store[store]:
        return
    undecided = missing[code] if edge.evidence is Evidence.REFERENCED else edge.unknown
    steps = GATED if undecided or edge.conditions or not edge.enabled else 0.0
    yield AttackStep(
        tail=state_of(code, Hold.ACTS),
        head=state_of(store, hold),
        steps=steps,
        cost=weights.costs.of(steps),
        undecided=undecided,
        link=link,
    )
