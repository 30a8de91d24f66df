"""Responses of Amazon S3 and S3 Control."""

from typing import Any

import msgspec

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich, listed, one
from auditkit.inventory.arn import arn_of, partition_of
from auditkit.inventory.records.buckets import (
    AccountPublicAccessBlock,
    Bucket,
    BucketAcl,
    BucketEncryption,
    BucketNotification,
    BucketReplication,
    BucketVersioning,
    BucketWebsite,
    LifecycleRule,
    ObjectLock,
    OwnershipControls,
    PolicyStatus,
    PublicAccessBlock,
)

__all__ = ["HANDLERS"]

_OLD_NAMES = {"EU": "eu-west-1", "US": "us-east-1"}


def _list_buckets(response: Response, reading: Reading) -> None:
    for bucket, _, _ in reading.each(response, Bucket, "Buckets"):
        region = bucket.bucket_region or ""
        partition = partition_of(region)
        bucket.id = bucket.bucket_arn or arn_of("s3", bucket.bucket_name, partition=partition)
        bucket.name, bucket.region = bucket.bucket_name, region
        reading.add(bucket)


def _get_bucket_location(response: Response, reading: Reading) -> None:
    constraint = reading.value(str, response, "LocationConstraint") or None
    enrich(response, reading, Bucket, "LocationConstraint", location_constraint=constraint)
    region = _OLD_NAMES.get(constraint or "US", constraint or "")
    name, account = response.argument(), response.account

    def place(read: Reading) -> None:
        for bucket in read.find(Bucket, name, account=account):
            bucket.region = bucket.region or region

    reading.later(place)


def _get_bucket_policy(response: Response, reading: Reading) -> None:
    policy = policy_text(response.payload.get("Policy"), response.at("Policy"), reading)
    enrich(response, reading, Bucket, "Policy", policy=policy)


def _get_bucket_tagging(response: Response, reading: Reading) -> None:
    tags = tags_of(response.payload.get("TagSet"), response.at("TagSet"), reading)
    enrich(response, reading, Bucket, "TagSet", tags=tags)


def _get_lifecycle(response: Response, reading: Reading) -> None:
    enrich(response, reading, Bucket, "Rules", lifecycle_rules=listed(response, reading, LifecycleRule, "Rules"))


def _whole(field: str, cls: type[msgspec.Struct]) -> Handler:
    """Return a handler for a call whose response as a whole is a field of the bucket; an empty one says *off*."""

    def handle(response: Response, reading: Reading) -> None:
        fields: dict[str, Any] = {field: one(response, reading, cls)}
        enrich(response, reading, Bucket, **fields)

    return handle


def _part(field: str, cls: type[msgspec.Struct], key: str) -> Handler:
    """Return a handler for a call of whose response one key is a field of the bucket; without it there is none."""

    def handle(response: Response, reading: Reading) -> None:
        fields: dict[str, Any] = {field: one(response, reading, cls, key)}
        enrich(response, reading, Bucket, key, **fields)

    return handle


def _get_bucket_website(response: Response, reading: Reading) -> None:
    enrich(response, reading, Bucket, website=one(response, reading, BucketWebsite) if response.payload else None)


def _get_account_block(response: Response, reading: Reading) -> None:
    block = reading.convert(response, AccountPublicAccessBlock, response.payload)
    account = response.argument() or response.account
    if block is not None:
        block.id, block.name, block.account, block.region = f"settings:s3:{account}", account, account, "global"
        reading.add(block)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("s3", "GetBucketAcl"): _whole("acl", BucketAcl),
    ("s3", "GetBucketEncryption"): _part("encryption", BucketEncryption, "ServerSideEncryptionConfiguration"),
    ("s3", "GetBucketLifecycleConfiguration"): _get_lifecycle,
    ("s3", "GetBucketLocation"): _get_bucket_location,
    ("s3", "GetBucketNotificationConfiguration"): _whole("notification", BucketNotification),
    ("s3", "GetBucketOwnershipControls"): _part("ownership_controls", OwnershipControls, "OwnershipControls"),
    ("s3", "GetBucketPolicy"): _get_bucket_policy,
    ("s3", "GetBucketPolicyStatus"): _part("policy_status", PolicyStatus, "PolicyStatus"),
    ("s3", "GetBucketReplication"): _part("replication", BucketReplication, "ReplicationConfiguration"),
    ("s3", "GetBucketTagging"): _get_bucket_tagging,
    ("s3", "GetBucketVersioning"): _whole("versioning", BucketVersioning),
    ("s3", "GetBucketWebsite"): _get_bucket_website,
    ("s3", "GetObjectLockConfiguration"): _part("object_lock", ObjectLock, "ObjectLockConfiguration"),
    ("s3", "GetPublicAccessBlock"): _part("public_access_block", PublicAccessBlock, "PublicAccessBlockConfiguration"),
    ("s3", "ListBuckets"): _list_buckets,
    ("s3control", "GetPublicAccessBlock"): _get_account_block,
}
