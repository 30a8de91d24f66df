"""AWS IoT Core: what a topic rule does with the messages of devices.

A rule is an entry for whoever holds a device's certificate: devices are outside, and may be taken apart.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._api_callers import call_function
from auditkit.graph.edges._inside import COMES_IN
from auditkit.graph.factors import Level
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Interval, Node
from auditkit.inventory import Kind, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.iot import TopicRule, TopicRuleAction

__all__ = ["connect"]

_WHERE = re.compile(r"\bWHERE\b", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALLS = re.compile(r"\baws_lambda\s*\(\s*[\"'](?P<arn>arn:[^\"']+)[\"']", re.IGNORECASE)
_LOOKUPS = re.compile(r"\b(?P<function>get_dynamodb|get_secret)\s*\(\s*[\"'](?P<name>[^\"']+)[\"']", re.IGNORECASE)


# Action -> attribute that is an ARN or an address.
_ADDRESSED = {
    "elasticsearch": "endpoint",
    "http": "url",
    "influxDB": "destination_arn",
    "kafka": "destination_arn",
    "openSearch": "endpoint",
    "salesforce": "url",
    "sns": "target_arn",
    "sqs": "queue_url",
}
# Action -> service, resource part of its ARN, attributes that are put into it.
_NAMED = {
    "cloudwatchLogs": ("logs", "log-group:{}", "log_group_name"),
    "dynamoDB": ("dynamodb", "table/{}", "table_name"),
    "firehose": ("firehose", "deliverystream/{}", "delivery_stream_name"),
    "iotAnalytics": ("iotanalytics", "channel/{}", "channel_name"),
    "iotEvents": ("iotevents", "input/{}", "input_name"),
    "kinesis": ("kinesis", "stream/{}", "stream_name"),
    "republish": ("iot", "topic/{}", "topic"),
    "s3": ("s3", "{}", "bucket_name"),
    "stepFunctions": ("states", "stateMachine:{}", "state_machine_name"),
    "timestream": ("timestream", "database/{}/table/{}", "database_name", "table_name"),
}
_BY_HOST = frozenset({"elasticsearch", "http", "openSearch", "salesforce"})


class _End(NamedTuple):
    """What an action leads to: the id of a node, the role it takes, and where that is said."""

    target: str
    role: str | None
    action: str
    source: Source


def connect(build: Builder) -> None:
    """Say what the records of IoT rules say."""
    for rule in build.inventory.of(TopicRule):
        build.add(rule, entry=None if rule.rule_disabled else EntryKind.AUTHENTICATED)
        _way_in(build, rule)
        if isinstance(rule.actions, tuple):
            for index, action in enumerate(rule.actions):
                _action(build, rule, action, rule.source.at("actions", index), label="")
        if rule.error_action is not None:
            _action(build, rule, rule.error_action, rule.source.at("errorAction"), label="error")
        _statement(build, rule)


def _validation(rule: TopicRule) -> Level:
    if rule.sql is None:
        return Interval(0.5, 1), "The rule's statement was not exported (GetTopicRule)."
    if _WHERE.search(_QUOTED.sub("''", rule.sql)):
        return 0.5, "The rule's statement filters messages (WHERE)."
    return 1, "The rule's statement takes every message of its topics."


def _way_in(build: Builder, rule: TopicRule) -> None:
    build.flow(
        INTERNET,
        rule.id,
        kind=EdgeKind.DELIVERS,
        hop="iot-device->iot-core",
        sources=rule.sources[:1],
        label=EntryKind.AUTHENTICATED,
        enabled=not rule.rule_disabled,
        validation=_validation(rule),
        third_party=COMES_IN,
    )


def _action(build: Builder, rule: TopicRule, action: TopicRuleAction, source: Source, *, label: str) -> None:
    said: Said = {"label": label or "message", "enabled": not rule.rule_disabled, "validation": _validation(rule)}
    if action.lambda_ is not None:
        _function(build, rule, action.lambda_.function_arn, source.at("lambda", "functionArn"), said)
        return
    ends = list(_ends(build, rule, action, source))
    for end in ends:
        said["detail"] = end.action
        hop = "iot-rule->http" if end.action in {"http", "salesforce"} else "iot-rule->target"
        if end.role:
            build.acts_in(rule.id, end.role, sources=(end.source,), label=end.action)
        if end.target:
            kind = EdgeKind.CALLS if build.reference(end.target).kind is Kind.THIRD_PARTY else EdgeKind.DELIVERS
            build.triggers(rule.id, end.target, kind=kind, hop=hop, sources=(end.source,), **said)
    if not ends:
        build.triggers(rule.id, _unknown(build, rule, source), hop="iot-rule->target", sources=(source,), **said)


def _function(build: Builder, rule: TopicRule, function: str, source: Source, said: Said) -> None:
    call_function(
        build,
        rule.id,
        function,
        hop="iot-rule->lambda",
        service="iot.amazonaws.com",
        origins=(rule.id,),
        account=rule.account,
        sources=(source,),
        **said,
    )


def _unknown(build: Builder, rule: TopicRule, source: Source) -> str:
    """Make the node of what an action of a kind leads to that is not known here."""
    node = Node(
        kind=Kind.RESOURCE,
        label="action of an unknown kind",
        account=rule.account,
        region=rule.region,
        boundary=build.boundary(account=rule.account),
        sources=(source,),
        exists=False,
    )
    return build.node(f"action:{rule.id}#{source.pointer}", node)


def _ends(build: Builder, rule: TopicRule, action: TopicRuleAction, source: Source) -> Iterator[_End]:
    """Yield what an action leads to; nothing for an action of an unknown kind."""
    for name, field in _fields(action):
        text = _target(rule, name, field)
        role = getattr(field, "role_arn", None)
        if name == "http":
            role = field.auth.sigv4.role_arn if field.auth and field.auth.sigv4 else None
        if name in _BY_HOST and text:
            target = build.third_party(text.partition("://")[2] or text)
        else:
            target = build.ref(text) if text else ""
        yield _End(target, role, name, source.at(name))


def _fields(action: TopicRuleAction) -> Iterator[tuple[str, Any]]:
    for attribute, wire in zip(action.__struct_fields__, action.__struct_encode_fields__, strict=True):
        field = getattr(action, attribute)
        if field is not None:
            yield wire, field


def _target(rule: TopicRule, name: str, field: Any) -> str:  # noqa: ANN401 -- one of the actions
    """Return ARN or address of what an action leads to; ``""`` where it keeps nothing that is told apart here."""
    if name in _ADDRESSED:
        return getattr(field, _ADDRESSED[name]) or ""
    if name == "dynamoDBv2":
        name, field = "dynamoDB", field.put_item
    if name not in _NAMED or field is None:
        return ""
    service, form, *attributes = _NAMED[name]
    resource = form.format(*(getattr(field, attribute) or "*" for attribute in attributes))
    if service == "s3":
        return arn_of(service, resource)
    return arn_of(service, resource, account=rule.account, region=rule.region)


def _statement(build: Builder, rule: TopicRule) -> None:
    """Connect what the rule's statement calls and looks up while it runs."""
    said: Said = {"label": "statement", "enabled": not rule.rule_disabled}
    source = rule.source.at("sql")
    for match in _CALLS.finditer(rule.sql or ""):
        _function(build, rule, match["arn"], source, {**said, "validation": _validation(rule)})
    for match in _LOOKUPS.finditer(rule.sql or ""):
        service, form = (
            ("dynamodb", "table/{}") if match["function"].lower() == "get_dynamodb" else ("secretsmanager", "secret:{}")
        )
        name = match["name"]
        text = (
            name
            if name.startswith("arn:")
            else arn_of(service, form.format(name), account=rule.account, region=rule.region)
        )
        build.flow(build.ref(text), rule.id, kind=EdgeKind.READS, hop="iot-rule->target", sources=(source,), **said)
