"""Elastic Load Balancing."""

from auditkit.exports._answers import Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, several

__all__ = ["tell"]

_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


def tell(to: Telling) -> None:
    """Tell load balancers, listeners with their rules, and target groups."""
    for balancer in to.of(_BALANCER):
        _balancer(to, balancer)
    for listener in to.of(_LISTENER):
        arn = listener.text("LoadBalancerArn")
        tree = to.tree(listener, "elbv2.Listener", members={"ListenerArn": listener.identity.arn})
        to.give(listener, "elbv2.DescribeListeners", {"Listeners": [tree]}, arn, complete=False)
    for (place, arn), rules in to.by("ListenerArn", of=[_RULE]).items():
        trees = [
            to.tree(rule, "elbv2.Rule", {"ListenerArn": ""}, {"RuleArn": rule.identity.arn, "IsDefault": False})
            for rule in rules
        ]
        to.give(rules[0], "elbv2.DescribeRules", {"Rules": trees}, arn, place=place, complete=False)
    for group in to.of(_GROUP):
        _group(to, group)


def _balancer(to: Telling, balancer: Resource) -> None:
    arn = balancer.identity.arn
    subnets = [
        *({"SubnetId": subnet} for subnet in several(balancer.node.at("Subnets"))),
        *({"SubnetId": mapping.at("SubnetId")} for mapping in several(balancer.node.at("SubnetMappings"))),
    ]
    members: dict[str, object] = {
        "LoadBalancerArn": arn,
        "LoadBalancerName": balancer.identity.name,
        "DNSName": balancer.identity.attributes["DNSName"],
        "Scheme": balancer.node.at("Scheme") or "internet-facing",
        "Type": balancer.node.at("Type") or "application",
        "AvailabilityZones": subnets,
    }
    tree = to.tree(balancer, "elbv2.LoadBalancer", members=members)
    to.give(balancer, "elbv2.DescribeLoadBalancers", {"LoadBalancers": [tree]}, complete=False)
    attributes = balancer.node.at("LoadBalancerAttributes")
    if attributes is not None:
        shaped = to.fitted(
            balancer.node, "elbv2.DescribeLoadBalancerAttributesOutput", {"LoadBalancerAttributes": "Attributes"}
        )
        to.give(balancer, "elbv2.DescribeLoadBalancerAttributes", shaped, arn, complete=False)


def _group(to: Telling, group: Resource) -> None:
    arn = group.identity.arn
    members: dict[str, object] = {
        "TargetGroupArn": arn,
        "TargetGroupName": group.identity.name,
        "TargetType": group.node.at("TargetType") or "instance",
    }
    tree = to.tree(group, "elbv2.TargetGroup", {"Name": "", "Targets": ""}, members)
    to.give(group, "elbv2.DescribeTargetGroups", {"TargetGroups": [tree]}, complete=False)
    targets = [
        Tree(target.source, {"Target": to.fitted(target, "elbv2.TargetDescription")})
        for target in several(group.node.at("Targets"))
    ]
    if targets:
        to.give(group, "elbv2.DescribeTargetHealth", {"TargetHealthDescriptions": targets}, arn, complete=False)
