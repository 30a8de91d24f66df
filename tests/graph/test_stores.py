"""What the settings of stores say in the graph."""

import math

import pytest

from auditkit.case import Case
from auditkit.graph.connect import connect
from auditkit.graph.schema import AccessLevel, EdgeKind, Interval, Sensitivity, View
from auditkit.inventory import Kind
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
OTHER = "999988887777"
BUCKET = "arn:aws:s3:::uploads"
FUNCTION = ARN.format("lambda", "function:resize")
QUEUE = ARN.format("sqs", "orders")
TOPIC = ARN.format("sns", "events")


def edges(graph, view=View.DATA):
    return [(u, v, edge) for u, v, edge in graph.edges(data=True) if edge["view"] is view]


def one(graph, origin, target, view=View.DATA, kind=None):
    found = [edge for u, v, edge in edges(graph, view) if (u, v) == (origin, target) and kind in {None, edge["kind"]}]
    assert len(found) == 1, found
    return found[0]


def function(policy=None):
    item = {"FunctionName": "resize", "FunctionArn": FUNCTION, "Version": "$LATEST"}
    responses = [answer("lambda.ListFunctions", {"Functions": [item]})]
    if policy is not None:
        responses.append(answer("lambda.GetPolicy", {"Policy": {"Statement": policy}}, "resize"))
    return responses


def buckets(*names):
    listed = {"Buckets": [{"Name": name, "BucketRegion": REGION} for name in names]}
    return answer("s3.ListBuckets", listed, region="global")


# ------------------------------------------------------------------ buckets


def notified(configuration, *more):
    call = "s3.GetBucketNotificationConfiguration"
    return connect(feed(buckets("uploads"), answer(call, configuration, "uploads", region="global", file="n"), *more))


def lambda_notification(**more):
    return {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": f"{FUNCTION}:live", "Events": ["b", "a"], **more}]}


def test_a_notification_makes_the_function_run():
    graph = notified(lambda_notification(), *function())
    edge = one(graph, BUCKET, FUNCTION)
    assert (edge["kind"], edge["label"], edge["qualifier"]) == (EdgeKind.DELIVERS, "a, b", "live")
    assert edge["factors"].validation == Interval.exactly(1)
    assert edge["factors"].hop == "s3->lambda"
    assert str(edge["sources"][0]) == "n#/LambdaFunctionConfigurations/0"
    trust = one(graph, BUCKET, FUNCTION, View.TRUST)
    assert (trust["kind"], trust["cost"]) == (EdgeKind.INVOKES, 2)


def test_a_filter_halves_the_lack_of_validation_and_an_empty_one_does_not():
    narrow = {"Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}
    empty = {"Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": ""}]}}}
    for setting, level in ((narrow, 0.5), (empty, 1)):
        graph = notified(lambda_notification(**setting), *function())
        assert one(graph, BUCKET, FUNCTION)["factors"].validation == Interval.exactly(level)


@pytest.mark.parametrize(
    ("condition", "level"),
    [
        ({}, 0.5),
        ({"ArnLike": {"aws:SourceArn": BUCKET}}, 0.25),
        ({"ArnLike": {"aws:SourceArn": BUCKET}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}, 0),
    ],
)
def test_the_policy_of_the_function_says_how_well_it_knows_the_bucket(condition, level):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
        "Condition": condition,
    }
    configuration = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": FUNCTION, "Events": ["a"]}]}
    graph = notified(configuration, *function([statement]))
    assert one(graph, BUCKET, FUNCTION)["factors"].authentication == Interval.exactly(level)


