"""Amazon S3: buckets and the account's public-access block."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record
from auditkit.inventory.sourced import Sourced

__all__ = [
    "AccountPublicAccessBlock",
    "Bucket",
    "BucketAcl",
    "BucketEncryption",
    "BucketNotification",
    "BucketReplication",
    "BucketVersioning",
    "BucketWebsite",
    "DefaultRetention",
    "FunctionNotification",
    "Grant",
    "Grantee",
    "LifecycleRule",
    "NotificationFilter",
    "ObjectLock",
    "PolicyStatus",
    "PublicAccessBlock",
    "QueueNotification",
    "ReplicationDestination",
    "ReplicationRule",
    "TopicNotification",
]


class PublicAccessBlock(msgspec.Struct, rename="pascal", frozen=True):
    """The four switches of a public-access block; one that is not set is off."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False


class AccountPublicAccessBlock(Record, kw_only=True, rename="pascal"):
    """The public-access block of a whole account (``s3control.GetPublicAccessBlock``).

    Its id is ``settings:s3:<account>``.
    """

    kind: ClassVar[Kind] = Kind.PUBLIC_ACCESS_BLOCK

    public_access_block_configuration: PublicAccessBlock | None = None


class FilterRule(msgspec.Struct, rename="pascal", frozen=True):
    """One rule of a notification's filter: a prefix or a suffix of the object key."""

    name: str
    value: str = ""


class KeyFilter(msgspec.Struct, rename="pascal", frozen=True):
    """Rules on the object key."""

    filter_rules: tuple[FilterRule, ...] = ()


class NotificationFilter(msgspec.Struct, rename="pascal", frozen=True):
    """Filter of a notification."""

    key: KeyFilter | None = None

    @property
    def narrows(self) -> bool:
        """Whether the filter leaves out any object: a rule with an empty value leaves out none."""
        return self.key is not None and any(rule.value for rule in self.key.filter_rules)


class _Notification(msgspec.Struct, rename="pascal", frozen=True, kw_only=True):
    id: str | None = None
    events: tuple[str, ...] = ()
    filter: NotificationFilter | None = None


class FunctionNotification(_Notification, rename="pascal", frozen=True, kw_only=True):
    """Notification to a function."""

    lambda_function_arn: str


class QueueNotification(_Notification, rename="pascal", frozen=True, kw_only=True):
    """Notification to a queue."""

    queue_arn: str


class TopicNotification(_Notification, rename="pascal", frozen=True, kw_only=True):
    """Notification to a topic."""

    topic_arn: str


class EventBridge(msgspec.Struct, rename="pascal", frozen=True):
    """Stands where all events of a bucket go to EventBridge; it has no settings."""


