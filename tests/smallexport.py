"""A small export, written by hand in the API JSON form: three functions and their roles, two tables, a queue."""

import json
from pathlib import Path
from urllib.parse import quote

ACCOUNT, REGION = "111122223333", "eu-west-1"
HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m"


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def allow(*actions: str, on: str) -> dict:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": on}]}


def function(name: str, **environment: str) -> dict:
    return {
        "FunctionName": name,
        "FunctionArn": arn("lambda", f"function:{name}"),
        "Runtime": "python3.13",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "Handler": "app.handler",
        "Timeout": 10,
        "MemorySize": 256,
        "PackageType": "Zip",
        "Environment": {"Variables": environment},
        "Description": HOSTILE,
    }


def role(name: str, document: dict) -> dict:
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    return {
        "RoleName": name,
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "Path": "/",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", **trust},
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document}],
        "AttachedManagedPolicies": [],
        "Tags": [],
    }


def table(name: str) -> dict:
    return {"Table": {"TableName": name, "TableArn": arn("dynamodb", f"table/{name}"), "TableStatus": "ACTIVE"}}


def write_export(folder: Path) -> Path:
    """Write the export below a folder; return that folder."""
    functions = [
        function("orders-create", TABLE="orders", QUEUE_URL=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/paid"),
        function("orders-ship", TABLE="orders", CARRIER="http://carrier.example/v1", API_KEY="k3y-s3cr3t-9f8e7d6c5b4a"),
        function("idle"),
    ]
    gaad = {
        "RoleDetailList": [
            role("orders-create", allow("dynamodb:PutItem", on=arn("dynamodb", "table/orders"))),
            role("orders-ship", allow("dynamodb:*", "sqs:*", on="*")),
            role("idle", allow("logs:PutLogEvents", on="*")),
        ],
        "UserDetailList": [],
        "GroupDetailList": [],
        "Policies": [],
    }
    mapping = {
        "UUID": "1",
        "EventSourceArn": arn("sqs", "paid"),
        "FunctionArn": arn("lambda", "function:orders-ship"),
        "State": "Enabled",
    }
    tags = [{"Key": "data-classification", "Value": "restricted"}]
    place = f"{ACCOUNT}/{REGION}"
    queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/paid"
    files = {
        f"{ACCOUNT}/global/iam-get-account-authorization-details.json": gaad,
        f"{ACCOUNT}/global/organizations-describe-organization.json": {
            "Error": {"Code": "AWSOrganizationsNotInUseException", "Message": "none"}
        },
        f"{place}/lambda-list-functions.json": {"Functions": functions},
        f"{place}/lambda-list-event-source-mappings.json": {"EventSourceMappings": [mapping]},
        f"{place}/dynamodb-list-tables.json": {"TableNames": ["orders", "audit"]},
        f"{place}/dynamodb-describe-table/orders.json": table("orders"),
        f"{place}/dynamodb-describe-table/audit.json": table("audit"),
        f"{place}/dynamodb-list-tags-of-resource/{quote(arn('dynamodb', 'table/orders'), safe='')}.json": {
            "Tags": tags
        },
        f"{place}/sqs-list-queues.json": {"QueueUrls": [queue]},
        f"{place}/sqs-get-queue-attributes/{quote(queue, safe='')}.json": {
            "Attributes": {"QueueArn": arn("sqs", "paid")}
        },
        f"{place}/kinesis-list-streams.json": {"Error": {"Code": "AccessDeniedException", "Message": "no"}},
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), "utf-8")
    (folder / place / "sns-list-topics.json").write_text('{"Topics": [', "utf-8")
    return folder
