"""Hops to caches, search domains, Kafka clusters and brokers: what their settings say."""

from auditkit.graph._build import Builder
from auditkit.graph._store_hop import ACCEPTED, INTERNET_LEVEL, PUBLIC_LEVEL, SDK_CLEAR, SHARED, StoreHop
from auditkit.graph.cache_users import SignIn, sign_in
from auditkit.graph.factors import Level, Levels
from auditkit.graph.outsiders import openings_of_policy
from auditkit.graph.schema import Interval
from auditkit.inventory import UnsetType
from auditkit.inventory.records.brokers import Broker, KafkaCluster
from auditkit.inventory.records.caches import (
    CacheCluster,
    DaxCluster,
    MemoryDBCluster,
    ReplicationGroup,
    ServerlessCache,
)
from auditkit.inventory.records.search import SearchDomain

__all__ = [
    "broker_hop",
    "cache_cluster_hop",
    "dax_hop",
    "group_of",
    "is_member",
    "kafka_hop",
    "memorydb_hop",
    "replication_group_hop",
    "search_domain_hop",
    "serverless_cache_hop",
]


def replication_group_hop(build: Builder, group: ReplicationGroup) -> StoreHop:
    """Return the hop to a replication group."""
    return StoreHop("function->elasticache-rg", _redis(group, sign_in(build.inventory, group)))


def cache_cluster_hop(build: Builder, cluster: CacheCluster) -> StoreHop:
    """Return the hop to a cache cluster; to a member of a replication group, that to the group."""
    group = group_of(build, cluster)
    if group is not None:
        return replication_group_hop(build, group)
    if (cluster.engine or "").lower() != "memcached":
        return StoreHop("function->elasticache-rg", _redis(cluster))
    levels: Levels = {}
    if cluster.transit_encryption_enabled is not None:
        level = 0 if cluster.transit_encryption_enabled else 1
        state = "on" if cluster.transit_encryption_enabled else "off"
        levels["encryption"] = level, f"TransitEncryptionEnabled of the cache is {state}."
    return StoreHop("function->elasticache-memcached", levels)


def is_member(cluster: CacheCluster, group: ReplicationGroup) -> bool:
    """Return whether a cache cluster is a member of a replication group."""
    place = (cluster.account, cluster.region, cluster.replication_group_id)
    return place == (group.account, group.region, group.name)


def group_of(build: Builder, cluster: CacheCluster) -> ReplicationGroup | None:
    """Return the replication group that a cache cluster is a member of."""
    if cluster.replication_group_id is None:
        return None
    return next((item for item in build.inventory.of(ReplicationGroup) if is_member(cluster, item)), None)


def _redis(cache: ReplicationGroup | CacheCluster, users: SignIn | None = None) -> Levels:
    levels: Levels = {}
    mode = cache.transit_encryption_mode
    if cache.transit_encryption_enabled is False:
        levels["encryption"] = 1, "TransitEncryptionEnabled of the cache is off."
    elif cache.transit_encryption_enabled and mode == "required":
        levels["encryption"] = 0, "TransitEncryptionMode of the cache is required."
    elif cache.transit_encryption_enabled and mode == "preferred":
        levels["encryption"] = ACCEPTED, "TransitEncryptionMode of the cache is preferred, so plain text is accepted."
    elif cache.transit_encryption_enabled:
        levels["encryption"] = Interval(0, ACCEPTED), "TransitEncryptionMode of the cache was not seen."
    if users is not None and users.groups:
        levels["authentication"] = users.level
    elif cache.auth_token_enabled:
        levels["authentication"] = SHARED, "The cache asks for its AUTH token, a shared secret."
    elif cache.auth_token_enabled is False:
        levels["authentication"] = 1, "The cache has neither a user group nor an AUTH token."
    return levels


def serverless_cache_hop(build: Builder, cache: ServerlessCache) -> StoreHop:
    """Return the hop to a serverless cache."""
    authentication: Level = 1, "Without a user group the default user needs no password."
    if cache.user_group_id:
        authentication = sign_in(build.inventory, cache).level
    return StoreHop("function->elasticache-serverless", {"authentication": authentication})


def memorydb_hop(build: Builder, cluster: MemoryDBCluster) -> StoreHop:
    """Return the hop to a MemoryDB cluster."""
    levels: Levels = {"authentication": sign_in(build.inventory, cluster).level}
    if cluster.tls_enabled is not None:
        state = "on" if cluster.tls_enabled else "off"
        levels["encryption"] = 0 if cluster.tls_enabled else 1, f"TLSEnabled of the cluster is {state}."
    return StoreHop("function->memorydb", levels)


_DAX = {"TLS": 0.0, "NONE": 1.0}


