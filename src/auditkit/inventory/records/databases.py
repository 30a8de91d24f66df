"""Amazon RDS: instances, clusters (of Aurora, Neptune and DocumentDB too), proxies and parameter groups."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record
from auditkit.inventory.sourced import Sourced

__all__ = [
    "TLS_PARAMETERS",
    "DBCluster",
    "DBClusterMember",
    "DBInstance",
    "DBParameter",
    "DBParameterGroup",
    "DBProxy",
    "DBProxyAuth",
    "DBProxyTarget",
    "DBSnapshot",
    "DBSubnetGroup",
    "VpcSecurityGroup",
]

TLS_PARAMETERS = frozenset({"rds.force_ssl", "require_secure_transport", "tls", "neptune_enforce_ssl", "require_ssl"})
"""Engine parameters that decide whether a client must use TLS; the only ones that are kept."""


class DBEndpoint(msgspec.Struct, rename="pascal", frozen=True):
    """Address of an instance."""

    address: str | None = None
    port: int | None = None


class VpcSecurityGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Security group of an instance or a cluster."""

    vpc_security_group_id: str


class DBParameterGroupStatus(msgspec.Struct, rename="pascal", frozen=True):
    """Parameter group of an instance, and whether its parameters are in force."""

    db_parameter_group_name: str = msgspec.field(name="DBParameterGroupName")
    parameter_apply_status: str | None = None


class DBSubnet(msgspec.Struct, rename="pascal", frozen=True):
    """Subnet of a subnet group."""

    subnet_identifier: str


class DBSubnetGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Subnets of an instance."""

    vpc_id: str | None = None
    subnets: tuple[DBSubnet, ...] = ()


class MasterUserSecret(msgspec.Struct, rename="pascal", frozen=True):
    """Secret of the master user that RDS manages."""

    secret_arn: str | None = None
    kms_key_id: str | None = None


class DBInstance(Record, kw_only=True, rename="pascal"):
    """A database instance (``rds.DescribeDBInstances``)."""

    kind: ClassVar[Kind] = Kind.DATABASE

    db_instance_identifier: str = msgspec.field(name="DBInstanceIdentifier")
    db_instance_arn: str = msgspec.field(name="DBInstanceArn")
    engine: str
    engine_version: str | None = None
    db_cluster_identifier: str | None = msgspec.field(default=None, name="DBClusterIdentifier")
    endpoint: DBEndpoint | None = None
    db_subnet_group: DBSubnetGroup | None = msgspec.field(default=None, name="DBSubnetGroup")
    vpc_security_groups: tuple[VpcSecurityGroup, ...] = ()
    db_parameter_groups: tuple[DBParameterGroupStatus, ...] = msgspec.field(default=(), name="DBParameterGroups")
    publicly_accessible: bool | None = None
    storage_encrypted: bool | None = None
    kms_key_id: str | None = None
    iam_database_authentication_enabled: bool | None = msgspec.field(
        default=None, name="IAMDatabaseAuthenticationEnabled"
    )
    auto_minor_version_upgrade: bool | None = None
    backup_retention_period: int | None = None
    deletion_protection: bool | UnsetType | None = None
    multi_az: bool | None = msgspec.field(default=None, name="MultiAZ")
    master_user_secret: MasterUserSecret | None = None
    read_replica_source_db_instance_identifier: str | None = msgspec.field(
        default=None, name="ReadReplicaSourceDBInstanceIdentifier"
    )
    activity_stream_kinesis_stream_name: str | None = None


class DBClusterMember(msgspec.Struct, rename="pascal", frozen=True):
    """Instance of a cluster, and whether it runs with the parameters of the cluster's group."""

    db_instance_identifier: str = msgspec.field(name="DBInstanceIdentifier")
    is_cluster_writer: bool | None = None
    db_cluster_parameter_group_status: str | None = msgspec.field(default=None, name="DBClusterParameterGroupStatus")


class DBCluster(Record, kw_only=True, rename="pascal"):
    """A database cluster (``rds.DescribeDBClusters``)."""

    kind: ClassVar[Kind] = Kind.DATABASE

    db_cluster_identifier: str = msgspec.field(name="DBClusterIdentifier")
    db_cluster_arn: str = msgspec.field(name="DBClusterArn")
    engine: str
    engine_version: str | None = None
    endpoint: str | None = None
    reader_endpoint: str | None = None
    port: int | None = None
    db_cluster_parameter_group: str | None = msgspec.field(default=None, name="DBClusterParameterGroup")
    db_subnet_group: str | None = msgspec.field(default=None, name="DBSubnetGroup")
    db_cluster_members: tuple[DBClusterMember, ...] = msgspec.field(default=(), name="DBClusterMembers")
    vpc_security_groups: tuple[VpcSecurityGroup, ...] = ()
    publicly_accessible: bool | None = None
    storage_encrypted: bool | None = None
    kms_key_id: str | None = None
    iam_database_authentication_enabled: bool | None = msgspec.field(
        default=None, name="IAMDatabaseAuthenticationEnabled"
    )
    http_endpoint_enabled: bool | None = None
    auto_minor_version_upgrade: bool | None = None
    backup_retention_period: int | None = None
    deletion_protection: bool | UnsetType | None = None
    master_user_secret: MasterUserSecret | None = None
    replication_source_identifier: str | None = None
    activity_stream_kinesis_stream_name: str | None = None


