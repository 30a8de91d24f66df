"""Denial of service: failing, passing and unknown cases of each check."""

import json

import pytest

from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, gaad, judged, role, verdicts

F = arn("lambda", "function:f")
QUEUE = arn("sqs", "q")
ACL = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/edge/1"


def concurrency(reserved, name="f"):
    return answer(
        "lambda.GetFunctionConcurrency", {} if reserved is None else {"ReservedConcurrentExecutions": reserved}, name
    )


def opened(name="f"):
    open_ = {"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]}
    policy = {"Version": "2012-10-17", "Statement": [open_ | {"Resource": arn("lambda", f"function:{name}")}]}
    url = {"FunctionUrl": "https://x/", "FunctionArn": arn("lambda", f"function:{name}"), "AuthType": "NONE"}
    return [
        answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [url]}, name),
        answer("lambda.GetPolicy", {"Policy": json.dumps(policy)}, name),
    ]


def critical(reserved=None):
    config = {"Configuration": function("g"), "Tags": {"criticality": "critical"}}
    return [functions(function(), function("g")), answer("lambda.GetFunction", config, "g"), concurrency(reserved, "g")]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([*critical(), *opened(), concurrency(None)], "FAIL"),
        ([*critical(), *opened(), concurrency(20)], "PASS"),
        ([*critical(10), *opened(), concurrency(None)], "PASS"),
        ([*critical(), *opened()], "UNKNOWN"),
        ([functions(function(), function("g")), *opened(), concurrency(None)], "UNKNOWN"),
        ([*critical(), concurrency(None)], "UNKNOWN"),
        ([*critical(), concurrency(None), gaad()], "N/A"),
    ],
)
def test_account_headroom(account, expected):
    assert verdicts("dos.account-headroom", *account)["f"] == expected


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([concurrency(0), *opened()], "WARN"),
        ([concurrency(0)], "PASS"),
        ([concurrency(None), *opened()], "PASS"),
        (opened(), "UNKNOWN"),
    ],
)
def test_reserved_zero(account, expected):
    assert verdicts("dos.reserved-zero", functions(function()), *account) == {"f": expected}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([*opened(), concurrency(None)], "FAIL"),
        ([*opened(), concurrency(5)], "PASS"),
        (opened(), "UNKNOWN"),
        ([opened()[0], answer("lambda.GetPolicy", {}, "f"), concurrency(None)], "PASS"),
        ([opened()[0], concurrency(None)], "UNKNOWN"),  # whom the policy lets in was not seen
        ([opened()[0], concurrency(5)], "PASS"),
    ],
)
def test_url_uncapped(account, expected):
    assert verdicts("dos.url-uncapped", functions(function()), *account) == {"f": expected}


def carrying(**mapping):
    item = {"UUID": "u", "FunctionArn": F, "EventSourceArn": QUEUE, "State": "Enabled"} | mapping
    database = {"DBInstanceIdentifier": "d", "DBInstanceArn": arn("rds", "db:d"), "Engine": "mysql"}
    database |= {"Endpoint": {"Address": "d.rds.amazonaws.com", "Port": 3306}}
    return [
        functions(function(Environment={"Variables": {"DB_HOST": "d.rds.amazonaws.com"}})),
        answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [item]}),
        answer("rds.DescribeDBInstances", {"DBInstances": [database]}),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([*carrying(), concurrency(None)], {"f u": "FAIL"}),
        ([*carrying(), concurrency(5)], {"f u": "PASS"}),
        (carrying(ScalingConfig={"MaximumConcurrency": 5}), {"f u": "PASS"}),
        (carrying(), {"f u": "UNKNOWN"}),
        ([*carrying(State="Disabled"), concurrency(None), gaad()], {"f": "N/A"}),
        ([*carrying(ProvisionedPollerConfig={"MaximumPollers": 5}), concurrency(None)], {"f u": "PASS"}),
        ([*carrying(ProvisionedPollerConfig={"MinimumPollers": 5}), concurrency(None)], {"f u": "FAIL"}),
        ([functions(function()), *carrying()[1:]], {"f": "UNKNOWN"}),
        ([functions(function()), *carrying()[1:], gaad()], {"f": "N/A"}),
    ],
)
def test_esm_cap(account, expected):
    assert verdicts("dos.esm-cap", *account) == expected


