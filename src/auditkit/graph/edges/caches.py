"""ElastiCache, MemoryDB and DAX: where caches lie, their names, and the role that DAX acts in."""

from collections.abc import Iterable

from auditkit.graph._build import Builder
from auditkit.graph._hosts import host_of
from auditkit.graph._server_factors import group_of, is_member
from auditkit.graph.network_paths import vpc_of
from auditkit.inventory import Record
from auditkit.inventory.records.caches import (
    CacheCluster,
    CacheEndpoint,
    DaxCluster,
    MemoryDBCluster,
    ReplicationGroup,
    ServerlessCache,
)

__all__ = ["connect"]

_BY_REQUEST = 1.0
"""What it takes to use the role of DAX: a request for an item, which DAX passes on in its role."""


def connect(build: Builder) -> None:
    """Say what the records of caches say."""
    for group in build.inventory.of(ReplicationGroup):
        _group(build, group)
    for cluster in build.inventory.of(CacheCluster):
        before = group_of(build, cluster)
        node: Record = before or cluster
        if before is not None:
            build.alias(cluster.id, before.id)
        else:
            groups = [item.security_group_id for item in cluster.security_groups]
            build.add(cluster, vpc=vpc_of(build, security_groups=groups))
        _known_as(build, node.id, cluster.configuration_endpoint, *(item.endpoint for item in cluster.cache_nodes))
    for cache in build.inventory.of(ServerlessCache):
        vpc = vpc_of(build, subnets=cache.subnet_ids, security_groups=cache.security_group_ids)
        build.add(cache, vpc=vpc)
        _known_as(build, cache.id, cache.endpoint, cache.reader_endpoint)
    for memory in build.inventory.of(MemoryDBCluster):
        groups = [item.security_group_id for item in memory.security_groups]
        build.add(memory, vpc=vpc_of(build, security_groups=groups))
        nodes = [node.endpoint for shard in memory.shards for node in shard.nodes]
        _known_as(build, memory.id, memory.cluster_endpoint, *nodes)
    for dax in build.inventory.of(DaxCluster):
        _dax(build, dax)


def _group(build: Builder, group: ReplicationGroup) -> None:
    members = [item for item in build.inventory.of(CacheCluster) if is_member(item, group)]
    groups = [item.security_group_id for member in members for item in member.security_groups]
    build.add(group, vpc=vpc_of(build, security_groups=groups))
    ends = [group.configuration_endpoint]
    for shard in group.node_groups:
        ends += [shard.primary_endpoint, shard.reader_endpoint]
    _known_as(build, group.id, *ends)


def _dax(build: Builder, cluster: DaxCluster) -> None:
    groups = [item.security_group_identifier for item in cluster.security_groups]
    build.add(cluster, vpc=vpc_of(build, security_groups=groups))
    _known_as(build, cluster.id, cluster.cluster_discovery_endpoint, *(node.endpoint for node in cluster.nodes))
    if cluster.iam_role_arn:
        source = cluster.source.at("IamRoleArn")
        build.acts_in(cluster.id, cluster.iam_role_arn, sources=(source,), cost=_BY_REQUEST, label="reads tables as")


def _known_as(build: Builder, node_id: str, *ends: CacheEndpoint | None) -> None:
    hosts: Iterable[str] = (end.address for end in ends if end is not None and end.address)
    for host in hosts:
        build.alias_host(host_of(host), node_id)
