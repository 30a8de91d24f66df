"""Amazon OpenSearch Service: domains."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record

__all__ = ["SearchDomain"]


class DomainEndpointOptions(msgspec.Struct, rename="pascal", frozen=True):
    """How a domain may be reached."""

    enforce_https: bool | None = msgspec.field(default=None, name="EnforceHTTPS")
    tls_security_policy: str | None = msgspec.field(default=None, name="TLSSecurityPolicy")
    custom_endpoint_enabled: bool | None = None
    custom_endpoint: str | None = None


class DomainVpcOptions(msgspec.Struct, rename="pascal", frozen=True):
    """VPC that a domain lies in."""

    vpc_id: str | None = msgspec.field(default=None, name="VPCId")
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()


class EncryptionAtRest(msgspec.Struct, rename="pascal", frozen=True):
    """Encryption at rest of a domain."""

    enabled: bool = False
    kms_key_id: str | None = None


class NodeToNodeEncryption(msgspec.Struct, rename="pascal", frozen=True):
    """Encryption between the nodes of a domain."""

    enabled: bool = False


class AdvancedSecurity(msgspec.Struct, rename="pascal", frozen=True):
    """Fine-grained access control of a domain."""

    enabled: bool = False
    internal_user_database_enabled: bool | None = None
    anonymous_auth_enabled: bool | None = None


class SearchDomain(Record, kw_only=True, rename="pascal"):
    """A search domain (``opensearch.DescribeDomain``)."""

    kind: ClassVar[Kind] = Kind.SEARCH_DOMAIN

    domain_name: str
    arn: str = msgspec.field(name="ARN")
    engine_version: str | None = None
    endpoint: str | None = None
    endpoints: dict[str, str] = msgspec.field(default_factory=dict)
    vpc_options: DomainVpcOptions | None = msgspec.field(default=None, name="VPCOptions")
    encryption_at_rest_options: EncryptionAtRest | None = None
    node_to_node_encryption_options: NodeToNodeEncryption | None = None
    domain_endpoint_options: DomainEndpointOptions | None = None
    advanced_security_options: AdvancedSecurity | None = None
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")
