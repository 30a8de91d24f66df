"""Amazon EC2, as far as it describes a VPC, and Amazon EFS."""

from collections import defaultdict

import msgspec

from auditkit.exports._answers import Node, Place, Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of, several

__all__ = ["tell"]

_PLAIN = {
    "AWS::EC2::VPC": ("DescribeVpcs", "Vpcs", "Vpc", "VpcId"),
    "AWS::EC2::Subnet": ("DescribeSubnets", "Subnets", "Subnet", "SubnetId"),
    "AWS::EC2::NatGateway": ("DescribeNatGateways", "NatGateways", "NatGateway", "NatGatewayId"),
}


def tell(to: Telling) -> None:
    """Tell networks and file systems."""
    for kind, (call, key, shape, identity) in _PLAIN.items():
        for resource in to.of(kind):
            members: dict[str, object] = {identity: resource.identity.name, "State": "available"}
            tree = to.tree(resource, f"ec2.{shape}", members=members)
            if kind == "AWS::EC2::Subnet":
                tree.setdefault("VpcId", "unknown")
            to.give(resource, f"ec2.{call}", {key: [tree]}, complete=False)
    _security_groups(to)
    for one in to.of("AWS::EC2::PrefixList"):
        name = one.identity.name
        members = {"PrefixListId": name, "OwnerId": one.stack.account}
        tree = to.tree(one, "ec2.ManagedPrefixList", {"Entries": ""}, members)
        to.give(one, "ec2.DescribeManagedPrefixLists", {"PrefixLists": [tree]}, complete=False)
        to.give(one, "ec2.GetManagedPrefixListEntries", {"Entries": list(several(one.node.at("Entries")))}, name)
    _route_tables(to)
    for endpoint in to.of("AWS::EC2::VPCEndpoint"):
        members = {
            "VpcEndpointId": endpoint.identity.name,
            "State": "available",
            "VpcEndpointType": endpoint.node.at("VpcEndpointType") or "Gateway",
            "PolicyDocument": endpoint.node.at("PolicyDocument"),
            "Groups": [{"GroupId": group} for group in several(endpoint.node.at("SecurityGroupIds"))],
        }
        tree = to.tree(endpoint, "ec2.VpcEndpoint", {"PolicyDocument": ""}, members)
        to.give(endpoint, "ec2.DescribeVpcEndpoints", {"VpcEndpoints": [tree]}, complete=False)
    _file_systems(to)


def _security_groups(to: Telling) -> None:
    further: dict[tuple[Place, str, str], list[Tree]] = defaultdict(list)
    for kind, key, other in (
        ("AWS::EC2::SecurityGroupIngress", "IpPermissions", "SourceSecurityGroupId"),
        ("AWS::EC2::SecurityGroupEgress", "IpPermissionsEgress", "DestinationSecurityGroupId"),
    ):
        for rule in to.of(kind):
            further[place_of(rule), rule.text("GroupId"), key].append(_permission(rule.node, other))
    for group in to.of("AWS::EC2::SecurityGroup"):
        here = (place_of(group), group.identity.name)
        ingress = [
            _permission(rule, "SourceSecurityGroupId") for rule in several(group.node.at("SecurityGroupIngress"))
        ]
        egress = [
            _permission(rule, "DestinationSecurityGroupId") for rule in several(group.node.at("SecurityGroupEgress"))
        ]
        ingress += further.get((*here, "IpPermissions"), [])
        egress += further.get((*here, "IpPermissionsEgress"), [])
        if not egress:  # what a group has that says nothing of what leaves it
            egress = [Tree(group.node.source, {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]})]
        members = {
            "GroupId": group.identity.name,
            "GroupName": group.node.at("GroupName") or group.identity.name,
            "IpPermissions": ingress,
            "IpPermissionsEgress": egress,
        }
        here_alone = msgspec.structs.replace(group.node.source, leaf=True)  # its rules have other names there
        tree = Tree(here_alone, to.tree(group, "ec2.SecurityGroup", members=members))
        to.give(group, "ec2.DescribeSecurityGroups", {"SecurityGroups": [tree]}, complete=False)


def _permission(rule: Node, other: str) -> Tree:
    group, prefixes = rule.at(other), rule.at(other.replace("SecurityGroupId", "PrefixListId"))
    ranges, ranges6 = rule.at("CidrIp"), rule.at("CidrIpv6")
    return Tree(
        rule.source,
        {
            "IpProtocol": rule.text("IpProtocol") or "-1",
            "FromPort": rule.at("FromPort"),
            "ToPort": rule.at("ToPort"),
            "IpRanges": [{"CidrIp": ranges}] if ranges is not None else [],
            "Ipv6Ranges": [{"CidrIpv6": ranges6}] if ranges6 is not None else [],
            "UserIdGroupPairs": [{"GroupId": group}] if group is not None else [],
            "PrefixListIds": [{"PrefixListId": prefixes}] if prefixes is not None else [],
        },
    )


def _route_tables(to: Telling) -> None:
    routes = to.by("RouteTableId", of=["AWS::EC2::Route"])
    associations = to.by("RouteTableId", of=["AWS::EC2::SubnetRouteTableAssociation"])
    for table in to.of("AWS::EC2::RouteTable"):
        here = (place_of(table), table.identity.name)
        members = {
            "RouteTableId": table.identity.name,
            "Routes": [to.tree(route, "ec2.Route", members={"State": "active"}) for route in routes.get(here, ())],
            "Associations": [
                Tree(one.node.source, {"Main": False, "SubnetId": one.node.at("SubnetId")})
                for one in associations.get(here, ())
            ],
        }
        tree = to.tree(table, "ec2.RouteTable", members=members)
        tree.setdefault("VpcId", "unknown")
        to.give(table, "ec2.DescribeRouteTables", {"RouteTables": [tree]}, complete=False)


# ---------------------------------------------------------------- file systems


def _file_systems(to: Telling) -> None:
    for system in to.of("AWS::EFS::FileSystem"):
        name = system.identity.name
        members = {
            "FileSystemId": name,
            "FileSystemArn": system.identity.arn,
            "Tags": system.node.at("FileSystemTags"),
            "Encrypted": system.node.at("Encrypted") or False,
        }
        tree = to.tree(system, "efs.FileSystemDescription", {"FileSystemPolicy": "", "FileSystemTags": ""}, members)
        to.give(system, "efs.DescribeFileSystems", {"FileSystems": [tree]}, complete=False)
        to.policy(
            system, "efs.DescribeFileSystemPolicy", {"Policy": system.node.at("FileSystemPolicy")}, name, apart=False
        )
    for point in to.of("AWS::EFS::AccessPoint"):
        members = {
            "AccessPointId": point.identity.name,
            "AccessPointArn": point.identity.arn,
            "Tags": point.node.at("AccessPointTags"),
        }
        tree = to.tree(point, "efs.AccessPointDescription", {"AccessPointTags": ""}, members)
        to.give(point, "efs.DescribeAccessPoints", {"AccessPoints": [tree]}, complete=False)
    for (place, name), targets in to.by("FileSystemId", of=["AWS::EFS::MountTarget"]).items():
        trees = [_mount(to, target) for target in targets]
        to.give(targets[0], "efs.DescribeMountTargets", {"MountTargets": trees}, name, place=place, complete=False)


def _mount(to: Telling, target: Resource) -> Tree:
    subnet = to.estate.named(target.text("SubnetId"))
    members = {"MountTargetId": target.identity.name, "VpcId": subnet.text("VpcId") or None if subnet else None}
    return to.tree(target, "efs.MountTargetDescription", members=members)
