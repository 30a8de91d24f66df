"""The answer key of the sample, held against the tables: what is wrong shows in them, what is right does not.

Each entry of ``SHOWN`` says in which table a kind of mistake shows, as a consultant would read it there. What takes a
rule of its own, over settings that no hop, path or permission depends on, is listed in ``LEFT_TO_CHECKS``: the list may
become shorter, and a new kind of mistake in the key needs a place in one or the other.
"""

import pytest

from auditkit import samples
from auditkit.audit import Audit
from auditkit.graph import AccessLevel, EdgeKind, EntryKind, Evidence, View
from auditkit.inventory import STORE_KINDS, Kind
from auditkit.inventory.records.apis import RestApi
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.logs import LogGroup
from auditkit.inventory.records.messaging import Subscription
from auditkit.score.transit import PLAINTEXT

LEFT_TO_CHECKS = frozenset(
    {
        "appvuln.code-findings",
        "appvuln.cors",
        "appvuln.verbose-errors",
        "deps.image-mutable",
        "deps.known-vuln",
        "deps.layer-public",
        "deps.stale-build",
        "dos.account-headroom",
        "dos.esm-cap",
        "dos.no-throttle",
        "dos.poison-message",
        "dos.reserved-zero",
        "dos.timeout-vs-visibility",
        "dos.url-uncapped",
        "dos.waf-ratelimit",
        "long.code-signing",
        "long.cred-lifetime",
        "long.exec-wrapper",
        "long.managed-instances",
        "long.warm-state",
        "patch.layer-age",
        "patch.os-only-runtime-owner",
        "patch.residual-servers",
        "patch.runtime-deprecated",
        "patch.runtime-live-version",
        "patch.runtime-pinned",
        "perim.authorizer-quality",
        "perim.dangling-trigger",
        "rest.backup-integrity",
        "rest.encrypted",
        "rest.env-kms",
        "rest.transient-state",
        "sprawl.api-logging",
        "sprawl.duplicate-code",
        "sprawl.env-mix",
        "sprawl.owner",
        "transit.payload-minimisation",
    }
)
MANY = 10
"""Of what one function or layer should not have so many."""


class Tables:
    """The tables of the sample, with the questions that the key asks of them."""

    def __init__(self, audit):
        self.audit, self.graph, self.hops = audit, audit.graph, audit.hops
        self.edges = list(self.graph.edges(data=True))

    def kind(self, node):
        return self.graph.nodes[node]["kind"]

    def outside(self, node):
        return self.graph.nodes[node]["boundary"].kind in {"partner", "internet", "third party"}

    def entries(self, *kinds, entry=EntryKind.ANONYMOUS):
        found = {node for node, data in self.graph.nodes(data=True) if data["entry"] is entry}
        return {node for node in found if not kinds or self.kind(node) in kinds}

    def above(self, nodes, kind):
        """What of a kind contains, or delivers to, one of some nodes."""
        return {origin for origin, target, _ in self.edges if target in nodes and self.kind(origin) is kind}

    def hop_ends(self, end, *, origin=(), target=(), **least):
        """Ends of the hops between kinds of nodes whose factors are at these levels or above."""
        found = self.hops
        for column, level in least.items():
            found = found[found[column] >= level]
        pairs = zip(found["from"], found["to"], strict=True)
        return {
            pair[end]
            for pair in pairs
            if (not origin or self.kind(pair[0]) in origin) and (not target or self.kind(pair[1]) in target)
        }

    def trust(self, kind, *, evidence=None, certain=False):
        """Ends and data of the edges of a kind in the trust view."""
        return [
            (origin, target, edge)
            for origin, target, edge in self.edges
            if edge["view"] is View.TRUST
            and edge["kind"] is kind
            and evidence in {None, edge["evidence"]}
            and not (certain and (edge["conditions"] or edge["unknown"]))
        ]

    def functions_of(self, roles):
        return {origin for origin, target, _ in self.trust(EdgeKind.RUNS_AS) if target in roles and self.runs(origin)}

    def runs(self, node):
        return self.kind(node) is Kind.FUNCTION


