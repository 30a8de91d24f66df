"""What holds of a part is not said of the whole: qualifiers, paths of a file system, rules for some requests."""

import json

import pytest

from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, gaad, role, verdicts

F = arn("lambda", "function:f")
TOPIC = arn("sns", "t")
DEAD = arn("sqs", "dead")
ACL = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/edge/1"


# ------------------------------------------------------ failures, by qualifier


def subscribed(endpoint, latest=None, **settings):
    """Return a function with a version 1 of some settings, an alias that leads to it, and a topic that calls one."""
    latest = latest or function()
    version = function(Version="1", FunctionArn=f"{F}:1", **settings)
    item = {"SubscriptionArn": f"{TOPIC}:s", "TopicArn": TOPIC, "Protocol": "lambda", "Endpoint": endpoint}
    alias = {"AliasArn": f"{F}:live", "Name": "live", "FunctionVersion": "1"}
    return [
        functions(latest),
        answer("lambda.ListVersionsByFunction", {"Versions": [latest, version]}, "f"),
        answer("lambda.ListAliases", {"Aliases": [alias]}, "f"),
        answer("sns.GetTopicAttributes", {"Attributes": {"TopicArn": TOPIC}}, TOPIC),
        answer("sns.ListSubscriptions", {"Subscriptions": [item]}),
    ]


def failures_of(*qualifiers):
    to = {"DestinationConfig": {"OnFailure": {"Destination": DEAD}}}
    configs = [{"FunctionArn": f"{F}:{qualifier}"} | to for qualifier in qualifiers]
    return answer("lambda.ListFunctionEventInvokeConfigs", {"FunctionEventInvokeConfigs": configs}, "f")


LETTERS = {"DeadLetterConfig": {"TargetArn": DEAD}}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([*subscribed(F), failures_of("$LATEST")], {"f": "PASS"}),
        ([*subscribed(F), failures_of("live")], {"f": "WARN"}),
        ([*subscribed(f"{F}:live"), failures_of("$LATEST")], {"f alias live": "WARN"}),
        ([*subscribed(f"{F}:live"), failures_of("1")], {"f alias live": "WARN"}),
        ([*subscribed(f"{F}:live"), failures_of("live")], {"f alias live": "PASS"}),
        ([*subscribed(f"{F}:1"), failures_of("live")], {"f version 1": "WARN"}),
        ([*subscribed(f"{F}:1"), failures_of("1")], {"f version 1": "PASS"}),
        ([*subscribed(f"{F}:live", function(**LETTERS)), failures_of()], {"f alias live": "WARN"}),
        ([*subscribed(f"{F}:live", **LETTERS), failures_of()], {"f alias live": "PASS"}),
        (
            [*(one for one in subscribed(f"{F}:live") if one.operation != "ListVersionsByFunction"), failures_of()],
            {"f alias live": "UNKNOWN"},
        ),
    ],
)
def test_failures_of_what_a_trigger_addresses_have_an_end(account, expected):
    assert verdicts("dos.poison-message", *account) == expected


# ------------------------------------------------------ paths of a file system


def mounted(*roots):
    """Return functions that mount a file system with a policy, each by an access point of its own."""
    names = [f"f{number}" for number in range(len(roots))]
    points = [
        {
            "AccessPointId": f"fsap-{name}",
            "AccessPointArn": arn("elasticfilesystem", f"access-point/fsap-{name}"),
            "FileSystemId": "fs-1",
        }
        | ({"RootDirectory": {"Path": root}} if root else {})
        for name, root in zip(names, roots, strict=True)
    ]
    found = [
        function(name, FileSystemConfigs=[{"Arn": point["AccessPointArn"], "LocalMountPath": "/mnt"}])
        for name, point in zip(names, points, strict=True)
    ]
    system = {"FileSystemId": "fs-1", "FileSystemArn": arn("elasticfilesystem", "file-system/fs-1")}
    open_ = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"}
    named = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "elasticfilesystem:ClientMount"}
    policy = {"Version": "2012-10-17", "Statement": [named]}
    return [
        functions(*found),
        answer("lambda.GetPolicy", {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [open_]})}, "f0"),
        answer("efs.DescribeFileSystems", {"FileSystems": [system]}),
        answer("efs.DescribeAccessPoints", {"AccessPoints": points}),
        answer("efs.DescribeFileSystemPolicy", {"Policy": json.dumps(policy)}, "fs-1"),
    ]


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        (("/a", "/b"), "PASS"),
        (("/a", "/a"), "FAIL"),
        (("/a", "/a/b"), "FAIL"),
        (("/a", "/ab"), "PASS"),
        (("/a/", "/a"), "FAIL"),
        ((None, "/a"), "FAIL"),
    ],
)
def test_access_points_of_their_own_keep_functions_apart_only_by_their_paths(roots, expected):
    assert verdicts("long.efs-persistence", *mounted(*roots)) == {"fs-1": expected}


