"""Caches and warehouses as their calls describe them."""

from tests.exports.feeding import ACCOUNT, REGION, answer

__all__ = ["ARN", "access_list", "dax", "memorydb", "redshift", "ssl", "user", "user_group", "workgroup"]

ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
GROUPS = [{"SecurityGroupId": "sg-1", "Status": "active"}]


def memorydb(**settings):
    found = {"Name": "m", "ARN": ARN.format("memorydb", "cluster/m"), "SecurityGroups": GROUPS} | settings
    return answer("memorydb.DescribeClusters", {"Clusters": [found]})


def dax(**settings):
    found = {"ClusterName": "d", "ClusterArn": ARN.format("dax", "cache/d")} | settings
    found |= {"SecurityGroups": [{"SecurityGroupIdentifier": "sg-1", "Status": "active"}]}
    return answer("dax.DescribeClusters", {"Clusters": [found]})


def redshift(**settings):
    groups = [{"VpcSecurityGroupId": "sg-1", "Status": "active"}]
    parameters = [{"ParameterGroupName": "pg", "ParameterApplyStatus": "in-sync"}]
    found = {"ClusterIdentifier": "r", "VpcSecurityGroups": groups, "ClusterParameterGroups": parameters} | settings
    return answer("redshift.DescribeClusters", {"Clusters": [found]})


def ssl(value):
    found = [{"ParameterName": "require_ssl", "ParameterValue": value}, {"ParameterName": "search_path"}]
    return answer("redshift.DescribeClusterParameters", {"Parameters": found}, "pg")


def workgroup(namespace=None, **settings):
    """Return a workgroup, and the namespace of it where one is given."""
    name = ARN.format("redshift-serverless", "workgroup/1-2")
    found = {"workgroupArn": name, "workgroupName": "w", "namespaceName": "n", "securityGroupIds": ["sg-1"]} | settings
    listed = [answer("redshift-serverless.ListWorkgroups", {"workgroups": [found]})]
    if namespace is not None:
        spaces = {"namespaces": [{"namespaceName": "n"} | namespace, {"namespaceName": "other"}]}
        listed.append(answer("redshift-serverless.ListNamespaces", spaces))
    return listed


def user_group(*ids):
    group = {"UserGroupId": "g", "ARN": ARN.format("elasticache", "usergroup:g"), "UserIds": [*ids]}
    return answer("elasticache.DescribeUserGroups", {"UserGroups": [group]})


def access_list(*names):
    group = {"Name": "g", "ARN": ARN.format("memorydb", "acl/g"), "UserNames": [*names]}
    return answer("memorydb.DescribeACLs", {"ACLs": [group]})


def user(name, kind="password", rights="on ~* +@all", *, service="elasticache"):
    separator, key = (":", "UserId") if service == "elasticache" else ("/", "Name")
    found = {key: name, "ARN": ARN.format(service, f"user{separator}{name}"), "AccessString": rights}
    found |= {"Authentication": {"Type": kind}} if kind else {}
    return answer(f"{service}.DescribeUsers", {"Users": [found]}, file=f"users-{name}")
