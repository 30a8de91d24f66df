"""Denial of service by recursion: what a function writes or sends sets it off again."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import networkx as nx

from auditkit.areas.answers import Answer, failed, found_none, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.scene import Scene
from auditkit.graph.grounds import LAYERS, is_grounded, statement_sources
from auditkit.graph.schema import Edge, EdgeKind, Evidence
from auditkit.inventory import Kind, Source, UnsetType
from auditkit.inventory.records.buckets import Bucket, BucketNotification, NotificationFilter
from auditkit.inventory.records.functions import Function
from auditkit.policy import Decision, Document, PrincipalPolicies, TargetPolicies, can

__all__ = ["recursion"]

_PASSES_ON = frozenset({EdgeKind.WRITES, EdgeKind.CALLS, EdgeKind.DELIVERS, EdgeKind.REPLICATES})
_DETECTED = frozenset({Kind.QUEUE, Kind.TOPIC, Kind.BUCKET})
"""Stores on whose way Lambda's loop detection counts (AWS Lambda developer guide, recursive loop detection)."""
_SENDS = {
    Kind.BUCKET: "s3:PutObject",
    Kind.QUEUE: "sqs:SendMessage",
    Kind.TOPIC: "sns:Publish",
    Kind.TABLE: "dynamodb:PutItem",
    Kind.STREAM: "kinesis:PutRecord",
}
"""What sets something off from a store. Buses are left out: the patterns of their rules tell events apart."""
_NEAR = 2


def recursion(scene: Scene) -> Iterator[Answer]:
    """Judge whether a function can set itself off again."""
    may = _Sending(scene, scene.neighbours.events)
    events, loops = _events(scene, may)
    sure = _sure(scene, events, loops, may)
    sure_loops = _loops(nx.strongly_connected_components(sure), sure)
    for function in scene.functions:
        part, sure_part = loops.get(function.id), sure_loops.get(function.id)
        if sure_part is not None:
            yield _loop(scene, function, sorted(nx.find_cycle(sure.subgraph(sure_part), function.id)))
        elif part is not None:
            cycle = sorted(nx.find_cycle(events.subgraph(part), function.id))
            yield _perhaps(scene, function, cycle, may)
        elif found := may.back(function):
            store, at, seen = found
            if not seen:
                yield unknown(function, LAYERS["identity"], at=function.source.at("Role"), place=store)
                continue
            said = f"its role may send to {scene.label(store)}, which sets it off; whether its code does was not seen"
            yield warned(function, said, at=at, severity=Severity.LOW, weighed="only its role says so")
        else:
            yield found_none(function, "nothing that it sends or writes sets it off again", at=function.source)


_Loops = Mapping[str, Collection[str]]


def _loops(parts: Iterable[Collection[str]], events: "nx.DiGraph[str]") -> _Loops:
    """Return what goes round with each node that events come back to; a function may call itself alone."""
    return {node: part for part in parts for node in part if len(part) > 1 or events.has_edge(node, node)}


def _events(scene: Scene, may: "_Sending") -> tuple["nx.DiGraph[str]", _Loops]:
    """Return what hands events on to what, and what goes round in it.

    A function that may not write the objects that a bucket tells of hands none on there: loops are cut so, by prefix.
    """
    events = scene.neighbours.events
    loops = _loops(scene.neighbours.circles, events)
    cut = [
        (function.id, store)
        for function in scene.functions
        for store in (events.successors(function.id) if function.id in loops else ())
        if store in loops[function.id] and may.never(function, store)
    ]
    if not cut:
        return events, loops
    left = events.copy()
    left.remove_edges_from(cut)
    return left, _loops(nx.strongly_connected_components(left), left)


def _sure(scene: Scene, events: "nx.DiGraph[str]", loops: _Loops, may: "_Sending") -> "nx.DiGraph[str]":
    """Return the steps within loops that do not hang on a permission that was not seen: a name alone writes nothing."""
    found: nx.DiGraph[str] = nx.DiGraph()
    for origin in sorted(loops):
        for target, edge in scene.out_of(origin, *_PASSES_ON):
            doubtful = edge.unknown and edge.evidence is Evidence.REFERENCED
            if target not in loops[origin] or doubtful or not events.has_edge(origin, target):
                continue
            if not may.doubts(origin, target):
                found.add_edge(origin, target)
    return found


