"""Amazon Bedrock agents and Amazon Bedrock AgentCore: agents, runtimes and gateways, with what they may call.

Instructions, prompts, schemas, static query parameters and descriptions are not kept; environment values as
those of functions.
"""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.origins import origin
from auditkit.inventory.record import Record, Source
from auditkit.inventory.records.functions import EnvironmentValue

__all__ = [
    "ActionGroup",
    "Agent",
    "AgentAlias",
    "AgentGateway",
    "AgentRuntime",
    "AuthorizerConfiguration",
    "CustomJWTAuthorizer",
    "GatewayTarget",
    "GuardrailConfiguration",
    "TargetConfiguration",
]


class GuardrailConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """Guardrail of an agent."""

    guardrail_identifier: str | None = None
    guardrail_version: str | None = None


class OrchestrationExecutor(msgspec.Struct, rename="camel", frozen=True):
    """Function that orchestrates."""

    lambda_: str | None = msgspec.field(default=None, name="lambda")


class CustomOrchestration(msgspec.Struct, rename="camel", frozen=True):
    """Orchestration by a function."""

    executor: OrchestrationExecutor | None = None


class PromptOverrideConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """Function that parses the model's output; the prompts are not kept."""

    override_lambda: str | None = None


class ActionGroupExecutor(msgspec.Struct, rename="camel", frozen=True):
    """What carries out an action: a function, or the caller (``RETURN_CONTROL``)."""

    lambda_: str | None = msgspec.field(default=None, name="lambda")
    custom_control: str | None = None


class ActionFunction(msgspec.Struct, rename="camel", frozen=True):
    """An action that is described by name and parameters."""

    name: str
    require_confirmation: str | None = None


class FunctionSchema(msgspec.Struct, rename="camel", frozen=True):
    """Actions that are described by name and parameters."""

    functions: tuple[ActionFunction, ...] = ()


class S3Identifier(msgspec.Struct, kw_only=True, frozen=True):
    """Object that holds a schema."""

    s3_bucket_name: str | None = msgspec.field(default=None, name="s3BucketName")
    s3_object_key: str | None = msgspec.field(default=None, name="s3ObjectKey")


class ApiSchema(msgspec.Struct, rename="camel", frozen=True):
    """OpenAPI schema of the actions, where it stands in a bucket."""

    s3: S3Identifier | None = None


class ActionGroup(Record, kw_only=True, rename="camel"):
    """An action group of an agent (``bedrock-agent.GetAgentActionGroup``, ``bedrock-agent.ListAgentActionGroups``).

    ``action_group_executor`` is UNSET where only the list was read.
    """

    kind: ClassVar[Kind] = Kind.ACTION_GROUP

    agent: str = msgspec.field(name="__agent")
    action_group_id: str
    action_group_name: str | None = None
    agent_version: str | None = None
    action_group_state: str | None = None
    parent_action_signature: str | None = None
    action_group_executor: ActionGroupExecutor | UnsetType | None = UNSET
    function_schema: FunctionSchema | None = None
    api_schema: ApiSchema | None = None


class AliasRoute(msgspec.Struct, rename="camel", frozen=True):
    """Version that an alias leads to."""

    agent_version: str | None = None


