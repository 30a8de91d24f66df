"""Payments: charging, the provider's webhook, tax, refunds and the nightly reconciliation."""

from data.samples.generator.account import ACCOUNT, HOME, Account, allow, service, tags
from data.samples.generator.entries import function_url, schedule
from data.samples.generator.stores import bucket, poll, queue, secret

PROVIDER = "https://api.tillstone.example/v2"


def build(account: Account) -> None:
    """Create the payment service."""
    account.at("2023-04-12T10:00:00")
    key = account.key("payments", *_key_policy(), owner="payments")
    secret(account, "payments/provider", '{"apiKey":"not-a-real-key"}', owner="payments", key=key)
    secret(account, "payments/ledger", '{"username":"ledger","password":"not-a-real-one"}', owner="payments", key=key)
    secret(account, "payments/webhook-signing", "not-a-real-signing-key", owner="payments", key=key)
    common = {"owner": "payments", "data": "restricted", "key": key}
    bucket(account, "larkspurvane-payment-reports", versioned=True, **common)
    dead = queue(account, "payment-events-failed", **common)
    queue(account, "payment-events", dead_letters=dead, VisibilityTimeout="360", **common)
    _ledger(account, key)
    _charging(account, key)
    _webhook(account, key)
    _reports(account, key)


def _key_policy() -> list[dict[str, object]]:
    """Only the payment functions may decrypt; the account administers."""
    roles = ("charge", "refund", "reconcile", "settle", "webhook")
    return [
        {
            "Sid": "Administer",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": [
                "kms:Create*",
                "kms:Describe*",
                "kms:Enable*",
                "kms:List*",
                "kms:Put*",
                "kms:Update*",
                "kms:Get*",
            ],
            "Resource": "*",
        },
        {
            "Sid": "PaymentFunctions",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"kms:CallerAccount": ACCOUNT},
                "ArnLike": {
                    "aws:PrincipalArn": [f"arn:aws:iam::{ACCOUNT}:role/payments-{name}-role" for name in roles]
                },
            },
        },
    ]


def _ledger(account: Account, key: str) -> None:
    rds = account.client("rds")
    rds.create_db_subnet_group(
        DBSubnetGroupName="larkspur-data",
        DBSubnetGroupDescription="Data subnets",
        SubnetIds=[account.ids[f"subnet:{HOME}:data-a"], account.ids[f"subnet:{HOME}:data-b"]],
    )
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="ledger-tls",
        DBParameterGroupFamily="aurora-postgresql16",
        Description="TLS required",
    )
    rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="ledger-tls",
        Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}],
    )
    made = rds.create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        EngineVersion="16.6",
        MasterUsername="ledger",
        MasterUserPassword="not-a-real-one",
        DBClusterParameterGroupName="ledger-tls",
        DBSubnetGroupName="larkspur-data",
        VpcSecurityGroupIds=[account.ids[f"group:{HOME}:databases"]],
        StorageEncrypted=True,
        KmsKeyId=key,
        DeletionProtection=True,
        BackupRetentionPeriod=14,
        EnableIAMDatabaseAuthentication=True,
        Tags=[{"Key": name, "Value": value} for name, value in sorted(tags("payments", "restricted").items())],
    )
    account.ids["ledger"] = made["DBCluster"]["Endpoint"]
    arn = made["DBCluster"]["DBClusterArn"]
    account.right("transit.db-tls", arn, "rds.force_ssl is 1")
    account.right("rest.encrypted", arn, "encrypted with the payments key")
    account.right("rest.key-policy", key, "Principal * narrowed to the account and to five roles")
    rds.create_db_instance(
        DBInstanceIdentifier="ledger-1",
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        DBInstanceClass="db.r6g.large",
        AutoMinorVersionUpgrade=True,
        PubliclyAccessible=False,
        StorageEncrypted=True,
        KmsKeyId=key,
    )


