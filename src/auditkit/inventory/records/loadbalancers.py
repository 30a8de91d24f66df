"""Elastic Load Balancing: load balancers, listeners, rules and target groups.

Values that a rule compares headers and query strings with are not kept: they are often a shared secret.
"""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record, Source

__all__ = [
    "Action",
    "Condition",
    "Listener",
    "ListenerRule",
    "LoadBalancer",
    "Target",
    "TargetGroup",
]


class LoadBalancerState(msgspec.Struct, rename="pascal", frozen=True):
    """State of a load balancer."""

    code: str | None = None


class AvailabilityZone(msgspec.Struct, rename="pascal", frozen=True):
    """A zone and subnet a load balancer has addresses in."""

    zone_name: str | None = None
    subnet_id: str | None = None


class LoadBalancer(Record, kw_only=True, rename="pascal"):
    """A load balancer (``elbv2.DescribeLoadBalancers``, ``elbv2.DescribeLoadBalancerAttributes``)."""

    kind: ClassVar[Kind] = Kind.LOAD_BALANCER

    load_balancer_arn: str
    load_balancer_name: str | None = None
    dns_name: str | None = msgspec.field(default=None, name="DNSName")
    scheme: str | None = None
    type: str | None = None
    vpc_id: str | None = None
    state: LoadBalancerState | None = None
    availability_zones: tuple[AvailabilityZone, ...] = ()
    security_groups: tuple[str, ...] = ()
    attributes: dict[str, str] | UnsetType = msgspec.field(default=UNSET, name="__attributes")


class WeightedTargetGroup(msgspec.Struct, rename="pascal", frozen=True):
    """A target group with its share of the requests."""

    target_group_arn: str
    weight: int | None = None


class ForwardConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Target groups of a forward action."""

    target_groups: tuple[WeightedTargetGroup, ...] = ()


class RedirectConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Where a redirect action sends the client; ``#{protocol}`` and the like stand for what the request had."""

    protocol: str | None = None
    port: str | None = None
    host: str | None = None
    status_code: str | None = None

    @property
    def to_https(self) -> bool:
        """Whether the client is sent to HTTPS, in whatever case a template writes it."""
        return (self.protocol or "").upper() == "HTTPS"


class AuthenticateOidcConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Sign-in at an OpenID Connect provider; the setting is ``allow``, ``deny`` or ``authenticate``."""

    issuer: str | None = None
    on_unauthenticated_request: str | None = None


class AuthenticateCognitoConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Sign-in at a user pool."""

    user_pool_arn: str | None = None
    on_unauthenticated_request: str | None = None


class JwtValidationConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Verification of a bearer token."""

    issuer: str | None = None


class Action(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """An action of a rule or of a listener."""

    type: str
    order: int | None = None
    target_group_arn: str | None = None
    forward_config: ForwardConfig | None = None
    redirect_config: RedirectConfig | None = None
    authenticate_oidc_config: AuthenticateOidcConfig | None = None
    authenticate_cognito_config: AuthenticateCognitoConfig | None = None
    jwt_validation_config: JwtValidationConfig | None = None

    @property
    def target_groups(self) -> tuple[str, ...]:
        """ARNs of the target groups that requests are forwarded to, those of weight 0 left out."""
        if self.forward_config is not None and self.forward_config.target_groups:
            return tuple(group.target_group_arn for group in self.forward_config.target_groups if group.weight != 0)
        return (self.target_group_arn,) if self.target_group_arn else ()


class MutualAuthentication(msgspec.Struct, rename="pascal", frozen=True):
    """Client certificates at a listener: ``off``, ``passthrough`` or ``verify``."""

    mode: str | None = None
    trust_store_arn: str | None = None


class Listener(Record, kw_only=True, rename="pascal"):
    """A listener (``elbv2.DescribeListeners``)."""

    kind: ClassVar[Kind] = Kind.LISTENER

    listener_arn: str
    load_balancer_arn: str | None = None
    port: int | None = None
    protocol: str | None = None
    ssl_policy: str | None = None
    default_actions: tuple[Action, ...] = ()
    mutual_authentication: MutualAuthentication | None = None
    rules_seen: bool = msgspec.field(default=False, name="__rules_seen")
    """Whether the rules of the listener were read; without them only its default action is known."""

    def __post_init__(self) -> None:
        """Write the protocol as the API does: templates have it in any case."""
        self.protocol = self.protocol.upper() if self.protocol is not None else None


class HostHeaderConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Host names a request must be for."""

    values: tuple[str, ...] = ()


class PathPatternConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Paths a request must have."""

    values: tuple[str, ...] = ()


class HttpHeaderConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Header a request must have; the values are not kept."""

    http_header_name: str | None = None


class HttpRequestMethodConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Methods a request must have."""

    values: tuple[str, ...] = ()


class SourceIpConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Addresses a request must come from."""

    values: tuple[str, ...] = ()


class Condition(msgspec.Struct, kw_only=True, rename="pascal"):
    """A condition of a rule; ``values`` only where ``field`` is ``host-header`` or ``path-pattern``."""

    field: str | None = None
    values: tuple[str, ...] = ()
    host_header_config: HostHeaderConfig | None = None
    path_pattern_config: PathPatternConfig | None = None
    http_header_config: HttpHeaderConfig | None = None
    http_request_method_config: HttpRequestMethodConfig | None = None
    source_ip_config: SourceIpConfig | None = None

    def __post_init__(self) -> None:
        """Drop values that may be a shared secret."""
        if self.field not in {"host-header", "path-pattern"}:
            self.values = ()


class ListenerRule(Record, kw_only=True, rename="pascal"):
    """A rule of a listener (``elbv2.DescribeRules``); the default rule has the listener's default actions."""

    kind: ClassVar[Kind] = Kind.ROUTE

    listener: str = msgspec.field(name="__listener")
    rule_arn: str
    priority: str | None = None
    is_default: bool = False
    conditions: tuple[Condition, ...] = ()
    actions: tuple[Action, ...] = ()


class TargetDescription(msgspec.Struct, rename="pascal", frozen=True):
    """Instance id, address, function ARN or load balancer ARN, with its port."""

    id: str
    port: int | None = None


class TargetHealth(msgspec.Struct, rename="pascal", frozen=True):
    """Health of a target."""

    state: str | None = None


class Target(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """A registered target (``elbv2.DescribeTargetHealth``)."""

    target: TargetDescription
    target_health: TargetHealth | None = None
    source: Source = msgspec.field(default=Source(""), name="__source")


class TargetGroup(Record, kw_only=True, rename="pascal"):
    """A target group (``elbv2.DescribeTargetGroups``, ``elbv2.DescribeTargetHealth``)."""

    kind: ClassVar[Kind] = Kind.TARGET_GROUP

    target_group_arn: str
    target_group_name: str | None = None
    protocol: str | None = None
    port: int | None = None
    vpc_id: str | None = None
    target_type: str | None = None
    load_balancer_arns: tuple[str, ...] = ()
    targets: tuple[Target, ...] | UnsetType = msgspec.field(default=UNSET, name="__targets")

    def __post_init__(self) -> None:
        """Write the protocol as the API does: templates have it in any case."""
        self.protocol = self.protocol.upper() if self.protocol is not None else None