def secrets_in_the_environment(tables):
    inventory = tables.audit.inventory
    found = {
        function.id
        for function in inventory.of(Function)
        if any(value.secret for value in (function.environment or {}).values())
    }
    return found | {
        api.id
        for api in inventory.of(RestApi)
        if any(value.secret for stage in api.stages for value in stage.variables.values())
    }


def written_from_outside(tables):
    """Functions that a store runs with whatever others put into it."""
    stores = {
        target
        for origin, target, edge in tables.trust(EdgeKind.PERMITS)
        if edge["access"] is AccessLevel.WRITE and tables.outside(origin)
    }
    hops = tables.hops[tables.hops["kind"].eq("delivers") & tables.hops["from"].isin(stores)]
    return set(hops[hops["validation_low"] == 1]["to"])


def foreign_layers(tables):
    found = tables.trust(EdgeKind.CONTAINS)
    return {origin for origin, target, _ in found if tables.kind(target) is Kind.LAYER and tables.outside(target)}


def crowded(pairs, least):
    """The second of each pair that so many first ones share."""
    sharing = {}
    for first, second in pairs:
        sharing.setdefault(second, set()).add(first)
    return {second for second, firsts in sharing.items() if len(firsts) >= least}


def shared_layers(tables):
    found = tables.trust(EdgeKind.CONTAINS)
    return crowded(((o, t) for o, t, _ in found if tables.kind(t) is Kind.LAYER), MANY)


def loops(tables):
    """Functions that write into the store that runs them."""
    hops = tables.hops
    written = set(zip(*hops[hops["kind"].eq("writes")][["from", "to"]].T.values, strict=True))
    delivered = hops[hops["kind"].eq("delivers")]
    return {to for origin, to in zip(delivered["from"], delivered["to"], strict=True) if (to, origin) in written}


def shared_disks(tables):
    """File systems that functions share and the outside gets to."""
    writers = [
        (origin, target)
        for origin, target, edge in tables.edges
        if edge["kind"] is EdgeKind.WRITES and tables.kind(target) is Kind.FILE_SYSTEM
    ]
    exposed = tables.audit.exposure[tables.audit.exposure["X_low"] > 0]
    return crowded(writers, 2) & set(exposed["store"])


def bypassed(tables):
    """APIs that something stands before, and that anyone reaches without it."""
    before = {Kind.DOMAIN_NAME, Kind.DISTRIBUTION, Kind.ROUTE}
    fronted = tables.hop_ends(1, origin=before, target={Kind.REST_API, Kind.HTTP_API})
    open_routes = tables.entries(Kind.ROUTE)
    return {api for api in fronted if any(route in open_routes for route in tables.graph.successors(api))}


def let_in(tables):
    """Functions that others may run by the function's policy, or that a service runs for whoever asks it to."""
    invoked = tables.trust(EdgeKind.INVOKES, evidence=Evidence.PERMITTED, certain=True)
    named = {target for origin, target, _ in invoked if tables.outside(origin)}
    services = {Kind.BUCKET, Kind.TOPIC, Kind.RULE, Kind.IOT_RULE}
    return named | tables.hop_ends(1, origin=services, target={Kind.FUNCTION}, authentication_low=0.25)


def invoking_everything(tables):
    found = tables.trust(EdgeKind.INVOKES, evidence=Evidence.PERMITTED)
    return tables.functions_of(crowded(((target, origin) for origin, target, _ in found), MANY))


def open_to_others(tables):
    """Stores that their policies open to others, unless only to the organization."""
    permitted = tables.trust(EdgeKind.PERMITS, certain=True)
    return {
        target
        for origin, target, _ in permitted
        if tables.outside(origin) and tables.kind(origin) is not Kind.ORGANIZATION
    }


