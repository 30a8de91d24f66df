"""What came with an acquisition in 2021: one role for all, old runtimes, a MySQL server, a broker, a shared disk."""

from data.samples.generator.account import HOME, OBSERVABILITY, Account, allow, pairs, tags
from data.samples.generator.code import package
from data.samples.generator.entries import RestApi, rule
from data.samples.generator.stores import OPEN, bucket, secret, table

WRAPPER = f"arn:aws:lambda:{HOME}:{OBSERVABILITY}:layer:tracepoint-agent:12"


def build(account: Account) -> None:
    """Create the legacy corner."""
    account.at("2021-08-04T10:30:00")
    table(account, "gift-cards", "cardNumber", owner="legacy", data="restricted", recovery=False)
    account.wrong(
        "rest.backup-integrity",
        account.arn("dynamodb", "table/gift-cards"),
        "no point-in-time recovery, no deletion protection",
    )
    table(account, "legacy-batch", "jobId", owner="legacy", recovery=False)
    _server(account)
    _broker(account)
    _disk(account)
    role = _role(account)
    _functions(account, role)
    _gift_cards(account, role)
    _api(account)
    _invoices(account)


def _server(account: Account) -> None:
    rds = account.client("rds")
    rds.create_db_parameter_group(
        DBParameterGroupName="erp-mysql", DBParameterGroupFamily="mysql8.0", Description="As the vendor asked"
    )
    rds.modify_db_parameter_group(
        DBParameterGroupName="erp-mysql",
        Parameters=[{"ParameterName": "require_secure_transport", "ParameterValue": "OFF", "ApplyMethod": "immediate"}],
    )
    made = rds.create_db_instance(
        DBInstanceIdentifier="erp",
        Engine="mysql",
        EngineVersion="8.0.35",
        DBInstanceClass="db.t3.medium",
        AllocatedStorage=200,
        DBName="erp",
        MasterUsername="erp_admin",
        MasterUserPassword="not-a-real-one",
        DBParameterGroupName="erp-mysql",
        DBSubnetGroupName="larkspur-data",
        VpcSecurityGroupIds=[account.ids[f"group:{HOME}:databases"]],
        StorageEncrypted=False,
        AutoMinorVersionUpgrade=False,
        PubliclyAccessible=False,
        Tags=pairs(tags("legacy", "restricted")),
    )["DBInstance"]
    account.ids["erp"] = made["Endpoint"]["Address"]
    arn = made["DBInstanceArn"]
    account.wrong("rest.encrypted", arn, "storage is not encrypted")
    account.wrong("transit.db-tls", arn, "require_secure_transport is OFF")
    account.wrong("patch.residual-servers", arn, "minor versions are not installed by themselves")


def _broker(account: Account) -> None:
    made = account.client("mq").create_broker(
        BrokerName="warehouse",
        EngineType="ACTIVEMQ",
        EngineVersion="5.17.6",
        DeploymentMode="SINGLE_INSTANCE",
        HostInstanceType="mq.m5.large",
        PubliclyAccessible=False,
        AutoMinorVersionUpgrade=False,
        SubnetIds=[account.ids[f"subnet:{HOME}:data-a"]],
        SecurityGroups=[account.ids[f"group:{HOME}:broker"]],
        Users=[{"Username": "bridge", "Password": "not-a-real-one"}],
        Logs={"General": False, "Audit": False},
        Tags=tags("legacy", "confidential"),
    )
    secret(account, "legacy/broker", '{"username":"bridge","password":"not-a-real-one"}', owner="legacy")
    account.ids |= {"broker": made["BrokerArn"], "broker-id": made["BrokerId"]}
    account.wrong("patch.residual-servers", made["BrokerArn"], "minor versions are not installed by themselves")


def _disk(account: Account) -> None:
    """One file system that two functions mount, without a policy: any client in the network may write."""
    efs = account.client("efs")
    made = efs.create_file_system(
        CreationToken="legacy-share",
        Encrypted=True,
        Tags=pairs({"Name": "legacy-share", **tags("legacy", "confidential")}),
    )["FileSystemId"]
    for letter in "ab":
        efs.create_mount_target(
            FileSystemId=made,
            SubnetId=account.ids[f"subnet:{HOME}:private-{letter}"],
            SecurityGroups=[account.ids[f"group:{HOME}:functions"]],
        )
    account.ids["disk"] = efs.create_access_point(
        ClientToken="legacy-root",
        FileSystemId=made,
        PosixUser={"Uid": 0, "Gid": 0},
        RootDirectory={"Path": "/"},
        Tags=pairs({"Name": "legacy-root", "owner": "legacy"}),
    )["AccessPointArn"]
    account.wrong(
        "long.efs-persistence",
        account.arn("elasticfilesystem", f"file-system/{made}"),
        "two functions mount it as root, one of them open to the internet, and it has no policy",
    )