def test_notifications_to_queue_topic_and_bus():
    configuration = {
        "QueueConfigurations": [{"QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"]}],
        "TopicConfigurations": [{"TopicArn": TOPIC, "Events": ["s3:ObjectRemoved:*"]}],
        "EventBridgeConfiguration": {},
    }
    graph = notified(configuration)
    bus = ARN.format("events", "event-bus/default")
    assert {(v, edge["label"]) for u, v, edge in edges(graph) if u == BUCKET} == {
        (QUEUE, "s3:ObjectCreated:*"),
        (TOPIC, "s3:ObjectRemoved:*"),
        (bus, "all events"),
    }
    trust = one(graph, BUCKET, QUEUE, View.TRUST)
    assert (trust["kind"], trust["access"]) == (EdgeKind.PERMITS, AccessLevel.WRITE)
    assert graph.nodes[QUEUE]["exists"] is False


def replicated(**destination):
    rules = [
        {
            "ID": "r",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Destination": {"Bucket": "arn:aws:s3:::archive", **destination},
        },
        {"ID": "off", "Status": "Disabled", "Destination": {"Bucket": "arn:aws:s3:::old"}},
    ]
    payload = {"ReplicationConfiguration": {"Role": "arn:aws:iam::1:role/r", "Rules": rules}}
    response = answer("s3.GetBucketReplication", payload, "uploads", region="global")
    return feed(buckets("uploads"), response)


def test_replication_goes_to_a_bucket_of_whom_it_says():
    graph = connect(replicated(Account=OTHER))
    edge = one(graph, BUCKET, "arn:aws:s3:::archive")
    assert (edge["kind"], edge["enabled"], edge["detail"]) == (EdgeKind.REPLICATES, True, "")
    assert edge["factors"].third_party == Interval.exactly(1)
    assert graph.nodes["arn:aws:s3:::archive"]["boundary"].id == OTHER
    assert one(graph, BUCKET, "arn:aws:s3:::old")["enabled"] is False
    assert [v for u, v, _ in edges(graph, View.TRUST)] == ["arn:aws:s3:::archive"]


def test_replication_to_nobody_knows_whom_is_not_known_to_stay():
    edge = one(connect(replicated()), BUCKET, "arn:aws:s3:::archive")
    assert edge["factors"].third_party == Interval(0, 1)
    trusted = connect(replicated(Account=OTHER), case=Case(accounts={OTHER: "Archive Ltd"}))
    assert one(trusted, BUCKET, "arn:aws:s3:::archive")["factors"].third_party == Interval.exactly(0.5)


def test_tags_classify_a_bucket():
    tags = answer("s3.GetBucketTagging", {"TagSet": [{"Key": "data-class", "Value": "restricted"}]}, "uploads")
    graph = connect(feed(buckets("uploads"), tags))
    assert graph.nodes[BUCKET]["sensitivity"] is Sensitivity.RESTRICTED


# ------------------------------------------------------------------ tables


def test_a_table_with_stream_replica_and_kinesis():
    arn = ARN.format("dynamodb", "table/orders")
    table = {
        "TableName": "orders",
        "TableArn": arn,
        "TableStatus": "ACTIVE",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        "LatestStreamArn": f"{arn}/stream/2026",
        "Replicas": [
            {"RegionName": REGION, "ReplicaStatus": "ACTIVE"},
            {"RegionName": "us-east-1", "ReplicaStatus": "ACTIVE"},
        ],
    }
    streams = [
        {"StreamArn": ARN.format("kinesis", "stream/on"), "DestinationStatus": "ACTIVE"},
        {"StreamArn": ARN.format("kinesis", "stream/off"), "DestinationStatus": "DISABLED"},
    ]
    graph = connect(
        feed(
            answer("dynamodb.DescribeTable", {"Table": table}, "orders"),
            answer(
                "dynamodb.DescribeKinesisStreamingDestination", {"KinesisDataStreamDestinations": streams}, "orders"
            ),
            answer("dynamodb.ListTagsOfResource", {"Tags": [{"Key": "data-class", "Value": "restricted"}]}, arn),
        )
    )
    assert {(v, edge["factors"].hop, edge["enabled"]) for _, v, edge in edges(graph)} == {
        (f"{arn}/stream/2026", "dynamodb->stream", True),
        (arn.replace(REGION, "us-east-1"), "dynamodb->replica", True),
        (streams[0]["StreamArn"], "dynamodb->kinesis", True),
        (streams[1]["StreamArn"], "dynamodb->kinesis", False),
    }
    assert graph.nodes[f"{arn}/stream/2026"]["sensitivity"] is Sensitivity.RESTRICTED
    assert one(graph, arn, f"{arn}/stream/2026", View.TRUST)["cost"] == 0