def rest(settings=None, *, authorization="NONE", acl="", timeout=None, key=False):
    integration = {
        "type": "AWS_PROXY",
        "uri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{F}/invocations",
    }
    integration |= {"timeoutInMillis": timeout} if timeout else {}
    method = {"httpMethod": "GET", "authorizationType": authorization, "methodIntegration": integration}
    method |= {"apiKeyRequired": key}
    stage = {"stageName": "live", "deploymentId": "d", "methodSettings": settings or {}} | (
        {"webAclArn": acl} if acl else {}
    )
    return [
        answer("apigateway.GetRestApis", {"items": [{"id": "r", "name": "shop"}]}),
        answer(
            "apigateway.GetResources", {"items": [{"id": "x", "path": "/a", "resourceMethods": {"GET": method}}]}, "r"
        ),
        answer("apigateway.GetStages", {"item": [stage]}, "r"),
    ]


def http(**stage):
    return [
        answer("apigatewayv2.GetApis", {"Items": [{"ApiId": "h", "Name": "shop", "ProtocolType": "HTTP"}]}),
        answer(
            "apigatewayv2.GetRoutes",
            {"Items": [{"RouteId": "1", "RouteKey": "GET /a", "AuthorizationType": "NONE"}]},
            "h",
        ),
        answer("apigatewayv2.GetStages", {"Items": [{"StageName": "$default"} | stage]}, "h"),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (rest(), "FAIL"),
        (rest({"*/*": {"throttlingRateLimit": 50.0}}), "PASS"),
        (rest({"*/*": {"throttlingRateLimit": 10000.0}}), "FAIL"),  # the account's own limit
        (rest({"a/GET": {"throttlingRateLimit": 50.0}}), "PASS"),
        (rest({"*/*": {"throttlingRateLimit": 50.0}, "a/GET": {"throttlingRateLimit": -1}}), "FAIL"),
        (rest({"*/*": {"throttlingRateLimit": 50.0}, "a/GET": {"dataTraceEnabled": False}}), "PASS"),
        (rest(authorization="AWS_IAM"), "WARN"),
        (rest()[:2], "UNKNOWN"),
        (http(), "FAIL"),
        (http(DefaultRouteSettings={"ThrottlingRateLimit": 50}), "PASS"),
        (http(RouteSettings={"GET /a": {"ThrottlingRateLimit": 50}}), "PASS"),
        (
            http(
                DefaultRouteSettings={"ThrottlingRateLimit": 50},
                RouteSettings={"GET /a": {"ThrottlingRateLimit": 20000}},
            ),
            "FAIL",
        ),
    ],
)
def test_no_throttle(account, expected):
    assert list(verdicts("dos.no-throttle", *account).values()) == [expected]


def plans(*throttles, stage="live"):
    used = [{"apiId": "r", "stage": stage}]
    found = [{"id": str(number), "apiStages": used} | throttle for number, throttle in enumerate(throttles)]
    return answer("apigateway.GetUsagePlans", {"items": found})


SLOW = {"throttle": {"rateLimit": 5.0, "burstLimit": 10}}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([*rest(key=True), plans(SLOW)], "WARN"),
        ([*rest(key=True), plans(SLOW, {})], "FAIL"),
        ([*rest(key=True), plans(SLOW, stage="test")], "FAIL"),
        ([*rest(key=True), plans()], "FAIL"),
        ([*rest(), plans(SLOW)], "FAIL"),  # who brings no key is in no plan
        (rest(key=True), "UNKNOWN"),
        ([*rest({"*/*": {"throttlingRateLimit": 50.0}}, key=True), plans()], "PASS"),
    ],
)
def test_a_usage_plan_throttles_each_key(account, expected):
    assert list(verdicts("dos.no-throttle", *account).values()) == [expected]