def administrators(tables):
    """Roles of functions that, once taken over, may do anything with nearly every store."""
    stores = sum(tables.kind(node) in STORE_KINDS and tables.graph.nodes[node]["exists"] for node in tables.graph)
    found = set()
    for function in tables.audit.blast[tables.audit.blast["BR0_high"] > MANY]["node"]:
        detail = tables.audit.blast_detail(function)
        held = [levels for levels, cost in zip(detail["levels"], detail["cost"], strict=True) if cost <= 1]
        if sum(AccessLevel.ADMIN in levels for levels in held) > 0.8 * stores:
            found |= {target for target in tables.graph.successors(function) if tables.kind(target) is Kind.ROLE}
    return found


def shared_roles(tables):
    return crowded(((o, t) for o, t, _ in tables.trust(EdgeKind.RUNS_AS) if tables.runs(o)), 2)


def whole_kinds(tables):
    """Roles that may read or write every store of a kind."""
    permitted = tables.trust(EdgeKind.PERMITS, evidence=Evidence.PERMITTED, certain=True)
    held = {}
    for origin, target, edge in permitted:
        if edge["access"] in {AccessLevel.READ, AccessLevel.WRITE} and tables.kind(origin) is Kind.ROLE:
            held.setdefault((origin, tables.kind(target)), set()).add(target)
    there = [tables.kind(node) for node in tables.graph if tables.graph.nodes[node]["exists"]]
    return {role for (role, kind), stores in held.items() if len(stores) >= max(there.count(kind), 3)}


def open_trust(tables):
    """Roles that others, or all of the account, may take on without a condition."""
    found = tables.trust(EdgeKind.ASSUMES, certain=True)
    return {target for origin, target, _ in found if tables.kind(origin) in {Kind.ACCOUNT, Kind.ROLE, Kind.USER}}


def changing_settings(tables):
    """Functions that may change a table where they have to read or write what is in it."""
    permitted = tables.trust(EdgeKind.PERMITS, evidence=Evidence.PERMITTED)
    return tables.functions_of({origin for origin, _, edge in permitted if "UpdateTable" in edge["detail"]})


def anonymous_routes(tables):
    found = tables.entries()
    return found | tables.above(found, Kind.LISTENER)


def unlogged(tables):
    inventory = tables.audit.inventory
    logging = tables.hop_ends(0, target={Kind.LOG_GROUP})
    silent = {function.id for function in inventory.of(Function)} - logging
    return silent | {group.id for group in inventory.of(LogGroup) if group.retention_in_days is None}


def untriggered(tables):
    triggered = {t for _, t, edge in tables.trust(EdgeKind.INVOKES) if edge["evidence"] is not Evidence.PERMITTED}
    return {function.id for function in tables.audit.inventory.of(Function)} - triggered


def weak_edges(tables):
    plain = tables.hop_ends(1, target={Kind.ROUTE}, encryption_low=PLAINTEXT)
    old = tables.hop_ends(1, target={Kind.ROUTE}, encryption_low=0.25)
    apis = tables.above(old, Kind.REST_API)
    return tables.above(plain, Kind.LISTENER) | tables.above(apis, Kind.DOMAIN_NAME)


def plain_calls(tables):
    called = {Kind.THIRD_PARTY, Kind.HOST, Kind.DATABASE}
    plain = tables.hop_ends(0, origin={Kind.FUNCTION}, target=called, encryption_low=PLAINTEXT)
    return plain | tables.hop_ends(0, origin={Kind.FUNCTION}, target=called, peer_low=1)


def plain_subscriptions(tables):
    hops = tables.hops[(tables.hops["encryption_low"] >= PLAINTEXT)]
    sources = {source for found in hops["sources"] for source in found}
    return {record.id for record in tables.audit.inventory.of(Subscription) if set(record.sources) & sources}


