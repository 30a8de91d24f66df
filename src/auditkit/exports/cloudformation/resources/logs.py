"""Amazon CloudWatch Logs and Amazon ECR."""

from auditkit.exports._answers import Tree
from auditkit.exports.cloudformation._telling import Telling

__all__ = ["tell"]


def tell(to: Telling) -> None:
    """Tell log groups with their subscriptions, deliveries of logs, and repositories."""
    _log_groups(to)
    _deliveries(to)
    for policy in to.of("AWS::Logs::ResourcePolicy"):
        tree = Tree(
            policy.node.source,
            {
                "policyName": policy.node.at("PolicyName") or policy.logical,
                "policyDocument": policy.node.at("PolicyDocument"),
            },
        )
        to.give(policy, "logs.DescribeResourcePolicies", {"resourcePolicies": [tree]}, complete=False)
    for repository in to.of("AWS::ECR::Repository"):
        name = repository.identity.name
        members = {
            "repositoryName": name,
            "repositoryArn": repository.identity.arn,
            "repositoryUri": repository.identity.attributes["RepositoryUri"],
        }
        tree = to.tree(repository, "ecr.Repository", members=members)
        to.give(repository, "ecr.DescribeRepositories", {"repositories": [tree]}, complete=False)
        document = {"policyText": repository.node.at("RepositoryPolicyText")}
        to.policy(repository, "ecr.GetRepositoryPolicy", document, name, apart=False)


def _log_groups(to: Telling) -> None:
    filters = to.by("LogGroupName", of=["AWS::Logs::SubscriptionFilter"])
    for group in to.of("AWS::Logs::LogGroup"):
        arn = group.identity.arn
        members = {"logGroupName": group.identity.name, "arn": f"{arn}:*", "logGroupArn": arn}
        tree = to.tree(group, "logs.LogGroup", members=members)
        to.give(group, "logs.DescribeLogGroups", {"logGroups": [tree]}, complete=False)
    for (place, name), found in filters.items():
        arn = f"arn:{found[0].stack.partition}:logs:{place.region}:{place.account}:log-group:{name}"
        named = Tree(found[0].node.source, {"logGroupName": name, "arn": f"{arn}:*", "logGroupArn": arn})
        to.give(found[0], "logs.DescribeLogGroups", {"logGroups": [named]}, place=place, complete=False)
        trees = [
            to.tree(one, "logs.SubscriptionFilter", members={"filterName": one.text("FilterName") or one.logical})
            for one in found
        ]
        shown = {"subscriptionFilters": trees}
        to.give(found[0], "logs.DescribeSubscriptionFilters", shown, name, place=place, complete=False)


def _deliveries(to: Telling) -> None:
    for source in to.of("AWS::Logs::DeliverySource"):
        members = {
            "name": source.identity.name,
            "arn": source.identity.arn,
            "resourceArns": [source.node.at("ResourceArn")],
        }
        tree = to.tree(source, "logs.DeliverySource", {"Tags": "", "ResourceArn": ""}, members)
        to.give(source, "logs.DescribeDeliverySources", {"deliverySources": [tree]}, complete=False)
    for delivery in to.of("AWS::Logs::Delivery"):
        members = {"id": delivery.identity.name, "arn": delivery.identity.arn}
        tree = to.tree(delivery, "logs.Delivery", {"Tags": ""}, members)
        to.give(delivery, "logs.DescribeDeliveries", {"deliveries": [tree]}, complete=False)
