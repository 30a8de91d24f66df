"""Amazon Redshift: clusters, their parameters, workgroups and namespaces."""

from auditkit.exports.cloudformation._telling import Telling, several

__all__ = ["tell"]

_DEFAULTS = "parameters that are not set have the defaults of the engine"


def tell(to: Telling) -> None:
    """Tell clusters and workgroups; what a template leaves out of encryption and address is as it was when made."""
    for cluster in to.of("AWS::Redshift::Cluster"):
        node, attributes = cluster.node, cluster.identity.attributes
        group = node.at("ClusterParameterGroupName")
        members: dict[str, object] = {
            "ClusterIdentifier": cluster.identity.name,
            "Endpoint": {"Address": attributes["Endpoint.Address"], "Port": node.at("Port") or 5439},
            "VpcSecurityGroups": [{"VpcSecurityGroupId": one} for one in several(node.at("VpcSecurityGroupIds"))],
            "ClusterParameterGroups": [] if group is None else [{"ParameterGroupName": group}],
            "IamRoles": [{"IamRoleArn": role} for role in several(node.at("IamRoles"))],
            "AllowVersionUpgrade": True if node.at("AllowVersionUpgrade") is None else node.at("AllowVersionUpgrade"),
            "AutomatedSnapshotRetentionPeriod": 1
            if node.at("AutomatedSnapshotRetentionPeriod") is None
            else node.at("AutomatedSnapshotRetentionPeriod"),
        }
        tree = to.tree(cluster, "redshift.Cluster", {"MasterUserPassword": "", "Endpoint": "", "MultiAZ": ""}, members)
        to.give(cluster, "redshift.DescribeClusters", {"Clusters": [tree]}, complete=False)
    for parameters in to.of("AWS::Redshift::ClusterParameterGroup"):
        found = [to.fitted(one, "redshift.Parameter") for one in several(parameters.node.at("Parameters"))]
        shown = {"Parameters": found, "Marker": _DEFAULTS}
        to.give(parameters, "redshift.DescribeClusterParameters", shown, parameters.identity.name, complete=False)
    _serverless(to)


def _serverless(to: Telling) -> None:
    for workgroup in to.of("AWS::RedshiftServerless::Workgroup"):
        attributes = workgroup.identity.attributes
        members: dict[str, object] = {
            "workgroupArn": workgroup.identity.arn,
            "workgroupName": workgroup.identity.name,
            "endpoint": {"address": attributes["Workgroup.Endpoint.Address"], "port": 5439},
        }
        tree = to.tree(workgroup, "redshift-serverless.Workgroup", {"Workgroup": ""}, members)
        to.give(workgroup, "redshift-serverless.ListWorkgroups", {"workgroups": [tree]}, complete=False)
    for namespace in to.of("AWS::RedshiftServerless::Namespace"):
        members = {"namespaceName": namespace.identity.name}
        renames = {"AdminUserPassword": "", "Namespace": ""}
        tree = to.tree(namespace, "redshift-serverless.Namespace", renames, members)
        to.give(namespace, "redshift-serverless.ListNamespaces", {"namespaces": [tree]}, complete=False)
