"""Amazon SQS, SNS, EventBridge (with Scheduler and Pipes), AWS Step Functions and AWS IoT in Terraform."""

import json
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.terraform._out import Out, block, pairs_of, statement_of
from auditkit.exports.terraform._resources import Estate, Resource
from auditkit.inventory.arn import arn_of, partition_of

__all__ = ["translate"]

_QUEUE_ATTRIBUTES = {
    "VisibilityTimeout": "visibility_timeout_seconds",
    "MessageRetentionPeriod": "message_retention_seconds",
    "MaximumMessageSize": "max_message_size",
    "DelaySeconds": "delay_seconds",
    "KmsMasterKeyId": "kms_master_key_id",
    "KmsDataKeyReusePeriodSeconds": "kms_data_key_reuse_period_seconds",
    "SqsManagedSseEnabled": "sqs_managed_sse_enabled",
    "FifoQueue": "fifo_queue",
}


def translate(estate: Estate, out: Out) -> None:
    """Hand over queues, topics, buses, rules, schedules, pipes, state machines and rules of IoT."""
    for queue in estate.of("aws_sqs_queue"):
        _queue(queue, out)
    for topic in estate.of("aws_sns_topic"):
        _topic(topic, out)
    for subscription in estate.of("aws_sns_topic_subscription"):
        _subscription(subscription, out)
    _events(estate, out)
    for schedule in estate.of("aws_scheduler_schedule"):
        tree = schedule.fit("scheduler", "GetScheduleOutput")
        tree.setdefault("GroupName", "default")
        out.give(
            schedule, "scheduler.GetSchedule", tree, schedule.text("group_name") or "default", schedule.text("name")
        )
        out.partly(schedule, "scheduler.ListSchedules")
    for pipe in estate.of("aws_pipes_pipe"):
        tree = pipe.fit("pipes", "DescribePipeResponse", tags="")
        out.give(pipe, "pipes.DescribePipe", {**tree, "Tags": pipe.tags}, pipe.text("name"))
        out.partly(pipe, "pipes.ListPipes")
    for machine in estate.of("aws_sfn_state_machine"):
        _machine(machine, out)
    for rule in estate.of("aws_iot_topic_rule"):
        _topic_rule(rule, out)
    for policy in estate.of("aws_iot_policy"):
        tree = {"policyName": policy.text("name"), "policyArn": policy.arn, "policyDocument": policy.either("policy")}
        out.give(policy, "iot.GetPolicy", tree, policy.text("name"))
        out.partly(policy, "iot.ListPolicies")


def _apart(resource: Resource, kind: str, attribute: str, key: str) -> Resource | None:
    return resource.estate.named(key, (kind,), (attribute,))


def _queue(queue: Resource, out: Out) -> None:
    attributes: dict[str, Any] = {"QueueArn": queue.arn, **(block(queue.node, **_QUEUE_ATTRIBUTES) or {})}
    sealing = ("kms_master_key_id", "sqs_managed_sse_enabled")
    if queue.unknown(sealing[1]) and not any(queue.estate.configured(queue, name) for name in sealing):
        attributes["SqsManagedSseEnabled"] = True  # what a queue will have of which nothing of encryption is said
    url = queue.text("url") or queue.id
    unknown = set()
    for key, kind, name in (
        ("Policy", "aws_sqs_queue_policy", "policy"),
        ("RedrivePolicy", "aws_sqs_queue_redrive_policy", "redrive_policy"),
        ("RedriveAllowPolicy", "aws_sqs_queue_redrive_allow_policy", "redrive_allow_policy"),
    ):
        holder = _apart(queue, kind, "queue_url", url) or queue
        attributes[key] = holder.either(name)
        if holder.unknown(name) and queue.estate.configured(holder, name):
            attributes[key] = _dead_letters(queue, holder) if key == "RedrivePolicy" else None
            if attributes[key] is None:
                out.unread(holder, f"{name} will be known only when the plan is applied")
                attributes[key] = f"({name})" if key == "RedrivePolicy" else None  # there is one, nobody knows which
                unknown.add(name)
    # A state shows what was read back; where a plan sets no policy, another stack or a person may have.
    unseen = ("policy",) if "policy" in unknown or (queue.estate.planned and attributes["Policy"] is None) else ()
    out.give(queue, "sqs.ListQueues", {"QueueUrls": [url]}, complete=False)
    out.give(queue, "sqs.GetQueueAttributes", {"Attributes": attributes}, url, unseen=unseen)
    if queue.tags is not None:
        out.give(queue, "sqs.ListQueueTags", {"Tags": queue.tags}, url)