def web_acl(*rules):
    return answer("wafv2.GetWebACL", {"WebACL": {"ARN": ACL, "Name": "edge", "Rules": list(rules)}}, ACL)


GROUP = {"Name": "ours", "Statement": {"RuleGroupReferenceStatement": {"ARN": ACL.replace("webacl", "rulegroup")}}}
RATE = {"Name": "rate", "Statement": {"RateBasedStatement": {"Limit": 100}}, "Action": {"Block": {}}}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (rest(), "FAIL"),
        ([*rest(acl=ACL), web_acl(RATE)], "PASS"),
        ([*rest(acl=ACL), web_acl(RATE | {"Action": {"Count": {}}})], "WARN"),
        ([*rest(acl=ACL), web_acl()], "WARN"),
        ([*rest(acl=ACL), web_acl(GROUP)], "UNKNOWN"),  # a group of rules may have a rate-based one
        ([*rest(acl=ACL), web_acl(GROUP | {"OverrideAction": {"Count": {}}})], "WARN"),
        (rest(acl=ACL), "UNKNOWN"),
    ],
)
def test_waf_ratelimit(account, expected):
    assert verdicts("dos.waf-ratelimit", *account) == {"shop stage live": expected}


def test_a_web_acl_of_stages_that_were_not_seen_is_not_known():
    assert verdicts("dos.waf-ratelimit", *rest()[:2]) == {"shop": "UNKNOWN"}
    assert verdicts("appvuln.waf-managed-rules", *rest()[:2]) == {"shop": "UNKNOWN"}


def balancer(*more):
    item = {"LoadBalancerArn": arn("elasticloadbalancing", "loadbalancer/app/a/1"), "LoadBalancerName": "a"}
    item |= {"Type": "application", "Scheme": "internet-facing"}
    return [answer("elbv2.DescribeLoadBalancers", {"LoadBalancers": [item]}), *more]


DISTRIBUTION = {
    "Id": "D",
    "ARN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/D",
    "DomainName": "d.cloudfront.net",
    "Enabled": True,
    "WebACLId": "",
    "Origins": {
        "Items": [
            {
                "Id": "o",
                "DomainName": f"h.execute-api.{REGION}.amazonaws.com",
                "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
            }
        ]
    },
    "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
}


def plain_api(authorization="NONE"):
    route = {"RouteId": "1", "RouteKey": "GET /", "AuthorizationType": authorization}
    return [
        answer("apigatewayv2.GetApis", {"Items": [{"ApiId": "h", "Name": "plain", "ProtocolType": "HTTP"}]}),
        answer("apigatewayv2.GetRoutes", {"Items": [route]}, "h"),
        answer("apigatewayv2.GetStages", {"Items": [{"StageName": "$default"}]}, "h"),
    ]


def distributions(*found):
    return answer("cloudfront.ListDistributions", {"DistributionList": {"Items": list(found)}}, region="global")


@pytest.mark.parametrize("check", ["dos.waf-ratelimit", "appvuln.waf-managed-rules"])
@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([*plain_api(), distributions()], "FAIL"),
        ([*plain_api(), distributions(DISTRIBUTION)], "N/A"),
        ([*plain_api("AWS_IAM"), distributions()], None),
    ],
)
def test_what_takes_no_web_acl_needs_a_distribution_before_it(check, account, expected):
    assert verdicts(check, *account).get("plain") == expected


def test_waf_before_a_load_balancer():
    balancer_arn = arn("elasticloadbalancing", "loadbalancer/app/a/1")
    assert verdicts("dos.waf-ratelimit", *balancer()) == {"a": "UNKNOWN"}
    assert verdicts("dos.waf-ratelimit", *balancer(answer("wafv2.GetWebACLForResource", {}, balancer_arn))) == {
        "a": "FAIL"
    }


