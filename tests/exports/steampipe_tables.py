"""Tables as Steampipe's AWS plugin gives them, and the three ways that it writes them."""

import csv
import io
import json

A, R = "111122223333", "eu-west-1"
FN = f"arn:aws:lambda:{R}:{A}:function:f"


def pol(*s):
    return {"Version": "2012-10-17", "Statement": list(s)}


base = {"account_id": A, "region": R, "partition": "aws", "title": "x", "akas": ["x"]}
TABLES = {
    "aws_lambda_function": [
        {
            **base,
            "name": "f",
            "arn": FN,
            "role": f"arn:aws:iam::{A}:role/f",
            "runtime": "python3.13",
            "handler": "a.b",
            "timeout": "3",
            "memory_size": 128,
            "environment_variables": {"TABLE": "orders", "DB_PASSWORD": "hunter2hunter2"},
            "vpc_subnet_ids": ["subnet-1"],
            "vpc_security_group_ids": ["sg-1"],
            "vpc_id": "vpc-1",
            "policy": pol(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "s3.amazonaws.com"},
                    "Action": "lambda:InvokeFunction",
                    "Resource": FN,
                }
            ),
            "dead_letter_config_target_arn": None,
            "reserved_concurrent_executions": None,
            "tags": {"team": "shop"},
            "layers": None,
            "url_config": None,
        }
    ],
    "aws_lambda_event_source_mapping": [
        {
            **base,
            "uuid": "u",
            "arn": f"arn:aws:sqs:{R}:{A}:jobs",
            "function_arn": FN,
            "state": "Enabled",
            "batch_size": 10,
        }
    ],
    "aws_iam_role": [
        {
            **base,
            "region": "global",
            "name": "f",
            "arn": f"arn:aws:iam::{A}:role/f",
            "role_id": "AROA",
            "path": "/",
            "assume_role_policy": pol(
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ),
            "inline_policies": [
                {
                    "PolicyName": "own",
                    "PolicyDocument": pol({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}),
                }
            ],
            "attached_policy_arns": [f"arn:aws:iam::{A}:policy/p"],
            "permissions_boundary_arn": None,
            "instance_profile_arns": None,
            "tags": {},
        }
    ],
    "aws_iam_policy": [
        {
            **base,
            "region": "global",
            "name": "p",
            "arn": f"arn:aws:iam::{A}:policy/p",
            "policy_id": "ANPA",
            "default_version_id": "v2",
            "policy": pol({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}),
        }
    ],
    "aws_s3_bucket": [
        {
            **base,
            "name": "inbox",
            "arn": "arn:aws:s3:::inbox",
            "block_public_acls": True,
            "block_public_policy": True,
            "ignore_public_acls": True,
            "restrict_public_buckets": True,
            "versioning_enabled": True,
            "policy": None,
            "event_notification_configuration": {
                "LambdaFunctionConfigurations": [
                    {"Id": "n", "LambdaFunctionArn": FN, "Events": ["s3:ObjectCreated:*"]}
                ],
                "QueueConfigurations": None,
                "TopicConfigurations": None,
                "EventBridgeConfiguration": None,
            },
            "server_side_encryption_configuration": {
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            "acl": {"Grants": [], "Owner": {"ID": "o"}},
            "tags": None,
        }
    ],
    "aws_sqs_queue": [
        {
            **base,
            "queue_url": f"https://sqs.{R}.amazonaws.com/{A}/jobs",
            "queue_arn": f"arn:aws:sqs:{R}:{A}:jobs",
            "visibility_timeout_seconds": "30",
            "policy": None,
            "sqs_managed_sse_enabled": True,
            "redrive_policy": {"deadLetterTargetArn": f"arn:aws:sqs:{R}:{A}:dead", "maxReceiveCount": 3},
        }
    ],
    "aws_sns_topic": [{**base, "topic_arn": f"arn:aws:sns:{R}:{A}:news", "policy": pol()}],
    "aws_sns_topic_subscription": [
        {
            **base,
            "subscription_arn": f"arn:aws:sns:{R}:{A}:news:1",
            "topic_arn": f"arn:aws:sns:{R}:{A}:news",
            "protocol": "sqs",
            "endpoint": f"arn:aws:sqs:{R}:{A}:jobs",
            "raw_message_delivery": False,
        }
    ],
    "aws_dynamodb_table": [
        {
            **base,
            "name": "orders",
            "arn": f"arn:aws:dynamodb:{R}:{A}:table/orders",
            "table_id": "i",
            "table_status": "ACTIVE",
            "latest_stream_arn": f"arn:aws:dynamodb:{R}:{A}:table/orders/stream/1",
            "continuous_backups_status": "ENABLED",
            "point_in_time_recovery_description": {"PointInTimeRecoveryStatus": "ENABLED"},
        }
    ],
    "aws_eventbridge_rule": [
        {
            **base,
            "name": "nightly",
            "arn": f"arn:aws:events:{R}:{A}:rule/nightly",
            "event_bus_name": "default",
            "state": "ENABLED",
            "schedule_expression": "rate(1 day)",
            "targets": [{"Id": "f", "Arn": FN}],
        }
    ],
    "aws_kms_key": [
        {
            **base,
            "id": "k",
            "arn": f"arn:aws:kms:{R}:{A}:key/k",
            "key_manager": "CUSTOMER",
            "key_state": "Enabled",
            "enabled": True,
            "policy": pol(),
            "key_rotation_enabled": True,
        }
    ],
    "aws_sfn_state_machine": [
        {
            **base,
            "name": "flow",
            "arn": f"arn:aws:states:{R}:{A}:stateMachine:flow",
            "type": "STANDARD",
            "role_arn": f"arn:aws:iam::{A}:role/f",
            "definition": json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": FN, "End": True}}}),
        }
    ],
    "aws_api_gateway_rest_api": [
        {**base, "api_id": "a1", "name": "shop", "endpoint_configuration_types": ["REGIONAL"], "policy": None}
    ],
    "aws_api_gateway_method": [
        {
            **base,
            "rest_api_id": "a1",
            "resource_id": "r",
            "http_method": "POST",
            "path": "/orders",
            "authorization_type": "NONE",
            "api_key_required": False,
            "method_integration": {
                "Type": "AWS_PROXY",
                "HttpMethod": "POST",
                "Uri": f"arn:aws:apigateway:{R}:lambda:path/2015-03-31/functions/{FN}/invocations",
            },
        }
    ],
    "aws_api_gateway_stage": [{**base, "rest_api_id": "a1", "name": "prod", "deployment_id": "d"}],
    "aws_api_gatewayv2_api": [
        {
            **base,
            "api_id": "h1",
            "name": "web",
            "protocol_type": "HTTP",
            "api_endpoint": "https://h1.execute-api.eu-west-1.amazonaws.com",
        }
    ],
    "aws_api_gatewayv2_integration": [
        {**base, "api_id": "h1", "integration_id": "i1", "integration_type": "AWS_PROXY", "integration_uri": FN}
    ],
    "aws_api_gatewayv2_route": [
        {
            **base,
            "api_id": "h1",
            "route_id": "r1",
            "route_key": "GET /x",
            "target": "integrations/i1",
            "authorization_type": "NONE",
        }
    ],
    "aws_api_gatewayv2_stage": [{**base, "api_id": "h1", "stage_name": "$default", "auto_deploy": True}],
    "aws_rds_db_instance": [
        {
            **base,
            "db_instance_identifier": "shop",
            "arn": f"arn:aws:rds:{R}:{A}:db:shop",
            "engine": "postgres",
            "storage_encrypted": True,
        }
    ],
    "aws_vpc": [{**base, "vpc_id": "vpc-1", "cidr_block": "10.0.0.0/16", "is_default": False}],
    "aws_vpc_subnet": [{**base, "subnet_id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"}],
    "aws_vpc_security_group": [
        {
            **base,
            "group_id": "sg-1",
            "group_name": "g",
            "vpc_id": "vpc-1",
            "ip_permissions": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            ],
            "ip_permissions_egress": None,
        }
    ],
    "aws_secretsmanager_secret": [
        {**base, "name": "db", "arn": f"arn:aws:secretsmanager:{R}:{A}:secret:db-abc", "policy": None}
    ],
    "aws_ssm_parameter": [
        {
            **base,
            "name": "/a",
            "arn": f"arn:aws:ssm:{R}:{A}:parameter/a",
            "type": "SecureString",
            "value": "hunter2hunter2",
        }
    ],
    "aws_ecr_repository": [
        {**base, "repository_name": "app", "arn": f"arn:aws:ecr:{R}:{A}:repository/app", "policy": None}
    ],
    "aws_cloudwatch_log_group": [
        {**base, "name": "/app", "arn": f"arn:aws:logs:{R}:{A}:log-group:/app:*", "retention_in_days": 30}
    ],
    "aws_kinesis_stream": [
        {
            **base,
            "stream_name": "clicks",
            "stream_arn": f"arn:aws:kinesis:{R}:{A}:stream/clicks",
            "stream_status": "ACTIVE",
        }
    ],
    "aws_efs_file_system": [
        {
            **base,
            "file_system_id": "fs-1",
            "arn": f"arn:aws:elasticfilesystem:{R}:{A}:file-system/fs-1",
            "encrypted": True,
            "policy": None,
        }
    ],
}


def as_csv(rows):
    f = io.StringIO()
    cols = list(dict.fromkeys(c for r in rows for c in r))
    w = csv.writer(f)
    w.writerow(cols)
    for r in rows:
        w.writerow(
            [
                (
                    "<null>"
                    if r.get(c) is None
                    else json.dumps(r[c])
                    if isinstance(r[c], (dict, list))
                    else str(r[c]).lower()
                    if isinstance(r[c], bool)
                    else r[c]
                )
                for c in cols
            ]
        )
    return f.getvalue()


def as_list(rows):
    return json.dumps(rows)


def as_envelope(rows):
    return json.dumps(
        {
            "columns": [{"name": c, "data_type": "text"} for c in rows[0]],
            "rows": rows,
            "metadata": {"rows_returned": len(rows)},
        }
    )