def _dead_letters(queue: Resource, holder: Resource) -> str | None:
    """Return the redrive policy that names the one other queue that it refers to; how often is not known."""
    named = {text for text in queue.estate.referred(holder, "redrive_policy") if ":sqs:" in text} - {queue.arn}
    return json.dumps({"deadLetterTargetArn": named.pop()}) if len(named) == 1 else None


def _topic(topic: Resource, out: Out) -> None:
    apart = _apart(topic, "aws_sns_topic_policy", "arn", topic.arn)
    holder = apart or topic
    policy = holder.either("policy")
    if policy is None and apart is not None and apart.unknown("policy"):
        out.unread(apart, "policy will be known only when the plan is applied")
    attributes = {
        "TopicArn": topic.arn,
        **(
            block(
                topic.node,
                KmsMasterKeyId="kms_master_key_id",
                FifoTopic="fifo_topic",
                SignatureVersion="signature_version",
                Owner="owner",
            )
            or {}
        ),
        "Policy": policy,
    }
    unseen = ("policy",) if policy is None else ()  # a topic always has one
    out.give(topic, "sns.ListTopics", {"Topics": [{"TopicArn": topic.arn}]}, complete=False)
    out.give(topic, "sns.GetTopicAttributes", {"Attributes": attributes}, topic.arn, unseen=unseen)
    if topic.tags is not None:
        out.give(topic, "sns.ListTagsForResource", {"Tags": pairs_of(topic)}, topic.arn)


def _subscription(subscription: Resource, out: Out) -> None:
    arn = subscription.arn
    listed = {
        "SubscriptionArn": "PendingConfirmation" if subscription.flag("pending_confirmation") else arn,
        "TopicArn": subscription.text("topic_arn"),
        "Protocol": subscription.text("protocol"),
        "Endpoint": subscription.either("endpoint"),
        "Owner": subscription.either("owner_id"),
    }
    out.give(subscription, "sns.ListSubscriptions", {"Subscriptions": [listed]}, complete=False)
    if subscription.flag("pending_confirmation"):
        return
    attributes = block(
        subscription.node,
        RawMessageDelivery="raw_message_delivery",
        FilterPolicy="filter_policy",
        FilterPolicyScope="filter_policy_scope",
        RedrivePolicy="redrive_policy",
        PendingConfirmation="pending_confirmation",
        SubscriptionRoleArn="subscription_role_arn",
    )
    out.give(subscription, "sns.GetSubscriptionAttributes", {"Attributes": attributes}, arn)


# ---------------------------------------------------------------- EventBridge


def _bus_permissions(estate: Estate, out: Out) -> None:
    """Hand over the policies of buses that permissions of their own make up."""
    groups: dict[tuple[Any, str], list[Resource]] = {}
    for permission in estate.of("aws_cloudwatch_event_permission"):
        groups.setdefault((permission.place, _bus(permission)), []).append(permission)
    for (place, bus), permissions in groups.items():
        arn = arn_of("events", f"event-bus/{bus}", account=place.account, region=place.region)
        statements = []
        for permission in permissions:
            condition = permission.first("condition")
            operator = {condition.text("key"): condition.text("value")} if condition is not None else {}
            who = permission.text("principal")
            shown = {
                "Sid": permission.text("statement_id"),
                "Effect": "Allow",
                "Principal": "*" if who == "*" else {"AWS": f"arn:{partition_of(place.region)}:iam::{who}:root"},
                "Action": permission.text("action") or "events:PutEvents",
                "Resource": arn,
                "Condition": {condition.text("type"): operator} if condition is not None else None,
            }
            statements.append(statement_of(permission.raw.node, shown))
        document = {"Version": "2012-10-17", "Statement": statements}
        tree = {"Name": bus, "Arn": arn, "Policy": document}
        out.give(permissions[0], "events.DescribeEventBus", tree, bus, complete=False)


