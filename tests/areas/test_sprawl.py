"""Explosion of functions: failing, passing and unknown cases of each check."""

import json

import pytest

from auditkit.areas import Scene, judge
from auditkit.areas.recording import records_all
from auditkit.graph import connect
from auditkit.inventory import Inventory, Source
from auditkit.inventory.evidence.metrics import FunctionMetric
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.trails import Trail
from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, gaad, judged, role, verdicts
from tests.exports.feeding import feed

F = arn("lambda", "function:f")
OLD = {"LastModified": "2024-01-01T00:00:00.000+0000"}
NO_ORGANIZATION = answer("organizations.DescribeOrganization", {}, region="global")


def mapping(**more):
    item = {"UUID": "u", "FunctionArn": F, "EventSourceArn": arn("sqs", "q"), "State": "Enabled"} | more
    return answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [item]})


NO_MAPPING = answer("lambda.ListEventSourceMappings", {"EventSourceMappings": []})
NO_POLICY = answer("lambda.GetPolicy", {}, "f")


@pytest.mark.parametrize(
    ("settings", "more", "expected"),
    [
        (OLD, [], "UNKNOWN"),
        (OLD, [NO_MAPPING], "UNKNOWN"),
        (OLD, [NO_MAPPING, NO_POLICY], "FAIL"),
        ({}, [], "PASS"),
        (OLD, [mapping()], "UNKNOWN"),
        (OLD, [mapping(State="Disabled"), NO_POLICY], "FAIL"),
    ],
)
def test_unused(settings, more, expected):
    assert verdicts("sprawl.unused", functions(function(**settings)), *more)["f"] == expected


def lets_in(principal, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": F, **more}
    return answer("lambda.GetPolicy", {"Policy": json.dumps({"Statement": [statement]})}, "f")


S3 = lets_in({"Service": "s3.amazonaws.com"}, Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}})
RULE = lets_in(
    {"Service": "events.amazonaws.com"}, Condition={"ArnLike": {"aws:SourceArn": arn("events", "rule/nightly")}}
)
NO_RULE = answer("events.ListRules", {"Rules": []})


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([lets_in("*")], "UNKNOWN"),
        ([lets_in({"AWS": "arn:aws:iam::777788889999:root"})], "UNKNOWN"),
        ([lets_in({"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"})], "FAIL"),  # who merely may
        ([S3], "UNKNOWN"),
        ([RULE], "UNKNOWN"),
        ([RULE, NO_RULE], "FAIL"),
        ([lets_in({"Service": "lexv2.amazonaws.com"})], "UNKNOWN"),
    ],
)
def test_whoever_its_policy_lets_in_may_use_it(more, expected):
    assert verdicts("sprawl.unused", functions(function(**OLD)), NO_MAPPING, *more)["f"] == expected


def ran(times=0, *, last_used="", since="2026-07-01", until="2026-10-30"):
    """Return how often a function ran, and the time that its metric is known to cover."""
    return FunctionMetric(
        id=f"metric:{F}:Invocations", account=ACCOUNT, region=REGION, function=F, metric="Invocations",
        sources=(Source("metrics.json"),), total=times, last_used=last_used, since=since, until=until,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "metric", "expected", "said"),
    [
        (OLD, ran(), "FAIL", "did not run in the time that was exported"),
        ({}, ran(), "PASS", "changed"),
        (OLD, ran(since="2026-10-01"), "UNKNOWN", "Invocations of 90 days (the export has 30)"),
        (OLD, ran(since="2026-01-01", until="2026-06-30"), "UNKNOWN", "Invocations since 2026-06-30"),
        (OLD, ran(since="", until=""), "UNKNOWN", "how many days the metrics cover"),
        (OLD, ran(7, last_used="2026-10-20T00:00:00Z"), "PASS", "ran 7 times"),
        (OLD, ran(7, last_used="2026-10-20T00:00:00Z", since="2026-10-01"), "PASS", "ran 7 times"),
        (OLD, ran(7, last_used="2026-07-03T00:00:00Z"), "FAIL", "last ran 121 days ago"),
        (OLD, ran(7, last_used="2026-06-30T00:00:00Z", until="2026-06-30"), "UNKNOWN", "Invocations"),
    ],
)
def test_how_many_days_metrics_cover(settings, metric, expected, said):
    fed = feed(functions(function(**settings)), mapping(), NO_POLICY)
    inventory = Inventory([*fed, metric], coverage=fed.coverage)
    found = judge(Scene(inventory, connect(inventory), date="2026-11-01"), checks=["sprawl.unused"])
    (one,) = (item for item in found if item.kind)
    assert (str(one.verdict), said in one.reason) == (expected, True)


