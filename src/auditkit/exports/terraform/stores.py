"""What keeps data besides buckets, queues and servers: tables, streams, keys, secrets, file systems, images, logs."""

from typing import Any

from auditkit.exports._answers import Node
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.terraform._out import Out, block, pairs_of
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]

Tree = dict[str, Any]


def translate(estate: Estate, out: Out) -> None:
    """Hand over stores."""
    for kind, hand_over in _KINDS.items():
        for resource in estate.of(kind):
            hand_over(resource, out)
    _log_filters(estate, out)
    _key_aliases(estate, out)
    _mount_targets(estate, out)
    _stream_consumers(estate, out)
    for kind, attribute, call, key, name in _POLICIES:
        for resource in estate.of(kind):
            out.policy(resource, call, key, resource.text(attribute), attribute=name)


_POLICIES = (
    ("aws_dynamodb_resource_policy", "resource_arn", "dynamodb.GetResourcePolicy", "Policy", "policy"),
    ("aws_ecr_repository_policy", "repository", "ecr.GetRepositoryPolicy", "policyText", "policy"),
    ("aws_efs_file_system_policy", "file_system_id", "efs.DescribeFileSystemPolicy", "Policy", "policy"),
    ("aws_kinesis_resource_policy", "resource_arn", "kinesis.GetResourcePolicy", "Policy", "policy"),
    ("aws_kms_key_policy", "key_id", "kms.GetKeyPolicy", "Policy", "policy"),
    ("aws_msk_cluster_policy", "cluster_arn", "kafka.GetClusterPolicy", "Policy", "policy"),
    ("aws_secretsmanager_secret_policy", "secret_arn", "secretsmanager.GetResourcePolicy", "ResourcePolicy", "policy"),
)


# ---------------------------------------------------------------- DynamoDB, Kinesis, Firehose


_SEALED = ("server_side_encryption", 0, "enabled")


def _table(table: Resource, out: Out) -> None:
    name = table.text("name")
    tree = table.fit(
        "dynamodb",
        "TableDescription",
        arn="TableArn",
        name="TableName",
        id="",
        attribute="",
        stream_arn="LatestStreamArn",
        server_side_encryption="",
        replica="",
        global_secondary_index="",
        local_secondary_index="",
    )
    tree["TableStatus"] = "ACTIVE"
    if table.flag("stream_enabled"):
        view = table.either("stream_view_type")
        tree["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
    encryption = table.first("server_side_encryption")
    told = encryption is None or encryption.at("enabled") is None or isinstance(table.flag(*_SEALED), bool)
    if encryption is not None and table.flag(*_SEALED):
        tree["SSEDescription"] = {
            "Status": "ENABLED",
            "SSEType": "KMS",
            "KMSMasterKeyArn": encryption.text("kms_key_arn") or None,
        }
    replicas = [
        block(node, RegionName="region_name", ReplicaArn="arn", KMSMasterKeyId="kms_key_arn")
        for node in table.node.each("replica")
    ]
    tree["Replicas"] = replicas or None
    for key, attribute in (
        ("GlobalSecondaryIndexes", "global_secondary_index"),
        ("LocalSecondaryIndexes", "local_secondary_index"),
    ):
        tree[key] = [block(node, IndexName="name") for node in table.node.each(attribute)]
    out.partly(table, "dynamodb.ListTables")
    out.give(table, "dynamodb.DescribeTable", {"Table": tree}, name, unseen=() if told else ("sse_description",))
    _beside_table(table, out, name)


def _beside_table(table: Resource, out: Out, name: str) -> None:
    """Tell what calls of their own tell of a table: backups, expiry, tags."""
    recovery = "point_in_time_recovery"
    off_by_default = table.unknown(recovery) and not table.estate.configured(table, recovery)
    untold = table.at(recovery, 0, "enabled") is not None and table.flag(recovery, 0, "enabled") is None
    if (table.first(recovery) is not None and not untold) or off_by_default:
        status = "ENABLED" if table.flag(recovery, 0, "enabled") else "DISABLED"
        description = {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status},
        }
        out.give(table, "dynamodb.DescribeContinuousBackups", {"ContinuousBackupsDescription": description}, name)
    expiry = table.first("ttl")
    if expiry is not None:
        described = {
            "TimeToLiveStatus": "ENABLED" if table.flag("ttl", 0, "enabled") else "DISABLED",
            "AttributeName": expiry.text("attribute_name") or None,
        }
        out.give(table, "dynamodb.DescribeTimeToLive", {"TimeToLiveDescription": described}, name)
    if table.tags is not None:
        out.give(table, "dynamodb.ListTagsOfResource", {"Tags": pairs_of(table)}, name)


