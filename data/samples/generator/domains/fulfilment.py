"""Fulfilment: from a paid order to a parcel at the logistics partner, and back to a status that customers see."""

import json

from data.samples.generator.account import ACCOUNT, HOME, LOGISTICS, Account, allow, service, tags
from data.samples.generator.entries import HttpApi, rule
from data.samples.generator.stores import bucket, poll, queue, secret, subscribe, table, topic

PARTNER = "https://api.parcelwing.example/v3"


def build(account: Account) -> None:
    """Create fulfilment."""
    account.at("2023-06-19T09:00:00")
    table(account, "shipments", "shipmentId", owner="fulfilment", data="confidential")
    table(account, "stock", "sku", "warehouse", owner="fulfilment", data="internal")
    bucket(account, "larkspurvane-labels", owner="fulfilment", data="confidential", expire_days=60)
    secret(account, "fulfilment/parcelwing", '{"token":"not-a-real-one"}', owner="fulfilment", data="confidential")
    _shipments_topic(account)
    _steps(account)
    _partner(account)
    _track(account)


def _shipments_topic(account: Account) -> None:
    arn = topic(account, "shipments", owner="fulfilment", data="confidential")
    subscribe(
        account,
        arn,
        "sqs",
        queue(account, "messages-out", *_from_topic(account, arn), **_OPEN),
        only={"notify": ["customer"]},
    )
    plain = subscribe(account, arn, "http", "http://hooks.parcelwing.example/larkspur/shipments")
    subscribe(account, arn, "https", "https://hooks.parcelwing.example/larkspur/returns", only={"kind": ["return"]})
    account.wrong("transit.sns-http", plain, "pushes names and addresses to the partner over plain HTTP")
    account.wrong(
        "rest.transient-state",
        account.arn("sqs", "messages-out"),
        "no encryption on a queue that carries what customers are told",
    )


_OPEN = {"owner": "messages", "data": "confidential", "encrypted": False, "VisibilityTimeout": "60"}


def _from_topic(account: Account, arn: str) -> list[dict[str, object]]:
    return [
        {
            "Sid": "ShipmentsTopic",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": account.arn("sqs", "messages-out"),
            "Condition": {"ArnEquals": {"aws:SourceArn": arn}},
        }
    ]


def _steps(account: Account) -> None:
    account.at("2026-05-12T13:00:00")
    token = account.ids["secret:fulfilment/parcelwing"]
    functions = [
        account.function(
            "fulfilment-allocate",
            allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], account.arn("dynamodb", "table/stock")),
            environment={"STOCK_TABLE": "stock"},
            code="fulfilment-steps",
            Layers=[account.ids["layer:common"]],
            TracingConfig={"Mode": "Active"},
        ),
        account.function(
            "fulfilment-label",
            allow("s3:PutObject", "arn:aws:s3:::larkspurvane-labels/*"),
            allow("secretsmanager:GetSecretValue", token),
            environment={
                "PARTNER_URL": f"{PARTNER}/labels",
                "PARTNER_SECRET_ARN": token,
                "LABEL_BUCKET": "larkspurvane-labels",
            },
            timeout=20,
            Layers=[account.ids["layer:common"]],
            TracingConfig={"Mode": "Active"},
        ),
        account.function(
            "fulfilment-dispatch",
            allow("dynamodb:PutItem", account.arn("dynamodb", "table/shipments")),
            allow("sns:Publish", account.arn("sns", "shipments")),
            code="fulfilment-steps",
            environment={"SHIPMENTS_TABLE": "shipments", "SHIPMENTS_TOPIC": account.arn("sns", "shipments")},
            Layers=[account.ids["layer:common"]],
            TracingConfig={"Mode": "Active"},
        ),
    ]
    account.low("sprawl.duplicate-code", functions[0], "the same package as fulfilment-dispatch")
    _machine(account, functions)


