"""AWS IoT Core."""

from auditkit.exports._answers import Tree
from auditkit.exports.cloudformation._telling import Telling

__all__ = ["tell"]


def tell(to: Telling) -> None:
    """Tell topic rules, and the policies of things."""
    for rule in to.of("AWS::IoT::TopicRule"):
        payload = to.fitted(rule.node.at("TopicRulePayload"), "iot.TopicRule")
        payload["ruleName"] = rule.identity.name
        tree = Tree(rule.node.source, {"ruleArn": rule.identity.arn, "rule": payload})
        to.give(rule, "iot.GetTopicRule", tree, rule.identity.name)
    for policy in to.of("AWS::IoT::Policy"):
        members = {
            "policyName": policy.identity.name,
            "policyArn": policy.identity.arn,
            "policyDocument": policy.node.at("PolicyDocument"),
        }
        to.give(policy, "iot.GetPolicy", members, policy.identity.name)
