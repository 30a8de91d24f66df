"""How many events an hour each node gets when an entry is flooded: along triggers and writes, as far as limits let."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec
import networkx as nx

from auditkit.areas.flood import limits
from auditkit.areas.flood.bounds import UNLIMITED, Bound, Side, exactly, times
from auditkit.areas.scene import Scene
from auditkit.facts import get_quota
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory import Kind
from auditkit.inventory.records.apis import RestMethod
from auditkit.inventory.records.apis_v2 import ApiRoute
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.statemachines import StateMachine

__all__ = ["Flow", "Load", "Step"]

_PASSES_ON = (EdgeKind.WRITES, EdgeKind.CALLS, EdgeKind.DELIVERS, EdgeKind.REPLICATES)
_KEPT = frozenset({Kind.SECRET, Kind.PARAMETER, Kind.KEY})
"""Kinds that a write sets nothing off from."""
_SYNCHRONOUS = frozenset({Kind.ROUTE, Kind.FUNCTION_URL, Kind.TARGET_GROUP, Kind.LISTENER, Kind.USER_POOL})
_SYNCHRONOUS |= {Kind.GRAPHQL_API, Kind.AGENT, Kind.PIPE, Kind.DELIVERY_STREAM}
_POLLED = frozenset({Kind.QUEUE, Kind.STREAM, Kind.TABLE_STREAM, Kind.BROKER, Kind.KAFKA_CLUSTER, Kind.DATABASE})


class Step(msgspec.Struct, frozen=True):
    """One way from a node to another.

    Attributes
    ----------
    target
        Where events go.
    often
        How many events arrive for one that leaves, retries included.
    at_once
        How many executions this way keeps busy at most.
    """

    target: str
    often: Bound
    at_once: Bound


class Load(msgspec.Struct, frozen=True):
    """What a node gets.

    Attributes
    ----------
    events
        Events, requests or invocations an hour.
    at_once
        Executions that run at the same time; of functions.
    full
        Whether the function's own concurrency is what stops it.
    """

    events: float
    at_once: float = 0.0
    full: bool = False


class Flow:
    """Where events go, worked out once for an account.

    Parameters
    ----------
    scene
        Inventory and graph.
    handed_on
        Events that one invocation hands on along each of its edges. An export does not tell: it is in the code.
    """

    def __init__(self, scene: Scene, *, handed_on: float = 1.0) -> None:
        self._scene = scene
        self._handed_on = handed_on
        self._functions = {function.id: function for function in scene.functions}

    def reached(self, start: str) -> frozenset[str]:
        """Return what gets events when a node does, itself included."""
        found, open_ = {start}, [start]
        while open_:
            for step in self._steps.get(open_.pop(), ()):
                if step.target not in found:
                    found.add(step.target)
                    open_.append(step.target)
        return frozenset(found)

    def loops(self, nodes: Iterable[str]) -> bool:
        """Return whether events come round again among some nodes."""
        return any(self._place[node] in self._cyclic for node in nodes)

    def bounds(self, node: str) -> Iterator[Bound]:
        """Yield the limits that were looked at for a node."""
        function = self._functions.get(node)
        if function is None:
            yield self._rate(node)
        else:
            yield from (self._concurrency[node], limits.timeout(function), limits.memory(function))
        for step in self._steps.get(node, ()):
            yield step.often
            yield step.at_once

    def loads(self, start: str, side: Side) -> dict[str, Load]:
        """Return what each node gets an hour when a node is flooded, at one end of all bounds."""
        within = self.reached(start)
        parts: dict[int, list[str]] = defaultdict(list)
        for node in within:
            parts[self._place[node]].append(node)
        into: dict[str, list[tuple[float, Bound]]] = defaultdict(list, {start: [(math.inf, UNLIMITED)]})
        found: dict[str, Load] = {}
        for place in sorted(parts):
            members = sorted(parts[place])
            if place in self._cyclic and side is Side.HIGH and self._gets_any(members, into):
                self._go_round(members, into)
            for node in self._in_order(members, into, side):
                found[node] = self._load(node, into[node], side)
                self._hand_on(node, found[node], into, side, skip=self._behind(node, members, found, side))
        return found

    # ------------------------------------------------------------- one node

    def _load(self, node: str, into: list[tuple[float, Bound]], side: Side) -> Load:
        function = self._functions.get(node)
        if function is None:
            return Load(min(sum(events for events, _ in into), self._rate(node).at(side)))
        each = get_quota("executions per environment").value * limits.HOUR
        most, seconds = self._concurrency[node].at(side), limits.timeout(function).at(side)
        wanted = sum(min(at_once.at(side), times(events, seconds / limits.HOUR)) for events, at_once in into)
        events = sum(min(events, times(at_once.at(side), each)) for events, at_once in into)
        return Load(min(events, times(most, each)), min(wanted, most), full=wanted >= most)

    def _hand_on(
        self, node: str, load: Load, into: dict[str, list[tuple[float, Bound]]], side: Side, *, skip: set[str]
    ) -> None:
        for step in self._steps.get(node, ()):
            if step.target not in skip:
                into[step.target].append((times(load.events, step.often.at(side)), step.at_once))

    # ---------------------------------------------------------------- loops

    def _go_round(self, members: list[str], into: dict[str, list[tuple[float, Bound]]]) -> None:
        """Let events come round without end: only what a function may run at once stops it."""
        inside = set(members)
        for node in members:
            for step in self._steps.get(node, ()):
                if step.target in inside and step.target in self._functions:
                    into[step.target].append((math.inf, step.at_once))
        for circle in nx.strongly_connected_components(self._without_functions(members)):
            if len(circle) > 1 or any(one in self._graph[one] for one in circle):
                for node in sorted(circle):
                    into[node].append((math.inf, UNLIMITED))

    @staticmethod
    def _gets_any(members: list[str], into: Mapping[str, list[tuple[float, Bound]]]) -> bool:
        return any(events > 0 for node in members for events, _ in into.get(node, ()))

    def _without_functions(self, members: list[str]) -> "nx.DiGraph[str]":
        return self._graph.subgraph([one for one in members if one not in self._functions])

    def _in_order(self, members: list[str], into: dict[str, list[tuple[float, Bound]]], side: Side) -> list[str]:
        """Return the nodes of a loop in the order of work: functions first at the high end, else as events come."""
        if len(members) == 1:
            return members
        if side is Side.HIGH:
            part = nx.condensation(self._without_functions(members))
            stores = [one for place in nx.topological_sort(part) for one in sorted(part.nodes[place]["members"])]
            return [*(one for one in members if one in self._functions), *stores]
        inside = set(members)
        order = [one for one in members if into.get(one)]
        for node in order:
            order += sorted({s.target for s in self._steps.get(node, ()) if s.target in inside} - set(order))
        return order

    def _behind(self, node: str, members: list[str], found: Mapping[str, Load], side: Side) -> set[str]:
        """Return what of a loop gets nothing more: what was worked out before, and functions that are at their cap."""
        if len(members) == 1 and node not in self._graph[node]:
            return set()
        done = set(found) & set(members)
        return done | {one for one in members if side is Side.HIGH and one in self._functions}

    # ---------------------------------------------------------------- the graph

    @cached_property
    def _steps(self) -> dict[str, tuple[Step, ...]]:
        graph = self._scene.graph
        return {
            origin: steps
            for origin in sorted(graph)
            if graph.nodes[origin]["kind"] not in _KEPT and (steps := tuple(self._out_of(origin)))
        }

    def _out_of(self, origin: str) -> Iterator[Step]:
        seen: set[tuple[str, EdgeKind, str]] = set()
        handed_on = self._handed_on if origin in self._functions else 1.0
        for target, edge in self._scene.out_of(origin, *_PASSES_ON):
            key = (target, edge.kind, edge.label if edge.kind is EdgeKind.DELIVERS else "")
            if edge.view is not View.DATA or not edge.enabled or edge.evidence is Evidence.PERMITTED or key in seen:
                continue
            seen.add(key)
            for step in self._ways(origin, target, edge):
                yield Step(target, _scaled(step.often, handed_on), step.at_once)

    def _ways(self, origin: str, target: str, edge: Edge) -> Iterator[Step]:
        function, kind = self._functions.get(target), self._scene.nodes[origin].kind
        if function is None:
            yield Step(target, exactly(1), UNLIMITED)
            return
        if edge.kind is EdgeKind.DELIVERS and kind in _POLLED:
            polled = [one for one in self._scene.mappings.get(target, ()) if one.event_source_arn == origin]
            for mapping in polled:
                if mapping.enabled:
                    often = limits.receives(self._scene, mapping)
                    yield Step(target, often, limits.poller_concurrency(self._scene, mapping))
            if polled:
                return
        yield Step(target, self._often(origin, kind, function), UNLIMITED)

    def _often(self, origin: str, kind: Kind, function: Function) -> Bound:
        if kind in _SYNCHRONOUS:
            return exactly(1)
        if kind is Kind.STATE_MACHINE:
            return self._by_machine(origin)
        retried = limits.attempts(function)
        if kind is Kind.FUNCTION:  # which may wait for the answer or not
            return Bound(low=1, high=retried.high, missing=retried.missing, sources=retried.sources)
        return retried

    def _by_machine(self, origin: str) -> Bound:
        machine = self._scene.inventory.get(origin)
        calls = machine.calls if isinstance(machine, StateMachine) else None
        if not isinstance(calls, tuple):
            return Bound(low=1, high=math.inf, missing=("stepfunctions:DescribeStateMachine (definition)",))
        if any("/" in call.state for call in calls):
            return Bound(low=1, high=math.inf, sizes=("how many items Map states go through",))
        return exactly(1)

    @cached_property
    def _graph(self) -> "nx.DiGraph[str]":
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(sorted(self._scene.graph))
        graph.add_edges_from((origin, step.target) for origin, steps in self._steps.items() for step in steps)
        return graph

    @cached_property
    def _parts(self) -> "nx.DiGraph[int]":
        return nx.condensation(self._graph)

    @cached_property
    def _place(self) -> dict[str, int]:
        """Place of each node in an order in which events go forward; the nodes of a loop share one."""
        order = {part: place for place, part in enumerate(nx.topological_sort(self._parts))}
        return {node: order[part] for node, part in self._parts.graph["mapping"].items()}

    @cached_property
    def _cyclic(self) -> frozenset[int]:
        sizes: dict[int, int] = defaultdict(int)
        for place in self._place.values():
            sizes[place] += 1
        alone = {self._place[node] for node in nx.nodes_with_selfloops(self._graph)}
        return frozenset({place for place, size in sizes.items() if size > 1} | alone)

    # ------------------------------------------------------------------- limits

    @cached_property
    def _concurrency(self) -> dict[str, Bound]:
        return {arn: limits.concurrency(self._scene, function) for arn, function in self._functions.items()}

    def _rate(self, node: str) -> Bound:
        record = self._scene.inventory.get(node)
        if isinstance(record, (RestMethod, ApiRoute)):
            return limits.route_rate(self._scene, record)
        return limits.node_rate(self._scene, node)


def _scaled(bound: Bound, factor: float) -> Bound:
    if factor == 1:
        return bound
    return msgspec.structs.replace(bound, low=times(bound.low, factor), high=times(bound.high, factor))
