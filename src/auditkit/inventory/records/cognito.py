"""Amazon Cognito: user pools with their triggers, clients and groups; identity pools with their roles."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record, Source

__all__ = [
    "AdminCreateUserConfig",
    "CognitoIdentityProvider",
    "IdentityPool",
    "LambdaTriggers",
    "RoleMapping",
    "UserGroup",
    "UserPool",
    "UserPoolClient",
    "VersionedTrigger",
]


class VersionedTrigger(msgspec.Struct, rename="pascal", frozen=True):
    """A trigger that names the version of its event."""

    lambda_arn: str
    lambda_version: str | None = None


class LambdaTriggers(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """Functions that a user pool runs."""

    pre_sign_up: str | None = None
    custom_message: str | None = None
    post_confirmation: str | None = None
    pre_authentication: str | None = None
    post_authentication: str | None = None
    define_auth_challenge: str | None = None
    create_auth_challenge: str | None = None
    verify_auth_challenge_response: str | None = None
    pre_token_generation: str | None = None
    user_migration: str | None = None
    pre_token_generation_config: VersionedTrigger | None = None
    custom_sms_sender: VersionedTrigger | None = msgspec.field(default=None, name="CustomSMSSender")
    custom_email_sender: VersionedTrigger | None = None
    inbound_federation: VersionedTrigger | None = None
    kms_key_id: str | None = msgspec.field(default=None, name="KMSKeyID")

    @property
    def by_name(self) -> dict[str, str]:
        """Trigger by the API's name -> ARN of the function, in the API's order."""
        found: dict[str, str] = {}
        for name, wire in zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True):
            value = getattr(self, name)
            if name != "kms_key_id" and value is not None:
                found[wire] = value.lambda_arn if isinstance(value, VersionedTrigger) else value
        return found


class AdminCreateUserConfig(msgspec.Struct, rename="pascal", frozen=True):
    """Whether only administrators create users; False lets anyone sign up."""

    allow_admin_create_user_only: bool = False


class PasswordPolicy(msgspec.Struct, rename="pascal", frozen=True):
    """Demands on passwords."""

    minimum_length: int | None = None
    require_uppercase: bool | None = None
    require_lowercase: bool | None = None
    require_numbers: bool | None = None
    require_symbols: bool | None = None


class UserPoolPolicies(msgspec.Struct, rename="pascal", frozen=True):
    """Policies of a user pool."""

    password_policy: PasswordPolicy | None = None


class UserPoolAddOns(msgspec.Struct, rename="pascal", frozen=True):
    """Threat protection of a user pool: ``OFF``, ``AUDIT`` or ``ENFORCED``."""

    advanced_security_mode: str | None = None


class UserPoolClient(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """An app client (``cognito-idp.ListUserPoolClients``); its secret is never read."""

    client_id: str
    client_name: str | None = None
    source: Source = msgspec.field(default=Source(""), name="__source")


class UserGroup(msgspec.Struct, kw_only=True, rename="pascal", frozen=True):
    """A group of users (``cognito-idp.ListGroups``), with the role its members get from an identity pool."""

    group_name: str
    role_arn: str | None = None
    precedence: int | None = None
    source: Source = msgspec.field(default=Source(""), name="__source")


class UserPool(Record, kw_only=True, rename="pascal"):
    """A user pool (``cognito-idp.DescribeUserPool``, ``cognito-idp.ListUserPools`` and the calls per pool).

    ``lambda_config`` and ``admin_create_user_config`` are UNSET where only the list was read.
    """

    kind: ClassVar[Kind] = Kind.USER_POOL

    pool_id: str = msgspec.field(name="Id")
    arn: str | None = None
    lambda_config: LambdaTriggers | UnsetType | None = UNSET
    admin_create_user_config: AdminCreateUserConfig | UnsetType | None = UNSET
    policies: UserPoolPolicies | UnsetType | None = UNSET
    mfa_configuration: str | UnsetType | None = UNSET
    user_pool_add_ons: UserPoolAddOns | UnsetType | None = UNSET
    domain: str | None = None
    custom_domain: str | None = None
    deletion_protection: str | None = None
    clients: tuple[UserPoolClient, ...] | UnsetType = msgspec.field(default=UNSET, name="__clients")
    groups: tuple[UserGroup, ...] | UnsetType = msgspec.field(default=UNSET, name="__groups")

    @property
    def self_sign_up(self) -> bool | None:
        """Whether anyone may sign up; ``None`` where the pool's description was not read."""
        if isinstance(self.admin_create_user_config, UnsetType):
            return None
        config = self.admin_create_user_config
        return config is None or not config.allow_admin_create_user_only


class CognitoIdentityProvider(msgspec.Struct, rename="pascal", frozen=True):
    """A user pool's client whose users get identities."""

    provider_name: str | None = None
    client_id: str | None = None
    server_side_token_check: bool | None = None


class MappingRule(msgspec.Struct, kw_only=True, frozen=True):
    """A rule that gives a role by a claim; the value it compares with is not kept."""

    claim: str = msgspec.field(name="Claim")
    match_type: str = msgspec.field(name="MatchType")
    role_arn: str = msgspec.field(name="RoleARN")


class RulesConfiguration(msgspec.Struct, rename="pascal", frozen=True):
    """Rules in order."""

    rules: tuple[MappingRule, ...] = ()


class RoleMapping(msgspec.Struct, rename="pascal", frozen=True):
    """How the users of one provider get their role: ``Token`` (their group's) or ``Rules``."""

    type: str
    ambiguous_role_resolution: str | None = None
    rules_configuration: RulesConfiguration | None = None


class IdentityPool(Record, kw_only=True, rename="pascal"):
    """An identity pool (``cognito-identity.DescribeIdentityPool``, ``cognito-identity.GetIdentityPoolRoles``).

    ``allow_unauthenticated_identities`` is UNSET where only the list was read, ``roles`` and ``role_mappings`` where
    the roles were not.
    """

    kind: ClassVar[Kind] = Kind.IDENTITY_POOL

    identity_pool_id: str
    identity_pool_name: str | None = None
    allow_unauthenticated_identities: bool | UnsetType = UNSET
    allow_classic_flow: bool | None = None
    supported_login_providers: dict[str, str] = msgspec.field(default_factory=dict)
    developer_provider_name: str | None = None
    open_id_connect_provider_arns: tuple[str, ...] = msgspec.field(default=(), name="OpenIdConnectProviderARNs")
    cognito_identity_providers: tuple[CognitoIdentityProvider, ...] = ()
    saml_provider_arns: tuple[str, ...] = msgspec.field(default=(), name="SamlProviderARNs")
    roles: dict[str, str] | UnsetType = UNSET
    role_mappings: dict[str, RoleMapping] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Keep which login providers there are, not what they are told."""
        self.supported_login_providers = dict.fromkeys(sorted(self.supported_login_providers), "")
