"""Data in transit: what hops and paths carry, how, and to whom."""

from collections.abc import Iterable, Iterator

from auditkit import score
from auditkit.areas.answers import Answer, Rule, failed, found_none, not_applicable, passed, some, unknown, warned
from auditkit.areas.reach import RANK
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.areas.versions import in_use, within
from auditkit.facts import get_known_account
from auditkit.graph._build import Builder
from auditkit.graph.network_paths import network_to_service
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Interval, Sensitivity
from auditkit.inventory import STORE_KINDS, Kind, Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.events import Rule as EventRule
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import OrganizationAccount
from auditkit.inventory.records.messaging import Subscription

__all__ = ["RULES", "carried"]

_SDK_TLS = 0.25
"""Level of the factor *encryption* where plaintext is possible and the SDK's default is TLS."""
_ACCEPTED = 0.5
"""Levels from here on: plaintext is accepted or configured."""
_PUBLIC, _ENDPOINT = 0.25, 0.1
_MOST_HOPS, _MOST_U = 5, 1.0
_NEAR = 2.0
_CALLED_OVER_THE_NETWORK = frozenset(
    {
        Kind.BUCKET,
        Kind.TABLE,
        Kind.QUEUE,
        Kind.TOPIC,
        Kind.STREAM,
        Kind.DELIVERY_STREAM,
        Kind.EVENT_BUS,
        Kind.SECRET,
        Kind.PARAMETER,
        Kind.KEY,
    }
)
_SENT_TO = frozenset({Kind.QUEUE, Kind.TOPIC, Kind.EVENT_BUS, Kind.BUCKET, Kind.STREAM})
_SENDS = frozenset({AccessLevel.WRITE, AccessLevel.ADMIN})
_OUTSIDE = frozenset({"third party", "partner"})


def _label(scene: Scene, node_id: str) -> str:
    return str(scene.nodes[node_id].label or node_id)


def carried(scene: Scene, *nodes: str) -> Sensitivity | None:
    """Return the highest known sensitivity of what nodes keep, or read from stores; ``None`` where none is known."""
    found = [sensitivity for node_id in nodes for sensitivity in _kept(scene, node_id)]
    return max(found, key=lambda sensitivity: RANK[sensitivity], default=None)


def _kept(scene: Scene, node_id: str) -> Iterator[Sensitivity]:
    node = scene.nodes[node_id]
    stores = [node_id] if node.kind in STORE_KINDS else []
    stores += [
        origin
        for origin, _ in scene.into(node_id, EdgeKind.READS, EdgeKind.DELIVERS, permitted=False)
        if scene.nodes[origin].kind in STORE_KINDS
    ]
    for store in stores:
        sensitivity = scene.nodes[store].sensitivity
        if sensitivity in RANK:
            yield sensitivity


# ----------------------------------------------------------------- encryption


def hop_encryption(scene: Scene) -> Iterator[Answer]:
    """Judge the encryption of every hop."""
    for origin, target, edge in scene.neighbours.hops:
        assert edge.factors is not None
        level, said = edge.factors.encryption, edge.factors.reasons.get("encryption", "")
        resource = target if scene.nodes[target].kind in STORE_KINDS else origin
        place = f"{_label(scene, origin)} to {_label(scene, target)}"
        if level.low >= _ACCEPTED:
            yield failed(resource, said, at=edge.sources, place=place, carries=carried(scene, origin, target))
        elif level.high > _SDK_TLS:
            yield unknown(resource, said or "the settings of the receiver", at=edge.sources, place=place)
        else:
            yield passed(resource, said, at=edge.sources, place=place)


# -------------------------------------------------------------- third parties


def third_party_hop(scene: Scene) -> Iterator[Answer]:
    """Judge every hop that leaves for a third party or another account."""
    for origin, target, edge in scene.neighbours.hops:
        node = scene.node(target)
        assert node is not None
        assert edge.factors is not None
        if node.boundary.kind not in _OUTSIDE or _is_outside(scene, origin):
            continue
        level, said = edge.factors.third_party, edge.factors.reasons.get("third_party", "")
        place, class_ = node.label, carried(scene, origin)
        if level.high <= _ACCEPTED:
            yield passed(origin, said, at=edge.sources, place=place)
        elif class_ is None and not level.known:
            yield unknown(origin, [said, "the sensitivity of what it carries"], at=edge.sources, place=place)
        elif class_ is None or RANK[class_] >= RANK[Sensitivity.CONFIDENTIAL]:
            what = f"{class_.value} data" if class_ is not None else "data of unknown sensitivity"
            words = f"{what} leaves: {said}"
            answer = failed if class_ is not None else warned
            yield answer(origin, words, at=edge.sources, place=place, carries=class_)
        else:
            yield warned(origin, f"{class_.value} data leaves: {said}", at=edge.sources, place=place, carries=class_)
    yield from _fetched(scene)


