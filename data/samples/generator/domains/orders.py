"""Orders: the REST API, the table, and what listens to it."""

from data.samples.generator.account import ACCOUNT, HOME, LOG_ARCHIVE, Account, allow, service, tags
from data.samples.generator.entries import RestApi, rule
from data.samples.generator.stores import bucket, poll, queue, table

QUEUE_URL = f"https://sqs.{HOME}.amazonaws.com/{ACCOUNT}/orders-payment"


def build(account: Account) -> None:
    """Create the order service."""
    account.at("2023-03-20T09:15:00")
    key = account.key("orders", owner="orders")
    table(
        account,
        "orders",
        "customerId",
        "orderId",
        owner="orders",
        data="restricted",
        key=key,
        stream="NEW_AND_OLD_IMAGES",
    )
    common = {"owner": "orders", "data": "restricted", "key": key}
    dead = queue(account, "orders-payment-failed", **common)
    queue(account, "orders-payment", dead_letters=dead, VisibilityTimeout="180", **common)
    bucket(account, "larkspurvane-order-exports", versioned=True, **common)
    _copies(account)
    account.client("events").create_event_bus(Name="commerce", Tags=[{"Key": "owner", "Value": "orders"}])
    _functions(account, key)
    _api(account)
    _listeners(account, key)


