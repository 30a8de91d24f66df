"""Data in transit: failing, passing and unknown cases of each check, and what other tools get wrong."""

import json

import msgspec
import pytest

import auditkit as ak
from auditkit.areas import Scene, judge
from auditkit.case import Case
from auditkit.graph import connect
from auditkit.score.weights import FactorWeights, default_weights
from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, gaad, judged, role, verdicts
from tests.exports.feeding import feed

F = arn("lambda", "function:f")
B = "arn:aws:s3:::b"
NO_ORGANIZATION = answer("organizations.DescribeOrganization", {}, region="global")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def deny(action="s3:*", resource=(B, f"{B}/*"), **more):
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resource),
        "Condition": insecure,
    } | more


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (deny(), "PASS"),
        (deny(action="s3:GetObject"), "FAIL"),
        (deny(resource=[f"{B}/*"]), "FAIL"),
        (deny(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), "FAIL"),
        (deny(Condition={"Bool": {"aws:SecureTransport": "false"}, "StringLike": {"aws:UserAgent": "x*"}}), "FAIL"),
        (deny(Condition={"NumericLessThan": {"s3:TlsVersion": 1.2}}), "PASS"),
        ({}, "FAIL"),
        (None, "UNKNOWN"),
    ],
)
def test_secure_transport_deny(statement, expected):
    account = [answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global")]
    if statement is not None:
        payload = {"Policy": policy(statement)} if statement else {}
        account.append(answer("s3.GetBucketPolicy", payload, "b", region="global"))
    assert verdicts("transit.secure-transport-deny", *account) == {"b": expected}


def test_a_table_that_only_its_own_account_reaches_counts_less():
    table = {"TableName": "t", "TableArn": arn("dynamodb", "table/t")}
    tags = answer(
        "dynamodb.ListTagsOfResource", {"Tags": [{"Key": "data-class", "Value": "restricted"}]}, table["TableArn"]
    )
    (found,) = judged(
        "transit.secure-transport-deny",
        answer("dynamodb.DescribeTable", {"Table": table}, "t"),
        answer("dynamodb.GetResourcePolicy", {}, table["TableArn"]),
        tags,
    )[:1]
    assert (found.verdict, str(found.severity)) == ("FAIL", "medium")
    assert "SDK" in found.weighed


@pytest.mark.parametrize(
    ("subscription", "expected"),
    [
        ({"Protocol": "http", "Endpoint": "http://x.example"}, "FAIL"),
        ({"Protocol": "https", "Endpoint": "https://x.example"}, "PASS"),
    ],
)
def test_sns_http(subscription, expected):
    topic = arn("sns", "t")
    item = {"SubscriptionArn": f"{topic}:1", "TopicArn": topic, "Owner": ACCOUNT} | subscription
    found = verdicts("transit.sns-http", answer("sns.ListSubscriptions", {"Subscriptions": [item]}))
    assert list(found.values()) == [expected]


def rest(**integration):
    method = {
        "httpMethod": "GET",
        "authorizationType": "NONE",
        "methodIntegration": {"type": "HTTP_PROXY"} | integration,
    }
    return [
        answer("apigateway.GetRestApis", {"items": [{"id": "r", "name": "shop"}]}),
        answer(
            "apigateway.GetResources", {"items": [{"id": "x", "path": "/", "resourceMethods": {"GET": method}}]}, "r"
        ),
        answer("apigateway.GetStages", {"item": [{"stageName": "live", "clientCertificateId": "c"}]}, "r"),
    ]


def http(protocol="HTTP", **integration):
    found = {"IntegrationId": "i", "IntegrationType": "HTTP_PROXY"} | integration
    return [
        answer("apigatewayv2.GetApis", {"Items": [{"ApiId": "h", "Name": "shop", "ProtocolType": protocol}]}),
        answer("apigatewayv2.GetIntegrations", {"Items": [found]}, "h"),
    ]


LINKED = {"ConnectionType": "VPC_LINK", "IntegrationUri": arn("elasticloadbalancing", "listener/app/a/1/2")}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (rest(uri="http://backend.example/"), "FAIL"),
        (rest(uri="https://backend.example/", tlsConfig={"insecureSkipVerification": True}), "FAIL"),
        (rest(uri="https://backend.example/"), "PASS"),
        (rest(uri="https://backend.example/")[:2], "WARN"),
        (rest(uri="https://${stageVariables.host}/"), "UNKNOWN"),
        (http(IntegrationUri="http://backend.example"), "FAIL"),
        (http(IntegrationUri="https://backend.example"), "PASS"),
        (http(**LINKED), "FAIL"),
        (http(**LINKED, TlsConfig={"ServerNameToVerify": "inside.example"}), "PASS"),
        # WebSocket APIs know no TlsConfig: the address tells
        (http("WEBSOCKET", ConnectionType="VPC_LINK", IntegrationUri="https://inside.example"), "PASS"),
        (http("WEBSOCKET", ConnectionType="VPC_LINK", IntegrationUri="http://inside.example"), "FAIL"),
        (http("WEBSOCKET", ConnectionType="VPC_LINK", IntegrationUri="https://${stageVariables.host}"), "UNKNOWN"),
    ],
)
def test_api_backend(account, expected):
    assert list(verdicts("transit.api-backend", *account).values()) == [expected]


