"""Which way packets take out of a VPC: by an endpoint, a NAT gateway, an internet gateway, or not at all.

Levels are those of the hop factor *network*: 0 through an endpoint with a policy, 0.1 through one that lets everything
pass, 0.25 over the public endpoint of a service, 0.5 over the internet, 1 over the internet with nothing that limits
where to.
"""

from collections.abc import Iterable

from auditkit.graph._build import Builder
from auditkit.graph._documents import parsed
from auditkit.graph.admitting import admitted, prefix_lists
from auditkit.graph.schema import Interval
from auditkit.inventory import CoverageState, PolicyText, UnsetType
from auditkit.inventory.records.network import Route, RouteTable, SecurityGroup, Subnet, VpcEndpoint
from auditkit.policy import Document, Statement

__all__ = [
    "endpoints_to_service",
    "leaves_vpc",
    "lets_everything_pass",
    "network_to_internet",
    "network_to_service",
    "vpc_of",
    "wide_endpoints",
]

_NAMES = {"kinesis": "kinesis-streams", "firehose": "kinesis-firehose", "ecr": "ecr.api"}
"""Services whose endpoints have another name than their ARNs."""

_ENDPOINT = 0.1
_PUBLIC = 0.25
_INTERNET = 0.5


def vpc_of(build: Builder, *, subnets: Iterable[str] = (), security_groups: Iterable[str] = ()) -> str:
    """Return the id of the VPC that subnets or security groups belong to, ``""`` where no record tells."""
    wanted = {*subnets}, {*security_groups}
    found = {subnet.vpc_id for subnet in build.inventory.of(Subnet) if subnet.subnet_id in wanted[0]}
    found |= {group.vpc_id or "" for group in build.inventory.of(SecurityGroup) if group.group_id in wanted[1]}
    return min(found - {""}, default="")


def network_to_service(build: Builder, *, subnets: Iterable[str], service: str) -> tuple[Interval, str]:
    """Return the level of the factor *network* for calls to an AWS service, and the reason.

    Parameters
    ----------
    build
        The builder, for its inventory.
    subnets
        Ids of the subnets that the caller is attached to; none for one outside any VPC.
    service
        As in ARNs: ``"s3"``, ``"kinesis"``.
    """
    ids = sorted(set(subnets))
    if not ids:
        return Interval.exactly(_PUBLIC), "Goes to the public endpoint of the service."
    return _worst([_from_subnet(build, subnet, _NAMES.get(service, service)) for subnet in ids])


def network_to_internet(
    build: Builder, *, subnets: Iterable[str], security_groups: Iterable[str]
) -> tuple[Interval, str]:
    """Return the level of the factor *network* for calls to hosts on the internet, and the reason.

    Parameters
    ----------
    build
        The builder, for its inventory.
    subnets, security_groups
        Ids of what the caller is attached to; none for one outside any VPC.
    """
    if not set(subnets):
        return Interval.exactly(1), "Goes over the internet from outside any VPC, where nothing limits egress."
    wanted = set(security_groups)
    groups = [group for group in build.inventory.of(SecurityGroup) if group.group_id in wanted]
    if len(groups) < len(wanted) or not groups:
        return Interval(_INTERNET, 1), "Goes over the internet; the rules of its security groups were not seen."
    lists = prefix_lists(build.inventory)
    found = {group.group_id: admitted(group.ip_permissions_egress, lists) for group in groups}
    wide = sorted(name for name, one in found.items() if one.anyone)
    if wide:
        return Interval.exactly(1), f"Goes over the internet, and security group {wide[0]} lets it go anywhere."
    if any(one.missing for one in found.values()):
        return Interval(_INTERNET, 1), "Goes over the internet; what the prefix lists it may go to hold was not seen."
    return Interval.exactly(_INTERNET), "Goes over the internet, within what its security groups allow."


