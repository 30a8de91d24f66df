"""Databases, caches, search domains, Kafka clusters and brokers: where they lie, their names, proxies and replicas."""

from collections.abc import Iterable, Iterator

from auditkit.graph._build import Builder
from auditkit.graph._database_factors import cluster_of, members_of
from auditkit.graph._hosts import host_of
from auditkit.graph._server_factors import group_of, is_member
from auditkit.graph.network_paths import vpc_of
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, View
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.brokers import Broker, KafkaCluster
from auditkit.inventory.records.caches import CacheCluster, CacheEndpoint, ReplicationGroup, ServerlessCache
from auditkit.inventory.records.databases import DBCluster, DBEndpoint, DBInstance, DBProxy, DBProxyTarget
from auditkit.inventory.records.search import SearchDomain

__all__ = ["connect"]


def connect(build: Builder) -> None:
    """Say what the records of databases and of servers like them say."""
    for cluster in build.inventory.of(DBCluster):
        _cluster(build, cluster)
    for instance in build.inventory.of(DBInstance):
        _instance(build, instance)
    for proxy in build.inventory.of(DBProxy):
        _proxy(build, proxy)
    _caches(build)
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


def _addresses(*endpoints: CacheEndpoint | DBEndpoint | None) -> list[str | None]:
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


# ------------------------------------------------------------------ caches and Kafka


def _caches(build: Builder) -> None:
    for group in build.inventory.of(ReplicationGroup):
        members = [item for item in build.inventory.of(CacheCluster) if is_member(item, group)]
        groups = [item.security_group_id for member in members for item in member.security_groups]
        build.add(group, vpc=vpc_of(build, security_groups=groups))
        ends = [group.configuration_endpoint]
        for shard in group.node_groups:
            ends += [shard.primary_endpoint, shard.reader_endpoint]
        _known_as(build, group.id, _addresses(*ends))
    for cluster in build.inventory.of(CacheCluster):
        before = group_of(build, cluster)
        node: Record = before or cluster
        if before is not None:
            build.alias(cluster.id, before.id)
        else:
            groups = [item.security_group_id for item in cluster.security_groups]
            build.add(cluster, vpc=vpc_of(build, security_groups=groups))
        ends = [cluster.configuration_endpoint, *(item.endpoint for item in cluster.cache_nodes)]
        _known_as(build, node.id, _addresses(*ends))
    for cache in build.inventory.of(ServerlessCache):
        vpc = vpc_of(build, subnets=cache.subnet_ids, security_groups=cache.security_group_ids)
        build.add(cache, vpc=vpc)
        _known_as(build, cache.id, _addresses(cache.endpoint, cache.reader_endpoint))


def _kafka_subnets(cluster: KafkaCluster) -> tuple[str, ...]:
    if cluster.serverless is not None:
        return tuple(subnet for config in cluster.serverless.vpc_configs for subnet in config.subnet_ids)
    nodes = cluster.provisioned.broker_node_group_info if cluster.provisioned else None
    return nodes.client_subnets if nodes else ()