def listener(protocol="HTTP", actions=(), policy="", rules=None):
    item = {"ListenerArn": arn("elasticloadbalancing", "listener/app/a/1/2"), "Port": 80, "Protocol": protocol}
    item |= {"DefaultActions": list(actions)} | ({"SslPolicy": policy} if policy else {})
    found = [answer("elbv2.DescribeListeners", {"Listeners": [item]}, "a")]
    if rules is not None:
        found.append(answer("elbv2.DescribeRules", {"Rules": list(rules)}, item["ListenerArn"]))
    return found


REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
FORWARD = {"Type": "forward", "TargetGroupArn": arn("elasticloadbalancing", "targetgroup/t/1")}
RULE = {"RuleArn": arn("elasticloadbalancing", "listener-rule/app/a/1/2/3"), "Priority": "1", "Actions": [FORWARD]}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (listener(actions=[REDIRECT], rules=[]), "PASS"),
        (listener(actions=[REDIRECT]), "UNKNOWN"),
        (listener(actions=[FORWARD]), "FAIL"),
        (listener(actions=[REDIRECT], rules=[RULE]), "FAIL"),
        (listener("HTTPS", [FORWARD], "ELBSecurityPolicy-TLS13-1-2-2021-06"), "PASS"),
        (listener("HTTPS", [FORWARD], "ELBSecurityPolicy-2016-08"), "FAIL"),
        (listener("TCP", [FORWARD]), "N/A"),
        (listener("http", [FORWARD]), "FAIL"),
        (listener("Https", [FORWARD], "ELBSecurityPolicy-2016-08"), "FAIL"),
        (listener("http", [REDIRECT | {"RedirectConfig": {"Protocol": "https"}}], rules=[]), "PASS"),
        (
            [
                answer(
                    "apigateway.GetDomainNames", {"items": [{"domainName": "d.example", "securityPolicy": "TLS_1_0"}]}
                )
            ],
            "FAIL",
        ),
        (
            [
                answer(
                    "apigateway.GetDomainNames", {"items": [{"domainName": "d.example", "securityPolicy": "TLS_1_2"}]}
                )
            ],
            "PASS",
        ),
        ([answer("apigateway.GetDomainNames", {"items": [{"domainName": "d.example"}]})], "UNKNOWN"),
    ],
)
def test_edge_tls(account, expected):
    assert list(verdicts("transit.edge-tls", *account).values()) == [expected]


