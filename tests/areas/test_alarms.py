"""Alarms of templates: on other alarms, and on queries over all functions."""

import json

import pytest

from auditkit.areas import Scene, judge
from auditkit.exports import read
from auditkit.graph import connect
from auditkit.inventory.records.alarms import Alarm
from tests.exports.cloudformation.writing import inventory_of
from tests.exports.terraform.rendering import plan_of, state_of

TEMPLATE = """\
Resources:
  Topic: {{Type: AWS::SNS::Topic, Properties: {{TopicName: told}}}}
  Code:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: f
      Handler: a.b
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/x
      Code: {{ZipFile: x}}
      Tags: [{{Key: criticality, Value: critical}}]
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: errors
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{{Name: FunctionName, Value: !Ref Code}}]
  Throttles:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: throttles
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
      Metrics:
        - {{Id: q, Expression: 'SELECT SUM(Throttles) FROM SCHEMA("AWS/Lambda", FunctionName)', Period: 60}}
  Over:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties:
      AlarmName: over
      AlarmRule: !Sub 'ALARM("${{Errors}}") {both} ALARM(${{Throttles.Arn}})'
      AlarmActions: [!Ref Topic, !GetAtt Code.Arn]
"""


def told(inventory):
    scene = Scene(inventory, connect(inventory), date="2026-11-01")
    (found,) = [one for one in judge(scene, checks=["sprawl.alarms"]) if one.label == "f"]
    return str(found.verdict)


@pytest.mark.parametrize(("both", "expected"), [("OR", "PASS"), ("AND", "UNKNOWN")])
def test_alarms_of_a_template(tmp_path, both, expected):
    inventory = inventory_of(tmp_path, shop__yaml=TEMPLATE.format(both=both))
    assert told(inventory) == expected
    assert not inventory.not_read
    graph = connect(inventory)
    (over,) = [alarm.id for alarm in inventory.of(Alarm) if alarm.name == "over"]
    (code,) = [node for node in graph if node.endswith(":function:f")]
    assert graph.has_edge(over, code)


def terraform(both):
    dimension = {"dimensions": {"FunctionName": "f"}}
    stat = {"namespace": "AWS/Lambda", "metric_name": "Errors", "period": 60, "stat": "Sum"}
    query = 'SELECT SUM(Throttles) FROM SCHEMA("AWS/Lambda", FunctionName)'
    above = {"comparison_operator": "GreaterThanThreshold", "evaluation_periods": 1}
    return {
        "aws_lambda_function.f": {"function_name": "f", "role": "r", "tags": {"criticality": "critical"}},
        "aws_cloudwatch_metric_alarm.e": above
        | {"alarm_name": "errors", "metric_query": [{"id": "m", "return_data": True, "metric": [stat | dimension]}]},
        "aws_cloudwatch_metric_alarm.t": above
        | {"alarm_name": "throttles", "metric_query": [{"id": "q", "expression": query, "period": 60}]},
        "aws_cloudwatch_composite_alarm.over": {
            "alarm_name": "over",
            "alarm_rule": f"ALARM(errors) {both} ALARM(throttles)",
            "alarm_actions": ["arn:aws:sns:eu-west-1:111122223333:told"],
            "actions_enabled": True,
        },
    }


@pytest.mark.parametrize("form", [state_of, plan_of])
@pytest.mark.parametrize(("both", "expected"), [("OR", "PASS"), ("AND", "UNKNOWN")])
def test_alarms_of_terraform(tmp_path, form, both, expected):
    (tmp_path / "tf.json").write_text(json.dumps(form(terraform(both))))
    inventory = read(tmp_path / "tf.json")
    assert len(inventory.of(Alarm)) == 3
    assert told(inventory) == expected
