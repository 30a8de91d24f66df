"""Caches: ElastiCache, MemoryDB and DAX, and the users that sign in to them."""

from auditkit.exports._answers import Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, several

__all__ = ["tell"]


def tell(to: Telling) -> None:
    """Tell caches, and who signs in to them."""
    _elasticache(to)
    _memorydb(to)
    _dax(to)
    _users(to)


def _elasticache(to: Telling) -> None:
    for group in to.of("AWS::ElastiCache::ReplicationGroup"):
        attributes = group.identity.attributes
        primary = {"Address": attributes["PrimaryEndPoint.Address"], "Port": group.node.at("Port") or 6379}
        members: dict[str, object] = {
            "ReplicationGroupId": group.identity.name,
            "ARN": group.identity.arn,
            "AuthTokenEnabled": group.get("AuthToken") is not None,
            "NodeGroups": [{"NodeGroupId": "0001", "PrimaryEndpoint": primary}],
            "TransitEncryptionEnabled": group.node.at("TransitEncryptionEnabled") or False,
            "AtRestEncryptionEnabled": group.node.at("AtRestEncryptionEnabled") or False,
        }
        tree = to.tree(group, "elasticache.ReplicationGroup", members=members)
        to.give(group, "elasticache.DescribeReplicationGroups", {"ReplicationGroups": [tree]}, complete=False)
    for cluster in to.of("AWS::ElastiCache::CacheCluster"):
        members = {
            "CacheClusterId": cluster.identity.name,
            "ARN": cluster.identity.arn,
            "TransitEncryptionEnabled": cluster.node.at("TransitEncryptionEnabled") or False,
            "AtRestEncryptionEnabled": False,  # only groups can have it
            "SecurityGroups": [{"SecurityGroupId": one} for one in several(cluster.node.at("VpcSecurityGroupIds"))],
        }
        tree = to.tree(cluster, "elasticache.CacheCluster", {"VpcSecurityGroupIds": ""}, members)
        to.give(cluster, "elasticache.DescribeCacheClusters", {"CacheClusters": [tree]}, complete=False)
    for cache in to.of("AWS::ElastiCache::ServerlessCache"):
        endpoint = {"Address": cache.identity.attributes["Endpoint.Address"], "Port": 6379}
        members = {"ServerlessCacheName": cache.identity.name, "ARN": cache.identity.arn, "Endpoint": endpoint}
        tree = to.tree(cache, "elasticache.ServerlessCache", {"ReaderEndpoint": ""}, members)
        to.give(cache, "elasticache.DescribeServerlessCaches", {"ServerlessCaches": [tree]}, complete=False)


def _memorydb(to: Telling) -> None:
    for cluster in to.of("AWS::MemoryDB::Cluster"):
        node, attributes = cluster.node, cluster.identity.attributes
        members: dict[str, object] = {
            "Name": cluster.identity.name,
            "ARN": cluster.identity.arn,
            "ClusterEndpoint": {"Address": attributes["ClusterEndpoint.Address"], "Port": node.at("Port") or 6379},
            "SecurityGroups": [{"SecurityGroupId": one} for one in several(node.at("SecurityGroupIds"))],
            "TLSEnabled": True if node.at("TLSEnabled") is None else node.at("TLSEnabled"),
            "SnapshotRetentionLimit": node.at("SnapshotRetentionLimit") or 0,
        }
        renames = {"SecurityGroupIds": "", "ClusterName": "", "ClusterEndpoint": ""}
        tree = to.tree(cluster, "memorydb.Cluster", renames, members)
        to.give(cluster, "memorydb.DescribeClusters", {"Clusters": [tree]}, complete=False)


def _dax(to: Telling) -> None:
    for cluster in to.of("AWS::DAX::Cluster"):
        node, address = cluster.node, cluster.identity.attributes["ClusterDiscoveryEndpoint"]
        sealed = node.at("SSESpecification", "SSEEnabled")
        members: dict[str, object] = {
            "ClusterName": cluster.identity.name,
            "ClusterArn": cluster.identity.arn,
            "ClusterDiscoveryEndpoint": {"Address": str(address).partition(":")[0]},
            "SecurityGroups": [{"SecurityGroupIdentifier": one} for one in several(node.at("SecurityGroupIds"))],
            "SSEDescription": {
                "Status": "ENABLED" if sealed is not None and str(sealed.value).lower() == "true" else "DISABLED"
            },
            "ClusterEndpointEncryptionType": node.at("ClusterEndpointEncryptionType") or "NONE",
        }
        renames = {"SecurityGroupIds": "", "SSESpecification": "", "SubnetGroupName": "SubnetGroup"}
        tree = to.tree(cluster, "dax.Cluster", {**renames, "ParameterGroupName": ""}, members)
        to.give(cluster, "dax.DescribeClusters", {"Clusters": [tree]}, complete=False)


# ---------------------------------------------------------------- users


def _users(to: Telling) -> None:
    for user in to.of("AWS::ElastiCache::User"):
        to.give(user, "elasticache.DescribeUsers", {"Users": [_user(user, "UserId")]}, complete=False)
    for user in to.of("AWS::MemoryDB::User"):
        to.give(user, "memorydb.DescribeUsers", {"Users": [_user(user, "Name")]}, complete=False)
    for group in to.of("AWS::ElastiCache::UserGroup"):
        tree = to.tree(group, "elasticache.UserGroup", {"Tags": ""}, {"ARN": group.identity.arn})
        to.give(group, "elasticache.DescribeUserGroups", {"UserGroups": [tree]}, complete=False)
    for group in to.of("AWS::MemoryDB::ACL"):
        members = {"Name": group.identity.name, "ARN": group.identity.arn}
        tree = to.tree(group, "memorydb.ACL", {"ACLName": "", "Tags": ""}, members)
        to.give(group, "memorydb.DescribeACLs", {"ACLs": [tree]}, complete=False)


def _user(user: Resource, key: str) -> Tree:
    """Return a user without what it signs in with; one of which nothing is said signs in with a password."""
    node = user.node
    mode = node.at("AuthenticationMode", "Type")
    nothing = node.at("NoPasswordRequired")
    if mode is None:
        asks = "no-password" if nothing is not None and str(nothing.value).lower() == "true" else "password"
    else:
        asks = str(mode.value).removesuffix("-required")
    return Tree(
        node.source,
        {
            key: user.identity.name,
            "ARN": user.identity.arn,
            "AccessString": node.at("AccessString"),
            "Authentication": {"Type": asks},
        },
    )
