"""Tooling of the platform team: chat operations, logs, rotation, costs, a drill that nobody runs any more."""

from data.samples.generator.account import ACCOUNT, LOG_ARCHIVE, Account, allow, document, service, tags, trust
from data.samples.generator.entries import HttpApi, schedule


def build(account: Account) -> None:
    """Create the tooling."""
    _deploy_helper(account)
    _logs(account)
    _rotation(account)
    _costs(account)
    _drill(account)


def _deploy_helper(account: Account) -> None:
    """Create what rolls back from chat, and may pass any role to a function that it creates."""
    account.at("2024-04-17T10:00:00")
    role = account.role(
        "ops-deploy-helper-role",
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            account.arn("logs", "log-group:/aws/lambda/ops-deploy-helper:*"),
        ),
        allow(
            [
                "lambda:CreateFunction",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
                "lambda:InvokeFunction",
                "lambda:UpdateAlias",
            ],
            "*",
        ),
        allow("iam:PassRole", "*"),
        allow("s3:GetObject", "arn:aws:s3:::larkspurvane-artifacts/*"),
        owner="platform",
    )
    check = account.function("ops-chat-authorizer", runtime="nodejs22.x", memory=128, timeout=5, owner="platform")
    function = account.function(
        "ops-deploy-helper",
        role=role,
        runtime="python3.12",
        timeout=120,
        owner="platform",
        environment={"ARTIFACTS": "larkspurvane-artifacts", "CHAT_URL": "https://hooks.parley.example/T01/ops"},
        labels={"owner": "platform", "env": "prod"},
    )
    api = HttpApi(account, "chatops", Tags=tags("platform"))
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{check}/invocations"
    signed = api.authorizer(
        "signature",
        AuthorizerType="REQUEST",
        AuthorizerUri=uri,
        IdentitySource=["$request.header.X-Parley-Signature"],
        AuthorizerPayloadFormatVersion="2.0",
        EnableSimpleResponses=True,
        AuthorizerResultTtlInSeconds=0,
    )
    source = account.arn("execute-api", f"{api.id}/authorizers/{signed}")
    account.permit("ops-chat-authorizer", "apigateway.amazonaws.com", source=source)
    api.route("POST /chat", function, authorization="CUSTOM", authorizer=signed)
    account.log_group("/aws/apigateway/chatops", days=365, labels=tags("platform"))
    api.stage(
        AutoDeploy=True,
        DefaultRouteSettings={"ThrottlingRateLimit": 5.0, "ThrottlingBurstLimit": 5},
        AccessLogSettings={
            "DestinationArn": account.arn("logs", "log-group:/aws/apigateway/chatops"),
            "Format": '{"requestId":"$context.requestId"}',
        },
    )
    account.wrong("perim.role-admin", role, "reaches admin: passes any role to a function that it creates and invokes")
    account.wrong("perim.lateral-invoke", function, "may invoke, change and create any function")
    account.wrong("appvuln.code-findings", function, "a shell runs what an event names")
    account.wrong("long.code-tamper", function, "a function's role may replace the code of any function")


def _logs(account: Account) -> None:
    account.at("2023-12-12T12:00:00")
    destination = f"arn:aws:logs:eu-west-1:{LOG_ARCHIVE}:destination:larkspur-central"
    forward = account.function(
        "ops-log-forwarder",
        allow("kinesis:PutRecords", account.arn("kinesis", "stream/audit-trail")),
        runtime="python3.12",
        timeout=60,
        owner="platform",
        environment={"STREAM": "audit-trail"},
        Layers=[account.ids["layer:common"]],
    )
    logs = account.client("logs")
    group = "/aws/lambda/payments-charge"
    account.permit(
        "ops-log-forwarder",
        "logs.eu-west-1.amazonaws.com",
        source=account.arn("logs", f"log-group:{group}:*"),
        account=ACCOUNT,
    )
    logs.put_subscription_filter(
        logGroupName=group, filterName="to-audit", filterPattern="AUDIT", destinationArn=forward
    )
    central = {
        "filterName": "to-log-archive",
        "filterPattern": "",
        "logGroupName": "/aws/lambda/orders-create",
        "destinationArn": destination,
        "distribution": "ByLogStream",
        "creationTime": 1702382400000,
    }
    answer = {"subscriptionFilters": [central]}
    account.gaps.say("logs", "DescribeSubscriptionFilters", "/aws/lambda/orders-create", answer)


