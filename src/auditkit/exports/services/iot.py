"""Responses of AWS IoT Core."""

from auditkit.exports._reading import Handler, Reading, Response
from auditkit.inventory.records.iot import TopicRule

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


HANDLERS: dict[tuple[str, str], Handler] = {
    ("iot", "GetTopicRule"): _get_topic_rule,
    ("iot", "ListTopicRules"): _list_topic_rules,
}
