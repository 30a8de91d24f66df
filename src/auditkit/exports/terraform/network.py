"""Amazon VPC in Terraform."""

from collections import defaultdict
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports.terraform._out import Out, block, pairs_of
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]


def translate(estate: Estate, out: Out) -> None:
    """Hand over networks."""
    for kind, call, key, shape, identity in (
        ("aws_vpc", "DescribeVpcs", "Vpcs", "Vpc", "VpcId"),
        ("aws_default_vpc", "DescribeVpcs", "Vpcs", "Vpc", "VpcId"),
        ("aws_subnet", "DescribeSubnets", "Subnets", "Subnet", "SubnetId"),
        ("aws_default_subnet", "DescribeSubnets", "Subnets", "Subnet", "SubnetId"),
        ("aws_nat_gateway", "DescribeNatGateways", "NatGateways", "NatGateway", "NatGatewayId"),
        ("aws_vpc_endpoint", "DescribeVpcEndpoints", "VpcEndpoints", "VpcEndpoint", "VpcEndpointId"),
    ):
        for resource in estate.of(kind):
            tree = resource.fit("ec2", shape, tags="", policy="", security_group_ids="")
            tree |= {identity: resource.id, "Tags": pairs_of(resource)}
            if shape == "NatGateway":
                tree["State"] = "available"
            if shape == "VpcEndpoint":
                groups = resource.at("security_group_ids")
                listed = groups.value if groups is not None and isinstance(groups.value, list) else []
                policy = estate.named(resource.id, ("aws_vpc_endpoint_policy",), ("vpc_endpoint_id",)) or resource
                tree["Groups"] = [{"GroupId": group} for group in listed]
                tree["PolicyDocument"] = policy.either("policy")
                tree.setdefault("State", "available")
            unseen = ("policy",) if shape == "VpcEndpoint" and tree["PolicyDocument"] is None else ()
            out.give(resource, f"ec2.{call}", {key: [tree]}, complete=False, unseen=unseen)
    _groups(estate, out)
    _prefix_lists(estate, out)
    _routes(estate, out)


# ---------------------------------------------------------------- prefix lists


def _prefix_lists(estate: Estate, out: Out) -> None:
    """Hand over prefix lists, those of others too that a configuration looks up."""
    entries: dict[str, list[Node]] = defaultdict(list)
    for one in estate.of("aws_ec2_managed_prefix_list_entry"):
        entries[one.text("prefix_list_id")].append(one.node)
    for one in estate.of("aws_ec2_managed_prefix_list", "data.aws_ec2_managed_prefix_list"):
        tree = {
            "PrefixListId": one.id,
            "PrefixListName": one.either("name"),
            "OwnerId": one.either("owner_id") or one.place.account,
        }
        out.give(one, "ec2.DescribeManagedPrefixLists", {"PrefixLists": [tree]}, complete=False)
        own = [*one.node.each("entry"), *one.node.each("entries"), *entries[one.id]]
        if one.raw.managed or own:
            shown = {"Entries": [block(entry, Cidr="cidr") for entry in own]}
            out.give(one, "ec2.GetManagedPrefixListEntries", shown, one.id)


# ---------------------------------------------------------------- security groups


