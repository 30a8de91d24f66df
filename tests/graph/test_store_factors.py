import json

import pytest

from auditkit.graph._build import Builder
from auditkit.graph.network_paths import network_to_internet, network_to_service, vpc_of
from auditkit.graph.schema import Interval
from auditkit.graph.store_factors import store_factors
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
QUEUE = ARN.format("sqs", "orders")


def hop(node_id, *responses, **options):
    return store_factors(Builder(feed(*responses)), node_id, **options)


def level(factor, node_id, *responses):
    """Return the level of a factor as a pair of bounds, and its reason."""
    value, reason = hop(node_id, *responses).levels[factor]
    bounds = value if isinstance(value, Interval) else Interval.exactly(value)
    return (bounds.low, bounds.high), reason


def queue(**attributes):
    return answer(
        "sqs.GetQueueAttributes", {"Attributes": {"QueueArn": QUEUE, "VisibilityTimeout": "30", **attributes}}, ""
    )


# ------------------------------------------------------------------ plain HTTP


def test_a_queue_by_its_policy():
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": QUEUE,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    assert level("encryption", QUEUE, queue(Policy=json.dumps({"Statement": [deny]})))[0] == (0, 0)
    partly = {"Statement": [{**deny, "Action": "sqs:SendMessage"}]}
    assert level("encryption", QUEUE, queue(Policy=json.dumps(partly)))[0] == (0.25, 0.25)
    assert level("encryption", QUEUE, queue())[0] == (0.25, 0.25)
    bounds, reason = level(
        "encryption", QUEUE, answer("sqs.ListQueues", {"QueueUrls": [f"https://x/{ACCOUNT}/orders"]})
    )
    assert bounds == (0, 0.25)
    assert "not seen" in reason


def test_a_deny_on_the_table_leaves_its_indexes_open():
    arn = ARN.format("dynamodb", "table/orders")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "dynamodb:*",
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    table = {"TableName": "orders", "TableArn": arn, "TableStatus": "ACTIVE"}
    policy = answer("dynamodb.GetResourcePolicy", {"Policy": {"Statement": [deny]}}, arn)
    assert level("encryption", arn, answer("dynamodb.DescribeTable", {"Table": table}, "orders"), policy)[0] == (0, 0)
    table["GlobalSecondaryIndexes"] = [{"IndexName": "by-date"}]
    found = level("encryption", arn, answer("dynamodb.DescribeTable", {"Table": table}, "orders"), policy)
    assert found[0] == (0.25, 0.25)


def test_a_store_that_is_not_in_the_export_keeps_the_bounds_of_its_hop():
    found = hop("arn:aws:s3:::elsewhere")
    assert found.hop == "function->s3"
    assert "encryption" not in found.levels


# ------------------------------------------------------------------ databases


def instance(engine="postgres", **settings):
    item = {
        "DBInstanceIdentifier": "ledger",
        "DBInstanceArn": ARN.format("rds", "db:ledger"),
        "Engine": engine,
        "PubliclyAccessible": False,
        "DBParameterGroups": [{"DBParameterGroupName": "pg", "ParameterApplyStatus": "in-sync"}],
        **settings,
    }
    return answer("rds.DescribeDBInstances", {"DBInstances": [item]})


def parameters(name, value, **more):
    parameter = {"ParameterName": name, **({"ParameterValue": value} if value is not None else {})}
    return answer("rds.DescribeDBParameters", {"Parameters": [parameter], **more}, "pg")


@pytest.mark.parametrize(
    ("engine", "name", "value", "bounds"),
    [
        ("postgres", "rds.force_ssl", "1", (0, 0)),
        ("postgres", "rds.force_ssl", "0", (0.6, 0.6)),
        ("postgres", "rds.force_ssl", None, (0, 0.6)),
        ("postgres", "log_statement", "all", (0, 0.6)),
        ("mysql", "require_secure_transport", "ON", (0, 0)),
        ("mysql", "require_secure_transport", "OFF", (0.6, 0.6)),
        ("mysql", "rds.force_ssl", "1", (0, 0.6)),
        ("mariadb", "require_secure_transport", "1", (0, 0)),
        ("sqlserver-ex", "rds.force_ssl", "0", (0.6, 0.6)),
        ("docdb", "tls", "disabled", (1, 1)),
        ("docdb", "tls", "tls1.3+", (0, 0)),
    ],
)
def test_the_engine_parameter_decides(engine, name, value, bounds):
    assert level("encryption", ARN.format("rds", "db:ledger"), instance(engine), parameters(name, value))[0] == bounds


