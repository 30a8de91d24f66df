"""Choke points: what every way from outside to a crown jewel goes through, and the fewest edges that close it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from auditkit.graph.schema import Graph
from auditkit.score._input import Nodes, find_node
from auditkit.score._links import Link
from auditkit.score._table import table
from auditkit.score._ways import EdgeId, Ways
from auditkit.score.compact import Compact
from auditkit.score.reach import Witness, distances, witness_of
from auditkit.score.weights import Weights

__all__ = ["choke_points"]

CHOKE_COLUMNS = {
    "store": "str",
    "label": "str",
    "kind": "str",
    "sensitivity": "str",
    "cost": "float64",
    "ways": "int64",
    "nodes": "object",
    "node_labels": "object",
    "edges": "object",
    "edge_labels": "object",
    "cut": "object",
    "cut_labels": "object",
    "cut_entries": "object",
    "sources": "object",
}


def choke_points(
    graph: Graph | Compact,
    *,
    weights: Weights | None = None,
    of: Iterable[str] | None = None,
    undecided: str | None = None,
) -> pd.DataFrame:
    """Return for each crown jewel what every way from outside goes through, and a minimum cut.

    Parameters
    ----------
    graph
        A graph of the schema, or a :class:`~auditkit.score.Compact` of it.
    weights
        Weights; those of the package by default.
    of
        Ids of stores; all restricted ones that are reached from outside by default.
    undecided
        As of :func:`auditkit.score.exposure`.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``cost``, ``ways`` (falling), ``store``.

        ========================  =======  ====================================================================
        store, label, kind        str      of the store
        sensitivity               str      its classification
        cost                      float64  of the cheapest way from outside, in steps, with the entry's exponent
        ways                      int64    ways in that share no edge: as many edges as the cut has
        nodes, node_labels        object   tuple of str: dominators, which every way meets, in the order of the way
        edges, edge_labels        object   tuple: edges that every way takes, (from, to, key) and in words
        cut, cut_labels           object   tuple: the fewest edges that part it from outside, nearest to the outside
        cut_entries               object   tuple of str: stores in the cut that are an entry themselves
        sources                   object   tuple of :class:`~auditkit.inventory.Source` of the edges of the cut
        ========================  =======  ====================================================================

        ``attrs``: ``reason`` (why it is empty), ``entries``, ``weights``.

    Raises
    ------
    ScoreError
        If there is no such store, ``undecided`` is none of the three, or the graph is not of the schema.

    Notes
    -----
    The cut is a minimum cut with capacity 1 on every edge (:mod:`auditkit.score.kernels.disjoint`); assumed breaches
    are no way in. A dominator lies on every path, so on a cheapest one, and on each of the ways that share no edge:
    only what is on all of them is tried, by a search back from the store without it.
    """
    compact = Compact.of(graph, weights, undecided)
    ground, attack, entries = compact.ground, compact.attack, compact.entries
    reach = distances(attack, {state: start.exponent for state, start in entries.items()})
    jewels = [place for place in ground.stores if ground.is_jewel(place)]
    places = jewels if of is None else [find_node(attack.nodes, node_id) for node_id in sorted(set(of))]
    state_of = dict(zip(ground.stores, ground.states, strict=True))
    nearest = {
        place: min(state_of[place].tolist(), key=lambda state: (reach.cost[state], state))
        for place in places
        if place in state_of
    }
    rows = [
        {
            "cost": float(reach.cost[nearest[place]]),
            **_row(compact.ways, place, witness_of(attack, reach, nearest[place])),
        }
        for place in compact.ways.each([place for place, state in nearest.items() if math.isfinite(reach.cost[state])])
    ]
    rows.sort(key=lambda row: (row["cost"], -row["ways"], row["store"]))
    reason = "No way leads from outside to a crown jewel." if ground.stores else "The graph has no store."
    return table(rows, CHOKE_COLUMNS, reason=reason, entries=len(entries), weights=compact.weights.cited)


def _row(ways: Ways, place: int, witness: Witness) -> dict[str, Any]:
    attack = ways.attack
    nodes = attack.nodes
    path = [attack.node(witness.start), *(attack.node(step.head) for step in witness.steps)]
    links = [(step.link.tail, step.link.head, step.link.key) for step in witness.steps if step.link]
    every_node, every_edge = ways.on_all(place)
    on_all = [node for node in dict.fromkeys(path) if node in every_node]
    edges = [edge for edge in links if edge in every_edge]
    cut = ways.cut(place)
    told = {edge: _link_of(ways, edge).edge for edge in (*edges, *cut.edges)}
    node = nodes.at[place]
    return {
        "store": nodes.ids[place],
        "label": node.label,
        "kind": str(node.kind),
        "sensitivity": node.sensitivity.value if node.sensitivity else "unknown",
        "ways": cut.value or 0,
        "nodes": tuple(nodes.ids[each] for each in on_all),
        "node_labels": tuple(nodes.at[each].label for each in on_all),
        "edges": _named(nodes, edges),
        "edge_labels": _in_words(nodes, edges, told),
        "cut": _named(nodes, cut.edges),
        "cut_labels": _in_words(nodes, cut.edges, told),
        "cut_entries": tuple(nodes.ids[each] for each in cut.entries),
        "sources": tuple(dict.fromkeys(source for edge in cut.edges for source in told[edge].sources)),
    }


def _link_of(ways: Ways, edge: EdgeId) -> Link:
    links = ways.attack.steps.links
    return ways.stands_for.get(edge) or links[links.find(edge)]


def _named(nodes: Nodes, edges: Sequence[EdgeId]) -> tuple[tuple[str, str, object], ...]:
    return tuple((nodes.ids[tail], nodes.ids[head], key) for tail, head, key in edges)


def _in_words(nodes: Nodes, edges: Sequence[EdgeId], edge_of: Mapping[Any, Any]) -> tuple[str, ...]:
    def words(edge: EdgeId) -> str:
        what = f"{edge_of[edge].kind}: {edge_of[edge].label}".removesuffix(": ")
        return f"{nodes.at[edge[0]].label} → {nodes.at[edge[1]].label} ({what})"

    return tuple(map(words, edges))
