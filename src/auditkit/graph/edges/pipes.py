"""Edges of Amazon EventBridge Pipes: source, enrichment, target."""

from auditkit.graph._build import Builder
from auditkit.graph.edges._targets import hand_on
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import Source, UnsetType
from auditkit.inventory.records.schedules import Pipe, PipeSource, PipeTarget

__all__ = ["connect"]

_HOP = "scheduler/pipes->target"
_SERVICE = "pipes.amazonaws.com"
_STORED = (0.0, "A store acts on nothing.")


def connect(build: Builder) -> None:
    """Connect pipes with source, enrichment, target, role, dead-letter target and the secrets they read."""
    for pipe in build.inventory.of(Pipe):
        build.add(pipe)
        where = next((source for source in pipe.sources if "/Pipes/" not in source.pointer), pipe.source)
        role = pipe.role_arn if isinstance(pipe.role_arn, str) else None
        if role:
            build.acts_in(pipe.id, role, sources=(where.at("RoleArn"),))
        _connect_source(build, pipe, where)
        _connect_target(build, pipe, where, role)
        if pipe.enrichment:
            _connect_enrichment(build, pipe, pipe.enrichment, where, role)
        for group in () if isinstance(pipe.log_groups, UnsetType) else pipe.log_groups:
            build.triggers(
                pipe.id,
                build.ref(group),
                kind=EdgeKind.WRITES,
                hop=_HOP,
                sources=(where.at("LogConfiguration"),),
                label="log",
                enabled=pipe.enabled,
                validation=_STORED,
            )


def _connect_source(build: Builder, pipe: Pipe, where: Source) -> None:
    if not pipe.source_arn:
        return
    reads = pipe.reads if isinstance(pipe.reads, PipeSource) else None
    kafka = pipe.source_arn.removeprefix("smk://")
    source = build.ref(pipe.source_arn) if kafka == pipe.source_arn else build.third_party(kafka.partition(",")[0])
    if reads is None:
        said = "", (1.0, "Filters were not seen.")
    elif reads.filters:
        said = "filter", (0.5, "Only what matches a filter is let through.")
    else:
        said = "", (1.0, "No filter.")
    build.triggers(
        source,
        pipe.id,
        hop="store->pipe",
        sources=(where.at("Source"),),
        detail=said[0],
        enabled=pipe.enabled,
        validation=said[1],
    )
    if reads is None:
        return
    for kind, secret in reads.credentials.items():
        build.flow(
            build.ref(secret),
            pipe.id,
            kind=EdgeKind.READS,
            hop=_HOP,
            sources=(where.at("SourceParameters"),),
            label=kind,
            enabled=pipe.enabled,
            validation=_STORED,
        )
    if reads.dead_letter_arn:
        build.triggers(
            pipe.id,
            build.ref(reads.dead_letter_arn),
            hop=_HOP,
            sources=(where.at("SourceParameters"),),
            label="dead letter",
            enabled=pipe.enabled,
            validation=_STORED,
        )


def _connect_target(build: Builder, pipe: Pipe, where: Source, role: str | None) -> None:
    if not pipe.target:
        return
    hands_on = pipe.hands_on if isinstance(pipe.hands_on, PipeTarget) else PipeTarget()
    hand_on(
        build,
        pipe.id,
        hands_on.task_definition_arn or pipe.target,
        hop=_HOP,
        sources=(where.at("Target"),),
        service=_SERVICE,
        role=role,
        detail="input template" if hands_on.transforms else "",
        enabled=pipe.enabled,
    )


def _connect_enrichment(build: Builder, pipe: Pipe, enrichment: str, where: Source, role: str | None) -> None:
    sources = (where.at("Enrichment"),)
    target = hand_on(
        build,
        pipe.id,
        enrichment,
        hop=_HOP,
        sources=sources,
        service=_SERVICE,
        role=role,
        label="enrichment",
        enabled=pipe.enabled,
    )
    build.flow(
        target,
        pipe.id,
        kind=EdgeKind.RETURNS,
        hop=_HOP,
        sources=sources,
        label="enrichment",
        enabled=pipe.enabled,
        validation=(1, "Nothing checks what an enrichment returns."),
    )