DOOR = arn("elasticloadbalancing", "loadbalancer/app/a/1")
LISTENER, GROUP = arn("elasticloadbalancing", "listener/app/a/1/2"), arn("elasticloadbalancing", "targetgroup/g/1")


def fronted(*, adds="X-Origin", asks="x-origin", default="fixed-response", rules=True, acl=None):
    """Return a load balancer behind a distribution, and the header that the one asks for and the other adds."""
    item = {"LoadBalancerArn": DOOR, "LoadBalancerName": "a", "DNSName": "a.eu-west-1.elb.amazonaws.com"}
    item |= {"Type": "application", "Scheme": "internet-facing"}
    forward = {"Type": "forward", "TargetGroupArn": GROUP}
    first = forward if default == "forward" else {"Type": default}
    listener = {"ListenerArn": LISTENER, "LoadBalancerArn": DOOR, "Port": 443, "Protocol": "HTTPS"}
    asked = [{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": asks, "Values": ["s"]}}] if asks else []
    rule = {"RuleArn": f"{LISTENER}/r", "Priority": "1", "Conditions": asked, "Actions": [forward]}
    origin = {"Id": "o", "DomainName": "a.eu-west-1.elb.amazonaws.com"}
    origin |= {"CustomHeaders": {"Items": [{"HeaderName": adds, "HeaderValue": "s"}] if adds else []}}
    return [
        answer("elbv2.DescribeLoadBalancers", {"LoadBalancers": [item]}),
        answer("elbv2.DescribeListeners", {"Listeners": [listener | {"DefaultActions": [first]}]}, DOOR),
        *([answer("elbv2.DescribeRules", {"Rules": [rule]}, LISTENER)] if rules else []),
        answer("wafv2.GetWebACLForResource", {"WebACL": {"ARN": acl}} if acl else {}, DOOR),
        distributions(DISTRIBUTION | {"Origins": {"Items": [origin]}}),
    ]


@pytest.mark.parametrize("check", ["dos.waf-ratelimit", "appvuln.waf-managed-rules"])
@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (fronted(), "N/A"),
        (fronted(adds=""), "FAIL"),
        (fronted(adds="X-Other"), "FAIL"),
        (fronted(asks=""), "FAIL"),
        (fronted(default="forward"), "FAIL"),
        (fronted(rules=False), "FAIL"),
        (fronted(acl="arn:aws:wafv2:x"), "UNKNOWN"),
    ],
)
def test_a_load_balancer_that_asks_for_the_header_of_a_distribution_needs_no_wall_of_its_own(check, account, expected):
    assert verdicts(check, *account)["a"] == expected


BUDGETS = answer("budgets.DescribeBudgets", {}, ACCOUNT, region="global")
MONITORS = answer("ce.GetAnomalyMonitors", {}, region="global")


def budget(**more):
    found = {"Budgets": [{"BudgetName": "all", **more}]}
    return answer("budgets.DescribeBudgets", found, ACCOUNT, region="global")


def notices(*budgets):
    found = [{"BudgetName": name, "Notifications": [{"NotificationType": "ACTUAL"}]} for name in budgets]
    shown = {"BudgetNotificationsForAccount": found}
    return answer("budgets.DescribeBudgetNotificationsForAccount", shown, ACCOUNT, region="global")


MONITOR = f"arn:aws:ce::{ACCOUNT}:anomalymonitor/m"


def monitor():
    return answer(
        "ce.GetAnomalyMonitors", {"AnomalyMonitors": [{"MonitorArn": MONITOR, "MonitorName": "m"}]}, region="global"
    )


def subscriptions(*states):
    subscribers = [{"Address": "a@example.com", "Type": "EMAIL", "Status": state} for state in states]
    found = [{"MonitorArnList": [MONITOR], "Subscribers": subscribers}] if states else []
    return answer("ce.GetAnomalySubscriptions", {"AnomalySubscriptions": found}, region="global")


def alarms(*found):
    return answer("cloudwatch.DescribeAlarms", {"MetricAlarms": list(found)} if found else {})


