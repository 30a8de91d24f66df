"""Stores as functions use them: which hop it is, how it is protected, and by which names and hosts a store is known."""

import hashlib
from collections.abc import Iterator

from auditkit.graph._hosts import host_of
from auditkit.graph.factors import Level, Levels
from auditkit.graph.schema import Interval
from auditkit.inventory import Inventory, Kind, PolicyText, Record, UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.brokers import Broker
from auditkit.inventory.records.caches import CacheCluster, CacheEndpoint, ReplicationGroup, ServerlessCache
from auditkit.inventory.records.databases import DBCluster, DBEndpoint, DBInstance, DBParameterGroup, DBProxy
from auditkit.inventory.records.keys import Parameter
from auditkit.inventory.records.messaging import Queue
from auditkit.inventory.records.search import SearchDomain
from auditkit.policy import Context, PolicyKind, PolicySet, Request, evaluate, parse, principal

__all__ = ["DATA_ACTIONS", "by_digest", "by_host", "digest_of", "hop_to", "protection_of"]

_DIGITS = 16
_HOPS = {
    Kind.BUCKET: "function->s3",
    Kind.TABLE: "function->dynamodb",
    Kind.TABLE_STREAM: "function->ddb-streams",
    Kind.QUEUE: "function->sqs",
    Kind.TOPIC: "function->sns",
    Kind.STREAM: "function->kinesis",
    Kind.DELIVERY_STREAM: "function->firehose",
    Kind.EVENT_BUS: "function->events",
    Kind.SECRET: "function->secretsmanager",
    Kind.PARAMETER: "function->ssm",
    Kind.KEY: "function->kms",
    Kind.DATABASE: "function->rds",
    Kind.DATABASE_PROXY: "function->rds-proxy",
    Kind.CACHE: "function->elasticache-rg",
    Kind.SEARCH_DOMAIN: "function->opensearch",
    Kind.FILE_SYSTEM: "function->efs",
    Kind.LOG_GROUP: "function->logs",
    Kind.REPOSITORY: "function->ecr",
    Kind.KAFKA_CLUSTER: "function->kafka",
    Kind.BROKER: "function->mq",
    Kind.FUNCTION: "function->lambda",
    Kind.STATE_MACHINE: "function->states",
    Kind.REST_API: "function->execute-api",
    Kind.HTTP_API: "function->execute-api",
    Kind.WEBSOCKET_API: "function->execute-api",
    Kind.HOST: "function->onprem",
    Kind.THIRD_PARTY: "function->third-party-url",
}
_ENGINES = (
    ("docdb", "function->docdb"),
    ("neptune", "function->neptune"),
    ("postgres", "function->rds-postgres"),
    ("mariadb", "function->rds-mariadb"),
    ("mysql", "function->rds-mysql"),
    ("sqlserver", "function->rds-sqlserver"),
)
_READ = {
    "s3": ("GetObject", "GetObjectVersion"),
    "dynamodb": ("GetItem", "BatchGetItem", "Query", "Scan", "PartiQLSelect", "GetRecords"),
    "sqs": ("ReceiveMessage",),
    "kinesis": ("GetRecords", "SubscribeToShard"),
    "secretsmanager": ("GetSecretValue", "BatchGetSecretValue"),
    "ssm": ("GetParameter", "GetParameters", "GetParametersByPath"),
    "logs": ("GetLogEvents", "FilterLogEvents", "StartQuery"),
    "ecr": ("BatchGetImage",),
    "es": ("ESHttpGet", "ESHttpPost"),
    "kafka-cluster": ("ReadData",),
    "elasticfilesystem": ("ClientMount",),
    "rds-data": ("ExecuteStatement", "BatchExecuteStatement"),
    "elasticache": ("Connect",),
}
_WRITTEN = {
    "s3": ("PutObject",),
    "dynamodb": ("PutItem", "UpdateItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate"),
    "sqs": ("SendMessage",),
    "sns": ("Publish",),
    "kinesis": ("PutRecord", "PutRecords"),
    "firehose": ("PutRecord", "PutRecordBatch"),
    "events": ("PutEvents",),
    "secretsmanager": ("PutSecretValue", "UpdateSecret"),
    "ssm": ("PutParameter",),
    "logs": ("PutLogEvents",),
    "ecr": ("PutImage",),
    "es": ("ESHttpPut", "ESHttpPatch", "ESHttpPost"),
    "kafka-cluster": ("WriteData",),
    "elasticfilesystem": ("ClientWrite",),
    "rds-data": ("ExecuteStatement", "BatchExecuteStatement"),
    "elasticache": ("Connect",),
}
DATA_ACTIONS = {
    access: frozenset(f"{service}:{name}" for service, names in actions.items() for name in names)
    for access, actions in (("read", _READ), ("write", _WRITTEN))
}
"""Actions that move data of a store, as opposed to those that change its settings."""

