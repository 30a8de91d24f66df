"""What the responses of stores say, and what is never kept of them."""

import json

import boto3
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from auditkit.inventory import UNSET, Kind
from auditkit.inventory.moments import iso_moment
from auditkit.inventory.origins import endpoint_kept, origin
from auditkit.inventory.records.buckets import AccountPublicAccessBlock, Bucket
from auditkit.inventory.records.keys import Key, Parameter, Secret
from auditkit.inventory.records.messaging import Queue, RedrivePolicy, Subscription, Topic
from auditkit.inventory.records.streams import DeliveryStream, Stream
from auditkit.inventory.records.tables import Table, TableStream
from tests.exports.feeding import ACCOUNT, REGION, answer, exported, feed

ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
QUEUE = ARN.format("sqs", "orders")
URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders"


def client(service, region=REGION):
    return boto3.client(service, region_name=region)


# ------------------------------------------------------------------ what may be kept


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://user:pw@hook.example.com:8443/T0/B0?token=abc#x", "https://hook.example.com:8443"),
        ("https://[removed: userinfo in URL]@hook.example.com/secret", "https://hook.example.com"),
        ("jdbc:redshift://u:p@warehouse.example.com:5439/db?password=x", "jdbc:redshift://warehouse.example.com:5439"),
        ("xy123.snowflakecomputing.com/path", "xy123.snowflakecomputing.com"),
        ("https://evil.example\\@good.example/", "https://evil.example"),
        ("https://[::1]:80/token", "https://[::1]:80"),
        ("https:token", ""),
        ("https://<script>/", ""),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_of_an_address_only_where_it_leads_is_kept(address, kept):
    assert origin(address) == kept


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.from_regex(r"[a-z]{1,10}\.example", fullmatch=True))
def test_no_path_survives_and_keeping_twice_changes_nothing(secret, host):
    kept = origin(f"https://{host}/{secret}")
    assert kept in {f"https://{host}", ""}
    assert origin(kept) == kept


@pytest.mark.parametrize(
    ("protocol", "endpoint", "kept"),
    [
        ("email", "jane.doe@Example.com", "@example.com"),
        ("email-json", "@example.com", "@example.com"),
        ("sms", "+4915112345678", ""),
        ("https", "https://hook.example.com/token", "https://hook.example.com"),
        ("lambda", ARN.format("lambda", "function:f"), ARN.format("lambda", "function:f")),
        (
            "application",
            ARN.format("sns", "endpoint/GCM/shop/0a1b-device"),
            ARN.format("sns", "endpoint/GCM/shop"),
        ),
        ("unheard-of", "jane", ""),
    ],
)
def test_of_an_endpoint_nothing_personal_is_kept(protocol, endpoint, kept):
    assert endpoint_kept(protocol, endpoint) == kept
    assert endpoint_kept(protocol, kept) == kept


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05+00:00"),
        (1767323045.0, "2026-01-02T03:04:05+00:00"),
        (1e30, None),
        (None, None),
    ],
)
def test_moments_are_text(moment, text):
    assert iso_moment(moment) == text


# ------------------------------------------------------------------ buckets