def _events(estate: Estate, out: Out) -> None:
    _bus_permissions(estate, out)
    for bus in estate.of("aws_cloudwatch_event_bus"):
        policy = _apart(bus, "aws_cloudwatch_event_bus_policy", "event_bus_name", bus.text("name"))
        permitted = _apart(bus, "aws_cloudwatch_event_permission", "event_bus_name", bus.text("name"))
        listed = {"Name": bus.text("name"), "Arn": bus.arn, "Policy": policy.either("policy") if policy else None}
        tree = {**bus.fit("events", "DescribeEventBusResponse"), **listed}
        out.partly(bus, "events.ListEventBuses")
        unseen = ("policy",) if permitted or listed["Policy"] is None else ()
        out.give(bus, "events.DescribeEventBus", tree, bus.text("name"), complete=False, unseen=unseen)
        if bus.tags is not None:
            out.give(bus, "events.ListTagsForResource", {"Tags": bus.tags}, bus.arn)
    for rule in estate.of("aws_cloudwatch_event_rule"):
        _rule(rule, out)
    _targets(estate, out)
    for kind, call, key, shape, renames in (
        (
            "aws_cloudwatch_event_api_destination",
            "ListApiDestinations",
            "ApiDestinations",
            "ApiDestination",
            "ApiDestinationArn",
        ),
        ("aws_cloudwatch_event_archive", "ListArchives", "Archives", "Archive", ""),
    ):
        for resource in estate.of(kind):
            tree = resource.fit("events", shape, arn=renames, name="ArchiveName" if shape == "Archive" else "Name")
            out.give(resource, f"events.{call}", {key: [tree]}, complete=False)
    for connection in estate.of("aws_cloudwatch_event_connection"):
        tree = connection.fit("events", "DescribeConnectionResponse", arn="ConnectionArn", auth_parameters="")
        oauth = connection.at("auth_parameters", 0, "oauth", 0, "authorization_endpoint")
        if oauth is not None:
            tree["AuthParameters"] = {"OAuthParameters": {"AuthorizationEndpoint": oauth}}
        out.give(connection, "events.DescribeConnection", tree, connection.text("name"))
        out.partly(connection, "events.ListConnections")


def _rule(rule: Resource, out: Out) -> None:
    tree = rule.fit("events", "Rule", is_enabled="", state="State")
    tree["EventBusName"] = _bus(rule)
    if rule.flag("is_enabled") is not None and not rule.text("state"):
        tree["State"] = "ENABLED" if rule.flag("is_enabled") else "DISABLED"
    tree.setdefault("State", "ENABLED")
    out.give(rule, "events.ListRules", {"Rules": [tree]}, _bus(rule), complete=False)


def _bus(resource: Resource) -> str:
    name = resource.text("event_bus_name")
    return (name.partition(":event-bus/")[2] if name.startswith("arn:") else name) or "default"


def _targets(estate: Estate, out: Out) -> None:
    groups: dict[tuple[Any, str, str], list[Resource]] = {}
    for target in estate.of("aws_cloudwatch_event_target"):
        groups.setdefault((target.place, _bus(target), _rule_name(target)), []).append(target)
    for (_, bus, name), targets in groups.items():
        trees = [_target(target) for target in targets]
        out.give(targets[0], "events.ListTargetsByRule", {"Targets": trees}, bus, name, complete=False)


def _rule_name(target: Resource) -> str:
    """Return the name of a target's rule; where the attribute holds the rule's id, that is ``bus/name``."""
    text = target.text("rule")
    return text if text.startswith("arn:") else text.rpartition("/")[2]