# ------------------------------------------------------------------ queues and topics


def queue(name="orders", **attributes):
    raw = {"QueueArn": ARN.format("sqs", name), "VisibilityTimeout": "30", **attributes}
    return answer("sqs.GetQueueAttributes", {"Attributes": raw}, file=f"{name}.json")


def subscribed(*subscriptions, attributes=None, more=()):
    items = [
        {"SubscriptionArn": f"{TOPIC}:0000000{index}-0000-0000-0000-000000000000", "TopicArn": TOPIC, **item}
        for index, item in enumerate(subscriptions)
    ]
    responses = [
        answer("sns.ListTopics", {"Topics": [{"TopicArn": TOPIC}]}),
        answer("sns.ListSubscriptions", {"Subscriptions": items}, file="subs"),
        *more,
    ]
    if attributes is not None:
        arn = items[0]["SubscriptionArn"]
        responses.append(answer("sns.GetSubscriptionAttributes", {"Attributes": attributes}, arn, file="attributes"))
    return connect(feed(*responses))


def test_redrive_leads_to_the_dead_letter_queue():
    dead = ARN.format("sqs", "dead")
    graph = connect(
        feed(queue(RedrivePolicy=f'{{"deadLetterTargetArn": "{dead}", "maxReceiveCount": 3}}'), queue("dead"))
    )
    edge = one(graph, QUEUE, dead)
    assert (edge["kind"], edge["factors"].hop) == (EdgeKind.REPLICATES, "sqs->dlq")
    assert str(edge["sources"][0]) == "orders.json#/Attributes/RedrivePolicy"
    assert one(graph, QUEUE, dead, View.TRUST)["cost"] == 2


def test_a_queue_that_does_not_let_the_topic_in_is_told_so():
    subscription = {"Protocol": "sqs", "Endpoint": QUEUE}
    closed = subscribed(subscription, more=[queue()])
    assert one(closed, TOPIC, QUEUE)["detail"] == "not permitted by the policy of the target"
    assert one(closed, TOPIC, QUEUE, View.TRUST)["cost"] == 4
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
    }
    opened = subscribed(subscription, more=[queue(Policy={"Statement": [statement]})])
    assert one(opened, TOPIC, QUEUE)["factors"].authentication == Interval.exactly(0)
    assert one(opened, TOPIC, QUEUE, View.TRUST)["cost"] == 0


def test_a_subscription_of_a_function_with_its_attributes():
    subscription = {"Protocol": "lambda", "Endpoint": FUNCTION}
    filtered = subscribed(subscription, attributes={"FilterPolicy": '{"a": ["b"]}', "RawMessageDelivery": "true"})
    edge = one(filtered, TOPIC, FUNCTION)
    assert (edge["detail"], edge["factors"].validation) == ("filter, raw", Interval.exactly(0.5))
    assert [str(source) for source in edge["sources"]] == ["subs#/Subscriptions/0", "attributes#/Attributes"]
    plain = subscribed(subscription, attributes={"RawMessageDelivery": "false"})
    assert one(plain, TOPIC, FUNCTION)["factors"].validation == Interval.exactly(1)
    unseen = subscribed(subscription)
    assert one(unseen, TOPIC, FUNCTION)["factors"].validation == Interval(0.5, 1)
    broken = subscribed(subscription, attributes={"FilterPolicy": "{broken"})
    assert one(broken, TOPIC, FUNCTION)["factors"].validation == Interval(0.5, 1)