def distribution(
    viewer="redirect-to-https", origin="https-only", least="TLSv1.2_2021", own=False, versions=("TLSv1.2",), more=()
):
    custom = {"OriginProtocolPolicy": origin} | ({"OriginSslProtocols": {"Items": [*versions]}} if versions else {})
    others = [{"PathPattern": path, "TargetOriginId": to, "ViewerProtocolPolicy": way} for path, to, way in more]
    item = {
        "Id": "E1",
        "ARN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1",
        "DomainName": "d1.cloudfront.net",
        "Enabled": True,
        "Origins": {
            "Items": [
                {"Id": "o", "DomainName": "o.example", "CustomOriginConfig": custom},
                {"Id": "v", "DomainName": "v.internal", "VpcOriginConfig": {"VpcOriginId": "vo_1"}},
            ]
        },
        "OriginGroups": {"Items": [{"Id": "g", "Members": {"Items": [{"OriginId": "o"}, {"OriginId": "v"}]}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": viewer},
        "CacheBehaviors": {"Quantity": len(others), "Items": others},
        "ViewerCertificate": {"CloudFrontDefaultCertificate": own, "MinimumProtocolVersion": least},
    }
    return answer("cloudfront.ListDistributions", {"DistributionList": {"Items": [item]}}, region="global")


@pytest.mark.parametrize(
    ("settings", "place", "expected"),
    [
        ({}, "behaviour *", "PASS"),
        ({"viewer": "allow-all"}, "behaviour *", "FAIL"),
        ({}, "origin o.example", "PASS"),
        ({"origin": "http-only"}, "origin o.example", "FAIL"),
        ({"origin": "match-viewer"}, "origin o.example", "PASS"),  # every viewer comes over HTTPS
        ({"origin": "match-viewer", "viewer": "allow-all"}, "origin o.example", "FAIL"),
        ({"origin": "match-viewer", "viewer": None}, "origin o.example", "UNKNOWN"),
        ({"origin": "match-viewer", "more": [("/a", "o", "allow-all")]}, "origin o.example", "FAIL"),
        ({"origin": "match-viewer", "more": [("/a", "g", "allow-all")]}, "origin o.example", "FAIL"),
        ({"origin": "match-viewer", "more": [("/a", "v", "allow-all")]}, "origin o.example", "PASS"),
        ({"versions": ("SSLv3", "TLSv1")}, "origin o.example", "FAIL"),
        ({"versions": ("TLSv1", "TLSv1.1", "TLSv1.2")}, "origin o.example", "WARN"),
        ({"versions": ()}, "origin o.example", "UNKNOWN"),
        ({"origin": "match-viewer", "versions": ("SSLv3",)}, "origin o.example", "FAIL"),
        ({}, "origin v.internal", "UNKNOWN"),
        ({}, "viewers", "PASS"),
        ({"least": "TLSv1.2_2018"}, "viewers", "WARN"),
        ({"least": "TLSv1.1_2016"}, "viewers", "FAIL"),
        ({"own": True, "least": "TLSv1"}, "viewers", "WARN"),
    ],
)
def test_edge_tls_of_distributions(settings, place, expected):
    found = {item.place: str(item.verdict) for item in judged("transit.edge-tls", distribution(**settings))}
    assert found[place] == expected


def database(value):
    instance = {
        "DBInstanceIdentifier": "d",
        "DBInstanceArn": arn("rds", "db:d"),
        "Engine": "mysql",
        "PubliclyAccessible": False,
    }
    instance |= {"DBParameterGroups": [{"DBParameterGroupName": "g", "ParameterApplyStatus": "in-sync"}]}
    found = [answer("rds.DescribeDBInstances", {"DBInstances": [instance]})]
    if value:
        parameter = {"ParameterName": "require_secure_transport", "ParameterValue": value}
        found.append(answer("rds.DescribeDBParameters", {"Parameters": [parameter]}, "g"))
    return found


def cache(**settings):
    group = {"ReplicationGroupId": "c", "ARN": arn("elasticache", "replicationgroup:c")} | settings
    return [answer("elasticache.DescribeReplicationGroups", {"ReplicationGroups": [group]})]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (database("ON"), "PASS"),
        (database("OFF"), "FAIL"),
        (database(""), "UNKNOWN"),
        (cache(TransitEncryptionEnabled=True, TransitEncryptionMode="required"), "PASS"),
        (cache(TransitEncryptionEnabled=True, TransitEncryptionMode="preferred"), "FAIL"),
        (cache(TransitEncryptionEnabled=False), "FAIL"),
        (
            [answer("mq.ListBrokers", {"BrokerSummaries": [{"BrokerId": "b", "BrokerArn": arn("mq", "broker:b:1")}]})],
            "PASS",
        ),
    ],
)
def test_db_tls(account, expected):
    assert list(verdicts("transit.db-tls", *account).values()) == [expected]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"URL": "http://api.example/v1"}, {"f URL": "FAIL"}),
        ({"URL": "https://api.example/v1"}, {"f": "PASS"}),
        ({"URL": "http://localhost:2772/config"}, {"f": "PASS"}),
        ({"NODE_TLS_REJECT_UNAUTHORIZED": "0"}, {"f NODE_TLS_REJECT_UNAUTHORIZED": "FAIL"}),
        ({"DSN": "postgres://u:p4ssw0rd@db.example/x?sslmode=disable"}, {"f DSN": "FAIL"}),
        ({"DSN": "postgres://u:p4ssw0rd@db.example/x?sslmode=verify-full"}, {"f": "PASS"}),
        ({}, {"f": "PASS"}),
    ],
)
def test_env_urls(variables, expected):
    account = functions(function(Environment={"Variables": variables}))
    assert verdicts("transit.env-urls", account) == expected
    assert "p4ssw0rd" not in str(judged("transit.env-urls", account))


