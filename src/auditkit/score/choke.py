"""Choke points: what every way from outside to a crown jewel goes through, and the fewest edges that close it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from auditkit.graph.schema import Graph
from auditkit.score._ground import Ground
from auditkit.score._input import Nodes, find_node
from auditkit.score._table import table
from auditkit.score._ways import EdgeId, Ways, entries_of
from auditkit.score.arrays import Attack
from auditkit.score.attack import read_attack
from auditkit.score.reach import distances, witness_of
from auditkit.score.weights import Weights, default_weights

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
    graph: Graph,
    *,
    weights: Weights | None = None,
    of: Iterable[str] | None = None,
    undecided: str = "gated",
) -> pd.DataFrame:
    """Return for each crown jewel what every way from outside goes through, and a minimum cut.

    Parameters
    ----------
    graph
        A graph of the schema.
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
    A dominator lies on every path, so on a cheapest one: each node and edge of that is tried, in ``O(E)`` each. The cut
    is a minimum cut with capacity 1 on every edge (Ford and Fulkerson 1956); assumed breaches are no way in.
    """
    weights = weights or default_weights()
    ground = Ground(read_attack(graph, weights, undecided), weights)
    attack = ground.attack
    entries = entries_of(attack, weights.entries)
    ways = Ways(attack, entries)
    reach = distances(attack, {state: start.exponent for state, start in entries.items()})
    jewels = [place for place in ground.stores if ground.is_jewel(place)]
    places = jewels if of is None else [find_node(attack.nodes, node_id) for node_id in sorted(set(of))]
    state_of = dict(zip(ground.stores, ground.states, strict=True))
    rows = []
    for place in places:
        states = state_of.get(place)
        target = None if states is None else min(states.tolist(), key=lambda state: (reach.cost[state], state))
        if target is not None and reach.cost[target] < float("inf"):
            witness = witness_of(attack, reach, target)
            path = [attack.node(witness.start), *(attack.node(step.head) for step in witness.steps)]
            links = [(step.link.tail, step.link.head, step.link.key) for step in witness.steps if step.link]
            cost = float(reach.cost[target])
            rows.append({"cost": cost, **_row(_Into(attack, ways, sorted(entries), place), path, links)})
    rows.sort(key=lambda row: (row["cost"], -row["ways"], row["store"]))
    reason = "No way leads from outside to a crown jewel." if ground.stores else "The graph has no store."
    return table(rows, CHOKE_COLUMNS, reason=reason, entries=len(entries), weights=weights.cited)


def _row(into: "_Into", path: list[int], links: list[EdgeId]) -> dict[str, Any]:
    attack, place = into.attack, into.place
    nodes = attack.nodes
    on_all = [node for node in dict.fromkeys(path) if node != place and into.parted(node=node)]
    edges = [edge for edge in links if into.parted(edge=edge)]
    cut = into.ways.cut(place)
    node = nodes.at[place]
    edge_of = {_edge(step.link): step.link.edge for step in attack.steps if step.link is not None}
    return {
        "store": nodes.ids[place],
        "label": node.label,
        "kind": str(node.kind),
        "sensitivity": node.sensitivity.value if node.sensitivity else "unknown",
        "ways": cut.value or 0,
        "nodes": tuple(nodes.ids[each] for each in on_all),
        "node_labels": tuple(nodes.at[each].label for each in on_all),
        "edges": _named(nodes, edges),
        "edge_labels": _in_words(nodes, edges, edge_of),
        "cut": _named(nodes, cut.edges),
        "cut_labels": _in_words(nodes, cut.edges, edge_of),
        "cut_entries": tuple(nodes.ids[each] for each in cut.entries),
        "sources": tuple(dict.fromkeys(source for edge in cut.edges for source in edge_of[edge].sources)),
    }


class _Into:
    """What leads from outside to one store, with and without one part of it."""

    def __init__(self, attack: Attack, ways: Ways, entries: list[int], place: int) -> None:
        self.attack, self.ways, self.place = attack, ways, place
        states, steps = ways.between(place)
        self._entries = [state for state in entries if state in states]
        self._after: dict[int, list[int]] = {}
        for number in steps:
            self._after.setdefault(attack.steps[number].tail, []).append(number)

    def parted(self, *, node: int = -1, edge: EdgeId | None = None) -> bool:
        """Return whether nothing leads to the store without a node, or without an edge."""
        attack = self.attack
        fringe = [state for state in self._entries if attack.node(state) != node]
        seen = set(fringe)
        while fringe:
            state = fringe.pop()
            if attack.node(state) == self.place:
                return False
            for number in self._after.get(state, ()):
                step = attack.steps[number]
                if step.head in seen or attack.node(step.head) == node or (edge and _edge(step.link) == edge):
                    continue
                seen.add(step.head)
                fringe.append(step.head)
        return True


def _edge(link: Any) -> EdgeId | None:  # noqa: ANN401 -- a link of a step, or none
    return (link.tail, link.head, link.key) if link is not None else None


def _named(nodes: Nodes, edges: Sequence[EdgeId]) -> tuple[tuple[str, str, object], ...]:
    return tuple((nodes.ids[tail], nodes.ids[head], key) for tail, head, key in edges)


def _in_words(nodes: Nodes, edges: Sequence[EdgeId], edge_of: Mapping[Any, Any]) -> tuple[str, ...]:
    def words(edge: EdgeId) -> str:
        what = f"{edge_of[edge].kind}: {edge_of[edge].label}".removesuffix(": ")
        return f"{nodes.at[edge[0]].label} → {nodes.at[edge[1]].label} ({what})"

    return tuple(map(words, edges))