def _copies(account: Account) -> None:
    """Copy the exports to the organization's log archive; moto copies only within an account."""
    role = account.role(
        "orders-exports-copy",
        allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], "arn:aws:s3:::larkspurvane-order-exports"),
        allow(
            ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl"], "arn:aws:s3:::larkspurvane-order-exports/*"
        ),
        allow(["s3:ReplicateObject", "s3:ReplicateTags"], "arn:aws:s3:::larkspurvane-archive-444455556666/*"),
        trusts=[service("s3") | {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}],
        owner="orders",
    )
    copied = {
        "ID": "to-archive",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": "arn:aws:s3:::larkspurvane-archive-444455556666", "Account": LOG_ARCHIVE},
    }
    configured = {"ReplicationConfiguration": {"Role": role, "Rules": [copied]}}
    account.gaps.say("s3", "GetBucketReplication", "larkspurvane-order-exports", configured)


def _functions(account: Account, key: str) -> None:
    account.at("2026-08-11T14:40:00")
    orders = account.arn("dynamodb", "table/orders")
    publish = allow("events:PutEvents", account.arn("events", "event-bus/commerce"))
    account.function(
        "orders-create",
        allow("dynamodb:PutItem", orders),
        allow("sqs:SendMessage", account.arn("sqs", "orders-payment")),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        allow("lambda:InvokeFunction", account.arn("lambda", "function:payments-tax")),
        publish,
        environment={
            "ORDERS_TABLE": "orders",
            "PAYMENT_QUEUE": QUEUE_URL,
            "EVENT_BUS": "commerce",
            "TAX_FUNCTION": "payments-tax",
        },
        reserved=100,
        TracingConfig={"Mode": "Active"},
    )
    account.function(
        "orders-get",
        allow(["dynamodb:GetItem", "dynamodb:Query"], orders),
        allow("kms:Decrypt", key),
        environment={"ORDERS_TABLE": "orders"},
        reserved=100,
        TracingConfig={"Mode": "Active"},
    )
    account.function(
        "orders-cancel",
        allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], orders),
        allow("kms:Decrypt", key),
        publish,
        environment={"ORDERS_TABLE": "orders", "EVENT_BUS": "commerce"},
        TracingConfig={"Mode": "Active"},
    )
    # Written for one audit of the tax office and never taken away: reads the whole table, and writes what it read.
    export = account.function(
        "orders-admin-export",
        allow("dynamodb:*", orders),
        allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::larkspurvane-order-exports/*"),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        runtime="python3.9",
        timeout=900,
        memory=2048,
        environment={"ORDERS_TABLE": "orders", "EXPORT_BUCKET": "larkspurvane-order-exports"},
    )
    account.wrong("appvuln.code-findings", export, "evaluates an expression that the request holds")
    account.wrong("patch.runtime-deprecated", export, "python3.9, deprecated 2025-12-15")
    account.wrong("rest.least-privilege-store", export, "dynamodb:* on orders where it only reads")
    account.wrong("dos.timeout-vs-visibility", export, "may run 900 s behind an API that waits 29 s at most")
    creates = account.arn("lambda", "function:orders-create")
    account.right("perim.lateral-invoke", creates, "invokes one function, by its ARN, which its environment names")


def _api(account: Account) -> None:
    api = RestApi(account, "orders", description="Orders of customers", tags=tags("orders"))
    identity = {"identitySource": "method.request.header.Authorization"}
    pools = [account.ids["pool-arn"]]
    customers = api.authorizer("customers", type="COGNITO_USER_POOLS", providerARNs=pools, **identity)
    # An authorizer for staff, which no method uses.
    account.function("orders-staff-authorizer", runtime="nodejs22.x", memory=128, timeout=5)
    staff = account.arn("lambda", "function:orders-staff-authorizer")
    uri = f"arn:aws:apigateway:{HOME}:lambda:path/2015-03-31/functions/{staff}/invocations"
    api.authorizer("staff", type="TOKEN", authorizerUri=uri, authorizerResultTtlInSeconds=300, **identity)
    account.permit(
        "orders-staff-authorizer",
        "apigateway.amazonaws.com",
        source=account.arn("execute-api", f"{api.id}/authorizers/*"),
    )
    both = api.validator("body-and-parameters", body=True, parameters=True)
    parameters = api.validator("parameters", body=False, parameters=True)
    order = api.model("Order", _ORDER)
    functions = {name: account.arn("lambda", f"function:orders-{name}") for name in ("create", "get", "cancel")}
    known = {"authorization": "COGNITO_USER_POOLS", "authorizerId": customers}
    api.method(
        "POST",
        "/orders",
        functions["create"],
        requestValidatorId=both,
        requestModels={"$default": order},
        authorizationScopes=["orders/write"],
        **known,
    )
    by_id = {"requestValidatorId": parameters, "requestParameters": {"method.request.path.id": True}}
    api.method("GET", "/orders/{id}", functions["get"], authorizationScopes=["orders/read"], **known, **by_id)
    api.method("DELETE", "/orders/{id}", functions["cancel"], authorizationScopes=["orders/write"], **known, **by_id)
    api.method("GET", "/admin/export", account.arn("lambda", "function:orders-admin-export"))
    account.wrong(
        "perim.route-auth",
        api.route_id("GET", "/admin/export"),
        "authorizationType NONE; the API owns the authorizer staff, and no method uses it",
    )
    account.right(
        "appvuln.input-validation", api.route_id("POST", "/orders"), "body and parameters held to a strict model"
    )
    account.right("perim.route-auth", api.route_id("POST", "/orders"), "user pool and scope")
    account.wrong(
        "dos.waf-ratelimit", f"arn:aws:apigateway:{HOME}::/restapis/{api.id}", "no web ACL on the stage of a public API"
    )
    account.log_group("/aws/apigateway/orders", days=90, labels=tags("orders"))
    api.stage(
        "prod",
        settings={
            "throttling/rateLimit": "200",
            "throttling/burstLimit": "400",
            "logging/loglevel": "ERROR",
            "logging/dataTrace": "false",
        },
        **{
            "/accessLogSettings/destinationArn": account.arn("logs", "log-group:/aws/apigateway/orders"),
            "/accessLogSettings/format": '{"requestId":"$context.requestId","status":"$context.status"}',
            "/tracingEnabled": "true",
        },
    )


_ORDER = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["lines", "deliveryAddressId"],
    "additionalProperties": False,
    "properties": {
        "deliveryAddressId": {"type": "string", "pattern": "^[A-Z0-9]{8,26}$"},
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["sku", "quantity"],
                "additionalProperties": False,
                "properties": {
                    "sku": {"type": "string", "maxLength": 24},
                    "quantity": {"type": "integer", "minimum": 1, "maximum": 99},
                },
            },
        },
    },
}


def _listeners(account: Account, key: str) -> None:
    """Create what the table's stream and the bus set in motion."""
    account.at("2025-11-04T16:10:00")
    stream = account.ids["stream:orders"]
    streamed = allow(
        ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"], stream
    )
    failed = queue(account, "orders-events-failed", owner="orders", data="restricted", key=key)
    account.function(
        "orders-events",
        streamed,
        allow("events:PutEvents", account.arn("events", "event-bus/commerce")),
        allow("sqs:SendMessage", failed),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        environment={"EVENT_BUS": "commerce"},
        TracingConfig={"Mode": "Active"},
    )
    mapping = poll(
        account,
        "orders-events",
        stream,
        StartingPosition="LATEST",
        BatchSize=50,
        MaximumRetryAttempts=5,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": failed}},
        FilterCriteria={"Filters": [{"Pattern": '{"eventName":["INSERT","MODIFY"]}'}]},
    )
    account.right(
        "dos.poison-message",
        account.arn("lambda", f"event-source-mapping:{mapping}"),
        "five retries, then a queue for failures",
    )
    confirmed = account.function(
        "orders-confirm",
        allow("sqs:SendMessage", account.arn("sqs", "messages-out")),
        environment={"MESSAGE_QUEUE": f"https://sqs.{HOME}.amazonaws.com/{ACCOUNT}/messages-out"},
        DeadLetterConfig={"TargetArn": failed},
    )
    account.client("lambda").put_function_event_invoke_config(
        FunctionName="orders-confirm",
        MaximumRetryAttempts=1,
        MaximumEventAgeInSeconds=3600,
        DestinationConfig={"OnFailure": {"Destination": failed}},
    )
    rule(
        account,
        "order-placed-confirm",
        confirmed,
        bus="commerce",
        pattern={"source": ["larkspur.orders"], "detail-type": ["OrderPlaced"]},
        InputTransformer={
            "InputPathsMap": {"order": "$.detail.orderId", "customer": "$.detail.customerId"},
            "InputTemplate": '{"order":<order>,"customer":<customer>}',
        },
    )