def test_a_parameter_that_was_not_seen_or_waits_is_not_known():
    arn = ARN.format("rds", "db:ledger")
    assert level("encryption", arn, instance()) == (
        (0, 0.6),
        "The parameter group that sets rds.force_ssl was not seen.",
    )
    waiting = instance(DBParameterGroups=[{"DBParameterGroupName": "pg", "ParameterApplyStatus": "pending-reboot"}])
    bounds, reason = level("encryption", arn, waiting, parameters("rds.force_ssl", "1"))
    assert (bounds, "not yet in force" in reason) == ((0, 0.6), True)


@pytest.mark.parametrize(
    ("engine", "group", "bounds"),
    [
        ("postgres", "default.postgres14", (0.6, 0.6)),
        ("postgres", "default.postgres9.6", (0.6, 0.6)),
        ("postgres", "default.postgres15", (0, 0)),
        ("aurora-postgresql", "default.aurora-postgresql16", (0.6, 0.6)),
        ("aurora-postgresql", "default.aurora-postgresql17", (0, 0.6)),
        ("mysql", "default.mysql8.0", (0.6, 0.6)),
        ("mysql", "default.mysql8.4", (0, 0.6)),
        ("aurora-mysql", "default.aurora-mysql5.7", (0.6, 0.6)),
        ("mariadb", "default.mariadb10.11", (0.6, 0.6)),
        ("mariadb", "default.mariadb11.8", (0, 0.6)),
        ("sqlserver-se", "default.sqlserver-se-15.0", (0.6, 0.6)),
        ("docdb", "default.docdb5.0", (0, 0)),
        ("postgres", "mine", (0, 0.6)),
        ("postgres", "postgres15", (0, 0.6)),
    ],
)
def test_a_default_group_is_known_by_its_name(engine, group, bounds):
    named = {"DBParameterGroupName": group, "ParameterApplyStatus": "in-sync"}
    assert level("encryption", ARN.format("rds", "db:ledger"), instance(engine, DBParameterGroups=[named]))[0] == bounds


@pytest.mark.parametrize(("group", "bounds"), [("default.redshift-1.0", (0.6, 0.6)), ("default.redshift-2.0", (0, 0))])
def test_a_default_group_of_redshift_is_known_by_its_name(group, bounds):
    arn = ARN.format("redshift", "namespace:1")
    groups = [{"ParameterGroupName": group, "ParameterApplyStatus": "in-sync"}]
    cluster = {"ClusterIdentifier": "w", "ClusterNamespaceArn": arn, "ClusterParameterGroups": groups}
    found = answer("redshift.DescribeClusters", {"Clusters": [cluster]})
    cluster_arn = ARN.format("redshift", "cluster:w")
    assert level("encryption", cluster_arn, found)[0] == bounds


def test_engines_without_such_a_parameter_are_left_to_the_hop():
    found = hop(ARN.format("rds", "db:ledger"), instance("oracle-ee"))
    assert found.hop == "function->rds"
    assert "encryption" not in found.levels