@mock_aws
def test_buckets_and_what_belongs_to_them(tmp_path):
    s3 = client("s3")
    for name in ("uploads", "plain"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    client("s3", "us-east-1").create_bucket(Bucket="virginia")
    s3.put_bucket_policy(Bucket="uploads", Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    s3.put_bucket_tagging(Bucket="uploads", Tagging={"TagSet": [{"Key": "data-class", "Value": "restricted"}]})
    s3.put_bucket_versioning(Bucket="uploads", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_website(Bucket="plain", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.put_bucket_acl(Bucket="plain", ACL="public-read")
    inventory = exported(tmp_path, "s3", "s3control")
    plain, uploads, virginia = inventory.of(Bucket)
    assert [bucket.region for bucket in (plain, uploads, virginia)] == [REGION, REGION, "us-east-1"]
    assert uploads.account == ACCOUNT
    assert uploads.tags == {"data-class": "restricted"}
    assert uploads.policy.document["Statement"] == []
    assert uploads.policy.source.pointer == "/Policy"
    assert uploads.versioning.status == "Enabled"
    assert (plain.policy, plain.tags, plain.public_access_block) == (None, {}, None)
    assert plain.website.index_document.suffix == "index.html"
    assert [grant.grantee.uri for grant in plain.acl.grants if grant.grantee.type == "Group"] == [
        "http://acs.amazonaws.com/groups/global/AllUsers"
    ]
    assert virginia.location_constraint is None
    (block,) = inventory.of(AccountPublicAccessBlock)
    assert (block.account, block.public_access_block_configuration) == (ACCOUNT, None)
    assert inventory.not_read == ()
    assert inventory.contradictions == ()


def test_what_of_a_bucket_was_not_asked_is_not_seen():
    (bucket,) = feed(answer("s3.ListBuckets", {"Buckets": [{"Name": "uploads"}]}, region="global")).of(Bucket)
    assert {bucket.policy, bucket.acl, bucket.public_access_block, bucket.tags, bucket.notification} == {UNSET}
    assert bucket.region == ""


def test_notifications_of_a_bucket():
    configuration = {
        "LambdaFunctionConfigurations": [
            {
                "Id": "n1",
                "LambdaFunctionArn": ARN.format("lambda", "function:f"),
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "in/"}]}},
            },
            {"LambdaFunctionArn": ARN.format("lambda", "function:g"), "Events": [], "Filter": {"Key": {}}},
        ],
        "EventBridgeConfiguration": {},
    }
    inventory = feed(
        answer("s3.ListBuckets", {"Buckets": [{"Name": "uploads"}]}, region="global"),
        answer("s3.GetBucketNotificationConfiguration", configuration, "uploads", region="global"),
    )
    (bucket,) = inventory.of(Bucket)
    assert [item.filter.narrows for item in bucket.notification.lambda_function_configurations] == [True, False]
    assert bucket.notification.event_bridge_configuration is not None
    assert bucket.notification.queue_configurations == ()


def test_a_setting_that_cannot_be_read_is_not_seen_and_located():
    inventory = feed(
        answer("s3.ListBuckets", {"Buckets": [{"Name": "uploads"}]}, region="global"),
        answer("s3.GetBucketAcl", {"Grants": [{"Grantee": {"Type": "Group"}}]}, "uploads", region="global", file="acl"),
        answer("s3.GetBucketPolicy", {"Policy": "{not json"}, "uploads", region="global", file="policy"),
        answer("s3.GetBucketLifecycleConfiguration", {"Rules": [{"ID": 1}]}, "uploads", region="global", file="rules"),
    )
    (bucket,) = inventory.of(Bucket)
    assert {bucket.acl, bucket.policy, bucket.lifecycle_rules} == {UNSET}
    assert [(str(item.source), item.reason.split(":")[0]) for item in inventory.not_read] == [
        ("acl#", "wrong shape"),
        ("policy#/Policy", "policy document is not JSON"),
        ("rules#/Rules/0", "wrong shape"),
    ]


# ------------------------------------------------------------------ tables


@mock_aws
def test_tables_and_their_streams(tmp_path):
    client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        Tags=[{"Key": "data-class", "Value": "restricted"}],
    )
    inventory = exported(tmp_path, "dynamodb")
    (table,) = inventory.of(Table)
    (stream,) = inventory.of(TableStream)
    assert table.described
    assert table.continuous_backups.point_in_time_recovery_description.point_in_time_recovery_status == "DISABLED"
    assert table.time_to_live.time_to_live_status == "DISABLED"
    assert table.policy is None
    assert table.kinesis_destinations is UNSET
    assert table.tags == {"data-class": "restricted"}
    assert (stream.id, stream.table_arn) == (table.latest_stream_arn, table.id)
    assert stream.stream_specification.stream_view_type == "NEW_AND_OLD_IMAGES"


