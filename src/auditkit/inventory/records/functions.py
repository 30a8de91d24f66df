"""AWS Lambda: functions and what belongs to them."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record
from auditkit.inventory.sourced import Sourced

__all__ = [
    "CodeSigningConfig",
    "Cors",
    "Destinations",
    "EnvironmentValue",
    "EventInvokeConfig",
    "Function",
    "FunctionAlias",
    "FunctionConfiguration",
    "FunctionSettings",
    "FunctionUrl",
    "FunctionVersion",
    "LayerVersion",
    "ProvisionedConcurrency",
    "VpcConfig",
]


class EnvironmentValue(msgspec.Struct, frozen=True):
    """What is kept of the value of an environment variable: never the value itself.

    Attributes
    ----------
    length
        Number of characters.
    sha256
        First 16 hexadecimal digits of the SHA-256 of the value's UTF-8 bytes, ``""`` for what looks like a credential
        (the digest of a short one can be guessed). Lets a value be recognised as the name or ARN of a known resource
        without being kept.
    scheme, host, port
        Of a URL or a host name found as the value; user name, password, path and query are dropped.
    arn
        The value, where the whole of it is an ARN (an identity, not a secret).
    secret
        True where the value looks like a credential.
    reason
        Why it looks like one, or what plaintext setting it carries (``"userinfo in URL"``, ``"AWS access key id"``,
        ``"verification off"``); ``""`` otherwise.
    """

    length: int
    sha256: str = ""
    scheme: str = ""
    host: str = ""
    port: int | None = None
    arn: str = ""
    secret: bool = False
    reason: str = ""


class VpcConfig(msgspec.Struct, rename="pascal", frozen=True):
    """VPC attachment of a function."""

    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    vpc_id: str | None = None


class DeadLetterConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Dead-letter target of a function."""

    target_arn: str | None = None


class Layer(msgspec.Struct, rename="pascal", frozen=True):
    """Reference of a function to a layer version."""

    arn: str
    code_size: int | None = None
    signing_profile_version_arn: str | None = None


class FileSystemConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Mount of an access point of a file system."""

    arn: str
    local_mount_path: str = ""


class EphemeralStorage(msgspec.Struct, rename="pascal", frozen=True):
    """Size of ``/tmp`` in MB."""

    size: int


class SnapStart(msgspec.Struct, rename="pascal", frozen=True):
    """Whether published versions start from a snapshot: ``"PublishedVersions"`` or ``"None"``."""

    apply_on: str | None = None
    optimization_status: str | None = None


class TracingConfig(msgspec.Struct, rename="pascal", frozen=True):
    """X-Ray: ``"Active"`` or ``"PassThrough"``."""

    mode: str | None = None


class LoggingConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Where a function logs, and how much."""

    log_format: str | None = None
    application_log_level: str | None = None
    system_log_level: str | None = None
    log_group: str | None = None


class TenancyConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Isolation of tenants: ``"PER_TENANT"`` where each has execution environments of its own."""

    tenant_isolation_mode: str | None = None


class ManagedInstances(msgspec.Struct, rename="pascal", frozen=True):
    """EC2 capacity that a function runs on."""

    capacity_provider_arn: str | None = None
    per_execution_environment_max_concurrency: int | None = None


class CapacityProviderConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Set where a function runs on managed EC2 instances instead of short-lived execution environments."""

    lambda_managed_instances_capacity_provider_config: ManagedInstances | None = None


class RuntimeVersionConfig(msgspec.Struct, rename="pascal", frozen=True):
    """The exact runtime in use."""

    runtime_version_arn: str | None = None


class DurableConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Set where a function's executions are durable: their state is kept between invocations, in days."""

    kms_key_arn: str | None = msgspec.field(default=None, name="KMSKeyArn")
    retention_period_in_days: int | None = None
    execution_timeout: int | None = None


class Destination(msgspec.Struct, rename="pascal", frozen=True):
    """Target of a destination (ARN; of a Kafka topic ``"kafka://topic"``)."""

    destination: str | None = None


class Destinations(msgspec.Struct, rename="pascal", frozen=True):
    """Where results of asynchronous or batched invocations go."""

    on_success: Destination | None = None
    on_failure: Destination | None = None

    @property
    def success(self) -> str:
        """Target of successes, ``""`` for none."""
        return (self.on_success and self.on_success.destination) or ""

    @property
    def failure(self) -> str:
        """Target of failures, ``""`` for none."""
        return (self.on_failure and self.on_failure.destination) or ""


