"""Ways in: the cheapest paths of an attacker from outside to one store, one below the other."""

import math
from collections.abc import Mapping

import pandas as pd

from auditkit.errors import ScoreError
from auditkit.graph.schema import INTERNET, Graph
from auditkit.score._ground import LEVELS, Floats
from auditkit.score._input import find_node
from auditkit.score._table import table
from auditkit.score.arrays import LEVEL_OF, Attack, Hold, state_of
from auditkit.score.compact import Compact
from auditkit.score.kernels import k_cheapest
from auditkit.score.reach import Witness
from auditkit.score.weights import Weights

__all__ = ["ways_in"]

WAYS_COLUMNS = {
    "rank": "int64",
    "entry": "str",
    "entry_label": "str",
    "entry_kind": "str",
    "cost": "float64",
    "level": "str",
    "strength": "float64",
    "route": "str",
    "path": "object",
    "edges": "object",
    "steps": "object",
    "sources": "object",
}


def ways_in(
    graph: Graph | Compact,
    store: str,
    *,
    k: int = 10,
    weights: Weights | None = None,
    undecided: str | None = None,
    budget: int = 200_000,
) -> pd.DataFrame:
    """Return the k cheapest ways from outside to a store.

    A way meets no node in the same state twice. Assumed breaches are no way in; what the internet leads to and is an
    entry itself is where a way begins.

    Parameters
    ----------
    graph
        A graph of the schema, or a :class:`~auditkit.score.Compact` of it.
    store
        Id of the store.
    k
        Most ways, 1 upwards.
    weights
        Weights; those of the package by default.
    undecided
        As of :func:`auditkit.score.exposure`.
    budget
        Most partial ways that are looked at, 1 upwards.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``cost``, then number of steps, then content: ``rank`` (int64, from 1), ``entry``, ``entry_label``,
        ``entry_kind`` (str), ``cost`` (float64, in steps, the entry's exponent included), ``level`` (str: access that
        it gives), ``strength`` (float64: ``2**-cost``), ``route`` (str: labels along it), ``path``, ``edges``,
        ``steps``, ``sources`` (object, as of :func:`auditkit.score.exposure`). ``attrs``: ``reason`` (why it is empty),
        ``exhaustive`` (False if the budget ran out), ``weights``.

    Raises
    ------
    ScoreError
        If there is no such store, k or budget is below 1, or the graph is not of the schema.

    Notes
    -----
    Best first under exact bounds from one run backwards (:mod:`auditkit.score.kernels.paths`).
    """
    for name, value in (("k", k), ("budget", budget)):
        if value < 1:
            raise ScoreError(f"{name} is {value}, and must be at least 1")
    compact = Compact.of(graph, weights, undecided)
    attack, entries = compact.attack, compact.entries
    nodes, place = attack.nodes, find_node(attack.nodes, store)
    if not nodes.store[place]:
        raise ScoreError(f"{store!r} is no store")
    targets = {state_of(place, LEVEL_OF[level]) for level in LEVELS}
    starts = {state: start.exponent for state, start in entries.items()}
    found, exhaustive = k_cheapest(
        attack.start, attack.head, _cost(attack, starts), starts, targets, k=k, budget=budget
    )
    rows = []
    for rank, (total, states, numbers) in enumerate(found, start=1):
        steps = tuple(attack.steps[number] for number in numbers if attack.steps[number].link is not None)
        columns = Witness(states[0], steps).columns(attack)
        labels = [nodes.at[attack.node(state)].label for state in states]
        route = [label for number, label in enumerate(labels) if number == 0 or label != labels[number - 1]]
        rows.append(
            {
                "rank": rank,
                "entry": nodes.ids[entries[states[0]].node],
                "entry_label": nodes.at[entries[states[0]].node].label,
                "entry_kind": entries[states[0]].kind,
                "cost": total,
                "level": attack.hold(states[-1]).name.lower(),
                "strength": 2.0**-total,
                "route": " → ".join(route),
                **columns,
            }
        )
    reason = "No way leads to it from outside." if exhaustive else "The budget ran out before a way was found."
    return table(rows, WAYS_COLUMNS, reason=reason, exhaustive=exhaustive, weights=compact.weights.cited)


def _cost(attack: Attack, starts: Mapping[int, float]) -> Floats:
    """Return the costs of steps, with those closed that lead from the internet to an entry."""
    internet = attack.nodes.index.get(INTERNET)
    cost = attack.cost.copy()
    if internet is not None:
        state = state_of(internet, Hold.ACTS)
        for number in range(int(attack.start[state]), int(attack.start[state + 1])):
            if int(attack.head[number]) in starts:
                cost[number] = math.inf
    return cost
