import pytest

from auditkit.graph.edges import apis, cloudfront, loadbalancers
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Interval
from tests.exports.feeding import ACCOUNT, REGION, answer
from tests.graph.entering import data, graph_of, only, trust

DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
DEFAULT = f"route:{ACCOUNT}:global:E1/*"
API_PATH = f"route:{ACCOUNT}:global:E1//api/*"
BUCKET = "arn:aws:s3:::site"
SITE = {"Id": "site", "DomainName": "site.s3.eu-west-1.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
HTTPS = {"OriginProtocolPolicy": "https-only", "HTTPPort": 80, "HTTPSPort": 443}


def listed(*items):
    return {"Quantity": len(items), "Items": list(items)}


def distribution(*origins, behaviors=(), default=None, **fields):
    item = {
        "Id": "E1",
        "ARN": DISTRIBUTION,
        "DomainName": "d1.cloudfront.net",
        "Enabled": True,
        "Origins": listed(*(origins or [SITE])),
        "CacheBehaviors": listed(*behaviors),
        "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": "https-only", **(default or {})},
        **fields,
    }
    return answer("cloudfront.ListDistributions", {"DistributionList": listed(item)}, region="global")


def control(**fields):
    item = {"Id": "C1", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3", **fields}
    return answer("cloudfront.ListOriginAccessControls", {"OriginAccessControlList": listed(item)}, region="global")


def test_a_bucket_behind_a_distribution_is_read_by_viewers():
    graph = graph_of(cloudfront.connect, distribution({**SITE, "OriginAccessControlId": "C1"}), control())
    assert graph.nodes[DEFAULT]["entry"] is EntryKind.ANONYMOUS
    read = only(data(graph, BUCKET, DEFAULT))
    assert (read["kind"], read["factors"].authentication) == (EdgeKind.READS, Interval.exactly(0))
    assert [source.pointer for source in read["sources"]] == [
        "/DistributionList/Items/0/DefaultCacheBehavior",
        "/DistributionList/Items/0/Origins/Items/0",
    ]
    assert only(data(graph, DEFAULT, INTERNET))["kind"] is EdgeKind.RETURNS
    assert [edge["access"] for edge in trust(graph, DEFAULT, BUCKET)] == [AccessLevel.READ]
    assert only(trust(graph, DISTRIBUTION, DEFAULT))["kind"] is EdgeKind.CONTAINS


@pytest.mark.parametrize(
    ("origin", "extra", "level"),
    [
        (SITE, [], Interval.exactly(1)),
        (
            {**SITE, "S3OriginConfig": {"OriginAccessIdentity": "origin-access-identity/cloudfront/E9"}},
            [],
            Interval.exactly(0),
        ),
        ({**SITE, "OriginAccessControlId": "C1"}, [control(SigningBehavior="never")], Interval.exactly(1)),
        ({**SITE, "OriginAccessControlId": "C1"}, [control(SigningBehavior="no-override")], Interval(0, 1)),
        ({**SITE, "OriginAccessControlId": "C1"}, [], Interval(0, 1)),
    ],
)
def test_how_a_bucket_knows_the_distribution(origin, extra, level):
    graph = graph_of(cloudfront.connect, distribution(origin), *extra)
    assert only(data(graph, BUCKET, DEFAULT))["factors"].authentication == level


def test_methods_that_write_and_delete_reach_the_bucket():
    methods = listed("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
    graph = graph_of(cloudfront.connect, distribution(default={"AllowedMethods": methods}))
    assert {edge["access"] for edge in trust(graph, DEFAULT, BUCKET)} == {
        AccessLevel.READ,
        AccessLevel.WRITE,
        AccessLevel.DELETE,
    }
    assert only(data(graph, DEFAULT, BUCKET))["kind"] is EdgeKind.WRITES


@pytest.mark.parametrize(
    ("default", "fields", "level"),
    [
        ({"ViewerProtocolPolicy": "allow-all"}, {}, Interval.exactly(1)),
        ({"ViewerProtocolPolicy": "redirect-to-https"}, {}, Interval.exactly(0.25)),
        ({}, {"ViewerCertificate": {"MinimumProtocolVersion": "TLSv1.2_2021"}}, Interval.exactly(0)),
        ({}, {"ViewerCertificate": {"MinimumProtocolVersion": "TLSv1"}}, Interval.exactly(0.25)),
        ({}, {"ViewerCertificate": {"CloudFrontDefaultCertificate": True}}, Interval.exactly(0.25)),
        ({"ViewerProtocolPolicy": None}, {}, Interval(0, 1)),
    ],
)
def test_encryption_towards_viewers_is_judged_per_behaviour(default, fields, level):
    graph = graph_of(cloudfront.connect, distribution(default=default, **fields))
    assert only(data(graph, INTERNET, DEFAULT))["factors"].encryption == level


@pytest.mark.parametrize(
    ("default", "fields", "entry", "level"),
    [
        ({"TrustedKeyGroups": {"Enabled": True}}, {}, EntryKind.AUTHENTICATED, Interval.exactly(0.5)),
        ({"TrustedSigners": {"Enabled": False}}, {}, EntryKind.ANONYMOUS, Interval.exactly(1)),
        ({}, {"ViewerMtlsConfig": {"Mode": "required"}}, EntryKind.AUTHENTICATED, Interval.exactly(0)),
        ({}, {"ViewerMtlsConfig": {"Mode": "optional"}}, EntryKind.ANONYMOUS, Interval.exactly(1)),
        (
            {
                "FunctionAssociations": listed(
                    {"FunctionARN": "arn:aws:cloudfront::1:function/f", "EventType": "viewer-request"}
                )
            },
            {},
            EntryKind.ANONYMOUS,
            Interval(0, 1),
        ),
    ],
)
def test_what_is_asked_of_viewers_is_judged_per_behaviour(default, fields, entry, level):
    graph = graph_of(cloudfront.connect, distribution(default=default, **fields))
    assert graph.nodes[DEFAULT]["entry"] is entry
    assert only(data(graph, INTERNET, DEFAULT))["factors"].authentication == level


def test_a_distribution_that_is_switched_off_is_no_entry_and_still_drawn():
    graph = graph_of(cloudfront.connect, distribution(Enabled=False))
    assert graph.nodes[DEFAULT]["entry"] is None
    assert only(data(graph, BUCKET, DEFAULT))["enabled"] is False
    assert trust(graph, DEFAULT, BUCKET) == []


def test_functions_run_at_the_edge_in_the_version_that_is_associated():
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:headers"
    association = {"LambdaFunctionARN": f"{function}:7", "EventType": "origin-request"}
    graph = graph_of(cloudfront.connect, distribution(default={"LambdaFunctionAssociations": listed(association)}))
    hop = only(data(graph, DEFAULT, function))
    assert (hop["qualifier"], hop["label"], hop["factors"].hop) == ("7", "origin-request", "cloudfront->lambda-edge")
    assert only(trust(graph, DEFAULT, function))["kind"] is EdgeKind.INVOKES


def api_behavior(origin):
    behavior = {"PathPattern": "/api/*", "TargetOriginId": origin, "ViewerProtocolPolicy": "allow-all"}
    return {"behaviors": [behavior]}


def test_an_api_behind_a_distribution_is_reached_through_its_own_routes():
    origin = {
        "Id": "api",
        "DomainName": f"a1.execute-api.{REGION}.amazonaws.com",
        "OriginPath": "/prod",
        "CustomOriginConfig": HTTPS,
    }
    method = {"httpMethod": "POST", "authorizationType": "NONE", "methodIntegration": {"type": "MOCK"}}
    resources = {"items": [{"id": "r", "path": "/orders", "resourceMethods": {"POST": method}}]}

    def both(build):
        cloudfront.connect(build)
        apis.connect(build)

    graph = graph_of(
        both,
        distribution(SITE, origin, **api_behavior("api")),
        answer("apigateway.GetRestApis", {"items": [{"id": "a1", "name": "shop"}]}),
        answer("apigateway.GetResources", resources, "a1"),
    )
    api = f"arn:aws:apigateway:{REGION}::/restapis/a1"
    hop = only(data(graph, API_PATH, api))
    assert (hop["factors"].authentication, hop["factors"].third_party) == (Interval.exactly(0), Interval.exactly(0))
    assert data(graph, api, f"route:{ACCOUNT}:{REGION}:a1/POST /orders")


def test_a_function_url_behind_a_distribution_is_known_by_its_access_control():
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:page"
    url = {"FunctionUrl": f"https://abc123.lambda-url.{REGION}.on.aws/", "FunctionArn": function, "AuthType": "AWS_IAM"}
    origin = {"Id": "fn", "DomainName": f"abc123.lambda-url.{REGION}.on.aws", "CustomOriginConfig": HTTPS}
    known = answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [url]}, "page")
    for extra, level in (({}, 1), ({"OriginAccessControlId": "C1"}, 0)):
        graph = graph_of(
            cloudfront.connect,
            distribution(SITE, {**origin, **extra}, **api_behavior("fn")),
            control(OriginAccessControlOriginType="lambda"),
            known,
        )
        hop = only(data(graph, API_PATH, f"url:{function}"))
        assert (hop["factors"].hop, hop["factors"].authentication) == (
            "cloudfront->lambda-url",
            Interval.exactly(level),
        )


