"""What guards and watches, in Terraform: web ACLs, trails, alarms, detectors, budgets, monitors of cost."""

from collections import defaultdict
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.terraform._out import Out, block
from auditkit.exports.terraform._resources import Estate, Resource
from auditkit.inventory.selections import BackupSelection

__all__ = ["acls_of_stages", "translate"]

_ASSOCIATION = "aws_wafv2_web_acl_association"


def translate(estate: Estate, out: Out) -> None:
    """Hand over what guards and watches; of stages, the web ACL is told with their API."""
    _acls(estate, out)
    for trail in estate.of("aws_cloudtrail"):
        _trail(trail, out)
    for alarm in estate.of("aws_cloudwatch_metric_alarm"):
        tree = alarm.fit("cloudwatch", "MetricAlarm", arn="AlarmArn", dimensions="")
        tree["Dimensions"] = _dimensions(alarm.either("dimensions"))
        tree["Metrics"] = [_query(one) for one in alarm.node.each("metric_query")]
        out.give(alarm, "cloudwatch.DescribeAlarms", {"MetricAlarms": [tree]}, complete=False)
    for alarm in estate.of("aws_cloudwatch_composite_alarm"):
        tree = alarm.fit("cloudwatch", "CompositeAlarm", arn="AlarmArn", id="")
        out.give(alarm, "cloudwatch.DescribeAlarms", {"CompositeAlarms": [tree]}, complete=False)
    for detector in estate.of("aws_guardduty_detector"):
        status = "DISABLED" if detector.text("enable").lower() == "false" else "ENABLED"
        out.give(detector, "guardduty.GetDetector", {"Status": status, "Features": _features(estate, detector)})
    for selection in estate.of("aws_backup_selection"):
        out.answers.reading.add(_selection(selection))
    for budget in estate.of("aws_budgets_budget"):
        tree = {"BudgetName": budget.either("name"), "BudgetType": budget.either("budget_type")}
        tree["CostFilters"] = {one.text("name"): one.at("values") for one in budget.node.each("cost_filter")} or None
        out.give(budget, "budgets.DescribeBudgets", {"Budgets": [tree]}, complete=False)
        told = {"BudgetName": tree["BudgetName"], "Notifications": list(budget.node.each("notification"))}
        shown = {"BudgetNotificationsForAccount": [told]}
        out.give(budget, "budgets.DescribeBudgetNotificationsForAccount", shown, complete=False)
    for monitor in estate.of("aws_ce_anomaly_monitor"):
        tree = {"MonitorArn": monitor.arn, "MonitorName": monitor.either("name")}
        tree["MonitorType"] = monitor.either("monitor_type")
        out.give(monitor, "ce.GetAnomalyMonitors", {"AnomalyMonitors": [tree]}, complete=False)
    for subscription in estate.of("aws_ce_anomaly_subscription"):
        tree = {"MonitorArnList": subscription.either("monitor_arn_list")}
        tree["Subscribers"] = [{"Type": one.at("type")} for one in subscription.node.each("subscriber")]
        out.give(subscription, "ce.GetAnomalySubscriptions", {"AnomalySubscriptions": [tree]}, complete=False)


def _selection(selection: Resource) -> BackupSelection:
    def texts(name: str) -> tuple[str, ...]:
        told = [one.value for one in selection.node.each(name)] or selection.estate.referred(selection, name)
        return tuple(one for one in told if isinstance(one, str))

    source = selection.source if selection.estate.planned else selection.node.source
    return BackupSelection(
        id=f"backup selection:{selection.address}",
        name=selection.text("name") or selection.symbol,
        account=selection.place.account,
        region=selection.place.region,
        sources=(selection.estate.locate(source),),
        resources=texts("resources"),
        not_resources=texts("not_resources"),
        by_tags=tuple((tag.text("key"), tag.text("value")) for tag in selection.node.each("selection_tag")),
        narrowed=any(True for _ in selection.node.each("condition")),
    )


def _acls(estate: Estate, out: Out) -> None:
    further: dict[str, list[Tree]] = defaultdict(list)
    for one in estate.of("aws_wafv2_web_acl_rule_group_association"):
        further[one.text("web_acl_arn")].append(_group_beside(one))
    for acl in estate.of("aws_wafv2_web_acl"):
        rules = _rules_of(acl, out)
        if rules is None:
            continue  # nobody knows what it blocks, so that nothing is told of it but that it is there
        tree = acl.fit("wafv2", "WebACL", rule="", arn="ARN", rule_json="")
        tree["Rules"] = [*rules, *further[acl.arn]]
        out.give(acl, "wafv2.GetWebACL", {"WebACL": tree}, acl.arn)
    for use in estate.of(_ASSOCIATION):
        tree = {"WebACL": {"ARN": use.either("web_acl_arn")}}
        out.give(use, "wafv2.GetWebACLForResource", tree, use.text("resource_arn"))