def _is_outside(scene: Scene, node_id: str) -> bool:
    return scene.nodes[node_id].boundary.kind in {*_OUTSIDE, "internet"}


_FETCHES = frozenset({AccessLevel.READ, AccessLevel.ADMIN})
_FETCHED = STORE_KINDS - {Kind.KEY}  # who may decrypt is asked by itself


def _fetched(scene: Scene) -> Iterator[Answer]:
    """Yield who outside may fetch what a store keeps: principals of other accounts, and services for any account."""
    members = {one.account_id for one in scene.inventory.of(OrganizationAccount)}
    for who, node in scene.nodes.items():
        service = who.startswith("service:")
        known = get_known_account(node.account)
        near = scene.trusted(who) or node.account in members or (known is not None and known.aws)
        if near or not (service or node.boundary.kind == "partner"):
            continue
        ways: dict[str, list[Edge]] = {}
        for store, edge in scene.permits(who):
            at = scene.nodes[store]
            if edge.access in _FETCHES and at.kind in _FETCHED and at.boundary.kind not in {*_OUTSIDE, "AWS"}:
                ways.setdefault(store, []).append(edge)
        for store, edges in ways.items():
            answer = _fetching(scene, store, who, edges, service=service)
            if answer is not None:
                yield answer


def _fetching(scene: Scene, store: str, who: str, edges: list[Edge], *, service: bool) -> Answer | None:
    """Return what is wrong with what somebody outside may fetch; a service that is pinned to a source may."""
    given = [edge for edge in edges if is_given(edge)]
    at = [source for edge in given or edges for source in edge.sources]
    if not given:
        return None if service else unknown(store, not_decided(edges), at=at, place=scene.label(who))
    name = scene.label(who)
    if who.startswith("canonical user "):
        return unknown(store, f"whose the {name} is: a distribution's own, or somebody else's", at=at, place=name)
    class_, may = carried(scene, store), some(sorted({edge.label for edge in given}))
    what = f"{class_.value} data" if class_ is not None else "data of unknown sensitivity"
    whom = f"account {name}" if name.isdigit() else f"{name} of account {scene.nodes[who].account}"
    said = f"{whom} may fetch it ({may})"
    if service:
        said = f"{name} may fetch it for any account ({may}): neither aws:SourceArn nor aws:SourceAccount pins it"
    bad = class_ is not None and RANK[class_] >= RANK[Sensitivity.CONFIDENTIAL]
    return (failed if bad else warned)(store, f"{what} may leave: {said}", at=at, place=name, carries=class_)


# --------------------------------------------------------------------- paths


def hop_count(scene: Scene) -> Iterator[Answer]:
    """Tell the riskiest paths of confidential and restricted data: length, leak and weakest hop."""
    weights = scene.compact.weights
    for row in score.transit(scene.compact, k=20, per_ends=1).to_dict("records"):
        if row["S_high"] < weights.sensitivity.confidential:
            continue
        route = " → ".join(_label(scene, node) for node in row["nodes"])
        said = f"{row['hops']} hops, U = {row['U_high']:.2f}: {route}"
        at = [source for edge in row["edges"] for source in scene.graph.edges[edge]["sources"]]
        if row["U_high"] > _MOST_U or row["hops"] > _MOST_HOPS:
            yield warned(row["end"], said, at=at, place=f"path {row['rank']}")
        else:
            yield passed(row["end"], said, at=at, place=f"path {row['rank']}")


# ------------------------------------------------------------------- payload


def payload_minimisation(scene: Scene) -> Iterator[Answer]:
    """Judge whether what leaves the account is the whole event where a part would do."""
    for rule in scene.inventory.of(EventRule):
        for target in rule.targets if isinstance(rule.targets, tuple) else ():
            if target.arn in scene.graph and not _leaves(scene, target.arn):
                continue
            place, at = f"target {target.id}", target.source
            if target.shape == "event":
                said = f"the whole event goes to {target.arn}: no input path, transformer or constant"
                yield warned(rule, said, at=at, place=place, carries=carried(scene, rule.id, _bus_of(scene, rule)))
            else:
                yield passed(rule, f"what goes to {target.arn} is cut down by a {target.shape}", at=at, place=place)
    for subscription in scene.inventory.of(Subscription):
        if subscription.protocol not in {"http", "https"}:
            continue
        where = subscription.endpoint or ""
        if subscription.topic_arn in scene.graph:
            class_ = carried(scene, subscription.topic_arn)
            said = f"messages of the topic go whole to {where.partition('?')[0]}"
            yield warned(subscription, said, at=subscription.source, carries=class_)


def _leaves(scene: Scene, node_id: str) -> bool:
    """Return whether a node is outside the account, or hands what it gets to the outside."""
    return scene.nodes[node_id].kind is Kind.API_DESTINATION or _is_outside(scene, node_id)


