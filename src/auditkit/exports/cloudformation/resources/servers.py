"""Stores that are servers in a network: RDS, OpenSearch Service, MSK, MQ."""

from auditkit.exports._answers import Node, Tree
from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, several

__all__ = ["tell"]

_ENGINES = {"AWS::DocDB::DBCluster": "docdb", "AWS::Neptune::DBCluster": "neptune"}
_CLUSTERS = ("AWS::RDS::DBCluster", *_ENGINES)


def tell(to: Telling) -> None:
    """Tell databases, search domains and brokers."""
    for cluster in to.of(*_CLUSTERS):
        _cluster(to, cluster)
    for instance in to.of("AWS::RDS::DBInstance"):
        _instance(to, instance)
    _parameters(to)
    _proxies(to)
    for domain in to.of("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"):
        _domain(to, domain)
    _kafka(to)
    for broker in to.of("AWS::AmazonMQ::Broker"):
        _broker(to, broker)


def _groups(node: Node, key: str) -> list[dict[str, object]]:
    return [{"VpcSecurityGroupId": group} for group in several(node.at(key))]


def _secret(resource: Resource) -> dict[str, object] | None:
    if str(resource.get("ManageMasterUserPassword")).lower() != "true":
        return None
    return {
        "SecretArn": resource.identity.attributes.get("MasterUserSecret.SecretArn"),
        "KmsKeyId": resource.node.at("MasterUserSecret", "KmsKeyId"),
    }


_DEFAULTS = "parameters that are not set have the defaults of the engine"
_GROUPS = {
    "AWS::DocDB::DBClusterParameterGroup": "rds.DescribeDBClusterParameters",
    "AWS::Neptune::DBClusterParameterGroup": "rds.DescribeDBClusterParameters",
    "AWS::Neptune::DBParameterGroup": "rds.DescribeDBParameters",
    "AWS::RDS::DBClusterParameterGroup": "rds.DescribeDBClusterParameters",
    "AWS::RDS::DBParameterGroup": "rds.DescribeDBParameters",
}


def _parameters(to: Telling) -> None:
    for group in to.of(*_GROUPS):
        node = group.node.at("Parameters")
        names = node.value if node is not None and isinstance(node.value, dict) else {}
        found = [{"ParameterName": str(name), "ParameterValue": spelled(value)} for name, value in names.items()]
        tree = {"Parameters": found, "Marker": _DEFAULTS}
        to.give(group, _GROUPS[group.type], tree, group.identity.name, complete=False)


def _cluster(to: Telling, cluster: Resource) -> None:
    attributes = cluster.identity.attributes
    members: dict[str, object] = {
        "DBClusterIdentifier": cluster.identity.name,
        "DBClusterArn": cluster.identity.arn,
        "Engine": cluster.node.at("Engine") or _ENGINES.get(cluster.type, "unknown"),
        "Endpoint": attributes.get("Endpoint.Address") or attributes.get("Endpoint"),
        "ReaderEndpoint": attributes.get("ReadEndpoint.Address") or attributes.get("ReadEndpoint"),
        "DBClusterParameterGroup": cluster.node.at("DBClusterParameterGroupName") or _default_group(cluster),
        "DBSubnetGroup": cluster.node.at("DBSubnetGroupName"),
        "VpcSecurityGroups": _groups(cluster.node, "VpcSecurityGroupIds"),
        "IAMDatabaseAuthenticationEnabled": cluster.node.at("EnableIAMDatabaseAuthentication")
        or cluster.node.at("IamAuthEnabled"),
        "HttpEndpointEnabled": cluster.node.at("EnableHttpEndpoint"),
        "TagList": cluster.node.at("Tags"),
        "MasterUserSecret": _secret(cluster),
        "StorageEncrypted": cluster.node.at("StorageEncrypted") or False,
        **_defaults(cluster, {"BackupRetentionPeriod": 1}),
    }
    tree = to.tree(cluster, "rds.DBCluster", {"MasterUserSecret": "", "Tags": "", "AssociatedRoles": ""}, members)
    to.give(cluster, "rds.DescribeDBClusters", {"DBClusters": [tree]}, complete=False)


def _defaults(resource: Resource, values: dict[str, object]) -> dict[str, object]:
    """Return what CloudFormation takes for properties that a template leaves out (its reference of the resource)."""
    return {name: value for name, value in values.items() if resource.node.at(name) is None}


def _default_group(resource: Resource) -> str | None:
    """Return the parameter group that RDS takes where a template names none: that of engine and version."""
    engine, major = resource.text("Engine"), resource.text("EngineVersion").partition(".")[0]
    return f"default.{engine}{major}" if "postgres" in engine and major.isdecimal() else None


