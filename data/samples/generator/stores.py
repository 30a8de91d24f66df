"""Stores: buckets, tables, queues, topics, streams, secrets."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from data.samples.generator.account import ACCOUNT, HOME, STATES, Account, Statement, document, pairs, tags

CLOSED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
OPEN = dict.fromkeys(CLOSED, False)


def secure_transport(resources: str | Sequence[str], actions: str | Sequence[str]) -> Statement:
    """Return the statement that refuses plaintext."""
    return {
        "Sid": "DenyPlaintext",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def bucket(
    account: Account,
    name: str,
    *policy: Statement,
    owner: str,
    data: str = "",
    region: str = HOME,
    key: str | None = None,
    versioned: bool = False,
    public_block: Mapping[str, bool] | None = CLOSED,
    expire_days: int = 0,
    tls: bool = True,
) -> str:
    """Create a bucket and return its ARN; plaintext is refused unless ``tls`` is False."""
    s3 = account.client("s3", region)
    arn = f"arn:aws:s3:::{name}"
    where = {} if region == STATES else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(tags(owner, data))})
    if public_block is not None:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict(public_block))
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": bool(key)}]
        },
    )
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if expire_days:
        days = {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": expire_days}}
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [days]})
    statements = [*policy, *([secure_transport([arn, f"{arn}/*"], "s3:*")] if tls else [])]
    if statements:
        s3.put_bucket_policy(Bucket=name, Policy=document(*statements))
    return arn


def notify(
    account: Account, name: str, *functions: Mapping[str, Any], region: str = HOME, events: bool = False
) -> None:
    """Set a bucket's notifications: mappings with ``function`` (an ARN), ``prefix``, ``suffix``, ``events``."""
    configured = []
    for number, wanted in enumerate(functions):
        rules = [{"Name": part, "Value": wanted[part]} for part in ("prefix", "suffix") if part in wanted]
        configured.append(
            {
                "Id": f"notify-{number}",
                "LambdaFunctionArn": wanted["function"],
                "Events": list(wanted.get("events", ["s3:ObjectCreated:*"])),
                **({"Filter": {"Key": {"FilterRules": rules}}} if rules else {}),
            }
        )
    whole = {
        **({"LambdaFunctionConfigurations": configured} if configured else {}),
        **({"EventBridgeConfiguration": {}} if events else {}),
    }
    account.client("s3", region).put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=whole)
    if events:  # which moto forgets
        account.gaps.say("s3", "GetBucketNotificationConfiguration", name, whole)


def table(
    account: Account,
    name: str,
    hash_key: str,
    range_key: str = "",
    *,
    owner: str,
    data: str = "",
    region: str = HOME,
    key: str | None = None,
    stream: str = "",
    recovery: bool = True,
    expires: str = "",
    labels: Mapping[str, str] | None = None,
) -> str:
    """Create a table and return its ARN; ``account.ids["stream:<name>"]`` is the ARN of its stream."""
    client = account.client("dynamodb", region)
    keys = [(hash_key, "HASH"), *([(range_key, "RANGE")] if range_key else [])]
    made = client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": part, "KeyType": kind} for part, kind in keys],
        AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part, _ in keys],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=recovery,
        Tags=pairs({**tags(owner, data), **(labels or {})}),
        **({"StreamSpecification": {"StreamEnabled": True, "StreamViewType": stream}} if stream else {}),
        **({"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}} if key else {}),
    )["TableDescription"]
    if recovery:
        client.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    if expires:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": expires})
    if stream:
        account.ids[f"stream:{name}"] = made["LatestStreamArn"]
    arn: str = made["TableArn"]
    return arn


def queue(
    account: Account,
    name: str,
    *policy: Statement,
    owner: str,
    data: str = "",
    region: str = HOME,
    key: str | None = None,
    dead_letters: str | None = None,
    tls: bool = True,
    encrypted: bool = True,
    **attributes: str,
) -> str:
    """Create a queue and return its ARN; ``dead_letters`` is the ARN of the queue for what fails."""
    arn = account.arn("sqs", name, region)
    statements = [*policy, *([secure_transport(arn, "sqs:*")] if tls else [])]
    values = {"MessageRetentionPeriod": "345600", **attributes}
    if key:
        values |= {"KmsMasterKeyId": key, "SqsManagedSseEnabled": "false"}
    else:
        values["SqsManagedSseEnabled"] = str(encrypted).lower()
    if dead_letters:
        values["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": 5})
    if statements:
        values["Policy"] = document(*statements)
    account.client("sqs", region).create_queue(QueueName=name, Attributes=values, tags=tags(owner, data))
    return arn


def topic(
    account: Account,
    name: str,
    *policy: Statement,
    owner: str,
    data: str = "",
    region: str = HOME,
    key: str | None = None,
    tls: bool = True,
) -> str:
    """Create a topic and return its ARN; without statements it keeps SNS's default policy."""
    sns = account.client("sns", region)
    arn: str = sns.create_topic(Name=name, Tags=pairs(tags(owner, data)))["TopicArn"]
    if key:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue=key)
    own = {
        "Sid": "AccountOnly",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes"],
        "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    statements = [*(policy or (own,)), *([secure_transport(arn, "sns:*")] if tls else [])]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document(*statements))
    return arn


def subscribe(
    account: Account, topic_arn: str, protocol: str, endpoint: str, *, only: Mapping[str, Any] | None = None
) -> str:
    """Subscribe an endpoint to a topic, filtered by message attributes where ``only`` is given."""
    region = topic_arn.split(":")[3]
    attributes = {"FilterPolicy": json.dumps(only)} if only else {}
    found: str = account.client("sns", region).subscribe(
        TopicArn=topic_arn, Protocol=protocol, Endpoint=endpoint, Attributes=attributes, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    return found


def secret(
    account: Account,
    name: str,
    value: str,
    *policy: Statement,
    owner: str,
    data: str = "restricted",
    region: str = HOME,
    key: str | None = None,
) -> str:
    """Create a secret and return its ARN."""
    client = account.client("secretsmanager", region)
    arn: str = client.create_secret(
        Name=name, SecretString=value, Tags=pairs(tags(owner, data)), **({"KmsKeyId": key} if key else {})
    )["ARN"]
    if policy:
        client.put_resource_policy(SecretId=name, ResourcePolicy=document(*policy))
    account.ids[f"secret:{name}"] = arn
    return arn


def poll(account: Account, function: str, source: str, **settings: Any) -> str:
    """Map a queue or stream to a function."""
    region = source.split(":")[3]
    found: str = account.client("lambda", region).create_event_source_mapping(
        FunctionName=function, EventSourceArn=source, Enabled=settings.pop("Enabled", True), **settings
    )["UUID"]
    return found