def test_a_member_is_judged_as_its_cluster():
    cluster = {
        "DBClusterIdentifier": "shop",
        "DBClusterArn": ARN.format("rds", "cluster:shop"),
        "Engine": "aurora-mysql",
        "DBClusterParameterGroup": "cpg",
        "DBClusterMembers": [{"DBInstanceIdentifier": "ledger", "DBClusterParameterGroupStatus": "in-sync"}],
        "IAMDatabaseAuthenticationEnabled": False,
    }
    responses = [
        instance("aurora-mysql", DBClusterIdentifier="shop", PubliclyAccessible=True),
        answer("rds.DescribeDBClusters", {"DBClusters": [cluster]}),
        answer(
            "rds.DescribeDBClusterParameters",
            {"Parameters": [{"ParameterName": "require_secure_transport", "ParameterValue": "ON"}]},
            "cpg",
        ),
    ]
    for arn in (ARN.format("rds", "cluster:shop"), ARN.format("rds", "db:ledger")):
        assert level("encryption", arn, *responses)[0] == (0, 0)
        assert level("network", arn, *responses)[0] == (0.5, 0.5)
        assert level("authentication", arn, *responses)[0] == (0.5, 0.5)


@pytest.mark.parametrize(
    ("required", "mode", "encryption", "authentication"),
    [
        (True, "REQUIRED", (0, 0), (0, 0)),
        (False, "DISABLED", (0.6, 0.6), (0.5, 0.5)),
        (True, "ENABLED", (0, 0), (0, 0.5)),
    ],
)
def test_proxies(required, mode, encryption, authentication):
    arn = ARN.format("rds", "db-proxy:prx-1")
    item = {"DBProxyName": "front", "DBProxyArn": arn, "RequireTLS": required, "Auth": [{"IAMAuth": mode}]}
    response = answer("rds.DescribeDBProxies", {"DBProxies": [item]})
    assert level("encryption", arn, response)[0] == encryption
    assert level("authentication", arn, response)[0] == authentication


# ------------------------------------------------------------------ caches, search, Kafka, file systems


