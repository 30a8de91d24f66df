import json

import pytest

from auditkit.graph.edges.loadbalancers import connect
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Interval
from auditkit.inventory import Kind
from tests.exports.feeding import ACCOUNT, REGION, answer
from tests.graph.entering import data, graph_of, only, trust

PREFIX = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
BALANCER = f"{PREFIX}:loadbalancer/app/shop/1"
LISTENER = f"{PREFIX}:listener/app/shop/1/2"
RULE = f"{PREFIX}:listener-rule/app/shop/1/2/3"
GROUP = f"{PREFIX}:targetgroup/orders/1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
FORWARD = {"Type": "forward", "TargetGroupArn": GROUP}
REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}


def balancer(**fields):
    item = {
        "LoadBalancerArn": BALANCER,
        "LoadBalancerName": "shop",
        "Scheme": "internet-facing",
        "Type": "application",
        "DNSName": "shop-1.eu-west-1.elb.amazonaws.com",
        "VpcId": "vpc-1",
        **fields,
    }
    return answer("elbv2.DescribeLoadBalancers", {"LoadBalancers": [item]})


def listener(*actions, **fields):
    item = {
        "ListenerArn": LISTENER,
        "LoadBalancerArn": BALANCER,
        "Port": 443,
        "Protocol": "HTTPS",
        "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "DefaultActions": list(actions) or [FORWARD],
        **fields,
    }
    return answer("elbv2.DescribeListeners", {"Listeners": [item]}, BALANCER)


def rule(*actions, **fields):
    item = {"RuleArn": RULE, "Priority": "10", "Actions": list(actions) or [FORWARD], **fields}
    return answer("elbv2.DescribeRules", {"Rules": [item]}, LISTENER)


def group(*targets, **fields):
    item = {"TargetGroupArn": GROUP, "TargetGroupName": "orders", "TargetType": "lambda", **fields}
    found = [answer("elbv2.DescribeTargetGroups", {"TargetGroups": [item]})]
    health = [{"Target": {"Id": target}} for target in targets]
    return [*found, answer("elbv2.DescribeTargetHealth", {"TargetHealthDescriptions": health}, GROUP)]


def security_group(*ranges, port=443, lists=()):
    permission = {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": cidr} for cidr in ranges],
        "PrefixListIds": [{"PrefixListId": name} for name in lists],
    }
    return answer(
        "ec2.DescribeSecurityGroups", {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [permission]}]}
    )


CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"


def prefix_list(*ranges, of="111122223333", name="ours"):
    item = {"PrefixListId": "pl-1", "PrefixListName": name, "OwnerId": of}
    entries = [{"Cidr": cidr} for cidr in ranges]
    found = [answer("ec2.DescribeManagedPrefixLists", {"PrefixLists": [item]})]
    return [*found, *([answer("ec2.GetManagedPrefixListEntries", {"Entries": entries}, "pl-1")] if ranges else [])]


DEFAULT = f"{LISTENER}/default"


def test_a_listener_leads_by_its_default_action_to_the_function():
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "elasticloadbalancing.amazonaws.com"},
        "Resource": FUNCTION,
        "Action": "lambda:InvokeFunction",
        "Condition": {"ArnLike": {"aws:SourceArn": GROUP}},
    }
    graph = graph_of(
        connect,
        balancer(),
        listener(),
        *group(FUNCTION),
        answer("lambda.ListFunctions", {"Functions": [{"FunctionName": "orders", "FunctionArn": FUNCTION}]}),
        answer("lambda.GetPolicy", {"Policy": json.dumps({"Statement": [statement]})}, "orders"),
    )
    assert graph.nodes[DEFAULT]["entry"] is EntryKind.ANONYMOUS
    assert (graph.nodes[DEFAULT]["kind"], graph.nodes[DEFAULT]["label"]) == (Kind.ROUTE, "shop HTTPS:443 *")
    way = only(data(graph, INTERNET, DEFAULT))
    assert (way["factors"].authentication, way["factors"].encryption) == (Interval.exactly(1), Interval.exactly(0))
    assert data(graph, DEFAULT, GROUP)
    assert only(data(graph, GROUP, FUNCTION))["factors"].authentication == Interval.exactly(0)
    assert only(trust(graph, GROUP, FUNCTION))["kind"] is EdgeKind.INVOKES
    assert only(trust(graph, BALANCER, LISTENER))["kind"] is EdgeKind.CONTAINS
    assert graph.nodes[BALANCER]["boundary"].kind == "VPC"


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"Protocol": "HTTP", "Port": 80, "SslPolicy": None}, Interval.exactly(1)),
        ({"Protocol": "http", "Port": 80, "SslPolicy": None}, Interval.exactly(1)),
        ({"Protocol": "https", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}, Interval.exactly(0)),
        ({"SslPolicy": "ELBSecurityPolicy-2016-08"}, Interval.exactly(0.25)),
        ({"SslPolicy": "ELBSecurityPolicy-TLS13-1-1-2021-06"}, Interval.exactly(0.25)),
        ({"SslPolicy": "ELBSecurityPolicy-TLS-1-2-2017-01"}, Interval.exactly(0)),
        ({"SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}, Interval.exactly(0)),
        ({"SslPolicy": "custom"}, Interval(0, 0.25)),
        ({"Protocol": None}, Interval(0, 1)),
    ],
)
def test_encryption_is_judged_by_protocol_and_policy(fields, level):
    graph = graph_of(connect, balancer(), listener(**fields), *group(FUNCTION))
    assert only(data(graph, INTERNET, DEFAULT))["factors"].encryption == level