def _table_stream(destination: Resource, out: Out) -> None:
    shown = {"StreamArn": destination.text("stream_arn"), "DestinationStatus": "ACTIVE"}
    tree = {"KinesisDataStreamDestinations": [shown]}
    call = "dynamodb.DescribeKinesisStreamingDestination"
    out.give(destination, call, tree, destination.text("table_name"), complete=False)


def _stream(stream: Resource, out: Out) -> None:
    tree = stream.fit(
        "kinesis",
        "StreamDescriptionSummary",
        arn="StreamARN",
        name="StreamName",
        retention_period="RetentionPeriodHours",
        shard_count="OpenShardCount",
        kms_key_id="KeyId",
    )
    tree["StreamStatus"] = "ACTIVE"
    out.partly(stream, "kinesis.ListStreams")
    out.give(stream, "kinesis.DescribeStreamSummary", {"StreamDescriptionSummary": tree}, stream.text("name"))
    if stream.tags is not None:
        out.give(stream, "kinesis.ListTagsForStream", {"Tags": pairs_of(stream)}, stream.text("name"))


def _stream_consumers(estate: Estate, out: Out) -> None:
    for (_, arn), consumers in estate.groups("stream_arn", "aws_kinesis_stream_consumer").items():
        shown = [
            {"ConsumerName": consumer.text("name"), "ConsumerARN": consumer.arn, "ConsumerStatus": "ACTIVE"}
            for consumer in consumers
        ]
        out.give(consumers[0], "kinesis.ListStreamConsumers", {"Consumers": shown}, arn, complete=False)


_DESTINATIONS = {
    "elasticsearch_configuration": "ElasticsearchDestinationDescription",
    "extended_s3_configuration": "ExtendedS3DestinationDescription",
    "http_endpoint_configuration": "HttpEndpointDestinationDescription",
    "iceberg_configuration": "IcebergDestinationDescription",
    "opensearch_configuration": "AmazonopensearchserviceDestinationDescription",
    "opensearchserverless_configuration": "AmazonOpenSearchServerlessDestinationDescription",
    "redshift_configuration": "RedshiftDestinationDescription",
    "s3_configuration": "S3DestinationDescription",
    "snowflake_configuration": "SnowflakeDestinationDescription",
    "splunk_configuration": "SplunkDestinationDescription",
}
_DESTINATION_NAMES = {
    "s3_configuration": "S3DestinationDescription",
    "s3_backup_configuration": "S3BackupDescription",
    "cluster_jdbcurl": "ClusterJDBCURL",
    "vpc_config": "VpcConfigurationDescription",
    "hec_token": "",
    "password": "",
    "access_key": "",
    "private_key": "",
}