def _groups(estate: Estate, out: Out) -> None:
    own: dict[str, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for rule in estate.of("aws_security_group_rule"):
        side = 0 if rule.text("type") == "ingress" else 1
        other = rule.text("source_security_group_id")
        pairs = [other] if other else []
        if rule.flag("self"):
            pairs.append(rule.text("security_group_id"))
        own[rule.text("security_group_id")][side].append(_permission(rule.node, pairs))
    for side, kind in enumerate(("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")):
        for rule in estate.of(kind):
            own[rule.text("security_group_id")][side].append(_single(rule))
    for group in estate.of("aws_security_group", "aws_default_security_group"):
        sides = []
        for side, name in enumerate(("ingress", "egress")):
            found = [_permission(node, _pairs_of(node, group.id)) for node in group.node.each(name)]
            sides.append(found + own[group.id][side])
        tree = {
            "GroupId": group.id,
            "GroupName": group.text("name"),
            "VpcId": group.text("vpc_id") or None,
            "OwnerId": group.text("owner_id") or None,
            "IpPermissions": sides[0],
            "IpPermissionsEgress": sides[1],
            "Tags": pairs_of(group),
        }
        out.give(group, "ec2.DescribeSecurityGroups", {"SecurityGroups": [tree]}, complete=False)


def _pairs_of(node: Node, group: str) -> list[str]:
    found = node.at("security_groups")
    listed = [item for item in found.value if isinstance(item, str)] if found and isinstance(found.value, list) else []
    own = node.at("self")
    return listed + ([group] if own is not None and own.value is True else [])


def _permission(node: Node, groups: list[str]) -> Tree:
    def listed(name: str, key: str) -> list[dict[str, Any]]:
        found = node.at(name)
        return (
            [{key: item} for item in found.value if isinstance(item, str)]
            if found and isinstance(found.value, list)
            else []
        )

    return Tree(
        node.source,
        {
            "IpProtocol": _protocol(node.at("protocol")),
            **_ports(node),
            "IpRanges": listed("cidr_blocks", "CidrIp"),
            "Ipv6Ranges": listed("ipv6_cidr_blocks", "CidrIpv6"),
            "PrefixListIds": listed("prefix_list_ids", "PrefixListId"),
            "UserIdGroupPairs": [{"GroupId": group} for group in groups],
        },
    )


def _single(rule: Resource) -> Tree:
    def one(name: str, key: str) -> list[dict[str, str]]:
        return [{key: rule.text(name)}] if rule.text(name) else []

    return Tree(
        rule.source,
        {
            "IpProtocol": _protocol(rule.at("ip_protocol")),
            **_ports(rule.node),
            "IpRanges": one("cidr_ipv4", "CidrIp"),
            "Ipv6Ranges": one("cidr_ipv6", "CidrIpv6"),
            "PrefixListIds": one("prefix_list_id", "PrefixListId"),
            "UserIdGroupPairs": one("referenced_security_group_id", "GroupId"),
        },
    )


def _ports(node: Node) -> dict[str, Any]:
    if _protocol(node.at("protocol") or node.at("ip_protocol")) == "-1":
        return {}
    return block(node, FromPort="from_port", ToPort="to_port") or {}


def _protocol(node: Node | None) -> str:
    text = str(node.value).lower() if node is not None else "-1"
    return "-1" if text == "all" else text


# ---------------------------------------------------------------- routes


def _routes(estate: Estate, out: Out) -> None:
    routes: dict[str, list[Tree]] = defaultdict(list)
    for route in estate.of("aws_route"):
        routes[route.text("route_table_id")].append(_route(route.node))
    associations: dict[str, list[Tree]] = defaultdict(list)
    for one in estate.of("aws_route_table_association", "aws_main_route_table_association"):
        tree = {"Main": one.type.startswith("aws_main"), "SubnetId": one.text("subnet_id") or None}
        associations[one.text("route_table_id")].append(Tree(one.source, tree))
    for table in estate.of("aws_route_table", "aws_default_route_table"):
        own = [_route(node) for node in table.node.each("route")]
        shown: dict[str, Any] = {
            "RouteTableId": table.id,
            "VpcId": table.text("vpc_id"),
            "OwnerId": table.text("owner_id") or None,
            "Routes": own + routes[table.id],
            "Associations": associations[table.id],
            "Tags": pairs_of(table),
        }
        out.give(table, "ec2.DescribeRouteTables", {"RouteTables": [shown]}, complete=False)


_ROUTE = {
    "DestinationCidrBlock": ("cidr_block", "destination_cidr_block"),
    "DestinationIpv6CidrBlock": ("ipv6_cidr_block", "destination_ipv6_cidr_block"),
    "DestinationPrefixListId": ("destination_prefix_list_id",),
    "GatewayId": ("gateway_id", "vpc_endpoint_id"),
    "NatGatewayId": ("nat_gateway_id",),
    "EgressOnlyInternetGatewayId": ("egress_only_gateway_id",),
    "TransitGatewayId": ("transit_gateway_id",),
    "VpcPeeringConnectionId": ("vpc_peering_connection_id",),
    "NetworkInterfaceId": ("network_interface_id",),
}


def _route(node: Node) -> Tree:
    tree = {key: next((node.text(name) for name in names if node.text(name)), None) for key, names in _ROUTE.items()}
    return Tree(node.source, {**tree, "State": "active"})