def test_a_function_that_calls_itself_is_not_used_by_that():
    invoke = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": F}
    itself = function(**OLD, Environment={"Variables": {"AGAIN": F}})
    account = [functions(itself), gaad(role("f", invoke)), NO_ORGANIZATION, NO_MAPPING, NO_POLICY]
    assert verdicts("sprawl.unused", *account)["f"] == "FAIL"


def tagged(tags, name="f"):
    return answer("lambda.GetFunction", {"Configuration": function(name), "Tags": tags}, name)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([tagged({"owner": "orders"})], "PASS"),
        ([tagged({"aws:cloudformation:stack-name": "orders"})], "PASS"),
        ([tagged({"color": "red"})], "FAIL"),
        ([], "UNKNOWN"),
    ],
)
def test_owner(more, expected):
    assert verdicts("sprawl.owner", functions(function()), *more) == {"f": expected}


def test_callers():
    invoke = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": F}
    account = [functions(function()), answer("lambda.GetPolicy", {}, "f"), NO_ORGANIZATION]
    assert verdicts("sprawl.callers", *account, gaad(role("f"))) == {"f": "PASS"}
    assert verdicts("sprawl.callers", *account, gaad(role("f"), role("ops", invoke))) == {"f": "UNKNOWN"}


def versions(modified, runtime="python3.13"):
    one = function(Version="1", FunctionArn=f"{F}:1", Runtime=runtime, LastModified=f"{modified}T00:00:00Z")
    return answer("lambda.ListVersionsByFunction", {"Versions": [function(), one]}, "f")


@pytest.mark.parametrize(
    ("more", "expected", "severity"),
    [
        ([versions("2024-01-01")], "WARN", "low"),
        ([versions("2024-01-01", "nodejs14.x")], "WARN", "medium"),
        ([versions("2026-10-01")], "PASS", "None"),
        ([], "UNKNOWN", "None"),
    ],
)
def test_old_versions(more, expected, severity):
    found = [item for item in judged("sprawl.old-versions", functions(function()), *more) if item.kind]
    assert [(str(item.verdict), str(item.severity)) for item in found] == [(expected, severity)]


def test_without_an_audit_date_no_version_is_known_to_be_new():
    account = functions(function()), versions("2024-01-01")
    assert verdicts("sprawl.old-versions", *account, date="") == {"f": "UNKNOWN"}


def test_an_alias_keeps_a_version():
    alias = {"AliasArn": f"{F}:live", "Name": "live", "FunctionVersion": "1"}
    more = [versions("2024-01-01"), answer("lambda.ListAliases", {"Aliases": [alias]}, "f")]
    assert verdicts("sprawl.old-versions", functions(function()), *more) == {"f": "PASS"}


def rule(state="ENABLED", target=F):
    item = {
        "Name": "r",
        "Arn": arn("events", "rule/r"),
        "State": state,
        "EventBusName": "default",
        "EventPattern": "{}",
    }
    return [
        functions(function()),
        answer("events.ListRules", {"Rules": [item]}, "default"),
        answer("events.ListTargetsByRule", {"Targets": [{"Id": "1", "Arn": target}]}, "default", "r"),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (rule(), {"r": "PASS"}),
        (rule("DISABLED"), {"r": "WARN"}),
        (rule(target=arn("lambda", "function:gone")), {"r": "WARN"}),
        (rule(target=arn("lambda", "function:gone"))[1:], {"r": "UNKNOWN"}),
        ([mapping()], {"u": "PASS"}),
        ([mapping(State="Disabled")], {"u": "WARN"}),
        ([mapping(LastProcessingResult="PROBLEM: Function call failed")], {"u": "WARN"}),
    ],
)
def test_disabled_triggers(account, expected):
    assert list(verdicts("sprawl.disabled-triggers", *account).values()) == list(expected.values())