def _instance(to: Telling, instance: Resource) -> None:
    attributes, node = instance.identity.attributes, instance.node
    cluster = instance.text("DBClusterIdentifier")
    parameters = node.at("DBParameterGroupName") or _default_group(instance)
    members: dict[str, object] = {
        "DBInstanceIdentifier": instance.identity.name,
        "DBInstanceArn": instance.identity.arn,
        "Engine": node.at("Engine") or "unknown",
        "Endpoint": {"Address": attributes["Endpoint.Address"], "Port": node.at("Port")},
        "DBSubnetGroup": None,
        "VpcSecurityGroups": _groups(node, "VPCSecurityGroups"),
        "DBParameterGroups": [{"DBParameterGroupName": parameters}] if parameters is not None else [],
        "IAMDatabaseAuthenticationEnabled": node.at("EnableIAMDatabaseAuthentication"),
        "TagList": node.at("Tags"),
        "MasterUserSecret": _secret(instance),
        "StorageEncrypted": node.at("StorageEncrypted") or (None if cluster else False),
        **_defaults(instance, {"AutoMinorVersionUpgrade": True} | ({} if cluster else {"BackupRetentionPeriod": 1})),
    }
    tree = to.tree(instance, "rds.DBInstance", {"MasterUserSecret": "", "Tags": "", "DBSecurityGroups": ""}, members)
    to.give(instance, "rds.DescribeDBInstances", {"DBInstances": [tree]}, complete=False)


def _proxies(to: Telling) -> None:
    for proxy in to.of("AWS::RDS::DBProxy"):
        attributes = proxy.identity.attributes
        members = {
            "DBProxyName": proxy.identity.name,
            "DBProxyArn": proxy.identity.arn,
            "Endpoint": attributes["Endpoint"],
        }
        tree = to.tree(proxy, "rds.DBProxy", {"VpcId": ""}, members)
        to.give(proxy, "rds.DescribeDBProxies", {"DBProxies": [tree]}, complete=False)
    for (place, name), groups in to.by("DBProxyName", of=["AWS::RDS::DBProxyTargetGroup"]).items():
        targets = [
            *(
                _target(one, "TRACKED_CLUSTER")
                for group in groups
                for one in several(group.node.at("DBClusterIdentifiers"))
            ),
            *(
                _target(one, "RDS_INSTANCE")
                for group in groups
                for one in several(group.node.at("DBInstanceIdentifiers"))
            ),
        ]
        to.give(groups[0], "rds.DescribeDBProxyTargets", {"Targets": targets}, name, place=place)


def _target(node: Node, kind: str) -> Tree:
    return Tree(node.source, {"Type": kind, "RdsResourceId": node})


_PLAIN_TOO = {"EnforceHTTPS": False}


def _domain(to: Telling, domain: Resource) -> None:
    name = domain.identity.name
    members: dict[str, object] = {
        "DomainId": name,
        "DomainName": name,
        "ARN": domain.identity.arn,
        "Endpoint": domain.identity.attributes["DomainEndpoint"],
        "AccessPolicies": domain.node.at("AccessPolicies"),
        **_defaults(domain, {"EncryptionAtRestOptions": {"Enabled": False}}),
    }
    if domain.node.at("DomainEndpointOptions", "EnforceHTTPS") is None:
        options = domain.node.at("DomainEndpointOptions")
        members["DomainEndpointOptions"] = to.fitted(options, "opensearch.DomainEndpointOptions", members=_PLAIN_TOO)
    renames = {"AccessPolicies": "", "ElasticsearchVersion": "EngineVersion"}
    tree = to.tree(domain, "opensearch.DomainStatus", renames, members)
    to.give(domain, "opensearch.DescribeDomain", {"DomainStatus": tree}, name)


def _kafka(to: Telling) -> None:
    for cluster in to.of("AWS::MSK::Cluster", "AWS::MSK::ServerlessCluster"):
        provisioned = cluster.type == "AWS::MSK::Cluster"
        key, shape = ("Provisioned", "kafka.Provisioned") if provisioned else ("Serverless", "kafka.Serverless")
        tree = Tree(
            cluster.node.source,
            {
                "ClusterArn": cluster.identity.arn,
                "ClusterName": cluster.identity.name,
                "ClusterType": key.upper(),
                "State": "ACTIVE",
                "Tags": cluster.node.at("Tags"),
                key: to.tree(cluster, shape),
            },
        )
        to.give(cluster, "kafka.ListClustersV2", {"ClusterInfoList": [tree]}, complete=False)
    for (place, arn), policies in to.by("ClusterArn", of=["AWS::MSK::ClusterPolicy"]).items():
        to.give(policies[0], "kafka.GetClusterPolicy", {"Policy": policies[0].node.at("Policy")}, arn, place=place)


def _broker(to: Telling, broker: Resource) -> None:
    attributes = broker.identity.attributes
    key = "AmqpEndpoints" if broker.text("EngineType").upper() == "RABBITMQ" else "OpenWireEndpoints"
    members: dict[str, object] = {
        "BrokerId": broker.identity.name,
        "BrokerArn": broker.identity.arn,
        "BrokerName": broker.node.at("BrokerName") or broker.identity.name,
        "BrokerInstances": [{"Endpoints": [attributes[key]]}],
        "Tags": broker.node.at("Tags"),
    }
    unread = {"Users": "", "Configuration": "", "Tags": "", "MaintenanceWindowStartTime": ""}
    tree = to.tree(broker, "mq.DescribeBrokerResponse", unread, members)
    to.give(broker, "mq.DescribeBroker", tree, broker.identity.name)
