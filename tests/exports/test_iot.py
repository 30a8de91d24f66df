import boto3
from moto import mock_aws

from auditkit.inventory import UNSET
from auditkit.inventory.records.iot import TopicRule
from tests.exports.feeding import ACCOUNT, REGION, answer, exported, feed

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:telemetry"


@mock_aws
def test_a_rule_made_with_boto3_is_read_whole(tmp_path):
    client = boto3.client("iot", region_name=REGION)
    client.create_topic_rule(
        ruleName="telemetry",
        topicRulePayload={
            "sql": "SELECT * FROM 'devices/+/telemetry' WHERE temperature > 50",
            "actions": [
                {"lambda": {"functionArn": FUNCTION}},
                {
                    "http": {
                        "url": "https://hooks.example.com/secret/hunter2",
                        "headers": [{"key": "k", "value": "hunter2"}],
                    }
                },
                {"salesforce": {"token": "hunter2" * 6, "url": "https://ingestion-x.sfdcnow.com/streams/hunter2"}},
            ],
            "errorAction": {"sqs": {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "queueUrl": "https://sqs/1/dead"}},
        },
    )
    inventory = exported(tmp_path, "iot")
    (rule,) = inventory.of(TopicRule)
    assert rule.id == f"arn:aws:iot:{REGION}:{ACCOUNT}:rule/telemetry"
    first, second, third = rule.actions
    assert first.lambda_.function_arn == FUNCTION
    assert second.http.url == "https://hooks.example.com"
    assert third.salesforce.url == "https://ingestion-x.sfdcnow.com"
    assert rule.error_action.sqs.queue_url == "https://sqs/1/dead"
    assert "hunter2" not in repr(list(inventory))


def test_a_rule_that_is_only_listed_has_unseen_actions():
    arn = f"arn:aws:iot:{REGION}:{ACCOUNT}:rule/telemetry"
    listed = {"rules": [{"ruleArn": arn, "ruleName": "telemetry", "ruleDisabled": True}]}
    (rule,) = feed(answer("iot.ListTopicRules", listed)).of(TopicRule)
    assert (rule.actions, rule.rule_disabled) == (UNSET, True)


def test_an_empty_error_action_is_none():
    (rule,) = feed(answer("iot.GetTopicRule", {"rule": {"ruleName": "r", "errorAction": {}}}, "r")).of(TopicRule)
    assert rule.error_action is None


def test_an_action_of_an_unknown_kind_is_not_lost():
    payload = {"rule": {"ruleName": "r", "actions": [{"quantumLink": {"target": "x"}}]}}
    (rule,) = feed(answer("iot.GetTopicRule", payload, "r")).of(TopicRule)
    assert len(rule.actions) == 1