def test_count_metrics():
    (found,) = [item for item in judged("sprawl.count-metrics", functions(function(), function("g"))) if item.sources]
    assert (found.resource, str(found.verdict)) == (f"{ACCOUNT}:{REGION}", "PASS")
    assert found.reason.startswith("2 functions (0 critical) of 0 owners, 2 roles")


FROM_OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}


def reaching(environment, store="production", sensitivity="internal", condition=None):
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    read |= {"Condition": condition} if condition else {}
    tags = [{"Key": "env", "Value": store}, {"Key": "data-class", "Value": sensitivity}]
    return [
        functions(function()),
        tagged({"env": environment} if environment else {}),
        gaad(role("f", read)),
        NO_ORGANIZATION,
        answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global"),
        answer("s3.GetBucketTagging", {"TagSet": tags}, "b", region="global"),
        answer("s3.GetBucketPolicy", {}, "b", region="global"),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (reaching("test"), "FAIL"),
        (reaching("test", "test"), "PASS"),
        (reaching("test", condition=FROM_OFFICE), "UNKNOWN"),
        (reaching("production"), "PASS"),
        (reaching(""), "UNKNOWN"),
    ],
)
def test_env_mix(account, expected):
    assert verdicts("sprawl.env-mix", *account) == {"f": expected}


def test_duplicate_code():
    same = functions(function(CodeSha256="a"), function("g", CodeSha256="a"), function("h", CodeSha256="b"))
    assert verdicts("sprawl.duplicate-code", same) == {"f": "WARN", "h": "PASS"}


# --------------------------------------------------------------------- watching


def logged(retention=365, *, may=True, group="/aws/lambda/f", condition=None):
    name = arn("logs", f"log-group:{group}")
    item = {"logGroupName": group, "arn": f"{name}:*"} | ({"retentionInDays": retention} if retention else {})
    write = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": f"{name}:*"}
    write |= {"Condition": condition} if condition else {}
    return [
        functions(function()),
        gaad(role("f", *([write] if may else []))),
        NO_ORGANIZATION,
        answer("logs.DescribeLogGroups", {"logGroups": [item]}),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (logged(), {"f": "PASS", "/aws/lambda/f": "PASS"}),
        (logged(None), {"f": "PASS", "/aws/lambda/f": "WARN"}),
        (logged(7), {"f": "PASS", "/aws/lambda/f": "WARN"}),
        (logged(may=False), {"f": "FAIL", "/aws/lambda/f": "PASS"}),
        (
            logged(condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
            {"f": "UNKNOWN", "/aws/lambda/f": "PASS"},
        ),
        (logged(group="/other"), {"f": "FAIL"}),
        (logged()[:3], {"f": "UNKNOWN"}),
    ],
)
def test_logging(account, expected):
    assert verdicts("sprawl.logging", *account) == expected


def test_a_log_that_functions_share_is_judged_once():
    group = {"logGroupName": "/shared", "arn": arn("logs", "log-group:/shared:*")}
    both = [function(name, LoggingConfig={"LogGroup": "/shared"}) for name in ("f", "g")]
    account = [functions(*both), answer("logs.DescribeLogGroups", {"logGroups": [group]}), gaad(role("f"), role("g"))]
    found = [one.label for one in judged("sprawl.logging", *account) if one.kind]
    assert sorted(found) == ["/shared", "f", "g"]


def stage(**settings):
    return [
        answer("apigateway.GetRestApis", {"items": [{"id": "r", "name": "shop"}]}),
        answer("apigateway.GetStages", {"item": [{"stageName": "live", "deploymentId": "d"} | settings]}, "r"),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (stage(accessLogSettings={"destinationArn": arn("logs", "log-group:x")}), "PASS"),
        (stage(), "FAIL"),
        (stage()[:1], "UNKNOWN"),
    ],
)
def test_api_logging(account, expected):
    assert list(verdicts("sprawl.api-logging", *account).values()) == [expected]


DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/EDGE"
BALANCER = arn("elasticloadbalancing", "loadbalancer/app/door/1")
VIRGINIA = {"region": "us-east-1"}
TOLD_LIVE = f"arn:aws:cloudfront::{ACCOUNT}:realtime-log-config/live"


def distribution(bucket="", *, live=(None,)):
    """Return a distribution, with the bucket of its older log and the real-time logs of each behaviour."""
    first, *others = [{"TargetOriginId": "o"} | ({"RealtimeLogConfigArn": one} if one else {}) for one in live]
    ways = {"Items": [one | {"PathPattern": f"/{index}"} for index, one in enumerate(others)]}
    item = {"Id": "EDGE", "ARN": DISTRIBUTION, "DomainName": "d1.cloudfront.net", "DefaultCacheBehavior": first}
    config = {"DistributionConfig": {"Logging": {"Enabled": bool(bucket), "Bucket": bucket}}}
    return [
        answer("cloudfront.ListDistributions", {"DistributionList": {"Items": [item | {"CacheBehaviors": ways}]}}),
        answer("cloudfront.GetDistributionConfig", config, "EDGE"),
    ]


def balancer(logs="false", **settings):
    item = {"LoadBalancerArn": BALANCER, "LoadBalancerName": "door", "Type": "application", "Scheme": "internal"}
    told = {"Attributes": [{"Key": "access_logs.s3.enabled", "Value": logs}]}
    return [
        answer("elbv2.DescribeLoadBalancers", {"LoadBalancers": [item | settings]}),
        answer("elbv2.DescribeLoadBalancerAttributes", told, BALANCER),
    ]


def delivered(resource=None, kind="ACCESS_LOGS", *, source="edge", delivery="edge", **more):
    """Return the log sources and deliveries of the region that CloudFront's are in."""
    item = {"name": source, "resourceArns": [resource], "service": "cloudfront", "logType": kind} | more
    item["arn"] = f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:{source}"
    sent = {
        "id": "d",
        "arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery:d",
        "deliverySourceName": delivery,
        "deliveryDestinationArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-destination:kept",
    }
    return [
        answer("logs.DescribeDeliverySources", {"deliverySources": [item] if resource else []}, **VIRGINIA),
        answer("logs.DescribeDeliveries", {"deliveries": [sent] if resource and delivery else []}, **VIRGINIA),
    ]


def live(rate):
    item = {"ARN": TOLD_LIVE, "Name": "live", "SamplingRate": rate, "EndPoints": [], "Fields": ["timestamp"]}
    return answer("cloudfront.ListRealtimeLogConfigs", {"RealtimeLogConfigs": {"Items": [item]}}, region="global")


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (distribution("logs.s3.amazonaws.com"), "PASS"),
        (distribution(), "UNKNOWN"),
        ([*distribution(), *delivered()], "FAIL"),
        ([*distribution(), *delivered()[:1]], "UNKNOWN"),
        ([*distribution(), *delivered()[1:]], "UNKNOWN"),
        ([*distribution(), *delivered(DISTRIBUTION)], "PASS"),
        ([*distribution()[:1], *delivered(DISTRIBUTION)], "PASS"),
        ([*distribution()[:1], *delivered()], "UNKNOWN"),
        ([*distribution(), *delivered(DISTRIBUTION, delivery="")], "FAIL"),
        ([*distribution(), *delivered(DISTRIBUTION, source="edge", delivery="another")], "FAIL"),
        ([*distribution(), *delivered(DISTRIBUTION.replace("EDGE", "OTHER"))], "FAIL"),
        ([*distribution(), *delivered(DISTRIBUTION, "WAF_LOGS")], "FAIL"),
        ([*distribution(), *delivered(DISTRIBUTION, status="INACTIVE")], "FAIL"),
        ([*distribution(), *delivered(DISTRIBUTION, deliverySourceConfiguration={"samplingRate": "50"})], "WARN"),
        ([*distribution(), *delivered(DISTRIBUTION, deliverySourceConfiguration={"samplingRate": "100"})], "PASS"),
        ([*distribution(), *delivered(DISTRIBUTION, deliverySourceConfiguration={"samplingRate": "half"})], "UNKNOWN"),
        ([*distribution(live=[TOLD_LIVE]), *delivered(), live(100)], "PASS"),
        ([*distribution(live=[TOLD_LIVE]), *delivered(), live(5)], "WARN"),
        ([*distribution(live=[TOLD_LIVE]), *delivered()], "UNKNOWN"),
        ([*distribution(live=[TOLD_LIVE]), live(5)], "UNKNOWN"),
        ([*distribution(live=[TOLD_LIVE, None]), *delivered(), live(100)], "WARN"),
        ([*distribution(live=[None, TOLD_LIVE]), *delivered(DISTRIBUTION), live(5)], "PASS"),
        (balancer("true"), "PASS"),
        (balancer(), "UNKNOWN"),
        (balancer()[:1], "UNKNOWN"),
        ([*balancer(), answer("logs.DescribeDeliverySources", {}), answer("logs.DescribeDeliveries", {})], "FAIL"),
        (balancer(Type="gateway"), "N/A"),
    ],
)
def test_logs_of_distributions_and_load_balancers(account, expected):
    found = [one for one in judged("sprawl.api-logging", *account) if one.kind]
    assert [str(one.verdict) for one in found] == [expected]


