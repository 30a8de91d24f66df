"""Databases, search domains, Kafka clusters and brokers: where they lie, their names, proxies and replicas."""

import re
from collections.abc import Iterable, Iterator

from auditkit.graph._build import Builder
from auditkit.graph._database_factors import cluster_of, members_of
from auditkit.graph._hosts import host_of
from auditkit.graph.network_paths import vpc_of
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, View
from auditkit.inventory import Source, UnsetType
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.brokers import Broker, KafkaCluster
from auditkit.inventory.records.databases import DBCluster, DBEndpoint, DBInstance, DBProxy, DBProxyTarget
from auditkit.inventory.records.search import SearchDomain
from auditkit.inventory.records.warehouses import (
    ClusterEndpoint,
    RedshiftCluster,
    RedshiftNamespace,
    RedshiftWorkgroup,
    WorkgroupEndpoint,
)

__all__ = ["connect"]

_ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")
"""A role, by itself or in the text that Redshift Serverless writes around it."""


def connect(build: Builder) -> None:
    """Say what the records of databases and of servers like them say."""
    for cluster in build.inventory.of(DBCluster):
        _cluster(build, cluster)
    for instance in build.inventory.of(DBInstance):
        _instance(build, instance)
    for proxy in build.inventory.of(DBProxy):
        _proxy(build, proxy)
    _redshift(build)
    for domain in build.inventory.of(SearchDomain):
        build.add(domain, vpc=(domain.vpc_options.vpc_id or "") if domain.vpc_options else "")
        options = domain.domain_endpoint_options
        _known_as(
            build,
            domain.id,
            (domain.endpoint, *domain.endpoints.values(), options.custom_endpoint if options else None),
        )
    for kafka in build.inventory.of(KafkaCluster):
        build.add(kafka, vpc=vpc_of(build, subnets=_kafka_subnets(kafka)))
    for broker in build.inventory.of(Broker):
        build.add(broker, vpc=vpc_of(build, subnets=broker.subnet_ids, security_groups=broker.security_groups))
        _known_as(build, broker.id, (url.partition("://")[2] for url in broker.endpoints))


def _known_as(build: Builder, node_id: str, hosts: Iterable[str | None]) -> None:
    for host in hosts:
        if host:
            build.alias_host(host_of(host), node_id)


def _addresses(*endpoints: DBEndpoint | ClusterEndpoint | WorkgroupEndpoint | None) -> list[str | None]:
    return [endpoint.address for endpoint in endpoints if endpoint is not None]


# ------------------------------------------------------------------ databases


def _cluster(build: Builder, cluster: DBCluster) -> None:
    members = members_of(build, cluster)
    inside = next((item.db_subnet_group.vpc_id for item in members if item.db_subnet_group), None)
    groups = [group.vpc_security_group_id for group in cluster.vpc_security_groups]
    build.add(cluster, vpc=inside or vpc_of(build, security_groups=groups))
    _known_as(build, cluster.id, (cluster.endpoint, cluster.reader_endpoint))
    _master_secret(build, cluster)
    origin = cluster.replication_source_identifier
    if origin and origin.startswith("arn:"):
        _replicates(build, build.ref(origin), cluster.id, cluster.source.at("ReplicationSourceIdentifier"))
    _activity(build, cluster, cluster.activity_stream_kinesis_stream_name)


def _instance(build: Builder, instance: DBInstance) -> None:
    cluster = cluster_of(build, instance)
    if cluster is not None:  # its data is the cluster's
        build.alias(instance.id, cluster.id)
        _known_as(build, cluster.id, _addresses(instance.endpoint))
        return
    groups = [group.vpc_security_group_id for group in instance.vpc_security_groups]
    inside = instance.db_subnet_group.vpc_id if instance.db_subnet_group else None
    build.add(instance, vpc=inside or vpc_of(build, security_groups=groups))
    _known_as(build, instance.id, _addresses(instance.endpoint))
    _master_secret(build, instance)
    origin = instance.read_replica_source_db_instance_identifier
    if origin:
        arn = origin
        if not origin.startswith("arn:"):
            arn = arn_of("rds", f"db:{origin}", account=instance.account, region=instance.region)
        _replicates(build, build.ref(arn), instance.id, instance.source.at("ReadReplicaSourceDBInstanceIdentifier"))
    _activity(build, instance, instance.activity_stream_kinesis_stream_name)


def _replicates(build: Builder, origin: str, target: str, source: Source) -> None:
    build.triggers(
        origin, target, hop="rds->replica", sources=(source,), kind=EdgeKind.REPLICATES, cost=0, label="replica"
    )


def _activity(build: Builder, database: DBInstance | DBCluster, stream: str | None) -> None:
    """Connect a database with the stream that its activity goes to: statements, with their values."""
    if stream:
        arn = arn_of("kinesis", f"stream/{stream}", account=database.account, region=database.region)
        source = database.source.at("ActivityStreamKinesisStreamName")
        build.triggers(
            database.id,
            build.ref(arn),
            hop="rds->stream",
            sources=(source,),
            kind=EdgeKind.REPLICATES,
            cost=0,
            label="activity",
        )


