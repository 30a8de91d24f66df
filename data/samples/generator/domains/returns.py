"""Returns: requests, photographs of damage."""

from data.samples.generator.account import Account, allow, tags
from data.samples.generator.entries import RestApi
from data.samples.generator.stores import bucket, notify, table

PHOTOS = "larkspurvane-returns-photos"


def build(account: Account) -> None:
    """Create returns."""
    account.at("2023-09-04T08:15:00")
    returns = table(account, "returns", "returnId", owner="returns", data="confidential", stream="NEW_IMAGE")
    photos = bucket(account, PHOTOS, owner="returns", data="confidential", expire_days=180)
    account.at("2025-12-09T11:45:00")
    request = account.function(
        "returns-request",
        allow(["dynamodb:PutItem", "dynamodb:GetItem"], returns),
        allow("s3:PutObject", f"{photos}/incoming/*"),
        allow("states:StartExecution", account.arn("states", "stateMachine:returns-refund")),
        environment={
            "RETURNS_TABLE": "returns",
            "PHOTO_BUCKET": PHOTOS,
            "REFUND_MACHINE": account.arn("states", "stateMachine:returns-refund"),
        },
        TracingConfig={"Mode": "Active"},
        Layers=[account.ids["layer:common"]],
    )
    resize = account.function(
        "returns-photo-resize",
        allow(["s3:GetObject", "s3:PutObject"], f"{photos}/*"),
        runtime="python3.12",
        memory=1024,
        timeout=60,
        packages={"pillow": "9.0.0"},
        environment={"PHOTO_BUCKET": PHOTOS},
    )
    account.wrong("deps.known-vuln", resize, "pillow 9.0.0")
    account.permit("returns-photo-resize", "s3.amazonaws.com", source=photos)
    notify(account, PHOTOS, {"function": resize})
    account.gaps.say("lambda", "GetFunctionRecursionConfig", "returns-photo-resize", {"RecursiveLoop": "Allow"})
    account.wrong(
        "dos.recursion", resize, "writes into the bucket that triggers it, no prefix, and loop detection is off"
    )
    account.wrong(
        "perim.invoke-policy",
        resize,
        "S3 may invoke for the bucket's ARN without SourceAccount: bucket names change hands",
    )
    _machine(account)
    _api(account, request)


def _machine(account: Account) -> None:
    refund = account.arn("lambda", "function:payments-refund")
    role = account.role(
        "returns-refund-machine",
        allow("lambda:InvokeFunction", refund),
        allow("sns:Publish", account.arn("sns", "shipments")),
        trusts=[{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
        owner="returns",
    )
    account.client("stepfunctions").create_state_machine(
        name="returns-refund",
        definition=_DEFINITION.replace("REFUND", refund).replace("TOPIC", account.arn("sns", "shipments")),
        roleArn=role,
        type="STANDARD",
        tags=[{"key": key, "value": value} for key, value in sorted(tags("returns", "confidential").items())],
    )


_DEFINITION = """{
  "Comment": "Waits for the parcel, then refunds",
  "StartAt": "WaitForParcel",
  "States": {
    "WaitForParcel": {"Type": "Wait", "SecondsPath": "$.graceSeconds", "Next": "Accepted"},
    "Accepted": {
      "Type": "Choice",
      "Choices": [{"Variable": "$.decision", "StringEquals": "refund", "Next": "Refund"}],
      "Default": "Refuse"
    },
    "Refund": {"Type": "Task", "Resource": "REFUND", "ResultPath": "$.refund", "Next": "Tell"},
    "Refuse": {"Type": "Pass", "Next": "Tell"},
    "Tell": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sns:publish",
      "Parameters": {
        "TopicArn": "TOPIC",
        "Message.$": "$",
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "return"}}
      },
      "End": true
    }
  }
}"""


def _api(account: Account, request: str) -> None:
    api = RestApi(account, "returns", description="Returns of customers", tags=tags("returns"))
    customers = api.authorizer(
        "customers",
        type="COGNITO_USER_POOLS",
        providerARNs=[account.ids["pool-arn"]],
        identitySource="method.request.header.Authorization",
    )
    known = {"authorization": "COGNITO_USER_POOLS", "authorizerId": customers}
    api.method("POST", "/returns", request, **known)
    body = api.validator("body", body=True, parameters=False)
    anything = api.model("Photo", {"type": "object"})
    api.method(
        "PUT",
        "/returns/{id}/photo",
        request,
        requestValidatorId=body,
        requestModels={"application/json": anything},
        requestParameters={"method.request.path.id": True},
        **known,
    )
    account.log_group("/aws/apigateway/returns", days=90, labels=tags("returns"))
    api.stage(
        "prod",
        settings={"throttling/rateLimit": "50", "throttling/burstLimit": "100", "logging/loglevel": "ERROR"},
        **{
            "/accessLogSettings/destinationArn": account.arn("logs", "log-group:/aws/apigateway/returns"),
            "/accessLogSettings/format": '{"requestId":"$context.requestId"}',
        },
    )
    account.wrong("appvuln.input-validation", api.route_id("POST", "/returns"), "no request validator and no model")
    account.wrong(
        "appvuln.empty-model",
        api.route_id("PUT", "/returns/{id}/photo"),
        'the model is {"type": "object"}: it refuses nothing',
    )