@pytest.mark.parametrize("protocol", ["HTTPS", "https"])
def test_a_redirect_to_https_gets_one_request_in_clear_and_is_no_entry(protocol):
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": protocol, "StatusCode": "HTTP_301"}}
    graph = graph_of(connect, balancer(), listener(redirect, Protocol="HTTP", Port=80))
    assert graph.nodes[DEFAULT]["entry"] is None
    assert only(data(graph, INTERNET, DEFAULT))["factors"].encryption == Interval.exactly(0.25)
    assert list(graph.successors(DEFAULT)) == []


def test_a_rule_that_forwards_counts_beside_a_default_that_redirects():
    item = {"RuleArn": f"{RULE}d", "Priority": "default", "IsDefault": True, "Actions": [REDIRECT]}
    rules = answer("elbv2.DescribeRules", {"Rules": [item]}, LISTENER, file="default")
    graph = graph_of(connect, balancer(), listener(REDIRECT, Protocol="HTTP", Port=80), rule(), rules, *group(FUNCTION))
    assert graph.nodes[RULE]["entry"] is EntryKind.ANONYMOUS
    assert graph.nodes[f"{RULE}d"]["entry"] is None
    assert only(data(graph, INTERNET, RULE))["factors"].encryption == Interval.exactly(1)
    assert DEFAULT not in graph


def test_an_internal_load_balancer_is_no_entry_and_leads_on_all_the_same():
    graph = graph_of(connect, balancer(Scheme="internal"), listener(), *group(FUNCTION))
    assert graph.nodes[DEFAULT]["entry"] is None
    assert INTERNET not in graph
    assert data(graph, LISTENER, DEFAULT)
    assert data(graph, DEFAULT, GROUP)


@pytest.mark.parametrize(
    ("actions", "fields", "entry", "level"),
    [
        (
            [{"Type": "authenticate-oidc", "AuthenticateOidcConfig": {"OnUnauthenticatedRequest": "authenticate"}}],
            {},
            EntryKind.AUTHENTICATED,
            Interval.exactly(0),
        ),
        (
            [{"Type": "authenticate-cognito", "AuthenticateCognitoConfig": {"OnUnauthenticatedRequest": "allow"}}],
            {},
            EntryKind.ANONYMOUS,
            Interval.exactly(1),
        ),
        ([{"Type": "jwt-validation"}], {}, EntryKind.AUTHENTICATED, Interval.exactly(0)),
        ([], {"MutualAuthentication": {"Mode": "verify"}}, EntryKind.AUTHENTICATED, Interval.exactly(0)),
        ([], {"MutualAuthentication": {"Mode": "passthrough"}}, EntryKind.ANONYMOUS, Interval.exactly(1)),
    ],
)
def test_signing_in_is_judged_per_rule(actions, fields, entry, level):
    graph = graph_of(connect, balancer(), listener(*actions, FORWARD, **fields), *group(FUNCTION))
    assert graph.nodes[DEFAULT]["entry"] is entry
    assert only(data(graph, INTERNET, DEFAULT))["factors"].authentication == level


