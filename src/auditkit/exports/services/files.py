"""Responses of Amazon EFS, Amazon ECR and Amazon CloudWatch Logs."""

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich, listed, placed
from auditkit.inventory.arn import arn_of
from auditkit.inventory.moments import iso_moment
from auditkit.inventory.records.filesystems import AccessPoint, FileSystem, MountTarget
from auditkit.inventory.records.logs import LogDelivery, LogGroup, LogResourcePolicy, LogSource, SubscriptionFilter
from auditkit.inventory.records.registries import Image, Repository

__all__ = ["HANDLERS"]


def _describe_file_systems(response: Response, reading: Reading) -> None:
    for system, item, source in reading.each(response, FileSystem, "FileSystems"):
        if not system.file_system_arn and not placed(response):
            reading.not_read(source, "a file system without ARN in a file that tells neither account nor region")
            continue
        resource = f"file-system/{system.file_system_id}"
        system.id = system.file_system_arn or response.arn("elasticfilesystem", resource)
        system.name = system.file_system_id
        system.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        reading.add(system)


def _describe_access_points(response: Response, reading: Reading) -> None:
    for point, item, source in reading.each(response, AccessPoint, "AccessPoints"):
        point.id, point.name = point.access_point_arn, point.access_point_id
        point.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        reading.add(point)


def _describe_mount_targets(response: Response, reading: Reading) -> None:
    targets = listed(response, reading, MountTarget, "MountTargets")
    enrich(response, reading, FileSystem, "MountTargets", mount_targets=targets)


def _describe_file_system_policy(response: Response, reading: Reading) -> None:
    policy = policy_text(response.payload.get("Policy"), response.at("Policy"), reading)
    enrich(response, reading, FileSystem, "Policy", policy=policy)


def _describe_log_groups(response: Response, reading: Reading) -> None:
    for group, _, source in reading.each(response, LogGroup, "logGroups"):
        if not (group.log_group_arn or group.arn or placed(response)):
            reading.not_read(source, "a log group without ARN in a file that tells neither account nor region")
            continue
        arn = group.log_group_arn or group.arn or response.arn("logs", f"log-group:{group.log_group_name}")
        group.id, group.name = arn.removesuffix(":*"), group.log_group_name
        reading.add(group)


def _describe_subscription_filters(response: Response, reading: Reading) -> None:
    key = "subscriptionFilters"
    filters = listed(response, reading, SubscriptionFilter, key)
    enrich(response, reading, LogGroup, key, subscription_filters=filters)


def _describe_log_policies(response: Response, reading: Reading) -> None:
    for policy, item, source in reading.each(response, LogResourcePolicy, "resourcePolicies"):
        policy.name = policy.policy_name or policy.resource_arn or ""
        policy.id = f"settings:logs:{response.account}:{response.region}:{policy.name}"
        policy.policy = policy_text(item.get("policyDocument"), source.at("policyDocument"), reading, name=policy.name)
        reading.add(policy)


def _describe_delivery_sources(response: Response, reading: Reading) -> None:
    for log, _, _ in reading.each(response, LogSource, "deliverySources"):
        log.id, log.name = log.arn, log.source_name
        reading.add(log)


def _describe_deliveries(response: Response, reading: Reading) -> None:
    for delivery, _, _ in reading.each(response, LogDelivery, "deliveries"):
        delivery.id, delivery.name = delivery.arn, delivery.delivery_id
        reading.add(delivery)


def _describe_repositories(response: Response, reading: Reading) -> None:
    for repository, _, _ in reading.each(response, Repository, "repositories"):
        repository.id, repository.name = repository.repository_arn, repository.repository_name
        reading.add(repository)


def _get_repository_policy(response: Response, reading: Reading) -> None:
    policy = policy_text(response.payload.get("policyText"), response.at("policyText"), reading)
    enrich(response, reading, Repository, "policyText", policy=policy)


def _describe_images(response: Response, reading: Reading) -> None:
    for image, _, source in reading.each(response, Image, "imageDetails"):
        if not placed(response):
            reading.not_read(source, "an image in a file that tells neither account nor region")
            continue
        account = image.registry_id or response.account
        repository = arn_of("ecr", f"repository/{image.repository_name}", account=account, region=response.region)
        image.id, image.name = f"{repository}@{image.image_digest}", image.repository_name
        image.image_pushed_at = iso_moment(image.image_pushed_at)
        reading.add(image)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("ecr", "DescribeImages"): _describe_images,
    ("ecr", "DescribeRepositories"): _describe_repositories,
    ("ecr", "GetRepositoryPolicy"): _get_repository_policy,
    ("efs", "DescribeAccessPoints"): _describe_access_points,
    ("efs", "DescribeFileSystemPolicy"): _describe_file_system_policy,
    ("efs", "DescribeFileSystems"): _describe_file_systems,
    ("efs", "DescribeMountTargets"): _describe_mount_targets,
    ("logs", "DescribeDeliveries"): _describe_deliveries,
    ("logs", "DescribeDeliverySources"): _describe_delivery_sources,
    ("logs", "DescribeLogGroups"): _describe_log_groups,
    ("logs", "DescribeResourcePolicies"): _describe_log_policies,
    ("logs", "DescribeSubscriptionFilters"): _describe_subscription_filters,
}
