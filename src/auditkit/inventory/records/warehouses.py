"""Amazon Redshift: clusters, and workgroups of Redshift Serverless with the namespaces that their data is in."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record
from auditkit.inventory.sourced import Sourced

__all__ = ["RedshiftCluster", "RedshiftNamespace", "RedshiftWorkgroup"]


class ClusterEndpoint(msgspec.Struct, rename="pascal", frozen=True):
    """Address of a cluster."""

    address: str | None = None
    port: int | None = None


class ClusterSecurityGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Security group of a cluster."""

    vpc_security_group_id: str


class ClusterParameterGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Parameter group of a cluster, and whether its parameters are in force."""

    parameter_group_name: str
    parameter_apply_status: str | None = None


class ClusterRole(msgspec.Struct, rename="pascal", frozen=True):
    """Role that a cluster loads and unloads data in."""

    iam_role_arn: str


class RedshiftCluster(Record, kw_only=True, rename="pascal"):
    """A cluster (``redshift.DescribeClusters``)."""

    kind: ClassVar[Kind] = Kind.DATABASE

    cluster_identifier: str
    endpoint: ClusterEndpoint | None = None
    vpc_id: str | None = None
    vpc_security_groups: tuple[ClusterSecurityGroup, ...] = ()
    cluster_parameter_groups: tuple[ClusterParameterGroup, ...] = ()
    publicly_accessible: bool | None = None
    encrypted: bool | None = None
    kms_key_id: str | None = None
    automated_snapshot_retention_period: int | None = None
    allow_version_upgrade: bool | None = None
    iam_roles: tuple[ClusterRole, ...] = ()
    master_password_secret_arn: str | None = None


class WorkgroupEndpoint(msgspec.Struct, rename="camel", frozen=True):
    """Address of a workgroup."""

    address: str | None = None
    port: int | None = None


class ConfigParameter(msgspec.Struct, rename="camel", frozen=True):
    """A parameter of a workgroup (``require_ssl``)."""

    parameter_key: str | None = None
    parameter_value: str | None = None


class RedshiftNamespace(Sourced, kw_only=True, rename="camel", frozen=True):
    """Data of a workgroup (``redshift-serverless.ListNamespaces``); it is always encrypted at rest.

    ``iam_roles`` are ARNs, or text that holds one each: ``"IamRole(applyStatus=in-sync, iamRoleArn=arn:…)"``.
    """

    namespace_name: str
    kms_key_id: str | None = None
    iam_roles: tuple[str, ...] = ()
    admin_password_secret_arn: str | None = None


class RedshiftWorkgroup(Record, kw_only=True, rename="camel"):
    """A workgroup (``redshift-serverless.ListWorkgroups``): the address at which the data of a namespace is reached."""

    kind: ClassVar[Kind] = Kind.DATABASE

    workgroup_arn: str
    workgroup_name: str
    namespace_name: str | None = None
    endpoint: WorkgroupEndpoint | None = None
    security_group_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    publicly_accessible: bool | None = None
    config_parameters: tuple[ConfigParameter, ...] = ()
    # from a call of its own
    namespace: RedshiftNamespace | UnsetType = msgspec.field(default=UNSET, name="__namespace")
