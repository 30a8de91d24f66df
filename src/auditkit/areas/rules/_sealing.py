"""Data at rest: whether a store is encrypted, and whose the key is."""

from collections.abc import Callable
from typing import Any, NamedTuple

from auditkit.inventory import Inventory, Record, Source, UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.buckets import Bucket, BucketEncryption
from auditkit.inventory.records.caches import (
    CacheCluster,
    DaxCluster,
    MemoryDBCluster,
    ReplicationGroup,
    ServerlessCache,
)
from auditkit.inventory.records.databases import DBCluster, DBInstance
from auditkit.inventory.records.filesystems import FileSystem
from auditkit.inventory.records.keys import Key, KeyMetadata, Parameter, Secret
from auditkit.inventory.records.messaging import Queue, QueueAttributes, Topic, TopicAttributes
from auditkit.inventory.records.search import SearchDomain
from auditkit.inventory.records.streams import DeliveryStream, Stream
from auditkit.inventory.records.tables import Table
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftNamespace, RedshiftWorkgroup

__all__ = ["SEALS", "Keys", "Sealed"]


class Sealed(NamedTuple):
    """How a store is encrypted.

    Attributes
    ----------
    state
        ``"none"``, ``"service"`` (under a key that AWS owns or manages), ``"key"`` (under a key of the customer's),
        ``"some"`` (under a key, and it was not seen whose), ``"elsewhere"`` (nothing waits in it), or ``"unknown"``.
    said, source
        In words, and where it stands.
    missing
        What would tell whose key it is, where that was not seen.
    """

    state: str
    said: str
    source: Source
    missing: str = ""