def _rotation(account: Account) -> None:
    account.at("2026-05-06T09:10:00")
    ledger = account.ids["secret:payments/ledger"]
    function = account.function(
        "ops-secret-rotation",
        allow(
            [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
            ledger,
            Condition={
                "StringEquals": {
                    "secretsmanager:resource/AllowRotationLambdaArn": account.arn(
                        "lambda", "function:ops-secret-rotation"
                    )
                }
            },
        ),
        allow("secretsmanager:GetRandomPassword", "*"),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], account.ids["key:payments"]),
        runtime="python3.13",
        timeout=60,
        network=True,
        owner="platform",
    )
    account.permit("ops-secret-rotation", "secretsmanager.amazonaws.com", account=ACCOUNT)
    account.client("secretsmanager").rotate_secret(
        SecretId="payments/ledger", RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30}
    )


def _costs(account: Account) -> None:
    """Administrator on paper, held by a boundary to reading costs."""
    account.at("2025-10-21T09:00:00")
    iam = account.client("iam")
    boundary = iam.create_policy(
        PolicyName="cost-readers-boundary",
        PolicyDocument=document(
            allow(
                ["ce:Get*", "budgets:View*", "cloudwatch:GetMetricData", "logs:CreateLogStream", "logs:PutLogEvents"],
                "*",
            ),
            allow("sns:Publish", account.arn("sns", "cost-reports")),
        ),
    )["Policy"]["Arn"]
    role = account.role(
        "ops-cost-report-role",
        managed=["arn:aws:iam::aws:policy/AdministratorAccess"],
        boundary=boundary,
        owner="platform",
    )
    topic = account.client("sns").create_topic(
        Name="cost-reports",
        Tags=[{"Key": "owner", "Value": "platform"}, {"Key": "data-classification", "Value": "internal"}],
    )["TopicArn"]
    function = account.function(
        "ops-cost-report", role=role, runtime="python3.13", owner="platform", environment={"TOPIC_ARN": topic}
    )
    start = account.role(
        "ops-schedules",
        allow("lambda:InvokeFunction", function),
        trusts=[service("scheduler") | {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}],
    )
    schedule(account, "ops-cost-report", "cron(0 6 ? * MON *)", function, start)
    account.right(
        "perim.resource-policy-sources", topic, "SNS's default policy: Principal * narrowed by AWS:SourceOwner"
    )
    account.right(
        "perim.role-admin", role, "AdministratorAccess, cut down to reading costs by the permissions boundary"
    )


def _drill(account: Account) -> None:
    account.at("2022-09-29T14:00:00")
    role = account.role(
        "ops-restore-drill-role",
        managed=["arn:aws:iam::aws:policy/AdministratorAccess"],
        trusts=[service("lambda"), trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/build-2022"})],
        owner="platform",
    )
    function = account.function(
        "ops-restore-drill",
        role=role,
        runtime="python3.12",
        timeout=900,
        owner="platform",
        labels={"owner": "platform", "env": "test"},
        retention=None,
    )
    iam = account.client("iam")
    iam.create_user(UserName="build-2022", Tags=[{"Key": "owner", "Value": "platform"}])
    iam.put_user_policy(
        UserName="build-2022", PolicyName="assume", PolicyDocument=document(allow("sts:AssumeRole", role))
    )
    account.wrong("perim.role-admin", role, "AdministratorAccess")
    account.wrong("sprawl.unused", function, "no trigger, not changed since 2022")
    account.wrong("sprawl.env-mix", function, "tagged env=test, and its role reaches everything in production")
    account.wrong("sprawl.logging", function, "has no log group")