@pytest.mark.parametrize(
    ("settings", "encryption", "authentication"),
    [
        ({"TransitEncryptionEnabled": False, "AuthTokenEnabled": False}, (1, 1), (1, 1)),
        ({"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}, (0.6, 0.6), None),
        (
            {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required", "AuthTokenEnabled": True},
            (0, 0), (0.5, 0.5),
        ),
        ({"TransitEncryptionEnabled": True, "UserGroupIds": ["g"]}, (0, 0.6), (0, 1)),
        ({}, None, None),
    ],
)  # fmt: skip
def test_replication_groups(settings, encryption, authentication):
    arn = ARN.format("elasticache", "replicationgroup:sessions")
    item = {"ReplicationGroupId": "sessions", "ARN": arn, **settings}
    response = answer("elasticache.DescribeReplicationGroups", {"ReplicationGroups": [item]})
    for factor, bounds in (("encryption", encryption), ("authentication", authentication)):
        if bounds is None:
            assert factor not in hop(arn, response).levels
        else:
            assert level(factor, arn, response)[0] == bounds


def test_a_memcached_cluster_and_a_member_of_a_group():
    single = {"CacheClusterId": "m", "ARN": ARN.format("elasticache", "cluster:m"), "Engine": "memcached"}
    member = {
        "CacheClusterId": "s-1",
        "ARN": ARN.format("elasticache", "cluster:s-1"),
        "Engine": "redis",
        "ReplicationGroupId": "s",
        "TransitEncryptionEnabled": True,
    }
    group = {
        "ReplicationGroupId": "s",
        "ARN": ARN.format("elasticache", "replicationgroup:s"),
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "preferred",
    }
    responses = [
        answer(
            "elasticache.DescribeCacheClusters",
            {"CacheClusters": [{**single, "TransitEncryptionEnabled": False}, member]},
        ),
        answer("elasticache.DescribeReplicationGroups", {"ReplicationGroups": [group]}),
    ]  # fmt: skip
    assert hop(single["ARN"], *responses).hop == "function->elasticache-memcached"
    assert level("encryption", single["ARN"], *responses)[0] == (1, 1)
    assert level("encryption", member["ARN"], *responses)[0] == (0.6, 0.6)


@pytest.mark.parametrize(
    ("options", "bounds"),
    [
        ({"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"}, (0, 0)),
        ({"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07"}, (0.25, 0.25)),
        ({"EnforceHTTPS": True}, (0, 0.25)),
        ({"EnforceHTTPS": False, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"}, (0.6, 0.6)),
    ],
)
def test_search_domains(options, bounds):
    arn = ARN.format("es", "domain/catalog")
    status = {"DomainName": "catalog", "ARN": arn, "DomainEndpointOptions": options}
    response = answer("opensearch.DescribeDomain", {"DomainStatus": status}, "catalog")
    assert level("encryption", arn, response)[0] == bounds
    assert level("network", arn, response)[0] == (0.25, 0.25)


@pytest.mark.parametrize(
    ("mode", "clients", "encryption", "authentication"),
    [
        ("TLS", {"Sasl": {"Iam": {"Enabled": True}}}, (0, 0), (0, 0)),
        ("TLS_PLAINTEXT", {"Sasl": {"Scram": {"Enabled": True}}}, (0.6, 0.6), (0.5, 0.5)),
        ("PLAINTEXT", {"Unauthenticated": {"Enabled": True}, "Sasl": {"Iam": {"Enabled": True}}}, (1, 1), (1, 1)),
    ],
)
def test_kafka_clusters(mode, clients, encryption, authentication):
    arn = ARN.format("kafka", "cluster/events/uuid-1")
    provisioned = {"EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": mode}}, "ClientAuthentication": clients}
    cluster = {"ClusterArn": arn, "ClusterName": "events", "Provisioned": provisioned}
    response = answer("kafka.ListClustersV2", {"ClusterInfoList": [cluster]})
    assert level("encryption", arn, response)[0] == encryption
    assert level("authentication", arn, response)[0] == authentication


def test_file_systems():
    arn = ARN.format("elasticfilesystem", "file-system/fs-1")
    system = answer("efs.DescribeFileSystems", {"FileSystems": [{"FileSystemId": "fs-1", "FileSystemArn": arn}]})

    def with_policy(*statements):
        return system, answer("efs.DescribeFileSystemPolicy", {"Policy": {"Statement": list(statements)}}, "fs-1")

    none = answer("efs.DescribeFileSystemPolicy", {}, "fs-1")
    mount = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:ClientMount", "Resource": arn}
    in_clear = {"Bool": {"aws:SecureTransport": "false"}}
    tls = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*", "Resource": arn, "Condition": in_clear}
    role = {**mount, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}}
    assert level("authentication", arn, system)[0] == (0, 1)
    assert level("authentication", arn, system, none)[0] == (1, 1)
    assert level("authentication", arn, *with_policy(mount))[0] == (1, 1)
    assert level("authentication", arn, *with_policy(role, tls))[0] == (0, 0)
    assert level("encryption", arn, *with_policy(role, tls))[0] == (0, 0)
    assert level("encryption", arn, *with_policy(role))[0] == (0.25, 0.25)


# ------------------------------------------------------------------ the way out of a VPC

SUBNET = answer("ec2.DescribeSubnets", {"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1"}]})
NO_ENDPOINTS = answer("ec2.DescribeVpcEndpoints", {"VpcEndpoints": []})


def routes(*targets, association=None, **more):
    table = {
        "RouteTableId": "rtb-1",
        "VpcId": "vpc-1",
        "Associations": [association or {"Main": True}],
        "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", **target} for target in targets],
        **more,
    }
    return answer("ec2.DescribeRouteTables", {"RouteTables": [table]})


def endpoint(service="s3", kind="Gateway", document=None, **more):
    item = {
        "VpcEndpointId": "vpce-1",
        "VpcEndpointType": kind,
        "VpcId": "vpc-1",
        "ServiceName": f"com.amazonaws.{REGION}.{service}",
        "State": "available",
        "RouteTableIds": ["rtb-1"] if kind == "Gateway" else [],
        "PrivateDnsEnabled": kind == "Interface",
        **({"PolicyDocument": json.dumps(document)} if document else {}),
        **more,
    }
    return answer("ec2.DescribeVpcEndpoints", {"VpcEndpoints": [item]})


