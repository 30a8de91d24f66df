"""Responses of Elastic Load Balancing (``elbv2``)."""

from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich
from auditkit.exports.services._parts import parts
from auditkit.inventory.record import UNSET, UnsetType
from auditkit.inventory.records.loadbalancers import Listener, ListenerRule, LoadBalancer, Target, TargetGroup

__all__ = ["HANDLERS"]


def _describe_load_balancers(response: Response, reading: Reading) -> None:
    for balancer, _, _ in reading.each(response, LoadBalancer, "LoadBalancers"):
        balancer.id = balancer.load_balancer_arn
        balancer.name = balancer.load_balancer_name or balancer.id.rpartition("/")[2]
        reading.add(balancer)


def _describe_load_balancer_attributes(response: Response, reading: Reading) -> None:
    found: dict[str, str] | UnsetType = {}
    for _, item, source in reading.items(response, "Attributes"):
        key, value = item.get("Key"), item.get("Value")
        if isinstance(key, str) and isinstance(value, str) and not isinstance(found, UnsetType):
            found[key] = value
        else:
            reading.not_read(source, "wrong shape: expected texts Key and Value")
            found = UNSET
    enrich(response, reading, LoadBalancer, "Attributes", attributes=found)


def _describe_listeners(response: Response, reading: Reading) -> None:
    for listener, _, _ in reading.each(response, Listener, "Listeners"):
        listener.id = listener.listener_arn
        listener.name = f"{listener.protocol or ''}:{listener.port or ''}"
        reading.add(listener)


def _describe_rules(response: Response, reading: Reading) -> None:
    listeners = set()
    for index, item, _ in reading.items(response, "Rules"):
        listener = _listener_of(item.get("RuleArn")) or response.argument()
        rule = reading.convert(response, ListenerRule, {**item, "__listener": listener}, "Rules", index)
        if rule is not None:
            rule.id, rule.name = rule.rule_arn, "default" if rule.is_default else f"rule {rule.priority or ''}".strip()
            listeners.add(listener)
            reading.add(rule)
    for listener in sorted(listeners):
        enrich(response, reading, Listener, "Rules", key=listener, rules_seen=True)


def _listener_of(rule: object) -> str:
    """Return the ARN of the listener that a rule's ARN says it belongs to, ``""`` for what is no rule's ARN."""
    if not isinstance(rule, str) or ":listener-rule/" not in rule:
        return ""
    return rule.replace(":listener-rule/", ":listener/", 1).rpartition("/")[0]


def _describe_target_groups(response: Response, reading: Reading) -> None:
    for group, _, _ in reading.each(response, TargetGroup, "TargetGroups"):
        group.id = group.target_group_arn
        group.name = group.target_group_name or group.id.rpartition(":targetgroup/")[2].partition("/")[0]
        reading.add(group)


def _describe_target_health(response: Response, reading: Reading) -> None:
    found = parts(response, reading, Target, "TargetHealthDescriptions")
    enrich(response, reading, TargetGroup, "TargetHealthDescriptions", targets=found)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("elbv2", "DescribeListeners"): _describe_listeners,
    ("elbv2", "DescribeLoadBalancerAttributes"): _describe_load_balancer_attributes,
    ("elbv2", "DescribeLoadBalancers"): _describe_load_balancers,
    ("elbv2", "DescribeRules"): _describe_rules,
    ("elbv2", "DescribeTargetGroups"): _describe_target_groups,
    ("elbv2", "DescribeTargetHealth"): _describe_target_health,
}