def test_subscriptions_that_leave_the_account():
    application = ARN.format("sns", "endpoint/GCM/shop/0a1b")
    graph = subscribed(
        {"Protocol": "http", "Endpoint": "http://hook.example.com/token"},
        {"Protocol": "https", "Endpoint": "https://hook.example.org/token"},
        {"Protocol": "application", "Endpoint": application},
        {"Protocol": "sqs", "Endpoint": QUEUE.replace(ACCOUNT, OTHER)},
    )
    found = {v: edge["factors"] for _, v, edge in edges(graph)}
    assert found["thirdparty:hook.example.com"].encryption == Interval.exactly(1)
    assert found["thirdparty:hook.example.org"].encryption == Interval.exactly(0)
    assert found["thirdparty:Firebase Cloud Messaging"].third_party == Interval.exactly(1)
    assert found[QUEUE.replace(ACCOUNT, OTHER)].third_party == Interval.exactly(1)
    assert "token" not in str(graph.edges(data=True))


def test_persons_are_counted_and_not_named():
    graph = subscribed(
        {"Protocol": "email", "Endpoint": "jane@example.com"},
        {"Protocol": "email", "Endpoint": "joe@example.com"},
        {"Protocol": "sms", "Endpoint": "+4915112345678"},
    )
    assert {(v, edge["label"], edge["detail"]) for _, v, edge in edges(graph)} == {
        ("thirdparty:example.com", "email", "2 subscriptions"),
        ("thirdparty:telephones", "sms", "1 subscription"),
    }
    everything = str(list(graph.nodes(data=True)) + list(graph.edges(data=True)))
    assert not any(secret in everything for secret in ("jane", "joe", "49151"))


def test_a_pending_subscription_is_no_edge():
    items = [
        {"SubscriptionArn": "PendingConfirmation", "TopicArn": TOPIC, "Protocol": "https", "Endpoint": "https://x.y"}
    ]
    graph = connect(feed(answer("sns.ListSubscriptions", {"Subscriptions": items})))
    assert edges(graph) == []
    unconfirmed = subscribed(
        {"Protocol": "https", "Endpoint": "https://x.y"}, attributes={"PendingConfirmation": "true"}
    )
    assert edges(unconfirmed) == []


# ------------------------------------------------------------------ streams


def delivery(*destinations, **more):
    arn = ARN.format("firehose", "deliverystream/d")
    description = {"DeliveryStreamName": "d", "DeliveryStreamARN": arn, "Destinations": destinations, **more}
    response = answer("firehose.DescribeDeliveryStream", {"DeliveryStreamDescription": description}, "d", file="d")
    return arn, connect(feed(response, buckets("lake", "backup")))


LAKE = {"BucketARN": "arn:aws:s3:::lake", "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/fh"}


def test_a_bucket_that_is_described_twice_is_one_destination():
    function = {"ParameterName": "LambdaArn", "ParameterValue": f"{FUNCTION}:$LATEST"}
    processing = {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [function]}]}
    backup = {"BucketARN": "arn:aws:s3:::backup"}
    extended = {**LAKE, "ProcessingConfiguration": processing, "S3BackupDescription": backup}
    arn, graph = delivery({"S3DestinationDescription": LAKE, "ExtendedS3DestinationDescription": extended})
    assert [(u, v, edge["label"]) for u, v, edge in edges(graph)] == [
        (arn, FUNCTION, "transformation"),
        (arn, "arn:aws:s3:::backup", "backup"),
        (arn, "arn:aws:s3:::lake", "delivery"),
        (FUNCTION, arn, "transformed records"),
    ]
    assert one(graph, arn, FUNCTION)["qualifier"] == ""
    assert one(graph, arn, FUNCTION, View.TRUST)["kind"] is EdgeKind.INVOKES


