"""Amazon CloudFront: distributions with their origins and cache behaviours, and origin access controls.

Values of the headers that CloudFront adds to origin requests are not kept: they are shared secrets.
"""

from typing import ClassVar, Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = [
    "CacheBehavior",
    "DefaultCacheBehavior",
    "Distribution",
    "DistributionLogging",
    "EdgeFunction",
    "Listed",
    "Origin",
    "OriginAccessControl",
    "RealtimeLog",
    "TrustedSigners",
    "ViewerCertificate",
]

T = TypeVar("T")


class Listed(msgspec.Struct, Generic[T], rename="pascal", frozen=True):
    """CloudFront's way to write a list."""

    items: tuple[T, ...] | None = None

    def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204 -- Iterator[T], which a generic struct cannot say
        """Iterate over the items."""
        return iter(self.items or ())


class CustomHeader(msgspec.Struct, rename="pascal", frozen=True):
    """Header that is added to requests to the origin; its value is not kept."""

    header_name: str


class S3OriginConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Origin access identity of a bucket, ``""`` for none."""

    origin_access_identity: str | None = None


class CustomOriginConfig(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """Ports and protocol of an HTTP origin."""

    http_port: int | None = msgspec.field(default=None, name="HTTPPort")
    https_port: int | None = msgspec.field(default=None, name="HTTPSPort")
    origin_protocol_policy: str | None = None
    origin_ssl_protocols: Listed[str] | None = None


class VpcOriginConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Origin inside a VPC."""

    vpc_origin_id: str | None = None


class Origin(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """An origin of a distribution."""

    id: str
    domain_name: str
    origin_path: str = ""
    custom_headers: Listed[CustomHeader] | None = None
    s3_origin_config: S3OriginConfig | None = None
    custom_origin_config: CustomOriginConfig | None = None
    vpc_origin_config: VpcOriginConfig | None = None
    origin_access_control_id: str | None = None


class OriginGroupMember(msgspec.Struct, rename="pascal", frozen=True):
    """Member of an origin group."""

    origin_id: str


class OriginGroup(msgspec.Struct, rename="pascal", frozen=True):
    """Origins that stand in for one another."""

    id: str
    members: Listed[OriginGroupMember] | None = None


class TrustedSigners(msgspec.Struct, rename="pascal", frozen=True):
    """Whose signature a URL or cookie must carry."""

    enabled: bool = False


class EdgeFunction(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """Version of a function that runs at an edge event."""

    lambda_function_arn: str = msgspec.field(name="LambdaFunctionARN")
    event_type: str
    include_body: bool = False


class CloudFrontFunction(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """CloudFront function (not Lambda) that runs at a viewer event."""

    function_arn: str = msgspec.field(name="FunctionARN")
    event_type: str


class DefaultCacheBehavior(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """The cache behaviour for paths that no other one matches."""

    target_origin_id: str
    viewer_protocol_policy: str | None = None
    trusted_signers: TrustedSigners | None = None
    trusted_key_groups: TrustedSigners | None = None
    allowed_methods: Listed[str] | None = None
    lambda_function_associations: Listed[EdgeFunction] | None = None
    function_associations: Listed[CloudFrontFunction] | None = None
    cache_policy_id: str | None = None
    origin_request_policy_id: str | None = None
    field_level_encryption_id: str | None = None
    realtime_log_config_arn: str | None = None


class CacheBehavior(DefaultCacheBehavior, kw_only=True, rename="pascal", frozen=True):
    """A cache behaviour for paths of a pattern."""

    path_pattern: str


class ViewerCertificate(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """Certificate and oldest protocol version towards viewers."""

    cloud_front_default_certificate: bool | None = None
    acm_certificate_arn: str | None = msgspec.field(default=None, name="ACMCertificateArn")
    minimum_protocol_version: str | None = None


class ViewerMtlsConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Client certificates of viewers: ``required``, ``optional`` or ``passthrough``."""

    mode: str | None = None


class DistributionLogging(msgspec.Struct, rename="pascal", frozen=True):
    """Standard log of a distribution (``cloudfront.GetDistributionConfig``)."""

    enabled: bool = False
    bucket: str | None = None


class Distribution(Record, kw_only=True, rename="pascal"):
    """A distribution (``cloudfront.ListDistributions``, ``cloudfront.GetDistributionConfig``)."""

    kind: ClassVar[Kind] = Kind.DISTRIBUTION

    distribution_id: str = msgspec.field(name="Id")
    arn: str = msgspec.field(name="ARN")
    domain_name: str
    enabled: bool = True
    staging: bool = False
    aliases: Listed[str] | None = None
    origins: Listed[Origin] | None = None
    origin_groups: Listed[OriginGroup] | None = None
    default_cache_behavior: DefaultCacheBehavior | None = None
    cache_behaviors: Listed[CacheBehavior] | None = None
    viewer_certificate: ViewerCertificate | None = None
    viewer_mtls_config: ViewerMtlsConfig | None = None
    web_acl_id: str | None = msgspec.field(default=None, name="WebACLId")
    logging: DistributionLogging | UnsetType | None = msgspec.field(default=UNSET, name="__logging")


class OriginAccessControl(Record, kw_only=True, rename="pascal"):
    """How CloudFront signs what it asks an origin (``cloudfront.ListOriginAccessControls``)."""

    kind: ClassVar[Kind] = Kind.ORIGIN_ACCESS_CONTROL

    control_id: str = msgspec.field(name="Id")
    signing_protocol: str | None = None
    signing_behavior: str | None = None
    origin_access_control_origin_type: str | None = None


class RealtimeLog(Record, kw_only=True, rename="pascal"):
    """What cache behaviours may be logged by in real time (``cloudfront.ListRealtimeLogConfigs``).

    ``sampling_rate`` is in percent of the requests.
    """

    kind: ClassVar[Kind] = Kind.REALTIME_LOG

    arn: str = msgspec.field(name="ARN")
    log_name: str = msgspec.field(name="Name")
    sampling_rate: int | UnsetType = UNSET