def dax_hop(_: Builder, cluster: DaxCluster) -> StoreHop:
    """Return the hop to a DAX cluster, which asks for a signature."""
    kind = cluster.cluster_endpoint_encryption_type
    if kind not in _DAX:
        return StoreHop("function->dax", {})
    return StoreHop("function->dax", {"encryption": (_DAX[kind], f"ClusterEndpointEncryptionType is {kind}.")})


# ------------------------------------------------------------------ search, Kafka, brokers


def search_domain_hop(_: Builder, domain: SearchDomain) -> StoreHop:
    """Return the hop to a search domain."""
    levels: Levels = {"authentication": _search_sign_in(domain)}
    options = domain.domain_endpoint_options
    enforced = options.enforce_https if options else None
    policy = (options.tls_security_policy if options else None) or ""
    if enforced is False:
        levels["encryption"] = ACCEPTED, "EnforceHTTPS of the domain is off."
    elif enforced and policy and "TLS-1-0" not in policy:
        levels["encryption"] = 0, f"EnforceHTTPS of the domain is on, with {policy}."
    elif enforced:
        why = f"with {policy}, which accepts TLS 1.0" if policy else "but its TLSSecurityPolicy was not seen"
        level: float | Interval = SDK_CLEAR if policy else Interval(0, SDK_CLEAR)
        levels["encryption"] = level, f"EnforceHTTPS of the domain is on, {why}."
    inside = domain.vpc_options is not None and bool(domain.vpc_options.vpc_id or domain.vpc_options.subnet_ids)
    levels["network"] = (
        (0, "The domain lies in a VPC.") if inside else (PUBLIC_LEVEL, "The domain has a public endpoint.")
    )
    return StoreHop("function->opensearch", levels)


def _search_sign_in(domain: SearchDomain) -> Level:
    security = domain.advanced_security_options
    inner = security is not None and security.enabled and not security.anonymous_auth_enabled
    if isinstance(domain.policy, UnsetType):
        return Interval(0, 1), "The access policy of the domain could not be read."
    if domain.policy is None:
        if inner:
            return Interval(0, SHARED), "No access policy; fine-grained access control asks who it is."
        return Interval(0, 1), "The domain has no access policy and no fine-grained access control."
    found = openings_of_policy(
        domain.policy, resource=domain.id, owner=domain.account, unsigned=True, known=frozenset(), named=False
    )
    if not found:
        return 0, "The access policy of the domain asks for a signed request."
    if inner:
        return Interval(0, SHARED), "The access policy is open; fine-grained access control asks who it is."
    if any(one.certain for one in found):
        return 1, "The access policy of the domain lets anyone in, without a signature."
    keys = ", ".join(sorted({key for one in found for key in one.conditions}))
    return Interval(0, 1), f"The access policy of the domain lets anyone in, depending on {keys or 'what is unclear'}."


_CLIENT_BROKER = {"TLS": 0.0, "TLS_PLAINTEXT": ACCEPTED, "PLAINTEXT": 1.0}


def kafka_hop(_: Builder, cluster: KafkaCluster) -> StoreHop:
    """Return the hop to a Kafka cluster."""
    if cluster.serverless is not None:
        serverless: Levels = {
            "encryption": (0, "A serverless cluster speaks TLS only."),
            "authentication": (0, "A serverless cluster asks for IAM."),
        }
        return StoreHop("function->kafka", serverless)
    levels: Levels = {}
    made = cluster.provisioned
    transit = made.encryption_info.encryption_in_transit if made and made.encryption_info else None
    mode = transit.client_broker if transit else None
    if mode in _CLIENT_BROKER:
        levels["encryption"] = _CLIENT_BROKER[mode], f"ClientBroker of the cluster is {mode}."
    clients = made.client_authentication if made else None
    if clients is None:
        return StoreHop("function->kafka", levels)
    scram = clients.sasl is not None and clients.sasl.scram is not None and clients.sasl.scram.enabled
    iam = clients.sasl is not None and clients.sasl.iam is not None and clients.sasl.iam.enabled
    if clients.unauthenticated is not None and clients.unauthenticated.enabled:
        levels["authentication"] = 1, "The cluster admits unauthenticated clients."
    elif scram:
        levels["authentication"] = SHARED, "The cluster admits clients with user name and password (SASL/SCRAM)."
    elif iam or (clients.tls is not None and clients.tls.enabled):
        levels["authentication"] = 0, "The cluster asks for IAM or a client certificate."
    return StoreHop("function->kafka", levels)


def broker_hop(_: Builder, broker: Broker) -> StoreHop:
    """Return the hop to a broker."""
    public: Level = 0, "The broker has no address on the internet."
    if broker.publicly_accessible is True:
        public = INTERNET_LEVEL, "The broker has an address on the internet (PubliclyAccessible)."
    elif broker.publicly_accessible is not False:
        public = Interval(0, INTERNET_LEVEL), "Whether the broker has an address on the internet was not seen."
    return StoreHop("function->mq", {"network": public})
