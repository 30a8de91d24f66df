"""Amazon S3, with the custom resources by which the CDK and the Serverless Framework set notifications."""

import re
from collections import defaultdict

from auditkit.exports._acls import canned_acl
from auditkit.exports._answers import Node, Place, Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of, policy_of, several

__all__ = ["tell"]

_GIVEN = {
    "LambdaConfigurations": ("LambdaFunctionConfigurations", "LambdaFunctionArn", "Function"),
    "QueueConfigurations": ("QueueConfigurations", "QueueArn", "Queue"),
    "TopicConfigurations": ("TopicConfigurations", "TopicArn", "Topic"),
}
_TARGETS = {"Function": ("lambda", "function:{}"), "Queue": ("sqs", "{}"), "Topic": ("sns", "{}")}
_Notifications = dict[str, list[Tree]]


def tell(to: Telling) -> None:
    """Tell buckets."""
    policies = to.by("Bucket", of=["AWS::S3::BucketPolicy"])
    custom = _custom(to)
    seen: set[tuple[Place, str]] = set()
    for bucket in to.of("AWS::S3::Bucket"):
        here = (place_of(bucket), bucket.identity.name)
        seen.add(here)
        _bucket(to, bucket)
        _notifications(to, bucket, custom.get(here, (bucket, {}))[1])
        documents = [one for policy in policies.get(here, ()) if (one := policy.node.at("PolicyDocument"))]
        to.policy(bucket, "s3.GetBucketPolicy", {"Policy": policy_of(documents)}, bucket.identity.name)
    for here, (resource, found) in custom.items():  # of a bucket that is there already
        if here not in seen:
            named = Tree(resource.node.source, {"Name": here[1], "BucketRegion": here[0].region})
            to.give(resource, "s3.ListBuckets", {"Buckets": [named]}, place=here[0], complete=False)
            to.give(resource, "s3.GetBucketNotificationConfiguration", found, here[1], complete=False)


def _bucket(to: Telling, bucket: Resource) -> None:
    name, node = bucket.identity.name, bucket.node
    region = bucket.stack.region
    named = Tree(node.source, {"Name": name, "BucketRegion": region})
    to.give(bucket, "s3.ListBuckets", {"Buckets": [named]}, complete=False)
    constraint = None if region == "us-east-1" else region
    to.give(bucket, "s3.GetBucketLocation", {"LocationConstraint": constraint}, name)
    versioning = to.fitted(node.at("VersioningConfiguration"), "s3.GetBucketVersioningOutput")
    to.give(bucket, "s3.GetBucketVersioning", versioning, name)
    to.give(bucket, "s3.GetBucketTagging", {"TagSet": node.at("Tags")}, name)
    block = node.at("PublicAccessBlockConfiguration")
    # With none, S3 switches all of it on for a new bucket, and then refuses a policy or list that lets anyone in: where
    # a stack that has one stands, the block is off. Where it has neither, the block does not matter.
    shape = "s3.PublicAccessBlockConfiguration"
    tree = {"PublicAccessBlockConfiguration": to.fitted(block, shape) if block is not None else None}
    to.give(bucket, "s3.GetPublicAccessBlock", tree, name, assumed=block is None)
    controls = node.at("OwnershipControls")
    if controls is not None:
        to.give(
            bucket,
            "s3.GetBucketOwnershipControls",
            {"OwnershipControls": to.fitted(controls, "s3.OwnershipControls")},
            name,
        )
    canned = bucket.text("AccessControl") if node.at("AccessControl") is not None else "Private"
    if canned:  # PublicReadWrite
        acl = canned_acl(re.sub(r"(?<=[a-z])(?=[A-Z])", "-", canned).lower())
        to.give(bucket, "s3.GetBucketAcl", Tree(node.source, acl), name, assumed=node.at("AccessControl") is None)
    _settings(to, bucket, node, name)


