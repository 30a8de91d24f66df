"""Databases, search domains and brokers in Terraform."""

from collections.abc import Callable
from typing import Any

from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.terraform._out import Out, block, members_of, pairs_of
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]

Tree = dict[str, Any]


def translate(estate: Estate, out: Out) -> None:
    """Hand over stores that are servers in a network."""
    for kind, hand_over in _KINDS.items():
        for resource in estate.of(kind):
            hand_over(resource, out)


def _database(database: Resource, out: Out) -> None:
    host = database.text("address") or database.text("endpoint").partition(":")[0]
    tree = database.fit(
        "rds",
        "DBInstance",
        arn="DBInstanceArn",
        identifier="DBInstanceIdentifier",
        cluster_identifier="DBClusterIdentifier",
        iam_database_authentication_enabled="IAMDatabaseAuthenticationEnabled",
        endpoint="",
        vpc_security_group_ids="",
        parameter_group_name="",
        db_subnet_group_name="",
        tags="",
    )
    tree["Endpoint"] = {"Address": host or None, "Port": database.either("port")}
    tree["VpcSecurityGroups"] = members_of(database, "vpc_security_group_ids", "VpcSecurityGroupId")
    group = database.either("parameter_group_name", "db_parameter_group_name")
    tree["DBParameterGroups"] = [{"DBParameterGroupName": group}] if group is not None else None
    tree["DBSubnetGroup"] = _subnet_group(database, "aws_db_subnet_group", "db_subnet_group_name")
    tree["TagList"] = pairs_of(database)
    out.give(database, "rds.DescribeDBInstances", {"DBInstances": [tree]}, complete=False)


def _cluster(cluster: Resource, out: Out) -> None:
    tree = cluster.fit(
        "rds",
        "DBCluster",
        arn="DBClusterArn",
        cluster_identifier="DBClusterIdentifier",
        iam_database_authentication_enabled="IAMDatabaseAuthenticationEnabled",
        iam_roles="",
        enable_http_endpoint="HttpEndpointEnabled",
        db_cluster_parameter_group_name="DBClusterParameterGroup",
        db_subnet_group_name="DBSubnetGroup",
        vpc_security_group_ids="",
        cluster_members="",
        tags="",
    )
    tree["VpcSecurityGroups"] = members_of(cluster, "vpc_security_group_ids", "VpcSecurityGroupId")
    tree["TagList"] = pairs_of(cluster)
    out.give(cluster, "rds.DescribeDBClusters", {"DBClusters": [tree]}, complete=False)


def _snapshot(snapshot: Resource, out: Out) -> None:
    """Hand over a snapshot that was made by hand, and the accounts that it is shared with."""
    of_cluster = "cluster" in snapshot.type
    word, prefix = ("DBCluster", "db_cluster") if of_cluster else ("DB", "db")
    tree = snapshot.fit("rds", f"{word}Snapshot", tags="", shared_accounts="", id="")
    name = snapshot.text(f"{prefix}_snapshot_identifier") or snapshot.text(f"target_{prefix}_snapshot_identifier")
    tree |= {f"{word}SnapshotIdentifier": name, f"{word}SnapshotArn": snapshot.text(f"{prefix}_snapshot_arn")}
    tree |= {"SnapshotType": "manual", "TagList": pairs_of(snapshot)}
    out.give(snapshot, f"rds.Describe{word}Snapshots", {f"{word}Snapshots": [tree]}, complete=False)
    shared = snapshot.at("shared_accounts")
    if shared is None and snapshot.estate.configured(snapshot, "shared_accounts"):
        return  # it will be known when the plan is applied
    attribute: Tree = {"AttributeName": "restore", "AttributeValues": shared or []}
    told = {f"{word}SnapshotAttributesResult": {f"{word}SnapshotAttributes": [attribute]}}
    out.give(snapshot, f"rds.Describe{word}SnapshotAttributes", told, name)


_DEFAULTS = "parameters that are not set have the defaults of the engine"


def _parameters(call: str) -> Callable[[Resource, Out], None]:
    def hand_over(group: Resource, out: Out) -> None:
        found = [block(one, ParameterName="name", ParameterValue="value") for one in group.node.each("parameter")]
        out.give(group, call, {"Parameters": found, "Marker": _DEFAULTS}, group.text("name"), complete=False)

    return hand_over


def _proxy(proxy: Resource, out: Out) -> None:
    tree = proxy.fit("rds", "DBProxy", arn="DBProxyArn", name="DBProxyName", id="", require_tls="RequireTLS")
    out.give(proxy, "rds.DescribeDBProxies", {"DBProxies": [tree]}, complete=False)


def _proxy_target(target: Resource, out: Out) -> None:
    shown = {
        "Type": target.either("type"),
        "TargetArn": target.either("target_arn"),
        "TrackedClusterId": target.either("db_cluster_identifier"),
        "RdsResourceId": target.either("rds_resource_id", "db_instance_identifier", "db_cluster_identifier"),
    }
    tree = {"Targets": [shown]}
    out.give(target, "rds.DescribeDBProxyTargets", tree, target.text("db_proxy_name"), complete=False)