def test_what_would_show_a_newer_log_is_named_where_it_was_not_asked():
    (found,) = [one for one in judged("sprawl.api-logging", *distribution()) if one.kind]
    assert found.missing == ("logs:DescribeDeliverySources in us-east-1", "logs:DescribeDeliveries in us-east-1")


def test_a_load_balancer_logs_by_a_delivery_of_its_own_region():
    name = arn("logs", "delivery-source:door")
    item = {"name": "door", "arn": name, "resourceArns": [BALANCER], "logType": "ALB_ACCESS_LOGS"}
    sent = {"id": "d", "arn": arn("logs", "delivery:d"), "deliverySourceName": "door", "deliveryDestinationArn": "x"}
    told = [answer("logs.DescribeDeliveries", {"deliveries": [sent]})]
    for kind, expected in (("ALB_ACCESS_LOGS", "PASS"), ("ALB_HEALTH_CHECK_LOGS", "FAIL")):
        sources = answer("logs.DescribeDeliverySources", {"deliverySources": [item | {"logType": kind}]})
        found = verdicts("sprawl.api-logging", *balancer(), sources, *told)
        assert found == {"door": expected}


def trail(*selectors, multi=True, seen=True, account=ACCOUNT, whole=False, here=True):
    """Return a trail of us-east-1, and whether the trails of the region itself were listed."""
    name, where = arn("cloudtrail", "trail/main", account=account), {"account": account, "region": "us-east-1"}
    item = {"Name": "main", "TrailARN": name, "IsMultiRegionTrail": multi, "HomeRegion": "us-east-1"}
    found = [
        *reaching("production", sensitivity="restricted"),
        answer("cloudtrail.DescribeTrails", {"trailList": [item | {"IsOrganizationTrail": whole}]}, **where),
        answer("cloudtrail.GetTrailStatus", {"IsLogging": True}, name, **where),
    ]
    if here:
        shown = [item | {"IsOrganizationTrail": whole}] if multi and (whole or account == ACCOUNT) else []
        found.append(answer("cloudtrail.DescribeTrails", {"trailList": shown}))
    if not seen:
        return found
    return [*found, answer("cloudtrail.GetEventSelectors", {"TrailARN": name, **selectors[0]}, name, **where)]


def events(*values, kept="All"):
    return {
        "EventSelectors": [
            {"ReadWriteType": kept, "DataResources": [{"Type": "AWS::Lambda::Function", "Values": [*values]}]}
        ]
    }


def narrowed(field, *values):
    (one,) = ADVANCED["AdvancedEventSelectors"]
    return {
        "AdvancedEventSelectors": [{"FieldSelectors": [*one["FieldSelectors"], {"Field": field, "Equals": [*values]}]}]
    }


