"""Tables of Steampipe's AWS plugin that more than one response of the API describes."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.steampipe._kinds import KINDS, Out, pairs, tell
from auditkit.exports.steampipe._rows import Row

__all__ = ["GROUPS", "TABLES"]

_DETAILS = "iam.GetAccountAuthorizationDetails"
Fields = dict[str, Any]


def _function(row: Row, out: Out) -> None:
    names = {"name": "FunctionName", "arn": "FunctionArn", "code_sha_256": "CodeSha256", "tags": "", "version": ""}
    tree = row.fit("lambda:FunctionConfiguration", names)
    variables = row.at("environment_variables")
    tree["Environment"] = {"Variables": variables} if variables is not None else None
    target = row.text("dead_letter_config_target_arn")
    tree["DeadLetterConfig"] = {"TargetArn": target} if target else None
    subnets = row.at("vpc_subnet_ids")
    if subnets is not None and subnets.value:
        groups, vpc = row.at("vpc_security_group_ids"), row.text("vpc_id")
        tree["VpcConfig"] = {"SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": vpc or None}
    name = row.text("name")
    reserved = row.at("reserved_concurrent_executions")
    shown = {
        "Configuration": Tree(row.source, tree),
        "Tags": row.tags,
        "Code": row.at("code"),
        "Concurrency": {"ReservedConcurrentExecutions": reserved} if reserved is not None else None,
    }
    columns = {
        "environment": "environment_variables",
        "tags": "tags",
        "image_uri": "code",
        "resolved_image_uri": "code",
    }
    out.partly(row, "lambda.ListFunctions")
    unseen = tuple(field for field, column in columns.items() if not row.has(column))
    out.give(row, "lambda.GetFunction", shown, name, unseen=unseen)
    out.column(row, "policy", "lambda.GetPolicy", "Policy", name)
    out.column(
        row, "reserved_concurrent_executions", "lambda.GetFunctionConcurrency", "ReservedConcurrentExecutions", name
    )
    if row.has("url_config"):
        url = row.at("url_config")
        items = [fitted(url, shape_of("lambda", "FunctionUrlConfig"))] if url is not None and url.value else []
        out.give(row, "lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": items}, name)


def _alias(row: Row, out: Out) -> None:
    tree = row.fit("lambda:AliasConfiguration", {"tags": ""})
    function = row.text("function_name")
    out.give(row, "lambda.ListAliases", {"Aliases": [Tree(row.source, tree)]}, function, complete=False)


# ---------------------------------------------------------------- identities


def _identity(section: str, title: str) -> Callable[[Row, Out], None]:
    def tell_identity(row: Row, out: Out) -> None:
        arns = row.at("attached_policy_arns")
        listed = arns.value if arns is not None and isinstance(arns.value, list) else []
        item: Fields = {
            "Arn": row.text("arn"),
            f"{title}Name": row.text("name"),
            f"{title}Id": row.at(f"{title.lower()}_id"),
            "Path": row.at("path"),
            "CreateDate": row.at("create_date"),
            f"{title}PolicyList": row.at("inline_policies") or [],
            "AttachedManagedPolicies": [
                {"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in listed if isinstance(arn, str)
            ],
            "Tags": pairs(row.tags) if title != "Group" else None,
        }
        boundary = row.text("permissions_boundary_arn")
        if boundary:
            item["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
        columns = {"inline_policies": "inline_policies", "attached_policies": "attached_policy_arns"}
        if title == "Role":
            columns["trust_policy"] = "assume_role_policy"
            item["AssumeRolePolicyDocument"] = row.at("assume_role_policy")
            profiles = row.at("instance_profile_arns")
            found = profiles.value if profiles is not None and isinstance(profiles.value, list) else []
            item["InstanceProfileList"] = [{"Arn": arn} for arn in found]
        if title == "User":
            columns["groups"] = "groups"
            item["GroupList"] = [
                group.text("GroupName") for group in row.node.each("groups") if group.text("GroupName")
            ]
        unseen = tuple(field for field, column in columns.items() if not row.has(column))
        out.give(row, _DETAILS, {section: [Tree(row.source, item)]}, unseen=unseen, complete=False)

    return tell_identity


def _policy(row: Row, out: Out) -> None:
    version, document = row.text("default_version_id") or "v1", row.at("policy")
    shown = {"VersionId": version, "IsDefaultVersion": True, "Document": document}
    tree = row.fit("iam:ManagedPolicyDetail", {"name": "PolicyName", "tags": "", "policy": ""})
    tree |= {"DefaultVersionId": version, "PolicyVersionList": [shown] if document is not None else []}
    out.give(row, _DETAILS, {"Policies": [Tree(row.source, tree)]}, complete=False)


# ---------------------------------------------------------------- stores


def _bucket(row: Row, out: Out) -> None:
    name = row.text("name")
    listed = {"Name": name, "BucketRegion": row.at("region"), "BucketArn": row.at("arn")}
    out.give(row, "s3.ListBuckets", {"Buckets": [Tree(row.source, listed)]}, complete=False)
    for column, call, key in (
        ("policy", "GetBucketPolicy", "Policy"),
        ("server_side_encryption_configuration", "GetBucketEncryption", "ServerSideEncryptionConfiguration"),
        ("lifecycle_rules", "GetBucketLifecycleConfiguration", "Rules"),
        ("object_ownership_controls", "GetBucketOwnershipControls", "OwnershipControls"),
        ("replication", "GetBucketReplication", "ReplicationConfiguration"),
    ):
        out.column(row, column, f"s3.{call}", key, name)
    for column, call in (
        ("acl", "GetBucketAcl"),
        ("event_notification_configuration", "GetBucketNotificationConfiguration"),
        ("object_lock_configuration", "GetObjectLockConfiguration"),
        ("website_configuration", "GetBucketWebsite"),
    ):
        out.whole(row, column, f"s3.{call}", name)
    if row.has("block_public_policy"):
        columns = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        block = fitted(
            Node({column: row.node.value.get(column) for column in columns}, row.source),
            shape_of("s3", "PublicAccessBlockConfiguration"),
        )
        tree = {"PublicAccessBlockConfiguration": block} if row.at("block_public_policy") is not None else {}
        out.give(row, "s3.GetPublicAccessBlock", tree, name)
    if row.has("versioning_enabled"):
        status = str(row.node.value["versioning_enabled"]).lower()
        out.give(row, "s3.GetBucketVersioning", {"Status": "Enabled"} if status == "true" else {}, name)
    if row.tags is not None:
        out.give(row, "s3.GetBucketTagging", {"TagSet": pairs(row.tags)}, name)


_QUEUE = {
    "VisibilityTimeout": "visibility_timeout_seconds",
    "MessageRetentionPeriod": "message_retention_seconds",
    "MaximumMessageSize": "max_message_size",
    "DelaySeconds": "delay_seconds",
    "KmsMasterKeyId": "kms_master_key_id",
    "SqsManagedSseEnabled": "sqs_managed_sse_enabled",
    "FifoQueue": "fifo_queue",
    "Policy": "policy",
    "RedrivePolicy": "redrive_policy",
}


def _queue(row: Row, out: Out) -> None:
    url = row.text("queue_url")
    attributes = {"QueueArn": row.text("queue_arn"), **{name: row.at(column) for name, column in _QUEUE.items()}}
    out.partly(row, "sqs.ListQueues")
    unseen = () if row.has("policy") else ("policy",)
    out.give(row, "sqs.GetQueueAttributes", {"Attributes": attributes}, url, unseen=unseen)
    if row.tags is not None:
        out.give(row, "sqs.ListQueueTags", {"Tags": row.tags}, url)


def _topic(row: Row, out: Out) -> None:
    arn = row.text("topic_arn")
    columns = {"Owner": "owner", "KmsMasterKeyId": "kms_master_key_id", "Policy": "policy"}
    attributes = {"TopicArn": arn, **{name: row.at(column) for name, column in columns.items()}}
    out.partly(row, "sns.ListTopics")
    unseen = () if row.has("policy") else ("policy",)
    out.give(row, "sns.GetTopicAttributes", {"Attributes": attributes}, arn, unseen=unseen)
    if row.tags is not None:
        out.give(row, "sns.ListTagsForResource", {"Tags": pairs(row.tags)}, arn)


def _subscription(row: Row, out: Out) -> None:
    arn = row.text("subscription_arn")
    listed = row.fit("sns:Subscription", {})
    out.give(row, "sns.ListSubscriptions", {"Subscriptions": [Tree(row.source, listed)]}, complete=False)
    columns = {
        "RawMessageDelivery": "raw_message_delivery",
        "FilterPolicy": "filter_policy",
        "RedrivePolicy": "redrive_policy",
        "PendingConfirmation": "pending_confirmation",
        "ConfirmationWasAuthenticated": "confirmation_was_authenticated",
    }
    if arn.startswith("arn:") and row.has("raw_message_delivery"):
        attributes = {name: row.at(column) for name, column in columns.items()}
        out.give(row, "sns.GetSubscriptionAttributes", {"Attributes": attributes}, arn)


def _key(row: Row, out: Out) -> None:
    name = row.text("id")
    tree = row.fit("kms:KeyMetadata", {"id": "KeyId", "tags": ""})
    out.partly(row, "kms.ListKeys")
    out.give(row, "kms.DescribeKey", {"KeyMetadata": Tree(row.source, tree)}, name)
    if row.at("policy") is not None:
        out.column(row, "policy", "kms.GetKeyPolicy", "Policy", name)
    out.column(row, "key_rotation_enabled", "kms.GetKeyRotationStatus", "KeyRotationEnabled", name)
    if row.tags is not None:
        out.give(row, "kms.ListResourceTags", {"Tags": pairs(row.tags, "TagKey", "TagValue")}, name)


def _table(row: Row, out: Out) -> None:
    name, label = row.text("name"), row.text("latest_stream_arn")
    more: Fields = {"StreamSpecification": {"StreamEnabled": True}} if label else {}
    tell(row, KINDS["aws_dynamodb_table"], out, lambda _: more)
    if row.has("continuous_backups_status") and row.at("continuous_backups_status") is not None:
        shown = {
            "ContinuousBackupsStatus": row.text("continuous_backups_status"),
            "PointInTimeRecoveryDescription": row.at("point_in_time_recovery_description"),
        }
        out.give(row, "dynamodb.DescribeContinuousBackups", {"ContinuousBackupsDescription": shown}, name)
    if row.tags is not None:
        out.give(row, "dynamodb.ListTagsOfResource", {"Tags": pairs(row.tags)}, name)


def _with(table: str, *columns: tuple[str, str, str, str]) -> Callable[[Row, Out], None]:
    """Return what tells a table whose columns hold, besides, what other calls answer: column, call, key, argument."""

    def tell_with(row: Row, out: Out) -> None:
        tell(row, KINDS[table], out)
        for column, call, key, argument in columns:
            out.column(row, column, call, key, row.text(argument))

    return tell_with


# ---------------------------------------------------------------- events, APIs


def _rule(row: Row, out: Out) -> None:
    bus = row.text("event_bus_name").rpartition("/")[2] or "default"
    tree = row.fit("events:Rule", {"tags": "", "targets": ""})
    out.give(row, "events.ListRules", {"Rules": [Tree(row.source, {**tree, "EventBusName": bus})]}, bus, complete=False)
    targets = row.at("targets")
    if row.has("targets"):
        holder = targets.at("Targets") if targets is not None and isinstance(targets.value, dict) else targets
        shown = {"Targets": holder} if holder is not None else {}
        out.give(row, "events.ListTargetsByRule", shown, bus, row.text("name"))


def _groups(column: str, call: str, key: str, shape: str, **names: str) -> Callable[[list[Row], Out], None]:
    """Return what tells rows that belong to one thing, which a column names, as one response."""

    def tell_groups(rows: list[Row], out: Out) -> None:
        groups: dict[tuple[Any, str], list[Row]] = defaultdict(list)
        for row in rows:
            groups[row.place, row.text(column)].append(row)
        for (_, owner), own in groups.items():
            trees = [Tree(row.source, row.fit(shape, {"tags": "", "arn": "", **names})) for row in own]
            if owner:
                out.give(own[0], call, {key: trees}, owner, complete=False)

    return tell_groups


def _methods(rows: list[Row], out: Out) -> None:
    apis: dict[tuple[Any, str], list[Row]] = defaultdict(list)
    for row in rows:
        apis[row.place, row.text("rest_api_id")].append(row)
    for (_, api), own in apis.items():
        items: dict[str, Tree] = {}
        for row in own:
            path, verb = row.text("path") or "/", row.text("http_method")
            item = items.setdefault(path, Tree(row.source, {"path": path, "resourceMethods": {}}))
            tree = row.fit("apigateway:Method", {"tags": ""})
            item["resourceMethods"][verb] = Tree(row.source, {**tree, "methodIntegration": _integration(row)})
        if api:
            out.give(own[0], "apigateway.GetResources", {"items": list(items.values())}, api, complete=False)


def _integration(row: Row) -> Any:  # noqa: ANN401 -- a tree
    return fitted(row.at("method_integration"), shape_of("apigateway", "Integration"))


TABLES: dict[str, Callable[[Row, Out], None]] = {
    **{table: _with(table) for table in KINDS},
    "aws_dynamodb_table": _table,
    "aws_ecr_repository": _with(
        "aws_ecr_repository", ("policy", "ecr.GetRepositoryPolicy", "policyText", "repository_name")
    ),
    "aws_efs_file_system": _with(
        "aws_efs_file_system", ("policy", "efs.DescribeFileSystemPolicy", "Policy", "file_system_id")
    ),
    "aws_eventbridge_rule": _rule,
    "aws_iam_group": _identity("GroupDetailList", "Group"),
    "aws_iam_policy": _policy,
    "aws_iam_role": _identity("RoleDetailList", "Role"),
    "aws_iam_user": _identity("UserDetailList", "User"),
    "aws_kms_key": _key,
    "aws_lambda_alias": _alias,
    "aws_lambda_function": _function,
    "aws_s3_bucket": _bucket,
    "aws_secretsmanager_secret": _with(
        "aws_secretsmanager_secret", ("policy", "secretsmanager.GetResourcePolicy", "ResourcePolicy", "arn")
    ),
    "aws_sns_topic": _topic,
    "aws_sns_topic_subscription": _subscription,
    "aws_sqs_queue": _queue,
}
GROUPS: dict[str, Callable[[list[Row], Out], None]] = {
    "aws_api_gateway_authorizer": _groups(
        "rest_api_id", "apigateway.GetAuthorizers", "items", "apigateway:Authorizer", provider_arns="providerARNs"
    ),
    "aws_api_gateway_method": _methods,
    "aws_api_gateway_stage": _groups(
        "rest_api_id", "apigateway.GetStages", "item", "apigateway:Stage", name="stageName"
    ),
    "aws_api_gatewayv2_integration": _groups(
        "api_id", "apigatewayv2.GetIntegrations", "Items", "apigatewayv2:Integration"
    ),
    "aws_api_gatewayv2_route": _groups("api_id", "apigatewayv2.GetRoutes", "Items", "apigatewayv2:Route"),
    "aws_api_gatewayv2_stage": _groups("api_id", "apigatewayv2.GetStages", "Items", "apigatewayv2:Stage"),
}