# ------------------------------------------------------------------ hops, paths


def caller(url="https://api.example/v1", sensitivity="confidential"):
    """Return a function that reads a bucket and calls a third party."""
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{B}/*"}
    return [
        functions(function(Environment={"Variables": {"URL": url, "BUCKET": "b"}})),
        gaad(role("f", read)),
        NO_ORGANIZATION,
        answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global"),
        answer("s3.GetBucketTagging", {"TagSet": [{"Key": "data-class", "Value": sensitivity}]}, "b", region="global"),
        answer("s3.GetBucketPolicy", {"Policy": policy(deny())}, "b", region="global"),
        answer("s3.GetPublicAccessBlock", {"PublicAccessBlockConfiguration": {}}, "b", region="global"),
    ]


def test_hop_encryption_is_judged_hop_by_hop():
    found = verdicts("transit.hop-encryption", *caller("http://api.example/v1"))
    assert found["f f to api.example"] == "FAIL"
    assert found["b b to f"] == "PASS"
    assert verdicts("transit.hop-encryption", *caller())["f f to api.example"] == "PASS"


def test_what_a_hop_carries_gives_its_severity():
    worst = {
        sensitivity: str(judged("transit.hop-encryption", *caller("http://api.example/v1", sensitivity))[0].severity)
        for sensitivity in ("restricted", "confidential", "internal")
    }
    assert worst == {"restricted": "critical", "confidential": "high", "internal": "low"}


@pytest.mark.parametrize(
    ("sensitivity", "case", "expected"),
    [
        ("confidential", None, "FAIL"),
        ("internal", None, "WARN"),
        ("no-such-class", None, "WARN"),
        ("confidential", Case(third_parties={"api.example": "agreement of 2026"}), "PASS"),
    ],
)
def test_third_party_hop(sensitivity, case, expected):
    found = verdicts("transit.third-party-hop", *caller(sensitivity=sensitivity), case=case)
    assert found == {"f api.example": expected}


OTHERS = "arn:aws:iam::999988887777:root"
NAMED = "arn:aws:iam::999988887777:role/reader"


def lets(principal, condition=None, action="s3:GetObject"):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "arn:aws:s3:::b/*"}
    return statement | ({"Condition": condition} if condition else {})


def shared_bucket(statement, sensitivity="confidential"):
    return [
        gaad(role("f")),
        NO_ORGANIZATION,
        answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global"),
        answer("s3.GetBucketTagging", {"TagSet": [{"Key": "data-class", "Value": sensitivity}]}, "b", region="global"),
        answer("s3.GetBucketPolicy", {"Policy": policy(statement)}, "b", region="global"),
        answer("s3.GetPublicAccessBlock", {"PublicAccessBlockConfiguration": {}}, "b", region="global"),
    ]


@pytest.mark.parametrize(
    ("statement", "sensitivity", "expected"),
    [
        (lets({"AWS": OTHERS}), "confidential", {"b 999988887777": "FAIL"}),
        (lets({"AWS": NAMED}), "restricted", {"b reader": "FAIL"}),
        (lets({"AWS": OTHERS}), "internal", {"b 999988887777": "WARN"}),
        (lets({"AWS": OTHERS}), "no-such-class", {"b 999988887777": "WARN"}),
        (lets({"AWS": OTHERS}, {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), "restricted",
         {"b 999988887777": "UNKNOWN"}),
        (lets({"AWS": OTHERS}, action="s3:PutObject"), "restricted", {}),
        (lets({"Service": "cloudfront.amazonaws.com"}), "restricted", {"b cloudfront.amazonaws.com": "FAIL"}),
        (lets({"Service": "cloudfront.amazonaws.com"},
              {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}}), "restricted", {}),
        (lets({"CanonicalUser": "0" * 64}), "restricted", {f"b canonical user {'0' * 17}": "UNKNOWN"}),
        (lets({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), "restricted", {}),
    ],
)  # fmt: skip
def test_who_outside_may_fetch_what_a_store_keeps(statement, sensitivity, expected):
    found = verdicts("transit.third-party-hop", *shared_bucket(statement, sensitivity))
    assert {place[:20]: verdict for place, verdict in found.items()} == {k[:20]: v for k, v in expected.items()}


def test_another_account_that_the_case_trusts_or_the_organization_has_may_fetch():
    account = shared_bucket(lets({"AWS": OTHERS}))
    trusted = Case(accounts={"999988887777": "agreement of 2026"})
    assert verdicts("transit.third-party-hop", *account, case=trusted) == {}
    members = {"Accounts": [{"Id": "999988887777", "Arn": "arn:aws:organizations::1:account/o-1/999988887777"}]}
    listed = answer("organizations.ListAccounts", members, region="global")
    assert verdicts("transit.third-party-hop", *account, listed) == {}


def test_hop_count_tells_paths_of_sensitive_data():
    found = judged("transit.hop-count", *caller("http://api.example/v1", "restricted"))
    assert {item.check for item in found} == {"transit.hop-count"}
    assert any("api.example" in item.reason and "U = " in item.reason for item in found)
    assert all(str(item.severity) == "info" for item in found if item.severity is not None)


def test_hop_count_goes_by_the_weights_of_the_audit():
    inventory = feed(*caller("http://api.example/v1", "restricted"))
    graph, weights = connect(inventory), default_weights()
    halved = {name: getattr(weights.factors, name) / 2 for name in weights.factors.__struct_fields__}
    half = msgspec.structs.replace(weights, factors=FactorWeights(**halved))
    said = [
        {item.reason for item in judge(Scene(inventory, graph, weights=one), checks=["transit.hop-count"])}
        for one in (weights, half)
    ]
    assert said[0].isdisjoint(said[1])


def rule(*, shaped):
    target = {"Id": "1", "Arn": arn("events", "api-destination/crm/1")}
    if shaped:
        target["InputTransformer"] = {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": "{}"}
    item = {"Name": "out", "Arn": arn("events", "rule/out"), "State": "ENABLED", "EventBusName": "default"}
    destination = {
        "ApiDestinationArn": target["Arn"],
        "Name": "crm",
        "InvocationEndpoint": "https://crm.example/in",
        "ConnectionArn": arn("events", "connection/crm/1"),
        "HttpMethod": "POST",
    }
    return [
        answer("events.ListRules", {"Rules": [item | {"EventPattern": "{}"}]}, "default"),
        answer("events.ListTargetsByRule", {"Targets": [target]}, "default", "out"),
        answer("events.ListApiDestinations", {"ApiDestinations": [destination]}),
    ]


@pytest.mark.parametrize(("shaped", "expected"), [(False, "WARN"), (True, "PASS")])
def test_payload_minimisation(shaped, expected):
    assert verdicts("transit.payload-minimisation", *rule(shaped=shaped)) == {"out target 1": expected}


def network(*, endpoint=None, way="nat-1", denied=None):
    subnet = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": ACCOUNT}
    route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": way, "State": "active"}
    table = {
        "RouteTableId": "rtb-1",
        "VpcId": "vpc-1",
        "Associations": [{"Main": True}],
        "Routes": [route] if way else [],
    }
    found = [
        answer("ec2.DescribeSubnets", {"Subnets": [subnet]}),
        answer("ec2.DescribeRouteTables", {"RouteTables": [table]}),
    ]
    statements = [one for one in (endpoint, denied and denied | {"Effect": "Deny"}) if one]
    if endpoint is not None:
        gate = {
            "VpcEndpointId": "vpce-1",
            "VpcId": "vpc-1",
            "ServiceName": f"com.amazonaws.{REGION}.s3",
            "VpcEndpointType": "Gateway",
            "State": "available",
            "RouteTableIds": ["rtb-1"],
            "PolicyDocument": policy(*statements),
        }
        found.append(answer("ec2.DescribeVpcEndpoints", {"VpcEndpoints": [gate] if endpoint else []}))
    return found


ALL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
OTHERS = {"StringNotEquals": {"aws:ResourceAccount": ACCOUNT}}
OURS = ALL | {"Condition": {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}}


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        (network(endpoint={}), "WARN"),
        (network(endpoint=ALL), "WARN"),
        (network(endpoint=OURS), "PASS"),
        (network(endpoint=ALL | {"Action": "s3:*"}), "WARN"),
        (network(endpoint=ALL | {"Action": "s3:*", "Resource": "arn:aws:s3:::*"}), "WARN"),
        (network(endpoint=ALL | {"Resource": "arn:aws:s3:::b/*"}), "PASS"),
        (network(endpoint=ALL, denied=ALL | {"Action": "s3:DeleteBucket"}), "WARN"),
        (network(endpoint=ALL, denied=ALL | {"Condition": OTHERS}), "PASS"),
        (network(), "UNKNOWN"),
    ],
)
def test_network_path(networks, expected):
    account = caller()
    inside = function(
        Environment={"Variables": {"BUCKET": "b"}}, VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": []}
    )
    found = verdicts("transit.network-path", functions(inside), *account[1:], *networks)
    assert found == {"f s3": expected}


def test_a_function_in_no_vpc_is_not_judged():
    assert verdicts("transit.network-path", *caller()) == {"f": "N/A"}


def forgeable(*statements):
    queue = arn("sqs", "q")
    mapping = {"UUID": "u", "FunctionArn": F, "EventSourceArn": queue, "State": "Enabled"}
    return [
        functions(function(), function("g")),
        gaad(role("f"), role("g", *statements)),
        NO_ORGANIZATION,
        answer(
            "sqs.GetQueueAttributes", {"Attributes": {"QueueArn": queue, "VisibilityTimeout": "30"}}, "https://sqs/1/q"
        ),
        answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]}),
    ]


SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn("sqs", "q")}


def test_private_integrity():
    assert verdicts("transit.private-integrity", *forgeable()) == {"q": "PASS"}
    assert verdicts("transit.private-integrity", *forgeable(SEND)) == {"q": "WARN"}
    narrowed = SEND | {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    assert verdicts("transit.private-integrity", *forgeable(narrowed)) == {"q": "UNKNOWN"}
    unseen = [item for item in forgeable() if item.service != "iam"]
    assert verdicts("transit.private-integrity", *unseen) == {"q": "UNKNOWN"}


def test_private_integrity_fails_where_the_outside_reaches_the_forger():
    open_ = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "lambda:InvokeFunction",
        "Resource": arn("lambda", "function:g"),
    }
    account = [*forgeable(SEND), answer("lambda.GetPolicy", {"Policy": policy(open_)}, "g")]
    assert verdicts("transit.private-integrity", *account) == {"q": "FAIL"}
    admin = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    (found,) = [one for one in judged("transit.private-integrity", *forgeable(admin)) if one.kind]
    assert (str(found.verdict), found.reason) == (
        "PASS",
        "only what is seen to send to it may send to it, besides administrators (g)",
    )


def test_who_could_forge_is_told_though_a_template_shows_not_all_roles(tmp_path):
    text = """
    Resources:
      Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
      Role:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
          Policies:
            - PolicyName: own
              PolicyDocument: {Statement: [{Effect: Allow, Action: 'sqs:*', Resource: !GetAtt Jobs.Arn}]}
      Work:
        Type: AWS::Lambda::Function
        Properties: {Runtime: python3.13, Handler: a.b, Role: !GetAtt Role.Arn, Code: {ZipFile: x}}
      Mapping:
        Type: AWS::Lambda::EventSourceMapping
        Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Work}
      Other:
        Type: AWS::Lambda::Function
        Properties: {FunctionName: other, Runtime: python3.13, Handler: a.b, Role: !GetAtt Role.Arn, Code: {ZipFile: x}}
    """
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    found = ak.Audit(ak.read(tmp_path), date="2026-11-01").findings
    (queue,) = [one for one in found if one.check == "transit.private-integrity" and one.label == "jobs"]
    assert queue.verdict == "WARN"
    assert "other" in queue.reason