class Keys:
    """Whose keys are.

    Parameters
    ----------
    inventory
        Its keys, with what describes them.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._named: dict[tuple[str, str, str], Key] = {}
        for key in inventory.of(Key):
            aliases = key.aliases if isinstance(key.aliases, tuple) else ()
            for name in (key.key_id, f"key/{key.key_id}", *aliases):
                self._named[key.account, key.region, name] = key

    def seal(self, record: Record, name: object, said: str, at: Source) -> Sealed:
        """Return how a store is encrypted under a key; ``said`` is for one that its setting does not name."""
        if not isinstance(name, str) or not name:
            return Sealed("service", said, at)
        if "alias/aws/" in name:
            return Sealed("service", f"it is encrypted under {name}, which AWS manages", at)
        state, under = self._whose(record, name), f"it is encrypted under {name}"
        if state == "some":
            return Sealed(state, f"{under}; whose key that is was not seen", at, f"kms:DescribeKey of {name}")
        return Sealed(state, f"{under}{', which AWS manages' if state == 'service' else ''}", at)

    def _whose(self, record: Record, name: str) -> str:
        """Return whether a key is the customer's, AWS's, or not known to be either.

        The keys that AWS manages are of the account that they are used in, and have aliases of AWS's.
        """
        arn = parse_arn(name)
        account, region = (arn.account, arn.region) if arn is not None else (record.account, record.region)
        if account and record.account and account != record.account:
            return "key"
        key = self._named.get((account, region, arn.resource if arn is not None else name))
        if key is None:
            return "some"
        manager = key.metadata.key_manager if isinstance(key.metadata, KeyMetadata) else None
        if manager is None and isinstance(key.aliases, tuple):
            manager = "AWS" if any(alias.startswith("alias/aws/") for alias in key.aliases) else None
        return {"AWS": "service", "CUSTOMER": "key"}.get(manager or "", "some")


def _flag(record: Any, keys: Keys, field: str, wire: str) -> Sealed:  # noqa: ANN401 -- records with the flag
    value, key = getattr(record, field), getattr(record, "kms_key_id", None)
    at = record.source.at(wire)
    if value is None:
        return Sealed("unknown", wire, record.source)
    if not value:
        return Sealed("none", "it is not encrypted", at)
    return keys.seal(record, key, "AWS's key encrypts it", at)


def _bucket(bucket: Bucket, keys: Keys) -> Sealed:
    if isinstance(bucket.encryption, UnsetType):
        said = "S3 encrypts every new object; under whose key was not seen"
        return Sealed("some", said, bucket.source, "s3:GetBucketEncryption")
    if not isinstance(bucket.encryption, BucketEncryption):
        return Sealed("service", "S3's key encrypts it", bucket.source)
    for rule in bucket.encryption.rules:
        default = rule.apply_server_side_encryption_by_default
        if default is not None and default.kms_master_key_id:
            return keys.seal(bucket, default.kms_master_key_id, "", bucket.encryption.source)
    return Sealed("service", "a key of AWS's encrypts it", bucket.encryption.source)


def _table(table: Table, keys: Keys) -> Sealed:
    if not table.described:
        said = "DynamoDB encrypts every table; under whose key was not seen"
        return Sealed("some", said, table.source, "dynamodb:DescribeTable")
    at = table.source.at("SSEDescription")
    sse = table.sse_description
    if isinstance(sse, UnsetType):
        return Sealed("some", "DynamoDB encrypts every table; under whose key is not told", at, "SSESpecification")
    if sse is not None and sse.sse_type == "KMS" and sse.status in {None, "ENABLED", "UPDATING"}:
        return keys.seal(table, sse.kms_master_key_arn, "a key of AWS's encrypts it", at)
    return Sealed("service", "DynamoDB's key encrypts it", at)


def _queue(queue: Queue, keys: Keys) -> Sealed:
    attributes = queue.attributes
    if not isinstance(attributes, QueueAttributes):
        return Sealed("unknown", "sqs:GetQueueAttributes", queue.source)
    if attributes.kms_master_key_id:
        return keys.seal(queue, attributes.kms_master_key_id, "", attributes.source.at("KmsMasterKeyId"))
    at = attributes.source.at("SqsManagedSseEnabled")
    if attributes.sqs_managed_sse_enabled is True:
        return Sealed("service", "a key of AWS's encrypts it", at)
    if attributes.sqs_managed_sse_enabled is not False:
        return Sealed("unknown", "SqsManagedSseEnabled", attributes.source)
    return Sealed("none", "it is not encrypted", at)


def _topic(topic: Topic, keys: Keys) -> Sealed:
    attributes = topic.attributes
    if not isinstance(attributes, TopicAttributes):
        return Sealed("unknown", "sns:GetTopicAttributes", topic.source)
    at = attributes.source.at("KmsMasterKeyId")
    if attributes.kms_master_key_id:
        return keys.seal(topic, attributes.kms_master_key_id, "", at)
    return Sealed("none", "it is not encrypted", at)


def _stream(stream: Stream, keys: Keys) -> Sealed:
    at = stream.source.at("EncryptionType")
    if stream.encryption_type is None:
        return Sealed("unknown", "kinesis:DescribeStreamSummary (EncryptionType)", stream.source)
    if stream.encryption_type == "NONE":
        return Sealed("none", "it is not encrypted", at)
    if stream.encryption_type != "KMS":
        return Sealed("unknown", f"EncryptionType ({stream.encryption_type})", at)
    return keys.seal(stream, stream.key_id, "Kinesis's key encrypts it", at)


_BEING_SEALED, _BEING_OPENED = frozenset({"ENABLED", "ENABLING"}), frozenset({None, "DISABLED", "DISABLING"})


def _delivery(stream: DeliveryStream, _keys: Keys) -> Sealed:
    """Return how what waits in a delivery stream is encrypted.

    What is read from a stream or a cluster waits there, and encryption of its own is for what is put to it directly
    (Amazon Data Firehose developer guide, *Data protection*). A change that failed leaves what was before.
    """
    source = stream.delivery_source
    read = source is not None and (source.kinesis_stream_source_description or source.msk_source_description)
    if read or stream.delivery_stream_type in {"KinesisStreamAsSource", "MSKAsSource"}:
        return Sealed("elsewhere", "nothing waits in it: what it delivers waits where it reads", stream.source)
    if not stream.described:
        return Sealed("unknown", "firehose:DescribeDeliveryStream", stream.source)
    config, at = (
        stream.delivery_stream_encryption_configuration,
        stream.source.at("DeliveryStreamEncryptionConfiguration"),
    )
    if config is None or config.status in _BEING_OPENED:
        return Sealed("none", "what waits in it is not encrypted", at)
    if config.status not in _BEING_SEALED:
        return Sealed("unknown", f"whether it is encrypted, as the last change is {config.status}", at)
    return Sealed(
        "key" if config.key_type == "CUSTOMER_MANAGED_CMK" else "service", "what waits in it is encrypted", at
    )


def _search(domain: SearchDomain, keys: Keys) -> Sealed:
    options, at = domain.encryption_at_rest_options, domain.source.at("EncryptionAtRestOptions")
    if options is None:
        return Sealed("unknown", "EncryptionAtRestOptions", domain.source)
    if not options.enabled:
        return Sealed("none", "it is not encrypted", at)
    return keys.seal(domain, options.kms_key_id, "it is encrypted", at)


def _memory(cluster: MemoryDBCluster, keys: Keys) -> Sealed:
    return keys.seal(cluster, cluster.kms_key_id, "MemoryDB's key encrypts it", cluster.source.at("KmsKeyId"))


def _serverless(cache: ServerlessCache, keys: Keys) -> Sealed:
    return keys.seal(cache, cache.kms_key_id, "ElastiCache's key encrypts it", cache.source.at("KmsKeyId"))


def _dax(cluster: DaxCluster, _keys: Keys) -> Sealed:
    described, at = cluster.sse_description, cluster.source.at("SSEDescription")
    if described is None or described.status is None:
        return Sealed("unknown", "SSEDescription", cluster.source)
    if described.status in {"ENABLED", "ENABLING"}:
        return Sealed("service", "DAX's key encrypts it", at)
    return Sealed("none", "it is not encrypted", at)


_OWNED_BY_AWS = "AWS_OWNED_KMS_KEY"


def _workgroup(workgroup: RedshiftWorkgroup, keys: Keys) -> Sealed:
    namespace = workgroup.namespace
    if not isinstance(namespace, RedshiftNamespace):
        said = "Redshift Serverless encrypts it; under whose key was not seen"
        return Sealed("some", said, workgroup.source, "redshift-serverless:ListNamespaces")
    key = None if namespace.kms_key_id == _OWNED_BY_AWS else namespace.kms_key_id
    return keys.seal(workgroup, key, "a key of AWS's encrypts it", namespace.source.at("kmsKeyId"))


def _secret(secret: Secret, keys: Keys) -> Sealed:
    return keys.seal(secret, secret.kms_key_id, "Secrets Manager's key encrypts it", secret.source.at("KmsKeyId"))


def _parameter(parameter: Parameter, keys: Keys) -> Sealed:
    at = parameter.source.at("Type")
    if parameter.type != "SecureString":
        return Sealed("none", f"it is named like a credential, and kept as plain text ({parameter.type})", at)
    return keys.seal(parameter, parameter.key_id, "a key of AWS's encrypts it", parameter.source.at("KeyId"))


SEALS: tuple[tuple[type[Record], Callable[[Any, Keys], Sealed]], ...] = (
    (Bucket, _bucket),
    (CacheCluster, lambda cache, keys: _flag(cache, keys, "at_rest_encryption_enabled", "AtRestEncryptionEnabled")),
    (DaxCluster, _dax),
    (DBCluster, lambda database, keys: _flag(database, keys, "storage_encrypted", "StorageEncrypted")),
    (DBInstance, lambda database, keys: _flag(database, keys, "storage_encrypted", "StorageEncrypted")),
    (DeliveryStream, _delivery),
    (FileSystem, lambda system, keys: _flag(system, keys, "encrypted", "Encrypted")),
    (MemoryDBCluster, _memory),
    (Parameter, _parameter),
    (Queue, _queue),
    (RedshiftCluster, lambda cluster, keys: _flag(cluster, keys, "encrypted", "Encrypted")),
    (RedshiftWorkgroup, _workgroup),
    (ReplicationGroup, lambda cache, keys: _flag(cache, keys, "at_rest_encryption_enabled", "AtRestEncryptionEnabled")),
    (SearchDomain, _search),
    (Secret, _secret),
    (ServerlessCache, _serverless),
    (Stream, _stream),
    (Table, _table),
    (Topic, _topic),
)
"""How a store of each kind is encrypted."""
