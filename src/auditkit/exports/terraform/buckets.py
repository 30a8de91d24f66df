"""Amazon S3 in Terraform: buckets, and the resources that each hold one setting of a bucket."""

from collections.abc import Callable
from typing import Any

from auditkit.exports._acls import canned_acl
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.terraform._out import Out, block, pairs_of
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]

_BUCKET = ("aws_s3_bucket",)
Tree = dict[str, Any]


def translate(estate: Estate, out: Out) -> None:
    """Hand over buckets and their settings."""
    for bucket in estate.of(*_BUCKET):
        _bucket(bucket, out)
    for kind, (call, tree_of) in _SETTINGS.items():
        for setting in estate.of(kind):
            tree = tree_of(setting)
            if tree is not None:
                out.give(setting, f"s3.{call}", tree, setting.text("bucket"))
    for setting in estate.of("aws_s3_bucket_policy"):
        out.policy(setting, "s3.GetBucketPolicy", "Policy", setting.text("bucket"))
    for setting in estate.of("aws_s3_account_public_access_block"):
        tree = {"PublicAccessBlockConfiguration": _public_access(setting)}
        out.give(setting, "s3control.GetPublicAccessBlock", tree, setting.text("account_id") or setting.place.account)


def _bucket(bucket: Resource, out: Out) -> None:
    name = bucket.text("bucket")
    listed = {"Name": name, "BucketRegion": bucket.place.region, "BucketArn": bucket.arn}
    out.give(bucket, "s3.ListBuckets", {"Buckets": [listed]}, complete=False)
    if bucket.tags is not None:
        out.give(bucket, "s3.GetBucketTagging", {"TagSet": pairs_of(bucket)}, name)
    if not _apart(bucket, "aws_s3_bucket_public_access_block"):
        # S3 switches the block on for a new bucket, and then refuses a policy that lets anyone in: where there is one,
        # the block is off
        out.give(bucket, "s3.GetPublicAccessBlock", {"PublicAccessBlockConfiguration": None}, name, assumed=True)
    # where a resource of its own sets something, what the bucket says of it may be older
    if not _apart(bucket, "aws_s3_bucket_policy"):
        if bucket.either("policy") is not None:
            out.policy(bucket, "s3.GetBucketPolicy", "Policy", name)
        elif not bucket.estate.planned and bucket.node.value.get("policy") == "":  # read back: there is none
            out.give(bucket, "s3.GetBucketPolicy", {"Policy": None}, name)
    for kind, attribute, call, tree_of in _OLD_SETTINGS:
        if bucket.either(attribute) is not None and not _apart(bucket, kind):
            tree = tree_of(bucket)
            if tree is not None:
                out.give(bucket, f"s3.{call}", tree, name)


def _apart(bucket: Resource, kind: str) -> bool:
    return bucket.estate.named(bucket.text("bucket"), (kind,), ("bucket",)) is not None


# ---------------------------------------------------------------- settings


def _notification(setting: Resource) -> Tree:
    names = {"LambdaFunctionArn": "lambda_function", "QueueArn": "queue", "TopicArn": "topic"}
    keys = {
        "LambdaFunctionArn": "LambdaFunctionConfigurations",
        "QueueArn": "QueueConfigurations",
        "TopicArn": "TopicConfigurations",
    }
    attributes = {"LambdaFunctionArn": "lambda_function_arn", "QueueArn": "queue_arn", "TopicArn": "topic_arn"}
    tree: Tree = {}
    for key, name in names.items():
        found = []
        for node in setting.node.each(name):
            rules = [
                {"Name": part, "Value": node.text(f"filter_{part}")}
                for part in ("prefix", "suffix")
                if node.text(f"filter_{part}")
            ]
            item = block(node, **{"Id": "id", "Events": "events", key: attributes[key]}) or {}
            found.append({**item, "Filter": {"Key": {"FilterRules": rules}} if rules else None})
        if found:
            tree[keys[key]] = found
    if setting.flag("eventbridge"):
        tree["EventBridgeConfiguration"] = {}
    return tree


