"""Responses of AWS IoT Core."""

from auditkit.exports._attached import policy_text
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.inventory.records.iot import DevicePolicy, TopicRule

__all__ = ["HANDLERS"]


def _list_topic_rules(response: Response, reading: Reading) -> None:
    for rule, item, _ in reading.each(response, TopicRule, "rules"):
        _add(response, reading, rule, item.get("ruleArn"))


def _get_topic_rule(response: Response, reading: Reading) -> None:
    item = reading.value(dict, response, "rule")
    if item is None:
        return
    described = {"actions": [], **item, "errorAction": item.get("errorAction") or None}
    rule = reading.convert(response, TopicRule, described, "rule")
    if rule is not None:
        _add(response, reading, rule, response.payload.get("ruleArn"))


def _add(response: Response, reading: Reading, rule: TopicRule, arn: object) -> None:
    rule.id = arn if isinstance(arn, str) and arn else response.arn("iot", f"rule/{rule.rule_name}")
    rule.name = rule.rule_name
    reading.add(rule)


def _list_policies(response: Response, reading: Reading) -> None:
    for policy, item, _ in reading.each(response, DevicePolicy, "policies"):
        _add_policy(response, reading, policy, item.get("policyArn"))


def _get_policy(response: Response, reading: Reading) -> None:
    item = response.payload
    policy = reading.convert(response, DevicePolicy, item) if item else None
    if policy is not None:
        document, at = item.get("policyDocument"), response.at("policyDocument")
        policy.policy = policy_text(document, at, reading, name=policy.policy_name)
        _add_policy(response, reading, policy, item.get("policyArn"))


def _add_policy(response: Response, reading: Reading, policy: DevicePolicy, arn: object) -> None:
    policy.id = arn if isinstance(arn, str) and arn else response.arn("iot", f"policy/{policy.policy_name}")
    policy.name = policy.policy_name
    reading.add(policy)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("iot", "GetPolicy"): _get_policy,
    ("iot", "GetTopicRule"): _get_topic_rule,
    ("iot", "ListPolicies"): _list_policies,
    ("iot", "ListTopicRules"): _list_topic_rules,
}