class EventInvokeConfig(Sourced, kw_only=True, rename="pascal", frozen=True):
    """Asynchronous invocation of a function, version or alias (ages in seconds)."""

    function_arn: str
    maximum_retry_attempts: int | None = None
    maximum_event_age_in_seconds: int | None = None
    destination_config: Destinations | None = None


class ProvisionedConcurrency(msgspec.Struct, rename="pascal", frozen=True):
    """Execution environments kept warm for a version or alias."""

    function_arn: str
    requested_provisioned_concurrent_executions: int | None = None
    status: str | None = None


class FunctionConfiguration(Record, kw_only=True, rename="pascal"):
    """What ``$LATEST`` and a published version have in common: API shape ``FunctionConfiguration``.

    Times are ISO 8601 text, sizes bytes, memory MB, timeouts seconds.
    """

    function_name: str
    function_arn: str
    runtime: str | None = None
    role: str | None = None
    handler: str | None = None
    code_size: int | None = None
    description: str | None = None
    timeout: int | None = None
    memory_size: int | None = None
    last_modified: str | None = None
    code_sha256: str | None = msgspec.field(default=None, name="CodeSha256")
    version: str | None = None
    master_arn: str | None = None
    state: str | None = None
    state_reason_code: str | None = None
    last_update_status: str | None = None
    package_type: str | None = None
    architectures: tuple[str, ...] = ()
    vpc_config: VpcConfig | None = None
    dead_letter_config: DeadLetterConfig | None = None
    kms_key_arn: str | None = msgspec.field(default=None, name="KMSKeyArn")
    layers: tuple[Layer, ...] = ()
    file_system_configs: tuple[FileSystemConfig, ...] = ()
    signing_profile_version_arn: str | None = None
    signing_job_arn: str | None = None
    ephemeral_storage: EphemeralStorage | None = None
    snap_start: SnapStart | None = None
    tracing_config: TracingConfig | None = None
    logging_config: LoggingConfig | None = None
    tenancy_config: TenancyConfig | None = None
    capacity_provider_config: CapacityProviderConfig | None = None
    durable_config: DurableConfig | None = None
    runtime_version_config: RuntimeVersionConfig | None = None
    # read in a form of their own, or from calls of their own
    environment: dict[str, EnvironmentValue] | UnsetType | None = msgspec.field(default=UNSET, name="__environment")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class Function(FunctionConfiguration, kw_only=True, rename="pascal"):
    """A function, ``$LATEST`` (``lambda.ListFunctions``, ``lambda.GetFunction`` and the calls per function).

    Attributes
    ----------
    environment
        Variables by key; ``None`` without any, :data:`UNSET` where they were not seen (also where Lambda itself could
        not decrypt them).
    policy
        Resource policy of the unqualified function; versions and aliases have their own.
    image_uri, resolved_image_uri
        Container image: as configured, and with the digest that runs.
    code_object
        ARN of the object in S3 that the code is deployed from, as templates name it (the API does not); ``None`` where
        there is none, or a version of it is pinned.
    reserved_concurrency
        Reserved executions; 0 switches the function off, ``None`` means unreserved.
    code_signing_config_arn
        ``None`` where unsigned code is accepted.
    update_runtime_on
        ``"Auto"``, ``"FunctionUpdate"`` or ``"Manual"``.
    recursive_loop
        ``"Terminate"`` or ``"Allow"``.
    event_invoke_configs, provisioned_concurrency
        Of the function, its versions and aliases.
    """

    kind: ClassVar[Kind] = Kind.FUNCTION

    image_uri: str | UnsetType | None = msgspec.field(default=UNSET, name="__image_uri")
    resolved_image_uri: str | UnsetType | None = msgspec.field(default=UNSET, name="__resolved_image_uri")
    code_object: str | UnsetType | None = msgspec.field(default=UNSET, name="__code_object")
    reserved_concurrency: int | UnsetType | None = msgspec.field(default=UNSET, name="__reserved_concurrency")
    code_signing_config_arn: str | UnsetType | None = msgspec.field(default=UNSET, name="__code_signing_config_arn")
    update_runtime_on: str | UnsetType | None = msgspec.field(default=UNSET, name="__update_runtime_on")
    managed_runtime_version_arn: str | UnsetType | None = msgspec.field(default=UNSET, name="__managed_runtime_version")
    recursive_loop: str | UnsetType | None = msgspec.field(default=UNSET, name="__recursive_loop")
    event_invoke_configs: tuple[EventInvokeConfig, ...] | UnsetType = msgspec.field(
        default=UNSET, name="__event_invoke_configs"
    )
    provisioned_concurrency: tuple[ProvisionedConcurrency, ...] | UnsetType = msgspec.field(
        default=UNSET, name="__provisioned_concurrency"
    )