def _public_access(setting: Resource) -> Tree:
    tree: Tree = setting.fit("s3", "PublicAccessBlockConfiguration")
    return tree


def _encryption(setting: Resource) -> Tree | None:
    holder = setting.first("server_side_encryption_configuration") or setting.node
    rules = []
    for rule in holder.each("rule"):
        default = rule.first("apply_server_side_encryption_by_default")
        key = default.text("kms_master_key_id") if default is not None else ""
        rules.append(
            {
                "ApplyServerSideEncryptionByDefault": {
                    "SSEAlgorithm": default.text("sse_algorithm"),
                    "KMSMasterKeyID": key or None,
                }
                if default is not None and default.text("sse_algorithm")
                else None,
                "BucketKeyEnabled": rule.at("bucket_key_enabled"),
            }
        )
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}} if rules else None


def _versioning(setting: Resource) -> Tree | None:
    found = setting.first("versioning_configuration")
    return block(found, Status="status", MFADelete="mfa_delete")


def _old_versioning(bucket: Resource) -> Tree | None:
    found = bucket.first("versioning")
    enabled = found.at("enabled") if found is not None else None
    return {"Status": "Enabled"} if enabled is not None and enabled.value is True else {}


def _acl(setting: Resource) -> Tree | None:
    canned = setting.text("acl")
    if canned:
        return canned_acl(canned)
    policy = setting.first("access_control_policy")
    if policy is None:
        return _granted(setting) if setting.either("grant") is not None else None
    grants: list[Tree] = []
    for grant in policy.each("grant"):
        grantee = grant.first("grantee")
        who = block(grantee, Type="type", ID="id", URI="uri")
        grants.append({"Permission": grant.text("permission"), "Grantee": who})
    owner: Tree = {"Owner": block(policy.first("owner"), ID="id"), "Grants": grants}
    return owner


def _granted(bucket: Resource) -> Tree:
    """Return the list that a bucket itself holds: for each grantee, several permissions."""
    grants = []
    for node in bucket.node.each("grant"):
        grantee = {"Type": node.text("type"), "ID": node.text("id") or None, "URI": node.text("uri") or None}
        permissions = node.at("permissions")
        listed = permissions.value if permissions is not None and isinstance(permissions.value, list) else []
        grants += [{"Permission": permission, "Grantee": grantee} for permission in listed]
    return {"Owner": {"ID": "owner"}, "Grants": grants}


def _ownership(setting: Resource) -> Tree | None:
    rules = [block(rule, ObjectOwnership="object_ownership") for rule in setting.node.each("rule")]
    return {"OwnershipControls": {"Rules": rules}} if rules else None


def _website(setting: Resource) -> Tree | None:
    holder = setting.first("website") or setting.node
    index, redirect = holder.first("index_document"), holder.first("redirect_all_requests_to")
    suffix = index.at("suffix") if index is not None else holder.at("index_document")
    tree = {
        "IndexDocument": {"Suffix": suffix} if suffix is not None and suffix.value else None,
        "RedirectAllRequestsTo": block(redirect, HostName="host_name", Protocol="protocol"),
    }
    return {key: value for key, value in tree.items() if value} or None


def _rules(setting: Resource) -> list[Any]:
    return [fitted(rule, shape_of("s3", "LifecycleRule"), {"id": "ID"}) for rule in setting.node.each("rule")]


def _lifecycle(setting: Resource) -> Tree | None:
    return {"Rules": _rules(setting)}


def _old_lifecycle(bucket: Resource) -> Tree | None:
    rules = []
    for rule in bucket.node.each("lifecycle_rule"):
        days = rule.first("expiration")
        enabled = rule.at("enabled")
        rules.append(
            {
                "ID": rule.text("id") or None,
                "Status": "Enabled" if enabled is not None and enabled.value is True else "Disabled",
                "Prefix": rule.text("prefix") or None,
                "Expiration": block(days, Days="days"),
            }
        )
    return {"Rules": rules}