def _delivery(stream: Resource, out: Out) -> None:
    destinations = []
    members = shape_of("firehose", "DestinationDescription").members
    for attribute, member in _DESTINATIONS.items():
        node = stream.first(attribute)
        if node is None:
            continue
        tree = fitted(node, members[member], _DESTINATION_NAMES)
        if isinstance(tree, dict):
            if attribute == "http_endpoint_configuration":
                tree["EndpointConfiguration"] = block(node, Url="url", Name="name")
            destinations.append({member: tree})
    source: Tree = {}
    kinesis, kafka = stream.first("kinesis_source_configuration"), stream.first("msk_source_configuration")
    if kinesis is not None:
        source["KinesisStreamSourceDescription"] = block(
            kinesis, KinesisStreamARN="kinesis_stream_arn", RoleARN="role_arn"
        )
    if kafka is not None:
        source["MSKSourceDescription"] = fitted(
            kafka, shape_of("firehose", "MSKSourceDescription"), {"msk_cluster_arn": "MSKClusterARN"}
        )
    encryption = stream.first("server_side_encryption")
    sealed = stream.flag("server_side_encryption", 0, "enabled")
    tree = {
        "DeliveryStreamName": stream.text("name"),
        "DeliveryStreamARN": stream.arn,
        "DeliveryStreamStatus": "ACTIVE",
        "DeliveryStreamType": "KinesisStreamAsSource" if kinesis else "MSKAsSource" if kafka else "DirectPut",
        "Source": source or None,
        "Destinations": destinations,
    }
    if encryption is not None:
        sealing = block(encryption, KeyType="key_type", KeyARN="key_arn") or {}
        tree["DeliveryStreamEncryptionConfiguration"] = {**sealing, "Status": "ENABLED" if sealed else "DISABLED"}
    out.partly(stream, "firehose.ListDeliveryStreams")
    described = {"DeliveryStreamDescription": tree}
    out.give(stream, "firehose.DescribeDeliveryStream", described, stream.text("name"), unseen=("tags",))


# ---------------------------------------------------------------- keys, secrets, parameters


def _key(key: Resource, out: Out) -> None:
    metadata = key.fit("kms", "KeyMetadata", is_enabled="Enabled", id="", customer_master_key_spec="KeySpec")
    metadata["KeyManager"] = "CUSTOMER"
    out.partly(key, "kms.ListKeys")
    name = key.text("key_id") or key.id
    metadata["KeyId"] = name
    out.give(key, "kms.DescribeKey", {"KeyMetadata": metadata}, name)
    if not key.estate.named(name, ("aws_kms_key_policy",), ("key_id",)) and key.either("policy") is not None:
        out.policy(key, "kms.GetKeyPolicy", "Policy", name)
    if key.flag("enable_key_rotation") is not None:
        rotation = {
            "KeyRotationEnabled": key.flag("enable_key_rotation"),
            "RotationPeriodInDays": key.either("rotation_period_in_days"),
        }
        out.give(key, "kms.GetKeyRotationStatus", rotation, name)
    if key.tags is not None:
        tags = key.tags.value
        pairs = (
            [{"TagKey": each, "TagValue": value} for each, value in tags.items()] if isinstance(tags, dict) else tags
        )
        out.give(key, "kms.ListResourceTags", {"Tags": Node(pairs, key.tags.source)}, name)


def _key_aliases(estate: Estate, out: Out) -> None:
    aliases = estate.of("aws_kms_alias")
    for place in sorted({alias.place for alias in aliases}):
        own = [alias for alias in aliases if alias.place == place]
        shown = [
            {
                "AliasName": alias.text("name"),
                "AliasArn": alias.arn,
                "TargetKeyId": alias.text("target_key_id").rpartition("key/")[2],
            }
            for alias in own
        ]
        out.give(own[0], "kms.ListAliases", {"Aliases": shown}, complete=False)
    for (_, key), grants in estate.groups("key_id", "aws_kms_grant").items():
        shown_grants = [
            fitted(grant.node, shape_of("kms", "GrantListEntry"), {"grant_creation_tokens": "", "grant_token": ""})
            for grant in grants
        ]
        out.give(grants[0], "kms.ListGrants", {"Grants": shown_grants}, key, complete=False)


def _secret(secret: Resource, out: Out) -> None:
    tree = secret.fit("secretsmanager", "SecretListEntry", id="", policy="", tags="", replica="")
    rotation = secret.estate.named(secret.arn, ("aws_secretsmanager_secret_rotation",), ("secret_id", "secret_arn"))
    if rotation is not None:
        tree["RotationEnabled"] = True
        tree["RotationLambdaARN"] = rotation.either("rotation_lambda_arn")
        rules = rotation.first("rotation_rules")
        tree["RotationRules"] = block(
            rules, AutomaticallyAfterDays="automatically_after_days", ScheduleExpression="schedule_expression"
        )
    unseen = () if secret.tags is not None else ("tags",)
    listed = {"SecretList": [{**tree, "Tags": pairs_of(secret)}]}
    out.give(secret, "secretsmanager.ListSecrets", listed, complete=False, unseen=unseen)
    if secret.either("policy") is not None:
        out.policy(secret, "secretsmanager.GetResourcePolicy", "ResourcePolicy", secret.arn)


