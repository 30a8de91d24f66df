"""AWS KMS, AWS Secrets Manager, Systems Manager Parameter Store: keys, secrets, parameters; never a value."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.moments import Moment, iso_moment
from auditkit.inventory.record import PolicyText, Record
from auditkit.inventory.sourced import Sourced

__all__ = ["Key", "KeyGrant", "KeyMetadata", "KeyRotation", "Parameter", "RotationRules", "Secret"]


class GrantConstraints(msgspec.Struct, rename="pascal", frozen=True):
    """What a grant is limited to."""

    encryption_context_subset: dict[str, str] = {}
    encryption_context_equals: dict[str, str] = {}
    source_arn: str | None = None


class KeyGrant(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Grant on a key (``kms.ListGrants``)."""

    grant_id: str
    grantee_principal: str | None = None
    grantee_service_principal: str | None = None
    retiring_principal: str | None = None
    issuing_account: str | None = None
    operations: tuple[str, ...] = ()
    constraints: GrantConstraints | None = None
    name: str | None = None


class KeyRotation(msgspec.Struct, rename="pascal", frozen=True):
    """Rotation of a key (``kms.GetKeyRotationStatus``)."""

    key_rotation_enabled: bool
    rotation_period_in_days: int | None = None


class KeyMetadata(msgspec.Struct, rename="pascal", frozen=True):
    """What ``kms.DescribeKey`` says of a key."""

    enabled: bool | None = None
    key_usage: str | None = None
    key_state: str | None = None
    key_manager: str | None = None
    key_spec: str | None = None
    origin: str | None = None
    multi_region: bool | None = None


class Key(Record, kw_only=True, rename="pascal"):
    """A key (``kms.ListKeys`` and the calls per key)."""

    kind: ClassVar[Kind] = Kind.KEY

    key_id: str
    key_arn: str
    # from calls of their own
    metadata: KeyMetadata | UnsetType | None = msgspec.field(default=UNSET, name="__metadata")
    aliases: tuple[str, ...] | UnsetType | None = msgspec.field(default=UNSET, name="__aliases")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")
    grants: tuple[KeyGrant, ...] | UnsetType | None = msgspec.field(default=UNSET, name="__grants")
    rotation: KeyRotation | UnsetType | None = msgspec.field(default=UNSET, name="__rotation")


class RotationRules(msgspec.Struct, rename="pascal", frozen=True):
    """When a secret is rotated."""

    automatically_after_days: int | None = None
    schedule_expression: str | None = None


class Secret(Record, kw_only=True, rename="pascal"):
    """A secret (``secretsmanager.ListSecrets``, ``secretsmanager.GetResourcePolicy``)."""

    kind: ClassVar[Kind] = Kind.SECRET

    arn: str = msgspec.field(name="ARN")
    secret_name: str = msgspec.field(name="Name")
    kms_key_id: str | None = None
    rotation_enabled: bool = False
    rotation_lambda_arn: str | None = msgspec.field(default=None, name="RotationLambdaARN")
    rotation_rules: RotationRules | None = None
    last_rotated_date: Moment = None
    last_changed_date: Moment = None
    last_accessed_date: Moment = None
    deleted_date: Moment = None
    owning_service: str | None = None
    primary_region: str | None = None
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")

    def __post_init__(self) -> None:
        """Write every date as ISO 8601 text."""
        for name in ("last_rotated_date", "last_changed_date", "last_accessed_date", "deleted_date"):
            setattr(self, name, iso_moment(getattr(self, name)))


class Parameter(Record, kw_only=True, rename="pascal"):
    """A parameter (``ssm.DescribeParameters``)."""

    kind: ClassVar[Kind] = Kind.PARAMETER

    parameter_name: str = msgspec.field(name="Name")
    arn: str | None = msgspec.field(default=None, name="ARN")
    type: str | None = None
    key_id: str | None = None
    tier: str | None = None
    data_type: str | None = None
    last_modified_date: Moment = None

    def __post_init__(self) -> None:
        """Write the date as ISO 8601 text."""
        self.last_modified_date = iso_moment(self.last_modified_date)
