"""Settings that make hops weak: by rules (``facts/fixes.toml``), each at the node where it is set."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from auditkit.facts import FixRule, get_fix_rules
from auditkit.graph.schema import EdgeKind, Evidence, Graph, Interval, View
from auditkit.score.changes import EdgeKey, FactorLevel
from auditkit.score.fixes.model import Fix, FixKind, fix_from_rule, words_of

__all__ = ["setting_fixes"]

_Hops = dict[EdgeKey, dict[str, Any]]


def setting_fixes(graph: Graph) -> Iterator[Fix]:
    """Yield for each rule and each node at which hops are weaker than need be: the setting that mends them."""
    hops: _Hops = {
        (tail, head, key): edge
        for tail, head, key, edge in sorted(graph.edges(keys=True, data=True), key=lambda edge: edge[:3])
        if edge["view"] is View.DATA and edge["evidence"] is not Evidence.PERMITTED and edge["factors"] is not None
    }
    for rule in get_fix_rules().values():
        if rule.group == "setting":
            yield from _of_rule(graph, rule, hops)


def _of_rule(graph: Graph, rule: FixRule, hops: _Hops) -> Iterator[Fix]:
    by_node: dict[str, list[EdgeKey]] = {}
    for key, edge in hops.items():
        level: Interval = getattr(edge["factors"], rule.factor)
        node = _node_of(graph, rule, key)
        if node and level.low > max(rule.worse_than, rule.becomes) and _matches(rule.hops, edge["factors"].hop):
            by_node.setdefault(node, []).append(key)
    for node, weak in sorted(by_node.items()):
        ends = {end for tail, head, _ in weak for end in (tail, head)} if rule.along else set()
        along = [
            key
            for key, edge in hops.items()
            if rule.along and node in key[:2] and node in ends and _matches(rule.along, edge["factors"].hop)
        ]
        touched = sorted({*weak, *along})
        yield fix_from_rule(
            rule,
            node,
            kind=FixKind(rule.kind),
            words=words_of(graph, node),
            sources=[source for key in weak for source in hops[key]["sources"]],
            levels=tuple(FactorLevel(key, rule.factor, rule.becomes) for key in touched),
        )


def _matches(patterns: tuple[str, ...], hop: str) -> bool:
    return any(fnmatchcase(hop, pattern) for pattern in patterns)


def _node_of(graph: Graph, rule: FixRule, key: EdgeKey) -> str:
    """Return the end of a hop at which a setting is made, or the door before it; ``""`` where neither end is one."""
    ends = [end for end in (key[1], key[0]) if str(graph.nodes[end]["kind"]) in rule.at]
    if not ends or rule.by != "door":
        return ends[0] if ends else ""
    doors = sorted(tail for tail, _, edge in graph.in_edges(ends[0], data=True) if edge["kind"] is EdgeKind.CONTAINS)
    return doors[0] if doors else ends[0]