def test_a_transformation_that_is_off_is_none():
    processing = {"Enabled": False, "Processors": [{"Type": "Lambda", "Parameters": []}]}
    _, graph = delivery({"ExtendedS3DestinationDescription": {**LAKE, "ProcessingConfiguration": processing}})
    assert [v for _, v, _ in edges(graph)] == ["arn:aws:s3:::lake"]


@pytest.mark.parametrize(
    ("destination", "target", "bucket"),
    [
        (
            {"HttpEndpointDestinationDescription": {
                "EndpointConfiguration": {"Url": "https://in.example.com/?k=HUSH"}, "S3BackupMode": "FailedDataOnly"}},
            "thirdparty:in.example.com", "failed records",
        ),
        (
            {"SplunkDestinationDescription": {
                "HECEndpoint": "https://s.example.com:8088", "S3BackupMode": "AllEvents"}},
            "thirdparty:s.example.com", "backup",
        ),
        (
            {"SnowflakeDestinationDescription": {"AccountUrl": "https://ab1.snowflakecomputing.com"}},
            "thirdparty:ab1.snowflakecomputing.com", "delivery",
        ),
        (
            {"RedshiftDestinationDescription": {
                "ClusterJDBCURL": "jdbc:redshift://w.abc.eu-west-1.redshift.amazonaws.com:5439/db"}},
            "host:w.abc.eu-west-1.redshift.amazonaws.com", "way to Redshift",
        ),
        (
            {"AmazonopensearchserviceDestinationDescription": {"DomainARN": ARN.format("es", "domain/logs")}},
            ARN.format("es", "domain/logs"), "delivery",
        ),
        ({"IcebergDestinationDescription": {}}, None, "delivery"),
    ],
)  # fmt: skip
def test_destinations_and_the_bucket_beside_them(destination, target, bucket):
    for body in destination.values():
        body["S3DestinationDescription"] = LAKE
    arn, graph = delivery(destination)
    found = {v: edge["label"] for u, v, edge in edges(graph) if u == arn}
    assert found == {"arn:aws:s3:::lake": bucket, **({target: "delivery"} if target else {})}
    assert "HUSH" not in str(graph.edges(data=True))


def test_sources_of_a_delivery_stream():
    stream = ARN.format("kinesis", "stream/clicks")
    arn, graph = delivery(Source={"KinesisStreamSourceDescription": {"KinesisStreamARN": stream}})
    edge = one(graph, stream, arn)
    assert edge["factors"].hop == "kinesis->firehose"
    assert edge["sources"][0].pointer == "/DeliveryStreamDescription/Source/KinesisStreamSourceDescription"


# ------------------------------------------------------------------ keys and secrets


def test_keys_are_found_by_alias_id_and_arn_and_open_nothing_alone():
    arn = ARN.format("kms", "key/k1")
    graph = connect(
        feed(
            answer("kms.ListKeys", {"Keys": [{"KeyId": "k1", "KeyArn": arn}]}),
            answer("kms.ListAliases", {"Aliases": [{"AliasName": "alias/orders", "TargetKeyId": "k1"}]}),
            queue(KmsMasterKeyId="alias/orders"),
            queue("second", KmsMasterKeyId="k1"),
            queue("third", KmsMasterKeyId=arn),
            queue("aws", KmsMasterKeyId="alias/aws/sqs"),
        )
    )
    found = {v: edge for u, v, edge in edges(graph, View.TRUST) if u == arn}
    assert sorted(found) == [QUEUE, ARN.format("sqs", "second"), ARN.format("sqs", "third")]
    assert {(edge["kind"], edge["cost"]) for edge in found.values()} == {(EdgeKind.OPENS, math.inf)}
    assert graph.nodes[arn]["label"] == "orders"
    assert [node for node, kind in graph.nodes(data="kind") if kind is Kind.KEY] == [arn]