def _settings(to: Telling, bucket: Resource, node: Node, name: str) -> None:
    encryption = node.at("BucketEncryption")
    if encryption is not None:
        renames = {"ServerSideEncryptionConfiguration": "Rules"}
        inner = to.fitted(encryption, "s3.ServerSideEncryptionConfiguration", renames)
        given_rules = several(encryption.at("ServerSideEncryptionConfiguration"))
        for rule, given in zip(inner.get("Rules") or [], given_rules, strict=False):
            if isinstance(rule, Tree):
                default = given.at("ServerSideEncryptionByDefault")
                shape = "s3.ServerSideEncryptionByDefault"
                rule["ApplyServerSideEncryptionByDefault"] = to.fitted(default, shape) or None
        to.give(bucket, "s3.GetBucketEncryption", {"ServerSideEncryptionConfiguration": inner}, name)
    replication = node.at("ReplicationConfiguration")
    if replication is not None:
        tree = {"ReplicationConfiguration": to.fitted(replication, "s3.ReplicationConfiguration", {"Id": "ID"})}
        to.give(bucket, "s3.GetBucketReplication", tree, name)
    website = node.at("WebsiteConfiguration")
    if website is not None:
        shown = to.fitted(website, "s3.GetBucketWebsiteOutput", {"ErrorDocument": "", "RoutingRules": ""})
        index = website.at("IndexDocument")
        shown["IndexDocument"] = {"Suffix": index} if index is not None else None
        to.give(bucket, "s3.GetBucketWebsite", shown, name)
    lock = node.at("ObjectLockConfiguration")
    if lock is not None:
        tree = {"ObjectLockConfiguration": to.fitted(lock, "s3.ObjectLockConfiguration")}
        to.give(bucket, "s3.GetObjectLockConfiguration", tree, name)
    rules = [_lifecycle(rule) for rule in several(node.at("LifecycleConfiguration", "Rules"))]
    if rules:
        to.give(bucket, "s3.GetBucketLifecycleConfiguration", {"Rules": rules}, name)


def _lifecycle(rule: Node) -> Tree:
    days = rule.at("ExpirationInDays")
    old = rule.at("NoncurrentVersionExpiration", "NoncurrentDays") or rule.at("NoncurrentVersionExpirationInDays")
    return Tree(
        rule.source,
        {
            "ID": rule.at("Id"),
            "Status": rule.at("Status") or "Enabled",
            "Prefix": rule.at("Prefix"),
            "Expiration": {"Days": days} if days is not None else None,
            "NoncurrentVersionExpiration": {"NoncurrentDays": old} if old is not None else None,
        },
    )


# ---------------------------------------------------------------- notifications


def _notifications(to: Telling, bucket: Resource, further: _Notifications) -> None:
    given = bucket.node.at("NotificationConfiguration")
    found: dict[str, object] = {}
    for key, (call, member, target) in _GIVEN.items():
        own = [
            _notification(to, bucket, item, (member, target))
            for item in several(given.at(key) if given is not None else None)
        ]
        found[call] = [*own, *further.get(call, ())] or None
    bridge = given.at("EventBridgeConfiguration") if given is not None else None
    if (bridge is not None and bridge.value is not True and _on(bridge)) or further.get("EventBridgeConfiguration"):
        found["EventBridgeConfiguration"] = {}
    name = bucket.identity.name
    to.give(bucket, "s3.GetBucketNotificationConfiguration", found, name, complete=given is not None)


def _on(bridge: Node) -> bool:
    enabled = bridge.at("EventBridgeEnabled")
    return enabled is None or str(enabled.value).lower() != "false"


def _notification(to: Telling, bucket: Resource, item: Node, names: tuple[str, str]) -> Tree:
    member, target = names
    service, form = _TARGETS[target]
    rules = [
        {"Name": rule.at("Name"), "Value": rule.at("Value")} for rule in several(item.at("Filter", "S3Key", "Rules"))
    ]
    return Tree(
        item.source,
        {
            "Events": [*several(item.at("Event"))],
            member: to.typed(bucket, service, item.at(target), form=form) or "unknown",
            "Filter": {"Key": {"FilterRules": rules}} if rules else None,
        },
    )


def _custom(to: Telling) -> dict[tuple[Place, str], tuple[Resource, _Notifications]]:
    """Return the notifications that custom resources set, by bucket, with the first of those."""
    found: dict[tuple[Place, str], tuple[Resource, _Notifications]] = {}
    for resource in to.of("Custom::S3BucketNotifications"):  # of the CDK, in the API's own words
        here = (place_of(resource), resource.text("BucketName"))
        _, lists = found.setdefault(here, (resource, defaultdict(list)))
        given = resource.node.at("NotificationConfiguration")
        tree = to.fitted(given, "s3.NotificationConfiguration")
        for key in ("LambdaFunctionConfigurations", "QueueConfigurations", "TopicConfigurations"):
            lists[key] += [item for item in tree.get(key) or [] if isinstance(item, Tree)]
        if "EventBridgeConfiguration" in tree:
            lists["EventBridgeConfiguration"] = [Tree(resource.node.source)]
    for resource in to.of("Custom::S3"):  # of the Serverless Framework
        here = (place_of(resource), resource.text("BucketName"))
        _, lists = found.setdefault(here, (resource, defaultdict(list)))
        function = to.function_arn(resource, resource.text("FunctionName"))
        for config in several(resource.node.at("BucketConfigs") or resource.node.at("BucketConfig")):
            tree = Tree(config.source, {"Events": [*several(config.at("Event"))], "LambdaFunctionArn": function})
            lists["LambdaFunctionConfigurations"].append(tree)
    return {here: value for here, value in found.items() if here[1]}
