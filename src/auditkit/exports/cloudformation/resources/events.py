"""Amazon EventBridge: buses, rules, API destinations, schedules and pipes."""

from collections import defaultdict

from auditkit.exports._answers import Place, Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of

__all__ = ["tell"]


def tell(to: Telling) -> None:
    """Tell what EventBridge has."""
    _buses(to)
    for rule in to.of("AWS::Events::Rule"):
        _rule(to, rule)
    for archive in to.of("AWS::Events::Archive"):
        members = {"ArchiveName": archive.identity.name, "EventSourceArn": archive.node.at("SourceArn")}
        tree = to.tree(archive, "events.Archive", members=members)
        to.give(archive, "events.ListArchives", {"Archives": [tree]}, complete=False)
    for destination in to.of("AWS::Events::ApiDestination"):
        members = {"ApiDestinationArn": destination.identity.arn, "Name": destination.identity.name}
        tree = to.tree(destination, "events.ApiDestination", members=members)
        to.give(destination, "events.ListApiDestinations", {"ApiDestinations": [tree]}, complete=False)
    for connection in to.of("AWS::Events::Connection"):
        members = {
            "ConnectionArn": connection.identity.arn,
            "Name": connection.identity.name,
            "SecretArn": connection.identity.attributes["SecretArn"],
        }
        tree = to.tree(connection, "events.DescribeConnectionResponse", members=members)
        to.give(connection, "events.DescribeConnection", tree, connection.identity.name)
    _schedules(to)
    _pipes(to)


def _bus_name(text: str) -> str:
    return text.partition(":event-bus/")[2] if text.startswith("arn:") else text or "default"


def _buses(to: Telling) -> None:
    policies: dict[tuple[Place, str], list[Resource]] = defaultdict(list)
    for policy in to.of("AWS::Events::EventBusPolicy"):
        policies[place_of(policy), _bus_name(policy.text("EventBusName"))].append(policy)
    for bus in to.of("AWS::Events::EventBus"):
        name = bus.identity.name
        found = policies.pop((place_of(bus), name), [])
        statements = [_statement(policy, bus.identity.arn) for policy in found]
        own = bus.node.at("Policy")
        members: dict[str, object] = {"Name": name, "Arn": bus.identity.arn, "Policy": own}
        if statements:
            members["Policy"] = {"Version": "2012-10-17", "Statement": statements}
        tree = to.tree(bus, "events.DescribeEventBusResponse", {"Policy": ""}, members)
        unseen = () if members["Policy"] is not None else ("policy",)
        to.give(bus, "events.DescribeEventBus", tree, name, unseen=unseen)
        to.give(bus, "events.ListTagsForResource", {"Tags": bus.node.at("Tags")}, bus.identity.arn)
    for (place, name), found in policies.items():  # of a bus that no template has, mostly the default one
        stack = found[0].stack
        arn = f"arn:{stack.partition}:events:{place.region}:{place.account}:event-bus/{name}"
        document = {"Version": "2012-10-17", "Statement": [_statement(one, arn) for one in found]}
        tree = Tree(found[0].node.source, {"Name": name, "Arn": arn, "Policy": document})
        to.give(found[0], "events.DescribeEventBus", tree, name, place=place, complete=False)


def _statement(policy: Resource, arn: str) -> object:
    """Return a statement of a bus's policy, whichever of the two ways the template writes it."""
    node = policy.node
    whole = node.at("Statement")
    if whole is not None:
        return whole
    principal = node.text("Principal")
    partition = policy.stack.partition
    anyone = principal in {"*", ""}
    members: dict[str, object] = {
        "Sid": node.at("StatementId") or policy.logical,
        "Effect": "Allow",
        "Principal": "*" if anyone else {"AWS": f"arn:{partition}:iam::{principal}:root"},
        "Action": node.at("Action") or "events:PutEvents",
        "Resource": arn,
    }
    condition = node.at("Condition")
    if condition is not None:
        kind, key = condition.text("Type") or "StringEquals", condition.text("Key") or "aws:PrincipalOrgID"
        members["Condition"] = {kind: {key: condition.at("Value")}}
    return Tree(node.source, members)


def _rule(to: Telling, rule: Resource) -> None:
    bus = _bus_name(rule.text("EventBusName"))
    members = {
        "Name": rule.identity.name,
        "Arn": rule.identity.arn,
        "EventBusName": bus,
        "EventPattern": rule.node.at("EventPattern"),
        "State": rule.node.at("State") or "ENABLED",
    }
    tree = to.tree(rule, "events.Rule", {"EventPattern": ""}, members)
    to.give(rule, "events.ListRules", {"Rules": [tree]}, bus, complete=False)
    targets = to.tree(rule, "events.ListTargetsByRuleResponse")
    targets.setdefault("Targets", [])
    to.give(rule, "events.ListTargetsByRule", targets, bus, rule.identity.name)


def _schedules(to: Telling) -> None:
    for schedule in to.of("AWS::Scheduler::Schedule"):
        group = schedule.text("GroupName") or "default"
        members = {"Arn": schedule.identity.arn, "Name": schedule.identity.name, "GroupName": group}
        tree = to.tree(schedule, "scheduler.GetScheduleOutput", {"StartDate": "", "EndDate": ""}, members)
        to.give(schedule, "scheduler.GetSchedule", tree, group, schedule.identity.name)


def _pipes(to: Telling) -> None:
    for pipe in to.of("AWS::Pipes::Pipe"):
        members = {"Arn": pipe.identity.arn, "Name": pipe.identity.name, "Tags": pipe.node.at("Tags")}
        tree = to.tree(pipe, "pipes.DescribePipeResponse", {"Tags": ""}, members)
        to.give(pipe, "pipes.DescribePipe", tree, pipe.identity.name)