ADVANCED = {
    "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]}]}]
}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (trail(events("arn:aws:lambda")), "PASS"),
        (trail(events(F)), "PASS"),
        (trail(events(arn("lambda", "function:other"))), "FAIL"),
        (trail(events("arn:aws:lambda", kept="WriteOnly")), "PASS"),
        (trail(events("arn:aws:lambda", kept="ReadOnly")), "FAIL"),
        (trail(ADVANCED), "PASS"),
        (trail(narrowed("readOnly", "false")), "PASS"),
        (trail(narrowed("readOnly", "true")), "FAIL"),
        (trail(narrowed("eventName", "GetLayerVersion")), "FAIL"),
        (trail(ADVANCED, account="444455556666"), "FAIL"),
        (trail(ADVANCED, account="444455556666", here=False), "UNKNOWN"),
        (trail(events(arn("lambda", "function:other")), here=False), "UNKNOWN"),
        (trail(ADVANCED, account="444455556666", whole=True), "PASS"),
        (trail(events("arn:aws:lambda"), multi=False), "FAIL"),
        (trail(events("arn:aws:lambda"), multi=False, here=False), "UNKNOWN"),
        (trail(seen=False), "UNKNOWN"),
        (reaching("production", sensitivity="restricted"), "UNKNOWN"),
        (reaching("production", sensitivity=""), "UNKNOWN"),
        (reaching("production", sensitivity="internal"), "N/A"),
        (reaching("production", sensitivity="restricted", condition=FROM_OFFICE), "UNKNOWN"),
        (reaching("production", sensitivity="internal", condition=FROM_OFFICE), "N/A"),
    ],
)
def test_invoke_trail(account, expected):
    found = verdicts("sprawl.invoke-trail", *account)
    assert found.pop("f") == expected
    assert set(found) == {"b"}


def recorded(kind, *values, kept="All", **fields):
    """Return selectors, in the older form, or in the newer one where fields are given."""
    if not fields:
        data = [{"Type": kind, "Values": [*values]}]
        return {"EventSelectors": [{"ReadWriteType": kept, "DataResources": data}]}
    asked = [{"Field": "resources.type", "Equals": [kind]}]
    asked += [{"Field": name.replace("_", "."), **condition} for name, condition in fields.items()]
    return {"AdvancedEventSelectors": [{"FieldSelectors": asked}]}


OBJECTS, ITEMS = "AWS::S3::Object", "AWS::DynamoDB::Table"
B, T = "arn:aws:s3:::b", arn("dynamodb", "table/t")
BOTH = {
    "EventSelectors": [
        one for kept in ("ReadOnly", "WriteOnly") for one in recorded(OBJECTS, f"{B}/", kept=kept)["EventSelectors"]
    ]
}


def kept(sensitivity="restricted", *, region=REGION):
    """Return a bucket and a table, and their sensitivity."""
    tags = [{"Key": "data-class", "Value": sensitivity}] if sensitivity else []
    bucket = {"Name": "b"} | ({"BucketRegion": region} if region else {})
    return [
        answer("s3.ListBuckets", {"Buckets": [bucket]}, region="global"),
        answer("s3.GetBucketTagging", {"TagSet": tags}, "b", region="global"),
        answer("dynamodb.DescribeTable", {"Table": {"TableName": "t", "TableArn": T}}, "t"),
        answer("dynamodb.ListTagsOfResource", {"Tags": tags}, T),
    ]


def trailed(selectors, **options):
    return [one for one in trail(selectors, **options) if one.service == "cloudtrail"]


