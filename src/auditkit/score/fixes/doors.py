"""Doors that stand open: entries that ask for nothing, trust that asks for no proof, services that act for anyone."""

from collections.abc import Iterator
from typing import Any

from auditkit.facts import FixRule, get_fix_rules
from auditkit.graph._edges import edge_of
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Evidence, Graph, View
from auditkit.inventory import Kind, Source
from auditkit.score.changes import EdgeKey, FactorLevel
from auditkit.score.fixes.model import Fix, FixKind, fix_from_rule, words_of

__all__ = ["door_fixes", "pin_fixes", "trust_fixes"]

_TOKEN = 0.25
"""Level of the factor *authentication* where a token of a user pool is checked (``facts/weights.json``)."""


def door_fixes(graph: Graph) -> Iterator[Fix]:
    """Yield for each anonymous entry what would have it ask for something, where its service can."""
    rules = {kind: rule for rule in get_fix_rules().values() if rule.group == "door" for kind in rule.behind}
    for node in sorted(graph):
        attributes = graph.nodes[node]
        if attributes["entry"] is not EntryKind.ANONYMOUS:
            continue
        door = _door_of(graph, node)
        rule = rules.get(str(attributes["kind"])) or (rules.get(str(graph.nodes[door]["kind"])) if door else None)
        if rule is not None:
            yield _door_fix(graph, node, rule, door)


def _door_of(graph: Graph, node: str) -> str:
    """Return the API or listener that an entry is a part of, ``""`` for none."""
    doors = sorted(tail for tail, _, edge in graph.in_edges(node, data=True) if edge["kind"] is EdgeKind.CONTAINS)
    return doors[0] if doors else ""


def _door_fix(graph: Graph, node: str, rule: FixRule, door: str) -> Fix:
    into: dict[EdgeKey, dict[str, Any]] = {
        (tail, node, key): edge for tail, _, key, edge in graph.in_edges(node, keys=True, data=True)
    }
    out = sorted((node, head, key) for _, head, key in graph.out_edges(node, keys=True))
    behind = [head for _, head, _ in out if graph.nodes[head]["kind"] is Kind.FUNCTION]
    label = graph.nodes[door]["label"] if door else ""
    words = words_of(graph, node) | {
        "api": str(label),
        "function": str(graph.nodes[behind[0]]["label"]) if behind else "",
    }
    guests = rule.id == "no-guests"
    signed = rule.id == "url-iam"
    comes_in = [key for key, edge in into.items() if edge["view"] is View.DATA]
    return fix_from_rule(
        rule,
        node,
        kind=FixKind.SETTING if guests or signed else FixKind.AUTHORIZER,
        words=words,
        sources=graph.nodes[node]["sources"],
        removes=tuple(out) if guests else tuple(sorted(_from_internet(into))) if signed else (),
        entries=((node, None if guests or signed else EntryKind.AUTHENTICATED),),
        levels=tuple(FactorLevel(key, "authentication", 0 if signed else _TOKEN) for key in sorted(comes_in)),
    )


def _from_internet(edges: dict[EdgeKey, dict[str, Any]]) -> Iterator[EdgeKey]:
    """Yield the trust edges from the internet among these."""
    return (key for key, edge in edges.items() if key[0] == INTERNET and edge["view"] is View.TRUST)


def trust_fixes(graph: Graph) -> Iterator[Fix]:
    """Yield for each role that another account assumes without a condition: ask for an external ID."""
    rule = get_fix_rules()["external-id"]
    by_pair: dict[tuple[str, str], list[tuple[EdgeKey, dict[str, Any]]]] = {}
    for tail, head, key, edge in graph.edges(keys=True, data=True):
        foreign = graph.nodes[tail]["boundary"].kind == "partner" and not _is_outside(graph, head)
        if edge["kind"] is EdgeKind.ASSUMES and foreign and not edge["conditions"]:
            by_pair.setdefault((head, tail), []).append(((tail, head, key), edge))
    for (role, who), edges in sorted(by_pair.items(), key=lambda item: item[0]):
        yield fix_from_rule(
            rule,
            role,
            kind=FixKind.CONDITION,
            words=words_of(graph, role) | {"who": str(graph.nodes[who]["label"])},
            sources=[source for _, edge in edges for source in edge["sources"]],
            extra=who,
            gates=tuple((key, "sts:ExternalId") for key in sorted(key for key, _ in edges)),
        )


def _is_outside(graph: Graph, node: str) -> bool:
    return graph.nodes[node]["boundary"].kind in {"internet", "third party", "partner"}


def pin_fixes(graph: Graph) -> Iterator[Fix]:
    """Yield for each function that a service invokes for whoever asks it to: pin source and account."""
    rule = get_fix_rules()["pin-source"]
    for node in sorted(graph):
        attributes = graph.nodes[node]
        if attributes["kind"] is not Kind.FUNCTION or _is_outside(graph, node):
            continue
        loose = {
            (tail, node, key): edge
            for tail, _, key, edge in graph.in_edges(node, keys=True, data=True)
            if edge["view"] is View.DATA and edge["evidence"] is not Evidence.PERMITTED and _is_loose(edge, graph, tail)
        }
        open_to_all = attributes["entry"] is EntryKind.OTHER_ACCOUNT
        from_outside = sorted((INTERNET, node, key) for key in graph.get_edge_data(INTERNET, node) or ())
        if not loose and not open_to_all:
            continue
        senders = sorted({tail for tail, _, _ in loose})
        sources: list[Source] = [source for key in sorted(loose) for source in loose[key]["sources"]]
        yield fix_from_rule(
            rule,
            node,
            kind=FixKind.CONDITION,
            words=words_of(graph, node)
            | {"who": _services(graph, senders), "sources": ", ".join(senders) or "the source"},
            sources=sources or list(attributes["sources"]),
            removes=tuple(from_outside) if open_to_all else (),
            entries=((node, None),) if open_to_all else (),
            levels=tuple(FactorLevel(key, "authentication", 0) for key in sorted(loose)),
        )


def _is_loose(edge: dict[str, Any], graph: Graph, tail: str) -> bool:
    """Return whether the policy of the target is what leaves the sender of a hop open."""
    factors = edge_of(edge).factors
    if factors is None or graph.nodes[tail]["kind"] not in _SENDERS:
        return False
    return factors.authentication.low > 0 and "resource policy" in factors.reasons.get("authentication", "")


_SENDERS = frozenset(
    {Kind.BUCKET, Kind.TOPIC, Kind.RULE, Kind.IOT_RULE, Kind.SECRET, Kind.LOG_GROUP, Kind.USER_POOL, Kind.ROUTE,
     Kind.SCHEDULE, Kind.TARGET_GROUP}
)  # fmt: skip


def _services(graph: Graph, senders: list[str]) -> str:
    kinds = sorted({str(graph.nodes[sender]["kind"]) for sender in senders})
    return f"the service of the {' and '.join(kinds)}" if kinds else "the service"