def _replication(setting: Resource) -> Tree | None:
    holder = setting.first("replication_configuration") or setting.node
    rules = []
    for rule in (*holder.each("rule"), *holder.each("rules")):
        destination = rule.first("destination")
        to = block(destination, Bucket="bucket", Account="account", Account_="account_id") or {}
        account = to.pop("Account_", None)
        rules.append(
            {
                "ID": rule.text("id") or None,
                "Status": rule.text("status"),
                "Prefix": rule.text("prefix") or None,
                "Filter": fitted(rule.at("filter"), shape_of("s3", "ReplicationRuleFilter")) or None,
                "Destination": {"Account": account, **to} if to else None,
            }
        )
    return {"ReplicationConfiguration": {"Role": holder.at("role"), "Rules": rules}} if rules else None


def _object_lock(setting: Resource) -> Tree:
    holder = setting.first("object_lock_configuration") or setting.node
    shown: Tree = {"ObjectLockEnabled": holder.text("object_lock_enabled") or "Enabled"}
    rule = holder.first("rule")
    kept = block(rule.first("default_retention") if rule is not None else None, Mode="mode", Days="days", Years="years")
    if kept:
        shown["Rule"] = {"DefaultRetention": {key: value for key, value in kept.items() if value.value}}
    return {"ObjectLockConfiguration": shown}


_SETTINGS: dict[str, tuple[str, Callable[[Resource], Tree | None]]] = {
    "aws_s3_bucket_acl": ("GetBucketAcl", _acl),
    "aws_s3_bucket_lifecycle_configuration": ("GetBucketLifecycleConfiguration", _lifecycle),
    "aws_s3_bucket_notification": ("GetBucketNotificationConfiguration", _notification),
    "aws_s3_bucket_object_lock_configuration": ("GetObjectLockConfiguration", _object_lock),
    "aws_s3_bucket_ownership_controls": ("GetBucketOwnershipControls", _ownership),
    "aws_s3_bucket_public_access_block": (
        "GetPublicAccessBlock",
        lambda setting: {"PublicAccessBlockConfiguration": _public_access(setting)},
    ),
    "aws_s3_bucket_replication_configuration": ("GetBucketReplication", _replication),
    "aws_s3_bucket_server_side_encryption_configuration": ("GetBucketEncryption", _encryption),
    "aws_s3_bucket_versioning": ("GetBucketVersioning", _versioning),
    "aws_s3_bucket_website_configuration": ("GetBucketWebsite", _website),
}
_OLD_SETTINGS: tuple[tuple[str, str, str, Callable[[Resource], Tree | None]], ...] = (
    ("aws_s3_bucket_acl", "acl", "GetBucketAcl", _acl),
    ("aws_s3_bucket_acl", "grant", "GetBucketAcl", _acl),
    ("aws_s3_bucket_lifecycle_configuration", "lifecycle_rule", "GetBucketLifecycleConfiguration", _old_lifecycle),
    ("aws_s3_bucket_replication_configuration", "replication_configuration", "GetBucketReplication", _replication),
    (
        "aws_s3_bucket_server_side_encryption_configuration",
        "server_side_encryption_configuration",
        "GetBucketEncryption",
        _encryption,
    ),
    (
        "aws_s3_bucket_object_lock_configuration",
        "object_lock_configuration",
        "GetObjectLockConfiguration",
        _object_lock,
    ),
    ("aws_s3_bucket_versioning", "versioning", "GetBucketVersioning", _old_versioning),
    ("aws_s3_bucket_website_configuration", "website", "GetBucketWebsite", _website),
)
"""Settings that buckets themselves held before version 4 of the provider, and the resource that holds each since."""
