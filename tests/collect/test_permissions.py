"""The policy that the collector needs: in step with the calls, of actions that exist, of none that tells secrets."""

import fnmatch
import json
import re
from pathlib import Path

import pytest
from policy_sentry.querying.actions import get_action_data
from policy_sentry.querying.all import get_all_actions

from auditkit.collect import plan, policy
from auditkit.collect.permissions import actions_of
from auditkit.exports.calls import api_calls, setting_calls, trigger_calls

ROOT = Path(__file__).resolve().parents[2]
POLICY = policy(api_calls())
WIDEST = policy((*api_calls(), *trigger_calls(), *setting_calls()))
LISTED = {action for statement in WIDEST["Statement"] for action in statement["Action"]}
ACTIONS = {
    action
    for listed in LISTED
    for action in (fnmatch.filter(get_all_actions(), listed) if listed.endswith("*") else [listed])
}
REVEALING = re.compile(
    r"(?i)secretsmanager:GetSecretValue|secretsmanager:BatchGet|ssm:GetParameter|kms:(?:Decrypt|GenerateData)|s3:GetObject"
    r"(?!LockConfiguration)|dynamodb:(?:Get(?!ResourcePolicy)|BatchGet|Query|Scan)|sqs:Receive|kinesis:GetRecords"
    r"|logs:(?:GetLog|FilterLog|StartQuery)|states:(?:GetExecution|DescribeExecution)|ecr:(?:GetAuth|BatchGetImage|GetDownload)"
    r"|cognito-idp:(?:ListUsers|AdminGet|DescribeUserPoolClient)|sts:AssumeRole|lambda:InvokeFunction|rds-data:"
    r"|apigateway:(?!GET)|redshift-data:|athena:"
)


def test_published_policy_is_that_of_the_calls():
    published = json.loads((ROOT / "docs" / "collector-policy.json").read_text())
    assert published == POLICY, "after a change of calls.csv: python scripts/collector_policy.py"


def test_every_action_exists():
    known = {action.lower() for action in get_all_actions()}
    assert [action for action in sorted(ACTIONS) if action.lower() not in known] == []


def levels(action):
    service, _, name = action.partition(":")
    return {row["access_level"] for row in get_action_data(service, name)[service]}


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_action_reads_and_reveals_no_content(action):
    assert levels(action) <= {"Read", "List"}
    assert not REVEALING.search(action)


def test_whole_families_are_allowed_where_they_list_settings_alone():
    assert {listed for listed in LISTED if "*" in listed} == {"elasticloadbalancing:Describe*", "rds:Describe*"}
    assert {"rds:DescribeDBInstances", "elasticloadbalancing:DescribeRules"} <= ACTIONS


def test_policy_is_small_enough_for_a_managed_policy():
    assert len(json.dumps(POLICY, separators=(",", ":"))) <= 6144


def test_api_keys_are_out_of_reach():
    (statement,) = (part for part in POLICY["Statement"] if part["Action"] == ["apigateway:GET"])
    patterns = [re.compile(re.escape(path).replace(r"\*", ".*")) for path in statement["Resource"]]
    for path in ("apikeys", "apikeys/a1", "usageplans/u1/keys", "account", "clientcertificates"):
        arn = f"arn:aws:apigateway:eu-west-1::/{path}"
        assert not [pattern for pattern in patterns if pattern.fullmatch(arn)], path
    for path in ("restapis", "restapis/a1/resources", "apis/a1/routes", "domainnames/x/basepathmappings", "vpclinks"):
        arn = f"arn:aws:apigateway:eu-west-1::/{path}"
        assert [pattern for pattern in patterns if pattern.fullmatch(arn)], path


def test_plan_lists_every_call_with_what_it_needs():
    planned = plan(api_calls())
    assert [(call.service, call.operation) for call in planned] == [
        (call.service, call.operation) for call in api_calls()
    ]
    assert {action for call in planned for action in call.actions} <= ACTIONS
    assert all(actions_of(call) for call in api_calls())
    (aliases,) = (call for call in planned if (call.service, call.operation) == ("lambda", "GetPolicy"))
    assert aliases.made_for == "lambda.ListFunctions, lambda.ListVersionsByFunction, lambda.ListAliases"
