"""Web ACLs, parameter groups and tags in Terraform."""

import json

import pytest

from auditkit.exports import read
from auditkit.inventory.records.alarms import Alarm
from auditkit.inventory.records.apis import RestApi
from auditkit.inventory.records.caches import ReplicationGroup
from auditkit.inventory.records.databases import DBParameterGroup
from auditkit.inventory.records.guards import AnomalyMonitor, Budget, Detector
from auditkit.inventory.records.identities import Role
from auditkit.inventory.records.trails import Trail
from auditkit.inventory.records.webacls import WebAcl, WebAclUse
from auditkit.inventory.records.workloads import BuildProject, Cluster, Instance, NotebookInstance, TaskDefinition
from tests.exports.terraform.rendering import plan_of, state_of

STAGE = "arn:aws:apigateway:eu-west-1::/restapis/${aws_api_gateway_rest_api.a.id}/stages/prod"
RESOURCES = {
    "aws_wafv2_web_acl.wall": {
        "name": "wall",
        "scope": "REGIONAL",
        "rule": [
            {
                "name": "rate",
                "priority": 0,
                "action": [{"block": [{}]}],
                "statement": [{"rate_based_statement": [{"limit": 2000, "aggregate_key_type": "IP"}]}],
            }
        ],
    },
    "aws_api_gateway_rest_api.a": {"name": "shop"},
    "aws_api_gateway_stage.s": {
        "rest_api_id": "${aws_api_gateway_rest_api.a.id}",
        "stage_name": "prod",
        "deployment_id": "d",
    },
    "aws_wafv2_web_acl_association.stage": {"resource_arn": STAGE, "web_acl_arn": "${aws_wafv2_web_acl.wall.arn}"},
    "aws_lb.door": {"name": "door", "load_balancer_type": "application"},
    "aws_wafv2_web_acl_association.door": {
        "resource_arn": "${aws_lb.door.arn}",
        "web_acl_arn": "${aws_wafv2_web_acl.wall.arn}",
    },
    "aws_db_parameter_group.g": {"name": "g", "parameter": [{"name": "rds.force_ssl", "value": "1"}]},
    "aws_elasticache_replication_group.c": {
        "replication_group_id": "c",
        "tags": {"data-classification": "confidential"},
    },
}


def inventory_of(folder, document):
    (folder / "tf.json").write_text(json.dumps(document))
    return read(folder / "tf.json")


def test_what_guards_is_read_of_a_state(tmp_path):
    inventory = inventory_of(tmp_path, state_of(RESOURCES))
    (acl,), (api,), (group,) = inventory.of(WebAcl), inventory.of(RestApi), inventory.of(DBParameterGroup)
    assert acl.rules[0].rate_based
    assert [stage.web_acl_arn for stage in api.stages] == [acl.id]
    (door,) = [use for use in inventory.of(WebAclUse) if "app/door" in use.resource]
    assert door.acl == acl.id
    assert [(one.parameter_name, one.parameter_value) for one in group.parameters] == [("rds.force_ssl", "1")]
    assert not group.complete
    assert not inventory.not_read


def test_what_guards_is_read_of_a_plan(tmp_path):
    inventory = inventory_of(tmp_path, plan_of(RESOURCES))
    assert [acl.name for acl in inventory.of(WebAcl)] == ["wall"]
    assert [group.name for group in inventory.of(DBParameterGroup)] == ["g"]


def test_tags_are_read_where_the_api_has_them_apart(tmp_path):
    (cache,) = inventory_of(tmp_path, state_of(RESOURCES)).of(ReplicationGroup)
    assert cache.tags == {"data-classification": "confidential"}


