"""Buckets as AWS Config records them: in the words of an older library of AWS."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from auditkit.exports._answers import Node
from auditkit.exports._out import Out
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.config._items import Item
from auditkit.exports.config._kinds import pairs, policy_of

__all__ = ["tell_bucket"]

Fields = dict[str, Any]


def tell_bucket(item: Item, out: Out) -> None:
    """Hand over a bucket and what supplements it."""
    name = item.name or item.id
    listed = {"Name": name, "BucketRegion": item.place.region, "BucketArn": item.arn or f"arn:aws:s3:::{name}"}
    out.give(item, "s3.ListBuckets", {"Buckets": [listed]}, complete=False)
    if item.tags is not None:
        out.give(item, "s3.GetBucketTagging", {"TagSet": pairs(item.tags)}, name)
    policy = item.more("BucketPolicy")
    if policy is not None:
        found = policy_of(policy)
        out.give(item, "s3.GetBucketPolicy", {"Policy": found} if found is not None else {}, name)
    for part, (call, tree_of) in _BUCKET_PARTS.items():
        node = item.more(part)
        tree = tree_of(node) if node is not None and isinstance(node.value, dict) else None
        if tree is not None:
            out.give(item, f"s3.{call}", tree, name)


def _notification(node: Node) -> Fields:
    lists: dict[str, list[Fields]] = defaultdict(list)
    configurations = node.at("configurations")
    names = {"functionARN": "LambdaFunctionArn", "queueARN": "QueueArn", "topicARN": "TopicArn"}
    keys = {"Lambda": "LambdaFunctionConfigurations", "Queue": "QueueConfigurations", "Topic": "TopicConfigurations"}
    for key in configurations.value if configurations is not None and isinstance(configurations.value, dict) else ():
        one = configurations.at(key) if configurations is not None else None
        for arn, member in names.items():
            if one is None or not one.text(arn):
                continue
            criteria = one.at("filter", "s3KeyFilter")
            rules = (
                [{"Name": rule.text("name"), "Value": rule.text("value")} for rule in criteria.each("filterRules")]
                if criteria is not None
                else []
            )
            found = {
                "Id": key,
                member: one.text(arn),
                "Events": one.at("events"),
                "Filter": {"Key": {"FilterRules": rules}} if rules else None,
            }
            lists[keys[member.removesuffix("FunctionArn").removesuffix("Arn")]].append(found)
    tree: Fields = dict(lists)
    if node.at("eventBridgeConfiguration") is not None:
        tree["EventBridgeConfiguration"] = {}
    return tree


def _versioning(node: Node) -> Fields:
    status = node.text("status")
    mfa = node.at("isMfaDeleteEnabled")
    shown = {True: "Enabled", False: "Disabled"}.get(mfa.value) if mfa and isinstance(mfa.value, bool) else None
    return {"Status": status if status in {"Enabled", "Suspended"} else None, "MFADelete": shown}


def _wrapped(key: str, shape: str) -> Callable[[Node], Fields]:
    return lambda node: {key: fitted(node, shape_of("s3", shape))}


def _lifecycle(node: Node) -> Fields:
    rules = []
    for rule in node.each("rules"):
        days, later = rule.at("expirationInDays"), rule.at("noncurrentVersionExpirationInDays")
        rules.append(
            {
                "ID": rule.text("id") or None,
                "Status": rule.text("status"),
                "Prefix": rule.text("prefix") or None,
                "Expiration": {"Days": days} if days is not None and days.value != -1 else None,
                "NoncurrentVersionExpiration": {"NoncurrentDays": later}
                if later is not None and later.value != -1
                else None,
            }
        )
    return {"Rules": rules}


def _replication(node: Node) -> Fields | None:
    rules = []
    listed = node.at("rules")
    for name in listed.value if listed is not None and isinstance(listed.value, dict) else ():
        rule = listed.at(name) if listed is not None else None
        to = rule.at("destinationConfig") if rule is not None else None
        if rule is not None and to is not None:
            destination = {"Bucket": to.text("bucketARN"), "Account": to.text("account") or None}
            shown = {"ID": name, "Status": rule.text("status"), "Prefix": rule.text("prefix") or None}
            rules.append({**shown, "Destination": destination})
    return {"ReplicationConfiguration": {"Role": node.at("roleARN"), "Rules": rules}} if rules else None


def _website(node: Node) -> Fields | None:
    suffix, redirect = node.text("indexDocumentSuffix"), node.at("redirectAllRequestsTo")
    tree = {
        "IndexDocument": {"Suffix": suffix} if suffix else None,
        "RedirectAllRequestsTo": {"HostName": redirect.text("hostName"), "Protocol": redirect.text("protocol") or None}
        if redirect is not None
        else None,
    }
    return {key: value for key, value in tree.items() if value} or None


_GROUPS = {"AllUsers": "AllUsers", "AuthenticatedUsers": "AuthenticatedUsers", "LogDelivery": "s3/LogDelivery"}
_PERMISSIONS = {"Read": "READ", "Write": "WRITE", "ReadAcp": "READ_ACP", "WriteAcp": "WRITE_ACP"}


def _acl(node: Node) -> Fields:
    grants = []
    for grant in node.each("grantList"):
        who, permission = grant.at("grantee"), grant.text("permission")
        named = who.value if who is not None and isinstance(who.value, str) else ""
        grantee: Fields = {"Type": "CanonicalUser", "ID": who.text("id") or None} if who is not None else {}
        if named in _GROUPS:
            grantee = {"Type": "Group", "URI": f"http://acs.amazonaws.com/groups/global/{_GROUPS[named]}"}
        permission = _PERMISSIONS.get(permission, "FULL_CONTROL" if permission == "FullControl" else permission)
        grants.append({"Permission": permission, "Grantee": grantee or None})
    return {"Owner": {"ID": node.text("owner", "id") or None}, "Grants": grants}


_BUCKET_PARTS: dict[str, tuple[str, Callable[[Node], Fields | None]]] = {
    "AccessControlList": ("GetBucketAcl", _acl),
    "BucketLifecycleConfiguration": ("GetBucketLifecycleConfiguration", _lifecycle),
    "BucketNotificationConfiguration": ("GetBucketNotificationConfiguration", _notification),
    "BucketReplicationConfiguration": ("GetBucketReplication", _replication),
    "BucketVersioningConfiguration": ("GetBucketVersioning", _versioning),
    "BucketWebsiteConfiguration": ("GetBucketWebsite", _website),
    "ObjectLockConfiguration": (
        "GetObjectLockConfiguration",
        _wrapped("ObjectLockConfiguration", "ObjectLockConfiguration"),
    ),
    "PublicAccessBlockConfiguration": (
        "GetPublicAccessBlock",
        _wrapped("PublicAccessBlockConfiguration", "PublicAccessBlockConfiguration"),
    ),
    "ServerSideEncryptionConfiguration": (
        "GetBucketEncryption",
        _wrapped("ServerSideEncryptionConfiguration", "ServerSideEncryptionConfiguration"),
    ),
}
