"""Amazon ElastiCache, Amazon MemoryDB and DynamoDB Accelerator (DAX): caches, and the users that sign in to them."""

from typing import ClassVar

import msgspec

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = [
    "CacheCluster",
    "CacheEndpoint",
    "CacheSecurityGroup",
    "CacheUser",
    "CacheUserGroup",
    "DaxCluster",
    "MemoryDBCluster",
    "NodeGroup",
    "ReplicationGroup",
    "ServerlessCache",
]


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


class Shard(msgspec.Struct, rename="pascal", frozen=True):
    """Shard of a MemoryDB cluster."""

    nodes: tuple[CacheNode, ...] = ()


class MemoryDBCluster(Record, kw_only=True, rename="pascal"):
    """A MemoryDB cluster (``memorydb.DescribeClusters``); what it keeps is always encrypted at rest."""

    kind: ClassVar[Kind] = Kind.CACHE

    cluster_name: str = msgspec.field(name="Name")
    arn: str = msgspec.field(name="ARN")
    engine: str | None = None
    cluster_endpoint: CacheEndpoint | None = None
    shards: tuple[Shard, ...] = ()
    security_groups: tuple[CacheSecurityGroup, ...] = ()
    subnet_group_name: str | None = None
    acl_name: str | None = msgspec.field(default=None, name="ACLName")
    tls_enabled: bool | None = msgspec.field(default=None, name="TLSEnabled")
    kms_key_id: str | None = None
    snapshot_retention_limit: int | None = None
    auto_minor_version_upgrade: bool | None = None


class DaxSecurityGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Security group of a DAX cluster."""

    security_group_identifier: str


class DaxEncryption(msgspec.Struct, rename="pascal", frozen=True):
    """Encryption at rest of a DAX cluster: ``"ENABLED"`` or ``"DISABLED"``."""

    status: str | None = None


class DaxCluster(Record, kw_only=True, rename="pascal"):
    """A cluster of DynamoDB Accelerator (``dax.DescribeClusters``): it reads and writes tables in a role of its own."""

    kind: ClassVar[Kind] = Kind.CACHE

    cluster_name: str
    cluster_arn: str
    cluster_discovery_endpoint: CacheEndpoint | None = None
    nodes: tuple[CacheNode, ...] = ()
    security_groups: tuple[DaxSecurityGroup, ...] = ()
    subnet_group: str | None = None
    iam_role_arn: str | None = None
    sse_description: DaxEncryption | None = msgspec.field(default=None, name="SSEDescription")
    cluster_endpoint_encryption_type: str | None = None


class CacheAuthentication(msgspec.Struct, rename="pascal", frozen=True):
    """How a user signs in: ``"password"``, ``"no-password"`` or ``"iam"``."""

    type: str | None = None


class CacheUser(Record, kw_only=True, rename="pascal"):
    """A user of caches (``elasticache.DescribeUsers``, ``memorydb.DescribeUsers``)."""

    kind: ClassVar[Kind] = Kind.CACHE_USER

    arn: str = msgspec.field(name="ARN")
    access_string: str | None = None
    authentication: CacheAuthentication | None = None


class CacheUserGroup(Record, kw_only=True, rename="pascal"):
    """Users that may sign in to a cache.

    A user group of ElastiCache, with the ids of its users (``elasticache.DescribeUserGroups``), or an access control
    list of MemoryDB, with their names (``memorydb.DescribeACLs``).
    """

    kind: ClassVar[Kind] = Kind.CACHE_USER_GROUP

    arn: str = msgspec.field(name="ARN")
    user_ids: tuple[str, ...] = ()
    user_names: tuple[str, ...] = ()