_PLAIN = {  # service -> (action that a plain request is tried with, what it is about)
    "s3": ("s3:PutObject", "/-"),
    "dynamodb": ("dynamodb:PutItem", ""),
    "sqs": ("sqs:SendMessage", ""),
    "sns": ("sns:Publish", ""),
}
_EVERYTHING = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind=PolicyKind.IDENTITY)


def hop_to(kind: Kind, record: Record | None) -> str:
    """Return the row of the hop facts for a function that uses something; ``""`` where there is none."""
    if isinstance(record, DBInstance | DBCluster):
        return next((hop for engine, hop in _ENGINES if engine in record.engine), "function->rds")
    if isinstance(record, ServerlessCache):
        return "function->elasticache-serverless"
    if isinstance(record, CacheCluster) and record.engine == "memcached":
        return "function->elasticache-memcached"
    return _HOPS.get(kind, "")


# ---------------------------------------------------------------- protection


def protection_of(inventory: Inventory, record: Record | None) -> Levels:
    """Return the levels that the settings of a store give to a hop between it and a function."""
    levels: Levels = {}
    if record is None:
        return levels
    encryption = _encryption(inventory, record)
    if encryption is not None:
        levels["encryption"] = encryption
    authentication = _authentication(record)
    if authentication is not None:
        levels["authentication"] = authentication
    return levels


def _encryption(inventory: Inventory, record: Record) -> Level | None:
    arn = parse_arn(record.id)
    if arn is not None and arn.service in _PLAIN:
        return _by_policy(record, arn.service)
    if isinstance(record, ReplicationGroup | CacheCluster):
        if record.transit_encryption_enabled is None:
            return None
        if not record.transit_encryption_enabled:
            return 1, "TransitEncryptionEnabled is off: plain text."
        if record.transit_encryption_mode == "preferred":
            return 0.6, "TransitEncryptionMode is preferred: plain text is accepted."
        return 0, "TransitEncryptionEnabled: TLS is required."
    if isinstance(record, SearchDomain) and record.domain_endpoint_options is not None:
        if record.domain_endpoint_options.enforce_https:
            return 0, "EnforceHTTPS refuses plain HTTP."
        return 0.6, "EnforceHTTPS is off: plain HTTP is accepted."
    if isinstance(record, DBProxy) and record.require_tls is not None:
        return (0, "RequireTLS refuses plain text.") if record.require_tls else (0.6, "RequireTLS is off.")
    if isinstance(record, DBInstance | DBCluster):
        return _by_parameters(inventory, record)
    return None


def _by_policy(record: Record, service: str) -> Level | None:
    """Ask the resource policy whether a plain request gets through where everything else allows it."""
    policy = getattr(record, "policy", None)
    if isinstance(policy, UnsetType):
        return Interval(0, 0.25), "The SDK uses TLS; whether the policy refuses plain HTTP was not seen."
    if not isinstance(policy, PolicyText):
        return 0.25, "The SDK uses TLS; no policy refuses plain HTTP."
    action, below = _PLAIN[service]
    owner = record.account or "000000000000"
    request = Request(
        principal=principal(f"arn:aws:iam::{owner}:role/any"),
        action=action,
        resource=record.id + below,
        resource_account=owner,
        context=Context({"aws:SecureTransport": "false"}, complete=False),
    )
    document = parse(policy.document, kind=PolicyKind.RESOURCE)
    if evaluate(request, PolicySet(identity=(_EVERYTHING,), resource=document)).denied:
        return 0, "The policy denies requests without TLS."
    return 0.25, "The SDK uses TLS; the policy does not refuse plain HTTP."


def _by_parameters(inventory: Inventory, record: DBInstance | DBCluster) -> Level | None:
    names = (
        {status.db_parameter_group_name for status in record.db_parameter_groups}
        if isinstance(record, DBInstance)
        else {record.db_cluster_parameter_group}
    )
    for group in inventory.of(DBParameterGroup):
        if group.name in names and (group.account, group.region) == (record.account, record.region):
            for parameter in group.parameters:
                value = (parameter.parameter_value or "").lower()
                if value in {"1", "on", "true", "enabled", "tls1.2+", "tls1.3+", "fips-140-3"}:
                    return 0, f"{parameter.parameter_name} is {value}: plain text is refused."
                if value in {"0", "off", "false", "disabled"}:
                    return 0.6, f"{parameter.parameter_name} is {value}: plain text is accepted."
    return None