def _role(account: Account) -> str:
    return account.role(
        "legacy-shared",
        allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "*"),
        allow(
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"],
            [account.arn("dynamodb", f"table/{name}") for name in ("gift-cards", "legacy-batch", "orders")],
        ),
        allow(["sqs:SendMessage"], account.arn("sqs", "orders-payment")),
        allow("kms:*", account.ids["key:orders"]),
        allow(["mq:DescribeBroker", "secretsmanager:GetSecretValue"], "*"),
        allow(
            ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"],
            "*",
        ),
        managed=["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"],
        owner="legacy",
    )


def _functions(account: Account, role: str) -> None:
    account.at("2022-02-15T09:00:00")
    mount = [{"Arn": account.ids["disk"], "LocalMountPath": "/mnt/share"}]
    bridge = account.function(
        "legacy-erp-bridge",
        role=role,
        runtime="nodejs14.x",
        timeout=120,
        memory=1024,
        network=True,
        retention=None,
        environment={
            "ERP_DATABASE": f"mysql://erp_admin:not-a-real-one@{account.ids['erp']}:3306/erp",
            "BATCH_TABLE": "legacy-batch",
        },
        packages={"mysql": "2.18.1", "xml2js": "0.4.19"},
        FileSystemConfigs=mount,
        Layers=[account.ids["layer:xml"]],
    )
    account.mend_function("legacy-erp-bridge", FileSystemConfigs=mount)
    account.gaps.add_mapping(_from_broker(account, bridge))
    off = rule(account, "legacy-batch-nightly", bridge, schedule="cron(0 1 * * ? *)", state="DISABLED")
    account.wrong("sprawl.disabled-triggers", off, "switched off and left behind")
    account.wrong("patch.runtime-deprecated", bridge, "nodejs14.x, deprecated 2023-12-04")
    account.wrong("appvuln.secrets-env", bridge, "user name and password of the ERP database in a URL")
    account.wrong("deps.stale-build", bridge, "last built in February 2022")
    account.wrong("deps.known-vuln", bridge, "xml2js 0.4.19, and by its layer xmldom 0.1.27, for which no fix is out")
    account.wrong("sprawl.logging", bridge, "has no log group")
    account.at("2023-05-23T16:00:00")
    soap = account.function(
        "legacy-soap-orders",
        role=role,
        runtime="nodejs16.x",
        timeout=60,
        memory=1024,
        network=True,
        environment={
            "NODE_TLS_REJECT_UNAUTHORIZED": "0",
            "AWS_LAMBDA_EXEC_WRAPPER": "/opt/tracepoint/wrap",
            "ORDERS_TABLE": "orders",
            "STOCK_SERVICE": "http://erp.warehouse.internal:8080/stock",
        },
        packages={"soap": "0.24.0", "node-forge": "0.9.0"},
        FileSystemConfigs=mount,
    )
    layers = [{"Arn": WRAPPER, "CodeSize": 4718592}]
    account.mend_function("legacy-soap-orders", Layers=layers, FileSystemConfigs=mount)
    pinned = {
        "UpdateRuntimeOn": "Manual",
        "RuntimeVersionArn": f"arn:aws:lambda:{HOME}::runtime:{'0a1b2c3d4e5f6071' * 4}",
        "FunctionArn": soap,
    }
    account.gaps.say("lambda", "GetRuntimeManagementConfig", "legacy-soap-orders", pinned)
    account.wrong("patch.runtime-pinned", soap, "updates of the runtime are manual")
    account.wrong("patch.runtime-deprecated", soap, "nodejs16.x, deprecated 2024-06-12")
    account.wrong("deps.known-vuln", soap, "node-forge 0.9.0")
    account.wrong("long.exec-wrapper", soap, "a wrapper script from another account's layer starts it")
    account.wrong("deps.foreign-layer", soap, "a layer of an unknown account")
    account.wrong("transit.env-urls", soap, "verification of certificates is off, and one address is plain HTTP")
    account.wrong("perim.role-shared", role, "three functions with different needs run as this role")
    account.wrong(
        "perim.role-wildcards", role, "secretsmanager:GetSecretValue on every secret, kms:* on the orders key"
    )


def _from_broker(account: Account, function: str) -> dict[str, object]:
    """Return a mapping from the broker, which moto does not make."""
    number = "4b9d6c1e-8f20-4a57-9d3e-1c7a5b2f6e08"
    return {
        "UUID": number,
        "EventSourceMappingArn": account.arn("lambda", f"event-source-mapping:{number}"),
        "EventSourceArn": account.ids["broker"],
        "FunctionArn": function,
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 1,
        "Queues": ["stock.in"],
        "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": account.ids["secret:legacy/broker"]}],
        "State": "Enabled",
        "StateTransitionReason": "USER_INITIATED",
        "LastModified": "2022-02-15T09:05:00+00:00",
        "FunctionResponseTypes": [],
    }


