"""What the responses say of stores in a network, of file systems, logs and repositories, and of the network itself."""

import json

import boto3
from moto import mock_aws

from auditkit.inventory import UNSET
from auditkit.inventory.records.brokers import Broker, KafkaCluster
from auditkit.inventory.records.caches import CacheCluster, ReplicationGroup, ServerlessCache
from auditkit.inventory.records.databases import DBCluster, DBInstance, DBParameterGroup, DBProxy
from auditkit.inventory.records.filesystems import AccessPoint, FileSystem
from auditkit.inventory.records.logs import LogGroup, LogResourcePolicy
from auditkit.inventory.records.network import NatGateway, RouteTable, SecurityGroup, Subnet, Vpc, VpcEndpoint
from auditkit.inventory.records.registries import Repository
from auditkit.inventory.records.search import SearchDomain
from tests.exports.feeding import ACCOUNT, REGION, answer, exported, feed

ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
NO_STATEMENTS = json.dumps({"Version": "2012-10-17", "Statement": []})


def client(service):
    return boto3.client(service, region_name=REGION)


def subnets():
    return [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"]][:2]


@mock_aws
def test_databases(tmp_path):
    rds = client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="pg", DBParameterGroupFamily="postgres15", Description="d")
    rds.modify_db_parameter_group(
        DBParameterGroupName="pg",
        Parameters=[
            {"ParameterName": name, "ParameterValue": "1", "ApplyMethod": "immediate"}
            for name in ("rds.force_ssl", "log_statement")
        ],
    )
    rds.create_db_subnet_group(DBSubnetGroupName="s", DBSubnetGroupDescription="d", SubnetIds=subnets())
    user = {"MasterUsername": "u", "MasterUserPassword": "hunter2hunter2"}
    rds.create_db_instance(
        DBInstanceIdentifier="ledger",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=10,
        DBParameterGroupName="pg",
        DBSubnetGroupName="s",
        **user,
    )
    rds.create_db_cluster(DBClusterIdentifier="shop", Engine="aurora-mysql", **user)
    secret = ARN.format("secretsmanager", "secret:db-AbCdEf")
    rds.create_db_proxy(
        DBProxyName="front",
        EngineFamily="MYSQL",
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": secret, "IAMAuth": "REQUIRED"}],
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/x",
        VpcSubnetIds=subnets(),
        RequireTLS=True,
    )
    rds.register_db_proxy_targets(DBProxyName="front", DBClusterIdentifiers=["shop"])
    inventory = exported(tmp_path, "rds")
    (instance,), (cluster,), (proxy,) = inventory.of(DBInstance), inventory.of(DBCluster), inventory.of(DBProxy)
    assert instance.db_subnet_group.vpc_id.startswith("vpc-")
    assert [group.db_parameter_group_name for group in instance.db_parameter_groups] == ["pg"]
    group = inventory.get(ARN.format("rds", "pg:pg"))
    assert [(item.parameter_name, item.parameter_value) for item in group.parameters] == [("rds.force_ssl", "1")]
    assert cluster.endpoint.startswith("shop.cluster-")
    assert (proxy.require_tls, proxy.auth[0].iam_auth, proxy.auth[0].secret_arn) == (True, "REQUIRED", secret)
    assert [target.rds_resource_id for target in proxy.targets] == ["shop"]
    assert "hunter2" not in str(list(inventory))


def test_a_cut_off_parameter_group_says_so():
    payload = {"Parameters": [{"ParameterName": "rds.force_ssl", "ParameterValue": "0"}], "Marker": "more"}
    (group,) = feed(answer("rds.DescribeDBClusterParameters", payload, "default.aurora")).of(DBParameterGroup)
    assert (group.id, group.complete) == (ARN.format("rds", "cluster-pg:default.aurora"), False)


def test_a_parameter_without_a_name_stops_no_other():
    payload = {"Parameters": [{"ParameterName": {}}, {"ParameterName": "tls", "ParameterValue": "enabled"}]}
    (group,) = feed(answer("rds.DescribeDBParameters", payload, "g")).of(DBParameterGroup)
    assert [parameter.parameter_name for parameter in group.parameters] == ["tls"]


@mock_aws
def test_caches_and_search(tmp_path):
    elasticache = client("elasticache")
    elasticache.create_cache_cluster(CacheClusterId="m", Engine="memcached", CacheNodeType="t", NumCacheNodes=1)
    elasticache.create_replication_group(
        ReplicationGroupId="sessions", ReplicationGroupDescription="d", TransitEncryptionEnabled=True
    )
    client("opensearch").create_domain(
        DomainName="catalog", DomainEndpointOptions={"EnforceHTTPS": True}, AccessPolicies=NO_STATEMENTS
    )
    inventory = exported(tmp_path, "elasticache", "opensearch")
    (group,), (cluster,), (domain,) = (
        inventory.of(ReplicationGroup),
        inventory.of(CacheCluster),
        inventory.of(SearchDomain),
    )
    assert (group.transit_encryption_enabled, group.member_clusters) == (True, ("sessions-001",))
    assert (cluster.name, cluster.engine, cluster.tags) == ("m", "memcached", UNSET)
    assert domain.domain_endpoint_options.enforce_https is True
    assert domain.policy.document["Statement"] == []