class DBProxyAuth(msgspec.Struct, rename="pascal", frozen=True):
    """How clients sign in to a proxy, and with which secret the proxy signs in to the database."""

    auth_scheme: str | None = None
    secret_arn: str | None = None
    iam_auth: str | None = msgspec.field(default=None, name="IAMAuth")


class DBProxyTarget(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Instance or cluster behind a proxy (``rds.DescribeDBProxyTargets``)."""

    type: str | None = None
    target_arn: str | None = None
    tracked_cluster_id: str | None = None
    rds_resource_id: str | None = None


class DBProxy(Record, kw_only=True, rename="pascal"):
    """A database proxy (``rds.DescribeDBProxies``, ``rds.DescribeDBProxyTargets``)."""

    kind: ClassVar[Kind] = Kind.DATABASE_PROXY

    db_proxy_name: str = msgspec.field(name="DBProxyName")
    db_proxy_arn: str = msgspec.field(name="DBProxyArn")
    engine_family: str | None = None
    vpc_id: str | None = None
    vpc_security_group_ids: tuple[str, ...] = ()
    vpc_subnet_ids: tuple[str, ...] = ()
    default_auth_scheme: str | None = None
    auth: tuple[DBProxyAuth, ...] = ()
    role_arn: str | None = None
    endpoint: str | None = None
    require_tls: bool | None = msgspec.field(default=None, name="RequireTLS")
    debug_logging: bool | None = None
    targets: tuple[DBProxyTarget, ...] | UnsetType | None = msgspec.field(default=UNSET, name="__targets")


class SnapshotAttribute(msgspec.Struct, rename="pascal", frozen=True):
    """An attribute of a snapshot; of ``restore`` the values are accounts, or ``all``."""

    attribute_name: str | None = None
    attribute_values: tuple[str, ...] = ()


class DBSnapshot(Record, kw_only=True, rename="pascal"):
    """A snapshot of an instance or of a cluster (``rds.DescribeDBSnapshots``, ``rds.DescribeDBClusterSnapshots``).

    Attributes
    ----------
    encrypted, storage_encrypted
        The one of snapshots of instances, the other of those of clusters.
    attributes
        Who else may restore it (``rds.DescribeDBSnapshotAttributes``, ``rds.DescribeDBClusterSnapshotAttributes``).
    """

    kind: ClassVar[Kind] = Kind.DATABASE_SNAPSHOT

    snapshot_type: str | None = None
    encrypted: bool | None = None
    storage_encrypted: bool | None = None
    db_instance_identifier: str | None = msgspec.field(default=None, name="DBInstanceIdentifier")
    db_cluster_identifier: str | None = msgspec.field(default=None, name="DBClusterIdentifier")
    attributes: tuple[SnapshotAttribute, ...] | UnsetType = msgspec.field(default=UNSET, name="__attributes")

    @property
    def of_cluster(self) -> bool:
        """Whether it is one of a cluster."""
        return ":cluster-snapshot:" in self.id

    @property
    def is_encrypted(self) -> bool | None:
        """Whether it is encrypted; ``None`` where that was not exported."""
        return self.storage_encrypted if self.of_cluster else self.encrypted

    @property
    def restored_by(self) -> frozenset[str] | None:
        """Accounts that may restore it beside its own, ``all`` for every one; ``None`` where that was not seen."""
        if isinstance(self.attributes, UnsetType):
            return None
        return frozenset(
            value for one in self.attributes if one.attribute_name == "restore" for value in one.attribute_values
        )


class DBParameter(msgspec.Struct, rename="pascal", frozen=True):
    """One engine parameter; ``parameter_value`` is absent where the engine's own default applies."""

    parameter_name: str
    parameter_value: str | None = None
    source: str | None = None
    apply_method: str | None = None


class DBParameterGroup(Record, kw_only=True, rename="pascal"):
    """Parameters of a group that are in :data:`TLS_PARAMETERS`.

    (``rds.DescribeDBParameters``, ``rds.DescribeDBClusterParameters``.) ``complete`` is False where a page was missing:
    what is not in ``parameters`` may still be set.
    """

    kind: ClassVar[Kind] = Kind.PARAMETER_GROUP

    parameters: tuple[DBParameter, ...] = ()
    complete: bool = msgspec.field(default=True, name="__complete")
