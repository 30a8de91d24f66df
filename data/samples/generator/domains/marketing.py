"""Marketing, in the United States region: newsletter, campaigns, text messages, segments."""

from data.samples.generator.account import ACCOUNT, STATES, Account, allow, service, tags, trust
from data.samples.generator.entries import HttpApi, function_url, rule
from data.samples.generator.stores import OPEN, bucket, poll, queue, secret, subscribe, table, topic

PROVIDER = "https://api.postlark.example/v1"


def build(account: Account) -> None:
    """Create marketing."""
    account.at("2023-11-08T15:00:00")
    subscribers = table(
        account, "subscribers", "email", owner="marketing", data="confidential", region=STATES, expires="forgetAt"
    )
    table(account, "campaigns", "campaignId", owner="marketing", data="internal", region=STATES)
    _assets(account)
    _newsletter(account, subscribers)
    _campaigns(account, subscribers)
    _texts(account)
    _segments(account)


def _assets(account: Account) -> None:
    """Pictures for mails: meant to be public, and are."""
    name = "larkspurvane-press-kit"
    arn = f"arn:aws:s3:::{name}"
    read = {"Sid": "Anyone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{arn}/*"}
    bucket(account, name, read, owner="marketing", data="public", region=STATES, public_block=OPEN, versioned=True)
    account.low("rest.public-store", arn, "public, and classified public: press pictures")


def _newsletter(account: Account, subscribers: str) -> None:
    account.at("2026-01-30T16:20:00")
    join = account.function(
        "marketing-subscribe",
        allow(
            "dynamodb:PutItem",
            subscribers,
            Condition={"ForAllValues:StringEquals": {"dynamodb:Attributes": ["email", "consentAt"]}},
        ),
        region=STATES,
        runtime="nodejs22.x",
        environment={"SUBSCRIBERS_TABLE": "subscribers"},
        reserved=20,
    )
    api = HttpApi(
        account,
        "newsletter",
        region=STATES,
        CorsConfiguration={"AllowOrigins": ["https://www.larkspurvane.example"], "AllowMethods": ["POST"]},
        Tags=tags("marketing"),
    )
    api.route("POST /newsletter", join)
    account.log_group("/aws/apigateway/newsletter", region=STATES, days=90, labels=tags("marketing"))
    api.stage(
        AutoDeploy=True,
        DefaultRouteSettings={"ThrottlingRateLimit": 10.0, "ThrottlingBurstLimit": 20},
        AccessLogSettings={
            "DestinationArn": account.arn("logs", "log-group:/aws/apigateway/newsletter", STATES),
            "Format": '{"requestId":"$context.requestId"}',
        },
    )
    leave = account.function(
        "marketing-unsubscribe",
        allow("dynamodb:UpdateItem", subscribers),
        region=STATES,
        runtime="nodejs22.x",
        environment={"SUBSCRIBERS_TABLE": "subscribers"},
        reserved=5,
    )
    cors = {"AllowOrigins": ["*"], "AllowCredentials": True, "AllowMethods": ["POST"]}
    function_url(account, "marketing-unsubscribe", authorization="NONE", region=STATES, permit_all=True, cors=cors)
    account.wrong("perim.function-url", leave, "anonymous URL of a function that writes to confidential data")
    account.wrong("appvuln.cors", leave, "any origin, with credentials")
    account.right("dos.url-uncapped", leave, "reserved concurrency of 5 caps it")


