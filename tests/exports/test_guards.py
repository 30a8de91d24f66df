"""What guards and watches: every response becomes the record it describes."""

from auditkit.inventory import UNSET
from auditkit.inventory.records.alarms import Alarm
from auditkit.inventory.records.guards import AnomalyMonitor, Budget, Detector, ScanCoverage
from auditkit.inventory.records.trails import EventSelectors, Trail
from auditkit.inventory.records.webacls import WebAcl, WebAclUse
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

ACL = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/edge/1"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main"


def test_rules_of_a_web_acl():
    rules = [
        {"Name": "rate", "Statement": {"RateBasedStatement": {"Limit": 100}}, "Action": {"Block": {}}},
        {
            "Name": "common",
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
            "OverrideAction": {"Count": {}},
        },
    ]
    (acl,) = feed(answer("wafv2.GetWebACL", {"WebACL": {"ARN": ACL, "Name": "edge", "Rules": rules}}, ACL)).of(WebAcl)
    assert [(rule.rate_based, rule.counts_only, rule.managed_group) for rule in acl.rules] == [
        (True, False, ""),
        (False, True, "AWSManagedRulesCommonRuleSet"),
    ]


def test_what_stands_before_a_resource():
    before = feed(
        answer("wafv2.GetWebACLForResource", {"WebACL": {"ARN": ACL, "Name": "edge"}}, "arn:one"),
        answer("wafv2.GetWebACLForResource", {}, "arn:two"),
    )
    assert {use.resource: use.acl for use in before.of(WebAclUse)} == {"arn:one": ACL, "arn:two": ""}


def test_a_trail_with_what_it_records():
    selector = {
        "ReadWriteType": "All",
        "DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}],
    }
    trails = answer(
        "cloudtrail.DescribeTrails", {"trailList": [{"Name": "main", "TrailARN": TRAIL, "IsMultiRegionTrail": True}]}
    )
    (trail,) = feed(
        trails,
        answer("cloudtrail.GetTrailStatus", {"IsLogging": True}, TRAIL),
        answer("cloudtrail.GetEventSelectors", {"TrailARN": TRAIL, "EventSelectors": [selector]}, TRAIL),
    ).of(Trail)
    assert trail.is_logging is True
    assert isinstance(trail.selectors, EventSelectors)
    assert trail.selectors.event_selectors[0].data_resources[0].values == ("arn:aws:lambda",)
    (bare,) = feed(trails).of(Trail)
    assert (bare.is_logging, bare.selectors) == (UNSET, UNSET)


def test_an_alarm_a_detector_and_money():
    alarm = {
        "AlarmName": "errors",
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:errors",
        "MetricName": "Errors",
    }
    alarm |= {
        "Namespace": "AWS/Lambda",
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "AlarmActions": ["arn:x"],
    }
    found = feed(
        answer("cloudwatch.DescribeAlarms", {"MetricAlarms": [alarm]}),
        answer(
            "guardduty.GetDetector",
            {"Status": "ENABLED", "Features": [{"Name": "LAMBDA_NETWORK_LOGS", "Status": "ENABLED"}]},
            "d",
        ),
        answer("budgets.DescribeBudgets", {"Budgets": [{"BudgetName": "all"}]}, ACCOUNT, region="global"),
        answer(
            "ce.GetAnomalyMonitors", {"AnomalyMonitors": [{"MonitorArn": "arn:m", "MonitorName": "m"}]}, region="global"
        ),
        answer(
            "inspector2.ListCoverage",
            {
                "coveredResources": [
                    {
                        "resourceType": "AWS_LAMBDA_FUNCTION",
                        "resourceId": "arn:f",
                        "accountId": ACCOUNT,
                        "scanType": "CODE",
                        "scanStatus": {"statusCode": "ACTIVE"},
                    }
                ]
            },
        ),
    )
    assert [item.dimensions[0].value for item in found.of(Alarm)] == ["f"]
    assert [item.features[0].name for item in found.of(Detector)] == ["LAMBDA_NETWORK_LOGS"]
    assert [item.name for item in (*found.of(Budget), *found.of(AnomalyMonitor))] == ["all", "m"]
    assert [item.id for item in found.of(ScanCoverage)] == ["scan:CODE:arn:f"]