def _parameter(parameter: Resource, out: Out) -> None:
    tree = parameter.fit("ssm", "ParameterMetadata", policies="", arn="ARN")
    out.give(parameter, "ssm.DescribeParameters", {"Parameters": [tree]}, complete=False)


# ---------------------------------------------------------------- file systems, images, logs


def _file_system(system: Resource, out: Out) -> None:
    tree = system.fit("efs", "FileSystemDescription", arn="FileSystemArn", id="FileSystemId", tags="")
    listed = {"FileSystems": [{**tree, "Tags": pairs_of(system)}]}
    out.give(system, "efs.DescribeFileSystems", listed, complete=False)


def _access_point(point: Resource, out: Out) -> None:
    tree = point.fit("efs", "AccessPointDescription", arn="AccessPointArn", id="AccessPointId", tags="")
    out.give(point, "efs.DescribeAccessPoints", {"AccessPoints": [{**tree, "Tags": pairs_of(point)}]}, complete=False)


def _mount_targets(estate: Estate, out: Out) -> None:
    for (_, system), targets in estate.groups("file_system_id", "aws_efs_mount_target").items():
        shown = [
            {
                "MountTargetId": target.id or target.symbol,
                "FileSystemId": system,
                "SubnetId": target.text("subnet_id"),
                "LifeCycleState": "available",
            }
            for target in targets
        ]
        out.give(targets[0], "efs.DescribeMountTargets", {"MountTargets": shown}, system, complete=False)


def _repository(repository: Resource, out: Out) -> None:
    tree = repository.fit(
        "ecr", "Repository", arn="repositoryArn", name="repositoryName", repository_url="repositoryUri"
    )
    out.give(repository, "ecr.DescribeRepositories", {"repositories": [tree]}, complete=False)


def _log_group(group: Resource, out: Out) -> None:
    tree = group.fit("logs", "LogGroup", name="logGroupName", arn="logGroupArn")
    if group.text("retention_in_days") == "0":
        tree.pop("retentionInDays", None)
    out.give(group, "logs.DescribeLogGroups", {"logGroups": [tree]}, complete=False)


def _log_filters(estate: Estate, out: Out) -> None:
    for (_, name), filters in estate.groups("log_group_name", "aws_cloudwatch_log_subscription_filter").items():
        shown = [
            {
                "filterName": each.text("name"),
                "logGroupName": name,
                "destinationArn": each.text("destination_arn"),
                "filterPattern": each.text("filter_pattern"),
                "roleArn": each.either("role_arn"),
            }
            for each in filters
        ]
        tree = {"subscriptionFilters": shown}
        out.give(filters[0], "logs.DescribeSubscriptionFilters", tree, name, complete=False)
    for policy in estate.of("aws_cloudwatch_log_resource_policy"):
        shown_policy = {"policyName": policy.text("policy_name"), "policyDocument": policy.either("policy_document")}
        unseen = ("policy",) if policy.unknown("policy_document") else ()
        tree = {"resourcePolicies": [shown_policy]}
        out.give(policy, "logs.DescribeResourcePolicies", tree, complete=False, unseen=unseen)


_KINDS = {
    "aws_cloudwatch_log_group": _log_group,
    "aws_dynamodb_kinesis_streaming_destination": _table_stream,
    "aws_dynamodb_table": _table,
    "aws_ecr_repository": _repository,
    "aws_efs_access_point": _access_point,
    "aws_efs_file_system": _file_system,
    "aws_kinesis_firehose_delivery_stream": _delivery,
    "aws_kinesis_stream": _stream,
    "aws_kms_key": _key,
    "aws_secretsmanager_secret": _secret,
    "aws_ssm_parameter": _parameter,
}
