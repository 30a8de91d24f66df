"""Responses of Amazon EventBridge: buses, rules, targets, archives, API destinations, connections."""

from typing import Any

import msgspec

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import document, enrich, placed
from auditkit.exports.services._parts import parts
from auditkit.inventory import Source
from auditkit.inventory.arn import arn_of, parse_arn
from auditkit.inventory.origins import origin
from auditkit.inventory.records.events import ApiDestination, Archive, Connection, EventBus, Rule, RuleTarget

__all__ = ["HANDLERS"]


class _OAuthParameters(msgspec.Struct, rename="pascal"):
    authorization_endpoint: str | None = None


class _AuthParameters(msgspec.Struct, rename="pascal"):
    """Of the authentication only where tokens come from."""

    o_auth_parameters: _OAuthParameters | None = msgspec.field(default=None, name="OAuthParameters")


def _list_event_buses(response: Response, reading: Reading) -> None:
    for bus, item, source in reading.each(response, EventBus, "EventBuses"):
        bus.id, bus.name = bus.arn, str(item.get("Name") or bus.arn.partition("/")[2])
        bus.policy = policy_text(item.get("Policy"), source.at("Policy"), reading)
        reading.add(bus)


def _describe_event_bus(response: Response, reading: Reading) -> None:
    if not response.payload:
        return
    bus = reading.convert(response, EventBus, response.payload)
    if bus is None:
        return
    bus.id, bus.name = bus.arn, bus.arn.partition("/")[2]
    bus.policy = policy_text(response.payload.get("Policy"), response.at("Policy"), reading)
    # the call tells both, and leaves out what there is not
    bus.kms_key_identifier = None if bus.kms_key_identifier is msgspec.UNSET else bus.kms_key_identifier
    bus.dead_letter_config = None if bus.dead_letter_config is msgspec.UNSET else bus.dead_letter_config
    reading.add(bus)


def _list_tags(response: Response, reading: Reading) -> None:
    tags = tags_of(response.payload.get("Tags"), response.at("Tags"), reading)
    enrich(response, reading, EventBus, "Tags", tags=tags)


def _list_rules(response: Response, reading: Reading) -> None:
    for rule, item, source in reading.each(response, Rule, "Rules"):
        rule.id, rule.name = rule.arn, str(item.get("Name") or rule.arn.rpartition("/")[2])
        rule.event_pattern = document(item.get("EventPattern"), dict[str, Any], source.at("EventPattern"), reading)
        if not rule.event_bus_name and response.argument():
            rule.event_bus_name = response.argument()
        reading.add(rule)


def _list_targets(response: Response, reading: Reading) -> None:
    targets = parts(response, reading, RuleTarget, "Targets", extra=_target)
    enrich(response, reading, Rule, "Targets", key=_rule_key(response), targets=targets)


def _target(item: dict[str, Any], _: Source) -> dict[str, object]:
    shapes = {"InputTransformer": "transformer", "InputPath": "path", "Input": "constant"}
    http = item.get("HttpParameters")
    headers = http.get("HeaderParameters") if isinstance(http, dict) else None
    return {
        "shape": next((shape for key, shape in shapes.items() if item.get(key) is not None), "event"),
        "headers": tuple(sorted(map(str, headers))) if isinstance(headers, dict) else (),
    }


def _rule_key(response: Response) -> str:
    """Return the ARN of the rule that targets were asked for, or its name where the file does not tell the place."""
    bus, rule = response.argument(0), response.argument(1)
    if not rule:
        bus, rule = "", bus
    if rule.startswith("arn:"):
        return rule
    named = parse_arn(bus)
    name = named.resource.partition("/")[2] if named else bus
    path = f"rule/{rule}" if name in {"", "default"} else f"rule/{name}/{rule}"
    if named:
        return arn_of("events", path, account=named.account, region=named.region, partition=named.partition)
    return response.arn("events", path) if placed(response) else rule


def _list_archives(response: Response, reading: Reading) -> None:
    for archive, _, source in reading.each(response, Archive, "Archives"):
        bus = parse_arn(archive.event_source_arn)
        if bus is None:
            reading.not_read(source.at("EventSourceArn"), "an archive of what is no ARN")
            continue
        path = f"archive/{archive.archive_name}"
        archive.id = arn_of("events", path, account=bus.account, region=bus.region, partition=bus.partition)
        archive.name = archive.archive_name
        reading.add(archive)


def _list_api_destinations(response: Response, reading: Reading) -> None:
    for destination, item, _ in reading.each(response, ApiDestination, "ApiDestinations"):
        destination.id = destination.api_destination_arn
        destination.name = str(item.get("Name") or destination.id.partition("/")[2].partition("/")[0])
        reading.add(destination)


def _list_connections(response: Response, reading: Reading) -> None:
    for connection, item, _ in reading.each(response, Connection, "Connections"):
        connection.id, connection.name = connection.connection_arn, str(item.get("Name") or "")
        reading.add(connection)


def _describe_connection(response: Response, reading: Reading) -> None:
    if not response.payload:
        return
    connection = reading.convert(response, Connection, response.payload)
    if connection is None:
        return
    connection.id, connection.name = connection.connection_arn, str(response.payload.get("Name") or "")
    for field in ("secret_arn", "kms_key_identifier", "invocation_connectivity_parameters"):
        if getattr(connection, field) is msgspec.UNSET:
            setattr(connection, field, None)
    found = reading.decode(_AuthParameters, response.payload.get("AuthParameters") or {}, response.at("AuthParameters"))
    if found is not None:
        oauth = found.o_auth_parameters
        endpoint = oauth.authorization_endpoint if oauth else None
        connection.authorization_endpoint = origin(endpoint) if endpoint else None
    reading.add(connection)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("events", "DescribeConnection"): _describe_connection,
    ("events", "DescribeEventBus"): _describe_event_bus,
    ("events", "ListApiDestinations"): _list_api_destinations,
    ("events", "ListArchives"): _list_archives,
    ("events", "ListConnections"): _list_connections,
    ("events", "ListEventBuses"): _list_event_buses,
    ("events", "ListRules"): _list_rules,
    ("events", "ListTagsForResource"): _list_tags,
    ("events", "ListTargetsByRule"): _list_targets,
}
