"""Amazon Kinesis and Amazon Data Firehose: sources, transformation and destinations."""

from collections.abc import Iterator
from typing import NamedTuple

from auditkit.graph._build import Builder, Said
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import Source
from auditkit.inventory.records.streams import (
    DeliveryDestination,
    DeliveryStream,
    ExtendedS3Destination,
    HttpDestination,
    ProcessingConfiguration,
    RedshiftDestination,
    S3Destination,
    SearchDestination,
    SearchServerlessDestination,
    SnowflakeDestination,
    SplunkDestination,
    Stream,
)

__all__ = ["connect"]


class _Part(NamedTuple):
    """A destination's description, and where it stands."""

    name: str
    body: object
    source: Source


def connect(build: Builder) -> None:
    """Say what the records of streams and delivery streams say."""
    for stream in build.inventory.of(Stream):
        build.add(stream)
    for delivery in build.inventory.of(DeliveryStream):
        build.add(delivery)
        _source(build, delivery)
        _roles(build, delivery)
        for index, destination in enumerate(delivery.destinations):
            for part in _parts(destination, delivery.source.at("Destinations", index)):
                _destination(build, delivery, part)


def _roles(build: Builder, delivery: DeliveryStream) -> None:
    """Say in which roles a delivery stream reads its source and delivers."""
    for role, source in dict(_acted_in(delivery)).items():
        build.acts_in(delivery.id, role, sources=(source,))


def _acted_in(delivery: DeliveryStream) -> Iterator[tuple[str, Source]]:
    """Yield roles and where they stand; the last place of a role is told."""
    place = delivery.source.at("Source")
    described = delivery.delivery_source
    kinesis = described.kinesis_stream_source_description if described is not None else None
    kafka = described.msk_source_description if described is not None else None
    if kinesis is not None and kinesis.role_arn:
        yield kinesis.role_arn, place.at("KinesisStreamSourceDescription", "RoleARN")
    if kafka is not None and kafka.authentication_configuration is not None:
        signs_in = kafka.authentication_configuration.role_arn
        if signs_in:
            yield signs_in, place.at("MSKSourceDescription", "AuthenticationConfiguration", "RoleARN")
    for index, destination in reversed([*enumerate(delivery.destinations)]):
        for part in _parts(destination, delivery.source.at("Destinations", index)):
            through = getattr(part.body, "s3_destination_description", None)
            backup = getattr(part.body, "s3_backup_description", None)
            for body in (backup, through, part.body):
                role = getattr(body, "role_arn", None)
                if role:
                    yield role, part.source


def _source(build: Builder, delivery: DeliveryStream) -> None:
    described = delivery.delivery_source
    place = delivery.source.at("Source")
    if described is None:
        return
    kinesis, kafka, database = (
        described.kinesis_stream_source_description,
        described.msk_source_description,
        described.database_source_description,
    )
    found = []
    if kinesis is not None:
        found.append((kinesis.kinesis_stream_arn, "kinesis->firehose", "KinesisStreamSourceDescription", ""))
    if kafka is not None:
        found.append((kafka.msk_cluster_arn, "msk->firehose", "MSKSourceDescription", kafka.topic_name or ""))
    for arn, hop, key, label in found:
        said: Said = {"label": label}
        build.triggers(
            build.ref(arn), delivery.id, hop=hop, sources=(place.at(key),), kind=EdgeKind.REPLICATES, cost=0, **said
        )
    if database is not None and database.endpoint:
        said = Said()
        if database.ssl_mode is not None:
            said["encryption"] = (0 if database.ssl_mode == "Enabled" else 1, f"SSLMode is {database.ssl_mode}.")
        build.triggers(
            build.third_party(database.endpoint),
            delivery.id,
            hop="database->firehose",
            sources=(place.at("DatabaseSourceDescription"),),
            kind=EdgeKind.REPLICATES,
            cost=0,
            **said,
        )


def _parts(destination: DeliveryDestination, source: Source) -> Iterator[_Part]:
    """Yield the descriptions of a destination; of a bucket, which is described twice, the fuller one."""
    for name in destination.__struct_fields__:
        body = getattr(destination, name)
        twice = name == "s3_destination_description" and destination.extended_s3_destination_description is not None
        if body is not None and name != "destination_id" and not twice:
            yield _Part(name, body, source)