WATCH = {
    "aws_cloudtrail.main": {
        "name": "main",
        "s3_bucket_name": "log",
        "is_multi_region_trail": True,
        "event_selector": [
            {
                "read_write_type": "All",
                "include_management_events": True,
                "data_resource": [{"type": "AWS::Lambda::Function", "values": ["arn:aws:lambda"]}],
            }
        ],
    },
    "aws_cloudtrail.plain": {"name": "plain", "s3_bucket_name": "log", "enable_logging": False},
    "aws_cloudtrail.fine": {
        "name": "fine",
        "s3_bucket_name": "log",
        "advanced_event_selector": [{"field_selector": [{"field": "eventCategory", "equals": ["Data"]}]}],
    },
    "aws_cloudwatch_metric_alarm.costs": {
        "alarm_name": "costs",
        "namespace": "AWS/Billing",
        "metric_name": "EstimatedCharges",
        "actions_enabled": True,
        "alarm_actions": ["arn:aws:sns:us-east-1:111122223333:t"],
        "dimensions": {"Currency": "USD"},
    },
    "aws_guardduty_detector.d": {"enable": True},
    "aws_guardduty_detector_feature.f": {
        "detector_id": "${aws_guardduty_detector.d.id}",
        "name": "LAMBDA_NETWORK_LOGS",
        "status": "ENABLED",
    },
    "aws_budgets_budget.b": {
        "name": "month",
        "budget_type": "COST",
        "cost_filter": [{"name": "Service", "values": ["AWS Lambda"]}],
        "notification": [{"notification_type": "ACTUAL", "threshold": 80}],
    },
    "aws_ce_anomaly_monitor.m": {"name": "odd", "monitor_type": "DIMENSIONAL"},
    "aws_ce_anomaly_subscription.s": {
        "name": "told",
        "monitor_arn_list": ["${aws_ce_anomaly_monitor.m.arn}"],
        "subscriber": [{"type": "EMAIL", "address": "a@example.com"}],
    },
}


def test_what_watches_is_read(tmp_path):
    inventory = inventory_of(tmp_path, state_of(WATCH))
    trails = {trail.name: trail for trail in inventory.of(Trail)}
    assert {name: trail.is_logging for name, trail in trails.items()} == {"fine": True, "main": True, "plain": False}
    assert trails["main"].selectors.event_selectors[0].data_resources[0].values == ("arn:aws:lambda",)
    assert trails["main"].is_multi_region_trail
    assert trails["plain"].selectors.event_selectors[0].include_management_events
    assert trails["fine"].selectors.advanced_event_selectors[0].field_selectors[0].equals == ("Data",)
    (alarm,), (detector,), (budget,), (monitor,) = (
        inventory.of(kind) for kind in (Alarm, Detector, Budget, AnomalyMonitor)
    )
    assert (alarm.alarm_name, alarm.dimensions[0].value) == ("costs", "USD")
    assert [(one.name, one.status) for one in detector.features] == [("LAMBDA_NETWORK_LOGS", "ENABLED")]
    assert (detector.status, monitor.monitor_name, monitor.subscribed) == ("ENABLED", "odd", True)
    assert (budget.budget_name, budget.cost_filters, budget.notifications) == ("month", {"Service": ("AWS Lambda",)}, 1)


WORK = {
    "aws_iam_role.builder": {"name": "builder", "assume_role_policy": "{}"},
    "aws_iam_instance_profile.p": {"name": "p", "role": "${aws_iam_role.builder.name}"},
    "aws_codebuild_project.b": {"name": "b", "service_role": "${aws_iam_role.builder.arn}"},
    "aws_instance.i": {"ami": "a", "iam_instance_profile": "${aws_iam_instance_profile.p.name}"},
    "aws_instance.bare": {"ami": "a"},
    "aws_sagemaker_notebook_instance.n": {"name": "n", "role_arn": "${aws_iam_role.builder.arn}"},
    "aws_ecs_cluster.c": {"name": "c"},
    "aws_ecs_task_definition.t": {"family": "t"},
}