def _gift_cards(account: Account, role: str) -> None:
    """Bring the code up to date, and leave the alias that everybody calls at the version before."""
    account.at("2022-11-21T09:00:00")
    client = account.client("lambda")
    before = {"aws-sdk": "2.1000.0", "minimist": "1.2.0"}
    function = account.function(
        "legacy-gift-cards",
        role=role,
        runtime="nodejs16.x",
        environment={
            "CARDS_TABLE": "gift-cards",
            "REPORTING_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "REPORTING_SECRET_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        },
        packages=before,
    )
    client.publish_version(FunctionName="legacy-gift-cards")
    client.create_alias(FunctionName="legacy-gift-cards", Name="live", FunctionVersion="1")
    account.at("2026-05-29T09:00:00")
    current = package("legacy-gift-cards", "nodejs22.x", {"aws-sdk": "2.1692.0", "minimist": "1.2.8"})[1]
    client.update_function_configuration(FunctionName="legacy-gift-cards", Runtime="nodejs22.x")
    client.update_function_code(FunctionName="legacy-gift-cards", ZipFile=current)
    account.hand_over("lambda-code/legacy-gift-cards", current)
    account.hand_over("lambda-code/legacy-gift-cards,1", package("legacy-gift-cards", "nodejs16.x", before)[1])
    client.publish_version(FunctionName="legacy-gift-cards")
    account.wrong(
        "patch.runtime-live-version",
        f"{function}:live",
        "the alias points to version 1 on nodejs16.x; $LATEST is current",
    )
    account.wrong("deps.known-vuln", function, "minimist 1.2.0 in version 1, to which the alias leads; not in $LATEST")
    account.wrong("long.cred-lifetime", function, "a user's long-lived access key in the environment")
    account.wrong("appvuln.secrets-env", function, "a user's long-lived access key in the environment")


def _api(account: Account) -> None:
    account.at("2021-09-01T08:00:00")
    api = RestApi(account, "legacy", description="Partners of the former company", tags=tags("legacy"))
    soap = account.arn("lambda", "function:legacy-soap-orders")
    cards = account.arn("lambda", "function:legacy-gift-cards:live")
    api.method("POST", "/soap/orders", soap, apiKeyRequired=True)
    api.method(
        "GET", "/cards/{number}", cards, apiKeyRequired=True, requestParameters={"method.request.path.number": True}
    )
    api.method("GET", "/stock/{sku}", "http://erp.warehouse.larkspurvane.example:8080/stock", integration="HTTP_PROXY")
    client = account.client("apigateway")
    api.stage(
        "live",
        settings={"logging/loglevel": "INFO", "logging/dataTrace": "true"},
        **{"/variables/erpPassword": "not-a-real-password"},
    )
    domain = "partners.larkspurvane.example"
    client.create_domain_name(
        domainName=domain,
        regionalCertificateArn=account.certificate("partners.larkspurvane.example"),
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_0",
        tags=tags("legacy"),
    )
    client.create_base_path_mapping(domainName=domain, restApiId=api.id, stage="live", basePath="v1")
    address = f"arn:aws:apigateway:{HOME}::/restapis/{api.id}"
    account.wrong("perim.route-auth", api.route_id("POST", "/soap/orders"), "an API key is no authentication")
    account.wrong("perim.route-auth", api.route_id("GET", "/cards/{number}"), "an API key is no authentication")
    account.wrong("transit.api-backend", api.route_id("GET", "/stock/{sku}"), "the backend is called over plain HTTP")
    account.wrong("appvuln.verbose-errors", address, "full requests and responses go to the logs of the live stage")
    account.wrong("appvuln.secrets-env", address, "a password in a stage variable")
    account.wrong("dos.no-throttle", address, "the stage sets no throttle below the account's own")
    account.wrong("transit.edge-tls", f"arn:aws:apigateway:{HOME}::/domainnames/{domain}", "security policy TLS_1_0")
    account.wrong("sprawl.api-logging", address, "the stage has no access log")
    account.wrong("perim.bypass", address, "the default endpoint answers beside the custom domain")


def _invoices(account: Account) -> None:
    """Public but for a header that any client can send."""
    name = "larkspurvane-order-invoices"
    arn = f"arn:aws:s3:::{name}"
    read = {
        "Sid": "FromOurPages",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"{arn}/*",
        "Condition": {"StringLike": {"aws:Referer": "https://www.larkspurvane.example/*"}},
    }
    bucket(account, name, read, owner="legacy", data="restricted", public_block=OPEN, tls=False)
    account.gaps.say("s3", "GetBucketPolicyStatus", name, {"PolicyStatus": {"IsPublic": True}})
    account.wrong("rest.public-store", arn, "open to anyone who sends the right Referer header")