def _destination(build: Builder, delivery: DeliveryStream, part: _Part) -> None:
    body = part.body
    processing = getattr(body, "processing_configuration", None)
    if isinstance(processing, ProcessingConfiguration) and processing.enabled:
        _transforms(build, delivery, processing, part.source)
    if isinstance(body, S3Destination):
        _bucket(build, delivery, body, part.source, "delivery")
        if isinstance(body, ExtendedS3Destination) and body.s3_backup_description is not None:
            _bucket(build, delivery, body.s3_backup_description, part.source, "backup")
        return
    through = getattr(body, "s3_destination_description", None)
    if through is not None:
        _bucket(build, delivery, through, part.source, _what_for(body))
    if isinstance(body, RedshiftDestination) and body.s3_backup_description is not None:
        _bucket(build, delivery, body.s3_backup_description, part.source, "backup")
    _elsewhere(build, delivery, body, part.source)


def _what_for(body: object) -> str:
    """Return what the bucket beside another destination holds: all records, or those that could not be delivered."""
    if isinstance(body, RedshiftDestination):
        return "way to Redshift"
    mode = getattr(body, "s3_backup_mode", None) or ""
    return "backup" if mode.startswith("All") else "delivery" if not mode else "failed records"


def _bucket(build: Builder, delivery: DeliveryStream, bucket: S3Destination, source: Source, label: str) -> None:
    build.triggers(
        delivery.id,
        build.ref(bucket.bucket_arn),
        hop="firehose->store",
        sources=(source,),
        kind=EdgeKind.REPLICATES,
        cost=0,
        label=label,
    )


def _elsewhere(build: Builder, delivery: DeliveryStream, body: object, source: Source) -> None:
    """Connect a delivery stream with a destination that is not a bucket."""
    match body:
        case SearchDestination() if body.domain_arn:
            target = build.ref(body.domain_arn)
        case SearchDestination() | SearchServerlessDestination() | RedshiftDestination():
            address = (
                body.cluster_endpoint
                if isinstance(body, SearchDestination)
                else body.collection_endpoint
                if isinstance(body, SearchServerlessDestination)
                else body.cluster_jdbc_url
            )
            if not address:
                return
            target = build.third_party(_host(address))
        case HttpDestination() | SplunkDestination() | SnowflakeDestination():
            _third_party(build, delivery, body, source)
            return
        case _:
            return
    build.triggers(
        delivery.id,
        target,
        hop="firehose->store",
        sources=(source,),
        kind=EdgeKind.REPLICATES,
        cost=0,
        label="delivery",
    )


def _third_party(
    build: Builder,
    delivery: DeliveryStream,
    body: HttpDestination | SplunkDestination | SnowflakeDestination,
    source: Source,
) -> None:
    if isinstance(body, HttpDestination):
        address = body.endpoint_configuration.url if body.endpoint_configuration else ""
    else:
        address = (body.hec_endpoint if isinstance(body, SplunkDestination) else body.account_url) or ""
    if not _host(address):
        return
    said: Said = {"label": "delivery"}
    if address.startswith("http://"):
        said["encryption"] = (1, "The address of the destination is plain HTTP.")
    secret = body.secrets_manager_configuration
    if secret is not None and secret.enabled:
        said["authentication"] = (0.5, "The access key is kept in a secret.")
    build.flow(
        delivery.id,
        build.third_party(_host(address)),
        kind=EdgeKind.DELIVERS,
        hop="firehose->http-endpoint",
        sources=(source,),
        **said,
    )


def _host(address: str) -> str:
    return address.rpartition("://")[2]


def _transforms(build: Builder, delivery: DeliveryStream, processing: ProcessingConfiguration, source: Source) -> None:
    """Connect a delivery stream with the function that transforms its records and gives them back."""
    for step in processing.processors:
        if not step.lambda_arn:
            continue
        function = build.reference(step.lambda_arn)
        qualifier = "" if function.qualifier == "$LATEST" else function.qualifier
        build.triggers(
            delivery.id,
            function.id,
            hop="firehose->lambda",
            sources=(source,),
            label="transformation",
            qualifier=qualifier,
        )
        build.flow(
            function.id,
            delivery.id,
            kind=EdgeKind.RETURNS,
            hop="firehose->lambda",
            sources=(source,),
            label="transformed records",
            validation=(0, "Firehose takes the records as they are."),
        )
