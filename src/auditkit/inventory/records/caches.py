"""Amazon ElastiCache: replication groups, cache clusters, serverless caches."""

from typing import ClassVar

import msgspec

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["CacheCluster", "CacheEndpoint", "CacheSecurityGroup", "NodeGroup", "ReplicationGroup", "ServerlessCache"]


class CacheEndpoint(msgspec.Struct, rename="pascal", frozen=True):
    """Address of a cache."""

    address: str | None = None
    port: int | None = None


class NodeGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Shard of a replication group."""

    node_group_id: str | None = None
    primary_endpoint: CacheEndpoint | None = None
    reader_endpoint: CacheEndpoint | None = None


class ReplicationGroup(Record, kw_only=True, rename="pascal"):
    """A replication group (``elasticache.DescribeReplicationGroups``)."""

    kind: ClassVar[Kind] = Kind.CACHE

    replication_group_id: str
    arn: str = msgspec.field(name="ARN")
    engine: str | None = None
    member_clusters: tuple[str, ...] = ()
    node_groups: tuple[NodeGroup, ...] = ()
    configuration_endpoint: CacheEndpoint | None = None
    auth_token_enabled: bool | None = None
    user_group_ids: tuple[str, ...] = ()
    transit_encryption_enabled: bool | None = None
    transit_encryption_mode: str | None = None
    at_rest_encryption_enabled: bool | None = None
    kms_key_id: str | None = None
    snapshot_retention_limit: int | None = None
    auto_minor_version_upgrade: bool | None = None


class CacheSecurityGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Security group of a cache cluster."""

    security_group_id: str


class CacheNode(msgspec.Struct, rename="pascal", frozen=True):
    """Node of a cache cluster."""

    endpoint: CacheEndpoint | None = None


class CacheCluster(Record, kw_only=True, rename="pascal"):
    """A cache cluster: Memcached, a single Redis or Valkey node, or a member of a replication group.

    (``elasticache.DescribeCacheClusters``.)
    """

    kind: ClassVar[Kind] = Kind.CACHE

    cache_cluster_id: str
    arn: str = msgspec.field(name="ARN")
    engine: str | None = None
    engine_version: str | None = None
    replication_group_id: str | None = None
    configuration_endpoint: CacheEndpoint | None = None
    cache_nodes: tuple[CacheNode, ...] = ()
    cache_subnet_group_name: str | None = None
    security_groups: tuple[CacheSecurityGroup, ...] = ()
    auth_token_enabled: bool | None = None
    transit_encryption_enabled: bool | None = None
    transit_encryption_mode: str | None = None
    at_rest_encryption_enabled: bool | None = None
    auto_minor_version_upgrade: bool | None = None


class ServerlessCache(Record, kw_only=True, rename="pascal"):
    """A serverless cache (``elasticache.DescribeServerlessCaches``)."""

    kind: ClassVar[Kind] = Kind.CACHE

    serverless_cache_name: str
    arn: str = msgspec.field(name="ARN")
    engine: str | None = None
    endpoint: CacheEndpoint | None = None
    reader_endpoint: CacheEndpoint | None = None
    user_group_id: str | None = None
    kms_key_id: str | None = None
    security_group_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    connection_type: str | None = None
    snapshot_retention_limit: int | None = None
