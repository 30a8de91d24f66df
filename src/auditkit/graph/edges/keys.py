"""AWS KMS, AWS Secrets Manager, Parameter Store: what keys encrypt, what secrets open, rotation and replicas."""

import math
from collections.abc import Iterator

from auditkit.graph._build import Builder
from auditkit.graph.edges._deliveries import deliver
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.brokers import Broker, KafkaCluster
from auditkit.inventory.records.buckets import Bucket, BucketEncryption
from auditkit.inventory.records.caches import MemoryDBCluster, ReplicationGroup, ServerlessCache
from auditkit.inventory.records.databases import DBCluster, DBInstance
from auditkit.inventory.records.filesystems import FileSystem
from auditkit.inventory.records.keys import Key, KeyMetadata, Parameter, Secret
from auditkit.inventory.records.logs import LogGroup
from auditkit.inventory.records.messaging import Queue, Topic
from auditkit.inventory.records.registries import Repository
from auditkit.inventory.records.search import SearchDomain
from auditkit.inventory.records.streams import DeliveryStream, Stream
from auditkit.inventory.records.tables import Table
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftWorkgroup
from auditkit.inventory.sourced import Sourced

__all__ = ["connect"]

_SERVICE = "secretsmanager.amazonaws.com"


def connect(build: Builder) -> None:
    """Say what the records of keys, secrets and parameters say."""
    for key in build.inventory.of(Key):
        build.add(key, label=_label(key))
        for alias in () if isinstance(key.aliases, UnsetType | None) else key.aliases:
            build.alias(arn_of("kms", alias, account=key.account, region=key.region), key.id)
    for secret in build.inventory.of(Secret):
        build.add(secret)
        _rotation(build, secret)
        _replica(build, secret)
    for parameter in build.inventory.of(Parameter):
        build.add(parameter)
    for record in build.inventory:
        for text, source in _keys_of(record):
            _encrypts(build, text, record, source)


def _label(key: Key) -> str:
    aliases = () if isinstance(key.aliases, UnsetType | None) else key.aliases
    return aliases[0].removeprefix("alias/") if aliases else key.key_id


# ------------------------------------------------------------------ secrets


def _rotation(build: Builder, secret: Secret) -> None:
    """Connect a secret with the function that rotates it: the service runs it, and it reads and writes the secret."""
    if not secret.rotation_lambda_arn:
        return
    source = secret.source.at("RotationLambdaARN")
    deliver(
        build,
        secret.id,
        secret.rotation_lambda_arn,
        hop="secretsmanager->lambda",
        sources=(source,),
        service=_SERVICE,
        account=secret.account,
        label="rotation",
        enabled=secret.rotation_enabled,
    )
    function = build.ref(secret.rotation_lambda_arn)
    for origin, target, kind in (
        (secret.id, function, EdgeKind.READS),
        (function, secret.id, EdgeKind.WRITES),
    ):
        build.flow(
            origin,
            target,
            kind=kind,
            hop="function->secretsmanager",
            sources=(source,),
            label="rotation",
            enabled=secret.rotation_enabled,
        )


def _replica(build: Builder, secret: Secret) -> None:
    """Connect a replica with the secret in its primary region, whose ARN differs by the region alone."""
    if not secret.primary_region or secret.primary_region == secret.region:
        return
    primary = secret.id.replace(f":{secret.region}:", f":{secret.primary_region}:", 1)
    build.triggers(
        build.ref(primary),
        secret.id,
        hop="secret->replica",
        sources=(secret.source.at("PrimaryRegion"),),
        kind=EdgeKind.REPLICATES,
        cost=0,
        label="replica",
    )


# ------------------------------------------------------------------ keys

_FIELDS: dict[type[Record], str] = {
    Broker: "encryption_options.kms_key_id",
    DBCluster: "kms_key_id",
    DBInstance: "kms_key_id",
    DeliveryStream: "delivery_stream_encryption_configuration.key_arn",
    FileSystem: "kms_key_id",
    KafkaCluster: "provisioned.encryption_info.encryption_at_rest.data_volume_kms_key_id",
    LogGroup: "kms_key_id",
    MemoryDBCluster: "kms_key_id",
    Parameter: "key_id",
    Queue: "attributes.kms_master_key_id",
    RedshiftCluster: "kms_key_id",
    RedshiftWorkgroup: "namespace.kms_key_id",
    ReplicationGroup: "kms_key_id",
    Repository: "encryption_configuration.kms_key",
    SearchDomain: "encryption_at_rest_options.kms_key_id",
    Secret: "kms_key_id",
    ServerlessCache: "kms_key_id",
    Stream: "key_id",
    Table: "sse_description.kms_master_key_arn",
    Topic: "attributes.kms_master_key_id",
}
"""Where a record names the key it is encrypted with."""


def _encrypts(build: Builder, text: str, record: Record, source: Source) -> None:
    """Connect a key of the customer's with a store that it encrypts.

    The edge costs more than any path can pay: who may use the key gets no data with it alone, the permission on the
    store is needed as well. That pair is asked for where permissions are worked out.
    """
    if "alias/aws/" in text:
        return
    if text.startswith("arn:"):
        arn = text
    else:
        resource = text if "/" in text else f"key/{text}"
        arn = arn_of("kms", resource, account=record.account, region=record.region)
    key = build.inventory.get(arn)
    if isinstance(key, Key) and isinstance(key.metadata, KeyMetadata) and key.metadata.key_manager == "AWS":
        return
    build.edge(
        build.ref(arn),
        record.id,
        Edge(
            kind=EdgeKind.OPENS,
            view=View.TRUST,
            evidence=Evidence.CONFIGURED,
            sources=(source,),
            label="encrypts",
            cost=math.inf,
            detail="needs the permission on the store as well",
        ),
    )


def _keys_of(record: Record) -> Iterator[tuple[str, Source]]:
    """Yield the keys that a store is encrypted with, as its settings name them: id, alias or ARN; and where."""
    path = _FIELDS.get(type(record))
    if isinstance(record, Bucket):
        rules = record.encryption.rules if isinstance(record.encryption, BucketEncryption) else ()
        for rule in rules:
            default = rule.apply_server_side_encryption_by_default
            if default is not None and default.kms_master_key_id and isinstance(record.encryption, BucketEncryption):
                yield default.kms_master_key_id, record.encryption.source
    elif path is not None:
        value: object = record
        source = record.source
        for step in path.split("."):
            value = getattr(value, step, None)
            source = value.source if isinstance(value, Sourced) else source
        if isinstance(value, str) and value:
            yield value, source