def _perhaps(scene: Scene, function: Function, cycle: list[tuple[str, str]], may: "_Sending") -> Answer:
    """Return that a function may set itself off, and what was not seen of that."""
    edges = [edge for origin, target, *_ in cycle for edge in _between(scene, origin, target)]
    at = [source for edge in edges for source in edge.sources]
    lacks = {edge.unknown for edge in edges} | {one for origin, store, *_ in cycle for one in may.doubts(origin, store)}
    return unknown(function, sorted(lacks - {""}), at=at)


def _loop(scene: Scene, function: Function, cycle: list[tuple[str, str]]) -> Answer:
    members = list(dict.fromkeys(node for pair in cycle for node in pair[:2]))
    kinds = {node: scene.nodes[node].kind for node in members}
    names = " → ".join(scene.label(node) for node in members)
    at = [source for origin, target, *_ in cycle for edge in _between(scene, origin, target) for source in edge.sources]
    said = f"what it hands on comes back to it: {names}"
    stores = {kind for kind in kinds.values() if kind not in {Kind.FUNCTION, Kind.TABLE_STREAM}}
    alone = len(members) - list(kinds.values()).count(Kind.TABLE_STREAM) <= _NEAR  # itself and one store
    if alone and not stores <= _DETECTED and not _filtered(scene, function, members):
        return failed(function, f"{said}; Lambda's loop detection does not see this kind of loop", at=at)
    if function.recursive_loop == "Allow":
        outside = any(scene.reach.access(node).cost <= _NEAR for node in members)
        worst = Severity.CRITICAL if outside else None
        said = f"{said}; and Lambda's loop detection is off"
        at = [*at, *function.sources]
        return failed(function, said, at=at, severity=worst, weighed="the outside reaches the loop")
    if isinstance(function.recursive_loop, UnsetType):
        said = f"{said}; whether Lambda's loop detection is on was not seen (lambda:GetFunctionRecursionConfig)"
    return warned(function, f"{said}; only the code, a filter or a pattern ends it", at=at)


def _filtered(scene: Scene, function: Function, members: list[str]) -> bool:
    """Return whether every mapping from a member of a loop to the function leaves some events out."""
    mappings = [one for one in scene.mappings.get(function.id, ()) if one.event_source_arn in members]
    return bool(mappings) and all(one.filter_criteria is not None or one.filter_unreadable for one in mappings)


def _between(scene: Scene, origin: str, target: str) -> Iterator[Edge]:
    return (edge for end, edge in scene.out_of(origin, *_PASSES_ON) if end == target)


