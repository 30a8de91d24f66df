"""Edges of Amazon EventBridge: buses, rules, targets, archives, API destinations."""

from typing import Any

from auditkit.graph._build import Builder
from auditkit.graph.edges._senders import senders_to
from auditkit.graph.edges._targets import connection_level, dead_letter, hand_on
from auditkit.graph.factors import Levels
from auditkit.graph.schema import INTERNET, AccessLevel, Edge, EdgeKind, EntryKind, Evidence, View
from auditkit.inventory import Kind, UnsetType
from auditkit.inventory.records.events import (
    ApiDestination,
    Archive,
    Connection,
    DeadLetterConfig,
    EventBus,
    Rule,
    RuleTarget,
)

__all__ = ["connect"]

_SERVICE = "events.amazonaws.com"
_PARTNER = "aws.partner/"
_ENVELOPE = frozenset({"source", "detail-type", "account", "region", "resources", "time", "id", "version"})


def connect(build: Builder) -> None:
    """Connect buses with who may put events, rules with their bus and targets, archives, and API destinations."""
    for bus in build.inventory.of(EventBus):
        _connect_bus(build, bus)
    for rule in build.inventory.of(Rule):
        _connect_rule(build, rule)
    for archive in build.inventory.of(Archive):
        build.add(archive)
        build.flow(
            build.ref(archive.event_source_arn),
            archive.id,
            kind=EdgeKind.REPLICATES,
            hop="bus->archive",
            sources=archive.sources,
            label="archive",
            enabled=archive.state != "DISABLED",
        )
    for destination in build.inventory.of(ApiDestination):
        _connect_destination(build, destination)
    for connection in build.inventory.of(Connection):
        _connect_connection(build, connection)


def _connect_bus(build: Builder, bus: EventBus) -> None:
    senders = senders_to(build, bus)
    anyone = any(sender.node == INTERNET and not sender.conditions for sender in senders)
    build.add(bus, entry=EntryKind.AUTHENTICATED if anyone else None)
    if bus.name.startswith(_PARTNER):
        partner = build.third_party(bus.name.removeprefix(_PARTNER).partition("/")[0])
        build.triggers(partner, bus.id, hop="partner->bus", sources=bus.sources, label="partner events")
    for sender in senders:
        build.triggers(
            sender.node,
            bus.id,
            hop="putevents->bus",
            sources=sender.sources,
            label="PutEvents",
            conditions=sender.conditions,
            unknown=sender.unknown,
            cost=0,
            third_party=(0, "The data comes in; it is not given to a third party."),
        )
    if isinstance(bus.dead_letter_config, DeadLetterConfig):
        dead_letter(
            build,
            bus.id,
            bus.dead_letter_config.arn,
            hop="eventbridge->target",
            sources=bus.sources,
            service=_SERVICE,
            enabled=True,
        )


def _connect_rule(build: Builder, rule: Rule) -> None:
    build.add(rule)
    if rule.event_pattern is not None:
        level, reason, cost = _pattern_level(rule.event_pattern)
        build.triggers(
            _bus_of(build, rule),
            rule.id,
            hop="bus->rule",
            sources=(rule.source.at("EventPattern"),),
            label="event pattern",
            enabled=rule.enabled,
            validation=(level, reason),
            cost=cost,
        )
    for target in () if isinstance(rule.targets, UnsetType) or rule.targets is None else rule.targets:
        _connect_target(build, rule, target)


def _bus_of(build: Builder, rule: Rule) -> str:
    bus = rule.event_bus_name or "default"
    if bus.startswith("arn:"):
        return build.ref(bus)
    arn = build.reference(rule.id)
    return build.ref(f"{rule.id.partition(':events:')[0]}:events:{arn.region}:{arn.account}:event-bus/{bus}")


