"""Amazon API Gateway: REST APIs, their methods, authorizers, stages and VPC links; domain names of all APIs.

Of integrations nothing is kept that may hold a credential: static header and query values, mapping templates, and the
path and query of a backend's URL are dropped; the names of AWS resources found in them are kept.
"""

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.integrations import parameters_kept, references_in, uri_kept
from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record, Source
from auditkit.inventory.records.functions import EnvironmentValue

__all__ = [
    "AccessLogSettings",
    "ApiMapping",
    "DomainName",
    "MethodSettings",
    "Model",
    "MutualTlsAuthentication",
    "RequestValidator",
    "RestApi",
    "RestAuthorizer",
    "RestEndpointConfiguration",
    "RestIntegration",
    "RestMethod",
    "RestStage",
    "RestTlsConfig",
    "RestVpcLink",
    "UsagePlan",
]


class RestEndpointConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """Where a REST API or a domain name is served: ``REGIONAL``, ``EDGE`` or ``PRIVATE``."""

    types: tuple[str, ...] = ()
    vpc_endpoint_ids: tuple[str, ...] = ()


class MethodSettings(msgspec.Struct, rename="camel", frozen=True):
    """Settings of a stage for a method (``"orders~1items/POST"``) or for all (``"*/*"``); rates per second."""

    logging_level: str | None = None
    data_trace_enabled: bool | None = None
    throttling_burst_limit: int | None = None
    throttling_rate_limit: float | None = None
    caching_enabled: bool | None = None
    cache_data_encrypted: bool | None = None


class AccessLogSettings(msgspec.Struct, rename="camel", frozen=True):
    """Destination of the access log of a REST API's stage."""

    destination_arn: str | None = None


