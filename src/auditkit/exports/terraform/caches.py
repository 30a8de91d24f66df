"""Caches in Terraform: ElastiCache, MemoryDB and DAX, and the users that sign in to them."""

from collections.abc import Callable

from auditkit.exports.terraform._out import Out, block, members_of
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]


def translate(estate: Estate, out: Out) -> None:
    """Hand over caches, and who signs in to them."""
    for kind, hand_over in _KINDS.items():
        for resource in estate.of(kind):
            hand_over(resource, out)


def _replication_group(group: Resource, out: Out) -> None:
    tree = group.fit("elasticache", "ReplicationGroup", auth_token="")
    host = group.text("primary_endpoint_address")
    configuration = group.text("configuration_endpoint_address")
    port = group.either("port")
    if host:
        tree["NodeGroups"] = [{"PrimaryEndpoint": {"Address": host, "Port": port}}]
    if configuration:
        tree["ConfigurationEndpoint"] = {"Address": configuration, "Port": port}
    token = group.at("auth_token")
    tree["AuthTokenEnabled"] = bool(token is not None and token.value)
    out.give(group, "elasticache.DescribeReplicationGroups", {"ReplicationGroups": [tree]}, complete=False)


def _cache(cache: Resource, out: Out) -> None:
    tree = cache.fit(
        "elasticache",
        "CacheCluster",
        cluster_id="CacheClusterId",
        cache_nodes="",
        security_group_ids="",
        subnet_group_name="CacheSubnetGroupName",
        parameter_group_name="",
        configuration_endpoint="",
    )
    tree["CacheNodes"] = [
        {"Endpoint": block(node, Address="address", Port="port")} for node in cache.node.each("cache_nodes")
    ]
    tree["SecurityGroups"] = members_of(cache, "security_group_ids", "SecurityGroupId")
    out.give(cache, "elasticache.DescribeCacheClusters", {"CacheClusters": [tree]}, complete=False)


def _serverless_cache(cache: Resource, out: Out) -> None:
    tree = cache.fit("elasticache", "ServerlessCache", name="ServerlessCacheName")
    out.give(cache, "elasticache.DescribeServerlessCaches", {"ServerlessCaches": [tree]}, complete=False)


def _memorydb(cluster: Resource, out: Out) -> None:
    tree = cluster.fit(
        "memorydb",
        "Cluster",
        acl_name="ACLName",
        cluster_endpoint="",
        kms_key_arn="KmsKeyId",
        security_group_ids="",
        shards="",
        tls_enabled="TLSEnabled",
    )
    end = cluster.first("cluster_endpoint")
    tree["ClusterEndpoint"] = block(end, Address="address", Port="port")
    tree["SecurityGroups"] = members_of(cluster, "security_group_ids", "SecurityGroupId")
    out.give(cluster, "memorydb.DescribeClusters", {"Clusters": [tree]}, complete=False)


def _dax(cluster: Resource, out: Out) -> None:
    tree = cluster.fit(
        "dax",
        "Cluster",
        arn="ClusterArn",
        nodes="",
        parameter_group_name="",
        security_group_ids="",
        server_side_encryption="",
        subnet_group_name="SubnetGroup",
    )
    sealed = cluster.first("server_side_encryption")
    on = sealed is not None and (found := sealed.at("enabled")) is not None and found.value is True
    tree["SSEDescription"] = {"Status": "ENABLED" if on else "DISABLED"}
    tree["ClusterDiscoveryEndpoint"] = {"Address": cluster.either("cluster_address"), "Port": cluster.either("port")}
    tree["SecurityGroups"] = members_of(cluster, "security_group_ids", "SecurityGroupIdentifier")
    out.give(cluster, "dax.DescribeClusters", {"Clusters": [tree]}, complete=False)


# ---------------------------------------------------------------- users


def _users(call: str, key: str, name: str) -> Callable[[Resource, Out], None]:
    def hand_over(user: Resource, out: Out) -> None:
        mode = user.first("authentication_mode")
        kind = mode.text("type") if mode is not None else ""
        if not kind:
            kind = "no-password" if user.flag("no_password_required") else "password"
        tree = {
            key: user.text(name),
            "ARN": user.arn,
            "AccessString": user.either("access_string"),
            "Authentication": {"Type": kind.removesuffix("-required")},
        }
        out.give(user, call, {"Users": [tree]}, complete=False)

    return hand_over


def _user_group(group: Resource, out: Out) -> None:
    tree = group.fit("elasticache", "UserGroup", tags="")
    out.give(group, "elasticache.DescribeUserGroups", {"UserGroups": [tree]}, complete=False)


def _access_list(group: Resource, out: Out) -> None:
    tree = group.fit("memorydb", "ACL", tags="", id="")
    out.give(group, "memorydb.DescribeACLs", {"ACLs": [tree]}, complete=False)


_KINDS: dict[str, Callable[[Resource, Out], None]] = {
    "aws_dax_cluster": _dax,
    "aws_elasticache_cluster": _cache,
    "aws_elasticache_replication_group": _replication_group,
    "aws_elasticache_serverless_cache": _serverless_cache,
    "aws_elasticache_user": _users("elasticache.DescribeUsers", "UserId", "user_id"),
    "aws_elasticache_user_group": _user_group,
    "aws_memorydb_acl": _access_list,
    "aws_memorydb_cluster": _memorydb,
    "aws_memorydb_user": _users("memorydb.DescribeUsers", "Name", "user_name"),
}