@pytest.mark.parametrize(
    ("account", "bucket", "table"),
    [
        ([*kept(), *trailed(recorded(OBJECTS, "arn:aws:s3"))], "PASS", "FAIL"),
        ([*kept(), *trailed(recorded(OBJECTS, f"{B}/"))], "PASS", "FAIL"),
        ([*kept(), *trailed(recorded(OBJECTS, f"{B}/private/"))], "FAIL", "FAIL"),
        ([*kept(), *trailed(recorded(OBJECTS, "arn:aws:s3:::bb/"))], "FAIL", "FAIL"),
        ([*kept(), *trailed(recorded(OBJECTS, f"{B}/", kept="ReadOnly"))], "FAIL", "FAIL"),
        ([*kept(), *trailed(recorded(OBJECTS, f"{B}/", kept="WriteOnly"))], "FAIL", "FAIL"),
        ([*kept(), *trailed(BOTH)], "PASS", "FAIL"),
        ([*kept(), *trailed(recorded(ITEMS, "arn:aws:dynamodb"))], "FAIL", "PASS"),
        ([*kept(), *trailed(recorded(ITEMS, T))], "FAIL", "PASS"),
        ([*kept(), *trailed(recorded(ITEMS, resources_ARN={"Equals": [T]}))], "FAIL", "PASS"),
        ([*kept(), *trailed(recorded(OBJECTS, resources_ARN={"Equals": [B]}))], "FAIL", "FAIL"),
        ([*kept(), *trailed(recorded(OBJECTS, resources_ARN={"StartsWith": [f"{B}/"]}))], "PASS", "FAIL"),
        ([*kept(), *trailed(recorded(OBJECTS, resources_ARN={"StartsWith": ["arn:aws:s3:::"]}))], "PASS", "FAIL"),
        ([*kept(), *trailed(recorded(OBJECTS, eventName={"Equals": ["GetObject"]}))], "FAIL", "FAIL"),
        ([*kept(), *trailed(recorded(OBJECTS, readOnly={"Equals": ["true"]}))], "FAIL", "FAIL"),
        ([*kept(), *trailed({}, seen=False)], "UNKNOWN", "UNKNOWN"),
        ([*kept(), *trailed(recorded(OBJECTS, "arn:aws:s3"), here=False)], "PASS", "UNKNOWN"),
        (kept(), "UNKNOWN", "UNKNOWN"),
        ([*kept(""), *trailed(recorded(OBJECTS, "arn:aws:s3"))], "PASS", "UNKNOWN"),
        (kept("confidential"), "N/A", "N/A"),
        ([*kept(region=""), *trailed(recorded(OBJECTS, "arn:aws:s3"), multi=False)], "UNKNOWN", "FAIL"),
    ],
)
def test_who_uses_restricted_data_is_recorded(account, bucket, table):
    assert verdicts("sprawl.invoke-trail", *account) == {"b": bucket, "t": table}


def test_what_a_trail_lacks_is_told():
    half = trailed(recorded(OBJECTS, f"{B}/", kept="WriteOnly"))
    (found,) = (one for one in judged("sprawl.invoke-trail", *kept(), *half) if one.label == "b")
    assert (str(found.severity), found.reason) == (
        "medium", "no trail records who reads it, and its data is restricted"
    )  # fmt: skip


def test_a_trail_of_one_function_does_not_record_those_whose_names_begin_as_its_does():
    inventory = feed(functions(function("pay"), function("payments")), *trail(events(arn("lambda", "function:pay"))))
    (found,), named = inventory.of(Trail), {one.name: one for one in inventory.of(Function)}
    recorded = {name: records_all(found, one, "AWS::Lambda::Function") for name, one in named.items()}
    assert recorded == {"f": False, "pay": True, "payments": False}


def opened():
    statement = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": F}
    return answer("lambda.GetPolicy", {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}, "f")


def alarm(metric, **more):
    item = {
        "AlarmName": metric,
        "AlarmArn": arn("cloudwatch", f"alarm:{metric}"),
        "MetricName": metric,
        "Namespace": "AWS/Lambda",
    }
    item |= {"ActionsEnabled": True, "AlarmActions": ["arn:x"], "Dimensions": [{"Name": "FunctionName", "Value": "f"}]}
    return item | more


def untagged():
    return answer("lambda.GetFunction", {"Configuration": function(), "Tags": {}}, "f")


BOTH = [alarm("Errors"), alarm("Throttles")]


