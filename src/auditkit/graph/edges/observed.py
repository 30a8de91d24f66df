"""Calls that logs and traces saw: they raise edges to *observed*, and make those that nothing else tells of.

Only the data view is touched: that somebody did something shows that data moved, and grants nothing; how a permission
is known stays with the policy that gives it. A call that failed moves nothing.
"""

from collections import defaultdict
from collections.abc import Iterator

from auditkit.graph._build import Builder, Said
from auditkit.graph._refs import reference
from auditkit.graph.observing import Access, Ends, access_of
from auditkit.graph.schema import EdgeKind, Evidence, Graph, View
from auditkit.graph.store_factors import store_factors
from auditkit.inventory import STORE_KINDS, Kind, Source
from auditkit.inventory.evidence.observed import ObservedCall
from auditkit.inventory.records.functions import Function

__all__ = ["add_observed"]

_MOST_SOURCES = 3
_LABELLED = 3
_RUNNING = frozenset({Kind.FUNCTION, Kind.STATE_MACHINE})
_APIS = frozenset({Kind.REST_API, Kind.HTTP_API, Kind.WEBSOCKET_API, Kind.GRAPHQL_API})
_PRINCIPALS = frozenset({Kind.ROLE, Kind.USER, Kind.ACCOUNT})
_HOPS = {
    Kind.FUNCTION: "function->lambda",
    Kind.STATE_MACHINE: "function->states",
    Kind.HOST: "function->onprem",
    Kind.THIRD_PARTY: "function->third-party-url",
}
_OUT = frozenset({EdgeKind.WRITES, EdgeKind.CALLS, EdgeKind.DELIVERS, EdgeKind.REPLICATES})
_IN = frozenset({EdgeKind.READS, EdgeKind.DELIVERS})
_SERVICES = {  # who calls a function -> kinds that hand on by it
    "apigateway": {Kind.ROUTE, *_APIS},
    "cognito-idp": {Kind.USER_POOL},
    "elasticloadbalancing": {Kind.LISTENER, Kind.LOAD_BALANCER},
    "events": {Kind.RULE, Kind.EVENT_BUS},
    "iot": {Kind.IOT_RULE},
    "logs": {Kind.LOG_GROUP},
    "pipes": {Kind.PIPE},
    "s3": {Kind.BUCKET},
    "scheduler": {Kind.SCHEDULE},
    "sns": {Kind.TOPIC},
    "states": {Kind.STATE_MACHINE},
}
_SCHEMES = {"http": (1, "Seen over plain HTTP."), "https": (0, "Seen over HTTPS.")}
_EITHER = Access(reads=True, writes=True)

_Hop = tuple[str, str, EdgeKind]


def add_observed(build: Builder, said: Graph) -> bool:
    """Raise the edges that calls go along, add those that are missing, and return whether there was anything.

    Parameters
    ----------
    build
        Takes what is raised and added.
    said
        The graph of what the settings say.
    """
    calls = [call for call in build.inventory.of(ObservedCall) if not call.error]
    if not calls:
        return False
    found = _Observed(build, said)
    for call in calls:
        found.take(call)
    found.add()
    return True