def test_a_header_that_must_have_a_value_may_be_a_shared_secret():
    header = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Origin", "Values": ["hunter2"]}}
    path = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/orders/*"]}}
    method = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}}
    graph = graph_of(connect, balancer(), listener(REDIRECT), rule(Conditions=[header, path, method]), *group(FUNCTION))
    way = only(data(graph, INTERNET, RULE))
    assert (way["factors"].authentication, way["label"]) == (Interval(0.5, 1), "POST /orders/*")


@pytest.mark.parametrize(
    ("responses", "conditions", "unknown"),
    [
        ([security_group("0.0.0.0/0")], (), ""),
        ([security_group("10.0.0.0/8")], ("security group",), ""),
        ([security_group("0.0.0.0/0", port=22)], ("security group",), ""),
        ([security_group("0.0.0.0/1", "128.0.0.0/1")], (), ""),
        ([], (), "security groups of the load balancer"),
        ([security_group(lists=["pl-1"])], (), "ec2:DescribeManagedPrefixLists (pl-1)"),
        ([security_group(lists=["pl-1"]), *prefix_list()], (), "ec2:GetManagedPrefixListEntries of pl-1"),
        ([security_group(lists=["pl-1"]), *prefix_list("203.0.113.0/24")], ("security group",), ""),
        ([security_group(lists=["pl-1"]), *prefix_list("203.0.113.0/24", "0.0.0.0/0")], (), ""),
        ([security_group(lists=["pl-1"], port=22), *prefix_list("0.0.0.0/0")], ("security group",), ""),
        ([security_group(lists=["pl-1"]), *prefix_list(of="AWS")], ("security group",), ""),
        ([security_group(lists=["pl-1"]), *prefix_list(of="AWS", name=CLOUDFRONT)], (), ""),
    ],
)
def test_security_groups_decide_who_gets_to_a_listener(responses, conditions, unknown):
    graph = graph_of(connect, balancer(SecurityGroups=["sg-1"]), listener(), *group(FUNCTION), *responses)
    way = only(data(graph, INTERNET, DEFAULT))
    assert (way["conditions"], way["unknown"]) == (conditions, unknown)
    assert only(trust(graph, DEFAULT, GROUP))["cost"] == (4 if conditions or unknown else 0)


def test_whoever_makes_a_distribution_gets_past_a_group_that_lets_in_cloudfront():
    wall = security_group("10.0.0.0/8", lists=["pl-1"])
    seen = [listener(), *group(FUNCTION), wall, *prefix_list(of="AWS", name=CLOUDFRONT)]
    graph = graph_of(connect, balancer(SecurityGroups=["sg-1", "sg-2"]), *seen)
    way = only(data(graph, INTERNET, DEFAULT))
    assert "whoever makes a distribution" in way["factors"].reasons["authentication"]
    assert (way["conditions"], way["unknown"]) == ((), "")


def test_addresses_of_callers_are_a_condition():
    limited = {"Field": "source-ip", "SourceIpConfig": {"Values": ["203.0.113.0/24"]}}
    graph = graph_of(connect, balancer(), listener(REDIRECT), rule(Conditions=[limited]), *group(FUNCTION))
    assert only(trust(graph, RULE, GROUP))["conditions"] == ("source-ip",)


@pytest.mark.parametrize(
    ("target", "end"),
    [
        ("i-0123456789abcdef0", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0"),
        ("10.0.0.7", "host:10.0.0.7"),
        ("8.8.8.8", "thirdparty:8.8.8.8"),
    ],
)
def test_instances_and_addresses_are_reached_as_the_group_speaks(target, end):
    for protocol, level in (("HTTP", 1), ("HTTPS", 0), ("http", 1), ("https", 0)):
        graph = graph_of(connect, balancer(), listener(), *group(target, Protocol=protocol, TargetType="ip"))
        assert list(graph.successors(GROUP)) == [end]
        assert only(data(graph, GROUP, end))["factors"].encryption == Interval.exactly(level)


def test_targets_that_were_not_exported_are_not_invented():
    graph = graph_of(connect, balancer(), listener(), group()[0])
    assert graph.nodes[DEFAULT]["entry"] is EntryKind.ANONYMOUS
    assert list(graph.successors(GROUP)) == []


def test_a_network_load_balancer_leads_to_an_application_load_balancer():
    graph = graph_of(
        connect,
        balancer(),
        listener(Protocol="TCP", SslPolicy=None),
        *group(BALANCER, TargetType="alb", Protocol="TCP"),
    )
    assert data(graph, GROUP, BALANCER)


def test_a_listener_whose_load_balancer_was_not_exported_may_be_an_entry():
    graph = graph_of(connect, listener(), *group(FUNCTION))
    assert graph.nodes[DEFAULT]["entry"] is EntryKind.ANONYMOUS
    assert only(data(graph, INTERNET, DEFAULT))["unknown"] == "the load balancer"
    assert only(trust(graph, DEFAULT, GROUP))["cost"] == 4
