"""AWS IoT Core: topic rules and their actions.

Tokens and header values of actions are not kept, of URLs only scheme, host and port.
"""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.origins import origin
from auditkit.inventory.record import PolicyText, Record

__all__ = ["DevicePolicy", "TopicRule", "TopicRuleAction"]


class LambdaAction(msgspec.Struct, rename="camel", frozen=True):
    """Run a function."""

    function_arn: str


class SqsAction(msgspec.Struct, rename="camel", frozen=True):
    """Send to a queue."""

    queue_url: str
    role_arn: str | None = None


class SnsAction(msgspec.Struct, rename="camel", frozen=True):
    """Publish to a topic."""

    target_arn: str
    role_arn: str | None = None


class DynamoDBAction(msgspec.Struct, rename="camel", frozen=True):
    """Write an item (attribute per key, or ``operation`` ``INSERT``, ``UPDATE``, ``DELETE``)."""

    table_name: str
    role_arn: str | None = None
    operation: str | None = None


class PutItemInput(msgspec.Struct, rename="camel", frozen=True):
    """Table that an item is put into."""

    table_name: str


class DynamoDBv2Action(msgspec.Struct, rename="camel", frozen=True):
    """Write an item, one attribute per field of the message."""

    put_item: PutItemInput | None = None
    role_arn: str | None = None


class KinesisAction(msgspec.Struct, rename="camel", frozen=True):
    """Put into a stream."""

    stream_name: str
    role_arn: str | None = None


class FirehoseAction(msgspec.Struct, rename="camel", frozen=True):
    """Put into a delivery stream."""

    delivery_stream_name: str
    role_arn: str | None = None


class S3Action(msgspec.Struct, rename="camel", frozen=True):
    """Put an object into a bucket."""

    bucket_name: str
    role_arn: str | None = None
    canned_acl: str | None = None


class RepublishAction(msgspec.Struct, rename="camel", frozen=True):
    """Publish to another MQTT topic."""

    topic: str
    role_arn: str | None = None


class CloudwatchLogsAction(msgspec.Struct, rename="camel", frozen=True):
    """Write to a log group."""

    log_group_name: str
    role_arn: str | None = None


class SearchAction(msgspec.Struct, rename="camel", frozen=True):
    """Index into a search domain."""

    endpoint: str
    role_arn: str | None = None


class StepFunctionsAction(msgspec.Struct, rename="camel", frozen=True):
    """Start a state machine."""

    state_machine_name: str
    role_arn: str | None = None


class SalesforceAction(msgspec.Struct, rename="camel"):
    """Send to Salesforce."""

    url: str | None = None

    def __post_init__(self) -> None:
        """Keep scheme, host and port."""
        self.url = origin(self.url) if self.url is not None else None


class SigV4Authorization(msgspec.Struct, rename="camel", frozen=True):
    """Role that signs."""

    role_arn: str | None = None


class HttpAuthorization(msgspec.Struct, rename="camel", frozen=True):
    """How requests to an HTTPS endpoint are signed."""

    sigv4: SigV4Authorization | None = None


class HttpAction(msgspec.Struct, rename="camel"):
    """Send to an HTTPS endpoint."""

    url: str | None = None
    auth: HttpAuthorization | None = None

    def __post_init__(self) -> None:
        """Keep scheme, host and port."""
        self.url = origin(self.url) if self.url is not None else None


class KafkaAction(msgspec.Struct, rename="camel", frozen=True):
    """Send to an Apache Kafka topic; client properties (credentials) are not kept."""

    destination_arn: str
    topic: str | None = None


class IotEventsAction(msgspec.Struct, rename="camel", frozen=True):
    """Send to an input of IoT Events."""

    input_name: str
    role_arn: str | None = None


class IotAnalyticsAction(msgspec.Struct, rename="camel", frozen=True):
    """Send to a channel of IoT Analytics."""

    channel_name: str | None = None
    role_arn: str | None = None


class TimestreamAction(msgspec.Struct, rename="camel", frozen=True):
    """Write to a table of Timestream."""

    database_name: str
    table_name: str | None = None
    role_arn: str | None = None


class InfluxDBAction(msgspec.Struct, rename="camel", frozen=True):
    """Write to a database of Timestream for InfluxDB."""

    destination_arn: str | None = None
    database_name: str | None = None
    role_arn: str | None = None


class RoleAction(msgspec.Struct, rename="camel", frozen=True):
    """An action of which only the role matters here: metrics, alarms, asset values, positions."""

    role_arn: str | None = None


class TopicRuleAction(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """An action of a rule; one field is set, or none where the action is of a kind not known here."""

    lambda_: LambdaAction | None = msgspec.field(default=None, name="lambda")
    sqs: SqsAction | None = None
    sns: SnsAction | None = None
    dynamo_db: DynamoDBAction | None = msgspec.field(default=None, name="dynamoDB")
    dynamo_dbv2: DynamoDBv2Action | None = msgspec.field(default=None, name="dynamoDBv2")
    kinesis: KinesisAction | None = None
    firehose: FirehoseAction | None = None
    s3: S3Action | None = None
    republish: RepublishAction | None = None
    cloudwatch_logs: CloudwatchLogsAction | None = None
    elasticsearch: SearchAction | None = None
    open_search: SearchAction | None = None
    step_functions: StepFunctionsAction | None = None
    salesforce: SalesforceAction | None = None
    http: HttpAction | None = None
    kafka: KafkaAction | None = None
    iot_events: IotEventsAction | None = None
    iot_analytics: IotAnalyticsAction | None = None
    timestream: TimestreamAction | None = None
    influx_db: InfluxDBAction | None = msgspec.field(default=None, name="influxDB")
    cloudwatch_metric: RoleAction | None = None
    cloudwatch_alarm: RoleAction | None = None
    iot_site_wise: RoleAction | None = None
    location: RoleAction | None = None


class TopicRule(Record, kw_only=True, rename="camel"):
    """A topic rule (``iot.GetTopicRule``, ``iot.ListTopicRules``).

    ``sql`` is the rule's statement: topic filter, conditions, and calls such as ``aws_lambda(...)``. ``actions`` are
    UNSET where only the list was read.
    """

    kind: ClassVar[Kind] = Kind.IOT_RULE

    rule_name: str
    sql: str | None = None
    aws_iot_sql_version: str | None = None
    rule_disabled: bool = False
    actions: tuple[TopicRuleAction, ...] | UnsetType = UNSET
    error_action: TopicRuleAction | None = None


class DevicePolicy(Record, kw_only=True, rename="camel"):
    """A policy of things (``iot.ListPolicies``, ``iot.GetPolicy``): what whoever holds a certificate with it may do.

    Of one that was only listed, ``policy`` is UNSET.
    """

    kind: ClassVar[Kind] = Kind.DEVICE_POLICY

    policy_name: str
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")
