"""Responses of Amazon EC2 that describe a VPC."""

from collections.abc import Iterator
from typing import Any, TypeVar

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import listed
from auditkit.inventory import Record, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.network import (
    ManagedPrefixList,
    NatGateway,
    PrefixListEntry,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
    VpcEndpoint,
)

__all__ = ["HANDLERS"]

R = TypeVar("R", bound=Record)


def _each(
    response: Response, reading: Reading, cls: type[R], key: str, *, kind: str, identity: str
) -> Iterator[tuple[R, dict[str, Any], Source]]:
    """Yield the items of a list as records with id, name and tags; a shared one belongs to its owner's account."""
    for record, item, source in reading.each(response, cls, key):
        name = str(item.get(identity))
        owner = getattr(record, "owner_id", None) or response.account
        record.id, record.name = arn_of("ec2", f"{kind}/{name}", account=owner, region=response.region), name
        record.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        yield record, item, source


def _records(cls: type[Record], key: str, kind: str, identity: str) -> Handler:
    def handle(response: Response, reading: Reading) -> None:
        for record, _, _ in _each(response, reading, cls, key, kind=kind, identity=identity):
            reading.add(record)

    return handle


def _describe_vpc_endpoints(response: Response, reading: Reading) -> None:
    found = _each(response, reading, VpcEndpoint, "VpcEndpoints", kind="vpc-endpoint", identity="VpcEndpointId")
    for endpoint, item, source in found:
        endpoint.policy = policy_text(item.get("PolicyDocument"), source.at("PolicyDocument"), reading)
        reading.add(endpoint)


def _describe_prefix_lists(response: Response, reading: Reading) -> None:
    for one, item, source in reading.each(response, ManagedPrefixList, "PrefixLists"):
        owner = one.owner_id if one.owner_id and one.owner_id.isdigit() else response.account
        resource = f"prefix-list/{one.prefix_list_id}"
        one.id = arn_of("ec2", resource, account=owner, region=response.region)
        one.name = one.prefix_list_name or one.prefix_list_id
        one.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        reading.add(one)


def _get_prefix_list_entries(response: Response, reading: Reading) -> None:
    entries = listed(response, reading, PrefixListEntry, "Entries")
    name = response.argument()

    def attach(read: Reading) -> None:
        for one in read.find(ManagedPrefixList, region=response.region):
            if one.prefix_list_id == name:
                read.enrich(ManagedPrefixList, one.id, response.at("Entries"), entries=entries)

    reading.later(attach)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("ec2", "DescribeManagedPrefixLists"): _describe_prefix_lists,
    ("ec2", "DescribeNatGateways"): _records(NatGateway, "NatGateways", "natgateway", "NatGatewayId"),
    ("ec2", "DescribeRouteTables"): _records(RouteTable, "RouteTables", "route-table", "RouteTableId"),
    ("ec2", "DescribeSecurityGroups"): _records(SecurityGroup, "SecurityGroups", "security-group", "GroupId"),
    ("ec2", "DescribeSubnets"): _records(Subnet, "Subnets", "subnet", "SubnetId"),
    ("ec2", "DescribeVpcEndpoints"): _describe_vpc_endpoints,
    ("ec2", "DescribeVpcs"): _records(Vpc, "Vpcs", "vpc", "VpcId"),
    ("ec2", "GetManagedPrefixListEntries"): _get_prefix_list_entries,
}
