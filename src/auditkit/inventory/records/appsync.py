"""AWS AppSync: GraphQL APIs with their data sources, resolvers and pipeline functions.

API keys are not read (an AppSync key's id *is* the key); resolver code and mapping templates are not kept.
"""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.origins import origin
from auditkit.inventory.record import Record, Source

__all__ = [
    "AuthenticationProvider",
    "CognitoUserPoolConfig",
    "DataSource",
    "GraphqlApi",
    "LambdaAuthorizerConfig",
    "OpenIDConnectConfig",
    "PipelineFunction",
    "Resolver",
    "UserPoolConfig",
]


class CognitoUserPoolConfig(msgspec.Struct, rename="camel", frozen=True):
    """User pool whose tokens are accepted."""

    user_pool_id: str
    aws_region: str | None = None
    app_id_client_regex: str | None = None


class UserPoolConfig(CognitoUserPoolConfig, rename="camel", frozen=True):
    """User pool of the default way to authenticate; ``default_action`` for a field without directive."""

    default_action: str | None = None


class OpenIDConnectConfig(msgspec.Struct, rename="camel", frozen=True):
    """Issuer whose tokens are accepted."""

    issuer: str
    client_id: str | None = None


class LambdaAuthorizerConfig(msgspec.Struct, rename="camel", frozen=True):
    """Function that decides on each request."""

    authorizer_uri: str
    authorizer_result_ttl_in_seconds: int | None = None


class AuthenticationProvider(msgspec.Struct, rename="camel", frozen=True):
    """A further way to authenticate, usable on the fields whose directive names it."""

    authentication_type: str
    open_id_connect_config: OpenIDConnectConfig | None = msgspec.field(default=None, name="openIDConnectConfig")
    user_pool_config: CognitoUserPoolConfig | None = None
    lambda_authorizer_config: LambdaAuthorizerConfig | None = None


class DynamodbConfig(msgspec.Struct, rename="camel", frozen=True):
    """Table of a data source."""

    table_name: str
    aws_region: str | None = None
    use_caller_credentials: bool = False


class LambdaConfig(msgspec.Struct, rename="camel", frozen=True):
    """Function of a data source."""

    lambda_function_arn: str


class SearchConfig(msgspec.Struct, rename="camel", frozen=True):
    """Search domain of a data source."""

    endpoint: str
    aws_region: str | None = None


class HttpConfig(msgspec.Struct, rename="camel"):
    """HTTP endpoint of a data source; path and query of the URL are dropped, they may hold a credential."""

    endpoint: str | None = None

    def __post_init__(self) -> None:
        """Keep scheme, host and port."""
        self.endpoint = origin(self.endpoint) if self.endpoint is not None else None


class RdsHttpEndpointConfig(msgspec.Struct, rename="camel", frozen=True):
    """Cluster reached over the RDS Data API, and the secret that opens it."""

    aws_region: str | None = None
    db_cluster_identifier: str | None = None
    database_name: str | None = None
    aws_secret_store_arn: str | None = None


class RelationalDatabaseConfig(msgspec.Struct, rename="camel", frozen=True):
    """Relational database of a data source."""

    rds_http_endpoint_config: RdsHttpEndpointConfig | None = None


class EventBridgeConfig(msgspec.Struct, rename="camel", frozen=True):
    """Event bus of a data source."""

    event_bus_arn: str


class DataSource(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A data source (``appsync.ListDataSources``)."""

    name: str
    type: str
    service_role_arn: str | None = None
    dynamodb_config: DynamodbConfig | None = None
    lambda_config: LambdaConfig | None = None
    elasticsearch_config: SearchConfig | None = None
    open_search_service_config: SearchConfig | None = None
    http_config: HttpConfig | None = None
    relational_database_config: RelationalDatabaseConfig | None = None
    event_bridge_config: EventBridgeConfig | None = None
    source: Source = msgspec.field(default=Source(""), name="__source")


class PipelineConfig(msgspec.Struct, rename="camel", frozen=True):
    """Ids of the pipeline functions of a resolver, in order."""

    functions: tuple[str, ...] = ()


class LambdaConflictHandlerConfig(msgspec.Struct, rename="camel", frozen=True):
    """Function that resolves conflicts."""

    lambda_conflict_handler_arn: str | None = None


class SyncConfig(msgspec.Struct, rename="camel", frozen=True):
    """Conflict resolution of a resolver or pipeline function."""

    lambda_conflict_handler_config: LambdaConflictHandlerConfig | None = None


class Resolver(Record, kw_only=True, rename="camel"):
    """A resolver of one field (``appsync.ListResolvers``)."""

    kind: ClassVar[Kind] = Kind.RESOLVER

    api: str = msgspec.field(name="__api")
    type_name: str
    field_name: str
    data_source_name: str | None = None
    pipeline_config: PipelineConfig | None = None
    sync_config: SyncConfig | None = None


class PipelineFunction(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A step of pipeline resolvers (``appsync.ListFunctions``); not a Lambda function."""

    function_id: str
    name: str | None = None
    data_source_name: str | None = None
    sync_config: SyncConfig | None = None
    source: Source = msgspec.field(default=Source(""), name="__source")


class LogConfig(msgspec.Struct, rename="camel", frozen=True):
    """What is logged of requests."""

    field_log_level: str | None = None
    cloud_watch_logs_role_arn: str | None = None
    exclude_verbose_content: bool | None = None


class GraphqlApi(Record, kw_only=True, rename="camel"):
    """A GraphQL API (``appsync.ListGraphqlApis`` and the calls per API).

    ``types`` are the names of the schema's types (``appsync.ListTypes``): those whose resolvers there are to see.
    """

    kind: ClassVar[Kind] = Kind.GRAPHQL_API

    api_id: str
    arn: str
    api_type: str | None = None
    authentication_type: str | None = None
    user_pool_config: UserPoolConfig | None = None
    open_id_connect_config: OpenIDConnectConfig | None = msgspec.field(default=None, name="openIDConnectConfig")
    lambda_authorizer_config: LambdaAuthorizerConfig | None = None
    additional_authentication_providers: tuple[AuthenticationProvider, ...] = ()
    uris: dict[str, str] = msgspec.field(default_factory=dict)
    visibility: str | None = None
    xray_enabled: bool | None = None
    waf_web_acl_arn: str | None = None
    log_config: LogConfig | None = None
    introspection_config: str | None = None
    query_depth_limit: int | None = None
    resolver_count_limit: int | None = None
    merged_api_execution_role_arn: str | None = None
    data_sources: tuple[DataSource, ...] | UnsetType = msgspec.field(default=UNSET, name="__data_sources")
    types: tuple[str, ...] | UnsetType = msgspec.field(default=UNSET, name="__types")
    functions: tuple[PipelineFunction, ...] | UnsetType = msgspec.field(default=UNSET, name="__functions")

    @property
    def providers(self) -> tuple[AuthenticationProvider, ...]:
        """All ways to authenticate, the default one first; empty where the default is not known."""
        if self.authentication_type is None:
            return self.additional_authentication_providers
        default = AuthenticationProvider(
            self.authentication_type,
            self.open_id_connect_config,
            self.user_pool_config,
            self.lambda_authorizer_config,
        )
        return (default, *self.additional_authentication_providers)