def test_a_load_balancer_behind_a_distribution_is_found_by_its_name():
    arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/shop/1"
    balancer = {"LoadBalancerArn": arn, "DNSName": "Shop-1.eu-west-1.elb.amazonaws.com", "Scheme": "internet-facing"}
    origin = {
        "Id": "lb",
        "DomainName": "shop-1.eu-west-1.elb.amazonaws.com",
        "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"},
    }

    def both(build):
        cloudfront.connect(build)
        loadbalancers.connect(build)

    known = answer("elbv2.DescribeLoadBalancers", {"LoadBalancers": [balancer]})
    graph = graph_of(both, distribution(SITE, origin, **api_behavior("lb")), known)
    assert only(data(graph, API_PATH, arn))["factors"].encryption == Interval.exactly(1)


@pytest.mark.parametrize(
    ("policy", "viewer", "level"),
    [
        ("https-only", "allow-all", 0),
        ("http-only", "https-only", 1),
        ("match-viewer", "allow-all", 1),
        ("match-viewer", "https-only", 0),
        ("match-viewer", "redirect-to-https", 0),
    ],
)
def test_a_foreign_origin_is_judged_by_protocol_and_viewer(policy, viewer, level):
    origin = {
        "Id": "shop",
        "DomainName": "shop.partner.example",
        "CustomOriginConfig": {"OriginProtocolPolicy": policy},
        "CustomHeaders": listed({"HeaderName": "X-Key", "HeaderValue": "hunter2"}),
    }
    graph = graph_of(
        cloudfront.connect, distribution(origin, default={"TargetOriginId": "shop", "ViewerProtocolPolicy": viewer})
    )
    hop = only(data(graph, DEFAULT, "thirdparty:shop.partner.example"))
    assert (hop["factors"].encryption, hop["kind"]) == (Interval.exactly(level), EdgeKind.CALLS)
    assert hop["factors"].authentication == Interval(0.5, 1)
    assert hop["factors"].third_party == Interval.exactly(1)


def test_origins_of_a_group_stand_in_for_one_another():
    spare = {**SITE, "Id": "spare", "DomainName": "spare.s3.eu-west-1.amazonaws.com"}
    group = {"Id": "both", "Members": listed({"OriginId": "site"}, {"OriginId": "spare"})}
    graph = graph_of(
        cloudfront.connect, distribution(SITE, spare, OriginGroups=listed(group), default={"TargetOriginId": "both"})
    )
    assert data(graph, BUCKET, DEFAULT)
    assert data(graph, "arn:aws:s3:::spare", DEFAULT)


def test_an_origin_that_is_not_there_is_no_crash():
    graph = graph_of(cloudfront.connect, distribution(default={"TargetOriginId": "gone"}))
    assert graph.nodes[DEFAULT]["entry"] is EntryKind.ANONYMOUS
    assert list(graph.successors(DEFAULT)) == []