def _machine(account: Account, functions: list[str]) -> None:
    allocate, label, dispatch = functions
    role = account.role(
        "fulfilment-order-machine",
        allow("lambda:InvokeFunction", [arn for function in functions for arn in (function, f"{function}:*")]),
        allow("dynamodb:UpdateItem", account.arn("dynamodb", "table/orders")),
        allow("kms:Decrypt", account.ids["key:orders"]),
        trusts=[service("states") | {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}],
        owner="fulfilment",
    )
    retry = [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 3, "BackoffRate": 2.0}]

    def invoke(function: str, **more: object) -> dict[str, object]:
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": function, "Payload.$": "$"},
            "ResultSelector": {"result.$": "$.Payload"},
            "Retry": retry,
            **more,
        }

    definition = {
        "Comment": "Ships a paid order",
        "StartAt": "Allocate",
        "States": {
            "Allocate": invoke(allocate, ResultPath="$.allocation", Next="Parcels"),
            "Parcels": {
                "Type": "Map",
                "ItemsPath": "$.allocation.result.parcels",
                "MaxConcurrency": 5,
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "Label",
                    "States": {"Label": invoke(label, End=True)},
                },
                "ResultPath": "$.labels",
                "Next": "Dispatch",
            },
            "Dispatch": invoke(dispatch, ResultPath=None, Next="MarkShipped"),
            "MarkShipped": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:updateItem",
                "Parameters": {
                    "TableName": "orders",
                    "Key": {"customerId": {"S.$": "$.customerId"}, "orderId": {"S.$": "$.orderId"}},
                    "UpdateExpression": "SET #s = :shipped",
                    "ExpressionAttributeNames": {"#s": "status"},
                    "ExpressionAttributeValues": {":shipped": {"S": "SHIPPED"}},
                },
                "End": True,
            },
        },
    }
    account.log_group("/aws/vendedlogs/states/fulfilment-order", days=30, labels=tags("fulfilment"))
    machine = account.client("stepfunctions").create_state_machine(
        name="fulfilment-order",
        definition=json.dumps(definition),
        roleArn=role,
        tracingConfiguration={"enabled": True},
        tags=[{"key": key, "value": value} for key, value in sorted(tags("fulfilment", "confidential").items())],
    )["stateMachineArn"]
    events = account.role(
        "fulfilment-start",
        allow("states:StartExecution", machine),
        trusts=[service("events") | {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}],
        owner="fulfilment",
    )
    rule(
        account,
        "order-paid-ship",
        machine,
        bus="commerce",
        pattern={"source": ["larkspur.payments"], "detail-type": ["OrderPaid"], "detail": {"channel": ["web", "app"]}},
        role=events,
        InputPath="$.detail",
    )


def _partner(account: Account) -> None:
    """Create what the logistics partner calls and sends to, from its own account."""
    account.at("2025-03-11T10:20:00")
    status = account.function(
        "fulfilment-partner-status",
        allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], account.arn("dynamodb", "table/shipments")),
        allow("events:PutEvents", account.arn("events", "event-bus/commerce")),
        environment={"SHIPMENTS_TABLE": "shipments", "EVENT_BUS": "commerce"},
        Layers=[account.ids["layer:common"]],
    )
    account.permit("fulfilment-partner-status", LOGISTICS, sid="parcelwing")
    account.wrong(
        "perim.invoke-policy",
        status,
        "every principal of the logistics partner's account may invoke, with no condition",
    )
    arn = account.arn("sqs", "stock-movements")
    queue(
        account,
        "stock-movements",
        {
            "Sid": "Parcelwing",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{LOGISTICS}:root"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        },
        owner="fulfilment",
        data="internal",
        VisibilityTimeout="30",
    )
    account.wrong("perim.resource-policy-sources", arn, "any principal of the logistics partner's account may send")
    account.wrong(
        "dos.poison-message", arn, "no redrive policy: a message that always fails comes back until it expires"
    )
    sync = account.function(
        "fulfilment-stock-sync",
        allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn),
        allow(["dynamodb:UpdateItem"], account.arn("dynamodb", "table/stock")),
        timeout=60,
        environment={"STOCK_TABLE": "stock"},
        Layers=[account.ids["layer:common-old"]],
    )
    poll(account, "fulfilment-stock-sync", arn, BatchSize=10)
    account.wrong("dos.timeout-vs-visibility", arn, "visible again after 30 s while the function may take 60 s")
    account.wrong("deps.known-vuln", sync, "urllib3 1.26.4, by version 1 of the layer")
    account.wrong("patch.layer-age", sync, "version 1 of larkspur-common, three years older than version 3")
    partner = account.role(
        "parcelwing-stock-reader",
        allow(["dynamodb:GetItem", "dynamodb:Query"], account.arn("dynamodb", "table/stock")),
        trusts=[
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{LOGISTICS}:role/stock-planner"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "larkspur-5c1d7f"}},
            }
        ],
        owner="fulfilment",
    )
    account.right("perim.trust-policy", partner, "foreign role, named, with an external id")


def _track(account: Account) -> None:
    account.at("2024-11-26T17:05:00")
    account.function(
        "fulfilment-track",
        allow("dynamodb:GetItem", account.arn("dynamodb", "table/shipments")),
        runtime="nodejs22.x",
        environment={"SHIPMENTS_TABLE": "shipments"},
    )
    api = HttpApi(
        account, "tracking", CorsConfiguration={"AllowOrigins": ["*"], "AllowMethods": ["GET"]}, Tags=tags("fulfilment")
    )
    api.route("GET /track/{shipmentId}", account.arn("lambda", "function:fulfilment-track"))
    api.stage(AutoDeploy=True)
    route = api.route_id("GET /track/{shipmentId}")
    account.wrong("perim.route-auth", route, "anonymous: whoever guesses a shipment's number reads name and address")
    address = f"arn:aws:apigateway:{HOME}::/apis/{api.id}"
    account.wrong("dos.no-throttle", address, "the stage sets no throttle below the account's own")
    account.wrong("sprawl.api-logging", address, "the stage has no access log")