def test_a_table_that_may_not_be_described_is_there_and_a_stream_that_is_off_is_not():
    arn = ARN.format("dynamodb", "table/{}")
    inventory = feed(
        answer("dynamodb.ListTables", {"TableNames": ["denied", "quiet", 7]}),
        answer(
            "dynamodb.DescribeTable",
            {
                "Table": {
                    "TableName": "quiet",
                    "TableArn": arn.format("quiet"),
                    "TableStatus": "ACTIVE",
                    "StreamSpecification": {"StreamEnabled": False},
                    "LatestStreamArn": arn.format("quiet/stream/2026"),
                    "Replicas": None,
                }
            },
            "quiet",
        ),
        answer(
            "dynamodb.DescribeKinesisStreamingDestination",
            {"KinesisDataStreamDestinations": [{"StreamArn": "arn:aws:kinesis:eu-west-1:1:stream/s"}]},
            "quiet",
        ),
    )
    denied, quiet = inventory.of(Table)
    assert (denied.described, quiet.described) == (False, True)
    assert [item.stream_arn for item in quiet.kinesis_destinations] == ["arn:aws:kinesis:eu-west-1:1:stream/s"]
    assert inventory.of(TableStream) == ()
    assert [str(item.source.pointer) for item in inventory.not_read] == ["/TableNames/2"]


# ------------------------------------------------------------------ queues and topics


@mock_aws
def test_queues_topics_and_subscriptions(tmp_path):
    sqs, sns = client("sqs"), client("sns")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "5"})
    sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": redrive}, tags={"team": "shop"})
    topic = sns.create_topic(Name="events")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="jane.doe@example.com")
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://user:pw@hook.example.com/path?token=abc")
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+4915112345678")
    attributes = {"FilterPolicy": '{"kind": ["order"]}', "RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=dead_arn, Attributes=attributes)
    inventory = exported(tmp_path, "sqs", "sns")
    orders = inventory.get(QUEUE)
    assert orders.attributes.redrive_policy == RedrivePolicy(dead_arn, 5)
    assert orders.attributes.message_retention_period == 345600
    assert orders.attributes.sqs_managed_sse_enabled is True
    assert (orders.tags, orders.policy, orders.queue_url) == ({"team": "shop"}, None, URL)
    assert inventory.get(topic).policy.document["Statement"][0]["Principal"] == {"AWS": "*"}
    found = {item.protocol: item for item in inventory.of(Subscription)}
    assert {protocol: item.endpoint for protocol, item in found.items()} == {
        "email": "@example.com",
        "https": "https://hook.example.com",
        "sms": "",
        "sqs": dead_arn,
    }
    assert found["sqs"].attributes.filter_policy == {"kind": ["order"]}
    assert found["sqs"].attributes.raw_message_delivery is True
    everything = str([msgspec.json.encode(record) for record in inventory])
    assert not any(secret in everything for secret in ("jane", "token", "pw@", "49151"))


def test_attributes_that_cannot_be_read_are_located_and_the_others_kept():
    raw = {
        "QueueArn": QUEUE,
        "VisibilityTimeout": "soon",
        "MessageRetentionPeriod": "60",
        "RedrivePolicy": "{broken",
        "Policy": '["no object"]',
    }
    inventory = feed(answer("sqs.GetQueueAttributes", {"Attributes": raw}, URL, file="q.json"))
    (queue,) = inventory.of(Queue)
    assert queue.attributes.message_retention_period == 60
    assert {queue.attributes.visibility_timeout, queue.attributes.redrive_policy, queue.policy} == {UNSET}
    assert [item.source.pointer for item in inventory.not_read] == [
        "/Attributes/Policy",
        "/Attributes/RedrivePolicy",
        "/Attributes/VisibilityTimeout",
    ]


def test_a_policy_that_was_not_asked_for_is_not_seen():
    (queue,) = feed(answer("sqs.GetQueueAttributes", {"Attributes": {"QueueArn": QUEUE}}, URL)).of(Queue)
    assert queue.policy is UNSET


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"https://{REGION}.queue.amazonaws.com/{ACCOUNT}/orders",
        f"http://localhost:4566/{ACCOUNT}/orders",
        f"https://queue.amazonaws.com/{ACCOUNT}/orders",
    ],
)
def test_addresses_of_queues(url):
    (queue,) = feed(answer("sqs.ListQueues", {"QueueUrls": [url]})).of(Queue)
    assert (queue.id, queue.attributes) == (QUEUE, UNSET)