def _charging(account: Account, key: str) -> None:
    account.at("2026-07-08T09:50:00")
    secrets = [account.ids["secret:payments/provider"], account.ids["secret:payments/ledger"]]
    account.function(
        "payments-charge",
        allow(
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], account.arn("sqs", "orders-payment")
        ),
        allow("secretsmanager:GetSecretValue", secrets),
        allow("events:PutEvents", account.arn("events", "event-bus/commerce")),
        allow("kms:Decrypt", [key, account.ids["key:orders"]]),
        runtime="java21",
        memory=1024,
        timeout=30,
        network=True,
        environment={
            "PROVIDER_URL": f"{PROVIDER}/charges",
            "PROVIDER_SECRET_ARN": secrets[0],
            "LEDGER_URL": f"jdbc:postgresql://{account.ids['ledger']}:5432/ledger?sslmode=verify-full",
            "LEDGER_SECRET_ARN": secrets[1],
            "EVENT_BUS": "commerce",
        },
        reserved=50,
        handed_over=False,
        KMSKeyArn=key,
        TracingConfig={"Mode": "Active"},
    )
    poll(
        account,
        "payments-charge",
        account.arn("sqs", "orders-payment"),
        BatchSize=5,
        ScalingConfig={"MaximumConcurrency": 20},
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    account.function(
        "payments-refund",
        allow("secretsmanager:GetSecretValue", secrets),
        allow("kms:Decrypt", key),
        runtime="java21",
        memory=1024,
        timeout=30,
        network=True,
        environment={
            "PROVIDER_URL": f"{PROVIDER}/refunds",
            "PROVIDER_SECRET_ARN": secrets[0],
            "LEDGER_HOST": account.ids["ledger"],
        },
        KMSKeyArn=key,
        reserved=20,
        handed_over=False,
    )
    # The tax service takes TLS since 2024; nobody changed the address.
    tax = account.function(
        "payments-tax",
        runtime="nodejs22.x",
        environment={"TAX_SERVICE_URL": "http://rates.fiscalis.example/v2/vat", "TAX_CACHE_SECONDS": "300"},
    )
    account.wrong("transit.env-urls", tax, "calls the tax service over plain HTTP")
    charge = account.arn("lambda", "function:payments-charge")
    account.right("appvuln.secrets-env", charge, "its secrets are named by ARN and read from Secrets Manager")
    account.right("patch.runtime-deprecated", charge, "java21, supported until 2029")
    account.right("dos.esm-cap", charge, "MaximumConcurrency 20 before the database")
    account.right("transit.env-urls", charge, "https, and sslmode=verify-full")
    _signing(account)


def _signing(account: Account) -> None:
    """Refuse unsigned code for what charges cards; moto knows no code signing."""
    arn = account.arn("lambda", "code-signing-config:csc-0a1b2c3d4e5f60718")
    profile = account.arn("signer", "/signing-profiles/retail_pipeline/Qx7Lr2Vb9T")
    configuration = {
        "CodeSigningConfigId": "csc-0a1b2c3d4e5f60718",
        "CodeSigningConfigArn": arn,
        "Description": "Payments",
        "AllowedPublishers": {"SigningProfileVersionArns": [profile]},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
        "LastModified": "2024-02-01T10:00:00.000+0000",
    }
    account.gaps.default(
        "lambda",
        "ListCodeSigningConfigs",
        lambda asked: {"CodeSigningConfigs": [configuration] if asked["region"] == HOME else []},
    )
    for name in ("payments-charge", "payments-refund"):
        said = {"CodeSigningConfigArn": arn, "FunctionName": name}
        account.gaps.say("lambda", "GetFunctionCodeSigningConfig", name, said)
        account.right("long.code-signing", account.arn("lambda", f"function:{name}"), "unsigned code is refused")


def _webhook(account: Account, key: str) -> None:
    account.at("2025-09-30T07:45:00")
    signing = account.ids["secret:payments/webhook-signing"]
    webhook = account.function(
        "payments-webhook",
        allow("sqs:SendMessage", account.arn("sqs", "payment-events")),
        allow("secretsmanager:GetSecretValue", signing),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        runtime="nodejs20.x",
        environment={
            "EVENT_QUEUE": f"https://sqs.{HOME}.amazonaws.com/{ACCOUNT}/payment-events",
            "SIGNING_SECRET_ARN": signing,
        },
        packages={"lodash": "4.17.11", "jsonwebtoken": "8.5.1"},
    )
    function_url(account, "payments-webhook", authorization="NONE", permit_all=True)
    account.wrong("perim.function-url", webhook, "anonymous URL; only its code looks at the provider's signature")
    account.wrong("dos.url-uncapped", webhook, "anonymous URL without reserved concurrency")
    account.wrong(
        "dos.account-headroom", webhook, "shares the account's concurrency with payments-settle, tagged critical"
    )
    account.wrong("patch.runtime-deprecated", webhook, "nodejs20.x, deprecated 2026-04-30")
    account.wrong("deps.known-vuln", webhook, "lodash 4.17.11 and jsonwebtoken 8.5.1, behind an anonymous URL")
    account.wrong(
        "appvuln.code-findings", webhook, "a header that anyone sends is matched by a pattern that backtracks"
    )
    account.function(
        "payments-settle",
        allow(
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], account.arn("sqs", "payment-events")
        ),
        allow("dynamodb:UpdateItem", account.arn("dynamodb", "table/orders")),
        allow("secretsmanager:GetSecretValue", account.ids["secret:payments/ledger"]),
        allow("kms:Decrypt", [key, account.ids["key:orders"]]),
        runtime="java21",
        memory=1024,
        timeout=60,
        network=True,
        environment={"LEDGER_HOST": account.ids["ledger"], "ORDERS_TABLE": "orders"},
        labels={**tags("payments"), "criticality": "critical"},
        handed_over=False,
    )
    poll(account, "payments-settle", account.arn("sqs", "payment-events"), BatchSize=10)
    settle = account.arn("lambda", "function:payments-settle")
    account.wrong("dos.esm-cap", settle, "nothing caps how many run before the ledger at once")


def _reports(account: Account, key: str) -> None:
    account.at("2026-01-19T18:00:00")
    reports = "arn:aws:s3:::larkspurvane-payment-reports"
    arn = account.function(
        "payments-reconcile",
        allow("secretsmanager:GetSecretValue", account.ids["secret:payments/ledger"]),
        allow("s3:PutObject", f"{reports}/*"),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        runtime="java21",
        memory=2048,
        timeout=600,
        network=True,
        environment={
            "LEDGER_HOST": account.ids["ledger"],
            "REPORTS_BUCKET": "larkspurvane-payment-reports",
            "BANK_STATEMENTS": "sftp://statements.hartwellbank.example:22/out",
        },
        packages={"org.apache.logging.log4j:log4j-core": "2.14.1", "org.postgresql:postgresql": "42.7.7"},
        reserved=2,
    )
    account.wrong("deps.known-vuln", arn, "log4j-core 2.14.1")
    role = account.role(
        "payments-nightly-schedule",
        allow("lambda:InvokeFunction", arn),
        trusts=[service("scheduler") | {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}],
        owner="payments",
    )
    schedule(account, "payments-nightly", "cron(30 2 * * ? *)", arn, role)