def alarm(metric="Throttles", **more):
    item = {"AlarmName": "a", "AlarmArn": arn("cloudwatch", "alarm:a"), "MetricName": metric, "Namespace": "AWS/Lambda"}
    return item | {"ActionsEnabled": True, "AlarmActions": [arn("sns", "t")]} | more


def computed(*metrics, **more):
    """Return an alarm on an expression over metrics, as of anomalies or of a rate."""
    stats = [{"Metric": {"Namespace": "AWS/Lambda", "MetricName": name}, "Period": 60} for name in metrics]
    queries = [{"Id": f"m{index}", "MetricStat": stat} for index, stat in enumerate(stats)]
    return alarm(None, Namespace=None, Metrics=[*queries, {"Id": "e", "Expression": "m0"}]) | more


def surveying(metric):
    query = {"Id": "q", "Expression": f'SELECT SUM({metric}) FROM "AWS/Lambda"', "Period": 60}
    told = {key: value for key, value in alarm().items() if key not in {"MetricName", "Namespace"}}
    return told | {"Metrics": [query], "ComparisonOperator": ABOVE}


def composed(rule, *found):
    """Return alarms, and one on their states."""
    over = {"AlarmName": "over", "AlarmArn": arn("cloudwatch", "alarm:over"), "AlarmRule": rule}
    over |= {"ActionsEnabled": True, "AlarmActions": [arn("sns", "t")]}
    return answer("cloudwatch.DescribeAlarms", {"MetricAlarms": list(found), "CompositeAlarms": [over]})


ABOVE, BAND = "GreaterThanThreshold", "LessThanLowerOrGreaterThanUpperThreshold"


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([BUDGETS, MONITORS, alarms()], "FAIL"),
        ([BUDGETS, MONITORS, alarms(alarm())], "PASS"),
        ([BUDGETS, MONITORS, alarms(alarm(AlarmActions=[]))], "FAIL"),
        ([BUDGETS, MONITORS, alarms(alarm("Duration"))], "FAIL"),
        ([BUDGETS, MONITORS, alarms(alarm("Invocations", Namespace="AWS/Bedrock"))], "FAIL"),
        ([BUDGETS, MONITORS, alarms(alarm("Invocations", ComparisonOperator="LessThanThreshold"))], "FAIL"),
        ([BUDGETS, MONITORS, alarms(alarm("Invocations", ComparisonOperator=ABOVE))], "PASS"),
        ([BUDGETS, MONITORS, alarms(computed("Invocations", ComparisonOperator=BAND))], "PASS"),
        ([BUDGETS, MONITORS, alarms(computed("Errors", "Invocations", ComparisonOperator=ABOVE))], "FAIL"),
        ([BUDGETS, MONITORS, alarms(surveying("Invocations"))], "PASS"),
        ([BUDGETS, MONITORS, alarms(surveying("Errors"))], "FAIL"),
        ([BUDGETS, MONITORS, composed('ALARM("a") OR ALARM(b)', alarm(AlarmActions=[]))], "PASS"),
        ([BUDGETS, MONITORS, composed("(ALARM(b) OR ALARM(a))", alarm(AlarmActions=[]))], "PASS"),
        ([BUDGETS, MONITORS, composed("ALARM(b)", alarm(AlarmActions=[]))], "FAIL"),
        ([BUDGETS, MONITORS, composed("ALARM(a) AND ALARM(b)", alarm(AlarmActions=[]))], "FAIL"),
        ([BUDGETS, MONITORS, composed("NOT ALARM(a)", alarm(AlarmActions=[]))], "FAIL"),
        ([alarms()], "UNKNOWN"),
        ([budget(), notices("all")], "PASS"),
        ([budget(), notices("all"), MONITORS, alarms()], "PASS"),
        ([budget(), MONITORS, alarms()], "UNKNOWN"),  # whether it tells anybody was not exported
        ([budget(), notices(), MONITORS, alarms()], "FAIL"),
        (
            [
                budget(CostFilters={"Service": ["Amazon Relational Database Service"]}),
                notices("all"),
                MONITORS,
                alarms(),
            ],
            "FAIL",
        ),
        ([budget(CostFilters={"Service": ["AWS Lambda"]}), notices("all"), MONITORS, alarms()], "PASS"),
        ([budget(BudgetType="RI_UTILIZATION"), notices("all"), MONITORS, alarms()], "FAIL"),
        ([BUDGETS, monitor(), alarms()], "UNKNOWN"),
        ([BUDGETS, monitor(), subscriptions(), alarms()], "FAIL"),
        ([BUDGETS, monitor(), subscriptions("CONFIRMED"), alarms()], "PASS"),
        ([BUDGETS, monitor(), subscriptions("DECLINED"), alarms()], "FAIL"),
    ],
)
def test_cost_alarm(account, expected):
    found = judged("dos.cost-alarm", functions(function()), *account)
    assert [str(item.verdict) for item in found if item.resource == ACCOUNT] == [expected]