def test_a_queue_without_a_place_is_noted():
    inventory = feed(answer("sqs.ListQueues", {"QueueUrls": ["https://queue.amazonaws.com/x"]}, account="", region=""))
    assert inventory.of(Queue) == ()
    assert len(inventory.not_read) == 1


def test_a_pending_subscription_is_none_and_carries_no_address():
    topic = ARN.format("sns", "events")
    entry = {"TopicArn": topic, "SubscriptionArn": "PendingConfirmation", "Owner": ACCOUNT}
    inventory = feed(
        answer(
            "sns.ListSubscriptions",
            {
                "Subscriptions": [
                    {**entry, "Protocol": "email", "Endpoint": "jane@example.com"},
                    {**entry, "Protocol": "email", "Endpoint": "joe@example.com"},
                ]
            },
        )
    )
    first, second = inventory.of(Subscription)
    assert (first.confirmed, second.confirmed) == (False, False)
    assert first.id != second.id
    assert (first.account, first.region) == (ACCOUNT, REGION)
    assert "jane" not in str(first)


def test_flat_files_tell_the_place_by_their_arns():
    topic = ARN.format("sns", "events")
    payload = {"Attributes": {"TopicArn": topic, "KmsMasterKeyId": "alias/aws/sns", "FifoTopic": "false"}}
    (found,) = feed(answer("sns.GetTopicAttributes", payload, account="", region="")).of(Topic)
    assert (found.account, found.region) == (ACCOUNT, REGION)
    assert (found.attributes.kms_master_key_id, found.attributes.fifo_topic) == ("alias/aws/sns", False)


# ------------------------------------------------------------------ streams


@mock_aws
def test_streams(tmp_path):
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]["StreamARN"]
    kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="fan")
    (stream,) = exported(tmp_path, "kinesis").of(Stream)
    assert (stream.id, stream.encryption_type, stream.retention_period_hours) == (arn, "NONE", 24)
    assert [consumer.consumer_name for consumer in stream.consumers] == ["fan"]
    assert (stream.policy, stream.tags) == (None, {})