class FunctionVersion(FunctionConfiguration, kw_only=True, rename="pascal"):
    """A published version (``lambda.ListVersionsByFunction``); its id is the qualified ARN."""

    kind: ClassVar[Kind] = Kind.FUNCTION_VERSION


class RoutingConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Other versions that an alias sends a share of its invocations to (share in [0, 1])."""

    additional_version_weights: dict[str, float] = {}


class FunctionAlias(Record, kw_only=True, rename="pascal"):
    """An alias (``lambda.ListAliases``); its id is the qualified ARN, its name the alias alone."""

    kind: ClassVar[Kind] = Kind.FUNCTION_ALIAS

    alias_arn: str
    function_version: str | None = None
    description: str | None = None
    routing_config: RoutingConfig | None = None
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class Cors(msgspec.Struct, rename="pascal", frozen=True):
    """Cross-origin settings of a function URL; ``None`` where a list is not set."""

    allow_credentials: bool = False
    allow_headers: tuple[str, ...] | None = None
    allow_methods: tuple[str, ...] | None = None
    allow_origins: tuple[str, ...] | None = None
    expose_headers: tuple[str, ...] | None = None
    max_age: int | None = None


class FunctionUrl(Record, kw_only=True, rename="pascal"):
    """A function URL (``lambda.ListFunctionUrlConfigs``); its id is ``url:`` and the function's (qualified) ARN."""

    kind: ClassVar[Kind] = Kind.FUNCTION_URL

    function_url: str
    function_arn: str
    auth_type: str
    invoke_mode: str | None = None
    cors: Cors | None = None
    creation_time: str | None = None
    last_modified_time: str | None = None


class LayerVersion(Record, kw_only=True, rename="pascal"):
    """A version of a layer (``lambda.ListLayerVersions``); its name is the layer's."""

    kind: ClassVar[Kind] = Kind.LAYER

    layer_version_arn: str
    version: int | None = None
    description: str | None = None
    created_date: str | None = None
    compatible_architectures: tuple[str, ...] = ()
    compatible_runtimes: tuple[str, ...] = ()
    license_info: str | None = None
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class AllowedPublishers(msgspec.Struct, rename="pascal", frozen=True):
    """Signing profiles whose signatures are accepted."""

    signing_profile_version_arns: tuple[str, ...] = ()


class CodeSigningPolicies(msgspec.Struct, rename="pascal", frozen=True):
    """What happens with unsigned code: ``"Warn"`` or ``"Enforce"``."""

    untrusted_artifact_on_deployment: str | None = None


class CodeSigningConfig(Record, kw_only=True, rename="pascal"):
    """A code signing configuration (``lambda.ListCodeSigningConfigs``)."""

    kind: ClassVar[Kind] = Kind.CODE_SIGNING_CONFIG

    code_signing_config_arn: str
    description: str | None = None
    allowed_publishers: AllowedPublishers | None = None
    code_signing_policies: CodeSigningPolicies | None = None


class AccountLimit(msgspec.Struct, rename="pascal", frozen=True):
    """Limits of an account in a region (sizes in bytes)."""

    total_code_size: int | None = None
    concurrent_executions: int | None = None
    unreserved_concurrent_executions: int | None = None


class AccountUsage(msgspec.Struct, rename="pascal", frozen=True):
    """What of the limits is used (size in bytes)."""

    total_code_size: int | None = None
    function_count: int | None = None


class FunctionSettings(Record, kw_only=True, rename="pascal"):
    """Lambda's settings of an account in a region (``lambda.GetAccountSettings``).

    Its id is ``settings:lambda:<account>:<region>``.
    """

    kind: ClassVar[Kind] = Kind.FUNCTION_SETTINGS

    account_limit: AccountLimit | None = None
    account_usage: AccountUsage | None = None