NAT = routes({"NatGatewayId": "nat-1"})
OPEN = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
NARROW = {"Statement": [{**OPEN["Statement"][0], "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}]}


@pytest.mark.parametrize(
    ("responses", "service", "bounds"),
    [
        ([SUBNET, routes(), endpoint(document=NARROW)], "s3", (0, 0)),
        ([SUBNET, routes(), endpoint(document=OPEN)], "s3", (0.1, 0.1)),
        ([SUBNET, routes(), endpoint()], "s3", (0.1, 0.1)),
        ([SUBNET, routes({"NatGatewayId": "nat-1"}), endpoint()], "sqs", (0.25, 0.25)),
        ([SUBNET, routes({"NatGatewayId": "nat-1"}), endpoint(State="deleted")], "s3", (0.25, 0.25)),
        ([SUBNET, routes({"NatGatewayId": "nat-1"}), endpoint(RouteTableIds=["rtb-2"])], "s3", (0.25, 0.25)),
        ([SUBNET, routes(), endpoint("kinesis-streams", "Interface", NARROW)], "kinesis", (0, 0)),
        ([SUBNET, NAT, endpoint("sqs", "Interface", PrivateDnsEnabled=False)], "sqs", (0.25, 0.25)),
        ([SUBNET, routes({"GatewayId": "igw-1"}), NO_ENDPOINTS], "sqs", (0.25, 0.25)),
        ([SUBNET, routes({"TransitGatewayId": "tgw-1"}), NO_ENDPOINTS], "sqs", (0.25, 0.5)),
        ([SUBNET, routes(), NO_ENDPOINTS], "sqs", (0, 0.25)),
        ([SUBNET, routes({"NatGatewayId": "nat-1"})], "sqs", (0, 0.25)),
        ([SUBNET, NO_ENDPOINTS], "sqs", (0, 0.25)),
        ([], "sqs", (0, 0.25)),
    ],
)  # fmt: skip
def test_the_way_to_a_service(responses, service, bounds):
    found, reason = network_to_service(Builder(feed(*responses)), subnets=["subnet-1"], service=service)
    assert (found.low, found.high) == bounds
    assert reason


def test_an_own_route_table_goes_before_the_main_one():
    own = {"SubnetId": "subnet-1", "Main": False}
    tables = [
        routes({"NatGatewayId": "nat-1"}).payload["RouteTables"][0],
        {**routes({"TransitGatewayId": "tgw-1"}, association=own).payload["RouteTables"][0], "RouteTableId": "rtb-2"},
    ]
    both = answer("ec2.DescribeRouteTables", {"RouteTables": tables})
    found, _ = network_to_service(Builder(feed(SUBNET, both, NO_ENDPOINTS)), subnets=["subnet-1"], service="sqs")
    assert found == Interval(0.25, 0.5)


def test_the_way_to_the_internet():
    def groups(*ranges):
        rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": one} for one in ranges]}
        item = {"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissionsEgress": [rule]}
        return Builder(feed(answer("ec2.DescribeSecurityGroups", {"SecurityGroups": [item]})))

    def ask(build, subnets=("subnet-1",)):
        return network_to_internet(build, subnets=subnets, security_groups=["sg-1"])[0]

    assert ask(groups("0.0.0.0/0")) == Interval.exactly(1)
    assert ask(groups("192.0.2.0/24")) == Interval.exactly(0.5)
    assert ask(groups("192.0.2.0/24"), subnets=()) == Interval.exactly(1)
    assert ask(Builder(feed())) == Interval(0.5, 1)


def test_the_vpc_of_subnets_and_groups():
    build = Builder(feed(SUBNET))
    assert vpc_of(build, subnets=["subnet-1"]) == "vpc-1"
    assert vpc_of(build, subnets=["subnet-2"], security_groups=["sg-9"]) == ""


def test_a_caller_in_a_vpc_is_judged_by_its_way():
    found = hop(QUEUE, queue(), SUBNET, routes({"NatGatewayId": "nat-1"}), NO_ENDPOINTS, subnets=["subnet-1"])
    assert found.levels["network"][0] == Interval.exactly(0.25)