def _bus_of(scene: Scene, rule: EventRule) -> str:
    buses = [origin for origin, _ in scene.into(rule.id, permitted=False) if scene.nodes[origin].kind is Kind.EVENT_BUS]
    return buses[0] if buses else rule.id


# ------------------------------------------------------------------- network


def network_path(scene: Scene) -> Iterator[Answer]:
    """Judge which way functions in a VPC take to AWS's services, service by service."""
    build = Builder(scene.inventory, case=scene.case)
    for function, code, place in in_use(scene, "vpc_config"):
        config = code.vpc_config
        if config is None or not config.subnet_ids:
            yield not_applicable(function, "it is in no VPC", at=code.source, place=place)
            continue
        at = code.source.at("VpcConfig", "SubnetIds")
        for service in sorted(_services(scene, function.id)):
            level, said = network_to_service(build, subnets=config.subnet_ids, service=service)
            yield _way_out(function, within(place, service), level, said, at)


def _services(scene: Scene, function: str) -> set[str]:
    """Return the services, as ARNs name them, that a function itself calls for stores; Lambda writes its logs."""
    ways = [
        *scene.out_of(function, EdgeKind.WRITES, EdgeKind.CALLS, permitted=False),
        *scene.into(function, EdgeKind.READS, permitted=False),
    ]
    kinds = _CALLED_OVER_THE_NETWORK | {Kind.FUNCTION, Kind.STATE_MACHINE}
    arns = [parse_arn(other) for other, _ in ways if scene.nodes[other].kind in kinds]
    return {arn.service for arn in arns if arn is not None}


def _way_out(function: Function, place: str, level: Interval, said: str, at: Source) -> Answer:
    if level.low >= _PUBLIC:
        return warned(function, f"{said} No endpoint keeps it inside.", at=at, place=place)
    if not level.known:
        return unknown(function, said, at=at, place=place)
    if level.low >= _ENDPOINT:
        return warned(function, said, at=at, place=place)
    return passed(function, said, at=at, place=place)


# ----------------------------------------------------------------- integrity


def private_integrity(scene: Scene) -> Iterator[Answer]:
    """Judge who inside the account could forge what sets functions off."""
    admins = _administrators(scene)
    for store, node in scene.nodes.items():
        if node.kind not in _SENT_TO or not node.exists or not _sets_off(scene, store):
            continue
        senders = _senders(scene, store)
        forgers = [(name, edge) for name, edge in senders if is_given(edge)]
        if not forgers and not scene.seen("iam.GetAccountAuthorizationDetails"):
            yield unknown(store, "iam:GetAccountAuthorizationDetails", at=node.sources)
            continue
        if not forgers and senders:
            yield unknown(store, not_decided(edge for _, edge in senders), at=_sources(senders))
            continue
        if not forgers:
            besides = f", besides administrators ({some(admins)})" if admins else ""
            yield found_none(store, f"only what is seen to send to it may send to it{besides}", at=node.sources)
            continue
        who = dict.fromkeys(sorted(_label(scene, name) for name, _ in forgers))
        said = f"{some(who)} may send to it and {'are' if len(who) > 1 else 'is'} not seen to"
        at = _sources(forgers)
        open_ = sorted(_label(scene, name) for name, _ in forgers if scene.reach.access(name).cost <= _NEAR)
        if open_:
            yield failed(store, f"{said}; the outside reaches {some(open_)}", at=at)
        else:
            yield warned(store, said, at=at)


def _sets_off(scene: Scene, store: str) -> bool:
    return any(edge.enabled for _, edge in scene.out_of(store, EdgeKind.DELIVERS, EdgeKind.INVOKES, permitted=False))


def _sources(senders: Iterable[tuple[str, Edge]]) -> list[Source]:
    return [source for _, edge in senders for source in edge.sources]


def _administrators(scene: Scene) -> list[str]:
    return sorted({one.name for role in scene.administrators for one in scene.functions_as(role)})


def _senders(scene: Scene, store: str) -> list[tuple[str, Edge]]:
    """Return the functions that may write to a store and are not seen to; administrators are told by themselves."""
    seen = {origin for origin, _ in scene.into(store, EdgeKind.WRITES, permitted=False)}
    return [
        (function.id, edge)
        for role, edge in scene.permitted_on(store)
        if edge.access in _SENDS
        for function in scene.functions_as(role)
        if function.id not in seen
        if role not in scene.administrators
    ]


RULES: dict[str, Rule] = {
    "transit.hop-encryption": hop_encryption,
    "transit.third-party-hop": third_party_hop,
    "transit.hop-count": hop_count,
    "transit.payload-minimisation": payload_minimisation,
    "transit.network-path": network_path,
    "transit.private-integrity": private_integrity,
}
