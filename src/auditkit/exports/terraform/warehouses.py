"""Amazon Redshift in Terraform: clusters, their parameters, workgroups and namespaces."""

from auditkit.exports.terraform._out import Out, block, members_of, pairs_of
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]

_DEFAULTS = "parameters that are not set have the defaults of the engine"


def translate(estate: Estate, out: Out) -> None:
    """Hand over clusters and workgroups."""
    for cluster in estate.of("aws_redshift_cluster"):
        _cluster(cluster, out)
    for group in estate.of("aws_redshift_parameter_group"):
        found = [block(one, ParameterName="name", ParameterValue="value") for one in group.node.each("parameter")]
        shown = {"Parameters": found, "Marker": _DEFAULTS}
        out.give(group, "redshift.DescribeClusterParameters", shown, group.text("name"), complete=False)
    for workgroup in estate.of("aws_redshiftserverless_workgroup"):
        _workgroup(workgroup, out)
    for namespace in estate.of("aws_redshiftserverless_namespace"):
        tree = namespace.fit("redshift-serverless", "Namespace", arn="namespaceArn", admin_user_password="", tags="")
        out.give(namespace, "redshift-serverless.ListNamespaces", {"namespaces": [tree]}, complete=False)


def _cluster(cluster: Resource, out: Out) -> None:
    tree = cluster.fit(
        "redshift",
        "Cluster",
        cluster_parameter_group_name="",
        endpoint="",
        database_name="DBName",
        iam_roles="",
        master_password="",
        vpc_security_group_ids="",
        cluster_nodes="",
        tags="",
    )
    host = cluster.text("dns_name") or cluster.text("endpoint").partition(":")[0]
    tree["Endpoint"] = {"Address": host or None, "Port": cluster.either("port")}
    tree["VpcSecurityGroups"] = members_of(cluster, "vpc_security_group_ids", "VpcSecurityGroupId")
    tree["IamRoles"] = members_of(cluster, "iam_roles", "IamRoleArn")
    group = cluster.either("cluster_parameter_group_name")
    tree["ClusterParameterGroups"] = [{"ParameterGroupName": group}] if group is not None else None
    tree["Tags"] = pairs_of(cluster)
    out.give(cluster, "redshift.DescribeClusters", {"Clusters": [tree]}, complete=False)


def _workgroup(workgroup: Resource, out: Out) -> None:
    tree = workgroup.fit(
        "redshift-serverless", "Workgroup", arn="workgroupArn", config_parameter="", endpoint="", tags="", id=""
    )
    parameters = workgroup.node.each("config_parameter")
    tree["configParameters"] = [
        block(one, parameterKey="parameter_key", parameterValue="parameter_value") for one in parameters
    ]
    end = workgroup.first("endpoint")
    tree["endpoint"] = block(end, address="address", port="port")
    out.give(workgroup, "redshift-serverless.ListWorkgroups", {"workgroups": [tree]}, complete=False)
