"""Made-up accounts of any size as the compact graph that scores are made from.

What a statement lets a role do to many stores is one *grant* node, which many roles may share, and an edge for each
level from there to a *scope*, which contains the stores or smaller scopes: millions of permitted pairs are some ten
thousand edges. Data goes through an application from one function to the next, now and then back.
"""

from random import Random

import networkx as nx

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
        """Draw statements with wildcards: a team's stores of one kind, all stores of one kind, and all functions."""
        grants = {kind: self._draw_grants_of(kind) for kind in _STORES}
        deploy = self._node("grant/deploy", Kind.GRANT)
        functions = self._scope("functions", [f"function/{number:05d}" for number in range(self._size)])
        self._edge(deploy, functions, EdgeKind.CHANGES_CODE, View.TRUST, evidence=Evidence.PERMITTED, cost=1.0)
        for number in range(self._size):
            role, team = f"role/{number:05d}", number // _TEAM
            for kind in _STORES:
                chance = self._random.random()
                if chance < 0.12:
                    self._link(role, grants[kind][-1 if chance < 0.02 else team])
            if self._random.random() < 0.002:
                self._link(role, deploy)

    def _draw_grants_of(self, kind: Kind) -> list[str]:
        """Draw what can be given on stores of one kind; return a grant for each team, and the one for all stores."""
        scopes = [
            self._scope(f"{kind}/team-{team}", self._stores.get((kind, team), []))
            for team in range(-(-self._size // _TEAM))
        ]
        grants = []
        for scope in (*scopes, self._scope(f"{kind}/all", scopes)):
            grants.append(self._node(f"grant/{scope}", Kind.GRANT))
            self._permits(grants[-1], [scope], *_LEVELS)
        return grants

    def _scope(self, name: str, parts: list[str]) -> str:
        scope = self._node(f"scope/{name}", Kind.SCOPE)
        for part in parts:
            self._edge(scope, part, EdgeKind.CONTAINS, View.TRUST, evidence=Evidence.PERMITTED, cost=0.0)
        return scope

    def _link(self, tail: str, grant: str) -> None:
        self._edge(tail, grant, EdgeKind.PERMITS, View.TRUST, evidence=Evidence.PERMITTED, cost=0.0)