def test_an_open_function_makes_a_missing_cost_alarm_worse_in_its_own_account_alone():
    other = "444455556666"
    away = function("g", FunctionArn=arn("lambda", "function:g", account=other), Role=f"arn:aws:iam::{other}:role/g")
    watched = ("budgets.DescribeBudgets", "ce.GetAnomalyMonitors", "cloudwatch.DescribeAlarms")
    found = judged(
        "dos.cost-alarm",
        functions(function()),
        *opened(),
        answer("lambda.ListFunctions", {"Functions": [away]}, account=other),
        *(answer(call, {}, account=account) for account in (ACCOUNT, other) for call in watched),
    )
    assert {item.resource: str(item.severity) for item in found} == {ACCOUNT: "high", other: "medium"}


# ------------------------------------------------------------- loops, retries


NO_BUCKET_POLICY = answer("s3.GetBucketPolicy", {}, "b", region="global")


def looping(mode="Terminate", *, kind="s3", seen=True, named=True, writes="b/*", key=None, criteria=None):
    """Return a function that may write to the bucket or table that sets it off, and that names it in its variables."""
    told = {"LambdaFunctionArn": F, "Events": ["s3:ObjectCreated:*"]}
    if key:
        told["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": key}]}}
    table = arn("dynamodb", "table/t")
    stream = f"{table}/stream/2026-01-01T00:00:00.000"
    sources = {
        "s3": [
            answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global"),
            answer(
                "s3.GetBucketNotificationConfiguration",
                {"LambdaFunctionConfigurations": [told]},
                "b",
                region="global",
            ),
            gaad(
                role(
                    "f",
                    {
                        "Effect": "Allow",
                        "Action": ["s3:PutObject", "s3:GetObject"],
                        "Resource": f"arn:aws:s3:::{writes}",
                    },
                )
            ),
        ],
        "dynamodb": [
            answer(
                "dynamodb.DescribeTable",
                {
                    "Table": {
                        "TableName": "t",
                        "TableArn": table,
                        "LatestStreamArn": stream,
                        "StreamSpecification": {"StreamEnabled": True},
                    }
                },
                "t",
            ),
            answer(
                "lambda.ListEventSourceMappings",
                {
                    "EventSourceMappings": [
                        {"UUID": "u", "FunctionArn": F, "EventSourceArn": stream, "State": "Enabled"}
                        | ({"FilterCriteria": {"Filters": [{"Pattern": criteria}]}} if criteria else {})
                    ]
                },
            ),
            gaad(
                role("f", {"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:GetRecords"], "Resource": "*"})
            ),
        ],
    }
    names = {"BUCKET": "b", "TABLE": "t"} if named else {}
    found = [functions(function(Environment={"Variables": names})), *sources[kind]]
    found.append(answer("organizations.DescribeOrganization", {}, region="global"))
    return [*found, answer("lambda.GetFunctionRecursionConfig", {"RecursiveLoop": mode}, "f")] if seen else found


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (looping("Allow"), {"f": "FAIL"}),
        (looping(), {"f": "WARN"}),
        (looping(seen=False), {"f": "WARN"}),
        (looping(kind="dynamodb"), {"f": "FAIL"}),
        (looping(kind="dynamodb", seen=False), {"f": "FAIL"}),
        (looping(kind="dynamodb", criteria='{"eventName": ["REMOVE"]}'), {"f": "WARN"}),
        (looping(named=False), {"f": "WARN"}),  # only its role says so
        (looping(kind="dynamodb", named=False), {"f": "WARN"}),
        (looping(named=False, key="in/"), {"f": "WARN"}),
        (looping(named=False, key="in/", writes="b/out/*"), {"f": "PASS"}),
        (looping(key="in/", writes="b/out/*"), {"f": "UNKNOWN"}),  # the bucket's policy may let it
        ([*looping(key="in/", writes="b/out/*"), NO_BUCKET_POLICY], {"f": "PASS"}),
        ([*looping("Allow", key="in/", writes="b/out/*"), NO_BUCKET_POLICY], {"f": "PASS"}),
        (looping(key="in/", writes="b/in/done/*"), {"f": "WARN"}),
        (looping(key="in/", writes="b/*/new.json"), {"f": "WARN"}),
        (looping(key="in/", writes="b/in/state.json"), {"f": "WARN"}),
        (looping(named=False, key="in/", writes="b/in/done/*"), {"f": "WARN"}),
        (looping(key="in/", writes="b/i*"), {"f": "WARN"}),
        ([functions(function())], {"f": "PASS"}),
    ],
)
def test_recursion(account, expected):
    assert verdicts("dos.recursion", *account) == expected


