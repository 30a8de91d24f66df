"""The network: one VPC per region with private subnets, endpoints, and security groups."""

import json

from data.samples.generator.account import ACCOUNT, HOME, STATES, Account, pairs


def build(account: Account) -> None:
    """Create the VPCs."""
    account.at("2022-03-14T09:00:00")
    home = _vpc(account, HOME, "10.20", ("eu-west-1a", "eu-west-1b"))
    _vpc(account, STATES, "10.40", ("us-east-1a", "us-east-1b"))
    _endpoints(account, home)


def _vpc(account: Account, region: str, net: str, zones: tuple[str, str]) -> str:
    ec2 = account.client("ec2", region)
    vpc: str = ec2.create_vpc(CidrBlock=f"{net}.0.0/16")["Vpc"]["VpcId"]
    _name(account, region, vpc, f"larkspur-{region}")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    public = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    private = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    _name(account, region, public, "public")
    _name(account, region, private, "private")
    ec2.create_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for number, (zone, letter) in enumerate(zip(zones, "ab", strict=True)):
        for kind, table, offset in (("public", public, 0), ("private", private, 10), ("data", private, 20)):
            made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"{net}.{offset + number}.0/24", AvailabilityZone=zone)
            subnet = made["Subnet"]["SubnetId"]
            _name(account, region, subnet, f"{kind}-{letter}")
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
            account.ids[f"subnet:{region}:{kind}-{letter}"] = subnet
            account.gaps.networks[subnet] = vpc
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=account.ids[f"subnet:{region}:public-a"], AllocationId=address)
    ec2.create_route(
        RouteTableId=private, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat["NatGateway"]["NatGatewayId"]
    )
    account.ids |= {f"vpc:{region}": vpc, f"routes:{region}:private": private}
    _groups(account, region, vpc)
    return vpc


def _name(account: Account, region: str, resource: str, name: str) -> None:
    account.client("ec2", region).create_tags(Resources=[resource], Tags=pairs({"Name": name, "owner": "platform"}))


def _groups(account: Account, region: str, vpc: str) -> None:
    ec2 = account.client("ec2", region)
    for name, purpose in (
        ("functions", "Functions that need the private network"),
        ("databases", "Databases, reachable from functions"),
        ("caches", "Caches, reachable from functions"),
        ("endpoints", "Interface endpoints"),
        ("balancers", "Load balancers, reachable from the internet"),
        ("broker", "Message broker of the warehouse system"),
    ):
        made = ec2.create_security_group(GroupName=f"larkspur-{name}", Description=purpose, VpcId=vpc)
        account.ids[f"group:{region}:{name}"] = made["GroupId"]
    functions = account.ids[f"group:{region}:functions"]
    for name, port in (
        ("databases", 5432),
        ("databases", 3306),
        ("caches", 6379),
        ("endpoints", 443),
        ("broker", 61617),
    ):
        rule = {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "UserIdGroupPairs": [{"GroupId": functions}],
        }
        ec2.authorize_security_group_ingress(GroupId=account.ids[f"group:{region}:{name}"], IpPermissions=[rule])
    for port in (80, 443):
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=account.ids[f"group:{region}:balancers"], IpPermissions=[rule])


def _endpoints(account: Account, vpc: str) -> None:
    """Endpoints of the home region: S3 is held to the organization's own buckets, DynamoDB has the default policy."""
    ec2 = account.client("ec2")
    own = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceAccount": ACCOUNT}},
            }
        ],
    }
    for name, policy in (("s3", own), ("dynamodb", None)):
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=f"com.amazonaws.{HOME}.{name}",
            VpcEndpointType="Gateway",
            RouteTableIds=[account.ids[f"routes:{HOME}:private"]],
            **({"PolicyDocument": json.dumps(policy)} if policy else {}),
        )
    for name in ("secretsmanager", "sqs"):
        made = ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=f"com.amazonaws.{HOME}.{name}",
            VpcEndpointType="Interface",
            PrivateDnsEnabled=True,
            SubnetIds=[account.ids[f"subnet:{HOME}:private-a"], account.ids[f"subnet:{HOME}:private-b"]],
            SecurityGroupIds=[account.ids[f"group:{HOME}:endpoints"]],
        )
        account.ids[f"endpoint:{name}"] = made["VpcEndpoint"]["VpcEndpointId"]