class _Observed:
    """Calls sorted by the hop that each is."""

    def __init__(self, build: Builder, said: Graph) -> None:
        self._build = build
        self._said = said
        self._ends = Ends(build.inventory)
        self._missing: defaultdict[_Hop, list[ObservedCall]] = defaultdict(list)

    def take(self, call: ObservedCall) -> None:
        """Raise the edges that a call goes along; keep what has none."""
        target = self._target(call)
        access = access_of(call.action) if call.action else _EITHER
        if not target or access is None:
            return
        kind = self._kind(target)
        caller = self._ends.caller(call)
        if not caller:
            if kind in _RUNNING and call.caller.service:
                self._raise_trigger(call, target)
            return
        caller = self._build.canonical(caller)
        if caller == target:
            return
        if kind in STORE_KINDS:
            self._move(call, caller, target, access)
        elif kind in _RUNNING or kind in {Kind.THIRD_PARTY, Kind.HOST}:
            self._hand_on(call, caller, target, kind)

    def _target(self, call: ObservedCall) -> str:
        if call.target.host:
            return self._build.canonical(self._build.third_party(call.target.host.rpartition("://")[2]))
        found = self._ends.target(call)
        return self._build.canonical(found) if found else ""

    def _kind(self, node: str) -> Kind:
        kind: Kind = self._said.nodes[node]["kind"] if node in self._said else reference(node).kind
        return kind

    # ------------------------------------------------------------ along what there is

    def _move(self, call: ObservedCall, caller: str, store: str, access: Access) -> None:
        """Take a call to a store: in the one direction, in the other, or in either where that is not told."""
        hops: list[tuple[str, str, frozenset[EdgeKind], EdgeKind]] = []
        if access.reads:
            hops.append((store, caller, _IN, EdgeKind.READS))
        if access.writes:
            hops.append((caller, store, _OUT, EdgeKind.WRITES))
        raised = [self._raise(origin, target, kinds, call) for origin, target, kinds, _ in hops]
        for (origin, target, _, kind), done in zip(hops, raised, strict=True):
            if not done and (call.action or not any(raised)):
                self._missing[origin, target, kind].append(call)

    def _hand_on(self, call: ObservedCall, caller: str, target: str, kind: Kind) -> None:
        if self._raise(caller, target, _OUT, call):
            return
        of_api = self._kind(caller) in _APIS
        if of_api:
            self._raise_only(self._routes(caller), target, call)
        elif self._kind(caller) not in _PRINCIPALS or kind in {Kind.THIRD_PARTY, Kind.HOST}:
            self._missing[caller, target, EdgeKind.CALLS].append(call)

    def _raise_trigger(self, call: ObservedCall, target: str) -> None:
        """Raise what hands on by a service to a function, where there is only one that does."""
        kinds = _SERVICES.get(call.caller.service.partition(".")[0], set())
        if target in self._said:
            origins = {origin for origin in self._said.predecessors(target) if self._kind(origin) in kinds}
            self._raise_only(origins, target, call)

    def _routes(self, api: str) -> set[str]:
        if api not in self._said:
            return set()
        return {route for _, route, edge in self._said.out_edges(api, data=True) if edge["kind"] is EdgeKind.CONTAINS}

    def _raise_only(self, origins: set[str], target: str, call: ObservedCall) -> None:
        using = [origin for origin in sorted(origins) if any(self._edges(origin, target, _OUT))]
        if len(using) == 1:
            self._raise(using[0], target, _OUT, call)

    def _raise(self, origin: str, target: str, kinds: frozenset[EdgeKind], call: ObservedCall) -> bool:
        keys = list(self._edges(origin, target, kinds))
        for key in keys:
            self._build.observe(origin, target, key, call.source)
        return bool(keys)

    def _edges(self, origin: str, target: str, kinds: frozenset[EdgeKind]) -> Iterator[str]:
        """Yield the keys of data edges between two nodes that are switched on."""
        if self._said.has_edge(origin, target):
            for key, edge in self._said[origin][target].items():
                if edge["view"] is View.DATA and edge["kind"] in kinds and edge["enabled"]:
                    yield key

    # ------------------------------------------------------------ what there was not

    def add(self) -> None:
        """Make the hops that nothing else tells of."""
        for (origin, target, kind), calls in sorted(self._missing.items(), key=lambda item: item[0]):
            actor, other = (target, origin) if kind is EdgeKind.READS else (origin, target)
            hop, said = self._levels(actor, other)
            schemes = {call.target.host.rpartition("://")[0] for call in calls} & _SCHEMES.keys()
            if schemes:
                said["encryption"] = max(_SCHEMES[scheme] for scheme in schemes)
            names = sorted({call.action.partition(":")[2] for call in calls} - {""})
            more = f" and {len(names) - _LABELLED} more" if len(names) > _LABELLED else ""
            if not names and self._kind(other) in STORE_KINDS:
                said["unknown"] = "which way the data moves"
            said["evidence"] = Evidence.OBSERVED
            said["label"] = (", ".join(names[:_LABELLED]) + more) or "seen in traces"
            ends = self._build.ref(origin), self._build.ref(target)
            self._build.flow(*ends, kind=kind, hop=hop, sources=_sources(calls), **said)

    def _levels(self, actor: str, other: str) -> tuple[str, Said]:
        """Return the row of the hop facts, and what settings say of the hop."""
        kind = self._kind(other)
        if kind in _HOPS:
            return _HOPS[kind], Said()
        record = self._build.inventory.get(actor)
        vpc = record.vpc_config if isinstance(record, Function) else None
        hop, levels = store_factors(self._build, other, subnets=vpc.subnet_ids if vpc else ())
        said = Said()
        said.update(levels)  # type: ignore[typeddict-item]
        return hop, said


def _sources(calls: list[ObservedCall]) -> tuple[Source, ...]:
    return tuple(sorted({call.source for call in calls})[:_MOST_SOURCES])
