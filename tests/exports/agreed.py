"""One small account, told in four formats."""

import json
from urllib.parse import quote

A, R = "111122223333", "eu-west-1"


def arn(s, r):
    return f"arn:aws:{s}:{R}:{A}:{r}"


FN = arn("lambda", "function:orders")
ROLE = f"arn:aws:iam::{A}:role/orders"
JOBS = arn("sqs", "jobs")
DEAD = arn("sqs", "dead")
NEWS = arn("sns", "news")
TABLE = arn("dynamodb", "table/orders")
RULE = arn("events", "rule/nightly")
FLOW = arn("states", "stateMachine:flow")
BUCKET = "arn:aws:s3:::agreed-inbox"


def url(name):
    return f"https://sqs.{R}.amazonaws.com/{A}/{name}"


def doc(*s):
    return {"Version": "2012-10-17", "Statement": list(s)}


TRUST = doc({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
OWN = doc(
    {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": TABLE},
    {
        "Effect": "Allow",
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "Resource": JOBS,
    },
)
QP = doc(
    {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": JOBS,
        "Condition": {"ArnEquals": {"aws:SourceArn": NEWS}},
    }
)
FP = doc(
    {
        "Sid": "s3",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FN,
        "Condition": {"ArnLike": {"AWS:SourceArn": BUCKET}, "StringEquals": {"AWS:SourceAccount": A}},
    },
    {
        "Sid": "ev",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FN,
        "Condition": {"ArnLike": {"AWS:SourceArn": RULE}},
    },
)
FLOWDEF = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": FN, "End": True}}}
FCONF = {
    "FunctionName": "orders",
    "FunctionArn": FN,
    "Runtime": "python3.13",
    "Role": ROLE,
    "Handler": "app.run",
    "Timeout": 10,
    "MemorySize": 256,
    "PackageType": "Zip",
    "DeadLetterConfig": {"TargetArn": DEAD},
}
API = {
    "lambda-list-functions": {"Functions": [FCONF]},
    "lambda-get-function/orders": {"Configuration": FCONF, "Tags": {}},
    "lambda-get-policy/orders": {"Policy": json.dumps(FP)},
    "lambda-list-event-source-mappings": {
        "EventSourceMappings": [
            {"UUID": "u", "EventSourceArn": JOBS, "FunctionArn": FN, "State": "Enabled", "BatchSize": 10}
        ]
    },
    "sqs-list-queues": {"QueueUrls": [url("jobs"), url("dead")]},
    "sqs-get-queue-attributes/" + url("jobs").replace(":", "%3A").replace("/", "%2F"): {
        "Attributes": {
            "QueueArn": JOBS,
            "VisibilityTimeout": "60",
            "Policy": json.dumps(QP),
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": 3}),
        }
    },
    "sqs-get-queue-attributes/" + url("dead").replace(":", "%3A").replace("/", "%2F"): {
        "Attributes": {"QueueArn": DEAD, "VisibilityTimeout": "60"}
    },
    "sns-list-topics": {"Topics": [{"TopicArn": NEWS}]},
    "sns-list-subscriptions": {
        "Subscriptions": [
            {"SubscriptionArn": NEWS + ":1", "TopicArn": NEWS, "Protocol": "sqs", "Endpoint": JOBS, "Owner": A}
        ]
    },
    "dynamodb-list-tables": {"TableNames": ["orders"]},
    "dynamodb-describe-table/orders": {"Table": {"TableName": "orders", "TableArn": TABLE, "TableStatus": "ACTIVE"}},
    "events-list-event-buses": {"EventBuses": []},
    "events-list-rules/default": {
        "Rules": [
            {
                "Name": "nightly",
                "Arn": RULE,
                "State": "ENABLED",
                "ScheduleExpression": "rate(1 day)",
                "EventBusName": "default",
            }
        ]
    },
    "events-list-targets-by-rule/default,nightly": {"Targets": [{"Id": "f", "Arn": FN}]},
    "stepfunctions-list-state-machines": {
        "stateMachines": [{"stateMachineArn": FLOW, "name": "flow", "type": "STANDARD"}]
    },
    "stepfunctions-describe-state-machine/" + FLOW.replace(":", "%3A"): {
        "stateMachineArn": FLOW,
        "name": "flow",
        "type": "STANDARD",
        "status": "ACTIVE",
        "roleArn": ROLE,
        "definition": json.dumps(FLOWDEF),
    },
}
API_GLOBAL = {
    "s3-list-buckets": {"Buckets": [{"Name": "agreed-inbox", "BucketRegion": R}]},
    "s3-get-bucket-notification-configuration/agreed-inbox": {
        "LambdaFunctionConfigurations": [{"Id": "n", "LambdaFunctionArn": FN, "Events": ["s3:ObjectCreated:*"]}]
    },
    "iam-get-account-authorization-details": {
        "RoleDetailList": [
            {
                "RoleName": "orders",
                "Arn": ROLE,
                "Path": "/",
                "AssumeRolePolicyDocument": TRUST,
                "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": OWN}],
                "AttachedManagedPolicies": [],
                "Tags": [],
            }
        ],
        "UserDetailList": [],
        "GroupDetailList": [],
        "Policies": [],
    },
}


def tf(address, values):
    t, n = address.split(".")
    return {"address": address, "mode": "managed", "type": t, "name": n, "values": values}


TF = {
    "format_version": "1.0",
    "terraform_version": "1.9.0",
    "values": {
        "root_module": {
            "resources": [
                tf(
                    "aws_lambda_function.f",
                    {
                        "function_name": "orders",
                        "arn": FN,
                        "runtime": "python3.13",
                        "role": ROLE,
                        "handler": "app.run",
                        "timeout": 10,
                        "memory_size": 256,
                        "package_type": "Zip",
                        "dead_letter_config": [{"target_arn": DEAD}],
                        "environment": [],
                    },
                ),
                tf(
                    "aws_lambda_permission.s3",
                    {
                        "function_name": "orders",
                        "statement_id": "s3",
                        "action": "lambda:InvokeFunction",
                        "principal": "s3.amazonaws.com",
                        "source_arn": BUCKET,
                        "source_account": A,
                    },
                ),
                tf(
                    "aws_lambda_permission.ev",
                    {
                        "function_name": FN,
                        "statement_id": "ev",
                        "action": "lambda:InvokeFunction",
                        "principal": "events.amazonaws.com",
                        "source_arn": RULE,
                    },
                ),
                tf(
                    "aws_lambda_event_source_mapping.m",
                    {
                        "uuid": "u",
                        "event_source_arn": JOBS,
                        "function_name": FN,
                        "function_arn": FN,
                        "state": "Enabled",
                        "batch_size": 10,
                    },
                ),
                tf(
                    "aws_iam_role.r",
                    {"name": "orders", "arn": ROLE, "path": "/", "assume_role_policy": json.dumps(TRUST)},
                ),
                tf("aws_iam_role_policy.p", {"name": "own", "role": "orders", "policy": json.dumps(OWN)}),
                tf(
                    "aws_sqs_queue.jobs",
                    {
                        "name": "jobs",
                        "arn": JOBS,
                        "url": url("jobs"),
                        "visibility_timeout_seconds": 60,
                        "redrive_policy": json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": 3}),
                    },
                ),
                tf(
                    "aws_sqs_queue.dead",
                    {"name": "dead", "arn": DEAD, "url": url("dead"), "visibility_timeout_seconds": 60},
                ),
                tf("aws_sqs_queue_policy.p", {"queue_url": url("jobs"), "policy": json.dumps(QP)}),
                tf("aws_sns_topic.t", {"name": "news", "arn": NEWS}),
                tf(
                    "aws_sns_topic_subscription.s",
                    {"arn": NEWS + ":1", "topic_arn": NEWS, "protocol": "sqs", "endpoint": JOBS, "owner_id": A},
                ),
                tf("aws_dynamodb_table.t", {"name": "orders", "arn": TABLE}),
                tf(
                    "aws_cloudwatch_event_rule.r",
                    {
                        "name": "nightly",
                        "arn": RULE,
                        "state": "ENABLED",
                        "schedule_expression": "rate(1 day)",
                        "event_bus_name": "default",
                    },
                ),
                tf(
                    "aws_cloudwatch_event_target.t",
                    {"rule": "nightly", "event_bus_name": "default", "target_id": "f", "arn": FN},
                ),
                tf(
                    "aws_sfn_state_machine.m",
                    {
                        "name": "flow",
                        "arn": FLOW,
                        "type": "STANDARD",
                        "status": "ACTIVE",
                        "role_arn": ROLE,
                        "definition": json.dumps(FLOWDEF),
                    },
                ),
                tf("aws_s3_bucket.b", {"bucket": "agreed-inbox", "arn": BUCKET, "region": R}),
                tf(
                    "aws_s3_bucket_notification.n",
                    {
                        "bucket": "agreed-inbox",
                        "lambda_function": [{"id": "n", "lambda_function_arn": FN, "events": ["s3:ObjectCreated:*"]}],
                    },
                ),
            ]
        }
    },
}


def cfg(kind, a, c, name, sup=None, **more):
    return {
        "resourceType": kind,
        "ARN": a,
        "awsAccountId": A,
        "awsRegion": R,
        "resourceName": name,
        "resourceId": name,
        "configurationItemStatus": "OK",
        "configuration": c,
        "supplementaryConfiguration": sup or {},
        "tags": {},
        **more,
    }


CONFIG = {
    "configurationItems": [
        cfg(
            "AWS::Lambda::Function",
            FN,
            {
                "functionName": "orders",
                "functionArn": FN,
                "runtime": "python3.13",
                "role": ROLE,
                "handler": "app.run",
                "timeout": 10.0,
                "memorySize": 256.0,
                "packageType": "Zip",
                "deadLetterConfig": {"targetArn": DEAD},
            },
            "orders",
            {"Policy": json.dumps(json.dumps(FP))},
        ),
        cfg(
            "AWS::IAM::Role",
            ROLE,
            {
                "roleName": "orders",
                "arn": ROLE,
                "path": "/",
                "assumeRolePolicyDocument": quote(json.dumps(TRUST)),
                "rolePolicyList": [{"policyName": "own", "policyDocument": quote(json.dumps(OWN))}],
                "attachedManagedPolicies": [],
            },
            "orders",
            awsRegion="global",
        ),
        cfg(
            "AWS::SQS::Queue",
            JOBS,
            {
                "QueueArn": JOBS,
                "QueueUrl": url("jobs"),
                "VisibilityTimeout": 60.0,
                "Policy": json.dumps(QP),
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": 3}),
            },
            "jobs",
        ),
        cfg("AWS::SQS::Queue", DEAD, {"QueueArn": DEAD, "QueueUrl": url("dead"), "VisibilityTimeout": 60.0}, "dead"),
        cfg("AWS::SNS::Topic", NEWS, {"TopicArn": NEWS}, "news"),
        cfg(
            "AWS::DynamoDB::Table", TABLE, {"tableName": "orders", "tableArn": TABLE, "tableStatus": "ACTIVE"}, "orders"
        ),
        cfg(
            "AWS::Events::Rule",
            RULE,
            {
                "Arn": RULE,
                "Name": "nightly",
                "EventBusName": "default",
                "State": "ENABLED",
                "ScheduleExpression": "rate(1 day)",
                "Targets": [{"Id": "f", "Arn": FN}],
            },
            "nightly",
        ),
        cfg(
            "AWS::StepFunctions::StateMachine",
            FLOW,
            {"Arn": FLOW, "StateMachineName": "flow", "StateMachineType": "STANDARD", "RoleArn": ROLE},
            "flow",
        ),
        cfg(
            "AWS::S3::Bucket",
            BUCKET,
            {"name": "agreed-inbox"},
            "agreed-inbox",
            {
                "BucketNotificationConfiguration": {
                    "configurations": {"n": {"functionARN": FN, "events": ["s3:ObjectCreated:*"]}}
                }
            },
        ),
    ]
}
CFN = {
    "Resources": {
        "F": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "orders",
                "Runtime": "python3.13",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Handler": "app.run",
                "Timeout": 10,
                "MemorySize": 256,
                "Code": {"ZipFile": "x"},
                "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
            },
        },
        "PS": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "F"},
                "Action": "lambda:InvokeFunction",
                "Principal": "s3.amazonaws.com",
                "SourceArn": BUCKET,
                "SourceAccount": {"Ref": "AWS::AccountId"},
            },
        },
        "PE": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "F"},
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]},
            },
        },
        "M": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "F"},
                "EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]},
                "BatchSize": 10,
            },
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "orders",
                "AssumeRolePolicyDocument": TRUST,
                "Policies": [{"PolicyName": "own", "PolicyDocument": OWN}],
            },
        },
        "Jobs": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": "jobs",
                "VisibilityTimeout": 60,
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3},
            },
        },
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead", "VisibilityTimeout": 60}},
        "QP": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Jobs"}], "PolicyDocument": QP}},
        "News": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}},
        "Sub": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "News"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Jobs", "Arn"]}},
        },
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": "nightly",
                "State": "ENABLED",
                "ScheduleExpression": "rate(1 day)",
                "Targets": [{"Id": "f", "Arn": {"Fn::GetAtt": ["F", "Arn"]}}],
            },
        },
        "Flow": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": "flow",
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "DefinitionString": json.dumps(FLOWDEF),
            },
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": "agreed-inbox",
                "NotificationConfiguration": {
                    "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": {"Fn::GetAtt": ["F", "Arn"]}}]
                },
            },
        },
    }
}

FORMATS = {
    "api": {
        **{f"{A}/{R}/{name}.json": content for name, content in API.items()},
        **{f"{A}/global/{name}.json": content for name, content in API_GLOBAL.items()},
    },
    "cloudformation": {f"{A}/{R}/template.json": CFN},
    "config": {"snapshot.json": CONFIG},
    "terraform": {"state.json": TF},
}
"""Format -> files by path."""