def test_rotation_and_replica_of_a_secret():
    arn = ARN.format("secretsmanager", "secret:db-AbCdEf")
    replica = arn.replace(REGION, "us-east-1")
    graph = connect(
        feed(
            answer(
                "secretsmanager.ListSecrets",
                {"SecretList": [
                    {"ARN": arn, "Name": "db", "RotationEnabled": True, "RotationLambdaARN": FUNCTION},
                ]},
            ),
            answer(
                "secretsmanager.ListSecrets",
                {"SecretList": [{"ARN": replica, "Name": "db", "PrimaryRegion": REGION}]},
                region="us-east-1",
            ),
        )
    )  # fmt: skip
    assert {(u, v, edge["kind"]) for u, v, edge in edges(graph)} == {
        (arn, FUNCTION, EdgeKind.DELIVERS),
        (arn, FUNCTION, EdgeKind.READS),
        (FUNCTION, arn, EdgeKind.WRITES),
        (arn, replica, EdgeKind.REPLICATES),
    }
    assert one(graph, arn, FUNCTION, View.TRUST)["kind"] is EdgeKind.INVOKES


# ------------------------------------------------------------------ databases, caches, logs


def test_databases_with_their_members_proxies_and_secrets():
    cluster, proxy = ARN.format("rds", "cluster:shop"), ARN.format("rds", "db-proxy:prx-1")
    master = ARN.format("secretsmanager", "secret:master-AbCdEf")
    app = ARN.format("secretsmanager", "secret:app-AbCdEf")
    member = {
        "DBInstanceIdentifier": "shop-1",
        "DBInstanceArn": ARN.format("rds", "db:shop-1"),
        "Engine": "aurora-mysql",
        "DBClusterIdentifier": "shop",
        "DBSubnetGroup": {"VpcId": "vpc-1"},
        "Endpoint": {"Address": "shop-1.abc.eu-west-1.rds.amazonaws.com"},
    }
    graph = connect(
        feed(
            answer("rds.DescribeDBInstances", {"DBInstances": [member]}),
            answer(
                "rds.DescribeDBClusters",
                {"DBClusters": [{
                    "DBClusterIdentifier": "shop", "DBClusterArn": cluster, "Engine": "aurora-mysql",
                    "MasterUserSecret": {"SecretArn": master}, "ActivityStreamKinesisStreamName": "activity",
                }]},
            ),
            answer(
                "rds.DescribeDBProxies",
                {"DBProxies": [{
                    "DBProxyName": "front", "DBProxyArn": proxy, "VpcId": "vpc-1", "Auth": [{"SecretArn": app}],
                }]},
            ),
            answer(
                "rds.DescribeDBProxyTargets",
                {"Targets": [
                    {"Type": "TRACKED_CLUSTER", "RdsResourceId": "shop"},
                    {"Type": "RDS_INSTANCE", "RdsResourceId": "shop-1", "TrackedClusterId": "shop"},
                ]},
                "front",
            ),
        )
    )  # fmt: skip
    assert graph.nodes[cluster]["boundary"].id == "vpc-1"
    assert member["DBInstanceArn"] not in graph
    assert {(u, v, edge["kind"]) for u, v, edge in edges(graph)} == {
        (proxy, cluster, EdgeKind.WRITES),
        (cluster, proxy, EdgeKind.READS),
        (cluster, ARN.format("kinesis", "stream/activity"), EdgeKind.REPLICATES),
    }
    opened = {(u, edge["cost"]) for u, v, edge in edges(graph, View.TRUST) if edge["kind"] is EdgeKind.OPENS}
    assert opened == {(master, 1), (app, 1)}


