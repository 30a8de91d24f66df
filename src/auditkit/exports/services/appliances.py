"""Responses of services whose stores are servers in a network: ElastiCache, MemoryDB, DAX, OpenSearch, MSK, MQ."""

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich
from auditkit.inventory.records.brokers import Broker, KafkaCluster
from auditkit.inventory.records.caches import (
    CacheCluster,
    CacheUser,
    CacheUserGroup,
    DaxCluster,
    MemoryDBCluster,
    ReplicationGroup,
    ServerlessCache,
)
from auditkit.inventory.records.search import SearchDomain

__all__ = ["HANDLERS"]


def _describe_replication_groups(response: Response, reading: Reading) -> None:
    for group, _, _ in reading.each(response, ReplicationGroup, "ReplicationGroups"):
        group.id, group.name = group.arn, group.replication_group_id
        reading.add(group)


def _describe_cache_clusters(response: Response, reading: Reading) -> None:
    for cluster, _, _ in reading.each(response, CacheCluster, "CacheClusters"):
        cluster.id, cluster.name = cluster.arn, cluster.cache_cluster_id
        reading.add(cluster)


def _describe_serverless_caches(response: Response, reading: Reading) -> None:
    for cache, _, _ in reading.each(response, ServerlessCache, "ServerlessCaches"):
        cache.id, cache.name = cache.arn, cache.serverless_cache_name
        reading.add(cache)


def _describe_memorydb_clusters(response: Response, reading: Reading) -> None:
    for cluster, _, _ in reading.each(response, MemoryDBCluster, "Clusters"):
        cluster.id, cluster.name = cluster.arn, cluster.cluster_name
        reading.add(cluster)


def _describe_dax_clusters(response: Response, reading: Reading) -> None:
    for cluster, _, _ in reading.each(response, DaxCluster, "Clusters"):
        cluster.id, cluster.name = cluster.cluster_arn, cluster.cluster_name
        reading.add(cluster)


def _users(response: Response, reading: Reading) -> None:
    for user, _, _ in reading.each(response, CacheUser, "Users"):
        user.id, user.name = user.arn, user.arn.rpartition("/" if "/" in user.arn else ":")[2]
        reading.add(user)


def _user_groups(key: str) -> Handler:
    """Return a handler for groups of users, which stand under a key."""

    def handle(response: Response, reading: Reading) -> None:
        for group, _, _ in reading.each(response, CacheUserGroup, key):
            group.id, group.name = group.arn, group.arn.rpartition("/" if "/" in group.arn else ":")[2]
            reading.add(group)

    return handle


def _describe_domain(response: Response, reading: Reading) -> None:
    item = reading.value(dict, response, "DomainStatus")
    domain = reading.convert(response, SearchDomain, item, "DomainStatus") if item else None
    if domain is None or not item:
        return
    domain.id, domain.name = domain.arn, domain.domain_name
    source = response.at("DomainStatus", "AccessPolicies")
    domain.policy = policy_text(item.get("AccessPolicies"), source, reading)
    reading.add(domain)


def _list_kafka_clusters(response: Response, reading: Reading) -> None:
    for cluster, item, source in reading.each(response, KafkaCluster, "ClusterInfoList"):
        cluster.id, cluster.name = cluster.cluster_arn, cluster.cluster_name
        cluster.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        reading.add(cluster)


def _get_kafka_policy(response: Response, reading: Reading) -> None:
    policy = policy_text(response.payload.get("Policy"), response.at("Policy"), reading)
    enrich(response, reading, KafkaCluster, "Policy", policy=policy)


def _list_brokers(response: Response, reading: Reading) -> None:
    for broker, _, _ in reading.each(response, Broker, "BrokerSummaries"):
        broker.id, broker.name = broker.broker_arn, broker.broker_name or broker.broker_id
        reading.add(broker)


def _describe_broker(response: Response, reading: Reading) -> None:
    if not response.payload:
        return
    broker = reading.convert(response, Broker, response.payload)
    if broker is not None:
        broker.id, broker.name = broker.broker_arn, broker.broker_name or broker.broker_id
        broker.tags = tags_of(response.payload.get("Tags"), response.at("Tags"), reading)
        reading.add(broker)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("dax", "DescribeClusters"): _describe_dax_clusters,
    ("elasticache", "DescribeCacheClusters"): _describe_cache_clusters,
    ("elasticache", "DescribeReplicationGroups"): _describe_replication_groups,
    ("elasticache", "DescribeServerlessCaches"): _describe_serverless_caches,
    ("elasticache", "DescribeUserGroups"): _user_groups("UserGroups"),
    ("elasticache", "DescribeUsers"): _users,
    ("kafka", "GetClusterPolicy"): _get_kafka_policy,
    ("kafka", "ListClustersV2"): _list_kafka_clusters,
    ("memorydb", "DescribeACLs"): _user_groups("ACLs"),
    ("memorydb", "DescribeClusters"): _describe_memorydb_clusters,
    ("memorydb", "DescribeUsers"): _users,
    ("mq", "DescribeBroker"): _describe_broker,
    ("mq", "ListBrokers"): _list_brokers,
    ("opensearch", "DescribeDomain"): _describe_domain,
}
