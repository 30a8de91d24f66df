"""Buckets, tables, queues, topics, streams, keys and secrets as resources of Terraform's provider."""

import json

from tests.exports.retold.account import ACCOUNT
from tests.exports.retold.states_shapes import snake, tagged


def bucket(to, physical, arn, said):
    name = said["BucketName"]
    tags = {tag["Key"]: tag["Value"] for tag in said.get("Tags", [])}
    values = {"bucket": name, "arn": arn, "tags": tags, "tags_all": tags}
    values["bucket_regional_domain_name"] = f"{name}.s3.{to.region}.amazonaws.com"
    values["bucket_domain_name"] = f"{name}.s3.amazonaws.com"
    to.add("aws_s3_bucket", name, values)
    of = {"bucket": name}
    if "PublicAccessBlockConfiguration" in said:
        to.add("aws_s3_bucket_public_access_block", name, of | snake(said["PublicAccessBlockConfiguration"]))
    if "VersioningConfiguration" in said:
        to.add(
            "aws_s3_bucket_versioning",
            name,
            of | {"versioning_configuration": [snake(said["VersioningConfiguration"])]},
        )
    rules = [
        {
            "apply_server_side_encryption_by_default": [
                {
                    "sse_algorithm": rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"],
                    "kms_master_key_id": rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID", ""),
                }
            ],
            "bucket_key_enabled": rule["BucketKeyEnabled"],
        }
        for rule in said["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    ]
    to.add("aws_s3_bucket_server_side_encryption_configuration", name, of | {"rule": rules})
    _bucket_around(to, name, said)


def _bucket_around(to, name, said):
    of = {"bucket": name}
    if "LifecycleConfiguration" in said:
        rules = [
            {
                "id": rule["Id"],
                "status": rule["Status"],
                "filter": [{"prefix": rule["Prefix"]}],
                "expiration": [{"days": rule["ExpirationInDays"]}] if "ExpirationInDays" in rule else [],
            }
            for rule in said["LifecycleConfiguration"]["Rules"]
        ]
        to.add("aws_s3_bucket_lifecycle_configuration", name, of | {"rule": rules})
    if "ReplicationConfiguration" in said:
        config = said["ReplicationConfiguration"]
        rules = [snake(rule, ID="id") for rule in config["Rules"]]
        to.add("aws_s3_bucket_replication_configuration", name, of | {"role": config["Role"], "rule": rules})
    noted = said.get("NotificationConfiguration", {})
    if noted:
        values = dict(of, eventbridge="EventBridgeConfiguration" in noted)
        for key, block, target, ours in (
            ("LambdaConfigurations", "lambda_function", "Function", "lambda_function_arn"),
            ("QueueConfigurations", "queue", "Queue", "queue_arn"),
            ("TopicConfigurations", "topic", "Topic", "topic_arn"),
        ):
            for config in noted.get(key, []):
                found = {"events": [config["Event"]], ours: config[target]}
                for rule in config.get("Filter", {}).get("S3Key", {}).get("Rules", []):
                    found[f"filter_{rule['Name'].lower()}"] = rule["Value"]
                values.setdefault(block, []).append(found)
        to.add("aws_s3_bucket_notification", name, values)


def table(to, physical, arn, said):
    values = {"name": said["TableName"], "arn": arn, "billing_mode": said["BillingMode"]}
    values["deletion_protection_enabled"] = said.get("DeletionProtectionEnabled", False)
    values["attribute"] = [
        {"name": a["AttributeName"], "type": a["AttributeType"]} for a in said["AttributeDefinitions"]
    ]
    for key in said["KeySchema"]:
        values["hash_key" if key["KeyType"] == "HASH" else "range_key"] = key["AttributeName"]
    streams = said.get("StreamSpecification")
    if streams:
        described = to.account.one("dynamodb-describe-table", to.region, said["TableName"])["Table"]
        values |= {"stream_enabled": True, "stream_view_type": streams["StreamViewType"]}
        values["stream_arn"] = described["LatestStreamArn"]
    sse = said.get("SSESpecification")
    values["server_side_encryption"] = [{"enabled": True, "kms_key_arn": sse["KMSMasterKeyId"]}] if sse else []
    recovery = said["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    values["point_in_time_recovery"] = [{"enabled": recovery}]
    live = said.get("TimeToLiveSpecification")
    values["ttl"] = [{"attribute_name": live["AttributeName"], "enabled": True}] if live else []
    values["tags"] = values["tags_all"] = {tag["Key"]: tag["Value"] for tag in said["Tags"]}
    to.add("aws_dynamodb_table", said["TableName"], values)


def queue(to, physical, arn, said):
    renames = {
        "QueueName": "name",
        "VisibilityTimeout": "visibility_timeout_seconds",
        "MessageRetentionPeriod": "message_retention_seconds",
    }
    values = snake(said, RedrivePolicy="", **renames) | {"arn": arn, "url": physical}
    values["tags_all"] = values.get("tags", {})
    if "RedrivePolicy" in said:
        values["redrive_policy"] = json.dumps(said["RedrivePolicy"])
    to.add("aws_sqs_queue", physical, values)


def queue_policy(to, physical, arn, said):
    to.add(
        "aws_sqs_queue_policy",
        said["Queues"][0],
        {"queue_url": said["Queues"][0], "policy": json.dumps(said["PolicyDocument"])},
    )


def topic_policy(to, physical, arn, said):
    to.add(
        "aws_sns_topic_policy",
        said["Topics"][0],
        {"arn": said["Topics"][0], "policy": json.dumps(said["PolicyDocument"])},
    )


def subscription(to, physical, arn, said):
    values = snake(said, FilterPolicy="", RedrivePolicy="") | {"arn": physical, "owner_id": ACCOUNT}
    if "FilterPolicy" in said:
        values["filter_policy"] = json.dumps(said["FilterPolicy"])
    to.add("aws_sns_topic_subscription", physical, values)


def stream(to, physical, arn, said):
    values = snake(said, StreamEncryption="", RetentionPeriodHours="retention_period") | {"arn": arn}
    if "StreamEncryption" in said:
        values |= {"encryption_type": "KMS", "kms_key_id": said["StreamEncryption"]["KeyId"]}
    to.add("aws_kinesis_stream", arn, values)


def delivery(to, physical, arn, said):
    config = said["ExtendedS3DestinationConfiguration"]
    processors = [
        {
            "type": one["Type"],
            "parameters": [
                {"parameter_name": p["ParameterName"], "parameter_value": p["ParameterValue"]}
                for p in one["Parameters"]
            ],
        }
        for one in config["ProcessingConfiguration"]["Processors"]
    ]
    extended = {
        "bucket_arn": config["BucketARN"],
        "role_arn": config["RoleARN"],
        "prefix": config["Prefix"],
        "kms_key_arn": config["EncryptionConfiguration"]["KMSEncryptionConfig"]["AWSKMSKeyARN"],
        "compression_format": config["CompressionFormat"],
        "processing_configuration": [{"enabled": True, "processors": processors}],
    }
    values = {"name": physical, "arn": arn, "destination": "extended_s3", "extended_s3_configuration": [extended]}
    to.add("aws_kinesis_firehose_delivery_stream", arn, values | tagged(said["Tags"]))


def key(to, physical, arn, said):
    values = snake(said, KeyPolicy="", Enabled="is_enabled", KeySpec="customer_master_key_spec")
    values |= {
        "policy": json.dumps(said["KeyPolicy"]),
        "arn": arn,
        "key_id": physical,
        "enable_key_rotation": said["EnableKeyRotation"],
    }
    to.add("aws_kms_key", physical, values | {"is_enabled": said["Enabled"]})


def secret(to, physical, arn, said):
    values = snake(said, GenerateSecretString="") | {"arn": physical}
    to.add("aws_secretsmanager_secret", physical, values | {"tags_all": values.get("tags", {})})


def rotation(to, physical, arn, said):
    values = {"secret_id": said["SecretId"], "rotation_enabled": True, "rotation_lambda_arn": said["RotationLambdaARN"]}
    to.add(
        "aws_secretsmanager_secret_rotation",
        said["SecretId"],
        values | {"rotation_rules": [snake(said["RotationRules"])]},
    )