def test_serverless_caches():
    item = {"ServerlessCacheName": "s", "ARN": ARN.format("elasticache", "serverlesscache:s"), "UserGroupId": "g"}
    (cache,) = feed(answer("elasticache.DescribeServerlessCaches", {"ServerlessCaches": [item]})).of(ServerlessCache)
    assert (cache.id, cache.user_group_id) == (item["ARN"], "g")


@mock_aws
def test_file_systems_logs_and_repositories(tmp_path):
    efs, logs = client("efs"), client("logs")
    system = efs.create_file_system(CreationToken="x", Encrypted=True)["FileSystemId"]
    efs.create_access_point(FileSystemId=system, ClientToken="a", RootDirectory={"Path": "/in"})
    efs.create_mount_target(FileSystemId=system, SubnetId=subnets()[0])
    logs.create_log_group(logGroupName="/aws/lambda/orders")
    logs.put_resource_policy(policyName="p", policyDocument=NO_STATEMENTS)
    client("ecr").create_repository(repositoryName="app")
    inventory = exported(tmp_path, "efs", "logs", "ecr")
    (found,), (point,) = inventory.of(FileSystem), inventory.of(AccessPoint)
    assert (found.encrypted, found.policy) == (True, None)
    assert [target.vpc_id[:4] for target in found.mount_targets] == ["vpc-"]
    assert (point.file_system_id, point.root_directory.path) == (system, "/in")
    (group,), (policy,) = inventory.of(LogGroup), inventory.of(LogResourcePolicy)
    assert (group.id, group.subscription_filters) == (ARN.format("logs", "log-group:/aws/lambda/orders"), ())
    assert (policy.id, policy.policy.document["Statement"]) == (f"settings:logs:{ACCOUNT}:{REGION}:p", [])
    (repository,) = inventory.of(Repository)
    assert (repository.image_tag_mutability, repository.policy) == ("MUTABLE", None)


def test_kafka_clusters():
    provisioned = {
        "BrokerNodeGroupInfo": {"ClientSubnets": ["subnet-1"], "SecurityGroups": ["sg-1"]},
        "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT", "InCluster": True}},
        "ClientAuthentication": {"Unauthenticated": {"Enabled": True}},
    }
    cluster = {
        "ClusterArn": ARN.format("kafka", "cluster/events/uuid-1"),
        "ClusterName": "events",
        "Tags": {"team": "shop"},
        "Provisioned": provisioned,
    }
    serverless = {
        "ClusterArn": ARN.format("kafka", "cluster/light/uuid-2"),
        "ClusterName": "light",
        "Serverless": {"VpcConfigs": [{"SubnetIds": ["subnet-1"]}]},
    }
    inventory = feed(answer("kafka.ListClustersV2", {"ClusterInfoList": [cluster, serverless]}))
    events, light = inventory.of(KafkaCluster)
    assert events.provisioned.encryption_info.encryption_in_transit.client_broker == "TLS_PLAINTEXT"
    assert events.provisioned.client_authentication.unauthenticated.enabled is True
    assert (events.tags, light.tags) == ({"team": "shop"}, {})
    assert light.serverless.vpc_configs[0].subnet_ids == ("subnet-1",)


@mock_aws
def test_brokers(tmp_path):
    client("mq").create_broker(
        BrokerName="legacy",
        AutoMinorVersionUpgrade=False,
        DeploymentMode="SINGLE_INSTANCE",
        EngineType="ACTIVEMQ",
        EngineVersion="5",
        HostInstanceType="m",
        PubliclyAccessible=True,
        Users=[{"Username": "admin", "Password": "hunter2hunter2"}],
    )
    (broker,) = exported(tmp_path, "mq").of(Broker)
    assert (broker.publicly_accessible, broker.auto_minor_version_upgrade) == (True, False)
    assert any(host.startswith("ssl://") for host in broker.endpoints)
    assert "admin" not in str(broker)


def test_a_broker_that_may_not_be_described_is_there():
    item = {"BrokerId": "b-1", "BrokerArn": ARN.format("mq", "broker:legacy:b-1"), "BrokerName": "legacy"}
    (broker,) = feed(answer("mq.ListBrokers", {"BrokerSummaries": [item]})).of(Broker)
    assert broker.publicly_accessible is UNSET


@mock_aws
def test_networks(tmp_path):
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway")
    ec2.create_nat_gateway(SubnetId=subnets()[0], ConnectivityType="private")
    inventory = exported(tmp_path, "ec2")
    assert [item.vpc_id for item in inventory.of(Vpc)] == [vpc]
    assert {item.vpc_id for item in inventory.of(Subnet)} == {vpc}
    (group,) = inventory.of(SecurityGroup)
    assert [rule.anywhere for rule in group.ip_permissions_egress] == [True]
    (table,) = inventory.of(RouteTable)
    assert table.associations[0].main
    assert [route.gateway_id for route in table.routes] == ["local"]
    (endpoint,) = inventory.of(VpcEndpoint)
    assert endpoint.policy.document["Statement"][0]["Action"] == "*"
    assert endpoint.policy.source.pointer == "/VpcEndpoints/0/PolicyDocument"
    (gateway,) = inventory.of(NatGateway)
    assert gateway.connectivity_type == "private"


def test_a_shared_subnet_belongs_to_its_owner():
    item = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": "9" * 12}
    (subnet,) = feed(answer("ec2.DescribeSubnets", {"Subnets": [item]})).of(Subnet)
    assert (subnet.account, subnet.id) == ("9" * 12, f"arn:aws:ec2:{REGION}:{'9' * 12}:subnet/subnet-1")