def _target(target: Resource) -> Tree:
    tree = target.fit(
        "events",
        "Target",
        target_id="Id",
        id="",
        rule="",
        ecs_target="EcsParameters",
        http_target="HttpParameters",
        redshift_target="RedshiftDataParameters",
        input_paths="",
    )
    tree.setdefault("Id", target.symbol)
    redshift = target.first("redshift_target")
    if redshift is not None:
        tree["RedshiftDataParameters"] = block(redshift, Database="database", SecretManagerArn="secrets_manager_arn")
    return Tree(target.source, tree)


# ---------------------------------------------------------------- Step Functions, IoT


def _machine(machine: Resource, out: Out) -> None:
    tree = machine.fit("stepfunctions", "DescribeStateMachineOutput", arn="stateMachineArn", id="")
    logging = machine.first("logging_configuration")
    if logging is not None:
        destination = logging.text("log_destination")
        shown = {"cloudWatchLogsLogGroup": {"logGroupArn": destination}}
        tree["loggingConfiguration"] = {
            **(block(logging, level="level", includeExecutionData="include_execution_data") or {}),
            "destinations": [shown] if destination else [],
        }
    unseen: tuple[str, ...] = ()
    if machine.unknown("definition"):
        tree["definition"] = _tasks(machine)
        unseen = ("secrets",) if tree["definition"] else ("calls", "secrets")
        taken = "; functions that it refers to are taken for its tasks" if tree["definition"] else ""
        out.unread(machine, f"definition will be known only when the plan is applied{taken}")
    out.partly(machine, "stepfunctions.ListStateMachines")
    out.give(machine, "stepfunctions.DescribeStateMachine", tree, machine.arn, unseen=unseen)
    if machine.tags is not None:
        out.give(machine, "stepfunctions.ListTagsForResource", {"tags": machine.tags}, machine.arn)


def _tasks(machine: Resource) -> dict[str, Any] | None:
    """Return a definition with the functions that the machine's own refers to, one task each."""
    arns = [text for text in machine.estate.referred(machine, "definition") if ":function:" in text]
    tasks = {f"({number})": {"Type": "Task", "Resource": arn} for number, arn in enumerate(arns)}
    return {"States": tasks} if tasks else None


_IOT_NAMES = {
    "cloudwatch_alarm": "cloudwatchAlarm",
    "cloudwatch_logs": "cloudwatchLogs",
    "cloudwatch_metric": "cloudwatchMetric",
    "dynamodb": "dynamoDB",
    "dynamodbv2": "dynamoDBv2",
    "elasticsearch": "elasticsearch",
    "firehose": "firehose",
    "http": "http",
    "iot_analytics": "iotAnalytics",
    "iot_events": "iotEvents",
    "kafka": "kafka",
    "kinesis": "kinesis",
    "lambda": "lambda",
    "republish": "republish",
    "s3": "s3",
    "sns": "sns",
    "sqs": "sqs",
    "step_functions": "stepFunctions",
    "timestream": "timestream",
}


def _topic_rule(rule: Resource, out: Out) -> None:
    error = rule.first("error_action")
    tree = {
        "ruleName": rule.text("name"),
        "sql": rule.either("sql"),
        "awsIotSqlVersion": rule.either("sql_version"),
        "ruleDisabled": rule.flag("enabled") is False,
        "actions": _actions(rule.node),
        "errorAction": next(iter(_actions(error)), None) if error is not None else None,
    }
    out.partly(rule, "iot.ListTopicRules")
    out.give(rule, "iot.GetTopicRule", {"ruleArn": rule.arn, "rule": tree}, rule.text("name"))


def _actions(holder: Node) -> list[dict[str, Any]]:
    members = shape_of("iot", "Action").members
    return [
        {key: fitted(node, members[key])}
        for name, key in _IOT_NAMES.items()
        for node in holder.each(name)
        if key in members
    ]
