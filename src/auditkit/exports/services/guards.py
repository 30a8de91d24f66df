"""Responses of AWS WAF, Backup, CloudTrail, CloudWatch, GuardDuty, Budgets, Cost Explorer, and Inspector's coverage."""

from auditkit.exports._attached import tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich, listed, one, placed
from auditkit.exports.services.triggers import alarm_actions
from auditkit.inventory.records.alarms import Alarm
from auditkit.inventory.records.backups import Backup, BackupVault
from auditkit.inventory.records.guards import (
    AnomalyMonitor,
    AnomalySubscription,
    Budget,
    BudgetNotifications,
    Detector,
    ScanCoverage,
)
from auditkit.inventory.records.trails import EventSelectors, Trail
from auditkit.inventory.records.webacls import WebAcl, WebAclUse

__all__ = ["HANDLERS"]

_NOTIFICATIONS, _SUBSCRIPTIONS = "BudgetNotificationsForAccount", "AnomalySubscriptions"


def _get_web_acl(response: Response, reading: Reading) -> None:
    item = reading.value(dict, response, "WebACL")
    acl = reading.convert(response, WebAcl, item, "WebACL") if item else None
    if acl is not None:
        acl.id, acl.name = acl.arn, acl.acl_name
        reading.add(acl)


def _get_web_acl_for_resource(response: Response, reading: Reading) -> None:
    if not response.arguments:
        reading.not_read(response.source, "a web ACL in a file that does not tell what it stands before")
        return
    item = reading.value(dict, response, "WebACL") or {}
    arn = item.get("ARN")
    resource = response.arguments[0]
    reading.add(
        WebAclUse(
            id=f"acl-of:{resource}",
            name=resource,
            account=response.account,
            region=response.region,
            sources=(response.source,),
            resource=resource,
            acl=arn if isinstance(arn, str) else "",
        )
    )


def _list_backup_vaults(response: Response, reading: Reading) -> None:
    for vault, _, _ in reading.each(response, BackupVault, "BackupVaultList"):
        vault.id, vault.name = vault.backup_vault_arn, vault.backup_vault_name
        reading.add(vault)


def _list_protected_resources(response: Response, reading: Reading) -> None:
    for backup, _, _ in reading.each(response, Backup, "Results"):
        backup.id, backup.name = f"backup:{backup.resource_arn}", backup.resource_arn
        reading.add(backup)


def _describe_trails(response: Response, reading: Reading) -> None:
    for trail, _, _ in reading.each(response, Trail, "trailList"):
        trail.id, trail.name = trail.trail_arn, trail.trail_name
        reading.add(trail)


def _get_trail_status(response: Response, reading: Reading) -> None:
    enrich(response, reading, Trail, "IsLogging", is_logging=reading.value(bool, response, "IsLogging"))


def _get_event_selectors(response: Response, reading: Reading) -> None:
    enrich(response, reading, Trail, selectors=one(response, reading, EventSelectors))


def _describe_alarms(response: Response, reading: Reading) -> None:
    for key in ("MetricAlarms", "CompositeAlarms"):
        for alarm, _, _ in reading.each(response, Alarm, key):
            alarm.id, alarm.name = alarm.alarm_arn, alarm.alarm_name
            reading.add(alarm)
    alarm_actions(response, reading)


def _get_detector(response: Response, reading: Reading) -> None:
    if not placed(response):
        reading.not_read(response.source, "a detector in a file that tells neither account nor region")
        return
    detector = reading.convert(response, Detector, response.payload)
    if detector is not None:
        detector.id = f"settings:guardduty:{response.account}:{response.region}"
        detector.name = "GuardDuty"
        detector.tags = tags_of(response.payload.get("Tags"), response.at("Tags"), reading)
        reading.add(detector)


def _describe_budgets(response: Response, reading: Reading) -> None:
    for budget, _, _ in reading.each(response, Budget, "Budgets"):
        budget.id, budget.name = f"budget:{response.account}:{budget.budget_name}", budget.budget_name
        reading.add(budget)


def _get_anomaly_monitors(response: Response, reading: Reading) -> None:
    for monitor, _, _ in reading.each(response, AnomalyMonitor, "AnomalyMonitors"):
        monitor.id, monitor.name = monitor.monitor_arn, monitor.monitor_name
        reading.add(monitor)


def _describe_budget_notifications(response: Response, reading: Reading) -> None:
    budgets = listed(response, reading, BudgetNotifications, _NOTIFICATIONS)
    for index, budget in enumerate(budgets or ()):
        key = f"budget:{response.account}:{budget.budget_name}"
        enrich(response, reading, Budget, _NOTIFICATIONS, index, key=key, notifications=len(budget.notifications))


def _get_anomaly_subscriptions(response: Response, reading: Reading) -> None:
    subscriptions = listed(response, reading, AnomalySubscription, _SUBSCRIPTIONS)
    for index, subscription in enumerate(subscriptions or ()):
        if any(subscriber.status != "DECLINED" for subscriber in subscription.subscribers):
            for monitor in subscription.monitor_arn_list:
                enrich(response, reading, AnomalyMonitor, _SUBSCRIPTIONS, index, key=monitor, subscribed=True)


def _list_coverage(response: Response, reading: Reading) -> None:
    for covered, _, _ in reading.each(response, ScanCoverage, "coveredResources"):
        covered.id, covered.name = f"scan:{covered.scan_type}:{covered.resource_id}", covered.resource_id
        reading.add(covered)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("backup", "ListBackupVaults"): _list_backup_vaults,
    ("backup", "ListProtectedResources"): _list_protected_resources,
    ("budgets", "DescribeBudgets"): _describe_budgets,
    ("budgets", "DescribeBudgetNotificationsForAccount"): _describe_budget_notifications,
    ("ce", "GetAnomalyMonitors"): _get_anomaly_monitors,
    ("ce", "GetAnomalySubscriptions"): _get_anomaly_subscriptions,
    ("cloudtrail", "DescribeTrails"): _describe_trails,
    ("cloudtrail", "GetEventSelectors"): _get_event_selectors,
    ("cloudtrail", "GetTrailStatus"): _get_trail_status,
    ("cloudwatch", "DescribeAlarms"): _describe_alarms,
    ("guardduty", "GetDetector"): _get_detector,
    ("inspector2", "ListCoverage"): _list_coverage,
    ("wafv2", "GetWebACL"): _get_web_acl,
    ("wafv2", "GetWebACLForResource"): _get_web_acl_for_resource,
}