class BucketNotification(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Notifications of a bucket (``s3.GetBucketNotificationConfiguration``).

    ``event_bridge_configuration`` is there where all events go to EventBridge, ``None`` where they do not.
    """

    lambda_function_configurations: tuple[FunctionNotification, ...] = ()
    queue_configurations: tuple[QueueNotification, ...] = ()
    topic_configurations: tuple[TopicNotification, ...] = ()
    event_bridge_configuration: EventBridge | None = None


class EncryptionByDefault(msgspec.Struct, rename="pascal", frozen=True):
    """Default encryption of new objects."""

    sse_algorithm: str = msgspec.field(name="SSEAlgorithm")
    kms_master_key_id: str | None = msgspec.field(default=None, name="KMSMasterKeyID")


class EncryptionRule(msgspec.Struct, rename="pascal", frozen=True):
    """One rule of a bucket's encryption."""

    apply_server_side_encryption_by_default: EncryptionByDefault | None = None
    bucket_key_enabled: bool = False


class BucketEncryption(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Encryption at rest of a bucket (``s3.GetBucketEncryption``)."""

    rules: tuple[EncryptionRule, ...] = ()


class Grantee(msgspec.Struct, rename="pascal", frozen=True):
    """Who an access control list names; mail addresses and display names are not kept."""

    type: str
    id: str | None = msgspec.field(default=None, name="ID")
    uri: str | None = msgspec.field(default=None, name="URI")


class Grant(msgspec.Struct, rename="pascal", frozen=True):
    """One grant of an access control list."""

    permission: str
    grantee: Grantee | None = None


class Owner(msgspec.Struct, rename="pascal", frozen=True):
    """Canonical user that owns a bucket."""

    id: str | None = msgspec.field(default=None, name="ID")


class BucketAcl(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Access control list of a bucket (``s3.GetBucketAcl``)."""

    owner: Owner | None = None
    grants: tuple[Grant, ...] = ()


class BucketVersioning(msgspec.Struct, rename="pascal", frozen=True):
    """Versioning of a bucket (``s3.GetBucketVersioning``); both are absent where it was never switched on."""

    status: str | None = None
    mfa_delete: str | None = msgspec.field(default=None, name="MFADelete")


class ReplicationDestination(msgspec.Struct, rename="pascal", frozen=True):
    """Where a rule replicates to; ``account`` is given only where the replica changes its owner."""

    bucket: str
    account: str | None = None


class Tag(msgspec.Struct, rename="pascal", frozen=True):
    """Tag of an object."""

    key: str
    value: str = ""


class AllOf(msgspec.Struct, rename="pascal", frozen=True):
    """Prefix and tags that an object must have together."""

    prefix: str | None = None
    tags: tuple[Tag, ...] = ()


class RuleFilter(msgspec.Struct, rename="pascal", frozen=True):
    """Which objects a rule is about; an empty one, or an empty prefix, is about all."""

    prefix: str | None = None
    tag: Tag | None = None
    all_of: AllOf | None = msgspec.field(default=None, name="And")

    @property
    def narrows(self) -> bool:
        """Whether the filter leaves out any object (one on the size of objects is not looked at)."""
        together = self.all_of is not None and bool(self.all_of.prefix or self.all_of.tags)
        return bool(self.prefix) or self.tag is not None or together


class ReplicationRule(msgspec.Struct, rename="pascal", frozen=True):
    """One replication rule."""

    status: str
    destination: ReplicationDestination
    id: str | None = msgspec.field(default=None, name="ID")
    prefix: str | None = None
    filter: RuleFilter | None = None


class BucketReplication(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Replication of a bucket (``s3.GetBucketReplication``)."""

    role: str | None = None
    rules: tuple[ReplicationRule, ...] = ()


class OwnershipRule(msgspec.Struct, rename="pascal", frozen=True):
    """Who owns new objects; ``"BucketOwnerEnforced"`` switches access control lists off."""

    object_ownership: str


class OwnershipControls(msgspec.Struct, rename="pascal", frozen=True):
    """Ownership controls of a bucket (``s3.GetBucketOwnershipControls``)."""

    rules: tuple[OwnershipRule, ...] = ()


class RedirectAll(msgspec.Struct, rename="pascal", frozen=True):
    """Redirection of a whole website."""

    host_name: str
    protocol: str | None = None


class IndexDocument(msgspec.Struct, rename="pascal", frozen=True):
    """Name of the page that a folder shows."""

    suffix: str | None = None


class BucketWebsite(msgspec.Struct, rename="pascal", frozen=True):
    """Website of a bucket (``s3.GetBucketWebsite``); its endpoint speaks HTTP only."""

    redirect_all_requests_to: RedirectAll | None = None
    index_document: IndexDocument | None = None


class LifecycleExpiration(msgspec.Struct, rename="pascal", frozen=True):
    """When current objects expire; ``days`` counts from their creation."""

    days: int | None = None
    expired_object_delete_marker: bool | None = None


class NoncurrentExpiration(msgspec.Struct, rename="pascal", frozen=True):
    """When replaced versions expire; ``noncurrent_days`` counts from their replacement."""

    noncurrent_days: int | None = None


class LifecycleRule(msgspec.Struct, rename="pascal", frozen=True):
    """One lifecycle rule (``s3.GetBucketLifecycleConfiguration``)."""

    status: str
    id: str | None = msgspec.field(default=None, name="ID")
    prefix: str | None = None
    filter: RuleFilter | None = None
    expiration: LifecycleExpiration | None = None
    noncurrent_version_expiration: NoncurrentExpiration | None = None


class PolicyStatus(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Whether S3 itself finds the policy of a bucket public (``s3.GetBucketPolicyStatus``)."""

    is_public: bool | None = None


class DefaultRetention(msgspec.Struct, rename="pascal", frozen=True):
    """How long a new version is locked where its writer does not say: ``"GOVERNANCE"`` or ``"COMPLIANCE"``."""

    mode: str | None = None
    days: int | None = None
    years: int | None = None


class ObjectLockRule(msgspec.Struct, rename="pascal", frozen=True):
    """The rule of an Object Lock."""

    default_retention: DefaultRetention | None = None


class ObjectLock(Sourced, rename="pascal", frozen=True, kw_only=True):
    """Whether versions can be locked against deletion (``s3.GetObjectLockConfiguration``), and are by default."""

    object_lock_enabled: str | None = None
    rule: ObjectLockRule | None = None


class Bucket(Record, kw_only=True, rename="pascal"):
    """A bucket (``s3.ListBuckets`` and the calls per bucket).

    ``location_constraint`` is absent (``None``) for ``us-east-1``; the record's ``region`` is the region itself.
    """

    kind: ClassVar[Kind] = Kind.BUCKET

    bucket_name: str = msgspec.field(name="Name")
    bucket_arn: str | None = None
    bucket_region: str | None = None
    # from calls of their own
    location_constraint: str | UnsetType | None = msgspec.field(default=UNSET, name="__location_constraint")
    notification: BucketNotification | UnsetType | None = msgspec.field(default=UNSET, name="__notification")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")
    policy_status: PolicyStatus | UnsetType | None = msgspec.field(default=UNSET, name="__policy_status")
    public_access_block: PublicAccessBlock | UnsetType | None = msgspec.field(
        default=UNSET, name="__public_access_block"
    )
    encryption: BucketEncryption | UnsetType | None = msgspec.field(default=UNSET, name="__encryption")
    acl: BucketAcl | UnsetType | None = msgspec.field(default=UNSET, name="__acl")
    ownership_controls: OwnershipControls | UnsetType | None = msgspec.field(default=UNSET, name="__ownership_controls")
    versioning: BucketVersioning | UnsetType | None = msgspec.field(default=UNSET, name="__versioning")
    replication: BucketReplication | UnsetType | None = msgspec.field(default=UNSET, name="__replication")
    website: BucketWebsite | UnsetType | None = msgspec.field(default=UNSET, name="__website")
    object_lock: ObjectLock | UnsetType | None = msgspec.field(default=UNSET, name="__object_lock")
    lifecycle_rules: tuple[LifecycleRule, ...] | UnsetType | None = msgspec.field(
        default=UNSET, name="__lifecycle_rules"
    )