def calling_itself(mode, *, by="destination"):
    on = {"FunctionArn": f"{F}:$LATEST", "DestinationConfig": {"OnSuccess": {"Destination": F}}}
    invoke = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": F}
    return [
        functions(function(Environment={"Variables": {"NEXT": F} if by == "name" else {}})),
        gaad(role("f", invoke)),
        answer("lambda.GetPolicy", {}, "f"),
        answer("organizations.DescribeOrganization", {}, region="global"),
        answer("lambda.GetFunctionRecursionConfig", {"RecursiveLoop": mode}, "f"),
        *(
            [answer("lambda.ListFunctionEventInvokeConfigs", {"FunctionEventInvokeConfigs": [on]}, "f")]
            if by == "destination"
            else []
        ),
    ]


@pytest.mark.parametrize("by", ["destination", "name"])
@pytest.mark.parametrize(("mode", "expected"), [("Allow", "FAIL"), ("Terminate", "WARN")])
def test_a_function_that_calls_itself(by, mode, expected):
    assert verdicts("dos.recursion", *calling_itself(mode, by=by)) == {"f": expected}


def test_a_role_with_a_policy_that_was_not_read_may_send_to_what_sets_its_function_off():
    unread = {"AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/p"}]}
    functions_, table, mappings, _, *rest_ = looping(kind="dynamodb", named=False)
    found = judged("dos.recursion", functions_, table, mappings, gaad(role("f", **unread)), *rest_)
    assert {str(one.verdict) for one in found if one.label == "f"} == {"UNKNOWN"}


@pytest.mark.parametrize(
    ("actions", "expected"),
    [(["dynamodb:PutItem", "dynamodb:GetRecords"], "FAIL"), (["dynamodb:GetRecords"], "UNKNOWN")],
)
def test_a_table_that_is_named_is_no_loop_where_only_a_policy_that_was_not_seen_might_let_the_function_write(
    actions, expected
):
    functions_, table, mappings, _, *rest_ = looping(kind="dynamodb")
    reader = gaad(role("f", {"Effect": "Allow", "Action": actions, "Resource": "*"}))
    account = [functions_, table, mappings, reader, *rest_]
    assert verdicts("dos.recursion", *account) == {"f": expected}
    seen = answer("dynamodb.GetResourcePolicy", {}, arn("dynamodb", "table/t"))
    assert verdicts("dos.recursion", *account, seen) == {"f": "FAIL" if expected == "FAIL" else "PASS"}