@mock_aws
def test_delivery_streams_keep_no_access_key(tmp_path):
    client("s3").create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION})
    bucket = {"RoleARN": f"arn:aws:iam::{ACCOUNT}:role/fh", "BucketARN": "arn:aws:s3:::lake"}
    function = ARN.format("lambda", "function:transform:$LATEST")
    parameters = [{"ParameterName": "LambdaArn", "ParameterValue": function}]
    processing = {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": parameters}]}
    firehose = client("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName="lake", ExtendedS3DestinationConfiguration={**bucket, "ProcessingConfiguration": processing}
    )
    firehose.create_delivery_stream(
        DeliveryStreamName="web",
        HttpEndpointDestinationConfiguration={
            "EndpointConfiguration": {"Url": "https://intake.example.com/v1?key=HUSHHUSH", "AccessKey": "HUSHHUSH"},
            "S3Configuration": bucket,
        },
    )
    inventory = exported(tmp_path, "firehose")
    lake, web = inventory.of(DeliveryStream)
    described = lake.destinations[0].extended_s3_destination_description
    assert [step.lambda_arn for step in described.processing_configuration.processors] == [function]
    endpoint = web.destinations[0].http_endpoint_destination_description
    assert endpoint.endpoint_configuration.url == "https://intake.example.com"
    assert endpoint.s3_destination_description.bucket_arn == "arn:aws:s3:::lake"
    assert "HUSHHUSH" not in str([lake, web])


def test_addresses_in_delivery_streams_are_cut_whoever_exported_them():
    destinations = [
        {"RedshiftDestinationDescription": {"ClusterJDBCURL": "jdbc:redshift://u:HUSH@w.example:5439/d?password=HUSH"}},
        {"SplunkDestinationDescription": {"HECEndpoint": "https://splunk.example:8088/HUSH", "HECToken": "HUSH"}},
        {"SnowflakeDestinationDescription": {"AccountUrl": "https://ab1.snowflakecomputing.com/HUSH", "User": "HUSH"}},
    ]
    arn = ARN.format("firehose", "deliverystream/d")
    description = {"DeliveryStreamName": "d", "DeliveryStreamARN": arn, "Destinations": destinations}
    inventory = feed(answer("firehose.DescribeDeliveryStream", {"DeliveryStreamDescription": description}, "d"))
    (stream,) = inventory.of(DeliveryStream)
    redshift, splunk, snowflake = stream.destinations
    assert redshift.redshift_destination_description.cluster_jdbc_url == "jdbc:redshift://w.example:5439"
    assert splunk.splunk_destination_description.hec_endpoint == "https://splunk.example:8088"
    assert snowflake.snowflake_destination_description.account_url == "https://ab1.snowflakecomputing.com"
    assert "HUSH" not in str(stream)


# ------------------------------------------------------------------ keys, secrets, parameters


@mock_aws
def test_keys_secrets_and_parameters(tmp_path):
    kms = client("kms")
    key_id = kms.create_key(Tags=[{"TagKey": "team", "TagValue": "shop"}])["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/orders", TargetKeyId=key_id)
    other = f"arn:aws:iam::{'9' * 12}:role/x"
    kms.create_grant(KeyId=key_id, GranteePrincipal=other, Operations=["Decrypt"])
    client("secretsmanager").create_secret(Name="db", SecretString="hunter2")
    client("ssm").put_parameter(Name="/app/db", Value="hunter2", Type="SecureString")
    client("ssm").put_parameter(Name="plain", Value="hunter2", Type="String")
    inventory = exported(tmp_path, "kms", "secretsmanager", "ssm")
    (key,) = inventory.of(Key)
    assert (key.aliases, key.tags) == (("alias/orders",), {"team": "shop"})
    assert (key.metadata.key_manager, key.rotation.key_rotation_enabled) == ("CUSTOMER", False)
    assert [(grant.grantee_principal, grant.operations) for grant in key.grants] == [(other, ("Decrypt",))]
    assert key.policy.document["Statement"][0]["Action"] == "kms:*"
    (secret,) = inventory.of(Secret)
    assert (secret.name, secret.policy, secret.rotation_lambda_arn) == ("db", None, None)
    assert [(item.id, item.type) for item in inventory.of(Parameter)] == [
        (ARN.format("ssm", "parameter/app/db"), "SecureString"),
        (ARN.format("ssm", "parameter/plain"), "String"),
    ]
    assert "hunter2" not in str(list(inventory))


def test_a_key_that_may_not_be_described_is_there():
    arn = ARN.format("kms", "key/k1")
    inventory = feed(
        answer("kms.ListKeys", {"Keys": [{"KeyId": "k1", "KeyArn": arn}]}),
        answer(
            "kms.ListAliases",
            {"Aliases": [{"AliasName": "alias/aws/s3"}, {"AliasName": "alias/x", "TargetKeyId": "k2"}]},
        ),
    )
    (key,) = inventory.of(Key)
    assert (key.metadata, key.policy, key.grants, key.aliases) == (UNSET, UNSET, UNSET, ())
    assert inventory.not_read == ()


def test_dates_of_older_command_lines_are_read():
    item = {"ARN": ARN.format("secretsmanager", "secret:db-AbCdEf"), "Name": "db", "LastRotatedDate": 1767323045.5}
    (secret,) = feed(answer("secretsmanager.ListSecrets", {"SecretList": [item]})).of(Secret)
    assert secret.last_rotated_date.startswith("2026-01-02T03:04:05")


def test_tags_from_the_tagging_api_reach_what_was_seen_without():
    parameter = ARN.format("ssm", "parameter/app/db")
    inventory = feed(
        answer("ssm.DescribeParameters", {"Parameters": [{"Name": "/app/db"}, {"Name": "/app/x"}]}),
        answer(
            "resourcegroupstaggingapi.GetResources",
            {
                "ResourceTagMappingList": [
                    {"ResourceARN": parameter, "Tags": [{"Key": "data-class", "Value": "internal"}]},
                    {"ResourceARN": ARN.format("sqs", "nobody-knows"), "Tags": []},
                ]
            },
        ),
    )
    assert inventory.get(parameter).tags == {"data-class": "internal"}
    assert inventory.get(ARN.format("ssm", "parameter/app/x")).tags is UNSET
    assert inventory.kinds == (Kind.PARAMETER,)
