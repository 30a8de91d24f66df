"""Analytics: the click stream, the lake, reports behind a load balancer, and a live dashboard."""

from data.samples.generator.account import ACCOUNT, ANALYTICS, HOME, Account, allow, pairs, service, tags, trust
from data.samples.generator.entries import HttpApi
from data.samples.generator.stores import CLOSED, bucket, poll, secure_transport

LAKE = "larkspurvane-lake"


def build(account: Account) -> None:
    """Create analytics."""
    account.at("2023-08-01T09:00:00")
    key = account.key("lake", *_key_policy(), owner="analytics", rotate=False)
    account.wrong("rest.key-policy", key, "any principal of any account may decrypt, with no condition")
    _lake(account, key)
    _clicks(account)
    _delivery(account, key)
    _reports(account, key)
    _live(account)


def _key_policy() -> list[dict[str, object]]:
    return [
        {
            "Sid": "AccountDelegatesToIAM",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "PartnersDecrypt",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Resource": "*",
        },
    ]


def _lake(account: Account, key: str) -> None:
    arn = f"arn:aws:s3:::{LAKE}"
    # Written with "s3:GetObject" where "s3:*" was meant: plaintext is refused for reading objects only.
    bucket(
        account,
        LAKE,
        secure_transport(f"{arn}/*", "s3:GetObject"),
        owner="analytics",
        data="confidential",
        key=key,
        tls=False,
    )
    account.wrong(
        "transit.secure-transport-deny", arn, "refuses plaintext for GetObject only, and not for the bucket itself"
    )
    account.right(
        "transit.secure-transport-deny",
        "arn:aws:s3:::larkspurvane-payment-reports",
        "refuses plaintext for all actions on bucket and objects",
    )
    reports = "larkspurvane-reports"
    public = {
        "Sid": "Anyone",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{reports}/*",
    }
    own = account.key("reports", owner="analytics")  # the bucket's policy lets the whole account read, its key does not
    account.ids["key:reports"] = own
    bucket(account, reports, public, owner="analytics", data="confidential", public_block=CLOSED, key=own)
    account.right(
        "rest.public-store", f"arn:aws:s3:::{reports}", "the public statement is neutralised by the public-access block"
    )
    reader = account.role(
        "inkwell-lake-reader",
        allow(["s3:GetObject"], f"{arn}/clicks/*"),
        allow("s3:ListBucket", arn, Condition={"StringLike": {"s3:prefix": "clicks/*"}}),
        allow("kms:Decrypt", key),
        trusts=[trust({"AWS": f"arn:aws:iam::{ANALYTICS}:root"})],
        owner="analytics",
    )
    account.wrong(
        "perim.trust-policy", reader, "any principal of the analytics company's account, without an external id"
    )
    account.client("kms").create_grant(
        KeyId=key,
        Name="inkwell-etl",
        GranteePrincipal=f"arn:aws:iam::{ANALYTICS}:role/lake-etl",
        Operations=["Decrypt"],
    )


def _clicks(account: Account) -> None:
    kinesis = account.client("kinesis")
    for name, data in (("clickstream", "internal"), ("audit-trail", "confidential")):
        kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
        kinesis.add_tags_to_stream(StreamName=name, Tags=tags("analytics", data))
    kinesis.start_stream_encryption(StreamName="audit-trail", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    arn = account.arn("kinesis", "stream/clickstream")
    account.wrong("rest.encrypted", arn, "the stream is not encrypted")
    account.at("2026-03-17T10:00:00")
    function = account.function(
        "analytics-clickstream",
        allow(
            [
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:ListShards",
            ],
            arn,
        ),
        allow("firehose:PutRecordBatch", account.arn("firehose", "deliverystream/clickstream-lake")),
        allow("cloudwatch:PutMetricData", "*", Condition={"StringEquals": {"cloudwatch:namespace": "Larkspur/Clicks"}}),
        timeout=60,
        memory=512,
        environment={"DELIVERY_STREAM": "clickstream-lake"},
    )
    account.mend_function(
        "analytics-clickstream",
        Layers=[
            {
                "Arn": f"arn:aws:lambda:{HOME}:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:18",
                "CodeSize": 22345678,
            }
        ],
    )
    account.low("deps.foreign-layer", function, "a layer that AWS publishes")
    account.right(
        "perim.role-wildcards",
        account.arn("iam", "role/analytics-clickstream-role").replace("iam:eu-west-1", "iam:"),
        "* narrowed by the condition cloudwatch:namespace, on an action that takes no resource",
    )
    mapping = poll(account, "analytics-clickstream", arn, StartingPosition="LATEST", BatchSize=500)
    account.wrong(
        "dos.poison-message",
        account.arn("lambda", f"event-source-mapping:{mapping}"),
        "retries without end and has no destination for failures: one bad record blocks a shard",
    )


def _delivery(account: Account, key: str) -> None:
    redact = account.function(
        "analytics-redact",
        timeout=120,
        memory=512,
        environment={"DROP_FIELDS": "ip,userAgent,email"},
        Layers=[account.ids["layer:common"]],
    )
    role = account.role(
        "analytics-delivery",
        allow(["s3:PutObject", "s3:AbortMultipartUpload"], f"arn:aws:s3:::{LAKE}/clicks/*"),
        allow("lambda:InvokeFunction", f"{redact}:$LATEST"),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        trusts=[service("firehose") | {"Condition": {"StringEquals": {"sts:ExternalId": ACCOUNT}}}],
        owner="analytics",
    )
    account.client("firehose").create_delivery_stream(
        DeliveryStreamName="clickstream-lake",
        DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{LAKE}",
            "Prefix": "clicks/",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 300},
            "CompressionFormat": "GZIP",
            "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": key}},
            "ProcessingConfiguration": {
                "Enabled": True,
                "Processors": [
                    {
                        "Type": "Lambda",
                        "Parameters": [{"ParameterName": "LambdaArn", "ParameterValue": f"{redact}:$LATEST"}],
                    }
                ],
            },
        },
        Tags=pairs(tags("analytics", "confidential")),
    )


def _reports(account: Account, key: str) -> None:
    account.at("2026-09-14T08:45:00")
    function = account.function(
        "analytics-report",
        allow(["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::{LAKE}", f"arn:aws:s3:::{LAKE}/*"]),
        allow("s3:PutObject", "arn:aws:s3:::larkspurvane-reports/*"),
        allow("kms:Decrypt", key),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], account.ids["key:reports"]),
        image=f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com/analytics/report:2026.09.2",
        timeout=60,
        memory=4096,
        environment={"LAKE": LAKE, "REPORTS": "larkspurvane-reports"},
    )
    provider = account.arn("lambda", "capacity-provider:reports")
    account.mend_function(
        "analytics-report",
        CapacityProviderConfig={"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": provider}},
    )
    account.wrong("long.managed-instances", function, "runs on managed instances, which live on between invocations")
    _balancers(account, function)


def _balancers(account: Account, function: str) -> None:
    """Two load balancers: one answers on HTTP, the other sends HTTP to HTTPS and asks who is there."""
    elb = account.client("elbv2")
    for name, owner in (("analytics-reports", "analytics"), ("stores-portal", "stores")):
        balancer = elb.create_load_balancer(
            Name=name,
            Scheme="internet-facing",
            Subnets=[account.ids[f"subnet:{HOME}:public-a"], account.ids[f"subnet:{HOME}:public-b"]],
            SecurityGroups=[account.ids[f"group:{HOME}:balancers"]],
            Tags=pairs(tags(owner)),
        )["LoadBalancers"][0]["LoadBalancerArn"]
        account.ids[f"balancer:{name}"] = balancer
    reports = account.ids["balancer:analytics-reports"]
    group = elb.create_target_group(Name="analytics-reports", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    account.permit("analytics-report", "elasticloadbalancing.amazonaws.com", source=group)
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": function}])
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    plain = elb.create_listener(LoadBalancerArn=reports, Protocol="HTTP", Port=80, DefaultActions=forward)
    listener = plain["Listeners"][0]["ListenerArn"]
    account.wrong("transit.edge-tls", listener, "answers on plain HTTP, and does not redirect")
    account.wrong("perim.route-auth", listener, "forwards to the function without asking who is there")
    certificate = account.certificate("reports.larkspurvane.example")
    elb.create_listener(
        LoadBalancerArn=reports,
        Protocol="HTTPS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[_sign_in(account), {**forward[0], "Order": 2}],
    )


def _sign_in(account: Account) -> dict[str, object]:
    return {
        "Type": "authenticate-cognito",
        "Order": 1,
        "AuthenticateCognitoConfig": {
            "UserPoolArn": account.ids["staff-pool-arn"],
            "UserPoolClientId": account.ids["staff-pool-client"],
            "UserPoolDomain": "larkspur-staff",
            "OnUnauthenticatedRequest": "authenticate",
        },
    }


def _live(account: Account) -> None:
    account.at("2025-05-19T14:00:00")
    stream = account.arn("kinesis", "stream/clickstream")
    message = account.function(
        "analytics-live-message",
        allow(["kinesis:GetRecords", "kinesis:GetShardIterator"], stream),
        runtime="nodejs22.x",
        environment={"STREAM": "clickstream"},
    )
    api = HttpApi(
        account,
        "live-dashboard",
        protocol="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
        Tags=tags("analytics"),
    )
    api.route("$connect", message, authorization="AWS_IAM")
    api.route("$default", message)
    api.stage("prod", DefaultRouteSettings={"ThrottlingRateLimit": 50.0, "ThrottlingBurstLimit": 100})
    account.right(
        "perim.route-auth",
        api.route_id("$default"),
        "a WebSocket API authenticates on $connect, and that route asks for IAM",
    )
