"""What guards and watches an account: web ACLs, trails, alarms, detectors, budgets, monitors of cost."""

from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of, several
from auditkit.inventory.selections import BackupSelection

__all__ = ["acl_of_stage", "tell"]

_ASSOCIATION = "AWS::WAFv2::WebACLAssociation"


def tell(to: Telling) -> None:
    """Tell what guards and watches; of stages, the web ACL is told with their API."""
    _acls(to)
    for trail in to.of("AWS::CloudTrail::Trail"):
        _trail(to, trail)
    for alarm in to.of("AWS::CloudWatch::Alarm"):
        members = {"AlarmName": alarm.identity.name, "AlarmArn": alarm.identity.arn, **_unless(alarm, "ActionsEnabled")}
        tree = to.tree(alarm, "cloudwatch.MetricAlarm", members=members)
        to.give(alarm, "cloudwatch.DescribeAlarms", {"MetricAlarms": [tree]}, complete=False)
    for alarm in to.of("AWS::CloudWatch::CompositeAlarm"):
        members = {"AlarmName": alarm.identity.name, "AlarmArn": alarm.identity.arn, **_unless(alarm, "ActionsEnabled")}
        tree = to.tree(alarm, "cloudwatch.CompositeAlarm", members=members)
        to.give(alarm, "cloudwatch.DescribeAlarms", {"CompositeAlarms": [tree]}, complete=False)
    for detector in to.of("AWS::GuardDuty::Detector"):
        on = spelled(detector.get("Enable")).lower() == "true"
        tree = to.tree(detector, "guardduty.GetDetectorResponse", members={"Status": "ENABLED" if on else "DISABLED"})
        to.give(detector, "guardduty.GetDetector", tree, detector.identity.name)
    for selection in to.of("AWS::Backup::BackupSelection"):
        to.add(_selection(selection))
    for budget in to.of("AWS::Budgets::Budget"):
        named = {"BudgetName": budget.node.at("Budget", "BudgetName") or budget.identity.name}
        tree = to.fitted(budget.node.at("Budget"), "budgets.Budget", members=named)
        to.give(budget, "budgets.DescribeBudgets", {"Budgets": [tree]}, complete=False)
        told = {
            "BudgetName": tree["BudgetName"],
            "Notifications": list(budget.node.each("NotificationsWithSubscribers")),
        }
        shown = {"BudgetNotificationsForAccount": [told]}
        to.give(budget, "budgets.DescribeBudgetNotificationsForAccount", shown, complete=False)
    for monitor in to.of("AWS::CE::AnomalyMonitor"):
        tree = to.tree(monitor, "ce.AnomalyMonitor", members={"MonitorArn": monitor.identity.arn})
        to.give(monitor, "ce.GetAnomalyMonitors", {"AnomalyMonitors": [tree]}, complete=False)
    for subscription in to.of("AWS::CE::AnomalySubscription"):
        tree = to.tree(subscription, "ce.AnomalySubscription")
        to.give(subscription, "ce.GetAnomalySubscriptions", {"AnomalySubscriptions": [tree]}, complete=False)


def _selection(selection: Resource) -> BackupSelection:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(spelled(one.value) for one in several(selection.node.at("BackupSelection", name)))

    tags = several(selection.node.at("BackupSelection", "ListOfTags"))
    return BackupSelection(
        id=f"backup selection:{selection.identity.arn}",
        name=selection.text("BackupSelection", "SelectionName") or selection.logical,
        account=selection.stack.account,
        region=selection.stack.region,
        sources=(selection.node.source,),
        resources=texts("Resources"),
        not_resources=texts("NotResources"),
        by_tags=tuple((tag.text("ConditionKey"), tag.text("ConditionValue")) for tag in tags),
        narrowed=bool(selection.get("BackupSelection", "Conditions")),
    )


def _acls(to: Telling) -> None:
    for acl in to.of("AWS::WAFv2::WebACL"):
        arn = acl.identity.arn
        tree = to.tree(acl, "wafv2.WebACL", members={"ARN": arn, "Name": acl.identity.name})
        to.give(acl, "wafv2.GetWebACL", {"WebACL": tree}, arn)
    for use in to.of(_ASSOCIATION):
        shown = {"WebACL": {"ARN": use.node.at("WebACLArn")}}
        to.give(use, "wafv2.GetWebACLForResource", shown, use.text("ResourceArn"))


def _unless(resource: Resource, name: str) -> dict[str, object]:
    """Return that a property is true where a template leaves it out."""
    return {} if resource.node.at(name) is not None else {name: True}


def _trail(to: Telling, trail: Resource) -> None:
    arn = trail.identity.arn
    members = {
        "Name": trail.identity.name,
        "TrailARN": arn,
        "HomeRegion": trail.stack.region,
        "IsMultiRegionTrail": trail.node.at("IsMultiRegionTrail") or False,
        "IsOrganizationTrail": trail.node.at("IsOrganizationTrail") or False,
        "LogFileValidationEnabled": trail.node.at("EnableLogFileValidation") or False,
    }
    unread = {"EventSelectors": "", "AdvancedEventSelectors": ""}
    tree = to.tree(trail, "cloudtrail.Trail", unread, members)
    to.give(trail, "cloudtrail.DescribeTrails", {"trailList": [tree]}, complete=False)
    to.give(trail, "cloudtrail.GetTrailStatus", {"IsLogging": trail.node.at("IsLogging")}, arn)
    selectors = to.tree(trail, "cloudtrail.GetEventSelectorsResponse", {"Tags": "", "TrailName": ""})
    if not selectors:  # management events alone (PutEventSelectors)
        selectors["EventSelectors"] = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    to.give(trail, "cloudtrail.GetEventSelectors", selectors, arn)


def acl_of_stage(to: Telling) -> dict[tuple[str, str], object]:
    """Return where the ARN of the web ACL before a stage stands, by the stage's region and the end of its ARN."""
    found: dict[tuple[str, str], object] = {}
    for use in to.of(_ASSOCIATION):
        _, marked, stage = use.text("ResourceArn").partition("/restapis/")
        if marked:
            found[place_of(use).region, stage] = use.node.at("WebACLArn")
    return found
