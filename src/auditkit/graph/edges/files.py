"""Amazon EFS, Amazon ECR and Amazon CloudWatch Logs: file systems, repositories, log groups and their subscriptions."""

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._deliveries import deliver
from auditkit.graph.network_paths import vpc_of
from auditkit.inventory import Kind, UnsetType
from auditkit.inventory.records.filesystems import AccessPoint, FileSystem
from auditkit.inventory.records.logs import LogGroup, SubscriptionFilter
from auditkit.inventory.records.registries import Repository

__all__ = ["connect"]


def connect(build: Builder) -> None:
    """Say what the records of file systems, repositories and log groups say."""
    for system in build.inventory.of(FileSystem):
        targets = () if isinstance(system.mount_targets, UnsetType | None) else system.mount_targets
        inside = next((target.vpc_id for target in targets if target.vpc_id), None)
        build.add(system, vpc=inside or vpc_of(build, subnets=[target.subnet_id for target in targets]))
    systems = {(item.account, item.region, item.file_system_id): item.id for item in build.inventory.of(FileSystem)}
    for point in build.inventory.of(AccessPoint):
        behind = systems.get((point.account, point.region, point.file_system_id))
        if behind is not None:
            build.alias(point.id, behind)
    for repository in build.inventory.of(Repository):
        build.add(repository)
    for group in build.inventory.of(LogGroup):
        build.add(group)
        for item in () if isinstance(group.subscription_filters, UnsetType | None) else group.subscription_filters:
            _subscribed(build, group, item)


def _subscribed(build: Builder, group: LogGroup, item: SubscriptionFilter) -> None:
    """Connect a log group with what its lines are sent to, through a role or by the policy of the target."""
    said: Said = {"label": item.filter_name, "detail": "filter" if item.filter_pattern.strip() else ""}
    if item.role_arn:
        said["authentication"] = (0, f"Acts in the role {build.reference(item.role_arn).label}.")
    if build.reference(item.destination_arn).kind is Kind.FUNCTION:
        narrows = bool(item.filter_pattern.strip())
        reason = "A filter pattern on the lines." if narrows else "Every line is handed on."
        said["validation"] = (0.5 if narrows else 1, reason)
    deliver(
        build,
        group.id,
        item.destination_arn,
        hop="log-subscription",
        sources=(item.source,),
        service="" if item.role_arn else "logs.amazonaws.com",
        account=group.account,
        **said,
    )