class _Sending:
    """Which functions may send, by their roles, to what sets them off."""

    def __init__(self, scene: Scene, events: "nx.DiGraph[str]") -> None:
        self.scene, self.events = scene, events
        self._principals, self._targets = scene.principals, scene.targets

    def back(self, function: Function) -> tuple[str, tuple[Source, ...], bool] | None:
        """Return the first store that sets a function off and that its role may send to.

        With it the statements, and whether the policies that decide were seen.
        """
        principal = self._principals.get(function.role or "")
        if principal is None:
            return None
        for store in self._before(function.id):
            target, action = self._targets.get(store), _SENDS[self.scene.nodes[store].kind]
            if target is None or not self._permitted(principal.arn, store):
                continue
            key = self._targets.get(target.key_arn or "")
            for thing in self._things(principal, target):
                decision = can(principal, target, action, resource=thing, key=key)
                if not decision.denied and is_grounded(decision):
                    return store, statement_sources(decision.statements), "identity" not in decision.missing
        return None

    def _permitted(self, principal: str, store: str) -> bool:
        return self.scene.neighbours.leads_to(principal, store, EdgeKind.PERMITS)

    def _before(self, function: str) -> list[str]:
        """Return the stores whose events come to a function without another function between, by id."""
        found, waiting = set[str](), [function]
        while waiting:
            for origin in self.events.pred.get(waiting.pop(), ()):
                if origin not in found and self.scene.nodes[origin].kind is not Kind.FUNCTION:
                    found.add(origin)
                    waiting.append(origin)
        return sorted(store for store in found if self.scene.nodes[store].kind in _SENDS)

    def never(self, function: Function, store: str) -> bool:
        """Return whether a function's policies, all seen, let it write no object that a bucket tells of."""
        decisions = self._writing(function, store)
        return bool(decisions) and all(decision.denied for decision in decisions)

    def doubts(self, origin: str, store: str) -> list[str]:
        """Return what might let a function write an object that a bucket tells of, where nothing seen does."""
        function = self.scene.inventory.get(origin)
        decisions = self._writing(function, store) if isinstance(function, Function) else []
        if not decisions or any(not decision.denied and is_grounded(decision) for decision in decisions):
            return []
        return sorted({LAYERS.get(layer, layer) for decision in decisions for layer in decision.missing})

    def _writing(self, function: Function, store: str) -> list[Decision]:
        """Return what is decided of writing objects that a bucket tells of; nothing of other stores."""
        principal, target = self._principals.get(function.role or ""), self._targets.get(store)
        if principal is None or target is None or self.scene.nodes[store].kind is not Kind.BUCKET:
            return []
        things, action = self._things(principal, target), _SENDS[Kind.BUCKET]
        return [can(principal, target, action, resource=thing) for thing in things]

    def _things(self, principal: PrincipalPolicies, target: TargetPolicies) -> list[str]:
        """Return what the sending acts on: of a bucket, objects that its notifications are about, and a policy too."""
        bucket = self.scene.inventory.get(target.arn)
        if not isinstance(bucket, Bucket):
            return [target.arn]
        told = bucket.notification
        if not isinstance(told, BucketNotification):
            return []
        kinds = (told.lambda_function_configurations, told.queue_configurations, told.topic_configurations)
        ends = {_ends(one.filter) for kind in kinds for one in kind if any("Created" in event for event in one.events)}
        if told.event_bridge_configuration is not None:
            ends.add(("", ""))
        named = {pattern for pattern in _patterns(principal, target) if pattern}
        keys = {key for prefix, suffix in ends for key in _keys(prefix, suffix, named)}
        return [f"{target.arn}/{key}" for key in sorted(keys)]


def _ends(narrowed: NotificationFilter | None) -> tuple[str, str]:
    """Return how the keys begin and end that a filter lets through."""
    rules = narrowed.key.filter_rules if narrowed is not None and narrowed.key is not None else ()
    parts = {rule.name.lower(): rule.value for rule in rules}
    return parts.get("prefix", ""), parts.get("suffix", "")


def _patterns(principal: PrincipalPolicies, target: TargetPolicies) -> Iterator[str]:
    """Yield the patterns of keys of a bucket that policies allow something on."""
    own = principal.identity if isinstance(principal.identity, tuple) else ()
    others = (target.resource_policy,) if isinstance(target.resource_policy, Document) else ()
    for statement in (statement for document in (*own, *others) for statement in document.statements):
        for resource in (statement.resources or ()) if statement.effect == "Allow" else ():
            if resource.startswith(f"{target.arn}/"):
                yield resource.removeprefix(f"{target.arn}/")


def _keys(prefix: str, suffix: str, patterns: Collection[str]) -> Iterator[str]:
    """Yield keys that begin and end so: any one, and for each pattern one that it matches, where there is any."""
    yield f"{prefix}new{suffix}"
    for pattern in patterns:
        head, *_, tail = re.split(r"[*?]", pattern) if set(pattern) & {"*", "?"} else (pattern, "", "")
        first = head if head.startswith(prefix) else prefix if prefix.startswith(head) else None
        last = tail if tail.endswith(suffix) else suffix if suffix.endswith(tail) else None
        if first is not None and last is not None:
            yield f"{first}new{last}"
        if pattern.startswith(prefix) and pattern.endswith(suffix):
            yield pattern.replace("*", "").replace("?", "x")
