"""AWS Lambda: functions and what belongs to them."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record

__all__ = [
    "EnvironmentValue",
    "EventSourceMapping",
    "Function",
    "FunctionAlias",
    "FunctionUrl",
    "FunctionVersion",
    "LayerVersion",
    "VpcConfig",
]


class EnvironmentValue(msgspec.Struct, frozen=True):
    """What is kept of the value of an environment variable: never the value itself.

    Attributes
    ----------
    length
        Number of characters.
    sha256
        First 16 hexadecimal digits of the SHA-256 of the value's UTF-8 bytes. Lets a value be recognised as the name or ARN
        of a known resource without being kept.
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
    sha256: str
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


class Function(Record, kw_only=True, rename="pascal"):
    """A function, ``$LATEST`` (``lambda.ListFunctions``, ``lambda.GetFunction`` and the calls per function)."""

    kind: ClassVar[Kind] = Kind.FUNCTION

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
    vpc_config: VpcConfig | None = None
    package_type: str | None = None
    kms_key_arn: str | None = msgspec.field(default=None, name="KMSKeyArn")
    layers: tuple[Layer, ...] = ()
    file_system_configs: tuple[FileSystemConfig, ...] = ()
    dead_letter_config: DeadLetterConfig | None = None
    # read in a form of their own, or from calls of their own
    environment: dict[str, EnvironmentValue] | UnsetType | None = msgspec.field(default=UNSET, name="__environment")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")