def _pattern_level(pattern: dict[str, Any] | UnsetType) -> tuple[float, str, float]:
    """Return the level of *validation* that a pattern gives, the reason, and the cost of getting an event past it.

    Who may put events writes their source, type and detail as they like; only sources that begin with ``aws.`` are kept
    for AWS's own services (``docs.aws.amazon.com/eventbridge`` PutEventsRequestEntry).
    """
    if isinstance(pattern, UnsetType):
        return 1, "The event pattern could not be read.", 2
    sources = pattern.get("source")
    if (
        isinstance(sources, list)
        and sources
        and all(isinstance(text, str) and text.startswith("aws.") for text in sources)
    ):
        return 0.5, "Only events of AWS's own services match.", 3
    if set(pattern) - _ENVELOPE:
        return 0.5, "The pattern filters by the event's detail.", 2
    return 1, "The pattern looks at source and type alone, which the sender writes.", 2


_SHAPES = {"constant": "constant input", "path": "input path", "transformer": "input transformer"}


def _connect_target(build: Builder, rule: Rule, target: RuleTarget) -> None:
    if target.arn.endswith(":::"):  # the archive's own rule
        return
    found = build.reference(target.arn)
    role = target.role_arn or (rule.role_arn if found.kind is Kind.EVENT_BUS else None)
    if role:
        build.acts_in(rule.id, role, sources=(target.source,))
    foreign = found.kind is Kind.EVENT_BUS and (found.account, found.region) != (rule.account, rule.region)
    hop = "bus->foreign-bus" if foreign else "eventbridge->target"
    details = [_SHAPES.get(target.shape, ""), rule.schedule_expression or ""]
    levels: Levels = {}
    if target.shape == "constant":
        levels["validation"] = (0, "The input is part of the rule.")
    elif rule.event_pattern is None:
        levels["validation"] = (0, "The event is the schedule's own.")
    elif foreign:
        levels["validation"] = (1, "Nothing but the rule's pattern checks the event.")
    hand_on(
        build,
        rule.id,
        target.ecs_parameters.task_definition_arn if target.ecs_parameters else target.arn,
        hop="eventbridge->lambda" if found.kind is Kind.FUNCTION else hop,
        sources=(target.source,),
        service=_SERVICE,
        role=role,
        enabled=rule.enabled,
        detail=", ".join(text for text in details if text),
        **levels,
    )
    letters = target.dead_letter_config
    dead_letter(
        build,
        rule.id,
        letters.arn if letters else None,
        hop="eventbridge->target",
        sources=(target.source,),
        service=_SERVICE,
        enabled=rule.enabled,
    )


def _connect_destination(build: Builder, destination: ApiDestination) -> None:
    build.add(destination)
    host = destination.invocation_endpoint.partition("://")[2]
    if not host:
        return
    connection = destination.connection_arn
    if connection:
        build.ref(connection)
    build.flow(
        destination.id,
        build.third_party(host),
        kind=EdgeKind.CALLS,
        hop="eventbridge->api-destination",
        sources=destination.sources,
        label=destination.http_method or "",
        enabled=destination.api_destination_state != "INACTIVE",
        authentication=connection_level(build, connection),
    )


def _connect_connection(build: Builder, connection: Connection) -> None:
    """Connect a connection with its secret, and with the endpoint that it gets tokens from.

    Whoever reads the secret may call what the connection is used for: that is one step from the secret.
    """
    build.add(connection)
    if isinstance(connection.authorization_endpoint, str):
        build.flow(
            connection.id,
            build.third_party(connection.authorization_endpoint.partition("://")[2]),
            kind=EdgeKind.CALLS,
            hop="eventbridge->api-destination",
            sources=connection.sources,
            label="OAuth token",
            authentication=connection_level(build, connection.id),
        )
    if not isinstance(connection.secret_arn, str):
        return
    secret = build.ref(connection.secret_arn)
    edge = Edge(
        kind=EdgeKind.OPENS,
        view=View.TRUST,
        evidence=Evidence.CONFIGURED,
        sources=connection.sources,
        label=connection.authorization_type or "",
        cost=1,
        access=AccessLevel.WRITE,
    )
    for destination in build.inventory.of(ApiDestination):
        host = destination.invocation_endpoint.partition("://")[2]
        if destination.connection_arn == connection.id and host:
            build.edge(secret, build.third_party(host), edge)
