"""Stores as functions know them: by which names and hosts, and which actions move their data."""

import hashlib
from collections.abc import Iterator

from auditkit.graph._hosts import host_of
from auditkit.inventory import Inventory, Kind, Record
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.brokers import Broker
from auditkit.inventory.records.caches import (
    CacheCluster,
    CacheEndpoint,
    DaxCluster,
    MemoryDBCluster,
    ReplicationGroup,
    ServerlessCache,
)
from auditkit.inventory.records.databases import DBCluster, DBEndpoint, DBInstance, DBProxy
from auditkit.inventory.records.functions import EnvironmentValue
from auditkit.inventory.records.keys import Parameter
from auditkit.inventory.records.messaging import Queue
from auditkit.inventory.records.search import SearchDomain
from auditkit.inventory.records.warehouses import (
    ClusterEndpoint,
    RedshiftCluster,
    RedshiftWorkgroup,
    WorkgroupEndpoint,
)

__all__ = ["CALL_ACTIONS", "DATA_ACTIONS", "bucket_of", "by_digest", "by_host", "digest_of"]

_DIGITS = 16
_OF_BUCKETS = frozenset({"s3", "s3a", "s3n"})
_READ = {
    "s3": ("GetObject", "GetObjectVersion"),
    "dynamodb": ("GetItem", "BatchGetItem", "Query", "Scan", "PartiQLSelect", "GetRecords"),
    "sqs": ("ReceiveMessage",),
    "kinesis": ("GetRecords", "SubscribeToShard"),
    "secretsmanager": ("GetSecretValue", "BatchGetSecretValue"),
    "ssm": ("GetParameter", "GetParameters", "GetParametersByPath"),
    "logs": ("GetLogEvents", "FilterLogEvents", "StartQuery"),
    "ecr": ("BatchGetImage",),
    "es": ("ESHttpGet", "ESHttpPost"),
    "kafka-cluster": ("ReadData",),
    "elasticfilesystem": ("ClientMount",),
    "rds-data": ("ExecuteStatement", "BatchExecuteStatement"),
    "elasticache": ("Connect",),
    "memorydb": ("Connect",),
    "dax": ("GetItem", "BatchGetItem", "Query", "Scan"),
    "redshift-data": ("ExecuteStatement", "BatchExecuteStatement"),
    "redshift-serverless": ("GetCredentials",),
}
_WRITTEN = {
    "s3": ("PutObject",),
    "dynamodb": ("PutItem", "UpdateItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate"),
    "sqs": ("SendMessage",),
    "sns": ("Publish",),
    "kinesis": ("PutRecord", "PutRecords"),
    "firehose": ("PutRecord", "PutRecordBatch"),
    "events": ("PutEvents",),
    "secretsmanager": ("PutSecretValue", "UpdateSecret"),
    "ssm": ("PutParameter",),
    "logs": ("PutLogEvents",),
    "ecr": ("PutImage",),
    "es": ("ESHttpPut", "ESHttpPatch", "ESHttpPost"),
    "kafka-cluster": ("WriteData",),
    "elasticfilesystem": ("ClientWrite",),
    "rds-data": ("ExecuteStatement", "BatchExecuteStatement"),
    "elasticache": ("Connect",),
    "memorydb": ("Connect",),
    "dax": ("PutItem", "UpdateItem", "BatchWriteItem"),
    "redshift-data": ("ExecuteStatement", "BatchExecuteStatement"),
    "redshift-serverless": ("GetCredentials",),
}
DATA_ACTIONS = {
    access: frozenset(f"{service}:{name}" for service, names in actions.items() for name in names)
    for access, actions in (("read", _READ), ("write", _WRITTEN))
}
"""Actions that move data of a store, as opposed to those that change its settings."""

CALL_ACTIONS = frozenset(
    {"lambda:InvokeFunction", "lambda:InvokeAsync", "states:StartExecution", "states:StartSyncExecution"}
)
"""Actions that hand data to what runs."""


