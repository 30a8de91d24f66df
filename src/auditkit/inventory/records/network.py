"""Amazon VPC: what boundaries and network paths need of it."""

from ipaddress import IPv6Network, ip_network
from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record

__all__ = [
    "IpPermission",
    "ManagedPrefixList",
    "NatGateway",
    "Route",
    "RouteTable",
    "RouteTableAssociation",
    "SecurityGroup",
    "Subnet",
    "Vpc",
    "VpcEndpoint",
    "is_everywhere",
]

_WIDE = 1
_IPV6 = IPv6Network("2000::/3")
"""All addresses of IPv6 that are given out (RFC 4291)."""


def is_everywhere(cidr: str) -> bool:
    """Return whether a range holds all addresses of IPv4 or IPv6, or half of them, as two rules name all."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen <= _WIDE or (isinstance(network, IPv6Network) and network.supernet_of(_IPV6))


class Vpc(Record, kw_only=True, rename="pascal"):
    """A VPC (``ec2.DescribeVpcs``)."""

    kind: ClassVar[Kind] = Kind.VPC

    vpc_id: str
    owner_id: str | None = None
    cidr_block: str | None = None
    is_default: bool = False


class Subnet(Record, kw_only=True, rename="pascal"):
    """A subnet (``ec2.DescribeSubnets``)."""

    kind: ClassVar[Kind] = Kind.SUBNET

    subnet_id: str
    vpc_id: str
    owner_id: str | None = None
    subnet_arn: str | None = None
    cidr_block: str | None = None
    availability_zone: str | None = None
    map_public_ip_on_launch: bool = False


class IpRange(msgspec.Struct, rename="pascal", frozen=True):
    """Range of IPv4 addresses."""

    cidr_ip: str


class Ipv6Range(msgspec.Struct, rename="pascal", frozen=True):
    """Range of IPv6 addresses."""

    cidr_ipv6: str


class GroupPair(msgspec.Struct, rename="pascal", frozen=True):
    """Security group named by a rule."""

    group_id: str | None = None
    user_id: str | None = None


class PrefixList(msgspec.Struct, rename="pascal", frozen=True):
    """Prefix list named by a rule."""

    prefix_list_id: str


class IpPermission(msgspec.Struct, rename="pascal", frozen=True):
    """Rule of a security group; protocol ``"-1"`` is any, absent ports are all."""

    ip_protocol: str
    from_port: int | None = None
    to_port: int | None = None
    ip_ranges: tuple[IpRange, ...] = ()
    ipv6_ranges: tuple[Ipv6Range, ...] = ()
    user_id_group_pairs: tuple[GroupPair, ...] = ()
    prefix_list_ids: tuple[PrefixList, ...] = ()

    @property
    def anywhere(self) -> bool:
        """Whether the rule names all addresses of IPv4 or IPv6, or half of them; what prefix lists hold aside."""
        ranges = [*(item.cidr_ip for item in self.ip_ranges), *(item.cidr_ipv6 for item in self.ipv6_ranges)]
        return any(map(is_everywhere, ranges))


class PrefixListEntry(msgspec.Struct, rename="pascal", frozen=True):
    """A range of a prefix list."""

    cidr: str


class ManagedPrefixList(Record, kw_only=True, rename="pascal"):
    """A prefix list (``ec2.DescribeManagedPrefixLists``, ``ec2.GetManagedPrefixListEntries``).

    ``owner_id`` is ``AWS`` for those of its services, whose entries are not asked for.
    """

    kind: ClassVar[Kind] = Kind.PREFIX_LIST

    prefix_list_id: str
    prefix_list_name: str | None = None
    owner_id: str | None = None
    entries: tuple[PrefixListEntry, ...] | UnsetType = msgspec.field(default=UNSET, name="__entries")


class SecurityGroup(Record, kw_only=True, rename="pascal"):
    """A security group (``ec2.DescribeSecurityGroups``)."""

    kind: ClassVar[Kind] = Kind.SECURITY_GROUP

    group_id: str
    group_name: str | None = None
    vpc_id: str | None = None
    owner_id: str | None = None
    ip_permissions: tuple[IpPermission, ...] = ()
    ip_permissions_egress: tuple[IpPermission, ...] = ()


class Route(msgspec.Struct, rename="pascal", frozen=True):
    """Route of a route table; the first target that is present is the one."""

    destination_cidr_block: str | None = None
    destination_ipv6_cidr_block: str | None = None
    destination_prefix_list_id: str | None = None
    gateway_id: str | None = None
    nat_gateway_id: str | None = None
    egress_only_internet_gateway_id: str | None = None
    transit_gateway_id: str | None = None
    vpc_peering_connection_id: str | None = None
    network_interface_id: str | None = None
    instance_id: str | None = None
    state: str | None = None

    @property
    def default(self) -> bool:
        """Whether the route covers all addresses."""
        return self.destination_cidr_block == "0.0.0.0/0" or self.destination_ipv6_cidr_block == "::/0"


class RouteTableAssociation(msgspec.Struct, rename="pascal", frozen=True):
    """Subnet that uses a route table; the main table serves those that have no other."""

    main: bool = False
    subnet_id: str | None = None


class RouteTable(Record, kw_only=True, rename="pascal"):
    """A route table (``ec2.DescribeRouteTables``)."""

    kind: ClassVar[Kind] = Kind.ROUTE_TABLE

    route_table_id: str
    vpc_id: str
    owner_id: str | None = None
    associations: tuple[RouteTableAssociation, ...] = ()
    routes: tuple[Route, ...] = ()


class EndpointGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Security group of an interface endpoint."""

    group_id: str


class VpcEndpoint(Record, kw_only=True, rename="pascal"):
    """A VPC endpoint (``ec2.DescribeVpcEndpoints``)."""

    kind: ClassVar[Kind] = Kind.VPC_ENDPOINT

    vpc_endpoint_id: str
    vpc_id: str
    service_name: str
    vpc_endpoint_type: str | None = None
    owner_id: str | None = None
    state: str | None = None
    route_table_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    groups: tuple[EndpointGroup, ...] = ()
    private_dns_enabled: bool = False
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class NatGateway(Record, kw_only=True, rename="pascal"):
    """A NAT gateway (``ec2.DescribeNatGateways``)."""

    kind: ClassVar[Kind] = Kind.NAT_GATEWAY

    nat_gateway_id: str
    vpc_id: str | None = None
    subnet_id: str | None = None
    state: str | None = None
    connectivity_type: str | None = None
