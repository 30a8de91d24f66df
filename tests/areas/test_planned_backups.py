"""Plans of AWS Backup in templates and in Terraform: what they take in is not told as without a backup."""

import json

import pytest

import auditkit as ak
from tests.exports.terraform.rendering import plan_of, state_of

TEMPLATE = """
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      Tags: [{Key: backup, Value: daily}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
      Policies:
        - PolicyName: p
          PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:DeleteItem', Resource: !GetAtt Orders.Arn}]}
  F:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: a.b, Role: !GetAtt Role.Arn, Code: {ZipFile: ''}}
  Plan:
    Type: AWS::Backup::BackupPlan
    Properties: {BackupPlan: {BackupPlanName: daily, BackupPlanRule: []}}
  Selection:
    Type: AWS::Backup::BackupSelection
    Properties:
      BackupPlanId: !Ref Plan
      BackupSelection: {IamRoleArn: 'arn:aws:iam::111122223333:role/backup', SelectionName: stores, %s}
"""
NAMED = "Resources: [!GetAtt Orders.Arn]"
OTHER = "Resources: ['arn:aws:s3:::other']"
BY_TAG = "ListOfTags: [{ConditionType: STRINGEQUALS, ConditionKey: backup, ConditionValue: %s}]"
LEFT_OUT = "Resources: ['*'], NotResources: [!GetAtt Orders.Arn]"


@pytest.mark.parametrize(
    ("selection", "verdict"),
    [
        (NAMED, "WARN"),
        ("Resources: ['arn:aws:dynamodb:*:*:table/*']", "WARN"),
        (OTHER, "FAIL"),
        (BY_TAG % "daily", "WARN"),
        (BY_TAG % "weekly", "FAIL"),
        (LEFT_OUT, "FAIL"),
    ],
)
def test_a_plan_takes_in_what_it_names(tmp_path, selection, verdict):
    (tmp_path / "t.yaml").write_text(TEMPLATE % selection, encoding="utf-8")
    audit = ak.Audit(ak.read(tmp_path), date="2026-11-01")
    (found,) = (one for one in audit.findings if one.check == "rest.backup-integrity" and one.label == "orders")
    assert str(found.verdict) == verdict
    assert ("a plan of AWS Backup takes it in (stores)" in found.reason) == (verdict == "WARN")
    if verdict == "WARN":
        assert "t.yaml#/Resources/Selection/Properties" in map(str, found.sources)


OFF = {"point_in_time_recovery": [{"enabled": False}]}


def terraform(**selection):
    allow = {"Effect": "Allow", "Action": "dynamodb:DeleteItem", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "aws_dynamodb_table.orders": {"name": "orders", "hash_key": "id", "tags": {"backup": "daily"}, **OFF},
        "aws_iam_role.run": {"name": "run", "assume_role_policy": {"Statement": [trust]}},
        "aws_iam_role_policy.run": {"name": "p", "role": "${aws_iam_role.run.name}", "policy": {"Statement": [allow]}},
        "aws_lambda_function.f": {"function_name": "f", "role": "${aws_iam_role.run.arn}", "runtime": "python3.13"},
        "aws_backup_selection.s": {"name": "stores", "plan_id": "p", "iam_role_arn": "x", **selection},
    }


@pytest.mark.parametrize("render", [state_of, plan_of])
@pytest.mark.parametrize(
    ("selection", "verdict"),
    [
        ({"resources": ["${aws_dynamodb_table.orders.arn}"]}, "WARN"),
        ({"resources": ["arn:aws:s3:::other"]}, "FAIL"),
        ({"resources": ["*"], "not_resources": ["${aws_dynamodb_table.orders.arn}"]}, "FAIL"),
        ({"selection_tag": [{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}]}, "WARN"),
        ({"resources": ["*"]}, "WARN"),
        ({"resources": ["*"], "region": "eu-north-1"}, "FAIL"),  # plans are for a region
    ],
)
def test_so_does_one_of_terraform(tmp_path, render, selection, verdict):
    (tmp_path / "t.json").write_text(json.dumps(render(terraform(**selection))), encoding="utf-8")
    audit = ak.Audit(ak.read(tmp_path), date="2026-11-01")
    (found,) = (one for one in audit.findings if one.check == "rest.backup-integrity" and one.label == "orders")
    assert str(found.verdict) == verdict


@pytest.mark.parametrize(
    ("setting", "lacks"), [({}, True), (OFF, True), ({"point_in_time_recovery": [{"enabled": True}]}, False)]
)
def test_a_new_table_has_no_point_in_time_recovery_unless_it_is_asked_for(tmp_path, setting, lacks):
    resources = terraform(resources=["arn:aws:s3:::other"])
    table = {key: value for key, value in resources["aws_dynamodb_table.orders"].items() if key not in OFF}
    plan = plan_of(resources | {"aws_dynamodb_table.orders": table | setting})
    (tmp_path / "t.json").write_text(json.dumps(plan), encoding="utf-8")
    audit = ak.Audit(ak.read(tmp_path), date="2026-11-01")
    (found,) = (one for one in audit.findings if one.check == "rest.backup-integrity" and one.label == "orders")
    assert ("no point-in-time recovery" in found.reason) == lacks
