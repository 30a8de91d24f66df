"""Responses of Amazon CloudFront."""

from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich, one
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.cloudfront import (
    Distribution,
    DistributionLogging,
    OriginAccessControl,
    RealtimeLog,
)

__all__ = ["HANDLERS"]


def _list_distributions(response: Response, reading: Reading) -> None:
    for distribution, _, _ in reading.each(response, Distribution, "DistributionList", "Items"):
        distribution.id, distribution.region = distribution.arn, "global"
        aliases = list(distribution.aliases.items or ()) if distribution.aliases else []
        distribution.name = aliases[0] if aliases else distribution.domain_name
        reading.add(distribution)


def _get_distribution_config(response: Response, reading: Reading) -> None:
    logging = one(response, reading, DistributionLogging, "DistributionConfig", "Logging")
    key = arn_of("cloudfront", f"distribution/{response.argument()}", account=response.account)
    enrich(response, reading, Distribution, "DistributionConfig", "Logging", key=key, logging=logging)


def _list_origin_access_controls(response: Response, reading: Reading) -> None:
    for control, item, _ in reading.each(response, OriginAccessControl, "OriginAccessControlList", "Items"):
        resource = f"origin-access-control/{control.control_id}"
        control.id = arn_of("cloudfront", resource, account=response.account)
        control.name, control.region = str(item.get("Name") or control.control_id), "global"
        reading.add(control)


def _list_realtime_log_configs(response: Response, reading: Reading) -> None:
    for log, _, _ in reading.each(response, RealtimeLog, "RealtimeLogConfigs", "Items"):
        log.id, log.name, log.region = log.arn, log.log_name, "global"
        reading.add(log)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("cloudfront", "GetDistributionConfig"): _get_distribution_config,
    ("cloudfront", "ListDistributions"): _list_distributions,
    ("cloudfront", "ListOriginAccessControls"): _list_origin_access_controls,
    ("cloudfront", "ListRealtimeLogConfigs"): _list_realtime_log_configs,
}