# ------------------------------------------ rules that look at some requests


def stage():
    integration = {
        "type": "AWS_PROXY",
        "uri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{F}/invocations",
    }
    method = {"httpMethod": "GET", "authorizationType": "NONE", "methodIntegration": integration}
    return [
        functions(function()),
        answer("apigateway.GetRestApis", {"items": [{"id": "r", "name": "shop"}]}),
        answer(
            "apigateway.GetResources", {"items": [{"id": "x", "path": "/a", "resourceMethods": {"GET": method}}]}, "r"
        ),
        answer("apigateway.GetStages", {"item": [{"stageName": "live", "deploymentId": "d", "webAclArn": ACL}]}, "r"),
    ]


def web_acl(statement, **action):
    rules = [{"Name": "one", "Statement": statement} | action]
    return answer("wafv2.GetWebACL", {"WebACL": {"ARN": ACL, "Name": "edge", "Rules": rules}}, ACL)


LOGIN = {"ByteMatchStatement": {"SearchString": "L2xvZ2lu", "FieldToMatch": {"UriPath": {}}}}
NARROWED = {"ScopeDownStatement": LOGIN}
GROUP = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}


@pytest.mark.parametrize(
    ("check", "acl", "expected"),
    [
        ("dos.waf-ratelimit", web_acl({"RateBasedStatement": {"Limit": 100}}, Action={"Block": {}}), "PASS"),
        ("dos.waf-ratelimit", web_acl({"RateBasedStatement": {"Limit": 100} | NARROWED}, Action={"Block": {}}), "WARN"),
        (
            "appvuln.waf-managed-rules",
            web_acl({"ManagedRuleGroupStatement": GROUP}, OverrideAction={"None": {}}),
            "PASS",
        ),
        (
            "appvuln.waf-managed-rules",
            web_acl({"ManagedRuleGroupStatement": GROUP | NARROWED}, OverrideAction={"None": {}}),
            "WARN",
        ),
    ],
)
def test_a_rule_that_looks_at_some_requests_does_not_guard_all(check, acl, expected):
    assert verdicts(check, *stage(), acl) == {"shop stage live": expected}


# -------------------------------------------------------------- what was not seen


def test_whether_an_api_has_users_is_not_known_without_its_routes():
    api = {"ApiId": "h", "Name": "shop", "ProtocolType": "HTTP", "CorsConfiguration": {"AllowOrigins": ["*"]}}
    account = [answer("apigatewayv2.GetApis", {"Items": [api]})]
    assert verdicts("appvuln.cors", *account) == {"shop": "UNKNOWN"}
    none = answer("apigatewayv2.GetRoutes", {"Items": []}, "h")
    assert verdicts("appvuln.cors", *account, none) == {"shop": "PASS"}


def test_whether_a_function_has_several_tenants_is_not_known_without_its_tags():
    opened = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": F}
    account = [
        functions(function()),
        answer("lambda.GetPolicy", {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [opened]})}, "f"),
        answer("lambda.ListProvisionedConcurrencyConfigs", {}, "f"),
        gaad(role()),
    ]
    assert verdicts("long.warm-state", *account) == {"f": "UNKNOWN"}
    tagged = answer("lambda.GetFunction", {"Configuration": function(), "Tags": {"team": "a"}}, "f")
    assert verdicts("long.warm-state", *account, tagged) == {"f": "PASS"}
    apart = functions(function(TenancyConfig={"TenantIsolationMode": "PER_TENANT"}))
    assert verdicts("long.warm-state", apart, *account[1:]) == {"f": "PASS"}


# ------------------------------------------------------------ integrations of HTTP APIs


@pytest.mark.parametrize(
    ("timeout", "waits", "expected"), [(900, None, "WARN"), (30, None, "PASS"), (20, 5000, "WARN"), (5, 5000, "PASS")]
)
def test_a_function_behind_an_http_api_is_not_paid_for_after_the_caller_has_gone(timeout, waits, expected):
    integration = {"IntegrationId": "i", "IntegrationType": "AWS_PROXY", "IntegrationUri": F}
    integration |= {"TimeoutInMillis": waits} if waits else {}
    account = [
        functions(function(Timeout=timeout)),
        answer("apigatewayv2.GetApis", {"Items": [{"ApiId": "h", "Name": "shop", "ProtocolType": "HTTP"}]}),
        answer(
            "apigatewayv2.GetRoutes",
            {"Items": [{"RouteId": "1", "RouteKey": "GET /a", "Target": "integrations/i"}]},
            "h",
        ),
        answer("apigatewayv2.GetIntegrations", {"Items": [integration]}, "h"),
    ]
    assert list(verdicts("dos.timeout-vs-visibility", *account).values()) == [expected]
