"""Amazon Kinesis and Amazon Data Firehose: streams and delivery streams."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import force_setattr

from auditkit.inventory.kinds import Kind
from auditkit.inventory.origins import origin
from auditkit.inventory.record import PolicyText, Record

__all__ = [
    "DeliveryDestination",
    "DeliverySource",
    "DeliveryStream",
    "ExtendedS3Destination",
    "HttpDestination",
    "HttpEndpoint",
    "IcebergDestination",
    "ProcessingConfiguration",
    "Processor",
    "RedshiftDestination",
    "S3Destination",
    "SearchDestination",
    "SearchServerlessDestination",
    "SnowflakeDestination",
    "SplunkDestination",
    "Stream",
    "StreamConsumer",
]


def _keep_origin(struct: msgspec.Struct, name: str) -> None:
    address = getattr(struct, name)
    if address:
        force_setattr(struct, name, origin(address))


class StreamMode(msgspec.Struct, rename="pascal", frozen=True):
    """Capacity mode of a stream."""

    stream_mode: str


class StreamConsumer(msgspec.Struct, rename="pascal", frozen=True):
    """Consumer with enhanced fan-out (``kinesis.ListStreamConsumers``)."""

    consumer_name: str
    consumer_arn: str = msgspec.field(name="ConsumerARN")
    consumer_status: str | None = None


class Stream(Record, kw_only=True, rename="pascal"):
    """A Kinesis data stream (``kinesis.DescribeStreamSummary`` and the calls per stream)."""

    kind: ClassVar[Kind] = Kind.STREAM

    stream_name: str
    stream_arn: str = msgspec.field(name="StreamARN")
    stream_status: str | None = None
    stream_mode_details: StreamMode | None = None
    retention_period_hours: int | None = None
    encryption_type: str | None = None
    key_id: str | None = None
    open_shard_count: int | None = None
    consumer_count: int | None = None
    # from calls of their own
    consumers: tuple[StreamConsumer, ...] | UnsetType | None = msgspec.field(default=UNSET, name="__consumers")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")

    @property
    def described(self) -> bool:
        """Whether more than the name was seen."""
        return self.stream_status is not None


class DeliveryEncryption(msgspec.Struct, rename="pascal", frozen=True):
    """Encryption at rest of a delivery stream."""

    status: str | None = None
    key_type: str | None = None
    key_arn: str | None = msgspec.field(default=None, name="KeyARN")


class KinesisSource(msgspec.Struct, rename="pascal", frozen=True):
    """Kinesis stream that a delivery stream reads."""

    kinesis_stream_arn: str = msgspec.field(name="KinesisStreamARN")
    role_arn: str | None = msgspec.field(default=None, name="RoleARN")


class MSKAuthentication(msgspec.Struct, rename="pascal", frozen=True):
    """How a delivery stream signs in to a Kafka cluster."""

    role_arn: str | None = msgspec.field(default=None, name="RoleARN")
    connectivity: str | None = None


class MSKSource(msgspec.Struct, rename="pascal", frozen=True):
    """Kafka cluster that a delivery stream reads."""

    msk_cluster_arn: str = msgspec.field(name="MSKClusterARN")
    topic_name: str | None = None
    authentication_configuration: MSKAuthentication | None = None


class DatabaseSource(msgspec.Struct, rename="pascal", frozen=True):
    """Database that a delivery stream reads."""

    type: str | None = None
    endpoint: str | None = None
    port: int | None = None
    ssl_mode: str | None = msgspec.field(default=None, name="SSLMode")

    def __post_init__(self) -> None:
        """Keep the host alone."""
        _keep_origin(self, "endpoint")


class DeliverySource(msgspec.Struct, rename="pascal", frozen=True):
    """Source of a delivery stream; a stream that is put to directly has none of these."""

    kinesis_stream_source_description: KinesisSource | None = None
    msk_source_description: MSKSource | None = msgspec.field(default=None, name="MSKSourceDescription")
    database_source_description: DatabaseSource | None = None


class ProcessorParameter(msgspec.Struct, rename="pascal", frozen=True):
    """One parameter of a processor."""

    parameter_name: str
    parameter_value: str = ""


class Processor(msgspec.Struct, rename="pascal", frozen=True):
    """One step of the processing of records; of type ``"Lambda"`` it calls a function."""

    type: str
    parameters: tuple[ProcessorParameter, ...] = ()

    @property
    def lambda_arn(self) -> str:
        """ARN of the function of a ``"Lambda"`` processor, else ``""``."""
        named = (item.parameter_value for item in self.parameters if item.parameter_name == "LambdaArn")
        return next(named, "") if self.type == "Lambda" else ""


class ProcessingConfiguration(msgspec.Struct, rename="pascal", frozen=True):
    """Processing of records before their delivery."""

    enabled: bool = False
    processors: tuple[Processor, ...] = ()


class SecretsManagerConfiguration(msgspec.Struct, rename="pascal", frozen=True):
    """Secret that holds the password of the destination."""

    enabled: bool = False
    secret_arn: str | None = msgspec.field(default=None, name="SecretARN")


class HttpEndpoint(msgspec.Struct, rename="pascal", frozen=True):
    """Web address of a destination: its scheme and host; its access key is not kept."""

    url: str
    name: str | None = None

    def __post_init__(self) -> None:
        """Keep scheme, host and port alone."""
        _keep_origin(self, "url")


class KMSEncryption(msgspec.Struct, rename="pascal", frozen=True):
    """Key that delivered objects are encrypted with."""

    aws_kms_key_arn: str = msgspec.field(name="AWSKMSKeyARN")


class ObjectEncryption(msgspec.Struct, rename="pascal", frozen=True):
    """Encryption of delivered objects."""

    kms_encryption_config: KMSEncryption | None = msgspec.field(default=None, name="KMSEncryptionConfig")


class DeliveryLogging(msgspec.Struct, rename="pascal", frozen=True):
    """Log group that receives the errors of a delivery."""

    enabled: bool = False
    log_group_name: str | None = None


class VpcConfigurationDescription(msgspec.Struct, rename="pascal", frozen=True):
    """VPC through which records are delivered."""

    vpc_id: str | None = None
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()


class CatalogConfiguration(msgspec.Struct, rename="pascal", frozen=True):
    """Data catalog of an Iceberg destination."""

    catalog_arn: str | None = msgspec.field(default=None, name="CatalogARN")
    warehouse_location: str | None = None


class S3Destination(msgspec.Struct, rename="pascal", frozen=True, kw_only=True):
    """Bucket that records are delivered to, or backed up in."""

    bucket_arn: str = msgspec.field(name="BucketARN")
    role_arn: str | None = msgspec.field(default=None, name="RoleARN")
    prefix: str | None = None
    error_output_prefix: str | None = None
    encryption_configuration: ObjectEncryption | None = None
    cloud_watch_logging_options: DeliveryLogging | None = None


class ExtendedS3Destination(S3Destination, rename="pascal", frozen=True, kw_only=True):
    """Bucket that processed records are delivered to, with a backup of those that came in."""

    processing_configuration: ProcessingConfiguration | None = None
    s3_backup_mode: str | None = msgspec.field(default=None, name="S3BackupMode")
    s3_backup_description: S3Destination | None = msgspec.field(default=None, name="S3BackupDescription")


class _Destination(msgspec.Struct, rename="pascal", frozen=True, kw_only=True):
    """What all destinations but buckets have; ``s3_destination_description`` is the way through or the backup."""

    processing_configuration: ProcessingConfiguration | None = None
    cloud_watch_logging_options: DeliveryLogging | None = None
    s3_backup_mode: str | None = msgspec.field(default=None, name="S3BackupMode")
    s3_destination_description: S3Destination | None = msgspec.field(default=None, name="S3DestinationDescription")


class RedshiftDestination(_Destination, rename="pascal", frozen=True, kw_only=True):
    """Redshift cluster, loaded through a bucket; the user name is not kept."""

    role_arn: str | None = msgspec.field(default=None, name="RoleARN")
    cluster_jdbc_url: str | None = msgspec.field(default=None, name="ClusterJDBCURL")
    s3_backup_description: S3Destination | None = msgspec.field(default=None, name="S3BackupDescription")
    secrets_manager_configuration: SecretsManagerConfiguration | None = None

    def __post_init__(self) -> None:
        """Keep of the address scheme, host and port alone."""
        _keep_origin(self, "cluster_jdbc_url")


class SearchDestination(_Destination, rename="pascal", frozen=True, kw_only=True):
    """Search domain of OpenSearch Service or of its predecessor."""

    role_arn: str | None = msgspec.field(default=None, name="RoleARN")
    domain_arn: str | None = msgspec.field(default=None, name="DomainARN")
    cluster_endpoint: str | None = None
    vpc_configuration_description: VpcConfigurationDescription | None = None

    def __post_init__(self) -> None:
        """Keep of the address scheme, host and port alone."""
        _keep_origin(self, "cluster_endpoint")


class SearchServerlessDestination(_Destination, rename="pascal", frozen=True, kw_only=True):
    """Collection of OpenSearch Serverless."""

    role_arn: str | None = msgspec.field(default=None, name="RoleARN")
    collection_endpoint: str | None = None
    vpc_configuration_description: VpcConfigurationDescription | None = None

    def __post_init__(self) -> None:
        """Keep of the address scheme, host and port alone."""
        _keep_origin(self, "collection_endpoint")


class SplunkDestination(_Destination, rename="pascal", frozen=True, kw_only=True):
    """Splunk; its token is not kept."""

    hec_endpoint: str | None = msgspec.field(default=None, name="HECEndpoint")
    secrets_manager_configuration: SecretsManagerConfiguration | None = None

    def __post_init__(self) -> None:
        """Keep of the address scheme, host and port alone."""
        _keep_origin(self, "hec_endpoint")


class HttpDestination(_Destination, rename="pascal", frozen=True, kw_only=True):
    """Any other web address; its common attributes are not kept, they may be credentials."""

    role_arn: str | None = msgspec.field(default=None, name="RoleARN")
    endpoint_configuration: HttpEndpoint | None = None
    secrets_manager_configuration: SecretsManagerConfiguration | None = None


class SnowflakeDestination(_Destination, rename="pascal", frozen=True, kw_only=True):
    """Snowflake; the user name is not kept."""

    role_arn: str | None = msgspec.field(default=None, name="RoleARN")
    account_url: str | None = None
    secrets_manager_configuration: SecretsManagerConfiguration | None = None

    def __post_init__(self) -> None:
        """Keep of the address scheme, host and port alone."""
        _keep_origin(self, "account_url")


class IcebergDestination(_Destination, rename="pascal", frozen=True, kw_only=True):
    """Tables of Apache Iceberg, whose files lie in a bucket."""

    role_arn: str | None = msgspec.field(default=None, name="RoleARN")
    catalog_configuration: CatalogConfiguration | None = None


class DeliveryDestination(msgspec.Struct, rename="pascal", frozen=True):
    """Destination of a delivery stream.

    A bucket is described twice, as ``s3_destination_description`` and as ``extended_s3_destination_description``.
    """

    destination_id: str | None = None
    s3_destination_description: S3Destination | None = msgspec.field(default=None, name="S3DestinationDescription")
    extended_s3_destination_description: ExtendedS3Destination | None = msgspec.field(
        default=None, name="ExtendedS3DestinationDescription"
    )
    redshift_destination_description: RedshiftDestination | None = None
    elasticsearch_destination_description: SearchDestination | None = None
    amazonopensearchservice_destination_description: SearchDestination | None = None
    amazon_open_search_serverless_destination_description: SearchServerlessDestination | None = None
    splunk_destination_description: SplunkDestination | None = None
    http_endpoint_destination_description: HttpDestination | None = None
    snowflake_destination_description: SnowflakeDestination | None = None
    iceberg_destination_description: IcebergDestination | None = None


class DeliveryStream(Record, kw_only=True, rename="pascal"):
    """A delivery stream (``firehose.DescribeDeliveryStream``)."""

    kind: ClassVar[Kind] = Kind.DELIVERY_STREAM

    delivery_stream_name: str
    delivery_stream_arn: str = msgspec.field(name="DeliveryStreamARN")
    delivery_stream_status: str | None = None
    delivery_stream_type: str | None = None
    delivery_stream_encryption_configuration: DeliveryEncryption | None = None
    delivery_source: DeliverySource | None = msgspec.field(default=None, name="Source")
    destinations: tuple[DeliveryDestination, ...] = ()

    @property
    def described(self) -> bool:
        """Whether more than the name was seen."""
        return self.delivery_stream_status is not None