def endpoints_to_service(build: Builder, *, vpc: str, subnets: Iterable[str], service: str) -> list[VpcEndpoint] | None:
    """Return the endpoints through which code in some subnets can call an AWS service; None where they were not seen.

    An interface can be called by a name of its own, also where it has no private name. A gateway must stand in the
    route table of a subnet; where that was not seen it counts.

    Parameters
    ----------
    build
        The builder, for its inventory.
    vpc, subnets
        Ids of the VPC, and of the subnets in it that the code is attached to.
    service
        As in ARNs.
    """
    known = {item.subnet_id: item for item in build.inventory.of(Subnet)}
    inside = [known[one] for one in subnets if one in known]
    tables = [_table_of(build, one) for one in inside]
    routed = {table.route_table_id for table in tables if table is not None}
    name, all_seen = _NAMES.get(service, service), inside and all(tables)
    found = [
        item
        for item in build.inventory.of(VpcEndpoint)
        if item.vpc_id == vpc
        and item.service_name.endswith(f".{name}")
        and (item.state or "available").lower() == "available"
        and (item.vpc_endpoint_type != "Gateway" or not all_seen or routed & {*item.route_table_ids})
    ]
    seen = all(_seen(build, one, "DescribeVpcEndpoints") for one in inside) and inside
    return found if found or seen else None


def _worst(found: list[tuple[Interval, str]]) -> tuple[Interval, str]:
    """Return bounds over all subnets, since a caller may be in any of them, with the reason of the worst."""
    level = Interval(max(one.low for one, _ in found), max(one.high for one, _ in found))
    return level, max(found, key=lambda one: (one[0].high, one[0].low, one[1]))[1]


def _from_subnet(build: Builder, subnet_id: str, service: str) -> tuple[Interval, str]:
    subnet = next((item for item in build.inventory.of(Subnet) if item.subnet_id == subnet_id), None)
    if subnet is None:
        return Interval(0, _PUBLIC), f"Subnet {subnet_id} was not seen (ec2.DescribeSubnets)."
    table = _table_of(build, subnet)
    endpoints = [
        item
        for item in build.inventory.of(VpcEndpoint)
        if item.vpc_id == subnet.vpc_id and item.service_name.endswith(f".{service}") and _in_use(item, table)
    ]
    if endpoints:
        return _worst([_by_endpoint(item) for item in endpoints])
    if not _seen(build, subnet, "DescribeVpcEndpoints"):
        return Interval(0, _PUBLIC), "The endpoints of the VPC were not seen (ec2.DescribeVpcEndpoints)."
    if table is None:
        return Interval(0, _PUBLIC), f"The route table of subnet {subnet_id} was not seen (ec2.DescribeRouteTables)."
    return _by_route(table)


def _seen(build: Builder, subnet: Subnet, operation: str) -> bool:
    state = build.inventory.coverage.state("ec2", operation, account=subnet.account, region=subnet.region)
    return state in {CoverageState.PRESENT, CoverageState.EMPTY}


def _table_of(build: Builder, subnet: Subnet) -> RouteTable | None:
    tables = [table for table in build.inventory.of(RouteTable) if table.vpc_id == subnet.vpc_id]
    own = [table for table in tables if any(item.subnet_id == subnet.subnet_id for item in table.associations)]
    main = [table for table in tables if any(item.main for item in table.associations)]
    return next(iter([*own, *main]), None)


def _in_use(endpoint: VpcEndpoint, table: RouteTable | None) -> bool:
    """Whether calls take an endpoint: a gateway that the subnet's routes lead to, an interface with a private name."""
    if (endpoint.state or "available").lower() != "available":
        return False
    if endpoint.vpc_endpoint_type == "Gateway":
        return table is not None and table.route_table_id in endpoint.route_table_ids
    return endpoint.private_dns_enabled


def _may_be_used(endpoint: VpcEndpoint, table: RouteTable | None) -> bool:
    """Return whether calls can take an endpoint: an interface has a name of its own besides."""
    if endpoint.vpc_endpoint_type == "Gateway":
        return _in_use(endpoint, table)
    return (endpoint.state or "available").lower() == "available"


def _by_endpoint(endpoint: VpcEndpoint) -> tuple[Interval, str]:
    name = endpoint.vpc_endpoint_id
    if isinstance(endpoint.policy, UnsetType):
        return Interval(0, _ENDPOINT), f"Goes through endpoint {name}, whose policy was not seen."
    if not isinstance(endpoint.policy, PolicyText) or _is_wide(parsed(endpoint.policy)):
        return Interval.exactly(_ENDPOINT), f"Goes through endpoint {name}, whose policy lets everything pass."
    return Interval.exactly(0), f"Goes through endpoint {name}, whose policy limits what passes."