def test_a_read_replica_in_another_region():
    source = ARN.format("rds", "db:ledger")
    replica = {
        "DBInstanceIdentifier": "ledger-copy",
        "DBInstanceArn": source.replace(REGION, "us-east-1").replace("ledger", "ledger-copy"),
        "Engine": "postgres",
        "ReadReplicaSourceDBInstanceIdentifier": source,
    }
    graph = connect(feed(answer("rds.DescribeDBInstances", {"DBInstances": [replica]}, region="us-east-1")))
    assert one(graph, source, replica["DBInstanceArn"])["kind"] is EdgeKind.REPLICATES


def test_a_cache_lies_in_the_vpc_of_its_security_group_and_members_are_one_node():
    group = ARN.format("elasticache", "replicationgroup:s")
    member = {
        "CacheClusterId": "s-1",
        "ARN": ARN.format("elasticache", "cluster:s-1"),
        "ReplicationGroupId": "s",
        "SecurityGroups": [{"SecurityGroupId": "sg-1"}],
    }
    graph = connect(
        feed(
            answer(
                "elasticache.DescribeReplicationGroups",
                {"ReplicationGroups": [{"ReplicationGroupId": "s", "ARN": group}]},
            ),
            answer("elasticache.DescribeCacheClusters", {"CacheClusters": [member]}),
            answer("ec2.DescribeSecurityGroups", {"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1"}]}),
        )
    )  # fmt: skip
    assert list(graph) == [group]
    assert (graph.nodes[group]["boundary"].kind, graph.nodes[group]["boundary"].parent) == ("VPC", ACCOUNT)


def test_subscriptions_of_a_log_group():
    name = "/aws/lambda/orders"
    arn = ARN.format("logs", f"log-group:{name}")
    role, siem = f"arn:aws:iam::{ACCOUNT}:role/l", f"arn:aws:logs:{REGION}:{OTHER}:destination:siem"
    filters = [
        {"filterName": "errors", "destinationArn": FUNCTION, "filterPattern": "ERROR"},
        {"filterName": "all", "destinationArn": ARN.format("kinesis", "stream/logs"), "roleArn": role},
        {"filterName": "away", "destinationArn": siem, "filterPattern": " "},
    ]
    graph = connect(
        feed(
            answer("logs.DescribeLogGroups", {"logGroups": [{"logGroupName": name, "arn": f"{arn}:*"}]}),
            answer("logs.DescribeSubscriptionFilters", {"subscriptionFilters": filters}, name, file="f"),
        )
    )
    assert one(graph, arn, FUNCTION)["factors"].validation == Interval.exactly(0.5)
    assert str(one(graph, arn, FUNCTION)["sources"][0]) == "f#/subscriptionFilters/0"
    stream = one(graph, arn, filters[1]["destinationArn"])
    assert stream["factors"].authentication == Interval.exactly(0)
    away = one(graph, arn, filters[2]["destinationArn"])
    assert (away["factors"].third_party, away["detail"]) == (Interval.exactly(1), "")


def test_what_is_only_listed_is_a_node_without_edges():
    graph = connect(
        feed(
            answer("firehose.ListDeliveryStreams", {"DeliveryStreamNames": ["d"]}),
            answer("dynamodb.ListTables", {"TableNames": ["t"]}),
            answer("sqs.ListQueues", {"QueueUrls": [f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"]}),
        )
    )
    assert len(graph) == 3
    assert graph.number_of_edges() == 0


def test_the_order_of_files_changes_nothing():
    identity = f"{TOPIC}:00000000-0000-0000-0000-000000000000"
    subscription = {"SubscriptionArn": identity, "TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE}
    responses = [
        buckets("uploads"),
        answer("s3.GetBucketNotificationConfiguration", lambda_notification(), "uploads", region="global"),
        *function(),
        queue(),
        answer("sns.ListSubscriptions", {"Subscriptions": [subscription]}),
    ]
    first, second = connect(feed(*responses)), connect(feed(*reversed(responses)))
    assert list(first.nodes(data=True)) == list(second.nodes(data=True))
    assert list(first.edges(keys=True, data=True)) == list(second.edges(keys=True, data=True))
