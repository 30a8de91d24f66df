"""AWS Lambda: functions, what makes them run, the role they run as, and where their results go."""

import re
from collections.abc import Container, Iterator, Mapping

from auditkit.graph._build import Builder, Said
from auditkit.graph.factors import Level
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, Interval, View
from auditkit.inventory import STORE_KINDS, Kind, Source, UnsetType
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.filesystems import AccessPoint
from auditkit.inventory.records.functions import (
    Destinations,
    Function,
    FunctionConfiguration,
    FunctionVersion,
)
from auditkit.inventory.records.identities import Role
from auditkit.inventory.records.logs import LogGroup
from auditkit.inventory.records.mappings import EventSourceMapping

__all__ = ["connect", "contains", "dead_letter", "mounts", "runs_as"]

_SOURCES = {
    Kind.QUEUE: "sqs->lambda",
    Kind.STREAM: "kinesis->lambda",
    Kind.TABLE_STREAM: "ddb-stream->lambda",
    Kind.KAFKA_CLUSTER: "msk->lambda",
    Kind.BROKER: "mq->lambda",
    Kind.DATABASE: "docdb-stream->lambda",
}
_PERMISSIONS = "the permissions of the role"
_KAFKA_PORT = re.compile(r"^(?P<host>.+?)(?::\d+)?$")


def connect(build: Builder) -> None:
    """Say what the records of AWS Lambda say."""
    groups = {(group.account, group.region, group.name): group for group in build.inventory.of(LogGroup)}
    for function in build.inventory.of(Function):
        build.add(function, vpc=_vpc(function))
        runs_as(build, function, function)
        dead_letter(build, function, function)
        mounts(build, function, function)
        contains(build, function, function)
        _asynchronous(build, function)
        _logs(build, function, groups)
    for mapping in build.inventory.of(EventSourceMapping):
        _mapping(build, mapping)


def _vpc(record: FunctionConfiguration) -> str:
    return (record.vpc_config.vpc_id or "") if record.vpc_config else ""


def runs_as(build: Builder, function: Function, configuration: FunctionConfiguration) -> None:
    """Connect a function with the role that it, or a version of it, runs as."""
    if not configuration.role:
        return
    role = build.ref(configuration.role)
    known = isinstance(build.inventory.get(role), Role)
    build.edge(
        function.id,
        role,
        Edge(
            kind=EdgeKind.RUNS_AS,
            view=View.TRUST,
            evidence=Evidence.CONFIGURED,
            sources=(configuration.source.at("Role"),),
            cost=0,
            unknown="" if known else _PERMISSIONS,
            qualifier=_qualifier(configuration),
        ),
    )


def _qualifier(configuration: FunctionConfiguration) -> str:
    return (configuration.version or "") if isinstance(configuration, FunctionVersion) else ""


def contains(
    build: Builder, function: Function, configuration: FunctionConfiguration, *, besides: Container[str] = ()
) -> None:
    """Connect a function with the layers that it, or a version of it, brings along, but for some."""
    said = Edge(
        kind=EdgeKind.CONTAINS,
        view=View.TRUST,
        evidence=Evidence.CONFIGURED,
        sources=(configuration.source.at("Layers"),),
        label="layer",
        cost=0,
        qualifier=_qualifier(configuration),
    )
    build.edges(
        ((function.id, build.ref(layer.arn)) for layer in configuration.layers if layer.arn not in besides), said
    )


def dead_letter(build: Builder, function: Function, configuration: FunctionConfiguration) -> None:
    """Connect a function with where it, or a version of it, hands failures to."""
    config, qualifier = configuration.dead_letter_config, _qualifier(configuration)
    if config is not None and config.target_arn:
        source = configuration.source.at("DeadLetterConfig", "TargetArn")
        _hand_over(build, function.id, config.target_arn, source, label="dead letter", qualifier=qualifier)


def mounts(
    build: Builder, function: Function, configuration: FunctionConfiguration, *, besides: Container[str] = ()
) -> None:
    """Connect a function with the file systems that it, or a version of it, mounts, but for some access points."""
    for index, mount in enumerate(configuration.file_system_configs):
        if mount.arn not in besides:
            source = configuration.source.at("FileSystemConfigs", index)
            _mount(build, function, mount.arn, source, qualifier=_qualifier(configuration))


def _mount(build: Builder, function: Function, arn: str, source: Source, *, qualifier: str) -> None:
    """Connect a function with the file system that it mounts: data both ways, and every access that mounting gives."""
    point = build.inventory.get(arn)
    target = build.ref(arn)
    sources: tuple[Source, ...] = (source,)
    if isinstance(point, AccessPoint):
        system = arn_of(
            "elasticfilesystem", f"file-system/{point.file_system_id}", account=point.account, region=point.region
        )
        if build.inventory.get(system) is not None:
            target, sources = system, (source, point.source)
            build.alias(arn, target)
    said: Said = {"label": "mount", "qualifier": qualifier}
    build.flow(function.id, target, kind=EdgeKind.WRITES, hop="function->efs", sources=sources, **said)
    build.flow(target, function.id, kind=EdgeKind.READS, hop="function->efs", sources=sources, **said)
    for access in (AccessLevel.READ, AccessLevel.WRITE):
        build.edge(
            function.id,
            target,
            Edge(
                kind=EdgeKind.PERMITS,
                view=View.TRUST,
                evidence=Evidence.CONFIGURED,
                sources=sources,
                label="mount",
                cost=0,
                access=access,
                qualifier=qualifier,
            ),
        )