def lets_everything_pass(document: Document) -> bool:
    """Return whether the policy of an endpoint lets everything pass."""
    if any(statement.effect == "Deny" for statement in document.statements):
        return False
    return any(
        not statement.conditions
        and "*" in (statement.actions or ())
        and "*" in (statement.resources or ("*",))
        and any(named.type == "*" for named in statement.principals or ())
        for statement in document.statements
    )


def _is_wide(document: Document) -> bool:
    """Return whether the policy of an endpoint lets all of its service pass, to whomever it belongs.

    A Deny of some actions or of some resources leaves all others; one of whatever is not one's own leaves those.
    """
    if any(one.effect == "Deny" and _sets_apart(one) for one in document.statements):
        return False
    return any(
        statement.effect == "Allow"
        and not statement.conditions
        and any(_is_all(action) for action in statement.actions or ())
        and any(_is_all(resource) for resource in statement.resources or ("*",))
        and any(named.type == "*" for named in statement.principals or ())
        for statement in document.statements
    )


def _sets_apart(statement: Statement) -> bool:
    named_not = (statement.not_resources, statement.not_actions, statement.not_principals)
    return bool(statement.conditions) or any(one is not None for one in named_not)


def _is_all(pattern: str) -> bool:
    """Return whether a pattern of actions or resources is for all of a service: ``s3:*``, ``arn:aws:s3:::*``."""
    named = pattern.split(":")[3:] if pattern.startswith("arn:") else pattern.split(":")[1:] or [pattern]
    return all(part in {"", "*", "*/*"} for part in named)


def leaves_vpc(build: Builder, subnets: Iterable[str]) -> bool | None:
    """Return whether code of Lambda in some subnets has a way out of their VPC; ``None`` where that was not seen.

    Its network interfaces have no public address, so that an internet gateway takes packets of IPv6 alone (AWS Lambda
    developer guide, *Enable internet access for VPC-connected Lambda functions*).

    Parameters
    ----------
    build
        The builder, for its inventory.
    subnets
        Ids of the subnets.
    """
    known = {subnet.subnet_id: subnet for subnet in build.inventory.of(Subnet)}
    found = [_leads_out(_table_of(build, known[name]) if name in known else None) for name in subnets]
    return True if True in found else None if None in found or not found else False


def _leads_out(table: RouteTable | None) -> bool | None:
    if table is None:
        return None
    return any(_is_way_out(route) for route in table.routes if route.state != "blackhole")


def _is_way_out(route: Route) -> bool:
    gateway = route.gateway_id or ""
    if gateway == "local" or gateway.startswith("vpce-"):
        return False
    return not gateway.startswith("igw-") or route.destination_ipv6_cidr_block is not None


def wide_endpoints(build: Builder, subnets: Iterable[str]) -> list[VpcEndpoint] | None:
    """Return the endpoints that code in some subnets may use and whose policies limit nothing, or were not seen.

    ``None`` where not all endpoints were seen.

    Parameters
    ----------
    build
        The builder, for its inventory.
    subnets
        Ids of the subnets.
    """
    inside = [subnet for subnet in build.inventory.of(Subnet) if subnet.subnet_id in {*subnets}]
    if not inside or not all(_seen(build, subnet, "DescribeVpcEndpoints") for subnet in inside):
        return None
    used = {
        item.id: item
        for subnet in inside
        for item in build.inventory.of(VpcEndpoint)
        if item.vpc_id == subnet.vpc_id and _may_be_used(item, _table_of(build, subnet))
    }
    return [one for one in used.values() if _by_endpoint(one)[0].high > 0]


def _by_route(table: RouteTable) -> tuple[Interval, str]:
    routes = [route for route in table.routes if route.default and route.state != "blackhole"]
    if not routes:
        reason = "There is neither an endpoint for the service nor a way out of the VPC in the export."
        return Interval(0, _PUBLIC), reason
    return _worst([_by_target(route) for route in routes])


def _by_target(route: Route) -> tuple[Interval, str]:
    gateway = route.nat_gateway_id or route.egress_only_internet_gateway_id or route.gateway_id or ""
    if gateway.startswith(("nat-", "eigw-", "igw-")):
        return Interval.exactly(_PUBLIC), f"Leaves the VPC by {gateway} to the public endpoint of the service."
    away = gateway or route.transit_gateway_id or route.vpc_peering_connection_id or "an appliance"
    return Interval(_PUBLIC, _INTERNET), f"Leaves the VPC by {away}; where it goes from there was not seen."