def rate():
    """Return an alarm on the rate of errors to invocations."""
    mine = [{"Name": "FunctionName", "Value": "f"}]
    stats = [
        {"Metric": {"Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": mine}, "Period": 60, "Stat": "Sum"}
        for name in ("Errors", "Invocations")
    ]
    queries = [{"Id": f"m{index}", "MetricStat": stat, "ReturnData": False} for index, stat in enumerate(stats)]
    told = {"Metrics": [*queries, {"Id": "e", "Expression": "m0 / m1"}]}
    return {key: value for key, value in alarm("").items() if key not in {"MetricName", "Dimensions"}} | told


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([opened(), answer("cloudwatch.DescribeAlarms", {"MetricAlarms": BOTH})], "PASS"),
        ([opened(), answer("cloudwatch.DescribeAlarms", {"MetricAlarms": BOTH[:1]})], "FAIL"),
        (
            [
                opened(),
                answer("cloudwatch.DescribeAlarms", {"MetricAlarms": [BOTH[0], alarm("Throttles", AlarmActions=[])]}),
            ],
            "FAIL",
        ),
        ([opened(), answer("cloudwatch.DescribeAlarms", {"MetricAlarms": [rate(), BOTH[1]]})], "PASS"),
        (
            [
                opened(),
                answer(
                    "cloudwatch.DescribeAlarms",
                    {"MetricAlarms": [BOTH[0], alarm("Throttles", ComparisonOperator="LessThanThreshold")]},
                ),
            ],
            "FAIL",
        ),
        ([opened()], "UNKNOWN"),
        ([], "UNKNOWN"),
        ([untagged(), gaad()], "N/A"),
        ([untagged()], "UNKNOWN"),
    ],
)
def test_alarms(more, expected):
    assert verdicts("sprawl.alarms", functions(function()), *more) == {"f": expected}


SCHEMA = 'SCHEMA("AWS/Lambda", FunctionName)'


def surveying(metric, source=SCHEMA, rest="", **more):
    """Return an alarm on a query of Metrics Insights."""
    told = {"Metrics": [{"Id": "q", "Expression": f"SELECT SUM({metric}) FROM {source} {rest}", "Period": 60}]}
    plain = {key: value for key, value in alarm("").items() if key not in {"MetricName", "Dimensions", "Namespace"}}
    return plain | {"AlarmName": f"all {metric}", "AlarmArn": arn("cloudwatch", f"alarm:all {metric}")} | told | more


@pytest.mark.parametrize(
    ("throttles", "expected"),
    [
        (surveying("Throttles"), "PASS"),
        (surveying('"Throttles"', '"AWS/Lambda"'), "PASS"),
        (surveying("Throttles", rest="GROUP BY FunctionName ORDER BY SUM() DESC LIMIT 10"), "PASS"),
        (surveying("Throttles", rest="WHERE FunctionName = 'f'"), "PASS"),
        (surveying("Throttles", rest="WHERE FunctionName = 'g' GROUP BY FunctionName"), "FAIL"),
        (surveying("Throttles", rest="WHERE tag.team = 'pay'"), "UNKNOWN"),
        (surveying("Throttles", rest="WHERE FunctionName != 'g'"), "UNKNOWN"),
        (surveying("Throttles", rest="WHERE FunctionName = 'g' AND tag.team = 'pay'"), "FAIL"),
        (surveying("Throttles", rest="WHERE tag.team = 'pay'", AlarmActions=[]), "FAIL"),
        (surveying("Throttles", 'SCHEMA("AWS/ApiGateway", ApiName)'), "FAIL"),
        (surveying("Duration"), "FAIL"),
        (surveying("Throttles", AlarmActions=[]), "FAIL"),
        (surveying("Throttles", ComparisonOperator="LessThanThreshold"), "FAIL"),
        (surveying("Throttles", AlarmArn="arn:aws:cloudwatch:eu-north-1:123456789012:alarm:x"), "FAIL"),
    ],
)
def test_queries_over_all_functions(throttles, expected):
    seen = [opened(), answer("cloudwatch.DescribeAlarms", {"MetricAlarms": [BOTH[0], throttles]})]
    assert verdicts("sprawl.alarms", functions(function()), *seen) == {"f": expected}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"TracingConfig": {"Mode": "Active"}}, "PASS"),
        (
            {"TracingConfig": {"Mode": "PassThrough"}, "Environment": {"Variables": {"URL": "https://api.example"}}},
            "WARN",
        ),
        ({}, "UNKNOWN"),
    ],
)
def test_tracing(settings, expected):
    assert verdicts("sprawl.tracing", functions(function(**settings))) == {"f": expected}
    assert list(verdicts("sprawl.tracing", *stage()).values()) == ["WARN"]
    assert list(verdicts("sprawl.tracing", *stage(tracingEnabled=True)).values()) == ["PASS"]