def _subnet_group(resource: Resource, kind: str, attribute: str) -> Tree | None:
    group = resource.estate.named(resource.text(attribute), (kind,), ("name", "id"))
    if group is None:
        return None
    return {
        "VpcId": group.either("vpc_id"),
        "Subnets": members_of(group, "subnet_ids", "SubnetIdentifier"),
    }


def _search(domain: Resource, out: Out) -> None:
    tree = domain.fit(
        "opensearch",
        "DomainStatus",
        id="",
        encrypt_at_rest="EncryptionAtRestOptions",
        node_to_node_encryption="NodeToNodeEncryptionOptions",
        elasticsearch_version="EngineVersion",
        access_policies="",
        advanced_security_options="",
        endpoint_options="",
    )
    policy = domain.estate.named(
        domain.text("domain_name"),
        ("aws_opensearch_domain_policy", "aws_elasticsearch_domain_policy"),
        ("domain_name",),
    )
    tree["AccessPolicies"] = (policy or domain).either("access_policies")
    security = domain.first("advanced_security_options")
    tree["AdvancedSecurityOptions"] = block(
        security,
        Enabled="enabled",
        InternalUserDatabaseEnabled="internal_user_database_enabled",
        AnonymousAuthEnabled="anonymous_auth_enabled",
    )
    unseen = ("policy",) if (policy or domain).unknown("access_policies") else ()
    out.partly(domain, "opensearch.ListDomainNames")
    out.give(domain, "opensearch.DescribeDomain", {"DomainStatus": tree}, domain.text("domain_name"), unseen=unseen)


def _kafka(cluster: Resource, out: Out) -> None:
    serverless = cluster.type == "aws_msk_serverless_cluster"
    names = {
        "arn": "ClusterArn",
        "encryption_at_rest_kms_key_arn": "",
    }
    tree: Tree = {
        "ClusterArn": cluster.arn,
        "ClusterName": cluster.text("cluster_name"),
        "ClusterType": "SERVERLESS" if serverless else "PROVISIONED",
        "State": "ACTIVE",
        "Tags": cluster.tags,
    }
    if serverless:
        tree["Serverless"] = fitted(cluster.node, shape_of("kafka", "Serverless"), names)
    else:
        tree["Provisioned"] = _provisioned(cluster)
    out.give(cluster, "kafka.ListClustersV2", {"ClusterInfoList": [tree]}, complete=False)


def _provisioned(cluster: Resource) -> Tree:
    shape = shape_of("kafka", "Provisioned")
    tree = fitted(cluster.node, shape, {"client_authentication": "", "encryption_info": ""}) or {}
    access = cluster.first("client_authentication")
    if access is not None:
        sasl, tls = access.first("sasl"), access.first("tls")
        tree["ClientAuthentication"] = {
            "Sasl": {key: {"Enabled": sasl.at(name) or False} for key, name in (("Iam", "iam"), ("Scram", "scram"))}
            if sasl is not None
            else None,
            "Tls": {"Enabled": True} if tls is not None else None,
            "Unauthenticated": {"Enabled": access.at("unauthenticated") or False},
        }
    sealed = cluster.first("encryption_info")
    if sealed is not None:
        transit = sealed.first("encryption_in_transit")
        tree["EncryptionInfo"] = {
            "EncryptionAtRest": block(sealed, DataVolumeKMSKeyId="encryption_at_rest_kms_key_arn"),
            "EncryptionInTransit": block(transit, ClientBroker="client_broker", InCluster="in_cluster"),
        }
    return tree


def _broker(broker: Resource, out: Out) -> None:
    tree = broker.fit(
        "mq", "DescribeBrokerResponse", arn="BrokerArn", id="BrokerId", instances="BrokerInstances", user=""
    )
    out.partly(broker, "mq.ListBrokers")
    out.give(broker, "mq.DescribeBroker", {**tree, "Tags": broker.tags}, broker.id)


_KINDS = {
    "aws_db_instance": _database,
    "aws_db_parameter_group": _parameters("rds.DescribeDBParameters"),
    "aws_db_proxy": _proxy,
    "aws_db_proxy_target": _proxy_target,
    "aws_db_snapshot": _snapshot,
    "aws_db_snapshot_copy": _snapshot,
    "aws_db_cluster_snapshot": _snapshot,
    "aws_elasticsearch_domain": _search,
    "aws_mq_broker": _broker,
    "aws_msk_cluster": _kafka,
    "aws_msk_serverless_cluster": _kafka,
    "aws_opensearch_domain": _search,
    "aws_rds_cluster": _cluster,
    "aws_rds_cluster_instance": _database,
    "aws_rds_cluster_snapshot_copy": _snapshot,
    "aws_docdb_cluster": _cluster,
    "aws_docdb_cluster_instance": _database,
    "aws_docdb_cluster_parameter_group": _parameters("rds.DescribeDBClusterParameters"),
    "aws_neptune_cluster": _cluster,
    "aws_neptune_cluster_instance": _database,
    "aws_neptune_cluster_parameter_group": _parameters("rds.DescribeDBClusterParameters"),
    "aws_neptune_parameter_group": _parameters("rds.DescribeDBParameters"),
    "aws_rds_cluster_parameter_group": _parameters("rds.DescribeDBClusterParameters"),
}