class RestStage(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A stage of a REST API (``apigateway.GetStages``).

    ``variables`` and ``canary_variables`` are kept as environment values are: never in plain.
    """

    stage_name: str
    deployment_id: str | None = None
    client_certificate_id: str | None = None
    cache_cluster_enabled: bool | None = None
    method_settings: dict[str, MethodSettings] = {}
    access_log_settings: AccessLogSettings | None = None
    tracing_enabled: bool | None = None
    web_acl_arn: str | None = None
    variables: dict[str, EnvironmentValue] = msgspec.field(default_factory=dict, name="__variables")
    canary_variables: dict[str, EnvironmentValue] = msgspec.field(default_factory=dict, name="__canary_variables")
    source: Source = msgspec.field(default=Source(""), name="__source")


class RequestValidator(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A request validator (``apigateway.GetRequestValidators``)."""

    id: str
    name: str | None = None
    validate_request_body: bool = False
    validate_request_parameters: bool = False
    source: Source = msgspec.field(default=Source(""), name="__source")


class Model(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A model (``apigateway.GetModels``); of its JSON schema only what it demands is kept.

    Attributes
    ----------
    demands
        True where the schema refuses some object: it has required or typed properties, allows no others, or the like;
        False for ``{}`` and a bare ``{"type": "object"}``; ``None`` where the schema is not JSON.
    """

    name: str
    content_type: str | None = None
    demands: bool | None = msgspec.field(default=None, name="__demands")
    source: Source = msgspec.field(default=Source(""), name="__source")


class Throttle(msgspec.Struct, rename="camel", frozen=True):
    """Throttle of a usage plan; rate per second."""

    burst_limit: int | None = None
    rate_limit: float | None = None


class Quota(msgspec.Struct, rename="camel", frozen=True):
    """Quota of a usage plan, per ``period`` (``DAY``, ``WEEK``, ``MONTH``)."""

    limit: int | None = None
    period: str | None = None


class PlanStage(msgspec.Struct, rename="camel", frozen=True):
    """A stage that a usage plan is for."""

    api_id: str
    stage: str | None = None
    throttle: dict[str, Throttle] = {}


class UsagePlan(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A usage plan (``apigateway.GetUsagePlans``), narrowed to the stages of one API."""

    id: str
    name: str | None = None
    api_stages: tuple[PlanStage, ...] = ()
    throttle: Throttle | None = None
    quota: Quota | None = None
    source: Source = msgspec.field(default=Source(""), name="__source")


class RestApi(Record, kw_only=True, rename="camel"):
    """A REST API (``apigateway.GetRestApis`` and the calls per API).

    ``staged`` is True where there is a stage, even if ``stages`` could not be read.
    """

    kind: ClassVar[Kind] = Kind.REST_API

    api_id: str = msgspec.field(name="id")
    api_key_source: str | None = None
    endpoint_configuration: RestEndpointConfiguration | None = None
    disable_execute_api_endpoint: bool | UnsetType = False
    security_policy: str | None = None
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")
    stages: tuple[RestStage, ...] | UnsetType = msgspec.field(default=UNSET, name="__stages")
    staged: bool | UnsetType = msgspec.field(default=UNSET, name="__staged")
    request_validators: tuple[RequestValidator, ...] | UnsetType = msgspec.field(default=UNSET, name="__validators")
    models: tuple[Model, ...] | UnsetType = msgspec.field(default=UNSET, name="__models")
    usage_plans: tuple[UsagePlan, ...] | UnsetType = msgspec.field(default=UNSET, name="__usage_plans")

    @property
    def private(self) -> bool:
        """Whether the API is reached through VPC endpoints only."""
        return self.endpoint_configuration is not None and "PRIVATE" in self.endpoint_configuration.types


class RestTlsConfig(msgspec.Struct, rename="camel", frozen=True):
    """Whether the certificate of an HTTPS backend is verified."""

    insecure_skip_verification: bool = False


class RestIntegration(msgspec.Struct, kw_only=True, rename="camel"):
    """Integration of a method: what it hands requests to (``apigateway.GetResources``).

    Attributes
    ----------
    uri
        ARN that API Gateway writes around a function or a service's action; scheme, host and port of an HTTP backend;
        ``""`` where it is neither.
    request_parameters
        Mapping expressions as they are; ``"(static)"`` in place of a literal.
    request_templates
        Content types that have a template; the templates are dropped.
    references
        Names of AWS resources and actions found in parameters and templates: ``{"TableName": "orders"}``.
    allowed_origins
        What its responses say of origins whose pages may read them: literals in quotes, or mapping expressions. Nothing
        else of the responses is kept.
    """

    type: str | None = None
    http_method: str | None = None
    uri: str | None = None
    connection_type: str | None = None
    connection_id: str | None = None
    credentials: str | None = None
    timeout_in_millis: int | None = None
    tls_config: RestTlsConfig | None = None
    integration_target: str | None = None
    request_parameters: dict[str, Any] = {}
    request_templates: dict[str, str | None] = {}
    references: dict[str, str] = msgspec.field(default_factory=dict, name="__references")
    integration_responses: Any = None
    allowed_origins: tuple[str, ...] = msgspec.field(default=(), name="__allowed_origins")

    def __post_init__(self) -> None:
        """Keep names of resources, and nothing that may be a credential."""
        self.references = self.references or references_in(self.request_parameters, self.request_templates)
        self.request_parameters = parameters_kept(self.request_parameters)
        self.request_templates = dict.fromkeys(sorted(self.request_templates), "")
        self.uri = uri_kept(self.uri)
        self.allowed_origins = self.allowed_origins or _origins_in(self.integration_responses)
        self.integration_responses = None


_ALLOWED_ORIGIN = ".header.access-control-allow-origin"


def _origins_in(responses: object) -> tuple[str, ...]:
    """Return what the responses of an integration say of origins; a template may list them."""
    listed = responses.values() if isinstance(responses, dict) else responses if isinstance(responses, list) else ()
    found = (one.get("responseParameters") or one.get("ResponseParameters") for one in listed if isinstance(one, dict))
    pairs = [pair for parameters in found if isinstance(parameters, dict) for pair in parameters.items()]
    said = {value for key, value in pairs if str(key).lower().endswith(_ALLOWED_ORIGIN) and isinstance(value, str)}
    return tuple(sorted(said))


class RestMethod(Record, kw_only=True, rename="camel"):
    """A method of a REST API's resource (``apigateway.GetResources`` with embedded methods).

    Attributes
    ----------
    api
        Id of the :class:`RestApi`.
    path
        Path of the resource: ``"/orders/{id}"``.
    authorization_type, method_integration
        UNSET where methods were not embedded in the response; ``method_integration`` is ``None`` where none is set up.
    """

    kind: ClassVar[Kind] = Kind.ROUTE

    api: str = msgspec.field(name="__api")
    path: str = msgspec.field(name="__path")
    http_method: str
    authorization_type: str | UnsetType | None = UNSET
    authorizer_id: str | None = None
    authorization_scopes: tuple[str, ...] = ()
    api_key_required: bool = False
    request_validator_id: str | None = None
    request_models: dict[str, str] = msgspec.field(default_factory=dict)
    request_parameters: dict[str, bool] = msgspec.field(default_factory=dict)
    method_integration: RestIntegration | UnsetType | None = UNSET


class RestAuthorizer(Record, kw_only=True, rename="camel"):
    """An authorizer of a REST API (``apigateway.GetAuthorizers``).

    ``validates_identity`` says whether a pattern for the token is set; the pattern is not kept.
    """

    kind: ClassVar[Kind] = Kind.AUTHORIZER

    api: str = msgspec.field(name="__api")
    authorizer_id: str = msgspec.field(name="id")
    authorizer_name: str | None = msgspec.field(default=None, name="name")
    type: str | None = None
    provider_arns: tuple[str, ...] = msgspec.field(default=(), name="providerARNs")
    auth_type: str | None = None
    authorizer_uri: str | None = None
    authorizer_credentials: str | None = None
    identity_source: str | None = None
    authorizer_result_ttl_in_seconds: int | None = None
    validates_identity: bool = msgspec.field(default=False, name="__validates_identity")


class RestVpcLink(Record, kw_only=True, rename="camel"):
    """A VPC link of REST APIs: to network load balancers (``apigateway.GetVpcLinks``)."""

    kind: ClassVar[Kind] = Kind.VPC_LINK

    link_id: str = msgspec.field(name="id")
    target_arns: tuple[str, ...] = ()
    status: str | None = None


class MutualTlsAuthentication(msgspec.Struct, rename="camel", frozen=True):
    """Trust store against which a domain name verifies client certificates."""

    truststore_uri: str | None = None


class ApiMapping(msgspec.Struct, kw_only=True, frozen=True):
    """A path of a domain name that leads to an API.

    Read from ``apigateway.GetBasePathMappings`` and ``apigatewayv2.GetApiMappings``.
    """

    api_id: str
    stage: str | None = None
    key: str = ""
    source: Source = Source("")


class DomainName(Record, kw_only=True, rename="camel"):
    """A custom domain name of APIs.

    Read from ``apigateway.GetDomainNames``; ``apigatewayv2.GetDomainNames`` shows the same names in another shape.
    ``base_path_mappings`` are those of ``apigateway``, which shows REST APIs, ``api_mappings`` those of
    ``apigatewayv2``, which shows all; UNSET where they were not read.
    """

    kind: ClassVar[Kind] = Kind.DOMAIN_NAME

    domain_name: str
    domain_name_arn: str | None = None
    regional_domain_name: str | None = None
    distribution_domain_name: str | None = None
    endpoint_configuration: RestEndpointConfiguration | None = None
    security_policy: str | None = None
    mutual_tls_authentication: MutualTlsAuthentication | None = None
    routing_mode: str | None = None
    base_path_mappings: tuple[ApiMapping, ...] | UnsetType = msgspec.field(default=UNSET, name="__base_path_mappings")
    api_mappings: tuple[ApiMapping, ...] | UnsetType = msgspec.field(default=UNSET, name="__api_mappings")

    @property
    def mappings(self) -> tuple[ApiMapping, ...] | UnsetType:
        """Mappings of both services, each once, sorted; UNSET where neither was read."""
        seen = [found for found in (self.api_mappings, self.base_path_mappings) if not isinstance(found, UnsetType)]
        if not seen:
            return UNSET
        each = {(found.key, found.api_id, found.stage or ""): found for mappings in seen for found in mappings}
        return tuple(each[key] for key in sorted(each))
