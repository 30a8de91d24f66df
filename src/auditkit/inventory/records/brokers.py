"""Amazon MSK and Amazon MQ: Kafka clusters and brokers."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.origins import origin
from auditkit.inventory.record import PolicyText, Record

__all__ = ["Broker", "ClientAuthentication", "EncryptionInfo", "KafkaCluster", "KafkaProvisioned", "KafkaServerless"]


class Switch(msgspec.Struct, rename="pascal", frozen=True):
    """Something that is on or off."""

    enabled: bool = False


class Sasl(msgspec.Struct, rename="pascal", frozen=True):
    """Sign-in by SCRAM or by IAM."""

    scram: Switch | None = None
    iam: Switch | None = None


class ClientAuthentication(msgspec.Struct, rename="pascal", frozen=True):
    """How clients sign in to a Kafka cluster."""

    sasl: Sasl | None = None
    tls: Switch | None = None
    unauthenticated: Switch | None = None


class EncryptionInTransit(msgspec.Struct, rename="pascal", frozen=True):
    """Encryption between clients and brokers (``TLS``, ``TLS_PLAINTEXT``, ``PLAINTEXT``), and between brokers."""

    client_broker: str | None = None
    in_cluster: bool | None = None


class EncryptionAtRest(msgspec.Struct, rename="pascal", frozen=True):
    """Key of the brokers' volumes."""

    data_volume_kms_key_id: str | None = msgspec.field(default=None, name="DataVolumeKMSKeyId")


class EncryptionInfo(msgspec.Struct, rename="pascal", frozen=True):
    """Encryption of a Kafka cluster."""

    encryption_at_rest: EncryptionAtRest | None = None
    encryption_in_transit: EncryptionInTransit | None = None


class PublicAccess(msgspec.Struct, rename="pascal", frozen=True):
    """``"DISABLED"`` or ``"SERVICE_PROVIDED_EIPS"``."""

    type: str | None = None


class ConnectivityInfo(msgspec.Struct, rename="pascal", frozen=True):
    """From where brokers can be reached."""

    public_access: PublicAccess | None = None


class BrokerNodeGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Subnets and security groups of the brokers."""

    client_subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    connectivity_info: ConnectivityInfo | None = None


class KafkaProvisioned(msgspec.Struct, rename="pascal", frozen=True):
    """A cluster of brokers of one's own."""

    broker_node_group_info: BrokerNodeGroup | None = None
    client_authentication: ClientAuthentication | None = None
    encryption_info: EncryptionInfo | None = None


class KafkaVpcConfig(msgspec.Struct, rename="pascal", frozen=True):
    """VPC attachment of a serverless cluster."""

    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()


class ServerlessSasl(msgspec.Struct, rename="pascal", frozen=True):
    """Sign-in by IAM."""

    iam: Switch | None = None


class ServerlessClientAuthentication(msgspec.Struct, rename="pascal", frozen=True):
    """How clients sign in to a serverless cluster."""

    sasl: ServerlessSasl | None = None


class KafkaServerless(msgspec.Struct, rename="pascal", frozen=True):
    """A serverless cluster; it speaks TLS only."""

    vpc_configs: tuple[KafkaVpcConfig, ...] = ()
    client_authentication: ServerlessClientAuthentication | None = None


class KafkaCluster(Record, kw_only=True, rename="pascal"):
    """A Kafka cluster (``kafka.ListClustersV2``, ``kafka.GetClusterPolicy``)."""

    kind: ClassVar[Kind] = Kind.KAFKA_CLUSTER

    cluster_arn: str
    cluster_name: str
    cluster_type: str | None = None
    state: str | None = None
    provisioned: KafkaProvisioned | None = None
    serverless: KafkaServerless | None = None
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class BrokerInstance(msgspec.Struct, rename="pascal", frozen=True):
    """Instance of a broker."""

    endpoints: tuple[str, ...] = ()


class BrokerEncryption(msgspec.Struct, rename="pascal", frozen=True):
    """Encryption at rest of a broker."""

    use_aws_owned_key: bool | None = None
    kms_key_id: str | None = None


class BrokerLogs(msgspec.Struct, rename="pascal", frozen=True):
    """Logs of a broker."""

    audit: bool | None = None
    general: bool | None = None


class Broker(Record, kw_only=True, rename="pascal"):
    """A broker (``mq.ListBrokers``, ``mq.DescribeBroker``)."""

    kind: ClassVar[Kind] = Kind.BROKER

    broker_id: str
    broker_arn: str
    broker_name: str | None = None
    engine_type: str | None = None
    deployment_mode: str | None = None
    # from DescribeBroker alone
    engine_version: str | None = None
    publicly_accessible: bool | UnsetType | None = UNSET
    authentication_strategy: str | None = None
    auto_minor_version_upgrade: bool | UnsetType | None = UNSET
    broker_instances: tuple[BrokerInstance, ...] = ()
    security_groups: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    encryption_options: BrokerEncryption | None = None
    logs: BrokerLogs | None = None

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Scheme, host and port of every endpoint."""
        return tuple(origin(url) for instance in self.broker_instances for url in instance.endpoints)
