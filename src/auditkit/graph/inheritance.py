"""Sensitivity of stores through which data only passes: what their producers carry, where nothing else says so."""

from collections import defaultdict
from typing import Any, NamedTuple

from auditkit.graph._build import Builder
from auditkit.graph.schema import Evidence, Graph, Node, Sensitivity, View
from auditkit.inventory import STORE_KINDS, Kind

__all__ = ["add_inherited"]

_TRANSIENT = frozenset(
    {
        Kind.ARCHIVE,
        Kind.BROKER,
        Kind.DELIVERY_STREAM,
        Kind.EVENT_BUS,
        Kind.KAFKA_CLUSTER,
        Kind.QUEUE,
        Kind.STATE_MACHINE,
        Kind.STREAM,
        Kind.TABLE_STREAM,
        Kind.TOPIC,
    }
)
_NOT_PASSED_ON = frozenset({Kind.KEY, Kind.PARAMETER, Kind.SECRET})
"""What code reads to get at something else, and does not hand on."""

_RANKS = [Sensitivity.PUBLIC, Sensitivity.INTERNAL, Sensitivity.CONFIDENTIAL, Sensitivity.RESTRICTED]
_NOTHING = -1
_DOMINATES = _RANKS.index(Sensitivity.CONFIDENTIAL)
"""The highest that something of unknown sensitivity counts as (``facts/scoring``)."""


class _Carried(NamedTuple):
    """What a node carries.

    Attributes
    ----------
    rank
        Highest known sensitivity, as index; -1 for none.
    store
        Id of a store that it comes from, the first of several.
    unknown
        Whether it carries something of unknown sensitivity as well.
    """

    rank: int = _NOTHING
    store: str = ""
    unknown: bool = False

    def joined(self, other: "_Carried") -> "_Carried":
        rank, _, store = min((-self.rank, self.store == "", self.store), (-other.rank, other.store == "", other.store))
        return _Carried(-rank, store, self.unknown or other.unknown)


def add_inherited(build: Builder, graph: Graph) -> None:
    """Give transient stores of unknown sensitivity that of what flows into them.

    A queue, topic, stream or bus carries what its producers read from other stores, over any number of hops that are
    more than permitted. It inherits the highest, if that is at least *confidential* or if all that flows in is known;
    data from outside, and from stores of unknown sensitivity, is not.
    """
    carried = _carried(graph)
    for node_id, node in graph.nodes(data=True):
        if node["kind"] not in _TRANSIENT or node["sensitivity"] is not Sensitivity.UNKNOWN:
            continue
        found = carried[node_id]
        if found.rank >= _DOMINATES or (found.rank > _NOTHING and not found.unknown):
            reason = f"Carries what {graph.nodes[found.store]['label']} holds, directly or through code that reads it."
            sensitive = {"sensitivity": _RANKS[found.rank], "sensitivity_reason": reason}
            build.node(node_id, Node(**{**node, **sensitive}))


def _carried(graph: Graph) -> dict[str, _Carried]:
    """Return what each node carries: the least fixed point along the flows."""
    flows: dict[str, set[str]] = defaultdict(set)
    fed: set[str] = set()
    for origin, target, edge in graph.edges(data=True):
        moves = edge["view"] is View.DATA and edge["enabled"] and edge["evidence"] is not Evidence.PERMITTED
        if moves and origin != target:
            fed.add(target)
            if graph.nodes[origin]["kind"] not in _NOT_PASSED_ON:
                flows[origin].add(target)
    carried: dict[str, _Carried] = {}
    settled: set[str] = set()
    for node_id, node in graph.nodes(data=True):
        own = _own(node_id, node, fed=node_id in fed)
        carried[node_id] = own or _Carried()
        if own is not None:
            settled.add(node_id)
    waiting = sorted(settled)
    while waiting:
        origin = waiting.pop()
        for target in sorted(flows[origin] - settled):
            joined = carried[target].joined(carried[origin])
            if joined != carried[target]:
                carried[target] = joined
                waiting.append(target)
    return carried


def _own(node_id: str, node: dict[str, Any], *, fed: bool) -> _Carried | None:
    """Return what a node carries by itself; ``None`` where that follows from what flows in."""
    sensitivity = node["sensitivity"]
    if sensitivity is not None and sensitivity is not Sensitivity.UNKNOWN:
        return _Carried(_RANKS.index(sensitivity), node_id)
    if node["kind"] in STORE_KINDS - _TRANSIENT or node["boundary"].kind not in {"account", "VPC", "AWS"} or not fed:
        return _Carried(unknown=True)
    return None