class AgentAlias(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """An alias of an agent (``bedrock-agent.ListAgentAliases``)."""

    agent_alias_id: str
    agent_alias_name: str | None = None
    routing_configuration: tuple[AliasRoute, ...] = ()
    source: Source = msgspec.field(default=Source(""), name="__source")


class Agent(Record, kw_only=True, rename="camel"):
    """An agent (``bedrock-agent.GetAgent``, ``bedrock-agent.ListAgents``).

    ``agent_resource_role_arn`` is UNSET where only the list was read, ``aliases`` where they were not.
    """

    kind: ClassVar[Kind] = Kind.AGENT

    agent_id: str
    agent_arn: str | None = None
    agent_name: str | None = None
    agent_status: str | None = None
    agent_version: str | None = None
    agent_resource_role_arn: str | UnsetType | None = UNSET
    foundation_model: str | None = None
    customer_encryption_key_arn: str | None = None
    agent_collaboration: str | None = None
    guardrail_configuration: GuardrailConfiguration | None = None
    custom_orchestration: CustomOrchestration | None = None
    prompt_override_configuration: PromptOverrideConfiguration | None = None
    aliases: tuple[AgentAlias, ...] | UnsetType = msgspec.field(default=UNSET, name="__aliases")


class CustomJWTAuthorizer(msgspec.Struct, rename="camel", frozen=True):
    """Issuer, audiences and clients that a caller's token must name."""

    discovery_url: str | None = None
    allowed_audience: tuple[str, ...] = ()
    allowed_clients: tuple[str, ...] = ()
    allowed_scopes: tuple[str, ...] = ()


class AuthorizerConfiguration(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """How callers of a runtime or gateway authenticate; without it, by IAM."""

    custom_jwt_authorizer: CustomJWTAuthorizer | None = msgspec.field(default=None, name="customJWTAuthorizer")


class ContainerConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """Container image of a runtime."""

    container_uri: str | None = None


class CodeLocation(msgspec.Struct, rename="camel", frozen=True):
    """Object that holds the code."""

    bucket: str | None = None
    prefix: str | None = None


class CodeSource(msgspec.Struct, rename="camel", frozen=True):
    """Where the code stands."""

    s3: CodeLocation | None = None


class CodeConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """Code of a runtime."""

    code: CodeSource | None = None
    runtime: str | None = None


class AgentRuntimeArtifact(msgspec.Struct, rename="camel", frozen=True):
    """What a runtime runs."""

    container_configuration: ContainerConfiguration | None = None
    code_configuration: CodeConfiguration | None = None


class NetworkModeConfig(msgspec.Struct, rename="camel", frozen=True):
    """Subnets and security groups of a runtime."""

    security_groups: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()


class NetworkConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """Where a runtime runs: ``PUBLIC`` or ``VPC``."""

    network_mode: str | None = None
    network_mode_config: NetworkModeConfig | None = None


class RuntimeProtocol(msgspec.Struct, rename="camel", frozen=True):
    """Protocol a runtime speaks: ``MCP``, ``HTTP``, ``A2A``, ``AGUI``."""

    server_protocol: str | None = None


class AgentRuntime(Record, kw_only=True, rename="camel"):
    """A runtime of AgentCore.

    Read from ``bedrock-agentcore-control.GetAgentRuntime`` and ``bedrock-agentcore-control.ListAgentRuntimes``.
    ``role_arn`` and ``authorizer_configuration`` are UNSET where only the list was read.
    """

    kind: ClassVar[Kind] = Kind.AGENT

    agent_runtime_arn: str
    agent_runtime_id: str
    agent_runtime_name: str | None = None
    agent_runtime_version: str | None = None
    role_arn: str | UnsetType | None = UNSET
    status: str | None = None
    network_configuration: NetworkConfiguration | None = None
    agent_runtime_artifact: AgentRuntimeArtifact | None = None
    protocol_configuration: RuntimeProtocol | None = None
    authorizer_configuration: AuthorizerConfiguration | UnsetType | None = UNSET
    environment: dict[str, EnvironmentValue] | UnsetType = msgspec.field(default=UNSET, name="__environment")


class TargetLambda(msgspec.Struct, rename="camel", frozen=True):
    """Function that a gateway's tool calls."""

    lambda_arn: str


class TargetApiGateway(msgspec.Struct, rename="camel", frozen=True):
    """Stage of a REST API whose methods are tools."""

    rest_api_id: str
    stage: str | None = None


class TargetEndpoint(msgspec.Struct, rename="camel"):
    """Endpoint that a target leads to; path and query are dropped."""

    endpoint: str | None = None

    def __post_init__(self) -> None:
        """Keep scheme, host and port."""
        self.endpoint = origin(self.endpoint) if self.endpoint is not None else None


class SchemaObject(msgspec.Struct, rename="camel", frozen=True):
    """Object that holds a schema."""

    uri: str | None = None


class TargetSchema(msgspec.Struct, rename="camel", frozen=True):
    """OpenAPI document or Smithy model that says what is called; only where it stands is kept."""

    s3: SchemaObject | None = None


class ConnectorSource(msgspec.Struct, rename="camel", frozen=True):
    """Which ready-made connector."""

    connector_id: str | None = None


class TargetConnector(msgspec.Struct, rename="camel", frozen=True):
    """A ready-made connector to a service."""

    source: ConnectorSource | None = None


class McpTarget(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A target whose tools the gateway offers; one field is set."""

    lambda_: TargetLambda | None = msgspec.field(default=None, name="lambda")
    api_gateway: TargetApiGateway | None = None
    mcp_server: TargetEndpoint | None = None
    open_api_schema: TargetSchema | None = None
    smithy_model: TargetSchema | None = None
    connector: TargetConnector | None = None


class TargetRuntime(msgspec.Struct, rename="camel", frozen=True):
    """Runtime that requests are handed to."""

    arn: str


class HttpTarget(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A target that requests are handed to as they are; one field is set."""

    agentcore_runtime: TargetRuntime | None = None
    passthrough: TargetEndpoint | None = None
    connector: TargetConnector | None = None


class InferenceTarget(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A model provider."""

    provider: TargetEndpoint | None = None
    connector: TargetConnector | None = None


class TargetConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """What a gateway's target leads to."""

    mcp: McpTarget | None = None
    http: HttpTarget | None = None
    inference: InferenceTarget | None = None


class CredentialProviderConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """How a gateway authenticates to a target: its role, OAuth, an API key, the caller's own credentials."""

    credential_provider_type: str


class GatewayTarget(Record, kw_only=True, rename="camel"):
    """A target of a gateway.

    Read from ``bedrock-agentcore-control.GetGatewayTarget`` and ``bedrock-agentcore-control.ListGatewayTargets``.
    ``target_configuration`` is UNSET where only the list was read.
    """

    kind: ClassVar[Kind] = Kind.GATEWAY_TARGET

    gateway: str = msgspec.field(name="__gateway")
    target_id: str
    target_name: str | None = msgspec.field(default=None, name="name")
    status: str | None = None
    target_configuration: TargetConfiguration | UnsetType | None = UNSET
    credential_provider_configurations: tuple[CredentialProviderConfiguration, ...] = ()


class InterceptorLambda(msgspec.Struct, rename="camel", frozen=True):
    """Function that sees requests or responses."""

    arn: str


class Interceptor(msgspec.Struct, rename="camel", frozen=True):
    """What sees requests or responses."""

    lambda_: InterceptorLambda | None = msgspec.field(default=None, name="lambda")


class InterceptorConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """An interceptor with the points it stands at: ``REQUEST``, ``RESPONSE``."""

    interceptor: Interceptor | None = None
    interception_points: tuple[str, ...] = ()


class TransformConfiguration(msgspec.Struct, rename="camel", frozen=True):
    """Function that transforms requests."""

    lambda_: InterceptorLambda | None = msgspec.field(default=None, name="lambda")


class AgentGateway(Record, kw_only=True, rename="camel"):
    """A gateway of AgentCore (``bedrock-agentcore-control.GetGateway``, ``bedrock-agentcore-control.ListGateways``)."""

    kind: ClassVar[Kind] = Kind.AGENT_GATEWAY

    gateway_id: str
    gateway_arn: str | None = None
    gateway_name: str | None = msgspec.field(default=None, name="name")
    gateway_url: str | None = None
    role_arn: str | UnsetType | None = UNSET
    status: str | None = None
    authorizer_type: str | None = None
    authorizer_configuration: AuthorizerConfiguration | None = None
    protocol_type: str | None = None
    kms_key_arn: str | None = None
    web_acl_arn: str | None = None
    exception_level: str | None = None
    custom_transform_configuration: TransformConfiguration | None = None
    interceptor_configurations: tuple[InterceptorConfiguration, ...] = ()
