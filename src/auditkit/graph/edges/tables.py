"""Amazon DynamoDB: streams, replicas, and changes sent to Kinesis."""

import msgspec

from auditkit.graph._build import Builder
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import UnsetType
from auditkit.inventory.records.tables import Replica, Table, TableStream

__all__ = ["connect"]

_RUNNING = frozenset({"ACTIVE", "ENABLING", "UPDATING", None})


def connect(build: Builder) -> None:
    """Say what the records of tables say."""
    for table in build.inventory.of(Table):
        build.add(table)
        for index, replica in enumerate(table.replicas):
            _replica(build, table, replica, index)
        if isinstance(table.kinesis_destinations, UnsetType | None):
            continue
        for destination in table.kinesis_destinations:
            build.triggers(
                table.id,
                build.ref(destination.stream_arn),
                hop="dynamodb->kinesis",
                sources=(destination.source,),
                kind=EdgeKind.REPLICATES,
                cost=0,
                label="changes",
                enabled=destination.destination_status in _RUNNING,
            )
    for stream in build.inventory.of(TableStream):
        _stream(build, stream)


def _stream(build: Builder, stream: TableStream) -> None:
    """Connect a table with its stream: what is written to the one is in the other at once, so it costs nothing."""
    table = build.inventory.get(stream.table_arn)
    if isinstance(table, Table):  # what the table holds runs through its stream
        stream = msgspec.structs.replace(stream, tags=table.tags)
    build.add(stream, label=f"{stream.name} stream")
    view = stream.stream_specification.stream_view_type or ""
    build.triggers(
        build.ref(stream.table_arn),
        stream.id,
        hop="dynamodb->stream",
        sources=(stream.source,),
        kind=EdgeKind.REPLICATES,
        cost=0,
        label=view,
    )


def _replica(build: Builder, table: Table, replica: Replica, index: int) -> None:
    """Connect a table with its replica in another region: it is the same data, so the way costs nothing."""
    arn = replica.replica_arn or table.id.replace(f":{table.region}:", f":{replica.region_name}:", 1)
    target = build.ref(arn)
    if target == table.id:
        return
    build.triggers(
        table.id,
        target,
        hop="dynamodb->replica",
        sources=(table.source.at("Replicas", index),),
        kind=EdgeKind.REPLICATES,
        cost=0,
        label="replica",
        enabled=replica.replica_status not in {"CREATION_FAILED", "DELETING", "REGION_DISABLED"},
    )
