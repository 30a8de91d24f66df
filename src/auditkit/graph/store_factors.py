"""What the settings of a store say of a hop to it: encryption, authentication, network.

The levels that no setting of the store decides are left to the facts of the hop; so is everything of a store that is
not in the export.
"""

from collections.abc import Callable, Iterable

from auditkit.graph._build import Builder
from auditkit.graph._database_factors import database_hop, proxy_hop, redshift_hop, workgroup_hop
from auditkit.graph._refs import reference, split_arn
from auditkit.graph._server_factors import (
    broker_hop,
    cache_cluster_hop,
    dax_hop,
    kafka_hop,
    memorydb_hop,
    replication_group_hop,
    search_domain_hop,
    serverless_cache_hop,
)
from auditkit.graph._store_hop import SDK_CLEAR, StoreHop, clear_text
from auditkit.graph.factors import Level, Levels
from auditkit.graph.network_paths import network_to_service
from auditkit.graph.outsiders import openings_of_policy
from auditkit.graph.schema import AccessLevel, Interval
from auditkit.graph.transport import refuses_clear_text
from auditkit.inventory import Kind, Record, UnsetType
from auditkit.inventory.records.brokers import Broker, KafkaCluster
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.caches import (
    CacheCluster,
    DaxCluster,
    MemoryDBCluster,
    ReplicationGroup,
    ServerlessCache,
)
from auditkit.inventory.records.databases import DBCluster, DBInstance, DBProxy
from auditkit.inventory.records.filesystems import FileSystem
from auditkit.inventory.records.messaging import Queue, Topic
from auditkit.inventory.records.search import SearchDomain
from auditkit.inventory.records.tables import Table
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftWorkgroup

__all__ = ["StoreHop", "store_factors"]

_HOPS = {
    Kind.BUCKET: "function->s3",
    Kind.TABLE: "function->dynamodb",
    Kind.TABLE_STREAM: "function->ddb-streams",
    Kind.QUEUE: "function->sqs",
    Kind.TOPIC: "function->sns",
    Kind.STREAM: "function->kinesis",
    Kind.DELIVERY_STREAM: "function->firehose",
    Kind.EVENT_BUS: "function->events",
    Kind.SECRET: "function->secretsmanager",
    Kind.PARAMETER: "function->ssm",
    Kind.KEY: "function->kms",
    Kind.DATABASE: "function->rds",
    Kind.DATABASE_PROXY: "function->rds-proxy",
    Kind.CACHE: "function->elasticache-rg",
    Kind.SEARCH_DOMAIN: "function->opensearch",
    Kind.FILE_SYSTEM: "function->efs",
    Kind.LOG_GROUP: "function->logs",
    Kind.REPOSITORY: "function->ecr",
    Kind.KAFKA_CLUSTER: "function->kafka",
    Kind.BROKER: "function->mq",
    Kind.STATE_MACHINE: "function->states",
}
_IN_NETWORK = frozenset(
    {
        Kind.DATABASE,
        Kind.DATABASE_PROXY,
        Kind.CACHE,
        Kind.SEARCH_DOMAIN,
        Kind.FILE_SYSTEM,
        Kind.KAFKA_CLUSTER,
        Kind.BROKER,
    }
)
_INSIDE = frozenset({Kind.TABLE_STREAM, Kind.REPOSITORY})  # Lambda itself reads these


def store_factors(build: Builder, store_id: str, *, subnets: Iterable[str] = ()) -> StoreHop:
    """Return the hop from a function, or anything like one, to a store.

    Parameters
    ----------
    build
        The builder, for its inventory.
    store_id
        Id of the store's node.
    subnets
        Ids of the subnets that the caller is attached to; none for one outside any VPC.

    Returns
    -------
    StoreHop
        Bounds, with what is missing in the reason, where a setting was not exported.
    """
    record = build.inventory.get(store_id)
    kind = record.kind if record is not None else reference(store_id).kind
    hop, levels = _HOPS.get(kind, "function->aws-service"), Levels()
    for cls, judge in _JUDGES.items():
        if isinstance(record, cls):
            hop, levels = judge(build, record)
            break
    if kind not in _IN_NETWORK | _INSIDE and "network" not in levels:
        parts = split_arn(store_id)
        levels["network"] = network_to_service(build, subnets=subnets, service=parts[1] if parts else "")
    return StoreHop(hop, levels)


