"""Amazon API Gateway: HTTP and WebSocket APIs, their routes, integrations, authorizers, stages and VPC links.

Of integrations as little is kept as of those of REST APIs (:mod:`auditkit.inventory.records.apis`).
"""

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.integrations import parameters_kept, references_in, uri_kept
from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record, Source
from auditkit.inventory.records.functions import EnvironmentValue

__all__ = [
    "ApiIntegration",
    "ApiModel",
    "ApiRoute",
    "ApiStage",
    "ApiV2",
    "ApiVpcLink",
    "Authorizer",
    "CorsConfiguration",
    "HttpApi",
    "JwtConfiguration",
    "RouteSettings",
    "WebSocketApi",
]


class CorsConfiguration(msgspec.Struct, rename="pascal", frozen=True):
    """Which web pages may call an API from a browser."""

    allow_credentials: bool = False
    allow_headers: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()


class RouteSettings(msgspec.Struct, rename="pascal", frozen=True):
    """Settings of a stage for one route, or for all; rates per second."""

    data_trace_enabled: bool | None = None
    logging_level: str | None = None
    throttling_burst_limit: int | None = None
    throttling_rate_limit: float | None = None


class ApiAccessLogSettings(msgspec.Struct, rename="pascal", frozen=True):
    """Destination of the access log of an HTTP or WebSocket API's stage."""

    destination_arn: str | None = None


class ApiStage(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """A stage of an HTTP or WebSocket API (``apigatewayv2.GetStages``); variables as of a REST API's."""

    stage_name: str
    auto_deploy: bool = False
    deployment_id: str | None = None
    client_certificate_id: str | None = None
    default_route_settings: RouteSettings | None = None
    route_settings: dict[str, RouteSettings] = {}
    access_log_settings: ApiAccessLogSettings | None = None
    variables: dict[str, EnvironmentValue] = msgspec.field(default_factory=dict, name="__variables")
    source: Source = msgspec.field(default=Source(""), name="__source")


class ApiTlsConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Server name that a private integration verifies; HTTPS is used where it is set."""

    server_name_to_verify: str | None = None


class ApiIntegration(msgspec.Struct, kw_only=True, rename="pascal"):
    """An integration of an HTTP or WebSocket API (``apigatewayv2.GetIntegrations``).

    What is kept and what is dropped is as for :class:`~auditkit.inventory.records.apis.RestIntegration`.
    """

    integration_id: str
    integration_type: str | None = None
    integration_subtype: str | None = None
    integration_uri: str | None = None
    integration_method: str | None = None
    connection_type: str | None = None
    connection_id: str | None = None
    credentials_arn: str | None = None
    timeout_in_millis: int | None = None
    tls_config: ApiTlsConfig | None = None
    request_parameters: dict[str, Any] = {}
    request_templates: dict[str, str | None] = {}
    references: dict[str, str] = msgspec.field(default_factory=dict, name="__references")
    source: Source = msgspec.field(default=Source(""), name="__source")

    def __post_init__(self) -> None:
        """Keep names of resources, and nothing that may be a credential."""
        self.references = self.references or references_in(self.request_parameters, self.request_templates)
        self.request_parameters = parameters_kept(self.request_parameters)
        self.request_templates = dict.fromkeys(sorted(self.request_templates), "")
        self.integration_uri = uri_kept(self.integration_uri)


class ApiModel(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """A model of a WebSocket API (``apigatewayv2.GetModels``); ``demands`` as of a REST API's."""

    name: str
    content_type: str | None = None
    demands: bool | None = msgspec.field(default=None, name="__demands")
    source: Source = msgspec.field(default=Source(""), name="__source")


class ApiV2(Record, kw_only=True, rename="pascal"):
    """What HTTP and WebSocket APIs have in common (``apigatewayv2.GetApis`` and the calls per API).

    ``staged`` is as of a REST API.
    """

    api_id: str
    protocol_type: str | None = None
    api_endpoint: str | None = None
    disable_execute_api_endpoint: bool | UnsetType = False
    api_gateway_managed: bool = False
    cors_configuration: CorsConfiguration | None = None
    route_selection_expression: str | None = None
    stages: tuple[ApiStage, ...] | UnsetType = msgspec.field(default=UNSET, name="__stages")
    staged: bool | UnsetType = msgspec.field(default=UNSET, name="__staged")
    integrations: tuple[ApiIntegration, ...] | UnsetType = msgspec.field(default=UNSET, name="__integrations")
    models: tuple[ApiModel, ...] | UnsetType = msgspec.field(default=UNSET, name="__models")


class HttpApi(ApiV2, kw_only=True, rename="pascal"):
    """An HTTP API (``apigatewayv2.GetApis``)."""

    kind: ClassVar[Kind] = Kind.HTTP_API


class WebSocketApi(ApiV2, kw_only=True, rename="pascal"):
    """A WebSocket API (``apigatewayv2.GetApis``)."""

    kind: ClassVar[Kind] = Kind.WEBSOCKET_API


class ParameterConstraint(msgspec.Struct, rename="pascal", frozen=True):
    """Whether a request parameter must be there."""

    required: bool = False


class ApiRoute(Record, kw_only=True, rename="pascal"):
    """A route of an HTTP or WebSocket API (``apigatewayv2.GetRoutes``)."""

    kind: ClassVar[Kind] = Kind.ROUTE

    api: str = msgspec.field(name="__api")
    route_id: str | None = None
    route_key: str
    authorization_type: str | None = None
    authorizer_id: str | None = None
    authorization_scopes: tuple[str, ...] = ()
    api_key_required: bool = False
    api_gateway_managed: bool = False
    model_selection_expression: str | None = None
    request_models: dict[str, str] = msgspec.field(default_factory=dict)
    request_parameters: dict[str, ParameterConstraint] = msgspec.field(default_factory=dict)
    target: str | None = None


class JwtConfiguration(msgspec.Struct, rename="pascal", frozen=True):
    """Issuer and audiences that a token must name."""

    audience: tuple[str, ...] = ()
    issuer: str | None = None


class Authorizer(Record, kw_only=True, rename="pascal"):
    """An authorizer of an HTTP or WebSocket API (``apigatewayv2.GetAuthorizers``)."""

    kind: ClassVar[Kind] = Kind.AUTHORIZER

    api: str = msgspec.field(name="__api")
    authorizer_id: str
    authorizer_type: str | None = None
    authorizer_uri: str | None = None
    authorizer_credentials_arn: str | None = None
    authorizer_result_ttl_in_seconds: int | None = None
    identity_source: tuple[str, ...] = ()
    jwt_configuration: JwtConfiguration | None = None


class ApiVpcLink(Record, kw_only=True, rename="pascal"):
    """A VPC link of HTTP APIs: into subnets (``apigatewayv2.GetVpcLinks``)."""

    kind: ClassVar[Kind] = Kind.VPC_LINK

    vpc_link_id: str
    vpc_link_status: str | None = None
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