STORES = {Kind.DATABASE, Kind.CACHE}
SHOWN = {
    "appvuln.empty-model": lambda t: t.hop_ends(0, origin={Kind.ROUTE}, target={Kind.FUNCTION}, validation_low=1),
    "appvuln.input-validation": lambda t: t.hop_ends(0, origin={Kind.ROUTE}, target={Kind.FUNCTION}, validation_low=1),
    "appvuln.nonhttp-validation": written_from_outside,
    "appvuln.secrets-env": secrets_in_the_environment,
    "deps.foreign-layer": foreign_layers,
    "deps.shared-layer-blast": shared_layers,
    "dos.recursion": loops,
    "long.code-tamper": lambda t: t.functions_of({origin for origin, _, _ in t.trust(EdgeKind.CHANGES_CODE)}),
    "long.efs-persistence": shared_disks,
    "perim.bypass": bypassed,
    "perim.function-url": lambda t: set().union(*(t.graph.successors(url) for url in t.entries(Kind.FUNCTION_URL))),
    "perim.guest-identity": lambda t: {node.removeprefix("anonymous:") for node in t.entries(Kind.ANONYMOUS)},
    "perim.invoke-policy": let_in,
    "perim.lateral-invoke": invoking_everything,
    "perim.resource-policy-sources": open_to_others,
    "perim.role-admin": administrators,
    "perim.role-shared": shared_roles,
    "perim.role-wildcards": whole_kinds,
    "perim.route-auth": anonymous_routes,
    "perim.trust-policy": open_trust,
    "rest.cache-auth": lambda t: t.hop_ends(1, target={Kind.CACHE}, authentication_low=1),
    "rest.key-policy": lambda t: t.entries(Kind.KEY, entry=EntryKind.AUTHENTICATED),
    "rest.least-privilege-store": changing_settings,
    "rest.public-store": lambda t: t.entries(*STORE_KINDS),
    "sprawl.disabled-triggers": lambda t: {origin for origin, _, edge in t.edges if not edge["enabled"]},
    "sprawl.logging": unlogged,
    "sprawl.unused": untriggered,
    "transit.api-backend": lambda t: t.hop_ends(0, origin={Kind.ROUTE}, target={Kind.THIRD_PARTY}, encryption_low=1),
    "transit.db-tls": lambda t: t.hop_ends(1, target=STORES, encryption_low=PLAINTEXT),
    "transit.edge-tls": weak_edges,
    "transit.env-urls": plain_calls,
    "transit.secure-transport-deny": lambda t: t.hop_ends(1, target={Kind.BUCKET}, encryption_high=0.1),
    "transit.sns-http": plain_subscriptions,
    "transit.third-party-hop": lambda t: t.hop_ends(0, third_party_high=1),
}


@pytest.fixture(scope="module")
def tables(retailer):
    return Tables(Audit(retailer, date="2026-11-02"))


@pytest.fixture(scope="module")
def key():
    return samples.key("retailer")


def test_every_kind_of_mistake_has_its_place(key):
    assert not SHOWN.keys() & LEFT_TO_CHECKS
    assert set(key["check"]) == SHOWN.keys() | LEFT_TO_CHECKS
    assert len(LEFT_TO_CHECKS) <= 37, "what the tables show must not be moved to the checks"


@pytest.mark.parametrize("check", sorted(SHOWN))
def test_the_tables_show_what_is_wrong_and_nothing_that_is_right(tables, key, check):
    rows = key[key["check"] == check]
    shown = SHOWN[check](tables)
    assert set(rows[rows["expected"] == "fail"]["resource"]) - shown == set()
    assert set(rows[rows["expected"] == "right"]["resource"]) & shown == set()


def test_nothing_that_is_right_is_open_to_anyone(tables, key):
    right = set(key[(key["expected"] == "right") & key["area"].isin(["perimeter", "rest", "transit"])]["resource"])
    assert tables.entries() & right == set()
    assert tables.entries(entry=EntryKind.AUTHENTICATED) & right <= tables.entries(
        Kind.ROUTE, entry=EntryKind.AUTHENTICATED
    )


def test_no_risky_path_has_its_weakest_hop_at_what_is_right_in_transit(tables, key):
    right = set(key[(key["expected"] == "right") & (key["area"] == "transit")]["resource"])
    paths = tables.audit.paths(k=100)
    weakest = {
        node
        for nodes, place, factor in zip(paths["nodes"], paths["weakest_hop"], paths["weakest_factor"], strict=True)
        if factor in {"encryption", "peer"}
        for node in nodes[place : place + 2]
    }
    assert weakest & right == set()