# ------------------------------------------------------------------ services that take plain HTTP unless refused


def _bucket(_: Builder, bucket: Bucket) -> StoreHop:
    scopes = (bucket.id, f"{bucket.id}/*")
    refusal = refuses_clear_text(bucket.policy, service="s3", scopes=scopes)
    return StoreHop("function->s3", {"encryption": clear_text(refusal, "s3.GetBucketPolicy")})


def _table(_: Builder, table: Table) -> StoreHop:
    indexes = bool(table.global_secondary_indexes or table.local_secondary_indexes)
    scopes = (table.id, f"{table.id}/index/*") if indexes else (table.id,)
    refusal = refuses_clear_text(table.policy, service="dynamodb", scopes=scopes)
    return StoreHop("function->dynamodb", {"encryption": clear_text(refusal, "dynamodb.GetResourcePolicy")})


def _queue(_: Builder, queue: Queue) -> StoreHop:
    refusal = refuses_clear_text(queue.policy, service="sqs", scopes=(queue.id,))
    return StoreHop("function->sqs", {"encryption": clear_text(refusal, "sqs.GetQueueAttributes")})


def _topic(_: Builder, topic: Topic) -> StoreHop:
    refusal = refuses_clear_text(topic.policy, service="sns", scopes=(topic.id,))
    return StoreHop("function->sns", {"encryption": clear_text(refusal, "sns.GetTopicAttributes")})


def _file_system(_: Builder, system: FileSystem) -> StoreHop:
    refusal = refuses_clear_text(system.policy, service="elasticfilesystem", scopes=(system.id,))
    levels: Levels = {
        "encryption": clear_text(refusal, "efs.DescribeFileSystemPolicy"),
        "authentication": _mounts(system),
    }
    if refusal.refused is False:
        levels["encryption"] = (
            SDK_CLEAR,
            f"{refusal.reason} That Lambda mounts over TLS is documented only indirectly.",
        )
    return StoreHop("function->efs", levels)


def _mounts(system: FileSystem) -> Level:
    if isinstance(system.policy, UnsetType):
        return Interval(0, 1), "The file system policy was not seen (efs.DescribeFileSystemPolicy)."
    if system.policy is None:
        return 1, "Without a file system policy any client that reaches a mount target may read and write."
    found = openings_of_policy(
        system.policy, resource=system.id, owner=system.account, unsigned=True, known=frozenset(), named=False
    )
    mounting = [one for one in found if one.access in {AccessLevel.READ, AccessLevel.WRITE}]
    if any(one.certain for one in mounting):
        return 1, "The file system policy lets any client that reaches a mount target in."
    if mounting:
        return Interval(0, 1), "The file system policy lets anyone in under a condition that the export cannot decide."
    return 0, "The file system policy asks for an IAM identity."


_JUDGES: dict[type[Record], Callable[..., StoreHop]] = {
    Broker: broker_hop,
    Bucket: _bucket,
    CacheCluster: cache_cluster_hop,
    DBCluster: database_hop,
    DBInstance: database_hop,
    DBProxy: proxy_hop,
    DaxCluster: dax_hop,
    FileSystem: _file_system,
    KafkaCluster: kafka_hop,
    MemoryDBCluster: memorydb_hop,
    Queue: _queue,
    RedshiftCluster: redshift_hop,
    RedshiftWorkgroup: workgroup_hop,
    ReplicationGroup: replication_group_hop,
    SearchDomain: search_domain_hop,
    ServerlessCache: serverless_cache_hop,
    Table: _table,
    Topic: _topic,
}