def test_what_else_runs_in_a_role_is_read(tmp_path):
    for document in (state_of(WORK), plan_of(WORK)):
        inventory = inventory_of(tmp_path, document)
        (role,), (project,), (book,) = (inventory.of(kind) for kind in (Role, BuildProject, NotebookInstance))
        assert (project.name, project.service_role, book.role_arn) == ("b", role.arn, role.arn)
        profiles = [one.iam_instance_profile and one.iam_instance_profile.arn for one in inventory.of(Instance)]
        assert set(profiles) == {None, *role.instance_profiles}
        assert [one.name for kind in (Cluster, TaskDefinition) for one in inventory.of(kind)] == ["c", "t"]


OVERRIDE = [{"name": "GenericLFI_BODY", "action_to_use": [{"count": [{}]}]}]


@pytest.mark.parametrize("form", [state_of, plan_of])
def test_rules_of_a_managed_group_may_do_something_else(tmp_path, form):
    group = {"vendor_name": "AWS", "name": "AWSManagedRulesCommonRuleSet", "rule_action_override": OVERRIDE}
    rule = {"name": "common", "priority": 0, "override_action": [{"none": [{}]}]}
    rule["statement"] = [{"managed_rule_group_statement": [group]}]
    said = {"aws_wafv2_web_acl.w": {"name": "w", "scope": "REGIONAL", "rule": [rule]}}
    inventory = inventory_of(tmp_path, form(said))
    (acl,) = inventory.of(WebAcl)
    assert [(one.managed_group, one.let_through, one.counts_only) for one in acl.rules] == [
        ("AWSManagedRulesCommonRuleSet", {"GenericLFI_BODY"}, False)
    ]


@pytest.mark.parametrize("form", [state_of, plan_of])
def test_groups_that_are_put_into_a_web_acl_from_beside(tmp_path, form):
    managed = {"vendor_name": "AWS", "name": "AWSManagedRulesCommonRuleSet", "rule_action_override": OVERRIDE}
    beside = {"web_acl_arn": "${aws_wafv2_web_acl.w.arn}", "rule_name": "common", "priority": 0}
    said = {
        "aws_wafv2_web_acl.w": {"name": "w", "scope": "REGIONAL"},
        "aws_wafv2_web_acl_rule_group_association.one": beside | {"managed_rule_group": [managed]},
        "aws_wafv2_web_acl_rule_group_association.two": beside
        | {"rule_group_reference": [{"arn": "arn:aws:wafv2:x"}], "override_action": "count"},
    }
    (acl,) = inventory_of(tmp_path, form(said)).of(WebAcl)
    assert {(one.managed_group, one.let_through, one.group, one.counts_only) for one in acl.rules} == {
        ("AWSManagedRulesCommonRuleSet", frozenset({"GenericLFI_BODY"}), "", False),
        ("", frozenset(), "arn:aws:wafv2:x", True),
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[{"Name": "r", "Statement": {"RateBasedStatement": {"Limit": 100}}, "Action": {"Block": {}}}]', [True]),
        ("[]", []),
        ("{", None),
        ('{"Name": "r"}', None),
        ('["r"]', None),
    ],
)
def test_rules_of_a_web_acl_as_text(tmp_path, text, found):
    said = {"aws_wafv2_web_acl.w": {"name": "w", "scope": "REGIONAL", "rule_json": text}}
    inventory = inventory_of(tmp_path, state_of(said))
    assert [[one.rate_based for one in acl.rules] for acl in inventory.of(WebAcl)] == ([] if found is None else [found])
    assert bool(inventory.not_read) is (found is None)  # what it blocks is not known then


def test_rules_that_a_plan_does_not_know_are_not_told_as_none(tmp_path):
    rules = {"Name": "r", "Statement": {"IPSetReferenceStatement": {"ARN": "${aws_wafv2_ip_set.s.arn}"}}}
    acl = {"name": "w", "scope": "REGIONAL", "rule_json": rules}
    inventory = inventory_of(tmp_path, plan_of({"aws_wafv2_ip_set.s": {"name": "s"}, "aws_wafv2_web_acl.w": acl}))
    assert not inventory.of(WebAcl)
    assert any("rule_json will be known only when the plan" in note.reason for note in inventory.not_read)
