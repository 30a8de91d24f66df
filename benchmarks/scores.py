"""How fast scores are on a made-up account of any size: ratios to networkx on the same graph, taken in one run.

The account is drawn as the compact graph that ``auditkit.connect`` gives: what a statement lets a role do to many
stores is one *grant* node, which many roles may share, so that millions of permitted pairs are some hundred thousand
edges. Data goes through an application from one function to the next, now and then back.

``python benchmarks/scores.py`` measures several sizes, ``--functions 5000`` one; ``--networkx 1000`` compares up to
that size with a search per source in networkx. Results are JSON Lines on standard output: seconds, bytes, counts.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from random import Random

import networkx as nx
import numpy as np

from auditkit.graph.schema import (
    INTERNET,
    AccessLevel,
    Boundary,
    Edge,
    EdgeKind,
    EntryKind,
    Evidence,
    Factors,
    Graph,
    Interval,
    Node,
    Sensitivity,
    View,
)
from auditkit.inventory import Kind
from auditkit.score import Compact, default_weights
from auditkit.score._flow import read_flow
from auditkit.score._paths import Outlook, search_paths
from auditkit.score._scene import Scene
from auditkit.score._ways import Ways, entries_of
from auditkit.score.changes import Change
from auditkit.score.kernels import Network, Tiers, tails_of

ACCOUNT = "111122223333"
_HOME = Boundary("account", ACCOUNT, f"Account {ACCOUNT}")
_STORES = {
    Kind.TABLE: 0.5,
    Kind.QUEUE: 0.6,
    Kind.BUCKET: 0.4,
    Kind.TOPIC: 0.25,
    Kind.PARAMETER: 0.25,
    Kind.SECRET: 0.2,
    Kind.LOG_GROUP: 1.0,
}
"""Stores of each kind per function."""

_SENSITIVITIES = (*[Sensitivity.UNKNOWN] * 6, *[Sensitivity.INTERNAL] * 5, Sensitivity.PUBLIC,
                  *[Sensitivity.CONFIDENTIAL] * 3, Sensitivity.RESTRICTED)  # fmt: skip
_LEVELS = (AccessLevel.METADATA, AccessLevel.READ, AccessLevel.WRITE)
_TEAM = 250
"""Functions of a team."""

_APP = 8
"""Functions of an application, which share its stores."""

_CONDUITS = frozenset({Kind.QUEUE, Kind.TOPIC})
_BACK = 0.02
"""Chance that data goes back to an earlier function."""


class Account:
    """Draws the graph of an account.

    Parameters
    ----------
    functions
        Number of functions; everything else follows.
    seed
        The same seed gives the same graph.
    """

    def __init__(self, functions: int, seed: int = 1) -> None:
        self.graph: Graph = nx.MultiDiGraph()
        self._random = Random(seed)
        self._stores: dict[tuple[Kind, int], list[str]] = {}
        self._size = functions
        self._node(INTERNET, Kind.INTERNET, boundary=Boundary("internet", "", "Internet"))
        self._draw_stores()
        for number in range(functions):
            self._draw_function(number)
        self._draw_triggers()
        self._draw_shared_grants()

    def _node(self, node_id: str, kind: Kind, **more: object) -> str:
        node = Node(**{"kind": kind, "label": node_id, "account": ACCOUNT, "boundary": _HOME, **more})  # type: ignore[arg-type]
        self.graph.add_node(node_id, **{name: getattr(node, name) for name in Node.__struct_fields__})
        return node_id

    def _edge(self, tail: str, head: str, kind: EdgeKind, view: View, **more: object) -> None:
        edge = Edge(kind=kind, view=view, evidence=more.pop("evidence", Evidence.CONFIGURED), **more)  # type: ignore[arg-type]
        key = f"{kind}|{edge.access or ''}"
        self.graph.add_edge(tail, head, key=key, **{name: getattr(edge, name) for name in Edge.__struct_fields__})

    def _permits(self, tail: str, heads: list[str], *levels: AccessLevel) -> None:
        for head in heads:
            for level in levels:
                self._edge(
                    tail, head, EdgeKind.PERMITS, View.TRUST,
                    evidence=Evidence.PERMITTED, cost=0.0, access=level, label=str(level),
                )  # fmt: skip

    def _draw_stores(self) -> None:
        for kind, share in _STORES.items():
            for number in range(int(share * self._size)):
                name = self._node(
                    f"{kind}/{number:05d}", kind, sensitivity=self._random.choice(_SENSITIVITIES), region="eu-west-1"
                )
                team = int(number / share) // _TEAM
                self._stores.setdefault((kind, team), []).append(name)

    def _near(self, kind: Kind, number: int) -> list[str]:
        """Return the stores of the application that a function belongs to."""
        mine = self._stores.get((kind, number // _TEAM), [])
        app, per_app = number % _TEAM // _APP, max(1, int(_STORES[kind] * _APP))
        return mine[app * per_app : (app + 1) * per_app]

    def _draw_function(self, number: int) -> None:
        function = self._node(f"function/{number:05d}", Kind.FUNCTION)
        role = self._node(f"role/{number:05d}", Kind.ROLE)
        self._edge(function, role, EdgeKind.RUNS_AS, View.TRUST, cost=0.0)
        for kind, chance, levels in (
            (Kind.TABLE, 0.7, _LEVELS),
            (Kind.QUEUE, 0.5, (AccessLevel.WRITE, AccessLevel.METADATA)),
            (Kind.BUCKET, 0.3, (AccessLevel.READ, AccessLevel.WRITE)),
            (Kind.TOPIC, 0.3, (AccessLevel.WRITE,)),
            (Kind.SECRET, 0.2, (AccessLevel.READ,)),
            (Kind.LOG_GROUP, 1.0, (AccessLevel.WRITE,)),
        ):
            for store in self._near(kind, number):
                own = kind is not Kind.LOG_GROUP or int(store.rpartition("/")[2]) == number
                if own and self._random.random() < chance:
                    self._permits(role, [store], *levels)
                    if kind not in _CONDUITS or self._goes_on(number, store):
                        self._flow(function, store, levels)
        if self._random.random() < 0.2:
            entry = self._random.choice((EntryKind.ANONYMOUS, EntryKind.AUTHENTICATED))
            route = self._node(f"route/{number:05d}", Kind.ROUTE, entry=entry)
            for tail, head in ((INTERNET, route), (route, function)):
                self._edge(tail, head, EdgeKind.INVOKES, View.TRUST, cost=0.0)
                self._edge(tail, head, EdgeKind.DELIVERS, View.DATA, factors=self._factors())

    def _place(self, store: str) -> int:
        """Return the place in its application that a queue or topic stands at: functions after it consume it."""
        kind, _, number = store.partition("/")
        return int(int(number) / _STORES[Kind(kind)]) % _TEAM % _APP

    def _goes_on(self, number: int, store: str) -> bool:
        return number % _TEAM % _APP <= self._place(store) or self._random.random() < _BACK

    def _flow(self, function: str, store: str, levels: tuple[AccessLevel, ...]) -> None:
        if AccessLevel.READ in levels:
            self._edge(store, function, EdgeKind.READS, View.DATA, factors=self._factors())
        if AccessLevel.WRITE in levels:
            self._edge(function, store, EdgeKind.WRITES, View.DATA, factors=self._factors())

    def _factors(self) -> Factors:
        def level(*levels: float) -> Interval:
            return Interval.exactly(self._random.choice(levels))

        return Factors(
            authentication=level(0, 0, 0.25, 0.5, 1),
            encryption=level(0, 0.25, 0.25, 0.6),
            third_party=level(0, 0, 0, 1),
            peer=level(0),
            validation=level(0, 0.5, 1),
            network=level(0.25, 0.5),
        )

    def _draw_triggers(self) -> None:
        for number in range(self._size):
            for kind in (Kind.QUEUE, Kind.TOPIC):
                place = number % _TEAM % _APP
                near = [store for store in self._near(kind, number) if self._place(store) < place]
                if near and self._random.random() < 0.5:
                    source, function = self._random.choice(near), f"function/{number:05d}"
                    self._edge(source, function, EdgeKind.INVOKES, View.TRUST, cost=2.0)
                    self._edge(source, function, EdgeKind.DELIVERS, View.DATA, factors=self._factors())
            if self._random.random() < 0.1:
                callee = self._random.randrange(number // _TEAM * _TEAM, min(self._size, (number // _TEAM + 1) * _TEAM))
                self._edge(f"role/{number:05d}", f"function/{callee:05d}", EdgeKind.INVOKES, View.TRUST, cost=1.0)

    def _draw_shared_grants(self) -> None:
        """Draw statements with wildcards: a team's stores of one kind, and all stores of one kind."""
        teams = range(-(-self._size // _TEAM))
        grants: dict[tuple[Kind, int], str] = {}
        for kind in _STORES:
            for team in teams:
                grant = grants[kind, team] = self._node(f"grant/{kind}/team-{team}", Kind.GRANT)
                self._permits(grant, self._stores.get((kind, team), []), *_LEVELS)
            grants[kind, -1] = self._node(f"grant/{kind}/all", Kind.GRANT)
            for team in teams:
                self._link(grants[kind, -1], grants[kind, team])
        deploy = self._node("grant/deploy", Kind.GRANT)
        for number in range(self._size):
            self._edge(deploy, f"function/{number:05d}", EdgeKind.CHANGES_CODE, View.TRUST, cost=1.0)
            role, team = f"role/{number:05d}", number // _TEAM
            for kind in _STORES:
                chance = self._random.random()
                if chance < 0.12:
                    self._link(role, grants[kind, -1 if chance < 0.02 else team])
            if self._random.random() < 0.002:
                self._link(role, deploy)

    def _link(self, tail: str, grant: str) -> None:
        self._edge(tail, grant, EdgeKind.PERMITS, View.TRUST, evidence=Evidence.PERMITTED, cost=0.0)


# ---------------------------------------------------------------- measuring

SIZES = (100, 200, 500, 1000, 2000, 5000)
TIERS = 4
_CHANGES = 100
_CUTS = 20


def seconds(what: Callable[[], object]) -> float:
    """Return how long something takes, in seconds of this process: what else runs on the machine does not count."""
    start = time.process_time()
    what()
    return time.process_time() - start


def reach_of_all(scene: Scene) -> int:
    """Work out the first tiers of reach of all functions, and return how many (function, access) pairs that are."""
    attack = scene.attack
    sources, columns = np.array([attack.taken_over(place) for place in scene.functions]), scene.ground.states.ravel()
    cost = attack.cost.astype(np.int64)
    tiers = Tiers(tails_of(attack.start), attack.head, cost, states=attack.states, sources=sources, columns=columns)
    kept, _ = tiers.classes(columns)
    pairs = 0
    for block in np.array_split(kept, max(1, len(kept) // 2048)):
        for tier in itertools.islice(tiers.bits(block), TIERS):
            last = tier
        pairs += int(np.bitwise_count(last[tiers.rows]).sum())
    return pairs


def reach_in_networkx(scene: Scene) -> None:
    """Work out the same with networkx, function by function."""
    attack = scene.attack
    graph = nx.DiGraph()
    for tail, head, cost in zip(
        tails_of(attack.start).tolist(), attack.head.tolist(), attack.cost.tolist(), strict=True
    ):
        if not graph.has_edge(tail, head) or graph[tail][head]["weight"] > cost:
            graph.add_edge(tail, head, weight=cost)
    for place in scene.functions:
        nx.single_source_dijkstra_path_length(graph, attack.taken_over(place), cutoff=TIERS - 1)


def changes(scene: Scene, graph: Graph, count: int) -> Iterator[Change]:
    """Yield changes of all sorts: edges cut, stores reclassified, functions lost."""
    random = Random(2)
    edges = sorted(edge for edge in graph.edges(keys=True) if graph.edges[edge]["view"] is View.TRUST)
    ids = scene.attack.nodes.ids
    stores, functions = ([ids[place] for place in places] for places in (scene.ground.stores, scene.functions))
    for number in range(count):
        if number % 4 == 0:
            yield Change(label="class", sensitivities=((random.choice(stores), Sensitivity.RESTRICTED),))
        elif number % 4 == 1:
            yield Change(label="lost", compromised=(random.choice(functions),))
        else:
            yield Change(label="cut", removes=(random.choice(edges),))


def measured(functions: int, *, with_networkx: bool) -> dict[str, float]:
    """Return what there is and how long it takes at one size."""
    weights, random = default_weights(), Random(3)
    graph = Account(functions).graph
    found: dict[str, float] = {"functions": functions, "nodes": len(graph), "edges": graph.number_of_edges()}
    start = time.process_time()
    scene = Scene(Compact(graph, weights=weights))
    scene.scored([next(changes(scene, graph, 1))])
    found["arrays_s"] = time.process_time() - start
    found["pairs"] = reach_of_all(scene)
    found["tiers_s"] = min(seconds(lambda: reach_of_all(scene)) for _ in range(3))
    if with_networkx:
        found["networkx_s"] = seconds(lambda: reach_in_networkx(scene))
        found["ratio"] = found["networkx_s"] / found["tiers_s"]
    times = [seconds(lambda change=change: scene.scored([change])) for change in changes(scene, graph, _CHANGES)]  # type: ignore[misc]
    found["whatif_p50_s"], found["whatif_p95_s"] = np.percentile(times, [50, 95]).tolist()
    entries = entries_of(scene.attack, weights.entries)
    ways = Ways(scene.attack, entries)
    jewels = [place for place in scene.ground.stores if scene.ground.is_jewel(place)]
    chosen = random.sample(jewels, min(_CUTS, len(jewels)))
    found["cut_p95_s"] = float(np.percentile([seconds(lambda place=place: ways.cut(place)) for place in chosen], 95))  # type: ignore[misc]
    states = dict(zip(scene.ground.stores, scene.ground.states.tolist(), strict=True))
    starts = {state: start.exponent for state, start in entries.items()}
    network = Network(scene.attack.start, scene.attack.head, scene.attack.cost)
    times = [seconds(lambda place=place: network.k_cheapest(starts, states[place], k=100)) for place in chosen]  # type: ignore[misc]
    found["ways_p95_s"] = float(np.percentile(times, 95))
    flow = read_flow(graph, weights, permitted=False, disabled=False, through_rest=False)
    unknown = weights.sensitivity.of(Sensitivity.UNKNOWN)
    start = time.process_time()
    outlook = Outlook(flow, unknown, max_hops=16)
    found["outlook_s"] = time.process_time() - start
    found["paths_s"] = min(
        seconds(lambda: search_paths(flow, unknown, k=100, max_hops=16, budget=200_000, outlook=outlook))
        for _ in range(3)
    )
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {name: round(value, 5) for name, value in found.items()}


def main() -> None:
    """Measure, and print a line for each size."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--functions", type=int, action="append", help="A size; may be repeated.")
    options.add_argument("--networkx", type=int, default=500, help="Largest size at which networkx is asked too.")
    given = options.parse_args()
    for size in given.functions or SIZES:
        sys.stdout.write(json.dumps(measured(size, with_networkx=size <= given.networkx)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