def _rules_of(acl: Resource, out: Out) -> list[Any] | None:
    """Return the rules of a web ACL, also those that stand in a text as JSON; ``None`` where they were not seen."""
    text = acl.either("rule_json")
    if text is None:
        if acl.unknown("rule_json") and acl.estate.configured(acl, "rule_json"):
            out.unread(acl, "rule_json will be known only when the plan is applied")
            return None
        rules = acl.fit("wafv2", "WebACL", rule="Rules").get("Rules")
        return list(rules or ())
    try:
        found = parse_json(str(text.value).encode("utf-8", "surrogatepass"))
    except JsonError as error:
        out.unread(acl, f"rule_json is not JSON: {error}")
        return None
    if not isinstance(found, list) or not all(isinstance(rule, dict) for rule in found):
        out.unread(acl, "rule_json is no list of rules")
        return None
    return [Tree(text.source, rule) for rule in found]


def _group_beside(one: Resource) -> Tree:
    """Return the rule by which a web ACL that stands apart uses a group."""
    managed, own = one.first("managed_rule_group"), one.first("rule_group_reference")
    shape = shape_of("wafv2", "ManagedRuleGroupStatement")
    statement = {
        "ManagedRuleGroupStatement": fitted(managed, shape),
        "RuleGroupReferenceStatement": block(own, ARN="arn"),
    }
    override = "Count" if one.text("override_action").lower() == "count" else "None"
    name = one.either("rule_name")
    return Tree(one.source, {"Name": name, "Statement": statement, "OverrideAction": {override: {}}})


def _trail(trail: Resource, out: Out) -> None:
    tree = trail.fit(
        "cloudtrail",
        "Trail",
        arn="TrailARN",
        enable_log_file_validation="LogFileValidationEnabled",
        event_selector="",
        advanced_event_selector="",
    )
    out.give(trail, "cloudtrail.DescribeTrails", {"trailList": [tree]}, complete=False)
    on = trail.either("enable_logging")
    out.give(trail, "cloudtrail.GetTrailStatus", {"IsLogging": True if on is None else on}, trail.arn)
    plain = [_selector(one) for one in trail.node.each("event_selector")]
    advanced = [
        {"FieldSelectors": [block(field, **_FIELD) for field in one.each("field_selector")]}
        for one in trail.node.each("advanced_event_selector")
    ]
    told = {"AdvancedEventSelectors": advanced} if advanced else {"EventSelectors": plain or [_MANAGEMENT]}
    out.give(trail, "cloudtrail.GetEventSelectors", told, trail.arn)


def _selector(selector: Node) -> dict[str, object]:
    data = [block(one, Type="type", Values="values") for one in selector.each("data_resource")]
    kinds = block(selector, ReadWriteType="read_write_type", IncludeManagementEvents="include_management_events")
    return {**(kinds or {}), "DataResources": data}


_FIELD = {
    "Field": "field",
    "Equals": "equals",
    "StartsWith": "starts_with",
    "NotEquals": "not_equals",
    "NotStartsWith": "not_starts_with",
}
_MANAGEMENT = {"ReadWriteType": "All", "IncludeManagementEvents": True}
"""What a trail records that names no selectors (``PutEventSelectors``)."""


def _query(query: Node) -> dict[str, object]:
    """Return a part of what an alarm computes as the API has it; blocks are lists."""
    metric = next(iter(query.each("metric")), None)
    if metric is None:
        return {"Id": query.at("id"), "Expression": query.at("expression")}
    told = {"Namespace": metric.at("namespace"), "MetricName": metric.at("metric_name")}
    return {"Id": query.at("id"), "MetricStat": {"Metric": told | {"Dimensions": _dimensions(metric.at("dimensions"))}}}


def _dimensions(found: Node | None) -> list[dict[str, object]]:
    values = found.value if found is not None and isinstance(found.value, dict) else {}
    return [{"Name": str(name), "Value": value} for name, value in sorted(values.items())]


def _features(estate: Estate, detector: Resource) -> list[dict[str, object]]:
    ours = [one for one in estate.of("aws_guardduty_detector_feature") if one.text("detector_id") == detector.id]
    return [{"Name": one.either("name"), "Status": one.either("status")} for one in ours]


def acls_of_stages(estate: Estate) -> dict[str, Node | None]:
    """Return the ARN of the web ACL before a stage, by the end of the stage's ARN."""
    found = {}
    for use in estate.of(_ASSOCIATION):
        _, marked, stage = use.text("resource_arn").partition("/restapis/")
        if marked:
            found[stage] = use.either("web_acl_arn")
    return found