def _authentication(record: Record) -> Level | None:
    if isinstance(record, ReplicationGroup):
        if record.user_group_ids or record.auth_token_enabled:
            return 0.5, "A user group or an AUTH token."
        return (1, "Neither a user group nor an AUTH token.") if record.auth_token_enabled is False else None
    if isinstance(record, DBProxy) and record.auth:
        required = all(auth.iam_auth in {"REQUIRED", "ENABLED"} for auth in record.auth)
        return (0, "IAMAuth is required.") if required else (0.5, "The password of a secret.")
    return None


# ---------------------------------------------------------------- names and hosts


def digest_of(text: str) -> str:
    """Return the digest by which a value of the environment is recognised."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def by_digest(inventory: Inventory, kinds: frozenset[Kind]) -> dict[str, tuple[Record, ...]]:
    """Return the records of some kinds by the digests of their names, ARNs and addresses."""
    found: dict[str, dict[str, Record]] = {}
    for record in inventory:
        if record.kind in kinds:
            for text in _texts(record):
                found.setdefault(digest_of(text), {})[record.id] = record
    return {digest: tuple(records.values()) for digest, records in found.items()}


def _texts(record: Record) -> Iterator[str]:
    yield record.id
    if record.name:
        yield record.name
    arn = parse_arn(record.id)
    if isinstance(record, Queue) and record.queue_url:
        yield record.queue_url
    elif record.kind is Kind.QUEUE and arn is not None:
        yield f"https://sqs.{arn.region}.amazonaws.com/{arn.account}/{arn.resource}"
    if record.kind is Kind.BUCKET:
        yield f"s3://{record.name}"
        yield f"s3://{record.name}/"
    if record.kind is Kind.SECRET and arn is not None:
        yield record.id.rpartition("-")[0]  # the ARN without the six characters at its end
    if isinstance(record, Parameter) and record.name:
        yield record.name if record.name.startswith("/") else f"/{record.name}"
    if record.kind is Kind.FUNCTION and arn is not None:
        yield f"{arn.account}:{arn.resource}"


def by_host(inventory: Inventory) -> dict[str, Record]:
    """Return the records that have a host name of their own, by it."""
    found: dict[str, Record] = {}
    for record in inventory:
        for host in _hosts(record):
            found.setdefault(host_of(host), record)
    return found


def _hosts(record: Record) -> Iterator[str]:
    """Yield the host names of a record."""
    if isinstance(record, DBInstance):
        yield from _addresses(record.endpoint)
    elif isinstance(record, DBCluster):
        yield from filter(None, (record.endpoint, record.reader_endpoint))
    elif isinstance(record, DBProxy) and record.endpoint:
        yield record.endpoint
    elif isinstance(record, ReplicationGroup | CacheCluster | ServerlessCache):
        yield from _of_cache(record)
    elif isinstance(record, SearchDomain):
        options = record.domain_endpoint_options
        custom = options.custom_endpoint if options else None
        yield from filter(None, (record.endpoint, *record.endpoints.values(), custom))
    elif isinstance(record, Broker):
        yield from (origin.partition("://")[2] for origin in record.endpoints)
    elif record.kind in {Kind.REST_API, Kind.HTTP_API, Kind.WEBSOCKET_API} and record.region:
        yield f"{record.id.rpartition('/')[2]}.execute-api.{record.region}.amazonaws.com"


def _of_cache(record: ReplicationGroup | CacheCluster | ServerlessCache) -> Iterator[str]:
    if isinstance(record, ReplicationGroup):
        yield from _addresses(record.configuration_endpoint)
        for group in record.node_groups:
            yield from _addresses(group.primary_endpoint, group.reader_endpoint)
    elif isinstance(record, ServerlessCache):
        yield from _addresses(record.endpoint, record.reader_endpoint)
    elif not record.replication_group_id:  # a member is known by its group
        yield from _addresses(record.configuration_endpoint, *(node.endpoint for node in record.cache_nodes))


def _addresses(*endpoints: CacheEndpoint | DBEndpoint | None) -> Iterator[str]:
    yield from (endpoint.address for endpoint in endpoints if endpoint is not None and endpoint.address)