def _master_secret(build: Builder, database: DBInstance | DBCluster) -> None:
    secret = database.master_user_secret
    if secret is not None and secret.secret_arn:
        _opens(
            build, secret.secret_arn, database.id, database.source.at("MasterUserSecret", "SecretArn"), "master user"
        )


def _opens(build: Builder, secret: str, target: str, source: Source, label: str) -> None:
    """Say that a secret holds the password of a database: one call to read it, and it is open."""
    build.edge(
        build.ref(secret),
        target,
        Edge(
            kind=EdgeKind.OPENS,
            view=View.TRUST,
            evidence=Evidence.CONFIGURED,
            sources=(source,),
            label=label,
            cost=1,
        ),
    )


def _proxy(build: Builder, proxy: DBProxy) -> None:
    groups = proxy.vpc_security_group_ids
    build.add(proxy, vpc=proxy.vpc_id or vpc_of(build, subnets=proxy.vpc_subnet_ids, security_groups=groups))
    _known_as(build, proxy.id, (proxy.endpoint,))
    if proxy.role_arn:
        build.acts_in(proxy.id, proxy.role_arn, sources=(proxy.source.at("RoleArn"),))
    for target in () if isinstance(proxy.targets, UnsetType | None) else proxy.targets:
        for node_id in _behind(build, proxy, target):
            _stands_before(build, proxy, node_id, target.source)


def _behind(build: Builder, proxy: DBProxy, target: DBProxyTarget) -> Iterator[str]:
    """Yield the database behind a proxy: a cluster, or an instance, by its identifier."""
    if target.target_arn and ":cluster:" in target.target_arn:
        yield build.ref(target.target_arn)
        return
    clustered = target.tracked_cluster_id or (target.rds_resource_id if target.type == "TRACKED_CLUSTER" else None)
    if clustered:
        yield build.ref(arn_of("rds", f"cluster:{clustered}", account=proxy.account, region=proxy.region))
    elif target.rds_resource_id:
        yield build.ref(arn_of("rds", f"db:{target.rds_resource_id}", account=proxy.account, region=proxy.region))


def _stands_before(build: Builder, proxy: DBProxy, database: str, source: Source) -> None:
    """Connect a proxy with a database: what comes through the proxy reads and writes."""
    hop = "rds-proxy->rds"
    build.flow(proxy.id, database, kind=EdgeKind.WRITES, hop=hop, sources=(source,), label="proxy")
    build.flow(database, proxy.id, kind=EdgeKind.READS, hop=hop, sources=(source,), label="proxy")
    for access in (AccessLevel.READ, AccessLevel.WRITE):
        build.edge(
            proxy.id,
            database,
            Edge(
                kind=EdgeKind.PERMITS,
                view=View.TRUST,
                evidence=Evidence.CONFIGURED,
                sources=(source,),
                label="proxy",
                cost=0,
                access=access,
            ),
        )
    for index, auth in enumerate(proxy.auth):
        if auth.secret_arn:
            place = proxy.source.at("Auth", index, "SecretArn")
            _opens(build, auth.secret_arn, database, place, "password of the proxy")


# ------------------------------------------------------------------ Redshift


def _redshift(build: Builder) -> None:
    for cluster in build.inventory.of(RedshiftCluster):
        groups = [group.vpc_security_group_id for group in cluster.vpc_security_groups]
        build.add(cluster, vpc=cluster.vpc_id or vpc_of(build, security_groups=groups))
        _known_as(build, cluster.id, _addresses(cluster.endpoint))
        if cluster.master_password_secret_arn:
            source = cluster.source.at("MasterPasswordSecretArn")
            _opens(build, cluster.master_password_secret_arn, cluster.id, source, "master user")
        for index, role in enumerate(cluster.iam_roles):
            build.acts_in(cluster.id, role.iam_role_arn, sources=(cluster.source.at("IamRoles", index),))
    for workgroup in build.inventory.of(RedshiftWorkgroup):
        inside = vpc_of(build, subnets=workgroup.subnet_ids, security_groups=workgroup.security_group_ids)
        build.add(workgroup, vpc=inside)
        _known_as(build, workgroup.id, _addresses(workgroup.endpoint))
        if isinstance(workgroup.namespace, RedshiftNamespace):
            _namespace(build, workgroup, workgroup.namespace)


def _namespace(build: Builder, workgroup: RedshiftWorkgroup, namespace: RedshiftNamespace) -> None:
    """Connect a workgroup with the secret and the roles of its namespace."""
    secret, place = namespace.admin_password_secret_arn, namespace.source
    if secret:
        _opens(build, secret, workgroup.id, place.at("adminPasswordSecretArn"), "administrator")
    for index, text in enumerate(namespace.iam_roles):
        role = _ROLE.search(text)
        if role is not None:
            build.acts_in(workgroup.id, role[0], sources=(place.at("iamRoles", index),))


# ------------------------------------------------------------------ Kafka


def _kafka_subnets(cluster: KafkaCluster) -> tuple[str, ...]:
    if cluster.serverless is not None:
        return tuple(subnet for config in cluster.serverless.vpc_configs for subnet in config.subnet_ids)
    nodes = cluster.provisioned.broker_node_group_info if cluster.provisioned else None
    return nodes.client_subnets if nodes else ()