def test_a_loop_that_only_a_role_allows_is_a_minor_matter():
    (found,) = [one for one in judged("dos.recursion", *looping("Allow", named=False)) if one.label == "f"]
    assert (str(found.verdict), str(found.severity)) == ("WARN", "low")
    assert found.sources


def fan(count):
    topic = arn("sns", "t")
    names = [f"f{number}" for number in range(count)]
    subscriptions = [
        {
            "SubscriptionArn": f"{topic}:{name}",
            "TopicArn": topic,
            "Protocol": "lambda",
            "Endpoint": arn("lambda", f"function:{name}"),
            "Owner": ACCOUNT,
        }
        for name in names
    ]
    publish = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [publish]})
    return [
        functions(*map(function, names)),
        answer("sns.GetTopicAttributes", {"Attributes": {"TopicArn": topic, "Policy": policy}}, topic),
        answer("sns.ListSubscriptions", {"Subscriptions": subscriptions}),
    ]


@pytest.mark.parametrize(("count", "expected"), [(2, "PASS"), (12, "WARN"), (120, "FAIL")])
def test_fanout_amplification(count, expected):
    assert verdicts("dos.fanout-amplification", *fan(count))["t"] == expected


def queued(visible, timeout, **attributes):
    found = {"QueueArn": QUEUE, "VisibilityTimeout": str(visible)} | attributes
    mapping = {"UUID": "u", "FunctionArn": F, "EventSourceArn": QUEUE, "State": "Enabled"}
    return [
        functions(function(Timeout=timeout)),
        answer("sqs.GetQueueAttributes", {"Attributes": found}, f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"),
        answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]}),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (queued(30, 60), "WARN"),
        (queued(360, 60), "PASS"),
        ([functions(function(Timeout=900)), *rest()], "WARN"),
        ([functions(function(Timeout=20)), *rest()], "PASS"),
        ([functions(function(Timeout=20)), *rest(timeout=5000)], "WARN"),
    ],
)
def test_timeout_vs_visibility(account, expected):
    assert list(verdicts("dos.timeout-vs-visibility", *account).values()) == [expected]


def streamed(**mapping):
    item = {"UUID": "u", "FunctionArn": F, "EventSourceArn": arn("kinesis", "stream/s"), "State": "Enabled"} | mapping
    item |= {"EventSourceMappingArn": arn("lambda", "event-source-mapping:u")}
    return [functions(function()), answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [item]})]


DEAD = json.dumps({"deadLetterTargetArn": arn("sqs", "dead"), "maxReceiveCount": 3})
FAILURES = {"DestinationConfig": {"OnFailure": {"Destination": arn("sqs", "dead")}}}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (queued(30, 5), "FAIL"),
        (queued(30, 5, RedrivePolicy=DEAD), "PASS"),
        (streamed(MaximumRetryAttempts=-1), "FAIL"),
        (streamed(MaximumRetryAttempts=5), "WARN"),
        (streamed(MaximumRetryAttempts=5, **FAILURES), "PASS"),
        (streamed(MaximumRetryAttempts=-1, **FAILURES), "WARN"),  # its shard stands until the record expires
        (streamed(MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=3600), "WARN"),
        (streamed(MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=3600, **FAILURES), "PASS"),
        (streamed(MaximumRecordAgeInSeconds=-1), "FAIL"),
        ([*fan(1), answer("lambda.ListFunctionEventInvokeConfigs", {}, "f0")], "WARN"),
        (fan(1), "UNKNOWN"),
        ([functions(function("f0", DeadLetterConfig={"TargetArn": arn("sqs", "dead")})), *fan(1)[1:]], "PASS"),
    ],
)
def test_poison_message(account, expected):
    assert list(verdicts("dos.poison-message", *account).values()) == [expected]