def _campaigns(account: Account, subscribers: str) -> None:
    account.at("2025-08-15T09:00:00")
    token = secret(
        account, "marketing/postlark", "not-a-real-key", owner="marketing", data="confidential", region=STATES
    )
    dead = queue(account, "campaign-mails-failed", owner="marketing", data="confidential", region=STATES)
    mails = queue(
        account,
        "campaign-mails",
        owner="marketing",
        data="confidential",
        region=STATES,
        dead_letters=dead,
        VisibilityTimeout="180",
    )
    account.function(
        "marketing-send",
        allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], mails),
        allow(
            ["dynamodb:GetItem", "dynamodb:Query"], [subscribers, account.arn("dynamodb", "table/campaigns", STATES)]
        ),
        allow("secretsmanager:GetSecretValue", token),
        region=STATES,
        runtime="nodejs22.x",
        timeout=30,
        environment={
            "MAIL_URL": f"{PROVIDER}/batches",
            "MAIL_SECRET_ARN": token,
            "SUBSCRIBERS_TABLE": "subscribers",
            "CAMPAIGNS_TABLE": "campaigns",
        },
        reserved=50,
    )
    poll(account, "marketing-send", mails, BatchSize=10, ScalingConfig={"MaximumConcurrency": 25})


def _texts(account: Account) -> None:
    account.at("2024-07-04T13:30:00")
    arn = topic(account, "campaign-texts", owner="marketing", data="confidential", region=STATES)
    function = account.function(
        "marketing-text",
        allow("ssm:GetParameter", account.arn("ssm", "parameter/marketing/text/token", STATES)),
        region=STATES,
        runtime="python3.12",
        environment={
            "TEXT_URL": "https://gateway.beacontext.example/send",
            "TEXT_TOKEN_PARAMETER": "/marketing/text/token",
        },
        DeadLetterConfig={"TargetArn": account.arn("sqs", "campaign-mails-failed", STATES)},
        reserved=0,
    )
    account.gaps.off.add("marketing-text")
    account.client("ssm", STATES).put_parameter(
        Name="/marketing/text/token",
        Value="not-a-real-token",
        Type="SecureString",
        Tags=[{"Key": "owner", "Value": "marketing"}],
    )
    account.permit("marketing-text", "sns.amazonaws.com", region=STATES, source=arn)
    subscribe(account, arn, "lambda", function)
    account.wrong(
        "dos.reserved-zero", function, "switched off by a concurrency of 0 while the topic still delivers to it"
    )


def _segments(account: Account) -> None:
    """Create an intern's project, whose role may do anything to any table."""
    account.at("2022-06-27T10:00:00")
    role = account.role(
        "marketing-segment-role",
        allow("logs:*", "*"),
        allow("dynamodb:*", "*"),
        allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::larkspurvane-*/*"),
        allow("kms:Decrypt", "*"),
        trusts=[service("lambda"), trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})],
        owner="marketing",
    )
    function = account.function(
        "marketing-segment",
        region=STATES,
        runtime="python3.8",
        role=role,
        timeout=900,
        memory=3008,
        retention=None,
        environment={"SUBSCRIBERS_TABLE": "subscribers", "LAKE": "larkspurvane-lake"},
        packages={"pandas": "1.2.0", "requests": "2.19.1"},
    )
    account.permit(
        "marketing-segment",
        "s3.amazonaws.com",
        region=STATES,
        source="arn:aws:s3:::larkspurvane-segments-2022",
        sid="segments-bucket",
    )
    rule(account, "marketing-segments-weekly", function, schedule="rate(7 days)", region=STATES)
    account.log_group("/aws/lambda/marketing-segment", region=STATES)
    account.wrong("patch.runtime-deprecated", function, "python3.8, deprecated 2024-10-14")
    account.wrong("deps.stale-build", function, "last built in June 2022")
    account.wrong("deps.known-vuln", function, "requests 2.19.1")
    account.wrong("appvuln.code-findings", function, "a password in the code")
    account.wrong("perim.role-wildcards", role, "dynamodb:* and kms:Decrypt on every resource of the account")
    account.wrong("perim.trust-policy", role, "any principal of the account that may assume roles can take it on")
    account.wrong(
        "perim.dangling-trigger",
        function,
        "its policy still trusts a bucket that is gone, without SourceAccount: anyone may register the name",
    )
    account.wrong(
        "sprawl.logging", account.arn("logs", "log-group:/aws/lambda/marketing-segment", STATES), "kept for ever"
    )