def _hand_over(
    build: Builder, origin: str, target: str, *sources: Source, label: str, qualifier: str = "", enabled: bool = True
) -> None:
    """Connect a function with a destination or dead-letter target."""
    if target.startswith("kafka://"):
        return  # a topic of the mapping's own source, which the mapping already connects
    found = build.reference(target)
    kind = EdgeKind.WRITES if found.kind in STORE_KINDS else EdgeKind.CALLS
    build.triggers(
        origin,
        found.id,
        hop="function->destination",
        sources=sources,
        kind=kind,
        label=label,
        qualifier=found.qualifier or qualifier,
        enabled=enabled,
    )


def _destinations(
    build: Builder, function: str, config: Destinations | None, source: Source, qualifier: str = ""
) -> Iterator[str]:
    if config is None:
        return
    for target, label, key in (
        (config.success, "on success", "OnSuccess"),
        (config.failure, "on failure", "OnFailure"),
    ):
        if target:
            place = source.at("DestinationConfig", key)
            _hand_over(build, function, target, place, label=label, qualifier=qualifier)
            yield target


def _asynchronous(build: Builder, function: Function) -> None:
    if isinstance(function.event_invoke_configs, UnsetType):
        return
    for config in function.event_invoke_configs:
        qualifier = build.reference(config.function_arn).qualifier.replace("$LATEST", "")
        for _ in _destinations(build, function.id, config.destination_config, config.source, qualifier):
            pass


def _logs(build: Builder, function: Function, groups: Mapping[tuple[str, str, str], LogGroup]) -> None:
    """Connect a function with its log group, where the export holds it."""
    name = (function.logging_config.log_group if function.logging_config else None) or f"/aws/lambda/{function.name}"
    group = groups.get((function.account, function.region, name))
    if group is not None:
        build.flow(
            function.id, group.id, kind=EdgeKind.WRITES, hop="function->logs", sources=(group.source,), label="logs"
        )


# ---------------------------------------------------------------- event source mappings


def _mapping(build: Builder, mapping: EventSourceMapping) -> None:
    function = build.reference(mapping.function_arn)
    said: Said = {
        "label": _topics(mapping),
        "enabled": mapping.enabled,
        "validation": _validation(mapping),
        "qualifier": function.qualifier,
        "detail": "filter" if mapping.filter_criteria and mapping.filter_criteria.filters else "",
    }
    if mapping.event_source_arn:
        origin = build.reference(mapping.event_source_arn)
        build.triggers(origin.id, function.id, hop=_SOURCES.get(origin.kind, ""), sources=(mapping.source,), **said)
        _access(build, mapping, origin.id)
    elif mapping.self_managed_event_source is not None:
        _self_managed(build, mapping, function.id, said)
    failure = mapping.destination_config.failure if mapping.destination_config else ""
    if failure:
        source = mapping.source.at("DestinationConfig", "OnFailure")
        _hand_over(build, function.id, failure, source, label="on failure", enabled=mapping.enabled)


def _topics(mapping: EventSourceMapping) -> str:
    return ", ".join((*mapping.topics, *mapping.queues))


def _validation(mapping: EventSourceMapping) -> Level:
    if mapping.filter_unreadable:
        return Interval(0.5, 1), "Whether the mapping filters could not be read."
    if mapping.filter_criteria is not None and mapping.filter_criteria.filters:
        return 0.5, "The mapping filters by a pattern; nothing checks the whole event."
    return 1, "The mapping has no filter: the function gets every event as it is."


def _access(build: Builder, mapping: EventSourceMapping, origin: str) -> None:
    """Connect the secrets that a mapping authenticates with, with the source that they open."""
    for index, access in enumerate(mapping.source_access_configurations):
        if access.uri and access.uri.startswith("arn:"):
            build.edge(
                build.ref(access.uri),
                origin,
                Edge(
                    kind=EdgeKind.OPENS,
                    view=View.TRUST,
                    evidence=Evidence.CONFIGURED,
                    sources=(mapping.source.at("SourceAccessConfigurations", index),),
                    label=(access.type or "").lower().replace("_", " "),
                    cost=1,
                ),
            )


def _self_managed(build: Builder, mapping: EventSourceMapping, function: str, said: Said) -> None:
    types = {access.type for access in mapping.source_access_configurations}
    logins = sorted(kind for kind in types if kind and ("AUTH" in kind) and "CERTIFICATE" not in kind)
    if "CLIENT_CERTIFICATE_TLS_AUTH" in types:
        said["authentication"] = (0, "The mapping shows a client certificate.")
        said["encryption"] = (0, "TLS, with a client certificate.")
    elif logins:
        said["authentication"] = (0.5, f"User name and password of a secret ({', '.join(logins)}).")
    else:
        said["authentication"] = (1, "The mapping names no way to authenticate.")
    if "SERVER_ROOT_CA_CERTIFICATE" in types:
        said["encryption"] = (0, "TLS, held against a root certificate of its own.")
        said["peer"] = (0, "The brokers' certificate is verified against a root certificate of its own.")
    assert mapping.self_managed_event_source is not None
    for servers in mapping.self_managed_event_source.endpoints.values():
        for server in servers:
            match = _KAFKA_PORT.match(server)
            host = build.third_party(match["host"] if match else server)
            source = mapping.source.at("SelfManagedEventSource")
            build.triggers(host, function, hop="selfkafka->lambda", sources=(source,), **said)
            _access(build, mapping, host)


# ---------------------------------------------------------------- function URLs