def digest_of(text: str) -> str:
    """Return the digest by which a value of the environment is recognised."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def by_digest(inventory: Inventory, kinds: frozenset[Kind]) -> dict[str, tuple[Record, ...]]:
    """Return the records of some kinds by the digests of their names, ARNs and addresses."""
    found: dict[str, dict[str, Record]] = {}
    for record in inventory:
        if record.kind in kinds:
            for text in _texts(record):
                found.setdefault(digest_of(text), {})[record.id] = record
    return {digest: tuple(records.values()) for digest, records in found.items()}


def _texts(record: Record) -> Iterator[str]:
    yield record.id
    if record.name:
        yield record.name
    arn = parse_arn(record.id)
    if isinstance(record, Queue) and record.queue_url:
        yield record.queue_url
    elif record.kind is Kind.QUEUE and arn is not None:
        yield f"https://sqs.{arn.region}.amazonaws.com/{arn.account}/{arn.resource}"
    if record.kind is Kind.BUCKET:
        yield f"s3://{record.name}"
        yield f"s3://{record.name}/"
    if record.kind is Kind.SECRET and arn is not None:
        yield record.id.rpartition("-")[0]  # the ARN without the six characters at its end
    if isinstance(record, Parameter) and record.name:
        yield record.name if record.name.startswith("/") else f"/{record.name}"
    if record.kind is Kind.FUNCTION and arn is not None:
        yield f"{arn.account}:{arn.resource}"


def by_host(inventory: Inventory) -> dict[str, Record]:
    """Return the records that have a host name of their own, by it."""
    found: dict[str, Record] = {}
    for record in inventory:
        for host in _hosts(record):
            found.setdefault(host_of(host), record)
    return found


def _hosts(record: Record) -> Iterator[str]:
    """Yield the host names of a record."""
    if isinstance(record, DBInstance):
        yield from _addresses(record.endpoint)
    elif isinstance(record, DBCluster):
        yield from filter(None, (record.endpoint, record.reader_endpoint))
    elif isinstance(record, DBProxy) and record.endpoint:
        yield record.endpoint
    elif isinstance(record, RedshiftCluster | RedshiftWorkgroup):
        yield from _addresses(record.endpoint)
    elif isinstance(record, _Cache):
        yield from _of_cache(record)
    elif isinstance(record, SearchDomain):
        options = record.domain_endpoint_options
        custom = options.custom_endpoint if options else None
        yield from filter(None, (record.endpoint, *record.endpoints.values(), custom))
    elif isinstance(record, Broker):
        yield from (origin.partition("://")[2] for origin in record.endpoints)
    elif record.kind in {Kind.REST_API, Kind.HTTP_API, Kind.WEBSOCKET_API} and record.region:
        yield f"{record.id.rpartition('/')[2]}.execute-api.{record.region}.amazonaws.com"


_Cache = ReplicationGroup | CacheCluster | ServerlessCache | MemoryDBCluster | DaxCluster


def _of_cache(record: _Cache) -> Iterator[str]:
    if isinstance(record, ReplicationGroup):
        yield from _addresses(record.configuration_endpoint)
        for group in record.node_groups:
            yield from _addresses(group.primary_endpoint, group.reader_endpoint)
    elif isinstance(record, ServerlessCache):
        yield from _addresses(record.endpoint, record.reader_endpoint)
    elif isinstance(record, MemoryDBCluster):
        nodes = (node.endpoint for shard in record.shards for node in shard.nodes)
        yield from _addresses(record.cluster_endpoint, *nodes)
    elif isinstance(record, DaxCluster):
        yield from _addresses(record.cluster_discovery_endpoint, *(node.endpoint for node in record.nodes))
    elif not record.replication_group_id:  # a member is known by its group
        yield from _addresses(record.configuration_endpoint, *(node.endpoint for node in record.cache_nodes))


def _addresses(*endpoints: CacheEndpoint | DBEndpoint | ClusterEndpoint | WorkgroupEndpoint | None) -> Iterator[str]:
    yield from (endpoint.address for endpoint in endpoints if endpoint is not None and endpoint.address)


def bucket_of(value: EnvironmentValue) -> str:
    """Return the bucket that an address such as ``s3://bucket/key`` names, ``""`` where a value is none."""
    return value.host if value.scheme in _OF_BUCKETS else ""
